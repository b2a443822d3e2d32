"""Convenings: invited to, held, and what was decided and who met whom."""

import pytest
from acting import act, at_once, done
from api_world import Caller
from convening import BEGUN, YEARS, Place, agenda, listed, made, refused
from fields import APART, LEAST
from needing import changed, transitions
from operations import Subjects
from partnering import Ready, put


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


@pytest.fixture(scope="module")
def place(ours, subjects, database):
    with database.connect("kith_migrate") as connection:
        return Place(ours, subjects, connection)


# ---- The agenda ----------------------------------------------------------------------------------


@pytest.mark.shows("convenings.agenda", "convenings.agenda_shared_goals")
def test_the_agenda_fills_itself_by_the_kind_of_convening(ours, subjects, migrate):
    place = Place(ours, subjects, migrate)
    ready, director = place.ready, ours.director
    vision = made(subjects, "site_visions", site_id=place.site, text="All\nread.").id
    made(subjects, "site_vision_authors", site_vision_id=vision)
    done(act(director, "site_visions", vision, "adopt"))
    behind = ready.made("goals", statement="Half read", baseline="0", baseline_on="2026-05-21", target="100",
                        due_on="2027-05-24", current="10", current_on="2026-11-21")
    met = ready.made("goals", statement="Ten books", due_on="2027-05-24", progress="met")
    elsewhere = made(subjects, "partnerships").id
    shared = director.created("goals", {
        "partnership_id": elsewhere, "statement": "With others", "baseline": "0", "baseline_on": "2026-05-21",
        "target": "100", "due_on": "2027-05-25", "current": "10", "current_on": "2026-11-21"}).id
    director.created("goal_partnerships", {"goal_id": shared, "partnership_id": ready.id})
    late = ready.made("action_items", description="Call the library", due_on="2026-11-01")
    ready.made("action_items", description="Not yet", due_on="2026-12-24")
    need = made(subjects, "needs", site_id=place.site, title="Tutors").id
    gone = made(subjects, "needs", site_id=place.site, title="Was met").id
    put(migrate, "need", need, "open")
    put(migrate, "need", gone, "met")
    reached = ready.made("milestones", name="First year", due_on="2026-10-01")
    done(act(director, "milestones", reached, "reach"))
    gift = ready.made("investments", side="partner", kind="cash", amount_cents=500, purpose="Books",
                      from_date="2026-09-01", until_date="2026-09-01")
    done(act(director, "investments", gift, "deliver"))
    assert agenda(director, place.convening(kind="start")) == [
        ("principal", ours.director.get(f"/v1/users/{ours.users['school_leader']}").json["name"]), ("vision", "All read."), ("new_partnership", "A partnership")]
    middle = place.convening(kind="middle")
    items = listed(director, "agenda_items", middle)
    assert [(i["kind"], i["subject_id"], i["source"]) for i in items] == [
        ("goal_behind", behind, "system"), ("goal_behind", shared, "system"), ("overdue_action", late, "system"),
        ("open_need", need, "system")]
    assert items[1]["partnership_id"] == ready.id, "which shares it"
    assert agenda(director, place.convening(kind="end")) == [
        ("goal_met", "Ten books"), ("milestone", "First year"), ("need_met", "Was met"), ("gift", "Books")]
    assert met
    # What people put there stays, and so does that they took something off; what has no cause any more goes.
    made(subjects, "agenda_items", convening_id=middle, title="Lunch", kind="win")
    put_off = f"/v1/agenda_items/{items[3]['id']}"
    assert director.archive(put_off, director.get(put_off).etag).status == 204
    done(act(director, "action_items", late, "complete"))
    done(act(director, "convenings", middle, "refresh"))
    assert agenda(director, middle) == [("win", "Lunch"), ("goal_behind", "Half read"), ("goal_behind", "With others")]
    done(act(director, "action_items", late, "reopen"))
    done(act(director, "convenings", middle, "refresh"))
    assert agenda(director, middle) == [("win", "Lunch"), ("goal_behind", "Half read"),
                                        ("goal_behind", "With others"), ("overdue_action", "Call the library")]
    wrong = director.patch(f"/v1/agenda_items/{items[0]['id']}", {"kind": "topic"},
                           director.get(f"/v1/agenda_items/{items[0]['id']}").etag)
    assert (wrong.status, wrong.faults) == (422, {"/kind": "not_allowed"}), wrong
    # Held, it is as it was.
    migrate.execute("UPDATE convening SET starts_at = '2026-11-20T15:00Z', ends_at = '2026-11-20T16:00Z' WHERE id = %s",
                    (middle,))
    migrate.commit()
    done(act(director, "convenings", middle, "hold"))
    done(act(director, "action_items", late, "complete"))
    assert refused(director, "convenings", middle, "refresh")["status"] == "held"
    assert len(agenda(director, middle)) == 4
    at = f"/v1/agenda_items/{items[0]['id']}"
    assert changed(director, at, note="Twice a week now")["note"] == "Twice a week now"
    answer = director.patch(at, {"title": "Another"}, director.get(at).etag)
    assert (answer.status, answer.type) == (409, "conflict"), answer
    assert director.post("/v1/agenda_items", {"convening_id": middle, "title": "Late"}).status == 409


