"""RFC 9112 §8: messages cut short, and messages that are not whole yet."""

import pytest
from wire import CANARY, Closed, chunked, get, request, row

CUT_SHORT = [
    row("9112/8 in the method", b"GE"),
    row("9112/8 in the target", b"GET /hel"),
    row("9112/8 after the request line", b"GET /hello HTTP/1.1\r\n"),
    row("9112/8 in a field", b"GET /hello HTTP/1.1\r\nHost: kith"),
    row("9112/8 before the last line end", get("/hello")[:-2]),
    row("9112/8 before the last byte", get("/hello")[:-1]),
    row("9112/8 before the body", request("POST", "/echo", "Content-Length: 5")),
    row("9112/8 in the body", request("POST", "/echo", "Content-Length: 5") + b"hell"),
    row("9112/8 before the first chunk", chunked("/echo", b"")),
    row("9112/8 in a chunk's size", chunked("/echo", b"5")),
    row("9112/8 in a chunk", chunked("/echo", b"5\r\nhel")),
    row("9112/8 after a chunk", chunked("/echo", b"5\r\nhello\r\n")),
    row("9112/8 before the last chunk's line", chunked("/echo", b"5\r\nhello\r\n0\r\n")),
    row("9112/8 in a trailer", chunked("/echo", b"0\r\nX: y\r\n")),
    row("9112/8 in a body taken in pieces", chunked("/count", b"5\r\nhello\r\n")),
]


@pytest.mark.parametrize("data", CUT_SHORT)
def test_a_message_cut_short_is_not_executed(server, data):
    """The client's FIN stands where the rest should be: 400 or no word at all, and the end."""
    with server.wire() as wire:
        wire.send(data).half_close()
        try:
            reply = wire.reply()
        except Closed as closed:
            assert closed.args[0] == b""
        else:
            assert reply.status == 400
            wire.closed()


@pytest.mark.parametrize("data", CUT_SHORT)
def test_a_message_cut_short_by_a_reset_hurts_nobody(server, data):
    wire = server.wire()
    wire.send(data).wait_taken()
    wire.reset()
    assert server.ask(get("/hello")).status == 200


@pytest.mark.parametrize("cut", range(1, len(get("/hello"))))
def test_a_head_in_two_pieces(server, cut):
    """Cut anywhere, the first piece alone gets no answer; h1spec's fragments are among them."""
    data = get("/hello")
    with server.wire() as wire:
        wire.send(data[:cut]).wait_taken()
        assert server.ask(CANARY).status == 200  # the loop has turned since
        assert not wire.answer_waits()
        assert wire.ask(data[cut:]).body == b"hello\n"
