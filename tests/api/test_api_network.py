"""The network map: who works where, as a graph."""

import random

import pytest
from needing import staged
from partnering import put

TODAY = "2026-11-21"


class Map:
    """Two networks of schools: A, B and C are joined by partners of partnerships and programs, D has nobody."""

    def __init__(self, tenant, connection):
        director = self.director = tenant.director
        self.connection = connection
        self.viewer = tenant.viewer
        self.north, self.south = (director.created("networks", {"name": n}).id for n in ("North", "South"))
        places = {"A": self.north, "B": self.north, "C": self.south, "D": self.south}
        self.site = {n: director.site(name=n, network_id=network).id for n, network in places.items()}
        self.partner = {n: director.partner(name=n).id for n in ("Bank", "Club", "Mill", "Alone", "New")}
        self.area = director.created("focus_areas", {"name": "Mapped"}).id
        shared = self.partnership("Bank", "A", focus_area_id=self.area)
        self.link(shared, "A"), self.link(shared, "B")
        director.created("partnership_partners", {
            "partnership_id": shared, "partner_id": self.partner["Club"], "role": "co_partner"})
        self.partnership("Bank", "A")
        self.link(self.partnership("Mill", "C"), "D", until_date="2026-11-20")
        self.partnership("Club", "D", status="ended")
        program = director.created("programs", {
            "name": "Chess", "partner_id": self.partner["Club"], "focus_area_id": self.area}).id
        director.created("program_sites", {"program_id": program, "site_id": self.site["C"]})
        staged(tenant, self.partner["Alone"], "approved")

    def partnership(self, partner, site, status="active", **fields):
        one = self.director.created("partnerships", {
            "name": partner, "partner_id": self.partner[partner], "arrangement": "program",
            "lead_site_id": self.site[site], "purpose": "Read", **fields}).id
        put(self.connection, "partnership", one, status)
        return one

    def link(self, partnership, site, **fields):
        self.director.created("partnership_sites", {
            "partnership_id": partnership, "site_id": self.site[site], **fields})

    def asked(self, **query):
        answer = self.viewer.get("/v1/network_map", query)
        assert answer.status == 200, answer
        told = answer.json
        names = {one["id"]: one["name"] for one in told["nodes"]}
        ties = {(names[e["partner_id"]], names[e["site_id"]]): (e["partnerships"], e["programs"])
                for e in told["edges"]}
        return told, ties, {one["name"]: one for one in told["nodes"]}


@pytest.fixture(scope="module")
def town(theirs, database):
    with database.connect("kith_migrate") as connection:
        yield Map(theirs, connection)


@pytest.mark.shows("network.map", "network.figures")
def test_partners_and_sites_are_joined_by_what_runs_today(town):
    told, ties, nodes = town.asked()
    assert ties == {("Bank", "A"): (2, 0), ("Bank", "B"): (1, 0), ("Club", "A"): (1, 0),
                    ("Club", "B"): (1, 0), ("Club", "C"): (0, 1), ("Mill", "C"): (1, 0)}
    assert {name: one["degree"] for name, one in nodes.items()} == {
        "Bank": 2, "Club": 3, "Mill": 1, "Alone": 0, "A": 2, "B": 2, "C": 2, "D": 0}
    assert {one["component"] for name, one in nodes.items() if name not in "Alone D"} == {1}
    assert nodes["Alone"]["component"] is nodes["D"]["component"] is None
    figures = {n: told[n] for n in told if n not in ("nodes", "edges")}
    assert figures == {
        "as_of": TODAY, "partners": 4, "sites": 4, "ties": 6, "components": 1, "largest_component": 6,
        "isolated_partners": 1, "isolated_sites": 1, "has_more": False}
    assert told["nodes"][0]["name"] == "Club", "the best joined comes first"


@pytest.mark.shows("network.map")
def test_a_map_of_a_network_a_site_a_partner_and_a_focus_area(town):
    told, ties, nodes = town.asked(network_id=town.south)
    assert (set(ties), set(nodes)) == ({("Club", "C"), ("Mill", "C")}, {"Club", "Mill", "C", "D"})
    assert (told["isolated_partners"], told["isolated_sites"]) == (0, 1)
    _, ties, nodes = town.asked(site_id=town.site["C"])
    assert set(nodes) == {"C", "Club", "Mill", "A", "B"}, "and where else they work"
    assert ("Bank", "A") not in ties
    assert set(town.asked(partner_id=town.partner["Mill"])[2]) == {"Mill", "C", "Club"}
    assert set(town.asked(partner_id=town.partner["Alone"])[2]) == {"Alone"}
    told, ties, _ = town.asked(focus_area_id=town.area)
    assert ("Mill", "C") not in ties and ties["Bank", "A"] == (1, 0)
    assert told["isolated_partners"] == 2
    assert town.viewer.get("/v1/network_map", {"network_id": "x"}).status == 400
    assert town.viewer.get("/v1/network_map", {"level": "site"}).status == 400


def test_components_are_those_that_a_search_finds(database):
    numbers = random.Random(7)
    with database.connect("kith_migrate") as connection:
        for nodes, edges in ((1, 0), (2, 1), (40, 20), (60, 55), (300, 280)):
            pairs = [(numbers.randint(1, nodes), numbers.randint(1, nodes)) for _ in range(edges)]
            told = connection.execute(
                "SELECT network_components(%s, %s::integer[], %s::integer[])",
                (nodes, [a for a, _ in pairs], [b for _, b in pairs])).fetchone()[0]
            near = {n: set() for n in range(1, nodes + 1)}
            for a, b in pairs:
                near[a].add(b)
                near[b].add(a)
            found, lowest = {}, []
            for start in near:
                waiting = [start]
                while waiting:
                    node = waiting.pop()
                    if node not in found:
                        found[node] = start
                        waiting += near[node]
                lowest.append(found[start])
            assert told == lowest
