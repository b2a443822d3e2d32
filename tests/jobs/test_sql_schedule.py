"""Whose turn it is: sql/functions/55_schedule.sql."""

import threading

import pytest
from world import wait_until

NOON = "2026-11-21T12:00:00Z"
LATER = "2026-11-21T12:15:00Z"


@pytest.fixture(autouse=True)
def nothing_else(database):
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE schedule SET next_at = 'infinity'")


def claim(connection, now=NOON, task="check_ins"):
    return connection.execute("SELECT schedule_claim(%s, %s)", (task, now)).fetchone()[0]


def done(connection, district, now=NOON):
    connection.execute("SELECT schedule_done('check_ins', %s, schedule_next(%s))", (district.id, now))


def test_a_new_district_is_due_for_each_task(database):
    district = database.district()
    with database.connect("kith_migrate") as connection:
        rows = connection.execute("SELECT task, next_at = '-infinity' FROM schedule "
                                  "WHERE district_id = %s ORDER BY task", (district.id,)).fetchall()
    assert rows == [("check_ins", True), ("kpis", True), ("surveys", True)]


def test_what_is_done_is_due_again_at_the_next_quarter_of_an_hour(database):
    district = database.district()
    with database.connect("kith_checkin") as connection:
        assert str(claim(connection)) == district.id
        done(connection, district)
        assert claim(connection) is None
        assert claim(connection, "2026-11-21T12:14:59Z") is None
        assert str(claim(connection, LATER)) == district.id


def test_a_turn_that_leaves_some_of_its_work_is_followed_by_another_at_once(database):
    district = database.district()
    with database.connect("kith_checkin") as connection:
        for more, again in (("true", district.id), ("", "None")):
            with connection.transaction():
                assert str(claim(connection)) == district.id
                connection.execute("SELECT set_config('kith.more', %s, true)", (more,))
                done(connection, district)
            with connection.transaction():
                assert str(claim(connection)) == again, more


def test_two_do_not_get_the_same_district_and_the_work_of_one_that_dies_is_due(database):
    database.district()
    with database.connect("kith_checkin") as one, database.connect("kith_checkin") as other:
        with one.transaction(force_rollback=True):
            assert claim(one) is not None
            assert claim(other) is None
        assert claim(other) is not None


def test_a_ring_makes_due_what_was_not(database):
    district, quiet = database.district(), database.district()
    with database.connect("kith_checkin") as connection:
        for one in (district, quiet):
            done(connection, one)
        connection.execute("SELECT schedule_ring('check_ins', %s::uuid[], %s)", ([district.id], NOON))
        assert str(claim(connection)) == district.id
        done(connection, district)
        assert claim(connection) is None


def test_a_ring_while_the_district_has_its_turn_counts_afterwards(database):
    """What happened may be newer than what the turn has looked at."""
    district = database.district()
    with database.connect("kith_checkin") as turn, database.connect("kith_checkin") as ringing, \
            database.connect("postgres") as watching:
        with turn.transaction():
            assert str(claim(turn)) == district.id
            ring = threading.Thread(target=ringing.execute, args=(
                "SELECT schedule_ring('check_ins', %s::uuid[], %s)", ([district.id], NOON)))
            ring.start()
            wait_until(lambda: watching.execute(
                "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s",
                (ringing.info.backend_pid,)).fetchone()[0], "it waits for the turn")
            done(turn, district)
        ring.join()
        assert str(claim(turn)) == district.id


def test_a_district_that_is_archived_is_not_looked_at_and_no_ring_wakes_it(database):
    district = database.district()
    with database.connect("kith_migrate") as connection:
        for archived_at, is_due in ((NOON, False), (None, True)):
            connection.execute("UPDATE district SET archived_at = %s, updated_at = %s WHERE id = %s",
                               (archived_at, NOON, district.id))
            connection.execute("SELECT schedule_ring('check_ins', %s::uuid[], %s)",
                               ([district.id], NOON))
            assert (claim(connection) is not None) == is_due


@pytest.mark.parametrize("role", ["kith_api", "kith_mailer"])
def test_others_do_not_see_it(database, role):
    with database.connect(role) as connection:
        with pytest.raises(Exception, match="permission denied"):
            connection.execute("SELECT schedule_claim('check_ins', %s)", (NOON,))
