"""kith migrate: every migration once, in its order, whole or not at all."""
import signal
import socket
import subprocess

import psycopg
import pytest

from migrating import Programs, WaryCluster, migrate
from world import BUILD, environment_with, wait_until

LEDGER = ("CREATE TABLE schema_migration (name text CONSTRAINT schema_migration_pkey PRIMARY KEY, kind text,"
          " checksum text, applied_at timestamptz);\n")
ONE = {"0001_one.sql": LEDGER + "CREATE TABLE one (n int);\nINSERT INTO one VALUES (1);\n"}
TWO = {**ONE, "0002_two.sql": "ALTER TABLE one ADD COLUMN m int;\n"}
COUNT = {"count.sql": "CREATE OR REPLACE FUNCTION count_one() RETURNS bigint LANGUAGE sql\n"
                      "AS 'SELECT count(*) FROM one';\n"}


@pytest.fixture(scope="module")
def cluster():
    made = WaryCluster()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    return Programs(str(tmp_path_factory.mktemp("programs")))


@pytest.fixture
def database(cluster):
    with cluster.empty_database() as name:
        yield name


@pytest.fixture
def url(cluster, database):
    return cluster.url(database)


@pytest.fixture
def db(url):
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def value(db, sql, *parameters):
    return db.execute(sql, parameters).fetchone()[0]


def exists(db, table):
    return value(db, "SELECT to_regclass(%s) IS NOT NULL", table)


def applied(db):
    return [row[0] for row in db.execute("SELECT name FROM schema_migration ORDER BY name")]


def good(run):
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def refused(run, *texts):
    assert run.returncode == 1
    for text in texts:
        assert text in run.stderr
    return run.stderr


def test_an_empty_database_comes_to_the_head_and_then_nothing_is_left_to_do(programs, url, db):
    program = programs.carrying(TWO, COUNT)
    assert good(migrate(program, url)) == ("migration 0001_one.sql\nmigration 0002_two.sql\n"
                                           "function count.sql\n3 applied, 0 already there\n")
    assert value(db, "SELECT count_one()") == 1
    assert good(migrate(program, url)) == "0 applied, 3 already there\n"
    assert value(db, "SELECT count_one()") == 1


def test_the_files_of_the_tree_come_with_the_program(url, db):
    first = good(migrate(f"{BUILD}/bin/kith", url))
    count = len(applied(db))
    assert first.endswith(f"\n{count} applied, 0 already there\n") and count > 0
    assert good(migrate(f"{BUILD}/bin/kith", url)) == f"0 applied, {count} already there\n"


def test_a_program_without_files_has_nothing_to_do(programs, url):
    assert good(migrate(programs.carrying(), url)) == "0 applied, 0 already there\n"


def test_what_is_new_is_applied_to_what_is_there(programs, url, db):
    good(migrate(programs.carrying(ONE), url))
    assert good(migrate(programs.carrying(TWO), url)) == ("migration 0002_two.sql\n"
                                                          "1 applied, 1 already there\n")
    assert applied(db) == ["0001_one.sql", "0002_two.sql"]


def test_of_sixteen_at_once_one_does_it_and_the_others_find_it_done(programs, url, db):
    program = programs.carrying({**ONE, "0002_slow.sql": "SELECT pg_sleep(0.3);\nCREATE TABLE slow ();\n"},
                                COUNT)
    runs = [subprocess.Popen([program, "migrate"], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, env=environment_with(KITH_MIGRATE_URL=url))
            for _ in range(16)]
    said = [run.communicate(timeout=50) for run in runs]
    assert [(run.returncode, stderr) for run, (_, stderr) in zip(runs, said)] == [(0, "")] * 16
    last_lines = sorted(stdout.splitlines()[-1] for stdout, _ in said)
    assert last_lines == ["0 applied, 3 already there"] * 15 + ["3 applied, 0 already there"]
    assert value(db, "SELECT count(*) FROM one") == 1


def test_an_applied_migration_that_changed_is_refused_and_nothing_is_done(programs, url, db):
    good(migrate(programs.carrying(ONE), url))
    edited = {"0001_one.sql": ONE["0001_one.sql"] + "-- edited\n", "0002_two.sql": "CREATE TABLE two ();\n"}
    refused(migrate(programs.carrying(edited), url), "0001_one.sql has changed since it was applied")
    assert not exists(db, "two")
    assert applied(db) == ["0001_one.sql"]


def test_a_hole_among_the_applied_is_refused(programs, url, db):
    program = programs.carrying(TWO)
    good(migrate(program, url))
    db.execute("DELETE FROM schema_migration WHERE name = '0001_one.sql'")
    refused(migrate(program, url), "0002_two.sql is applied, and 0001_one.sql, which comes before it, is not")
    assert applied(db) == ["0002_two.sql"]


