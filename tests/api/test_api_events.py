"""GET /v1/events: server-sent events over real sockets, with a Redis of their own."""

import http.client
import json
import socket
import time

import contract
import pytest
from api_world import Caller, Tenant, running_api
from wire import wait_until

from world import Database, Redis

PING_MS, CHECK_MS = 200, 200
FIRST_S = 30.0  # the longest that anything here takes


@pytest.fixture(scope="module")
def redis():
    with Redis.private() as one:
        yield one


@pytest.fixture(scope="module")
def api(database, redis):  # pylint: disable=redefined-outer-name
    with running_api(database, KITH_REDIS_URL=redis.uri, KITH_API_CHILDREN=1, KITH_API_EVENT_PING_MS=PING_MS,
                     KITH_API_EVENT_CHECK_MS=CHECK_MS, KITH_API_EVENT_STREAMS=12) as one:
        yield one


class Stream:
    """A client that listens: its events as they come."""

    def __init__(self, caller, last=None, method="GET"):
        self.connection = http.client.HTTPConnection(caller.api.host, 8080, timeout=FIRST_S)
        fields = {"Authorization": f"Bearer {caller.token}"} | ({"Last-Event-ID": last} if last else {})
        self.connection.request(method, "/v1/events", headers=fields)
        self.reply = self.connection.getresponse()
        self.status, self.pings = self.reply.status, 0
        if method == "GET" and contract.is_success(self.status):
            contract.hits.add("listen_to_events")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def block(self):
        """The next block of lines: {name: value}; a comment's name is empty. None: it has ended."""
        found = {}
        while True:
            line = self.reply.readline().decode()
            if line == "":
                return None
            if line == "\n":
                return found
            name, _, value = line.rstrip("\n").partition(": " if line[0] != ":" else ":")
            found[name] = value

    def next(self):
        """The next event, past comments."""
        while (found := self.block()) is not None:
            if "data" in found:
                return {**found, "data": json.loads(found["data"])}
            self.pings += 1
        return None

    def until(self, test):
        """Events up to the first that the test is true of: that one, and those before."""
        before = []
        while not test(one := self.next()):
            assert one is not None, before
            before.append(one)
        return one, before

    def about(self, subject):
        return self.until(lambda one: one and one["data"].get("subject") == subject)[0]


def ready(caller):
    stream = Stream(caller)
    assert stream.status == 200 and stream.next()["event"] == "ready"
    return stream


@pytest.mark.shows("everywhere.events")
def test_a_change_is_heard_as_it_happens(ours):
    with ready(ours.viewer) as stream:
        assert stream.reply.getheader("Content-Type") == "text/event-stream"
        assert stream.reply.getheader("X-Accel-Buffering") == "no"
        partner = ours.director.partner(name="Heard Of")
        one = stream.about(f"partner/{partner.id}")
    assert one["event"] == one["data"]["type"] == "org.kith.partner.created.v1" and one["id"]
    assert one["data"]["source"] == f"/districts/{ours.id}" and "name" in one["data"]["data"]["changed"]
    assert "Heard Of" not in json.dumps(one), "thin"


def test_each_hears_of_its_district_and_of_what_it_may_read(ours, theirs):
    with ready(ours.viewer) as viewer, ready(ours.admin) as admin, ready(theirs.admin) as foreign:
        contact = ours.director.created("contacts", {"name": "Somebody", "email": "somebody@example.org"})
        ours.director.created("champions", {"contact_id": contact.id})
        grant = ours.admin.created("grants", {"user_id": ours.users["nobody"], "role": "viewer"})
        last = ours.director.partner(culture_notes="Private", name="Last")
        _, before = viewer.until(lambda one: one["data"].get("subject") == f"partner/{last.id}")
        kinds = {one["event"].split(".")[2] for one in before}
        assert "user_grant" not in kinds and "champion" not in kinds, "not its to read"
        seen, before = admin.until(lambda one: one["data"].get("subject") == f"partner/{last.id}")
        assert {"user_grant", "champion"} <= {one["event"].split(".")[2] for one in before}
        assert f"user_grant/{grant.id}" in [one["data"].get("subject") for one in before]
        assert "culture_notes" in seen["data"]["data"]["changed"]
        theirs.director.partner(name="Theirs")
        assert foreign.next()["data"]["source"] == f"/districts/{theirs.id}", "and nothing of ours before"


