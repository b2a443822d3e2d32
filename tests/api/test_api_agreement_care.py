"""Agreements: review steps, the checklist, signatures."""

import hashlib

import pytest
from partnering import Ready, act_on, agreement, signed, vetted

PDF = b"%PDF-1.7\n%%EOF\n"


def step(ours, one, **fields):
    return ours.director.created("agreement_steps", {"agreement_id": one, "kind": "legal", **fields}).id


def decide(caller, one, verb, **fields):
    return caller.post(f"/v1/agreement_steps/{one}/{verb}", fields)


def missing(ours, one, action):
    told = ours.viewer.get(f"/v1/agreements/{one}/transitions").json["possible"]
    return next(p["missing"] for p in told if p["action"] == action)


@pytest.mark.shows("partnerships.review_steps")
def test_an_agreement_is_approved_when_each_step_of_its_review_is(ours):
    one = agreement(ours.director).id
    legal = step(ours, one, user_id=ours.users["reviewer"], due_on="2026-12-01")
    risk = step(ours, one, kind="risk")
    early = decide(ours.reviewer, legal, "approve")
    assert (early.status, early.json["state"]["agreement_status"]) == (409, "draft"), early
    act_on(ours.director, one, "submit")
    assert missing(ours, one, "approve") == missing(ours, one, "refer") == ["steps"]
    decided = decide(ours.reviewer, legal, "approve", comment="With the usual clause").json
    assert (decided["status"], decided["comment"], decided["decided_by"]) == (
        "approved", "With the usual clause", ours.users["reviewer"])
    assert decide(ours.reviewer, legal, "reject", reason="No").status == 409, "it is decided"
    refused = ours.director.post(f"/v1/agreements/{one}/approve", {})
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["steps"]), refused
    assert decide(ours.reviewer, risk, "return", reason="No limit").json["status"] == "returned"
    assert missing(ours, one, "approve") == ["steps"]
    act_on(ours.director, one, "return", reason="Risk")
    act_on(ours.director, one, "revise", "submit")
    listed = ours.viewer.get("/v1/agreement_steps", {"agreement_id": one, "status": "pending"})
    assert {s["id"] for s in listed.json["data"]} == {legal, risk}, "all is reviewed again"
    for each in (legal, risk):
        assert decide(ours.director, each, "approve").status == 200
    assert act_on(ours.director, one, "approve").json["status"] == "out_for_signature"


@pytest.mark.shows("partnerships.board_decision")
def test_a_step_is_decided_by_its_reviewer_or_who_runs_the_program(ours):
    one = agreement(ours.director).id
    other = step(ours, one, user_id=ours.users["executive"])
    another, theirs, anybodys = step(ours, one, user_id=ours.users["director"]), step(
        ours, one, kind="superintendent"), step(ours, one)
    act_on(ours.director, one, "submit")
    refused = decide(ours.reviewer, other, "approve")
    assert (refused.status, refused.json["state"]["user_id"]) == (409, ours.users["executive"])
    assert decide(ours.coordinator, other, "approve").status == 403
    for caller, each in ((ours.executive, another), (ours.executive, anybodys), (ours.reviewer, theirs)):
        assert decide(caller, each, "approve").status == 409
    for caller, each in ((ours.executive, other), (ours.executive, theirs), (ours.director, another),
                         (ours.reviewer, anybodys)):
        assert decide(caller, each, "approve").status == 200


def test_a_step_names_only_who_may_decide_it(ours):
    one = agreement(ours.director).id
    body = {"agreement_id": one, "kind": "legal", "user_id": ours.users["coordinator"]}
    refused = ours.director.post("/v1/agreement_steps", body)
    assert (refused.status, refused.faults) == (422, {"/user_id": "not_allowed"}), refused
    at = f"/v1/agreement_steps/{step(ours, one, user_id=ours.users['reviewer'])}"
    etag = ours.director.get(at).etag
    assert ours.director.patch(at, {"user_id": body["user_id"]}, etag).faults == {"/user_id": "not_allowed"}
    assert ours.director.patch(at, {"user_id": ours.users["executive"]}, etag).status == 200


