"""Surveys: from draft to results, whom they ask, what an answer may be, and what is told of them."""

import csv
import io
import itertools
import json
import threading
import zipfile

import pytest
from api_world import Tenant
from fields import least
from hypothesis import HealthCheck, given, settings, strategies as st
from pages import message

from world import NOW, insert, uuid7

RATINGS = (
    "trust_word", "trust_open", "value_worth", "value_need", "alignment", "coordination",
    "leadership", "accountability", "results", "communication", "sustainability",
)  # fmt: skip
ACTIONS = {
    "schedule": {},
    "open": {},
    "pause": {"reason": "A storm"},
    "resume": {},
    "close": {},
    "reopen": {"reason": "One more week", "closes_on": "2030-01-01"},
    "cancel": {"reason": "Not now"},
}
ALLOWED = {
    ("draft", "schedule"): "scheduled",
    ("draft", "open"): "open",
    ("scheduled", "open"): "open",
    ("open", "pause"): "paused",
    ("paused", "resume"): "open",
    ("open", "close"): "closed",
    ("paused", "close"): "closed",
    ("closed", "reopen"): "open",
    ("draft", "cancel"): "cancelled",
    ("scheduled", "cancel"): "cancelled",
    ("open", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
}
TO = {  # by which way a survey comes to a status
    "draft": (),
    "scheduled": ("schedule",),
    "open": ("open",),
    "paused": ("open", "pause"),
    "closed": ("open", "close"),
    "cancelled": ("cancel",),
}


class World:
    """A district with relationships whose leads can be asked."""

    def __init__(self, api, database, migrate):
        self.tenant = Tenant(api, database)
        self.database = database
        self.migrate = migrate
        self.director = self.tenant.director

    def row(self, table, **values):
        values = {"district_id": self.tenant.id, "id": uuid7(), "created_at": NOW,
                  "updated_at": NOW, **values}  # fmt: skip
        insert(self.migrate, table, values)
        return str(values["id"])

    def contact(self, **fields):
        number = uuid7()
        return self.director.created(
            "contacts", {"name": "A lead", "email": f"{number}@example.org", **fields}
        ).id

    def partnership(self, users=(), contacts=(), status="active", partner=None, **fields):
        partner = partner or self.director.partner().id
        one = self.row("partnership", partner_id=partner, name="A partnership",
                       arrangement="program", status=status, activated_at=NOW, **fields)  # fmt: skip
        for user in users:
            self.row("partnership_role", partnership_id=one, side="district", role="lead",
                     user_id=user)  # fmt: skip
        for contact in contacts:
            self.row("partnership_role", partnership_id=one, side="partner", role="lead",
                     contact_id=contact)  # fmt: skip
        return one

    def survey(self, *steps, **fields):
        body = {**least(self.director, "surveys"), **fields}
        made = self.director.created("surveys", body)
        for step in steps:
            assert self.act(made.id, step).status == 200, step
        return made.id

    def act(self, survey, verb, **body):
        return self.director.post(f"/v1/surveys/{survey}/{verb}", {**ACTIONS[verb], **body})

    def invitations(self, survey):
        return self.director.get("/v1/survey_invitations", {"survey_id": survey}).json["data"]

    def results(self, survey, by="all", caller=None):
        return (caller or self.director).get(f"/v1/surveys/{survey}/results", {"by": by})

    def put_answer(self, survey, partnership, side, **answers):
        """An answer as it comes to stand, by kith_migrate."""
        invitation = self.row("survey_invitation", survey_id=survey, status="answered",
                              address=f"{uuid7()}@example.org", contact_id=self.someone())  # fmt: skip
        ratings = {code: 4 for code in RATINGS} | answers
        self.migrate.execute(
            "INSERT INTO survey_answer (district_id, id, survey_id, survey_invitation_id, "
            "partnership_id, side, status, answers, created_at, updated_at) VALUES "
            "(%s, %s, %s, %s, %s, %s, 'submitted', %s::text::jsonb, %s, %s)",
            (self.tenant.id, uuid7(), survey, invitation, partnership, side,
             json.dumps(ratings), NOW, NOW))  # fmt: skip

    def count(self):
        """What kith-kpi does with answers: until nothing waits."""
        while self.migrate.execute("SELECT survey_work(1000, %s)", (NOW,)).fetchone()[0]:
            pass

    def someone(self):
        return self.row("contact", name="Somebody", email=f"{uuid7()}@example.org")


@pytest.fixture
def world(api, database, migrate):
    return World(api, database, migrate)


# ---- Statuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status, verb", itertools.product(TO, ACTIONS))
def test_only_the_written_transitions_are_possible(world, status, verb):
    survey = world.survey(*TO[status], closes_on="2030-01-01")
    before = world.director.get(f"/v1/surveys/{survey}")
    assert before.json["status"] == status
    answer = world.act(survey, verb)
    if (status, verb) in ALLOWED:
        assert (answer.status, answer.json["status"]) == (200, ALLOWED[status, verb]), answer
        return
    possible = sorted(a for s, a in ALLOWED if s == status)
    assert (answer.status, answer.type) == (409, "conflict")
    assert answer.json["state"] == {"status": status, "possible": possible}
    assert world.director.get(f"/v1/surveys/{survey}").json == before.json
    told = world.director.get(f"/v1/surveys/{survey}/transitions").json
    assert told["status"] == status
    assert [(t["action"], t["to"]) for t in told["possible"]] == [
        (a, ALLOWED[status, a]) for a in possible
    ]


def test_an_action_is_one_change_with_its_record(world, migrate):
    survey = world.survey()
    first = world.director.post(f"/v1/surveys/{survey}/schedule", {}, Idempotency_Key="once")
    again = world.director.post(f"/v1/surveys/{survey}/schedule", {}, Idempotency_Key="once")
    assert (first.status, first.json["version"]) == (200, 2)
    assert (again.status, again.json, again.etag) == (200, first.json, first.etag)
    assert again.field("Idempotent-Replayed") == "true"
    rows = migrate.execute(
        "SELECT action, changed FROM audit WHERE aggregateid = %s ORDER BY id", (survey,)
    ).fetchall()
    assert [row[0] for row in rows] == ["created", "scheduled"] and rows[1][1] == ["status"]


def test_an_action_asks_for_the_version_that_it_is_given(world):
    survey = world.survey()
    stale = '"v7-0"'
    path = f"/v1/surveys/{survey}/schedule"
    assert world.director.post(path, {}, If_Match=stale).status == 412
    assert world.director.post(path, {}, If_Match="*").status == 412
    etag = world.director.get(f"/v1/surveys/{survey}").etag
    assert world.director.post(path, {}, If_Match=etag).status == 200


def test_what_an_action_may_hold(world):
    survey = world.survey("open", closes_on="2030-01-01")
    path = f"/v1/surveys/{survey}/pause"
    for body, faults in (
        ({}, {"/reason": "required"}),
        ({"reason": ""}, {"/reason": "too_short"}),
        ({"reason": "x" * 10001}, {"/reason": "too_long"}),
        ({"reason": 1}, {"/reason": "wrong_type"}),
        ({"reason": "x", "why": 1}, {"/why": "unknown_member"}),
    ):
        answer = world.director.post(path, body)
        assert (answer.status, answer.faults) == (422, faults), answer
    assert world.director.call("POST", path).status == 415, "a body that is needed"
    wrong = world.director.post(path, {"reason": "x"}, Content_Type="text/plain")
    assert (wrong.status, wrong.field("Accept-Post")) == (415, "application/json")
    assert world.director.post(path, {"reason": "x" * 10000}).status == 200
    assert world.director.call("POST", f"/v1/surveys/{survey}/resume").status == 200, "no body"


def test_no_action_on_what_is_not_there(world, theirs):
    survey = world.survey()
    assert theirs.director.post(f"/v1/surveys/{survey}/schedule", {}).status == 404
    assert theirs.director.get(f"/v1/surveys/{survey}/transitions").status == 404
    assert theirs.director.get(f"/v1/surveys/{survey}/results").status == 404
    for unknown in (str(uuid7()), "x"):
        assert world.director.post(f"/v1/surveys/{unknown}/schedule", {}).status == 404
        assert world.director.get(f"/v1/surveys/{unknown}/transitions").status == 404
        assert world.director.get(f"/v1/surveys/{unknown}/results").status == 404
    assert world.director.post(f"/v1/surveys/{survey}/explode", {}).status == 404
    assert world.director.get(f"/v1/surveys/{survey}/transitions?a=b").status == 400


def test_an_archived_survey_is_left_alone(world):
    survey = world.survey()
    etag = world.director.get(f"/v1/surveys/{survey}").etag
    assert world.director.archive(f"/v1/surveys/{survey}", etag).status == 204
    answer = world.act(survey, "schedule")
    assert (answer.status, answer.json["state"]) == (409, {"status": "archived"})


def test_only_the_program_acts(world):
    survey = world.survey()
    for role in ("executive", "coordinator", "school_leader", "viewer", "reviewer", "partner"):
        caller = getattr(world.tenant, role)
        assert caller.post(f"/v1/surveys/{survey}/schedule", {}).status == 403, role


def test_of_many_at_once_one_acts(world, migrate):
    survey = world.survey()
    statuses = []

    def act():
        statuses.append(world.act(survey, "schedule").status)

    threads = [threading.Thread(target=act) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(200) == 1 and statuses.count(409) == 15
    assert world.director.get(f"/v1/surveys/{survey}").json["version"] == 2
    events = "SELECT count(*) FROM outbox WHERE aggregateid = %s AND sequence = 2"
    assert migrate.execute(events, (survey,)).fetchone() == (1,)


def test_a_survey_that_is_over_is_not_opened(world):
    survey = world.survey(opens_on="2020-01-01", closes_on="2020-01-31")
    answer = world.act(survey, "open")
    assert (answer.status, answer.json["state"]["missing"]) == (409, ["closes_on"]), answer
    closed = world.survey("open", "close", closes_on="2030-01-01")
    late = world.act(closed, "reopen", closes_on="2020-01-01")
    assert (late.status, late.faults) == (422, {"/closes_on": "not_allowed"})


def test_what_a_begun_survey_asks_stays(world):
    survey = world.survey("open", closes_on="2030-01-01")
    path = f"/v1/surveys/{survey}"
    etag = world.director.get(path).etag
    for body in ({"mode": "attributed"}, {"asks_partner": False}, {"opens_on": "2026-01-01"}):
        answer = world.director.patch(path, body, etag)
        assert (answer.status, answer.faults) == (422, {f"/{next(iter(body))}": "not_allowed"})
    changed = world.director.patch(path, {"name": "Another", "closes_on": "2031-01-01"}, etag)
    assert changed.status == 200, changed


# ---- Whom it asks --------------------------------------------------------------------------------


def test_the_leads_of_both_sides_are_asked_once_an_address(world):
    ann, bob, same = world.contact(), world.contact(), world.tenant.users["coordinator"]
    first = world.partnership(users=[same], contacts=[ann])
    second = world.partnership(users=[same], contacts=[ann, bob])
    world.partnership(users=[same], contacts=[world.contact()], status="exploring")
    survey = world.survey("open", closes_on="2030-01-01")
    asked = world.invitations(survey)
    assert {(i["user_id"], i["contact_id"], i["status"]) for i in asked} == {
        (str(same), None, "invited"), (None, ann, "invited"), (None, bob, "invited"),
    }  # fmt: skip
    about = world.migrate.execute(
        "SELECT i.contact_id::text, a.partnership_id::text FROM survey_answer a "
        "JOIN survey_invitation i ON i.id = a.survey_invitation_id WHERE a.survey_id = %s",
        (survey,),
    ).fetchall()
    assert sorted(about, key=str) == sorted(
        [(None, first), (None, second), (ann, first), (ann, second), (bob, second)], key=str
    )


def test_nobody_is_asked_about_more_than_five(world):
    ann = world.contact()
    for _ in range(7):
        world.partnership(contacts=[ann])
    survey = world.survey("open", closes_on="2030-01-01")
    asked = "SELECT count(*) FROM survey_answer WHERE survey_id = %s"
    assert world.migrate.execute(asked, (survey,)).fetchone() == (5,)
    assert len(world.invitations(survey)) == 1


def test_who_is_not_asked_and_why(world):
    world.partnership(
        contacts=[world.contact(status="left"), world.contact(channels=["phone"])],
        users=[world.tenant.users["viewer"]],
    )
    survey = world.survey("open", closes_on="2030-01-01", asks_district=False)
    assert {(i["status"], i["reason"]) for i in world.invitations(survey)} == {
        ("excluded", "left_org"), ("excluded", "opted_out"),
    }  # fmt: skip


def test_a_survey_of_one_partner_or_site(world):
    site, ann, bob = world.director.site().id, world.contact(), world.contact()
    partner = world.director.partner().id
    world.partnership(contacts=[ann], partner=partner)
    world.partnership(contacts=[bob], lead_site_id=site)
    for fields, expected in (({"partner_id": partner}, ann), ({"site_id": site}, bob)):
        survey = world.survey("open", closes_on="2030-01-01", **fields)
        assert [i["contact_id"] for i in world.invitations(survey)] == [expected]


# ---- Answers -------------------------------------------------------------------------------------


def asked_user(world, **fields):
    user = world.tenant.users["coordinator"]
    partnership = world.partnership(users=[user])
    survey = world.survey("open", closes_on="2030-01-01", **fields)
    return survey, partnership, world.invitations(survey)[0]["id"]


def answer_as(caller, invitation, partnership, answers, **more):
    return caller.post(
        f"/v1/survey_invitations/{invitation}/answer",
        {"partnership_id": partnership, "answers": answers, **more},
    )


def test_a_draft_then_the_rest(world):
    _, partnership, invitation = asked_user(world)
    me = world.tenant.coordinator
    draft = answer_as(me, invitation, partnership, {"trust_word": 5}, submit=False)
    assert (draft.status, draft.json["status"]) == (200, "partial"), draft
    early = answer_as(me, invitation, partnership, {"trust_open": 4})
    assert (early.status, early.faults) == (422, {
        f"/answers/{code}": "not_allowed" for code in RATINGS if code not in ("trust_word", "trust_open")}), early
    rest = {code: 3 for code in RATINGS if code != "trust_word"} | {"comment": "Good work"}
    done = answer_as(me, invitation, partnership, rest)
    assert (done.status, done.json["status"]) == (200, "answered"), done
    kept = world.migrate.execute(
        "SELECT answers, status FROM survey_answer WHERE survey_invitation_id = %s", (invitation,)
    ).fetchone()
    assert kept == ({**rest, "trust_word": 5}, "submitted")


def test_what_is_about_nothing_in_particular_names_no_relationship(world):
    _, partnership, invitation = asked_user(world)
    world.migrate.execute("UPDATE survey_answer SET partnership_id = NULL, side = NULL WHERE survey_invitation_id = %s", (invitation,))
    world.migrate.commit()
    me = world.tenant.coordinator
    assert answer_as(me, invitation, partnership, {}, submit=False).faults == {"/partnership_id": "not_allowed"}
    done = answer_as(me, invitation, None, {code: 3 for code in RATINGS})
    assert (done.status, done.json["status"]) == (200, "answered"), done


@pytest.mark.shows("administration.own_answers")
def test_a_partners_contact_who_is_signed_in_answers_its_own_alone(world):
    partner, other = world.director.partner().id, world.director.partner().id
    mine, theirs = world.contact(), world.contact()
    about = [world.partnership(contacts=[who], partner=of) for who, of in ((mine, partner), (theirs, other))]
    survey = world.survey("open", closes_on="2030-01-01")
    asked = {one["contact_id"]: one["id"] for one in world.invitations(survey)}
    user = world.tenant.users["partner"]
    world.migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (mine, user))
    world.migrate.commit()
    me = world.tenant.partner
    [found] = me.get("/v1/own_survey_invitations").json["data"]
    assert found["id"] == asked[mine] and found["status"] == "invited"
    assert [one["partnership_id"] for one in found["relationships"]] == [about[0]]
    assert {"trust_word", "comment"} <= {question["code"] for question in found["questions"]}
    path = f"/v1/own_survey_invitations/{found['id']}"

    def answer(path, of, answers, **more):
        return me.post(f"{path}/answer", {"partnership_id": of, "answers": answers, **more})

    draft = answer(path, about[0], {"trust_word": 5}, submit=False)
    assert (draft.status, draft.json["status"]) == (200, "partial"), draft
    assert draft.json["relationships"][0]["answers"] == {"trust_word": 5}
    assert answer(path, about[1], {"trust_word": 5}).faults == {"/partnership_id": "not_allowed"}
    assert answer(f"/v1/own_survey_invitations/{asked[theirs]}", about[1], {}).status == 404
    done = answer(path, about[0], {code: 4 for code in RATINGS})
    assert (done.json["status"], done.json["relationships"][0]["answers"]) == ("answered", None)
    assert me.post(f"/v1/survey_invitations/{asked[mine]}/answer", {
        "partnership_id": about[0], "answers": {}}).status in (403, 404)


@pytest.mark.parametrize(
    "code, good, bad",
    [
        ("trust_word", (1, 5, None), (0, 6, "5", True, [], 1.5, {})),
        ("comment", ("", "x" * 2000), (1, "x" * 2001, [], False)),
    ],
)
def test_what_an_answer_may_be(world, code, good, bad):
    _, partnership, invitation = asked_user(world)
    me = world.tenant.coordinator
    for value in good:
        assert answer_as(me, invitation, partnership, {code: value}, submit=False).status == 200
    for value in bad:
        answer = answer_as(me, invitation, partnership, {code: value}, submit=False)
        assert (answer.status, answer.faults) == (422, {f"/answers/{code}": "not_allowed"}), value
    unknown = answer_as(me, invitation, partnership, {"a_question": 1}, submit=False)
    assert (unknown.status, unknown.faults) == (422, {"/answers/a_question": "not_allowed"})


def test_what_was_asked_is_there_to_read(world, theirs):
    survey, _, invitation = asked_user(world)
    one = world.director.get(f"/v1/survey_invitations/{invitation}")
    assert (one.status, one.json["survey_id"]) == (200, survey)
    asked = world.director.get(f"/v1/surveys/{survey}").json["instrument_id"]
    instrument = world.tenant.viewer.get(f"/v1/instruments/{asked}")
    assert [q["code"] for q in instrument.json["questions"]] == [*RATINGS, "comment"]
    assert all(set(q["text"]) == {"en", "es"} for q in instrument.json["questions"])
    for path in (f"/v1/survey_invitations/{invitation}", f"/v1/instruments/{asked}"):
        assert theirs.director.get(path).status == 404


def test_an_invitation_is_its_persons_own(world, theirs):
    survey, partnership, invitation = asked_user(world)
    for caller in (world.director, world.tenant.admin, world.tenant.viewer):
        assert answer_as(caller, invitation, partnership, {}, submit=False).status == 404
    assert answer_as(theirs.director, invitation, partnership, {}, submit=False).status == 404
    other = world.partnership()
    me = world.tenant.coordinator
    wrong = answer_as(me, invitation, other, {}, submit=False)
    assert (wrong.status, wrong.faults) == (422, {"/partnership_id": "not_allowed"})
    world.act(survey, "pause")
    paused = answer_as(me, invitation, partnership, {}, submit=False)
    assert (paused.status, paused.json["state"]) == (409, {"status": "paused"})


# ---- Results -------------------------------------------------------------------------------------


def shown(groups):
    return {group["key"]: group["answers"] for group in groups if not group["is_suppressed"]}


@pytest.mark.shows("partnerships.survey_steps")
def test_while_a_confidential_survey_is_open_results_come_in_steps_of_five(world):
    """Of answers that are about the same; what waits is told at the close."""
    one, other = world.partnership(), world.partnership()
    survey = world.survey("open", closes_on="2030-01-01")
    told = []
    for number in range(1, 12):
        world.put_answer(survey, one, "partner", trust_word=number % 5 + 1)
        world.count()
        told.append(world.results(survey).json["answers"])
    assert told == [None] * 4 + [5] * 5 + [10] * 2
    for _ in range(3):
        world.put_answer(survey, other, "partner")
    world.count()
    assert world.results(survey).json["answers"] == 10
    world.act(survey, "close")
    assert world.results(survey).json["answers"] == 10, "one and three are four"
    world.act(survey, "reopen")
    world.put_answer(survey, other, "partner")
    world.act(survey, "close")
    found = world.results(survey, "partnership").json
    assert (found["answers"], shown(found["groups"])) == (15, {one: 10})


def test_an_attributed_survey_tells_each_answer(world):
    one = world.partnership()
    survey = world.survey("open", closes_on="2030-01-01", mode="attributed")
    for number in range(1, 4):
        world.put_answer(survey, one, "partner", comment=f"Text {number}")
        world.count()
        found = world.results(survey).json
        assert (found["answers"], found["threshold"], len(found["comments"])) == (number, 1, number)


def test_who_reads_results_and_by_what(world):
    survey = world.survey("open", closes_on="2030-01-01")
    assert world.results(survey).json["groups"] == []
    assert world.results(survey, caller=world.tenant.viewer).status == 403
    for query in ("by=x", "a=b", "by=all&by=side", "by=", "and=partner", "limit=0", "limit=201", "limit=x", "after=", "key=",
                  f"after={'x' * 65}", f"key={'x' * 65}"):
        assert world.director.get(f"/v1/surveys/{survey}/results?{query}").status == 400, query
    for query in ("by=network&and=audience", "limit=200", f"after={'x' * 64}", "by=partner&key=x", "by=site&key=%00"):
        assert world.director.get(f"/v1/surveys/{survey}/results?{query}").status in (200, 400), query


def test_groups_are_read_page_by_page(world):
    partners = sorted(world.director.partner().id for _ in range(5))
    survey = world.survey("open", closes_on="2030-01-01", mode="attributed")
    for partner in partners:
        world.put_answer(survey, world.partnership(partner=partner), "partner")
    world.count()
    read, after = [], {}
    while True:
        page = world.director.get(f"/v1/surveys/{survey}/results", {"by": "partner", "limit": 2, **after}).json
        read += [group["key"] for group in page["groups"]]
        assert page["has_more"] == (page["next_after"] is not None) == (len(read) < 5)
        if not page["has_more"]:
            break
        after = {"after": page["next_after"]}
    assert read == partners
    [one] = world.director.get(f"/v1/surveys/{survey}/results", {"by": "partner", "key": partners[3]}).json["groups"]
    assert one["key"] == partners[3] and one["name"]


def test_both_sides_views_and_their_difference(world):
    one = world.partnership()
    survey = world.survey("open", closes_on="2030-01-01", mode="attributed")
    world.put_answer(survey, one, "district", trust_word=2, trust_open=2)
    world.put_answer(survey, one, "partner", trust_word=5, trust_open=4)
    world.count()
    [group] = world.results(survey, "partnership").json["groups"]
    assert group["views"]["district"]["trust"] == "2.00" and group["views"]["partner"]["trust"] == "4.50"
    assert group["views"]["difference"] == {"trust": "-2.50", "value": "0.00", "quality": "0.00"}
    assert group["deviations"]["trust"] == "1.77"
    assert {g["and"]: g["answers"] for g in world.director.get(
        f"/v1/surveys/{survey}/results", {"by": "partnership", "and": "side"}).json["groups"]} == {"district": 1, "partner": 1}


def test_the_thresholds_of_figures_and_of_texts(world):
    partnership = world.partnership()
    for answers in (4, 5, 9, 10):
        survey = world.survey("open", closes_on="2030-01-01")
        for number in range(answers):
            world.put_answer(survey, partnership, "partner", trust_word=number % 5 + 1,
                             comment=f"Text {number}")  # fmt: skip
        world.act(survey, "close")
        found = world.results(survey).json
        assert found["answers"] == (answers if answers >= 5 else None)
        assert shown(found["groups"]) == ({"all": answers} if answers >= 5 else {})
        texts = {f"Text {number}" for number in range(answers)} if answers >= 10 else set()
        assert set(found["comments"]) == texts
        if answers == 10:
            scores = found["groups"][0]["scores"]
            assert scores == {"trust": "3.50", "value": "4.00", "quality": "4.00"}
        assert world.results(survey, "side").json["comments"] == []


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5))
def test_no_difference_tells_of_a_small_group(world, sizes):
    """Whoever knows the total and all that is shown learns of no group under the threshold."""
    survey = world.survey("open", closes_on="2030-01-01")
    expected = {}
    for size in sizes:
        partner = world.director.partner().id
        partnership = world.partnership(partner=partner)
        expected[partner] = size
        for _ in range(size):
            world.put_answer(survey, partnership, "partner")
    world.act(survey, "close")
    found = world.results(survey, "partner").json
    visible = shown(found["groups"])
    assert {group["key"] for group in found["groups"]} == set(expected)
    assert all(expected[key] == n >= 5 for key, n in visible.items())
    hidden = [n for key, n in expected.items() if key not in visible]
    rest = (found["answers"] or 0) - sum(visible.values())
    assert rest == (sum(hidden) if sum(hidden) >= 5 else 0), (sizes, visible)
    assert rest == 0 or len(hidden) >= 2
    assert all(g["scores"] == {} and g["answers"] is None for g in found["groups"] if g["is_suppressed"])
    if all(size >= 5 for size in sizes):
        assert not hidden


