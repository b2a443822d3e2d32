"""What a quarter costs kith-checkin: its check-ins planned, its first reminders decided; and a look when nothing is due."""
import os
import re
import time

import world
from bench_world import HERE, Memory, Stage
from compare import Figure, compare

PARTNERSHIPS = 100_000
IDLE_MOST_MS = 50
MORNING = "2026-12-17T15:00:00.000Z"  # of the rule of a fortnight before
RULES = ("check_in_plan", "reminders_decide")
MADE = ("check_in", "reminder", "message", "audit", "outbox")


def steps():
    """The statements of kith-checkin, in its order, as functions."""
    with open(os.path.join(world.ROOT, "services/checkin/main.c"), encoding="utf-8") as file:
        names = re.findall(r"STMT\((\w+)\)", file.read())
    texts = {name: text for name, _, text, _ in world.queries()}
    return [(name, re.sub(r"\$\d", "%s", texts[name])) for name in names]


class World(Stage):
    def __init__(self, partnerships):
        super().__init__()
        self.partnerships = partnerships

    def _start(self, ends):
        super()._start(ends)
        world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"district={self.district.id}",
                  "-v", f"now={world.NOW}", "-v", f"partnerships={self.partnerships}", "-f", os.path.join(HERE, "plan.sql"))

    def run_step(self, text, now):
        """Seconds, how many it made, and the memory that PostgreSQL's process took for it, in MB."""
        with self.database.connect("kith_checkin") as connection:
            began = time.monotonic()
            with connection.transaction():
                made, = connection.execute(text, (self.district.id, now)).fetchone()
            return time.monotonic() - began, made, Memory.of(connection.info.backend_pid).anonymous

    def quarter(self):
        """Partnerships a second."""
        texts = dict(steps())
        took = 0
        for name, now in zip(RULES, (world.NOW, MORNING)):
            self.vacuum()  # as the server does it by itself in the weeks between
            seconds, made, memory = self.run_step(texts[name], now)
            print(f"    {name}: {made} in {seconds:.1f} s, {memory:.0f} MB of a session's memory", flush=True)
            assert made >= self.partnerships, f"{name} made {made}"
            took += seconds
        return self.partnerships / took

    def reference(self):
        """The same rows once more, into tables of the same columns, checks and indexes, which nobody watches."""
        took = 0
        with self.database.connect("postgres") as connection:
            for table in MADE:
                connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
                began = time.monotonic()
                with connection.transaction():
                    connection.execute(f"INSERT INTO bare_{table} SELECT * FROM {table}")
                took += time.monotonic() - began
        return self.partnerships / took


def idle(of_world):
    """True when a turn that finds nothing to do is short. The first one has put in order what the load left behind."""
    for name, text in steps():
        of_world.run_step(text, MORNING)
    of_world.vacuum()
    times = []
    for name, text in steps():
        times.append((of_world.run_step(text, MORNING)[0] * 1000, name))
    total = sum(took for took, _ in times)
    print(f"a turn of kith-checkin with nothing to do, {of_world.partnerships} partnerships: {total:.0f} ms, gate "
          f"{IDLE_MOST_MS} ms: {'kept' if total < IDLE_MOST_MS else 'MISSED'}; most of it: "
          + ", ".join(f"{name} {took:.0f} ms" for took, name in sorted(times)[:-6:-1]), flush=True)
    return total < IDLE_MOST_MS


def run(options):
    """True when every gate is kept. Once each: what is planned is planned."""
    with World(PARTNERSHIPS) as of_world:
        options.repetitions = 1
        kept = [compare(Figure(f"a quarter of {PARTNERSHIPS} partnerships, planned and its first reminders decided, against "
                               "a bare INSERT … SELECT of the rows", 1 / 3, of_world.quarter, of_world.reference), options),
                idle(of_world)]
    return all(kept)
