"""The dashboard: one document of a scope, with nothing in it that is hidden elsewhere."""

import json
import re

import pytest
from api_world import Tenant, running_api
from operations import Subjects
from plans import plans, scans  # noqa: F401  (plans is a fixture)

from releasing import released
from world import roll_up, uuid7

QUERY = {"scope": "district", "school_year": 2027}
MONTHS = ("2026-08-01", "2026-09-01", "2026-10-01")


def work(connection):
    while roll_up(connection):
        pass


class Story:
    """Two schools of a network, one of them with a partnership; figures of three months."""

    def __init__(self, tenant, connection):
        self.tenant = tenant
        connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
        listed = tenant.admin.get("/v1/indicators", {"limit": 200}).json["data"]
        self.indicators = {one["code"]: one["id"] for one in listed}
        created = tenant.admin.created
        self.network = created("networks", {"name": "North"}).id
        self.sites = [tenant.admin.site(name=f"S{n}", network_id=self.network).id for n in range(3)]
        self.partner = tenant.admin.partner(name="Y").id
        self.partnership = created("partnerships", {
            "name": "Reading", "partner_id": self.partner, "arrangement": "program"}).id
        created("partnership_sites", {"partnership_id": self.partnership, "site_id": self.sites[0]})
        for month, share in zip(MONTHS, (20, 24, 28)):
            for site, people in zip(self.sites, (40, 50, 9)):
                self.observe("engagement", site, month, min(share, people), people)
            for cohort, counts in (("served", (12, 16)), ("not_served", (10, 24))):
                self.observe("engagement", self.sites[0], month, *counts, cohort=cohort)
            self.observe("reach", self.sites[0], month, 15, cohort="served", partnership=self.partnership)
            self.observe("sessions", self.sites[0], month, 4, cohort="served",
                         partnership=self.partnership)
            self.observe("engagement", self.sites[0], month, 12, 16, cohort="served",
                         partnership=self.partnership)
        connection.execute(
            "INSERT INTO investment (district_id, id, partnership_id, side, kind, status, amount_cents, "
            "from_date, until_date, created_at, updated_at) VALUES (%s, %s, %s, 'partner', 'cash', "
            "'delivered', 400000, '2026-09-01', '2026-09-30', now(), now()), "
            "(%s, %s, %s, 'district', 'cash', 'delivered', 100000, '2026-09-01', '2026-09-30', now(), now())",
            (tenant.id, uuid7(), self.partnership, tenant.id, uuid7(), self.partnership))
        work(connection)
        released(tenant.admin, 2027)

    def observe(self, code, site, start, numerator, denominator=None, cohort="all", partnership=None, kind="month"):
        self.tenant.data_steward.created("observations", {
            "indicator_id": self.indicators[code], "site_id": site, "school_year": 2027,
            "period_kind": kind, "period_start": start, "numerator": str(numerator),
            "denominator": None if denominator is None else str(denominator), "cohort": cohort,
            "partnership_id": partnership})

    def goal(self, **fields):
        return self.tenant.admin.created("goals", {
            "partnership_id": self.partnership, "statement": "More take part",
            "indicator_id": self.indicators["engagement"], "due_on": "2027-06-30", **fields}).id


