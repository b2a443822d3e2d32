"""What waits for a partner's contact who is signed in, on its first page, and done there as by a mail's link."""

import pytest
from administering import owns
from pages import Browser, signed_in
from test_page_agreement import Waiting
from test_page_convening import Invited
from test_page_investments import Asked

PDF = b"%PDF-1.7\n" + b"x" * 300_000 + b"\n%%EOF\n"  # of more than one piece


@pytest.fixture
def become(ours, migrate):
    """A browser of the tenant's partner, who is the contact from now on."""
    def now(contact):
        migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (contact, ours.users["partner"]))
        return signed_in(ours, "partner")

    yield now
    migrate.execute("UPDATE app_user SET contact_id = NULL WHERE id = %s", (ours.users["partner"],))


@pytest.mark.shows("registry.own_waiting")
def test_agreements_entries_and_meetings_wait_on_the_first_page_and_are_answered_there(ours, become):
    file = ours.director.call("POST", "/v1/attachments?name=a.pdf", PDF, Content_Type="application/pdf").id
    waiting, entries, other = Waiting(ours, text=None, attachment_id=file), Asked(ours), Waiting(ours)
    for one in (waiting, entries, other):
        owns(ours, one.ready.partner, "partner")
    browser = become(waiting.ready.contact)
    home = browser.get("/organization")
    assert home.links()["Agreement to read: Reading partners"] == f"/agreements/{waiting.id}"
    assert f"/agreements/{other.id}" not in home.body, "another contact leads it"
    page = browser.get(f"/agreements/{waiting.id}")
    assert page.links()["Overview"] == "/" and browser.get(f"/agreements/{other.id}").status == 404
    got = browser.ask("GET", page.links()["Open the document: a.pdf"])
    assert (got.status, got.body.encode()) == (200, PDF)
    assert Browser(ours.api).ask("GET", f"{page.path}/document").field("Location") == "/login"
    assert browser.ask("GET", f"/agreements/{other.id}/document").status == 404
    assert browser.send(page, "agreement_acknowledge", read="yes").field("Location") == f"{page.path}?said=agreement_acknowledge"
    assert waiting.json()["partner_by"] == waiting.ready.contact
    sent = browser.send(browser.get(page.path), "agreement_sign", signer="Ann, director", consent="yes", authority="yes")
    assert sent.status == 303 and waiting.json()["partner_signer"] == "Ann, director"
    assert "Agreement to read" not in browser.get("/organization").text
    assert browser.get(f"/investments/{entries.ready.id}").status == 404
    browser = become(entries.ready.contact)
    page = browser.get(browser.get("/organization").links()["What both sides put in: A partnership"])
    for one in (entries.ours, entries.theirs):
        values = entries.values(page, one, do="investment_confirm")
        assert browser.post(page.path, values).field("Location") == f"{page.path}?said=investment_confirm"
        assert entries.json(one)["confirmed"] == "confirmed"
    assert "What both sides put in" not in browser.get("/organization").text
    assert signed_in(ours).get(page.path).status == 404 and Browser(ours.api).get(page.path).path.startswith("/login")


@pytest.mark.shows("registry.own_waiting")
def test_an_invitation_waits_there_until_the_meeting_begins(ours, become):
    meeting, other = Invited(ours, location="Library"), Invited(ours)
    owns(ours, ours.director.partner().id, "partner")
    browser = become(meeting.contact)
    home = browser.get("/organization")
    assert "Thursday, December 10, 2026, 3:00 p.m. (Central Time) · you have not answered" in home.text
    page = browser.get(home.links()["Meeting: Meet <us>"])
    assert browser.send(page, "convening_answer", answer="accepted", guests="1").status == 303
    assert (meeting.json()["status"], meeting.json()["guests"]) == ("accepted", 1)
    assert "you will come" in browser.get("/organization").text
    assert browser.get(f"/convenings/{other.one}").status == 404
