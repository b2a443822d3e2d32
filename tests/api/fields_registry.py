"""The registry's part of fields.py: what partners have beside their own row."""

from fields import (
    BOOL, COMMON, DATE, ENUM, INT, LIST, LOCALE, LONG, TEXT, URL, UUID, EMAIL, Field, First, NUMBERS, Ref, YEARS, enum, line,
    name, needed, some, span, text,
)

REQUIRED_KINDS = ("liability_insurance", "clearance_attestation", "w9", "nonprofit_status", "license", "data_security")
FIELDS = {
    "partner_owners": {
        "partner_id": needed(UUID),
        "user_id": needed(UUID),
        "site_id": Field(UUID),
        "note": text(),
        **span(),
    },
    "partner_focus_areas": {"partner_id": needed(UUID), "focus_area_id": needed(UUID)},
    "credentials": {
        "partner_id": needed(UUID),
        "kind": enum(
            *REQUIRED_KINDS,
            "other",
            required=True,
            nullable=False,
            alone={"label": "A label"},
        ),
        "label": Field(TEXT, min=1, max=255, alone={"kind": "w9"}),
        "document_url": Field(URL),
        "coverage_cents": Field(INT, max=10**12),
        "issued_on": Field(DATE, alone={"expires_on": None}),
        "expires_on": Field(DATE, alone={"issued_on": None}),
    },
    "required_credentials": {
        "kind": enum(
            *REQUIRED_KINDS,
            required=True,
            nullable=False,
        ),
        "arrangement": enum(*"program sponsorship service public_private research gift other".split()),
        "tier": enum("supporter", "partner", "anchor"),
        "least_coverage_cents": Field(INT, max=10**12),
    },
    "offers": {
        "name": name(),
        "partner_id": needed(UUID),
        "kind": enum(
            *"money space staff_time volunteers equipment software training internships".split(),
            *"mentors food other".split(),
            required=True,
            nullable=False,
        ),
        "description": Field(LONG, max=10000),
        "focus_area_id": Field(UUID),
        "reach": enum("one_school", "nearby", "district"),
        "quantity": Field(INT, max=10**12),
        "unit": Field(TEXT, min=1, max=64),
        **span(),
    },
    "champions": {
        "contact_id": needed(UUID),
        "owner_id": Field(UUID, nullable=False),
        **{name: Field(LONG, max=10000) for name in (
            "influence", "support_asked", "support_given", "milestone")},
        "milestone_due_on": Field(DATE),
    },
    "champion_steps": {
        "champion_id": needed(UUID),
        "on_date": needed(DATE),
        "kind": enum(
            "meeting", "call", "visit", "ask", "thanks", "other", required=True, nullable=False
        ),
        "note": Field(LONG, max=10000),
        "user_id": Field(UUID),
        "is_done": Field(BOOL, nullable=False, default=False),
    },
    "complaints": {
        "partner_id": needed(UUID),
        "partnership_id": Field(UUID),
        "site_id": Field(UUID),
        "received_on": needed(DATE),
        "owner_id": Field(UUID, nullable=False),
        "complainant": Field(TEXT, min=1, max=200),
        "complaint": Field(LONG, min=1, max=10000, required=True, nullable=False),
    },
    "inquiries": {
        "organization": name(),
        "name": name(),
        "email": Field(EMAIL),
        "phone": text(),
        "website": Field(URL),
        "message": Field(LONG, min=1, max=10000, required=True, nullable=False),
        "kind": enum(
            *"business nonprofit higher_ed faith_based government service_center civic other".split()
        ),
        "offer_kind": enum(
            *"money space staff_time volunteers equipment software training internships".split(),
            *"mentors food other".split(),
        ),
        "site_id": Field(UUID),
        "need_id": Field(UUID),
        "locale": Field(LOCALE),
        "answer_by": Field(DATE, nullable=False),
    },
    "introductions": {
        "partner_id": Field(UUID, alone={"organization": "A firm"}),
        "site_id": needed(UUID),
        "contact_id": Field(UUID),
        "organization": Field(TEXT, min=1, max=200, alone={"contact_id": None}),
        "introduced_by_user_id": Field(UUID, alone={"introduced_by_contact_id": None}),
        "introduced_by_contact_id": Field(UUID, alone={"introduced_by_user_id": None}),
        "on_date": needed(DATE),
        "outcome": enum("pending", "met", "partnership", "none", nullable=False, default="pending"),
        "note": Field(LONG, max=10000),
    },
    "roll_calls": {
        "site_id": needed(UUID),
        "school_year": needed(INT, min=2000, max=2100),
        "due_on": needed(DATE),
    },
}
READ_ONLY = {plural: COMMON for plural in FIELDS} | {
    "partners": (
        *COMMON,
        "stage",
        "stage_reason",
        "barred_reason",
        "last_contact_on",
        "completeness",
        "incomplete",
        "footprint",
        "merged_into",
    ),
    "credentials": (
        *COMMON,
        "status",
        "status_reason",
        "standing",
        "submitted_contact_id",
        "verified_by",
        "verified_at",
        "seen",
    ),
    "offers": (*COMMON, "taken", "remaining", "status", "status_reason"),
    "champions": (*COMMON, "milestone_on", "status", "status_reason"),
    "contacts": (*COMMON, "merged_into"),
    "sites": (*COMMON, "closes_on", "title_i"),
    "complaints": (*COMMON, "outcome", "status", "closed_on"),
    "inquiries": (
        *COMMON, "source", "overdue", "owner_id", "answer", "answered_at", "partner_id", "contact_id",
        "offer_id", "pledge_id", "status", "status_reason",
    ),
    "roll_calls": (
        *COMMON, "status", "status_reason", "overdue", "listed", "marked", "submitted_by",
        "submitted_at", "confirmed_by", "confirmed_at",
    ),
}
LEAST = {
    "champions": {"contact_id": Ref("contacts")},
    "champion_steps": {
        "champion_id": Ref("champions"),
        "on_date": "2026-11-20",
        "kind": "call",
    },
    "complaints": {"partner_id": Ref("partners"), "received_on": "2026-11-20", "complaint": "Too loud."},
    "inquiries": {"organization": "A firm", "name": "Ann", "message": "How can we help?"},
    "introductions": {
        "partner_id": Ref("partners"),
        "site_id": Ref("sites"),
        "on_date": "2026-11-20",
    },
    "roll_calls": {"site_id": Ref("sites"), "school_year": 2027, "due_on": "2026-12-01"},
    "partner_owners": {"partner_id": Ref("partners"), "user_id": First("users")},
    "partner_focus_areas": {
        "partner_id": Ref("partners"),
        "focus_area_id": Ref("focus_areas"),
    },
    "credentials": {"partner_id": Ref("partners"), "kind": "w9"},
    "required_credentials": {
        "kind": "liability_insurance", "arrangement": "other", "tier": "anchor",
        "least_coverage_cents": lambda: next(NUMBERS)},
    "offers": {"name": "An offer", "partner_id": Ref("partners"), "kind": "food"},
}
