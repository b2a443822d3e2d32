"""What a partner answers when it is asked: by a mail's link without an account, or signed in; and what whoever asked
sees of it."""

import pytest
from administering import owns
from needing import did, open_need, refused
from pages import Browser, make_link, message, state, values_of

from world import uuid7


class Asked:
    """An ask of the coordinator's, sent to a contact of a partner, and the link of its mail."""

    def __init__(self, tenant, sends=True, **fields):
        self.tenant, caller = tenant, tenant.director
        self.need = open_need(tenant, title="Ten <tutors>", quantity=10, unit="tutors", description="On Mondays",
                              **fields)
        self.partner = caller.partner(name="Bay Bank").id
        self.contact = caller.created("contacts", {"name": "Ann", "email": f"{uuid7()}@bay.example.org"}).id
        self.place = caller.created("affiliations", {"contact_id": self.contact, "partner_id": self.partner,
                                                     "role": "Director"}).id
        self.id = caller.created("asks", {"need_id": self.need, "partner_id": self.partner, "quantity": 4,
                                          "message": "You were great.", "respond_by": "2026-12-11"}).id
        did(caller, "asks", self.id, "clear")
        if sends:
            did(tenant.coordinator, "asks", self.id, "send")
        self.link = make_link(tenant, "ask", self.id, contact_id=self.contact)
        self.browser = Browser(tenant.api)

    def page(self, **query):
        return self.browser.get(f"/r/{self.link}", **query)

    def send(self, verb, page=None, **values):
        return self.browser.send(page or self.page(), f"ask_{verb}", **values)

    @property
    def json(self):
        return self.tenant.director.get(f"/v1/asks/{self.id}").json

    def pledges(self):
        return self.tenant.director.get("/v1/pledges", {"ask_id": self.id}).json["data"]

    def mails(self):
        return self.tenant.director.get("/v1/messages", {"subject_id": self.id}).json["data"]


def tasks(caller):
    return {(t["kind"], t["subject_id"]) for t in caller.get("/v1/me/tasks").json["data"]}


@pytest.mark.shows("needs.ask_mail")
def test_an_ask_that_is_sent_goes_by_mail_to_who_speaks_for_the_partner(ours):
    held = Asked(ours, sends=False)
    assert held.mails() == [], "nothing before"
    did(ours.coordinator, "asks", held.id, "send")
    mail, = held.mails()
    assert (mail["kind"], mail["class"], mail["topic"], mail["contact_id"], mail["status"]) == (
        "ask", "program", "asks", held.contact, "queued")
    assert mail["not_before"] == "2026-11-23T15:00:00.000Z", "a Saturday's goes on Monday morning"
    assert held.json["contact_id"] == held.contact
    other = ours.director.created("contacts", {"name": "Bo", "email": f"{uuid7()}@bay.example.org"}).id
    path = f"/v1/asks/{held.id}"
    ours.director.patch(path, {"contact_id": other}, ours.director.get(path).etag)
    assert {m["contact_id"] for m in held.mails()} == {held.contact, other}, "who is asked instead is asked"
    assert held.page().buttons() == [], "and not the first one"


@pytest.mark.shows("needs.ask_link")
def test_a_partner_pledges_by_link_and_whoever_asked_decides(ours):
    asked = Asked(ours)
    before = state(ours)
    page = asked.page()
    assert state(ours) == before, "to look changes nothing"
    assert page.heading == "Ten <tutors> Bay Bank" and "You were great." in page.text and "4 tutors" in page.text
    sent = asked.send("pledge", page, quantity="3", starts_on="2026-12-01", ends_on="2027-05-28", terms="In <pairs>")
    assert (sent.status, sent.field("Location")) == (303, f"{page.path}?said=ask_pledge"), sent
    before = state(ours)
    assert asked.send("pledge", page, quantity="3", starts_on="2026-12-01", ends_on="2027-05-28",
                      terms="In <pairs>").status == 303
    assert state(ours) == before, "twice is once"
    one, = asked.pledges()
    assert (one["quantity"], one["starts_on"], one["ends_on"], one["note"], one["status"], one["contact_id"],
            one["is_own_word"]) == (3, "2026-12-01", "2027-05-28", "In <pairs>", "offered", asked.contact, True)
    assert (asked.json["status"], asked.json["answered_contact_id"]) == ("pledged", asked.contact)
    page = asked.page()
    assert page.buttons() == [] and "3 tutors" in page.text and "waits for the district" in page.text
    assert ("pledge", one["id"]) in tasks(ours.coordinator)
    did(ours.director, "pledges", one["id"], "accept")
    assert ("pledge", one["id"]) not in tasks(ours.coordinator)
    again = asked.send("decline", Asked(ours).page(), why="No")  # a form of another page
    assert again.status == 403


