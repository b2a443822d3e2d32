"""What is private of partners: who reads and writes it, complaints, fields of the district's own; and what barring one
stops."""

import pytest
from check_ins import Running
from importing import counts, faults, load, unique
from needing import did, open_need
from partnering import Ready

NOTES = ("culture_notes", "language_notes")


def own(ours, *places):
    """Somebody who coordinates the district, and cares for partners."""
    return ours.scoped(("coordinator", "district", None), *places)


def patched(who, path, fields):
    return who.patch(path, fields, who.get(path).etag)


@pytest.mark.shows("registry.private_fields")
def test_owners_read_and_write_what_is_private_as_directors_do(ours):
    director, first, second, past = ours.director, own(ours), own(ours), own(ours)
    one = director.partner(owner_id=first.user, culture_notes="Slow.").id
    path = f"/v1/partners/{one}"
    director.created("partner_owners", {"partner_id": one, "user_id": second.user})
    director.created("partner_owners", {"partner_id": one, "user_id": past.user, "until_date": "2026-11-20"})
    contact = director.created("contacts", {"name": "Ann", "notes": "Tea."}).id
    director.created("affiliations", {"partner_id": one, "contact_id": contact, "role": "Chair"})
    for who in (first, second):
        assert who.get(path).json["culture_notes"] == "Slow."
        assert who.get(path, {"expand": "affiliations"}).json["culture_notes"] == "Slow."
        assert who.get(f"/v1/contacts/{contact}").json["notes"] == "Tea."
        assert who.get("/v1/partners", {"q": "A partner"}).status == 200
        assert patched(who, path, {"language_notes": "Spanish."}).json["language_notes"] == "Spanish."
    for who in (past, ours.coordinator):
        seen = who.get(path)
        assert [seen.json[name] for name in NOTES] == [None, None]
        assert who.get(f"/v1/contacts/{contact}").json["notes"] is None
        for value in ("Slow.", None, "Quick."):
            refused = patched(who, path, {"culture_notes": value, "tier": "anchor"})
            assert (refused.status, refused.faults) == (403, {"/culture_notes": "not_allowed"}), refused
        assert patched(who, path, {"tier": "anchor"}).status == 200
        refused = who.post("/v1/partners", {"name": "New", "kind": "civic", "language_notes": "French."})
        assert (refused.status, refused.faults) == (403, {"/language_notes": "not_allowed"}), refused
        refused = patched(who, f"/v1/contacts/{contact}", {"notes": "x"})
        assert (refused.status, refused.faults) == (403, {"/notes": "not_allowed"}), refused
    assert director.get(path).json["culture_notes"] == "Slow."
    listed = {row["id"]: row for row in first.get("/v1/partners").json["data"]}
    assert listed[one]["culture_notes"] == "Slow."
    assert all(row["culture_notes"] is None for number, row in listed.items() if number != one)


@pytest.mark.shows("registry.custom_classes", "registry.completeness_required")
def test_a_field_of_the_districts_own_is_read_by_its_class(ours):
    director, owner = ours.director, own(ours)
    one = director.partner(owner_id=owner.user, tier="anchor").id
    before = director.get(f"/v1/partners/{one}").json["completeness"]
    fields = {kind: director.created("custom_fields", {
        "subject": "partner", "code": f"{kind}_one", "name": kind, "type": "text", "class": kind,
        "is_required": kind == "private"}).id for kind in ("public", "directory", "private")}
    short = ours.viewer.get(f"/v1/partners/{one}").json
    assert "custom.private_one" in short["incomplete"] and short["completeness"] < before
    values = {kind: director.created("custom_values", {
        "custom_field_id": field, "partner_id": one, "value": "Blue"}).id for kind, field in fields.items()}
    whole = ours.viewer.get(f"/v1/partners/{one}").json
    assert "custom.private_one" not in whole["incomplete"] and whole["completeness"] > short["completeness"]
    for who, sees in ((ours.viewer, 1), (ours.coordinator, 2), (owner, 3), (director, 3)):
        shown = {row["id"] for row in who.get("/v1/custom_values", {"partner_id": one}).json["data"]}
        assert shown == set(list(values.values())[:sees])
        assert len(who.get(f"/v1/partners/{one}", {"expand": "custom_values"}).json["custom_values"]["data"]) == sees
    other = director.partner().id
    refused = ours.coordinator.post("/v1/custom_values", {"custom_field_id": fields["private"], "partner_id": other,
                                                          "value": "Red"})
    assert (refused.status, refused.faults) == (403, {"/value": "not_allowed"}), refused
    assert owner.patch(f"/v1/custom_values/{values['private']}", {"value": "Green"},
                       owner.get(f"/v1/custom_values/{values['private']}").etag).status == 200


