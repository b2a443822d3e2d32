"""The world of the database suite: a durable PostgreSQL with 100,000 partners in one district and
200 tiny districts beside it, and kith-api, the release build, in front."""
import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time

import psycopg

import world

HERE = os.path.dirname(os.path.abspath(__file__))
API = os.path.join(world.BUILD, "bin/kith-api")
NAME = "kith"
ID_PREFIX = "01930000-0000-7000-8000-000000"  # then the partner's number
FIRST, LAST = 100001, 200000  # as in partners.sql
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


class Api:
    """kith-api: two children, quotas that no load reaches, everything else as it comes."""

    def __init__(self, database, redis):
        self.port, self.admin_port = free_port(), free_port()
        begin = time.monotonic()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KITH_")}
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([API], env={
            **kept, "KITH_DATABASE_URL": database.uri(), "KITH_SECRET_KEY": "x" * 32,
            "KITH_PUBLISHER_URL": database.uri("kith_publisher"), "KITH_REDIS_URL": redis.uri,
            "KITH_LISTEN": f"127.0.0.1:{self.port}", "KITH_API_CHILDREN": "2",
            "KITH_ADMIN_LISTEN": f"127.0.0.1:{self.admin_port}", "KITH_LOG_LEVEL": "warn",
            "KITH_RATE_WINDOW_S": "1", "KITH_RATE_READS": "1000000",
            "KITH_RATE_WRITES": "1000000", "KITH_RATE_ANONYMOUS": "1000000"})
        world.wait_until(self._is_ready, "kith-api is ready")
        self.ready_ms = (time.monotonic() - begin) * 1000
        self.url = f"http://127.0.0.1:{self.port}"

    def _is_ready(self):
        assert self.process.poll() is None, f"kith-api ended with {self.process.returncode}"
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except ConnectionError:
            return False
        finally:
            connection.close()

    def memory(self):
        """Resident kB of the parent and of each child: all, and what is the process's own."""
        parent = self.process.pid
        with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
            pids = [parent, *(int(pid) for pid in file.read().split())]
        for pid in pids:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                kb = dict(line.split()[:2] for line in file.readlines()[1:])
            yield (int(kb["Rss:"]), int(kb["Private_Clean:"]) + int(kb["Private_Dirty:"]))

    def stop(self):
        self.process.terminate()
        assert self.process.wait(30) == 0, f"kith-api ended with {self.process.returncode}"


class World:
    """A context manager: what it started ends with it."""

    def __init__(self):
        self.api = None
        self.ends = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as ends:
            self._start(ends)
            self.ends = ends.pop_all()
        return self

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
        self.district = self.database.district(role="coordinator")
        world.run("psql", self.database.uri("postgres"), "-qX", "-v", "ON_ERROR_STOP=1",
                  "-v", f"district={self.district.id}", "-v", f"now={world.NOW}",
                  "-v", f"id_prefix={ID_PREFIX}", "-f", os.path.join(HERE, "partners.sql"))
        ends.callback(self.stop_api)

    def start_api(self):
        self.api = Api(self.database, self.redis)
        return self.api

    def stop_api(self):
        if self.api:
            self.api.stop()
        self.api = None

    def row(self, sql):
        """The first row, for a superuser."""
        with psycopg.connect(self.database.uri("postgres"), autocommit=True) as connection:
            return connection.execute(sql).fetchone()

    def __exit__(self, *_):
        self.ends.close()
