"""Calls to action, snapshots of the landscape, and portfolio reviews."""

import threading

import pytest
from administering import owns
from api_world import Caller
from fields import least
from needing import changed, did, open_need, pledge, refused, transitions
from partnering import Ready, agreement, act_on, put, signed

REASON = {"reason": "Because."}


# ---- Calls to action -----------------------------------------------------------------------------


def call(tenant, **fields):
    body = {**least(tenant.director, "calls_to_action"), "resource_kinds": ["money"], **fields}
    return tenant.executive.created("calls_to_action", body).id


def report(tenant, one):
    return tenant.viewer.get(f"/v1/calls_to_action/{one}/report").json


@pytest.mark.shows("needs.calls")
def test_a_call_is_opened_extended_and_closed_by_executives_and_directors(ours):
    who, one = ours.executive, call(ours)
    assert ours.coordinator.post(f"/v1/calls_to_action/{one}/open", {}).status == 403
    assert transitions(who, "calls_to_action", one) == {"open": [], "cancel": []}
    opened = did(who, "calls_to_action", one, "open")
    assert (opened["status"], opened["opened_by"]) == ("open", ours.users["executive"])
    early = who.post(f"/v1/calls_to_action/{one}/extend", {"deadline": "2026-12-18", **REASON})
    assert (early.status, early.faults) == (422, {"/deadline": "not_allowed"}), early
    extended = did(who, "calls_to_action", one, "extend", deadline="2027-01-15", **REASON)
    assert (extended["status"], extended["deadline"]) == ("extended", "2027-01-15")
    closed = did(who, "calls_to_action", one, "close", resolution="All books are there.")
    assert closed["resolution"] == "All books are there." and closed["ended_at"]
    assert refused(who, "calls_to_action", one, "cancel", **REASON)["possible"] == []
    late = call(ours, deadline="2026-11-20")
    assert refused(who, "calls_to_action", late, "open")["missing"] == ["deadline"]
    assert did(who, "calls_to_action", late, "cancel", **REASON)["status_reason"] == "Because."


@pytest.mark.shows("needs.call_allocation")
def test_a_site_s_part_is_a_need_that_is_open_at_once(ours):
    who, one = ours.executive, call(ours, quantity=10)
    sites = [ours.director.site(name=name).id for name in ("A", "B", "C")]
    assert refused(who, "calls_to_action", one, "allocate", site_id=sites[0], quantity=1)
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=sites[0], quantity=6)
    did(who, "calls_to_action", one, "allocate", site_id=sites[1], quantity=4)
    more = who.post(f"/v1/calls_to_action/{one}/allocate", {"site_id": sites[2], "quantity": 1})
    assert (more.status, more.faults) == (422, {"/quantity": "not_allowed"}), more
    did(who, "calls_to_action", one, "allocate", site_id=sites[0], quantity=5)
    needs = who.get("/v1/needs", {"call_to_action_id": one}).json["data"]
    assert sorted((n["site_id"], n["quantity"]) for n in needs) == sorted(
        [(sites[0], 5), (sites[1], 4)])
    assert {(n["status"], n["urgency"], n["needed_by"]) for n in needs} == {
        ("open", "call_to_action", "2026-12-18")}
    did(who, "calls_to_action", one, "extend", deadline="2027-01-15", **REASON)
    assert who.get(f"/v1/needs/{needs[0]['id']}").json["needed_by"] == "2027-01-15"


@pytest.mark.shows("needs.call_message")
def test_a_call_tells_partners_what_it_says_and_its_parts_say_the_same(ours):
    who, one = ours.executive, call(ours, message="Books, please.", situation="Inside words.")
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=ours.director.site().id, quantity=1)
    owns(ours, ours.director.partner().id, "partner")

    def seen():
        return {need["id"]: need["description"] for need in ours.partner.get("/v1/open_needs?limit=200").json["data"]}

    need, = who.get("/v1/needs", {"call_to_action_id": one}).json["data"]
    assert (need["description"], need["is_public"]) == ("Books, please.", False) and need["id"] not in seen()
    changed(who, f"/v1/calls_to_action/{one}", is_public=True, message="Books for Elm.")
    assert seen()[need["id"]] == "Books for Elm."
    changed(who, f"/v1/calls_to_action/{one}", is_public=False)
    assert need["id"] not in seen()


