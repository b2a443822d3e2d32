"""RFC 9112 §9: persistence, pipelining, closing. And the order of replies, whatever happens."""

import threading

import pytest
from wire import CANARY, Closed, chunked, get, post, request, row

PERSISTS = [
    row("9112/9.3 HTTP/1.1 by default", get("/hello"), None),
    row("9112/9.3 HTTP/1.1 with keep-alive", get("/hello", "Connection: keep-alive"), None),
    row("9110/7.6.1 HTTP/1.1 with an unknown option", get("/hello", "Connection: x-name"), None),
    row("9110/7.6.1 HTTP/1.1 with an empty list", get("/hello", "Connection: ,"), None),
    row(
        "9112/9.3 HTTP/1.0 with keep-alive",
        get("/hello", "Connection: keep-alive", version="HTTP/1.0"),
        "keep-alive",
    ),
    row(
        "9112/9.3 HTTP/1.0 with Keep-Alive in capitals",
        get("/hello", "Connection: Keep-Alive", version="HTTP/1.0"),
        "keep-alive",
    ),
    row("9110/15.5.5 after 404", get("/nowhere"), None),
    row("9110/15.5.6 after 405", request("DELETE", "/hello"), None),
    row("conventions/api after 409", get("/fail"), None),
    row(
        "9110/7.8 an Upgrade is ignored",
        get("/hello", "Connection: Upgrade", "Upgrade: websocket"),
        None,
    ),
]

CLOSES = [
    row("9112/9.3 HTTP/1.0 by default", get("/hello", version="HTTP/1.0")),
    row("9112/9.3 HTTP/1.1 with close", get("/hello", "Connection: close")),
    row("9110/7.6.1 close in capitals", get("/hello", "Connection: CLOSE")),
    row("9110/7.6.1 close in a list", get("/hello", "Connection: x-name , close")),
    row(
        "9110/7.6.1 close in the second field",
        get("/hello", "Connection: x-name", "Connection: close"),
    ),
    row("9112/9.3 close and keep-alive", get("/hello", "Connection: keep-alive, close")),
    row(
        "9112/9.3 HTTP/1.0 with close and keep-alive",
        get("/hello", "Connection: close, keep-alive", version="HTTP/1.0"),
    ),
    row("9112/9.6 close after a body", post("/echo", b"hello", "Connection: close")),
    row("9112/9.6 close on an error", get("/nowhere", "Connection: close")),
    row("9112/9.6 close on HEAD", request("HEAD", "/hello", "Connection: close")),
]


@pytest.mark.parametrize("data, said", PERSISTS)
def test_the_connection_persists(server, data, said):
    with server.wire() as wire:
        for _ in range(3):
            reply = wire.ask(data)
            assert not reply.closes()
            assert said is None or reply.field("Connection").lower() == said
        assert wire.ask(CANARY).field("X-Request-Id") == "canary"


@pytest.mark.parametrize("data", CLOSES)
def test_the_server_closes_and_executes_nothing_behind(server, data):
    """RFC 9112 §9.6: whatever follows `close` is not processed."""
    with server.wire() as wire:
        reply = wire.send(data + CANARY).reply(data.split()[0].decode())
        assert reply.closes()
        wire.closed()


def test_fifty_pipelined_requests_are_answered_in_order(server):
    """RFC 9112 §9.3.2."""
    with server.wire() as wire:
        wire.send(b"".join(get(f"/show?n={n}") for n in range(50)))
        shown = [wire.reply().json()["query"] for _ in range(50)]
    assert shown == [[["n", str(n)]] for n in range(50)]


def test_a_slow_reply_does_not_let_a_fast_one_pass(server):
    with server.wire() as wire:
        wire.send(get("/slow?ms=100") + get("/hello") + get("/slow?ms=50") + post("/echo", b"last"))
        assert [wire.reply().body for _ in range(4)] == [b"slow\n", b"hello\n", b"slow\n", b"last"]


def test_every_kind_of_reply_pipelined(server):
    asked = [
        (get("/hello"), "GET", 200),
        (request("HEAD", "/hello"), "HEAD", 200),
        (chunked("/echo", b"5\r\nhello\r\n0\r\n\r\n"), "POST", 200),
        (get("/stream?pieces=3&size=10"), "GET", 200),
        (request("OPTIONS", "/hello"), "OPTIONS", 204),
        (get("/nowhere"), "GET", 404),
        (get("/fail"), "GET", 409),
        (request("DELETE", "/hello"), "DELETE", 405),
        (get("/bytes?n=100000"), "GET", 200),
        (request("HEAD", "/bytes?n=100000"), "HEAD", 200),
        (get("/events?count=2&interval_ms=1"), "GET", 200),
        (post("/echo", b"last"), "POST", 200),
    ]
    with server.wire() as wire:
        wire.send(b"".join(data for data, _, _ in asked))
        assert [wire.reply(method).status for _, method, _ in asked] == [s for _, _, s in asked]
        assert not wire.answer_waits()


