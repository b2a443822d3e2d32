"""Records of one partner: found, made one, and taken apart again."""

import pytest
from api_world import Caller
from fields import least
from importing import load, rows
from partnering import Ready

from world import uuid7

STAYS = ("version", "updated_at")


def merge(caller, kept, *others, **more):
    return caller.post(f"/v1/partners/{kept}/merge", {"partner_ids": list(others), **more})


def references(migrate, one):
    """Every column of the catalogue that refers to it: {(table, column): rows}."""
    columns = migrate.execute(
        "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c JOIN pg_attribute a "
        "ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2] WHERE c.contype = 'f' "
        "AND c.confrelid = 'partner'::regclass AND c.conparentid = 0 "
        "AND c.conrelid <> 'partner_merge'::regclass").fetchall()
    found = {
        (table, column): migrate.execute(
            f"SELECT count(*) FROM {table} WHERE {column} = %s", (one,)).fetchone()[0]
        for table, column in columns if (table, column) != ("partner", "merged_into")
    }
    migrate.commit()
    return {key: count for key, count in found.items() if count}


def rich(ours, **fields):
    """A partner that many rows refer to."""
    caller = ours.director
    ready = Ready(ours)
    one = ready.partner
    partner = caller.get(f"/v1/partners/{one}")
    caller.patch(f"/v1/partners/{one}", fields, partner.etag)
    contact = caller.created("contacts", {"name": "Ann"}).id
    area = caller.get("/v1/focus_areas").json["data"]
    area = area[0]["id"] if area else caller.created("focus_areas", {"name": "Reading"}).id
    for plural, body in {
        "programs": {"name": "A program"},
        "offers": {"name": "An offer", "kind": "food"},
        "credentials": {"kind": "w9"},
        "affiliations": {"contact_id": contact, "role": "Director"},
        "partner_owners": {"user_id": ours.users["executive"]},
        "partner_focus_areas": {"focus_area_id": area},
        "interactions": {
            "kind": "call", "on_date": "2026-11-20", "subject": "Hello", "partnership_id": ready.id},
        "introductions": {"site_id": caller.site().id, "on_date": "2026-11-20"},
    }.items():
        caller.created(plural, {"partner_id": one, **body})
    caller.partner(name="A branch", parent_id=one)
    return one


@pytest.mark.shows("registry.merge", "registry.merge_undo")
def test_every_reference_moves_and_comes_back(ours, migrate):
    first = rich(ours, name="Food Bank", city="Austin", ein="100000001")
    second = rich(ours, name="The Food Bank", website="https://food.example.org/", aliases=["FB"])
    third = rich(ours, name="Foodbank", city="Dallas", phone="512")
    before = {one: references(migrate, one) for one in (first, second, third)}
    shown = {one: ours.director.get(f"/v1/partners/{one}").json for one in (first, second, third)}
    assert len(before[second]) >= 9

    answer = merge(ours.director, first, second, third, reason="The same.")
    assert answer.status == 200, answer
    kept = answer.json
    assert (kept["name"], kept["city"], kept["website"]) == (
        "Food Bank", "Austin", "https://food.example.org/")
    assert (kept["phone"], kept["ein"]) == ("512", "100000001")
    assert sorted(kept["aliases"]) == ["FB", "Foodbank", "The Food Bank"]
    after = references(migrate, first)
    assert after == {key: sum(of.get(key, 0) for of in before.values()) for key in after}
    for one in (second, third):
        assert references(migrate, one) == {}
        gone = ours.viewer.get(f"/v1/partners/{one}").json
        assert gone["archived_at"] and gone["merged_into"] == first
    found = ours.viewer.get("/v1/partners", {"q": "foodbank"}).json["data"]
    assert [one["id"] for one in found] == [first], "it is found by the names of before"
    live = ours.viewer.get("/v1/partner_owners", {"partner_id": first}).json["data"]
    assert len(live) == 1, "what two said of the same is there once"

    (made,) = ours.viewer.get("/v1/partner_merges", {"partner_id": first}).json["data"]
    assert made["merged"] == [second, third] or made["merged"] == [third, second]
    undone = ours.director.post(f"/v1/partner_merges/{made['id']}/undo", {})
    assert undone.status == 200 and undone.json["undone_at"], undone
    assert {one: references(migrate, one) for one in before} == before
    for one, was in shown.items():
        now = ours.director.get(f"/v1/partners/{one}").json
        assert {k: v for k, v in now.items() if k not in STAYS} == {
            k: v for k, v in was.items() if k not in STAYS}
    again = ours.director.post(f"/v1/partner_merges/{made['id']}/undo", {})
    assert (again.status, again.type) == (409, "conflict"), again


