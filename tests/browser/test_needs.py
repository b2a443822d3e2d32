"""The screens of needs, calls, gaps and schools: what each shows, where it leads, and that its address says it."""

import pytest
from app import App
from needing import did, made_need, open_need, pledge, staged
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from api_world import Tenant


class World:
    """Two schools of a network with what they need, who could help, and a call."""

    def __init__(self, tenant):
        self.tenant, director = tenant, tenant.director
        self.network = director.created("networks", {"name": "River"}).id
        self.site, self.other = (director.site(name=name, network_id=network).id
                                 for name, network in (("Oak High", self.network), ("Elm High", None)))
        self.area, self.arts = (director.created("focus_areas", {"name": name}).id for name in ("Robotics", "Painting"))
        fields = {"focus_area_id": self.area, "unit": "kits", "quantity": 10, "needed_by": "2027-03-01"}
        self.need = open_need(tenant, title="Robot kits", site_id=self.site, description="For the club after school.", **fields)
        self.draft = made_need(tenant, title="Easels", site_id=self.other, focus_area_id=self.arts, urgency="urgent", needed_by="2027-03-01", resource_kinds=["equipment"])
        self.partner = director.partner(name="Gear Works", reach="district").id
        staged(tenant, self.partner, "approved")
        director.created("programs", {"name": "Robots for all", "partner_id": self.partner, "focus_area_id": self.area})
        self.barred = director.partner(name="Bad Gears").id
        staged(tenant, self.barred, "barred")
        self.pledge = pledge(tenant, self.need, 4, partner_id=self.partner)
        did(director, "pledges", self.pledge, "accept")
        priority = director.created("priorities", {"school_year": 2027, "site_id": self.other, "statement": "Everybody paints", "focus_area_id": self.arts}).id
        did(director, "priorities", priority, "adopt")
        director.created("readiness_conditions", {"name": "There is room to work in"})
        for term in (1, 2):
            director.created("landscape_snapshots", {"school_year": 2027, "term": term, "name": f"Term {term}"})
        self.call = director.created("calls_to_action", {"title": "Coats before the snow", "situation": "It is cold.", "focus_area_id": self.arts, "resource_kinds": ["equipment"],
                                                         "quantity": 100, "unit": "coats", "deadline": "2027-01-15"}).id
        did(director, "calls_to_action", self.call, "open")
        did(director, "calls_to_action", self.call, "allocate", site_id=self.site, quantity=60)
        self.roll_call = director.created("roll_calls", {"site_id": self.site, "school_year": 2027, "due_on": "2026-12-20"}).id
        did(director, "roll_calls", self.roll_call, "add", partner_id=self.partner)

    @property
    def screens(self):
        return ["/app/needs/board", "/app/needs/board?status=open", "/app/needs/priorities?year=2027", "/app/needs/calls", "/app/needs/calls?status=closed", "/app/needs/gaps",
                f"/app/needs/gaps?cell={self.site}:{self.area}", "/app/needs/landscape", "/app/needs/map", f"/app/needs/{self.need}", f"/app/needs/{self.need}/matches", f"/app/calls_to_action/{self.call}",
                f"/app/calls_to_action/{self.call}/answers", f"/app/sites/{self.site}/roll-call", f"/app/sites/{self.site}/impact", f"/app/sites/{self.site}/ready"]


@pytest.fixture(scope="module")
def world(api, database):
    return World(Tenant(api, database))


@pytest.fixture
def app(screen, world):
    return App(screen, world.tenant)


def column(app, name):
    return next(one.text for one in app.screen.all(".column") if one.text.startswith(name))


@pytest.mark.shows("web.needs")
def test_needs_stand_by_how_far_they_have_come_and_the_address_says_which(app, world):
    app.sign_in().open("/app/needs/board")
    assert "Easels" in column(app, "Draft") and "Urgent" in column(app, "Draft") and "Robot kits" in column(app, "Partly matched")
    assert "4 of 10 kits promised" in column(app, "Partly matched") and "Oak High" in column(app, "Partly matched")
    for query, there, gone in ((f"in_network_id={world.network}", "Robot kits", "Easels"), (f"site_id={world.other}", "Easels", "Robot kits"),
                               ("resource_kind=equipment", "Easels", "Robot kits"), ("urgency=urgent", "Easels", "Robot kits")):
        app.open(f"/app/needs/board?{query}")
        assert there in app.screen.text and gone not in app.screen.text, query
    Select(app.open("/app/needs/board").field("Kind of resource")).select_by_visible_text("Equipment")
    app.until(lambda: "resource_kind=equipment" in app.screen.path, "the address says it")


