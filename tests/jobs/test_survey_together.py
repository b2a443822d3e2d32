"""Answers that come together are put together (95_task_survey_together.sql, services/api/pages/together.h): what comes of
each is what would have come of it alone, and nobody is told before it is kept."""
import concurrent.futures
import contextlib
import json
import os
import random
import signal

import pytest
from psycopg import errors

from test_survey_anonymous import Ballot
from test_survey_deaths import Person
from world import NOW
from workers import running_api, wait_until

MOST = 64  # TOGETHER_MOST
WAITING = 256
LONGEST = 32 * 1024
STATES = ["asked", "partial", "submitted", "declined", "revoked", "over", "gone"]
USUAL = {"asked", "partial"}  # by their state alone
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-{:016x}-01"


@pytest.fixture(scope="module")
def api(database):
    with running_api(database, KITH_API_CHILDREN="1", KITH_API_UNIT_MS="60000", KITH_API_CONNECTIONS_PER_ADDRESS="1000") as one:
        yield one


def forms(dice, survey):
    """One of each person, and now and then a second one."""
    for n, person in enumerate(survey.people):
        for _ in range(1 + (dice.random() < 0.2)):
            yield n, person, {
                "verb": dice.choice(["survey_send"] * 4 + ["survey_save", "survey_next", "survey_back", "survey_review"]),
                "form": {"place": dice.choice(["1"] * 9 + ["2"]), "page": "1", "a.well": dice.choice(["1", "3", "5", "9", ""]),
                         "a.why": dice.choice(["", "Because."]), **({"corrects": "yes"} if dice.random() < 0.3 else {})}}


class Books:
    """What stands in the database, to be held against what stood there before."""

    def __init__(self, connection, survey):
        self.connection, self.survey = connection, survey

    def read(self):
        def rows(sql):
            return self.connection.execute(sql, {"survey": self.survey.id, "district": self.survey.tenant.id}).fetchall()
        return {
            "answers": rows("SELECT id, survey_invitation_id, answers, draft, status, submitted_at, version FROM survey_answer "
                            "WHERE survey_id = %(survey)s ORDER BY id"),
            "invitations": rows("SELECT id, status, answered_at, version FROM survey_invitation WHERE survey_id = %(survey)s ORDER BY id"),
            "mails": rows("SELECT id, status, reason, version FROM message WHERE district_id = %(district)s ORDER BY id"),
            "marks": sorted(rows("SELECT survey_answer_id FROM survey_mark WHERE survey_id = %(survey)s")),
            "audit": sorted(map(repr, rows(
                "SELECT at, actor, request_id, action, aggregatetype, aggregateid, changed, \"values\", detail FROM audit "
                "WHERE district_id = %(district)s"))),
            "events": sorted(map(repr, rows(
                "SELECT aggregatetype, aggregateid, type, sequence, payload - 'id' FROM outbox WHERE district_id = %(district)s")))}


@contextlib.contextmanager
def rolled_back(database):
    with database.connect("postgres") as connection, connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL lock_timeout = '5s'")
        yield connection


def as_api(connection, sql, *values):
    connection.execute("SET LOCAL ROLE kith_api")
    found = connection.execute(sql, values).fetchall()
    connection.execute("RESET ROLE")
    return found


def put_alone(connection, district, one):
    """What task_put() says, or by which code it is refused."""
    try:
        with connection.transaction():
            as_api(connection, "SELECT * FROM link_enter(%s, %s, 'survey', %s, %s)", district, one["link"], str(NOW), one["request"])
            return as_api(connection, "SELECT errors, next FROM task_put(%s, %s)", one["verb"], json.dumps(one["form"]))[0]
    except errors.Error as refused:
        return refused.sqlstate


def bring_to(database, survey, person, state):
    """Until then that person has done this, or this has befallen it."""
    if state in ("partial", "submitted", "declined"):
        browser, first, page = survey.page(person)
        if state == "declined":
            browser.submit(first, "survey_decline")
        else:
            browser.submit(page, "survey_send" if state == "submitted" else "survey_save", a__well="2")
        return
    with database.connect("kith_migrate") as connection:
        connection.execute({
            "asked": "SELECT %s",
            "revoked": "UPDATE link SET revoked_at = now() WHERE contact_id = %s",
            "over": "UPDATE link SET expires_at = '2026-01-02' WHERE contact_id = %s",
            "gone": "UPDATE contact SET status = 'left' WHERE id = %s"}[state], (person,))


@pytest.mark.shows("partnerships.survey_together")
@pytest.mark.parametrize("mode", ["attributed", "confidential"])
def test_together_is_as_each_alone(api, database, mode):
    dice = random.Random(f"together {mode}")
    survey = Ballot(api, database, people=3 * len(STATES), mode=mode)
    states = STATES * 3
    hashes = {}
    for person, state in zip(survey.people, states):
        bring_to(database, survey, person, state)
        [(hashes[person],)] = survey.rows("SELECT token_hash FROM link WHERE contact_id = %s AND purpose = 'survey'", person)
    done_of = {state: 0 for state in STATES}
    for _ in range(8):
        asked = [{**one, "link": hashes[person], "request": f"r{i};{TRACE.format(i + 1)}", "state": states[n], "person": person}
                 for i, (n, person, one) in enumerate(forms(dice, survey))]
        dice.shuffle(asked)
        with rolled_back(database) as connection:
            done = as_api(connection, "SELECT place, errors, next FROM survey_forms_put(%s, %s, %s)", survey.tenant.id, json.dumps(
                [{name: one[name] for name in ("link", "request", "verb", "form")} for one in asked]), str(NOW))
            together = Books(connection, survey).read()
        with rolled_back(database) as connection:
            for place, *said in done:
                assert put_alone(connection, survey.tenant.id, asked[place - 1]) == tuple(said), asked[place - 1]
            assert Books(connection, survey).read() == together
        places = {place for place, *_ in done}
        for place, one in enumerate(asked, 1):
            done_of[one["state"]] += place in places
            is_first = not any(other["person"] == one["person"] for other in asked[:place - 1])
            if one["state"] in USUAL and is_first and one["form"]["place"] == "1":
                assert place in places, "what is usual is done"
    assert {state for state, n in done_of.items() if n == 0} == {"declined", "revoked", "over", "gone"}
    assert done_of["submitted"], "corrections are done, too"


