"""Plans for sites and families, confirmed investments and their balance, reviews, renewals, how far goals are."""

import itertools

import pytest
from fields import APART, LEAST
from operations import Subjects
from partnering import Ready, agreement, in_force, put

TODAY = "2026-11-21"
YEARS = itertools.count(2041)


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def made(subjects, plural, **fields):
    row = APART.get(plural) or LEAST[plural]
    return subjects.caller.created(plural, {**subjects.filled({**row, **fields})})


def patched(caller, path, **fields):
    answer = caller.patch(path, fields, caller.get(path).etag)
    assert answer.status == 200, answer
    return answer.json


def act(caller, path, verb, **fields):
    answer = caller.post(f"{path}/{verb}", fields)
    assert answer.status == 200, answer
    return answer.json


# ---- Plans ---------------------------------------------------------------------------------------


@pytest.mark.shows("partnerships.site_plans")
def test_a_site_plan_is_drafted_agreed_on_and_closed(ours, subjects):
    one = made(subjects, "site_plans", objectives="Read by third grade")
    path = f"/v1/site_plans/{one.id}"
    assert ours.director.post(f"{path}/close", {}).status == 409
    assert act(ours.director, path, "agree")["agreed_on"] == TODAY
    assert act(ours.director, path, "revise")["agreed_on"] is None
    act(ours.director, path, "agree")
    assert act(ours.director, path, "close")["status"] == "closed"
    again = {name: one.json[name] for name in APART["site_plans"]}
    assert ours.director.post("/v1/site_plans", again).status == 409, "one of a site and year"


@pytest.mark.shows("partnerships.family_plans", "partnerships.family_parts")
def test_the_integration_of_partnerships_is_the_share_that_co_plans_or_delivers(ours, subjects, migrate):
    plan = made(subjects, "family_plans")
    site, path = plan.json["site_id"], f"/v1/family_plans/{plan.id}"
    assert (plan.json["partnerships"], plan.json["integration_rate"]) == (0, None)
    parts = []
    for part in ("co_plans", "delivers", "invited", "none"):
        one = made(subjects, "partnerships", lead_site_id=site)
        put(migrate, "partnership", one.id, "active")
        parts.append(made(subjects, "family_parts", family_plan_id=plan.id, partnership_id=one.id, part=part))
    made(subjects, "partnerships", lead_site_id=site)  # that does not run yet
    told = ours.viewer.get(path).json
    assert (told["partnerships"], told["integrated"], told["integration_rate"]) == (4, 2, "0.5000")
    patched(ours.director, f"/v1/family_parts/{parts[3].id}", part="delivers")
    assert ours.viewer.get(path).json["integration_rate"] == "0.7500"


@pytest.mark.shows("partnerships.family_plans_past")
def test_the_plan_of_a_year_that_is_over_counts_who_ran_there_then(ours, subjects, migrate):
    site, elsewhere = ours.director.site().id, ours.director.site().id
    then = made(subjects, "family_plans", site_id=site, school_year=2026)
    now = made(subjects, "family_plans", site_id=site, school_year=2027)
    for status, leads, span, until in (
            ("active", site, {"starts_on": "2025-09-01"}, None),  # in both years
            ("active", site, {}, None),  # since today
            ("ended on 2026-05-31", site, {"starts_on": "2025-09-01", "ends_on": "2027-05-31"}, None),
            ("ended on 2025-05-31", site, {"starts_on": "2024-09-01"}, None),  # in neither
            ("active", elsewhere, {"starts_on": "2025-09-01"}, "2026-03-31")):  # left the site
        one = made(subjects, "partnerships", lead_site_id=leads, **span).id
        migrate.execute("UPDATE partnership SET activated_at = created_at WHERE id = %s", (one,))
        put(migrate, "partnership", one, status.split()[0])
        if " on " in status:
            migrate.execute("UPDATE partnership SET ended_on = %s WHERE id = %s", (status.split()[-1], one))
        if until:
            ours.director.created("partnership_sites", {
                "partnership_id": one, "site_id": site, "from_date": "2025-09-01", "until_date": until})
        for plan in (then, now):
            made(subjects, "family_parts", family_plan_id=plan.id, partnership_id=one,
                 part="delivers" if until else "invited")
    told = {plan.id: ours.viewer.get(f"/v1/family_plans/{plan.id}").json for plan in (then, now)}
    assert {name: told[then.id][name] for name in ("partnerships", "integrated", "integration_rate")} == {
        "partnerships": 3, "integrated": 1, "integration_rate": "0.3333"}
    assert {name: told[now.id][name] for name in ("partnerships", "integrated", "integration_rate")} == {
        "partnerships": 2, "integrated": 0, "integration_rate": "0.0000"}


