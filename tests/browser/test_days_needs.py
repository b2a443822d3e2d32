"""A superintendent's day through the screens alone: what the district gets for what it gives. With the keyboard alone, in both
languages, and on the narrowest phone at twice the size."""

import pytest
from app import App, running_web
from needing import open_need, staged
from partnering import Ready
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.keys import Keys

from api_world import Tenant


@pytest.fixture(scope="module")
def api(database):
    with running_web(database) as one:
        yield one


@pytest.fixture(scope="module")
def ours(api, database):
    tenant = Tenant(api, database)
    director = tenant.director
    tenant.site = director.site(name="Oak High").id
    tenant.area = director.created("focus_areas", {"name": "Warm meals"}).id
    tenant.partner = director.partner(name="Corner Bakery", reach="district").id
    staged(tenant, tenant.partner, "approved")
    director.created("programs", {"name": "Bread for all", "partner_id": tenant.partner, "focus_area_id": tenant.area})
    contact = director.created("contacts", {"name": "Bo Baker", "email": "bo@example.org"}).id
    director.created("affiliations", {"contact_id": contact, "partner_id": tenant.partner, "role": "Owner"})
    running = Ready(tenant, name="Bread at noon", focus_area_id=tenant.area, lead_site_id=tenant.site)
    tenant.giver = running.partner
    for side, cents in (("partner", 750_000), ("district", 250_000)):
        one = director.created("investments", {"partnership_id": running.id, "side": side, "kind": "cash", "amount_cents": cents,
                                               "from_date": "2026-08-01", "until_date": "2026-10-31", "purpose": "Bread"}).id
        director.post(f"/v1/investments/{one}/deliver", {})
    open_need(tenant, title="More ovens", site_id=tenant.site, focus_area_id=tenant.area, needed_by="2027-04-01")
    return tenant


class Hand(App):
    """Whoever works with it: by a pointer, or by the keyboard alone. Every screen that one comes to is looked at by axe."""

    def __init__(self, screen, tenant, keyboard, width):
        super().__init__(screen, tenant)
        self.keyboard = keyboard
        self.width = width
        self.found = []

    def look(self):
        """As one comes to it: from its top, and past what was told of the step before."""
        self.wait()
        self.screen.run("""document.querySelectorAll('.toast .button:last-child').forEach(one => one.click());
                           document.querySelectorAll('.table-box').forEach(one => one.scrollTo(0, 0)); scrollTo(0, 0)""")
        self.until(lambda: not self.screen.all(".toast"), "toasts go")
        self.found += [f"{self.screen.path}: {line}" for line in self.screen.axe()]
        if self.screen.run("return document.documentElement.scrollWidth") > self.width:
            self.found.append(f"{self.screen.path}: wider than {self.width}")
        return self

    def press(self, text, within="body"):
        """A button or a link, as it is written on it, or begins with it: what it is of stands behind for readers."""
        def there():
            seen = [(" ".join(one.text.split()), one) for one in self.screen.all(f"{within} button, {within} summary, {within} a") if one.is_displayed()]
            return next((one for said, one in seen if said == text), None) or next((one for said, one in seen if said.startswith(f"{text} ")), None)
        one = self.until(there, f"{text!r}")
        if not self.keyboard:
            one.click()
            return self
        self.reach(one)
        self.screen.press(Keys.ENTER)
        return self

    def reach(self, one, most=250):
        """By Tab alone; an element that is drawn anew meanwhile is the same one by its place."""
        marked = self.screen.run("arguments[0].setAttribute('data-wanted', ''); return true", one)
        assert marked
        for _ in range(most):
            if self.screen.run("return document.activeElement.hasAttribute('data-wanted')"):
                self.screen.run("document.activeElement.removeAttribute('data-wanted')")
                return
            self.screen.press(Keys.TAB)
        raise AssertionError(f"{one.text!r} is not reached by the keyboard")

    def write(self, text, value):
        """Into the field that has this label."""
        try:
            one = self.field(text)
        except StaleElementReferenceException:
            one = self.field(text)
        if self.keyboard:
            self.reach(one)
        else:
            self.screen.run("arguments[0].focus()", one)
        if one.get_attribute("type") != "date":
            self.focused.send_keys(Keys.CONTROL, "a")
        self.screen.press(value)
        if one.get_attribute("role") == "combobox":
            self.until(lambda: value in " ".join(each.text for each in self.screen.all("[role=option]")), f"{value!r} is found")
            self.screen.press(Keys.ENTER)
        return self


WAYS = [("a pointer", False, 1280, "en"), ("the keyboard alone", True, 1280, "en"), ("a phone at twice the size", False, 320, "en")]


@pytest.fixture
def hand(screen, ours, request):
    _, keyboard, width, language = request.param
    if width == 320:
        screen.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 320, "height": 640, "deviceScaleFactor": 2, "mobile": False})
    one = Hand(screen, ours, keyboard, width)
    one.language = language
    yield one
    one.sign_in(language="en")


SAID = {
    "en": {"impact": "Impact", "gives": "What it gives", "gave": "What both sides gave", "needs": "Needs", "gaps": "Gaps", "covered": "What is needed here is not covered.", "new": "New report", "name": "Name", "create": "Create", "report": "Open the report"},
    "es": {"impact": "Impacto", "gives": "Lo que aporta", "gave": "Lo que aportó cada parte", "needs": "Necesidades", "gaps": "Brechas", "covered": "Lo que se necesita aquí no está cubierto.", "new": "Agregar informe", "name": "Nombre", "create": "Crear", "report": "Abrir el informe"},
}
DAYS = [*WAYS, ("a pointer, in Spanish", False, 1280, "es"), ("the keyboard alone, in Spanish", True, 1280, "es")]


@pytest.mark.shows("web.days_needs", "web.gaps")
@pytest.mark.parametrize("hand", DAYS, indirect=True, ids=[way[0] for way in DAYS])
def test_a_superintendent_says_what_the_district_gets_for_it(hand, ours):
    said = SAID[hand.language]
    hand.sign_in("executive", hand.language).open("/app/dashboard").look()
    assert hand.screen.heading.startswith(said["impact"])
    hand.open(f"/app/partners/{ours.giver}").look()
    hand.press(said["gives"], ".tabs").wait_for(said["gave"])
    hand.look()
    assert "$7,500" in hand.screen.find("section[aria-labelledby=balance]").text and "$2,500" in hand.screen.find("section[aria-labelledby=balance]").text
    hand.open("/app/needs/board").press(said["gaps"], ".tabs")
    hand.until(lambda: hand.screen.all(".heat td a"), "the map")
    cell = hand.look().screen.find(f".heat a[href*='{ours.site}']")
    if hand.keyboard:
        hand.reach(cell)
        hand.screen.press(Keys.ENTER)
    else:
        cell.click()
    hand.wait_for(said["covered"]).look()
    hand.open("/app/reports").look().press(said["new"], "main")
    hand.until(lambda: hand.screen.path.endswith("/new"), "the form")
    hand.wait().write(said["name"], "For the board").press(said["create"], "main")
    hand.until(lambda: not hand.screen.path.endswith("/new"), "its page")
    link = hand.at("For the board").look().until(lambda: next((one for one in hand.screen.all("main a") if one.text == said["report"]), None), "a way to the report")
    hand.screen.driver.get(link.get_attribute("href"))
    hand.until(lambda: "For the board" in hand.screen.find("h1").text, "the report")
    assert hand.found == []
