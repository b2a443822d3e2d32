"""Surveys with random instruments and answers, put into the database as they come to stand there, and what is told of
them, computed in fractions from the answers alone."""
import json
import math
import os
import random
import sys
from fractions import Fraction

from world import insert, unit, uuid7

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from check_ins import NOW, Running  # noqa: E402  pylint: disable=wrong-import-position

KINDS = ("rating", "importance_occurrence", "yes_no", "choice", "multi", "number", "text")


def question(rng, number, kind=None):
    kind = kind or rng.choice(KINDS)
    made = {"code": f"q{number}", "kind": kind, "section": "s", "required": False,
            "text": {"en": f"Question {number}", "es": f"Pregunta {number}"},
            "factor": rng.choice(["f", "g", None]) if kind in ("rating", "importance_occurrence") else None}
    if kind in ("rating", "importance_occurrence"):
        made |= {"points": rng.randint(2, 10), "is_reversed": kind == "rating" and rng.random() < .3}
        if made["points"] == 5 and rng.random() < .5:
            del made["points"]
    if kind == "number":
        made |= rng.choice([{}, {"min": -50}, {"max": 1000}, {"min": -50, "max": 1000}, {"min": 0, "max": rng.randint(0, 11)}])
    if kind in ("choice", "multi"):
        made["options"] = [{"code": f"o{n}", "text": {"en": f"Option {n}", "es": f"Opción {n}"}} for n in range(3)]
    return made


def a_number(rng, least, most):
    return rng.choice([rng.randint(least, most), round(rng.uniform(max(least, 0), min(most, 9)), 3), least, most])


def an_answer(rng, asked):
    points = asked.get("points", 5)
    return {"rating": lambda: rng.randint(1, points),
            "importance_occurrence": lambda: {"importance": rng.randint(1, points), "occurrence": rng.randint(1, points)},
            "yes_no": lambda: rng.random() < .5,
            "choice": lambda: rng.choice(asked["options"])["code"],
            "multi": lambda: rng.sample([o["code"] for o in asked["options"]], rng.randint(0, 3)),
            "number": lambda: a_number(rng, asked.get("min", -50), asked.get("max", 1000)),
            "text": lambda: rng.choice(["", f"Text {rng.random()}"])}[asked["kind"]]()


def answers_to(rng, questions, likely=.8):
    return {q["code"]: an_answer(rng, q) for q in questions if rng.random() < likely}


