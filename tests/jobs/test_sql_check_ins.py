"""Which check-ins there are, and who is reminded of them: the server's functions beside the same
rules written in Python, on calendars, clocks and orders that nobody chose."""
import datetime as dt
import os
import sys
import threading

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from psycopg import errors

from check_in_model import CADENCES, DAY, RULES, UTC, Calendar, Reminders, date, federal_holidays, planned
from world import insert, unit, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import QUARTERS, Running, quarters  # noqa: E402  pylint: disable=wrong-import-position

ZONES = ("America/New_York", "America/Phoenix", "America/Chicago", "Pacific/Honolulu")


# ---- Worlds --------------------------------------------------------------------------------------

@st.composite
def ranges(draw, longest):
    first = date("2026-10-01") + draw(st.integers(0, 200)) * DAY
    return first, first + draw(st.integers(0, longest)) * DAY


WORLDS = st.fixed_dictionaries({
    "zone": st.sampled_from(ZONES),
    "hour": st.integers(0, 23),
    "closed": st.lists(ranges(20), max_size=4),
    "blackouts": st.lists(ranges(10), max_size=3),
})
INSTANTS = st.integers(0, 210 * 24 * 4).map(
    lambda n: dt.datetime(2026, 10, 20, tzinfo=UTC) + n * dt.timedelta(minutes=15))
SLOW = settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.generate),
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture
def worker(database):
    with database.connect("kith_checkin") as connection:
        yield connection


def district_of(database, world):
    one = database.district(zone=world["zone"])
    quarters(database, one.id)
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE district SET mail_hour = %(hour)s, mail_until_hour = greatest(mail_until_hour, %(hour)s + 1)"
                           " WHERE id = %(id)s", {"hour": world["hour"], "id": one.id})
        for table in ("closed", "blackouts"):
            for first, last in world[table]:
                insert(connection, {"closed": "closed_day", "blackouts": "blackout"}[table],
                       {"district_id": one.id, "id": uuid7(), "starts_on": first, "ends_on": last,
                        "reason": "x", "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"})
    return one, Calendar(world["zone"], world["closed"], world["blackouts"])


def at_once(count, act):
    """All begin together; what one raises fails the test."""
    barrier = threading.Barrier(count)
    raised = []

    def run(number):
        try:
            barrier.wait(30)
            act(number)
        except Exception as error:  # pylint: disable=broad-except
            raised.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert raised == []


def due_dates(migrate, partnership):
    return dict(migrate.execute("SELECT number, due_on FROM check_in WHERE partnership_id = %s",
                                (partnership.id,)).fetchall())


def decisions(migrate, check_in):
    rows = migrate.execute("SELECT offset_days, side, reason, sends_on FROM reminder "
                           "WHERE check_in_id = %s", (check_in,)).fetchall()
    found = {(rule, side): (why, day) for rule, side, why, day in rows}
    assert len(found) == len(rows)
    return found


def moved(migrate, district, check_in, due_on, now):
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', 'admin', %s, '')", (district.id, now))
        migrate.execute("UPDATE check_in SET due_on = %s WHERE id = %s", (due_on, check_in))


# ---- Planning ------------------------------------------------------------------------------------

def test_what_is_put_away_is_not_planned_anew(database, migrate, worker):
    one, _ = district_of(database, {"zone": "America/Chicago", "hour": 9, "closed": [], "blackouts": []})
    partnership = Running(database, one.id, one.user)
    assert partnership.work("check_in_plan", "2026-11-02T15:00:00Z", worker) == 2
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', 'admin', '2026-11-03T15:00:00Z', '')", (one.id,))
        migrate.execute("UPDATE check_in SET archived_at = '2026-11-03T15:00:00Z' WHERE partnership_id = %s AND number = 2",
                        (partnership.id,))
    assert partnership.work("check_in_plan", "2026-11-04T15:00:00Z", worker) == 0


@SLOW
@given(world=WORLDS, tier=st.sampled_from(list(CADENCES)), ticks=st.lists(INSTANTS, max_size=5),
       cadence=st.sampled_from([None, "quarterly", "twice_a_year", "none"]),
       active=INSTANTS)
def test_a_plan_is_what_the_model_plans_however_often_it_is_made(
        database, migrate, worker, world, tier, cadence, ticks, active):
    one, calendar = district_of(database, world)
    partnership = Running(database, one.id, one.user, tier=tier or "partner", cadence=cadence,
                          activated_at=active)
    if tier is None: # the partner's, which has none
        migrate.execute("UPDATE partnership SET tier = NULL WHERE id = %s", (partnership.id,))
        migrate.execute("UPDATE partner SET tier = NULL WHERE id = %s", (partnership.partner,))
    expected = {}
    for now in ticks:
        for number, due in planned(calendar, QUARTERS, cadence or CADENCES[tier],
                                   calendar.today(active), now).items():
            expected.setdefault(number, due)
        partnership.work("check_in_plan", now, worker)
        assert partnership.work("check_in_plan", now, worker) == 0
    assert due_dates(migrate, partnership) == expected
    for number, due in expected.items():
        first, last = map(date, QUARTERS[number - 1])
        assert first <= due <= last and calendar.is_school_day(due) and due >= calendar.today(active)
    assert migrate.execute(
        "SELECT count(*) FROM check_in WHERE partnership_id = %s AND (opens_on <> due_on - 21 "
        "OR uid <> id::text OR sequence <> 0 OR status <> 'scheduled')",
        (partnership.id,)).fetchone() == (0,)


def test_sixteen_planners_at_once_plan_once(database, migrate):
    one = database.district()
    quarters(database, one.id)
    partnerships = [Running(database, one.id, one.user) for _ in range(10)]
    at_once(16, lambda n: partnerships[0].work("check_in_plan", "2026-11-21T15:00:00Z"))
    assert migrate.execute(
        "SELECT count(*), count(DISTINCT (partnership_id, number)) FROM check_in "
        "WHERE district_id = %s", (one.id,)).fetchone() == (20, 20)


