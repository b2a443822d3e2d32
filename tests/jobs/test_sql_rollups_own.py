"""What the database counts itself in amounts: money, days and students, against the same computed here."""
import calendar
import random
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction

import pytest

from kpis import MONTHS, Counted, kind_scope
from survey_books import NOW, Book, score_of
from world import roll_up, unit

YEAR_START = "2026-07-01"


class Own(Counted):
    """Writes as the operator, and reads what is shown of all scopes but those that it is not about."""

    def write(self, *rows):
        with self.database.connect("kith_migrate") as connection, unit(connection, self.district):
            made = [self.add(connection, table, **fields) for table, fields in rows]
        self.settle()
        return made

    def change(self, statement, *values):
        with self.database.connect("kith_migrate") as connection, unit(connection, self.district):
            connection.execute(statement, values)
        self.settle()

    def settle(self):
        with self.database.connect("kith_migrate") as connection:
            self.work(connection)
            assert self.differences(connection) == []

    def values(self, code, kind="month", start=None):
        """{(scope kind, scope, start): value}, exactly; of one period without its start."""
        with self.database.connect("kith_migrate") as connection:
            shown = self.shown(connection, code)
        return {(*key[:2], *([] if start else [key[4]])): row["value"] for key, row in shown.items()
                if key[3] == kind and start in (None, key[4])}


def rounded(value):
    return Fraction(round(value * 10 ** 4), 10 ** 4)


def close(found, wanted):
    """The database rounds a half up, round() to the even one."""
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        assert found[key] is value is None or abs(Fraction(found[key]) - Fraction(value)) <= Fraction(6, 10 ** 5), (
            key, found[key], value)


def in_month(amount, first, last, month):
    """Its part of a month by days, in whole cents so that all months make the whole."""
    days = (last - first).days + 1
    end = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    if last < month or first > end:
        return None

    def until(day):
        return int(Fraction(amount * max((min(day, last) - first).days + 1, 0), days) + Fraction(1, 2))
    return until(end) - until(month - timedelta(days=1))


@pytest.mark.shows("kpis.balance", "kpis.delivered_of_promised")
def test_the_balance_and_what_was_delivered_of_what_was_promised(database):
    """Of each scope and month, and of the year by sums of both; a balance when both sides have given."""
    dice = random.Random(5)
    counted = Own(database, ["north", "south"], [("Y", (0,)), ("Y", (1,)), ("Bank", (1,))])
    rows = []
    for one in counted.works_at:
        for _ in range(8):
            first = date(2026, 8, 1) + timedelta(days=dice.randrange(60))
            rows.append({"partnership_id": one, "side": dice.choice(["partner", "district"]),
                         "kind": dice.choice(["cash", "cash", "cash", "grant"]), "status": dice.choice(["delivered", "pledged"]),
                         "amount_cents": dice.randrange(1, 10 ** 6), "from_date": first,
                         "until_date": first + timedelta(days=dice.randrange(50)),
                         "site_id": dice.choice([None, *counted.sites])})
    counted.write(*(("investment", row) for row in rows))
    sums = {code: defaultdict(lambda: [0, 0]) for code in ("balance", "delivered_of_promised")}
    for row in rows:
        if row["kind"] == "grant":
            continue  # from outside, and nobody's
        one = row["partnership_id"]
        scopes = {("district", counted.id), ("partnership", one), *counted.groups[one]}
        if row["site_id"]:
            scopes |= {("site", row["site_id"]), ("network", counted.network_of[row["site_id"]])}
        for month in MONTHS[:5]:  # until November, as it is
            share = in_month(row["amount_cents"], row["from_date"], row["until_date"], month)
            for scope in scopes if share is not None else ():
                for start in (str(month), "year"):
                    for code, counts, part in (
                            ("balance", row["status"] == "delivered", row["side"] == "partner"),
                            ("delivered_of_promised", True, row["status"] == "delivered")):
                        if counts:
                            sums[code][*scope, start][0] += share if part else 0
                            sums[code][*scope, start][1] += share
    for code, found in sums.items():
        wanted = {key: None if code == "balance" and part in (0, whole) else rounded(Fraction(part, whole))
                  for key, (part, whole) in found.items()}
        assert any(value is None for value in wanted.values()) == (code == "balance")
        close(counted.values(code), {key: value for key, value in wanted.items() if key[2] != "year"})
        close(counted.values(code, "school_year", YEAR_START),
              {key[:2]: value for key, value in wanted.items() if key[2] == "year"})


