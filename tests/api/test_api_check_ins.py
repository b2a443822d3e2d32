"""Check-ins over HTTP: halves that do not show too early, both sides' word side by side, and what may
be done when."""

import itertools

import pytest
from api_world import ROLES
from check_ins import running

HALF = {
    "goals_set": "Two tutors",
    "progress_assessed": "Slow",
    "challenges": "Rooms",
    "adjustments": "Mornings",
}
SECRET = "Nobody may read this yet"
STATUSES = "scheduled open complete closed_partial missed skipped cancelled".split()
BODIES = {
    "open": None,
    "skip": {"reason": "Snow"},
    "cancel": {"reason": "Snow"},
    "reopen": {"reason": "Too early"},
    "close": None,
    "complete": None,
    "snooze": {"until_on": "2026-12-04"},
    "settle_goal": {"goal_id": "01a22ac9-2ca4-7a60-ac7d-3189505744cc", "progress": "met"},
    "save_half": {"side": "district", **HALF},
    "submit_half": {"side": "district"},
    "confirm": {"side": "district"},
    "dispute": {"side": "district", "reason": "No"},
}
POSSIBLE = {
    "scheduled": {"open", "skip", "cancel"},
    "open": {"save_half", "submit_half", "confirm", "dispute", "complete", "close", "skip", "cancel", "snooze", "settle_goal"},
    "complete": {"reopen", "confirm", "dispute", "settle_goal"},
    "closed_partial": {"reopen", "confirm", "dispute"},
    "missed": {"reopen"},
    "skipped": {"reopen"},
    "cancelled": {"reopen"},
}


@pytest.fixture
def partnership(ours):
    return running(ours)


@pytest.fixture
def path(partnership):
    return f"/v1/check_ins/{partnership.check_in()}"


def act(caller, path, verb, body=None, **headers):
    body = BODIES[verb] if body is None else body
    return caller.post(f"{path}/{verb}", body if body is not None else {}, **headers)


def did(caller, path, verb, body=None):
    answer = act(caller, path, verb, body)
    assert answer.status == 200, answer
    return answer.json


def partners(partnership, **fields):
    return {"side": "partner", "on_behalf_of": partnership.contact, **fields}


def goal(partnership, progress="met", current=None):
    return {"goal_id": partnership.goal, "progress": progress, "current": current, "note": SECRET}


def answered(ours, partnership, path, ours_says="met", they_say="met", ours_now=None, they_now=None):
    """Both halves are in."""
    did(ours.director, path, "save_half",
        {"side": "district", **HALF, "goals": [goal(partnership, ours_says, ours_now)]})
    did(ours.director, path, "save_half",
        partners(partnership, **HALF, goals=[goal(partnership, they_say, they_now)]))
    did(ours.director, path, "submit_half")
    return did(ours.director, path, "submit_half", {"side": "partner"})


def everything(caller, path):
    """All that any operation tells of a check-in, as one text."""
    one = path.rpartition("/")[2]
    by = {"check_in_id": one}
    replies = [
        caller.get(path),
        caller.get("/v1/check_ins", {"limit": 200, "sort": "-created_at"}),
        caller.get(f"{path}/transitions"),
        caller.get(path, {"expand": "check_in_halves,check_in_goals"}),
        caller.get("/v1/check_in_halves", {**by, "expand": "check_in"}),
        caller.get("/v1/check_in_goals", {**by, "expand": "check_in", "fields": "id,note"}),
        caller.get("/v1/check_in_halves", by, Accept="text/csv"),
        caller.get("/v1/check_in_goals", by, Accept="text/csv"),
    ]
    for plural in ("check_in_halves", "check_in_goals"):
        listed = caller.get(f"/v1/{plural}", by)
        replies += [listed, *(caller.get(f"/v1/{plural}/{x['id']}") for x in listed.json["data"])]
    assert all(reply.status == 200 for reply in replies), replies
    return "\n".join(reply.reply.body.decode() for reply in replies)


