"""Invitations as another implementation reads them."""
import datetime as dt
import os
import subprocess
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings, strategies as st

from world import BUILD

# What PostgreSQL can hold.
TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=120)
MAILBOX = st.text("abcXYZ09.!#$%&'*+/=?^_`{|}~-ñ", min_size=1, max_size=40)
FIELDS = {
    "method": "REQUEST", "uid": "019ab000-0000-7000-8000-000000000001", "sequence": 0,
    "stamped_at_ms": 1795273200123, "due_on": "2026-12-31", "starts_at_ms": 0, "ends_at_ms": 0, "zone": "",
    "organizer": "Lee Director", "organizer_address": "lee@district.example",
    "attendee": "Ann", "attendee_address": "ann@partner.example", "summary": "Check-in due",
    "description": "Say how it goes.", "url": "https://kith.example/r/kith_aGVsbG8",
}


def written(**changed):
    fields = {**FIELDS, **changed}
    assert set(fields) == set(FIELDS)
    done = subprocess.run([os.path.join(BUILD, "tests/calendar_probe")], check=True, timeout=30,
                          input=b"".join(str(f).encode() + b"\0" for f in fields.values()),
                          stdout=subprocess.PIPE)
    return done.stdout


def event_of(text):
    """The calendar and its one event, after what RFC 5545 asks of the bytes."""
    assert text.endswith(b"\r\n") and b"\n" not in text.replace(b"\r\n", b"")
    for line in text.split(b"\r\n"):
        assert len(line) <= 75
        line.decode() # no character is split
    calendar = icalendar.Calendar.from_ical(text)
    assert calendar.errors == []
    *zones, event = calendar.subcomponents
    assert [zone.name for zone in zones] in ([], ["VTIMEZONE"])
    assert (event.name, event.errors) == ("VEVENT", [])
    return calendar, event


def without_controls(text, line_end):
    return "".join(line_end if c == "\n" else " " if c == "\t" else c for c in text
                   if c in "\n\t" or c >= " " and c != "\x7f")


def address_of(uri):
    assert uri.startswith("mailto:")
    return unquote(uri.removeprefix("mailto:"))


def test_a_request_is_read_as_it_was_meant():
    calendar, event = event_of(written(sequence=4))
    assert (calendar["VERSION"], calendar["METHOD"]) == ("2.0", "REQUEST")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (FIELDS["uid"], 4, "CONFIRMED")
    assert event["DTSTAMP"].dt == dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["ORGANIZER"] == "mailto:lee@district.example"
    assert event["ORGANIZER"].params["CN"] == "Lee Director"
    assert event["ATTENDEE"] == "mailto:ann@partner.example"
    assert dict(event["ATTENDEE"].params) == {
        "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE", "CN": "Ann"}
    assert event["SUMMARY"] == "Check-in due"
    assert event["DESCRIPTION"] == f"Say how it goes.\n\n{FIELDS['url']}"
    assert event["URL"] == FIELDS["url"]


def test_a_cancellation_is_of_the_same_event():
    calendar, event = event_of(written(method="CANCEL", sequence=5, url=""))
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert (event["UID"], event["SEQUENCE"]) == (FIELDS["uid"], 5)
    assert "URL" not in event


ZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "Pacific/Honolulu", "America/Puerto_Rico",
         "America/Anchorage", "Pacific/Guam", "America/Adak")


def offset_told(zone, at):
    """What a VTIMEZONE says of a local time, by RFC 5545 alone: the observance whose last onset is the latest."""
    found = []
    for one in zone.subcomponents:
        begins = one["DTSTART"].dt
        onsets = [begins]
        if "RRULE" in one:
            rule = one["RRULE"]
            assert rule["FREQ"] == ["YEARLY"] and len(rule["BYDAY"]) == len(rule["BYMONTH"]) == 1
            onsets = [nth(year, int(rule["BYMONTH"][0]), str(rule["BYDAY"][0])) + dt.timedelta(hours=begins.hour)
                      for year in range(begins.year, at.year + 1)]
            if "UNTIL" in rule:
                onsets = [o for o in onsets if o <= rule["UNTIL"][0].replace(tzinfo=None)]
        found += [(o, one["TZOFFSETTO"].td) for o in onsets if o <= at]
    return max(found)[1]


