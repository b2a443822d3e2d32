"""What else the dashboard tells: what changed, what is aimed at, who works for whom, and what comes first."""

import pytest
from test_api_dashboard import ask, indicator, work
from test_api_events import ready, redis  # noqa: F401  (redis is a fixture)
from api_world import Tenant, running_api
from releasing import released

MONTHS = ("2026-08-01", "2026-09-01", "2026-10-01")
SHOWN = 200  # campuses of a document, at most


class Office:
    """Two networks; in the first two schools, in the other one. A bank works at the first school, for reading, and has a
    museum with it; a college worked at the second, and has ended."""

    def __init__(self, tenant, connection):
        self.tenant, self.connection = tenant, connection
        connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
        created = tenant.admin.created
        self.reading, self.arts, self.stem = (created("focus_areas", {"name": name}).id for name in ("Reading", "Arts", "STEM"))
        self.north, self.south = (created("networks", {"name": name}).id for name in ("North", "South"))
        self.sites = [tenant.admin.site(name=name, network_id=network).id
                      for name, network in (("A", self.north), ("B", self.north), ("C", self.south))]
        for site, enrollment in zip(self.sites, (200, 100, 400)):
            created("site_years", {"site_id": site, "school_year": 2026, "enrollment": enrollment})
        self.bank, self.museum, self.college = (
            tenant.admin.partner(name=name, kind=kind).id
            for name, kind in (("Bank", "business"), ("Museum", "nonprofit"), ("College", "higher_ed")))
        self.lessons = created("programs", {"partner_id": self.bank, "name": "Lessons", "focus_area_id": self.reading}).id
        self.tutoring = self.partnership(self.bank, None, self.sites[0], program=self.lessons)
        created("partnership_partners", {
            "partnership_id": self.tutoring, "partner_id": self.museum, "role": "co_partner"})
        self.lab = self.partnership(self.college, self.arts, self.sites[1], "ended", "2026-10-15")
        self.exploring = self.partnership(self.museum, self.stem, self.sites[2], "exploring")
        for one, partner, site, cents in ((self.tutoring, None, self.sites[0], 100000),
                                          (self.tutoring, self.museum, self.sites[0], 40000),
                                          (self.lab, None, self.sites[1], 30000)):
            given = created("investments", {
                "partnership_id": one, "partner_id": partner, "site_id": site, "side": "partner", "kind": "cash",
                "amount_cents": cents, "from_date": "2026-09-01", "until_date": "2026-09-30"}).id
            assert tenant.admin.post(f"/v1/investments/{given}/deliver", {}).status == 200
        self.priority(2027, self.reading, site_id=self.sites[0])
        self.priority(2027, self.stem, site_id=self.sites[0])
        self.priority(2028, self.arts, site_id=self.sites[1])
        self.priority(2027, None, site_id=self.sites[1])  # of no focus area: nobody knows who works on it
        self.priority(2027, self.stem)
        self.families = self.indicator("families", "up")
        self.absent = self.indicator("absent", "down")
        for month, figures in zip(MONTHS, ((4, 6), (6, 5), (5, 3))):
            for one, figure in zip((self.families, self.absent), figures):
                self.observe(one, self.sites[0], month, figure)
        work(connection)

    def partnership(self, partner, focus, site, status="active", ended=None, program=None):
        one = self.tenant.admin.created("partnerships", {
            "name": "P", "partner_id": partner, "arrangement": "program", "focus_area_id": focus, "program_id": program,
            "starts_on": "2026-08-01"}).id
        self.tenant.admin.created("partnership_sites", {"partnership_id": one, "site_id": site})
        self.connection.execute("UPDATE partnership SET status = %s, ended_on = %s WHERE id = %s", (status, ended, one))
        return one

    def priority(self, year, focus, **fields):
        one = self.tenant.admin.created("priorities", {
            "school_year": year, "statement": "More of it", "focus_area_id": focus, **fields})
        if year == 2027:
            assert self.tenant.admin.post(f"/v1/priorities/{one.id}/adopt", {}, If_Match=one.etag).status == 200
        return one.id

    def indicator(self, code, direction):
        return self.tenant.admin.created("indicators", {
            "code": code, "name": code, "family": "family", "unit": "count", "aggregation": "sum", "periods": ["month"],
            "direction": direction, "suppression": "none"}).id

    def observe(self, one, site, month, numerator):
        self.tenant.data_steward.created("observations", {
            "indicator_id": one, "site_id": site, "school_year": 2027, "period_kind": "month", "period_start": month,
            "numerator": str(numerator)})