@pytest.mark.shows("needs.call_allocation")
def test_sites_parts_never_exceed_the_whole_however_many_ask_at_once(ours, migrate):
    one = call(ours, quantity=3)
    did(ours.executive, "calls_to_action", one, "open")
    sites = [ours.director.site().id for _ in range(6)]
    found, begin = [], threading.Barrier(len(sites))

    def allocate(site):
        caller = Caller(ours.api, ours.executive.token)
        begin.wait(20)
        for _ in range(100):
            answer = caller.post(f"/v1/calls_to_action/{one}/allocate", {"site_id": site, "quantity": 1})
            if answer.status != 409:
                break
        found.append(answer.status)

    threads = [threading.Thread(target=allocate, args=(site,)) for site in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] * 3 + [422] * 3
    assert migrate.execute(
        "SELECT sum(quantity) FROM need WHERE call_to_action_id = %s", (one,)).fetchone() == (3,)


def test_the_guard_of_employees_work_is_heard_in_the_fast_lane_too(ours):
    who, one = ours.executive, call(ours, resource_kinds=["volunteers"])
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=ours.director.site().id, quantity=1)
    need = who.get("/v1/needs", {"call_to_action_id": one}).json["data"][0]
    assert need["status"] == "capacity_review"
    assert transitions(who, "needs", need["id"])["open"] == ["displacement"]


@pytest.mark.shows("needs.call_clock", "needs.call_report")
def test_the_clock_and_the_report_of_a_call(ours, api):
    before, who, caller = api.move_clock(), ours.executive, ours.director
    try:
        ordinary = open_need(ours)
        slow = caller.created("asks", {"need_id": ordinary, "partner_id": caller.partner().id}).id
        one, site = call(ours, quantity=10, unit="books"), caller.site(name="A").id
        did(who, "calls_to_action", one, "open")
        did(who, "calls_to_action", one, "allocate", site_id=site, quantity=10)
        need = who.get("/v1/needs", {"call_to_action_id": one}).json["data"][0]["id"]
        asked = caller.created("asks", {"need_id": need, "partner_id": caller.partner().id}).id
        api.move_clock(days=1)
        did(caller, "asks", asked, "send")
        did(caller, "asks", asked, "pledge", quantity=6)
        promised = caller.get("/v1/pledges", {"ask_id": asked}).json["data"][0]["id"]
        api.move_clock(days=2)
        did(caller, "pledges", promised, "accept")
        did(caller, "pledges", promised, "deliver", quantity=2)
        api.move_clock(days=7)
        did(caller, "asks", slow, "send")
        now = report(ours, one)
        assert [now[name] for name in (
            "quantity", "allocated", "pledged", "accepted", "delivered", "partners", "days_open",
            "days_left", "unit")] == [10, 10, 6, 6, 2, 1, 10, 17, "books"]
        steps = {step["step"]: step for step in now["steps"]}
        assert (steps["opened_to_asked"]["median_days"], steps["opened_to_asked"]["count"]) == ("1.00", 1)
        assert float(steps["opened_to_asked"]["ordinary_median_days"]) >= 5
        assert steps["pledged_to_accepted"]["median_days"] == "2.00"
        assert steps["accepted_to_active"]["median_days"] is None
        assert [(s["site_id"], s["filled"], s["delivered"]) for s in now["sites"]] == [(site, 6, 2)]
        did(who, "calls_to_action", one, "close", resolution="Six of ten")
        closed = report(ours, one)
        assert (closed["status"], closed["resolution"], closed["days_left"]) == (
            "closed", "Six of ten", None)
        did(caller, "pledges", promised, "deliver")
        assert report(ours, one) == closed, "it is as it was when the call was over"
    finally:
        api.set_clock(before)


