"""What else is done through the screens alone: a file is imported and taken back, two records become one, a meeting's list is
kept on a phone, and the calendar is entered."""

import glob
import os
import re

import pytest
from check_ins import running
from days import begun, clean, clean_everywhere, enter
from selenium.webdriver.support.ui import Select

from api_world import Tenant
from world import NOW, ROOT

FILE = "Organization;Type;Tax ID;Motto\nOld Mill;nonprofit;123456789;Bread\nNew Bank;business;987654321;Money\nNobody;nothing;;\n"


@pytest.fixture(scope="module")
def ours(api, database):
    return Tenant(api, database)


@pytest.fixture
def app(screen, ours):
    return begun(screen, ours)


@pytest.mark.shows("web.imports")
def test_a_file_is_tried_imported_and_taken_back(app, ours, tmp_path):
    path = tmp_path / "partners.csv"
    path.write_text(FILE)
    app.open("/app/imports").click("Import a file", "main").at("Import a file")
    clean(app, "import")
    app.screen.find("#file").send_keys(str(path))
    app.wait_for("What its columns mean")
    chosen = [Select(one).first_selected_option.text for one in app.screen.all("tbody select")]
    assert [one.removesuffix(" *") for one in chosen] == ["Name", "Kind", "EIN", "Nothing: leave it out"]
    Select(app.screen.all("tbody select")[3]).select_by_visible_text("A new field of our own")
    clean(app, "import-columns")
    app.click("See what it would do", "main").wait_for("What is wrong")
    assert "Type" in app.screen.text and "Nobody" in app.screen.text and "2\nnew" in app.screen.text
    assert ours.director.get("/v1/partners").json["data"] == [], "nothing is kept"
    clean(app, "import-tried")
    app.click("Import 2 rows", "main").wait_for("What the columns meant")
    app.until(lambda: len(ours.director.get("/v1/partners").json["data"]) == 2, "they are there")
    app.wait_for("refused")
    app.click("Actions", "main")
    app.button("Revert").click()
    app.until(lambda: ours.director.get("/v1/partners").json["data"] == [], "they are gone")
    app.wait_for("taken back")
    clean(app, "import-reverted")
    clean_everywhere(app, {"import-report": app.screen.path, "import-new": "/app/imports/new"})


def test_each_kind_that_can_be_imported_is_offered():
    plurals = set()
    for path in glob.glob(os.path.join(ROOT, "services/api/resources/*.c")):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if ".import_key" in text:
            plurals.add(re.search(r'\.plural = "(\w+)"', text)[1])
    with open(os.path.join(ROOT, "services/web/src/screens/imports/kinds.ts"), encoding="utf-8") as file:
        offered = re.findall(r"'(\w+)'", file.read().partition("WITH_OWN_FIELDS")[0])
    assert set(offered) == plurals and len(offered) == len(plurals)


@pytest.mark.shows("web.duplicates")
def test_two_records_become_one_field_by_field_and_two_again(app, ours):
    first = ours.director.created("partners", {"name": "Harbor Bank", "kind": "business", "city": "Dover", "phone": "555 0100", "ein": "111111111", "website": "https://harbor.example.org/"})
    other = ours.director.created("partners", {"name": "Harbor Bank Inc", "kind": "business", "city": "Salem", "website": "https://harbor.example.org/"})
    pairs = ours.director.get("/v1/duplicate_pairs", {"kind": "partner"}).json["data"]
    app.open("/app/partners").click("Possible duplicates", "main").at("Possible duplicates")
    clean(app, "duplicates")
    app.screen.find(".pair .button").click()
    app.at("Are these the same?")
    columns = [one.text for one in app.screen.all("thead th a")]
    stays = columns.index("Harbor Bank")
    app.screen.all("input[name=stays]")[stays].click()
    app.screen.all("input[name=city]")[1 - stays].click()
    clean(app, "compare")
    clean_everywhere(app, {"duplicates": "/app/duplicate_pairs", "compare": f"/app/duplicate_pairs/{pairs[0]['id']}"})
    app.open(f"/app/duplicate_pairs/{pairs[0]['id']}")
    app.screen.all("input[name=stays]")[stays].click()
    app.screen.all("input[name=city]")[1 - stays].click()
    app.click("Make them one: Harbor Bank", "main").at("Harbor Bank").wait_for("two records are one")
    kept = ours.director.get(f"/v1/partners/{first.id}").json
    assert (kept["city"], kept["phone"], kept["aliases"]) == ("Salem", "555 0100", ["Harbor Bank Inc"])
    app.button("Undo").click()
    app.wait_for("They are two again.")
    assert ours.director.get(f"/v1/partners/{first.id}").json["city"] == "Dover"
    assert ours.director.get(f"/v1/partners/{other.id}").json["archived_at"] is None


