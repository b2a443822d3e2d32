"""Priorities, assessments, needs, and the guard of employees' work."""

import json

import pytest
from fields import least
from importing import counts, load, revert, rows, unique
from needing import changed, did, made_need, open_need, pledge, refused, transitions

from world import NOW, insert, uuid7

REASON = {"reason": "Because."}


def listed(caller, plural, **query):
    return [row["id"] for row in caller.get(f"/v1/{plural}", query).json["data"]]


# ---- Priorities ----------------------------------------------------------------------------------


@pytest.mark.shows("needs.priorities", "needs.priority_life", "needs.priority_revised")
def test_a_priority_is_adopted_and_closed_and_then_stays_as_it_is(ours):
    caller = ours.director
    one = caller.created("priorities", least(caller, "priorities")).id
    path = f"/v1/priorities/{one}"
    assert refused(caller, "priorities", one, "close", **REASON)["possible"] == ["adopt"]
    assert changed(caller, path, statement="All read by grade 3")["status"] == "draft"
    adopted = did(caller, "priorities", one, "adopt")
    assert (adopted["adopted_on"], adopted["adopted_by"]) == ("2026-11-21", ours.users["director"])
    answer = caller.patch(path, {"statement": "Some read"}, caller.get(path).etag)
    assert (answer.status, answer.json["state"]) == (409, {"status": "adopted"}), answer
    for measure in ({"target": "95.5"}, {"baseline": "1"}, {"direction": "down"}):
        answer = caller.patch(path, measure, caller.get(path).etag)
        assert (answer.status, answer.json["state"]) == (409, {"status": "adopted"}), answer
        assert "with a reason" in answer.json["detail"]
    answer = caller.post(f"{path}/revise", {"target": "95.5"})
    assert (answer.status, answer.faults) == (422, {"/reason": "required"}), answer
    revised = did(caller, "priorities", one, "revise", target="95.5", reason="The state moved its line.")
    assert (revised["target"], revised["baseline"], revised["status"]) == ("95.500000", None, "adopted")
    assert (revised["revision_reason"], revised["revised_on"], revised["revised_by"]) == (
        "The state moved its line.", "2026-11-21", ours.users["director"])
    assert caller.patch(path, {"target": "1"}, caller.get(path).etag).status == 409, "once"
    assert did(caller, "priorities", one, "close", **REASON)["status_reason"] == "Because."


@pytest.mark.shows("needs.priorities_side_by_side", "needs.priorities_carried")
def test_this_years_and_the_next_ones_stand_side_by_side(ours):
    caller, site = ours.director, ours.director.site().id
    body = {**least(caller, "priorities"), "site_id": site, "target": "80", "baseline": "70"}
    one = caller.created("priorities", body).id
    did(caller, "priorities", one, "adopt")
    did(caller, "priorities", one, "carry_over")
    rows = caller.get("/v1/priorities", {"school_year": "2027,2028", "site_id": site}).json["data"]
    assert [(row["school_year"], row["status"]) for row in rows] == [
        (2027, "adopted"), (2028, "draft")]
    carried = rows[1]
    assert (carried["carried_from_id"], carried["statement"]) == (one, body["statement"])
    assert (carried["baseline"], carried["target"]) == ("80.000000", None)
    assert refused(caller, "priorities", one, "carry_over")["missing"] == ["carried"]
    path = f"/v1/priorities/{carried['id']}"
    assert caller.archive(path, caller.get(path).etag).status == 204
    did(caller, "priorities", one, "carry_over")


@pytest.mark.shows("needs.places")
def test_a_place_is_the_districts_a_networks_or_a_sites_and_written_by_who_covers_it(ours):
    caller = ours.director
    network = caller.created("networks", {"name": "North"}).id
    sites = [caller.site(network_id=network).id for _ in range(2)]
    whole = ours.scoped(("coordinator", "network", network))
    part = ours.scoped(("coordinator", "site", sites[0]))
    body = least(caller, "priorities")
    both = caller.post("/v1/priorities", {**body, "network_id": network, "site_id": sites[0]})
    assert (both.status, both.faults) == (422, {"/network_id": "not_allowed"}), both
    assert whole.post("/v1/priorities", {**body, "network_id": network}).status == 201
    assert whole.post("/v1/priorities", {**body, "site_id": sites[1]}).status == 201
    assert part.post("/v1/priorities", {**body, "site_id": sites[0]}).status == 201
    for who, place in ((part, {"network_id": network}), (part, {"site_id": sites[1]}), (whole, {})):
        assert who.post("/v1/priorities", {**body, **place}).status == 403, place
    empty = caller.created("networks", {"name": "Empty"}).id
    assert whole.post("/v1/priorities", {**body, "network_id": empty}).status == 403


