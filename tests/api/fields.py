"""What each resource's fields take, said a second time, by hand: the tests' side of the contract.

A row names the field's type and limits; `good` and `bad` are values made of it, the bad ones with
the code of their fault. Values at a limit are good, those one past it bad.
"""

import datetime as dt
import itertools
import uuid
from dataclasses import dataclass, field as member

TEXT, LONG, EMAIL, URL, UUID, ENUM, INT, BOOL, LOCALE, ZONE, LIST, DATE, DECIMAL = range(13)
WRONG_TYPES = {
    TEXT: (1, True, [], {}),
    LONG: (1, True, [], {}),
    EMAIL: (1, True, [], {}),
    URL: (1, True, [], {}),
    UUID: (1, True, [], {}),
    ENUM: (1, True, [], {}),
    INT: ("1", True, [], {}, 1.5, 1e3),
    BOOL: ("true", 1, [], {}),
    LOCALE: (1, True, [], {}),
    ZONE: (1, True, [], {}),
    LIST: ("x", 1, True, {}),
    DATE: (20260701, True, [], {}),
    DECIMAL: (1.5, True, [], {}),
}


@dataclass
class Field:
    type: int
    min: int = 0
    max: int = 0
    required: bool = False
    nullable: bool = True
    default: object = None
    values: tuple = ()
    item: object = None
    pattern: bool = False  # digits only, as many as max
    color: bool = False  # "#rrggbb", dark enough
    word: bool = False  # of small letters, digits and "_"
    scale: int = 0  # digits after the point
    needed: str = ""  # null is refused, about this field
    alone: dict = member(default_factory=dict)  # what a good value needs beside it

    def good(self):
        """Good values as (sent, canonical)."""
        return [(sent, sent if canonical is ... else canonical) for sent, canonical in self._good()]

    def _good(self):
        if self.pattern:
            yield "0" * (self.max - 1) + "7", ...
            yield f"  {'1' * self.max}\t", "1" * self.max
        elif self.color:
            yield "#0b5d4e", ...
            yield " #A1161C ", "#a1161c"
        elif self.word:
            yield "a" * self.max, ...
            yield " a_1 ", "a_1"
        elif self.type == TEXT:
            yield from ((letter * self.max, ...) for letter in ("a", "é", "😀"))
            yield "a" * max(self.min, 1), ...
            yield " \t padded \v\f\r\n ", "padded"
            yield "back\\slash \"quoted\" / <b> ' -- %s $1", ...
            yield "a  b\u00a0c", ...
            if self.min == 0:
                yield "", ...
        elif self.type == LONG:
            yield from ((letter * self.max, ...) for letter in ("a", "é", "😀"))
            yield " two\n\tlines ", ...
            if self.min == 0:
                yield "", ...
        elif self.type == EMAIL:
            yield " Mary.O'Neil+Tag@Example.ORG ", "mary.o'neil+tag@example.org"
            yield email_of(254), ...
        elif self.type == URL:
            yield "https://example.org/a?b=c#d", ...
            yield url_of(2000), ...
        elif self.type == ENUM:
            yield from ((value, ...) for value in self.values)
        elif self.type == INT:
            yield self.min, ...
            yield self.max, ...
        elif self.type == BOOL:
            yield True, ...
            yield False, ...
        elif self.type == LOCALE:
            yield "es", ...
        elif self.type == ZONE:
            yield "America/Chicago", ...
            yield "UTC", ...
            yield "America/Argentina/Buenos_Aires", ...
        elif self.type == DECIMAL:
            zeros = "0" * self.scale
            for number in {0, self.min, self.max}:
                yield number, f"{number}.{zeros}"
                yield str(number), f"{number}.{zeros}"
            if self.max > 1:
                yield "1." + zeros[1:] + "5", ...
        elif self.type == DATE:
            yield "2028-02-29", ...
            yield "2026-07-01", ...
        elif self.type == LIST and self.item.type == ENUM:
            yield list(self.item.values), ...
            yield list(self.item.values[::-1]), ...  # the order is the client's
            yield [], ...
        elif self.type == LIST and self.item.type == INT:
            yield [self.item.max, self.item.min], ...  # the order is the client's
            yield list(range(self.item.min, self.item.min + self.max)), ...
            yield [], ...
        elif self.type == LIST and self.item.type == EMAIL:
            yield [" Mary@Example.ORG ", "ann@example.org"], ["mary@example.org", "ann@example.org"]
            yield [f"a{number}@example.org" for number in range(self.max)], ...
            yield [], ...
        elif self.type == LIST:
            most = [f"en-{number:03}" for number in range(self.max)]
            if self.item.type == TEXT:
                most = [str(number).zfill(3) for number in range(self.max)]
                yield ["a" * self.item.max], ...
                yield [" b ", "a"], ["b", "a"]  # the order is the client's
            else:
                yield ["EN", "zh-hans-cn"], ["en", "zh-Hans-CN"]
                most[0] = "en"
            yield most, ...
            yield most[: self.min], ...

    def bad(self):
        """Bad values as (sent, code)."""
        yield from ((value, "wrong_type") for value in WRONG_TYPES[self.type])
        if not self.nullable:
            yield None, "not_null"
        yield from self._bad()

    def _bad(self):
        if self.pattern:
            yield "1" * (self.max - 1), "too_short"
            yield "1" * (self.max + 1), "too_long"
            yield "1" * (self.max - 1) + "x", "not_allowed"
            yield "1" * (self.max - 1) + "²", "not_allowed"
            yield "", "too_short"
        elif self.color:
            yield "#0b5d4", "too_short"
            yield "#0b5d4e0", "too_long"
            yield from ((text, "not_allowed") for text in ("0b5d4e0", "#0b5d4g", "#ffffff", "#7a7a7a"))
        elif self.word:
            yield "a" * (self.max + 1), "too_long"
            yield "", "too_short"
            yield from ((text, "not_allowed") for text in ("A", "é", "a b", "a-b"))
        elif self.type in (TEXT, LONG):
            yield from ((letter * (self.max + 1), "too_long") for letter in ("a", "é", "😀"))
            yield from ((f"a{c}b", "control_character") for c in "\u0001\u001f\u007f\u0085\r")
            if self.type == TEXT:
                yield "a\nb", "control_character"
            if self.min:
                yield "", "too_short"
                yield " \t ", "too_short"
        elif self.type == EMAIL:
            yield from ((text, "invalid_email") for text in ("a", "a@b", "@example.org", "a@@b.c"))
            yield from ((text, "invalid_email") for text in ("", "a..b@c.org", "a b@c.org"))
            yield "a@-c.org", "invalid_email"
            yield "é@example.org", "email_not_ascii"
            yield email_of(255), "too_long"
        elif self.type == URL:
            yield from (
                (text, "invalid_url")
                for text in (
                    "",
                    "example.org",
                    "ftp://example.org",
                    "javascript:alert(1)",
                    "https://",
                    "https://u:p@example.org",
                    "https://example.org/a b",
                    "https://example.org:65536/",
                    "https://éxample.org/",
                )
            )
            yield url_of(2001), "too_long"
        elif self.type == UUID:
            yield from ((text, "invalid_uuid") for text in ("", "x", "0" * 32, "g" * 36))
        elif self.type == ENUM:
            yield from ((text, "not_in_enum") for text in ("", "nothing", self.values[0].upper()))
        elif self.type == INT:
            yield self.min - 1, "too_small"
            yield self.max + 1, "too_large"
            yield 2**63 - 1, "too_large"
            yield -(2**63), "too_small"
        elif self.type == LOCALE:
            yield from ((text, "invalid_locale") for text in ("", "e", "english", "en_US", "en-"))
        elif self.type == ZONE:
            yield from ((text, "invalid_zone") for text in ("", "a b", "../etc/passwd", "/UTC"))
            yield "America/Nowhere", "not_allowed"
        elif self.type == DECIMAL:
            yield from ((text, "invalid_number") for text in ("", "x", "1,5", "1e3", "+1", ".5", "1."))
            yield "0." + "1" * (self.scale + 1), "too_precise"
            yield f"{self.max}." + "0" * (self.scale - 1) + "1", "too_large"
            yield str(self.max * 10), "too_large"
            yield str(self.min - 1), "too_small"
        elif self.type == DATE:
            yield from (
                (text, "invalid_date")
                for text in ("", "2026-02-29", "2026-13-01", "2026-7-1", "07/01/2026", "20260701")
            )
            yield "2026-07-01T00:00:00Z", "invalid_date"
        elif self.type == LIST:
            good = {
                TEXT: lambda n: f"a{n}",
                EMAIL: lambda n: f"a{n}@example.org",
                INT: lambda n: self.item.min + n,
                LOCALE: lambda n: f"en-{n:03}",
                ENUM: lambda n: self.item.values[n % len(self.item.values)],
            }[self.item.type]
            yield [good(n) for n in range(self.max + 1)], "too_many_items"
            if self.min:
                yield [], "too_few_items"


