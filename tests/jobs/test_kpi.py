"""kith-kpi: what was written is computed soon, by whoever is left alive, and student indicators are let
out at night."""
import os
import random
import signal
from decimal import Decimal

import pytest

from clocked import Clock, Clocked
from kpis import MONTHS, Counted
from releasing import made
from survey_books import Book
from workers import Redis, Worker, running_api, wait_until  # and so tests/api is found

from api_world import Caller
from world import NOW

# In Chicago, where it is six hours earlier.
EVENING, BEFORE_TWO, AT_TWO = "2026-11-22T04:00:00Z", "2026-11-22T07:59:59Z", "2026-11-22T08:00:00Z"


@pytest.fixture
def counted(database, migrate):
    migrate.execute("UPDATE schedule SET next_at = 'infinity'") # nobody else's
    migrate.execute("DELETE FROM rollup_mark")
    return Counted(database, ["A", "A", "B", None])


def body(counted, value, site=0, code="sessions"):
    return {"indicator_id": counted.indicators[code], "site_id": counted.sites[site],
            "school_year": 2027, "period_kind": "month", "period_start": str(MONTHS[3]),
            "numerator": str(value)}


def district_value(migrate, counted, code="sessions"):
    row = migrate.execute(
        "SELECT value FROM rollup WHERE district_id = %s AND indicator_code = %s "
        "AND scope_kind = 'district' AND period_kind = 'month'", (counted.id, code)).fetchone()
    return row and row[0]


@pytest.mark.parametrize("has_redis", [True, False])
def test_what_is_written_is_computed_with_and_without_redis(database, migrate, counted, has_redis):
    with Redis.private() as redis:
        uri = {"KITH_REDIS_URL": redis.uri} if has_redis else {}
        with running_api(database, **uri) as api, Worker("kith-kpi", database, **uri) as worker:
            steward = Caller(api, counted.district.token)
            for value in (10, 25, 7):
                steward.created("observations", body(counted, value))
                wait_until(lambda v=value: district_value(migrate, counted) == v, "it is computed", 5)
            assert worker.metric("kith_rollup_marks_total") >= 3
    assert not counted.differences(migrate)


def test_killed_while_people_write_it_ends_with_the_right_figures(database, migrate, counted):
    dice = random.Random(7)
    with Worker("kith-kpi", database, KITH_WORKERS=2) as worker:
        for _ in range(12):
            counted.observe_many([("sessions", dice.choice(counted.sites), dice.randrange(100), None,
                                   {"start": dice.choice(MONTHS)}) for _ in range(5)
                                  if not counted.current.clear()])
            children = sorted(worker.children())
            if children:
                os.kill(dice.choice(children), signal.SIGKILL)
        wait_until(lambda: not any(
            migrate.execute(f"SELECT FROM {table} WHERE district_id = %s", (counted.id,)).fetchall()
            for table in ("rollup_mark", "tally_crossing")), "all is computed")
        assert not counted.differences(migrate)


@pytest.mark.parametrize("mode", ["attributed", "confidential"])
def test_answers_are_counted_though_it_is_killed_while_people_answer(database, migrate, mode):
    dice = random.Random(11)
    with Book(database, migrate, dice, mode) as book, Worker("kith-kpi", database, KITH_WORKERS=2) as worker:
        for _ in range(10):
            for _ in range(6):
                book.submit(side="partner", partnership=book.partnerships[0])
            book.correct(dice.choice(list(book.answers)))
            book.take_back(dice.choice(list(book.answers)))
            children = sorted(worker.children())
            if children:
                os.kill(dice.choice(children), signal.SIGKILL)
        wait_until(lambda: not migrate.execute("SELECT FROM survey_mark WHERE survey_id = %s", (book.id,)).fetchall(),
                   "all is counted")
        before = book.tallies()
        assert before, "answers are told"
        book.recount()
        assert book.tallies() == before


