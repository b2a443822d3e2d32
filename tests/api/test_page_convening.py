"""The page by which an invitee to a convening answers, without an account."""

import pytest
from acting import act, done
from fields import APART
from needing import open_need
from pages import Browser, make_link, message, state
from partnering import Ready
from world import NOW


class Invited:
    """A convening with somebody who is invited to it, and the link to the page."""

    def __init__(self, tenant, locale=None, **fields):
        self.tenant = tenant
        body = {**APART["convenings"], "title": "Meet <us>", "host_id": tenant.users["director"], **fields}
        self.id = tenant.director.created("convenings", body).id
        self.contact = tenant.director.created("contacts", {"name": "Ann", "locale": locale}).id
        self.one = tenant.director.created("convening_invitees", {"convening_id": self.id,
                                                                  "contact_id": self.contact}).id
        done(act(tenant.director, "convenings", self.id, "invite"))
        self.link = make_link(tenant, "convening", self.one, contact_id=self.contact)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def json(self):
        return self.tenant.director.get(f"/v1/convening_invitees/{self.one}").json

    def answers(self, **values):
        return self.browser.submit(self.page(), "convening_answer", **values)


@pytest.mark.shows("convenings.rsvp")
def test_one_answers_and_changes_the_answer(ours):
    who = Invited(ours, capacity=3, location="Library", online_url="https://meet.example/a")
    page = who.page()
    assert page.heading.startswith("Meet <us>") and (
        "Thursday, December 10, 2026, 3:00 p.m. to 4:30 p.m. Central Time" in page.text)
    assert "Library" in page.text and page.links()["https://meet.example/a"] == "https://meet.example/a"
    before = state(ours)
    page = who.answers()
    assert (page.status, list(page.errors())) == (422, ["answer"])
    page = who.answers(answer="accepted", guests="21")
    assert (page.status, list(page.errors())) == (422, ["guests"])
    assert state(ours) == before
    page = who.answers(answer="accepted", guests="2", needs="An <interpreter>")
    assert page.notices() == ["Thank you. Your answer is kept; you can change it until the meeting begins.",
                              "You said that you will come."]
    told = who.json()
    assert (told["status"], told["guests"], told["note"], told["recorded_by"]) == (
        "accepted", 2, "An <interpreter>", None)
    page = who.answers(answer="accepted", guests="3")
    assert page.errors()["guests"].endswith("there is not so much room") and who.json()["guests"] == 2
    page = who.answers(answer="declined", guests="2")
    assert "You said that you cannot come." in page.notices() and who.json()["guests"] == 0
    other = Invited(ours, capacity=1)
    other.answers(answer="accepted", guests="0")
    second = ours.director.created("convening_invitees", {"convening_id": other.id, "contact_id": who.contact}).id
    link = make_link(ours, "convening", second, contact_id=who.contact)
    browser = Browser(ours.api)
    page = browser.submit(browser.get(f"/r/{link}"), "convening_answer", answer="accepted")
    assert "waiting list" in page.notices()[1]


@pytest.mark.shows("convenings.rsvp")
def test_when_it_is_cancelled_or_has_begun_nothing_is_asked(ours, migrate):
    who = Invited(ours)
    page = who.page()
    done(act(ours.director, "convenings", who.id, "cancel", reason="Snow <storm>"))
    assert "This meeting is cancelled. Snow <storm>" in who.page().notices()
    late = who.browser.submit(page, "convening_answer", answer="accepted")
    assert late.status == 409 and "convening_answer" not in late.buttons()
    who = Invited(ours)
    migrate.execute("UPDATE convening SET starts_at = '2026-11-21T14:00Z', ends_at = '2026-11-21T16:00Z' WHERE id = %s",
                    (who.id,))
    migrate.commit()
    assert "Answers are not asked for any more." in who.page().notices()


@pytest.mark.shows("convenings.rsvp")
def test_a_contact_sees_its_own_partnerships_on_the_agenda_and_it_speaks_spanish(ours, migrate):
    mine, theirs = Ready(ours), Ready(ours)
    for ready in (mine, theirs):
        migrate.execute("UPDATE partnership SET status = 'active' WHERE id = %s", (ready.id,))
    migrate.commit()
    mine.made("action_items", description="Ours is late", due_on="2026-11-01")
    theirs.made("action_items", description="Theirs is late", due_on="2026-11-01")
    who = Invited(ours, locale="es", kind="middle", school_year=2099)
    mine.made("partnership_roles", role="sponsor", contact_id=who.contact)
    ours.director.created("agenda_items", {"convening_id": who.id, "title": "Welcome",
                                           "titles": {"es": "Bienvenidos"}})
    page = who.page()
    assert "Bienvenidos" in page.text and "Vencido: Ours is late" in page.text and page.lang == "es"
    assert "Theirs is late" not in page.text
    assert "Usted dijo que tal vez venga." in who.answers(answer="tentative").notices()


@pytest.mark.shows("convenings.agenda_kept")
def test_a_contact_is_told_that_there_are_needs_that_are_not_public_and_not_which(ours, migrate):
    site = ours.director.site().id
    for title, is_public in (("Books for all", True), ("Coats for a family", False), ("A bed for a child", False)):
        open_need(ours, title=title, is_public=is_public, site_id=site)
    who = Invited(ours, kind="middle", school_year=2099, site_id=site)
    page = who.page()
    assert "Still needed: Books for all" in page.text
    assert page.text.count("A need that is told about at the meeting") == 1
    assert "Coats" not in page.text and "bed" not in page.text
    one = ours.director.created("convening_invitees", {"convening_id": who.id, "user_id": ours.users["coordinator"]}).id
    link = make_link(ours, "convening", one, user_id=ours.users["coordinator"])
    text = Browser(ours.api).get(f"/r/{link}").text
    assert "Still needed: Coats for a family" in text and "Still needed: A bed for a child" in text
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (ours.id, NOW))
        told, = migrate.execute("SELECT convening_about(m)::text FROM message m WHERE m.subject_id = %s", (who.one,)).fetchone()
    assert "Books for all" in told and "Coats" not in told and "bed" not in told


@pytest.mark.shows("convenings.pass_on")
def test_who_cannot_come_says_who_should_be_asked(ours):
    who = Invited(ours)
    assert "tell" not in who.page().buttons(), "there is no mail that it is about"
    mail = message(ours, contact_id=who.contact, kind="convening_invitation", topic="convenings", subject_id=who.one)
    link = make_link(ours, "convening", who.one, contact_id=who.contact, message_id=mail)
    page = who.browser.get(f"/r/{link}")
    page = who.browser.submit(page, "tell", tell_reason="pass_on")
    assert page.status == 422 and list(page.errors()) == ["tell_note"]
    page = who.browser.submit(page, "tell", tell_note="Bob, bob@example.org")
    assert page.notices()[0].startswith("Thank you for telling us.")
    [task] = ours.director.get("/v1/call_tasks", {"contact_id": who.contact}).json["data"]
    assert (task["kind"], task["reason"], task["note"]) == ("hand_over", "pass_on", "Bob, bob@example.org")