@pytest.mark.shows("needs.ask_link")
def test_what_is_wrong_with_a_pledge_comes_back_with_what_was_typed(ours):
    network = ours.director.created("networks", {"name": "North"}).id
    inside = ours.director.site(name="Elm School", network_id=network, status="open").id
    outside = ours.director.site(status="open").id
    asked = Asked(ours, network_id=network)
    page = asked.page()
    assert "Elm School" in page.text and outside not in page.body
    for values, fault in (({"quantity": ""}, "quantity"), ({"quantity": "many"}, "quantity"),
                          ({"starts_on": "2026-12-02", "ends_on": "2026-12-01"}, "ends_on")):
        wrong = asked.send("pledge", page, terms="Kept", **values)
        assert wrong.status == 422 and list(wrong.errors()) == [fault], wrong
        assert wrong.value("terms") == "Kept"
    values = {**values_of(page.form("ask_pledge")), "do": "ask_pledge"}
    assert asked.browser.post(page.path, {**values, f"site.{outside}": "yes"}).status == 422
    assert asked.pledges() == []
    assert asked.browser.post(page.path, {**values, f"site.{inside}": "yes"}).status == 303
    rows = ours.director.get("/v1/pledge_sites", {"pledge_id": asked.pledges()[0]["id"]}).json["data"]
    assert [row["site_id"] for row in rows] == [inside]


@pytest.mark.shows("needs.ask_link", "needs.ask_answer")
def test_who_declines_or_wants_to_talk_is_a_task_of_whoever_asked(ours):
    asked = Asked(ours)
    assert list(asked.send("talk").errors()) == ["question"]
    for _ in range(2):
        assert asked.send("talk", question="How many?").status == 303
    talk, = ours.director.get("/v1/follow_ups", {"ask_id": asked.id}).json["data"]
    assert (talk["note"], talk["due_on"], talk["owner_id"]) == ("How many?", "2026-11-23", ours.users["coordinator"])
    assert ("follow_up", talk["id"]) in tasks(ours.coordinator)
    page = asked.page()
    assert "You want to talk first: Ann" in page.text
    for _ in range(2):
        assert asked.send("decline", page, why="Not <now>").status == 303
    assert (asked.json["status"], asked.json["status_reason"]) == ("declined", "Not <now>")
    assert ("ask_answer", asked.id) in tasks(ours.coordinator)
    assert did(ours.coordinator, "asks", asked.id, "acknowledge")["answer_seen_at"] is not None
    assert ("ask_answer", asked.id) not in tasks(ours.coordinator)
    assert refused(ours.director, "asks", Asked(ours).id, "acknowledge")["status"] == "sent"


@pytest.mark.shows("needs.ask_link")
def test_a_link_ends_with_the_ask_and_with_the_contacts_place(ours):
    gone, withdrawn = Asked(ours), Asked(ours)
    page = gone.page()
    path = f"/v1/affiliations/{gone.place}"
    ours.director.patch(path, {"until_date": "2026-11-20"}, ours.director.get(path).etag)
    assert gone.send("decline", page).status == 404, "who has no place at the partner any more has no link"
    page = withdrawn.page()
    did(ours.director, "asks", withdrawn.id, "withdraw", reason="Done")
    late = withdrawn.send("pledge", page, terms="Kept")
    assert late.status == 409 and "not asked for any more" in late.text, late
    assert withdrawn.pledges() == []


@pytest.mark.shows("needs.ask_mail_day")
def test_whoever_asks_is_told_at_once_when_a_full_week_lets_the_mail_go_and_then_it_goes(ours):
    free, full, late = (Asked(ours, sends=False) for _ in range(3))
    path = f"/v1/asks/{late.id}"
    ours.director.patch(path, {"respond_by": "2026-11-25"}, ours.director.get(path).etag)
    did(ours.director, "asks", late.id, "clear")
    for one in (full, late):
        for number in range(3):
            message(ours, contact_id=one.contact, status="sent", occurrence=str(number), not_before="2026-11-20T15:00:00Z")
    assert did(ours.coordinator, "asks", free.id, "send")["mail_on"] == "2026-11-23", "a Saturday's, on Monday"
    told = did(ours.coordinator, "asks", full.id, "send")
    mail, = full.mails()
    assert (told["mail_on"], mail["status"], mail["not_before"]) == ("2026-11-27", "queued", "2026-11-27T15:00:00.000Z")
    assert ("ask_unreached", full.id) not in tasks(ours.coordinator), "it goes by itself"
    assert did(ours.coordinator, "asks", late.id, "send")["mail_on"] is None, "the answer would be late"
    assert [(m["status"], m["reason"]) for m in late.mails()] == [("suppressed", "rate_limited")]
    assert ("ask_unreached", late.id) in tasks(ours.coordinator), "somebody has to call"