@pytest.mark.shows("needs.assessments_filled")
def test_an_assessment_is_filled_by_its_closed_survey_and_says_so(ours, migrate):
    caller, closes = ours.director, "2026-11-20"
    survey = caller.created("surveys", {**least(caller, "surveys"), "mode": "attributed"}).id
    one = caller.created("assessments", least(caller, "assessments")).id
    assert refused(caller, "assessments", one, "fill")["missing"] == ["survey"]
    path = f"/v1/assessments/{one}"
    named = caller.patch(path, {"survey_id": survey}, caller.get(path).etag)
    assert refused(caller, "assessments", one, "fill") == {"status": "draft"}
    migrate.execute("UPDATE survey SET status = 'closed', opens_on = %s, closes_on = %s WHERE id = %s",
                    (closes, closes, survey))
    migrate.commit()
    filled = did(caller, "assessments", one, "fill")
    assert (filled["source"], filled["asked_on"], filled["filled_by"]) == ("survey", closes, ours.users["director"])
    assert (filled["findings"]["survey_id"], filled["findings"]["mode"]) == (survey, "attributed")
    assert "comments" not in filled["findings"] and filled["summary"] == named.json["summary"]
    assert ours.viewer.get(path).json["findings"] is None
    again = caller.patch(path, {"survey_id": None}, caller.get(path).etag).json
    assert (again["findings"], again["filled_at"], again["filled_by"]) == (None, None, None)


@pytest.mark.shows("needs.survey_needs")
def test_an_assessment_of_a_school_has_what_its_own_families_said_and_what_matters_most(ours, migrate):
    """Of a survey that asked at several schools, of staff and families."""
    caller, here, there = ours.director, ours.director.site().id, ours.director.site().id
    questions = [{"code": code, "kind": "importance_occurrence", "section": "s", "factor": None, "required": True,
                  "text": {"en": code}} for code in ("safe", "arts", "food")]
    instrument, survey = uuid7(), uuid7()
    insert(migrate, "instrument", {"district_id": ours.id, "id": instrument, "code": "needs_of_schools", "edition": 1, "name": "Needs",
                                   "locales": ["en"], "subject": "none", "sections": json.dumps([{"code": "s", "title": {"en": "S"}}]), "questions": json.dumps(questions),
                                   "created_at": NOW, "updated_at": NOW})
    insert(migrate, "survey", {"district_id": ours.id, "id": survey, "name": "Needs", "instrument_id": instrument, "mode": "confidential",
                               "status": "open", "school_year": 2027, "opens_on": "2026-11-01", "closes_on": "2030-01-01",
                               "opened_at": NOW, "created_at": NOW, "updated_at": NOW})
    for site, audience, many, gaps in ((here, "family", 6, (1, 4, 2)), (here, "staff", 5, (4, 0, 0)), (there, "family", 7, (0, 0, 0))):
        for _ in range(many):
            answers = {q["code"]: {"importance": 5, "occurrence": 5 - gap} for q, gap in zip(questions, gaps)}
            insert(migrate, "survey_answer", {
                "district_id": ours.id, "id": uuid7(), "survey_id": survey, "audience": audience, "site_id": site,
                "status": "submitted", "answers": json.dumps(answers), "created_at": NOW, "updated_at": NOW})
    migrate.commit()
    assert caller.post(f"/v1/surveys/{survey}/close", {}).status == 200
    one = caller.created("assessments", {**least(caller, "assessments"), "site_id": here, "audience": "families",
                                         "survey_id": str(survey)}).id
    filled = did(caller, "assessments", one, "fill")
    assert filled["people"] == filled["findings"]["answers"] == 6 and filled["findings"]["audience"] == "family"
    assert [(need["code"], need["gap"]) for need in filled["findings"]["needs"]] == [
        ("arts", "4.00"), ("food", "2.00"), ("safe", "1.00")]


