"""A superintendent's day through the screens alone: what the district gets for what it gives. With the keyboard alone, in both
languages, and on the narrowest phone at twice the size."""

import pytest
from hands import by_hand
from needing import open_need, staged
from partnering import Ready

from api_world import Tenant


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


@pytest.mark.shows("web.days_needs", "web.gaps")
@by_hand("es")
def test_a_superintendent_says_what_the_district_gets_for_it(hand, ours):
    hand.sign_in("executive", hand.language).open("/app/dashboard").look("dashboard")
    assert hand.screen.heading.startswith(hand.says("dashboard.title"))
    hand.open(f"/app/partners/{ours.giver}").look("giver").click(hand.says("part.gives"), ".tabs").wait_for(hand.says("dashboard.investments")).look("giver-gives")
    balance = hand.screen.find("section[aria-labelledby=balance]").text
    assert "$7,500" in balance and "$2,500" in balance
    hand.open("/app/needs/board").click(hand.says("needs.gaps"), ".tabs")
    hand.until(lambda: hand.screen.all(".heat td a"), "the map")
    hand.look("gaps").touch(hand.screen.find(f".heat a[href*='{ours.site}']")).wait_for(hand.says("gaps.because.uncovered")).look("gap")
    hand.open("/app/reports").look("reports").make("report")
    hand.fill(name="For the board").send()
    hand.at("For the board").look("report")
    hand.touch(hand.button(hand.says("report.open"), "main"))
    hand.until(lambda: hand.screen.path.startswith("/reports/"), "the report")
    hand.wait_for("For the board").look("report-page")
