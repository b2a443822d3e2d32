"""What a new district still lacks, which mails wait for it to be live, and what waits for a person."""

import pytest
from acting import act, done
from api_world import Tenant
from check_ins import a_message, running
from fields import least
from partnering import Ready, act_on, agreement

from world import insert, uuid7

NOW = "2026-11-21T15:00:00.000Z"


# ---- Setup ---------------------------------------------------------------------------------------


@pytest.fixture
def fresh(api, database):
    return Tenant(api, database)


def steps(tenant):
    told = tenant.director.get("/v1/setup").json
    return told, {step["key"]: step["is_done"] for step in told["steps"]}


@pytest.mark.shows("district.setup")
def test_setup_says_what_is_missing_and_when_nothing_is(fresh, migrate):
    director, admin = fresh.director, fresh.admin
    told, is_done = steps(fresh)
    assert {key for key, done_ in is_done.items() if done_} == {"users"}
    assert next(step["needed"] for step in told["steps"] if step["key"] == "users") == 1, "one may do all of it"
    assert (told["is_live"], told["is_ready"]) == (False, False)
    etag = admin.get(fresh.path).etag
    assert admin.patch(fresh.path, {"reply_to": "office@example.org"}, etag).status == 200
    year = director.created("school_years", {"school_year": 2027}).id
    assert not steps(fresh)[1]["school_year"], "it is not open"
    done(act(director, "school_years", year, "open"))
    director.site()
    director.partner()
    told, is_done = steps(fresh)
    required = {step["key"] for step in told["steps"] if step["is_required"]}
    assert required - {key for key, done_ in is_done.items() if done_} == {"closed_days", "mail_check", "go_live"}
    assert not told["is_ready"]
    check_mail(fresh, migrate)
    director.created("closed_days", {"starts_on": "2026-12-24", "reason": "Closed"})
    told, is_done = steps(fresh)
    assert told["is_ready"] and not told["is_live"] and is_done["closed_days"]
    done(admin.post(f"{fresh.path}/go_live", {"preview": told["mails"]["preview"]}))
    told, is_done = steps(fresh)
    assert told["is_live"] and is_done["go_live"]


@pytest.mark.shows("district.go_live")
def test_what_would_go_is_shown_and_what_is_older_is_left_out(fresh, migrate):
    partnership = running(fresh)
    mails = {}
    for name, fields in {
        "today": {"not_before": "2026-11-21T14:00:00Z"},
        "tomorrow": {"not_before": "2026-11-22T15:00:00Z"},
        "yesterday": {"not_before": "2026-11-21T05:59:00Z"},  # in the district's zone
        "account": {"not_before": "2026-11-20T15:00:00Z", "class": "account", "topic": "account"},
    }.items():
        mails[name] = a_message(migrate, partnership)
        sets = ", ".join(f'"{column}" = %s' for column in fields)
        migrate.execute(f"UPDATE message SET {sets} WHERE id = %s", (*fields.values(), mails[name]))
    migrate.commit()
    told = fresh.director.get("/v1/setup").json["mails"]
    assert (told["would_go"], told["left_out"]) == (2, 1)
    assert [row["message_id"] for row in told["first"]] == [mails["today"], mails["tomorrow"]]
    stale = fresh.admin.post(f"{fresh.path}/go_live", {"preview": "what was shown before"})
    assert stale.status == 409 and stale.json["state"] == told
    late = a_message(migrate, partnership)
    migrate.commit()
    changed = fresh.admin.post(f"{fresh.path}/go_live", {"preview": told["preview"]})
    assert changed.status == 409 and changed.json["state"]["would_go"] == 3, "one has come since"
    migrate.execute("UPDATE message SET status = 'suppressed', reason = 'stale' WHERE id = %s", (late,))
    migrate.commit()
    done(fresh.admin.post(f"{fresh.path}/go_live", {"preview": told["preview"]}))
    rows = {name: fresh.director.get(f"/v1/messages/{one}").json for name, one in mails.items()}
    assert {name: (row["status"], row["reason"]) for name, row in rows.items()} == {
        "today": ("queued", None), "tomorrow": ("queued", None), "account": ("queued", None),
        "yesterday": ("suppressed", "stale")}
    told = fresh.director.get("/v1/setup").json["mails"]
    assert told == {"preview": told["preview"], "would_go": 0, "left_out": 0, "first": []}