@pytest.mark.shows("partnerships.survey_questions")
def test_what_each_question_found_of_a_group(world):
    one, other = world.partnership(), world.partnership()
    survey = world.survey("open", closes_on="2030-01-01", mode="attributed")
    for about, side, rating in ((one, "district", 2), (one, "district", 5), (one, "partner", 4), (other, "partner", 1)):
        world.put_answer(survey, about, side, trust_word=rating, comment="Text")
    world.count()
    path = f"/v1/surveys/{survey}/results/questions"
    found = world.director.get(path).json
    assert [q["code"] for q in found["questions"]] == [*RATINGS, "comment"] and found["answers"] == 4
    first = found["questions"][0]
    assert (first["mean"], first["median"], first["deviation"]) == ("3.00", "3.0", "1.83")
    assert [(v["value"], v["count"], v["share"]) for v in first["values"]] == [
        ("1", 1, "0.2500"), ("2", 1, "0.2500"), ("3", 0, "0.0000"), ("4", 1, "0.2500"), ("5", 1, "0.2500")]
    assert found["questions"][-1]["answers"] == 4 and found["factors"][0]["code"] == "quality"
    told = world.director.get(path, {"by": "partnership", "key": one, "and": "side", "and_key": "district"}).json
    assert (told["answers"], told["questions"][0]["mean"]) == (2, "3.50")
    for nobody in ({"by": "partner", "key": "x"}, {"by": "site", "key": str(uuid7())}, {"by": "side", "key": "all"}):
        told = world.director.get(path, nobody)
        assert (told.status, told.json["is_suppressed"], told.json["questions"]) == (200, True, []), nobody
    assert world.director.get(f"/v1/surveys/{uuid7()}/results/questions").status == 404
    for query in ("by=x", "key=", f"key={'x' * 65}", "and=partner", "and_key=", "limit=1"):
        assert world.director.get(f"{path}?{query}").status == 400, query


