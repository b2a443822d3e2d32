"""What is told of surveys at once: each limit of sql/functions/87, 88 and 89, at it and one above."""
import pytest

from survey_books import Book, seeded

from world import NOW, insert, uuid7

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
