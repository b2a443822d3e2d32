"""kith-checkin: a school year by the clock, beside the model; killed, late, and many at once."""
import datetime as dt
import os
import random
import signal
import sys

import pytest

from check_in_model import DAY, UTC, Calendar, Reminders, date, planned
from clocked import Clock, Clocked
from world import insert, uuid7, wait_until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import Running  # noqa: E402  pylint: disable=wrong-import-position

BEGINS = "2026-08-10T12:00:00Z"
SAID = {"created_at": BEGINS, "updated_at": BEGINS}
# The third day after the first quarter's end, and after the third's, are the first mail days by
# another clock: 2026-11-01 and 2027-03-14 are Sundays.
QUARTERS = (("2026-08-10", "2026-10-30"), ("2026-10-31", "2026-12-18"), ("2027-01-04", "2027-03-12"),
            ("2027-03-13", "2027-06-11"))
CLOSED = (("2026-11-25", "2026-11-27"), ("2026-12-21", "2027-01-01"), ("2027-03-22", "2027-03-26"))
BLACKOUTS = (("2026-10-27", "2026-10-28"), ("2027-05-26", "2027-06-04"),
             ("2027-06-11", "2027-06-11"))
HOUR = 9


class Place:
    """A partnership at a site, or of the whole district."""

    def __init__(self, database, migrate, district, zone, site_zone=None, closed=()):
        site = None
        if site_zone:
            site = uuid7()
            insert(migrate, "site", {**SAID, "district_id": district.id, "id": site, "name": "S",
                                     "kind": "school", "zone": site_zone})
            for first, last in closed:
                insert(migrate, "closed_day", {**SAID, "district_id": district.id, "id": uuid7(),
                                               "site_id": site, "starts_on": first, "ends_on": last,
                                               "reason": "x"})
        ranges = [[(date(a), date(b)) for a, b in some] for some in (CLOSED + tuple(closed), BLACKOUTS)]
        self.calendar = Calendar(site_zone or zone, *ranges, QUARTERS)
        self.id = Running(database, district.id, district.user, activated_at=BEGINS, lead_site_id=site).id
        self.zone = site_zone or zone


class Year:
    """Two districts, three zones, and what the rules make of a school year there."""

    def __init__(self, database, migrate):
        self.migrate = migrate
        migrate.execute("UPDATE schedule SET next_at = 'infinity'") # nobody else's
        self.districts = []
        self.places = []
        for zone, site_zones in (("America/New_York", (None, "America/Chicago")),
                                 ("America/Phoenix", (None,))):
            district = database.district(zone=zone)
            self.districts.append(district)
            for number, (first, last) in enumerate(QUARTERS, 1):
                insert(migrate, "reporting_quarter", {
                    **SAID, "district_id": district.id, "id": uuid7(), "school_year": 2027,
                    "number": number, "starts_on": first, "ends_on": last})
            for table, ranges in (("closed_day", CLOSED), ("blackout", BLACKOUTS)):
                for first, last in ranges:
                    insert(migrate, table, {**SAID, "district_id": district.id, "id": uuid7(),
                                            "starts_on": first, "ends_on": last, "reason": "x"})
            for site_zone in site_zones:
                self.places.append(Place(database, migrate, district, zone, site_zone,
                                         (("2027-03-15", "2027-03-15"),) if site_zone else ()))

    def models(self, ticks):
        """{(place, number): Reminders} after those ticks. A check-in is planned by the first tick of
        the quarter before its own."""
        models = {}
        for now in ticks:
            for place in self.places:
                for number, due in planned(place.calendar, QUARTERS, "quarterly", date(BEGINS[:10]),
                                           now).items():
                    models.setdefault((place.id, number), Reminders(
                        place.calendar, due, due - 21 * DAY, now, HOUR))
                for (place_id, _), model in models.items():
                    if place_id == place.id:
                        model.tick(now)
        return models

    def instants(self):
        """Of everything that may happen in the year; in its first quarter, and a quarter of an hour
        before, too."""
        found = {dt.datetime.fromisoformat(BEGINS.replace("Z", "+00:00"))}
        for place in self.places:
            for number, (first, last) in enumerate(QUARTERS):
                found.add(place.calendar.instant(date(first), 0))
                due = place.calendar.last_school_day(date(first), date(last))
                for at in Reminders(place.calendar, due, due - 21 * DAY, None, HOUR).instants():
                    found |= {at, at - dt.timedelta(minutes=0 if number else 15)}
        return sorted(found)

    def decisions(self):
        """As the models have them: {(place, number): {(rule, side): (reason, day)}}"""
        found = {}
        rows = self.migrate.execute(
            "SELECT c.partnership_id, c.number, r.offset_days, r.side, r.reason, r.sends_on "
            "FROM reminder r JOIN check_in c ON c.id = r.check_in_id WHERE c.partnership_id = ANY (%s)",
            ([place.id for place in self.places],)).fetchall()
        for partnership, number, rule, side, reason, day in rows:
            of_one = found.setdefault((str(partnership), number), {})
            assert (rule, side) not in of_one, "decided once"
            of_one[rule, side] = (reason, day)
        return found

    def mails(self):
        """Those that were to go, whatever came later: partnership, instant."""
        return sorted((str(partnership), at) for partnership, at in self.migrate.execute(
            "SELECT m.partnership_id, m.not_before FROM message m JOIN reminder r ON r.message_id = m.id "
            "WHERE r.decision = 'queued' AND m.partnership_id = ANY (%s)",
            ([place.id for place in self.places],)).fetchall())


