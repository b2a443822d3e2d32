"""Who leaves, and who takes over: inventory, hand-over, letters; what hangs on one; who is stuck."""

import pytest
from acting import act, at_once, done
from api_world import Tenant
from check_ins import running
from fields import APART, LEAST
from needing import changed, open_need
from operations import Subjects
from partnering import Ready

TODAY = "2026-11-21"


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def made(subjects, plural, **fields):
    row = APART.get(plural) or LEAST[plural]
    return subjects.caller.created(plural, {**subjects.filled({**row, **fields})}).id


def inventory(caller, departure):
    answer = caller.get(f"/v1/departures/{departure}/inventory")
    assert answer.status == 200, answer
    return answer.json


def rows(caller, plural, **query):
    return caller.get(f"/v1/{plural}", query).json["data"]


class Leaver:
    """A coordinator who carries one of each kind, and who takes over."""

    def __init__(self, tenant, subjects):
        director = tenant.director
        self.caller, self.id, _ = tenant.person("coordinator")
        self.receiver_caller, self.receiver, _ = tenant.person("coordinator")
        self.ready = ready = Ready(tenant)
        ask = made(subjects, "asks", partner_id=ready.partner)
        self.carried = {
            "partners": director.partner(owner_id=self.id).id,
            "partner_owners": made(subjects, "partner_owners", partner_id=ready.partner, user_id=self.id),
            "post_holders": made(subjects, "post_holders", user_id=self.id),
            "partnership_roles": ready.made("partnership_roles", role="co_lead", user_id=self.id),
            "action_items": ready.made("action_items", description="Call", owner_user_id=self.id),
            "follow_ups": made(subjects, "follow_ups", ask_id=ask, owner_id=self.id),
            "champions": made(subjects, "champions", owner_id=self.id),
            "champion_steps": made(subjects, "champion_steps", user_id=self.id),
            "placements": made(subjects, "placements", partnership_id=ready.id, supervisor_id=self.id),
            "portfolio_decisions": made(subjects, "portfolio_decisions", owner_id=self.id),
            "agreement_steps": made(subjects, "agreement_steps"),
            "site_plans": made(subjects, "site_plans", partnership_id=ready.id, user_id=self.id),
            "family_plans": made(subjects, "family_plans", user_id=self.id, school_year=2090),
            "partnership_reviews": made(subjects, "partnership_reviews", partnership_id=ready.id, user_id=self.id),
            "saved_filters": self.caller.created("saved_filters", {"name": "Mine", "resource": "partners", "criteria": []}).id,
        }
        inquiry = made(subjects, "inquiries")
        done(act(director, "inquiries", inquiry, "assign", owner_id=self.id))
        self.carried["inquiries"] = inquiry
        self.carried["asks"] = made(subjects, "asks", partner_id=self.carried["partners"])
        with tenant.api.database.connect("kith_migrate") as connection:
            connection.execute("UPDATE agreement_step SET user_id = %s WHERE id = %s",  # of a reviewer that was
                               (self.id, self.carried["agreement_steps"]))
            self.carried["grants"] = str(connection.execute(
                "SELECT id FROM user_grant WHERE user_id = %s", (self.id,)).fetchone()[0])
        self.departure = director.created("departures", {
            "user_id": self.id, "on_date": TODAY, "receiver_user_id": self.receiver}).id


@pytest.mark.shows("succession.inventory", "succession.hand_over", "succession.receivers", "succession.access",
                   "succession.gone")