def test_a_newer_database_is_refused(programs, url, db):
    good(migrate(programs.carrying(TWO), url))
    refused(migrate(programs.carrying(ONE), url),
            "0002_two.sql is applied, and this program does not know it", "newer Kith")


def test_a_migration_that_fails_leaves_nothing_and_says_where(programs, url, db):
    bad = {**ONE, "0002_bad.sql": "-- é, of two bytes\nCREATE TABLE half ();\n\nSELECT wrong\n  FROM one;\n",
           "0003_later.sql": "CREATE TABLE later ();\n"}
    said = refused(migrate(programs.carrying(bad), url))
    assert said == 'sql/migrations/0002_bad.sql:4: column "wrong" does not exist (42703)\n'
    assert applied(db) == ["0001_one.sql"]
    assert not exists(db, "half") and not exists(db, "later")
    mended = {**bad, "0002_bad.sql": "CREATE TABLE half ();\n"}
    good(migrate(programs.carrying(mended), url))
    assert applied(db) == ["0001_one.sql", "0002_bad.sql", "0003_later.sql"]


def test_a_fault_that_has_no_place_names_the_file(programs, url):
    bad = {"0001_bad.sql": LEDGER + "CREATE TABLE t (n int CONSTRAINT t_n_check CHECK (n > 0));\nINSERT INTO t VALUES (0);\n"}
    assert refused(migrate(programs.carrying(bad), url)).startswith("sql/migrations/0001_bad.sql: ")


def test_the_last_line_of_a_file_is_a_line_too(programs, url):
    bad = {"0001_bad.sql": "SELECT 1;\nSELECT 2;\nSELEC"}
    assert refused(migrate(programs.carrying(bad), url)).startswith("sql/migrations/0001_bad.sql:3: syntax error")


def test_killed_in_the_middle_nothing_is_half_and_the_next_one_goes_on(programs, url, db):
    stuck = {**ONE, "0002_two.sql": "CREATE TABLE two ();\nSELECT pg_sleep(600);\n"}
    run = subprocess.Popen([programs.carrying(stuck), "migrate"], stdout=subprocess.DEVNULL,
                           env=environment_with(KITH_MIGRATE_URL=url))
    sleeping = ("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event = 'PgSleep'")
    wait_until(lambda: value(db, sleeping) == 1, "the statement that sleeps", 20)
    run.send_signal(signal.SIGKILL)
    run.wait()
    mended = {**ONE, "0002_two.sql": "CREATE TABLE two ();\n"}
    assert good(migrate(programs.carrying(mended), url)).endswith("1 applied, 1 already there\n")
    assert applied(db) == ["0001_one.sql", "0002_two.sql"]


def test_a_function_with_a_new_text_is_applied_again_and_so_is_what_others_make_of_it(programs, url, db):
    """As of the table of tables, of which other files make policies and triggers."""
    other = {"made.sql": "CREATE SEQUENCE IF NOT EXISTS times; DO $$ BEGIN PERFORM nextval('times'); EXECUTE "
                         "format('CREATE OR REPLACE VIEW made AS SELECT %s AS n', count_one()); END $$;\n"}
    good(migrate(programs.carrying(ONE, {**COUNT, **other}), url))
    assert value(db, "SELECT n FROM made") == 1
    changed = {"count.sql": COUNT["count.sql"].replace("count(*)", "count(*) + 41")}
    assert good(migrate(programs.carrying(ONE, {**changed, **other}), url)) == (
        "function count.sql\n1 applied, 2 already there\n")
    assert (value(db, "SELECT count_one()"), value(db, "SELECT n FROM made")) == (42, 42)
    assert good(migrate(programs.carrying(ONE, {**changed, **other}), url)) == "0 applied, 3 already there\n"
    assert value(db, "SELECT last_value FROM times") == 2, "where nothing has changed nothing is done"
    good(migrate(programs.carrying(TWO, {**changed, **other}), url))
    assert value(db, "SELECT last_value FROM times") == 3, "a table may have come"


def test_a_foreign_key_comes_to_rows_whose_policies_ask_for_a_district(programs, url, db):
    guarded = {"0002_two.sql": "CREATE ROLE owns NOLOGIN; ALTER TABLE one OWNER TO owns; "
                               "ALTER TABLE one ADD CONSTRAINT one_pkey PRIMARY KEY (n); "
                               "ALTER TABLE one ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY mine "
                               "ON one USING (current_setting('kith.district')::uuid IS NOT NULL);\n",
               "0003_three.sql": "SET ROLE owns; ALTER TABLE one ADD COLUMN of int, "
                                 "ADD FOREIGN KEY (of) REFERENCES one (n); RESET ROLE; DROP TABLE one; DROP ROLE owns;\n"}
    good(migrate(programs.carrying({**ONE, **guarded}), url))
    assert not exists(db, "one")


