"""kith-mailer against a real mail server: who gets what, once, and what the ledger says of it."""
import base64
import datetime as dt
import email
import hashlib
import html
import re
import subprocess
from email.header import decode_header, make_header
from email.utils import parseaddr

import icalendar
import pytest

from mailing import CLASSES, FROM, Office, clock, mailer, office, sink, wait_until  # noqa: F401
from mail_words import of_page, of_text
from mails import DROP, loopback, read_alike
from workers import Caller, Tenant, running_api
from hard_strings import HARD
from world import BUILD, NOW, environment_with, uuid7

# pylint: disable=redefined-outer-name


def wait_for(condition):
    return wait_until(condition, "it is so", 20)


def token_hash(url):
    secret = base64.urlsafe_b64decode(url.rpartition("/kith_")[2])[16:]
    return hashlib.sha256(secret).hexdigest()


def arrived(sink, message):
    """Those of the message."""
    return [m for m in sink.arrived if m["Message-ID"] == f"<{message}@mail.example.org>"]


def link_in(mail, path):
    found = set(re.findall(rf"https://kith\.example\.org/{path}/kith_[\w-]+", mail.part("text/plain")))
    assert len(found) <= 1
    return found.pop() if found else None


# ---- One mail ------------------------------------------------------------------------------------


@pytest.mark.shows("district.sender")
def test_a_district_is_the_sender_where_its_domain_vouches_for_it(database, sink, clock):
    """Otherwise the operator is, and the answers go to the district."""
    cases = {"partners@RIO.example.org": (None, "partners@RIO.example.org", None),
             "partners@elsewhere.example.net": (None, FROM, "partners@elsewhere.example.net"),
             "hello@rio.example.org": ("office@rio.example.org", "hello@rio.example.org", "office@rio.example.org"),
             "hello@sub.rio.example.org": ("office@rio.example.org", FROM, "office@rio.example.org")}
    offices = {own: Office(database, mail_from=own) for own in cases}
    for own, (reply_to, *_) in cases.items():
        offices[own].change("district", offices[own].id, reply_to=reply_to)
    messages = {own: one.queue() for own, one in offices.items()}
    with mailer(database, sink.url, clock, KITH_MAIL_FROM_DOMAINS="other.example.org, rio.example.org"):
        for own, one in offices.items():
            one.wait(messages[own], "sent")
    for own, (_, shown, answers) in cases.items():
        mail, = arrived(sink, messages[own])
        assert mail["From"] == f"Río Vista Schools <{shown}>" and mail["Reply-To"] == answers, own
        assert mail.sender == FROM, "bounces come back to the operator"


def test_a_reminder_arrives_with_all_that_belongs_to_it(database, office, sink, clock):
    message = office.queue()
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = sink.arrived
    assert (mail.sender, mail.recipients) == (FROM, [f"ana.{office.contact}@example.org"])
    assert mail["From"] == f"Río Vista Schools <{FROM}>"
    assert mail["Reply-To"] == "office@rio.example.org"
    assert mail["To"] == f"Ana López <ana.{office.contact}@example.org>"
    assert mail["Subject"] == "Check-in for Reading Buddies: please answer by Friday, December 11"
    assert mail["Message-ID"] == f"<{message}@mail.example.org>"
    assert mail["Date"].datetime == dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)
    assert mail["Content-Language"] == "en"
    assert mail["List-Id"] == f"<check_ins.{office.slug}.mail.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] is None
    task, stop = link_in(mail, "r"), link_in(mail, "u")
    assert mail["List-Unsubscribe"].strip() == f"<{stop}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = mail.part("text/plain"), mail.part("text/html")
    assert text.startswith("Please fill in your half of the check-in\r\n\r\nHello Ana López, please fill in your half of "
                           "the check-in for Reading Buddies by Friday, December 11, 2026.")
    for part in (text, html):
        assert task in part and stop in part and "Dana Lee" in part and "555-0100" in part
    assert '<html lang="en" dir="ltr">' in html and 'role="presentation"' in html
    assert not re.search(r"(src|background)=|url\(", html), "nothing is fetched"

    found, = office.read("message", "id = %s", message)
    assert (found["status"], found["attempt_count"], found["claimed_until"]) == ("sent", 1, None)
    assert found["sent_at"] == dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)
    attempt, = office.read("message_attempt", "message_id = %s", message)
    assert (attempt["outcome"], attempt["code"]) == ("sent", "2.0.0")
    links = office.links(message)
    assert {p: l["token_hash"] for p, l in links.items()} == {
        "check_in": token_hash(task), "preferences": token_hash(stop)}
    check_in = links["check_in"]
    assert (str(check_in["subject_id"]), str(check_in["contact_id"])) == (
        str(found["subject_id"]), office.contact)
    # The first instant of a local day: midnight in Chicago, 30 and 90 days on.
    assert check_in["expires_at"] == dt.datetime(2027, 1, 11, 6, tzinfo=dt.timezone.utc)
    assert links["preferences"]["expires_at"] == dt.datetime(2027, 2, 20, 6, tzinfo=dt.timezone.utc)


