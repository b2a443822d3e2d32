"""The world of the database suite: a durable PostgreSQL with 100,000 partners in one district and
200 tiny districts beside it, and kith-api, the release build, in front."""
import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from typing import NamedTuple

import psycopg

import world
from program import asked

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = "kith"
ID_PREFIX = "01930000-0000-7000-8000-000000"  # then the partner's number
FIRST, LAST = 100001, 200000  # as in partners.sql
RESIDENT_MOST_MB = 30  # of any process
# Vacuum is a third party on two cores, and when it comes is chance: the tables are fresh.
SETTINGS = {"shared_buffers": "512MB", "autovacuum": "off", "logging_collector": "on",
            "log_destination": "jsonlog", "log_filename": "server.log"}


class DurableCluster(world.Cluster):
    """With fsync, as production has it, and a log that a program can read."""

    def __init__(self, folder):  # pylint: disable=super-init-not-called
        self.folder = folder
        self.log = f"{folder}/data/log/server.json"
        self.start()
        for name, value in SETTINGS.items():
            self.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        self.stop()
        self.start()

    def start(self):
        world.run(world.CLUSTER, "start", self.folder, "--durable")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Memory(NamedTuple):
    """Of one process, in MB: what is resident; its share of that, as others hold it too; its own; what is no file's."""
    resident: float
    share: float
    own: float
    anonymous: float

    @classmethod
    def of(cls, pid):
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            kb = {line.split()[0]: int(line.split()[1]) for line in file.readlines()[1:]}
        own = kb["Private_Clean:"] + kb["Private_Dirty:"]
        return cls(kb["Rss:"] / 1024, kb["Pss:"] / 1024, own / 1024, kb["Anonymous:"] / 1024)


def processor_s(pid):
    """Seconds that a process has had a processor, which is less at the mercy of what else the machine does."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Program:
    """kith-kpi, or another, from its start to its readiness; everything that is not said as it comes."""

    def __init__(self, name, database_uri, redis_uri, **settings):
        self.name = name
        self.admin_port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KITH_")}
        begin = time.monotonic()
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([os.path.join(world.BUILD, "bin", name)], env={
            **kept, "KITH_DATABASE_URL": database_uri, "KITH_REDIS_URL": redis_uri,
            "KITH_SECRET_KEY": "x" * 32, "KITH_LOG_LEVEL": "warn",
            "KITH_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}", **settings})
        world.wait_until(self._is_ready, f"{name} is ready")
        self.ready_ms = (time.monotonic() - begin) * 1000

    def admin(self, path):
        return asked("127.0.0.1", self.admin_port, path)

    def _is_ready(self):
        assert self.process.poll() is None, f"{self.name} ended with {self.process.returncode}"
        return self.admin("/readyz")[0] == 200

    def pids(self):
        """Of the parent and of each child."""
        parent = self.process.pid
        with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
            return [parent, *map(int, file.read().split())]

    def memory(self):
        return [Memory.of(pid) for pid in self.pids()]

    def stop(self):
        self.process.terminate()
        assert self.process.wait(60) == 0, f"{self.name} ended with {self.process.returncode}"


class Api(Program):
    """kith-api: two children, quotas that no load reaches."""

    def __init__(self, database, redis, **environment):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__("kith-api", database.uri(), redis.uri, **{
            "KITH_PUBLISHER_URL": database.uri("kith_publisher"),
            "KITH_LISTEN": f"127.0.0.1:{self.port}", "KITH_API_CHILDREN": "2",
            "KITH_RATE_WINDOW_S": "1", "KITH_RATE_READS": "1000000",
            "KITH_RATE_WRITES": "1000000", "KITH_RATE_ANONYMOUS": "1000000", **environment})


class Pace(NamedTuple):
    """What came of requests at a pace: how many a second; in ms how late the latest was sent, and the times to answers."""
    rate: float
    late_ms: float
    median_ms: float
    p99_ms: float
    most_ms: float


def paced(port, rate, connections, requests):
    """Sends them, each as it is due, whatever the answers take; one that is not good ends it all. Each: path, fields, body."""
    done = subprocess.run([os.path.join(world.BUILD, "tests/paced"), str(port), str(rate), str(connections)],
                          input="\n".join("\t".join(one) for one in requests), text=True, capture_output=True, check=False)
    assert done.returncode == 0, f"paced: {done.stdout}{done.stderr}"
    good, _, took_s, *times = done.stdout.split()
    return Pace(int(good) / float(took_s), *map(float, times))


class Stage:
    """A durable PostgreSQL and Redis with one district. A context manager: what it started ends with it."""

    role = "director"  # of the district's user

    def __init__(self):
        self.ends = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            self._start(ends)
            self.ends = ends.pop_all()
        return self

    def __exit__(self, *_):
        self.ends.close()

    def _start(self, ends):
        # Not on a file system of memory, where fsync would cost nothing: /var/tmp is none.
        self.folder = tempfile.mkdtemp(prefix="kith-bench-", dir="/var/tmp")
        ends.callback(shutil.rmtree, self.folder)
        ends.callback(world.run, world.CLUSTER, "stop", self.folder)
        self.cluster = DurableCluster(self.folder)
        self.redis = world.Redis(f"{self.folder}/redis", durable=True)
        ends.callback(self.redis.stop)
        self.cluster.execute(f"CREATE DATABASE {NAME}")
        self.database = world.Database(self.cluster, NAME)
        world.migrate(self.database.uri("postgres"))
        self.district = self.database.district(role=self.role)

    def write_again(self, tables):
        """Seconds for their rows once more, into tables of the same columns, checks and indexes, which nobody watches."""
        took = 0
        with self.database.connect("postgres") as connection:
            for table in tables:
                connection.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
                began = time.monotonic()
                with connection.transaction():
                    connection.execute(f"INSERT INTO bare_{table} SELECT * FROM {table}")
                took += time.monotonic() - began
            print(f"    the rows alone: {took:.1f} s, {processor_s(connection.info.backend_pid):.1f} s of a processor", flush=True)
        return took

    def vacuum(self):
        with psycopg.connect(self.database.uri("postgres"), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def rows(self, sql):
        with psycopg.connect(self.database.uri("postgres"), autocommit=True) as connection:
            return connection.execute(sql).fetchall()


class World(Stage):
    """With 100,000 partners, and kith-api when it is asked for."""

    role = "coordinator"

    def __init__(self):
        super().__init__()
        self.api = None

    def _start(self, ends):
        super()._start(ends)
        world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1",
                  "-v", f"district={self.district.id}", "-v", f"now={world.NOW}",
                  "-v", f"id_prefix={ID_PREFIX}", "-f", os.path.join(HERE, "partners.sql"))
        ends.callback(self.stop_api)

    def start_api(self, **environment):
        self.api = Api(self.database, self.redis, **environment)
        return self.api

    def stop_api(self):
        if self.api:
            self.api.stop()
        self.api = None

    def row(self, sql):
        """The first row, for a superuser."""
        with psycopg.connect(self.database.uri("postgres"), autocommit=True) as connection:
            return connection.execute(sql).fetchone()

