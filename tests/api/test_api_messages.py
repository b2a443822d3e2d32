"""Mail as it is decided: why somebody got one, or did not, and what was done instead."""

import itertools
import re

import pytest
from api_world import Tenant
from check_ins import running
from fields import least

from world import NOW, ROOT, uuid7

CLASSES = ("account", "duty", "program", "bulletin")
STOPS = {  # what conventions say, a second time: class → situation → reason, task
    "account": {"left": ("left_org", None), "no_email": ("no_email", None),
                "bounced": ("bounced", None)},
    "duty": {"left": ("left_org", "hand_over"), "no_email": ("no_email", "call"),
             "bounced": ("bounced", "call"), "opted_out_all": ("opted_out", "call"),
             "hold": ("held", None)},
    **{one: {"left": ("left_org", None), "no_email": ("no_email", None),
             "bounced": ("bounced", None), "opted_out_all": ("opted_out", None),
             "opted_out_topic": ("opted_out", None), "hold": ("held", None)}
       for one in ("program", "bulletin")},
}
SITUATIONS = ("left", "no_email", "bounced", "opted_out_all", "opted_out_topic", "hold")


def queue(tenant, partnership, mail_class="duty", now=NOW, **more):
    """One decision of the check-in worker: the message, as the API tells it."""
    given = {"topic": "check_ins", "occurrence": uuid7(), "reason": None, "subject": uuid7(),
             "until": "2026-12-31T00:00:00Z", "contact": partnership.contact, "user": None,
             "at": now, **more}
    with tenant.api.database.connect("kith_checkin") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (tenant.id, now))
        one = connection.execute(
            "SELECT message_queue(%(class)s, %(topic)s, 'a_kind', %(subject)s, %(contact)s, %(user)s,"
            " %(occurrence)s, '{}', %(at)s, %(until)s, %(partnership)s, %(reason)s)",
            {**given, "class": mail_class, "partnership": partnership.id}).fetchone()[0]
    answer = tenant.coordinator.get(f"/v1/messages/{one}")
    assert answer.status == 200, answer
    return answer.json


def opt_out(tenant, partnership, topic):
    return tenant.director.created("preferences",
                                   {"contact_id": partnership.contact, "topic": topic})


def bounce(tenant, partnership):
    address = tenant.director.get(f"/v1/contacts/{partnership.contact}").json["email"]
    return tenant.director.created("address_suppressions", {"address": address, "reason": "bounced"})


def change(tenant, partnership, **fields):
    path = f"/v1/contacts/{partnership.contact}"
    assert tenant.director.patch(path, fields, tenant.director.get(path).etag).status == 200


INTO = {
    "left": lambda t, p: change(t, p, status="left"),
    "no_email": lambda t, p: change(t, p, email=None),
    "bounced": bounce,
    "opted_out_all": lambda t, p: opt_out(t, p, "all"),
    "opted_out_topic": lambda t, p: opt_out(t, p, "check_ins"),
}


def tasks(tenant, partnership):
    return tenant.director.get("/v1/call_tasks", {"partnership_id": partnership.id}).json["data"]


# ---- What stops what -----------------------------------------------------------------------------


def test_the_rules_are_the_conventions(migrate):
    found = {}
    for mail_class, situation, stops, task, reason in migrate.execute(
            "SELECT * FROM mail_rules()").fetchall():
        found[mail_class, situation] = (reason, task) if stops else None
    assert found == {(c, s): STOPS[c].get(s) for c, s in itertools.product(CLASSES, SITUATIONS)}


def test_the_rules_are_printed_where_people_read_them(migrate):
    with open(f"{ROOT}/sql/README.md", encoding="utf-8") as file:
        rows = re.findall(r"^\| (account|duty|program|bulletin) \|(.*)\|$", file.read(), re.M)
    printed = {name: [cell.strip() for cell in cells.split("|")] for name, cells in rows}
    expected = {name: ["" for _ in SITUATIONS] for name in CLASSES}
    for mail_class, situation, stops, task, _ in migrate.execute(
            "SELECT * FROM mail_rules()").fetchall():
        words = ("waits" if situation == "hold" else "stops") if stops else "sends"
        task = f", {task.replace('_', '-')} task" if task else ""
        expected[mail_class][SITUATIONS.index(situation)] = words + task
    assert printed == expected