def email_of(length):
    return f"{'a' * 64}@{'.'.join(['b' * 63] * 3)}"[: length - 4] + ".org"


def url_of(length):
    return "https://example.org/".ljust(length, "a")


def text(**more):
    return Field(TEXT, max=255, **more)


def line(minimum=1):
    return Field(TEXT, min=minimum, max=255)


def address():
    return {name: text() for name in ("street", "city", "state", "postal_code")}


def name():
    return Field(TEXT, min=1, max=200, required=True, nullable=False)


def enum(*values, **more):
    return Field(ENUM, values=values, **more)


def some(*values):
    """A list of what an enum has."""
    return Field(LIST, max=len(values), nullable=False, default=[], item=enum(*values))


def needed(of_type, **more):
    return Field(of_type, required=True, nullable=False, **more)


def span():
    """When something holds; in a subject the other end is left open."""
    return {
        "from_date": Field(DATE, alone={"until_date": None}),
        "until_date": Field(DATE, alone={"from_date": None}),
    }


def days():
    return {
        "starts_on": needed(DATE, alone={"ends_on": "2099-12-31"}),
        "ends_on": needed(DATE, alone={"starts_on": "2000-01-01"}),
    }


def quarter_days():
    """Of no more days than the good values of both need: two quarters never have the same."""
    return {
        "starts_on": needed(DATE, alone={"ends_on": "2028-02-29"}),
        "ends_on": needed(DATE, alone={"starts_on": "2026-07-01"}),
    }


def measure(**alone):
    most = 10**12 - 1
    return Field(DECIMAL, min=-most, max=most, scale=6, alone=alone)


