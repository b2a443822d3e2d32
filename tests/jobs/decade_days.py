"""A district's days as its people know them, with what sites have of their own: part of the model of a decade
(test_decade.py), written from the rules and not from the server's functions."""
import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from check_in_model import DAY, UTC, is_holiday


@dataclass
class Span:
    """Days that are closed, open all the same, or without mail; of the district, or of a site. Both ends included."""
    first: dt.date
    last: dt.date
    site: str | None = None
    is_open: bool = False
    at: dt.datetime | None = None # since when somebody knows of it

    def covers(self, day, site):
        return self.first <= day <= self.last and self.site in (None, site)


@dataclass
class Days:
    zone: str
    hour: int = 9
    until_hour: int = 18
    opens_on_holidays: bool = False
    zones: dict = field(default_factory=dict)  # of sites that have one of their own
    quarters: dict = field(default_factory=dict)  # (school year, number): (first, last)
    site_quarters: dict = field(default_factory=dict)  # (site, school year, number)
    closures: dict = field(default_factory=dict)
    blackouts: dict = field(default_factory=dict)
    known: dict = field(default_factory=dict)  # what was asked before; nothing once the calendar has changed

    def changed(self):
        self.known.clear()

    def zone_of(self, site):
        return ZoneInfo(self.zones.get(site) or self.zone)

    def today(self, now, site=None):
        return now.astimezone(self.zone_of(site)).date()

    def instant(self, day, hour, site=None):
        """fold=0: of a repeated hour the first; of a skipped one, as long after midnight."""
        return dt.datetime(day.year, day.month, day.day, hour, tzinfo=self.zone_of(site)).astimezone(UTC)

    def mail_hour(self, day, site=None):
        return self.instant(day, self.hour, site)

    def spans(self, site):
        """The quarters as the site has them."""
        return {key: self.site_quarters.get((site, *key), span) for key, span in self.quarters.items()}

    def is_term_day(self, day, site):
        """A year runs from July to June; July is still the last one's, too, until the next one is entered."""
        if is_holiday(day) and not self.opens_on_holidays:
            return False
        years = {day.year + (day.month >= 7)} | ({day.year} if day.month == 7 else set())
        spans = [span for (year, _), span in self.spans(site).items() if year in years]
        return not spans or any(first <= day <= last for first, last in spans)

    def is_school_day(self, day, site=None):
        if (day, site) not in self.known:
            self.known[day, site] = self.find_school_day(day, site)
        return self.known[day, site]

    def find_school_day(self, day, site):
        found = [span for span in self.closures.values() if span.covers(day, site)]
        if any(span.site is not None and not span.is_open for span in found):
            return False
        if any(span.is_open for span in found):
            return True
        return not found and day.weekday() < 5 and self.is_term_day(day, site)

    def is_blackout(self, day, site=None):
        return any(span.covers(day, site) for span in self.blackouts.values())

    def is_closed_since(self, day, site, at):
        return not self.is_school_day(day, site) and any(
            span.covers(day, site) and not span.is_open and span.at > at for span in self.closures.values())

    def is_mail_day(self, day, site=None):
        return self.is_school_day(day, site) and not self.is_blackout(day, site)

    def first_mail_day(self, first, last, site=None):
        while first <= last and not self.is_mail_day(first, site):
            first += DAY
        return first if first <= last else None

    def due_day(self, span, site):
        """The last school day of a quarter."""
        first, last = span
        while first <= last and not self.is_school_day(last, site):
            last -= DAY
        return last if first <= last else None
