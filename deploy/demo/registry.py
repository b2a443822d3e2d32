"""The public files of New York City's schools as rows for the importer: sites, partners, programs."""

import csv
import gzip
import os
import re
from collections import Counter, defaultdict

import names
import organizations

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {
    "directory": "hs_directory.csv",
    "after_school": "DYCD_after-school_programs.csv",
    "attendance": "daily_attendance_partner_high_schools.csv.gz",
    "chronic_absence": "chronic_absenteeism.csv.gz",
    "proficiency": "ela.csv.gz",
    "graduation": "graduation.csv.gz",
}
BOROUGHS = {"M": "Manhattan", "X": "Bronx", "K": "Brooklyn", "Q": "Queens", "R": "Staten Island"}
LETTERS = {name: letter for letter, name in BOROUGHS.items()} | {"New York": "M"}


def read(folder, what):
    path = os.path.join(folder, FILES[what])
    if not os.path.exists(path):
        path = path.removesuffix(".gz")
    if path.endswith(".gz"):
        file = gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    else:
        file = open(path, encoding="utf-8-sig", newline="")
    with file:
        return list(csv.DictReader(file))


def curated():
    with open(os.path.join(HERE, "aliases.csv"), encoding="utf-8", newline="") as file:
        return [(row["name"], row["organization"], row["kind"]) for row in csv.DictReader(file)]


# ---- Sites ---------------------------------------------------------------------------------------


def website(text):
    """As a URL, or nothing: the directory has "Bkmusicntheatre.com" and sentences."""
    text = text.strip().rstrip("/")
    if not re.fullmatch(r"(?:https?://)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?(?:/[\w./~%?=&#-]*)?", text):
        return ""
    return text if re.match(r"https?://", text) else "http://" + text


def site(row):
    return {
        "name": row["school_name"].strip(), "kind": "school", "local_id": row["dbn"],
        "network": BOROUGHS[row["dbn"][2]], "level": "high", "grade_low": row["grade_span_min"],
        "grade_high": row["grade_span_max"], "street": row["primary_address_line_1"], "city": row["city"],
        "state": row["state_code"], "postal_code": row["zip"], "phone": row["phone_number"],
        "website": website(row["website"]), "total_students": row["total_students"],
    }


def other_site(dbn, name):
    """A school of which the files tell figures or programs, and no more."""
    return {"name": name or f"School {dbn}", "kind": "school", "local_id": dbn, "network": BOROUGHS[dbn[2]]}


# ---- Partners ------------------------------------------------------------------------------------


def cells_of(directory):
    return [(row["dbn"], column.removeprefix("partner_"), row[column])
            for row in directory for column in row if column.startswith("partner_") and row[column].strip()]


def partner(one):
    aliases = [alias.replace(";", ",") for alias in one.aliases]
    return {"name": one.name, "kind": one.kind, "aliases": "; ".join(aliases), "parent": ""}


def give_parents(rows):
    """A part of a university belongs to it: "New York University Steinhardt School of Education"."""
    keys = {names.key(row["name"]): row["name"] for row in rows if row["kind"] == "higher_ed"}
    for row in rows:
        words = names.key(row["name"]).split()
        for length in range(len(words) - 1, 1, -1):
            whole = keys.get(" ".join(words[:length]))
            if whole and row["kind"] == "higher_ed":
                row["parent"] = whole
                break


# ---- After-school programs -----------------------------------------------------------------------

NUMBERED = re.compile(r"\b(?:[PIM]\.?\s?S\.?|J\.?\s?H\.?\s?S\.?|H\.?\s?S\.?|C\.?\s?E\.?\s?S\.?|School)\.?\s*#?\s*"
                      r"(\d{1,3})\b(?!\w)|\b[KXMQR]\s?-?0*(\d{3})\b", re.I)
SCHOOL = re.compile(r"^(?:[PIM]\.?S\.?|J\.?H\.?S\.?|H\.?S\.?)[ /.]*\d", re.I)


