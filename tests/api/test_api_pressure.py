"""When there is too much, or something is lost: the database, a child, the process itself."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import time
import uuid

import psycopg
import pytest
from api_world import Tenant, running_api
from wire import wait_until

from world import CLUSTER, TEMPLATE, Cluster, Database, run, template_data

LEAST = {"name": "A partner", "kind": "nonprofit"}


class Threads:
    """Calls at once; their answers in the order of their ends."""

    def __init__(self):
        self.threads, self.answers, self.errors = [], [], []

    def start(self, function, *arguments):
        def work():
            try:
                self.answers.append(function(*arguments))
            except Exception as error:  # pylint: disable=broad-exception-caught
                self.errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        self.threads.append(thread)

    def join(self, seconds=30):
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, end - time.monotonic()))
        assert not any(thread.is_alive() for thread in self.threads), "somebody waits for ever"
        assert not self.errors, self.errors
        return self.answers


@contextlib.contextmanager
def held(database, sql, *arguments):
    """A transaction of another session that has done that and does not end."""
    with psycopg.connect(database.uri("kith_migrate")) as connection:
        connection.execute(sql, arguments)
        yield connection
        connection.rollback()


@pytest.fixture(scope="module")
def narrow(database):
    """A process with room for one unit at work and one that waits."""
    with running_api(
        database,
        KITH_API_CHILDREN=1,
        KITH_DB_CONNECTIONS=1,
        KITH_DB_IN_FLIGHT=1,
        KITH_DB_WAITING=1,
        KITH_API_UNIT_MS=5000,
    ) as api:
        yield api


@pytest.fixture(scope="module")
def few(narrow, database):
    return Tenant(narrow, database)


# ---- Bounds --------------------------------------------------------------------------------------


@contextlib.contextmanager
def stopped_backends(database):
    """Kith's own backends stand still, however long it takes."""
    with database.connect("postgres") as connection:
        pids = [
            row[0]
            for row in connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE usename = 'kith_api' AND datname = %s",
                (database.name,),
            )
        ]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_as_many_as_there_is_room_for_are_served_and_one_more_is_503(narrow, few, database):
    calls = Threads()
    few.viewer.get("/v1/partners")
    with stopped_backends(database):
        calls.start(few.viewer.get, "/v1/partners")
        wait_until(lambda: narrow.metric("kith_db_units_in_flight") == 1, "one is at work")
        calls.start(few.viewer.get, "/v1/partners")
        wait_until(lambda: narrow.metric("kith_db_units_waiting") == 1, "one waits")
        began = time.monotonic()
        answer = few.viewer.get("/v1/partners")
        assert time.monotonic() - began < 1, "at once"
        assert (answer.status, answer.type) == (503, "overloaded"), answer
        assert answer.field("Retry-After") == "1"
    assert [answer.status for answer in calls.join()] == [200, 200]
    assert few.viewer.get("/v1/partners").status == 200


def test_many_under_a_held_lock_are_all_answered(few, database):
    made = few.director.partner()
    calls = Threads()
    with held(database, "SELECT FROM partner WHERE id = %s FOR UPDATE", made.id):
        for _ in range(12):
            calls.start(few.director.patch, f"/v1/partners/{made.id}", {"city": "x"}, made.etag)
        answers = calls.join()
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {409, 503}, statuses
    assert all(answer.field("Retry-After") == "1" for answer in answers)


def test_a_unit_past_its_deadline_is_504_and_hangs_nobody(database):
    with running_api(
        database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1, KITH_API_UNIT_MS=300
    ) as api:
        viewer = Tenant(api, database).viewer
        assert viewer.get("/v1/partners").status == 200
        with stopped_backends(database):
            answer = viewer.get("/v1/partners")
            assert (answer.status, answer.type) == (504, "too_slow"), answer
        wait_until(lambda: viewer.get("/v1/partners").status == 200, "it goes on")