def test_a_step_is_taken_away_by_who_runs_the_program_or_its_reviewer_before_it_is_decided(ours):
    one, other = (agreement(ours.coordinator).id for _ in range(2))
    anybodys, named, decided = step(ours, one), step(ours, one, user_id=ours.users["reviewer"]), step(ours, one)

    def archive(caller, each):
        at = f"/v1/agreement_steps/{each}"
        return caller.archive(at, caller.get(at).etag).status

    for status in ("draft", "review"):
        for each in (anybodys, named):
            assert archive(ours.coordinator, each) == archive(ours.school_leader, each) == 409, status
            at = f"/v1/agreement_steps/{each}"
            moved = ours.coordinator.patch(at, {"agreement_id": other}, ours.coordinator.get(at).etag)
            assert moved.status == 409, moved
        if status == "draft":
            act_on(ours.coordinator, one, "submit")
    assert decide(ours.reviewer, decided, "return", reason="No limit").status == 200
    assert archive(ours.director, decided) == 409, "it is decided"
    assert archive(ours.director, anybodys) == archive(ours.director, named) == 204
    assert missing(ours, one, "approve") == ["steps"]


@pytest.mark.shows("partnerships.checklist", "partnerships.validity")
def test_what_a_checklist_requires_says_who_runs_the_program_and_it_stays_with_what_was_signed(ours):
    body = {"title": "T", "kind": "mou", "text": "We agree.", "effective_on": "2020-01-01"}
    one = ours.coordinator.created("agreements", body).id
    assert ours.coordinator.post(f"/v1/agreements/{one}/checklist", {}).status == 200
    items = {row["code"]: row["id"] for row in ours.viewer.get(
        "/v1/agreement_items", {"agreement_id": one}).json["data"]}
    money, data, food = (f"/v1/agreement_items/{items[code]}" for code in ("money", "data", "food"))

    def patch(caller, at, **fields):
        return caller.patch(at, fields, caller.get(at).etag).status

    def archive(caller, at):
        return caller.archive(at, caller.get(at).etag).status

    added = {"agreement_id": one, "name": "Ours", "position": 100}
    for caller in (ours.coordinator, ours.school_leader, ours.reviewer):
        assert patch(caller, money, is_required=False) == 409
        assert caller.post("/v1/agreement_items", {**added, "is_required": False}).status == 409
    assert archive(ours.coordinator, money) == 409
    assert ours.coordinator.post("/v1/agreement_items", added).status == 201
    assert archive(ours.coordinator, food) == 204, "it is not required"
    assert patch(ours.director, money, is_required=False) == 200
    act_on(ours.director, one, "submit", "approve")
    signed(ours.director, one)
    assert patch(ours.coordinator, data, status="finalized") == 200, "what is open is settled yet"
    for caller in (ours.coordinator, ours.director):
        assert patch(caller, data, status="discussing") == patch(caller, money, is_required=True) == 409
        assert archive(caller, data) == patch(caller, money, name="Other") == 409
    assert ours.coordinator.post("/v1/agreement_items", added).status == 409
    assert ours.director.post("/v1/agreement_items", added).status == 201


@pytest.mark.shows("partnerships.checklist", "partnerships.validity")
def test_an_agreement_is_valid_when_what_its_checklist_requires_is_settled(ours):
    body = {"title": "T", "kind": "mou", "text": "We agree.", "effective_on": "2020-01-01"}
    one = ours.director.created("agreements", body).id
    act_on(ours.director, one, "submit", "approve")
    signed(ours.director, one)
    path = f"/v1/agreements/{one}"
    assert ours.viewer.get(path).json["is_valid"] is False
    items = ours.viewer.get("/v1/agreement_items", {"agreement_id": one, "sort": "position"}).json["data"]
    assert len(items) == 30 and items[0]["code"] == "parties", "they came with its review"
    assert ours.director.post(f"{path}/checklist", {}).status == 200
    again = ours.viewer.get("/v1/agreement_items", {"agreement_id": one}).json["data"]
    assert len(again) == 30, "none comes twice"
    for item in items:
        at = f"/v1/agreement_items/{item['id']}"
        if item["code"] == "money":
            refused = ours.reviewer.patch(at, {"status": "not_applicable"}, ours.reviewer.get(at).etag)
            assert (refused.status, list(refused.faults)) == (422, ["/note"]), refused
            change = {"status": "not_applicable", "note": "It costs nothing"}
        elif item["is_required"]:
            assert ours.viewer.get(path).json["is_valid"] is False
            change = {"status": "finalized"}
        else:
            change = {"status": "discussing"}
        assert ours.reviewer.patch(at, change, ours.reviewer.get(at).etag).status == 200
    assert ours.viewer.get(path).json["is_valid"] is True


