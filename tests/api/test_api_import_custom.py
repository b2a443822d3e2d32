"""Files with columns of fields of the district's own: read as exports write them, brought anew, and taken back."""

import csv
import io

import pytest
from api_world import Tenant
from hypothesis import HealthCheck, given, settings, strategies as st
from importing import counts, faults, load, revert, rows, send, unique
from test_api_api_keys import keeper, make
from test_api_export import File

from world import uuid7

SUBJECTS = ("site", "partner", "contact", "partnership")
KINDS = ("text", "number", "date", "yes_no", "url")


@pytest.fixture(scope="module")
def own(api, database):
    """A district with a field of each type for each subject, and a number between bounds."""
    tenant = Tenant(api, database)
    for subject in SUBJECTS:
        for kind in KINDS:
            made(tenant, subject, f"a_{kind}", kind)
        made(tenant, subject, "size", "choice", choices=["S", "M, or L", "=X"])
    return tenant


def made(tenant, subject, code, kind, **more):
    body = {"subject": subject, "code": code, "name": f"The {code}", "type": kind, **more}
    return tenant.director.created("custom_fields", body).json


def values(tenant, subject, record, who=None):
    """{code: value} of a record."""
    fields = {f["id"]: f["code"] for f in listed(who or tenant.director, "custom_fields", subject=subject)}
    return {fields[v["custom_field_id"]]: v["value"]
            for v in listed(who or tenant.director, "custom_values", **{f"{subject}_id": record})}


def listed(who, plural, **query):
    answer = who.get(f"/v1/{plural}", {"limit": 200, **query})
    assert answer.status == 200, answer
    return answer.json["data"]


def field_of(tenant, subject, code):
    found = [f for f in listed(tenant.director, "custom_fields", subject=subject) if f["code"] == code]
    return found[0] if found else None


def file_of(table):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(table[0]))
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def table_of(who, plural):
    file = File(who, f"/v1/{plural}")
    assert file.status == 200, file.reply
    return file.text


def test_rows_bring_values_change_them_and_say_when_nothing_changes(own):
    name = unique("P")
    row = {"name": name, "kind": "civic", "custom.a_number": "012.50", "Custom.A_Date": "2026-09-01", "custom.size": "M, or L"}
    report = load(own.director, "partners", file_of([row]))
    assert (counts(report), report["unmapped"]) == ((1, 0, 0, 0), [])
    assert report["mapping"]["custom.a_date"] == "Custom.A_Date"
    one = rows(own.director, report)[0]["id"]
    assert values(own, "partner", one) == {"a_number": "12.5", "a_date": "2026-09-01", "size": "M, or L"}
    assert counts(load(own.director, "partners", file_of([row]))) == (0, 0, 1, 0)
    version = own.viewer.get(f"/v1/partners/{one}").json["version"]
    row |= {"custom.a_number": "7", "custom.size": ""}
    assert counts(load(own.director, "partners", file_of([row]), dry_run="true")) == (0, 1, 0, 0)
    assert values(own, "partner", one)["a_number"] == "12.5"
    assert counts(load(own.director, "partners", file_of([row]))) == (0, 1, 0, 0)
    assert values(own, "partner", one) == {"a_number": "7", "a_date": "2026-09-01", "size": "M, or L"}
    assert own.viewer.get(f"/v1/partners/{one}").json["version"] == version, "it says no more itself than it did"
    assert counts(load(own.director, "partners", file_of([row]), empty_cells="clear")) == (0, 1, 0, 0)
    assert values(own, "partner", one) == {"a_number": "7", "a_date": "2026-09-01"}
    assert counts(load(own.director, "partners", file_of([row]), empty_cells="clear")) == (0, 0, 1, 0)


BAD = {"custom.a_number": "twelve", "custom.a_date": "2026-02-30", "custom.a_yes_no": "maybe", "custom.a_url": "x.org",
       "custom.size": "XXL", "custom.a_text": "x" * 501}


@pytest.mark.shows("registry.custom_imports")
@pytest.mark.parametrize("dry", ["true", "false"])
def test_values_are_what_their_fields_take_or_reject_their_row(own, dry):
    row = {"name": unique("P"), "kind": "circus", **BAD}
    report = load(own.director, "partners", file_of([row, {**dict.fromkeys(row, ""), "name": unique("P"), "kind": "civic"}]),
                  dry_run=dry)
    assert counts(report) == (1, 0, 0, 1)
    told, = rows(own.director, report, outcome="rejected")
    assert {(e["column"], e["code"]) for e in told["errors"]} == {
        ("kind", "not_in_enum"), ("custom.a_text", "too_long"),
        *((column, "not_allowed") for column in list(BAD)[:-1])}, "all at once"
    assert "is no yes or no that The a_yes_no takes" in {e["detail"] for e in told["errors"]}


