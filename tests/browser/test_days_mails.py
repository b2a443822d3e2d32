"""A partner complains about too many mails: what its people got is looked up, and why, and the mails they do not want stop."""

import pytest
from app import running_web
from days import begun, clean, clean_everywhere
from pages import message
from selenium.webdriver.support.ui import Select

from api_world import Tenant


@pytest.fixture(scope="module")
def api(database):
    with running_web(database) as one:
        yield one


@pytest.fixture(scope="module")
def ours(api, database):
    """A partner whose one person got a survey, and not a second one, as she had enough mails that week."""
    tenant = Tenant(api, database)
    tenant.partner_id = tenant.director.created("partners", {"name": "Harbor Trust", "kind": "nonprofit"}).id
    tenant.contact_id = tenant.director.created("contacts", {"name": "Ann Reyes", "email": "ann@example.org"}).id
    tenant.director.created("affiliations", {"partner_id": tenant.partner_id, "contact_id": tenant.contact_id, "role": "Director"})
    message(tenant, contact_id=tenant.contact_id, sent_at="2026-11-30T14:00:00Z")
    tenant.message_id = message(tenant, contact_id=tenant.contact_id, status="suppressed", reason="rate_limited")
    return tenant


@pytest.fixture
def app(screen, ours):
    return begun(screen, ours)


@pytest.mark.shows("web.mails")
def test_a_partner_complains_about_too_many_mails(app, ours):
    app.open("/app/partners?q=harbor")
    app.screen.find("tbody a").click()
    app.at("Harbor Trust").click("Mails", "main").wait_for("Had enough mails this week already")
    assert "Sent Nov 30, 2026" in app.screen.text
    clean(app, "mails-partner")
    app.screen.find("main p a").click()
    app.at("Ann Reyes").wait_for("What comes next")
    assert len(app.screen.all("[aria-labelledby=mails] tbody tr")) == 2
    clean(app, "mails-contact")
    next(link for link in app.screen.all("[aria-labelledby=mails] tbody tr") if "Had enough" in link.text).find_element("tag name", "a").click()
    app.wait_for("How it was decided")
    assert "Had enough mails this week already" in app.screen.text and "America/Chicago" in app.screen.text and "Nothing was tried." in app.screen.text
    clean(app, "mail")
    app.open(f"/app/contacts/{ours.contact_id}/mails")
    app.click("Add", "[aria-labelledby=related-preferences]")
    Select(app.field("Topic")).select_by_visible_text("Surveys")
    app.button("Create", "main").click()
    app.until(lambda: ours.director.get("/v1/preferences", {"contact_id": ours.contact_id}).json["data"], "it is kept")
    wish, = ours.director.get("/v1/preferences", {"contact_id": ours.contact_id}).json["data"]
    assert (wish["topic"], wish["opted_out"]) == ("surveys", True)
    app.open(f"/app/contacts/{ours.contact_id}/mails").wait_for("Surveys")


@pytest.mark.shows("web.mails")
def test_mails_in_the_dark_and_on_a_narrow_phone(app, ours):
    clean_everywhere(app, {"mails-partner": f"/app/partners/{ours.partner_id}/mails", "mails-contact": f"/app/contacts/{ours.contact_id}/mails", "mail": f"/app/messages/{ours.message_id}"})
