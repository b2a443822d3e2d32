"""Months of audit and outbox are there before they begin."""
import pytest
from psycopg import errors

from world import insert, unit, uuid7


def partitions(connection):
    return {row[0] for row in connection.execute(
        "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'").fetchall()}


def ensure(connection, now):
    return connection.execute("SELECT ensure_partitions(%s)", (now,)).fetchone()[0]


def years(connection):
    """The school year of today with three before it and one after."""
    return [row[0] for row in connection.execute(
        "SELECT extract(year FROM now() AT TIME ZONE 'UTC' + interval '6 months')::integer + i "
        "FROM generate_series(-3, 1) i").fetchall()]


@pytest.fixture
def again(migrate):
    """Whatever a test makes is gone after it. The database may have been made in the last minute of a
    month: what was right then is made right for now."""
    with migrate.transaction(force_rollback=True):
        ensure(migrate, migrate.execute("SELECT now()").fetchone()[0])
        yield migrate


def test_the_current_month_and_twelve_more_are_there(again):
    assert ensure(again, again.execute("SELECT now()").fetchone()[0]) == 0
    months = [row[0] for row in again.execute(
        "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + i * interval '1 month', "
        "'YYYY_MM') FROM generate_series(0, 12) i").fetchall()]
    meant = {f"{table}_{month}" for table in ("audit", "outbox") for month in [*months, "default"]} | {
        f"observation_{year}" for year in [*years(again), "default"]}
    assert meant <= partitions(again)
    assert all(name < f"{name.split('_')[0]}_{months[0]}" for name in partitions(again) - meant)


def test_a_year_later_there_are_twelve_more_and_a_school_year_once(again):
    later = again.execute("SELECT now() + interval '1 year'").fetchone()[0]
    before = partitions(again)
    assert ensure(again, later) == 25
    assert len(partitions(again) - before) == 25
    assert ensure(again, later) == 0


def test_new_months_are_protected_like_the_first(again):
    ensure(again, "2031-01-15T00:00:00Z")
    rows = again.execute(
        "SELECT c.relrowsecurity, c.relforcerowsecurity, p.polname, "
        "has_table_privilege('kith_api', c.oid, 'SELECT, INSERT, UPDATE, DELETE'), "
        "pg_get_userbyid(c.relowner) "
        "FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid "
        "WHERE c.relname ~ '^(audit|outbox)_203[12]_..$'").fetchall()
    assert len(rows) == 26
    assert set(rows) == {(True, True, "tenant", False, "kith_owner")}


def test_an_id_goes_to_its_month_by_the_instant(again, ours):
    ensure(again, "2031-01-15T00:00:00Z")
    for instant, table in {"2031-01-01T00:00:00Z": "outbox_2031_01",
                           "2031-01-31T23:59:59.999Z": "outbox_2031_01",
                           "2031-02-01T00:00:00Z": "outbox_2031_02",
                           "2035-01-01T00:00:00Z": "outbox_default"}.items():
        assert again.execute(
            "INSERT INTO outbox (district_id, id, aggregatetype, type, payload) "
            "VALUES (%s, uuid7_floor(%s), 'x', 'x', '{}') RETURNING tableoid::regclass::text",
            (ours.id, instant)).fetchone() == (table,)


def test_rows_that_waited_in_the_default_move_along(again, ours, theirs):
    for table, columns, values in (
            ("audit", "at, action, aggregatetype", "now(), 'x', 'x'"),
            ("outbox", "aggregatetype, type, payload", "'x', 'x', '{}'")):
        for district in (ours, theirs):
            again.execute(
                f"INSERT INTO {table} (district_id, id, {columns}) VALUES "
                f"(%s, uuid7_floor('2031-03-05T00:00:00Z'), {values}), "
                f"(%s, uuid7_floor('2041-03-05T00:00:00Z'), {values})", (district.id, district.id))
    ensure(again, "2031-01-15T00:00:00Z")
    for table in ("audit", "outbox"):
        assert again.execute(f"SELECT count(*) FROM {table}_2031_03").fetchone() == (2,)
        assert again.execute(f"SELECT count(*) FROM {table}_default").fetchone() == (2,)
    assert again.execute(
        "SELECT relforcerowsecurity FROM pg_class WHERE relname ~ '^(audit|outbox)_default$'"
    ).fetchall() == [(True,), (True,)]
    with pytest.raises(errors.InsufficientPrivilege), again.transaction():
        again.execute("DELETE FROM audit_default")
    with pytest.raises(errors.InsufficientPrivilege), again.transaction():
        again.execute("DELETE FROM audit_2031_03")


def test_a_change_lands_in_the_month_of_now(database, ours, migrate):
    with database.connect() as connection, unit(connection, ours):
        insert(connection, "network", {"district_id": ours.id, "id": uuid7(), "name": "N"})
    assert migrate.execute(
        "SELECT DISTINCT tableoid::regclass::text = 'audit_' || to_char(now() AT TIME ZONE 'UTC', "
        "'YYYY_MM') FROM audit").fetchall() == [(True,)]


def test_the_publisher_may_run_it_and_the_api_may_not(database, api):
    with database.connect("kith_publisher") as connection:
        connection.execute("SELECT ensure_partitions(now())")
        assert connection.execute("SELECT ensure_partitions(now())").fetchone() == (0,)
    with pytest.raises(errors.InsufficientPrivilege):
        api.execute("SELECT ensure_partitions(now())")


def test_observations_of_a_year_wait_in_the_default_and_move_along(again, ours, theirs):
    for district in (ours, theirs):
        again.execute("SELECT set_config('kith.district', %s, true)", (district.id,))
        for table, fields in {"site": {"name": "S", "kind": "school"},
                              "indicator": {"name": "I", "code": "i", "family": "process",
                                            "unit": "count", "aggregation": "sum",
                                            "suppression": "none"}}.items():
            insert(again, table, {"district_id": district.id, "id": uuid7(), "created_at": "now",
                                  "updated_at": "now", **fields})
        again.execute(
            "INSERT INTO observation (district_id, id, indicator_id, site_id, school_year, period_kind, "
            "period_start, numerator, created_at, updated_at) SELECT i.district_id, uuid7(), i.id, s.id, "
            "y, 'month', make_date(y, 1, 1), 5, now(), now() FROM indicator i "
            "JOIN site s USING (district_id), (VALUES (2041), (2051)) AS v (y) "
            "WHERE i.district_id = %s", (district.id,))
    assert again.execute("SELECT count(*) FROM observation_default").fetchone() == (4,)
    ensure(again, "2041-01-15T00:00:00Z")
    assert again.execute("SELECT count(*) FROM observation_2041").fetchone() == (2,)
    assert again.execute("SELECT count(*) FROM observation_default").fetchone() == (2,)
    rows = again.execute(
        "SELECT relrowsecurity, relforcerowsecurity, has_table_privilege('kith_api', oid, 'SELECT') "
        "FROM pg_class WHERE relname ~ '^observation_(default|20..)$'").fetchall()
    assert set(rows) == {(True, True, False)}
