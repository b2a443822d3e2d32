"""Recognition, funding, development, access and settings: what each shows and does, and that a viewer sees no control that would be
refused."""

import base64
import io
import re
import xml.etree.ElementTree
import zipfile

import pytest
from acting import act, done
from app import App
from needing import open_need
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from api_world import Tenant

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Screens of their own that other files ask more of.
OTHERS = ["/app", "/app/dashboard", "/app/pipeline", "/app/needs/board", "/app/needs/priorities", "/app/needs/calls", "/app/needs/gaps", "/app/needs/landscape",
          "/app/needs/map", "/app/calendar", "/app/everything", "/app/agreements?view=board", "/app/check_ins?view=calendar", "/app/surveys", "/app/instruments",
          "/app/search?q=oak"]
# What only shows something, or shows it otherwise.
READS = {"Find partners", "Filters", "Export", "Print", "Export as CSV", "Export as a spreadsheet", "Close", "More", "Without formatting", "Earlier", "Today", "Later", "Month", "Quarter"}
YEAR = re.compile(r"\d{4}–\d\d")
CUT = "return document.documentElement.scrollWidth > document.documentElement.clientWidth && document.documentElement.scrollWidth"


class World:
    """A gift to thank for, a story, a bulletin with one who gets it, an award; money asked for and awarded; a training, a coaching."""

    def __init__(self, tenant):
        self.tenant, director = tenant, tenant.director
        self.site = director.site(name="Oak High").id
        self.partner = director.partner(name="Gear Works").id
        area = director.created("focus_areas", {"name": "Robotics"}).id
        donee = director.created("donees", {"name": "River Schools", "kind": "district", "signer": "Ada Reyes, Superintendent"}).id
        self.gift = director.created("gifts", {"donee_id": donee, "partner_id": self.partner, "site_id": self.site, "title": "Thirty laptops", "kind": "goods",
                                               "value_cents": 900000, "description": "Thirty laptops"}).id
        self.story = director.created("stories", {"title": "Robots at Oak High", "text": "They built one.", "site_id": self.site}).id
        director.created("story_subjects", {"story_id": self.story, "gift_id": self.gift})
        open_need(tenant, site_id=self.site, focus_area_id=area, title="Ten tutors", needed_by="2027-03-01", quantity=10, unit="tutors")
        contact = director.created("contacts", {"name": "Ann Lee", "email": "ann@example.org"}).id
        director.created("affiliations", {"contact_id": contact, "partner_id": self.partner, "role": "volunteer"})
        everybody = director.created("saved_filters", {"name": "All contacts", "resource": "contacts", "criteria": []}).id
        self.bulletin = director.created("bulletins", {"name": "Winter", "saved_filter_id": everybody, "texts": [
            {"locale": "en", "subject": "What our schools need", "introduction": "Dear neighbors,"},
            {"locale": "es", "subject": "Lo que necesitan nuestras escuelas", "introduction": "Estimados vecinos:"}]}).id
        self.award = director.created("awards", {"kind": "award", "partner_id": self.partner, "title": "Partner of the year", "school_year": 2027}).id
        opportunity = director.created("funding_opportunities", {"name": "STEM grants", "funder": "State", "kind": "government", "due_on": "2027-02-01"}).id
        asked, self.award_of = (director.created("funding_applications", {
            "funding_opportunity_id": opportunity, "title": title, "partner_id": self.partner, "site_id": self.site, "requested_cents": 5000000,
            "due_on": "2027-01-15"}).id for title in ("Robots for all", "Labs for all"))
        for verb, body in (("begin", {}), ("submit", {}), ("award", {"awarded_cents": 4000000, "from_date": "2026-07-01", "until_date": "2027-06-30"})):
            done(act(director, "funding_applications", self.award_of, verb, **body))
        director.created("funding_periods", {"funding_application_id": self.award_of, "from_date": "2026-07-01", "until_date": "2026-12-31", "awarded_cents": 2000000,
                                             "report_due_on": "2026-11-01"})
        self.asked = asked
        director.created("trainings", {"title": "Working with mentors", "audience": "staff", "on_date": "2027-01-20", "seats": 20, "site_id": self.site})
        director.created("coachings", {"site_id": self.site, "user_id": tenant.users["school_leader"], "school_year": 2027, "sourcing": 2})

    @property
    def screens(self):
        return ["/app/recognition", "/app/recognition/stories", "/app/recognition/bulletins", "/app/recognition/awards", f"/app/bulletins/{self.bulletin}",
                f"/app/bulletins/{self.bulletin}/audience", "/app/funding", "/app/development", "/app/development/coaching", "/app/access", "/app/access/keys",
                "/app/access/settings", f"/app/partners/{self.partner}/recognition", f"/app/partners/{self.partner}/growth", f"/app/sites/{self.site}/recognition",
                f"/app/sites/{self.site}/growth"]


