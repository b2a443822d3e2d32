"""What becomes of records about people: schedules, legal holds, records requests, erasure."""

import json

import pytest
from acting import act, at_once, done
from administering import SAID
from api_world import Tenant
from check_ins import running
from importing import counts, load
from operations import Subjects, operations
from partnering import Ready
from psycopg import errors

from world import NOW, insert, uuid7

NAME, EMAIL = "Maria Quintana Solís", "maria.quintana@example.org"


@pytest.fixture
def own(api, database):
    """A district of its own, whose schedules are its own."""
    return Tenant(api, database)


def row(tenant, table, **fields):
    with tenant.api.database.connect("kith_migrate") as connection:
        values = {"district_id": tenant.id, "id": uuid7(), **SAID, **fields}
        with connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (tenant.id, NOW))
            insert(connection, table, values)
    return values["id"]


def rule(tenant, kind, years, **fields):
    return tenant.admin.created("retention_rules", {"kind": kind, "years": years, "source": "Schedule 1", **fields})


def hold(tenant, **about):
    return tenant.admin.created("legal_holds", {"matter": "Suit 7", "reason": "Preserve", **about})


# ---- Schedules and holds -------------------------------------------------------------------------


@pytest.mark.shows("administration.retention", "administration.legal_holds")
def test_what_is_past_its_schedule_is_proposed_and_put_away_but_never_under_a_hold(own):
    one = own.admin.partner().id
    free, held, young = (
        own.admin.created("interactions", {"partner_id": partner, "kind": "call", "on_date": day, "subject": "S"}).id
        for partner, day in ((own.admin.partner().id, "2019-01-01"), (one, "2019-02-01"), (one, "2026-01-01")))
    kept = hold(own, partner_id=one)
    schedule = rule(own, "interaction", 5)
    assert own.admin.post("/v1/retention_rules", {"kind": "interaction", "years": 1, "source": "Schedule 1"}).status == 409
    rule(own, "interaction", 0, source="Another law", blocks_erasure=False)
    told = next(one for one in own.admin.get("/v1/retention").json["data"] if one["source"] == "Schedule 1")
    assert (told["due"], told["held"], told["oldest_on"], told["first"]) == (1, 1, "2019-01-01", [free])
    for archived in (1, 1):
        assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["archived_rows"] == archived
    assert own.admin.get(f"/v1/interactions/{free}").json["archived_at"]
    for other in (held, young):
        assert own.admin.get(f"/v1/interactions/{other}").json["archived_at"] is None
    told = done(act(own.reviewer, "legal_holds", kept.id, "release", reason="Settled"))
    assert (told["status"], told["released_by"], told["placed_by"]) == (
        "released", own.users["reviewer"], own.users["admin"])
    assert act(own.admin, "legal_holds", kept.id, "release", reason="Again").status == 409
    assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["archived_rows"] == 2
    assert own.admin.post("/v1/legal_holds", {"matter": "M", "reason": "R"}).status == 422, "on whom?"


def test_every_kind_of_record_has_a_schedule_that_can_be_asked(own, migrate):
    kinds = [kind for kind, in migrate.execute("SELECT kind FROM retention_kinds()")]
    for kind in kinds:
        rule(own, kind, 100, blocks_erasure=False, **({"disposal": "delete"} if kind == "audit" else {}))
    told = own.admin.get("/v1/retention").json["data"]
    assert {one["kind"] for one in told} == set(kinds)
    for one in told:
        assert act(own.admin, "retention_rules", one["retention_rule_id"], "apply").status == 200, one


@pytest.mark.shows("administration.retention_by_clock")
def test_a_schedule_is_applied_by_the_clock_once_a_day_and_reports(own):
    one = own.admin.partner().id
    other = own.admin.partner().id
    for partner, year in ((one, 2019), (other, 2019), (other, 2020)):
        own.admin.created("interactions", {
            "partner_id": partner, "kind": "call", "on_date": f"{year}-12-01", "subject": "S"})
    kept = hold(own, partner_id=one)
    schedule, by_hand = rule(own, "interaction", 6, is_automatic=True), rule(own, "activity", 0)

    def rounds(day, count=1):
        def go(_):
            with own.api.database.connect("kith_checkin") as connection:
                return connection.execute("SELECT retention_advance(%s, %s)",
                                          (own.id, f"{day}T15:00:00Z")).fetchone()[0]
        return sorted(at_once(count, go))

    assert rounds("2026-11-21", 4) == [0, 0, 0, 1], "once, whoever looks"
    assert rounds("2026-11-21") == [0] and rounds("2026-12-02") == [1]
    act(own.admin, "legal_holds", kept.id, "release", reason="Settled")
    assert rounds("2026-12-03") == [1] and rounds("2026-12-04") == [1]
    told = own.reviewer.get("/v1/retention_runs", {"retention_rule_id": schedule.id}).json["data"]
    assert [(r["on_date"], r["archived_rows"], r["held_rows"], r["left_rows"]) for r in told] == [
        ("2026-11-21", 1, 1, 0), ("2026-12-02", 1, 1, 0), ("2026-12-03", 1, 0, 0), ("2026-12-04", 0, 0, 0)]
    assert own.admin.get(f"/v1/retention_rules/{schedule.id}").json["archived_rows"] == 3
    assert own.admin.get(f"/v1/retention_rules/{by_hand.id}").json["applied_at"] is None
    assert own.admin.get("/v1/interactions").json["data"] == []