def check_mail(tenant, migrate):
    """Asks for a mail to oneself, and confirms it by the code that the mailer would say."""
    made = tenant.admin.created("mail_checks", {})
    code, = migrate.execute("SELECT code FROM mail_check WHERE id = %s", (made.id,)).fetchone()
    return done(act(tenant.admin, "mail_checks", made.id, "confirm", code=code))


@pytest.mark.shows("administration.mail_check")
def test_that_mail_arrives_is_confirmed_by_what_it_says(fresh, migrate):
    made = fresh.admin.created("mail_checks", {})
    assert (made.json["user_id"], made.json["status"]) == (fresh.users["admin"], "sent") and "code" not in made.json
    mail, = fresh.director.get("/v1/messages", {"kind": "mail_check"}).json["data"]
    assert (mail["user_id"], mail["class"], mail["status"]) == (fresh.users["admin"], "account", "queued")
    code, = migrate.execute("SELECT code FROM mail_check WHERE id = %s", (made.id,)).fetchone()
    letter = None
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (fresh.id, NOW))
        migrate.execute("INSERT INTO message_attempt (district_id, id, message_id, number, started_at) "
                        "VALUES (%s, %s, %s, 0, %s)", (fresh.id, uuid7(), mail["id"], NOW))
        letter = migrate.execute("SELECT (message_letter(m)).about FROM message m WHERE m.id = %s", (mail["id"],)).fetchone()[0]
    assert letter == {"code": code}
    other, *_ = fresh.person("admin")
    assert act(other, "mail_checks", made.id, "confirm", code=code).status == 403, "whoever got it"
    wrong = "0" * 8 if code != "0" * 8 else "1" * 8
    assert act(fresh.admin, "mail_checks", made.id, "confirm", code=wrong).faults == {"/code": "not_allowed"}
    assert not steps(fresh)[1]["mail_check"]
    confirmed = done(act(fresh.admin, "mail_checks", made.id, "confirm", code=code))
    assert (confirmed["status"], confirmed["confirmed_at"]) == ("confirmed", NOW) and steps(fresh)[1]["mail_check"]
    assert act(fresh.admin, "mail_checks", made.id, "confirm", code=code).status == 409
    assert migrate.execute("SELECT count(*) FROM audit a WHERE a::text LIKE %s", (f"%{code}%",)).fetchone() == (0,)
    old = fresh.admin.created("mail_checks", {})
    migrate.execute("UPDATE mail_check SET expires_at = %s, updated_at = %s WHERE id = %s", (NOW, NOW, old.id))
    migrate.commit()
    assert act(fresh.admin, "mail_checks", old.id, "confirm", code=code).status == 409, "it is too old"


# ---- My tasks ------------------------------------------------------------------------------------


def kinds(caller, **wanted):
    """{(kind, subject_id)} of the tasks."""
    told = caller.get("/v1/me/tasks").json
    assert told["total"] == len(told["data"]) == sum(told["counts"].values())
    assert told["overdue"] == sum(task["is_overdue"] for task in told["data"])
    # That nobody cares for a partner is another story, which these partners are not about.
    return {(task["kind"], task["subject_id"]) for task in told["data"] if task["kind"] != "partner_owner"}


def test_who_has_no_tasks_has_an_empty_list(fresh):
    for caller in (fresh.nobody, fresh.partner, fresh.viewer):
        assert caller.get("/v1/me/tasks").json == {"data": [], "total": 0, "overdue": 0, "counts": {}, "more": []}
    assert caller.get("/v1/me/tasks?kind=x").status == 400


