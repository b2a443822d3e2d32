"""The rules of days, check-ins and reminders written once more, in Python: what tests compare the
server's functions with."""
import datetime as dt
import functools
from zoneinfo import ZoneInfo

RULES = (-14, -3, 0, 3, 10)
DAY = dt.timedelta(days=1)
OPENING_DAYS = 21
UTC = dt.timezone.utc
CADENCES = {"anchor": "quarterly", "partner": "twice_a_year", "supporter": "none", None: "twice_a_year"}
date = dt.date.fromisoformat


def nth_weekday(year, month, weekday, n):
    """Monday is 0; n counts from 1, or backwards from -1."""
    days = [day for day in (dt.date(year, month, 1) + k * DAY for k in range(31))
            if day.month == month and day.weekday() == weekday]
    return days[n - 1 if n > 0 else n]


def federal_holidays(year):
    """On the days on which they are observed; that of the next New Year's Day, too."""
    fixed = [dt.date(year, *day) for day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    fixed.append(dt.date(year + 1, 1, 1))
    observed = {5: -DAY, 6: DAY} # of a Saturday, of a Sunday
    return ({day + observed.get(day.weekday(), 0 * DAY) for day in fixed} | set(fixed)
            | {nth_weekday(year, 1, 0, 3), nth_weekday(year, 2, 0, 3), nth_weekday(year, 5, 0, -1),
               nth_weekday(year, 9, 0, 1), nth_weekday(year, 10, 0, 2), nth_weekday(year, 11, 3, 4)})


@functools.lru_cache(maxsize=None)
def is_holiday(day):
    return day in federal_holidays(day.year) | federal_holidays(day.year - 1)


class Calendar:
    """A district's days, or a site's: ranges of days, both ends included. Without quarters any day is one of term."""

    def __init__(self, zone, closed=(), blackouts=(), quarters=()):
        self.quarters = [(date(a), date(b)) for a, b in quarters]
        self.zone = ZoneInfo(zone)
        self.closed = closed
        self.blackouts = blackouts

    def is_school_day(self, day):
        return (day.weekday() < 5 and not any(a <= day <= b for a, b in self.closed) and not is_holiday(day)
                and (not self.quarters or any(a <= day <= b for a, b in self.quarters)))

    def is_mail_day(self, day):
        return self.is_school_day(day) and not self.is_blackout(day)

    def is_blackout(self, day):
        return any(a <= day <= b for a, b in self.blackouts)

    def is_business_day(self, day):
        return day.weekday() < 5 and not self.is_blackout(day) and not is_holiday(day)

    def days(self, first, last):
        while first <= last:
            yield first
            first += DAY

    def first_mail_day(self, first, last):
        return next((d for d in self.days(first, last) if self.is_mail_day(d)), None)

    def first_business_day(self, first, last):
        return next((d for d in self.days(first, last) if self.is_business_day(d)), None)

    def last_school_day(self, first, last):
        return max((d for d in self.days(first, last) if self.is_school_day(d)), default=None)

    def instant(self, day, hour):
        """fold=0: of a repeated hour the first; of a skipped one, as long after midnight."""
        return dt.datetime(day.year, day.month, day.day, hour, tzinfo=self.zone).astimezone(UTC)

    def today(self, now):
        return now.astimezone(self.zone).date()


def planned(calendar, quarters, cadence, active_on, now):
    """{number: due} of the current quarter and the next, of those given as pairs of dates."""
    today = calendar.today(now)
    spans = [(n, date(a), date(b)) for n, (a, b) in enumerate(quarters, 1)]
    ahead = min((a for _, a, _ in spans if a > today), default=None)
    found = {}
    for number, first, last in spans:
        if not (first <= today <= last or first == ahead):
            continue
        due = calendar.last_school_day(first, last)
        wanted = cadence == "quarterly" or cadence == "twice_a_year" and number in (2, 4)
        if wanted and due and due - OPENING_DAYS * DAY >= active_on:
            found[number] = due
    return found


class Reminders:
    """What reminders_decide() decides for one check-in and one lead a side."""

    def __init__(self, calendar, due, opens, dated_at, hour):
        self.calendar = calendar
        self.due = due
        self.dated_at = dated_at
        self.hour = hour
        self.decided = {}
        self.answered = set()
        self.rules = []
        for rule in RULES:
            first = max(due + rule * DAY, opens) if rule <= 0 else due + rule * DAY
            last = due if rule <= 0 else due + (rule + 14) * DAY
            self.rules.append((rule, first, last, calendar.first_mail_day(first, last)))

    def instants(self):
        """Of all its rules."""
        return [self.calendar.instant(day or first, self.hour) for _, first, _, day in self.rules]

    def tick(self, now):
        today = self.calendar.today(now)
        if abs((self.due - now.date()).days) > 120:
            return # too long ago, or too far away, to be looked at
        for place, (rule, first, last, day) in enumerate(self.rules):
            at = self.calendar.instant(day or first, self.hour)
            if at > now or at < self.dated_at:
                continue
            following = self.rules[place + 1][3] if place + 1 < len(self.rules) else None
            sends = self.calendar.first_mail_day(max(today, first), last)
            for side in ("district", "partner"):
                why = None
                if day is None:
                    why = "blackout"
                elif side in self.answered:
                    why = "already_done"
                elif sends is None or following and following <= sends:
                    why = "stale"
                self.decided.setdefault((rule, side), (why, sends or first))
