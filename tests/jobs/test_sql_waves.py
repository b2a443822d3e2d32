"""Waves of many people: whom a filter finds, two thousand in a turn; who comes late; when it opens and reminds; and that there is a
decision for everybody."""
import concurrent.futures
import json

import pytest

from survey_waves import CLOSES, MORNING, STEPS, Wave
from world import NOW, insert, uuid7, wait_until

QUESTIONS = [{"code": "well", "kind": "yes_no", "section": "s", "factor": None, "required": True, "text": {"en": "Is it well?"}}]


class Many(Wave):
    """A survey of contacts whom a saved filter finds."""

    def __init__(self, database, migrate, people=3, **fields):
        super().__init__(database, migrate, audience="family", **fields)
        made, chosen = uuid7(), uuid7()
        insert(migrate, "instrument", {
            "district_id": self.district.id, "id": made, "code": f"m{str(made)[-12:]}", "edition": 1, "name": "Many", "locales": ["en"],
            "subject": "none", "sections": json.dumps([{"code": "s", "title": {"en": "S"}}]), "questions": json.dumps(QUESTIONS),
            "status": "published", "created_at": NOW, "updated_at": NOW})
        self.act("INSERT INTO saved_filter (district_id, id, name, resource, criteria) VALUES (%s, %s, 'Parents', 'contacts', %s) RETURNING id",
                 self.district.id, chosen, json.dumps([{"field": "locale", "op": "is", "values": ["vi"]}]))
        self.join(people)
        migrate.execute("UPDATE survey SET instrument_id = %s, contact_filter_id = %s, updated_at = %s WHERE id = %s",
                        (made, chosen, NOW, self.id))

    def join(self, people, **fields):
        values = {"status": "active", "channels": ["email", "phone"], **fields}
        self.migrate.execute(
            "INSERT INTO contact (district_id, id, name, locale, email, status, channels, created_at, updated_at) "
            "SELECT %s, gen_random_uuid(), 'Parent', 'vi', CASE WHEN %s THEN gen_random_uuid() || '@example.org' END, %s, %s, %s, %s "
            "FROM generate_series(1, %s)",
            (self.district.id, values.get("email", True), values["status"], values["channels"], NOW, NOW, people))

    def decided(self, kind="survey_invitation"):
        return dict(self.migrate.execute(
            "SELECT coalesce(reason, status), count(*) FROM message WHERE district_id = %s AND kind = %s GROUP BY 1",
            (self.district.id, kind)).fetchall())


@pytest.mark.parametrize("people, turns", [(100, [100, 0]), (101, [101, 0]), (2000, [2000, 0]), (2001, [2000, 1, 0])])
def test_a_turn_decides_two_thousand_and_says_that_there_are_more(database, migrate, people, turns):
    wave = Many(database, migrate, people)
    with database.connect("kith_survey") as connection:
        for n, expected in enumerate(turns):
            with connection.transaction():
                done = [connection.execute(f"SELECT {step}(%s, %s)", (wave.district.id, MORNING)).fetchone()[0] for step in (
                    "surveys_advance", "surveys_invite", "survey_mails_withdraw", "survey_invitations_decide", "survey_reminders_decide")]
                assert done == [n == 0, people if n == 0 else 0, 0, expected, 0]
                assert (connection.execute("SELECT current_setting('kith.more', true)").fetchone()[0] == "true") == (expected == 2000)
    assert wave.decided() == {"queued": people}
    events = migrate.execute("SELECT count(*) FROM outbox WHERE district_id = %s AND aggregatetype = 'message'", (wave.district.id,)).fetchone()[0]
    assert events == (people if people <= 100 else len(turns) - 1), "of few each has an event, of many the piece"
    wave.act("SELECT survey_pause(%s, NULL, 'x')", wave.id)
    withdrawn = []
    while not withdrawn or withdrawn[-1]:
        withdrawn.append(wave.round()[2])
    assert withdrawn == turns or withdrawn == [*turns[:-1], 0]
    assert wave.decided() == {"cancelled": people}


