"""Signing in by password: the session, its cookie, its end, and what slows guessing down."""

import re
import subprocess
import threading

import pytest
from api_world import Caller, running_api
from probe import BUILD

from world import NOW, environment_with

PASSWORD = "correct horse battery staple"
ORIGIN = "http://localhost:8080"


def kith(database, *arguments, password=None):
    """The command line, as an operator calls it."""
    return subprocess.run(
        [BUILD / "bin" / "kith", *arguments],
        input=password,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment_with(KITH_MIGRATE_URL=database.uri("kith_migrate")),
    )


@pytest.fixture
def tenant(database, migrate):
    """A district that kith admin made, with one coordinator."""
    slug = f"d{next(COUNTER)}"
    made = kith(database, "admin", "district", slug, "A district", "America/Chicago")
    assert made.returncode == 0, made.stderr
    made = kith(database, "admin", "user", slug, "Ann@Example.ORG", "Ann", "coordinator",
                "--password-stdin", password=PASSWORD + "\n")
    assert made.returncode == 0, made.stderr
    # The clock of the tests stands before the wall's: the grant holds since then.
    with migrate.transaction():
        migrate.execute("UPDATE user_grant SET from_date = '2020-01-01' FROM district d "
                        "WHERE d.id = user_grant.district_id AND d.slug = %s", (slug,))
    return slug


COUNTER = iter(range(1, 1000))


def sign_in(api, slug, email="ann@example.org", password=PASSWORD, **headers):
    body = {"email": email, "password": password}
    if slug:
        body["district"] = slug
    return Caller(api, None).post("/v1/sessions", body, **headers)


def cookie_of(answer):
    return answer.field("Set-Cookie").split(";")[0]


class Browser(Caller):
    """Carries the cookie, and the token of /v1/me where one is needed."""

    def __init__(self, api, answer, origin=ORIGIN):
        super().__init__(api, None)
        self.cookie = cookie_of(answer)
        self.origin = origin
        self.csrf = super().call("GET", "/v1/me", Cookie=self.cookie).json["csrf_token"]

    def call(self, method, target, body=None, **headers):
        usual = {"Cookie": self.cookie, "Origin": self.origin, "X_CSRF_Token": self.csrf}
        return super().call(method, target, body, **{**usual, **headers})


def test_a_session_is_a_cookie_that_no_script_reads(api, tenant):
    answer = sign_in(api, tenant)
    assert answer.status == 201, answer
    assert re.fullmatch(r"kith=kith_[A-Za-z0-9_-]{64}; Path=/; HttpOnly; SameSite=Lax",
                        answer.field("Set-Cookie"))
    assert answer.field("Cache-Control") == "no-store"
    assert set(answer.json) == {"id", "expires_at"}


def test_over_https_the_cookie_is_this_hosts_alone(database, tenant):
    with running_api(database, KITH_PUBLIC_URL="https://kith.example.org") as api:
        answer = sign_in(api, tenant)
        assert re.fullmatch(r"__Host-kith=\S+; Path=/; Secure; HttpOnly; SameSite=Lax",
                            answer.field("Set-Cookie"))
        browser = Browser(api, answer, "https://kith.example.org")
        assert browser.get("/v1/partners").status == 200
        plain = cookie_of(answer).replace("__Host-", "")
        assert browser.get("/v1/partners", Cookie=plain).status == 401


def test_me_says_who_asks_what_it_may_and_where(api, tenant):
    me = Browser(api, sign_in(api, tenant)).get("/v1/me")
    assert me.status == 200 and me.field("Cache-Control") == "no-store"
    assert me.json["user"]["email"] == "ann@example.org"
    assert [grant["role"] for grant in me.json["grants"]] == ["coordinator"]
    assert me.json["district"]["slug"] == tenant
    assert me.json["session"]["kind"] == "session"
    assert len(me.json["csrf_token"]) >= 22


def test_with_the_cookie_a_change_needs_the_token_and_our_origin(api, tenant):
    browser = Browser(api, sign_in(api, tenant))
    other = Browser(api, sign_in(api, tenant))
    body = {"name": "A partner", "kind": "civic"}
    assert browser.post("/v1/partners", body).status == 201
    assert browser.csrf != other.csrf
    for wrong in ({"X_CSRF_Token": None}, {"X_CSRF_Token": ""}, {"X_CSRF_Token": other.csrf},
                  {"Origin": None}, {"Origin": "null"}, {"Origin": "http://localhost:8081"},
                  {"Origin": "http://localhost"}, {"Origin": "https://localhost:8080"}):
        refused = browser.post("/v1/partners", body, **wrong)
        assert (refused.status, refused.type) == (403, "forbidden"), wrong
    assert browser.get("/v1/partners", X_CSRF_Token=None, Origin=None).status == 200


