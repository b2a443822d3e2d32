"""What surveys found: sql/functions/86, beside a computation in fractions, and beside whoever tries to find out more."""
import contextlib
import itertools
import json
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

from survey_books import (Book, deviation_of, exactly, factor_means, mean_of, median_of, question, rounded,
                          seeded)
from world import NOW

SETTINGS = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


def shown(groups):
    return {key: group["answers"] for key, group in groups.items() if not group["is_suppressed"]}


def distribution(asked, given):
    """What a question's document is to say: (answers, mean, median, deviation, {(of, value): (count, share)})."""
    points = asked.get("points", 5)
    values = {"rating": [str(n + 1) for n in range(points)], "yes_no": ["true", "false"],
              "importance_occurrence": [str(n + 1) for n in range(points)],
              "choice": [o["code"] for o in asked.get("options", [])]}.get(asked["kind"], [])
    values = [o["code"] for o in asked["options"]] if asked["kind"] == "multi" else values
    if asked["kind"] == "number":
        given_bins = [bin_of(asked, exactly(a)) for a in given]
        return (len(given), mean_of([exactly(a) for a in given]), None, deviation_of([exactly(a) for a in given]),
                {(None, b): (given_bins.count(b), rounded(Fraction(given_bins.count(b), len(given)), 4)) for b in given_bins})
    n = len([a for a in given if a != ""])

    def counted(of, value):
        said = [a[of] if of else a for a in given]
        count = sum(value in a if asked["kind"] == "multi" else value == (json.dumps(a) if isinstance(a, bool) else str(a))
                    for a in said)
        return count, rounded(Fraction(count, n), 4) if n else None

    halves = ["importance", "occurrence"] if asked["kind"] == "importance_occurrence" else [None]
    counts = {(of, value): counted(of, value) for of in halves for value in values}
    figures = (None, None, None)
    if asked["kind"] == "rating":
        exact = [exactly(a) for a in given]
        figures = (mean_of(exact), median_of(exact), deviation_of(exact))
    return (n, *figures, counts)


def bin_of(asked, value):
    """Of a number: where it begins, and where it ends."""
    least, most = (Fraction(asked[end]) if end in asked else None for end in ("min", "max"))
    if least is not None and most is not None and most - least <= 10 and least == int(least) and most == int(most):
        cuts = range(int(least) + 1, int(most) + 1)
    elif least is not None and most is not None:
        cuts = [least + (most - least) * n / 10 for n in range(1, 10)] if most > least else []
    else:
        grid = [m * 10 ** e for e in range(12) for m in (1, 2, 5)] + [3, 4]
        cuts = sorted(c for c in (*grid, 0, *(-c for c in grid)) if (least is None or c > least) and (most is None or c < most))
    low = max((c for c in cuts if c <= value), default=least)
    high = min((c for c in cuts if c > value), default=most)
    return "..".join("" if end is None else f"{float(end):.10f}".rstrip("0").rstrip(".") for end in (low, high))


def as_told(told):
    return (told["answers"], told["mean"], told["median"], told["deviation"],
            {(value["of"], value["value"]): (value["count"], value["share"]) for value in told["values"]})


def scores(group):
    return {code: (mean, group["deviations"].get(code)) for code, mean in group["scores"].items()}


@SETTINGS
@given(seed=st.integers(0, 2 ** 32))
@example(seed=110)  # a number that nobody gave
def test_an_attributed_survey_tells_what_its_answers_come_to(database, migrate, seed):
    """Random instruments, submits, corrections and withdrawals, counted in pieces of any size."""
    rng = seeded(seed)
    with Book(database, migrate, rng) as book:
        for _ in range(rng.randint(1, 25)):
            change = rng.random()
            if change < .6 or not book.answers:
                book.submit()
            elif change < .9:
                book.correct(rng.choice(list(book.answers)))
            else:
                book.take_back(rng.choice(list(book.answers)))
            if rng.random() < .3:
                book.count(rng.randint(1, 3))
        book.count()
        for by, second in itertools.product(("all", "side", "partnership"), (None, "side")):
            groups = book.told(by, second)
            expected = {}
            for partnership, side, answers in book.answers.values():
                key = {"all": "all", "side": side, "partnership": partnership}[by]
                expected.setdefault((key, side if second else None), []).append(answers)
            assert shown(groups) == {key: len(answers) for key, answers in expected.items()}, (by, second)
            for key, answers in expected.items():
                assert scores(groups[key]) == factor_means(book.questions, answers), (by, key)
        compare_questions(book)
        before = book.tallies()
        book.recount()
        assert book.tallies() == before


