"""What falls due by the clock: needs, asks and calls to action expire, reviews are to be written."""

import pytest
from acting import at_once
from check_ins import Running
from convening import made
from needing import did, made_need, open_need


def works(tenant, day, *functions):
    """How much each of the worker's functions does at noon of that day, in the district's zone."""
    with tenant.api.database.connect("kith_checkin") as connection:
        return [connection.execute(f"SELECT {name}_advance(%s, %s)", (tenant.id, f"{day}T18:00:00Z")).fetchone()[0]
                for name in functions]


def status(tenant, plural, one):
    told = tenant.director.get(f"/v1/{plural}/{one}").json
    return told["status"], told["status_reason"]


def waiting(caller):
    return {(task["kind"], task["subject_id"]) for task in caller.get("/v1/me/tasks").json["data"]}


def asked(tenant, need, verb="send", **fields):
    caller = tenant.director
    one = caller.created("asks", {"need_id": need, "partner_id": caller.partner().id, **fields}).id
    if verb:
        did(caller, "asks", one, verb)
    return one


@pytest.mark.shows("needs.by_the_clock", "needs.ask_ends")
def test_needs_and_asks_expire_the_day_after_theirs_once_and_as_by_hand(ours, database):
    need, later = (open_need(ours, needed_by=day) for day in ("2026-11-25", "2026-12-25"))
    late = {"respond_by": "2026-12-24"}
    sent, draft, soon = asked(ours, need, **late), asked(ours, need, None), asked(ours, later, respond_by="2026-11-24")
    talk = asked(ours, need)
    did(ours.director, "asks", talk, "talk", due_on="2026-12-01")
    assert works(ours, "2026-11-24", "needs", "asks") == [0, 0]
    assert works(ours, "2026-11-25", "needs", "asks") == [0, 1]
    assert status(ours, "asks", soon)[0] == "expired"
    did_by = at_once(8, lambda _: works(ours, "2026-11-26", "needs", "asks"))
    assert [sum(each) for each in zip(*did_by)] == [1, 0], "whoever comes first"
    over = "The day is over by which it was needed."
    assert [status(ours, plural, one) for plural, one in (
        ("needs", need), ("needs", later), ("asks", sent), ("asks", draft), ("asks", talk))] == [
            ("expired", None), ("open", None), ("expired", over), ("withdrawn", over), ("talk", None)]
    with database.connect("kith_migrate") as connection:
        assert connection.execute(
            "SELECT count(*) FROM outbox WHERE aggregateid = %s AND type LIKE '%%expired%%'", (need,)).fetchone() == (1,)


@pytest.mark.shows("needs.calls_by_the_clock")
def test_a_call_closes_by_itself_two_weeks_after_its_deadline_and_its_needs_with_it(ours, subjects):
    who, one = ours.executive, made(subjects, "calls_to_action", deadline="2026-12-01", resource_kinds=["money"]).id
    did(who, "calls_to_action", one, "open")
    did(who, "calls_to_action", one, "allocate", site_id=ours.director.site().id, quantity=1)
    need = who.get("/v1/needs", {"call_to_action_id": one}).json["data"][0]["id"]
    assert ("call_to_action", one) not in waiting(who)
    before = ours.api.move_clock()
    try:
        ours.api.move_clock(days=4)
        assert ("call_to_action", one) in waiting(who), "a week ahead"
    finally:
        ours.api.set_clock(before)
    assert works(ours, "2026-12-15", "calls_to_action", "needs") == [0, 0], "it may still be extended"
    assert works(ours, "2026-12-16", "calls_to_action", "needs") == [1, 0]
    told = who.get(f"/v1/calls_to_action/{one}").json
    assert (told["status"], told["resolution"]) == ("closed", "Its deadline is over.")
    assert status(ours, "needs", need)[0] == "withdrawn"
    assert who.get(f"/v1/calls_to_action/{one}/report").json["days_left"] is None


def year_of(tenant):
    """The school year 2027, open."""
    for row in tenant.admin.get("/v1/school_years").json["data"]:
        if row["status"] == "closed":
            did(tenant.admin, "school_years", row["id"], "reopen")
        return row["id"]
    year = tenant.admin.created("school_years", {"school_year": 2027}).id
    did(tenant.admin, "school_years", year, "open", calendar="none")
    return year


