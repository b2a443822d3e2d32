"""What is told of surveys at once: each limit of sql/functions/87, 88 and 89, at it and one above."""
import json

import pytest

from survey_books import Book, seeded
from survey_waves import MORNING, Wave

from world import NOW, insert, uuid7

MOST_ANSWERS, MOST_PEOPLE = 2000, 2000 # of a step: ANSWERS_MOST and survey_settle(); survey_turn()
MOST_COMMENTS, MOST_WAVES, MOST_ROWS, MOST_NEEDS, MOST_ON_MAP = 500, 50, 100_000, 20, 8


def many(kind, number, **fields):
    return [{"code": f"q{n}", "kind": kind, "section": "s", "factor": None, "required": False, "text": {"en": "Q", "es": "P"}, **fields}
            for n in range(number)]


@pytest.fixture
def rng():
    return seeded(1)


def test_so_many_texts_are_told_at_once(database, migrate, rng):
    with Book(database, migrate, rng, questions=many("text", 2), relationships=1) as book:
        def comments():
            book.count()
            return book.act("SELECT survey_results_document(%s, 'all', NULL, NULL, 200, NULL)", book.id)["comments"]

        for n in range(MOST_COMMENTS // 2):
            book.submit(answers={"q0": f"One {n}", "q1": f"Other {n}"})
        assert len(set(comments())) == MOST_COMMENTS
        book.submit(answers={"q0": "One more"})
        assert len(set(comments())) == MOST_COMMENTS


def test_so_many_waves_stand_in_a_trend_the_latest_ones(database, migrate, rng):
    with Book(database, migrate, rng, questions=many("rating", 1), relationships=1) as book:
        def waves():
            return [w["survey_id"] for w in book.act("SELECT survey_trend_document(%s, 'all', 'all', 50)", book.instrument)["waves"]]

        made = [str(book.id)]
        for day in range(MOST_WAVES):
            made.append(str(uuid7()))
            insert(migrate, "survey", {
                "district_id": book.district.id, "id": made[-1], "name": "Later", "instrument_id": book.instrument,
                "mode": "attributed", "status": "closed", "school_year": 2027, "closes_on": "2027-06-01",
                "opens_on": f"2027-{1 + day // 28:02}-{1 + day % 28:02}", "opened_at": NOW, "created_at": NOW, "updated_at": NOW})
            if len(made) == MOST_WAVES:
                assert waves() == made
        assert waves() == made[1:]


def test_a_file_has_so_many_rows_and_says_where_the_next_begins(database, migrate, rng):
    """Two hundred questions of ten points: by side each relationship may make 20,000 rows, so five do for one file."""
    with Book(database, migrate, rng, questions=many("rating", 200, points=10), relationships=5) as book:
        def file(after=None):
            return book.act("SELECT jsonb_build_object('groups', count(DISTINCT r.cells[1]), 'rows', count(*), 'next', max(r.next_after)) "
                            "FROM survey_rows(%s, 'partnership', 'side', %s, 200) r", book.id, after)

        for one in book.partnerships:
            book.submit(one, "partner", {"q0": 1})
        book.count()
        whole = file()
        assert (whole["groups"], whole["next"]) == (5, None) and whole["rows"] <= MOST_ROWS
        with Book(database, migrate, rng, questions=book.questions, district=book.district, relationships=1) as other:
            book.submit(other.partnerships[0], "partner", {"q0": 1})
        book.count()
        first = file()
        last = file(first["next"])
        assert (first["groups"], last["groups"], last["next"]) == (5, 1, None)


def test_the_map_tells_of_the_latest_so_many_surveys(database, migrate, rng):
    questions = many("rating", 2)
    questions[0]["factor"], questions[1]["factor"] = "trust", "value"
    with Book(database, migrate, rng, questions=questions, relationships=1) as book:
        for _ in range(5):
            book.submit(answers={"q0": 5, "q1": 3})
        book.count()
        book.close()
        book.count()
        for later in range(MOST_ON_MAP + 1):
            told = book.act("SELECT network_told()")
            assert [(one["trust"], one["value"], one["answers"]) for one in told.values()] == ([("5.00", "3.00", 5)] if later < MOST_ON_MAP else [])
            insert(migrate, "survey", {
                "district_id": book.district.id, "id": uuid7(), "name": "Later", "instrument_id": book.instrument, "status": "closed",
                "mode": "confidential", "school_year": 2027, "opens_on": "2027-01-01", "closes_on": f"2027-06-{later + 1:02}",
                "opened_at": NOW, "created_at": NOW, "updated_at": NOW})


@pytest.mark.parametrize("number", [MOST_NEEDS, MOST_NEEDS + 1])
def test_an_assessment_takes_so_many_needs_the_widest_gaps(database, migrate, rng, number):
    with Book(database, migrate, rng, questions=many("importance_occurrence", number, points=10), relationships=1) as book:
        for one in range(5):
            book.submit(answers={q["code"]: {"importance": 10, "occurrence": 1 + one if n < 2 else 9} for n, q in enumerate(book.questions)})
        book.count()
        book.close()
        book.count()
        found = book.act("SELECT assessment_found(jsonb_populate_record(NULL::assessment, '{\"audience\": \"staff\"}'), s) "
                         "FROM survey s WHERE s.id = %s", book.id)
        assert [need["code"] for need in found["needs"]][:2] == ["q0", "q1"]
        assert len(found["needs"]) == MOST_NEEDS, "also where gaps are as wide as others"


def answered(migrate, book, people):
    """So many contacts have answered the first question with yes, about nothing in particular."""
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (book.district.id, NOW))
        migrate.execute("CREATE TEMPORARY TABLE person ON COMMIT DROP AS SELECT gen_random_uuid() AS contact, gen_random_uuid() AS invitation "
                        "FROM generate_series(1, %s)", (people,))
        for sql in ("INSERT INTO contact (district_id, id, name) SELECT %s, contact, 'Parent' FROM person",
                    "INSERT INTO survey_invitation (district_id, id, survey_id, address, contact_id, status, answered_at) "
                    "SELECT %s, invitation, %s, contact || '@example.org', contact, 'answered', now() FROM person",
                    "INSERT INTO survey_answer (district_id, id, survey_id, survey_invitation_id, audience, status, answers, submitted_at) "
                    "SELECT %s, gen_random_uuid(), %s, invitation, 'family', 'submitted', '{\"q0\": true}', now() FROM person"):
            migrate.execute(sql, (book.district.id, book.id)[:sql.count("%s")])


