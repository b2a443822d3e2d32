"""Requests that are not what the document says but for their bodies: paths, queries, header fields,
methods and whoever asks, for each route (attack.py)."""

import secrets
from urllib.parse import quote

import pytest
from api_world import Caller
from attack import (  # noqa: F401
    NO_IDS,
    NO_TEXTS,
    UNKNOWN_PARAMETERS,
    WITH_ID,
    ask,
    bad_parameters,
    base,
    few,
    nothing_counts,
    share,
)
from operations import FILES, NOTHINGS_ID, STALE, asking, operation, operations, settled
from permissions import PERMISSIONS, PUBLIC
from test_api_identity import secret_of, token_of

ORIGIN = "http://localhost:8080"
ENDS_THE_TOKEN = "DELETE /v1/sessions/current"
SIGN_IN = "POST /v1/sessions"
CLOSED = [route for route, roles in PERMISSIONS.items() if roles != PUBLIC]
WRITES = [route for route in CLOSED if not route.startswith("GET ")]
LISTS = [r for r in PERMISSIONS if r.startswith("GET /v1/") and f"{r}/{{id}}" in PERMISSIONS]
# Of a request that got as far as its own resource: done, or refused for its stale ETag or state.
THERE = {200, 201, 202, 204, 303, 409, 412, 422}


def each(routes):
    return lambda test: pytest.mark.parametrize("base", routes, indirect=True)(test)


def caller_of(ours, op):
    """Somebody who may, and whom nobody else needs when the token ends."""
    return ours.person("admin")[0] if op.route == ENDS_THE_TOKEN else ours.admin


# ---- Paths ---------------------------------------------------------------------------------------


@each(WITH_ID)
def test_an_id_that_is_none_of_ours_is_404(ours, subjects, foreign, base):
    op, request = base
    own = subjects.kept(op.plural).id
    kinds = {*share(("partners", "sites", "networks", "contacts"), op, 2)} - {op.plural}
    kinds = () if op.plural == "search" else kinds  # it finds them all
    others = [NOTHINGS_ID, foreign.kept(op.plural).id, *(subjects.kept(k).id for k in kinds)]
    for one in (*others, *(text.replace("{id}", own) for text in share(NO_IDS, op, 7))):
        answer = ask(request.but(target=request.target.replace(own, one)), ours.admin)
        assert answer.status in ((404,) if one in others else (400, 404, 405, 414)), (one, answer)
        if one in others:
            assert answer.type == "not_found" and answer.etag is None, (one, answer)


@each(few(WITH_ID))
def test_an_id_is_the_same_in_capitals_and_percent_encoded(ours, subjects, base):
    op, request = base
    own = subjects.kept(op.plural).id
    usual = ask(request, ours.admin).status
    assert usual in THERE, usual
    for one in (own.upper(), "".join(f"%{ord(c):02x}" for c in own)):
        answer = ask(request.but(target=request.target.replace(own, one)), ours.admin)
        assert answer.status == usual, (one, answer)


@each(few(PERMISSIONS))
def test_a_path_that_is_written_otherwise_is_another(ours, base):
    op, request = base
    path = request.target.partition("?")[0]
    for other in (
        path + "/",
        "/" + path,
        path.replace("/v1/", "/V1/") if "/v1/" in path else path.upper(),
        path.replace("/v1/", "/v1//") if "/v1/" in path else path + "//",
        path + "%2F",
        path + "%00",
        path + "/unknown",
        path + ";x=y",
    ):
        answer = ask(request.but(target=other), caller_of(ours, op))
        assert answer.status in (400, 404, 405), (other, answer)


# ---- Queries -------------------------------------------------------------------------------------


@each(few(PERMISSIONS))
def test_a_parameter_that_is_none_of_the_routes_is_400(ours, base):
    op, request = base
    known = op.parameters("query")
    for query in share(UNKNOWN_PARAMETERS, op, 6):
        name = query.partition("=")[0]
        if name in known:
            continue
        target = asking(request.target, quote(query, safe='%=&[]'))
        answer = ask(request.but(target=target), caller_of(ours, op))
        assert answer.status == 400, (query, answer)
        assert answer.type in ("invalid_query", "malformed_request"), (query, answer)


