"""A survey with questions of every kind, answered from its first page to the last: by keyboard alone, on the narrowest
phone, at twice the size, in both languages."""

import pytest
from selenium.webdriver.common.keys import Keys
from test_page_survey import Asked
from test_page_survey_kinds import instrument


class Public:
    """A survey that anybody answers by its link."""

    def __init__(self, tenant, **fields):
        self.tenant = tenant
        made = tenant.admin.created("surveys", {
            "name": "How is school?", "mode": "anonymous", "audience": "family", "has_public_link": True, "school_year": 2027,
            "opens_on": "2026-11-01", "closes_on": "2026-12-18", "introduction": "For all families.\nThank you!",
            "instrument_id": instrument(tenant, subject="none"), **fields})
        self.id = made.id
        assert self.act("open").status == 200
        self.path = f"/d/{tenant.district.slug}/survey/{tenant.admin.get(f'/v1/surveys/{self.id}').json['public_code']}"

    def act(self, verb, **fields):
        return self.tenant.admin.post(f"/v1/surveys/{self.id}/{verb}", fields)


@pytest.fixture
def asked(ours):
    return Asked(ours, instrument_id=instrument(ours))


def chosen(screen):
    return {e.get_attribute("name"): e.get_attribute("value") for e in screen.all("input:checked")}


def wide(screen):
    return screen.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")


def heard(screen):
    """What a screen reader says of each control, in the page's order: role, name, description, whether it is at fault."""
    def said(node, name):
        return node.get(name, {}).get("value", "")

    nodes = screen.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [(said(n, "role"), said(n, "name"), said(n, "description"),
             {p["name"]: p["value"].get("value") for p in n.get("properties", [])}.get("invalid", "false"))
            for n in nodes if not n["ignored"] and {p["name"]: p["value"].get("value") for p in n.get("properties", [])}.get("focusable")]


@pytest.mark.shows("partnerships.survey_kinds")
@pytest.mark.parametrize("width, zoom, lang", [(320, 1, "en"), (320, 1, "es"), (1280, 2, "en")])
def test_the_whole_of_it_is_answered_with_the_keyboard_alone(screen, asked, width, zoom, lang):
    screen.width(width // zoom)
    screen.open("/r/" + asked.link)
    if lang == "es":
        screen.tab_to(".languages a[lang=es]")
        screen.submit()
    seen = []

    def at_page():
        assert wide(screen) <= 0, "nothing to scroll sideways"
        assert screen.find("html").get_attribute("lang") == lang
        seen.append(screen.find(".progress").text)

    screen.tab_to("a.button[href$='/1']")
    screen.submit()
    at_page()
    for name, moves in (("a.rate", 5), ("i.both", 4), ("o.both", 1)):
        screen.tab_to(f"input[name='{name}']")
        screen.press(Keys.SPACE, *[Keys.ARROW_RIGHT] * moves)
    screen.tab_to("input[name='a.goes_on']")
    screen.press(Keys.SPACE)
    assert chosen(screen) == {"a.rate": "6", "i.both": "5", "o.both": "2", "a.goes_on": "yes"}
    screen.tab_to("button[value=survey_next]")
    screen.submit()
    at_page()
    screen.tab_to("input[name='a.how']")
    screen.press(Keys.SPACE, Keys.ARROW_DOWN)
    screen.tab_to("input[name='m.what.stem']")
    screen.press(Keys.SPACE)
    screen.tab_to("button[value=survey_next]")
    screen.submit()
    at_page()
    screen.tab_to("input[name='a.hours']")
    screen.press("eleven")
    screen.tab_to("button[value=survey_next]")
    screen.submit()
    assert screen.run("return document.activeElement.id") == "errors", "what is wrong is heard first"
    assert screen.run("return document.title").startswith("Error:")
    (role, name, description, _), = [one for one in heard(screen) if one[3] == "true"]
    assert role == "textbox" and name and description, "and where it is"
    assert wide(screen) <= 0
    screen.tab_to("input[name='a.hours']")
    screen.press(Keys.END, *[Keys.BACKSPACE] * 6, "10.5")
    screen.tab_to("button[value=survey_next]")
    screen.submit()
    at_page()
    screen.tab_to("input[name='a.rest']")
    screen.press(Keys.SPACE, *[Keys.ARROW_RIGHT] * 3)
    screen.tab_to("button[value=survey_send]")
    screen.submit()
    assert seen == [("Parte {} de {}" if lang == "es" else "Part {} of {}").format(n, of) for n, of in ((1, 2), (2, 3), (3, 4), (4, 4))]
    assert asked.answers("Choir") == ({
        "rate": 6, "both": {"importance": 5, "occurrence": 2}, "goes_on": True, "how": "online", "what": ["stem"], "hours": 10.5,
        "rest": 4}, "submitted")


def test_the_language_switch_keeps_what_is_chosen_and_typed(phone, asked):
    phone.open("/r/" + asked.link)
    phone.click("a.button")
    for selector in ("input[name='a.rate'][value='3']", "input[name='i.both'][value='2']", "input[name='a.goes_on'][value=no]"):
        phone.find(selector).click()
    phone.click(".languages button[lang=es]")
    assert phone.find("html").get_attribute("lang") == "es" and "How good? (es)" in phone.text
    assert chosen(phone) == {"a.rate": "3", "i.both": "2", "a.goes_on": "no"}


def test_each_field_has_a_name_and_what_belongs_together_has_one_too(screen, asked):
    """As a screen reader hears it: the browser's own tree of names."""
    screen.open("/r/" + asked.link)
    screen.click("a.button")
    nodes = screen.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]

    def named(role):
        return [n["name"]["value"] for n in nodes if n.get("role", {}).get("value") == role and not n["ignored"]]

    groups = named("group")
    assert sorted(groups) == ["Does it go on? (needed)", "How good? (needed)", "How important is it?", "How often is it so?",
                              "We meet. (needed)"]
    radios = named("radio")
    assert len(radios) == 7 + 5 + 5 + 2 and all(radios) and "1 Bad" in radios