def test_a_grant_beside_that_over_the_district_takes_nothing_away(ours):
    site = ours.admin.site().id
    who = ours.scoped(("director", "district", None), ("coordinator", "site", site))
    field = ours.director.created("custom_fields", {"subject": "partner", "code": "beside_one", "name": "Beside",
                                                    "type": "text"}).id
    one = ours.director.partner().id
    assert who.post("/v1/custom_values", {"custom_field_id": field, "partner_id": one, "value": "Red"}).status == 201
    assert patched(who, f"/v1/partners/{one}", {"tier": "anchor", "culture_notes": "Slow."}).status == 200


@pytest.mark.shows("registry.private_by_owners")
def test_owners_write_what_is_private_whatever_else_they_may_write(ours):
    director, school = ours.director, ours.director.created("sites", {"name": "Elsewhere", "kind": "school"}).id
    viewer = ours.scoped(("viewer", "district", None))
    one, other = director.partner(owner_id=viewer.user).id, director.partner().id
    contact = director.created("contacts", {"name": "Ann"}).id
    director.created("affiliations", {"partner_id": one, "contact_id": contact, "role": "Chair"})
    fields = {kind: director.created("custom_fields", {
        "subject": "partner", "code": f"of_owners_{kind}", "name": kind, "type": "text", "class": kind}).id
        for kind in ("public", "private")}
    path = f"/v1/partners/{one}"
    reader = ours.scoped(("reviewer", "district", None))
    director.created("partner_owners", {"partner_id": one, "user_id": reader.user})
    for number, who in enumerate((viewer, reader)):
        assert patched(who, path, {"culture_notes": f"Slow {number}."}).json["culture_notes"] == f"Slow {number}."
        refused = patched(who, path, {"culture_notes": "Quick.", "tier": "anchor", "name": "X"})
        assert (refused.status, refused.faults) == (403, {"/tier": "not_allowed", "/name": "not_allowed"}), refused
        assert patched(who, path, {"tier": "anchor"}).status == 403
        assert who.archive(path, who.get(path).etag).status == 403
        assert patched(who, f"/v1/contacts/{contact}", {"notes": "Tea."}).json["notes"] == "Tea."
        assert patched(who, f"/v1/partners/{other}", {"culture_notes": "Slow."}).status == 403
        value = {"custom_field_id": fields["private"], "partner_id": one, "value": "Blue"}
        made = who.post("/v1/custom_values", value)
        assert made.status == 201, made
        assert who.post("/v1/custom_values", {**value, "partner_id": other}).status == 403
        assert who.post("/v1/custom_values", {**value, "custom_field_id": fields["public"]}).status == 403
        at = f"/v1/custom_values/{made.id}"
        assert patched(who, at, {"value": "Green"}).json["value"] == "Green"
        assert who.archive(at, who.get(at).etag).status == 204
    assert patched(viewer, f"/v1/contacts/{contact}", {"notes": "Tea.", "name": "X"}).faults == {"/name": "not_allowed"}
    assert patched(ours.viewer, path, {"culture_notes": "Slow."}).status == 403, "owns nothing"
    led = ours.scoped(("director", "site", school))
    for fields_of_it in ({"language_notes": "Spanish."}, {"tier": "anchor"}):
        assert patched(led, path, fields_of_it).status == 403, "it is led elsewhere"
    value = {"partner_id": one, "value": "Blue"}
    for field in fields.values():
        assert led.post("/v1/custom_values", {**value, "custom_field_id": field}).status == 403
    seen = director.get(path).json
    assert (seen["culture_notes"], seen["tier"]) == ("Slow 1.", None)


