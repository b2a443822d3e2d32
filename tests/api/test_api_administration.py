"""Invitations, sign-in by link, sessions, settings with their history, mail on hold, jobs and dead letters."""

import re

import pytest
from acting import act, at_once, done
from administering import dead_letter, owns
from api_world import Caller, Tenant
from check_ins import running
from pages import make_link, token
from test_api_passwords import NEW, spend
from test_api_sessions import Browser

from world import NOW, insert, uuid7

SAID = {"created_at": NOW, "updated_at": NOW}


def invited(tenant, **fields):
    user = tenant.admin.created("users", {"email": f"{uuid7()}@example.org", "name": "Ana", **fields})
    return user, tenant.admin.created("user_invitations", {"user_id": user.id})


def account_link(tenant, user, purpose, expires_at="2026-11-22T00:00:00Z"):
    """The token of a link as kith-mailer makes it."""
    text, token_hash = token(tenant.id)
    with tenant.api.database.connect("kith_migrate") as connection:
        insert(connection, "access_token", {
            "district_id": tenant.id, "id": uuid7(), "user_id": user, "kind": "link", "purpose": purpose,
            "token_hash": token_hash, "expires_at": expires_at, **SAID})
    return text


def messages(tenant, kind, **query):
    return tenant.admin.get("/v1/messages", {"kind": kind, **query}).json["data"]


# ---- Invitations ---------------------------------------------------------------------------------


@pytest.mark.shows("administration.invitations")
def test_who_is_invited_sets_a_password_once_and_is_in(ours):
    user, one = invited(ours)
    path = f"/v1/user_invitations/{one.id}"
    assert (one.json["status"], one.json["invited_by"], one.json["expires_at"], one.json["is_expired"]) == (
        "pending", ours.users["admin"], "2026-11-28T15:00:00.000Z", False)
    mail, = messages(ours, "user_invitation", user_id=user.id)
    assert (mail["class"], mail["status"]) == ("account", "queued")
    again = ours.admin.post("/v1/user_invitations", {"user_id": user.id})
    assert again.status == 409, "one at a time"
    former = account_link(ours, user.id, "invitation")
    assert done(act(ours.admin, "user_invitations", one.id, "resend"))["mails"] == 2
    assert spend(ours.api, former).status == 422, "the former link ends"
    assert len(messages(ours, "user_invitation", user_id=user.id)) == 2
    assert spend(ours.api, account_link(ours, user.id, "invitation")).status == 204
    told = ours.admin.get(path).json
    assert (told["status"], told["ended_at"]) == ("accepted", NOW)
    assert act(ours.admin, "user_invitations", one.id, "revoke").status == 409
    refused = ours.admin.post("/v1/user_invitations", {"user_id": user.id})
    assert refused.status == 409 and "password reset" in refused.json["detail"], refused


def test_an_invitation_is_taken_back_and_ends_by_itself(ours, migrate):
    user, one = invited(ours)
    link = account_link(ours, user.id, "invitation")
    assert done(act(ours.admin, "user_invitations", one.id, "revoke"))["status"] == "revoked"
    assert spend(ours.api, link).status == 422
    next_one = ours.admin.created("user_invitations", {"user_id": user.id})
    migrate.execute("UPDATE user_invitation SET expires_at = %s, updated_at = %s WHERE id = %s",
                    (NOW, NOW, next_one.id))
    told = ours.admin.get(f"/v1/user_invitations/{next_one.id}")
    assert told.json["is_expired"] is True
    pending = ours.admin.get("/v1/user_invitations", {"status": "pending", "user_id": user.id}).json["data"]
    assert [i["id"] for i in pending] == [next_one.id]
    assert done(act(ours.admin, "user_invitations", next_one.id, "resend"))["is_expired"] is False
    off = ours.admin.created("users", {"email": f"{uuid7()}@example.org", "name": "Off", "status": "disabled"})
    refused = ours.admin.post("/v1/user_invitations", {"user_id": off.id})
    assert set(refused.faults) == {"/user_id"}, refused


# ---- Signing in by a link ------------------------------------------------------------------------


def ask(tenant, email, **more):
    body = {"email": email, "district": tenant.district.slug, **more}
    return Caller(tenant.api, None).post("/v1/sign_in_links", body)


def sign_in(api, text):
    return Caller(api, None).post("/v1/sign_ins", {"token": text})


def contact_of(partnership, **fields):
    """The address of its lead on the partner's side, who has a place at the partner."""
    with partnership.database.connect("kith_migrate") as connection:
        insert(connection, "affiliation", {
            "district_id": partnership.district, "id": uuid7(), "contact_id": partnership.contact,
            "partner_id": partnership.partner, "role": "Director", **SAID, **fields})
        return connection.execute("SELECT email FROM contact WHERE id = %s",
                                  (partnership.contact,)).fetchone()[0]


