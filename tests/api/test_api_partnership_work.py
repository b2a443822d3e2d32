"""What partnerships do beside goals and agreements: contacts, activities, shared goals, milestones, posts."""

import pytest
from acting import at_once
from check_ins import Running
from fields import APART, LEAST
from importing import counts, faults, load, revert, rows, unique
from operations import Subjects
from partnering import Ready

TODAY = "2026-11-21"
TOMORROW = "2026-11-22"


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def made(subjects, plural, **fields):
    return subjects.caller.created(plural, {**subjects.filled(APART[plural]), **fields})


def last_contact(ours, partner):
    return ours.viewer.get(f"/v1/partners/{partner}").json["last_contact_on"]


def patched(caller, path, **fields):
    answer = caller.patch(path, fields, caller.get(path).etag)
    assert answer.status == 200, answer
    return answer.json


# ---- Contacts ------------------------------------------------------------------------------------


@pytest.mark.shows("partnerships.last_contact", "partnerships.interactions")
def test_the_last_contact_of_a_partner_is_its_last_interaction_or_activity(ours, subjects):
    partner = ours.director.partner().id
    assert last_contact(ours, partner) is None
    first = made(subjects, "interactions", partner_id=partner, on_date="2026-03-02")
    made(subjects, "interactions", partner_id=partner, on_date="2026-02-02", kind="visit")
    assert last_contact(ours, partner) == "2026-03-02"
    body = {**LEAST["partnerships"], "partner_id": partner}
    partnership = ours.director.created("partnerships", body)
    session = made(subjects, "activities", partnership_id=partnership.id, on_date="2026-05-05")
    assert last_contact(ours, partner) == "2026-05-05"
    path = f"/v1/activities/{session.id}"
    assert ours.director.archive(path, session.etag).status == 204
    assert last_contact(ours, partner) == "2026-03-02"
    other = ours.director.partner().id
    patched(ours.director, f"/v1/interactions/{first.id}", partner_id=other)
    assert (last_contact(ours, partner), last_contact(ours, other)) == ("2026-02-02", "2026-03-02")


def test_who_may_not_write_a_partner_may_still_have_met_it(ours, subjects):
    """The last contact follows whoever entered it."""
    site = ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    partner = ours.director.partner().id
    body = {**APART["interactions"], "partner_id": partner}
    assert leader.post("/v1/interactions", body).status == 403
    assert leader.post("/v1/interactions", {**body, "site_id": site}).status == 201
    assert last_contact(ours, partner) == body["on_date"]


@pytest.mark.parametrize("plural", ("interactions", "activities"))
def test_what_happened_is_not_in_the_future(ours, subjects, plural):
    body = subjects.filled(APART[plural])
    answer = ours.director.post(f"/v1/{plural}", {**body, "on_date": TOMORROW})
    assert (answer.status, answer.faults) == (422, {"/on_date": "not_allowed"}), answer
    assert ours.director.post(f"/v1/{plural}", {**body, "on_date": TODAY}).status == 201


@pytest.mark.shows("partnerships.co_partners")
def test_an_interaction_is_about_a_partnership_of_that_partner_or_a_co_partners(ours, subjects):
    one = made(subjects, "interactions")
    partnership = subjects.fresh("partnerships").id
    path = f"/v1/interactions/{one.id}"
    answer = ours.director.patch(path, {"partnership_id": partnership}, one.etag)
    assert (answer.status, answer.faults) == (422, {"/partnership_id": "not_allowed"}), answer
    link = {"partnership_id": partnership, "partner_id": one.json["partner_id"], "role": "funder"}
    ours.director.created("partnership_partners", link)
    assert patched(ours.director, path, partnership_id=partnership)["partnership_id"] == partnership
    taken = ours.director.post("/v1/partnership_partners", link)
    assert taken.status == 409, taken
    own = ours.viewer.get(f"/v1/partnerships/{partnership}").json["partner_id"]
    answer = ours.director.post("/v1/partnership_partners", {**link, "partner_id": own})
    assert (answer.status, answer.faults) == (422, {"/partner_id": "not_allowed"}), answer