@pytest.mark.shows("registry.merge")
def test_what_is_not_merged(ours, theirs):
    parent = ours.director.partner(name="YMCA").id
    north, south = (ours.director.partner(name=n, parent_id=parent).id for n in ("North", "South"))
    other, barred, gone = (ours.director.partner(name=n) for n in ("Other", "Barred", "Gone"))
    ours.director.post(f"/v1/partners/{barred.id}/bar", {"reason": "A complaint."})
    ours.director.archive(f"/v1/partners/{gone.id}", gone.etag)
    for kept, merged in (
        (north, south), (parent, north), (north, parent), (other.id, other.id), (other.id, barred.id),
        (other.id, gone.id), (other.id, theirs.director.partner().id),
    ):
        answer = merge(ours.director, kept, merged)
        assert (answer.status, answer.faults) == (422, {"/partner_ids": "not_allowed"}), answer
    assert merge(ours.director, other.id).status == 422
    assert merge(ours.coordinator, other.id, north).status == 403


@pytest.mark.shows("registry.duplicates")
def test_who_may_be_the_same_partner(ours):
    one = ours.director.partner(name="Lakeside Rotary Club", website="https://www.lakeside.example.org/a")
    named = ours.director.partner(name="The Lakeside Rotary-Club, Inc.").id
    renamed = ours.director.partner(name="Lakeside Friends", aliases=["Lakeside Rotary Club"]).id
    ours.director.partner(name="Bakers Guild", website="https://bakers.example.org/")
    ours.director.partner(name="Lakeside Rotary Club North", parent_id=one.id)
    found = ours.viewer.get(f"/v1/partners/{one.id}/duplicates").json
    assert found["partner_id"] == one.id
    told = {row["id"]: row["reasons"] for row in found["duplicates"]}
    assert set(told) == {named, renamed}
    assert told[named] == ["name"] and "alias" in told[renamed]
    scores = [row["score"] for row in found["duplicates"]]
    assert scores == sorted(scores, reverse=True)
    assert ours.viewer.get(f"/v1/partners/{one.id}/duplicates?x=1").status == 400


# ---- Contacts, and what both merges take along ---------------------------------------------------

# Ids that no foreign key covers and that no merge moves.
STAY = {
    ("import", "made_fields"): "fields of the district's own are not merged",
    ("audit", "actor"): "what happened", ("audit", "aggregateid"): "what happened", ("outbox", "aggregateid"): "what happened",
    ("dead_letter", "event_id"): "events", ("processed", "event_id"): "events",
    ("duplicate_key", "of_id"): "follows the record", ("duplicate_key", "family_id"): "follows the record",
    ("duplicate_match", "first_id"): "follows the record", ("duplicate_match", "second_id"): "follows the record",
    ("partner_merge", "merged"): "what was merged", ("contact_merge", "merged"): "what was merged",
    ("import_change", "row_id"): "what a file has made", ("import_row", "row_id"): "what a file has made",
    ("release_count", "site_id"): "what was shown of it, then", ("release_count", "partnership_id"): "what was shown of it, then",
    ("release_asked", "release_id"): "of what is neither", ("release_step", "release_id"): "of what is neither", ("rollup", "scope_id"): "computed again", ("turn_mark", "subject_id"): "looked at in the next turn", ("partner_recount", "after_id"): "how far it is counted again",
    **{(table, field): "computed again" for table, field in (
        ("tally", "partnership_id"), ("tally", "scope_id"), ("tally_crossing", "indicator_id"), ("tally_crossing", "site_id"),
        ("survey_block", "survey_id"), ("survey_counted", "survey_id"), ("survey_counted", "survey_answer_id"),
        ("survey_counted", "survey_block_id"), ("survey_mark", "survey_id"), ("survey_mark", "survey_answer_id"),
        ("survey_tally", "survey_id"), ("survey_counted", "place"),
        ("survey_look", "mailed_id"), ("survey_look", "reminded_id"),
        *(("rollup_mark", field) for field in ("indicator_id", "partnership_id", "site_id")))},
    **{one: "of what is neither" for one in (
        ("survey_answer", "survey_id"),
        ("attachment_piece", "attachment_id"), ("bulletin", "need_ids"), ("dead_letter", "dropped_by"),
        ("import_chunk", "import_id"), ("import_row", "import_id"), ("import_work", "holder"), ("import_work", "token_id"), ("observation", "supersedes"),
        ("observation", "superseded_by"), ("event_consumer", "low_mark"), ("event_consumer", "next_mark"))},
}
# Where the id of a merged record may still be found.
TELL = {"partner_merge", "contact_merge", "audit", "outbox", "idempotency", "duplicate_key", "duplicate_match",
        "search_text", "partner", "contact", "processed", "rollup_mark", "turn_mark"}


