"""What only a layout tells, of every page on a phone and on a desk; and the colors (WCAG 2.2 AA)."""

import re
import urllib.request

import pytest
from check_ins import at_a_site, running
from pages import make_link, message, signed_in, token
from selenium.webdriver.common.keys import Keys
from test_page_acknowledgment import Waiting as Acknowledging
from test_page_agreement import Waiting
from test_page_ask import Asked as Needed
from test_page_convening import Invited
from test_page_credential import Asked as Papers
from test_page_investments import Asked as Entries
from test_page_record import Shown
from test_page_story_consent import Told, person
from test_page_survey import Asked
from test_page_tasks import Waiting as Tasks
from test_page_training import Training

from world import ROOT

WITHOUT_APP = True  # staff have their few pages, and need no script

SHEET = f"{ROOT}/services/api/pages/style.css"


@pytest.fixture(scope="module")
def addresses(ours):
    """{what it is: its path, and whether one is signed in}."""
    mine, both = running(ours, name="A partnership with a name that is rather long for a phone"), running(ours)
    open_one, answered = mine.check_in(), both.check_in()
    for side in ("district", "partner"):
        fields = {"on_behalf_of": both.contact} if side == "partner" else {}
        for verb, more in (("save_half", {**fields, "goals_set": "Said " * 30}), ("submit_half", {})):
            answer = ours.director.post(f"/v1/check_ins/{answered}/{verb}", {"side": side, **more})
            assert answer.status == 200, answer
    asked = Asked(ours)
    mail = message(ours, contact_id=mine.contact, partnership_id=mine.id)
    link = ours.admin.post(f"/v1/users/{ours.users['viewer']}/password_reset", {}).json["link"]
    return {
        "login": "/login",
        "forgot": "/forgot",
        "home": "/",
        "check-in": "/r/" + make_link(ours, "check_in", open_one, contact_id=mine.contact),
        "check-in of a school": "/r/" + make_link(ours, "check_in", at_a_site(ours), user_id=ours.users["director"]),
        "both halves": "/r/" + make_link(ours, "check_in", answered, contact_id=both.contact),
        "survey": "/r/" + asked.link,
        "agreement": "/r/" + Waiting(ours).link,
        "investments": "/r/" + Entries(ours).link,
        **of_mails(ours),
        "partner with us": f"/d/{ours.district.slug}/partner",
        "preferences": "/u/" + make_link(ours, "preferences", contact_id=mine.contact, message_id=mail),
        "password": "/r/" + link.rpartition("/")[2],
        "over": "/r/" + token(ours.id)[0],
        "nothing": "/nothing",
    }


def of_mails(ours):
    """The other pages that a mail opens."""
    ana = person(ours)
    told = Told(ours, contact_id=ana)
    story = make_link(ours, "story_consent", told.about, contact_id=ana)
    return {name: "/r/" + link for name, link in (
        ("acknowledgment", Acknowledging(ours).link), ("ask", Needed(ours).link), ("convening", Invited(ours).link),
        ("papers", Papers(ours).link), ("record", Shown(ours).link), ("year", a_year(ours)), ("story", story), ("tasks", Tasks(ours).all),
        ("training", Training(ours, title="Working together with a title that is rather long for a phone").invite("Ann").link))}


def a_year(ours):
    """Of a partner whose partnership runs and has given something."""
    one = running(ours)
    given = ours.director.created("investments", {
        "partnership_id": one.id, "side": "partner", "kind": "in_kind", "amount_cents": 123456, "from_date": "2026-10-01",
        "until_date": "2026-10-31"}).id
    assert ours.director.post(f"/v1/investments/{given}/deliver", {}).status == 200
    partner = ours.director.get(f"/v1/partnerships/{one.id}").json["partner_id"]
    return make_link(ours, "partner_year", partner, contact_id=one.contact)


PAGES = ("login", "forgot", "home", "check-in", "both halves", "survey", "agreement", "investments", "partner with us",
         "acknowledgment", "ask", "convening", "papers", "record", "story", "tasks", "training", "year", "preferences", "password",
         "over", "nothing")


def look(screen, addresses, name, ours, lang="en"):
    screen.driver.get(f"http://{screen.api.host}:8080/login")
    if name == "home":
        screen.driver.add_cookie({"name": "kith", "value": signed_in(ours).cookies["kith"]})
    screen.driver.add_cookie({"name": "kith-lang", "value": lang})
    screen.driver.get(f"http://{screen.api.host}:8080{addresses[name]}")
    screen.driver.get_log("browser")
    if name == "survey":
        screen.click("a.button")


@pytest.mark.parametrize("width, lang", [(320, "en"), (320, "es"), (1280, "en")])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(screen, addresses, ours, name, width, lang):
    screen.width(width)
    look(screen, addresses, name, ours, lang)
    assert screen.run("return document.documentElement.scrollWidth") <= width
    assert screen.find("html").get_attribute("lang") == lang


@pytest.mark.parametrize("name", PAGES)
def test_targets_are_large_enough_for_a_finger(phone, addresses, ours, name):
    """SC 2.5.8: 24 by 24 pixels, but for links within a text."""
    look(phone, addresses, name, ours)
    small = phone.run("""
        return [...document.querySelectorAll('button, input:not([type=hidden]), select, textarea, summary, .button')]
            .filter(e => { const b = (e.closest('label') || e).getBoundingClientRect();
                           return b.width && (b.width < 24 || b.height < 24); })
            .map(e => e.outerHTML.slice(0, 80))""")
    assert small == []


