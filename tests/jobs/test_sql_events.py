"""The outbox on its way out, and who has handled what: nothing is passed over, nothing twice."""
import threading

import pytest
from psycopg import errors

from world import insert, unit, uuid7

ZERO = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def publisher(database):
    with database.connect("kith_publisher") as connection:
        yield connection


@pytest.fixture
def worker(database):
    with database.connect("kith_checkin") as connection:
        yield connection


@pytest.fixture
def events(database, migrate):
    """Makes events of a district of their own and gives their ids; the others are published."""
    migrate.execute("UPDATE outbox SET published_at = clock_timestamp() WHERE published_at IS NULL")
    district = database.district()
    migrate.execute("UPDATE outbox SET published_at = clock_timestamp() WHERE published_at IS NULL")

    def make(count, seconds_ago=0, aggregate="network"):
        with database.connect() as connection, unit(connection, district):
            for _ in range(count):
                insert(connection, "network", {"district_id": district.id, "id": uuid7(), "name": "N"})
        return [str(row[0]) for row in migrate.execute(
            "UPDATE outbox SET id = (substr(uuid7_floor(clock_timestamp() - %s * interval '1 second')"
            "::text, 1, 14) || substr(id::text, 15))::uuid, aggregatetype = %s "
            "WHERE district_id = %s AND aggregatetype = 'network' RETURNING id",
            (seconds_ago, aggregate, district.id)).fetchall()]
    make.district = district.id
    return make


def claim(connection, limit=100, lease="1 minute"):
    return [str(row[0]) for row in connection.execute(
        "SELECT id FROM outbox_claim(%s, %s)", (limit, lease)).fetchall()]


def end(connection, ids, published=True):
    connection.execute("SELECT outbox_end(%s::uuid[], %s)", (ids, published))


# ---- Publishing ----------------------------------------------------------------------------------


def test_what_commits_last_is_published_though_its_id_is_the_first(database, ours, migrate, publisher):
    """A mark up to which all is published would pass over the older one."""
    end(publisher, claim(publisher))
    with database.connect() as older, database.connect() as newer:
        with unit(older, ours):
            insert(older, "network", {"district_id": ours.id, "id": uuid7(), "name": "Older"})
            with unit(newer, ours):
                insert(newer, "network", {"district_id": ours.id, "id": uuid7(), "name": "Newer"})
            first = claim(publisher)
            assert len(first) == 1
            end(publisher, first)
            assert claim(publisher) == []
        second = claim(publisher)
    assert len(second) == 1 and second[0] < first[0]


def test_a_lease_is_one_publishers_until_it_ends(publisher, events):
    made = events(3)
    assert claim(publisher, lease="1 hour") == sorted(made)
    assert claim(publisher) == []
    end(publisher, made[:1])
    end(publisher, made[1:], published=False)
    assert claim(publisher, lease="0") == sorted(made[1:])
    assert claim(publisher, lease="0") == sorted(made[1:]), "the lease has ended"


def test_what_is_published_stays_so(publisher, events, migrate):
    made = events(1)
    end(publisher, claim(publisher))
    before = migrate.execute("SELECT published_at FROM outbox WHERE id = %s", made).fetchone()
    end(publisher, made, published=False)
    assert migrate.execute("SELECT published_at FROM outbox WHERE id = %s", made).fetchone() == before
    assert before[0] is not None