FIELDS = {
    "partners": {
        "name": name(),
        "aliases": Field(
            LIST, max=100, nullable=False, default=[], item=Field(TEXT, min=1, max=200)
        ),
        "parent_id": Field(UUID),
        "kind": enum(
            "business",
            "nonprofit",
            "higher_ed",
            "faith_based",
            "government",
            "service_center",
            "civic",
            "other",
            required=True,
            nullable=False,
        ),
        "tier": enum("supporter", "partner", "anchor"),
        "ein": Field(TEXT, min=9, max=9, pattern=True),
        "website": Field(URL),
        "email": Field(EMAIL),
        "phone": text(),
        **address(),
        "description": Field(LONG, max=10000),
        "strengths": Field(LONG, max=10000),
        "innovation": Field(LONG, max=10000),
        "reach": enum("one_school", "nearby", "district"),
        "funding_types": some(
            *"federal state local foundation corporate individual medicaid other".split()
        ),
        "in_directory": Field(BOOL, nullable=False, default=False),
        "culture_notes": Field(LONG, max=10000),
        "language_notes": Field(LONG, max=10000),
        "owner_id": Field(UUID),
        "lead_site_id": Field(UUID),
    },
    "sites": {
        "name": name(),
        "kind": enum("school", "department", required=True, nullable=False),
        "status": enum("planned", "open", "closed", nullable=False, default="open"),
        "merged_into": Field(UUID),
        "network_id": Field(UUID),
        "local_id": line(),
        "state_id": line(),
        "nces_id": Field(TEXT, min=12, max=12, pattern=True),
        "level": enum("elementary", "middle", "high", "k8", "k12", "other"),
        "grade_low": text(),
        "grade_high": text(),
        **address(),
        "zone": Field(ZONE),
        "website": Field(URL),
        "phone": text(),
        "email": Field(EMAIL),
    },
    "policies": {
        "title": name(),
        "text": Field(LONG, min=1, max=20000, required=True, nullable=False),
        "statement": Field(LONG, max=10000),
        "statement_by": text(),
    },
    "site_years": {
        "site_id": needed(UUID),
        "school_year": needed(INT, min=2000, max=2100),
        "enrollment": Field(INT, max=10**6),
        "title_i": Field(BOOL),
        "economic_need": Field(DECIMAL, max=100, scale=2),
        "as_of": Field(DATE),
        "source": text(),
    },
    "tags": {
        "name": Field(TEXT, min=1, max=64, required=True, nullable=False),
        "description": Field(LONG, max=10000),
    },
    "templates": {
        "kind": enum(
            "agreement",
            "vision",
            "message",
            "thank_you",
            "introduction",
            "story",
            "report",
            "other",
            required=True,
            nullable=False,
        ),
        "name": name(),
        "locale": Field(LOCALE, nullable=False, default="en"),
        "subject": text(),
        "text": Field(LONG, min=1, max=20000, required=True, nullable=False),
    },
    "posts": {
        "site_id": Field(UUID, alone={"network_id": None}),
        "network_id": Field(UUID, alone={"site_id": None}),
        "kind": enum(
            "superintendent",
            "network_lead",
            "principal",
            "partnership_lead",
            "family_liaison",
            "other",
            required=True,
            nullable=False,
        ),
        "title": name(),
        "reports_to_id": Field(UUID),
    },
    "post_holders": {
        "post_id": needed(UUID),
        "user_id": Field(UUID, alone={"name": None, "email": None}),
        "name": Field(TEXT, min=1, max=200, alone={"user_id": None}),
        "email": Field(EMAIL, alone={"user_id": None, "name": "Ann"}),
        "is_acting": Field(BOOL, nullable=False, default=False),
        "from_date": needed(DATE, alone={"until_date": None}),
        "until_date": Field(DATE, alone={"from_date": "2000-01-01"}),
    },
    "site_visions": {
        "site_id": needed(UUID),
        "school_year": needed(INT, min=2000, max=2100),
        "priority_id": Field(UUID),
        "text": Field(LONG, min=1, max=10000, required=True, nullable=False),
    },
    "site_vision_authors": {
        "site_vision_id": needed(UUID),
        "role": enum(
            "principal",
            "staff",
            "family",
            "student",
            "partner",
            "community",
            required=True,
            nullable=False,
            alone={"name": None},
        ),
        "name": Field(TEXT, max=200, alone={"role": "family"}),
        "people": Field(INT, min=1, max=10000, nullable=False, default=1),
    },
    "readiness_conditions": {"name": name(), "description": Field(LONG, max=10000)},
    "readiness_ratings": {
        "site_id": needed(UUID),
        "readiness_condition_id": needed(UUID),
        "school_year": needed(INT, min=2000, max=2100),
        "rating": needed(INT, min=1, max=4),
        "note": Field(LONG, max=10000),
        "rated_on": Field(DATE),
    },
    "networks": {"name": name(), "description": Field(LONG, max=10000)},
    "focus_areas": {
        "name": name(),
        "parent_id": Field(UUID),
        "code": Field(TEXT, min=1, max=64, word=True),
        "beyond_teaching": Field(BOOL, nullable=False, default=False),
    },
    "contacts": {
        "name": name(),
        "aliases": Field(
            LIST, max=100, nullable=False, default=[], item=Field(TEXT, min=1, max=200)
        ),
        "email": Field(EMAIL),
        "other_emails": Field(LIST, max=100, nullable=False, default=[], item=Field(EMAIL)),
        "phone": text(),
        "locale": Field(LOCALE),
        "channels": some("email", "phone", "text", "post"),
        "status": enum("active", "inactive", "left", "deceased", nullable=False, default="active"),
        "notes": Field(LONG, max=10000),
    },
    "affiliations": {
        "contact_id": needed(UUID),
        "partner_id": needed(UUID),
        "role": Field(TEXT, min=1, max=255, required=True, nullable=False),
        **span(),
        "may_sign_in": Field(BOOL, nullable=False, default=True),
    },
    "programs": {
        "name": name(),
        "partner_id": needed(UUID),
        "description": Field(LONG, max=10000),
        "focus_area_id": Field(UUID),
        "setting": enum("in_school", "out_of_school"),
        "audience": some("students", "staff", "families"),
        "grades": some("PK", "TK", "KG", *(f"{grade:02}" for grade in range(1, 13))),
        "capacity": Field(INT, max=1000000),
        "schedule": Field(LONG, max=10000),
        "cost_cents": Field(INT, max=10**12),
        "minimum_dosage": Field(DECIMAL, min=0, max=10000, scale=2, alone={"dosage_unit": "sessions"}),
        "dosage_unit": Field(ENUM, values=("sessions", "hours", "days"), alone={"minimum_dosage": None}),
        "evidence_tier": Field(INT, min=1, max=4, alone={"evidence_citation": "A study"}),
        "evidence_citation": Field(TEXT, min=1, max=10000, alone={"evidence_tier": 4}),
        "status": enum("planned", "active", "paused", "ended", nullable=False, default="active"),
    },
    "program_sites": {"program_id": needed(UUID), "site_id": needed(UUID), **span()},
    "reporting_quarters": {
        "school_year": needed(INT, min=2000, max=2100),
        "number": needed(INT, min=1, max=4),
        **quarter_days(),
    },
    "site_quarters": {
        "site_id": needed(UUID),
        "school_year": needed(INT, min=2000, max=2100),
        "number": needed(INT, min=1, max=4),
        **quarter_days(),
    },
    "closed_days": {
        "site_id": Field(UUID),
        "starts_on": needed(DATE, alone={"ends_on": None}),
        "ends_on": Field(DATE, alone={"starts_on": "2000-01-01"}),
        "is_open": Field(BOOL, nullable=False, default=False),
        "reason": Field(TEXT, min=1, max=255, required=True, nullable=False),
    },
    "blackouts": {
        "site_id": Field(UUID),
        **days(),
        "reason": Field(TEXT, min=1, max=255, required=True, nullable=False),
    },
    "assessments": {
        "school_year": Field(INT, min=2000, max=2100, required=True, nullable=False),
        "network_id": Field(UUID),
        "site_id": Field(UUID),
        "audience": enum("families", "students", "staff", "partners", "community", required=True, nullable=False),
        "source": enum("survey", "meeting", "interviews", "other", nullable=False, default='other'),
        "survey_id": Field(UUID),
        "asked_on": Field(DATE),
        "people": Field(INT, max=10000000),
        "summary": Field(LONG, min=1, max=10000, required=True, nullable=False),
    },
    "priorities": {
        "school_year": Field(INT, min=2000, max=2100, required=True, nullable=False),
        "network_id": Field(UUID),
        "site_id": Field(UUID),
        "statement": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "focus_area_id": Field(UUID),
        "assessment_id": Field(UUID),
        "indicator_id": Field(UUID),
        "direction": enum("up", "down", nullable=False, default='up'),
        "baseline": measure(**{'target': None}),
        "target": measure(**{'baseline': None}),
    },
    "needs": {
        "title": Field(TEXT, min=1, max=200, required=True, nullable=False),
        "description": Field(LONG, max=10000),
        "network_id": Field(UUID),
        "site_id": Field(UUID),
        "focus_area_id": Field(UUID, required=True, nullable=False),
        "priority_id": Field(UUID),
        "assessment_id": Field(UUID),
        "people_affected": Field(INT, max=10000000),
        "resource_kinds": some("money", "space", "staff_time", "volunteers", "equipment", "software", "training", "internships", "mentors", "food", "other"),
        "quantity": Field(INT, min=1, max=1000000000, nullable=False, default=1),
        "unit": Field(TEXT, max=64),
        "needed_by": Field(DATE, required=True, nullable=False),
        "urgency": enum("routine", "urgent", "call_to_action", nullable=False, default='routine'),
        "origin": enum("school", "network", "district", "families", "students", "staff", "partner", "survey", "event", "other", nullable=False, default='school'),
        "is_public": Field(BOOL, nullable=False, default=False),
    },
    "displacement_reviews": {
        "partner_id": Field(UUID),
        "partnership_id": Field(UUID),
        "network_id": Field(UUID),
        "site_id": Field(UUID),
        "proposal": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "done_by_employees": Field(BOOL, required=True, nullable=False),
        "positions": Field(LONG, max=10000),
        "consulted": Field(LONG, max=10000),
    },
    "match_weights": {
        "factor": enum(
            "focus", "resources", "reach", "capacity", "evidence", "ties", "load", "stage",
            required=True, nullable=False,
        ),
        "weight": needed(INT, max=100),
        "from_date": needed(DATE),
    },
    "asks": {
        "contact_id": Field(UUID),
        "program_id": Field(UUID),
        "quantity": Field(INT, min=1, max=1000000000),
        "message": Field(LONG, max=10000),
        "respond_by": Field(DATE),
    },
    "follow_ups": {
        "due_on": Field(DATE, required=True, nullable=False),
        "owner_id": Field(UUID),
        "note": Field(LONG, max=10000),
    },
    "pledges": {
        "contact_id": Field(UUID),
        "program_id": Field(UUID),
        "quantity": Field(INT, min=1, max=1000000000, required=True, nullable=False),
        "starts_on": Field(DATE, alone={'ends_on': None}),
        "ends_on": Field(DATE, alone={'starts_on': None}),
        "note": Field(LONG, max=10000),
    },
    "pledge_sites": {
        "site_id": Field(UUID, required=True, nullable=False),
        "quantity": Field(INT, min=1, max=1000000000),
    },
    "calls_to_action": {
        "title": Field(TEXT, min=1, max=200, required=True, nullable=False),
        "situation": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "message": Field(LONG, max=10000),
        "is_public": Field(BOOL, nullable=False, default=False),
        "focus_area_id": Field(UUID, required=True, nullable=False),
        "resource_kinds": some("money", "space", "staff_time", "volunteers", "equipment", "software", "training", "internships", "mentors", "food", "other"),
        "quantity": Field(INT, min=1, max=1000000000, required=True, nullable=False),
        "unit": Field(TEXT, max=64),
        "deadline": Field(DATE, required=True, nullable=False),
    },
    "landscape_snapshots": {
        "name": Field(TEXT, min=1, max=200, required=True, nullable=False),
        "notes": Field(LONG, max=10000),
    },
    "portfolio_reviews": {
        "school_year": Field(INT, min=2000, max=2100, required=True, nullable=False),
        "network_id": Field(UUID),
        "site_id": Field(UUID),
        "planned_on": Field(DATE, required=True, nullable=False),
        "findings": Field(LONG, max=10000),
    },
    "portfolio_decisions": {
        "kind": enum("keep", "grow", "adjust", "end", "seek", "other", required=True, nullable=False),
        "decision": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "owner_id": Field(UUID, required=True, nullable=False),
        "due_on": Field(DATE),
        "partnership_id": Field(UUID),
    },
    "partnerships": {
        "name": name(),
        "partner_id": needed(UUID),
        "arrangement": enum(
            "program",
            "sponsorship",
            "service",
            "public_private",
            "research",
            "gift",
            "other",
            required=True,
            nullable=False,
        ),
        "program_id": Field(UUID),
        "focus_area_id": Field(UUID),
        "lead_site_id": Field(UUID),
        "tier": enum("supporter", "partner", "anchor"),
        "cadence": enum("quarterly", "twice_a_year", "none"),
        "starts_on": Field(DATE, alone={"ends_on": None}),
        "ends_on": Field(DATE, alone={"starts_on": None}),
        "gate_due": Field(DATE),
        "purpose": Field(LONG, max=10000),
        "vision": Field(LONG, max=10000),
        "expectations": Field(LONG, max=10000),
        "processes": Field(LONG, max=10000),
        "desired_outcomes": Field(LONG, max=10000),
    },
    "partnership_sites": {"partnership_id": needed(UUID), "site_id": needed(UUID), **span()},
    "partnership_roles": {
        "partnership_id": needed(UUID),
        "role": enum(
            "lead",
            "co_lead",
            "sponsor",
            "coordinator",
            "family_liaison",
            required=True,
            nullable=False,
        ),
        "user_id": Field(UUID, needed="contact_id", alone={"contact_id": None}),
        "contact_id": Field(UUID, needed="contact_id", alone={"user_id": None}),
        **span(),
    },
    "goals": {
        "partnership_id": needed(UUID),
        "priority_id": Field(UUID),
        "statement": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "indicator_id": Field(UUID),
        "unit": Field(TEXT, max=64),
        "direction": enum("up", "down", nullable=False, default="up", alone={"target": None}),
        "baseline": measure(target=None),
        "baseline_on": Field(DATE),
        "target": measure(baseline=None),
        "due_on": needed(DATE),
        "progress": enum(
            "not_started",
            "on_track",
            "at_risk",
            "behind",
            "met",
            "missed",
            "no_data",
            "dropped",
            nullable=False,
            default="not_started",
        ),
        "current": measure(),
        "current_on": Field(DATE),
    },
    "agreements": {
        "title": name(),
        "kind": enum(
            "master",
            "mou",
            "site_plan",
            "data_sharing",
            "amendment",
            "provisional",
            required=True,
            nullable=False,
        ),
        "effective_on": Field(DATE, alone={"expires_on": None}),
        "expires_on": Field(DATE, alone={"effective_on": None}),
        "notice_days": Field(INT, max=3650),
        "amount_cents": Field(INT, max=10**12),
        "auto_renew": Field(BOOL, nullable=False, default=False),
        "board_on": Field(DATE),
        "board_item": text(),
        "document_url": Field(URL),
        "attachment_id": Field(UUID),
        "named_in_notice": Field(BOOL, nullable=False, default=False),
        "under_direct_control": Field(BOOL, nullable=False, default=False),
        "text": Field(LONG, max=20000),
        "data_flows": Field(BOOL, nullable=False, default=False),
        "data_basis": enum(
            "parental_consent",
            "school_official",
            "study",
            "audit_or_evaluation",
            "none",
            alone={"data_destroy_by": "2030-01-01"},
        ),
        "data_purpose": Field(LONG, max=10000),
        "data_destroy_by": Field(DATE, alone={"data_basis": None}),
        "supersedes_id": Field(UUID),
    },
    "agreement_partnerships": {"agreement_id": needed(UUID), "partnership_id": needed(UUID)},
    "investments": {
        "partnership_id": needed(UUID),
        "partner_id": Field(UUID),
        "site_id": Field(UUID),
        "side": enum("district", "partner", required=True, nullable=False),
        "kind": enum(
            "cash",
            "grant",
            "in_kind",
            "staff_fte",
            "hours",
            "space",
            "software",
            "training",
            required=True,
            nullable=False,
        ),
        "amount_cents": Field(INT, max=10**12),
        "hours": Field(DECIMAL, max=10**7, scale=2),
        "rate_cents": Field(INT, max=10**7),
        "from_date": needed(DATE, alone={"until_date": "2099-12-31"}),
        "until_date": needed(DATE, alone={"from_date": "2000-01-01"}),
        "purpose": Field(LONG, max=10000),
        "is_assigned": Field(BOOL, nullable=False, default=False),
        "grant_name": text(alone={"match_cents": None}),
        "match_cents": Field(INT, max=10**12, alone={"grant_name": "A grant"}),
    },
    "districts": {
        "name": name(),
        "zone": Field(ZONE, required=True, nullable=False),
        "locale": Field(LOCALE, required=True, nullable=False),
        "locales": Field(
            LIST,
            min=1,
            max=100,
            required=True,
            nullable=False,
            item=Field(LOCALE),
            alone={"locale": "en"},
        ),
        "small_cell": Field(INT, min=10, max=1000, required=True, nullable=False),
        "survey_cell": Field(INT, min=5, max=1000, required=True, nullable=False),
        "text_cell": Field(INT, min=10, max=1000, required=True, nullable=False),
        "mail_hour": needed(INT, min=0, max=23, alone={"mail_until_hour": 24}),
        "mail_until_hour": needed(INT, min=1, max=24, alone={"mail_hour": 0}),
        "mail_weekly_cap": needed(INT, min=1, max=14),
        "partner_year_days": Field(INT, min=0, max=180),
        "mail_from_name": text(),
        "mail_from": Field(EMAIL),
        "reply_to": Field(EMAIL),
        "website": Field(URL),
        "phone": text(),
        "accent_color": Field(TEXT, min=7, max=7, color=True),
        "logo_id": Field(UUID),
        "logo_alt": line(),
        **address(),
        "ask_limit": needed(INT, min=1, max=100),
        "ask_owner_days": needed(INT, max=60),
        "check_in_opening_days": needed(INT, min=1, max=90),
        "agreement_grace_days": needed(INT, min=0, max=365),
        "remedy_wait_days": needed(INT, min=0, max=60),
        "review_lead_days": needed(INT, min=0, max=365),
        "fiscal_month": needed(INT, min=1, max=12),
        "agreement_lead_days": needed(LIST, max=10, item=Field(INT, min=1, max=365)),
        "credential_lead_days": needed(LIST, max=10, item=Field(INT, min=1, max=365)),
        "minimum_enrolled_days": needed(INT, min=1, max=366),
        "health_late_minutes": needed(INT, min=5, max=10080),
        "health_failed_mails": needed(INT, min=0, max=100000),
        "health_data_days": Field(INT, min=1, max=1000),
        "opens_on_holidays": Field(BOOL, required=True, nullable=False),
        "vets_partners": Field(BOOL, required=True, nullable=False),
        "sso_only": Field(BOOL, required=True, nullable=False),
    },
    "users": {
        "email": needed(EMAIL),
        "name": name(),
        "phone": text(),
        "locale": Field(LOCALE, nullable=False, default="en"),
        "zone": Field(ZONE),
        "status": enum("active", "disabled", nullable=False, default="active"),
    },
    "surveys": {
        "name": name(),
        "instrument_id": needed(UUID),
        "mode": enum("attributed", "confidential", "anonymous", nullable=False, default="confidential"),
        "school_year": needed(INT, min=2000, max=2100),
        "opens_on": needed(DATE, alone={"closes_on": "2099-12-31"}),
        "closes_on": needed(DATE, alone={"opens_on": "2000-01-01"}),
        "asks_district": Field(BOOL, nullable=False, default=True, alone={"asks_partner": True}),
        "asks_partner": Field(BOOL, nullable=False, default=True, alone={"asks_district": True}),
        "partner_id": Field(UUID),
        "site_id": Field(UUID),
        "audience": enum("district", "partner", "family", "student", "staff"),
        "contact_filter_id": Field(UUID),
        "user_filter_id": Field(UUID),
        "late_joiners": enum("invite", "leave_out", nullable=False, default="invite"),
        "opening_hour": Field(INT, min=0, max=23),
        "reminder_days": Field(LIST, max=5, item=Field(INT, min=0, max=60), nullable=False, default=[3, 0]),
        "is_sensitive": Field(BOOL, nullable=False, default=False),
        "consent_note": Field(LONG, min=1, max=10000),
        "has_public_link": Field(BOOL, nullable=False, default=False),
        "public_hourly": Field(INT, min=1, max=100000, nullable=False, default=500),
        "public_total": Field(INT, min=1, max=1000000, nullable=False, default=20000),
        "introduction": Field(LONG, max=10000),
    },
}
FIELDS["contacts"]["channels"].default = ["email"]
TOPICS = "all check_ins agreements confirmations introductions surveys asks convenings thank_yous needs stories trainings digest"
FIELDS |= {
    "action_items": {
        "partnership_id": Field(UUID),
        "check_in_id": Field(UUID),
        "site_id": Field(UUID, alone={"partnership_id": None}),
        "need_id": Field(UUID, alone={"partnership_id": None}),
        "partner_id": Field(UUID, alone={"partnership_id": None}),
        "convening_id": Field(UUID, alone={"partnership_id": None}),
        "description": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "owner_user_id": Field(UUID, alone={"owner_contact_id": None}),
        "owner_contact_id": Field(UUID, alone={"owner_user_id": None}),
        "due_on": Field(DATE),
    },
    "preferences": {
        "contact_id": Field(UUID, needed="contact_id", alone={"user_id": None}),
        "user_id": Field(UUID, needed="contact_id", alone={"contact_id": None}),
        "topic": enum(*TOPICS.split(), required=True, nullable=False),
        "channel": enum("email", nullable=False, default="email"),
        "opted_out": Field(BOOL, nullable=False, default=True),
    },
    "address_suppressions": {
        "address": needed(EMAIL, max=254),
        "reason": enum("bounced", "complaint", "manual", required=True, nullable=False),
        "detail": Field(LONG, max=10000),
    },
}
COMMON = ("id", "version", "created_at", "updated_at", "archived_at")
ACKNOWLEDGED = ("district_at", "district_by", "partner_at", "partner_by", "partner_recorded_by")
# What a create says and no PATCH; the first so many of them must be said.
PINNED = {
    "agreements": ("amends_id",),
    "asks": ("need_id", "partner_id"),
    "follow_ups": ("ask_id",),
    "pledges": ("need_id", "partner_id", "ask_id", "offer_id"),
    "pledge_sites": ("pledge_id",),
    "landscape_snapshots": ("school_year", "term"),
    "portfolio_decisions": ("portfolio_review_id",),
    "displacement_reviews": ("need_id",),
}
PINNED_REQUIRED = {"asks": 2, "follow_ups": 1, "pledges": 2, "pledge_sites": 1,
                   "landscape_snapshots": 1, "portfolio_decisions": 1}