def test_a_mapping_and_a_constant_may_say_them(own):
    name = unique("S")
    report = load(own.director, "sites", f"name,kind,Wing\n{name},school,North\n",
                  mapping={"custom.a_text": "Wing"}, constants={"custom.a_yes_no": "yes"})
    assert values(own, "site", rows(own.director, report)[0]["id"]) == {"a_text": "North", "a_yes_no": "yes"}
    assert report["constants"] == {"custom.a_yes_no": "yes"}


@pytest.mark.parametrize("file, query, expected", [
    ("name,kind\n", {"mapping": {"custom.nowhere": "name"}}, {"/custom.nowhere": "unknown_member"}),
    ("name,kind\n", {"constants": {"custom.nowhere": "x"}}, {"/custom.nowhere": "unknown_member"}),
    ("name,kind,custom.a_text\n", {"constants": {"custom.a_text": "x"}}, {"/custom.a_text": "duplicate_item"}),
    ("name,kind,custom.a_text,CUSTOM.A_TEXT\n", {}, {"/custom.a_text": "duplicate_item"}),
    ("name,kind\n", {"new_fields": {"custom.fresh": "text"}}, {"/custom.fresh": "required"}),
    ("name,kind,city\n", {"new_fields": {"custom.city": "text"}}, {"/custom.city": "required"}),
    ("name,kind,a_number\n", {"new_fields": {"custom.a_number": "text"}}, {"/custom.a_number": "not_allowed"}),
])
def test_columns_that_are_not_as_they_must_be_are_told(own, file, query, expected):
    answer = send(own.director, "partners", file, **query)
    assert (answer.status, answer.faults) == (422, expected), answer


@pytest.mark.parametrize("kind, query, pointer", [
    ("partners", {"new_fields": {"custom.x": "choice"}}, "/new_fields"),
    ("partners", {"new_fields": {"x": "text"}}, "/new_fields"),
    ("partners", {"new_fields": {"custom.Ä": "text"}}, "/new_fields"),
    ("networks", {"new_fields": {"custom.x": "text"}}, "/new_fields"),
    ("networks", {"mapping": {"custom.x": "name"}}, "/mapping"),
])
def test_a_query_that_is_none_is_refused(own, kind, query, pointer):
    answer = send(own.director, kind, "name,kind\n", **query)
    assert (answer.status, list(answer.faults)) == (400, [pointer]), answer


# ---- Taken back ----------------------------------------------------------------------------------


@pytest.mark.shows("registry.custom_imports")
def test_values_are_taken_back_with_their_rows(own):
    old, kept, other = (own.director.partner(name=unique("P")) for _ in range(3))
    fields = {f["code"]: f["id"] for f in listed(own.director, "custom_fields", subject="partner")}
    for one in (old, kept):
        own.director.created("custom_values", {"custom_field_id": fields["a_text"], "partner_id": one.id, "value": "before"})
    own.director.created("custom_values", {"custom_field_id": fields["a_date"], "partner_id": old.id, "value": "2026-01-01"})
    table = [{"name": one, "kind": "civic", "custom.a_text": "after", "custom.a_number": "1", "custom.a_date": ""}
             for one in (old.json["name"], kept.json["name"], unique("New"), unique("New"))]
    for row, one in zip(table, (old, kept)):
        row["kind"] = one.json["kind"]
    report = load(own.director, "partners", file_of(table), empty_cells="clear")
    assert counts(report) == (2, 2, 0, 0)
    assert values(own, "partner", old.id) == {"a_text": "after", "a_number": "1"}
    theirs = {row["line"]: row["id"] for row in rows(own.director, report)}
    changed, = [v for v in listed(own.director, "custom_values", partner_id=kept.id) if v["value"] == "after"]
    etag = own.director.get(f"/v1/custom_values/{changed['id']}").etag
    assert own.director.patch(f"/v1/custom_values/{changed['id']}", {"value": "since"}, etag).status == 200
    own.director.created("custom_values", {"custom_field_id": fields["a_url"], "partner_id": theirs[5], "value": "https://x.org"})
    report = revert(own.director, report)
    assert (report["status"], report["reverted"], report["conflicts"]) == ("reverted", 2, 2)
    assert {row["line"]: row["errors"][0]["code"] for row in rows(own.director, report, outcome="conflict")} == {
        3: "changed", 5: "in_use"}
    assert values(own, "partner", old.id) == {"a_text": "before", "a_date": "2026-01-01"}
    assert values(own, "partner", kept.id) == {"a_text": "since", "a_number": "1"}
    assert own.viewer.get(f"/v1/partners/{theirs[4]}").status == 404
    assert values(own, "partner", theirs[5]) == {"a_text": "after", "a_number": "1", "a_url": "https://x.org"}
    assert values(own, "partner", other.id) == {}


