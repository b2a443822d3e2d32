"""A board's call to action, from its first word to the thanks: it is opened with a clock, partners are asked and promise by the
link of their mail, what they give is accepted and comes, and its end is told."""

import pytest
from hands import by_hand
from needing import staged
from pages import make_link

from api_world import Tenant

GIVERS = {"Corner Bakery": 30, "Knit and Purl": 10}


@pytest.fixture
def ours(api, database):
    """A school, and two partners that do what it needs."""
    tenant = Tenant(api, database)
    director = tenant.director
    tenant.site = director.site(name="Oak High").id
    area = director.created("focus_areas", {"name": "Warm clothes"}).id
    tenant.people = {}
    for name in GIVERS:
        partner = director.partner(name=name, reach="district").id
        staged(tenant, partner, "approved")
        director.created("programs", {"name": f"Coats of {name}", "partner_id": partner, "focus_area_id": area})
        tenant.people[name] = director.created("contacts", {"name": f"Head of {name}", "email": f"{name[:4].lower()}@example.org"}).id
        director.created("affiliations", {"contact_id": tenant.people[name], "partner_id": partner, "role": "Owner"})
    return tenant


def call_out(hand):
    """The board says what happened and for how long it asks; its address."""
    hand.sign_in("executive").open("/app/needs/calls").look("calls-none").make("call_to_action")
    hand.fill(title="Coats before the snow", situation="Snow is early this year.", message="Forty children have no coat.", quantity="40", unit="coats", deadline="2026-12-31")
    hand.pick("focus_area_id", "Warm clothes").tick(hand.label("equipment")).tick(hand.label("is_public")).look("call-new").send()
    hand.at("Coats before the snow").do("open").wait_for("Open")
    hand.do("allocate").pick("site_id", "Oak High").fill(quantity="40").look("call-allocate").click(hand.deed("allocate"), "dialog form")
    hand.wait_for("40 of 40 coats are divided among schools").look("call-open")
    assert "left" in hand.screen.find("[role=timer]").text
    return hand.screen.path


def ask(hand, name):
    """A partner that could help, in words that are read before."""
    hand.touch(next(one.find_element("css selector", ".button") for one in hand.screen.all(".match") if name in one.text))
    hand.until(lambda: hand.screen.all(".letter"), "the letter")
    hand.fill(message="Coats, and soon.").look("call-ask").click(hand.says("ask.send"), "dialog form").wait_for(f"{name} is asked.")


def promise(hand, name, quantity):
    """What its person does with the mail, without an account."""
    sent, = (one for one in hand.tenant.director.get("/v1/asks", {"expand": "partner"}).json["data"] if one["partner"]["name"] == name)
    hand.forget()
    hand.open("/r/" + make_link(hand.tenant, "ask", sent["id"], contact_id=hand.tenant.people[name])).look(f"call-asked-{quantity}")
    assert "Coats, and soon." in hand.screen.text
    hand.type("How much you promise", str(quantity)).type("What we should know", "Sizes S and M").click("Promise it", "main")
    hand.wait_for("waits for the district").look(f"call-promised-{quantity}")


@pytest.mark.shows("web.day_call", "web.calls")
@by_hand()
def test_a_board_calls_and_partners_promise_until_it_is_closed_and_thanked(hand, ours):
    director, call = ours.director, call_out(hand)

    hand.sign_in("director").open("/app/needs/calls").click("Coats before the snow", "main").at("Coats before the snow")
    hand.click(hand.says("match.ask"), "main").wait_for(hand.says("match.title")).look("call-matches")
    for name in GIVERS:
        ask(hand, name)
    for name, quantity in GIVERS.items():
        promise(hand, name, quantity)

    hand.sign_in("director").open(f"{call}/answers").look("call-answers")
    promised = "section[aria-labelledby=answers-pledges]"
    for done in (1, 2):
        hand.click(hand.deed("accept"), promised)
        hand.until(lambda done=done: hand.screen.find(promised).text.count(" Accepted") == done, "it is accepted")
        hand.until(lambda done=done: hand.buttons(promised).count(hand.deed("accept")) == len(GIVERS) - done, "it is so once")
    for done in (1, 2):
        hand.click(hand.deed("deliver"), promised).look("call-deliver")
        hand.fill(quantity=str(list(GIVERS.values())[2 - done])).click(hand.deed("deliver"), "dialog form")
        hand.until(lambda done=done: hand.screen.find(promised).text.count(" Delivered") == done, "it came")
        hand.until(lambda done=done: hand.buttons(promised).count(hand.deed("deliver")) == len(GIVERS) - done, "it came once")
    hand.until(lambda: hand.screen.text.count("Thank-you: Draft") == len(GIVERS), "what came has its thanks drafted")
    hand.look("call-thanked")

    hand.sign_in("executive").open(call)
    assert "40 of 40 coats pledged" in hand.screen.text
    hand.do("close")
    hand.fill(resolution="All have coats.").look("call-close").click(hand.deed("close"), "dialog form")
    hand.wait_for("All have coats.").look("call-closed")
    assert not hand.screen.all("[role=timer]")
    hand.open("/app/needs/calls?status=closed").look("calls-closed").wait_for("Coats before the snow")

    hand.sign_in("director").open(f"{call}/answers")
    for one in director.get("/v1/thank_yous").json["data"]:
        hand.open(f"/app/thank_yous/{one['id']}").look("call-thanks").do("send")
        hand.until(lambda one=one: director.get(f"/v1/thank_yous/{one['id']}").json["status"] == "sent", "the thanks go")