@pytest.mark.shows("administration.sign_in_link")
def test_a_link_signs_in_once_and_nobody_learns_who_has_an_address(ours):
    user = ours.users["coordinator"]
    email = ours.admin.get(f"/v1/users/{user}").json["email"]
    known, unknown = ask(ours, email), ask(ours, "nobody@example.org")
    assert (known.status, known.json) == (unknown.status, unknown.json) == (202, {"valid_minutes": 30})
    ask(ours, email)
    mail, = messages(ours, "sign_in", user_id=user)
    assert (mail["class"], mail["not_after"]) == ("account", "2026-11-21T15:30:00.000Z"), "one in ten minutes"
    text = account_link(ours, user, "sign_in")
    answers = at_once(32, lambda _: sign_in(ours.api, text))
    assert [a.status for a in answers].count(201) == 1 and {a.status for a in answers} <= {201, 422, 429}
    browser = Browser(ours.api, next(a for a in answers if a.status == 201))
    assert browser.get("/v1/me").json["user"]["id"] == user
    for wrong in ("kith_nonsense", account_link(ours, user, "password"),
                  account_link(ours, user, "sign_in", expires_at=NOW)):
        assert set(sign_in(ours.api, wrong).faults) == {"/token"}
    assert ask(ours, "a@example.org", district="elsewhere").status == 202


@pytest.mark.shows("administration.partner_sign_in", "administration.own")
def test_a_partners_contact_signs_in_and_reads_its_own_organization_alone(ours, migrate):
    mine, other = running(ours), running(ours)
    check_in, theirs = mine.check_in(), other.check_in()
    email = contact_of(mine)
    assert ask(ours, email).status == 202
    user, = ours.admin.get("/v1/users", {"email": email}).json["data"]
    assert user["contact_id"] == mine.contact and messages(ours, "sign_in", user_id=user["id"])
    session = sign_in(ours.api, account_link(ours, user["id"], "sign_in"))
    assert session.status == 201, session
    browser = Browser(ours.api, session)
    grants = browser.get("/v1/me").json["grants"]
    assert [(g["role"], g["scope_kind"], g["scope_id"]) for g in grants] == [("partner", "partner", mine.partner)]
    for plural, ids in (("own_partners", [mine.partner]), ("own_partnerships", [mine.id]),
                        ("own_check_ins", [check_in])):
        assert [one["id"] for one in browser.get(f"/v1/{plural}").json["data"]] == ids, plural
    assert browser.get(f"/v1/own_check_ins/{theirs}").status == 404
    assert browser.get(f"/v1/own_partners/{other.partner}").status == 404
    assert browser.get("/v1/partners").status == 403 and browser.get("/v1/users").status == 403
    # Whoever leaves reads nothing any more, and does not come back by another link.
    place, = ours.admin.get("/v1/affiliations", {"contact_id": mine.contact}).json["data"]
    one = ours.admin.get(f"/v1/affiliations/{place['id']}")
    assert ours.admin.archive(f"/v1/affiliations/{place['id']}", one.etag).status == 204
    assert browser.get("/v1/me").status == 401
    assert sign_in(ours.api, account_link(ours, user["id"], "sign_in")).status == 422
    assert migrate.execute("SELECT count(*) FROM user_grant WHERE user_id = %s AND archived_at IS NULL",
                           (user["id"],)).fetchone() == (0,)


@pytest.mark.shows("administration.partner_sign_in", "registry.inquiries_convert")
def test_who_wrote_in_a_known_partners_name_signs_in_when_its_owner_says_so(ours):
    bank = ours.director.partner(name="A bank", owner_id=ours.users["coordinator"]).id
    body = {"name": "Mallory", "message": "Hello"}

    def signs_in(email):
        assert ask(ours, email).status == 202
        return len(ours.admin.get("/v1/users", {"email": email}).json["data"])

    def converted(organization, email, **said):
        one = ours.director.created("inquiries", {**body, "organization": organization, "email": email}).id
        done(act(ours.director, "inquiries", one, "convert", **said))
        contact, = ours.admin.get("/v1/contacts", {"email": email}).json["data"]
        place, = ours.admin.get("/v1/affiliations", {"contact_id": contact["id"]}).json["data"]
        return place
    first, again = f"{uuid7()}@example.org", f"{uuid7()}@example.org"
    assert converted(f"New {uuid7()}", first)["may_sign_in"] is True and signs_in(first) == 1
    place = converted("A bank", again, partner_id=bank)
    assert place["may_sign_in"] is False and signs_in(again) == 0
    path = f"/v1/affiliations/{place['id']}"
    leader = ours.scoped(("coordinator", "district", None))
    refused = leader.patch(path, {"may_sign_in": True}, leader.get(path).etag)
    assert (refused.status, refused.faults) == (422, {"/may_sign_in": "not_allowed"}), refused
    let_in = ours.coordinator.patch(path, {"may_sign_in": True}, ours.coordinator.get(path).etag)
    assert let_in.status == 200 and signs_in(again) == 1
    ours.coordinator.patch(path, {"may_sign_in": False}, let_in.etag)
    user, = ours.admin.get("/v1/users", {"email": again}).json["data"]
    assert sign_in(ours.api, account_link(ours, user["id"], "sign_in")).status == 422