def test_functions_go_in_the_order_of_their_names_whole_or_not_at_all(programs, url, db):
    good(migrate(programs.carrying(ONE, COUNT), url))
    changed = {"count.sql": COUNT["count.sql"].replace("count(*)", "count(*) + 41"),
               "zero.sql": "-- 1\nSELECT count_one(), nothing();\n"}
    said = refused(migrate(programs.carrying(ONE, changed), url))
    assert said.startswith("sql/functions/zero.sql:2: function nothing() does not exist")
    assert value(db, "SELECT count_one()") == 1
    assert applied(db) == ["0001_one.sql", "count.sql"]


def test_a_function_the_program_does_not_know_is_left_alone(programs, url, db):
    good(migrate(programs.carrying(ONE, COUNT), url))
    assert good(migrate(programs.carrying(ONE), url)) == "0 applied, 1 already there\n"
    assert value(db, "SELECT count_one()") == 1


def test_a_migration_does_not_wait_long_for_a_table(programs, url, db):
    good(migrate(programs.carrying(ONE), url))
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE one IN ACCESS SHARE MODE")
        refused(migrate(programs.carrying(TWO), url, KITH_MIGRATE_LOCK_TIMEOUT_MS="50"),
                "(55P03)", "run it again")
    assert applied(db) == ["0001_one.sql"]
    good(migrate(programs.carrying(TWO), url, KITH_MIGRATE_LOCK_TIMEOUT_MS="50"))


def test_status_says_what_is_lacking_and_does_nothing(programs, url, db):
    program = programs.carrying(TWO, COUNT)
    run = migrate(program, url, "--status")
    assert (run.returncode, run.stderr) == (1, "")
    assert [line.split()[0] for line in run.stdout.splitlines()] == ["pending"] * 3
    assert not exists(db, "schema_migration")
    good(migrate(program, url))
    lines = good(migrate(program, url, "--status")).splitlines()
    assert [(line.split()[0], *line.split()[2:]) for line in lines] == [
        ("applied", "migration", "0001_one.sql"), ("applied", "migration", "0002_two.sql"),
        ("applied", "function", "count.sql")]
    db.execute("UPDATE schema_migration SET checksum = '' WHERE name = 'count.sql'")
    run = migrate(program, url, "--status")
    assert run.returncode == 1 and run.stdout.splitlines()[2].startswith("changed ")


def test_status_does_not_wait_for_who_migrates(programs, url, db):
    program = programs.carrying(ONE)
    good(migrate(program, url))
    db.execute("SELECT pg_advisory_lock(7741528618)")
    good(migrate(program, url, "--status"))


ROLES = LEDGER + """DO $$ BEGIN
    IF to_regrole('kith_migrate') IS NULL THEN
        CREATE ROLE kith_owner NOLOGIN;
        CREATE ROLE kith_migrate LOGIN BYPASSRLS IN ROLE kith_owner;
        CREATE ROLE kith_api LOGIN;
    END IF;
END $$;
ALTER TABLE schema_migration OWNER TO kith_owner;
GRANT CREATE ON SCHEMA public TO kith_owner;
"""


def test_passwords_are_set_when_given_and_appear_nowhere(programs, cluster, database, url, tmp_path):
    program = programs.carrying({"0001_roles.sql": ROLES})
    in_file = tmp_path / "password"
    in_file.write_text("migrates-with-7c1f\n")
    run = migrate(program, url, KITH_ROLE_PASSWORD_API="quote'back\\slash-5e2d",
                  KITH_ROLE_PASSWORD_MIGRATE_FILE=str(in_file))
    assert good(run).endswith("password of kith_migrate\npassword of kith_api\n1 applied, 0 already there\n")
    with open(cluster.log, encoding="utf-8") as log:
        logged = log.read()
    assert "ALTER ROLE" in logged
    for secret in "slash-5e2d", "with-7c1f":
        assert secret not in logged + run.stdout + run.stderr
    with psycopg.connect(cluster.url(database), user="kith_api", password="quote'back\\slash-5e2d"):
        pass
    # Whoever runs later migrations is kith_migrate, and it may do so.
    two = programs.carrying({"0001_roles.sql": ROLES, "0002_two.sql": "CREATE TABLE two ();\n"})
    as_migrate = cluster.url(database, "kith_migrate", "migrates-with-7c1f")
    assert good(migrate(two, as_migrate)).endswith("1 applied, 1 already there\n")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.url(database), user="kith_api", password="another")


