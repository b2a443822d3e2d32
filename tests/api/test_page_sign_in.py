"""The pages by which people come in without a password, and what a partner's contact finds then."""

from urllib.parse import quote

import pytest
from administering import owns
from check_ins import running
from pages import Browser, signed_in, values_of
from test_api_administration import account_link, contact_of, messages

from world import NOW


@pytest.fixture
def browser(api):
    return Browser(api)


@pytest.mark.shows("administration.sign_in_page")
def test_a_link_is_asked_for_and_nothing_tells_who_has_an_address(browser, ours):
    page = browser.get(f"/login?district={ours.district.slug}")
    asked = browser.get(page.links()["Sign in by a link in a mail"])
    assert asked.heading == "Sign in by a link"
    email = ours.admin.get(f"/v1/users/{ours.users['reviewer']}").json["email"]
    said = [browser.submit(asked, email=address).notices() for address in (email, "nobody@example.org")]
    assert said[0] == said[1] and "30 minutes" in said[0][0]
    assert len(messages(ours, "sign_in", user_id=ours.users["reviewer"])) == 1
    wrong = browser.submit(asked, email="no address")
    assert (wrong.status, set(wrong.errors())) == (422, {"email"})
    spanish = Browser(ours.api).get("/sign_in_link?lang=es")
    assert (spanish.lang, spanish.heading) == ("es", "Iniciar sesión con un enlace")


def test_only_the_button_of_a_link_signs_in(browser, ours, migrate):
    text = account_link(ours, ours.users["viewer"], "sign_in")
    page = browser.get(f"/r/{text}")
    assert browser.get(page.path).heading == "Sign in", "it may be looked at often"
    assert migrate.execute("SELECT count(*) FROM access_token WHERE user_id = %s AND kind = 'session'",
                           (ours.users["viewer"],)).fetchone() == (0,)
    forged = browser.post(page.form().get("action"), {"form_token": "x"})
    assert forged.status == 403
    assert browser.submit(page).heading == "Today"
    assert browser.post(page.form().get("action"), {}).status in (403, 404), "it is spent"


@pytest.mark.shows("web.sign_in")
def test_by_a_link_one_comes_to_where_one_wanted_to_go(browser, ours):
    def sign_in(browser, to=None):
        browser.get(f"/login?district={ours.district.slug}{'&to=' + quote(to) if to else ''}")
        page = browser.get(f"/r/{account_link(ours, ours.users['viewer'], 'sign_in')}")
        return browser.post(page.form().get("action"), values_of(page.form())).field("Location")
    assert sign_in(browser, "/app/partners?kind=civic&q=a b".replace(" ", "%20")) == "/app/partners?kind=civic&q=a%20b"
    assert "kith-to" not in browser.cookies, "once"
    for elsewhere in ("//evil.example.org", "/login", "https://evil.example.org/app/"):
        assert sign_in(Browser(ours.api), elsewhere) == "/"
    other = Browser(ours.api)
    other.get("/login?to=/app/partners")
    assert sign_in(other) == "/", "who asks anew does not mean what was asked before"
    other.cookies["kith-to"] = "bm90IGFuIGFkZHJlc3M"
    page = other.get(f"/r/{account_link(ours, ours.users['viewer'], 'sign_in')}")
    assert other.post(page.form().get("action"), values_of(page.form())).field("Location") == "/"


@pytest.mark.shows("administration.partner_page")
def test_a_partners_contact_finds_its_organization_and_fills_in_its_half(ours, migrate):
    mine, other = running(ours), running(ours)
    check_in, theirs = mine.check_in(), other.check_in()
    email = contact_of(mine)
    browser = Browser(ours.api)
    browser.submit(browser.get(f"/sign_in_link?district={ours.district.slug}"), email=email)
    user, = ours.admin.get("/v1/users", {"email": email}).json["data"]
    home = browser.submit(browser.get(f"/r/{account_link(ours, user['id'], 'sign_in')}"))
    assert (home.heading, home.path) == ("Your organization", "/organization")
    assert f"/check_ins/{check_in}" in home.links().values() and "A partnership" in home.text
    page = browser.get(f"/check_ins/{check_in}")
    assert page.status == 200, page
    sent = browser.submit(page, "check_in_send", challenges="Too few tutors", verb="check_in_send")
    assert sent.status == 200, sent
    side, status, contact = migrate.execute(
        "SELECT side, status, contact_id FROM check_in_half WHERE check_in_id = %s", (check_in,)).fetchone()
    assert (side, status, str(contact)) == ("partner", "submitted", mine.contact)
    assert browser.get(f"/check_ins/{theirs}").status == 404, "another organization's"
    # A partner's grant that is no contact's does nothing for either side.
    owns(ours, mine.partner, "partner")
    nobody = signed_in(ours, "partner")
    assert nobody.get("/organization").status == 200 and nobody.get(f"/check_ins/{check_in}").status == 404
    assert signed_in(ours, "nobody").get("/organization").status == 403
    assert NOW and Browser(ours.api).get("/organization").path.startswith("/login")