@pytest.mark.shows("partnerships.family_events")
def test_a_family_event_has_languages_and_reaches_families(ours, subjects):
    for reached, shown in ((9, None), (40, 40)):
        one = made(subjects, "family_events", languages=["es", "en"], families_reached=reached)
        told = ours.viewer.get(f"/v1/family_events/{one.id}").json
        assert (told["languages"], told["families_reached"], told["families"]) == (["es", "en"], None, shown)


# ---- Investments ---------------------------------------------------------------------------------


@pytest.mark.shows("partnerships.confirmation")
def test_the_other_side_confirms_or_disputes_an_entry_as_it_stands(ours):
    ready = Ready(ours)
    own = {"kind": "cash", "amount_cents": 100, "from_date": "2026-07-01", "until_date": "2026-07-01"}
    paths = {side: f"/v1/investments/{ready.made('investments', side=side, **own)}" for side in ("district", "partner")}
    for side, wrong in (("district", None), ("partner", ready.contact)):
        refused = ours.director.post(f"{paths[side]}/confirm", {"on_behalf_of": wrong})
        assert (refused.status, refused.faults) == (422, {"/on_behalf_of": "not_allowed"}), refused
    told = act(ours.director, paths["partner"], "confirm")
    assert (told["confirmed"], told["confirmed_by"]) == ("confirmed", ours.users["director"])
    told = act(ours.director, paths["district"], "dispute", reason="Too much", on_behalf_of=ready.contact)
    assert (told["confirmed"], told["dispute_reason"], told["confirmed_contact_id"]) == (
        "disputed", "Too much", ready.contact)
    told = patched(ours.director, paths["district"], amount_cents=50)
    assert (told["confirmed"], told["dispute_reason"], told["confirmed_at"]) == (None, None, None)
    assert patched(ours.director, paths["partner"], purpose="Books")["confirmed"] == "confirmed"


def balance(caller, scope, year=2027):
    return caller.get("/v1/balance", {"scope": scope, "school_year": year})


@pytest.mark.shows("partnerships.balance", "partnerships.disputed_investments")
def test_the_balance_is_of_what_both_sides_delivered_by_its_days_in_the_year(ours, subjects):
    site = ours.director.site().id
    ready = Ready(ours, lead_site_id=site)

    def gives(side, status="delivered", **fields):
        row = {"kind": "cash", "from_date": "2026-07-01", "until_date": "2026-11-30", **fields}
        one = ready.made("investments", side=side, **row)
        if status == "delivered":
            act(ours.director, f"/v1/investments/{one}", "deliver")
        return one

    first = gives("partner", amount_cents=3000)
    told = balance(ours.viewer, f"partnership:{ready.id}").json
    assert (told["partner_cents"], told["balance"]) == (3000, None), "only one side has entries"
    gives("district", kind="hours", hours="2", rate_cents=500)
    assert balance(ours.viewer, f"partnership:{ready.id}").json["balance"] == "0.7500"
    gives("partner", amount_cents=6680, from_date="2026-01-01")
    gives("district", "pledged", amount_cents=99)
    outside = gives("partner", kind="grant", amount_cents=5000)
    for scope in (f"partnership:{ready.id}", f"partner:{ready.partner}", f"site:{site}"):
        told = balance(ours.viewer, scope).json
        assert told["partner_cents"] == 3000 + 3060
        assert (told["district_cents"], told["district_pledged_cents"]) == (1000, 99)
        assert (told["outside_cents"], told["entries"]) == (5000, 5)
    patched(ours.director, f"/v1/investments/{outside}", is_assigned=True)
    told = balance(ours.viewer, f"partnership:{ready.id}").json
    assert (told["partner_cents"], told["outside_cents"], told["disputed_cents"]) == (8000 + 3060, 0, 0)
    act(ours.director, f"/v1/investments/{first}", "dispute", reason="We never got it.")
    told = balance(ours.viewer, f"partnership:{ready.id}").json
    assert (told["partner_cents"], told["disputed_cents"], told["entries"]) == (5000 + 3060, 3000, 5)
    assert told["balance"] == f"{(5000 + 3060) / (5000 + 3060 + 1000):.4f}"
    act(ours.director, f"/v1/investments/{first}", "confirm")
    assert balance(ours.viewer, f"partnership:{ready.id}").json["disputed_cents"] == 0
    assert balance(ours.viewer, f"partnership:{ready.id}", 2028).json["entries"] == 0
    assert balance(ours.viewer, "district").status == 200
    assert balance(ours.viewer, f"partner:{ready.id}").status == 404
    assert balance(ours.viewer, "planet").status == 400


