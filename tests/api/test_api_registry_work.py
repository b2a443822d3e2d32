"""How partners come and are kept: champions, inquiries, introductions, and the yearly roll call."""

import pytest
from api_world import Caller, running_api
from partnering import put


def act(caller, plural, one, verb, **body):
    return caller.post(f"/v1/{plural}/{one}/{verb}", body)


@pytest.mark.shows("registry.champions", "registry.champion_task")
def test_a_champion_is_followed_until_the_milestone_and_nobody_else_knows(ours):
    contact = ours.director.created("contacts", {"name": "The Mayor"}).id
    made = ours.director.created("champions", {"contact_id": contact, "milestone": "A new library"})
    assert (made.json["owner_id"], made.json["status"]) == (ours.users["director"], "identified")
    step = {"champion_id": made.id, "on_date": "2026-12-01", "kind": "meeting"}
    ours.director.created("champion_steps", step)
    assert ours.coordinator.get(f"/v1/champions/{made.id}").status == 404
    assert ours.viewer.get("/v1/champions").status == 403
    assert made.id not in {one["id"] for one in ours.coordinator.get("/v1/champions").json["data"]}
    assert ours.coordinator.get("/v1/champion_steps", {"champion_id": made.id}).json["data"] == []
    assert act(ours.director, "champions", made.id, "ask").status == 409

    def waits():
        return [(task["kind"], task["title"], task["due_on"]) for task in ours.director.get("/v1/me/tasks").json["data"]
                if task["subject_id"] == made.id]

    path = f"/v1/champions/{made.id}"
    assert waits() == []
    due = ours.director.patch(path, {"milestone_due_on": "2026-12-01"}, made.etag)
    assert waits() == [("champion_milestone", "The Mayor: A new library", "2026-12-01")]
    moved = ours.director.patch(path, {"milestone_due_on": "2027-03-01"}, due.etag)
    assert waits() == [], "it has another day"
    assert ours.director.patch(path, {"milestone_due_on": "2026-11-20"}, moved.etag).status == 200
    assert len(waits()) == 1
    for verb in ("cultivate", "ask", "support"):
        assert act(ours.director, "champions", made.id, verb).status == 200
    reached = act(ours.director, "champions", made.id, "reach").json
    assert (reached["status"], reached["milestone_on"]) == ("reached", "2026-11-21") and waits() == []
    assert ours.director.post("/v1/champions", {"contact_id": contact}).faults == {"/contact_id": "taken"}


@pytest.mark.shows("registry.inquiries_known", "registry.inquiries", "registry.inquiries_convert")
def test_an_inquiry_becomes_a_prospect_and_an_offer_in_one_step(ours):
    site = ours.director.site().id
    body = {
        "organization": "Gadget Works", "name": "Ann Lee", "email": "ann@gadget.example.org",
        "message": "We have laptops.", "kind": "business", "offer_kind": "equipment", "site_id": site,
    }
    made = ours.coordinator.created("inquiries", body)
    assert (made.json["status"], made.json["source"], made.json["answer_by"]) == (
        "new", "staff", "2026-11-28")
    assert act(ours.coordinator, "inquiries", made.id, "assign", owner_id=ours.users["director"]).status == 200
    answered = act(ours.coordinator, "inquiries", made.id, "answer", answer="Thank you!").json
    assert (answered["status"], answered["owner_id"]) == ("answered", ours.users["director"])
    done = act(ours.coordinator, "inquiries", made.id, "convert", quantity=20, unit="laptops").json
    partner = ours.viewer.get(f"/v1/partners/{done['partner_id']}").json
    assert (partner["name"], partner["kind"], partner["stage"], partner["owner_id"]) == (
        "Gadget Works", "business", "prospect", ours.users["director"])
    offer = ours.viewer.get(f"/v1/offers/{done['offer_id']}").json
    assert (offer["kind"], offer["remaining"], offer["partner_id"]) == (
        "equipment", 20, done["partner_id"])
    (held,) = ours.viewer.get("/v1/affiliations", {"partner_id": done["partner_id"]}).json["data"]
    assert held["contact_id"] == done["contact_id"]
    again = act(ours.coordinator, "inquiries", made.id, "convert")
    assert (again.status, again.type) == (409, "conflict"), again

    second = ours.coordinator.created("inquiries", body).id
    shown = ours.coordinator.get(f"/v1/inquiries/{second}/duplicates").json
    assert [(one["id"], one["name"]) for one in shown["duplicates"]] == [(done["partner_id"], "Gadget Works")]
    known = act(ours.coordinator, "inquiries", second, "convert")
    assert (known.status, known.json["state"]["duplicates"]) == (409, [done["partner_id"]]), "it is known already"
    fourth = ours.coordinator.created("inquiries", body).id
    other = act(ours.coordinator, "inquiries", fourth, "convert", is_new=True).json
    assert other["partner_id"] not in (None, done["partner_id"])
    taken = act(ours.coordinator, "inquiries", second, "convert", partner_id=done["partner_id"]).json
    assert (taken["partner_id"], taken["contact_id"]) == (done["partner_id"], done["contact_id"])
    third = ours.coordinator.created("inquiries", body).id
    assert act(ours.coordinator, "inquiries", third, "discard").json["status"] == "spam"
    assert act(ours.coordinator, "inquiries", third, "reopen").json["status"] == "new"
    assert act(ours.coordinator, "inquiries", third, "decline", reason="No.").json["status"] == "declined"
    assert ours.viewer.get("/v1/inquiries").status == 403