@pytest.mark.shows("everywhere.strings")
def test_names_and_words_arrive_as_they_were_written(database, office, sink, clock):
    sent = {office.queue("agreement_notice", contact=office.person(text), agreement=text, partnership=text): text
            for text in HARD.values()}
    with mailer(database, sink.url, clock):
        for message, text in sent.items():
            office.wait(message, "sent")
            mail, = arrived(sink, message)
            subject = f"An agreement expires: {text}"
            assert mail["Subject"] == subject or len(subject.encode()) > 300 and subject.startswith(
                mail["Subject"].rstrip("…")) and len(mail["Subject"].encode()) > 290
            name, address = parseaddr(email.message_from_bytes(mail.content)["To"])
            assert (str(make_header(decode_header(name))), [address]) == (text, mail.recipients)
            told = f"Hello {text}, the agreement “{text}” of {text} expires after Wednesday, June 30, 2027."
            assert told in mail.part("text/plain")
            assert f">{told}</p>" in html.unescape(mail.part("text/html"))
            assert "<script" not in mail.part("text/html")


def test_a_reminder_brings_its_day_into_the_calendar_and_a_cancellation_takes_it_out(
        database, office, sink, clock):
    check_in = office.check_in(sequence=3)
    with mailer(database, sink.url, clock):
        office.wait(office.queue(subject=check_in), "sent")
        office.change("check_in", check_in, status="cancelled", sequence=4)
        office.wait(office.queue("check_in_cancelled", subject=check_in), "sent")
    invited, cancelled = sink.arrived
    for mail, method, sequence in ((invited, "REQUEST", 3), (cancelled, "CANCEL", 4)):
        part = list(mail.message.iter_parts())[2]
        assert part["Content-Type"].params["method"] == method
        calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        event, = calendar.walk("VEVENT")
        assert (calendar["METHOD"], event["SEQUENCE"], event["UID"]) == (method, sequence, check_in)
        assert event["DTSTART"].dt == dt.date(2026, 12, 11)
        assert "dana@rio.example.org" in event["ORGANIZER"]
        assert f"ana.{office.contact}@example.org" in event["ATTENDEE"]
    assert link_in(cancelled, "r") is None and link_in(cancelled, "u")
    assert cancelled["References"] == cancelled["In-Reply-To"] == invited["Message-ID"]


@pytest.mark.shows("partnerships.invitations")
@pytest.mark.parametrize("kind", ["check_in_reminder", "check_in_cancelled", "convening_invitation"])
def test_an_invitation_is_what_google_outlook_and_libical_ask_for(database, office, sink, clock, kind):
    """RFC 5545, RFC 5546 and RFC 6047: the last alternative, with the method in its type, and the same in the file; one
    event, by an organizer, for the one who gets the mail, who may answer; what it was stamped with in UTC."""
    subject = office.invitee() if kind.startswith("convening") else office.check_in(
        **({"status": "cancelled", "sequence": 1} if kind == "check_in_cancelled" else {}))
    with mailer(database, sink.url, clock):
        office.wait(office.queue(kind, subject=subject), "sent")
    mail, = sink.arrived
    assert mail.message.get_content_type() == "multipart/alternative"
    part = list(mail.message.iter_parts())[-1]
    method = "CANCEL" if kind == "check_in_cancelled" else "REQUEST"
    params = dict(part["Content-Type"].params)
    assert part.get_content_type() == "text/calendar" and part.get_content_disposition() is None
    assert (params["method"], params["charset"].lower(), params["component"]) == (method, "utf-8", "VEVENT")
    text = part.get_payload(decode=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert all(len(line) <= 75 for line in text.split(b"\r\n")) and text.startswith(b"BEGIN:VCALENDAR\r\n")
    calendar = icalendar.Calendar.from_ical(text)
    event, = calendar.walk("VEVENT")
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", method) and calendar["PRODID"]
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "ORGANIZER", "ATTENDEE"} <= set(event)
    assert re.search(rb"\r\nDTSTAMP:\d{8}T\d{6}Z\r\n", text)
    assert event["STATUS"] == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")
    assert event["ATTENDEE"] == f"mailto:{mail.recipients[0]}" and event["ORGANIZER"].startswith("mailto:")
    attendee = event["ATTENDEE"].params
    assert (attendee["ROLE"], attendee["PARTSTAT"], attendee["RSVP"]) == ("REQ-PARTICIPANT", "NEEDS-ACTION", "TRUE")
    zones = {zone["TZID"] for zone in calendar.walk("VTIMEZONE")}
    used = {event[name].params["TZID"] for name in ("DTSTART", "DTEND") if "TZID" in event[name].params}
    assert zones == used == ({"America/Chicago"} if kind.startswith("convening") else set())


@pytest.mark.shows("convenings.calendar")
def test_a_convening_comes_into_the_calendar_with_its_hours_moves_there_and_goes(database, office, sink, clock):
    one = office.invitee()
    convening = str(office.read("convening_invitee", "id = %s", one)[0]["convening_id"])

    def told(kind="convening_invitation"):
        return str(office.read("message", "subject_id = %s AND kind = %s ORDER BY created_at DESC, id DESC",
                               one, kind)[0]["id"])

    with mailer(database, sink.url, clock):
        office.wait(office.queue("convening_invitation", subject=one), "sent")
        office.change("convening", convening, starts_at="2026-12-11T15:00:00Z")
        office.wait(told(), "sent")
        office.wait(office.queue("convening_invitation", subject=one, when="moved", sequence=0), "moved")
        office.change("convening", convening, status="cancelled")
        office.wait(told("convening_cancelled"), "sent")
    starts = [dt.datetime(2026, 12, 10, 21, tzinfo=dt.timezone.utc), dt.datetime(2026, 12, 11, 15, tzinfo=dt.timezone.utc)]
    for mail, method, sequence, start in zip(sink.arrived, ("REQUEST", "REQUEST", "CANCEL"), (0, 1, 2),
                                             (*starts, starts[1])):
        calendar = icalendar.Calendar.from_ical(list(mail.message.iter_parts())[2].get_payload(decode=True))
        event, = calendar.walk("VEVENT")
        assert (calendar["METHOD"], event["SEQUENCE"], event["UID"]) == (method, sequence, convening)
        assert event["DTSTART"].params["TZID"] == calendar.walk("VTIMEZONE")[0]["TZID"] == "America/Chicago"
        assert event["DTSTART"].dt == start and event["DTEND"].dt - start == dt.timedelta(minutes=90)
        assert (event["LOCATION"], event["TRANSP"]) == ("Library", "OPAQUE")
    text = sink.arrived[0].part("text/plain")
    assert "Thursday, December 10, 2026, 3:00 p.m. to 4:30 p.m. (Central Time)" in text and "* Welcome" in text
    assert "* Goal that is behind: Half read (Reading Buddies)" in text
    link = office.links(str(office.read("message", "subject_id = %s AND kind = 'convening_invitation' "
                                        "AND status = 'sent' ORDER BY id", one)[0]["id"]))["convening"]
    assert str(link["subject_id"]) == one


