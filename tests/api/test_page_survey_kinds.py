"""The page of a survey with questions of every kind: how each is asked and answered, which are asked at all, and that what
was sent can be corrected."""

import pytest
from test_page_survey import Asked



def words(text):
    return {"en": text, "es": f"{text} (es)"}


def options(*codes):
    return [{"code": code, "text": words(code.title())} for code in codes]


KINDS = {
    "name": "Every kind", "code": "kinds", "locales": ["en", "es"],
    "factors": [{"code": "f", "name": words("Factor")}],
    "sections": [{"code": "one", "title": words("First things"), "text": words("Some words.\nIn two lines.")},
                 {"code": "two", "title": words("If it goes on"), "show_if": {"question": "goes_on", "is": True}},
                 {"code": "three", "title": words("At last")}],
    "questions": [
        {"code": "rate", "kind": "rating", "section": "one", "factor": "f", "required": True, "points": 7, "text": words("How good?"),
         "low": words("Bad"), "high": words("Good"), "hint": words("Think of this year.")},
        {"code": "both", "kind": "importance_occurrence", "section": "one", "factor": "f", "required": True, "text": words("We meet.")},
        {"code": "goes_on", "kind": "yes_no", "section": "one", "required": True, "text": words("Does it go on?")},
        {"code": "why_not", "kind": "text", "section": "one", "required": True, "text": words("Why not?"),
         "show_if": {"question": "goes_on", "is": False}},
        {"code": "how", "kind": "choice", "section": "two", "text": words("How?"), "options": options("room", "online")},
        {"code": "what", "kind": "multi", "section": "two", "text": words("What?"), "options": options("food", "arts", "stem"), "most": 2},
        {"code": "hours", "kind": "number", "section": "two", "text": words("How many hours?"), "min": 0, "max": 10.5,
         "show_if": {"question": "what", "is": "stem"}},
        {"code": "rest", "kind": "rating", "section": "three", "text": words("All in all?")},
    ]}


def instrument(tenant, **fields):
    made = tenant.admin.created("instruments", {**KINDS, **fields})
    assert tenant.admin.post(f"/v1/instruments/{made.id}/publish", {}).status == 200
    return made.id


@pytest.fixture
def asked(ours):
    return Asked(ours, instrument_id=instrument(ours))


def begin(asked, name="Choir"):
    return asked.browser.get(asked.page().links()[f"Begin: {name}"])


FIRST = {"a__rate": "6", "i__both": "5", "o__both": "2"}


@pytest.mark.shows("partnerships.survey_kinds")
def test_each_kind_has_its_fields(asked):
    page = begin(asked)
    assert "First things" in page.text and "Some words." in page.text and "Part 1 of 2" in page.text
    assert [n.get("value") for n in page.root.all("input") if n.get("name") == "a.rate"] == list("1234567")
    assert "1 Bad" in page.text and "7 Good" in page.text and "Think of this year." in page.text
    assert [f.first("legend").text for f in page.root.all("fieldset")] == [
        "How good? (needed)", "We meet. (needed)", "How important is it?", "How often is it so?", "Does it go on? (needed)"]
    assert not [n for n in page.root.all("textarea")], "what depends on this page is asked on the next"
    page = asked.browser.submit(page, "survey_next", **FIRST, a__goes_on="yes")
    assert "Part 2 of 3" in page.text and "If it goes on" in page.text
    assert [(n.get("type"), n.get("name"), n.get("value")) for n in page.root.all("input") if "." in (n.get("name") or "")] == [
        ("radio", "a.how", "room"), ("radio", "a.how", "online"), ("radio", "a.how", ""),
        ("checkbox", "m.what.food", "yes"), ("checkbox", "m.what.arts", "yes"), ("checkbox", "m.what.stem", "yes")]
    page = asked.browser.submit(page, "survey_next", a__how="online", m__what__stem="yes", m__what__food="yes")
    assert "Part 3 of 4" in page.text and "A number from 0 to 10.5." in page.text
    page = asked.browser.submit(page, "survey_next", a__hours="2.5")
    page = asked.browser.submit(page, "survey_send", a__rest="")
    assert page.notices() == ["Sent. Thank you."]
    assert asked.answers("Choir") == ({"rate": 6, "both": {"importance": 5, "occurrence": 2}, "goes_on": True, "how": "online",
                                       "what": ["food", "stem"], "hours": 2.5}, "submitted")


