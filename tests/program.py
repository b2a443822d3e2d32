"""A program of Kith from boot to a clean exit, on addresses that nobody else has."""
import http.client
import os
import re
import secrets
import signal
import subprocess
import tempfile

from world import BUILD, wait_until

STARTS_WITHIN_S = 30.0
SANITIZER = ("Sanitizer", "runtime error:")
SECRET_KEY = "0123456789abcdef0123456789abcdef"


def asked(host, port, path):
    """The status and text of a port that may not listen yet: status 0 then."""
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    except ConnectionError:
        return 0, ""
    finally:
        connection.close()


class Program:
    """`name` is that in build/<variant>/bin, or with the folder in it ("tests/x_probe"); its variables
    are the settings, in which {host} is its address, and those below. Ends in order, or the test fails: exit status 0, and no word of a
    sanitizer or of a bug of ours."""

    def __init__(self, name, **settings):
        self.program = os.path.join(BUILD, name if "/" in name else f"bin/{name}")
        name = os.path.basename(name)
        self.host = "127.%d.%d.%d" % tuple(1 + byte % 254 for byte in secrets.token_bytes(3))
        self.folder = tempfile.TemporaryDirectory(prefix=f"{name}-")
        self.settings = {
            "KITH_ENV": "test",
            "KITH_LOG_LEVEL": "warn",
            "KITH_SECRET_KEY": SECRET_KEY,
            "KITH_ADMIN_LISTEN": f"{self.host}:9100",
            **({"KITH_LISTEN": f"{self.host}:8080"} if name == "kith-api" else {}),
            # Where nobody is: what needs Redis says its own.
            "KITH_REDIS_URL": f"unix:{self.folder.name}/redis.sock",
            **{name: str(value).replace("{host}", self.host) for name, value in settings.items()},
        }
        self.log = tempfile.TemporaryFile()
        self.start()

    def start(self):
        """Also again, after it has ended."""
        assert os.path.exists(self.program), f"{self.program} is not built"
        kept = {n: v for n, v in os.environ.items() if not n.startswith("KITH_")}
        self.stopped = False
        self.process = subprocess.Popen([self.program], stderr=self.log, stdout=self.log,
                                        env={**kept, **self.settings})

    def log_text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def admin(self, path):
        """The admin port's status and text; status 0 while nobody listens."""
        return asked(self.host, 9100, path)

    def is_ready(self):
        assert self.process.poll() is None, f"it ended: {self.log_text()[-4000:]}"
        return self.admin("/readyz")[0] == 200

    def wait_ready(self):
        wait_until(self.is_ready, "/readyz says 200", STARTS_WITHIN_S)
        return self

    def metric(self, name, **labels):
        """The sum of the series of that name that have those labels."""
        status, text = self.admin("/metrics")
        assert status == 200, text
        total = 0
        for line in text.splitlines():
            series, _, value = line.rpartition(" ")
            if re.split(r"[{ ]", line, maxsplit=1)[0] == name and all(
                f'{label}="{wanted}"' in series for label, wanted in labels.items()
            ):
                total += float(value)
        return total

    def children(self):
        pid = self.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return {int(child) for child in file.read().split()}

    def kill(self):
        """All of its processes at once, as a machine that is switched off."""
        for pid in (self.process.pid, *self.children()):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.stopped = True

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        if not self.stopped:
            self.stopped = True
            self.terminate()
            try:
                status = self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"no end after SIGTERM: {self.log_text()[-4000:]}") from None
            self.check_log()
            assert status == 0, f"exit status {status}: {self.log_text()[-4000:]}"

    def check_log(self):
        log = self.log_text()
        assert not any(word in log for word in SANITIZER), log[-8000:]
        for ours in ("died", "the database refused what it should not have"):
            assert ours not in log, log[-4000:]

    def __enter__(self):
        return self.wait_ready()

    def __exit__(self, *_):
        self.stop()