class Place:
    """Somebody of a partner, who is signed in and has the link of a mail."""

    def __init__(self, tenant):
        self.tenant, self.director = tenant, tenant.director
        self.partner = self.director.partner().id
        self.email = f"{uuid7()}@example.org"
        self.contact = self.director.created("contacts", {"name": "Ann", "email": self.email}).id
        self.id = self.at(self.partner)
        assert ask(tenant, self.email).status == 202
        user, = tenant.admin.get("/v1/users", {"email": self.email}).json["data"]
        self.user = user["id"]
        self.links = {purpose: make_link(tenant, purpose, subject, contact_id=self.contact) for purpose, subject in (
            ("record", self.partner), ("preferences", None))}
        self.spare = account_link(tenant, self.user, "sign_in")
        self.session = self.signed_in()

    def at(self, partner, contact=None):
        return self.director.created("affiliations", {"contact_id": contact or self.contact, "partner_id": partner,
                                                      "role": "Head"}).id

    def signed_in(self):
        answer = sign_in(self.tenant.api, account_link(self.tenant, self.user, "sign_in"))
        assert answer.status == 201, answer
        return answer.field("Set-Cookie").partition(";")[0]

    def put(self, one=None, **fields):
        path = f"/v1/affiliations/{one or self.id}"
        answer = self.director.patch(path, fields, self.director.get(path).etag)
        assert answer.status == 200, answer
        return answer

    def live(self):
        """What of it still opens something."""
        with self.tenant.api.database.connect("kith_migrate") as connection:
            return {row[0] for row in connection.execute(
                "SELECT l.purpose FROM link l WHERE l.contact_id = %s AND l.revoked_at IS NULL UNION ALL "
                "SELECT t.kind FROM access_token t WHERE t.user_id = %s AND t.revoked_at IS NULL",
                (self.contact, self.user)).fetchall()}


@pytest.mark.shows("administration.partner_sign_in")
@pytest.mark.parametrize("ends", ({"may_sign_in": False}, {"until_date": "2026-11-20"}, None),
                         ids=("nobody vouches", "it ended", "archived"))
def test_with_the_last_place_whatever_was_open_is_cut_at_once(ours, ends):
    place = Place(ours)
    second = place.at(ours.director.partner().id)
    assert {"record", "preferences", "session"} <= place.live()
    place.put(second, until_date="2026-11-20")
    assert {"record", "preferences", "session"} <= place.live(), "another place is left"
    if ends:
        place.put(**ends)
    else:
        path = f"/v1/affiliations/{place.id}"
        assert ours.director.archive(path, ours.director.get(path).etag).status == 204
    assert place.live() == {"preferences"}, "of mail one may be rid all the same"


@pytest.mark.shows("administration.partner_sign_in")
def test_what_was_found_false_stays_so_written_anew_moved_or_merged(ours):
    place = Place(ours)
    place.put(may_sign_in=False)
    path = f"/v1/affiliations/{place.id}"
    assert ours.director.archive(path, ours.director.get(path).etag).status == 204
    again = place.at(place.partner)
    assert ours.director.get(f"/v1/affiliations/{again}").json["may_sign_in"] is False, "written anew"
    other = ours.director.created("contacts", {"name": "Bea", "email": f"{uuid7()}@example.org"}).id
    moved = place.at(place.partner, other)
    assert ours.director.get(f"/v1/affiliations/{moved}").json["may_sign_in"] is True, "somebody else"
    assert place.put(moved, contact_id=place.contact).json["may_sign_in"] is False, "moved"
    third = place.at(place.partner, other)
    merged = ours.director.post(f"/v1/contacts/{other}/merge", {"contact_ids": [place.contact]})
    assert merged.status == 200, merged
    held = ours.admin.get("/v1/affiliations", {"contact_id": other}).json["data"]
    assert third in {row["id"] for row in held} and not any(row["may_sign_in"] for row in held), "merged"
    undo = ours.director.get("/v1/contact_merges", {"contact_id": other}).json["data"][0]
    assert act(ours.director, "contact_merges", undo["id"], "undo").status == 200
    assert ours.director.get(f"/v1/affiliations/{third}").json["may_sign_in"] is True
    assert place.put(third, may_sign_in=False).json["may_sign_in"] is False
    assert place.put(third, may_sign_in=True).json["may_sign_in"] is True, "somebody vouches for it"


@pytest.mark.shows("administration.partner_sign_in")
def test_the_address_of_who_is_at_two_partners_is_changed_by_who_covers_both(ours):
    near, far = (ours.admin.site().id for _ in range(2))
    mine, other = (ours.director.partner(lead_site_id=site).id for site in (near, far))
    contact = ours.director.created("contacts", {"name": "Ann", "email": f"{uuid7()}@example.org"}).id
    ids = [ours.director.created("affiliations", {"contact_id": contact, "partner_id": one, "role": "Head"}).id
           for one in (mine, other)]
    leader = ours.scoped(("school_leader", "site", near))

    def put(who, **fields):
        path = f"/v1/contacts/{contact}"
        return who.patch(path, fields, who.get(path).etag)

    refused = put(leader, email=f"{uuid7()}@example.org")
    assert (refused.status, refused.faults) == (422, {"/email": "not_allowed"}), refused
    assert put(leader, phone="1").status == 200
    both = ours.scoped(("school_leader", "site", near), ("coordinator", "site", far))
    for who in (both, ours.director, ours.coordinator):
        assert put(who, email=f"{uuid7()}@example.org").status == 200
    ours.director.patch(f"/v1/affiliations/{ids[1]}", {"until_date": "2026-11-20"},
                        ours.director.get(f"/v1/affiliations/{ids[1]}").etag)
    assert put(leader, email=f"{uuid7()}@example.org").status == 200, "one place is left"


