"""What could meet a need, which needs a partner could meet, and what is not covered."""

import pytest
from needing import changed, did, made_need, open_need, pledge, staged
from partnering import put

FACTORS = ["focus", "resources", "reach", "capacity", "evidence", "ties", "load", "stage"]


class Place:
    """A school that lacks mentors, and those who could mentor, or could not."""

    def __init__(self, tenant):
        self.tenant, director = tenant, tenant.director
        self.parent, self.other = (
            director.created("focus_areas", {"name": name}).id for name in ("Academics", "Arts"))
        self.area = director.created(
            "focus_areas", {"name": "Robotics", "parent_id": self.parent}).id
        self.site = director.site(city="Austin").id
        self.need = made_need(tenant, focus_area_id=self.area, site_id=self.site, resource_kinds=["mentors"],
                              people_affected=40, quantity=10)
        review = director.created("displacement_reviews", {
            "need_id": self.need, "proposal": "They mentor.", "done_by_employees": False}).id
        did(director, "displacement_reviews", review, "decide", kind="new", reason="Nobody does.")
        did(director, "needs", self.need, "submit")
        did(director, "needs", self.need, "review", internal_capacity="none", reason="We have none.")
        did(director, "needs", self.need, "open")
        self.good = director.partner(name="Good", reach="district").id
        staged(tenant, self.good, "approved")
        self.program = self.made("Robots", self.good, capacity=20, evidence_tier=1,
                                 evidence_citation="A study")
        self.near = director.partner(name="Near", city="Austin", reach="nearby").id
        self.near_program = self.made("Near robots", self.near, focus_area_id=self.parent)
        self.far = director.partner(name="Far", city="Dallas", reach="nearby").id
        self.made("Far robots", self.far)
        self.painter = director.partner(name="Painter").id
        self.made("Painting", self.painter, focus_area_id=self.other)
        for stage in ("declined", "barred"):
            gone = director.partner(name=stage).id
            self.made(f"{stage} robots", gone)
            staged(tenant, gone, stage)
        self.made("Ended robots", self.good, status="ended")

    def made(self, name, partner, **fields):
        body = {"name": name, "partner_id": partner, "focus_area_id": self.area, **fields}
        return self.tenant.director.created("programs", body).id

    def matches(self, **query):
        answer = self.tenant.viewer.get(f"/v1/needs/{self.need}/matches", query)
        assert answer.status == 200, answer
        return answer.json["matches"]


@pytest.fixture(scope="module")
def place(ours):
    return Place(ours)


def factors(match):
    return {one["factor"]: one for one in match["factors"]}


@pytest.mark.shows("needs.matches", "needs.match_factors")
def test_the_best_comes_first_and_each_factor_says_why(place):
    programs = place.matches(kind="program")
    assert [one["name"] for one in programs] == ["Robots", "Near robots", "Far robots"]
    best = programs[0]
    assert [one["factor"] for one in best["factors"]] == FACTORS
    said = factors(best)
    assert {name: one["value"] for name, one in said.items()} == {
        "focus": "1.0000", "resources": "1.0000", "reach": "1.0000", "capacity": "0.5000",
        "evidence": "1.0000", "ties": "0.0000", "load": "1.0000", "stage": "1.0000"}
    assert said["focus"]["reason"] == "It works on this."
    assert said["capacity"]["reason"] == "There is a part of it."
    near, far = (factors(one) for one in programs[1:])
    assert (near["focus"]["value"], far["reach"]["value"]) == ("0.5000", "0.1000")
    for match in place.matches():
        whole = sum(float(one["contribution"]) for one in match["factors"])
        assert abs(whole - float(match["score"])) < 0.001, match
        assert sum(one["weight"] for one in match["factors"]) == 100


