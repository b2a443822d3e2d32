"""One dialog with a mail server, from every point at which it can end, and what is made of it."""
import contextlib
import socket
import ssl
import subprocess
import threading

import pytest

from mails import DROP, Probe, Sink, loopback, sign_in_as
from world import uuid7

FROM = "partners@kith.example.org"
CONNECT_MS = 2000
TOTAL_MS = 10000
MAIL = b"Subject: x\r\nMessage-ID: <1@kith.example.org>\r\n\r\n.\r\n..two\r\nend\r\n"


@pytest.fixture
def sink():
    with Sink() as one:
        yield one


@contextlib.contextmanager
def relay(url, ca="", total_ms=TOTAL_MS):
    with Probe("send", url, FROM, ca, str(CONNECT_MS), str(total_ms)) as probe:
        yield lambda to="ana@example.com", mail=MAIL: tuple(
            answer.decode() for answer in probe.ask([uuid7(), to, mail], 5))


def test_a_mail_arrives_as_it_was_written(sink):
    with relay(sink.url) as send:
        assert send()[:4] == ("accepted", "", "250", "2.0.0")
    mail, = sink.arrived
    assert (mail.sender, mail.recipients, mail.content) == (FROM, ["ana@example.com"], MAIL)
    assert sink.greeted == ["kith.example.org"]


def test_mails_share_a_connection(sink):
    with relay(sink.url) as send:
        assert {send(f"p{n}@example.com")[0] for n in range(20)} == {"accepted"}
    assert len(sink.greeted) == 1
    assert [m.recipients for m in sink.arrived] == [[f"p{n}@example.com"] for n in range(20)]


def test_a_large_mail_with_dots_arrives(sink):
    body = b"".join(b"." * (n % 5) + b"line %d\r\n" % n for n in range(20000))
    with relay(sink.url) as send:
        assert send(mail=b"Subject: x\r\n\r\n" + body)[0] == "accepted"
    assert sink.arrived[0].content.endswith(body)


@pytest.mark.parametrize("command, answer, outcome, cause, code, status", [
    ("RCPT", "550 5.1.1 no such user", "refused", "address", "550", "5.1.1"),
    ("RCPT", "550 5.7.1 not allowed", "refused", "policy", "550", "5.7.1"),
    ("RCPT", "550 no", "refused", "other", "550", ""),
    ("RCPT", "552 5.2.2 full", "refused", "other", "552", "5.2.2"),
    ("RCPT", "450 4.2.0 greylisted", "deferred", "", "450", "4.2.0"),
    ("RCPT", "421 4.3.2 closing", "deferred", "relay", "421", "4.3.2"),
    ("RCPT", "450 4.7.1 not so fast", "deferred", "policy", "450", "4.7.1"),
    ("REFUSE", "451 4.7.650 throttled", "deferred", "policy", "451", "4.7.650"),
    ("DATA", "554 5.7.0 no", "refused", "policy", "554", "5.7.0"),
    ("DATA", "451 4.3.0 later", "deferred", "", "451", "4.3.0"),
    ("REFUSE", "550 5.7.1 spam", "refused", "policy", "550", "5.7.1"),
    ("REFUSE", "550-5.1.1 more\r\n550 5.1.1 lines", "refused", "address", "550", "5.1.1"),
    ("REFUSE", "452 4.3.1 full", "deferred", "", "452", "4.3.1"),
    # The server does not want us: that is no fault of the mail.
    ("MAIL", "550 5.7.1 sender refused", "deferred", "relay", "550", "5.7.1"),
    ("MAIL", "421 4.7.0 too many", "deferred", "relay", "421", "4.7.0"),
    ("MAIL", "451 4.7.1 later", "deferred", "relay", "451", "4.7.1"),
    ("EHLO", "421 4.3.2 not now", "deferred", "relay", "421", "4.3.2"),
    ("MAIL", "552 5.3.4 too large", "refused", "other", "552", "5.3.4"),
    ("MAIL", "552 too large", "refused", "other", "552", ""),
    ("MAIL", "452 4.3.1 no room now", "deferred", "relay", "452", "4.3.1"),
])
def test_an_answer_has_its_outcome(sink, command, answer, outcome, cause, code, status):
    sink.on(command, answer)
    with relay(sink.url) as send:
        assert send()[:4] == (outcome, cause, code, status)
        del sink.hooks[command]
        assert send()[0] == "accepted"
    assert len(sink.arrived) == 1


@pytest.mark.parametrize("command, outcome", [
    ("EHLO", "deferred"), ("MAIL", "deferred"), ("RCPT", "deferred"), ("DATA", "deferred"),
    ("REFUSE", "unknown"), ("DOT", "unknown")])
