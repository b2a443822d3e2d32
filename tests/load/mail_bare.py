"""The rows that a mail leaves when it is sent, and nothing else: the floor under the mailer.

The same rows in the same order and as many transactions (the attempt and its links are on the disk before a mail goes, its
end after), by as many connections in batches as long as the mailer's; without a reason asked for, a letter written, a
policy, a foreign key or a trigger.
"""
import contextlib
import threading
import time

import psycopg

BATCH = 32
BEGIN = (
    """UPDATE message SET attempt_count = attempt_count + 1, claimed_until = clock_timestamp()
       WHERE district_id = %(district)s AND id = ANY (%(ids)s)""",
    """INSERT INTO message_attempt (district_id, id, message_id, number, started_at)
       SELECT m.district_id, uuid7(), m.id, m.attempt_count, clock_timestamp()
       FROM message m WHERE m.district_id = %(district)s AND m.id = ANY (%(ids)s)""",
    """INSERT INTO link (district_id, id, token_hash, purpose, subject_id, contact_id, message_id, expires_at, created_at,
                         stop_hash, stop_expires_at)
       SELECT m.district_id, uuid7(), md5(random()::text) || md5(random()::text), 'agreement', m.subject_id, m.contact_id, m.id,
              m.not_after, clock_timestamp(), md5(random()::text) || md5(random()::text), m.not_after
       FROM message m WHERE m.district_id = %(district)s AND m.id = ANY (%(ids)s)""")
END = (
    """UPDATE message_attempt SET outcome = 'sent', ended_at = clock_timestamp(), code = '2.0.0',
           detail = '2.0.0 Ok: queued as 0123456789'
       WHERE district_id = %(district)s AND message_id = ANY (%(ids)s) AND outcome IS NULL""",
    """UPDATE message SET status = 'sent', claimed_until = NULL, sent_at = clock_timestamp(), version = version + 1,
           updated_at = clock_timestamp()
       WHERE district_id = %(district)s AND id = ANY (%(ids)s)""")
TOLD = """
SELECT record_write(%(district)s, 'message', 'updated', NULL, NULL, NULL, NULL,
                    jsonb_build_object('first', %(ids)s[1], 'last', %(ids)s[1], 'count', cardinality(%(ids)s)))"""


def write(uri, district, now, ids):
    with psycopg.connect(uri) as connection:
        connection.execute("SET session_replication_role = replica")
        for first in range(0, len(ids), BATCH):
            values = {"district": district, "ids": ids[first:first + BATCH]}
            for statements in (BEGIN, (*END, TOLD)):
                connection.execute("SELECT kith_context(%s, '', '', %s, '')", (district, now), prepare=True)
                for statement in statements:
                    connection.execute(statement, values, prepare=True)
                connection.commit()


def mails_a_second(uri, district, now, ids, connections):
    """Of mails that wait, which are then as if they had been sent."""
    threads = [threading.Thread(target=write, args=(uri, district, now, ids[n::connections])) for n in range(connections)]
    began = time.monotonic()
    with contextlib.ExitStack() as ends:
        for thread in threads:
            thread.start()
            ends.callback(thread.join)
    return len(ids) / (time.monotonic() - began)
