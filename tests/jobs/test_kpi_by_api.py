"""Figures follow what is written through the API, and equal a computation, whoever is killed; releases."""
import os
import random
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from releasing import let_out, released
from world import BUILD, NOW, environment_with, roll_up
from workers import Tenant, Worker, redis, running_api, wait_until  # noqa: F401

MONTHS = ["2026-09-01", "2026-10-01", "2026-11-01"]
CODES = {"sessions": None, "seats_filled": None, "families_reached": 60, "attendance_rate": 60}


@pytest.fixture(scope="module")
def api(database, redis):  # pylint: disable=redefined-outer-name
    with running_api(database, KITH_REDIS_URL=redis.uri) as one:
        yield one


class Figures:
    """A district of three sites in two networks, with two partnerships; and what is shown of it."""

    def __init__(self, api, database):
        self.api, self.database = api, database
        self.tenant = Tenant(api, database)
        self.director, self.steward = self.tenant.director, self.tenant.data_steward
        with database.connect("kith_migrate") as connection:
            connection.execute("SELECT seed_indicators(%s)", (self.tenant.id,))
        self.director.created("indicators", {
            "code": "families_reached", "name": "Families reached", "family": "family", "unit": "percent",
            "aggregation": "ratio_of_sums", "periods": ["quarter", "school_year"], "suppression": "none"})
        self.director.created("indicators", {
            "code": "seats_filled", "name": "Seats filled", "family": "engagement", "unit": "count",
            "aggregation": "latest", "periods": ["month", "quarter", "school_year"], "suppression": "none"})
        listed = self.director.get("/v1/indicators", {"limit": 200}).json["data"]
        self.indicators = {one["code"]: one["id"] for one in listed}
        for number, (start, end) in enumerate([("2026-07-01", "2026-09-30"), ("2026-10-01", "2026-12-31")]):
            self.director.created("reporting_quarters", {
                "school_year": 2027, "number": number + 1, "starts_on": start, "ends_on": end})
        self.networks = [self.director.created("networks", {"name": name}).id for name in "NS"]
        self.sites = [self.director.site(name=f"S{n}", network_id=self.networks[n % 2]).id
                      for n in range(3)]
        self.partnerships = []
        for n in range(2):
            partner = self.director.partner(name=f"P{n}").id
            one = self.director.created("partnerships", {
                "partner_id": partner, "name": "X", "arrangement": "program"}).id
            self.director.created("partnership_sites", {"partnership_id": one, "site_id": self.sites[n]})
            self.partnerships.append(one)

    def observe(self, code="sessions", site=0, numerator=5, month=MONTHS[1], **fields):
        told = self.steward.post("/v1/observations", {
            "indicator_id": self.indicators[code], "site_id": self.sites[site], "school_year": 2027,
            "period_kind": "month", "period_start": month, "numerator": str(numerator), **fields})
        assert told.status in (200, 201), told  # 200: it says what is there
        return told.id

    def value(self, code, scope, month=MONTHS[1], cohort="all"):
        """What a viewer is shown, or None."""
        found = self.tenant.viewer.get("/v1/rollups", {
            "indicator_code": code, "scope_id": scope, "cohort": cohort, "period_kind": "month",
            "period_start[gte]": month, "period_start[lte]": month}).json["data"]
        return float(found[0]["value"]) if found and found[0]["value"] is not None else None

    def wait_value(self, value, code, scope, **which):
        wait_until(lambda: self.value(code, scope, **which) == value, f"{code} is {value}")

    def waiting(self):
        with self.database.connect("kith_migrate") as connection:
            return connection.execute("SELECT (SELECT count(*) FROM rollup_mark) + "
                                      "(SELECT count(*) FROM tally_crossing)").fetchone()[0]


@pytest.fixture(scope="module")
def figures(api, database):
    return Figures(api, database)


def kpi(api, database, redis=None, **settings):
    if redis:
        settings["KITH_REDIS_URL"] = redis.uri
    return Worker("kith-kpi", database, KITH_CLOCK=f"@{api.clock}", **settings)


