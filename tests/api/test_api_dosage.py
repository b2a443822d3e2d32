"""Who counts as served had at least so much of the program: said by it, carried by figures, told by the dashboard."""

import csv
import io

import pytest
from importing import counts, faults, load, unique
from needing import changed
from test_api_dashboard import ask
from test_api_reports import values as lines_of

HEADER = "indicator,site,school_year,period_kind,period_start,numerator,denominator,cohort,partnership,minimum_dosage,dosage_unit\n"


class Course:
    """A program that counts who had ten sessions, and a partnership by it."""

    def __init__(self, tenant, connection):
        connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
        self.tenant = tenant
        self.indicator = next(one["id"] for one in tenant.admin.get("/v1/indicators", {"limit": 200}).json["data"]
                              if one["code"] == "attendance_rate")
        self.site = tenant.admin.site(name=unique("S"), local_id=unique("L")).json
        self.partner = tenant.admin.partner(name=unique("P")).id
        self.program = tenant.admin.created("programs", {
            "name": "Tutoring", "partner_id": self.partner, "minimum_dosage": "10", "dosage_unit": "sessions"}).id
        self.name = unique("Reading")
        self.partnership = self.run(self.program, name=self.name)

    def run(self, program, **fields):
        one = self.tenant.admin.created("partnerships", {
            "name": "Reading", "partner_id": self.partner, "arrangement": "program", "program_id": program, **fields}).id
        self.tenant.admin.created("partnership_sites", {"partnership_id": one, "site_id": self.site["id"]})
        return one

    def body(self, month="2026-10-01", **fields):
        return {"indicator_id": self.indicator, "site_id": self.site["id"], "school_year": 2027, "period_kind": "month",
                "period_start": month, "numerator": "40", "denominator": "50", "cohort": "served",
                "partnership_id": self.partnership, **fields}

    def observed(self, **fields):
        return self.tenant.data_steward.created("observations", self.body(**fields)).json

    def refused(self, **fields):
        answer = self.tenant.data_steward.post("/v1/observations", self.body(**fields))
        assert answer.status == 422, answer
        return answer.faults

    def dosages(self, scope, year=2027):
        return ask(self.tenant.viewer, scope, school_year=year).json["dosages"]


@pytest.fixture
def course(ours, migrate):
    return Course(ours, migrate)


def dosage(row):
    return row["minimum_dosage"], row["dosage_unit"]


@pytest.mark.shows("kpis.dosage")
def test_a_cohort_carries_its_programs_minimum_and_keeps_it(ours, course):
    first = course.observed()
    assert dosage(first) == ("10.00", "sessions")
    assert dosage(course.observed(month="2026-09-01", cohort="not_served")) == ("10.00", "sessions"), "who had less"
    assert dosage(course.observed(month="2026-08-01", minimum_dosage="10", dosage_unit="sessions")) == ("10.00", "sessions")
    changed(ours.admin, f"/v1/programs/{course.program}", minimum_dosage="12.5", dosage_unit="hours")
    assert dosage(ours.data_steward.get(f"/v1/observations/{first['id']}").json) == ("10.00", "sessions"), "as it was counted"
    assert dosage(course.observed(month="2026-11-01")) == ("12.50", "hours")
    changed(ours.admin, f"/v1/programs/{course.program}", minimum_dosage=None, dosage_unit=None)
    assert dosage(course.observed(month="2026-12-01")) == (None, None)
    assert dosage(course.observed(month="2027-01-01", minimum_dosage="3", dosage_unit="days")) == ("3.00", "days"), "nobody else says"


