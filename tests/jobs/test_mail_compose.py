"""Mails as others read them: what was given comes back out of Python's email package, whatever the
script, and the bytes keep to the standards."""
import datetime as dt
import email
import email.policy
import re
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mails import Probe

FIELDS = ("id", "series_id", "written_at", "from_name", "from_address", "to_name", "to_address",
          "reply_name", "reply_address", "subject", "language", "list", "unsubscribe_url", "text",
          "html", "calendar", "method")
EXAMPLE = {
    "id": "0198c0a2-0000-7000-8000-000000000001", "series_id": "", "written_at": "1795273200000",
    "from_name": "Riverside", "from_address": "partners@kith.example.org", "to_name": "Ana",
    "to_address": "ana@example.com", "reply_name": "", "reply_address": "office@example.org",
    "subject": "A check-in", "language": "en", "list": "check_ins.riverside",
    "unsubscribe_url": "https://kith.example.org/u/x", "text": "Hello", "html": "<p>Hello</p>",
    "calendar": "", "method": ""}
MANY = settings(max_examples=100, deadline=None,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


# Words of any script, with what else names and subjects have: quotes, dots, brackets, runs of spaces.
LINE = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=100)
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=500)


@pytest.fixture(scope="module")
def probe():
    with Probe("compose") as one:
        yield one


def compose(probe, **fields):
    """(why not, bytes)"""
    given_fields = {**EXAMPLE, **fields}
    why, mail = probe.ask([given_fields[name] for name in FIELDS], 2)
    return why.decode(), mail


def parsed(mail):
    return email.message_from_bytes(mail, policy=email.policy.default)


def check_bytes(mail):
    """RFC 5322 §2.1.1, RFC 2045 §6.7, RFC 2047 §2."""
    assert mail.isascii() and b"\0" not in mail
    assert not re.search(rb"[^\r]\n|\r[^\n]", mail), "lines end in CRLF"
    lines = mail.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    head, _, body = mail.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        assert line.strip() and not line.endswith(b" "), "no line of white space"
        if b"=?UTF-8?" in line:
            assert len(line) <= 76
            assert all(len(w) <= 75 for w in line.split())
    assert all(len(line) <= 78 for line in body.split(b"\r\n"))
    assert not re.search(rb"(?m)^(\.|From )", body)


def display_name(mail, header):
    """By the package's older reader: the newer one puts a space between two encoded words."""
    raw = email.message_from_bytes(mail, policy=email.policy.compat32)[header]
    name, _ = parseaddr(re.sub("\r\n", "", raw))
    return str(make_header(decode_header(name)))


def spaced(name):
    """Runs of white space in a name say no more than one space."""
    return " ".join(name.split())


def lines_of(text):
    """As text/* has them: each line's end is one LF."""
    return re.sub("\r\n|\r", "\n", text)


@MANY
@given(subject=LINE, from_name=LINE, to_name=LINE, reply_name=LINE)
def test_subjects_and_names_of_any_script_come_back(probe, subject, from_name, to_name, reply_name):
    why, mail = compose(probe, subject=subject, from_name=from_name, to_name=to_name,
                        reply_name=reply_name)
    assert why == ""
    check_bytes(mail)
    found = parsed(mail)
    assert not any(part.defects for part in found.walk())
    assert found["Subject"] == subject
    for header, name, address in (("From", from_name, "partners@kith.example.org"),
                                  ("To", to_name, "ana@example.com"),
                                  ("Reply-To", reply_name, "office@example.org")):
        assert len(found.get_all(header)) == 1
        assert [a.addr_spec for a in found[header].addresses] == [address]
        assert spaced(display_name(mail, header)) == spaced(name)


@MANY
@given(text=TEXT, html=TEXT, calendar=TEXT)
def test_texts_come_back(probe, text, html, calendar):
    why, mail = compose(probe, text=text, html=html, calendar=calendar, method="REQUEST")
    assert why == ""
    check_bytes(mail)
    found = parsed(mail)
    assert found.get_content_type() == "multipart/alternative"
    parts = {p.get_content_type(): p for p in found.iter_parts()}
    assert list(parts) == ["text/plain", "text/html", "text/calendar"][:3 if calendar else 2]
    for kind, given_text in (("plain", text), ("html", html), ("calendar", calendar)):
        part = parts.get(f"text/{kind}")
        if part is None:
            continue
        assert not part.defects and part["Content-Transfer-Encoding"] == "quoted-printable"
        assert part.get_content_charset() == "utf-8"
        # Not get_content(), which takes other characters than CR and LF for line ends.
        content = lines_of(part.get_payload(decode=True).decode())
        assert content.rstrip("\n") == lines_of(given_text).rstrip("\n")


@MANY
@given(st.sampled_from(["subject", "from_name", "to_name", "reply_name", "to_address",
                        "from_address", "list", "language", "unsubscribe_url", "id"]),
       st.text(max_size=20), st.characters(whitelist_categories=("Cc",)), st.text(max_size=20))
def test_no_control_character_comes_into_a_header(probe, field, before, control, after):
    why, mail = compose(probe, **{field: (before + control + after).encode("utf-8", "replace")})
    assert why != "" and mail == b""


def test_the_headers(probe):
    why, mail = compose(probe, series_id="0198c0a2-0000-7000-8000-000000000000", calendar="X",
                        method="CANCEL", language="es-MX")
    assert why == ""
    check_bytes(mail)
    found = parsed(mail)
    assert found["Message-ID"] == "<0198c0a2-0000-7000-8000-000000000001@kith.example.org>"
    assert found["References"] == "<0198c0a2-0000-7000-8000-000000000000@kith.example.org>"
    assert parsedate_to_datetime(found["Date"]) == dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)
    assert found["List-Unsubscribe"].strip() == "<https://kith.example.org/u/x>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found["List-Id"] == "<check_ins.riverside.kith.example.org>"
    assert (found["Auto-Submitted"], found["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert (found["MIME-Version"], found["Content-Language"]) == ("1.0", "es-MX")
    calendar = list(found.iter_parts())[2]
    assert calendar["Content-Type"].params["method"] == "CANCEL"


def test_the_same_mail_is_the_same_bytes(probe):
    assert compose(probe) == compose(probe)