@pytest.mark.shows("registry.private_of_a_part")
@pytest.mark.parametrize("kind", ("site", "network"))
def test_who_directs_a_part_of_the_district_reads_what_is_private_there(ours, kind):
    director = ours.director
    network = director.created("networks", {"name": f"North {kind}"}).id
    here, there = (director.site(network_id=one).id for one in (network, None))
    head = ours.scoped(("director", kind, here if kind == "site" else network), ("coordinator", "district", None))
    fields = {of: director.created("custom_fields", {
        "subject": of, "code": f"part_{of}_{kind}", "name": "Part", "type": "text", "class": "private"}).id
        for of in ("site", "partner")}
    seen = {}
    for site in (here, there):
        partner = director.partner(lead_site_id=site, culture_notes="Slow.").id
        contact = director.created("contacts", {"name": "Ann", "notes": "Tea."}).id
        director.created("affiliations", {"partner_id": partner, "contact_id": contact, "role": "Chair"})
        values = {director.created("custom_values", {"custom_field_id": fields[of], f"{of}_id": one, "value": "Blue"}).id
                  for of, one in (("site", site), ("partner", partner))}
        complaints = {director.created("complaints", {
            "received_on": "2026-11-20", "complaint": "The van.", **about}).id for about in (
                {"partner_id": partner}, {"partner_id": director.partner().id, "site_id": site})}
        seen[site] = (partner, contact, values, complaints)

    def told(path, **query):
        return {row["id"]: row for row in head.get(path, {"limit": 200, "sort": "-created_at", **query}).json["data"]}

    for site, (partner, contact, values, complaints) in seen.items():
        notes, tea = ("Slow.", "Tea.") if site == here else (None, None)
        for query in ({}, {"expand": "affiliations"}, {"fields": "id,culture_notes"}):
            assert head.get(f"/v1/partners/{partner}", query).json["culture_notes"] == notes
        assert told("/v1/partners")[partner]["culture_notes"] == notes
        assert head.get(f"/v1/contacts/{contact}").json["notes"] == tea
        assert head.get(f"/v1/contacts/{contact}", {"expand": "affiliations"}).json["notes"] == tea
        assert head.get("/v1/affiliations", {"partner_id": partner, "expand": "partner"}).json["data"][0]["partner"][
            "culture_notes"] == notes
        sheet = head.get("/v1/partners", {"fields": "id,culture_notes"}, Accept="text/csv")
        assert sheet.status == 200, sheet
        line, = (row for row in sheet.reply.body.decode().splitlines() if partner in row)
        assert ("Slow." in line) is (site == here), line
        for one in complaints:
            assert head.get(f"/v1/complaints/{one}").status == (200 if site == here else 404)
        assert complaints & set(told("/v1/complaints")) == (complaints if site == here else set())
        for one in values:
            assert head.get(f"/v1/custom_values/{one}").status == (200 if site == here else 404)
        written = patched(head, f"/v1/partners/{partner}", {"culture_notes": "Quick."})
        assert written.status == (200 if site == here else 403), written
    if kind == "network":  # its row is as it was, and shows less
        path = f"/v1/partners/{seen[here][0]}"
        before = head.get(path)
        assert head.get(path, If_None_Match=before.etag).status == 304
        assert patched(director, f"/v1/sites/{here}", {"network_id": None}).status == 200
        after = head.get(path, If_None_Match=before.etag)
        assert (after.status, after.json["culture_notes"]) == (200, None), after


@pytest.mark.shows("registry.private_of_a_part")
def test_a_file_of_whom_directs_a_part_writes_what_is_private_there_alone(ours):
    here, there = (ours.director.site().id for _ in range(2))
    head = ours.scoped(("director", "site", here), ("coordinator", "district", None))
    names = {site: unique("Part") for site in (here, there)}
    kept = {site: ours.director.partner(name=name, lead_site_id=site, culture_notes="Slow.").id
            for site, name in names.items()}
    report = load(head, "partners", "name,kind,culture_notes\n" + "".join(
        f"{name},business,Quick.\n" for name in names.values()))
    assert counts(report) == (0, 1, 0, 1) and [code for _, code in faults(head, report)[3]] == ["out_of_scope"]
    assert [ours.director.get(f"/v1/partners/{kept[site]}").json["culture_notes"] for site in (here, there)] == [
        "Quick.", "Slow."]


@pytest.mark.shows("registry.private_of_a_part")
def test_the_audit_log_is_of_the_whole_district(ours):
    part = ours.scoped(("director", "site", ours.director.site().id), ("coordinator", "district", None))
    one = ours.director.get("/v1/audit", {"limit": 1}).json["data"][0]["id"]
    for path in ("/v1/audit", f"/v1/audit/{one}", "/v1/settings_history"):
        refused = part.get(path)
        assert (refused.status, "over all of it" in refused.json["detail"]) == (403, True), refused
        assert ours.director.get(path).status == 200
    both = ours.scoped(("director", "site", ours.director.site().id), ("director", "district", None))
    assert both.get("/v1/audit").status == 200