def test_a_plan_follows_the_calendar_until_it_opens_or_somebody_moves_it(database, migrate):
    one = database.district()
    quarters(database, one.id)
    partnership, moved_by_hand = (Running(database, one.id, one.user) for _ in range(2))
    partnership.work("check_in_plan", "2026-11-21T15:00:00Z")
    assert partnership.work("check_in_replan", "2026-11-21T15:00:00Z") == 0
    other = migrate.execute("SELECT id FROM check_in WHERE partnership_id = %s AND number = 2",
                            (moved_by_hand.id,)).fetchone()[0]
    moved(migrate, one, other, "2026-12-16", "2026-11-21T16:00:00Z")
    for starts_on, ends_on, due in (("2026-12-24", "2027-01-03", "2026-12-23"),
                                    ("2026-12-21", "2026-12-23", "2026-12-18")):
        insert(migrate, "closed_day", {"district_id": one.id, "id": uuid7(), "starts_on": starts_on,
                                       "ends_on": ends_on, "reason": "Winter",
                                       "created_at": "2026-11-22Z", "updated_at": "2026-11-22Z"})
        assert partnership.work("check_in_replan", "2026-11-22T15:00:00Z") == 1
        assert due_dates(migrate, partnership) == {2: date(due), 3: date("2027-03-31")}
        assert due_dates(migrate, moved_by_hand)[2] == date("2026-12-16")
    partnership.work("check_in_advance", "2026-11-30T15:00:00Z")
    migrate.execute("UPDATE closed_day SET archived_at = '2026-12-01Z', updated_at = '2026-12-01Z' "
                    "WHERE district_id = %s", (one.id,))
    assert partnership.work("check_in_replan", "2026-12-01T15:00:00Z") == 0, "it is open"


@pytest.mark.shows("partnerships.replanned")
def test_what_is_planned_and_no_longer_wanted_is_cancelled_and_comes_back(database, migrate):
    """Tier, cadence, end and quarter: each by itself, and back; what somebody has moved stays."""
    one = database.district()
    quarters(database, one.id)
    partnership, by_hand = (Running(database, one.id, one.user) for _ in range(2))
    partnership.work("check_in_plan", "2026-11-21T15:00:00Z")
    moved(migrate, one, *migrate.execute("SELECT id FROM check_in WHERE partnership_id = %s AND number = 3",
                                         (by_hand.id,)).fetchone(), "2027-03-16", "2026-11-21T16:00:00Z")

    def replanned(table, field, value, expected, row=None, count=None):
        """As whoever changes it does: the check-ins' states by number."""
        migrate.execute(f"UPDATE {table} SET {field} = %s WHERE id = %s", (value, row or partnership.id))
        changed = 0 if expected == found() else 1
        assert partnership.work("check_in_replan", "2026-11-22T15:00:00Z") == (changed if count is None else count)
        assert found() == expected, (field, value)

    def found():
        return dict(migrate.execute("SELECT number, status FROM check_in WHERE partnership_id = %s",
                                    (partnership.id,)).fetchall())

    both, neither = {2: "scheduled", 3: "scheduled"}, {2: "cancelled", 3: "cancelled"}
    replanned("partnership", "tier", "partner", {**both, 3: "cancelled"}) # twice a year
    replanned("partnership", "cadence", "quarterly", both)
    replanned("partnership", "cadence", "none", neither, count=2)
    replanned("partnership", "cadence", "quarterly", both, count=2)
    replanned("partnership", "ends_on", "2027-02-26", {**both, 3: "cancelled"})
    replanned("partnership", "ends_on", None, both)
    said = {"district_id": one.id, "created_at": "2026-11-22Z", "updated_at": "2026-11-22Z"}
    closed = uuid7()
    insert(migrate, "closed_day", {**said, "id": closed, "starts_on": "2027-01-01", "ends_on": "2027-03-31", "reason": "Flood"})
    replanned("closed_day", "reason", "Water", {**both, 3: "cancelled"}, closed)
    replanned("closed_day", "ends_on", "2027-01-08", both, closed)
    replanned("closed_day", "starts_on", "2026-12-21", both, closed, count=2) # of both partnerships it moves
    assert due_dates(migrate, partnership)[2] == date("2026-12-18")
    assert partnership.work("check_in_plan", "2026-11-22T15:00:00Z") == 0
    third = migrate.execute("SELECT id FROM reporting_quarter WHERE district_id = %s AND number = 3", (one.id,)).fetchone()[0]
    replanned("reporting_quarter", "archived_at", "2026-11-22Z", {**both, 3: "cancelled"}, third)
    replanned("reporting_quarter", "archived_at", None, both, third)
    assert migrate.execute("SELECT status, due_on, sequence FROM check_in WHERE partnership_id = %s AND number = 3",
                           (by_hand.id,)).fetchone() == ("scheduled", date("2027-03-16"), 1)


@pytest.mark.shows("partnerships.first_check_in")
def test_a_partnership_that_begins_when_a_check_in_would_be_open_starts_with_the_next_one(database, migrate):
    """Nobody is asked about weeks in which there was nothing, and then told to be late. What came by a file has been
    there before."""
    one = database.district()
    quarters(database, one.id)
    in_time, too_late, imported = (
        Running(database, one.id, one.user, activated_at=at, created_at="2026-12-11T15:00:00Z")
        for at in ("2026-12-11T05:59:00Z", "2026-12-11T06:00:00Z", None)) # due 2026-12-31, open 2026-12-10
    in_time.work("check_in_plan", "2026-12-11T15:00:00Z")
    in_time.work("check_in_replan", "2026-12-11T15:00:00Z")
    assert [sorted(due_dates(migrate, each)) for each in (in_time, too_late, imported)] == [[2, 3], [3], [2, 3]]