def test_what_nobody_has_promised_is_asked_for_no_longer_when_a_call_is_over(ours):
    who, one = ours.executive, call(ours)
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=ours.director.site().id, quantity=1)
    did(who, "calls_to_action", one, "cancel", reason="The water was not that high")
    need = who.get("/v1/needs", {"call_to_action_id": one}).json["data"][0]
    assert (need["status"], need["status_reason"]) == ("withdrawn", "The water was not that high")


@pytest.mark.shows("needs.calls")
def test_what_has_come_of_a_part_meets_it_when_a_call_is_over(ours):
    who, caller, one = ours.executive, ours.director, call(ours, quantity=10)
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=caller.site().id, quantity=10)
    need = who.get("/v1/needs", {"call_to_action_id": one}).json["data"][0]["id"]
    promised = pledge(ours, need, 6)
    for verb in ("accept", "deliver"):
        did(caller, "pledges", promised, verb)
    did(who, "calls_to_action", one, "close", resolution="Six of ten")
    now = who.get(f"/v1/needs/{need}").json
    assert (now["status"], now["quantity"], now["delivered"]) == ("met", 6, 6)


@pytest.mark.shows("needs.call_allocation")
def test_what_a_site_gives_back_is_divided_again(ours):
    who, one, site = ours.executive, call(ours, quantity=10), ours.director.site().id
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=site, quantity=10)
    first, = who.get("/v1/needs", {"call_to_action_id": one}).json["data"]
    did(ours.director, "needs", first["id"], "withdraw", **REASON)
    assert report(ours, one)["allocated"] == 0
    did(who, "calls_to_action", one, "allocate", site_id=ours.director.site().id, quantity=4)
    did(who, "calls_to_action", one, "allocate", site_id=site, quantity=6)
    parts = {need["id"]: need for need in who.get("/v1/needs", {"call_to_action_id": one}).json["data"]}
    assert sorted((need["status"], need["quantity"]) for need in parts.values()) == [
        ("open", 4), ("open", 6), ("withdrawn", 10)]
    assert report(ours, one)["allocated"] == 10


@pytest.mark.shows("needs.calls")
def test_a_call_that_is_over_asks_nobody(ours):
    who, caller, one = ours.executive, ours.director, call(ours, quantity=10)
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=caller.site().id, quantity=10)
    need = who.get("/v1/needs", {"call_to_action_id": one}).json["data"][0]["id"]
    promised = pledge(ours, need, 6)
    did(caller, "pledges", promised, "accept")
    asks = [caller.created("asks", {"need_id": need, "partner_id": caller.partner().id}).id for _ in range(2)]
    did(caller, "asks", asks[0], "send")
    did(who, "calls_to_action", one, "close", resolution="Six of ten")
    now = who.get(f"/v1/needs/{need}").json
    assert (now["status"], now["quantity"], now["filled"]) == ("matched", 6, 6)
    assert [caller.get(f"/v1/asks/{each}").json["status"] for each in asks] == ["withdrawn"] * 2
    did(caller, "pledges", promised, "deliver")
    assert who.get(f"/v1/needs/{need}").json["status"] == "met"


