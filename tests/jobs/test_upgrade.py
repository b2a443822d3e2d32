"""A district that began with the first version comes to the newest one whole.

`data/functions_0046.tar.xz` has the functions of that version; its migrations are among today's, which never
change."""
import json
import os
import secrets
import sys
import tarfile

import pytest

from migrating import Programs, migrate
from world import BUILD, ROOT, Database, insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import Running  # noqa: E402  pylint: disable=wrong-import-position

LAST = "0046"
SAID = {"created_at": "2026-09-01T12:00:00Z", "updated_at": "2026-09-01T12:00:00Z"}
NOW = "2026-12-01T16:00:00Z"


def first_version():
    """The texts of its migrations and functions."""
    folder = f"{ROOT}/sql/migrations"
    migrations = {}
    for name in sorted(os.listdir(folder)):
        if name[:4] <= LAST:
            with open(f"{folder}/{name}", encoding="utf-8") as file:
                migrations[name] = file.read()
    with tarfile.open(os.path.join(os.path.dirname(__file__), "data", "functions_0046.tar.xz")) as archive:
        functions = {os.path.basename(member.name): archive.extractfile(member).read().decode()
                     for member in archive if member.isfile()}
    return migrations, functions


class Old:
    """What the district has when the new version comes."""

    def __init__(self, database):
        self.district = database.district()
        self.running = Running(database, self.district.id, self.district.user)
        self.light = Running(database, self.district.id, self.district.user, tier="supporter")
        with database.connect("kith_migrate") as connection:
            self.connection = connection
            connection.execute("SELECT set_config('kith.district', %s, false), set_config('kith.now', %s, false)",
                               (self.district.id, SAID["created_at"]))
            signed = {"district_signed_on": "2026-07-01", "partner_signed_on": "2026-07-01", "district_signer": "Who",
                      "partner_signer": "Ann"}
            self.signed, self.unsigned, self.lights, self.begun, self.draft = (
                self.agreement(partnership, **fields) for partnership, fields in (
                    (self.running, signed), (self.running, {}), (self.light, {}), (self.running, {}),
                    (self.running, {"status": "draft"})))
            self.site = self.row("site", name="North", kind="school", title_i=True)
            self.row("agreement_item", agreement_id=self.begun, name="All of it", position=1)
            self.row("gift", donee_id=self.row("donee", name="The district", kind="district"), title="Books",
                     kind="cash", amount_cents=5, offered_on="2026-09-01", received_on="2026-09-02",
                     status="received", partner_id=self.running.partner, thanked=False)
            self.row("investment", partnership_id=self.running.id, side="partner", kind="cash", status="delivered",
                     amount_cents=100, from_date="2026-09-01", until_date="2026-09-30")
            self.row("interaction", partner_id=self.running.partner, kind="call", subject="Hello",
                     on_date="2026-09-01", follow_up_on="2026-12-01", user_id=self.district.user)
        self.running.check_in()

    def row(self, table, **fields):
        one = uuid7()
        insert(self.connection, table, {"district_id": self.district.id, "id": one, **SAID, **fields})
        return one

    def agreement(self, partnership, **fields):
        one = self.row("agreement", **{"kind": "mou", "title": "MOU", "status": "in_force", "text": "We agree.",
                                       "effective_on": "2026-07-01", "expires_on": "2028-06-30", **fields})
        self.row("agreement_partnership", agreement_id=one, partnership_id=partnership.id)
        return one


def contents(connection):
    """The rows of each table that has ids, by them."""
    tables = connection.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'id' "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace").fetchall()
    return {table: {str(row.pop("id")): row for row, in connection.execute(f"SELECT to_jsonb(t) FROM {table} t")}
            for table, in tables}


SHAPES = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
               "WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                   "WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "policies": "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check FROM pg_policies",
    "functions": "SELECT oid::regprocedure::text, md5(coalesce(prosrc, '') || pg_get_functiondef(oid)), "
                 "(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(proacl) a) "
                 "FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' "
                 "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')",
}


def shape(connection):
    """What a database is made of but its rows; partitions are of the month in which they were made."""
    return {what: {row for row in connection.execute(query) if not (row[0] or "").startswith(("outbox_", "audit_"))}
            for what, query in SHAPES.items()}