def test_all_that_a_user_carries_is_listed_and_handed_over(ours, subjects):
    leaver, director = Leaver(ours, subjects), ours.director
    other = ours.users["executive"]
    named = {"departure_id": leaver.departure, "resource": "agreement_steps", "user_id": other}
    director.created("departure_receivers", named)
    director.created("departure_receivers", {"departure_id": leaver.departure, "resource": "post_holders"})
    director.created("departure_receivers", {**named, "resource": "action_items",
                                             "subject_id": leaver.carried["action_items"]})
    assert director.post("/v1/departure_receivers", {**named, "resource": "sites"}).faults == {
        "/resource": "not_allowed"}
    late = leaver.ready.made("action_items", description="After the plan", owner_user_id=leaver.id)
    talk = director.created("interactions", {
        "partner_id": leaver.ready.partner, "kind": "call", "subject": "Hello", "on_date": TODAY,
        "user_id": leaver.id, "follow_up_on": "2026-12-01"}).id
    told = inventory(director, leaver.departure)
    assert (told["total"], told["lacking"]) == (len(told["items"]), 0)
    listed = {item["resource"]: item for item in told["items"] if item["subject_id"] != late}
    assert {name: item["subject_id"] for name, item in listed.items()} == leaver.carried
    assert (listed["agreement_steps"]["receiver_id"], listed["agreement_steps"]["given_by"]) == (other, "resource")
    assert (listed["action_items"]["given_by"], listed["post_holders"]["receiver_id"]) == ("item", None)
    assert (listed["partners"]["receiver_id"], listed["grants"]["given_by"]) == (leaver.receiver, "nobody")
    assert {"resource": "action_items", "count": 2} in told["counts"]
    waiting = {(task["kind"], task["subject_id"]) for task in told["waiting"]}
    assert {("action_item", late), ("interaction_follow_up", talk)} <= waiting

    handed = done(act(director, "departures", leaver.departure, "hand_over"))
    assert (handed["status"], handed["handed_over_at"]) == ("handed_over", "2026-11-21T15:00:00.000Z")
    assert inventory(director, leaver.departure)["items"] == told["items"], "as it was"
    fields = {"partners": "owner_id", "follow_ups": "owner_id", "champions": "owner_id", "inquiries": "owner_id",
              "asks": "owner_id", "placements": "supervisor_id", "portfolio_decisions": "owner_id",
              "saved_filters": "owner_id", "action_items": "owner_user_id"}
    moved = set(leaver.carried) - {"partner_owners", "post_holders", "partnership_roles", "grants", "saved_filters"}
    for plural in moved:
        row = director.get(f"/v1/{plural}/{leaver.carried[plural]}").json
        expected = other if plural in ("agreement_steps", "action_items") else leaver.receiver
        assert row[fields.get(plural, "user_id")] == expected, plural
    assert director.get(f"/v1/action_items/{late}").json["owner_user_id"] == leaver.receiver
    assert leaver.receiver_caller.get(f"/v1/saved_filters/{leaver.carried['saved_filters']}").status == 200
    for plural in ("partner_owners", "post_holders", "partnership_roles"):
        assert director.get(f"/v1/{plural}/{leaver.carried[plural]}").json["until_date"] == "2026-11-20", plural
        follows = [] if plural == "post_holders" else [TODAY]
        assert [r["from_date"] for r in rows(director, plural, user_id=leaver.receiver)] == follows, plural
    role, = rows(director, "partnership_roles", user_id=leaver.receiver)
    assert (role["role"], role["partnership_id"], role["side"]) == ("co_lead", leaver.ready.id, "district")

    assert leaver.caller.get("/v1/me").status == 401
    gone = ours.admin.get(f"/v1/users/{leaver.id}").json
    assert gone["archived_at"] == "2026-11-21T15:00:00.000Z"
    again = done(act(director, "departures", leaver.departure, "hand_over"))
    assert again["version"] == handed["version"], "to say it again changes nothing"
    partner = director.get(f"/v1/partners/{leaver.carried['partners']}")
    path = f"/v1/partners/{partner.json['id']}"
    assert director.patch(path, {"owner_id": leaver.id}, partner.etag).faults == {"/owner_id": "not_allowed"}
    assert director.post("/v1/partners", {"name": "Late", "kind": "civic", "owner_id": leaver.id}).faults == {
        "/owner_id": "not_allowed"}, "who has left sees to nothing"
    assert act(director, "inquiries", made(subjects, "inquiries"), "assign", owner_id=leaver.id).faults == {
        "/owner_id": "not_allowed"}
    assert director.post("/v1/complaints", {"partner_id": leaver.ready.partner, "received_on": TODAY, "complaint": "Late.",
                                            "owner_id": leaver.id}).faults == {"/owner_id": "not_allowed"}
    for plural in ("partner_owners", "post_holders", "partnership_roles", "site_plans", "family_plans", "champion_steps",
                   "partnership_reviews"):
        row = director.get(f"/v1/{plural}/{leaver.carried[plural]}")
        back = director.patch(f"/v1/{plural}/{leaver.carried[plural]}", {"user_id": leaver.receiver}, row.etag)
        assert back.status == 200, (plural, back)
        if plural in ("partner_owners", "post_holders", "partnership_roles"):
            kept = director.patch(f"/v1/{plural}/{leaver.carried[plural]}", {"user_id": leaver.id}, back.etag)
            assert kept.status == 200, "what is over was whose it was"
            back = director.patch(f"/v1/{plural}/{leaver.carried[plural]}", {"user_id": leaver.receiver}, kept.etag)
        goes_on = {"until_date": None} if "until_date" in back.json else {}
        refused = director.patch(f"/v1/{plural}/{leaver.carried[plural]}", {"user_id": leaver.id, **goes_on}, back.etag)
        assert refused.faults == {"/user_id": "not_allowed"}, (plural, refused)
    role = {"partnership_id": leaver.ready.id, "role": "sponsor", "user_id": leaver.id, "from_date": "2026-01-01"}
    assert director.post("/v1/partnership_roles", role).faults == {"/user_id": "not_allowed"}
    assert director.post("/v1/partnership_roles", {**role, "until_date": "2026-12-31"}).faults == {"/user_id": "not_allowed"}
    director.created("partnership_roles", {**role, "until_date": "2026-06-30"})
    item = director.created("action_items", {"partnership_id": leaver.ready.id, "description": "It was done."}).id
    path = f"/v1/action_items/{item}"
    assert director.patch(path, {"owner_user_id": leaver.id}, director.get(path).etag).faults == {
        "/owner_user_id": "not_allowed"}
    done(act(director, "action_items", item, "complete"))
    assert director.patch(path, {"owner_user_id": leaver.id}, director.get(path).etag).status == 200, "it is over"
    assert act(director, "action_items", item, "reopen").faults == {"/owner_user_id": "not_allowed"}
    refused = act(director, "departures", leaver.departure, "cancel", reason="No")
    assert (refused.status, refused.json["state"]["status"]) == (409, "handed_over")
    path = f"/v1/departures/{leaver.departure}"
    assert director.patch(path, {"reason": "x"}, director.get(path).etag).status == 409


