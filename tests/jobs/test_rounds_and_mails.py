"""Decisions and mails together: kith-checkin and kith-survey decide, kith-mailer sends, and what arrives is
read by somebody who knows neither."""
import datetime as dt
import email.policy
import glob
from email import message_from_binary_file

import icalendar

from clocked import Clock, Clocked
from mailing import Mailer, Office
from survey_waves import Wave
from world import wait_until


class Box:
    """What a Maildir has, by who got it and when."""

    def __init__(self, folder):
        self.folder = folder

    def mails(self, subject_part):
        found = []
        for path in glob.glob(f"{self.folder}/new/*"):
            with open(path, "rb") as file:
                mail = message_from_binary_file(file, policy=email.policy.default)
            if subject_part in mail["Subject"]:
                found.append(mail)
        return sorted(found, key=lambda mail: (mail["Date"].datetime, mail["To"]))

    def wait(self, subject_part, count):
        wait_until(lambda: len(glob.glob(f"{self.folder}/new/*")) >= count
                   and len(self.mails(subject_part)) >= count, f"{count} mails: {subject_part}")
        mails = self.mails(subject_part)
        assert len(mails) == count
        return mails


class Agenda(dict):
    """A person's calendar, as a program keeps it by RFC 5546: an event of a higher sequence replaces one
    of a lower, and of two of the same the one that was written later."""

    def take(self, mail):
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
                event, = calendar.walk("VEVENT")
                assert part.get_param("method") == calendar["METHOD"]
                rank = (event["SEQUENCE"], event["DTSTAMP"].dt)
                if str(event["UID"]) not in self or rank >= self[str(event["UID"])][0]:
                    day = None if calendar["METHOD"] == "CANCEL" else event["DTSTART"].dt
                    self[str(event["UID"])] = (rank, day)

    def days(self):
        return [day for _, day in self.values() if day]


def test_a_calendar_follows_its_check_in(database, migrate, tmp_path):
    migrate.execute("UPDATE schedule SET next_at = 'infinity'") # nobody else's
    office = Office(database)
    check_in = office.check_in()
    box, clock = Box(tmp_path), Clock("2026-11-27T15:00:00Z")

    def change(**fields):
        """By somebody, at that time; there is no Redis, so the clock brings it."""
        with migrate.transaction():
            migrate.execute("SELECT kith_context(%s, '', 'admin', %s::timestamptz::text, '')",
                            (office.id, clock.now))
            office.update("check_in", check_in, migrate, **fields)

    def agenda():
        """After all the mails so far, of the partner's lead."""
        found = Agenda()
        for mail in box.mails(""):
            if office.contact in mail["To"]:
                found.take(mail)
        return found.days()

    with Clocked("kith-checkin", database, clock) as checkin, \
            Mailer(database, f"maildir:{tmp_path}", f"@{clock.path}"):
        box.wait("please answer by Friday, December 11", 2)
        assert agenda() == [dt.date(2026, 12, 11)]
        clock.set("2026-11-30T15:00:00Z")
        change(due_on="2026-12-16")
        checkin.live(migrate, ["2026-11-30T15:15:00Z"])
        box.wait("the new date is Wednesday, December 16", 2)
        assert agenda() == [dt.date(2026, 12, 16)]
        clock.set("2026-12-01T15:00:00Z")
        change(status="cancelled", sequence=2)
        checkin.live(migrate, ["2026-12-01T15:15:00Z"])
        box.wait("Cancelled", 2)
        assert agenda() == []
        clock.set("2026-12-02T15:00:00Z")
        change(status="open", sequence=3, dated_at="2026-12-02T15:00:00Z")
        checkin.live(migrate, ["2026-12-02T15:15:00Z"])
        wait_until(lambda: agenda() == [dt.date(2026, 12, 16)], "it is due again")
        wait_until(lambda: len(box.mails("heck-in for")) == 8, "both are told, before time goes on")
        # The rules go on; what was said is not said again.
        checkin.live(migrate, ["2026-12-13T15:00:00Z", "2026-12-14T15:00:00Z", "2026-12-14T15:15:00Z"])
        wait_until(lambda: len(box.mails("heck-in for")) == 10, "the reminder three days before, on the Monday")
    assert {mail["To"] for mail in box.mails("")} == {
        f"Ana López <ana.{office.contact}@example.org>", f"Dana Lee <dana.{office.user}@rio.example.org>"}


def test_a_survey_sends_each_mail_once(database, migrate, tmp_path):
    migrate.execute("UPDATE schedule SET next_at = 'infinity'")
    wave = Wave(database, migrate)
    migrate.execute("UPDATE district SET go_live_at = created_at WHERE id = %s", (wave.district.id,))
    box, clock = Box(tmp_path), Clock("2026-12-01T15:00:00Z")
    with Clocked("kith-survey", database, clock) as survey, \
            Mailer(database, f"maildir:{tmp_path}", f"@{clock.path}"):
        box.wait("Fall: please tell us by Friday, December 11", 2)
        wave.answered("user")
        survey.live(migrate, ["2026-12-08T15:00:00Z", "2026-12-08T15:15:00Z"])
        box.wait("Fall: we still hope to hear from you", 1)
        survey.live(migrate, ["2026-12-11T15:00:00Z", "2026-12-11T15:15:00Z"])
        box.wait("Fall: we still hope to hear from you", 2)
        survey.live(migrate, ["2026-12-12T06:00:00Z"])
    assert len(box.mails("")) == 4 and wave.status() == "closed"
    assert set(wave.mails().values()) | set(wave.mails("survey_reminder").values()) == {"sent"}