@pytest.mark.shows("web.needs")
def test_a_need_is_moved_on_from_the_board(app, world):
    one = made_need(world.tenant, title="Drums", site_id=world.site, needed_by="2027-03-01")
    app.sign_in().open(f"/app/needs/board?site_id={world.site}&status=draft")
    card = next(card for card in app.screen.all(".ticket") if "Drums" in card.text)
    card.find_element(By.XPATH, ".//button[contains(., 'Move on')]").click()
    app.wait().click("Submit", ".ticket")
    app.until(lambda: world.tenant.director.get(f"/v1/needs/{one}").json["status"] == "capacity_review", "it is submitted")
    app.sign_in("viewer").open("/app/needs/board")
    assert not any("Move on" in text or text.startswith("New") for text in app.buttons())


@pytest.mark.shows("web.matching")
def test_each_candidate_says_what_speaks_for_it_and_against_and_who_is_not_there_says_why(app, world):
    need = open_need(world.tenant, title="More kits", site_id=world.other, focus_area_id=world.area, quantity=5, unit="kits", needed_by="2027-03-01")
    app.sign_in().open(f"/app/needs/{need}/matches")
    first = app.screen.find(".match")
    assert first.text.startswith("Gear Works") and "It works on this" in first.text and "It has shown no evidence" in first.text
    first.find_element(By.CSS_SELECTOR, "summary").click()
    rows = [[cell.text for cell in row.find_elements(By.XPATH, "./*")] for row in first.find_elements(By.CSS_SELECTOR, ".factors tbody tr")]
    assert len(rows) == 8 and rows[0][0] == "Focus" and rows[0][2] == "100%" and sum(int(row[3]) for row in rows) == 100
    for name, why in (("Bad Gears", "may not be asked: it is barred"), ("Gear Works", "is number 1 above")):
        box = app.field("Partner")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(name)
        app.until(lambda name=name: name in app.screen.find("#why-not-partner ~ [role=listbox]").text, "it is found")
        box.send_keys(Keys.ENTER)
        app.wait_for(why)


@pytest.mark.shows("web.matching")
def test_who_is_asked_is_sent_the_words_that_were_read_before(app, world):
    director = world.tenant.director
    need = open_need(world.tenant, title="Spare wheels", site_id=world.other, focus_area_id=world.area, quantity=6, unit="wheels", needed_by="2027-03-01")
    app.sign_in().open(f"/app/needs/{need}/matches")
    app.screen.find(".match .button.primary").click()
    app.until(lambda: app.screen.all(".letter"), "the letter")
    app.type("Message", "Six wheels would do.")
    app.type("Quantity", "5")
    letter = app.screen.find(".letter").text
    assert "Six wheels would do." in letter and "5 wheels" in letter and "Elm High" in letter
    app.button("Send", "dialog").click()
    app.wait_for("Gear Works is asked.")
    ask = director.get("/v1/asks", {"need_id": need}).json["data"][0]
    assert (ask["status"], ask["quantity"], ask["message"]) == ("sent", 5, "Six wheels would do.")
    app.until(lambda: "Ask" not in app.buttons("#matches") and "Sent" in app.screen.find(".match").text, "it is asked once")


@pytest.mark.shows("web.priorities")
def test_a_priority_stands_at_its_place_with_who_works_on_it(app):
    app.sign_in().open("/app/needs/priorities?year=2027")
    row = next(one.text for one in app.screen.all("tbody tr") if "Everybody paints" in one.text)
    assert "Adopted" in row and "Painting" in row and "Nobody works on it" in row and "Write a need" in row
    app.open("/app/needs/priorities?year=2028")
    assert "No priorities for 2027–28 yet" in app.screen.text


@pytest.mark.shows("web.calls")
def test_a_call_has_a_clock_and_what_is_pledged_of_what_is_wanted(app, world):
    app.sign_in().open("/app/needs/calls")
    clock = app.screen.find("[role=timer]")
    assert clock.get_attribute("aria-label") == "Time left of Coats before the snow" and "days" in clock.text and "left" in clock.text
    assert "0 of 100 coats pledged" in app.screen.text
    app.open(f"/app/calls_to_action/{world.call}")
    assert "60 of 100 coats are divided among schools" in app.screen.text and "Oak High" in app.screen.text


