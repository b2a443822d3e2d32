"""One mail a person a day: what reminds of duties is gathered, each thing with a link of its own, and the ledger says of
each what became of it."""
import html
import re

import icalendar
import pytest

from hard_strings import HARD
from mailing import Office, clock, mailer, office, sink  # noqa: F401
from mail_words import of_page, of_text
from mails import DROP
from test_mailer import arrived, token_hash
from world import NOW, uuid7

# pylint: disable=redefined-outer-name

KINDS = ("check_in_reminder", "check_in_escalation", "agreement_notice", "credential_notice", "records_request_due", "digest",
         "agreement_acknowledgment", "partnership_acknowledgment", "investment_confirmation", "credential_request",
         "record_check")
LINKS = re.compile(r"https://kith\.example\.org/r/kith_[\w-]+")
MONDAY = "2026-11-23T15:00:00.000Z"


def carriers(office, *messages):
    """The mails that carry them."""
    found = office.read("message", "id = ANY (%s::uuid[])", list(messages))
    assert len(found) == len(messages)
    return {str(one["carried_by"]) if one["carried_by"] else None for one in found}


def together(office, *messages):
    carrier, = carriers(office, *messages)
    return carrier


@pytest.mark.shows("administration.duty_mails")
def test_what_is_due_on_a_day_goes_in_one_mail_with_a_link_each(database, office, sink, clock):
    checks = [office.check_in() for _ in range(2)]
    messages = [*(office.queue(subject=one) for one in checks), office.queue("credential_notice")]
    other = office.queue(user=office.user)
    with mailer(database, sink.url, clock):
        for message in (*messages, other):
            office.wait(message, "sent")
    carrier = together(office, *messages)
    assert carriers(office, other) == {None} and len(sink.arrived) == 2
    mail, = arrived(sink, carrier)
    assert mail["Subject"] == "Check-in for Reading Buddies: please answer by Friday, December 11 – and 2 more"
    text, page = mail.part("text/plain"), mail.part("text/html")
    links = LINKS.findall(text)
    assert len(links) == len(set(links)) == 4 and set(links) <= set(LINKS.findall(page))
    opened = {row["token_hash"]: row for row in office.read("link", "district_id = %s", office.id)}
    assert [opened[token_hash(link)]["purpose"] for link in links] == ["check_in", "check_in", "credential", "tasks"]
    assert {str(opened[token_hash(link)]["subject_id"]) for link in links[:2]} == set(checks)
    assert opened[token_hash(links[3])]["subject_id"] is None
    carried = office.read("message", "carried_by = %s", carrier)
    assert {str(row["id"]) for row in carried} == set(messages)
    assert {row["sent_at"] for row in carried} == {office.message(carrier)["sent_at"]}
    assert office.attempts(carrier) == ["sent"] and all(office.attempts(one) == [] for one in messages)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.shows("administration.duty_links")
def test_each_link_of_a_gathered_mail_says_what_it_opens(database, office, sink, clock, language):
    """WCAG 2.4.4: read out alone, no two of them are alike; in the text as on the page."""
    office.change("contact", office.contact, locale=language)
    checks = {office.check_in(due_on=day): day for day in ("2026-12-11", "2026-12-14")}
    messages = [*(office.queue(subject=one, due_on=day) for one, day in checks.items()),
                *(office.queue(kind) for kind in KINDS[6:])]
    with mailer(database, sink.url, clock):
        for message in messages:
            office.wait(message, "sent")
    mail, = arrived(sink, together(office, *messages))
    text, page = mail.part("text/plain"), mail.part("text/html")
    said = [html.unescape(one) for one in re.findall(r'<a [^>]*href="https://kith\.example\.org/r/[^"]+"[^>]*>([^<]+)</a>', page)]
    said = [one for one in said if "https" not in one]
    assert len(said) == len(set(said)) >= len(messages) + 1, said
    assert {"en": "Fill in the check-in for Reading Buddies of Monday, December 14",
            "es": "Llenar la revisión de Reading Buddies del lunes 14 de diciembre"}[language] in said
    assert all(f"{one}: https://kith.example.org/r/" in text for one in said[:len(messages)])


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_kind_can_be_told_of_beside_others(database, office, sink, clock, language):
    office.change("contact", office.contact, locale=language)
    office.change("app_user", office.user, locale=language)
    for whom in ({"contact": office.contact}, {"user": office.user}):
        messages = [office.queue(kind, **whom) for kind in KINDS]
        with mailer(database, sink.url, clock):
            for message in messages:
                office.wait(message, "sent")
        mail, = arrived(sink, together(office, *messages))
        text, page = mail.part("text/plain"), mail.part("text/html")
        assert not re.search(r"\{\{|\}\}|None|null", text + page)
        assert of_text(text) == of_page(page) and f'<html lang="{language}" dir="ltr">' in page
        assert text.count("\n* ") == len(KINDS) and page.count("<li") >= len(KINDS)


