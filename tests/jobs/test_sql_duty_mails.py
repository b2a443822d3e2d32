"""What is told of the next mails of somebody is what goes: of several check-ins, day by day, in one mail each."""
import datetime as dt

import pytest
from hypothesis import given, settings, strategies as st

from check_in_model import DAY, date
from claims import claim
from test_sql_check_ins import INSTANTS, SLOW, WORLDS, district_of, worker  # noqa: F401
from test_sql_check_ins import Running
from world import insert, uuid7

# pylint: disable=redefined-outer-name


class Post:
    """kith-mailer, of one address."""

    def __init__(self, mailer, address):
        self.mailer, self.address = mailer, address

    def send(self, now):
        """The messages that go at that instant."""
        sent = []
        while True:
            with self.mailer.transaction():
                claimed = claim(self.mailer, now, [self.address])
            if claimed is None:
                return sent
            district, message, verdict, _ = claimed
            if verdict == "send":
                with self.mailer.transaction():
                    self.mailer.execute("SELECT message_end(%s, %s, 1, %s, 'sent', false, '250', NULL, 0)",
                                        (district, message, now))
                sent.append(message)


def things(migrate, message):
    """What a mail tells of: (check-in, rule)."""
    rows = migrate.execute(
        "SELECT m.subject_id::text, (m.variables ->> 'offset_days')::integer FROM message m "
        "WHERE coalesce(m.carried_by, m.id) = %s AND m.kind <> 'duties' AND m.status = 'sent'", (message,)).fetchall()
    return frozenset(rows)


@pytest.fixture
def sender(database):
    with database.connect("kith_mailer") as connection:
        yield connection


@pytest.mark.shows("administration.duty_mails", "administration.next_mails")
@settings(SLOW, max_examples=12)
@given(world=WORLDS, now=INSTANTS, dues=st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=4))
def test_what_is_told_of_the_next_mails_is_what_goes(database, migrate, worker, sender, world, now, dues):  # noqa: F811
    one, _ = district_of(database, world)
    migrate.execute("UPDATE district SET go_live_at = '2026-07-01Z' WHERE id = %s", (one.id,))
    first, *others = [Running(database, one.id, one.user) for _ in dues]
    for partnership in others:
        migrate.execute("UPDATE partnership_role SET contact_id = %s WHERE partnership_id = %s AND contact_id IS NOT NULL",
                        (first.contact, partnership.id))
    for partnership, (days, is_answered) in zip([first, *others], dues):
        due_on = date("2026-12-01") + days * DAY
        check_in = partnership.check_in(due_on=due_on, opens_on=due_on - 21 * DAY, dated_at="2026-10-01Z")
        if is_answered:
            insert(migrate, "check_in_half", {
                "district_id": one.id, "id": uuid7(), "check_in_id": check_in, "side": "partner", "status": "submitted",
                "submitted_at": "2026-10-01Z", "created_at": "2026-10-01Z", "updated_at": "2026-10-01Z"})
    post = Post(sender, f"{first.contact}.ann@example.org")
    first.work("reminders_decide", now, worker)
    post.send(now)
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s::timestamptz::text, '')", (one.id, now))
        told = migrate.execute("SELECT next_mails_document(NULL, %s, 50)", (first.contact,)).fetchone()[0]["mails"]
    instants = {dt.datetime.fromisoformat(mail["goes_at"].replace("Z", "+00:00")): mail for mail in told if mail["would_go"]}
    assert len(instants) == sum(mail["would_go"] for mail in told), "one mail a day"
    found = {}
    for at in sorted({dt.datetime.fromisoformat(mail["goes_at"].replace("Z", "+00:00")) for mail in told}):
        first.work("reminders_decide", at, worker)
        if sent := post.send(at):
            found[at], = sent
    assert {at: things(migrate, message) for at, message in found.items()} == {
        at: frozenset((t["subject_id"], t["offset_days"] if t["message_id"] is None else things_of(migrate, t))
                      for t in mail["things"]) for at, mail in instants.items()}


def things_of(migrate, thing):
    return migrate.execute("SELECT (variables ->> 'offset_days')::integer FROM message WHERE id = %s",
                           (thing["message_id"],)).fetchone()[0]