class Book:
    """A survey of a district of its own, and the answers that it has: {id: (partnership, side, answers)}."""

    def __init__(self, database, migrate, rng, mode="attributed", questions=None, relationships=3, district=None,
                 code="book", partnerships=None, days=("2026-12-01", "2026-12-11")):
        self.database, self.migrate, self.rng, self.mode = database, migrate, rng, mode
        self.connection = None # as kith_api, of a with statement; one, as each anew plans all it is asked
        self.district = district or database.district()
        self.questions = questions or [question(rng, n) for n in range(rng.randint(1, 8))]
        self.partnerships = partnerships or [Running(database, self.district.id, self.district.user).id for _ in range(relationships)]
        self.instrument, self.id, self.answers = uuid7(), uuid7(), {}
        insert(migrate, "instrument", {
            "district_id": self.district.id, "id": self.instrument, "code": code,
            "edition": migrate.execute("SELECT count(*) + 1 FROM instrument WHERE district_id = %s AND code = %s",
                                       (self.district.id, code)).fetchone()[0],
            "name": "A book", "status": "published", "locales": ["en", "es"], "questions": json.dumps(self.questions),
            "sections": json.dumps([{"code": "s", "title": {"en": "All", "es": "Todo"}}]),
            "factors": json.dumps([{"code": f, "name": {"en": f, "es": f}} for f in sorted({"f", "g"} | {q.get("factor") for q in self.questions} - {None})]),
            "created_at": NOW, "updated_at": NOW})
        insert(migrate, "survey", {
            "district_id": self.district.id, "id": self.id, "name": "Fall", "instrument_id": self.instrument, "mode": mode,
            "status": "open", "school_year": 2027, "opens_on": days[0], "closes_on": days[1],
            "opened_at": NOW, "created_at": NOW, "updated_at": NOW})

    def __enter__(self):
        self.connecting = self.database.connect("kith_api")
        self.connection = self.connecting.__enter__()
        return self

    def __exit__(self, *what):
        return self.connecting.__exit__(*what)

    def submit(self, partnership=None, side=None, answers=None):
        partnership = partnership or self.rng.choice(self.partnerships)
        side = side or self.rng.choice(["district", "partner"])
        answers = answers_to(self.rng, self.questions) if answers is None else answers
        invitation, one = uuid7(), uuid7()
        contact = uuid7()
        insert(self.migrate, "contact", {"district_id": self.district.id, "id": contact, "name": "Somebody",
                                         "email": f"{contact}@example.org", "created_at": NOW, "updated_at": NOW})
        insert(self.migrate, "survey_invitation", {
            "district_id": self.district.id, "id": invitation, "survey_id": self.id, "address": f"{invitation}@example.org",
            "contact_id": contact, "status": "answered", "created_at": NOW, "updated_at": NOW})
        insert(self.migrate, "survey_answer", {
            "district_id": self.district.id, "id": one, "survey_id": self.id, "survey_invitation_id": invitation,
            "partnership_id": partnership, "side": side, "status": "submitted", "answers": json.dumps(answers),
            "created_at": NOW, "updated_at": NOW})
        self.answers[one] = (str(partnership), side, answers)
        return one

    def correct(self, one, answers=None):
        partnership, side, _ = self.answers[one]
        answers = answers_to(self.rng, self.questions) if answers is None else answers
        self.migrate.execute("UPDATE survey_answer SET answers = %s, updated_at = %s WHERE id = %s",
                             (json.dumps(answers), NOW, one))
        self.answers[one] = (partnership, side, answers)

    def take_back(self, one):
        self.migrate.execute("UPDATE survey_answer SET status = 'partial', updated_at = %s WHERE id = %s", (NOW, one))
        del self.answers[one]

    def count(self, limit=1000):
        """What kith-kpi does: until nothing waits."""
        while self.migrate.execute("SELECT survey_work(%s, %s)", (limit, NOW)).fetchone()[0]:
            pass

    def act(self, sql, *parameters):
        with unit(self.connection, self.district):
            return self.connection.execute(sql, parameters).fetchone()[0]

    def close(self):
        self.act("SELECT survey_move(%s, NULL, 'close', NULL) IS NOT NULL", self.id)

    def reopen(self):
        self.act("SELECT survey_move(%s, NULL, 'reopen', 'x') IS NOT NULL", self.id)

    def told(self, by="all", second=None):
        """The groups: {(key, and): group}."""
        body = self.act("SELECT survey_results_document(%s, %s, %s, NULL, 200, NULL)", self.id, by, second)
        return {(group["key"], group["and"]): group for group in body["groups"]}

    def group(self, by="all", key="all", second=None, second_key=None):
        """One group, question by question: {code: …}."""
        body = self.act("SELECT survey_group_document(%s, %s, %s, %s, %s)", self.id, by, key, second, second_key)
        return body, {question["code"]: question for question in body["questions"]}

    def tallies(self):
        return self.migrate.execute(
            "SELECT dimension, key, side, audience, n, sums FROM survey_tally WHERE survey_id = %s AND n > 0 "
            "ORDER BY 1, 2, 3, 4", (self.id,)).fetchall()

    def recount(self):
        with self.migrate.transaction():
            self.migrate.execute("SELECT rollup_context(%s, %s)", (self.district.id, NOW))
            self.migrate.execute("SELECT survey_tally_all(%s)", (self.id,))


# ---- The same, in fractions ----------------------------------------------------------------------

def rounded(value, digits=2):
    """Half away from zero, as numeric does."""
    scaled = abs(value) * 10 ** digits
    whole = math.floor(scaled + Fraction(1, 2))
    return f"{'-' if value < 0 and whole else ''}{whole // 10 ** digits}.{whole % 10 ** digits:0{digits}d}"


def mean_of(values):
    return rounded(sum(map(Fraction, values)) / len(values)) if values else None


def deviation_of(values):
    """Of a sample; by whole numbers, as a root is seldom a fraction."""
    if len(values) < 2:
        return None
    values = [Fraction(v) for v in values]
    mean = sum(values) / len(values)
    square = sum((v - mean) ** 2 for v in values) / (len(values) - 1)
    return rounded(Fraction(math.isqrt(math.floor(square * 10 ** 24)), 10 ** 12))


def median_of(values):
    values = sorted(values)
    return rounded((values[(len(values) - 1) // 2] + values[len(values) // 2]) / Fraction(2), 1) if values else None


def exactly(number):
    return Fraction(str(number))


def score_of(questions, answers, factor):
    """Of one answer: the mean of its ratings from 1 to 5."""
    given = []
    for q in questions:
        if q.get("factor") == factor and q["code"] in answers:
            points = q.get("points", 5)
            value = answers[q["code"]]
            value = value["occurrence"] if isinstance(value, dict) else value
            value = points + 1 - value if q.get("is_reversed") else value
            given.append(Fraction((value - 1) * 4, points - 1) + 1)
    return sum(given) / len(given) if given else None


def factor_means(questions, answers):
    """{factor: (mean, deviation)} of a list of answers."""
    found = {}
    for factor in {q.get("factor") for q in questions} - {None}:
        scores = [s for s in (score_of(questions, a, factor) for a in answers) if s is not None]
        if scores:
            found[factor] = (mean_of(scores), deviation_of(scores))
    return found


def seeded(seed):
    return random.Random(seed)