READ_ONLY = {plural: COMMON for plural in FIELDS} | {
    "assessments": (*COMMON, "findings", "filled_at", "filled_by"),
    "calls_to_action": (
        *COMMON, "status", "status_reason", "resolution", "opened_at", "opened_by", "ended_at",
    ),
    "landscape_snapshots": (
        *COMMON, *PINNED["landscape_snapshots"], "taken_on", "partners", "partnerships", "needs",
        "gaps",
    ),
    "portfolio_reviews": (*COMMON, "status", "held_on", "closed_on"),
    "portfolio_decisions": (
        *COMMON, *PINNED["portfolio_decisions"], "status", "outcome", "done_at",
    ),
    "priorities": (
        *COMMON, "status", "status_reason", "adopted_on", "adopted_by", "revised_on", "revised_by",
        "revision_reason", "carried_from_id",
    ),
    "needs": (
        *COMMON, "call_to_action_id", "filled", "delivered", "internal_capacity", "capacity_reason",
        "displacement_note", "reviewed_by", "reviewed_at", "status", "status_reason",
        "opened_at",
    ),
    "displacement_reviews": (
        *COMMON, *PINNED["displacement_reviews"], "kind", "status", "status_reason",
        "decided_by", "decided_at", "approved_by", "approved_at",
    ),
    "asks": (
        *COMMON, *PINNED["asks"], "status", "status_reason", "owner_id", "submitted_at",
        "submitted_by", "cleared_at", "cleared_by", "held_at", "held_by", "held_reason",
        "held_until", "sent_at", "sent_by", "answered_at", "answered_contact_id", "answer_seen_at",
        "mail_on",
    ),
    "follow_ups": (
        *COMMON, *PINNED["follow_ups"], "status", "outcome", "done_at",
    ),
    "pledges": (
        *COMMON, *PINNED["pledges"], "status", "status_reason", "delivered", "accepted_at",
        "delivered_at", "is_own_word", "partnership_id",
    ),
    "pledge_sites": (
        *COMMON, *PINNED["pledge_sites"],
    ),
    "partners": (*COMMON, "last_contact_on"),
    "partnerships": (
        *COMMON,
        "status",
        "status_reason",
        "paused_until",
        "ended_on",
        "activated_at",
        "gate_missing",
        "agreement_lapsed_on",
        "vision_district_at",
        "vision_district_by",
        "vision_partner_at",
        "vision_partner_by",
        "vision_partner_recorded_by",
        "vision_partner_version",
    ),
    "policies": (*COMMON, "edition", "status", "adopted_on", "adopted_by"),
    "posts": (*COMMON, "status", "holder_id", "holder_name", "answers_id"),
    "site_visions": (*COMMON, "status", "adopted_on"),
    "readiness_conditions": (*COMMON, "code"),
    "readiness_ratings": (*COMMON, "partner_id", "recorded_by", "contact_id"),
    "partnership_roles": (*COMMON, "side"),
    "goals": (*COMMON, *ACKNOWLEDGED, "partner_version", "measured", "measured_on", "computed_progress", "standing"),
    "agreements": (
        *COMMON,
        *ACKNOWLEDGED,
        "is_valid",
        "status",
        "status_reason",
        "district_signed_on",
        "district_signer",
        "partner_signed_on",
        "partner_signer",
        "notice_by",
        "notice_decision",
        "notice_for",
        "notice_decided_by",
        "data_disposal",
        "data_disposed_on",
        "data_certified_by",
        "data_recorded_by",
        "amended_on",
        *PINNED["agreements"],
    ),
    "investments": (
        *COMMON,
        "status",
        "confirmed",
        "placement_id",
        "is_fed",
        "value_cents",
        "dispute_reason",
        "confirmed_at",
        "confirmed_by",
        "confirmed_contact_id",
    ),
    "surveys": (*COMMON, "status", "status_reason", "opened_at", "closed_at", "counted_at", "public_code"),
    "action_items": (*COMMON, "partnership_review_id", "status", "done_at"),
    "preferences": (*COMMON, "source"),
    "districts": (*COMMON, "slug", "go_live_at", "mail_held_at", "is_synthetic"),
    "users": (*COMMON, "contact_id", "has_password"),
}
REQUIRED = {
    plural: [name for name, field in fields.items() if field.required]
    + [*PINNED.get(plural, ())[: PINNED_REQUIRED.get(plural, 0)]]
    for plural, fields in FIELDS.items()
}