@pytest.mark.shows("partnerships.survey_branches")
def test_what_an_answer_hides_is_not_asked_and_not_kept(asked):
    page = asked.browser.submit(begin(asked), "survey_next", **FIRST, a__goes_on="yes")
    page = asked.browser.submit(page, "survey_next", a__how="room", m__what__stem="yes")
    page = asked.browser.submit(page, "survey_back", a__hours="3")
    page = asked.browser.submit(page, "survey_back")
    assert page.by_id("a.goes_on").attributes.get("checked", "") is None, "what was said stands there"
    page = asked.browser.submit(page, "survey_next", a__goes_on="no")
    assert "Part 2 of 3" in page.text and "Why not?" in page.text
    page = asked.browser.submit(page, "survey_next", a__why_not="No time")
    assert "At last" in page.text and "Part 3 of 3" in page.text
    assert asked.answers("Choir")[0]["hours"] == 3, "a draft keeps it, if it is asked again"
    asked.browser.submit(page, "survey_send", a__rest="4")
    assert asked.answers("Choir") == ({"rate": 6, "both": {"importance": 5, "occurrence": 2}, "goes_on": False, "why_not": "No time",
                                       "rest": 4}, "submitted")


def test_what_is_said_to_be_nothing_is_nothing(ours):
    """null, where a document may leave something out."""
    bare = dict.fromkeys(("hint", "low", "high", "points", "options", "min", "max", "most", "show_if", "factor", "is_reversed", "required"))
    kinds = ("rating", "importance_occurrence", "yes_no", "choice", "multi", "number", "text")
    questions = [{**bare, "code": kind, "kind": kind, "section": "s", "text": words(kind)} for kind in kinds]
    questions[0]["low"] = words("One end alone")
    for q in questions[3:5]:
        q["options"] = options("a", "b")
    asked = Asked(ours, instrument_id=instrument(ours, factors=[], questions=questions,
                                                 sections=[{"code": "s", "title": words("S"), "text": None, "show_if": None}]))
    page = begin(asked)
    assert "1 One end alone" in page.text and "Part 1 of 1" in page.text
    page = asked.browser.submit(page, "survey_send", a__rating="5", i__importance_occurrence="5", o__importance_occurrence="1",
                                a__yes_no="no", a__choice="b", m__multi__a="yes", a__number="-3", a__text="x")
    assert asked.answers("Choir") == ({"rating": 5, "importance_occurrence": {"importance": 5, "occurrence": 1}, "yes_no": False,
                                       "choice": "b", "multi": ["a"], "number": -3, "text": "x"}, "submitted")


def test_where_nothing_more_is_asked_the_last_page_says_so_and_sends(ours):
    questions = [q for q in KINDS["questions"] if q["section"] != "three"]
    asked = Asked(ours, instrument_id=instrument(ours, questions=questions, sections=KINDS["sections"][:2]))
    page = asked.browser.submit(begin(asked), "survey_next", **FIRST, a__goes_on="yes")
    assert "survey_send" not in page.buttons(), "what is chosen here may open another page"
    page = asked.browser.submit(page, "survey_next")
    assert "That was all." in page.text and "survey_send" in page.buttons()
    assert "If it goes on" in asked.browser.submit(page, "survey_back").text
    assert asked.browser.submit(page, "survey_send").notices() == ["Sent. Thank you."]


@pytest.mark.shows("partnerships.survey_review")
def test_all_that_was_said_is_looked_over_before_it_is_sent(asked):
    page = begin(asked)
    assert "survey_review" not in page.buttons(), "there is nothing yet"
    page = asked.browser.submit(page, "survey_next", **FIRST, a__goes_on="yes")
    page = asked.browser.submit(page, "survey_next", m__what__stem="yes", m__what__food="yes")
    page = asked.browser.submit(page, "survey_next", a__hours="2.5")
    page = asked.browser.submit(page, "survey_review", a__rest="4")
    for said in ("How good? 6", "We meet. How important is it? 5 very important How often is it so? 2 Change", "Does it go on? Yes",
                 "How? No answer", "What? Food Stem", "How many hours? 2.5", "All in all? 4 mostly"):
        assert said in page.text, page.text
    assert asked.answers("Choir")[1] == "partial", "nothing is sent yet"
    page = asked.browser.get(page.links()["Change: How good?"].partition("#")[0])
    page = asked.browser.submit(page, "survey_review", a__rate="1")
    assert "How good? 1 Bad" in page.text
    assert asked.browser.submit(page, "survey_send").notices() == ["Sent. Thank you."]
    assert asked.answers("Choir")[0]["rate"] == 1


def test_what_lacks_is_told_where_all_is_looked_over(asked):
    page = asked.browser.get(asked.page().path + "/1/9999")
    assert page.text.count("this needs an answer") == 3 and "How good? this needs an answer Change" in page.text
    again = asked.browser.submit(page, "survey_send")
    assert again.status == 422 and "Part 1 of 2" in again.text