def nth(year, month, byday):
    """2SU: the second Sunday."""
    n, day = int(byday[:-2]), ("MO", "TU", "WE", "TH", "FR", "SA", "SU").index(byday[-2:])
    days = [one for one in (dt.datetime(year, month, 1) + dt.timedelta(k) for k in range(31))
            if one.month == month and one.weekday() == day]
    return days[n - 1 if n > 0 else n]


@pytest.mark.parametrize("zone", ZONES)
def test_what_has_hours_tells_the_zone_of_its_place_with_the_rules_in_force(zone):
    """RFC 5545 §3.6.5 and §3.8.2.4: the local time, the name, and a VTIMEZONE of that name before it, short enough for
    calendars that refuse a century of history; the same instant as the system's own data give."""
    for begins in ("2026-11-21T10:00", "2027-03-13T23:00", "2027-03-14T15:00", "2027-11-07T16:30", "2027-06-30T08:00"):
        local = dt.datetime.fromisoformat(begins)
        starts = local.replace(tzinfo=ZoneInfo(zone))
        ms = int(starts.timestamp()) * 1000
        text = written(starts_at_ms=ms, ends_at_ms=ms + 5400000, zone=zone, due_on=begins[:10])
        calendar, event = event_of(text)
        told, = calendar.walk("VTIMEZONE")
        assert told["TZID"] == event["DTSTART"].params["TZID"] == event["DTEND"].params["TZID"] == zone
        assert f"DTSTART;TZID={zone}:{local:%Y%m%dT%H%M%S}\r\n".encode() in text
        assert 1 <= len(told.subcomponents) <= 2 and len(text) < 2000
        assert offset_told(told, local) == starts.utcoffset()
        ends = dt.datetime.fromtimestamp(ms / 1000 + 5400, ZoneInfo(zone)).replace(tzinfo=None)
        assert event["DTEND"].dt.replace(tzinfo=None) == ends and event["TRANSP"] == "OPAQUE"


def test_of_a_zone_that_nobody_knows_it_is_told_in_utc():
    for zone in ("", "Mars/Olympus"):
        calendar, event = event_of(written(starts_at_ms=1795273200000, ends_at_ms=1795276800000, zone=zone))
        assert not calendar.walk("VTIMEZONE") and event["DTSTART"].dt == dt.datetime(2026, 11, 21, 15, tzinfo=dt.timezone.utc)


@settings(max_examples=60, deadline=None)
@given(summary=TEXT, description=TEXT, name=TEXT, mailbox=MAILBOX,
       method=st.sampled_from(["REQUEST", "CANCEL"]), sequence=st.integers(0, 2**31 - 1),
       due_on=st.dates(dt.date(1970, 1, 1), dt.date(2999, 12, 30)))
def test_whatever_a_text_says_it_comes_out_as_it_went_in(
        summary, description, name, mailbox, method, due_on, sequence):
    address = f"{mailbox}@partner.example"
    calendar, event = event_of(written(
        method=method, summary=summary, description=description, attendee=name,
        attendee_address=address, due_on=due_on, sequence=sequence))
    assert (calendar["METHOD"], event["SEQUENCE"], event["DTSTART"].dt) == (method, sequence, due_on)
    assert event["SUMMARY"] == without_controls(summary, " ")
    said = without_controls(description, "\n")
    assert event["DESCRIPTION"] == (said + "\n\n" if said else "") + FIELDS["url"]
    assert address_of(event["ATTENDEE"]) == address
    kept = without_controls(name, " ").replace('"', "'").replace("^", " ").replace("\\", "/")
    assert event["ATTENDEE"].params.get("CN", "") == kept
