"""Links: a token goes from the mail into a cookie and is seen nowhere else; what opens and what does not;
who may send a form. What the pages themselves do: test_page_check_in.py and its neighbors."""

import pytest
from check_ins import running
from pages import Browser, make_link, message, signed_in, state, token, values_of

from api_world import Caller, Tenant, running_api

OVER = "This link does not open anything any more"


@pytest.fixture(scope="module")
def partnership(ours):
    return running(ours)


@pytest.fixture(scope="module")
def link(ours, partnership):
    return make_link(ours, "check_in", partnership.check_in(), contact_id=partnership.contact)


@pytest.fixture
def browser(api):
    return Browser(api)


def test_the_first_request_moves_the_token_into_a_cookie(browser, link):
    moved = browser.ask("GET", f"/r/{link}")
    assert moved.status == 303 and moved.body == ""
    assert moved.field("Referrer-Policy") == "no-referrer"
    assert moved.field("Cache-Control") == "no-store"
    address = moved.field("Location")
    assert address.startswith("/l/") and len(address) == len("/l/") + 12
    assert browser.cookies == {f"kith-l-{address[3:]}": link}
    assert browser.get(address).heading == "Check-in A partnership"


def test_behind_tls_the_cookie_is_for_this_host_alone(database, ours, link):
    with running_api(database, KITH_PUBLIC_URL="https://kith.example.org") as api:
        browser = Browser(api)
        cookie = browser.ask("GET", f"/r/{link}").field("Set-Cookie")
        assert cookie.startswith("__Host-kith-l-") and "; Secure; " in cookie, cookie
        address = "/l/" + cookie.partition("=")[0].removeprefix("__Host-kith-l-")
        assert browser.get(address).heading == "Check-in A partnership"


def test_the_same_link_has_the_same_address(browser, link):
    first = browser.ask("GET", f"/r/{link}").field("Location")
    assert browser.ask("GET", f"/r/{link}").field("Location") == first


def test_several_links_are_open_in_one_browser(browser, ours, partnership, link):
    other = running(ours, name="Another one")
    second = make_link(ours, "check_in", other.check_in(), contact_id=other.contact)
    pages = [browser.get(f"/r/{one}") for one in (link, second, link)]
    assert [page.heading for page in pages] == [
        "Check-in A partnership", "Check-in Another one", "Check-in A partnership"]
    assert len(browser.cookies) == 2


def test_of_more_than_sixteen_open_links_the_oldest_closes(browser, ours, partnership):
    check_in = partnership.check_in(number=3)
    links = [make_link(ours, "check_in", check_in, contact_id=partnership.contact) for _ in range(17)]
    addresses = [browser.ask("GET", f"/r/{one}").field("Location") for one in links[:16]]
    assert len(browser.cookies) == 16 and browser.get(addresses[0]).status == 200
    browser.ask("GET", f"/r/{links[16]}")
    assert len(browser.cookies) == 16
    assert browser.get(addresses[0]).status == 404
    assert browser.get(addresses[1]).status == 200


def test_a_hundred_cookies_of_somebody_else_are_no_harm(api, link):
    browser = Browser(api)
    browser.cookies = {f"kith-l-{number:012d}": "x" for number in range(100)}
    assert browser.get(f"/r/{link}").heading == "Check-in A partnership"


# ---- What opens nothing --------------------------------------------------------------------------


def test_a_link_that_opens_nothing_says_whom_to_ask(browser, ours, migrate, partnership):
    migrate.execute("UPDATE district SET reply_to = 'help@district.example', phone = '555 0100' WHERE id = %s",
                    (ours.id,))
    one = make_link(ours, "check_in", partnership.check_in(number=1), contact_id=partnership.contact,
                    expires_at="2026-11-21T15:00:00Z")
    page = browser.get(f"/r/{one}")
    assert (page.status, page.heading) == (404, OVER)
    assert page.links()["help@district.example"] == "mailto:help@district.example"
    assert "555 0100" in page.text and "A district" in page.title
    assert browser.cookies == {}, "the cookie goes with it"


def gone(column, value):
    def change(tenant, partnership, one):
        with tenant.api.database.connect("kith_migrate") as connection:
            connection.execute(f"UPDATE link SET {column} = %s WHERE district_id = %s AND contact_id = %s",
                               (value, tenant.id, partnership.contact))
        return one
    return change


def of_contact(column, value):
    def change(tenant, partnership, one):
        with tenant.api.database.connect("kith_migrate") as connection:
            connection.execute(f"UPDATE contact SET {column} = %s WHERE id = %s", (value, partnership.contact))
        return one
    return change


def of_role(_tenant, partnership, one):
    with partnership.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE partnership_role SET until_date = '2026-11-20' WHERE contact_id = %s",
                           (partnership.contact,))
    return one