@pytest.mark.shows("administration.retention_deletes")
def test_a_schedule_deletes_what_nothing_needs_any_more_and_says_how_much(own, migrate):
    held, free = own.admin.partner().id, own.admin.partner().id
    old, kept, young = (own.admin.created("interactions", {
        "partner_id": partner, "kind": "call", "on_date": day, "subject": "S"})
        for partner, day in ((free, "2015-01-01"), (held, "2015-01-01"), (free, "2020-01-01")))
    assert own.admin.archive(f"/v1/interactions/{old.id}", old.etag).status == 204, "put away long ago"
    file = own.admin.call("POST", f"/v1/attachments?subject_kind=interaction&subject_id={kept.id}&name=a.txt", b"Text",
                          Content_Type="application/octet-stream")
    hold(own, partner_id=held)
    schedule = rule(own, "interaction", 5, disposal="delete", is_automatic=True)
    rule(own, "interaction", 3)
    longer = rule(own, "interaction", 20, source="Another law")
    assert own.admin.get("/v1/retention").json["data"][-1]["due"] == 0, "another one has it kept for longer"
    path = f"/v1/retention_rules/{longer.id}"
    assert own.admin.archive(path, longer.etag).status == 204
    told = next(one for one in own.admin.get("/v1/retention").json["data"] if one["disposal"] == "delete")
    assert (told["due"], told["held"], told["referred"], told["first"]) == (2, 1, 0, [old.id, young.id])

    def round_of(day):
        with own.api.database.connect("kith_checkin") as connection:
            return connection.execute("SELECT retention_advance(%s, %s)", (own.id, f"{day}T15:00:00Z")).fetchone()[0]

    at_once(4, lambda _: round_of("2026-11-21"))
    for gone in (old, young):
        assert own.admin.get(f"/v1/interactions/{gone.id}").status == 404
    assert own.admin.get(f"/v1/interactions/{kept.id}").status == 200 and file.status in (201, 422)
    run, = own.admin.get("/v1/retention_runs", {"retention_rule_id": schedule.id}).json["data"]
    assert {name: run[name] for name in ("archived_rows", "deleted_rows", "held_rows", "referred_rows", "left_rows")} == {
        "archived_rows": 0, "deleted_rows": 2, "held_rows": 1, "referred_rows": 0, "left_rows": 0}
    assert own.admin.get(f"/v1/retention_rules/{schedule.id}").json["deleted_rows"] == 2
    entry, = own.admin.get("/v1/audit", {"aggregatetype": "interaction", "action": "deleted"}).json["data"]
    assert entry["actor"] is None and entry["detail"]["count"] == 2


def test_what_something_refers_to_stays_and_what_belongs_to_it_goes(own, migrate):
    user = own.users["viewer"]
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (own.id, NOW))
        needed, free = (migrate.execute(
            "SELECT message_queue('account', 'account', 'password_reset', %s, NULL, %s, %s, '{}', %s, %s)",
            (user, user, key, "2015-01-01T15:00:00Z", "2015-01-02T15:00:00Z")).fetchone()[0] for key in ("a", "b"))
        migrate.execute("UPDATE message SET status = 'suppressed', reason = 'stale', created_at = '2015-01-01Z'")
        insert(migrate, "message_attempt", {"district_id": own.id, "id": uuid7(), "message_id": free, "number": 1,
                                            "started_at": NOW})
        insert(migrate, "call_task", {"district_id": own.id, "id": uuid7(), **SAID, "kind": "call", "reason": "no_email",
                                      "subject_id": user, "recipient_key": "x", "message_id": needed, "user_id": user})
    schedule = rule(own, "message", 7, disposal="delete")
    told, = own.admin.get("/v1/retention").json["data"]
    assert (told["due"], told["referred"]) == (1, 1)
    for _ in range(2):
        assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 1
    assert [str(one) for one, in migrate.execute("SELECT id FROM message WHERE district_id = %s", (own.id,))] == [str(needed)]
    assert migrate.execute("SELECT count(*) FROM message_attempt WHERE message_id = %s", (free,)).fetchone() == (0,)


def test_every_kind_that_may_be_deleted_is_and_no_other(own, migrate):
    may = {kind for kind, in migrate.execute("SELECT kind FROM retention_deletable()")}
    for kind, in migrate.execute("SELECT kind FROM retention_kinds()").fetchall():
        answer = own.admin.post("/v1/retention_rules", {"kind": kind, "years": 100, "source": "S", "disposal": "delete"})
        assert answer.status == (201 if kind in may else 422), answer
        if kind in may:
            assert act(own.admin, "retention_rules", answer.id, "apply").status == 200, kind
        else:
            assert answer.faults == {"/disposal": "not_allowed"}


@pytest.mark.shows("administration.retention_of_all")
def test_a_check_in_goes_with_its_halves_and_a_hold_on_whoever_filled_one_in_keeps_it(own, migrate):
    made = running(own)
    free, held = (row(own, "check_in", partnership_id=made.id, school_year=year, number=1, due_on=f"{year}-06-11",
                      opens_on=f"{year}-05-11", dated_at=f"{year}-01-01T15:00:00Z", status="missed", uid=uuid7())
                  for year in (2015, 2014))
    contact = own.admin.created("contacts", {"name": "Ann"}).id
    for check_in in (free, held):
        row(own, "check_in_half", check_in_id=check_in, side="partner", status="submitted",
               submitted_at="2015-12-01T15:00:00Z", contact_id=contact if check_in == held else None)
    other = own.admin.created("contacts", {"name": "Bo"}).id
    row(own, "goal_settlement", check_in_id=free, goal_id=made.goal, progress="met", side="partner", contact_id=other,
        settled_at="2015-12-01T15:00:00Z")
    row(own, "check_in_delegate", check_in_id=free, from_contact_id=other, to_contact_id=other,
        delegated_at="2015-12-01T15:00:00Z")
    hold(own, contact_id=contact)
    schedule = rule(own, "check_in", 7, disposal="delete")
    told, = own.admin.get("/v1/retention").json["data"]
    assert (told["due"], told["held"], told["first"]) == (1, 1, [free])
    assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 1
    assert [own.admin.get(f"/v1/check_ins/{one}").status for one in (free, held)] == [404, 200]
    assert migrate.execute("SELECT count(*) FROM check_in_half WHERE check_in_id = %s", (free,)).fetchone() == (0,)


