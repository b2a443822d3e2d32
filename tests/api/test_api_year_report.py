"""What a school year came to: one report as data, as a page and as a spreadsheet, kept when the year closes."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from acting import act, done
from check_ins import SAID, Running
from pages import Builder, check_headings, check_ids
from test_api_sheets import MAIN, XLSX, column, told

from world import insert, uuid7

YEAR = 2026  # which is over
IN_IT = "2026-03-05T15:00:00Z"


class Year:
    """A partnership with what a year has, one that ended in it, one that began after it."""

    def __init__(self, tenant, database):
        self.tenant, director = tenant, tenant.director
        self.id = director.created("school_years", {"school_year": YEAR}).id
        done(act(director, "school_years", self.id, "open", calendar="none"))
        self.site = director.site(name="Elm <School>").id
        lead = tenant.users["coordinator"]
        self.runs = Running(database, tenant.id, lead, tier="anchor", starts_on="2025-09-01", lead_site_id=self.site)
        self.ended = Running(database, tenant.id, lead, tier="anchor", starts_on="2024-09-01", ended_on="2026-01-31",
                             status="ended")
        self.later = Running(database, tenant.id, lead, tier="anchor", starts_on="2026-10-01")
        rows = {"district_id": tenant.id, **SAID}
        with database.connect("kith_migrate") as connection:
            for number, status, ended in ((1, "complete", IN_IT), (2, "complete", "2026-05-05T15:00:00Z"),
                                          (2, "missed", None)):
                one = uuid7()
                insert(connection, "check_in", {
                    **rows, "id": one, "uid": one, "school_year": YEAR, "number": number, "due_on": "2026-03-06",
                    "opens_on": "2026-02-20", "dated_at": IN_IT, "status": status, "completed_at": ended,
                    "partnership_id": (self.runs if ended else self.ended).id})
            donee = uuid7()
            insert(connection, "donee", {**rows, "id": donee, "name": "The district", "kind": "district"})
            for day, thanked in (("2026-03-01", True), ("2026-03-02", False), ("2026-08-01", True)):
                insert(connection, "gift", {
                    **rows, "id": uuid7(), "donee_id": donee, "partner_id": self.runs.partner, "title": "T",
                    "kind": "cash", "amount_cents": 100, "offered_on": day, "received_on": day, "status": "received",
                    "thanked": thanked})
        story = director.created("stories", {"title": "T", "text": "T", "locale": "en"}).id
        director.created("story_subjects", {"story_id": story, "partnership_id": self.runs.id})
        with database.connect("kith_migrate") as connection:
            connection.execute("UPDATE story SET status = 'published', published_at = %s WHERE id = %s", (IN_IT, story))
        for side, cents in (("partner", 300000), ("district", 100000)):
            one = director.created("investments", {
                "partnership_id": self.runs.id, "side": side, "kind": "cash", "amount_cents": cents,
                "from_date": "2026-03-01", "until_date": "2026-03-31"}).id
            done(act(director, "investments", one, "deliver"))
        for current in ("90", "50"):
            director.created("goals", {"partnership_id": self.runs.id, "statement": "Read", "due_on": "2026-05-31",
                                       "target": "80", "current": current, "current_on": "2026-05-31",
                                       "baseline_on": "2025-09-01"})
        review = director.created("portfolio_reviews", {"school_year": YEAR, "planned_on": "2026-05-03"}).id
        director.created("portfolio_decisions", {
            "portfolio_review_id": review, "kind": "grow", "decision": "More tutors", "due_on": "2026-06-01",
            "owner_id": tenant.users["director"]})

    def told(self, what="report"):
        answer = self.tenant.viewer.get(f"/v1/school_years/{self.id}/{what}")
        assert answer.status == 200, answer
        return answer

    def tables(self):
        return {table["code"]: {row["code"] or row["name"]: row["values"] for row in table["rows"]}
                for table in self.told().json["tables"]}


@pytest.fixture(scope="module")
def year(ours, database):
    return Year(ours, database)


CAME_TO = {
    "partnerships_by_kind": {"civic": ["2", "2", "1", "1"]},
    "partnerships_by_tier": {"anchor": ["2", "2", "1", "1"]},
    "partnerships_by_site": {"Elm <School>": ["1", "1", "1", "0"]},
    "goals": {"met": ["1"], "missed": ["1"]},
    "investments": {"cash": ["300000", "100000", "0", "0"]},
    "balance": {"delivered": ["300000", "100000", "0.7500"], "pledged": ["0", "0", ""]},
    "check_ins": {"quarter_1": ["1", "1", "1", "1.0000"], "quarter_2": ["2", "1", "0", "0.0000"],
                  "all": ["3", "2", "1", "0.3333"]},
    "gifts": {"cash": ["2", "1"]},
    "stories": {"published": ["1", "1", "0"]},
    "decisions": {"More tutors": ["grow", "open", "2026-06-01"]},
}


@pytest.mark.shows("district.year_report")
def test_a_closed_year_keeps_what_it_came_to(ours, year):
    assert year.tables() == CAME_TO
    assert not year.told().json["is_kept"], "as of today"
    done(act(ours.director, "school_years", year.id, "close"))
    ours.director.created("goals", {"partnership_id": year.runs.id, "statement": "Late", "due_on": "2026-06-01"})
    kept = year.told()
    assert (kept.json["is_kept"], kept.json["school_year"]) == (True, YEAR)
    assert year.tables() == CAME_TO
    assert ours.viewer.get(f"/v1/school_years/{year.id}/report", If_None_Match=kept.etag).status == 304
    done(act(ours.director, "school_years", year.id, "reopen"))
    assert year.tables()["goals"] != CAME_TO["goals"]


@pytest.mark.shows("district.year_report_page")
def test_the_report_is_a_page_with_a_table_under_each_figure_in_the_districts_language(ours, year):
    reply = year.told("report_page").reply
    assert reply.all("Content-Type") == ["text/html; charset=utf-8"]
    text = reply.body.decode()
    root = Builder(text).root
    check_headings(root)
    check_ids(root)
    assert text.count("<table>") == len(CAME_TO) and "Elm &lt;School&gt;" in text and "$3,000.00" in text
    assert text.index("<figure") < text.index("<table>") and "75.0 %" in text and "June 1, 2026" in text
    district = ours.admin.get(f"/v1/districts/{ours.id}")
    changed = ours.admin.patch(f"/v1/districts/{ours.id}", {"locale": "es"}, district.etag)
    assert changed.status == 200, changed
    spanish = year.told("report_page").reply.body.decode()
    assert '<html lang="es" dir="ltr">' in spanish and "Alianzas por centro" in spanish
    ours.admin.patch(f"/v1/districts/{ours.id}", {"locale": "en"}, changed.etag)


@pytest.mark.shows("district.year_report_sheet")
def test_the_report_is_a_spreadsheet_with_a_sheet_for_each_table(year):
    reply = year.told("report_sheet").reply
    assert reply.all("Content-Type") == [XLSX]
    with zipfile.ZipFile(io.BytesIO(reply.body)) as file:
        names = [sheet.get("name") for sheet in
                 ElementTree.fromstring(file.read("xl/workbook.xml")).iter(f"{MAIN}sheet")]
        assert sorted(names) == sorted(CAME_TO)

        def lines(name):
            sheet = ElementTree.fromstring(file.read(f"xl/worksheets/sheet{names.index(name) + 1}.xml"))
            return [[told(cell) for cell in sorted(row, key=lambda one: column(one.get("r")))]
                    for row in sheet.iter(f"{MAIN}row")]

        assert lines("investments") == [["investments", "partner", "district", "outside", "disputed"],
                                        ["cash", 3000, 1000, 0, 0]]
        assert lines("decisions")[1] == ["More tutors", "grow", "open", "2026-06-01"]
        assert lines("check_ins")[3] == ["all", 3, 2, 1, 0.3333]


def test_there_is_no_report_of_a_year_that_is_not_there(ours, theirs, year):
    for who, one in ((theirs.viewer, year.id), (ours.viewer, uuid7())):
        for what in ("report", "report_page", "report_sheet"):
            assert who.get(f"/v1/school_years/{one}/{what}").status == 404