def test_without_a_checklist_it_is_not_valid_but_where_none_is_asked_for(ours):
    one = Ready(ours, tier="supporter", purpose="A gift")
    body = {"title": "T", "kind": "mou", "text": "We agree.", "effective_on": "2020-01-01"}
    bare = ours.director.created("agreements", body).id
    one.archive("links")
    one.made("agreement_partnerships", agreement_id=bare)
    act_on(ours.director, bare, "submit", "approve")
    assert signed(ours.director, bare).json["is_valid"] is True
    assert ours.viewer.get("/v1/agreement_items", {"agreement_id": bare}).json["data"] == []
    one.change("partnerships", tier="partner")
    assert ours.viewer.get(f"/v1/agreements/{bare}").json["is_valid"] is False
    one.act("align"), one.act("agree")
    assert one.transitions()["activate"] == ("active", ["checklist"])
    plan = ours.director.created("agreements", {"title": "T", "kind": "site_plan"}).id
    act_on(ours.director, plan, "submit")
    assert ours.viewer.get("/v1/agreement_items", {"agreement_id": plan}).json["data"] == []


@pytest.mark.shows("partnerships.gate_validity")
def test_the_gate_asks_for_an_agreement_that_is_valid(ours):
    one = Ready(ours)
    for verb in ("align", "agree"):
        one.act(verb)
    assert one.transitions()["activate"] == ("active", [])
    ours.director.post(f"{one.path_of('agreements')}/checklist", {})
    assert one.transitions()["activate"] == ("active", ["checklist"])
    refused = one.act("activate")
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["checklist"])


@pytest.mark.shows("partnerships.signatures")
def test_what_was_signed_elsewhere_is_kept_with_its_file(ours):
    one = agreement(ours.director).id
    act_on(ours.director, one, "submit", "approve")
    file = ours.director.call(
        "POST", f"/v1/attachments?name=signed.pdf&subject_kind=agreement&subject_id={one}", PDF,
        Content_Type="application/pdf").id
    other = ours.director.call("POST", "/v1/attachments?name=x.pdf", PDF, Content_Type="application/pdf").id
    body = {"side": "partner", "signer": "Ann Lee, President", "signed_on": "2026-11-01"}
    refused = ours.director.post(f"/v1/agreements/{one}/sign", {**body, "attachment_id": other})
    assert (refused.status, refused.faults) == (422, {"/attachment_id": "not_allowed"}), refused
    act_on(ours.director, one, "sign", **body, attachment_id=file)
    [kept] = ours.viewer.get("/v1/agreement_signatures", {"agreement_id": one}).json["data"]
    assert (kept["side"], kept["method"], kept["signer"], kept["signed_on"]) == (
        "partner", "recorded", "Ann Lee, President", "2026-11-01")
    assert (kept["attachment_id"], kept["document_sha256"]) == (file, hashlib.sha256(PDF).hexdigest())
    assert ours.viewer.get(f"/v1/agreement_signatures/{kept['id']}").json == kept


@pytest.mark.shows("partnerships.typed_signatures")
def test_a_typed_signature_has_consent_authority_and_the_hash_of_the_text(ours):
    one = agreement(ours.director, text="We agree.").id
    act_on(ours.director, one, "submit", "approve")
    path = f"/v1/agreements/{one}/type_signature"
    whole = {"signer": "Dr. Who, Superintendent", "consent": True, "authority": True}
    for name in ("consent", "authority"):
        refused = ours.director.post(path, {**whole, name: False})
        assert (refused.status, refused.faults) == (422, {f"/{name}": "not_allowed"}), refused
    assert ours.director.post(path, {"signer": "X"}).faults == {
        "/consent": "required", "/authority": "required"}
    signed = ours.director.post(path, whole).json
    assert (signed["district_signer"], signed["status"]) == (whole["signer"], "out_for_signature")
    [kept] = ours.viewer.get("/v1/agreement_signatures", {"agreement_id": one}).json["data"]
    assert (kept["method"], kept["side"], kept["user_id"]) == ("typed", "district", ours.users["director"])
    assert kept["document_sha256"] == hashlib.sha256(b"We agree.").hexdigest()
    assert "electronically" in kept["consent"]


