"""A partner's record, as it looks at it and changes it by a mail's link."""

import pytest
from administering import owns
from needing import did
from pages import Browser, make_link, signed_in, state
from test_page_acknowledgment import Waiting
from test_page_ask import Asked
from partnering import Ready

from world import uuid7


class Shown:
    def __init__(self, tenant):
        self.tenant, self.ready = tenant, Ready(tenant)
        self.partner = self.ready.partner
        self.link = make_link(tenant, "record", self.partner, contact_id=self.ready.contact)
        self.browser = Browser(tenant.api)

    def page(self):
        return self.browser.get(f"/r/{self.link}")

    def save(self, page=None, **fields):
        return self.browser.send(page or self.page(), "record_save", **fields)

    def json(self):
        return self.tenant.director.get(f"/v1/partners/{self.partner}").json

    def edits(self):
        rows = self.tenant.director.get("/v1/partner_edits", {"partner_id": self.partner}).json["data"]
        return {row["field"]: row for row in rows}


@pytest.mark.shows("registry.record_link")
def test_a_partner_changes_its_record_by_link_field_by_field(ours):
    shown, area = Shown(ours), ours.director.created("focus_areas", {"name": f"Area {uuid7()}"}).id
    before = state(ours)
    page = shown.page()
    assert state(ours) == before and page.heading == "What we know about you A partner"
    assert page.value("name") == "A partner" and page.value("kind") == "nonprofit"
    assert shown.save(page).status == 303 and shown.edits() == {}, "nothing was changed"
    fields = {"name": "New <Name>", "website": "https://new.example.org/", "reach": "nearby", "ein": "123456789",
              f"area__{area}": "yes", "fund__state": "yes", "in_directory": "yes"}
    for _ in range(2):
        assert shown.save(page, **fields).status == 303
    edits = shown.edits()
    assert {field: (row["status"], row["proposed"]) for field, row in edits.items()} == {
        "name": ("waiting", "New <Name>"), "website": ("applied", "https://new.example.org/"),
        "reach": ("applied", "nearby"), "ein": ("waiting", "123456789"), "in_directory": ("applied", "true"),
        "focus_area_ids": ("waiting", f'["{area}"]'), "funding_types": ("waiting", '["state"]')}
    assert {(row["contact_id"], row["user_id"]) for row in edits.values()} == {(shown.ready.contact, None)}
    assert "Waiting: New <Name>" in shown.page().text
    did(ours.director, "partner_edits", edits["name"]["id"], "accept")
    told = shown.json()
    assert (told["name"], told["website"], told["reach"], told["in_directory"], told["ein"]) == (
        "New <Name>", "https://new.example.org/", "nearby", True, None)


@pytest.mark.shows("district.readiness_page")
def test_a_partner_without_check_ins_rates_its_schools_there(ours, migrate):
    shown, site = Shown(ours), ours.director.site(name="Elm School").id
    condition = ours.admin.created("readiness_conditions", {"name": f"Room {uuid7()}"}).id
    shown.ready.made("partnership_sites", site_id=site)
    assert "record_rate" not in shown.page().buttons(), "it does not run yet"
    migrate.execute("UPDATE partnership SET status = 'active', activated_at = now() WHERE id = %s", (shown.ready.id,))
    page = shown.page()
    one = next(node.get("name") for node in page.form("record_rate").all("select"))
    wrong = shown.browser.send(page, "record_rate", **{one.replace("rating.", "remark__"): "Why?"})
    assert wrong.status == 422 and list(wrong.errors()) == [one] and "How ready the school is (Room" in wrong.errors()[one]
    sent = shown.browser.send(page, "record_rate", **{one.replace(".", "__"): "2"})
    assert sent.field("Location") == f"{page.path}?said=record_rate"
    row, = ours.viewer.get("/v1/readiness_ratings", {"site_id": site}).json["data"]
    assert (row["readiness_condition_id"], row["partner_id"], row["rating"], row["contact_id"]) == (
        condition, shown.partner, 2, shown.ready.contact)
    assert shown.edits() == {}, "apart from the record"


@pytest.mark.shows("registry.record_link")
def test_what_is_wrong_comes_back_and_who_does_not_speak_for_it_changes_nothing(ours):
    shown = Shown(ours)
    page = shown.page()
    before = state(ours)
    for fields, fault in (({"name": " "}, "name"), ({"ein": "12-3456789"}, "ein"), ({"website": "x"}, "website")):
        wrong = shown.save(page, **{"street": "Kept", **fields})
        assert wrong.status == 422 and list(wrong.errors()) == [fault] and wrong.value("street") == "Kept", wrong
    assert state(ours) == before
    shown.ready.archive("partner")
    assert shown.save(page, phone="1").status == 409 and shown.page().buttons() == []
    assert shown.json()["phone"] is None


@pytest.mark.shows("registry.record_link")
def test_who_speaks_for_a_partner_is_asked_once_a_day(ours, migrate):
    shown = Shown(ours)
    path = f"/v1/partners/{shown.partner}/ask_record"
    for _ in range(2):
        assert ours.coordinator.post(path, {}).status == 200
    mail, = ours.director.get("/v1/messages", {"subject_id": shown.partner}).json["data"]
    assert (mail["kind"], mail["class"], mail["contact_id"]) == ("record_check", "duty", shown.ready.contact)
    assert ours.coordinator.post(f"/v1/partners/{ours.director.partner().id}/ask_record", {}).status == 409
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (shown.ready.contact,))
    assert shown.page().lang == "es" and "Lo que sabemos" in shown.page().heading


@pytest.mark.shows("registry.own_pages")
def test_who_is_signed_in_finds_its_tasks_on_its_first_page_and_does_them_there(ours, migrate):
    asked, waiting = Asked(ours), Waiting(ours)
    for partner in (asked.partner, waiting.ready.partner):
        owns(ours, partner, "partner")

    def become(contact):
        migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (contact, ours.users["partner"]))
        return signed_in(ours, "partner")

    browser = become(asked.contact)
    links = browser.get("/organization").links()
    assert links["Ten <tutors>"] == f"/asks/{asked.id}" and links["Bay Bank"] == f"/partners/{asked.partner}"
    page = browser.get(f"/asks/{asked.id}")
    assert page.heading == "Ten <tutors> Bay Bank" and page.links()["Overview"] == "/"
    assert browser.send(page, "ask_pledge", quantity="2").field("Location") == f"/asks/{asked.id}?said=ask_pledge"
    assert [(one["quantity"], one["contact_id"]) for one in asked.pledges()] == [(2, asked.contact)]
    page = browser.get(f"/partners/{asked.partner}")
    assert browser.send(page, "record_save", phone="555-0100").status == 303
    assert ours.director.get(f"/v1/partners/{asked.partner}").json["phone"] == "555-0100"
    form = {"form_token": page.form("record_save").first("input").get("value"), "do": "ask_decline"}
    assert browser.post(page.path, form).status == 400, "of another page"
    assert browser.get(f"/partnerships/{waiting.ready.id}").status == 404, "another contact leads it"
    assert browser.get(f"/asks/{Asked(ours).id}").status == 404
    browser = become(waiting.contact)
    page = browser.get(browser.get("/organization").links()["A partnership"])
    assert browser.send(page, "acknowledgment_give", read="yes").status == 303
    assert waiting.json()["vision_partner_by"] == waiting.contact
    assert signed_in(ours).get(f"/asks/{asked.id}").status == 404, "it is the partner's"
    become(None)
