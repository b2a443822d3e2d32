"""What time does to convenings: agendas that fill themselves, and reminders."""
import os
import sys

import pytest

from world import insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import SAID, Running  # noqa: E402  pylint: disable=wrong-import-position


class Story:
    """A district's all hands on Thursday, December 10, invited to, and a partnership that runs."""

    def __init__(self, database, migrate):
        self.migrate = migrate
        self.district = database.district()
        self.running = Running(database, self.district.id, self.district.user)
        self.id = self.row("convening", school_year=2027, kind="middle", title="All hands", status="invited",
                           starts_at="2026-12-10T21:00:00Z", ends_at="2026-12-10T22:30:00Z")

    def row(self, table, **fields):
        one = uuid7()
        insert(self.migrate, table, {"district_id": self.district.id, "id": one, **SAID, **fields})
        return one

    def invitee(self, status="invited", told="sent"):
        contact = self.row("contact", name="Ann", email=f"{uuid7()}@example.org")
        one = self.row("convening_invitee", convening_id=self.id, contact_id=contact, status=status)
        if told:
            self.row("message", **{"class": "program"}, topic="convenings", kind="convening_invitation", subject_id=one,
                     recipient_key=f"contact:{contact}", contact_id=contact, occurrence="invited 1", locale="en",
                     to_address="a@example.org", variables='{"when": "invited"}', status=told,
                     reason="opted_out" if told == "suppressed" else None, not_before="2026-11-01T00:00:00Z",
                     not_after="2026-12-10T21:00:00Z")
        return one

    def on(self, instant):
        return self.running.work("convenings_advance", instant)

    def agenda(self):
        return [row[0] for row in self.migrate.execute(
            "SELECT kind FROM agenda_item WHERE convening_id = %s AND archived_at IS NULL ORDER BY position",
            (self.id,)).fetchall()]

    def reminded(self):
        return sorted(str(row[0]) for row in self.migrate.execute(
            "SELECT subject_id FROM message WHERE district_id = %s AND variables ->> 'when' = 'reminder'",
            (self.district.id,)).fetchall())


@pytest.mark.shows("convenings.agenda_by_time")
def test_the_agenda_of_what_is_near_follows_the_days(database, migrate):
    story = Story(database, migrate)
    item = story.row("action_item", partnership_id=story.running.id, description="Call", due_on="2026-11-30")
    assert story.on("2026-10-01T15:00:00Z") == 0, "it is more than sixty days away"
    assert (story.on("2026-11-30T15:00:00Z"), story.agenda()) == (1, [])
    assert story.on("2026-12-01T01:00:00Z") == 0, "still November in Chicago, and done"
    version = migrate.execute("SELECT version FROM convening WHERE id = %s", (story.id,)).fetchone()
    assert (story.on("2026-12-01T15:00:00Z"), story.agenda()) == (1, ["overdue_action"])
    migrate.execute("UPDATE action_item SET status = 'done', done_at = now() WHERE id = %s", (item,))
    assert (story.on("2026-12-02T15:00:00Z"), story.agenda()) == (1, [])
    assert migrate.execute("SELECT version FROM convening WHERE id = %s", (story.id,)).fetchone() == version
    assert story.on("2026-12-10T21:30:00Z") == 0, "it has begun"


@pytest.mark.shows("convenings.reminders")
def test_who_has_not_declined_is_reminded_once_of_each_day(database, migrate):
    story = Story(database, migrate)
    asked, comes, _, _, _ = (story.invitee(*how) for how in (
        ("invited",), ("accepted",), ("declined",), ("waitlisted",), ("invited", "suppressed")))
    story.on("2026-12-06T15:00:00Z")
    assert story.reminded() == [], "three days before"
    for instant in ("2026-12-07T12:00:00Z", "2026-12-07T16:00:00Z", "2026-12-09T16:00:00Z"):
        story.on(instant)
        assert story.reminded() == sorted([str(asked), str(comes)])
    at = migrate.execute("SELECT min(not_before)::text, max(not_after)::text FROM message WHERE subject_id = %s "
                         "AND occurrence = 'reminder 2026-12-10'", (comes,)).fetchone()
    assert at == ("2026-12-07 15:00:00+00", "2026-12-10 21:00:00+00"), "at nine in Chicago, and not once it begins"
    migrate.execute("UPDATE convening SET starts_at = '2026-12-14T21:00:00Z' WHERE id = %s", (story.id,))
    story.on("2026-12-11T16:00:00Z")
    assert len(story.reminded()) == 4
    migrate.execute("UPDATE convening SET status = 'cancelled' WHERE id = %s", (story.id,))
    assert story.on("2026-12-12T16:00:00Z") == 0


@pytest.mark.shows("convenings.reminder_moves")
def test_a_reminder_moves_to_a_day_with_room_up_to_the_day_itself_and_says_why_it_cannot(database, migrate):
    story = Story(database, migrate)
    moved, full, free = (story.invitee() for _ in range(3))
    for invitee, day in ((moved, "2026-12-03"), (full, "2026-12-05")):
        [(contact,)] = migrate.execute("SELECT contact_id FROM convening_invitee WHERE id = %s", (invitee,)).fetchall()
        for number in range(3):
            story.row("message", **{"class": "bulletin"}, topic="needs", kind="bulletin", subject_id=uuid7(),
                      recipient_key=f"contact:{contact}", contact_id=contact, occurrence=str(number), locale="en",
                      to_address="a@example.org", variables="{}", status="sent", not_before=f"{day}T15:00:00Z",
                      not_after="2026-12-20T00:00:00Z")
    story.on("2026-12-07T16:00:00Z")
    told = dict((str(one), (status, reason, at)) for one, status, reason, at in migrate.execute(
        "SELECT subject_id, status, reason, not_before::date::text FROM message "
        "WHERE district_id = %s AND variables ->> 'when' = 'reminder'", (story.district.id,)).fetchall())
    assert told[str(moved)] == ("queued", None, "2026-12-10"), "on its morning"
    assert told[str(full)][:2] == ("suppressed", "rate_limited")
    assert told[str(free)] == ("queued", None, "2026-12-07")
