"""Partners from stage to stage, what is derived of them, their credentials and offers."""

import itertools

import pytest
from api_world import Tenant
from partnering import Ready, vetted

# By the stage and the action: the stage after it. What is active or dormant, no action says.
TRANSITIONS = {
    ("prospect", "contact"): "contacted",
    ("contacted", "vet"): "vetting",
    ("vetting", "approve"): "approved",
    ("prospect", "decline"): "declined",
    ("contacted", "decline"): "declined",
    ("vetting", "decline"): "declined",
    **{
        (stage, "bar"): "barred"
        for stage in ("prospect", "contacted", "vetting", "approved", "active", "dormant")
    },
    ("declined", "reopen"): "prospect",
    ("barred", "reopen"): "vetting",
}
STAGES = sorted({"active", "dormant"} | {stage for stage, _ in TRANSITIONS})
VERBS = sorted({verb for _, verb in TRANSITIONS})
BODIES = {verb: {"reason": "Because."} for verb in ("decline", "bar", "reopen")}


def act(caller, one, verb, **body):
    return caller.post(f"/v1/partners/{one}/{verb}", body)


def approved(tenant, **fields):
    one = tenant.director.partner(owner_id=tenant.users["coordinator"], **fields).id
    for verb in ("contact", "vet", "approve"):
        assert act(tenant.director, one, verb).status == 200
    return one


@pytest.mark.shows("registry.stages")
def test_a_partner_goes_from_stage_to_stage_and_no_other_way(ours, migrate):
    one = ours.director.partner(owner_id=ours.users["coordinator"]).id
    for stage, verb in itertools.product(STAGES, VERBS):
        migrate.execute("UPDATE partner SET stage = %s, barred_reason = 'x' WHERE id = %s", (stage, one))
        migrate.commit()
        answer = act(ours.director, one, verb, **BODIES.get(verb, {}))
        if (stage, verb) in TRANSITIONS:
            assert (answer.status, answer.json["stage"]) == (200, TRANSITIONS[stage, verb]), answer
        else:
            possible = sorted(v for s, v in TRANSITIONS if s == stage)
            assert (answer.status, answer.type) == (409, "conflict"), answer
            assert (answer.json["state"]["status"], answer.json["state"]["possible"]) == (stage, possible)


@pytest.mark.shows("registry.stages", "registry.owners")
def test_nobody_is_approved_without_somebody_who_cares_for_it(ours):
    one = ours.director.partner().id
    for verb in ("contact", "vet"):
        assert act(ours.coordinator, one, verb).status == 200
    told = ours.viewer.get(f"/v1/partners/{one}/transitions").json
    assert told["status"] == "vetting"
    assert {t["action"]: t["missing"] for t in told["possible"]} == {
        "approve": ["owner"], "bar": [], "decline": []}
    answer = act(ours.director, one, "approve")
    assert (answer.status, answer.json["state"]["missing"]) == (409, ["owner"]), answer
    partner = ours.director.get(f"/v1/partners/{one}")
    ours.director.patch(f"/v1/partners/{one}", {"owner_id": ours.users["coordinator"]}, partner.etag)
    assert act(ours.director, one, "approve").json["stage"] == "approved"


@pytest.mark.shows("registry.stages")
def test_who_is_barred_says_why_to_those_who_may_know_and_has_no_active_partnership(ours):
    ready = Ready(ours)
    assert act(ours.director, ready.partner, "bar").faults == {"/reason": "required"}
    barred = act(ours.director, ready.partner, "bar", reason="A complaint.")
    assert (barred.json["stage"], barred.json["barred_reason"]) == ("barred", "A complaint.")
    assert ours.coordinator.get(f"/v1/partners/{ready.partner}").json["barred_reason"] is None
    for verb in ("reopen", "align", "agree"):
        assert ready.act(verb).status == 200
    refused = ready.act("activate")
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["partner"]), refused
    again = act(ours.director, ready.partner, "reopen", reason="It was a mistake.")
    assert (again.json["stage"], again.json["barred_reason"]) == ("vetting", None)
    assert again.json["stage_reason"] == "It was a mistake."