@pytest.mark.shows("partnerships.survey_trends")
def test_the_waves_of_an_instrument_one_after_the_other(world):
    one = world.partnership()
    waves = []
    for number, rating in ((1, 2), (2, 4)):
        survey = world.survey("open", opens_on=f"2026-1{number}-01", closes_on="2030-01-01", mode="attributed")
        world.put_answer(survey, one, "partner", trust_word=rating, trust_open=rating)
        waves.append(survey)
    world.count()
    instrument = world.director.get(f"/v1/surveys/{waves[0]}").json["instrument_id"]
    path = f"/v1/instruments/{instrument}/trends"
    for query in ({}, {"by": "partnership", "key": one}):
        found = world.director.get(path, query).json
        assert [(w["survey_id"], w["scores"]["trust"], w["questions"]["trust_word"]) for w in found["waves"]] == [
            (waves[0], "2.00", "2.00"), (waves[1], "4.00", "4.00")]
    assert [w["survey_id"] for w in world.director.get(path, {"limit": 1}).json["waves"]] == waves[1:]
    for query in ("by=x", "limit=0", "limit=51", "a=b"):
        assert world.director.get(f"{path}?{query}").status == 400
    assert world.director.get(f"/v1/instruments/{uuid7()}/trends").status == 404


@pytest.mark.shows("partnerships.survey_progress")
@pytest.mark.parametrize("mode, answered", [("confidential", 1), ("anonymous", None)])
def test_how_a_survey_goes_day_by_day(world, mode, answered):
    survey = world.survey("open", closes_on="2030-01-01", mode=mode)
    path = f"/v1/surveys/{survey}/progress"
    assert world.director.get(path).json == {"survey_id": survey, "days": []}
    contact = world.contact()
    evening = "2026-12-03T03:00:00Z"  # in New York it is the day before
    one = world.row("survey_invitation", survey_id=survey, status="answered", address="ann@example.org", contact_id=contact, answered_at=evening)
    message(world.tenant, subject_id=one, contact_id=contact, sent_at="2026-12-01T15:00:00Z")
    days = [{"day": "2026-12-01", "sent": 1, "answered": answered and 0}, {"day": "2026-12-02", "sent": 0, "answered": answered}]
    assert world.director.get(path).json["days"] == (days if answered else days[:1])
    assert world.director.get(f"/v1/surveys/{uuid7()}/progress").status == 404
    assert world.director.get(f"{path}?by=site").status == 400


