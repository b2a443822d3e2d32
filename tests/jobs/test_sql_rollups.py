"""Rollups are always what a computation from the observations gives, whoever works, in any order."""
import threading
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from psycopg import errors

from kpis import GROUPS, MONTHS, QUARTERS, WHOLE, YEAR, Counted
from world import NOW, insert, roll_up, unit, uuid7

WORKERS = 8
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
CODES = ("attendance_rate", "chronic_absence", "mean_grade", "reach", "seats_filled", "sessions",
         "families_reached")
THROUGH = (date(2026, 10, 31), date(2026, 12, 31))


@pytest.fixture(scope="module")
def counted(database):
    return Counted(database, ["north", "north", "south", None],
                   [("Y", (0, 1)), ("Y", (1, 2)), ("Bank", (3,))])


@st.composite
def observations(draw):
    code = draw(st.sampled_from(CODES))
    cohort = draw(st.sampled_from(["all", "served", "not_served"]))
    kinds = {"chronic_absence": ["ytd", "school_year"], "mean_grade": ["quarter", "school_year"],
             "families_reached": ["quarter", "school_year"]}
    kinds["attendance_rate"] = ["day", "day", "month", "quarter", "school_year"]
    kind = draw(st.sampled_from(kinds.get(code, ["month", "month", "month", "quarter", "school_year"])))
    start, end = {
        "day": lambda: (draw(st.sampled_from(MONTHS[:4])) + timedelta(days=draw(st.integers(0, 3))), None),
        "month": lambda: (draw(st.sampled_from(MONTHS)), None),
        "quarter": lambda: draw(st.sampled_from(QUARTERS)),
        "school_year": lambda: WHOLE,
        "ytd": lambda: (WHOLE[0], draw(st.sampled_from(THROUGH)))}[kind]()
    numerator = draw(st.integers(0, 60))
    denominator = numerator + draw(st.integers(0, 60))
    if code in ("reach", "seats_filled", "sessions"):
        denominator = None
    missing = draw(st.sampled_from([None, None, None, "suppressed", "not_submitted"]))
    if missing:
        numerator = None
    return {"missing": missing,
            "weighted_by": draw(st.sampled_from([None, "enrollment"])) if denominator is not None else None,
            "code": code, "site": draw(st.integers(0, 3)), "numerator": numerator,
            "denominator": denominator, "kind": kind, "start": start, "end": end, "cohort": cohort,
            "partnership": draw(st.sampled_from([None, 0, 1, 2])) if cohort != "all" else None}


steps = st.lists(
    st.one_of(observations(), st.tuples(st.sampled_from(["withdraw", "work"]), st.integers(1, 999))),
    min_size=1, max_size=25)


def take_step(counted, connection, step):
    with unit(connection, counted.district):
        if isinstance(step, tuple) and counted.current:
            key = sorted(counted.current, key=repr)[step[1] % len(counted.current)]
            connection.execute("UPDATE observation SET archived_at = kith_now FROM "
                               "(SELECT current_setting('kith.now')::timestamptz AS kith_now) n "
                               "WHERE id = %s", (counted.current.pop(key)[0],))
        elif isinstance(step, dict):
            fields = dict(step)
            site = counted.sites[fields.pop("site")]
            partnership = fields.pop("partnership")
            partnership = None if partnership is None else list(counted.works_at)[partnership]
            counted.observe(connection, fields.pop("code"), site, partnership=partnership, **fields)


@SLOW
@given(steps=steps)
def test_after_any_observations_corrections_and_withdrawals(counted, migrate, api, steps):
    for step in steps:
        if isinstance(step, tuple) and step[0] == "work":
            counted.work(migrate, step[1] % 3 + 1)
        else:
            take_step(counted, api, step)
    counted.work(migrate)
    for code in CODES:
        assert counted.stored(migrate, code) == counted.tallies(code), code
    assert counted.differences(migrate) == []


def marks(connection):
    return connection.execute("SELECT count(*) FROM rollup_mark").fetchone()[0]