def expected(models):
    return {key: model.decided for key, model in models.items() if model.decided}


def expected_mails(models):
    return sorted((key[0], model.calendar.instant(day, HOUR)) for key, model in models.items()
                  for why, day in model.decided.values() if why is None)


@pytest.fixture
def year(database, migrate):
    return Year(database, migrate)


def test_a_school_year(database, migrate, year):
    instants = year.instants()
    with Clocked("kith-checkin", database, Clock(BEGINS), KITH_WORKERS=2) as worker:
        worker.live(migrate, instants)
        assert worker.metric("kith_decisions_total", decision="check_in_planned") == 12
        assert worker.metric("kith_decisions_total", decision="check_in_reminder") == 3 * 4 * 5 * 2
        assert worker.metric("kith_scheduler_last_run_timestamp_seconds", task="check_ins") > 0
    models = year.models(instants)
    assert year.decisions() == expected(models)
    assert year.mails() == expected_mails(models)
    sent = {model.calendar.today(at): at.astimezone(model.calendar.zone) for model in models.values()
            for why, day in model.decided.values() if why is None
            for at in [model.calendar.instant(day, HOUR)]}
    assert migrate.execute(
        "SELECT count(*) FROM reminder r JOIN message m ON m.id = r.message_id "
        "WHERE r.decision = 'queued' AND r.decided_at <> m.not_before").fetchone() == (0,), "at once"
    # The days after the clocks change are among them, and no blackout is.
    assert {date("2026-11-02"), date("2027-03-15")} <= set(sent)
    assert not any(date(a) <= day <= date(b) for day in sent for a, b in BLACKOUTS + CLOSED)
    assert {at.hour for at in sent.values()} == {HOUR}
    reasons = [why for model in models.values() for why, _ in model.decided.values()]
    assert {"blackout", None} <= set(reasons)
    assert migrate.execute(
        "SELECT count(*) FROM check_in WHERE partnership_id = ANY (%s) AND status = 'missed'",
        ([place.id for place in year.places],)).fetchone() == (9,), "all but the last ended"


