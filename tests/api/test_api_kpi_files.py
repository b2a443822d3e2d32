"""A city's own files through the importer: what is made of them equals a computation from the files, to the last digit,
with what was not submitted, is suppressed or has no weight. Every day a twelfth of its schools; with KITH_CITY=1 all of them."""
import csv
import io
import lzma
import os
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from importing import counts, load

from releasing import released
from world import roll_up

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data/nyc")
BOROUGHS = {"M": "Manhattan", "K": "Brooklyn", "X": "Bronx", "Q": "Queens", "R": "Staten Island"}
IS_WHOLE = "KITH_CITY" in os.environ
WITHIN_S = 300
MILLIONTH = Decimal("0.000001")
LEAST = 10  # the district's threshold
DAILY_YEAR = 2015
YEARS = range(2016, 2026)  # in which one of the others begins or ends


def text_of(name):
    """The file, or its lines of the schools that are taken, by their numbers: among them are some of all kinds."""
    out = io.StringIO()
    with lzma.open(os.path.join(DATA, f"{name}.csv.xz"), "rt", encoding="utf-8", newline="") as file:
        names, *lines = csv.reader(file)
        school = [name.lower() for name in names].index("dbn")
        csv.writer(out, lineterminator="\n").writerows([names, *(line for line in lines if IS_WHOLE or int(line[school][3:]) % 12 == 8)])
    return out.getvalue()


def rows_of(name):
    return list(csv.DictReader(io.StringIO(text_of(name))))


def rounded(value, digits=MILLIONTH):
    return Decimal(value).quantize(digits, ROUND_HALF_UP)


def school_year(text):
    return int(text[:4]) + 1


ENROLLMENT = {row["dbn"]: Decimal(row["total_students"]) for row in rows_of("enrollment") if row["total_students"] != "N/A"}


# ---- What the files say, read by hand: (school, first day or year, numerator, whole, what else) -----


def figure(school, when, numerator, whole, missing=False, weighted=False):
    return (school, when, None, None, 1, 0) if missing else (school, when, numerator, whole, 0, int(weighted))


def daily():
    for row in rows_of("daily_attendance"):
        day = date(int(row["date"][:4]), int(row["date"][4:6]), int(row["date"][6:]))
        whole = ENROLLMENT.get(row["dbn"])
        if row["attendance_pct"] == "NS" or whole is None:
            yield figure(row["dbn"], day, None, None, missing=True)
        else:
            yield figure(row["dbn"], day, rounded(Decimal(row["attendance_pct"]) / 100 * whole), whole, weighted=True)


def chronic():
    for row in rows_of("chronic_absence"):
        count, rate = row["chronic_absent_count"], row["chronic_absent_rate"]
        if not count or not Decimal(rate):  # suppressed; or none at all, of whom nobody says how many there are
            yield figure(row["DBN"], school_year(row["school_year"]), None, None, missing=True)
        else:
            yield figure(row["DBN"], school_year(row["school_year"]), Decimal(count),
                         rounded(Decimal(count) * 100 / Decimal(rate), Decimal(1)))


def rates(name, whole, rate):
    for row in rows_of(name):
        share = row[rate] and rounded(Decimal(row[rate]) / 100 * Decimal(row[whole]))
        yield figure(row["DBN"], school_year(row["school_year"]), share or None, Decimal(row[whole]), missing=share == "")


def places(school):
    return ("site", school), ("network", BOROUGHS[school[2]]), ("district", None)


def periods(day):
    first = (day.month - 1) // 3 * 3 + 1
    yield "month", day.replace(day=1)
    yield "quarter", date(day.year, first, 1)
    yield "school_year", date(DAILY_YEAR - 1, 7, 1)


def summed(figures):
    """{(scope, name, kind of period, first day): [numerator, whole, n, missing, weighted]}."""
    sums = defaultdict(lambda: [Decimal(0), Decimal(0), 0, 0, 0])
    for school, when, numerator, whole, missing, weighted in figures:
        for period in periods(when) if isinstance(when, date) else [("school_year", date(when - 1, 7, 1))]:
            for place in places(school):
                cell = sums[(*place, *period)]
                for at, value in enumerate((numerator or 0, whole or 0, 1 - missing, missing, weighted)):
                    cell[at] += value
    return {key: tuple(cell) if cell[2] else (None, None, *cell[2:]) for key, cell in sums.items()}


# ---- The same by the importer and the database ---------------------------------------------------

FILES = {
    "attendance_rate": ("daily_attendance", daily, {
        "mapping": {"period_start": "date", "site_id": "dbn", "percent": "attendance_pct"},
        "constants": {"period_kind": "day", "school_year": "2014-15"}}),
    "chronic_absence": ("chronic_absence", chronic, {
        "mapping": {"site_id": "DBN", "numerator": "chronic_absent_count", "percent": "chronic_absent_rate",
                    "missing": "chronic_absent_rate_label"}, "constants": {"period_kind": "school_year"}}),
    "proficiency": ("ela", lambda: rates("ela", "ela_number_tested", "ela_pct_proficient"), {
        "mapping": {"site_id": "DBN", "denominator": "ela_number_tested", "percent": "ela_pct_proficient",
                    "missing": "ela_pct_proficient_label"}, "constants": {"period_kind": "school_year"}}),
    "graduation_rate": ("graduation", lambda: rates("graduation", "cohort_size", "graduation_rate"), {
        "mapping": {"site_id": "DBN", "denominator": "cohort_size", "percent": "graduation_rate",
                    "missing": "graduation_rate_label"}, "constants": {"period_kind": "school_year"}}),
}
ROWS = {"attendance_rate": 61629, "chronic_absence": 10787, "proficiency": 6665, "graduation_rate": 4732}