@pytest.mark.parametrize("lang", ["en", "es"])
def test_no_control_of_any_part_is_without_a_name(screen, asked, lang):
    """Each page of it, as it is answered."""
    screen.open("/r/" + asked.link)
    if lang == "es":
        screen.tab_to(".languages a[lang=es]")
        screen.submit()
    screen.click("a.button")
    for name, value in (("a.rate", "6"), ("a.goes_on", "yes")):
        screen.find(f"input[name='{name}'][value='{value}']").click()
    for name in ("i.both", "o.both", "a.how", "a.rest"):
        while not screen.all(f"input[name='{name}']"):
            assert all(one[1] for one in heard(screen)), heard(screen)
            screen.click("button[value=survey_next]")
        screen.all(f"input[name='{name}']")[0].click()
    controls = heard(screen)
    assert all(one[1] for one in controls), controls
    assert ("button", "Enviar" if lang == "es" else "Send") in [(role, name.split(" ")[0]) for role, name, _, _ in controls], controls


@pytest.mark.shows("partnerships.survey_public")
@pytest.mark.parametrize("width, zoom, lang", [(320, 1, "en"), (320, 1, "es"), (1280, 2, "en"), (1280, 2, "es")])
def test_the_public_one_is_answered_with_the_keyboard_alone(screen, ours, api, width, zoom, lang):
    screen.width(width // zoom)
    screen.open(Public(ours).path)
    if lang == "es":
        screen.tab_to(".languages a[lang=es], .languages button[lang=es]")
        screen.submit()
    seen = []

    def go_on(button, *keys):
        """Of each field the name, and what is pressed there."""
        assert wide(screen) <= 0 and screen.find("html").get_attribute("lang") == lang
        seen.append(screen.find(".progress").text)
        for name, pressed in keys:
            screen.tab_to(f"input[name='{name}']")
            screen.press(*pressed)
        screen.tab_to(f"button[value={button}]")
        screen.submit()

    go_on("next")
    go_on("send")
    assert screen.all("#errors")
    screen.tab_to("#errors a")
    screen.press(Keys.ENTER)
    screen.press(Keys.SPACE)
    go_on("next", ("i.both", [Keys.SPACE, Keys.ARROW_RIGHT]), ("o.both", [Keys.SPACE]), ("a.goes_on", [Keys.SPACE]))
    assert screen.find("input[name=kept]").get_attribute("value").count('"rate": 1'), "the summary's link led to its field"
    go_on("next", ("m.what.food", [Keys.SPACE]))
    assert screen.find(".progress").text == ("Parte 3 de 3" if lang == "es" else "Part 3 of 3")
    api.move_clock(seconds=5)
    go_on("send", ("a.rest", [Keys.SPACE, Keys.ARROW_RIGHT]))
    assert ("Enviado. Gracias." if lang == "es" else "Sent. Thank you.") in screen.text and not screen.all("main form")
    assert len(seen) == 5 and not screen.driver.get_cookies()