class Schools:
    """Finds a school by what a list of programs calls it."""

    def __init__(self, directory, others):
        self.by_number = defaultdict(set)
        self.by_name = defaultdict(set)
        self.known = {row["dbn"] for row in directory} | set(others)
        for dbn in self.known:
            self.by_number[dbn[2], int(dbn[3:])].add(dbn)
        for row in directory:
            self.by_name[self.bare(row["school_name"])].add(row["dbn"])

    @staticmethod
    def bare(name):
        name = names.key(re.sub(r"\(.*?\)?$", "", name))
        return " ".join(re.sub(r"\b(?:high school|hs|the|for|of|school)\b", " ", name).split())

    def find(self, name, borough):
        """The school's DBN, or None and why."""
        named = re.match(r"(\d\d[MXKQR]\d{3})\b", name)
        if named and named.group(1) in self.known:
            return named.group(1), None
        found = NUMBERED.search(name)
        if found:
            number = int(found.group(1) or found.group(2))
            schools = self.by_number.get((LETTERS.get(borough.strip()), number), ())
        else:
            schools = self.by_name.get(self.bare(name), ())
        if len(schools) == 1:
            return next(iter(schools)), None
        if schools:
            return None, "several schools of the borough have that number"
        return None, "a school that no file of ours has" if found else "a place that is no school"


GRADES = {"Elementary": ["KG", "01", "02", "03", "04", "05"], "Middle School": ["06", "07", "08"],
          "High School": ["09", "10", "11", "12"], "grades 6 to 8": ["06", "07", "08"]}
FOCUS = (("literacy", "literacy"), ("employment", "careers"), ("internship", "careers"),
         ("immig", "family_stability"), ("housing", "safe_housing"), ("famil", "family_engagement"), ("legal", "family_stability"),
         ("domestic violence", "family_stability"), ("health", "health_care"), ("senior", ""))


def agency_name(text):
    """"Henry Street Settlement, Inc. - Brooklyn " is Henry Street Settlement, Inc."""
    text = re.sub(r"\s*-\s*(?:Brooklyn|Bronx|Queens|Manhattan|Staten Island|Bx|Man)\s*$", "", text.strip())
    return re.sub(r"\s*\((?:Brooklyn|Bronx|Queens|Manhattan|Staten Island|Admin.*)\)\s*$", "", text).strip(" ,-")


def program(name, owner, row):
    focus = next((code for word, code in FOCUS if word in (name + row["PROGRAM TYPE"]).lower()), "after_school")
    is_for_families = focus in ("family_engagement", "safe_housing", "family_stability")
    return {"name": name, "partner": owner, "focus_area": focus, "setting": "out_of_school",
            "audience": "families" if is_for_families else "students",
            "grades": "; ".join(GRADES.get(row["Grade Level / Age Group "].strip(), ()))}


class AfterSchool:
    """Programs of the city's list and where they run, of agencies that are partners (or become so)."""

    def __init__(self, rows, partners, schools, adds_partners):
        """Partners: by key, name and aliases of each as rows; new agencies are added to them."""
        self.programs, self.places, self.skipped = {}, {}, Counter()
        self.names = {}  # of schools, as the list calls them
        self.partners = partners
        self.rows_used = 0
        for row in rows:
            self.take(row, schools, adds_partners)

    def take(self, row, schools, adds_partners):
        agency, name = agency_name(row["AGENCY"]), row["PROGRAM"].strip()
        if not agency or SCHOOL.match(agency):
            self.skipped["its agency is a school, or not told"] += 1
            return
        owner = self.partners.get(names.key(agency))
        if owner is None:
            if not adds_partners:
                self.skipped["its agency is no partner here"] += 1
                return
            owner = {"name": agency, "kind": organizations.kind_of(agency, Counter(cbo=1)), "aliases": "",
                     "parent": ""}
            self.partners[names.key(agency)] = owner
        self.rows_used += 1
        name = f"{name}: {owner['name']}"[:200]  # of many agencies there is one: a file names it alone
        key = owner["name"], name
        self.programs.setdefault(key, program(name, owner["name"], row))
        dbn, why = schools.find(row["SITE NAME"], row["BOROUGH / COMMUNITY"])
        if dbn is None:
            self.skipped[f"(program without a site) {why}"] += 1
        elif (*key, dbn) in self.places:
            self.skipped["(program and site) said before"] += 1
        else:
            self.names.setdefault(dbn, row["SITE NAME"].strip())
            self.places[*key, dbn] = {"program": name, "site": dbn}


def partners_by_key(rows):
    found = {}
    for row in rows:
        for name in (row["name"], *filter(None, row["aliases"].split("; "))):
            found.setdefault(names.key(name), row)
    return found