@pytest.mark.shows("needs.fast_lane", "partnerships.credentials")
def test_the_fast_lane_begins_on_a_provisional_agreement_with_a_last_day(ours, migrate):
    ours.director.created("required_credentials", {"kind": "data_security", "arrangement": "research"})
    one = Ready(ours, arrangement="research")
    one.act("align"), one.act("agree")
    one.archive("links")
    fields = {"kind": "provisional", "expires_on": "2027-01-31", "data_flows": True}
    provisional = agreement(ours.director, **fields).id
    one.made("agreement_partnerships", agreement_id=provisional)
    act_on(ours.director, provisional, "submit", "approve")
    signed(ours.director, provisional)
    assert one.transitions()["activate"][1] == ["agreement", "credential_data_security"], (
        "the ordinary lane")
    started = call(ours)
    did(ours.executive, "calls_to_action", started, "open")
    did(ours.executive, "calls_to_action", started, "allocate", site_id=ours.director.site().id, quantity=1)
    need = ours.director.get("/v1/needs", {"call_to_action_id": started}).json["data"][0]["id"]
    promised = pledge(ours, need)
    migrate.execute("UPDATE pledge SET partnership_id = %s WHERE id = %s", (one.id, promised))
    migrate.commit()
    waives_nothing = ["data_addendum", "credential_data_security"]
    assert one.transitions()["activate"][1] == waives_nothing
    after = agreement(ours.director, **fields, supersedes_id=provisional, data_basis="school_official",
                      data_purpose="Tutoring", named_in_notice=True, under_direct_control=True).id
    one.made("agreement_partnerships", agreement_id=after)
    act_on(ours.director, after, "submit", "approve")
    signed(ours.director, after)
    assert one.transitions()["activate"][1] == waives_nothing[1:]


# ---- Snapshots -----------------------------------------------------------------------------------


def partnership_at(tenant, connection, area, site, name="P"):
    partner = tenant.director.partner(name=name).id
    body = {"name": name, "partner_id": partner, "arrangement": "program", "focus_area_id": area,
            "lead_site_id": site}
    one = tenant.director.created("partnerships", body).id
    put(connection, "partnership", one, "active")
    return partner, one


@pytest.mark.shows("needs.snapshots", "needs.snapshots_compared")
def test_two_snapshots_tell_who_came_and_went_and_which_gaps_opened(ours, migrate, api):
    before, caller = api.move_clock(), ours.director
    try:
        area = caller.created("focus_areas", {"name": "Chess"}).id
        site = caller.site(name="Board High").id
        left, ending = partnership_at(ours, migrate, area, site, "Leaving")
        first = caller.created("landscape_snapshots", {"school_year": 2027, "term": 1, "name": "Fall"})
        assert (first.json["taken_on"], first.json["term"]) == ("2026-11-21", 1)
        api.move_clock(days=30)
        put(migrate, "partnership", ending, "ended")
        open_need(ours, focus_area_id=area, site_id=site)
        other = caller.site(name="Chess Middle").id
        came, _ = partnership_at(ours, migrate, area, other, "Coming")
        second = caller.created("landscape_snapshots", {"school_year": 2027, "name": "Winter"})
        told = ours.viewer.get(f"/v1/landscape_snapshots/{second.id}/comparison?with={first.id}")
        assert told.status == 200, told
        same = ours.viewer.get(f"/v1/landscape_snapshots/{first.id}/comparison?with={second.id}")
        assert same.json == told.json, "the earlier one is before"
        found = told.json
        assert (found["before"]["name"], found["after"]["name"]) == ("Fall", "Winter")
        assert {"id": came, "name": "Coming"} in found["came"]
        assert {"id": left, "name": "Leaving"} in found["went"]
        cells = {c["place_name"]: c for c in found["cells"] if c["focus_area_id"] == area}
        assert set(cells) == {"Board High", "Chess Middle"}
        board = cells["Board High"]
        assert (board["partners_before"], board["partners_after"]) == (1, 0)
        assert (board["was_gap"], board["is_gap"]) == (False, True)
        assert found["gaps_opened"] >= 1
        kept = ours.viewer.get(f"/v1/landscape_snapshots/{first.id}/gaps").json
        mine = [c for c in kept["cells"] if c["focus_area_id"] == area]
        assert [(c["place_name"], c["partners"]) for c in mine] == [("Board High", 1)]
        assert kept["as_of"] == "2026-11-21", "it is as it was"
        assert ours.viewer.get(
            f"/v1/landscape_snapshots/{first.id}/comparison?with={area}").status == 404
        assert ours.viewer.get(f"/v1/landscape_snapshots/{first.id}/comparison").status == 400
    finally:
        api.set_clock(before)


