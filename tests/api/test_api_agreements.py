"""Agreements: from status to status, signatures, and when one is valid."""

import pytest
from partnering import Ready, act_on, agreement, in_force, item, put, signed, signed_file

from world import uuid7

TRANSITIONS = {
    ("draft", "submit"): "review",
    ("review", "refer"): "board_approval",
    ("review", "approve"): "out_for_signature",
    ("board_approval", "approve"): "out_for_signature",
    ("out_for_signature", "sign"): "in_force",
    ("in_force", "expire"): "expired",
    ("in_force", "supersede"): "superseded",
    ("in_force", "terminate"): "terminated",
    ("review", "return"): "returned",
    ("board_approval", "return"): "returned",
    ("out_for_signature", "return"): "returned",
    ("returned", "revise"): "draft",
    ("review", "reject"): "rejected",
    ("board_approval", "reject"): "rejected",
    ("draft", "withdraw"): "withdrawn",
    ("review", "withdraw"): "withdrawn",
    ("board_approval", "withdraw"): "withdrawn",
    ("out_for_signature", "withdraw"): "withdrawn",
    ("returned", "withdraw"): "withdrawn",
}
STATUSES = sorted({status for status, _ in TRANSITIONS} | set(TRANSITIONS.values()))
VERBS = sorted({verb for _, verb in TRANSITIONS})
EVENTS = {
    "submit": "submitted",
    "refer": "referred",
    "approve": "approved",
    "sign": "signed",
    "expire": "expired",
    "supersede": "superseded",
    "terminate": "terminated",
    "return": "returned",
    "revise": "revised",
    "reject": "rejected",
    "withdraw": "withdrawn",
}
BODIES = {verb: {"reason": "Because."} for verb in ("return", "reject", "withdraw", "terminate")}
BODIES["sign"] = {"side": "partner", "signer": "Ann Lee, President"}
BOARD = {"board_on": "2026-11-20", "board_item": "7.1"}
TODAY = "2026-11-21"  # in the district, though it is the 22nd in UTC


def body_of(caller, one, verb):
    body = BODIES.get(verb, {})
    return body | {"attachment_id": signed_file(caller, one)} if verb == "sign" else body


@pytest.fixture(scope="module", autouse=True)
def today(api):
    api.set_clock("2026-11-22T05:30:00.000Z")


@pytest.fixture(scope="module")
def one(ours, migrate_once):
    """One for which no action lacks anything: it is out of its dates, the district has signed, and
    another one in force takes its place."""
    made = agreement(ours.director, expires_on="2026-11-20", **BOARD).id
    successor = agreement(ours.director, supersedes_id=made).id
    migrate_once.execute(
        "UPDATE agreement SET district_signed_on = '2026-11-01', district_signer = 'x' WHERE id = %s",
        (made,),
    )
    put(migrate_once, "agreement", successor, "in_force")
    return made


@pytest.fixture(scope="module")
def migrate_once(database):
    with database.connect("kith_migrate") as connection:
        yield connection


def path_of(one):
    return f"/v1/agreements/{one}"


# ---- From status to status -----------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", STATUSES)
def test_each_action_in_each_status(ours, one, migrate, status, verb):
    put(migrate, "agreement", one, status)
    before = ours.director.get(path_of(one)).json
    answer = ours.director.post(f"{path_of(one)}/{verb}", body_of(ours.director, one, verb))
    if (status, verb) in TRANSITIONS:
        assert answer.status == 200, answer
        assert answer.json["status"] == TRANSITIONS[status, verb]
        assert answer.json["status_reason"] == BODIES.get(verb, {}).get("reason")
        assert answer.json["version"] == before["version"] + 1
        types = migrate.execute(
            "SELECT type FROM outbox WHERE aggregateid = %s AND sequence = %s",
            (one, answer.json["version"]),
        ).fetchall()
        assert types == [(f"org.kith.agreement.{EVENTS[verb]}.v1",)]
    else:
        possible = sorted({v for s, v in TRANSITIONS if s == status})
        assert answer.status == 409, answer
        assert answer.json["state"] == {"status": status, "possible": possible}
        assert ours.director.get(path_of(one)).json == before


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_possible_is_told_before(ours, one, migrate, status):
    put(migrate, "agreement", one, status)
    told = ours.viewer.get(f"{path_of(one)}/transitions").json
    assert {row["action"]: (row["to"], row["missing"]) for row in told["possible"]} == {
        verb: (to, []) for (at, verb), to in TRANSITIONS.items() if at == status
    }