@pytest.mark.shows("partnerships.activities")
def test_heads_are_told_to_staff_and_to_others_from_the_threshold_on(ours, subjects):
    def seen(caller, count):
        one = made(subjects, "activities", head_count=count, audience=["students"], hours="1.5")
        told = caller.get(f"/v1/activities/{one.id}").json
        return told["head_count"], told["people"]

    assert seen(ours.director, 9) == (9, None)
    assert seen(ours.viewer, 9) == (None, None)
    assert seen(ours.director, 10) == (10, 10)
    assert seen(ours.viewer, 10) == (None, 10)


FILES = {
    "interactions": "partner,kind,on_date,subject,site,user,contact\n"
                    "{partner},visit,2026-09-01,Tour,{site},{user},{contact}\n"
                    "{partner},visit,2026-09-01,Tour again,,,\n",
    "activities": "partnership,kind,title,on_date,site,head_count,hours,audience\n"
                  "{partnership},session,Tutoring,2026-09-01,{site},25,1.5,students;families\n"
                  "{partnership},session,Tutoring,2026-09-01,,,,\n",
    "placements": "partnership,site,title,fte,funder,from_date,contact,annual_cost_cents\n"
                  "{partnership},{site},Nurse,0.5,partner,2026-08-01,{contact},5000000\n",
    "partnership_partners": "partnership,partner,role\n{partnership},{other},funder\n",
}


@pytest.mark.shows("partnerships.imports")
@pytest.mark.parametrize("kind", FILES)
def test_each_kind_comes_by_a_file(ours, kind, database):
    admin = ours.admin
    partner = admin.partner(name=unique("Partner")).json
    names = {
        "partner": partner["name"],
        "other": admin.partner(name=unique("Other")).json["name"],
        "site": admin.site(name=unique("School"), local_id=unique("L")).json["local_id"],
        "contact": admin.created("contacts", {
            "name": "Ann", "email": unique("a").replace(" ", "-") + "@example.org"}).json["email"],
        "user": admin.get(f"/v1/users/{ours.users['coordinator']}").json["email"],
        "partnership": admin.created("partnerships", {
            "name": unique("T"), "partner_id": partner["id"], "arrangement": "program"}).json["name"],
    }  # fmt: skip
    file = FILES[kind].format(**names)
    report = load(admin, kind, file)
    assert report["created"] == report["rows_read"] > 0, rows(admin, report)
    assert counts(load(admin, kind, file)) == (0, 0, report["rows_read"], 0)
    if kind == "interactions":
        assert last_contact(ours, partner["id"]) == "2026-09-01"
    if kind == "placements":  # it feeds investments, which go with it
        with database.connect("kith_migrate") as connection:
            connection.execute("UPDATE partnership SET status = 'active' WHERE name = %s", (names["partnership"],))
        with database.connect("kith_checkin") as connection:
            assert connection.execute("SELECT placements_advance(%s, %s)", (ours.id, f"{TODAY}T18:00:00Z")).fetchone() == (3,)
    assert revert(admin, report)["reverted"] == report["rows_read"]
    assert last_contact(ours, partner["id"]) is None
    if kind == "interactions":
        late = load(admin, kind, f"partner,kind,on_date,subject\n{names['partner']},call,{TOMORROW},X\n")
        assert faults(admin, late) == {2: [("on_date", "not_allowed")]}


# ---- Shared goals, milestones --------------------------------------------------------------------