# ---- Invitations and seats -----------------------------------------------------------------------


def mails(migrate, one):
    return migrate.execute(
        "SELECT coalesce(m.contact_id, m.user_id)::text, m.variables ->> 'when', m.class, m.status, m.reason "
        "FROM message m JOIN convening_invitee i ON i.id = m.subject_id WHERE i.convening_id = %s "
        "ORDER BY m.created_at, m.id", (one,)).fetchall()


@pytest.mark.shows("convenings.invitations")
def test_leads_and_who_holds_a_post_are_invited_once(ours, subjects, place, migrate):
    director, one = ours.director, place.convening(kind="middle")
    assert transitions(director, "convenings", one) == {"refresh": [], "invite": [], "hold": ["begun"], "cancel": []}
    mail = director.created("contacts", {"name": "Bo", "email": f"{one}@example.org"}).id
    added = made(subjects, "convening_invitees", convening_id=one, contact_id=mail).id
    for _ in range(2):
        assert done(act(director, "convenings", one, "invite"))["status"] == "invited"
    people = listed(director, "convening_invitees", one)
    assert {p["contact_id"] or p["user_id"] for p in people} == {
        place.ready.contact, place.ready.lead, ours.users["school_leader"], mail}
    told = mails(migrate, one)
    # The lead of the partner's side has no address: asked for again, it is decided again.
    assert sorted((who, status, why) for who, _, _, status, why in told) == sorted(
        [(place.ready.contact, "suppressed", "no_email")] * 2
        + [(who, "queued", None) for who in (mail, place.ready.lead, ours.users["school_leader"])])
    assert {(when, kind) for _, when, kind, _, _ in told} == {("invited", "program")}
    path = f"/v1/convening_invitees/{added}"
    assert director.archive(path, director.get(path).etag).status == 204
    done(act(director, "convenings", one, "invite"))
    assert added not in [p["id"] for p in listed(director, "convening_invitees", one)], "who was taken off stays off"
    assert (mail, "invited", "program", "suppressed", "cancelled") in mails(migrate, one)
    twice = director.post("/v1/convening_invitees", {"convening_id": one, "contact_id": place.ready.contact})
    assert twice.status == 409, twice
    both = director.post("/v1/convening_invitees",
                         {"convening_id": one, "contact_id": mail, "user_id": ours.users["viewer"]})
    assert both.status == 422, both
    late = made(subjects, "convenings", **BEGUN).id
    assert refused(director, "convenings", late, "invite")["missing"] == ["to_come"]


