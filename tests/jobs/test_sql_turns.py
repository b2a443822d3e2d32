"""A turn of kith-checkin looks at what has changed, and at all when a clock has come to an hour at which something may be
due: it decides what looking at all would have decided."""
import datetime as dt
import glob
import os
import random
import re
import sys

import pytest

from world import ROOT, insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import SAID, Running, quarters  # noqa: E402  pylint: disable=wrong-import-position

STEPS = ("agreements_advance", "placements_advance", "check_in_plan", "check_in_replan", "check_in_advance",
         "check_in_mails_withdraw", "reminders_decide", "check_in_notices_decide")
# What these read and no row of it makes anything due by itself: what they write, and what they are told of by the clock.
APART = {"message", "reminder"}
# Where they ask for what they do with a decision, not for what is due.
DOES = {"agreement_tell", "check_in_finish", "check_in_variables", "kith_context", "message_queue", "messages_suppress",
        "message_withdraw", "placement_feed", "reminder_fate", "reminder_is_near", "reminder_mails_write", "reminders_escalate",
        "reminders_write", "turn_only", "turn_again"}
RULE = {"effective_from": "2027-01-01", "reminder_days": [-7], "recipients": "leads", "language": "person",
        "escalates": False, "escalation_days": 3}


class Town:
    """A district whose quarters end with December and March, with partnerships that an agreement each carries."""

    def __init__(self, database, migrate, expiries):
        self.database, self.migrate = database, migrate
        self.district = database.district()
        self.id = self.district.id
        self.said = {"district_id": self.id, **SAID}
        quarters(database, self.id)
        self.site = self.add("site", name="A school", kind="school")
        self.partnerships = [Running(database, self.id, self.district.user, lead_site_id=self.site) for _ in expiries]
        self.agreements = [self.signed(*pair) for pair in zip(self.partnerships, expiries)]
        self.now = dt.datetime(2026, 12, 1, 16, tzinfo=dt.timezone.utc)

    def add(self, table, **values):
        row = {**self.said, "id": uuid7(), **values}
        insert(self.migrate, table, row)
        return row["id"]

    def signed(self, partnership, expires_on="2027-06-30"):
        one = self.add("agreement", kind="mou", title="MOU", status="in_force", effective_on="2026-07-01", expires_on=expires_on)
        self.add("agreement_partnership", agreement_id=one, partnership_id=partnership.id)
        self.add("agreement_item", agreement_id=one, name="All of it", position=1, status="finalized")
        return one

    def put(self, table, one, **values):
        places = ", ".join(f"{name} = %({name})s" for name in values)
        with self.migrate.transaction():
            self.migrate.execute("SELECT kith_context(%s, '', 'admin', %s, '')", (self.id, self.now.isoformat()))
            self.migrate.execute(f"UPDATE {table} SET {places} WHERE district_id = %(the_district)s AND id = %(the_id)s",
                                 {**values, "the_district": self.id, "the_id": one})

    def turn(self, worker, *steps):
        """How much each did."""
        with worker.transaction():
            return [worker.execute(f"SELECT {step}(%s, %s)", (self.id, self.now)).fetchone()[0]
                    for step in ("turn_begin", *(steps or STEPS))][1:]

    def looks_at(self, worker, kind="partnership"):
        """What the next turn looks at; None: all."""
        with worker.transaction(force_rollback=True):
            worker.execute("SELECT turn_begin(%s, %s)", (self.id, self.now))
            found, = worker.execute("SELECT turn_only(%s, %s)", (self.id, kind)).fetchone()
            return found if found is None else set(map(str, found))

    def at_rest(self, worker):
        for _ in range(4):
            self.turn(worker)
        assert self.looks_at(worker) == set()

    def decided(self, connection):
        """All that the steps write, without ids of their own."""
        return [sorted(connection.execute(query, (self.id,)).fetchall(), key=str) for query in (
            "SELECT partnership_id, school_year, number, due_on, opens_on, status, sequence, is_cancelled_by_plan "
            "FROM check_in WHERE district_id = %s",
            "SELECT c.partnership_id, r.due_on, offset_days, side, recipient_key, sends_on, decision, r.reason "
            "FROM reminder r JOIN check_in c ON c.id = r.check_in_id WHERE r.district_id = %s",
            "SELECT partnership_id, kind, occurrence, recipient_key, status, reason, not_before FROM message "
            "WHERE district_id = %s",
            "SELECT id, status, agreement_lapsed_on, gate_due FROM partnership WHERE district_id = %s",
            "SELECT id, status, expires_on FROM agreement WHERE district_id = %s",
            "SELECT placement_id, status, from_date, until_date, amount_cents FROM investment WHERE district_id = %s",
            "SELECT id, status FROM milestone WHERE district_id = %s")]


