"""Who may do what: tokens, roles, and the classes of fields."""

import base64
import re
import secrets
import uuid

import pytest
from api_world import ROLES, Caller, running_api
from wire import wait_until

from world import NOW

EVERY_ROLE = (*ROLES, "partner", "nobody")
REGISTRY = {"admin", "director", "coordinator", "school_leader"}
PRINCIPAL_FRESH_S = 5

# Field of a partner, and the roles that read it.
STAFF = set(ROLES) - {"viewer"}
PROGRAM = {"admin", "director"}
FIELD_CLASSES = {
    "email": ("a@example.org", STAFF),
    "phone": ("+1 210 555 0100", STAFF),
    "culture_notes": ("Spanish at home", PROGRAM),
    "barred_reason": ("A reason", PROGRAM),
}


@pytest.fixture(scope="module")
def api(database):
    """One process, so that what it remembers is what all remember."""
    with running_api(database, KITH_API_CHILDREN=1) as one:
        yield one


@pytest.fixture(scope="module")
def partner(ours):
    private = {name: value for name, (value, _) in FIELD_CLASSES.items()}
    reason = private.pop("barred_reason")
    one = ours.director.partner(**private)
    return ours.director.post(f"/v1/partners/{one.id}/bar", {"reason": reason})


def token_of(district_id, secret=None):
    raw = uuid.UUID(district_id).bytes + (secret or secrets.token_bytes(32))
    return "kith_" + base64.urlsafe_b64encode(raw).decode()


def secret_of(token):
    return base64.urlsafe_b64decode(token.removeprefix("kith_"))[16:]


def check_unauthenticated(answer, error):
    assert (answer.status, answer.type) == (401, "unauthenticated"), answer
    challenge = answer.field("WWW-Authenticate")
    assert re.match(r'Bearer realm="[^"]+"', challenge), challenge
    assert ('error="invalid_token"' in challenge) is error, challenge  # RFC 6750 §3.1


AUTHORIZATIONS = [
    ("no field at all", lambda token: None),
    ("an empty one", lambda token: ""),
    ("the token without a scheme", lambda token: token),
    ("another scheme", lambda token: f"Basic {token}"),
    ("no token", lambda token: "Bearer"),
    ("an empty token", lambda token: "Bearer "),
    ("another prefix", lambda token: "Bearer " + token.replace("kith_", "xith_")),
    ("no prefix", lambda token: "Bearer " + token.removeprefix("kith_")),
    ("one character less", lambda token: "Bearer " + token[:-1]),
    ("one character more", lambda token: "Bearer " + token + "A"),
    ("a character outside base64url", lambda token: "Bearer " + token[:-1] + "+"),
    ("padding", lambda token: "Bearer " + token + "=="),
    ("two tokens", lambda token: f"Bearer {token} {token}"),
    ("a very long one", lambda token: "Bearer kith_" + "A" * 4000),
]


@pytest.mark.parametrize("make", [m for _, m in AUTHORIZATIONS], ids=[n for n, _ in AUTHORIZATIONS])
def test_what_is_no_token_is_401_with_a_challenge(api, ours, make):
    nobody = Caller(api, None)
    for method, target in (("GET", "/v1/partners"), ("POST", "/v1/partners")):
        check_unauthenticated(
            nobody.call(method, target, Authorization=make(ours.director.token)), error=False
        )


def test_the_scheme_is_case_insensitive(ours):
    answer = ours.viewer.call("GET", "/v1/partners", Authorization=f"bearer {ours.viewer.token}")
    assert answer.status == 200


def test_two_authorizations_are_refused(api, ours):
    connection = api.connection()
    connection.putrequest("GET", "/v1/partners")
    for _ in range(2):
        connection.putheader("Authorization", f"Bearer {ours.director.token}")
    connection.endheaders()
    reply = connection.getresponse()
    reply.read()
    assert reply.status in (400, 401)


def test_a_token_that_nobody_has_is_401(api, ours):
    check_unauthenticated(Caller(api, token_of(ours.id)).get("/v1/partners"), error=True)


def test_whether_a_district_exists_is_not_told(api, ours):
    there = Caller(api, token_of(ours.id)).get("/v1/partners")
    nowhere = Caller(api, token_of(str(uuid.uuid4()))).get("/v1/partners")
    assert there.status == nowhere.status == 401
    assert there.json["detail"] == nowhere.json["detail"]
    assert there.field("WWW-Authenticate") == nowhere.field("WWW-Authenticate")