def test_a_password_that_is_not_given_stays(programs, cluster, database, url):
    program = programs.carrying({"0001_roles.sql": ROLES})
    good(migrate(program, url, KITH_ROLE_PASSWORD_API="first"))
    good(migrate(program, url))
    psycopg.connect(cluster.url(database, "kith_api", "first")).close()


def test_a_backfill_of_two_districts_works_under_forced_row_security(programs, cluster, database, url, db):
    table = """CREATE TABLE pupil_count (district_id uuid NOT NULL, n int, doubled int);
ALTER TABLE pupil_count OWNER TO kith_owner;
ALTER TABLE pupil_count ENABLE ROW LEVEL SECURITY;
ALTER TABLE pupil_count FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON pupil_count USING (district_id = current_setting('kith.district')::uuid);
INSERT INTO pupil_count VALUES (gen_random_uuid(), 1), (gen_random_uuid(), 2);
"""
    before = {"0001_roles.sql": ROLES, "0002_table.sql": table}
    good(migrate(programs.carrying(before), url, KITH_ROLE_PASSWORD_MIGRATE="m"))
    after = {**before, "0003_backfill.sql": "UPDATE pupil_count SET doubled = 2 * n;\n"}
    good(migrate(programs.carrying(after), cluster.url(database, "kith_migrate", "m")))
    assert db.execute("SELECT n, doubled FROM pupil_count ORDER BY n").fetchall() == [(1, 2), (2, 4)]


def test_every_file_begins_as_who_connected(programs, url, db):
    become = "SET ROLE kith_owner;\nCREATE TABLE {0} ();\n"
    who = "CREATE TABLE {0} AS SELECT current_user::text AS who;\n"
    program = programs.carrying({"0001_roles.sql": ROLES, "0002_become.sql": become.format("a"),
                                 "0003_who.sql": who.format("b")},
                                {"1.sql": become.format("c"), "2.sql": who.format("d")})
    good(migrate(program, url, KITH_ROLE_PASSWORD_API="set by who connected too"))
    assert value(db, "SELECT tableowner FROM pg_tables WHERE tablename = 'c'") == "kith_owner"
    assert value(db, "SELECT who FROM b") == value(db, "SELECT who FROM d") == "postgres"


def test_a_role_that_may_not_is_told_which_one_may(programs, cluster, database, db):
    db.execute("CREATE ROLE nobody_special LOGIN PASSWORD 'x'")
    try:
        refused(migrate(programs.carrying(ONE), cluster.url(database, "nobody_special", "x")),
                "permission denied", "must name kith_migrate", "a superuser")
        assert not exists(db, "schema_migration")
    finally:
        db.execute("DROP ROLE nobody_special")


def test_without_a_database_it_fails_and_says_so(programs, tmp_path):
    run = migrate(programs.carrying(ONE), f"postgresql://kith@/kith?host={tmp_path}")
    refused(run, "no connection to the database")


def test_a_server_that_says_nothing_is_given_up(programs):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = migrate(programs.carrying(ONE), f"postgresql://kith@127.0.0.1:{silent.getsockname()[1]}/kith",
                      KITH_MIGRATE_CONNECT_MS="50")
    refused(run, "no connection to the database: connecting took too long")


def test_the_url_of_the_programs_will_do(programs, url):
    run = subprocess.run([programs.carrying(ONE), "migrate"], check=False, stdout=subprocess.PIPE,
                         text=True, env=environment_with(KITH_DATABASE_URL=url), timeout=50)
    assert (run.returncode, run.stdout.splitlines()[-1]) == (0, "1 applied, 0 already there")


@pytest.mark.parametrize("variables, arguments, text", [
    ({}, [], "KITH_MIGRATE_URL or KITH_DATABASE_URL must be set"),
    ({"KITH_MIGRATE_ULR": "postgresql:///"}, [], "KITH_MIGRATE_ULR"),
    ({"KITH_MIGRATE_LOCK_TIMEOUT_MS": "0"}, [], "KITH_MIGRATE_LOCK_TIMEOUT_MS"),
    ({"KITH_MIGRATE_LOCK_TIMEOUT_MS": "600001"}, [], "KITH_MIGRATE_LOCK_TIMEOUT_MS"),
    ({"KITH_MIGRATE_CONNECT_MS": "600001"}, [], "KITH_MIGRATE_CONNECT_MS"),
    ({}, ["--states"], "does not know these arguments"),
])
def test_a_wrong_configuration_is_78(variables, arguments, text):
    run = subprocess.run([f"{BUILD}/bin/kith", "migrate", *arguments], check=False, text=True,
                         stderr=subprocess.PIPE, env=environment_with(**variables), timeout=50)
    assert run.returncode == 78
    assert text in run.stderr
