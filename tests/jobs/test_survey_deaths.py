"""An answer that was thanked for is never lost: kith-api is killed, parent and children at once, right after the reply and in the
middle of many. Nothing of it is there twice, either."""
import concurrent.futures
import http.client
import json
import random
from collections import Counter

import pytest

from test_survey_anonymous import Ballot
from workers import Redis, Worker, running_api, wait_until

MODES = ["attributed", "confidential", "anonymous"]
PEOPLE = 24


@pytest.fixture
def mortal(database):
    """A kith-api of its own, as it dies."""
    with running_api(database) as one:
        yield one


def revive(api):
    api.kill()
    api.start()
    api.wait_ready()


def kept(survey, mode):
    """What people said, as the district will be told; each from what stands in the database alone."""
    if mode == "anonymous":
        survey.close()
        return [json.loads(one)["well"] for one in survey.told()]
    return [one["well"] for one, in survey.rows(
        "SELECT answers FROM survey_answer WHERE survey_id = %s AND status = 'submitted'", survey.id)]


@pytest.mark.parametrize("mode", MODES)
def test_what_was_replied_to_is_there(mortal, database, mode):
    survey = Ballot(mortal, database, people=5, mode=mode)
    for well, person in enumerate(survey.people, 1):
        browser, _, page = survey.page(person)
        reply = browser.send(page, "survey_send", a__well=str(well))
        mortal.kill()
        assert reply.status == 303
        mortal.start()
        mortal.wait_ready()
        assert survey.page(person)[2] is None, "there is nothing to begin"
    assert sorted(kept(survey, mode)) == [1, 2, 3, 4, 5]


class Person:
    """Somebody with the form in front of it, who sends it until a reply comes."""

    def __init__(self, survey, person, well):
        self.browser, _, self.page = survey.page(person)
        self.api, self.well = survey.api, well

    def send(self):
        while True:
            try:
                reply = self.browser.send(self.page, "survey_send", a__well=str(self.well))
                if reply.status == 303:
                    return self.well
                assert reply.status == 503, reply
            except (OSError, http.client.HTTPException):
                pass
            wait_until(lambda: self.api.admin("/readyz")[0] == 200, "it is there again", 30)


@pytest.mark.parametrize("mode", MODES)
def test_killed_while_many_answer_each_answer_is_there_once(mortal, database, mode):
    dice = random.Random(f"deaths {mode}")
    survey = Ballot(mortal, database, people=PEOPLE, mode=mode)
    people = [Person(survey, person, 1 + n % 5) for n, person in enumerate(survey.people)]
    deaths = sorted(dice.sample(range(PEOPLE - 4), 4))
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        sent = [pool.submit(person.send) for person in people]
        for after in deaths: # while others are at it
            wait_until(lambda: sum(one.done() for one in sent) > after, "so many are thanked", 60) # pylint: disable=cell-var-from-loop
            revive(mortal)
        said = Counter(one.result() for one in sent)
    if mode != "anonymous":
        [(events, records)] = survey.rows(
            "SELECT (SELECT count(*) FROM outbox o JOIN survey_answer w ON w.id = o.aggregateid WHERE w.survey_id = %s), "
            "(SELECT count(*) FROM audit a JOIN survey_answer w ON w.id = a.aggregateid WHERE w.survey_id = %s)", survey.id, survey.id)
        assert events == records == PEOPLE, "of each one event and one record"
        with survey.database.connect("kith_kpi") as connection:
            while connection.execute("SELECT survey_work(7, '2026-11-22T00:00:00Z')").fetchone()[0]:
                pass
        assert survey.rows("SELECT count(*) FROM survey_counted WHERE survey_id = %s", survey.id) == [(PEOPLE,)]
    assert Counter(kept(survey, mode)) == said


@pytest.mark.parametrize("has_redis", [True, False])
@pytest.mark.parametrize("mode, people", [("attributed", 1), ("confidential", 5)])
def test_what_was_answered_comes_among_the_results(database, mode, people, has_redis):
    """By its event, or without Redis by a look of kith-kpi's own; of a confidential survey when five may be told together."""
    with Redis.private() as redis:
        settings = {"KITH_REDIS_URL": redis.uri} if has_redis else {}
        with running_api(database, **settings) as api, Worker("kith-kpi", database, **settings) as kpi:
            survey = Ballot(api, database, people=people, mode=mode)
            for person in survey.people:
                assert survey.answer(person, 4).notices()
            found = wait_until(lambda: (told := survey.director.get(f"/v1/surveys/{survey.id}/results/questions").json)["answers"] == people
                               and told, "they are shown", 30)
            question, *_ = found["questions"]
            assert (question["mean"], question["answers"]) == ("4.00", people)
            heard = lambda: kpi.metric("kith_kpi_events_total", aggregate="survey_answer")  # noqa: E731
            if has_redis:
                wait_until(lambda: heard() >= people, "each answer's event has rung", 30)
            else:
                assert heard() == 0, "it looked by itself"
