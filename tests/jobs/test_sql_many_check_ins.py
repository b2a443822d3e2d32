"""Check-ins and reminders of very many partnerships are written a thousand at a time, those of few one by one: the same rows."""
import os
import sys

from world import uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import SAID, Running, quarters  # noqa: E402  pylint: disable=wrong-import-position

PLANS, OPENS, DECIDES = "2026-11-21T15:00:00Z", "2026-12-10T15:00:00Z", "2026-12-17T15:00:00Z"
PIECE = ("CREATE OR REPLACE FUNCTION rows_at_a_time(p_rows bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE "
         "RETURN {}::integer")
ROWS = {
    "check_in": "partnership_id, school_year, number, due_on, opens_on, planned_on, dated_at, status, opened_at, version",
    "reminder": "c.partnership_id, r.due_on, r.offset_days, side, recipient_key, sends_on, decided_at, decision, r.reason, "
                "(SELECT (m.status, m.reason, m.to_address, m.locale, m.occurrence, m.not_before, m.not_after, m.class, "
                "m.variables - 'uid')::text FROM message m WHERE m.id = r.message_id)",
    "call_task": "kind, reason, recipient_key, partnership_id, owner_id, status",
}
FROM = {"reminder": "reminder r JOIN check_in c ON c.id = r.check_in_id"}


def written(database, one, at_a_time, before=None):
    """What planning, opening and deciding write, so many rows by a statement, and how many events tell of it."""
    with database.connect("postgres") as connection, connection.transaction(force_rollback=True):
        connection.execute(PIECE.format(at_a_time))
        connection.execute("SET LOCAL ROLE kith_checkin")
        done = [connection.execute(f"SELECT {step}(%s, %s)", (one.id, now)).fetchone()[0]
                for step, now in (("check_in_plan", PLANS), ("check_in_advance", OPENS), ("reminders_decide", DECIDES))]
        again = [connection.execute(f"SELECT {step}(%s, %s)", (one.id, DECIDES)).fetchone()[0]
                 for step in ("check_in_plan", "check_in_advance", "reminders_decide")]
        assert again == [0, 0, 0]
        connection.execute("SET LOCAL ROLE postgres")
        rows = {table: sorted(connection.execute(
            f"SELECT ({columns})::text FROM {FROM.get(table, table)} WHERE {table[0] if table in FROM else table}.district_id = %s",
            (one.id,)).fetchall()) for table, columns in ROWS.items()}
        events = connection.execute(
            "SELECT aggregatetype, count(*), coalesce(sum((payload #>> '{data,count}')::integer), count(*))::integer FROM outbox "
            "WHERE district_id = %s AND aggregatetype IN ('check_in', 'reminder', 'message') GROUP BY 1 ORDER BY 1",
            (one.id,)).fetchall()
    return done, rows, events


def test_what_is_written_thousands_at_a_time_is_what_is_written_one_by_one(database, migrate):
    one = database.district()
    quarters(database, one.id)
    partnerships = [Running(database, one.id, one.user, email=None if n % 3 == 0 else "ann@example.org") for n in range(7)]
    migrate.execute("DELETE FROM partnership_role WHERE partnership_id = %s AND user_id IS NOT NULL", (partnerships[1].id,))
    migrate.execute("INSERT INTO closed_day (district_id, id, starts_on, reason, created_at, updated_at) "
                    "VALUES (%s, %s, '2026-12-31', 'x', %s, %s)", (one.id, uuid7(), SAID["created_at"], SAID["created_at"]))
    few, many = written(database, one, 1), written(database, one, 5)
    assert many[:2] == few[:2]
    assert few[0][0] == 14 and few[0][2] >= 14 and few[1]["call_task"]
    assert all(count == rows for _, count, rows in few[2]), "an event each"
    for (kind, count, rows), (_, events, told) in zip(few[2], many[2]):
        assert events < count and told == rows, kind


def test_how_many_a_statement_writes(migrate):
    assert migrate.execute("SELECT rows_at_a_time(n) FROM unnest('{0,1,1000,1001,300000}'::bigint[]) n").fetchall() == [
        (1,), (1,), (1,), (1000,), (1000,)]
