"""Beside the answer: who is asked for something by mail is reminded on another day, or passes it on to a colleague."""

import pytest
from check_ins import SAID
from pages import Browser, make_link, message, state
from test_page_ask import Asked as Needed
from test_page_convening import Invited
from test_page_credential import Asked as Papers
from test_page_investments import Asked as Entries

from world import insert, uuid7

PASSED = "You have passed this on to a colleague."


class Mailed:
    """What a contact is asked for, and the link of the mail that asks for it."""

    def __init__(self, tenant, purpose, kind, subject, contact, partner, **fields):
        self.tenant, self.subject, self.kind, self.contact, self.partner = tenant, subject, kind, contact, partner
        self.purpose = purpose
        self.mail = message(tenant, contact_id=contact, subject_id=subject, kind=kind, **fields)
        self.link = self.linked(contact, self.mail)
        self.browser = Browser(tenant.api)

    def linked(self, contact, mail):
        return make_link(self.tenant, self.purpose, self.subject, contact_id=contact, message_id=mail)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def snooze(self, **said):
        return self.browser.submit(self.page(), "snooze", **said)

    def pass_on(self, address, **said):
        return self.browser.submit(self.page(), "tell", tell_reason="pass_on", tell_email=address, **said)

    def mails(self, contact=None):
        """Of what is asked that was decided beside the first mail: its status, reason and local day."""
        return sorted((m["status"], m["reason"], m["not_before"][:10])
                      for m in self.tenant.coordinator.get("/v1/messages", {"contact_id": contact or self.contact}).json["data"]
                      if m["subject_id"] == self.subject and m["kind"] == self.kind and m["status"] != "sent")

    def colleague(self, **place):
        one = uuid7()
        with self.tenant.api.database.connect("kith_migrate") as connection:
            insert(connection, "contact", {"district_id": self.tenant.id, **SAID, "id": one, "name": "Bo",
                                           "email": f"{one}@example.org"})
            insert(connection, "affiliation", {"district_id": self.tenant.id, **SAID, "id": uuid7(), "contact_id": one,
                                               "partner_id": self.partner, "role": "Helper", **place})
        return one, f"{one}@example.org"

    def newest(self, contact):
        return self.tenant.coordinator.get("/v1/messages", {"contact_id": contact, "sort": "-created_at"}).json["data"][0]["id"]


def of_investments(tenant):
    one = Entries(tenant)
    tenant.director.patch(f"/v1/contacts/{one.ready.contact}", {"email": f"{uuid7()}@example.org"},
                          tenant.director.get(f"/v1/contacts/{one.ready.contact}").etag)
    return Mailed(tenant, "investments", "investment_confirmation", one.ready.id, one.ready.contact, one.ready.partner,
                  partnership_id=one.ready.id, topic="confirmations", **{"class": "duty"})


def of_papers(tenant):
    one = Papers(tenant)
    return Mailed(tenant, "credential", "credential_request", one.partner, one.ready.contact, one.partner,
                  partnership_id=one.ready.id, topic="agreements", variables='{"kinds": [{"code": "w9"}]}', **{"class": "duty"})


def of_ask(tenant):
    one = Needed(tenant)
    with tenant.api.database.connect("kith_migrate") as connection:
        connection.execute("DELETE FROM message WHERE subject_id = %s", (one.id,))
    return Mailed(tenant, "ask", "ask", one.id, one.contact, one.partner, topic="asks", occurrence="sent")


def of_convening(tenant):
    one = Invited(tenant)
    with tenant.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE contact SET email = %s WHERE id = %s", (f"{uuid7()}@example.org", one.contact))
    return Mailed(tenant, "convening", "convening_invitation", one.one, one.contact, None, topic="convenings",
                  variables='{"when": "invited"}')


ASKED = [of_investments, of_papers, of_ask, of_convening]


@pytest.mark.shows("partnerships.duty_snooze")
@pytest.mark.parametrize("asked", ASKED)
def test_whoever_is_asked_is_reminded_on_another_day_and_staff_see_it(ours, asked):
    """NOW is Saturday, November 21; Thursday the 26th is Thanksgiving."""
    one = asked(ours)
    before = state(ours)
    page = one.page()
    assert "snooze" in page.buttons() and state(ours) == before
    first = one.mails()
    page = one.snooze(snooze="7")
    assert page.status == 200 and page.notices() == ["You are reminded again then."]
    assert "on Monday, November 30" in page.text, "the 28th is a Saturday"
    assert [m for m in one.mails() if m not in first] == [("queued", None, "2026-11-30")]
    nexts = ours.director.get(f"/v1/contacts/{one.contact}/next_mails").json["mails"]
    assert ("2026-11-30", "09:00") in [(m["goes_on"], m["local_time"]) for m in nexts if m["message_id"]]
    page = one.snooze(snooze="day", snooze_on="2026-11-26")
    assert "on Friday, November 27" in page.text, "the last word counts, and a holiday is no day of mail"
    assert [m for m in one.mails() if m not in first] == [("queued", None, "2026-11-27"), ("suppressed", "snoozed", "2026-11-30")]


