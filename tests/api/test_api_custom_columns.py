"""Fields of the district's own in files of lists: a column each, beside those that every district has."""

import csv
import io

import pytest
from test_api_export import File
from test_api_sheets import rows_of

FIELDS = {"partner": [("since", "number", "12.5"), ("joined", "date", "2026-09-01"), ("motto", "text", "=1+1, \"x\""),
                      ("local", "yes_no", "yes")],
          "site": [("wing", "text", "North")], "contact": [("pet", "text", "Cat")], "partnership": [("fund", "url", "https://x.org")]}


@pytest.fixture(scope="module")
def made(theirs):
    """{subject: its record}, with a value of each field but the last."""
    who = theirs.director
    found = {"partner": who.partner(name="A").id, "site": who.site(name="A").id,
             "contact": who.created("contacts", {"name": "A"}).id}
    found["partnership"] = who.created("partnerships", {"name": "A", "partner_id": found["partner"], "arrangement": "program"}).id
    for subject, fields in FIELDS.items():
        for place, (code, kind, value) in enumerate(fields):
            field = who.created("custom_fields", {"subject": subject, "code": code, "name": code, "type": kind, "place": place}).id
            who.created("custom_values", {"custom_field_id": field, f"{subject}_id": found[subject], "value": value})
    gone = who.created("custom_fields", {"subject": "partner", "code": "gone", "name": "Gone", "type": "text"})
    assert who.archive(f"/v1/custom_fields/{gone.id}", gone.etag).status == 204
    who.partner(name="B")
    return found


def lines(file):
    assert file.status == 200, file.reply
    return list(csv.DictReader(io.StringIO(file.text, newline="")))


@pytest.mark.shows("registry.custom_columns")
@pytest.mark.parametrize("subject", FIELDS)
def test_a_file_has_a_column_for_each_field_of_the_districts_own(theirs, made, subject):
    rows = {row["id"]: row for row in lines(File(theirs.viewer, f"/v1/{subject}s"))}
    row = rows[made[subject]]
    assert [name for name in row if name.startswith("custom.")] == [f"custom.{code}" for code, _, _ in FIELDS[subject]]
    for code, _, value in FIELDS[subject]:
        assert row[f"custom.{code}"].removeprefix("'") == value.strip(), code
    others = [row for one, row in rows.items() if one != made[subject]]
    assert all(row[f"custom.{code}"] == "" for row in others for code, _, _ in FIELDS[subject])


@pytest.mark.shows("registry.custom_columns")
def test_a_spreadsheet_has_them_too_as_numbers_and_days(theirs, made):
    rows, _ = rows_of(theirs.viewer, "/v1/partners?sort=name")
    told = [rows[0][f"custom.{name}"] for name in ("since", "joined", "motto", "local")]
    assert told == [12.5, "2026-09-01", "=1+1, \"x\"", "yes"]
    assert not [name for name in rows[1] if name.startswith("custom.")]


def test_who_asks_for_some_fields_gets_no_more_and_what_is_private_is_empty(theirs, made):
    assert set(lines(File(theirs.viewer, "/v1/partners?fields=id,name"))[0]) == {"id", "name"}
    field = theirs.director.created("custom_fields", {"subject": "partner", "code": "secret", "name": "S", "type": "text",
                                                      "class": "private"}).id
    theirs.director.created("custom_values", {"custom_field_id": field, "partner_id": made["partner"], "value": "Hush"})
    for who, told in ((theirs.director, "Hush"), (theirs.viewer, "")):
        row, = [row for row in lines(File(who, "/v1/partners")) if row["id"] == made["partner"]]
        assert row["custom.secret"] == told
