"""Instruments: documents that are judged as a whole, published, copied, and frozen by the first survey that asks them."""

import copy

import pytest
from api_world import Tenant
from fields import least

from world import NOW

LOCALES = [f"en-{number:03}" for number in range(100)]


def en(text="Words"):
    return {"en": text}


def question(code="q", kind="rating", section="s", **more):
    return {"code": code, "kind": kind, "section": section, "text": en(), **more}


def options(count=2):
    return [{"code": f"o{number}", "text": en()} for number in range(count)]


def document(*questions, **fields):
    return {"name": "Ours", "code": "ours", "locales": ["en"], "sections": [{"code": "s", "title": en()}],
            "factors": [{"code": "f", "name": en()}], "questions": list(questions) or [question()], **fields}


@pytest.fixture(scope="module")
def tenant(api, database):
    return Tenant(api, database)


@pytest.fixture
def make(tenant):
    return lambda body: tenant.director.post("/v1/instruments", body)


def draft(tenant, *questions, **fields):
    return tenant.director.created("instruments", document(*questions, **fields))


def act(tenant, one, verb, **body):
    return tenant.director.post(f"/v1/instruments/{one}/{verb}", body)


def survey(tenant, instrument, **fields):
    return tenant.director.post("/v1/surveys", {**least(tenant.director, "surveys"), "instrument_id": instrument,
                                                "closes_on": "2030-01-01", **fields})


@pytest.mark.shows("partnerships.instruments")
def test_a_document_comes_back_as_it_was_sent_and_can_be_sent_again(tenant, make):
    body = document(
        question("r", factor="f", is_reversed=True, required=True, points=7, low=en("Never"), high=en("Always")),
        question("io", "importance_occurrence", factor="f"),
        question("yes", "yes_no"),
        question("one", "choice", options=options(), show_if={"question": "yes", "is": True}),
        question("some", "multi", options=options(3), most=2, show_if={"question": "one", "in": ["o0", "o1"]}),
        question("much", "number", min=-1.5, max=100, show_if={"question": "some", "is_not": "o2"}),
        question("words", "text", hint=en(), show_if={"question": "much", "is_answered": True}),
        subject="none", about=en("Where it comes from."))
    made = make(body)
    assert made.status == 201, made
    assert {name: made.json[name] for name in body} == body
    assert (made.json["status"], made.json["edition"], made.json["frozen_at"]) == ("draft", 1, None)
    again = make({name: made.json[name] for name in body})
    assert (again.status, again.json["edition"]) == (201, 2)


