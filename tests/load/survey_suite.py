"""What a wave costs kith-survey: 100,000 people invited and their mails decided, and reminded; and a turn when nothing is due."""
import os
import re
import statistics
import time

import world
from bench_world import HERE, RESIDENT_MOST_MB, Memory, Program, Stage, processor_s
from compare import Figure, compare

PEOPLE = 100_000
IDLE_MOST_MS = 50
OPENING = "2026-12-01T15:00:00.000Z"   # 09:00 of a Tuesday
REMINDING = "2026-12-08T15:00:00.000Z" # three days before the last one
MADE = ("survey_invitation", "survey_answer", "message", "audit", "outbox")


def steps():
    """The statements of kith-survey, in its order."""
    with open(os.path.join(world.ROOT, "services/survey/main.c"), encoding="utf-8") as file:
        names = re.findall(r'\{"\w+", STMT\((\w+)\)\}', file.read())
    texts = {name: text for name, _, text, _ in world.queries()}
    return [(name, re.sub(r"\$\d", "%s", texts[name])) for name in names]


class World(Stage):
    """With a survey that is about to open."""

    def __init__(self, people):
        super().__init__()
        self.people = people

    def _start(self, ends):
        super()._start(ends)
        world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"district={self.district.id}",
                  "-v", f"now={world.NOW}", "-v", f"people={self.people}", "-f", os.path.join(HERE, "survey.sql"))
        self.vacuum()

    def turns(self, now, what):
        """Turns until one leaves nothing: seconds."""
        took, turns = {}, 0
        with self.database.connect("kith_survey") as connection:
            began = time.monotonic()
            more = True
            while more:
                turns += 1
                more = self.turn(connection, now, took)
            seconds, pid = time.monotonic() - began, connection.info.backend_pid
            print(f"    {what}: {seconds:.1f} s, {processor_s(pid):.1f} s of a processor, in {turns} turns, "
                  f"{Memory.of(pid).anonymous:.0f} MB of a session's memory; "
                  + ", ".join(f"{name} {t:.1f} s" for name, t in took.items() if t > 0.1), flush=True)
        return seconds

    def turn(self, connection, now, took):
        """True when there is more to do. took: seconds of each step, added to."""
        with connection.transaction():
            for name, text in steps():
                at = time.monotonic()
                connection.execute(text, (self.district.id, now))
                took[name] = took.get(name, 0) + time.monotonic() - at
            return connection.execute("SELECT coalesce(current_setting('kith.more', true), '') = 'true'").fetchone()[0]

    def wave(self):
        """People a second."""
        seconds = self.turns(OPENING, f"a wave of {self.people}")
        assert self.rows("SELECT count(*) FROM message WHERE status = 'queued'") == [(self.people,)]
        return self.people / seconds

    def reference(self):
        """Of the rows alone."""
        return self.people / self.write_again(MADE)

    def told_idle(self):
        """Milliseconds of a turn in the middle of the wave, when nothing is due, in a worker's session: the first one plans."""
        with self.database.connect("kith_survey") as connection:
            times = []
            for _ in range(6):
                began = time.monotonic()
                assert not self.turn(connection, REMINDING, {})
                times.append((time.monotonic() - began) * 1000)
            worked = processor_s(connection.info.backend_pid) * 1000 / len(times)
        most = statistics.median(times[1:])
        print(f"a turn of kith-survey with nothing to do, {self.people} invited: {most:.0f} ms (the first {times[0]:.0f}; {worked:.0f} of a processor), "
              f"gate {IDLE_MOST_MS} ms: {'kept' if most < IDLE_MOST_MS else 'MISSED'}", flush=True)
        return most < IDLE_MOST_MS

    def reminders(self):
        with self.database.connect("postgres") as connection:
            began = time.monotonic()
            connection.execute("UPDATE message SET status = 'sent', sent_at = not_before")
            print(f"    as if all had gone: {time.monotonic() - began:.1f} s", flush=True)
        self.vacuum()
        self.turns(REMINDING, "reminders")
        assert self.rows("SELECT count(*) FROM message WHERE kind = 'survey_reminder'") == [(self.people,)]


def small():
    """True when kith-survey itself stays small over such a wave, from the event on."""
    with World(PEOPLE) as of_world:
        worker = Program("kith-survey", of_world.database.uri("kith_survey"), of_world.redis.uri,
                         KITH_ENV="test", KITH_CLOCK=OPENING)
        try:
            world.wait_until(lambda: of_world.rows("SELECT count(*) FROM message") == [(PEOPLE,)], "all are invited", 120)
            most = max(one.resident for one in worker.memory())
        finally:
            worker.stop()
    print(f"kith-survey over a wave of {PEOPLE}: {most:.1f} MB resident, gate {RESIDENT_MOST_MB} MB: "
          f"{'kept' if most < RESIDENT_MOST_MB else 'MISSED'}", flush=True)
    return most < RESIDENT_MOST_MB


def run(options):
    """True when every gate is kept. Once each: who is invited is invited."""
    options.repetitions = 1
    with World(PEOPLE) as of_world:
        kept = compare(Figure(f"a wave of {PEOPLE}, invited and their mails decided, against a bare INSERT … SELECT of the rows",
                              1 / 3, of_world.wave, of_world.reference), options)
        of_world.reminders()
        return all([kept, of_world.told_idle(), small()])
