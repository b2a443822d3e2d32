"""Anonymous answers: whoever has the database, a dump of it, the logs, the events or Redis after the close cannot join one to a
person. Each test looks for a way; and what was sent is all there, and nothing else."""
import json
import os
import random
import re
import subprocess

import pytest
from psycopg import errors

from workers import Tenant, Worker, redis, running_api, wait_until  # noqa: F401
from pages import Browser, make_link  # pylint: disable=wrong-import-order
from world import NOW, insert, uuid7

PEOPLE = 12
QUESTIONS = [
    {"code": "well", "kind": "rating", "section": "s", "factor": None, "required": True, "text": {"en": "Is it well?", "es": "¿Va bien?"}},
    {"code": "why", "kind": "text", "section": "s", "factor": None, "required": False, "text": {"en": "Why?", "es": "¿Por qué?"}}]


@pytest.fixture(scope="module")
def api(database, redis):  # pylint: disable=redefined-outer-name
    with running_api(database, KITH_REDIS_URL=redis.uri) as one:
        yield one


class Ballot:
    """A survey of families, who are contacts whom a saved filter finds; anonymous, if nothing else is said."""

    def __init__(self, api, database, people=PEOPLE, mode="anonymous", questions=tuple(QUESTIONS)):
        self.api, self.database = api, database
        self.tenant = Tenant(api, database)
        self.director = self.tenant.director
        self.people, made = [uuid7() for _ in range(people)], uuid7()
        with database.connect("kith_migrate") as connection:
            for n, one in enumerate(self.people):
                insert(connection, "contact", {"district_id": self.tenant.id, "id": one, "name": f"Parent {n}", "locale": "en",
                                               "email": f"{one}@example.org", "created_at": NOW, "updated_at": NOW})
            insert(connection, "instrument", {
                "district_id": self.tenant.id, "id": made, "code": f"a{str(made)[-12:]}", "edition": 1, "name": "Anonymous",
                "locales": ["en", "es"], "subject": "none", "sections": json.dumps([{"code": "s", "title": {"en": "S", "es": "S"}}]),
                "questions": json.dumps(questions), "status": "published", "created_at": NOW, "updated_at": NOW})
        found = self.director.created("saved_filters", {
            "name": "Parents", "resource": "contacts", "criteria": [{"field": "locale", "op": "is", "values": ["en"]}]}).id
        self.id = self.director.created("surveys", {
            "name": "Families", "instrument_id": str(made), "mode": mode, "audience": "family", "contact_filter_id": found,
            "school_year": 2027, "opens_on": "2026-11-01", "closes_on": "2026-12-18"}).id
        assert self.act("open").status == 200
        self.wait(lambda: self.count("survey_invitation") == people, "all are invited")
        self.links = {str(contact): make_link(self.tenant, "survey", one, contact_id=contact) for contact, one in self.rows(
            "SELECT contact_id, id FROM survey_invitation WHERE survey_id = %s", self.id)}

    def act(self, verb, **fields):
        return self.director.post(f"/v1/surveys/{self.id}/{verb}", fields)

    def rows(self, sql, *values, role="postgres"):
        with self.database.connect(role) as connection:
            return connection.execute(sql, values).fetchall()

    def count(self, table):
        return self.rows(f"SELECT count(*) FROM {table} WHERE survey_id = %s", self.id)[0][0]

    def wait(self, condition, what):
        with Worker("kith-survey", self.database, KITH_CLOCK=f"@{self.api.clock}") as worker:
            wait_until(condition, what, 20)
            self.log = worker.log_text()

    def page(self, person):
        browser = Browser(self.api)
        page = browser.get(f"/r/{self.links[str(person)]}")
        begin = [target for text, target in page.links().items() if text.startswith(("Begin", "Go on"))]
        return browser, page, browser.get(begin[0]) if begin else None

    def answer(self, person, well, why="", button="survey_send"):
        browser, _, page = self.page(person)
        return browser.submit(page, button, a__well=str(well), a__why=why)

    def close(self):
        assert self.act("close").status == 200
        self.wait(lambda: self.director.get(f"/v1/surveys/{self.id}").json["counted_at"], "it is counted")

    def told(self):
        return sorted(json.dumps(a, sort_keys=True) for a, in self.rows(
            "SELECT answers FROM survey_anonymous_answer WHERE survey_id = %s", self.id))