@pytest.mark.shows("partnerships.survey_files")
def test_results_as_files(world):
    ones = sorted(world.partnership() for _ in range(3))
    survey = world.survey("open", closes_on="2030-01-01", mode="attributed")
    for one in ones:
        world.put_answer(survey, one, "partner", trust_word=3)
    world.count()
    path = f"/v1/surveys/{survey}/results_csv"

    def rows(query):
        reply = world.director.call("GET", f"{path}?{query}")
        assert reply.status == 200 and reply.field("Content-Type").startswith("text/csv")
        return list(csv.DictReader(io.StringIO(reply.reply.body.decode(), newline=""))), reply.field("Link")

    found, link = rows("by=partnership")
    assert link is None and {row["key"] for row in found} == set(ones)
    assert len(found) == 3 * (3 + 12 + 11 * 5)
    [given] = [row for row in found if (row["key"], row["code"], row["value"]) == (ones[0], "trust_word", "3")]
    assert (given["count"], given["share"], given["answers"]) == ("1", "1.0000", "1")
    page, link = rows("by=partnership&limit=2")
    assert {row["key"] for row in page} == set(ones[:2])
    assert link == f'<?after={ones[1]}&by=partnership&limit=2>; rel="next"'
    assert {row["key"] for row in rows(link[2:link.index(">")])[0]} == {ones[2]}
    assert rows("by=network") == ([], None)
    sheet = world.director.call("GET", f"/v1/surveys/{survey}/results_sheet?by=partnership")
    assert sheet.status == 200 and zipfile.ZipFile(io.BytesIO(sheet.reply.body)).testzip() is None
    for what in ("csv", "sheet"):
        assert world.director.get(f"/v1/surveys/{uuid7()}/results_{what}").status == 404
        assert world.director.get(f"/v1/surveys/{survey}/results_{what}?limit=201").status == 400
        assert world.tenant.viewer.get(f"/v1/surveys/{survey}/results_{what}").status == 403


