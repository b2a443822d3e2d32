"""Observations as a file: figures with their natural key, what agencies write instead of them, and
corrections that keep what was there."""

from datetime import date, timedelta

import pytest
from importing import counts, faults, load, revert, rows, send, unique

from releasing import released
from world import roll_up, uuid7

HEADER = "indicator,site,school_year,period_kind,period_start,numerator,denominator\n"


class District:
    """Two schools by their local ids, and the supplied indicators."""

    def __init__(self, tenant, connection):
        connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
        self.tenant = tenant
        self.steward = tenant.data_steward
        self.network = tenant.admin.created("networks", {"name": unique("N")}).id
        self.schools = [tenant.admin.site(name=unique("S"), local_id=unique("L"),
                                          network_id=self.network).json for _ in range(2)]
        self.ids = [school["local_id"] for school in self.schools]

    def load(self, lines, caller=None, header=HEADER, **query):
        return load(caller or self.steward, "observations", header + "".join(lines), **query)

    def line(self, numerator, denominator="", school=0, month="2026-10-01", code="attendance_rate",
             kind="month", year=2027):
        return f"{code},{self.ids[school]},{year},{kind},{month},{numerator},{denominator}\n"

    def get(self, one):
        answer = self.steward.get(f"/v1/observations/{one}")
        return answer.json if answer.status == 200 else None


@pytest.fixture
def here(ours, migrate):
    return District(ours, migrate)


def test_a_row_is_known_by_its_indicator_site_cohort_and_period(here):
    lines = [here.line(90, 100), here.line(95.5, 100, school=1), here.line(80, 100, month="2026-11-01")]
    report = here.load(lines)
    assert counts(report) == (3, 0, 0, 0)
    first = here.get(rows(here.steward, report)[0]["id"])
    assert {name: first[name] for name in ("cohort", "period_end", "numerator", "denominator")} == {
        "cohort": "all", "period_end": "2026-10-31", "numerator": "90.000000",
        "denominator": "100.000000"}
    assert counts(here.load(lines)) == (0, 0, 3, 0)
    shown = [line.replace(",90,100", ",90.0,100.000") for line in lines]
    assert counts(here.load(shown)) == (0, 0, 3, 0), "the same number, written otherwise"
    served = HEADER.replace("numerator", "cohort,numerator"), lines[0].replace(",90,", ",served,45,")
    assert counts(here.load(served[1:], header=served[0])) == (1, 0, 0, 0)


def test_a_correction_supersedes_and_what_it_was_stays_readable(here, migrate):
    header = HEADER.rstrip() + ",source,as_of\n"
    line = here.line(90, 100).rstrip()
    first = here.load([line + ",Paper,2026-11-02\n"], header=header)
    old = rows(here.steward, first)[0]["id"]
    second = here.load([line.replace(",90,", ",91,") + ",,2026-11-05\n", here.line(3, 4, school=1).rstrip() + ",,\n"],
                       header=header)
    assert counts(second) == (1, 1, 0, 0)
    new, other = (row["id"] for row in rows(here.steward, second))
    assert new != old and here.get(other)["supersedes"] is None
    before, after = here.get(old), here.get(new)
    assert (before["numerator"], before["superseded_by"]) == ("90.000000", new)
    assert (after["numerator"], after["supersedes"], after["superseded_by"]) == ("91.000000", old, None)
    assert (after["source"], after["as_of"]) == ("Paper", "2026-11-05"), "an empty cell says nothing"
    third = here.load([here.line(92, 100)])
    assert here.get(new)["superseded_by"] == rows(here.steward, third)[0]["id"]
    told = migrate.execute(
        "SELECT action, coalesce(detail ->> 'count', '1') FROM audit WHERE aggregatetype = 'observation' "
        "AND request_id = %s ORDER BY action", (f"import {second['id']}",)).fetchall()
    assert told == [("created", "1"), ("created", "1")], "that one takes another's place is no event of its own"


def test_what_was_withdrawn_is_new_again(here):
    report = here.load([here.line(90, 100)])
    path = f"/v1/observations/{rows(here.steward, report)[0]['id']}"
    assert here.steward.archive(path, here.steward.get(path).etag).status == 204
    assert counts(here.load([here.line(90, 100)])) == (1, 0, 0, 0)


