"""Back-pressure both ways, streamed replies, events, clients that leave, and slow attacks."""

import contextlib
import re
import select

import pytest
from probe import running
from wire import CANARY, Closed, chunked, get, post, ready, request, row, wait_until

MIB = 1048576
BUFFERED_BYTES = 4 * MIB  # of output, at most, whatever clients do


@pytest.fixture
def alone():
    """A server whose counters no other test moves."""
    caps = {"connections": 5000, "connections_per_address": 5000}
    with running(**caps, request_ms=600000, drain_ms=300, arena_bytes=64 * MIB) as probe:
        yield probe


def stalled(wire):
    """The server has bytes for this client that the client's kernel does not take."""
    side = wire.server_side()
    return side is not None and side[1] > 0


def others_are_served(probe, count=30):
    for _ in range(count):
        assert probe.ask(CANARY).status == 200


# Streamed replies

STREAMS = [(0, 10), (1, 1), (3, 10), (1, 1000000), (500, 7), (40, 100000)]


@pytest.mark.parametrize("pieces, size", STREAMS)
def test_a_streamed_reply_is_chunked(server, pieces, size):
    """RFC 9112 §7.1; and the connection goes on."""
    with server.wire() as wire:
        reply = wire.ask(get(f"/stream?pieces={pieces}&size={size}"))
        assert reply.field("Transfer-Encoding") == "chunked"
        assert reply.field("Content-Length") is None
        assert len(reply.body) == pieces * size
        assert wire.ask(CANARY).field("X-Request-Id") == "canary"


@pytest.mark.parametrize("pieces, size", STREAMS)
def test_a_streamed_reply_ends_with_the_connection_in_http_1_0(server, pieces, size):
    """RFC 9112 §6.1: a client of HTTP/1.0 knows no chunks, even one that asks to keep alive."""
    with server.wire() as wire:
        target = f"/stream?pieces={pieces}&size={size}"
        reply = wire.ask(get(target, "Connection: keep-alive", version="HTTP/1.0"))
        assert reply.field("Transfer-Encoding") is None and reply.field("Content-Length") is None
        assert len(reply.body) == pieces * size
        wire.closed()


def test_a_reply_that_is_given_up_in_the_middle_looks_cut(server):
    """RFC 9112 §8: no last chunk, so that nobody takes the half for the whole."""
    with server.wire() as wire:
        reply = wire.send(get("/cut") + CANARY).head()
        assert reply.status == 200
        with pytest.raises(Closed):
            list(wire.chunks())


@pytest.mark.parametrize("count", [0, 1, 65536, 10 * MIB])
def test_a_reply_of_any_size_arrives_whole(server, count):
    reply = server.ask(get(f"/bytes?n={count}"))
    assert reply.field("Content-Length") == str(count) and reply.body == b"x" * count


def test_a_large_body_comes_back(server):
    body = bytes(range(256)) * 4096
    assert server.ask(post("/echo", body)).body == body


# Clients that do not read


def test_a_stream_nobody_reads_stays_in_its_source(alone):
    """Of 200 MiB the server holds little; read at last, all of them come."""
    with alone.wire(receive_bytes=4096) as wire:
        wire.send(get(f"/stream?pieces=3200&size={MIB // 16}"))
        wait_until(lambda: stalled(wire), "the client's window is full")
        others_are_served(alone)
        assert 0 < alone.stats()["bytes_buffered"] <= BUFFERED_BYTES
        reply = wire.head()
        assert sum(len(chunk) for chunk in wire.chunks()) == 200 * MIB and reply.status == 200
        assert alone.stats()["bytes_buffered"] <= BUFFERED_BYTES


def test_many_streams_nobody_reads(alone):
    wires = [alone.wire(receive_bytes=4096) for _ in range(50)]
    for wire in wires:
        wire.send(get(f"/stream?pieces=3200&size={MIB // 16}"))
    wait_until(lambda: all(stalled(wire) for wire in wires), "every client's window is full")
    others_are_served(alone)
    assert alone.stats()["bytes_buffered"] <= BUFFERED_BYTES
    for wire in wires:
        wire.reset()
    wait_until(lambda: alone.stats()["connections_open"] == 1, "the streams end with their clients")


def flood(probe, wire, data, most):
    """Sends `data` again and again until nobody takes more; how much went out."""
    sent = 0
    wire.socket.setblocking(False)
    while sent < most:
        try:
            sent += wire.socket.send(data[sent % len(data) :])
        except BlockingIOError:
            others_are_served(probe, 10)
            if not ready(wire.socket, select.POLLOUT, 0.2):
                return sent
    raise AssertionError(f"the server took {sent} bytes of requests and was ready for more")


@pytest.mark.parametrize("target", ["/bytes?n=65536", "/stream?pieces=100&size=65536"])
def test_requests_behind_a_reply_nobody_reads_stay_outside(alone, target):
    """The server stops reading: memory does not fill with requests nor with replies."""
    with alone.wire(receive_bytes=4096, send_bytes=65536) as wire:
        flood(alone, wire, get(target) * 1000, 64 * MIB)
        assert alone.stats()["bytes_buffered"] <= BUFFERED_BYTES
        others_are_served(alone)
        wire.reset()
    wait_until(lambda: alone.stats()["connections_open"] == 1, "the client that left is forgotten")


def test_a_reply_taken_late_is_whole(alone):
    """And so are those behind it: 8 MiB are read only when the server has stalled."""
    with alone.wire(receive_bytes=4096) as wire:
        wire.send(get(f"/bytes?n={8 * MIB}") + get("/hello"))
        wait_until(lambda: stalled(wire), "the client's window is full")
        others_are_served(alone)
        assert wire.reply().body == b"x" * (8 * MIB)
        assert wire.reply().body == b"hello\n"


