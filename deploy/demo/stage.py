"""Where the story of `tell` takes place: a private Kith whose clock is ours, its mail, who calls it, and who
kills parts of it."""
import collections
import email
import email.policy
import http.client
import json
import os
import random
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time

from client import Client
from person import Person

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LOADED = "2026-11-16T12:00:00Z"  # a Monday; it is seven o'clock in New York, before the mails of the day
BEGIN = "2026-11-16T15:00:00Z"
WITHIN_S = 60
SETTLES_WITHIN_S = 300  # a mailer that was killed has a message for 15 seconds more; and machines may be busy
KITH = os.path.join(ROOT, "build/release/bin/kith")
# What programs have yet to do while the clock stands still. An event is a consumer's to handle if it is
# of a kind of which it has handled others.
DUE = """
SELECT 'mail' WHERE EXISTS (
    SELECT FROM message WHERE status IN ('queued', 'retry', 'claimed') AND not_before <= :'now')
UNION ALL
SELECT 'the round of ' || task FROM schedule WHERE next_at <= :'now'
UNION ALL
SELECT 'figures' WHERE EXISTS (SELECT FROM rollup_mark) OR EXISTS (SELECT FROM tally_crossing)
UNION ALL
SELECT DISTINCT 'events for ' || k.consumer
FROM (SELECT DISTINCT p.consumer, o.aggregatetype FROM processed p JOIN outbox o ON o.id = p.event_id) AS k
JOIN outbox o ON o.aggregatetype = k.aggregatetype
WHERE NOT EXISTS (SELECT FROM processed p WHERE p.consumer = k.consumer AND p.event_id = o.id);
"""


class Failed(Exception):
    pass


def verify(condition, what):
    if not condition:
        raise Failed(what)


def until(condition, what, within_s=WITHIN_S):
    """The first true value of condition(), asked again and again."""
    deadline = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"not within {within_s} s: {what}")
        time.sleep(0.05)
    return value