@pytest.mark.shows("registry.barring")
def test_who_was_declined_or_is_barred_works_beside_nobody_and_begins_nothing(ours, migrate):
    ready, beside = Ready(ours), Ready(ours).partner
    migrate.execute("UPDATE partner SET stage = 'prospect' WHERE id = %s", (ready.partner,))
    for verb in ("contact", "vet"):
        assert act(ours.director, ready.partner, verb).status == 200
    assert act(ours.director, ready.partner, "decline", reason="Not now.").json["stage"] == "declined"
    for verb in ("align", "agree"):
        assert ready.act(verb).status == 200
    assert ready.act("activate").json["state"]["missing"] == ["partner"]
    other = Ready(ours)
    co_partner = {"partnership_id": other.id, "partner_id": ready.partner, "role": "funder"}
    assert ours.director.post("/v1/partnership_partners", co_partner).faults == {"/partner_id": "not_allowed"}
    ours.director.created("partnership_partners", {**co_partner, "partner_id": beside})
    assert act(ours.director, beside, "bar", reason="A complaint.").status == 200
    for verb in ("align", "agree"):
        assert other.act(verb).status == 200
    assert other.act("activate").json["state"]["missing"] == ["partner"]


@pytest.mark.shows("registry.derived_stages", "registry.footprint")
def test_what_is_active_or_dormant_follows_from_the_partnerships(ours):
    ready = Ready(ours)
    path = f"/v1/partners/{ready.partner}"
    site = ours.director.site().id
    ready.made("partnership_sites", site_id=site)

    def told():
        found = ours.viewer.get(path)
        return found.json["stage"], found.json["footprint"]

    assert told() == ("approved", [])
    for verb in ("align", "agree", "activate"):
        assert ready.act(verb).status == 200
    active = ours.viewer.get(path)
    assert told() == ("active", [site])
    assert [p["id"] for p in ours.viewer.get("/v1/partners?stage=active").json["data"]] == [ready.partner]
    ready.act("pause", reason="Snow.")
    assert told()[0] == "active"
    ready.act("end", reason="Over.")
    assert told() == ("dormant", [])
    assert ours.viewer.get(path, If_None_Match=active.etag).status == 200
    ready.archive("partnerships")
    assert told() == ("approved", [])


@pytest.mark.shows("registry.vetted_first")
def test_nobody_becomes_active_whom_nobody_has_vetted(ours, migrate):
    ready, beside = Ready(ours), ours.director.partner().id

    def stage(partner):
        return ours.viewer.get(f"/v1/partners/{partner}").json["stage"]

    def put(partner, stage):
        migrate.execute("UPDATE partner SET stage = %s WHERE id = %s", (stage, partner))

    for verb in ("align", "agree"):
        assert ready.act(verb).status == 200
    for one in ("prospect", "contacted", "vetting"):
        put(ready.partner, one)
        refused = ready.act("activate")
        assert (refused.status, refused.json["state"]["missing"]) == (409, ["vetting"]), one
    put(ready.partner, "approved")
    link = ours.director.created("partnership_partners", {"partnership_id": ready.id, "partner_id": beside})
    assert ready.act("activate").json["state"]["missing"] == ["vetting"], "nor who works beside it"
    assert ours.director.archive(f"/v1/partnership_partners/{link.id}", link.etag).status == 204
    assert ready.act("activate").status == 200 and stage(ready.partner) == "active"
    ours.director.created("partnership_partners", {"partnership_id": ready.id, "partner_id": beside})
    assert stage(beside) == "prospect"
    ready.act("pause", reason="Snow.")
    assert stage(beside) == "prospect"
    put(beside, "approved")
    assert ready.act("resume").status == 200 and stage(beside) == "active"