# ---- What shows when -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_the_partners_half_is_hidden_until_both_are_in(ours, partnership, path, role):
    """Written by the coordinator, who told it himself; nobody else sees it."""
    said = partners(partnership, **{name: SECRET for name in HALF}, goals=[goal(partnership)])
    did(ours.coordinator, path, "save_half", said)
    caller = getattr(ours, role)
    own = role == "coordinator"
    assert (SECRET in everything(caller, path)) is own
    did(ours.coordinator, path, "submit_half", {"side": "partner"})
    assert (SECRET in everything(caller, path)) is own
    did(ours.director, path, "save_half")
    assert (SECRET in everything(caller, path)) is own, "a draft of ours is no answer"
    did(ours.director, path, "submit_half")
    assert SECRET in everything(caller, path)


def test_the_partners_half_shows_when_the_due_day_is_over_and_its_draft_does_not(ours, theirs):
    for submitted, tenant in itertools.product((True, False), (ours, theirs)):
        partnership = running(tenant)
        path = f"/v1/check_ins/{partnership.check_in()}"
        said = partners(partnership, **{name: SECRET for name in HALF}, goals=[goal(partnership)])
        did(tenant.coordinator, path, "save_half", said)
        if submitted:
            did(tenant.coordinator, path, "submit_half", {"side": "partner"})
        try:
            tenant.api.set_clock("2026-12-12T05:59:59.000Z")  # the due day, in America/Chicago
            assert SECRET not in everything(tenant.viewer, path)
            assert tenant.viewer.get(path).json["overdue"] is False
            tenant.api.set_clock("2026-12-12T06:00:00.000Z")
            assert (SECRET in everything(tenant.viewer, path)) is submitted
            assert tenant.viewer.get(path).json["overdue"] is True
        finally:
            tenant.api.set_clock("2026-11-21T15:00:00.000Z")


def test_a_half_is_nowhere_in_the_audit_log_or_the_events(ours, partnership, path, migrate):
    said = {**{name: SECRET for name in HALF}, "goals": [goal(partnership, "at_risk")]}
    did(ours.director, path, "save_half", partners(partnership, **said))
    did(ours.director, path, "submit_half", {"side": "partner"})
    texts = [row[0] for row in migrate.execute(
        "SELECT a::text || o::text FROM audit a JOIN outbox o USING (district_id, id) "
        "WHERE a.district_id = %s", (ours.id,)).fetchall()]
    assert texts and not [text for text in texts if SECRET in text or "at_risk" in text]


def test_disagreement_is_shown_and_not_averaged(ours, migrate):
    for ours_says, they_say, ours_now, they_now, differs in (
            ("met", "behind", None, None, True), ("met", "met", "7", "9", True),
            ("met", "met", "7.5", "7.5", False), ("behind", "behind", None, None, False)):
        partnership = running(ours)
        path = f"/v1/check_ins/{partnership.check_in()}"
        found = answered(ours, partnership, path, ours_says, they_say, ours_now, they_now)
        (one,) = found["goals"]
        numbers = [None if x is None else f"{float(x):.6f}" for x in (ours_now, they_now)]
        assert one == {
            "goal_id": partnership.goal, "differs": differs,
            "district_progress": ours_says, "district_current": numbers[0],
            "partner_progress": they_say, "partner_current": numbers[1]}
        did(ours.director, path, "complete")
        progress, current = migrate.execute(
            "SELECT progress, current FROM goal WHERE id = %s", (partnership.goal,)).fetchone()
        assert progress == ("not_started" if differs else ours_says)
        assert current is None or not differs


# ---- What may be done when -----------------------------------------------------------------------


