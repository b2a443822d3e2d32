"""For the tests of kith migrate: a PostgreSQL that asks for passwords and logs every statement,
databases in it, and programs that carry the SQL files a test wants."""
import contextlib
import hashlib
import os
import re
import secrets
import shutil
import subprocess
import tempfile

import psycopg

from world import BUILD, ROOT, Cluster, environment_with, wait_until

LINK_FLAGS = {"asan": ["-fsanitize=address,undefined"], "coverage": ["--coverage"], "release": ["-pie"]}
HBA = "local all postgres trust\nlocal all all scram-sha-256\n"


class WaryCluster(Cluster):
    """A superuser comes in by the socket; everybody else needs a password. It is nobody else's."""

    def __init__(self):
        super().__init__(tempfile.mkdtemp(prefix="kith-"))
        self.log = f"{self.folder}/postgres.log"
        with open(f"{self.folder}/data/pg_hba.conf", "w", encoding="utf-8") as file:
            file.write(HBA)
        self.execute("ALTER SYSTEM SET log_statement = 'all'")
        self.execute("SELECT pg_reload_conf()")
        wait_until(self.logs_statements, "the new configuration")

    def logs_statements(self):
        with psycopg.connect(self.uri()) as connection:
            return connection.execute("SHOW log_statement").fetchone()[0] == "all"

    def stop(self):
        super().stop()
        shutil.rmtree(self.folder)

    def url(self, database, role="postgres", password=None):
        uri = self.uri(database, role)
        return uri.replace("@", f":{password}@", 1) if password else uri

    @contextlib.contextmanager
    def empty_database(self):
        name = "kith_" + secrets.token_hex(6)
        self.execute(f"CREATE DATABASE {name}")
        yield name
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


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
                        f"{BUILD}/libkith.a", *self.libraries, "-lresolv"], check=True)
        return program


def migrate(program, url, *arguments, **variables):
    """The run: returncode, stdout, stderr."""
    return subprocess.run([program, "migrate", *arguments], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment_with(KITH_MIGRATE_URL=url, **variables), timeout=50)