@pytest.mark.shows("convenings.mail_room")
def test_an_invitation_waits_for_a_week_that_has_room(ours, subjects, migrate):
    who = ours.director.created("contacts", {"name": "Bo", "email": "bo@example.org"}).id
    days = []
    for _ in range(5):
        one = made(subjects, "convenings", site_id=ours.director.site().id).id
        made(subjects, "convening_invitees", convening_id=one, contact_id=who)
        done(act(ours.director, "convenings", one, "invite"))
        days += migrate.execute("SELECT m.status, m.not_before::date::text FROM message m JOIN convening_invitee i "
                                "ON i.id = m.subject_id WHERE i.convening_id = %s", (one,)).fetchall()
    assert days == [("queued", "2026-11-23")] * 3 + [("queued", "2026-11-30")] * 2, "three a week"


@pytest.mark.shows("convenings.moved", "convenings.cancellation")
def test_who_has_heard_of_it_is_told_when_it_moves_and_when_it_is_cancelled(ours, subjects, migrate):
    place = Place(ours, subjects, migrate)
    director, one = ours.director, place.convening(host_id=ours.users["coordinator"])
    path = f"/v1/convenings/{one}"
    done(act(director, "convenings", one, "invite"))
    migrate.execute("UPDATE message m SET status = 'sent', sent_at = now() FROM convening_invitee i "
                    "WHERE i.id = m.subject_id AND i.convening_id = %s AND m.user_id = %s", (one, place.ready.lead))
    migrate.commit()
    lead = next(p for p in listed(director, "convening_invitees", one) if p["user_id"] == place.ready.lead)
    done(act(director, "convening_invitees", lead["id"], "answer", answer="accepted", guests=1, note="Spanish"))
    assert ours.viewer.get(f"/v1/convening_invitees/{lead['id']}").json["note"] is None
    moved = changed(director, path, starts_at="2026-12-11T16:00:00.000Z")
    assert (moved["ends_at"], moved["moved_from"], moved["sequence"]) == (
        "2026-12-11T17:30:00.000Z", "2026-12-10T21:00:00.000Z", 1)
    changed(director, path, notes="No mail about that")
    changed(director, path, location="The gym")
    assert [m[1:4] for m in mails(migrate, one) if m[0] == place.ready.lead] == [
        ("invited", "program", "sent"), ("moved", "duty", "queued"), ("moved", "duty", "queued")]
    bad = director.patch(path, {"ends_at": "2026-12-11T16:00:00.000Z"}, director.get(path).etag)
    assert bad.status == 422 and "/ends_at" in bad.faults, bad
    assert act(director, "convenings", one, "cancel").status == 422, "why?"
    assert done(act(director, "convenings", one, "cancel", reason="Snow"))["status_reason"] == "Snow"
    assert [m[1] for m in mails(migrate, one) if m[0] == place.ready.lead][3:] == ["cancelled"]
    assert len([m for m in mails(migrate, one) if m[1] == "cancelled"]) == 1, "who has not heard of it need not"
    assert refused(director, "convening_invitees", lead["id"], "answer", answer="declined")["status"] == "cancelled"
    answer = director.patch(path, {"starts_at": "2026-12-12T16:00:00.000Z"}, director.get(path).etag)
    assert (answer.status, answer.type) == (409, "conflict"), answer


def invited(subjects, one, count=1):
    return [made(subjects, "convening_invitees", convening_id=one).id for _ in range(count)]


@pytest.mark.shows("convenings.seats")
def test_seats_are_never_more_than_there_are_however_many_accept_at_once(ours, subjects):
    one = made(subjects, "convenings", capacity=9).id
    people = invited(subjects, one, 32)
    done(act(ours.director, "convenings", one, "invite"))

    def accept(number):
        caller = Caller(ours.api, ours.director.token)
        for _ in range(200):
            answer = act(caller, "convening_invitees", people[number], "answer", answer="accepted", guests=number % 2)
            if answer.status != 409:
                return done(answer)["status"]

    answers = at_once(32, accept)
    told = ours.director.get(f"/v1/convenings/{one}").json
    assert told["seats_taken"] in (8, 9) and told["accepted"] + told["waitlisted"] == 32
    assert (answers.count("accepted"), answers.count("waitlisted")) == (told["accepted"], told["waitlisted"])


