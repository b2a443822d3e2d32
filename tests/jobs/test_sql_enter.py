"""kith_enter: who is let in, and what the context is then."""
import pytest
from psycopg import errors

from world import NOW, District, insert, unit, uuid7

AT = "2026-11-21T15:00:00.000Z"
BEFORE = "2026-11-21T14:59:59.999Z"


def principal(database, district, **token):
    """Another user of the district with a key of its own, and no grants yet."""
    user = uuid7()
    with database.connect("kith_migrate") as connection:
        database.user(connection, district.id, user)
        text, digest = database.token(connection, district.id, user, **token)
    return District(district.id, district.slug, user, "", text, digest)


def change(database, text, *values):
    with database.connect("kith_migrate") as connection:
        assert connection.execute(text, values).rowcount == 1


def sqlstate(connection, district, need="", now=NOW):
    """What kith_enter says: None, or its SQLSTATE."""
    try:
        with unit(connection, district, need, now):
            return None
    except errors.Error as refused:
        return refused.sqlstate


def test_a_known_token_opens_its_district(api, ours):
    with unit(api, ours, request="the-request") as who:
        assert (str(who[0]), who[1], who[3], who[4]) == (ours.user, "director", None, None)
        assert who[2] == [{"role": "director", "scope_kind": "district", "scope_id": None}]
        settings = api.execute(
            "SELECT current_setting('kith.district'), current_setting('kith.user'), "
            "current_setting('kith.roles'), current_setting('kith.now'), "
            "current_setting('kith.request'), current_setting('kith.import')").fetchone()
    assert settings == (ours.id, ours.user, "director", NOW, "the-request", "")
    assert api.execute("SELECT current_setting('kith.district')").fetchone() == ("",)


def test_unknown_token_and_unknown_or_other_district_are_told_alike(api, ours, theirs):
    unknown = District(ours.id, "", "", "", "", "0" * 64)
    stranger = District(theirs.id, "", "", "", "", ours.token_hash)
    nowhere = District(uuid7(), "", "", "", "", ours.token_hash)
    messages = set()
    for who in (unknown, stranger, nowhere):
        with pytest.raises(errors.Error) as refused, unit(api, who):
            pass
        messages.add((refused.value.sqlstate, refused.value.diag.message_primary))
    assert len(messages) == 1 and messages.pop()[0] == "KI401"


def test_a_token_ends_at_its_instant(database, api, ours):
    who = principal(database, ours, expires_at=AT)
    assert sqlstate(api, who, now=BEFORE) is None
    assert sqlstate(api, who, now=AT) == "KI401"


def test_a_revoked_token_is_none(database, api, ours):
    who = principal(database, ours)
    assert sqlstate(api, who) is None
    change(database, "UPDATE access_token SET revoked_at = %s WHERE token_hash = %s", NOW,
           who.token_hash)
    assert sqlstate(api, who) == "KI401"


@pytest.mark.parametrize("end", ["status = 'disabled'", "archived_at = updated_at"])
def test_a_user_who_is_gone_has_no_token(database, api, ours, end):
    who = principal(database, ours)
    assert sqlstate(api, who) is None
    change(database, f"UPDATE app_user SET {end} WHERE id = %s", who.user)
    assert sqlstate(api, who) == "KI401"


def test_an_archived_district_lets_nobody_in(database, api):
    district = database.district()
    assert sqlstate(api, district) is None
    change(database, "UPDATE district SET archived_at = %s WHERE id = %s", NOW, district.id)
    assert sqlstate(api, district) == "KI401"
    assert api.execute("SELECT * FROM district_by_slug(%s)", (district.slug,)).fetchall() == []


@pytest.mark.parametrize("kind, said", [("session", None), ("api_key", None), ("link", "KI401")])
def test_a_link_opens_its_task_and_is_no_sign_in(database, api, ours, kind, said):
    assert sqlstate(api, principal(database, ours, kind=kind)) == said


def test_roles_are_needed_one_of_a_list(database, api, ours):
    who = principal(database, ours)
    assert sqlstate(api, who) is None
    assert sqlstate(api, who, "viewer") == "KI403"
    with database.connect("kith_migrate") as connection:
        database.grant(connection, ours.id, who.user, "viewer")
        for _ in range(2):
            site = uuid7()
            insert(connection, "site", {"district_id": ours.id, "id": site, "name": "S",
                                        "kind": "school", "created_at": NOW, "updated_at": NOW})
            database.grant(connection, ours.id, who.user, "coordinator", scope_kind="site",
                           scope_id=site)
    assert sqlstate(api, who, "viewer") is None
    assert sqlstate(api, who, "director,coordinator") is None
    assert sqlstate(api, who, "director,executive") == "KI403"
    assert sqlstate(api, who, "view") == "KI403"
    with unit(api, who) as entered:
        assert entered[1] == "coordinator,viewer"  # once, however many grants
        assert len(entered[2]) == 3


@pytest.mark.parametrize("need", ["", "director", "viewer,reviewer", "partner"])
def test_admin_satisfies_every_need(database, api, need):
    assert sqlstate(api, database.district(role="admin"), need) is None


