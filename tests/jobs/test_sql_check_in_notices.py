"""What people have in their calendars follows the check-in; what need not go any more does not."""
import os
import sys

import pytest

from world import insert, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import Running  # noqa: E402  pylint: disable=wrong-import-position

TOLD = "2026-11-27T15:00:00Z"    # a Friday, 09:00 in Chicago; the reminder 14 days before 2026-12-11
CHANGED = "2026-12-01T16:00:00Z" # a Tuesday, 10:00
LATER = "2026-12-02T16:00:00Z"


class Story:
    """A check-in of both leads, who have been told of it by mail."""

    def __init__(self, database, migrate, is_told=True):
        self.database = database
        self.migrate = migrate
        self.district = database.district()
        self.partnership = Running(database, self.district.id, self.district.user)
        self.check_in = self.partnership.check_in()
        self.remind(TOLD)
        if is_told:
            self.deliver()

    def remind(self, now):
        return self.partnership.work("reminders_decide", now)

    def decide(self, now=CHANGED):
        return self.partnership.work("check_in_notices_decide", now)

    def withdraw(self, now=CHANGED):
        return self.partnership.work("check_in_mails_withdraw", now)

    def deliver(self, status="sent"):
        """What the mailer does with all that waits."""
        self.migrate.execute(
            "UPDATE message SET status = %s, sent_at = not_before, updated_at = not_before "
            "WHERE subject_id = %s AND status = 'queued'", (status, self.check_in))

    def act(self, sql, *parameters, now=CHANGED):
        with self.migrate.transaction():
            self.migrate.execute("SELECT kith_context(%s, %s, 'admin', %s, '')",
                                 (self.district.id, self.district.user, now))
            self.migrate.execute(sql, parameters)

    def cancel(self, now=CHANGED):
        self.act("SELECT check_in_cancel(%s, NULL, 'x')", self.check_in, now=now)

    def reopen(self, now=LATER):
        self.act("SELECT check_in_reopen(%s, NULL, 'x')", self.check_in, now=now)

    def move(self, due_on, now=CHANGED):
        self.act("UPDATE check_in SET due_on = %s WHERE id = %s", due_on, self.check_in, now=now)

    def become(self, status, now=CHANGED):
        self.act("UPDATE partnership SET status = %s WHERE id = %s", status, self.partnership.id,
                 now=now)

    def half(self, side):
        insert(self.migrate, "check_in_half",
               {"district_id": self.district.id, "id": uuid7(), "check_in_id": self.check_in,
                "side": side, "status": "submitted", "submitted_at": CHANGED, "created_at": CHANGED,
                "updated_at": CHANGED})

    def notices(self):
        """Those that are no rule's: kind, to which side, sequence, due date, status and reason."""
        return self.migrate.execute(
            "SELECT kind, variables ->> 'side', (variables ->> 'sequence')::int, "
            "variables ->> 'due_on', coalesce(reason, status) FROM message "
            "WHERE subject_id = %s AND occurrence LIKE 'sequence %%' ORDER BY created_at, id",
            (self.check_in,)).fetchall()


@pytest.fixture
def story(database, migrate):
    return Story(database, migrate)


def both(kind, sequence, due_on="2026-12-11", how="queued"):
    return [(kind, side, sequence, due_on, how) for side in ("district", "partner")]


def cancelled(sequence, due_on="2026-12-11", how="queued"):
    return both("check_in_cancelled", sequence, due_on, how)


def renewed(sequence, due_on="2026-12-11", how="queued"):
    return both("check_in_reminder", sequence, due_on, how)


def sides(notices):
    return sorted(notices, key=lambda row: (row[2], row[1]))


# ---- Taken back ----------------------------------------------------------------------------------

def test_who_was_told_is_told_of_the_end_once(story):
    assert story.decide() == 0
    story.cancel()
    assert story.decide() == 2
    assert sides(story.notices()) == cancelled(1)
    assert story.decide() == 0 and story.decide(LATER) == 0
    story.deliver()
    assert story.decide(LATER) == 0


def test_who_was_not_told_is_not_told_of_the_end(database, migrate):
    story = Story(database, migrate, is_told=False)
    story.cancel()
    assert story.decide() == 0 and story.notices() == []


def test_what_may_have_gone_counts_as_gone(database, migrate):
    story = Story(database, migrate, is_told=False)
    story.deliver("unknown")
    story.cancel()
    assert story.decide() == 2


