"""What becomes of a mail whose server does not answer in time, or is not who it says: the rest of what mail servers say is
in test_mailer.py."""
import threading

import pytest

from mailing import clock, mailer, office, sink  # noqa: F401
from test_mail_send import certificate, secure_sink  # noqa: F401
from test_mailer import arrived

# pylint: disable=redefined-outer-name


@pytest.mark.parametrize("command, outcome, copies", [
    ("EHLO", "deferred", 1), ("MAIL", "deferred", 1), ("RCPT", "deferred", 1), ("DATA", "deferred", 1), ("DOT", "unknown", 2)])
def test_a_server_that_takes_too_long_gets_it_again_later(database, office, sink, clock, command, outcome, copies):
    message = office.queue()
    sink.on(command, lambda envelope: threading.Event().wait(3) and None, times=1)
    with mailer(database, sink.url, clock, KITH_MAIL_TIMEOUT_MS=1000):
        office.wait(message, "retry")
        assert office.attempts(message) == [outcome]
        clock.set("2026-11-21T15:01:00.000Z")
        office.wait(message, "sent")
    assert office.attempts(message) == [outcome, "sent"]
    assert len(arrived(sink, message)) == copies


def test_a_server_whose_certificate_nobody_trusts_gets_nothing(database, office, clock, certificate):
    with secure_sink(certificate) as sink:
        message = office.queue()
        with mailer(database, f"{sink.url}?tls=required", clock) as program:
            office.wait(message, "retry")
            assert "the mail server cannot be used" in program.log_text()
        assert office.attempts(message) == ["deferred"] and sink.arrived == []
        clock.set("2026-11-21T15:01:00.000Z")
        with mailer(database, f"{sink.url}?tls=required", clock, KITH_MAIL_CA_FILE=certificate[1]):
            office.wait(message, "sent")
        assert len(sink.arrived) == 1 and sink.arrived[0].is_tls


def test_a_domain_that_wants_none_for_now_is_left_alone_and_others_are_not(database, office, sink, clock):
    people = [office.person(f"P{n}", email=f"p{n}@slow.example.org") for n in range(3)]
    sink.on("RCPT", "451 4.7.1 not so fast")
    first = office.queue("agreement_acknowledgment", contact=people[0])
    with mailer(database, sink.url, clock):
        office.wait(first, "retry")
        later = [office.queue("agreement_acknowledgment", contact=p) for p in people[1:]]
        del sink.hooks["RCPT"]
        office.wait(office.queue(), "sent")
        office.change("app_user", office.user, email=f"{office.user}@slow.example.org")
        assert [office.status(message) for message in later] == ["queued", "queued"]
        assert office.attempts(first) == ["deferred"]
        office.wait(office.queue("password_reset"), "sent")  # somebody waits for it, and now the domain takes them
        for message in later:
            office.wait(message, "sent")
