"""What a partner keeps of its own besides its record: its offers, its programs and its people."""

import pytest
from administering import owns
from needing import changed
from pages import values_of
from test_page_record import Shown

from world import NOW, uuid7


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


def vouchings(who, partner):
    """{name: subject_id} of the tasks about people of the partner."""
    name = who.get(f"/v1/partners/{partner}").json["name"]
    tasks = who.get("/v1/me/tasks").json["data"]
    return {task["title"].removeprefix(f"{name}: "): task["subject_id"] for task in tasks
            if task["kind"] == "person_vouching" and task["title"].startswith(f"{name}: ")}


@pytest.mark.shows("registry.person_vouching")
def test_whoever_cares_for_a_partner_is_asked_whether_its_people_are_of_it(ours, partner):
    own, owner = ours.partner, ours.scoped(("coordinator", "district", None))
    changed(ours.director, f"/v1/partners/{partner}", owner_id=owner.user)
    places = {name: own.created("own_affiliations", {"partner_id": partner, "name": name, "role": "Clerk",
                                                     "email": email(name[:2].lower())}).id
              for name in ("Ann B.", "Bo", "Cy", "Di", "Ed")}
    asked = vouchings(owner, partner)
    assert set(asked) >= set(places) and vouchings(ours.director, partner) == {}
    one = owner.get(f"/v1/partner_edits/{asked['Ann B.']}").json
    assert (one["field"], one["status"], one["affiliation_id"]) == ("person", "waiting", places["Ann B."])

    def act(verb, name, **body):
        return owner.post(f"/v1/partner_edits/{asked[name]}/{verb}", body)

    def place(name):
        return ours.director.get(f"/v1/affiliations/{places[name]}")

    assert act("accept", "Ann B.").json["status"] == "accepted" and place("Ann B.").json["may_sign_in"] is True
    refused_edit = act("refuse", "Bo", reason="Nobody knows Bo.")
    assert refused_edit.json["status"] == "refused" and place("Bo").json["archived_at"], refused_edit
    assert own.get(f"/v1/own_partner_edits/{asked['Bo']}").json["reason"] == "Nobody knows Bo."
    changed(owner, f"/v1/affiliations/{places['Cy']}", may_sign_in=True)
    changed(own, f"/v1/own_affiliations/{places['Di']}", until_date=NOW[:10])
    assert changed(own, f"/v1/own_affiliations/{places['Ed']}", role="Head", until_date="2026-12-31")["role"] == "Head"
    assert {name: owner.get(f"/v1/partner_edits/{edit}").json["status"] for name, edit in asked.items() if name in places} == {
        "Ann B.": "accepted", "Bo": "refused", "Cy": "accepted", "Di": "superseded", "Ed": "waiting"}
    assert set(vouchings(owner, partner)) & set(places) == {"Ed"}
    assert act("accept", "Ann B.").status == 409


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


# ---- On its page ---------------------------------------------------------------------------------


class Kept(Shown):
    """The record of a partner with nothing but its one contact."""

    def fill(self, verb, page=None, **fields):
        """Sends the form of that button, the fields by their names without the row's id."""
        page = page or self.page()
        item = next(node for node in page.form(verb).all("input") if node.get("name") == "item").get("value")
        return self.browser.send(page, verb, **{f"{name}__{item}": value for name, value in fields.items()})

    def offers(self):
        return self.tenant.viewer.get("/v1/offers", {"partner_id": self.partner}).json["data"]


@pytest.mark.shows("registry.keep_page")
def test_offers_are_kept_on_the_page_of_the_record(ours, migrate):
    kept = Kept(ours)
    page = kept.page()
    wrong = kept.fill("offer_add", page, offer_kind="money", offer_quantity="12.50")
    assert wrong.status == 422 and [name.split(".")[0] for name in wrong.errors()] == ["offer_name"]
    for _ in range(2):
        assert kept.fill("offer_add", page, offer_name="A <fund>", offer_kind="money", offer_quantity="12.50").status == 303
    one, = kept.offers()
    assert (one["name"], one["kind"], one["quantity"], one["remaining"]) == ("A <fund>", "money", 1250, 1250)
    page = kept.page()
    assert page.value(f"offer_quantity.{one['id']}") == "12.5"
    assert kept.fill("offer_save", page, offer_quantity="20", offer_until="2027-06-30").status == 303
    migrate.execute("UPDATE offer SET taken = 1500 WHERE id = %s", (one["id"],))
    wrong = kept.fill("offer_save", offer_quantity="14.99")
    assert list(wrong.errors()) == [f"offer_quantity.{one['id']}"] and wrong.value(f"offer_quantity.{one['id']}") == "14.99"
    assert kept.fill("offer_save", offer_kind="food", offer_quantity="2000").status == 422, "money was promised"
    assert [(row["quantity"], row["until_date"]) for row in kept.offers()] == [(2000, "2027-06-30")]
    for _ in range(2):
        assert kept.fill("offer_end", page).status == 303
    assert kept.offers() == []
    said = edits(ours, kept.partner, "offer")
    assert [row["contact_id"] for row in said] == [kept.ready.contact] * 3


@pytest.mark.shows("registry.keep_page")
def test_programs_and_people_are_kept_there_too(ours, migrate):
    kept = Kept(ours)
    program = ours.director.created("programs", {"partner_id": kept.partner, "name": "Chess"}).id
    assert kept.fill("program_save", program_status="paused", program_capacity="12", program_schedule="Mondays").status == 303
    shown = ours.viewer.get(f"/v1/programs/{program}").json
    assert (shown["status"], shown["capacity"], shown["schedule"], shown["name"]) == ("paused", 12, "Mondays", "Chess")
    migrate.execute("UPDATE affiliation SET until_date = NULL WHERE partner_id = %s", (kept.partner,))
    known = ours.director.created("contacts", {"name": "B", "email": email("b")}).json["email"]
    wrong = kept.fill("person_add", person_name="B", person_role="Clerk", person_email=known)
    assert [name.split(".")[0] for name in wrong.errors()] == ["person_email"]
    assert kept.fill("person_add", person_name="Bo", person_role="Clerk", person_email=email("bo")).status == 303
    rows = ours.director.get("/v1/affiliations", {"partner_id": kept.partner}).json["data"]
    added, = [row for row in rows if row["role"] == "Clerk"]
    assert added["may_sign_in"] is False
    page = kept.page()
    form = next(f for f in page.forms if any(n.get("value") == added["id"] for n in f.all("input")))
    values = {**values_of(form), "do": "person_end"}
    assert kept.browser.post(form.get("action"), values).status == 303
    assert ours.director.get(f"/v1/affiliations/{added['id']}").json["until_date"] == NOW[:10]
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (kept.ready.contact,))
    assert "Agregar una persona" in kept.page().text
