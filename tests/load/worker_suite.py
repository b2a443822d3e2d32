"""The workers: how soon each is ready, and the memory of its processes when it has done what waits for it,
on a usual district of which nothing has been computed."""
import os
import re
import statistics

import kpi_suite
import world
from bench_world import RESIDENT_MOST_MB, Program

READY_MOST_MS = 300
WORKERS = ("kpi", "checkin", "survey", "mailer")
MAILS = 500
DONE = {
    "kith-kpi": "SELECT NOT EXISTS (SELECT FROM rollup_mark) AND NOT EXISTS (SELECT FROM tally_crossing)",
    "kith-checkin": "SELECT (SELECT count(*) FROM check_in) = (SELECT count(*) FROM partnership)",
    "kith-mailer": f"SELECT count(*) = {MAILS} FROM message WHERE status = 'sent'",
}
WORKS_FOR_S = 300


class World(kpi_suite.World):
    def _compute(self):
        """That is kith-kpi's work; kith-checkin and kith-mailer are given their own."""
        with self.database.connect("kith_migrate") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, world.NOW))
            connection.execute("UPDATE partnership SET status = 'active',"
                               " activated_at = '2026-08-10T12:00:00Z'")
        with self.database.connect("kith_checkin") as connection, connection.transaction():
            connection.execute("SELECT kith_context(%s, '', '', %s, '')", (self.district.id, world.NOW))
            connection.execute("""
                SELECT message_queue('account', 'account', 'password_reset', %(user)s, NULL, %(user)s, uuid7()::text,
                                     '{}', %(now)s, '2100-01-01T00:00:00Z', NULL)
                FROM generate_series(1, %(mails)s)""",
                {"user": self.district.user, "now": world.NOW, "mails": MAILS})

    def start(self, worker):
        mailbox = os.path.join(self.folder, "mail")
        settings = {"KITH_MAIL_URL": f"maildir:{mailbox}", "KITH_MAIL_FROM": "kith@example.org"}
        return Program(f"kith-{worker}", self.database.uri(f"kith_{worker}"), self.redis.uri,
                       **(settings if worker == "mailer" else {}))

    def has_worked(self, program):
        turns = re.search(r'^kith_worker_turns_total\{result="done"\} (\d+)', program.admin("/metrics")[1], re.M)
        return int(turns[1]) > 0 and self.rows(DONE.get(program.name, "SELECT true"))[0][0]


def verdict(is_kept):
    return "kept" if is_kept else "MISSED"


def readiness(of_world, worker, repetitions):
    times = []
    for _ in range(repetitions):
        program = of_world.start(worker)
        times.append(program.ready_ms)
        program.stop()
    median = statistics.median(times)
    print(f"kith-{worker} is ready after {median:.0f} ms ({min(times):.0f} to {max(times):.0f}), "
          f"gate {READY_MOST_MS} ms: {verdict(median < READY_MOST_MS)}", flush=True)
    return median < READY_MOST_MS


def memory(of_world, worker):
    program = of_world.start(worker)
    world.wait_until(lambda: of_world.has_worked(program), f"kith-{worker} has done its work", WORKS_FOR_S)
    found = program.memory()
    program.stop()
    for number, one in enumerate(found):
        print(f"kith-{worker} {f'child {number}' if number else 'parent'}: resident {one.resident:.1f} MB, "
              f"its share of that {one.share:.1f} MB, its own {one.own:.1f} MB; "
              f"gate {RESIDENT_MOST_MB} MB: {verdict(one.resident < RESIDENT_MOST_MB)}", flush=True)
    return all(one.resident < RESIDENT_MOST_MB for one in found)


def run(options):
    """True when every gate is kept."""
    with World() as of_world:
        kept = [memory(of_world, worker) for worker in WORKERS]
        kept += [readiness(of_world, worker, options.repetitions) for worker in WORKERS]
        return all(kept)