def compare_questions(book):
    """Each question's distribution, of all and of each side of each relationship."""
    for by, second in (("all", None), ("partnership", "side")):
        sets = {}
        for partnership, side, answers in book.answers.values():
            sets.setdefault(("all", None) if by == "all" else (partnership, side), []).append(answers)
        for (key, second_key), answers in sets.items():
            document, told = book.group(by, key, second, second_key)
            assert document["answers"] == len(answers) and list(told) == [q["code"] for q in book.questions]
            gaps = {}
            for asked in book.questions:
                given = [a[asked["code"]] for a in answers if asked["code"] in a]
                assert as_told(told[asked["code"]]) == distribution(asked, given), asked
                if asked["kind"] == "number":
                    bins = [bin_of(asked, value) for value in sorted(exactly(a) for a in given)]
                    assert told[asked["code"]]["quartiles"] == [bins[-(-len(bins) * q // 4) - 1] for q in (1, 2, 3) if bins]
                if asked["kind"] == "importance_occurrence" and given:
                    for of in ("importance", "occurrence"):
                        said = [Fraction(a[of]) for a in given]
                        assert told[asked["code"]][of] == {
                            "mean": mean_of(said), "median": median_of(said), "deviation": deviation_of(said)}
                    gaps[asked["code"]] = Fraction(told[asked["code"]]["importance"]["mean"]) \
                        - Fraction(told[asked["code"]]["occurrence"]["mean"])
                    assert Fraction(told[asked["code"]]["gap"]) == gaps[asked["code"]]
            for code, gap in gaps.items():
                assert told[code]["gap_rank"] == 1 + sum(other > gap for other in gaps.values())
            assert {f["code"]: (f["mean"], f["deviation"]) for f in document["factors"]} \
                == factor_means(book.questions, answers)


# ---- Whoever tries to find out more --------------------------------------------------------------

READINGS = [(by, second) for by in ("all", "side", "partner", "partnership", "partnership_kind", "site", "network")
            for second in (None, "side")]


class Attacker:
    """Reads all there is, at any time and of all waves: results, trends and files; and knows of each figure whose wordings
    are in it: more than anybody can."""

    def __init__(self, *books):
        self.books = books
        self.sums = {} # of what was told, by survey: sets of (answer, wording)
        self.wordings = {}

    def look(self):
        """{survey: {answer: (what its block's answers have in common, its told wording)}}"""
        for book in self.books:
            self.wordings[book.id] = {one: (cell, answers) for one, cell, answers in book.migrate.execute(
                "SELECT c.survey_answer_id, b.cell, c.answers FROM survey_counted c JOIN survey_block b "
                "ON b.district_id = c.district_id AND b.id = c.survey_block_id WHERE c.survey_id = %s", (book.id,))}

    def keep(self, survey, group, answers):
        """What is told of a group is of so many answers, and of five at least; those."""
        by, key, second = group
        place = {"side": 0, "partner": 2, "partnership_kind": 3, "site": 4, "partnership": 5}.get(by)
        inside = {one: said for one, (cell, said) in self.wordings[survey].items()
                  if (place is None or cell[place] == key) and (second is None or cell[0] == second)}
        assert answers == len(inside) >= 5, group
        self.sums.setdefault(survey, set()).add(frozenset((one, said["once"]) for one, said in inside.items()))
        return inside.values()

    def read(self, book):
        self.look()
        for by, second in READINGS:
            self.read_results(book, by, second)

    def read_everything(self):
        self.look()
        for book in self.books:
            for by, second in READINGS:
                self.read_file(book, by, second)
        self.read_trends()

    def read_results(self, book, by, second):
        for (key, second_key), group in book.told(by, second).items():
            if group["is_suppressed"]:
                assert group["answers"] is None and not group["scores"] and not group["deviations"]
                continue
            said = self.keep(book.id, (by, key, second_key), group["answers"])
            assert scores(group) == factor_means(book.questions, said)

    def read_file(self, book, by, second):
        rows = book.act("SELECT coalesce(jsonb_agg(r.cells), '[]') FROM survey_rows(%s, %s, %s, NULL, 200) r WHERE NOT r.is_head",
                        book.id, by, second)
        for key, _, second_key, _, code, _, value, answers, _, _, mean, *_ in rows:
            if code == "once" and value is None:
                said = self.keep(book.id, (by, key, second_key), int(answers))
                assert mean == mean_of([a["once"] for a in said])

    def read_trends(self):
        book = self.books[-1]
        keys = [("all", "all"), ("side", "district"), *(("partnership", str(one)) for one in book.partnerships)]
        for by, key in keys:
            told = book.act("SELECT survey_trend_document(%s, %s, %s, 50)", book.instrument, by, key)
            assert {wave["survey_id"] for wave in told["waves"]} == {str(one.id) for one in self.books}
            for wave in told["waves"]:
                if wave["is_suppressed"]:
                    assert wave["answers"] is None and not wave["scores"] and not wave["questions"]
                    continue
                survey = next(one.id for one in self.books if str(one.id) == wave["survey_id"])
                said = self.keep(survey, (by, key, None), wave["answers"])
                assert wave["questions"]["once"] == mean_of([a["once"] for a in said])

    def finds_fewer_than(self, least):
        """A set of fewer wordings about which a combination of the sums says something, or None. No figure is of two waves,
        so that a combination of both says what its parts of each do."""
        return next((found for told in self.sums.values() if (found := self.few_of(list(told), least))), None)

    @staticmethod
    def few_of(sums, least):
        """Wordings that stand in the same sums cannot be told apart: whoever wants one of them out of it needs all others
        out, too."""
        columns = {}
        for one in set().union(*sums):
            columns.setdefault(tuple(one in told for told in sums), []).append(one)
        patterns = list(columns)
        whole = rank(patterns)
        small = [p for p in patterns if len(columns[p]) < least]
        for many in range(1, least):
            for chosen in itertools.combinations(small, many):
                about = [one for p in chosen for one in columns[p]]
                if len(about) < least and rank([p for p in patterns if p not in chosen]) < whole:
                    return about
        return None


def rank(vectors):
    rows, found = [list(map(int, v)) for v in vectors], 0
    prime = 2 ** 61 - 1
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        inverse = pow(rows[found][column], -1, prime)
        for r in range(found + 1, len(rows)):
            if rows[r][column]:
                factor = rows[r][column] * inverse % prime
                rows[r] = [(a - factor * b) % prime for a, b in zip(rows[r], rows[found])]
        found += 1
    return found


def test_one_turn_counts_what_came_to_all_surveys_up_to_its_limit(database, migrate):
    def waiting(book):
        return migrate.execute("SELECT count(*) FROM survey_mark WHERE survey_id = %s", (book.id,)).fetchone()[0]

    def turn(limit):
        return migrate.execute("SELECT survey_work(%s, %s)", (limit, NOW)).fetchone()[0]

    rng = seeded(1)
    while turn(1000):
        pass
    with Book(database, migrate, rng) as one, Book(database, migrate, rng) as other:
        for book in (one, one, one, one, other, other, other):
            book.submit()
        assert turn(3) == 3 and (waiting(one), waiting(other)) == (1, 3), "what has waited longest, and no more"
        assert turn(5) == 4 and (waiting(one), waiting(other)) == (0, 0)
        assert turn(5) == 0


def test_the_attacker_finds_what_can_be_found():
    book = Attacker()
    book.sums = {1: {frozenset(range(10)), frozenset(range(7)), frozenset(range(4, 12))}}
    assert book.finds_fewer_than(5) is not None, "ten less seven are three"
    book.sums = {1: {frozenset(range(10)), frozenset(range(5))}}
    assert book.finds_fewer_than(5) is None
    book.sums = {1: {frozenset(range(12)), frozenset(range(6)), frozenset(range(6, 12)), frozenset([0, 1, 2, 6, 7, 8, 9])}}
    assert book.finds_fewer_than(4) is None and book.finds_fewer_than(7) is not None


@pytest.mark.shows("partnerships.survey_thresholds")
@SETTINGS
@example(seed=5)
@given(seed=st.integers(0, 2 ** 32))
def test_no_sequence_of_groups_and_times_tells_of_fewer_than_five(database, migrate, seed):
    attacked(database, migrate, seeded(seed), is_twice=False)


@pytest.mark.shows("partnerships.survey_thresholds")
@settings(SETTINGS, max_examples=2)
@given(seed=st.integers(0, 2 ** 32))
def test_nor_do_two_waves_with_their_trends_and_files(database, migrate, seed):
    attacked(database, migrate, seeded(seed), is_twice=True)


def attacked(database, migrate, rng, is_twice):
    """Answers come, change and are taken back while a confidential survey, or two waves about the same relationships, are
    open, closed and opened again; whatever is shown meanwhile, by any dimension or two, is kept, and solved for what it says
    about any few answers."""
    once = itertools.count()
    questions = [question(rng, 0, "rating"), question(rng, 1, "yes_no"),
                 {"code": "once", "kind": "number", "section": "s", "factor": None, "required": False, "text": {"en": "x", "es": "x"}}]
    questions[0]["factor"] = "f"
    with contextlib.ExitStack() as opened:
        first = opened.enter_context(Book(database, migrate, rng, "confidential", questions, relationships=rng.randint(1, 4)))
        books = [first]
        if is_twice:
            books.append(opened.enter_context(Book(database, migrate, rng, "confidential", questions, district=first.district,
                                                   partnerships=first.partnerships)))
        eve = Attacker(*books)

        def wording():
            return {"q0": rng.randint(1, questions[0].get("points", 5)), "q1": rng.random() < .5, "once": next(once)}

        for _ in range(rng.randint(1, 3)):
            book = rng.choice(books)
            for _ in range(rng.randint(1, 12 // len(books))):
                for _ in range(rng.randint(1, 6)):
                    change = rng.random()
                    if change < .7 or not book.answers:
                        book.submit(answers=wording())
                    elif change < .95:
                        book.correct(rng.choice(list(book.answers)), wording())
                    else:
                        book.take_back(rng.choice(list(book.answers)))
                book.count(rng.choice([1, 3, 1000]))
                eve.read(book)
            book.close()
            eve.read(book)
            if is_twice:
                eve.read_everything()
            before = book.tallies()
            book.recount()
            assert book.tallies() == before
            waiting = migrate.execute("SELECT count(*) FROM survey_counted WHERE survey_id = %s AND answers IS NULL",
                                      (book.id,)).fetchone()[0]
            assert waiting < 5, "at its close all are told that can be"
            book.reopen()
        assert eve.finds_fewer_than(5) is None
