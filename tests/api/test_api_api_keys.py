"""API keys: shown once, scoped to roles, ended."""

import json

import pytest
from api_world import Caller, running_api
from importing import counts, faults, load, revert, send, unique
from wire import wait_until

from world import NOW


def make(caller, **fields):
    return caller.post("/v1/api_keys", {"label": "A key", **fields})


@pytest.fixture
def person(ours):
    """A coordinator who is a viewer too: the caller and the user's id."""
    caller, user, _ = ours.person("coordinator", "viewer")
    return caller, user


def keeper(ours, answer):
    assert answer.status == 201, answer
    return Caller(ours.api, answer.json["token"])


@pytest.mark.shows("administration.api_keys")
def test_a_key_is_shown_once_and_works(ours, person, migrate):
    caller, user = person
    made = make(caller, expires_at="2026-12-31T00:00:00Z")
    assert made.field("Location") == f"/v1/api_keys/{made.id}"
    assert made.field("Cache-Control") == "no-store" and made.field("ETag")
    expected = {"label": "A key", "user_id": user, "roles": None, "revoked_at": None,
                "expires_at": "2026-12-31T00:00:00.000Z", "last_used_at": None}
    assert {name: made.json[name] for name in expected} == expected
    key = keeper(ours, made)
    me = key.get("/v1/me").json
    assert me["user"]["id"] == user and me["session"]["kind"] == "api_key"
    key.partner(name="By key")
    shown = caller.get(f"/v1/api_keys/{made.id}").json
    assert shown == {**made.json, "token": None, "last_used_at": NOW}
    secret = made.json["token"]
    kept = migrate.execute("SELECT t.*::text FROM access_token t WHERE id = %s", (made.id,)).fetchone()
    assert secret not in kept[0] and secret.removeprefix("kith_") not in kept[0]
    assert migrate.execute("SELECT count(*) FROM audit a WHERE a::text LIKE %s",
                           (f"%{secret[-40:]}%",)).fetchone() == (0,)


def test_a_repetition_tells_all_but_the_token(ours, person, migrate):
    caller, _ = person
    headers = {"Idempotency_Key": "the-key"}
    first = caller.post("/v1/api_keys", {"label": "Twice"}, **headers)
    again = caller.post("/v1/api_keys", {"label": "Twice"}, **headers)
    assert again.status == 201 and again.field("Idempotent-Replayed") == "true"
    assert again.json == {**first.json, "token": None} and first.json["token"]
    assert again.field("Location") == first.field("Location")
    assert caller.post("/v1/api_keys", {"label": "Other"}, **headers).status == 422
    labels = [one["label"] for one in caller.get("/v1/api_keys").json["data"]]
    assert labels.count("Twice") == 1 and "Other" not in labels
    assert migrate.execute("SELECT count(*) FROM idempotency WHERE body LIKE %s",
                           (f"%{first.json['token'][-40:]}%",)).fetchone() == (0,)
    text = json.dumps(Caller(ours.api, None).get("/openapi.json").json)
    assert "whoever lost it revokes the key and makes another" in text


def test_a_key_does_no_more_than_its_roles(ours, person):
    caller, _ = person
    key = keeper(ours, make(caller, roles=["viewer"]))
    assert key.get("/v1/partners").status == 200
    assert key.post("/v1/partners", {"name": "No", "kind": "civic"}).status == 403
    assert key.get("/v1/me").json["user"]["id"] == person[1]
    caller.partner(name="The user itself may")


def test_a_keys_roles_are_among_its_users(ours, person):
    caller, user = person
    for roles in (["director"], ["viewer", "admin"], ["king"]):
        assert make(caller, roles=roles).faults == {"/roles": "not_allowed"}, roles
        assert make(ours.admin, roles=roles, user_id=user).faults == {"/roles": "not_allowed"}
    assert make(caller, roles=[]).faults == {"/roles": "too_few_items"}
    assert make(caller, roles=["viewer", "viewer"]).faults == {"/roles/1": "duplicate_item"}
    for roles in (["viewer"], ["coordinator", "viewer"], None):
        assert make(caller, roles=roles).json["roles"] == roles


