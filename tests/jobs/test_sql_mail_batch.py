"""kith-mailer's batches: what is claimed, ended and given back together is as if it had been one by one."""
import contextlib
import json
import re

import pytest
from psycopg import errors

from claims import key_of
from mailing import NOW, Office

# pylint: disable=redefined-outer-name


class Mailer:
    """One that claims what goes to the addresses of an office."""

    def __init__(self, connection, office):
        self.connection, self.office, self.keys = connection, office, None

    def take(self, most, left=None):
        """In a transaction of the connection, which the caller ends."""
        addresses = [m["to_address"] for m in self.office.read("message", "district_id = %s", self.office.id)]
        _, messages = self.connection.execute("SELECT * FROM messages_take(%s, %s, %s, %s)",
                                              (NOW, most, json.dumps(left or {}), addresses)).fetchone()
        return messages

    def claim_keys(self, most):
        """The keys by which they were claimed."""
        self.claim(most)
        return self.keys

    def claim(self, most, most_a_day=1000, left=None):
        """{message: (verdict, attempt)}"""
        with self.connection.transaction():
            messages = self.take(most, left)
            self.keys = keys = [key_of() for _ in messages]
            rows = self.connection.execute(
                "SELECT message_id::text, verdict, place FROM messages_claim(%s, %s, 60000, %s - messages_sent_today())",
                (messages, json.dumps(keys), most_a_day)).fetchall()
        return {message: (verdict, None if place is None else keys[place]["attempt_id"])
                for message, verdict, place in rows}

    def end(self, *ends):
        with self.connection.transaction():
            return dict(self.connection.execute(
                "SELECT message_id::text, status FROM messages_end(%s, %s, %s)",
                (self.office.id, NOW, json.dumps([{"is_bad_address": False, "wait_s": 60, **end} for end in ends]))).fetchall())

    def give_back(self, *attempts):
        with self.connection.transaction():
            self.connection.execute("SELECT messages_give_back(%s, %s, %s::uuid[])", (self.office.id, NOW, list(attempts)))


@pytest.fixture
def office(database):
    return Office(database)


@pytest.fixture
def post(database, office):
    with contextlib.ExitStack() as ends:
        with database.connect("kith_mailer") as connection:
            connection.execute("SELECT mail_home_check(%s)", (NOW,))  # the first one of all holds the others up
        yield lambda: Mailer(ends.enter_context(database.connect("kith_mailer")), office)


def state(office, message):
    found, = office.read("message", "id = %s", message)
    return found["status"], found["attempt_count"], found["claimed_until"] is not None


def test_a_batch_is_of_different_people_and_two_mailers_have_nobody_in_common(office, post):
    messages = office.queue_many(5)
    again = office.queue("agreement_notice", contact=office.read("message", "id = %s", messages[0])[0]["contact_id"])
    one, other = post(), post()
    with contextlib.ExitStack() as ends:
        ends.enter_context(one.connection.transaction())
        ends.enter_context(other.connection.transaction())
        first, second = one.take(3), other.take(10)
    assert (list(map(str, first)), list(map(str, second))) == (messages[:3], messages[3:])
    with one.connection.transaction():
        assert list(map(str, one.take(10))) == messages, "who gets two has one of them in a batch"
    assert again not in messages


def test_what_a_domain_and_a_district_may_have_is_counted_within_the_batch(office, post):
    messages = office.queue_many(4)
    mailer = post()
    with mailer.connection.transaction():
        assert [str(m) for m in mailer.take(10, {"example.org": 2})] == messages[:2]
    with mailer.connection.transaction():
        assert mailer.take(10, {"example.org": 0}) is None
    claimed = mailer.claim(10, most_a_day=3)
    assert [claimed[m][0] for m in messages] == ["send"] * 3 + ["waits"]


def test_what_is_given_back_is_as_if_it_had_not_been_claimed(office, post):
    messages = office.queue_many(3)
    mailer = post()
    before = {m: state(office, m) for m in messages}
    claimed = mailer.claim(3)
    assert {state(office, m) for m in messages} == {("queued", 1, True)}
    assert mailer.end({"id": messages[0], "number": 1, "outcome": "sent", "code": "250"}) == {messages[0]: "sent"}
    mailer.give_back(*(attempt for _, attempt in claimed.values()))
    assert state(office, messages[0]) == ("sent", 1, False), "what has ended is not given back"
    assert {m: state(office, m) for m in messages[1:]} == {m: before[m] for m in messages[1:]}
    assert office.attempts(messages[1]) == []
    assert {verdict for verdict, _ in mailer.claim(3).values()} == {"send"}
    mailer.give_back(*(attempt for _, attempt in claimed.values()))
    assert state(office, messages[1]) == ("queued", 1, True), "another attempt is not this one's to give back"


