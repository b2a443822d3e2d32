"""A report as its readers see it: what axe finds, on a phone, on a desk and on paper, in both languages."""

import base64

import pytest
from pages import signed_in
from test_api_reports import Told


@pytest.fixture(scope="module")
def told(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Told(ours, connection)


def enter(screen, ours, lang):
    screen.driver.get(f"http://{screen.api.host}:8080/login")
    screen.driver.add_cookie({"name": "kith", "value": signed_in(ours).cookies["kith"]})
    screen.driver.add_cookie({"name": "kith-lang", "value": lang})


@pytest.mark.shows("kpis.report_axe")
@pytest.mark.parametrize("width, lang, title", [(320, "es", "De un vistazo"), (1280, "en", "At a glance")])
@pytest.mark.parametrize("of", ("site", "district"))
def test_a_report_in_the_browser(screen, ours, told, of, width, lang, title):
    one = told.report(**({"site_id": told.sites[0]} if of == "site" else {}))
    screen.width(width)
    enter(screen, ours, lang)
    screen.open(f"/reports/{one}")
    screen.picture(f"report-{of}-{lang}-{width}")
    # On a phone a wide table is scrolled: of what lies outside axe cannot tell the contrast, which is the same on a desk.
    assert [line for line in screen.axe() if width > 320 or not line.startswith("color-contrast (incomplete)")] == []
    assert title in screen.text and screen.find("html").get_attribute("lang") == lang
    assert screen.run("return document.documentElement.scrollWidth") <= width
    for figure in screen.all("figure"):
        assert figure.find_element("xpath", "following-sibling::div[1]//table").is_displayed(), "a table under each"
    assert screen.run("return getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse", "its style counts"


@pytest.mark.shows("kpis.report_print")
def test_a_report_is_printed(screen, ours, told):
    enter(screen, ours, "en")
    screen.open(f"/reports/{told.report(site_id=told.sites[0])}")
    screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    screen.width(720)  # Letter, within its margins
    try:
        assert screen.run("return [...document.querySelectorAll('.scroll')].filter("
                          "one => one.scrollWidth > one.clientWidth).length") == 0, "nothing is cut off"
        assert not screen.find(".files").is_displayed(), "what leads on does not on paper"
        assert screen.find("table").is_displayed() and screen.find("svg.line").is_displayed()
    finally:
        screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    paper = base64.b64decode(screen.driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert paper.startswith(b"%PDF-")


def test_who_is_not_signed_in_is_asked_to(screen, told):
    screen.open(f"/reports/{told.report()}")
    assert screen.path.startswith("/login")
