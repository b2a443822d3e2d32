"""How complete partners are is stored, so that lists are filtered and sorted by it: it is what would be computed, whatever
changes."""

import random

import pytest
from acting import at_once

STEPS = 80
COMPUTED = ("SELECT t.id, t.completeness, n.score, t.completeness_until, n.until_date "
            "FROM partner t CROSS JOIN LATERAL partner_counted(t) AS n WHERE t.district_id = %s "
            "AND (t.completeness, t.completeness_until) IS DISTINCT FROM (n.score, n.until_date)")


def differing(tenant, now="2026-11-21T18:00:00Z"):
    with tenant.api.database.connect("postgres") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (tenant.id, now))
        return connection.execute(COMPUTED, (tenant.id,)).fetchall()


def advanced(tenant, day):
    with tenant.api.database.connect("kith_checkin") as connection, connection.transaction():
        (done,), more = (connection.execute(query, values).fetchone() for query, values in (
            ("SELECT partners_advance(%s, %s)", (tenant.id, f"{day}T18:00:00Z")),
            ("SELECT coalesce(current_setting('kith.more', true), '')", ())))
        return done, more[0]


def listed(caller, **asked):
    return [one["completeness"] for one in caller.get("/v1/partners", asked).json["data"]]


class Changes:
    """What can change how complete one of a few partners is, at random."""

    def __init__(self, tenant, seed):
        self.caller, self.random = tenant.director, random.Random(seed)
        self.owner = tenant.users["director"]
        self.partners = [self.caller.partner().id for _ in range(4)]
        self.area = self.caller.created("focus_areas", {"name": f"Reading {seed}"}).id
        self.made = {plural: [] for plural in ("contacts", "affiliations", "partner_focus_areas", "custom_fields",
                                               "custom_values")}
        self.count = 0

    def create(self, plural, **body):
        answer = self.caller.post(f"/v1/{plural}", body)
        assert answer.status in (201, 409, 422), answer  # perhaps it has one already
        if answer.status == 201:
            self.made[plural].append(answer.json["id"])

    def patch(self, path, **fields):
        answer = self.caller.patch(path, fields, self.caller.get(path).etag)
        assert answer.status in (200, 404, 409, 412, 422), answer

    def partner(self):
        value = self.random.choice([
            {"owner_id": self.owner}, {"owner_id": None}, {"tier": "anchor"}, {"tier": None}, {"city": "Austin"},
            {"postal_code": "78701"}, {"city": None}, {"description": "x"}, {"strengths": "x"}, {"description": " "},
            {"reach": "nearby"}, {"website": "https://example.org/"}])
        self.patch(f"/v1/partners/{self.random.choice(self.partners)}", **value)

    def begin(self):
        self.count += 1
        one = self.random.choice(self.partners)
        plural = self.random.choice(sorted(self.made))
        if plural == "contacts":
            self.create(plural, name="Ann", **self.random.choice([{}, {"phone": "1"}]))
        elif plural == "affiliations" and self.made["contacts"]:
            ends = self.random.choice([None, "2026-11-20", "2026-11-25", "2026-12-25"])
            self.create(plural, partner_id=one, contact_id=self.random.choice(self.made["contacts"]), role="Chair",
                        until_date=ends)
        elif plural == "partner_focus_areas":
            self.create(plural, partner_id=one, focus_area_id=self.area)
        elif plural == "custom_fields":
            self.create(plural, subject="partner", code=f"f{self.count}", name=f"F {self.count}", type="text",
                        is_required=self.random.choice([True, False]))
        elif plural == "custom_values" and self.made["custom_fields"]:
            self.create(plural, partner_id=one, custom_field_id=self.random.choice(self.made["custom_fields"]), value="x")

    def change(self):
        plural = self.random.choice([name for name, made in self.made.items() if made] or ["partner"])
        if plural == "partner":
            return
        path = f"/v1/{plural}/{self.random.choice(self.made[plural])}"
        value = {"contacts": [{"status": "left"}, {"status": "active"}, {"phone": None}, {"email": "ann@example.org"}],
                 "affiliations": [{"until_date": None}, {"until_date": "2026-11-24"}],
                 "custom_fields": [{"is_required": True}, {"is_required": False}]}.get(plural)
        if value and self.random.random() < 0.7:
            self.patch(path, **self.random.choice(value))
        elif "archived" in str(self.caller.archive(path, self.caller.get(path).etag)):
            self.caller.post(f"{path}/restore", {})

    def step(self):
        self.random.choice([self.partner, self.begin, self.begin, self.change])()


