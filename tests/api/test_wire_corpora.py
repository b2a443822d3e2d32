"""The classes of two public corpora: uNetworking/h1spec (conformance) and aws/http-desync-guardian
(smuggling). The rows are ours; the other modules go through the RFCs, this one through how requests
are disguised."""

import itertools

import pytest
from wire import CANARY, answered, get, post, refused, request, row

NAMES = {
    "Content-Length": str(len(CANARY)).encode(),
    "Transfer-Encoding": b"chunked",
}

# What a lenient reader may take for the name: each must be refused, alone and beside a sound field.
DISGUISES = {
    "a space behind": b"%s ",
    "a tab behind": b"%s\t",
    "a space before": b" %s",
    "a tab before": b"\t%s",
    "a control character before": b"\x01%s",
    "two control characters before": b"\x01\x01%s",
    "a control character behind": b"%s\x01",
    "a NUL before": b"\0%s",
    "a NUL behind": b"%s\0",
    "a CR behind": b"%s\r",
    "a CR before": b"\r%s",
    "a vertical tab before": b"\x0b%s",
    "a word behind": b"%s x",
    "a space and a control character behind": b"%s \x01",
    "a byte above ASCII behind": b"%s\x88",
    "a no-break space before": b"\xa0%s",
    "UTF-8 spaces before": "  %s".encode().replace(b" ", b"\xe2\x80\x83"),
    "a colon before": b":%s",
    "quotation marks": b'"%s"',
}

# Inside the name.
LOOKALIKES = {
    "a space for the hyphen": b" ",
    "a space behind the hyphen": b"- ",
    "a tab for the hyphen": b"\t",
    "a horizontal bar for the hyphen": "―".encode(),
    "a slash for the hyphen": b"/",
    "a NUL at the hyphen": b"-\0",
}

# These are sound names of fields nobody knows: the request is whole without a body.
STRANGERS = [b"_", b"---", b"___", b".", b"", b"-X-"]


def disguised(names):
    for name, value in names.items():
        for title, form in DISGUISES.items():
            yield name, title, form % name.encode() + b": " + value
        for title, hyphen in LOOKALIKES.items():
            yield name, title, name.encode().replace(b"-", hyphen) + b": " + value
    yield "Transfer-Encoding", "a long s", "Tranſfer-Encoding: chunked".encode()
    yield "Transfer-Encoding", "a dotless i", "Transfer-Encodıng: chunked".encode()


def with_line(line, *fields):
    """A POST with this line last among its fields, and nothing behind the head."""
    return request("POST", "/echo", *fields)[:-2] + line + b"\r\n\r\n"


@pytest.mark.parametrize(
    "line", [row(f"guardian/{name} with {title}", line) for name, title, line in disguised(NAMES)]
)
def test_a_disguised_framing_field_is_refused(server, line):
    refused(server, with_line(line), {400})
    for sound in ("Content-Length: 0", "Transfer-Encoding: chunked"):
        refused(server, with_line(line, sound), {400})


@pytest.mark.parametrize(
    "name, hyphen",
    [
        row(f"guardian/{name} with {hyphen.decode()!r} for the hyphen", name, hyphen)
        for name, hyphen in itertools.product(NAMES, STRANGERS)
    ],
)
def test_a_field_of_another_name_does_not_frame(server, name, hyphen):
    """Its value is as wrong as it likes; what stands behind the head is the next request."""
    line = name.encode().replace(b"-", hyphen) + b": chunked, 5"
    assert answered(server, with_line(line)).body == b""


SPLITS = [
    row("guardian/a line of its own in a value, CR LF", b"X: y\r\n Transfer-Encoding: chunked"),
    row("guardian/a line of its own in a value, LF", b"X: y\nTransfer-Encoding: chunked"),
    row(
        "guardian/a line of its own in a value, LF and space",
        b"X: y\n Transfer-Encoding: chunked",
    ),
    row("guardian/a line of its own in a value, CR", b"X: y\rTransfer-Encoding: chunked"),
    row("guardian/a line of its own in a value, NUL", b"X: y\0Transfer-Encoding: chunked"),
    row("guardian/a line of its own in a name, LF", b"X\nTransfer-Encoding: chunked"),
    row("guardian/a line of its own in a name, CR", b"X\rTransfer-Encoding: chunked"),
    row("guardian/an empty name", b": chunked"),
    row("guardian/a name that is a value", b":X:Transfer-Encoding: chunked"),
]