def attach(caller, kind, one):
    answer = caller.call("POST", f"/v1/attachments?name=a.pdf&subject_kind={kind}&subject_id={one}", b"%PDF-1.7\n%%EOF\n",
                         Content_Type="application/pdf")
    assert answer.status == 201, answer
    return answer.id


def mentions(migrate, one):
    """{table: rows} of all tables that hold the id anywhere, whatever the column."""
    tables = [name for name, in migrate.execute(
        "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition "
        "AND c.relnamespace = 'public'::regnamespace").fetchall()]
    found = {table: migrate.execute(f"SELECT count(*) FROM {table} t WHERE to_jsonb(t)::text LIKE %s",
                                    (f"%{one}%",)).fetchone()[0] for table in tables}
    migrate.commit()
    return {table: count for table, count in found.items() if count and table not in TELL}


@pytest.mark.shows("registry.merge", "registry.contact_merge")
def test_the_catalogue_has_no_id_that_a_merge_forgets(migrate):
    loose = {tuple(row) for row in migrate.execute(
        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace "
        "AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid IN ('uuid'::regtype, 'uuid[]'::regtype) "
        "AND a.attname NOT IN ('id', 'district_id') AND NOT EXISTS (SELECT FROM pg_constraint k "
        "WHERE k.conrelid = c.oid AND k.contype = 'f' AND a.attnum = ANY (k.conkey))").fetchall()}
    moved = {tuple(row) for row in migrate.execute("SELECT name, field FROM kind_columns()").fetchall()}
    assert moved <= loose
    forgotten = " ".join(sorted(".".join(one) for one in loose - moved - set(STAY)))
    assert forgotten == "", "a row of kind_columns(), or one that says why it stays"


@pytest.mark.shows("registry.merge", "registry.merge_undo")
def test_what_no_foreign_key_tells_of_goes_along_too(ours, migrate):
    director = ours.director
    kept = director.partner(name="Bank of A", funding_types=["state"], culture_notes="Slow.").id
    gone = director.partner(name="A Bank", funding_types=["local", "state"], in_directory=True, culture_notes="Kind.").id
    third = director.partner(name="A-Bank").id
    for verb in ("contact", "vet"):
        assert director.post(f"/v1/partners/{gone}/{verb}", {}).status == 200
    file = attach(director, "partner", gone)
    dismissal = director.created("duplicate_dismissals", {"first_id": gone, "second_id": third}).id
    asked = director.created("saved_filters", {"name": "Its branches", "resource": "partners", "criteria": [
        {"field": "parent_id", "op": "is", "values": [gone]}]}).id
    branch = director.partner(name="Branch", parent_id=gone).id
    before = mentions(migrate, gone)
    assert {"attachment", "duplicate_dismissal", "saved_filter", "interaction"} <= set(before)
    now = merge(director, kept, gone).json
    assert (now["funding_types"], now["in_directory"], now["culture_notes"], now["stage"]) == (
        ["local", "state"], True, "Slow.\n\nKind.", "vetting")
    assert mentions(migrate, gone) == {}
    assert director.get(f"/v1/attachments/{file}").json["subject_id"] == kept
    assert director.get(f"/v1/duplicate_dismissals/{dismissal}").json["first_id"] == kept
    counted = director.get(f"/v1/saved_filters/{asked}").json
    assert (counted["criteria"][0]["values"], counted["count"]) == ([kept], 1)
    (made,) = director.get("/v1/partner_merges", {"partner_id": kept}).json["data"]
    assert director.post(f"/v1/partner_merges/{made['id']}/undo", {}).status == 200
    assert mentions(migrate, gone) == before
    back = director.get(f"/v1/partners/{kept}").json
    assert (back["funding_types"], back["in_directory"], back["culture_notes"], back["stage"]) == (
        ["state"], False, "Slow.", "prospect")
    assert director.get(f"/v1/partners/{branch}").json["parent_id"] == gone