@pytest.mark.shows("partnerships.surveys_reopened")
def test_what_a_reopening_adds_is_told_only_where_it_is_five_answers_or_more(world):
    """One more answer would be what the total, or a group, was and is."""
    partners = [world.director.partner().id for _ in range(2)]
    ones = [world.partnership(partner=partner) for partner in partners]
    survey = world.survey("open", closes_on="2030-01-01")

    def told(*more):
        for one, many in zip(ones, more):
            for _ in range(many):
                world.put_answer(survey, one, "partner", trust_word=1)
        assert world.act(survey, "close").status == 200
        found = [world.results(survey, by).json for by in ("all", "partner", "side")]
        assert world.act(survey, "reopen").status == 200
        groups = shown(found[1]["groups"])
        assert [one["answers"] for one in found] == [found[0]["groups"][0]["answers"]] * 3
        assert shown(found[2]["groups"]) == {"partner": found[0]["answers"]}
        scores = {group["key"]: group["scores"] for one in found for group in one["groups"]}
        return [found[0]["answers"], *(groups.get(partner) for partner in partners)], scores

    first, scores = told(6, 5)
    assert first == [11, 6, 5]
    assert told(0, 1) == (first, scores), "one more"
    world.migrate.execute("UPDATE survey_answer SET answers = answers || '{\"trust_word\": 5}' WHERE id IN "
                          "(SELECT id FROM survey_answer WHERE survey_id = %s ORDER BY id LIMIT 1)", (survey,))
    world.migrate.commit()
    assert told(0, 0) == (first, scores), "one that says something else"
    assert told(4, 0)[0] == [15, 10, 5], "four more and one that is another"
    assert told(1, 4)[0] == [20, 10, 10], "five of the second, one more of the first"