@pytest.mark.shows("needs.assessments")
def test_what_was_said_leads_to_priorities_and_needs(ours):
    caller = ours.director
    said = caller.created("assessments", least(caller, "assessments")).id
    priority = caller.created("priorities", {**least(caller, "priorities"), "assessment_id": said}).id
    need = made_need(ours, assessment_id=said, priority_id=priority)
    told = caller.get(f"/v1/assessments/{said}?expand=needs,priorities").json
    assert [row["id"] for row in told["needs"]["data"]] == [need]
    assert [row["id"] for row in told["priorities"]["data"]] == [priority]
    assert listed(caller, "needs", priority_id=priority) == [need]


# ---- Needs ---------------------------------------------------------------------------------------


@pytest.mark.shows("needs.life", "needs.capacity_review")
def test_a_need_is_open_after_the_district_has_looked_for_it_itself(ours):
    caller, one = ours.director, made_need(ours)
    assert transitions(caller, "needs", one) == {"submit": [], "withdraw": []}
    did(ours.school_leader, "needs", one, "submit")
    assert refused(caller, "needs", one, "open")["missing"] == ["capacity"]
    found = {"internal_capacity": "available", "reason": "The depot has ten."}
    answer = ours.school_leader.post(f"/v1/needs/{one}/review", found)
    assert answer.status == 403, "who asks for it does not look for it"
    reviewed = did(ours.coordinator, "needs", one, "review", **found, displacement_note="Nobody's")
    assert (reviewed["internal_capacity"], reviewed["displacement_note"]) == ("available", "Nobody's")
    assert reviewed["reviewed_by"] == ours.users["coordinator"]
    assert refused(caller, "needs", one, "open")["missing"] == ["capacity_available"]
    assert did(caller, "needs", one, "return", **REASON)["status_reason"] == "Because."
    did(caller, "needs", one, "submit")
    did(caller, "needs", one, "review", internal_capacity="service_center", reason="Part of it")
    opened = did(caller, "needs", one, "open")
    assert opened["status"] == "open" and opened["opened_at"]


@pytest.mark.shows("needs.capacity_review")
def test_a_need_that_changes_is_looked_at_again(ours):
    caller, site = ours.director, ours.director.site().id
    one = open_need(ours)
    path = f"/v1/needs/{one}"
    for change in ({"title": "Others"}, {"description": "Others"}, {"resource_kinds": ["mentors"]}, {"site_id": site},
                   {"resource_kinds": ["money"]},
                   {"focus_area_id": caller.created("focus_areas", {"name": unique("Chess")}).id}):
        now = changed(caller, path, **change)
        assert (now["status"], now["internal_capacity"], now["opened_at"]) == ("capacity_review", None, None), change
        did(caller, "needs", one, "review", internal_capacity="none", reason="None")
        now = changed(caller, path, needed_by="2027-02-01", people_affected=3)
        assert now["internal_capacity"] == "none", "nobody has looked at that"
        if change.get("resource_kinds") == ["money"]:
            did(caller, "needs", one, "open")
    assert changed(caller, path, title="Still others")["internal_capacity"] is None, "looked at, and not open yet"
    did(caller, "needs", one, "review", internal_capacity="none", reason="None")
    did(caller, "needs", one, "open")
    promised = pledge(ours, one)
    for verb in (None, "accept", "deliver"):
        if verb:
            did(caller, "pledges", promised, verb)
        answer = caller.patch(path, {"title": "Something else"}, caller.get(path).etag)
        assert (answer.status, "status" in answer.json["state"]) == (409, True), answer


