"""What a partner keeps of its own besides its record: its offers, its programs and its people."""

import pytest
from administering import owns
from needing import changed

from world import uuid7


@pytest.fixture(scope="module")
def partner(ours):
    return owns(ours, ours.director.partner(name="Bay Bank").id, "partner")


def email(name):
    return f"{name}-{uuid7()}@example.org"


def edits(tenant, partner, field):
    rows = tenant.coordinator.get("/v1/partner_edits", {"partner_id": partner, "sort": "created_at"}).json["data"]
    return [row for row in rows if row["field"] == field]


def refused(caller, path, **fields):
    answer = caller.patch(path, fields, caller.get(path).etag)
    assert answer.status == 422, answer
    return list(answer.faults)


@pytest.mark.shows("registry.own_offers")
def test_a_partner_keeps_its_offers(ours, partner, migrate):
    own = ours.partner
    one = own.created("own_offers", {"partner_id": partner, "name": "Rooms", "kind": "space", "quantity": 5, "unit": "rooms"})
    path = f"/v1/own_offers/{one.id}"
    assert ours.viewer.get(f"/v1/offers/{one.id}").json["remaining"] == 5
    assert changed(own, path, quantity=8)["remaining"] == 8
    migrate.execute("UPDATE offer SET taken = 3 WHERE id = %s", (one.id,))
    assert refused(own, path, quantity=2) == ["/quantity"]
    assert refused(own, path, kind="food") == ["/kind"], "something was promised of it"
    assert refused(own, path, unit="halls") == ["/unit"]
    assert refused(own, path, from_date="2027-02-01", until_date="2027-01-01") == ["/until_date"]
    assert refused(own, path, focus_area_id=str(uuid7())) == ["/focus_area_id"]
    etag = own.get(path).etag
    assert changed(own, path, quantity=3)["remaining"] == 0
    assert own.patch(path, {"quantity": 9}, etag).status == 412
    assert own.archive(path, own.get(path).etag).status == 204
    assert ours.viewer.get(f"/v1/offers/{one.id}").json["archived_at"]
    said = edits(ours, partner, "offer")
    assert [(row["status"], '"Rooms"' in row["proposed"]) for row in said] == [("applied", True)] * 4
    assert (said[1]["old"], said[1]["proposed"]) == (
        '{"name": "Rooms", "quantity": 5}', '{"name": "Rooms", "quantity": 8}')
    assert said[0]["user_id"] == ours.users["partner"]


@pytest.mark.shows("registry.own_programs")
def test_a_partner_says_what_has_changed_of_its_programs(ours, partner):
    own, director = ours.partner, ours.director
    one = director.created("programs", {"partner_id": partner, "name": "Chess", "evidence_tier": 4}).id
    path = f"/v1/own_programs/{one}"
    told = changed(own, path, capacity=20, schedule="Mondays", audience=["families"], status="paused")
    assert (told["name"], told["capacity"], told["status"]) == ("Chess", 20, "paused")
    answer = own.patch(path, {"name": "Other"}, own.get(path).etag)
    assert (answer.status, list(answer.faults)) == (422, ["/name"]), "the district's to say"
    shown = ours.viewer.get(f"/v1/programs/{one}").json
    assert (shown["schedule"], shown["audience"], shown["evidence_tier"]) == ("Mondays", ["families"], 4)
    note, = edits(ours, partner, "program")
    assert '"schedule": "Mondays"' in note["proposed"] and '"status": "active"' in note["old"]
    other = director.created("programs", {"partner_id": director.partner().id, "name": "Ball"}).id
    assert own.get(f"/v1/own_programs/{other}").status == 404


@pytest.mark.shows("registry.own_people")
def test_a_partner_keeps_its_people(ours, partner):
    own, address = ours.partner, email("new")
    one = own.created("own_affiliations", {"partner_id": partner, "name": "Ann", "email": address, "role": "Clerk"})
    assert one.json["may_sign_in"] is False, "nobody of the district has vouched"
    path = f"/v1/own_affiliations/{one.id}"
    person = f"/v1/contacts/{one.json['contact_id']}"
    assert changed(own, path, name="Anna", phone="555-0101", email=email("newer"))["name"] == "Anna"
    assert ours.director.get(person).json["phone"] == "555-0101"
    etag = own.get(path).etag
    changed(ours.director, person, phone="555-0102")
    assert own.patch(path, {"phone": "1"}, etag).status == 412, "of place and person together"
    assert changed(own, path, until_date="2026-12-31")["until_date"] == "2026-12-31"
    assert refused(own, path, until_date=None) == ["/until_date"]
    assert len(edits(ours, partner, "person")) == 3


@pytest.mark.shows("registry.own_people")
def test_nobody_takes_over_an_address(ours, partner):
    own, director = ours.partner, ours.director
    contact = director.created("contacts", {"name": "B", "email": email("b")})
    for known in (ours.director.get(f"/v1/users/{ours.users['director']}").json["email"], contact.json["email"]):
        answer = own.post("/v1/own_affiliations", {"partner_id": partner, "name": "B", "email": known, "role": "Clerk"})
        assert (answer.status, list(answer.faults)) == (422, ["/email"]), answer

    def place(at, **fields):
        return director.created("affiliations", {"partner_id": at, "role": "Chair", **fields}).id

    signs, both = (director.created("contacts", {"name": name, "email": email(name)}).id for name in ("signs", "both"))
    signing, shared = place(partner, contact_id=signs), place(partner, contact_id=both, may_sign_in=False)
    elsewhere = place(director.partner().id, contact_id=both)
    assert refused(own, f"/v1/own_affiliations/{signing}", email=email("mine")) == ["/email"], "it signs in by it"
    for field, value in (("email", email("mine")), ("phone", "1"), ("name", "Me")):
        assert refused(own, f"/v1/own_affiliations/{shared}", **{field: value}) == [f"/{field}"]
    assert changed(own, f"/v1/own_affiliations/{shared}", role="Member")["role"] == "Member"
    assert own.get(f"/v1/own_affiliations/{elsewhere}").status == 404
    other = director.partner().id
    for plural, body in (("own_offers", {"name": "R", "kind": "space"}), ("own_affiliations", {"name": "C", "role": "D"})):
        answer = own.post(f"/v1/{plural}", {"partner_id": other, **body})
        assert (answer.status, list(answer.faults)) == (422, ["/partner_id"]), answer