def test_an_api_key_needs_neither(ours):
    assert ours.coordinator.post("/v1/partners", {"name": "P", "kind": "civic"}).status == 201


@pytest.mark.parametrize("email, password", [
    ("ann@example.org", PASSWORD + "x"),
    ("ann@example.org", PASSWORD.upper()),
    ("nobody@example.org", PASSWORD),
])
def test_what_is_wrong_is_not_told(api, tenant, email, password):
    answer = sign_in(api, tenant, email, password)
    assert (answer.status, answer.type) == (401, "unauthenticated")
    assert answer.json["detail"] == "The e-mail address or the password is wrong."
    assert answer.field("Set-Cookie") is None and answer.field("WWW-Authenticate")


def test_a_district_that_is_not_there_tells_no_more(api, tenant):
    assert tenant
    answer = sign_in(api, "no-such-district")
    assert answer.json["detail"] == "The e-mail address or the password is wrong."


def test_the_district_comes_from_the_host(api, database, tenant):
    another = kith(database, "admin", "district", f"other-{tenant}", "Another", "America/Chicago")
    assert another.returncode == 0, another.stderr
    answer = sign_in(api, None, Host=f"{tenant}.kith.example:8080")
    assert answer.status == 201
    assert Browser(api, answer).get("/v1/me").json["district"]["slug"] == tenant
    assert sign_in(api, None, Host="nobody.kith.example").status == 401  # which of the two?


@pytest.mark.parametrize("body, pointer, code", [
    ({"email": "ann@example.org"}, "/password", "required"),
    ({"password": "x"}, "/email", "required"),
    ({"email": "ann", "password": "x"}, "/email", "invalid_email"),
    ({"email": "ann@example.org", "password": ""}, "/password", "too_short"),
    ({"email": "ann@example.org", "password": "x" * 257}, "/password", "too_long"),
    ({"email": "ann@example.org", "password": "x", "role": "admin"}, "/role", "unknown_member"),
])
def test_a_body_that_is_no_sign_in(api, body, pointer, code):
    answer = Caller(api, None).post("/v1/sessions", body)
    assert answer.status == 422 and answer.faults == {pointer: code}


def test_a_long_password_is_compared_to_its_end(api, database, migrate, tenant):
    long = "é" * 256
    kith(database, "admin", "user", tenant, "long@example.org", "L", "viewer", "--password-stdin",
         password=long + "\n")
    assert sign_in(api, tenant, "long@example.org", long).status == 201
    assert sign_in(api, tenant, "long@example.org", long[:-1]).status == 401
    assert migrate


def test_signing_out_ends_it(api, tenant):
    browser = Browser(api, sign_in(api, tenant))
    ended = browser.call("DELETE", "/v1/sessions/current")
    assert ended.status == 204
    assert re.match(r"kith=; .*Max-Age=0", ended.field("Set-Cookie"))
    assert browser.get("/v1/me").status == 401
    assert browser.post("/v1/partners", {"name": "P", "kind": "civic"}).status == 401


def test_a_session_ends_twelve_hours_after_it_began_and_two_after_its_last_use(database, tenant):
    with running_api(database) as api:
        browser = Browser(api, sign_in(api, tenant))
        for _ in range(6):
            api.move_clock(hours=1, minutes=59)
            assert browser.get("/v1/me").status == 200
        api.move_clock(minutes=6)  # twelve hours in all
        assert browser.get("/v1/me").status == 401
        api.set_clock(NOW)
        browser = Browser(api, sign_in(api, tenant))
        api.move_clock(hours=2)
        assert browser.get("/v1/me").status == 401