def person(ours, **fields):
    """A contact that many rows refer to."""
    director = ours.director
    one = director.created("contacts", fields).id
    ready = Ready(ours)
    tag = director.created("tags", {"name": f"Tag {uuid7()}"}).id
    custom = director.created("custom_fields", {"subject": "contact", "code": f"c_{one[-12:]}", "name": "Shoe size",
                                                "type": "text"}).id
    for plural, body in {
        "affiliations": {"partner_id": ready.partner, "role": "Chair"},
        "taggings": {"tag_id": tag},
        "custom_values": {"custom_field_id": custom, "value": "42"},
        "preferences": {"topic": "all", "opted_out": fields["name"] == "Ann Lee"},
        "interactions": {"partner_id": ready.partner, "kind": "call", "on_date": "2026-11-20", "subject": "Hello"},
        "partnership_roles": {"partnership_id": ready.id, "role": "sponsor"},
        "introductions": {"partner_id": ready.partner, "site_id": director.site().id, "on_date": "2026-11-20"},
        "champions": {"influence": "The whole town."},
        "awards": {"kind": "award", "title": "Volunteer of the year", "school_year": 2027},
    }.items():
        director.created(plural, {"contact_id": one, **body})
    attach(director, "contact", one)
    return one


@pytest.mark.shows("registry.contact_merge", "registry.contact_merge_undo")
def test_contacts_become_one_with_all_that_refers_to_them_and_two_again(ours, migrate):
    director = ours.director
    kept = person(ours, name="Ann M. Lee", phone="512", notes="Likes tea.")
    gone = person(ours, name="Ann Lee", email="ann@lee.example.org", locale="es", notes="Writes late.")
    shown = {one: director.get(f"/v1/contacts/{one}").json for one in (kept, gone)}
    before = {one: mentions(migrate, one) for one in shown}
    assert len(before[gone]) > 9
    answer = director.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [gone], "reason": "The same."})
    assert answer.status == 200, answer
    now = answer.json
    assert (now["name"], now["email"], now["phone"], now["locale"], now["notes"]) == (
        "Ann M. Lee", "ann@lee.example.org", "512", "es", "Likes tea.\n\nWrites late.")
    assert (now["aliases"], now["other_emails"]) == (["Ann Lee"], [])
    assert mentions(migrate, gone) == {}
    old = ours.viewer.get(f"/v1/contacts/{gone}").json
    assert old["archived_at"] and old["merged_into"] == kept
    (wish,) = director.get("/v1/preferences", {"contact_id": kept}).json["data"]
    assert wish["opted_out"], "who wants none under one name wants none under the other"
    assert len(director.get("/v1/champions", {"contact_id": kept}).json["data"]) == 1
    again = director.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [gone]})
    assert again.faults == {"/contact_ids": "not_allowed"}, again
    assert director.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [kept]}).status == 422
    assert ours.coordinator.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [gone]}).status == 403
    (made,) = ours.viewer.get("/v1/contact_merges", {"contact_id": kept}).json["data"]
    assert made["merged"] == [gone] and made["moved"] >= 9
    undone = director.post(f"/v1/contact_merges/{made['id']}/undo", {})
    assert undone.status == 200 and undone.json["undone_at"], undone
    assert {one: mentions(migrate, one) for one in shown} == before
    for one, was in shown.items():
        back = director.get(f"/v1/contacts/{one}").json
        assert {k: v for k, v in back.items() if k not in STAYS} == {k: v for k, v in was.items() if k not in STAYS}
    assert director.post(f"/v1/contact_merges/{made['id']}/undo", {}).status == 409


