"""What time does to surveys: sql/functions/87_survey_round.sql, beside a model of when mails go."""
import datetime as dt
import os
import sys

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from psycopg import errors

from check_in_model import DAY, UTC, Calendar, date
from survey_waves import CLOSES, MORNING, OPENS, ZONE, Wave

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import NOW, Running  # noqa: E402  pylint: disable=wrong-import-position

@pytest.fixture
def wave(database, migrate):
    return Wave(database, migrate)


# ---- Opening and closing -------------------------------------------------------------------------

def test_a_scheduled_survey_opens_at_the_mail_hour_of_its_day(wave):
    assert wave.round("2026-12-01T14:59:59Z") == (0, 0, 0, 0, 0) and wave.status() == "scheduled"
    assert wave.round(MORNING) == (1, 2, 0, 2, 0) and wave.status() == "open"
    assert wave.round(MORNING) == (0, 0, 0, 0, 0)
    assert wave.mails() == {("user", "1"): "queued", ("contact", "1"): "queued"}
    assert wave.mails("survey_reminder") == {}


def test_it_closes_with_the_last_second_of_its_last_day(wave):
    wave.round()
    assert wave.round("2026-12-12T05:59:59Z")[0] == 0 and wave.status() == "open"
    assert wave.round("2026-12-12T06:00:00Z")[0] == 1 and wave.status() == "closed"
    assert set(wave.mails().values()) == {"cancelled"}, "what has not gone does not go"
    assert wave.round("2026-12-12T06:00:00Z") == (0, 0, 0, 0, 0)


def test_a_paused_survey_closes_too(wave):
    wave.round()
    wave.act("SELECT survey_pause(%s, NULL, 'x')", wave.id)
    assert wave.round("2026-12-12T06:00:00Z")[0] == 1 and wave.status() == "closed"


def test_a_survey_whose_time_passed_unseen_asks_nobody(wave):
    assert wave.round("2026-12-12T06:00:00Z") == (0, 0, 0, 0, 0) and wave.status() == "scheduled"


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_only_a_scheduled_one_opens(database, migrate, status):
    wave = Wave(database, migrate, status=status)
    assert wave.round() == (0, 0, 0, 0, 0) and wave.status() == status


def test_nobody_answers_between_the_last_second_and_the_close(wave):
    wave.round()
    put = "SELECT survey_answer_put(%s, %s, '{\"trust_word\": 4}', false)"
    wave.act(put, wave.invitation(), wave.partnership.id, now="2026-12-12T05:59:59Z")
    with pytest.raises(errors.DatabaseError, match="The survey is not open"):
        wave.act(put, wave.invitation(), wave.partnership.id, now="2026-12-12T06:00:00Z")


# ---- Invitations ---------------------------------------------------------------------------------

def test_who_joins_while_it_is_open_is_invited(wave):
    wave.round()
    Running(wave.database, wave.district.id, wave.district.user)
    assert wave.round("2026-12-02T16:00:00Z") == (0, 1, 0, 1, 0)
    assert wave.round("2026-12-02T16:15:00Z") == (0, 0, 0, 0, 0)


def test_one_that_is_opened_by_hand_asks_at_once_on_any_day_but_a_blackout(database, migrate):
    for now, expected in (("2026-12-05T21:10:00Z", "2026-12-05T21:10:00Z"),  # a Saturday
                          ("2026-12-09T21:10:00Z", "2026-12-10T15:00:00Z")): # a blackout
        wave = Wave(database, migrate, status="draft")
        wave.days_without_mail("blackout", ("2026-12-09", "2026-12-09"))
        wave.act("SELECT survey_open(%s, NULL)", wave.id, now=now)
        assert wave.round(now) == (0, 0, 0, 2, 0)
        assert migrate.execute("SELECT DISTINCT not_before = %s FROM message WHERE district_id = %s",
                               (expected, wave.district.id)).fetchall() == [(True,)]


def test_a_mail_says_what_is_asked_and_how(wave):
    migrate = wave.migrate
    migrate.execute("UPDATE survey SET introduction = repeat('é', 1001), updated_at = %s WHERE id = %s",
                    (NOW, wave.id))
    wave.round()
    [said], [not_after] = zip(*migrate.execute(
        "SELECT variables, not_after FROM message WHERE subject_id = %s", (wave.invitation(),)).fetchall())
    assert said == {
        "survey": "Fall", "closes_on": CLOSES, "mode": "confidential", "is_attributed": False,
        "is_confidential": True, "introduction": "é" * 999 + "…",
        "relationships": [{"partnership": "A partnership", "partner": "P"}]}
    assert not_after == dt.datetime(2026, 12, 12, 6, tzinfo=UTC)