@pytest.mark.shows("succession.all_or_nothing")
def test_where_one_receiver_is_refused_nothing_is_handed_over(ours):
    director = ours.director
    _, leaver, _ = ours.person("coordinator")
    _, receiver, _ = ours.person("coordinator")
    partner = director.partner(owner_id=leaver).id
    ready = Ready(ours)
    item = ready.made("action_items", description="Call", owner_user_id=leaver)
    post = director.created("departures", {"user_id": leaver, "on_date": TODAY}).id
    for wrong, code in (({"receiver_user_id": leaver}, "not_allowed"), ({"receiver_contact_id": ready.contact}, "not_allowed"),
                        ({"receiver_user_id": ready.id}, "unknown_id")):
        answer = director.patch(f"/v1/departures/{post}", wrong, director.get(f"/v1/departures/{post}").etag)
        assert (answer.status, list(answer.faults.values())) == (422, [code]), answer
    assert director.post("/v1/departures", {"user_id": leaver, "on_date": TODAY}).status == 409, "one is planned"

    def missing():
        answer = act(director, "departures", post, "hand_over")
        assert answer.status == 409, answer
        return answer.json["state"]["missing"]

    assert missing() == ["receiver"]
    told = director.get(f"/v1/departures/{post}/transitions").json
    assert {p["action"]: p["missing"] for p in told["possible"]} == {"hand_over": ["receiver"], "cancel": []}
    assert inventory(director, post)["lacking"] == 2
    changed(director, f"/v1/departures/{post}", receiver_user_id=ours.users["executive"])
    named = director.created("departure_receivers", {"departure_id": post, "resource": "action_items",
                                                     "subject_id": item, "user_id": receiver})
    path = f"/v1/users/{receiver}"
    assert ours.admin.archive(path, ours.admin.get(path).etag).status == 204
    assert missing() == ["receiver_gone"]
    assert director.get(f"/v1/partners/{partner}").json["owner_id"] == leaver
    assert director.get(f"/v1/action_items/{item}").json["owner_user_id"] == leaver
    _, leaving, _ = ours.person("coordinator")
    changed(director, f"/v1/departure_receivers/{named.id}", user_id=leaving)
    soon = director.created("departures", {"user_id": leaving, "on_date": TODAY}).id
    assert missing() == ["receiver_gone"], "who leaves on that day takes nothing over"
    done(act(director, "departures", soon, "cancel", reason="She stays"))
    answers = at_once(32, lambda n: act(director, "departures", post, "hand_over"))
    assert {a.status for a in answers} <= {200, 409} and 200 in {a.status for a in answers}
    done(act(director, "departures", post, "hand_over"))
    assert director.get(f"/v1/partners/{partner}").json["owner_id"] == ours.users["executive"]
    assert director.get(f"/v1/departures/{post}").json["version"] == 3, "one hand-over"