def test_a_contact_never_gets_the_account_of_somebody_else(ours, migrate):
    taken = ours.admin.get(f"/v1/users/{ours.users['viewer']}").json["email"]
    one = running(ours)
    contact_of(one)
    migrate.execute("UPDATE contact SET email = %s, updated_at = %s WHERE id = %s", (taken, NOW, one.contact))
    assert ask(ours, taken).status == 202
    assert migrate.execute("SELECT count(*) FROM app_user WHERE contact_id = %s", (one.contact,)).fetchone() == (0,)
    assert len(ours.admin.get("/v1/own_partners").json["data"]) == 0, "an administrator owns none"


# ---- Sessions ------------------------------------------------------------------------------------


@pytest.mark.shows("administration.sessions", "administration.sessions_of_users")
def test_sessions_are_listed_with_their_place_and_ended(ours):
    user = ours.users["reviewer"]
    begun = [sign_in(ours.api, account_link(ours, user, "sign_in")) for _ in range(3)]
    browsers = [Browser(ours.api, one) for one in begun]
    listed = browsers[2].get("/v1/me/sessions").json["data"]
    assert {one["id"] for one in listed} == {one.id for one in begun}
    assert all(one["address"] and one["last_used_at"] for one in listed)
    found = ours.admin.get("/v1/user_sessions", {"user_id": user}).json["data"]
    assert {one["id"] for one in found} >= {one.id for one in begun}
    assert done(act(ours.admin, "user_sessions", begun[0].id, "revoke"))["revoked_at"] == NOW
    assert browsers[0].post("/v1/api_keys", {"label": "k"}).status == 401
    assert browsers[2].call("DELETE", "/v1/me/sessions").status == 204
    assert browsers[1].post("/v1/api_keys", {"label": "k"}).status == 401
    assert browsers[2].get("/v1/me").status == 200
    still = ours.admin.get("/v1/user_sessions", {"user_id": user, "active": "true"}).json["data"]
    assert [one["id"] for one in still] == [begun[2].id]
    over = ours.admin.get("/v1/user_sessions", {"user_id": user, "active": "false"}).json["data"]
    assert {one["id"] for one in over} >= {one.id for one in begun[:2]}
    assert act(ours.admin, "users", user, "end_sessions").status == 200
    assert browsers[2].post("/v1/api_keys", {"label": "k"}).status == 401
    key, = ours.admin.get("/v1/user_sessions", {"user_id": user, "limit": 1}).json["data"]
    assert act(ours.director, "user_sessions", key["id"], "revoke").status == 403


@pytest.mark.shows("administration.access_ends")
def test_the_end_of_the_last_grant_ends_the_sessions(ours):
    user = ours.admin.created("users", {"email": f"{uuid7()}@example.org", "name": "Two"}).id
    grants = [ours.admin.created("grants", {"user_id": user, "role": role}) for role in ("viewer", "reviewer")]
    browser = Browser(ours.api, sign_in(ours.api, account_link(ours, user, "sign_in")))
    for grant, status in zip(grants, (200, 401)):
        assert ours.admin.archive(f"/v1/grants/{grant.id}", grant.etag).status == 204
        assert browser.get("/v1/me").status == status


# ---- Settings, and mail on hold ------------------------------------------------------------------


@pytest.mark.shows("administration.settings_history")
def test_who_changed_which_setting_when_is_told_from_what_to_what(theirs):
    path = f"/v1/districts/{theirs.id}"
    etag = theirs.admin.get(path).etag
    assert theirs.admin.patch(path, {"small_cell": 12, "reply_to": "a@example.org"}, etag).status == 200
    rate = theirs.admin.created("valuation_rates", {"from_date": "2030-04-01", "rate_cents": 3180})
    told = theirs.director.get("/v1/settings_history", {"setting": "small_cell"}).json["data"]
    change, = told
    assert (change["from"], change["to"], change["actor"], change["at"]) == (10, 12, theirs.users["admin"], NOW)
    hidden, = theirs.director.get("/v1/settings_history", {"setting": "reply_to"}).json["data"]
    assert (hidden["is_recorded"], hidden["to"]) == (False, None), "who changed it is known, no address"
    rates = theirs.director.get("/v1/settings_history", {"resource": "valuation_rate"}).json["data"]
    assert {one["subject_id"] for one in rates} == {rate.id}
    for query, count in (({"actor": theirs.users["viewer"]}, 0), ({"until": NOW}, 0), ({"from": NOW}, 1)):
        found = theirs.director.get("/v1/settings_history", {"setting": "small_cell", **query})
        assert len(found.json["data"]) == count, query
    assert theirs.director.get("/v1/settings_history", {"resource": "partner"}).status == 400
    schedule = theirs.admin.created("retention_rules", {"kind": "ask", "years": 7, "source": "Schedule 1"})
    path = f"/v1/retention_rules/{schedule.id}"
    assert theirs.admin.patch(path, {"years": 2}, schedule.etag).status == 200
    shorter, = [one for one in theirs.director.get("/v1/settings_history", {"resource": "retention_rule"}).json["data"]
                if (one["action"], one["setting"]) == ("updated", "years")]
    assert (shorter["from"], shorter["to"], shorter["subject_id"]) == (7, 2, schedule.id)


