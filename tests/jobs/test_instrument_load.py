"""kith instrument load: an instrument that a district has the right to use, of a file."""
import json
import os
import subprocess

import pytest

from world import BUILD, environment_with

KITH = os.path.join(BUILD, "bin/kith")
GOOD = {"name": "A measure of theirs", "code": "theirs", "locales": ["en"], "subject": "none",
        "sections": [{"code": "s", "title": {"en": "All of it"}}], "factors": [{"code": "f", "name": {"en": "F"}}],
        "questions": [{"code": "q", "kind": "rating", "section": "s", "factor": "f", "points": 4, "text": {"en": "Is it good?"}}],
        "about": {"en": "By permission of its authors."}}


@pytest.fixture
def load(database, ours, tmp_path):
    def run(document, *words, slug=None):
        path = tmp_path / "instrument.json"
        path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
        done = subprocess.run([KITH, "instrument", *(words or ("load", slug or ours.slug, str(path)))], check=False, text=True,
                              capture_output=True, stdin=open(path, "rb"),  # pylint: disable=consider-using-with
                              env=environment_with(KITH_MIGRATE_URL=database.uri("kith_migrate")))
        return done.returncode, done.stdout, done.stderr.replace(str(path), "FILE")

    return run


def kept(migrate, ours):
    return migrate.execute("SELECT to_jsonb(n) FROM instrument n WHERE district_id = %s AND code = 'theirs' ORDER BY edition",
                           (ours.id,)).fetchall()


@pytest.mark.shows("partnerships.instrument_files")
def test_a_file_becomes_a_draft_and_again_the_next_edition(load, migrate, ours):
    before = len(kept(migrate, ours))
    assert load(GOOD) == (0, f"theirs is there as a draft, edition {before + 1}\n", "")
    row, = kept(migrate, ours)[-1]
    assert {name: row[name] for name in GOOD} == GOOD and row["status"] == "draft"
    assert row["frozen_at"] is None
    again = {**row, "survey_id": None}  # as GET gives it, with what is the server's
    del again["district_id"]
    assert load(again, "load", ours.slug, "-")[1] == f"theirs is there as a draft, edition {before + 2}\n"
    actions = migrate.execute("SELECT action FROM audit WHERE aggregateid = %s", (row["id"],)).fetchall()
    assert actions == [("created",)]


@pytest.mark.parametrize("change, said", [
    ({"code": "No"}, '/code must be 1 to 64 small letters, digits and "_"'),
    ({"name": " "}, "/name must be a text of 1 to 200 characters"),
    ({"name": "x" * 201}, "/name must be a text of 1 to 200 characters"),
    ({"subject": "all"}, "/subject must be relationship or none"),
    ({"more": 1}, "/more is not known here"),
    ({"questions": None}, "/questions is missing"),
    ({"locales": "en"}, "/locales must name 1 to 100 languages"),
    ({"locales": ["EN"]}, '/locales/0 must be a language such as "en" or "es-MX"'),
    ({"factors": [{"code": "f"}]}, "/factors/0/name is missing"),
    ({"questions": [GOOD["questions"][0] | {"points": 11}]}, "/questions/0/points must be a whole number from 2 to 10"),
    ({"about": 1}, "/about must be an object of texts by their language"),
], ids=str)  # fmt: skip
def test_what_is_wrong_is_said_line_by_line_and_nothing_is_kept(load, migrate, ours, change, said):
    before = kept(migrate, ours)
    status, out, errors = load(GOOD | change)
    assert (status, out) == (1, "") and f"FILE: {said}\n" in errors
    assert kept(migrate, ours) == before


@pytest.mark.parametrize("document, said", [
    (b"{", "FILE: it is no JSON"), (b"[]", "FILE: the document must be an object"), (b"", "FILE: it is no JSON"),
    (b'{"name": "\xff"}', "FILE: it is no JSON"), (b'{"name": "a\\u0000"}', "FILE: it is no JSON"), (b"{}\0", "it is no text"),
    (b" " * (1 << 20) + b" ", "it is larger than 1 MB"),
], ids=["half", "list", "nothing", "bytes", "NUL", "raw NUL", "large"])  # fmt: skip
def test_what_is_no_document_is_refused(load, document, said):
    status, out, errors = load(document)
    assert (status, out) == (1, "") and said in errors


def test_a_megabyte_is_read(load):
    assert load(json.dumps(GOOD).encode().ljust(1 << 20))[0] == 0


def test_it_says_who_and_how(load):
    assert load(GOOD, slug="nowhere")[0::2] == (1, "kith instrument: there is no district nowhere\n")
    assert load(GOOD, "load", "x", "/nothing/there")[0] == 1
    for words in (["load"], ["save", "a", "b"], ["load", "a", "b", "c"]):
        assert load(GOOD, *words)[0] == 78