@pytest.mark.shows("needs.match_factors")
def test_each_reason_has_a_code_and_what_it_tells_for_other_languages(place):
    said = factors(place.matches(kind="program")[0])
    assert {name: (one["code"], one["told"]) for name, one in said.items()} == {
        "focus": ("works_on_it", []), "resources": ("has_it", []), "reach": ("works_anywhere", []), "capacity": ("a_part", []),
        "evidence": ("evidence", ["1"]), "ties": ("no_partner", []), "load": ("asks_waiting", ["0", "3"]), "stage": ("stage", ["approved"])}


@pytest.mark.shows("needs.matches")
def test_of_one_partner_it_is_told_how_it_stands_and_of_one_that_serves_nothing_nothing(place):
    near = place.matches(partner_id=place.near)
    assert [(one["kind"], one["name"]) for one in near] == [
        (one["kind"], one["name"]) for one in place.matches(limit=100) if one["partner_id"] == place.near]
    assert place.matches(partner_id=place.painter) == []


@pytest.mark.shows("needs.matches")
def test_programs_and_partners_are_ranked_and_nobody_who_may_not_be_asked(place):
    found = place.matches(limit=100)
    assert {(one["kind"], one["name"]) for one in found} >= {("partner", "Good"), ("partner", "Near")}
    named = {one["partner_name"] for one in found}
    assert not named & {"declined", "barred", "Painter"}, named
    assert "Ended robots" not in {one["name"] for one in found}
    scores = [float(one["score"]) for one in found]
    assert scores == sorted(scores, reverse=True)
    assert len(place.matches(limit=2)) == 2


@pytest.mark.shows("needs.match_factors")
def test_asks_and_ties_count(ours, place, migrate):
    def of(partner, name):
        return next(factors(one)[name]["value"] for one in place.matches(kind="partner", limit=100)
                    if one["id"] == partner)

    asked = ours.director.created("asks", {"need_id": place.need, "partner_id": place.near}).id
    did(ours.director, "asks", asked, "send")
    assert of(place.near, "load") == "0.6667"
    did(ours.director, "asks", asked, "withdraw", reason="No")
    assert of(place.near, "load") == "1.0000"
    elsewhere = ours.director.site().id
    body = {"name": "P", "partner_id": place.near, "arrangement": "program", "lead_site_id": elsewhere}
    tie = ours.director.created("partnerships", body).id
    put(migrate, "partnership", tie, "active")
    assert of(place.near, "ties") == "0.5000"
    changed(ours.director, f"/v1/partnerships/{tie}", lead_site_id=place.site)
    assert of(place.near, "ties") == "1.0000"
    put(migrate, "partnership", tie, "ended")
    assert of(place.near, "ties") == "0.0000"


@pytest.mark.shows("needs.match_weights")
def test_a_district_weighs_the_factors(ours, place):
    caller = ours.director
    before = place.matches(kind="program")
    made = [
        caller.created("match_weights", {"factor": name, "weight": weight, "from_date": day})
        for name, weight, day in (
            ("reach", 1, "2026-07-01"), ("reach", 100, "2026-11-21"), ("reach", 7, "2026-11-22"))
    ]
    after = {one["name"]: factors(one)["reach"] for one in place.matches(kind="program")}
    assert {one["weight"] for one in after.values()} == {100}, "the last that holds today"
    assert caller.post("/v1/match_weights", {"factor": "luck", "weight": 1}).status == 422
    for one in made:
        path = f"/v1/match_weights/{one.id}"
        assert caller.archive(path, one.etag).status == 204
    assert place.matches(kind="program") == before