@pytest.mark.shows("administration.mail_hold")
def test_mail_is_held_with_a_reason_and_what_is_stale_is_left_out_on_release(api, database, migrate):
    own = Tenant(api, database)
    path = f"districts/{own.id}"

    def queue(day):
        return str(migrate.execute(
            "SELECT message_queue('duty', 'check_ins', 'check_in_reminder', %s, NULL, %s, 'x', '{}', %s, %s)",
            (uuid7(), own.users["director"], f"{day}T14:00:00Z", "2026-12-31T00:00:00Z")).fetchone()[0])

    assert act(own.admin, "districts", own.id, "release_mail").status == 409
    preview = own.admin.get("/v1/setup").json["mails"]["preview"]
    assert act(own.admin, "districts", own.id, "go_live", preview=preview).status == 200
    assert own.admin.get("/v1/mail_hold").json["is_held"] is False
    assert done(act(own.admin, "districts", own.id, "hold_mail", reason="A wrong template"))["mail_held_at"] == NOW
    assert own.admin.post(f"/v1/{path}/hold_mail", {"reason": "Again"}).status == 409
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (own.id, NOW))
        old, today = queue("2026-11-19"), queue("2026-11-21")
        taken = migrate.execute("SELECT message_ids FROM messages_next('2026-11-21T15:00:00Z', 1, '{}', NULL) n "
                                "WHERE n.district_id = %s", (own.id,)).fetchall()
    assert taken == [], "none goes"
    told = own.admin.get("/v1/mail_hold").json
    assert (told["is_held"], told["reason"], told["held_by"], told["would_go"], told["left_out"]) == (
        True, "A wrong template", own.users["admin"], 1, 1)
    assert [m["message_id"] for m in told["first"]] == [today] and told["counts"] == {"check_in_reminder": 2}
    assert own.admin.get("/v1/health").json["mail"]["held"] == 2
    assert done(act(own.admin, "districts", own.id, "release_mail"))["mail_held_at"] is None
    status = {m["id"]: (m["status"], m["reason"]) for m in own.admin.get("/v1/messages").json["data"]}
    assert (status[old], status[today]) == (("suppressed", "stale"), ("queued", None))
    released, *_ = own.admin.get("/v1/settings_history", {"setting": "mail_held_at"}).json["data"]
    assert (released["from"], released["to"]) == ("2026-11-21T15:00:00+00:00", None)


# ---- Jobs and dead letters -----------------------------------------------------------------------


@pytest.mark.shows("administration.dead_letters")
def test_a_dead_letter_is_redriven_or_given_up_with_a_record(ours, migrate):
    ours.admin.partner()
    first = dead_letter(ours)
    listed = ours.admin.get("/v1/dead_letters", {"status": "dead", "consumer": "kith-checkin"}).json["data"]
    assert first in [one["id"] for one in listed]
    told = done(act(ours.admin, "dead_letters", first, "redrive"))
    assert (told["status"], told["attempts"], told["dead_at"]) == ("tried", 0, None)
    assert act(ours.admin, "dead_letters", first, "redrive").status == 409
    event, published = migrate.execute(
        "SELECT o.id, o.published_at FROM outbox o JOIN dead_letter d ON d.event_id = o.id WHERE d.id = %s",
        (first,)).fetchone()
    assert published is None and str(event) == told["event_id"]
    second = dead_letter(ours, "kith-survey")
    told = done(act(ours.admin, "dead_letters", second, "drop", reason="Its partnership is gone"))
    assert (told["status"], told["dropped_by"]) == ("dropped", ours.users["admin"])
    assert migrate.execute("SELECT event_redrive(NULL)").fetchone()[0] == 0, "what was given up stays"
    record = ours.admin.get("/v1/audit", {"aggregatetype": "dead_letter"}).json["data"]
    assert {(one["action"], one["aggregateid"]) for one in record} >= {("redriven", first), ("dropped", second)}
    assert act(ours.admin, "dead_letters", uuid7(), "redrive").status == 404
    for _ in range(3):
        dead_letter(ours, "kith-kpi")
    count = len(ours.admin.get("/v1/dead_letters", {"status": "dead", "consumer": "kith-kpi"}).json["data"])
    for asked, redriven in (({"consumer": "nobody"}, 0), ({"consumer": "kith-kpi", "count": 1}, 1),
                            ({"type": "org.kith.partner.created.v1"}, count - 1)):
        answer = ours.admin.post("/v1/dead_letter_redrives", asked)
        assert (answer.status, answer.json) == (200, {"redriven": redriven}), asked