@pytest.mark.shows("registry.completeness_lists")
@pytest.mark.parametrize("seed", range(3))
def test_what_is_stored_is_what_would_be_computed_whatever_changes(ours, seed):
    changes = Changes(ours, seed)
    for step in range(STEPS):
        changes.step()
        assert not differing(ours), (seed, step)
    for day in ("2026-11-26", "2026-12-26"):
        advanced(ours, day)
        assert not differing(ours, f"{day}T18:00:00Z"), (seed, day)


@pytest.mark.shows("registry.completeness_lists")
def test_partners_are_listed_by_how_complete_they_are(theirs):
    who = theirs.director
    for fields in ({}, {"tier": "anchor"}, {"tier": "anchor", "reach": "nearby"}):
        who.partner(**fields)
    assert listed(who, sort="completeness") == [0, 10, 20]
    assert listed(who, **{"completeness[lte]": 10, "sort": "-completeness"}) == [10, 0]
    first = who.get("/v1/partners", {"completeness[gt]": 0, "sort": "completeness", "limit": 1}).json
    assert listed(who, **{"completeness[gt]": 0, "sort": "completeness", "cursor": first["page"]["next_cursor"]}) == [20]
    assert who.get("/v1/partners", {"completeness[lte]": "x"}).status == 400


def test_a_day_that_ends_a_contacts_place_counts_without_a_new_version(ours):
    one = ours.director.partner()
    path = f"/v1/partners/{one.id}"
    alone = one.json["completeness"]
    contact = ours.director.created("contacts", {"name": "Ann", "phone": "1"}).id
    ours.director.created("affiliations", {"partner_id": one.id, "contact_id": contact, "role": "Chair",
                                           "until_date": "2026-12-24"})
    shown = ours.director.get(path).json
    assert shown["completeness"] > alone and shown["version"] == 1
    assert advanced(ours, "2026-12-24")[0] == 0
    assert advanced(ours, "2026-12-25")[0] == 1
    shown = ours.director.get(path).json
    assert (shown["completeness"], shown["version"]) == (alone, 1)
    assert ours.director.patch(path, {"tier": "anchor"}, one.etag).status == 200


def test_another_field_that_is_required_counts_of_all_partners_of_a_big_district(theirs, migrate):
    migrate.execute("SELECT set_config('kith.now', '2026-11-21T18:00:00Z', false)")
    migrate.execute(
        "INSERT INTO partner (district_id, id, name, kind, description, strengths, reach, tier) "
        "SELECT %s, uuid7(), 'P ' || n, 'civic', 'x', 'x', 'nearby', 'anchor' "
        "FROM generate_series(1, 2500) n", (theirs.id,))
    migrate.commit()
    body = {"subject": "partner", "code": "last", "name": "Last", "type": "text", "is_required": True}
    theirs.director.created("custom_fields", body)
    assert len(differing(theirs)) > 1000
    rounds = [advanced(theirs, "2026-11-21") for _ in range(3)]
    assert [more for _, more in rounds] == ["true", "", ""] and rounds[2][0] == 0, rounds
    assert not differing(theirs)


def test_two_who_complete_a_partner_at_once_both_count(ours):
    one = ours.director.partner().id
    fields = [ours.director.created("custom_fields", {"subject": "partner", "code": f"once_{n}", "name": f"Once {n}",
                                                      "type": "text", "is_required": True}).id for n in range(3)]
    at_once(len(fields), lambda number: ours.director.post(
        "/v1/custom_values", {"partner_id": one, "custom_field_id": fields[number], "value": "x"}))
    assert not differing(ours)