@pytest.mark.shows("registry.vetted_first")
def test_a_district_may_do_without(api, database):
    easy = Tenant(api, database)
    answer = easy.director.get(easy.path)
    assert answer.json["vets_partners"] is True
    assert easy.admin.patch(easy.path, {"vets_partners": False}, answer.etag).status == 200
    ready = Ready(easy, partner_id=easy.director.partner().id)
    for verb in ("align", "agree", "activate"):
        assert ready.act(verb).status == 200


@pytest.mark.shows("registry.derived_stages", "registry.footprint")
def test_a_partner_beside_another_one_is_active_with_it(ours):
    ready = Ready(ours)
    other = vetted(ours, ours.director.partner().id)
    for verb in ("align", "agree", "activate"):
        assert ready.act(verb).status == 200
    link = ours.director.created("partnership_partners", {"partnership_id": ready.id, "partner_id": other})
    assert ours.viewer.get(f"/v1/partners/{other}").json["stage"] == "active"
    ready.act("pause", reason="Snow.")
    ready.act("end", reason="Over.")
    assert ours.viewer.get(f"/v1/partners/{other}").json["stage"] == "dormant"
    ours.director.archive(f"/v1/partnership_partners/{link.id}", link.etag)
    assert ours.viewer.get(f"/v1/partners/{other}").json["stage"] == "approved"


@pytest.mark.shows("registry.last_contact")
def test_the_first_contact_is_an_interaction_and_the_last_contact(ours):
    one = ours.director.partner().id
    late = act(ours.director, one, "contact", on_date="2026-11-22")
    assert late.faults == {"/on_date": "not_allowed"}, late
    told = act(ours.director, one, "contact", on_date="2026-11-20", kind="visit", subject="Coffee")
    assert (told.json["stage"], told.json["last_contact_on"]) == ("contacted", "2026-11-20"), told
    (met,) = ours.viewer.get(f"/v1/interactions?partner_id={one}").json["data"]
    assert (met["kind"], met["subject"], met["user_id"]) == ("visit", "Coffee", ours.users["director"])


@pytest.mark.shows("registry.completeness")
def test_what_is_complete_of_the_central_fields(ours):
    one = ours.director.partner()
    path = f"/v1/partners/{one.id}"
    names = ["owner", "tier", "ein", "website", "address", "description", "strengths", "reach",
             "focus_area", "contact"]
    assert (one.json["completeness"], one.json["incomplete"]) == (0, names)
    fields = {"owner_id": ours.users["director"], "tier": "anchor", "ein": "123450000",
              "website": "https://example.org/", "city": "Austin", "postal_code": "78701",
              "description": "What it is", "strengths": "Reading", "reach": "nearby"}
    changed = ours.director.patch(path, fields, one.etag)
    assert (changed.json["completeness"], changed.json["incomplete"]) == (80, names[8:])
    area = ours.director.created("focus_areas", {"name": "Reading"}).id
    ours.director.created("partner_focus_areas", {"partner_id": one.id, "focus_area_id": area})
    contact = ours.director.created("contacts", {"name": "Ann", "phone": "1"})
    held = {"partner_id": one.id, "contact_id": contact.id, "role": "Director"}
    over = ours.director.created("affiliations", {**held, "until_date": "2026-11-20"})
    assert ours.director.get(path).json["incomplete"] == ["contact"]
    ours.director.patch(f"/v1/affiliations/{over.id}", {"until_date": "2026-11-21"}, over.etag)
    assert ours.director.get(path).json["completeness"] == 100
    ours.director.patch(f"/v1/contacts/{contact.id}", {"status": "left"}, contact.etag)
    assert ours.director.get(path).json["incomplete"] == ["contact"]


@pytest.mark.shows("registry.owners", "registry.focus_areas_of_partners")
def test_several_people_care_for_a_partner_each_once(ours):
    one = ours.director.partner().id
    site = ours.director.site(kind="department").id
    body = {"partner_id": one, "user_id": ours.users["school_leader"], "site_id": site}
    ours.director.created("partner_owners", body)
    ours.director.created("partner_owners", {**body, "user_id": ours.users["executive"]})
    again = ours.director.post("/v1/partner_owners", body)
    assert (again.status, again.faults) == (409, {"/user_id": "taken"}), again
    area = ours.director.created("focus_areas", {"name": "STEM"}).id
    body = {"partner_id": one, "focus_area_id": area}
    ours.director.created("partner_focus_areas", body)
    assert ours.director.post("/v1/partner_focus_areas", body).faults == {"/focus_area_id": "taken"}
    shown = ours.viewer.get(f"/v1/partners/{one}?expand=partner_owners,partner_focus_areas").json
    assert len(shown["partner_owners"]["data"]) == 2
    assert [f["focus_area_id"] for f in shown["partner_focus_areas"]["data"]] == [area]