@pytest.mark.shows("administration.jobs", "administration.health", "administration.health_settings")
def test_jobs_tell_how_they_stand_and_the_health_what_is_not_well(api, database, migrate):
    own = Tenant(api, database)
    migrate.execute("UPDATE schedule SET next_at = '2026-11-21T15:15:00Z' WHERE district_id = %s", (own.id,))
    rounds = {job["name"]: job for job in own.admin.get("/v1/jobs").json["data"]}
    assert {name: (job["state"], job["error"]) for name, job in rounds.items()} == {
        name: ("waits", None) for name in ("check_ins", "kpis", "surveys")}
    assert own.admin.get("/v1/health").json["problems"] == []
    with database.connect("kith_checkin") as connection:
        connection.execute("SELECT schedule_done('check_ins', %s, '2026-11-21T13:00:00Z', '23505 a_key')", (own.id,))
    own.admin.partner()
    dead_letter(own)
    job = next(job for job in own.admin.get("/v1/jobs").json["data"] if job["name"] == "check_ins")
    assert (job["state"], job["error"]) == ("failed", "23505 a_key") and job["ended_at"]
    told = own.admin.get("/v1/health").json
    assert told["problems"] == ["dead_letters", "job_failed", "round_late"]
    assert {one["kind"]: one["newest_at"] for one in told["data"]}["partners"] == NOW
    with database.connect("kith_checkin") as connection:
        connection.execute("SELECT schedule_done('check_ins', %s, '2026-11-21T15:15:00Z')", (own.id,))
    assert own.admin.get("/v1/health").json["problems"] == ["dead_letters"]
    with database.connect("kith_checkin") as connection:
        connection.execute("SELECT schedule_done('check_ins', %s, '2026-11-21T14:30:00Z')", (own.id,))
    for settings, problems in (
            ({"health_late_minutes": 60}, ["dead_letters"]), ({"health_late_minutes": 5}, ["dead_letters", "round_late"]),
            ({"health_late_minutes": 60, "health_data_days": 30}, ["dead_letters", "data_old"])):
        assert own.admin.patch(own.path, settings, own.admin.get(own.path).etag).status == 200
        assert own.admin.get("/v1/health").json["problems"] == problems

@pytest.mark.shows("administration.audit")
def test_the_audit_log_is_searched_by_request_and_goes_out_as_a_file(ours):
    made = ours.director.partner(name="Logged")
    one, = ours.admin.get("/v1/audit", {"aggregateid": made.id}).json["data"]
    of_request = ours.admin.get("/v1/audit", {"request_id": one["request_id"]}).json["data"]
    assert made.id in {row["aggregateid"] for row in of_request}
    file = ours.admin.get("/v1/audit", {"actor": ours.users["director"], "aggregateid": made.id,
                                        "at[gte]": NOW}, Accept="text/csv")
    rows = file.reply.body.decode("utf-8-sig").splitlines()
    assert file.status == 200 and len(rows) == 2 and re.search(r"\bcreated\b", rows[1]), rows
    taken, *_ = ours.admin.get("/v1/audit", {"action": "exported"}).json["data"]
    assert (taken["aggregatetype"], taken["actor"], taken["detail"]) == (
        "audit", ours.users["admin"], {"format": "csv"}), "who took it is known"


# ---- Who reads what is private -------------------------------------------------------------------


@pytest.mark.shows("administration.private_reads")
def test_who_reads_what_is_private_of_whom_stands_in_the_audit_log(ours):
    mine = running(ours)
    path = f"/v1/partners/{mine.partner}"
    one = ours.director.get(path)
    assert ours.director.patch(path, {"culture_notes": "They decide slowly"}, one.etag).status == 200
    plain, tag = ours.director.partner().id, ours.admin.created("tags", {"name": "Read"}).id

    def read(caller, target, **headers):
        before = {row["id"] for row in logged()}
        assert caller.get(target, **headers).status == 200
        return [row for row in logged() if row["id"] not in before]

    def logged():
        return ours.admin.get("/v1/audit", {"action": "private_read", "limit": 200}).json["data"]

    row, = read(ours.director, path)
    assert (row["actor"], row["aggregatetype"], row["aggregateid"], row["changed"], row["detail"]) == (
        ours.users["director"], "partner", mine.partner, ["culture_notes"], None)
    again, = read(ours.director, path)
    assert again["id"] != row["id"], "each time"
    for caller, target in ((ours.viewer, path), (ours.coordinator, path), (ours.director, f"/v1/partners/{plain}"),
                           (ours.director, f"{path}?fields=name,tier"), (ours.director, "/v1/partners?fields=name"),
                           (ours.viewer, "/v1/partners?limit=200"), (ours.director, f"/v1/tags/{tag}")):
        assert read(caller, target) == [], (caller.role, target)
    within, = read(ours.director, f"/v1/partnerships/{mine.id}?expand=partner")
    assert (within["aggregatetype"], within["aggregateid"]) == ("partnership", mine.id)
    assert "partner.culture_notes" in within["changed"]
    for headers in ({}, {"Accept": "text/csv"}):
        row, = read(ours.director, "/v1/partners", **headers)
        assert (row["aggregateid"], row["actor"]) == (None, ours.users["director"])
        assert row["detail"]["count"] >= 1 and "culture_notes" in row["changed"]
    assert read(ours.coordinator, "/v1/partners", Accept="text/csv") == []
    found = ours.admin.get("/v1/audit", {"action": "private_read", "aggregateid": mine.partner}).json["data"]
    assert {r["actor"] for r in found} == {ours.users["director"]}