def counted(migrate, book):
    return migrate.execute("SELECT n, (SELECT count(*) FROM survey_mark m WHERE m.survey_id = t.survey_id) FROM survey_tally t "
                           "WHERE t.survey_id = %s AND dimension = 'all' AND audience = 'family'", (book.id,)).fetchone()


def test_a_step_counts_so_many_answers_and_the_next_the_rest(database, migrate, rng):
    while migrate.execute("SELECT survey_work(%s, %s)", (MOST_ANSWERS, NOW)).fetchone()[0]:
        pass # what other tests have left
    book = Book(database, migrate, rng, questions=many("yes_no", 1))
    answered(migrate, book, MOST_ANSWERS + 1)
    for done, left in ((MOST_ANSWERS, 1), (1, 0), (0, 0)):
        assert migrate.execute("SELECT survey_work(%s, %s)", (MOST_ANSWERS, NOW)).fetchone() == (done,)
        assert counted(migrate, book) == (MOST_ANSWERS + 1 - left, left)


@pytest.mark.parametrize("people", [MOST_ANSWERS, MOST_ANSWERS + 1])
def test_a_close_counts_all_of_them_in_as_many_steps_as_it_takes(database, migrate, rng, people):
    book = Book(database, migrate, rng, questions=many("yes_no", 1))
    answered(migrate, book, people)
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (book.district.id, NOW))
        migrate.execute("SELECT survey_settle(%s)", (book.id,))
    assert counted(migrate, book) == (people, 0)


@pytest.mark.parametrize("people", [MOST_PEOPLE, MOST_PEOPLE + 1])
def test_a_turn_writes_to_so_many_people_and_the_next_to_the_rest(database, migrate, people):
    wave = Wave(database, migrate)
    found = uuid7()
    with migrate.transaction():
        migrate.execute("SELECT kith_context(%s, '', '', %s, '')", (wave.district.id, NOW))
        insert(migrate, "saved_filter", {"district_id": wave.district.id, "id": found, "name": "Parents", "resource": "contacts", "criteria":
                                         '[{"field": "locale", "op": "is", "values": ["es"]}]', "owner_id": wave.district.user,
                                         "is_shared": True, "created_at": NOW, "updated_at": NOW})
        migrate.execute("INSERT INTO contact (district_id, id, name, locale, email) SELECT %s, gen_random_uuid(), 'Parent', 'es', n || '@example.org' "
                        "FROM generate_series(1, %s) AS n", (wave.district.id, people))
        asks = uuid7()
        insert(migrate, "instrument", {"district_id": wave.district.id, "id": asks, "code": "well", "edition": 1, "name": "Is it well?",
                                       "locales": ["en", "es"], "subject": "none", "questions": json.dumps(many("yes_no", 1)),
                                       "sections": json.dumps([{"code": "s", "title": {"en": "All", "es": "Todo"}}]),
                                       "created_at": NOW, "updated_at": NOW})
        migrate.execute("UPDATE survey SET contact_filter_id = %s, instrument_id = %s, audience = 'family' WHERE id = %s", (found, asks, wave.id))
    with database.connect("kith_survey") as connection:
        for turn, written in enumerate((MOST_PEOPLE, people), 1):
            with connection.transaction():
                wave.round(MORNING, connection)
                more = connection.execute("SELECT coalesce(current_setting('kith.more', true), '')").fetchone()[0]
            mails = migrate.execute("SELECT count(*) FROM message WHERE district_id = %s AND kind = 'survey_invitation'", (wave.district.id,))
            assert mails.fetchone() == (written,), f"turn {turn}"
            assert (more == "true") == (turn == 1), "a turn that is full asks for another"
