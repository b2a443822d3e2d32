"""A message's preview is the mail that goes, but for the tokens of its links."""
import datetime
import re

import icalendar
import pytest

from mailing import CLASSES, clock, mailer, office, sink  # noqa: F401
from test_duty_mails import together
from test_mailer import arrived
from workers import Caller, Tenant, running_api
from world import uuid7

# pylint: disable=redefined-outer-name

ADDRESS = re.compile(r"https?://(kith\.example\.org|127[\d.]*:\d+|localhost:\d+)(/[ru]/)?[\w-]*")


def without_tokens(text):
    return ADDRESS.sub(r"https://kith\2", text).replace("\r\n", "\n").strip()


def director(api, database, office):
    with database.connect("kith_migrate") as connection, connection.transaction():
        user = database.user(connection, office.id, uuid7())
        database.grant(connection, office.id, user, "director")
        token, _ = database.token(connection, office.id, user)
    return Caller(api, token, "director")


def compare(caller, mail, message):
    shown = caller.get(f"/v1/mail_previews?message_id={message}")
    assert shown.status == 200, shown
    assert mail["Subject"] == shown.json["subject"] and not shown.json["is_sample"]
    for part, kind in (("text", "text/plain"), ("html", "text/html")):
        assert without_tokens(mail.part(kind)) == without_tokens(shown.json[part]), shown.json["kind"]
        assert "kith_" not in shown.json[part]
    assert shown.json["calendars"] == calendars(mail)
    return shown.json["calendars"]


def calendars(mail):
    """What a mail's calendar parts say, as another implementation reads them."""
    found = []
    for part in mail.message.walk():
        if part.get_content_type() != "text/calendar":
            continue
        calendar = icalendar.Calendar.from_ical(part.get_content())
        event, = calendar.walk("VEVENT")
        begin, end = (event.decoded(name, None) for name in ("DTSTART", "DTEND"))
        is_timed = isinstance(begin, datetime.datetime)
        found.append({
            "method": str(calendar["METHOD"]), "uid": str(event["UID"]), "sequence": int(event.get("SEQUENCE", 0)),
            "starts_on": (begin.date() if is_timed else begin).isoformat(),
            **{name: instant(at) if is_timed else None for name, at in (("starts_at", begin), ("ends_at", end))},
            "zone": str(begin.tzinfo) if is_timed else None, "location": event.get("LOCATION"),
            "organizer": str(event["ORGANIZER"]).removeprefix("mailto:").removeprefix("MAILTO:")})
    return found


def instant(at):
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.shows("district.mail_previews")
@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_preview_is_the_mail_that_goes(database, office, sink, clock, locale):
    office.change("contact", office.contact, locale=locale)
    office.change("app_user", office.user, locale=locale)
    cancelled = office.check_in(status="cancelled")
    people = {kind: office.person(kind, locale=locale) for kind in CLASSES if CLASSES[kind][0] != "account"
              and kind not in ("ask", "convening_invitation", "convening_cancelled")}
    messages = {kind: office.queue(kind, subject=cancelled if kind == "check_in_cancelled" else None, contact=people.get(kind))
                for kind in CLASSES}
    with mailer(database, sink.url, clock), running_api(database) as api:
        caller = director(api, database, office)
        for message in messages.values():
            office.wait(message, "sent")
        for message in messages.values():
            mail, = arrived(sink, message)
            compare(caller, mail, message)


def test_a_mail_that_carries_others_is_shown_with_them(database, office, sink, clock):
    messages = [office.queue(subject=office.check_in()) for _ in range(2)] + [office.queue("credential_notice")]
    with mailer(database, sink.url, clock), running_api(database) as api:
        for message in messages:
            office.wait(message, "sent")
        carrier = together(office, *messages)
        compare(director(api, database, office), arrived(sink, carrier)[0], carrier)


def test_a_message_may_be_looked_at_in_another_language_and_not_in_another_district(database, office, clock):
    message = office.queue()
    with running_api(database) as api:
        caller = director(api, database, office)
        shown = caller.get(f"/v1/mail_previews?message_id={message}&locale=es").json
        assert shown["locale"] == "es" and "Reading Buddies" in shown["subject"] and shown["subject"].startswith("Revisión")
        assert Tenant(api, database).director.get(f"/v1/mail_previews?message_id={message}").status == 404
        assert office.message(message)["attempt_count"] == 0 and office.links(message) == {}
