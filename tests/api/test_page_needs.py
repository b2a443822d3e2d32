"""What the schools need, for everybody: a page and a feed of the open needs that the district has marked for it, and the
form "partner with us" that each leads to."""

import xml.etree.ElementTree as ElementTree

import pytest
from api_world import Caller
from needing import changed, did, made_need, open_need
from pages import Browser
from test_api_stories import ATOM, page
from test_page_inquiry import SAID, received, told

HARD = "Ten <tutors> & \"more\" ابجد 😀"


@pytest.fixture(scope="module")
def needs(ours):
    """One that the public reads of, beside those that it does not."""
    site = ours.director.site(name="Elm School", status="open").id
    shown = open_need(ours, is_public=True, title=HARD, description="On Mondays\n\nAt three", quantity=10, unit="tutors",
                      site_id=site, urgency="urgent")
    inside, over = open_need(ours, title="Inside"), open_need(ours, is_public=True, title="Over", needed_by="2026-11-21")
    draft = made_need(ours, is_public=True, title="Draft")
    with ours.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE need SET needed_by = '2026-11-20' WHERE id = %s", (over,))
    return {"shown": shown, "inside": inside, "over": over, "draft": draft}


@pytest.fixture
def public(ours):
    return Caller(ours.api, None)


@pytest.fixture
def path(ours):
    return f"/d/{ours.district.slug}/needs"


@pytest.mark.shows("needs.public_page")
def test_open_needs_that_are_public_are_a_page_for_everybody(ours, needs, public, path):
    call = ours.director.created("calls_to_action", {
        "title": "Winter <coats>", "situation": "It is cold.", "deadline": "2026-12-18", "quantity": 5, "unit": "coats",
        "focus_area_id": ours.director.get(f"/v1/needs/{needs['shown']}").json["focus_area_id"],
        "message": "Each child a coat", "is_public": True}).id
    did(ours.director, "calls_to_action", call, "open")
    answer, body = page(public, path)
    assert "Ten &lt;tutors&gt; &amp; &quot;more&quot; ابجد 😀" in body and "Elm School" in body and "10 tutors" in body
    assert "On Mondays" in body and "Winter &lt;coats&gt;" in body and "Each child a coat" in body and "It is cold" not in body
    assert not any(needs[name] in body for name in ("inside", "over", "draft"))
    people = ours.director.get("/v1/users").json["data"]
    assert not any(one["name"] in body or one["email"] in body for one in people), "nobody is named"
    assert answer.field("Cache-Control") == "public, no-cache" and answer.field("Set-Cookie") is None
    assert public.get(path, If_None_Match=answer.field("ETag")).status == 304
    _, spanish = page(public, f"{path}?lang=es")
    assert '<html lang="es" dir="ltr">' in spanish and "Qué necesitan nuestras escuelas" in spanish
    assert public.get("/d/nowhere/needs").status == 404
    assert f'href="{path}"' in page(public, path.replace("needs", "stories"))[1]


@pytest.mark.shows("needs.public_feed")
def test_the_same_are_a_feed(needs, public, path):
    answer = public.get(f"{path}.atom")
    assert answer.status == 200 and answer.field("Content-Type") == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.reply.body)
    for name in ("id", "title", "updated"):
        assert len(feed.findall(ATOM + name)) == 1 and feed.find(ATOM + name).text
    entries = {entry.find(f"{ATOM}id").text: entry for entry in feed.findall(f"{ATOM}entry")}
    assert list(entries) == [f"urn:uuid:{needs['shown']}"]
    entry = entries[f"urn:uuid:{needs['shown']}"]
    assert entry.find(f"{ATOM}title").text == HARD and entry.find(f"{ATOM}content").text == "On Mondays\n\nAt three"
    assert entry.find(f"{ATOM}link").get("href").endswith(f"{path}#need-{needs['shown']}")
    assert public.get(f"{path}.atom", If_None_Match=answer.field("ETag")).status == 304
    assert public.get("/d/nowhere/needs.atom").status == 404


@pytest.mark.shows("registry.inquiries_pledge", "needs.chain")
def test_what_somebody_offers_for_a_need_becomes_a_pledge_in_the_step_that_makes_a_partner_of_it(ours, needs):
    one = ours.coordinator.created("inquiries", {
        "organization": "Tutors United", "name": "Cy", "message": "We could send two.", "need_id": needs["shown"]}).id
    made = did(ours.director, "inquiries", one, "convert", is_new=True, pledge_quantity=2)
    pledge = ours.director.get(f"/v1/pledges/{made['pledge_id']}").json
    assert (pledge["need_id"], pledge["partner_id"], pledge["contact_id"], pledge["quantity"], pledge["status"],
            pledge["note"]) == (needs["shown"], made["partner_id"], made["contact_id"], 2, "offered", "We could send two.")
    need = ours.director.get(f"/v1/needs/{needs['shown']}").json
    partner = ours.director.get(f"/v1/partners/{made['partner_id']}").json
    assert partner["lead_site_id"] == need["site_id"], "of the need's school"


@pytest.mark.shows("registry.inquiries_need", "needs.public_page")
def test_whoever_writes_from_a_need_names_it_as_long_as_it_is_public(ours, needs, public, path):
    browser = Browser(ours.api)
    form = f"{path.replace('needs', 'partner')}?need="
    shown = browser.get(f"{form}{needs['shown']}")
    assert f"You write about: {HARD}" in shown.text and shown.value("need_id") == needs["shown"]
    wrong = browser.send(shown, **{**SAID, "name": ""})
    assert wrong.status == 422 and wrong.value("need_id") == needs["shown"], "it stays"
    for name in ("inside", "over", "draft"):
        assert "You write about" not in browser.get(f"{form}{needs[name]}").text
    assert browser.get(f"{form}x").status == 200
    assert browser.send(shown, **{**SAID, "email": "a@need.example.org"}).status == 303
    made, = [one for one in received(ours) if one["email"] == "a@need.example.org"]
    assert made["need_id"] == needs["shown"] and [m["kind"] for m in told(ours, made["id"])] == ["inquiry_receipt"]
    assert received(ours, need_id=needs["shown"]) == [made]
    answer = public.post("/v1/public_inquiries", {**SAID, "email": "b@need.example.org", "need_id": needs["inside"],
                                                  "district": ours.district.slug})
    assert answer.status == 202
    made, = [one for one in received(ours) if one["email"] == "b@need.example.org"]
    assert made["need_id"] is None, "what is not public is not named"
    answer = ours.coordinator.post(f"/v1/inquiries/{made['id']}/convert", {"pledge_quantity": 2})
    assert answer.faults == {"/pledge_quantity": "not_allowed"}, "of no need"
    before = public.get(path).field("ETag")
    changed(ours.director, f"/v1/needs/{needs['shown']}", is_public=False)
    assert needs["shown"] not in page(public, path)[1] and public.get(path, If_None_Match=before).status == 200
    assert browser.send(shown, **{**SAID, "email": "c@need.example.org"}).status == 303, "what was written arrives all the same"