def verify(database, now=NOW, env="test", command="verify"):
    """kith verify: its exit status, and what it found."""
    done = subprocess.run([os.path.join(BUILD, "bin/kith"), command], check=False, text=True,
                          capture_output=True, env=environment_with(
                              KITH_MIGRATE_URL=database.uri("kith_migrate"), KITH_ENV=env, KITH_CLOCK=now))
    return done.returncode, done.stdout, done.stderr


def test_an_observation_is_shown_soon_at_every_level(figures, api, database, redis):
    with kpi(api, database, redis) as worker:
        figures.observe(numerator=1)
        figures.wait_value(1, "sessions", figures.sites[0])
        began = time.monotonic()
        figures.observe(numerator=7)
        figures.wait_value(7, "sessions", figures.sites[0])
        assert time.monotonic() - began < 3
        figures.wait_value(7, "sessions", figures.networks[0])
        figures.wait_value(7, "sessions", figures.tenant.id)
        figures.wait_value(7, "sessions", figures.partnerships[0], cohort="schools_where_it_works")
        wait_until(lambda: worker.metric("kith_rollup_marks_waiting") == 0, "it is measured")
        assert worker.metric("kith_rollup_marks_total") >= 2
        assert worker.metric("kith_redis_connections_up") == 1


def test_a_withdrawn_one_is_gone(figures, api, database, redis):
    with kpi(api, database, redis):
        one = figures.observe("seats_filled", 2, 4)
        figures.wait_value(4, "seats_filled", figures.sites[2])
        etag = figures.steward.get(f"/v1/observations/{one}").etag
        assert figures.steward.archive(f"/v1/observations/{one}", etag).status == 204
        figures.wait_value(None, "seats_filled", figures.sites[2])


def test_without_redis_it_looks_by_itself(figures, api, database):
    with kpi(api, database) as worker:
        figures.observe(month=MONTHS[0], numerator=3)
        figures.wait_value(3, "sessions", figures.sites[0], month=MONTHS[0])
        wait_until(lambda: worker.log_text().count("Redis gives no events") == 1, "it says so")


def write_at_random(figures, chance, count):
    for _ in range(count):
        code = chance.choice(list(CODES))
        fields = {}
        if CODES[code]:
            fields["denominator"] = str(CODES[code])
        if code == "families_reached":
            fields |= {"period_kind": "quarter", "month": "2026-10-01"}
        else:
            fields["month"] = chance.choice(MONTHS)
        if chance.random() < 0.3:
            fields |= {"cohort": "served", "partnership_id": chance.choice(figures.partnerships)}
        one = figures.observe(code, chance.randrange(3), chance.randrange(50), **fields)
        if chance.random() < 0.2:
            etag = figures.steward.get(f"/v1/observations/{one}").etag
            figures.steward.archive(f"/v1/observations/{one}", etag)
        if chance.random() < 0.1:
            site = figures.director.get(f"/v1/sites/{figures.sites[2]}")
            figures.director.patch(f"/v1/sites/{figures.sites[2]}",
                                   {"network_id": chance.choice([None, *figures.networks])}, site.etag)


@pytest.mark.parametrize("seed", range(2))
def test_figures_equal_a_computation_after_anything_whoever_is_killed(
        figures, api, database, redis, seed):
    """Four processes of two programs work while others write; some are killed at any point."""
    chance = random.Random(seed)
    with kpi(api, database, redis, KITH_WORKERS=2), kpi(api, database, redis, KITH_WORKERS=2) as other:
        for _ in range(4):
            write_at_random(figures, chance, 15)
            for pid in other.children():
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: figures.waiting() == 0, "all is worked off", 30)
    assert verify(database) == (0, "", verify(database)[2])


def test_verify_tells_what_differs_and_what_waits(figures, database):
    figures.observe(numerator=41)
    status, out, err = verify(database)
    assert status == 1 and " tally sessions 2027 site " in out and "changes wait for kith-kpi" in err
    with database.connect("kith_kpi") as connection:
        while roll_up(connection):
            pass
    assert verify(database)[0] == 0
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE rollup SET value = value + 1 WHERE indicator_code = 'sessions' "
                           "AND scope_kind = 'network' AND scope_id = %s", (figures.networks[0],))
    status, out, err = verify(database)
    assert status == 1 and " rollup sessions 2027 network " in out, out
    assert "changes wait" not in err and "site" not in out