@pytest.mark.shows("partnerships.shared_goals")
def test_a_shared_goal_that_both_sides_want_is_enough_for_the_gate(ours):
    one, other = Ready(ours), Ready(ours)
    one.archive("goals")
    for verb in ("align", "agree"):
        assert one.act(verb).status == 200
    assert one.transitions()["activate"] == ("active", ["goal"])
    share = one.made("goal_partnerships", goal_id=other.ids["goals"])
    assert one.transitions()["activate"] == ("active", ["goal_district", "goal_partner"])
    path = f"/v1/goal_partnerships/{share}/acknowledge"
    assert ours.director.post(path, {}).status == 200
    assert one.transitions()["activate"] == ("active", ["goal_partner"])
    answer = ours.director.post(path, {"on_behalf_of": other.contact})
    assert (answer.status, answer.faults) == (422, {"/on_behalf_of": "not_allowed"}), answer
    assert ours.director.post(path, {"on_behalf_of": one.contact}).status == 200
    assert one.transitions()["activate"] == ("active", [])
    other.change("goals", statement="All write")
    needed = ["goal_district", "goal_partner"]
    assert one.transitions()["activate"] == ("active", needed), "it was another goal"
    own = {"goal_id": other.ids["goals"], "partnership_id": other.id}
    assert ours.director.post("/v1/goal_partnerships", own).faults == {"/partnership_id": "not_allowed"}


@pytest.mark.shows("partnerships.milestones")
def test_a_milestone_is_reached_dropped_and_open_again(ours, subjects):
    one = made(subjects, "milestones")
    path = f"/v1/milestones/{one.id}"
    told = ours.viewer.get(f"{path}/transitions").json
    assert [(p["action"], p["missing"]) for p in told["possible"]] == [
        ("drop", []), ("miss", ["due_on"]), ("reach", [])]
    answer = ours.director.post(f"{path}/reach", {"on_date": TOMORROW})
    assert (answer.status, answer.faults) == (422, {"/on_date": "not_allowed"}), answer
    reached = ours.director.post(f"{path}/reach", {}).json
    assert (reached["status"], reached["reached_on"]) == ("reached", TODAY)
    assert ours.director.post(f"{path}/drop", {"reason": "x"}).status == 409
    opened = ours.director.post(f"{path}/reopen", {}).json
    assert (opened["status"], opened["reached_on"]) == ("open", None)
    dropped = ours.director.post(f"{path}/drop", {"reason": "No money"}).json
    assert (dropped["status"], dropped["status_reason"]) == ("dropped", "No money")
    goal = subjects.fresh("goals").id
    answer = ours.director.patch(path, {"goal_id": goal}, ours.director.get(path).etag)
    assert (answer.status, answer.faults) == (422, {"/goal_id": "not_allowed"}), answer


@pytest.mark.shows("partnerships.milestones_missed")
def test_a_milestone_whose_day_is_over_is_missed_and_reached_late_or_moved(ours, subjects):
    path = f"/v1/milestones/{made(subjects, 'milestones', due_on='2026-11-20').id}"
    assert ours.director.post(f"{path}/miss", {}).json["status"] == "missed"
    refused = ours.director.post(f"{path}/reopen", {})
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["due_on"])
    moved = ours.director.patch(path, {"due_on": TOMORROW}, ours.director.get(path).etag)
    assert moved.status == 200 and ours.director.post(f"{path}/reopen", {}).json["status"] == "open"
    assert ours.director.post(f"{path}/miss", {}).status == 409, "its day is not over"
    ours.director.patch(path, {"due_on": "2026-11-20"}, ours.director.get(path).etag)
    ours.director.post(f"{path}/miss", {})
    assert ours.director.post(f"{path}/reach", {}).json["reached_on"] == TODAY


@pytest.mark.shows("partnerships.priorities")
@pytest.mark.parametrize("plural", ["goals", "site_visions"])
def test_goals_and_visions_serve_a_priority(ours, subjects, plural):
    priority = subjects.fresh("priorities").id
    one = ours.director.created(plural, subjects.filled({**LEAST[plural], "priority_id": priority})).id
    [found] = ours.viewer.get(f"/v1/{plural}", {"priority_id": priority, "expand": "priority"}).json["data"]
    assert (found["id"], found["priority"]["id"]) == (one, priority)