@pytest.mark.parametrize("kind", ["survey_invitation", "survey_reminder"])
def test_a_survey_says_which_partnerships_it_asks_about_or_does_not_speak_of_any(database, office, sink, clock, kind):
    with mailer(database, sink.url, clock):
        for is_of_partnership in (True, False):
            office.wait(office.queue(kind, subject=office.invitation(is_of_partnership=is_of_partnership)), "sent")
    texts = [mail.part(part) for mail in sink.arrived for part in ("text/plain", "text/html")]
    assert all("your partnership is going" in text and "Reading Buddies" in text for text in texts[:2])
    for text in texts[2:]:
        assert "please answer our survey" in text
        assert "partnership is going" not in text and "We ask you about" not in text and "Reading Buddies" not in text


def test_what_the_other_programs_decide_is_what_goes(database, office, sink, clock):
    """Reminder, new date, cancellation; survey: from their own functions to the mails."""
    check_in = office.check_in()
    decided = {"kith_checkin": ("reminders_decide", "check_in_notices_decide"),
               "kith_survey": ("surveys_invite", "survey_invitations_decide", "survey_reminders_decide")}

    def work(now):
        for role, functions in decided.items():
            with database.connect(role) as connection:
                for function in functions:
                    with connection.transaction():
                        connection.execute(f"SELECT {function}(%s, %s)", (office.id, now))
        clock.set(now)
        wait_for(lambda: not office.read(
            "message", "district_id = %s AND status IN ('queued', 'retry') "
            "AND not_before <= %s", office.id, now))

    office.invitation(opened_at=None, status="draft")
    office.change("survey", office.survey, status="open", opened_at=NOW)
    with mailer(database, sink.url, clock):
        work("2026-11-30T15:00:00.000Z")  # 14 days before, and the survey's first business day
        office.change("check_in", check_in, due_on="2026-12-14")
        work("2026-12-01T15:00:00.000Z")
        sequence = office.read("check_in", "id = %s", check_in)[0]["sequence"]
        office.change("check_in", check_in, status="cancelled", sequence=sequence + 1)
        work("2026-12-02T15:00:00.000Z")
    ana = [m for m in sink.arrived if m.recipients == [f"ana.{office.contact}@example.org"]]
    assert [m["Subject"] for m in ana if m["List-Id"].startswith("<check_ins.")] == [
        "Check-in for Reading Buddies: please answer by Friday, December 11",
        "Check-in for Reading Buddies: the new date is Monday, December 14",
        "Cancelled: check-in for Reading Buddies on Monday, December 14"]
    assert {m["Subject"] for m in ana if m["List-Id"].startswith("<surveys.")} >= {
        "Spring survey: please tell us by Friday, December 4",
        "Spring survey: we still hope to hear from you"}
    events = []
    for mail in ana:
        if part := mail.part("text/calendar"):
            calendar = icalendar.Calendar.from_ical(part)
            event, = calendar.walk("VEVENT")
            events.append((calendar["METHOD"], event["SEQUENCE"], str(event["DTSTART"].dt)))
            assert event["UID"] == check_in and "dana" in event["ORGANIZER"]
    assert [e[0] for e in events] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [e[2] for e in events] == ["2026-12-11", "2026-12-14", "2026-12-14"]
    assert events[0][1] < events[1][1] < events[2][1]


def test_a_mail_speaks_the_language_of_whoever_gets_it(database, office, sink, clock):
    office.change("contact", office.contact, locale="es-MX")
    message = office.queue()
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = sink.arrived
    assert mail["Subject"] == ("Revisión de Reading Buddies: responda a más tardar el "
                               "viernes 11 de diciembre")
    assert mail["Content-Language"] == "es"
    assert "a más tardar el viernes 11 de diciembre de 2026." in mail.part("text/plain")
    assert '<html lang="es" dir="ltr">' in mail.part("text/html")


