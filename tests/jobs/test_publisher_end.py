"""How the only publisher that there is ends."""
import time

from workers import Redis, Tenant, running_api, wait_until


def waits(connection):
    return connection.execute("SELECT count(*) FROM outbox WHERE published_at IS NULL").fetchone()[0]


def test_what_is_committed_last_is_published_before_the_end(database, migrate):
    with Redis.private() as redis:
        with running_api(database, KITH_REDIS_URL=redis.uri) as api:
            tenant = Tenant(api, database)
            wait_until(lambda: not waits(migrate), "its publishers are at work")
            for _ in range(10):
                tenant.director.partner()
        assert waits(migrate) == 0
        assert len(redis.events()) >= 10


def test_without_a_redis_it_ends_as_soon(database, migrate):
    with running_api(database) as api:
        Tenant(api, database).director.partner()
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert waits(migrate) > 0
