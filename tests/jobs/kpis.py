"""A district whose figures are counted: sites in networks, partnerships, indicators by their codes, and
the same tallies computed here, plainly, from the observations alone."""
import hashlib
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from releasing import let_out
from world import NOW, insert, roll_up, unit, uuid7

YEAR = 2027
QUARTERS = [(date(2026, 7, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 12, 31)),
            (date(2027, 1, 1), date(2027, 3, 31)), (date(2027, 4, 1), date(2027, 6, 30))]
WHOLE = (date(2026, 7, 1), date(2027, 6, 30))
MONTHS = [date(2026 + (6 + n) // 12, (6 + n) % 12 + 1, 1) for n in range(12)]


KINDS = ("civic", "nonprofit")
GROUPS = ("program", "focus_area", "kind")  # what partnerships count for beside partners


def kind_scope(kind):
    """The id that a kind of partner is known by."""
    return str(uuid.UUID(hashlib.md5(f"kind of partner: {kind}".encode()).hexdigest()))


def month_end(start):
    return (start + timedelta(days=31)).replace(day=1) - timedelta(days=1)


@dataclass
class Cell:
    """As a row of tally has it; a single observation, at first."""
    numerator: Fraction | None
    denominator: Fraction | None
    n: int
    is_made: bool
    people: Fraction | None
    missing: int
    weighted: int


def plus(values):
    """None where there is nothing to add."""
    known = [one for one in values if one is not None]
    return sum(known) if known else None


class Counted:
    """The district, as kith_api writes it; `networks` holds the network of each site, or None."""

    def __init__(self, database, networks, works_at=()):
        self.database = database
        self.district = database.district("data_steward")
        self.id = self.district.id
        self.current = {}  # key: (id, Cell)
        self.quarters = list(QUARTERS)
        with database.connect("kith_migrate") as connection:
            connection.execute("SELECT seed_indicators(%s)", (self.id,))
            insert(connection, "indicator", {
                "district_id": self.id, "id": uuid7(), "code": "families_reached", "name": "Families reached",
                "family": "family", "unit": "percent", "aggregation": "ratio_of_sums",
                "periods": ["quarter", "school_year"], "suppression": "none", "created_at": NOW, "updated_at": NOW})
            insert(connection, "indicator", {
                "district_id": self.id, "id": uuid7(), "code": "seats_filled", "name": "Seats filled",
                "family": "engagement", "unit": "count", "aggregation": "latest",
                "periods": ["month", "quarter", "school_year"], "suppression": "none", "created_at": NOW,
                "updated_at": NOW})
            self.indicators = {code: str(one) for code, one in connection.execute(
                "SELECT code, id FROM indicator WHERE district_id = %s", (self.id,)).fetchall()}
        with database.connect() as connection, unit(connection, self.district):
            self.networks = {name: self.add(connection, "network", name=str(name))
                             for name in sorted({n for n in networks if n is not None})}
            self.network_of = {}
            for number, name in enumerate(networks):
                site = self.add(connection, "site", name=f"S{number}", kind="school",
                                network_id=self.networks.get(name))
                self.network_of[site] = self.networks.get(name)
            self.sites = list(self.network_of)
            for number, (starts_on, ends_on) in enumerate(QUARTERS):
                self.add(connection, "reporting_quarter", school_year=YEAR, number=number + 1,
                         starts_on=starts_on, ends_on=ends_on)
            self.works_at, self.partner_of, partners = {}, {}, {}
            self.groups = {}  # of each partnership, what it counts for: {(scope kind, scope)}
            self.kind_of = {}
            self.focuses = focuses = [self.add(connection, "focus_area", name=name) for name in ("Reading", "Health")]
            self.works_when = {}  # {(partnership, site): (first day, last day)}, of those that have some
            for number, (partner, numbers) in enumerate(works_at):
                kind = KINDS[len(partner) % 2]
                if partner not in partners:
                    partners[partner] = self.add(connection, "partner", name=partner, kind=kind)
                # In turn: of a program, of one and of another focus area, and of neither.
                program = number % 3 < 2 and self.add(connection, "program", partner_id=partners[partner], name="G",
                                                      focus_area_id=focuses[0])
                own = number % 3 == 1 and focuses[1]
                one = self.add(connection, "partnership", partner_id=partners[partner], name="P",
                               arrangement="program", program_id=program or None, focus_area_id=own or None)
                self.partner_of[one], self.kind_of[partners[partner]] = partners[partner], kind
                self.groups[one] = {("partner", partners[partner]), ("kind", kind_scope(kind)), *(
                    (("program", program), ("focus_area", own or focuses[0])) if program else ())}
                self.works_at[one] = {self.sites[number] for number in numbers}
                for site in self.works_at[one]:
                    self.add(connection, "partnership_site", partnership_id=one, site_id=site)

    def add(self, connection, table, **fields):
        values = {"district_id": self.id, "id": uuid7(), **fields}
        insert(connection, table, values)
        return values["id"]

    def observe(self, connection, code, site, numerator, denominator=None, kind="month",
                start=MONTHS[3], end=None, cohort="all", partnership=None, missing=None, weighted_by=None):
        """Within a unit. Keeps what it is now."""
        if end is None:
            end = {"day": lambda s: s, "month": month_end, "school_year": lambda s: WHOLE[1],
                   "quarter": dict(QUARTERS).get}[kind](start)
        one = self.add(connection, "observation", indicator_id=self.indicators[code], site_id=site,
                       cohort=cohort, partnership_id=partnership, school_year=YEAR,
                       period_kind=kind, period_start=start, period_end=end, numerator=numerator,
                       denominator=denominator, missing=missing, weighted_by=weighted_by)
        self.current[code, site, cohort, partnership, kind, start, end] = (
            one, self.cell_of(code, numerator, denominator, missing, weighted_by))
        return one

    def observe_many(self, rows):
        """Rows of (code, site, numerator, denominator, and more by name)."""
        with self.database.connect() as connection, unit(connection, self.district):
            for code, site, numerator, denominator, more in rows:
                self.observe(connection, code, site, numerator, denominator, **more)

    def work(self, connection, limit=1000):
        """Until there is nothing to do; by one worker alone."""
        while roll_up(connection, limit=limit):
            pass

    def ask(self):
        """For a release: its id."""
        with self.database.connect() as connection, unit(connection, self.district):
            return self.add(connection, "release", school_year=YEAR)

    def release(self):
        """One that is asked for, and let out: its row."""
        return let_out(self.database, self.ask())[0]

    # ---- The same by hand ---------------------------------------------------------------------

    AGGREGATION = {"attendance_rate": "ratio", "chronic_absence": "ratio", "engagement": "ratio",
                   "mean_grade": "weighted", "reach": "sum", "seats_filled": "latest",
                   "sessions": "sum", "families_reached": "ratio"}

    def cell_of(self, code, numerator, denominator, missing, weighted_by):
        if missing:
            return Cell(None, None, 0, False, None, 1, 0)
        numerator, denominator = (None if c is None else Fraction(c) for c in (numerator, denominator))
        people = numerator if self.AGGREGATION[code] == "sum" or denominator is None else denominator
        if self.AGGREGATION[code] == "weighted":
            numerator *= denominator
        return Cell(numerator, denominator, 1, False, people, 0, int(weighted_by is not None))

    def site_cells(self, code):
        """{(site, partnership, cohort, kind, start, end): Cell}."""
        found, days = {}, defaultdict(list)
        for (of, site, cohort, partnership, kind, start, end), (_, cell) in self.current.items():
            if of == code and kind == "day":
                days[site, partnership, cohort, start.replace(day=1)].append((start, cell))
            elif of == code:
                found[site, partnership, cohort, kind, start, end] = cell
        for (*series, month), parts in days.items():
            found.setdefault((*series, "month", month, month_end(month)), self.together(code, parts))
        if code == "chronic_absence":
            return found
        shorter = defaultdict(list)
        for (*series, kind, start, _), cell in found.items():
            shorter[tuple(series)].append((kind, start, cell))
        for series, parts in shorter.items():
            for kind, (first, last) in [*(("quarter", q) for q in self.quarters), ("school_year", WHOLE)]:
                within = [p for p in parts if first <= p[1] <= last]
                of = [p for p in within if p[0] == "month"] or (
                    [p for p in within if p[0] == "quarter"] if kind == "school_year" else [])
                if of and not any(p[:2] == (kind, first) for p in parts):
                    found[(*series, kind, first, last)] = self.together(code, [p[1:] for p in of])
        return found

    def together(self, code, parts):
        """One period of (start, cell) of shorter ones."""
        cells = [cell for _, cell in parts]
        made = self.total(cells)
        made.is_made = True
        known = [cell.people for cell in cells if cell.people is not None]
        made.people = max(known) if known else None
        if self.AGGREGATION[code] == "latest":
            last = max(((start, cell) for start, cell in parts if cell.n), key=lambda p: p[0], default=None)
            made.numerator, made.denominator = (last[1].numerator, last[1].denominator) if last else (None, None)
        return made

    def tallies(self, code):
        """What the table is to hold: {(scope kind, scope, cohort, kind, start, end): counts}, and of
        a site with its partnership."""
        cells = self.site_cells(code)
        sums = defaultdict(list)
        for (site, partnership, cohort, *period), cell in cells.items():
            sums["site", site, partnership, cohort, *period].append(cell)
            if partnership is not None:
                sums["partnership", partnership, None, cohort, *period].append(cell)
                for kind, one in self.groups[partnership]:
                    sums[kind, one, None, cohort, *period].append(cell)
                continue
            sums["district", self.id, None, cohort, *period].append(cell)
            if self.network_of[site]:
                sums["network", self.network_of[site], None, cohort, *period].append(cell)
            if cohort == "all":
                there = {p for p, sites in self.works_at.items() if site in sites and self.works(p, site, *period[1:])}
                for kind, one in ({("partnership", p) for p in there}
                                  | {group for p in there for group in self.groups[p]}):
                    sums[kind, one, None, "schools_where_it_works", *period].append(cell)
        return {key: self.total(found) for key, found in sums.items()}

    def partnerships(self, kind, one):
        """Those that a scope is made of."""
        return [one] if kind == "partnership" else [p for p, groups in self.groups.items() if (kind, one) in groups]

    def works(self, partnership, site, start, end):
        first, last = self.works_when.get((partnership, site), (None, None))
        return (first is None or first <= end) and (last is None or last >= start)

    @staticmethod
    def total(found):
        return Cell(plus(c.numerator for c in found), plus(c.denominator for c in found), sum(c.n for c in found),
                    any(c.is_made for c in found), plus(c.people for c in found), sum(c.missing for c in found),
                    sum(c.weighted for c in found))

    def stored(self, connection, code):
        rows = connection.execute(
            "SELECT scope_kind, scope_id::text, partnership_id::text, cohort, period_kind, "
            "period_start, period_end, numerator, denominator, n, is_made, people, missing, weighted FROM tally "
            "WHERE district_id = %s AND indicator_id = %s", (self.id, self.indicators[code])).fetchall()
        return {row[:7]: Cell(*(Fraction(one) if isinstance(one, Decimal) else one for one in row[7:])) for row in rows}

    def differences(self, connection, now=NOW):
        return connection.execute("SELECT * FROM rollup_check(%s, %s)", (self.id, now)).fetchall()

    def shown(self, connection, code):
        """What a viewer reads: {(scope kind, scope, cohort, kind, start): row}."""
        rows = connection.execute(
            "SELECT to_jsonb(r)::text FROM rollup r WHERE district_id = %s AND indicator_id = %s",
            (self.id, self.indicators[code])).fetchall()
        found = [json.loads(row[0], parse_float=Fraction) for row in rows]
        return {(r["scope_kind"], r["scope_id"], r["cohort"], r["period_kind"], r["period_start"]): r
                for r in found}
