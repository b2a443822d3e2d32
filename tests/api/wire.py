"""A raw HTTP/1.1 client that trusts nothing.

`Wire` is one connection: bytes out in the slices asked for, replies in, each checked against what
every reply of ours must be. Nothing here sleeps; every wait is for a condition and has a deadline.
The functions at the end write requests, and rows of tables whose ids read as a specification.
"""

import array
import contextlib
import fcntl
import json
import os
import re
import select
import socket
import struct
import termios
import time
from email.utils import parsedate_to_datetime

import pytest

DEADLINE_S = 20.0

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, NLMSG_ERROR = 4, 20, 2  # linux/sock_diag.h
ESTABLISHED = 1

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e]*)\Z")
FIELD_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT\Z"
)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}\Z")
UUIDV7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Asks again and again until the answer is true, giving way to other processes in between."""
    end = time.monotonic() + deadline_s
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        select.select([], [], [], 0.002)


def ready(one, events, within_s):
    """Is the socket ready for that within the time? By poll, for select knows 1,024 descriptors."""
    poll = select.poll()
    poll.register(one, events)
    return bool(poll.poll(within_s * 1000))


class Closed(Exception):
    """The server closed before the reply was whole; the argument holds the bytes that did come."""


class Reply:
    def __init__(self, status, reason, fields):
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = b""
        self.chunks = None

    def all(self, name):
        return [value for field, value in self.fields if field.lower() == name.lower()]

    def field(self, name):
        """The value of a field that may stand there once, or None."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else None

    def json(self):
        return json.loads(self.body)

    def allow(self):
        return set(re.split(r" *, *", self.field("Allow") or ""))

    def closes(self):
        return "close" in (self.field("Connection") or "").lower()

    def comparable(self):
        """What replies to the same request have in common: all but the clock and the id."""
        fields = [(n, v) for n, v in self.fields if n.lower() not in ("date", "x-request-id")]
        body = self.body.replace(self.field("X-Request-Id").encode(), b"")
        return self.status, self.reason, fields, body

    def __repr__(self):
        return f"<{self.status} {self.fields} {self.body[:300]!r}>"


def check_reply(reply, is_head):
    """What holds for every final reply this server ever gives, whatever was asked."""
    date = reply.field("Date")
    assert date and IMF_FIXDATE.match(date), f"RFC 9110 §6.6.1: Date {date!r}"
    assert abs(parsedate_to_datetime(date).timestamp() - time.time()) < 60, date
    assert REQUEST_ID.match(reply.field("X-Request-Id") or ""), reply
    assert reply.field("Server") is None, "a server's name and version help only attackers"
    if reply.status >= 400:
        assert reply.field("Content-Type") == "application/problem+json", reply
        if not is_head:
            check_problem(reply)


def check_problem(reply):
    """RFC 9457 §3.1, and our own members."""
    problem = reply.json()
    assert problem["status"] == reply.status, problem
    assert isinstance(problem["type"], str) and problem["type"], problem
    assert isinstance(problem["title"], str) and problem["title"], problem
    assert isinstance(problem["detail"], str) and problem["detail"], problem
    assert isinstance(problem["instance"], str), problem
    assert problem["request_id"] == reply.field("X-Request-Id"), problem
    lower = reply.body.lower()
    assert b"html" not in lower and b".c:" not in lower, reply.body