@pytest.mark.parametrize("code", ["sessions", "attendance_rate"])
def test_of_a_thousand_marks_the_year_is_made_at_once(database, migrate, code):
    counted = Counted(database, ["north", "south"], [("Y", (0, 1))])
    for site in counted.sites:
        counted.observe_many([(code, site, 7, 9 if code == "attendance_rate" else None, {"start": month}) for month in MONTHS[:3]])
    some = "(district_id, indicator_id, school_year, site_id, cohort)"
    migrate.execute(f"INSERT INTO rollup_mark {some} SELECT m.* FROM (SELECT {some[1:-1]} FROM rollup_mark WHERE indicator_id IS NOT NULL) AS m, "
                    "generate_series(1, 1000)")
    turns = list(iter(lambda: migrate.execute("SELECT rollup_work(1, %s)", (NOW,)).fetchone()[0], 0))
    assert sum(one > 1000 for one in turns) == 1
    assert counted.stored(migrate, code) == counted.tallies(code)
    assert counted.differences(migrate) == []
    due = migrate.execute("SELECT count(*) FROM release_due WHERE district_id = %s", (counted.id,)).fetchone()[0]
    assert due == (code == "attendance_rate")


def test_eight_workers_while_others_write(database, migrate):
    """A mark that is written while its key is at work is not lost."""
    counted = Counted(database, ["north", "south"], [("Y", (0, 1))])
    stop, failures = threading.Event(), []

    def work():
        with database.connect("kith_kpi") as connection:
            while not stop.is_set():
                try:
                    roll_up(connection, limit=2)
                except Exception as error:  # pylint: disable=broad-except
                    failures.append(error)
                    return

    def write(number):
        with database.connect() as connection:
            for n in range(40):
                with unit(connection, counted.district):
                    counted.observe(connection, CODES[3] if n % 2 else CODES[0],
                                    counted.sites[number % 2], n % 7, 20 + n,
                                    start=MONTHS[(n + number) % 6],
                                    cohort=("all", "served")[number // 2])

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for one in (*workers, *writers):
        one.start()
    for one in writers:
        one.join()
    stop.set()
    for one in workers:
        one.join()
    assert failures == []
    counted.work(migrate)
    assert marks(migrate) == 0
    for code in (CODES[0], CODES[3]):
        assert counted.stored(migrate, code) == counted.tallies(code)
    assert counted.differences(migrate) == []


def test_two_with_the_same_key_are_one_after_the_other(database, migrate):
    """Of eight at once one holds; each other one is superseded by the next, or was refused."""
    counted = Counted(database, [None])
    done, refused = [], []

    def write(number):
        with database.connect() as connection:
            try:
                with unit(connection, counted.district):
                    counted.observe(connection, "reach", counted.sites[0], number)
                done.append(number)
            except (errors.UniqueViolation, errors.LockNotAvailable) as error:
                refused.append(error)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(WORKERS)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    rows = migrate.execute(
        "SELECT superseded_by IS NULL, count(*) FROM observation WHERE district_id = %s GROUP BY 1",
        (counted.id,)).fetchall()
    assert len(done) >= 1 and len(done) + len(refused) == WORKERS
    assert dict(rows) == {True: 1, **({False: len(done) - 1} if len(done) > 1 else {})}


def test_a_site_that_moves_takes_its_figures_along(database, migrate):
    counted = Counted(database, ["north", "north", "south"])
    counted.observe_many(("attendance_rate", site, 30, 40, {}) for site in counted.sites)
    counted.work(migrate)
    site = counted.sites[0]
    with database.connect() as connection, unit(connection, counted.district):
        connection.execute("UPDATE site SET network_id = %s WHERE id = %s",
                           (counted.networks["south"], site))
    counted.network_of[site] = counted.networks["south"]
    assert counted.differences(migrate) != []
    counted.work(migrate)
    assert counted.stored(migrate, "attendance_rate") == counted.tallies("attendance_rate")
    assert counted.differences(migrate) == []


def test_schools_where_it_works_follow_the_sites_of_a_partnership(database, migrate):
    counted = Counted(database, [None, None], [("Y", (0,))])
    counted.observe_many(("attendance_rate", site, 30, 40, {}) for site in counted.sites)
    counted.work(migrate)
    (one,) = counted.works_at
    with database.connect() as connection, unit(connection, counted.district):
        counted.add(connection, "partnership_site", partnership_id=one, site_id=counted.sites[1])
    counted.works_at[one].add(counted.sites[1])
    counted.work(migrate)
    assert counted.stored(migrate, "attendance_rate") == counted.tallies("attendance_rate")


def test_chronic_absence_has_no_months_and_nothing_is_made_of_it(database, migrate):
    counted = Counted(database, [None])
    with pytest.raises(errors.DatabaseError, match="measured by school year or ytd"):
        counted.observe_many([("chronic_absence", counted.sites[0], 1, 40, {})])
    for end in THROUGH:
        counted.observe_many([("chronic_absence", counted.sites[0], 12, 40,
                               {"kind": "ytd", "start": WHOLE[0], "end": end})])
    counted.work(migrate)
    kinds = {key[4] for key in counted.stored(migrate, "chronic_absence")}
    assert kinds == {"ytd"}


def test_a_ratio_of_sums_and_not_a_mean_of_ratios(database, migrate):
    counted = Counted(database, [None, None])
    counted.observe_many([("attendance_rate", counted.sites[0], 10, 100, {}),
                          ("attendance_rate", counted.sites[1], 10, 20, {})])
    counted.work(migrate)
    counted.release()
    row = counted.shown(migrate, "attendance_rate")["district", counted.id, "all", "month", "2026-10-01"]
    assert float(row["value"]) == round(20 / 120, 4)


def test_investments_are_pro_rated_by_day_to_the_cent(database, migrate):
    """Both ends inclusive; the months make the whole; what names no site is the district's all the
    same; what is only pledged is nothing, nor is a grant from outside that nobody assigned."""
    counted = Counted(database, ["north"], [("Y", (0,))])
    (one,) = counted.works_at
    with database.connect() as connection, unit(connection, counted.district):
        outside = counted.add(connection, "investment", partnership_id=one, side="partner", kind="grant",
                              status="delivered", amount_cents=500, from_date="2026-09-01", until_date="2026-09-01")
        for amount, status, site in ((10000, "delivered", None), (3333, "delivered", counted.sites[0]),
                                     (777, "pledged", None)):
            counted.add(connection, "investment", partnership_id=one, side="partner", kind="cash",
                        status=status, amount_cents=amount, site_id=site, from_date="2026-06-16",
                        until_date="2026-08-15")  # 61 days: 15 before the school year, 31, 15
    counted.work(migrate)
    shown = counted.shown(migrate, "value_partner")
    months = {key[4]: row["value"] for key, row in shown.items()
              if key[:2] == ("district", counted.id) and key[3] == "month"}
    until = [sum(round(whole * days / 61) for whole in (10000, 3333)) for days in (15, 46, 61)]
    assert months == {"2026-06-01": until[0], "2026-07-01": until[1] - until[0],
                      "2026-08-01": until[2] - until[1]}
    assert shown["site", counted.sites[0], "all", "month", "2026-06-01"]["value"] == round(3333 * 15 / 61)
    assert shown["network", counted.networks["north"], "all", "month", "2026-06-01"]["value"] == round(
        3333 * 15 / 61)
    assert shown["partner", counted.partner_of[one], "all", "school_year", "2026-07-01"]["value"] == (
        until[2] - until[0])
    assert counted.differences(migrate) == []
    with database.connect() as connection, unit(connection, counted.district):
        connection.execute("UPDATE investment SET is_assigned = true WHERE id = %s", (outside,))
    counted.work(migrate)
    shown = counted.shown(migrate, "value_partner")
    assert shown["district", counted.id, "all", "month", "2026-09-01"]["value"] == 500, "a grant that is its side's"
    assert counted.differences(migrate) == []
    with database.connect() as connection, unit(connection, counted.district):
        connection.execute("UPDATE investment SET confirmed = 'disputed', dispute_reason = 'No' WHERE id = %s", (outside,))
    counted.work(migrate)
    assert ("district", counted.id, "all", "month", "2026-09-01") not in counted.shown(migrate, "value_partner")
    assert counted.differences(migrate) == []


@pytest.mark.shows("recognition.unthanked_rate", "registry.roll_call_coverage")
def test_gifts_without_thanks_and_roll_calls_are_counted_where_they_are(database, migrate):
    """What names no site and no partnership is the district's all the same, and its donor's."""
    counted = Counted(database, ["north", "north"], [("Y", (0,))])
    (one,) = counted.works_at
    donor, other = counted.partner_of[one], None
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        other = counted.add(connection, "partner", name="Z", kind="civic")
        donee = counted.add(connection, "donee", name="The district", kind="district")
        for day, thanked, fields in (
                ("2026-10-05", False, {"partnership_id": one, "partner_id": donor, "site_id": counted.sites[0]}),
                ("2026-10-09", True, {"partnership_id": one, "partner_id": donor}),
                ("2026-11-02", False, {"partner_id": other}), ("2026-10-07", None, {"partner_id": other})):
            counted.add(connection, "gift", donee_id=donee, title="T", kind="cash", amount_cents=1, offered_on=day,
                        received_on=day, status="received", thanked=thanked, **fields)
        calls = [counted.add(connection, "roll_call", site_id=site, school_year=2027, due_on="2026-12-01")
                 for site in counted.sites]
        connection.execute("UPDATE roll_call SET status = 'submitted' WHERE id = %s", calls[:1])
    counted.work(migrate)
    shown = counted.shown(migrate, "unthanked_gifts")
    months = {key[0:2] + key[4:5]: (float(row["value"]), row["n"]) for key, row in shown.items()
              if key[3] == "month" and key[0] not in GROUPS}
    assert months == {
        ("district", counted.id, "2026-10-01"): (0.5, 2), ("district", counted.id, "2026-11-01"): (1, 1),
        ("partnership", one, "2026-10-01"): (0.5, 2), ("site", counted.sites[0], "2026-10-01"): (1, 1),
        ("network", counted.networks["north"], "2026-10-01"): (1, 1),
        ("partner", donor, "2026-10-01"): (0.5, 2), ("partner", other, "2026-11-01"): (1, 1)}
    assert float(shown["district", counted.id, "all", "school_year", "2026-07-01"]["value"]) == round(2 / 3, 4)
    shown = counted.shown(migrate, "roll_call_coverage")
    assert {key[0]: float(row["value"]) for key, row in shown.items() if key[0] != "site"} == {
        "network": 0.5, "district": 0.5}
    assert counted.differences(migrate) == []
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute("UPDATE gift SET thanked = true WHERE district_id = %s AND NOT thanked", (counted.id,))
    counted.work(migrate)
    shown = counted.shown(migrate, "unthanked_gifts")
    assert {float(row["value"]) for row in shown.values()} == {0}
    assert counted.differences(migrate) == []


@pytest.mark.shows("partnerships.check_ins_on_time", "needs.met_rate")
def test_check_ins_on_time_and_needs_met_are_counted(database, migrate):
    counted = Counted(database, ["north"], [("Y", (0,))])
    (one,) = counted.works_at
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (counted.sites[0], one))
        for number, status, due, done in ((1, "complete", "2026-10-09", "2026-10-10T03:00Z"),
                                          (2, "complete", "2026-10-16", "2026-10-17T15:00Z"),
                                          (3, "missed", "2026-11-06", None), (4, "open", "2026-11-13", None)):
            counted.add(connection, "check_in", partnership_id=one, school_year=2027, number=number, due_on=due,
                        opens_on=due, dated_at=NOW, uid=uuid7(), status=status, answered_at=done)
        area = counted.add(connection, "focus_area", name="F")
        for status, opened in (("met", "2026-11-01T03:00Z"), ("open", "2026-10-05T12:00Z"), ("draft", None)):
            counted.add(connection, "need", title="N", focus_area_id=area, needed_by="2027-06-30", status=status,
                        opened_at=opened, site_id=counted.sites[0])
    counted.work(migrate)
    shown = counted.shown(migrate, "check_ins_on_time")
    assert {key[0:2] + key[4:5]: (float(row["value"]), row["n"]) for key, row in shown.items()
            if key[3] == "month" and key[0] not in GROUPS} == {
        (kind, which, month): (value, many)
        for kind, which in (("district", counted.id), ("partnership", one), ("site", counted.sites[0]),
                            ("network", counted.networks["north"]), ("partner", counted.partner_of[one]))
        for month, value, many in (("2026-10-01", 0.5, 2), ("2026-11-01", 0, 1))}
    shown = counted.shown(migrate, "needs_met")
    assert {key[0]: (float(row["value"]), row["n"]) for key, row in shown.items() if key[3] == "month"} == {
        kind: (0.5, 2) for kind in ("district", "site", "network", "focus_area")}, "local time: both of October"
    assert counted.differences(migrate) == []
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        elsewhere = counted.add(connection, "site", name="Elsewhere", kind="school")
        connection.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (elsewhere, one))
    counted.work(migrate)
    shown = counted.shown(migrate, "check_ins_on_time")
    assert {key[1] for key in shown if key[0] == "site"} == {elsewhere}
    assert counted.differences(migrate) == []
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute("UPDATE district SET zone = 'Asia/Tokyo' WHERE id = %s", (counted.id,))
    counted.work(migrate)
    for code, of in (("check_ins_on_time", {"2026-10-01": 0, "2026-11-01": 0}),
                     ("needs_met", {"2026-10-01": 0, "2026-11-01": 1})):
        shown = counted.shown(migrate, code)
        assert {key[4]: float(row["value"]) for key, row in shown.items()
                if key[0] == "district" and key[3] == "month"} == of, "another day there"
    assert counted.differences(migrate) == []
    with database.connect("kith_migrate") as connection:
        for table in ("rollup", "tally"):
            connection.execute(f"DELETE FROM {table} WHERE district_id = %s", (counted.id,))
    assert {str(row[1]) for row in counted.differences(migrate)} >= {
        counted.indicators[code] for code in ("check_ins_on_time", "needs_met")}, "of years that nothing else has"


