"""kith itself, and the commands that need no database."""
import http.server
import socket
import subprocess
import threading

import pytest

from world import BUILD, environment_with


def kith(*arguments, **variables):
    return subprocess.run([f"{BUILD}/bin/kith", *arguments], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment_with(**variables), timeout=30)


@pytest.mark.parametrize("flag", ["help", "--help", "-h"])
def test_help_lists_every_command(flag):
    run = kith(flag)
    assert run.returncode == 0
    for name in "help", "version", "migrate", "healthcheck":
        assert f"\n  {name} " in run.stdout


@pytest.mark.parametrize("flag", ["version", "--version"])
def test_version(flag):
    run = kith(flag)
    assert (run.returncode, run.stderr) == (0, "") and run.stdout.startswith("kith 0.")


@pytest.mark.parametrize("arguments", [[], ["migrat"], [""], ["healthcheck"], ["healthcheck", "a", "b"]])
def test_a_wrong_call_is_78_and_says_how(arguments):
    run = kith(*arguments)
    assert run.returncode == 78 and "usage: kith " in run.stderr and run.stdout == ""


class Answer(http.server.BaseHTTPRequestHandler):
    """/200 answers with 200, and so on."""

    def do_GET(self):
        status = int(self.path.strip("/"))
        body = b"x" * 5000 if status == 201 else b"body\n"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/200")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status, code", [(200, 0), (201, 0), (299, 0), (302, 1), (404, 1), (503, 1)])
def test_healthcheck_succeeds_with_2xx_only_and_follows_nothing(address, status, code):
    run = kith("healthcheck", f"{address}/{status}")
    assert run.returncode == code and run.stdout.startswith(f"{status} ")


def test_healthcheck_shows_no_more_than_4096_bytes(address):
    assert kith("healthcheck", f"{address}/201").stdout == "201 " + "x" * 4096 + "\n"


def test_healthcheck_asks_no_proxy_and_reads_no_configuration(address):
    run = kith("healthcheck", f"{address}/200", http_proxy="http://127.0.0.1:1",
               KITH_LISTEN="127.0.0.1:1")
    assert run.returncode == 0


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "file:///etc/passwd", "nonsense://", ""])
def test_healthcheck_fails_where_nothing_answers(url):
    run = kith("healthcheck", url)
    assert run.returncode == 1 and run.stderr.startswith("kith healthcheck: ") and run.stdout == ""


def test_healthcheck_gives_up_on_one_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        run = kith("healthcheck", f"http://127.0.0.1:{silent.getsockname()[1]}/")
    assert run.returncode == 1 and "Timeout" in run.stderr
