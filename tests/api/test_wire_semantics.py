"""RFC 9110: what a server must do; RFC 9457 problems; request ids; who the client is."""

import pytest
from probe import running
from wire import CANARY, UUIDV7, answered, chunked, get, post, refused, request, row

EVERY_METHOD = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

# §6.6.1 Date and the like are checked on every reply by wire.check_reply.


def test_the_date_is_now(server):
    """§6.6.1; Date's format is checked on every reply there is."""
    dates = {server.ask(get("/hello")).field("Date") for _ in range(3)}
    assert all(date.endswith(" GMT") for date in dates)


HEADS = ["/hello", "/bytes?n=0", "/bytes?n=1000000", "/nowhere", "/fail", "/show/a/b"]


def but_length(reply):
    return [field for field in reply.comparable()[2] if field[0].lower() != "content-length"]


@pytest.mark.parametrize("target", HEADS)
def test_head_is_get_without_the_body(server, target):
    """§9.3.2, §8.6: the same status and fields, Content-Length as GET's."""
    with server.wire() as wire:
        got = wire.ask(get(target, "X-Request-Id: same"))
        headed = wire.ask(request("HEAD", target, "X-Request-Id: same"), "HEAD")
        assert headed.status == got.status and headed.body == b""
        assert but_length(headed) == but_length(got)
        if target.startswith("/show"):  # its body names the method
            assert headed.field("Content-Length")
        else:
            assert headed.field("Content-Length") in (None, str(len(got.body)))
        assert wire.ask(CANARY).field("X-Request-Id") == "canary"


@pytest.mark.parametrize("target, length", [("/hello", "6"), ("/bytes?n=1000", "1000")])
def test_head_has_the_content_length_of_get(server, target, length):
    assert server.ask(request("HEAD", target), "HEAD").field("Content-Length") == length


@pytest.mark.parametrize("target", ["/stream?pieces=3&size=10", "/events?count=2&interval_ms=1"])
def test_head_of_a_streamed_reply_has_no_body(server, target):
    answered(server, request("HEAD", target), method="HEAD")


OPTIONS = [
    row("9110/9.3.7 a route with GET", "/hello", {"GET", "HEAD", "OPTIONS"}),
    row("9110/9.3.7 a route with three methods", "/echo", {"POST", "PUT", "PATCH", "OPTIONS"}),
    row("9110/9.3.7 a route with GET and POST", "/slow", {"GET", "HEAD", "POST", "OPTIONS"}),
    row("9110/9.3.7 a route with captures", "/show/a/b", {"GET", "HEAD", "OPTIONS"}),
]


@pytest.mark.parametrize("target, methods", OPTIONS)
def test_options_tells_the_methods(server, target, methods):
    reply = answered(server, request("OPTIONS", target), 204)
    assert reply.allow() == methods and reply.body == b""


@pytest.mark.parametrize("target, methods", OPTIONS)
def test_a_method_the_route_does_not_know(server, target, methods):
    """§15.5.6: 405 with Allow."""
    for method in EVERY_METHOD - methods:
        with server.wire() as wire:
            reply = wire.ask(request(method, target), method)
            assert reply.status == 405 and reply.allow() == methods, method


def test_options_asterisk_is_about_the_server(server):
    """§9.3.7. The probe has no route with DELETE."""
    reply = answered(server, request("OPTIONS", "*"), 204)
    assert EVERY_METHOD - {"DELETE"} <= reply.allow() <= EVERY_METHOD