@dataclass(frozen=True)
class Ref:
    """In LEAST: the id of one of those, made for it."""

    plural: str


@dataclass(frozen=True)
class First:
    """In LEAST: the id of the first of those, which come with a district."""

    plural: str
    query: str = ""


@dataclass(frozen=True)
class InYear:
    """In LEAST: a day of the school year that the body names, by its month and day."""

    month_day: str

    def of(self, school_year):
        return f"{school_year - (self.month_day >= '07')}-{self.month_day}"


@dataclass(frozen=True)
class Made:
    """In APART: what a function of the tenant gives."""

    make: object


# One of a year is unique; each asks for another year than the one before, up to 2080, but for those of quarter_days().
YEARS = itertools.cycle((*range(2001, 2027), *range(2029, 2081)))
SCHOOL_YEARS = itertools.cycle(range(2001, 2101))
NUMBERS = itertools.count(1)
LEAST = {  # bodies that are enough to create one; see least()
    "partners": {"name": "A partner", "kind": "nonprofit"},
    "sites": {"name": "A site", "kind": "school"},
    "policies": {"title": "The policy", "text": "We work together."},
    "site_years": {"site_id": Ref("sites"), "school_year": YEARS},
    "tags": {"name": lambda: f"A tag {next(NUMBERS)}"},
    "templates": {"kind": "message", "name": lambda: f"A text {next(NUMBERS)}", "text": "Hello."},
    "posts": {"kind": "other", "title": "A post"},
    "post_holders": {
        "post_id": Ref("posts"),
        "user_id": First("users"),
        "from_date": "2026-07-01",
    },
    "site_visions": {"site_id": Ref("sites"), "school_year": 2027, "text": "All are welcome."},
    "site_vision_authors": {"site_vision_id": Ref("site_visions"), "role": "family"},
    "readiness_conditions": {"name": "Room to work in"},
    "readiness_ratings": {
        "site_id": Ref("sites"),
        "readiness_condition_id": Ref("readiness_conditions"),
        "school_year": 2027,
        "rating": 3,
    },
    "networks": {"name": "A network"},
    "focus_areas": {"name": "A focus area"},
    "contacts": {"name": "A contact"},
    "affiliations": {
        "contact_id": Ref("contacts"),
        "partner_id": Ref("partners"),
        "role": "Director",
    },
    "programs": {"name": "A program", "partner_id": Ref("partners")},
    "program_sites": {"program_id": Ref("programs"), "site_id": Ref("sites")},
    "reporting_quarters": {
        "school_year": YEARS,
        "number": 1,
        "starts_on": InYear("07-01"),
        "ends_on": InYear("09-30"),
    },
    "site_quarters": {
        "site_id": Ref("sites"),
        "school_year": YEARS,
        "number": 1,
        "starts_on": InYear("07-15"),
        "ends_on": InYear("10-14"),
    },
    "closed_days": {"starts_on": "2026-11-26", "reason": "Thanksgiving"},
    "blackouts": {"starts_on": "2026-12-24", "ends_on": "2027-01-01", "reason": "Holidays"},
    "assessments": {"school_year": 2027, "audience": "families", "summary": "They ask for tutors"},
    "priorities": {"school_year": 2027, "statement": "Everybody reads by third grade"},
    "needs": {
        "title": "Ten tutors",
        "focus_area_id": Ref("focus_areas"),
        "needed_by": "2027-01-15",
    },
    "displacement_reviews": {"proposal": "Volunteers tutor", "done_by_employees": False},
    "match_weights": {"factor": "focus", "weight": 30, "from_date": "2026-07-01"},
    "asks": {"need_id": Ref("needs"), "partner_id": Ref("partners")},
    "follow_ups": {"ask_id": Ref("asks"), "due_on": "2026-12-01"},
    "pledges": {"need_id": Ref("needs"), "partner_id": Ref("partners"), "quantity": 1},
    "pledge_sites": {"pledge_id": Ref("pledges"), "site_id": Ref("sites")},
    "calls_to_action": {
        "title": "After the flood",
        "situation": "The flood took the books of two schools.",
        "focus_area_id": Ref("focus_areas"),
        "quantity": 100,
        "deadline": "2026-12-18",
    },
    "landscape_snapshots": {"school_year": 2027, "name": "Fall"},
    "portfolio_reviews": {"school_year": 2027, "planned_on": "2027-05-03"},
    "portfolio_decisions": {
        "portfolio_review_id": Ref("portfolio_reviews"),
        "kind": "grow",
        "decision": "Twice as many tutors",
        "owner_id": Ref("users"),
    },
    "partnerships": {
        "name": "A partnership",
        "partner_id": Ref("partners"),
        "arrangement": "program",
    },
    "partnership_sites": {"partnership_id": Ref("partnerships"), "site_id": Ref("sites")},
    "partnership_roles": {
        "partnership_id": Ref("partnerships"),
        "role": "lead",
        "contact_id": Ref("contacts"),
    },
    "goals": {
        "partnership_id": Ref("partnerships"),
        "statement": "Everybody reads by third grade",
        "due_on": "2027-06-30",
    },
    "agreements": {"title": "An agreement", "kind": "mou"},
    "agreement_partnerships": {
        "agreement_id": Ref("agreements"),
        "partnership_id": Ref("partnerships"),
    },
    "investments": {
        "partnership_id": Ref("partnerships"),
        "side": "partner",
        "kind": "cash",
        "from_date": "2026-07-01",
        "until_date": "2027-06-30",
    },
    "surveys": {
        "name": "A survey",
        "instrument_id": First("instruments", "?code=relationship"),
        "school_year": 2027,
        "opens_on": "2026-12-01",
        "closes_on": "2026-12-18",
    },
    "action_items": {"partnership_id": Ref("partnerships"), "description": "Call the bank"},
    "preferences": {"contact_id": Ref("contacts"), "topic": "all"},
    "address_suppressions": {
        "address": lambda: f"{next(ADDRESSES)}@bounced.example.org",
        "reason": "bounced",
    },
    "users": {"email": lambda: f"{uuid.uuid4()}@example.org", "name": "A user"},
}
ADDRESSES = itertools.count()