@pytest.mark.shows("kpis.per_100")
def test_partners_and_value_for_each_hundred_students(database):
    """Of open schools with the students that are last known, also those where nobody works; of no place nobody knows."""
    counted = Own(database, ["north", "north", "south", None], [("Y", (0,)), ("Bank", (0, 1)), ("Y", (2,))])
    one, two, three = counted.works_at
    counted.write(*(("site_year", {"site_id": site, "school_year": year, "enrollment": many})
                    for site, year, many in zip(counted.sites, (2027, 2025, 2027), (250, 400, 50))))
    counted.change("UPDATE partnership SET status = 'active', activated_at = %s, starts_on = '2026-10-01' "
                   "WHERE id = ANY (%s)", NOW, [one, two])
    north, south = counted.networks["north"], counted.networks["south"]
    places = {("site", counted.sites[0]): (2, 250), ("site", counted.sites[1]): (1, 400), ("network", north): (2, 650),
              ("district", counted.id): (2, 700)}
    close(counted.values("partners_per_100", start="2026-10-01"),
          {key: Fraction(many * 100, students) for key, (many, students) in places.items()})
    close(counted.values("partners_per_100", "school_year", YEAR_START),
          {key: Fraction(many * 100, students) for key, (many, students) in places.items()})
    counted.write(*(("investment", {
        "partnership_id": of, "side": "partner", "kind": "cash", "status": "delivered", "amount_cents": cents, "site_id": site,
        "from_date": day, "until_date": day})
        for of, cents, site, day in ((one, 1000, counted.sites[0], "2026-09-01"), (two, 500, counted.sites[1], "2026-10-01"),
                                     (three, 70, None, "2026-10-02"))))
    whole = {("site", counted.sites[0]): (1000, 250), ("site", counted.sites[1]): (500, 400), ("network", north): (1500, 650),
             ("district", counted.id): (1570, 700)}
    close(counted.values("value_per_100", "school_year", YEAR_START),
          {key: Fraction(cents * 100, students) for key, (cents, students) in whole.items()})
    close(counted.values("value_per_100", "quarter", "2026-10-01"), {
        ("site", counted.sites[1]): Fraction(500 * 100, 400), ("network", north): Fraction(500 * 100, 650),
        ("district", counted.id): Fraction(570 * 100, 700)})
    counted.change("UPDATE site_year SET enrollment = 500 WHERE site_id = %s", counted.sites[0])
    assert counted.values("partners_per_100", start="2026-10-01")["site", counted.sites[0]] == Fraction(2 * 100, 500)
    counted.change("UPDATE site SET status = 'closed' WHERE id = %s", counted.sites[1])
    found = counted.values("partners_per_100", start="2026-10-01")
    assert ("site", counted.sites[1]) not in found and found["network", north] == Fraction(2 * 100, 500)
    counted.change("UPDATE site SET network_id = %s WHERE id = %s", south, counted.sites[0])
    found = counted.values("partners_per_100", start="2026-10-01")
    assert ("network", north) not in found and abs(found["network", south] - Fraction(2 * 100, 550)) < Fraction(1, 10 ** 4)
    counted.change("UPDATE site_year SET archived_at = now() WHERE district_id = %s", counted.id)
    assert counted.values("partners_per_100") == counted.values("value_per_100") == {}


@pytest.mark.shows("kpis.days_to_active")
def test_days_until_the_first_partnership_of_a_need_was_active(database):
    """By days of the district, of each need once, in the month in which it was."""
    counted = Own(database, ["north", "south"], [("Y", (0,)), ("Bank", (1,)), ("Y", (0,))])
    one, two, three = counted.works_at
    reading, health = counted.focuses
    needs = counted.write(*(("need", {
        "title": "N", "focus_area_id": area, "needed_by": "2027-06-30", "status": "matched", "opened_at": opened, "site_id": site})
        for area, opened, site in ((reading, "2026-09-01T03:00Z", counted.sites[0]),  # in Chicago still August
                                   (health, "2026-09-20T12:00Z", None), (reading, "2026-10-01T12:00Z", counted.sites[1]))))
    pledges = counted.write(*(("pledge", {"need_id": need, "partner_id": counted.partner_of[of], "partnership_id": of,
                                          "quantity": 1, "status": "accepted"})
                              for need, of in ((needs[0], one), (needs[0], two), (needs[1], three))))
    assert counted.values("days_to_active") == {}
    counted.change("UPDATE partnership SET lead_site_id = %s WHERE id = %s", counted.sites[1], three)
    for of, at in ((two, "2026-10-20T12:00Z"), (one, "2026-10-11T04:59Z"), (three, "2026-10-30T12:00Z")):
        counted.change("UPDATE partnership SET status = 'active', activated_at = %s WHERE id = %s", at, of)
    program, = (scope for kind, scope in counted.groups[one] if kind == "program")
    assert counted.values("days_to_active", start="2026-10-01") == {
        ("district", counted.id): Fraction(40 + 40, 2), ("site", counted.sites[0]): 40, ("site", counted.sites[1]): 40,
        ("network", counted.networks["north"]): 40, ("network", counted.networks["south"]): 40,
        ("partnership", one): 40, ("partnership", three): 40, ("partner", counted.partner_of[one]): 40,
        ("kind", kind_scope("nonprofit")): 40, ("program", program): 40, ("focus_area", reading): 40, ("focus_area", health): 40}
    counted.change("DELETE FROM pledge WHERE id = %s", pledges[0])
    found = counted.values("days_to_active", start="2026-10-01")
    assert found["site", counted.sites[0]] == 50 and found["district", counted.id] == 45, "the other one's"
    counted.change("UPDATE need SET archived_at = now() WHERE id = %s", needs[1])
    assert counted.values("days_to_active", start="2026-10-01")["district", counted.id] == 50
    counted.change("UPDATE district SET zone = 'Asia/Tokyo' WHERE id = %s", counted.id)
    assert counted.values("days_to_active", start="2026-10-01")["district", counted.id] == 49, "opened a day later there"


