"""The named statements, as the API's role runs them: all parameters are text."""
import json

import pytest
from psycopg import errors, pq

from world import NOW, District, queries, unit, uuid7

STATEMENTS = {name: (shape, text, params) for name, shape, text, params in queries()
              if not name.startswith("migration_")}
LATER = "2026-11-22T15:00:00.000Z"


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
    return run(connection, "enter", district.id, district.token_hash, need, now, "request")


PARTNER = {
    "parent_id": None, "name": 'The "Food" Bank', "aliases": ["FB", 'a,"b"'], "kind": "nonprofit",
    "ein": "123456789", "website": "https://example.org", "email": "a@example.org", "phone": "1",
    "street": "s", "city": "c", "state": "TX", "postal_code": "78701", "description": "d\ne",
    "strengths": "st", "innovation": "i", "reach": "nearby", "tier": "anchor", "stage": "approved",
    "barred_reason": None, "culture_notes": 'private "words"', "owner_id": None,
    "lead_site_id": None, "last_contact_on": "2026-11-20"}
SITE = {
    "network_id": None, "name": "A school", "kind": "school", "status": "open", "merged_into": None,
    "local_id": "001", "state_id": "S1", "nces_id": "480000000001", "level": "k8",
    "grade_low": "K", "grade_high": "8", "street": "s", "city": "c", "state": "TX",
    "postal_code": "78701", "zone": "America/Denver", "website": "https://example.org", "phone": "1",
    "email": "s@example.org", "title_i": True}
DISTRICT = {
    "name": "Ours", "zone": "America/Denver", "locale": "es", "locales": ["en", "es", "vi"],
    "small_cell": 11, "survey_cell": 6, "text_cell": 12, "mail_hour": 7, "mail_from_name": "We",
    "reply_to": "r@example.org", "website": "https://example.org", "phone": "1", "street": "s",
    "city": "c", "state": "TX", "postal_code": "78701"}
PRIVATE = {"culture_notes"}


def texts(fields):
    """Values as the binder gives them: lists as JSON, truth as true or false."""
    return [json.dumps(v) if isinstance(v, (list, bool)) else v for v in fields.values()]


def body(connection, resource, row):
    found = run(connection, f"{resource}_get", row)
    return json.loads(found[0]["body"]) if found else None


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_prepares_as_kith_api_with_texts_alone(api, name):
    result = api.pgconn.prepare(b"s", STATEMENTS[name][1].encode())
    assert result.status == pq.ExecStatus.COMMAND_OK, result.error_message
    described = api.pgconn.describe_prepared(b"s")
    assert described.nparams == STATEMENTS[name][2]


@pytest.mark.parametrize("resource, fields", [("partner", PARTNER), ("site", SITE)])
def test_what_is_created_reads_back_whole(api, database, resource, fields):
    district = database.district()
    row = uuid7()
    with api.transaction():
        enter(api, district)
        assert run(api, f"{resource}_create", row, *texts(fields)) == []
        found = body(api, resource, row)
    assert found == {"id": row, **fields, "version": 1, "created_at": NOW, "updated_at": NOW,
                     "archived_at": None}


@pytest.mark.parametrize("resource, fields", [("partner", PARTNER), ("site", SITE)])
def test_what_is_not_given_has_its_default(api, ours, resource, fields):
    least = {name: fields[name] if name in ("name", "kind") else None for name in fields}
    row = uuid7()
    with api.transaction():
        enter(api, ours)
        run(api, f"{resource}_create", row, *texts(least))
        found = body(api, resource, row)
    defaults = {"aliases": [], "stage": "prospect", "status": "open"}
    for name in fields:
        assert found[name] == (least[name] or defaults.get(name)), name


@pytest.mark.parametrize("resource, fields, start", [
    ("partner", PARTNER, {"name": "P", "kind": "civic", "stage": "prospect", "aliases": []}),
    ("site", SITE, {"name": "S", "kind": "department", "status": "planned"}),
    ("district", DISTRICT, None)])
def test_a_patch_writes_the_fields_of_its_mask_and_no_other(api, database, resource, fields, start):
    """Each bit alone: with every value given, only its own field changes."""
    district = database.district()
    row = district.id if start is None else uuid7()
    with api.transaction():
        enter(api, district)
        if start is not None:
            run(api, f"{resource}_create", row, *texts({**dict.fromkeys(fields), **start}))
    changed = 0
    for bit, (name, value) in enumerate(fields.items()):
        with api.transaction(force_rollback=True):
            enter(api, district, now=LATER)
            before = body(api, resource, row)
            after = run(api, f"{resource}_patch", row, 1 << bit, before["version"],
                        *texts(fields))
            found = body(api, resource, row)
        moves = value != before[name]
        assert after == [{"version": str(before["version"] + moves)}]
        assert found == {**before, name: value, "version": before["version"] + moves,
                         "updated_at": LATER if moves else before["updated_at"]}, name
        changed += moves
    assert changed > 10