@pytest.mark.shows("partnerships.gate_displacement")
def test_what_a_partner_does_at_posts_begins_once_it_displaces_nobody(ours, subjects):
    one = Ready(ours)
    for verb in ("align", "agree"):
        one.act(verb)
    assert one.transitions()["activate"] == ("active", [])
    made(subjects, "placements", partnership_id=one.id)
    assert one.transitions()["activate"] == ("active", ["displacement"])
    body = {"partnership_id": one.id, "proposal": "A coach for readers", "done_by_employees": True}
    review = ours.director.created("displacement_reviews", body).id
    assert one.transitions()["activate"] == ("active", ["displacement"]), "nobody has decided yet"
    path = f"/v1/displacement_reviews/{review}"
    assert ours.director.post(f"{path}/decide", {"kind": "displaces", "reason": "Aides"}).status == 200
    assert one.act("activate").status == 409, "it waits for an executive"
    assert ours.executive.post(f"{path}/approve", {"reason": "They retire."}).status == 200
    assert one.act("activate").json["status"] == "active"


@pytest.mark.shows("partnerships.changes")
def test_a_change_of_leadership_is_told_with_what_was_made_of_it(ours, subjects):
    one = made(subjects, "partnership_changes", response="A visit in the first week")
    listed = ours.viewer.get("/v1/partnership_changes", {"partnership_id": one.json["partnership_id"]})
    assert [(c["kind"], c["response"]) for c in listed.json["data"]] == [
        ("leadership", "A visit in the first week")]


# ---- Placements ----------------------------------------------------------------------------------


@pytest.mark.shows("partnerships.placements")
def test_a_placement_becomes_an_investment_of_its_days_once(ours, subjects):
    one = made(subjects, "placements", annual_cost_cents=7300000, from_date="2026-07-01")
    path = f"/v1/placements/{one.id}/invest"
    span = {"from_date": "2026-07-01", "until_date": "2026-07-10"}
    assert ours.director.post(path, span).status == 200
    [entry] = ours.viewer.get("/v1/investments", {"placement_id": one.id}).json["data"]
    assert (entry["amount_cents"], entry["side"], entry["kind"], entry["status"]) == (
        100000, "partner", "staff_fte", "pledged"), "half of 73,000 dollars, 10 of 365 days"
    answer = ours.director.post(path, {"from_date": "2026-07-10", "until_date": "2026-08-10"})
    assert (answer.status, answer.json["state"]) == (409, {"status": "invested"}), answer
    assert ours.director.post(path, {**span, "from_date": "2026-06-30"}).faults == {
        "/from_date": "not_allowed"}
    patched(ours.director, f"/v1/placements/{one.id}", annual_cost_cents=None)
    assert ours.director.post(path, span).json["state"] == {"missing": ["annual_cost"]}


@pytest.mark.shows("partnerships.placements_feed")
def test_a_placement_feeds_investments_by_the_day_and_follows_what_changes(ours, database):
    director, site = ours.director, ours.director.site().id
    works_at = Running(database, ours.id, ours.users["coordinator"]).id

    def post(**fields):
        return director.created("placements", {
            "partnership_id": works_at, "site_id": site, "title": "Nurse", "fte": "1", "funder": "partner",
            "annual_cost_cents": 36500000, "from_date": "2026-08-01", **fields}).id

    def feed(day):
        with database.connect("kith_checkin") as connection:
            return connection.execute("SELECT placements_advance(%s, %s)", (ours.id, f"{day}T18:00:00Z")).fetchone()[0]

    def entries(one):
        rows = director.get("/v1/investments", {"placement_id": one, "sort": "from_date"}).json["data"]
        return [(row["from_date"], row["until_date"], row["amount_cents"], row["status"]) for row in rows
                if row["status"] != "cancelled"]

    one, off = post(), post(title="Clerk", funder="district")
    assert sum(at_once(4, lambda _: feed("2026-11-21"))) == 6
    fall = [("2026-08-01", "2026-09-30", 6100000, "delivered"), ("2026-10-01", "2026-12-31", 9200000, "pledged")]
    assert entries(one) == entries(off) == fall
    patched(director, f"/v1/placements/{one}", fte="0.5")
    director.archive(f"/v1/placements/{off}", director.get(f"/v1/placements/{off}").etag)
    assert feed("2026-11-21") > 0 and feed("2026-11-21") == 0
    half = [fall[0], ("2026-10-01", "2026-11-20", 5100000, "delivered"), ("2026-11-21", "2026-12-31", 2050000, "pledged")]
    assert entries(one) == half, "what was until yesterday stays as it was"
    assert entries(off) == half[:2]
    by_hand = {"from_date": "2027-01-01", "until_date": "2027-01-31"}
    assert director.post(f"/v1/placements/{one}/invest", by_hand).status == 200
    feed("2027-01-05")
    assert entries(one)[2:] == [(*half[2][:3], "delivered"), ("2027-01-01", "2027-01-31", 1550000, "pledged"),
                                ("2027-02-01", "2027-03-31", 2950000, "pledged")], "what is entered by hand stays"
    patched(director, f"/v1/placements/{one}", until_date="2027-02-28")
    assert feed("2027-01-05") > 0 and entries(one)[4:] == [("2027-02-01", "2027-02-28", 1400000, "pledged")]
    [last] = [row for row in director.get("/v1/investments", {"placement_id": one}).json["data"]
              if row["from_date"] == "2027-02-01"]
    assert last["is_fed"] and director.post(f"/v1/investments/{last['id']}/cancel", {}).status == 200
    assert feed("2027-01-05") == 0 and len(entries(one)) == 4, "whoever cancels it does not want it"