@pytest.mark.shows("partnerships.reviews_due")
def test_reviews_fall_due_before_the_year_ends_once_for_who_leads(theirs, database):
    tenant, lead = theirs, theirs.users["coordinator"]
    with_tier = {"tier": "partner"}
    partnership = Running(database, tenant.id, lead, **with_tier)
    Running(database, tenant.id, lead, tier="supporter")
    Running(database, tenant.id, lead, status="ended")
    year_of(tenant)
    assert works(tenant, "2027-04-30", "reviews") == [0]
    assert sum(each[0] for each in at_once(4, lambda _: works(tenant, "2027-05-01", "reviews"))) == 1
    rows = tenant.director.get("/v1/partnership_reviews").json["data"]
    rows = [row for row in rows if row["partnership_id"] == partnership.id]
    assert [(row["partnership_id"], row["due_on"], row["user_id"], row["status"], row["school_year"])
            for row in rows] == [(partnership.id, "2027-06-30", lead, "due", 2027)]
    path = f"/v1/partnership_reviews/{rows[0]['id']}"
    assert tenant.director.archive(path, tenant.director.get(path).etag).status == 204
    assert works(tenant, "2027-05-02", "reviews") == [0], "whoever took it off does not want it"
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE district SET review_lead_days = 0 WHERE id = %s", (tenant.id,))
        connection.execute("DELETE FROM partnership_review WHERE district_id = %s", (tenant.id,))
    assert works(tenant, "2027-05-03", "reviews") == [0]


@pytest.mark.shows("partnerships.program_reviews_due", "partnerships.evidence_when_due")
def test_reviews_of_programs_fall_due_too_and_have_their_evidence_then_and_as_decided(theirs, database):
    tenant, director = theirs, theirs.director
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE district SET review_lead_days = 60 WHERE id = %s", (tenant.id,))
    owner, lead = tenant.users["director"], tenant.users["coordinator"]
    partner = director.partner(owner_id=owner).id
    runs, ended, alone = (director.created("programs", {"partner_id": partner, "name": name, "status": status}).id
                          for name, status in (("Tutors", "active"), ("Choir", "ended"), ("Chess", "active")))
    partnership = Running(database, tenant.id, lead, tier="partner", program_id=runs)
    Running(database, tenant.id, lead, tier="partner", program_id=ended)
    Running(database, tenant.id, lead, tier="supporter", program_id=alone)
    year_of(tenant)

    def reviews():
        rows = director.get("/v1/partnership_reviews").json["data"]
        return {row["program_id"] or row["partnership_id"]: row for row in rows}

    for _ in range(2):
        works(tenant, "2027-05-01", "reviews")
    begun = reviews()
    assert not begun.keys() & {ended, alone}
    assert [begun[runs][name] for name in ("partnership_id", "due_on", "user_id", "status")] == [
        None, "2027-06-30", owner, "due"]
    path = f"/v1/partnership_reviews/{begun[runs]['id']}"
    for fields in ({"user_id": None, "due_on": "2026-12-01"}, {"user_id": owner, "due_on": "2027-06-30"}):
        assert director.patch(path, fields, director.get(path).etag).status == 200
        assert (("partnership_review", begun[runs]["id"]) in waiting(director)) == (fields["user_id"] is None)

    def gathered(day):
        with database.connect("kith_checkin") as connection:
            return connection.execute("SELECT reviews_gather(%s, %s)", (tenant.id, f"{day}T18:00:00Z")).fetchone()[0]

    assert sum(at_once(4, lambda _: gathered("2027-05-01"))) >= 2 and gathered("2027-06-29") == 0
    ones = (runs, partnership.id)
    assert {reviews()[one]["evidence_as_of"] for one in ones} == {"2027-05-01"}
    assert reviews()[runs]["evidence"]["partnerships"] == [partnership.id]
    did(director, "partnership_reviews", reviews()[runs]["id"], "draft")
    assert director.patch(path, {"quality": 3, "sustainability": 3, "findings": "Good"},
                          director.get(path).etag).status == 200
    did(director, "partnership_reviews", reviews()[runs]["id"], "decide", decision="renew")
    director.created("action_items", {"partnership_id": partnership.id, "description": "Call"})
    assert gathered("2027-06-30") >= 1 and gathered("2027-07-09") == 0, "anew on the day, once"
    found = reviews()
    assert (found[partnership.id]["evidence_as_of"], found[partnership.id]["evidence"]["open_actions"]) == (
        "2027-06-30", 1)
    assert (found[runs]["evidence_as_of"], found[runs]["evidence"]["open_actions"]) == ("2026-11-21", 0), "as decided"