@pytest.mark.shows("kpis.rebuild")
def test_rebuild_makes_all_anew_and_says_what_differed(figures, api, database):
    """Whatever was done to what is stored, and while workers work; a second time nothing differs."""
    figures.observe("attendance_rate", numerator=20, denominator="60")
    figures.observe("seats_filled", 1, 9)
    with database.connect("kith_kpi") as connection:
        while roll_up(connection):
            pass
    assert verify(database, command="rebuild")[0] == verify(database)[0] == 0
    with database.connect("kith_migrate") as connection:
        ruin = ("UPDATE tally SET numerator = numerator + 1 WHERE scope_kind = 'site' AND indicator_id = %s",
                "DELETE FROM tally WHERE scope_kind = 'network' AND indicator_id = %s",
                "UPDATE rollup SET value = 1, scope_id = gen_random_uuid() WHERE scope_kind = 'site' AND indicator_id = %s")
        for statement, code in zip(ruin, ("attendance_rate", "seats_filled", "sessions")):
            assert connection.execute(statement, (figures.indicators[code],)).rowcount > 0, code
        connection.execute("DELETE FROM release_due")
    assert verify(database)[0] == 1
    with kpi(api, database, KITH_WORKERS=2):
        status, out, err = verify(database, command="rebuild")
        assert (status, {tuple(line.split()[1:]) for line in out.splitlines()}) == (0, {
            ("attendance_rate", "2027"), ("seats_filled", "2027"), ("sessions", "2027")}), (out, err)
        assert "3 were not as they are now" in err
    assert verify(database)[0] == 0
    with database.connect("kith_migrate") as connection:
        assert connection.execute("SELECT school_year FROM release_due").fetchall() == [(2027,)], "of students, too"
    assert verify(database, command="rebuild")[1] == ""


def test_verify_goes_by_the_clock_of_the_programs(figures, database):
    """Of months that are to come nothing is counted: what is right today lacks a month when that one has begun."""
    with database.connect("kith_migrate") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (figures.tenant.id, NOW))
        connection.execute("UPDATE partnership SET status = 'active', starts_on = '2026-10-01',"
                           " activated_at = '2026-10-01T12:00:00Z' WHERE id = %s", (figures.partnerships[0],))
    with database.connect("kith_kpi") as connection:
        while roll_up(connection):
            pass
    assert "partners_active" not in verify(database)[1]
    status, out, _ = verify(database, "2027-01-05T12:00:00Z")
    assert status == 1 and " tally partners_active 2027 district " in out and " month 2027-01-01" in out
    status, _, err = verify(database, env="production")
    assert status == 78 and "KITH_CLOCK is for tests only" in err


# ---- The nightly release -------------------------------------------------------------------------


def releases(figures):
    return figures.tenant.viewer.get("/v1/releases", {"limit": 200}).json["data"]


@pytest.fixture
def fresh(api, database):
    """A district, in Chicago, whose students' figures nobody has seen; today is 21 November, 9:00."""
    api.set_clock("2026-11-21T15:00:00.000Z")
    return Figures(api, database)


def at(api, text):
    api.set_clock(text)


def test_students_figures_are_shown_the_next_morning(fresh, api, database, redis):
    with kpi(api, database, redis):
        for site in range(3):
            fresh.observe("attendance_rate", site, 50, denominator="60")
        wait_until(lambda: fresh.waiting() == 0, "they are summed")
        assert fresh.value("attendance_rate", fresh.sites[0]) is None and releases(fresh) == []
        at(api, "2026-11-22T07:59:00.000Z")  # 1:59
        fresh.observe("sessions", 1, 9)
        fresh.wait_value(9, "sessions", fresh.sites[1])
        assert releases(fresh) == []
        at(api, "2026-11-22T08:15:00.000Z")  # 2:15
        wait_until(lambda: [one for one in releases(fresh) if one["status"] == "published"], "it is released")
        assert round(fresh.value("attendance_rate", fresh.sites[0]), 4) == round(50 / 60, 4)
        # Nothing has changed in another night.
        at(api, "2026-11-23T12:00:00.000Z")
        fresh.observe("sessions", 1, 10)
        fresh.wait_value(10, "sessions", fresh.sites[1])
        assert len(releases(fresh)) == 1