@pytest.mark.shows("registry.inquiries_public")
def test_anybody_may_ask_to_work_with_the_schools(api, ours, theirs):
    anybody = Caller(api, None)
    body = {"organization": "Kind Hearts", "name": "Bo", "email": "Bo@example.org", "message": "Hello!",
            "district": ours.district.slug}
    answer = anybody.post("/v1/public_inquiries", body)
    assert (answer.status, answer.json) == (202, {"answer_by": "2026-11-28"}), answer
    (made,) = ours.coordinator.get("/v1/inquiries", {"source": "public"}).json["data"]
    assert (made["organization"], made["email"], made["status"]) == (
        "Kind Hearts", "bo@example.org", "new")
    assert theirs.coordinator.get("/v1/inquiries").json["data"] == []
    trapped = anybody.post("/v1/public_inquiries", {**body, "fax": "1"})
    assert (trapped.status, trapped.json) == (202, answer.json), "it is not told"
    assert len(ours.coordinator.get("/v1/inquiries", {"status": "spam"}).json["data"]) == 1
    for more, pointer in (({"district": "nowhere"}, "/district"), ({"status": "new"}, "/status")):
        refused = anybody.post("/v1/public_inquiries", {**body, **more})
        assert refused.status == 422 and set(refused.faults) == {pointer}, refused


@pytest.mark.shows("registry.inquiries_public")
def test_of_one_network_few_come_at_a_time(database):
    with running_api(database, KITH_RATE_SIGN_INS="2") as api:
        answers = [Caller(api, None).post("/v1/public_inquiries", {}).status for _ in range(3)]
    assert answers == [422, 422, 429]


@pytest.mark.shows("registry.introductions")
def test_who_introduced_whom_to_which_site_and_what_came_of_it(ours):
    body = {"partner_id": ours.director.partner().id, "site_id": ours.director.site().id,
            "on_date": "2026-11-20", "introduced_by_user_id": ours.users["director"]}
    made = ours.coordinator.created("introductions", body)
    path = f"/v1/introductions/{made.id}"
    met = ours.coordinator.patch(path, {"outcome": "met"}, made.etag)
    assert met.json["outcome"] == "met"
    contact = ours.director.created("contacts", {"name": "Ann"}).id
    both = ours.coordinator.patch(path, {"introduced_by_contact_id": contact}, met.etag)
    assert both.faults == {"/introduced_by_contact_id": "not_allowed"}, both