def of_nobody(tenant, _partnership, _one):
    return token(tenant.id)[0]


def of_no_district(_tenant, _partnership, _one):
    return token("0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7")[0]


@pytest.mark.parametrize("change", [
    pytest.param(gone("expires_at", "2026-11-21T15:00:00Z"), id="over at this instant"),
    pytest.param(gone("revoked_at", "2026-11-21T14:59:00Z"), id="revoked"),
    pytest.param(of_contact("status", "left"), id="of a contact who has left"),
    pytest.param(of_contact("archived_at", "2026-11-21T14:00:00Z"), id="of a contact who is archived"),
    pytest.param(of_role, id="of a contact without a place there"),
    pytest.param(of_nobody, id="of nobody"),
    pytest.param(of_no_district, id="of no district"),
    pytest.param(lambda t, p, one: one[:-1], id="cut"),
    pytest.param(lambda t, p, one: one + "A", id="longer"),
    pytest.param(lambda t, p, one: "x", id="no token"),
])
def test_it_opens_nothing(browser, ours, change):
    mine = running(ours)
    one = make_link(ours, "check_in", mine.check_in(), contact_id=mine.contact)
    page = browser.get(f"/r/{change(ours, mine, one)}")
    assert (page.status, page.heading) == (404, OVER)


def test_a_link_is_open_until_its_last_instant(browser, ours, partnership):
    one = make_link(ours, "check_in", partnership.check_in(number=4), contact_id=partnership.contact,
                    expires_at="2026-11-21T15:00:00.001Z")
    assert browser.get(f"/r/{one}").status == 200


def test_an_address_without_its_cookie_opens_nothing(api, browser, link):
    address = browser.ask("GET", f"/r/{link}").field("Location")
    page = Browser(api).get(address)
    assert (page.status, page.heading) == (404, OVER)


@pytest.mark.parametrize("address", ["/l/x", "/l/aaaaaaaaaaaa", "/l/aaaaaaaaaaaa/edit", "/l/%22%3B%20x%3D1aaa"])
def test_an_address_that_is_none_opens_nothing(browser, address):
    assert browser.get(address).heading == OVER


def test_a_token_of_one_district_is_nothing_in_another(browser, ours, theirs, link):
    """The secret of ours behind the id of theirs."""
    foreign = token(theirs.id)[0]
    page = browser.get(f"/r/{foreign[:26]}{link[26:]}")
    assert (page.status, page.heading) == (404, OVER)


def test_a_link_of_a_user_opens_as_the_districts_side(browser, ours, partnership):
    one = make_link(ours, "check_in", partnership.check_in(school_year=2028), user_id=ours.users["director"])
    assert "for the district" in browser.get(f"/r/{one}").text


def test_a_session_is_no_link_and_a_link_no_session(browser, ours, link):
    session = signed_in(ours).cookies["kith"]
    assert browser.get(f"/r/{session}").heading == OVER
    browser.cookies = {"kith": link}
    assert browser.get("/").path == "/login"
    assert Caller(ours.api, link).get("/v1/partners").status == 401


# ---- Nothing happens by looking ------------------------------------------------------------------


def test_scanners_that_open_every_link_change_nothing(api, ours, partnership):
    """Each GET three times, as mail scanners do, with cookies and without, before anybody has read."""
    check_in = partnership.check_in(school_year=2029)
    contact = partnership.contact
    mail = message(ours, contact_id=contact)
    links = [make_link(ours, "check_in", check_in, contact_id=contact),
             make_link(ours, "preferences", contact_id=contact, message_id=mail)]
    before = state(ours)
    for one in links:
        for prefix in ("r", "u"):
            browser = Browser(api)
            for _ in range(3):
                page = browser.get(f"/{prefix}/{one}")
                assert page.status == 200
                browser.get(page.path + "/edit")
                browser.get(page.path + "?lang=es&said=check_in_send&do=check_in_send")
                browser.ask("HEAD", f"/{prefix}/{one}")
                Browser(api).ask("HEAD", page.path)
    assert state(ours) == before


def test_no_log_and_no_metric_has_a_token(database, ours, link):
    with running_api(database, KITH_LOG_LEVEL="debug") as api:
        browser = Browser(api)
        page = browser.get(f"/r/{link}")
        browser.submit(page, "check_in_save", goals_set="A word that no log has")
        browser.get(f"/u/{link}x")
        browser.ask("POST", f"/u/{link}", b"List-Unsubscribe=Two-Clicks")
        log = api.log_text()
        assert "/r/{token}" in log and "/l/{id}" in log, "requests are logged by their patterns"
        for secret in (link, link[5:40], page.path[3:], "A word that no log has"):
            assert secret not in log and secret not in api.admin("/metrics")[1]


# ---- Who may send a form -------------------------------------------------------------------------