@pytest.mark.shows("network.survey_response")
def test_what_was_answered_of_what_closed_surveys_asked_is_counted(database, migrate):
    """At its school, of its partner and relationship; without names what is known of everybody; nothing of one that is open."""
    counted = Counted(database, ["north", "south"], [("Y", (0,)), ("Bank", (1,))])
    first, second = counted.works_at

    def shown():
        counted.work(migrate)
        assert counted.differences(migrate) == []
        return {key[:2]: (float(row["value"]), row["n"]) for key, row in counted.shown(migrate, "survey_response").items()
                if key[3] == "month"}

    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        for partnership, site in zip((first, second), counted.sites):
            connection.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (site, partnership))
        instrument, = connection.execute("SELECT id FROM instrument WHERE district_id = %s AND code = 'relationship'",
                                         (counted.id,)).fetchone()
        surveys = [counted.add(connection, "survey", name=mode, instrument_id=instrument, mode=mode, status=status, school_year=2027,
                               opens_on="2026-10-01", closes_on="2026-10-20")
                   for mode, status in (("confidential", "closed"), ("anonymous", "closed"), ("attributed", "open"))]
        for survey in surveys:
            for partnership, status, invited in (
                    (first, "submitted", "answered"), (first, "asked", "answered"), (second, "partial", "partial"), (second, "asked", "excluded")):
                contact = counted.add(connection, "contact", name="Ann")
                invitation = counted.add(connection, "survey_invitation", survey_id=survey, contact_id=contact, address=f"{contact}@example.org",
                                         status=invited, reason="no_email" if invited == "excluded" else None)
                counted.add(connection, "survey_answer", survey_id=survey, survey_invitation_id=invitation, partnership_id=partnership,
                            side="partner", status=status)
    expected = {("partnership", first): (0.75, 4), ("partnership", second): (0, 2), ("district", counted.id): (0.5, 6),
                ("site", counted.sites[0]): (0.75, 4), ("site", counted.sites[1]): (0, 2)}
    assert expected.items() <= shown().items(), "three of four, of which without names two"
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (counted.sites[0], second))
    assert shown()["site", counted.sites[0]] == (0.5, 6)
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute("UPDATE survey SET status = 'open' WHERE id = %s", (surveys[0],))
    assert shown()["district", counted.id] == (0.6667, 3)


