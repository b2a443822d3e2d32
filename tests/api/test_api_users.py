"""Users: the directory, archiving and disabling, the last administrator, and oneself."""

import threading

import pytest
from api_world import ROLES, Caller, Tenant, running_api
from fields import least
from wire import wait_until

from world import NOW, uuid7

STAFF = set(ROLES) - {"viewer"}


def user(caller, **fields):
    return caller.created("users", {**least(caller, "users"), **fields})


def path_of(answer):
    return f"/v1/users/{answer.id}"


@pytest.fixture
def alone(api, database):
    """A district of its own, with one administrator."""
    return Tenant(api, database)


# ---- The directory -------------------------------------------------------------------------------


@pytest.mark.shows("administration.users")
def test_from_create_to_restore(ours, theirs, migrate):
    made = user(ours.admin, name="Ann")
    assert made.field("Location") == path_of(made)
    assert (made.json["status"], made.json["locale"], made.json["has_password"]) == (
        "active", "en", False)
    changed = ours.admin.patch(path_of(made), {"name": "Ann Lee"}, made.etag)
    assert changed.json["name"] == "Ann Lee" and changed.json["version"] == 2
    assert ours.admin.archive(path_of(made), changed.etag).status == 204
    archived = ours.admin.get(path_of(made))
    assert ours.admin.restore(path_of(made), archived.etag).json["archived_at"] is None
    assert theirs.admin.get(path_of(made)).status == 404
    assert migrate.execute(
        "SELECT action FROM audit WHERE aggregateid = %s AND aggregatetype = 'user' ORDER BY id",
        (made.id,)).fetchall() == [("created",), ("updated",), ("archived",), ("restored",)]


def test_staff_read_addresses_and_viewers_names(ours):
    made = user(ours.admin, name="Ann", phone="+1 210 555 0100", zone="America/Denver")
    for role in ROLES:
        shown = getattr(ours, role).get(path_of(made)).json
        assert shown["name"] == "Ann"
        for name in ("email", "phone", "locale", "zone", "status"):
            assert shown[name] == (made.json[name] if role in STAFF else None), (role, name)
        assert shown["has_password"] is (False if role == "admin" else None)
        assert "password" not in " ".join(shown).replace("has_password", "")
    by_mail = {"email": made.json["email"]}
    assert [one["id"] for one in ours.director.get("/v1/users", by_mail).json["data"]] == [made.id]
    assert ours.viewer.get("/v1/users", by_mail).json["data"] == [], "asking tells nothing either"


@pytest.mark.shows("administration.users_found")
def test_users_are_found_by_name_and_by_the_contact_they_are(ours, theirs, migrate):
    one, other = (user(ours.admin, name=name).id for name in ("Guadalupe Ramírez", "Ann Lee"))
    user(theirs.admin, name="Guadalupe Ramírez")
    contact = ours.director.created("contacts", {"name": "Ann Lee"}).id
    migrate.execute("UPDATE app_user SET contact_id = %s, updated_at = %s WHERE id = %s", (contact, NOW, other))

    def found(**asked):
        return [row["id"] for row in ours.viewer.get("/v1/users", asked).json["data"]]

    assert found(q="ramirez") == [one] and found(q="guadalupe ram") == [one]
    assert found(contact_id=contact) == [other]
    assert one not in [row["id"] for row in ours.viewer.get("/v1/search", {"q": "guadalupe"}).json["data"]]


def test_no_password_is_in_a_body(ours):
    body = {**least(ours.admin, "users"), "password": "x", "password_hash": "y"}
    answer = ours.admin.post("/v1/users", body)
    assert answer.faults == {"/password": "unknown_member", "/password_hash": "unknown_member"}


def test_an_address_is_one_users_in_lower_case_and_archived_ones_keep_it(ours, theirs):
    made = user(ours.admin, email="Mary.One@Example.ORG")
    assert made.json["email"] == "mary.one@example.org"
    again = {"email": "MARY.ONE@example.org", "name": "Another"}
    for _ in range(2):
        refused = ours.admin.post("/v1/users", again)
        assert refused.status == 409 and refused.faults == {"/email": "taken"}
        ours.admin.archive(path_of(made), made.etag)
    other = user(ours.admin)
    refused = ours.admin.patch(path_of(other), {"email": "mary.one@example.org"}, other.etag)
    assert refused.status == 409 and refused.faults == {"/email": "taken"}
    theirs.admin.created("users", again)