@pytest.mark.shows("needs.partner_matches")
def test_a_partner_sees_needs_elsewhere_that_it_could_meet(ours, place, migrate):
    def needs_of(partner):
        told = ours.viewer.get(f"/v1/partners/{partner}/matches", {"limit": 100})
        assert told.status == 200, told
        return {one["need_id"]: one for one in told.json["needs"]}

    found = needs_of(place.good)[place.need]
    assert (found["kind"], found["name"], found["lacking"]) == ("program", "Robots", 10)
    assert place.need not in needs_of(place.painter)
    draft = made_need(ours, focus_area_id=place.area)
    assert draft not in needs_of(place.good), "it is not open"
    body = {"name": "P", "partner_id": place.good, "arrangement": "program", "lead_site_id": place.site}
    tie = ours.director.created("partnerships", body).id
    put(migrate, "partnership", tie, "active")
    assert place.need not in needs_of(place.good), "it works there"
    put(migrate, "partnership", tie, "ended")
    full = pledge(ours, place.need, 10)
    did(ours.director, "pledges", full, "accept")
    assert place.need not in needs_of(place.near), "nothing is lacking"
    did(ours.director, "pledges", full, "fail", reason="No")
    assert place.need in needs_of(place.near)


def test_matches_of_nothing_and_parameters_that_are_none(ours, theirs, place):
    for path in (f"/v1/needs/{place.good}/matches", f"/v1/partners/{place.need}/matches",
                 "/v1/needs/x/matches", f"/v1/needs/{made_need(theirs)}/matches"):
        assert ours.viewer.get(path).status == 404, path
    for query in ({"kind": "gift"}, {"limit": 0}, {"limit": 101}, {"limit": "x"}, {"what": 1}):
        assert ours.viewer.get(f"/v1/needs/{place.need}/matches", query).status == 400, query
    first = ours.viewer.get(f"/v1/needs/{place.need}/matches")
    again = ours.viewer.get(f"/v1/needs/{place.need}/matches", If_None_Match=first.etag)
    assert again.status == 304


# ---- Gaps ----------------------------------------------------------------------------------------


class Town:
    """A network of two schools, one of which has a partner for what it needs."""

    def __init__(self, tenant, connection):
        director = self.director = tenant.director
        self.viewer = tenant.viewer
        self.network = director.created("networks", {"name": "Town"}).id
        self.has, self.lacks = (
            director.site(name=name, network_id=self.network).id for name in ("Has", "Lacks"))
        self.area = director.created("focus_areas", {"name": "Literacy of the town"}).id
        self.partner = director.partner().id
        body = {"name": "Readers", "partner_id": self.partner, "arrangement": "program",
                "focus_area_id": self.area, "lead_site_id": self.has, "purpose": "Read"}
        self.partnership = director.created("partnerships", body).id
        director.created("partnership_sites", {"partnership_id": self.partnership, "site_id": self.has})
        put(connection, "partnership", self.partnership, "active")
        given = {"partnership_id": self.partnership, "side": "partner", "kind": "cash",
                 "amount_cents": 73100, "from_date": "2026-07-01", "until_date": "2028-06-30"}
        investment = director.created("investments", given).id
        did(director, "investments", investment, "deliver")
        self.need = open_need(tenant, focus_area_id=self.area, site_id=self.lacks, people_affected=30)
        for site, year, students in ((self.has, 2026, 900), (self.has, 2027, 400), (self.lacks, 2026, 100)):
            director.created("site_years", {
                "site_id": site, "school_year": year, "enrollment": students})

    def cells(self, **query):
        answer = self.viewer.get("/v1/gaps", {"network_id": self.network, **query})
        assert answer.status == 200, answer
        return answer.json, {
            one["place_name"]: one for one in answer.json["cells"]
            if one["focus_area_id"] == self.area
        }


@pytest.fixture(scope="module")
def town(ours, database):
    with database.connect("kith_migrate") as connection:
        return Town(ours, connection)