@pytest.fixture(scope="module")
def world(api, database):
    return World(Tenant(api, database))


def press(app, name):
    """The button in the row of that name, also where a message lies over it."""
    app.screen.run("arguments[0].click()", app.screen.driver.find_element(By.XPATH, f"//tr[contains(., '{name}')]//button"))


@pytest.fixture
def app(screen, world):
    return App(screen, world.tenant)


@pytest.mark.shows("web.recognition")
def test_a_gift_goes_from_its_offer_to_thanks_and_stays_in_sight_while_its_letter_is_due(app, world):
    app.sign_in().open("/app/recognition").wait_for("Thirty laptops")
    app.link("Thirty laptops").at("Thirty laptops").click("Accept", ".actions").click("Accept", ".dialog")
    app.until(lambda: world.tenant.director.get(f"/v1/gifts/{world.gift}").json["status"] == "accepted", "it is accepted")
    done(act(world.tenant.director, "gifts", world.gift, "receive"))
    app.open("/app/recognition").wait_for("waits 0 days")
    assert "Gear Works: Gift" in app.screen.text and "due in " in app.screen.text
    thanks = world.tenant.director.get("/v1/thank_yous", {"gift_id": world.gift}).json["data"][0]
    done(act(world.tenant.director, "thank_yous", thanks["id"], "give", way="call"))
    app.open("/app/recognition").wait_for("Everybody has been thanked.")
    row = app.screen.driver.find_element(By.XPATH, "//tr[contains(., 'Thirty laptops')]").text
    assert "Thanked" in row and "Ada Reyes, Superintendent signs" in row


@pytest.mark.shows("web.recognition")
def test_a_story_says_whose_consent_it_waits_for_and_where_it_is_shown(app):
    app.sign_in().open("/app/recognition/stories").wait_for("Robots at Oak High")
    text = app.screen.find("main").text
    assert "0 of 1" in text and "Waiting" in text and "nowhere yet" in text


@pytest.mark.shows("web.bulletins")
def test_a_bulletin_is_shown_as_its_mail_looks_in_each_language_with_who_gets_it(app, world):
    app.sign_in().open(f"/app/bulletins/{world.bulletin}").wait_for("What our schools need")
    shown = "return document.querySelector('.mail')?.shadowRoot?.textContent ?? ''"
    app.until(lambda: "Dear neighbors," in app.screen.run(shown), "the mail")
    assert app.screen.run("return [...document.querySelector('.mail').shadowRoot.querySelectorAll('*')].some(one => one.style.maxWidth)")
    Select(app.field("Language")).select_by_value("es")
    app.until(lambda: "Estimados vecinos:" in app.screen.run(shown), "the mail in Spanish")
    app.open(f"/app/bulletins/{world.bulletin}/audience").wait_for("Ann Lee")
    assert "It would go to 0, and not to 1." in app.screen.text
    assert [one for one in app.screen.driver.get_log("browser") if "Content Security Policy" in one["message"]] == []


@pytest.mark.shows("web.funding")
def test_funding_shows_what_is_asked_awarded_and_late(app, world):
    app.sign_in().open("/app/funding").wait_for("Robots for all")
    text = app.screen.find("main").text
    assert "Labs for all" in text and "$0 of $40,000" in text and "STEM grants" in text
    assert "Reports that funders expect" in text and app.screen.find(".counts dd.late").text == "1"


@pytest.mark.shows("web.funding")
def test_trainings_and_coaching_show_who_takes_part_and_what_is_not_planned(app):
    app.sign_in().open("/app/development").wait_for("Working with mentors")
    assert "0 of 20 taken" in app.screen.text
    app.open("/app/development/coaching").wait_for("Oak High")
    assert "Not planned" in app.screen.text and "0 of 1" in app.screen.text


@pytest.mark.shows("web.access")
def test_a_role_is_given_and_ended_in_words_and_the_end_is_undone(app, world):
    user = world.tenant.admin.created("users", {"name": "Nia Cole", "email": "nia@example.org"}).id
    held = lambda: [one["role"] for one in world.tenant.admin.get("/v1/grants", {"user_id": user}).json["data"]]
    app.sign_in("admin").open("/app/access").click("Give a role", "main")
    app.pick("user", "Nia")
    app.screen.find("input[name=role][value=viewer]").click()
    assert "changes nothing" in app.screen.find(".dialog .notice").text
    app.click("Give a role", ".dialog").until(lambda: held() == ["viewer"], "the grant")
    app.until(lambda: "Nia Cole" in app.screen.find("main").text, "Nia stands in the table")
    press(app, "Nia Cole")
    app.wait_for("but may no longer do this").click("End", ".dialog").until(lambda: held() == [], "it ends")
    app.click("Undo").until(lambda: held() == ["viewer"], "it is undone")