SURVEY_ROWS = ("survey", "survey_invitation", "survey_answer", "survey_anonymous_answer", "survey_mark", "survey_counted",
               "survey_block", "survey_tally", "survey_look", "survey_public_use")


def a_survey(tenant, contact, partnership, partner, **fields):
    """A survey that was counted, with rows in all of its tables: its id, and those of what was answered."""
    instrument = tenant.admin.get("/v1/instruments?code=relationship").json["data"][0]["id"]
    survey = row(tenant, "survey", name="Old", instrument_id=instrument, status="closed", school_year=2027,
                 **{"mode": "confidential", "opens_on": "2026-10-01", "closes_on": "2026-10-11", "opened_at": NOW, **fields})
    invitation = row(tenant, "survey_invitation", survey_id=survey, contact_id=contact, status="answered", address=f"{uuid7()}@example.org")
    answer = row(tenant, "survey_answer", survey_id=survey, survey_invitation_id=invitation, partnership_id=partnership,
                 side="partner", status="submitted", answers='{"trust_word": 1, "comment": "My very own words"}')
    anonymous, block = uuid7(), uuid7()
    with tenant.api.database.connect("kith_migrate") as connection:
        connection.execute("SELECT set_config('kith.district', %s, false)", (tenant.id,))  # as who counts has it
        for table, values in (
                ("survey_anonymous_answer", {"id": anonymous, "partner_id": partner, "answers": '{"comment": "Not signed"}'}),
                ("survey_block", {"id": block, "cell": ["partner", "", str(partner), "", "", ""]}),
                ("survey_counted", {"survey_answer_id": uuid7(), "cell": [], "survey_block_id": block, "answers": '{"comment": "Counted"}'}),
                ("survey_tally", {"dimension": "all", "key": "all", "side": "", "audience": "", "n": 9, "sums": "{}"}),
                ("survey_public_use", {"hour": NOW, "in_hour": 1, "total": 1})):
            insert(connection, table, {"district_id": tenant.id, "survey_id": survey, **values})
        connection.execute("INSERT INTO survey_look (district_id, survey_id, looked_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                           (tenant.id, survey, NOW))
        connection.execute("INSERT INTO survey_mark (district_id, survey_id, survey_answer_id) VALUES (%s, %s, %s)",
                           (tenant.id, survey, answer))
    return survey, invitation, answer, anonymous


@pytest.mark.shows("administration.retention_of_all")
def test_a_survey_goes_with_all_that_was_asked_answered_and_counted_but_not_one_that_is_needed(own, migrate):
    made = running(own)
    old = {"opens_on": "2015-12-01", "closes_on": "2015-12-11"}
    free, held, needed = (a_survey(own, contact, made.id, made.partner, **old)[0] for contact in (
        made.contact, own.admin.created("contacts", {"name": "Ann"}).id, made.contact))
    young = a_survey(own, made.contact, made.id, made.partner)[0]
    ann, = migrate.execute("SELECT contact_id FROM survey_invitation WHERE survey_id = %s", (held,)).fetchone()
    hold(own, contact_id=str(ann))
    row(own, "assessment", site_id=own.admin.site().id, audience="families", summary="S", school_year=2016, source="survey",
        survey_id=needed)
    schedule = rule(own, "survey", 7, disposal="delete")
    told, = own.admin.get("/v1/retention").json["data"]
    assert (told["due"], told["held"], told["referred"]) == (1, 1, 1)
    assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 1
    for table in SURVEY_ROWS:
        field = "id" if table == "survey" else "survey_id"
        left = {str(one) for one, in migrate.execute(f"SELECT {field} FROM {table} WHERE district_id = %s", (own.id,))}
        assert left == {str(one) for one in (held, needed, young)}, table
    assert free not in left


@pytest.mark.shows("administration.retention_of_people")
def test_what_tells_of_people_goes_with_what_belongs_to_it_and_a_hold_keeps_it(own, migrate):
    """Champions, departures, edits of partners and roll calls that are settled; what still runs has no end yet."""
    day, partner, held = "2015-12-01T15:00:00Z", own.admin.partner().id, own.admin.partner().id
    ann, bob, cy = (own.admin.created("contacts", {"name": name}).id for name in ("Ann", "Bob", "Cy"))
    owner, sites = own.users["director"], [own.admin.site().id for _ in range(3)]
    made = {
        "champion": [row(own, "champion", contact_id=who, owner_id=owner, status=status, created_at=day, updated_at=day)
                     for who, status in ((ann, "lapsed"), (bob, "lapsed"), (cy, "asked"))],
        "departure": [row(own, "departure", contact_id=who, on_date="2015-12-01", status=status, created_at=day,
                          updated_at=day)
                      for who, status in ((ann, "cancelled"), (bob, "cancelled"), (cy, "planned"))],
        "partner_edit": [row(own, "partner_edit", partner_id=whose, field="phone", status=status, decided_at=day)
                         for whose, status in ((partner, "refused"), (held, "refused"))]
        + [row(own, "partner_edit", partner_id=partner, field="city", status="waiting")],
        "roll_call": [row(own, "roll_call", site_id=site, school_year=2016, due_on="2015-12-01", status=status,
                          confirmed_at=day if status == "confirmed" else None)
                      for site, status in zip(sites, ("confirmed", "confirmed", "submitted"))]}
    row(own, "champion_step", champion_id=made["champion"][0], on_date="2015-11-01", kind="call")
    for roll_call, whose in zip(made["roll_call"], (partner, held)):
        row(own, "roll_call_mark", roll_call_id=roll_call, partner_id=whose)
    hold(own, contact_id=bob)
    hold(own, partner_id=held)
    for kind, (free, kept, running_) in made.items():
        schedule = rule(own, kind, 7, disposal="delete")
        told = next(one for one in own.admin.get("/v1/retention").json["data"] if one["kind"] == kind)
        assert (told["due"], told["held"], told["first"]) == (1, 1, [free]), kind
        assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 1
        left = {str(one) for one, in migrate.execute(f"SELECT id FROM {kind} WHERE district_id = %s", (own.id,))}
        assert left == {kept, running_}, kind
    assert migrate.execute("SELECT count(*) FROM champion_step WHERE district_id = %s", (own.id,)).fetchone() == (0,)


@pytest.mark.shows("administration.retention_of_audit")
def test_the_audit_log_is_kept_for_years_and_no_longer_than_its_schedule(own, migrate):
    def log():
        return migrate.execute("SELECT count(*) FROM audit WHERE district_id = %s AND at < '2016-01-01'", (own.id,)).fetchone()[0]

    migrate.execute("INSERT INTO audit (district_id, id, at, action, aggregatetype) SELECT %s, gen_random_uuid(), "
                    "timestamptz '2015-01-01' + n * interval '1 day', 'updated', 'partner' FROM generate_series(1, 3) n",
                    (own.id,))
    for fields, at_fault in (({"years": 2, "disposal": "delete"}, "/years"), ({"years": 5}, "/disposal")):
        refused = own.admin.post("/v1/retention_rules", {"kind": "audit", "source": "S", **fields})
        assert refused.faults == {at_fault: "not_allowed"}, refused
    schedule = rule(own, "audit", 5, disposal="delete")
    kept = hold(own, partner_id=own.admin.partner().id)
    told, = own.admin.get("/v1/retention").json["data"]
    assert (told["due"], told["held"], told["oldest_on"]) == (0, 3, "2015-01-02"), "whatever the hold is on"
    assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 0 and log() == 3
    act(own.admin, "legal_holds", kept.id, "release", reason="Settled")
    assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 3 and log() == 0
    assert own.admin.get("/v1/audit", {"aggregatetype": "retention_rule"}).json["data"], "and that is told"


# ---- Records requests ----------------------------------------------------------------------------


@pytest.mark.shows("administration.records_request")
def test_a_request_is_gathered_into_a_file_and_delivered(ours):
    ready = Ready(ours)
    request = {"requester": "A journalist", "partner_id": ready.partner, "received_on": "2026-11-02",
               "due_on": "2026-11-16"}
    one = ours.admin.created("records_requests", request)
    path = f"/v1/records_requests/{one.id}"
    assert one.json["is_overdue"] is True
    waiting = ours.admin.get("/v1/me/tasks").json["data"]
    assert ("records_request", one.id, True) in {(t["kind"], t["subject_id"], t["is_overdue"]) for t in waiting}
    assert ours.admin.get(f"{path}/file").status == 409, "nothing is gathered"
    assert act(ours.admin, "records_requests", one.id, "gather").status == 409
    assert done(act(ours.admin, "records_requests", one.id, "begin"))["owner_id"] == ours.users["admin"]
    told = done(act(ours.admin, "records_requests", one.id, "gather"))
    assert told["status"] == "ready" and told["records"] > 4
    file = ours.admin.get(f"{path}/file")
    assert "records-" in file.field("Content-Disposition")
    found = json.loads(file.reply.body)
    assert found["count"] == told["records"] == len(found["records"])
    resources = {r["resource"] for r in found["records"]}
    assert {"partner", "partnership", "goal", "affiliation"} - resources <= {"affiliation"} and "audit" in resources
    assert not any({"password_hash", "token_hash", "district_id"} & set(r["record"]) for r in found["records"])
    told = done(act(ours.admin, "records_requests", one.id, "deliver", delivered_to="ann@example.org, by mail"))
    assert (told["status"], told["is_overdue"]) == ("delivered", False)
    record = ours.admin.get("/v1/audit", {"aggregateid": one.id}).json["data"]
    assert "downloaded" in {r["action"] for r in record}
    other = ours.admin.created("records_requests", {**request, "partner_id": None, "contact_id": ready.contact})
    assert done(act(ours.admin, "records_requests", other.id, "withdraw", reason="Paid no fee"))["status"] == "withdrawn"
    wrong = ours.admin.post("/v1/records_requests", {**request, "contact_id": ready.contact})
    assert wrong.status == 422, "about one"
    assert ours.director.get(f"{path}/file").status == 403


def gathered(tenant, **about):
    """What is in the file of a request: {resource: {id: record}}."""
    one = tenant.admin.created("records_requests", {
        "requester": "A journalist", "received_on": "2026-11-02", "due_on": "2026-12-16", **about}).id
    for verb in ("begin", "gather"):
        done(act(tenant.admin, "records_requests", one, verb))
    found = {}
    for each in json.loads(tenant.admin.get(f"/v1/records_requests/{one}/file").reply.body)["records"]:
        found.setdefault(each["resource"], {})[each["record"].get("id")] = each["record"]
    return found


@pytest.mark.shows("administration.records_whole")
def test_of_a_partner_the_file_has_agreements_files_and_what_both_sides_said_in_check_ins(ours):
    ready = Ready(ours)
    goal = Ready(ours).ids["goals"]
    ready.made("goal_partnerships", goal_id=goal)
    sent = ours.director.call(
        "POST", f"/v1/attachments?name=minutes.txt&subject_kind=agreement&subject_id={ready.ids['agreements']}",
        b"minutes", Content_Type="text/plain")
    assert sent.status == 201, sent
    found = gathered(ours, partner_id=ready.partner)
    assert found["agreement"][ready.ids["agreements"]]["text"] == "We agree."
    assert found["agreement_item"] and {goal, ready.ids["goals"]} <= set(found["goal"])
    assert found["attachment"][sent.id]["name"] == "minutes.txt"
    one = running(ours)
    halves = {}
    for number, status, due in ((1, "complete", "2026-10-02"), (2, "open", "2026-12-11")):
        check_in = one.check_in(number, status=status, due_on=due, opens_on="2026-09-20")
        halves[number] = row(ours, "check_in_half", check_in_id=check_in, side="partner", status="submitted",
                             submitted_at=NOW, goals_set=f"Ours, {number}")
    told = gathered(ours, partner_id=one.partner)["check_in_half"]
    assert set(told) == {halves[1]}, "the other side may not see it yet"


@pytest.mark.shows("administration.records_request")
def test_of_a_person_the_file_has_what_names_it(ours):
    one = running(ours)
    secret = row(ours, "interaction", partner_id=one.partner, contact_id=one.contact, kind="call",
                 on_date="2026-10-01", subject="About Ann")
    request = ours.admin.created("records_requests", {
        "requester": "Ann", "contact_id": one.contact, "received_on": "2026-11-02", "due_on": "2026-12-16"})
    act(ours.admin, "records_requests", request.id, "begin")
    act(ours.admin, "records_requests", request.id, "gather")
    found = json.loads(ours.admin.get(f"/v1/records_requests/{request.id}/file").reply.body)["records"]
    ids = {r["record"].get("id") for r in found}
    assert {one.contact, secret} <= ids and one.partner not in ids


@pytest.mark.shows("administration.records_request")
def test_what_was_answered_in_confidence_is_in_no_file_about_the_partner(ours):
    one = running(ours)
    instrument = ours.admin.get("/v1/instruments?code=relationship").json["data"][0]["id"]
    answers = {}
    for mode in ("confidential", "attributed"):
        survey = row(ours, "survey", name=mode, instrument_id=instrument, mode=mode, status="open", school_year=2027,
                     opens_on="2026-11-01", closes_on="2026-12-04", opened_at="2026-11-01T12:00:00Z")
        invitation = row(ours, "survey_invitation", survey_id=survey, contact_id=one.contact,
                         address=f"{mode}@example.org")
        answers[mode] = row(ours, "survey_answer", survey_id=survey, survey_invitation_id=invitation,
                            partnership_id=one.id, side="partner", answers='{"trust": 1}')
    request = ours.admin.created("records_requests", {
        "requester": "A journalist", "partner_id": one.partner, "received_on": "2026-11-02", "due_on": "2026-12-16"})
    act(ours.admin, "records_requests", request.id, "begin")
    act(ours.admin, "records_requests", request.id, "gather")
    found = json.loads(ours.admin.get(f"/v1/records_requests/{request.id}/file").reply.body)["records"]
    ids = {r["record"].get("id") for r in found}
    assert answers["attributed"] in ids and answers["confidential"] not in ids and one.id in ids


def file_about(tenant, **whom):
    request = tenant.admin.created("records_requests", {
        "requester": "A journalist", "received_on": "2026-11-02", "due_on": "2026-12-16", **whom})
    act(tenant.admin, "records_requests", request.id, "begin")
    act(tenant.admin, "records_requests", request.id, "gather")
    return json.loads(tenant.admin.get(f"/v1/records_requests/{request.id}/file").reply.body)["records"]


@pytest.mark.shows("administration.records_of_surveys")
def test_no_file_has_what_was_answered_without_a_name_or_in_confidence(ours):
    """About the partner, whose survey it is: nothing of anybody. About the person: that it was asked, and what it said under
    its own name."""
    one = running(ours)
    told = {mode: a_survey(ours, one.contact, one.id, one.partner, mode=mode, partner_id=one.partner)
            for mode in ("confidential", "anonymous", "attributed")}
    about_partner, about_person = file_about(ours, partner_id=one.partner), file_about(ours, contact_id=one.contact)
    for records in (about_partner, about_person):
        of_surveys = {r["resource"] for r in records} & set(SURVEY_ROWS)
        assert of_surveys <= {"survey", "survey_invitation", "survey_answer"}
        text = json.dumps(records)
        assert "Not signed" not in text and "Counted" not in text
        assert {r["record"]["id"] for r in records if r["resource"] == "survey_answer"} == {str(told["attributed"][2])}
    assert not [r for r in about_partner if r["resource"] == "survey_invitation"], "whom it asks, and who has answered"
    assert {r["record"]["id"] for r in about_person if r["resource"] == "survey_invitation"} == {str(t[1]) for t in told.values()}


@pytest.mark.shows("administration.records_reminders")
def test_whoever_sees_to_a_request_is_told_before_it_is_due_and_once_after(own):
    request = {"requester": "A journalist", "contact_id": own.admin.created("contacts", {"name": "Ann"}).id,
               "received_on": "2026-11-02"}
    one = own.admin.created("records_requests", {**request, "due_on": "2026-11-30",
                                                 "owner_id": own.users["director"]}).id
    other = own.admin.created("records_requests", {**request, "due_on": "2026-12-01"}).id
    days = {}
    with own.api.database.connect("kith_checkin") as connection:
        for day in range(20, 34):
            on = f"2026-11-{day}" if day < 31 else f"2026-12-{day - 30:02}"
            days[on] = [connection.execute("SELECT records_requests_remind(%s, %s)",
                                           (own.id, f"{on}T{hour}:00:00Z")).fetchone()[0] for hour in (13, 16, 17)]
    assert {on: told for on, told in days.items() if any(told)} == {
        "2026-11-23": [0, 1, 0], "2026-11-24": [0, 1, 0], "2026-11-27": [0, 1, 0], "2026-11-30": [0, 2, 0],
        "2026-12-01": [0, 2, 0], "2026-12-02": [0, 1, 0]}, "no weekend, no Thanksgiving"
    mails = own.admin.get("/v1/messages", {"kind": "records_request_due", "limit": 50}).json["data"]
    assert {(m["subject_id"], m["user_id"]) for m in mails} == {
        (one, own.users["director"]), (other, own.users["admin"])}
    assert {m["class"] for m in mails} == {"duty"}


# ---- Erasure -------------------------------------------------------------------------------------


class Person:
    """A contact of whom much is said, in tables of every make."""

    def __init__(self, tenant, name=NAME, email=EMAIL):
        self.tenant = tenant
        self.partnership = running(tenant)
        self.partner = self.partnership.partner
        self.id = row(tenant, "contact", name=name, email=email, phone="555-0199", notes="Likes jazz")
        row(tenant, "affiliation", contact_id=self.id, partner_id=self.partner, role=f"Chief {name}")
        self.interaction = row(tenant, "interaction", partner_id=self.partner, contact_id=self.id, kind="call",
                               on_date="2026-10-01", subject=f"Called {name}", notes=f"Write to {email.upper()}")
        self.goal = row(tenant, "goal", partnership_id=self.partnership.id, due_on="2027-06-30",
                        statement=f"{name} reads with us")
        self.inquiry = row(tenant, "inquiry", organization="O", name=name, email=email, message="Hello",
                           answer_by="2026-12-01")
        self.message = row(tenant, "message", **{
            "class": "duty", "topic": "check_ins", "kind": "check_in_reminder", "subject_id": uuid7(),
            "recipient_key": f"contact:{self.id}", "occurrence": "1", "contact_id": self.id, "to_address": email,
            "locale": "en", "variables": json.dumps({"lead": name}), "status": "queued",
            "not_before": "2026-11-21T15:00:00Z", "not_after": "2026-12-21T15:00:00Z"})

    def request(self, **fields):
        return self.tenant.admin.created("erasures", {"contact_id": self.id, "reason": "She asked", **fields})


def traces(tenant, *words):
    """Tables of the district with one of the words in any row, as text."""
    found = set()
    with tenant.api.database.connect("kith_migrate") as connection:
        tables = [one for one, in connection.execute("SELECT name FROM tenant_tables() WHERE name <> 'search_text'")]
        for table in tables:
            for word in words:
                if connection.execute(f"SELECT EXISTS (SELECT FROM {table} t WHERE t.district_id = %s "
                                      "AND strpos(lower(t::text), lower(%s)) > 0)", (tenant.id, word)).fetchone()[0]:
                    found.add((table, word))
    return found


@pytest.mark.shows("administration.erasure")
def test_a_person_is_erased_everywhere_at_once_and_does_not_come_back(theirs):
    person = Person(theirs)
    other = row(theirs, "contact", name="Mariana Quintana", email="other@example.org")
    one = person.request()
    preview = theirs.admin.get(f"/v1/erasures/{one.id}/preview").json
    goes = {(g["resource"], g["field"], g["how"]): g["rows"] for g in preview["goes"]}
    assert preview["is_allowed"] and goes[("contact", "name", "replace")] == 1
    assert goes[("goal", None, "mention")] == 1 and goes[("message", "to_address", "replace")] == 1
    assert {"resource": "agreement_signature", "field": "signer", "why": "a signature is the agreement's evidence"} \
        in preview["stays"]
    told = done(act(theirs.admin, "erasures", one.id, "run"))
    assert told["status"] == "done" and told["changed_rows"] > 8 and told["kept_rows"] == 0
    assert traces(theirs, NAME, EMAIL, "555-0199", "Likes jazz") == set()
    shown = theirs.admin.get(f"/v1/contacts/{person.id}").json
    assert (shown["name"], shown["email"], shown["phone"]) == ("Erased person", None, None) and shown["archived_at"]
    assert theirs.admin.get(f"/v1/goals/{person.goal}").json["statement"] == "[erased] reads with us"
    call = theirs.admin.get(f"/v1/interactions/{person.interaction}").json
    assert (call["subject"], call["notes"]) == ("Called [erased]", "Write to [erased]")
    message = theirs.admin.get(f"/v1/messages/{person.message}").json
    assert (message["status"], message["reason"], message["variables"]) == ("suppressed", "left_org", {})
    assert theirs.admin.get(f"/v1/contacts/{other}").json["name"] == "Mariana Quintana"
    found = theirs.admin.get("/v1/search", {"q": "Quintana Solís"}).json["data"]
    assert [f["id"] for f in found] == [other], "nobody finds her"
    again = theirs.admin.post("/v1/contacts", {"name": "Back", "email": EMAIL.title()})
    assert set(again.faults) == {"/email"}, again
    report = load(theirs.admin, "contacts", f"name,email\nMaria Q,{EMAIL}\nNew One,new.one@example.org\n")
    assert counts(report) == (1, 0, 0, 1), "no import brings her back"
    record = theirs.admin.get("/v1/audit", {"aggregateid": one.id}).json["data"]
    assert len(record) >= 2 and act(theirs.admin, "erasures", one.id, "run").status == 409
    assert done(act(theirs.admin, "erasures", one.id, "lift"))["lifted_at"]
    assert theirs.admin.post("/v1/contacts", {"name": "Back", "email": EMAIL}).status == 201


@pytest.mark.shows("administration.erasure_files")
def test_files_of_a_person_go_and_those_that_may_tell_of_it_are_looked_at(theirs):
    person = Person(theirs, "Noor Files Haddad", "noor@example.org")

    def attach(kind, one, body=b"%PDF-1.7\n%%EOF\n", name="a.pdf", said="application/pdf"):
        made = theirs.admin.call("POST", f"/v1/attachments?name={name}&subject_kind={kind}&subject_id={one}", body,
                                 Content_Type=said)
        assert made.status == 201, made
        return made.id

    own = attach("contact", person.id, name="resume.pdf")
    call = attach("interaction", person.interaction)
    text = attach("partner", person.partner, "Ask Noor Files Haddad.".encode(), "notes.txt", "text/plain")
    named = attach("partner", person.partner, name="Noor%20Files%20Haddad.pdf")
    none = attach("partner", person.partner)
    one = person.request()
    files = theirs.admin.get(f"/v1/erasures/{one.id}/preview").json["files"]
    assert {(f["attachment_id"], f["how"]) for f in files} == {
        (own, "delete"), (call, "look"), (text, "look"), (named, "look")}
    refused = act(theirs.admin, "erasures", one.id, "run", attachment_ids=[none])
    assert set(refused.faults) == {"/attachment_ids"}, refused
    assert act(theirs.admin, "erasures", one.id, "run", attachment_ids=[text]).status == 200
    for gone in (own, text):
        shown = theirs.admin.get(f"/v1/attachments/{gone}").json
        assert shown["name"] == "[erased]" and shown["archived_at"]
        assert theirs.admin.get(f"/v1/attachments/{gone}/content").reply.body in (b"",) or \
            theirs.admin.get(f"/v1/attachments/{gone}/content").status == 404
    assert theirs.admin.get(f"/v1/attachments/{named}").json["name"] == "[erased].pdf"
    assert theirs.admin.get(f"/v1/attachments/{call}/content").status == 200


def carried(connection, tenant, name):
    """Writes the name into each text that is searched, of one row of each table; past triggers, not past checks.
    {table: its row's place}"""
    found = {}
    connection.execute("SET session_replication_role = replica")
    texts = connection.execute("SELECT name, array_agg(ARRAY[field, type]) FROM personal_texts() "
                               "WHERE rule = 'mention' GROUP BY name ORDER BY name").fetchall()
    for table, fields in texts:
        place = connection.execute(f"SELECT ctid::text FROM {table} WHERE district_id = %s LIMIT 1",
                                   (tenant.id,)).fetchone()
        for field, kind in fields if place else ():
            value = {"text": "%s", "text[]": "ARRAY[%s]",
                     "jsonb": f"regexp_replace({field}::text, '\": \"', '\": \"' || %s || ' ')::jsonb"}[kind]
            try:
                with connection.transaction():
                    place = connection.execute(
                        f"UPDATE {table} t SET {field} = {value} WHERE ctid = %s::tid "
                        "RETURNING ctid::text, strpos(t::text, %s) > 0", (name, place[0], name)).fetchone()
                if place[1]:
                    found[table] = place[0]
            except (errors.IntegrityError, errors.DataError):
                pass # it has its own form, or no room
    connection.execute("SET session_replication_role = origin")
    return found


@pytest.mark.shows("administration.erasure")
def test_no_guard_keeps_a_name_in_any_table_in_any_status(own, database):
    subjects, name = Subjects(own, is_lean=True), "Zoë Quill-Name"
    plurals = {one.plural for one in operations().values() if one.method == "GET" and one.path.endswith("s/{id}")}
    for plural in sorted(plurals - {"audit"}):
        subjects.kept(plural)
    person = own.admin.created("contacts", {"name": name, "email": "quill@example.org"}).id
    with database.connect("postgres") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, ''), set_config('kith.erasing', 'on', true)",
                           (own.id, NOW))
        told = carried(connection, own, name)
        pattern = connection.execute("SELECT erasure_pattern(%s, NULL)", (person,)).fetchone()[0]
        searches = {table: rest for table, *rest in connection.execute("SELECT * FROM erasure_searches()").fetchall()}
        cycles = dict(connection.execute(
            "SELECT resource, array_agg(DISTINCT s) FROM transitions(), unnest(ARRAY[from_status, to_status]) s "
            "GROUP BY resource").fetchall())
        tried, left = 0, []
        for table in told:
            for status in cycles.get(table, [None]):
                with connection.transaction(force_rollback=True):
                    if status and table != "partner":
                        connection.execute("SET LOCAL session_replication_role = replica")
                        try:
                            with connection.transaction():
                                connection.execute(f"UPDATE {table} SET status = %s WHERE district_id = %s",
                                                   (status, own.id))
                        except errors.IntegrityError:
                            continue
                        finally:
                            connection.execute("SET LOCAL session_replication_role = origin")
                    changed, kept = connection.execute("SELECT * FROM erasure_mentions(%s, %s, %s, %s)",
                                                       (table, *searches[table], pattern)).fetchone()
                    if changed < 1 or kept:
                        left.append((table, status, changed, kept))
                    tried += 1
    assert left == []
    assert len(told) > 90 and tried > 200, (len(told), tried)
    one = own.admin.created("erasures", {"contact_id": person, "reason": "As asked"})
    assert done(act(own.admin, "erasures", one.id, "run"))["kept_rows"] == 0
    assert traces(own, name, "quill@example.org") == set()


