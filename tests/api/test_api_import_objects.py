"""Rows as objects of JSON: an array of 10,000 at most, or any number of lines; each by its fields' own names."""
import json

import pytest
from importing import counts, ended, faults, load, rows, send, target, unique

from test_api_import_observations import District

ARRAY, LINES = "application/json", "application/x-ndjson"
MOST = 10000


@pytest.fixture
def here(ours, migrate):
    return District(ours, migrate)


def observation(here, school=0, month="2026-10-01", **fields):
    return {"indicator_id": "attendance_rate", "site_id": here.ids[school], "school_year": 2027, "period_kind": "month",
            "period_start": month, **fields}


def body(form, objects):
    return json.dumps(objects) if form == ARRAY else "".join(json.dumps(one) + "\n" for one in objects)


def load_objects(caller, form, objects, kind="observations", **query):
    return load(caller, kind, objects if isinstance(objects, str) else body(form, objects),
                headers={"Content_Type": form}, **query)


@pytest.mark.shows("kpis.objects")
@pytest.mark.parametrize("form, separator", [(ARRAY, "json"), (LINES, "lines")])
def test_objects_are_rows(here, form, separator):
    objects = [observation(here, numerator=90.5, denominator=100, source="É, \"quoted\" [and] {more}"),
               observation(here, 1, numerator="NS"), observation(here, 1, "2026-11-01", percent="12.5", denominator=200),
               observation(here, month="2026-12-01", numerator=None, missing="suppressed")]
    report = load_objects(here.steward, form, objects)
    assert (counts(report), report["separator"], report["rows_read"]) == ((4, 0, 0, 0), separator, 4)
    made = [here.get(row["id"]) for row in rows(here.steward, report)]
    assert [one["numerator"] for one in made] == ["90.500000", None, "25.000000", None]
    assert [one["missing"] for one in made] == [None, "not_submitted", None, "suppressed"]
    assert made[0]["source"] == objects[0]["source"]
    assert counts(load_objects(here.steward, form, objects)) == (0, 0, 4, 0), "known by what they are of"
    objects[0]["numerator"] = 91
    report = load_objects(here.steward, form, objects, dry_run="true")
    assert counts(report) == (0, 1, 3, 0) and here.get(made[0]["id"])["superseded_by"] is None
    report = load_objects(here.steward, form, objects)
    assert counts(report) == (0, 1, 3, 0) and here.get(made[0]["id"])["superseded_by"]


@pytest.mark.parametrize("form", (ARRAY, LINES))
def test_a_bad_object_is_its_own_fault_alone(here, form):
    good = [observation(here, numerator=9, denominator=10), observation(here, 1, numerator=9, denominator=10)]
    bad = ['{"numerator": }', "[1]", '{"site_id": "a", "site_id": "b"}', json.dumps({**good[0], "color": "red"}),
           json.dumps({**good[0], "numerator": "many"}), "{}", json.dumps({**good[0], "source": "a\0b"})]
    parts = [json.dumps(good[0]), *bad, json.dumps(good[1])]
    text = "[" + ",".join(parts) + "]" if form == ARRAY else "\n".join(parts)
    report = load_objects(here.steward, form, text)
    assert counts(report) == (2, 0, 0, 7)
    told = faults(here.steward, report)
    assert [told[line][0] for line in (2, 3, 4, 5)] == [(None, "invalid_json")] * 4
    assert told[6] == [("numerator", "invalid_number")]
    assert {("indicator_id", "required"), ("site_id", "required"), ("period_kind", "required")} <= set(told[7])
    assert told[8][0][0] in ("source", None)


def test_an_array_has_its_most_and_no_more(here):
    year = {"indicator_id": "reach", "site_id": here.ids[0], "school_year": 2027, "period_kind": "month",
            "numerator": 1, "cohort": "all"}
    objects = [{**year, "period_start": f"2026-{9 + n % 4:02}-01"} for n in range(MOST)]
    report = load_objects(here.steward, ARRAY, objects)
    assert (report["rows_read"], report["created"], report["rejected"]) == (MOST, 4, MOST - 4)
    answer = send(here.steward, "observations", body(ARRAY, [*objects, objects[0]]), {"Content_Type": ARRAY})
    assert (answer.status, answer.faults) == (422, {"": "too_many_items"}), answer
    report = load_objects(here.steward, LINES, [*objects, objects[0]])
    assert report["rows_read"] == MOST + 1, "lines may be as many as a file's rows"


@pytest.mark.parametrize("text", ["", "{}", "[{}", "[{},]", "[{}] x", '["', "null"])
def test_what_is_no_array_is_refused_at_once(here, text):
    answer = send(here.steward, "observations", text, {"Content_Type": ARRAY})
    assert (answer.status, answer.faults) == (422, {"": "not_allowed"}), answer


def test_a_line_past_the_limit_fails_the_import(here):
    text = json.dumps(observation(here, numerator=1, denominator=2, source="a" * (256 << 10)))
    answer = send(here.steward, "observations", text, {"Content_Type": LINES})
    report = ended(here.steward, answer.field("Location"))
    assert (report["status"], report["reason"]) == ("failed", "The object 1 is larger than 256 KiB.")


def test_constants_hold_for_objects_and_names_are_their_own(here):
    report = load_objects(here.steward, ARRAY, [{"site_id": here.ids[0], "numerator": 5}], constants={
        "indicator_id": "reach", "school_year": "2027", "period_kind": "month", "period_start": "2026-10-01"})
    assert counts(report) == (1, 0, 0, 0)
    report = load_objects(here.steward, ARRAY, [observation(here, numerator=5)], constants={"indicator_id": "reach"})
    assert faults(here.steward, report)[1][0][1] == "invalid_json", "a constant's field is in no object"
    answer = here.steward.call("POST", target("observations", mapping={"site_id": "dbn"}), b"[]", Content_Type=ARRAY)
    assert (answer.status, answer.faults) == (400, {"/mapping": "invalid_parameter"}), answer
    answer = here.steward.call("POST", target("observations"), b"[]", Content_Type="application/xml")
    assert (answer.status, answer.field("Accept-Post")) == (415, "text/csv, application/json, application/x-ndjson")
    assert counts(load_objects(here.steward, ARRAY, [])) == (0, 0, 0, 0)


def test_other_kinds_come_so_too(here):
    admin, name = here.tenant.admin, unique("P")
    report = load_objects(admin, LINES, [{"name": name, "kind": "civic", "aliases": ["One", "Two"]}], kind="partners")
    assert counts(report) == (1, 0, 0, 0)
    made = admin.get(f"/v1/partners/{rows(admin, report)[0]['id']}").json
    assert (made["name"], made["aliases"]) == (name, ["One", "Two"])
