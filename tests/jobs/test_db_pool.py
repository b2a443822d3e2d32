"""common/db against a real PostgreSQL: results, errors, backends that die, a server that stops."""
import os
import shutil
import subprocess
import tempfile
import threading

import psycopg
import pytest

from world import BUILD, Cluster, wait_until

PROBE = os.path.join(BUILD, "tests/db_probe")
FAR_MS = 60000


@pytest.fixture(scope="module")
def server():
    """A cluster of our own, as it is stopped and started."""
    folder = tempfile.mkdtemp(prefix="kith-")
    one = Cluster(folder)
    one.execute("CREATE TABLE effect (id int CONSTRAINT effect_key PRIMARY KEY)")
    one.execute("CREATE TABLE child (parent int CONSTRAINT child_parent REFERENCES effect"
                " DEFERRABLE INITIALLY DEFERRED)")
    one.execute("CREATE TABLE wide (value text); INSERT INTO wide VALUES ('x')")
    yield one
    one.stop()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def clean(server):
    server.execute("TRUNCATE effect, child")


class Probe:
    """The program, and what it has said: answers by unit."""

    def __init__(self, uri, *arguments):
        self.process = subprocess.Popen([PROBE, uri, *map(str, arguments)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers = {}
        self.end = None
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            unit, *rest = line.split()
            if unit == "end":
                self.end = dict(pair.split("=") for pair in rest)
            else:
                assert unit not in self.answers, f"{unit} ended twice"
                self.answers[unit] = rest

    def submit(self, unit, *statements, deadline_ms=FAR_MS, repeat=0):
        self.process.stdin.write(f"{unit} {deadline_ms} {repeat} {' '.join(statements)}\n")
        self.process.stdin.flush()

    def answer(self, unit):
        return wait_until(lambda: self.answers.get(str(unit)), f"an answer to {unit}", 30)

    def ask(self, unit, *statements, **options):
        self.submit(unit, *statements, **options)
        return self.answer(unit)

    def finish(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=30) == 0
        self.reader.join(timeout=10)
        return self.answers


@pytest.fixture
def start(server):
    started = []

    def starter(*arguments):
        started.append(Probe(server.uri(), *arguments))
        return started[-1]

    yield starter
    for probe in started:
        if probe.process.poll() is None:
            probe.process.kill()
        probe.process.wait()


def effects(server):
    with psycopg.connect(server.uri()) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM effect")}


def backends(server):
    with psycopg.connect(server.uri(), autocommit=True) as connection:
        return [row[0] for row in connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'db_probe' ORDER BY pid")]


def terminate(server, pid):
    server.execute(f"SELECT pg_terminate_backend({pid})")


@pytest.mark.parametrize("way", [(1, 8), ("blocking",)], ids=["pool", "link"])
def test_results_and_errors(server, start, way):
    probe = start(*way)
    assert probe.ask(1, "insert", "1", "echo", "hello") == ["done", "hello"]
    assert probe.ask(2, "insert", "7", "insert", "7")[:3] == ["refused", "23505", "effect_key"]
    assert probe.ask(3, "insert", "8", "divide", "0", "echo", "no")[:2] == ["refused", "22012"]
    assert probe.ask(4, "broken", "1")[:2] == ["refused", "42P01"]
    assert probe.ask(5, "echo", "again") == ["done", "again"]
    probe.finish()
    assert effects(server) & {7, 8} == set()


def test_a_constraint_that_fails_at_the_commit_refuses_the_unit(start):
    probe = start(1, 8)
    probe.submit(1, "child", "99", "echo", "no")
    probe.submit(2, "insert", "99")
    assert probe.answer(1) == ["refused", "23503", "child_parent", "1"]
    assert probe.answer(2) == ["done"]


def test_many_units_over_four_connections(server, start):
    probe = start(4, 8)
    for i in range(2000):
        probe.submit(i, "insert", str(i), "echo", f"v{i}")
    answers = probe.finish()
    assert answers == {str(i): ["done", f"v{i}"] for i in range(2000)}
    assert effects(server) == set(range(2000))
    assert probe.end == {"units": "2000", "connects": "4"}


@pytest.mark.parametrize("way", [(2, 8), ("blocking",)], ids=["pool", "link"])
def test_a_migration_under_a_prepared_statement(server, start, way):
    probe = start(*way)
    assert probe.ask(1, "all", "x") == ["done", "x"]
    assert probe.ask(2, "all", "x") == ["done", "x"]
    assert probe.ask(3, "echo", "y") == ["done", "y"]
    server.execute("ALTER TABLE wide ADD COLUMN IF NOT EXISTS more int")
    server.execute(f"ALTER TABLE wide ADD COLUMN more_{len(way)} int")
    if way != ("blocking",):
        assert probe.ask(4, "all", "x") == ["done", "x"]
    else:  # the transaction has failed, and the next one finds it mended
        assert probe.ask(4, "all", "x")[:2] == ["refused", "0A000"]
    assert probe.ask(5, "all", "x") == ["done", "x"]
    assert probe.ask(6, "echo", "z") == ["done", "z"]


def test_a_deadline_leaves_the_connection_in_step(start):
    probe = start(1, 8)
    probe.submit(1, "sleep", "0.5", deadline_ms=100)
    probe.submit(2, "echo", "next")
    assert probe.answer(1) == ["too_late"]
    assert probe.answer(2) == ["done", "next"]
    probe.finish()
    assert probe.end["connects"] == "1"


def test_a_backend_that_dies_among_a_thousand_units(server, start):
    probe = start(4, 8)
    probe.ask("first", "echo", "there")
    for i in range(1000):
        probe.submit(i, "insert", str(i), "sleep", "0.004")
    for so_many in (50, 150, 250, 350, 450):  # the rest is still to come, or under way
        wait_until(lambda: len(probe.answers) > so_many, f"{so_many} answers")  # noqa: B023
        terminate(server, wait_until(lambda: backends(server), "a backend")[0])
    answers = probe.finish()
    ends = {i: answers[str(i)][0] for i in range(1000)}
    done = {i for i in ends if ends[i] == "done"}
    lost = {i for i in ends if ends[i] == "lost"}
    assert done | lost == set(range(1000)), set(ends.values())
    assert 0 < len(lost) <= 5 * 8
    assert done <= effects(server) <= done | lost


def test_what_may_be_repeated_survives_a_dying_backend(server, start):
    probe = start(2, 8)
    probe.ask("first", "echo", "there")
    for i in range(300):
        probe.submit(i, "sleep", "0.002", "echo", str(i), repeat=1)
        if i == 150:
            terminate(server, backends(server)[0])
    answers = probe.finish()
    assert all(answers[str(i)] == ["done", str(i)] for i in range(300))


def test_a_server_that_stops_and_starts(server, start):
    probe = start(2, 8)
    assert probe.ask("before", "echo", "1") == ["done", "1"]
    server.stop()
    try:
        assert probe.ask("during", "echo", "2", deadline_ms=200)[0] == "unavailable"
        probe.submit("waits", "echo", "3")
    finally:
        Cluster(server.folder)
    assert probe.answer("waits") == ["done", "3"]
    assert probe.ask("after", "insert", "4") == ["done"]
    probe.finish()


def test_a_link_that_is_lost_says_so(server, start):
    probe = start("blocking")
    assert probe.ask(1, "echo", "x") == ["done", "x"]
    terminate(server, backends(server)[0])
    assert probe.ask(2, "echo", "x") == ["lost"]


def test_a_link_without_a_server_says_why(tmp_path):
    said = subprocess.run([PROBE, f"postgresql:///postgres?host={tmp_path}", "blocking"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    assert said.startswith("no connection: ") and str(tmp_path) in said