@pytest.mark.timeout(240)  # each of some seventy mails is read by a second parser, a process of its own
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_can_be_written(database, office, sink, clock, language):
    office.change("contact", office.contact, locale=language)
    office.change("app_user", office.user, locale=language)
    cancelled = office.check_in(status="cancelled")
    # Of programs and bulletins nobody gets more than three a week.
    def other(name="Bo"):
        return office.person(name, locale=language)

    # What reminds of duties is one mail a person.
    others = {kind: other(kind) for kind in CLASSES if CLASSES[kind][0] != "account"
              and kind not in ("ask", "convening_invitation", "convening_cancelled")}
    messages = {kind: office.queue(kind, subject=cancelled if kind == "check_in_cancelled" else None,
                                   contact=others.get(kind))
                for kind in CLASSES}
    for due_on in ("2026-11-21", "2026-11-20"):  # today, and overdue
        one = office.check_in(due_on)
        messages[due_on] = office.queue(subject=one, due_on=due_on, contact=other())
        user = office.row("app_user", name="Kim", email=f"{uuid7()}@rio.example.org", locale=language)
        messages["user " + due_on] = office.queue(subject=one, due_on=due_on, user=user)
    for what in ("is_lapsed", "is_paused", "is_unready", "is_stopped"):
        office.change("partnership", office.partnership, agreement_lapsed_on="2026-11-20")
        messages[what] = office.queue("agreement_notice", subject=office.partnership, is_expiring=False, contact=other(),
                                      lacks_credentials=what == "is_lapsed", **{what: True})
    office.change("partnership", office.partnership, gate_due="2026-12-31")
    messages["is_gate_due"] = office.queue("agreement_notice", subject=office.partnership, is_expiring=False, contact=other(),
                                           is_gate_due=True, on="2026-12-31")
    messages["is_renewing"] = office.queue("agreement_notice", is_expiring=False, is_renewing=True, notice="2026-12-01",
                                           contact=other())
    messages["is_over"] = office.queue("credential_notice", is_expiring=False, is_over=True, label="A & B", contact=other())
    messages["takes over"] = office.queue("introduction_letter", follows=False, is_usual=False, person=None,
                                          lead=None, paragraphs=["Hello.", "We go on."])
    for when, answer in (("reminder", "tentative"), ("moved", "waitlisted"), ("seat", "accepted")):
        messages[f"convening {when}"] = office.queue(
            "convening_invitation", subject=office.invitee(answer=answer), user=office.user, when=when,
            was="2026-12-09T21:00:00Z" if when == "moved" else None)
    messages["moved"] = office.queue(is_moved=True, was_due_on="2026-12-04")
    with mailer(database, sink.url, clock):
        for message in messages.values():
            office.wait(message, "sent")
    for kind, message in messages.items():
        mail, = arrived(sink, message)
        read_alike(mail)
        text, page = mail.part("text/plain"), mail.part("text/html")
        for part in (mail["Subject"], text, page):
            assert not re.search(r"\{\{|\}\}|None|null", part)
        assert of_text(text) == of_page(page), kind
        assert f'<html lang="{language}" dir="ltr">' in page
        assert mail["Content-Language"] == language
        has_task = kind not in ("check_in_cancelled", "check_in_escalation", "agreement_notice",
                                "is_lapsed", "is_paused", "is_unready", "is_stopped", "is_gate_due", "is_renewing", "takes over",
                                "introduction_letter", "remedy", "remedy_notice", "convening_cancelled",
                                "records_request_due", "digest", "mail_check", "address_changed")
        has_task = has_task and kind not in ("thank_you", "tax_document", "bulletin", "inquiry_receipt", "inquiry_answer")
        stops = kind not in ("mail_check", "address_changed", "password_reset", "sign_in", "user_invitation", "inquiry_receipt",
                             "inquiry_answer")
        assert (link_in(mail, "r") is not None) == has_task == (">https://kith.example.org/r/" in page)
        assert (link_in(mail, "u") is not None) == stops
        assert (mail["List-Unsubscribe"] is not None) == stops
        assert ("preferences" in office.links(message)) == stops


@pytest.mark.shows("administration.address_changed")
def test_who_had_an_address_is_told_and_not_who_has_it_now(database, office, sink, clock):
    message = office.queue("address_changed")
    was = office.message(message)["to_address"]
    office.change("app_user", office.user, email=f"new.{office.user}@rio.example.org")
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = arrived(sink, message)
    assert mail["To"].endswith(f"<{was}>") and "Dana Lee" in mail["To"]
    text = " ".join(mail.part("text/plain").split())
    assert "new." not in text and "reply to this mail, or call 555-0100" in text


@pytest.mark.shows("everywhere.strings")
@pytest.mark.parametrize("name", (
    "مدرسة السلام – שלום", "Zoe\u0308 A\u030angstro\u0308m", "👩\u200d👩\u200d👧\u200d👦 🇺🇸", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠮷野家",
    "<script>alert(\"x\")</script> & {{name}}", "'); DROP TABLE partner; --", "😀" * 40))
def test_a_mail_says_a_name_as_it_is(database, office, sink, clock, name):
    office.change("partnership", office.partnership, name=name)
    message = office.queue()
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = arrived(sink, message)
    read_alike(mail)
    assert name in mail["Subject"]
    assert name in " ".join(mail.part("text/plain").split())
    assert html.escape(name) in " ".join(mail.part("text/html").split()).replace("&#39;", "&#x27;")


def test_a_subject_that_is_cut_shows_that_it_is(database, office, sink, clock):
    office.change("partnership", office.partnership, name="é" * 200)
    message = office.queue()
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = arrived(sink, message)
    assert mail["Subject"].endswith("é…") and len(mail["Subject"].encode()) <= 300


def test_a_name_cannot_add_a_header(database, office, sink, clock):
    office.change("partnership", office.partnership, name="Buddies\r\nBcc: all@example.org\n\x85 x")
    office.change("contact", office.contact, name="Ana\nBcc: x@example.org")
    message = office.queue()
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = sink.arrived
    assert mail["Bcc"] is None and mail.recipients == [f"ana.{office.contact}@example.org"]
    assert mail["Subject"].startswith("Check-in for Buddies Bcc: all@example.org x: please")