def test_the_longest_texts_fit(database, migrate):
    """A mail's variables have a limit, and a survey of it would stop all of the district's."""
    wave = Wave(database, migrate, name="😀" * 200, introduction="\x01" * 10000)
    partnerships = [Running(database, wave.district.id, wave.district.user, name="😀" * 200)
                    for _ in range(5)]
    migrate.execute("UPDATE partner SET name = repeat('😀', 200), updated_at = %s WHERE id = ANY (%s)",
                    (NOW, [p.partner for p in partnerships]))
    assert wave.round()[3] == 7


def test_what_was_withdrawn_goes_when_the_survey_goes_on(wave):
    wave.round()
    wave.act("SELECT survey_pause(%s, NULL, 'x')", wave.id)
    assert wave.round("2026-12-02T16:00:00Z") == (0, 0, 2, 0, 0)
    assert wave.round("2026-12-02T16:15:00Z") == (0, 0, 0, 0, 0)
    wave.act("SELECT survey_resume(%s, NULL)", wave.id, now="2026-12-02T16:20:00Z")
    assert wave.round("2026-12-02T16:20:00Z") == (0, 0, 0, 2, 0)
    assert wave.mails() == {("user", "1"): "cancelled", ("contact", "1"): "cancelled",
                            ("user", "2"): "queued", ("contact", "2"): "queued"}
    wave.deliver()
    wave.act("SELECT survey_close(%s, NULL)", wave.id, now="2026-12-03T16:00:00Z")
    wave.act("SELECT survey_reopen(%s, NULL, 'x', '2026-12-16')", wave.id, now="2026-12-04T16:00:00Z")
    assert wave.round("2026-12-04T16:00:00Z") == (0, 0, 0, 0, 0), "what went is not sent again"


def test_who_has_answered_is_left_alone(wave):
    wave.round()
    wave.answered()
    assert wave.mails() == {("user", "1"): "queued", ("contact", "1"): "already_done"}
    assert wave.round("2026-12-01T15:15:00Z") == (0, 0, 0, 0, 0)
    wave.deliver()
    assert wave.round("2026-12-08T15:00:00Z")[4] == 1
    assert wave.mails("survey_reminder") == {("user", f"{CLOSES} -3"): "queued"}


def test_partners_are_asked_on_business_days_and_the_district_on_school_days(database, migrate):
    # Thanksgiving, which nobody has entered; and the day after, on which this district is closed.
    wave = Wave(database, migrate, opens_on="2026-11-26", closes_on="2026-12-04")
    wave.days_without_mail("closed_day", ("2026-11-27", "2026-11-27"))
    assert wave.round("2026-11-26T15:00:00Z") == (1, 2, 0, 2, 0)
    assert dict(migrate.execute(
        "SELECT split_part(recipient_key, ':', 1), to_char(not_before AT TIME ZONE %s, 'MM-DD HH24') "
        "FROM message WHERE district_id = %s", (ZONE, wave.district.id)).fetchall()) == {
            "contact": "11-27 09", "user": "11-30 09"}


# ---- Reminders -----------------------------------------------------------------------------------

def reminded(wave):
    return dict(wave.migrate.execute("SELECT CASE WHEN user_id IS NULL THEN 'contact' ELSE 'user' END, "
                                     "reminders FROM survey_invitation WHERE survey_id = %s",
                                     (wave.id,)).fetchall())


def test_only_who_is_missing_is_reminded_three_days_before_and_on_the_day(wave):
    wave.round()
    wave.deliver()
    wave.answered("user")
    assert wave.round("2026-12-08T14:45:00Z")[4] == 0
    assert wave.round("2026-12-08T15:00:00Z")[4] == 1
    assert wave.round("2026-12-08T15:15:00Z")[4] == 0
    wave.answered(status="partial")
    wave.deliver()
    assert wave.round("2026-12-11T15:00:00Z")[4] == 1
    assert wave.mails("survey_reminder") == {("contact", f"{CLOSES} -3"): "sent",
                                             ("contact", f"{CLOSES} 0"): "queued"}
    assert reminded(wave) == {"contact": 2, "user": 0}


def test_of_two_reminders_that_are_late_the_last_goes(wave):
    wave.round()
    wave.deliver()
    assert wave.round("2026-12-11T15:00:00Z")[4] == 4
    assert wave.mails("survey_reminder") == {
        (who, f"{CLOSES} {rule}"): how for who in ("user", "contact")
        for rule, how in ((-3, "stale"), (0, "queued"))}
    assert reminded(wave) == {"contact": 1, "user": 1}