@pytest.fixture
def ballot(api, database):
    return Ballot(api, database)


def said(well, why=None):
    return json.dumps({"well": well, **({"why": why} if why else {})}, sort_keys=True)


def test_a_draft_is_opened_by_its_link_alone_and_what_is_sent_is_sent_once(ballot):
    one = ballot.people[0]
    page = ballot.answer(one, 2, "My secret", button="survey_save")
    assert "Saved" in page.text
    _, first, page = ballot.page(one)
    assert "begun" in first.text and "My secret" in page.text
    assert "Nobody can tell which answers are yours" in first.text and "fewer than 5 people" in first.text
    dumped = subprocess.run(["pg_dump", ballot.database.uri("postgres")], check=True, capture_output=True, text=True).stdout
    assert "My secret" not in dumped and "survey_spool_" in dumped
    sent = ballot.answer(one, 3, "My secret")
    assert "Everything is answered. Thank you." in sent.notices()
    _, first, page = ballot.page(one)
    assert page is None and "Everything is answered. Thank you." in first.notices()
    another = make_link(ballot.tenant, "survey", ballot.rows(
        "SELECT id FROM survey_invitation WHERE survey_id = %s AND contact_id = %s", ballot.id, one)[0][0], contact_id=one)
    page = Browser(ballot.api).get(f"/r/{another}")
    assert "Everything is answered. Thank you." in page.notices(), "a reminder's link is of the same invitation"
    assert ballot.rows("SELECT status, answered_at FROM survey_invitation WHERE survey_id = %s AND contact_id = %s",
                       ballot.id, one) == [("invited", None)]


def test_what_was_sent_is_told_at_the_close_all_of_it(ballot):
    expected = []
    for n, person in enumerate(ballot.people[:9]):
        ballot.answer(person, 1 + n % 5, f"Word {n}")
        expected.append(said(1 + n % 5, f"Word {n}"))
    ballot.answer(ballot.people[9], 5, "A draft", button="survey_save")
    assert ballot.told() == []
    ballot.close()
    assert ballot.told() == sorted(expected)
    assert ballot.rows("SELECT relname FROM pg_class WHERE relname LIKE %s", f"survey_%_{ballot.id.replace('-', '')}%") == []
    assert {str(contact): status for contact, status in ballot.rows(
        "SELECT contact_id, status FROM survey_invitation WHERE survey_id = %s", ballot.id)} == {
            str(person): "answered" if n < 9 else "invited" for n, person in enumerate(ballot.people)}
    closed = ballot.rows("SELECT count(*) FROM message WHERE status = 'queued' AND district_id = %s", ballot.tenant.id)
    assert closed == [(0,)]


@pytest.mark.shows("partnerships.survey_anonymous_few")
def test_of_fewer_than_five_nobody_reads_anything(ballot):
    for person in ballot.people[:4]:
        ballot.answer(person, 4, "Only four of us")
    ballot.close()
    assert ballot.told() == []
    dumped = subprocess.run(["pg_dump", ballot.database.uri("postgres")], check=True, capture_output=True, text=True).stdout
    assert f"survey_spool_{ballot.id.replace('-', '')}" not in dumped