@pytest.mark.parametrize("is_known", (False, True), ids=("unknown", "remembered"))
def test_another_districts_id_spliced_into_a_token_is_401(api, ours, theirs, is_known):
    caller, _, _ = ours.person("admin")
    if is_known:
        assert caller.get("/v1/partners").status == 200
    spliced = Caller(api, token_of(theirs.id, secret_of(caller.token)))
    check_unauthenticated(spliced.get("/v1/partners"), error=True)
    check_unauthenticated(spliced.post("/v1/partners", {"name": "x", "kind": "other"}), error=True)
    assert caller.get("/v1/partners").status == 200, "the right token is as good as before"


UNFIT = {
    "revoked": {"revoked_at": NOW},
    "expired just now": {"expires_at": NOW},
    "archived": {"archived_at": NOW},
    "a link": {"kind": "link"},
}


@pytest.mark.parametrize("fields", UNFIT.values(), ids=UNFIT.keys())
def test_a_token_that_is_unfit_is_401(ours, fields):
    caller, _, _ = ours.person("admin", **fields)
    check_unauthenticated(caller.get("/v1/partners"), error=True)
    check_unauthenticated(caller.post("/v1/partners", {"name": "x", "kind": "other"}), error=True)


def test_a_token_is_good_until_the_millisecond_of_its_end(ours):
    caller, _, _ = ours.person("admin", expires_at=NOW.replace("00.000Z", "00.001Z"))
    assert caller.get("/v1/partners").status == 200


@pytest.mark.parametrize("what", ("status = 'disabled'", f"archived_at = '{NOW}'"))
def test_a_user_who_is_no_longer_active_is_401(ours, migrate, what):
    caller, user, _ = ours.person("admin")
    migrate.execute(f"UPDATE app_user SET {what} WHERE id = %s", (user,))
    check_unauthenticated(caller.get("/v1/partners"), error=True)


WRITES = {
    "POST partners": (
        REGISTRY,
        lambda caller, ids: caller.post("/v1/partners", {"name": "x", "kind": "other"}),
    ),
    "PATCH partner": (
        REGISTRY,
        lambda caller, ids: caller.patch(f"/v1/partners/{ids[0]}", {}, ids[1]),
    ),
    "DELETE partner": (
        REGISTRY,
        lambda caller, ids: caller.archive(f"/v1/partners/{ids[0]}", '"v99-0"'),
    ),
    "restore partner": (
        REGISTRY,
        lambda caller, ids: caller.restore(f"/v1/partners/{ids[0]}", '"v99-0"'),
    ),
    "POST sites": (
        REGISTRY,
        lambda caller, ids: caller.post("/v1/sites", {"name": "x", "kind": "school"}),
    ),
    "PATCH site": (REGISTRY, lambda caller, ids: caller.patch(f"/v1/sites/{ids[2]}", {}, '"v1-0"')),
    "DELETE site": (
        REGISTRY,
        lambda caller, ids: caller.archive(f"/v1/sites/{ids[2]}", '"v99-0"'),
    ),
    "restore site": (
        REGISTRY,
        lambda caller, ids: caller.restore(f"/v1/sites/{ids[2]}", '"v99-0"'),
    ),
    "PATCH district": (
        {"admin"},
        lambda caller, ids: caller.patch(f"/v1/districts/{ids[3]}", {}, '"v1-0"'),
    ),
}


@pytest.fixture(scope="module")
def ids(ours, partner):
    return partner.id, partner.etag, ours.director.site().id, ours.id


@pytest.mark.parametrize("route", WRITES)
@pytest.mark.parametrize("role", EVERY_ROLE)
def test_a_write_needs_one_of_its_roles(ours, ids, role, route):
    allowed, write = WRITES[route]
    answer = write(getattr(ours, role), ids)
    if role in allowed:
        assert answer.status in (200, 201, 412), answer  # 412: past the door, and no such version
    else:
        assert (answer.status, answer.type) == (403, "forbidden"), answer


@pytest.mark.parametrize("role", EVERY_ROLE)
@pytest.mark.parametrize("is_known", (False, True), ids=("unknown", "remembered"))
def test_staff_and_viewers_read_everything_else_is_403(ours, ids, role, is_known):
    caller = getattr(ours, role) if is_known else ours.person(*[role][: role != "nobody"])[0]
    expected = 200 if role in ROLES else 403
    for target in (
        "/v1/partners",
        f"/v1/partners/{ids[0]}",
        "/v1/sites",
        f"/v1/sites/{ids[2]}",
        "/v1/districts",
        ours.path,
    ):
        answer = caller.get(target)
        assert answer.status == expected, (target, answer)