@pytest.mark.parametrize("mail_class, situation",
                         itertools.product(CLASSES, [s for s in SITUATIONS if s != "hold"]))
def test_a_situation_stops_its_classes_and_a_duty_becomes_a_task(ours, mail_class, situation):
    partnership = running(ours)
    INTO[situation](ours, partnership)
    found = [queue(ours, partnership, mail_class, subject=partnership.goal) for _ in range(2)]
    reason, task = STOPS[mail_class].get(situation, (None, None))
    for one in found:
        assert (one["status"], one["reason"]) == ("suppressed" if reason else "queued", reason)
    made = tasks(ours, partnership)
    assert [(t["kind"], t["reason"], t["message_id"]) for t in made] == (
        [(task, reason, found[0]["id"])] if task else []), "one for both mails"
    assert not made or made[0]["owner_id"] == partnership.user


def test_of_several_reasons_the_first_one_counts(ours):
    partnership = running(ours)
    for situation in reversed(list(INTO)):
        INTO[situation](ours, partnership)
        reason = STOPS["program"][situation][0]
        assert queue(ours, partnership, "program")["reason"] == reason
    assert queue(ours, partnership, "program", reason="already_done")["reason"] == "already_done"


def test_who_no_longer_is_at_the_partner_has_left(ours):
    partnership = running(ours)
    body = {"contact_id": partnership.contact, "partner_id": partnership.partner, "role": "Lead"}
    ours.director.created("affiliations", {**body, "until_date": "2026-11-20"})
    assert queue(ours, partnership)["reason"] == "left_org"
    ours.director.created("affiliations", {**body, "until_date": "2026-11-21"})
    assert queue(ours, partnership)["status"] == "queued"


def test_a_users_mail_is_decided_by_the_same_rules(ours):
    partnership = running(ours)
    _, user, _ = ours.person("viewer")
    as_user = {"contact": None, "user": user}
    assert queue(ours, partnership, "program", **as_user)["to_address"] == f"{user}@example.org"
    ours.director.created("preferences", {"user_id": user, "topic": "check_ins"})
    assert queue(ours, partnership, "program", **as_user)["reason"] == "opted_out"
    assert queue(ours, partnership, "program", topic="asks", **as_user)["status"] == "queued"


def test_a_mail_without_time_left_is_stale(ours):
    partnership = running(ours)
    assert queue(ours, partnership, until=NOW)["reason"] == "stale"
    assert queue(ours, partnership, until="2026-11-21T15:00:00.001Z")["status"] == "queued"


def test_three_program_mails_a_week_and_any_number_of_duties(ours):
    partnership = running(ours)
    found = [queue(ours, partnership, mail_class)["reason"]
             for mail_class in ("program", "bulletin", "program", "program", "bulletin", "duty", "account")]
    assert found == [None, None, None, "rate_limited", "rate_limited", None, None]
    week = "2026-11-28T15:00:00.000Z"
    assert queue(ours, partnership, "program", at="2026-11-28T14:59:59.999Z")["reason"] == "rate_limited"
    assert queue(ours, partnership, "program", at=week)["reason"] is None


@pytest.mark.shows("district.weekly_cap")
def test_a_district_says_how_many_program_mails_a_week(api, database):
    alone = Tenant(api, database)
    partnership = running(alone)
    district = f"/v1/districts/{alone.id}"
    for cap, reasons in ((1, [None, "rate_limited"]), (2, [None, "rate_limited"]), (14, [None] * 12 + ["rate_limited"])):
        shown = alone.admin.get(district)
        assert alone.admin.patch(district, {"mail_weekly_cap": cap}, shown.etag).status == 200
        assert [queue(alone, partnership, "program")["reason"] for _ in reasons] == reasons
    for cap in (0, 15):
        reply = alone.admin.patch(district, {"mail_weekly_cap": cap}, alone.admin.get(district).etag)
        assert reply.status == 422 and reply.json["errors"][0]["pointer"] == "/mail_weekly_cap"


def test_a_decision_is_made_once_and_stays(ours):
    partnership = running(ours)
    key = {"occurrence": "1", "subject": partnership.goal}
    first = queue(ours, partnership, **key)
    change(ours, partnership, status="left")
    assert queue(ours, partnership, **key) == first
    assert queue(ours, partnership, **{**key, "occurrence": "2"})["reason"] == "left_org"


