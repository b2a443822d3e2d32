"""Imports: files of every make, every row accounted for, dry runs, reverts, and the end of a process."""

import contextlib
import csv
import io
import os
import signal

import pytest
from api_world import Tenant, running_api
from hypothesis import HealthCheck, given, settings, strategies as st
from importing import ENDS_WITHIN_S, counts, ended, faults, load, revert, rows, send, target, unique
from wire import wait_until

from world import Database, NOW, uuid7

HERE = os.path.dirname(os.path.abspath(__file__))


def test_rows_are_created_updated_unchanged_or_rejected(ours):
    first, second, third = (unique(name) for name in ("Bank", "Museum", "Clinic"))
    file = f"name,kind,city\r\n{first},business,Chicago\r\n{second},nonprofit,\r\n"
    report = load(ours.director, "partners", file)
    assert counts(report) == (2, 0, 0, 0)
    assert (report["encoding"], report["separator"]) == ("utf-8", "comma")
    assert report["file_bytes"] == len(file)
    assert report["started_by"] == ours.users["director"]
    made = rows(ours.director, report)
    assert [(row["line"], row["outcome"]) for row in made] == [(2, "created"), (3, "created")]
    bank = ours.viewer.get(f"/v1/partners/{made[0]['id']}").json
    assert (bank["name"], bank["kind"], bank["city"], bank["stage"]) == (
        first, "business", "Chicago", "prospect")
    file = (f"name,kind,city\n{first},business,Chicago\n{second},nonprofit,Boston\n"
            f"{third},circus,\n{unique('Farm')},business,Ohio\n")
    report = load(ours.director, "partners", file)
    assert counts(report) == (1, 1, 1, 1)
    assert faults(ours.director, report) == {4: [("kind", "not_in_enum")]}
    assert rows(ours.director, report, outcome="rejected")[0]["cells"] == [third, "circus", ""]
    museum = ours.viewer.get(f"/v1/partners/{made[1]['id']}").json
    assert (museum["city"], museum["version"]) == ("Boston", 2)


# ---- Files as they come --------------------------------------------------------------------------

ENCODINGS = {
    "utf-8": ("utf-8", b""),
    "utf-8-bom": ("utf-8", b"\xef\xbb\xbf"),
    "utf-16le": ("utf-16-le", b"\xff\xfe"),
    "utf-16be": ("utf-16-be", b"\xfe\xff"),
    "windows-1252": ("cp1252", b""),
}
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", SEPARATORS)
def test_encoding_and_separator_are_found_out(ours, encoding, separator):
    codec, mark = ENCODINGS[encoding]
    name = unique("Café “Größe” – 50 €")
    line = SEPARATORS[separator].join(["Kind", f'"{name}, in short"', '"a ; b | c"'])
    file = SEPARATORS[separator].join(["kind", "name", "city"]) + "\r\n" + line.replace(
        "Kind", "civic") + "\r\n"
    report = load(ours.director, "partners", mark + file.encode(codec))
    assert (report["encoding"], report["separator"]) == (encoding, separator)
    assert counts(report) == (1, 0, 0, 0)
    made = ours.viewer.get(f"/v1/partners/{rows(ours.director, report)[0]['id']}").json
    assert (made["name"], made["city"]) == (f"{name}, in short", "a ; b | c")


def test_the_last_character_may_be_the_first_that_tells_the_encoding(ours):
    filler = "".join(f"{unique('Row')},civic\n" for _ in range(3000))  # several chunks
    name = unique("Caf")
    report = load(ours.director, "partners", b"name,kind\n" + filler.encode() + name.encode() +
                  b"\xe9,civic")
    assert report["encoding"] == "windows-1252"
    assert counts(report) == (3001, 0, 0, 0)
    assert [row["line"] for row in rows(ours.director, report, limit=200)] == list(range(2, 3003))
    listed = ours.viewer.get("/v1/partners", {"sort": "-created_at", "limit": 200}).json["data"]
    assert name + "é" in {one["name"] for one in listed}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_does(ours, end):
    file = end.join([
        "name,kind,description", "", f'{unique("A")},civic,"two{end}lines, ""quoted"""', "  ",
        ",,", f"{unique('B')},circus,", f"{unique('C')},civic,x,y", f"{unique('D')},civic",
        f'{unique("E")} "the" best,civic,'])
    report = load(ours.director, "partners", file)
    assert report["rows_read"] == 5
    assert faults(ours.director, report) == {
        7: [("kind", "not_in_enum")], 8: [(None, "too_many_items")]}
    assert [row["line"] for row in rows(ours.director, report)] == [3, 7, 8, 9, 10]
    made = ours.viewer.get(f"/v1/partners/{rows(ours.director, report)[0]['id']}").json
    assert made["description"] == 'two\nlines, "quoted"', "one end of lines for all"