@pytest.mark.shows("partnerships.to_come")
def test_what_was_agreed_for_months_to_come_is_not_given_yet(ours):
    ready = Ready(ours)
    days = {"from_date": "2026-10-01", "until_date": "2027-02-28"}  # 151, of which 61 by the end of this month
    for side, cents in (("partner", 15100), ("district", 30200)):
        one = ready.made("investments", side=side, kind="cash", amount_cents=cents, **days)
        act(ours.director, f"/v1/investments/{one}", "deliver")
    ready.made("investments", side="partner", kind="cash", amount_cents=500, from_date="2027-01-01", until_date="2027-01-31")
    told = balance(ours.viewer, f"partnership:{ready.id}").json
    assert (told["partner_cents"], told["district_cents"]) == (6100, 12200)
    assert (told["partner_pledged_cents"], told["district_pledged_cents"]) == (9000 + 500, 18000)
    assert told["balance"] == "0.3333"


@pytest.mark.shows("partnerships.pledges_due")
def test_what_was_pledged_until_a_day_that_is_over_is_a_task_until_it_is_said_to_be_there(ours, migrate):
    ready = Ready(ours)
    put(migrate, "partnership", ready.id, "active")
    one, late = (ready.made("investments", side="partner", kind="cash", amount_cents=1, purpose="Books\nand pens",
                            from_date="2026-09-01", until_date=until) for until in (TODAY, "2026-11-20"))

    def waits():
        tasks = ours.coordinator.get("/v1/me/tasks").json["data"]
        return [(task["kind"], task["title"], task["due_on"]) for task in tasks if task["subject_id"] in (one, late)]

    assert waits() == [("investment_delivery", "Books", "2026-11-20")]
    act(ours.director, f"/v1/investments/{late}", "deliver")
    assert waits() == []


@pytest.mark.shows("partnerships.fiscal_year")
def test_the_balance_is_of_the_fiscal_year_with_which_the_district_reckons(theirs):
    ready = Ready(theirs)
    district = theirs.admin.get(f"/v1/districts/{theirs.id}")
    changed = theirs.admin.patch(f"/v1/districts/{theirs.id}", {"fiscal_month": 10}, district.etag)
    assert changed.json["fiscal_month"] == 10, changed
    for side, day in (("partner", "2026-09-30"), ("district", "2026-10-01"), ("district", "2027-09-30")):
        one = ready.made("investments", side=side, kind="cash", amount_cents=100, from_date=day, until_date=day)
        act(theirs.director, f"/v1/investments/{one}", "deliver")
    scope = f"partnership:{ready.id}"

    def told(**year):
        answer = theirs.viewer.get("/v1/balance", {"scope": scope, **year})
        assert answer.status == 200, answer
        return [*(answer.json[name] for name in ("school_year", "fiscal_year", "starts_on", "ends_on", "partner_cents")),
                answer.json["district_cents"] + answer.json["district_pledged_cents"]]  # given, and to come

    assert told() == [None, 2027, "2026-10-01", "2027-09-30", 0, 200]
    assert told(fiscal_year=2026) == [None, 2026, "2025-10-01", "2026-09-30", 100, 0]
    assert told(school_year=2027) == [2027, None, "2026-07-01", "2027-06-30", 100, 100]
    both = theirs.viewer.get("/v1/balance", {"scope": scope, "school_year": 2027, "fiscal_year": 2027})
    assert both.status == 400, both
    changed = theirs.admin.patch(f"/v1/districts/{theirs.id}", {"fiscal_month": 1}, changed.etag)
    assert told() == [None, 2026, "2026-01-01", "2026-12-31", 100, 100]
    theirs.admin.patch(f"/v1/districts/{theirs.id}", {"fiscal_month": 7}, changed.etag)


