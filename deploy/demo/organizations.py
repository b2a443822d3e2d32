"""Organizations in free text: "Global Kids, Partnership with Children, Inc., The Door and Henry Street
Settlement" are four partners, and none of them is "Inc".

names.py cuts a text where a list is cut, and says which pieces are names. Names are the same organization
when their keys are the same, when somebody wrote both ("New York University (NYU)"), when one is a slip
of the other, or when aliases.csv says so. A first reading of all texts learns the names; the second uses
them where a cut is a guess: at "and" and "/", behind "Program at", and in sentences.
"""

import re
from collections import Counter, defaultdict

from names import LEGAL, NO_NAME, cut, is_slip, key, looks_like_name, parted, read, trimmed

# ---- What kind of organization it is -------------------------------------------------------------

GOVERNMENT = re.compile(
    r"\b(?:department|nypd|fdny|district attorney|council ?(?:member|man|woman)|borough president|"
    r"office of the mayor|mayor's office|police department|(?:supreme|criminal|family) court|unified court|"
    r"city council|"
    r"senator|assembly ?(?:member|man|woman)|commission on|administration|authority|comptroller|"
    r"(?:us|u\.s\.|states) (?:army|navy|air force|marines?)|army base|precinct|fire department|sanitation|"
    r"embassy|consulate|federal reserve|us attorney|dycd|nasa|noaa|national park service|postal service)\b", re.I)
FAITH = re.compile(r"\b(?:church(?:es)?|parish|diocese|archdiocese|congregations?|synagogue|temple|ministr(?:y|ies)|"
                   r"catholic charities|salvation army|lutheran family|clergy|baptist|islamic|mosque|"
                   r"episcopal|christian fellowship)\b", re.I)
HIGHER = re.compile(r"\b(?:university|college|suny|cuny|polytechnic|conservatory|law school|"
                    r"school of (?:law|medicine|nursing|visual arts|music|engineering)|institute of technology|juilliard)\b", re.I)
NO_HIGHER = re.compile(r"\b(?:college (?:board|summit|bound|access|for every|now|confident|match|initiative|fund|"
                       r"directions|advising|possible|prep|goal|forward|connections?)|collegebound|hospital|"
                       r"health|press|settlement|club|foundation|universityfund)\b", re.I)
SCHOOL = re.compile(r"\b(?:institute|academy|school|union)\b", re.I)
FIRM = re.compile(rf"(?:,?\s(?:{LEGAL}|co|corp)\.?$)|\b(?:bank|law firm|attorneys|architects|construction|group|"
                  r"partners|engineering|grill|fitness|woodworking|media|magazine|securities|"
                  r"capital|insurance|credit union|chase|restaurant|hotel)\b", re.I)
KIND_OF_COLUMN = {"cbo": "nonprofit", "hospital": "nonprofit", "highered": "higher_ed", "cultural": "nonprofit",
                  "nonprofit": "nonprofit", "corporate": "business", "financial": "business", "other": "other"}


def kind_of(name, columns):
    """By its name where that tells, else by the columns that mention it."""
    if GOVERNMENT.search(name):
        return "government"
    if HIGHER.search(name) and not NO_HIGHER.search(name):
        return "higher_ed"
    if FAITH.search(name) and not HIGHER.search(name):
        return "faith_based"
    votes = Counter()
    for column, count in columns.items():
        votes[KIND_OF_COLUMN[column]] += count
    (first, _), = votes.most_common(1)
    if first == "higher_ed":  # or programs of colleges and for them
        return "higher_ed" if SCHOOL.search(name) else "nonprofit"
    if first == "other":
        return "business" if FIRM.search(name) else "nonprofit"
    return first


# ---- All texts together --------------------------------------------------------------------------


