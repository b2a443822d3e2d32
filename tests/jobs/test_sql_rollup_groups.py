"""What partnerships count for: programs, focus areas and kinds of partners, of what is observed and of what the database
counts itself; and that their sums tell nothing that is not told anyway."""
import pytest

from kpis import GROUPS, MONTHS, Counted, kind_scope
from world import NOW, unit, uuid7

MONTH = str(MONTHS[3])
GIVEN = {"side": "partner", "kind": "cash", "status": "delivered", "from_date": "2026-10-01", "until_date": "2026-10-31"}


@pytest.fixture
def counted(database):
    """Of Y, a nonprofit: one of a program (Reading), one of a program and a focus area of its own (Health), one of
    neither; of Bank, who is civic: one of a program (Reading)."""
    return Counted(database, ["north", "south"], [("Y", (0,)), ("Y", (1,)), ("Y", (0,)), ("Bank", (1,))])


def write(counted, database, migrate, *rows):
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        made = [counted.add(connection, table, **fields) for table, fields in rows]
    counted.work(migrate)
    assert counted.differences(migrate) == []
    return made


def change(counted, database, migrate, statement, *values):
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute(statement, values)
    counted.work(migrate)
    assert counted.differences(migrate) == []


def groups(counted, migrate, code, kind="month", start=MONTH):
    """{(scope kind, scope): value} of a period."""
    return {key[:2]: row["value"] if row["value"] is None else float(row["value"])
            for key, row in counted.shown(migrate, code).items()
            if key[0] in GROUPS and key[3] == kind and key[4] == start}


def program(counted, one):
    (found,) = [scope for kind, scope in counted.groups[one] if kind == "program"]
    return found


@pytest.mark.shows("kpis.groups")
def test_what_partners_give_is_their_kinds_and_their_partnerships_programs_and_focus_areas(counted, database, migrate):
    one, two, three, four = counted.works_at
    reading, health = counted.focuses
    helper, = write(counted, database, migrate, ("partner", {"name": "Helper", "kind": "faith_based"}))
    write(counted, database, migrate, ("partnership_partner", {"partnership_id": one, "partner_id": helper}))
    made = write(counted, database, migrate, *(
        ("investment", {**GIVEN, "partnership_id": of, "amount_cents": cents, "partner_id": who})
        for of, cents, who in ((one, 100, None), (two, 20, None), (three, 3, None), (four, 7000, None), (one, 50000, helper))))
    assert groups(counted, migrate, "value_partner") == {
        ("program", program(counted, one)): 50100, ("program", program(counted, two)): 20,
        ("program", program(counted, four)): 7000, ("focus_area", reading): 57100, ("focus_area", health): 20,
        ("kind", kind_scope("nonprofit")): 123, ("kind", kind_scope("civic")): 7000,
        ("kind", kind_scope("faith_based")): 50000}
    assert groups(counted, migrate, "value_partner", "school_year", "2026-07-01")["kind", kind_scope("nonprofit")] == 123
    change(counted, database, migrate, "UPDATE partnership SET focus_area_id = %s WHERE id = %s", health, three)
    assert groups(counted, migrate, "value_partner")["focus_area", health] == 23
    change(counted, database, migrate, "UPDATE program SET focus_area_id = %s WHERE id = %s", health, program(counted, four))
    assert groups(counted, migrate, "value_partner")["focus_area", reading] == 50100
    change(counted, database, migrate, "UPDATE partner SET kind = 'business' WHERE id = %s", helper)
    shown = groups(counted, migrate, "value_partner")
    assert shown["kind", kind_scope("business")] == 50000 and ("kind", kind_scope("faith_based")) not in shown
    change(counted, database, migrate, "UPDATE investment SET status = 'pledged' WHERE id = ANY (%s)", made)
    assert groups(counted, migrate, "value_partner") == {}


@pytest.mark.shows("kpis.groups")
def test_needs_are_of_their_focus_area_and_partners_count_once_in_each_group(counted, database, migrate):
    one, two, three, four = counted.works_at
    reading, health = counted.focuses
    need, = write(counted, database, migrate, ("need", {
        "title": "N", "focus_area_id": health, "needed_by": "2027-06-30", "status": "met",
        "opened_at": "2026-10-05T12:00Z", "site_id": counted.sites[0]}))
    assert groups(counted, migrate, "needs_met") == {("focus_area", health): 1}
    change(counted, database, migrate, "UPDATE need SET focus_area_id = %s WHERE id = %s", reading, need)
    assert groups(counted, migrate, "needs_met") == {}, "it is looked at again"
    change(counted, database, migrate, "UPDATE partnership SET status = 'active', activated_at = %s, starts_on = "
           "'2026-10-01' WHERE district_id = %s", NOW, counted.id)
    assert groups(counted, migrate, "partners_active") == {
        **{("program", program(counted, of)): 1 for of in (one, two, four)},
        ("focus_area", reading): 2, ("focus_area", health): 1, ("kind", kind_scope("nonprofit")): 1,
        ("kind", kind_scope("civic")): 1}
    write(counted, database, migrate, ("check_in", {
        "partnership_id": two, "school_year": 2027, "number": 1, "due_on": "2026-10-09", "opens_on": "2026-10-01",
        "dated_at": NOW, "uid": uuid7(), "status": "missed"}))
    assert groups(counted, migrate, "check_ins_on_time") == {
        ("program", program(counted, two)): 0, ("focus_area", health): 0, ("kind", kind_scope("nonprofit")): 0}
    assert three not in {scope for _, scope in groups(counted, migrate, "partners_active")}


@pytest.mark.shows("kpis.groups_hide")
def test_a_sum_of_partnerships_is_shown_where_all_of_them_are(counted, migrate):
    """Two of 40 people and one of 4, who would follow from the sum: of that kind, and of nothing that is without it."""
    one, two, three, four = counted.works_at
    reading, health = counted.focuses
    counted.observe_many(
        ("attendance_rate", site, 100, 200, {}) for site in counted.sites)
    counted.observe_many(
        ("attendance_rate", site, size // 2, size, {"cohort": "served", "partnership": of})
        for of, site, size in ((one, 0, 40), (two, 1, 40), (three, 0, 4), (four, 1, 40))
        for site in [counted.sites[site]])
    counted.work(migrate)
    counted.release()
    shown = {key[:2]: row for key, row in counted.shown(migrate, "attendance_rate").items()
             if key[2] == "served" and key[3] == "month"}
    assert shown["partnership", three]["is_suppressed"] and not shown["partnership", one]["is_suppressed"]
    assert shown["kind", kind_scope("nonprofit")]["is_suppressed"] and shown["partner", counted.partner_of[one]]["is_suppressed"]
    assert (shown["focus_area", reading]["denominator"], shown["focus_area", health]["denominator"]) == (80, 40)
    assert shown["kind", kind_scope("civic")]["denominator"] == shown["program", program(counted, two)]["denominator"] == 40
    whole = {key[:2]: row for key, row in counted.shown(migrate, "attendance_rate").items()
             if key[2] == "schools_where_it_works" and key[3] == "month"}
    assert whole["kind", kind_scope("nonprofit")]["denominator"] == 400, "each school once"
    assert whole["program", program(counted, one)]["denominator"] == 200