@pytest.mark.shows("needs.snapshots_by_the_clock", "district.year_end")
def test_the_landscape_is_kept_when_a_quarter_is_over_and_when_the_year_is(theirs):
    tenant = theirs
    tenant.admin.created("reporting_quarters", {
        "school_year": 2027, "number": 1, "starts_on": "2026-07-01", "ends_on": "2026-09-30"})
    assert works(tenant, "2026-09-30", "snapshots") == [0]
    assert sum(each[0] for each in at_once(4, lambda _: works(tenant, "2026-10-01", "snapshots"))) == 1
    assert works(tenant, "2026-11-01", "snapshots") == [0]
    [kept] = tenant.viewer.get("/v1/landscape_snapshots").json["data"]
    assert (kept["school_year"], kept["term"], kept["name"]) == (2027, 1, "Quarter 1 of 2027")
    year = year_of(tenant)
    partnership = Running(tenant.api.database, tenant.id, tenant.users["coordinator"], tier="partner")
    for verb in ("close", "reopen", "close"):
        did(tenant.admin, "school_years", year, verb)
    ends = tenant.viewer.get("/v1/landscape_snapshots").json["data"]
    assert [row["name"] for row in ends if row["term"] is None] == ["End of the school year 2027"], "once"
    reviews = tenant.director.get("/v1/partnership_reviews", {"partnership_id": partnership.id}).json["data"]
    assert [(row["status"], row["due_on"]) for row in reviews] == [("due", "2027-06-30")]
    with tenant.api.database.connect("kith_migrate") as connection:  # more than one round does
        connection.execute(
            "INSERT INTO partnership (district_id, id, partner_id, name, arrangement, status, tier, created_at, updated_at) "
            "SELECT district_id, uuid7(), partner_id, n::text, 'program', 'active', 'partner', created_at, updated_at "
            "FROM partnership, generate_series(1, 1001) n WHERE id = %s", (partnership.id,))
    assert [works(tenant, day, "reviews")[0] for day in ("2026-11-22", "2026-11-22", "2026-11-22", "2027-03-01")] == [
        1000, 1, 0, 0], "also of a year that is closed"


@pytest.mark.shows("district.work_tasks")
def test_what_has_an_owner_waits_for_it_until_it_is_done(ours, subjects):
    director, mine = ours.director, ours.users["coordinator"]
    kinds = ("ask champion_step funding_application inquiry need_review partnership_review pause portfolio_decision "
             "roll_call").split()

    def waits():
        return {task for task in waiting(ours.coordinator) if task[0] in kinds}

    network = made(subjects, "networks").id
    site, elsewhere = director.site().id, director.site(network_id=network).id
    for post in (made(subjects, "posts", site_id=site, kind="partnership_lead").id,
                 made(subjects, "posts", network_id=network, kind="network_lead").id):
        made(subjects, "post_holders", post_id=post, user_id=mine, from_date="2026-07-01")
    paused = Running(ours.api.database, ours.id, mine).id
    did(director, "partnerships", paused, "pause", reason="Leave", until="2026-11-27")
    need = made_need(ours, site_id=elsewhere)
    did(director, "needs", need, "submit")
    ask = asked(ours, open_need(ours), "submit", partner_id=director.partner(owner_id=mine).id)
    wanted = {"ask": ask, "pause": paused, "need_review": need, **{
        kind: made(subjects, plural, **fields).id for kind, plural, fields in (
            ("champion_step", "champion_steps", {
                "champion_id": made(subjects, "champions", owner_id=mine).id, "on_date": "2026-11-30"}),
            ("funding_application", "funding_applications", {"owner_id": mine}),
            ("inquiry", "inquiries", {}),
            ("partnership_review", "partnership_reviews", {"user_id": mine, "due_on": "2026-12-31"}),
            ("portfolio_decision", "portfolio_decisions", {"owner_id": mine}),
            ("roll_call", "roll_calls", {"site_id": site, "due_on": "2026-12-01"}))}}
    assert ("inquiry", wanted["inquiry"]) in waiting(director), "it is nobody's"
    did(director, "inquiries", wanted["inquiry"], "assign", owner_id=mine)
    assert waits() == set(wanted.items())
    did(ours.coordinator, "asks", ask, "clear")
    did(director, "partnerships", paused, "end", reason="They do not come back.")
    did(director, "needs", need, "review", internal_capacity="none", reason="None")
    did(director, "funding_applications", wanted["funding_application"], "withdraw", reason="No.")
    did(director, "inquiries", wanted["inquiry"], "answer", answer="Yes.")
    did(director, "portfolio_decisions", wanted["portfolio_decision"], "complete", outcome="Done")
    did(director, "roll_calls", wanted["roll_call"], "submit")
    assert {kind for kind, _ in waits()} == {"champion_step", "partnership_review"}
    assert ("roll_call", wanted["roll_call"]) in waiting(director), "to be confirmed"
