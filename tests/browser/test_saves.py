"""What saves itself as it is chosen: with a mouse at once; by keyboard not at each arrow, but with Enter or as one goes on. What is
chosen stays while it is saved; what is refused is put back, and why is said beside it."""

import pytest
from app import App
from needing import did
from partnering import in_force
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from api_world import Tenant

CHOICE = "Decision: Reading mentors"


@pytest.fixture
def ours(api, database):
    tenant = Tenant(api, database)
    in_force(tenant.director, title="Reading mentors", effective_on="2026-01-01", expires_on="2027-06-30")
    campaign = tenant.director.created("renewal_campaigns", {"name": "Spring 2027", "expires_from": "2027-06-01", "expires_until": "2027-07-31"})
    did(tenant.director, "renewal_campaigns", campaign.id, "select")
    tenant.renewals = tenant.director.get("/v1/renewals", {"renewal_campaign_id": campaign.id}).json["data"]
    tenant.campaign = campaign.id
    return tenant


@pytest.fixture
def app(screen, ours):
    return App(screen, ours).sign_in().open(f"/app/renewal_campaigns/{ours.campaign}").wait_for("Reading mentors")


def decided(app):
    """What the API has, with the version of it."""
    row = app.tenant.director.get(f"/v1/renewals/{app.tenant.renewals[0]['id']}").json
    return row["decision"], row["version"]


def shown(app):
    return Select(app.field(CHOICE)).first_selected_option.text


def reach(app):
    app.screen.run("arguments[0].focus()", app.field(CHOICE))


def until_decided(app, decision):
    app.until(lambda: decided(app)[0] == decision, f"it is to {decision}")
    app.wait()


@pytest.mark.shows("web.saves")
def test_with_a_mouse_it_is_saved_at_once(app):
    app.choose_in(app.field(CHOICE), "Renegotiate")
    until_decided(app, "renegotiate")
    assert shown(app) == "Renegotiate"


@pytest.mark.shows("web.saves")
def test_by_keyboard_one_chooses_freely_and_enter_saves_it_once(app):
    before = decided(app)[1]
    reach(app)
    for name in ("Renew", "Renegotiate", "Let expire"):
        app.screen.press(Keys.ARROW_DOWN)
        assert shown(app) == name
        app.wait_for("Press Enter to save it.")
    assert decided(app) == (None, before), "arrows save nothing"
    app.screen.press(Keys.ENTER)
    until_decided(app, "let_expire")
    assert shown(app) == "Let expire" and decided(app)[1] == before + 1
    assert app.focused == app.field(CHOICE), "and the focus stays"
    app.screen.press(Keys.ARROW_UP)
    app.screen.press(Keys.ESCAPE)
    app.until(lambda: shown(app) == "Let expire", "what was there")
    app.screen.press(Keys.ARROW_UP, Keys.ARROW_UP, Keys.TAB)
    until_decided(app, "renew")
    assert decided(app)[1] == before + 2


@pytest.mark.shows("web.saves")
def test_what_is_chosen_stays_while_it_is_saved(app):
    """However slow the way is: each thing shown in between is looked at."""
    app.screen.run("""
        const select = arguments[0], own = window.fetch;
        window.seen = [];
        window.fetch = async (...all) => { await new Promise(then => setTimeout(then, 150)); return own(...all); };
        const look = () => { const now = select.selectedOptions[0].textContent; if (window.seen.at(-1) !== now) window.seen.push(now); requestAnimationFrame(look); };
        look();""", app.field(CHOICE))
    app.choose_in(app.field(CHOICE), "Let expire")
    until_decided(app, "let_expire")
    app.wait_for("saved.")
    app.wait()
    assert app.screen.run("return window.seen") == ["Not decided", "Let expire"]


@pytest.mark.shows("web.saves")
def test_what_is_refused_is_put_back_and_why_is_said(app):
    """The next one was drafted meanwhile."""
    path = f"/v1/renewals/{app.tenant.renewals[0]['id']}"
    director = app.tenant.director
    app.screen.run("""
        const own = window.fetch;
        window.fetch = (path, options) => (String(path).endsWith('/decide') ? own(path, {...options, body: '{"decision": "forget"}'}) : own(path, options));""")
    app.choose_in(app.field(CHOICE), "Renew")
    fault = app.until(lambda: next((one.text for one in app.screen.all(".saves .fault")), None), "why")
    assert "renew" in fault and shown(app) == "Not decided"
    assert director.get(path).json["decision"] is None
    assert not app.screen.axe()


@pytest.mark.shows("web.saves")
def test_days_are_typed_whole_and_ratings_reached_by_arrows(screen, ours):
    admin = ours.admin
    quarter = admin.created("reporting_quarters", {"school_year": 2029, "number": 1, "starts_on": "2028-07-01", "ends_on": "2028-09-30"})
    app = App(screen, ours).sign_in("admin").open("/app/calendar?year=2029")
    day = app.field("Quarter 1: Ends")
    app.screen.run("arguments[0].focus()", day)
    app.screen.press("09292028")
    assert admin.get(f"/v1/reporting_quarters/{quarter.id}").json["ends_on"] == "2028-09-30", "a day half typed is no day"
    app.screen.press(Keys.ENTER)
    app.until(lambda: admin.get(f"/v1/reporting_quarters/{quarter.id}").json["ends_on"] == "2028-09-29", "it ends a day before")
    assert admin.get(f"/v1/reporting_quarters/{quarter.id}").json["version"] == quarter.json["version"] + 1

    site, condition = admin.site(name="Bay View").id, ours.director.created("readiness_conditions", {"name": "There is room"}).id
    app.sign_in("director").open(f"/app/sites/{site}/ready").wait_for("There is room")
    app.screen.run("arguments[0].focus()", app.until(lambda: app.screen.find(".roll input[value='1']"), "the ratings"))
    app.screen.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    rated = lambda: [one["rating"] for one in ours.director.get("/v1/readiness_ratings", {"site_id": site}).json["data"]]  # noqa: E731
    assert rated() == []
    app.screen.press(Keys.TAB)
    app.until(lambda: rated() == [3], "it is rated as one goes on")
    assert condition
