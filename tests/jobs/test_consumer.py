"""An event has its effect once, whatever becomes of Redis, of the worker, or of the event."""
import os
import signal
import time

import pytest

from workers import Tenant, Worker, redis, running_api, wait_until  # noqa: F401

TABLES = """
CREATE TABLE effect (event uuid, network uuid, action text, batch int);
CREATE TABLE spell (network uuid, kind text);
GRANT SELECT, INSERT ON effect, spell TO kith_checkin;
"""


@pytest.fixture(scope="module")
def api(database, redis):  # pylint: disable=redefined-outer-name
    with database.connect("postgres") as connection:
        connection.execute(TABLES)
    with running_api(database, KITH_REDIS_URL=redis.uri) as one:
        yield one


@pytest.fixture(scope="module")
def tenant(api, database):
    return Tenant(api, database)


class Watch:
    """Networks that a test makes, and what has become of their events."""

    def __init__(self, tenant, redis, migrate, postgres):
        self.tenant, self.redis, self.migrate, self.postgres = tenant, redis, migrate, postgres
        self.database = tenant.api.database

    def probe(self, redis=True, **settings):
        """consumer_probe, which does what spells say."""
        if redis:
            settings["KITH_REDIS_URL"] = self.redis.uri
        return Worker("tests/consumer_probe", self.database, "kith_checkin", **settings)

    def make(self, count=1, spell=None, published=True):
        """As many networks, with the spell on the first one."""
        ids = [self.tenant.director.created("networks", {"name": os.urandom(8).hex()}).id
               for _ in range(count)]
        self.spell(ids[0], spell)
        if published:
            wait_until(lambda: not self.migrate.execute(
                "SELECT FROM outbox WHERE published_at IS NULL").fetchall(), "all are published")
        return ids

    def spell(self, network, kind):
        self.postgres.execute("DELETE FROM spell WHERE network = %s", (network,))
        if kind:
            self.postgres.execute("INSERT INTO spell VALUES (%s, %s)", (network, kind))

    def effects(self, ids):
        return {str(row[0]): row[1] for row in self.postgres.execute(
            "SELECT network, count(*) FROM effect WHERE network = ANY (%s::uuid[]) GROUP BY 1",
            (ids,)).fetchall()}

    def wait_effects(self, ids, seconds=10):
        wait_until(lambda: len(self.effects(ids)) == len(ids), "each has had its effect", seconds)
        assert set(self.effects(ids).values()) == {1}

    def wait_acked(self):
        wait_until(lambda: self.redis.pending("probe") == 0, "all are acked")

    def letter(self, network):
        """(attempts, error, whether it is dead) of the network's event, or None."""
        return self.migrate.execute(
            "SELECT d.attempts, d.error, d.dead_at IS NOT NULL FROM dead_letter d "
            "JOIN outbox o ON o.id = d.event_id WHERE o.aggregateid = %s", (network,)).fetchone()

    def grow_old(self):
        """What is not handled is ten seconds older than it is, and a sweep is due."""
        (ms,) = self.migrate.execute("SELECT left(uuid7_floor(clock_timestamp() - interval "
                                     "'10 seconds')::text, 14)").fetchone()
        with self.migrate.transaction():
            self.migrate.execute("UPDATE dead_letter SET event_id = "
                                 "(%s || substr(event_id::text, 15))::uuid", (ms,))
            self.migrate.execute("UPDATE outbox SET id = (%s || substr(id::text, 15))::uuid WHERE NOT "
                                 "EXISTS (SELECT FROM processed p WHERE p.event_id = outbox.id)", (ms,))
            self.migrate.execute("UPDATE event_consumer SET swept_at = NULL")

    def wait_at_work(self):
        """Somebody is waiting under a spell."""
        wait_until(lambda: self.postgres.execute(
            "SELECT FROM pg_stat_activity WHERE query LIKE '%%pg_sleep%%' AND state = 'active' "
            "AND usename = 'kith_checkin'").fetchall(), "it is at it")


@pytest.fixture
def watch(tenant, redis, migrate, database):
    redis.ask("del", "kith:events")
    with database.connect("postgres") as postgres:
        yield Watch(tenant, redis, migrate, postgres)


def test_an_event_has_its_effect_once_and_soon(watch):
    with watch.probe() as worker:
        watch.wait_effects(watch.make(1))
        began = time.monotonic()
        watch.wait_effects(watch.make(20))
        assert time.monotonic() - began < 5
        watch.wait_acked()
        assert worker.metric("kith_events_handled_total", consumer="probe") >= 21