@pytest.mark.shows("district.term_days")
def test_summers_and_holidays_are_no_school_days(database, migrate):
    """Without being entered, as soon as the year's quarters are; and a district opens all the same if it says so."""
    one = database.district()

    def school(*days, site=None):
        with migrate.transaction():
            migrate.execute("SELECT kith_context(%s, '', '', '2026-11-21T15:00:00Z', '')", (one.id,))
            return [day for day in days if migrate.execute("SELECT is_school_day(%s, %s)", (day, site)).fetchone()[0]]

    summer = ("2026-08-07", "2027-06-14", "2027-06-21", "2027-07-06", "2027-07-30")
    holidays = ("2026-09-07", "2026-11-11", "2026-11-26", "2027-01-18")
    term = ("2026-08-10", "2027-06-11", "2027-08-02")
    assert school(*summer, *term) == [*summer, *term], "nobody knows its year yet"
    said = {"district_id": one.id, "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"}
    for number, (first, last) in enumerate((("2026-08-10", "2026-10-30"), ("2026-10-31", "2026-12-18"),
                                            ("2027-01-04", "2027-03-12"), ("2027-03-13", "2027-06-11")), 1):
        insert(migrate, "reporting_quarter", {**said, "id": uuid7(), "school_year": 2027, "number": number,
                                              "starts_on": first, "ends_on": last})
    site = uuid7()
    insert(migrate, "site", {**said, "id": site, "name": "S", "kind": "school"})
    insert(migrate, "site_quarter", {**said, "id": uuid7(), "site_id": site, "school_year": 2027, "number": 4,
                                     "starts_on": "2027-03-13", "ends_on": "2027-06-17"})
    insert(migrate, "closed_day", {**said, "id": uuid7(), "starts_on": "2027-06-21", "is_open": True, "reason": "Summer school"})
    assert school(*summer, *holidays, *term) == ["2027-06-21", *term]
    assert school(*summer, site=site) == ["2027-06-14", "2027-06-21"], "it goes on for longer"
    migrate.execute("UPDATE district SET opens_on_holidays = true WHERE id = %s", (one.id,))
    assert school(*holidays) == list(holidays)
    partnership = Running(database, one.id, one.user)
    check_in = partnership.check_in(number=4, due_on=date("2027-06-10"), opens_on="2027-05-21")
    insert(migrate, "closed_day", {**said, "id": uuid7(), "starts_on": "2027-06-11", "reason": "Heat"})
    migrate.execute("UPDATE closed_day SET archived_at = '2027-06-01Z' WHERE district_id = %s AND is_open", (one.id,))
    partnership.work("reminders_decide", "2027-07-12T15:00:00Z")
    late = {rule: why for (rule, _), (why, _) in decisions(migrate, check_in).items() if rule > 0}
    assert late == {3: "blackout", 10: "blackout"}, "nobody hears of it in the summer"


def test_a_sites_own_calendar_counts_where_it_leads(database, migrate):
    """Quarters of its own in the place of the district's, and a day on which it is open although the district is not."""
    one = database.district()
    quarters(database, one.id)
    own, other = (Running(database, one.id, one.user) for _ in range(2))
    said = {"district_id": one.id, "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"}
    sites = []
    for partnership in (own, other):
        sites.append(uuid7())
        insert(migrate, "site", {**said, "id": sites[-1], "name": "S", "kind": "school"})
        migrate.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (sites[-1], partnership.id))
    migrate.execute("UPDATE reporting_quarter SET ends_on = '2026-12-31' WHERE district_id = %s AND number = 2", (one.id,))
    insert(migrate, "site_quarter", {**said, "id": uuid7(), "site_id": sites[0], "school_year": 2027, "number": 2,
                                     "starts_on": "2026-10-15", "ends_on": "2026-12-11"})
    insert(migrate, "closed_day", {**said, "id": uuid7(), "starts_on": "2026-12-10", "ends_on": "2027-01-01", "reason": "Winter"})
    own.work("check_in_plan", "2026-11-21T15:00:00Z")
    assert [due_dates(migrate, partnership)[2] for partnership in (own, other)] == [date("2026-12-09")] * 2
    for site in sites:
        insert(migrate, "closed_day", {**said, "id": uuid7(), "site_id": site, "starts_on": "2026-12-10",
                                       "ends_on": "2026-12-12", "is_open": True, "reason": "Open"})
    assert own.work("check_in_replan", "2026-11-22T15:00:00Z") == 2
    assert due_dates(migrate, own)[2] == date("2026-12-11"), "its quarter ends on a Friday"
    assert due_dates(migrate, other)[2] == date("2026-12-12"), "a Saturday on which it is open"
    insert(migrate, "closed_day", {**said, "id": uuid7(), "site_id": sites[1], "starts_on": "2026-12-12", "reason": "Heating"})
    assert own.work("check_in_replan", "2026-11-23T15:00:00Z") == 1, "what the site itself closes is closed"
    assert due_dates(migrate, other)[2] == date("2026-12-11")


def test_the_natural_key_is_a_constraint(database, ours):
    partnership = Running(database, ours.id, ours.user)
    partnership.check_in()
    with pytest.raises(errors.UniqueViolation) as refused:
        partnership.check_in()
    assert refused.value.diag.constraint_name == "check_in_number_key"


@pytest.mark.parametrize("status", ["exploring", "aligning", "agreement", "paused", "ended", "declined"])
def test_only_running_partnerships_have_check_ins(database, migrate, status):
    one = database.district()
    quarters(database, one.id)
    stopped = Running(database, one.id, one.user, status=status)
    renewing = Running(database, one.id, one.user, status="renewing")
    assert renewing.work("check_in_plan") == 2
    assert due_dates(migrate, stopped) == {} and set(due_dates(migrate, renewing)) == {2, 3}