@pytest.mark.shows("everywhere.strings")
def test_names_stand_in_a_gathered_mail_as_they_were_written(database, office, sink, clock):
    messages = [office.queue("agreement_notice", agreement=text, partnership=text) for text in HARD.values()]
    with mailer(database, sink.url, clock):
        for message in messages:
            office.wait(message, "sent")
    mail, = arrived(sink, together(office, *messages))
    assert all(f"* An agreement expires: {text}" in mail.part("text/plain") for text in HARD.values())


def test_each_check_in_brings_its_day_into_the_calendar(database, office, sink, clock):
    checks = {office.check_in(due_on=day): day for day in ("2026-12-11", "2026-12-14")}
    messages = [office.queue(subject=one, due_on=day) for one, day in checks.items()]
    with mailer(database, sink.url, clock):
        for message in messages:
            office.wait(message, "sent")
    mail, = sink.arrived
    found = {}
    for part in mail.message.walk():
        if part.get_content_type() == "text/calendar":
            assert part.get_content_disposition() == "attachment"
            calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
            event, = calendar.walk("VEVENT")
            found[str(event["UID"])] = str(event["DTSTART"].dt)
            assert calendar["METHOD"] == part["Content-Type"].params["method"] == "REQUEST"
            assert f"ana.{office.contact}@example.org" in event["ATTENDEE"] and LINKS.search(event["URL"])
    assert found == checks


def test_what_need_not_go_any_more_is_left_out_of_it_for_its_own_reason(database, office, sink, clock):
    checks = [office.check_in() for _ in range(3)]
    messages = [office.queue(subject=one) for one in checks]
    answered = office.row("check_in_half", check_in_id=checks[1], side="partner", status="submitted", submitted_at=NOW)
    with mailer(database, sink.url, clock):
        office.wait(messages[0], "sent")
        office.wait(messages[2], "sent")
        assert office.wait(messages[1], "already_done") and answered
    assert carriers(office, messages[1]) == {None}
    mail, = sink.arrived
    assert mail.part("text/plain").count("* Check-in") == 2


def test_a_mail_that_is_tried_again_says_what_is_still_so(database, office, sink, clock):
    """The same message, by its Message-ID; what has been done meanwhile is not in it."""
    checks = [office.check_in() for _ in range(2)]
    messages = [office.queue(subject=one) for one in checks]

    def lose(_):
        office.row("check_in_half", check_in_id=checks[0], side="partner", status="submitted", submitted_at=NOW)
        return "451 4.3.0 later"

    sink.on("DATA", lose, times=1)
    with mailer(database, sink.url, clock, KITH_MAIL_RETRY_S=1):
        office.wait(messages[1], "retry")
        clock.set("2026-11-21T16:00:00.000Z")
        office.wait(messages[1], "sent")
    carrier = together(office, *messages)
    assert office.status(messages[0]) == "already_done" and office.attempts(carrier) == ["deferred", "sent"]
    mail, = arrived(sink, carrier)
    assert mail.part("text/plain").count("* Check-in") == 1


def test_of_a_mail_that_nothing_is_left_of_nothing_goes(database, office, sink, clock):
    checks = [office.check_in() for _ in range(2)]
    messages = [office.queue(subject=one) for one in checks]

    def lose(_):
        for one in checks:
            office.row("check_in_half", check_in_id=one, side="partner", status="submitted", submitted_at=NOW)
        return "451 4.3.0 later"

    sink.on("DATA", lose, times=1)
    with mailer(database, sink.url, clock, KITH_MAIL_RETRY_S=1):
        office.wait(messages[0], "retry")
        clock.set("2026-11-21T16:00:00.000Z")
        for message in messages:
            office.wait(message, "already_done")
        office.wait(together(office, *messages), "already_done")
    assert sink.arrived == []


def test_who_cannot_be_reached_is_called_about_each(database, office, sink, clock):
    messages = [office.queue() for _ in range(2)]
    sink.on("RCPT", lambda _: "550 5.1.1 nobody", times=1)
    with mailer(database, sink.url, clock):
        for message in messages:
            office.wait(message, "failed")
    assert office.tasks() == [("call", "bounced")] * 2


def test_a_mail_whose_fate_nobody_knows_goes_once_more_under_its_name(database, office, sink, clock):
    messages = [office.queue() for _ in range(2)]
    sink.on("DOT", lambda _: DROP, times=1)
    with mailer(database, sink.url, clock, KITH_MAIL_RETRY_S=1) as program:
        office.wait(messages[0], "retry", "sent")
        clock.set("2026-11-21T16:00:00.000Z")
        for message in messages:
            office.wait(message, "sent")
        assert program
    found = arrived(sink, together(office, *messages))
    assert len(found) == len(sink.arrived) and {m["Message-ID"] for m in found} == {found[0]["Message-ID"]}