@pytest.fixture(scope="module")
def upgraded(cluster, tmp_path_factory):
    """The database, what was in it, and the rows that were there before."""
    name = "kith_" + secrets.token_hex(6)
    cluster.execute(f"CREATE DATABASE {name}")
    first = Programs(str(tmp_path_factory.mktemp("programs"))).carrying(*first_version())
    made = migrate(first, cluster.uri(name))
    assert made.returncode == 0, made.stderr
    database = Database(cluster, name)
    old = Old(database)
    with database.connect("kith_migrate") as connection:
        before = contents(connection)
    for said in ("", "1 applied"):
        made = migrate(f"{BUILD}/bin/kith", cluster.uri(name))
        assert (made.returncode, made.stderr) == (0, "") and said in made.stdout, made
        with database.connect("postgres") as connection:  # one of another version: all are applied again
            connection.execute("UPDATE schema_migration SET checksum = 'another' WHERE name = '05_tables.sql'")
    yield database, old, before
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.shows("administration.upgrades")
def test_each_row_is_there_still_and_the_database_is_as_a_new_one(upgraded, database):
    new, _, before = upgraded
    with new.connect("kith_migrate") as connection, database.connect("kith_migrate") as fresh:
        after = contents(connection)
        lost = [(table, one) for table, rows in before.items() for one in rows if one not in after.get(table, {})]
        assert lost == [] and len(before["partnership"]) == 2
        changed = {(table, field) for table, rows in before.items() for one, row in rows.items()
                   for field, value in row.items() if after[table][one].get(field) != value}
        assert changed <= {("partnership", "gate_due"), ("partnership", "version"), ("partnership", "updated_at")}
        ours, theirs = shape(connection), shape(fresh)
    for what, expected in theirs.items():
        assert (what, sorted(expected - ours[what]), sorted(ours[what] - expected)) == (what, [], [])


@pytest.mark.shows("administration.upgrades", "partnerships.checklist_upgrade")
def test_agreements_that_were_in_force_before_there_were_checklists_have_one(upgraded):
    database, old, _ = upgraded
    with database.connect("kith_migrate") as connection:
        items = dict(connection.execute(
            "SELECT agreement_id::text, array[count(*), count(*) FILTER (WHERE status = 'finalized')] "
            "FROM agreement_item GROUP BY 1").fetchall())
        due = dict(connection.execute("SELECT id::text, gate_due - current_date FROM partnership").fetchall())
    assert items == {old.signed: [30, 30], old.unsigned: [30, 0], old.lights: [30, 0], old.begun: [1, 0]}
    assert due == {old.running.id: 90, old.light.id: None}


@pytest.mark.shows("administration.upgrades")
def test_what_sites_said_of_title_i_is_of_a_school_year(upgraded):
    database, old, _ = upgraded
    with database.connect("kith_migrate") as connection:
        said = connection.execute(
            "SELECT site_id::text, title_i, school_year BETWEEN 2026 AND 2100 FROM site_year WHERE title_i IS NOT NULL").fetchall()
    assert said == [(old.site, True, True)]


@pytest.mark.shows("administration.upgrades")
def test_what_the_new_version_does_it_does_with_the_old_rows(upgraded):
    database, old, _ = upgraded
    old.running.work("agreements_advance", NOW)
    assert old.running.work("digests_decide", NOW) == 1
    with database.connect() as connection, connection.transaction():
        connection.execute("SELECT kith_enter(%s, %s, 'director', %s, 'r')",
                           (old.district.id, old.district.token_hash, NOW))
        told = connection.execute("SELECT my_tasks_document(200)").fetchone()[0]
        valid = dict(connection.execute("SELECT a.id::text, v.is_valid FROM agreement a, agreement_validity(a) v").fetchall())
    assert {"interaction_follow_up", "check_in_half", "gate"} <= set(told["counts"]), json.dumps(told)
    assert valid[old.signed] and not valid[old.unsigned]
    with database.connect("kith_migrate") as connection:
        assert connection.execute("SELECT status FROM partnership WHERE id = %s", (old.running.id,)).fetchone() == (
            "active",)