# ---- Who asks ------------------------------------------------------------------------------------


def test_why_somebody_got_it_or_not_is_one_call(ours, theirs):
    partnership = running(ours)
    partnership.check_in()
    partnership.work("reminders_decide", "2026-11-27T16:00:00Z")
    change(ours, partnership, email=None)
    partnership.work("reminders_decide", "2026-12-08T16:00:00Z")
    answer = ours.coordinator.get("/v1/messages", {"contact_id": partnership.contact})
    assert [(m["kind"], m["status"], m["reason"], m["variables"]["offset_days"])
            for m in answer.json["data"]] == [
                ("check_in_reminder", "queued", None, -14),
                ("check_in_reminder", "suppressed", "no_email", -3)]
    one = answer.json["data"][0]
    assert one["attempts"] == [] and one["to_address"].startswith(partnership.contact)
    assert (one["not_before"], one["not_after"]) == (
        "2026-11-27T15:00:00.000Z", "2026-12-12T06:00:00.000Z")
    reminders = ours.viewer.get("/v1/reminders", {"contact_id": partnership.contact}).json["data"]
    assert [r["message_id"] for r in reminders] == [m["id"] for m in answer.json["data"]]
    assert ours.viewer.get(f"/v1/reminders/{reminders[0]['id']}").json == reminders[0]
    assert theirs.admin.get(f"/v1/messages/{one['id']}").status == 404
    for role in ("executive", "school_leader", "reviewer", "viewer"):
        assert getattr(ours, role).get(f"/v1/messages/{one['id']}").status == 403


@pytest.mark.shows("administration.next_mails", "administration.mail_decisions")
def test_what_comes_next_and_why_something_did_not_go(ours, theirs):
    """Before anybody has decided it, for a partnership and for a contact; and afterwards, with what became of it."""
    partnership = running(ours)
    check_in = partnership.check_in()
    paths = [f"/v1/partnerships/{partnership.id}/next_mails", f"/v1/contacts/{partnership.contact}/next_mails"]

    def mails(path, **query):
        return ours.director.get(path, query).json["mails"]

    def decided(**query):
        told = ours.coordinator.get(f"/v1/check_ins/{check_in}/decisions", query)
        assert told.status == 200, told
        return told.json, {(d["side"], d["offset_days"]): (d["decision"], d["reason"]) for d in told.json["decisions"]}

    told = ours.director.get(paths[0]).json
    assert (told["total"], len(told["mails"])) == (10, 3)
    assert [(m["goes_on"], m["local_time"], m["zone"], m["would_go"], m["reason"], m["waits_for"], m["message_id"])
            for m in told["mails"][:2]] == [("2026-11-27", "09:00", "America/Chicago", True, None, "time", None)] * 2
    assert {m["name"] for m in told["mails"]} >= {"Ann"}
    assert [(m["contact_id"], m["offset_days"]) for m in mails(paths[1], limit=50)] == [
        (partnership.contact, rule) for rule in (-14, -3, 0, 3, 10)]
    change(ours, partnership, email=None)
    assert {(m["would_go"], m["reason"]) for m in mails(paths[1])} == {(False, "no_email")}
    partnership.work("reminders_decide", "2026-11-27T16:00:00Z")
    document, found = decided()
    assert found["partner", -14] == ("suppressed", "no_email") and found["district", -14] == ("queued", None)
    assert found["district", -3] == ("none", "not_due_yet") and found["partner", 10] == ("none", "no_email")
    assert (document["zone"], document["mail_hour"], document["is_reminded"]) == ("America/Chicago", 9, None)
    ours_, = [d["message"] for d in document["decisions"] if (d["side"], d["offset_days"]) == ("district", -14)]
    assert (ours_["status"], ours_["attempts"]) == ("queued", [])
    assert ours_["waits_for"] == ours.coordinator.get(f"/v1/messages/{ours_['message_id']}").json["waits_for"] is not None
    assert ours_["message_id"] in {
        thing["message_id"] for m in mails(paths[0]) for thing in m["things"]}, "what waits comes next, too"
    document, found = decided(contact_id=partnership.contact)
    assert document["is_reminded"] and {side for side, _ in found} == {"partner"} and len(found) == 5
    document, found = decided(contact_id=running(ours).contact)
    assert (document["is_reminded"], found) == (False, {})
    for caller, status in ((theirs.coordinator, 404), (ours.viewer, 403)):
        assert caller.get(f"/v1/check_ins/{check_in}/decisions").status == status
        assert caller.get(paths[0]).status == status