# ---- Reminders -----------------------------------------------------------------------------------

@SLOW
@given(world=WORLDS, ticks=st.lists(INSTANTS, min_size=1, max_size=8), made=INSTANTS,
       answers=st.integers(0, 8), due=st.integers(0, 120))
def test_reminders_are_what_the_model_decides(database, migrate, worker, world, ticks, made,
                                              answers, due):
    one, calendar = district_of(database, world)
    partnership = Running(database, one.id, one.user)
    due_on = date("2026-11-10") + due * DAY
    check_in = partnership.check_in(due_on=due_on, opens_on=due_on - 21 * DAY, dated_at=made)
    model = Reminders(calendar, due_on, due_on - 21 * DAY, made, world["hour"])
    for place, now in enumerate(ticks): # in any order: the clock jumps back, too
        if place == answers:
            model.answered.add("partner")
            insert(migrate, "check_in_half",
                   {"district_id": one.id, "id": uuid7(), "check_in_id": check_in,
                    "side": "partner", "status": "submitted", "submitted_at": now,
                    "created_at": now, "updated_at": now})
        model.tick(now)
        partnership.work("reminders_decide", now, worker)
        assert partnership.work("reminders_decide", now, worker) == 0, "the same instant decides nothing more"
    assert decisions(migrate, check_in) == model.decided
    for (rule, _), (why, day) in model.decided.items():
        if why is None:
            assert calendar.is_mail_day(day) and (rule > 0 or day <= due_on)
    queued = migrate.execute("SELECT not_before, not_after FROM message WHERE subject_id = %s "
                             "AND status = 'queued'", (check_in,)).fetchall()
    assert sorted(at for at, _ in queued) == sorted(
        calendar.instant(day, world["hour"]) for why, day in model.decided.values() if why is None)
    assert all(at < until for at, until in queued)


OUTSIDE = {"check_in_over", "not_running", "rule_not_in_force", "before_dated"}


@pytest.mark.shows("administration.next_mails")
@settings(SLOW, max_examples=15)
@given(world=WORLDS, made=INSTANTS, now=INSTANTS, due=st.integers(0, 120),
       email=st.sampled_from(["ann@example.org", None]), missing=st.sampled_from([None, "user_id", "contact_id"]),
       answered=st.booleans())
def test_what_is_expected_is_what_is_decided(database, migrate, worker, world, made, now, due, email, missing, answered):
    """Whatever is told of reminders that nobody has decided is what time makes of them, tick by tick."""
    one, calendar = district_of(database, world)
    partnership = Running(database, one.id, one.user, email=email)
    if missing:
        migrate.execute(f"UPDATE partnership_role SET until_date = '2026-08-31' WHERE partnership_id = %s "
                        f"AND {missing} IS NOT NULL", (partnership.id,))
    due_on = date("2026-11-10") + due * DAY
    check_in = partnership.check_in(due_on=due_on, opens_on=due_on - 21 * DAY, dated_at=made)
    if answered:
        insert(migrate, "check_in_half", {"district_id": one.id, "id": uuid7(), "check_in_id": check_in, "side": "partner",
                                          "status": "submitted", "submitted_at": made, "created_at": made, "updated_at": made})
    partnership.work("reminders_decide", now, worker)
    before = decisions(migrate, check_in)
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s::timestamptz::text, '')", (one.id, now))
        told = migrate.execute("SELECT offset_days, side, reason, goes_on, at, goes_at FROM reminders_undecided(%s)",
                               (check_in,)).fetchall()
    expected = {(rule, side): (why, day) for rule, side, why, day, _, _ in told if why not in OUTSIDE}
    for at in sorted({row[4] for row in told if row[4] > now}):
        partnership.work("reminders_decide", at, worker)
    found = decisions(migrate, check_in)
    if abs((due_on - now.date()).days) <= 120:
        assert {key: value for key, value in found.items() if key not in before} == expected
    assert {(r[0], r[1]) for r in told} | set(before) == {(rule, side) for rule in RULES for side in ("district", "partner")}
    for row in told:
        assert row[5] == calendar.instant(row[3], world["hour"])


@settings(SLOW, max_examples=8)
@given(world=WORLDS, ticks=st.lists(INSTANTS, min_size=1, max_size=4, unique=True))
def test_sixteen_deciders_at_once_decide_as_one(database, migrate, world, ticks):
    one, calendar = district_of(database, world)
    partnership = Running(database, one.id, one.user)
    due_on, made = date("2026-12-11"), dt.datetime(2026, 10, 1, tzinfo=UTC)
    check_in = partnership.check_in(due_on=due_on, opens_on=due_on - 21 * DAY, dated_at=made)
    model = Reminders(calendar, due_on, due_on - 21 * DAY, made, world["hour"])
    for now in ticks:
        model.tick(now)
        at_once(16, lambda n, now=now: partnership.work("reminders_decide", now))
    assert decisions(migrate, check_in) == model.decided
    assert migrate.execute("SELECT count(*) FROM message WHERE subject_id = %s",
                           (check_in,)).fetchone() == (len(model.decided),)


# The Office of Personnel Management's list.
HOLIDAYS = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 07-04 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31",
    2028: "01-01 01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-11 11-23 12-25",
}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_federal_holidays_are_those_of_the_law(migrate, year):
    days = [row[0] for row in migrate.execute(
        "SELECT to_char(day, 'MM-DD') FROM generate_series(0, 365) n, "
        "LATERAL (SELECT make_date(%s, 1, 1) + n AS day) AS d "
        "WHERE is_federal_holiday(day) AND date_part('year', day) = %s ORDER BY day", (year, year)).fetchall()]
    assert days == HOLIDAYS[year].split()
    assert {day.strftime("%m-%d") for day in federal_holidays(year) if day.year == year} == set(days)