def test_who_is_invited_that_day_is_not_reminded_that_day(wave):
    wave.round()
    wave.deliver()
    Running(wave.database, wave.district.id, wave.district.user)
    assert wave.round("2026-12-08T15:00:00Z") == (0, 1, 0, 1, 2)


def test_a_last_day_that_moves_is_reminded_of_anew(wave):
    wave.round()
    wave.deliver()
    assert wave.round("2026-12-08T15:00:00Z")[4] == 2
    wave.deliver()
    wave.act("UPDATE survey SET closes_on = '2026-12-23' WHERE id = %s RETURNING id", wave.id,
             now="2026-12-09T15:00:00Z")
    assert wave.round("2026-12-11T15:00:00Z")[4] == 0
    # 20 December is a Sunday; staff's and partners' next day is the 21st.
    assert wave.round("2026-12-20T15:00:00Z")[4] == 0
    assert wave.round("2026-12-21T15:00:00Z")[4] == 2
    assert reminded(wave) == {"contact": 2, "user": 2}


class Days:
    """When each of the mails goes by the rules, of one who never answers."""

    def __init__(self, calendar, hour, is_user):
        self.calendar = calendar
        self.hour = hour
        self.first = calendar.first_mail_day if is_user else calendar.first_business_day
        self.decided = {} # name: (why not, when)
        self.is_open = False

    def at(self, day, now):
        return max(now, self.calendar.instant(day, self.hour))

    def tick(self, now):
        opens, closes = date(OPENS), date(CLOSES)
        today = self.calendar.today(now)
        if now >= self.calendar.instant(opens, self.hour) and today <= closes:
            self.is_open = True
        if not self.is_open or today > closes:
            return
        day = self.first(today, closes)
        self.decided.setdefault("invitation", ("blackout" if day is None else None,
                                               self.at(day or today, now)))
        invited_on = self.decided["invitation"][1].astimezone(self.calendar.zone).date()
        last_on = self.first(closes, closes)
        for rule in (-3, 0):
            start = closes + rule * DAY
            on = self.first(start, closes)
            if now < self.calendar.instant(on or start, self.hour) or invited_on >= (on or start):
                continue
            sends = self.first(max(today, start), closes)
            following = last_on if rule < 0 else None
            why = ("blackout" if on is None
                   else "stale" if sends is None or following and following <= sends else None)
            self.decided.setdefault(rule, (why, self.at(sends or start, now)))


RANGES = st.tuples(st.integers(-2, 14), st.integers(0, 5)).map(
    lambda t: (date(OPENS) + t[0] * DAY, date(OPENS) + (t[0] + t[1]) * DAY))
TICKS = st.lists(st.integers(-48, 13 * 96).map(
    lambda n: dt.datetime(2026, 12, 1, tzinfo=UTC) + n * dt.timedelta(minutes=15)), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.generate),
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(zone=st.sampled_from((ZONE, "America/Phoenix", "Pacific/Honolulu", "America/New_York")),
       hour=st.integers(0, 23), closed=st.lists(RANGES, max_size=2), blackouts=st.lists(RANGES, max_size=2),
       ticks=TICKS.map(sorted))
def test_mails_go_when_the_model_says(database, migrate, zone, hour, closed, blackouts, ticks):
    wave = Wave(database, migrate, zone=zone, hour=hour)
    wave.days_without_mail("closed_day", *closed)
    wave.days_without_mail("blackout", *blackouts)
    calendar = Calendar(zone, closed, blackouts)
    models = {"user": Days(calendar, hour, True), "contact": Days(calendar, hour, False)}
    with database.connect("kith_survey") as connection:
        for now in ticks:
            for model in models.values():
                model.tick(now)
            wave.round(now, connection)
            assert wave.round(now, connection) == (0, 0, 0, 0, 0), "the same instant decides nothing more"
    found = {who: {} for who in models}
    # What was withdrawn at the close went, or not, as was decided before.
    for kind, occurrence, key, reason, not_before in migrate.execute(
            "SELECT kind, occurrence, recipient_key, nullif(reason, 'cancelled'), not_before FROM message "
            "WHERE district_id = %s", (wave.district.id,)).fetchall():
        name = "invitation" if kind == "survey_invitation" else int(occurrence.rpartition(" ")[2])
        assert name not in found[key.partition(":")[0]]
        found[key.partition(":")[0]][name] = (reason, not_before)
    assert found == {who: model.decided for who, model in models.items()}
