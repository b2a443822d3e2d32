"""Published figures as rows of observations: a month's attendance of daily percentages, a year's counts
of rates. What was not submitted or is suppressed stays what it is: the importer tells the reason.

A percentage has no weight of its own. That of a day is of the students enrolled, so a month's figure is
the mean of its days times the enrollment: the students attending on an average day, of those enrolled.
The enrollment is the directory's; where that says N/A there is no weight, and the row says N/A.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

COLUMNS = ("indicator", "site", "school_year", "period_kind", "period_start", "numerator", "denominator",
           "source", "as_of")
LEAST_DAYS = 5  # of a month; fewer tell of themselves alone


def hundredths(value):
    return str(Decimal(value).quantize(Decimal("0.01"), ROUND_HALF_UP))


def school_year_of(day):
    """Named by the year in which it ends; day is YYYY-MM-DD."""
    return int(day[:4]) + (day[5:7] >= "07")


def months_of(daily, enrollment):
    """Rows of the daily file (date, dbn, attendance_pct), as months; of schools in `enrollment` alone."""
    days, missed = defaultdict(dict), defaultdict(int)
    for row in daily:
        day = f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}"
        if row["dbn"] not in enrollment:
            continue
        if row["attendance_pct"] == "NS":
            missed[row["dbn"], day[:7]] += 1
        else:
            days[row["dbn"], day[:7]][day] = Decimal(row["attendance_pct"])
    for school, month in sorted(set(days) | set(missed)):
        found = days[school, month]
        reported, asked = len(found), len(found) + missed[school, month]
        numerator, denominator = "NS", enrollment[school]
        if reported >= LEAST_DAYS:
            mean = sum(found.values()) / reported
            numerator = hundredths(mean) + "%"
            if denominator.isdigit():
                numerator = hundredths(mean * int(denominator) / 100)
        yield {"indicator": "attendance_rate", "site": school, "school_year": school_year_of(month + "-01"),
               "period_kind": "month", "period_start": month + "-01", "numerator": numerator,
               "denominator": denominator,
               "source": f"NYC DOE daily attendance, {reported} of {asked} days",
               "as_of": max(found, default="")}


def year_row(indicator, row, numerator, denominator, source):
    year = int(row["school_year"][:4]) + 1
    return {"indicator": indicator, "site": row["DBN"], "school_year": year, "period_kind": "school_year",
            "period_start": f"{year - 1}-07-01", "numerator": numerator, "denominator": denominator,
            "source": source, "as_of": ""}


def count_of(rate, whole):
    """The whole number of people that the rate is of them."""
    return str((Decimal(rate) * Decimal(whole) / 100).quantize(Decimal(1), ROUND_HALF_UP))


def chronic_absence(rows):
    """Count and rate: the whole follows from them, but from none at 0 %."""
    for row in rows:
        count, rate = row["chronic_absent_count"], row["chronic_absent_rate"]
        numerator, denominator = row["chronic_absent_rate_label"], ""
        if count and rate:
            numerator = str(int(Decimal(count)))
            if Decimal(rate):
                denominator = str((Decimal(count) * 100 / Decimal(rate)).quantize(Decimal(1), ROUND_HALF_UP))
        yield year_row("chronic_absence", row, numerator, denominator, "NYC DOE InfoHub: chronic absenteeism")


def rates(rows, indicator, whole, rate, source):
    """A rate of a whole that is told."""
    for row in rows:
        size = str(int(Decimal(row[whole])))
        numerator = count_of(row[rate], size) if row[rate] else row[rate + "_label"]
        yield year_row(indicator, row, numerator, size, source)


def proficiency(rows):
    return rates(rows, "proficiency", "ela_number_tested", "ela_pct_proficient",
                 "NYC DOE InfoHub: English language arts, grades 3 to 8")


def graduation(rows):
    return rates(rows, "graduation_rate", "cohort_size", "graduation_rate",
                 "NYC DOE InfoHub: four-year graduation")
