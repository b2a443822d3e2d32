"""Single sign-on, against an identity provider that runs here and is attacked from all sides."""

import threading

import pytest
from api_world import Tenant, running_api
from identity_provider import CLIENT, EC, RSA, SECRET, STRANGER, Issuer, Key, Provider, by_public_key
from pages import Browser

PASSWORD = "a long enough passphrase of hers"


@pytest.fixture(scope="module")
def api(database):
    """One process, so that what it keeps of providers is kept once; and one that does not wait for long."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_SSO_MS=2500) as one:
        yield one


@pytest.fixture(scope="module")
def server():
    with Provider() as one:
        yield one


class Place:
    """A provider of a district, and how people go through it."""

    def __init__(self, tenant, server, **fields):
        self.tenant = tenant
        self.issuer = Issuer(server, tenant.api)
        self.made = tenant.admin.created("identity_providers", {
            "label": "District accounts", "issuer": self.issuer.url, "client_id": CLIENT, **fields})
        self.path = f"/v1/identity_providers/{self.made.id}"
        answer = tenant.admin.post(f"{self.path}/set_secret", {"client_secret": SECRET})
        assert answer.status == 200 and answer.json["has_secret"] is True, answer
        self.secret_reply = answer

    def begin(self, browser):
        """Where the browser is sent."""
        return browser.ask("GET", f"/login/oidc/{self.made.id}?district={self.tenant.district.slug}")

    def go(self, browser=None, **claims):
        """The page at the end, and the browser."""
        browser = browser or Browser(self.tenant.api)
        self.issuer.claims = claims
        sent = self.begin(browser)
        if sent.status != 303:
            return sent, browser
        return browser.get(self.issuer.authorize(sent.field("Location"))), browser


@pytest.fixture(scope="module")
def place(ours, server):
    return Place(ours, server)


def user_of(tenant, email, invited=True, role="viewer"):
    user = tenant.admin.created("users", {"email": email, "name": "Ana Ruiz"}).id
    tenant.admin.created("grants", {"user_id": user, "role": role, "from_date": "2026-01-01"})
    if invited:
        tenant.admin.created("user_invitations", {"user_id": user})
    return user


def is_in(browser):
    return browser.ask("GET", "/").status == 200


def refused(page, browser, text, status=403):
    assert (page.status, page.heading) == (status, "Sign in"), page.text
    assert text in page.text and not is_in(browser), page.text
    return True


NOT_ACCEPTED = "answer could not be accepted"


@pytest.mark.shows("administration.single_sign_on")
def test_who_was_invited_signs_in_and_is_known_ever_after(ours, place, migrate):
    user = user_of(ours, "ana@example.org")
    page = Browser(ours.api).get(f"/login?district={ours.district.slug}")
    assert f"/login/oidc/{place.made.id}?district={ours.district.slug}" == page.links()[
        "Sign in with District accounts"]
    spanish = Browser(ours.api).get(f"/login?district={ours.district.slug}&lang=es")
    assert "Iniciar sesión con District accounts" in spanish.links()
    page, browser = place.go(sub="ana", email="Ana@Example.org")
    assert page.path == "/" and page.status == 200, page.text
    assert not any("oidc" in name for name in browser.cookies)
    invitation, = ours.admin.get("/v1/user_invitations", {"user_id": user}).json["data"]
    assert invitation["status"] == "accepted"
    session, = ours.admin.get("/v1/user_sessions", {"user_id": user}).json["data"]
    assert session["revoked_at"] is None
    # From now on by the provider's own name alone: the address may change, or become somebody else's.
    page, browser = place.go(sub="ana", email="other@example.org", email_verified=False)
    assert is_in(browser), page.text
    refused(*place.go(sub="another", email="ana@example.org"), "linked to another account")
    # And by a key of the other kind.
    place.issuer.signer = EC
    assert is_in(place.go(sub="ana")[1])
    place.issuer.signer = RSA
    unlinked = ours.admin.post(f"/v1/users/{user}/unlink", {})
    assert unlinked.status == 200
    sessions = ours.admin.get("/v1/user_sessions", {"user_id": user}).json["data"]
    assert len(sessions) == 3 and all(one["revoked_at"] for one in sessions)
    refused(*place.go(sub="ana", email="other@example.org"), "was invited here")
    assert is_in(place.go(sub="another", email="ana@example.org")[1])
    rows = migrate.execute("SELECT subject, archived_at IS NULL FROM user_identity WHERE user_id = %s "
                           "ORDER BY created_at, id", (user,)).fetchall()
    assert rows == [("ana", False), ("another", True)]


@pytest.mark.shows("web.sign_in")
def test_from_the_provider_one_comes_to_where_one_wanted_to_go(ours, place):
    user_of(ours, "goes@example.org")
    browser = Browser(ours.api)
    browser.get(f"/login?district={ours.district.slug}&to=/app/partners")
    place.issuer.claims = {"sub": "goes", "email": "goes@example.org"}
    back = browser.ask("GET", place.issuer.authorize(place.begin(browser).field("Location")))
    assert (back.status, back.field("Location")) == (303, "/app/partners")
    assert "kith-to" not in browser.cookies and is_in(browser)


def test_nobody_is_made_and_nobody_else_comes_in(ours, theirs, server, place):
    user_of(theirs, "theirs@example.org")
    user_of(ours, "uninvited@example.org", invited=False)
    off = user_of(ours, "off@example.org")
    answer = ours.admin.get(f"/v1/users/{off}")
    assert ours.admin.patch(f"/v1/users/{off}", {"status": "disabled"}, answer.etag).status == 200
    for email in ("theirs@example.org", "uninvited@example.org", "off@example.org", "nobody@example.org", None):
        refused(*place.go(sub=str(email), email=email), "was invited here")
    assert not ours.admin.get("/v1/users", {"email": "nobody@example.org"}).json["data"]
    user_of(ours, "plain@example.org")
    for said in (False, None, "true"):
        refused(*place.go(sub="plain", email="plain@example.org", email_verified=said),
                "does not say that your e-mail address is verified")
    trusted = Place(ours, server, label="Trusted", vouches_for_email=True)
    assert is_in(trusted.go(sub="plain", email="plain@example.org", email_verified=None)[1])
    # A user that is disabled later is out, though the provider still knows it.
    user, = ours.admin.get("/v1/users", {"email": "plain@example.org"}).json["data"]
    answer = ours.admin.get(f"/v1/users/{user['id']}")
    ours.admin.patch(f"/v1/users/{user['id']}", {"status": "disabled"}, answer.etag)
    refused(*trusted.go(sub="plain"), "was invited here")
    failed = ours.admin.get("/v1/audit", {"action": "sign_in_failed"}).json["data"]
    assert len(failed) >= 9


def test_a_token_that_is_not_wholly_right_is_worth_nothing(ours, place, api):
    user_of(ours, "eve@example.org")
    now = place.issuer.now()
    eve = {"sub": "eve", "email": "eve@example.org"}
    for wrong in (
        {"aud": "another client"}, {"aud": []}, {"aud": [CLIENT, "another"]}, {"azp": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"}, {"aud": None},
        {"iss": "https://another.example.org"}, {"iss": place.issuer.url + "/"}, {"iss": None},
        {"exp": now - 61}, {"exp": None}, {"exp": str(now + 300)}, {"iat": now + 120}, {"iat": None},
        {"nbf": now + 120}, {"nonce": "another"}, {"nonce": None}, {"sub": None}, {"sub": ""}, {"sub": 7},
        {"sub": "x" * 256},
    ):  # fmt: skip
        refused(*place.go(**{**eve, **wrong}), NOT_ACCEPTED)
    issuer = place.issuer
    for header, signature in (
        ({"alg": "none"}, lambda text: b""), ({"alg": "None", "kid": None}, lambda text: b""),
        ({"alg": "HS256"}, by_public_key(RSA)), ({"alg": "HS256", "kid": EC.kid}, by_public_key(EC)),
        ({"alg": "RS512"}, None), ({"alg": "ES256"}, EC.sign), ({"alg": None}, None), ({"crit": ["exp"]}, None),
        ({}, lambda text: RSA.sign(text + b" ")), ({}, lambda text: b""), ({}, STRANGER.sign),
        ({"alg": "ES256", "kid": EC.kid}, STRANGER.sign), ({"alg": "ES256", "kid": EC.kid}, lambda text: bytes(64)),
        ({"alg": "ES256", "kid": EC.kid, "jwk": STRANGER.jwk, "jku": issuer.url}, STRANGER.sign),
    ):  # fmt: skip
        issuer.header, issuer.signature = header, signature
        refused(*place.go(**eve), NOT_ACCEPTED)
    issuer.header, issuer.signature = {}, None
    # Within the leeway, and with several who are meant.
    assert is_in(place.go(**eve, exp=now - 30, iat=now + 30, nbf=now + 30, aud=[CLIENT, "x"], azp=CLIENT)[1])
    log = api.log_text()
    for why in ("another issuer's", "for another client", "nonce is wrong", "names nobody", "is over",
                "of the future", "not valid yet", "in a way that is not taken", "has no such key",
                "signature is wrong"):
        assert why in log, why
    assert "eyJ" not in log and "eve@example.org" not in log and SECRET not in log


def test_an_answer_is_for_the_browser_that_asked_once_and_soon(ours, place, api):
    user_of(ours, "bo@example.org")
    place.issuer.claims = {"sub": "bo", "email": "bo@example.org"}
    mine, other = Browser(api), Browser(api)
    sent = place.begin(mine)
    back = place.issuer.authorize(sent.field("Location"))
    cookie = dict(mine.cookies)
    over = "was begun in another browser"
    refused(other.get(back), other, over)
    place.begin(other)
    refused(other.get(back), other, over)
    forged = {name: value[:-4] + "AAAA" for name, value in cookie.items() if "oidc" in name}
    other.cookies = forged
    refused(other.get(back), other, over)
    assert mine.get(back).path == "/"
    # The same again, with the cookie kept and a code that is still good.
    thief = Browser(api)
    thief.cookies = {name: value for name, value in cookie.items() if "oidc" in name}
    refused(thief.get(place.issuer.authorize(sent.field("Location"))), thief, over)
    # No code, the provider's no, another issuer's answer; and nothing leads elsewhere.
    for change in (("code=", "error=access_denied&was="), ("code=", "iss=https://evil.example.org&code=")):
        browser = Browser(api)
        refused(browser.get(place.issuer.authorize(place.begin(browser).field("Location")).replace(*change)),
                browser, NOT_ACCEPTED)
    browser = Browser(api)
    end = place.issuer.authorize(place.begin(browser).field("Location"))
    assert browser.ask("GET", end + "&next=https://evil.example.org&redirect_uri=//evil").field("Location") == "/"
    late = Browser(api)
    end = place.issuer.authorize(place.begin(late).field("Location"))
    api.move_clock(minutes=11)
    refused(late.get(end), late, over)
    for path in ("/login/oidc/callback", "/login/oidc/callback?code=x&state=y"):
        refused(Browser(api).get(path), Browser(api), over)


def test_the_client_proves_itself_as_the_provider_wants_it(ours, server):
    user_of(ours, "jo@example.org")
    jo = {"sub": "jo", "email": "jo@example.org"}
    for proof in ("basic", "post"):
        place = Place(ours, server, label="By " + proof)
        place.issuer.document = {"token_endpoint_auth_methods_supported": [f"client_secret_{proof}", "x", 1]}
        place.issuer.proof = proof
        assert is_in(place.go(sub=jo["sub"] + proof, email=jo["email"])[1])
    public = Place(ours, server, label="Public")
    public.issuer.proof = "none"
    refused(*public.go(**jo), NOT_ACCEPTED)
    answer = ours.admin.post(f"{public.path}/set_secret", {"client_secret": None})
    assert answer.json["has_secret"] is False and is_in(public.go(**jo)[1])
    ours.admin.post(f"{public.path}/set_secret", {"client_secret": "another"})
    public.issuer.proof = "basic"
    refused(*public.go(**jo), NOT_ACCEPTED)


def test_keys_change_and_are_asked_for_again_but_not_all_the_time(ours, server):
    user_of(ours, "kim@example.org")
    place = Place(ours, server, label="Rotating")
    kim = {"sub": "kim", "email": "kim@example.org"}
    assert is_in(place.go(**kim)[1]) and is_in(place.go(**kim)[1])
    assert place.issuer.asked.count("/jwks") == 1 and len(place.issuer.asked) == 2
    fresh = Key("ES256")
    place.issuer.keys, place.issuer.signer = [fresh], fresh
    assert is_in(place.go(**kim)[1])
    assert place.issuer.asked.count("/jwks") == 2
    place.issuer.keys, place.issuer.signer = [STRANGER], STRANGER
    for _ in range(2):
        refused(*place.go(**kim), NOT_ACCEPTED)
    assert place.issuer.asked.count("/jwks") == 2, "once a minute"


def test_a_provider_that_is_no_good_is_a_page_and_nothing_waits_for_it(ours, server, api):
    user_of(ours, "lee@example.org")
    lee = {"sub": "lee", "email": "lee@example.org"}
    for behave in ("down", "large", "deep", "moved"):
        place = Place(ours, server, label="Troubled")
        place.issuer.behave = behave
        refused(*place.go(**lee), "does not answer", 503)
    place.issuer.behave = None
    refused(*place.go(**lee), "does not answer", 503)
    assert not place.issuer.asked, "it is left alone for a while"
    place = Place(ours, server, label="Troubled")
    for document in ({"issuer": place.issuer.url + "x"}, {"jwks_uri": "http://10.0.0.1/"},
                     {"token_endpoint": "file:///etc/passwd"}, {"authorization_endpoint": "http://127.0.0.1:1@x.org/"},
                     {"token_endpoint": None}):
        wrong = Place(ours, server, label="Wrong")
        wrong.issuer.document = document
        refused(*wrong.go(**lee), "does not answer", 503)
    # Known already, it takes too long with the code; others are answered meanwhile.
    browser = Browser(api)
    place.issuer.claims = lee
    end = place.issuer.authorize(place.begin(browser).field("Location"))
    place.issuer.behave = "slow"
    found = []
    waiting = threading.Thread(target=lambda: found.append(browser.get(end)))
    waiting.start()
    assert ours.admin.get("/v1/me").status == 200 and not found
    waiting.join()
    refused(found[0], browser, "does not answer", 503)
    log = api.log_text()
    for why in ("not 200", "too large", "no JSON object", "a moment ago", "another issuer's",
                "an address that may not be asked", "Timeout was reached"):
        assert why in log, why
    # While it is down, what is known of it still sends people there.
    assert place.begin(Browser(api)).status == 303
    place.issuer.behave = None
    assert is_in(place.go(**lee)[1])
    answer = ours.admin.get(place.path)
    assert ours.admin.patch(place.path, {"is_active": False}, answer.etag).status == 200
    refused(*place.go(**lee), "Nobody signs in with this provider", 404)


@pytest.mark.shows("administration.identity_providers")
def test_a_provider_is_set_up_by_an_administrator_and_its_secret_is_shown_to_nobody(ours, theirs, place, migrate):
    shown = ours.admin.get(place.path)
    assert (shown.json["issuer"], shown.json["scopes"]) == (place.issuer.url, "openid email profile")
    entries = ours.admin.get("/v1/audit", {"aggregatetype": "identity_provider"}).json["data"]
    for told in (shown, place.secret_reply, ours.admin.get("/v1/identity_providers")):
        assert SECRET not in str(told.json) and "sealed" not in str(told.json)
    sealed, = migrate.execute("SELECT sealed_secret FROM identity_provider WHERE id = %s", (place.made.id,)).fetchone()
    assert SECRET not in sealed and SECRET not in str(entries) and sealed not in str(entries)
    assert any("sealed_secret" in entry["changed"] for entry in entries)
    for other in (ours.director, theirs.admin):
        assert other.get(place.path).status in (403, 404)
    assert ours.director.post(f"{place.path}/set_secret", {"client_secret": "x"}).status == 403
    for issuer in ("http://id.example.org", "http://localhost.evil.example.org/", "https://id.example.org/?x=1"):
        body = {"label": "X", "issuer": issuer, "client_id": "x"}
        assert ours.admin.post("/v1/identity_providers", body).status == 422, issuer
    body = {"label": "X", "issuer": "https://x.example.org", "client_id": "x", "scopes": "email"}
    assert ours.admin.post("/v1/identity_providers", body).faults.keys() == {"/scopes"}
    moved = ours.admin.patch(place.path, {"issuer": "https://evil.example.org"}, shown.etag)
    assert moved.status == 422, "the secret would go there"
    # Of another district's page it is no provider.
    page = Browser(ours.api).get(f"/login/oidc/{place.made.id}?district={theirs.district.slug}")
    assert page.status == 404 and page.heading == "Sign in"


def test_passwords_are_off_for_who_has_a_provider_but_never_for_the_last_administrator(api, database, server):
    alone = Tenant(api, database)
    place = Place(alone, server)

    def sign_in(email):
        body = {"email": email, "password": PASSWORD, "district": alone.district.slug}
        return alone.nobody.post("/v1/sessions", body, Authorization=None).status

    def with_password(email, role):
        user = user_of(alone, email, role=role)
        link = alone.admin.post(f"/v1/users/{user}/password_reset", {}).json["token"]
        body = {"token": link, "new_password": PASSWORD}
        assert alone.nobody.post("/v1/passwords", body, Authorization=None).status < 300
        return user

    with_password("vi@example.org", "viewer")
    with_password("boss@example.org", "admin")
    answer = alone.admin.get(alone.path)
    assert alone.admin.patch(alone.path, {"sso_only": True}, answer.etag).status == 200
    assert (sign_in("vi@example.org"), sign_in("boss@example.org")) == (201, 201), "neither has a provider"
    assert is_in(place.go(sub="vi", email="vi@example.org")[1])
    assert is_in(place.go(sub="boss", email="boss@example.org")[1])
    assert (sign_in("vi@example.org"), sign_in("boss@example.org")) == (401, 201), "no other administrator could"
    with_password("second@example.org", "admin")
    assert sign_in("boss@example.org") == 401
    page = Browser(api).get(f"/login?district={alone.district.slug}")
    assert "neither your password nor a link by mail works here" in page.text
    with_password("plain@example.org", "viewer")
    for email in ("vi@example.org", "boss@example.org", "plain@example.org"):
        body = {"email": email, "district": alone.district.slug}
        assert alone.nobody.post("/v1/sign_in_links", body, Authorization=None).status == 202
    mails = alone.admin.get("/v1/messages", {"kind": "sign_in"}).json["data"]
    assert [one["to_address"] for one in mails] == ["plain@example.org"]
    # A link from before is worth nothing any more.
    with database.connect("kith_migrate") as connection:
        user, = connection.execute("SELECT id::text FROM app_user WHERE email = 'vi@example.org' AND district_id = %s",
                                   (alone.id,)).fetchone()
        token, _ = database.token(connection, alone.id, user, kind="link", purpose="sign_in",
                                  expires_at="2026-11-22T00:00:00Z")
    assert alone.nobody.post("/v1/sign_ins", {"token": token}, Authorization=None).faults == {"/token": "not_allowed"}
    answer = alone.admin.get(place.path)
    assert alone.admin.patch(place.path, {"is_active": False}, answer.etag).status == 200
    assert sign_in("vi@example.org") == 201, "nor without a provider"