def test_a_key_makes_no_key_that_may_more_or_lives_longer(ours, person):
    caller, _ = person
    narrow = keeper(ours, make(caller, roles=["coordinator"], expires_at="2026-12-01T00:00:00Z"))
    assert make(narrow, roles=["viewer"]).faults == {"/roles": "not_allowed"}
    child = make(narrow)
    assert child.json["roles"] == ["coordinator"]
    assert child.json["expires_at"] == "2026-12-01T00:00:00.000Z"
    longer = make(narrow, expires_at="2027-01-01T00:00:00Z")
    assert longer.json["expires_at"] == "2026-12-01T00:00:00.000Z"
    shorter = make(narrow, expires_at="2026-11-30T00:00:00Z")
    assert shorter.json["expires_at"] == "2026-11-30T00:00:00.000Z"


@pytest.mark.shows("administration.api_key_limits")
def test_a_key_that_reads_writes_nothing(ours):
    key = keeper(ours, make(ours.admin, is_read_only=True))
    partner = ours.director.partner()
    assert key.get(f"/v1/partners/{partner.id}").status == 200 and key.get("/v1/grants").status == 200
    for answer in (key.post("/v1/partners", {"name": "No", "kind": "civic"}),
                   key.patch(f"/v1/partners/{partner.id}", {"name": "No"}, partner.etag),
                   key.archive(f"/v1/partners/{partner.id}", partner.etag), make(key)):
        assert answer.status == 403 and "API key is not for this" in answer.json["detail"]
    assert key.get("/v1/me").status == 200
    assert ours.admin.get(f"/v1/partners/{partner.id}").json == partner.json


def test_a_key_asks_its_resources_alone(ours):
    key = keeper(ours, make(ours.director, resources=["programs", "imports"]))
    partner = ours.director.partner()
    program = key.created("programs", {"partner_id": partner.id, "name": "A program"})
    path = f"/v1/programs/{program.id}"
    for answer in (key.get("/v1/partners"), key.get(f"/v1/partners/{partner.id}"), key.get("/v1/me"),
                   key.get("/v1/programs", {"expand": "partner"}), key.get(path, {"expand": "partner"}),
                   key.call("POST", "/v1/imports?kind=partners", b"name,kind\nA,civic\n", Content_Type="text/csv")):
        assert answer.status == 403 and "API key is not for this" in answer.json["detail"], answer
    assert key.get("/v1/programs").status == 200 and key.get(path).json == program.json
    assert key.get("/v1/programs", Accept="text/csv").status == 200
    taken = key.call("POST", "/v1/imports?kind=programs", b"name,partner\nB,A partner\n", Content_Type="text/csv")
    assert taken.status == 202, taken
    assert make(ours.director, resources=["programs", "nonsense"]).faults == {"/resources/1": "not_allowed"}
    assert make(ours.director, resources=["openapi.json"]).faults == {"/resources/0": "not_allowed"}


def test_a_key_of_a_place_writes_there_alone(ours):
    network = ours.admin.created("networks", {"name": "A network"}).id
    inside, other = ours.admin.site(network_id=network), ours.admin.site()
    for owner in (ours.director, ours.admin):
        for place in ({"scope_kind": "site", "scope_id": inside.id}, {"scope_kind": "network", "scope_id": network}):
            key = keeper(ours, make(owner, **place))
            assert [key.patch(f"/v1/sites/{one.id}", {"phone": "1"}, ours.admin.get(f"/v1/sites/{one.id}").etag).status
                    for one in (inside, other)] == [200, 403], place
            assert key.get(f"/v1/sites/{other.id}").status == 200, "everybody reads all"
            for answer in (key.post("/v1/networks", {"name": "No"}), key.get("/v1/grants"), key.get("/v1/audit")):
                assert answer.status == 403, (place, answer)
    # Of a coordinator elsewhere nothing lies there.
    scoped = ours.scoped(("coordinator", "site", other.id))
    key = keeper(ours, make(scoped, scope_kind="site", scope_id=inside.id))
    assert key.get("/v1/sites").status == 403
    # A site that moves out of the network takes the right with it.
    key = keeper(ours, make(ours.scoped(("coordinator", "network", network)), scope_kind="site", scope_id=inside.id))
    before = ours.admin.get(f"/v1/sites/{inside.id}")
    moved = key.patch(f"/v1/sites/{inside.id}", {"phone": "2"}, before.etag)
    assert moved.status == 200
    assert ours.admin.patch(f"/v1/sites/{inside.id}", {"network_id": None}, moved.etag).status == 200
    assert key.get("/v1/sites").status == 403