@pytest.mark.shows("convenings.waitlist")
def test_who_waits_has_the_next_seat_in_order(ours, subjects, migrate):
    director, one = ours.director, made(subjects, "convenings", capacity=3).id
    path = f"/v1/convenings/{one}"
    first, many, small, last = invited(subjects, one, 4)
    done(act(director, "convenings", one, "invite"))

    def says(who, answer, **fields):
        return done(act(director, "convening_invitees", who, "answer", answer=answer, **fields))["status"]

    def stands():
        return [director.get(f"/v1/convening_invitees/{p}").json["status"] for p in (first, many, small, last)]

    assert says(first, "accepted", guests=1) == "accepted"
    assert says(many, "accepted", guests=2) == "waitlisted"
    assert says(small, "accepted") == "accepted", "there is a seat for one"
    assert says(last, "accepted") == "waitlisted"
    more = act(director, "convening_invitees", small, "answer", answer="accepted", guests=1)
    assert (more.status, more.faults) == (422, {"/guests": "not_allowed"}), "the seat that it has is not lost"
    assert says(small, "declined") == "declined"
    assert stands() == ["accepted", "waitlisted", "declined", "accepted"], "one seat, for who needs one"
    few = director.patch(path, {"capacity": 2}, director.get(path).etag)
    assert (few.status, few.faults) == (422, {"/capacity": "not_allowed"}), few
    away = f"/v1/convening_invitees/{first}"
    assert director.archive(away, director.get(away).etag).status == 204
    assert changed(director, path, capacity=4)["seats_taken"] == 4
    assert director.restore(away, director.get(away).etag).json["status"] == "invited", "back, without a seat"
    assert stands() == ["invited", "accepted", "declined", "accepted"]
    assert [m[1] for m in mails(migrate, one) if m[1] == "seat"] == ["seat", "seat"]


# ---- Who came, what was decided ------------------------------------------------------------------


@pytest.mark.shows("convenings.life", "convenings.attendance", "convenings.meetings", "convenings.introductions",
                   "convenings.interactions")