def test_five_are_enough_and_so_it_is_after_a_reopening(ballot):
    for n, person in enumerate(ballot.people[:5]):
        ballot.answer(person, 4, f"First {n}")
    ballot.close()
    first = dict(ballot.rows("SELECT id, answers FROM survey_anonymous_answer WHERE survey_id = %s", ballot.id))
    assert len(first) == 5
    for more, total in (([5], 5), (range(6, 11), 10)):
        assert ballot.act("reopen", reason="One more week", closes_on="2026-12-20").status == 200
        assert ballot.page(ballot.people[0])[2] is None, "who has answered does not answer again"
        for n in more:
            ballot.answer(ballot.people[n], 1, f"Later {n}")
        ballot.close()
        rows = ballot.rows("SELECT id, answers, xmin::text FROM survey_anonymous_answer WHERE survey_id = %s", ballot.id)
        assert len(rows) == total, "fewer than five go unread"
    assert len({xmin for one, _, xmin in rows if one not in first}) == 1
    assert {one: answers for one, answers, _ in rows if one in first} == first


@pytest.mark.shows("partnerships.survey_anonymous")
def test_nothing_joins_an_answer_to_a_person(ballot, redis):
    """Physical order, transaction ids, ids, times, audit, events, Redis, the logs, a dump."""
    order = list(ballot.people)
    random.Random(7).shuffle(order)
    words = {person: f"word{n:02}" for n, person in enumerate(order)}
    for person in order:
        ballot.answer(person, 3, words[person])
    ballot.close()
    rows = ballot.rows("SELECT ctid::text, xmin::text, id, answers ->> 'why', to_jsonb(a) FROM survey_anonymous_answer a "
                       "WHERE survey_id = %s ORDER BY ctid", ballot.id)
    assert len(rows) == PEOPLE
    assert len({xmin for _, xmin, *_ in rows}) == 1, "one transaction for all"
    asked = [words[person] for person in order]
    found = [word for *_, word, _ in rows]
    assert found not in (asked, asked[::-1]) and sorted(found) == sorted(asked)
    assert {str(one)[14] for _, _, one, _, _ in rows} == {"4"}
    assert [word for *_, word, _ in sorted(rows, key=lambda row: row[2])] != asked
    for *_, whole in rows:
        assert set(whole) == {"district_id", "id", "survey_id", "partner_id", "partnership_kind", "site_id", "side", "audience", "answers"}
    # No transaction that touched a person's rows wrote one answer.
    assert not {row[1] for row in rows} & {xmin for xmin, in ballot.rows(
        "SELECT xmin::text FROM contact WHERE district_id = %s UNION SELECT xmin::text FROM link WHERE district_id = %s",
        ballot.tenant.id, ballot.tenant.id)}
    # Of the invitations, those who answered are told of by one change, which all share.
    changed = ballot.rows("SELECT updated_at, xmin::text, version FROM survey_invitation WHERE survey_id = %s", ballot.id)
    assert len(set(changed)) == 1
    for table in ("audit", "outbox"):
        of_persons = ballot.rows(f"SELECT aggregateid FROM {table} WHERE district_id = %s AND aggregatetype LIKE 'survey_%%'",
                                 ballot.tenant.id)
        assert set(of_persons) <= {(None,)}, table
        assert not re.search("word[0-9]{2}", str(ballot.rows(f"SELECT to_jsonb(t)::text FROM {table} t WHERE district_id = %s",
                                                            ballot.tenant.id)))
    # Nobody but the table of answers knows a word of them, and it knows nobody.
    dump = subprocess.run(["pg_dump", "--inserts", ballot.database.uri("postgres")], check=True, capture_output=True, text=True).stdout
    lines = [line for line in dump.splitlines() if re.search("word[0-9]{2}", line)]
    assert {line.split()[2] for line in lines} <= {"public.survey_anonymous_answer", "public.survey_counted"} and len(lines) >= PEOPLE
    for known in [str(one) for one in ballot.people] + list(ballot.links.values()):
        assert not [line for line in lines if known in line]
    spoken = ballot.api.log_text() + ballot.log + json.dumps(redis.events())
    with open(os.path.join(ballot.database.cluster.folder, "postgres.log"), encoding="utf-8", errors="replace") as file:
        spoken += file.read()
    assert not re.search("word[0-9]{2}", spoken)
    for link in ballot.links.values():
        assert link not in spoken