@pytest.mark.parametrize("table", ("the row", "the table"))
def test_a_held_lock_is_409_soon_and_nothing_changes(ours, database, table):
    made = ours.director.partner()
    path = f"/v1/partners/{made.id}"
    lock = (
        ("SELECT FROM partner WHERE id = %s FOR UPDATE", made.id)
        if table == "the row"
        else ("LOCK TABLE partner IN EXCLUSIVE MODE",)
    )
    with held(database, *lock):
        began = time.monotonic()
        answer = ours.director.patch(path, {"city": "x"}, made.etag)
        assert (answer.status, answer.type) == (409, "conflict"), answer
        assert answer.field("Retry-After") == "1"
        assert time.monotonic() - began >= 0.2
        assert ours.viewer.get(path).status == 200, "readers do not wait"
    assert ours.director.get(path).json == made.json
    assert ours.director.patch(path, {"city": "x"}, made.etag).status == 200


def test_a_unique_value_that_is_being_taken_is_409_and_free_again(ours, database):
    """The other transaction may yet roll back."""
    with held(
        database,
        "INSERT INTO partner (district_id, id, name, kind, ein, created_at, updated_at) "
        "VALUES (%s, %s, 'x', 'other', '111111111', now(), now())",
        ours.id,
        str(uuid.uuid4()),
    ):
        answer = ours.director.post("/v1/partners", {**LEAST, "ein": "111111111"})
        assert (answer.status, answer.type) == (409, "conflict"), answer
        assert "errors" not in answer.json
    ours.director.partner(ein="111111111")


# ---- Processes -----------------------------------------------------------------------------------


def test_a_child_that_is_killed_is_replaced(api, ours):
    before = api.children()
    assert len(before) == 2
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    after = wait_until(
        lambda: (now := api.children()) and len(now) == 2 and victim not in now and now,
        "there are two children again",
    )
    assert len(after - before) == 1
    api.wait_ready()
    for _ in range(16):
        api.connection().close()
        wait_until(
            lambda: quiet(lambda: ours.viewer.get("/v1/partners").status) == 200, "it serves"
        )


def quiet(function):
    """None when the connection was lost or refused."""
    try:
        return function()
    except (ConnectionError, TimeoutError):
        return None


def test_who_is_asked_to_stop_is_not_ready_and_serves_for_a_while(database):
    """So that a proxy sends the next requests elsewhere, before any can go wrong."""
    with running_api(database, KITH_API_LINGER_MS=600000) as api:
        tenant = Tenant(api, database)
        api.terminate()
        wait_until(lambda: api.admin("/readyz")[0] == 503, "it is not ready")
        assert "about to stop" in api.admin("/readyz")[1]
        assert api.admin("/healthz")[0] == 200
        api.connection().close()
        tenant.director.partner()
        api.stop()  # a second signal ends the wait


def test_the_admin_port_counts_requests_by_route_and_status(api, ours):
    routes = {
        ("/v1/partners", "GET", "2xx"): lambda: ours.viewer.get("/v1/partners"),
        ("/v1/partners", "POST", "2xx"): ours.director.partner,
        ("/v1/partners", "POST", "4xx"): lambda: ours.viewer.post("/v1/partners", LEAST),
        ("/v1/partners/{id}", "GET", "4xx"): lambda: ours.viewer.get(
            f"/v1/partners/{uuid.uuid4()}"
        ),
        ("none", "any", "4xx"): lambda: ours.viewer.get("/nothing"),
    }

    def counts():
        return {
            key: api.metric(
                "kith_http_requests_total", route=key[0], method=key[1], status=key[2]
            )
            for key in routes
        }

    before = counts()
    for send in routes.values():
        for _ in range(3):
            send()
    wait_until(
        lambda: {key: now - before[key] for key, now in counts().items()}
        == dict.fromkeys(routes, 3),
        "each route has three more",
    )
    assert api.metric("kith_http_requests_total", status="5xx") == 0
    assert api.admin("/healthz") == (200, "alive\n")


def test_sigterm_fails_no_request_that_was_accepted(database):
    """Each client goes on until its connection is refused; whatever was sent before is answered."""
    with running_api(database) as api:
        tenant = Tenant(api, database)
        stop = threading.Event()
        names, created = [], []

        def client():
            while not stop.is_set():
                name = secrets.token_hex(8)
                reply = post_once(api, tenant.director.token, name)
                if reply is None:
                    return
                names.append(name)
                if reply == 201:
                    created.append(name)

        threads = [threading.Thread(target=client) for _ in range(8)]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(created) >= 50, "there is load")
        api.stop()
        stop.set()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()
        assert len(created) == len(names), "accepted, and failed"
    with database.connect("kith_migrate") as connection:
        rows = connection.execute(
            "SELECT name FROM partner WHERE district_id = %s", (tenant.id,)
        ).fetchall()
    assert {row[0] for row in rows} == set(created)