@pytest.mark.shows("partnerships.school_year_days")
def test_a_school_year_has_the_days_that_the_district_gave_it(theirs):
    ready, director = Ready(theirs), theirs.director
    director.created("school_years", {"school_year": 2090, "starts_on": "2089-08-15", "ends_on": "2090-08-14"})
    for day, cents in (("2089-07-20", 1), ("2089-08-15", 10), ("2090-08-14", 100), ("2090-08-15", 1000)):
        ready.made("investments", side="partner", kind="cash", amount_cents=cents, from_date=day, until_date=day)
    told = balance(theirs.viewer, f"partnership:{ready.id}", 2090).json
    assert (told["starts_on"], told["ends_on"], told["partner_pledged_cents"]) == ("2089-08-15", "2090-08-14", 110)
    assert balance(theirs.viewer, f"partnership:{ready.id}", 2089).json["ends_on"] == "2089-06-30", "July to June otherwise"


@pytest.mark.shows("partnerships.co_partners_give")
def test_each_partner_of_a_partnership_has_its_own_entries(ours):
    ready, director = Ready(ours), ours.director
    beside = director.partner().id
    own = {"partnership_id": ready.id, "kind": "cash", "from_date": "2026-07-01", "until_date": "2026-07-01"}
    stranger = director.post("/v1/investments", {**own, "side": "partner", "partner_id": beside})
    assert stranger.faults == {"/partner_id": "not_allowed"}, stranger
    director.created("partnership_partners", {"partnership_id": ready.id, "partner_id": beside, "role": "funder"})
    for side, partner, cents in (("partner", None, 100), ("partner", beside, 300), ("district", None, 60),
                                 ("district", beside, 40)):
        one = director.created("investments", {**own, "side": side, "partner_id": partner, "amount_cents": cents}).id
        act(director, f"/v1/investments/{one}", "deliver")
    for scope, partners, districts in ((f"partnership:{ready.id}", 400, 100), (f"partner:{ready.partner}", 100, 60),
                                       (f"partner:{beside}", 300, 40)):
        told = balance(ours.viewer, scope).json
        assert (told["partner_cents"], told["district_cents"]) == (partners, districts), scope
    [row] = ours.viewer.get("/v1/investments", {"partner_id": beside, "side": "partner"}).json["data"]
    assert row["amount_cents"] == 300


# ---- Reviews and renewals ------------------------------------------------------------------------


@pytest.mark.shows("partnerships.reviews", "partnerships.evidence")
def test_a_review_gathers_its_evidence_is_decided_and_approved(ours, subjects):
    ready = Ready(ours)
    ready.made("activities", kind="session", title="S", on_date="2026-09-01", hours="2.5")
    ready.made("action_items", description="Call")
    one = made(subjects, "partnership_reviews", partnership_id=ready.id)
    path = f"/v1/partnership_reviews/{one.id}"
    drafted = act(ours.director, path, "draft")
    evidence = drafted["evidence"]
    assert evidence["activities"] == {"count": 1, "hours": 2.5} and evidence["open_actions"] == 1
    assert [g["goal_id"] for g in evidence["goals"]] == [ready.ids["goals"]]
    refused = ours.director.post(f"{path}/decide", {"decision": "grow"})
    assert (refused.status, refused.json["state"]["missing"]) == (
        409, ["quality", "sustainability", "findings"]), refused
    patched(ours.director, path, quality=4, sustainability=2, findings="Well led")
    ready.made("action_items", description="Write")
    decided = act(ours.director, path, "decide", decision="grow")
    assert (decided["decision"], decided["evidence"]["open_actions"]) == ("grow", 2)
    ready.made("action_items", description="Visit")
    refused = ours.director.patch(path, {"quality": 1}, ours.director.get(path).etag)
    assert refused.status == 409, refused
    assert ours.coordinator.post(f"{path}/approve", {}).status == 403
    assert act(ours.executive, path, "return")["decision"] is None
    act(ours.director, path, "decide", decision="renew")
    approved = act(ours.executive, path, "approve")
    assert (approved["status"], approved["approved_by"], approved["decision"]) == (
        "approved", ours.users["executive"], "renew")
    assert approved["evidence"]["open_actions"] == 3, "as it was decided"