def test_a_nul_rejects_its_row(ours):
    report = load(ours.director, "partners", f"name,kind\n{unique('A')},civic\na\0b,civic\n")
    assert faults(ours.director, report) == {3: [(None, "control_character")]}
    assert rows(ours.director, report, outcome="rejected")[0]["cells"] == ["a\ufffdb", "civic"]


def test_what_is_no_utf8_behind_the_mark_rejects_its_row(ours):
    report = load(ours.director, "partners",
                  b"\xef\xbb\xbfname,kind\n" + unique("A").encode() + b"\xe9,civic\n")
    assert faults(ours.director, report) == {2: [("name", "invalid_utf8")]}


def test_an_unclosed_quote_fails_before_anything_is_written(ours):
    name = unique("Nothing")
    answer = send(ours.director, "partners", f'name,kind\n{name},civic\n"open,civic\nmore,civic\n')
    report = ended(ours.director, answer.field("Location"))
    assert report["status"] == "failed"
    assert report["reason"] == "The row on line 3 has a quote that is not closed."
    assert counts(report) == (0, 0, 0, 0)
    listed = ours.viewer.get("/v1/partners", {"sort": "-created_at", "limit": 200}).json["data"]
    assert name not in {one["name"] for one in listed}


@pytest.mark.parametrize("spare, status", [(0, "done"), (1, "failed")])
def test_a_row_has_a_limit(ours, spare, status):
    row = f"{unique('A')},civic,"
    row += "x" * (256 * 1024 - len(row) - 1 + spare)
    answer = send(ours.director, "partners", f"name,kind,other\n{row}\n")
    report = ended(ours.director, answer.field("Location"))
    assert report["status"] == status
    assert (report["reason"] or "").startswith("The row on line 2 is larger" if spare else "")


def test_a_real_file_of_a_city(ours):
    with open(os.path.join(HERE, "data/nyc_high_schools.csv"), "rb") as source:
        file = source.read()
    mapping = {"local_id": "dbn", "name": "school_name", "phone": "phone_number",
               "grade_low": "grade_span_min", "grade_high": "grade_span_max",
               "street": "primary_address_line_1", "state": "state_code", "postal_code": "zip"}
    query = {"mapping": mapping, "constants": {"kind": "school", "level": "high"}, "key": "local_id"}
    rehearsed = load(ours.director, "sites", file, dry_run="true", **query)
    report = load(ours.director, "sites", file, **query)
    assert counts(rehearsed) == counts(report)
    assert report["encoding"] == "utf-8-bom"
    assert report["unmapped"] == ["boro", "total_students", "overview_paragraph", "Location 1"]
    assert report["mapping"] == {**mapping, "city": "city", "website": "website"}
    # The city wrote addresses without "https://": the API takes URLs.
    assert {code for row in faults(ours.director, report).values() for _, code in row} <= {"invalid_url"}
    file = file.replace(b",website,", b",site,", 1)
    report = load(ours.director, "sites", file, **query)
    assert report["rejected"] == 0 and report["rows_read"] == 25
    school = ours.viewer.get("/v1/sites", {"local_id": "17K548"}).json["data"][0]
    assert (school["name"], school["postal_code"], school["level"]) == (
        "Brooklyn School for Music & Theatre", "11225", "high")
    assert counts(load(ours.director, "sites", file, **query)) == (0, 0, 25, 0)


# ---- Columns -------------------------------------------------------------------------------------


def test_columns_are_found_by_name_and_the_rest_is_told(ours):
    report = load(ours.director, "sites",
                  f"Name,KIND,Local ID,postal-code,Principal\n{unique('S')},school,{unique('L')},60601,X\n")
    assert counts(report) == (1, 0, 0, 0)
    assert report["mapping"] == {"name": "Name", "kind": "KIND", "local_id": "Local ID",
                                 "postal_code": "postal-code"}
    assert report["unmapped"] == ["Principal"]


