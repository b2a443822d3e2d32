"""On a phone: the parts of a page are one row, which scrolls; figures stand in even columns."""

import pytest
from app import App
from days import clean
from selenium.webdriver.common.keys import Keys

from api_world import Tenant

ROW = """
const row = document.querySelector('.tabs ul'), box = row.getBoundingClientRect();
const lines = new Set([...row.children].map(one => Math.round(one.getBoundingClientRect().top))).size;
const seen = one => { const own = one.getBoundingClientRect(); return own.left >= box.left - 1 && own.right <= box.right + 1; };
return {lines, scrolls: row.scrollWidth > row.clientWidth, page: document.documentElement.scrollWidth,
        current: seen(row.querySelector('[aria-current]')), focused: row.contains(document.activeElement) && seen(document.activeElement)}
"""
PLACE = "return [document.activeElement, document.querySelector('.tabs ul')].map(one => [one.getBoundingClientRect().left, one.getBoundingClientRect().right])"
COLUMNS = """
return [...document.querySelectorAll('.counts')].map(list => {
  const boxes = [...list.children].map(one => one.getBoundingClientRect());
  return [boxes.length, new Set(boxes.map(one => Math.round(one.left))).size, new Set(boxes.map(one => Math.round(one.width))).size];
})
"""


@pytest.fixture(scope="module")
def ours(api, database):
    tenant = Tenant(api, database)
    tenant.partner_id = tenant.director.created("partners", {"name": "Harbor Trust", "kind": "nonprofit"}).id
    return tenant


@pytest.mark.shows("web.phone")
@pytest.mark.parametrize("width", [375, 320])
def test_the_parts_of_a_page_are_one_row_with_the_open_one_in_sight(screen, ours, width):
    app = App(screen, ours).sign_in()
    app.screen.width(width)
    for part in ("", "/timeline", "/mails", "/history"):
        app.open(f"/app/partners/{ours.partner_id}{part}")
        row = app.until(lambda: (found := app.screen.run(ROW))["current"] and found, f"the tab of {part} is in sight")
        assert (row["lines"], row["scrolls"]) == (1, True) and row["page"] <= width, (part, row)
    clean(app, f"tabs-{width}")
    tabs = app.screen.all(".tabs a")
    app.screen.run("arguments[0].focus()", tabs[0])
    for one in tabs[1:]:
        app.screen.press(Keys.TAB)
        assert app.focused == one
        app.until(lambda: app.screen.run(ROW)["focused"], f"{one.text} is in sight: {app.screen.run(PLACE)}")
    app.screen.press(Keys.ENTER)
    app.until(lambda: app.screen.path.endswith("/history"), "the last one is opened by keyboard")


@pytest.mark.shows("web.phone")
def test_on_a_desk_all_parts_are_in_sight(screen, ours):
    app = App(screen, ours).sign_in().open(f"/app/partners/{ours.partner_id}/history")
    assert not app.screen.run(ROW)["scrolls"]


@pytest.mark.shows("web.phone")
def test_figures_stand_in_even_columns(phone, ours):
    app = App(phone, ours).sign_in()
    for path in ("/app/recognition", "/app/funding", "/app/needs/map"):
        app.open(path)
        lists = app.screen.run(COLUMNS)
        assert lists, path
        for count, columns, widths in lists:
            assert columns <= 2 and widths == 1, (path, count, columns, widths)
        assert app.screen.run("return document.documentElement.scrollWidth") <= 375