def test_the_name_of_a_field_is_hidden_from_whom_the_field_is(ours):
    with ready(ours.viewer) as stream:
        partner = ours.director.partner(name="Masked", culture_notes="Private")
        changed = stream.about(f"partner/{partner.id}")["data"]["data"]["changed"]
    assert "name" in changed and "culture_notes" not in changed


@pytest.mark.shows("registry.private_of_a_part")
def test_who_directs_a_part_does_not_hear_of_what_is_private_as_an_event_does_not_say_where(ours):
    site = ours.director.site().id
    part = ours.scoped(("director", "site", site))
    with ready(part) as stream, ready(ours.director) as whole:
        contact = ours.director.created("contacts", {"name": "Ann", "notes": "Tea.", "email": "ann@x.org"}).id
        ours.director.created("complaints", {"received_on": "2026-11-20", "complaint": "The van.", "site_id": site,
                                             "partner_id": ours.director.partner(lead_site_id=site).id})
        ours.director.created("legal_holds", {"matter": "A suit", "reason": "To keep", "contact_id": contact})
        last = ours.director.partner(name="Masked", lead_site_id=site, culture_notes="Private")
        one, before = stream.until(lambda heard: heard["data"].get("subject") == f"partner/{last.id}")
        changed = one["data"]["data"]["changed"]
        assert {"name", "lead_site_id"} <= set(changed) and "culture_notes" not in changed
        told = {heard["event"].split(".")[2]: heard["data"]["data"]["changed"] for heard in before}
        assert {"email", "name"} <= set(told["contact"]) and "notes" not in told["contact"]
        assert not {"complaint", "legal_hold"} & set(told)
        one, before = whole.until(lambda heard: heard["data"].get("subject") == f"partner/{last.id}")
        assert "culture_notes" in one["data"]["data"]["changed"]
        assert {"complaint", "legal_hold"} <= {heard["event"].split(".")[2] for heard in before}


def test_whoever_comes_back_hears_what_it_missed(ours):
    with ready(ours.viewer) as stream:
        first = ours.director.partner(name="Before")
        last = stream.about(f"partner/{first.id}")["id"]
    missed = [ours.director.partner(name=f"Missed {i}").id for i in range(3)]
    with Stream(ours.viewer, last) as again:
        _, before = again.until(lambda one: one["event"] == "ready")
        found = [one["data"]["subject"] for one in before]
        for one in missed:  # of which the last may be on its way still
            if f"partner/{one}" not in found:
                again.about(f"partner/{one}")
        assert f"partner/{first.id}" not in found


def test_a_place_that_is_not_known_is_a_reset(ours):
    for last in ("1-1", "nonsense", "9" * 200):
        with Stream(ours.viewer, last) as stream:
            one = stream.next()
            assert one["event"] == "reset" and one["data"] == {}


def test_too_much_missed_is_a_reset(ours):
    with ready(ours.viewer) as stream:
        last = stream.about(f"partner/{ours.director.partner(name='One').id}")["id"]
        for number in range(129):
            final = ours.director.created("tags", {"name": f"Many {number}"})
        stream.about(f"tag/{final.id}")
    with Stream(ours.viewer, last) as again:
        assert again.next()["event"] == "reset"


def test_comments_keep_it_open(ours):
    with ready(ours.viewer) as stream:
        began = time.monotonic()
        assert [stream.block() for _ in range(2)] == [{"": " ping"}] * 2
        assert time.monotonic() - began < 20 * PING_MS / 1000


def test_a_token_that_is_over_hears_no_more(ours, migrate):
    caller, user, token = ours.person("viewer")
    with ready(caller) as stream, ready(ours.viewer) as other:
        migrate.execute("UPDATE access_token SET revoked_at = created_at WHERE token_hash = %s", (token,))
        migrate.commit()
        while stream.block() is not None:
            pass
        assert other.block() is not None
    assert Stream(caller).status == 401 and user


def test_to_listen_is_no_use_of_a_session(ours, migrate):
    caller, _, token = ours.person("viewer", kind="session")
    with ready(caller) as stream:
        for _ in range(3):
            stream.block()
    used = migrate.execute("SELECT last_used_at FROM access_token WHERE token_hash = %s", (token,)).fetchone()
    assert used == (None,)