def test_a_maildir_holds_each_mail_once(database, office, clock, tmp_path):
    messages = [office.queue(), office.queue("agreement_acknowledgment", contact=office.person("Bo"))]
    with mailer(database, f"maildir:{tmp_path}/box", clock):
        for message in messages:
            office.wait(message, "sent")
    assert sorted(p.name for p in (tmp_path / "box/new").iterdir()) == sorted(messages)
    assert list((tmp_path / "box/tmp").iterdir()) == []


def test_a_kind_without_templates_fails_and_says_so(database, office, sink, clock):
    message = office.queue("carrier_pigeon", subject=uuid7())
    with mailer(database, sink.url, clock) as program:
        office.wait(message, "failed")
        assert "a mail cannot be written" in program.log_text()
    attempt, = office.read("message_attempt", "message_id = %s", message)
    assert "cannot be written" in attempt["detail"] and sink.arrived == []


def test_what_cannot_be_read_fails_and_stands_in_nobodys_way(database, office, sink, clock):
    broken = [office.queue(due_on="someday", at="2026-11-21T14:00:00Z"),
              office.queue(was_due_on="someday", at="2026-11-21T14:00:00Z")]
    good = office.queue()
    with mailer(database, sink.url, clock) as program:
        office.wait(good, "sent")
        for message in broken:
            office.wait(message, "failed")
            assert office.attempts(message) == [] and office.links(message) == {}
        assert program.log_text().count("a message cannot be read") == 2
    assert office.tasks() == [("call", "failed")] * 2


# ---- A new password ------------------------------------------------------------------------------


def test_a_mail_about_a_password_makes_its_token_when_it_is_sent(database, office, sink, clock):
    earlier = office.row("access_token", user_id=office.user, kind="link", purpose="password",
                         token_hash="0" * 64, expires_at="2026-11-22T00:00:00Z",
                         created_at="2026-11-21T14:00:00Z")
    message = office.queue("password_reset")
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = sink.arrived
    tokens = {str(t["id"]): t for t in office.read(
        "access_token", "user_id = %s AND purpose = 'password'", office.user)}
    assert tokens.pop(earlier)["revoked_at"] is not None
    made, = tokens.values()
    assert made["token_hash"] == token_hash(link_in(mail, "r"))
    assert made["revoked_at"] is None and made["expires_at"] == dt.datetime(
        2026, 11, 22, 15, tzinfo=dt.timezone.utc)
    assert mail.recipients == [f"dana.{office.user}@rio.example.org"]
    assert office.links(message) == {}


def test_an_administrators_order_becomes_a_mail_that_sets_a_password(database, sink, clock):
    with running_api(database) as api, mailer(database, sink.url, clock):
        tenant = Tenant(api, database)
        _, user, _ = tenant.person("viewer")
        ordered = tenant.admin.post(f"/v1/users/{user}/password_reset", None, Content_Type=None).json
        wait_for(lambda: arrived(sink, ordered["message_id"]))
        token = link_in(arrived(sink, ordered["message_id"])[0], "r").rpartition("/")[2]
        assert token != ordered["token"]
        body = {"token": token, "new_password": "a violet teapot, 7 steps"}
        assert Caller(api, None).post("/v1/passwords", body).status == 204
        assert Caller(api, None).post("/v1/passwords", {**body, "token": ordered["token"]}).status == 422


# ---- What stops it now ---------------------------------------------------------------------------


STOPS = {
    "opted_out": lambda o, c: o.row("preference", contact_id=o.contact, topic="all"),
    "bounced": lambda o, c: o.row("address_suppression", address=f"ana.{o.contact}@example.org",
                                  reason="bounced"),
    "left_org": lambda o, c: o.change("contact", o.contact, status="left"),
    "no_email": lambda o, c: o.change("contact", o.contact, email=None),
    "already_done": lambda o, c: o.row("check_in_half", check_in_id=c, side="partner",
                                       status="submitted", submitted_at=NOW),
    "moved": lambda o, c: None, # since it was decided for the 10th
    "cancelled": lambda o, c: o.change("check_in", c, status="skipped", reason="Snow."),
    "stale": lambda o, c: None,  # its time has passed
}


def test_what_happened_since_it_was_decided_stops_it(database, sink, clock):
    offices = {reason: Office(database) for reason in STOPS}
    messages = {}
    for reason, one in offices.items():
        check_in = one.check_in()
        messages[reason] = one.queue(
            subject=check_in, due_on="2026-12-10" if reason == "moved" else "2026-12-11",
            until="2026-11-21T15:30:00Z" if reason == "stale" else "2026-12-12T06:00:00Z")
        STOPS[reason](one, check_in)
    clock.set("2026-11-21T15:30:00.000Z")
    tasks = {"opted_out": "call", "bounced": "call", "no_email": "call", "left_org": "hand_over"}
    with mailer(database, sink.url, clock) as program:
        for reason, one in offices.items():
            assert one.wait(messages[reason], *STOPS, "sent") == reason
            assert one.attempts(messages[reason]) == []
            assert one.tasks() == ([(tasks[reason], reason)] if reason in tasks else [])
        wait_for(lambda: program.metric("kith_mail_sent_total", result="suppressed") == len(STOPS))
    assert sink.arrived == []


