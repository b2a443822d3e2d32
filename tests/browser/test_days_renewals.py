"""Renewals in spring: what ends is selected, each is decided, the next ones are drafted, and the board shows how far they are."""

import pytest
from app import running_web
from days import begun, clean, clean_everywhere
from partnering import in_force
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from api_world import Tenant

WORDS = {"en": ("Select the agreements", "Draft it", "The next one", "Agreements as a board", "Renew"), "es": ("Seleccionar los convenios", "Redactarlo", "El siguiente", "Convenios en tablero", "Renovar")}


@pytest.fixture(scope="module")
def api(database):
    with running_web(database) as one:
        yield one


@pytest.fixture
def ours(api, database):
    tenant = Tenant(api, database)
    for title in ("Reading mentors", "Food pantry"):
        in_force(tenant.director, title=title, effective_on="2026-01-01", expires_on="2027-06-30")
    tenant.campaign = tenant.director.created("renewal_campaigns", {
        "name": "Spring 2027", "expires_from": "2027-06-01", "expires_until": "2027-07-31", "board_on": "2027-05-12"}).id
    return tenant


@pytest.mark.shows("web.agreements")
@pytest.mark.parametrize("language", ["en", "es"])
def test_renewals_in_spring(screen, ours, language):
    select, draft, following, board, renew = WORDS[language]
    app = begun(screen, ours, language=language).open(f"/app/renewal_campaigns/{ours.campaign}")
    clean(app, f"campaign-empty-{language}")
    app.click(select, "main").wait_for("Reading mentors").wait_for("Food pantry")
    for title in ("Reading mentors", "Food pantry"):
        row = next(one for one in screen.all("tbody tr") if title in one.text)
        Select(row.find_element("tag name", "select")).select_by_visible_text(renew)
        app.until(lambda title=title: any(title in one.text and draft in one.text for one in screen.all("tbody tr")), "it can be drafted")
    screen.run("document.querySelectorAll('.toast button:last-child').forEach(one => one.click())")
    clean(app, f"campaign-{language}")
    screen.find("tbody tr .button.small").send_keys(Keys.ENTER)  # by keyboard
    app.wait_for(following)
    assert [one["decision"] for one in ours.director.get("/v1/renewals", {"renewal_campaign_id": ours.campaign}).json["data"]] == ["renew", "renew"]
    assert len(ours.director.get("/v1/agreements", {"status": "draft"}).json["data"]) == 1
    app.open("/app/agreements").click(board, "main").at(board)
    assert "view=board" in screen.path and len(screen.all(".ticket")) >= 1
    clean(app, f"agreements-board-{language}")
    if language == "en":
        clean_everywhere(app, {"campaign": f"/app/renewal_campaigns/{ours.campaign}", "agreements-board": "/app/agreements?view=board"})