@pytest.mark.parametrize("name", PAGES)
def test_whatever_has_the_focus_shows_it_and_is_in_order(screen, addresses, ours, name):
    """SC 2.4.7, 2.1.1: Tab comes to everything, once around, and each has an outline."""
    look(screen, addresses, name, ours)
    seen = []
    for _ in range(80):
        screen.press(Keys.TAB)
        place = screen.run("""
            const e = document.activeElement, s = getComputedStyle(e);
            const all = [...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex]')];
            return e === document.body ? null : [all.indexOf(e), s.outlineStyle, parseFloat(s.outlineWidth)]""")
        if place is None or seen and place[0] < seen[-1]:
            break
        if seen and place[0] == seen[-1]:
            continue  # the parts of a date
        assert place[1] != "none" and place[2] >= 2, place
        seen.append(place[0])
    reachable = screen.run("""
        return [...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex="0"]')].filter(
            e => e.type !== 'hidden' && e.checkVisibility() && !e.closest('details:not([open]) form') &&
                 (e.type !== 'radio' || e.checked ||
                  (!document.querySelector(`input[name="${e.name}"]:checked`) &&
                   e === document.querySelector(`input[name="${e.name}"]`)))).length""")
    assert len(seen) == reachable


def palette(theme="light", over=""):
    """{name: color}, of the night what it changes of the day; with what another sheet says after it."""
    with open(SHEET, encoding="utf-8") as file:
        sheets = [re.findall(r":root \{(.*?)\}", text, re.S) for text in (file.read(), over) if text]
    said = [day if theme == "light" else day + night for day, night in sheets]
    found = dict(re.findall(r"--([a-z-]+): ([^;]+);", "".join(said)))
    return {name: found[value[6:-1]] if value.startswith("var(--") else value for name, value in found.items()}


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# What stands on what: text 4.5 (SC 1.4.3), edges of fields and signs 3 (SC 1.4.11).
TEXTS = [
    ("ink", "paper"), ("ink", "ground"), ("quiet", "paper"), ("quiet", "ground"), ("accent", "paper"),
    ("accent", "ground"), ("on-accent", "accent"), ("on-accent", "accent-deep"), ("accent-deep", "accent-pale"),
    ("on-bar", "bar"), ("on-bar", "bar-over"),
    ("ink", "accent-pale"), ("quiet", "accent-pale"), ("good", "good-pale"), ("bad", "bad-pale"),
    ("bad", "paper"), ("bad", "ground"), ("warn", "warn-pale"), ("accent", "accent-pale"),
]  # fmt: skip
EDGES = [("edge", "paper"), ("edge", "ground"), ("accent", "paper"), ("accent", "ground"), ("bad", "ground"),
         ("good", "ground"), ("on-bar", "bar")]
OWN = ("accent", "bar", "on-")
THEMES = pytest.mark.parametrize("theme", ["light", "dark"])


@THEMES
@pytest.mark.parametrize("front, back", TEXTS)
def test_text_has_contrast(front, back, theme):
    assert contrast(palette(theme)[front], palette(theme)[back]) >= 4.5


@THEMES
@pytest.mark.parametrize("front, back", EDGES)
def test_edges_have_contrast(front, back, theme):
    assert contrast(palette(theme)[front], palette(theme)[back]) >= 3


@pytest.mark.shows("district.brand")
@THEMES
@pytest.mark.parametrize("color", ["000000", "0b5d4e", "6b6b6b", "c2185b", "0000ff", "d70000"])
def test_a_color_of_a_district_has_contrast_by_day_and_by_night(api, color, theme):
    with urllib.request.urlopen(f"http://{api.host}:8080/accent/{color}.css") as reply:
        colors = palette(theme, reply.read().decode())
    for pairs, least in ((TEXTS, 4.5), (EDGES, 3)):
        for front, back in pairs:
            if front.startswith(OWN) or back.startswith(OWN):
                assert contrast(colors[front], colors[back]) >= least, (front, back)


def test_colors_stand_in_the_palette_alone():
    with open(SHEET, encoding="utf-8") as file:
        rest = re.sub(r":root \{.*?\}", "", file.read(), flags=re.S)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgb|hsl", rest)


@THEMES
@pytest.mark.parametrize("name", PAGES)
def test_each_text_has_the_contrast_that_it_has_where_it_stands(screen, addresses, ours, name, theme):
    """As drawn: the color of each text against the nearest background behind it."""
    screen.theme(theme)
    look(screen, addresses, name, ours)
    pairs = screen.run("""
        const found = new Map();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || !e.checkVisibility() || e.closest('.skip, .unseen')) continue;
            let back = e;
            while (back && getComputedStyle(back).backgroundColor === 'rgba(0, 0, 0, 0)') back = back.parentElement;
            found.set(getComputedStyle(e).color + '|' + (back ? getComputedStyle(back).backgroundColor
                                                              : 'rgb(255, 255, 255)'), e.outerHTML.slice(0, 60));
        }
        return [...found]""")
    assert pairs
    for colors, where in pairs:
        front, back = (
            "#" + "".join(f"{int(p):02x}" for p in re.findall(r"\d+", part)[:3]) for part in colors.split("|")
        )
        assert contrast(front, back) >= 4.5, (colors, where)