# The same of resources whose fields no PATCH changes, so that FIELDS has no row of theirs.
APART = {
    "grants": {"user_id": Ref("users"), "role": "viewer"},
    "academic_sessions": {
        "title": "Fall",
        "kind": "semester",
        "school_year": YEARS,
        "starts_on": "2026-08-17",
        "ends_before": "2027-01-16",
    },
    "valuation_rates": {
        "from_date": lambda: f"{next(YEARS)}-04-01",
        "rate_cents": 3180,
    },
    "departures": {"contact_id": Ref("contacts"), "on_date": "2027-06-30"},
    "departure_receivers": {"departure_id": Ref("departures"), "resource": "partnership_roles"},
    "remedies": {
        "partner_id": Ref("partners"),
        "contact_id": Ref("contacts"),
        "need_ids": Made(lambda tenant: [needing.open_need(tenant)]),
    },
    "own_pledges": {
        "partner_id": Made(lambda tenant: administering.owns(tenant, tenant.admin.partner().id)),
        "need_id": Made(lambda tenant: needing.open_need(tenant, is_public=True)),
        "quantity": 1,
    },
    "own_offers": {
        "partner_id": Made(lambda tenant: administering.owns(tenant, tenant.admin.partner().id)),
        "name": "Meeting rooms",
        "kind": "space",
    },
    "own_affiliations": {
        "partner_id": Made(lambda tenant: administering.owns(tenant, tenant.admin.partner().id)),
        "name": "Ann Lee",
        "email": lambda: f"own{next(NUMBERS)}@example.org",
        "role": "Director",
    },
    "duplicate_dismissals": {"first_id": Ref("partners"), "second_id": Ref("partners")},
    "stuck_dismissals": {
        "partner_id": Ref("partners"),
        "reason": "They are few.",
        "until_date": "2027-06-30",
    },
    "signing_authorities": {
        "subject": "gift",
        "up_to_cents": lambda: 100 * next(NUMBERS),
        "signer": "principal",
    },
    "review_rules": {"subject": "provisional", "step": "legal"},
    "reminder_rules": {"partnership_id": Ref("partnerships"), "effective_from": lambda: str(dt.date(2030, 1, 1) + dt.timedelta(next(NUMBERS)))},
    "identity_providers": {
        "label": "District accounts",
        "issuer": lambda: f"https://id.example.org/{next(NUMBERS)}",
        "client_id": "kith",
    },
    "user_invitations": {"user_id": Ref("users")},
    "mail_checks": {},
    "retention_rules": {"kind": "activity", "years": 90, "source": lambda: f"Schedule {next(NUMBERS)}"},
    "legal_holds": {"matter": "A suit", "reason": "To preserve", "contact_id": Ref("contacts")},
    "records_requests": {
        "requester": "A journalist",
        "contact_id": Ref("contacts"),
        "received_on": "2026-11-20",
        "due_on": "2026-12-04",
    },
    "mail_reports": {"message_id": Made(lambda tenant: check_ins.THERE["messages"](tenant)), "kind": "soft"},
    "erasures": {"contact_id": Ref("contacts"), "reason": "As asked"},
    "taggings": {"tag_id": Ref("tags"), "partner_id": Ref("partners")},
    "custom_fields": {
        "subject": "partner",
        "code": lambda: f"c_{next(NUMBERS)}",
        "name": "A custom field",
        "type": "text",
    },
    "custom_values": {
        "custom_field_id": Ref("custom_fields"),
        "partner_id": Ref("partners"),
        "value": "Blue",
    },
    "saved_filters": {"name": "A filter", "resource": "contacts", "criteria": []},
    "reports": {"name": "For the board"},
    "funding_opportunities": {"name": "After school", "funder": "The state", "kind": "government"},
    "funding_applications": {"funding_opportunity_id": Ref("funding_opportunities"), "title": "Our application"},
    "funding_applicants": {
        "funding_application_id": Ref("funding_applications"), "partner_id": Ref("partners")},
    "funding_partnerships": {
        "funding_application_id": Ref("funding_applications"),
        "partnership_id": Ref("partnerships"),
        "share_cents": 1000,
    },
    "funding_periods": {
        "funding_application_id": Ref("funding_applications"),
        "from_date": "2026-07-01",
        "until_date": "2027-06-30",
        "awarded_cents": 1000,
    },
    "trainings": {"title": "Working with partners", "audience": "staff", "on_date": "2026-12-01"},
    "training_seats": {"training_id": Ref("trainings"), "contact_id": Ref("contacts")},
    "coachings": {"site_id": Ref("sites"), "user_id": Ref("users"), "school_year": 2027},
    "examples": {"title": "Walking school bus", "what": "Parents walk with twenty children."},
    "example_copies": {"example_id": Ref("examples"), "site_id": Ref("sites")},
    "site_plans": {
        "partnership_id": Ref("partnerships"),
        "site_id": Ref("sites"),
        "school_year": 2027,
    },
    "instruments": {
        "name": "An instrument",
        "code": lambda: f"c_{next(NUMBERS)}",
        "locales": ["en"],
        "sections": [{"code": "s", "title": {"en": "All of it"}}],
        "questions": [{"code": "q", "kind": "yes_no", "section": "s", "text": {"en": "Is it good?"}}],
    },
    "convening_templates": {
        "name": lambda: f"A meeting {next(NUMBERS)}",
        "kind": "start",
        "anchor": "starts",
        "local_hour": 15,
        "is_active": False,
    },
    "convenings": {
        "school_year": 2027,
        "kind": "other",
        "title": "A meeting",
        "starts_at": "2026-12-10T21:00:00.000Z",
        "ends_at": "2026-12-10T22:30:00.000Z",
    },
    "convening_plans": {"convening_template_id": Ref("convening_templates"), "school_year": 2027},
    "agenda_items": {"convening_id": Ref("convenings"), "title": "Who we are"},
    "convening_invitees": {"convening_id": Ref("convenings"), "contact_id": Ref("contacts")},
    "convening_decisions": {
        "convening_id": Ref("convenings"),
        "kind": "other",
        "decision": "We meet again",
    },
    "family_plans": {"site_id": Ref("sites"), "school_year": 2027, "statement": "Families belong"},
    "check_in_sites": {
        "check_in_id": Made(lambda tenant: check_ins.at_a_site(tenant)),
        "site_id": Made(lambda tenant: tenant.check_in_site),
        "rating": 3,
    },
    "family_parts": {
        "family_plan_id": Ref("family_plans"),
        "partnership_id": Ref("partnerships"),
        "part": "co_plans",
    },
    "family_events": {"site_id": Ref("sites"), "name": "Family night", "on_date": "2026-10-01"},
    "partnership_reviews": {
        "partnership_id": Ref("partnerships"),
        "school_year": 2027,
        "due_on": "2027-05-31",
    },
    "renewal_campaigns": {
        "name": "Summer",
        "expires_from": "2031-06-01",
        "expires_until": "2031-07-31",
    },
    "agreement_steps": {"agreement_id": Ref("agreements"), "kind": "legal"},
    "gift_steps": {"gift_id": Ref("gifts"), "kind": "legal"},
    "agreement_items": {"agreement_id": Ref("agreements"), "name": "An item", "position": 50},
    "partnership_partners": {"partnership_id": Ref("partnerships"), "partner_id": Ref("partners")},
    "goal_partnerships": {"goal_id": Ref("goals"), "partnership_id": Ref("partnerships")},
    "milestones": {
        "partnership_id": Ref("partnerships"),
        "name": "A milestone",
        "due_on": "2028-06-30",
    },
    "interactions": {
        "partner_id": Ref("partners"),
        "kind": "call",
        "on_date": "2026-09-01",
        "subject": "A call",
    },
    "activities": {
        "partnership_id": Ref("partnerships"),
        "kind": "session",
        "title": "A session",
        "on_date": "2026-09-01",
    },
    "partnership_changes": {
        "partnership_id": Ref("partnerships"),
        "kind": "leadership",
        "on_date": "2026-09-01",
        "description": "Another principal",
    },
    "placements": {
        "partnership_id": Ref("partnerships"),
        "site_id": Ref("sites"),
        "title": "A social worker",
        "fte": "0.5",
        "funder": "partner",
        "from_date": "2026-08-01",
    },
    "donees": {"name": lambda: f"Donee {next(NUMBERS)}", "kind": "foundation", "ein": "123456789"},
    "gifts": {
        "donee_id": Ref("donees"),
        "partner_id": Ref("partners"),
        "title": "A check",
        "kind": "cash",
        "amount_cents": 50000,
    },
    "thank_yous": {"occasion": "other", "partner_id": Ref("partners")},
    "awards": {
        "kind": "award",
        "partner_id": Ref("partners"),
        "title": "Partner of the year",
        "school_year": 2027,
    },
    "stories": {"title": "A garden grows", "text": "Families and neighbors planted it."},
    "story_subjects": {"story_id": Ref("stories"), "partnership_id": Ref("partnerships")},
    "story_people": {"story_id": Ref("stories"), "name": "Girl with the red book"},
    "bulletins": {
        "name": "November",
        "saved_filter_id": Ref("saved_filters"),
        "texts": [{"locale": "en", "subject": "Needs", "introduction": "Can you help?"}],
    },
    "school_years": {"school_year": lambda: next(SCHOOL_YEARS)},
    "indicators": {
        "code": lambda: f"c_{next(NUMBERS)}",
        "name": "An indicator",
        "family": "process",
        "unit": "count",
        "aggregation": "sum",
        "suppression": "none",
    },
    "observations": {
        "indicator_id": Ref("indicators"),
        "site_id": Ref("sites"),
        "school_year": 2027,
        "period_kind": "month",
        "period_start": "2026-10-01",
        "numerator": "12.5",
    },
}