MISSING = {
    ("board_approval", "approve"): ({}, ["board_on", "board_item"]),
    ("board_approval", "approve", 2): ({"board_on": "2026-11-20", "board_item": " "}, ["board_item"]),
    ("out_for_signature", "sign"): ({"text": None}, ["text"]),
    ("out_for_signature", "sign", 2): ({"text": " \n", "effective_on": None},
                                       ["text", "effective_on"]),
    ("out_for_signature", "sign", 3): ({"effective_on": None}, ["effective_on"]),
    ("in_force", "expire"): ({"expires_on": None}, ["expires_on"]),
    ("in_force", "expire", 2): ({"expires_on": TODAY}, ["expires_on"]),
    ("in_force", "supersede"): ({}, ["successor"]),
}


@pytest.mark.parametrize("case", MISSING)
def test_what_is_missing_keeps_it_where_it_is(ours, migrate, case):
    status, verb = case[:2]
    fields, codes = MISSING[case]
    one = agreement(ours.director, **fields).id
    put(migrate, "agreement", one, status)
    told = ours.director.get(f"{path_of(one)}/transitions").json["possible"]
    assert [row["missing"] for row in told if row["action"] == verb] == [codes]
    answer = ours.director.post(f"{path_of(one)}/{verb}", body_of(ours.director, one, verb))
    assert (answer.status, answer.json["state"]) == (409, {"status": status, "missing": codes})
    assert answer.json["detail"].count(".") == len(codes)


@pytest.mark.parametrize("verb", [verb for verb in BODIES if verb != "sign"])
def test_a_reason_is_needed_and_known(ours, one, verb):
    for body, faults in (
        ({}, {"/reason": "required"}),
        ({"reason": " "}, {"/reason": "too_short"}),
        ({"reason": "x", "why": "y"}, {"/why": "unknown_member"}),
    ):
        answer = ours.director.post(f"{path_of(one)}/{verb}", body)
        assert (answer.status, answer.faults) == (422, faults), answer


def test_the_review_may_go_by_the_board_or_not_and_come_back(ours):
    one = agreement(ours.director, **BOARD).id
    act_on(ours.director, one, "submit", "return", reason="Say when")
    assert ours.director.get(path_of(one)).json["status_reason"] == "Say when"
    act_on(ours.director, one, "revise", "submit", "refer", "approve")
    assert signed(ours.director, one).json["status"] == "in_force"


def test_a_reviewer_takes_the_steps_of_review_and_no_other(ours):
    one = agreement(ours.director, **BOARD).id
    assert ours.reviewer.post(f"{path_of(one)}/submit", {}).status == 403
    act_on(ours.school_leader, one, "submit")
    for role in ("coordinator", "school_leader", "viewer"):
        assert getattr(ours, role).post(f"{path_of(one)}/approve", {}).status == 403
    act_on(ours.reviewer, one, "refer", "approve")
    assert ours.reviewer.post(f"{path_of(one)}/sign", BODIES["sign"]).status == 403


@pytest.mark.shows("partnerships.board_decision")
def test_an_executive_enters_what_the_board_decided_and_decides_nothing_before(ours):
    one = agreement(ours.director, **BOARD).id
    act_on(ours.director, one, "submit")
    told = ours.executive.get(f"{path_of(one)}/transitions").json["possible"]
    assert {row["action"]: row["missing"] for row in told if row["missing"]} == {
        verb: ["board_approval"] for verb in ("approve", "return", "reject")}
    for verb in ("approve", "return", "reject"):
        refused = ours.executive.post(f"{path_of(one)}/{verb}", BODIES.get(verb, {}))
        assert (refused.status, refused.json["state"]["missing"]) == (409, ["board_approval"]), refused
    act_on(ours.director, one, "refer")
    assert act_on(ours.executive, one, "approve").json["status"] == "out_for_signature"