@pytest.mark.shows("registry.other_names", "registry.search")
def test_whoever_was_merged_is_still_found_by_the_other_name_and_address(ours, migrate):
    director = ours.director
    ours.director.created("contacts", {"name": "Elsa Quill", "email": "elsa@quill.example.org"})
    first, second, third = (director.created("contacts", {"name": name, "email": email}).id for name, email in (
        ("Fay Bramble", "fay@bramble.example.org"), ("Fay Thistle", "fay@thistle.example.org"),
        ("F. Thistledown", "fay@down.example.org")))
    for kept, gone in ((second, third), (first, second)):
        assert director.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [gone]}).status == 200
    now = director.get(f"/v1/contacts/{first}").json
    assert now["email"] == "fay@bramble.example.org"
    assert now["aliases"] == ["Fay Thistle", "F. Thistledown"]
    assert now["other_emails"] == ["fay@thistle.example.org", "fay@down.example.org"]
    assert ours.viewer.get(f"/v1/contacts/{first}").json["other_emails"] is None

    def found(caller, query):
        return [row["id"] for row in caller.get("/v1/contacts", {"q": query}).json["data"]]

    for query in ("thistledown", "Fay@Thistle.example.org", "fay@down.example.org"):
        assert found(director, query) == [first], query
    assert found(ours.viewer, "thistledown") == [first] and found(ours.viewer, "fay@down.example.org") != [first]
    again = director.created("contacts", {"name": "Somebody", "email": "fay@thistle.example.org"}).id
    alike = director.get(f"/v1/contacts/{first}/duplicates").json["duplicates"]
    assert [(row["id"], row["reasons"]) for row in alike] == [(again, ["email"])]
    director.archive(f"/v1/contacts/{again}", director.get(f"/v1/contacts/{again}").etag)

    partner = director.partner(name="Thistle Works").id
    report = load(director, "contacts", "name,email,phone\nFay Thistle,fay@thistle.example.org,512 555 0000\n"
                                        "Elsa Quill,elsa@quill.example.org,512 555 0001\n")
    assert (report["created"], report["updated"]) == (0, 2), rows(director, report)
    now = director.get(f"/v1/contacts/{first}").json
    assert (now["name"], now["email"], now["phone"]) == ("Fay Bramble", "fay@bramble.example.org", "512 555 0000")
    report = load(director, "affiliations", "contact,partner,role\nfay@down.example.org,Thistle Works,Chair\n")
    assert report["created"] == 1, rows(director, report)
    (held,) = director.get("/v1/affiliations", {"partner_id": partner}).json["data"]
    assert held["contact_id"] == first
    asked = Caller(ours.api, None).post("/v1/sign_in_links", {"email": "fay@thistle.example.org",
                                                              "district": ours.district.slug})
    assert asked.status == 202
    assert migrate.execute("SELECT to_address FROM message WHERE district_id = %s AND kind = 'sign_in'",
                           (ours.id,)).fetchall() == [("fay@bramble.example.org",)], "where mails go today"
    inquiry = director.created("inquiries", {"organization": "Down Street", "name": "Fay", "message": "Hello.",
                                             "email": "fay@down.example.org"}).id
    assert director.post(f"/v1/inquiries/{inquiry}/convert", {"is_new": True}).json["contact_id"] == first

    etag = director.get(f"/v1/contacts/{first}").etag
    assert director.patch(f"/v1/contacts/{first}", {"aliases": ["Fay Thistle", "Faye"]}, etag).status == 200
    (made,) = director.get("/v1/contact_merges", {"contact_id": first}).json["data"]
    assert director.post(f"/v1/contact_merges/{made['id']}/undo", {}).status == 200
    one, two = (director.get(f"/v1/contacts/{each}").json for each in (first, second))
    assert (one["aliases"], one["other_emails"]) == (["Faye"], []), "what was said since stays"
    assert (two["aliases"], two["other_emails"]) == (["F. Thistledown"], ["fay@down.example.org"])
    assert found(director, "fay@thistle.example.org") == [second]


@pytest.mark.shows("registry.other_names", "registry.search")
def test_a_file_with_what_a_partner_was_called_or_had_means_the_one_that_is_left(ours):
    director = ours.director
    kept = director.partner(name="Copper Kettle", ein="111222333", aliases=["The Kettle"]).id
    gone = director.partner(name="Kopper Kettle Cafe", ein="444555666", email="hi@kopper.example.org",
                            website="https://www.kopper.example.org/cafe").id
    assert director.post(f"/v1/partners/{kept}/merge", {"partner_ids": [gone]}).status == 200
    for query in ("11-1222333", "kopper kettle", "https://kopper.example.org", "kopper.example.org", "hi@kopper.example.org"):
        found = [row["id"] for row in director.get("/v1/partners", {"q": query}).json["data"]]
        assert found == [kept], query
    report = load(director, "partners", "name,kind,ein,city\nKopper Kettle Cafe,nonprofit,444555666,Austin\n")
    assert (report["created"], report["updated"]) == (0, 1), rows(director, report)
    now = director.get(f"/v1/partners/{kept}").json
    assert (now["name"], now["ein"], now["city"]) == ("Copper Kettle", "111222333", "Austin")
    report = load(director, "programs", "name,partner\nBaking,the  kettle\nTea,444555666\n")
    assert report["created"] == 2, rows(director, report)
    made = director.get("/v1/programs", {"partner_id": kept}).json["data"]
    assert {row["name"] for row in made} == {"Baking", "Tea"}


