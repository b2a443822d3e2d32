"""POST /v1/bulk: many changes by one request, each judged as if it had come alone."""

import http.client
import json
import secrets
import socket
import struct

import pytest
from api_world import Caller
from wire import wait_until

MOST = 100
PATH_LONGEST = 200


@pytest.fixture
def partners(ours):
    return [ours.director.created("partners", {"name": f"Bulk {n}", "kind": "civic"}) for n in range(3)]


def patch(row, version=1, **body):
    return {"method": "PATCH", "path": f"/v1/partners/{row.id}", "version": version, "body": body}


def bulk(caller, changes, **fields):
    return caller.post("/v1/bulk", {"changes": changes}, **fields)


def outcomes(reply):
    assert reply.status == 200, reply
    return [one["status"] for one in reply.json["data"]]


@pytest.mark.shows("everywhere.bulk")
def test_each_is_changed_and_told_in_its_place(ours, partners):
    reply = bulk(ours.director, [patch(row, tier="anchor") for row in partners])
    assert outcomes(reply) == [200, 200, 200]
    assert (reply.json["done"], reply.json["refused"]) == (3, 0)
    for row, one in zip(partners, reply.json["data"]):
        now = ours.director.get(f"/v1/partners/{row.id}").json
        assert now["tier"] == "anchor"
        assert one == {"status": 200, "version": now["version"], "location": None, "problem": None}


@pytest.mark.shows("everywhere.bulk")
def test_one_that_is_refused_stops_no_other_and_says_why(ours, partners):
    reply = bulk(ours.director, [patch(partners[0], tier="anchor"), patch(partners[1], version=9, tier="anchor"),
                                 patch(partners[2], tier="king"), patch(partners[2], tier="partner")])
    assert outcomes(reply) == [200, 412, 422, 200]
    assert (reply.json["done"], reply.json["refused"]) == (2, 2)
    stale, wrong = (reply.json["data"][n]["problem"] for n in (1, 2))
    assert stale["type"].endswith("/precondition_failed") and stale["instance"] == f"/v1/partners/{partners[1].id}"
    assert [one["pointer"] for one in wrong["errors"]] == ["/tier"]


def test_rows_are_made_archived_brought_back_and_told_to_do_something(ours, partners):
    row = partners[0]
    path = f"/v1/partners/{row.id}"
    reply = bulk(ours.director, [
        {"method": "POST", "path": "/v1/partners", "body": {"name": "Made in bulk", "kind": "civic"}},
        {"method": "DELETE", "path": path, "version": 1},
        {"method": "POST", "path": f"{path}/restore", "version": 2},
        {"method": "POST", "path": f"{path}/contact", "version": 3}])
    assert outcomes(reply) == [201, 204, 200, 200], reply.json
    made = reply.json["data"][0]["location"]
    assert ours.director.get(made).json["name"] == "Made in bulk"
    now = ours.director.get(path).json
    assert [one["version"] for one in reply.json["data"]] == [1, 2, 3, now["version"]]
    assert now["stage"] == "contacted"


def test_what_a_row_s_life_cycle_forbids_is_refused(ours, partners):
    path = f"/v1/partners/{partners[0].id}/approve"
    assert outcomes(bulk(ours.director, [{"method": "POST", "path": path, "version": 1}])) == [409]


@pytest.mark.shows("everywhere.bulk")
def test_each_row_s_rights_are_asked(ours, theirs, partners):
    foreign = theirs.director.created("partners", {"name": "Theirs", "kind": "civic"})
    assert outcomes(bulk(ours.viewer, [patch(row, tier="anchor") for row in partners])) == [403, 403, 403]
    assert outcomes(bulk(ours.director, [patch(foreign, tier="anchor"), patch(partners[0], tier="anchor")])) == [404, 200]
    assert theirs.director.get(f"/v1/partners/{foreign.id}").json["tier"] != "anchor"


def test_every_change_is_in_the_record(ours, partners, migrate):
    bulk(ours.director, [patch(row, tier="anchor") for row in partners])
    for row in partners:
        assert migrate.execute("SELECT count(*) FROM audit WHERE aggregateid = %s", [row.id]).fetchone()[0] == 2
        assert migrate.execute("SELECT count(*) FROM outbox WHERE aggregateid = %s", [row.id]).fetchone()[0] == 2


def test_the_same_key_again_changes_nothing_and_tells_the_same(ours, partners):
    key = secrets.token_hex(16)
    changes = [patch(partners[0], tier="anchor"), patch(partners[1], version=7, tier="anchor")]
    first = bulk(ours.director, changes, Idempotency_Key=key)
    second = bulk(ours.director, changes, Idempotency_Key=key)
    assert second.field("Idempotent-Replayed") == "true" and second.json == first.json
    assert ours.director.get(f"/v1/partners/{partners[0].id}").json["version"] == 2
    assert bulk(ours.director, changes[:1], Idempotency_Key=key).status == 422


@pytest.mark.shows("everywhere.bulk")
def test_who_was_cut_in_the_middle_gets_what_was_done_and_the_rest_is_done(ours, partners, migrate):
    """The reply to all was lost with the server; what each was answered with is kept."""
    key = secrets.token_hex(16)
    changes = [patch(row, tier="anchor") for row in partners]
    first = bulk(ours.director, changes, Idempotency_Key=key)
    assert migrate.execute("DELETE FROM idempotency WHERE district_id = %s AND key = %s", [ours.id, key]).rowcount == 1
    last = [row.id for row in partners][2]
    migrate.execute("DELETE FROM idempotency WHERE district_id = %s AND body LIKE %s", [ours.id, f"%{last}%"])
    ours.director.patch(f"/v1/partners/{last}", {"tier": "partner"}, '"v2-0"')
    second = bulk(ours.director, changes, Idempotency_Key=key)
    assert second.field("Idempotent-Replayed") is None
    assert second.json["data"][:2] == first.json["data"][:2]
    assert outcomes(second) == [200, 200, 412]
    assert ours.director.get(f"/v1/partners/{partners[0].id}").json["version"] == 2


