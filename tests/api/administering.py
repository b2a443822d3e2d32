"""What administrators look after, made as time and workers make it: dead letters, sessions, and what partners'
contacts read of their own."""

from check_ins import running

from world import NOW, insert, uuid7

SAID = {"created_at": NOW, "updated_at": NOW}


def dead_letter(tenant, consumer="kith-checkin", **fields):
    """Its id; of an event of the district's own."""
    one = uuid7()
    with tenant.api.database.connect("kith_migrate") as connection:
        event = connection.execute("SELECT id FROM outbox WHERE district_id = %s ORDER BY random() LIMIT 1",
                                   (tenant.id,)).fetchone()[0]
        connection.execute("DELETE FROM dead_letter WHERE event_id = %s", (event,))
        insert(connection, "dead_letter", {
            "district_id": tenant.id, "id": one, "consumer": consumer, "event_id": str(event),
            "type": "org.kith.partner.created.v1", "attempts": 5, "error": "it broke", "first_at": NOW,
            "last_at": NOW, "dead_at": NOW, **fields})
    return one


def a_session(tenant, role="admin"):
    """Of the tenant's user of that role."""
    fields = {"kind": "session", "last_used_at": NOW, "expires_at": "2026-11-22T03:00:00Z"}
    with tenant.api.database.connect("kith_migrate") as connection:
        _, token_hash = tenant.api.database.token(connection, tenant.id, tenant.users[role], **fields)
        return str(connection.execute(
            "SELECT id FROM access_token WHERE token_hash = %s", (token_hash,)).fetchone()[0])


def owns(tenant, partner, *roles):
    """These read that partner's affairs."""
    with tenant.api.database.connect("kith_migrate") as connection:
        for role in roles or ("admin", "partner"):
            tenant.api.database.grant(connection, tenant.id, tenant.users[role], "partner",
                                      scope_kind="partner", scope_id=partner)
    return partner


def retention_run(tenant):
    """What the clock has put away by a schedule: nothing."""
    rule = tenant.admin.created("retention_rules", {
        "kind": "activity", "years": 95, "source": f"Schedule {uuid7()}", "is_automatic": True}).id
    with tenant.api.database.connect("kith_checkin") as connection:
        connection.execute("SELECT retention_advance(%s, %s)", (tenant.id, NOW))
    return tenant.admin.get("/v1/retention_runs", {"retention_rule_id": rule}).json["data"][0]["id"]


def said(tenant, partner=None):
    """What a partner has said of its name: it waits for the district."""
    one = owns(tenant, partner or tenant.admin.partner().id)
    path = f"/v1/own_partners/{one}"
    put = tenant.admin.patch(path, {"name": f"Name {uuid7()}"}, tenant.admin.get(path).etag)
    assert put.status == 200, put
    return tenant.admin.get("/v1/partner_edits", {"partner_id": one, "status": "waiting"}).json["data"][0]["id"]


def own_partnership(tenant):
    one = running(tenant)
    owns(tenant, one.partner)
    return one


def own_ask(tenant):
    """What the administrator's own partner was asked for."""
    from needing import open_need  # pylint: disable=import-outside-toplevel
    one = tenant.admin.created("asks", {
        "need_id": open_need(tenant), "partner_id": owns(tenant, tenant.admin.partner().id)}).id
    assert tenant.admin.post(f"/v1/asks/{one}/send", {}).status == 200
    return one


def own_survey_invitation(tenant):
    """Of a survey that asks the contact who the administrator is."""
    one, contact, survey = uuid7(), uuid7(), tenant.admin.created("surveys", {
        "name": "S", "instrument_id": tenant.admin.get("/v1/instruments?code=relationship").json["data"][0]["id"],
        "school_year": 2027, "opens_on": "2026-11-20", "closes_on": "2026-12-04"}).id
    with tenant.api.database.connect("kith_migrate") as connection:
        insert(connection, "contact", {"district_id": tenant.id, "id": contact, "name": "Ann", **SAID})
        insert(connection, "survey_invitation", {
            "district_id": tenant.id, "id": one, "survey_id": survey, "address": f"{one}@example.org",
            "contact_id": contact, **SAID})
        connection.execute("UPDATE app_user SET contact_id = %s WHERE id = %s",
                           (contact, tenant.users["admin"]))
    return one


def open_need_of_own(tenant):
    """One that the administrator's own partner may pledge for."""
    from needing import open_need  # pylint: disable=import-outside-toplevel
    owns(tenant, tenant.admin.partner().id)
    return open_need(tenant, is_public=True)


def own_readiness(tenant):
    """A condition at the site of a partnership of the administrator's own partner."""
    one = own_partnership(tenant)
    site = tenant.admin.site().id
    tenant.admin.created("partnership_sites", {"partnership_id": one.id, "site_id": site})
    tenant.admin.created("readiness_conditions", {"name": f"Room {uuid7()}"})
    return tenant.admin.get("/v1/own_readiness", {"site_id": site}).json["data"][0]["id"]


THERE = {
    "dead_letters": dead_letter,
    "user_sessions": a_session,
    "own_partners": lambda tenant: owns(tenant, tenant.admin.partner().id),
    "retention_runs": retention_run,
    "partner_edits": said,
    "own_programs": lambda tenant: tenant.admin.created("programs", {
        "name": "Chess", "partner_id": owns(tenant, tenant.admin.partner().id)}).id,
    "own_partner_edits": said,
    "own_partnerships": lambda tenant: own_partnership(tenant).id,
    "own_check_ins": lambda tenant: own_partnership(tenant).check_in(),
    "own_asks": own_ask,
    "own_readiness": own_readiness,
    "open_needs": open_need_of_own,
    "own_survey_invitations": own_survey_invitation,
}
