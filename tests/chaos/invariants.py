"""What must hold when everything has healed, asked of the database and the mails."""

import os
import time
from collections import Counter

from chaos_world import BEFORE, HEALS_WITHIN_S
from world import wait_until

# Which workers must have handled which events; what they do not ask for they need not know.
WAITING = """
    SELECT count(*) FROM outbox WHERE district_id = %s AND published_at IS NULL"""
UNDECIDED = """
    SELECT count(*) FROM check_in c
    JOIN partnership_role r ON r.district_id = c.district_id AND r.partnership_id = c.partnership_id
    WHERE c.district_id = %s AND NOT EXISTS (
        SELECT FROM reminder d WHERE d.check_in_id = c.id AND d.side = r.side AND d.offset_days = -3)"""
UNSENT = """
    SELECT count(*) FROM message WHERE district_id = %s AND status NOT IN ('sent', 'suppressed')"""
MARKS = """
    SELECT (SELECT count(*) FROM rollup_mark WHERE district_id = d.id)
        + (SELECT count(*) FROM tally_crossing WHERE district_id = d.id) FROM district d WHERE d.id = %s"""
TRIED = """
    SELECT count(*) FROM dead_letter WHERE district_id = %s AND dead_at IS NULL"""
UNKNOWN_TO = """
    SELECT count(*) FROM outbox o WHERE o.district_id = %s AND o.aggregatetype = %s AND NOT EXISTS (
        SELECT FROM processed p WHERE p.district_id = o.district_id AND p.event_id = o.id
        AND p.consumer = %s)"""
HEARD = {"check_in": "kith-checkin"}  # aggregate type: the consumer that must know


def count(chaos, query, *values):
    with chaos.connect() as connection:
        return connection.execute(query, values).fetchone()[0]


def healed(chaos, district, within_s=HEALS_WITHIN_S):
    """How long it took until nothing waits any more."""
    begin = time.monotonic()
    chaos.wait_ready(within_s)
    for name, query in (("every event is published", WAITING), ("all reminders are decided", UNDECIDED),
                        ("every mail has gone", UNSENT), ("every rollup is computed", MARKS),
                        ("every event that was tried is handled", TRIED)):
        left = within_s - (time.monotonic() - begin)
        wait_until(lambda asked=query: count(chaos, asked, district.id) == 0, name, left)
    for aggregate, consumer in HEARD.items():
        left = within_s - (time.monotonic() - begin)
        wait_until(lambda a=aggregate, c=consumer: count(chaos, UNKNOWN_TO, district.id, a, c) == 0,
                   f"kith-{consumer} knows of every {aggregate}", left)
    return time.monotonic() - begin


def writes_are_kept(chaos, load):
    """Each accepted write is there, with one record and one event that made it."""
    assert not load.refused, load.refused[:5]
    assert load.accepted, "nothing was written"
    for plural in {plural for plural, _ in load.accepted}:
        table = plural.removesuffix("s")
        ids = [one for kind, one in load.accepted if kind == plural]
        assert len(set(ids)) == len(ids)
        with chaos.connect() as connection:
            found = connection.execute(
                f"SELECT (SELECT count(*) FROM {table} WHERE id = ANY (%(ids)s::uuid[])), "
                "(SELECT count(*) FROM audit WHERE aggregateid = ANY (%(ids)s::uuid[]) "
                " AND action = 'created'), "
                "(SELECT count(*) FROM outbox WHERE aggregateid = ANY (%(ids)s::uuid[]) "
                f" AND type = 'org.kith.{table}.created.v1'), "
                f"(SELECT count(*) FROM {table} WHERE district_id = %(district)s "
                " AND created_at <> %(before)s)",
                {"ids": ids, "district": load.district.id, "before": BEFORE}).fetchone()
        assert found == (len(ids),) * 4, (plural, found, len(ids))


def mails_are_one_each(chaos, district, deliveries):
    """Each decided mail has gone once; twice only where the mailer or its server died when nobody could know, which the record
    says. deliveries: the message ids that arrived, as often as they did."""
    with chaos.connect() as connection:
        rows = connection.execute(
            "SELECT id::text, status, kind, carried_by IS NULL, ARRAY(SELECT a.outcome FROM message_attempt a "
            "WHERE a.district_id = m.district_id AND a.message_id = m.id ORDER BY a.number) "
            "FROM message m WHERE district_id = %s", (district.id,)).fetchall()
        reminders, different = connection.execute(
            "SELECT count(*), count(DISTINCT (check_in_id, due_on, offset_days, side, recipient_key)) "
            "FROM reminder WHERE district_id = %s", (district.id,)).fetchone()
        decided, reminding = connection.execute(
            "SELECT count(*), count(DISTINCT message_id) FROM reminder WHERE district_id = %s AND decision = 'queued'",
            (district.id,)).fetchone()
    told = [one for one, status, kind, *_ in rows if status == "sent" and kind == "check_in_reminder"]
    assert len(told) >= 2 * len(district.partnerships)
    assert reminders == different and decided == reminding
    arrived = Counter(deliveries)
    for one, status, kind, goes_itself, attempts in rows:
        wanted = [1] if status == "sent" and goes_itself else [0]
        if attempts == ["unknown", "sent"]:
            wanted.append(2)
        assert arrived[one] in wanted and attempts.count("unknown") <= 1, (one, kind, status, attempts, arrived[one])


def maildir(chaos):
    """The ids of the messages in the Maildir."""
    return [name.split("@")[0].split(".")[0].split(":")[0]
            for name in os.listdir(f"{chaos.folder}/mail/new")]


def rollups_are_right(chaos, district):
    """By the clock of the programs: of months to come nothing is known."""
    with chaos.connect() as connection, open(chaos.clock, encoding="ascii") as clock:
        assert not connection.execute("SELECT * FROM rollup_check(%s, %s)", (district.id, clock.read().strip())).fetchall()


def nothing_is_wrong(chaos, district, load, deliveries=None):
    writes_are_kept(chaos, load)
    mails_are_one_each(chaos, district, maildir(chaos) if deliveries is None else deliveries)
    rollups_are_right(chaos, district)
    with chaos.connect() as connection:
        assert not connection.execute("SELECT consumer, attempts, error FROM dead_letter WHERE district_id = %s",
                                      (district.id,)).fetchall()