@pytest.mark.shows("needs.ask_mail")
def test_an_ask_that_no_mail_reaches_is_a_task(ours, migrate):
    asked = Asked(ours, sends=False)
    migrate.execute("UPDATE contact SET email = NULL WHERE id = %s", (asked.contact,))
    did(ours.coordinator, "asks", asked.id, "send")
    mail, = asked.mails()
    assert (mail["status"], mail["reason"], asked.json["mail_on"]) == ("suppressed", "no_email", None)
    assert ("ask_unreached", asked.id) in tasks(ours.coordinator)
    did(ours.director, "asks", asked.id, "decline", reason="By phone")
    assert {("ask_unreached", asked.id), ("ask_answer", asked.id)} & tasks(ours.coordinator) == set()


def test_it_speaks_spanish(ours, migrate):
    asked = Asked(ours)
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (asked.contact,))
    page = asked.page()
    assert page.lang == "es" and "Sí, podemos ayudar" in page.text
    assert asked.send("pledge", page, quantity="2").status == 303
    assert "2 tutors" in asked.page().text and "espera al distrito" in asked.page().text


# ---- Signed in -----------------------------------------------------------------------------------


@pytest.mark.shows("needs.own_asks")
def test_a_partner_that_is_signed_in_reads_and_answers_what_it_was_asked(ours):
    first, second, third, other = (Asked(ours) for _ in range(4))
    draft = Asked(ours, sends=False)
    for one in (first, second, third, draft):
        owns(ours, one.partner, "partner")
    own = ours.partner
    shown = {one["id"] for one in own.get("/v1/own_asks").json["data"]}
    assert {first.id, second.id, third.id} <= shown and not {other.id, draft.id} & shown
    told = own.get(f"/v1/own_asks/{first.id}").json
    assert (told["need"], told["quantity"], told["unit"], told["message"]) == (
        "Ten <tutors>", 4, "tutors", "You were great.")
    site = ours.director.site(status="open").id
    assert did(own, "own_asks", first.id, "pledge", quantity=2, note="Ours", site_ids=[site])["status"] == "pledged"
    one, = first.pledges()
    assert (one["quantity"], one["is_own_word"], one["note"]) == (2, True, "Ours")
    assert own.get(f"/v1/own_pledges/{one['id']}").json["site_ids"] == [site]
    assert did(own, "own_asks", second.id, "decline", reason="No")["reason"] == "No"
    assert did(own, "own_asks", third.id, "talk", note="When?")["status"] == "talk"
    assert own.post(f"/v1/own_asks/{first.id}/decline", {}).status == 409
    assert own.post(f"/v1/own_asks/{other.id}/decline", {}).status == 404
    wrong = own.post(f"/v1/own_asks/{third.id}/pledge", {"quantity": 1, "starts_on": "2026-12-02",
                                                         "ends_on": "2026-12-01"})
    assert (wrong.status, list(wrong.faults)) == (422, ["/ends_on"])


@pytest.mark.shows("needs.own_pledges", "needs.open_needs")
def test_a_partner_pledges_of_itself_and_takes_it_back_as_long_as_nobody_counts_on_it(ours):
    asked, own = Asked(ours), ours.partner
    partner = ours.director.partner(owner_id=ours.users["coordinator"]).id
    for one in (partner, asked.partner):
        owns(ours, one, "partner")
    public, hidden = open_need(ours, is_public=True, quantity=5), open_need(ours)
    for body, fault in (({"need_id": hidden, "partner_id": partner}, "/need_id"),
                        ({"need_id": public, "partner_id": ours.director.partner().id}, "/partner_id")):
        wrong = own.post("/v1/own_pledges", {"quantity": 1, **body})
        assert (wrong.status, list(wrong.faults)) == (422, [fault]), wrong
    shown = {need["id"]: need for need in own.get("/v1/open_needs?limit=200").json["data"]}
    assert {public, asked.need} <= set(shown) and hidden not in shown and shown[public]["quantity"] == 5
    one = own.created("own_pledges", {"need_id": public, "partner_id": partner, "quantity": 3, "note": "Gladly"})
    assert (one.json["status"], one.json["quantity"], one.json["ask_id"]) == ("offered", 3, None)
    assert ("pledge", one.id) in tasks(ours.coordinator), "of whoever cares for the partner"
    assert did(own, "own_pledges", one.id, "withdraw", reason="Too much")["status"] == "withdrawn"
    assert ("pledge", one.id) not in tasks(ours.coordinator)
    answer = own.created("own_pledges", {"need_id": asked.need, "partner_id": asked.partner, "quantity": 3})
    assert answer.json["ask_id"] == asked.id and asked.json["status"] == "pledged", "it was asked for"
    did(ours.director, "pledges", answer.id, "accept")
    late = own.post(f"/v1/own_pledges/{answer.id}/withdraw", {"reason": "No"})
    assert late.status == 409, "the district tells that it fails"
    staff = ours.director.created("pledges", {"need_id": public, "partner_id": partner, "quantity": 1}).id
    assert did(ours.director, "pledges", staff, "withdraw", reason="By phone")["status"] == "withdrawn"