@pytest.mark.shows("partnerships.review_next")
def test_what_a_review_decides_is_done_by_somebody_until_a_day(ours, subjects, migrate):
    def approved(decision, **fields):
        """What is reviewed, and the path of its review, which is decided and approved."""
        ready = Ready(ours, starts_on="2026-09-01")
        put(migrate, "partnership", ready.id, "active")
        path = "/v1/partnership_reviews/" + made(subjects, "partnership_reviews", partnership_id=ready.id, quality=2,
                                                 sustainability=2, findings="They are late").id
        act(ours.director, path, "draft")
        act(ours.director, path, "decide", decision=decision, **fields)
        assert tasks(ready) == [] and ours.director.get(ready.path).json["ends_on"] is None, "not before it is approved"
        act(ours.executive, path, "approve")
        return ready, path

    def tasks(ready):
        told = ours.coordinator.get("/v1/me/tasks").json["data"]
        return [(task["kind"], task["title"], task["due_on"]) for task in told
                if task["partnership_id"] == ready.id and task["kind"] in ("action_item", "partnership_exit")]

    ready, path = approved("adjust", next_step="Meet each week", next_on="2027-01-15")
    told = ours.viewer.get(path, {"expand": "action_items"}).json
    assert (told["next_step"], told["next_on"]) == ("Meet each week", "2027-01-15")
    assert [(row["description"], row["owner_user_id"]) for row in told["action_items"]["data"]] == [
        ("Meet each week", ours.users["coordinator"])]
    assert tasks(ready) == [("action_item", "Meet each week", "2027-01-15")]
    ready, _ = approved("grow")
    assert tasks(ready) == [("action_item", "They are late", "2027-06-30")]
    ready, _ = approved("renew")
    assert tasks(ready) == []
    ready, path = approved("exit", next_on="2027-01-31")
    assert ours.viewer.get(ready.path).json["ends_on"] == "2027-01-31"
    assert tasks(ready) == [("partnership_exit", "A partnership: They are late", "2027-01-31")]
    act(ours.coordinator, ready.path, "pause", reason="They leave")
    act(ours.coordinator, ready.path, "end", reason="They are late")
    assert tasks(ready) == []
    ready, path = approved("exit", next_on="2027-01-31")
    ready.archive("district")

    def shown(who):
        return [task["title"] for task in who.get("/v1/me/tasks").json["data"]
                if task["partnership_id"] == ready.id and task["kind"] == "partnership_exit"]

    owner = ours.scoped(("coordinator", "site", ours.director.site().id))
    assert (shown(ours.director), shown(owner)) == (["A partnership: They are late"], []), "nobody leads it, or owns the partner"
    assert owner.post(f"{ready.path}/pause", {"reason": "They leave"}).status == 403
    partner = f"/v1/partners/{ready.partner}"
    ours.director.patch(partner, {"owner_id": owner.user}, ours.director.get(partner).etag)
    assert (shown(ours.director), shown(owner)) == ([], ["A partnership: They are late"])
    act(owner, ready.path, "pause", reason="They leave")
    act(owner, ready.path, "end", reason="They are late")
    assert shown(owner) == []


