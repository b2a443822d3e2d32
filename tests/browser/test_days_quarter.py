"""The end of a quarter: each side writes its half, the partner by the link of its mail; where they differ it is seen, and settled;
who is late is written to; a figure is put right, and the superintendent reads it, on the dashboard and in the report."""

import pytest
from check_ins import Running, quarters
from hands import by_hand
from needing import changed, did
from pages import make_link
from partnering import Ready

from api_world import Tenant
from world import roll_up


@pytest.fixture
def ours(api, database):
    """Two partnerships: the check-in of one is open, that of the other is overdue. And a figure that is wrong."""
    tenant = Tenant(api, database)
    director = tenant.director
    quarters(database, tenant.id)
    tenant.site = director.site(name="Oak High").id
    tenant.reading, tenant.late = (partnership(tenant, name) for name in ("Reading at noon", "Chess club"))
    tenant.check_in = Running.check_in(tenant.reading)
    Running.check_in(tenant.late, due_on="2026-11-13", opens_on="2026-10-23")
    tenant.families = tenant.admin.created("indicators", {
        "code": "families", "name": "Families reached", "family": "family", "unit": "count", "aggregation": "sum", "periods": ["month"], "direction": "up", "suppression": "none"}).id
    tenant.data_steward.created("observations", {
        "indicator_id": tenant.families, "site_id": tenant.site, "school_year": 2027, "period_kind": "month", "period_start": "2026-10-01", "numerator": "1200"})
    return tenant


def partnership(tenant, name):
    """One that runs, of which Ann tells what the partner says."""
    one = Ready(tenant, name=name, lead_site_id=tenant.site)
    changed(tenant.director, f"/v1/contacts/{one.contact}", email=f"{name[:4].lower()}@example.org")
    for verb in ("align", "agree", "activate"):
        did(tenant.director, "partnerships", one.id, verb)
    one.database, one.district = tenant.api.database, tenant.id
    return one


def reckon(tenant):
    """As kith-kpi does, of all that has come."""
    with tenant.api.database.connect("kith_migrate") as connection:
        while roll_up(connection):
            pass


def write_our_half(hand):
    """First a draft, which the network that went away would not cost."""
    goal = "All read"
    hand.sign_in("coordinator").open("/app/check_ins").look("check-ins")
    hand.open(f"/app/check_ins/{hand.tenant.check_in}").look("check-in-open").click(hand.says("half.title"), ".tabs")
    hand.fill(goals_set="Two mentors in each school", progress_assessed="Forty pupils read more").type(f"{goal}: {hand.label('current')}", "a lot").look("half")
    hand.choose_in(hand.field(f"{goal}: {hand.label('progress')}"), hand.label("on_track"))
    hand.touch(hand.button(hand.says("half.send"), "main")).until(lambda: hand.screen.all(".summary a"), "what is wrong")
    assert hand.focused == hand.screen.find(".summary")
    hand.look("half-wrong").touch(hand.screen.find(".summary a"))
    assert hand.focused == hand.field(f"{goal}: {hand.label('current')}")
    hand.type(f"{goal}: {hand.label('current')}", "40").click(hand.says("half.keep"), "main").wait_for(hand.says("half.kept"))
    hand.click(hand.says("half.send"), "main").wait_for(hand.says("half.sent")).wait_for(hand.says("sides.title"))


def write_their_half(hand):
    """Ann has no account; she sees what the district wrote once hers is in."""
    link = make_link(hand.tenant, "check_in", hand.tenant.check_in, contact_id=hand.tenant.reading.contact)
    hand.forget()
    hand.open(f"/r/{link}").look("half-by-link")
    assert "Forty pupils read more" not in hand.screen.text
    hand.type("Progress", "It goes slowly").choose_in(hand.field("How far it is"), "Behind").click("Send", "main")
    hand.wait_for("Sent. Thank you.").wait_for("Forty pupils read more").look("both-by-link")


@pytest.mark.shows("web.day_quarter")
@by_hand()
def test_at_the_end_of_a_quarter_both_sides_say_how_it_goes_and_figures_are_right(hand, ours):
    write_our_half(hand)
    write_their_half(hand)

    hand.sign_in("coordinator").open(f"/app/check_ins/{ours.check_in}").wait_for("They differ").look("check-in-differ")
    hand.click(hand.says("sides.agree"), "main").choose("progress", "at_risk").fill(note="As Ann and I said").look("check-in-settle")
    hand.click(hand.says("sides.agree"), "dialog form").wait_for(hand.says("sides.agreed"))
    hand.do("confirm").choose("side", "district").click(hand.deed("confirm"), "dialog form").wait_for("Confirmed")
    hand.do("complete").wait_for("Complete").look("check-in-complete")
    told = ours.director.get(f"/v1/check_ins/{ours.check_in}").json
    assert (told["status"], told["goals_open"], told["disputed"]) == ("complete", 0, False)

    hand.open("/app/check_ins?status=open").click("Chess club", "main")
    hand.wait_for("Overdue").look("check-in-late")
    nudge = hand.screen.find("main a[href^='mailto:ches@example.org?']")
    assert "Chess%20club" in nudge.get_attribute("href") and "Hello%20Ann" in nudge.get_attribute("href")

    reckon(ours)
    dashboard = f"/app/dashboard?scope=site&scope_id={ours.site}&period=month"
    hand.sign_in("executive").open(dashboard).wait_for("1,200")
    hand.sign_in("data_steward").open("/app/observations/new")
    hand.pick("indicator_id", "Families reached").pick("site_id", "Oak High").fill(school_year="2027", period_start="2026-10-01", numerator="120").choose("period_kind", "month")
    hand.look("observation").send()
    reckon(ours)
    hand.sign_in("executive").open(dashboard).wait_for("120").look("dashboard-right")
    assert "1,200" not in hand.screen.text

    hand.open("/app/reports").make("report").fill(name="For the board").pick("site_id", "Oak High").send().at("For the board")
    hand.click(hand.says("report.open"), "main").until(lambda: hand.screen.path.startswith("/reports/"), "the report")
    assert "Families reached" in hand.screen.text and "1,200" not in hand.screen.text
    hand.look("report-right")
