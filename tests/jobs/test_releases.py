"""What follows from all releases of students' figures together, and what is hidden so that nothing does."""
import os
import random
from datetime import date
from fractions import Fraction

import pytest

from attacker import Attacker, TooHard
from kpis import MONTHS, QUARTERS, WHOLE, Counted
from program import Program
from releasing import made
from world import NOW

LEAST = 10  # the district's threshold
DISTRICTS = int(os.environ.get("KITH_RELEASE_DISTRICTS", "20"))
SEED = int(os.environ.get("KITH_RELEASE_SEED", "6"))
SIZES = (0, 0, 2, 5, 9, 10, 11, 14, 25, 60)
PEOPLE = {"0.01": (100, None), "0.02": (50, 99), "0.05": (20, 49), "0.1": (10, 19)}  # that a bound tells
CODE = "attendance_rate"
WHERE = "schools_where_it_works"
GROUPS = ("partner", "program", "focus_area", "kind")  # whose sums cross those of others


@pytest.fixture(scope="module")
def worker(database):
    with Program("kith-kpi", KITH_DATABASE_URL=database.uri("kith_kpi"), KITH_CLOCK=NOW) as one:
        yield one


class District:
    """Some schools, most in networks; who is served of some of them; what is observed, by its versions."""
    sizes = SIZES

    def __init__(self, database, dice):
        self.dice = dice
        homes = [dice.choice(["n", "m", None]) if dice.random() < 0.7 else "n" for _ in range(dice.randint(2, 6))]
        works_at = [(dice.choice(["Y", "Bank"]), sorted(dice.sample(range(len(homes)), dice.randint(1, len(homes)))))
                    for _ in range(dice.randint(0, 3))]
        self.counted = Counted(database, homes, works_at)
        self.months = MONTHS[3:3 + dice.randint(1, 2)]
        self.cells, self.version, self.release_number, self.state = {}, {}, 0, Attacker()
        self.part_version = {}
        for site in self.counted.sites:
            cohorts = [("all", None)]
            if dice.random() < 0.4:
                cohorts += [("served", None), ("not_served", None)]
            cohorts += [(cohort, one) for one, sites in self.counted.works_at.items()
                        if site in sites and dice.random() < 0.5 for cohort in ("served", "not_served")]
            for month in self.months:
                for cohort, one in cohorts:
                    self.set(site, month, cohort, one)

    def set(self, site, month, cohort, one):
        key = (site, month, cohort, one)
        size = self.dice.choice(self.sizes)
        if size != self.cells.get(key, (None,))[0]:
            self.version[key] = self.release_number
        part = self.dice.choice([size // 2, self.dice.randint(0, size), 0, size])
        if (size, part) != self.cells.get(key):
            self.part_version[key] = self.release_number
        self.cells[key] = (size, part)
        self.waiting = [*getattr(self, "waiting", []), key]

    def release(self, migrate):
        self.counted.observe_many(
            (CODE, key[0], self.cells[key][1], self.cells[key][0],
             {"start": key[1], "cohort": key[2], "partnership": key[3]}) for key in dict.fromkeys(self.waiting))
        self.waiting = []
        self.counted.work(migrate)
        return made(migrate, self.counted.ask())[0]

    def change(self):
        self.release_number += 1
        for key in self.dice.sample(sorted(self.cells, key=repr), min(len(self.cells), self.dice.randint(0, 4))):
            self.set(*key)

    def name(self, key):
        return (*key, self.version[key])

    def names(self, keys):
        """Of counts, each with that of its numerator: the same count may have one after the other."""
        return {self.name(key): (*key, self.version[key], self.part_version[key]) for key in keys}

    def members(self, kind, one, cohort):
        c = self.counted
        split = cohort != "all"
        sites = {"site": lambda: {one}, "district": lambda: set(c.sites),
                 "network": lambda: {s for s in c.sites if c.network_of[s] == one}}
        if kind in sites:
            return {(s, cohort, None) for s in sites[kind]()}
        of = c.partnerships(kind, one)
        if cohort == "schools_where_it_works":
            return {(s, "all", None) for p in of for s in c.works_at[p]}
        return {(s, cohort, p) for p in of for s in c.works_at[p]} if split else set()

    def publish_schools(self, *readers):
        """What the state publishes: of who is served and who is not, both together."""
        for site, month, cohort, one in self.cells:
            pair = [(site, month, c, one) for c in ("served", "not_served")]
            for who in readers if cohort != "all" else ():
                who.learn_rate(self.names(pair), *self.sums(pair))

    def read(self, migrate, attacker):
        """What this release shows, to the attacker; what of few it hides, as lists of counts."""
        hidden = []
        for (kind, one, cohort, period, start), row in self.counted.shown(migrate, CODE).items():
            first = date.fromisoformat(start)
            last = {"month": first, "quarter": dict(QUARTERS).get(first), "school_year": WHOLE[1]}[period]
            keys = [(s, m, c, p) for s, c, p in self.members(kind, one, cohort) for m in self.months
                    if first <= m <= last and (s, m, c, p) in self.cells]
            names, (size, part) = [self.name(key) for key in keys], self.sums(keys)
            if not row["is_suppressed"]:
                assert row["denominator"] == size and (not size or abs(row["value"] - Fraction(part, size)) < 0.0001)
                attacker.learn_rate(self.names(keys), size, part)
            elif row["value_high"] is not None and len(keys) == 1:
                bound = row["value_high"] if row["value_low"] == 0 else 1 - row["value_low"]
                low, high = PEOPLE[str(float(bound))]
                attacker.learn_bound(names[0], low, high or 10 ** 6)
                attacker.learn_share(*next(iter(self.names(keys).items())), row["value_low"] == 0, int(bound * (high or 10 ** 6)))
            if row["is_suppressed"] and size < LEAST and period == "month":
                hidden.append(names)
        return hidden + [[self.name(key)] for key, (size, _) in self.cells.items() if key[2] != "all" and size < LEAST]

    def sums(self, keys):
        return [sum(self.cells[key][n] for key in keys) for n in (0, 1)]

    def open_values(self, names):
        """What counts of few may be, for who knows what the state publishes of schools, and no more."""
        excluded = self.state.excluded(names, range(1, LEAST))
        return [value for value in range(1, LEAST) if value not in excluded]


def told_by_a_release(releases, names, values):
    """What one of them tells that those before it, and the state by then, did not: nobody can take these back. When a part
    of a school changes, the state's new total and the old sums of several schools may tell how many the other part has."""
    for before, after in releases:
        before.solve()
        after.solve()
        told = set(after.excluded(names, values)) - set(before.excluded(names, values))
        if told:
            return sorted(told)
    return []


@pytest.mark.timeout(120 + 10 * DISTRICTS)
@pytest.mark.shows("kpis.releases")
def test_no_small_count_is_narrowed_by_all_that_was_ever_shown(database, migrate, worker):
    """Each count of few may still be any number from one to below the threshold: in random districts, over some
    releases, for who reads all scopes, cohorts and periods of all of them and knows what has not changed."""
    shown = hidden = hard = coarsened = settled = 0
    for number in range(DISTRICTS):
        dice = random.Random(f"{SEED}/{number}")
        district, attacker, secrets, releases = District(database, dice), Attacker(), [], []
        for turn in range(dice.randint(2, 4)):
            if turn:
                district.change()
            coarsened += district.release(migrate)["coarsened_cells"]
            district.publish_schools(attacker, district.state)
            before = attacker.copy()
            secrets += district.read(migrate, attacker)
            releases.append((before, attacker.copy()))
            shown += len(attacker.sums) - len(before.sums)
        district.state.solve()
        attacker.solve()  # whoever learns nothing from all of them learned nothing from the first ones
        for names in {frozenset(names) for names in secrets}:
            hidden += 1
            try:
                told = attacker.excluded(names, district.open_values(names))
                assert not told_by_a_release(releases if told else (), names, told), (SEED, number, names, told)
                settled += bool(told)
            except TooHard:
                hard += 1
    assert shown > 5 * DISTRICTS and hidden > 5 * DISTRICTS, "nothing is shown, or nothing is hidden"
    assert hard * 100 <= hidden, f"{hard} of {hidden} were too hard for the attacker"
    assert settled * 100 <= hidden, f"of {hidden} {settled} were told by the state and the releases before"
    print(f"{shown} sums, {hidden} secrets, {coarsened} cells hidden by the proof, {hard} too hard, {settled} told before")


class Larger(District):
    """Of which more is shown."""
    sizes = (5, *(14, 25, 40, 60) * 3)


def unproved(district, shown):
    """Sums of partnerships and of schools that cross networks, which no proof looks at, as far as they tell more than the
    parts of the same release that are shown beside them: [(scope, cohort, period, what)]."""
    counted, found = district.counted, []
    for (kind, one, cohort, period, start), row in shown.items():
        if row["is_suppressed"] or kind in ("site", "network", "district") or kind == "partnership" and cohort != WHERE:
            continue
        joined = counted.partnerships(kind, one)
        parts = ([("site", site, "all") for site in set().union(*(counted.works_at[p] for p in joined))] if cohort == WHERE
                 else [("partnership", p, cohort) for p in joined])
        beside = [shown[(*part, period, start)] for part in parts if (*part, period, start) in shown]
        if any(part["is_suppressed"] for part in beside):
            found.append((kind, one, cohort, period, start, "a part is hidden"))
        elif sum(part["denominator"] for part in beside) != row["denominator"]:
            found.append((kind, one, cohort, period, start, "is not the sum of its parts"))
    return found


@pytest.mark.timeout(120 + 10 * DISTRICTS)
@pytest.mark.shows("kpis.groups_hide")
def test_what_crosses_the_proof_says_no_more_than_its_parts_that_are_shown(database, migrate, worker):
    """Of partners, programs, focus areas and kinds, and of schools where somebody works: each sum follows from what the same
    release shows of single partnerships and schools, which the proof is about; so it adds nothing to what it has proved."""
    crossing = tried = 0
    for number in range(DISTRICTS):
        dice = random.Random(f"{SEED}/crossing/{number}")
        district = (Larger if number % 4 else District)(database, dice)
        for turn in range(dice.randint(1, 3)):
            if turn:
                district.change()
            district.release(migrate)
            shown = district.counted.shown(migrate, CODE)
            assert unproved(district, shown) == [], (SEED, number, turn)
            crossing += sum(not row["is_suppressed"] and key[0] in GROUPS for key, row in shown.items())
            for key, row in shown.items():
                if row["is_suppressed"] and key[0] in GROUPS:  # shown by mistake, it is found
                    tried += 1
                    assert unproved(district, {**shown, key: {**row, "is_suppressed": False, "denominator": -1}}), key
    assert crossing > 2 * DISTRICTS and tried > 2 * DISTRICTS, "nothing is shown, or nothing is hidden"
    print(f"{crossing} sums that cross, {tried} hidden ones that would be found")


def test_the_attacker_finds_what_follows():
    """Against enumeration, so that it is no judge who sees nothing."""
    dice = random.Random(1)
    for _ in range(100):
        counts = {name: dice.randrange(4) for name in "abcde"}
        attacker = Attacker()
        for _ in range(dice.randint(1, 4)):
            names = dice.sample("abcde", dice.randint(1, 4))
            attacker.learn(names, sum(counts[n] for n in names))
        attacker.solve()
        solutions = list(everything(attacker.sums))
        for name in set().union(*attacker.sums):
            fits = {values[name] for values in solutions}
            assert attacker.excluded([name], range(12)) == [v for v in range(12) if v not in fits], (attacker.sums, name)


def everything(sums, fixed=None, names="abcde"):
    """All whole numbers that make these sums."""
    fixed = fixed or {}
    if not names:
        if all(sum(fixed[n] for n in s) == total for s, total in sums.items()):
            yield dict(fixed)
        return
    most = min((total for s, total in sums.items() if names[0] in s), default=0)
    for value in range(most + 1):
        now = {**fixed, names[0]: value}
        if all(sum(now.get(n, 0) for n in s) <= total for s, total in sums.items()):
            yield from everything(sums, now, names[1:])


# ---- By hand -------------------------------------------------------------------------------------


def hidden_sites(counted, migrate, start="2026-10-01"):
    shown = counted.shown(migrate, CODE)
    return [shown["site", site, "all", "month", start]["is_suppressed"] for site in counted.sites]


def test_three_schools_of_a_network_of_which_two_grow(database, migrate, worker):
    """The first is hidden with the next; had the second been shown when it had grown, the first would follow."""
    counted = Counted(database, ["n"] * 3)
    for sizes in ((0, 10, 10), (0, 11, 12), (0, 30, 40)):
        counted.observe_many((CODE, site, size // 2, size, {}) for site, size in zip(counted.sites, sizes))
        counted.work(migrate)
        made(migrate, counted.ask())
        assert hidden_sites(counted, migrate) == [True, True, False], "what is hidden stays hidden"


def test_a_count_that_falls_below_the_threshold_is_hidden_with_one_that_is_new_too(database, migrate, worker):
    """Of the schools that have not changed everybody knows how many they have."""
    counted = Counted(database, ["n"] * 4)
    sizes = [20, 21, 22, 23]
    for change in ({}, {0: 5, 3: 24}):
        for number, size in change.items():
            sizes[number] = size
        counted.observe_many((CODE, site, size // 2, size, {}) for site, size in zip(counted.sites, sizes))
        counted.work(migrate)
        release = made(migrate, counted.ask())[0]
    assert hidden_sites(counted, migrate) == [True, True, False, True]
    assert release["coarsened_cells"] > 0


def test_numerators_of_two_releases_do_not_tell_how_many_there_are(database, migrate, worker):
    """Of a school of 3 and one of 12, hidden together, 2 are not counted; when of the other, now of 14, only 2 are counted, 5
    of both are: the first has 2 and 5 at most, not 9, unless a total is hidden."""
    counted = Counted(database, ["n"] * 4)
    attacker, small = Attacker(), None
    for release in (0, 1):
        figures = [(3, 3), [(12, 10), (14, 2)][release], (20, 10), (25, 12)]
        counted.observe_many((CODE, site, part, size, {}) for site, (size, part) in zip(counted.sites, figures))
        counted.work(migrate)
        made(migrate, counted.ask())
        shown = counted.shown(migrate, CODE)
        assert hidden_sites(counted, migrate)[:2] == [True, True]
        names = {site: (site, figure) for site, figure in zip(counted.sites, figures)}
        small = names[counted.sites[0]]
        for (kind, one, cohort, _, _), row in shown.items():
            if cohort == "all" and not row["is_suppressed"]:
                of = [one] if kind == "site" else counted.sites
                attacker.learn_rate({names[s]: names[s] for s in of}, *(
                    sum(figures[counted.sites.index(s)][n] for s in of) for n in (0, 1)))
    attacker.solve()
    assert len(attacker.sums) > 4, "totals were shown, too"
    assert attacker.excluded([small], range(1, LEAST)) == []


def test_where_one_alone_has_changed_no_total_is_shown_that_it_follows_from(database, migrate, worker):
    counted = Counted(database, ["n", "n", "m", "m"])
    for first in (20, 5):
        counted.observe_many((CODE, site, size // 2, size, {}) for site, size in zip(counted.sites, (first, 21, 22, 23)))
        counted.work(migrate)
        made(migrate, counted.ask())
    shown = counted.shown(migrate, CODE)
    for kind, one in (("network", counted.networks["n"]), ("district", counted.id)):
        for period, start in (("month", "2026-10-01"), ("quarter", "2026-10-01"), ("school_year", "2026-07-01")):
            assert shown[kind, one, "all", period, start]["is_suppressed"], (kind, period)
    assert not shown["network", counted.networks["m"], "all", "month", "2026-10-01"]["is_suppressed"]


def test_of_a_network_that_shrinks_to_hidden_schools_no_least_was_told(database, migrate, worker):
    """Of three schools, all hidden, the third has 20 at least, and 0.05 of them at most are counted; of all three 5 are, which
    makes 3 at least of the others. When the third has nobody any more, these are the network's 7."""
    counted = Counted(database, ["n", "n", "n", "m", "m"])
    attacker = Attacker()
    for second, third in ((11, 5), (25, 0)), ((5, 5), (25, 0)), ((5, 5), (0, 0)):
        figures = [(2, 0), second, third, (25, 12), (0, 0)]
        counted.observe_many((CODE, site, part, size, {}) for site, (size, part) in zip(counted.sites, figures))
        counted.work(migrate)
        made(migrate, counted.ask())
        names = {site: (site, figure) for site, figure in zip(counted.sites, figures)}
        for (kind, one, cohort, _, _), row in counted.shown(migrate, CODE).items():
            of = [names[s] for s in counted.sites if one in (s, counted.network_of[s], counted.id)]
            if cohort == "all" and not row["is_suppressed"]:
                attacker.learn_rate({name: name for name in of}, *(sum(name[1][n] for name in of) for n in (0, 1)))
            elif cohort == "all" and row["value_high"] is not None:
                low, high = PEOPLE[str(float(row["value_high"]))]
                attacker.learn_bound(of[0], low, high)
                attacker.learn_share(of[0], of[0], True, int(row["value_high"] * high))
    attacker.solve()
    assert len(attacker.sums) > 4 and attacker.bounds, "totals and a bound were shown, too"
    assert attacker.excluded([names[site] for site in counted.sites[:3]], range(1, LEAST)) == []


@pytest.mark.parametrize("is_a_partners", (True, False), ids=("of a partnership", "of a school"))
def test_what_was_hidden_does_not_follow_from_what_takes_the_place_of_the_other_part(
        database, migrate, worker, is_a_partners):
    """Of 30, 25 are served and 5 are not; then 60 are not, of 85. Who was shown either part of these would know the 5."""
    counted = Counted(database, ["n", "n", "m"], [("Y", [0])])
    one = next(iter(counted.works_at)) if is_a_partners else None
    attacker = Attacker()
    for whole, rest in ((30, 5), (85, 60)):
        sizes = {("all", None, 0): whole, ("served", one, 0): 25, ("not_served", one, 0): rest, ("all", None, 1): 40,
                 ("all", None, 2): 50}
        counted.observe_many((CODE, counted.sites[site], size // 2, size, {"cohort": cohort, "partnership": of})
                             for (cohort, of, site), size in sizes.items())
        counted.work(migrate)
        made(migrate, counted.ask())
        attacker.learn([("served", 25), ("not_served", rest)], whole)  # as the state publishes it
        for (kind, _, cohort, period, _), row in counted.shown(migrate, CODE).items():
            if period == "month" and cohort in ("served", "not_served") and not row["is_suppressed"]:
                attacker.learn([(cohort, int(row["denominator"]))], int(row["denominator"]))
                assert kind != "district" or not is_a_partners
    attacker.solve()
    assert attacker.excluded([("not_served", 5)], range(1, LEAST)) == []


def test_few_of_a_network_that_were_hidden_do_not_follow_when_it_has_grown(database, migrate, worker):
    """Of its two schools one has 9 and the other nobody, of 39 in all; when the first has 60, the network is shown, and the
    district of 90 would tell that they were 9."""
    counted, attacker = Counted(database, ["m", "n", "n", None, "m"]), Attacker()
    for first in (9, 60):
        sizes = (25, first, 0, 0, 5)
        counted.observe_many((CODE, site, size // 2, size, {}) for site, size in zip(counted.sites, sizes))
        counted.work(migrate)
        made(migrate, counted.ask())
        names = dict(zip(counted.sites, enumerate(sizes)))
        for (_, one, cohort, period, _), row in counted.shown(migrate, CODE).items():
            of = [names[s] for s in counted.sites if one in (s, counted.network_of[s], counted.id)]
            if cohort == "all" and period == "month" and not row["is_suppressed"]:
                attacker.learn(of, sum(size for _, size in of))
    attacker.solve()
    assert attacker.sums
    assert attacker.excluded([(1, 9), (2, 0)], range(1, LEAST)) == []