@pytest.mark.parametrize("now, expected", [
    ("2026-11-24T14:59:59Z", "2026-11-24T15:00:00Z"),  # a Tuesday before nine, in Chicago
    ("2026-11-24T18:30:00Z", "2026-11-24T18:30:00Z"),
    ("2026-11-24T23:59:59Z", "2026-11-24T23:59:59Z"),
    ("2026-11-25T00:00:00Z", "2026-11-25T15:00:00Z"),  # six in the evening
    ("2026-11-26T00:00:00Z", "2026-11-27T15:00:00Z"),  # the evening before Thanksgiving
    ("2026-11-28T18:30:00Z", "2026-12-01T15:00:00Z"),  # a Saturday, and the blackout's Monday
])
@pytest.mark.shows("administration.personal_mail_hours")
def test_a_persons_own_word_goes_in_the_mail_hours_of_a_business_day(database, migrate, now, expected):
    one = database.district()
    insert(migrate, "blackout", {"district_id": one.id, "id": uuid7(), "starts_on": "2026-11-30", "ends_on": "2026-11-30",
                                 "reason": "Storm", "created_at": now, "updated_at": now})
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (one.id, now))
        assert migrate.execute("SELECT next_business_hour() = %s::timestamptz", (expected,)).fetchone()[0]


@pytest.mark.parametrize("zone, day, hour, expected", [
    ("America/New_York", "2027-03-14", 2, "2027-03-14T07:00:00+00:00"),  # skipped: it is 3 then
    ("America/New_York", "2026-11-01", 1, "2026-11-01T05:00:00+00:00"),  # twice: the first
    ("America/New_York", "2026-11-01", 9, "2026-11-01T14:00:00+00:00"),
    ("America/Phoenix", "2027-03-14", 2, "2027-03-14T09:00:00+00:00"),
    ("Australia/Lord_Howe", "2027-04-04", 1, "2027-04-03T14:00:00+00:00"),
])
def test_a_local_hour_is_one_instant(migrate, zone, day, hour, expected):
    assert migrate.execute("SELECT local_instant(%s, %s, %s)", (day, hour, zone)).fetchone()[0] \
        == dt.datetime.fromisoformat(expected)


def test_a_date_that_moves_far_reminds_anew_and_one_that_moves_a_day_only_who_heard_of_none(database, migrate):
    for due_on, went, reasons in (("2026-12-14", True, ["rate_limited"] * 2), ("2026-12-14", False, [None] * 2),
                                  ("2027-01-29", True, [None] * 2)):
        one = database.district()
        partnership = Running(database, one.id, one.user)
        check_in = partnership.check_in()
        assert partnership.work("reminders_decide", "2026-11-27T16:00:00Z") == 2
        if went:
            migrate.execute("UPDATE message SET status = 'sent', sent_at = '2026-11-27T16:00:01Z' WHERE subject_id = %s",
                            (check_in,))
        moved(migrate, one, check_in, due_on, "2026-11-28T15:00:00Z")
        assert migrate.execute("SELECT DISTINCT status, reason FROM message WHERE subject_id = %s", (check_in,)).fetchall() \
            == [("sent", None) if went else ("suppressed", "moved")]
        assert partnership.work("reminders_decide", "2026-11-29T16:00:00Z") == 0
        day = date(due_on) - 14 * DAY
        assert partnership.work("reminders_decide", f"{day}T16:00:00Z") == 2
        assert [row[0] for row in migrate.execute(
            "SELECT reason FROM reminder WHERE check_in_id = %s AND due_on = %s",
            (check_in, due_on)).fetchall()] == reasons
        assert migrate.execute("SELECT sequence, opens_on FROM check_in WHERE id = %s",
                               (check_in,)).fetchone() == (1, date("2026-11-20"))


def ruled(database, district, now, effective_from, **fields):
    """Another rule, made as the API does."""
    with database.connect("kith_api") as connection, unit(connection, district, "admin,director", now):
        insert(connection, "reminder_rule", {"district_id": district.id, "id": uuid7(), "effective_from": effective_from,
                                             "follows_district": False, **fields})


def days_decided(migrate, check_in):
    return sorted({day for day, _ in decisions(migrate, check_in)})


def test_a_new_rule_reminds_of_nothing_that_lies_before_it(database, migrate):
    """Of a check-in that is long overdue nobody hears because somebody adds a rule; of the next one by it as well."""
    one = database.district()
    partnership = Running(database, one.id, one.user)
    overdue, near, later = (
        Running(database, one.id, one.user).check_in(due_on=date(due), opens_on=date(due) - 21 * DAY, dated_at="2026-08-03T12:00:00Z")
        for due in ("2026-10-16", "2026-11-13", "2026-12-11"))
    partnership.work("reminders_decide", "2026-11-08T16:00:00Z")
    ruled(database, one, "2026-11-08T17:00:00Z", "2026-11-09", reminder_days=[20, -14, -10, -3, 0, 3])
    for day in ("2026-11-08T17:00:00Z", "2026-11-09T16:00:00Z", "2027-01-04T16:00:00Z"):
        partnership.work("reminders_decide", day)
    rules = {check_in: days_decided(migrate, check_in) for check_in in (overdue, near, later)}
    assert 20 not in rules[overdue] and -10 not in rules[near] and 20 in rules[near] and {-10, 20} <= set(rules[later]), rules


