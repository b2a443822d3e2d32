"""kith-survey: a survey's whole life by the clock; killed at any moment, and many at once."""
import os
import random
import signal
import sys

import pytest

from clocked import Clock, Clocked
from survey_waves import CLOSES, Wave

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import Running  # noqa: E402  pylint: disable=wrong-import-position

BEGINS = "2026-11-30T15:00:00Z"


@pytest.fixture
def wave(database, migrate):
    migrate.execute("UPDATE schedule SET next_at = 'infinity'") # nobody else's
    return Wave(database, migrate)


def test_the_whole_life_of_a_survey(database, migrate, wave):
    with Clocked("kith-survey", database, Clock(BEGINS)) as worker:
        worker.live(migrate, [BEGINS, "2026-12-01T14:45:00Z"])
        assert wave.status() == "scheduled" and wave.mails() == {}
        worker.live(migrate, ["2026-12-01T15:00:00Z"])
        assert wave.status() == "open"
        assert wave.mails() == {("user", "1"): "queued", ("contact", "1"): "queued"}
        wave.deliver()
        Running(database, wave.district.id, wave.district.user) # joins
        worker.live(migrate, ["2026-12-02T15:00:00Z"])
        assert len(wave.mails()) == 2 and migrate.execute(
            "SELECT count(*) FROM survey_invitation WHERE survey_id = %s", (wave.id,)).fetchone() == (3,)
        wave.deliver()
        wave.answered("user")
        worker.live(migrate, ["2026-12-08T14:45:00Z", "2026-12-08T15:00:00Z", "2026-12-11T15:00:00Z",
                              "2026-12-12T05:45:00Z"])
        assert wave.status() == "open"
        worker.live(migrate, ["2026-12-12T06:00:00Z"])
        assert wave.status() == "closed"
        assert worker.metric("kith_decisions_total", decision="survey_invitation") == 3
        assert worker.metric("kith_decisions_total", decision="survey_reminder") == 4
        assert worker.metric("kith_scheduler_last_run_timestamp_seconds", task="surveys") > 0
    assert dict(migrate.execute(
        "SELECT coalesce(reason, status), count(*) FROM message WHERE district_id = %s GROUP BY 1",
        (wave.district.id,)).fetchall()) == {"sent": 3, "cancelled": 4}
    assert sorted(migrate.execute("SELECT reminders, status FROM survey_invitation WHERE survey_id = %s",
                                  (wave.id,)).fetchall()) == [(0, "answered"), (2, "invited"), (2, "invited")]


def test_killed_at_any_moment_each_mail_is_decided_once(database, migrate, wave):
    waves = [wave, *(Wave(database, migrate) for _ in range(5))]
    chance = random.Random(2027)
    with Clocked("kith-survey", database, Clock(BEGINS), KITH_WORKERS=16) as worker:
        for now in ("2026-12-01T15:00:00Z", "2026-12-02T15:00:00Z", "2026-12-08T15:00:00Z",
                    "2026-12-11T15:00:00Z", "2026-12-12T06:00:00Z"):
            worker.clock.set(now)
            for _ in range(3):
                for _ in range(chance.randrange(20)): # a moment, as long as that takes
                    worker.caught_up(migrate)
                os.kill(chance.choice(sorted(worker.children())), signal.SIGKILL)
            worker.wait(migrate)
    for one in waves:
        assert one.status() == "closed"
        for kind, names in (("survey_invitation", ["1"]), ("survey_reminder", [f"{CLOSES} -3", f"{CLOSES} 0"])):
            assert one.mails(kind) == {(who, name): "cancelled" for who in ("user", "contact")
                                       for name in names}


def test_its_role_sees_the_district_at_hand_and_no_other(database, wave):
    Wave(database, wave.migrate)
    with database.connect("kith_survey") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')", (wave.district.id, BEGINS))
        for table in ("survey", "district", "partnership"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table