@pytest.mark.parametrize("body, faults", [
    ({"decision": "exit", "next_on": "2026-11-20"}, {"/next_on": "not_allowed"}),
    ({"decision": "renew", "next_on": "2027-11-20"}, {"/next_on": "not_allowed"}),
    ({"decision": "renew", "next_step": "Go on"}, {"/next_step": "not_allowed"}),
    ({"decision": "grow", "next_step": ""}, {"/next_step": "too_short"}),
    ({"decision": "grow", "next_step": "x" * 10001}, {"/next_step": "too_long"})])
def test_what_is_to_be_done_next_is_said_plainly(ours, subjects, body, faults):
    one = made(subjects, "partnership_reviews", quality=2, sustainability=2, findings="They are late")
    path = f"/v1/partnership_reviews/{one.id}"
    act(ours.director, path, "draft")
    answer = ours.director.post(f"{path}/decide", body)
    assert (answer.status, answer.faults) == (422, faults), answer


@pytest.mark.shows("partnerships.evidence_gathered", "partnerships.program_reviews")
def test_the_evidence_is_of_all_that_the_system_knows_of_a_partnership_and_of_a_program(theirs, migrate):
    director, subjects = theirs.director, Subjects(theirs)
    ready, other = Ready(theirs), Ready(theirs)
    program = director.created("programs", {"partner_id": ready.partner, "name": "Tutors", "setting": "in_school"}).id
    for one in (ready, other):
        put(migrate, "partnership", one.id, "active")
    ready.change("partnerships", program_id=program)
    director.created("partnership_partners", {
        "partnership_id": other.id, "partner_id": ready.partner, "program_id": program})
    director.created("goal_partnerships", {"goal_id": other.ids["goals"], "partnership_id": ready.id})
    put(migrate, "milestone", ready.made("milestones", name="First", due_on="2026-09-30"), "missed")
    director.created("required_credentials", {"kind": "w9"})
    theirs.director.created("activities", {"partnership_id": ready.id, "kind": "session", "title": "S",
                                           "on_date": "2026-09-01", "hours": "2"})
    entry = ready.made("investments", side="partner", kind="cash", amount_cents=500, from_date="2026-07-01",
                       until_date="2026-07-01")
    act(director, f"/v1/investments/{entry}", "deliver")
    act(director, f"/v1/investments/{entry}", "dispute", reason="Never came")
    none = director.post("/v1/partnership_reviews", {"school_year": 2027, "due_on": "2027-05-31"})
    assert none.status == 422, none

    def evidence(**of):
        one = director.created("partnership_reviews", {"school_year": 2027, "due_on": "2027-05-31", **of}).id
        drafted = act(director, f"/v1/partnership_reviews/{one}", "draft")["evidence"]
        assert act(director, f"/v1/partnership_reviews/{one}", "gather")["evidence"] == drafted
        return drafted

    alone, both = evidence(partnership_id=ready.id), evidence(program_id=program)
    assert {g["goal_id"]: g["is_shared"] for g in alone["goals"]} == {
        ready.ids["goals"]: False, other.ids["goals"]: True}
    assert alone["milestones"] == {"open": 0, "reached": 0, "missed": 1, "dropped": 0}
    assert alone["credentials"] == {"missing": ["w9"], "held": []}
    put_in = alone["investments"]
    assert (put_in["partner_cents"], put_in["disputed_cents"], put_in["disputed"]) == (0, 500, 1)
    assert (alone["check_ins_disputed"], alone["surveys"]) == (0, [])
    assert alone["partnerships"] == [ready.id] and sorted(both["partnerships"]) == sorted([ready.id, other.id])
    assert {g["is_shared"] for g in both["goals"]} == {False}, "a goal of one of them is their own"
    assert both["activities"] == {"count": 1, "hours": 2}


