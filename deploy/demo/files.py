"""The demo's files, and how their dates become those of another school year."""

import csv
import os
from datetime import date

from synthetic import YEAR

# In this order references lead to what is there. "calendar" is no file: it follows from the year.
ORDER = (
    ("networks", "networks"), ("users", "users"), ("sites", "sites"), ("calendar", None),
    ("partners", "partners"), ("contacts", "contacts"), ("affiliations", "affiliations"),
    ("programs", "programs"), ("program_sites", "program_sites"), ("partnerships", "partnerships"),
    ("partnership_sites", "partnership_sites"), ("partnership_roles", "partnership_roles"),
    ("goals", "goals"), ("agreements", "agreements"),
    ("agreement_partnerships", "agreement_partnerships"), ("investments", "investments"),
    ("attendance", "observations"), ("chronic_absence", "observations"),
    ("proficiency", "observations"), ("graduation", "observations"), ("served", "observations"),
)
# The newest year of those that are final when a school year ends.
NEWEST = {"chronic_absence": 2019, "proficiency": 2019, "graduation": 2019}
DATES = ("from_date", "until_date", "starts_on", "ends_on", "baseline_on", "due_on", "effective_on",
         "expires_on", "period_start", "as_of")


def read(folder, name):
    """Its rows; none when it is not there."""
    path = os.path.join(folder, name + ".csv")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def later(text, years):
    """The same day so many years later; of a leap day the last of February."""
    day = "28" if text[5:] == "02-29" else text[8:]
    return f"{int(text[:4]) + years:04d}-{text[5:7]}-{day}"


def is_over(row, today):
    """A figure's month or year has ended."""
    start = date.fromisoformat(row["period_start"])
    if row["period_kind"] == "month":
        end = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    else:
        end = date(start.year + 1, 7, 1)
    return end <= today


def moved(rows, name, year, today):
    """As if the school year of the files were that one, or, of what is told at a year's end, the one
    before. Figures of what is not over are left out, and a figure is not from the future."""
    years = year - 1 - NEWEST[name] if name in NEWEST else year - YEAR
    found = []
    for row in rows:
        row = dict(row)
        for column in DATES:
            if row.get(column):
                row[column] = later(row[column], years)
        if "school_year" in row:
            row["school_year"] = str(int(row["school_year"]) + years)
        if "period_kind" not in row or is_over(row, today):
            found.append(row)
    return found


def waves(rows):
    """Rows in files of their own, so that each one's parent is there before it."""
    there, left = set(), rows
    while left:
        ready, waiting = [], []
        for row in left:
            (waiting if row.get("parent") and row["parent"] not in there else ready).append(row)
        if not ready:
            yield waiting  # the importer says what is missing
            return
        yield ready
        there |= {row.get("name") for row in ready}
        left = waiting