@pytest.mark.parametrize("file, query, expected", [
    ("name,city\nA,B\n", {}, {"/kind": "required"}),
    ("a,b\n1,2\n", {}, {"/kind": "required", "/name": "required"}),
    ("name,kind\nA,civic\n", {"mapping": {"city": "Town"}}, {"/city": "unknown_member"}),
    ("name,Name,kind\nA,B,civic\n", {}, {"/name": "duplicate_item"}),
    ("name,kind\nA,civic\n", {"constants": {"kind": "civic"}}, {"/kind": "duplicate_item"}),
    ("", {}, {"": "required"}),
    ("\n\n  \n", {}, {"": "required"}),
    ("id,version,name,kind\n", {"constants": {"stage": "vetting"}}, {}),
])
def test_columns_that_are_not_as_they_must_be_are_told_at_once(ours, file, query, expected):
    answer = send(ours.director, "partners", file, **query)
    if expected:
        assert (answer.status, answer.type, answer.faults) == (422, "invalid_input", expected)
    else:
        assert answer.status == 202


def test_a_large_file_without_its_columns_leaves_nothing(ours, migrate):
    orphans = ("SELECT count(*) FROM import_chunk c WHERE NOT EXISTS (SELECT FROM import i "
               "WHERE i.district_id = c.district_id AND i.id = c.import_id)")
    before = migrate.execute(orphans).fetchone()
    answer = send(ours.director, "partners", "city\n" + "Chicago\n" * 50000)
    assert (answer.status, answer.faults) == (422, {"/kind": "required", "/name": "required"})
    assert migrate.execute(orphans).fetchone() == before


@pytest.mark.parametrize("query, pointer", [
    ("", "/kind"), ("kind=partner", "/kind"), ("kind=blackouts", "/kind"),
    ("kind=partners&dry_run=yes", "/dry_run"), ("kind=partners&key=city", "/key"),
    ("kind=partners&key=ein,name", "/key"), ("kind=partners&mapping=[]", "/mapping"),
    ("kind=partners&mapping=%7B%22id%22:%22x%22%7D", "/mapping"),
    ("kind=partners&constants=%7B%22name%22:1%7D", "/constants"),
    ("kind=partners&empty_cells=drop", "/empty_cells"), ("kind=partners&other=1", "/other"),
    ("kind=partners&kind=sites", "/kind"),
])
def test_a_query_that_is_none_is_refused(ours, query, pointer):
    answer = ours.director.call("POST", f"/v1/imports?{query}", b"name,kind\n", Content_Type="text/csv")
    assert (answer.status, list(answer.faults)) == (400, [pointer]), answer


def test_another_media_type_is_refused(ours):
    answer = ours.director.call("POST", target("partners"), b"{}", Content_Type="application/xml")
    assert (answer.status, answer.field("Accept-Post")) == (415, "text/csv, application/json, application/x-ndjson")
    answer = ours.director.call("POST", target("partners"), b"name,kind\n", Content_Type="text/csv",
                                Content_Encoding="gzip")
    assert (answer.status, answer.field("Accept-Encoding")) == (415, "identity")
    answer = ours.director.call("POST", target("partners", dry_run="true"), b"name,kind\n",
                                Content_Type="text/csv; charset=utf-8; header=present")
    assert answer.status == 202


@pytest.mark.parametrize("query", ["outcome=lost", "limit=0", "limit=201", "cursor=x", "sort=line",
                                   "limit=1&limit=2"])
def test_rows_take_no_other_query(ours, query):
    report = load(ours.director, "networks", f"name\n{unique('N')}\n", dry_run="true")
    assert ours.director.get(f"/v1/imports/{report['id']}/rows?{query}").status == 400


def test_a_cursor_belongs_to_its_rows(ours):
    file = "name\n" + "".join(f"{unique('N')}\n" for _ in range(3))
    one, other = (load(ours.director, "networks", file, dry_run="true") for _ in range(2))
    page = ours.director.get(f"/v1/imports/{one['id']}/rows", {"limit": 1}).json["page"]
    query = {"limit": 1, "cursor": page["next_cursor"]}
    assert ours.director.get(f"/v1/imports/{one['id']}/rows", query).json["data"][0]["line"] == 3
    assert ours.director.get(f"/v1/imports/{other['id']}/rows", query).status == 400
    query["outcome"] = "created"
    assert ours.director.get(f"/v1/imports/{one['id']}/rows", query).status == 400


