"""What a quarter costs kith-checkin: its check-ins planned, its first reminders decided; and a turn when nothing is due."""
import contextlib
import os
import re
import statistics
import time

import world
from bench_world import HERE, Memory, Stage
from compare import Figure, compare

PARTNERSHIPS = 100_000
AT_REST = 1_000_000
IDLE_MOST_MS = 50
MORNING = "2026-12-17T15:00:00.000Z"  # of the rule of a fortnight before
DAYS = ("2026-12-14T15:00:00.000Z", "2026-12-15T15:00:00.000Z")  # on which nobody is reminded
LOADED = ("partner", "contact", "partnership", "partnership_role", "agreement", "agreement_item", "agreement_partnership",
          "check_in")
RULES = ("check_in_plan", "reminders_decide")
MADE = ("check_in", "reminder", "message", "audit", "outbox")


def steps():
    """The statements of kith-checkin, in its order, as functions."""
    with open(os.path.join(world.ROOT, "services/checkin/main.c"), encoding="utf-8") as file:
        names = re.findall(r"STMT\((\w+)\)", file.read())
    texts = {name: text for name, _, text, _ in world.queries()}
    return [(name, re.sub(r"\$\d", "%s", texts[name])) for name in names]


class World(Stage):
    """With partnerships that run; is_at_rest: in the middle of a quarter."""

    def __init__(self, partnerships, is_at_rest=False):
        super().__init__()
        self.partnerships = partnerships
        self.files = ("plan.sql", "idle.sql") if is_at_rest else ("plan.sql",)

    def _start(self, ends):
        super()._start(ends)
        with self._indexed_later():
            for file in self.files:
                world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1",
                          "-v", f"district={self.district.id}", "-v", f"now={world.NOW}", "-v", f"partnerships={self.partnerships}", "-f", os.path.join(HERE, file))
        self.vacuum()

    @contextlib.contextmanager
    def _indexed_later(self):
        """Indexes of what is loaded that are no keys are made when it is there, which takes a fraction of the time."""
        with self.database.connect("postgres") as connection:
            found = connection.execute(
                "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
                "WHERE indrelid::regclass::text = ANY (%s) AND NOT indisunique", (list(LOADED),)).fetchall()
            connection.execute("DROP INDEX " + ", ".join(name for name, _ in found))
            yield
            connection.execute("SET maintenance_work_mem = '512MB'")
            for _, made in found:
                connection.execute(made)

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
        """Of the rows alone."""
        return self.partnerships / self.write_again(MADE)


class Turns:
    """Turns of kith-checkin, on one connection, as it has one."""

    def __init__(self, of_world, connection):
        self.district, self.connection = of_world.district.id, connection

    def run(self, now):
        """Milliseconds, of all and of each step, the dearest first."""
        times = []
        with self.connection.transaction():
            for name, text in steps():
                began = time.monotonic()
                self.connection.execute(text, (self.district, now))
                times.append(((time.monotonic() - began) * 1000, name))
        return sum(took for took, _ in times), sorted(times, reverse=True)


def change_one(of_world, now):
    with of_world.database.connect("postgres") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (of_world.district.id, now))
        connection.execute("UPDATE partnership SET purpose = coalesce(purpose, '') || 'x' "
                           "WHERE id = (SELECT id FROM partnership ORDER BY district_id, id LIMIT 1)")


def told(what, of_world, turn):
    total, times = turn
    print(f"    a turn of kith-checkin {what}, {of_world.partnerships} partnerships: {total:.0f} ms; most of it: "
          + ", ".join(f"{name} {took:.0f} ms" for took, name in times[:4]), flush=True)
    return total


def idle():
    """True when a turn that finds nothing to do is short. The first ones put in order what the load has left behind."""
    with World(AT_REST, is_at_rest=True) as of_world, of_world.database.connect("kith_checkin") as connection:
        turns = Turns(of_world, connection)
        for _ in range(3):
            turns.run(DAYS[0])
        of_world.vacuum()
        told("at a mail hour, when all are looked at", of_world, turns.run(DAYS[1]))
        for _ in range(3):
            change_one(of_world, DAYS[1])
            told("when one of them has changed", of_world, turns.run(DAYS[1]))
        most = statistics.median(told("with nothing to do", of_world, turns.run(DAYS[1])) for _ in range(5))
        print(f"a turn with nothing to do: {most:.0f} ms, gate {IDLE_MOST_MS} ms: {'kept' if most < IDLE_MOST_MS else 'MISSED'}")
        return most < IDLE_MOST_MS


def run(options):
    """True when every gate is kept. Once each: what is planned is planned."""
    options.repetitions = 1
    with World(PARTNERSHIPS) as of_world:
        kept = compare(Figure(f"a quarter of {PARTNERSHIPS} partnerships, planned and its first reminders decided, against "
                              "a bare INSERT … SELECT of the rows", 1 / 3, of_world.quarter, of_world.reference), options)
    return all([kept, idle()])
