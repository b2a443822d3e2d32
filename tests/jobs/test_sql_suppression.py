"""Nobody who subtracts learns a small count: groups in all their combinations, and random districts
against whoever solves all equations at once."""
import itertools
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from kpis import GROUPS, MONTHS, QUARTERS, WHOLE, Counted
from world import unit

LEAST = 10  # the district's threshold
PRIME = (1 << 61) - 1
SLOW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))


class Known:
    """What linear equations tell, whatever their order: a basis of the row space, modulo a prime."""

    def __init__(self):
        self.rows = {}  # pivot: row

    def reduced(self, row):
        row = {key: value % PRIME for key, value in row.items() if value % PRIME}
        for pivot in sorted(self.rows, key=repr):
            factor = row.get(pivot, 0)
            if factor:
                for key, value in self.rows[pivot].items():
                    row[key] = (row.get(key, 0) - factor * value) % PRIME
                row = {key: value for key, value in row.items() if value}
        return row

    def add(self, row):
        row = self.reduced(row)
        if not row:
            return
        pivot = min(row, key=repr)
        inverse = pow(row[pivot], PRIME - 2, PRIME)
        row = {key: value * inverse % PRIME for key, value in row.items()}
        for other in self.rows.values():
            factor = other.get(pivot, 0)
            if factor:
                for key, value in row.items():
                    other[key] = (other.get(key, 0) - factor * value) % PRIME
        self.rows[pivot] = row

    def tells(self, row):
        return not self.reduced(row)


def days(count):
    """Ends of as many year-to-date periods, each a group of its own."""
    return [WHOLE[0] + timedelta(days=30 + n) for n in range(count)]


def published(counted, migrate, code):
    counted.work(migrate)
    counted.release()
    rows = migrate.execute(
        "SELECT scope_kind, scope_id::text, cohort, period_end, value, denominator, is_suppressed, "
        "value_low, value_high FROM rollup WHERE district_id = %s AND indicator_id = %s",
        (counted.id, counted.indicators[code])).fetchall()
    return {row[:4]: row[4:] for row in rows}


def fits(hidden, sums, one, value):
    """Whether counts of the hidden sites, none negative, make all the sums, with `value` for one.
    `sums` are (sites, sum)."""
    values = {one: value}
    free = [site for site in hidden if site != one]

    def go(at):
        for sites, total in sums:
            if sum(values.get(site, 0) for site in sites) > total:
                return False
        if at == len(free):
            return all(sum(values[site] for site in sites) == total for sites, total in sums)
        site = free[at]
        most = min((total for sites, total in sums if site in sites), default=0)
        for guess in range(most, -1, -1):
            values[site] = guess
            if go(at + 1):
                return True
        values.pop(site, None)
        return False

    return go(0)


SIZES = (0, 4, 9, 10, 13)
HOMES = {"one network": ["n"] * 4, "two": ["n", "n", "m", "m"], "one and one": ["n", "n", "n", "m"],
         "none": [None] * 4, "some": ["n", "n", None, None], "each its own": ["n", "m", "k", None]}