@pytest.mark.parametrize("name, value, code", [
    ("a__hours", "eleven", "write a number such as 1234.5"), ("a__hours", "11", "this number is too large"),
    ("a__hours", "-1", "this number is too small"), ("a__hours", "1.1234567", "write a number such as 1234.5"),
])
def test_a_number_that_is_none_is_told_and_the_rest_is_kept(asked, name, value, code):
    page = asked.browser.submit(begin(asked), "survey_next", **FIRST, a__goes_on="yes")
    page = asked.browser.submit(page, "survey_next", m__what__stem="yes")
    again = asked.browser.submit(page, "survey_next", **{name: value})
    assert again.status == 422 and code in again.errors()["a.hours"] and again.value("a.hours") == value
    assert "hours" not in asked.answers("Choir")[0] and asked.answers("Choir")[0]["what"] == ["stem"]


def test_more_than_may_be_chosen_is_told_and_stays_ticked(asked):
    page = asked.browser.submit(begin(asked), "survey_next", **FIRST, a__goes_on="yes")
    again = asked.browser.submit(page, "survey_next", m__what__food="yes", m__what__arts="yes", m__what__stem="yes", a__how="room")
    assert again.status == 422 and list(again.errors()) == ["m.what"] and again.by_id("m.what").get("type") == "checkbox"
    assert sum("checked" in n.attributes for n in again.root.all("input") if n.get("type") == "checkbox") == 3
    assert asked.answers("Choir")[0]["how"] == "room" and "what" not in asked.answers("Choir")[0]


def test_an_importance_without_an_occurrence_is_asked_for(asked):
    page = asked.browser.submit(begin(asked), "survey_next", a__rate="1", i__both="3", a__goes_on="no")
    assert asked.answers("Choir")[0]["both"] == {"importance": 3}, "a draft keeps a half"
    page = asked.browser.submit(page, "survey_next", a__why_not="x")
    again = asked.browser.submit(page, "survey_send")
    assert again.status == 422 and list(again.errors()) == ["o.both"] and again.by_id("o.both").get("type") == "radio"
    assert "Part 1 of 3" in again.text


def test_what_is_not_required_can_be_taken_back_without_a_script(asked):
    page = asked.browser.submit(begin(asked), "survey_next", **FIRST, a__goes_on="yes")
    page = asked.browser.submit(page, "survey_save", a__how="room", m__what__food="yes")
    asked.browser.submit(page, "survey_save", a__how="", m__what__food=None)
    assert not {"how", "what"} & set(asked.answers("Choir")[0])


@pytest.mark.parametrize("values", [
    {"a.rate": "8"}, {"a.rate": "0"}, {"i.both": "6"}, {"a.goes_on": "maybe"}, {"a.how": "garden", "page": "3"},
], ids=str)  # fmt: skip
def test_what_no_field_offers_is_refused(asked, values):
    page = begin(asked)
    form = {"form_token": page.value("form_token"), "place": "1", "page": "1", "do": "survey_save", **values}
    assert asked.browser.post(asked.page().path, form).status == 422
    assert asked.answers("Choir") == ({}, "asked")


@pytest.mark.parametrize("name", ["m.what.garden.x", "m.what", "x.rate", "m.WHAT.food", "a.rate.x"])
def test_a_field_that_no_form_has_is_no_form(asked, name):
    page = begin(asked)
    form = {"form_token": page.value("form_token"), "place": "1", "page": "1", "do": "survey_save", name: "yes"}
    assert asked.browser.post(asked.page().path, form).status == 400


def send_all(asked):
    page = asked.browser.submit(begin(asked), "survey_next", **FIRST, a__goes_on="no")
    page = asked.browser.submit(page, "survey_next", a__why_not="First words")
    return asked.browser.submit(page, "survey_send", a__rest="4")


@pytest.mark.shows("partnerships.survey_corrections")
def test_what_was_sent_is_corrected_until_the_close_and_stands_until_the_correction_is_sent(asked):
    page = send_all(asked)
    sent = asked.answers("Choir")
    page = asked.browser.get(page.links()["Change my answers: Choir"])
    assert "You have sent these answers." in page.text and page.by_id("a.goes_on")
    page = asked.browser.submit(page, "survey_next", a__goes_on="yes", a__rate="2")
    assert asked.answers("Choir") == sent, "nothing of it counts yet"
    assert "changes not sent yet" in asked.page().text
    page = asked.browser.submit(page, "survey_next", a__how="room")
    page = asked.browser.submit(page, "survey_send", a__rest="1")
    assert page.notices()[0] == "Sent. Thank you."
    assert asked.answers("Choir") == ({"rate": 2, "both": {"importance": 5, "occurrence": 2}, "goes_on": True, "how": "room", "rest": 1},
                                      "submitted")
    assert asked.row("SELECT count(*) FROM survey_answer WHERE draft IS NOT NULL AND survey_id = %s", asked.id) == (0,)
    page = asked.browser.get(asked.page().links()["Change my answers: Choir"])
    asked.act("close")
    assert asked.browser.submit(page, "survey_save", a__rate="7").status == 409
    assert "Change my answers: Choir" not in asked.page().links()


