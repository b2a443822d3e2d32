"""RFC 9112 §6 and §7: how long a body is, and the chunked coding."""

import pytest
from wire import CANARY, answered, chunked, get, post, refused, request, row

BAD = {400}
UNKNOWN = {501}  # well-formed, with chunked last, but not to be decoded here
WITHOUT_SIZE = b"\r\nhello\r\n0\r\n\r\n"


def length(value, body=b"hello"):
    """A POST with this Content-Length."""
    return request("POST", "/echo", f"Content-Length: {value}") + body


def coding(value, *fields, body=b"5\r\nhello\r\n0\r\n\r\n"):
    """A POST with this Transfer-Encoding."""
    return request("POST", "/echo", f"Transfer-Encoding: {value}", *fields) + body


REFUSED = [
    # §6.2, RFC 9110 §8.6: Content-Length = 1*DIGIT
    *(
        row(f"9110/8.6 Content-Length {value!r}", length(value), BAD)
        for value in (
            *("+5", "-5", "-0", "0x5", "5 5", "5,5", "5, 5", "5,6", "5.0", "5e0", "5;", "", '"5"'),
            *("abc", "five", "5\x11", "5\0", "٥".encode().decode("latin-1")),
            *("18446744073709551616", "18446744073709551621", "100000000000000000000"),
            *("-1234", "-123456789123456789123456789"),
        )
    ),
    row(
        "9112/6.3 two Content-Lengths that differ",
        length("5", b"")[:-2] + b"Content-Length: 6\r\n\r\nhello",
        BAD,
    ),
    row(
        "9112/6.3 two Content-Lengths alike",
        length("5", b"")[:-2] + b"Content-Length: 5\r\n\r\nhello",
        BAD,
    ),
    row(
        "9112/6.3 two Content-Lengths, two cases",
        length("5", b"")[:-2] + b"content-length: 5\r\n\r\nhello",
        BAD,
    ),
    row(
        "9112/5.1 Content-Length, space before the colon",
        request("POST", "/echo", "Content-Length : 5") + b"hello",
        BAD,
    ),
    row(
        "9112/5.2 Content-Length folded",
        request("POST", "/echo", "Content-Length:\r\n 5") + b"hello",
        BAD,
    ),
    # §6.1: Transfer-Encoding
    row("9112/6.1 both, Transfer-Encoding first", coding("chunked", "Content-Length: 5"), BAD),
    row(
        "9112/6.1 both, Content-Length first",
        request("POST", "/echo", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        BAD,
    ),
    row("9112/6.1 both, in odd cases", coding("cHuNkEd", "cOnTeNt-LeNgTh: 5"), BAD),
    row("9112/6.1 both, Content-Length nought", coding("chunked", "Content-Length: 0"), BAD),
    row("9112/6.1 both, an unknown coding", coding("gzip", "Content-Length: 5"), BAD),
    row(
        "9112/6.1 in HTTP/1.0",
        request("POST", "/echo", "Transfer-Encoding: chunked", version="HTTP/1.0") + b"0\r\n\r\n",
        BAD,
    ),
    row("9112/6.3 an unknown coding alone", coding("gzip"), BAD),
    row("9112/6.3 xchunked alone", coding("xchunked"), BAD),
    row("9112/6.3 chunkedx alone", coding("chunkedx"), BAD),
    row("9112/6.1 identity, long gone", coding("identity"), BAD),
    row("9112/6.1 gzip, chunked", coding("gzip, chunked"), UNKNOWN),
    row(
        "9112/6.1 two fields, gzip and chunked",
        coding("gzip", "Transfer-Encoding: chunked"),
        BAD,
    ),
    row("9112/6.3 chunked is not the last", coding("chunked, gzip"), BAD),
    row("9112/6.3 chunked, identity", coding("chunked, identity"), BAD),
    row("9112/6.1 chunked twice", coding("chunked, chunked"), BAD),
    row("9112/6.1 chunked in two fields", coding("chunked", "Transfer-Encoding: chunked"), BAD),
    row(
        "9112/6.1 chunked in two fields, two cases",
        coding("chunked", "transfer-encoding: Chunked"),
        BAD,
    ),
    row("9112/7 chunked with a parameter", coding("chunked;q=1"), BAD),
    row("9112/6.1 chunked in quotation marks", coding('"chunked"'), BAD),
    row("9112/6.1 chunked and a control character", coding("chunked\x11"), BAD),
    row("9112/6.1 a vertical tab and chunked", coding("\x0bchunked"), BAD),
    row("9112/6.1 chunked and a NUL", coding("chunked\0"), BAD),
    row("9112/6.1 chunked and a no-break space", coding("chunked\xa0"), BAD),
    row("9112/6.1 an empty coding", coding(""), BAD),
    row("9112/6.1 a comma alone", coding(","), BAD),
    row("9112/6.1 a word before", coding("x chunked"), BAD),
    row(
        "9112/5.1 Transfer-Encoding, space before the colon",
        request("POST", "/echo", "Transfer-Encoding : chunked") + b"0\r\n\r\n",
        BAD,
    ),
    row(
        "9112/5.1 Transfer-Encoding, tab before the colon",
        request("POST", "/echo", "Transfer-Encoding\t: chunked") + b"0\r\n\r\n",
        BAD,
    ),
    row("9112/5.2 Transfer-Encoding folded", coding("\r\n chunked"), BAD),
    row(
        "9112/5.2 Transfer-Encoding hidden in a fold",
        request("POST", "/echo", "X: y\r\n Transfer-Encoding: chunked") + b"0\r\n\r\n",
        BAD,
    ),
    # §7.1: chunks
    *(
        row(f"9112/7.1 chunk size {size!r}", chunked("/echo", size + WITHOUT_SIZE), BAD)
        for size in (
            *(b"0x5", b"0x", b"+5", b"-5", b"-0", b"", b"'5'"),
            *(b" 5", b"\t5", b"5 ", b"5\t", b"5 5"),
            *(b"g", b"5g", b"5h", b"5.", b"5,", b"5_", b"\xef\xbc\x95", b"5\0", b"\x005", b"5\r"),
            *(b"10000000000000005", b"FFFFFFFFFFFFFFFFF", b"5" + b"0" * 300),
        )
    ),
    row("9112/7.1 a bare LF after the size", chunked("/echo", b"5\nhello\r\n0\r\n\r\n"), BAD),
    row("9112/7.1 a bare CR after the size", chunked("/echo", b"5\rhello\r\n0\r\n\r\n"), BAD),
    row("9112/7.1 a bare LF after the data", chunked("/echo", b"5\r\nhello\n0\r\n\r\n"), BAD),
    row("9112/7.1 nothing after the data", chunked("/echo", b"5\r\nhello0\r\n\r\n"), BAD),
    row(
        "9112/7.1 two bytes that are not CRLF after the data",
        chunked("/echo", b"5\r\nhelloXX0\r\n\r\n"),
        BAD,
    ),
    row("9112/7.1 data longer than the size", chunked("/echo", b"4\r\nhello\r\n0\r\n\r\n"), BAD),
    row("9112/7.1 data shorter than the size", chunked("/echo", b"6\r\nhello\r\n0\r\n\r\n"), BAD),
    row("9112/7.1 a bare LF after the last size", chunked("/echo", b"0\n\r\n"), BAD),
    row("9112/7.1 a bare LF at the end", chunked("/echo", b"0\r\n\n"), BAD),
    row("9112/7.1 a bare CR at the end", chunked("/echo", b"0\r\n\rX"), BAD),
    row("9112/7.1 an empty line before the size", chunked("/echo", b"\r\n0\r\n\r\n"), BAD),
    # §7.1.1: extensions
    row("9112/7.1.1 a bare LF in an extension", chunked("/echo", b"5;a\nhello\r\n0\r\n\r\n"), BAD),
    row(
        "9112/7.1.1 a bare CR in an extension",
        chunked("/echo", b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
        BAD,
    ),
    row("9112/7.1.1 NUL in an extension", chunked("/echo", b"5;a=\0\r\nhello\r\n0\r\n\r\n"), BAD),
    row(
        "9112/7.1.1 a line end in a quoted extension",
        chunked("/echo", b'5;a="\r\n"\r\nhello\r\n0\r\n\r\n'),
        BAD,
    ),
    row(
        "9112/7.1.1 extensions of 300 bytes",
        chunked("/echo", b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n"),
        BAD,
    ),
    # §7.1.2: trailers
    row("9112/7.1.2 a trailer without a colon", chunked("/echo", b"0\r\nX\r\n\r\n"), BAD),
    row(
        "9112/7.1.2 a trailer with a space before the colon",
        chunked("/echo", b"0\r\nX : y\r\n\r\n"),
        BAD,
    ),
    row("9112/7.1.2 a trailer without a name", chunked("/echo", b"0\r\n: y\r\n\r\n"), BAD),
    row("9112/7.1.2 a folded trailer", chunked("/echo", b"0\r\nX: y\r\n z\r\n\r\n"), BAD),
    row("9112/7.1.2 a bare LF ends a trailer", chunked("/echo", b"0\r\nX: y\n\r\n"), BAD),
    row("9112/7.1.2 a NUL in a trailer", chunked("/echo", b"0\r\nX: \0\r\n\r\n"), BAD),
    *(
        row(f"9110/6.5.1 {name} in a trailer", chunked("/echo", b"0\r\n%s: 5\r\n\r\n" % name), BAD)
        for name in (b"Content-Length", b"transfer-encoding", b"Host", b"Authorization", b"Cookie")
    ),
    row(
        "9112/7.1.2 trailers of more than 8 KiB",
        chunked("/echo", b"0\r\nX: " + b"y" * 8200 + b"\r\n\r\n"),
        {400, 413, 431},
    ),
]


@pytest.mark.parametrize("slices", [None, [1]], ids=["whole", "bytewise"])
@pytest.mark.parametrize("data, statuses", REFUSED)
def test_refused(server, data, statuses, slices):
    if slices and len(data) > 2000:
        slices = [17]
    refused(server, data, statuses, slices)


ECHOED = [
    row("9112/6.2 Content-Length", post("/echo", b"hello"), b"hello"),
    row("9110/8.6 Content-Length with leading zeros", length("0005"), b"hello"),
    row("9110/8.6 Content-Length nought", post("/echo", b""), b""),
    row("9112/6.3 neither: no body", request("POST", "/echo"), b""),
    row("9112/6.3 every byte there is", post("/echo", bytes(range(256))), bytes(range(256))),
    row("9112/6.3 a body that looks like a request", post("/echo", CANARY), CANARY),
    row("9112/6.3 a body that looks like chunks", post("/echo", b"0\r\n\r\n"), b"0\r\n\r\n"),
    row("9112/7.1 one chunk", chunked("/echo", b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    row("9112/7.1 no chunk", chunked("/echo", b"0\r\n\r\n"), b""),
    row("9112/7.1 many chunks", chunked("/echo", b"1\r\na\r\n" * 60 + b"0\r\n\r\n"), b"a" * 60),
    row(
        "9112/7.1 hexadecimal in small letters",
        chunked("/echo", b"1a\r\n" + b"x" * 26 + b"\r\n0\r\n\r\n"),
        b"x" * 26,
    ),
    row(
        "9112/7.1 hexadecimal in capitals",
        chunked("/echo", b"1A\r\n" + b"x" * 26 + b"\r\n0\r\n\r\n"),
        b"x" * 26,
    ),
    row("9112/7.1 leading zeros", chunked("/echo", b"0005\r\nhello\r\n000\r\n\r\n"), b"hello"),
    row(
        "9112/7.1 line ends in the data",
        chunked("/echo", b"4\r\n\r\n\r\n\r\n0\r\n\r\n"),
        b"\r\n\r\n",
    ),
    row(
        "9112/7.1 a last chunk in the data",
        chunked("/echo", b"5\r\n0\r\n\r\n\r\n0\r\n\r\n"),
        b"0\r\n\r\n",
    ),
    row("9112/7.1.1 an extension", chunked("/echo", b"5;a=b\r\nhello\r\n0;c\r\n\r\n"), b"hello"),
    row(
        "9112/7.1.1 a quoted extension",
        chunked("/echo", b'5;a="b;c"\r\nhello\r\n0\r\n\r\n'),
        b"hello",
    ),
    row(
        "9112/7.1.2 trailers are dropped",
        chunked("/echo", b"5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 9\r\n\r\n"),
        b"hello",
    ),
    row(
        "9112/7.1.2 a trailer is no request",
        chunked("/echo", b"0\r\nX: GET /hello HTTP/1.1\r\n\r\n"),
        b"",
    ),
    row("9112/7 the coding's name in any case", coding("Chunked"), b"hello"),
    row(
        "9112/6.1 the field's name in any case",
        request("POST", "/echo", "tRANSFER-eNCODING:\tchunked ") + b"0\r\n\r\n",
        b"",
    ),
]


@pytest.mark.parametrize("slices", [None, [1]], ids=["whole", "bytewise"])
@pytest.mark.parametrize("data, body", ECHOED)
def test_a_body_arrives_as_it_was_sent(server, data, body, slices):
    assert answered(server, data, slices=slices).body == body


IGNORED = [
    row(
        "9110/9.3.1 GET with a length",
        get("/hello", "Content-Length: %d" % len(CANARY)) + CANARY,
        "GET",
    ),
    row(
        "9110/9.3.1 GET with chunks",
        chunked("/hello", b"%x\r\n%s\r\n0\r\n\r\n" % (len(CANARY), CANARY), method="GET"),
        "GET",
    ),
    row("9110/9.3.2 HEAD with a length", request("HEAD", "/hello", body=CANARY), "HEAD"),
    row(
        "9110/9.3.2 HEAD with chunks",
        chunked("/hello", b"%x\r\n%s\r\n0\r\n\r\n" % (len(CANARY), CANARY), method="HEAD"),
        "HEAD",
    ),
    row("9110/9.3.7 OPTIONS with a length", request("OPTIONS", "/hello", body=CANARY), "OPTIONS"),
    row(
        "9110/9.3.5 a wrong method with a length",
        request("DELETE", "/hello", body=CANARY),
        "DELETE",
    ),
    row("9110/15.5.5 an unknown path with a length", post("/nowhere", CANARY), "POST"),
    row(
        "9110/15.6.2 an unknown method with a length",
        request("BREW", "/hello", body=CANARY),
        "BREW",
    ),
    row("9110/9.3.8 TRACE with a length", request("TRACE", "/hello", body=CANARY), "TRACE"),
]


@pytest.mark.parametrize("slices", [None, [1]], ids=["whole", "bytewise"])
@pytest.mark.parametrize("data, method", IGNORED)
def test_a_body_nobody_reads_is_not_the_next_request(server, data, method, slices):
    """One reply for the request, and at most one for what stands behind the body."""
    behind = get("/hello", "X-Request-Id: behind")
    with server.wire() as wire:
        wire.send(data + behind, slices)
        reply = wire.reply(method)
        assert reply.field("X-Request-Id") not in ("canary", "behind")
        if reply.closes():
            wire.closed()
        else:
            assert wire.reply().field("X-Request-Id") == "behind"


def test_a_body_as_large_as_the_route_takes_and_one_byte_larger(server):
    """RFC 9110 §15.5.14; /small takes 1,024 bytes."""
    assert answered(server, post("/small", b"x" * 1024)).body == b"x" * 1024
    refused(server, post("/small", b"x" * 1025), {413})


def test_chunks_as_large_as_the_route_takes_and_one_byte_larger(server):
    whole = b"400\r\n" + b"x" * 1024 + b"\r\n"
    assert answered(server, chunked("/small", whole + b"0\r\n\r\n")).body == b"x" * 1024
    refused(server, chunked("/small", whole + b"1\r\nx\r\n0\r\n\r\n"), {413})


def test_many_small_chunks_do_not_pass_the_limit(server):
    refused(server, chunked("/small", b"1\r\nx\r\n" * 1025 + b"0\r\n\r\n"), {413})


def test_a_chunk_that_is_too_large_is_refused_before_it_comes(server):
    """/small takes 1,024 bytes, and 24 have come."""
    with server.wire() as wire:
        wire.send(chunked("/small", b"18\r\n" + b"x" * 24 + b"\r\n3e9\r\n"))
        assert wire.reply().status == 413
        wire.closed()


@pytest.mark.parametrize("size", [b"7fffffffffffffff", b"ffffffffffffffff", b"1" + b"0" * 16])
def test_a_chunk_that_no_one_can_send_is_refused_before_it_comes(server, size):
    with server.wire() as wire:
        assert wire.ask(chunked("/small", size + b"\r\n")).status in (400, 413)
        wire.closed()


def test_a_body_as_large_as_the_server_takes_and_one_byte_larger(server):
    """body_bytes = 1 MiB."""
    assert answered(server, post("/echo", b"x" * 1048576)).body == b"x" * 1048576
    refused(server, post("/echo", b"x" * 1048577), {413})


@pytest.mark.parametrize("value", ["1025", "9223372036854775807", "18446744073709551615"])
def test_a_length_that_is_too_large_is_refused_before_the_body_comes(server, value):
    with server.wire() as wire:
        reply = wire.ask(request("POST", "/small", f"Content-Length: {value}"))
        assert reply.status in ({413} if len(value) < 20 else {400, 413})
        assert reply.closes()
        wire.closed()


# Bodies that the handler takes piece by piece; /count says how many bytes it got.

COUNTED = [
    row("9112/6.2 no body", request("POST", "/count"), 0),
    row("9112/6.2 nothing", post("/count", b""), 0),
    row("9112/6.2 a length", post("/count", b"x" * 3000000), 3000000),
    row("9112/7.1 one chunk", chunked("/count", b"5\r\nhello\r\n0\r\n\r\n"), 5),
    row("9112/7.1 many chunks", chunked("/count", b"1\r\na\r\n" * 3000 + b"0\r\n\r\n"), 3000),
]


@pytest.mark.parametrize("slices", [None, [1000, 7]], ids=["whole", "sliced"])
@pytest.mark.parametrize("data, count", COUNTED)
def test_a_body_taken_in_pieces_is_whole(server, data, count, slices):
    if slices and len(data) > 100000:
        slices = [70001]
    assert answered(server, data, slices=slices).body == b"%d\n" % count


def test_a_body_taken_in_pieces_may_be_asked_for(connection):
    connection.send(request("POST", "/count", "Content-Length: 5", "Expect: 100-continue"))
    assert connection.interim().status == 100
    assert connection.ask(b"hello").body == b"5\n"


def test_a_malformed_body_taken_in_pieces_is_refused(server):
    refused(server, chunked("/count", b"5\r\nhello\r\n0x5\r\n"), BAD)