@pytest.mark.parametrize("homes", HOMES)
def test_no_small_count_of_four_sites_can_be_told(database, migrate, homes):
    combinations = list(itertools.combinations_with_replacement(SIZES, 4))
    if homes not in ("one network", "none"):
        combinations = sorted({tuple(order) for sizes in combinations
                               for order in itertools.permutations(sizes)})[::4]
    combinations = combinations[:330]
    counted = Counted(database, HOMES[homes])
    ends = days(len(combinations))
    counted.observe_many(
        ("chronic_absence", site, size // 2, size, {"kind": "ytd", "start": WHOLE[0], "end": end})
        for end, sizes in zip(ends, combinations) for site, size in zip(counted.sites, sizes))
    shown = published(counted, migrate, "chronic_absence")
    told = 0
    for end, sizes in zip(ends, combinations):
        cells = dict(zip(counted.sites, sizes))
        hidden = [s for s in cells if shown["site", s, "all", end][2]]
        assert {s for s, size in cells.items() if size < LEAST} <= set(hidden)
        sums = []
        for kind, one, members in [
                ("district", counted.id, counted.sites),
                *(("network", n, [s for s in cells if counted.network_of[s] == n])
                  for n in counted.networks.values())]:
            if shown[kind, one, "all", end][2]:
                continue
            told += 1
            rest = [s for s in members if s in hidden]
            sums.append((rest, sum(cells[s] for s in rest)))
            assert sum(cells[s] for s in members) >= LEAST
        for site in hidden:
            if cells[site] < LEAST:
                assert not sums or all(site not in sites for sites, _ in sums) or all(
                    fits(hidden, sums, site, value) for value in range(1, LEAST)), (sizes, sums)
    assert told > len(combinations) / 2, "totals are not all hidden"


PAIRS = ((0, 12), (3, 20), (20, 3), (5, 5), (12, 15))


@pytest.mark.parametrize("homes", [[None] * 3, ["n", "n", "m"]])
def test_no_small_part_of_a_school_whose_total_the_state_publishes(database, migrate, homes):
    """Served and not served of three sites, of which everybody knows how many there are in all."""
    combinations = list(itertools.product(PAIRS, repeat=3))
    counted = Counted(database, homes)
    ends = days(len(combinations))
    counted.observe_many(
        ("chronic_absence", site, size // 2, size,
         {"kind": "ytd", "start": WHOLE[0], "end": end, "cohort": cohort})
        for end, pairs in zip(ends, combinations) for site, pair in zip(counted.sites, pairs)
        for cohort, size in (("served", pair[0]), ("not_served", pair[1]), ("all", sum(pair))))
    shown = published(counted, migrate, "chronic_absence")
    open_ones = 0
    for end, pairs in zip(ends, combinations):
        cells = dict(zip(counted.sites, pairs))
        hidden = set()
        for site, pair in cells.items():
            marks = {cohort: shown["site", site, cohort, end][2] for cohort in ("served", "not_served")}
            assert len(set(marks.values())) == 1, "one without the other is the whole less it"
            if marks["served"]:
                hidden.add(site)
            else:
                open_ones += 1
                assert min(pair) >= LEAST
        groups = [("district", counted.id, counted.sites), *(
            ("network", n, [s for s in cells if counted.network_of[s] == n])
            for n in counted.networks.values())]
        sums = []
        for kind, one, members in groups:
            if shown[kind, one, "served", end][2]:
                continue
            rest = [s for s in members if s in hidden]
            sums.append((rest, sum(cells[s][0] for s in rest), sum(cells[s][1] for s in rest)))
        for site in hidden:
            served, not_served = cells[site]
            for sites, s_sum, n_sum in sums:
                if site not in sites:
                    continue
                others = [cells[s] for s in sites if s != site]
                low = max(0, s_sum - sum(sum(pair) for pair in others))
                high = min(served + not_served, s_sum)
                if served < LEAST:
                    assert low <= 1 and high >= min(LEAST - 1, served + not_served), (pairs, sums)
                if not_served < LEAST:
                    low, high = served + not_served - high, served + not_served - low
                    assert low <= 1 and high >= min(LEAST - 1, served + not_served), (pairs, sums)
    assert open_ones > 10


def test_rates_near_nothing_and_near_all_are_bounds(database, migrate):
    counted = Counted(database, [None] * 5)
    counts = [(0, 40), (1, 120), (39, 40), (20, 40), (2, 60)]
    counted.observe_many(("attendance_rate", site, *count, {})
                         for site, count in zip(counted.sites, counts))
    shown = published(counted, migrate, "attendance_rate")
    rows = [shown["site", site, "all", date(2026, 10, 31)] for site in counted.sites]
    bounds = [(None if row[3] is None else float(row[3]), None if row[4] is None else float(row[4]))
              for row in rows]
    assert bounds == [(0, 0.05), (0, 0.01), (0.95, 1), (None, None), (None, None)]
    assert [row[:3] for row in rows[:3]] == [(None, None, True)] * 3
    assert [row[2] for row in rows[3:]] == [True, False], "the next smallest keeps the numerators"


def test_a_cell_at_the_threshold_is_shown_and_one_below_is_not(database, migrate):
    counted = Counted(database, [None] * 4)
    counted.observe_many(("attendance_rate", site, size // 2, size, {})
                         for site, size in zip(counted.sites, (LEAST, 30, 40, 50)))
    shown = published(counted, migrate, "attendance_rate")
    assert not any(row[2] for row in shown.values())
    counted.observe_many([("attendance_rate", counted.sites[0], 4, LEAST - 1, {})])
    shown = published(counted, migrate, "attendance_rate")
    end = date(2026, 10, 31)
    assert [shown["site", site, "all", end][2] for site in counted.sites] == [True, True, False, False]


def test_what_counts_no_people_is_never_hidden(database, migrate):
    counted = Counted(database, [None] * 2)
    counted.observe_many(("sessions", site, 1, None, {}) for site in counted.sites)
    counted.work(migrate)
    assert all(not row["is_suppressed"] and float(row["value"]) in (1, 2)
               for row in counted.shown(migrate, "sessions").values())


def test_head_counts_obey_the_threshold(database, migrate):
    counted = Counted(database, [None] * 3)
    counted.observe_many(("reach", site, size, None, {})
                         for site, size in zip(counted.sites, (3, 20, 30)))
    shown = published(counted, migrate, "reach")
    end = date(2026, 10, 31)
    assert [shown["site", site, "all", end][2] for site in counted.sites] == [True, True, False]


def test_a_students_figure_is_shown_with_its_release_and_not_before(database, migrate):
    counted = Counted(database, [None] * 2)
    site = counted.sites[0]
    key = ("site", site, "all", "month", "2026-10-01")
    counted.observe_many(("attendance_rate", one, 20, 40, {}) for one in counted.sites)
    counted.work(migrate)
    assert counted.shown(migrate, "attendance_rate") == {}
    counted.release()
    assert float(counted.shown(migrate, "attendance_rate")[key]["value"]) == 0.5
    counted.observe_many([("attendance_rate", site, 30, 40, {})])
    counted.work(migrate)
    assert float(counted.shown(migrate, "attendance_rate")[key]["value"]) == 0.5
    counted.release()
    after = counted.shown(migrate, "attendance_rate")[key]
    assert (float(after["value"]), after["version"]) == (0.75, 2)


sizes = st.sampled_from([0, 2, 5, 9, 10, 11, 14, 25, 60])


def read_release(counted, migrate, known, months, cells, name):
    """Adds to what is known all sums that are shown, over cells by their names; those that are not."""
    hidden = []
    for (kind, one, _, period, start), row in counted.shown(migrate, "attendance_rate").items():
        members = {
            "site": lambda: {one}, "network": lambda: {s for s in counted.sites if counted.network_of[s] == one},
            "district": lambda: set(counted.sites),
            **dict.fromkeys(("partnership", "partner", *GROUPS), lambda: {
                s for p in counted.partnerships(kind, one) for s in counted.works_at[p]})}
        first = date.fromisoformat(start)
        last = {"month": first, "quarter": dict(QUARTERS).get(first), "school_year": WHOLE[1]}[period]
        of = [(s, m) for s in members[kind]() for m in months if first <= m <= last]
        row_of = {name(cell): 1 for cell in of}
        if row["is_suppressed"]:
            hidden.append(row_of)
        else:
            assert row["denominator"] == sum(cells[cell] for cell in of)
            known.add(row_of)
    return hidden


@SLOW
@given(homes=st.lists(st.sampled_from(["n", "m", "k", None]), min_size=1, max_size=7),
       works_at=st.lists(st.tuples(st.sampled_from(["Y", "Bank"]),
                                   st.sets(st.integers(0, 6), min_size=1)), max_size=4),
       data=st.data())
def test_no_small_count_follows_from_all_that_is_shown_together(database, migrate, homes, works_at, data):
    """Sites, networks, district, schools where one works, over months, quarters and the year."""
    works_at = [(name, sorted({n % len(homes) for n in numbers})) for name, numbers in works_at]
    counted = Counted(database, homes, works_at)
    months = MONTHS[2:6]
    cells = {(site, month): data.draw(sizes) for site in counted.sites for month in months}
    counted.observe_many(("attendance_rate", site, size // 2, size, {"start": month})
                         for (site, month), size in cells.items())
    counted.work(migrate)
    counted.release()
    known = Known()
    hidden = read_release(counted, migrate, known, months, cells, lambda cell: cell)
    for row_of in [*hidden, *({key: 1} for key in cells)]:
        if sum(cells[key] for key in row_of) < LEAST:
            assert not known.tells(row_of), (homes, works_at, row_of)


@pytest.mark.shows("kpis.releases")
@SLOW
@given(homes=st.lists(st.sampled_from(["n", "m", None]), min_size=2, max_size=6),
       works_at=st.lists(st.tuples(st.sampled_from(["Y", "Bank"]), st.sets(st.integers(0, 5), min_size=1)), max_size=2),
       data=st.data())
def test_no_small_count_follows_from_releases_one_after_the_other(database, migrate, homes, works_at, data):
    """Whoever keeps all of them, and knows what has not changed between them."""
    counted = Counted(database, homes, [(name, sorted({n % len(homes) for n in numbers})) for name, numbers in works_at])
    months = MONTHS[3:5]
    cells = {(site, month): data.draw(sizes) for site in counted.sites for month in months}
    version = dict.fromkeys(cells, 0)
    known, small = Known(), []
    for number in range(3):
        if number:
            changed = data.draw(st.lists(st.sampled_from(sorted(cells)), max_size=3, unique=True))
            cells.update({cell: data.draw(sizes) for cell in changed})
            version.update(dict.fromkeys(changed, number))
        counted.observe_many(("attendance_rate", site, size // 2, size, {"start": month})
                             for (site, month), size in cells.items() if version[site, month] == number)
        counted.work(migrate)
        counted.release()
        hidden = read_release(counted, migrate, known, months, cells, lambda cell: (*cell, version[cell]))
        sums = {(*cell, version[cell]): size for cell, size in cells.items()}
        small += [row_of for row_of in [*hidden, *({key: 1} for key in sums)]
                  if sum(sums[key] for key in row_of) < LEAST]
        for row_of in small:
            assert not known.tells(row_of), (homes, works_at, number, row_of)


def test_kith_api_reads_raw_observations_as_data_steward_alone(database, api):
    counted = Counted(database, [None])
    counted.observe_many([("reach", counted.sites[0], 3, None, {})])
    for roles, rows in (("director,executive,coordinator,viewer", 0), ("data_steward", 1)):
        with api.transaction():
            api.execute("SELECT kith_context(%s, %s, %s, '2026-11-21T15:00:00Z', 'r')",
                        (counted.id, counted.district.user, roles))
            assert api.execute("SELECT count(*) FROM observation").fetchone() == (rows,)
    for table in ("tally", "rollup_mark"):
        assert api.execute("SELECT has_table_privilege(%s, 'SELECT')", (table,)).fetchone() == (False,)
