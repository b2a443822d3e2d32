"""Records of one partner: found, made one, and taken apart again."""

import pytest
from partnering import Ready

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
