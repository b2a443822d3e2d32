"""Which reviews agreements need before they are approved, and what shows that they were signed."""

import pytest
from api_world import Tenant
from partnering import act_on, agreement, signed_file


@pytest.fixture(name="strict")
def a_district_that_exempts_nothing(api, database):
    """As one is that has just been made."""
    tenant = Tenant(api, database)
    path = f"/v1/review_rules/{tenant.unreviewed}"
    assert tenant.admin.archive(path, tenant.admin.get(path).etag).status == 204
    return tenant


def steps(tenant, one):
    listed = tenant.viewer.get("/v1/agreement_steps", {"agreement_id": one}).json["data"]
    return {row["kind"]: row["due_on"] for row in listed}


@pytest.mark.shows("partnerships.review_rules")
def test_what_nobody_has_reviewed_is_not_approved(strict):
    one = agreement(strict.director).id
    act_on(strict.director, one, "submit")
    for verb in ("approve", "refer"):
        refused = strict.director.post(f"/v1/agreements/{one}/{verb}", {})
        assert (refused.status, refused.json["state"]["missing"]) == (409, ["review"]), refused
        assert "No step of a review" in refused.json["detail"]
    step = strict.director.created("agreement_steps", {"agreement_id": one, "kind": "legal"}).id
    assert strict.director.post(f"/v1/agreements/{one}/approve", {}).json["state"]["missing"] == ["steps"]
    assert strict.reviewer.post(f"/v1/agreement_steps/{step}/approve", {}).status == 200
    assert act_on(strict.director, one, "approve").json["status"] == "out_for_signature"


@pytest.mark.shows("partnerships.review_rules")
def test_the_steps_that_the_district_asks_of_its_kind_come_with_its_submission(strict):
    admin = strict.admin
    assert strict.director.post("/v1/review_rules", {"step": "none"}).status == 403
    for body in ({"subject": "mou", "step": "legal", "due_days": 10}, {"subject": "mou", "step": "risk"},
                 {"subject": "provisional", "step": "none"}, {"step": "finance"}):
        admin.created("review_rules", body)
    wrong = admin.post("/v1/review_rules", {"step": "none", "due_days": 3})
    assert (wrong.status, wrong.faults) == (422, {"/due_days": "not_allowed"}), wrong
    mou, other, light = (agreement(strict.director, kind=kind).id for kind in ("mou", "data_sharing", "provisional"))
    own = strict.director.created("agreement_steps", {"agreement_id": mou, "kind": "risk", "due_on": "2026-11-25"}).id
    for one in (mou, other, light):
        act_on(strict.coordinator, one, "submit")
    assert steps(strict, mou) == {"risk": "2026-11-25", "legal": "2026-12-01"}, "what was entered stays"
    assert steps(strict, other) == {"finance": None}, "a rule that names none is of the other kinds"
    assert steps(strict, light) == {}
    assert act_on(strict.director, light, "approve").json["status"] == "out_for_signature"
    assert {row["kind"] for row in strict.reviewer.get("/v1/me/tasks").json["data"]} == {"agreement_step"}
    assert strict.director.post(f"/v1/agreements/{mou}/approve", {}).json["state"]["missing"] == ["steps"]
    for row in strict.viewer.get("/v1/agreement_steps", {"agreement_id": mou}).json["data"]:
        assert strict.reviewer.post(f"/v1/agreement_steps/{row['id']}/approve", {}).status == 200
    act_on(strict.director, mou, "return", reason="Rooms")
    act_on(strict.director, mou, "revise", "submit")
    told = strict.viewer.get("/v1/agreement_steps", {"agreement_id": mou}).json["data"]
    assert {row["status"] for row in told} == {"pending"} and {row["id"] for row in told} >= {own} and len(told) == 2


@pytest.mark.shows("partnerships.signatures")
def test_that_a_side_has_signed_elsewhere_its_file_shows(ours):
    one = agreement(ours.director).id
    act_on(ours.director, one, "submit", "approve")
    for side in ("district", "partner"):
        body = {"side": side, "signer": "Dr. Who", "signed_on": "2026-11-01"}
        refused = ours.director.post(f"/v1/agreements/{one}/sign", body)
        assert (refused.status, refused.faults) == (422, {"/attachment_id": "not_allowed"}), refused
    etag = ours.director.get(f"/v1/agreements/{one}").etag
    for name in ("partner_signed_on", "district_signed_on"):
        told = ours.director.patch(f"/v1/agreements/{one}", {name: "2026-11-01"}, etag)
        assert (told.status, told.faults) == (422, {f"/{name}": "read_only"}), told
    file = signed_file(ours.director, one)
    for side in ("district", "partner"):
        answer = act_on(ours.director, one, "sign", side=side, signer="Dr. Who", attachment_id=file)
    assert answer.json["status"] == "in_force"