@pytest.mark.shows("partnerships.family_integration")
def test_the_part_of_partnerships_in_family_engagement_is_counted(database, migrate):
    counted = Counted(database, ["north", "north", "south"], [("Y", (0, 1)), ("Y", (0,)), ("Bank", (1, 2))])
    first, second, third = counted.works_at

    def write(*statements):
        with database.connect("kith_migrate") as connection, unit(connection, counted.district):
            for statement, values in statements:
                connection.execute(statement, values)
        counted.work(migrate)
        assert counted.differences(migrate) == []
        return {key[:2]: (float(row["value"]), row["n"])
                for key, row in counted.shown(migrate, "family_integration").items() if key[0] not in GROUPS}

    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        plans = [counted.add(connection, "family_plan", site_id=site, school_year=year, statement="All read")
                 for site, year in ((counted.sites[0], 2027), (counted.sites[1], 2027), (counted.sites[2], 2026))]
        part, = (counted.add(connection, "family_part", family_plan_id=plans[0], partnership_id=first, part=part)
                 for part in ("co_plans",))
        counted.add(connection, "family_part", family_plan_id=plans[0], partnership_id=second, part="invited")
    began = "UPDATE partnership SET status = 'active', activated_at = '2026-09-01T12:00:00Z' WHERE id = ANY (%s)"
    assert write((began, ([first, second, third],))) == {
        ("district", counted.id): (0.25, 4), ("network", counted.networks["north"]): (0.25, 4),
        ("site", counted.sites[0]): (0.5, 2), ("site", counted.sites[1]): (0, 2),
        ("partnership", first): (0.5, 2), ("partnership", second): (0, 1), ("partnership", third): (0, 1),
        ("partner", counted.partner_of[first]): (round(1 / 3, 4), 3), ("partner", counted.partner_of[third]): (0, 1)}
    over = "UPDATE partnership_site SET until_date = '2026-06-30' WHERE partnership_id = %s AND site_id = %s"
    shown = write((over, (third, counted.sites[1])), ("UPDATE family_part SET part = 'none' WHERE id = %s", (part,)))
    assert shown["district", counted.id] == (0, 3) and ("partnership", third) not in shown
    ended = "UPDATE partnership SET status = 'ended', ended_on = '2026-06-30' WHERE id = %s"
    shown = write((ended, (second,)), ("UPDATE family_part SET part = 'delivers' WHERE id = %s", (part,)))
    assert shown["district", counted.id] == (0.5, 2) and shown["site", counted.sites[0]] == (1, 1)
    within = "UPDATE partnership SET ended_on = '2026-10-31' WHERE id = %s"
    shown = write((within, (second,)))
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        told = connection.execute("SELECT p.site_id::text, f.rate::float, f.partnerships FROM family_plan p "
                                  "CROSS JOIN LATERAL family_plan_told(p) AS f WHERE p.school_year = 2027").fetchall()
    assert {("site", site): (rate, many) for site, rate, many in told} == {
        key: value for key, value in shown.items() if key[0] == "site"}, "the plan tells what the indicator does"
    assert shown["site", counted.sites[0]] == (0.5, 2), "who ended in the year ran in it"
    entered = "INSERT INTO school_year (district_id, id, school_year, starts_on, ends_on) VALUES (%s, %s, 2027, %s, %s)"
    shown = write((entered, (counted.id, uuid7(), "2026-11-01", "2027-05-28")))
    assert shown["site", counted.sites[0]] == (1, 1), "the year begins when the district says"
    shown = write(("UPDATE school_year SET starts_on = '2026-08-15' WHERE district_id = %s", (counted.id,)))
    assert shown["site", counted.sites[0]] == (0.5, 2)
    assert write(("UPDATE family_plan SET archived_at = now() WHERE district_id = %s", (counted.id,))) == {}