@pytest.mark.shows("administration.api_key_imports")
def test_a_key_of_a_place_loads_files_as_a_director_of_it_would(ours):
    inside, other = (ours.admin.site(name=unique("School"), local_id=unique("L")) for _ in range(2))

    def file():
        return "name,kind,lead_site\n" + "".join(
            f"{unique('Partner')},civic,{site.json['local_id']}\n" for site in (inside, other))

    key = keeper(ours, make(ours.director, scope_kind="site", scope_id=inside.id))
    for who in (key, ours.scoped(("director", "site", inside.id))):
        report = load(who, "partners", file())
        assert counts(report) == (1, 0, 0, 1), report
        assert faults(who, report) == {3: [(None, "out_of_scope")]}
        assert revert(who, report)["reverted"] == 1
    # Of the user's grants it is those of its roles, and there are no users of a place.
    place = {"scope_kind": "site", "scope_id": inside.id}
    users = send(keeper(ours, make(ours.admin, **place)), "users", "email,name\na@example.org,A\n")
    coordinator = keeper(ours, make(ours.scoped(("coordinator", "site", inside.id)), **place))
    reader = keeper(ours, make(ours.director, is_read_only=True))
    assert [users.status, *(send(who, "partners", file()).status for who in (coordinator, reader))] == [403] * 3


@pytest.mark.parametrize("body, pointer, code", [
    ({"scope_kind": "site"}, "/scope_id", "not_allowed"),
    ({"scope_id": "0190a000-0000-7000-8000-000000000000"}, "/scope_id", "not_allowed"),
    ({"scope_kind": "network", "scope_id": "0190a000-0000-7000-8000-000000000000"}, "/scope_id", "unknown_id"),
    ({"scope_kind": "partner"}, "/scope_kind", "not_in_enum"), ({"resources": []}, "/resources", "too_few_items"),
])
def test_limits_that_are_none(ours, body, pointer, code):
    assert make(ours.director, **body).faults == {pointer: code}


def test_a_limited_key_makes_none_that_may_more(ours):
    network = ours.admin.created("networks", {"name": "Its network"}).id
    inside, other = ours.admin.site(network_id=network).id, ours.admin.site().id
    user = ours.users["coordinator"]
    limits = {"resources": ["api_keys", "partners"], "user_id": ours.users["admin"]}
    key = keeper(ours, make(ours.admin, **limits))
    assert make(key).json["resources"] == limits["resources"]
    assert make(key, resources=["partners"], user_id=user).json["resources"] == ["partners"]
    for more in ({"resources": ["sites"]}, {"resources": ["sites"], "user_id": user}):
        assert make(key, **more).faults == {"/resources": "not_allowed"}
    placed = keeper(ours, make(ours.director, scope_kind="network", scope_id=network))
    assert make(placed).json["scope_id"] == network
    assert make(placed, scope_kind="site", scope_id=inside).json["scope_kind"] == "site"
    for more in ({"scope_kind": "site", "scope_id": other}, {"scope_kind": "district"}):
        assert make(placed, **more).faults == {"/scope_id": "not_allowed"}, more


def test_a_role_that_the_user_loses_the_key_loses(ours, person):
    caller, user = person
    key = keeper(ours, make(caller, roles=["coordinator"]))
    key.partner(name="Before")
    one = ours.admin.get("/v1/grants", {"user_id": user, "role": "coordinator"}).json["data"][0]
    path = f"/v1/grants/{one['id']}"
    assert ours.admin.archive(path, ours.admin.get(path).etag).status == 204
    assert key.post("/v1/partners", {"name": "After", "kind": "civic"}).status == 403


