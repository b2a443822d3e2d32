"""Figures equal a computation, made here and made by the database, after anything that may be done to what they are made
of, whoever is killed meanwhile. KITH_KPI_OPERATIONS and KITH_KPI_SEED say how many, and which."""
import os
import random
from collections import Counter as Tally
from datetime import date, timedelta

import pytest

from kpis import KINDS, MONTHS, QUARTERS, WHOLE, Counted, kind_scope
from workers import Worker, wait_until
from world import unit

OPERATIONS = int(os.environ.get("KITH_KPI_OPERATIONS", "500"))
SEED = int(os.environ.get("KITH_KPI_SEED", "1"))
ROUNDS = 5  # after each of them all is looked at
BETWEEN_KILLS = 25  # of a program of three processes
WITHIN_S = 120
CODES = ("attendance_rate", "chronic_absence", "mean_grade", "reach", "seats_filled", "sessions", "families_reached")
PERIODS = {"attendance_rate": ("day", "day", "month", "quarter", "school_year"), "chronic_absence": ("ytd", "school_year"),
         "mean_grade": ("quarter", "school_year"), "families_reached": ("quarter", "school_year")}


class Changing(Counted):
    """A district of six sites, in which anything happens."""

    def __init__(self, database, chance):
        super().__init__(database, ["north", "north", "south", "south", None, None],
                         [("Y", (0, 1)), ("Y", (1, 2)), ("Bank", (3, 4)), ("Club", (0, 5))])
        self.chance, self.done = chance, Tally()

    def period(self, kind):
        chance = self.chance
        if kind == "day":
            return chance.choice(MONTHS[:4]) + timedelta(days=chance.randrange(4)), None
        if kind == "month":
            return chance.choice(MONTHS), None
        if kind == "quarter":
            return chance.choice(self.quarters)
        return WHOLE if kind == "school_year" else (WHOLE[0], chance.choice((date(2026, 10, 31), date(2026, 12, 31))))

    def do_observe(self, connection):
        chance = self.chance
        code = chance.choice(CODES)
        cohort = chance.choice(("all", "all", "served", "not_served"))
        kind = chance.choice(PERIODS.get(code, ("month", "month", "quarter", "school_year")))
        start, end = self.period(kind)
        numerator = chance.randrange(60)
        denominator = numerator + chance.randrange(60) if code not in ("reach", "seats_filled", "sessions") else None
        missing = chance.choice((None,) * 6 + ("suppressed", "not_submitted"))
        self.observe(connection, code, chance.choice(self.sites), None if missing else numerator, denominator, kind, start,
                     end, cohort, chance.choice((None, *self.works_at)) if cohort != "all" else None, missing,
                     "enrollment" if denominator is not None and chance.random() < 0.2 else None)

    def do_withdraw(self, connection):
        if self.current:
            key = self.chance.choice(sorted(self.current, key=repr))
            connection.execute("UPDATE observation SET archived_at = current_setting('kith.now')::timestamptz WHERE id = %s",
                               (self.current.pop(key)[0],))

    def do_work_elsewhere(self, connection):
        """A partnership begins at a site, ends there, or is told to be there on other days."""
        one, site = self.chance.choice(list(self.works_at)), self.chance.choice(self.sites)
        if site not in self.works_at[one]:
            self.add(connection, "partnership_site", partnership_id=one, site_id=site)
            self.works_at[one].add(site)
        elif self.chance.random() < 0.3:
            connection.execute("UPDATE partnership_site SET archived_at = current_setting('kith.now')::timestamptz "
                               "WHERE partnership_id = %s AND site_id = %s AND archived_at IS NULL", (one, site))
            self.works_at[one].remove(site)
            self.works_when.pop((one, site), None)
        else:
            first = self.chance.choice((None, *MONTHS[:6]))
            last = self.chance.choice((None, date(2027, 1, 15), date(2027, 3, 1)))
            connection.execute("UPDATE partnership_site SET from_date = %s, until_date = %s "
                               "WHERE partnership_id = %s AND site_id = %s AND archived_at IS NULL", (first, last, one, site))
            self.works_when[one, site] = (first, last)

    def do_change_partner(self, connection):
        """Whose a partnership is, and of which focus area."""
        one, partner = self.chance.choice(list(self.works_at)), self.chance.choice(sorted(set(self.partner_of.values())))
        focus = self.chance.choice(self.focuses)
        connection.execute("UPDATE partnership SET partner_id = %s, focus_area_id = %s WHERE id = %s", (partner, focus, one))
        self.partner_of[one] = partner
        self.groups[one] = {
            ("partner", partner), ("kind", kind_scope(self.kind_of[partner])), ("focus_area", focus),
            *(group for group in self.groups[one] if group[0] == "program")}

    def do_change_kind(self, connection):
        partner, kind = self.chance.choice(list(self.kind_of)), self.chance.choice(KINDS)
        connection.execute("UPDATE partner SET kind = %s WHERE id = %s", (kind, partner))
        self.kind_of[partner] = kind
        for one in self.partnerships("partner", partner):
            self.groups[one] = {group for group in self.groups[one] if group[0] != "kind"} | {("kind", kind_scope(kind))}

    def do_move_site(self, connection):
        site, network = self.chance.choice(self.sites), self.chance.choice((None, *self.networks.values()))
        connection.execute("UPDATE site SET network_id = %s WHERE id = %s", (network, site))
        self.network_of[site] = network

    def do_change_calendar(self, connection):
        """A quarter ends some weeks earlier or later, and the next one begins then."""
        number = self.chance.randrange(3)
        last = date(2026 + (number == 2), (9, 12, 3)[number], 28) + timedelta(days=self.chance.choice((-31, 0, 2, 31)))
        (first, before), (_, end) = self.quarters[number:number + 2]
        self.quarters[number:number + 2] = [(first, last), (last + timedelta(days=1), end)]
        for at in (number, number + 1) if last < before else (number + 1, number):  # they never overlap
            connection.execute("UPDATE reporting_quarter SET starts_on = %s, ends_on = %s WHERE number = %s "
                               "AND school_year = 2027", (*self.quarters[at], at + 1))

    def do_something(self, connection):
        what = self.chance.choices(("observe", "withdraw", "work_elsewhere", "change_partner", "change_kind",
                                    "move_site", "change_calendar"), (70, 10, 8, 3, 2, 6, 3))[0]
        self.done[what] += 1
        with unit(connection, self.district):
            getattr(self, f"do_{what}")(connection)