@pytest.mark.shows("partnerships.survey_corrections")
def test_a_correction_that_was_begun_and_not_sent_at_the_close_is_not_counted_and_waits_for_a_reopening(asked):
    page = send_all(asked)
    sent = asked.answers("Choir")
    asked.browser.submit(asked.browser.get(page.links()["Change my answers: Choir"]), "survey_save", a__rate="1")
    asked.act("close")
    counted = "SELECT count(*), min(answers ->> 'rate') FROM survey_submitted(%s)"
    with asked.tenant.api.database.connect("kith_migrate") as connection, connection.transaction():
        connection.execute("SELECT set_config('kith.district', %s, true)", (str(asked.tenant.id),))
        assert connection.execute(counted, (asked.id,)).fetchone() == (1, "6"), "what was sent before"
    assert asked.answers("Choir") == sent and "what you had sent before counts" in asked.page().text
    asked.act("reopen", reason="Some were ill.", closes_on="2026-12-19")
    page = asked.browser.get(asked.page().links()["Change my answers: Choir"])
    assert {n.get("value") for n in page.root.all("input") if n.get("name") == "a.rate" and "checked" in n.attributes} == {"1"}


def test_a_correction_that_lacks_something_is_not_sent(asked):
    page = send_all(asked)
    sent = asked.answers("Choir")
    page = asked.browser.get(page.links()["Change my answers: Choir"])
    page = asked.browser.submit(page, "survey_next")
    again = asked.browser.submit(asked.browser.submit(page, "survey_next", a__why_not=""), "survey_send")
    assert again.status == 422 and list(again.errors()) == ["a.why_not"] and asked.answers("Choir") == sent


@pytest.mark.shows("partnerships.survey_of_nothing_in_particular")
def test_one_that_asks_about_nothing_in_particular_is_a_page_of_its_own(ours, migrate):
    asked = Asked(ours)
    with migrate.transaction():
        migrate.execute("SELECT set_config('kith.merging', 'on', true)")  # a survey that has begun keeps its instrument
        migrate.execute("UPDATE survey SET instrument_id = %s WHERE id = %s", (instrument(ours, subject="none"), asked.id))
    migrate.execute("DELETE FROM survey_answer WHERE survey_invitation_id = %s AND partnership_id <> ("
                    "SELECT max(partnership_id::text)::uuid FROM survey_answer WHERE survey_invitation_id = %s)",
                    (asked.invitation, asked.invitation))
    migrate.execute("UPDATE survey_answer SET partnership_id = NULL, side = NULL WHERE survey_invitation_id = %s", (asked.invitation,))
    page = asked.page()
    assert "Your answers" in page.text and "What we ask about" not in page.text
    page = asked.browser.get(page.links()["Begin: How is it going?"])
    assert page.heading == "How is it going?"
    page = asked.browser.submit(page, "survey_next", **FIRST, a__goes_on="no")
    page = asked.browser.submit(page, "survey_next", a__why_not="x")
    assert "Everything is answered. Thank you." in asked.browser.submit(page, "survey_send").notices()
    assert asked.row("SELECT status FROM survey_answer WHERE survey_invitation_id = %s", asked.invitation) == ("submitted",)


@pytest.mark.shows("partnerships.survey_attributed")
def test_of_what_is_about_nothing_in_particular_an_attributed_one_is_read_by_the_district(ours, migrate):
    asked = Asked(ours, mode="attributed")
    with migrate.transaction():
        migrate.execute("SELECT set_config('kith.merging', 'on', true)")
        migrate.execute("UPDATE survey SET instrument_id = %s WHERE id = %s", (instrument(ours, subject="none"), asked.id))
    text = asked.page().text
    assert "Your name stands with your answers, and the district’s staff can read them." in text and "both sides" not in text


def test_all_of_it_is_there_in_spanish(asked, migrate):
    migrate.execute("UPDATE contact SET locale = 'es' WHERE id = %s", (asked.contact,))
    page = asked.browser.get(asked.page().links()["Empezar: Choir"])
    for said in ("First things (es)", "How good? (es)", "Think of this year. (es)", "1 Bad (es)", "¿Qué importancia tiene?", "1 nunca"):
        assert said in page.text, page.text
    english = asked.browser.submit(page, "survey_save:en", **FIRST, a__goes_on="yes")
    assert english.lang == "en" and "How good?" in english.text and asked.answers("Choir")[0]["rate"] == 6