@pytest.mark.parametrize("status", STATUSES)
def test_what_its_status_does_not_allow_is_refused_with_what_is_possible(ours, partnership, status):
    path = f"/v1/check_ins/{partnership.check_in(status=status, reason='x')}"
    told = ours.viewer.get(f"{path}/transitions").json
    assert {one["action"] for one in told["possible"]} == POSSIBLE[status]
    for verb in set(BODIES) - POSSIBLE[status]:
        answer = act(ours.director, path, verb)
        assert (answer.status, answer.type) == (409, "conflict"), (verb, answer)
        assert answer.json["state"] == {"status": status, "possible": sorted(POSSIBLE[status])}
    assert ours.viewer.get(path).json["status"] == status


def test_complete_needs_both_halves(ours, partnership, path):
    answer = act(ours.director, path, "complete")
    assert answer.json["state"]["missing"] == ["district_half", "partner_half"]
    did(ours.director, path, "save_half")
    assert did(ours.director, path, "submit_half")["missing"] == ["partner_half"]
    told = ours.viewer.get(f"{path}/transitions").json["possible"]
    assert [one["missing"] for one in told if one["action"] == "complete"] == [["partner_half"]]
    assert act(ours.director, path, "complete").json["state"]["missing"] == ["partner_half"]
    did(ours.director, path, "save_half", partners(partnership, **HALF))
    did(ours.director, path, "submit_half", {"side": "partner"})
    assert act(ours.director, path, "close").json["state"]["possible"] == ["complete"]
    done = did(ours.director, path, "complete")
    assert (done["status"], done["missing"], bool(done["completed_at"])) == ("complete", [], True)


def test_one_that_is_closed_is_partial_with_one_half_and_missed_with_none(ours):
    for side, status in ((None, "missed"), ("district", "closed_partial")):
        path = f"/v1/check_ins/{running(ours).check_in()}"
        if side:
            did(ours.director, path, "save_half")
            did(ours.director, path, "submit_half")
        assert did(ours.director, path, "close")["status"] == status
        again = did(ours.director, path, "reopen")
        assert (again["status"], again["reason"], again["missing"]) == (
            "open", "Too early", ["district_half", "partner_half"])


def test_a_scheduled_one_opens_and_is_skipped_or_cancelled_with_its_invitation(ours, partnership):
    for verb, status in (("skip", "skipped"), ("cancel", "cancelled")):
        one = partnership.check_in(status="scheduled", number=3 if verb == "skip" else 4)
        path = f"/v1/check_ins/{one}"
        opened = did(ours.director, path, "open")
        assert (opened["status"], opened["uid"], opened["sequence"]) == ("open", one, 0)
        dropped = did(ours.director, path, verb)
        assert (dropped["status"], dropped["reason"], dropped["sequence"]) == (status, "Snow", 1)
    assert act(ours.director, path, "skip", {}).faults == {"/reason": "required"}


def test_a_half_is_replaced_until_the_other_side_has_seen_it(ours, partnership, path):
    def half():
        (one,) = ours.director.get("/v1/check_in_halves",
                                   {"check_in_id": path.rpartition("/")[2]}).json["data"]
        return one

    assert act(ours.director, path, "submit_half").json["state"]["missing"] == ["district_half"]
    said = {"side": "district", **HALF, "goals": [goal(partnership)]}
    did(ours.director, path, "save_half", said)
    assert {name: half()[name] for name in HALF} == HALF and half()["status"] == "draft"
    did(ours.director, path, "submit_half")
    assert act(ours.director, path, "submit_half").status == 409
    found = did(ours.director, path, "save_half", {"side": "district", "challenges": "None"})
    assert found["goals"] == [] and half()["status"] == "draft"
    assert {name: half()[name] for name in HALF} == {**dict.fromkeys(HALF), "challenges": "None"}
    did(ours.director, path, "submit_half")
    did(ours.director, path, "save_half", partners(partnership, **HALF))
    did(ours.director, path, "submit_half", {"side": "partner"})
    for body in (BODIES["save_half"], partners(partnership, **HALF)):
        assert act(ours.director, path, "save_half", body).json["state"]["half"] == "submitted"


