"""Whoever is reminded of a check-in says when it wants to be reminded again, by the mail's link, or somebody of the district
does it for it; it is counted and told, and whom the lead answers to hears all the same."""

import pytest
from check_ins import running
from pages import Browser, make_link, message, state

from world import uuid7


class Reminded:
    """A partnership whose check-in is due on Friday, December 11, of which its leads were told two weeks before."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.partnership = running(tenant)
        self.contact = self.partnership.contact
        self.id = self.partnership.check_in()
        self.path = f"/v1/check_ins/{self.id}"
        mail = message(tenant, contact_id=self.contact, partnership_id=self.partnership.id, subject_id=self.id,
                       kind="check_in_reminder")
        self.link = make_link(tenant, "check_in", self.id, contact_id=self.contact, message_id=mail)
        self.browser = Browser(tenant.api)

    def decide(self, now):
        self.partnership.work("reminders_decide", now)

    def told(self, **query):
        return self.tenant.director.get(f"{self.path}/decisions", query).json

    def decisions(self, side="partner"):
        return {d["offset_days"]: (d["decision"], d["reason"], d["goes_on"]) for d in self.told()["decisions"]
                if d["side"] == side and d["kind"] == "check_in_reminder" and d["offset_days"] is not None}

    def snooze(self, until, caller=None, **whom):
        return (caller or self.tenant.coordinator).post(f"{self.path}/snooze", {"until_on": until, **(whom or {
            "contact_id": self.contact})})

    def database(self):
        return self.tenant.api.database.connect("kith_migrate")


@pytest.fixture
def reminded(ours):
    return Reminded(ours)


def test_whom_no_mail_reaches_is_not_told_that_one_will(reminded):
    page = reminded.browser.get(f"/r/{reminded.link}")
    with reminded.database() as connection:
        connection.execute("UPDATE contact SET channels = '{phone}', updated_at = now() WHERE id = %s", (reminded.contact,))
    page = reminded.browser.submit(page, "snooze", snooze="7")
    assert "no mail of ours reaches you" in page.text and "You are reminded again then." not in page.text
    assert reminded.told()["snoozes"] == 0


@pytest.mark.shows("partnerships.snooze")
def test_who_is_reminded_says_when_it_is_reminded_again(ours, reminded):
    before = state(ours)
    page = reminded.browser.get(f"/r/{reminded.link}")
    assert "snooze" in page.buttons() and state(ours) == before, "looking changes nothing"
    page = reminded.browser.submit(page, "snooze", snooze="7")
    assert page.notices()[0] == "You are reminded again then." and "on Monday, November 30" in page.text
    assert reminded.decisions()[-11] == ("snoozed", None, "2026-11-30"), "the 28th is a Saturday"
    told = reminded.told()
    assert told["snoozes"] == 1
    mail, = [d["message"] for d in told["decisions"] if d["decision"] == "snoozed"]
    assert (mail["status"], mail["not_before"]) == ("queued", "2026-11-30T15:00:00.000Z")
    reminded.decide("2026-11-30T15:00:00Z")
    assert reminded.decisions()[-14] == ("suppressed", "snoozed", "2026-11-30")
    assert reminded.decisions("district")[-14][:2] == ("queued", None), "the other side's go on"
    reminded.decide("2026-12-08T15:00:00Z")
    assert reminded.decisions()[-3] == ("queued", None, "2026-12-08"), "and the rules after it"


def test_a_day_of_ones_own_is_to_come_and_not_too_late(reminded):
    page = reminded.browser.get(f"/r/{reminded.link}")
    for day, code in (("", "this needs an answer"), ("2026-11-21", "this day is over"),
                      ("2026-12-12", "no mail goes any more between then and the last day")):
        page = reminded.browser.submit(page, "snooze", snooze="day", snooze_on=day)
        assert page.status == 422 and code in page.text, (day, page)
    page = reminded.browser.submit(page, "snooze", snooze="day", snooze_on="2026-12-11")
    assert reminded.decisions()[0] == ("snoozed", None, "2026-12-11"), "in the place of the rule of that day"


def test_what_waits_gives_way_and_the_last_word_counts(reminded):
    reminded.decide("2026-11-27T15:00:00Z")
    assert reminded.decisions()[-14] == ("queued", None, "2026-11-27")
    assert reminded.snooze("2026-12-04").status == 200
    found = {d["offset_days"]: d["message"]["reason"] for d in reminded.told(contact_id=reminded.contact)["decisions"]
             if d["message"] and d["offset_days"] is not None}
    assert found == {-14: "snoozed", -7: None}
    assert reminded.snooze("2026-12-02").status == 200
    assert reminded.told()["snoozes"] == 2
    mails = reminded.tenant.director.get("/v1/messages", {"contact_id": reminded.contact, "status": "queued"}).json["data"]
    assert [m["not_before"] for m in mails] == ["2026-12-02T15:00:00.000Z"], "one mail, of the last word"


def test_an_answer_ends_it(ours, reminded):
    assert reminded.snooze("2026-12-04").status == 200
    half = {"side": "partner", "on_behalf_of": reminded.contact, "challenges": "None"}
    assert ours.director.post(f"{reminded.path}/save_half", half).status == 200
    assert ours.director.post(f"{reminded.path}/submit_half", {"side": "partner"}).status == 200
    assert [m["reason"] for m in ours.director.get("/v1/messages", {
        "contact_id": reminded.contact, "status": "suppressed"}).json["data"]] == ["already_done"]
    assert reminded.snooze("2026-12-04").status == 409
    assert "snooze" not in reminded.browser.get(f"/r/{reminded.link}").buttons()


def test_staff_snoozes_for_those_who_are_reminded_and_no_others(ours, theirs, reminded):
    assert reminded.snooze("2026-12-04", user_id=reminded.partnership.user).status == 200
    assert reminded.decisions("district")[-7] == ("snoozed", None, "2026-12-04")
    for whom in ({"contact_id": running(ours).contact}, {"contact_id": reminded.contact, "user_id": reminded.partnership.user},
                 {"user_id": ours.users["viewer"]}, {"contact_id": uuid7()}):
        assert reminded.snooze("2026-12-04", **whom).status == 422, whom
    for until, status in (("2026-11-21", 422), ("2026-12-12", 422), ("2026-12-11", 200)):
        assert reminded.snooze(until).status == status
    assert reminded.snooze("2026-12-04", ours.viewer).status == 403
    assert reminded.snooze("2026-12-04", theirs.director).status == 404


def test_whom_the_lead_answers_to_hears_all_the_same(ours, reminded):
    with reminded.database() as connection:
        boss = ours.users["admin"]
        network = ours.director.created("networks", {"name": "North"}).id
        site = ours.admin.site(network_id=network).id
        connection.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (site, reminded.partnership.id))
    post = ours.admin.created("posts", {"kind": "network_lead", "title": "P", "network_id": network})
    ours.admin.created("post_holders", {"post_id": post.id, "user_id": boss, "from_date": "2026-07-01"})
    reminded.decide("2026-12-11T15:00:00Z")
    with reminded.database() as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', 'admin', '2026-12-11T16:00:00Z', '')", (ours.id,))
        connection.execute("SELECT reminder_snooze(%s, 'district', NULL, %s, '2026-12-18')", (reminded.id, reminded.partnership.user))
    reminded.decide("2026-12-14T15:00:00Z")
    assert reminded.decisions("district")[3][:2] == ("suppressed", "snoozed")
    kinds = [m["kind"] for m in ours.director.get("/v1/messages", {"user_id": boss, "partnership_id": reminded.partnership.id}).json["data"]]
    assert kinds == ["check_in_escalation"]
