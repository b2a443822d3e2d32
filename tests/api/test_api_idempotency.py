"""Idempotency-Key: a POST that is repeated has its effect once, and the same reply."""

import secrets
import threading

import pytest
from api_world import Caller
from fields import LEAST, least
from operations import operation

from world import NOW

KEY_LONGEST = 255
SAME = ("Location", "ETag", "Content-Type")


@pytest.fixture
def key():
    return secrets.token_hex(16)


def count(migrate, table, **where):
    condition = " AND ".join(f"{name} = %s" for name in where)
    return migrate.execute(
        f"SELECT count(*) FROM {table} WHERE {condition}", list(where.values())
    ).fetchone()[0]


def singular(plural):
    return operation(f"POST /v1/{plural}").spec["operationId"].removeprefix("create_")


def check_replay(first, second):
    assert (first.status, second.status) == (201, 201), second
    assert first.field("Idempotent-Replayed") is None
    assert second.field("Idempotent-Replayed") == "true"
    assert second.reply.body == first.reply.body
    assert [second.field(name) for name in SAME] == [first.field(name) for name in SAME]


@pytest.mark.parametrize("plural", LEAST)
def test_the_same_request_again_gives_the_same_reply_and_one_row(ours, migrate, key, plural):
    caller = ours.admin
    body = least(caller, plural)
    table = {"users": "app_user"}.get(plural, singular(plural))
    before = count(migrate, table, district_id=ours.id)
    first = caller.post(f"/v1/{plural}", body, Idempotency_Key=key)
    for _ in range(3):
        check_replay(first, caller.post(f"/v1/{plural}", body, Idempotency_Key=key))
    assert count(migrate, table, district_id=ours.id) == before + 1
    assert count(migrate, "audit", aggregateid=first.id) == 1
    assert count(migrate, "outbox", aggregateid=first.id) == 1


def test_a_replay_tells_what_was_and_not_what_is(ours, key):
    first = ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
    path = f"/v1/partners/{first.id}"
    ours.director.patch(path, {"name": "Another name"}, first.etag)
    check_replay(first, ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key))
    assert ours.director.get(path).json["name"] == "Another name"


def test_without_a_key_each_is_a_new_one(ours):
    first, second = ours.director.partner(), ours.director.partner()
    assert first.id != second.id


@pytest.mark.parametrize(
    "other",
    (b'{"name":"Other","kind":"nonprofit"}', b'{"name":"A partner", "kind":"nonprofit"}'),
    ids=("another value", "another byte"),
)
def test_the_same_key_with_another_body_is_422(ours, migrate, key, other):
    first = ours.director.post(
        "/v1/partners", b'{"name":"A partner","kind":"nonprofit"}', Idempotency_Key=key
    )
    before = count(migrate, "partner", district_id=ours.id)
    answer = ours.director.post("/v1/partners", other, Idempotency_Key=key)
    assert (answer.status, answer.type) == (422, "idempotency_key_reused"), answer
    assert count(migrate, "partner", district_id=ours.id) == before
    assert first.status == 201


def test_the_same_key_on_another_path_is_422(ours, key):
    body = {"name": "x", "kind": "department"}
    assert ours.director.post("/v1/sites", body, Idempotency_Key=key).status == 201
    body["kind"] = "other"
    answer = ours.director.post("/v1/partners", body, Idempotency_Key=key)
    assert (answer.status, answer.type) == (422, "idempotency_key_reused")


def test_a_key_is_its_principals_own(ours, theirs, key):
    made = [
        caller.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
        for caller in (ours.director, ours.coordinator, theirs.director)
    ]
    assert [answer.status for answer in made] == [201] * 3
    assert len({answer.id for answer in made}) == 3
    assert {answer.field("Idempotent-Replayed") for answer in made} == {None}


def test_another_token_of_the_same_person_is_the_same_principal(ours, database, key):
    caller, user, _ = ours.person("director")
    with database.connect("kith_migrate") as connection:
        token, _ = database.token(connection, ours.id, user)
    first = caller.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
    second = Caller(caller.api, token).post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
    check_replay(first, second)


def test_a_key_in_quotes_is_the_key_without(ours, key):
    first = ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
    check_replay(
        first, ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=f'"{key}"')
    )


def test_a_replay_does_not_outlive_the_right_to_write(ours, migrate, key):
    caller, user, _ = ours.person("director")
    assert caller.post("/v1/partners", LEAST["partners"], Idempotency_Key=key).status == 201
    migrate.execute("UPDATE user_grant SET role = 'viewer' WHERE user_id = %s", (user,))
    assert caller.post("/v1/partners", LEAST["partners"], Idempotency_Key=key).status == 403


KEYS = {"1": 201, "~" * KEY_LONGEST: 201, f'"{"!" * KEY_LONGEST}"': 201}
NO_KEYS = ("", '""', '"', "a b", 'a"b', '"a', "a" * (KEY_LONGEST + 1), "a\tb", "é", "a\x80")