@pytest.mark.shows("needs.expiry", "needs.withdrawal")
def test_a_need_expires_after_its_day_and_comes_again(ours):
    caller, one = ours.director, open_need(ours, needed_by="2026-11-21")
    late = made_need(ours, needed_by="2026-11-20")
    did(caller, "needs", late, "submit")
    did(caller, "needs", late, "review", internal_capacity="none", reason="We have none.")
    assert refused(caller, "needs", late, "open")["missing"] == ["needed_by_over"]
    assert refused(caller, "needs", one, "expire")["missing"] == ["needed_by"]
    changed(caller, f"/v1/needs/{one}", needed_by="2026-11-20")
    did(caller, "needs", one, "expire")
    again = did(caller, "needs", one, "reopen")
    assert (again["status"], again["internal_capacity"], again["opened_at"]) == ("draft", None, None)
    did(caller, "needs", one, "withdraw", **REASON)
    assert transitions(caller, "needs", one) == {"reopen": []}


@pytest.mark.shows("needs.withdrawal")
def test_a_need_is_not_withdrawn_from_who_is_about_to_bring_it(ours):
    caller, one = ours.director, open_need(ours, quantity=5)
    promised = pledge(ours, one, 2)
    did(caller, "pledges", promised, "accept")
    assert refused(caller, "needs", one, "withdraw", **REASON)["missing"] == ["pledges"]
    did(caller, "pledges", promised, "deliver")
    assert did(caller, "needs", one, "withdraw", **REASON)["delivered"] == 2


# ---- The guard of employees' work ----------------------------------------------------------------


def guarded(tenant, **fields):
    """A need of people's work that lacks a decision alone."""
    one = made_need(tenant, resource_kinds=["mentors", "money"], **fields)
    did(tenant.director, "needs", one, "submit")
    did(tenant.director, "needs", one, "review", internal_capacity="none", reason="None")
    return one


def proposal(tenant, done_by_employees, **fields):
    body = {"proposal": "Volunteers tutor", "done_by_employees": done_by_employees, **fields}
    return tenant.director.created("displacement_reviews", body).id


@pytest.mark.shows("needs.guard")
def test_a_need_of_peoples_work_is_open_when_nobody_is_displaced(ours):
    caller, one = ours.director, guarded(ours)
    assert refused(caller, "needs", one, "open")["missing"] == ["displacement"]
    review = proposal(ours, False, need_id=one)
    assert refused(caller, "needs", one, "open")["missing"] == ["displacement"]
    decided = did(caller, "displacement_reviews", review, "decide", kind="new", **REASON)
    assert (decided["status"], decided["decided_by"]) == ("cleared", ours.users["director"])
    did(caller, "needs", one, "open")


@pytest.mark.shows("needs.guard_approval")
def test_what_displaces_needs_an_executive(ours):
    caller, one = ours.director, guarded(ours)
    review = proposal(ours, True, need_id=one)
    wrong = caller.post(f"/v1/displacement_reviews/{review}/decide", {"kind": "new", **REASON})
    assert (wrong.status, wrong.faults) == (422, {"/kind": "not_allowed"}), wrong
    assert did(caller, "displacement_reviews", review, "decide", kind="displaces", **REASON)[
        "status"] == "approval"
    assert refused(caller, "needs", one, "open")["missing"] == ["displacement"]
    path = f"/v1/displacement_reviews/{review}"
    for who in (caller, ours.coordinator, ours.school_leader):
        assert who.post(f"{path}/approve", REASON).status == 403, who.role
    did(ours.executive, "displacement_reviews", review, "refuse", **REASON)
    assert refused(caller, "needs", one, "open")["missing"] == ["displacement"]
    did(caller, "displacement_reviews", review, "reopen")
    did(caller, "displacement_reviews", review, "decide", kind="displaces", **REASON)
    approved = did(ours.executive, "displacement_reviews", review, "approve", **REASON)
    assert (approved["status"], approved["approved_by"]) == ("approved", ours.users["executive"])
    answer = caller.patch(path, {"proposal": "Others"}, caller.get(path).etag)
    assert (answer.status, answer.json["state"]) == (409, {"status": "approved"}), answer
    did(caller, "needs", one, "open")


@pytest.mark.shows("needs.guard_proposals")
def test_a_proposal_without_a_need_is_looked_at_too(ours):
    caller, site = ours.director, ours.director.site().id
    partner = caller.partner().id
    review = proposal(ours, False, partner_id=partner, site_id=site, consulted="The union")
    assert listed(caller, "displacement_reviews", partner_id=partner, status="open") == [review]
    answer = caller.post(f"/v1/displacement_reviews/{review}/decide", {"kind": "displaces", **REASON})
    assert (answer.status, answer.faults) == (422, {"/kind": "not_allowed"}), answer
    assert did(caller, "displacement_reviews", review, "decide", kind="new", **REASON)[
        "status"] == "cleared"