@pytest.fixture
def page(browser, ours):
    mine = running(ours)
    return browser.get(f"/r/{make_link(ours, 'check_in', mine.check_in(), contact_id=mine.contact)}")


def filled(page, **changes):
    return {**values_of(page.form("check_in_save")), "do": "check_in_save", **changes}


@pytest.mark.parametrize("headers", [
    {"Origin": "https://evil.example"},
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": "none"},
], ids=str)
def test_a_form_from_elsewhere_is_refused(browser, page, ours, headers):
    before = state(ours)
    reply = browser.post(page.path, filled(page), **headers)
    assert (reply.status, reply.heading) == (403, "This is not open to you")
    assert state(ours) == before


@pytest.mark.parametrize("forged", [
    pytest.param(lambda page, other: {"form_token": "AAAAAAAAAAAAAAAAAAAAAA"}, id="forged"),
    pytest.param(lambda page, other: {"form_token": ""}, id="empty"),
    pytest.param(lambda page, other: {"form_token": other}, id="of another link"),
])
def test_a_form_without_its_token_is_refused(browser, page, ours, link, forged):
    other = values_of(browser.get(f"/r/{link}").form("check_in_save"))["form_token"]
    before = state(ours)
    assert browser.post(page.path, filled(page, **forged(page, other))).status == 403
    values = filled(page)
    del values["form_token"]
    assert browser.post(page.path, values).status == 403
    assert state(ours) == before


@pytest.mark.parametrize("headers", [
    {"Origin": None, "Sec_Fetch_Site": None},
    {"Origin": "http://127.0.0.1:8080", "Sec_Fetch_Site": "same-origin"},
    {"Origin": "null", "Sec_Fetch_Site": None},
], ids=["of an old browser", "with our origin", "with no-referrer, without Fetch Metadata"])
def test_a_form_of_ours_is_taken(database, ours, headers):
    with running_api(database, KITH_PUBLIC_URL="http://127.0.0.1:8080") as api:
        browser = Browser(api)
        mine = running(ours)
        page = browser.get(f"/r/{make_link(ours, 'check_in', mine.check_in(), contact_id=mine.contact)}")
        assert browser.post(page.path, filled(page), **headers).status == 303


def test_a_form_of_another_type_is_refused(browser, page):
    reply = browser.post(page.path, filled(page), Content_Type="text/plain")
    assert reply.status == 415 and "read that" in reply.heading


@pytest.mark.parametrize("values", [
    {"do": "check_in_complete"}, {"do": ""}, {"do": "check_in_save:fr"}, {"do": "check_in_save:"},
    {"more": "1"}, {"note.x": "1"}, {"progress": "met"}, {"note.0197A3C2-5D1E-7B40-9C55-2F6D8E01A4B7": ""},
], ids=str)
def test_what_no_form_of_ours_has_is_refused(browser, page, values, ours):
    before = state(ours)
    reply = browser.post(page.path, filled(page, **values))
    if values != {"do": "check_in_save:"}:
        assert reply.status == 400
        assert state(ours) == before


def test_a_form_is_taken_up_to_a_mebibyte(browser, page):
    body = f"do=check_in_save&form_token={values_of(page.form('check_in_save'))['form_token']}&goals_set="
    most = (1 << 20) - len(body)
    at_limit = browser.ask("POST", page.path, (body + "a" * most).encode())
    assert at_limit.status == 422 and "too long" in at_limit.errors()["goals_set"]
    assert at_limit.value("goals_set") == "a" * most, "what was typed is not lost"
    over = browser.ask("POST", page.path, (body + "a" * (most + 1)).encode())
    assert (over.status, over.heading) == (413, "That was too long")


def test_a_form_has_at_most_four_hundred_fields(browser, page):
    values = filled(page)
    notes = {f"note.0197a3c2-5d1e-7b40-9c55-{number:012d}": "" for number in range(400 - len(values))}
    assert browser.post(page.path, {**values, **notes}).status == 303
    assert browser.post(page.path, {**values, **notes, "goals_set2": ""}).status == 422


def test_a_form_for_another_purpose_opens_nothing(browser, page, ours):
    before = state(ours)
    cookies = dict(browser.cookies)
    token_of_form = filled(page)["form_token"]
    link = next(iter(cookies.values()))
    for path, values in (
        (page.path, {"do": "survey_decline"}),
        (page.path, {"do": "preferences_none"}),
        (f"/u/{link}", {"List-Unsubscribe": "One-Click"}),
    ):
        browser.cookies = dict(cookies)
        reply = browser.post(path, {"form_token": token_of_form, **values} if "do" in values else values)
        assert (reply.status, reply.heading) == (404, OVER)
    assert state(ours) == before
    browser.cookies = cookies
    reply = browser.post(page.path + "/password", {"form_token": token_of_form,
                                                   "new_password": "correct horse battery"})
    assert (reply.status, reply.heading) == (404, OVER)