def test_a_group_begins_with_what_was_there_before_it(watch):
    ids = watch.make(3)
    watch.redis.ask("xgroup", "destroy", "kith:events", "probe")
    with watch.probe():
        watch.wait_effects(ids)


def test_what_it_does_not_ask_for_is_acked_and_left(watch):
    partner = watch.tenant.director.partner().id
    with watch.probe():
        watch.wait_effects(watch.make(1))
        watch.wait_acked()
    assert watch.migrate.execute("SELECT FROM processed p JOIN outbox o ON o.id = p.event_id "
                                 "WHERE o.aggregateid = %s", (partner,)).fetchall() == []


def test_an_event_that_comes_again_and_again_has_its_effect_once(watch):
    with watch.probe():
        ids = watch.make(3)
        watch.wait_effects(ids)
        for event in watch.redis.events()[-3:]:
            for _ in range(2):
                watch.redis.ask("xadd", "kith:events", "*", "event", event["event"], "id", event["id"],
                                "type", event["type"], "subject", event["subject"])
        watch.wait_effects(watch.make(1))
        watch.wait_acked()
    assert watch.effects(ids) == dict.fromkeys(ids, 1)


@pytest.mark.parametrize("kind, one", [
    ("org.kith.network.created.v1", "not an id"), ("org.kith.network.created.v1", ""),
    ("network", "01930000-0000-7000-8000-000000000001"), ("", ""),
    ("org.kith.network.created.v1", "01930000-0000-7000-8000-000000000001")])
def test_what_others_write_into_the_stream_does_nothing(watch, kind, one):
    watch.redis.ask("xadd", "kith:events", "*", "type", kind, "id", one)
    with watch.probe():
        watch.wait_effects(watch.make(1))
        watch.wait_acked()


def test_a_poison_event_goes_alone_and_after_five_attempts_it_is_a_dead_letter(watch):
    """Its neighbours have their effect at once; it is said why, and that it is dead."""
    ids = watch.make(5, spell="fail")
    with watch.probe() as worker:
        watch.wait_effects(ids[1:])
        attempts, error, dead = wait_until(lambda: watch.letter(ids[0]), "it is noted")
        assert attempts == 1 and error.startswith("22012: ") and not dead
        watch.wait_acked()
        assert worker.metric("kith_event_failures_total") == 1
    for number in range(2, 6):
        watch.grow_old()
        with watch.probe() as worker:
            wait_until(lambda: worker.metric("kith_event_failures_total") == 1, "it was tried again")
        assert watch.letter(ids[0])[::2] == (number, number == 5)
    watch.grow_old()
    with watch.probe() as worker:
        wait_until(lambda: worker.metric("kith_dead_letters") == 1, "it is counted")
        watch.wait_effects(watch.make(1))
        assert worker.metric("kith_event_failures_total") == 0, "it is not tried any more"
    assert watch.effects(ids[:1]) == {}


def test_an_event_that_ends_its_process_is_a_dead_letter_too(watch):
    """The process comes again, and finds that it had it; its neighbours are not held up."""
    ids = watch.make(4, spell="die")
    with watch.probe() as worker:
        watch.wait_effects(ids[1:], 20)
        wait_until(lambda: (watch.letter(ids[0]) or [0, None, False])[2], "it is dead", 20)
        watch.wait_acked()
        assert watch.letter(ids[0])[0] == 5
        assert watch.effects(ids[:1]) == {}
        assert worker.log_text().count("a child has ended") == 6  # of a batch, and of five attempts


def test_one_that_ends_its_process_is_dead_without_redis_too(watch):
    ids = watch.make(4, spell="die")
    watch.grow_old()
    with watch.probe(redis=False):
        wait_until(lambda: (watch.letter(ids[0]) or (0, None, False))[2], "it is dead", 20)
        watch.wait_effects(ids[1:])
        assert watch.letter(ids[0])[::2] == (5, True)


def test_a_worker_that_is_killed_between_commit_and_ack(watch):
    """Redis lets its commands wait when the ack comes, and the process is killed there."""
    ids = watch.make(1, spell="wait")
    worker = watch.probe().wait_ready()
    watch.wait_at_work()
    watch.redis.ask("client", "pause", "60000", "write")
    try:
        watch.wait_effects(ids)
        worker.kill()
    finally:
        watch.redis.ask("client", "unpause")
    assert watch.redis.pending("probe") >= 1
    watch.spell(ids[0], None)
    worker.start()
    with worker:
        watch.wait_acked()
        watch.wait_effects(watch.make(1))
    watch.wait_effects(ids)


