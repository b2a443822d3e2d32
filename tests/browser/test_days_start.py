"""Days of a district through the app alone: how it begins, in August, and when a principal leaves."""

import pytest
from app import App
from hands import by_hand

from api_world import Tenant


@pytest.fixture
def ours(api, database):
    return Tenant(api, database)


@pytest.fixture(scope="module")
def migrate(database):
    with database.connect("kith_migrate") as one:
        yield one


def checklist(hand):
    """Back to the checklist, and a step of it."""
    hand.open("/app").click(hand.says("setup.open"), "main").at(hand.says("setup.title"))
    return hand


@pytest.mark.shows("web.day_install", "web.setup")
@by_hand("es")
def test_from_an_empty_district_to_mail_that_goes_out(hand, migrate):
    hand.sign_in("admin", hand.language)
    checklist(hand).look("setup").link(hand.label("reply_to")).look("settings").fill(reply_to="office@example.org").send("save")
    checklist(hand).link(hand.label("school_year")).make("school_year").fill(school_year="2027").look("school-year").send()
    hand.click(hand.deed("open"), "main").look("school-year-open").click(hand.deed("open"), "dialog")
    hand.until(lambda: hand.label("open") in hand.screen.find("h1").text, "the year is open")
    checklist(hand).link(hand.label("closed_days")).fill(starts_on="2026-12-24", reason="Winter").send()
    checklist(hand).link(hand.label("sites")).make("site").fill(name="Bay View Elementary").choose("kind", "school").look("site-new").send()
    checklist(hand).link(hand.label("partners")).make("partner").fill(name="Harbor Trust").choose("kind", "nonprofit").look("partner-new").send()
    checklist(hand).click(hand.says("setup.mail.send"), "main")
    hand.until(lambda: hand.screen.all("main form.form"), "a place for the code")
    code, = migrate.execute("SELECT code FROM mail_check WHERE district_id = %s", (hand.tenant.id,)).fetchone()
    hand.look("setup-code").fill(code=code).click(hand.says("setup.mail.confirm"), "main")
    hand.until(lambda: hand.button(hand.says("setup.go.now"), "main").is_enabled(), "nothing that is required is left")
    assert not hand.tenant.director.get("/v1/setup").json["is_live"]
    hand.look("setup-done").click(hand.says("setup.go.now"), "main").wait_for(hand.says("setup.live")).look("setup-live")
    told = hand.tenant.director.get("/v1/setup").json
    assert told["is_live"] and all(step["is_done"] for step in told["steps"] if step["is_required"])
    assert hand.says("setup.open") not in hand.open("/app").buttons("main"), "and the first page speaks of it no more"


@pytest.mark.shows("web.setup")
def test_a_director_is_told_that_an_administrator_goes_live(screen, ours):
    app = App(screen, ours).sign_in("director").open("/app/setup").at("Setup")
    assert "An administrator does this." in app.screen.text
    assert not [one for one in app.buttons("main") if one in ("Go live now", "Send it")]


@pytest.mark.shows("web.day_august")
@by_hand()
def test_in_august_a_school_says_what_it_needs_and_a_partnership_begins(hand, ours):
    school = ours.director.site(name="Bay View Elementary").id
    ours.director.created("focus_areas", {"name": "Literacy"})
    hand.open(f"/app/sites/{school}").at("Bay View Elementary").look("site")
    hand.click(hand.says("add"), "section[aria-labelledby=related-needs]")
    hand.fill(title="Reading tutors", needed_by="2027-03-01").pick("focus_area_id", "Literacy").look("need-new").send()
    hand.at("Reading tutors").look("need").open("/app/partners").look("partners-none").make("partner").fill(name="Harbor Trust").choose("kind", "nonprofit").send()
    hand.at("Harbor Trust").look("partner").click(hand.deed("contact"), "main").look("partner-contact").click(hand.deed("contact"), "dialog")
    hand.wait_for("Contacted").click(hand.says("add"), "section[aria-labelledby=related-partnerships]")
    hand.fill(name="Harbor reading").choose("arrangement", "program").look("partnership-new").send()
    hand.at("Harbor reading").look("partnership")
    row, = ours.director.get("/v1/partnerships", {"expand": "partner"}).json["data"]
    assert (row["name"], row["partner"]["name"], row["status"]) == ("Harbor reading", "Harbor Trust", "exploring")
    need, = ours.director.get("/v1/needs", {"site_id": school}).json["data"]
    assert need["title"] == "Reading tutors"


@pytest.mark.shows("web.day_principal")
@by_hand()
def test_in_october_a_principal_leaves_and_hands_over(hand, ours):
    admin = ours.admin
    school = admin.site(name="Bay View Elementary").id
    leaving, coming = (admin.created("users", {"email": f"{name.lower()}@example.org", "name": f"{name} Reyes"}).id for name in ("Lee", "Kim"))
    for user in (leaving, coming):
        admin.created("grants", {"user_id": user, "role": "school_leader", "scope_kind": "site", "scope_id": school, "from_date": "2026-07-01"})
    partner = admin.partner(owner_id=leaving, lead_site_id=school).id
    hand.open("/app/departures").look("departures-none").make("departure")
    hand.pick("user_id", "Lee Reyes").pick("receiver_user_id", "Kim Reyes").fill(on_date="2026-11-21").look("departure-new").send()
    hand.look("departure").click(hand.deed("hand_over"), "main")
    if hand.screen.all("dialog"):
        hand.look("hand-over").click(hand.deed("hand_over"), "dialog")
    hand.until(lambda: admin.get(f"/v1/partners/{partner}").json["owner_id"] == coming, "Kim cares for the partner")
    assert admin.get(f"/v1/users/{leaving}").json["archived_at"], "and Lee signs in no more"
    hand.look("departed")
