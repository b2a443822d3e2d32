"""What it costs to know what a survey found: all of it counted anew, one more answer, and a reading."""
import os
import statistics
import time

import world
from bench_world import HERE, Memory, Stage, processor_s
from compare import Figure, compare

ANSWERS = 100_000
FEW = 1_000
TIMES = 40
LARGE, SMALL = (f"01930000-0000-7000-8000-0000000000b{n}" for n in (1, 2))
READINGS = (("all", None), ("side", None), ("partner", None), ("site", "side"), ("partnership", None))


class World(Stage):
    """With a large survey and a small one of the same questions."""

    def _start(self, ends):
        super()._start(ends)
        for survey, answers in ((LARGE, ANSWERS), (SMALL, FEW)):
            world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1",
                      "-v", f"district={self.district.id}", "-v", f"now={world.NOW}", "-v", f"survey={survey}",
                      "-v", f"answers={answers}", "-f", os.path.join(HERE, "survey_results.sql"))
        self.vacuum()

    def recount(self, survey=LARGE):
        """Answers a second, of a survey that is counted anew."""
        with self.database.connect("kith_migrate") as connection:
            began = time.monotonic()
            with connection.transaction():
                connection.execute("SELECT rollup_context(%s, %s)", (self.district.id, world.NOW))
                connection.execute("SELECT survey_tally_all(%s)", (survey,))
            took = time.monotonic() - began
            pid = connection.info.backend_pid
            print(f"    counted anew in {took:.1f} s, {processor_s(pid):.1f} s of a processor, {Memory.of(pid).anonymous:.0f} MB of a "
                  "session's memory", flush=True)
        return ANSWERS / took

    def reference(self):
        """The same counts by a bare aggregate: of all, each partner, relationship, site and kind, by side."""
        with self.database.connect("postgres") as connection:
            began = time.monotonic()
            connection.execute(
                "SELECT p.partner_id, p.id, p.lead_site_id, p.arrangement, w.side, e.key, e.value, count(*) FROM survey_answer w "
                "JOIN partnership p ON p.district_id = w.district_id AND p.id = w.partnership_id "
                "CROSS JOIN jsonb_each(w.answers) e WHERE w.district_id = %s AND w.survey_id = %s GROUP BY GROUPING SETS "
                "((w.side, e.key, e.value), (p.partner_id, w.side, e.key, e.value), (p.id, w.side, e.key, e.value), "
                "(p.lead_site_id, w.side, e.key, e.value), (p.arrangement, w.side, e.key, e.value))",
                (self.district.id, LARGE))
            took = time.monotonic() - began
            print(f"    the aggregate: {took:.1f} s, {processor_s(connection.info.backend_pid):.1f} s of a processor", flush=True)
        return ANSWERS / took

    def one_more(self, survey):
        """Changed answers a second, one by one: the change, and its counting."""
        took = []
        with self.database.connect("kith_migrate") as connection:
            pid = connection.info.backend_pid
            ids = [one for one, in connection.execute(
                "SELECT id FROM survey_answer WHERE survey_id = %s ORDER BY id LIMIT %s", (survey, TIMES)).fetchall()]
            for one in ids:
                began = time.monotonic()
                connection.execute("UPDATE survey_answer SET answers = answers || '{\"q1\": 3, \"q2\": 1}', updated_at = %s "
                                   "WHERE id = %s", (world.NOW, one))
                while connection.execute("SELECT survey_work(500, %s)", (world.NOW,)).fetchone()[0]:
                    pass
                took.append(time.monotonic() - began)
            worked = processor_s(pid) * 1000 / len(took)
        print(f"    one changed answer: median {statistics.median(took) * 1000:.1f} ms, {worked:.1f} ms of a processor", flush=True)
        return 1 / statistics.median(took)

    def read(self):
        with self.database.connect("kith_api") as connection:
            for by, second in READINGS:
                took = []
                for _ in range(5):
                    began = time.monotonic()
                    with world.unit(connection, self.district):
                        connection.execute("SELECT survey_results_document(%s, %s, %s, NULL, 200, NULL)", (LARGE, by, second))
                    took.append((time.monotonic() - began) * 1000)
                print(f"    results by {by}{' and ' + second if second else ''}: {statistics.median(took):.0f} ms", flush=True)
            began = time.monotonic()
            with world.unit(connection, self.district):
                connection.execute("SELECT survey_group_document(%s, 'all', 'all', NULL, NULL)", (LARGE,))
            print(f"    question by question: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)


def run(options):
    """True when every gate is kept."""
    with World() as of_world:
        of_world.recount(SMALL)
        kept = [compare(Figure(f"{ANSWERS} answers to 40 questions counted anew, against a bare aggregate", 1 / 3,
                               of_world.recount, of_world.reference), options),
                compare(Figure(f"one changed answer among {ANSWERS}, against one among {FEW}", 0.7,
                               lambda: of_world.one_more(LARGE), lambda: of_world.one_more(SMALL)), options)]
        of_world.read()
    return all(kept)