# Clients that leave

LEFT = [
    row("leaves in a head", b"GET /hello HTTP/1.1\r\nHos"),
    row("leaves in a body", request("POST", "/echo", "Content-Length: 50") + b"hello"),
    row("leaves in a chunk", chunked("/echo", b"50\r\nhello")),
    row(
        "leaves before 100",
        request("POST", "/echo", "Content-Length: 50", "Expect: 100-continue"),
    ),
    row("leaves while the handler works", get("/never")),
    row("leaves while the handler works, more behind", get("/never") + get("/hello") * 20),
    row("leaves in a large reply", get(f"/bytes?n={32 * MIB}")),
    row("leaves in a streamed reply", get("/stream?pieces=3000&size=65536")),
    row("leaves in a stream of events", get("/events?count=100000&interval_ms=20")),
    row("leaves between requests", get("/hello")),
]


@pytest.mark.parametrize("data", LEFT)
def test_a_client_that_leaves_is_forgotten_at_once(alone, data):
    """Long before any deadline; and with it goes all that was held for it."""
    wire = alone.wire(receive_bytes=4096)
    wire.send(data).wait_taken()
    others_are_served(alone, 3)
    assert alone.stats()["connections_open"] == 2
    wire.reset()
    wait_until(lambda: alone.stats()["connections_open"] == 1, "the server sees the client leave")
    others_are_served(alone, 3)


@pytest.mark.parametrize(
    "target", ["/slow?ms=150", f"/bytes?n={8 * MIB}", "/stream?pieces=100&size=65536"]
)
def test_a_client_that_hangs_up_before_the_reply(alone, target):
    """FIN, not RST: the reply is written to nobody."""
    wire = alone.wire()
    wire.send(get(target)).wait_taken()
    wire.socket.close()
    wait_until(lambda: alone.stats()["connections_open"] == 1, "the server sees the client leave")


def test_a_hundred_clients_that_leave_in_their_streams(alone):
    for _ in range(100):
        wire = alone.wire()
        wire.send(get("/stream?pieces=3000&size=65536"))
        assert wire.head().status == 200
        wire.reset()
    wait_until(lambda: alone.stats()["connections_open"] == 1, "every one is forgotten")


# Server-sent events

EVENT = re.compile(r"(?:(?:id|event|data|retry): ?[^\n]*\n|:[^\n]*\n)+\n")


def events(text):
    """A stream's events as (id, event, data), without comments; no line may be of another form."""
    assert EVENT.sub("", text) == "", text
    found = []
    for block in filter(None, text.split("\n\n")):
        lines = [line for line in block.split("\n") if not line.startswith(":")]
        pairs = [re.split(r": ?", line, maxsplit=1) for line in lines]
        data = "\n".join(value for name, value in pairs if name == "data")
        if data:
            found.append((dict(pairs).get("id"), dict(pairs).get("event"), data))
    return found


def test_events_come_in_their_format(server):
    """HTML §9.2.5; no proxy may keep or buffer them."""
    with server.wire() as wire:
        reply = wire.ask(get("/events?count=5&interval_ms=5"))
        assert reply.status == 200
        assert reply.field("Content-Type").split(";")[0] == "text/event-stream"
        assert "no-store" in reply.field("Cache-Control")
        assert reply.field("X-Accel-Buffering") == "no"
        found = events(reply.body.decode())
        data = '{"line":1}\nsecond line'
        assert found == [(str(number), "tick", data) for number in range(5)]
        assert wire.ask(CANARY).status == 200


def test_an_event_comes_when_it_happens_and_not_when_the_stream_ends(alone):
    with alone.wire() as wire:
        wire.send(get("/events?count=100000&interval_ms=10"))
        assert wire.head().field("Transfer-Encoding") == "chunked"
        text = ""
        chunks = wire.chunks()
        while text.count("id:") < 3:
            text += next(chunks).decode()
        wire.reset()
    wait_until(lambda: alone.stats()["connections_open"] == 1, "the stream ends with its client")


def test_events_in_http_1_0_end_with_the_connection(server):
    reply = server.ask(get("/events?count=3&interval_ms=1", version="HTTP/1.0"))
    assert len(events(reply.body.decode())) == 3


def test_a_quiet_stream_of_events_says_that_it_lives():
    with running(sse_ping_ms=50) as probe:
        text = probe.ask(get("/events?count=2&interval_ms=500")).body.decode()
    assert text.count(": ping\n\n") >= 2 and len(events(text)) == 2


# Slow attacks


def test_slow_and_idle_connections_do_not_disturb_a_client(alone):
    """200 connections drip their heads, 2,000 say nothing, and one is answered, in order."""
    drips = b"GET /hello HTTP/1.1\r\nHost: kith.example\r\nX-Slow: " + b"a" * 200
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(alone.wire()) for _ in range(200)]
        idle = [stack.enter_context(alone.wire()) for _ in range(2000)]
        wait_until(lambda: alone.stats()["connections_open"] == 2201, "all are in")
        client = stack.enter_context(alone.wire())
        for number in range(200):
            for wire in slow:
                wire.socket.send(drips[number : number + 1])
            shown = client.ask(get(f"/show?n={number}")).json()
            assert shown["query"] == [["n", str(number)]]
        assert not any(wire.answer_waits() for wire in slow + idle), "none was answered or closed"
        for wire in slow:
            wire.socket.send(drips[200:] + b"\r\n\r\n")
        assert all(wire.reply().body == b"hello\n" for wire in slow), "slow is not wrong"
        assert idle[-1].ask(CANARY).status == 200
