"""Funding and what it carries, training, coaching of school leaders, and examples worth copying."""

import pytest
from acting import act, at_once, done
from fields import APART
from operations import Subjects
from partnering import put

TODAY = "2026-11-21"


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def made(subjects, plural, **fields):
    return subjects.caller.created(plural, subjects.filled({**APART[plural], **fields}))


def award(subjects, cents, first, last, **fields):
    """The id of an application that was awarded."""
    one = made(subjects, "funding_applications", **fields).id
    for verb in ("begin", "submit"):
        done(act(subjects.caller, "funding_applications", one, verb))
    body = {"awarded_cents": cents, "from_date": first, "until_date": last, "award_number": "S425U"}
    done(act(subjects.caller, "funding_applications", one, "award", **body))
    return one


@pytest.mark.shows("development.funding", "development.applicants")
def test_an_application_goes_from_the_plan_to_the_award(ours, subjects):
    director = ours.director
    opportunity = made(subjects, "funding_opportunities", due_on="2026-12-31", least_cents=100, most_cents=500)
    wrong = director.post("/v1/funding_opportunities", {
        **APART["funding_opportunities"], "least_cents": 2, "most_cents": 1})
    assert (wrong.status, [*wrong.faults]) == (422, ["/most_cents"]), wrong
    one = made(subjects, "funding_applications", funding_opportunity_id=opportunity.id,
               partner_id=director.partner().id, requested_cents=400).id
    with_us = made(subjects, "funding_applicants", funding_application_id=one, role="evaluator", share_cents=50)
    again = director.post("/v1/funding_applicants", {
        "funding_application_id": one, "partner_id": with_us.json["partner_id"]})
    assert again.faults == {"/partner_id": "taken"}, again
    done(act(director, "funding_applications", one, "begin"))
    late = act(director, "funding_applications", one, "submit", on_date="2026-11-22")
    assert late.faults == {"/on_date": "not_allowed"}, late
    assert done(act(director, "funding_applications", one, "submit"))["submitted_on"] == TODAY
    body = {"awarded_cents": 300, "from_date": "2027-01-01", "until_date": "2026-12-31"}
    assert act(director, "funding_applications", one, "award", **body).faults == {"/until_date": "not_allowed"}
    told = done(act(director, "funding_applications", one, "award", **{**body, "until_date": "2028-12-31"}))
    assert (told["status"], told["awarded_cents"], told["decided_on"]) == ("awarded", 300, TODAY)
    other = made(subjects, "funding_applications").id
    assert done(act(director, "funding_applications", other, "withdraw", reason="No time"))["status_reason"] == "No time"
    assert done(act(director, "funding_applications", other, "reopen"))["status"] == "planned"
    for verb in ("begin", "submit"):
        done(act(director, "funding_applications", other, verb))
    gone = done(act(director, "funding_applications", other, "decline", reason="Others"))
    assert (gone["status"], gone["decided_on"]) == ("declined", TODAY)


@pytest.mark.shows("development.carried")
def test_an_award_carries_no_more_than_it_is_however_many_ask_at_once(ours, subjects, migrate):
    one = award(subjects, 1000, "2026-07-01", "2027-06-30")
    partnerships = [made_partnership(ours) for _ in range(6)]

    def carried(number):
        return ours.director.post("/v1/funding_partnerships", {
            "funding_application_id": one, "partnership_id": partnerships[number], "share_cents": 300})

    answers = at_once(6, carried)
    assert sorted(a.status for a in answers) == [201] * 3 + [422] * 3, answers
    first = next(a for a in answers if a.status == 201)
    path = f"/v1/funding_partnerships/{first.json['id']}"
    assert ours.director.patch(path, {"share_cents": 401}, first.etag).faults == {"/share_cents": "not_allowed"}
    assert ours.director.patch(path, {"share_cents": 400}, first.etag).status == 200
    planned = made(subjects, "funding_partnerships", share_cents=500).json["funding_application_id"]
    for verb in ("begin", "submit"):
        done(act(ours.director, "funding_applications", planned, verb))
    less = act(ours.director, "funding_applications", planned, "award", awarded_cents=499, from_date="2026-07-01",
               until_date="2027-06-30")
    assert less.faults == {"/awarded_cents": "not_allowed"}, less


def made_partnership(tenant, **fields):
    director = tenant.director
    return director.created("partnerships", {
        "name": "Carried", "partner_id": director.partner().id, "arrangement": "program", "purpose": "Read",
        **fields}).id