@pytest.mark.parametrize("role", ROLES)
def test_a_field_is_null_for_who_may_not_read_it(ours, partner, role):
    caller = getattr(ours, role)
    one = caller.get(f"/v1/partners/{partner.id}").json
    listed = next(row for row in everything(caller) if row["id"] == partner.id)
    for name, (value, readers) in FIELD_CLASSES.items():
        expected = value if role in readers else None
        assert (name, one[name]) == (name, expected)
        assert (name, listed[name]) == (name, expected)
    assert one == listed


def everything(caller):
    return caller.get("/v1/partners", {"limit": 200}).json["data"]


def test_what_is_private_is_not_written_by_who_may_not_read_it(ours, migrate):
    made = ours.coordinator.partner(email="x@example.org")
    assert made.json["culture_notes"] is None and made.json["email"] == "x@example.org"
    for refused in (
        ours.coordinator.post("/v1/partners", {"name": "P", "kind": "civic", "culture_notes": "Kept"}),
        ours.coordinator.patch(f"/v1/partners/{made.id}", {"culture_notes": "New"}, made.etag),
    ):
        assert (refused.status, refused.type, refused.faults) == (403, "forbidden", {"/culture_notes": "not_allowed"})
    row = migrate.execute("SELECT culture_notes FROM partner WHERE id = %s", (made.id,)).fetchone()
    assert row == (None,)


def test_one_who_holds_several_grants_has_the_rights_of_all(ours, partner):
    caller, _, _ = ours.person("viewer", "director")
    assert caller.get(f"/v1/partners/{partner.id}").json["culture_notes"] == "Spanish at home"
    caller.partner()


def test_a_grant_counts_on_its_days_only(ours, database, migrate):
    for days, expected in (
        (("2026-11-21", "2026-11-21"), 200),
        (("2026-11-22", None), 403),
        (("2026-11-01", "2026-11-20"), 403),
    ):
        caller, user, _ = ours.person()
        with migrate.transaction():
            database.grant(
                migrate, ours.id, user, "viewer", from_date=days[0], until_date=days[1]
            )
        assert (days, caller.get("/v1/partners").status) == (days, expected)


LOSSES = {
    "key revoked": (f"UPDATE access_token SET revoked_at = '{NOW}' WHERE user_id = %s", 401),
    "user disabled": ("UPDATE app_user SET status = 'disabled' WHERE id = %s", 401),
    "grant ended": (f"UPDATE user_grant SET archived_at = '{NOW}' WHERE user_id = %s", 403),
    "role changed": ("UPDATE user_grant SET role = 'partner' WHERE user_id = %s", 403),
}


@pytest.mark.parametrize("sql, status", LOSSES.values(), ids=LOSSES.keys())
def test_a_right_that_is_lost_is_lost_for_writes_at_once(ours, migrate, sql, status):
    caller, user, _ = ours.person("director")
    assert caller.get("/v1/partners").status == 200, "remembered now"
    migrate.execute(sql, (user,))
    answer = caller.post("/v1/partners", {"name": "Too late", "kind": "other"})
    assert answer.status == status, answer
    assert migrate.execute(
        "SELECT count(*) FROM partner WHERE name = 'Too late' AND district_id = %s", (ours.id,)
    ).fetchone() == (0,)
    assert caller.get("/v1/partners").status == status, "and forgotten by the refusal"


def test_a_right_that_is_lost_is_lost_for_reads_soon(ours, migrate):
    losers = []
    for sql, status in LOSSES.values():
        caller, user, _ = ours.person("director")
        assert caller.get("/v1/partners").status == 200, "remembered now"
        migrate.execute(sql, (user,))
        losers.append((caller, status))

    def all_refused():
        answers = [(caller.get("/v1/partners").status, status) for caller, status in losers]
        assert all(got in (200, status) for got, status in answers), answers
        return all(got == status for got, status in answers)

    wait_until(all_refused, "reads are refused", PRINCIPAL_FRESH_S + 1)


def test_a_role_that_is_won_counts_for_writes_at_once(ours, migrate):
    caller, user, _ = ours.person("viewer")
    assert caller.get("/v1/partners").status == 200, "remembered now"
    migrate.execute("UPDATE user_grant SET role = 'director' WHERE user_id = %s", (user,))
    caller.partner(name="Just in time")