def asked(code, factor):
    return {"code": code, "kind": "rating", "section": "s", "required": False, "factor": factor,
            "text": {"en": code, "es": code}}


@pytest.mark.shows("kpis.trust_and_value")
@pytest.mark.parametrize("mode", ["attributed", "confidential"])
def test_trust_and_value_are_what_closed_surveys_found_and_may_tell(database, migrate, mode):
    """Nothing of fewer than five, nothing while it goes on, nothing of a single partner; both sides together."""
    dice = random.Random(3)
    questions = [asked("a", "trust"), asked("b", "trust"), asked("c", "value")]
    with Book(database, migrate, dice, mode, questions, relationships=2, days=("2026-11-01", "2026-11-20")) as book:
        migrate.execute("SELECT seed_indicators(%s)", (book.district.id,))

        def found(code):
            while roll_up(migrate):
                pass
            rows = migrate.execute("SELECT scope_kind, value, is_suppressed FROM rollup WHERE district_id = %s "
                                   "AND indicator_code = %s AND period_kind = 'month'", (book.district.id, code)).fetchall()
            assert migrate.execute("SELECT * FROM rollup_check(%s, %s)", (book.district.id, NOW)).fetchall() == []
            return {row[0]: row[1] for row in rows if not row[2]}
        many = [book.submit(partnership=book.partnerships[0], side="partner",
                            answers={q["code"]: dice.randint(1, 5) for q in questions}) for _ in range(20)]
        for _ in range(3):
            book.submit(partnership=book.partnerships[1], side="partner", answers={q["code"]: 1 for q in questions})
        book.count()
        assert found("trust") == {}
        book.close()
        book.count()
        told = sum(row[4] for row in book.tallies() if row[0] == "all")
        assert told == (23 if mode == "attributed" else 20)
        for code, factor in (("trust", "trust"), ("relationship_value", "value")):
            scores = [score_of(questions, answers, factor) for one, (_, _, answers) in book.answers.items()
                      if told == 23 or one in many]
            close({kind: value for kind, value in found(code).items() if kind == "district"},
                  {"district": sum(scores) / len(scores)})
            assert found(code).keys() == {"district", "kind"}
            assert mode == "attributed" or found(code)["kind"] == found(code)["district"]
        book.reopen()
        assert found("trust") == {}, "it is not over"


def test_what_surveys_found_is_marked_whoever_writes_it_and_of_whatever_districts(database, migrate):
    """An operator's program has no district, or another one's; one statement may be of several."""
    dice = random.Random(5)
    with (Book(database, migrate, dice, "attributed", [asked("a", "trust")], relationships=1) as one,
          Book(database, migrate, dice, "attributed", [asked("a", "trust")], relationships=1) as other):
        books, ids = (one, other), [one.district.id, other.district.id]
        for book in books:
            book.submit(partnership=book.partnerships[0], side="partner", answers={"a": 3})
            book.count()
            book.close()
            book.count()
        for context in ("", ids[1]):
            migrate.execute("DELETE FROM rollup_mark WHERE district_id = ANY (%s::uuid[])", (ids,))
            with migrate.transaction():
                migrate.execute("SELECT set_config('kith.district', %s, true)", (context,))
                done = migrate.execute("UPDATE survey_tally SET n = n WHERE district_id = ANY (%s::uuid[])", (ids,)).rowcount
                kept, = migrate.execute("SELECT current_setting('kith.district')").fetchone()
            assert done >= 2 and kept == context, "whoever writes goes on as it was"
            assert migrate.execute(
                "SELECT district_id::text, is_whole FROM rollup_mark WHERE computed_from = 'survey' "
                "AND district_id = ANY (%s::uuid[]) ORDER BY 1", (ids,)).fetchall() == [(id_, True) for id_ in sorted(ids)]