def due(database, figures):
    with database.connect("kith_migrate") as connection:
        return [row[0] for row in connection.execute(
            "SELECT school_year FROM release_due WHERE district_id = %s", (figures.tenant.id,)).fetchall()]


def nightly(database, figures, now):
    with database.connect("kith_kpi") as connection:
        while roll_up(connection, now):
            pass
        made = connection.execute("SELECT releases_make(%s, %s)", (figures.tenant.id, now)).fetchone()[0]
        assert connection.execute("SELECT releases_make(%s, %s)", (figures.tenant.id, now)).fetchone() == (0,), "once"
    if made:
        let_out(database, *(one["id"] for one in releases(figures) if one["status"] == "asked"),
                now=datetime.fromisoformat(now.replace("Z", "+00:00")).isoformat())
    return made


@pytest.mark.parametrize("observed, never, then", [
    ("2026-11-21T15:00Z", "2026-11-22T07:59:59Z", "2026-11-22T08:00:01Z"),
    ("2026-11-22T07:59Z", "2026-11-22T07:59:59Z", "2026-11-22T08:00:01Z"),  # a minute before
    ("2026-11-22T08:01Z", "2026-11-23T07:59:59Z", "2026-11-23T08:00:01Z"),
    # Two o'clock does not come in the night to 14 March, and once in that to 1 November.
    ("2027-03-13T20:00Z", "2027-03-14T07:59:59Z", "2027-03-14T08:00:01Z"),
    ("2026-10-31T20:00Z", "2026-11-01T07:59:59Z", "2026-11-01T08:00:01Z")])
def test_the_night_ends_at_two_local(fresh, database, observed, never, then):
    fresh.observe("attendance_rate", 0, 50, denominator="60")
    nightly(database, fresh, observed)
    assert due(database, fresh) == [2027]
    assert nightly(database, fresh, never) == 0
    assert nightly(database, fresh, then) == 1
    assert due(database, fresh) == []
    assert nightly(database, fresh, "2027-06-01T00:00Z") == 0


def test_a_release_by_hand_is_one(fresh, database):
    fresh.observe("attendance_rate", 0, 50, denominator="60")
    nightly(database, fresh, "2026-11-21T15:00Z")
    released(fresh.director, 2027)
    assert due(database, fresh) == []
    fresh.observe("attendance_rate", 0, 51, denominator="60")
    nightly(database, fresh, "2026-11-21T15:30Z")
    assert due(database, fresh) == [2027]


def test_a_worker_that_was_away_at_night_releases_when_it_is_back(fresh, database):
    fresh.observe("attendance_rate", 0, 50, denominator="60")
    nightly(database, fresh, "2026-11-21T15:00Z")
    late = (datetime(2026, 11, 25, 20, tzinfo=timezone.utc) + timedelta(minutes=7)).isoformat()
    assert nightly(database, fresh, late) == 1


def test_thresholds_that_change_want_a_release(fresh, database):
    fresh.observe("attendance_rate", 0, 50, denominator="60")
    nightly(database, fresh, "2026-11-21T15:00Z")
    assert nightly(database, fresh, "2026-11-22T15:00Z") == 1
    district = fresh.tenant.admin.get(fresh.tenant.path)
    fresh.tenant.admin.patch(fresh.tenant.path, {"small_cell": 70}, district.etag)
    assert nightly(database, fresh, "2026-11-22T16:00Z") == 0
    assert due(database, fresh) == [2027]
    assert nightly(database, fresh, "2026-11-23T15:00Z") == 1