class World:
    """A private Kith whose clock is ours."""

    def __init__(self, folder):
        self.folder = folder
        subprocess.run([os.path.join(ROOT, "deploy/local/cluster"), "stop",
                        os.path.join(folder, "servers/postgres")], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for place in {os.path.realpath(os.path.join(folder, "servers")), folder}:
            shutil.rmtree(place, ignore_errors=True)
        os.makedirs(folder)
        self.clock = os.path.join(folder, "clock")
        self.set_clock(LOADED)
        self.process = subprocess.Popen(
            [os.path.join(ROOT, "deploy/local/run"), "--dir", folder, "--clock", self.clock,
             "--port", "0", "--no-demo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.began = time.monotonic()

    def wait(self):
        """Until every program is there."""
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("Ctrl-C"):
                threading.Thread(target=self.process.stdout.read, daemon=True).start()
                return
        raise Failed("it did not start:\n" + "".join(said))

    def told(self):
        with open(os.path.join(self.folder, "run.json"), encoding="utf-8") as file:
            return json.load(file)

    # ---- Time ------------------------------------------------------------------------------------

    def set_clock(self, instant):
        self.now = instant
        with open(f"{self.clock}.new", "w", encoding="ascii") as file:
            file.write(instant)
        os.replace(f"{self.clock}.new", self.clock)

    def go_on_to(self, instant):
        """As in a real year, nothing of what was due before that instant is left for it; and what the night brings is
        there before the morning's mails tell of it."""
        night = f"{instant[:10]}T10:00:00Z"  # five o'clock in New York
        self.settle()
        for step in [night] * (self.now < night < instant) + [instant]:
            self.set_clock(step)
            self.settle()

    def settle(self):
        """Until all that is due has been done."""
        deadline = time.monotonic() + SETTLES_WITHIN_S
        while due := self.ask(DUE):
            if time.monotonic() > deadline:
                raise Failed(f"not done within {SETTLES_WITHIN_S} s: {', '.join(due)}")
            time.sleep(0.1)

    # ---- Its database, and our tools ---------------------------------------------------------------

    def database_url(self):
        return f"postgresql://postgres@/postgres?host={self.told()['servers']}/postgres"

    def ask(self, query):
        """The lines of the answer."""
        asked = self.started("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-v", f"now={self.now}",
                             self.database_url())
        answer = asked.communicate(query)[0]
        verify(asked.returncode == 0, f"psql: {answer}")
        return answer.splitlines()

    def started(self, *command, **settings):
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("KITH_", "PG"))}
        return subprocess.Popen(
            command, env={**ours, "KITH_MIGRATE_URL": self.database_url(), **settings}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def loader(self):
        return self.started(sys.executable, os.path.join(HERE, "load"), "--kith", KITH,
                            "--run", os.path.join(self.folder, "run.json"))

    def load(self):
        """Shows what is loaded, as it goes on, but for the logins: nobody is going to sign in."""
        said = []
        with self.loader() as loader:
            for line in loader.stdout:
                said.append(line)
                if "\n" not in said:
                    print(f"    {line}", end="", flush=True)
        verify(loader.returncode == 0, "the demo district is not loaded:\n" + "".join(said))

    def load_again(self):
        """True when it went well; it may be asked again."""
        return self.ended_well(self.loader())

    def verify_figures(self):
        """By our clock: months that are to come are not published."""
        asked = self.started(KITH, "verify", KITH_ENV="test", KITH_CLOCK=f"@{self.clock}")
        said = asked.communicate()[0]
        verify(asked.returncode == 0, f"kith verify finds nothing:\n{said}")

    @staticmethod
    def ended_well(process):
        process.communicate()
        return process.returncode == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    # ---- Mail ------------------------------------------------------------------------------------

    def mails(self):
        """Each mail in the Maildir: by the id of its message."""
        folder = os.path.join(self.folder, "mail/new")
        found = {}
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            with open(os.path.join(folder, name), "rb") as file:
                mail = email.message_from_binary_file(file, policy=email.policy.default)
            found[mail["Message-ID"].strip("<>").split("@")[0]] = mail
        return found

    def mail_to(self, address, what, with_part="text/plain"):
        """The newest to that address whose text says so, and that has such a part."""
        def newest():
            mails = [m for _, m in sorted(self.mails().items()) if m["To"].addresses[0].addr_spec == address]
            fitting = [m for m in mails if (what in text_of(m) or what in m["Subject"])
                       and any(part.get_content_type() == with_part for part in m.walk())]
            return fitting and fitting[-1]
        return until(newest, f"a mail to {address} about {what}")


def text_of(mail):
    return re.sub(r"\s+", " ", mail.get_body(("plain",)).get_content())


def link_in(mail, kind="r"):
    return re.search(rf"https?://\S+/{kind}/\S+", mail.get_body(("plain",)).get_content())[0].rstrip(".")


def calendar_of(mail, uid):
    """{property: value} of its iCalendar part about that, unfolded: a mail of a day has one for each thing."""
    parts = {part: re.sub(r"\r?\n[ \t]", "", part.get_content()).splitlines()
             for part in mail.walk() if part.get_content_type() == "text/calendar"}
    part, lines = next((part, lines) for part, lines in parts.items() if f"UID:{uid}" in lines)
    told = {re.split("[;:]", line)[0]: line.partition(":")[2] if line.startswith("URL:") else line.rsplit(":", 1)[1]
            for line in lines if ":" in line}
    verify(part.get_param("method") == told["METHOD"], "the calendar's method is the part's")
    return told


def patiently(work):
    """What a program that was killed interrupts is asked again: it does nothing twice."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return work()
        except (OSError, http.client.HTTPException) as lost:
            if time.monotonic() > deadline:
                raise Failed(f"the API is away: {lost}") from lost
            time.sleep(0.1)


class Caller(Client):
    def exchange(self, method, path, body, headers):
        return patiently(lambda: super(Caller, self).exchange(method, path, body, headers))

    def post(self, path, body=None):
        return self.send("POST", path, body or {}, **{"Idempotency-Key": secrets.token_hex(16)})[1]


class Browser(Person):
    def open(self, url, data=None):
        return patiently(lambda: super(Browser, self).open(url, data))


def family(pid):
    """The process and its children, who do the work."""
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *map(int, file.read().split())]


class Killer(threading.Thread):
    """Now and then ends some process of the world, with SIGKILL."""

    def __init__(self, world, seed):
        super().__init__(daemon=True)
        self.world = world
        self.dice = random.Random(seed)
        self.ending = threading.Event()
        self.killed = collections.Counter()

    def run(self):
        while not self.ending.wait(self.dice.uniform(0.3, 3)):
            name, program = self.dice.choice(sorted(self.world.told()["programs"].items()))
            try:
                os.kill(self.dice.choice(family(program["pid"])), signal.SIGKILL)
                self.killed[name] += 1
            except (FileNotFoundError, ProcessLookupError):
                pass  # it is being started again

    def stop(self):
        self.ending.set()
        self.join()
