"""Events once more: kith replay and kith dead-letters."""
import os
import subprocess

import pytest

from world import BUILD, environment_with, insert, unit, uuid7

KITH = os.path.join(BUILD, "bin/kith")


def kith(database, *words):
    done = subprocess.run([KITH, *words], check=False, text=True, capture_output=True,
                          env=environment_with(KITH_MIGRATE_URL=database.uri("kith_migrate")))
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def events(database, migrate, ours):
    """Four events of the last hours, published and handled by two consumers."""
    migrate.execute("DELETE FROM outbox; DELETE FROM processed; DELETE FROM dead_letter")
    with database.connect() as connection, unit(connection, ours):
        for _ in range(4):
            insert(connection, "network", {"district_id": ours.id, "id": uuid7(), "name": "N"})
    ids = [str(row[0]) for row in migrate.execute("SELECT id FROM outbox ORDER BY id").fetchall()]
    for hours, one in enumerate(ids):
        migrate.execute("UPDATE outbox SET published_at = clock_timestamp(), id = (substr(uuid7_floor("
                        "clock_timestamp() - %s * interval '1 hour' - interval '30 minutes')::text, 1, 14) "
                        "|| substr(id::text, 15))::uuid WHERE id = %s", (hours, one))
    ids = [str(row[0]) for row in migrate.execute("SELECT id FROM outbox ORDER BY id DESC").fetchall()]
    with database.connect("kith_checkin") as connection:
        for consumer in ("a", "b"):
            connection.execute("SELECT event_take(%s, %s::uuid[])", (consumer, ids))
            connection.execute("SELECT event_sweep(%s, '{network}', 10, true)", (consumer,))
    migrate.execute("UPDATE event_consumer SET low_mark = uuid7_floor(clock_timestamp())")
    return ids


def unpublished(connection):
    return {str(row[0]) for row in connection.execute(
        "SELECT id FROM outbox WHERE published_at IS NULL").fetchall()}


def handled(connection, consumer):
    return {str(row[0]) for row in connection.execute(
        "SELECT event_id FROM processed WHERE consumer = %s", (consumer,)).fetchall()}


def low_mark(connection, consumer):
    return str(connection.execute("SELECT low_mark FROM event_consumer WHERE name = %s",
                                  (consumer,)).fetchone()[0])


def hours_ago(connection, hours):
    return connection.execute("SELECT rfc3339(clock_timestamp() - %s * interval '1 hour')",
                              (hours,)).fetchone()[0]


def test_a_replay_publishes_again_and_nobody_handles_it_again(database, migrate, events):
    status, out, _ = kith(database, "replay", "--since", hours_ago(migrate, 2))
    assert (status, out) == (0, "events to be published again: 2\n")
    assert unpublished(migrate) == set(events[:2])
    assert handled(migrate, "a") == handled(migrate, "b") == set(events)


def test_a_consumer_that_is_named_handles_them_again_even_without_redis(database, migrate, events):
    status, _, _ = kith(database, "replay", "--since", hours_ago(migrate, 3), "--again", "a")
    assert status == 0 and unpublished(migrate) == set(events[:3])
    assert handled(migrate, "a") == {events[3]} and handled(migrate, "b") == set(events)
    assert low_mark(migrate, "a") <= events[2] < low_mark(migrate, "b")
    with database.connect("kith_checkin") as connection:
        found = connection.execute("SELECT id FROM event_sweep('a', '{network}', 10, true)").fetchall()
    assert {str(row[0]) for row in found} == set(events[:3])


def test_more_than_a_batch(database, migrate, ours, events):
    migrate.execute("INSERT INTO outbox (district_id, id, aggregatetype, type, payload, published_at) "
                    "SELECT %s, uuid7(), 'x', 'x', '{}', clock_timestamp() FROM generate_series(1, 10100)",
                    (ours.id,))
    status, out, _ = kith(database, "replay", "--since", hours_ago(migrate, 5))
    assert (status, out) == (0, "events to be published again: 10104\n")
    assert len(unpublished(migrate)) == 10104


@pytest.mark.parametrize("words", [
    ("replay",), ("replay", "--since"), ("replay", "--since", "yesterday"), ("replay", "--again", "a"),
    ("replay", "--since", "2026-11-21T15:00:00Z", "--again"), ("verify", "now"), ("rebuild", "all"),
    ("dead-letters", "redrive"), ("dead-letters", "redrive", "x"), ("dead-letters", "drop")])
def test_what_is_called_wrongly_says_how_it_is_called(database, words):
    status, out, err = kith(database, *words)
    assert status == 78 and out == "" and err.startswith("usage: kith ")


@pytest.fixture
def dead(database, migrate, events):
    """The first two events are dead letters of a."""
    with database.connect("kith_checkin") as connection:
        migrate.execute("DELETE FROM processed WHERE consumer = 'a' AND event_id = ANY (%s::uuid[])",
                        (events[:2],))
        connection.execute("SELECT event_try('a', %s::uuid[], 1)", (events[:2],))
        connection.execute("SELECT event_fail('a', %s, E'22012: a line\nand another', 1)", (events[0],))
        connection.execute("SELECT event_try('a', %s::uuid[], 1)", (events[1:2],))
    return events[:2]


def test_dead_letters_are_listed_with_the_reason(database, migrate, ours, dead):
    status, out, _ = kith(database, "dead-letters")
    lines = out.splitlines()
    assert status == 0 and len(lines) == 2
    assert f"{ours.slug} a {dead[0]} org.kith.network.created.v1 " in lines[0]
    assert lines[0].endswith("22012: a line and another")
    assert lines[1].endswith("it ended its process")
    assert migrate.execute("SELECT count(*) FROM dead_letter").fetchone() == (2,)


def test_one_is_tried_again_as_if_it_were_new(database, migrate, dead):
    status, out, _ = kith(database, "dead-letters", "redrive", dead[0])
    assert (status, out) == (0, "dead letters to be tried again: 1\n")
    assert unpublished(migrate) == {dead[0]} and low_mark(migrate, "a") <= dead[0]
    with database.connect("kith_checkin") as connection:
        rows = connection.execute("SELECT * FROM event_sweep('a', '{network}', 10, true)").fetchall()
        assert [(str(row[0]), row[1]) for row in rows] == [(dead[0], 0)]
        assert len(connection.execute("SELECT event_take('a', %s::uuid[])", (dead,)).fetchall()) == 1
    assert kith(database, "dead-letters", "redrive", dead[0])[0] == 1, "there is none any more"


def test_all_are_tried_again(database, migrate, dead):
    assert kith(database, "dead-letters", "redrive", "--all")[1].endswith(": 2\n")
    assert unpublished(migrate) == set(dead)
    assert kith(database, "dead-letters")[:2] == (0, "")
    assert kith(database, "dead-letters", "redrive", "--all")[:2] == (
        0, "dead letters to be tried again: 0\n")
