"""The district's public form "partner with us"."""

import pytest
from api_world import running_api
from pages import Browser, signed_in, state

from world import NOW, insert, uuid7

SAID = {"organization": "Kind <Hearts>", "name": "Bo", "email": "Bo@example.org", "message": "Hello!\n\nCan we help?"}


@pytest.fixture
def path(ours):
    return f"/d/{ours.district.slug}/partner"


def received(tenant, **query):
    return tenant.coordinator.get("/v1/inquiries", {"source": "public", **query}).json["data"]


@pytest.mark.shows("registry.inquiries_page", "registry.inquiries_public")
def test_anybody_writes_to_the_district_without_a_script(ours, path):
    browser = Browser(ours.api)
    before = state(ours)
    page = browser.get(path)
    assert (page.heading, page.lang, page.status) == ("Partner with our schools", "en", 200)
    assert state(ours) == before, "to look changes nothing"
    sent = browser.submit(page, **SAID, kind="nonprofit", offer_kind="mentors", website="https://kind.example.org/")
    assert sent.notices() == ["Thank you for writing to us. You will hear from us within a week."]
    (made,) = received(ours)
    assert (made["organization"], made["email"], made["kind"], made["offer_kind"], made["status"]) == (
        SAID["organization"], "bo@example.org", "nonprofit", "mentors", "new")
    assert (made["message"], made["phone"], made["answer_by"]) == (SAID["message"], None, "2026-11-28")
    trapped = browser.submit(browser.get(path), **SAID, fax="1")
    assert trapped.notices() == sent.notices(), "it is not told"
    assert len(received(ours, status="spam")) == 1


def told(tenant, one):
    """The mails to whoever wrote it."""
    return tenant.director.get("/v1/messages", {"subject_id": one}).json["data"]


@pytest.mark.shows("registry.inquiries_mail")
def test_who_writes_gets_a_receipt_and_the_answer_in_the_language_of_the_form(ours, path):
    for _ in range(2):
        ours.director.site(kind="school", status="open")
    school = ours.director.site(kind="school", status="open", name="Elm School").id
    browser = Browser(ours.api, language="es-MX")
    mine = {**SAID, "email": "ana@corazones.example.org", "organization": "Corazones"}
    assert browser.send(browser.get(path), **mine, site_id=school).status == 303
    made, = [one for one in received(ours) if one["email"] == mine["email"]]
    assert (made["locale"], made["site_id"]) == ("es", school)
    mail, = told(ours, made["id"])
    assert (mail["kind"], mail["to_address"], mail["locale"], mail["status"], mail["inquiry_id"]) == (
        "inquiry_receipt", mine["email"], "es", "queued", made["id"])
    assert browser.send(browser.get(path), **mine).status == 303
    second, = [one for one in received(ours) if one["email"] == mine["email"] and one["id"] != made["id"]]
    assert [m["reason"] for m in told(ours, second["id"])] == ["rate_limited"], "anybody can give anybody's address"
    assert browser.send(browser.get(path), **{**mine, "email": "x@spam.example.org"}, fax="1").status == 303
    trapped, = [one for one in received(ours, status="spam") if one["email"] == "x@spam.example.org"]
    assert told(ours, trapped["id"]) == []
    answer = ours.coordinator.post(f"/v1/inquiries/{made['id']}/answer", {"answer": "¡Con gusto!"})
    assert answer.status == 200
    assert {m["kind"]: m["status"] for m in told(ours, made["id"])} == {
        "inquiry_receipt": "queued", "inquiry_answer": "queued"}
    assert {m["class"] for m in told(ours, made["id"])} == {"duty"}, "so they wait while mail is on hold"
    by_staff = ours.coordinator.created("inquiries", {"organization": "A", "name": "B", "message": "C"}).id
    assert ours.coordinator.post(f"/v1/inquiries/{by_staff}/answer", {"answer": "Yes"}).status == 200
    assert told(ours, by_staff) == [], "it was answered another way"


@pytest.mark.shows("registry.inquiries_unreached")
def test_an_answer_that_no_mail_brings_is_a_call_of_whoever_gives_it(ours, path, migrate):
    browser = Browser(ours.api)
    assert browser.send(browser.get(path), **{**SAID, "email": "gone@kind.example.org"}, phone="555-0123").status == 303
    made, = [one for one in received(ours) if one["email"] == "gone@kind.example.org"]
    insert(migrate, "address_suppression", {
        "district_id": ours.id, "id": uuid7(), "address": "gone@kind.example.org", "reason": "bounced", "created_at": NOW,
        "updated_at": NOW})
    migrate.commit()
    owner = ours.users["coordinator"]
    assert ours.director.post(f"/v1/inquiries/{made['id']}/assign", {"owner_id": owner}).status == 200
    assert ours.coordinator.post(f"/v1/inquiries/{made['id']}/answer", {"answer": "Gladly"}).status == 200
    assert {(m["kind"], m["status"], m["reason"]) for m in told(ours, made["id"])} == {
        ("inquiry_receipt", "queued", None), ("inquiry_answer", "suppressed", "bounced")}
    task, = [t for t in ours.coordinator.get("/v1/me/tasks").json["data"] if t["kind"] == "call_task"]
    assert task["title"] == "Bo"
    call = ours.coordinator.get(f"/v1/call_tasks/{task['subject_id']}").json
    assert (call["owner_id"], call["reason"], call["note"]) == (owner, "bounced", "Bo, Kind <Hearts>, 555-0123")
    assert "Bo 555-0123" not in signed_in(ours, "coordinator").get("/").text and "Bo" in signed_in(ours, "coordinator").get("/").text


def test_what_is_wrong_is_told_with_all_that_was_typed(ours, path):
    browser = Browser(ours.api)
    before = state(ours)
    page = browser.submit(browser.get(path), organization="", name="Bo", email="nobody", website="x",
                          message="M" * 10001, kind="civic")
    assert page.status == 422 and page.title.startswith("Error: ")
    assert set(page.errors()) == {"organization", "email", "website", "message"}
    assert (page.value("name"), page.value("email"), page.value("kind")) == ("Bo", "nobody", "civic")
    assert page.by_id("email").get("aria-describedby") == "email-error"
    assert state(ours) == before


def test_a_form_of_another_page_or_more_fields_are_refused(ours, path):
    browser = Browser(ours.api)
    page = browser.get(path)
    assert browser.send(page, **SAID, status="converted").status == 400
    assert browser.send(page, **SAID, form_token="x").status == 403
    assert Browser(ours.api).send(page, **SAID).status == 403, "without its cookie"
    assert browser.ask("POST", path, b"", Sec_Fetch_Site="cross-site").status == 403
    assert Browser(ours.api).get("/d/nowhere/partner").status == 404


def test_it_speaks_spanish(ours, path):
    page = Browser(ours.api, language="es-MX").get(path)
    assert (page.lang, page.heading) == ("es", "Colabore con nuestras escuelas")
    page = Browser(ours.api).get(f"{path}?lang=es")
    assert page.lang == "es" and page.links()["English"].startswith(path)


def test_few_come_at_a_time_of_one_network(database, ours):
    with running_api(database, KITH_RATE_SIGN_INS="2") as api:
        browser = Browser(api)
        page = browser.get(f"/d/{ours.district.slug}/partner")
        assert [browser.send(page, name="").status for _ in range(3)] == [422, 422, 429]