@pytest.mark.shows("partnerships.signing_authority")
def test_who_signs_by_name_is_whom_the_districts_limits_name(theirs):
    for up_to, signer in ((100_00, "principal"), (1000_00, "director"), (9000_00, "superintendent")):
        theirs.admin.created("signing_authorities", {"subject": "amendment", "up_to_cents": up_to, "signer": signer})
    whole = {"signer": "Dr. Who", "consent": True, "authority": True}

    def sign(caller, cents, **fields):
        one = agreement(theirs.director, kind="amendment", amount_cents=cents, **fields).id
        act_on(theirs.director, one, "submit", "approve")
        answer = caller.post(f"/v1/agreements/{one}/type_signature", whole)
        return answer.json["district_signer"] if answer.status == 200 else answer.json["state"]["missing"]

    assert sign(theirs.director, None) == ["amount"]
    assert sign(theirs.director, 1000_00) == sign(theirs.executive, 1000_01) == "Dr. Who"
    assert sign(theirs.director, 1000_01) == ["superintendent"]
    assert sign(theirs.coordinator, 100_01) == ["director"]
    assert sign(theirs.executive, 9000_01) == sign(theirs.executive, 9000_01, board_on="2026-11-01") == ["board"]
    assert sign(theirs.executive, 9000_01, board_on="2026-11-01", board_item="7.1") == "Dr. Who"

    def recorded(cents, signed_as, **fields):
        one = agreement(theirs.director, kind="amendment", amount_cents=cents, **fields).id
        act_on(theirs.director, one, "submit", "approve")
        file = theirs.director.call(
            "POST", f"/v1/attachments?name=signed.pdf&subject_kind=agreement&subject_id={one}", PDF,
            Content_Type="application/pdf").id
        body = {"side": "district", "signer": "Dr. Who", "signed_as": signed_as, "attachment_id": file}
        answer = theirs.coordinator.post(f"/v1/agreements/{one}/sign", body)
        if answer.status == 409:
            return answer.json["state"]["missing"]
        if answer.status == 200:
            for gone in ("signed_as", "attachment_id"):
                other = agreement(theirs.director, kind="amendment", amount_cents=cents, **fields).id
                act_on(theirs.director, other, "submit", "approve")
                refused = theirs.director.post(f"/v1/agreements/{other}/sign", {**body, gone: None})
                assert (refused.status, refused.faults) == (422, {f"/{gone}": "not_allowed"}), refused
            act_on(theirs.coordinator, one, "sign", side="partner", signer="Ann Lee")
        return [s["signed_as"] for s in theirs.viewer.get(
            "/v1/agreement_signatures", {"agreement_id": one, "side": "district"}).json["data"]]

    assert recorded(1000_00, "principal") == ["director"] and recorded(None, "director") == ["amount"]
    assert recorded(9000_01, "superintendent") == recorded(9000_01, "board") == ["board"]
    assert recorded(1000_00, "director") == ["director"]
    assert recorded(9000_01, "board", board_on="2026-11-01", board_item="7.1") == ["board"]


@pytest.mark.shows("partnerships.typed_signatures")
def test_what_an_address_shows_is_not_signed_by_name(ours):
    one = agreement(ours.director, text=None, document_url="https://example.org/mou.pdf").id
    act_on(ours.director, one, "submit", "approve")
    whole = {"signer": "Dr. Who", "consent": True, "authority": True}
    refused = ours.director.post(f"/v1/agreements/{one}/type_signature", whole)
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["document"]), refused
    assert "kept here" in refused.json["detail"]
    act_on(ours.director, one, "sign", side="district", signer="Dr. Who")


# ---- Credentials ---------------------------------------------------------------------------------


def insured(tenant, partner, **fields):
    """A credential of the partner that a reviewer verified."""
    body = {"partner_id": partner, "kind": "liability_insurance", "expires_on": "2027-06-30", **fields}
    one = tenant.coordinator.created("credentials", body).id
    assert tenant.reviewer.post(f"/v1/credentials/{one}/verify", {"seen": "The paper"}).status == 200
    return one


