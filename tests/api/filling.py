"""Rows of all tables, made of the catalogue: what they say is nonsense, but there are many, and each column has
values that are alike in some and differ in others. For who asks how lists are found, not what they show."""

import re

ROWS = 600
# By type: as SQL over n, the number of the row.
VALUES = {
    "uuid": "('00000000-0000-7000-8000-' || lpad(to_hex({n} / 30), 12, '0'))::uuid",
    "text": "'v' || {n} / 4",
    "boolean": "{n} % 2 = 0",
    "date": "date '2026-01-01' + {n} % 400",
    "timestamp with time zone": "timestamptz '2026-01-01' + {n} * interval '1 hour'",
    "jsonb": "'{{}}'",
    "bytea": "'\\x00'",
    "interval": "interval '1 day'",
    "time without time zone": "time '09:00'",
    "tsvector": "''",
}
DISTRICT = "current_setting('kith.district')::uuid"
ONE_OF = re.compile(r"\(\((\w+) = ANY \(ARRAY\[(.*?)\]")


def forget_checks(connection):
    """Nonsense breaks rules: takes them all away, and says what statuses and kinds there were."""
    choices = {}
    for table, name, rule in connection.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND coninhcount = 0").fetchall():
        if found := ONE_OF.search(rule):
            choices[table, found[1]] = re.findall(r"'(\w+)'", found[2])
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    return choices


def forget_expressions(connection):
    """Unique indexes over expressions, which the rows would not keep and no list reads."""
    for (name,) in connection.execute(
        "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "WHERE i.indisunique AND i.indexprs IS NOT NULL AND c.relnamespace = 'public'::regnamespace").fetchall():
        connection.execute(f"DROP INDEX {name}")


def value(table, column, kind, is_key, choices):
    if column == "id":
        return "uuid7()" if kind == "uuid" else "n"
    if column == "district_id":
        return DISTRICT
    if column in ("archived_at", "revoked_at"):
        return "NULL"
    if kind.endswith("[]"):
        return "'{}'"
    if (names := choices.get((table, column))) and not is_key:
        return f"(ARRAY{names})[1 + n % {len(names)}]"
    # The last column of a unique key tells rows apart.
    if kind in VALUES:
        return VALUES[kind].format(n="(n * 30)" if is_key else "n")
    return "n" if is_key else "n % 9"


def fill(connection, tables, district):
    """As a superuser, past triggers and references."""
    choices = forget_checks(connection)
    forget_expressions(connection)
    connection.execute("SET session_replication_role = replica")
    connection.execute("SELECT set_config('kith.now', '2026-11-21T15:00:00Z', false), "
                       "set_config('kith.district', %s, false)", (district,))
    columns = connection.execute(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL), EXISTS ("
        "  SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique "
        "  AND i.indkey[i.indnkeyatts - 1] = a.attnum) "
        "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND a.attgenerated = '' AND a.attidentity = '' AND c.relname = ANY (%s)", (tables,)).fetchall()
    for table in tables:
        own = {column: value(table, column, kind, is_key, choices)
               for of, column, kind, is_key in columns if of == table}
        connection.execute(f"INSERT INTO {table} ({', '.join(own)}) SELECT {', '.join(own.values())} "
                           f"FROM generate_series(1, {ROWS}) n ON CONFLICT DO NOTHING")
    connection.execute("ANALYZE")