def test_eight_who_lease_at_once_get_each_event_once(database, events):
    made = events(400)
    got, lock = [], threading.Lock()

    def work():
        with database.connect("kith_publisher") as connection:
            while batch := claim(connection, 7):
                end(connection, batch)
                with lock:
                    got.extend(batch)

    workers = [threading.Thread(target=work) for _ in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(got) == sorted(made)


def test_what_waits_is_measured(publisher, events):
    assert publisher.execute("SELECT * FROM outbox_state()").fetchone() == (0, 0)
    events(3, seconds_ago=0)
    pending, oldest = publisher.execute("SELECT * FROM outbox_state()").fetchone()
    assert pending == 3 and 0 <= oldest < 60


def test_the_claim_reads_the_index_of_what_waits_whatever_is_believed_of_the_table(migrate):
    with migrate.transaction(force_rollback=True):
        migrate.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = [row[0] for row in migrate.execute(
            "EXPLAIN SELECT o.id FROM outbox o WHERE o.published_at IS NULL "
            "AND (o.claimed_until IS NULL OR o.claimed_until <= clock_timestamp()) "
            "ORDER BY o.created_at, o.id LIMIT 5")]
    scans = [line for line in plan if "Scan" in line]
    assert len(scans) > 12 and all("Index Scan using outbox_" in line and "created_at" in line
                                   for line in scans), plan


def test_the_publisher_may_do_nothing_else(publisher, migrate):
    assert migrate.execute(
        "SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type::text) "
        "FROM information_schema.table_privileges WHERE grantee = 'kith_publisher' GROUP BY 1 "
        "ORDER BY 1").fetchall() == [
            ("dead_letter", ["SELECT"]), ("idempotency", ["DELETE", "SELECT"]),
            ("outbox", ["DELETE", "SELECT"]), ("processed", ["DELETE", "SELECT"])]
    with pytest.raises(errors.InsufficientPrivilege):
        publisher.execute("UPDATE outbox SET payload = '{}'")


# ---- Handling ------------------------------------------------------------------------------------


def take(connection, ids, consumer="a"):
    return [str(row[0]) for row in connection.execute(
        "SELECT id FROM event_take(%s, %s::uuid[])", (consumer, ids)).fetchall()]


def attempt(connection, ids, most=3, consumer="a"):
    return {str(row[0]): row[1] for row in connection.execute(
        "SELECT id, attempts FROM event_try(%s, %s::uuid[], %s)", (consumer, ids, most)).fetchall()}


def sweep(connection, aggregate, consumer="a", limit=100, force=True):
    return [(str(row[0]), row[1]) for row in connection.execute(
        "SELECT * FROM event_sweep(%s, %s, %s, %s)",
        (consumer, [aggregate], limit, force)).fetchall()]


def test_an_event_is_taken_once_by_each_consumer_and_again_when_the_effect_was_not(worker, events):
    made = events(3)
    with worker.transaction(force_rollback=True):
        assert take(worker, made) == sorted(made)
    assert take(worker, made + [uuid7()]) == sorted(made)
    assert take(worker, made) == []
    assert take(worker, made, "b") == sorted(made)


def test_what_is_taken_is_what_stands_in_the_outbox(worker, events):
    (made,) = events(1)
    row = worker.execute("SELECT * FROM event_take('a', ARRAY[%s::uuid])", (made,)).fetchone()
    assert str(row[0]) == events.district and str(row[1]) == made
    assert row[2:4] == ("org.kith.network.created.v1", "network") and row[5] == 1
    assert f'"{row[4]}"' in row[6] and '"changed"' in row[6]


def test_two_who_take_the_same_wait_and_one_has_it(database, worker, events):
    made = events(20)
    got = []

    def work():
        with database.connect("kith_checkin") as connection, connection.transaction():
            got.append(take(connection, made[::-1]))

    with worker.transaction():
        assert len(take(worker, made)) == 20
        other = threading.Thread(target=work)
        other.start()
        other.join(0.2)
        assert other.is_alive(), "it waits for the first one's end"
    other.join()
    assert got == [[]]


def test_attempts_are_counted_and_the_last_one_is_the_last(worker, events, migrate):
    (made,) = events(1)
    for number in (1, 2, 3):
        assert attempt(worker, [made]) == {made: number}
    # The third ended the process: nobody could say why.
    assert attempt(worker, [made]) == {}
    dead = migrate.execute("SELECT attempts, error, dead_at IS NOT NULL FROM dead_letter "
                           "WHERE event_id = %s", (made,)).fetchone()
    assert dead == (3, None, True)
    assert take(worker, [made]) == [], "it waits for somebody to try it again"
    assert take(worker, [made], "b") == [made], "others are not concerned"


def test_a_failure_says_why_and_the_last_one_is_the_end(worker, events, migrate):
    (made,) = events(1)

    def fail(why):
        return worker.execute("SELECT event_fail('a', %s, %s, 2)", (made, why)).fetchone()[0]

    attempt(worker, [made], 2)
    assert not fail("first")
    attempt(worker, [made], 2)
    assert fail("second")
    assert migrate.execute("SELECT error FROM dead_letter WHERE event_id = %s",
                           (made,)).fetchone() == ("second",)


def test_what_goes_well_leaves_no_letter(worker, events, migrate):
    (made,) = events(1)
    attempt(worker, [made])
    assert take(worker, [made]) == [made]
    assert migrate.execute("SELECT FROM dead_letter WHERE event_id = %s", (made,)).fetchall() == []
    assert attempt(worker, [made]) == {}, "it is handled"


def test_who_tries_what_another_is_about_to_finish_leaves_no_letter(database, worker, events, migrate):
    """The attempt is noted before the other's end can be seen, and after the other has looked for letters. Whoever comes
    next, or the sweep where nobody does, takes it away."""
    def letters(one):
        return migrate.execute("SELECT count(*) FROM dead_letter WHERE event_id = %s", (one,)).fetchone()[0]

    cleaners = (lambda one: take(worker, [one]) == [], lambda _: not sweep(worker, "x9"))
    for one, cleaned_by in zip(events(2, aggregate="x9"), cleaners, strict=True):
        with database.connect("kith_kpi") as other, other.transaction():
            assert len(take(other, [one])) == 1
            assert attempt(worker, [one]) == {one: 1}
        assert letters(one) == 1
        assert cleaned_by(one)
        assert letters(one) == 0


def test_the_sweep_finds_what_is_old_enough_and_nobody_handled(worker, events):
    fresh, old = events(1, aggregate="x1"), events(3, seconds_ago=30, aggregate="x1")
    events(1, seconds_ago=30, aggregate="x2")
    assert take(worker, old[:1], "s1") == old[:1]
    attempt(worker, old[1:2], consumer="s1")
    found = sweep(worker, "x1", "s1")
    assert sorted(found) == sorted([(old[1], 1), (old[2], 0)]) and fresh[0] not in dict(found)
    assert sweep(worker, "x1", "s1", force=False) == [], "within ten seconds"


def low_mark(connection, consumer):
    return str(connection.execute("SELECT low_mark FROM event_consumer WHERE name = %s",
                                  (consumer,)).fetchone()[0])


def test_the_low_mark_stays_below_what_is_not_handled(worker, events, migrate):
    old = events(3, seconds_ago=300, aggregate="y1")
    take(worker, old[:1] + old[2:], "s2")
    for _ in range(3):
        assert sweep(worker, "y1", "s2")[-1:] == [(old[1], 0)]
    assert ZERO < low_mark(migrate, "s2") <= old[1]
    take(worker, old[1:2], "s2")
    assert sweep(worker, "y1", "s2") == []
    assert old[1] < low_mark(migrate, "s2")
    seconds = migrate.execute("SELECT extract(epoch FROM clock_timestamp()) - ('x' || substr(replace("
                              "low_mark::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0 "
                              "FROM event_consumer WHERE name = 's2'").fetchone()[0]
    assert 59 < seconds < 75, "it is not in the last minute"


def test_the_low_mark_waits_for_a_transaction_however_long_it_takes(database, ours, worker, migrate):
    with database.connect() as slow:
        with unit(slow, ours):
            insert(slow, "site", {"district_id": ours.id, "id": uuid7(), "name": "S", "kind": "school"})
            for _ in range(4):
                sweep(worker, "site", "s3")
                # As if minutes had passed.
                migrate.execute("UPDATE event_consumer SET next_mark = uuid7_floor(clock_timestamp()) "
                                "WHERE name = 's3'")
            assert low_mark(migrate, "s3") == ZERO
    sweep(worker, "site", "s3")
    sweep(worker, "site", "s3")
    assert low_mark(migrate, "s3") > ZERO


def test_one_process_sweeps_at_a_time(database, worker, events):
    old = events(1, seconds_ago=30, aggregate="z1")
    sweep(worker, "z1", "s4")  # its row is there
    with database.connect("kith_checkin") as other, worker.transaction():
        assert sweep(worker, "z1", "s4") == [(old[0], 0)]
        assert sweep(other, "z1", "s4") == []


def test_a_dead_letter_is_not_swept_and_holds_no_mark(worker, events, migrate):
    old = events(1, seconds_ago=300, aggregate="w1")
    attempt(worker, old, 1, "s5")
    assert attempt(worker, old, 1, "s5") == {}
    for _ in range(3):
        assert sweep(worker, "w1", "s5") == []
    assert low_mark(migrate, "s5") > old[0]


# ---- What is old ---------------------------------------------------------------------------------


def test_what_is_old_goes_in_its_order(publisher, worker, events, migrate):
    """Published for 30 days; who handled it outlives it; a dead letter keeps its event."""
    kept, gone, dead, unpublished = (events(1, seconds_ago=days * 86400, aggregate=f"h{days}")[0]
                                     for days in (29, 31, 32, 33))
    take(worker, [kept, gone, dead], "h")
    attempt(worker, [dead], 1, "g")
    migrate.execute("UPDATE outbox SET published_at = CASE WHEN id <> %s THEN clock_timestamp() - "
                    "interval '31 days' END WHERE id = ANY (%s::uuid[])",
                    (unpublished, [kept, gone, dead, unpublished]))
    migrate.execute("UPDATE outbox SET published_at = clock_timestamp() - interval '29 days' "
                    "WHERE id = %s", (kept,))

    def rows(table, column):
        return {str(row[0]) for row in migrate.execute(
            f"SELECT {column} FROM {table} WHERE district_id = %s", (events.district,)).fetchall()}

    assert publisher.execute("SELECT outbox_housekeep(now(), 100)").fetchone() == (False,)
    assert rows("outbox", "id") >= {kept, dead, unpublished} and gone not in rows("outbox", "id")
    assert rows("processed", "event_id") == {kept, gone, dead}
    migrate.execute("UPDATE processed SET handled_at = clock_timestamp() - interval '46 days'")
    publisher.execute("SELECT outbox_housekeep(now(), 100)")
    assert rows("processed", "event_id") == {kept, dead}


def test_replies_are_kept_for_a_day_of_business_time(publisher, migrate, ours):
    for key, hours in (("a", 23), ("b", 25), ("c", 26)):
        migrate.execute(
            "INSERT INTO idempotency (district_id, principal, key, fingerprint, status, created_at) "
            "VALUES (%s, 'p', %s, 'f', 201, timestamptz '2027-01-02' - %s * interval '1 hour')",
            (ours.id, key, hours))
    assert publisher.execute("SELECT outbox_housekeep('2027-01-02', 1)").fetchone() == (True,)
    assert publisher.execute("SELECT outbox_housekeep('2027-01-02', 2)").fetchone() == (False,)
    assert migrate.execute("SELECT key FROM idempotency").fetchall() == [("a",)]