@pytest.mark.shows("administration.erasure")
def test_holds_and_schedules_outrank_an_erasure(own):
    person = Person(own, "Juana Prueba Ruiz", "juana@example.org")
    kept = hold(own, partner_id=person.partner)
    schedule = rule(own, "interaction", 5)
    one = person.request()
    refused = act(own.admin, "erasures", one.id, "run")
    assert refused.status == 409 and [(r["kind"], r["until"]) for r in refused.json["state"]["reasons"]] == [
        ("legal_hold", None), ("retention", "2031-10-01")], refused
    assert own.admin.get(f"/v1/erasures/{one.id}/preview").json["is_allowed"] is False
    assert missing(own, one.id) == ["legal_hold", "retention"]
    assert own.admin.get(f"/v1/contacts/{person.id}").json["name"] == "Juana Prueba Ruiz"
    act(own.admin, "legal_holds", kept.id, "release", reason="Settled")
    path = f"/v1/retention_rules/{schedule.id}"
    assert own.admin.patch(path, {"blocks_erasure": False}, own.admin.get(path).etag).status == 200
    assert act(own.admin, "erasures", one.id, "run").status == 200
    withdrawn = Person(own, "Ana Sola Paz", "sola@example.org").request(replaces_mentions=False)
    assert done(act(own.admin, "erasures", withdrawn.id, "withdraw"))["status"] == "withdrawn"
    assert act(own.admin, "erasures", withdrawn.id, "run").status == 409