# ---- What partners say of their own --------------------------------------------------------------


@pytest.mark.shows("administration.own_edits")
def test_what_a_partner_says_of_its_record_is_applied_or_waits_field_by_field(ours):
    partner = ours.admin.partner(name="Old Name", owner_id=ours.users["coordinator"])
    other = ours.admin.partner()
    path, own = f"/v1/own_partners/{owns(ours, partner.id, 'partner')}", ours.partner
    before = own.get(path)
    said = own.patch(path, {"name": "New Name", "website": "https://new.example.org/", "in_directory": True},
                     before.etag)
    assert said.status == 200, said
    assert (said.status, said.json["name"], said.json["website"], said.json["waiting"]) == (
        200, "Old Name", "https://new.example.org/", ["name"]), said
    shown = ours.coordinator.get(f"/v1/partners/{partner.id}").json
    assert (shown["name"], shown["in_directory"], shown["version"]) == ("Old Name", True, 2), "once"
    assert own.patch(path, {"phone": "1"}, before.etag).status == 412
    assert own.patch(f"/v1/own_partners/{other.id}", {"phone": "1"}, before.etag).status == 404
    assert own.patch(path, {"tier": "anchor"}, said.etag).status == 422
    assert own.patch(path, {"name": "Newer Name"}, said.etag).status == 200
    edits = ours.coordinator.get("/v1/partner_edits", {"partner_id": partner.id}).json["data"]
    assert {(e["field"], e["old"], e["proposed"], e["status"]) for e in edits} == {
        ("name", "Old Name", "New Name", "superseded"), ("name", "Old Name", "Newer Name", "waiting"),
        ("website", None, "https://new.example.org/", "applied"), ("in_directory", "false", "true", "applied")}
    assert {e["user_id"] for e in edits} == {ours.users["partner"]}
    one = next(e["id"] for e in edits if e["status"] == "waiting")
    tasks = ours.coordinator.get("/v1/me/tasks").json["data"]
    assert ("partner_edit", one) in {(t["kind"], t["subject_id"]) for t in tasks}
    assert act(own, "partner_edits", one, "accept").status == 403
    assert act(ours.viewer, "partner_edits", one, "accept").status == 403
    told = done(act(ours.coordinator, "partner_edits", one, "accept"))
    assert (told["status"], told["decided_by"], told["current"]) == (
        "accepted", ours.users["coordinator"], "Newer Name")
    assert own.get(path).json["waiting"] == [] and own.get(path).json["name"] == "Newer Name"
    record = ours.admin.get("/v1/audit", {"aggregateid": one}).json["data"]
    assert {(r["action"], r["actor"]) for r in record} == {
        ("created", ours.users["partner"]), ("accepted", ours.users["coordinator"])}


@pytest.mark.shows("administration.own_edits")
def test_a_partner_says_whom_and_what_it_can_reach_and_what_it_is_about(ours):
    areas = sorted(ours.admin.created("focus_areas", {"name": f"Area {uuid7()}"}).id for _ in range(2))
    partner = ours.admin.partner().id
    ours.admin.created("partner_focus_areas", {"partner_id": partner, "focus_area_id": areas[0]})
    path, own = f"/v1/own_partners/{owns(ours, partner, 'partner')}", ours.partner
    before = own.get(path)
    assert before.json["focus_area_ids"] == areas[:1]
    for body, fault in (({"ein": "12-345678"}, "/ein"), ({"focus_area_ids": [partner]}, "/focus_area_ids")):
        wrong = own.patch(path, body, before.etag)
        assert (wrong.status, list(wrong.faults)) == (422, [fault]), wrong
    said = own.patch(path, {"ein": "123456789", "reach": "nearby", "innovation": "A kitchen", "funding_types": ["state"],
                            "focus_area_ids": areas[1:]}, before.etag)
    assert said.status == 200, said
    assert (said.json["reach"], said.json["waiting"]) == (
        "nearby", ["ein", "focus_area_ids", "funding_types", "innovation"])
    for edit in own.get("/v1/own_partner_edits", {"partner_id": partner, "status": "waiting"}).json["data"]:
        told = done(act(ours.coordinator, "partner_edits", edit["id"], "accept"))
        assert told["current"] == told["proposed"], told
    shown = own.get(path).json
    assert (shown["ein"], shown["innovation"], shown["funding_types"], shown["focus_area_ids"], shown["waiting"]) == (
        "123456789", "A kitchen", ["state"], areas[1:], [])