def test_the_last_administrator_does_not_leave(api, database):
    alone = Tenant(api, database)
    leaves = {"user_id": alone.users["admin"], "on_date": TODAY, "receiver_user_id": alone.users["director"]}
    one = alone.admin.created("departures", leaves).id
    answer = act(alone.admin, "departures", one, "hand_over")
    assert (answer.status, answer.json["state"]) == (409, {"administrators": 0})
    assert alone.admin.get("/v1/me").status == 200


@pytest.mark.shows("succession.administrators")
def test_that_an_administrator_leaves_is_for_administrators_to_say(ours):
    leaver, user, _ = ours.person("admin")
    _, other, _ = ours.person("coordinator")
    leaves = {"user_id": user, "on_date": TODAY, "receiver_user_id": ours.users["executive"]}
    planned = ours.director.created("departures", {"user_id": other, "on_date": TODAY}).id
    path = f"/v1/departures/{planned}"
    for refused in (ours.director.post("/v1/departures", leaves),
                    ours.director.patch(path, {"user_id": user}, ours.director.get(path).etag)):
        assert (refused.status, refused.faults) == (403, {"/user_id": "not_allowed"}), refused
    one = ours.admin.created("departures", leaves).id
    assert act(ours.director, "departures", one, "hand_over").status == 403
    assert leaver.get("/v1/me").status == 200
    assert done(act(ours.admin, "departures", one, "hand_over"))["status"] == "handed_over"
    assert leaver.get("/v1/me").status == 401


@pytest.mark.shows("succession.letters", "succession.tasks")
def test_each_contact_gets_one_letter_that_is_edited_before_it_goes(ours, migrate):
    director = ours.director
    first, leaver = running(ours), ours.person("coordinator")[1]
    caller, receiver, _ = ours.person("coordinator")
    second = running(ours)
    for one, contact in ((first, first.contact), (second, first.contact)):
        director.created("partnership_roles", {"partnership_id": one.id, "role": "sponsor", "user_id": leaver})
        director.created("partnership_roles", {"partnership_id": one.id, "role": "sponsor", "contact_id": contact})
    champion = director.created("contacts", {"name": "The Mayor"}).id
    director.created("champions", {"contact_id": champion, "owner_id": leaver})
    gone = director.created("departures", {"user_id": leaver, "on_date": TODAY, "receiver_user_id": receiver}).id
    assert act(director, "departures", gone, "introduce").status == 409, "nobody follows yet"
    done(act(director, "departures", gone, "hand_over"))
    letters = {one["contact_id"]: one for one in rows(director, "introduction_letters", departure_id=gone)}
    assert set(letters) == {first.contact, second.contact, champion}, "one a contact"
    letter = letters[first.contact]
    assert (letter["user_id"], letter["kind"], letter["status"]) == (receiver, "follows", "draft")
    assert letter["about"] == ["A partnership"] and letters[champion]["about"] == []
    tasks = caller.get("/v1/me/tasks").json["data"]
    assert {t["subject_id"] for t in tasks if t["kind"] == "introduction_letter"} == {
        one["id"] for one in letters.values()}
    path = f"/v1/introduction_letters/{letter['id']}"
    assert caller.patch(path, {"text": "Dear Ann,\n\nit is me now."}, caller.get(path).etag).status == 200
    told = at_once(8, lambda n: act(caller, "introduction_letters", letter["id"], "send"))
    assert [a.status for a in told].count(200) == 1, "decided once"
    sent = caller.get(path).json
    assert caller.patch(path, {"text": "Later"}, caller.get(path).etag).status == 409
    mail = director.get(f"/v1/messages/{sent['message_id']}").json
    assert (mail["class"], mail["topic"], mail["kind"], mail["contact_id"], mail["status"]) == (
        "duty", "introductions", "introduction_letter", first.contact, "queued")
    assert mail["not_before"] == "2026-11-23T15:00:00.000Z", "on Monday, in the hours of mails"
    variables = migrate.execute("SELECT variables FROM message WHERE id = %s", (sent["message_id"],)).fetchone()[0]
    assert (variables["paragraphs"], variables["is_usual"]) == (["Dear Ann,", "it is me now."], False)
    done(act(caller, "introduction_letters", letters[champion]["id"], "skip"))
    done(act(director, "departures", gone, "introduce"))
    done(act(director, "departures", gone, "introduce"))
    letters = rows(director, "introduction_letters", departure_id=gone)
    assert sorted(one["status"] for one in letters) == ["sent", "sent", "skipped"]
    assert caller.get(f"{path}/transitions").json["possible"] == []
    assert ours.person("coordinator")[0].get("/v1/departures").status == 403