@pytest.mark.shows("partnerships.reminder_rule_told")
def test_rules_are_made_of_days_to_come_and_each_mail_tells_its_own(ours, theirs):
    """What is in force stays; what a rule leaves out it has from the one whose place it takes."""
    partnership = running(ours)
    check_in = partnership.check_in()
    path = "/v1/reminder_rules"
    districts, = ours.viewer.get(path, {"sort": "effective_from", "limit": 1}).json["data"]
    assert (districts["effective_from"], districts["reminder_days"]) == ("2000-01-01", [-14, -3, 0, 3, 10])
    own = {"partnership_id": partnership.id, "effective_from": "2026-12-01", "reminder_days": [5, 0, -2]}
    made = ours.coordinator.created(path[4:], own)
    assert (made.json["reminder_days"], made.json["recipients"], made.json["language"], made.json["escalates"],
            made.json["escalation_days"]) == ([-2, 0, 5], "leads", "person", True, 1)
    for body, field in (({"effective_from": "2026-11-21"}, "/effective_from"), ({"effective_from": "2027-01-01", "locale": "fr"}, "/locale"),
                        ({"effective_from": "2027-01-01", "language": "fixed"}, "/locale"),
                        ({"effective_from": "2027-01-01", "follows_district": True, "partnership_id": None}, "/follows_district")):
        answer = ours.admin.post(path, {"partnership_id": partnership.id, **body})
        assert (answer.status, [e["pointer"] for e in answer.json["errors"]]) == (422, [field]), answer
    assert ours.coordinator.post(path, own).status == 409
    assert ours.coordinator.post(path, {"effective_from": "2031-01-01"}).status == 403, "the district's"
    assert theirs.admin.post(path, {**own, "effective_from": "2027-02-01"}).status in (404, 422)
    partnership.work("reminders_decide", "2026-11-27T16:00:00Z")

    def told():
        return {(d["offset_days"], d["rule"]["id"], d["rule"]["effective_from"], d["reason"]) for d in ours.coordinator.get(
            f"/v1/check_ins/{check_in}/decisions").json["decisions"] if d["side"] == "district"}

    first = (-14, districts["id"], "2000-01-01", None)
    assert told() == {first, *((day, made.id, "2026-12-01", "not_due_yet") for day in (-2, 0, 5))} | {
        (day, districts["id"], "2000-01-01", "rule_not_in_force") for day in (-3, 3, 10)}
    nexts = ours.director.get(f"/v1/contacts/{partnership.contact}/next_mails", {"limit": 50}).json["mails"]
    assert [(m["offset_days"], m["things"][0]["rule"]["partnership_id"]) for m in nexts if m["offset_days"] is not None] == [
        (day, partnership.id) for day in (-2, 0, 5)]
    mail, = ours.coordinator.get("/v1/messages", {"contact_id": partnership.contact}).json["data"]
    reminder, = ours.coordinator.get("/v1/reminders", {"contact_id": partnership.contact}).json["data"]
    assert (mail["reminder_rule_id"], reminder["reminder_rule_id"]) == (districts["id"], districts["id"])
    later = ours.coordinator.created(path[4:], {**own, "effective_from": "2030-01-01"})
    assert ours.coordinator.archive(f"{path}/{later.id}", later.etag).status == 204
    etag = ours.admin.get(f"{path}/{districts['id']}").etag
    assert ours.admin.archive(f"{path}/{districts['id']}", etag).status == 409, "it is in force"


