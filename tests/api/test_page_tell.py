"""Each page that a mail's link opens takes "I have left", "not me" and "pass it on"; what follows is the same."""

import pytest
from check_ins import NOW, SAID
from pages import Browser, make_link, message
from partnering import Ready, act_on, agreement

from world import insert, uuid7


class Told:
    """A partner's lead, and a link of a mail to it that opens a task of that purpose."""

    def __init__(self, tenant, purpose):
        self.tenant, self.ready = tenant, Ready(tenant)
        self.contact = self.ready.contact
        subject = getattr(self, purpose)()
        self.mail = message(tenant, contact_id=self.contact, partnership_id=self.ready.id, subject_id=subject)
        self.link = make_link(tenant, purpose, subject, contact_id=self.contact, message_id=self.mail)
        self.browser = Browser(tenant.api)

    def check_in(self):
        one = uuid7()
        with self.tenant.api.database.connect("kith_migrate") as connection:
            insert(connection, "check_in", {
                "district_id": self.tenant.id, **SAID, "id": one, "partnership_id": self.ready.id, "school_year": 2027,
                "number": 2, "due_on": "2026-12-11", "opens_on": "2026-11-20", "dated_at": NOW, "uid": one, "status": "open",
                "opened_at": NOW})
        return one

    def agreement(self):
        one = agreement(self.tenant.director, title="Reading", kind="mou", text="We agree.").id
        self.ready.made("agreement_partnerships", agreement_id=one)
        act_on(self.tenant.director, one, "submit", "approve")
        return one

    def investments(self):
        self.ready.made("investments", kind="cash", side="partner", amount_cents=1, from_date="2026-09-01",
                        until_date="2026-12-31", purpose="Books")
        return self.ready.id

    def acknowledgment(self):
        self.ready.made("goals", statement="All read on", due_on="2027-06-30")
        return self.ready.id

    def credential(self):
        return self.ready.partner

    def record(self):
        return self.ready.partner

    def tasks(self):
        with self.tenant.api.database.connect("kith_migrate") as connection:
            return connection.execute(
                "SELECT kind, reason, status, note, owner_id::text FROM call_task WHERE contact_id = %s",
                (self.contact,)).fetchall()


PURPOSES = ["check_in", "agreement", "investments", "acknowledgment", "credential", "record"]


@pytest.mark.shows("partnerships.wrong_person")
@pytest.mark.parametrize("purpose", PURPOSES)
def test_whoever_a_mail_came_to_by_mistake_says_so_on_its_page(ours, purpose):
    told = Told(ours, purpose)
    page = told.browser.get(f"/r/{told.link}")
    page = told.browser.submit(page, "tell", tell_reason="pass_on")
    assert page.status == 422 and list(page.errors()) == ["tell_note"] and page.title.startswith("Error:")
    page = told.browser.submit(page, "tell", tell_note="Bob, bob@example.org")
    assert page.notices()[0].startswith("Thank you for telling us.")
    lead = told.ready.lead
    assert told.tasks() == [("hand_over", "pass_on", "open", "Bob, bob@example.org", lead)]
    told.browser.submit(page, "tell", tell_reason="left_org")
    assert told.tasks() == [("hand_over", "left_org", "open", "Bob, bob@example.org", lead)]


def test_without_a_mail_there_is_nothing_to_tell(ours):
    told = Told(ours, "record")
    link = make_link(ours, "record", told.ready.partner, contact_id=told.contact)
    assert "tell" not in told.browser.get(f"/r/{link}").buttons()
