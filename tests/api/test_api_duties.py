"""What waits for whom of agreements, credentials, pledges, gifts and talks, and ends when it is done."""

import pytest
from acting import act, done
from convening import made
from needing import did, open_need, pledge
from operations import Subjects
from partnering import Ready, act_on, agreement, in_force

NOTICE = {"effective_on": "2026-01-01", "expires_on": "2027-03-31", "notice_days": 90}


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def of(caller, one):
    """The kinds of the tasks about it."""
    return {task["kind"] for task in caller.get("/v1/me/tasks").json["data"] if task["subject_id"] == one}


def everybodys(tenant, one):
    """{role: kinds} of those who have tasks about it."""
    found = {role: of(getattr(tenant, role), one)
             for role in ("director", "executive", "coordinator", "school_leader", "reviewer", "viewer")}
    return {role: kinds for role, kinds in found.items() if kinds}


# ---- Agreements ----------------------------------------------------------------------------------


@pytest.mark.shows("partnerships.decision_tasks")
def test_each_step_of_an_agreement_waits_for_who_decides_it(ours):
    director, one = ours.director, agreement(ours.director).id
    body = {"agreement_id": one, "due_on": "2026-12-01"}
    legal, named, theirs = (director.created("agreement_steps", {**body, **fields}).id for fields in (
        {"kind": "legal"}, {"kind": "risk", "user_id": ours.users["executive"]}, {"kind": "superintendent"}))
    assert everybodys(ours, legal) == {}, "it is a draft"
    act_on(director, one, "submit")
    step = {"agreement_step"}
    assert everybodys(ours, legal) == {"reviewer": step}
    assert everybodys(ours, named) == everybodys(ours, theirs) == {"executive": step}
    assert everybodys(ours, one) == {}, "its steps come first"
    for caller, each in ((ours.reviewer, legal), (ours.executive, named)):
        done(act(caller, "agreement_steps", each, "approve"))
        assert everybodys(ours, each) == {}
    done(act(ours.executive, "agreement_steps", theirs, "approve"))
    assert everybodys(ours, one) == {role: {"agreement_review"} for role in ("director", "reviewer")}

    act_on(director, one, "refer")
    assert everybodys(ours, one) == {role: {"board_decision"} for role in ("director", "executive")}, "not dated"
    path = f"/v1/agreements/{one}"
    dated = {"board_on": "2026-12-15", "board_item": "7.1"}
    assert director.patch(path, dated, director.get(path).etag).status == 200
    assert everybodys(ours, one) == {"executive": {"board_decision"}}
    act_on(ours.executive, one, "approve")
    assert everybodys(ours, one) == {"director": {"agreement_signature"}}, "nobody leads it"
    ready = Ready(ours)
    ready.made("agreement_partnerships", agreement_id=one)
    assert everybodys(ours, one) == {"coordinator": {"agreement_signature", "agreement_acknowledgment"}}
    act_on(director, one, "acknowledge")
    act_on(director, one, "sign", side="district", signer="Dr. Who")
    assert everybodys(ours, one) == {}


@pytest.mark.shows("partnerships.decision_tasks")
def test_the_districts_signature_waits_for_whom_its_limits_name(theirs):
    director = theirs.director
    for up_to, signer in ((100_00, "principal"), (1000_00, "director"), (9000_00, "superintendent")):
        theirs.admin.created("signing_authorities", {"subject": "amendment", "up_to_cents": up_to, "signer": signer})
    subjects, site = Subjects(theirs), director.site().id
    post = made(subjects, "posts", site_id=site, kind="principal").id
    made(subjects, "post_holders", post_id=post, user_id=theirs.users["school_leader"], from_date="2026-07-01")
    ready = Ready(theirs, lead_site_id=site)

    def waits_for(cents, **fields):
        one = agreement(director, kind="amendment", amount_cents=cents, **fields).id
        ready.made("agreement_partnerships", agreement_id=one)
        act_on(director, one, "submit", "acknowledge", "approve")
        return set(everybodys(theirs, one))

    assert waits_for(100_00) == {"school_leader"}
    assert waits_for(1000_00) == waits_for(None) == waits_for(9000_01) == {"director"}
    assert waits_for(9000_00) == waits_for(9000_01, board_on="2026-11-01", board_item="7.1") == {"executive"}