SURVEY_STOPS = {
    "already_done": lambda o, i: o.change("survey_invitation", i, status="answered", answered_at=NOW),
    "cancelled": lambda o, i: o.change("survey", o.survey, status="paused"),
    "left_org": lambda o, i: o.change("survey_invitation", i, status="left_org"),
}


def test_what_happened_to_a_survey_stops_its_mails(database, sink, clock):
    offices = {reason: Office(database) for reason in SURVEY_STOPS}
    messages = {}
    for reason, one in offices.items():
        invitation = one.invitation()
        messages[reason] = one.queue("survey_reminder", subject=invitation)
        SURVEY_STOPS[reason](one, invitation)
    with mailer(database, sink.url, clock):
        for reason, one in offices.items():
            assert one.wait(messages[reason], *SURVEY_STOPS, "sent") == reason
    assert sink.arrived == []


def test_an_agreement_that_was_acknowledged_needs_no_mail(database, office, sink, clock):
    agreement = office.agreement()
    message = office.queue("agreement_acknowledgment", subject=agreement)
    office.change("agreement", agreement, partner_at=NOW, partner_by=office.contact)
    with mailer(database, sink.url, clock):
        assert office.wait(message, *STOPS, "sent") == "already_done"


def test_a_mail_follows_its_recipient_to_a_new_address(database, office, sink, clock):
    message = office.queue()
    office.change("contact", office.contact, email="ana@new.example.org", locale="es")
    with mailer(database, sink.url, clock):
        office.wait(message, "sent")
    mail, = sink.arrived
    assert mail.recipients == ["ana@new.example.org"] and mail["Content-Language"] == "es"
    assert office.message(message)["to_address"] == "ana@new.example.org"


def test_before_its_time_nothing_goes(database, office, sink, clock):
    early = office.queue(at="2026-11-21T15:00:00.001Z")
    with mailer(database, sink.url, clock):
        office.wait(office.queue("agreement_acknowledgment"), "sent")
        assert office.status(early) == "queued"
        clock.set("2026-11-21T15:00:00.001Z")
        office.wait(early, "sent")


# ---- Configuration ---------------------------------------------------------------------------------


@pytest.mark.parametrize("settings, complaint", [
    ({"KITH_MAIL_URL": "http://mail.example.org"}, "KITH_MAIL_URL: it must begin with"),
    ({"KITH_MAIL_URL": "smtp://u:secret@mail.example.org?tls=off"}, "KITH_MAIL_URL: a password goes"),
    ({"KITH_MAIL_FROM": "Kith <kith@example.org>"}, "KITH_MAIL_FROM: must be a plain address"),
    ({"KITH_MAIL_ONLY_TO": "a@example.org,,b@example.org"}, "KITH_MAIL_ONLY_TO: must be"),
    ({"KITH_MAIL_LEASE_MS": "2999"}, "KITH_MAIL_LEASE_MS"),
    ({"KITH_MAIL_RETRY_S": "60", "KITH_MAIL_RETRY_MOST_S": "59"}, "KITH_MAIL_RETRY_MOST_S: must not"),
    ({"KITH_MAIL_DOMAIN_PER_MINUTE": "0"}, "KITH_MAIL_DOMAIN_PER_MINUTE"),
    ({"KITH_MAIL_DISTRICT_PER_DAY": "1000001"}, "KITH_MAIL_DISTRICT_PER_DAY"),
    ({"KITH_FAIL_AT": "/tmp/fail"}, "KITH_FAIL_AT: is for tests only"),
    ({"KITH_FAIL_AT": "/tmp/fail", "KITH_ENV": "test"}, None),
    ({}, None)])
def test_what_cannot_be_is_said_at_the_start(settings, complaint):
    done = subprocess.run(
        [f"{BUILD}/bin/kith-mailer", "--check-config"], capture_output=True, text=True, check=False,
        env=environment_with(**{
            "KITH_DATABASE_URL": "postgresql:///none", "KITH_SECRET_KEY": "x" * 32,
            "KITH_MAIL_URL": "smtps://user:secret@mail.example.org", "KITH_MAIL_FROM": FROM,
            **settings}))
    said = done.stdout + done.stderr
    assert "secret" not in said
    assert (done.returncode, complaint is None or complaint in said) == (78 if complaint else 0, True)


# ---- Hold and limits -----------------------------------------------------------------------------


def test_a_new_district_holds_all_but_account_mails_until_it_is_live(database, office, sink, clock):
    new = Office(database, is_live=False)
    held = [new.queue(), new.queue("survey_invitation"), new.queue("inquiry_answer")]
    stale = new.queue("agreement_acknowledgment", until="2026-11-21T15:30:00Z")
    with mailer(database, sink.url, clock) as program:
        new.wait(new.queue("password_reset"), "sent")
        office.wait(office.queue(), "sent")
        wait_for(lambda: program.metric("kith_mail_held") == 4)
        assert {new.status(m) for m in held} == {"queued"}
        assert program.metric("kith_mail_oldest_due_age_seconds") == 0
        clock.set("2026-11-21T15:30:00.000Z")
        new.wait(stale, "stale")
        new.change("district", new.id, go_live_at="2026-11-21T15:30:00Z")
        for message in held:
            new.wait(message, "sent")


def test_a_held_mailer_sends_nothing(database, office, sink, clock):
    message = office.queue()
    clock.set("2026-11-21T15:01:00.000Z")
    with mailer(database, sink.url, clock, KITH_MAIL_HOLD="true") as program:
        wait_for(lambda: program.metric("kith_mail_oldest_due_age_seconds") == 60)
        assert office.status(message) == "queued" and sink.greeted == []