def test_what_a_dry_run_would_create_has_no_id(ours):
    name = unique("N")
    report = load(ours.director, "networks", f"name\n{name}\n", dry_run="true")
    assert rows(ours.director, report) == [
        {"line": 2, "outcome": "created", "id": None, "cells": None, "errors": []}]
    assert counts(load(ours.director, "networks", f"name\n{name}\n")) == (1, 0, 0, 0)


def test_imports_of_others_are_not_there(ours, theirs):
    report = load(ours.director, "networks", f"name\n{unique('N')}\n")
    for path in ("", "/rows"):
        assert theirs.director.get(f"/v1/imports/{report['id']}{path}").status == 404
        assert ours.director.get(f"/v1/imports/{uuid7()}{path}").status == 404
        assert ours.director.get(f"/v1/imports/nothing{path}").status == 404
    assert theirs.director.post(f"/v1/imports/{report['id']}/revert", {}).status == 404
    assert report["id"] not in {one["id"] for one in theirs.director.get("/v1/imports").json["data"]}


# ---- Keys and references -------------------------------------------------------------------------


def test_references_are_ids_or_the_others_keys(ours):
    bank = ours.director.partner(name=unique("First  National Bank"), ein="123456789")
    area = ours.director.get("/v1/focus_areas", {"code": "stem"}).json["data"]
    if not area:
        ours.director.created("focus_areas", {"name": "STEM", "code": "stem"})
    name = bank.json["name"].upper().replace("  ", " ")
    file = ("name,partner,focus_area,audience,capacity,status\n"
            f"A,{bank.id},stem,students; families,12,\nB,{name},Stem,,,planned\nC,123456789,,,,\n"
            f"D,{unique('Nobody')},,,,\nE,{uuid7()},,,,\nF,,,,,\n")
    report = load(ours.director, "programs", file)
    assert counts(report) == (3, 0, 0, 3)
    assert faults(ours.director, report) == {
        5: [("partner", "unknown_id")], 6: [("partner", "unknown_id")], 7: [("partner", "required")]}
    made = {one["name"]: one for one in
            ours.viewer.get("/v1/programs", {"partner_id": bank.id}).json["data"]}
    assert set(made) == {"A", "B", "C"}
    assert (made["A"]["audience"], made["A"]["capacity"], made["A"]["status"]) == (
        ["students", "families"], 12, "active")
    assert made["A"]["focus_area_id"] == made["B"]["focus_area_id"] is not None
    again = file.replace("A," + bank.id, "a,123456789").replace("12", "13", 1)
    assert counts(load(ours.director, "programs", again.replace("a,133456789", "a,123456789"))) == (
        0, 1, 2, 3)


def test_several_that_fit_are_ambiguous(ours):
    name = unique("Twin")
    for _ in range(2):
        ours.director.partner(name=name)
    report = load(ours.director, "partners", f"name,kind\n{name},civic\n")
    assert faults(ours.director, report) == {2: [("name", "ambiguous")]}
    report = load(ours.director, "programs", f"name,partner\nA,{name}\n")
    assert faults(ours.director, report) == {2: [("partner", "ambiguous")]}


def test_the_later_of_two_rows_about_one_thing_is_rejected(ours):
    known = ours.director.partner(name=unique("Known"), ein="987654321")
    name = unique("New")
    file = ("name,kind,ein\n"
            f"{name},civic,\n{name.upper()},civic,\n"  # one new one
            f"Renamed,civic,987654321\n{known.json['name']},civic,\n")  # one known one, by two keys
    report = load(ours.director, "partners", file)
    assert counts(report) == (1, 1, 0, 2)
    assert faults(ours.director, report) == {3: [(None, "duplicate_row")], 5: [(None, "duplicate_row")]}


def test_a_key_that_is_asked_for_is_needed(ours):
    local = unique("L")
    report = load(ours.director, "sites", f"name,kind,local_id\nS,school,{local}\nT,school,\n",
                  key="local_id")
    assert faults(ours.director, report) == {3: [("local_id", "required")]}
    report = load(ours.director, "sites", f"name,kind,local_id\nOther name,school,{local}\n")
    assert counts(report) == (0, 1, 0, 0)