def post_once(api, token, name):
    """The status of a create on a fresh connection, or None when nobody accepts any more. What was
    not read by the server at its end is reset, and was not accepted."""
    body = f'{{"name":"{name}","kind":"other"}}'
    request = (
        f"POST /v1/partners HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n{body}"
    )
    got = b""
    with socket.socket() as one:
        one.settimeout(20)
        try:
            one.connect((api.host, 8080))
            one.sendall(request.encode())
            while piece := one.recv(65536):
                got += piece
        except (ConnectionRefusedError, ConnectionResetError, BrokenPipeError):
            assert not got, got
            return None
    return int(got[9:12]) if got else None


# ---- The database goes and comes back ------------------------------------------------------------


@pytest.fixture(scope="module")
def own():
    """A PostgreSQL that may be stopped, a kith-api on it, and its people."""
    folder = tempfile.mkdtemp(prefix="kith-")
    run("cp", "-a", template_data(), f"{folder}/data")
    cluster = Cluster(folder)
    try:
        database = Database(cluster, TEMPLATE)
        with running_api(database, KITH_API_UNIT_MS=3000) as api:
            yield api, Tenant(api, database), cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def test_without_a_database_it_is_503_and_not_ready_and_heals(own):
    api, tenant, cluster = own
    made = tenant.director.partner()
    cluster.stop()

    def unavailable():
        answer = tenant.director.post("/v1/partners", LEAST)
        assert answer.status == 503 and answer.field("Retry-After") == "1", answer
        return answer.type == "unavailable" and api.admin("/readyz")[0] == 503

    wait_until(unavailable, "/readyz says 503")
    assert tenant.viewer.get(f"/v1/partners/{made.id}").status == 503
    assert api.admin("/healthz")[0] == 200, "alive it is"
    run(CLUSTER, "start", cluster.folder)
    api.wait_ready()

    def back():
        answer = tenant.director.get(f"/v1/partners/{made.id}")
        assert answer.status in (200, 503), answer
        return answer.status == 200

    wait_until(back, "it serves again")
    tenant.director.partner()
    assert api.metric("kith_http_requests_total", status="5xx") > 0


def test_backends_that_are_ended_lose_and_double_nothing(own):
    """500 creates with keys, each sent again until it is 201, while all backends are ended now and
    then: exactly 500 rows."""
    api, tenant, _ = own
    database = api.database
    todo = list(range(500))
    statuses = []

    def client():
        while todo:
            try:
                number = todo.pop()
            except IndexError:
                return
            body = {"name": f"Number {number}", "kind": "civic"}
            answer = None
            while answer is None or answer.status != 201:
                answer = quiet(
                    lambda: tenant.director.post(
                        "/v1/partners", body, Idempotency_Key=f"key-{number}"
                    )
                )
                statuses.append(answer and answer.status)
                assert answer is None or answer.status in (201, 409, 503), answer

    calls = Threads()
    for _ in range(8):
        calls.start(client)
    ended = 0
    with database.connect("postgres") as connection:
        while len(todo) > 0:
            ended += connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE usename = 'kith_api'"
            ).fetchone()[0]
            left = len(todo)
            wait_until(lambda: len(todo) <= max(0, left - 40), "work goes on", 30)
    calls.join(60)
    assert ended > 0
    assert None not in statuses and statuses.count(201) == 500
    with database.connect("kith_migrate") as connection:
        rows = connection.execute(
            "SELECT count(*), count(DISTINCT name) FROM partner WHERE kind = 'civic'"
        ).fetchone()
        audits = connection.execute(
            "SELECT count(*) FROM audit a JOIN partner p ON p.id = a.aggregateid "
            "WHERE p.kind = 'civic'"
        ).fetchone()
    assert rows == (500, 500) and audits == (500,)
