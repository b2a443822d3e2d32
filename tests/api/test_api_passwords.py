"""Setting a password: by oneself, and by a link that an administrator makes."""

import re
import threading

import pytest
from api_world import Caller, Tenant, running_api
from test_api_sessions import Browser, sign_in

OLD = "an old password of mine"
NEW = "a violet teapot, 7 steps"


@pytest.fixture
def own(database):
    """A server whose clock is ours alone."""
    with running_api(database) as one:
        yield one


def link_for(tenant, user):
    made = tenant.admin.post(f"/v1/users/{user}/password_reset", None, Content_Type=None)
    assert made.status == 201, made
    return made


def spend(api, token, password=NEW, **headers):
    return Caller(api, None).post("/v1/passwords", {"token": token, "new_password": password}, **headers)


class Person:
    """A viewer with an address and a password that a link set."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.api = tenant.api
        _, self.user, _ = tenant.person("viewer")
        shown = tenant.admin.get(f"/v1/users/{self.user}").json
        self.email = shown["email"]
        set_ = spend(self.api, link_for(tenant, self.user).json["token"], OLD)
        assert set_.status == 204, set_

    def sign_in(self, password=OLD, **headers):
        return sign_in(self.api, self.tenant.district.slug, self.email, password, **headers)

    def browser(self, password=OLD):
        answer = self.sign_in(password)
        assert answer.status == 201, answer
        return Browser(self.api, answer)


def change(caller, new=NEW, old=OLD, **headers):
    return caller.post("/v1/me/password", {"current_password": old, "new_password": new}, **headers)


@pytest.fixture
def person(ours):
    return Person(ours)


# ---- One's own -----------------------------------------------------------------------------------


@pytest.mark.shows("administration.own_password")
def test_a_new_password_replaces_the_old_and_ends_the_other_sessions(ours, person, migrate):
    here, there = person.browser(), person.browser()
    key = ours.admin.post("/v1/api_keys", {"label": "k", "user_id": person.user}).json["token"]
    assert change(here).status == 204
    assert person.sign_in(OLD).status == 401
    assert person.sign_in(NEW).status == 201
    assert here.get("/v1/me").status == 200 and there.get("/v1/me").status == 401
    assert Caller(ours.api, key).get("/v1/me").status == 200, "keys are not passwords"
    assert ours.admin.get(f"/v1/users/{person.user}").json["has_password"] is True
    changed, values = migrate.execute(
        "SELECT changed, \"values\" FROM audit WHERE aggregateid = %s AND action = 'updated' "
        "ORDER BY id DESC LIMIT 1", (person.user,)).fetchone()
    assert changed == ["password_hash"] and values is None


def test_the_old_password_must_be_right(person):
    browser = person.browser()
    refused = change(browser, old=OLD + "x")
    assert refused.status == 422 and refused.faults == {"/current_password": "not_allowed"}
    assert person.sign_in(OLD).status == 201


def test_without_a_password_there_is_none_to_change(ours):
    caller, _, _ = ours.person("viewer")
    assert change(caller).faults == {"/current_password": "not_allowed"}


def test_guessing_it_gets_slow_as_at_sign_in(own, database):
    person = Person(Tenant(own, database))
    browser = person.browser()
    for _ in range(5):
        assert change(browser, old="wrong").status == 422
    told = change(browser)
    assert (told.status, told.type) == (429, "too_many_requests")
    assert told.field("Retry-After") == "1"
    own.move_clock(seconds=1)
    assert change(browser).status == 204
    assert change(browser, old="wrong", new=OLD).status == 422, "free again"


UNFIT = {
    "eleven characters": ("abcdefghijk", "too_short"),
    "257 characters": ("x7" * 128 + "y", "too_long"),
    "a well-known one": ("correcthorsebatterystaple", "not_allowed"),
    "in capitals": ("CorrectHorseBatteryStaple", "not_allowed"),
    "with digits around": ("Password123456", "not_allowed"),
    "with signs around": ("!!!!football!!!!", "not_allowed"),
    "twice": ("passwordpassword", "not_allowed"),
    "and a half": ("passwordpass", "not_allowed"),
    "a run of digits": ("123456789012", "not_allowed"),
    "one character": ("aaaaaaaaaaaa", "not_allowed"),
    "four characters": ("abcdabcdabcddcba", "not_allowed"),
}


@pytest.mark.parametrize("password, code", UNFIT.values(), ids=UNFIT)
def test_what_is_guessed_first_is_refused(person, password, code):
    refused = change(person.browser(), new=password)
    assert refused.status == 422 and refused.faults == {"/new_password": code}, refused


@pytest.mark.parametrize("password", ("twelve chars", "Sunshine over 42 hills", "éàüöñçéàüöñç",
                                      "x7" * 60 + "yz3q!&Kp", "correct horse battery staple"))
def test_what_is_not_is_taken(person, password):
    assert change(person.browser(), new=password).status == 204
    assert person.sign_in(password).status == 201


def test_name_and_address_are_not_in_it(ours, person):
    browser = person.browser()
    me = browser.patch("/v1/me", {"name": "Guadalupe Ng"}, browser.get("/v1/me").etag)
    assert me.status == 200
    local = person.email.split("@")[0]
    for password in (f"my {local} 77", "my GUADALUPE 77", "yes guadalupe ng", local.upper()):
        assert change(browser, new=password).faults == {"/new_password": "not_allowed"}, password
    assert change(browser, new="strong wind 77").status == 204, "two letters of a name are no name"


def test_of_two_changes_at_once_one_counts(person):
    browsers = [person.browser(), person.browser()]
    statuses = []

    def run(browser, new):
        statuses.append(change(browser, new=new).status)

    threads = [threading.Thread(target=run, args=(browser, f"{NEW} {number}"))
               for number, browser in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(204) == 1 and set(statuses) <= {204, 401, 409, 422}, statuses


# ---- By a link -----------------------------------------------------------------------------------


@pytest.mark.shows("administration.password_reset")
def test_a_link_sets_a_password_once(ours, migrate):
    caller, user, _ = ours.person("viewer")
    made = link_for(ours, user)
    assert set(made.json) == {"user_id", "expires_at", "message_id", "token", "link"}
    assert made.json["user_id"] == user and made.json["expires_at"] == "2026-11-22T15:00:00.000Z"
    assert made.field("Cache-Control") == "no-store"
    token = made.json["token"]
    assert made.json["link"].endswith("/r/" + token) and re.match(r"kith_[\w-]{64}\Z", token)
    assert Caller(ours.api, token).get("/v1/me").status == 401, "it is no sign-in"
    assert spend(ours.api, token).status == 204
    email = caller.get("/v1/me").json["user"]["email"]
    assert sign_in(ours.api, ours.district.slug, email, NEW).status == 201
    again = spend(ours.api, token, OLD)
    assert again.status == 422 and again.faults == {"/token": "not_allowed"}
    assert sign_in(ours.api, ours.district.slug, email, NEW).status == 201
    for table in ("access_token", "audit", "outbox", "idempotency"):
        assert migrate.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s",
                               (f"%{token[-40:]}%",)).fetchone() == (0,), table
    assert token[-40:] not in ours.api.log_text() and NEW not in ours.api.log_text()


def test_an_unfit_password_does_not_spend_it(ours):
    _, user, _ = ours.person("viewer")
    token = link_for(ours, user).json["token"]
    assert spend(ours.api, token, "passwordpassword").faults == {"/new_password": "not_allowed"}
    assert spend(ours.api, token, "short").faults == {"/new_password": "too_short"}
    assert spend(ours.api, token).status == 204


def test_a_link_ends_every_session_and_every_earlier_link(person):
    browser = person.browser()
    first = link_for(person.tenant, person.user).json["token"]
    second = link_for(person.tenant, person.user).json["token"]
    assert browser.get("/v1/me").status == 200
    assert spend(person.api, first).faults == {"/token": "not_allowed"}
    assert spend(person.api, second).status == 204
    assert browser.get("/v1/me").status == 401
    assert person.sign_in(NEW).status == 201


def test_changing_it_oneself_ends_a_link(person):
    token = link_for(person.tenant, person.user).json["token"]
    assert change(person.browser()).status == 204
    assert spend(person.api, token, OLD).faults == {"/token": "not_allowed"}


def test_a_link_is_over_after_a_day(own, database):
    tenant = Tenant(own, database)
    _, user, _ = tenant.person("viewer")
    tokens = [link_for(tenant, user).json["token"]]
    own.move_clock(hours=23, minutes=59, seconds=59)
    assert spend(own, tokens[0]).status == 204
    tokens.append(link_for(tenant, user).json["token"])
    own.move_clock(hours=24)
    assert spend(own, tokens[1], OLD).faults == {"/token": "not_allowed"}


def test_a_mail_goes_to_the_user_too_and_holds_no_secret_before(ours):
    _, user, _ = ours.person("viewer")
    made = link_for(ours, user)
    told = ours.admin.get(f"/v1/messages/{made.json['message_id']}").json
    assert (told["class"], told["kind"], told["status"], told["user_id"]) == (
        "account", "password_reset", "queued", user)
    assert (told["variables"], told["not_after"]) == ({}, made.json["expires_at"])
    assert told["to_address"] == ours.admin.get(f"/v1/users/{user}").json["email"]


def test_who_is_disabled_gets_none_and_spends_none(ours):
    _, user, _ = ours.person("viewer")
    path = f"/v1/users/{user}"
    token = link_for(ours, user).json["token"]
    assert ours.admin.patch(path, {"status": "disabled"}, ours.admin.get(path).etag).status == 200
    assert spend(ours.api, token).faults == {"/token": "not_allowed"}
    refused = ours.admin.post(f"{path}/password_reset", None, Content_Type=None)
    assert (refused.status, refused.json["state"]) == (409, {"status": "disabled", "archived_at": None}), refused


def test_another_districts_user_is_not_there(ours, theirs):
    path = f"/v1/users/{theirs.users['viewer']}/password_reset"
    assert ours.admin.post(path, None, Content_Type=None).status == 404
    assert ours.admin.post("/v1/users/x/password_reset", None, Content_Type=None).status == 404


def test_a_repetition_has_no_secret(ours):
    _, user, _ = ours.person("viewer")
    path = f"/v1/users/{user}/password_reset"
    first, again = (ours.admin.post(path, None, Content_Type=None, Idempotency_Key="reset")
                    for _ in range(2))
    assert again.status == 201 and again.field("Idempotent-Replayed") == "true"
    assert again.json == {**first.json, "token": None, "link": None}
    assert spend(ours.api, first.json["token"]).status == 204, "and the first one is good still"


def test_an_idempotency_key_is_not_kept_for_passwords(person, migrate):
    browser = person.browser()
    assert change(browser, Idempotency_Key="pw").status == 204
    assert change(browser, old=NEW, new=OLD, Idempotency_Key="pw").status == 204
    assert migrate.execute("SELECT count(*) FROM idempotency WHERE principal = %s",
                           (person.user,)).fetchone() == (0,)


@pytest.mark.parametrize("token", ["x", "kith_", "kith_" + "A" * 64, "a" * 255])
def test_what_is_no_link_is_refused_and_counted(api, ours, token):
    assert ours
    answer = spend(api, token)
    assert answer.status == 422 and answer.faults == {"/token": "not_allowed"}


def test_an_api_key_or_a_session_is_no_link(ours, person):
    assert spend(ours.api, ours.viewer.token).faults == {"/token": "not_allowed"}
    assert person.sign_in(OLD).status == 201


def test_trying_links_gets_slow(own, database):
    tenant = Tenant(own, database)
    _, user, _ = tenant.person("viewer")
    token = link_for(tenant, user).json["token"]
    assert spend(own, token).status == 204
    for _ in range(5):
        assert spend(own, token).status == 422
    told = spend(own, token)
    assert told.status == 429 and told.field("Retry-After") == "1"


def test_of_two_who_spend_a_link_at_once_one_does(ours):
    _, user, _ = ours.person("viewer")
    token = link_for(ours, user).json["token"]
    statuses = []
    threads = [threading.Thread(target=lambda n=n: statuses.append(
        spend(ours.api, token, f"{NEW} {n}").status)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(204) == 1 and set(statuses) <= {204, 409, 422}, statuses
