"""Names of hosts whose resolver thinks for as long as a test wants (`preload_names.c`): nobody waits
for it but who needs the name."""
import os
import shutil
import subprocess
import tempfile

import pytest

from world import BUILD, Cluster, environment_with, run, template_data
from workers import Api, Redis, Tenant, free_port, wait_until

HERE = "127.0.0.1"
NOBODY = "127.0.0.77"  # nobody listens there
DB, REDIS = "db.slow.invalid", "redis.slow.invalid"


class Server(Cluster):
    """One that is reached by a host's name."""

    def __init__(self, folder):
        self.port = free_port()
        super().__init__(folder, "--port", str(self.port))

    def uri(self, database="postgres", role="postgres", host=HERE):
        return f"postgresql://{role}@{host}:{self.port}/{database}"


@pytest.fixture(scope="module")
def cluster():
    folder = tempfile.mkdtemp(prefix="kith-")
    run("cp", "-a", template_data(), f"{folder}/data")
    one = Server(folder)
    yield one
    one.stop()
    shutil.rmtree(folder)


class Names:
    """What the resolver of a program knows."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {
            "SLOW_NAMES": folder,
            "LD_PRELOAD": os.path.join(BUILD, "tests/preload_names.so"),
            "ASAN_OPTIONS": f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0",
        }

    def answer(self, name, *addresses):
        path = os.path.join(self.folder, name)
        with open(f"{path}.new", "w", encoding="ascii") as file:
            file.write("".join(f"{address}\n" for address in addresses))
        os.rename(f"{path}.new", path)

    def wait_asked(self, *asked):
        for name in asked:
            wait_until(lambda: os.path.exists(f"{self.folder}/{name}.asked"), f"{name} is asked for", 30)


@pytest.fixture
def names():
    with tempfile.TemporaryDirectory(prefix="kith-names-") as folder:
        yield Names(folder)


@pytest.fixture
def redis():
    with Redis.private() as one:
        one.port = free_port()
        one.ask("config", "set", "port", str(one.port))
        yield one


@pytest.fixture
def start(database, redis, names):
    """Starts kith-api, which finds nothing but by a name."""
    started = []

    def starter(db=DB):
        started.append(Api(database, KITH_API_CHILDREN=1, **names.environment,
                           KITH_DATABASE_URL=database.cluster.uri(database.name, "kith_api", db),
                           KITH_PUBLISHER_URL=database.cluster.uri(database.name, "kith_publisher", db),
                           KITH_REDIS_URL=f"redis://{REDIS}:{redis.port}"))
        return started[-1]

    yield starter
    for api in started:
        api.stop()


def answers(api):
    return api.send("GET", "/openapi.json", None, {}).status == 200


def test_no_request_waits_for_a_name(start, database, names, redis):
    api = start()
    names.wait_asked(DB, REDIS)
    for _ in range(3):
        assert answers(api) and not api.is_ready()
    names.answer(DB, HERE)
    api.wait_ready()
    partner = Tenant(api, database).director.partner()
    assert answers(api) and redis.ask("exists", "kith:events") == "0\n"
    names.answer(REDIS, HERE)
    wait_until(lambda: f"partner/{partner.id}" in [event["subject"] for event in redis.events()],
               "Redis has what was written meanwhile")


def test_an_end_waits_for_no_name(start, names):
    api = start()
    names.wait_asked(DB, REDIS)
    assert answers(api)
    api.stop()


def test_an_address_of_nobody_is_followed_by_the_next(start, database, names, redis):
    names.answer(DB, NOBODY, HERE)
    names.answer(REDIS, NOBODY, HERE)
    api = start().wait_ready()
    Tenant(api, database).director.partner()
    wait_until(redis.events, "Redis is written to")


def test_a_host_without_a_name_waits_for_no_name_beside_it(start, names):
    api = start(f"{DB}:1,{HERE}")
    names.wait_asked(DB)
    api.wait_ready()


def test_a_name_that_nobody_has_may_be_given_later(start, names):
    names.answer(DB)
    api = start()
    wait_until(lambda: f"{DB}: Name or service not known" in api.log_text(), "it says why")
    assert answers(api)
    names.answer(DB, HERE)
    api.wait_ready()


# ---- A certificate ---------------------------------------------------------------------------------


@pytest.fixture
def certificate():
    """A server with a certificate for DB, and its file; it is a server of its own."""
    folder = tempfile.mkdtemp(prefix="kith-")
    one = Server(folder)
    paths = [f"{folder}/server.{kind}" for kind in ("crt", "key")]
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-days", "2", "-subj", f"/CN={DB}", "-addext", f"subjectAltName=DNS:{DB}",
        "-out", paths[0], "-keyout", paths[1])
    for path in paths:
        shutil.chown(path, os.stat(folder).st_uid)
    for name, value in (("ssl_cert_file", paths[0]), ("ssl_key_file", paths[1]), ("ssl", "on")):
        one.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    one.execute("SELECT pg_reload_conf()")
    yield one, paths[0]
    one.stop()
    shutil.rmtree(folder)


@pytest.mark.parametrize("host, end", [(DB, ["done", "hello"]),
                                       ("other.slow.invalid", ["unavailable"])])
def test_a_certificate_is_for_the_name_and_not_for_its_address(certificate, names, host, end):
    server, path = certificate
    names.answer(host, HERE)
    url = f"{server.uri(host=host)}?sslmode=verify-full&sslrootcert={path}"
    with subprocess.Popen([os.path.join(BUILD, "tests/db_probe"), url, "1", "1"], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment_with(**names.environment)) as probe:
        said, log = probe.communicate("1 3000 0 echo hello\n", 60)
    assert said.splitlines()[0].split()[1:] == end, log
    if host != DB:
        assert f'does not match host name "{host}"' in log.replace("\\", "")