@pytest.fixture
def worker(database):
    with database.connect("kith_checkin") as one:
        yield one


@pytest.fixture
def town(database, migrate):
    return Town(database, migrate, ["2027-06-30"] * 3)


def test_after_its_first_turn_a_district_at_rest_is_not_looked_at(town, worker):
    assert town.looks_at(worker) is None, "there was no turn"
    assert town.turn(worker)[2] == 6, "two check-ins each are planned"
    town.at_rest(worker)
    town.now += dt.timedelta(minutes=15)
    assert town.looks_at(worker) == set() and town.turn(worker) == [0] * len(STEPS)


def test_all_are_looked_at_at_midnight_and_at_the_mail_hour_of_each_zone_and_when_a_clock_goes_back(town, worker):
    town.put("site", town.site, zone="America/New_York")
    town.at_rest(worker)
    hours = []
    for quarter in range(1, 97):
        town.now += dt.timedelta(minutes=15)
        if town.looks_at(worker) is None:
            hours.append((16 + quarter / 4) % 24)
            town.turn(worker)
    # Of UTC its midnight; an hour earlier than in Chicago it is midnight and nine in New York.
    assert hours == [0, 5, 6, 14, 15]
    town.now -= dt.timedelta(hours=2)
    assert town.looks_at(worker) is None


def test_a_step_by_itself_looks_at_all(town, worker):
    town.at_rest(worker)
    with worker.transaction():
        assert worker.execute("SELECT turn_only(%s, 'partnership')", (town.id,)).fetchone() == (None,)