# And what a good value of a member of those needs beside it.
APART_FIELDS = {
    "convenings": {"ends_at": needed(TEXT, alone={"starts_at": "2026-06-30T10:00:00Z"})},
    "observations": {
        "school_year": needed(INT, min=2000, max=2100, alone={"period_start": "1999-10-01"}),
        "period_start": needed(
            DATE,
            alone={"school_year": 2028, "period_kind": "quarter", "period_end": "2028-05-01"},
        ),
        "period_end": Field(DATE, alone={"school_year": 2028, "period_start": "2028-02-01"}),
    }
}

# Bodies that an action takes, by its route, where what its schema requires does not do: "POST
# /v1/check_ins/{id}/complete". Written like those of LEAST.
ACTIONS = {"POST /v1/bulk": {"changes": [{"method": "POST", "path": "/v1/tags", "body": {"name": "One of many"}}]},
           "POST /v1/inquiries/{id}/convert": {"is_new": True},
           "POST /v1/site_closings/{id}/accept": {"on_date": "2027-06-30"}}


def least(caller, plural):
    """A body that is enough to create one; what it refers to is made first."""
    body = dict(LEAST[plural])
    for name, value in body.items():
        if isinstance(value, Ref):
            body[name] = caller.created(value.plural, least(caller, value.plural)).id
        elif isinstance(value, First):
            body[name] = caller.get(f"/v1/{value.plural}{value.query}").json["data"][0]["id"]
        elif value is YEARS:
            body[name] = next(YEARS)
        elif isinstance(value, InYear):
            body[name] = value.of(body["school_year"])
        elif callable(value):
            body[name] = value()
    return body


import administering  # noqa: E402  pylint: disable=wrong-import-position
import check_ins  # noqa: E402  pylint: disable=wrong-import-position
import fields_registry  # noqa: E402  pylint: disable=wrong-import-position
import needing  # noqa: E402  pylint: disable=wrong-import-position

FIELDS |= fields_registry.FIELDS
READ_ONLY |= fields_registry.READ_ONLY
LEAST |= fields_registry.LEAST
REQUIRED |= {
    plural: [name for name, field in fields.items() if field.required]
    for plural, fields in fields_registry.FIELDS.items()
}