def test_a_patch_of_another_version_writes_nothing(api, ours):
    row = uuid7()
    with api.transaction():
        enter(api, ours)
        run(api, "partner_create", row, *texts({**PARTNER, "ein": None}))
        for version in (0, 2):
            assert run(api, "partner_patch", row, 2, version, *texts(PARTNER)) == []
        assert run(api, "partner_patch", uuid7(), 2, 1, *texts(PARTNER)) == []
        assert body(api, "partner", row)["version"] == 1


@pytest.mark.parametrize("resource, fields", [("partner", PARTNER), ("site", SITE)])
def test_archive_and_restore_act_once_and_on_their_version(api, database, resource, fields):
    row = uuid7()
    with api.transaction():
        enter(api, database.district())
        run(api, f"{resource}_create", row, *texts(fields))
        assert run(api, f"{resource}_restore", row, None) == []
        assert run(api, f"{resource}_archive", row, 7) == []
        assert run(api, f"{resource}_archive", row, 1) == [{"version": "2"}]
        assert body(api, resource, row)["archived_at"] == NOW
        assert run(api, f"{resource}_archive", row, None) == []
        assert run(api, f"{resource}_restore", row, None) == [{"version": "3"}]
        assert body(api, resource, row)["archived_at"] is None


@pytest.mark.parametrize("role", ["admin", "director", "executive", "coordinator", "school_leader",
                                  "reviewer", "data_steward", "viewer", "partner"])
def test_private_fields_are_there_for_admin_and_director_alone(api, database, role):
    district = database.district(role=role)
    row = uuid7()
    with api.transaction():
        enter(api, district)
        run(api, "partner_create", row, *texts({**PARTNER, "culture_notes": None}))
        found = body(api, "partner", row)
    public = set(PARTNER) - PRIVATE | {"id", "version", "created_at", "updated_at", "archived_at"}
    assert set(found) == (public | PRIVATE if role in ("admin", "director") else public)


def test_a_create_keeps_its_reply_for_the_replay(api, ours):
    row, key = uuid7(), uuid7()
    with api.transaction():
        enter(api, ours)
        run(api, "idem_begin", "somebody", key, "print")
        run(api, "partner_create", row, *texts({**PARTNER, "ein": None}))
        kept = run(api, "partner_get_and_keep", row, "somebody", key, "print", 201,
                   f"/v1/partners/{row}", "tail")
    assert kept[0]["etag"] == '"1-tail"' and json.loads(kept[0]["body"])["id"] == row
    with pytest.raises(Refused, match="KI208"), api.transaction():
        enter(api, ours)
        run(api, "idem_begin", "somebody", key, "print")
    with api.transaction():
        enter(api, ours)
        assert run(api, "idem_replay", "somebody", key) == [
            {"status": "201", "location": f"/v1/partners/{row}", "etag": '"1-tail"',
             "body": kept[0]["body"]}]
        assert run(api, "idem_replay", "somebody else", key) == []


def test_another_tenants_row_is_not_there(api, ours, theirs):
    row = uuid7()
    with api.transaction():
        enter(api, theirs)
        run(api, "partner_create", row, *texts({**PARTNER, "ein": None}))
        assert body(api, "partner", row)
    with api.transaction():
        enter(api, ours)
        assert body(api, "partner", row) is None
        assert run(api, "partner_get_and_keep", row, "p", "k", "f", 200, "", "x") == []
        assert run(api, "idem_replay", "p", "k") == []
        assert run(api, "partner_patch", row, 2, 1, *texts(PARTNER)) == []
        assert run(api, "partner_archive", row, None) == []
        assert body(api, "district", theirs.id) is None


def test_a_context_for_a_list_plans_for_the_tenant_at_hand(api, ours):
    parameters = (ours.id, ours.user, "director", NOW, "request")
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


def test_instants_are_utc_whatever_the_session_says(api, ours):
    row = uuid7()
    with api.transaction():
        api.execute("SET LOCAL timezone = 'Asia/Tokyo'")
        api.execute("SET LOCAL datestyle = 'German'")
        enter(api, ours)
        run(api, "partner_create", row, *texts({**PARTNER, "ein": None}))
        found = body(api, "partner", row)
    assert (found["created_at"], found["last_contact_on"]) == (NOW, "2026-11-20")


def test_the_api_never_waits_long_for_a_lock(database, api, ours):
    row = uuid7()
    with unit(api, ours):
        run(api, "partner_create", row, *texts({**PARTNER, "ein": None}))
    with database.connect() as other, unit(api, ours):
        assert run(api, "partner_archive", row, None)
        with pytest.raises(errors.LockNotAvailable), unit(other, ours):
            other.execute("UPDATE partner SET tier = NULL WHERE id = %s", (row,))