@pytest.mark.shows("kpis.missing")
@pytest.mark.parametrize("cell, why", [
    ("NS", "not_submitted"), ("Not Reported", "not_submitted"),
    ("s", "suppressed"), ("*", "suppressed"), ("Data suppressed", "suppressed"), ("n<10", "suppressed"),
    ("<5", "suppressed"), ("N < 10", "suppressed"), ("≤ 5%", "suppressed"), (">95%", "suppressed"),
    ("N/A", "not_available"), ("-", "not_available"), ("–", "not_available"),
])
def test_what_stands_in_a_figures_place_says_why_there_is_none(here, cell, why):
    here.load([here.line(40, 100)])
    report = here.load([here.line(f'"{cell}"', 100), here.line(50, 100, school=1)])
    assert counts(report) == (1, 1, 0, 0), "what held is no longer told"
    one = here.get(rows(here.steward, report)[0]["id"])
    assert (one["numerator"], one["denominator"], one["missing"]) == (None, "100.000000", why)
    assert here.get(one["supersedes"])["numerator"] == "40.000000"
    assert counts(here.load([here.line(f'"{cell}"', 100)])) == (0, 0, 1, 0)
    assert counts(here.load([here.line(50, f'"{cell}"')])) == (0, 1, 0, 0), "nor is one of an unknown whole"
    one = here.get(rows(here.steward, here.load([here.line(41, 100)]))[0]["id"])
    assert (one["numerator"], one["missing"]) == ("41.000000", None)


@pytest.mark.parametrize("cell, code", [
    ("", "not_allowed"), ("12.3.4", "invalid_number"), ("many", "invalid_number"), ("120%", "too_large"),
    ("%", "invalid_number"), ("-3%", "too_small"),
])
def test_what_is_no_figure_rejects_its_row(here, cell, code):
    report = here.load([here.line(f'"{cell}"', 100), here.line(50, 100, school=1)])
    assert counts(report) == (1, 0, 0, 1)
    assert faults(here.steward, report) == {2: [("numerator", code)]}


def test_a_percentage_is_that_part_of_its_whole(here, migrate):
    report = here.load([
        here.line("88.5%", 400), here.line(" 12.345 % ", 1000, school=1),
        here.line("100%", 30, month="2026-11-01"),
        here.line("50%", 10, code="sessions", month="2026-11-01"),
        here.line("50%", 10, code="mean_grade", kind="school_year", month="2026-07-01")])
    assert faults(here.steward, report) == {
        5: [("numerator", "not_allowed")], 6: [("numerator", "not_allowed")]}
    made = [here.get(row["id"]) for row in rows(here.steward, report, outcome="created")]
    assert [(one["numerator"], one["percent"]) for one in made] == [
        ("354.000000", "88.500000"), ("123.450000", "12.345000"), ("30.000000", "100.000000")]
    assert counts(here.load([here.line("88.5%", 400)])) == (0, 0, 1, 0)
    migrate.execute("UPDATE indicator SET unit = 'percent' WHERE code = 'mean_grade' AND district_id = %s",
                    (here.tenant.id,))
    report = here.load([here.line("50%", 10, code="mean_grade", kind="school_year", month="2026-07-01")])
    assert here.get(rows(here.steward, report)[0]["id"])["numerator"] == "0.500000"


