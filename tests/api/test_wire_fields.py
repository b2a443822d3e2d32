"""RFC 9112 §5 and RFC 9110 §5: field lines, names and values; limits."""

import pytest
from wire import answered, get, refused, row


def field(line):
    """A request with this field line between sound ones."""
    return b"GET /hello HTTP/1.1\r\nHost: kith.example\r\n" + line + b"\r\nAccept: */*\r\n\r\n"


NOT_TOKEN = b'"(),/;<=>?@[\\]{}\x01\x08\x0b\x0c\x0e\x1f\x7f\x80\xa0\xff\0 \t'
NOT_IN_VALUE = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"

REFUSED = [
    row("9112/5 no colon", field(b"X-Name")),
    row("9112/5 no name", field(b": value")),
    row("9112/5 nothing but a colon", field(b":")),
    row("9112/5 a name that starts with a colon", field(b":X-Name: value")),
    row("9112/5 a name of white space", field(b" \t : value")),
    row("9112/5.1 space before the colon", field(b"X-Name : value")),
    row("9112/5.1 tab before the colon", field(b"X-Name\t: value")),
    row(
        "9112/5.1 space before Host's colon",
        b"GET /hello HTTP/1.1\r\nHost : kith.example\r\n\r\n",
    ),
    row("9112/5.2 obs-fold with a space", field(b"X-Name: one\r\n two")),
    row("9112/5.2 obs-fold with a tab", field(b"X-Name: one\r\n\ttwo")),
    row("9112/5.2 obs-fold of an empty value", field(b"X-Name:\r\n value")),
    row("9112/5.2 obs-fold of the last field", get("/hello")[:-2] + b" more\r\n\r\n"),
    row("9112/5.2 a line of white space", field(b"X-Name: value\r\n ")),
    row("9112/2.2 a bare LF ends a field", field(b"X-Name: value\nX-Other: value")),
    row("9112/2.2 a bare CR in a value", field(b"X-Name: value\rX-Other: value")),
    row("9112/2.2 CR CR LF ends a field", field(b"X-Name: value\r")),
    row("9112/2.2 a bare CR in a name", field(b"X-\rName: value")),
    row("9112/2.2 a bare LF in a name", field(b"X-\nName: value")),
    *(
        row(f"9110/5.1 byte 0x{byte:02x} in a name", field(b"X-" + bytes([byte]) + b"Name: value"))
        for byte in NOT_TOKEN
    ),
    *(
        row(f"9110/5.5 byte 0x{byte:02x} in a value", field(b"X-Name: va" + bytes([byte]) + b"lue"))
        for byte in NOT_IN_VALUE
    ),
    row("9110/5.5 NUL first in a value", field(b"X-Name: \0value")),
    row("9110/5.5 NUL last in a value", field(b"X-Name: value\0")),
]


@pytest.mark.parametrize("data", REFUSED)
def test_refused(server, data):
    refused(server, data, {400})


@pytest.mark.parametrize("data", REFUSED)
def test_refused_bytewise(server, data):
    refused(server, data, {400}, slices=[1])


ACCEPTED = [
    row("9110/5.5 an empty value", field(b"X-Name:")),
    row("9110/5.5 a value of white space", field(b"X-Name: \t ")),
    row("9112/5.1 no space after the colon", field(b"X-Name:value")),
    row("9112/5.1 white space around the value", field(b"X-Name: \t value \t ")),
    row("9110/5.5 a tab in a value", field(b"X-Name: a\tb")),
    row("9110/5.5 obs-text in a value", field(b"X-Name: caf\xe9 \xe2\x82\xac")),
    row("9110/5.5 a colon in a value", field(b"X-Name: a:b: c")),
    row("9110/5.6.2 every token character in a name", field(b"!#$%&'*+-.^_`|~09AZaz: value")),
    row("9110/5.3 the same field many times", field(b"X-Name: a\r\nX-Name: b\r\nx-name: c")),
    row("9112/5 a field that smells of another", field(b"X-Transfer-Encoding: chunked")),
    row("9110/5.1 an underscore makes another name", field(b"Content_Length: 5")),
]


@pytest.mark.parametrize("slices", [None, [1]], ids=["whole", "bytewise"])
@pytest.mark.parametrize("data", ACCEPTED)
def test_accepted(server, data, slices):
    assert answered(server, data, slices=slices).body == b"hello\n"


def with_fields(count):
    """`count` fields, Host among them."""
    return get("/hello", *(f"X-{n}: {n}" for n in range(count - 1)))


def test_as_many_fields_as_may_be_and_one_more(server):
    """RFC 6585 §5: 431 beyond 100 fields."""
    answered(server, with_fields(100))
    refused(server, with_fields(101), {431})


def test_fields_as_large_as_may_be_and_larger(server):
    """RFC 6585 §5: 431 beyond 32 KiB of field lines, the empty line behind them not counted."""
    room = 32768 - len("Host: kith.example\r\nX-Large: \r\n")
    answered(server, get("/hello", "X-Large: " + "a" * room))
    refused(server, get("/hello", "X-Large: " + "a" * (room + 1)), {431})


def test_a_field_that_never_ends_is_refused_as_soon_as_it_is_too_large(server):
    with server.wire() as wire:
        wire.send(b"GET /hello HTTP/1.1\r\nHost: kith.example\r\nX-Large: " + b"a" * 40000)
        assert wire.reply().status == 431
        wire.closed()


def test_fields_that_never_end_are_refused_as_soon_as_they_are_too_many(server):
    with server.wire() as wire:
        wire.send(b"GET /hello HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(500)))
        assert wire.reply().status == 431
        wire.closed()