@pytest.mark.shows("registry.transfer")
def test_a_partner_is_handed_over_with_its_partnerships(ours):
    old, new = ours.director.site().id, ours.director.site().id
    ready = Ready(ours, lead_site_id=old)
    partner = ours.director.get(f"/v1/partners/{ready.partner}")
    ours.director.patch(f"/v1/partners/{ready.partner}", {"lead_site_id": old}, partner.etag)
    assert act(ours.director, ready.partner, "transfer").faults == {"/owner_id": "not_allowed"}
    gone = ours.director.site(status="closed").id
    assert act(ours.director, ready.partner, "transfer", lead_site_id=gone).faults == {
        "/lead_site_id": "not_allowed"}
    owner = ours.users["coordinator"]
    told = act(ours.director, ready.partner, "transfer", owner_id=owner, lead_site_id=new,
               partnerships=True)
    assert (told.json["owner_id"], told.json["lead_site_id"]) == (owner, new), told
    assert ours.director.get(ready.path).json["lead_site_id"] == new
    leader = ours.scoped(("school_leader", "site", old))
    assert act(leader, ready.partner, "transfer", lead_site_id=old).status == 403


@pytest.mark.shows("registry.directory")
def test_partners_see_in_the_directory_who_wants_to_be_seen(ours, theirs):
    shown = approved(ours, in_directory=True, name="Shown", culture_notes="private")
    approved(ours, name="Hidden")
    ours.director.partner(in_directory=True, name="Only a prospect")
    found = ours.partner.get("/v1/directory_entries").json["data"]
    assert [one["id"] for one in found] == [shown]
    assert "culture_notes" not in found[0] and "email" not in found[0]
    assert ours.partner.get("/v1/partners").status == 403
    assert theirs.partner.get("/v1/directory_entries").json["data"] == []


@pytest.mark.shows("registry.parents")
def test_no_partner_is_above_itself(ours):
    top = ours.director.partner()
    below = ours.director.partner(parent_id=top.id)
    lowest = ours.director.partner(parent_id=below.id)
    for one in (top, below, lowest):
        answer = ours.director.patch(f"/v1/partners/{top.id}", {"parent_id": one.id}, top.etag)
        assert (answer.status, answer.faults) == (422, {"/parent_id": "not_allowed"}), answer


# ---- Credentials ---------------------------------------------------------------------------------


@pytest.mark.shows("registry.credentials", "registry.credentials_verified")
def test_a_credential_is_verified_until_it_changes_and_expires_by_itself(ours, api):
    one = ours.coordinator.partner().id
    body = {"partner_id": one, "kind": "liability_insurance", "expires_on": "2026-12-20",
            "document_url": "https://example.org/insurance.pdf"}
    made = ours.coordinator.created("credentials", body)
    path = f"/v1/credentials/{made.id}"
    assert (made.json["status"], made.json["standing"]) == ("submitted", "submitted")
    assert ours.coordinator.post(f"{path}/verify", {}).status == 403
    late = ours.reviewer.post(f"{path}/verify", {"expires_on": "2026-11-20"})
    assert late.faults == {"/expires_on": "not_allowed"}, late
    verified = ours.reviewer.post(f"{path}/verify", {}).json
    assert (verified["standing"], verified["verified_by"]) == ("expiring", ours.users["reviewer"])
    current = ours.reviewer.post(f"{path}/reject", {"reason": "Of another firm."})
    assert (current.json["standing"], current.json["status_reason"]) == ("rejected", "Of another firm.")
    current = ours.reviewer.post(f"{path}/verify", {"expires_on": "2027-06-30"})
    assert current.json["standing"] == "current"
    changed = ours.coordinator.patch(path, {"coverage_cents": 100}, current.etag)
    assert (changed.json["status"], changed.json["verified_by"]) == ("submitted", None)
    ours.reviewer.post(f"{path}/verify", {})
    api.set_clock("2027-07-01T15:00:00.000Z")
    try:
        assert ours.reviewer.get(path).json["standing"] == "expired"
        soon = ours.reviewer.get("/v1/credentials", {"expires_on[lt]": "2027-07-01"}).json["data"]
        assert made.id in [row["id"] for row in soon]
    finally:
        api.set_clock("2026-11-21T15:00:00.000Z")