@pytest.mark.shows("partnerships.reminder_rules")
def test_a_partnership_has_rules_of_its_own_and_each_rule_decides_its_own_days(database, migrate):
    """In the place of its district's; and so it is when it follows the district again. Who comes late, and finds another
    rule in force, decides by that of the day."""
    one = database.district()
    own, usual = (Running(database, one.id, one.user) for _ in range(2))
    first, second = own.check_in(), usual.check_in()
    ruled(database, one, "2026-11-21T16:00:00Z", "2026-11-22", reminder_days=[-10, 0, 5], partnership_id=own.id)
    own.work("reminders_decide", "2026-12-02T15:00:00Z") # of the 1st
    assert (days_decided(migrate, first), days_decided(migrate, second)) == ([-10], [-14])
    ruled(database, one, "2026-12-03T15:00:00Z", "2026-12-04", reminder_days=[-10, -9, -2, 5], partnership_id=own.id)
    ruled(database, one, "2026-12-03T15:00:00Z", "2026-12-12", follows_district=True, partnership_id=own.id)
    for now in ("2026-12-11T15:00:00Z", "2026-12-14T15:00:00Z", "2026-12-21T15:00:00Z"):
        own.work("reminders_decide", now)
    assert (days_decided(migrate, first), days_decided(migrate, second)) == ([-10, -2, 3, 10], [-14, -3, 0, 3, 10])
    late = Running(database, one.id, one.user).check_in()
    ruled(database, one, "2026-12-21T15:00:00Z", "2026-12-23", reminder_days=[12, 40])
    own.work("reminders_decide", "2026-12-24T15:00:00Z")
    assert days_decided(migrate, late) == [-14, -3, 0, 3, 10, 12]
    assert migrate.execute(
        "SELECT d.offset_days, r.effective_from::text FROM reminder d JOIN reminder_rule r ON r.district_id = d.district_id "
        "AND r.id = d.reminder_rule_id WHERE d.check_in_id = %s AND d.side = 'district' ORDER BY 1", (late,)).fetchall() \
        == [(day, "2000-01-01") for day in (-14, -3, 0, 3, 10)] + [(12, "2026-12-23")]


@pytest.mark.shows("partnerships.reminder_recipients")
def test_a_rule_says_by_their_roles_who_is_reminded_and_all_stop_when_their_side_has_answered(database, migrate):
    one = database.district()
    partnership = Running(database, one.id, one.user)
    said = {"district_id": one.id, "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"}
    co_lead, coordinator, sponsor = (database.user(migrate, one.id, uuid7()) for _ in range(3))
    helper = uuid7()
    insert(migrate, "contact", {**said, "id": helper, "name": "Bo", "email": f"{helper}@example.org"})
    for role, who in (("co_lead", {"user_id": co_lead}), ("coordinator", {"user_id": coordinator}),
                      ("sponsor", {"user_id": sponsor}), ("coordinator", {"contact_id": helper})):
        insert(migrate, "partnership_role", {**said, "id": uuid7(), "partnership_id": partnership.id, "side": "district",
                                             "role": role, **who})
    check_in = partnership.check_in()

    def reminded(day):
        return {str(who) for who, in migrate.execute(
            "SELECT coalesce(user_id, contact_id) FROM reminder WHERE check_in_id = %s AND offset_days = %s AND reason IS NULL",
            (check_in, day)).fetchall()}

    leads = {str(one.user), str(partnership.contact)}
    ruled(database, one, "2026-11-21T16:00:00Z", "2026-11-28", recipients="co_leads")
    ruled(database, one, "2026-11-21T16:00:00Z", "2026-12-10", recipients="coordinators")
    for now, day, expected in (("2026-11-27T16:00:00Z", -14, leads), ("2026-12-08T16:00:00Z", -3, leads | {str(co_lead)}),
                               ("2026-12-11T16:00:00Z", 0, leads | {str(co_lead), str(coordinator), str(helper)})):
        partnership.work("reminders_decide", now)
        assert reminded(day) == expected, day
    insert(migrate, "check_in_half", {**said, "id": uuid7(), "check_in_id": check_in, "side": "district",
                                      "status": "submitted", "submitted_at": "2026-12-12Z"})
    partnership.work("reminders_decide", "2026-12-14T16:00:00Z")
    assert reminded(3) == {str(partnership.contact), str(helper)}


@pytest.mark.shows("partnerships.reminder_language")
def test_a_rules_mails_are_in_the_language_it_says(database, migrate):
    """Of those that go on, too; and a mail that carries several is in another than its person's where all of them are."""
    one = database.district()
    migrate.execute("UPDATE district SET locale = 'en', locales = '{en,es}' WHERE id = %s", (one.id,))
    migrate.execute("UPDATE app_user SET locale = 'es' WHERE id = %s", (one.user,))
    partnership = Running(database, one.id, one.user)
    check_in = partnership.check_in()
    for now, effective_from, language in (("2026-11-28T16:00:00Z", "2026-12-01", {"language": "district"}),
                                          ("2026-12-08T16:00:00Z", "2026-12-09", {"locale": "es"})):
        ruled(database, one, now, effective_from, **language)
    with pytest.raises(errors.DatabaseError, match="one of the district"):
        ruled(database, one, "2026-12-08T16:00:00Z", "2026-12-10", locale="fr")
    for now in ("2026-11-27T16:00:00Z", "2026-12-08T16:00:00Z", "2026-12-11T16:00:00Z"):
        partnership.work("reminders_decide", now)
    told = migrate.execute("SELECT (variables ->> 'offset_days')::integer, user_id IS NULL, locale FROM message "
                           "WHERE subject_id = %s ORDER BY 1, 2", (check_in,)).fetchall()
    assert told == [(-14, False, "es"), (-14, True, "en"), (-3, False, "en"), (-3, True, "en"), (0, False, "es"), (0, True, "es")]

    def locale(message):
        with migrate.transaction():
            migrate.execute("SELECT kith_context(%s, '', '', '2026-12-11T16:00:00Z', '')", (one.id,))
            return migrate.execute(
                "SELECT (message_recipient(m, w.address, w.locale, w.situations)).locale "
                "FROM message m CROSS JOIN LATERAL mail_person(m.contact_id, m.user_id, m.partnership_id, m.topic) w "
                "WHERE m.id = %s", (message,)).fetchone()[0]

    carrier = uuid7()
    mails = dict(migrate.execute("SELECT (variables ->> 'offset_days')::integer, id FROM message WHERE subject_id = %s "
                                 "AND contact_id IS NOT NULL", (check_in,)).fetchall())
    insert(migrate, "message", {"district_id": one.id, "id": carrier, "class": "duty", "topic": "check_ins", "kind": "duties",
                                "subject_id": partnership.contact, "contact_id": partnership.contact, "occurrence": "x",
                                "recipient_key": f"contact:{partnership.contact}", "to_address": "a@example.org",
                                "locale": "en", "variables": "{}",
                                "status": "queued", "not_before": "2026-12-11Z", "not_after": "2026-12-20Z",
                                "created_at": "2026-12-11Z", "updated_at": "2026-12-11Z"})
    for carried, expected in (([0], "es"), ([0, -14], "en")):
        migrate.execute("UPDATE message SET carried_by = %s WHERE id = ANY (%s)", (carrier, [mails[day] for day in carried]))
        assert [locale(one) for one in (carrier, mails[0])] == [expected, "es"]