@pytest.mark.shows("kpis.percent")
def test_a_percentage_without_its_whole_is_weighted_by_the_enrollment_and_says_so(here, migrate):
    here.tenant.admin.created("site_years", {"site_id": here.schools[0]["id"], "school_year": 2027, "enrollment": 250})
    header = HEADER.replace("numerator,denominator", "percent")
    lines = [here.line("80").rstrip(",\n") + "\n", here.line("90%", school=1).rstrip(",\n") + "\n"]
    report = here.load(lines, header=header)
    weighted, bare = (here.get(row["id"]) for row in rows(here.steward, report))
    named = ("numerator", "denominator", "percent", "weighted_by", "missing")
    assert [weighted[name] for name in named] == ["200.000000", "250.000000", "80.000000", "enrollment", None]
    assert [bare[name] for name in named] == [None, None, "90.000000", None, "no_weight"]
    assert counts(here.load(lines, header=header)) == (0, 0, 2, 0)
    while roll_up(migrate):
        pass
    released(here.tenant.admin, 2027)
    shown = {one["scope_kind"]: one for scope in (here.network, here.schools[1]["id"]) for one in here.tenant.viewer.get("/v1/rollups", {
        "indicator_code": "attendance_rate", "period_kind": "month", "school_year": 2027, "scope_id": scope}).json["data"]}
    assert [shown["network"][name] for name in ("value", "n", "missing", "weighted", "is_summed")] == ["0.8000", 1, 1, 1, True]
    assert [shown["site"][name] for name in ("value", "n", "missing", "is_suppressed", "is_summed")] == [None, 0, 1, False, False]
    here.tenant.admin.created("site_years", {"site_id": here.schools[1]["id"], "school_year": 2027, "enrollment": 100})
    assert counts(here.load(lines, header=header)) == (0, 1, 1, 0), "now there is a weight"
    told = here.load([here.line(40, month="2026-11-01").rstrip("\n") + ",80\n"], header=HEADER.replace("denominator", "denominator,percent"))
    one = here.get(rows(here.steward, told)[0]["id"])
    assert (one["denominator"], one["weighted_by"]) == ("50.000000", None), "the part and the percentage tell the whole"


@pytest.mark.shows("kpis.days")
def test_days_make_their_months_and_files_may_write_days_and_years_otherwise(here, migrate):
    header = "day,site,percent\n"
    here.tenant.admin.created("site_years", {"site_id": here.schools[0]["id"], "school_year": 2027, "enrollment": 200})
    said = {"mapping": {"period_start": "day"},
            "constants": {"indicator_id": "attendance_rate", "period_kind": "day", "school_year": "2026-27"}}
    lines = [f"20261005,{here.ids[0]},90\n", f"2026-10-06,{here.ids[0]},80\n", f"20261007,{here.ids[0]},NS\n",
             f"20261102,{here.ids[0]},70\n", f"20261301,{here.ids[0]},70\n"]
    report = here.load(lines, header=header, **said)
    assert counts(report) == (4, 0, 0, 1) and faults(here.steward, report) == {6: [("day", "invalid_date")]}

    def shown():
        while roll_up(migrate):
            pass
        released(here.tenant.admin, 2027)
        return {(one["period_kind"], one["period_start"]): one for one in here.tenant.viewer.get("/v1/rollups", {
            "indicator_code": "attendance_rate", "scope_id": here.schools[0]["id"]}).json["data"]}

    months = shown()
    assert {key: (one["value"], one["n"], one["missing"]) for key, one in months.items()} == {
        ("month", "2026-10-01"): ("0.8500", 2, 1), ("month", "2026-11-01"): ("0.7000", 1, 0),
        ("school_year", "2026-07-01"): ("0.8000", 3, 1)}
    here.load([here.line(60, 100)])
    assert shown()["month", "2026-10-01"]["value"] == "0.6000", "a month's own figure wins over its days'"


def test_what_its_indicator_does_not_allow_is_told_row_by_row(here):
    report = here.load([
        here.line(1, code="hours"), here.line(1, 10, kind="ytd", month="2026-07-01"),
        here.line(11, 10), here.line(1), here.line(1, 10, kind="quarter", month="2026-10-02"),
        here.line(1, 10, code="chronic_absence", kind="ytd", month="2026-07-01"),
        here.line(1, 10, year=2026), here.line(1, 10, month="2026-10-02"), here.line(1, 10, code="none"),
        here.line(1, 10).replace(here.ids[0], "nowhere"), here.line(2, 10), here.line(2, 10),
        f"{uuid7()}," + here.line(1, 10, month="2026-12-01").split(",", 1)[1]])
    assert faults(here.steward, report) == {
        2: [("indicator", "not_allowed")], 3: [("period_kind", "not_allowed")],
        4: [("numerator", "not_allowed")], 5: [("denominator", "not_allowed")],
        6: [("period_start", "not_allowed")], 7: [("period_end", "not_allowed")],
        8: [("school_year", "not_allowed")], 9: [("period_start", "not_allowed")],
        10: [("indicator", "unknown_id")], 11: [("site", "unknown_id")], 13: [(None, "duplicate_row")],
        14: [("indicator", "unknown_id")]}
    assert report["created"] == 1


