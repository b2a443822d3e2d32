"""The web app as others use it: from right to left, at twice the size on the narrowest screen, on paper, without motion, and with a
focus that is never lost."""

import base64
import os
import re

import pytest
from app import App
from paper import text_of
from selenium.webdriver.common.keys import Keys

from api_world import Tenant
from world import ROOT

SCREENS = ["/app", "/app/dashboard", "/app/partners", "/app/partners/{partner}", "/app/partners/{partner}/edit", "/app/partners/new", "/app/pipeline",
           "/app/partnerships/{partnership}", "/app/everything", "/app/search?q=harbor", "/app/nothing", "/app/messages"]
STYLE = os.path.join(ROOT, "services/web/src/style")
# Of a side, where a language from right to left has the other one.
SIDES = re.compile(r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)|left|right|border-(?:top|bottom)-(?:left|right)-radius)\s*:"
                   r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b")
# What reaches out of the window, or of what cuts it; what scrolls by itself may.
CUT = """
const found = [];
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > width) found.push('the page is ' + document.documentElement.scrollWidth + ' wide');
for (const one of document.querySelectorAll('body *')) {
  if (one.closest('.unseen, .skip, [hidden], svg, .table-box, .board, .tabs, .nav:not(.open), thead') || !one.checkVisibility()) continue;
  const box = one.getBoundingClientRect();
  if (box.width && (box.left < -1 || box.right > width + 1)) found.push(one.tagName + '.' + one.className + ': ' + one.textContent.slice(0, 40));
}
return found.slice(0, 5)
"""


@pytest.fixture(scope="module")
def ours(api, database):
    tenant = Tenant(api, database)
    tenant.partner_id = tenant.director.created("partners", {
        "name": "Harbor Trust of the Upper Chesapeake and its Tributaries", "kind": "nonprofit", "website": "https://a-very-long-name-of-a-place.example.org/where/it/is"}).id
    tenant.partnership_id = tenant.director.created("partnerships", {"partner_id": tenant.partner_id, "name": "Harbor mentors", "arrangement": "program"}).id
    return tenant


@pytest.fixture
def app(screen, ours):
    return App(screen, ours).sign_in()


def at_each(app, width, script):
    """What is cut on which screen, once the script has changed how it is shown."""
    app.screen.width(width)
    found = []
    for path in SCREENS:
        app.open(path.format(partner=app.tenant.partner_id, partnership=app.tenant.partnership_id))
        app.screen.run(script)
        found += [f"{path}: {one}" for one in app.screen.run(CUT)]
    return found


@pytest.mark.shows("web.right_to_left")
def test_no_style_names_a_side():
    for name in os.listdir(STYLE):
        with open(os.path.join(STYLE, name), encoding="utf-8") as file:
            assert [line.strip() for line in file if SIDES.search(line)] == [], name


@pytest.mark.shows("web.right_to_left")
@pytest.mark.parametrize("width", [320, 1280])
def test_from_right_to_left_nothing_is_cut(app, width):
    assert at_each(app, width, "document.documentElement.dir = 'rtl'") == []


@pytest.mark.shows("web.right_to_left")
def test_from_right_to_left_the_menu_is_on_the_right(app):
    app.open("/app/partners")
    app.screen.run("document.documentElement.dir = 'rtl'")
    assert app.screen.run("return document.querySelector('.nav').getBoundingClientRect().right === document.documentElement.clientWidth")


@pytest.mark.shows("web.zoom")
def test_at_twice_the_size_on_the_narrowest_screen_nothing_is_cut(app):
    assert at_each(app, 320, "document.documentElement.style.fontSize = '200%'") == []


@pytest.mark.shows("web.print")
@pytest.mark.parametrize("path, told", [
    ("/app/partners/{partner}", ["Harbor Trust of the Upper Chesapeake", "Nonprofit"]),
    ("/app/partners", ["Partners", "Harbor Trust"]),
    ("/app/partnerships/{partnership}", ["Harbor mentors"]),
])
def test_on_paper_stands_what_is_told_and_nothing_to_press(app, path, told):
    app.open(path.format(partner=app.tenant.partner_id, partnership=app.tenant.partnership_id))
    text = text_of(base64.b64decode(app.screen.driver.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.5, "paperHeight": 11})["data"]))
    text = text.replace(" ", "")  # letters that stand apart are set one by one
    for words in told:
        assert words.replace(" ", "") in text
    for words in ("Everything", "Export", "Edit", "Search everything", "More actions", "My tasks"):
        assert words.replace(" ", "") not in text, f"{words!r} is for the screen"


@pytest.mark.shows("web.motion")
def test_who_wants_no_motion_has_none(app):
    def archived():
        one = app.tenant.director.created("partners", {"name": "Still Life", "kind": "civic"}).id
        app.open(f"/app/partners/{one}")
        app.screen.find(".title .menu:last-of-type summary").click()
        app.button("Archive").click()
        app.wait_for("archived")
        return app.screen.run("return [getComputedStyle(document.querySelector('.toast')).animationName, getComputedStyle(document.body).scrollBehavior]")
    assert archived()[0] == "rise"
    app.screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})
    try:
        assert archived() == ["none", "auto"]
    finally:
        app.screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


HAS_FOCUS = "return document.activeElement !== document.body && document.activeElement.checkVisibility()"


@pytest.mark.shows("web.focus")
def test_the_focus_is_never_lost(app):
    """Whatever one presses goes away: something that can be seen has the focus then."""
    def kept(what):
        assert app.screen.run(HAS_FOCUS), f"{what}: the focus is lost"
    one = app.tenant.director.created("partners", {"name": "Focal Point", "kind": "civic"}).id
    app.open(f"/app/partners/{one}")
    app.button("Record a contact", "main").click()
    app.until(lambda: app.screen.all("dialog"), "its question")
    kept("a question opens")
    app.screen.press(Keys.ESCAPE)
    app.until(lambda: not app.screen.all("dialog"), "it is closed")
    kept("a question is closed by Escape")
    app.button("Record a contact", "main").click()
    app.button("Record a contact", "dialog").click()
    app.wait_for("Contacted")
    app.until(lambda: not app.screen.all("dialog"), "it is closed")
    app.until(lambda: app.screen.run(HAS_FOCUS), "the focus, after what was pressed is gone")
    app.screen.tab_to("main .tabs li:nth-child(2) a")
    app.screen.press(Keys.ENTER)
    app.wait()
    kept("another part")
    app.open("/app/partners?kind=civic")
    app.screen.find(".chip button").click()
    app.until(lambda: not app.screen.all(".chip"), "the filter is gone")
    kept("a filter goes away")
    app.screen.find("main tbody input[type=checkbox]").click()
    app.click("Choose none", ".bulk")
    kept("nothing is chosen any more")
    app.screen.find(".top .menu summary").click()
    app.screen.press(Keys.ESCAPE)
    kept("a menu is closed by Escape")
    for _ in range(12):
        app.screen.press(Keys.TAB)
        kept("Tab")
    app.open(f"/app/partners/{one}")
    app.screen.find(".title .menu:last-of-type summary").click()
    app.button("Archive").click()
    app.wait_for("archived")
    app.until(lambda: app.screen.run(HAS_FOCUS), "the focus, after what was pressed in a menu")
