"""The server's process: draining on SIGTERM, and forked workers on one port."""

import os
import signal
import socket
import threading
from pathlib import Path

import pytest
from probe import running
from wire import CANARY, Closed, get, post, request, wait_until


@pytest.fixture
def probe():
    with running(request_ms=60000, idle_ms=60000, drain_ms=20000, arena_bytes=67108864) as one:
        yield one


def working(wire):
    """The server has read the request this connection has sent."""
    wire.wait_taken()
    return wire


# Draining


def test_nothing_to_drain(probe):
    probe.terminate().exited()


def test_what_is_under_way_is_finished_and_the_connection_closed(probe):
    wires = [probe.wire() for _ in range(10)]
    for number, wire in enumerate(wires):
        working(wire.send(get(f"/slow?ms={500 + number}")))
    probe.stats()
    probe.terminate()
    for wire in wires:
        reply = wire.reply()
        assert reply.status == 200 and reply.body == b"slow\n"
        assert reply.closes(), "RFC 9112 §9.6: the client learns that it ends"
        wire.closed()
    probe.exited()


def test_idle_connections_are_closed_without_a_word(probe):
    fresh, used = probe.wire(), probe.wire()
    assert used.ask(CANARY).status == 200
    wait_until(lambda: probe.stats()["connections_open"] == 3, "both are in")
    probe.terminate()
    fresh.closed()
    used.closed()
    probe.exited()


def test_nobody_new_is_served_while_draining(probe):
    busy, idle = probe.wire(), probe.wire()
    working(busy.send(get("/slow?ms=800")))
    assert idle.ask(CANARY).status == 200
    probe.terminate()
    idle.closed()  # so the server has seen the signal
    try:
        with probe.wire() as late:
            assert late.send(CANARY).reply().status == 503
    except (ConnectionRefusedError, Closed, AssertionError) as error:
        assert "reset" in str(error) or not isinstance(error, AssertionError), error
    assert busy.reply().body == b"slow\n"
    probe.exited()