# What parts an organization from what is its own: where it stands, behind or before.
OWNERS = [(re.compile(pattern), is_behind) for pattern, is_behind in (
    (r"^(?:CUNY|SUNY|City University of New York)[\s-]+", True),
    (r",? (?:CUNY|SUNY)$", False),
    (r"(?:'s|s')\s+", False),
    (r"\s+(?:at|with|from|by|sponsored by)\s+(?:the\s+)?", True),
    (r"\s+(?=(?:[A-Z]\S* ){0,3}(?:Programs?|Partnership|Project|Scholars|Initiative|Mentoring|Fellowship|Fellows|"
     r"Club|Scholarship|Now|Upward Bound|Talent Search|STEP|Choir|Band|Gear Up|Internships?|Squad)$)", False),
)]


class Organization:
    def __init__(self):
        self.names = Counter()  # as written
        self.acronyms = Counter()  # written behind a name, in parentheses
        self.columns = Counter()
        self.schools = set()
        self.name = None
        self.kind = None

    @property
    def mentions(self):
        return sum(self.columns.values())

    @property
    def aliases(self):
        kept, seen = [], {self.name.lower()}
        for name, _ in sorted((self.names + self.acronyms).items(), key=lambda one: (-one[1], one[0])):
            if name.lower() not in seen:
                seen.add(name.lower())
                kept.append(name)
        return kept


class Reader:
    """Learns names from all texts, then reads each."""

    def __init__(self, curated=()):
        """Curated: a name, the organization whose it is ("": of none), and perhaps its kind."""
        self.curated = {key(name): whose for name, whose, _ in curated}
        self.counts = Counter()
        self.pairs = defaultdict(Counter)  # acronym: full names
        self.acronyms = defaultdict(Counter)  # the other way, as written
        self.same = {}
        self.prose = []
        self.frequent = set()

    def canonical(self, of_key):
        seen = set()
        while of_key not in seen:
            seen.add(of_key)
            of_key = key(self.curated[of_key]) if of_key in self.curated else self.same.get(of_key, of_key)
        return of_key

    def is_known(self, name, least=1):
        one = key(name)
        if one in self.curated:
            return self.curated[one] != ""
        return self.counts[self.canonical(one)] >= least

    def learn(self, texts):
        for text in texts:
            for name, others in filter(None, map(read, cut(text))):
                self.counts[key(name)] += 1
                for other in others:
                    self.pairs[key(other)][key(name)] += 1
                    self.acronyms[key(name)][other] += 1
        for whose in self.curated.values():
            if whose:
                self.counts[key(whose)] += 2  # known, even if it stands nowhere
        self.join_acronyms()
        self.join_slips()
        for one, count in list(self.counts.items()):
            if self.canonical(one) != one:
                self.counts[self.canonical(one)] += count
        words = [one for one, count in self.counts.items()
                 if count >= 2 and len(one.split()) >= 2 and self.canonical(one) == one
                 and not NO_NAME.match(one) and self.curated.get(one) != ""]
        self.prose = sorted(words, key=lambda one: (-len(one), one))
        self.frequent = {one for one in self.prose if self.counts[one] >= 4}

    def join_acronyms(self):
        """An acronym is the name behind which it stands more often than behind all others."""
        for short, full in self.pairs.items():
            best, count = full.most_common(1)[0]
            if short not in self.curated and short not in full and count * 2 > sum(full.values()):
                self.same[short] = best

    def join_slips(self):
        """The rarer of two is the slip."""
        order = sorted(self.counts, key=lambda one: (-self.counts[one], one))
        groups = defaultdict(list)  # slips share a beginning or an end
        for one in order:
            for mark in dict.fromkeys((one[:4], one[-4:], one.replace(" ", "")[:6])):
                groups[mark].append(one)
        for group in groups.values():
            for n, rarer in enumerate(group):
                for better in group[:n]:
                    if (rarer not in self.same and rarer not in self.curated and is_slip(better, rarer)
                            and self.canonical(better) != rarer):
                        self.same[rarer] = better

    # ---- Reading with what was learned -----------------------------------------------------------

    def unglued(self, words):
        """"Monroe College York College": names one after the other, all of them frequent."""
        for at in range(2, len(words) - 1):
            first, rest = " ".join(words[:at]), " ".join(words[at:])
            if key(first) in self.frequent:
                more = [trimmed(rest)] if key(rest) in self.frequent else self.unglued(words[at:])
                if more:
                    return [first, *more]
        return None

    def split_known(self, name):
        """Where "and", "&", "/", or nothing joins two organizations, and not the words of one."""
        if self.is_known(name, 2):
            return [name]
        glued = self.unglued(name.split())
        if glued:
            return glued
        for mark in re.finditer(r"\s+(?:and|&)\s+|\s*/\s*|\s+-\s+", name):
            first, rest = trimmed(name[:mark.start()]), trimmed(name[mark.end():])
            if first and rest and self.is_known(first):
                if "-" in mark.group(0):  # "Global Kids - Brooklyn"
                    return [first]
                if self.is_known(rest):
                    return self.split_known(first) + self.split_known(rest)
        return [name]

    def whose(self, name):
        """"Brooklyn College's TRIO", "Scholars Program at Columbia University": whose program it is."""
        if self.is_known(name, 2):
            return name
        for pattern, is_behind in OWNERS:
            for mark in pattern.finditer(name):
                part = trimmed(name[mark.end():] if is_behind else name[:mark.start()])
                if len(part.split()) >= (2 if is_behind else 1) and self.is_known(part, 2):
                    return part
        return name

    def in_prose(self, piece):
        """Known names that a sentence mentions."""
        text = f" {key(piece)} "
        found = []
        for one in self.prose:
            if f" {one} " in text:
                text = text.replace(f" {one} ", " | ")
                found.append(one)
        return found

    def mentions(self, text):
        """[(key, name as written, or None when a sentence mentions it)] of one text, each key once."""
        found, seen = [], set()

        def add(one, name):
            one = self.canonical(one)
            if one and one not in seen:
                seen.add(one)
                found.append((one, name))

        for piece in cut(text):
            got = read(piece)
            if not got:
                bare = trimmed(parted(piece)[0])
                if self.is_known(bare, 2) and not NO_NAME.match(bare):
                    add(key(bare), bare)
                for one in self.in_prose(piece):
                    add(one, None)
                continue
            for name in self.split_known(got[0]):
                name = self.whose(name)
                if self.curated.get(key(name)) != "" and (looks_like_name(name) or self.is_known(name)):
                    add(key(name), name)
        return found


