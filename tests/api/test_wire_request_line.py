"""RFC 9112 §2 and §3: the message's shape, the request line, the target, Host."""

import pytest
from wire import CANARY, answered, get, refused, request, row

HOST = b"Host: kith.example\r\n"
TAIL = b" HTTP/1.1\r\n" + HOST + b"\r\n"


def line(text):
    """A request with this request line, sound from there on."""
    return text + b"\r\n" + HOST + b"\r\n"


BAD = {400}

REFUSED = [
    # §2.2: what a line is
    row("9112/2.2 two empty lines before the request line", b"\r\n\r\n" + get("/hello"), BAD),
    row("9112/2.2 a bare LF before the request line", b"\n" + get("/hello"), BAD),
    row("9112/2.2 a bare LF ends the request line", b"GET /hello HTTP/1.1\n" + HOST + b"\r\n", BAD),
    row("9112/2.2 bare LFs all through", get("/hello").replace(b"\r\n", b"\n"), BAD),
    row("9112/2.2 a bare LF ends the head", b"GET /hello HTTP/1.1\r\n" + HOST + b"\n", BAD),
    row("9112/2.2 a bare CR in the request line", line(b"GET /hello\rHTTP/1.1"), BAD),
    row(
        "9112/2.2 CR CR LF ends the request line",
        b"GET /hello HTTP/1.1\r\r\n" + HOST + b"\r\n",
        BAD,
    ),
    row(
        "9112/2.2 a bare CR ends the head",
        b"GET /hello HTTP/1.1\r\n" + HOST + b"\rX: y\r\n\r\n",
        BAD,
    ),
    row("9112/2.2 space before the first field", b"GET /hello HTTP/1.1\r\n " + HOST + b"\r\n", BAD),
    row("9112/2.2 tab before the first field", b"GET /hello HTTP/1.1\r\n\t" + HOST + b"\r\n", BAD),
    row("9112/2.2 a NUL first", b"\0" + get("/hello"), BAD),
    row(
        "9112/2.2 TLS spoken to a plain port",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        BAD,
    ),
    # §2.3: the version
    row("9112/2.3 HTTP/0.9's simple request", b"GET /hello\r\n\r\n", {400, 505}),
    row("9112/2.3 version HTTP/0.9", line(b"GET /hello HTTP/0.9"), {505}),
    row("9112/2.3 version HTTP/2.0", line(b"GET /hello HTTP/2.0"), {505}),
    row("9112/2.3 version HTTP/9.9", line(b"GET /hello HTTP/9.9"), {505}),
    row("9113/3.4 the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 501, 505}),
    row("9112/2.3 version in small letters", line(b"GET /hello http/1.1"), BAD),
    row("9112/2.3 version without a minor", line(b"GET /hello HTTP/1"), BAD),
    row("9112/2.3 version without a point", line(b"GET /hello HTTP/11"), BAD),
    row("9112/2.3 version of two minor digits", line(b"GET /hello HTTP/1.10"), BAD),
    row("9112/2.3 version with a leading zero", line(b"GET /hello HTTP/01.1"), BAD),
    row("9112/2.3 another protocol", line(b"GET /hello HTTQ/1.1"), BAD),
    row("9112/2.3 version empty", line(b"GET /hello "), BAD),
    # §3: the request line
    row("9112/3 two spaces before the target", line(b"GET  /hello HTTP/1.1"), BAD),
    row("9112/3 two spaces before the version", line(b"GET /hello  HTTP/1.1"), BAD),
    row("9112/3 space at the end", line(b"GET /hello HTTP/1.1 "), BAD),
    row("9112/3 space at the start", line(b" GET /hello HTTP/1.1"), BAD),
    row("9112/3 tab for a space", line(b"GET\t/hello HTTP/1.1"), BAD),
    row("9112/3 vertical tab for a space", line(b"GET /hello\x0bHTTP/1.1"), BAD),
    row("9112/3 form feed for a space", line(b"GET\x0c/hello HTTP/1.1"), BAD),
    row("9112/3 a method alone", line(b"GET"), BAD),
    row("9112/3 words before the method", line(b"Extra lineGET /hello HTTP/1.1"), BAD),
    # §3.1: the method
    row("9112/3.1 method with @", line(b"G@T /hello HTTP/1.1"), BAD),
    row("9112/3.1 method with (", line(b"GET( /hello HTTP/1.1"), BAD),
    row("9112/3.1 method with a control character", line(b"GET\x01 /hello HTTP/1.1"), BAD),
    row("9112/3.1 method with NUL", line(b"GE\0T /hello HTTP/1.1"), BAD),
    row("9112/3.1 method with a byte above ASCII", line(b"G\xc3\x89T /hello HTTP/1.1"), BAD),
    # §3.2: the target
    row("9112/3.2 target empty", line(b"GET  HTTP/1.1"), BAD),
    row("9112/3.2 target without a slash", line(b"GET hello HTTP/1.1"), BAD),
    row("9112/3.2 target with a fragment", line(b"GET /hello#top HTTP/1.1"), BAD),
    row("9112/3.2 target with a space", line(b"GET /he llo HTTP/1.1"), BAD),
    row("9112/3.2 target with a control character", line(b"GET /he\x01llo HTTP/1.1"), BAD),
    row("9112/3.2 target with NUL", line(b"GET /hello\0.txt HTTP/1.1"), BAD),
    row("9112/3.2 target with DEL", line(b"GET /he\x7fllo HTTP/1.1"), BAD),
    row("9112/3.2 target in raw UTF-8", line("GET /show/é HTTP/1.1".encode()), BAD),
    row("9112/3.2 query in raw UTF-8", line("GET /show?a=é HTTP/1.1".encode()), BAD),
    row("9112/3.2 target with a backslash", line(b"GET /show\\a HTTP/1.1"), BAD),
    row("9112/3.2 target with a quotation mark", line(b'GET /show/"a" HTTP/1.1'), BAD),
    row("9112/3.2 target with <", line(b"GET /show/<a> HTTP/1.1"), BAD),
    row(
        "9112/3.2.2 absolute form of another host",
        line(b"GET http://other.example/hello HTTP/1.1"),
        BAD,
    ),
    row(
        "9112/3.2.2 absolute form with user information",
        line(b"GET http://a@kith.example/hello HTTP/1.1"),
        BAD,
    ),
    row("9112/3.2.2 absolute form without a host", line(b"GET http:///hello HTTP/1.1"), BAD),
    row(
        "9112/3.2.2 absolute form of another scheme",
        line(b"GET ftp://kith.example/hello HTTP/1.1"),
        BAD,
    ),
    row("9112/3.2.3 authority form", line(b"GET kith.example:80 HTTP/1.1"), BAD),
    row("9112/3.2.4 asterisk with GET", line(b"GET * HTTP/1.1"), BAD),
    row("9112/3.2.4 asterisk with a path", line(b"OPTIONS *hello HTTP/1.1"), BAD),
    row("3986/2.1 % and one digit", line(b"GET /show/%2 HTTP/1.1"), BAD),
    row("3986/2.1 % and no digits", line(b"GET /show/% HTTP/1.1"), BAD),
    row("3986/2.1 % and no hexadecimal digits", line(b"GET /show/%zz HTTP/1.1"), BAD),
    row("3986/2.1 %00 in the path", line(b"GET /show/a%00b HTTP/1.1"), BAD),
    row("3986/2.5 ill-formed UTF-8 in the path", line(b"GET /show/%ff HTTP/1.1"), BAD),
    row("3986/2.5 over-long UTF-8 in the path", line(b"GET /show/%c0%af HTTP/1.1"), BAD),
    row("3986/2.5 a surrogate in the path", line(b"GET /show/%ed%a0%80 HTTP/1.1"), BAD),
    row("3986/3.3 dot segment", line(b"GET /show/./a HTTP/1.1"), BAD),
    row("3986/3.3 double dot segment", line(b"GET /show/../hello HTTP/1.1"), BAD),
    row("3986/3.3 double dot segment, encoded", line(b"GET /show/%2e%2E/hello HTTP/1.1"), BAD),
    row("3986/3.3 double dot segment, half encoded", line(b"GET /show/.%2e HTTP/1.1"), BAD),
    # Host: RFC 9112 §3.2, RFC 9110 §7.2
    row("9112/3.2 no Host", b"GET /hello HTTP/1.1\r\n\r\n", BAD),
    row("9112/3.2 two Hosts", get("/hello", "Host: other.example"), BAD),
    row("9112/3.2 the same Host twice", get("/hello", "Host: kith.example"), BAD),
    row("9112/3.2 Host with a space", get("/hello", host="kith example"), BAD),
    row("9112/3.2 Host with a path", get("/hello", host="kith.example/x"), BAD),
    row("9112/3.2 Host with user information", get("/hello", host="a@kith.example"), BAD),
    row("9112/3.2 Host with a list", get("/hello", host="kith.example, other.example"), BAD),
    row("9112/3.2 Host with a port of letters", get("/hello", host="kith.example:http"), BAD),
    row("9112/3.2 Host with half a bracket", get("/hello", host="[::1"), BAD),
    row("9112/3.2 Host with a NUL", get("/hello", host="kith\0.example"), BAD),
    row(
        "9112/3.2 two Hosts in HTTP/1.0",
        get("/hello", "Host: other.example", version="HTTP/1.0"),
        BAD,
    ),
]


@pytest.mark.parametrize("slices", [None, [1]], ids=["whole", "bytewise"])
@pytest.mark.parametrize("data, statuses", REFUSED)
def test_refused(server, data, statuses, slices):
    refused(server, data, statuses, slices)


ACCEPTED = [
    row("9112/2.2 one empty line before the request line", b"\r\n" + get("/hello"), 200),
    row("9112/3.2.2 absolute form of our host", get("http://kith.example/hello"), 200),
    row(
        "9110/4.2.3 absolute form, scheme and host in capitals",
        get("HTTP://KITH.example/hello"),
        200,
    ),
    row(
        "9112/3.2.2 absolute form with our port",
        get("http://kith.example:81/hello", host="kith.example:81"),
        200,
    ),
    row("9112/3.2 Host with a port", get("/hello", host="kith.example:8080"), 200),
    row("9112/3.2 Host an IPv6 literal", get("/hello", host="[2001:db8::1]:8080"), 200),
    row("9112/3.2 Host an IPv4 address", get("/hello", host="192.0.2.1"), 200),
    row(
        "9110/5.1 Host in any case, after a tab",
        b"GET /hello HTTP/1.1\r\nhoSt:\tkith.example\r\n\r\n",
        200,
    ),
    row("3986/3.4 query empty", get("/hello?"), 200),
    row("conventions/api brackets in a query", get("/show?created_at[gte]=2026-07-01"), 200),
    row("9112/3.2 a slash at the start more is another path", get("//hello"), 404),
    row("9112/3.2 a slash at the end more is another path", get("/hello/"), 404),
    row("9112/3.2 a host in the path is not an authority", get("//other.example/hello"), 404),
    row("9110/4.2.3 paths are case-sensitive", get("/Hello"), 404),
    row("9110/9.1 methods are case-sensitive", request("get", "/hello"), 501),
    row("9110/9.1 an unknown method", request("BREW", "/hello"), 501),
    row(
        "9110/9.1 an unknown method, every token character",
        request("!#$%&'*+-.^_`|~0aZ", "/hello"),
        501,
    ),
    row("9110/9.3.8 TRACE is not served", request("TRACE", "/hello"), 501),
]


@pytest.mark.parametrize("slices", [None, [1]], ids=["whole", "bytewise"])
@pytest.mark.parametrize("data, status", ACCEPTED)
def test_answered_and_the_connection_goes_on(server, data, status, slices):
    with server.wire() as wire:
        wire.send(data + CANARY, slices)
        reply = wire.reply()
        assert reply.status == status, reply
        if reply.closes():  # an unknown method may have a body we cannot tell: closing is fair
            assert status == 501
            wire.closed()
        else:
            assert wire.reply().field("X-Request-Id") == "canary"


def test_connect_is_refused(server):
    """RFC 9110 §9.3.6: we are no proxy."""
    with server.wire() as wire:
        assert wire.ask(request("CONNECT", "kith.example:443")).status in (400, 501)


def test_a_higher_minor_version_is_served_as_1_1(server):
    """RFC 9110 §2.5, §6.2: the highest minor version we know of that major one."""
    reply = server.ask(request("GET", "/hello", version="HTTP/1.2"))
    assert reply.status == 200 and reply.body == b"hello\n"


def test_http_1_0_without_host_is_served(server):
    """RFC 9112 §3.2 asks for Host in HTTP/1.1 requests only."""
    with server.wire() as wire:
        assert wire.ask(get("/hello", host=None, version="HTTP/1.0")).body == b"hello\n"
        wire.closed()


def test_a_target_as_long_as_may_be_and_one_byte_longer(server):
    """RFC 9112 §3: 414 beyond 8,192 bytes of request line, its end not counted."""
    room = 8192 - len("GET /show? HTTP/1.1")
    assert answered(server, get("/show?" + "a" * room)).json()["query"] == [["a" * room, ""]]
    refused(server, get("/show?" + "a" * (room + 1)), {414})


def test_a_target_that_never_ends_is_refused_as_soon_as_it_is_too_long(server):
    with server.wire() as wire:
        assert wire.ask(b"GET /" + b"a" * 9000).status == 414
        wire.closed()


def test_a_method_that_never_ends_is_refused(server):
    with server.wire() as wire:
        assert wire.ask(b"A" * 9000).status == 400
        wire.closed()


def test_a_path_as_deep_as_may_be_and_one_deeper(server):
    """16 segments; nothing of ours is that deep."""
    answered(server, get("/a" * 16), 404)
    assert server.ask(get("/a" * 17)).status == 414


def test_as_many_parameters_as_may_be_and_one_more(server):
    query = "&".join(f"p{n}={n}" for n in range(100))
    assert len(answered(server, get("/show?" + query)).json()["query"]) == 100
    assert server.ask(get("/show?" + query + "&one=more")).status == 400


SHOWN = [
    row("3986/2.1 an encoded slash stays in its segment", "/show/a%2Fb", ["a/b"], []),
    row("3986/2.1 decoding happens once", "/show/%2541", ["%41"], []),
    row("3986/2.5 UTF-8, encoded", "/show/caf%C3%A9/%F0%9F%8D%8E", ["café", "🍎"], []),
    row("3986/3.3 + is a plus in a path", "/show/a+b", ["a+b"], []),
    row("3986/3.3 ; and = are plain in a path", "/show/a;v=1", ["a;v=1"], []),
    row("3986/3.3 sub-delimiters, : and @", "/show/!$&'()*,:@-._~", ["!$&'()*,:@-._~"], []),
    row("url/5.1 + is a space in a query", "/show?q=a+b", [], [["q", "a b"]]),
    row("url/5.1 names are decoded too", "/show?a%5Bb%5D=1", [], [["a[b]", "1"]]),
    row("url/5.1 no =, no value, no name", "/show?a&b=&=c", [], [["a", ""], ["b", ""], ["", "c"]]),
    row("url/5.1 empty pieces are skipped", "/show?&&a=1&&b=2&", [], [["a", "1"], ["b", "2"]]),
    row(
        "url/5.1 names repeat, in order",
        "/show?a=1&b=2&a=3",
        [],
        [["a", "1"], ["b", "2"], ["a", "3"]],
    ),
    row("url/5.1 the first = parts", "/show?a=b=c", [], [["a", "b=c"]]),
    row("url/5.1 ; does not part", "/show?a=1;b=2", [], [["a", "1;b=2"]]),
    row("url/5.1 ? is plain in a query", "/show?a=?", [], [["a", "?"]]),
    row("url/5.1 names are case-sensitive", "/show?A=1&a=2", [], [["A", "1"], ["a", "2"]]),
    row("url/5.1 UTF-8, encoded", "/show?caf%C3%A9=%E2%82%AC", [], [["café", "€"]]),
]


@pytest.mark.parametrize("target, segments, query", SHOWN)
def test_a_handler_gets_path_and_query_decoded_once(server, target, segments, query):
    shown = answered(server, get(target)).json()
    assert (shown["method"], shown["segments"], shown["query"]) == ("GET", segments, query)
    assert shown["host"] == "kith.example"


@pytest.mark.parametrize("query", ["a=%00", "%00=a", "a=%", "a=%4", "a=%zz", "a=%ff", "a=%c0%80"])
def test_a_query_that_cannot_be_decoded_is_refused(server, query):
    assert server.ask(get(f"/show?{query}")).status == 400