@pytest.mark.shows("district.tasks")
def test_check_ins_items_and_calls_wait_for_the_lead_until_they_are_done(fresh, migrate):
    director = fresh.director
    partnership = running(fresh)
    check_in = partnership.check_in(due_on="2026-11-20")
    with fresh.api.database.connect("kith_migrate") as connection:
        message = a_message(connection, partnership)
        call = uuid7()
        insert(connection, "call_task", {
            "district_id": fresh.id, "id": call, "created_at": NOW, "updated_at": NOW, "kind": "call",
            "reason": "no_email", "subject_id": check_in, "recipient_key": "x", "message_id": message,
            "contact_id": partnership.contact, "partnership_id": partnership.id})
    item = director.created("action_items", {
        "partnership_id": partnership.id, "description": "Call the bank", "due_on": "2026-12-01",
        "owner_user_id": fresh.users["coordinator"]}).id
    mine = {("check_in_half", check_in), ("call_task", call),
            ("goal_acknowledgment", partnership.goal)}
    assert kinds(director) == mine
    assert kinds(fresh.coordinator) == {("action_item", item)}
    told = director.get("/v1/me/tasks").json
    first = told["data"][0]
    assert (first["kind"], first["resource"], first["is_overdue"], first["partnership_id"]) == (
        "check_in_half", "check_ins", True, partnership.id)
    assert told["overdue"] == 1
    for verb, body in (("save_half", {"goals_set": "All"}), ("submit_half", {})):
        done(act(director, "check_ins", check_in, verb, side="district", **body))
    done(act(fresh.coordinator, "action_items", item, "complete"))
    path = f"/v1/call_tasks/{call}"
    given = {"owner_id": fresh.users["executive"]}
    assert director.patch(path, given, director.get(path).etag).status == 200
    assert kinds(director) == {("goal_acknowledgment", partnership.goal)}
    assert kinds(fresh.coordinator) == set()
    assert kinds(fresh.executive) == {("call_task", call)}


@pytest.mark.shows("district.tasks")
def test_agreements_visions_policies_and_surveys_wait_for_whom_they_need(fresh):
    director = fresh.director
    policy = director.created("policies", least(director, "policies")).id
    assert kinds(director) == set()
    done(act(director, "policies", policy, "adopt"))
    assert kinds(director) == {("policy", policy)}
    for role in ("director", "coordinator", "reviewer"):
        done(act(getattr(fresh, role), "policies", policy, "acknowledge"))
    assert kinds(director) == set()

    ready = Ready(fresh)  # led by the coordinator
    assert kinds(fresh.coordinator) == set()
    path = f"/v1/contacts/{ready.contact}"
    director.patch(path, {"email": "ann@example.org"}, director.get(path).etag)
    ready.change("partnerships", vision="Another vision.")
    assert kinds(fresh.coordinator) == {("vision_acknowledgment", ready.id)}
    director.patch(path, {"email": None}, director.get(path).etag)
    ready.acknowledge("partnerships")
    near = agreement(director, expires_on="2026-12-31").id
    director.created("agreement_partnerships", {"agreement_id": near, "partnership_id": ready.id})
    assert kinds(fresh.coordinator) == {("agreement_acknowledgment", near)}
    act_on(director, near, "submit")
    assert kinds(fresh.reviewer) == kinds(director) == {("agreement_review", near)}
    act_on(director, near, "acknowledge", "approve")
    for side in ("district", "partner"):
        act_on(director, near, "sign", side=side, signer="Ann Lee")
    assert kinds(fresh.reviewer) == set()
    told = fresh.coordinator.get("/v1/me/tasks").json
    assert {kind for kind, _ in kinds(fresh.coordinator)} == {"agreement_expiry", "call_task"}, (
        "the contact has no address, so that somebody has to call")
    first = told["data"][0]
    assert (first["kind"], first["subject_id"], first["due_on"]) == ("agreement_expiry", near, "2026-12-31")
    assert fresh.viewer.get("/v1/me/tasks").json["total"] == 0