def organizations(cells, curated=()):
    """Of cells (school, column, text): the organizations by key, and the mentions (school, column,
    text, key, name as written)."""
    reader = Reader(curated)
    reader.learn(text for _, _, text in cells)
    found, mentions = defaultdict(Organization), []
    for school, column, text in cells:
        for one, name in reader.mentions(text):
            organization = found[one]
            if name:
                organization.names[name] += 1
            organization.columns[column] += 1
            organization.schools.add(school)
            mentions.append((school, column, text, one, name))
    for one, written in reader.acronyms.items():
        if reader.canonical(one) in found:
            found[reader.canonical(one)].acronyms.update(written)
    wanted = {key(whose): whose for _, whose, _ in curated if whose}
    kinds = {key(whose): kind for _, whose, kind in curated if kind}
    for one, organization in found.items():
        organization.name = wanted.get(one) or best_name(organization.names) or one.title()
        organization.kind = kinds.get(one) or kind_of(organization.name, organization.columns)
    return dict(found), mentions


def best_name(names):
    """The name most written; of equals the one with its article and capitals in the usual way."""
    if not names:
        return None
    most = max(names.values())
    good = [name for name, count in names.items() if count == most]
    return min(good, key=lambda name: (name.isupper(), "/" in name, len(name), name))