@pytest.mark.shows("succession.contacts", "succession.new_links")
def test_a_contact_leaves_one_partner_or_all(ours, migrate):
    director = ours.director
    ready, other = Ready(ours), Ready(ours)
    contact, follows = ready.contact, director.created("contacts", {"name": "Bo"}).id
    at = director.created("affiliations", {"contact_id": contact, "partner_id": ready.partner, "role": "CEO"}).id
    role = director.created("partnership_roles", {"partnership_id": other.id, "role": "sponsor", "contact_id": contact}).id
    item = ready.made("action_items", description="Call", owner_contact_id=contact)
    waits = ready.made("agreement_partnerships", agreement_id=director.created(
        "agreements", {"kind": "mou", "title": "Next", "text": "We agree.", "effective_on": "2026-12-01"}).id)
    agreement = director.get(f"/v1/agreement_partnerships/{waits}").json["agreement_id"]
    for verb in ("submit", "approve"):
        done(act(director, "agreements", agreement, verb))
    leaves = {"contact_id": contact, "partner_id": ready.partner, "on_date": TODAY, "receiver_contact_id": follows}
    assert director.post("/v1/departures", {**leaves, "user_id": ours.users["viewer"]}).status == 422
    one = director.created("departures", leaves).id
    told = inventory(director, one)
    assert {i["resource"]: i["subject_id"] for i in told["items"]} == {
        "affiliations": at, "partnership_roles": ready.ids["partner"], "action_items": item}
    assert [(w["kind"], w["subject_id"]) for w in told["waiting"]] == [("agreement_acknowledgment", agreement)]
    done(act(director, "departures", one, "hand_over"))
    assert director.get(f"/v1/affiliations/{at}").json["until_date"] == "2026-11-20"
    assert director.get(f"/v1/action_items/{item}").json["owner_contact_id"] == follows
    assert director.get(f"/v1/partnership_roles/{role}").json["until_date"] is None
    assert director.get(f"/v1/contacts/{contact}").json["status"] == "active"
    mails = migrate.execute("SELECT contact_id::text, status, reason FROM message WHERE subject_id = %s "
                            "ORDER BY created_at, id", (agreement,)).fetchall()
    assert mails[0][:2] == (contact, "suppressed") and mails[1][0] == follows, "a new link"
    letter, = rows(director, "introduction_letters", departure_id=one)
    assert (letter["contact_id"], letter["kind"], letter["user_id"]) == (follows, "takes_over", ready.lead)
    rest = director.created("departures", {"contact_id": contact, "on_date": TODAY, "receiver_contact_id": follows}).id
    done(act(director, "departures", rest, "hand_over"))
    assert director.get(f"/v1/partnership_roles/{role}").json["until_date"] == "2026-11-20"
    assert director.get(f"/v1/contacts/{contact}").json["status"] == "left"


def factor(caller, kind, one):
    item, = caller.get("/v1/bus_factor", {"kind": kind, "id": one}).json["items"]
    return item["district"], item["partner"], item["people"]