@pytest.mark.shows("administration.own_readiness")
def test_a_partner_rates_the_schools_where_it_works(ours):
    mine, site = running(ours), ours.admin.site().id
    ours.admin.created("partnership_sites", {"partnership_id": mine.id, "site_id": site})
    owns(ours, mine.partner, "partner")
    own, condition = ours.partner, ours.admin.created("readiness_conditions", {"name": f"Room {uuid7()}"}).id
    shown = own.get("/v1/own_readiness", {"site_id": site}).json["data"]
    assert shown and {one["rating"] for one in shown} == {None}
    one = next(row["id"] for row in shown if row["readiness_condition_id"] == condition)
    for rating, note in ((2, "Nobody calls back"), (3, None)):
        told = done(act(own, "own_readiness", one, "rate", rating=rating, note=note))
        assert (told["rating"], told["note"], told["school_year"]) == (rating, note, 2027)
    assert act(own, "own_readiness", one, "rate", rating=5).status == 422
    row, = ours.viewer.get("/v1/readiness_ratings", {"site_id": site}).json["data"]
    assert (row["partner_id"], row["rating"], row["readiness_condition_id"]) == (mine.partner, 3, condition)
    both, = ours.viewer.get("/v1/site_readiness", {"site_id": site}).json["data"]
    assert (both["school_rating"], both["partners"], both["partners_low"]) == (None, 1, 3)
    other = ours.admin.get("/v1/own_readiness").json["data"]
    assert all(row["partner_id"] != mine.partner for row in other)
    assert act(ours.admin, "own_readiness", one, "rate", rating=1).status == 404, "another's"


@pytest.mark.shows("administration.own_readiness")
def test_lead_sites_and_partnerships_of_several_partners_are_where_one_works(ours):
    lead, also = (ours.admin.site().id for _ in range(2))
    mine, co = running(ours, lead_site_id=lead), ours.admin.partner().id
    ours.admin.created("partnership_sites", {"partnership_id": mine.id, "site_id": also})
    link = ours.admin.created("partnership_partners", {"partnership_id": mine.id, "partner_id": co})
    ours.admin.created("readiness_conditions", {"name": f"Room {uuid7()}"})
    for partner in (mine.partner, co):
        owns(ours, partner, "partner")
        rows = [row for row in ours.partner.get("/v1/own_readiness", {"limit": 200}).json["data"]
                if row["partner_id"] == partner]
        assert {row["site_id"] for row in rows} == {lead, also}, partner
    told = done(act(ours.partner, "own_readiness", rows[0]["id"], "rate", rating=2))
    assert (told["partner_id"], told["rating"]) == (co, 2)
    ours.admin.patch(f"/v1/partnership_partners/{link.id}", {"until_date": "2026-11-20"}, link.etag)
    assert co not in {row["partner_id"] for row in ours.partner.get("/v1/own_readiness", {"limit": 200}).json["data"]}


def test_an_edit_is_refused_with_a_reason_withdrawn_or_overtaken(ours):
    partner = ours.admin.partner(description="Old")
    path, own = f"/v1/own_partners/{owns(ours, partner.id, 'partner')}", ours.partner
    states = []
    for words in ("First", "Second", "Third"):
        assert own.patch(path, {"description": words}, own.get(path).etag).status == 200
        one = own.get("/v1/own_partner_edits", {"partner_id": partner.id, "status": "waiting"}).json["data"][0]["id"]
        if words == "First":
            assert act(ours.coordinator, "partner_edits", one, "refuse").status == 422, "why?"
            done(act(ours.coordinator, "partner_edits", one, "refuse", reason="Too short"))
        elif words == "Second":
            assert act(own, "own_partner_edits", one, "withdraw").json["status"] == "withdrawn"
            assert act(own, "own_partner_edits", one, "withdraw").status == 409
        else:
            now = ours.admin.get(f"/v1/partners/{partner.id}")
            ours.admin.patch(f"/v1/partners/{partner.id}", {"description": "Ours"}, now.etag)
            overtaken = act(ours.coordinator, "partner_edits", one, "accept")
            assert overtaken.status == 409 and overtaken.json["state"]["current"] == "Ours", overtaken
        states.append(own.get(f"/v1/own_partner_edits/{one}").json)
    assert [(s["status"], s["reason"]) for s in states] == [
        ("refused", "Too short"), ("withdrawn", None), ("waiting", None)]
    assert own.get(path).json["description"] == "Ours"
    leader = ours.scoped(("coordinator", "site", ours.admin.site().id))
    assert act(leader, "partner_edits", one, "refuse", reason="No").status == 403, "outside of the scope"


@pytest.mark.shows("web.rights")
def test_a_viewer_is_told_of_nothing_and_an_admin_of_all(ours):
    one = ours.admin.created("partners", {"name": "Rights", "kind": "civic"}).id
    asked = {"resource": "partners", "id": one}
    assert ours.admin.get("/v1/me/rights", asked).json["update"] is True
    told = ours.viewer.get("/v1/me/rights", asked).json
    assert not told["update"] and not told["archive"] and told["actions"] == []
