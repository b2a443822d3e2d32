"""School years of districts in six zones, lived by the clock: calendars and rules that change, people who leave, bounce,
opt out and hand over, check-ins that move, workers and mailers that stand still. A model of the rules (decade_*.py) says
what becomes of each check-in, reminder, mail and task, and when: they agree on all.

One year of ten partnerships; KITH_DECADE_YEARS and KITH_DECADE_PARTNERSHIPS (of each district) make it longer, and
KITH_DECADE_SEED another one. A difference is told with its seed and what happened before it.
"""
import datetime as dt
import os

import pytest

from check_in_model import DAY, UTC
from decade_answers import of_check_in, of_person
from decade_offices import of_nobody, of_partnership
from decade_town import BEGINS, Town
from world import Database

YEARS = int(os.environ.get("KITH_DECADE_YEARS", 1))
PARTNERSHIPS = int(os.environ.get("KITH_DECADE_PARTNERSHIPS", 10))
SEED = int(os.environ.get("KITH_DECADE_SEED", 2027))
DISTRICTS = {"New York": ("America/New_York", None), "Chicago": ("America/Chicago", None),
             "Denver": ("America/Denver", None), "Phoenix": ("America/Phoenix", "America/Denver"),
             "Honolulu": ("Pacific/Honolulu", None), "Puerto Rico": ("America/Puerto_Rico", None)}
KINDS = (of_nobody, of_partnership, of_person, of_check_in)
A_YEAR = (16, 4, 3, 14) # of the first a district's, of the others a partnership's
REASONS = {"already_done", "blackout", "bounced", "cancelled", "left_org", "moved", "no_email", "no_lead", "opted_out",
           "rate_limited", "snoozed", "stale"}
RARE = {"rate_limited"}  # the same rule once more within a week: not in every district's decade
STAND_STILL = ("Honolulu", "Puerto Rico")  # whose clocks never change
QUARTER, SECOND = dt.timedelta(minutes=15), dt.timedelta(seconds=1)


class Years:
    """A district from one July to another."""

    def __init__(self, town):
        self.town = town
        self.chance = town.chance
        self.asleep = {"work": BEGINS, "send": BEGINS}  # until when

    def live(self, years):
        day, end = BEGINS.date(), dt.date(BEGINS.year + years, 8, 15)
        while day < end:
            if (day.month, day.day) == (5, 1) and day.year + 1 <= BEGINS.year + years:
                self.town.year(day.year + 1, BEGINS.replace(year=day.year, month=5, day=1))
            for now, act in self.instants(day):
                act(now)
            if day.day == 1:
                self.settle(day - 400 * DAY)
            day += DAY
        self.town.compare(dt.date.min)

    def settle(self, before):
        self.town.compare(before)
        for one in self.town.partnerships:
            one.settle(before)

    def instants(self, day):
        """Of a day: the mail hours of its zones, sometimes others, and what happens; in order. On most days without
        school nobody looks."""
        town, chance = self.town, self.chance
        midnight = dt.datetime(day.year, day.month, day.day, tzinfo=UTC)
        places = (None, town.sites[0].id)
        looks = any(town.days.is_school_day(day, place) for place in places) or chance.random() < 0.25
        at = {town.days.mail_hour(day, place) for place in places if looks}
        at |= {midnight + chance.randrange(96) * QUARTER for _ in range(chance.random() < 0.2)}
        rate = (A_YEAR[0] + len(town.partnerships) * sum(A_YEAR[1:])) / 365
        events = {midnight + chance.randrange(24 * 3600) * SECOND for _ in range(int(rate) + (chance.random() < rate % 1))}
        return sorted(((now, act) for act, instants in ((self.tick, at), (self.event, events)) for now in instants
                       if now >= BEGINS), key=lambda one: one[0])

    def event(self, now):
        weights = (A_YEAR[0], *(len(self.town.partnerships) * each for each in A_YEAR[1:]))
        self.chance.choices(KINDS, weights)[0](self.town, now)

    def tick(self, now):
        """Both programs look, unless they stand still: for days, or a week."""
        for what in self.asleep:
            if self.chance.random() < 0.01:
                self.asleep[what] = now + self.chance.choice((1, 2, 7)) * DAY
                self.town.tell(now, None, f"nobody is there to {what} until {self.asleep[what]}")
        for what, until in self.asleep.items():
            if now >= until:
                getattr(self.town, what)(now)


@pytest.mark.parametrize("name", DISTRICTS)
@pytest.mark.timeout(180)
def test_years_come_out_as_the_rules_say(cluster, name):
    print(f"KITH_DECADE_SEED={SEED} {name}")
    with Database.fresh(cluster) as database:
        town = Town(database, f"{SEED} {name}", *DISTRICTS[name], PARTNERSHIPS)
        with town.ledger.stack:
            Years(town).live(YEARS)
    told = town.mailroom.told() | {"on a day of another length": town.on_clock_changes()}
    print(f"{len(town.rows(dt.date.min))} rows, {len(town.log)} events, {town.reasons()}, {told}")
    assert told["snoozed"] and (YEARS < 2 or told["gathered"] and told["left out for it"]), "else it has proved nothing"
    assert YEARS < 10 or REASONS - RARE <= set(town.reasons())
    assert YEARS < 10 or name in STAND_STILL or told["on a day of another length"]