def test_options_of_nothing(server):
    answered(server, request("OPTIONS", "/nowhere"), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_the_methods_with_a_body(server, method):
    reply = answered(server, request(method, "/echo", "Content-Type: text/x-test", body=b"hello"))
    assert reply.body == b"hello" and reply.field("Content-Type") == "text/x-test"


def test_204_has_neither_body_nor_length(server):
    """§8.6, §15.3.5; wire.Wire.body looks at the fields."""
    assert answered(server, request("OPTIONS", "/echo"), 204).body == b""


# §10.1.1 Expect


@pytest.mark.parametrize("value", ["100-continue", "100-Continue", "100-CONTINUE"])
@pytest.mark.parametrize("body", ["length", "chunks"])
def test_a_client_that_waits_is_told_to_continue(connection, value, body):
    if body == "length":
        connection.send(request("POST", "/echo", "Content-Length: 5", f"Expect: {value}"))
    else:
        connection.send(chunked("/echo", b"", f"Expect: {value}"))
    assert connection.interim().status == 100
    assert not connection.answer_waits()
    connection.send(b"hello" if body == "length" else b"5\r\nhello\r\n0\r\n\r\n")
    assert connection.reply().body == b"hello"
    assert connection.ask(CANARY).status == 200


def test_100_is_sent_once_for_a_body_in_many_pieces(connection):
    connection.send(request("POST", "/echo", "Content-Length: 5", "Expect: 100-continue"))
    assert connection.interim().status == 100
    assert connection.send_bytewise(b"hello").reply().body == b"hello"


def test_100_waits_for_the_replies_before_it(connection):
    connection.send(get("/slow?ms=50"))
    connection.send(request("POST", "/echo", "Content-Length: 5", "Expect: 100-continue"))
    assert connection.reply().body == b"slow\n"
    assert connection.interim().status == 100
    assert connection.send(b"hello").reply().body == b"hello"


def test_a_body_that_came_along_may_do_without_100(connection):
    connection.send(request("POST", "/echo", "Expect: 100-continue", body=b"hello"))
    reply = connection.head()
    if reply.status == 100:
        reply = connection.head()
    connection.body(reply, "POST")
    assert reply.status == 200 and reply.body == b"hello"


FINAL_AT_ONCE = [
    row(
        "9110/10.1.1 too large",
        request("POST", "/small", "Content-Length: 1025", "Expect: 100-continue"),
        {413},
    ),
    row(
        "9110/10.1.1 an unknown path",
        request("POST", "/nowhere", "Content-Length: 5", "Expect: 100-continue"),
        {404},
    ),
    row(
        "9110/10.1.1 a wrong method",
        request("DELETE", "/echo", "Content-Length: 5", "Expect: 100-continue"),
        {405},
    ),
    row(
        "9110/10.1.1 malformed",
        request("POST", "/echo", "Content-Length: 5x", "Expect: 100-continue"),
        {400},
    ),
    row(
        "9110/10.1.1 another expectation",
        request("POST", "/echo", "Content-Length: 5", "Expect: a-miracle"),
        {417},
    ),
    row(
        "9110/10.1.1 another expectation beside it",
        request("POST", "/echo", "Content-Length: 5", "Expect: 100-continue, x=y"),
        {417},
    ),
    row("9110/10.1.1 no body to wait for", get("/hello", "Expect: 100-continue"), {200}),
]


@pytest.mark.parametrize("data, statuses", FINAL_AT_ONCE)
def test_a_client_that_waits_is_told_the_end_at_once(connection, data, statuses):
    """No 100 when the body will not be read."""
    assert connection.ask(data).status in statuses


def test_the_body_of_a_refused_expectation_is_not_the_next_request(server):
    with server.wire() as wire:
        head = request("POST", "/nowhere", f"Content-Length: {len(CANARY)}", "Expect: 100-continue")
        wire.send(head)
        reply = wire.reply()
        assert reply.status == 404
        wire.send(CANARY + get("/hello", "X-Request-Id: behind"))
        if reply.closes():
            wire.closed()
        else:
            assert wire.reply().field("X-Request-Id") == "behind"


def test_http_1_0_does_not_know_100(server):
    """§10.1.1: an expectation in HTTP/1.0 is ignored."""
    with server.wire() as wire:
        fields = ("Content-Length: 5", "Expect: 100-continue")
        wire.send(request("POST", "/echo", *fields, version="HTTP/1.0")).wait_taken()
        assert server.ask(CANARY).status == 200
        assert not wire.answer_waits()
        assert wire.ask(b"hello").body == b"hello"


# §15 statuses, RFC 9457 problems

PROBLEMS = [
    row("400 malformed", b"GET /hello HTTP/1.1\r\n\r\n", 400, "malformed_request"),
    row("404 not found", get("/nowhere"), 404, "not_found"),
    row("405 method not allowed", request("DELETE", "/hello"), 405, "method_not_allowed"),
    row("409 the handler's own", get("/fail"), 409, "conflict"),
    row("413 too large", post("/small", b"x" * 1025), 413, "body_too_large"),
    row("414 target too long", get("/" + "a" * 9000), 414, "target_too_long"),
    row("417 expectation", get("/hello", "Expect: x"), 417, "expectation_failed"),
    row("431 fields too large", get("/hello", "X: " + "a" * 40000), 431, "headers_too_large"),
    row(
        "501 coding",
        request("POST", "/echo", "Transfer-Encoding: gzip, chunked"),
        501,
        "unknown_coding",
    ),
    row("501 method", request("BREW", "/hello"), 501, "method_unknown"),
    row("505 version", b"GET /hello HTTP/3.0\r\n\r\n", 505, "version_unsupported"),
]


@pytest.mark.parametrize("data, status, name", PROBLEMS)
def test_every_error_is_a_problem(server, data, status, name):
    """RFC 9457 §3.1; wire.check_problem looks at the members. The type ends in a stable name."""
    reply = server.ask(data)
    assert reply.status == status
    assert reply.json()["type"].endswith(name), reply


def test_a_problem_tells_the_fields_at_fault(server):
    """RFC 9457 §3: `errors`, each with a pointer."""
    (error,) = server.ask(get("/fail")).json()["errors"]
    assert error["pointer"].startswith(("/", "#/")) and error["detail"]


def test_a_problem_does_not_echo_what_it_could_be_misread_with(server):
    """RFC 9110 §17.11: no reflected markup in any error."""
    reply = server.ask(get("/nowhere/%3Cscript%3Ealert(1)%3C%2Fscript%3E"))
    assert reply.status == 404 and b"<script" not in reply.body


# X-Request-Id

TAKEN_OVER = ["a", "a" * 128, "Az09._-", "...", "0192f3c4-7e7c-7000-8000-000000000000"]
REPLACED = ["", "a" * 129, "a b", "a/b", "a,b", "a;b", "é", '"a"', "a=b", "<a>", "a\tb"]


@pytest.mark.parametrize("value", TAKEN_OVER)
def test_a_sound_request_id_is_taken_over(server, value):
    reply = answered(server, get("/show", f"X-Request-Id: {value}"))
    assert reply.field("X-Request-Id") == value == reply.json()["request_id"]


@pytest.mark.parametrize("value", REPLACED)
def test_any_other_request_id_is_replaced(server, value):
    reply = answered(server, get("/show", f"X-Request-Id: {value}"))
    assert UUIDV7.match(reply.field("X-Request-Id")), reply
    assert reply.field("X-Request-Id") == reply.json()["request_id"]


def test_two_request_ids_are_none(server):
    reply = answered(server, get("/show", "X-Request-Id: one", "X-Request-Id: two"))
    assert UUIDV7.match(reply.field("X-Request-Id")), reply


def test_made_request_ids_rise_and_never_repeat(server):
    with server.wire() as wire:
        made = [wire.ask(get("/hello")).field("X-Request-Id") for _ in range(100)]
    assert all(UUIDV7.match(one) for one in made) and len(set(made)) == 100


def test_a_malformed_request_has_a_request_id_too(server):
    reply = refused(server, b"GET /hello HTTP/1.1\r\nHost : x\r\n\r\n", {400})
    assert UUIDV7.match(reply.field("X-Request-Id"))


# Who the client is


@pytest.fixture(scope="module")
def behind_proxies():
    with running(trusted_proxies="127.0.0.0/8,2001:db8:1::/48") as probe:
        yield probe


FORWARDED = [
    row("forwarded/none the peer", [], "127.0.0.1"),
    row("forwarded/one", ["198.51.100.7"], "198.51.100.7"),
    row("forwarded/two the rightmost", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
    row("forwarded/a trusted proxy is passed over", ["203.0.113.9, 127.0.0.5"], "203.0.113.9"),
    row(
        "forwarded/a client's own claim is not believed",
        ["192.0.2.1, 203.0.113.9, 127.0.0.5"],
        "203.0.113.9",
    ),
    row("forwarded/two fields, in order", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
    row("forwarded/white space", ["  203.0.113.9 ,\t198.51.100.7 "], "198.51.100.7"),
    row("forwarded/IPv6", ["2001:db8::1"], "2001:db8::1"),
    row("forwarded/a trusted IPv6 proxy", ["2001:db8::1, 2001:db8:1::5"], "2001:db8::1"),
]


@pytest.mark.parametrize("values, address", FORWARDED)
def test_the_client_is_the_rightmost_address_we_do_not_trust(behind_proxies, values, address):
    fields = [f"X-Forwarded-For: {value}" for value in values]
    assert behind_proxies.ask(get("/show", *fields)).json()["address"] == address


@pytest.mark.parametrize("value", ["nonsense", "999.1.1.1", "203.0.113.9, nonsense", "unknown", ""])
def test_what_is_no_address_never_becomes_one(behind_proxies, value):
    shown = behind_proxies.ask(get("/show", f"X-Forwarded-For: {value}")).json()
    assert shown["address"] == "127.0.0.1"


def test_a_peer_we_do_not_trust_cannot_name_another(server):
    shown = server.ask(get("/show", "X-Forwarded-For: 198.51.100.7")).json()
    assert shown["address"] == "127.0.0.1"