def test_a_review_of_a_need_is_at_the_needs_place(ours):
    site = ours.director.site().id
    need = made_need(ours, site_id=site)
    told = ours.director.get(f"/v1/displacement_reviews/{proposal(ours, False, need_id=need)}").json
    assert told["site_id"] == site
    leader = ours.scoped(("school_leader", "site", site))
    body = {"need_id": need, "proposal": "P", "done_by_employees": False}
    assert leader.post("/v1/displacement_reviews", body).status == 201
    elsewhere = {**body, "need_id": made_need(ours), "site_id": site}
    assert leader.post("/v1/displacement_reviews", elsewhere).status == 403


def test_a_need_of_another_district_is_none(ours, theirs):
    for body in ({"need_id": made_need(theirs)}, {"need_id": uuid7()}):
        answer = ours.director.post("/v1/displacement_reviews", {
            **body, "proposal": "P", "done_by_employees": False})
        assert (answer.status, answer.faults) == (422, {"/need_id": "unknown_id"}), answer


@pytest.mark.shows("needs.imports")
def test_needs_come_by_file_as_drafts_and_go_again(ours):
    caller, area = ours.admin, ours.admin.created("focus_areas", {"name": unique("Robotics")}).json
    site = caller.site(name=unique("Roosevelt High"), local_id=unique("L")).json
    line = f"{unique('Ten mentors')},{{}},{area['name']},10,2027-03-01\n"
    file = "title,site,focus_area,quantity,needed_by\n" + line.format(site["local_id"]) + line.format("")
    report = load(caller, "needs", file + line.format("Nowhere"))
    assert counts(report) == (2, 0, 0, 1), rows(caller, report)
    assert listed(caller, "needs", site_id=site["id"], status="draft")
    assert counts(load(caller, "needs", file)) == (0, 0, 2, 0), "two places, two needs"
    assert revert(caller, report)["reverted"] == 2


@pytest.mark.shows("needs.found")
def test_needs_are_found_by_the_network_of_their_school_and_by_what_would_serve_them(ours):
    director = ours.director
    network, other = (director.created("networks", {"name": name}).id for name in ("River", "Hill"))
    site = director.site(network_id=network).id
    of_school = made_need(ours, site_id=site, resource_kinds=["food", "space"])
    of_network = made_need(ours, site_id=None, network_id=network, resource_kinds=["food"])
    made_need(ours, site_id=None, network_id=other, resource_kinds=["space"])

    def found(**query):
        return {one["id"] for one in director.get("/v1/needs", {**query, "limit": 200}).json["data"]}

    assert found(in_network_id=network) == {of_school, of_network}
    assert found(in_network_id=network, resource_kind="space") == {of_school}
    assert found(in_network_id=f"{network},{other}", resource_kind="food") == {of_school, of_network}
    assert director.get("/v1/needs", {"resource_kind": "gold"}).status == 400


@pytest.mark.shows("needs.call_answers")
def test_asks_and_pledges_are_found_by_the_call_that_they_answer(ours):
    director = ours.director
    call = director.created("calls_to_action", {
        "title": "Coats", "situation": "It is cold.", "focus_area_id": least(director, "needs")["focus_area_id"],
        "resource_kinds": ["money"], "quantity": 10, "deadline": "2099-01-01"}).id
    did(director, "calls_to_action", call, "open")
    did(director, "calls_to_action", call, "allocate", site_id=director.site().id, quantity=5)
    need = director.get("/v1/needs", {"call_to_action_id": call}).json["data"][0]["id"]
    ask = director.created("asks", {"need_id": need, "partner_id": director.partner().id}).id
    promised = pledge(ours, need)
    pledge(ours, open_need(ours))
    for plural, one in (("asks", ask), ("pledges", promised)):
        assert [row["id"] for row in director.get(f"/v1/{plural}", {"call_to_action_id": call}).json["data"]] == [one]