def test_staff_have_their_own_keys_and_administrators_everybodys(ours, theirs, person):
    caller, user = person
    own = make(caller)
    path = f"/v1/api_keys/{own.id}"
    assert make(caller, user_id=ours.users["viewer"]).status == 403
    given = make(ours.admin, user_id=user)
    assert given.status == 201 and given.json["user_id"] == user
    assert {one["id"] for one in caller.get("/v1/api_keys").json["data"]} >= {own.id, given.id}
    for other in (ours.director, theirs.admin):
        assert other.get(path).status == 404
        assert other.post(f"{path}/revoke", {}).status == 404
        assert own.id not in {one["id"] for one in other.get("/v1/api_keys").json["data"]}
    assert ours.admin.get(path).status == 200
    for unknown in (theirs.users["viewer"], own.id):
        assert make(ours.admin, user_id=unknown).faults == {"/user_id": "unknown_id"}


@pytest.mark.shows("administration.active_tokens")
def test_keys_are_listed_by_their_user_and_by_what_still_works(database, ours, person):
    caller, user = person
    kept, revoked, over = make(caller), make(caller), make(caller, expires_at="2026-11-21T18:00:01Z")
    assert caller.post(f"/v1/api_keys/{revoked.id}/revoke", {}).status == 200
    with database.connect("postgres") as connection:
        connection.execute("UPDATE access_token SET expires_at = '2026-11-20T00:00:00Z' WHERE id = %s", (over.id,))

    def listed(**asked):
        return {one["id"] for one in ours.admin.get("/v1/api_keys", {"user_id": user, **asked}).json["data"]}

    assert listed() >= {kept.id, revoked.id, over.id}
    assert kept.id in listed(active="true") and not listed(active="true") & {revoked.id, over.id}
    assert listed(active="false") >= {revoked.id, over.id} and kept.id not in listed(active="false")
    assert [ours.admin.get(f"/v1/api_keys/{one.id}").json["active"] for one in (kept, revoked, over)] == [True, False, False]


def test_a_key_that_is_revoked_is_none(ours, person):
    caller, _ = person
    made = make(caller)
    key = keeper(ours, made)
    assert key.get("/v1/partners").status == 200
    revoked = caller.post(f"/v1/api_keys/{made.id}/revoke", {}, Idempotency_Key="end")
    assert revoked.status == 200 and revoked.json["revoked_at"] == NOW
    assert key.post("/v1/partners", {"name": "No", "kind": "civic"}).status == 401
    wait_until(lambda: key.get("/v1/partners").status == 401, "reads are refused", 6)
    again = caller.post(f"/v1/api_keys/{made.id}/revoke", {})
    assert again.status == 200 and again.json == revoked.json, "to end it again changes nothing"
    replay = caller.post(f"/v1/api_keys/{made.id}/revoke", {}, Idempotency_Key="end")
    assert replay.field("Idempotent-Replayed") == "true"
    assert ours.admin.post(f"/v1/api_keys/{made.id}/revoke", {}, If_Match='"v9-0"').status == 412


def test_a_key_ends_at_its_end(database, ours, person):
    made = make(person[0], expires_at="2026-11-21T15:00:01Z")
    with running_api(database) as api:
        key = Caller(api, made.json["token"])
        assert key.get("/v1/me").status == 200
        api.set_clock("2026-11-21T15:00:01.000Z")
        assert key.get("/v1/me").status == 401
    assert make(person[0], expires_at=NOW).faults == {"/expires_at": "not_allowed"}


@pytest.mark.parametrize("body, pointer, code", [
    ({}, "/label", "required"), ({"label": " "}, "/label", "too_short"),
    ({"label": "a" * 256}, "/label", "too_long"),
    ({"label": "a", "token": "kith_mine"}, "/token", "unknown_member"),
    ({"label": "a", "expires_at": "tomorrow"}, "/expires_at", "invalid_instant"),
])
def test_a_body_that_is_no_key(ours, body, pointer, code):
    assert ours.director.post("/v1/api_keys", body).faults == {pointer: code}