@pytest.mark.shows("partnerships.credential_reminders")
def test_a_credential_that_ends_waits_for_whoever_cares_for_the_partner(fresh):
    director = fresh.director
    partner = director.partner(owner_id=fresh.users["coordinator"]).id
    for verb in ("contact", "vet", "approve"):
        done(act(director, "partners", partner, verb, **({"on_date": "2026-11-20"} if verb == "contact" else {})))
    body = {"partner_id": partner, "kind": "license", "expires_on": "2027-01-10"}
    soon, later = (director.created("credentials", {**body, **more}).id
                   for more in ({}, {"kind": "w9", "expires_on": "2027-06-30"}))
    assert kinds(fresh.coordinator) == {("credential_expiry", soon)} and later
    director.created("credentials", {**body, "expires_on": "2028-01-10"})
    assert kinds(fresh.coordinator) == set(), "the next one is there"


@pytest.mark.shows("district.tasks")
def test_approvals_follow_ups_and_milestones_wait_as_well(fresh):
    director = fresh.director
    review = director.created("displacement_reviews", {
        "proposal": "Volunteers in the place of aides", "done_by_employees": True}).id
    assert kinds(fresh.executive) == set()
    done(act(director, "displacement_reviews", review, "decide", kind="displaces", reason="They are aides."))
    assert kinds(fresh.executive) == {("displacement_approval", review)}
    done(act(fresh.executive, "displacement_reviews", review, "refuse", reason="No."))
    assert kinds(fresh.executive) == set()

    partnership = running(fresh)
    director.post(f"/v1/goals/{partnership.goal}/acknowledge", {})
    near, _ = (director.created("milestones", {
        "partnership_id": partnership.id, "name": "Half way", "due_on": due}).id
        for due in ("2026-12-20", "2027-03-01"))
    assert kinds(director) == {("milestone", near)}
    done(act(director, "milestones", near, "reach"))
    assert {kind for kind, _ in kinds(director)} == {"thank_you"}, "for the milestone"
    follow_up = director.created("follow_ups", {
        **least(director, "follow_ups"), "due_on": "2026-11-20", "owner_id": fresh.users["coordinator"]}).id
    assert kinds(fresh.coordinator) == {("follow_up", follow_up)}
    assert fresh.coordinator.get("/v1/me/tasks").json["overdue"] == 1
    done(act(fresh.coordinator, "follow_ups", follow_up, "complete", outcome="They think about it."))
    assert kinds(fresh.coordinator) == set()


@pytest.mark.shows("district.many_tasks")
def test_of_each_kind_so_many_are_counted_and_the_kinds_of_which_there_are_more_are_told(fresh, migrate):
    partnership = Ready(fresh).id
    caller, user, _ = fresh.person("coordinator")

    def add(first, last):
        migrate.execute(
            "INSERT INTO action_item (district_id, id, partnership_id, description, owner_user_id, due_on, created_at, "
            "updated_at) SELECT %s, gen_random_uuid(), %s, 'Call ' || n, %s, date '2026-11-01' + n, now(), now() "
            "FROM generate_series(%s::integer, %s::integer) n", (fresh.id, partnership, user, first, last))

    add(1, 500)
    told = caller.get("/v1/me/tasks").json
    assert (told["counts"], told["total"], told["more"]) == ({"action_item": 500}, 500, [])
    add(0, 0)
    told = caller.get("/v1/me/tasks").json
    assert (told["counts"], told["total"], told["more"]) == ({"action_item": 500}, 500, ["action_item"])
    assert [task["title"] for task in told["data"]] == [f"Call {n}" for n in range(500)], "what is due first"