@pytest.mark.shows("succession.bus_factor")
def test_what_hangs_on_one_is_listed_for_both_sides(ours):
    site = ours.director.site().id
    one = running(ours, lead_site_id=site)
    for kind, of in (("partnership", one.id), ("partner", one.partner), ("site", site)):
        assert factor(ours.viewer, kind, of) == (1, 1, 1)
    second = ours.director.created("contacts", {"name": "Bo"}).id
    for person in ({"contact_id": second}, {"user_id": ours.users["executive"]}):
        ours.director.created("partnership_roles", {"partnership_id": one.id, "role": "co_lead", **person})
    assert factor(ours.viewer, "partnership", one.id) == (2, 2, 2)
    changed(ours.director, f"/v1/contacts/{second}", status="left")
    assert factor(ours.viewer, "site", site) == (2, 1, 1)

    def listed(**query):
        told = ours.viewer.get("/v1/bus_factor", {"limit": 2000, **query}).json
        assert told["total"] == len(told["items"])
        return one.id in {item["id"] for item in told["items"]}

    assert listed() and listed(side="partner") and not listed(side="district")
    assert listed(side="district", at_most=2)
    assert ours.viewer.get("/v1/bus_factor", {"kind": "planet"}).status == 400


class Stuck:
    """A partner with one site and nothing new since spring, and a need elsewhere that it could serve."""

    def __init__(self, tenant, migrate):
        director = tenant.director
        self.area = director.created("focus_areas", {"name": "Reading aloud"}).id
        self.partnership = running(tenant, lead_site_id=director.site().id, focus_area_id=self.area,
                                   activated_at="2025-09-01T12:00:00Z")
        self.partner = self.partnership.partner
        migrate.execute("UPDATE partnership SET created_at = '2025-09-01T12:00:00Z' WHERE id = %s", (self.partnership.id,))
        migrate.commit()
        self.elsewhere = director.site().id
        self.need = open_need(tenant, focus_area_id=self.area, site_id=self.elsewhere)
        self.caller = director

    def shown(self):
        told = self.caller.get("/v1/stuck_partners", {"limit": 100}).json
        return {one["partner_id"]: one for one in told["partners"]}.get(self.partner)


@pytest.mark.shows("succession.stuck", "succession.dismissals", "succession.remedies")
def test_a_partner_that_stays_where_it_is_is_shown_and_brought_on(ours, migrate):
    director = ours.director
    stuck = Stuck(ours, migrate)
    shown = stuck.shown()
    assert [need["need_id"] for need in shown["needs"]] == [stuck.need]
    assert (shown["lead_id"], shown["news_on"]) == (ours.users["director"], "2025-09-01")
    path = f"/v1/partners/{stuck.partner}"
    changed(director, path, reach="one_school")
    assert stuck.shown() is None, "as it prefers"
    body = {"partner_id": stuck.partner, "need_ids": [stuck.need]}
    refused = director.post("/v1/remedies", body)
    assert refused.faults == {"/partner_id": "not_allowed"}, refused
    changed(director, path, reach="district")
    dismissed = director.created("stuck_dismissals", {
        "partner_id": stuck.partner, "reason": "They move.", "until_date": TODAY})
    assert stuck.shown() is None
    changed(director, f"/v1/stuck_dismissals/{dismissed.id}", until_date="2026-11-20")
    assert stuck.shown()
    talk = director.created("interactions", {"partner_id": stuck.partner, "kind": "call", "subject": "Hello",
                                             "on_date": "2026-10-01"})
    assert stuck.shown() is None, "something is new"
    assert director.archive(f"/v1/interactions/{talk.id}", talk.etag).status == 204
    lead, second = ours.person("coordinator")[:2]
    role = director.created("partnership_roles", {
        "partnership_id": stuck.partnership.id, "role": "co_lead", "user_id": second})
    assert stuck.shown() is None, "a second person of ours knows it"
    assert director.archive(f"/v1/partnership_roles/{role.id}", role.etag).status == 204
    assert stuck.shown()

    draft = made(Subjects(ours), "needs")
    assert director.post("/v1/remedies", {**body, "need_ids": [draft]}).faults == {"/need_ids": "not_allowed"}
    answers = at_once(8, lambda n: ours.coordinator.post("/v1/remedies", body))
    assert sorted(a.status for a in answers) == [201] + [409] * 7
    remedy = next(a for a in answers if a.status == 201)
    assert (remedy.json["lead_id"], remedy.json["contact_id"], remedy.json["waits_until"]) == (
        ours.users["director"], stuck.partnership.contact, "2026-11-26")
    assert stuck.shown() is None, "under way"
    told, = rows(director, "messages", subject_id=remedy.id)
    assert (told["kind"], told["user_id"], told["class"]) == ("remedy_notice", ours.users["director"], "duty")
    tasks = director.get("/v1/me/tasks").json["data"]
    assert ("remedy", remedy.id) in {(t["kind"], t["subject_id"]) for t in tasks}
    assert act(lead, "remedies", remedy.id, "agree").status == 403, "the present lead says so"
    sent = done(act(director, "remedies", remedy.id, "agree"))
    mail = director.get(f"/v1/messages/{sent['message_id']}").json
    assert (mail["kind"], mail["class"], mail["topic"], mail["contact_id"]) == (
        "remedy", "program", "asks", stuck.partnership.contact)
    assert act(director, "remedies", remedy.id, "cancel", reason="No").status == 409
    assert stuck.shown() is None, "it was asked just now"
    second = director.created("remedies", body)
    assert second.json["waits_until"] == TODAY, "the lead knows"
    assert rows(director, "messages", subject_id=second.id) == []
    stopped = done(act(director, "remedies", second.id, "cancel", reason="They are tired."))
    assert (stopped["status"], stopped["status_reason"]) == ("cancelled", "They are tired.")