@pytest.mark.shows("partnerships.renewals", "partnerships.renewal_board")
def test_a_campaign_selects_decides_and_drafts_the_next_agreements(ours, subjects):
    year = next(YEARS)
    ready = Ready(ours)
    ready.archive("links")
    ready.ids["agreements"] = in_force(ours.director, expires_on=f"{year}-06-30").id
    ready.made("agreement_partnerships", agreement_id=ready.ids["agreements"])
    review = made(subjects, "partnership_reviews", partnership_id=ready.id, quality=3, sustainability=3,
                  findings="Good")
    for verb, body in (("draft", {}), ("decide", {"decision": "adjust"})):
        act(ours.director, f"/v1/partnership_reviews/{review.id}", verb, **body)
    span = {"expires_from": f"{year}-06-01", "expires_until": f"{year}-06-30", "board_on": f"{year}-05-01"}
    campaign = made(subjects, "renewal_campaigns", **span)
    for _ in range(2):
        act(ours.director, f"/v1/renewal_campaigns/{campaign.id}", "select")
    [one] = ours.viewer.get("/v1/renewals", {"renewal_campaign_id": campaign.id}).json["data"]

    def board():
        return ours.viewer.get(f"/v1/renewal_campaigns/{campaign.id}").json["board"]

    assert board() == {"selected": 1, "undecided": 1, "late": 0, "let_expire": 0, "to_draft": 0, "next": {}}
    assert (one["agreement_id"], one["suggestion"]) == (ready.ids["agreements"], "adjust")
    at = f"/v1/renewals/{one['id']}"
    assert ours.director.post(f"{at}/prefill", {}).status == 409, "nothing is decided"
    act(ours.director, at, "decide", decision="renew", comment="As it is")
    told = act(ours.director, at, "prefill")
    assert told["successor_status"] == "draft"
    assert board() == {"selected": 1, "undecided": 0, "late": 0, "let_expire": 0, "to_draft": 0, "next": {"draft": 1}}
    assert ours.director.post(f"{at}/prefill", {}).status == 409, "once"
    old, new = (ours.viewer.get(f"/v1/agreements/{i}").json for i in (one["agreement_id"], told["successor_id"]))
    assert (new["effective_on"], new["board_on"], new["supersedes_id"]) == (
        f"{year}-07-01", f"{year}-05-01", old["id"])
    assert (new["kind"], new["text"]) == (old["kind"], old["text"])
    links = ours.viewer.get("/v1/agreement_partnerships", {"agreement_id": new["id"]}).json["data"]
    assert [link["partnership_id"] for link in links] == [ready.id]
    items = ours.viewer.get("/v1/agreement_items", {"agreement_id": new["id"]}).json["data"]
    assert [(row["name"], row["status"]) for row in items] == [("All of it", "not_yet")]


@pytest.mark.shows("partnerships.renewals_by_review", "partnerships.renewals_late", "partnerships.renewals_carry")
def test_reviews_decide_what_is_renewed_with_its_steps_and_files_and_the_board_tells_what_is_late(ours, subjects, migrate):
    director, ends, ones = ours.director, "2026-12-31", {}
    for decision, status in (("grow", "approved"), ("adjust", "approved"), ("exit", "approved"), ("renew", "decided")):
        ready = Ready(ours)
        ready.archive("links")
        one = agreement(director, effective_on="2024-01-01", expires_on=ends, board_on="2023-12-01")
        act(director, f"/v1/agreements/{one.id}", "submit")
        made(subjects, "agreement_steps", agreement_id=one.id, kind="legal", due_on="2023-11-15", user_id=None)
        file = director.call("POST", f"/v1/attachments?name=a.pdf&subject_kind=agreement&subject_id={one.id}",
                             b"%PDF-1.7\n%%EOF\n", Content_Type="application/pdf").id
        put(migrate, "agreement", one.id, "in_force")
        ready.made("agreement_partnerships", agreement_id=one.id)
        review = made(subjects, "partnership_reviews", partnership_id=ready.id).id
        migrate.execute("UPDATE partnership_review SET decision = %s, status = %s, decided_at = now() WHERE id = %s",
                        (decision, status, review))
        migrate.commit()
        ones[one.id] = (decision, review, file)
    campaign = made(subjects, "renewal_campaigns", expires_from=ends, expires_until=ends, board_on="2026-12-12").id
    path = f"/v1/renewal_campaigns/{campaign}"
    act(director, path, "select")
    assert act(director, path, "follow_reviews")["board"] == {
        "selected": 4, "undecided": 1, "late": 3, "let_expire": 1, "to_draft": 2, "next": {}}
    rows = ours.viewer.get("/v1/renewals", {"renewal_campaign_id": campaign}).json["data"]
    told = {ones[row["agreement_id"]][0]: row for row in rows}
    assert {name: (row["decision"], row["is_late"]) for name, row in told.items()} == {
        "grow": ("renew", True), "adjust": ("renegotiate", True), "exit": ("let_expire", False), "renew": (None, True)}
    grows = told["grow"]
    assert grows["partnership_review_id"] == ones[grows["agreement_id"]][1]
    drafted = act(director, f"/v1/renewals/{grows['id']}", "prefill")
    assert (drafted["is_late"], ours.viewer.get(path).json["board"]["late"]) == (False, 2)
    [step] = ours.viewer.get("/v1/agreement_steps", {"agreement_id": drafted["successor_id"]}).json["data"]
    assert (step["kind"], step["status"], step["due_on"]) == ("legal", "pending", "2026-11-15")
    files = {"subject_kind": "agreement", "subject_id": drafted["successor_id"]}
    [copy] = director.get("/v1/attachments", files).json["data"]
    was = director.get(f"/v1/attachments/{ones[grows['agreement_id']][2]}").json
    assert (copy["sha256"], copy["name"]) == (was["sha256"], was["name"]) and copy["id"] != was["id"]
    content = [director.get(f"/v1/attachments/{one}/content").reply.body for one in (copy["id"], was["id"])]
    assert content[0] == content[1] != b""


