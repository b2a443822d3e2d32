"""A name server for the tests: answers what a test puts into `records`, over UDP on an address of its own."""
import contextlib
import socket
import struct
import threading

from mails import loopback

TYPES = {"A": 1, "MX": 15, "TXT": 16, "AAAA": 28}
PORT = 5300
NAME_ERROR = 3


def packed_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def data_of(kind, value):
    if kind == "TXT":
        bits = [value.encode()[at:at + 255] for at in range(0, len(value.encode()), 255)] or [b""]
        return b"".join(bytes([len(bit)]) + bit for bit in bits)
    if kind == "MX":
        return struct.pack(">H", 10) + packed_name(value)
    return socket.inet_pton(socket.AF_INET if kind == "A" else socket.AF_INET6, value)


class NameServer:
    """`records`: {(name, kind): [value]}; a name that is nowhere is said not to be."""

    def __init__(self):
        self.records, self.asked = {}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((loopback(), PORT))

    @property
    def place(self):
        return f"{self.socket.getsockname()[0]}:{PORT}"

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, kind = ".".join(labels), struct.unpack(">H", query[at + 1:at + 3])[0]
        self.asked.append((name, kind))
        is_there = any(one == name for one, _ in self.records)
        found = [data_of(word, value) for (one, word), values in self.records.items()
                 if one == name and TYPES[word] == kind for value in values]
        head = query[:2] + struct.pack(">HHHHH", 0x8180 | (0 if is_there else NAME_ERROR), 1, len(found), 0, 0)
        rows = [b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in found]
        return head + query[12:at + 5] + b"".join(rows)

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                query, sender = self.socket.recvfrom(4096)
                if not query:
                    return
                self.socket.sendto(self.answer(query), sender)

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()
