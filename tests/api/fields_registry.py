"""The registry's part of fields.py: what partners have beside their own row."""

from fields import (
    BOOL, COMMON, DATE, ENUM, INT, LIST, LONG, TEXT, URL, UUID, EMAIL, Field, First, Ref, YEARS, enum, line,
    name, needed, some, span, text,
)

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
            "liability_insurance",
            "clearance_attestation",
            "w9",
            "nonprofit_status",
            "license",
            "data_security",
            "other",
            required=True,
            nullable=False,
            alone={"label": "A label"},
        ),
        "label": line(),
        "document_url": Field(URL),
        "coverage_cents": Field(INT, max=10**12),
        "issued_on": Field(DATE, alone={"expires_on": None}),
        "expires_on": Field(DATE, alone={"issued_on": None}),
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
        "verified_by",
        "verified_at",
    ),
    "offers": (*COMMON, "taken", "remaining", "status", "status_reason"),
}
LEAST = {
    "partner_owners": {"partner_id": Ref("partners"), "user_id": First("users")},
    "partner_focus_areas": {
        "partner_id": Ref("partners"),
        "focus_area_id": Ref("focus_areas"),
    },
    "credentials": {"partner_id": Ref("partners"), "kind": "w9"},
    "offers": {"name": "An offer", "partner_id": Ref("partners"), "kind": "food"},
}
