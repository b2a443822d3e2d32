"""Renewals in spring: what ends is selected, each is decided, the next ones are drafted, and the board shows how far they are."""

import pytest
from hands import by_hand
from partnering import in_force

from api_world import Tenant

TITLES = ("Reading mentors", "Food pantry")


@pytest.fixture
def ours(api, database):
    tenant = Tenant(api, database)
    for title in TITLES:
        in_force(tenant.director, title=title, effective_on="2026-01-01", expires_on="2027-06-30")
    tenant.campaign = tenant.director.created("renewal_campaigns", {
        "name": "Spring 2027", "expires_from": "2027-06-01", "expires_until": "2027-07-31", "board_on": "2027-05-12"}).id
    return tenant


@pytest.mark.shows("web.agreements")
@by_hand("es")
def test_renewals_in_spring(hand, ours):
    hand.open(f"/app/renewal_campaigns/{ours.campaign}").look("campaign-empty")
    hand.click(hand.deed("select"), "main").wait_for("Reading mentors").wait_for("Food pantry")
    for title in TITLES:
        hand.choose_in(hand.field(f"{hand.label('decision')}: {title}"), hand.label("renew"))
        hand.until(lambda title=title: hand.says("campaign.prefill") in row(hand, title).text, "it can be drafted")
    hand.look("campaign").click(hand.says("campaign.prefill"), "main tbody").wait_for(hand.says("campaign.draft"))
    assert [one["decision"] for one in ours.director.get("/v1/renewals", {"renewal_campaign_id": ours.campaign}).json["data"]] == ["renew", "renew"]
    assert len(ours.director.get("/v1/agreements", {"status": "draft"}).json["data"]) == 1
    board = hand.says("agreements.board")
    hand.open("/app/agreements").click(board, "main").at(board)
    assert "view=board" in hand.screen.path and len(hand.screen.all(".ticket")) >= 1
    hand.look("agreements-board")


def row(hand, title):
    return next(one for one in hand.screen.all("tbody tr") if title in one.text)