AHEAD = [
    row("ahead of a slow reply", get("/slow?ms=100")),
    row("ahead of a large reply", get("/bytes?n=3000000")),
    row("ahead of a streamed reply", get("/stream?pieces=50&size=65536")),
    row("ahead of events", get("/events?count=3&interval_ms=20")),
    row("ahead of a large body's echo", post("/echo", b"x" * 1000000)),
    row("ahead of a body taken in pieces", post("/count", b"x" * 1000000)),
]


@pytest.mark.parametrize("data", AHEAD)
def test_more_requests_than_the_server_reads_ahead(server, data):
    """200 KB of them wait while the first is worked on; then every one has its turn."""
    behind = [get(f"/show?n={n}", "X-Pad: " + "a" * 400) for n in range(400)]
    with server.wire() as wire:
        sender = threading.Thread(target=wire.send, args=[data + b"".join(behind)])
        sender.start()
        try:
            assert wire.reply().status == 200
            for number in range(len(behind)):
                assert wire.reply().json()["query"] == [["n", str(number)]]
        finally:
            sender.join()


def test_nothing_behind_a_malformed_request_is_executed(server):
    """RFC 9112 §2.2, §11.2: where one request is wrong, no one knows where the next begins."""
    before = server.stats()["requests"]
    with server.wire() as wire:
        bad = b"GET /hello HTTP/1.1\r\nBad Name: x\r\n\r\n"
        wire.send(get("/hello") * 3 + bad + get("/hello") * 10)
        assert [wire.reply().status for _ in range(4)] == [200, 200, 200, 400]
        wire.closed()
    after = server.stats()["requests"]
    assert 4 <= after - before <= 5, "three, the malformed one if it counts, and /stats"


def test_a_malformed_request_waits_for_the_replies_before_it(server):
    with server.wire() as wire:
        wire.send(get("/slow?ms=100") + b"\0\r\n\r\n")
        assert [wire.reply().status, wire.reply().status] == [200, 400]
        wire.closed()


HALF_CLOSED = [
    row("9112/9.6 after one request", get("/hello"), [b"hello\n"]),
    row("9112/9.6 after a slow one", get("/slow?ms=100"), [b"slow\n"]),
    row(
        "9112/9.6 after several",
        get("/slow?ms=50") + post("/echo", b"x") + get("/hello"),
        [b"slow\n", b"x", b"hello\n"],
    ),
    row("9112/9.6 after a large one", get("/bytes?n=3000000"), [b"x" * 3000000]),
    row("9112/9.6 after a streamed one", get("/stream?pieces=30&size=100000"), None),
    row("9112/9.6 with half a request behind", get("/hello") + b"GET /hel", [b"hello\n"]),
]


@pytest.mark.parametrize("data, bodies", HALF_CLOSED)
def test_a_client_that_half_closes_gets_its_replies(server, data, bodies):
    with server.wire() as wire:
        wire.send(data).half_close()
        if bodies is None:
            assert len(wire.reply().body) == 3000000
        else:
            assert [wire.reply().body for _ in bodies] == bodies
        try:
            assert wire.reply().status == 400, "the only word about the half request behind"
        except Closed as closed:
            assert closed.args[0] == b""


def test_a_client_that_says_nothing_and_half_closes_is_let_go(server):
    with server.wire() as wire:
        wire.half_close().closed()


def test_an_error_is_not_lost_while_the_client_still_sends(server):
    """RFC 9112 §9.6: closing in stages; a reset would throw the reply away at the client."""
    with server.wire() as wire:
        head = request("POST", "/small", "Content-Length: 4000000")
        wire.send(head + b"x" * 4000000)
        assert wire.reply().status == 413
        wire.closed()


def test_the_counters_count_connections_and_requests(server):
    with server.wire() as first, server.wire() as second:
        before = first.ask(get("/stats")).json()
        for _ in range(10):
            second.ask(get("/hello"))
        after = first.ask(get("/stats")).json()
    assert after["requests"] - before["requests"] == 11
    assert after["connections_open"] - before["connections_open"] <= 1
    assert after["connections_open"] >= 2


def test_a_connection_serves_many_requests(server):
    with server.wire() as wire:
        for number in range(500):
            assert wire.ask(post("/echo", b"%d" % number)).body == b"%d" % number


def test_many_connections_at_once(server):
    """RFC 9112 §9.4: a client may have several."""
    wires = [server.wire() for _ in range(100)]
    for number, wire in enumerate(wires):
        wire.send(get(f"/show?n={number}"))
    for number, wire in reversed(list(enumerate(wires))):
        assert wire.reply().json()["query"] == [["n", str(number)]]
        wire.socket.close()
