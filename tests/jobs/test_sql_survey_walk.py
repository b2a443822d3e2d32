"""The way through random instruments with random answers, against a model in Python: what the validator takes is answered to
the end page by page, what is hidden is never kept, and each answer is judged as the model judges it."""

import json
import random

from hypothesis import HealthCheck, given, settings, strategies as st

KINDS = ("rating", "importance_occurrence", "yes_no", "choice", "multi", "number", "text")
MOST_FIELDS = 150
OUGHT = dict(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def words(rng):
    return {"en": f"Words {rng.randint(0, 99)}"}


def condition(rng, earlier):
    on = rng.choice(earlier)
    if on["kind"] in ("text", "importance_occurrence") or rng.random() < .2:
        return {"question": on["code"], "is_answered": rng.random() < .7}
    op = rng.choice(["is", "is_not", "in"])
    values = [one_of(rng, on) for _ in range(rng.randint(1, 3))]
    return {"question": on["code"], op: values if op == "in" else values[0]}


def one_of(rng, q):
    """What a condition may ask of it."""
    value = an_answer(rng, q)
    return value[0] if q["kind"] == "multi" else value


def an_answer(rng, q):
    points = q.get("points", 5)
    return {"rating": lambda: rng.randint(1, points),
            "importance_occurrence": lambda: {"importance": rng.randint(1, points), "occurrence": rng.randint(1, points)},
            "yes_no": lambda: rng.random() < .5,
            "choice": lambda: rng.choice(q["options"])["code"],
            "multi": lambda: rng.sample([o["code"] for o in q["options"]], rng.randint(1, q.get("most", len(q["options"])))),
            "number": lambda: rng.choice([rng.randint(q.get("min", -50), q.get("max", 50)), 0.5 if "max" not in q else q["max"]]),
            "text": lambda: f"Text {rng.random()}"}[q["kind"]]()


def question(rng, number, section, earlier):
    kind = rng.choice(KINDS)
    made = {"code": f"q{number}", "kind": kind, "section": section, "text": words(rng), "required": rng.random() < .5}
    if kind in ("rating", "importance_occurrence") and rng.random() < .5:
        made["points"] = rng.randint(2, 10)
    if kind in ("choice", "multi"):
        made["options"] = [{"code": f"o{n}", "text": words(rng)} for n in range(rng.randint(2, 30))]
    if kind == "multi" and rng.random() < .5:
        made["most"] = rng.randint(1, len(made["options"]))
    if kind == "number" and rng.random() < .5:
        made |= {"min": 0, "max": rng.randint(0, 20)}
    if earlier and rng.random() < .5:
        made["show_if"] = condition(rng, earlier)
    return made


def document(rng):
    sections, questions = [], []
    for number in range(rng.randint(1, 5)):
        section = {"code": f"s{number}", "title": words(rng)}
        if questions and rng.random() < .4:
            section["show_if"] = condition(rng, questions)
        sections.append(section)
        for _ in range(rng.randint(1, 12)):
            questions.append(question(rng, len(questions), section["code"], questions))
    return sections, questions


# ---- The model -----------------------------------------------------------------------------------


def is_answered(value):
    return value is not None and (not isinstance(value, dict) or {"importance", "occurrence"} <= set(value))


def same(a, b):
    return type(a) is type(b) and a == b if isinstance(a, bool) or isinstance(b, bool) else a == b


def holds(cond, seen):
    value = seen.get(cond["question"])
    if "is_answered" in cond:
        return is_answered(value) == cond["is_answered"]
    wanted = cond.get("in", [cond.get("is", cond.get("is_not"))])
    found = value is not None and any(w in value if isinstance(value, list) else same(value, w) for w in wanted)
    return found != ("is_not" in cond)


def fields_of(q):
    return {"multi": len(q.get("options", ())), "importance_occurrence": 2}.get(q["kind"], 1)


def walk(sections, questions, answers):
    """[(page, code, is shown)]"""
    found, seen, page, here, weight, section, is_open = [], {}, 0, [], 0, None, True
    for q in questions:
        if q["section"] != section:
            section, page, here, weight = q["section"], page + 1, [], 0
            cond = next(s for s in sections if s["code"] == section).get("show_if")
            is_open = cond is None or holds(cond, seen)
        elif q.get("show_if", {}).get("question") in here or weight + fields_of(q) > MOST_FIELDS:
            page, here, weight = page + 1, [], 0
        weight += fields_of(q)
        here.append(q["code"])
        shown = is_open and ("show_if" not in q or holds(q["show_if"], seen))
        if shown and q["code"] in answers:
            seen[q["code"]] = answers[q["code"]]
        found.append((page, q["code"], shown))
    return found


def sent(sections, questions, answers):
    """What is kept, and what is still to be answered."""
    shown = [code for _, code, is_shown in walk(sections, questions, answers) if is_shown]
    by_code = {q["code"]: q for q in questions}
    lacking = [c for c in shown if not is_answered(answers.get(c)) and (by_code[c]["required"] or c in answers)]
    return {c: answers[c] for c in shown if c in answers}, lacking


# ---- Held against it -----------------------------------------------------------------------------


def said(connection, sql, *values):
    return connection.execute(sql, [json.dumps(v) if isinstance(v, (dict, list)) else v for v in values]).fetchone()


def faults(connection, sections, questions):
    return connection.execute("SELECT * FROM instrument_faults('{en}', %s, '[]', %s, '{}')",
                              (json.dumps(sections), json.dumps(questions))).fetchall()


@settings(**OUGHT)
@given(seed=st.integers(0, 10**9))
def test_the_way_is_the_models(migrate, seed):
    rng = random.Random(seed)
    sections, questions = document(rng)
    assert faults(migrate, sections, questions) == []
    for _ in range(5):
        answers = {q["code"]: an_answer(rng, q) for q in questions if rng.random() < .7}
        for q in questions:
            if q["kind"] == "importance_occurrence" and q["code"] in answers and rng.random() < .3:
                del answers[q["code"]][rng.choice(["importance", "occurrence"])]
        assert said(migrate, "SELECT survey_answer_errors(%s, %s)", questions, answers) == (None,)
        found = migrate.execute("SELECT page, code, is_shown FROM instrument_walk(%s, %s, %s)",
                                [json.dumps(v) for v in (questions, sections, answers)]).fetchall()
        assert found == walk(sections, questions, answers)
        kept, lacking = said(migrate, "SELECT answers, coalesce(lacking, '{}') FROM survey_answer_sent(%s, %s, %s)",
                             questions, sections, answers)
        assert (kept, lacking) == sent(sections, questions, answers)


def typed(q, value):
    """The fields of a form that say so."""
    code = q["code"]
    if q["kind"] == "multi":
        return {f"m.{code}.{option}": "yes" for option in value}
    if q["kind"] == "importance_occurrence":
        return {f"i.{code}": str(value["importance"]), f"o.{code}": str(value["occurrence"])}
    return {f"a.{code}": {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)}


@settings(**OUGHT)
@given(seed=st.integers(0, 10**9))
def test_whoever_answers_what_is_asked_page_by_page_comes_to_the_end(migrate, seed):
    """Forms as a browser sends them; nobody is asked what is hidden, or the same page twice."""
    rng = random.Random(seed)
    sections, questions = document(rng)
    by_code = {q["code"]: q for q in questions}
    row = json.dumps({"questions": questions, "sections": sections})
    pages = walk(sections, questions, {})[-1][0]
    answers, page, before = {}, 1, 0
    while True:
        way, = said(migrate, "SELECT page_survey_way(jsonb_populate_record(NULL::instrument, %s), %s, %s)", row, answers, page)
        if way["is_end"]:
            break
        assert way["page"] > before, "always on"
        before = way["page"]
        shown, = said(migrate, "SELECT page_survey_questions(jsonb_populate_record(NULL::instrument, %s), %s, %s, 'en', '{}')",
                      row, before, answers)
        asked = [q["code"] for q in shown["questions"]]
        assert asked == [code for at, code, is_shown in walk(sections, questions, answers) if at == before and is_shown]
        form = {"page": str(before)}
        for code in asked:
            if by_code[code]["required"] or rng.random() < .7:
                form |= typed(by_code[code], an_answer(rng, by_code[code]))
        was = answers
        answers, errors = said(migrate, "SELECT * FROM survey_form(jsonb_populate_record(NULL::instrument, %s), %s, %s)",
                               row, answers, form)
        assert errors == [] and len(form) - 1 >= len(set(answers) - set(was))
        if way["is_last"]:
            assert before == max(at for at, _, is_shown in walk(sections, questions, answers) if is_shown), "nothing opened behind it"
            break
        page, = said(migrate, "SELECT survey_page_next(jsonb_populate_record(NULL::instrument, %s), %s, %s, false)",
                     row, answers, before)
        assert page <= pages + 1
    kept, lacking = sent(sections, questions, answers)
    assert lacking == [] and kept == answers, "who goes on only answers what counts"
    assert said(migrate, "SELECT survey_form_lacking(jsonb_populate_record(NULL::instrument, %s), %s, %s)", row, answers, None) == ([],)


BROKEN = (None, True, 0, 3, 1.5, -1, 1e13, "", "o0", "x" * 2001, [], {}, ["o0"], ["o0", "o0"], ["zz"], [1],
          {"importance": 1}, {"importance": 11, "occurrence": 1}, {"importance": 1, "occurrence": 1, "more": 1}, {"occurrence": "1"})


def is_good(q, value):
    points = q.get("points", 5)

    def whole(n):
        return type(n) in (int, float) and n == int(n) and 1 <= n <= points

    if q["kind"] == "rating":
        return whole(value)
    if q["kind"] == "importance_occurrence":
        return isinstance(value, dict) and value != {} and set(value) <= {"importance", "occurrence"} and all(map(whole, value.values()))
    if q["kind"] == "yes_no":
        return isinstance(value, bool)
    codes = [o["code"] for o in q.get("options", ())]
    if q["kind"] == "choice":
        return isinstance(value, str) and value in codes
    if q["kind"] == "multi":
        return (isinstance(value, list) and 0 < len(value) <= q.get("most", 30) and all(isinstance(v, str) and v in codes for v in value)
                and len(set(value)) == len(value))
    if q["kind"] == "number":
        return (type(value) in (int, float) and abs(value) < 10**12 and q.get("min", value) <= value <= q.get("max", value)
                and round(value, 6) == value)
    return isinstance(value, str) and len(value) <= 2000


@settings(**OUGHT)
@given(seed=st.integers(0, 10**9))
def test_an_answer_is_taken_where_the_model_takes_it(migrate, seed):
    rng = random.Random(seed)
    _, questions = document(rng)
    for q in questions:
        for value in (*rng.sample(BROKEN, 8), an_answer(rng, q)):
            if value is None:
                continue
            fault, = migrate.execute("SELECT survey_answer_fault(%s, %s)", (json.dumps(q), json.dumps(value))).fetchone()
            assert (fault is None) == is_good(q, value), (q, value, fault)


MUTATIONS = (None, True, 0, -1, 99, "", "zz", "q0", [], {}, [None], {"en": ""}, {"fr": "x"}, {"question": "q0"},
             {"question": "q0", "is": {}}, [{"code": "o0"}], "rating", "multi", "number")


@settings(**OUGHT)
@given(seed=st.integers(0, 10**9))
def test_whatever_the_validator_takes_can_be_walked(migrate, seed):
    """One thing or several in a good document are made strange: it is refused with places that are there, or works."""
    rng = random.Random(seed)
    sections, questions = document(rng)
    for _ in range(rng.randint(1, 3)):
        place = rng.choice([rng.choice(sections), rng.choice(questions), *(q["show_if"] for q in questions if "show_if" in q)])
        if isinstance(place, dict) and place:
            place[rng.choice([*place, "points", "most", "options", "min", "show_if", "factor"])] = rng.choice(MUTATIONS)
    found = faults(migrate, sections, questions)
    assert all(pointer.startswith("/") and detail for pointer, detail in found)
    if not found:
        migrate.execute("SELECT * FROM instrument_walk(%s, %s, '{}')", (json.dumps(questions), json.dumps(sections))).fetchall()
        migrate.execute("SELECT page_survey_questions(jsonb_populate_record(NULL::instrument, %s), 1, '{}', 'en', '{}')",
                        (json.dumps({"questions": questions, "sections": sections}),)).fetchone()
