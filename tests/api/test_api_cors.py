"""Pages of other origins: an allow-list, preflights, what a page may read, and that the CSRF token
is needed all the same."""

import subprocess

import pytest
from api_world import Caller, Tenant, running_api
from probe import BUILD

APP = "https://app.example.org"
LOCAL = "http://localhost:5173"
STRANGERS = ("https://evil.example.org", "https://app.example.org.evil.example", "null",
             "http://app.example.org", "https://app.example.org:8443", "HTTPS://APP.EXAMPLE.ORG")


@pytest.fixture(scope="module")
def open_api(database):
    with running_api(database, KITH_CORS_ORIGINS=f"{APP}, {LOCAL}",
                     KITH_RATE_ANONYMOUS=3) as one:
        yield one


@pytest.fixture(scope="module")
def people(open_api, database):
    return Tenant(open_api, database)


def preflight(caller, path, origin, method="PATCH"):
    return caller.call("OPTIONS", path, Origin=origin, Access_Control_Request_Method=method,
                       Access_Control_Request_Headers="if-match,content-type")


def cors_fields(answer):
    return {n.lower(): v for n, v in answer.reply.fields if n.lower().startswith("access-control")}


@pytest.mark.parametrize("origin", (APP, LOCAL))
def test_a_preflight_of_a_listed_origin_says_what_it_may(open_api, origin):
    answer = preflight(Caller(open_api, None), "/v1/partners/x", origin)
    assert answer.status == 204
    fields = cors_fields(answer)
    assert fields["access-control-allow-origin"] == origin
    assert fields["access-control-allow-credentials"] == "true"
    methods = {m.strip() for m in fields["access-control-allow-methods"].split(",")}
    assert {"GET", "POST", "PATCH", "DELETE"} <= methods
    taken = fields["access-control-allow-headers"].lower()
    for name in ("authorization", "content-type", "if-match", "if-none-match", "idempotency-key",
                 "x-csrf-token"):
        assert name in taken
    assert int(fields["access-control-max-age"]) > 0
    assert answer.field("Vary") == "Origin"


def test_preflights_are_not_counted(open_api):
    """Browsers send one before each write, without a token."""
    for _ in range(10):
        assert preflight(Caller(open_api, None), "/v1/partners", APP).status == 204


@pytest.mark.parametrize("origin", STRANGERS)
def test_a_stranger_is_told_nothing(people, origin):
    fields = cors_fields(people.viewer.get("/v1/partners", Origin=origin))
    assert fields == {}
    answer = people.viewer.get("/v1/partners", Origin=origin)
    assert answer.status == 200 and "Origin" in answer.reply.all("Vary")


def test_a_page_reads_what_the_reply_says_beside_its_body(people):
    made = people.director.created("partners", {"name": "P", "kind": "civic"}, Origin=APP)
    exposed = cors_fields(made)["access-control-expose-headers"]
    for name in ("ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
                 "X-Request-Id", "Content-Disposition"):
        assert name in exposed
    refused = people.viewer.post("/v1/partners", {"name": "P", "kind": "civic"}, Origin=APP)
    assert refused.status == 403
    assert cors_fields(refused)["access-control-allow-origin"] == APP


def test_without_a_list_no_origin_is_told_anything(ours):
    answer = ours.viewer.get("/v1/partners", Origin=APP)
    assert answer.status == 200 and cors_fields(answer) == {}
    assert "Origin" not in answer.reply.all("Vary")
    assert cors_fields(preflight(ours.viewer, "/v1/partners", APP)) == {}


def test_a_cookie_write_of_a_listed_origin_needs_the_token_all_the_same(people, open_api):
    cookie = f"kith={people.director.token}"
    caller = Caller(open_api, None)
    csrf = caller.get("/v1/me", Cookie=cookie).json["csrf_token"]
    body = {"name": "By cookie", "kind": "civic"}
    post = caller.post
    assert post("/v1/partners", body, Cookie=cookie, Origin=APP).status == 403
    assert post("/v1/partners", body, Cookie=cookie, Origin=APP, X_CSRF_Token="x").status == 403
    assert post("/v1/partners", body, Cookie=cookie, Origin=APP, X_CSRF_Token=csrf).status == 201
    for origin in (*STRANGERS, None):
        answer = post("/v1/partners", body, Cookie=cookie, Origin=origin, X_CSRF_Token=csrf)
        assert answer.status == 403, origin


@pytest.mark.parametrize("value, is_good", (
    ("", True), (APP, True), (",".join(f"https://a{n}.example.org" for n in range(16)), True),
    (",".join(f"https://a{n}.example.org" for n in range(17)), False), ("*", False),
    ("app.example.org", False), (f"{APP}/", False), (f"{APP},", False), ("https://", False),
    ("https://APP.example.org", False), ("null", False), ("ftp://app.example.org", False)))
def test_the_list_is_of_origins(value, is_good):
    settings = {"KITH_ENV": "test", "KITH_DATABASE_URL": "postgresql://x@/y?host=/nowhere",
                "KITH_PUBLISHER_URL": "postgresql://x@/y?host=/nowhere",
                "KITH_SECRET_KEY": "0123456789abcdef0123456789abcdef", "KITH_CORS_ORIGINS": value}
    done = subprocess.run([BUILD / "bin" / "kith-api", "--check-config"], env=settings, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert (done.returncode == 0) == is_good, done.stdout
    assert is_good or "KITH_CORS_ORIGINS" in done.stdout