def called(tenant, contact):
    """An interaction of years ago, about another partner than the contact's."""
    return tenant.admin.created("interactions", {
        "partner_id": tenant.admin.partner().id, "contact_id": contact, "kind": "call", "on_date": "2019-01-01",
        "subject": "S"}).id


def missing(tenant, erasure):
    told = tenant.admin.get(f"/v1/erasures/{erasure}/transitions").json["possible"]
    return next(p["missing"] for p in told if p["action"] == "run")


@pytest.mark.shows("administration.asked_for")
def test_what_a_records_request_asks_for_is_neither_erased_nor_put_away_before_it_is_delivered(own, migrate):
    person = Person(own, "Rosa Antigua Vega", "rosa@example.org")
    asked = own.admin.created("records_requests", {
        "requester": "Rosa", "contact_id": person.id, "received_on": "2026-11-02", "due_on": "2026-12-16"}).id
    about = called(own, person.id)
    schedule = rule(own, "interaction", 5, disposal="delete", blocks_erasure=False)
    told = own.admin.get("/v1/retention").json["data"][0]
    assert (told["due"], told["held"]) == (0, 1)
    one = person.request().id
    refused = act(own.admin, "erasures", one, "run")
    assert refused.status == 409 and [(r["kind"], r["records_request_id"]) for r in refused.json["state"]["reasons"]] == [
        ("records_request", asked)], refused
    assert missing(own, one) == ["records_request"]
    for verb, fields in (("begin", {}), ("gather", {}), ("deliver", {"delivered_to": "Rosa"})):
        assert missing(own, one) == ["records_request"]
        done(act(own.admin, "records_requests", asked, verb, **fields))
    assert missing(own, one) == []
    assert done(act(own.admin, "retention_rules", schedule.id, "apply"))["deleted_rows"] == 1
    assert migrate.execute("SELECT count(*) FROM interaction WHERE id = %s", (about,)).fetchone() == (0,)
    assert act(own.admin, "erasures", one, "run").status == 200


