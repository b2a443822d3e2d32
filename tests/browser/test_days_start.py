"""Days of a district through the app alone: how it begins, in August, and when a principal leaves."""

import pytest
from app import App, running_web

from api_world import Tenant


@pytest.fixture(scope="module")
def api(database):
    with running_web(database) as one:
        yield one


@pytest.fixture
def app(screen, api, database):
    return App(screen, Tenant(api, database))


@pytest.fixture(scope="module")
def migrate(database):
    with database.connect("kith_migrate") as one:
        yield one


def checklist(app):
    """Back to the checklist, and a step of it."""
    app.open("/app").click(app.says("setup.open"), "main").at(app.says("setup.title"))
    return app


@pytest.mark.shows("web.day_install", "web.setup")
@pytest.mark.parametrize("language", ["en", "es"])
def test_from_an_empty_district_to_mail_that_goes_out(app, migrate, language):
    app.sign_in("admin", language)
    checklist(app).link(app.label("reply_to")).fill(reply_to="office@example.org").send("save")
    checklist(app).link(app.label("school_year")).make("school_year").fill(school_year="2027").send()
    app.click(app.deed("open"), "main").button(app.deed("open"), "dialog").click()
    app.until(lambda: app.label("open") in app.screen.find("h1").text, "the year is open")
    checklist(app).link(app.label("closed_days")).fill(starts_on="12242026", reason="Winter").send()
    checklist(app).link(app.label("sites")).make("site").fill(name="Bay View Elementary").choose("kind", "school").send()
    checklist(app).link(app.label("partners")).make("partner").fill(name="Harbor Trust").choose("kind", "nonprofit").send()
    checklist(app).click(app.says("setup.mail.send"), "main")
    app.until(lambda: app.screen.all("main form.form"), "a place for the code")
    code, = migrate.execute("SELECT code FROM mail_check WHERE district_id = %s", (app.tenant.id,)).fetchone()
    app.fill(code=code).button(app.says("setup.mail.confirm"), "main").click()
    app.until(lambda: app.button(app.says("setup.go.now"), "main").is_enabled(), "nothing that is required is left")
    assert not app.tenant.director.get("/v1/setup").json["is_live"]
    app.click(app.says("setup.go.now"), "main").wait_for(app.says("setup.live"))
    told = app.tenant.director.get("/v1/setup").json
    assert told["is_live"] and all(step["is_done"] for step in told["steps"] if step["is_required"])
    assert app.says("setup.open") not in app.open("/app").buttons("main"), "and the first page speaks of it no more"


@pytest.mark.shows("web.setup")
def test_a_director_is_told_that_an_administrator_goes_live(app):
    app.sign_in("director").open("/app/setup").at("Setup")
    assert "An administrator does this." in app.screen.text
    assert not [one for one in app.buttons("main") if one in ("Go live now", "Send it")]


@pytest.mark.shows("web.day_august")
def test_in_august_a_school_says_what_it_needs_and_a_partnership_begins(app):
    tenant = app.tenant
    school = tenant.director.site(name="Bay View Elementary").id
    tenant.director.created("focus_areas", {"name": "Literacy"})
    app.sign_in("director").open(f"/app/sites/{school}")
    assert "Bay View Elementary" in app.screen.heading
    card = app.screen.find("#related-needs").find_element("xpath", "ancestor::section")
    card.find_element("link text", "Add").click()
    app.wait().fill(title="Reading tutors", needed_by="03012027").pick("focus_area_id", "Literacy").send()
    assert app.screen.heading.startswith("Reading tutors")
    app.open("/app/partners").make("partner").fill(name="Harbor Trust").choose("kind", "nonprofit").send()
    app.at("Harbor Trust").click("Record a contact", "main")
    app.button("Record a contact", "dialog").click()
    app.wait_for("Contacted")
    app.screen.find("#related-partnerships").find_element("xpath", "ancestor::section").find_element("link text", "Add").click()
    app.wait().fill(name="Harbor reading").choose("arrangement", "program").send()
    app.at("Harbor reading")
    row, = tenant.director.get("/v1/partnerships", {"expand": "partner"}).json["data"]
    assert (row["name"], row["partner"]["name"], row["status"]) == ("Harbor reading", "Harbor Trust", "exploring")
    need, = tenant.director.get("/v1/needs", {"site_id": school}).json["data"]
    assert need["title"] == "Reading tutors"


@pytest.mark.shows("web.day_principal")
def test_in_october_a_principal_leaves_and_hands_over(app):
    tenant = app.tenant
    admin = tenant.admin
    school = admin.site(name="Bay View Elementary").id
    leaving, coming = (admin.created("users", {"email": f"{name.lower()}@example.org", "name": f"{name} Reyes"}).id for name in ("Lee", "Kim"))
    for user in (leaving, coming):
        admin.created("grants", {"user_id": user, "role": "school_leader", "scope_kind": "site", "scope_id": school, "from_date": "2026-07-01"})
    partner = admin.partner(owner_id=leaving, lead_site_id=school).id
    app.sign_in("director").open("/app/departures").make("departure")
    app.pick("user_id", "Lee Reyes").pick("receiver_user_id", "Kim Reyes")
    app.fill(on_date="11212026").send()
    app.click(app.deed("hand_over"), "main")
    if app.screen.all("dialog"):
        app.button(app.deed("hand_over"), "dialog").click()
    app.until(lambda: admin.get(f"/v1/partners/{partner}").json["owner_id"] == coming, "Kim cares for the partner")
    assert admin.get(f"/v1/users/{leaving}").json["archived_at"], "and Lee signs in no more"