def test_what_is_on_its_way_is_taken_back_when_it_has_gone(database, migrate):
    story = Story(database, migrate, is_told=False)
    story.migrate.execute("UPDATE message SET claimed_until = clock_timestamp(), updated_at = %s WHERE subject_id = %s "
                          "AND status = 'queued'", (LATER, story.check_in))
    story.cancel()
    assert story.decide() == 0
    migrate.execute("UPDATE message SET status = 'sent', claimed_until = NULL, sent_at = %s, updated_at = %s "
                    "WHERE subject_id = %s AND claimed_until IS NOT NULL", (LATER, LATER, story.check_in))
    assert story.decide(LATER) == 2


@pytest.mark.parametrize("end", [
    lambda s: s.act("SELECT check_in_skip(%s, NULL, 'x')", s.check_in),
    lambda s: s.become("paused"),
    lambda s: s.become("ended"),
    lambda s: s.act("UPDATE check_in SET archived_at = %s WHERE id = %s", CHANGED, s.check_in),
    lambda s: s.act("UPDATE partnership SET archived_at = %s WHERE id = %s", CHANGED,
                    s.partnership.id),
], ids=["skipped", "paused", "ended", "archived", "partnership archived"])
def test_every_end_before_its_time_takes_the_invitation_back(story, end):
    end(story)
    assert story.decide() == 2
    assert sides(story.notices()) == cancelled(1)
    assert story.migrate.execute(
        "SELECT count(*) FROM message m WHERE m.subject_id = %s AND m.kind = 'check_in_cancelled' "
        "AND message_subject_obstacle(m) IS NULL", (story.check_in,)).fetchone() == (2,), "and they go"


def test_an_end_in_its_time_takes_nothing_back(story):
    story.half("district")
    story.act("SELECT check_in_close(%s, NULL)", story.check_in)
    assert story.decide() == 0 and story.notices() == []


def test_that_a_paused_partnership_ends_does_not_stop_the_word_of_it(story):
    story.become("paused")
    assert story.decide() == 2
    story.become("ended", LATER)
    assert sides(story.notices()) == cancelled(1)


def test_what_was_due_a_fortnight_ago_is_let_go(story):
    story.cancel()
    assert story.decide("2026-12-26T16:00:00Z") == 0
    assert story.decide("2026-12-25T16:00:00Z") == 2


# ---- Moved, and back -----------------------------------------------------------------------------

def test_a_moved_date_is_told_of_once(story):
    story.move("2026-12-16")
    assert story.decide() == 2
    assert sides(story.notices()) == renewed(1, "2026-12-16")
    assert story.decide() == 0
    [row] = story.migrate.execute(
        "SELECT DISTINCT variables ->> 'is_moved', variables ->> 'was_due_on' FROM message "
        "WHERE subject_id = %s AND occurrence = 'sequence 1'", (story.check_in,)).fetchall()
    assert row == ("true", "2026-12-11")
    story.deliver()
    assert story.decide(LATER) == 0


def test_who_has_answered_need_not_know_of_a_moved_date(story):
    story.half("partner")
    story.move("2026-12-16")
    assert story.decide() == 1
    assert story.notices() == [renewed(1, "2026-12-16")[0]]


def test_who_leads_no_more_gets_no_new_date(story):
    story.migrate.execute("UPDATE partnership_role SET until_date = '2026-11-30', updated_at = %s "
                          "WHERE partnership_id = %s AND side = 'partner'",
                          (CHANGED, story.partnership.id))
    story.move("2026-12-16")
    assert story.decide() == 1


def test_a_reminder_that_goes_anyway_is_the_word_of_the_new_date(story):
    story.move("2026-12-04", "2026-12-01T14:00:00Z") # three days before, in the morning
    assert story.remind("2026-12-01T15:00:00Z") == 2
    assert story.decide("2026-12-01T15:00:00Z") == 0


def test_what_comes_back_is_told_of_after_its_end_was(story):
    story.cancel()
    assert story.decide() == 2
    story.deliver()
    story.reopen()
    assert story.withdraw(LATER) == 0
    assert story.decide(LATER) == 2
    assert sides(story.notices()) == cancelled(1, how="sent") + renewed(2)
    story.deliver()
    story.cancel("2026-12-03T16:00:00Z")
    assert story.decide("2026-12-03T16:00:00Z") == 2
    assert sides(story.notices()) == \
        cancelled(1, how="sent") + renewed(2, how="sent") + cancelled(3)


def test_what_comes_back_before_the_word_of_its_end_went_is_no_news(story):
    story.cancel()
    assert story.decide() == 2
    story.reopen()
    assert story.withdraw(LATER) == 2
    assert story.decide(LATER) == 0
    assert sides(story.notices()) == cancelled(1, how="cancelled")
    story.cancel("2026-12-03T16:00:00Z")
    assert story.decide("2026-12-03T16:00:00Z") == 2, "the next end is told of"


