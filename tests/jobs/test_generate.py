"""sql/generate: the statements and files that become C, and what it refuses."""
import os
import re
import subprocess

import pytest

from world import ROOT


@pytest.fixture
def generate(tmp_path):
    """Runs it over these files, {path: text}; the run and the folder of C come back."""
    def run(files):
        for name, text in files.items():
            path = tmp_path / "sql" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = subprocess.run([f"{ROOT}/sql/generate", "sql", "gen"], cwd=tmp_path, text=True,
                              stderr=subprocess.PIPE, check=False)
        return done, tmp_path / "gen"
    return run


def compiled(folder, program):
    """What a C program says that includes both headers."""
    (folder / "main.c").write_text('#include <stdio.h>\n#include "gen/stmt.h"\n'
                                   '#include "gen/sql_files.h"\n' + program)
    subprocess.run(["gcc", "-std=gnu17", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                    f"-I{ROOT}/common", f"-I{folder.parent}", "-o", folder / "a.out",
                    folder / "main.c", folder / "stmt.c", folder / "sql_files.c"], check=True)
    return subprocess.run([folder / "a.out"], check=True, stdout=subprocess.PIPE).stdout


def text_of(generate, body):
    """The text of the statement with this body."""
    run, folder = generate({"queries/a.sql": "-- name: it :one\n" + body})
    assert run.stderr == ""
    return compiled(folder, "int main(void) { fputs(STMT(it)->text, stdout); }\n").decode()


def test_a_statement_has_its_name_text_parameters_and_shape(generate):
    run, folder = generate({"queries/a.sql": "-- Said before.\n\n-- name: get_it :maybe\nSELECT $2, $1, $2;\n\n"
                                             "-- name: do_it :exec\nSELECT 1\n",
                            "queries/b.sql": "-- name: all_of_it :many\nSELECT 1;\n"
                                             "-- name: one :one\nSELECT 1;\n"})
    assert (run.returncode, run.stderr) == (0, "")
    program = """
static void show(const struct db_statement *s)
{
    printf("%s|%s|%u|%d\\n", s->name, s->text, s->param_count, (int)s->shape);
}
int main(void)
{
    show(STMT(get_it)); show(STMT(do_it)); show(STMT(all_of_it)); show(STMT(one));
    printf("%d %d %d %d\\n", DB_MAYBE, DB_EXEC, DB_MANY, DB_ONE);
}
"""
    *shown, shapes = compiled(folder, program).decode().splitlines()
    maybe, execute, many, one = shapes.split()
    assert shown == [f"get_it|SELECT $2, $1, $2|2|{maybe}", f"do_it|SELECT 1|0|{execute}",
                     f"all_of_it|SELECT 1|0|{many}", f"one|SELECT 1|0|{one}"]


@pytest.mark.parametrize("body, text", [
    ("SELECT 1 -- $7; no\n;\n", "SELECT 1"),
    ("SELECT /* $7;\n*/ 1;", "SELECT   1"),
    ("SELECT '-- $7; it''s';", "SELECT '-- $7; it''s'"),
    ("SELECT E'\\';$7';", "SELECT E'\\';$7'"),
    ('SELECT 1 AS "--$7;";', 'SELECT 1 AS "--$7;"'),
    ("SELECT $$;--$7$$, $a$;$$--$a$;", "SELECT $$;--$7$$, $a$;$$--$a$"),
    ("SELECT 'é?\\\"\t';", "SELECT 'é?\\\"\t'"),
    ("\n  SELECT 1,\n\n  2;\n\n", "SELECT 1,\n\n  2"),
])
def test_comments_go_and_what_only_looks_like_one_stays(generate, body, text):
    assert text_of(generate, body) == text


def test_files_are_carried_byte_for_byte_in_their_order(generate):
    texts = {"migrations/0001_a.sql": "SELECT 'é', \"x\";\r\n-- ??/\\\n", "migrations/0002_b.sql": "",
             "functions/b.sql": "SELECT 1;", "functions/a.sql": "x" * 100000}
    run, folder = generate(texts)
    assert run.stderr == ""
    said = compiled(folder, """
int main(void)
{
    for (const struct sql_file *f = sql_files; f->name; f++)
        printf("%d %s %s\\n", (int)f->kind, f->name, f->checksum);
    for (const struct sql_file *f = sql_files; f->name; f++)
        printf("%s\\f", f->text);
}
""")
    order = ["migrations/0001_a.sql", "migrations/0002_b.sql", "functions/a.sql", "functions/b.sql"]
    head, rest = said.split(b"\n", len(order))[:-1], said.split(b"\n", len(order))[-1]
    assert rest == b"".join(texts[name].encode() + b"\f" for name in order)
    for line, name in zip(head, order):
        checksum = subprocess.run(["sha256sum"], input=texts[name].encode(), check=True,
                                  stdout=subprocess.PIPE).stdout.split()[0]
        kind = b"0" if name.startswith("migrations") else b"1"
        assert line.split() == [kind, os.path.basename(name).encode(), checksum]