@pytest.mark.shows("needs.gaps")
def test_what_is_needed_and_what_there_is_by_site_network_and_district(ours, town):
    told, cells = town.cells()
    assert (told["level"], told["school_year"], told["as_of"]) == ("site", 2027, "2026-11-21")
    assert set(cells) == {"Has", "Lacks"}
    has, lacks = cells["Has"], cells["Lacks"]
    assert (has["partnerships"], has["partners"], has["needs"], has["is_gap"]) == (1, 1, 0, False)
    assert has["value_cents"] == 36500, "365 days of 731"
    assert (has["students"], lacks["students"]) == (400, 100), "as last known"
    assert has["value_cents_per_100_students"] == "9125.00"
    assert has["partners_per_100_students"] == "0.25"
    assert (lacks["needs"], lacks["uncovered"], lacks["people_affected"]) == (1, 1, 30)
    assert (lacks["partnerships"], lacks["is_gap"]) == (0, True)
    assert [one["place_name"] for one in told["cells"]][0] == "Lacks", "gaps come first"
    network = town.cells(level="network")[1]["Town"]
    assert (network["needs"], network["partners"], network["place_id"]) == (1, 1, town.network)
    assert (network["students"], network["partners_per_100_students"]) == (500, "0.20")
    assert set(town.cells(site_id=town.has)[1]) == {"Has"}
    district = ours.viewer.get("/v1/gaps", {"level": "district"}).json["cells"]
    mine = next(one for one in district if one["focus_area_id"] == town.area)
    assert (mine["place_id"], mine["needs"], mine["partnerships"]) == (ours.id, 1, 1)


@pytest.mark.shows("needs.gaps")
def test_who_covers_a_need_closes_the_gap(ours, town):
    one = pledge(ours, town.need)
    did(ours.director, "pledges", one, "accept")
    lacks = town.cells()[1]["Lacks"]
    assert (lacks["needs"], lacks["uncovered"], lacks["is_gap"]) == (1, 0, False)
    did(ours.director, "pledges", one, "fail", reason="No")
    assert town.cells()[1]["Lacks"]["is_gap"]


@pytest.mark.shows("registry.roll_call_dates")
def test_a_gap_table_says_how_old_what_is_known_is(ours, town):
    never = {"school_year": 2027, "sites": 2, "called": 0, "oldest_on": None, "latest_on": None}
    assert town.cells()[0]["roll_call"] == never
    one = ours.director.created("roll_calls", {"site_id": town.has, "school_year": 2027, "due_on": "2026-12-01"}).id
    for mark in ours.director.get("/v1/roll_call_marks", {"roll_call_id": one}).json["data"]:
        path = f"/v1/roll_call_marks/{mark['id']}"
        ours.director.patch(path, {"mark": "still_here"}, ours.director.get(path).etag)
    did(ours.director, "roll_calls", one, "submit")
    told, cells = town.cells()
    today = "2026-11-21"
    assert told["roll_call"] == {**never, "called": 1, "oldest_on": today, "latest_on": today}
    assert (cells["Has"]["called_on"], cells["Lacks"]["called_on"]) == (today, None)
    assert town.cells(level="network")[1]["Town"]["called_on"] is None, "one of its sites never has"


@pytest.mark.shows("needs.gaps_next_year")
def test_against_the_next_years_priorities_other_things_are_gaps(ours, town):
    body = {"school_year": 2028, "statement": "Arts", "site_id": town.has}
    other = ours.director.created("focus_areas", {"name": "Next year's"}).id
    for area in (other, town.area):
        ours.director.created("priorities", {**body, "focus_area_id": area})
    def seen(**query):
        return {(one["place_name"], one["focus_area_name"]): one
                for one in town.cells(**query)[0]["cells"]}
    assert ("Has", "Next year's") not in seen()
    coming = seen(school_year=2028)
    assert coming["Has", "Next year's"]["is_gap"], "nobody works on it"
    covered = coming["Has", "Literacy of the town"]
    assert (covered["priorities"], covered["is_gap"]) == (1, False)
    assert covered["value_cents"] == 36600, "366 days of 731"