@pytest.mark.shows("registry.introductions_followed")
def test_what_came_of_an_introduction_is_asked_after_a_month_and_a_partnership_answers(ours, migrate):
    director, site = ours.director, ours.director.site().id
    partner = director.partner().id
    ones = {day: director.created("introductions", {
        "partner_id": partner, "site_id": site, "on_date": day, "introduced_by_user_id": ours.users["coordinator"]}).id
        for day in ("2026-10-22", "2026-10-23")}

    def waits():
        tasks = ours.coordinator.get("/v1/me/tasks").json["data"]
        return {task["subject_id"] for task in tasks if task["kind"] == "introduction"}

    assert waits() & set(ones.values()) == {ones["2026-10-22"]}
    elsewhere = director.created("introductions", {
        "partner_id": partner, "site_id": director.site().id, "on_date": "2026-10-01"}).id
    begun = director.created("partnerships", {"name": "P", "partner_id": partner, "arrangement": "program",
                                              "lead_site_id": site, "purpose": "Read"}).id
    put(migrate, "partnership", begun, "active")
    outcomes = {one: director.get(f"/v1/introductions/{one}").json["outcome"] for one in (*ones.values(), elsewhere)}
    assert outcomes == {**dict.fromkeys(ones.values(), "partnership"), elsewhere: "pending"}
    assert waits() & set(ones.values()) == set()
    mayor = director.created("contacts", {"name": "The Mayor of the month"}).id
    for who in ({"organization": "The Rotary"}, {"contact_id": mayor}):
        one = director.created("introductions", {
            **who, "site_id": site, "on_date": "2026-10-22", "introduced_by_user_id": ours.users["coordinator"]})
        assert one.id in waits(), who
        assert ours.director.patch(f"/v1/introductions/{one.id}", {"outcome": "none"}, one.etag).status == 200
        assert one.id not in waits()


@pytest.mark.shows("registry.roll_calls", "registry.roll_calls_add")
def test_a_school_says_each_year_who_is_still_there(ours):
    site = ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    led = ours.director.partner(name="Led Here", lead_site_id=site).id
    running = ours.director.partner(name="Runs Here").id
    program = ours.director.created("programs", {"name": "P", "partner_id": running}).id
    ours.director.created("program_sites", {"program_id": program, "site_id": site})
    ours.director.partner(name="Elsewhere")
    call = leader.created("roll_calls", {"site_id": site, "school_year": 2027, "due_on": "2026-11-20"})
    assert (call.json["listed"], call.json["marked"], call.json["overdue"]) == (2, 0, True)
    marks = leader.get("/v1/roll_call_marks", {"roll_call_id": call.id}).json["data"]
    assert {mark["partner_id"] for mark in marks} == {led, running}
    refused = act(leader, "roll_calls", call.id, "submit")
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["marks"]), refused
    for mark in marks:
        path = f"/v1/roll_call_marks/{mark['id']}"
        assert leader.patch(path, {"mark": "still_here"}, leader.get(path).etag).status == 200

    alike = act(leader, "roll_calls", call.id, "add", name="Elsewhere Inc.")
    assert (alike.status, [one["name"] for one in alike.json["state"]["duplicates"]]) == (
        409, ["Elsewhere"]), alike
    assert act(leader, "roll_calls", call.id, "add", name="Elsewhere Inc.", is_new=True).json["listed"] == 3
    assert act(leader, "roll_calls", call.id, "add").faults == {"/partner_id": "not_allowed"}
    submitted = act(leader, "roll_calls", call.id, "submit")
    assert (submitted.json["status"], submitted.json["submitted_by"]) == ("submitted", leader.user)
    late = leader.patch(path, {"mark": "ended"}, leader.get(path).etag)
    assert (late.status, late.type) == (409, "conflict"), late
    assert act(leader, "roll_calls", call.id, "confirm").status == 403
    confirmed = act(ours.director, "roll_calls", call.id, "confirm").json
    assert (confirmed["status"], confirmed["submitted_by"]) == ("confirmed", leader.user)
    twice = leader.post("/v1/roll_calls", {"site_id": site, "school_year": 2027, "due_on": "2027-01-01"})
    assert twice.faults == {"/school_year": "taken"}, twice


@pytest.mark.shows("registry.roll_calls")
def test_a_roll_call_lists_who_works_there_today(ours, migrate):
    site = ours.director.site().id
    first, beside, left = (ours.director.partner(name=name).id for name in ("First", "Beside it", "Has left"))
    both = ours.director.created("partnerships", {"name": "Two of them", "partner_id": first, "lead_site_id": site,
                                                  "arrangement": "program"}).id
    ours.director.created("partnership_partners", {"partnership_id": both, "partner_id": beside, "role": "provider"})
    put(migrate, "partnership", both, "active")
    program = ours.director.created("programs", {"name": "Over", "partner_id": left}).id
    ours.director.created("program_sites", {"program_id": program, "site_id": site, "until_date": "2026-06-30"})
    call = ours.director.created("roll_calls", {"site_id": site, "school_year": 2027, "due_on": "2026-12-20"}).id
    marks = ours.director.get("/v1/roll_call_marks", {"roll_call_id": call}).json["data"]
    assert {mark["partner_id"] for mark in marks} == {first, beside}