@pytest.mark.shows("partnerships.partners_active")
def test_active_partners_are_counted_once_in_each_place_by_month(database, migrate):
    counted = Counted(database, ["north", "north", "south"], [("Y", (0,)), ("Y", (1,)), ("Bank", (1, 2))])
    first, second, third = counted.works_at

    def write(statement, *values):
        with database.connect("kith_migrate") as connection, unit(connection, counted.district):
            connection.execute(statement, values)
        counted.work(migrate)
        assert counted.differences(migrate) == []
        return {(*key[:2], key[4]): row["value"] for key, row in counted.shown(migrate, "partners_active").items()
                if key[3] == "month"}

    begin = "UPDATE partnership SET status = 'active', activated_at = starts_on, starts_on = %s WHERE id = ANY (%s)"
    assert write("UPDATE partnership SET starts_on = '2026-09-15' WHERE district_id = %s", counted.id) == {}
    shown = write(begin, "2026-09-15", [first, second])
    assert shown["district", counted.id, "2026-09-01"] == shown["network", counted.networks["north"], "2026-10-01"] == 1
    assert ("district", counted.id, "2026-08-01") not in shown
    shown = write(begin, "2026-10-31", [third])
    assert [shown["district", counted.id, month] for month in ("2026-09-01", "2026-10-01", "2026-11-01")] == [1, 2, 2]
    assert ("district", counted.id, "2026-12-01") not in shown, "a month to come"
    assert shown["site", counted.sites[1], "2026-10-01"] == shown["network", counted.networks["north"], "2026-10-01"] == 2
    assert shown["network", counted.networks["south"], "2026-10-01"] == 1
    shown = write("UPDATE partnership SET ends_on = '2026-10-31' WHERE id = %s", third)
    assert shown["district", counted.id, "2026-11-01"] == 2, "what was planned is not what was"
    shown = write("UPDATE partnership SET status = 'ended', ended_on = '2026-10-31' WHERE id = %s", third)
    assert [shown["district", counted.id, month] for month in ("2026-10-01", "2026-11-01")] == [2, 1]
    shown = write("UPDATE partnership_site SET until_date = '2026-10-01' WHERE partnership_id = %s", second)
    assert ("site", counted.sites[1], "2026-11-01") not in shown and shown["district", counted.id, "2026-11-01"] == 1
    shown = write("UPDATE site SET network_id = %s WHERE id = %s", counted.networks["south"], counted.sites[0])
    assert shown["network", counted.networks["south"], "2026-09-01"] == 1
    whole = counted.shown(migrate, "partners_active")["district", counted.id, "all", "school_year", "2026-07-01"]
    assert whole["value"] == 1, "of its last month"
    next_year = "INSERT INTO school_year (district_id, id, school_year, starts_on, ends_on) VALUES (%s, %s, 2031, %s, %s)"
    shown = write(next_year, counted.id, uuid7(), "2030-07-01", "2031-06-30")
    assert not [key for key in shown if key[2] > "2026-11-01"], "a year to come is not counted ahead"
    shown = write("UPDATE partnership SET archived_at = now() WHERE district_id = %s", counted.id)
    assert not shown


