"""Bulletins of needs: who gets one, in which language, who not and why, and each contact once."""

import pytest
from acting import act, done
from fields import APART, LEAST
from operations import Subjects
from partnering import put

TODAY = "2026-11-21"
DAY = "2026-11-24"
TEXTS = [{"locale": "en", "subject": "Needs", "introduction": "Can you help?"},
         {"locale": "es", "subject": "Necesidades 🎒", "introduction": "¿Puede ayudar?"}]


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def contact(caller, tag, name, opted_out=False, **fields):
    """Of the segment; opted_out=None: never said anything."""
    one = caller.created("contacts", {"name": name, "email": f"{name}.{tag}@example.org".lower(), **fields}).id
    caller.created("taggings", {"tag_id": tag, "contact_id": one})
    if opted_out is not None:
        caller.created("preferences", {"contact_id": one, "topic": "needs", "opted_out": opted_out})
    return one


def open_need(tenant, subjects, **fields):
    one = tenant.director.created("needs", subjects.filled({**LEAST["needs"], **fields})).id
    with tenant.api.database.connect("kith_migrate") as connection:
        put(connection, "need", one, "open")
    return one


class Segment:
    """Contacts with a tag: who gets a bulletin, and who not for each reason."""

    def __init__(self, tenant, subjects):
        caller = tenant.director
        tag = caller.created("tags", {"name": f"Segment {subjects.fresh('tags').id}"}).id
        self.area = subjects.fresh("focus_areas").id
        self.need = open_need(tenant, subjects, focus_area_id=self.area, is_public=True, title="Ten tutors")
        self.secret = open_need(tenant, subjects, focus_area_id=self.area, title="Inside matters")
        self.english = contact(caller, tag, "Ann")
        self.spanish = contact(caller, tag, "Luz", locale="es-MX")
        self.why = {contact(caller, tag, "Bo", opted_out=None): "no_consent",
                    contact(caller, tag, "Cy", opted_out=True): "opted_out",
                    contact(caller, tag, "Di", status="left"): "left_org",
                    contact(caller, tag, "Ed", email=None): "no_email"}
        self.filter = caller.created("saved_filters", {
            "name": "Segment", "resource": "contacts",
            "criteria": [{"field": "tag_id", "op": "is", "values": [tag]}]}).id
        self.body = {"name": "November", "saved_filter_id": self.filter, "focus_area_id": self.area, "texts": TEXTS}


@pytest.fixture(scope="module")
def segment(ours, subjects):
    return Segment(ours, subjects)


def send_due(tenant, day, hour=18):
    with tenant.api.database.connect("kith_checkin") as connection:
        return connection.execute("SELECT bulletins_send(%s, %s)", (tenant.id, f"{day}T{hour}:00:00Z")).fetchone()[0]


def mails(caller, one):
    found = caller.get("/v1/messages", {"subject_id": one, "limit": 200}).json["data"]
    return {mail["contact_id"]: mail for mail in found}


@pytest.mark.shows("recognition.bulletin_preview", "recognition.bulletin_consent")
def test_the_preview_shows_who_gets_it_in_which_language_and_who_not_and_why(ours, segment):
    one = ours.director.created("bulletins", segment.body).id
    told = ours.coordinator.get(f"/v1/bulletins/{one}/preview").json
    assert [need["id"] for need in told["needs"]] == [segment.need], "what the public may not read is not told"
    assert (told["goes"], told["stays"]) == (2, 4)
    assert told["reasons"] == {why: 1 for why in segment.why.values()}
    by_contact = {row["contact_id"]: row for row in told["recipients"]}
    assert {one: row["reason"] for one, row in by_contact.items() if row["reason"]} == segment.why
    assert (by_contact[segment.english]["text_locale"], by_contact[segment.spanish]["text_locale"]) == ("en", "es")
    mail = ours.coordinator.get(f"/v1/bulletins/{one}/mail", {"locale": "es"}).json
    said = next(text for text in TEXTS if text["locale"] == "es")
    assert (mail["kind"], mail["is_sample"], mail["locale"], mail["subject"]) == ("bulletin", False, "es", said["subject"])
    assert "Ten tutors" in mail["html"] and "Ten tutors" in mail["text"] and "Inside matters" not in mail["text"]
    wrong = ours.director.created("saved_filters", {**APART["saved_filters"], "resource": "partners"}).id
    answer = ours.director.post("/v1/bulletins", {**segment.body, "saved_filter_id": wrong})
    assert (answer.status, answer.faults) == (422, {"/saved_filter_id": "not_allowed"}), answer


@pytest.mark.shows("recognition.bulletins")
def test_a_bulletin_goes_on_its_day_to_each_once_and_its_refusals_are_in_the_ledger(ours, segment):
    one = ours.director.created("bulletins", segment.body).id
    early = act(ours.director, "bulletins", one, "schedule", send_on="2026-11-20")
    assert (early.status, early.faults) == (422, {"/send_on": "not_allowed"}), early
    done(act(ours.coordinator, "bulletins", one, "schedule", send_on=DAY))
    path = f"/v1/bulletins/{one}"
    assert ours.director.patch(path, {"texts": TEXTS[:1]}, ours.director.get(path).etag).status == 409
    assert send_due(ours, "2026-11-23") == 0
    assert [send_due(ours, DAY), send_due(ours, DAY)] == [1, 0]
    told = ours.director.get(path).json
    assert (told["status"], told["queued"], told["suppressed"]) == ("sent", 2, 4)
    found = mails(ours.director, one)
    assert {to: mail["reason"] for to, mail in found.items() if mail["status"] == "suppressed"} == segment.why
    sent = found[segment.spanish]
    assert (sent["class"], sent["topic"], sent["locale"], sent["status"]) == ("bulletin", "needs", "es-MX", "queued")
    assert sent["not_after"].startswith("2026-12-02"), "stale a week after its day"
    assert ours.director.get(f"{path}/preview").json["needs"][0]["id"] == segment.need


@pytest.mark.shows("recognition.bulletin_states")
def test_a_bulletin_is_revised_sent_at_once_or_cancelled_and_never_goes_stale(ours, subjects, segment):
    now = ours.director.created("bulletins", segment.body).id
    done(act(ours.director, "bulletins", now, "schedule", send_on=DAY))
    assert done(act(ours.director, "bulletins", now, "revise"))["send_on"] is None
    done(act(ours.director, "bulletins", now, "schedule", send_on=DAY))
    assert done(act(ours.director, "bulletins", now, "send"))["status"] == "sent"
    assert act(ours.director, "bulletins", now, "send").status == 409
    late = ours.director.created("bulletins", {**segment.body, "stale_days": 1}).id
    done(act(ours.director, "bulletins", late, "schedule", send_on=DAY))
    assert send_due(ours, "2026-11-26") == 1
    told = ours.director.get(f"/v1/bulletins/{late}").json
    assert (told["status"], told["status_reason"], mails(ours.director, late)) == ("cancelled", "stale", {})
    empty = ours.director.created("bulletins", {**segment.body, "focus_area_id": subjects.fresh("focus_areas").id}).id
    answer = act(ours.director, "bulletins", empty, "schedule", send_on=DAY)
    assert (answer.status, answer.json["state"]["missing"]) == (409, ["needs"]), answer
    assert done(act(ours.director, "bulletins", empty, "cancel", reason="Nothing to tell"))["status"] == "cancelled"