def test_a_copy_writes_to_those_alone_whom_it_may(database, office, sink, clock):
    office.change("contact", office.contact, email="ana@real.example.org")
    kept = office.queue()
    tester = office.person("Tester", email="t@test.example.org")
    named = office.person("Named", email="named@real.example.org")
    moved = office.person("Moved", email="m@test.example.org")
    sent = [office.queue("agreement_acknowledgment", contact=c) for c in (tester, named)]
    follows = office.queue("agreement_acknowledgment", contact=moved)
    office.change("contact", moved, email="m@real.example.org")
    with mailer(database, sink.url, clock,
                KITH_MAIL_ONLY_TO="test.example.org, named@real.example.org"):
        for message in sent:
            office.wait(message, "sent")
        wait_for(lambda: office.message(follows)["to_address"] == "m@real.example.org")
        assert (office.status(kept), office.status(follows)) == ("queued", "queued")
    assert sorted(m.recipients[0] for m in sink.arrived) == ["named@real.example.org",
                                                             "t@test.example.org"]


def test_what_is_over_a_districts_day_goes_on_the_next_one(database, office, sink, clock):
    messages = office.queue_many(4)
    with mailer(database, sink.url, clock, KITH_MAIL_DISTRICT_PER_DAY=3) as program:
        wait_for(lambda: program.metric("kith_mail_sent_total", result="waits") == 1)
        office.wait(office.queue("password_reset"), "sent")
        late, = [m for m in messages if office.status(m) == "queued"]
        assert office.message(late)["not_before"] == dt.datetime(
            2026, 11, 23, 15, tzinfo=dt.timezone.utc), "nine o'clock in Chicago, on the next business day"
        clock.set("2026-11-23T15:00:00.000Z")
        office.wait(late, "sent")


def test_a_districts_day_is_full_to_the_mail_however_many_went_in_a_batch(database, office, sink, clock):
    """Who has sent some few of many that are left does not look again how many went."""
    messages = office.queue_many(64)
    with mailer(database, sink.url, clock, KITH_WORKERS=1, KITH_MAIL_DISTRICT_PER_DAY=60) as program:
        wait_for(lambda: program.metric("kith_mail_sent_total", result="waits") == 4)
        wait_for(lambda: program.metric("kith_mail_sent_total", result="sent") == 60)
    assert sorted(office.status(m) for m in messages) == ["queued"] * 4 + ["sent"] * 60


@pytest.mark.shows("administration.mail_hours")
def test_what_is_late_goes_in_mail_hours_on_a_day_of_mail(database, office, sink, clock):
    """The day and the hour hold when a mail leaves, too: after a night, a weekend, a hold; and on a day that somebody
    has taken out since. What somebody sends goes at once."""
    monday, tuesday = (dt.datetime(2026, 11, day, 15, tzinfo=dt.timezone.utc) for day in (23, 24))

    def put_off(messages, until):
        wait_for(lambda: {office.message(m)["not_before"] for m in messages} == {until})
        assert {office.status(m) for m in messages} == {"queued"}

    friday = "2026-11-20T15:00:00Z"
    office.change("district", office.id, go_live_at=friday)
    late = [office.queue(at=friday), office.queue(user=office.user, at=friday), office.queue("survey_invitation", at=friday),
            office.queue("check_in_cancelled", subject=office.check_in(status="cancelled"), at=friday)]
    stale = office.queue(at=friday, until="2026-11-22T06:00:00Z")
    clock.set("2026-11-21T00:00:00.000Z")  # six o'clock on Friday
    with mailer(database, sink.url, clock):
        put_off(late, monday)
        office.wait(office.queue("agreement_acknowledgment", at=friday), "sent")
        clock.set("2026-11-22T15:00:00.000Z")
        office.wait(stale, "stale")
        office.row("blackout", starts_on="2026-11-23", ends_on="2026-11-23", reason="Storm")
        clock.set("2026-11-23T15:00:00.000Z")
        put_off(late, tuesday)
        clock.set("2026-11-24T23:59:59.000Z")
        for message in late:
            office.wait(message, "sent")


def test_a_domain_gets_so_many_a_minute_and_others_go_on(database, office, sink, clock):
    people = [office.person(f"P{n}", email=f"p{n}@many.example.org") for n in range(3)]
    many = [office.queue("agreement_acknowledgment", contact=p) for p in people]
    other = office.queue()
    with mailer(database, sink.url, clock, KITH_MAIL_DOMAIN_PER_MINUTE=2):
        office.wait(other, "sent")
        office.change("app_user", office.user, email=f"{office.user}@many.example.org")
        office.wait(office.queue("password_reset"), "sent")  # somebody waits for it
        assert sorted(office.status(m) for m in many) == ["queued", "sent", "sent"]


# ---- What mail servers say -----------------------------------------------------------------------


@pytest.mark.parametrize("command, answer, outcome", [
    ("RCPT", "450 4.2.0 later", "deferred"), ("RCPT", "421 4.3.2 closing", "deferred"),
    ("MAIL", "550 5.7.1 not you", "deferred"), ("EHLO", DROP, "deferred"),
    ("DATA", DROP, "deferred"), ("REFUSE", DROP, "unknown")])