@pytest.mark.shows("partnerships.board_decision")
def test_once_the_board_has_it_its_meeting_is_entered_by_those_who_enter_what_it_decides(ours):
    one = agreement(ours.director).id
    for status, verb in (("draft", "submit"), ("review", "refer")):
        told = ours.coordinator.patch(path_of(one), BOARD | {"board_item": status}, ours.coordinator.get(path_of(one)).etag)
        assert (told.status, told.json["board_item"]) == (200, status), told
        act_on(ours.director, one, verb)
    for verb in (None, "approve"):
        if verb:
            act_on(ours.director, one, verb)
        etag = ours.coordinator.get(path_of(one)).etag
        for change in ({"board_on": "2026-12-01"}, {"board_item": "9"}, {"board_item": None}):
            refused = ours.coordinator.patch(path_of(one), change, etag)
            assert (refused.status, refused.type) == (409, "conflict"), refused
        assert ours.coordinator.patch(path_of(one), {"title": "T"}, etag).status == 200
        told = ours.director.patch(path_of(one), {"board_item": "7.2"}, ours.director.get(path_of(one)).etag)
        assert (told.status, told.json["board_item"]) == (200, "7.2"), told


@pytest.mark.shows("partnerships.review_steps")
def test_in_a_review_who_decides_a_step_is_said_by_who_runs_the_program_or_its_own_reviewer(ours, migrate):
    one = agreement(ours.director).id
    other, another, _ = ours.person("reviewer")
    step = ours.director.created("agreement_steps", {"agreement_id": one, "kind": "legal", "user_id": ours.users["reviewer"]})
    path = f"/v1/agreement_steps/{step.id}"

    def change(who, **fields):
        return who.patch(path, fields, who.get(path).etag)

    assert change(ours.coordinator, kind="risk").status == 200, "it is a draft"
    act_on(ours.director, one, "submit")
    for fields in ({"user_id": None}, {"user_id": another}, {"kind": "other"}):
        refused = change(ours.coordinator, **fields)
        assert (refused.status, refused.json["state"]["status"]) == (409, "pending"), refused
    assert change(ours.coordinator, due_on="2026-12-01").status == 200
    assert change(ours.director, user_id=another).status == 200
    at, = migrate.execute("SELECT count(*) FROM audit WHERE aggregateid = %s AND actor = %s AND 'user_id' = ANY (changed)",
                          (step.id, ours.users["director"])).fetchone()
    assert at == 2, "that it was made so, and that it was changed"
    assert other.post(f"{path}/approve", {}).status == 200
    assert change(ours.director, user_id=ours.users["reviewer"]).status == 409, "what was decided stays"


# ---- Signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sides", (("district", "partner"), ("partner", "district")))
def test_when_both_sides_have_signed_it_is_in_force(ours, sides):
    one = agreement(ours.director).id
    act_on(ours.director, one, "submit", "approve")
    first, second = sides
    for _ in range(2):  # a correction of one side's is no other side's
        half = act_on(
            ours.director, one, "sign", side=first, signer="Ann Lee", signed_on="2026-11-01"
        ).json
        assert half["status"] == "out_for_signature" and not half["is_valid"]
        assert (half[f"{first}_signed_on"], half[f"{first}_signer"]) == ("2026-11-01", "Ann Lee")
        assert (half[f"{second}_signed_on"], half[f"{second}_signer"]) == (None, None)
    whole = act_on(ours.director, one, "sign", side=second, signer=" Bo, CEO ").json
    assert (whole["status"], whole["is_valid"]) == ("in_force", True)
    assert (whole[f"{second}_signed_on"], whole[f"{second}_signer"]) == (TODAY, "Bo, CEO")


@pytest.mark.parametrize(
    "body, faults",
    [
        ({}, {"/side": "required", "/signer": "required"}),
        ({"side": "both", "signer": "x"}, {"/side": "not_in_enum"}),
        ({"side": "partner", "signer": "a" * 256}, {"/signer": "too_long"}),
        ({"side": "partner", "signer": "x", "signed_on": "2026-11-22"}, {"/signed_on": "not_allowed"}),
    ],
)
def test_a_signature_says_whose_it_is_and_is_not_of_tomorrow(ours, migrate, body, faults):
    one = agreement(ours.director).id
    put(migrate, "agreement", one, "out_for_signature")
    file = {"attachment_id": signed_file(ours.director, one)}
    answer = ours.director.post(f"{path_of(one)}/sign", body | file)
    assert (answer.status, answer.faults) == (422, faults), answer
    good = file | {"side": "partner", "signer": "a" * 255, "signed_on": TODAY}
    assert ours.director.post(f"{path_of(one)}/sign", good).status == 200


