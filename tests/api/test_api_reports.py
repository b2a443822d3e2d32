"""Reports that people keep: of a scope, printed, as files, with their marks of what is suppressed."""

import base64
import csv
import hashlib
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest
from test_api_dashboard import MONTHS, Story, work
from test_api_sheets import MAIN, XLSX, column
from test_api_sheets import told as told_cell

PARTS = ["summary", "indicators", "trends", "goals", "equity", "portfolio"]
TABLES = {"summary": {"summary", "outputs", "goals_standing"}, "indicators": {"indicators"}, "trends": {"trend"},
          "goals": {"goals_actual"}, "equity": {"equity"},
          "portfolio": {"portfolio_by_kind", "portfolio_by_focus_area", "portfolio_by_site"}}


class Told(Story):
    """What the dashboard's tests have, and a live indicator whose figures go up and have a target."""

    def __init__(self, tenant, connection):
        super().__init__(tenant, connection)
        self.live = tenant.admin.created("indicators", {
            "code": "families", "name": "Families <at> school", "family": "family", "unit": "count", "aggregation": "sum",
            "periods": ["month"], "direction": "up", "suppression": "none"}).id
        self.indicators["families"] = self.live
        for month, figure in zip(MONTHS, (4, 9, 6)):
            self.observe("families", self.sites[0], month, figure)
        wanted = tenant.admin.created("priorities", {
            "school_year": 2027, "statement": "=More families", "site_id": self.sites[0], "indicator_id": self.live,
            "target": "8"})
        assert tenant.admin.post(f"/v1/priorities/{wanted.id}/adopt", {}, If_Match=wanted.etag).status == 200
        self.goal(statement="=1+1 families", target="0.9")
        work(connection)

    def report(self, **fields):
        return self.tenant.executive.created("reports", {"name": "For the board", **fields}).id

    def get(self, one, what, **query):
        answer = self.tenant.viewer.call("GET", f"/v1/reports/{one}/{what}" + (
            "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else ""))
        assert answer.status == 200, answer
        return answer.reply

    def lines(self, one, **query):
        text = self.get(one, "csv", **query).body.decode()
        return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture(scope="module")
def told(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Told(ours, connection)


def values(lines, table, row, column):
    return [(one["value"], one["mark"]) for one in lines
            if (one["table"], one["row"], one["column"]) == (table, row, column)]


@pytest.mark.shows("kpis.report_csv")
def test_each_value_is_a_line_and_what_is_suppressed_stays_so(ours, told):
    lines = told.lines(told.report(site_id=told.sites[0]))
    assert set(lines[0]) == {"table", "row", "column", "kind", "value", "mark"}
    assert values(lines, "indicators", "engagement", "all") == [("", "suppressed")]
    assert values(lines, "indicators", "Families <at> school", "all") == [("6.000000", "")]
    assert values(lines, "indicators", "Families <at> school", "target") == [("8.000000", "")]
    assert values(lines, "indicators", "Families <at> school", "changed_for") == [("worse", "")]
    assert [values(lines, "trend", f"Families <at> school: {month[:7]}", "figure") for month in MONTHS] == [
        [("4.000000", "")], [("9.000000", "")], [("6.000000", "")]]
    assert [values(lines, "trend", f"engagement: {month[:7]}", "figure") for month in MONTHS] == [[("", "suppressed")]] * 3
    assert values(lines, "goals_actual", "'=1+1 families", "value") == [("0.7500", "")], "no formula"
    document = ours.viewer.get("/v1/dashboard", {"scope": f"site:{told.sites[0]}", "school_year": 2027}).json
    assert values(lines, "summary", "partners", "figure") == [(str(document["summary"]["partners"]), "")]
    site, = document["portfolio"]["by_site"]
    assert values(lines, "portfolio_by_site", "S0", "partnerships") == [(str(site["partnerships"]), "")]


def test_no_file_has_a_number_that_the_dashboard_hides(ours, told):
    for fields in ({}, {"site_id": told.sites[2]}, {"partner_id": told.partner}, {"network_id": told.network}):
        one = told.report(**fields)
        document = ours.viewer.get("/v1/dashboard", {"school_year": 2027, "scope": next(
            (f"{name[:-3]}:{value}" for name, value in fields.items()), "district")}).json
        lines = told.lines(one)
        hidden = 0
        for tile in document["indicators"]:
            for cohort, column in (("all", "all"), ("served", "served"), ("not_served", "not_served"),
                                   ("schools_where_it_works", "where_it_works")):
                cell = tile[cohort]
                if cell and cell["is_suppressed"]:
                    (value, mark), = values(lines, "indicators", tile["code"], column)
                    hidden += 1
                    assert mark == "suppressed" and value == "" or mark in ("at_most", "at_least"), (tile["code"], mark)
        page = told.get(one, "page").body.decode()
        assert page.count('<span class="hidden">') >= hidden


@pytest.mark.parametrize("parts", [[one] for one in PARTS] + [["goals", "summary"]])
def test_a_report_has_the_parts_that_were_chosen(told, parts):
    one = told.report(parts=parts, site_id=told.sites[0])
    assert {line["table"] for line in told.lines(one)} <= set().union(*(TABLES[part] for part in parts))
    page = told.get(one, "page").body.decode()
    assert len(re.findall(r"<section>", page)) >= len(parts)


@pytest.mark.shows("kpis.report_page")
def test_the_page_has_a_table_for_each_figure_and_may_do_nothing(ours, told):
    one = told.report(site_id=told.sites[0], name="The <board>")
    reply = told.get(one, "page")
    page = reply.body.decode()
    fields = {name.lower(): value for name, value in reply.fields}
    assert "The &lt;board&gt;" in page and "Families &lt;at&gt; school" in page and "=1+1 families" in page
    figures = re.findall(r"<figure.*?</figure>\s*(<div class=\"scroll\".*?</table>)?", page, re.S)
    assert figures and all("<table>" in table for table in figures), "a table under each"
    assert page.count("<polyline") == 1, "of what is hidden no line is drawn"
    assert page.count("<circle") == 3 and 'stroke-dasharray' in page, "three months, and the target"
    assert "<script" not in page and not re.search(r"\son\w+=|style=|javascript:|https?://(?!www.w3.org)", page)
    style = re.search(r"<style>(.*?)</style>", page, re.S)[1]
    digest = base64.urlsafe_b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert fields["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    assert fields["content-disposition"].startswith("attachment; filename*=UTF-8''report_2027_2026-11-21.html")
    assert 'lang="en"' in page and "Partners for each 100 students" in page


def test_the_page_speaks_its_readers_language(ours, told, database):
    one = told.report()
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE app_user SET locale = 'es' WHERE id = %s", (ours.users["viewer"],))
    try:
        page = told.get(one, "page").body.decode()
        assert '<html lang="es"' in page and "De un vistazo" in page and "Año escolar" in page
        assert not re.search(r"At a glance|\{\{", page)
    finally:
        with database.connect("kith_migrate") as connection:
            connection.execute("UPDATE app_user SET locale = 'en' WHERE id = %s", (ours.users["viewer"],))


def sheets(reply):
    """{name: rows} of a workbook; a row is what its cells show, by their columns."""
    assert reply.all("Content-Type") == [XLSX]
    with zipfile.ZipFile(io.BytesIO(reply.body)) as book:
        names = [one.get("name") for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
        return {name: [{column(cell.get("r")): told_cell(cell) for cell in row} for row in ElementTree.fromstring(
            book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{MAIN}row")] for number, name in enumerate(names, 1)}


@pytest.mark.shows("kpis.report_sheet")
def test_the_spreadsheet_has_a_sheet_for_each_table_and_the_marks(told):
    found = sheets(told.get(told.report(site_id=told.sites[0]), "sheet"))
    assert {"summary", "outputs", "indicators", "goals_actual", "equity", "portfolio_by_kind", "portfolio_by_site"} <= set(found)
    assert any(name.startswith("Families  at  school ") for name in found), "what a sheet may not be called is left out"
    rows = {row[0]: row for row in found["indicators"]}
    names = list(rows["indicators"].values())
    families, engagement = rows["Families <at> school"], rows["engagement"]
    assert [families[names.index(name)] for name in ("all", "target", "changed_for")] == [6, 8, "worse"]
    assert engagement[names.index("all")] == "*"
    assert any("=1+1 families" in row.values() for row in found["goals_actual"]), "a text, no formula"


@pytest.mark.shows("kpis.report_years")
def test_another_year_may_be_asked_for(told):
    one = told.report(site_id=told.sites[0])
    assert {line["table"] for line in told.lines(one, school_year=2026)} >= {"summary"}
    assert not values(told.lines(one, school_year=2026), "indicators", "engagement", "all")
    kept = told.report(site_id=told.sites[0], school_year=2026)
    assert told.lines(kept) == told.lines(one, school_year=2026)


@pytest.mark.parametrize("query", ("school_year=1999", "school_year=2101", "school_year=x", "q=x", "school_year=2026&school_year=2027"))
@pytest.mark.parametrize("what", ("page", "csv", "sheet"))
def test_a_query_that_is_none_is_400(ours, told, what, query):
    answer = ours.viewer.call("GET", f"/v1/reports/{told.report()}/{what}?{query}")
    assert (answer.status, answer.type) == (400, "invalid_query"), answer


@pytest.mark.parametrize("what", ("page", "csv", "sheet"))
def test_what_is_not_there_is_404(ours, theirs, what):
    foreign = theirs.admin.created("reports", {"name": "Theirs"}).id
    for one in (foreign, "x", "01930000-0000-7000-8000-000000000000"):
        assert ours.viewer.call("GET", f"/v1/reports/{one}/{what}").status == 404


ROLES = ["admin", "director", "executive", "coordinator", "school_leader", "reviewer", "data_steward", "viewer"]


@pytest.mark.parametrize("name, all_of_it", (("parts", PARTS), ("recipient_roles", ROLES)))
def test_its_lists_have_each_value_once_and_one_at_least(ours, name, all_of_it):
    assert ours.executive.created("reports", {"name": "All", name: all_of_it}).json[name] == all_of_it
    for wrong in ([], [all_of_it[0]] * 2, ["nobody"], [None], [*all_of_it, all_of_it[0]], None):
        answer = ours.executive.post("/v1/reports", {"name": "Wrong", name: wrong})
        assert answer.status == 422 and answer.json["errors"][0]["pointer"].startswith(f"/{name}"), (wrong, answer)


def test_only_its_owner_or_an_administrator_changes_it(ours):
    mine = ours.coordinator.created("reports", {"name": "Mine"})
    assert ours.director.patch(f"/v1/reports/{mine.id}", {"name": "Theirs"}, mine.etag).status == 403
    assert ours.director.get(f"/v1/reports/{mine.id}").json["owner_id"] == str(ours.users["coordinator"])
    assert ours.admin.patch(f"/v1/reports/{mine.id}", {"name": "Ours"}, mine.etag).status == 200


def test_a_report_is_of_one_thing(ours, told):
    answer = ours.admin.post("/v1/reports", {"name": "Both", "site_id": told.sites[0], "network_id": told.network})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/site_id", answer


def test_who_may_not_write_mails_sends_no_reports(ours):
    answer = ours.reviewer.post("/v1/reports", {"name": "Mine", "every": "week"})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/every", answer
    mine = ours.reviewer.created("reports", {"name": "Mine"})
    assert mine.json["next_on"] is None
    answer = ours.reviewer.patch(f"/v1/reports/{mine.id}", {"every": "month"}, mine.etag)
    assert answer.status == 422, answer


@pytest.mark.parametrize("every, next_on", (
    ("week", "2026-11-23"), ("month", "2026-12-01"), ("quarter", "2027-01-01"), ("school_year", "2027-07-01"), (None, None)))
@pytest.mark.shows("kpis.report_schedule")
def test_when_it_goes_next(ours, every, next_on):
    """The day is Saturday, November 21."""
    one = ours.executive.created("reports", {"name": "Often", "every": every})
    assert one.json["next_on"] == next_on
    none = ours.executive.patch(f"/v1/reports/{one.id}", {"every": None}, one.etag)
    assert (none.status, none.json["next_on"]) == (200, None)


def test_a_quarter_is_the_districts_own(theirs):
    theirs.admin.created("reporting_quarters", {
        "school_year": 2027, "number": 2, "starts_on": "2026-10-20", "ends_on": "2027-01-22"})
    one = theirs.executive.created("reports", {"name": "Each quarter", "every": "quarter"})
    assert one.json["next_on"] == "2027-01-23"