@pytest.mark.shows("web.access")
def test_a_key_is_shown_once_with_its_end_and_revoked(app, world):
    app.sign_in("admin").open("/app/access/keys").click("New key", "main")
    app.type("Called", "Nightly load").click("New key", ".dialog")
    token = app.until(lambda: app.screen.find(".token").text, "the key")
    assert token.startswith("kith_")
    app.click("Close", ".dialog").open("/app/access/keys").wait_for("Nightly load")
    assert token not in app.screen.driver.page_source and "Never used" in app.screen.text and "in 3 months" in app.screen.text
    press(app, "Nightly load")
    app.click("Revoke", ".dialog")
    app.until(lambda: "Nightly load" not in app.screen.find("main").text, "it is gone from the list")


@pytest.mark.shows("web.access")
def test_each_setting_says_what_it_does_what_it_is_and_who_made_it_so(app, world):
    path = f"/v1/districts/{world.tenant.id}"
    done(world.tenant.admin.patch(path, {"ask_limit": 4}, world.tenant.admin.get(path).etag))
    app.sign_in("admin").open("/app/access/settings").wait_for("Asks of one partner that wait at a time.")
    row = app.screen.driver.find_element(By.XPATH, "//dl[@class='settings']/div[contains(., 'Asks of one partner')]").text
    assert "4" in row and "set by" in row


@pytest.mark.shows("web.permissions")
def test_a_viewer_sees_no_control_that_would_be_refused_on_any_of_them(app, world):
    app.sign_in("viewer")
    found = {}
    for path in world.screens + OTHERS:
        app.open(path)
        tabs = {one.text for one in app.screen.all(".tabs a")}
        ways = {one.text.strip() for one in app.screen.all("main a.button") if not re.search("/(new|edit)", one.get_attribute("href"))}
        sorts = {one.text.strip() for one in app.screen.all("main button.sort")}
        more = [one for one in app.buttons() if one not in tabs | ways | sorts | READS and "blank" not in one and not YEAR.fullmatch(one)]
        if more:
            found[path] = more
    assert not found, repr(found)


@pytest.mark.shows("web.axe")
@pytest.mark.parametrize("role", ["admin", "director"])
def test_axe_finds_nothing_and_nothing_is_cut_on_the_narrowest_phone(app, world, role):
    app.sign_in(role)
    found = []
    for path in world.screens:
        app.screen.width(1280)
        app.open(path)
        found += [f"{path}: {line}" for line in app.screen.axe()]
        with app.dark():
            found += [f"{path} (dark): {line}" for line in app.screen.axe() if "color-contrast" in line]
        app.screen.width(320)
        if app.screen.run(CUT):
            found.append(f"{path}: it is wider than the phone")
    assert found == []


@pytest.mark.shows("web.languages")
def test_in_spanish_nothing_is_left_in_english(app, world):
    app.sign_in("admin", "es")
    for path in world.screens:
        app.open(path)
        text = app.screen.find("main").text
        for words in ("Audience", "Thank", "Award", "Grant", "Funding", "Training", "Setting", "Status", "Due"):
            assert words not in text.replace("Grants", ""), (path, words)


@pytest.mark.shows("web.sheets")
@pytest.mark.parametrize("path, head", [("/app/needs/gaps", "Place name"), ("/app/needs/map", "Node")])
def test_what_is_shown_is_a_spreadsheet_with_numbers(app, path, head):
    app.sign_in().open(path)
    app.screen.run("window.files = []; URL.createObjectURL = (blob) => { window.files.push(blob); return 'about:blank#'; }; HTMLAnchorElement.prototype.click = () => {};")
    app.screen.find(".title .menu summary").click()
    app.screen.all(".title .menu-list button")[1].click()
    told = app.screen.driver.execute_async_script("""
        const done = arguments[0], reader = new FileReader();
        reader.onload = () => done(reader.result);
        reader.readAsDataURL(window.files[0]);""")
    assert told.startswith("data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;base64,")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(told.split(",")[1]))) as file:
        assert file.testzip() is None
        for name in file.namelist():
            xml.etree.ElementTree.fromstring(file.read(name))
        rows = list(xml.etree.ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml")).iter(f"{SHEET}row"))
    assert rows[0][0].find(f"{SHEET}is/{SHEET}t").text == head
    assert len(rows) > 1 and any(cell.find(f"{SHEET}v") is not None for cell in rows[1])
