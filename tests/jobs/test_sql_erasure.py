"""What becomes of each text when a person is erased: sql/functions/83_erasure.sql, held against the catalogue."""

import re

import pytest

# What a person's data is called, wherever it stands.
PERSONAL = r"(^|_)(email|phone|notes|password_hash|agent)$"


def texts(connection):
    return {(name, field): (rule, reason) for name, field, rule, reason in connection.execute(
        "SELECT name, field, rule, reason FROM personal_texts()").fetchall()}


@pytest.mark.shows("administration.personal_data")
def test_each_text_is_erased_searched_or_kept_with_the_reason(migrate):
    known = texts(migrate)
    assert len(known) > 200
    assert {rule for rule, _ in known.values()} == {"replace", "mention", "keep", "delete"}
    assert [one for one, (rule, reason) in known.items() if (rule == "keep") != (reason is not None)] == []
    free = {(name, field) for name, field in migrate.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "JOIN tenant_tables() t ON t.name = c.relname WHERE a.attnum > 0 AND NOT a.attisdropped "
        "AND a.atttypid = 'text'::regtype").fetchall() if re.search(PERSONAL, field)}
    assert free - set(known) == set(), "a person's data that no rule sees"


def test_each_rule_is_about_what_there_is(migrate):
    columns = set(migrate.execute(
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0").fetchall())
    tables = {name for name, _ in columns}
    for name, field, rule, by_field in migrate.execute(
            "SELECT name, field, rule, by_field FROM personal_rules()").fetchall():
        assert name in tables and (field is None or (name, field) in columns), (name, field)
        assert (rule == "keep") == (by_field is None), (name, field)
        assert by_field is None or (name, by_field) in columns, (name, by_field)


def test_what_is_searched_can_be_replaced(migrate):
    tables = {name for (name, _), (rule, _) in texts(migrate).items() if rule == "mention"}
    searches = {name: rest for name, *rest in migrate.execute("SELECT * FROM erasure_searches()").fetchall()}
    for name in sorted(tables):
        condition, change = searches[name]
        migrate.execute(f"PREPARE erasing AS UPDATE {name} t SET {change} WHERE {condition}")
        migrate.execute("DEALLOCATE erasing")
    (owned,), = migrate.execute("SELECT array_agg(relname) FROM pg_class WHERE relname = ANY (%s) "
                                "AND relkind = 'r' AND pg_get_userbyid(relowner) = 'kith_owner'", (list(tables),))
    assert set(owned) == tables


@pytest.mark.parametrize("word, text, erased", [
    ("Ann Lee", "With Ann Lee, and ANN LEE.", "With [erased], and [erased]."),
    ("Ann Lee", "Joann Leeds and Ann Leeds", "Joann Leeds and Ann Leeds"),
    ("a.b+c@example.org", "to <a.b+c@example.org>", "to <[erased]>"),
    ("a.b@example.org", "axb@example.org", "axb@example.org"),
    ("Lee (Jr.)", "Ask Lee (Jr.) again", "Ask [erased] again"),
])
def test_a_whole_word_is_replaced_and_no_pattern(migrate, word, text, erased):
    assert migrate.execute("SELECT regexp_replace(%s, erasure_escaped(%s), '[erased]', 'gi')",
                           (text, word)).fetchone()[0] == erased