@pytest.fixture(scope="module")
def story(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Story(ours, connection)


def ask(caller, scope, **parameters):
    answer = caller.get("/v1/dashboard", {**QUERY, "scope": scope, **parameters})
    assert answer.status == 200, answer
    return answer


def indicator(answer, code):
    (found,) = [one for one in answer.json["indicators"] if one["code"] == code]
    return found


def test_a_site_tells_served_against_not_served_and_where_it_comes_from(ours, story):
    answer = ask(ours.viewer, f"site:{story.sites[0]}")
    assert (answer.json["scope_kind"], answer.json["name"], answer.json["period"]) == ("site", "S0", "month")
    found = indicator(answer, "engagement")
    assert found["all"]["period_start"] == MONTHS[-1]
    assert [point["period_start"] for point in found["trend"]] == list(MONTHS)
    assert {point["is_suppressed"] for point in found["trend"]} == {True}, "S2 has 9, this is the next"
    assert found["all"]["value"] is None and found["served"]["is_suppressed"]
    network = indicator(ask(ours.viewer, f"network:{story.network}"), "engagement")
    assert network["all"]["value"] == f"{(28 + 28 + 9) / 99:.4f}"
    assert network["all"]["denominator"] == "99.000000"
    told = ("missing", "weighted", "is_summed")
    assert [network["all"][name] for name in told] == [0, 0, True], "who moved between sites counts at each"
    assert [found["all"][name] for name in told] == [None, None, False]


def test_no_suppressed_cell_has_a_number(ours, story):
    for scope in ("district", f"site:{story.sites[2]}", f"partner:{story.partner}"):
        for one in ask(ours.admin, scope).json["indicators"]:
            for cohort in ("all", "served", "not_served", "schools_where_it_works"):
                cell = one[cohort]
                if cell and cell["is_suppressed"]:
                    assert [cell[name] for name in ("value", "denominator", "missing", "weighted")] == [None] * 4


def test_outputs_are_per_dollar_and_hour_and_attendance_never_is(ours, story):
    """Fifteen came in each of three months: that may be the same ones."""
    answer = ask(ours.viewer, f"partnership:{story.partnership}")
    given = {"people": None, "people_sessions": "45.000000", "people_is_suppressed": False, "sessions": "12.000000", "hours": None,
             "value_partner_cents": "400000", "value_district_cents": "100000",
             "people_per_1000_dollars": None, "people_sessions_per_1000_dollars": "9.00",
             "sessions_per_1000_dollars": "2.40", "hours_per_1000_dollars": None, "people_per_hour": None}
    assert answer.json["outputs"] == given
    assert "engagement" not in json.dumps(answer.json["outputs"])
    year = ask(ours.viewer, f"partnership:{story.partnership}", period="school_year")
    assert [indicator(one, "reach")["served"]["unit"] for one in (answer, year)] == ["people", "sessions"]


@pytest.mark.shows("partnerships.people_or_sessions")
def test_people_are_told_where_the_source_says_how_many_they_were(theirs, database):
    with database.connect("kith_migrate") as connection:
        told = Story(theirs, connection)
        told.observe("reach", told.sites[0], "2026-07-01", 15, cohort="served", partnership=told.partnership,
                     kind="school_year")
        work(connection)
    released(theirs.admin, 2027)
    year = ask(theirs.viewer, f"partnership:{told.partnership}", period="school_year")
    assert indicator(year, "reach")["served"]["unit"] == "people"
    outputs = year.json["outputs"]
    assert (outputs["people"], outputs["people_per_1000_dollars"], outputs["people_sessions"]) == (
        "15.000000", "3.00", None)


def test_partnerships_by_status(ours, story):
    for scope in (f"partner:{story.partner}", f"site:{story.sites[0]}", f"network:{story.network}",
                  f"partnership:{story.partnership}"):
        assert ask(ours.viewer, scope).json["partnerships"] == [{"status": "exploring", "count": 1}]
    assert ask(ours.viewer, f"site:{story.sites[1]}").json["partnerships"] == []


@pytest.mark.parametrize("fields, computed", [
    ({"baseline": "0.5", "target": "0.75", "baseline_on": "2026-07-01"}, "met"),
    ({"baseline": "0.5", "target": "0.9", "baseline_on": "2026-07-01"}, "on_track"),
    ({"baseline": "0.5", "target": "0.9", "baseline_on": "2025-12-01", "due_on": "2027-03-23"}, "at_risk"),
    ({"baseline": "0.9", "target": "1", "baseline_on": "2026-07-01"}, "behind"),
    ({"baseline": "0.5", "target": "0.9", "baseline_on": "2026-07-01", "due_on": "2026-11-01"}, "missed"),
    ({"baseline": "0.5", "target": "0.9", "baseline_on": "2026-12-01"}, "not_started"),
    ({"baseline": "0.5", "target": "0.9", "baseline_on": "2026-11-15"}, "no_data"),
    ({"target": None}, "no_data"),
    ({"baseline": "0.8", "target": "0.75", "direction": "down", "baseline_on": "2026-07-01"}, "met")])
def test_a_goal_by_its_line(ours, story, fields, computed):
    """What is observed on October 31: 12 of 16; the day is November 21."""
    one = story.goal(**fields)
    answer = ask(ours.viewer, f"partnership:{story.partnership}")
    (goal,) = [goal for goal in answer.json["goals"] if goal["id"] == one]
    assert (goal["value"], goal["value_on"]) == ("0.7500", "2026-10-31")
    assert (goal["computed_progress"], goal["progress"]) == (computed, "not_started")
    shown = ours.admin.get(f"/v1/goals/{one}")
    ours.admin.archive(f"/v1/goals/{one}", shown.etag)


@pytest.mark.shows("partnerships.shared_goals_measured")
def test_a_shared_goal_is_measured_by_all_that_share_it(theirs, database):
    created, partner = theirs.director.created, theirs.director.partner().id
    sites = [theirs.director.site().id for _ in range(2)]
    both = [created("partnerships", {"name": name, "partner_id": partner, "arrangement": "program"}).id for name in "AB"]
    for one, site in ((both[0], sites[0]), (both[1], sites[0]), (both[1], sites[1])):
        created("partnership_sites", {"partnership_id": one, "site_id": site})

    def counts(code, aggregation, *rows):
        """A goal that is the first one's; each row is a partnership (None: the whole school), a site, and its counts."""
        measured = theirs.admin.created("indicators", {
            "code": code, "name": code, "family": "family", "unit": "count" if aggregation == "sum" else "percent",
            "aggregation": aggregation, "periods": ["month"], "suppression": "none"}).id
        for number, site, numerator, denominator in rows:
            theirs.data_steward.created("observations", {
                "indicator_id": measured, "site_id": sites[site], "school_year": 2027, "period_kind": "month",
                "period_start": "2026-10-01", "numerator": str(numerator), "denominator": denominator,
                "cohort": "all" if number is None else "served",
                "partnership_id": None if number is None else both[number]})
        return created("goals", {"partnership_id": both[0], "statement": code, "indicator_id": measured, "target": "0.5",
                                 "due_on": "2027-06-30"}).id

    rate = counts("families_came", "ratio_of_sums", (0, 0, 6, "10"), (1, 1, 2, "30"))
    total = counts("visits", "sum", (0, 0, 4, None), (1, 1, 5, None))
    whole = counts("families_at_school", "ratio_of_sums", (None, 0, 20, "40"), (None, 1, 10, "60"))
    with database.connect("kith_migrate") as connection:
        work(connection)
    goals = (rate, total, whole)

    def measured():
        return [float(theirs.viewer.get(f"/v1/goals/{one}").json["measured"]) for one in goals]

    assert measured() == [0.6, 4, 0.5]
    for one in goals:
        created("goal_partnerships", {"goal_id": one, "partnership_id": both[1]})
    assert measured() == [8 / 40, 9, 30 / 100], "a school where both work counts once"
    assert theirs.viewer.get(f"/v1/goals/{rate}").json["standing"] != "met"
    for scope in (f"partnership:{both[1]}", f"partner:{partner}"):
        told = [(goal["id"], float(goal["value"])) for goal in ask(theirs.viewer, scope).json["goals"]]
        assert sorted(told) == sorted(zip(goals, (0.2, 9, 0.3))), "each once"


def test_a_target_is_the_next_goals(ours, story):
    later, sooner = story.goal(target="0.9", due_on="2027-06-30"), story.goal(target="0.8", due_on="2027-01-31")
    found = indicator(ask(ours.viewer, f"partnership:{story.partnership}"), "engagement")
    assert found["target"] == "0.800000"
    for one in (later, sooner):
        ours.admin.archive(f"/v1/goals/{one}", ours.admin.get(f"/v1/goals/{one}").etag)


def test_what_has_not_changed_is_304(ours, story):
    first = ask(ours.viewer, "district")
    again = ours.viewer.get("/v1/dashboard", QUERY, If_None_Match=first.etag)
    assert (again.status, again.etag) == (304, first.etag)
    one = story.goal(target="0.9")
    changed = ours.viewer.get("/v1/dashboard", QUERY, If_None_Match=first.etag)
    assert changed.status == 200 and changed.etag != first.etag
    ours.admin.archive(f"/v1/goals/{one}", ours.admin.get(f"/v1/goals/{one}").etag)


@pytest.mark.parametrize("kind", ("network", "site", "partner", "partnership", "program", "focus_area"))
def test_another_tenants_scope_is_404(ours, theirs, kind):
    foreign = Subjects(theirs).fresh(kind + "s").id
    answer = ours.viewer.get("/v1/dashboard", {**QUERY, "scope": f"{kind}:{foreign}"})
    assert (answer.status, answer.type) == (404, "not_found"), answer


@pytest.mark.parametrize("change", (
    {"scope": None}, {"school_year": None}, {"scope": "site"}, {"scope": "site:x"}, {"scope": "program:" + "0" * 36},
    {"scope": ""}, {"scope": "district:"}, {"scope": "kind:"}, {"scope": "kind:club"}, {"scope": "kind"}, {"school_year": "1999"}, {"school_year": "2101"}, {"school_year": "x"},
    {"period": "week"}, {"q": "x"}))
def test_a_query_that_is_none_is_400(ours, change):
    query = {name: value for name, value in {**QUERY, **change}.items() if value is not None}
    answer = ours.viewer.get("/v1/dashboard", query)
    assert (answer.status, answer.type) == (400, "invalid_query"), answer


def test_a_parameter_stands_once(ours):
    answer = ours.viewer.get("/v1/dashboard?scope=district&school_year=2027&school_year=2026")
    assert answer.status == 400, answer


@pytest.mark.parametrize("period", ("month", "quarter", "school_year", "ytd"))
def test_each_kind_of_period_is_answered(ours, story, period):
    answer = ask(ours.viewer, f"site:{story.sites[0]}", period=period)
    assert answer.json["period"] == period
    ends = {one["all"]["period_start"] for one in answer.json["indicators"] if one["all"]}
    assert ends == ({"2026-07-01"} if period == "school_year" else {MONTHS[-1]} if period == "month" else set())


# ---- By which index ------------------------------------------------------------------------------

BIG = {"sites": 300, "partnerships": 2000}
SMALL = {"sites": 3, "partnerships": 3}


def fill(connection, tenant, sites, partnerships):
    """Figures of each site and partnership, past the API."""
    connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
    values = {"d": tenant.id, "sites": sites, "partnerships": partnerships}
    for text in (
        "INSERT INTO site (district_id, id, name, kind, created_at, updated_at) SELECT %(d)s, "
        "gen_random_uuid(), 'S' || n, 'school', now(), now() FROM generate_series(1, %(sites)s) n",
        "INSERT INTO partner (district_id, id, name, kind, created_at, updated_at) SELECT %(d)s, "
        "gen_random_uuid(), 'P' || n, 'civic', now(), now() FROM generate_series(1, %(partnerships)s / 2 + 1) n",
        "INSERT INTO partnership (district_id, id, partner_id, name, arrangement, created_at, updated_at) "
        "SELECT %(d)s, gen_random_uuid(), p.id, 'P', 'program', now(), now() FROM partner p, "
        "generate_series(1, 2) WHERE p.district_id = %(d)s",
        "INSERT INTO partnership_site (district_id, id, partnership_id, site_id, created_at, updated_at) "
        "SELECT %(d)s, gen_random_uuid(), p.id, s.id, now(), now() "
        "FROM (SELECT *, row_number() OVER () AS n FROM partnership WHERE district_id = %(d)s) p "
        "JOIN (SELECT *, row_number() OVER () AS n, count(*) OVER () AS c FROM site "
        "      WHERE district_id = %(d)s) s ON p.n %% s.c + 1 = s.n",
        "INSERT INTO goal (district_id, id, partnership_id, statement, indicator_id, target, due_on, "
        "created_at, updated_at) SELECT %(d)s, gen_random_uuid(), p.id, 'G', i.id, 1, "
        "date '2026-12-01' + (random() * 200)::integer, now(), now() FROM partnership p, indicator i "
        "WHERE p.district_id = %(d)s AND i.district_id = %(d)s AND i.code = 'sessions'",
        "INSERT INTO rollup (district_id, id, indicator_id, indicator_code, scope_kind, scope_id, cohort, "
        "school_year, period_kind, period_start, period_end, value, is_suppressed, created_at, updated_at) "
        "SELECT %(d)s, gen_random_uuid(), i.id, i.code, s.kind, s.id, c.cohort, 2027, 'month', m::date, "
        "(m + interval '1 month')::date - 1, 1, false, now(), now() FROM indicator i, "
        "(SELECT 'site' AS kind, id FROM site WHERE district_id = %(d)s UNION ALL "
        " SELECT 'partnership', id FROM partnership WHERE district_id = %(d)s UNION ALL "
        " SELECT 'district', %(d)s::uuid) s, (VALUES ('all'), ('served')) AS c (cohort), "
        "generate_series(timestamp '2026-08-01', '2026-10-01', '1 month') m "
        "WHERE i.district_id = %(d)s AND i.code IN ('sessions', 'engagement', 'attendance_rate')",
    ):
        connection.execute(text, values)


@pytest.fixture(scope="module", params=("small first", "big first"))
def districts(request, plans, database):  # noqa: F811  pylint: disable=unused-argument
    with database.connect("postgres") as connection:  # the document is made by a function
        connection.execute(f'ALTER ROLE kith_api IN DATABASE "{database.name}" SET auto_explain.log_nested_statements = on')
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        found = [(Tenant(api, database), SMALL), (Tenant(api, database), BIG)]
        with database.connect("kith_migrate") as connection:
            for tenant, counts in found:
                fill(connection, tenant, **counts)
        with database.connect("postgres") as connection:
            connection.execute("VACUUM ANALYZE")
        yield found if request.param == "small first" else found[::-1]


def new_plans(plans):  # noqa: F811
    """Of the dashboard's statement, and of those within it."""
    with open(plans.path, encoding="utf-8") as file:
        file.seek(plans.offset)
        text = file.read()
        plans.offset = file.tell()
    return [json.loads(match[1])["Plan"] for match in re.finditer(r"duration: [^\n]* plan:\n((?:\t[^\n]*\n)+)", text)]


@pytest.mark.parametrize("kind", ("district", "site", "partner", "partnership"))
def test_the_dashboard_reads_ranges_of_indexes(districts, plans, kind):  # noqa: F811
    """Of the big tables; what there is once in a district may be read whole."""
    for tenant, counts in districts:
        scope = kind
        if kind != "district":
            scope = f"{kind}:{tenant.viewer.get(f'/v1/{kind}s', {'limit': 1}).json['data'][0]['id']}"
        new_plans(plans)
        answer = tenant.viewer.get("/v1/dashboard", {**QUERY, "scope": scope})
        assert answer.status == 200, answer
        found = new_plans(plans)
        read = [scan for plan in found for scan in scans(plan) if "Relation Name" in scan and scan["Actual Loops"]]
        big = [scan for scan in read if scan["Relation Name"] in ("rollup", "goal", "partnership_site", "observation")]
        assert {scan["Relation Name"] for scan in big} >= {"rollup"}
        if counts is BIG:
            for scan in big:
                assert scan["Node Type"] != "Seq Scan", (kind, scan)
                if scan["Relation Name"] == "rollup":
                    assert scan["Actual Rows"] <= 100 and scan.get("Rows Removed by Filter", 0) <= 100, scan