def test_what_comes_later_on_the_day_waits_for_the_next_one_unless_that_is_too_late(database, office, sink, clock):
    clock.set(MONDAY)
    first = office.queue(at=MONDAY)
    with mailer(database, sink.url, clock):
        office.wait(first, "sent")
        later = office.queue(at=MONDAY)
        urgent = office.queue(at=MONDAY, due_on="2026-11-23", subject=office.check_in(due_on="2026-11-23"),
                              until="2026-11-24T06:00:00Z")
        moved = office.queue(at=MONDAY, is_moved=True, was_due_on="2026-12-04")
        office.wait(urgent, "sent")
        office.wait(moved, "sent")
        assert office.status(later) == "queued"
        assert office.message(later)["not_before"].isoformat() == "2026-11-24T15:00:00+00:00"
        clock.set("2026-11-24T15:00:00.000Z")
        office.wait(later, "sent")


def test_many_mailers_gather_what_is_one_persons(database, office, sink, clock):
    people = [office.person(f"P{n}") for n in range(6)]
    messages = {one: [office.queue("credential_notice", contact=one) for _ in range(5)] for one in people}
    with mailer(database, sink.url, clock, KITH_WORKERS=4):
        for theirs in messages.values():
            for message in theirs:
                office.wait(message, "sent")
    assert len(sink.arrived) == len(people)
    assert len({together(office, *theirs) for theirs in messages.values()}) == len(people)


def test_one_that_cannot_be_read_spoils_no_others(database, office, sink, clock):
    good = [office.queue() for _ in range(2)]
    broken = office.queue(due_on="someday")
    with mailer(database, sink.url, clock):
        for message in good:
            office.wait(message, "sent")
        office.wait(broken, "failed")
    assert together(office, *good) and carriers(office, broken) == {None}


def test_accounts_thanks_and_invitations_are_not_gathered(database, office, sink, clock):
    kinds = ("thank_you", "convening_invitation", "check_in_cancelled", "introduction_letter", "agreement_copy")
    subjects = {"check_in_cancelled": office.check_in(status="cancelled")}
    messages = [office.queue(kind, subject=subjects.get(kind)) for kind in kinds]
    messages.append(office.queue("password_reset"))
    with mailer(database, sink.url, clock):
        for message in messages:
            office.wait(message, "sent")
    assert carriers(office, *messages) == {None}


def turn(connection, office, at):
    """When kith-checkin looks at the district next."""
    connection.execute("UPDATE schedule SET next_at = %s WHERE district_id = %s AND task = 'check_ins'", (at, office.id))


def test_a_mail_waits_until_the_morning_is_decided_and_no_longer(database, office, sink, clock):
    """kith-checkin has its turn at nine, too: what it decides then goes in the same mail, as soon as that is over."""
    with database.connect("kith_migrate") as connection:
        turn(connection, office, NOW)
        first = office.queue()
        with mailer(database, sink.url, clock):
            office.wait(office.queue("agreement_acknowledgment"), "sent")  # by somebody who acts now
            assert office.status(first) == "queued"
            other = office.queue("credential_notice")
            turn(connection, office, "2026-11-21T15:15:00Z")
            for message in (first, other):
                office.wait(message, "sent")
    assert together(office, first, other) and len(sink.arrived) == 2


def test_nobody_waits_for_a_turn_that_does_not_come(database, office, sink, clock):
    with database.connect("kith_migrate") as connection:
        turn(connection, office, NOW)
        message = office.queue()
        clock.set("2026-11-21T15:14:59.000Z")
        with mailer(database, sink.url, clock):
            office.wait(office.queue("agreement_acknowledgment"), "sent")
            assert office.status(message) == "queued"
            clock.set("2026-11-21T15:15:00.000Z")
            office.wait(message, "sent")


def test_a_day_that_is_closed_at_seven_has_no_mail_at_nine(database, office, sink, clock):
    clock.set("2026-11-23T12:00:00.000Z")
    message = office.queue(at=MONDAY)
    with database.connect("kith_migrate") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', 'admin', '2026-11-23T13:00:00Z', '')", (office.id,))
        connection.execute("INSERT INTO closed_day (district_id, id, starts_on, reason) VALUES (%s, %s, '2026-11-23', 'Snow.')",
                           (office.id, uuid7()))
    with mailer(database, sink.url, clock):
        clock.set(MONDAY)
        office.wait(office.queue("password_reset"), "sent")
        assert office.status(message) == "queued"
        clock.set("2026-11-24T15:00:00.000Z")
        office.wait(message, "sent")
    assert office.message(message)["sent_at"].isoformat() == "2026-11-24T15:00:00+00:00"