@pytest.mark.shows("web.convenings")
def test_who_came_is_kept_by_taps_on_a_phone(app, ours):
    site = ours.director.created("sites", {"name": "Oak School", "kind": "school"}).id
    convening = ours.director.created("convenings", {
        "school_year": 2027, "site_id": site, "kind": "middle", "title": "All hands", "starts_at": "2026-12-01T20:00:00Z", "ends_at": "2026-12-01T21:00:00Z"}).id
    for name in ("Ann Reyes", "Ben Ode"):
        contact = ours.director.created("contacts", {"name": name, "email": f"{name[:3]}@example.org"}).id
        ours.director.created("convening_invitees", {"convening_id": convening, "contact_id": contact})
    for title in ("Welcome", "Goals"):
        ours.director.created("agenda_items", {"convening_id": convening, "title": title, "minutes": 10})
    app.screen.width(375)
    app.open(f"/app/convenings/{convening}/answers").wait_for("Ann Reyes")
    clean(app, "convening-answers")
    app.open(f"/app/convenings/{convening}/agenda").wait_for("Welcome")
    titles = [one.text for one in app.screen.all(".agenda a")]
    app.screen.all(".agenda li:first-child .button")[1].click()
    app.until(lambda: [one.text for one in app.screen.all(".agenda a")] == titles[::-1], "it stands behind the other")
    app.open(f"/app/convenings/{convening}").click("Who came", "main").wait_for("0 of 2 came").wait_for("once invitations have gone out")
    assert not app.screen.all(".taps")
    assert ours.director.post(f"/v1/convenings/{convening}/invite", {}).status == 200
    with ours.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE convening SET starts_at = %s WHERE id = %s", (NOW, convening))
    app.screen.driver.refresh()
    app.until(lambda: len(app.screen.all(".taps")) == 2, "who came can be kept")
    app.screen.all(".people li:first-child .taps .button")[0].click()
    app.screen.all(".people li:last-child .taps .button")[1].click()
    app.wait_for("1 of 2 came")
    came = {one["attended"] for one in ours.director.get("/v1/convening_invitees", {"convening_id": convening}).json["data"]}
    app.until(lambda: came == {True, False} or {one["attended"] for one in ours.director.get("/v1/convening_invitees", {"convening_id": convening}).json["data"]} == {True, False}, "both are kept")
    height = app.screen.run("return Math.min(...[...document.querySelectorAll('.taps .button')].map(e => e.getBoundingClientRect().height))")
    assert height >= 44
    clean(app, "convening-attendance")
    clean_everywhere(app, {f"convening-{part}": f"/app/convenings/{convening}/{part}" for part in ("overview", "agenda", "answers", "attendance", "decisions")})


@pytest.mark.shows("web.calendar")
def test_the_calendar_of_a_year_is_entered(app, ours):
    app.open("/app/calendar?year=2029").at("Calendar of the school year")
    for _ in range(4):
        left = len(app.screen.all("[aria-labelledby=quarters] .button.small"))
        app.screen.run("document.querySelector('[aria-labelledby=quarters] .button.small').click()")
        app.until(lambda left=left: len(app.screen.all("[aria-labelledby=quarters] .button.small")) < left, "one more quarter")
    app.until(lambda: len(app.screen.all("[aria-labelledby=quarters] input")) == 8, "four quarters")
    enter(app, "closed_days-starts_on", "2028-11-23")
    app.screen.find("#closed_days-reason").send_keys("Thanksgiving")
    app.wait_for("In these days 0 check-ins are due")
    app.screen.find("#closed_days-reason").submit()
    app.until(lambda: "Thanksgiving" in [one.text for one in app.screen.all(".days a")], "it is there")
    assert app.screen.all(".month .closed")
    enter(app, "blackouts-starts_on", "2028-12-24")
    app.screen.find("#blackouts-reason").send_keys("")
    app.screen.find("[aria-labelledby=blackouts] button[type=submit]").click()
    app.until(lambda: app.screen.all("[aria-labelledby=blackouts] [role=alert]"), "what is wrong")
    days = ours.director.get("/v1/closed_days").json["data"]
    assert [(one["starts_on"], one["reason"]) for one in days] == [("2028-11-23", "Thanksgiving")]
    clean_everywhere(app, {"calendar": "/app/calendar?year=2029"})


@pytest.mark.shows("web.check_in_calendar")
def test_check_ins_by_the_day_they_are_due(app, ours):
    running(ours, name="Reading partners").check_in()
    due = ours.director.get("/v1/check_ins").json["data"][0]["due_on"]
    app.open(f"/app/check_ins?view=calendar&month={due[:7]}").at("Check-ins by day").wait_for("Reading partners")
    app.click("Quarter", "main").wait_for("Reading partners")
    assert "span=quarter" in app.screen.path
    clean_everywhere(app, {"check-ins": f"/app/check_ins?view=calendar&month={due[:7]}"})