@pytest.mark.shows("web.gaps")
def test_a_cell_leads_to_what_is_behind_it(app, world):
    app.sign_in().open("/app/needs/gaps?only=gaps")
    cell = app.screen.find(f"a[href*='cell={world.site}%3A{world.area}']")
    assert "A gap" in cell.get_attribute("textContent")
    cell.click()
    app.wait_for("What is needed here is not covered.")
    assert f"cell={world.site}%3A{world.area}" in app.screen.path
    links = [one.get_attribute("href") for one in app.screen.all("section[aria-labelledby=behind] a")]
    assert any(f"/app/needs?focus_area_id={world.area}&site_id={world.site}" in one for one in links)
    Select(app.field("Number shown")).select_by_visible_text("Partners")
    app.until(lambda: "measure=partners" in app.screen.path, "the address says it")


@pytest.mark.shows("web.landscape")
def test_two_days_stand_side_by_side(app):
    app.sign_in().open("/app/needs/landscape")
    assert "Nothing differs." in app.screen.text and "Who came" in app.screen.text and "0 gaps opened." in app.screen.text


@pytest.mark.shows("web.map")
def test_the_map_is_walked_by_keyboard_and_is_a_table_too(app, world):
    director = world.tenant.director
    for n, site in enumerate((world.site, world.other)):
        program = director.created("programs", {"name": f"Club {n}", "partner_id": world.partner, "focus_area_id": world.area, "status": "active"}).id
        director.created("program_sites", {"program_id": program, "site_id": site})
    app.sign_in().open("/app/needs/map")
    app.screen.tab_to(".network a[tabindex='0']")

    def here():
        return app.focused.get_attribute("aria-label")

    assert here() == "Gear Works, partner, 2 schools"
    app.screen.press(Keys.ARROW_DOWN)
    app.until(lambda: here() in ("Oak High, school, 1 partner", "Elm High, school, 1 partner"), "one of its schools")
    first = here()
    app.screen.press(Keys.ARROW_RIGHT)
    app.until(lambda: here() not in (first, "Gear Works, partner, 2 schools"), "the other school")
    app.screen.press(Keys.ARROW_UP)
    app.until(lambda: here() == "Gear Works, partner, 2 schools", "back at the partner")
    app.screen.press(Keys.ENTER)
    app.until(lambda: app.screen.path == f"/app/partners/{world.partner}", "its page")
    app.open("/app/needs/map")
    row = next(one.text for one in app.screen.all("tbody tr") if one.text.startswith("Gear Works"))
    assert "2" in row


@pytest.mark.shows("web.schools")
def test_a_principal_says_the_roll_call_and_readiness_by_one_press_each(app, world):
    director = world.tenant.director
    app.screen.width(375)
    app.sign_in().open(f"/app/sites/{world.site}/roll-call?year=2027")
    app.until(lambda: app.screen.all("input[value=still_here]"), "the marks")
    app.screen.find("input[value=still_here]").click()
    app.until(lambda: director.get("/v1/roll_call_marks", {"roll_call_id": world.roll_call}).json["data"][0]["mark"] == "still_here", "it is said")
    app.click("Submit", "main")
    app.until(lambda: director.get(f"/v1/roll_calls/{world.roll_call}").json["status"] == "submitted", "it is signed")
    app.open(f"/app/sites/{world.site}/ready")
    app.screen.find(".roll input[value='3']").click()
    app.until(lambda: [one["rating"] for one in director.get("/v1/readiness_ratings", {"site_id": world.site}).json["data"]] == [3], "it is rated")
    app.screen.find(".roll input[value='2']").click()
    app.until(lambda: [one["rating"] for one in director.get("/v1/readiness_ratings", {"site_id": world.site}).json["data"]] == [2], "it is rated otherwise")


@pytest.mark.shows("web.axe")
@pytest.mark.parametrize("width, language", [(320, "en"), (1280, "en"), (1280, "es")])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(app, world, width, language):
    app.screen.width(width)
    app.sign_in(language=language)
    found = []
    for path in world.screens:
        app.open(path)
        app.screen.picture(f"needs-{path}-{width}-{language}")
        found += [f"{path}: {line}" for line in app.screen.axe()]
        if app.screen.run("return document.documentElement.scrollWidth") > width:
            found.append(f"{path}: wider than {width}")
        with app.dark():
            found += [f"{path} (dark): {line}" for line in app.screen.axe() if "color-contrast" in line]
    app.sign_in(language="en")
    assert found == []