# ---- Fields that a file brings -------------------------------------------------------------------


@pytest.mark.shows("registry.imported_fields")
def test_a_column_that_no_field_reads_becomes_a_field_and_goes_again(own):
    file = f"name,kind,Shirt Size,Since when\n{unique('C')},civic,XL,1999\n{unique('C')},civic,,soon\n"
    query = {"new_fields": {"custom.shirt_size": "text", "custom.since": "number"}, "mapping": {"custom.since": "Since when"}}
    dry = load(own.director, "partners", file, dry_run="true", **query)
    assert counts(dry) == (1, 0, 0, 1)
    assert field_of(own, "partner", "shirt_size") is None
    report = load(own.director, "partners", file, **query)
    assert (counts(report), report["new_fields"], report["unmapped"]) == ((1, 0, 0, 1), query["new_fields"], [])
    assert faults(own.director, report) == {3: [("Since when", "not_allowed")]}
    field = field_of(own, "partner", "shirt_size")
    assert (field["name"], field["type"], field["class"], field["is_required"]) == ("Shirt Size", "text", "directory", False)
    assert field_of(own, "partner", "since")["name"] == "Since when"
    one = rows(own.director, report)[0]["id"]
    assert values(own, "partner", one) == {"shirt_size": "XL", "since": "1999"}
    assert values(own, "partner", one, own.viewer) == {}, "staff read it until somebody says who may"
    again = load(own.director, "partners", file, **query)
    assert (counts(again), again["new_fields"]) == ((0, 0, 1, 1), {}), "they are there"
    assert revert(own.director, report)["reverted"] == 1
    assert field_of(own, "partner", "shirt_size") is None and field_of(own, "partner", "since") is None
    assert own.viewer.get(f"/v1/partners/{one}").status == 404


def test_a_field_that_is_in_use_or_was_changed_stays(own):
    file = f"name,kind,{{}}\n{unique('C')},school,1\n"
    first, second = (load(own.director, "sites", file.format(code), new_fields={f"custom.{code}": "number"})
                     for code in ("first_one", "second_one"))
    field = own.director.get(f"/v1/custom_fields/{field_of(own, 'site', 'first_one')['id']}")
    assert own.director.patch(f"/v1/custom_fields/{field.id}", {"class": "public"}, field.etag).status == 200
    own.director.created("custom_values", {"custom_field_id": field_of(own, "site", "second_one")["id"],
                                           "site_id": own.director.site(name=unique("S")).id, "value": "3"})
    revert(own.director, second), revert(own.director, first)
    assert field_of(own, "site", "first_one") and field_of(own, "site", "second_one")


def test_who_directs_a_part_brings_values_there_and_no_fields(own, database):
    mine, other = (own.director.site(name=unique("S"), local_id=unique("L")) for _ in range(2))
    somebody, user, _ = own.person()
    with database.connect("kith_migrate") as connection, connection.transaction():
        database.grant(connection, own.id, user, "director", scope_kind="site", scope_id=mine.id)
    table = [{"name": one.json["name"], "kind": one.json["kind"], "local_id": one.json["local_id"], "custom.a_text": "mine"}
             for one in (mine, other)]
    report = load(somebody, "sites", file_of(table))
    assert (counts(report), faults(somebody, report)) == ((0, 1, 0, 1), {3: [(None, "out_of_scope")]})
    assert values(own, "site", mine.id) == {"a_text": "mine"} and values(own, "site", other.id) == {}
    answer = send(somebody, "sites", file_of([{**table[0], "fresh": "x"}]), new_fields={"custom.fresh": "text"})
    assert answer.status == 403, answer
    assert field_of(own, "site", "fresh") is None