# ---- Who leaves ----------------------------------------------------------------------------------

LEAVING = {
    "archive": lambda caller, path, etag: caller.archive(path, etag),
    "disable": lambda caller, path, etag: caller.patch(path, {"status": "disabled"}, etag),
}


@pytest.mark.shows("administration.users")
@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_whoever_leaves_loses_sessions_and_keys_in_the_same_transaction(ours, migrate, leave):
    caller, left, token_hash = ours.person("coordinator")
    caller.partner(name="Before")
    path = f"/v1/users/{left}"
    answer = leave(ours.admin, path, ours.admin.get(path).etag)
    assert answer.status in (200, 204), answer
    assert caller.post("/v1/partners", {"name": "After", "kind": "civic"}).status == 401
    wait_until(lambda: caller.get("/v1/partners").status == 401, "reads are refused", 6)
    changed = ours.admin.get(path)
    back = (ours.admin.restore(path, changed.etag) if changed.json["archived_at"]
            else ours.admin.patch(path, {"status": "active"}, changed.etag))
    assert back.status == 200
    assert caller.get("/v1/me").status == 401, "what was revoked stays so"
    at = migrate.execute(
        "SELECT t.revoked_at IS NOT NULL, a.request_id = b.request_id "
        "FROM access_token t JOIN app_user u ON u.id = t.user_id "
        "JOIN audit a ON a.aggregateid = t.id AND 'revoked_at' = ANY (a.changed) "
        "JOIN audit b ON b.aggregateid = u.id AND (b.action = 'archived' OR "
        "b.\"values\" -> 'status' ->> 'to' = 'disabled') WHERE t.token_hash = %s",
        (token_hash,)).fetchall()
    assert at == [(True, True)], "one request did both"


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_the_last_administrator_stays(alone, leave):
    path = f"/v1/users/{alone.users['admin']}"
    refused = leave(alone.admin, path, alone.admin.get(path).etag)
    assert (refused.status, refused.type) == (409, "conflict"), refused
    assert "without an active administrator" in refused.json["detail"]
    assert alone.admin.get(path).json["status"] == "active"
    second, _, _ = alone.person("admin")
    assert leave(alone.admin, path, alone.admin.get(path).etag).status in (200, 204)
    assert second.get("/v1/grants").status == 200


LOSING = {
    "archive": lambda caller, path, etag: caller.archive(path, etag),
    "end today": lambda caller, path, etag: caller.patch(path, {"until_date": NOW[:10]}, etag),
    "end some day": lambda caller, path, etag: caller.patch(path, {"until_date": "2099-01-01"}, etag),
    "begin later": lambda caller, path, etag: caller.patch(path, {"from_date": "2099-01-01"}, etag),
}


@pytest.mark.parametrize("lose", LOSING.values(), ids=LOSING)
def test_the_last_administrators_grant_stays(alone, lose):
    (grant,) = alone.admin.get("/v1/grants", {"role": "admin"}).json["data"]
    path = f"/v1/grants/{grant['id']}"
    refused = lose(alone.admin, path, alone.admin.get(path).etag)
    assert (refused.status, refused.type) == (409, "conflict"), refused
    assert "without an active administrator" in refused.json["detail"]
    # Others do not count: one that ends, a disabled one's.
    disabled = user(alone.admin, status="disabled").id
    for body in ({"user_id": alone.users["viewer"], "until_date": "2099-01-01"},
                 {"user_id": disabled}):
        alone.admin.created("grants", {"role": "admin", **body})
    assert lose(alone.admin, path, alone.admin.get(path).etag).status == 409
    alone.admin.created("grants", {"role": "admin", "user_id": alone.users["director"]})
    assert lose(alone.admin, path, alone.admin.get(path).etag).status in (200, 204)