def test_two_ends_with_no_word_of_the_time_between_are_one(story):
    story.cancel()
    assert story.decide() == 2
    story.deliver()
    story.reopen()
    story.cancel("2026-12-03T16:00:00Z")
    assert story.decide("2026-12-03T16:00:00Z") == 0


# ---- When, and to whom ---------------------------------------------------------------------------

@pytest.mark.parametrize("now, not_before", [
    ("2026-12-01T16:00:00Z", "2026-12-01T16:00:00Z"), # a school day, after the mail hour: at once
    ("2026-12-01T12:00:00Z", "2026-12-01T15:00:00Z"), # before it: at the hour
    ("2026-12-05T16:00:00Z", "2026-12-07T15:00:00Z"), # a Saturday: on Monday
    ("2026-12-08T16:00:00Z", "2026-12-09T15:00:00Z"), # a blackout: the day after
])
def test_a_notice_goes_at_once_on_a_day_for_mail(story, now, not_before):
    insert(story.migrate, "blackout", {
        "district_id": story.district.id, "id": uuid7(), "starts_on": "2026-12-08",
        "ends_on": "2026-12-08", "reason": "x", "created_at": now, "updated_at": now})
    story.cancel(now)
    story.decide(now)
    assert story.migrate.execute(
        "SELECT count(*), bool_and(not_before = %s AND not_after > not_before) FROM message "
        "WHERE subject_id = %s AND kind = 'check_in_cancelled'",
        (not_before, story.check_in)).fetchone() == (2, True)


def test_where_no_day_is_left_the_decision_says_so(story):
    insert(story.migrate, "blackout", {
        "district_id": story.district.id, "id": uuid7(), "starts_on": "2026-12-01",
        "ends_on": "2026-12-31", "reason": "x", "created_at": TOLD, "updated_at": TOLD})
    story.cancel()
    story.decide()
    assert sides(story.notices()) == cancelled(1, how="blackout")


def test_a_mail_says_all_that_an_invitation_needs(database, migrate):
    story = Story(database, migrate)
    site = uuid7()
    insert(migrate, "site", {"district_id": story.district.id, "id": site, "name": "North High",
                             "kind": "school", "zone": "America/Denver", "created_at": TOLD,
                             "updated_at": TOLD})
    migrate.execute("UPDATE partnership SET lead_site_id = %s, updated_at = %s WHERE id = %s",
                    (site, TOLD, story.partnership.id))
    story.remind("2026-12-08T16:00:00Z")
    [said] = migrate.execute(
        "SELECT variables FROM message WHERE subject_id = %s AND occurrence = '2026-12-11 -3 partner'",
        (story.check_in,)).fetchone()
    assert said.pop("reminder_rule_id")
    assert said == {
        "partnership": "A partnership", "partner": "P", "site": "North High", "due_on": "2026-12-11",
        "offset_days": -3, "side": "partner", "is_overdue": False, "uid": story.check_in,
        "sequence": 0, "zone": "America/Denver", "dtstamp": "2026-12-08T16:00:00.000Z",
        "organizer": {"name": "A person", "address": f"{story.district.user}@example.org"}}


@pytest.mark.parametrize("reply_to, organizer", [
    ("office@district.example", {"name": "Partnerships", "address": "office@district.example"}),
    (None, None)])
def test_without_a_lead_the_office_organizes(database, migrate, reply_to, organizer):
    story = Story(database, migrate)
    migrate.execute("UPDATE district SET reply_to = %s, mail_from_name = 'Partnerships', "
                    "updated_at = %s WHERE id = %s", (reply_to, TOLD, story.district.id))
    migrate.execute("UPDATE partnership_role SET archived_at = %s, updated_at = %s "
                    "WHERE partnership_id = %s AND side = 'district'", (TOLD, TOLD, story.partnership.id))
    story.remind("2026-12-08T15:00:00Z")
    assert migrate.execute(
        "SELECT variables -> 'organizer' FROM message WHERE subject_id = %s AND occurrence LIKE '%% -3 %%'",
        (story.check_in,)).fetchall() == [(organizer,)]


# ---- Withdrawn -----------------------------------------------------------------------------------

def test_a_reminder_of_who_has_answered_meanwhile_does_not_go(database, migrate):
    story = Story(database, migrate, is_told=False)
    story.half("partner")
    assert story.withdraw() == 1
    assert dict(migrate.execute("SELECT variables ->> 'side', coalesce(reason, status) FROM message "
                                "WHERE subject_id = %s", (story.check_in,)).fetchall()) == {
        "partner": "already_done", "district": "queued"}
    assert story.withdraw() == 0