@pytest.mark.shows("partnerships.notice")
def test_whether_notice_is_given_is_decided_by_its_last_day(ours, api):
    ready, director = Ready(ours), ours.director
    keep, give = (in_force(director, auto_renew=True, **NOTICE).id for _ in range(2))
    for one in (keep, give):
        ready.made("agreement_partnerships", agreement_id=one)
    shown = director.get(f"/v1/agreements/{keep}").json
    assert (shown["notice_by"], shown["notice_decision"]) == ("2026-12-31", None)
    assert everybodys(ours, keep) == {"coordinator": {"agreement_notice"}}
    assert act(ours.viewer, "agreements", keep, "decide_notice", decision="keep").status == 403
    kept = done(act(ours.coordinator, "agreements", keep, "decide_notice", decision="keep"))
    assert (kept["notice_decision"], kept["notice_for"], kept["notice_decided_by"], kept["auto_renew"]) == (
        "keep", "2027-03-31", ours.users["coordinator"], True)
    assert everybodys(ours, keep) == {}
    given = done(act(director, "agreements", give, "decide_notice", decision="give"))
    assert (given["notice_decision"], given["auto_renew"], given["status"]) == ("give", False, "in_force")
    assert everybodys(ours, give) == {"coordinator": {"agreement_expiry"}}, "now it ends"
    assert everybodys(ours, in_force(director, expires_on="2027-03-31").id) == {"director": {"agreement_expiry"}}
    none = act(director, "agreements", in_force(director).id, "decide_notice", decision="keep")
    assert none.status == 409, "it has no last day"
    late = in_force(director, **{**NOTICE, "expires_on": "2027-02-01"}).id
    over = act(director, "agreements", late, "decide_notice", decision="give")
    assert (over.status, over.json["state"]["notice_by"]) == (409, "2026-11-03")
    assert "agreement_notice" not in of(director, late)
    before = api.move_clock()
    try:
        api.set_clock("2027-01-02T18:00:00.000Z")
        other = in_force(director, **NOTICE).id
        assert "agreement_notice" not in of(director, other), "the day is over"
    finally:
        api.set_clock(before)


@pytest.mark.shows("partnerships.data_disposal")
def test_data_that_is_to_be_destroyed_waits_until_somebody_certifies_it(ours):
    ready, director = Ready(ours), ours.director
    data = {"data_flows": True, "data_basis": "study", "data_purpose": "A study"}
    near, far = (in_force(director, data_destroy_by=day, **data).id for day in ("2026-12-21", "2026-12-22"))
    for one in (near, far):
        ready.made("agreement_partnerships", agreement_id=one)
    assert (everybodys(ours, near), everybodys(ours, far)) == ({"coordinator": {"data_disposal"}}, {})
    act_on(director, near, "terminate", reason="Done")
    assert everybodys(ours, near) == {"coordinator": {"data_disposal"}}, "the duty goes on"
    body = {"disposal": "destroyed", "certified_by": "Ann Lee, CIO"}
    later = act(director, "agreements", near, "record_disposal", **body, on_date="2026-11-22")
    assert (later.status, later.faults) == (422, {"/on_date": "not_allowed"})
    kept = done(act(ours.coordinator, "agreements", near, "record_disposal", **body, on_date="2026-11-20"))
    assert [kept[f"data_{name}"] for name in ("disposal", "disposed_on", "certified_by", "recorded_by")] == [
        "destroyed", "2026-11-20", "Ann Lee, CIO", ours.users["coordinator"]]
    assert everybodys(ours, near) == {}
    for one in (near, in_force(director).id, agreement(director, **data, data_destroy_by="2026-12-21").id):
        assert act(director, "agreements", one, "record_disposal", **body).status == 409


# ---- Others --------------------------------------------------------------------------------------


@pytest.mark.shows("partnerships.decision_tasks")
def test_what_a_partner_has_shown_waits_to_be_verified(ours):
    director = ours.director
    one = director.created("credentials", {"partner_id": director.partner().id, "kind": "w9"}).id
    assert everybodys(ours, one) == {role: {"credential_review"} for role in ("director", "reviewer")}
    done(act(ours.reviewer, "credentials", one, "verify", seen="The paper"))
    assert everybodys(ours, one) == {}


@pytest.mark.shows("needs.pledge_tasks")
def test_a_pledge_waits_to_be_answered_and_again_when_there_is_room(ours, subjects):
    director, site = ours.director, ours.director.site().id
    post = made(subjects, "posts", site_id=site, kind="partnership_lead").id
    made(subjects, "post_holders", post_id=post, user_id=ours.users["school_leader"], from_date="2026-07-01")
    need = open_need(ours, site_id=site, quantity=2)
    first, second = pledge(ours, need, 2), pledge(ours, need)
    assert everybodys(ours, first) == everybodys(ours, second) == {"school_leader": {"pledge"}}
    did(director, "pledges", first, "accept")
    did(director, "pledges", second, "waitlist")
    assert everybodys(ours, first) == everybodys(ours, second) == {}, "there is no room"
    did(director, "pledges", first, "fail", reason="They moved.")
    assert everybodys(ours, second) == {"school_leader": {"pledge"}}
    did(director, "pledges", second, "accept")
    assert everybodys(ours, second) == {}
    assert everybodys(ours, pledge(ours, open_need(ours))) == {"director": {"pledge"}}, "nobody's place"


