"""However the bytes are cut, the replies are the same."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire import Closed, chunked, get, post, request

REQUESTS = [
    ("GET", get("/hello")),
    ("GET", b"\r\n" + get("/show/a%2Fb?x=1&y=%C3%A9")),
    ("HEAD", request("HEAD", "/hello")),
    ("OPTIONS", request("OPTIONS", "/echo")),
    ("GET", get("/nowhere")),
    ("GET", get("/fail")),
    ("DELETE", request("DELETE", "/hello")),
    ("POST", post("/echo", b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", "Content-Type: text/plain")),
    ("POST", post("/small", b"x" * 1024)),
    ("POST", chunked("/echo", b'5;a="b"\r\nhello\r\n4\r\n\r\n\r\n\r\n0\r\nX: y\r\n\r\n')),
    ("PUT", chunked("/echo", b"0a\r\n0123456789\r\n0\r\n\r\n", method="PUT")),
    ("GET", get("/stream?pieces=4&size=9")),
    ("GET", get("/bytes?n=5000")),
]

LAST = [
    ("GET", b""),
    ("GET", get("/hello", "Connection: close")),
    ("GET", get("/hello", version="HTTP/1.0")),
    ("GET", b"GET /hello HTTP/1.1\r\nBad Name: x\r\n\r\n" + get("/hello")),
    ("GET", b"GET /hello HTTP/1.1\nHost: a\n\n"),
    ("POST", post("/small", b"x" * 1025)),
    ("POST", chunked("/echo", b"0\r\n\r\n", "Content-Length: 5")),
    ("POST", chunked("/echo", b"0x5\r\nhello\r\n0\r\n\r\n")),
    ("GET", get("/hello")[:-2]),
]


def replies(server, asked, slices):
    """All replies to these requests, up to the close that half-closing brings."""
    found = []
    with server.wire() as wire:
        wire.send(b"".join(data for _, data in asked), slices).half_close()
        for method, _ in [*asked, ("GET", b"")]:
            try:
                found.append(wire.reply(method).comparable())
            except Closed as closed:
                assert closed.args[0] == b""
                break
    return found


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_byte_by_byte(server, number):
    asked = [REQUESTS[number], REQUESTS[0]]
    whole = replies(server, asked, None)
    assert len(whole) == 2 and replies(server, asked, [1]) == whole


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    asked=st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=6),
    last=st.sampled_from(LAST),
    slices=st.lists(st.one_of(st.integers(1, 8), st.integers(1, 700)), min_size=1, max_size=40),
)
def test_random_slices(server, asked, last, slices):
    """The last slice's length repeats to the end, so a tail may well go byte by byte."""
    whole = replies(server, [*asked, last], None)
    assert len(whole) >= len(asked)
    assert replies(server, [*asked, last], slices) == whole
