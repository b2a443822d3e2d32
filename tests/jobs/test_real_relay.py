"""A real mail system between kith-mailer and the world: Postfix takes what we send, refuses it in its own words, dies,
and brings back what the next system did not take."""
import email
import email.policy

import icalendar
import pytest

from mailing import clock, mailer, office, sink  # noqa: F401  pylint: disable=unused-import
from postfix import Postfix
from workers import wait_until

# pylint: disable=redefined-outer-name

BOUNCE = "bounce@mail.example.org"
RELAY_DAYS = {"KITH_MAIL_RETRY_S": 60, "KITH_MAIL_BOUNCE": BOUNCE}


def arrived(sink):
    """Mails that the relay has passed on, once all that it took is out of its hands."""
    return {mail["Message-ID"]: mail for mail in sink.arrived}


def test_a_mail_comes_through_as_it_was_written(database, office, sink, clock):
    people = [office.person(name) for name in ("Ana López", "王小明", "فاطمة")]
    messages = [office.queue("check_in_reminder", contact=one) for one in people]
    with Postfix(sink, database) as relay, mailer(database, relay.url, clock, **RELAY_DAYS):
        for message in messages:
            office.wait(message, "sent")
        wait_until(lambda: len(sink.arrived) == len(messages), "all have arrived", 20)
    assert set(arrived(sink)) == {f"<{message}@mail.example.org>" for message in messages}, "each once"
    for mail in sink.arrived:
        strict = email.message_from_bytes(mail.content, policy=email.policy.strict)
        assert [part.get_content_type() for part in strict.walk() if not part.is_multipart()] == [
            "text/plain", "text/html", "text/calendar"]
        assert strict["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "https://kith.example.org/r/" in mail.part("text/plain") and mail.part("text/html")
        event, = icalendar.Calendar.from_ical(mail.part("text/calendar")).walk("VEVENT")
        assert event["DTSTART"].dt.isoformat() == "2026-12-11"
        assert max(len(line) for line in mail.content.split(b"\r\n")) <= 998


@pytest.mark.parametrize("answer, status, outcome, code, is_suppressed", [
    ("450 4.2.0 greylisted", "retry", "deferred", "4.2.0", False),
    ("421 4.7.0 come back", "retry", "deferred", "4.7.0", False),
    ("550 5.1.1 no such user", "failed", "refused", "5.1.1", True),
    ("550 5.7.1 we do not want this", "failed", "refused", "5.7.1", False),
    ("552 5.2.2 mailbox full", "failed", "refused", "5.2.2", False)])
def test_what_the_relay_says_of_an_address_decides(database, office, sink, clock, answer, status, outcome, code, is_suppressed):
    there, refused = office.person("There", email="there@example.net"), office.person("R", email="refused@example.net")
    message = office.queue("agreement_acknowledgment", contact=refused)
    other = office.queue("agreement_acknowledgment", contact=there)
    with Postfix(sink, database, {"refused@example.net": answer}) as relay, \
            mailer(database, relay.url, clock, **RELAY_DAYS):
        office.wait(message, status)
        office.wait(other, "sent")
    attempt, = office.read("message_attempt", "message_id = %s", message)
    assert (attempt["outcome"], attempt["code"]) == (outcome, code)
    assert [s["address"] for s in office.read("address_suppression", "district_id = %s", office.id)] == (
        ["refused@example.net"] if is_suppressed else [])


def test_a_mail_that_is_too_large_for_the_relay_ends_and_somebody_knows(database, office, sink, clock):
    with Postfix(sink, database, largest=2000) as relay, mailer(database, relay.url, clock, **RELAY_DAYS):
        message = office.queue()
        office.wait(message, "failed")
    attempt, = office.read("message_attempt", "message_id = %s", message)
    assert (attempt["outcome"], attempt["code"]) == ("refused", "5.3.4") and not sink.arrived
    assert office.tasks() == [("call", "failed")]


def test_a_relay_that_dies_gets_the_rest_when_it_is_back(database, office, sink, clock):
    with Postfix(sink, database) as relay, mailer(database, relay.url, clock, **RELAY_DAYS):
        first = office.queue("agreement_acknowledgment")
        office.wait(first, "sent")
        relay.stop()
        second = office.queue("agreement_acknowledgment")
        office.wait(second, "retry")
        relay.start()
        clock.set("2026-11-21T15:02:00.000Z")
        office.wait(second, "sent")
        wait_until(lambda: len(sink.arrived) == 2, "both have arrived", 20)
    assert office.attempts(second) == ["deferred", "sent"]


def test_what_the_next_system_refuses_comes_back_and_is_the_last_to_that_address(database, office, sink, clock):
    """The relay has taken the mail; what it reports, by the address that each mail has of its own, is as good as a refusal
    at once."""
    gone, full = office.person("Gone", email="gone@example.net"), office.person("Full", email="full@example.net")
    sink.on("RCPT", lambda envelope: "550 5.1.1 nobody of that name")
    with Postfix(sink, database) as relay, mailer(database, relay.url, clock, **RELAY_DAYS):
        message = office.queue("agreement_acknowledgment", contact=gone)
        wait_until(lambda: office.status(message) == "failed", "the report is known", 20)
        sink.on("RCPT", "552 5.2.2 mailbox full")
        soft = office.queue("agreement_acknowledgment", contact=full)
        wait_until(lambda: office.status(soft) == "failed", "the report is known", 20)
    assert {(s["address"], s["reason"], s["detail"]) for s in office.read(
        "address_suppression", "district_id = %s", office.id)} == {("gone@example.net", "bounced", "5.1.1")}
    assert ("call", "bounced") in office.tasks()
    assert office.status(office.queue("check_in_reminder", contact=gone)) == "bounced"
