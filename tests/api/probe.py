"""The program under test, build/<variant>/tests/wire_probe, from boot to a clean exit.

KITH_BUILD says which build ("build/asan" when it is not set).
"""

import contextlib
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from wire import DEADLINE_S, Wire, get

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / os.environ.get("KITH_BUILD", "build/asan")
SANITIZER = ("Sanitizer", "runtime error:")


class Probe:
    """One running server. `stop` looks at its exit status and at what it wrote on stderr."""

    def __init__(self, **arguments):
        self.log = tempfile.TemporaryFile()
        program = BUILD / "tests" / "wire_probe"
        assert program.exists(), f"{program} is not built"
        values = {"listen": "127.0.0.1:0", **arguments}
        self.process = subprocess.Popen(
            [program, *(f"{name}={value}" for name, value in values.items())],
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        self.port = self._listening()
        self.stopped = False

    def _listening(self):
        said = b""
        end = time.monotonic() + DEADLINE_S
        while not said.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], end - time.monotonic())
            piece = os.read(self.process.stdout.fileno(), 4096) if ready else b""
            assert piece, f"the server did not start: {said!r} {self.stderr()}"
            said += piece
        match = re.match(rb"listening 127\.0\.0\.1:(\d+)\n\Z", said)
        assert match, said
        return int(match[1])

    def stderr(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def wire(self, **options):
        return Wire(self.port, **options)

    def ask(self, data, method="GET"):
        with self.wire() as wire:
            return wire.ask(data, method)

    def stats(self):
        return self.ask(get("/stats", "Connection: close")).json()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self

    def exited(self):
        """Waits for the exit, which must be an orderly one."""
        self.stopped = True
        try:
            status = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not exit after SIGTERM: {self.stderr()[-2000:]}") from None
        log = self.stderr()
        assert not any(word in log for word in SANITIZER), log[-8000:]
        assert status == 0, f"exit status {status}: {log[-4000:]}"
        return status

    def stop(self):
        if not self.stopped:
            self.terminate().exited()
        self.process.stdout.close()
        self.log.close()

    def workers(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in children.split()}


@contextlib.contextmanager
def running(**arguments):
    probe = Probe(**arguments)
    try:
        yield probe
    finally:
        probe.stop()
