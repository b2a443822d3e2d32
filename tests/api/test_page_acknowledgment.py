"""Vision and goals of a partnership as its partner acknowledges them: by a mail's link, or signed in."""

import pytest
from administering import owns
from pages import Browser, make_link, state, values_of
from partnering import Ready


class Waiting:
    """A partnership whose vision and goal wait for its partner's word, and a link of its lead there."""

    def __init__(self, tenant):
        self.tenant, self.ready = tenant, Ready(tenant)
        self.contact = self.ready.contact
        path = f"/v1/contacts/{self.contact}"
        tenant.director.patch(path, {"email": f"{self.contact}@example.org"}, tenant.director.get(path).etag)
        self.ready.change("partnerships", vision="Everybody <reads>.")
        self.ready.change("goals", statement="Half read & write", target="50", unit="pupils")
        self.link = make_link(tenant, "acknowledgment", self.ready.id, contact_id=self.contact)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def give(self, page, **fields):
        return self.browser.send(page, "acknowledgment_give", **fields)

    def json(self, part="partnerships"):
        return self.tenant.director.get(self.ready.path_of(part)).json

    def mails(self):
        return self.tenant.director.get("/v1/messages", {"subject_id": self.ready.id}).json["data"]


@pytest.fixture
def waiting(ours):
    return Waiting(ours)


@pytest.mark.shows("partnerships.acknowledgment_link")
def test_a_partner_acknowledges_vision_and_goals_by_link(waiting, ours):
    before = state(ours)
    page = waiting.page()
    assert state(ours) == before, "to look changes nothing"
    assert page.heading == "Vision and goals A partnership · A partner"
    assert "Everybody <reads>." in page.text and "Half read & write · Target 50 pupils · due June 30, 2027" in page.text
    unread = waiting.give(page)
    assert unread.status == 422 and list(unread.errors()) == ["read"]
    shown = waiting.json()["version"], waiting.json("goals")["version"]
    assert waiting.give(page, read="yes").status == 303
    told, goal = waiting.json(), waiting.json("goals")
    assert (told["vision_partner_by"], told["vision_partner_recorded_by"], told["vision_partner_version"]) == (
        waiting.contact, None, shown[0])
    assert (goal["partner_by"], goal["partner_recorded_by"], goal["partner_version"]) == (
        waiting.contact, None, shown[1])
    before = state(ours)
    assert waiting.give(page, read="yes").status == 303
    assert state(ours) == before, "twice is once"
    page = waiting.page()
    assert page.buttons() == [] and "Acknowledged by Ann on November 21, 2026" in page.text


@pytest.mark.shows("partnerships.acknowledged_anew")
def test_what_changes_later_is_laid_before_the_partner_again(waiting, ours):
    page = waiting.page()
    waiting.ready.change("goals", statement="All read")
    changed = waiting.give(page, read="yes")
    assert changed.status == 422 and "somebody changed it" in changed.notices()[0] and "All read" in changed.text
    assert waiting.give(changed, read="yes").status == 303
    asked = {m["id"] for m in waiting.mails()}
    waiting.ready.change("partnerships", tier="anchor")
    assert {m["id"] for m in waiting.mails()} == asked, "that was no part of it"
    assert waiting.json()["vision_partner_at"] is not None
    waiting.ready.change("partnerships", expectations="More")
    told = waiting.json()
    assert (told["vision_partner_at"], told["vision_partner_version"]) == (None, None)
    mail, = waiting.mails()
    assert (mail["kind"], mail["class"], mail["contact_id"], mail["not_before"]) == (
        "partnership_acknowledgment", "duty", waiting.contact, "2026-11-21T16:00:00.000Z")
    assert "acknowledgment_give" in waiting.page().buttons()


@pytest.mark.shows("partnerships.acknowledgment_link")
def test_the_partners_leads_are_asked_once_a_day_as_long_as_something_waits(waiting, ours):
    path = f"{waiting.ready.path}/ask_acknowledgment"
    before = len(waiting.mails())
    for _ in range(2):
        assert ours.coordinator.post(path, {}).status == 200
    assert len(waiting.mails()) == before + 1
    page = waiting.page()
    assert waiting.give(page, read="yes").status == 303
    assert ours.coordinator.post(path, {}).status == 409
    waiting.ready.change("partnerships", vision="Another")
    page = waiting.page()
    waiting.ready.archive("partner")
    assert waiting.give(page, read="yes").status == 409
    assert waiting.page().buttons() == [] and ours.coordinator.post(path, {}).status == 409


@pytest.mark.shows("partnerships.own_acknowledgment")
def test_who_leads_it_on_the_partners_side_acknowledges_it_signed_in(waiting, ours, migrate):
    owns(ours, waiting.ready.partner, "partner")
    own, path = ours.partner, f"/v1/own_partnerships/{waiting.ready.id}"
    told = own.get(path).json
    assert (told["goals"][0]["statement"], told["goals"][0]["partner_at"]) == ("Half read & write", None)
    assert own.post(f"{path}/acknowledge", {"seal": told["seal"]}).status == 409, "another one leads it"
    migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (waiting.contact, ours.users["partner"]))
    assert own.post(f"{path}/acknowledge", {"seal": "another"}).status == 409
    given = own.post(f"{path}/acknowledge", {"seal": told["seal"]})
    assert given.status == 200 and given.json["vision_partner_at"] and given.json["goals"][0]["partner_at"]
    assert waiting.json()["vision_partner_by"] == waiting.json("goals")["partner_by"] == waiting.contact
    other = Waiting(ours)
    assert own.post(f"/v1/own_partnerships/{other.ready.id}/acknowledge", {"seal": told["seal"]}).status == 404
    migrate.execute("UPDATE app_user SET contact_id = NULL WHERE id = %s", (ours.users["partner"],))


def test_a_shared_goal_is_acknowledged_for_each_and_it_speaks_spanish(waiting, ours, migrate):
    goal = Ready(ours).ids["goals"]
    share = waiting.ready.made("goal_partnerships", goal_id=goal)
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (waiting.contact,))
    page = waiting.page()
    assert page.lang == "es" and "He leído esto" in page.text
    assert {"read", "seal", "form_token"} >= set(values_of(page.forms[0]))
    assert waiting.give(page, read="yes").status == 303
    told = ours.director.get(f"/v1/goal_partnerships/{share}").json
    assert (told["partner_by"], told["partner_version"]) == (
        waiting.contact, ours.director.get(f"/v1/goals/{goal}").json["version"])