@pytest.mark.shows("partnerships.escalation_rules")
def test_a_rule_says_whether_and_when_what_is_overdue_goes_on(database, migrate):
    """To the lead's supervisor with its first day that is late enough; of a co-lead to nobody."""
    one = database.district()
    said = {"district_id": one.id, "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"}
    principal, co_lead, site = database.user(migrate, one.id, uuid7()), database.user(migrate, one.id, uuid7()), uuid7()
    insert(migrate, "site", {**said, "id": site, "name": "Lincoln", "kind": "school"})
    above = None
    for user, kind in ((principal, "principal"), (one.user, "partnership_lead"), (co_lead, "other")):
        post = uuid7()
        insert(migrate, "post", {**said, "id": post, "kind": kind, "title": kind, "site_id": site, "reports_to_id": above})
        insert(migrate, "post_holder", {**said, "id": uuid7(), "post_id": post, "user_id": user, "from_date": "2026-07-01"})
        above = above or post
    late, never = (Running(database, one.id, one.user, lead_site_id=site) for _ in range(2))
    insert(migrate, "partnership_role", {**said, "id": uuid7(), "partnership_id": never.id, "side": "district",
                                         "role": "co_lead", "user_id": co_lead})
    first, second = late.check_in(), never.check_in()
    ruled(database, one, "2026-11-21T16:00:00Z", "2026-11-22", escalation_days=5, recipients="co_leads")
    ruled(database, one, "2026-11-21T16:00:00Z", "2026-11-22", escalates=False, partnership_id=never.id)

    def told():
        return {(str(subject), occurrence) for subject, occurrence in migrate.execute(
            "SELECT subject_id, occurrence FROM message WHERE district_id = %s AND kind = 'check_in_escalation' "
            "AND user_id = %s", (one.id, principal)).fetchall()}

    for now, expected in (("2026-12-14T16:00:00Z", set()), ("2026-12-21T16:00:00Z", {(first, "2026-12-11 10 escalation")})):
        late.work("reminders_decide", now)
        assert told() == expected, (now, second)


@pytest.mark.shows("district.escalated")
def test_what_the_districts_side_has_not_done_goes_on_to_whom_the_lead_answers(database, migrate):
    """To the supervisor three days after it was due, to the network's lead ten days after; of the partner's side
    nobody else hears."""
    one = database.district()
    at = {"district_id": one.id, "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"}
    lead, principal, network_lead = (database.user(migrate, one.id, uuid7()) for _ in range(3))
    network, site = uuid7(), uuid7()
    insert(migrate, "network", {**at, "id": network, "name": "North"})
    insert(migrate, "site", {**at, "id": site, "name": "Lincoln", "kind": "school", "network_id": network})
    above = None
    for user, kind, place in ((principal, "principal", {"site_id": site}), (lead, "partnership_lead", {"site_id": site}),
                              (network_lead, "network_lead", {"network_id": network})):
        post = uuid7()
        insert(migrate, "post", {**at, "id": post, "kind": kind, "title": kind, **place,
                                 "reports_to_id": above if kind == "partnership_lead" else None})
        insert(migrate, "post_holder", {**at, "id": uuid7(), "post_id": post, "user_id": user, "from_date": "2026-07-01"})
        above = post
    partnership = Running(database, one.id, lead, lead_site_id=site)
    check_in, answered = partnership.check_in(), Running(database, one.id, lead, lead_site_id=site).check_in()
    insert(migrate, "check_in_half", {**at, "id": uuid7(), "check_in_id": answered, "side": "district",
                                      "status": "submitted", "submitted_at": "2026-12-01Z"})

    def told():
        return {(str(user), occurrence, status) for user, occurrence, status in migrate.execute(
            "SELECT coalesce(user_id, contact_id), occurrence, status FROM message "
            "WHERE district_id = %s AND kind = 'check_in_escalation'", (one.id,)).fetchall()}

    for now in ("2026-12-11T16:00:00Z", "2026-12-14T14:59:00Z"):
        partnership.work("reminders_decide", now)
        assert told() == set(), "the lead alone"
    for _ in range(2):
        partnership.work("reminders_decide", "2026-12-14T16:00:00Z")
    first = (str(principal), "2026-12-11 3 escalation", "queued")
    assert told() == {first}
    partnership.work("reminders_decide", "2026-12-21T16:00:00Z")
    second = (str(network_lead), "2026-12-11 10 escalation", "queued")
    assert told() == {first, second}
    insert(migrate, "check_in_half", {**at, "id": uuid7(), "check_in_id": check_in, "side": "district",
                                      "status": "submitted", "submitted_at": "2026-12-21Z"})
    partnership.work("check_in_mails_withdraw", "2026-12-21T16:00:00Z")
    assert {status for _, _, status in told()} == {"suppressed"}


