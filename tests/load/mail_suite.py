"""The mailer against Postfix's own load generator: mails a second, database and all, into a real Postfix and into a sink.

The reference sends a mail of the same size over as many connections, and has nothing to look up, to write or to remember.
"""
import os
import subprocess
import sys
import time

import psycopg

import mail_bare
import world
from bench_world import RESIDENT_MOST_MB, Program, Stage
from compare import Figure, compare

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "jobs"))
from mails import loopback  # noqa: E402  pylint: disable=wrong-import-position
from postfix import PORT, Postfix  # noqa: E402  pylint: disable=wrong-import-position

MAILS = 10_000  # so many that how the processes begin is no part of it
CONNECTIONS = 4
MAIL_BYTES = 6130  # so that Postfix finds it as long as ours, headers and all
SENDS_FOR_S = 300
LOOKS_EVERY_S = 0.05  # whether all are sent: it takes a processor, too
PEOPLE = """
INSERT INTO contact (district_id, id, created_at, updated_at, name, email)
SELECT %(district)s, uuid7(), %(now)s, %(now)s, 'Person ' || n, uuid7() || '@example.org'
FROM generate_series(1, %(mails)s) n"""
QUEUE = """
SELECT message_queue('duty', 'agreements', 'agreement_acknowledgment', %(agreement)s, c.id, NULL, uuid7()::text,
                     '{}', %(now)s, '2100-01-01T00:00:00Z', NULL)
FROM contact c WHERE c.district_id = %(district)s
  AND NOT EXISTS (SELECT FROM message m WHERE m.district_id = c.district_id AND m.contact_id = c.id)"""


class Sink:
    """Postfix's smtp-sink: takes whatever comes."""

    def __init__(self):
        self.address = loopback()

    @property
    def url(self):
        return f"smtp://{self.address}:{PORT}"

    def __enter__(self):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(["/usr/sbin/smtp-sink", "-u", "postfix", f"{self.address}:{PORT}", "100"]
                                        if os.geteuid() == 0 else
                                        ["/usr/sbin/smtp-sink", f"{self.address}:{PORT}", "100"])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class World(Stage):
    """A district with mails to send, each to somebody who has had none: one duty mail a person a day."""

    def _start(self, ends):
        super()._start(ends)
        self.values = {"district": self.district.id, "now": world.NOW, "mails": MAILS, "agreement": world.uuid7()}
        with self.database.connect("kith_migrate") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, world.NOW))
            connection.execute("UPDATE district SET go_live_at = %(now)s WHERE id = %(district)s", self.values)
            connection.execute("""
                INSERT INTO agreement (district_id, id, created_at, updated_at, kind, title, text, status, expires_on)
                VALUES (%(district)s, %(agreement)s, %(now)s, %(now)s, 'mou', 'Reading', 'We read.', 'out_for_signature',
                        '2100-06-30')""", self.values)
        self.memory = []

    def queue(self):
        with self.database.connect("kith_migrate") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, world.NOW))
            connection.execute(PEOPLE, self.values)
        with self.database.connect("kith_checkin") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, world.NOW))
            connection.execute(QUEUE, self.values)
        self.vacuum()

    @staticmethod
    def waiting(connection):
        """How many have not gone; of each a row that the mailer looks for, so that asking costs it little."""
        return connection.execute("""
            SELECT count(*) FROM message
            WHERE status IN ('queued', 'retry') AND carried_by IS NULL AND not_before <= %s""",
                                  (world.NOW,)).fetchone()[0]

    def bare(self):
        """Mails a second of the rows alone."""
        self.queue()
        ids = [row[0] for row in self.rows("SELECT id FROM message WHERE status = 'queued' ORDER BY id")]
        return mail_bare.mails_a_second(self.database.uri("postgres"), self.district.id, world.NOW, ids, CONNECTIONS)

    def send(self, url):
        """Mails a second, from the readiness of the mailer to the last mail that is written down as sent."""
        self.queue()
        program = Program("kith-mailer", self.database.uri("kith_mailer"), self.redis.uri, KITH_MAIL_URL=url,
                          KITH_MAIL_FROM="kith@mail.example.org", KITH_WORKERS=str(CONNECTIONS),
                          KITH_MAIL_DOMAIN_PER_MINUTE="100000", KITH_MAIL_DISTRICT_PER_DAY="1000000",
                          KITH_ENV="test", KITH_CLOCK=world.NOW,
                          KITH_PUBLIC_URL="https://kith.example.org")
        with psycopg.connect(self.database.uri("postgres"), autocommit=True) as connection:
            began, left = time.monotonic(), self.waiting(connection)
            while self.waiting(connection):
                assert time.monotonic() < began + SENDS_FOR_S, "not all mails are sent"
                time.sleep(LOOKS_EVERY_S)
            took = time.monotonic() - began
        self.memory = [one.resident for one in program.memory()]
        program.stop()
        return left / took


def smtp_source(url, *options):
    """Mails a second of Postfix's own, each to another address, as ours are: what was resolved once is resolved at no cost."""
    address = url.partition("//")[2]
    began = time.monotonic()
    done = subprocess.run(["/usr/sbin/smtp-source", *options, "-N", "-s", str(CONNECTIONS), "-m", str(MAILS), "-l", str(MAIL_BYTES),
                           "-f", "kith@mail.example.org", "-t", "person@example.org", address], check=False,
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: smtp-source failed\n{done.stdout}{done.stderr}")
    return MAILS / (time.monotonic() - began)


def tell_floor(of_world, relay, sink):
    """What could be reached, as the rows and the sending share the processors: what is printed is no gate."""
    bare = of_world.bare()
    of_relay, of_sink = smtp_source(relay.url), smtp_source(sink.url, "-d")
    print(f"the rows of {MAILS} mails alone, over {CONNECTIONS} connections: {bare:.0f}/s; beside smtp-source's own sending at "
          f"most {bare / (bare + of_relay):.2f} of it into Postfix, {bare / (bare + of_sink):.2f} into smtp-sink", flush=True)


def run(options):
    """True when every gate is kept."""
    with World() as of_world, Postfix(None, of_world.database) as relay, Sink() as sink:
        kept = [
            compare(Figure(f"{MAILS} mails over {CONNECTIONS} connections into Postfix, against smtp-source", 0.8,
                           lambda: of_world.send(relay.url), lambda: smtp_source(relay.url)), options),
            compare(Figure("the same into smtp-sink, against smtp-source -d, which keeps its connections", 0.25,
                           lambda: of_world.send(sink.url), lambda: smtp_source(sink.url, "-d")), options)]
        tell_floor(of_world, relay, sink)
        most = max(of_world.memory)
        kept.append(most < RESIDENT_MOST_MB)
        print(f"resident memory of the largest process: {most:.1f} MB, gate {RESIDENT_MOST_MB} MB: "
              f"{'kept' if kept[-1] else 'MISSED'}", flush=True)
        return all(kept)
