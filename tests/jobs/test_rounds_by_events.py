"""What somebody does through the API makes a district due at once: the whole way, from the request over
the outbox and Redis to the worker's decision. The clock stands still, so that nothing else can."""
import datetime as dt

import pytest

from clocked import Clocked
from workers import Redis, Tenant, running_api, wait_until  # and so tests/api is found

from check_ins import Running, quarters
from operations import least
from partnering import Ready

SOON_S = 4 # and the sweep, which would bring it without Redis, looks at nothing younger than five


class Still:
    """The API's clock, where nothing moves it."""

    def __init__(self, api):
        self.path = api.clock
        with open(self.path, encoding="ascii") as file:
            self.now = dt.datetime.fromisoformat(file.read().replace("Z", "+00:00"))


@pytest.fixture(scope="module")
def redis():
    with Redis.private() as one:
        yield one


@pytest.fixture(scope="module")
def api(database, redis):
    with running_api(database, KITH_REDIS_URL=redis.uri) as one:
        yield one


@pytest.fixture(scope="module")
def tenant(api, database):
    return Tenant(api, database)


def settled(worker, migrate):
    """All that came before is handled: no district is due, no event is on its way."""
    wait_until(lambda: not migrate.execute("SELECT FROM outbox WHERE published_at IS NULL").fetchall()
               and worker.caught_up(migrate), "all is quiet")


def soon(condition, what):
    wait_until(condition, what, SOON_S)


def test_a_survey_opened_by_hand_has_its_mails_at_once(database, migrate, redis, api, tenant):
    Running(database, tenant.id, tenant.users["director"])
    survey = tenant.director.created("surveys", {**least(tenant.director, "surveys"),
                                                 "closes_on": "2027-01-29"}).id
    with Clocked("kith-survey", database, Still(api), KITH_REDIS_URL=redis.uri) as worker:
        settled(worker, migrate)
        assert tenant.director.post(f"/v1/surveys/{survey}/open", {}).status == 200
        mails = ("SELECT m.user_id IS NULL, m.status, m.not_before FROM message m "
                 "JOIN survey_invitation i ON i.id = m.subject_id WHERE i.survey_id = %s ORDER BY 1")
        soon(lambda: len(migrate.execute(mails, (survey,)).fetchall()) == 2, "both are asked")
        assert migrate.execute(mails, (survey,)).fetchall() == [
            (False, "queued", worker.clock.now), (True, "queued", worker.clock.now)]
        assert tenant.director.post(f"/v1/surveys/{survey}/pause", {"reason": "A mistake."}).status == 200
        soon(lambda: all(row[1] == "suppressed" for row in migrate.execute(mails, (survey,)).fetchall()),
             "nobody is asked")


def test_a_partnership_that_is_activated_has_its_check_in_at_once(database, migrate, redis, api, tenant):
    quarters(database, tenant.id)
    ready = Ready(tenant, tier="anchor")
    for verb in ("align", "agree"):
        assert ready.act(verb).status == 200
    with Clocked("kith-checkin", database, Still(api), KITH_REDIS_URL=redis.uri) as worker:
        settled(worker, migrate)
        assert ready.act("activate").status == 200
        planned = "SELECT due_on::text FROM check_in WHERE partnership_id = %s ORDER BY due_on"
        soon(lambda: migrate.execute(planned, (ready.id,)).fetchall(), "it is planned")
        assert migrate.execute(planned, (ready.id,)).fetchall() == [("2026-12-31",), ("2027-03-31",)]
        # A closed day, entered late, moves what is not open yet.
        tenant.director.created("closed_days", {"starts_on": "2026-12-21", "ends_on": "2027-01-01",
                                                "reason": "Winter"})
        soon(lambda: migrate.execute(planned, (ready.id,)).fetchone() == ("2026-12-18",), "it follows")


def test_who_was_told_of_a_check_in_is_told_at_once_that_it_is_cancelled(
        database, migrate, redis, api, tenant):
    partnership = Running(database, tenant.id, tenant.users["director"])
    check_in = partnership.check_in(due_on="2026-12-04", dated_at="2026-11-01T12:00:00Z")
    partnership.work("reminders_decide", "2026-11-20T16:00:00Z")
    migrate.execute("UPDATE message SET status = 'sent', sent_at = not_before, updated_at = not_before "
                    "WHERE subject_id = %s", (check_in,))
    with Clocked("kith-checkin", database, Still(api), KITH_REDIS_URL=redis.uri) as worker:
        settled(worker, migrate)
        assert tenant.director.post(f"/v1/check_ins/{check_in}/cancel", {}).status == 200
        told = "SELECT count(*) FROM message WHERE subject_id = %s AND kind = 'check_in_cancelled'"
        soon(lambda: migrate.execute(told, (check_in,)).fetchone() == (2,), "both are told")
