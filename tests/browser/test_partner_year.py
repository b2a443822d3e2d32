"""A partner's own year as its reader sees it: what axe finds, on a phone, on a desk and on paper, in both languages."""

import base64

import pytest
from test_page_partner_year import Told


@pytest.fixture(scope="module")
def told(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Told(ours, connection)


@pytest.mark.shows("kpis.partner_year")
@pytest.mark.parametrize("width, lang, title", [(320, "es", "De un vistazo"), (1280, "en", "At a glance")])
def test_a_year_in_the_browser(screen, told, width, lang, title):
    screen.width(width)
    screen.driver.get(f"http://{screen.api.host}:8080/login")
    screen.driver.add_cookie({"name": "kith-lang", "value": lang})
    screen.open(f"/r/{told.link}")
    screen.open(f"{screen.path}/2027")
    screen.picture(f"partner-year-{lang}-{width}")
    assert [line for line in screen.axe() if width > 320 or not line.startswith("color-contrast (incomplete)")] == []
    assert title in screen.text and screen.find("html").get_attribute("lang") == lang
    assert screen.run("return document.documentElement.scrollWidth") <= width
    for figure in screen.all("figure"):
        assert figure.find_element("xpath", "following-sibling::div[1]//table").is_displayed(), "a table under each"


def test_a_year_is_printed(screen, told):
    screen.open(f"/r/{told.link}")
    screen.open(f"{screen.path}/2027")
    screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    screen.width(720)  # Letter, within its margins
    try:
        assert screen.run("return [...document.querySelectorAll('.scroll')].filter("
                          "one => one.scrollWidth > one.clientWidth).length") == 0, "nothing is cut off"
        assert not screen.find(".years").is_displayed() and screen.find("table").is_displayed()
    finally:
        screen.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert base64.b64decode(screen.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]).startswith(b"%PDF-")