def test_a_grant_holds_from_its_first_to_its_last_local_day(database, api, ours):
    who = principal(database, ours)
    with database.connect("kith_migrate") as connection:
        database.grant(connection, ours.id, who.user, "viewer", from_date="2026-11-21",
                       until_date="2026-11-22")
    # Chicago is six hours behind UTC.
    for now, said in {"2026-11-21T05:59:59.999Z": "KI403", "2026-11-21T06:00:00.000Z": None,
                      "2026-11-23T05:59:59.999Z": None, "2026-11-23T06:00:00.000Z": "KI403"}.items():
        assert sqlstate(api, who, "viewer", now) == said, now


def test_an_archived_grant_is_none(database, api, ours):
    who = principal(database, ours)
    with database.connect("kith_migrate") as connection:
        grant = database.grant(connection, ours.id, who.user, "viewer")
    assert sqlstate(api, who, "viewer") is None
    change(database, "UPDATE user_grant SET archived_at = %s WHERE id = %s", NOW, grant)
    assert sqlstate(api, who, "viewer") == "KI403"


def test_a_context_without_look_up_is_the_same_context(api, ours):
    names = "district user roles now request import".split()
    read = "SELECT " + ", ".join(f"current_setting('kith.{name}')" for name in names)
    with unit(api, ours, request="one"):
        entered = api.execute(read).fetchone()
    with api.transaction():
        api.execute("SELECT kith_context(%s, %s, 'director', %s, 'one')", (ours.id, ours.user, NOW))
        assert api.execute(read).fetchone() == entered


def test_entering_reads_by_keys_alone(database, ours):
    """Of many tokens one is read: told by the server's counters, not by a clock."""
    def whole_reads(connection):
        return connection.execute(
            "SELECT sum(pg_stat_get_xact_numscans(t)) FROM unnest(%s::regclass[]) AS t",
            (["access_token", "app_user", "user_grant", "district"],)).fetchone()[0]
    with database.connect("postgres") as connection, connection.transaction(force_rollback=True):
        connection.execute(
            "INSERT INTO access_token (district_id, id, user_id, kind, token_hash, created_at, "
            "updated_at) SELECT %s, gen_random_uuid(), %s, 'session', "
            "encode(sha256(i::text::bytea), 'hex'), %s, %s FROM generate_series(1, 5000) i",
            (ours.id, ours.user, NOW, NOW))
        connection.execute(
            "INSERT INTO app_user (district_id, id, email, name, created_at, updated_at) "
            "SELECT %s, gen_random_uuid(), i || '@example.org', 'X', %s, %s "
            "FROM generate_series(1, 5000) i", (ours.id, NOW, NOW))
        connection.execute("ANALYZE access_token, app_user")
        connection.execute("SET LOCAL ROLE kith_api")
        connection.execute("SET LOCAL enable_seqscan = on")
        before = whole_reads(connection)
        connection.execute("SELECT kith_enter(%s, %s, '', %s, '')",
                           (ours.id, ours.token_hash, NOW))
        tables = whole_reads(connection)
        connection.execute("SELECT count(*) FROM access_token WHERE label = 'x'")
        assert whole_reads(connection) == tables + 1  # the counter counts
        # user_grant and district are a page each, where a whole read is right.
        assert connection.execute(
            "SELECT pg_stat_get_xact_numscans('access_token'::regclass), "
            "pg_stat_get_xact_numscans('app_user'::regclass)").fetchone() == (1, 0)
        assert tables - before <= 2


def test_a_key_with_roles_of_its_own_uses_those_of_its_users_alone(database, api, ours):
    who = principal(database, ours, roles=["viewer", "director"])
    assert sqlstate(api, who, "viewer") == "KI403", "not granted, so not used"
    with database.connect("kith_migrate") as connection:
        for role in ("viewer", "admin", "coordinator"):
            database.grant(connection, ours.id, who.user, role)
    assert sqlstate(api, who, "viewer") is None
    for need in ("admin", "director", "coordinator"):
        assert sqlstate(api, who, need) == "KI403"
    with unit(api, who) as entered:
        assert entered[1] == "viewer" and [grant["role"] for grant in entered[2]] == ["viewer"]


@pytest.mark.parametrize("fields, constraint", [
    ({"kind": "session", "roles": ["viewer"]}, "roles"),
    ({"kind": "api_key", "roles": []}, "roles"),
    ({"kind": "api_key", "roles": ["king"]}, "roles"),
    ({"kind": "api_key", "purpose": "password"}, "purpose"),
    ({"kind": "link", "purpose": "Pass word"}, "purpose"),
])
def test_what_a_token_is_for_fits_its_kind(database, ours, fields, constraint):
    with pytest.raises(errors.CheckViolation) as refused:
        principal(database, ours, **fields)
    assert refused.value.diag.constraint_name == f"access_token_{constraint}_check"


def test_a_keys_last_use_is_noted_once_an_hour_without_a_record(database, api, ours):
    who = principal(database, ours)

    def used_after(now):
        assert sqlstate(api, who, "", now) is None
        with database.connect("kith_migrate") as connection:
            return connection.execute(
                "SELECT to_char(last_used_at AT TIME ZONE 'UTC', 'HH24:MI'), version, "
                "(SELECT count(*) FROM audit WHERE aggregateid = t.id) FROM access_token t "
                "WHERE token_hash = %s", (who.token_hash,)).fetchone()

    first = used_after("2026-11-21T15:00:00Z")
    assert first[0] == "15:00"
    assert used_after("2026-11-21T15:59:59Z") == first
    assert used_after("2026-11-21T16:00:00Z") == ("16:00", *first[1:])