def test_nobody_is_looked_at_again(database, migrate):
    """A turn costs what it decides, however many the turns before it have decided."""
    wave = Many(database, migrate, 4001)
    read = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'survey_invitation'"
    with database.connect("kith_survey") as connection:
        for now, place in ((MORNING, 3), ("2026-12-08T15:00:00Z", 4)):
            for most in (2000, 2000, 1, 0):
                with connection.transaction():
                    before, = connection.execute(read).fetchone()
                    done = [connection.execute(f"SELECT {step}(%s, %s)", (wave.district.id, now)).fetchone()[0] for step in STEPS]
                    looked = connection.execute(read).fetchone()[0] - before
                assert done[place] == most
                assert most == 2000 or looked <= 4 * most
            migrate.execute("ANALYZE survey_invitation, message")
            wave.deliver()


def test_an_action_waits_for_a_turn_and_is_not_refused(database, migrate):
    wave = Many(database, migrate, 101)
    contact, = migrate.execute("SELECT id FROM contact WHERE district_id = %s ORDER BY id LIMIT 1", (wave.district.id,)).fetchone()
    queue = "SELECT message_queue('program', 'asks', 'ask', %s, %s, NULL, '1', '{}', %s, '2026-12-31')"
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND clock_timestamp() - waitstart > '300 ms'"
    with database.connect("kith_survey") as turn, concurrent.futures.ThreadPoolExecutor() as pool:
        with turn.transaction():
            for step in STEPS:
                turn.execute(f"SELECT {step}(%s, %s)", (wave.district.id, MORNING))
            action = pool.submit(wave.act, queue, uuid7(), contact, MORNING)
            wait_until(lambda: migrate.execute(waiting).fetchone() == (1,), "it waits longer than the API does for other locks")
        assert action.result()[0]
    assert wave.decided("ask") == {"queued": 1}


def test_who_is_left_out_has_a_decision_with_the_reason(database, migrate):
    wave = Many(database, migrate, 2)
    wave.join(1, status="left")
    wave.join(1, channels=["phone"])
    wave.join(1, email=False)
    assert wave.round()[1:4] == (5, 0, 5)
    assert wave.decided() == {"queued": 2, "left_org": 1, "opted_out": 1, "no_email": 1}
    assert wave.round() == (0, 0, 0, 0, 0), "twice it is the same"
    wave.deliver()
    assert wave.round("2026-12-08T15:00:00Z")[4] == 2, "they are not reminded either"


@pytest.mark.parametrize("late, invited", [("invite", 3), ("leave_out", 2)])
def test_who_comes_late_is_invited_as_the_survey_says(database, migrate, late, invited):
    wave = Many(database, migrate, 2, late_joiners=late)
    wave.round()
    wave.join(1)
    assert wave.round("2026-12-01T20:00:00Z")[1] == 0, "what filters find is looked up once a day"
    wave.round("2026-12-02T15:00:00Z")
    assert wave.decided() == {"queued": invited}


def test_it_opens_at_its_own_hour(database, migrate):
    wave = Many(database, migrate, 1, opening_hour=13)
    assert wave.round("2026-12-01T18:59:59Z")[0] == 0 and wave.round("2026-12-01T19:00:00Z")[0] == 1


@pytest.mark.parametrize("days, reminded", [([], set()), ([0], {0}), ([7, 1], {-7, -1}), ([9, 7, 4, 2, 1], {-9, -7, -4, -2, -1})])
def test_it_reminds_on_its_own_days(database, migrate, days, reminded):
    wave = Many(database, migrate, 1, reminder_days=days)
    for day in range(1, 12):
        wave.round(f"2026-12-{day:02}T15:00:00Z")
        wave.deliver()
    assert {int(occurrence.rpartition(" ")[2]) for _, occurrence in wave.mails("survey_reminder")} == reminded
    assert all(occurrence.startswith(CLOSES) for _, occurrence in wave.mails("survey_reminder"))


def test_a_week_holds_as_many_mails_as_the_district_says_and_no_more(database, migrate):
    waves = Many(database, migrate, 150)
    cap, = migrate.execute("SELECT mail_weekly_cap FROM district WHERE id = %s", (waves.district.id,)).fetchone()
    columns = "district_id, name, instrument_id, status, school_year, opens_on, closes_on, audience, contact_filter_id, created_at, updated_at"
    for _ in range(cap):
        migrate.execute(f"INSERT INTO survey (id, {columns}) SELECT gen_random_uuid(), {columns} FROM survey WHERE id = %s", (waves.id,))
    while waves.round()[3]:
        pass
    assert waves.decided() == {"queued": 150 * cap, "rate_limited": 150}