def test_one_is_held_attended_closed_and_tells_who_met_whom(ours, subjects, migrate):
    place = Place(ours, subjects, migrate)
    director, one = ours.director, place.convening(kind="end", **BEGUN)
    stranger = made(subjects, "affiliations")
    here = {}
    for who, fields in (("partner", {"contact_id": place.ready.contact, "partnership_id": place.ready.id}),
                        ("leader", {"contact_id": None, "user_id": ours.users["school_leader"]}),
                        ("absent", {"contact_id": None, "user_id": ours.users["viewer"]})):
        here[who] = made(subjects, "convening_invitees", convening_id=one, **fields).id
    early = place.convening(kind="start")
    body = {"convening_id": early, "contact_id": place.ready.contact, "is_walk_in": True}
    assert director.post("/v1/convening_invitees", body).faults == {"/is_walk_in": "not_allowed"}
    assert refused(director, "convenings", early, "hold")["missing"] == ["begun"]
    assert done(act(director, "convenings", one, "hold"))["held_on"] == "2026-11-20"
    assert director.get(f"/v1/convening_invitees/{here['absent']}").json["status"] == "no_answer"
    assert refused(director, "convenings", one, "close")["missing"] == ["notes", "attendance"]
    wrong = act(director, "convenings", one, "attend", present=[here["leader"], ours.id])
    assert (wrong.status, wrong.faults) == (422, {"/present": "not_allowed"}), wrong
    told = done(act(director, "convenings", one, "attend", present=[here["partner"], here["leader"]],
                    absent=[here["absent"]]))
    assert (told["attended"], told["invited"]) == (2, 3)
    walk_in = made(subjects, "convening_invitees", convening_id=one, contact_id=stranger.json["contact_id"], guests=2)
    assert (walk_in.json["is_walk_in"], walk_in.json["attended"]) == (True, True)
    met = ours.viewer.get(f"/v1/convenings/{one}/meetings").json
    assert (met["people"], met["partners"], met["guests"], met["pairs_total"], met["pairs_first"]) == (3, 2, 2, 3, 3)
    [meeting] = met["first_meetings"]
    assert (meeting["partner_id"], meeting["site_id"], meeting["introduction_id"]) == (
        stranger.json["partner_id"], place.site, None)
    for _ in range(2):
        done(act(director, "convenings", one, "introduce"))
    [intro] = director.get("/v1/introductions", {"site_id": place.site}).json["data"]
    assert (intro["partner_id"], intro["outcome"], intro["on_date"]) == (
        stranger.json["partner_id"], "met", "2026-11-20")
    changed(director, f"/v1/convenings/{one}", notes="All came.")
    assert done(act(director, "convenings", one, "close"))["closed_on"] == "2026-11-21"
    assert done(act(director, "convenings", one, "reopen"))["status"] == "held"
    done(act(director, "convenings", one, "close"))
    kept = director.get("/v1/interactions", {"partner_id": place.ready.partner}).json["data"]
    assert [(i["kind"], i["on_date"], i["site_id"]) for i in kept] == [("community_meeting", "2026-11-20", place.site)]
    assert director.get(f"/v1/partners/{place.ready.partner}").json["last_contact_on"] == "2026-11-20"
    assert director.post("/v1/convening_invitees", {**body, "convening_id": one}).status == 409
    again = place.convening(kind="other", starts_at="2026-11-21T13:00:00.000Z", ends_at="2026-11-21T14:00:00.000Z")
    done(act(director, "convenings", again, "hold"))
    for who in ({"contact_id": place.ready.contact}, {"contact_id": None, "user_id": ours.users["school_leader"]}):
        made(subjects, "convening_invitees", convening_id=again, **who)
    met = director.get(f"/v1/convenings/{again}/meetings").json
    assert [pair["is_first"] for pair in met["pairs"]] == [False] and met["first_meetings"] == []


@pytest.mark.shows("convenings.decisions")
def test_decisions_are_written_back_in_one_action(ours, subjects, place):
    director, ready, one = ours.director, place.ready, place.convening(**BEGUN)
    goal = ready.made("goals", statement="Read", due_on="2027-05-24", target="50")
    about = {"convening_id": one, "partnership_id": ready.id}

    def decided(**fields):
        return made(subjects, "convening_decisions", **{**about, **fields}).id

    lone = decided(kind="other", decision="More coffee", partnership_id=None)
    assert refused(director, "convening_decisions", lone, "apply")["status"] == "planned"
    done(act(director, "convenings", one, "hold"))
    for fields, fault in (({"kind": "goal", "due_on": "2027-06-01", "partnership_id": None}, "/partnership_id"),
                          ({"kind": "site_plan"}, "/section"), ({"kind": "goal"}, "/due_on"),
                          ({"kind": "partnership_change"}, "/change_kind"),
                          ({"kind": "goal", "goal_id": ready.ids["goals"], "target": "1",
                            "partnership_id": Ready(ours).id}, "/goal_id")):
        bad = director.post("/v1/convening_decisions", {"decision": "X", **about, **fields})
        assert bad.status == 422 and fault in bad.faults, bad
    plan = ready.made("site_plans", site_id=place.site, school_year=2027, objectives="Read")
    done(act(director, "site_plans", plan, "agree"))
    kinds = {
        "action_items": decided(kind="action", decision="Call", due_on="2026-12-01", owner_user_id=ready.lead),
        "site_plans": decided(kind="site_plan", decision="Twice a week", section="objectives"),
        "goals": decided(kind="goal", decision="Raise it", goal_id=goal, target="80"),
        "partnership_changes": decided(kind="partnership_change", decision="A new lead", change_kind="leadership"),
    }
    new_goal = decided(kind="goal", decision="All write", due_on="2027-06-01")
    dropped = decided(kind="action", decision="Never mind")
    assert done(act(director, "convening_decisions", dropped, "drop"))["status"] == "dropped"
    done(act(director, "convening_decisions", new_goal, "apply"))
    done(act(director, "convenings", one, "apply"))
    results = {}
    for plural, decision in kinds.items():
        told = director.get(f"/v1/convening_decisions/{decision}").json
        assert (told["status"], told["result_kind"]) == ("applied", plural)
        results[plural] = director.get(f"/v1/{plural}/{told['result_id']}").json
    assert results["action_items"]["description"] == "Call" and results["action_items"]["due_on"] == "2026-12-01"
    assert results["action_items"]["owner_user_id"] == ready.lead
    assert (results["site_plans"]["id"], results["site_plans"]["status"]) == (plan, "draft"), "to be agreed on again"
    assert results["site_plans"]["objectives"] == "Read\nTwice a week"
    assert (results["goals"]["id"], results["goals"]["target"]) == (goal, "80.000000")
    assert results["partnership_changes"]["kind"] == "leadership"
    assert director.get(f"/v1/convening_decisions/{lone}").json["status"] == "applied"
    assert refused(director, "convening_decisions", lone, "apply")["status"] == "applied"
    at = f"/v1/convening_decisions/{lone}"
    assert director.patch(at, {"decision": "Less"}, director.get(at).etag).status == 409