@pytest.mark.shows("administration.next_mails")
def test_a_partnerships_next_mails_say_how_much_else_goes_in_them_and_not_what(ours):
    """Whoever leads two partnerships gets one mail of a day; each partnership is told of its own things, and of how many
    others there are."""
    first, second = running(ours), running(ours)
    for one in (first, second):
        one.check_in()
    ours.director.created("partnership_roles", {"partnership_id": second.id, "contact_id": first.contact, "role": "co_lead"})

    def next_mail(one, contact):
        return [m for m in ours.director.get(f"/v1/partnerships/{one.id}/next_mails", {"limit": 50}).json["mails"]
                if m["contact_id"] == contact and m["goes_on"] == "2026-11-27"]

    mail, = next_mail(first, first.contact)
    assert (mail["kind"], mail["others"], len(mail["things"])) == ("check_in_reminder", 0, 1), "a co-lead is not reminded"
    ours.director.created("partnership_roles", {"partnership_id": second.id, "contact_id": first.contact, "role": "lead"})
    for one in (first, second):
        mail, = next_mail(one, first.contact)
        assert (mail["kind"], mail["others"], len(mail["things"])) == ("duties", 1, 1)
    of_contact, *_ = ours.director.get(f"/v1/contacts/{first.contact}/next_mails").json["mails"]
    assert (of_contact["kind"], of_contact["others"], len(of_contact["things"])) == ("duties", 0, 2)
    assert {m["others"] for m in next_mail(second, second.contact)} == {0}


def test_attempts_are_told_with_their_message(ours, migrate):
    message = queue(ours, running(ours))
    for number, outcome, code in ((1, "deferred", "451"), (2, "sent", "250")):
        migrate.execute(
            "INSERT INTO message_attempt (district_id, id, message_id, number, started_at, ended_at, "
            "outcome, code, detail) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'x')",
            (ours.id, uuid7(), message["id"], number, NOW, NOW, outcome, code))
    told = ours.coordinator.get(f"/v1/messages/{message['id']}").json["attempts"]
    assert [(a["number"], a["outcome"], a["code"], a["detail"]) for a in told] == [
        (1, "deferred", "451", "x"), (2, "sent", "250", "x")]


def test_an_answer_stops_the_reminders_that_wait_and_the_next_ones(ours):
    partnership = running(ours)
    path = f"/v1/check_ins/{partnership.check_in()}"
    partnership.work("reminders_decide", "2026-11-27T16:00:00Z")
    half = {"side": "partner", "on_behalf_of": partnership.contact, "challenges": "None"}
    assert ours.director.post(f"{path}/save_half", half).status == 200
    assert ours.director.post(f"{path}/submit_half", {"side": "partner"}).status == 200
    partnership.work("reminders_decide", "2026-12-08T16:00:00Z")
    found = ours.director.get("/v1/messages", {"partnership_id": partnership.id}).json["data"]
    assert sorted((m["variables"]["side"], m["reason"]) for m in found if m["reason"]) == [
        ("partner", "already_done")] * 2
    assert [m["variables"]["side"] for m in found if m["status"] == "queued"] == ["district"] * 2


# ---- Preferences, suppressed addresses, calls ----------------------------------------------------


@pytest.mark.shows("administration.complaints")
def test_a_providers_webhook_reports_bounces_and_complaints(ours, theirs, migrate):
    """Each once a mail, by an administrator's key; what is done is what `kith bounce` does."""
    partnership = running(ours)
    message = queue(ours, partnership)["id"]
    migrate.execute("UPDATE message SET status = 'sent', sent_at = %s WHERE id = %s", (NOW, message))
    report = {"message_id": message, "kind": "complaint"}
    assert ours.director.post("/v1/mail_reports", report).status == 403
    assert theirs.admin.post("/v1/mail_reports", report).status in (404, 422)
    made = ours.admin.created("mail_reports", report)
    assert ours.coordinator.get(f"/v1/mail_reports/{made.id}").json["kind"] == "complaint"
    assert ours.admin.post("/v1/mail_reports", report).status == 409
    assert queue(ours, partnership)["reason"] == "opted_out"
    ours.admin.created("mail_reports", {"message_id": message, "kind": "hard", "status": "5.1.1"})
    assert ours.coordinator.get(f"/v1/messages/{message}").json["status"] == "failed"
    assert [(s["reason"], s["detail"]) for s in ours.coordinator.get(
        "/v1/address_suppressions", {"limit": 200}).json["data"] if s["address"].startswith(partnership.contact)] == [
            ("bounced", "5.1.1")]