@pytest.mark.shows("partnerships.placements_paid_elsewhere")
def test_what_neither_side_pays_is_a_grant_from_outside_and_counts_for_neither(ours, subjects):
    one = made(subjects, "placements", annual_cost_cents=7300000, from_date="2026-07-01", funder="other",
               funder_name="The state")
    span = {"from_date": "2026-07-01", "until_date": "2026-07-10"}
    assert ours.director.post(f"/v1/placements/{one.id}/invest", span).status == 200
    [entry] = ours.viewer.get("/v1/investments", {"placement_id": one.id}).json["data"]
    assert (entry["kind"], entry["is_assigned"], entry["purpose"]) == ("grant", False, "A social worker, The state")
    scope = {"scope": f"partnership:{one.json['partnership_id']}", "school_year": 2027}
    told = ours.viewer.get("/v1/balance", scope).json
    assert (told["outside_cents"], told["partner_pledged_cents"]) == (100000, 0)


@pytest.mark.shows("partnerships.clearance", "partnerships.clearance_tasks")
def test_a_clearance_is_attested_for_whoever_has_the_post_and_its_end_is_a_task_before(ours, subjects):
    contact, mine = subjects.fresh("contacts").id, ours.users["coordinator"]
    one = made(subjects, "placements", contact_id=contact, supervisor_id=mine)
    path = f"/v1/placements/{one.id}"

    def waits():
        tasks = ours.coordinator.get("/v1/me/tasks").json["data"]
        return [task["due_on"] for task in tasks if task["subject_id"] == one.id]

    def among(**query):
        partnership = {"partnership_id": one.json["partnership_id"]}
        return [row["id"] for row in ours.viewer.get("/v1/placements", {**query, **partnership}).json["data"]]

    assert waits() == ["2026-08-01"] and among(**{"clearance_attested_on[is]": "null"}) == [one.id]
    assert ours.director.post(f"{path}/attest", {"until": "2026-11-20"}).faults == {"/until": "not_allowed"}
    told = ours.director.post(f"{path}/attest", {"until": "2026-12-21"}).json
    assert (told["clearance_attested_on"], told["clearance_attested_by"], told["is_cleared"]) == (
        TODAY, ours.users["director"], True)
    assert waits() == ["2026-12-21"] and among(**{"clearance_until[lte]": "2026-12-31"}) == [one.id]
    assert ours.director.post(f"{path}/attest", {"until": "2027-06-30"}).status == 200
    assert waits() == [] == among(**{"clearance_until[lte]": "2026-12-31"})
    told = patched(ours.director, path, contact_id=subjects.fresh("contacts").id)
    assert (told["clearance_attested_on"], told["clearance_until"], told["is_cleared"]) == (None, None, False)