@pytest.mark.parametrize("sound", ["Content-Length: 0", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("line", SPLITS)
def test_a_field_that_some_read_as_two_is_refused(server, line, sound):
    refused(server, with_line(line, sound), {400})


OLD_VERSIONS = [b" HTTP/0.9", b" ", b"", b" HTTP/", b" HTTP/1.", b" HTTP/.1", b" HTTP/-1.1"]


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("version", OLD_VERSIONS)
def test_framing_in_a_version_that_has_none_is_refused(server, version, framing):
    line = b"POST /echo" + version + b"\r\nHost: kith.example\r\n" + framing + b"\r\n\r\n"
    refused(server, line, {400, 505})


TARGETS = [
    *(b"/a\x01", b"/\x7f", b"/a\r", b"/a\0b", b"/a\tb", b"/a b", b"\\a", b"/\xff", b"/a#b"),
    *(b"/a?b c", b"/a?\x01", b"/a?b\0", b"/a?\xc3\xa9", b"/a?b#c", b"http:/a", b"//", b"kith"),
    *(b"/a HTTP/1.1 x", b"/a HTTP/1.1\rX:", b"http://kith.example:x/", b"?", b"", b"/%"),
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_two_readers_may_read_differently_is_not_served(server, target):
    with server.wire() as wire:
        wire.send(b"GET " + target + b" HTTP/1.1\r\nHost: kith.example\r\n\r\n")
        assert wire.reply().status == (404 if target == b"//" else 400)


# h1spec's fifteen fragments stand in test_wire_incomplete.test_a_head_in_two_pieces.

H1SPEC_OK = [
    row("h1spec/valid GET", get("/hello")),
    row(
        "h1spec/valid GET, edge cases",
        b"GET /hello HTTP/1.1\r\nhoSt:\texample.com\r\nempty:\r\n\r\n",
    ),
    row("h1spec/empty value", get("/hello", "X-Empty-Header: ")),
    row("h1spec/Expect without a body", get("/hello", "Expect: 100-continue")),
    row("h1spec/valid POST", post("/echo", b"hello\n")),
]

H1SPEC_BAD = [
    row("h1spec/no version", b"GET / \r\n\r\n"),
    row("h1spec/brackets in a name", get("/hello", "X-Invalid[]: test")),
    row("h1spec/no Host", b"GET /hello HTTP/1.1\r\nContent-Length: 5\r\n\r\n"),
    row("h1spec/two Hosts", get("/hello", "Host: example.org")),
    row(
        "h1spec/Content-Length overflowing and negative",
        get("/hello", f"Content-Length: -{'9' * 27}"),
    ),
    row("h1spec/Content-Length negative", get("/hello", "Content-Length: -1234")),
    row("h1spec/Content-Length of letters", get("/hello", "Content-Length: abc")),
    row("h1spec/control character in a value", get("/hello", "X-Bad: test\x07")),
    row("h1spec/a version of the future", get("/hello", version="HTTP/9.9")),
    row("h1spec/a prefix", b"Extra line" + get("/hello")),
    row("h1spec/a bare CR for the end", get("/hello")[:-2] + b"\rSome-Header: Test\r\n\r\n"),
    row("h1spec/both framings", get("/hello", "Transfer-Encoding: chunked", "Content-Length: 5")),
]


@pytest.mark.parametrize("data", H1SPEC_OK)
def test_h1spec_served(server, data):
    assert answered(server, data).body == b"hello\n"


@pytest.mark.parametrize("data", H1SPEC_BAD)
def test_h1spec_refused(server, data):
    refused(server, data, {400, 505})