def test_a_worker_that_is_killed_before_its_commit(watch):
    ids = watch.make(3, spell="wait")
    worker = watch.probe().wait_ready()
    watch.wait_at_work()
    worker.kill()
    assert watch.effects(ids) == {} and watch.redis.pending("probe") >= 3
    worker.start()
    with worker:
        watch.wait_effects(ids)
        watch.wait_acked()


def test_without_redis_the_sweep_brings_all(watch):
    ids = watch.make(300)  # more than one batch
    watch.grow_old()
    with watch.probe(redis=False) as worker:
        watch.wait_effects(ids, 20)
        assert worker.metric("kith_events_swept_total") >= 300
        assert worker.metric("kith_redis_connections_up") == 0
        assert worker.log_text().count("Redis gives no events") == 1


def test_redis_that_was_flushed_loses_nothing(watch):
    with watch.probe() as worker:
        watch.wait_effects(watch.make(1))
        (child,) = worker.children()
        os.kill(child, signal.SIGSTOP)
        try:
            ids = watch.make(5)
            watch.redis.ask("flushall")
            watch.grow_old()
        finally:
            os.kill(child, signal.SIGCONT)
        watch.wait_effects(ids)
        watch.wait_effects(watch.make(3))
        watch.wait_acked()


def test_redis_that_was_killed_and_comes_back(watch):
    with watch.probe() as worker:
        watch.wait_effects(watch.make(1))
        watch.redis.kill()
        wait_until(lambda: worker.metric("kith_redis_connections_up") == 0, "it is seen to be away")
        ids = watch.make(5, published=False)
        assert worker.admin("/readyz")[0] == 200
        watch.redis.start()
        watch.wait_effects(ids, 15)
        watch.wait_acked()
        log = worker.log_text()
        assert log.count("Redis gives no events") == 1 and "Redis gives events again" not in log


def test_redis_that_was_not_there_at_the_start(watch):
    watch.redis.stop()
    try:
        with watch.probe() as worker:
            ids = watch.make(2, published=False)
            watch.redis.start()
            watch.wait_effects(ids, 15)
            assert worker.log_text().count("Redis gives no events") == 1
    finally:
        watch.redis.start()


def test_entries_that_were_trimmed_are_acked_and_found_in_the_outbox(watch):
    ids = watch.make(3, spell="wait")
    worker = watch.probe().wait_ready()
    watch.wait_at_work()
    worker.kill()
    assert watch.redis.pending("probe") >= 3
    watch.redis.ask("xtrim", "kith:events", "MAXLEN", "0")
    watch.spell(ids[0], None)
    watch.grow_old()
    worker.start()
    with worker:
        watch.wait_effects(ids)
        watch.wait_acked()
        assert worker.metric("kith_stream_trimmed_total") >= 3


def test_the_stream_is_trimmed_behind_every_group(watch):
    """Roughly: Redis removes whole nodes, of 100 entries."""
    watch.redis.ask("eval", "for n = 1, 350 do redis.call('xadd', 'kith:events', '*', 'id', n) end", "0")
    watch.redis.ask("xgroup", "create", "kith:events", "slow", "0")

    def length():
        return int(watch.redis.ask("xlen", "kith:events"))

    for _ in range(2):  # the second one finds all acked by the first
        with watch.probe():
            watch.wait_effects(watch.make(1))
            watch.wait_acked()
    assert length() > 350, "the other group has read nothing yet"
    watch.redis.ask("xgroup", "destroy", "kith:events", "slow")
    with watch.probe():
        wait_until(lambda: length() < 150, "it is trimmed")


def test_several_workers_share_the_work(watch):
    ids = watch.make(300)
    with watch.probe(KITH_WORKERS=3), watch.probe(KITH_WORKERS=2):
        watch.wait_effects(ids, 20)
        ids = watch.make(100)
        watch.wait_effects(ids, 20)
        watch.wait_acked()
    watch.wait_effects(ids)


def test_the_database_that_goes_away_and_comes_back(watch):
    with watch.probe() as worker:
        watch.wait_effects(watch.make(1))
        watch.postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                               "WHERE usename = 'kith_checkin'")
        watch.wait_effects(watch.make(3))
        watch.wait_acked()
        assert worker.metric("kith_event_failures_total") == 0


def test_it_ends_soon_after_it_is_told_to(watch):
    with watch.probe():
        watch.wait_effects(watch.make(1))
        began = time.monotonic()
    assert time.monotonic() - began < 3
