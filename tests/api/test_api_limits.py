"""Limits that fields have by each other, and by the day: what cannot be is refused with a sentence."""

import pytest
from api_world import Tenant
from importing import load

TODAY, TOMORROW = "2026-11-21", "2026-11-22"  # in the district's zone
# Days on which something has happened.
HAPPENED = [("complaints", "received_on"), ("records_requests", "received_on"), ("introductions", "on_date"),
            ("readiness_ratings", "rated_on"), ("interactions", "on_date"), ("activities", "on_date")]
GRADES = [("6", "K"), ("05", "PK"), ("KG", "TK"), ("12", "09"), ("3", "IT")]
FIT = [("K", "6"), ("PK", "05"), ("09", "12"), ("KG", "K"), (None, "6"), ("6", None), ("ungraded", "K"), ("6", "college")]


@pytest.mark.shows("everywhere.limits_between_fields")
@pytest.mark.parametrize(("plural", "field"), HAPPENED)
def test_what_has_happened_is_not_in_the_future(ours, subjects, plural, field):
    body = subjects.least(plural)
    if "due_on" in body:
        body["due_on"] = "2027-01-15"
    refused = ours.admin.post(f"/v1/{plural}", {**body, field: TOMORROW})
    assert (refused.status, refused.faults) == (422, {f"/{field}": "not_allowed"}), refused
    assert "must not be in the future" in refused.json["detail"]
    made = ours.admin.created(plural, {**body, field: TODAY})
    later = ours.admin.patch(f"/v1/{plural}/{made.id}", {field: TOMORROW}, made.etag)
    assert later.faults == {f"/{field}": "not_allowed"}, later


def test_a_gift_of_a_file_is_not_received_in_the_future(ours):
    ours.admin.partner(name="Giver")
    ours.admin.created("donees", {"name": "Fund", "kind": "foundation"})
    rows = "".join(f"Fund,Giver,{title},cash,100,2026-11-01,received,{day}\n" for title, day in (("A", TODAY), ("B", TOMORROW)))
    report = load(ours.admin, "gifts", f"donee,partner,title,kind,amount_cents,offered_on,status,received_on\n{rows}")
    assert (report["created"], report["rejected"]) == (1, 1), report


@pytest.mark.shows("everywhere.limits_between_fields")
@pytest.mark.parametrize(("low", "high"), GRADES)
def test_a_sites_highest_grade_is_not_below_its_lowest(ours, low, high):
    refused = ours.admin.post("/v1/sites", {"name": "S", "kind": "school", "grade_low": low, "grade_high": high})
    assert (refused.status, refused.faults) == (422, {"/grade_high": "not_allowed"}), refused
    made = ours.admin.created("sites", {"name": "S", "kind": "school", "grade_low": high, "grade_high": low})
    turned = ours.admin.patch(f"/v1/sites/{made.id}", {"grade_low": low, "grade_high": high}, made.etag)
    assert turned.faults == {"/grade_high": "not_allowed"}, turned


@pytest.mark.parametrize(("low", "high"), FIT)
def test_grades_that_fit_or_are_no_grades_are_taken(ours, low, high):
    ours.admin.created("sites", {"name": "S", "kind": "school", "grade_low": low, "grade_high": high})


@pytest.mark.shows("everywhere.limits_between_fields")
@pytest.mark.parametrize(("first", "last"), ((9, 9), (18, 9), (23, 23)))
def test_the_hours_of_mail_are_one_at_least(theirs, first, last):
    before = theirs.admin.get(theirs.path)
    refused = theirs.admin.patch(theirs.path, {"mail_hour": first, "mail_until_hour": last}, before.etag)
    assert (refused.status, refused.faults) == (422, {"/mail_until_hour": "not_allowed"}), refused
    assert refused.json["detail"] == '"mail_until_hour" must be after "mail_hour".'
    kept = theirs.admin.patch(theirs.path, {"mail_hour": last - 1, "mail_until_hour": last}, before.etag)
    assert kept.status == 200, kept


@pytest.mark.parametrize(("low", "high"), (("from_date", "until_date"), ("starts_on", "ends_on"), ("opens_on", "closes_on")))
def test_each_table_with_a_first_and_a_last_day_has_them_in_order(migrate, low, high):
    """The catalogue's: a column of the one and a column of the other, and no CHECK that knows both."""
    loose = [table for table, in migrate.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = %(low)s "
        "JOIN pg_attribute b ON b.attrelid = c.oid AND b.attname = %(high)s "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace "
        "AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' "
        "AND k.conkey @> ARRAY[a.attnum, b.attnum])", {"low": low, "high": high}).fetchall()]
    assert loose == []


# ---- The school year that a day is in --------------------------------------------------------------

YEARS = [("2026-05-28", 2026), ("2026-05-29", 2027), ("2026-07-10", 2027), ("2026-08-12", 2027), ("2027-06-20", 2027),
         ("2027-07-31", 2027), ("2027-08-01", 2028), ("2028-06-30", 2028), ("2028-07-01", 2029)]


@pytest.mark.shows("district.school_year_days")
def test_a_day_is_in_the_school_year_that_the_district_entered_or_before_the_one_that_comes(theirs):
    for year, first, last in ((2026, "2025-08-13", "2026-05-28"), (2027, "2026-08-12", "2027-07-31")):
        theirs.admin.created("school_years", {"school_year": year, "starts_on": first, "ends_on": last})
    with theirs.api.database.connect("postgres") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', '2026-11-21T18:00:00Z', '')", (theirs.id,))
        assert [(day, connection.execute("SELECT school_year_of(%s)", (day,)).fetchone()[0]) for day, _ in YEARS] == YEARS


def test_what_a_district_lacks_is_asked_of_the_school_year_that_comes(api, database):
    """Between two of them, where July has not begun yet."""
    alone = Tenant(api, database)
    alone.admin.created("school_years", {"school_year": 2026, "starts_on": "2025-08-13", "ends_on": "2026-05-28"})
    for number, first, last in ((1, "2026-08-12", "2026-10-09"), (2, "2026-10-12", "2026-12-18"),
                                (3, "2027-01-05", "2027-03-12"), (4, "2027-03-22", "2027-05-27")):
        alone.admin.created("reporting_quarters", {"school_year": 2027, "number": number, "starts_on": first, "ends_on": last})
    with database.connect("postgres") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', '2026-06-15T18:00:00Z', '')", (alone.id,))
        steps = dict(connection.execute("SELECT s.name, s.count FROM setup_steps() AS s (place, name, needed, least, count)").fetchall())
        assert steps["calendar"] == 4