def test_what_the_database_refuses_is_rejected_alone(ours):
    first = 100000000000 + int(uuid7()[-9:], 16) % 10**10
    lines = [f"{unique('S')},school,{unique('L')},{first + n}," for n in range(40)]
    lines[17] = f"{unique('S')},school,{unique('L')},{first + 3},"  # another row's
    lines[30] = f"{unique('S')},school,{unique('L')},{first + 30},Mars/Olympus"
    report = load(ours.director, "sites", "name,kind,local_id,nces_id,zone\n" + "\n".join(lines))
    assert counts(report) == (38, 0, 0, 2)
    assert faults(ours.director, report) == {19: [("nces_id", "taken")], 32: [("zone", "not_allowed")]}


@pytest.mark.parametrize("empty, city", [("keep", "Chicago"), ("clear", None)])
def test_an_empty_cell_says_nothing_or_clears(ours, empty, city):
    one = ours.director.partner(name=unique("P"), city="Chicago", tier="anchor")
    report = load(ours.director, "partners", f"name,kind,city,stage\n{one.json['name']},business,,\n",
                  empty_cells=empty)
    assert counts(report) == (0, 1, 0, 0)
    now = ours.viewer.get(f"/v1/partners/{one.id}").json
    assert (now["kind"], now["city"], now["stage"], now["tier"]) == (
        "business", city, one.json["stage"], "anchor")


@pytest.mark.parametrize("kind, file", [
    ("networks", "name,description\n{a},x\n"),
    ("focus_areas", "name,code\n{a},{c}\n"),
    ("contacts", "name,email,channels\n{a},{c}@example.org,email;phone\n{b},,\n"),
    ("sites", "name,kind,state_id\n{a},school,{b}\n"),
    ("partners", "name,kind,aliases\n{a},civic,x;y\n"),
])
def test_each_kind_is_imported_twice_and_then_unchanged(ours, kind, file):
    text = file.format(a=unique("A"), b=unique("B"), c="c" + uuid7()[-12:])
    first = load(ours.director, kind, text)
    assert first["created"] == first["rows_read"] > 0
    second = load(ours.director, kind, text)
    assert second["unchanged"] == second["rows_read"] == first["rows_read"]


def test_affiliations_and_the_sites_of_programs(ours):
    partner, site = ours.director.partner(name=unique("P")), ours.director.site(name=unique("S"))
    person = ours.director.created("contacts", {"name": unique("Ann")})
    program = ours.director.created("programs", {"name": unique("Prog"), "partner_id": partner.id})
    file = f"contact,partner,role,from_date\n{person.json['name']},{partner.json['name']},Chair,2026-01-01\n"
    assert counts(load(ours.director, "affiliations", file)) == (1, 0, 0, 0)
    assert counts(load(ours.director, "affiliations", file.replace("01-01", "02-01"))) == (0, 1, 0, 0)
    file = f"program,site\n{program.json['name']},{site.json['name']}\n"
    assert counts(load(ours.director, "program_sites", file)) == (1, 0, 0, 0)
    assert counts(load(ours.director, "program_sites", file)) == (0, 0, 1, 0)
    file = "school_year,number,starts_on,ends_on\n2091,1,2090-07-01,2090-09-30\n2091,2,2090-09-01,2090-12-31\n"
    report = load(ours.director, "reporting_quarters", file)
    assert faults(ours.director, report) == {3: [("starts_on", "taken")]}


# ---- Repeated requests ---------------------------------------------------------------------------


def test_a_repeated_file_is_one_import(ours):
    key, file = uuid7(), f"name\n{unique('N')}\n" + "".join(f"{unique('N')}\n" for _ in range(9000))
    first = send(ours.director, "networks", file, {"Idempotency_Key": key})
    again = send(ours.director, "networks", file, {"Idempotency_Key": key})
    assert (first.status, again.status) == (202, 202)
    assert again.id == first.id and again.field("Idempotent-Replayed") == "true"
    assert again.field("Location") == first.field("Location")
    other = send(ours.director, "networks", file + "x\n", {"Idempotency_Key": key})
    assert (other.status, other.type) == (422, "idempotency_key_reused")
    other = send(ours.director, "networks", file, {"Idempotency_Key": key}, dry_run="true")
    assert (other.status, other.type) == (422, "idempotency_key_reused")
    assert ended(ours.director, first.field("Location"))["created"] == 9001


# ---- Taken back ----------------------------------------------------------------------------------