@pytest.mark.parametrize("value", KEYS, ids=lambda value: f"{value[:4]} {len(value)}")
def test_a_key_is_1_to_255_visible_characters(theirs, value):
    answer = theirs.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=value)
    assert answer.status == 201, answer


@pytest.mark.parametrize("value", NO_KEYS, ids=lambda value: f"{value[:4]!r} {len(value)}")
def test_what_is_no_key_is_400(ours, migrate, value):
    before = count(migrate, "partner", district_id=ours.id)
    sent = value.encode("latin-1")
    answer = ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=sent)
    assert (answer.status, answer.type) == (400, "invalid_header_field"), answer
    assert count(migrate, "partner", district_id=ours.id) == before


def test_two_keys_are_400(api, ours):
    connection = api.connection()
    connection.putrequest("POST", "/v1/partners")
    for name, value in (
        ("Authorization", f"Bearer {ours.director.token}"),
        ("Content-Type", "application/json"),
        ("Content-Length", "2"),
        ("Idempotency-Key", "a"),
        ("Idempotency-Key", "b"),
    ):
        connection.putheader(name, value)
    connection.endheaders(b"{}")
    reply = connection.getresponse()
    reply.read()
    assert reply.status == 400


@pytest.mark.parametrize("name", ("409", "422", "403"))
def test_a_request_that_failed_is_not_kept(ours, migrate, name, key):
    """The same key is good for the request that goes well."""
    made = ours.director.site(local_id=key)
    caller, user, _ = ours.person("viewer" if name == "403" else "director")
    body = {"name": "x", "kind": "school"} | {
        "409": {"local_id": key},
        "422": {"nces_id": "x" * 12},
        "403": {},
    }[name]
    for _ in range(2):
        answer = caller.post("/v1/sites", body, Idempotency_Key=key)
        assert (str(answer.status), answer.field("Idempotent-Replayed")) == (name, None)
    assert count(migrate, "idempotency", key=key) == 0
    if name == "409":
        ours.director.patch(f"/v1/sites/{made.id}", {"local_id": None}, made.etag)
    elif name == "422":
        body["nces_id"] = None
    else:
        migrate.execute("UPDATE user_grant SET role = 'director' WHERE user_id = %s", (user,))
    first = caller.post("/v1/sites", body, Idempotency_Key=key)
    check_replay(first, caller.post("/v1/sites", body, Idempotency_Key=key))


def test_after_a_day_the_key_is_new(api, ours, migrate, key):
    first = ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
    try:
        api.move_clock(hours=24)
        second = ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
        check_replay(first, second)
        api.move_clock(milliseconds=1)
        third = ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
        assert (third.status, third.field("Idempotent-Replayed")) == (201, None)
        assert third.id != first.id
        check_replay(
            third, ours.director.post("/v1/partners", LEAST["partners"], Idempotency_Key=key)
        )
        assert count(migrate, "idempotency", key=key) == 1
    finally:
        api.set_clock(NOW)


@pytest.mark.parametrize("turn", range(5))
def test_sixteen_at_once_make_one_row(ours, migrate, key, turn):
    body = {"name": f"{key} {turn}", "kind": "other"}
    start = threading.Barrier(16)
    answers = []

    def send():
        start.wait()
        answers.append(ours.director.post("/v1/partners", body, Idempotency_Key=key))

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 16
    assert count(migrate, "partner", name=body["name"]) == 1
    first = [a for a in answers if a.status == 201 and not a.field("Idempotent-Replayed")]
    assert len(first) == 1
    for answer in answers:
        if answer.status == 409:
            assert (answer.type, answer.field("Retry-After")) == ("conflict", "1")
        elif answer is not first[0]:
            check_replay(first[0], answer)
    check_replay(first[0], ours.director.post("/v1/partners", body, Idempotency_Key=key))


def test_a_restore_repeats_as_well(ours, migrate, key):
    """A key may come with every POST."""
    made = ours.director.partner()
    path = f"/v1/partners/{made.id}"
    ours.director.archive(path, made.etag)
    etag = ours.director.get(path).etag
    headers = {"If_Match": made.etag, "Idempotency_Key": key}
    assert ours.director.call("POST", f"{path}/restore", **headers).status == 412
    assert count(migrate, "idempotency", key=key) == 0, "what failed is not kept"
    headers["If_Match"] = etag
    first = ours.director.call("POST", f"{path}/restore", **headers)
    second = ours.director.call("POST", f"{path}/restore", **headers)
    assert (first.status, second.status) == (200, 200), second
    assert second.field("Idempotent-Replayed") == "true"
    assert (second.json, second.etag) == (first.json, first.etag)
    answer = ours.director.call("POST", f"{path}/restore", **{**headers, "If_Match": first.etag})
    assert answer.status in (409, 422), "another precondition is another request"
    assert count(migrate, "audit", aggregateid=made.id) == 3