def test_a_row_that_an_undo_brings_back_has_the_version_of_the_reply(ours, partners):
    done = bulk(ours.director, [{"method": "DELETE", "path": f"/v1/partners/{row.id}", "version": 1} for row in partners])
    undone = bulk(ours.director, [{"method": "POST", "path": f"/v1/partners/{row.id}/restore", "version": one["version"]}
                                  for row, one in zip(partners, done.json["data"])])
    assert outcomes(undone) == [200, 200, 200]


@pytest.mark.parametrize("change, pointer", [
    ({"method": "GET", "path": "/v1/partners"}, "/changes/0/method"),
    ({"method": "POST", "path": "/v1/sessions", "body": {}}, "/changes/0/path"),
    ({"method": "POST", "path": "/v1/bulk", "body": {"changes": []}}, "/changes/0/path"),
    ({"method": "POST", "path": "/v1/api_keys", "body": {}}, "/changes/0/path"),
    ({"method": "POST", "path": "/v1/attachments"}, "/changes/0/path"),
    ({"method": "PATCH", "path": "/v1/partners"}, "/changes/0/path"),
    ({"method": "PATCH", "path": "/v1/nothing/1"}, "/changes/0/path"),
    ({"method": "POST", "path": "/v1/partners?x=1", "body": {}}, "/changes/0/path"),
    ({"method": "POST", "path": "http://elsewhere.example/v1/partners"}, "/changes/0/path"),
    ({"method": "POST", "path": "/v1/../v1/partners"}, "/changes/0/path"),
    ({"method": "POST", "path": "/" + "p" * PATH_LONGEST}, "/changes/0/path"),
    ({"method": "POST", "path": "/v1/partners", "version": 0}, "/changes/0/version"),
    ({"method": "POST", "path": "/v1/partners", "more": 1}, "/changes/0/more"),
    ({"path": "/v1/partners"}, "/changes/0/method"),
])
def test_what_is_no_change_of_a_row_is_refused_before_anything_is_done(ours, partners, change, pointer):
    reply = bulk(ours.director, [change, patch(partners[0], tier="anchor")])
    assert reply.status == 422 and [one["pointer"] for one in reply.json["errors"]] == [pointer], reply.json
    assert ours.director.get(f"/v1/partners/{partners[0].id}").json["version"] == 1


def test_it_takes_a_hundred_and_no_more(ours, partners):
    path = f"/v1/partners/{partners[0].id}"
    changes = [{"method": "PATCH", "path": path, "version": n + 1, "body": {"description": str(n)}} for n in range(MOST)]
    assert outcomes(bulk(ours.director, changes)) == [200] * MOST
    assert ours.director.get(path).json["version"] == MOST + 1
    assert bulk(ours.director, changes + changes[:1]).status == 422
    assert bulk(ours.director, []).status == 422


def test_a_change_without_what_it_needs_is_refused_alone(ours, partners):
    path = f"/v1/partners/{partners[0].id}"
    reply = bulk(ours.director, [{"method": "PATCH", "path": path, "body": {"tier": "anchor"}}, {"method": "PATCH", "path": path, "version": 1},
                                 {"method": "DELETE", "path": path}])
    assert outcomes(reply) == [428, 415, 428]


def test_a_body_past_its_size_is_refused(ours):
    body = {"name": "n", "kind": "civic", "description": "d" * 9000}
    assert bulk(ours.director, [{"method": "POST", "path": "/v1/partners", "body": body}] * 60).status == 413


def test_of_many_refused_ones_each_says_why(ours, partners):
    body = {f"f{n}": n for n in range(60)}
    reply = bulk(ours.director, [{"method": "POST", "path": "/v1/partners", "body": body}] * MOST)
    assert outcomes(reply) == [422] * MOST


def test_nobody_without_a_token_gets_in(ours):
    assert bulk(Caller(ours.api, None), [{"method": "POST", "path": "/v1/partners", "body": {}}]).status == 401


def test_when_the_client_leaves_no_further_change_is_begun(ours, partners, database):
    body = json.dumps({"changes": [patch(row, tier="anchor") for row in partners]})
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    connection = http.client.HTTPConnection(ours.api.host, 8080, timeout=30)
    with database.connect("kith_migrate") as other, other.transaction(), database.connect("kith_migrate") as looking:
        other.execute("SELECT FROM partner WHERE district_id = %s AND id = %s FOR UPDATE", [ours.id, partners[1].id])
        connection.request("POST", "/v1/bulk", body, {"Content-Type": "application/json", "Authorization": f"Bearer {ours.director.token}"})
        wait_until(lambda: looking.execute(waits).fetchone()[0] > 0, "it waits for the second row")
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()  # by a reset: who only ends to send may still want the reply
        wait_until(lambda: looking.execute(waits).fetchone()[0] == 0, "it waits no more")
    versions = [ours.director.get(f"/v1/partners/{row.id}").json["version"] for row in partners]
    assert versions[0] == 2 and versions[2] == 1