@pytest.mark.shows("development.sustainability")
def test_what_is_secured_for_the_next_year_is_counted_by_day(theirs, migrate):
    director, subjects = theirs.director, Subjects(theirs)
    network = director.created("networks", {"name": "North"}).id
    site = director.site(network_id=network).id
    lone, carried = (made_partnership(theirs, lead_site_id=site) for _ in range(2))
    for one in (lone, carried):
        put(migrate, "partnership", one, "active")
        director.created("investments", {
            "partnership_id": one, "side": "partner", "kind": "cash", "amount_cents": 73000,
            "from_date": "2026-07-01", "until_date": "2027-06-30"})
    application = award(subjects, 200000, "2027-07-01", "2029-06-30")
    made(subjects, "funding_partnerships", funding_application_id=application, partnership_id=carried,
         share_cents=73100)
    told = theirs.viewer.get("/v1/sustainability").json
    assert (told["school_year"], told["count"], told["share"]) == (2028, 2, "0.2507"), told
    assert [(row["partnership_id"], row["before_cents"], row["secured_cents"], row["award_cents"], row["share"])
            for row in told["partnerships"]] == [
                (lone, 73000, 0, 0, "0.0000"), (carried, 73000, 36600, 36600, "0.5014")], "366 days of 731"
    for query, count in (({"site_id": site}, 2), ({"network_id": network}, 2), ({"partnership_id": lone}, 1),
                         ({"partner_id": director.partner().id}, 0)):
        assert theirs.viewer.get("/v1/sustainability", query).json["count"] == count, query
    assert theirs.viewer.get("/v1/sustainability", {"school_year": 1999}).status == 400


@pytest.mark.shows("development.periods", "development.funder_reports", "development.sustainability_by_site")
def test_an_award_is_spread_over_its_periods_and_what_is_secured_is_told_by_site(theirs, migrate):
    director, subjects = theirs.director, Subjects(theirs)
    lead, other = director.site().id, director.site().id
    one = made_partnership(theirs, lead_site_id=lead)
    put(migrate, "partnership", one, "active")
    for site, cents in ((None, 30000), (other, 10000)):
        director.created("investments", {
            "partnership_id": one, "side": "partner", "kind": "cash", "amount_cents": cents, "site_id": site,
            "from_date": "2026-07-01", "until_date": "2027-06-30"})
    director.created("partnership_sites", {"partnership_id": one, "site_id": other})
    application = award(subjects, 100000, "2026-07-01", "2028-06-30")
    made(subjects, "funding_partnerships", funding_application_id=application, partnership_id=one, share_cents=50000)

    def secured(**query):
        told = theirs.viewer.get("/v1/sustainability", {"partnership_id": one, **query}).json
        return told["award_cents"], {row["site_id"]: (row["before_cents"], row["secured_cents"], row["share"])
                                     for row in told["sites"]}

    assert secured() == (25034, {lead: (30000, 25034, "0.8345"), other: (10000, 0, "0.0000")}), "366 days of 731"
    for span, cents, fault in (
            ({"from_date": "2026-07-01", "until_date": "2027-06-30"}, 80000, None),
            ({"from_date": "2027-06-30", "until_date": "2028-06-30"}, 20000, "/from_date"),
            ({"from_date": "2027-07-01", "until_date": "2028-07-01"}, 20000, "/from_date"),
            ({"from_date": "2027-07-01", "until_date": "2028-06-30"}, 20001, "/awarded_cents"),
            ({"from_date": "2027-07-01", "until_date": "2028-06-30"}, 20000, None)):
        answer = director.post("/v1/funding_periods", {
            "funding_application_id": application, "awarded_cents": cents, **span})
        assert answer.status == (422 if fault else 201) and (not fault or [*answer.faults] == [fault]), answer
    assert secured()[0] == 10000, "a fifth of its share is of the second period"
    path = f"/v1/funding_periods/{answer.json['id']}"
    owned = director.get(f"/v1/funding_applications/{application}")
    director.patch(f"/v1/funding_applications/{application}", {"owner_id": theirs.users["director"]}, owned.etag)

    def waits():
        tasks = director.get("/v1/me/tasks").json["data"]
        return [task["due_on"] for task in tasks if task["kind"] == "funding_report"]

    for change, due in (({"report_due_on": "2026-12-21"}, ["2026-12-21"]), ({"reported_on": "2026-11-21"}, [])):
        assert director.patch(path, change, director.get(path).etag).status == 200
        assert waits() == due
    assert secured(fiscal_year=2027)[0] == 40000
    assert secured(site_id=other)[1] == {other: (10000, 0, "0.0000")}


@pytest.mark.shows("development.training", "development.seats")
def test_no_more_register_than_there_are_seats(ours, subjects):
    director = ours.director
    one = made(subjects, "trainings", seats=2, hours="1.5", partner_id=director.partner().id)
    wrong = director.post("/v1/trainings", {**APART["trainings"], "until_date": "2026-11-30"})
    assert [*wrong.faults] == ["/until_date"], wrong
    contacts = [director.created("contacts", {"name": f"C {n}"}).id for n in range(5)]

    def registered(number):
        return ours.director.post("/v1/training_seats", {"training_id": one.id, "contact_id": contacts[number]})

    answers = at_once(5, registered)
    assert sorted(a.status for a in answers) == [201, 201, 409, 409, 409], answers
    full = next(a for a in answers if a.status == 409)
    assert full.json["state"] == {"seats": 2}
    seats = [a for a in answers if a.status == 201]
    waits = director.created("training_seats", {
        "training_id": one.id, "user_id": ours.users["director"], "status": "waiting"})
    path = f"/v1/training_seats/{waits.id}"
    assert director.patch(path, {"status": "registered"}, waits.etag).status == 409
    gone = director.patch(f"/v1/training_seats/{seats[0].json['id']}", {"status": "cancelled"}, seats[0].etag)
    assert gone.status == 200
    seat = director.get(path)
    assert (seat.json["status"], seat.json["waits_since"]) == ("registered", None), "who waits moves up"
    came = director.patch(path, {"status": "attended", "hours": "1"}, seat.etag)
    assert came.status == 200, came
    director.patch(f"/v1/training_seats/{seats[1].json['id']}", {"status": "attended"}, seats[1].etag)
    told = ours.viewer.get(f"/v1/trainings/{one.id}").json
    assert (told["seats_taken"], told["attended"], told["attended_hours"]) == (2, 2, "2.50")
    both = director.post("/v1/training_seats", {
        "training_id": one.id, "user_id": ours.users["viewer"], "contact_id": contacts[0]})
    assert both.faults == {"/user_id": "not_allowed"}, both