def test_a_document_does_for_a_text(ours):
    one = agreement(ours.director, text=None, document_url="https://example.org/a.pdf").id
    act_on(ours.director, one, "submit", "approve")
    assert signed(ours.director, one).json["status"] == "in_force"


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Otherwise."},
        {"document_url": "https://example.org/b.pdf"},
        {"kind": "master"},
        {"effective_on": "2026-01-01"},
        {"data_flows": True},
        {"data_basis": "none"},
        {"data_purpose": "x"},
        {"data_destroy_by": "2030-01-01"},
        {"named_in_notice": True},
        {"expires_on": "2030-06-30"},
        {"auto_renew": True},
        {"amount_cents": 100},
    ],
)
def test_what_was_acknowledged_or_signed_is_what_stands_there(ours, migrate, change):
    director = ours.director
    ready = Ready(ours)
    one = agreement(director).id
    ready.made("agreement_partnerships", agreement_id=one)
    put(migrate, "agreement", one, "out_for_signature")
    act_on(director, one, "acknowledge")
    act_on(director, one, "acknowledge", on_behalf_of=ready.contact)
    kept = act_on(director, one, "sign", side="partner", signer="Ann").json
    words = {
        "district_by": ours.users["director"],
        "partner_by": ready.contact,
        "partner_recorded_by": ours.users["director"],
        "partner_signer": "Ann",
    }
    assert {name: kept[name] for name in words} == words
    other = director.patch(path_of(one), {"title": "T", "board_item": "7.1"}, f'"v{kept["version"]}-0"')
    assert {name: other.json[name] for name in words} == words
    refused = director.patch(path_of(one), change, other.etag)
    assert (refused.status, refused.json["state"]) == (
        409, {"status": "out_for_signature", "possible": ["return", "sign", "withdraw"]}), refused
    act_on(director, one, "return", reason="Otherwise")
    again = act_on(director, one, "revise")
    assert {name: again.json[name] for name in words} == words
    changed = director.patch(path_of(one), change, again.etag)
    assert changed.status == 200, changed
    assert {changed.json[name] for name in (*words, "district_at", "partner_signed_on")} == {None}


def test_what_is_reviewed_is_what_is_signed(ours, migrate):
    one = agreement(ours.director, effective_on=None).id
    for status in ("review", "board_approval", "out_for_signature"):
        put(migrate, "agreement", one, status)
        etag = ours.director.get(path_of(one)).etag
        for change in ({"text": "Otherwise."}, {"expires_on": "2090-06-30"}, {"data_flows": True}):
            refused = ours.coordinator.patch(path_of(one), change, etag)
            assert (refused.status, refused.json["state"]["status"]) == (409, status), refused
            assert "withdraw" in refused.json["state"]["possible"]
    for change, status in (({"effective_on": "2026-01-01"}, 200), ({"amount_cents": 1}, 409),
                           ({"effective_on": "2026-01-02"}, 409), ({"board_item": "7.1"}, 409), ({"title": "T"}, 200)):
        etag = ours.director.get(path_of(one)).etag
        assert ours.coordinator.patch(path_of(one), change, etag).status == status, change


@pytest.mark.parametrize("status", ("in_force", "expired", "superseded", "terminated"))
def test_what_is_in_force_or_was_stays_as_it_was_signed(ours, migrate, status):
    one = agreement(ours.director).id
    put(migrate, "agreement", one, status)
    etag = ours.director.get(path_of(one)).etag
    for change in (
        {"text": "Otherwise."},
        {"document_url": "https://example.org/b.pdf"},
        {"kind": "master"},
        {"effective_on": "2026-01-01"},
        {"expires_on": "2090-06-30"},
        {"auto_renew": True},
        {"amount_cents": 100},
        {"data_flows": True},
        {"under_direct_control": True},
    ):
        answer = ours.director.patch(path_of(one), change, etag)
        assert (answer.status, answer.json["state"]) == (409, {"status": status}), answer
    assert ours.director.patch(path_of(one), {"notice_days": 30}, etag).status == 200