@pytest.mark.shows("partnerships.months_to_come")
def test_a_month_is_told_when_it_has_begun(database, migrate):
    counted = Counted(database, ["north"], [("Y", (0,))])
    (only,) = counted.works_at
    with database.connect("kith_migrate") as connection, unit(connection, counted.district):
        connection.execute("UPDATE partnership SET status = 'active', activated_at = '2026-09-15', starts_on = '2026-09-15' "
                           "WHERE id = %s", (only,))
        counted.add(connection, "investment", partnership_id=only, side="partner", kind="cash", status="delivered",
                    amount_cents=20000, from_date="2026-10-01", until_date="2027-02-28")

    def advance(now):
        with database.connect("kith_kpi") as connection:
            return connection.execute("SELECT rollups_advance(%s, %s)", (counted.id, now)).fetchone()[0]

    def months(code, now):
        advanced = advance(now)
        while roll_up(migrate, now):
            pass
        assert counted.differences(migrate, now) == []
        assert advance(now) == 0, "once"
        return advanced, [key[4] for key in sorted(counted.shown(migrate, code), key=lambda k: k[4])
                          if key[0] == "district" and key[3] == "month"]

    told = ["2026-09-01", "2026-10-01", "2026-11-01"]
    assert months("partners_active", NOW)[1] == told
    assert months("value_partner", NOW)[1] == told[1:], "of money that is given for months to come, none yet"

    def of_year():
        return counted.shown(migrate, "value_partner")["district", counted.id, "all", "school_year", "2026-07-01"]["value"]

    assert of_year() == round(20000 * 61 / 151), "nor in the year's"
    december = "2026-12-01T15:00:00Z"
    advanced, shown = months("partners_active", december)
    assert (advanced > 0, shown) == (True, [*told, "2026-12-01"])
    assert months("value_partner", december)[1] == [*told[1:], "2026-12-01"]
    assert of_year() == round(20000 * 92 / 151)


