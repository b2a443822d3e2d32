"""People answer a survey by their links, 500 a second: how long each waits; and from an answer to the result that shows it, by
kith-api, Redis and kith-kpi, while all the others answer."""
import base64
import hashlib
import hmac
import json
import os
import secrets
import statistics
import time
import urllib.parse
import uuid

import world
from bench_world import HERE, Api, Program, Stage, paced, processor_s
from sight import Probe, percentile

ANSWERS_PER_SECOND = 500
GATE_P99_MS = 100
GATE_SHOWN_MS = 1000
CONNECTIONS = 64
SECONDS = 20  # of a repetition
SURVEY = "01930000-0000-7000-8000-0000000000c2"
FORM = "application/x-www-form-urlencoded"


class World(Stage):
    role = "director"

    def __init__(self, people):
        super().__init__()
        self.people = people

    def _start(self, ends):
        super()._start(ends)
        self.cluster.execute("ALTER SYSTEM SET autovacuum = on")  # rows are written again and again
        self.cluster.execute("SELECT pg_reload_conf()")
        world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1", "-v", f"district={self.district.id}",
                  "-v", f"now={world.NOW}", "-v", f"survey={SURVEY}", "-v", f"people={self.people}",
                  "-f", os.path.join(HERE, "survey_answers.sql"))
        self.tokens = [secrets.token_bytes(32) for _ in range(self.people + 1)]
        with self.database.connect("kith_migrate") as connection, connection.cursor() as cursor, cursor.copy(
                "COPY link (district_id, id, token_hash, purpose, subject_id, contact_id, expires_at, created_at) FROM STDIN") as copy:
            for n, token in enumerate(self.tokens, 1):
                copy.write_row((self.district.id, world.uuid7(), hashlib.sha256(token).hexdigest(), "survey",
                                f"01930000-0000-7000-8005-{n:012}", f"01930000-0000-7000-8004-{n:012}", "2036-01-01", world.NOW))
        self.vacuum()
        self.api = Api(self.database, self.redis)
        ends.callback(self.api.stop)
        self.kpi = Program("kith-kpi", self.database.uri("kith_kpi"), self.redis.uri)
        ends.callback(self.kpi.stop)

    def request(self, number, rating, **fields):
        """What the browser of that person sends with the button of the page, which it has in front of it."""
        token = self.tokens[number]
        text = "kith_" + base64.urlsafe_b64encode(uuid.UUID(self.district.id).bytes + token).decode()
        key = hashlib.blake2b(b"x" * 32 + b"csrf", digest_size=32).digest()
        mac = hmac.new(key, hashlib.sha256(token).hexdigest().encode(), "sha512").digest()[:16]
        body = {"form_token": base64.urlsafe_b64encode(mac).decode().rstrip("="), "do": "survey_send", "place": "1", "page": "1",
                **{f"a.q{n}": str(rating) for n in range(1, 10)}, "a.q10": "What I have to say.", **fields}
        name = f"{number:012}"
        return (f"/l/{name}", f"Cookie: kith-l-{name}={text}", f"Content-Type: {FORM}", urllib.parse.urlencode(body))


class Corrections(Probe):
    """Of one person, the last, who alone says a number; a reader asks for the results."""

    looks_every_s = 0.01

    def send(self, number):
        path, *headers, body = self.world.request(self.world.people, 4, **{"a.q11": str(number)},
                                                  **({"corrects": "yes"} if number > 1 else {}))
        self.ask("POST", path, dict(one.split(": ", 1) for one in headers), body)

    def shown(self):
        """The mean of all numbers, which is that of this person."""
        text = self.ask("GET", f"/v1/surveys/{SURVEY}/results/questions",
                        {"Authorization": f"Bearer {self.world.district.token}"})
        mean = next((one["mean"] for one in json.loads(text)["questions"] if one["code"] == "q11"), None)
        return None if mean is None else float(mean)


def repetition(of_world, number, probed):
    """Everybody of one part answers: what the pace, and the probe's times."""
    part = ANSWERS_PER_SECOND * SECONDS
    probe = Corrections(of_world, time.monotonic() + SECONDS) if probed else None
    if probe:
        probe.start()
    pace = paced(of_world.api.port, ANSWERS_PER_SECOND, CONNECTIONS, (
        of_world.request(n, 1 + n % 5) for n in range(part * number, part * (number + 1))))
    return pace, probe.done() if probe else []


def busy(of_world):
    """Seconds of a processor so far: of kith-api, of kith-kpi."""
    return [sum(processor_s(pid) for pid in program.pids()) for program in (of_world.api, of_world.kpi)]


def counted(of_world, answers):
    """Whether each of them is there and counted, once."""
    world.wait_until(lambda: of_world.rows("SELECT count(*) FROM survey_mark") == [(0,)], "all are counted", 120)
    assert of_world.rows("SELECT count(*) FROM survey_answer WHERE status = 'submitted'") == [(answers,)]
    assert of_world.rows("SELECT n FROM survey_tally WHERE dimension = 'all'") == [(answers,)]


def run(options):
    """True when both gates are kept."""
    print(f"{ANSWERS_PER_SECOND} answers a second by link, and one person's until GET …/results/questions shows it")
    with World(ANSWERS_PER_SECOND * SECONDS * (options.repetitions + 1)) as of_world:
        kept, shown = [], []
        for number in range(options.repetitions + 1):  # the last one is probed
            before, is_probed = busy(of_world), number == options.repetitions
            pace, times = repetition(of_world, number, is_probed)
            api, kpi = (after - b for after, b in zip(busy(of_world), before))
            print(f"  {number + 1}  {pace.rate:4.0f} answers/s: median {pace.median_ms:.0f} ms, p99 {pace.p99_ms:.0f} ms, longest "
                  f"{pace.most_ms:.0f} ms; of a processor kith-api {api:.1f} s, kith-kpi {kpi:.1f} s; "
                  f"load average {os.getloadavg()[0]:.1f}", flush=True)
            (shown.extend(times) if is_probed else kept.append(pace.p99_ms))
        counted(of_world, of_world.people + 1)
    p99, late = statistics.median(kept), percentile(shown, 0.99)
    print(f"  median p99 {p99:.0f} ms, gate {GATE_P99_MS} ms: {'kept' if p99 <= GATE_P99_MS else 'MISSED'}", flush=True)
    print(f"  from an answer to its result, {len(shown)} probes: median {statistics.median(shown):.0f} ms, p99 {late:.0f} ms, "
          f"gate {GATE_SHOWN_MS} ms: {'kept' if late <= GATE_SHOWN_MS else 'MISSED'}", flush=True)
    return p99 <= GATE_P99_MS and late <= GATE_SHOWN_MS