def test_whose_words_a_recorded_half_has(ours, theirs, partnership, path):
    stranger = ours.director.created("contacts", {"name": "Bo"}).id
    nobody = theirs.director.created("contacts", {"name": "Bo"}).id
    for contact in (None, stranger, nobody, partnership.goal):
        body = {"side": "partner", "on_behalf_of": contact, **HALF}
        for verb, more in (("save_half", {}), ("confirm", {}), ("dispute", {"reason": "No"})):
            asked = {k: v for k, v in body.items() if verb == "save_half" or k not in HALF}
            answer = act(ours.director, path, verb, {**asked, **more})
            assert answer.faults == {"/on_behalf_of": "not_allowed"}, answer
    answer = act(ours.director, path, "save_half", partners(partnership, **HALF) | {"side": "district"})
    assert answer.faults == {"/on_behalf_of": "not_allowed"}
    did(ours.director, path, "save_half", partners(partnership, **HALF))
    (half,) = ours.viewer.get("/v1/check_in_halves",
                              {"check_in_id": path.rpartition("/")[2]}).json["data"]
    assert (half["recorded_by"], half["on_behalf_of"], half["behalf_confirmed_at"]) == (
        ours.users["director"], partnership.contact, None)


def test_goals_are_the_partnerships_own_and_each_stands_once(ours, partnership, path):
    other = running(ours)
    body = {"side": "district", **HALF}
    answer = act(ours.director, path, "save_half", {**body, "goals": [goal(other)]})
    assert (answer.status, answer.faults) == (422, {"/goals": "not_allowed"}), answer
    bad = {"goal_id": partnership.goal, "progress": "fine"}
    answer = act(ours.director, path, "save_half", {**body, "goals": [bad]})
    assert answer.faults == {"/goals/0/progress": "not_in_enum"}
    many = [goal(partnership)] * 51
    assert act(ours.director, path, "save_half", {**body, "goals": many}).faults == {
        "/goals": "too_many_items"}
    twice = [goal(partnership, "met"), goal(partnership, "behind")]
    found = did(ours.director, path, "save_half", {**body, "goals": twice})
    assert [one["district_progress"] for one in found["goals"]] == ["behind"], "the last word"


def test_a_side_confirms_or_disputes_what_it_can_see(ours, partnership, path):
    assert act(ours.director, path, "confirm").json["state"]["missing"] == ["partner_half"]
    answered(ours, partnership, path)
    assert did(ours.director, path, "confirm")["disputed"] is False
    assert act(ours.director, path, "dispute", {"side": "district"}).faults == {"/reason": "required"}
    assert did(ours.director, path, "dispute")["disputed"] is True
    assert did(ours.director, path, "confirm", partners(partnership))["disputed"] is True
    halves = ours.viewer.get("/v1/check_in_halves",
                             {"check_in_id": path.rpartition("/")[2]}).json["data"]
    assert {h["side"]: (h["verdict"], h["verdict_reason"]) for h in halves} == {
        "district": ("disputed", "No"), "partner": ("confirmed", None)}


def test_a_moved_date_counts_the_invitation_on_and_moves_the_opening(ours, partnership):
    path = f"/v1/check_ins/{partnership.check_in(status='scheduled')}"
    first = ours.director.get(path)
    moved = ours.director.patch(path, {"due_on": "2026-12-18"}, first.etag)
    assert (moved.json["due_on"], moved.json["opens_on"], moved.json["sequence"]) == (
        "2026-12-18", "2026-11-27", 1)
    same = ours.director.patch(path, {"due_on": "2026-12-18"}, moved.etag)
    assert (same.status, same.json["sequence"]) == (200, 1)
    assert ours.director.patch(path, {"due_on": None}, same.etag).faults == {"/due_on": "not_null"}
    did(ours.director, path, "skip")
    answer = ours.director.patch(path, {"due_on": "2026-12-21"}, ours.director.get(path).etag)
    assert (answer.status, answer.json["state"]) == (409, {"status": "skipped"})