def test_an_import_is_taken_back_its_updates_included(ours):
    old = ours.director.site(name="Old name", local_id=unique("L"), city="Chicago")
    file = (f"name,kind,local_id,city\nNew name,school,{old.json['local_id']},\n"
            f"{unique('S')},school,{unique('L')},Boston\n")
    report = load(ours.director, "sites", file)
    assert counts(report) == (1, 1, 0, 0)
    made = [row["id"] for row in rows(ours.director, report, outcome="created")]
    report = revert(ours.director, report)
    assert (report["status"], report["reverted"], report["conflicts"]) == ("reverted", 2, 0)
    now = ours.viewer.get(f"/v1/sites/{old.id}").json
    assert {**now, "version": 1, "updated_at": None} == {**old.json, "updated_at": None}
    assert ours.viewer.get(f"/v1/sites/{made[0]}").status == 404
    assert {row["outcome"] for row in rows(ours.director, report)} == {"reverted"}
    assert counts(load(ours.director, "sites", file)) == (1, 1, 0, 0), "as if it had never been"


def test_what_was_changed_or_used_since_is_a_conflict(ours):
    file = "name,kind\n" + "".join(f"{unique('P')},civic\n" for _ in range(20))
    report = load(ours.director, "partners", file)
    made = [row["id"] for row in rows(ours.director, report)]
    one = ours.viewer.get(f"/v1/partners/{made[3]}")
    assert ours.director.patch(f"/v1/partners/{made[3]}", {"city": "Here"}, one.etag).status == 200
    ours.director.created("programs", {"name": "Uses it", "partner_id": made[7]})
    report = revert(ours.director, report)
    assert (report["reverted"], report["conflicts"]) == (18, 2)
    told = {row["line"]: row["errors"][0]["code"] for row in
            rows(ours.director, report, outcome="conflict")}
    assert told == {5: "changed", 9: "in_use"}
    statuses = [ours.viewer.get(f"/v1/partners/{one}").status for one in made]
    assert statuses == [200 if n in (3, 7) else 404 for n in range(20)]


def test_only_what_is_done_is_taken_back_and_once(ours):
    dry = load(ours.director, "networks", f"name\n{unique('N')}\n", dry_run="true")
    answer = ours.director.post(f"/v1/imports/{dry['id']}/revert", {})
    assert (answer.status, answer.type) == (409, "conflict")
    real = load(ours.director, "networks", f"name\n{unique('N')}\n")
    revert(ours.director, real)
    assert ours.director.post(f"/v1/imports/{real['id']}/revert", {}).status == 409


# ---- The record ----------------------------------------------------------------------------------


def test_a_statement_leaves_one_record_and_names_the_import(ours, migrate):
    report = load(ours.director, "partners",
                  "name,kind\n" + "".join(f"{unique('P')},civic\n" for _ in range(30)))
    found = migrate.execute(
        "SELECT action, actor::text, detail FROM audit WHERE aggregatetype = 'partner' "
        "AND detail ->> 'import' = %s", (report["id"],)).fetchall()
    assert [(action, actor, detail["count"]) for action, actor, detail in found] == [
        ("created", ours.users["director"], 30)]
    dry = load(ours.director, "partners",
               "name,kind\n" + "".join(f"{unique('P')},civic\n" for _ in range(30)), dry_run="true")
    assert migrate.execute("SELECT count(*) FROM audit WHERE detail ->> 'import' = %s",
                           (dry["id"],)).fetchone() == (0,)
    assert migrate.execute(
        "SELECT (SELECT count(*) FROM import_work WHERE id = ANY (%(ids)s)), "
        "(SELECT count(*) FROM import_chunk WHERE import_id = ANY (%(ids)s)), "
        "(SELECT count(*) FROM import_change WHERE import_id = %(dry)s)",
        {"ids": [report["id"], dry["id"]], "dry": dry["id"]}).fetchone() == (0, 0, 0)