def test_nothing_at_all_is_fine(generate):
    run, folder = generate({})
    assert (run.returncode, run.stderr) == (0, "")
    assert compiled(folder, "int main(void) { return sql_files[0].name ? 1 : 0; }\n") == b""


def test_a_header_that_says_the_same_keeps_its_time(generate):
    _, folder = generate({"queries/a.sql": "-- name: a :one\nSELECT 1;"})
    os.utime(folder / "stmt.h", (1, 1))
    generate({"queries/a.sql": "-- name: a :one\nSELECT 2;"})
    assert (folder / "stmt.h").stat().st_mtime == 1
    assert "SELECT 2" in (folder / "stmt.c").read_text()
    generate({"queries/a.sql": "-- name: b :one\nSELECT 2;"})
    assert (folder / "stmt.h").stat().st_mtime > 1


NAME_62 = "n" * 62


@pytest.mark.parametrize("files", [
    {"queries/a.sql": f"-- name: {NAME_62} :one\nSELECT 1;"},
    {"queries/a.sql": "-- name: a :one\nSELECT " + ", ".join(f"${n}" for n in range(1, 65))},
    {"migrations/0001_a.sql": "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;"},
    {"migrations/0001_a.sql": "DO $$ BEGIN NULL; END $$; -- ; COMMIT;\nSELECT '; ROLLBACK';"},
])
def test_at_the_limit(generate, files):
    run, folder = generate(files)
    assert (run.returncode, run.stderr) == (0, "")
    assert (folder / "stmt.c").exists()


@pytest.mark.parametrize("files, said", [
    ({"queries/a.sql": f"\n-- name: {NAME_62}n :one\nSELECT 1;"}, "a.sql:2: .* 63 characters"),
    ({"queries/a.sql": "-- name: a :two\nSELECT 1;"}, "a.sql:1: not "),
    ({"queries/a.sql": "-- name: a\nSELECT 1;"}, "a.sql:1: not "),
    ({"queries/a.sql": "-- name: A :one\nSELECT 1;"}, "a.sql:1: not "),
    ({"queries/a.sql": "-- names: a :one\nSELECT 1;"}, "a.sql:1: not "),
    ({"queries/a.sql": "-- name: a :one, really\nSELECT 1;"}, "a.sql:1: not "),
    ({"queries/a.sql": "-- name: a :one\nSELECT 1;\n-- name: a :one\nSELECT 1;"},
     "a.sql:3: a is also in sql/queries/a.sql:1"),
    ({"queries/a.sql": "-- name: a :one\nSELECT 1;", "queries/b.sql": "-- name: a :one\nSELECT 1;"},
     "b.sql:1: a is also in sql/queries/a.sql:1"),
    ({"queries/a.sql": "-- name: a :one\nSELECT $1, $3;"}, r"a.sql:1: a has \$3 and no \$2"),
    ({"queries/a.sql": "-- name: a :one\nSELECT $2;"}, r"a.sql:1: a has \$2 and no \$1"),
    ({"queries/a.sql": "-- name: a :one\nSELECT $0;"}, r"a.sql:1: a has \$0"),
    ({"queries/a.sql": "-- name: a :one\nSELECT " + ", ".join(f"${n}" for n in range(1, 66))},
     r"a.sql:1: a has \$65, past \$64"),
    ({"queries/a.sql": "-- name: a :one\nSELECT 1; SELECT 2;"}, "a.sql:1: a is more than one"),
    ({"queries/a.sql": "-- name: a :one\n-- nothing\n;"}, "a.sql:1: a has no text"),
    ({"queries/a.sql": "\nSELECT 1;\n-- name: a :one\nSELECT 1;"}, "a.sql:2: a statement without"),
    ({"queries/a.sql": b"-- name: a :one\nSELECT '\xff';"}, "a.sql:1: not UTF-8"),
    ({"migrations/0001_a.sql": "\0"}, "0001_a.sql:1: not UTF-8"),
    ({"migrations/0002_a.sql": ""}, "0002_a.sql:1: the next migration is 0001_"),
    ({"migrations/0001_a.sql": "", "migrations/0003_c.sql": ""}, "0003_c.sql:1: the next migration is 0002_"),
    ({"migrations/0001_a.sql": "", "migrations/0001_b.sql": ""}, "0001_b.sql:1: the next migration is 0002_"),
    ({"migrations/1_a.sql": ""}, "1_a.sql:1: the next migration is 0001_"),
    ({"migrations/0001_a.sql": "SELECT 1;\n\ncommit;"}, "0001_a.sql:3: kith migrate begins and ends"),
    ({"functions/a.sql": "BEGIN; SELECT 1;"}, "a.sql:1: kith migrate begins and ends"),
    ({"functions/A.sql": ""}, "A.sql:1: a function's file is"),
    ({"functions/0001_a.sql": ""}, "0001_a.sql:1: four digits"),
])
def test_what_is_wrong_is_named_with_its_line_and_nothing_is_written(generate, files, said):
    run, folder = generate(files)
    assert run.returncode == 1
    assert re.search(said, run.stderr)
    assert not folder.exists()