@pytest.mark.shows("needs.gap_supply")
def test_supply_is_also_who_works_beside_a_partner_and_what_is_offered(ours, town):
    director, area = ours.director, town.area
    own = director.created("focus_areas", {"name": "Of the co-partner"}).id
    beside, giver = director.partner().id, director.partner(lead_site_id=town.has).id
    program = director.created("programs", {"partner_id": beside, "name": "Arts", "setting": "in_school",
                                            "focus_area_id": own}).id
    before = town.cells()[1]
    director.created("partnership_partners", {
        "partnership_id": town.partnership, "partner_id": director.partner().id, "role": "provider"})
    director.created("partnership_partners", {
        "partnership_id": town.partnership, "partner_id": director.partner().id, "role": "funder"})
    director.created("partnership_partners", {
        "partnership_id": town.partnership, "partner_id": beside, "program_id": program})
    offer = {"partner_id": giver, "kind": "money", "focus_area_id": area, "quantity": 5}
    for reach, until in (("one_school", None), ("nearby", None), ("district", None), ("district", "2026-11-20")):
        director.created("offers", {"name": "O", **offer, "reach": reach, "until_date": until})
    director.created("offers", {"name": "Nothing left", **offer, "quantity": 0})
    after = town.cells()[1]
    assert after["Has"]["partners"] == before["Has"]["partners"] + 1, "who only pays does not work there"
    assert after["Has"]["partnerships"] == before["Has"]["partnerships"]
    assert {name: cell["offers"] for name, cell in after.items()} == {"Has": 3, "Lacks": 2}
    assert town.cells(level="network")[1]["Town"]["offers"] == 3
    [mine] = [one for one in town.cells()[0]["cells"] if one["focus_area_id"] == own]
    assert (mine["place_name"], mine["partners"]) == ("Has", 1)
    coming = director.created("priorities", {
        "school_year": 2028, "statement": "Read on", "focus_area_id": area, "site_id": town.lacks})
    assert town.cells()[1]["Lacks"]["next_priorities"] == before["Lacks"]["next_priorities"] + 1, coming


@pytest.mark.shows("needs.gaps_of_the_year")
def test_a_year_that_is_over_keeps_what_was_closed_and_a_draft_counts_only_ahead(ours, town):
    director = ours.director
    for year in (2026, 2027, 2028):
        for status in ("draft", "adopted", "closed"):
            area = director.created("focus_areas", {"name": f"{status} {year}"}).id
            one = director.created("priorities", {
                "school_year": year, "statement": "S", "site_id": town.has, "focus_area_id": area}).id
            if status != "draft":
                did(director, "priorities", one, "adopt")
            if status == "closed":
                did(director, "priorities", one, "close", reason="Done")

    def wanted(year):
        return {one["focus_area_name"] for one in town.cells(school_year=year)[0]["cells"]
                if one["priorities"] and one["focus_area_name"].endswith(f" {year}")}

    assert wanted(2026) == {"adopted 2026", "closed 2026"}
    assert wanted(2027) == {"adopted 2027"}
    assert wanted(2028) == {"draft 2028", "adopted 2028"}


@pytest.mark.shows("needs.gaps_inherited")
def test_what_the_district_or_a_network_wants_is_wanted_of_each_school_below(ours, town):
    director = ours.director
    elsewhere = director.created("networks", {"name": "Elsewhere"}).id
    outside = director.site(name="Outside", network_id=elsewhere).id
    office = director.site(name="Buses", kind="department").id
    wanted = director.created("focus_areas", {"name": "Wanted everywhere"}).id
    for place in ({}, {"network_id": town.network}):
        for area in (wanted, town.area):
            director.created("priorities", {
                "school_year": 2029, "statement": "All", "focus_area_id": area, **place})

    def seen(area=wanted, **query):
        told = ours.viewer.get("/v1/gaps", {"school_year": 2029, **query}).json["cells"]
        return {one["place_id"]: (one["priorities"], one["is_gap"]) for one in told
                if one["focus_area_id"] == area}

    sites = seen()
    assert (sites[town.has], sites[town.lacks], sites[outside]) == ((2, True), (2, True), (1, True))
    assert office not in sites
    assert seen(town.area)[town.has] == (2, False), "somebody works on it there"
    assert seen(site_id=outside) == {outside: (1, True)}
    assert seen(network_id=elsewhere) == {outside: (1, True)}
    networks = seen(level="network")
    assert (networks[town.network], networks[elsewhere]) == ((2, True), (1, True))
    assert seen(level="district") == {ours.id: (2, True)}, "each counts once"