@pytest.mark.shows("administration.last_admin")
def test_of_two_last_administrators_who_leave_at_once_one_stays(api, database):
    for _ in range(5):
        tenant = Tenant(api, database)
        second, second_user, _ = tenant.person("admin")
        leavers = [(tenant.admin, tenant.users["admin"]), (second, second_user)]
        etags = [caller.get(f"/v1/users/{one}").etag for caller, one in leavers]
        statuses = []
        barrier = threading.Barrier(2)

        def leave(caller, one, etag):
            barrier.wait()
            statuses.append(caller.archive(f"/v1/users/{one}", etag).status)

        threads = [threading.Thread(target=leave, args=(*leaver, etag))
                   for leaver, etag in zip(leavers, etags)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [204, 409], statuses


def test_in_the_database_the_second_waits_for_the_first(ours, database):
    """Without the API: one unit has archived and not committed; the other one is refused."""
    district = database.district(role="admin")
    with database.connect("kith_migrate") as connection:
        other = database.user(connection, district.id, uuid7())
        database.grant(connection, district.id, other, "admin")
    with database.connect("kith_migrate") as one, database.connect("kith_migrate") as two:
        with one.transaction():
            one.execute("UPDATE app_user SET archived_at = %s WHERE id = %s", (NOW, other))
            two.execute("SET lock_timeout = '100ms'")
            with pytest.raises(Exception) as refused, two.transaction():
                two.execute("UPDATE app_user SET archived_at = %s WHERE id = %s",
                            (NOW, district.user))
            assert refused.value.sqlstate == "55P03"
        with pytest.raises(Exception) as refused, two.transaction():
            two.execute("UPDATE app_user SET archived_at = %s WHERE id = %s", (NOW, district.user))
        assert refused.value.sqlstate == "KI490"
    assert ours


# ---- Oneself -------------------------------------------------------------------------------------


def test_people_change_their_own_name_phone_language_and_zone(ours):
    caller, own, _ = ours.person("viewer")
    me = caller.get("/v1/me")
    body = {"name": " Ann Lee ", "phone": "+1 210 555 0100", "locale": "ES", "zone": "America/Denver"}
    changed = caller.patch("/v1/me", body, me.etag)
    assert changed.status == 200 and changed.field("Cache-Control") == "no-store"
    expected = {"name": "Ann Lee", "phone": "+1 210 555 0100", "locale": "es", "zone": "America/Denver"}
    assert {name: changed.json["user"][name] for name in expected} == expected
    assert caller.get("/v1/me").json == changed.json
    assert ours.admin.get(f"/v1/users/{own}").json["locale"] == "es"
    partly = caller.patch("/v1/me", {"zone": None}, changed.etag)
    assert partly.json["user"] == {**changed.json["user"], "zone": None}
    assert caller.patch("/v1/me", {}, changed.etag).status == 412, "stale"
    assert caller.patch("/v1/me", {}, None).status == 428
    assert caller.patch("/v1/me", {}, "*").status == 412
    assert caller.patch("/v1/me", {}, partly.etag, Content_Type="application/json").status == 415


@pytest.mark.parametrize("name, value, code", [
    ("name", None, "not_null"), ("name", " ", "too_short"), ("name", "a" * 201, "too_long"),
    ("phone", "1" * 256, "too_long"), ("locale", None, "not_null"),
    ("locale", "english", "invalid_locale"), ("zone", "Nowhere", "not_allowed"),
    ("email", "a@example.org", "unknown_member"), ("status", "active", "unknown_member"),
])
def test_what_one_may_not_be(ours, name, value, code):
    caller, _, _ = ours.person()
    answer = caller.patch("/v1/me", {name: value}, caller.get("/v1/me").etag)
    assert answer.faults == {f"/{name}": code}


# ---- The district's settings ---------------------------------------------------------------------

SETTINGS = {
    "check_in_opening_days": (21, 14),
    "agreement_grace_days": (30, 0),
    "remedy_wait_days": (5, 2),
    "review_lead_days": (60, 30),
    "fiscal_month": (7, 10),
    "agreement_lead_days": ([180, 120, 90, 30, 7], [60]),
    "credential_lead_days": ([60, 30, 14], [45, 5]),
    "minimum_enrolled_days": (10, 20),
    "mail_until_hour": (18, 20),
    "mail_weekly_cap": (3, 1),
    "partner_year_days": (14, 30),
    "opens_on_holidays": (False, True),
    "vets_partners": (True, False),
    "sso_only": (False, True),
    "small_cell": (10, 12),
    "survey_cell": (5, 6),
    "text_cell": (10, 11),
}


def test_settings_have_defaults_and_their_changes_are_in_the_audit_log(alone):
    shown = alone.admin.get(alone.path)
    assert {name: shown.json[name] for name in SETTINGS} == {n: d for n, (d, _) in SETTINGS.items()}
    wanted = {name: value for name, (_, value) in SETTINGS.items()}
    assert alone.admin.patch(alone.path, wanted, shown.etag).status == 200
    query = {"aggregatetype": "district", "action": "updated"}
    (entry,) = alone.director.get("/v1/audit", query).json["data"]
    assert entry["values"] == {n: {"from": d, "to": v} for n, (d, v) in SETTINGS.items()}
    assert entry["actor"] == alone.users["admin"]


@pytest.mark.shows("administration.go_live")
def test_mail_is_on_hold_until_the_district_goes_live(alone):
    path = f"{alone.path}/go_live"
    body = {"preview": alone.director.get("/v1/setup").json["mails"]["preview"]}
    assert alone.admin.get(alone.path).json["go_live_at"] is None
    for role in (*ROLES, "partner", "nobody"):
        if role != "admin":
            assert getattr(alone, role).post(path, body).status == 403
    live = alone.admin.post(path, body)
    assert live.status == 200 and live.json["go_live_at"] == NOW
    again = alone.admin.post(path, body)
    assert again.status == 409 and again.json["state"] == {"go_live_at": NOW}
    refused = alone.admin.patch(alone.path, {"go_live_at": None}, live.etag)
    assert refused.faults == {"/go_live_at": "read_only"}
    query = {"aggregatetype": "district", "action": "updated"}
    (entry,) = alone.admin.get("/v1/audit", query).json["data"]
    assert entry["values"] == {
        "go_live_at": {"from": None, "to": NOW.replace(".000Z", "+00:00")}}


def test_another_districts_hold_is_not_ours(ours, theirs):
    assert ours.admin.post(f"{theirs.path}/go_live", {"preview": "x"}).status == 404


# ---- Sessions ------------------------------------------------------------------------------------


def test_one_sees_and_ends_ones_own_sessions(database):
    with running_api(database) as api:
        tenant = Tenant(api, database)
        caller, own, _ = tenant.person("viewer", kind="session", last_used_at=NOW,
                                       expires_at="2026-11-22T03:00:00Z")
        with database.connect("kith_migrate") as connection:
            more = [database.token(connection, tenant.id, own, **fields)[0] for fields in (
                {"kind": "session", "last_used_at": NOW, "expires_at": "2026-11-22T03:00:00Z"},
                {"kind": "session", "last_used_at": NOW, "expires_at": NOW},  # over
                {"kind": "session", "last_used_at": "2026-11-20T00:00:00Z",
                 "expires_at": "2026-11-22T03:00:00Z"},  # unused for long
                {"kind": "api_key"})]
        listed = caller.get("/v1/me/sessions").json["data"]
        assert [one["is_current"] for one in listed].count(True) == 1 and len(listed) == 2
        other = next(one["id"] for one in listed if not one["is_current"])
        assert Caller(api, more[0]).get("/v1/me").status == 200
        assert tenant.director.call("DELETE", f"/v1/me/sessions/{other}").status == 404
        for _ in range(2):  # to end it again changes nothing
            assert caller.call("DELETE", f"/v1/me/sessions/{other}").status == 204
        assert caller.call("DELETE", f"/v1/me/sessions/{uuid7()}").status == 404
        assert caller.call("DELETE", "/v1/me/sessions/x").status == 404
        assert Caller(api, more[0]).get("/v1/me").status == 401
        assert Caller(api, more[3]).get("/v1/me").status == 200, "a key is no session"
        assert len(caller.get("/v1/me/sessions").json["data"]) == 1