def test_a_key_brings_what_its_resources_are(own):
    row = {"name": unique("P"), "kind": "civic", "custom.a_text": "x", "brand_new": "y"}
    values_alone, fields_too = (keeper(own, make(own.director, resources=["imports", "partners", *more]))
                                for more in (["custom_values"], ["custom_values", "custom_fields"]))
    without = keeper(own, make(own.director, resources=["imports", "partners"]))
    query = {"new_fields": {"custom.brand_new": "text"}}
    assert send(without, "partners", file_of([row])).status == 403
    assert send(values_alone, "partners", file_of([row]), **query).status == 403
    assert send(values_alone, "partners", file_of([row]), dry_run="true").status == 202
    assert send(fields_too, "partners", file_of([row]), dry_run="true", **query).status == 202


# ---- What an export wrote an import takes ---------------------------------------------------------

TEXTS = st.text(st.sampled_from("aé=+-@'\"; ,ab\n"), min_size=1, max_size=12).filter(lambda text: text.strip() == text)
LINES = TEXTS.filter(lambda text: "\n" not in text)
CELLS = {"a_text": LINES, "a_number": st.decimals(-10 ** 9, 10 ** 9, places=3).map(str),
         "a_date": st.dates().map(str), "a_yes_no": st.sampled_from(["yes", "no"]),
         "a_url": st.sampled_from(["https://x.org", "http://y.org/?a=b,c"]), "size": st.sampled_from(["S", "M, or L", "=X"])}


@settings(max_examples=8, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.fixed_dictionaries({}, optional=CELLS), min_size=1, max_size=4), TEXTS, st.lists(LINES, max_size=3, unique=True))
def test_what_was_exported_is_imported_as_unchanged_and_makes_the_same_anew(own, several, description, aliases):
    fields = {f["code"]: f["id"] for f in listed(own.director, "custom_fields", subject="partner")}
    theirs = {}
    for custom in several:
        one = own.director.partner(name=unique("P"), description=description, aliases=aliases).id
        for code, value in custom.items():
            own.director.created("custom_values", {"custom_field_id": fields[code], "partner_id": one, "value": value})
        theirs[one] = values(own, "partner", one)
    file = table_of(own.director, "partners")
    report = load(own.director, "partners", file, empty_cells="clear")
    assert counts(report) == (0, 0, report["rows_read"], 0), rows(own.director, report)
    table = [{**row, "name": row["name"] + " anew", "ein": ""} for row in csv.DictReader(io.StringIO(file, newline=""))
             if row["id"] in theirs]
    report = load(own.director, "partners", file_of(table))
    assert counts(report) == (len(theirs), 0, 0, 0), rows(own.director, report)
    anew = {row["line"]: row["id"] for row in rows(own.director, report)}
    assert [values(own, "partner", anew[line]) for line in sorted(anew)] == [theirs[row["id"]] for row in table]
    assert {own.viewer.get(f"/v1/partners/{one}").json["description"] for one in anew.values()} == {
        own.viewer.get(f"/v1/partners/{one}").json["description"] for one in theirs}
    revert(own.director, report)
    assert {own.viewer.get(f"/v1/partners/{one}").status for one in anew.values()} == {404}


@pytest.mark.shows("registry.custom_imports")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_each_kind_takes_what_its_export_wrote(own, subject):
    who = own.director
    partner = who.partner(name=unique("=P"), aliases=["-a", "b; c"]).id
    one = {"partner": lambda: partner, "site": lambda: who.site(name=unique("'S"), local_id=unique("L")).id,
           "contact": lambda: who.created("contacts", {"name": unique("@C"), "email": f"{uuid7()}@x.org"}).id,
           "partnership": lambda: who.created("partnerships", {"name": unique("+P"), "partner_id": partner,
                                                               "arrangement": "program"}).id}[subject]()
    fields = {f["code"]: f["id"] for f in listed(who, "custom_fields", subject=subject)}
    who.created("custom_values", {"custom_field_id": fields["a_text"], f"{subject}_id": one, "value": "'=1+1"})
    file = table_of(who, f"{subject}s")
    for empty in ("keep", "clear"):
        report = load(who, f"{subject}s", file, empty_cells=empty)
        assert counts(report) == (0, 0, report["rows_read"], 0), rows(who, report)