@pytest.mark.shows("convenings.decisions_about")
def test_what_is_decided_about_anything_is_done_by_somebody(ours, subjects, place):
    """A school leader's convening: what is about a need, a partner elsewhere, the site, a goal or nothing."""
    director, ready, leader = ours.director, place.ready, ours.scoped(("school_leader", "site", place.site))
    one, elsewhere = place.convening(**BEGUN), ours.director.created("partners", LEAST["partners"]).id
    need = made(subjects, "needs", site_id=place.site).id
    goal = ready.made("goals", statement="Read", due_on="2027-05-24", target="50")
    owned = {"convening_id": one, "owner_user_id": leader.user, "due_on": "2026-12-01"}
    about = {
        "need": {"kind": "action", "need_id": need}, "partner": {"kind": "action", "partner_id": elsewhere},
        "site": {"kind": "action", "site_id": place.site}, "goal": {"kind": "action", "goal_id": goal},
        "nothing": {"kind": "action"}, "other": {"kind": "other"},
    }
    decisions = {name: made(subjects, "convening_decisions", decision=name, **owned, **fields).id
                 for name, fields in about.items()}
    said = director.post("/v1/convening_decisions", {**owned, "kind": "partnership_change", "decision": "X",
                                                     "change_kind": "process"})
    assert said.faults == {"/partnership_id": "not_allowed"} and "which partnership" in said.json["detail"], said
    assert director.post("/v1/convening_decisions", {
        **owned, **about["need"], "decision": "X", "partner_id": elsewhere}).faults == {"/need_id": "not_allowed"}
    done(act(director, "convenings", one, "hold"))
    done(act(leader, "convenings", one, "apply"))
    items = {}
    for name, decision in decisions.items():
        told = director.get(f"/v1/convening_decisions/{decision}").json
        assert (told["status"], told["result_kind"]) == ("applied", "action_items"), name
        items[name] = director.get(f"/v1/action_items/{told['result_id']}").json
    links = ("partnership_id", "site_id", "need_id", "partner_id", "convening_id")
    expected = {"need": {"need_id": need}, "partner": {"partner_id": elsewhere}, "site": {"site_id": place.site},
                "goal": {"partnership_id": ready.id}, "nothing": {}, "other": {}}
    for name, item in items.items():
        told = {link: item[link] for link in links if item[link]}
        assert told == {**expected[name], **({} if name == "goal" else {"convening_id": one})}, name
    tasks = {task["subject_id"] for task in leader.get("/v1/me/tasks").json["data"]
             if task["kind"] == "action_item"}
    assert {item["id"] for item in items.values()} <= tasks
    assert done(act(leader, "action_items", items["partner"]["id"], "complete"))["status"] == "done"
    nobody = made(subjects, "convening_decisions", convening_id=one, kind="other", decision="More coffee").id
    assert done(act(director, "convening_decisions", nobody, "apply"))["result_id"] is None