@pytest.mark.shows("partnerships.evidence_surveys")
def test_a_review_has_what_closed_surveys_found_and_no_more_than_is_shown(world):
    partners = [world.director.partner().id for _ in range(2)]
    ones = [world.partnership(partner=partner) for partner in partners]

    def found(of):
        body = {"partnership_id": of, "school_year": 2027, "due_on": "2027-05-31"}
        review = world.director.created("partnership_reviews", body).id
        drafted = world.director.post(f"/v1/partnership_reviews/{review}/draft", {}).json
        assert world.tenant.viewer.get(f"/v1/partnership_reviews/{review}").json["evidence"] is None
        return drafted["evidence"]["surveys"]

    survey = world.survey(school_year=2027, closes_on="2030-01-01")
    for one, many in zip(ones, (5, 4)):
        for _ in range(many):
            world.put_answer(survey, one, "partner")
    assert found(ones[0]) == [], "it is not closed"
    assert world.act(survey, "open").status == world.act(survey, "close").status == 200
    for one, partner, few in zip(ones, partners, (False, True)):
        [told] = found(one)
        assert (told["survey_id"], told["partner_id"], told["is_suppressed"]) == (survey, partner, few)
        assert (told["answers"], set(told["scores"].values())) == ((None, set()) if few else (5, {"4.00"}))
    assert world.act(survey, "reopen").status == 200
    for _ in range(5):
        world.put_answer(survey, ones[1], "partner")
    assert world.act(survey, "close").status == 200
    [told] = found(ones[1])
    assert (told["is_suppressed"], told["answers"]) == (False, 9) and set(told["scores"].values()) == {"4.00"}