@pytest.mark.shows("partnerships.credentials", "partnerships.credential_tasks", "partnerships.validity")
def test_the_gate_and_agreements_ask_for_the_credentials_that_the_district_asks_for(theirs):
    caller = theirs.director
    for body in ({"kind": "liability_insurance", "arrangement": "program", "least_coverage_cents": 100_000_000},
                 {"kind": "clearance_attestation", "arrangement": "program", "tier": "anchor"},
                 {"kind": "license", "arrangement": "service"}):
        caller.created("required_credentials", body)
    again = caller.post("/v1/required_credentials", {"kind": "license", "arrangement": "service"})
    assert again.status == 409, "said once"
    one, light = Ready(theirs), Ready(theirs, tier="supporter", purpose="A gift")
    for verb in ("align", "agree"):
        one.act(verb)
        light.act(verb)
    lacks = ["credential_liability_insurance"]
    for each in (one, light):
        assert each.transitions()["activate"] == ("active", lacks)
    refused = one.act("activate")
    assert (refused.status, refused.json["state"]["missing"]) == (409, lacks)
    assert caller.get(one.path_of("agreements")).json["is_valid"] is False
    insured(theirs, one.partner, coverage_cents=99_999_999)
    assert one.transitions()["activate"] == ("active", lacks), "it covers too little"
    paper = insured(theirs, one.partner, coverage_cents=100_000_000)
    assert one.transitions()["activate"] == ("active", [])
    assert caller.get(one.path_of("agreements")).json["is_valid"] is True
    one.change("partnerships", tier="anchor")
    assert one.transitions()["activate"] == ("active", ["credential_clearance_attestation"])
    one.change("partnerships", tier="partner")
    assert theirs.reviewer.post(f"/v1/credentials/{paper}/reject", {"reason": "Of another firm."}).status == 200
    assert one.act("activate").status == 409
    insured(theirs, one.partner, coverage_cents=200_000_000)
    assert one.act("activate").json["status"] == "active"

    def waiting():
        told = theirs.coordinator.get("/v1/me/tasks").json["data"]
        return [(t["subject_id"], t["title"], [(one["kind"], one["partner"]) for one in t["credentials"]]) for t in told if t["kind"] == "credential_missing"]

    assert waiting() == []
    caller.created("required_credentials", {"kind": "clearance_attestation", "arrangement": "program"})
    assert waiting() == [(one.id, "A partnership", [("clearance_attestation", None)])], "it runs without"
    beside = caller.partner(name="Beside, Inc.").id
    one.made("partnership_partners", partner_id=beside, role="provider")
    assert waiting() == [(one.id, "A partnership", [
        ("clearance_attestation", None), ("clearance_attestation", "Beside, Inc."), ("liability_insurance", "Beside, Inc.")])]


@pytest.mark.shows("partnerships.credentials")
def test_a_co_partner_that_works_with_students_is_asked_for_credentials_too(theirs):
    one = Ready(theirs, arrangement="sponsorship")
    theirs.director.created("required_credentials", {"kind": "data_security", "arrangement": "sponsorship"})
    insured(theirs, one.partner, kind="data_security")
    one.act("align"), one.act("agree")
    beside = vetted(theirs, theirs.director.partner(name="Beside, Inc.").id)
    joined = {role: one.made("partnership_partners", partner_id=vetted(theirs, theirs.director.partner().id), **fields)
              for role, fields in (("funder", {"role": "funder"}), ("adviser", {"role": "adviser"}),
                                   ("over", {"until_date": "2020-01-01"}))}
    assert len(joined) == 3 and one.transitions()["activate"] == ("active", [])
    one.made("partnership_partners", partner_id=beside)
    code = f"credential_data_security:{beside}"
    assert one.transitions()["activate"] == ("active", [code])
    refused = one.act("activate")
    assert (refused.status, refused.json["state"]["missing"], refused.json["detail"]) == (
        409, [code], "Beside, Inc.: No attestation of data security holds today.")
    assert theirs.director.get(one.path_of("agreements")).json["is_valid"] is False
    insured(theirs, beside, kind="data_security")
    assert one.act("activate").json["status"] == "active"