def test_a_preference_is_somebodys_and_stands_once_a_topic(ours):
    partnership = running(ours)
    made = opt_out(ours, partnership, "surveys")
    assert (made.json["opted_out"], made.json["channel"], made.json["source"]) == (
        True, "email", "staff")
    body = {"contact_id": partnership.contact, "topic": "surveys"}
    assert ours.director.post("/v1/preferences", body).status == 409
    for body in ({"topic": "surveys"}, {**body, "user_id": ours.users["viewer"]}):
        answer = ours.director.post("/v1/preferences", body)
        assert answer.faults == {"/contact_id": "not_allowed"}, answer
    path = f"/v1/preferences/{made.id}"
    assert queue(ours, partnership, "program", topic="surveys")["reason"] == "opted_out"
    assert ours.director.patch(path, {"opted_out": False}, made.etag).status == 200
    assert queue(ours, partnership, "program", topic="surveys")["status"] == "queued"


def test_a_bounced_address_is_tried_again_when_it_is_archived(ours):
    partnership = running(ours)
    made = bounce(ours, partnership)
    assert queue(ours, partnership)["reason"] == "bounced"
    assert ours.director.archive(f"/v1/address_suppressions/{made.id}", made.etag).status == 204
    assert queue(ours, partnership)["status"] == "queued"


def test_a_call_is_done_with_a_note_and_open_again(ours):
    partnership = running(ours, email=None)
    queue(ours, partnership)
    (task,) = tasks(ours, partnership)
    path = f"/v1/call_tasks/{task['id']}"
    assert (task["kind"], task["status"], task["contact_id"]) == ("call", "open", partnership.contact)
    changed = ours.director.patch(path, {"owner_id": ours.users["coordinator"]},
                                  ours.director.get(path).etag)
    assert changed.json["owner_id"] == ours.users["coordinator"]
    done = ours.director.post(f"{path}/complete", {"note": "Told her"}).json
    assert (done["status"], done["note"], done["done_at"]) == ("done", "Told her", NOW)
    assert ours.director.post(f"{path}/complete", {}).status == 409
    assert ours.viewer.get(path).status == 403
    told = ours.reviewer.get(f"{path}/transitions").json
    assert [(one["action"], one["to"]) for one in told["possible"]] == [("reopen", "open")]
    assert ours.director.post(f"{path}/reopen", {}).json["status"] == "open"


# ---- Preferences and suppressed addresses: as every resource -------------------------------------


@pytest.mark.parametrize("plural", ["preferences", "address_suppressions"])
def test_they_are_listed_archived_and_restored(ours, theirs, plural):
    made = ours.director.created(plural, least(ours.director, plural))
    path = f"/v1/{plural}/{made.id}"

    def listed(caller, **parameters):
        rows = caller.get(f"/v1/{plural}", {"limit": 200, **parameters}).json["data"]
        return made.id in {row["id"] for row in rows}

    assert listed(ours.director) and not listed(theirs.director)
    assert ours.director.archive(path, made.etag).status == 204
    assert not listed(ours.director) and listed(ours.director, archived="only")
    back = ours.director.restore(path, ours.director.get(path).etag)
    assert (back.status, back.json["archived_at"]) == (200, None)
    assert listed(ours.director)


def test_a_call_that_is_nobodys_is_every_directors(ours, migrate):
    """Of no partnership, or of one that nobody leads: whoever runs the program sees to it."""
    partnership = running(ours, email=None)
    queue(ours, partnership)
    (task,) = tasks(ours, partnership)

    def waits_for(who):
        return task["id"] in {row["subject_id"] for row in who.get("/v1/me/tasks").json["data"]}

    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (ours.id, NOW))
        migrate.execute("UPDATE call_task SET owner_id = NULL WHERE id = %s", (task["id"],))
    assert not waits_for(ours.executive)
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (ours.id, NOW))
        migrate.execute("UPDATE call_task SET partnership_id = NULL WHERE id = %s", (task["id"],))
    assert waits_for(ours.director) and not waits_for(ours.coordinator) and not waits_for(ours.executive)
    assert ours.director.post(f"/v1/call_tasks/{task['id']}/complete", {"note": "Told her"}).status == 200
    assert not waits_for(ours.director)