@pytest.mark.shows("network.trust")
def test_trust_and_value_stand_on_the_network_map_for_staff_where_enough_have_answered(world):
    def told(caller=world.director):
        nodes = caller.get("/v1/network_map").json["nodes"]
        return {node["id"]: node["relationship"] for node in nodes if node["node"] == "partner" and node["relationship"]}

    partners = [world.director.partner().id for _ in range(2)]
    one, few = (world.partnership(partner=partner, lead_site_id=world.director.site().id) for partner in partners)
    for year, rating in ((2026, 2), (2027, 5)):
        survey = world.survey("open", mode="attributed" if rating == 2 else "confidential", school_year=year, closes_on=f"{year}-12-18")
        for side, many in (("district", 5), ("partner", 4)):
            for _ in range(many if rating == 5 else 3):
                world.put_answer(survey, one, side, trust_word=rating, trust_open=rating, value_worth=rating - 1, value_need=rating - 1)
        for _ in range(4):
            world.put_answer(survey, few, "partner")
        world.count()
        assert told().get(partners[0], {}).get("survey_id") != survey, "it is open"
        world.act(survey, "close")
        world.count()
        shown_now = told()
        assert set(shown_now) == {partners[0]}, "four are too few, also where they have signed"
        group = next(g for g in world.results(survey, "partner").json["groups"] if g["key"] == partners[0])
        found = shown_now[partners[0]]
        assert (found["survey_id"], found["answers"]) == (survey, group["answers"])
        assert {code: found[code] for code in ("trust", "value")} == {code: group["scores"][code] for code in ("trust", "value")}
        assert found["of_partner"] == ({"trust": "5.00", "value": "4.00"} if rating == 5 else None)
        assert found["of_district"] is None
    assert told(world.tenant.viewer) == {}, "results are for staff"