@each([route for route in PERMISSIONS if route.startswith("GET ")])
def test_a_parameter_takes_nothing_else_and_is_named(ours, base):
    op, request = base
    for name, schema in op.parameters("query").items():
        for value in share(bad_parameters(name, schema), op, 6):
            query = f"{quote(name)}={quote(value, safe='%,')}"
            answer = ask(request.but(target=asking(request.target, query)), ours.admin)
            assert answer.status == 400, (query, answer)
            assert answer.type == "invalid_query", (query, answer)
            # What is no text is no parameter yet.
            expected = [] if value in NO_TEXTS else [f"/{name}"]
            assert list(answer.faults) == expected, (query, answer)


@each(few(LISTS))
def test_a_parameter_that_stands_twice_is_400(ours, base):
    op, request = base
    for name, schema in op.parameters("query").items():
        if schema["type"] == "array" and name not in ("sort", "fields", "expand"):
            continue  # alternatives may stand in a parameter each
        target = f"{request.target}?{quote(name)}=1&{quote(name)}=1"
        answer = ask(request.but(target=target), ours.admin)
        assert answer.status == 400 and f"/{name}" in {
            error["pointer"] for error in answer.json["errors"]
        }, (name, answer)


RECORDS = {  # without an archive, nor the time of their making: another order of theirs
    "audit": ("sort=at",),
    "search": ("sort=-name",),
    "duplicate_pairs": ("sort=score",),
    "policy_acknowledgments": ("sort=-user_name",),
    "site_readiness": ("sort=-school_year",),
}


def page_of(ours, foreign, subjects, request, plural):
    """A list that goes on, and where."""
    for _ in range(2):
        subjects.fresh(plural) if f"POST /v1/{plural}" in operations() else None
    answer = ask(request.but(target=f"{request.target}?limit=1"), ours.admin)
    assert answer.status == 200, answer
    return answer.json["page"]["next_cursor"]


@each(LISTS)
def test_a_cursor_is_good_for_its_own_query_only(ours, theirs, foreign, subjects, base):
    op, request = base
    cursor = page_of(ours, foreign, subjects, request, op.plural)
    if cursor is None:
        assert f"POST /v1/{op.plural}" not in operations(), "two were made"
        return

    def asked(query, caller=ours.admin, target=request.target):
        return ask(request.but(target=f"{target}?{query}"), caller)

    assert asked(f"limit=1&cursor={cursor}").status == 200
    assert asked(f"cursor={cursor}").status == 200, "another limit is the same query"
    half = len(cursor) // 2
    spoiled = cursor[:half] + ("A" if cursor[half] != "A" else "B") + cursor[half + 1 :]
    elsewhere = "/v1/sites" if op.plural != "sites" else "/v1/partners"
    others = RECORDS.get(op.plural, ("archived=include", "sort=-created_at"))
    for answer in (
        *(asked(f"{other}&cursor={cursor}") for other in others),
        asked(f"cursor={cursor}", target=elsewhere),
        asked(f"cursor={spoiled}"),
        asked(f"cursor={cursor[:-1]}"),
        asked(f"cursor={cursor}AAAA"),
    ):
        assert answer.status == 400 and list(answer.faults) == ["/cursor"], answer
    answer = asked(f"limit=1&cursor={cursor}", theirs.admin)
    assert answer.status in (200, 400), answer
    mine = {one["id"] for one in asked("limit=200").json["data"]}
    assert not mine & {one["id"] for one in answer.json.get("data", ())}, "of another district"