class Wire:
    """One connection. `peer_port` names it in the kernel's tables."""

    def __init__(self, port, source=None, receive_bytes=None, send_bytes=None):
        self.port = port
        self.buffer = bytearray()
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        if send_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_bytes)
        self.socket.settimeout(DEADLINE_S)
        if source:
            self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peer = self.socket.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # Out

    def send(self, data, slices=None):
        """Sends all, in slices of the given lengths (the last one repeats), and waits after each
        until the server has read it. A server that has closed is found out by reading, not here."""
        if slices is None:
            slices = [len(data) or 1]
        at = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for number in range(len(data)):
                if at >= len(data):
                    break
                length = slices[min(number, len(slices) - 1)]
                self.socket.sendall(data[at : at + length])
                at += length
                if at < len(data):
                    self.wait_taken(0.05)
        return self

    def send_bytewise(self, data):
        return self.send(data, [1])

    def half_close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self):
        """Leaves at once: the server sees RST, not FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # In

    def _more(self):
        try:
            piece = self.socket.recv(262144)
        except ConnectionResetError as error:
            raise AssertionError(
                f"RFC 9112 §9.6: reset, so a reply may be lost; so far {bytes(self.buffer)!r}"
            ) from error
        except socket.timeout as error:
            raise AssertionError(
                f"no reply within {DEADLINE_S} s; so far {bytes(self.buffer)!r}"
            ) from error
        if not piece:
            raise Closed(bytes(self.buffer))
        self.buffer += piece

    def _line(self):
        while True:
            end = self.buffer.find(b"\n")
            if end >= 0:
                line = bytes(self.buffer[: end + 1])
                assert line.endswith(b"\r\n"), f"RFC 9112 §2.2: line ends without CR: {line!r}"
                del self.buffer[: end + 1]
                return line[:-2]
            self._more()

    def _exactly(self, count):
        while len(self.buffer) < count:
            self._more()
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def head(self):
        """The next reply's status line and fields, be it interim or final; its body is to come."""
        line = self._line()
        match = STATUS_LINE.match(line)
        assert match, f"RFC 9112 §4: status line {line!r}"
        fields = []
        while True:
            line = self._line()
            if not line:
                break
            name, colon, value = line.partition(b":")
            assert colon and TOKEN.match(name), f"RFC 9112 §5: field line {line!r}"
            value = value.strip(b" \t")
            assert FIELD_VALUE.match(value), f"RFC 9110 §5.5: field value {line!r}"
            fields.append((name.decode(), value.decode("latin-1")))
        return Reply(int(match[1]), match[2].decode(), fields)

    def reply(self, method="GET"):
        """The next final reply, whole and checked; an interim one is a failure."""
        reply = self.head()
        assert reply.status >= 200, f"an interim reply nobody expected: {reply}"
        self.body(reply, method)
        check_reply(reply, method == "HEAD")
        return reply

    def interim(self):
        reply = self.head()
        assert 100 <= reply.status < 200, reply
        assert not reply.all("Content-Length") and not reply.all("Transfer-Encoding"), reply
        return reply

    def body(self, reply, method):
        length = reply.field("Content-Length")
        coding = reply.field("Transfer-Encoding")
        assert length is None or coding is None, f"RFC 9112 §6.2: {reply}"
        if reply.status == 204:
            assert length is None and coding is None, f"RFC 9110 §8.6: {reply}"
        if method == "HEAD" or reply.status in (204, 304):
            return
        if coding is not None:
            assert coding == "chunked", reply
            reply.chunks = list(self.chunks())
            reply.body = b"".join(reply.chunks)
        elif length is not None:
            assert re.match(r"(0|[1-9][0-9]*)\Z", length), length
            reply.body = self._exactly(int(length))
        else:
            assert reply.closes(), f"RFC 9112 §6.3: neither length nor close: {reply}"
            reply.body = self.rest()

    def chunks(self):
        """The chunks of a body, strictly: hexadecimal sizes, no extensions, no trailers."""
        while True:
            size = self._line()
            assert re.match(rb"[0-9A-Fa-f]+\Z", size), f"RFC 9112 §7.1: chunk size {size!r}"
            data = self._exactly(int(size, 16))
            assert self._exactly(2) == b"\r\n"
            if not data:
                return
            yield data

    def rest(self):
        """Everything up to the server's close."""
        try:
            while True:
                self._more()
        except Closed:
            data = bytes(self.buffer)
            self.buffer.clear()
            return data

    def closed(self):
        """The server closes, and has nothing more to say."""
        rest = self.rest()
        assert rest == b"", f"more came before the close: {rest!r}"
        return self

    def ask(self, data, method="GET"):
        return self.send(data).reply(method)

    def answer_waits(self):
        """Is there anything to read just now, a close included?"""
        return bool(self.buffer or ready(self.socket, select.POLLIN, 0))

    # The kernel's view

    def server_side(self):
        """The server's end in the kernel: (state, bytes unsent, bytes unread, inode), or None."""
        return kernel_socket(("127.0.0.1", self.port), self.peer)

    def taken(self):
        """Has the server read all that was sent?"""
        left = array.array("i", [0])
        fcntl.ioctl(self.socket, termios.TIOCOUTQ, left)
        if left[0]:
            return False
        side = self.server_side()
        return side is None or side[0] != ESTABLISHED or side[2] == 0

    def wait_taken(self, deadline_s=DEADLINE_S):
        """Waits for it; within a small deadline only as far as the server does read on."""
        end = time.monotonic() + deadline_s
        while not self.taken() and time.monotonic() < end:
            os.sched_yield()


def kernel_socket(local, remote):
    """One look at sock_diag(7), which finds a socket by its addresses; /proc/net/tcp is a walk."""
    family = struct.pack("=BBBBI", socket.AF_INET, socket.IPPROTO_TCP, 0, 0, 0xFFFFFFFF)
    ports = struct.pack("!HH", local[1], remote[1])
    addresses = b"".join(socket.inet_aton(host).ljust(16, b"\0") for host, _ in (local, remote))
    cookie = struct.pack("=III", 0, 0xFFFFFFFF, 0xFFFFFFFF)
    ask = family + ports + addresses + cookie
    with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_SOCK_DIAG) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(ask), SOCK_DIAG_BY_FAMILY, 1, 1, 0) + ask)
        answer = netlink.recv(8192)
    if struct.unpack_from("=IH", answer)[1] == NLMSG_ERROR:
        return None
    state = answer[17]
    _, unread, unsent, _, inode = struct.unpack_from("=IIIII", answer, 16 + 4 + 48)
    return state, unsent, unread, inode


def request(method, target, *fields, body=None, version="HTTP/1.1", host="kith.example"):
    """A well-formed request; a body brings its Content-Length."""
    lines = [f"{method} {target} {version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += fields
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1") + (body or b"")


def get(target, *fields, **options):
    return request("GET", target, *fields, **options)


def post(target, body, *fields, **options):
    return request("POST", target, *fields, body=body, **options)


def chunked(target, coded, *fields, method="POST"):
    """A request whose body is sent as it is given, chunk sizes and all."""
    return request(method, target, "Transfer-Encoding: chunked", *fields) + coded


CANARY = get("/hello", "X-Request-Id: canary")


def row(title, *values):
    """A row of a table of cases; the title starts with the RFC and the section it tests."""
    return pytest.param(*values, id=title)


def refused(probe, data, statuses, slices=None, method="GET"):
    """The request is answered with an error, and that is the end of the connection: what stands
    behind the request is not executed."""
    with probe.wire() as wire:
        wire.send(data + CANARY, slices)
        reply = wire.reply(method)
        assert reply.status in statuses, reply
        assert reply.closes(), reply
        wire.closed()
    return reply


def answered(probe, data, status=200, slices=None, method="GET"):
    """The request is answered, and so is the one behind it on the same connection."""
    with probe.wire() as wire:
        wire.send(data + CANARY, slices)
        reply = wire.reply(method)
        assert reply.status == status, reply
        assert wire.reply().field("X-Request-Id") == "canary"
    return reply