def test_the_last_change_need_not_wait_for_all_before_it(database, migrate):
    migrate.execute("WITH gone AS (DELETE FROM rollup_mark) DELETE FROM tally_crossing") # nobody else's
    counted = Counted(database, [None] * 3, [("Y", [0]), ("Z", [1]), ("Bank", [2])])
    counted.work(migrate) # what belongs where
    for site in counted.sites:
        counted.observe_many([("sessions", site, 7, None, {"start": month}) for month in MONTHS[3:4 if site == counted.sites[0] else 5]])

    def shown(cohort):
        return [one for kind, one, of, period, _ in counted.shown(migrate, "sessions")
                if of == cohort and period == "month" and kind in ("site", "partnership")]

    migrate.execute("SELECT rollup_work(1, %s, true)", (NOW,))
    assert set(shown("all")) == {counted.sites[2]}
    migrate.execute("SELECT rollup_work(1, %s)", (NOW,))
    assert set(shown("all")) == {counted.sites[0], counted.sites[2]}
    migrate.execute("SELECT rollup_cross(3, %s, true)", (NOW,)) # of its one month, its quarter and its year
    assert set(shown("schools_where_it_works")) == set(list(counted.works_at)[:1]), "of which the fewest wait"
    counted.work(migrate)
    assert set(shown("all")) == set(counted.sites) and set(shown("schools_where_it_works")) == set(counted.works_at)
    assert counted.differences(migrate) == []


def releases(migrate, counted):
    return migrate.execute("SELECT note FROM release WHERE district_id = %s ORDER BY id",
                           (counted.id,)).fetchall()


def test_student_indicators_are_released_once_a_night_when_there_is_something_new(
        database, migrate, counted):
    def night(*instants):
        migrate.execute("UPDATE schedule SET next_at = '-infinity' WHERE task = 'kpis' "
                        "AND district_id = %s", (counted.id,))
        worker.live(migrate, instants)
        return len(releases(migrate, counted))

    def summed():
        wait_until(lambda: not migrate.execute("SELECT FROM rollup_mark WHERE district_id = %s",
                                               (counted.id,)).fetchall(), "all is summed")

    counted.observe_many([("attendance_rate", site, 900, 1000, {}) for site in counted.sites])
    clock = Clock(EVENING)
    with Clocked("kith-kpi", database, clock, KITH_WORKERS=2) as worker:
        assert night(EVENING) == 0
        summed()
        assert night(BEFORE_TWO) == 0
        assert night(AT_TWO, "2026-11-22T08:15:00Z", "2026-11-22T20:00:00Z") == 1
        assert releases(migrate, counted) == [("Nightly",)]
        assert night("2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z") == 1, "nothing is new"
        migrate.execute("UPDATE observation SET numerator = 800, updated_at = '2026-11-23T20:00:00Z' "
                        "WHERE district_id = %s", (counted.id,))
        assert night("2026-11-24T07:00:00Z") == 1
        summed()
        assert night("2026-11-24T08:00:00Z", "2026-11-24T12:00:00Z") == 2
        made(migrate, *(one for one, in migrate.execute("SELECT id FROM release WHERE district_id = %s", (counted.id,)).fetchall()))
    assert district_value(migrate, counted, "attendance_rate") == Decimal("0.8")


def test_a_release_is_of_all_that_is_there_though_nobody_has_computed_it(database, migrate):
    counted = Counted(database, ["A", "A"], [("P", [0])])
    counted.observe_many([("attendance_rate", site, 900, 1000, {}) for site in counted.sites])
    counted.release()
    first = counted.shown(migrate, "attendance_rate")
    assert ("partnership", "schools_where_it_works") in {(key[0], key[2]) for key in first}
    with database.connect("kith_kpi") as connection:
        counted.work(connection)
    counted.release()
    shown = counted.shown(migrate, "attendance_rate")
    assert {key: row["value"] for key, row in shown.items()} == {
        key: row["value"] for key, row in first.items()}
