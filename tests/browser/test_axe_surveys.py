"""Every state of a survey's pages, the public one's too, as axe sees it: in Spanish on the narrowest phone and in English on
a desk; and nothing to scroll sideways. What they look like is kept as pictures where one wants them (README)."""

import pytest
from selenium.webdriver.common.keys import Keys
from test_page_survey import Asked
from test_page_survey_kinds import KINDS, instrument, words
from test_survey_pages import Public

BOTH = pytest.mark.parametrize("width, lang", [(320, "es"), (1280, "en")])
TEXT = {"code": "more", "kind": "text", "section": "three", "text": words("What else would you tell us?"),
        "hint": words("Write no names.")}


class Walk:
    """Goes from state to state, and looks at each."""

    def __init__(self, screen, width, lang, kind):
        self.screen, self.width, self.lang, self.kind = screen, width, lang, kind
        self.seen, self.wrong = [], {}
        screen.width(width)
        screen.driver.get(f"http://{screen.api.host}:8080/login")
        screen.driver.add_cookie({"name": "kith-lang", "value": lang})

    def at(self, name):
        found = []
        for theme in ("dark", "light"):
            self.screen.theme(theme)
            found += [f"{theme}: {line}" for line in self.screen.axe()]
        if self.screen.run("return document.documentElement.scrollWidth") > self.width:
            found.append("wider than the screen")
        if self.screen.find("html").get_attribute("lang") != self.lang:
            found.append("in another language")
        self.seen.append(name)
        self.screen.picture(f"{self.kind}-{len(self.seen):02}-{name}-{self.lang}-{self.width}")
        if found:
            self.wrong[name] = found

    def open(self, path, name):
        self.screen.open(path)
        self.at(name)

    def press(self, verb, name, **fields):
        for field, value in fields.items():
            field = field.replace("__", ".")
            if value in (None, "yes") and field.startswith("m."):
                self.screen.find(f"input[name='{field}']").click()
            elif self.screen.all(f"input[name='{field}'][value='{value}']"):
                self.screen.find(f"input[name='{field}'][value='{value}']").click()
            else:
                box = self.screen.find(f"[name='{field}']")
                box.send_keys(Keys.CONTROL, "a")
                box.send_keys(str(value))
        self.screen.click(f"button[value={verb}]")
        self.at(name)


FIRST = {"a__rate": 6, "i__both": 5, "o__both": 2}


@pytest.fixture(name="walk")
def a_walk(screen, width, lang, request):
    one = Walk(screen, width, lang, request.node.originalname.removeprefix("test_"))
    yield one
    assert one.seen and one.wrong == {}


@pytest.mark.shows("partnerships.survey_axe")
def test_axe_finds_what_is_wrong(screen, ours):
    """Without this, nothing found would say nothing."""
    screen.open("/r/" + Asked(ours, instrument_id=instrument(ours)).link)
    screen.click("a.button")
    assert screen.axe() == []
    screen.run("document.querySelector('fieldset').style.color = '#eeeeee'; document.querySelector('label').replaceWith("
               "...document.querySelector('label').childNodes)")
    assert {line.partition(" ")[0] for line in screen.axe()} >= {"color-contrast", "label"}


@pytest.mark.shows("partnerships.survey_axe")
@BOTH
def test_confidential(walk, ours):
    questions = [*KINDS["questions"], TEXT]
    asked = Asked(ours, instrument_id=instrument(ours, questions=questions), introduction="Please take five minutes.\nThank you!")
    walk.open("/r/" + asked.link, "first")
    base = walk.screen.path
    walk.press("survey_decline", "declined")
    walk.press("survey_accept", "accepted")
    walk.open(base + "/1/4", "text")
    walk.press("survey_send", "nothing answered")
    walk.open(base + "/1", "every choice")
    walk.press("survey_next", "options", a__goes_on="yes", **FIRST)
    walk.press("survey_next", "too many options", m__what__food="yes", m__what__arts="yes", m__what__stem="yes")
    walk.press("survey_next", "number", m__what__food=None)
    walk.press("survey_next", "no number", a__hours="eleven")
    walk.press("survey_next", "last", a__hours="10.5")
    walk.press("survey_review", "all of it", a__rest=4, a__more="More <mentors>")
    walk.press("survey_send", "sent")
    walk.open(base + "/1", "correction")
    walk.press("survey_save", "correction saved", a__rate=2)
    walk.open(base, "correction to be sent")
    walk.open(base + "/2", "the other")
    asked.act("pause", reason="Because.")
    walk.press("survey_save", "paused", a__rate=3)
    walk.open(base, "paused first")
    asked.act("resume")
    asked.act("close")
    walk.open(base, "over")


@pytest.mark.shows("partnerships.survey_axe")
@BOTH
@pytest.mark.parametrize("mode", ["attributed", "confidential"])
def test_the_end(walk, ours, mode):
    """Where the last page's answer opens nothing more; and all is answered."""
    questions = [q for q in KINDS["questions"] if q["section"] != "three"]
    asked = Asked(ours, mode=mode, instrument_id=instrument(ours, questions=questions, sections=KINDS["sections"][:2]))
    walk.open("/r/" + asked.link, mode)
    base = walk.screen.path
    for place in (1, 2):
        walk.open(f"{base}/{place}", "begun")
        walk.press("survey_next", "options", a__goes_on="yes", **FIRST)
        walk.press("survey_next", "that was all")
        walk.press("survey_send", "sent")
    assert walk.screen.all(".notice.good")


@pytest.mark.shows("partnerships.survey_axe")
@BOTH
def test_anonymous(walk, ours):
    asked = Asked(ours, mode="anonymous", instrument_id=instrument(ours))
    walk.open("/r/" + asked.link, "first")
    base = walk.screen.path
    walk.open(base + "/1", "page")
    walk.press("survey_next", "words", a__goes_on="no", **FIRST)
    walk.press("survey_next", "last", a__why_not="No time")
    walk.press("survey_send", "sent", a__rest=1)


@pytest.mark.shows("partnerships.survey_axe")
@BOTH
def test_public(walk, ours, api):
    public = Public(ours, public_total=1)
    walk.open(public.path, "first")
    walk.press("next", "options", a__goes_on="yes", **FIRST)
    walk.press("next", "too many options", m__what__food="yes", m__what__arts="yes", m__what__stem="yes")
    walk.press("next", "number", m__what__food=None)
    walk.press("next", "no number", a__hours="eleven")
    walk.press("next", "last", a__hours="10.5")
    walk.press("review", "all of it", a__rest=4)
    walk.press("send", "too fast")
    api.move_clock(seconds=5)
    walk.press("send", "sent")
    walk.open(public.path, "again")
    walk.press("next", "nothing answered")
    walk.press("send", "all that lacks")
    walk.press("next", "words", a__goes_on="no", **FIRST)
    walk.press("next", "last", a__why_not="No time")
    api.move_clock(seconds=5)
    walk.press("send", "full")
    assert public.act("close").status == 200
    walk.open(public.path, "over")
