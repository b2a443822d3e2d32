"""A clock that a test moves, and workers who live by it."""
import datetime as dt
import os
import tempfile

from check_in_model import UTC
from workers import Worker
from world import wait_until


class Clock:
    """The file of KITH_CLOCK=@FILE."""

    def __init__(self, now):
        self.folder = tempfile.TemporaryDirectory(prefix="kith-clock-")
        self.path = os.path.join(self.folder.name, "now")
        self.set(now)

    def set(self, now):
        """In one step, as readers may come at any time."""
        self.now = dt.datetime.fromisoformat(now.replace("Z", "+00:00")) if isinstance(now, str) else now
        with open(f"{self.path}.new", "w", encoding="ascii") as file:
            file.write(self.now.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
        os.replace(f"{self.path}.new", self.path)


class Clocked(Worker):
    """A worker whose task is due in districts by the clock."""

    TASKS = {"kith-checkin": "check_ins", "kith-survey": "surveys", "kith-kpi": "kpis"}

    def __init__(self, name, database, clock, **settings):
        self.database = database
        self.clock = clock
        self.task = self.TASKS[name]
        super().__init__(name, database, KITH_CLOCK=f"@{clock.path}", **settings)

    def caught_up(self, migrate):
        """All districts are done with, as of the clock's time."""
        if not self.stopped:
            assert self.process.poll() is None, f"it ended: {self.log_text()[-4000:]}"
        return migrate.execute("SELECT NOT EXISTS (SELECT FROM schedule WHERE task = %s AND next_at <= %s)",
                               (self.task, self.clock.now)).fetchone()[0]

    def wait(self, migrate, seconds=20):
        wait_until(lambda: self.caught_up(migrate), f"{self.task}: no district is due", seconds)

    def live(self, migrate, instants):
        """Time goes on, from one instant to the next."""
        for now in instants:
            self.clock.set(now)
            self.wait(migrate)