# ---- A big district ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big(theirs, database):
    """5,000 partners with a program each, 1,800 sites with a need and a partnership each."""
    area = theirs.director.created("focus_areas", {"name": "Everywhere"}).id
    at = {"district": theirs.id, "area": area}
    with database.connect("kith_migrate") as connection:
        for text in (
            "INSERT INTO site (district_id, id, name, kind, created_at, updated_at) SELECT "
            "%(district)s, uuid7(), 'Site ' || n, 'school', now(), now() "
            "FROM generate_series(1, 1800) n",
            "INSERT INTO partner (district_id, id, name, kind, created_at, updated_at) SELECT "
            "%(district)s, uuid7(), 'Partner ' || n, 'civic', now(), now() "
            "FROM generate_series(1, 5000) n",
            "INSERT INTO program (district_id, id, partner_id, name, focus_area_id, created_at, "
            "updated_at) SELECT district_id, uuid7(), id, 'Program', %(area)s, now(), now() "
            "FROM partner WHERE district_id = %(district)s",
            "INSERT INTO need (district_id, id, title, site_id, focus_area_id, needed_by, status, "
            "opened_at, created_at, updated_at) SELECT district_id, uuid7(), 'Need', id, %(area)s, "
            "'2027-06-30', 'open', now(), now(), now() FROM site WHERE district_id = %(district)s",
            "INSERT INTO partnership (district_id, id, partner_id, name, arrangement, focus_area_id, "
            "lead_site_id, status, created_at, updated_at) SELECT p.district_id, uuid7(), p.id, 'P', "
            "'program', %(area)s, s.id, 'active', now(), now() FROM (SELECT *, row_number() OVER "
            "(ORDER BY id) AS n FROM partner WHERE district_id = %(district)s) p JOIN (SELECT *, "
            "row_number() OVER (ORDER BY id) AS n FROM site WHERE district_id = %(district)s) s "
            "USING (n)",
        ):
            connection.execute(text, at)
    return theirs


def test_a_big_district_has_its_matches_and_gaps(big):
    """However many there are, none is answered with a deadline that is over."""
    need = big.viewer.get("/v1/needs?sort=-needed_by&limit=1").json["data"][0]["id"]
    partner = big.viewer.get("/v1/partners?limit=1").json["data"][0]["id"]
    for path in (f"/v1/needs/{need}/matches", f"/v1/partners/{partner}/matches", "/v1/gaps",
                 "/v1/gaps?level=district", "/v1/network_map"):
        answer = big.viewer.get(path)
        assert answer.status == 200, (path, answer)
        assert any(answer.json.get(name) for name in ("matches", "needs", "cells", "edges"))


@pytest.mark.shows("needs.matches")
def test_an_offer_of_what_is_needed_matches_while_some_of_it_is_left(ours):
    area = ours.director.created("focus_areas", {"name": "Offered"}).id
    need = open_need(ours, focus_area_id=area, resource_kinds=["money"], quantity=4)
    partner = ours.director.partner().id
    for name, kind, quantity in (("Cash", "money", 2), ("Food", "food", 9), ("None", "money", 0)):
        ours.director.created("offers", {
            "name": name, "partner_id": partner, "kind": kind, "quantity": quantity})
    found = ours.viewer.get(f"/v1/needs/{need}/matches", {"kind": "offer"}).json["matches"]
    assert [one["name"] for one in found] == ["Cash"]
    said = factors(found[0])
    assert (said["resources"]["value"], said["capacity"]["value"]) == ("1.0000", "0.5000")