@pytest.mark.parametrize("fields, fault", (
    ({"minimum_dosage": "9", "dosage_unit": "sessions"}, "/minimum_dosage"),
    ({"minimum_dosage": "10", "dosage_unit": "hours"}, "/minimum_dosage"),
    ({"minimum_dosage": "10", "dosage_unit": "sessions", "cohort": "all", "partnership_id": None}, "/minimum_dosage"),
    ({"minimum_dosage": "-1", "dosage_unit": "sessions"}, "/minimum_dosage"),
    ({"minimum_dosage": "10000.01", "dosage_unit": "sessions"}, "/minimum_dosage"),
    ({"minimum_dosage": "10", "dosage_unit": "weeks"}, "/dosage_unit"),
    ({"dosage_unit": "hours"}, "/minimum_dosage"),
    ({"minimum_dosage": "10"}, "/minimum_dosage"),
    ({"dosage_unit": "hours", "partnership_id": None}, "/dosage_unit")))
def test_what_is_none_or_not_the_programs_is_refused(course, fields, fault):
    assert set(course.refused(**fields)) == {fault}


def test_a_number_needs_its_unit(ours, course):
    path = f"/v1/programs/{course.program}"
    answer = ours.admin.patch(path, {"dosage_unit": None}, ours.admin.get(path).etag)
    assert (answer.status, set(answer.faults)) == (422, {"/dosage_unit"})


@pytest.mark.shows("kpis.dosage")
def test_a_file_carries_it_and_is_refused_by_line(ours, course):
    def line(month, minimum="", unit="", cohort="served"):
        return f"attendance_rate,{course.site['local_id']},2027,month,{month},40,50,{cohort},{course.partnership},{minimum},{unit}\n"

    def told(lines):
        return load(ours.data_steward, "observations", HEADER + "".join(lines))

    good = [line("2026-10-01"), line("2026-11-01", "10", "sessions")]
    assert counts(told(good)) == (2, 0, 0, 0) and counts(told(good)) == (0, 0, 2, 0)
    wrong = told([line("2026-12-01", "5", "sessions"), line("2027-01-01")])
    assert counts(wrong) == (1, 0, 0, 1)
    assert list(faults(ours.data_steward, wrong).values()) == [[("minimum_dosage", "not_allowed")]]
    kept = ours.data_steward.get("/v1/observations", {"partnership_id": course.partnership}).json["data"]
    assert {dosage(row) for row in kept} == {("10.00", "sessions")}


@pytest.mark.shows("kpis.dosage_told")
def test_the_dashboard_and_a_report_say_who_counts_as_served(ours, course):
    scopes = (f"partnership:{course.partnership}", f"partner:{course.partner}", f"site:{course.site['id']}")
    assert [course.dosages(scope) for scope in scopes] == [[]] * 3
    for month in ("2026-09-01", "2026-10-01"):
        course.observed(month=month)
    ten = {"minimum_dosage": "10.00", "dosage_unit": "sessions", "partnerships": 1}
    assert [course.dosages(scope) for scope in scopes] == [[ten]] * 3
    hours = ours.admin.created("programs", {"name": unique("Long"), "partner_id": course.partner, "minimum_dosage": "30",
                                            "dosage_unit": "hours"}).id
    other = course.run(hours)
    extra = course.observed(partnership_id=other)
    both = [{"minimum_dosage": "30.00", "dosage_unit": "hours", "partnerships": 1}, ten]
    assert course.dosages(scopes[0]) == [ten] and course.dosages(scopes[1]) == both and both[0] in course.dosages("district")
    assert course.dosages(scopes[1], 2026) == []
    report = ours.executive.created("reports", {"name": "R", "partner_id": course.partner}).id
    text = ours.viewer.call("GET", f"/v1/reports/{report}/csv").reply.body.decode()
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert lines_of(lines, "dosages", "hours", "minimum") == [("30.00", "")]
    path = f"/v1/observations/{extra['id']}"
    assert ours.data_steward.archive(path, ours.data_steward.get(path).etag).status == 204
    assert course.dosages(scopes[1]) == [ten], "what was withdrawn counts no more"
    assert ours.viewer.get("/v1/observations").status == 403, "the figures themselves are the steward's"