def test_a_link_that_is_longer_than_the_fields_of_a_reply_is_left_out(ours):
    """Percent-encoded it is three times as long as the query that it repeats."""
    for _ in range(2):
        ours.admin.partner(name="😀" * 200, city="Austin")  # the cursor is long, too
    rest = "&".join(
        ["limit=1", "kind=" + ",".join(["nonprofit"] * 19), "stage=" + ",".join(["prospect"] * 12)]
        + [f"{name}[gt]=2000-01-01T00:00:00Z" for name in ("created_at", "updated_at")]
        + [f"{name}[lt]=2100-01-01T00:00:00Z" for name in ("created_at", "updated_at")]
        + ["sort=name,created_at,updated_at"]
    )
    lengths = set()
    for length in range(4640, 4840, 8):
        cities = [":" * 255] * (length // 255) + [":" * (length % 255), "Austin"]
        answer = ours.admin.call("GET", f"/v1/partners?{rest}&city={','.join(cities)}")
        assert answer.status == 200 and answer.json["page"]["has_more"], answer
        lengths.add(len(answer.field("Link") or ""))
    assert 0 in lengths and max(lengths) > 15000, "the lengths are not around the limit"


# ---- Who asks ------------------------------------------------------------------------------------


@each(CLOSED)
def test_a_token_that_is_none_of_ours_is_401(api, ours, theirs, base):
    _, request = base
    for token in (
        None,
        "",
        "kith_",
        "kith_" + "A" * 64,
        ours.admin.token + "A",
        ours.admin.token.upper(),
        token_of(theirs.id, secret_of(ours.admin.token)),
        token_of(ours.id),
    ):
        answer = ask(request, Caller(api, token))
        assert answer.status == 401 and answer.field("WWW-Authenticate"), (token, answer)
    for field in (f"Basic {ours.admin.token}", f"Bearer  {ours.admin.token} x", "Bearer"):
        answer = ask(request.but(Authorization=field), Caller(api, None))
        assert answer.status == 401 and answer.field("WWW-Authenticate"), (field, answer)


@each(WITH_ID)
def test_another_districts_admin_finds_nothing(theirs, base):
    _, request = base
    answer = ask(request, theirs.admin)
    # What the body refers to is not theirs either.
    assert answer.status in (404, 422) and "data" not in answer.json, answer
    assert answer.status == 404 or request.method == "POST", answer


@each(WRITES)
def test_with_a_cookie_a_write_needs_the_token_and_our_origin(api, ours, base):
    op, request = base
    caller = caller_of(ours, op)
    cookie = f"kith={caller.token}"
    browser = Caller(api, None)
    csrf = browser.get("/v1/me", Cookie=cookie).json["csrf_token"]
    right = {"Cookie": cookie, "Origin": ORIGIN, "X_CSRF_Token": csrf}
    for wrong in (
        {"X_CSRF_Token": None},
        {"X_CSRF_Token": ""},
        {"X_CSRF_Token": secrets.token_urlsafe(32)},
        {"Origin": None},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": ORIGIN + ".evil.example"},
        {"Origin": ORIGIN.upper() + "/"},
    ):
        answer = ask(request.but(**{**right, **wrong}), browser)
        assert answer.status == 403 and answer.type == "forbidden", (wrong, answer)
    assert ask(request.but(**right), browser).status in {*THERE, 204}


# ---- Preconditions, keys, negotiation ------------------------------------------------------------

NO_ETAGS = ("*", '"v1"x', "v1-0", '""', '"x"', "'v1-0'", '"v-1-0"', '"v99999999999999999999-0"', "W/*")


@each(WITH_ID)
def test_a_version_that_is_not_the_last_is_refused(ours, subjects, base):
    op, request = base
    if not op.takes("If-Match"):
        usual = ask(request, ours.admin).status
        answer = ask(request.but(If_Match=STALE), ours.admin)
        assert answer.status == usual, answer
        return
    if "428" in op.spec["responses"]:
        answer = ask(request.but(If_Match=None), ours.admin)
        assert answer.status == 428 or op.action, answer
    etag = subjects.kept(op.plural).etag or '"v1-0"'
    for value in (STALE, *NO_ETAGS, f"W/{etag}", f"{etag}, {etag}", f'{etag}, "v2-0"', etag[:-1]):
        answer = ask(request.but(If_Match=value), ours.admin)
        assert answer.status == 412 and answer.type == "precondition_failed", (value, answer)


# Passwords are exempt: no reply to one is kept.
KEYED = [r for r in WRITES if r.startswith("POST ") and r != "POST /v1/me/password"]
# A secret is in the first reply only.
SECRETS = {
    "POST /v1/api_keys": {"token": None},
    "POST /v1/users/{id}/password_reset": {"token": None, "link": None},
}


@each(few(KEYED))
def test_a_key_that_is_none_is_400(ours, base):
    op, request = base
    assert op.takes("Idempotency-Key"), "every POST honors a key"
    for key in ("", " ", "a" * 256, "a b", "é", '"', '"a', '"a"b"', "\ta\x01"):
        answer = ask(request.but(Idempotency_Key=key), ours.admin)
        assert answer.status == 400 and answer.type in (
            "invalid_header_field",
            "malformed_request",
        ), (key, answer)


@each([route for route in KEYED if route not in FILES])
def test_a_key_stands_for_one_request(ours, subjects, base):
    op, _ = base
    request = subjects.valid(op).but(Idempotency_Key=secrets.token_hex(8))
    first = ask(request, ours.admin)
    again = ask(request, ours.admin)
    assert again.status == first.status, (first, again)
    if first.status >= 300:
        assert op.action, first
        return
    kept = {**first.json, **SECRETS.get(op.route, {})}
    assert again.field("Idempotent-Replayed") == "true" and again.json == kept, again
    if op.schema is not None:
        answer = ask(request.but(body={**request.body, "unknown": 1}), ours.admin)
        assert answer.status == 422, answer
        spaced = (str(request.body).replace("'", '"') + " ").encode()
        other = ask(request.but(body=b" " + spaced), ours.admin)
        assert other.status in (400, 422), other
    answer = ask(request.but(target=request.target + "x"), ours.admin)
    assert answer.status == 404, answer


# What another request of the same kind may get instead.
AGAIN = {SIGN_IN: {429}, ENDS_THE_TOKEN: {404}, "POST /v1/grants": {422}}
ACCEPTS = ("image/png", "*/*;q=0", "application/json;q=0", "x", "", ",,;q=", "text/html", "a" * 8000)


@each(few(PERMISSIONS))
def test_what_is_accepted_is_advice(ours, base):
    op, request = base
    usual = {ask(request, caller_of(ours, op)).status, 406}
    usual |= AGAIN.get(op.route, {409} if 201 in usual else set())
    for value in share(ACCEPTS, op, 3):
        fields = ("Accept", "Accept_Language", "Accept_Encoding", "Accept_Charset")
        answer = ask(request.but(**dict.fromkeys(fields, value)), caller_of(ours, op))
        assert answer.status in usual, (value, answer)


STRANGE_FIELDS = {
    "X_Request_Id": ("", "x" * 129, "a b", "\u00e9", "${jndi:ldap://x}", '"'),
    "Traceparent": ("", "00-x-y-z", "00-" + "0" * 52, "x" * 4000),
    "Range": ("bytes=0-1", "bytes=-", "x"),
    "If_None_Match": ("*", "x", '"', "W/", '"a", "b', "," * 1000),
    "If_Modified_Since": ("x", "Sat, 21 Nov 2126 00:00:00 GMT"),
    "X_HTTP_Method_Override": ("DELETE",),
    "X_Forwarded_For": ("x", "1.2.3.4, 5.6.7.8", "::1", "," * 1000),
    "Forwarded": ("for=x;host=evil", ";;;"),
    "Cookie": ("kith=", "kith=kith_x; kith=y", ";;;=;", "=" * 2000),
    "Prefer": ("return=minimal",),
    "Last_Event_ID": ("x",),
}


@each(few(route for route in PERMISSIONS if route not in (SIGN_IN, ENDS_THE_TOKEN)))
def test_fields_that_are_strange_change_nothing(ours, base):
    op, request = base
    usual = {ask(request, ours.admin).status}
    usual |= {304} if op.method == "GET" else {409} | AGAIN.get(op.route, set()) if 201 in usual else set()
    for number in range(max(map(len, STRANGE_FIELDS.values()))):
        fields = {name: values[number % len(values)] for name, values in STRANGE_FIELDS.items()}
        answer = ask(request.but(**fields), ours.admin)
        assert answer.status in usual, (fields, answer)


# ---- Methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted({route.partition(" ")[2] for route in PERMISSIONS}))
def test_another_method_is_405_and_the_right_ones_are_named(api, ours, subjects, path):
    ops = [op for op in operations().values() if op.path == path]
    methods = {op.method for op in ops}
    allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    target = subjects.target(ops[0])
    for caller in (ours.admin, Caller(api, None)):
        for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - allowed:
            answer = caller.call(method, target)
            assert answer.status == 405, (method, answer)
            assert answer.reply.allow() == allowed, (method, answer)
        answer = caller.call("OPTIONS", target)
        assert answer.status == 204 and answer.reply.allow() == allowed, answer
        for method in ("TRACE", "BREW", "get", "PROPFIND"):
            answer = caller.call(method, target)
            assert answer.status in (405, 501), (method, answer)


@pytest.mark.parametrize("route", few(r for r in PERMISSIONS if r.startswith("GET ")))
def test_head_says_what_get_says(ours, subjects, route):
    request = subjects.harmless(operation(route))
    settled(ours.admin)
    got = ask(request, ours.admin)
    headed = ours.admin.call("HEAD", request.target)
    assert headed.status == got.status and headed.reply.body == b"", headed
    assert headed.field("Content-Type") == got.field("Content-Type")
    assert headed.field("Content-Length") == got.field("Content-Length")