# ---- Portfolio reviews ---------------------------------------------------------------------------


@pytest.mark.shows("needs.portfolio", "needs.portfolio_evidence", "needs.portfolio_decisions", "needs.portfolio_co_partners")
def test_a_portfolio_review_has_evidence_that_is_frozen_when_it_is_held(ours, migrate):
    caller = ours.director
    area, wanted = (caller.created("focus_areas", {"name": n}).id for n in ("Music", "Dance"))
    site, elsewhere = caller.site(name="Music High").id, caller.created("networks", {"name": "Elsewhere"}).id
    _, band = partnership_at(ours, migrate, area, site, "Band")
    for role in ("provider", "funder"):
        caller.created("partnership_partners", {
            "partnership_id": band, "partner_id": caller.partner(kind="business").id, "role": role})
    priorities = [caller.created("priorities", {"statement": "S", "focus_area_id": focus, **fields}).id
                  for focus, fields in ((area, {"school_year": 2027, "site_id": site}),
                                        (wanted, {"school_year": 2028, "site_id": site}),
                                        (wanted, {"school_year": 2027, "site_id": site}),
                                        (area, {"school_year": 2027, "network_id": elsewhere}))]
    for one in (priorities[0], priorities[3]):
        did(caller, "priorities", one, "adopt")
    did(caller, "priorities", priorities[0], "close", reason="The year is over")
    body = {"school_year": 2027, "planned_on": "2027-05-03", "site_id": site}
    one = caller.created("portfolio_reviews", body).id

    def evidence():
        return ours.viewer.get(f"/v1/portfolio_reviews/{one}/evidence").json

    now = evidence()
    assert now["is_frozen"] is False
    assert [(r["kind"], r["focus_area_id"], r["site_id"], r["partners"], r["is_priority"],
             r["is_next_priority"]) for r in now["rows"]] == [
        ("business", area, site, 1, True, False), ("nonprofit", area, site, 1, True, False)], "who works in it beside"
    assert [(p["school_year"], p["status"], p["focus_area_id"], p["partnerships"]) for p in now["priorities"]] == [
        (2027, "closed", area, 1), (2028, "draft", wanted, 0)]
    assert did(caller, "portfolio_reviews", one, "hold")["held_on"] == "2026-11-21"
    partnership_at(ours, migrate, wanted, site, "Dancers")
    held = evidence()
    assert held["is_frozen"] is True and held["rows"] == now["rows"]
    path = f"/v1/portfolio_reviews/{one}"
    moved = caller.patch(path, {"school_year": 2028}, caller.get(path).etag)
    assert (moved.status, moved.json["state"]) == (409, {"status": "held"}), moved
    assert refused(caller, "portfolio_reviews", one, "close")["missing"] == ["findings", "decision"]
    changed(caller, path, findings="Nobody dances")
    decision = caller.created("portfolio_decisions", {
        "portfolio_review_id": one, "kind": "seek", "decision": "Find dancers",
        "owner_id": ours.users["coordinator"], "due_on": "2027-08-01"}).id
    did(caller, "portfolio_reviews", one, "close")
    late = caller.patch(path, {"findings": "All dance"}, caller.get(path).etag)
    assert (late.status, late.json["state"]) == (409, {"status": "closed"}), late
    done = did(caller, "portfolio_decisions", decision, "complete", outcome="Dancers came")
    assert (done["status"], done["outcome"]) == ("done", "Dancers came")
    assert did(caller, "portfolio_decisions", decision, "reopen")["outcome"] is None