@pytest.mark.parametrize("change, pointer", [
    (lambda d: d["questions"][0].update(text={}), "/questions/0/text/en"),
    (lambda d: d["questions"][0]["text"].update(es="x"), "/questions/0/text/es"),
    (lambda d: d["questions"][0]["text"].update(en="\u2003\t"), "/questions/0/text/en"),
    (lambda d: d["questions"][0].update(section="t"), "/questions/0/section"),
    (lambda d: d["questions"][0].update(factor="g"), "/questions/0/factor"),
    (lambda d: d["questions"][0].update(code="A"), "/questions/0/code"),
    (lambda d: d["questions"].append(question()), "/questions/1/code"),
    (lambda d: d["questions"][0].update(options=options()), "/questions/0/options"),
    (lambda d: d["questions"][0].update(most=1), "/questions/0/most"),
    (lambda d: d["questions"][0].update(min=1), "/questions/0/min"),
    (lambda d: d["questions"][0].update(show_if={"question": "q", "is": 1}), "/questions/0/show_if/question"),
    (lambda d: d["questions"].append(question("t", "yes_no", factor="f")), "/questions/1/factor"),
    (lambda d: d["questions"].append(question("t", "importance_occurrence", is_reversed=True)), "/questions/1/is_reversed"),
    (lambda d: d["questions"].append(question("t", "choice")), "/questions/1/options"),
    (lambda d: d["questions"].append(question("t", "choice", options=options(1))), "/questions/1/options"),
    (lambda d: d["questions"].append(question("t", "choice", options=options() + options(1))), "/questions/1/options/2/code"),
    (lambda d: d["questions"].append(question("t", "multi", options=options(), most=3)), "/questions/1/most"),
    (lambda d: d["questions"].append(question("t", "number", min="1")), "/questions/1/min"),
    (lambda d: d["questions"].append(question("t", "number", max=10**12)), "/questions/1/max"),
    (lambda d: d["questions"].append(question("t", "number", min=2, max=1)), "/questions/1/max"),
    (lambda d: d["questions"].append(question("t", show_if={"question": "q", "is": 6})), "/questions/1/show_if/is"),
    (lambda d: d["questions"].append(question("t", show_if={"question": "q", "in": [1, "2"]})), "/questions/1/show_if/in/1"),
    (lambda d: d["questions"].append(question("t", show_if={"question": "q", "in": []})), "/questions/1/show_if/in"),
    (lambda d: d["questions"].append(question("t", show_if={"question": "q", "is": 1, "is_not": 2})), "/questions/1/show_if"),
    (lambda d: d["questions"].append(question("t", show_if={"question": "q"})), "/questions/1/show_if"),
    (lambda d: d["questions"].append(question("t", show_if={"question": "t", "is_answered": True})), "/questions/1/show_if/question"),
    (lambda d: d["questions"].extend([question("t", "text"), question("u", show_if={"question": "t", "is": "x"})]), "/questions/2/show_if/is"),
    (lambda d: d["sections"].append({"code": "t", "title": en()}), "/sections/1"),
    (lambda d: d["sections"].append({"code": "s", "title": en()}), "/sections/1/code"),
    (lambda d: d["sections"][0].update(show_if={"question": "q", "is": 1}), "/sections/0/show_if/question"),
    (lambda d: d["factors"].append({"code": "f", "name": en()}), "/factors/1/code"),
    (lambda d: d.update(about={"es": "x"}), "/about/en"),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(make, change, pointer):
    body = document()
    change(body)
    answer = make(body)
    assert answer.status == 422 and pointer in answer.faults, answer
    assert set(answer.faults.values()) == {"not_allowed"}


def test_all_that_is_wrong_is_told_at_once(make):
    body = document(question("a", section="t"), question("a"), question("b", show_if={"question": "z", "is": 1}))
    answer = make(body)
    assert set(answer.faults) == {"/questions/0/section", "/questions/1/code", "/questions/2/show_if/question"}
    assert "no question that comes before" in str(answer.json["errors"])


def test_the_questions_of_a_section_stand_together(make):
    body = document(question("a"), question("b", section="t"), question("c"))
    body["sections"].append({"code": "t", "title": en()})
    assert make(body).faults == {"/questions/2/section": "not_allowed"}
    body["questions"] = [body["questions"][n] for n in (0, 2, 1)]
    assert make(body).status == 201


def many(count, **fields):
    return document(*[question(f"q{number}") for number in range(count)], **fields)


def in_sections(count):
    return document(*[question(f"q{n}", section=f"s{n}") for n in range(count)],
                    sections=[{"code": f"s{n}", "title": en()} for n in range(count)])


def in_languages(count):
    words = {locale: "W" for locale in LOCALES[:count]} | ({"fr": "W"} if count > 100 else {})
    return {"name": "N", "code": "l", "locales": list(words), "sections": [{"code": "s", "title": words}],
            "questions": [{"code": "q", "kind": "yes_no", "section": "s", "text": words}]}


@pytest.mark.parametrize("at, past, fault", [
    (many(200), many(201), {"/questions": "too_many_items"}),
    (in_sections(50), in_sections(51), {"/sections": "too_many_items"}),
    (many(1, factors=[{"code": f"f{n}", "name": en()} for n in range(20)]),
     many(1, factors=[{"code": f"f{n}", "name": en()} for n in range(21)]), {"/factors": "too_many_items"}),
    (document(question(kind="choice", options=options(30))), document(question(kind="choice", options=options(31))),
     {"/questions/0/options": "too_many_items"}),
    (document(question("a", "number"), question("b", show_if={"question": "a", "in": list(range(30))})),
     document(question("a", "number"), question("b", show_if={"question": "a", "in": list(range(31))})),
     {"/questions/1/show_if/in": "too_many_items"}),
    (in_languages(100), in_languages(101), {"/locales": "too_many_items", "/sections/0/title": "too_many_items",
                                            "/questions/0/text": "too_many_items"}),
    (document(question(points=10)), document(question(points=11)), {"/questions/0/points": "too_large"}),
    (document(question(points=2)), document(question(points=1)), {"/questions/0/points": "too_small"}),
    (document(question(text=en("é" * 1000))), document(question(text=en("é" * 1001))), {"/questions/0/text/en": "too_long"}),
    (document(question(hint=en("é" * 1000))), document(question(hint=en("é" * 1001))), {"/questions/0/hint/en": "too_long"}),
    (document(question(low=en("é" * 100))), document(question(high=en("é" * 101))), {"/questions/0/high/en": "too_long"}),
    (document(question(kind="choice", options=[{"code": "a", "text": en("é" * 300)}, *options(1)])),
     document(question(kind="choice", options=[{"code": "a", "text": en("é" * 301)}, *options(1)])),
     {"/questions/0/options/0/text/en": "too_long"}),
    (document(question("c" * 64)), document(question("c" * 65)), {"/questions/0/code": "too_long"}),
    (document(sections=[{"code": "s", "title": en("é" * 200), "text": en("é" * 5000)}]),
     document(sections=[{"code": "s", "title": en("é" * 201), "text": en("é" * 5001)}]),
     {"/sections/0/title/en": "too_long", "/sections/0/text/en": "too_long"}),
    (document(factors=[{"code": "f", "name": en("é" * 200)}]), document(factors=[{"code": "f", "name": en("é" * 201)}]),
     {"/factors/0/name/en": "too_long"}),
    (document(about=en("é" * 10000)), document(about=en("é" * 10001)), {"/about/en": "too_long"}),
    (document(question(kind="number", max=999999999999.5)), document(question(kind="number", max=0.0000001)),
     {"/questions/0/max": "not_allowed"}),
], ids=[
    "questions", "sections", "factors", "options", "in", "locales", "points", "few points", "text", "hint", "ends", "option",
    "code", "section", "factor", "about", "number"])  # fmt: skip
def test_limits(make, at, past, fault):
    assert make(at).status == 201
    answer = make(past)
    assert (answer.status, answer.faults) == (422, fault)


@pytest.mark.parametrize("hostile", [
    {"questions": [1]}, {"questions": [None]}, {"questions": {}}, {"questions": [{"code": {}, "kind": [], "section": 1, "text": 1}]},
    {"sections": [[]]}, {"factors": [True]}, {"about": []}, {"locales": ["xx-yy-zz"]}, {"locales": [None]},
    {"questions": [question(kind="multi", options={"a": 1})]}, {"questions": [question(show_if=[])]},
    {"questions": [question(points="5"), question("r", show_if={"question": "q", "is": 1})]},
    {"questions": [question(show_if={"question": {"a": 1}, "is": None})]}, {"questions": [question(unknown=1)]},
    {"questions": [question("a", "number", min=1e300), question("b", show_if={"question": "a", "is": {}})]},
], ids=str)  # fmt: skip
def test_nothing_that_is_no_document_is_more_than_refused(make, hostile):
    answer = make(document() | hostile)
    assert answer.status in (400, 422) and (answer.status == 400 or answer.faults), answer


@pytest.mark.shows("partnerships.instrument_frozen")
def test_it_is_edited_until_a_survey_is_to_ask_it_and_then_stays(tenant):
    one = draft(tenant)
    path = f"/v1/instruments/{one.id}"
    changed = tenant.director.patch(path, {"name": "Better", "questions": [question("other")]}, one.etag)
    assert (changed.status, changed.json["questions"][0]["code"]) == (200, "other")
    early = survey(tenant, one.id)
    assert early.status == 201
    refused = tenant.director.post(f"/v1/surveys/{early.id}/schedule", {})
    assert (refused.status, refused.json["state"]) == (409, {"status": "scheduled", "missing": ["instrument_id"]})
    assert act(tenant, one.id, "publish").json["status"] == "published"
    assert act(tenant, one.id, "publish").status == 409, "once"
    now = tenant.director.get(path)
    assert (now.json["frozen_at"], now.json["survey_id"]) == (None, None)
    still = tenant.director.patch(path, {"name": "Best"}, now.etag)
    assert still.status == 200, "nobody asks it yet"
    assert tenant.director.post(f"/v1/surveys/{early.id}/schedule", {}).status == 200
    frozen = tenant.director.get(path)
    assert frozen.json["frozen_at"] and frozen.json["survey_id"] == early.id
    for body in ({"name": "x"}, {"questions": [question()]}, {"locales": ["es"]}, {"about": en()}, {"subject": "none"}):
        answer = tenant.director.patch(path, body, frozen.etag)
        assert (answer.status, answer.json.get("state")) == (
            (409, {"status": "published", "frozen_at": frozen.json["frozen_at"], "survey_id": early.id})
            if body != {"locales": ["es"]} else (answer.status, answer.json.get("state"))), answer
        assert answer.status in (409, 422)
    assert tenant.director.get(path).json == frozen.json
    assert tenant.director.archive(path, frozen.etag).status == 204, "but put away it can be"


def test_what_is_put_away_is_asked_by_no_new_survey(tenant):
    one = draft(tenant)
    assert act(tenant, one.id, "publish").status == 200
    etag = tenant.director.get(f"/v1/instruments/{one.id}").etag
    assert tenant.director.archive(f"/v1/instruments/{one.id}", etag).status == 204
    made = survey(tenant, one.id)
    assert tenant.director.post(f"/v1/surveys/{made.id}/open", {}).status == 409


def test_a_scheduled_survey_that_changes_to_another_freezes_that(tenant):
    first, second = draft(tenant), draft(tenant)
    for one in (first, second):
        assert act(tenant, one.id, "publish").status == 200
    made = survey(tenant, first.id)
    moved = tenant.director.post(f"/v1/surveys/{made.id}/schedule", {})
    assert tenant.director.patch(f"/v1/surveys/{made.id}", {"instrument_id": second.id}, moved.etag).status == 200
    assert tenant.director.get(f"/v1/instruments/{second.id}").json["frozen_at"]


@pytest.mark.shows("partnerships.instrument_copies")
def test_a_copy_is_a_draft_and_the_next_edition_or_of_another_code(tenant):
    supplied, = tenant.director.get("/v1/instruments?code=partnership_quality").json["data"]
    assert act(tenant, supplied["id"], "copy").status == 200
    assert act(tenant, supplied["id"], "copy", code="our_quality", name="Our quality").status == 200
    copies = tenant.director.get(f"/v1/instruments?copied_from_id={supplied['id']}").json["data"]
    assert {(c["code"], c["edition"], c["name"], c["status"]) for c in copies} == {
        ("partnership_quality", 2, "Partnership quality", "draft"), ("our_quality", 1, "Our quality", "draft")}
    for one in copies:
        assert all(one[name] == supplied[name] for name in ("questions", "sections", "factors", "about", "locales", "subject"))
    for code in ("A", "a b", ""):
        assert act(tenant, supplied["id"], "copy", code=code).status == 422


def test_only_the_program_writes_them(tenant):
    for role in ("coordinator", "school_leader", "viewer", "executive", "partner"):
        assert getattr(tenant, role).post("/v1/instruments", document()).status == 403, role


SUPPLIED = {"relationship": "relationship", "trust_value": "relationship", "partnership_quality": "relationship",
            "needs_families": "none", "needs_students": "none", "needs_staff": "none", "convening_feedback": "none"}


@pytest.mark.shows("partnerships.instruments_supplied")
def test_the_supplied_ones_say_all_in_two_languages_and_explain_themselves(tenant, make):
    found = [one for one in tenant.viewer.get("/v1/instruments?limit=200").json["data"] if one["code"] in SUPPLIED and one["edition"] == 1]
    assert {one["code"]: one["subject"] for one in found} == SUPPLIED
    with tenant.api.database.connect("kith_migrate") as connection, connection.transaction():
        connection.execute("SELECT set_config('kith.district', %s, true), set_config('kith.now', %s, true), "
                           "seed_focus_areas(%s)", (tenant.id, NOW, tenant.id))
    areas = {area["code"] for area in tenant.viewer.get("/v1/focus_areas?limit=200").json["data"]}
    for one in found:
        assert one["status"] == "published" and one["locales"] == ["en", "es"] and set(one["about"]) == {"en", "es"}
        assert "In our own wording" in one["about"]["en"]
        again = make({name: copy.deepcopy(one[name]) for name in document() | {"about": 1, "subject": 1}})
        assert again.status == 201, "the validator takes it"
        items = [q for q in one["questions"] if q["kind"] in ("rating", "importance_occurrence")]
        assert {q["factor"] for q in items} == {f["code"] for f in one["factors"]}
        if one["code"].startswith("needs_"):
            assert {o["code"] for o in one["questions"][0]["options"]} <= areas
            assert one["questions"][0]["code"] == "priorities"
    quality = next(one for one in found if one["code"] == "partnership_quality")
    by_element = {f["code"]: [q for q in quality["questions"] if q.get("factor") == f["code"]] for f in quality["factors"]}
    assert len(by_element) == 7 and all(len(items) >= 3 for items in by_element.values())
    assert sum(q["is_reversed"] for q in quality["questions"]) >= 5
    assert sum(q["kind"] == "importance_occurrence" for q in quality["questions"]) >= 3