# ---- Languages, errors, the sheet ----------------------------------------------------------------


def test_a_page_speaks_the_persons_language_and_can_be_switched(api, ours, migrate, link, partnership):
    migrate.execute("UPDATE contact SET locale = 'es-MX' WHERE id = %s", (partnership.contact,))
    browser = Browser(api, language="en")
    page = browser.get(f"/r/{link}")
    assert (page.lang, page.heading) == ("es", "Revisión A partnership")
    english = browser.submit(page, "check_in_save:en", goals_set="Not lost")
    assert (english.lang, english.value("goals_set")) == ("en", "Not lost")
    assert browser.cookies["kith-lang"] == "en"
    assert browser.get("/l/x").lang == "en", "from now on, everywhere"
    migrate.execute("UPDATE contact SET locale = NULL WHERE id = %s", (partnership.contact,))


def test_a_page_of_nobody_speaks_what_the_browser_asks_for(api):
    for language, lang in (("es-US,es;q=0.9", "es"), ("fr", "en"), ("fr,es;q=0.5", "es")):
        assert Browser(api, language).get("/l/x").lang == lang


def test_the_switch_is_a_link_where_there_is_nothing_to_lose(browser):
    page = browser.get("/login")
    assert page.links()["Español"] == "/login?lang=es"
    assert browser.get("/login?lang=es").heading == "Iniciar sesión"
    assert browser.get("/login").lang == "es"
    assert browser.get("/login?lang=xx").lang == "es"


def test_what_is_said_is_ours_to_say(browser, link):
    page = browser.get(f"/r/{link}")
    said = browser.get(page.path + "?said=check_in_send")
    assert said.notices()[0] == "Sent. Thank you."
    assert "now!" not in browser.get(page.path + "?said=Call%20us%20now!").body


def test_errors_are_pages_for_browsers_and_problems_for_programs(api):
    page = Browser(api).get("/nothing/here")
    assert (page.status, page.heading) == (404, "There is no such page")
    assert Browser(api, "es").get("/nothing").heading == "Esta página no existe"
    assert Browser(api).ask("PUT", "/login").status == 405
    for accept in (None, "*/*", "application/json"):
        reply = Browser(api).ask("GET", "/nothing", Accept=accept)
        assert (reply.status, reply.field("Content-Type")) == (404, "application/problem+json")
    reply = Browser(api).ask("GET", "/v1/nothing")
    assert reply.field("Content-Type") == "application/problem+json"


def test_too_many_requests_are_a_page_too(database):
    with running_api(database, KITH_RATE_ANONYMOUS=1) as api:
        replies = [Browser(api).ask("GET", "/login") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 429, 429]
        assert replies[1].heading == "That was a bit fast" and replies[1].field("Retry-After")


def test_who_holds_a_link_has_a_quota_of_his_own(database, ours, link):
    """A school's forty readers behind one address do not use up each other's."""
    with running_api(database, KITH_RATE_ANONYMOUS=3) as api:
        browser = Browser(api)
        address = browser.ask("GET", f"/r/{link}").field("Location")
        assert [browser.ask("GET", address).status for _ in range(8)] == [200] * 8


def test_the_sheet_is_kept_by_its_tag(api):
    sheet = Browser(api).ask("GET", "/style.css")
    assert (sheet.status, sheet.field("Content-Type")) == (200, "text/css; charset=utf-8")
    assert "{" in sheet.body
    tag = sheet.field("ETag")
    assert Browser(api).ask("GET", "/style.css", If_None_Match=tag).status == 304


def test_every_page_has_the_icon(api):
    assert '<link rel="icon" href="/icon.svg">' in Browser(api).ask("GET", "/login").body
    icon = Browser(api).ask("GET", "/icon.svg")
    assert (icon.status, icon.field("Content-Type")) == (200, "image/svg+xml") and icon.body.startswith("<svg ")


def test_no_other_origin_reads_a_page(database, link):
    """Whatever CORS says of the API."""
    origin = "https://app.example.org"
    with running_api(database, KITH_CORS_ORIGINS=origin) as api:
        assert Caller(api, None).get("/docs", Origin=origin).field("Access-Control-Allow-Origin") == origin
        for path in ("/login", f"/r/{link}", "/style.css"):
            assert Browser(api).ask("GET", path, Origin=origin).field("Access-Control-Allow-Origin") is None


def test_two_tenants_links_do_not_mix(api, database, link):
    """A tenant's page never has the other's name."""
    other = Tenant(api, database)
    theirs = running(other, name="Theirs alone")
    browser = Browser(api)
    page = browser.get(f"/r/{make_link(other, 'check_in', theirs.check_in(), contact_id=theirs.contact)}")
    assert page.heading == "Check-in Theirs alone"
    assert browser.get(f"/r/{link}").heading == "Check-in A partnership"