@pytest.mark.shows("registry.complaints")
def test_a_complaint_is_kept_with_what_was_done(ours):
    director, owner, keeper, other = ours.director, own(ours), own(ours), own(ours)
    one = director.partner(owner_id=owner.user).id
    made = keeper.created("complaints", {"partner_id": one, "received_on": "2026-11-20", "complainant": "A parent",
                                         "complaint": "The van blocks the door."})
    path = f"/v1/complaints/{made.id}"
    assert (made.json["owner_id"], made.json["status"]) == (keeper.user, "open")
    assert {"kind": "complaint", "subject_id": made.id} in [
        {key: task[key] for key in ("kind", "subject_id")} for task in keeper.get("/v1/me/tasks").json["data"]]
    for who in (director, owner, keeper):
        assert who.get(path).json["complaint"] == "The van blocks the door."
        assert [row["id"] for row in who.get("/v1/complaints", {"partner_id": one}).json["data"]] == [made.id]
    for who in (other, ours.coordinator):
        assert who.get(path).status == 404 and who.get("/v1/complaints", {"partner_id": one}).json["data"] == []
    assert ours.viewer.get("/v1/complaints").status == 403
    assert keeper.post(f"{path}/resolve", {}).status == 422
    done = keeper.post(f"{path}/resolve", {"outcome": "It parks elsewhere."}).json
    assert (done["status"], done["outcome"], done["closed_on"]) == ("resolved", "It parks elsewhere.", "2026-11-21")
    assert made.id not in [task["subject_id"] for task in keeper.get("/v1/me/tasks").json["data"]]
    assert director.post(f"{path}/reopen", {}).json["status"] == "open"
    assert owner.post(f"{path}/dismiss", {"outcome": "x"}).status == 403, "it is another's"
    assert director.post(f"{path}/dismiss", {"outcome": "It was another van."}).json["status"] == "dismissed"


@pytest.mark.shows("registry.barring")
def test_barring_a_partner_stops_what_it_does_and_lifting_that_starts_nothing(ours, migrate):
    director = ours.director
    made = Running(ours.api.database, ours.id, ours.users["coordinator"])
    one, running = made.partner, made.id
    assert patched(director, f"/v1/partners/{one}", {"owner_id": ours.users["director"]}).status == 200
    planned = director.created("partnerships", {"name": "P", "partner_id": one, "arrangement": "program"}).id
    ask = director.created("asks", {"need_id": open_need(ours), "partner_id": one}).id
    did(director, "asks", ask, "submit")
    offer = director.created("offers", {"partner_id": one, "name": "Food", "kind": "food"}).id
    barred = director.post(f"/v1/partners/{one}/bar", {"reason": "A complaint."})
    assert (barred.status, barred.json["stage"]) == (200, "barred"), barred

    def state():
        return {name: (row["status"], row["status_reason"]) for name, row in (
            (plural, director.get(f"/v1/{plural}/{row}").json) for plural, row in (
                ("asks", ask), ("offers", offer)))} | {
            row: (answer["status"], answer["status_reason"]) for row, answer in (
                (row, director.get(f"/v1/partnerships/{row}").json) for row in (running, planned))}

    why = "Its partner is barred."
    stopped = {"asks": ("withdrawn", why), "offers": ("withdrawn", why), running: ("paused", why),
               planned: ("declined", why)}
    assert state() == stopped
    assert migrate.execute("SELECT count(*) FROM message WHERE partnership_id = %s AND status IN ('queued', 'retry')",
                           (running,)).fetchone() == (0,)
    assert director.post(f"/v1/partnerships/{running}/resume", {}).status == 409
    lifted = director.post(f"/v1/partners/{one}/reopen", {"reason": "It was looked into."})
    assert (lifted.status, lifted.json["stage"]) == (200, "vetting"), lifted
    assert state() == stopped
    assert director.post(f"/v1/partners/{one}/approve", {}).json["stage"] == "active", "one that paused is there"


@pytest.mark.shows("registry.partner_owner_task")
def test_a_partner_without_an_owner_at_the_district_is_a_task_of_directors(ours):
    ready = Ready(ours)
    assert ours.director.post(f"{ready.path}/align", {}).status == 200
    assert ours.director.post(f"{ready.path}/agree", {}).status == 200
    assert ours.director.post(f"{ready.path}/activate", {}).status == 200
    path = f"/v1/partners/{ready.partner}"

    def waits(who):
        return ready.partner in [task["subject_id"] for task in who.get("/v1/me/tasks").json["data"]
                                 if task["kind"] == "partner_owner"]

    assert waits(ours.director) and not waits(ours.coordinator)
    assert patched(ours.director, path, {"owner_id": ours.users["executive"]}).status == 200
    assert not waits(ours.director)