def test_that_it_shall_not_renew_itself_either_side_may_say(ours):
    made = in_force(ours.director, auto_renew=True, expires_on="2027-06-30")
    told = ours.director.patch(path_of(made.id), {"auto_renew": False}, ours.director.get(path_of(made.id)).etag)
    assert (told.status, told.json["auto_renew"], told.json["district_signer"]) == (
        200, False, made.json["district_signer"]), told


def test_only_a_lead_of_a_partnership_that_it_covers_is_spoken_for(ours):
    ready, other = Ready(ours), Ready(ours)
    path = ready.path_of("agreements")
    for contact in (other.contact, ready.lead):
        answer = ours.director.post(f"{path}/acknowledge", {"on_behalf_of": contact})
        assert (answer.status, answer.faults) == (422, {"/on_behalf_of": "not_allowed"}), answer
    answer = ours.director.post(f"{path}/acknowledge", {"on_behalf_of": ready.contact})
    assert (answer.status, answer.json["partner_by"]) == (200, ready.contact), answer
    ready.archive("links")
    other_path = f"{path}/acknowledge"
    answer = ours.director.post(other_path, {"on_behalf_of": ready.contact})
    assert answer.faults == {"/on_behalf_of": "not_allowed"}


def test_without_text_and_document_there_is_nothing_to_acknowledge(ours):
    one = agreement(ours.director, text=None).id
    answer = ours.director.post(f"{path_of(one)}/acknowledge", {})
    assert answer.json["state"] == {"status": "draft", "missing": ["text"]}


# ---- The next one, and the days ------------------------------------------------------------------


def test_an_agreement_in_force_takes_the_place_of_the_one_before(ours, migrate):
    old = in_force(ours.director)
    new = agreement(ours.director, supersedes_id=old.id).id
    act_on(ours.director, new, "submit", "approve")
    act_on(ours.director, new, "sign", side="district", signer="Bo")
    assert ours.director.get(path_of(old.id)).json["status"] == "in_force"
    act_on(ours.director, new, "sign", side="partner", signer="Ann")
    ended = ours.director.get(path_of(old.id)).json
    assert (ended["status"], ended["is_valid"]) == ("superseded", False)
    types = migrate.execute(
        "SELECT type FROM outbox WHERE aggregateid = %s ORDER BY sequence DESC LIMIT 1", (old.id,)
    ).fetchall()
    assert types == [("org.kith.agreement.superseded.v1",)]


def test_an_agreement_of_tomorrow_takes_no_place_today(ours):
    old = in_force(ours.director, expires_on=TODAY).id
    new = in_force(ours.director, effective_on="2026-11-22", supersedes_id=old).json
    assert (new["status"], new["is_valid"]) == ("in_force", False)
    kept = ours.director.get(path_of(old)).json
    assert (kept["status"], kept["is_valid"]) == ("in_force", True)
    refused = ours.director.post(f"{path_of(old)}/supersede", {})
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["successor"]), refused


VALID = {
    "today alone": ({"effective_on": TODAY, "expires_on": TODAY}, True),
    "from tomorrow on": ({"effective_on": "2026-11-22"}, False),
    "until yesterday": ({"expires_on": "2026-11-20"}, False),
    "without an end": ({}, True),
    "data without a basis": ({"data_flows": True, "data_purpose": "x"}, False),
    "data on no basis": (
        {"data_flows": True, "data_basis": "none", "data_purpose": "x"}, False),
    "data for nothing": ({"data_flows": True, "data_basis": "school_official"}, False),
    "data": ({"data_flows": True, "data_basis": "parental_consent", "data_purpose": "x"}, True),
    "data of an official": ({"data_flows": True, "data_basis": "school_official", "data_purpose": "x",
                             "named_in_notice": True, "under_direct_control": True}, True),
    "data of nobody's official": ({"data_flows": True, "data_basis": "school_official", "data_purpose": "x",
                                   "named_in_notice": True}, False),
}


@pytest.mark.parametrize("case", VALID)
def test_an_agreement_is_valid_within_its_days_if_what_is_said_of_data_is_whole(ours, case):
    fields, is_valid = VALID[case]
    one = in_force(ours.director, **fields).id
    assert ours.viewer.get(path_of(one)).json["is_valid"] is is_valid
    listed = ours.viewer.get("/v1/agreements", {"limit": 200, "sort": "-created_at"}).json["data"]
    assert next(row["is_valid"] for row in listed if row["id"] == one) is is_valid