@pytest.mark.shows("development.coaching")
def test_a_school_leader_is_coached_once_a_year_and_viewers_do_not_see_it(ours, subjects):
    one = made(subjects, "coachings", sourcing=3, tracking=2, communication=4, evaluation=1, next_steps="Ask families")
    again = {name: one.json[name] for name in ("site_id", "user_id", "school_year")}
    assert ours.director.post("/v1/coachings", again).faults == {"/school_year": "taken"}
    over = ours.director.patch(f"/v1/coachings/{one.id}", {"sourcing": 5}, one.etag)
    assert [*over.faults] == ["/sourcing"], over
    assert ours.viewer.get(f"/v1/coachings/{one.id}").status == 403


@pytest.mark.shows("development.coaching_readers")
def test_how_a_leader_is_rated_is_no_matter_of_peers(ours, subjects):
    director, path = ours.director, "/v1/coachings/{}".format
    site = director.site(network_id=director.created("networks", {"name": "Of the coached"}).id).id

    def person(role="school_leader"):
        caller = ours.scoped((role, "site", site))
        return caller, caller.get("/v1/me").json["user"]["id"]

    (leader, me), (coach, coach_id), (above, above_id), (peer, peer_id) = (person() for _ in range(4))
    lead, lead_id = person("coordinator")
    posts = [director.created("posts", {"site_id": site, "kind": "other", "title": title}).id for title in "AB"]
    low = director.created("posts", {"site_id": site, "kind": "principal", "title": "P", "reports_to_id": posts[0]}).id
    network = director.get(f"/v1/sites/{site}").json["network_id"]
    posts.append(director.created("posts", {"network_id": network, "kind": "network_lead", "title": "N"}).id)
    for post, user in ((low, me), (posts[0], above_id), (posts[1], peer_id), (posts[2], lead_id)):
        director.created("post_holders", {"post_id": post, "user_id": user, "from_date": "2026-07-01"})
    one = director.created("coachings", {"site_id": site, "user_id": me, "school_year": 2027, "coach_id": coach_id,
                                         "next_steps": "Ask families"})
    for caller in (leader, coach, above, lead, ours.executive, ours.admin):
        assert caller.get(path(one.id)).json["next_steps"] == "Ask families"
        assert [row["id"] for row in caller.get("/v1/coachings", {"site_id": site}).json["data"]] == [one.id]
    assert peer.get(path(one.id)).status == 404 == peer.patch(path(one.id), {"sourcing": 1}, one.etag).status
    assert peer.get("/v1/coachings", {"site_id": site}).json["data"] == []
    assert ours.viewer.get(path(one.id)).status == 403
    own = leader.patch(path(one.id), {"sourcing": 4}, one.etag)
    assert (own.status, own.faults) == (422, {"/user_id": "not_allowed"}), own
    assert leader.patch(path(one.id), {"next_steps": "Ask more"}, one.etag).status == 200
    alone = {"site_id": site, "user_id": me, "school_year": 2026}
    assert leader.post("/v1/coachings", {**alone, "tracking": 4}).faults == {"/user_id": "not_allowed"}
    assert coach.patch(path(one.id), {"sourcing": 2}, coach.get(path(one.id)).etag).status == 200


@pytest.mark.shows("development.examples")
def test_an_example_is_shared_and_copied(ours, subjects):
    one = made(subjects, "examples", site_id=ours.director.site().id).id
    shared = done(act(ours.director, "examples", one, "share"))
    assert (shared["status"], shared["shared_on"], shared["copies"]) == ("shared", TODAY, 0)
    site = ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    leader.created("example_copies", {"example_id": one, "site_id": site, "note": "On Fridays"})
    assert leader.post("/v1/example_copies", {"example_id": one, "site_id": site}).faults == {"/site_id": "taken"}
    assert ours.viewer.get(f"/v1/examples/{one}").json["copies"] == 1
    assert done(act(ours.director, "examples", one, "retire"))["status"] == "retired"
    assert done(act(ours.director, "examples", one, "revise"))["shared_on"] is None