def test_a_key_that_is_limited_hears_of_what_it_may_ask(ours):
    made = ours.director.post("/v1/api_keys", {"label": "k", "resources": ["events", "tags"], "is_read_only": True})
    with ready(Caller(ours.api, made.json["token"])) as stream:
        ours.director.partner(name="Not its to hear")
        tag = ours.director.created("tags", {"name": "Its to hear"})
        assert stream.next()["data"]["subject"] == f"tag/{tag.id}"
    other = ours.director.post("/v1/api_keys", {"label": "k", "resources": ["tags"]})
    assert Stream(Caller(ours.api, other.json["token"])).status == 403


def test_who_may_not_listen_and_how(ours):
    assert ours.partner.get("/v1/events").status == 403 and Caller(ours.api, None).get("/v1/events").status == 401
    assert ours.viewer.get("/v1/events", Accept="application/json").status == 406
    assert ours.viewer.get("/v1/events", {"kind": "x"}).status == 400
    with Stream(ours.viewer, method="HEAD") as head:
        assert head.status == 200


@pytest.mark.shows("administration.event_limits")
def test_streams_are_counted_whichever_child_serves_them(database, redis):
    with running_api(database, KITH_REDIS_URL=redis.uri, KITH_API_CHILDREN=2, KITH_API_EVENT_STREAMS=9) as api:
        tenant = Tenant(api, database)
        streams = [ready(tenant.viewer) for _ in range(8)]
        assert api.metric("kith_event_streams_open") == 8
        full = tenant.viewer.get("/v1/events")
        assert full.status == 429 and full.field("Retry-After") == "60"
        streams.append(ready(tenant.director))
        assert tenant.admin.get("/v1/events").status == 503
        for stream in streams:
            stream.connection.close()
        wait_until(lambda: api.metric("kith_event_streams_open") == 0, "who has gone is forgotten")
        ready(tenant.viewer).connection.close()


def test_who_reads_nothing_is_cut_and_costs_no_other(ours, redis):
    event = json.dumps({"source": f"/districts/{ours.id}", "type": "org.kith.user_grant.updated.v1",
                        "data": {"padding": "x" * 60000}})
    slow = socket.create_connection((ours.api.host, 8080))
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow.sendall(f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ours.admin.token}\r\n\r\n".encode())
    with ready(ours.viewer) as other:
        wait_until(lambda: ours.api.metric("kith_event_streams_open") == 2, "both listen")
        for _ in range(200):  # of which the kernel takes some megabytes
            redis.ask("xadd", "kith:events", "*", "event", event)
            if ours.api.metric("kith_event_streams_open") == 1:
                break
        other.about(f"partner/{ours.director.partner(name='Heard all the same').id}")
        assert ours.api.metric("kith_event_streams_open") == 1
    slow.close()


def test_a_stream_ends_with_its_server(database, redis):
    with running_api(database, KITH_REDIS_URL=redis.uri) as api:
        tenant = Tenant(api, database)
        stream = ready(tenant.viewer)
    while stream.block() is not None:
        pass


def test_redis_that_was_lost_with_all_it_knew_is_a_reset(cluster):
    with Redis.private() as own, Database.fresh(cluster) as alone, \
            running_api(alone, KITH_REDIS_URL=own.uri, KITH_API_CHILDREN=1) as api:
        tenant = Tenant(api, alone) # nobody else publishes what happens there
        with ready(tenant.viewer) as stream:
            stream.about(f"partner/{tenant.director.partner(name='Before').id}")
            own.kill()
            kept = tenant.director.partner(name="While it was away")
            own.start()
            stream.until(lambda one: one["event"] == "reset")
            stream.until(lambda one: one["data"].get("subject") == f"partner/{kept.id}")


def test_a_change_passes_the_trace_on(ours):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with ready(ours.viewer) as stream:
        partner = ours.director.created("partners", {"name": "Traced", "kind": "civic"}, traceparent=trace)
        assert stream.about(f"partner/{partner.id}")["data"]["traceparent"] == trace
        for bad in ("00-" + "0" * 32 + "-b7ad6b7169203331-01", trace.upper(), trace + "-x", trace.replace("-", "_")):
            partner = ours.director.created("partners", {"name": "Bad", "kind": "civic"}, traceparent=bad)
            assert "traceparent" not in stream.about(f"partner/{partner.id}")["data"]
