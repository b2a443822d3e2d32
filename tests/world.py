"""The world of a test: a PostgreSQL of its own with Kith's schema, districts in it, and connections
as each role.

A cluster is booted once for each pytest process from a data directory with a migrated database,
which is kept under build/ until a migration or function changes. Each test module gets a fresh copy
of that database, so that modules cannot see each other. In a conftest.py:

    from world import cluster, database  # noqa: F401  (fixtures)
"""
import base64
import contextlib
import fcntl
import glob
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass

import psycopg
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("KITH_BUILD", "build/asan"))
CLUSTER = os.path.join(ROOT, "deploy/local/cluster")
TEMPLATE = "kith_template"
SHM, SHM_FREE_BYTES = "/dev/shm", 2 << 30
NOW = "2026-11-21T15:00:00.000Z"  # a business clock for whoever does not care
ROLES = ("kith_migrate", "kith_backup", "kith_api", "kith_publisher", "kith_kpi", "kith_checkin",
         "kith_survey", "kith_mailer")  # those that may log in


def sql_files():
    """Migrations, then functions, in the order in which they are applied."""
    return [path for kind in ("migrations", "functions")
            for path in sorted(glob.glob(f"{ROOT}/sql/{kind}/*.sql"))]


def queries():
    """The named statements as (name, shape, text, parameter count), read by the build's own reader."""
    space = {"__name__": "generate"}
    with open(f"{ROOT}/sql/generate", encoding="utf-8") as file:
        exec(compile(file.read(), "generate", "exec"), space)  # pylint: disable=exec-used
    found = space["statements"](f"{ROOT}/sql")
    assert not space["problems"], space["problems"]
    return [(s["name"], s["shape"], s["text"], s["params"]) for s in found]


def environment_with(**variables):
    """Ours, without what whoever runs the tests says of Kith (KITH_BUILD) or of PostgreSQL."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("KITH_", "PG"))}
    return {**inherited, **variables}


def run(*command, **environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env=environment_with(**environment), check=False, cwd=ROOT)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def wait_until(condition, what, seconds=10):
    """The first true value of condition()."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.005)
    return value


def uuid7():
    """As C makes them: milliseconds, then random bits."""
    value = int(time.time() * 1000) << 80 | secrets.randbits(80)
    return str(uuid.UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))


def migrate_by_psql(uri):
    for path in sql_files():
        with open(path, "rb") as file:
            checksum = hashlib.sha256(file.read()).hexdigest()
        kind = os.path.basename(os.path.dirname(path)).removesuffix("s")
        run("psql", uri, "-qX1", "-v", "ON_ERROR_STOP=1", "-f", path, "-c",
            f"INSERT INTO schema_migration VALUES ('{os.path.basename(path)}', '{kind}', "
            f"'{checksum}', clock_timestamp())",
            PGOPTIONS="-c client_min_messages=warning")


def migrate(uri):
    """By kith migrate where it is built, which must then know the same files."""
    kith = os.path.join(BUILD, "bin/kith")
    if os.path.exists(kith):
        run(kith, "migrate", KITH_MIGRATE_URL=uri)
    else:
        migrate_by_psql(uri)


class Cluster:
    """A running PostgreSQL in a folder of its own."""

    def __init__(self, folder, *options):
        self.folder = folder
        run(CLUSTER, "start", folder, *options)

    def uri(self, database="postgres", role="postgres"):
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def execute(self, sql):
        with psycopg.connect(self.uri(), autocommit=True) as connection:
            connection.execute(sql)

    def stop(self):
        run(CLUSTER, "stop", self.folder)


class Redis:
    """A running Redis in a folder of its own."""

    def __init__(self, folder, durable=False):
        self.folder = folder
        self.uri = f"unix:{folder}/redis.sock"
        self.options = ["--durable"] if durable else []
        self.start()

    @classmethod
    @contextlib.contextmanager
    def private(cls):
        """One that goes with the test, its folder too."""
        folder = tempfile.mkdtemp(prefix="kith-redis-")
        one = cls(folder)
        try:
            yield one
        finally:
            one.stop()
            shutil.rmtree(folder)

    def start(self):
        run(CLUSTER, "redis", "start", self.folder, *self.options)

    def stop(self):
        run(CLUSTER, "redis", "stop", self.folder)

    def kill(self):
        """Without a word, as the kernel does it when memory is short."""
        os.kill(self.pid(), signal.SIGKILL)
        wait_until(lambda: subprocess.run(["redis-cli", "-s", f"{self.folder}/redis.sock", "ping"],
                                          capture_output=True, check=False).returncode, "it is gone")

    def pid(self):
        return int(re.search(r"process_id:(\d+)", self.ask("info", "server"))[1])

    def ask(self, *words):
        """redis-cli's answer; an error is one."""
        return run("redis-cli", "-e", "-s", f"{self.folder}/redis.sock", *words)