def test_another_districts_check_in_is_not_there(ours, theirs, path):
    assert theirs.director.get(path).status == 404
    for verb in BODIES:
        assert act(theirs.director, path, verb).status == 404, verb
    listed = theirs.director.get("/v1/check_ins", {"limit": 200}).json["data"]
    assert path.rpartition("/")[2] not in {one["id"] for one in listed}


def test_an_action_that_comes_twice_is_done_once_and_one_that_is_late_not_at_all(ours, path):
    etag = ours.director.get(path).etag
    once = act(ours.director, path, "skip", Idempotency_Key="a-key", If_Match=etag)
    again = act(ours.director, path, "skip", Idempotency_Key="a-key", If_Match=etag)
    assert once.json == again.json and again.field("Idempotent-Replayed") == "true"
    assert act(ours.director, path, "reopen", If_Match=etag).status == 412


# ---- Action items --------------------------------------------------------------------------------


def test_an_action_item_is_done_and_open_again(ours, partnership, path):
    body = {"partnership_id": partnership.id, "check_in_id": path.rpartition("/")[2],
            "description": "Find a room", "owner_user_id": ours.users["viewer"],
            "due_on": "2027-01-15"}
    made = ours.director.created("action_items", body)
    item = f"/v1/action_items/{made.id}"
    assert (made.json["status"], made.json["done_at"]) == ("open", None)
    done = ours.director.post(f"{item}/complete", {}).json
    assert (done["status"], done["done_at"]) == ("done", "2026-11-21T15:00:00.000Z")
    assert ours.director.post(f"{item}/complete", {}).json["state"] == {
        "status": "done", "possible": ["reopen"]}
    assert ours.viewer.get(f"{item}/transitions").json["possible"][0]["action"] == "reopen"
    assert ours.director.post(f"{item}/reopen", {}).json["status"] == "open"
    two = {**body, "owner_contact_id": partnership.contact}
    assert ours.director.post("/v1/action_items", two).faults == {"/owner_contact_id": "not_allowed"}
    for name in ("check_in_id", "owner_user_id", "partnership_id"):
        found = ours.viewer.get("/v1/action_items", {name: body[name]}).json["data"]
        assert made.id in {one["id"] for one in found}


@pytest.mark.shows("partnerships.check_in_sites")
def test_each_site_adds_one_rating_and_note_while_it_is_open(ours):
    here, there, elsewhere = (ours.director.site().id for _ in range(3))
    one = running(ours, lead_site_id=here)
    ours.director.created("partnership_sites", {"partnership_id": one.id, "site_id": there})
    check_in = one.check_in()
    leader = ours.scoped(("school_leader", "site", there))
    body = {"check_in_id": check_in, "rating": 4, "note": "Tutors are on time"}
    made = leader.created("check_in_sites", {**body, "site_id": there})
    assert leader.post("/v1/check_in_sites", {**body, "site_id": there}).status == 409, "one of a site"
    assert leader.post("/v1/check_in_sites", {**body, "site_id": here}).status == 403, "another school's"
    assert ours.director.post("/v1/check_in_sites", {**body, "site_id": elsewhere}).faults == {
        "/site_id": "not_allowed"}
    ours.director.created("check_in_sites", {**body, "site_id": here, "rating": 2})
    listed = ours.viewer.get("/v1/check_in_sites", {"check_in_id": check_in}).json["data"]
    assert sorted(row["rating"] for row in listed) == [2, 4]
    assert ours.director.post(f"/v1/check_ins/{check_in}/skip", {"reason": "Snow"}).status == 200
    path = f"/v1/check_in_sites/{made.id}"
    assert leader.patch(path, {"rating": 1}, made.etag).status == 409


# ---- What follows by itself ----------------------------------------------------------------------


