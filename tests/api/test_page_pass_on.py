"""Passed on: a contact that is asked for a check-in names a colleague on the page of its link."""
import pytest
from check_ins import SAID, running
from pages import Browser, make_link, message

from world import insert, uuid7

HELD = "You have passed this on"


class Asked:
    """A partner's lead with the link of a reminder, and a colleague with a place at the partner."""

    def __init__(self, tenant, **place):
        self.tenant = tenant
        self.partnership = running(tenant)
        self.check_in = self.partnership.check_in()
        self.lead, self.colleague = self.partnership.contact, uuid7()
        self.address = f"{self.colleague}@example.org"
        with tenant.api.database.connect("kith_migrate") as connection:
            insert(connection, "contact", {"district_id": tenant.id, **SAID, "id": self.colleague, "name": "Bo",
                                           "email": self.address})
            for one in (self.lead, self.colleague):
                insert(connection, "affiliation", {
                    "district_id": tenant.id, **SAID, "id": uuid7(), "contact_id": one, "partner_id": self.partnership.partner,
                    "role": "Helper", **(place if one == self.colleague else {})})
        self.mail = message(tenant, contact_id=self.lead, partnership_id=self.partnership.id, subject_id=self.check_in,
                            kind="check_in_reminder", **{"class": "duty"})
        self.link = make_link(tenant, "check_in", self.check_in, contact_id=self.lead, message_id=self.mail)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def pass_on(self, **said):
        return self.browser.submit(self.page(), "tell", **{"tell_reason": "pass_on", "tell_email": self.address, **said})

    def mails(self, contact):
        """Of the check-in that are to go: how they came about."""
        return [m["occurrence"] for m in self.tenant.coordinator.get("/v1/messages", {"contact_id": contact}).json["data"]
                if m["subject_id"] == self.check_in and m["status"] == "queued"]

    def tasks(self):
        return [t for t in self.tenant.director.get("/v1/call_tasks", {"partnership_id": self.partnership.id}).json["data"]
                if t["reason"] == "pass_on"]


@pytest.fixture
def asked(ours):
    return Asked(ours)


@pytest.mark.shows("partnerships.passed_on")
def test_a_colleague_gets_a_link_and_the_old_one_shows_nothing_any_more(asked, ours):
    """What waited for the lead does not go; what comes goes to the colleague; the old link opens nothing of it."""
    asked.partnership.work("reminders_decide", "2026-11-27T15:00:00Z")
    assert asked.mails(asked.lead)
    form = asked.page()
    page = asked.pass_on()
    assert page.notices() == ["Your colleague gets a mail with a link of its own.", HELD + " to a colleague. There is nothing left "
                              "for you to do here, and you are reminded of it no more."] or HELD in page.text
    assert "A partnership" not in page.text and not {"check_in_send", "check_in_save", "tell", "snooze"} & set(page.buttons())
    assert HELD in asked.page().text and "A partnership" not in asked.page().body
    assert asked.browser.send(form, "check_in_send", goals_set="Late").status == 409
    assert asked.mails(asked.lead) == [] and not asked.tasks()
    told, = asked.mails(asked.colleague)
    assert told.startswith("2026-12-11 passed on ")
    said, = ours.viewer.get("/v1/check_in_delegates", {"check_in_id": asked.check_in}).json["data"]
    assert (said["from_contact_id"], said["to_contact_id"]) == (asked.lead, asked.colleague)
    asked.partnership.work("reminders_decide", "2026-12-08T15:00:00Z")
    assert len(asked.mails(asked.colleague)) == 2 and asked.mails(asked.lead) == []
    other = Browser(ours.api)
    page = other.get(f"/r/{make_link(ours, 'check_in', asked.check_in, contact_id=asked.colleague)}")
    assert other.submit(page, "check_in_send", goals_set="By Bo").status == 200


@pytest.mark.shows("partnerships.passed_on")
@pytest.mark.parametrize("place", [{"may_sign_in": False}, {"until_date": "2026-11-01"}, None])
def test_of_whom_nobody_has_vouched_for_a_person_of_the_district_is_told(ours, place):
    """Somebody who was added and not vouched for, who has left, or whom nobody knows: no mail goes to that address."""
    asked = Asked(ours, **(place or {}))
    address = asked.address if place else f"{uuid7()}@elsewhere.example.org"
    page = asked.pass_on(tell_email=address, tell_note="She does it now")
    assert HELD not in page.text and page.notices() == [
        "Thank you for telling us. Somebody from the district will take care of it."]
    task, = asked.tasks()
    assert task["note"] == f"{address}\nShe does it now" and asked.mails(asked.colleague) == []
    assert asked.page().buttons()


def test_what_comes_back_is_ones_own_again(asked, ours):
    asked.pass_on()
    mail = message(ours, contact_id=asked.colleague, partnership_id=asked.partnership.id, subject_id=asked.check_in,
                   kind="check_in_reminder", **{"class": "duty"})
    link = make_link(ours, "check_in", asked.check_in, contact_id=asked.colleague, message_id=mail)
    with ours.api.database.connect("kith_migrate") as connection:
        address = connection.execute("SELECT email FROM contact WHERE id = %s", (asked.lead,)).fetchone()[0]
    other = Browser(ours.api)
    page = other.submit(other.get(f"/r/{link}"), "tell", tell_reason="pass_on", tell_email=address)
    assert HELD in page.text and HELD not in asked.page().text