def test_the_ends_of_a_batch_are_each_message_s_own(office, post):
    sent, later, refused, late = office.queue_many(4)
    mailer = post()
    mailer.claim(4)
    with office.migrate() as connection, connection.transaction():
        connection.execute("UPDATE message SET attempt_count = 2 WHERE id = %s", (late,))
    ends = [{"id": m, "number": 1, "outcome": outcome, "code": code}
            for m, outcome, code in ((sent, "sent", "250"), (later, "deferred", "451"), (refused, "refused", "550"),
                                     (late, "sent", "250"))]
    assert mailer.end(*ends) == {sent: "sent", later: "retry", refused: "failed", late: None}
    assert [office.attempts(m) for m in (sent, later, refused, late)] == [["sent"], ["deferred"], ["refused"], ["sent"]]
    assert state(office, late) == ("queued", 2, True)


def test_one_that_cannot_be_read_fails_alone(office, post):
    messages = office.queue_many(2)
    bad = office.queue("agreement_notice", on="no day")
    with office.migrate() as connection, connection.transaction():
        connection.execute("UPDATE message SET variables = '{\"on\": \"no day\"}' WHERE id = %s", (bad,))
    assert {m: verdict for m, (verdict, _) in post().claim(10).items()} == {
        bad: "failed", **dict.fromkeys(messages, "send")}
    assert state(office, bad)[0] == "failed"


def test_one_that_cannot_be_written_fails_alone(database, office, post):
    """Its place in the batch is nobody else's."""
    messages = office.queue_many(3)
    with database.connect("postgres") as connection:
        connection.execute("ALTER TABLE link ADD CONSTRAINT link_bad_check CHECK (message_id <> '%s')" % messages[1])
    try:
        claimed = post().claim(3)
    finally:
        with database.connect("postgres") as connection:
            connection.execute("ALTER TABLE link DROP CONSTRAINT link_bad_check")
    assert [claimed[m][0] for m in messages] == ["send", "failed", "send"]
    for message in (messages[0], messages[2]):
        attempt, = office.read("message_attempt", "message_id = %s", message)
        assert str(attempt["id"]) == claimed[message][1]
    assert state(office, messages[1]) == ("failed", 0, False)


def test_what_ends_mails_opens_when_the_task_does_not_any_more(database, office, post):
    """One link with two tokens: its task is taken back, the other opens on, until the person is forgotten."""
    message, = office.queue_many(1)
    key, = post().claim_keys(1)
    link, = office.read("link", "message_id = %s", message)
    assert (link["purpose"], link["token_hash"], link["stop_hash"]) == ("agreement", key["task_hash"], key["stop_hash"])
    assert link["stop_expires_at"] > link["expires_at"]

    def opens(api, token):
        """By which purpose, whatever the page is for; None: nothing."""
        try:
            with api.transaction():
                return api.execute("SELECT purpose FROM link_enter(%s, %s, 'agreement,preferences', %s, '')",
                                   (office.id, key[token], NOW)).fetchone()[0]
        except errors.DatabaseError as refused:
            assert refused.sqlstate == "KI401"
            return None

    with database.connect("kith_api") as api, office.migrate() as connection:
        assert [opens(api, token) for token in ("task_hash", "stop_hash")] == ["agreement", "preferences"]
        connection.execute("UPDATE link SET revoked_at = %s WHERE message_id = %s", (NOW, message))
        assert [opens(api, token) for token in ("task_hash", "stop_hash")] == [None, "preferences"]
        connection.execute("UPDATE link SET stop_expires_at = %s WHERE message_id = %s", (NOW, message))
        assert [opens(api, token) for token in ("task_hash", "stop_hash")] == [None, None]


def test_whoever_withdraws_mails_leaves_those_that_are_on_their_way(migrate):
    """A mail that is being sent is queued all the same: who asks for the state alone asks for the lease, too."""
    looking = {  # at all that has not ended: to send it, to count it, or as nothing of a person may stay
        "messages_next", "messages_watch", "message_fail", "erasure_shut", "next_things", "health_document", "message_waits_for",
        "check_in_mail_mark", "retention_kinds"}
    waits = re.compile(r"status (?:NOT )?(?:IN \('+queued'+, '+retry'+\)|= ANY \(ARRAY\['queued'::text, 'retry'::text\]\))"
                       r"(?!\)*\s+AND \(*\w+\.claimed_until IS NULL)")
    found = {name for name, text in migrate.execute(
        "SELECT p.proname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'public' AND p.prokind = 'f'").fetchall() if waits.search(text)}
    assert found - looking == set()