def test_a_cohort_may_be_a_partnerships(here):
    partner = here.tenant.admin.partner(name=unique("P"))
    one = here.tenant.admin.created("partnerships", {
        "name": unique("Tutoring"), "partner_id": partner.id, "arrangement": "program"}).json
    header = HEADER.rstrip() + ",cohort,partnership\n"
    lines = [here.line(12, code="reach").rstrip() + f",served,{one['name']}\n",
             here.line(15, code="reach").rstrip() + ",served,\n",
             here.line(15, code="reach", month="2026-11-01").rstrip() + f",all,{one['name']}\n"]
    report = here.load(lines, header=header)
    assert counts(report) == (2, 0, 0, 1)
    assert faults(here.steward, report) == {4: [("partnership", "not_allowed")]}
    assert [here.get(row["id"])["partnership_id"] for row in rows(here.steward, report, outcome="created")] == [
        one["id"], None]
    assert counts(here.load(lines, header=header)) == (0, 0, 2, 1)


def test_a_quarter_ends_with_the_districts_own(here):
    load(here.tenant.admin, "reporting_quarters",
         "school_year,number,starts_on,ends_on\n2031,1,2030-07-01,2030-10-15\n")
    line = here.line(80, 100, kind="quarter", month="2030-07-01", year=2031)
    report = here.load([line])
    assert here.get(rows(here.steward, report)[0]["id"])["period_end"] == "2030-10-15"
    assert counts(here.load([line])) == (0, 0, 1, 0)


def test_of_many_rows_what_is_plain_is_written_at_once_and_the_rest_is_told_row_by_row(here, migrate):
    days = [str(date(2026, 9, 1) + timedelta(n)) for n in range(270)]
    here.load([here.line(1, 100, month=days[0], kind="day"), here.line(2, 100, month=days[1], kind="day")])
    lines = [here.line(2, 100, school=school, month=day, kind="day") for school in (0, 1) for day in days]
    lines[300] = here.line(101, 100, school=1, month=days[30], kind="day")
    lines[400] = lines[399]
    lines[401] = here.line("NS", "", school=1, month=days[131], kind="day")
    lines[402] = here.line("50%", 100, school=1, month=days[132], kind="day")
    lines[403] = lines[403].replace(",2027,", ",2028,")
    lines[404] = lines[404].replace(here.ids[1], "nowhere")
    dry = here.load(lines, dry_run="true")
    told = {302: [("numerator", "not_allowed")], 402: [(None, "duplicate_row")], 405: [("school_year", "not_allowed")],
            406: [("site", "unknown_id")]}
    assert counts(dry) == (534, 1, 1, 4) and faults(here.steward, dry) == told
    report = here.load(lines)
    assert counts(report) == counts(dry) and faults(here.steward, report) == told
    assert [row["cells"][5] for row in rows(here.steward, report, outcome="rejected")] == ["101", "2", "2", "2"]
    made = rows(here.steward, report)
    assert [row["line"] for row in made] == list(range(2, 542))
    assert (here.get(made[401]["id"])["missing"], here.get(made[402]["id"])["numerator"]) == ("not_submitted", "50.000000")
    assert {name: here.get(made[10]["id"])[name] for name in ("period_end", "numerator", "version", "supersedes")} == {
        "period_end": days[10], "numerator": "2.000000", "version": 1, "supersedes": None}
    assert counts(here.load(lines)) == (0, 0, 536, 4)
    assert revert(here.steward, report)["status"] == "reverted"
    left = migrate.execute("SELECT numerator::text FROM observation WHERE district_id = %s AND site_id IN (SELECT id FROM site "
                           "WHERE local_id = ANY (%s)) AND superseded_by IS NULL ORDER BY period_start",
                           (here.tenant.id, here.ids)).fetchall()
    assert left == [("1.000000",), ("2.000000",)]