def tasks(caller, one):
    return {(t["kind"], t["due_on"]) for t in caller.get("/v1/me/tasks").json["data"] if t["subject_id"] == one}


@pytest.mark.shows("partnerships.check_in_answered")
def test_one_that_both_have_answered_is_not_overdue_and_completes_itself(ours, partnership, path):
    """Whoever leads it looks at it before; one that somebody reopened is completed by hand."""
    one = path.rpartition("/")[2]
    assert answered(ours, partnership, path)["answered_at"] == "2026-11-21T15:00:00.000Z"
    assert tasks(ours.director, one) == {("check_in_complete", "2026-12-12")}
    try:
        ours.api.set_clock("2026-12-15T15:00:00.000Z")
        assert ours.viewer.get(path).json["overdue"] is False
        partnership.work("check_in_advance", "2026-12-12T05:59:00Z")
        assert ours.viewer.get(path).json["status"] == "open"
        partnership.work("check_in_advance", "2026-12-12T06:00:00Z")
        done = ours.viewer.get(path).json
        assert (done["status"], done["answered_at"][:10], done["completed_at"]) == (
            "complete", "2026-11-21", "2026-12-12T06:00:00.000Z")
        assert tasks(ours.director, one) == set()
        again = did(ours.director, path, "reopen")
        assert (again["answered_at"], again["overdue"]) == (None, True)
        answered(ours, partnership, path)
        partnership.work("check_in_advance", "2027-01-28T06:00:00Z")
        assert ours.viewer.get(path).json["status"] == "open"
        assert tasks(ours.director, one) == {("check_in_complete", "2026-12-22")}
    finally:
        ours.api.set_clock("2026-11-21T15:00:00.000Z")


@pytest.mark.shows("partnerships.no_lead")
def test_a_side_that_nobody_leads_is_a_task_and_says_why_no_mail_went(ours, partnership, path, migrate):
    """For the district speaks whoever has the post at the site, if there is one."""
    one = path.rpartition("/")[2]

    def decided(due):
        return {(r["side"], r["user_id"], r["decision"], r["reason"], bool(r["message_id"]))
                for r in ours.viewer.get("/v1/reminders", {"check_in_id": one}).json["data"] if r["offset_days"] == due}

    def leave(column):
        migrate.execute(f"UPDATE partnership_role SET until_date = '2026-11-20' WHERE partnership_id = %s "
                        f"AND {column} IS NOT NULL", (partnership.id,))

    def named(caller):
        return {kind for kind, _ in tasks(caller, partnership.id)} & {"lead_missing"}

    nobody = ("partner", None, "suppressed", "no_lead", False)
    leave("contact_id")
    partnership.work("reminders_decide", "2026-11-27T15:00:00Z")
    assert decided(-14) == {nobody, ("district", ours.users["director"], "queued", None, True)}
    assert (named(ours.director), named(ours.coordinator)) == ({"lead_missing"}, set())
    leave("user_id")
    site = ours.admin.site().id
    migrate.execute("UPDATE partnership SET lead_site_id = %s WHERE id = %s", (site, partnership.id))
    post = ours.admin.created("posts", {"site_id": site, "kind": "partnership_lead", "title": "Liaison"}).id
    partnership.work("reminders_decide", "2026-12-08T15:00:00Z")
    assert decided(-3) == {nobody, ("district", None, "suppressed", "no_lead", False)}
    assert named(ours.director) == {"lead_missing"}, "a director's, as nobody else is there"
    ours.admin.created("post_holders", {"post_id": post, "user_id": ours.users["coordinator"], "from_date": "2026-11-01"})
    partnership.work("reminders_decide", "2026-12-11T15:00:00Z")
    assert decided(0) == {nobody, ("district", ours.users["coordinator"], "queued", None, True)}
    assert (named(ours.director), named(ours.coordinator)) == (set(), {"lead_missing"})
