"""A partner complains about too many mails: what its people got is looked up, and why, and the mails they do not want stop."""

import pytest
from days import begun, clean_everywhere
from hands import by_hand
from pages import message

from api_world import Tenant


@pytest.fixture
def ours(api, database):
    """A partner whose one person got a survey, and not a second one, as she had enough mails that week."""
    tenant = Tenant(api, database)
    tenant.partner_id = tenant.director.created("partners", {"name": "Harbor Trust", "kind": "nonprofit"}).id
    tenant.contact_id = tenant.director.created("contacts", {"name": "Ann Reyes", "email": "ann@example.org"}).id
    tenant.director.created("affiliations", {"partner_id": tenant.partner_id, "contact_id": tenant.contact_id, "role": "Director"})
    message(tenant, contact_id=tenant.contact_id, sent_at="2026-11-30T14:00:00Z")
    tenant.message_id = message(tenant, contact_id=tenant.contact_id, status="suppressed", reason="rate_limited")
    return tenant


@pytest.mark.shows("web.mails")
@by_hand()
def test_a_partner_complains_about_too_many_mails(hand, ours):
    hand.open("/app/partners?q=harbor").click("Harbor Trust", "main").at("Harbor Trust")
    hand.click(hand.says("part.mails"), ".tabs").wait_for("Had enough mails this week already").look("mails-partner")
    assert "Sent Nov 30, 2026" in hand.screen.text
    hand.click("Ann Reyes", "main").at("Ann Reyes").wait_for("What comes next").look("mails-contact")
    assert len(hand.screen.all("[aria-labelledby=mails] tbody tr")) == 2
    row = next(one for one in hand.screen.all("[aria-labelledby=mails] tbody tr") if "Had enough" in one.text)
    hand.touch(row.find_element("tag name", "a")).wait_for("How it was decided").look("mail")
    assert "Had enough mails this week already" in hand.screen.text and "Central Time" in hand.screen.text and "Nothing was tried." in hand.screen.text
    hand.open(f"/app/contacts/{ours.contact_id}/mails").click(hand.says("add"), "[aria-labelledby=related-preferences]")
    hand.choose("topic", "surveys").look("preference").send()
    wish, = ours.director.get("/v1/preferences", {"contact_id": ours.contact_id}).json["data"]
    assert (wish["topic"], wish["opted_out"]) == ("surveys", True)
    hand.open(f"/app/contacts/{ours.contact_id}/mails").wait_for("Surveys").look("mails-fewer")


@pytest.mark.shows("web.mails")
def test_mails_on_a_narrow_phone_in_the_dark(screen, ours):
    clean_everywhere(begun(screen, ours), {"mails-partner": f"/app/partners/{ours.partner_id}/mails", "mails-contact": f"/app/contacts/{ours.contact_id}/mails", "mail": f"/app/messages/{ours.message_id}"})