def test_a_lost_connection_is_unknown_only_after_the_last_byte(sink, command, outcome):
    sink.on(command, DROP)
    with relay(sink.url) as send:
        found = send()
    assert found[:4] == (outcome, "relay", "0", "") and found[4] != ""
    assert len(sink.arrived) == (command == "DOT")


def test_a_server_that_never_answers_the_last_byte_leaves_it_unknown(sink):
    answer = threading.Event()
    sink.on("DOT", lambda envelope: answer.wait(20) and None)
    with relay(sink.url, total_ms=500) as send:
        assert send()[:2] == ("unknown", "relay")
        answer.set()


def test_a_connection_that_ended_while_idle_is_made_again(sink):
    with relay(sink.url) as send:
        assert send()[0] == "accepted"
        sink.on("MAIL", DROP, times=1)
        assert send()[0] == "accepted"
        sink.on("MAIL", "421 4.7.0 enough of this connection", times=1)
        assert send()[0] == "accepted"
    assert len(sink.greeted) == 3 and len(sink.arrived) == 3


def test_nobody_there(sink):
    with relay(f"smtp://{loopback()}:2525") as send:
        assert send()[:4] == ("deferred", "relay", "0", "")


def test_a_server_that_says_nothing_is_given_up():
    with socket.create_server((loopback(), 2525)) as listener:
        host, port = listener.getsockname()
        with relay(f"smtp://{host}:{port}", total_ms=300) as send:
            assert send()[:2] == ("deferred", "relay")


def test_a_server_that_talks_nonsense_is_for_later():
    with socket.create_server((loopback(), 2525)) as listener:
        def serve():
            with listener.accept()[0] as one:
                one.sendall(b"HTTP/1.1 200 OK\r\n\xff\xfe" + b"\0" * 100 + b"\r\n")
                one.recv(1000)
        thread = threading.Thread(target=serve)
        thread.start()
        host, port = listener.getsockname()
        with relay(f"smtp://{host}:{port}", total_ms=1000) as send:
            assert send()[:2] == ("deferred", "relay")
        thread.join(10)


def test_nothing_but_an_address_is_said_to_the_server(sink):
    with relay(sink.url) as send:
        for address in ("", "a", "a@b>\r\nRCPT TO:<c@d", "a@b c", "<a@b>"):
            assert send(address)[:2] == ("refused", "address")
    assert sink.greeted == []


# ---- TLS and signing in --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that only who is told of it trusts: (host, file, key)."""
    folder = tmp_path_factory.mktemp("tls")
    host = loopback()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=kith",
                    "-addext", f"subjectAltName=IP:{host}", "-keyout", f"{folder}/key",
                    "-out", f"{folder}/cert"], check=True, capture_output=True)
    return host, f"{folder}/cert", f"{folder}/key"


@contextlib.contextmanager
def secure_sink(certificate, hostname=None, **options):
    host, cert, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with Sink(hostname or host, tls_context=context, **options) as one:
        yield one


def test_tls_is_used_here_when_it_is_offered(certificate):
    with secure_sink(certificate) as sink, relay(sink.url) as send:
        assert send()[0] == "accepted"
        assert sink.arrived[0].is_tls


def test_tls_that_is_required_needs_a_certificate_that_is_trusted(certificate):
    with secure_sink(certificate) as sink:
        with relay(f"{sink.url}?tls=required") as send:
            assert send()[:2] == ("deferred", "relay")
        assert sink.arrived == []
        with relay(f"{sink.url}?tls=required", ca=certificate[1]) as send:
            assert send()[0] == "accepted"
        assert sink.arrived[0].is_tls
    with secure_sink(certificate, loopback()) as sink:
        with relay(f"{sink.url}?tls=required", ca=certificate[1]) as send:
            assert send()[:2] == ("deferred", "relay"), "it is another host's"


def test_tls_that_is_required_and_not_offered_sends_nothing(sink):
    with relay(f"{sink.url}?tls=required") as send:
        assert send()[:2] == ("deferred", "relay")
    assert sink.arrived == []


def test_a_password_is_said_under_tls(certificate):
    options = {"authenticator": sign_in_as("kith", "p:ss@"), "auth_required": True}
    with secure_sink(certificate, **options) as sink:
        with relay(sink.url.replace("//", "//kith:p%3Ass%40@")) as send:
            assert send()[0] == "accepted"
        with relay(sink.url.replace("//", "//kith:wrong@")) as send:
            assert send()[:3] == ("deferred", "relay", "535"), "not the mail's fault"
        with relay(sink.url) as send:
            assert send()[:3] == ("deferred", "relay", "530")
    assert len(sink.arrived) == 1