def test_what_did_not_go_is_tried_again_later(database, office, sink, clock, command, answer, outcome):
    message = office.queue()
    sink.on(command, answer)
    with mailer(database, sink.url, clock, KITH_MAIL_RETRY_S=60) as program:
        office.wait(message, "retry")
        found = office.message(message)
        wait = (found["not_before"] - dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)).seconds
        assert 30 <= wait <= 60 and found["claimed_until"] is None
        assert office.attempts(message) == [outcome]
        assert program.metric("kith_mail_sent_total", result=outcome) == 1
        del sink.hooks[command]
        clock.set("2026-11-21T15:01:00.000Z")
        office.wait(message, "sent")
    assert office.attempts(message) == [outcome, "sent"]
    mail, = sink.arrived
    assert mail["Message-ID"] == f"<{message}@mail.example.org>"
    # Each attempt's links open the same.
    assert len(office.read("link", "message_id = %s AND purpose = 'check_in'", message)) == 2


def test_waits_grow_with_the_attempts_up_to_the_most(database, office, sink, clock):
    message = office.queue()
    sink.on("RCPT", "450 4.2.0 later")
    now = dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)
    with mailer(database, sink.url, clock, KITH_MAIL_RETRY_S=60, KITH_MAIL_RETRY_MOST_S=200):
        for number, most in enumerate((60, 120, 200, 200), 1):
            wait_for(lambda n=number: len(office.attempts(message)) == n
                     and office.status(message) == "retry")
            later = office.message(message)["not_before"]
            assert most / 2 <= (later - now).total_seconds() <= most
            now = later
            clock.set(later.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


def test_nobody_at_the_other_end(database, office, clock):
    message = office.queue()
    with mailer(database, f"smtp://{loopback()}:2525", clock) as program:
        office.wait(message, "retry")
        assert office.attempts(message) == ["deferred"]
        assert program.log_text().count("the mail server cannot be used") == 1


def test_a_server_that_is_down_is_left_alone(database, office, sink, clock):
    sink.on("EHLO", "421 4.3.2 not now")
    messages = office.queue_many(20)
    with mailer(database, sink.url, clock, KITH_MAIL_REST_MOST_MS=600000) as program:
        wait_for(lambda: "retry" in [office.status(m) for m in messages])
        wait_for(lambda: program.metric("kith_worker_turns_total", result="done") > 20)
        # For half a second at least, then a second, then two: it has not been asked for each mail.
        assert [office.status(m) for m in messages].count("queued") >= 15
        assert program.log_text().count("the mail server cannot be used") == 1


def test_an_address_that_is_none_gets_nothing_again_and_somebody_calls(database, office, sink, clock):
    check_in = office.check_in()
    message = office.queue(subject=check_in)
    sink.on("RCPT", "550 5.1.1 no such user")
    with mailer(database, sink.url, clock) as program:
        office.wait(message, "failed")
        assert program.metric("kith_mail_sent_total", result="refused") == 1
        assert office.queue(subject=check_in) != message
    suppressed, = office.read("address_suppression", "district_id = %s", office.id)
    assert (suppressed["address"], suppressed["reason"], suppressed["detail"]) == (
        f"ana.{office.contact}@example.org", "bounced", "5.1.1")
    assert office.tasks() == [("call", "bounced")]
    attempt, = office.read("message_attempt", "message_id = %s", message)
    assert (attempt["outcome"], attempt["code"]) == ("refused", "5.1.1")


def test_a_survey_knows_which_invitation_bounced(database, office, sink, clock):
    invitation = office.invitation()
    message = office.queue("survey_invitation", subject=invitation)
    sink.on("REFUSE", "550 5.1.1 no such user")
    with mailer(database, sink.url, clock):
        office.wait(message, "failed")
    assert office.read("survey_invitation", "id = %s", invitation)[0]["status"] == "bounced"
    assert office.tasks() == [], "nobody calls about a survey"


@pytest.mark.parametrize("answer, code", [("550 5.7.1 spam", "5.7.1"), ("554 no", "554")])
def test_a_refusal_is_the_end_and_no_fault_of_the_address(database, office, sink, clock, answer, code):
    message = office.queue()
    sink.on("REFUSE", answer)
    with mailer(database, sink.url, clock) as program:
        office.wait(message, "failed")
        is_policy = code == "5.7.1"
        assert program.metric("kith_mail_sent_total", result="policy") == is_policy
        assert ("the mail server refuses what we send" in program.log_text()) == is_policy
    assert office.read("address_suppression", "district_id = %s", office.id) == []
    assert office.tasks() == [("call", "failed")]


def test_what_is_unknown_twice_stays_so(database, office, sink, clock):
    message = office.queue()
    sink.on("DOT", DROP)
    with mailer(database, sink.url, clock):
        office.wait(message, "retry")
        clock.set("2026-11-21T15:01:00.000Z")
        office.wait(message, "unknown")
        clock.set("2026-11-22T15:00:00.000Z")
        del sink.hooks["DOT"]
        office.wait(office.queue("agreement_acknowledgment"), "sent")
    assert office.attempts(message) == ["unknown", "unknown"]
    first, second = arrived(sink, message)
    assert first["Message-ID"] == second["Message-ID"]


def test_no_address_token_or_name_in_the_log(database, office, sink, clock):
    messages = [office.queue(), office.queue("agreement_acknowledgment", contact=office.person("Bo")), office.queue("password_reset")]
    answers = iter(["550 5.7.1 <ana@example.org> no", "450 4.2.0 ana@example.org"])
    sink.on("RCPT", lambda envelope: next(answers, None))
    with mailer(database, sink.url, clock, KITH_LOG_LEVEL="debug") as program:
        for message in messages:
            office.wait(message, "sent", "failed", "retry")
        log = program.log_text()
    assert messages[0] in log
    assert not re.search(r"@example|@rio|kith_[\w-]{20}|Ana|Dana", log)