def test_killed_at_any_moment_it_decides_the_same(database, migrate, year):
    instants = year.instants()[:24]
    chance = random.Random(2027)
    with Clocked("kith-checkin", database, Clock(BEGINS), KITH_WORKERS=2) as worker:
        for place, now in enumerate(instants):
            worker.clock.set(now)
            for _ in range(chance.randrange(30)): # a moment, as long as that takes
                worker.caught_up(migrate)
            if place % 8 == 7: # the machine
                worker.kill()
                worker.start()
                worker.wait_ready()
            else:
                os.kill(chance.choice(sorted(worker.children())), signal.SIGKILL)
            worker.wait(migrate)
    assert year.decisions() == expected(year.models(instants))
    assert year.mails() == expected_mails(year.models(instants))


def test_stopped_for_a_week_it_sends_what_is_useful_and_tells_of_the_rest(database, migrate, year):
    # The day of the first quarter's end is asleep, and three days after it; ten days after is not.
    ticks = [dt.datetime(2026, *month_and_day, 18, tzinfo=UTC) for month_and_day in (
        (8, 10), (10, 16), (10, 28), (11, 5))]
    with Clocked("kith-checkin", database, Clock(ticks[0])) as worker:
        worker.live(migrate, ticks[:-1])
        worker.stop()
        worker.clock.set(ticks[-1])
        assert not worker.caught_up(migrate)
        worker.start()
        worker.wait(migrate)
    models = year.models(ticks)
    assert year.decisions() == expected(models)
    late = {(rule, why) for model in models.values() for (rule, _), (why, _) in model.decided.items()}
    assert {(0, "stale"), (3, None)} <= late
    assert migrate.execute("SELECT count(*) > 0, bool_and(not_before <= %(now)s AND not_after > %(now)s) "
                           "FROM message WHERE status = 'queued' AND created_at = %(now)s",
                           {"now": ticks[-1]}).fetchone() == (True, True)


def test_sixteen_at_once_decide_as_one(database, migrate, year):
    places = [place for _ in range(5) for place in Year(database, migrate).places]
    migrate.execute("UPDATE schedule SET next_at = '-infinity' WHERE task = 'check_ins'")
    instants = year.instants()[:12]
    with Clocked("kith-checkin", database, Clock(BEGINS), KITH_WORKERS=16) as worker:
        worker.live(migrate, instants)
    year.places = places
    assert year.decisions() == expected(year.models(instants))
    assert year.mails() == expected_mails(year.models(instants))


def test_a_district_that_fails_holds_up_no_other(database, migrate, year):
    """It would be claimed first for ever, as the one that waits longest."""
    broken, sound = year.districts
    migrate.execute("UPDATE schedule SET next_at = '2026-08-01Z' WHERE district_id = %s", (broken.id,))
    with database.connect("postgres") as owner:
        owner.execute(f"ALTER TABLE check_in ADD CONSTRAINT check_in_broken_check "
                      f"CHECK (district_id <> '{broken.id}')")
    planned = "SELECT count(*) FROM check_in WHERE district_id = %s"
    try:
        with Clocked("kith-checkin", database, Clock(BEGINS)) as worker:
            worker.wait(migrate)
            assert migrate.execute(planned, (sound.id,)).fetchone() == (2,)
            assert migrate.execute(planned, (broken.id,)).fetchone() == (0,)
            wait_until(lambda: worker.metric("kith_worker_turns_total", result="failed") == 1,
                       "that turn is over")
            assert f'a district is put off task=check_ins district={broken.id}' in worker.log_text()
    finally:
        with database.connect("postgres") as owner:
            owner.execute("ALTER TABLE check_in DROP CONSTRAINT check_in_broken_check")
    with Clocked("kith-checkin", database, Clock("2026-08-10T12:15:00Z")) as worker:
        worker.wait(migrate)
    assert migrate.execute(planned, (broken.id,)).fetchone() == (4,), "mended, it goes on"


def test_its_role_sees_the_district_at_hand_and_no_other(database, migrate, year):
    with database.connect("kith_checkin") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (year.districts[0].id, BEGINS))
        assert connection.execute("SELECT count(*) FROM partnership").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM district").fetchone() == (1,)