def waiting(connection):
    return connection.execute("SELECT (SELECT count(*) FROM rollup_mark) + (SELECT count(*) FROM tally_crossing)").fetchone()[0]


@pytest.mark.shows("kpis.equal")
@pytest.mark.timeout(60 + OPERATIONS)
def test_figures_equal_a_computation_after_any_operations_whoever_is_killed(database, migrate, api):
    chance = random.Random(SEED)
    counted = Changing(database, chance)
    with Worker("kith-kpi", database, KITH_WORKERS="2"):
        for _ in range(ROUNDS):
            for _ in range(OPERATIONS // ROUNDS // BETWEEN_KILLS):
                with Worker("kith-kpi", database, KITH_WORKERS="2") as other:
                    for _ in range(BETWEEN_KILLS):
                        counted.do_something(api)
                    other.kill()
            wait_until(lambda: waiting(migrate) == 0, "all is worked off", WITHIN_S)
            for code in CODES:
                expected, stored = counted.tallies(code), counted.stored(migrate, code)
                assert stored == expected, (SEED, code, sorted(stored.items() ^ expected.items(), key=repr)[:4])
            assert counted.differences(migrate) == [], SEED
    assert set(counted.done) == {"observe", "withdraw", "work_elsewhere", "change_partner", "change_kind", "move_site",
                                 "change_calendar"}