def test_plain_is_what_has_no_fault(migrate):
    """The rule for the million says the same as the one that names what is wrong, whatever is put together."""
    differing, plain, asked = migrate.execute("""
        WITH one AS (
            SELECT i, k.kind, y.year, s.first, CASE k.kind WHEN 'day' THEN s.first ELSE e.last END AS last, n.numerator, d.denominator
            FROM indicator i,
                 unnest('{day,month,quarter,school_year,ytd}'::text[]) AS k (kind), unnest('{2026,2027}'::integer[]) AS y (year),
                 unnest('{2026-06-30,2026-07-01,2027-01-01}'::date[]) AS s (first), unnest('{2027-03-31,NULL}'::date[]) AS e (last),
                 unnest('{0,7,9,NULL}'::numeric[]) AS n (numerator), unnest('{7,0,NULL}'::numeric[]) AS d (denominator)),
        judged AS (
            SELECT coalesce(observation_is_plain((i).aggregation, (i).computed_from, (i).periods, kind, year, first, last,
                                                 numerator, denominator), false) AS is_plain,
                   NOT EXISTS (SELECT FROM observation_fault(i, kind, last, numerator, denominator, NULL, NULL))
                   AND year = CASE WHEN extract(month FROM first) >= 7 THEN 1 ELSE 0 END + extract(year FROM first) AS is_right
            FROM one)
        SELECT count(*) FILTER (WHERE is_plain <> is_right), count(*) FILTER (WHERE is_plain), count(*) FROM judged""").fetchone()
    assert differing == 0 and 0 < plain < asked


def test_an_import_is_taken_back_and_what_it_corrected_holds_again(here):
    before = here.load([here.line(90, 100)])
    old = rows(here.steward, before)[0]["id"]
    report = here.load([here.line(91, 100), here.line(80, 100, school=1),
                        here.line(70, 100, month="2026-11-01")])
    new, made, corrected = (row["id"] for row in rows(here.steward, report))
    later = here.load([here.line(71, 100, month="2026-11-01")])
    back = revert(here.steward, report)
    assert (back["reverted"], back["conflicts"]) == (2, 1)
    assert [here.get(one) for one in (new, made)] == [None, None]
    assert here.get(old)["superseded_by"] is None
    assert here.get(corrected)["superseded_by"] == rows(here.steward, later)[0]["id"], "it stays"
    assert [(row["line"], row["outcome"]) for row in rows(here.steward, report)] == [
        (2, "reverted"), (3, "reverted"), (4, "conflict")]
    assert counts(here.load([here.line(90, 100)])) == (0, 0, 1, 0)


def test_a_dry_run_writes_nothing(here):
    here.load([here.line(90, 100)])
    lines = [here.line(91, 100), here.line("many", 100, school=1), here.line(70, 100, month="2026-11-01")]
    assert counts(here.load(lines, dry_run="true")) == (1, 1, 0, 1)
    assert counts(here.load([here.line(90, 100)])) == (0, 0, 1, 0)


def test_rollups_follow_a_file_and_its_revert(here, migrate):
    def value():
        while roll_up(migrate):
            pass
        released(here.tenant.admin, 2027)
        document = here.tenant.viewer.get("/v1/dashboard", {
            "scope": f"network:{here.network}", "school_year": 2027}).json
        found = [one for one in document["indicators"] if one["code"] == "attendance_rate"]
        return found[0]["all"]["value"] if found else None

    here.load([here.line("90%", 100), here.line("80%", 300, school=1)])
    assert value() == "0.8250"
    report = here.load([here.line("100%", 100)])
    assert value() == "0.8500"
    revert(here.steward, report)
    assert value() == "0.8250"


# ---- Who may -------------------------------------------------------------------------------------


def test_raw_figures_are_for_who_loads_them(here):
    ours = here.tenant
    line = HEADER + here.line("many", 100)
    assert send(ours.director, "observations", line).status == 403
    assert send(here.steward, "networks", "name\nN\n").status == 403
    report = load(here.steward, "observations", line)
    assert rows(here.steward, report)[0]["cells"][5:] == ["many", "100"]
    told = rows(ours.director, report)
    assert told[0]["cells"] is None and told[0]["errors"][0]["code"] == "invalid_number"
    assert ours.viewer.get(f"/v1/imports/{report['id']}/rows").status == 403


def test_who_may_not_import_a_kind_takes_none_of_it_back(here):
    ours = here.tenant
    figures = here.load([here.line(90, 100)])
    partners = load(ours.director, "partners", f"name,kind,notes\n{unique('P')},civic,x\n")
    for caller, report in ((ours.director, figures), (here.steward, partners)):
        assert caller.get(f"/v1/imports/{report['id']}").status == 200
        assert caller.post(f"/v1/imports/{report['id']}/revert", {}).status == 403
    assert revert(ours.admin, figures)["reverted"] == 1