@pytest.mark.shows("administration.sign_in")
def test_guessing_gets_slow_and_nobody_is_locked_out(database, tenant):
    """Five failures are free; then each makes the next wait twice as long, up to a minute."""
    with running_api(database) as api:
        for _ in range(5):
            assert sign_in(api, tenant, password="wrong password").status == 401
        for wait_s in (1, 2, 4, 8, 16, 32, 60, 60):
            told = sign_in(api, tenant)
            assert (told.status, told.type) == (429, "too_many_requests"), wait_s
            assert int(told.field("Retry-After")) == wait_s
            # From another network the right password works at once.
            elsewhere = sign_in(api, tenant, X_Forwarded_For="198.51.100.7")
            assert elsewhere.status == 201
            api.move_clock(seconds=wait_s)
            assert sign_in(api, tenant, password="wrong password").status == 401
        api.move_clock(seconds=60)
        assert sign_in(api, tenant).status == 201
        assert sign_in(api, tenant, password="wrong password").status == 401  # free again


def test_an_hour_without_failures_forgets(database, tenant):
    with running_api(database) as api:
        for _ in range(5):
            sign_in(api, tenant, password="wrong password")
        assert sign_in(api, tenant).status == 429
        api.move_clock(hours=1)
        assert sign_in(api, tenant).status == 201


def test_what_failed_is_in_the_audit_log_without_an_address(api, tenant, migrate):
    sign_in(api, tenant, password="wrong password")
    district, user = migrate.execute(
        "SELECT d.id, u.id FROM district d JOIN app_user u ON u.district_id = d.id "
        "WHERE d.slug = %s", (tenant,)).fetchone()
    assert migrate.execute("SELECT aggregateid FROM audit WHERE district_id = %s AND "
                           "action = 'sign_in_failed'", (district,)).fetchall() == [(user,)]
    keys = migrate.execute("SELECT key FROM sign_in_failure WHERE district_id = %s",
                           (district,)).fetchall()
    assert {key.split(":")[0] for (key,) in keys} == {"account", "net", "pair"}
    assert not any("ann" in key or "127." in key for (key,) in keys)


def test_a_disabled_user_does_not_sign_in_nor_stay(api, tenant, migrate):
    browser = Browser(api, sign_in(api, tenant))
    with migrate.transaction():
        migrate.execute("UPDATE app_user u SET status = 'disabled' FROM district d "
                        "WHERE d.id = u.district_id AND d.slug = %s", (tenant,))
    assert sign_in(api, tenant).status == 401
    assert browser.get("/v1/me").status == 401


def test_hashing_is_bounded_and_blocks_nobody(database, tenant):
    """Two passwords are compared at once and 64 wait; what comes past them is told so at once, and a
    reader meanwhile is answered."""
    with running_api(database, KITH_API_CHILDREN=1) as api:
        browser = Browser(api, sign_in(api, tenant))
        statuses = []

        def guess(number):
            statuses.append(sign_in(api, tenant, f"n{number}@example.org", "x",
                                    X_Forwarded_For=f"198.51.{number}.1").status)

        threads = [threading.Thread(target=guess, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        assert browser.get("/v1/partners").status == 200
        for thread in threads:
            thread.join()
        assert len(statuses) == 100 and set(statuses) <= {401, 503}
        assert statuses.count(401) >= 66


def test_a_new_password_replaces_the_old_one(api, database, tenant):
    made = kith(database, "admin", "user", tenant, "ann@example.org", "Ann", "coordinator")
    assert made.returncode == 0, made.stderr
    shown = re.search(r"^password: (\S{20})$", made.stdout, re.M).group(1)
    assert sign_in(api, tenant).status == 401
    assert sign_in(api, tenant, password=shown).status == 201


def test_a_new_district_has_the_supplied_focus_areas(api, tenant):
    areas = Browser(api, sign_in(api, tenant)).get("/v1/focus_areas").json["data"]
    assert len(areas) == 17 and {"literacy", "food_security"} <= {area["code"] for area in areas}


@pytest.mark.parametrize("arguments, says", [
    (("district", "Not A Slug", "A", "America/Chicago"), "district_slug_check"),
    (("district", "ok", "A", "Mars"), "zone"),
    (("user", "nowhere", "a@example.org", "A", "admin"), "no district"),
    (("user", "nowhere", "example.org", "A", "admin"), "EMAIL"),
    (("user", "nowhere", "a@example.org", "A", "king"), "ROLE"),
    (("user", "nowhere"), "usage"),
    ((), "usage"),
])
def test_the_command_line_says_what_is_wrong(database, arguments, says):
    refused = kith(database, "admin", *arguments)
    assert refused.returncode != 0 and says in refused.stderr, refused
