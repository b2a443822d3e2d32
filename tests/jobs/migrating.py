"""For the tests of kith migrate: a private PostgreSQL, databases in it, and programs that carry the
SQL files a test wants."""
import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import uuid

import psycopg

ROOT = os.path.abspath(os.path.dirname(__file__) + "/../..")
BUILD = os.path.join(ROOT, os.environ.get("KITH_BUILD", "build/asan"))
LINK_FLAGS = {"asan": ["-fsanitize=address,undefined"], "coverage": ["--coverage"], "release": ["-pie"]}
# Superusers come in by the socket; everybody else needs a password.
HBA = "local all postgres trust\nlocal all all scram-sha-256\n"


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


class Cluster:
    """A PostgreSQL in a folder of its own, which logs every statement."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="kith-pg-")
        self.log = f"{self.folder}/postgres.log"
        self.program("start")
        with open(f"{self.folder}/data/pg_hba.conf", "w", encoding="utf-8") as file:
            file.write(HBA)
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET log_statement = 'all'")
            connection.execute("SELECT pg_reload_conf()")
        wait_for(self.logs_statements)

    def program(self, verb):
        subprocess.run([f"{ROOT}/deploy/local/cluster", verb, self.folder], check=True,
                       stdout=subprocess.DEVNULL)

    def logs_statements(self):
        with psycopg.connect(self.url("postgres")) as connection:
            return connection.execute("SHOW log_statement").fetchone()[0] == "all"

    def stop(self):
        self.program("stop")
        shutil.rmtree(self.folder)

    def url(self, database, user="postgres", password=None):
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def database(self):
        """A new, empty one."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Programs:
    """kith, linked with other SQL files than those of the tree."""

    def __init__(self, folder):
        self.folder = folder
        with open(f"{ROOT}/Makefile", encoding="utf-8") as file:
            packages = re.search(r"^PKGS := (.*)$", file.read(), re.M)[1].split()
        self.libraries = subprocess.run(["pkg-config", "--libs", *packages], check=True, text=True,
                                        stdout=subprocess.PIPE).stdout.split()

    def carrying(self, migrations=(), functions=()):
        """The path of a kith that carries these texts, by name in their order."""
        files = {**{f"migrations/{n}": t for n, t in dict(migrations).items()},
                 **{f"functions/{n}": t for n, t in dict(functions).items()}}
        place = os.path.join(self.folder, hashlib.sha256(repr(files).encode()).hexdigest()[:16])
        program = os.path.join(place, "kith")
        if os.path.exists(program):
            return program
        for name, text in files.items():
            path = os.path.join(place, "sql", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run([f"{ROOT}/sql/generate", f"{place}/sql", f"{place}/gen"], check=True)
        objects = f"{BUILD}/obj/services/cli"
        subprocess.run(["gcc", *LINK_FLAGS[os.path.basename(BUILD)], f"-I{place}", "-o", program,
                        f"{place}/gen/sql_files.c",
                        *[f"{objects}/{o}" for o in sorted(os.listdir(objects)) if o.endswith(".o")],
                        f"{BUILD}/libkith.a", *self.libraries], check=True)
        return program


def environment(**variables):
    """Ours without what the caller's shell says of Kith or of PostgreSQL."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("KITH_", "PG"))}
    return {**inherited, **variables}


def migrate(program, url, *arguments, **variables):
    """The run: returncode, stdout, stderr."""
    return subprocess.run([program, "migrate", *arguments], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(KITH_MIGRATE_URL=url, **variables), timeout=50)