def test_a_migration_over_two_districts_marks_each_in_its_own(database, migrate):
    both = [Counted(database, [None]) for _ in range(2)]
    for one in both:
        one.observe_many([("reach", one.sites[0], 30, None, {})])
        one.work(migrate)
    migrate.execute("UPDATE observation SET numerator = 40 WHERE missing IS NULL")
    assert set(migrate.execute("SELECT district_id::text FROM rollup_mark").fetchall()) >= {
        (one.id,) for one in both}
    both[0].work(migrate)
    for one in both:
        assert one.differences(migrate) == []


def test_a_worker_needs_nothing_but_to_run_it(database):
    with database.connect("kith_kpi") as connection:
        assert roll_up(connection, limit=1) >= 0
        for table in ("observation", "tally", "rollup_mark"):
            assert connection.execute(
                "SELECT has_table_privilege(%s, 'SELECT, INSERT, UPDATE, DELETE')", (table,)
            ).fetchone() == (False,)


@pytest.mark.parametrize("fields, column", [
    ({"period_kind": "quarter", "period_start": "2026-07-02", "period_end": None}, "period_start"),
    ({"period_kind": "quarter"}, "period_kind"), ({"denominator": None}, "denominator"),
    ({"numerator": 41}, "numerator")])
def test_what_an_observation_must_have(database, api, fields, column):
    counted = Counted(database, [None])
    code = "engagement" if column == "period_start" else (
        "proficiency" if column == "period_kind" else "attendance_rate")
    values = {"district_id": counted.id, "id": uuid7(), "indicator_id": counted.indicators[code],
              "site_id": counted.sites[0], "school_year": YEAR, "period_kind": "month",
              "period_start": "2026-10-01", "numerator": 1, "denominator": 40, **fields}
    with pytest.raises(errors.DatabaseError) as refused, unit(api, counted.district):
        insert(api, "observation", values)
    assert (refused.value.sqlstate, refused.value.diag.column_name) == ("KI491", column)