def test_what_is_late_of_the_place_itself_is_on_its_agenda(ours, subjects, migrate):
    place = Place(ours, subjects, migrate)
    late = {"description": "Paint the door", "due_on": "2026-11-01"}
    item = ours.director.created("action_items", {**late, "site_id": place.site}).id
    one = place.convening(kind="middle")
    assert ("overdue_action", "Paint the door") in agenda(ours.director, one)
    done(act(ours.director, "action_items", item, "complete"))


def test_an_action_is_about_one_thing(ours, place):
    both = {"description": "X", "partnership_id": place.ready.id, "site_id": place.site}
    assert ours.director.post("/v1/action_items", both).faults == {"/partnership_id": "not_allowed"}
    assert ours.director.created("action_items", {"description": "Alone"}).json["partnership_id"] is None


@pytest.mark.shows("convenings.celebration")
def test_the_wins_of_an_end_become_drafts_of_thanks_and_stories(ours, subjects, migrate):
    place = Place(ours, subjects, migrate)
    director, ready = ours.director, place.ready
    reached = ready.made("milestones", name="First year", due_on="2026-10-01")
    done(act(director, "milestones", reached, "reach"))
    ready.made("goals", statement="Ten books", due_on="2027-05-24", progress="met")
    gift = made(subjects, "gifts", partnership_id=ready.id, partner_id=ready.partner, title="A piano",
                site_id=place.site).id
    migrate.execute("UPDATE gift SET status = 'received', received_on = '2026-10-05', accepted_on = '2026-10-04' "
                    "WHERE id = %s", (gift,))
    migrate.commit()
    one = place.convening(kind="end", host_id=ours.users["coordinator"], **BEGUN)
    win = made(subjects, "agenda_items", convening_id=one, kind="win", title="A choir", partnership_id=ready.id,
               note="They sang in three languages.").id
    made(subjects, "agenda_items", convening_id=one, title="Cake")
    done(act(director, "convenings", one, "hold"))
    made(subjects, "convening_invitees", convening_id=one)
    changed(director, f"/v1/convenings/{one}", notes="We sang.")
    for verb in ("close", "reopen", "close"):
        done(act(director, "convenings", one, verb))
    items = {item["title"]: item for item in listed(director, "agenda_items", one)}
    assert items["A choir"]["id"] == win
    story = director.get(f"/v1/stories/{items['A choir']['story_id']}").json
    assert (story["title"], story["text"], story["status"], story["site_id"], story["owner_id"]) == (
        "A choir", "They sang in three languages.", "draft", place.site, ours.users["coordinator"])
    [about] = director.get("/v1/story_subjects", {"story_id": story["id"]}).json["data"]
    assert about["partnership_id"] == ready.id
    assert (items["Cake"]["story_id"], items["Cake"]["thank_you_id"], items["A piano"]["story_id"]) == (None,) * 3
    stories = director.get("/v1/stories", {"site_id": place.site}).json["data"]
    assert sorted(s["title"] for s in stories) == ["A choir", "First year", "Ten books"]
    thanks = director.get("/v1/thank_yous", {"partnership_id": ready.id}).json["data"]
    assert sorted((t["occasion"], t["milestone_id"], t["status"]) for t in thanks if not t["gift_id"]) == [
        ("milestone", reached, "draft"), ("win", None, "draft")], "one for the partnership"
    [thank] = [t for t in thanks if t["occasion"] == "win"]
    assert sorted(thank["about"].split("; ")) == ["A choir", "Ten books"]
    assert f"There is something to celebrate: {thank['about']}." in thank["text"]
    assert items["A choir"]["thank_you_id"] == items["Ten books"]["thank_you_id"] is not None