@pytest.mark.parametrize("asked", ASKED)
def test_a_day_of_ones_own_is_to_come_and_of_use(ours, asked):
    one = asked(ours)
    for day, code in (("", "this needs an answer"), ("2026-11-21", "this day is over"),
                      ("2027-06-12", "no mail goes any more between then and the last day")):
        page = one.snooze(snooze="day", snooze_on=day)
        assert page.status == 422 and code in page.text, (day, page)
    assert "queued" not in {m[0] for m in one.mails()}


@pytest.mark.parametrize("asked", ASKED)
def test_whom_no_mail_reaches_is_not_told_that_one_will(ours, asked):
    one = asked(ours)
    page = one.page()
    with ours.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE contact SET channels = '{phone}', updated_at = now() WHERE id = %s", (one.contact,))
    assert "no mail of ours reaches you" in one.browser.submit(page, "snooze", snooze="7").text
    assert "queued" not in {status for status, _, _ in one.mails()}


def test_what_is_answered_meanwhile_is_not_reminded_of(ours):
    asked = of_ask(ours)
    asked.snooze(snooze="3")
    asked.browser.submit(asked.page(), "ask_decline", why="No")
    assert "snooze" not in asked.page().buttons(), "the mailer looks at it once more, too"


@pytest.mark.shows("partnerships.duty_passed_on")
@pytest.mark.parametrize("asked", [of_papers, of_ask])
def test_a_colleague_for_whom_somebody_vouches_gets_a_link_of_its_own(ours, asked):
    one = asked(ours)
    colleague, address = one.colleague()
    one.snooze(snooze="7")
    page = one.pass_on(address)
    assert page.notices()[0] == "Your colleague gets a mail with a link of its own." and PASSED in page.text and page.buttons() == []
    assert PASSED in one.page().text and ("queued", None) not in {m[:2] for m in one.mails()}, "nothing comes any more"
    assert ("suppressed", "passed_on", "2026-11-30") in one.mails()
    assert [m[:2] for m in one.mails(colleague)] == [("queued", None)]
    other = Browser(ours.api)
    page = other.get(f"/r/{one.linked(colleague, one.newest(colleague))}")
    assert {"ask_pledge", "credential_send"} & set(page.buttons()), page.text
    with ours.api.database.connect("kith_migrate") as connection:
        mine = connection.execute("SELECT email FROM contact WHERE id = %s", (one.contact,)).fetchone()[0]
        connection.execute("INSERT INTO affiliation (district_id, id, contact_id, partner_id, role, created_at, updated_at) "
                           "SELECT %s, %s, %s, %s, 'Lead', now(), now() WHERE NOT EXISTS (SELECT FROM affiliation "
                           "WHERE contact_id = %s AND partner_id = %s)",
                           (ours.id, uuid7(), one.contact, one.partner, one.contact, one.partner))
    page = other.submit(page, "tell", tell_reason="pass_on", tell_email=mine)
    assert PASSED in page.text, "it comes back"
    again = Browser(ours.api).get(f"/r/{one.linked(one.contact, one.newest(one.contact))}")
    assert {"ask_pledge", "credential_send"} & set(again.buttons()), again.text


@pytest.mark.parametrize("asked, place", [(of_papers, {"may_sign_in": False}), (of_papers, {"until_date": "2026-11-01"}),
                                          (of_ask, {"may_sign_in": False}), (of_investments, {})])
def test_of_whom_nobody_vouches_or_who_leads_nothing_a_person_is_told(ours, asked, place):
    """What a partnership agrees to is said by who leads it."""
    one = asked(ours)
    colleague, address = one.colleague(**place)
    page = one.pass_on(address)
    assert PASSED not in page.text and page.notices() == [
        "Thank you for telling us. Somebody from the district will take care of it."]
    assert one.mails(colleague) == [] and one.page().buttons()
    with ours.api.database.connect("kith_migrate") as connection:
        assert connection.execute("SELECT note FROM call_task WHERE subject_id = %s AND kind = 'hand_over'",
                                  (one.subject,)).fetchall() == [(address,)]


def test_who_leads_it_too_answers_what_is_passed_on(ours, migrate):
    one = of_investments(ours)
    colleague, address = one.colleague()
    insert(migrate, "partnership_role", {"district_id": ours.id, **SAID, "id": uuid7(), "partnership_id": one.subject,
                                         "side": "partner", "role": "lead", "contact_id": colleague})
    migrate.commit()
    assert PASSED in one.pass_on(address).text
    page = Browser(ours.api).get(f"/r/{one.linked(colleague, one.newest(colleague))}")
    assert "investment_confirm" in page.buttons()