class City:
    def __init__(self, tenant, connection):
        self.tenant, self.connection = tenant, connection
        connection.execute("SELECT seed_indicators(%s)", (tenant.id,))
        schools = {row["dbn"] for row in rows_of("enrollment")}
        for name in ("chronic_absence", "ela", "graduation"):
            schools |= {row["DBN"] for row in rows_of(name)}
        self.load("networks", ["name"], [[name] for name in BOROUGHS.values()])
        self.load("sites", ["name", "kind", "local_id", "network"],
                  [[f"School {one}", "school", one, BOROUGHS[one[2]]] for one in sorted(schools)])
        self.load("site_years", ["site", "school_year", "enrollment"],
                  [[one, DAILY_YEAR, int(students)] for one, students in ENROLLMENT.items()])
        self.load("reporting_quarters", ["school_year", "number", "starts_on", "ends_on"], [
            [DAILY_YEAR, n + 1, start, end] for n, (start, end) in enumerate([
                ("2014-07-01", "2014-09-30"), ("2014-10-01", "2014-12-31"), ("2015-01-01", "2015-03-31"),
                ("2015-04-01", "2015-06-30")])])
        self.reports = {code: load(tenant.data_steward, "observations", text_of(name), within_s=WITHIN_S, **{
            **how, "constants": {**how["constants"], "indicator_id": code}}) for code, (name, _, how) in FILES.items()}
        while roll_up(connection):
            pass
        for year in (DAILY_YEAR, *YEARS):
            released(tenant.admin, year)

    def load(self, kind, names, lines):
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([names, *lines])
        assert counts(load(self.tenant.admin, kind, file.getvalue())) == (len(lines), 0, 0, 0), kind

    def stored(self, table, columns, code):
        """{as summed() has it: the columns}."""
        found = self.connection.execute(
            f"SELECT t.scope_kind, coalesce(s.local_id, n.name), t.period_kind, t.period_start, {columns} FROM {table} t "
            "JOIN indicator i ON i.district_id = t.district_id AND i.id = t.indicator_id "
            "LEFT JOIN site s ON s.district_id = t.district_id AND s.id = t.scope_id "
            "LEFT JOIN network n ON n.district_id = t.district_id AND n.id = t.scope_id "
            "WHERE t.district_id = %s AND i.code = %s", (self.tenant.id, code)).fetchall()
        assert len({row[:4] for row in found}) == len(found)
        return {row[:4]: row[4:] for row in found}


@pytest.fixture(scope="module")
def city(theirs, database):
    with database.connect("kith_migrate") as connection:
        yield City(theirs, connection)


@pytest.mark.shows("kpis.files")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("code", FILES)
def test_sums_equal_a_computation_from_the_file(city, code):
    lines = len(rows_of(FILES[code][0]))
    assert counts(city.reports[code]) == (lines, 0, 0, 0) and (lines == ROWS[code] or not IS_WHOLE)
    expected = summed(FILES[code][1]())
    stored = city.stored("tally", "t.numerator, t.denominator, t.n, t.missing, t.weighted", code)
    assert stored.keys() == expected.keys()
    assert {key: cell for key, cell in stored.items() if cell != expected[key]} == {}
    assert sum(cell[3] for cell in expected.values()), "there are such rows"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("code", FILES)
def test_what_is_shown_is_their_ratio_or_nothing(city, code):
    expected = summed(FILES[code][1]())
    shown = city.stored("rollup", "t.value, t.is_suppressed, t.n, t.missing, t.weighted, t.denominator", code)
    assert shown.keys() == expected.keys()
    hidden = Counter()
    for key, (value, is_suppressed, *rest) in shown.items():
        numerator, whole, n, missing, weighted = expected[key]
        if is_suppressed:
            hidden[key[0]] += 1
            assert (value, rest) == (None, [None] * 4), key
        elif not n:
            assert (value, rest) == (None, [0, missing, 0, None]), key
        else:
            assert rest == [n, missing, weighted, whole], key
            assert value == (rounded(numerator / whole, Decimal("0.0001")) if whole else None), key
    small = {key for key, (_, whole, n, *_) in expected.items()
             if code != "attendance_rate" and key[0] == "site" and n and whole < LEAST}
    assert all(shown[key][1] for key in small) and (small or code in ("attendance_rate", "chronic_absence"))
    assert hidden["district"] < len(YEARS), "most of it is shown"


def test_all_is_as_a_new_computation_has_it(city):
    found = city.connection.execute("SELECT * FROM rollup_check(%s, now())", (city.tenant.id,)).fetchall()
    assert found == []
