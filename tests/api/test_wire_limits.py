"""Deadlines and caps: a client that is slow, idle, or many.

No test measures time; each waits for the answer."""

import contextlib
import select

import pytest
from probe import running
from wire import CANARY, chunked, get, post, ready, request, row, wait_until


@pytest.fixture(scope="module")
def hasty():
    """Every deadline is short but the one each test is about is the one that can strike."""
    with running(header_ms=300, body_ms=300, idle_ms=60000, request_ms=300, drain_ms=300) as probe:
        yield probe


@pytest.fixture(scope="module")
def idle():
    with running(header_ms=60000, body_ms=60000, idle_ms=300, arena_bytes=67108864) as probe:
        yield probe


def drip(wire, data):
    """Sends byte after byte, each after a moment without an answer; did one come?"""
    for byte in data:
        if ready(wire.socket, select.POLLIN, 0.01):
            return True
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            wire.socket.send(bytes([byte]))
    return False


HEADS = [
    row("9110/15.5.9 in the request line", b"", b"GET /" + b"a" * 5000),
    row("9110/15.5.9 in a field", b"GET /hello HTTP/1.1\r\n", b"X: " + b"a" * 5000),
    row(
        "9110/15.5.9 in field after field",
        b"GET /hello HTTP/1.1\r\n",
        b"X: aaaaaaaaaaaa\r\n" * 90,
    ),
]

BODIES = [
    row("9110/15.5.9 in a body", request("POST", "/echo", "Content-Length: 5000"), b"x" * 4999),
    row("9110/15.5.9 in a chunk", chunked("/echo", b"1000\r\n"), b"x" * 4095),
    row("9110/15.5.9 in chunk after chunk", chunked("/echo", b""), b"1\r\nx\r\n" * 800),
    row("9110/15.5.9 in trailers", chunked("/echo", b"0\r\n"), b"X: aaaaaaaaaaaa\r\n" * 100),
]


@pytest.mark.parametrize("first, data", HEADS + BODIES)
def test_a_drip_does_not_put_off_the_deadline(hasty, first, data):
    """The deadline is for the whole head or body, not for inactivity: 408 and the end."""
    with hasty.wire() as wire:
        wire.send(first)
        assert drip(wire, data), "no answer although the deadline has long passed"
        reply = wire.reply()
        assert reply.status == 408 and reply.closes(), reply
        wire.closed()


def test_a_body_that_comes_fast_enough_is_not_cut():
    """body_bytes_per_s: what has come earns time. 80 bytes, 10 ms or more apart, at 20 a second."""
    with running(body_ms=300, body_bytes_per_s=20) as probe, probe.wire() as wire:
        wire.send(request("POST", "/echo", "Content-Length: 80"))
        assert not drip(wire, b"x" * 80)
        assert wire.reply().body == b"x" * 80


@pytest.mark.parametrize("first", [case.values[0] or b"G" for case in HEADS + BODIES])
def test_silence_in_the_middle_is_408(hasty, first):
    with hasty.wire() as wire:
        assert wire.ask(first).status == 408
        wire.closed()


def test_each_request_has_a_deadline_of_its_own(hasty):
    """A connection lives longer than any deadline when each request keeps its own."""
    with hasty.wire() as wire:
        for _ in range(8):
            assert wire.ask(get("/slow?ms=100")).body == b"slow\n"


def test_the_deadline_of_a_head_begins_with_its_first_byte(hasty):
    """Idleness before it does not count: the other connection's deadline passes meanwhile."""
    with hasty.wire() as patient, hasty.wire() as late:
        assert patient.ask(CANARY).status == 200
        assert late.ask(b"G").status == 408
        assert patient.ask(CANARY).status == 200


def test_the_deadline_of_a_head_does_not_run_while_the_handler_works(hasty):
    """Half a request stands behind one that takes longer than a head may."""
    with hasty.wire() as wire:
        wire.send(get("/slow?ms=200") + b"GET /hello HTTP/1.1\r\n")
        assert wire.reply().body == b"slow\n"
        assert wire.ask(b"Host: kith.example\r\n\r\n").body == b"hello\n"


def test_a_handler_that_never_answers(hasty):
    """request_ms: 504, and it is the only reply."""
    with hasty.wire() as wire:
        assert wire.ask(get("/never")).status == 504
        with hasty.wire() as other:
            assert other.ask(CANARY).status == 200


def test_a_handler_that_answers_after_its_deadline(hasty):
    """The late answer goes nowhere; above all not to the next request."""
    with hasty.wire() as wire:
        wire.send(get("/slow?ms=500") + get("/slow?ms=10", "X-Request-Id: behind"))
        late = wire.reply()
        assert late.status == 504
        if not late.closes():
            assert wire.reply().field("X-Request-Id") == "behind"


def test_an_idle_connection_is_closed_without_a_word(idle):
    with idle.wire() as wire:
        assert wire.ask(get("/hello")).status == 200
        wire.closed()


def test_a_connection_that_never_says_anything_is_closed_without_a_word(idle):
    with idle.wire() as wire:
        wire.closed()


