"""Indicators, the observations that are loaded, and what of them is shown."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from fields import APART
from operations import Subjects

from releasing import released
from world import roll_up

MONTH = {"school_year": 2027, "period_kind": "month", "period_start": "2026-10-01"}


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


@pytest.fixture(scope="module")
def supplied(ours, migrate_once):
    """The supplied indicators of our district by their codes."""
    migrate_once.execute("SELECT seed_indicators(%s)", (ours.id,))
    listed = ours.viewer.get("/v1/indicators", {"limit": 200}).json["data"]
    return {one["code"]: one for one in listed}


@pytest.fixture(scope="module")
def migrate_once(database):
    with database.connect("kith_migrate") as connection:
        yield connection


def work(connection):
    while roll_up(connection, limit=100):
        pass


# ---- Indicators ----------------------------------------------------------------------------------


def test_an_indicator_from_create_to_restore(ours, subjects):
    made = ours.director.created("indicators", subjects.least("indicators"))
    path = f"/v1/indicators/{made.id}"
    defaults = {"direction": "up", "is_ytd": False, "supplied": False, "computed_from": None,
                "periods": ["month", "quarter", "school_year"]}
    assert {name: made.json[name] for name in defaults} == defaults
    changed = ours.director.patch(path, {"name": "Renamed", "definition": "As said"}, made.etag)
    assert (changed.status, changed.json["name"], changed.json["version"]) == (200, "Renamed", 2)
    assert ours.director.archive(path, changed.etag).status == 204
    restored = ours.director.restore(path, ours.director.get(path).etag)
    assert restored.status == 200, restored


@pytest.mark.parametrize("name", ("code", "aggregation", "suppression", "is_ytd", "periods"))
def test_what_its_figures_mean_is_said_once(ours, subjects, name):
    made = ours.director.created("indicators", subjects.least("indicators"))
    answer = ours.director.patch(f"/v1/indicators/{made.id}", {name: made.json[name]}, made.etag)
    assert (answer.status, answer.faults) == (422, {f"/{name}": "read_only"}), answer


def test_its_code_is_one_indicators(ours, theirs, subjects):
    body = subjects.least("indicators")
    ours.director.created("indicators", body)
    theirs.director.created("indicators", body)
    answer = ours.director.post("/v1/indicators", body)
    assert (answer.status, answer.faults) == (409, {"/code": "taken"}), answer


@pytest.mark.parametrize("fields, pointer", [
    ({"is_ytd": True, "periods": ["month", "ytd"]}, "/periods"), ({"code": "A b"}, "/code")])
def test_what_an_indicator_may_not_be(ours, subjects, fields, pointer):
    answer = ours.director.post("/v1/indicators", {**subjects.least("indicators"), **fields})
    assert (answer.status, answer.faults) == (422, {pointer: "not_allowed"}), answer


def test_a_supplied_one_is_renamed_and_stays(ours, supplied, migrate_once):
    one = supplied["chronic_absence"]
    assert one["is_ytd"] and one["supplied"] and one["suppression"] == "student"
    path = f"/v1/indicators/{one['id']}"
    renamed = ours.director.patch(path, {"name": "Often absent"}, ours.director.get(path).etag)
    assert renamed.status == 200, renamed
    answer = ours.director.archive(path, renamed.etag)
    assert (answer.status, answer.type) == (409, "conflict"), answer
    assert migrate_once.execute("SELECT seed_indicators(%s)", (ours.id,)).fetchone() == (0,)
    assert ours.director.get(path).json["name"] == "Often absent"


# ---- Observations --------------------------------------------------------------------------------


def test_an_observation_is_corrected_by_another(ours, subjects):
    body = subjects.least("observations")
    first = ours.data_steward.created("observations", body)
    assert (first.json["period_end"], first.json["numerator"]) == ("2026-10-31", "12.500000")
    second = ours.data_steward.created("observations", {**body, "numerator": "13"})
    assert (second.json["supersedes"], second.json["superseded_by"]) == (first.id, None)
    before = ours.data_steward.get(f"/v1/observations/{first.id}").json
    assert (before["superseded_by"], before["numerator"]) == (second.id, "12.500000")
    for method, status in (("PATCH", 405), ("PUT", 405)):
        assert ours.data_steward.call(method, f"/v1/observations/{first.id}").status == status
    assert ours.data_steward.archive(f"/v1/observations/{second.id}", second.etag).status == 204
    third = ours.data_steward.created("observations", body)
    assert third.json["supersedes"] is None, "what was withdrawn holds no longer"


@pytest.mark.shows("kpis.unchanged")
@pytest.mark.parametrize("said", [{}, {"numerator": None, "missing": "suppressed"}, {"as_of": "2026-11-01", "source": "SIS"}])
def test_what_says_the_same_makes_no_row_and_is_answered_with_what_is_there(ours, subjects, said):
    """As a file's unchanged rows; whatever differs is a correction, and a key's reply is kept all the same."""
    body = {**subjects.least("observations"), **said}
    steward = ours.data_steward
    first = steward.created("observations", body)
    again = steward.post("/v1/observations", body, Idempotency_Key=first.id)
    assert (again.status, again.id, again.etag, again.json) == (200, first.id, first.etag, first.json)
    assert again.field("Location") == f"/v1/observations/{first.id}"
    replayed = steward.post("/v1/observations", body, Idempotency_Key=first.id)
    assert (replayed.status, replayed.id, replayed.field("Idempotent-Replayed")) == (200, first.id, "true")
    listed = steward.get("/v1/observations", {"site_id": body["site_id"]}).json["data"]
    assert [one["id"] for one in listed] == [first.id] and listed[0]["version"] == 1
    other = steward.created("observations", {**body, "as_of": "2026-11-20"})
    assert other.json["supersedes"] == first.id
    back = steward.created("observations", body)
    assert back.json["supersedes"] == other.id, "what held before is a correction, too"


def test_of_those_who_load_a_figure_at_once_each_corrects_another_or_is_told_so(ours, subjects):
    body = subjects.least("observations")
    refused, made, figures = [], [], itertools.count(1)
    with ThreadPoolExecutor(8) as clients:
        for _ in range(50):
            for answer in clients.map(lambda n: ours.data_steward.post(
                    "/v1/observations", {**body, "numerator": str(next(figures))}), range(8)):
                (made if answer.status == 201 else refused).append(answer)
            if any(answer.type == "conflict" and answer.json.get("errors") for answer in refused):
                break
    assert {answer.status for answer in refused} == {409}, refused
    told = {answer.json["detail"] for answer in refused}
    assert "This is taken already." in told and len(told) <= 2, told  # the other: somebody holds it
    now = [ours.data_steward.get(f"/v1/observations/{one.id}").json for one in made]
    assert [one["superseded_by"] for one in now].count(None) == 1
    assert len({one["supersedes"] for one in now}) == len(now)


def test_observations_are_listed_for_who_loads_them(ours, theirs, subjects):
    made = subjects.fresh("observations").id

    def listed(caller):
        return made in {row["id"] for row in caller.get("/v1/observations?limit=200").json["data"]}

    assert listed(ours.data_steward) and listed(ours.admin) and not listed(theirs.admin)
    assert ours.director.get("/v1/observations").status == 403


def test_a_repeated_load_with_its_key_is_one(ours, subjects):
    body = subjects.least("observations")
    key = {"Idempotency_Key": "a-load"}
    first = ours.data_steward.created("observations", body, **key)
    again = ours.data_steward.created("observations", body, **key)
    assert (again.id, again.field("Idempotent-Replayed")) == (first.id, "true")
    assert ours.data_steward.get(f"/v1/observations/{first.id}").json["superseded_by"] is None


def test_what_is_loaded_is_refused_by_field(ours, subjects, supplied):
    site = subjects.kept("sites").id
    attendance = {**MONTH, "site_id": site, "indicator_id": supplied["attendance_rate"]["id"],
                  "numerator": "5", "denominator": "40"}
    for change, faults in (
        ({"denominator": None}, {"/denominator": "not_allowed"}),
        ({"numerator": "41"}, {"/numerator": "not_allowed"}),
        ({"period_kind": "ytd", "period_start": "2026-07-01", "period_end": "2026-10-01"},
         {"/period_kind": "not_allowed"}),
        ({"period_kind": "quarter", "period_start": "2026-10-02"}, {"/period_start": "not_allowed"}),
        ({"school_year": 2026}, {"/school_year": "not_allowed"}),
        ({"period_start": "2026-10-02"}, {"/period_start": "not_allowed"}),
        ({"period_end": "2026-10-30"}, {"/period_end": "not_allowed"}),
        ({"partnership_id": subjects.kept("partnerships").id}, {"/partnership_id": "not_allowed"}),
        ({"indicator_id": supplied["hours"]["id"]}, {"/indicator_id": "not_allowed"}),
        ({"cohort": "schools_where_it_works"}, {"/cohort": "not_in_enum"}),
        ({"numerator": "-1"}, {"/numerator": "too_small"}),
    ):  # fmt: skip
        answer = ours.data_steward.post("/v1/observations", {**attendance, **change})
        assert (answer.status, answer.faults) == (422, faults), (change, answer)
    assert ours.data_steward.post("/v1/observations", attendance).status == 201


@pytest.mark.shows("kpis.missing")
def test_one_says_a_percentage_or_why_there_is_none(ours, subjects, supplied):
    site = subjects.fresh("sites").id
    year = {"site_id": site, "school_year": 2027, "indicator_id": supplied["chronic_absence"]["id"],
            "period_kind": "school_year"}
    bare = ours.data_steward.created("observations", {**year, "percent": "20"}).json
    assert (bare["numerator"], bare["missing"], bare["period_start"]) == (None, "no_weight", "2026-07-01")
    ours.admin.created("site_years", {"site_id": site, "school_year": 2027, "enrollment": 250})
    told = ours.data_steward.created("observations", {**year, "percent": "20"}).json
    assert (told["numerator"], told["denominator"], told["weighted_by"]) == ("50.000000", "250.000000", "enrollment")
    told = ours.data_steward.created("observations", {**year, "percent": "24.48", "numerator": "47"}).json
    assert (told["numerator"], told["denominator"], told["weighted_by"]) == ("47.000000", "192.000000", None)
    told = ours.data_steward.created("observations", {**year, "denominator": "60", "missing": "suppressed"}).json
    assert (told["numerator"], told["missing"], told["supersedes"] is None) == (None, "suppressed", False)
    for change, fault in (({}, "/numerator"), ({"numerator": "5", "denominator": "9", "missing": "suppressed"}, "/numerator"),
                          ({"numerator": "5", "weighted_by": "enrollment"}, "/denominator"),
                          ({"percent": "100.5"}, "/percent")):
        answer = ours.data_steward.post("/v1/observations", {**year, **change})
        assert (answer.status, list(answer.faults)) == (422, [fault]), (change, answer)
    day = {**year, "indicator_id": supplied["attendance_rate"]["id"], "period_kind": "day", "numerator": "9",
           "denominator": "10"}
    answer = ours.data_steward.post("/v1/observations", day)
    assert (answer.status, answer.faults) == (422, {"/period_start": "not_allowed"}), answer
    made = ours.data_steward.created("observations", {**day, "period_start": "2026-10-05"}).json
    assert made["period_end"] == "2026-10-05"


@pytest.mark.parametrize("name", ("indicator_id", "site_id"))
def test_what_it_is_of_must_be_of_the_district(ours, theirs, subjects, name):
    foreign = Subjects(theirs).fresh(name.removesuffix("_id") + "s").id
    answer = ours.data_steward.post("/v1/observations", {**subjects.least("observations"), name: foreign})
    assert (answer.status, answer.faults) == (422, {f"/{name}": "unknown_id"}), answer
    assert name in APART["observations"]


def test_no_value_of_an_observation_is_in_the_audit_log_or_the_outbox(ours, subjects, migrate_once):
    made = ours.data_steward.created("observations", {**subjects.least("observations"), "numerator": "77.125"})
    rows = migrate_once.execute(
        "SELECT a.*::text FROM audit a WHERE aggregateid = %s UNION ALL "
        "SELECT o.*::text FROM outbox o WHERE aggregateid = %s", (made.id, made.id)).fetchall()
    assert len(rows) == 2 and "77.125" not in str(rows)


# ---- Rollups and releases ------------------------------------------------------------------------


def test_what_is_loaded_is_shown_once_it_is_worked_off(ours, subjects, migrate_once):
    body = subjects.least("observations")
    ours.data_steward.created("observations", body)
    work(migrate_once)
    found = ours.viewer.get("/v1/rollups", {"indicator_id": body["indicator_id"], "limit": 200}).json["data"]
    kinds = {(one["scope_kind"], one["period_kind"]) for one in found}
    assert {("site", "month"), ("district", "month"), ("district", "school_year")} <= kinds
    assert all(one["value"] == "12.500000" and not one["is_suppressed"] for one in found)
    one = found[0]
    shown = ours.viewer.get(f"/v1/rollups/{one['id']}")
    assert shown.json == one
    again = ours.viewer.get(f"/v1/rollups/{one['id']}", If_None_Match=shown.etag)
    assert again.status == 304
    for filters in ({"scope_kind": "site"}, {"scope_id": body["site_id"]}, {"cohort": "all"},
                    {"period_kind": "month"}, {"school_year": "2027"}):
        narrowed = ours.viewer.get("/v1/rollups", {"indicator_id": body["indicator_id"], **filters})
        (name, value), = filters.items()
        assert narrowed.json["data"] == [one for one in found if str(one[name]) == value], filters


def test_rollups_are_read_only(ours, theirs, migrate_once, subjects):
    ours.data_steward.created("observations", subjects.least("observations"))
    work(migrate_once)
    one = ours.viewer.get("/v1/rollups", {"limit": 1}).json["data"][0]
    assert ours.admin.post("/v1/rollups", {}).status == 405
    for method in ("PATCH", "DELETE"):
        assert ours.admin.call(method, f"/v1/rollups/{one['id']}").status == 405
    assert theirs.admin.get(f"/v1/rollups/{one['id']}").status == 404


def test_students_are_shown_with_a_release_and_the_few_are_not(ours, supplied, migrate_once):
    sites = [ours.director.site(name=f"School {n}").id for n in range(4)]
    path = {"indicator_code": "engagement", "scope_kind": "site", "period_kind": "month"}
    for site, people in zip(sites, (9, 20, 40, 60)):
        ours.data_steward.created("observations", {
            **MONTH, "indicator_id": supplied["engagement"]["id"], "site_id": site,
            "numerator": "4", "denominator": str(people)})
    work(migrate_once)
    assert ours.viewer.get("/v1/rollups", path).json["data"] == []
    release = released(ours.data_steward, 2027, note="By hand")
    assert release.json["status"] == "published" and release.json["finished_at"]
    assert release.json["hidden_cells"] >= 2 and release.json["cells"] > release.json["hidden_cells"]
    shown = {one["scope_id"]: one for one in ours.admin.get("/v1/rollups", path).json["data"]}
    assert [shown[site]["is_suppressed"] for site in sites] == [True, True, False, False]
    for site in sites[:2]:
        hidden = {name: shown[site][name] for name in
                  ("value", "value_low", "value_high", "numerator", "denominator", "n")}
        assert set(hidden.values()) == {None}
    assert (shown[sites[2]]["value"], shown[sites[2]]["numerator"]) == ("0.1000", None)
    assert {one["release_id"] for one in shown.values()} == {release.json["id"]}
    listed = ours.viewer.get("/v1/releases", {"school_year": 2027}).json["data"]
    assert release.json["id"] in {one["id"] for one in listed}
    assert ours.viewer.get(f"/v1/releases/{release.json['id']}").json == release.json