def test_who_is_signed_in_does_not_answer_an_anonymous_survey(ballot):
    user = ballot.tenant.users["coordinator"]
    with ballot.database.connect("kith_migrate") as connection:
        one = uuid7()
        insert(connection, "survey_invitation", {
            "district_id": ballot.tenant.id, "id": one, "survey_id": ballot.id, "address": f"{one}@example.org", "user_id": user,
            "audience": "staff", "created_at": NOW, "updated_at": NOW})
        insert(connection, "survey_answer", {
            "district_id": ballot.tenant.id, "id": uuid7(), "survey_id": ballot.id, "survey_invitation_id": one, "audience": "staff",
            "created_at": NOW, "updated_at": NOW})
    with ballot.database.connect("kith_api") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, %s, 'coordinator', %s, '*')", (ballot.tenant.id, user, NOW))
        with pytest.raises(errors.DatabaseError, match="by the link of its mail alone"):
            connection.execute("SELECT survey_invitation_answer(%s, NULL, NULL, '{\"well\": 3}', true)", (one,))


def test_what_few_say_of_themselves_is_not_kept(ballot):
    """Where an answer comes from stays only as far as five say the same, and nobody tells by the rest who it was."""
    rng = random.Random(2028)
    with ballot.database.connect("postgres") as connection:
        table = f"survey_count_{ballot.id.replace('-', '')}"
        connection.execute(f"CREATE TABLE {table} (district_id uuid, name text, partner_id uuid, partnership_kind text, "
                           "site_id uuid, side text, audience text, answers jsonb)")
        connection.execute(f"ALTER TABLE {table} OWNER TO kith_owner")
        for _ in range(25):
            sites, partners = ([str(uuid7()) for _ in range(4)] for _ in range(2))
            connection.execute(f"TRUNCATE {table}")
            for n in range(rng.randrange(5, 60)):
                row = (ballot.tenant.id, f"p{n}", rng.choice([None, *partners]), rng.choice(["program", "grant"]),
                       rng.choice([None, *sites]), rng.choice(["district", "partner"]), rng.choice(["family", "staff", "student"]))
                for _ in range(rng.randrange(1, 4)): # of one person several say the same
                    connection.execute(f"INSERT INTO {table} VALUES (%s, %s, %s, %s, %s, %s, %s, '{{}}')", row)
            columns = ["audience", "side", "site_id", "partnership_kind", "partner_id"]
            for n, column in enumerate(columns):
                connection.execute("SELECT survey_count_blank(%s, %s, %s, 5)", (ballot.id, column, columns[:n] + ["district_id"]))
            assert connection.execute(
                f"SELECT min(n) FROM (SELECT count(DISTINCT name) AS n FROM {table} GROUP BY {', '.join(columns)}) AS g").fetchone()[0] >= 5
        connection.execute(f"DROP TABLE {table}")


def test_a_worker_that_dies_when_it_has_counted_loses_nothing(ballot, tmp_path):
    for n, person in enumerate(ballot.people[:6]):
        ballot.answer(person, 4, f"Kept {n}")
    assert ballot.act("close").status == 200
    at = tmp_path / "fail"
    at.write_text("commit_before:1", encoding="ascii")
    with Worker("kith-survey", ballot.database, KITH_CLOCK=f"@{ballot.api.clock}", KITH_FAIL_AT=str(at)):
        wait_until(lambda: ballot.director.get(f"/v1/surveys/{ballot.id}").json["counted_at"], "it is counted", 20)
    assert at.read_text(encoding="ascii") != "commit_before:1", "it died"
    assert ballot.told() == [said(4, f"Kept {n}") for n in range(6)]