def test_a_connection_that_works_is_not_idle(idle):
    with idle.wire() as wire:
        wire.send(get("/slow?ms=600") + get("/events?count=8&interval_ms=100") + get("/hello"))
        assert wire.reply().body == b"slow\n"
        assert wire.reply().body.count(b"id:") == 8
        assert wire.reply().body == b"hello\n"
        wire.closed()


def test_a_client_that_reads_a_large_reply_is_not_idle(idle):
    """Idleness begins when the reply has been sent; until then stall_ms is what counts."""
    with idle.wire(receive_bytes=4096) as wire, idle.wire() as other:
        wire.send(get("/bytes?n=8000000"))
        wait_until(lambda: wire.server_side()[1] > 0, "the client's window is full")
        other.closed()  # by its own idleness, which began later
        assert wire.reply().body == b"x" * 8000000


def test_a_client_that_takes_nothing_is_cut():
    """stall_ms."""
    with running(stall_ms=300, arena_bytes=67108864) as probe:
        with probe.wire(receive_bytes=4096) as wire:
            wire.send(get("/bytes?n=30000000"))
            wait_until(lambda: wire.server_side()[1] > 0, "the client's window is full")
            wait_until(lambda: probe.stats()["connections_open"] == 1, "the client is cut")


def test_a_client_that_does_not_close_after_an_error_is_let_go():
    """linger_ms; the client has read the reply and the end, and stays."""
    with running(linger_ms=200) as probe, probe.wire() as wire:
        assert wire.ask(b"\0\r\n\r\n").status == 400
        wire.closed()
        wait_until(lambda: probe.stats()["connections_open"] == 1, "the connection is closed")


# Caps


def refused_at_the_door(wire):
    reply = wire.send(CANARY).reply()
    assert reply.status == 503 and reply.closes(), reply
    assert int(reply.field("Retry-After")) >= 1
    wire.closed()


def known(probe, **options):
    """A connection the server surely has accepted."""
    wire = probe.wire(**options)
    assert wire.ask(CANARY).status == 200
    return wire


def comes_in_again(probe, **options):
    """A place became free; the server may need a moment to see that."""

    def try_once():
        with probe.wire(**options) as wire:
            return wire.ask(CANARY).status == 200

    wait_until(try_once, "the place that became free")


def test_as_many_connections_as_may_be_and_one_more():
    with running(connections=5, connections_per_address=100) as probe:
        wires = [known(probe) for _ in range(5)]
        with probe.wire() as sixth:
            refused_at_the_door(sixth)
        with probe.wire() as silent:
            reply = silent.reply()
            assert reply.status == 503, "told without being asked"
        assert all(wire.ask(CANARY).status == 200 for wire in wires), "the others are not disturbed"
        wires.pop().socket.close()
        comes_in_again(probe)
        for wire in wires:
            wire.socket.close()


def test_as_many_connections_of_one_address_as_may_be_and_one_more():
    with running(connections=100, connections_per_address=2) as probe:
        wires = [known(probe), known(probe)]
        with probe.wire() as third:
            refused_at_the_door(third)
        other = [known(probe, source="127.0.0.2"), known(probe, source="127.0.0.2")]
        with probe.wire(source="127.0.0.2") as third:
            refused_at_the_door(third)
        wires.pop().reset()
        comes_in_again(probe)
        for wire in wires + other:
            wire.socket.close()


def test_connections_refused_at_the_door_take_nobodys_place():
    """One address far beyond its cap, that stays when it is refused, shuts nobody out."""
    with running(connections=20, connections_per_address=2, linger_ms=10000) as probe:
        flood = [probe.wire(source="127.0.0.2") for _ in range(40)]
        assert sum(wire.reply().status == 503 for wire in flood[2:]) == 38
        assert probe.ask(CANARY).status == 200
        for wire in flood:
            wire.reset()


def test_a_trusted_proxy_may_have_as_many_connections_as_there_are():
    """All clients share its address."""
    caps = {"connections": 12, "connections_per_address": 2}
    with running(**caps, trusted_proxies="127.0.0.1/32") as probe:
        wires = [known(probe) for _ in range(8)]
        strangers = [known(probe, source="127.0.0.2") for _ in range(2)]
        with probe.wire(source="127.0.0.2") as third:
            refused_at_the_door(third)
        for wire in wires + strangers:
            wire.socket.close()


def test_places_are_given_back_however_a_connection_ends():
    """Many more connections than places, one after the other, each ending in its own way."""
    endings = [
        get("/hello", "Connection: close"),
        get("/hello"),
        b"GET /hel",
        b"\0\r\n\r\n",
        post("/small", b"x" * 2000),
    ]
    with running(connections=3, connections_per_address=3) as probe:
        for number in range(40):
            wire = probe.wire()
            wire.send(endings[number % len(endings)])
            if number % 2:
                wire.reset()
            else:
                wire.half_close().rest()
                wire.socket.close()
            comes_in_again(probe)
        wait_until(lambda: probe.stats()["connections_open"] == 1, "only the asking one is left")
