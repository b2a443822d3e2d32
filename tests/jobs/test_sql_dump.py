"""A dump is whole, and comes back whole."""
import secrets

import pytest

from world import Database, insert, run, sql_files, unit, uuid7


@pytest.fixture(scope="module")
def restored(database, ours, theirs, cluster, tmp_path_factory):
    """Two districts, dumped by kith_backup and restored into another database."""
    for district in (ours, theirs):
        with database.connect() as connection, unit(connection, district):
            insert(connection, "partner", {"district_id": district.id, "id": uuid7(), "name": "P",
                                           "kind": "civic", "aliases": ["ä", "b,c"]})
    dump = tmp_path_factory.mktemp("dump") / "kith.dump"
    run("pg_dump", "-Fc", "-f", str(dump), database.uri("kith_backup"))
    name = "kith_" + secrets.token_hex(6)
    cluster.execute(f"CREATE DATABASE {name}")
    run("pg_restore", "--exit-on-error", "-d", cluster.uri(name), str(dump))
    yield Database(cluster, name)
    cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


def contents(connection):
    tables = [row[0] for row in connection.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace ORDER BY 1").fetchall()]
    return {table: sorted(row[0] for row in connection.execute(
        f"SELECT t::text FROM {table} t").fetchall()) for table in tables}


def test_every_row_of_every_district_comes_back(database, restored):
    with database.connect("kith_backup") as before, restored.connect("kith_backup") as after:
        rows = contents(before)
        assert len(rows["partner"]) == 2 and len(rows["schema_migration"]) == len(sql_files())
        assert contents(after) == rows


def test_policies_hold_and_changes_are_recorded_after_a_restore(restored, ours):
    with restored.connect() as connection:
        with unit(connection, ours):
            assert connection.execute("SELECT count(*) FROM partner").fetchone() == (1,)
            connection.execute("UPDATE partner SET tier = 'anchor'")
        with unit(connection, ours):
            assert connection.execute(
                "SELECT count(*) FROM audit WHERE action = 'updated'").fetchone() == (1,)
    with restored.connect("kith_migrate") as connection:
        connection.execute("SELECT ensure_partitions(now())")
        assert connection.execute("SELECT ensure_partitions(now())").fetchone() == (0,)


def test_the_backup_changes_nothing(database):
    with database.connect("kith_backup") as connection:
        writable = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p', 'v') "
            "AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')").fetchall()
        assert writable == []