@pytest.mark.shows("partnerships.renewal_reviews")
def test_a_campaign_begins_the_reviews_that_decide_it(ours, subjects, migrate):
    director, year = ours.director, next(YEARS)
    ready = Ready(ours)
    ready.archive("links")
    program = director.created("programs", {"partner_id": ready.partner, "name": "Tutors"}).id
    ready.change("partnerships", program_id=program, tier="partner")
    put(migrate, "partnership", ready.id, "active")
    ready.ids["agreements"] = in_force(director, expires_on=f"{year}-06-30").id
    ready.made("agreement_partnerships", agreement_id=ready.ids["agreements"])
    campaign = made(subjects, "renewal_campaigns", expires_from=f"{year}-06-01", expires_until=f"{year}-06-30",
                    board_on=f"{year}-05-01").id
    for _ in range(2):
        act(director, f"/v1/renewal_campaigns/{campaign}", "select")
    for of in ({"partnership_id": ready.id}, {"program_id": program}):
        [one] = director.get("/v1/partnership_reviews", of).json["data"]
        assert (one["status"], one["due_on"], one["school_year"]) == ("due", f"{year}-04-01", year)


# ---- How far goals are ---------------------------------------------------------------------------


@pytest.mark.shows("partnerships.goal_standing")
@pytest.mark.parametrize("current, standing", (
    ("80", "behind"), ("82", "at_risk"), ("83", "on_track"), ("90", "met"), (None, "at_risk")))
def test_a_goal_stands_by_its_distance_to_the_line(ours, subjects, current, standing):
    """Half of the way from 76 on 2026-05-21 to 90 is 83 today; what is only typed counts where nothing else does."""
    one = made(subjects, "goals", baseline="76", baseline_on="2026-05-21", target="90", due_on="2027-05-24",
               current=current, current_on=TODAY, progress="at_risk")
    told = ours.viewer.get(f"/v1/goals/{one.id}").json
    assert (told["progress"], told["standing"]) == ("at_risk", standing)
    assert told["computed_progress"] == (standing if current else None)
    assert (told["measured"], told["measured_on"]) == (None, None)
    assert patched(ours.director, f"/v1/goals/{one.id}", progress="dropped")["standing"] == "dropped"


def test_the_indicator_wins_over_what_is_typed_and_both_are_shown(ours, subjects):
    indicator = subjects.fresh("indicators").id
    one = made(subjects, "goals", baseline="76", target="90", current="90", current_on=TODAY, progress="met",
               indicator_id=indicator, baseline_on="2026-05-21")
    told = ours.viewer.get(f"/v1/goals/{one.id}").json
    assert (told["progress"], told["computed_progress"], told["standing"]) == ("met", "no_data", "no_data")
