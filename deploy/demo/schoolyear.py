"""School years by rule: reporting quarters and closed days, as New York City's calendar has them but for
the holidays that follow the moon. A school year is named by the year in which it ends."""

from datetime import date, timedelta

DAY = timedelta(days=1)


def of(day):
    return day.year + (day.month >= 7)


def nth(weekday, number, year, month):
    """The number-th of that weekday (Monday is 0) in the month; -1: the last."""
    if number < 0:
        day = date(year + month // 12, month % 12 + 1, 1) - DAY
        return day - DAY * ((day.weekday() - weekday) % 7)
    day = date(year, month, 1)
    return day + DAY * ((weekday - day.weekday()) % 7 + 7 * (number - 1))


def easter(year):
    """Sunday, by the anonymous Gregorian algorithm (Nature, 1876)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def quarters(year):
    bounds = [date(year - 1, 7, 1), date(year - 1, 10, 1), date(year, 1, 1), date(year, 4, 1), date(year, 7, 1)]
    return [{"school_year": year, "number": n + 1, "starts_on": first.isoformat(),
             "ends_on": (bounds[n + 1] - DAY).isoformat()} for n, first in enumerate(bounds[:-1])]


def closed_days(year):
    fall, spring = year - 1, year
    labor_day, thanksgiving = nth(0, 1, fall, 9), nth(3, 4, fall, 11)
    presidents, good_friday = nth(0, 3, spring, 2), easter(spring) - 2 * DAY
    days = [
        (date(fall, 7, 1), labor_day + 2 * DAY, "Summer"),
        (nth(0, 2, fall, 10), None, "Indigenous Peoples' Day"),
        (nth(0, 1, fall, 11) + DAY, None, "Election Day"),
        (date(fall, 11, 11), None, "Veterans Day"),
        (thanksgiving, thanksgiving + DAY, "Thanksgiving"),
        (date(fall, 12, 24), date(spring, 1, 1), "Winter recess"),
        (nth(0, 3, spring, 1), None, "Martin Luther King Jr. Day"),
        (presidents, presidents + 4 * DAY, "Midwinter recess"),
        (good_friday, good_friday + 7 * DAY, "Spring recess"),
        (nth(0, -1, spring, 5), None, "Memorial Day"),
        (date(spring, 6, 19), None, "Juneteenth"),
        (date(spring, 6, 27), date(spring, 6, 30), "Summer begins"),
    ]
    return [{"starts_on": first.isoformat(), "ends_on": last.isoformat() if last else "", "reason": reason}
            for first, last, reason in days]