@pytest.mark.shows("registry.contact_duplicates")
def test_who_may_be_the_same_person(ours):
    director = ours.director
    one, two, other = (director.created("contacts", {"name": name, "phone": phone}).id for name, phone in (
        ("Bo Zuñiga", "512 555 8000"), ("zuniga bo", "+1 512-555-8000"), ("Cy Park", None)))
    found = ours.coordinator.get(f"/v1/contacts/{one}/duplicates").json
    assert found == {"contact_id": one, "duplicates": [
        {"id": two, "name": "zuniga bo", "score": 80, "reasons": ["name", "phone"]}]}
    assert ours.coordinator.get(f"/v1/contacts/{other}/duplicates").json["duplicates"] == []
    director.created("duplicate_dismissals", {"first_id": one, "second_id": two})
    assert ours.coordinator.get(f"/v1/contacts/{one}/duplicates").json["duplicates"] == []
    assert ours.viewer.get(f"/v1/contacts/{one}/duplicates").status == 403


@pytest.mark.shows("registry.contact_merge")
def test_who_is_erased_goes_under_all_names(ours, migrate):
    director = ours.director
    kept, gone = (director.created("contacts", {"name": f"Dora Vance{n}", "email": f"dora{n}@vance.example.org",
                                                "notes": f"Note {n}"}).id for n in ("", "-Hill"))
    assert director.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [gone]}).status == 200
    made = ours.admin.created("erasures", {"contact_id": gone, "reason": "As asked"}).id
    preview = ours.admin.get(f"/v1/erasures/{made}/preview").json
    assert preview["contact_id"] == kept, preview
    assert ours.admin.post(f"/v1/erasures/{made}/run", {}).status == 200
    left = migrate.execute("SELECT name, email, notes, aliases, other_emails FROM contact WHERE id = ANY (%s)",
                           ([kept, gone],)).fetchall()
    assert left == [("Erased person", None, None, [], [])] * 2
    for fields in ({"email": "dora-hill@vance.example.org"}, {"other_emails": ["dora-hill@vance.example.org"]}):
        back = director.post("/v1/contacts", {"name": "Dora", **fields})
        assert list(back.faults.values()) == ["not_allowed"], back
    assert migrate.execute("SELECT changes FROM contact_merge WHERE contact_id = %s", (kept,)).fetchone() == ({},)
    (merge_made,) = director.get("/v1/contact_merges", {"contact_id": kept}).json["data"]
    assert director.post(f"/v1/contact_merges/{merge_made['id']}/undo", {}).status == 409


@pytest.mark.shows("registry.merged_answers")
@pytest.mark.parametrize("plural", ("partners", "contacts", "sites"))
def test_the_old_id_of_what_was_merged_answers_and_leads_to_what_is_left(ours, plural):
    """Also when that one was merged in its turn: each step says the next."""
    director = ours.director
    ids = [director.created(plural, {**least(director, plural), "name": f"Old {uuid7()}"}).id for _ in range(3)]
    for gone, kept in zip(ids, ids[1:]):
        answer = (director.post(f"/v1/sites/{gone}/merge", {"into_site_id": kept}) if plural == "sites" else
                  director.post(f"/v1/{plural}/{kept}/merge", {f"{plural[:-1]}_ids": [gone]}))
        assert answer.status == 200, answer
    for gone, kept in zip(ids, ids[1:]):
        old = ours.viewer.get(f"/v1/{plural}/{gone}")
        assert (old.status, old.json["merged_into"]) == (200, kept)
        into = f"merged_into_{plural[:-1]}"
        expanded = ours.viewer.get(f"/v1/{plural}/{gone}", {"expand": into}).json
        assert expanded[into]["id"] == kept
        assert (old.json["archived_at"] is not None, old.json.get("status")) == (
            (False, "merged") if plural == "sites" else (True, old.json.get("status")))
    assert ours.viewer.get(f"/v1/{plural}/{ids[2]}").json["merged_into"] is None
