"""What people write comes back as it was, through the API, files both ways and pages, whatever it looks like; what
cannot is refused by its pointer."""

import csv
import io

import pytest
from importing import load, rows
from pages import Browser, make_link
from partnering import Ready, act_on, agreement
from test_api_sheets import rows_of

from hard_strings import HARD

def cells(text):
    """The rows of a CSV file of ours: an apostrophe in front is taken off."""
    return [{name: value[1:] if value.startswith("'") else value for name, value in row.items()}
            for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.shows("everywhere.strings")
def test_what_is_written_is_what_is_read(ours):
    director = ours.director
    made = {}
    for name in HARD.values():
        one = director.created("partners", {"name": name, "kind": "civic", "description": f"{name}\n\n{name}"})
        made[one.id] = name
        told = ours.viewer.get(f"/v1/partners/{one.id}").json
        assert (told["name"], told["description"]) == (name, f"{name}\n\n{name}")
        found = ours.viewer.get("/v1/partners", {"sort": "-created_at", "limit": 1}).json["data"][0]
        assert found["name"] == name
    listed = ours.viewer.get("/v1/partners?sort=-created_at", Accept="text/csv")
    assert listed.status == 200, listed
    taken = {row["id"]: row["name"] for row in cells(listed.reply.body.decode("utf-8-sig"))}
    assert {one: taken[one] for one in made} == made
    sheet, _ = rows_of(ours.viewer, "/v1/partners?sort=-created_at")
    assert {row["id"]: row["name"] for row in sheet if row["id"] in made} == made
    assert {row["id"]: row["description"] for row in sheet if row["id"] in made} == {
        one: f"{name}\n\n{name}" for one, name in made.items()}


@pytest.mark.shows("everywhere.strings")
def test_a_file_brings_them_too(ours):
    out = io.StringIO()
    writer = csv.writer(out)
    names = [f"Again {name}"[:200] for name in HARD.values()]
    writer.writerows([["name", "kind"], *([name, "civic"] for name in names)])
    report = load(ours.director, "partners", out.getvalue().encode())
    assert report["created"] == len(names), rows(ours.director, report)
    ids = [row["id"] for row in rows(ours.director, report)]
    assert [ours.viewer.get(f"/v1/partners/{one}").json["name"] for one in ids] == names


@pytest.mark.shows("everywhere.strings")
def test_a_page_shows_them(ours):
    ready = Ready(ours)
    for text in HARD.values():
        one = agreement(ours.director, title=text, kind="mou", text=text).id
        ready.made("agreement_partnerships", agreement_id=one)
        act_on(ours.director, one, "submit", "approve")
        page = Browser(ours.api).get(f"/r/{make_link(ours, 'agreement', one, contact_id=ready.contact)}")
        shown = " ".join(text.split())
        assert page.status == 200 and page.heading.startswith(shown) and shown in page.text, (text, page.heading)


@pytest.mark.shows("everywhere.strings")
def test_what_no_text_has_is_refused_by_its_pointer(ours):
    for text, status in (("a\x00b", 400), ("a\x01b", 422), ("a\tb", 422), ("\x7f", 422), ("a" * 201, 422), (" ", 422),
                         ("a\ufffe", 422), ("\uffff", 422)):
        answer = ours.director.post("/v1/partners", {"name": text, "kind": "civic"})
        assert answer.status == status, (text, answer)
        assert status == 400 or [*answer.faults] == ["/name"], answer
        assert status == 400 or answer.json["errors"][0]["detail"].startswith("/name must "), "and says why"
