"""What mail systems report of mails that they had taken: `kith bounce`, and what is done then."""
import os
import subprocess

import pytest

from mailing import clock, mailer, office, sink  # noqa: F401  pylint: disable=unused-import
from world import BUILD, environment_with

# pylint: disable=redefined-outer-name

BOUNCE = "bounce@mail.example.org"


def kith_bounce(database, report, *words, url=None):
    """Exit status, and what it said."""
    done = subprocess.run([os.path.join(BUILD, "bin/kith"), "bounce", *words], input=report.encode(), check=False,
                          capture_output=True, timeout=60,
                          env=environment_with(KITH_MIGRATE_URL=url or database.uri("kith_migrate")))
    return done.returncode, done.stdout.decode().strip()


def bounced(to, status="5.1.1", action="failed"):
    return (f"To: {to}\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
            f"Content-Type: text/plain\r\n\r\nWe are sorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; a@example.net\r\n"
            f"Action: {action}\r\nStatus: {status}\r\n--b--\r\n")


def complained(sender):
    return ("To: abuse@mail.example.org\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
            f"Original-Mail-From: <{sender}>\r\n--b--\r\n")


class Sent:
    """Mails that went, each from an address of its own."""

    def __init__(self, database, office, sink, clock):
        self.database, self.office, self.sink, self.clock = database, office, sink, clock

    def __call__(self, *kinds, **who):
        """(message, sender) of each kind, in order."""
        messages = []
        with mailer(self.database, self.sink.url, self.clock, KITH_MAIL_BOUNCE=BOUNCE):
            for kind in kinds: # one after another, so that each is a mail of its own
                messages.append(self.office.queue(kind, **who))
                self.office.wait(messages[-1], "sent")
        senders = {m["Message-ID"]: m.sender for m in self.sink.arrived}
        return [(message, senders[f"<{message}@mail.example.org>"]) for message in messages]

    def address(self, contact=None):
        return self.office.read("contact", "id = %s", contact or self.office.contact)[0]["email"]

    def suppressed(self):
        return {(s["address"], s["reason"], s["detail"]) for s in self.office.read(
            "address_suppression", "district_id = %s", self.office.id)}


@pytest.fixture
def sent(database, office, sink, clock):
    return Sent(database, office, sink, clock)


@pytest.mark.shows("administration.bounces")
def test_a_mail_that_comes_back_is_the_last_one_and_somebody_calls(database, office, sent):
    (message, sender), = sent("check_in_reminder")
    attempt, = office.read("message_attempt", "message_id = %s", message)
    assert sender == f"bounce+{str(attempt['id']).replace('-', '')}@mail.example.org"
    assert kith_bounce(database, bounced(sender, "4.4.1", "delayed")) == (0, "it is no report")
    assert kith_bounce(database, bounced(sender)) == (0, "a report is taken: hard 5.1.1")
    assert kith_bounce(database, bounced(BOUNCE), sender) == (0, "a report is known: hard 5.1.1")
    assert office.status(message) == "failed" and office.tasks() == [("call", "bounced")]
    assert sent.suppressed() == {(sent.address(), "bounced", "5.1.1")}
    assert office.status(office.queue("agreement_acknowledgment")) == "bounced"
    stranger = sender.replace(sender[7:15], "0" * 8)
    assert kith_bounce(database, bounced(stranger)) == (0, "a report is unknown: hard 5.1.1"), "nobody answers a forgery"
    assert kith_bounce(database, "Subject: I am away\r\n\r\nUntil Monday.\r\n", sender) == (0, "it is no report")
    assert kith_bounce(database, bounced(sender), url="postgresql://127.0.0.1:1/x")[0] == 75, "it comes again"


@pytest.mark.shows("administration.bounces")
def test_three_soft_bounces_in_a_month_are_a_hard_one_and_a_policy_is_no_fault_of_the_address(database, office, sent):
    mails = sent("check_in_reminder", "agreement_acknowledgment", "investment_confirmation")
    for place, (_, sender) in enumerate(mails, 1):
        for _ in range(2):
            kith_bounce(database, bounced(sender, "4.2.2"))
        assert sent.suppressed() == ({(sent.address(), "bounced", "4.2.2")} if place == 3 else set())
    assert sorted(office.tasks()) == [("call", "bounced"), ("call", "failed"), ("call", "failed")]
    other = office.person("Other")
    (message, sender), = sent("agreement_acknowledgment", contact=other)
    assert kith_bounce(database, bounced(sender, "5.7.26")) == (0, "a report is taken: policy 5.7.26")
    assert office.status(message) == "failed" and len(sent.suppressed()) == 1


@pytest.mark.shows("administration.complaints")
def test_who_complains_gets_no_more_and_is_called(database, office, sent):
    (message, sender), = sent("survey_invitation")
    assert kith_bounce(database, complained(sender)) == (0, "a report is taken: complaint")
    preference, = office.read("preference", "district_id = %s", office.id)
    assert (str(preference["contact_id"]), preference["topic"], preference["opted_out"], preference["source"]) == (
        office.contact, "all", True, "complaint")
    assert office.status(message) == "sent" and sent.suppressed() == set()
    assert office.status(office.queue("survey_invitation")) == "opted_out"
    assert office.status(office.queue("check_in_reminder")) == "opted_out" and office.tasks() == [("call", "opted_out")]
    assert sent("password_reset"), "the account goes on"
