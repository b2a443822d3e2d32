"""The celebration at a year's end: a gift is accepted, comes, and has its receipt and its thanks; a story is told with the consent of
whom it names, and stands on the public page and in the feed; partners are honored; and the needs that are left go out by mail."""

import pytest
from hands import by_hand
from needing import open_need, staged
from pages import make_link
from urllib.request import urlopen

from api_world import Tenant


@pytest.fixture
def ours(api, database):
    """A partner that gives, whose person reads mail about needs; and a need that is left."""
    tenant = Tenant(api, database)
    director = tenant.director
    tenant.partner = director.partner(name="Corner Bakery").id
    staged(tenant, tenant.partner, "approved")
    tenant.contact = director.created("contacts", {"name": "Bo Baker", "email": "bo@example.org"}).id
    director.created("affiliations", {"contact_id": tenant.contact, "partner_id": tenant.partner, "role": "Owner"})
    director.created("preferences", {"contact_id": tenant.contact, "topic": "needs", "opted_out": False})
    tenant.admin.created("donees", {"name": "Bay Unified School District", "kind": "district", "ein": "123456789", "signer": "Dr. Who, Superintendent"})
    open_need(tenant, title="More ovens", is_public=True, needed_by="2027-04-01")
    tag = director.created("tags", {"name": "Neighbors"}).id
    director.created("taggings", {"tag_id": tag, "contact_id": tenant.contact})
    director.created("saved_filters", {"name": "Neighbors", "resource": "contacts", "criteria": [{"field": "tag_id", "op": "is", "values": [tag]}]})
    return tenant


def receive_a_gift(hand):
    """From its offer to its receipt; its thanks go out by mail."""
    director = hand.tenant.director
    hand.open("/app/gifts").make("gift").pick("donee_id", "Bay Unified").pick("partner_id", "Corner Bakery").pick("contact_id", "Bo Baker")
    hand.fill(title="Bread for the feast", amount_cents="1200").choose("kind", "cash").look("gift-new").send().at("Bread for the feast").look("gift")
    for verb in ("accept", "receive"):
        hand.do(verb).click(hand.deed(verb), "dialog form")
    hand.do("acknowledge").look("gift-received")
    gift, = director.get("/v1/gifts").json["data"]
    hand.until(lambda: director.get(f"/v1/gifts/{gift['id']}").json["tax_letter"] == "issued", "the receipt")
    letter, = director.get("/v1/tax_documents", {"gift_id": gift["id"]}).json["data"]
    hand.open(f"/app/tax_documents/{letter['id']}").look("receipt")
    assert "Bay Unified School District" in hand.screen.text and "$1,200" in hand.screen.text
    thanks, = director.get("/v1/thank_yous", {"gift_id": gift["id"]}).json["data"]
    hand.open("/app/thank_yous?status=draft").look("thanks-due").open(f"/app/thank_yous/{thanks['id']}").look("thanks").do("send")
    hand.until(lambda: director.get(f"/v1/gifts/{gift['id']}").json["thanked"], "the thanks go")


def consent(hand, story):
    """Whom it names reads it before anybody, and says yes, by the link of a mail."""
    subject, = hand.tenant.director.get("/v1/story_subjects", {"story_id": story}).json["data"]
    hand.open(f"/app/story_subjects/{subject['id']}").do("ask")
    hand.until(lambda: hand.tenant.director.get("/v1/messages", {"subject_id": subject["id"]}).json["data"], "the mail")
    hand.forget()
    hand.open("/r/" + make_link(hand.tenant, "story_consent", subject["id"], contact_id=hand.tenant.contact)).look("story-consent")
    hand.click("I consent", "main").wait_for("Please look at this again").look("story-consent-wrong")
    hand.tick("I have read this, and it may be told like this.").click("I consent", "main").wait_for("You consented").look("story-consented")


def tell_a_story(hand):
    director = hand.tenant.director
    hand.sign_in("director").open("/app/stories").make("story").fill(title="A feast of bread", text="Bo Baker baked for all of us.").look("story-new")
    assert hand.field(hand.label("shows_people")).is_selected(), "as the API takes it, unless it is told otherwise"
    hand.send().at("A feast of bread").look("story")
    story = hand.screen.path.split("/")[3]
    hand.open(f"/app/story_subjects/new?story_id={story}").pick("contact_id", "Bo Baker").look("story-subject").send()
    hand.open(f"/app/story_people/new?story_id={story}").fill(name="The baker").send()
    hand.do("attest").fill(release_on="2026-11-01").look("story-release").click(hand.deed("attest"), "dialog form")
    consent(hand, story)
    hand.sign_in("director").open(f"/app/stories/{story}").do("submit").tick(hand.label("no_student_name")).look("story-submit").click(hand.deed("submit"), "dialog form")
    hand.until(lambda: director.get(f"/v1/stories/{story}").json["status"] == "review", "it is looked at")
    hand.sign_in("executive").open(f"/app/stories/{story}").do("approve").tick(hand.label("no_student_name")).click(hand.deed("approve"), "dialog form")
    hand.until(lambda: director.get(f"/v1/stories/{story}").json["status"] == "approved", "it may be told")
    hand.sign_in("director").open(f"/app/stories/{story}").do("publish")
    hand.until(lambda: director.get(f"/v1/stories/{story}").json["status"] == "published", "it is told")
    hand.look("story-published")


def write_a_bulletin(hand):
    """Of the needs that are left, to the segment of the neighbors: read as it will look, and by whom, before it is set for Monday."""
    hand.open("/app/bulletins").make("bulletin").fill(name="What is left").pick("saved_filter_id", "Neighbors").choose("locale", "English")
    hand.fill(subject="What our schools need", introduction="Thank you for this year.").look("bulletin-new").send().at("What is left").look("bulletin")
    hand.wait_for("What our schools need").click(hand.says("bulletin.audience"), ".tabs").wait_for("Bo Baker").wait_for(hand.says("bulletin.count", goes=1, stays=0)).look("bulletin-audience")
    hand.do("schedule").fill(send_on="2026-11-23").look("bulletin-schedule").click(hand.deed("schedule"), "dialog form").wait_for(hand.label("scheduled"))
    bulletin, = hand.tenant.director.get("/v1/bulletins").json["data"]
    assert (bulletin["status"], bulletin["send_on"], bulletin["texts"][0]["subject"]) == ("scheduled", "2026-11-23", "What our schools need")
    hand.look("bulletin-scheduled")


@pytest.mark.shows("web.day_celebration")
@by_hand()
def test_a_year_is_celebrated(hand, ours):
    director = ours.director
    receive_a_gift(hand)
    tell_a_story(hand)
    public = f"/d/{director.get(ours.path).json['slug']}/stories"
    hand.forget()
    hand.open(public).look("stories-public").click("A feast of bread", "main").wait_for("Bo Baker baked for all of us.").look("story-public")
    with urlopen(f"http://{hand.screen.api.host}:8080{public}.atom") as feed:
        assert "A feast of bread" in feed.read().decode()

    hand.sign_in("director").open("/app/awards").make("award").choose("kind", "award").pick("partner_id", "Corner Bakery")
    hand.fill(title="Partner of the year", school_year="2027", citation="Bread for every feast", given_by="Dr. Who, Superintendent").look("award-new").send().at("Partner of the year").look("award")

    write_a_bulletin(hand)
    hand.open(f"/app/partners/{ours.partner}/mails").wait_for("Bo Baker").look("partner-mails")