@pytest.mark.shows("convenings.life")
def test_whose_grant_is_over_the_place_does_all_of_it_and_nothing_elsewhere(ours, subjects, migrate):
    network = made(subjects, "networks").id
    place = Place(ours, subjects, migrate, network_id=network)
    ready = place.ready
    for grant, fields in ((("school_leader", "site", place.site), {"site_id": place.site}),
                          (("coordinator", "network", network), {"network_id": network})):
        who = ours.scoped(grant)
        for outside in ({}, {"site_id": ours.director.site().id}):
            answer = who.post("/v1/convenings", {**APART["convenings"], **outside})
            assert (answer.status, answer.type) == (403, "forbidden"), answer
        one = who.created("convenings", {**APART["convenings"], **fields, "kind": "end"}).id
        done(act(who, "convenings", one, "invite"))
        lead = next(p for p in listed(who, "convening_invitees", one) if p["contact_id"] == ready.contact)
        done(act(who, "convening_invitees", lead["id"], "answer", answer="accepted"))
        changed(who, f"/v1/convenings/{one}", location="The gym")
        who.created("agenda_items", {"convening_id": one, "kind": "win", "title": "A win", "partnership_id": ready.id})
        migrate.execute("UPDATE convening SET starts_at = '2026-11-20T15:00Z', ends_at = '2026-11-20T16:00Z' "
                        "WHERE id = %s", (one,))
        migrate.commit()
        done(act(who, "convenings", one, "hold"))
        done(act(who, "convenings", one, "attend", present=[lead["id"]]))
        who.created("convening_decisions", {"convening_id": one, "kind": "action", "decision": "Call",
                                            "partnership_id": ready.id})
        done(act(who, "convenings", one, "apply"))
        done(act(who, "convenings", one, "introduce"))
        changed(who, f"/v1/convenings/{one}", notes="All came.")
        done(act(who, "convenings", one, "close"))
        [win] = [i for i in listed(who, "agenda_items", one) if i["title"] == "A win"]
        assert win["story_id"] and win["thank_you_id"]
        template = made(subjects, "convening_templates", kind="start").id
        plan = {"convening_template_id": template, "school_year": next(YEARS)}
        whole = who.created("convening_plans", plan).id
        assert act(who, "convening_plans", whole, "commit").status == 403, "of all sites"
        own = who.created("convening_plans", {**plan, "site_ids": [place.site]}).id
        assert done(act(who, "convening_plans", own, "commit"))["made"] == 1


@pytest.mark.shows("convenings.my_tasks")
def test_what_is_to_be_done_about_one_waits_for_who_sees_to_it(ours, subjects, migrate):
    place = Place(ours, subjects, migrate)
    post = made(subjects, "posts", site_id=place.site, kind="partnership_lead", title="Lead").id
    made(subjects, "post_holders", post_id=post, user_id=ours.users["coordinator"])
    to_invite = place.convening(kind="start")
    to_hold = place.convening(kind="middle", **BEGUN)
    mine = place.convening(host_id=ours.users["school_leader"], **BEGUN)
    done(act(ours.director, "convenings", mine, "hold"))
    decision = made(subjects, "convening_decisions", convening_id=mine, owner_user_id=ours.users["school_leader"],
                    due_on="2026-11-20").id

    def tasks(caller):
        told = caller.get("/v1/me/tasks").json["data"]
        return {(t["kind"], t["subject_id"]) for t in told
                if t["subject_id"] in (to_invite, to_hold, mine, decision)}

    assert tasks(ours.coordinator) == {("convening_invitation", to_invite), ("convening_attendance", to_hold)}
    assert tasks(ours.school_leader) == {("convening_attendance", mine), ("convening_notes", mine),
                                         ("convening_decision", decision)}