def reads():
    """The tables of which a step asks, with all functions that it calls to know what is due."""
    bodies = {}
    for path in sorted(glob.glob(f"{ROOT}/sql/functions/*.sql")):
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"--.*", "", file.read())
        for name, body in re.findall(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)\s*(\(.*?)(?=\nCREATE |\nREVOKE |\nDO |\nGRANT |\Z)",
                                     text, re.S):
            bodies[name] = bodies.get(name, "") + body
    seen, todo = set(STEPS), list(STEPS)
    while todo:
        for name in set(re.findall(r"\b(\w+)\(", bodies[todo.pop()])) & set(bodies) - seen - DOES:
            seen.add(name)
            todo.append(name)
    return set().union(*(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", bodies[name]) for name in seen))


def test_a_change_of_whatever_the_steps_read_leaves_a_mark(migrate):
    tables = {name for name, in migrate.execute("SELECT name FROM tenant_tables()").fetchall()}
    marked = {name for name, in migrate.execute("SELECT name FROM turn_sources()").fetchall()}
    assert reads() & tables - APART == marked


def sources(town):
    """A change of a row of each table, of the first partnership alone, and whether all are looked at for it."""
    one, agreement = town.partnerships[0], town.agreements[0]
    role, check_in = (town.migrate.execute(f"SELECT id FROM {table} WHERE partnership_id = %s ORDER BY id LIMIT 1",
                                           (one.id,)).fetchone()[0] for table in ("partnership_role", "check_in"))
    other = town.add("partner", name="Q", kind="civic")
    goal = town.add("goal", partnership_id=town.partnerships[1].id, statement="Count", due_on="2027-06-30")
    need = town.add("need", title="Books", focus_area_id=town.add("focus_area", name="Reading"), site_id=town.site,
                    resource_kinds=["other"], quantity=1, unit="box", needed_by="2027-05-01")
    town.add("pledge", need_id=need, partner_id=one.partner, quantity=1, partnership_id=one.id)
    return {
        "partnership": lambda: town.put("partnership", one.id, purpose="To read"),
        "partner": lambda: town.put("partner", one.partner, tier="partner"),
        "contact": lambda: town.put("contact", one.contact, status="left"),
        "partnership_role": lambda: town.put("partnership_role", role, until_date="2027-01-01"),
        "partnership_partner": lambda: town.add("partnership_partner", partnership_id=one.id, partner_id=other, role="funder"),
        "affiliation": lambda: town.add("affiliation", partner_id=one.partner, contact_id=one.contact, role="x"),
        "credential": lambda: town.add("credential", partner_id=one.partner, kind="w9"),
        "agreement": lambda: town.put("agreement", agreement, title="Another title"),
        "agreement_item": lambda: town.add("agreement_item", agreement_id=agreement, name="More", position=2),
        "agreement_partnership": lambda: town.add("agreement_partnership", partnership_id=one.id,
                                                  agreement_id=town.add("agreement", kind="mou", title="Another")),
        "goal": lambda: town.put("goal", one.goal, statement="Write"),
        "goal_partnership": lambda: town.add("goal_partnership", goal_id=goal, partnership_id=one.id),
        "placement": lambda: town.add("placement", partnership_id=one.id, site_id=town.site, title="A coach", fte=1,
                                      funder="partner", annual_cost_cents=5200000, from_date="2026-12-01"),
        "milestone": lambda: town.add("milestone", partnership_id=one.id, name="A library", due_on="2027-02-01"),
        "need": lambda: town.put("need", need, title="Many books"),
        "check_in": lambda: town.put("check_in", check_in, due_on="2026-12-18"),
        "check_in_half": lambda: town.add("check_in_half", check_in_id=check_in, side="partner"),
        "reminder_rule": lambda: town.add("reminder_rule", partnership_id=one.id, **RULE),
    }, {
        "district": lambda: town.put("district", town.id, mail_hour=10),
        "site": lambda: town.put("site", town.site, name="Another name"),
        "reporting_quarter": lambda: town.migrate.execute(
            "UPDATE reporting_quarter SET ends_on = ends_on - 1 WHERE district_id = %s AND number = 4", (town.id,)),
        "closed_day": lambda: town.add("closed_day", starts_on="2026-12-30", reason="Snow"),
        "blackout": lambda: town.add("blackout", starts_on="2026-12-24", ends_on="2026-12-26", reason="x"),
        "required_credential": lambda: town.add("required_credential", kind="w9"),
        "reminder_rule": lambda: town.add("reminder_rule", **RULE),
    }


def test_a_mark_is_of_the_partnership_that_it_concerns(town, worker):
    town.turn(worker)
    for name, change in sources(town)[0].items():
        town.at_rest(worker)
        change()
        assert town.looks_at(worker) == {str(town.partnerships[0].id)}, name


def test_what_concerns_a_district_has_all_looked_at(town, worker):
    town.turn(worker)
    for name, change in sources(town)[1].items():
        town.at_rest(worker)
        change()
        assert town.looks_at(worker) is None, name


def test_many_rows_of_a_statement_leave_a_mark_for_each_subject_and_very_many_one_for_all(town, worker):
    town.at_rest(worker)
    town.migrate.execute("UPDATE partnership SET purpose = 'x' WHERE id = ANY (%s)", ([p.id for p in town.partnerships[:2]],))
    assert town.looks_at(worker) == {str(p.id) for p in town.partnerships[:2]}
    town.at_rest(worker)
    town.migrate.execute("CREATE OR REPLACE FUNCTION turn_most() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1")
    town.migrate.execute("UPDATE partnership SET purpose = 'y' WHERE id = ANY (%s)", ([p.id for p in town.partnerships[:2]],))
    assert town.looks_at(worker) is None


def test_a_turn_that_fails_leaves_its_marks(town, worker):
    town.at_rest(worker)
    town.put("partnership", town.partnerships[0].id, purpose="x")
    with worker.transaction(force_rollback=True):
        worker.execute("SELECT turn_begin(%s, %s)", (town.id, town.now))
    assert town.looks_at(worker) == {str(town.partnerships[0].id)}


def test_what_commits_while_a_turn_is_at_work_is_for_the_next_one(town, worker):
    town.at_rest(worker)
    with worker.transaction():
        worker.execute("SELECT turn_begin(%s, %s)", (town.id, town.now))
        town.put("partnership", town.partnerships[0].id, purpose="x")
    assert town.looks_at(worker) == {str(town.partnerships[0].id)}


def test_what_somebody_else_is_at_is_looked_at_again(town, worker, database):
    town.turn(worker)
    town.now = dt.datetime(2026, 12, 10, 16, tzinfo=dt.timezone.utc)
    with database.connect("kith_migrate") as other, other.transaction(force_rollback=True):
        other.execute("SELECT FROM check_in WHERE partnership_id = %s FOR UPDATE", (town.partnerships[0].id,))
        town.turn(worker)
    opened = "SELECT count(*) FROM check_in WHERE district_id = %s AND status = 'open'"
    assert town.migrate.execute(opened, (town.id,)).fetchone() == (2,)
    town.turn(worker)
    assert town.migrate.execute(opened, (town.id,)).fetchone() == (3,)


def changes(town, rng):
    """Something that somebody does, at random."""
    at = rng.randrange(len(town.partnerships))
    one, agreement = town.partnerships[at], town.agreements[at]
    day = (town.now + dt.timedelta(days=rng.choice((-3, -1, 0, 1, 5, 30)))).date()
    check_ins = [row[0] for row in town.migrate.execute(
        "SELECT id FROM check_in WHERE partnership_id = %s AND status IN ('scheduled', 'open')", (one.id,)).fetchall()]
    roles = [row[0] for row in town.migrate.execute(
        "SELECT id FROM partnership_role WHERE partnership_id = %s", (one.id,)).fetchall()]
    mails = [row[0] for row in town.migrate.execute(
        "SELECT id FROM message WHERE partnership_id = %s AND status IN ('queued', 'retry')", (one.id,)).fetchall()]
    made = [
        lambda: town.put("partner", one.partner, tier=rng.choice(("anchor", "partner", "supporter"))),
        lambda: town.put("partnership", one.id, cadence=rng.choice((None, "quarterly", "none")), status="active"),
        lambda: town.put("partnership", one.id, ends_on=rng.choice((None, day))),
        lambda: town.put("partnership", one.id, gate_due=rng.choice((None, day))),
        lambda: town.put("partnership", one.id, archived_at=rng.choice((None, town.now))),
        lambda: town.put("contact", one.contact, status=rng.choice(("active", "left"))),
        lambda: town.put("partnership_role", rng.choice(roles), until_date=rng.choice((None, day))),
        lambda: town.put("agreement", agreement, status=rng.choice(("in_force", "terminated"))),
        lambda: town.put("agreement", agreement, archived_at=rng.choice((None, town.now))),
        lambda: town.add("closed_day", starts_on=day, reason="Snow"),
        lambda: town.add("blackout", starts_on=day, ends_on=day + dt.timedelta(days=2), reason="x"),
        lambda: town.add("milestone", partnership_id=one.id, name="m", due_on=day),
        lambda: town.add("placement", partnership_id=one.id, site_id=town.site, title="A coach", fte=1, funder="partner",
                         annual_cost_cents=5200000, from_date=day),
        lambda: town.add("credential", partner_id=one.partner, kind="w9", status="verified", verified_by=town.district.user,
                         verified_at=town.now, expires_on=day),
        lambda: town.put("district", town.id, mail_hour=rng.choice((8, 9, 11))),
        lambda: town.put("site", town.site, zone=rng.choice((None, "Pacific/Honolulu"))),
    ]
    if check_ins:
        check_in = rng.choice(check_ins)
        made += [lambda: town.put("check_in", check_in, due_on=max(day, dt.date(2026, 12, 2))),
                 lambda: town.put("check_in", check_in, archived_at=town.now),
                 lambda: town.migrate.execute(
                     "INSERT INTO check_in_half (district_id, id, check_in_id, side, status, submitted_at, created_at, "
                     "updated_at) VALUES (%s, %s, %s, %s, 'submitted', %s, %s, %s) ON CONFLICT DO NOTHING",
                     (town.id, uuid7(), check_in, rng.choice(("district", "partner")), town.now, town.now, town.now))]
    if mails:
        made += [lambda: town.put("message", rng.choice(mails), status="sent", sent_at=town.now, to_address="a@example.org"),
                 lambda: town.put("message", rng.choice(mails), status="retry")] * 3
    return rng.choice(made)


@pytest.mark.parametrize("seed", range(4))
def test_it_decides_what_looking_at_all_would_have_decided(database, migrate, worker, seed):
    rng = random.Random(seed)
    town = Town(database, migrate, ["2026-12-05", "2026-12-20", "2027-01-03", "2027-06-30"])
    looks = {None: 0}
    for _ in range(60):
        for _ in range(rng.choice((0, 1, 1, 2))):
            changes(town, rng)()
        town.now += dt.timedelta(minutes=rng.choice((0, 15, 15, 60, 600, 1440)))
        with database.connect("postgres") as other, other.transaction(force_rollback=True):
            other.execute("SET LOCAL ROLE kith_checkin")
            for step in STEPS:
                other.execute(f"SELECT {step}(%s, %s)", (town.id, town.now))
            other.execute("SET LOCAL ROLE postgres")
            wanted = town.decided(other)
        found = town.looks_at(worker)
        looks[found if found is None else "some"] = looks.get(found if found is None else "some", 0) + 1
        town.turn(worker)
        assert town.decided(migrate) == wanted, (seed, town.now, found)
    assert looks[None] > 5 and looks["some"] > 5, looks