def template_data():
    """The data directory with the migrated template database, made when there is none for these
    files in this month (partitions are of months). Processes that need it at once wait for the one
    that makes it."""
    kith = os.path.join(BUILD, "bin/kith")
    digest = hashlib.sha256(time.strftime("%Y-%m", time.gmtime()).encode())
    for path in [*sql_files(), CLUSTER, *([kith] if os.path.exists(kith) else [])]:
        with open(path, "rb") as file:
            digest.update(os.path.basename(path).encode() + b"\0" + file.read())
    folder = os.path.join(ROOT, "build/cluster")
    data = os.path.join(folder, digest.hexdigest()[:16])
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(data):
            return data
        for old in glob.glob(f"{folder}/*/"):
            shutil.rmtree(old)
        with tempfile.TemporaryDirectory(prefix="kith-", dir=in_memory()) as scratch:
            cluster_of_template = Cluster(scratch)
            try:
                cluster_of_template.execute(f"CREATE DATABASE {TEMPLATE}")
                migrate(cluster_of_template.uri(TEMPLATE))
            finally:
                cluster_of_template.stop()
            run("cp", "-a", f"{scratch}/data", f"{data}.half")
        os.rename(f"{data}.half", data)
    return data


@dataclass
class District:
    """A tenant with one user, who holds the grant of `role` and an API key."""
    id: str
    slug: str
    user: str
    role: str
    token: str
    token_hash: str


class Database:
    """A fresh copy of the migrated database."""

    def __init__(self, of_cluster, name):
        self.cluster = of_cluster
        self.name = name

    @classmethod
    @contextlib.contextmanager
    def fresh(cls, of_cluster):
        name = "kith_" + secrets.token_hex(6)
        of_cluster.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        yield cls(of_cluster, name)
        of_cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def uri(self, role="kith_api"):
        return self.cluster.uri(self.name, role)

    @contextlib.contextmanager
    def connect(self, role="kith_api"):
        """A connection without a transaction: a statement of its own is a unit of its own."""
        with psycopg.connect(self.uri(role), autocommit=True) as connection:
            yield connection

    def district(self, role="director", zone="America/Chicago", expires_at=None):
        one = str(uuid7())
        user = uuid7()
        with self.connect("kith_migrate") as connection, connection.transaction():
            connection.execute(
                "INSERT INTO district (id, district_id, slug, name, zone, created_at, updated_at) "
                "VALUES (%(id)s, %(id)s, %(slug)s, 'A district', %(zone)s, %(now)s, %(now)s)",
                {"id": one, "slug": "d" + one[-12:], "zone": zone, "now": NOW})
            connection.execute("SELECT set_config('kith.now', %s, true), seed_instruments(%s)", (NOW, one))
            self.user(connection, one, user)
            if role:
                self.grant(connection, one, user, role)
            token, token_hash = self.token(connection, one, user, expires_at=expires_at)
        return District(one, "d" + one[-12:], user, role, token, token_hash)

    # The rest of a district, written by kith_migrate or, in a district's context, by kith_api.

    @staticmethod
    def user(connection, district, user, **fields):
        values = {"district_id": district, "id": user, "email": f"{user}@example.org",
                  "name": "A person", "created_at": NOW, "updated_at": NOW, **fields}
        insert(connection, "app_user", values)
        return user

    @staticmethod
    def grant(connection, district, user, role, **fields):
        values = {"district_id": district, "id": uuid7(), "user_id": user, "role": role,
                  "from_date": "2020-01-01", "created_at": NOW, "updated_at": NOW, **fields}
        insert(connection, "user_grant", values)
        return values["id"]

    @staticmethod
    def token(connection, district, user, **fields):
        """A token and its hash, in the form of common/base/token.h."""
        secret = secrets.token_bytes(32)
        text = base64.urlsafe_b64encode(uuid.UUID(district).bytes + secret).decode()
        values = {"district_id": district, "id": uuid7(), "user_id": user, "kind": "api_key",
                  "token_hash": hashlib.sha256(secret).hexdigest(), "created_at": NOW,
                  "updated_at": NOW, **fields}
        insert(connection, "access_token", values)
        return "kith_" + text, values["token_hash"]


def insert(connection, table, values):
    columns = ", ".join(values)
    places = ", ".join(f"%({column})s" for column in values)
    connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)


@contextlib.contextmanager
def unit(connection, district, need=None, now=NOW, request="a-request"):
    """A unit of work: one transaction that begins with kith_enter, as the district's user writes.
    Gives what that returned."""
    need = (district.role or "") if need is None else need
    with connection.transaction():
        yield connection.execute(
            "SELECT * FROM kith_enter(%s, %s, %s, %s, %s)",
            (district.id, district.token_hash, need, now, request)).fetchone()


def roll_up(connection, now=NOW, limit=1000):
    """One piece of kith-kpi's work, of each kind: how much that was."""
    return connection.execute("SELECT rollup_work(n, t) + rollup_cross(n, t) FROM (VALUES (%s, %s::timestamptz)) "
                              "AS v (n, t)", (limit, now)).fetchone()[0]


def in_memory():
    """A folder that is no disk's, where there is room: a copy of a database is some 1,500 files, which takes a
    disk ten times as long. None: wherever temporary files are."""
    try:
        return SHM if shutil.disk_usage(SHM).free >= SHM_FREE_BYTES else None
    except FileNotFoundError:
        return None


@pytest.fixture(scope="session")
def cluster():
    data = template_data()
    # Not pytest's own folder: its path is too long for a socket, and closed to the user postgres.
    folder = tempfile.mkdtemp(prefix="kith-", dir=in_memory())
    run("cp", "-a", data, f"{folder}/data")
    one = Cluster(folder)
    yield one
    one.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def database(cluster):  # pylint: disable=redefined-outer-name
    with Database.fresh(cluster) as one:
        yield one
