"""The named statements, as the API's role runs them: all parameters are text."""
import json

import pytest
from psycopg import errors, pq

from world import NOW, District, insert, queries, unit, uuid7

STATEMENTS = {name: (shape, text, params) for name, shape, text, params in queries()
              if not name.startswith("migration_")}


class Refused(Exception):
    """The server said no: args are the SQLSTATE and the constraint."""


def run(connection, name, *params):
    """One statement with libpq's text parameters, as C sends them. Rows as dicts of texts."""
    shape, text, count = STATEMENTS[name]
    assert len(params) == count, name
    result = connection.pgconn.exec_params(
        text.encode(), [None if p is None else str(p).encode() for p in params])
    if result.status == pq.ExecStatus.FATAL_ERROR:
        field = pq.DiagnosticField
        raise Refused((result.error_field(field.SQLSTATE) or b"").decode(),
                      (result.error_field(field.CONSTRAINT_NAME) or b"").decode())
    rows = []
    for row in range(result.ntuples):
        values = [result.get_value(row, column) for column in range(result.nfields)]
        rows.append({result.fname(column).decode(): None if value is None else value.decode()
                     for column, value in enumerate(values)})
    assert shape == "many" or len(rows) <= 1
    return rows


def enter(connection, district, need="", now=NOW):
    return run(connection, "enter", district.id, district.token_hash, need, now, "request", "")


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_prepares_as_kith_api_with_texts_alone(api, name):
    result = api.pgconn.prepare(b"s", STATEMENTS[name][1].encode())
    assert result.status == pq.ExecStatus.COMMAND_OK, result.error_message
    described = api.pgconn.describe_prepared(b"s")
    assert described.nparams == STATEMENTS[name][2]


@pytest.mark.parametrize("name", [n for n, (_, text, _) in STATEMENTS.items() if "md5(" in text])
def test_a_document_is_made_once_for_itself_and_for_its_version(api, ours, name):
    _, text, count = STATEMENTS[name]
    with api.transaction():
        enter(api, ours)
        api.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        api.pgconn.prepare(b"document", text.encode())
        plan = api.execute(f"EXPLAIN (VERBOSE, COSTS off) EXECUTE document ({', '.join(['NULL'] * count)})").fetchall()
    outputs = [line.strip() for line, in plan if "md5(" in line]
    assert outputs == ["Output: md5(d.body), d.body"]


def test_a_reply_is_kept_for_the_replay_of_its_principal(api, ours, theirs):
    key = uuid7()
    with api.transaction():
        enter(api, ours)
        run(api, "idem_begin", key, "print")
        insert(api, "idempotency", {
            "district_id": ours.id, "principal": ours.user, "key": key, "fingerprint": "print",
            "status": 201, "location": "/v1/partners/1", "body": '{"id":1}'})
    with pytest.raises(Refused, match="KI208"), api.transaction():
        enter(api, ours)
        run(api, "idem_begin", key, "print")
    with api.transaction():
        enter(api, ours)
        reply = run(api, "idem_replay", key)[0]
        assert (reply["status"], reply["location"], reply["body"]) == (
            "201", "/v1/partners/1", '{"id":1}')
    with api.transaction():
        enter(api, theirs)
        assert run(api, "idem_replay", key) == []
        run(api, "idem_begin", key, "another print")


def test_a_context_for_a_list_plans_for_the_tenant_at_hand(api, ours):
    parameters = (ours.id, ours.user, "director", NOW)
    for name, mode in {"context": "auto", "context_for_list": "force_custom_plan"}.items():
        with api.transaction():
            run(api, name, *parameters)
            assert api.execute("SHOW plan_cache_mode").fetchone() == (mode,)
    assert api.execute("SHOW plan_cache_mode").fetchone() == ("auto",)


def test_enter_tells_its_principal_in_text(api, database):
    district = database.district(expires_at="2026-12-01T06:00:00.5Z")
    with api.transaction():
        who = enter(api, district)[0]
    assert (who["user_id"], who["roles"], who["csrf_hash"], who["expires_at"]) == (
        district.user, "director", None, "2026-12-01T06:00:00.500Z")
    assert json.loads(who["grants"])[0]["role"] == "director"
    unknown = District(district.id, "", "", "", "", "0" * 64)
    with pytest.raises(Refused, match="KI401"), api.transaction():
        enter(api, unknown)
    with pytest.raises(Refused, match="KI403"), api.transaction():
        enter(api, district, "viewer")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Chicago"])
def test_instants_are_utc_whatever_the_session_says(api, zone):
    with api.transaction():
        api.execute(f"SET LOCAL timezone = '{zone}'")
        api.execute("SET LOCAL datestyle = 'German'")
        assert api.execute("SELECT rfc3339('2026-11-21T15:00:00.0009Z'), rfc3339(NULL)"
                           ).fetchone() == (NOW, None)


def test_the_api_never_waits_long_for_a_lock(database, api, ours):
    with database.connect() as other, unit(api, ours):
        api.execute("UPDATE app_user SET locale = 'es'")
        with pytest.raises(errors.LockNotAvailable), unit(other, ours):
            other.execute("UPDATE app_user SET locale = 'es'")