@pytest.mark.shows("registry.credentials_verified")
def test_a_credential_is_verified_with_its_last_day_and_what_was_seen_of_it(ours):
    partner, seen = ours.coordinator.partner().id, "The paper, at the front desk"
    for kind, ends in (("liability_insurance", True), ("license", True), ("clearance_attestation", True),
                       ("w9", False)):
        path = f"/v1/credentials/{ours.coordinator.created('credentials', {'partner_id': partner, 'kind': kind}).id}"
        wrong = ours.reviewer.post(f"{path}/verify", {"seen": seen} if ends else {})
        assert (wrong.status, wrong.faults) == (422, {"/expires_on" if ends else "/seen": "not_allowed"}), wrong
        body = {"seen": seen, "expires_on": "2027-06-30" if ends else None}
        verified = ours.reviewer.post(f"{path}/verify", body)
        assert (verified.json["standing"], verified.json["seen"]) == ("current", seen), verified
        changed = ours.coordinator.patch(path, {"issued_on": "2026-07-01"}, verified.etag).json
        assert (changed["status"], changed["seen"]) == ("submitted", None)


# ---- Offers --------------------------------------------------------------------------------------


@pytest.mark.shows("registry.offers", "registry.offer_task")
def test_an_offer_is_never_below_what_was_taken_of_it(ours, migrate):
    one = ours.coordinator.partner().id
    body = {"partner_id": one, "name": "Laptops", "kind": "equipment", "quantity": 10, "unit": "laptops"}
    made = ours.coordinator.created("offers", body)
    path = f"/v1/offers/{made.id}"
    assert (made.json["remaining"], made.json["taken"], made.json["status"]) == (10, 0, "open")
    migrate.execute("UPDATE offer SET taken = 4 WHERE id = %s", (made.id,))
    migrate.commit()
    now = ours.coordinator.get(path)
    assert now.json["remaining"] == 6
    refused = ours.coordinator.patch(path, {"quantity": 3}, now.etag)
    assert (refused.status, refused.faults) == (422, {"/quantity": "not_allowed"}), refused
    assert ours.coordinator.patch(path, {"quantity": 4}, now.etag).json["remaining"] == 0
    assert ours.coordinator.post("/v1/offers", {**body, "quantity": -1}).status == 422
    left = ours.viewer.get("/v1/offers", {"partner_id": one, "remaining[gte]": "1"}).json["data"]
    assert left == []
    mine = ours.director.partner(owner_id=ours.users["coordinator"], name="Ends Soon").id
    days = {ours.director.created("offers", {**body, "partner_id": mine, "until_date": day}).id: day
            for day in ("2026-11-20", "2026-12-21", "2026-12-22")}
    waits = [(task["title"], days[task["subject_id"]]) for task in ours.coordinator.get("/v1/me/tasks").json["data"]
             if task["kind"] == "offer_expiry"]
    assert waits == [("Ends Soon: Laptops", "2026-12-21")]
    gone = ours.coordinator.post(f"{path}/withdraw", {"reason": "Sold."})
    assert (gone.json["status"], gone.json["status_reason"]) == ("withdrawn", "Sold.")
    assert ours.coordinator.post(f"{path}/reopen", {}).json["status"] == "open"
