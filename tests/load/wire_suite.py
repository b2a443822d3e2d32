"""The HTTP server against libevent's evhttp: wire_probe is ours, evhttp_echo the stock one, both of
build/release with the same flags, one process each, running the whole time. Before measuring, each
must give the reply it is measured with."""
import os
import re
import subprocess
import sys
import urllib.request
from functools import partial

from compare import Figure, compare, wrk

GATE = 0.9
HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "../../build/release/tests")
OURS = [os.path.join(BUILD, "wire_probe"), "listen=127.0.0.1:0", "connections=1000",
        "connections_per_address=1000"]
STOCK = [os.path.join(BUILD, "evhttp_echo")]
LOADS = [
    ("GET /hello", "/hello", None),
    ("POST /echo", "/echo", os.path.join(HERE, "echo.lua")),
]


class Server:
    def __init__(self, command):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        said = self.process.stdout.readline()
        match = re.fullmatch(r"listening (127\.0\.0\.1:\d+)\n", said)
        if not match:
            sys.exit(f"bench: {command[0]} did not start: {said!r}")
        self.url = f"http://{match[1]}"

    def check(self):
        """The replies to be measured are the ones asked for."""
        with urllib.request.urlopen(self.url + "/hello") as reply:
            assert reply.read() == b"hello\n", "GET /hello"
            fields = sorted(name.lower() for name in reply.headers)
        body = b'{"note":"as sent"}'
        ask = urllib.request.Request(self.url + "/echo", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(ask) as reply:
            assert reply.read() == body, "POST /echo"
            assert reply.headers["Content-Type"] == "application/json", "POST /echo"
        print(f"{os.path.basename(self.process.args[0])} sends {', '.join(fields)}")

    def stop(self):
        self.process.terminate()
        if self.process.wait(30) != 0:
            sys.exit(f"bench: {self.process.args[0]} ended with {self.process.returncode}")


def run(options):
    """True when every gate is kept."""
    ours, stock = Server(OURS), Server(STOCK)
    try:
        ours.check()
        stock.check()
        return all([
            compare(Figure(title, GATE,
                           partial(wrk, ours.url + path, options, script=script),
                           partial(wrk, stock.url + path, options, script=script)), options)
            for title, path, script in LOADS])
    finally:
        ours.stop()
        stock.stop()
