"""What a seed has in store: for each program a point at which one of its processes dies, at its first or second passage;
kills at random besides, and Redis emptied in between. The same seed, the same plan."""

import os
import random
import re
import threading
import time

from chaos_world import HEALS_WITHIN_S, ROLES, Load
from invariants import count
from world import ROOT, wait_until

with open(f"{ROOT}/common/base/fail_points.def", encoding="ascii") as points:
    POINTS = re.findall(r"^FAIL_POINT\((\w+),", points.read(), re.M)
OF_PROGRAM = {"api": ("sync_", "xadd_"), "mailer": ("commit_", "statement_", "smtp_"),
              "kpi": ("commit_", "turn_", "statement_"),
              **dict.fromkeys(("checkin", "survey"), ("commit_", "turn_", "statement_", "xack_"))}
WORKERS = [program for program in ROLES if program != "api"]  # which work as soon as there is a district
PASSAGES = [(point, passage) for point in POINTS for passage in (1, 2)]
KILLS = 2
KILLABLE = ("api", "kpi", "checkin", "survey")  # the mailer dies once a seed, at its point
SPREAD_S = 1.0
LEASE_S = 8  # of the mailer
SAFE_S = LEASE_S - 3
BUSY_S = 1.0  # after which a district makes no more work
GREETS = ("smtp_greeted", "smtp_ehlo")
UNCLAIMED = "SELECT count(*) FROM message WHERE district_id = ANY (%s::uuid[]) AND (claimed_until IS NOT NULL OR status = 'retry')"
WAITING = "SELECT count(*) FROM message WHERE district_id = ANY (%s::uuid[]) AND status IN ('queued', 'retry')"


def points_of(program):
    return [one for one in PASSAGES if one[0].startswith(OF_PROGRAM[program])]


class Plan:
    def __init__(self, seed):
        dice = random.Random(seed)
        self.seed = seed
        self.points = {}
        for program in ROLES:
            of_it = points_of(program)
            self.points[program] = of_it[(seed + seed // len(of_it)) % len(of_it)]
        self.kills = [(dice.uniform(0, SPREAD_S), dice.choice(KILLABLE), dice.random()) for _ in range(KILLS)]
        self.empties_at = dice.uniform(0, SPREAD_S)

    def __str__(self):
        armed = ", ".join(f"{program} at {point}:{passage}" for program, (point, passage) in self.points.items())
        kills = ", ".join(f"{program} after {at:.2f} s" for at, program, _ in self.kills)
        return f"seed {self.seed}: {armed}; kills {kills}; Redis is emptied after {self.empties_at:.2f} s"


class Disasters:
    """Lives plans, one after the other, each with a district of its own. A mail that a mailer had when it died is tried once
    more when its lease is over, and not a third time: so before the first lease ends no more mailers die, until all have
    been sent."""

    def __init__(self, chaos, server):
        self.chaos = chaos
        self.server = server
        self.districts = []
        self.newest = 0.0  # since when there is the last one
        self.began = None  # the first mailer's death of which the lease may not be over

    def live(self, plan):
        """The district, and who wrote in it."""
        self.spare_the_mails()
        for program in WORKERS:
            self.chaos.arm(program, *plan.points[program])
        self.began = self.began or time.monotonic()
        district = self.district()
        with Load(self.chaos, district, writers=1, pause_s=0.02) as load:
            self.chaos.arm("api", *plan.points["api"])
            threads = [threading.Timer(at, self.kill, (program, which)) for at, program, which in plan.kills]
            threads.append(threading.Timer(plan.empties_at, self.chaos.redis.ask, ("flushall",)))
            for thread in threads:
                thread.start()
            self.wait_fired(plan)
            for thread in threads:
                thread.join()
        return district, load

    def district(self):
        self.districts.append(self.chaos.district(partnerships=4))
        self.newest = time.monotonic()
        return self.districts[-1]

    def rest(self):
        """All districts are looked at, and archived: nobody works for them any more, or each seed would cost more than the
        one before."""
        for one in self.districts:
            one.archive()
        self.districts.clear()
        self.began = None

    def kill(self, name, which):
        program = self.chaos.programs[name]
        pids = program.pids()
        program.kill_one(pids[int(which * len(pids))])

    def mails(self, query):
        return count(self.chaos, query, [one.id for one in self.districts])

    def is_late(self):
        return self.began and time.monotonic() - self.began > SAFE_S

    def spare_the_mails(self):
        if self.is_late():
            wait_until(lambda: self.mails(UNCLAIMED) == 0, "all mails of the dead are sent", HEALS_WITHIN_S)
            self.began = None

    def arm_anew(self, point):
        """The mailer's, which nobody has passed so far."""
        left = self.chaos.countdown("mailer")
        self.chaos.arm("mailer", point, 0)
        self.spare_the_mails()
        self.chaos.arm("mailer", point, left)
        self.began = time.monotonic()

    def lacks_work(self, left):
        return set(left) - {"api", "mailer"} or left == ["mailer"] and self.mails(WAITING) == 0

    def wait_fired(self, plan):
        """Everybody who was to die is dead. A mailer greets again when the server hangs up; and there is more to decide and to
        send when there is another district."""
        point = plan.points["mailer"][0]
        deadline = time.monotonic() + HEALS_WITHIN_S
        while left := [program for program in plan.points if self.chaos.countdown(program)]:
            assert time.monotonic() < deadline, f"{plan}: {left} did not come there"
            if "mailer" in left and self.is_late():
                self.arm_anew(point)
            if "mailer" in left and point.startswith(GREETS):
                self.server.hang_up()
            if time.monotonic() - self.newest > BUSY_S and self.lacks_work(left):
                self.district()
            time.sleep(0.1)
