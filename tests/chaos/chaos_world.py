"""Everything that a district runs, each part of which can be killed, and people who write meanwhile."""

import contextlib
import http.client
import json
import os
import random
import secrets
import shutil
import signal
import tempfile
import threading
import time
from datetime import datetime, timedelta

import world
from program import Program
from world import CLUSTER, uuid7, wait_until

NOW = "2026-12-08T15:00:00.000Z"  # the morning in Chicago, three days before check-ins are due
BEFORE = "2026-11-01T15:00:00.000Z"
DUE_ON, OPENS_ON = "2026-12-11", "2026-11-20"
ROLES = {"api": "kith_api", "kpi": "kith_kpi", "checkin": "kith_checkin", "survey": "kith_survey",
         "mailer": "kith_mailer"}
HEALS_WITHIN_S = 75  # however slow the machine is
STARTS_WITHIN_S = 30
SAID = {"created_at": BEFORE, "updated_at": BEFORE}


class Supervised(Program):
    """Started again when it ends, as a supervisor would; its log is kept over that."""

    def __init__(self, name, **settings):
        self.is_wanted = True
        super().__init__(name, **settings)

    def pids(self):
        """The parent's and its children's."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return [self.process.pid, *self.children()]
        return [self.process.pid]

    def kill_one(self, pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def revive(self):
        if self.is_wanted and self.process.poll() is not None:
            self.start()

    def is_ready(self):
        return self.process.poll() is None and self.admin("/readyz")[0] == 200

    def stop(self):
        self.is_wanted = False
        super().stop()


class DurableCluster(world.Cluster):
    """What it has said to be committed stays, as in production."""

    def __init__(self, folder):  # pylint: disable=super-init-not-called
        self.folder = folder
        self.start()

    def start(self):
        world.run(CLUSTER, "start", self.folder, "--durable")


class World:
    """A context manager. Mail goes to a Maildir unless `mail_url` says otherwise. settings: more variables of a program."""

    def __init__(self, mail_url=None, **settings):
        self.mail_url = mail_url
        self.settings = settings
        self.ends = contextlib.ExitStack()
        self.programs = {}
        self.reviving = threading.Event()

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            self.folder = tempfile.mkdtemp(prefix="kith-chaos-")
            os.chmod(self.folder, 0o755)
            ends.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.clock = os.path.join(self.folder, "clock")
            self.set_clock(NOW)
            self.postgres = os.path.join(self.folder, "pg")
            os.mkdir(self.postgres)
            world.run("cp", "-a", world.template_data(), f"{self.postgres}/data")
            self.cluster = DurableCluster(self.postgres)
            ends.callback(self.cluster.stop)
            self.database = world.Database(self.cluster, world.TEMPLATE)
            self.redis = world.Redis(f"{self.folder}/redis", durable=True)
            ends.callback(self.redis.stop)
            self.start_programs(ends)
            self.ends = ends.pop_all()
        return self

    def __exit__(self, *_):
        self.ends.close()

    def start_programs(self, ends):
        own = {
            "api": {"KITH_PUBLISHER_URL": self.database.uri("kith_publisher"),
                    **{f"KITH_RATE_{n}": "1000000" for n in ("READS", "WRITES", "ANONYMOUS")}},
            "mailer": {"KITH_MAIL_URL": self.mail_url or f"maildir:{self.folder}/mail",
                       "KITH_MAIL_FROM": "kith@kith.example.org"},
        }
        for name, role in ROLES.items():
            self.programs[name] = Supervised(f"kith-{name}", **{
                "KITH_CLOCK": f"@{self.clock}", "KITH_LOG_LEVEL": "info",
                "KITH_DATABASE_URL": self.database.uri(role), "KITH_REDIS_URL": self.redis.uri,
                "KITH_PUBLIC_URL": "https://kith.example.org",
                "KITH_FAIL_AT": self.fail_file(name), **({} if name == "api" else {"KITH_WORKERS": "2"}),
                **own.get(name, {}), **self.settings.get(name, {})})
            ends.callback(self.programs[name].stop)
        self.host = self.programs["api"].host
        self.reviver = threading.Thread(target=self.revive, daemon=True)
        self.reviver.start()
        ends.callback(self.end_reviving)
        self.wait_ready()

    def revive(self):
        while not self.reviving.wait(0.1):
            for program in self.programs.values():
                program.revive()

    def end_reviving(self):
        self.reviving.set()
        self.reviver.join()

    def wait_ready(self, within_s=STARTS_WITHIN_S):
        for name, program in self.programs.items():
            wait_until(program.is_ready, f"kith-{name} is ready", within_s)

    def set_clock(self, instant):
        with open(f"{self.clock}.new", "w", encoding="ascii") as file:
            file.write(instant)
        os.replace(f"{self.clock}.new", self.clock)

    def move_clock(self, **by):
        with open(self.clock, encoding="ascii") as file:
            now = datetime.fromisoformat(file.read().replace("Z", "+00:00")) + timedelta(**by)
        self.set_clock(now.isoformat(timespec="milliseconds").replace("+00:00", "Z"))

    # ---- What can happen -------------------------------------------------------------------------

    def fail_file(self, name):
        return f"{self.folder}/fail-{name}"

    def arm(self, name, point, passage):
        """Whoever of that program passes the point as the nth dies there."""
        with open(f"{self.fail_file(name)}.new", "w", encoding="ascii") as file:
            file.write(f"{point}:{passage}")
        os.replace(f"{self.fail_file(name)}.new", self.fail_file(name))

    def countdown(self, name):
        """How often the point is still to be passed until somebody dies."""
        with open(self.fail_file(name), encoding="ascii") as file:
            return int(file.read().partition(":")[2])

    def crash_postgres(self):
        """As a machine that loses power, but for the machine: all of its processes at once."""
        with open(f"{self.postgres}/data/postmaster.pid", encoding="ascii") as file:
            os.kill(int(file.readline()), signal.SIGQUIT)
        wait_until(lambda: not os.path.exists(f"{self.postgres}/data/postmaster.pid"),
                   "PostgreSQL ends", 20)

    # ---- People ----------------------------------------------------------------------------------

    def connect(self, role="kith_migrate"):
        return self.database.connect(role)

    def district(self, partnerships=6):
        return District(self, partnerships)


class District:
    """One with partnerships whose check-ins are to be reminded of now, and an indicator."""

    def __init__(self, chaos, partnerships):
        self.chaos = chaos
        self.tenant = chaos.database.district(role="admin")
        self.id = self.tenant.id
        with self.written() as connection:
            connection.execute("SELECT seed_indicators(%s)", (self.id,))
            connection.execute("UPDATE district SET go_live_at = %s WHERE id = %s", (BEFORE, self.id))
            self.indicator = connection.execute(
                "SELECT id::text FROM indicator WHERE district_id = %s AND suppression = 'none' "
                "AND computed_from IS NULL AND aggregation = 'sum' ORDER BY code LIMIT 1",
                (self.id,)).fetchone()[0]
            self.site = self.insert(connection, "site", name="A school", kind="school")
            self.partnerships = [self.partnership(connection, n) for n in range(partnerships)]

    @contextlib.contextmanager
    def written(self):
        """A transaction in its context."""
        with self.chaos.connect() as connection, connection.transaction():
            connection.execute(
                "SELECT set_config('kith.district', %s, true), set_config('kith.now', %s, true), "
                "set_config('kith.user', '', true), set_config('kith.request', '', true)",
                (self.id, BEFORE))
            yield connection

    def archive(self):
        with self.written() as connection:
            connection.execute("UPDATE district SET archived_at = %s WHERE id = %s", (NOW, self.id))

    def insert(self, connection, table, **values):
        one = uuid7()
        world.insert(connection, table, {"district_id": self.id, "id": one, **SAID, **values})
        return one

    def partnership(self, connection, number):
        partner = self.insert(connection, "partner", name=f"P{number}", kind="civic", tier="anchor")
        contact = self.insert(connection, "contact", name=f"Ann {number}",
                              email=f"ann-{uuid7()}@example.org")
        one = self.insert(connection, "partnership", partner_id=partner, name=f"Partnership {number}",
                          arrangement="program", status="active", activated_at=BEFORE,
                          lead_site_id=self.site)
        for side in ({"side": "district", "user_id": self.tenant.user},
                     {"side": "partner", "contact_id": contact}):
            self.insert(connection, "partnership_role", partnership_id=one, role="lead", **side)
        check_in = uuid7()
        self.insert(connection, "check_in", partnership_id=one, school_year=2027, number=2,
                    due_on=DUE_ON, opens_on=OPENS_ON, dated_at=BEFORE, uid=check_in)
        return one


class Load:
    """Writers who do as a careful client does: each write has a key, and is sent again until the API
    accepts it. Every `every`-th write is an observation, the others are partners."""

    def __init__(self, chaos, district, writers=3, pause_s=0.0):
        self.chaos = chaos
        self.district = district
        self.pause_s = pause_s
        self.accepted = []  # (plural, id)
        self.refused = []
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(n,), daemon=True)
                        for n in range(writers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()

    def goes_on(self, writes=1):
        """Until so many more writes than now are accepted, however slow the machine is."""
        wanted = len(self.accepted) + writes
        deadline = time.monotonic() + HEALS_WITHIN_S
        while len(self.accepted) < wanted:
            assert time.monotonic() < deadline, f"{wanted - len(self.accepted)} writes were not accepted"
            self.ending.wait(0.02)

    def write(self, writer):
        dice = random.Random(writer)
        months = [f"2026-{month:02}-01" for month in range(7, 12)]
        while not self.ending.is_set():
            key = secrets.token_hex(8)
            if dice.random() < 0.3:
                self.until_accepted("observations", key, {
                    "indicator_id": self.district.indicator, "site_id": self.district.site,
                    "school_year": 2027, "period_kind": "month", "period_start": dice.choice(months),
                    "numerator": str(dice.randrange(10**9))})
            else:
                self.until_accepted("partners", key, {"name": f"Partner {key}", "kind": "civic"})
            self.ending.wait(self.pause_s)

    def until_accepted(self, plural, key, body):
        """Also after the end: what was begun is finished, or it would not be known."""
        deadline = time.monotonic() + HEALS_WITHIN_S
        while time.monotonic() < deadline:
            status, reply = self.post(plural, key, body)
            if status == 201:
                self.accepted.append((plural, json.loads(reply)["id"]))
                return
            if status not in (0, 409, 503, 504):  # 409: the same request is at work
                self.refused.append((plural, status, reply[:500]))
                return
            self.ending.wait(0.05)
        self.refused.append((plural, "never", key))

    def post(self, plural, key, body):
        connection = http.client.HTTPConnection(self.chaos.host, 8080, timeout=15)
        try:
            connection.request("POST", f"/v1/{plural}", json.dumps(body), {
                "Authorization": f"Bearer {self.district.tenant.token}",
                "Content-Type": "application/json", "Idempotency-Key": key})
            reply = connection.getresponse()
            return reply.status, reply.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()