def test_an_anonymous_one_is_never_of_them(api, database):
    survey = Ballot(api, database, people=2)
    hashes = [one for one, in survey.rows("SELECT token_hash FROM link WHERE district_id = %s AND purpose = 'survey'", survey.tenant.id)]
    with rolled_back(database) as connection:
        before = Books(connection, survey).read()
        assert not as_api(connection, "SELECT * FROM survey_forms_put(%s, %s, %s)", survey.tenant.id, json.dumps(
            [{"link": one, "request": "r", "verb": "survey_send", "form": {"place": "1", "page": "1", "a.well": "3"}} for one in hashes]),
                          str(NOW))
        assert Books(connection, survey).read() == before


@contextlib.contextmanager
def halted(database):
    """The sessions of kith-api do nothing meanwhile."""
    with database.connect("postgres") as connection:
        pids = [pid for pid, in connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'kith_api' AND datname = current_database()")]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def waiting(api):
    return api.metric("kith_survey_forms_waiting")


@pytest.mark.shows("partnerships.survey_together")
def test_those_that_come_while_one_is_at_work_are_one_statement_up_to_the_limit(api, database):
    survey = Ballot(api, database, people=1 + MOST + 3, mode="confidential")
    people = [Person(survey, person, 1 + n % 5) for n, person in enumerate(survey.people)]
    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
        with halted(database):
            sent = [pool.submit(person.send) for person in people]
            wait_until(lambda: waiting(api) == MOST + 3, "one is at work, and the others wait", 60)
        for one in sent:
            one.result()
    kept = survey.rows("SELECT xmin::text, count(*) FROM survey_answer WHERE survey_id = %s AND status = 'submitted' GROUP BY 1", survey.id)
    assert sorted(n for _, n in kept) == [1, 3, MOST]
    assert waiting(api) == 0
    assert survey.rows("SELECT count(DISTINCT request_id), count(*) FROM audit a JOIN survey_answer w ON w.id = a.aggregateid "
                       "WHERE w.survey_id = %s AND a.action = 'updated'", survey.id) == [(len(people), len(people))]


def test_what_is_wrong_with_one_is_told_to_that_one(api, database):
    survey = Ballot(api, database, people=6, mode="confidential")
    people = [Person(survey, person, 1 + n % 5) for n, person in enumerate(survey.people)]
    gone, lacking, strange, *others = people
    with database.connect("kith_migrate") as connection:
        connection.execute("UPDATE link SET revoked_at = now() WHERE contact_id = %s", (survey.people[0],))
    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool, halted(database):
        sent = [pool.submit(one.send) for one in others]
        replies = [pool.submit(one.browser.send, one.page, "survey_send", **fields) for one, fields in (
            (gone, {"a__well": "3"}), (lacking, {"a__well": ""}), (strange, {"a__well": "9"}))]
        wait_until(lambda: waiting(api) == len(people) - 1, "one is at work, and the others wait", 60)
    assert [one.result() for one in sent] == [one.well for one in others]
    assert [one.result().status for one in replies] == [404, 422, 422]
    assert survey.rows("SELECT count(*) FROM survey_answer WHERE survey_id = %s AND status = 'submitted'", survey.id) == [(3,)]


@pytest.mark.parametrize("texts, is_together", [(LONGEST // 2100, True), (LONGEST // 1900, False)])
def test_a_form_that_is_too_long_goes_by_itself(api, database, texts, is_together):
    survey = Ballot(api, database, people=3, mode="confidential", questions=[
        {"code": f"t{n}", "kind": "text", "section": "s", "factor": None, "required": True, "text": {"en": "Why?", "es": "¿Por qué?"}}
        for n in range(texts)])
    forms_of = [survey.page(person) for person in survey.people]
    with concurrent.futures.ThreadPoolExecutor(len(forms_of)) as pool, halted(database):
        sent = [pool.submit(browser.send, page, "survey_send", **{f"a__t{n}": "x" * 2000 for n in range(texts)})
                for browser, _, page in forms_of]
        wait_until(lambda: waiting(api) == 2 if is_together else api.metric("kith_db_units_in_flight") == 3, "they are there", 60)
    assert [one.result().status for one in sent] == [303] * 3
    kept = survey.rows("SELECT count(DISTINCT xmin::text) FROM survey_answer WHERE survey_id = %s AND status = 'submitted'", survey.id)
    assert kept == [(2 if is_together else 3,)]


def test_so_many_wait_and_the_next_goes_by_itself(api, database):
    survey = Ballot(api, database, people=1 + WAITING + 1, mode="confidential")
    people = [Person(survey, person, 1 + n % 5) for n, person in enumerate(survey.people)]
    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool, halted(database):
        sent = [pool.submit(person.send) for person in people]
        wait_until(lambda: (waiting(api), api.metric("kith_db_units_in_flight")) == (WAITING, 2), "as many wait as may", 120)
    for one in sent:
        one.result()
    kept = survey.rows("SELECT count(*) FROM survey_answer WHERE survey_id = %s AND status = 'submitted' GROUP BY xmin::text", survey.id)
    assert sorted(n for n, in kept) == [1, 1] + [MOST] * (WAITING // MOST)