@pytest.fixture(scope="module")
def office(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Office(ours, connection)


def scope_of(kind, one):
    return f"{kind}:{one}"


@pytest.mark.shows("kpis.dashboard_changes")
def test_a_tile_tells_what_changed_and_for_whom(ours, office):
    answer = ask(ours.viewer, f"site:{office.sites[0]}")
    told = {code: [indicator(answer, code)[name] for name in ("change", "changed_for", "target", "meets_target")]
            for code in ("families", "absent")}
    assert told == {"families": ["-1.000000", "worse", None, None], "absent": ["-2.000000", "better", None, None]}
    assert {"families"} <= set(answer.json["summary"]["worse"]) and {"absent"} <= set(answer.json["summary"]["better"])


def test_no_change_is_told_of_a_period_that_goes_on(ours, office):
    """The day is November 21."""
    for figure, changed in ((9, None),):
        office.observe(office.families, office.sites[1], "2026-10-01", 7)
        office.observe(office.families, office.sites[1], "2026-11-01", figure)
        work(office.connection)
        found = indicator(ask(ours.viewer, f"site:{office.sites[1]}"), "families")
        assert [found[name] for name in ("change", "changed_for")] == [changed, None]


@pytest.mark.shows("kpis.dashboard_targets")
def test_a_target_is_that_of_the_places_own_priority(ours, office):
    scope = f"site:{office.sites[0]}"
    goal = ours.admin.created("goals", {
        "partnership_id": office.tutoring, "statement": "More", "indicator_id": office.families, "target": "9",
        "due_on": "2027-06-30"})
    found = indicator(ask(ours.viewer, scope), "families")
    assert [found[name] for name in ("target", "target_of", "meets_target")] == ["9.000000", "goal", False]
    wanted = ours.admin.created("priorities", {
        "school_year": 2027, "statement": "Enough", "site_id": office.sites[0], "indicator_id": office.families,
        "target": "5"})
    assert indicator(ask(ours.viewer, scope), "families")["target_of"] == "goal", "a draft counts for nothing"
    assert ours.admin.post(f"/v1/priorities/{wanted.id}/adopt", {}, If_Match=wanted.etag).status == 200
    answer = ask(ours.viewer, scope)
    found = indicator(answer, "families")
    assert [found[name] for name in ("target", "target_of", "meets_target")] == ["5.000000", "priority", True]
    assert answer.json["summary"]["target_met"] == ["families"]
    above = indicator(ask(ours.viewer, f"network:{office.north}"), "families")
    assert above["target_of"] == "goal", "another place's is not its own"
    for one in (f"/v1/goals/{goal.id}", f"/v1/priorities/{wanted.id}"):
        assert ours.admin.archive(one, ours.admin.get(one).etag).status == 204


@pytest.mark.shows("kpis.dashboard_links")
def test_what_stands_there_leads_on(ours, office):
    scope = f"site:{office.sites[0]}"
    answer = ask(ours.viewer, scope)
    links = answer.json["links"]
    assert ours.viewer.get(links["self"]).json == answer.json
    for name in ("balance", "gaps"):
        assert ours.viewer.get(links[name]).status == 200, name
    tile = indicator(answer, "families")
    rows = ours.viewer.get(tile["links"]["rollups"] + "&period_kind=month").json["data"]
    assert [(row["scope_id"], row["indicator_code"]) for row in rows] == [(office.sites[0], "families")] * 3
    assert ours.viewer.get(tile["links"]["indicator"]).json["code"] == "families"
    district = ask(ours.viewer, "district").json
    for place in district["equity"]["below"]:
        found = ours.viewer.get(place["link"]).json
        assert (found["scope_id"], found["equity"]["here"]) == (place["scope_id"], {**place, "name": None})


@pytest.mark.shows("kpis.equity")
def test_equity_is_for_each_hundred_students(ours, office):
    equity = ask(ours.viewer, f"network:{office.north}").json["equity"]
    here = equity["here"]
    assert (here["students"], here["partners"], here["value_cents"]) == (300, 3, 170000)
    assert (here["partners_per_100_students"], here["value_cents_per_100_students"]) == ("1.00", "56666.67")
    assert (equity["district"]["students"], equity["district"]["partners_per_100_students"]) == (700, "0.43")
    assert [(one["name"], one["partners"], one["partners_per_100_students"]) for one in equity["below"]] == [
        ("A", 2, "1.00"), ("B", 1, "1.00")]
    district = ask(ours.viewer, "district").json["equity"]
    assert district["district"] is None
    assert [(one["name"], one["partners"]) for one in district["below"]] == [("South", 0), ("North", 3)], "the fewest first"
    assert district["here"] == {**equity["district"], "link": district["here"]["link"]}
    assert ask(ours.viewer, f"partner:{office.bank}").json["equity"] is None, "no place"


@pytest.mark.shows("kpis.equity_hides")
def test_who_was_reached_is_hidden_where_it_is_hidden(theirs, database):
    with database.connect("kith_migrate") as connection:
        told = Office(theirs, connection)
        reach = {one["code"]: one["id"] for one in theirs.admin.get("/v1/indicators", {"limit": 200}).json["data"]}["reach"]
        for site, people in zip(told.sites, (40, 4, 60)):
            theirs.data_steward.created("observations", {
                "indicator_id": reach, "site_id": site, "school_year": 2027, "period_kind": "school_year",
                "period_start": "2026-07-01", "numerator": str(people), "cohort": "all"})
        work(connection)
        released(theirs.admin, 2027)
    below = {one["name"]: one for one in ask(theirs.viewer, f"network:{told.north}").json["equity"]["below"]}
    for name in ("A", "B"):  # one for its own sake, one for the other's
        assert (below[name]["people"], below[name]["is_suppressed"], below[name]["people_per_100_students"]) == (None, True, None)


@pytest.mark.shows("kpis.portfolio")
def test_the_portfolio_is_told_by_kind_focus_and_campus_against_what_is_wanted(ours, office):
    portfolio = ask(ours.viewer, "district").json["portfolio"]
    assert [portfolio[name] for name in ("partners", "partnerships", "sites")] == [3, 2, 2], "what ended in the year ran in it"
    assert sorted((one["kind"], one["partners"], one["partnerships"], one["value_cents"]) for one in portfolio["by_kind"]) == [
        ("business", 1, 1, 100000), ("higher_ed", 1, 1, 30000), ("nonprofit", 1, 1, 40000)]
    focus = [(one["focus_area_name"], one["partnerships"], one["value_cents"], one["priorities"], one["next_priorities"],
              one["is_gap"], one["is_next_gap"]) for one in portfolio["by_focus_area"]]
    assert focus == [("STEM", 0, 0, 2, 0, True, False), ("Arts", 1, 30000, 0, 1, False, False),
                     ("Reading", 1, 140000, 1, 0, False, False)]
    sites = [(one["site_name"], one["students"], one["partners"], one["partnerships"], one["value_cents"],
              one["priorities"], one["next_priorities"], one["unmet_priorities"]) for one in portfolio["by_site"]]
    assert sites == [("A", 200, 2, 1, 140000, 2, 0, 1), ("B", 100, 1, 1, 30000, 1, 1, 0)]
    assert portfolio["more_sites"] == 0


@pytest.mark.parametrize("kind, of, told", [
    ("network", "north", (3, 2, 2, 170000, 3)), ("network", "south", (0, 0, 0, 0, 1)), ("site", 0, (2, 1, 1, 140000, 3)),
    ("site", 1, (1, 1, 1, 30000, 1)), ("partner", "bank", (2, 1, 1, 100000, 0)), ("partnership", "lab", (1, 1, 1, 30000, 0)),
    ("partnership", "exploring", (0, 0, 0, 0, 0)), ("program", "lessons", (2, 1, 1, 140000, 0)),
    ("focus_area", "arts", (1, 1, 1, 30000, 0)), ("kind", "business", (2, 1, 1, 140000, 0)), ("kind", "civic", (0, 0, 0, 0, 0))])
def test_each_scope_has_its_own_portfolio(ours, office, kind, of, told):
    one = office.sites[of] if kind == "site" else getattr(office, of, of)
    portfolio = ask(ours.viewer, f"{kind}:{one}").json["portfolio"]
    assert (*(portfolio[name] for name in ("partners", "partnerships", "sites")),
            sum(row["value_cents"] for row in portfolio["by_kind"]),
            sum(row["priorities"] for row in portfolio["by_focus_area"])) == told


@pytest.mark.shows("kpis.groups")
@pytest.mark.parametrize("kind, of, name, cents", [
    ("program", "lessons", "Lessons", "140000"), ("focus_area", "reading", "Reading", "140000"),
    ("kind", "business", "business", "100000"), ("kind", "nonprofit", "nonprofit", "40000")])
def test_programs_focus_areas_and_kinds_of_partners_have_figures_and_a_dashboard(ours, office, kind, of, name, cents):
    """A kind of partner is named as partners have it; its figures are of who gave, its balance as well."""
    found = ask(ours.viewer, f"{kind}:{getattr(office, of, of)}").json
    assert (found["scope_kind"], found["name"], found["outputs"]["value_partner_cents"]) == (kind, name, cents)
    assert found["links"]["self"] == f"/v1/dashboard?scope={kind}:{getattr(office, of, of)}&school_year=2027&period=month"
    rollups = ours.viewer.get(indicator(ask(ours.viewer, f"{kind}:{getattr(office, of, of)}"), "value_partner")["links"]["rollups"])
    assert {one["partner_kind"] for one in rollups.json["data"]} == {of if kind == "kind" else None}
    assert {one["scope_id"] for one in rollups.json["data"]} == {found["scope_id"]}
    balance = ours.viewer.get(found["links"]["balance"])
    assert balance.status == 200, balance
    balance = balance.json
    assert (str(balance["partner_cents"]), balance["scope_id"]) == (cents, found["scope_id"])


@pytest.mark.shows("kpis.summary")
def test_the_summary_says_what_the_rest_says(ours, office):
    for scope in ("district", f"network:{office.north}", f"partner:{office.bank}", f"partnership:{office.tutoring}"):
        found = ask(ours.viewer, scope).json
        summary = found["summary"]
        for name in ("partners", "partnerships", "sites"):
            assert summary[name] == found["portfolio"][name]
        for name in ("people", "people_sessions", "sessions", "hours", "value_partner_cents", "value_district_cents"):
            assert summary[name] == found["outputs"][name]
        assert summary["balance"] is None, "the district has given nothing yet"
        assert sum(one["count"] for one in summary["goals"]) == len(found["goals"])


def test_no_more_campuses_than_a_document_shows(theirs, database):
    """At the limit, and one above."""
    with database.connect("kith_migrate") as connection:
        partner = theirs.admin.partner(name="Everywhere").id
        one = theirs.admin.created("partnerships", {
            "name": "P", "partner_id": partner, "arrangement": "program", "starts_on": "2026-08-01"}).id
        connection.execute("UPDATE partnership SET status = 'active' WHERE id = %s", (one,))
        network = theirs.admin.created("networks", {"name": "Wide"}).id
        for many, shown, more in ((SHOWN, SHOWN, 0), (1, SHOWN, 1)):
            connection.execute(
                "WITH made AS (INSERT INTO site (district_id, id, name, kind, network_id, created_at, updated_at) "
                "SELECT %(d)s, gen_random_uuid(), 'S' || n, 'school', %(n)s, now(), now() "
                "FROM generate_series(1, %(many)s) n RETURNING id) "
                "INSERT INTO partnership_site (district_id, id, partnership_id, site_id, created_at, updated_at) "
                "SELECT %(d)s, gen_random_uuid(), %(p)s, id, now(), now() FROM made",
                {"d": theirs.id, "many": many, "p": one, "n": network})
            connection.commit()
            found = ask(theirs.viewer, f"network:{network}").json
            assert (len(found["portfolio"]["by_site"]), found["portfolio"]["more_sites"]) == (shown, more)
            assert (len(found["equity"]["below"]), found["equity"]["more_below"]) == (shown, more)


@pytest.mark.shows("kpis.dashboard_told")
def test_whoever_listens_is_told_that_figures_are_others(database, redis):  # noqa: F811
    with running_api(database, KITH_REDIS_URL=redis.uri, KITH_API_CHILDREN=1) as api, \
            database.connect("kith_migrate") as connection:
        tenant = Tenant(api, database)
        office = Office(tenant, connection)
        scope = f"site:{office.sites[0]}"
        known = ask(tenant.viewer, scope).etag
        with ready(tenant.viewer) as stream:
            office.observe(office.families, office.sites[0], "2026-07-01", 3)
            office.observe(office.families, office.sites[1], "2026-07-01", 3)
            work(connection)
            event = stream.about(f"indicator/{office.families}")
        assert event["event"] == "org.kith.rollup.published.v1"
        assert event["data"]["data"] == {"indicator": office.families, "code": "families", "school_year": 2027}
        assert ask(tenant.viewer, scope).etag != known
        told = "SELECT count(*) FROM outbox WHERE district_id = %s AND aggregatetype = 'rollup'"
        before = connection.execute(told, (tenant.id,)).fetchone()
        office.observe(office.families, office.sites[0], "2026-07-01", 4)
        office.observe(office.families, office.sites[0], "2026-08-01", 9)
        work(connection)
        assert connection.execute(told, (tenant.id,)).fetchone() == (before[0] + 1,), "one for all of them"


@pytest.mark.shows("kpis.summary")
def test_how_many_goals_there_are_beyond_those_that_are_shown(theirs):
    """Each once, whoever shares it; those that are dropped or were due before the year are not."""
    created = theirs.admin.created
    site, partner = theirs.admin.site().id, theirs.admin.partner().id
    first, second = (created("partnerships", {"name": name, "partner_id": partner, "arrangement": "program"}).id for name in "AB")
    created("partnership_sites", {"partnership_id": first, "site_id": site})

    def goals(many, **fields):
        return [created("goals", {"partnership_id": first, "statement": "Read", "due_on": "2027-06-30", **fields}).id
                for _ in range(many)]

    def more(*scopes):
        return [ask(theirs.viewer, scope).json["more_goals"] for scope in scopes]

    before, = more("district")
    scopes = (f"partner:{partner}", f"partnership:{first}", f"site:{site}", f"partnership:{second}")
    shared, *_ = goals(50)
    assert more(*scopes) == [0] * 4
    created("goal_partnerships", {"goal_id": shared, "partnership_id": second})
    goals(3, due_on="2027-08-01")
    goals(1, due_on="2026-06-30")
    goals(1, progress="dropped")
    assert more(*scopes) == [3, 3, 3, 0] and more("district")[0] >= before + 3
    assert len(ask(theirs.viewer, "district").json["goals"]) == 50
    report = theirs.executive.created("reports", {"name": "R", "parts": ["summary"], "partnership_id": first}).id
    text = theirs.viewer.call("GET", f"/v1/reports/{report}/csv").reply.body.decode()
    assert "goals_standing,more_goals,goals,count,3," in text