class Crowd:
    """Clients that come, ask once and leave, one after the other, until nobody is let in."""

    def __init__(self, probe, clients):
        self.served = 0
        self.sent_away = []
        self.address = ("127.0.0.1", probe.port)
        self.threads = [threading.Thread(target=self.come) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def come(self):
        while True:
            try:
                wire = socket.create_connection(self.address, timeout=10)
            except ConnectionRefusedError:
                return
            try:
                wire.sendall(CANARY)
                assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
                self.served += 1
            except (OSError, AssertionError) as error:
                self.sent_away.append(repr(error))
            finally:
                wire.close()

    def has_left(self):
        for thread in self.threads:
            thread.join(10)
        return not any(thread.is_alive() for thread in self.threads)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("_time", range(5))
def test_who_got_in_is_served_however_late_it_was(workers, _time):
    """The system lets clients in before the server knows of them: a reset would leave these not
    knowing whether they were heard."""
    with running(workers=workers, drain_ms=20000) as probe:
        crowd = Crowd(probe, clients=8)
        wait_until(lambda: crowd.served >= 100, "they come and go")
        probe.terminate()
        assert crowd.has_left()
        assert not crowd.sent_away
        probe.exited()


def test_a_request_pipelined_behind_is_not_begun(probe):
    with probe.wire() as wire:
        working(wire.send(get("/slow?ms=400") + get("/never")))
        idle = probe.wire()
        assert idle.ask(CANARY).status == 200
        probe.terminate()
        assert wire.reply().closes()
        wire.closed()
        probe.exited()


def test_a_request_on_its_way_in_may_be_answered_but_holds_nothing_up(probe):
    """Half a head: the server closes it at once or answers when it is whole."""
    with probe.wire() as wire:
        working(wire.send(get("/hello")[:20]))
        probe.terminate()
        wire.send(get("/hello")[20:])
        try:
            reply = wire.reply()
            assert reply.closes()
        except (Closed, AssertionError):
            pass
        probe.exited()


def test_a_reply_half_sent_is_sent_to_its_end(probe):
    with probe.wire(receive_bytes=4096) as wire:
        wire.send(get("/bytes?n=20000000"))
        wait_until(lambda: (wire.server_side() or (0, 0))[1] > 0, "the client's window is full")
        probe.terminate()
        assert len(wire.reply().body) == 20000000
        wire.closed()
        probe.exited()


@pytest.mark.parametrize(
    "target",
    ["/never", "/stream?pieces=10000&size=65536", "/events?count=100000&interval_ms=50"],
)
def test_what_does_not_end_is_cut_off_when_draining_has_lasted_long_enough(target):
    with running(request_ms=600000, drain_ms=300) as probe, probe.wire(receive_bytes=4096) as wire:
        working(wire.send(get(target)))
        probe.stats()
        probe.terminate().exited()


def test_a_second_signal_changes_nothing(probe):
    with probe.wire() as wire:
        working(wire.send(get("/slow?ms=500")))
        probe.stats()
        probe.terminate().terminate()
        assert wire.reply().body == b"slow\n"
        probe.exited()


# Workers


@pytest.fixture
def forked():
    with running(workers=2, drain_ms=1000) as probe:
        wait_until(lambda: len(probe.workers()) == 2, "two workers")
        yield probe


def owner(probe, wire):
    """The worker that holds the server's end of this connection."""
    inode = wire.server_side()[3]
    for pid in probe.workers():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                if os.readlink(descriptor) == f"socket:[{inode}]":
                    return pid
            except OSError:
                continue
    return None


def served_by(probe, count=40):
    """Who serves these many connections, opened at once; each must be served."""
    wires = [probe.wire() for _ in range(count)]
    for wire in wires:
        wire.send(CANARY)
    assert all(wire.reply().status == 200 for wire in wires)
    owners = {owner(probe, wire) for wire in wires}
    for wire in wires:
        wire.socket.close()
    return owners


def test_both_workers_serve(forked):
    seen = set()

    def both():
        seen.update(served_by(forked))
        return len(seen) == 2

    wait_until(both, "both workers have served")
    assert seen == forked.workers()


def test_a_worker_that_dies_is_replaced_and_the_port_stays_open(forked):
    before = forked.workers()
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(forked.workers() - {killed}) == 2, "a new worker")
    new = forked.workers() - before
    assert len(new) == 1 and before - {killed} < forked.workers()
    seen = set()

    def the_new_one_serves():
        seen.update(served_by(forked))
        return new < seen

    wait_until(the_new_one_serves, "the new worker has served")


def test_the_port_stays_open_while_a_worker_is_replaced(forked):
    """Connections that come while it is away are served, by the other or by its heir."""
    for _ in range(3):
        os.kill(min(forked.workers()), signal.SIGKILL)
        for _ in range(20):
            try:
                with forked.wire() as wire:
                    wire.send(CANARY)
                    assert wire.reply().status == 200
            except (Closed, ConnectionResetError, AssertionError):
                continue  # this one was already the dead worker's
        wait_until(lambda: len(forked.workers()) == 2, "a new worker")
    assert forked.ask(CANARY).status == 200


def test_forked_workers_drain(forked):
    wires = [forked.wire() for _ in range(20)]
    for wire in wires:
        wire.send(get("/slow?ms=400"))
    for wire in wires:
        wire.wait_taken()
    forked.terminate()
    for wire in wires:
        reply = wire.reply()
        assert reply.body == b"slow\n" and reply.closes()
    workers = forked.workers()
    forked.exited()
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers), "no worker is left behind"


def test_the_port_can_be_taken_again_at_once():
    """SO_REUSEADDR: a restart does not wait for old connections to be forgotten."""
    with running() as first:
        with first.wire() as wire:
            assert wire.ask(request("GET", "/hello", "Connection: close")).status == 200
            wire.closed()
        first.terminate().exited()
        with running(listen=f"127.0.0.1:{first.port}") as second:
            assert second.port == first.port
            assert second.ask(post("/echo", b"again")).body == b"again"


def test_a_port_that_is_taken_is_an_error_and_not_a_silence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AssertionError, match="did not start"):
            with running(listen=f"127.0.0.1:{taken.getsockname()[1]}"):
                pass