@pytest.mark.shows("needs.pledge_tasks")
def test_somebody_is_asked_whether_a_pledge_came(ours, subjects, api):
    before, director, site = api.move_clock(), ours.director, ours.director.site().id
    try:
        post = made(subjects, "posts", site_id=site, kind="partnership_lead").id
        made(subjects, "post_holders", post_id=post, user_id=ours.users["school_leader"], from_date="2026-07-01")
        need = open_need(ours, site_id=site, quantity=3, needed_by="2027-02-01")
        early, waits = pledge(ours, need, 2, ends_on="2026-11-22"), pledge(ours, need)
        for one in (early, waits):
            did(director, "pledges", one, "accept")
        did(director, "pledges", early, "deliver", quantity=1)
        api.move_clock(days=1)
        assert everybodys(ours, early) == everybodys(ours, waits) == {}
        api.move_clock(days=1)
        assert everybodys(ours, early) == {"school_leader": {"pledge_delivery"}}
        did(director, "pledges", early, "deliver")
        assert everybodys(ours, early) == everybodys(ours, waits) == {}
        api.move_clock(days=13)
        assert everybodys(ours, waits) == {"school_leader": {"pledge_delivery"}}, "two weeks, and no partnership"
        did(director, "pledges", waits, "convert", name="P", arrangement="gift")
        assert everybodys(ours, waits) == {}
    finally:
        api.set_clock(before)


@pytest.mark.shows("recognition.tasks")
def test_a_gift_waits_for_the_principal_where_it_goes(theirs):
    subjects, director = Subjects(theirs), theirs.director
    theirs.admin.created("signing_authorities", {"subject": "gift", "up_to_cents": 1000_00, "signer": "principal"})
    site, vacant = director.site().id, director.site().id
    post = made(subjects, "posts", site_id=site, kind="principal").id
    made(subjects, "post_holders", post_id=post, user_id=theirs.users["school_leader"], from_date="2026-07-01")
    theirs_, nobodys, boards = (made(subjects, "gifts", kind="cash", amount_cents=cents, site_id=at).id
                                for cents, at in ((1000_00, site), (1000_00, vacant), (1000_01, site)))
    assert [set(everybodys(theirs, one)) for one in (theirs_, nobodys, boards)] == [
        {"school_leader"}, {"director"}, {"director"}]


@pytest.mark.shows("partnerships.follow_ups")
def test_what_somebody_meant_to_come_back_to_waits_until_it_is_done(ours):
    director = ours.director
    body = {"partner_id": director.partner(owner_id=ours.users["executive"]).id, "kind": "call", "subject": "Books",
            "on_date": "2026-11-20", "follow_up_on": "2026-12-05"}
    one, other, later = (director.created("interactions", {**body, **fields}).id for fields in (
        {"user_id": ours.users["coordinator"]}, {}, {"follow_up_on": "2026-12-06"}))
    wait = {"interaction_follow_up"}
    assert everybodys(ours, one) == {"coordinator": wait}
    assert (everybodys(ours, other), everybodys(ours, later)) == ({"executive": wait}, {}), "whoever owns the partner"
    came = done(act(ours.coordinator, "interactions", one, "follow_up", outcome="They give ten."))
    assert (came["followed_up_on"], came["follow_up_outcome"]) == ("2026-11-21", "They give ten.")
    assert everybodys(ours, one) == {}
    path = f"/v1/interactions/{one}"
    again = director.patch(path, {"follow_up_on": "2026-12-01"}, director.get(path).etag).json
    assert (again["followed_up_on"], again["follow_up_outcome"]) == (None, None)
    assert everybodys(ours, one) == {"coordinator": wait}
    never = director.created("interactions", {**body, "follow_up_on": None}).id
    assert act(director, "interactions", never, "follow_up").status == 409


@pytest.mark.shows("partnerships.credential_reminders")
def test_who_cared_for_a_partner_is_told_of_its_credentials_no_more(ours):
    director, partner = ours.director, ours.director.partner().id
    for verb, body in (("contact", {"on_date": "2026-11-20"}), ("vet", {})):
        done(act(director, "partners", partner, verb, **body))
    for role, until in (("coordinator", "2026-11-20"), ("executive", "2026-11-21")):
        director.created("partner_owners", {"partner_id": partner, "user_id": ours.users[role], "until_date": until})
    path = f"/v1/partners/{partner}"
    director.patch(path, {"owner_id": ours.users["director"]}, director.get(path).etag)
    done(act(director, "partners", partner, "approve"))
    one = director.created("credentials", {"partner_id": partner, "kind": "license", "expires_on": "2027-01-10"}).id
    assert [role for role, kinds in everybodys(ours, one).items() if "credential_expiry" in kinds] == [
        "director", "executive"]