# ---- Time, and what stops ------------------------------------------------------------------------

def statuses(migrate, partnership):
    return [row[0] for row in migrate.execute(
        "SELECT status FROM check_in WHERE partnership_id = %s ORDER BY due_on",
        (partnership.id,)).fetchall()]


def test_a_check_in_opens_on_its_day_and_ends_when_the_next_one_opens(database, migrate):
    one = database.district()
    quarters(database, one.id)
    partnership = Running(database, one.id, one.user)
    partnership.work("check_in_plan", "2026-11-21T15:00:00Z")
    for now, done, expected in (
            ("2026-12-10T05:59:00Z", 0, ["scheduled", "scheduled"]),  # due 2026-12-31
            ("2026-12-10T06:00:00Z", 1, ["open", "scheduled"]),
            ("2027-03-10T05:59:00Z", 0, ["open", "scheduled"]),       # due 2027-03-31
            ("2027-03-10T06:00:00Z", 2, ["missed", "open"])):
        assert partnership.work("check_in_advance", now) == done
        assert statuses(migrate, partnership) == expected
        assert partnership.work("check_in_advance", now) == 0


def test_the_last_one_of_a_year_ends_when_no_reminder_is_left(database, migrate):
    """After it none opens for long; one that has a next one in its year waits for that."""
    one = database.district()
    last, not_last = (Running(database, one.id, one.user) for _ in range(2))
    last.check_in(number=4, due_on="2027-06-11", opens_on="2027-05-21")
    not_last.check_in(number=3, due_on="2027-03-12", opens_on="2027-02-19")
    not_last.check_in(number=4, due_on="2027-06-11", opens_on="2027-05-21", status="scheduled", opened_at=None)
    for now, done, ends in (("2027-05-20T15:00:00Z", 0, ["open", "scheduled"]),
                            ("2027-05-21T15:00:00Z", 2, ["missed", "open"]),
                            ("2027-07-11T15:00:00Z", 0, ["missed", "open"]),
                            ("2027-07-12T15:00:00Z", 2, ["missed", "missed"])):
        assert last.work("check_in_advance", now) == done
        assert statuses(migrate, not_last) == ends
    assert statuses(migrate, last) == ["missed"]
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', '2027-07-12T16:00:00Z', '')", (one.id,))
        migrate.execute("UPDATE reminder_rule SET reminder_days = '{0,40}' WHERE district_id = %s", (one.id,))
    last.check_in(number=2, due_on="2027-06-11", opens_on="2027-05-21")
    assert last.work("check_in_advance", "2027-08-04T15:00:00Z") == 0, "somebody is reminded until then"
    assert last.work("check_in_advance", "2027-08-05T15:00:00Z") == 1


def stop(migrate, district, partnership, status, now):
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', 'admin', %s, '')", (district.id, now))
        migrate.execute("UPDATE partnership SET status = %s WHERE id = %s", (status, partnership.id))


@pytest.mark.parametrize("status", ["paused", "ended"])
def test_a_partnership_that_stops_takes_its_check_ins_and_mails_along(database, migrate, status):
    one = database.district()
    quarters(database, one.id)
    partnership, other = (Running(database, one.id, one.user) for _ in range(2))
    late = partnership.check_in(number=1, due_on="2026-11-10", opens_on="2026-10-20")
    partnership.work("check_in_plan", "2026-11-21T15:00:00Z")
    partnership.work("check_in_advance", "2026-12-10T15:00:00Z")
    partnership.work("reminders_decide", "2026-12-17T16:00:00Z")
    stop(migrate, one, partnership, status, "2026-12-17T17:00:00Z")
    assert statuses(migrate, partnership)[1:] == ["cancelled", "cancelled"]
    assert statuses(migrate, other) == ["open", "scheduled"]
    assert dict(migrate.execute(
        "SELECT partnership_id = %s, array_agg(DISTINCT status) FROM message WHERE district_id = %s "
        "GROUP BY 1", (partnership.id, one.id)).fetchall()) == {True: ["suppressed"], False: ["queued"]}
    before = migrate.execute("SELECT count(*) FROM reminder WHERE check_in_id = %s", (late,)).fetchone()
    partnership.work("reminders_decide", "2026-12-28T16:00:00Z")
    assert migrate.execute("SELECT count(*) FROM reminder WHERE check_in_id = %s",
                           (late,)).fetchone() == before
    stop(migrate, one, partnership, "active", "2027-01-02T17:00:00Z")
    assert statuses(migrate, partnership)[1:] == ["cancelled", "scheduled"], "what was due is not back"
    assert [row[0] for row in migrate.execute(
        "SELECT sequence FROM check_in WHERE partnership_id = %s ORDER BY due_on",
        (partnership.id,)).fetchall()][1:] == [1, 2]


def test_a_migration_may_stop_a_partnership_without_a_context(database, migrate):
    one = database.district()
    partnership = Running(database, one.id, one.user)
    partnership.check_in(due_on="2099-12-11")
    migrate.execute("UPDATE partnership SET status = 'ended' WHERE id = %s", (partnership.id,))
    assert statuses(migrate, partnership) == ["cancelled"]


def test_a_migration_may_change_a_shared_goal_without_a_context(database, migrate):
    one = database.district()
    mine, other = (Running(database, one.id, one.user) for _ in range(2))
    insert(migrate, "goal_partnership",
           {"district_id": one.id, "id": uuid7(), "goal_id": mine.goal, "partnership_id": other.id,
            "district_at": "2026-07-01Z", "district_by": one.user,
            "created_at": "2026-07-01Z", "updated_at": "2026-07-01Z"})
    migrate.execute("UPDATE goal SET statement = 'Write' WHERE id = %s", (mine.goal,))
    assert migrate.execute("SELECT district_at, district_by FROM goal_partnership WHERE goal_id = %s",
                           (mine.goal,)).fetchall() == [(None, None)]