@pytest.mark.shows("succession.tasks")
def test_a_departure_that_lacks_somebody_waits_for_the_director(ours):
    _, leaver, _ = ours.person("coordinator")
    director = ours.director

    def waits():
        return one in {t["subject_id"] for t in director.get("/v1/me/tasks").json["data"] if t["kind"] == "departure"}

    one = director.created("departures", {"user_id": leaver, "on_date": "2027-01-31"}).id
    assert not waits(), "nothing is carried but a grant"
    director.partner(owner_id=leaver)
    assert waits()
    assert act(director, "departures", one, "hand_over").status == 409
    changed(director, f"/v1/departures/{one}", receiver_user_id=ours.users["executive"])
    assert not waits()
    assert done(act(director, "departures", one, "hand_over"))["status"] == "planned", "on its day"


@pytest.mark.shows("succession.champions")
def test_whoever_owns_a_champion_reads_it(ours):
    owner, user, _ = ours.person("school_leader")
    contact = ours.director.created("contacts", {"name": "The Mayor"}).id
    one = ours.director.created("champions", {"contact_id": contact, "owner_id": user})
    step = ours.director.created("champion_steps", {"champion_id": one.id, "on_date": TODAY, "kind": "call"})
    assert owner.get(f"/v1/champions/{one.id}").status == 200
    assert [row["id"] for row in rows(owner, "champions")] == [one.id]
    assert [row["id"] for row in rows(owner, "champion_steps")] == [step.id]
    for other in (ours.coordinator, ours.executive):
        assert other.get(f"/v1/champions/{one.id}").status == 404
        assert other.get(f"/v1/champion_steps/{step.id}").status == 404
        assert one.id not in other.get("/v1/champions", Accept="text/csv").reply.body.decode()
        assert other.patch(f"/v1/champions/{one.id}", {"influence": "x"}, one.etag).status in (403, 404)


@pytest.mark.shows("registry.champion_owner")
def test_whoever_owns_a_champion_writes_it_and_its_steps_and_no_other(ours):
    owner, user, _ = ours.person("coordinator")
    mayor, banker = (ours.director.created("contacts", {"name": name}).id for name in ("The Mayor", "The Banker"))
    one = owner.created("champions", {"contact_id": mayor})
    assert one.json["owner_id"] == user
    path, step = f"/v1/champions/{one.id}", {"champion_id": one.id, "on_date": TODAY, "kind": "call"}
    assert done(act(owner, "champions", one.id, "cultivate"))["status"] == "cultivating"
    call = owner.created("champion_steps", step)
    assert owner.patch(f"/v1/champion_steps/{call.id}", {"is_done": True}, call.etag).status == 200
    assert ours.coordinator.post("/v1/champion_steps", step).faults == {"/champion_id": "unknown_id"}
    assert act(ours.coordinator, "champions", one.id, "ask").status == 404
    given = owner.post("/v1/champions", {"contact_id": banker, "owner_id": ours.users["coordinator"]})
    assert given.status == 403, "nobody makes another's"
    assert changed(ours.director, path, owner_id=ours.users["coordinator"])["owner_id"] == ours.users["coordinator"]
    assert owner.get(path).status == 404
