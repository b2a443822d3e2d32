"""Kith's Compose project under a name of its own, and somebody who uses it over HTTP."""

import json
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path

import requests

TREE = Path(os.environ["KITH_TREE"])
PROGRAMS = ("api", "kpi", "checkin", "survey", "mailer")
LASTING = ("db", "redis", *PROGRAMS, "proxy")
UP_WITHIN_S = 900  # the first time it builds
HEALTHY_WITHIN_S = 120


def wait_until(condition, what, seconds=60):
    """The first true value of condition(), which may fail meanwhile."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if value := condition():
                return value
            last = value
        except (AssertionError, requests.RequestException, subprocess.CalledProcessError) as error:
            last = error
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}; last: {last!r}"
        time.sleep(0.1)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def docker(*arguments, **options):
    done = subprocess.run(["docker", *arguments], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, **options)
    assert done.returncode == 0, f"docker {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


class Stack:
    """The project, from the commands that the README tells an operator."""

    def __init__(self):
        self.project = f"kithtest{secrets.token_hex(3)}"
        self.port, self.tls_port, self.redirect_port = free_port(), free_port(), free_port()
        self.settings = {
            "COMPOSE_PROJECT_NAME": self.project,
            "KITH_NET": f"198.19.{secrets.randbelow(256)}",
            "KITH_IMAGE": "kith:test",
            "KITH_PROXY_IMAGE": "kith-proxy:test",
            "KITH_HTTP": f"127.0.0.1:{self.port}",
            "KITH_PUBLIC_URL": f"http://localhost:{self.port}",
            **{f"KITH_RATE_{name}": "1000000"
               for name in ("READS", "WRITES", "SIGN_INS", "ANONYMOUS")},
        }
        self.write_settings()

    def write_settings(self, **more):
        self.settings.update(more)
        lines = [f"{name}={value}\n" for name, value in self.settings.items()]
        (TREE / ".env").write_text("".join(lines), encoding="utf-8")

    def run(self, *command, timeout=UP_WITHIN_S, **options):
        """A command of the repository's; its standard output."""
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("KITH_", "COMPOSE_"))}
        done = subprocess.run(command, cwd=TREE, env=environment, check=False, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        assert done.returncode == 0, f"{command}: {done.stdout[-4000:]!r} {done.stderr[-4000:]!r}"
        return done.stdout.decode(errors="replace")

    def compose(self, *arguments, **options):
        return self.run("deploy/compose/compose", *arguments, **options)

    def container(self, service):
        found = docker("ps", "-aq", "--no-trunc",
                       "--filter", f"label=com.docker.compose.project={self.project}",
                       "--filter", f"label=com.docker.compose.service={service}",
                       "--filter", "label=com.docker.compose.oneoff=False").split()
        assert len(found) == 1, f"{service}: {found}"
        return found[0]

    def inspect(self, service):
        return json.loads(docker("inspect", self.container(service)))[0]

    def is_healthy(self, service):
        state = self.inspect(service)["State"]
        return state["Running"] and state["Health"]["Status"] == "healthy"

    def wait_healthy(self, *services):
        for service in services or LASTING:
            wait_until(lambda one=service: self.is_healthy(one), f"{service} is healthy",
                       HEALTHY_WITHIN_S)

    def up(self, *arguments):
        self.compose("up", "-d", *arguments)
        self.wait_healthy()

    def execute(self, service, *command, **options):
        return self.compose("exec", "-T", service, *command, **options)

    def kith(self, *arguments, **options):
        return self.compose("run", "--rm", "-T", "kith", *arguments, **options)

    def kill(self, service):
        """Its first process dies as from a fault: Docker itself would take it for our wish."""
        before = self.inspect(service)
        docker("run", "--rm", "--pid=host", "--network=none", "--user=0:0", "--entrypoint=bash",
               "kith:test", "-c", f"kill -KILL {before['State']['Pid']}")
        wait_until(lambda: self.inspect(service)["RestartCount"] > before["RestartCount"],
                   f"{service} is started again")

    def logs(self, *services):
        return self.compose("logs", "--no-color", "--tail=200", *services)

    def down(self):
        self.compose("--profile", "tools", "down", "--volumes", "--remove-orphans")

    def forget(self):
        """What its containers wrote beside themselves: it is root's."""
        docker("run", "--rm", "--network=none", "--user=0:0", "--volume",
               f"{TREE}/deploy/compose:/here", "kith:test", "rm", "-rf", "/here/secrets",
               "/here/certs")

    def left_over(self):
        """Whatever of the project the engine still knows."""
        label = f"label=com.docker.compose.project={self.project}"
        return [line for kind in (("ps", "-aq"), ("volume", "ls", "-q"), ("network", "ls", "-q"))
                for line in docker(*kind, "--filter", label).split()]


class Person:
    """Somebody who has signed in through the proxy."""

    def __init__(self, base, email, password, origin=None, trusts=True):
        self.base = base
        self.trusts = trusts  # whose certificates: the world's, or those of a file
        self.http = requests.Session()
        self.headers = {"Origin": origin or base}
        self.post("/v1/sessions", {"email": email, "password": password})
        self.me = self.get("/v1/me")
        self.headers["X-CSRF-Token"] = self.me["csrf_token"]

    def ask(self, method, path, **options):
        return self.http.request(method, self.base + path, timeout=60, verify=self.trusts,
                                 **options)

    def get(self, path, **parameters):
        got = self.ask("GET", path, params=parameters)
        assert got.status_code == 200, (got.status_code, got.text)
        return got.json()

    def post(self, path, body):
        """With a key, as a careful client sends it: the proxy may send it again then."""
        headers = {**self.headers, "Idempotency-Key": secrets.token_hex(16)}
        got = self.ask("POST", path, json=body, headers=headers)
        assert got.status_code in (200, 201), (got.status_code, got.text)
        return got.json()
