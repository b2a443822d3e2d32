"""Events from the API's writes to the stream, whatever becomes of Redis on the way."""
import json
import os
import signal
import subprocess
import time
from datetime import datetime

import pytest

from world import BUILD, NOW, insert, uuid7
from workers import Redis, Tenant, free_port, redis, running_api, wait_until  # noqa: F401


@pytest.fixture(scope="module")
def api(database, redis):  # pylint: disable=redefined-outer-name
    with running_api(database, KITH_REDIS_URL=redis.uri) as one:
        yield one


@pytest.fixture(scope="module")
def tenant(api, database):
    return Tenant(api, database)


def outbox(connection, where="true"):
    return connection.execute(
        f"SELECT id::text, type, payload, published_at FROM outbox WHERE {where} ORDER BY id").fetchall()


def nothing_waits(connection):
    return not outbox(connection, "published_at IS NULL")


def ids(redis):
    return [event["id"] for event in redis.events()]


def test_a_write_is_in_the_stream_at_once_as_a_cloud_event(tenant, redis, migrate):
    """CloudEvents 1.0, structured; thin: the row's id, and the names of what changed."""
    wait_until(lambda: nothing_waits(migrate), "the stream has what was there before")
    began = time.monotonic()
    partner = tenant.director.partner(name="Northside Readers")
    found = wait_until(lambda: [e for e in redis.events() if e["subject"] == f"partner/{partner.id}"],
                       "it is in the stream")
    assert time.monotonic() - began < 5  # of milliseconds, on a quiet machine
    (entry,) = found
    event = json.loads(entry["event"])
    row = outbox(migrate, f"aggregateid = '{partner.id}'")[0]
    assert event == row[2]
    assert {name: event[name] for name in ("specversion", "type", "source", "subject", "time",
                                           "datacontenttype", "sequence")} == {
        "specversion": "1.0", "type": "org.kith.partner.created.v1",
        "source": f"/districts/{tenant.id}", "subject": f"partner/{partner.id}", "time": NOW,
        "datacontenttype": "application/json", "sequence": "1"}
    assert entry["id"] == event["id"] == row[0] and entry["type"] == event["type"]
    assert event["data"]["id"] == partner.id and "name" in event["data"]["changed"]
    assert "Northside" not in entry["event"] and len(entry["event"]) < 65536


def test_every_event_of_a_row_of_each_kind_has_the_shape(tenant, redis, migrate):
    """Required attributes are there, and none has a name or type that CloudEvents does not allow."""
    site = tenant.director.site()
    renamed = tenant.director.patch(f"/v1/sites/{site.id}", {"name": "Renamed"}, site.etag)
    tenant.director.archive(f"/v1/sites/{site.id}", renamed.etag)
    wait_until(lambda: nothing_waits(migrate), "all is published")
    events = [json.loads(entry["event"]) for entry in redis.events()]
    assert len(events) >= 3
    for event in events:
        assert event["specversion"] == "1.0" and event["id"] and event["type"] and event["source"]
        assert all(name.isalnum() and name.islower() for name in event)
        assert all(isinstance(value, str) for name, value in event.items() if name != "data")
        datetime.fromisoformat(event["time"])
        assert event["source"].startswith("/districts/")
    mine = [e["type"] for e in events if e.get("subject") == f"site/{site.id}"]
    assert mine == [f"org.kith.site.{action}.v1" for action in ("created", "updated", "archived")]


def test_what_others_wrote_is_published_too(database, tenant, redis, migrate):
    one = uuid7()
    with database.connect("kith_migrate") as connection, connection.transaction():
        insert(connection, "network", {"district_id": tenant.id, "id": one, "name": "N",
                                       "created_at": NOW, "updated_at": NOW})
    wait_until(lambda: f"network/{one}" in [e["subject"] for e in redis.events()], "it is there")


def test_many_rows_of_a_statement_are_one_event(tenant, database, redis):
    with database.connect("kith_migrate") as connection, connection.transaction():
        connection.execute(
            "INSERT INTO network (district_id, id, name, created_at, updated_at) "
            "SELECT %s, gen_random_uuid(), 'N' || n, %s, %s FROM generate_series(1, 50) n",
            (tenant.id, NOW, NOW))
    found = wait_until(lambda: [e for e in redis.events() if '"count": 50' in e["event"]], "it is there")
    assert len(found) == 1 and found[0]["subject"] == ""


def test_no_write_fails_while_redis_is_away_and_all_is_published_when_it_is_back(
        api, tenant, redis, migrate):
    wait_until(lambda: nothing_waits(migrate), "all is published")
    redis.kill()
    wait_until(lambda: api.metric("kith_redis_connections_up") == 0, "it is seen to be away")
    made = [tenant.director.partner().id for _ in range(20)]
    assert api.admin("/readyz")[0] == 200
    waiting = outbox(migrate, "published_at IS NULL")
    assert len(waiting) == 20
    wait_until(lambda: api.metric("kith_outbox_pending") == 20, "it is measured", 15)
    published = api.metric("kith_outbox_published_total")
    redis.start()
    wait_until(lambda: nothing_waits(migrate), "all is published", 15)
    assert {f"partner/{one}" for one in made} <= {e["subject"] for e in redis.events()}
    assert api.metric("kith_outbox_published_total") == published + 20
    wait_until(lambda: api.metric("kith_outbox_pending") == 0, "it is measured", 15)
    log = api.log_text()
    assert log.count("Redis takes no events") == 2, "a line of each child"