@pytest.mark.shows("administration.legal_holds")
def test_a_hold_on_a_partner_keeps_what_is_about_its_people(own):
    person = Person(own, "Rosa Antigua Vega", "rosa@example.org")
    user = row(own, "app_user", email="rosa@example.org", name="Rosa", locale="en", contact_id=person.id)
    called(own, person.id)
    own.admin.created("introductions", {"organization": "O", "site_id": own.admin.site().id, "on_date": "2019-01-01",
                                        "introduced_by_user_id": user})
    for kind in ("interaction", "introduction"):
        rule(own, kind, 5)
    for about in ({"partner_id": person.partner}, {"contact_id": person.id}, {"user_id": user}):
        kept = hold(own, **about)
        told = {one["kind"]: (one["due"], one["held"]) for one in own.admin.get("/v1/retention").json["data"]}
        assert told == {"interaction": (0, 1), "introduction": (0, 1)}, about
        act(own.admin, "legal_holds", kept.id, "release", reason="Settled")
    told = {one["kind"]: (one["due"], one["held"]) for one in own.admin.get("/v1/retention").json["data"]}
    assert told == {"interaction": (1, 0), "introduction": (1, 0)}


def test_a_user_is_erased_and_the_last_administrator_is_not(theirs):
    user = theirs.admin.created("users", {"email": "going@example.org", "name": "Going Away"}).id
    theirs.admin.created("grants", {"user_id": user, "role": "viewer"})
    one = theirs.admin.created("erasures", {"user_id": user, "reason": "Left"})
    assert act(theirs.admin, "erasures", one.id, "run").status == 200
    shown = theirs.admin.get(f"/v1/users/{user}").json
    assert (shown["name"], shown["status"], shown["email"]) == ("Erased person", "disabled", f"erased-{user}@invalid")
    assert traces(theirs, "going@example.org", "Going Away") == set()
    last = theirs.admin.created("erasures", {"user_id": theirs.users["admin"], "reason": "No"})
    assert act(theirs.admin, "erasures", last.id, "run").status == 409