def test_at_midnight_of_the_district_it_is_no_longer_valid_and_no_cache_says_so(ours, api):
    one = in_force(ours.director, expires_on=TODAY).id
    before = ours.viewer.get(path_of(one))
    kept = {"If_None_Match": before.etag}
    assert (before.json["is_valid"], ours.viewer.get(path_of(one), **kept).status) == (True, 304)
    try:
        api.set_clock("2026-11-22T06:00:00.000Z")
        after = ours.viewer.get(path_of(one), **kept)
        assert (after.status, after.json["is_valid"]) == (200, False)
        assert after.json == {**before.json, "is_valid": False}
        assert act_on(ours.director, one, "acknowledge").json["status"] == "in_force"
    finally:
        api.set_clock("2026-11-22T05:30:00.000Z")


def test_what_came_in_force_without_a_day_is_not_valid(ours, migrate):
    one = agreement(ours.director, effective_on=None).id
    put(migrate, "agreement", one, "in_force")  # as no action would
    assert ours.director.get(path_of(one)).json["is_valid"] is False


def test_what_is_archived_is_not_valid(ours):
    made = in_force(ours.director)
    path = path_of(made.id)
    ours.director.archive(path, ours.director.get(path).etag)
    assert ours.director.get(path).json["is_valid"] is False


def test_a_study_needs_a_day_by_which_its_data_is_destroyed(ours):
    body = {"title": "T", "kind": "data_sharing", "data_flows": True, "data_basis": "study"}
    answer = ours.director.post("/v1/agreements", body)
    assert (answer.status, answer.faults) == (422, {"/data_destroy_by": "not_allowed"}), answer
    ours.director.created("agreements", {**body, "data_destroy_by": "2030-01-01"})


@pytest.mark.shows("partnerships.amendments")
def test_an_amendment_in_force_changes_what_it_amends_and_covers_what_that_covers(ours):
    director, ready = ours.director, Ready(ours)
    base = agreement(director, kind="mou", expires_on="2027-06-30")
    for name, required in (("Rooms", False), ("Food", False)):
        item(director, base.id, name=name, status="not_yet", is_required=required, position=200)
    director.created("agreement_partnerships", {"agreement_id": base.id, "partnership_id": ready.id})
    act_on(director, base.id, "submit", "approve")
    signed(director, base.id)

    def amendment(**fields):
        one = agreement(director, kind="amendment", amends_id=base.id, effective_on="2026-11-01", **fields)
        act_on(director, one.id, "submit", "approve")
        return one.id

    longer, late = amendment(expires_on="2028-06-30"), amendment(title="Late")
    item(director, longer, name="rooms", position=200)
    links = director.get("/v1/agreement_partnerships", {"agreement_id": longer}).json["data"]
    assert [row["partnership_id"] for row in links] == [ready.id]
    assert signed(director, longer).json["amended_on"] == "2026-11-21"
    told = director.get(path_of(base.id), {"expand": "amendments,agreement_items"}).json
    assert (told["expires_on"], told["is_valid"]) == ("2028-06-30", True)
    assert {row["name"]: row["status"] for row in told["agreement_items"]["data"]} == {
        "All of it": "finalized", "Rooms": "finalized", "Food": "not_yet"}
    assert {row["id"] for row in told["amendments"]["data"]} == {longer, late}
    act_on(director, base.id, "terminate", reason="They moved")
    ended = director.get(path_of(longer)).json
    assert (ended["status"], ended["status_reason"]) == ("terminated", "They moved")
    refused = director.post(f"{path_of(late)}/sign", {
        "side": "partner", "signer": "Ann", "attachment_id": signed_file(director, late)})
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["amended"]), refused


def test_what_amends_is_an_amendment_of_an_agreement(ours):
    director = ours.director
    base = agreement(director, kind="mou").id
    first = agreement(director, kind="amendment", amends_id=base).id
    for fields in ({"kind": "mou", "amends_id": base}, {"kind": "amendment", "amends_id": first},
                   {"kind": "amendment", "amends_id": str(uuid7())}):
        answer = director.post("/v1/agreements", {"title": "T", **fields})
        assert (answer.status, list(answer.faults)) == (422, ["/amends_id"]), answer