@pytest.mark.parametrize("setting, value, good", [
    ("maxmemory", "1", "0"), ("min-replicas-to-write", "3", "0")])
def test_what_redis_refuses_is_published_when_it_no_longer_does(
        tenant, redis, migrate, setting, value, good):
    """OOM, and NOREPLICAS for any other error of a server that can be reached."""
    wait_until(lambda: nothing_waits(migrate), "all is published")
    redis.ask("config", "set", setting, value)
    try:
        one = tenant.director.partner().id
        wait_until(lambda: outbox(migrate, "published_at IS NULL AND claimed_until IS NULL"),
                   "it was given back")
    finally:
        redis.ask("config", "set", setting, good)
    wait_until(lambda: nothing_waits(migrate), "all is published", 15)
    assert ids(redis).count(outbox(migrate, f"aggregateid = '{one}'")[0][0]) == 1


def test_a_server_that_does_not_answer_is_given_up(tenant, redis, migrate):
    wait_until(lambda: nothing_waits(migrate), "all is published")
    pid = redis.pid()
    os.kill(pid, signal.SIGSTOP)
    try:
        tenant.director.partner()
        wait_until(lambda: outbox(migrate, "published_at IS NULL AND claimed_until IS NOT NULL"),
                   "it is at work")
        wait_until(lambda: not outbox(migrate, "claimed_until IS NOT NULL"), "it was given back", 15)
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: nothing_waits(migrate), "all is published", 15)


def test_eight_publishers_publish_each_event_once(database, redis, tenant, migrate):
    with running_api(database, KITH_REDIS_URL=redis.uri, KITH_API_CHILDREN=4) as one, \
            running_api(database, KITH_REDIS_URL=redis.uri, KITH_API_CHILDREN=4) as other:
        wait_until(lambda: nothing_waits(migrate), "all is published")
        redis.ask("del", "kith:events")
        people = [type(tenant.director)(api, tenant.director.token, "director")
                  for api in (one, other)]
        for number in range(100):
            people[number % 2].partner()
        made = [row[0] for row in outbox(migrate)][-100:]
        wait_until(lambda: nothing_waits(migrate), "all is published")
    assert sorted(ids(redis)) == sorted(made)


def test_partitions_are_made_and_what_is_old_goes(database, migrate, ours):
    migrate.execute(
        "INSERT INTO idempotency (district_id, principal, key, fingerprint, status, created_at) "
        "VALUES (%s, 'p', 'k', 'f', 201, timestamptz '2026-11-01')", (ours.id,))
    (month,) = migrate.execute("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '12 months', "
                               "'\"audit_\"YYYY_MM')").fetchone()
    migrate.execute(f"DROP TABLE IF EXISTS {month}")
    with running_api(database, KITH_HOUSEKEEPING_S=1):
        wait_until(lambda: migrate.execute("SELECT to_regclass(%s)", (month,)).fetchone()[0], month)
        wait_until(lambda: not migrate.execute("SELECT FROM idempotency").fetchall(), "the reply went")


def test_a_role_that_may_not_publish_is_said_once(database, redis):
    with running_api(database, KITH_REDIS_URL=redis.uri, KITH_API_CHILDREN=1,
                     KITH_PUBLISHER_URL=database.uri("kith_kpi")) as api:
        Tenant(api, database).director.partner()
        wait_until(lambda: "events cannot be published" in api.log_text(), "it is said")
        Tenant(api, database).director.partner()
        assert api.log_text().count("events cannot be published") == 1


def test_a_user_and_a_password_are_of_the_url(database):
    with Redis.private() as locked:
        port = free_port()
        locked.ask("config", "set", "port", str(port))
        locked.ask("acl", "setuser", "kith", "on", ">s@cret", "~*", "+@all")
        good, bad = (f"redis://kith:{word}@127.0.0.1:{port}" for word in ("s%40cret", "wrong"))
        with running_api(database, KITH_REDIS_URL=good) as api:
            wait_until(lambda: api.metric("kith_redis_connections_up") == 2, "it is let in")
        with running_api(database, KITH_REDIS_URL=bad) as api:
            wait_until(lambda: "WRONGPASS" in api.log_text(), "it is said why not")


@pytest.mark.parametrize("url", ["redis", "redis://", "unix:x", "redis://secret@host"])
def test_a_url_that_is_none_is_refused_at_the_start(database, url):
    settings = {"KITH_ENV": "test", "KITH_DATABASE_URL": database.uri(), "KITH_SECRET_KEY": "x" * 32,
                "KITH_PUBLISHER_URL": database.uri("kith_publisher"), "KITH_REDIS_URL": url}
    done = subprocess.run([os.path.join(BUILD, "bin/kith-api"), "--check-config"], env=settings,
                          check=False, capture_output=True, text=True)
    assert done.returncode == 78 and "KITH_REDIS_URL" in done.stderr, done