# ---- What stands in the way ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(database):
    """One child with little limits, and a district of its own."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_IMPORT_BYTES=1000, KITH_IMPORT_ROWS=20,
                     KITH_IMPORT_STEP_ROWS=7) as api:
        yield api


@pytest.fixture(scope="module")
def of_small(small, database):
    return Tenant(small, database)


@pytest.mark.parametrize("spare, status", [(0, 202), (1, 413)])
def test_a_file_has_a_limit(of_small, spare, status):
    file = b"name\n" + b"\n" * (995 + spare)
    assert send(of_small.director, "networks", file).status == status


@pytest.mark.parametrize("spare, status", [(0, "done"), (1, "failed")])
def test_rows_have_a_limit(cluster, spare, status):
    names = [unique("N") for _ in range(20 + spare)]
    with Database.fresh(cluster) as own, running_api(own, KITH_API_CHILDREN=1, KITH_IMPORT_ROWS=20) as api:  # which alone imports
        director = Tenant(api, own).director
        report = ended(director, send(director, "networks", "name\n" + "\n".join(names)).field("Location"))
    assert report["status"] == status
    assert report["created"] == (0 if spare else 20), "nothing is written before all is read"
    if spare:
        assert report["reason"] == "The file has more than 20 rows."


def test_rights_that_end_before_the_import_does_end_it(of_small, database, migrate):
    name = unique("Held")
    held = of_small.director.created("networks", {"name": name})
    somebody, user, _ = of_small.person("director")
    with database.connect("kith_migrate") as other, other.transaction():
        other.execute("UPDATE network SET description = 'y' WHERE id = %s", (held.id,))
        first = send(of_small.director, "networks", f"name,description\n{name},x\n")
        second = send(somebody, "networks", f"name\n{unique('N')}\n")
        assert (first.status, second.status) == (202, 202)
        migrate.execute("UPDATE user_grant SET archived_at = %s WHERE user_id = %s", (NOW, user))
    assert counts(ended(of_small.director, first.field("Location"))) == (0, 1, 0, 0), "it waited"
    report = ended(of_small.director, second.field("Location"))
    assert (report["status"], report["created"]) == ("failed", 0)
    assert report["reason"] == "Who started it may no longer import this."
    assert send(somebody, "networks", "name\nX\n").status == 403


def test_rows_outside_of_the_grant_are_rejected_alone(of_small, database):
    """A director of one site writes that site, and no other."""
    mine, other = (of_small.director.site(name=unique("S"), local_id=unique("L")) for _ in range(2))
    somebody, user, _ = of_small.person()
    with database.connect("kith_migrate") as connection, connection.transaction():
        database.grant(connection, of_small.id, user, "director", scope_kind="site", scope_id=mine.id)
    file = ("name,kind,local_id\n" + "".join(
        f"{unique('New')},school,{one}\n" for one in (mine.json["local_id"], other.json["local_id"],
                                                     unique("L"))))
    report = load(somebody, "sites", file)
    assert counts(report) == (0, 1, 0, 2)
    assert faults(somebody, report) == {3: [(None, "out_of_scope")], 4: [(None, "out_of_scope")]}
    assert counts(load(somebody, "sites", file, dry_run="true")) == (0, 0, 1, 2)


# ---- A dry run tells what the real run does ------------------------------------------------------

CELLS = {
    "name": st.sampled_from(["Alpha", "alpha ", "Beta", "Gamma", "", "Delta"]),
    "kind": st.sampled_from(["civic", "business", "circus", ""]),
    "ein": st.sampled_from(["", "", "111111111", "222222222", "12", "33333333x"]),
    "parent": st.sampled_from(["", "", "Alpha", "Beta", "Nobody", "111111111"]),
    "city": st.sampled_from(["", "Chicago", "Boston"]),
    "aliases": st.sampled_from(["", "a; b", "a;a", "c"]),
}


@settings(max_examples=12, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=18), st.sampled_from(["keep", "clear"]))
def test_a_dry_run_reports_what_the_real_run_does(of_small, table, empty):
    out = io.StringIO()
    writer = csv.DictWriter(out, CELLS)
    writer.writeheader()
    writer.writerows(table)
    file = out.getvalue()
    reports = [load(of_small.director, "partners", file, dry_run=dry, empty_cells=empty)
               for dry in ("true", "false")]
    assert counts(reports[0]) == counts(reports[1])
    told = [[(r["line"], r["outcome"], r["cells"], r["errors"]) for r in rows(of_small.director, report)]
            for report in reports]
    assert told[0] == told[1]
    assert len(told[1]) == reports[1]["rows_read"]
    again = load(of_small.director, "partners", file, dry_run="true", empty_cells=empty)
    assert again["created"] == 0, "what was made is found again"


# ---- The end of a process ------------------------------------------------------------------------


@contextlib.contextmanager
def stopped_at(database, table, names, column="name"):
    """An import waits with each of these rows until it is let go on: whether one waits, and a function of the name. Whose
    import it was may have been killed: then it may be another process that has it, in larger steps."""
    with database.connect("postgres") as admin:
        for name in names:
            admin.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
        admin.execute("CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql SET lock_timeout = 0 SET statement_timeout = 0 AS "
                      f"$$ BEGIN PERFORM pg_advisory_xact_lock_shared(hashtext(NEW.{column})); RETURN NEW; END $$")
        admin.execute(f"CREATE TRIGGER stop_here BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.{column} = ANY ('{{{','.join(names)}}}')) "
                      "EXECUTE FUNCTION stop_here()")
        try:
            yield (lambda: admin.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = "
                                         "(SELECT oid FROM pg_database WHERE datname = current_database()))").fetchone()[0],
                   lambda name: admin.execute("SELECT pg_advisory_unlock(hashtext(%s))", (name,)))
        finally:
            admin.execute("SELECT pg_advisory_unlock_all()")
            admin.execute("DROP FUNCTION stop_here CASCADE")


def kill_children(api):
    before = api.children()
    for child in before:
        os.kill(child, signal.SIGKILL)
    wait_until(lambda: len(api.children()) == 2 and not api.children() & before, "new children")
    api.wait_ready()
    api.local.__dict__.clear()


def test_a_killed_process_loses_and_doubles_nothing(database):
    names = [unique("N") for _ in range(400)]
    with stopped_at(database, "network", names[60:301:120]) as (waits, let_on), running_api(database, KITH_API_CHILDREN=2, KITH_IMPORT_STEP_ROWS=4, KITH_IMPORT_LEASE_MS=1000) as api:
        tenant = Tenant(api, database)
        answer = send(tenant.director, "networks", "name\n" + "\n".join(names))
        location = answer.field("Location")
        for place in (60, 180, 300):
            wait_until(waits, "it goes on", ENDS_WITHIN_S)
            kill_children(api)
            let_on(names[place])
        done = ended(tenant.director, location)
        assert (done["status"], counts(done)) == ("done", (400, 0, 0, 0))
        assert [row["line"] for row in rows(tenant.director, done, limit=200)] == list(range(2, 402))
        with database.connect("kith_migrate") as migrate:
            assert migrate.execute(
                "SELECT count(*), count(DISTINCT name), array_agg(name) <@ %s::text[] FROM network "
                "WHERE district_id = %s", (names, tenant.id)).fetchone() == (400, 400, True)
            assert migrate.execute(
                "SELECT sum((detail ->> 'count')::int) FROM audit WHERE detail ->> 'import' = %s "
                "AND action = 'created'", (done["id"],)).fetchone() == (400,)


def test_a_killed_process_loses_and_doubles_nothing_of_what_is_written_at_once(database):
    sources = [unique("Paper") for _ in range(60)]
    with stopped_at(database, "observation", (sources[21], sources[45]), "source") as (waits, let_on), running_api(
            database, KITH_API_CHILDREN=2, KITH_IMPORT_STEP_ROWS=4, KITH_IMPORT_LEASE_MS=1000) as api:
        tenant = Tenant(api, database)
        with database.connect("kith_migrate") as migrate:
            migrate.execute("SELECT seed_indicators(%s)", (tenant.id,))
        school = tenant.admin.site(name=unique("S"), local_id=unique("L")).json["local_id"]
        file = "indicator,site,school_year,period_kind,period_start,numerator,denominator,source\n" + "".join(
            f"attendance_rate,{school},2027,day,2026-{9 + n // 28}-{n % 28 + 1:02},5,9,{source}\n" for n, source in enumerate(sources))
        location = send(tenant.data_steward, "observations", file.replace("2026-9", "2026-09")).field("Location")
        for place in (21, 45):
            wait_until(waits, "it goes on", ENDS_WITHIN_S)
            kill_children(api)
            let_on(sources[place])
        done = ended(tenant.data_steward, location)
        assert (done["status"], counts(done)) == ("done", (60, 0, 0, 0))
        assert [row["line"] for row in rows(tenant.data_steward, done)] == list(range(2, 62))
        with database.connect("kith_migrate") as migrate:
            assert migrate.execute("SELECT count(*), count(DISTINCT source) FROM observation WHERE district_id = %s",
                                   (tenant.id,)).fetchone() == (60, 60)
            assert migrate.execute("SELECT count(*) FROM import_batch WHERE district_id = %s", (tenant.id,)).fetchone() == (0,)
