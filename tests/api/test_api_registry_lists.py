"""The registry's lists: what each is filtered and sorted by, which is a contract. By which index PostgreSQL answers is
asked of all lists in test_api_list_indexes.py."""

import pytest
from fields import COMMON, FIELDS
from listing import takes_in_order

TIMES = ("created_at", "updated_at")
DAYS = ("starts_on", "ends_on")
# Filters, and fields of which a range may be asked beside TIMES; the default sort comes first.
FILTERS = {
    "networks": (),
    "focus_areas": ("parent_id", "code", "beyond_teaching"),
    "contacts": ("email", "status"),
    "affiliations": ("contact_id", "partner_id"),
    "programs": ("partner_id", "focus_area_id", "setting", "evidence_tier", "status"),
    "program_sites": ("program_id", "site_id"),
    "reporting_quarters": ("school_year",),
    "closed_days": ("site_id",),
    "blackouts": ("site_id",),
}
DATED = ("reporting_quarters", "closed_days", "blackouts")
SORTS = {
    plural: (
        ("starts_on", *TIMES) if plural in DATED else ("name", *TIMES) if "name" in fields else TIMES
    )
    for plural, fields in FIELDS.items()
    if plural in FILTERS
}
RANGED = {plural: (*TIMES, *(DAYS if plural in DATED else ())) for plural in FILTERS}


@pytest.mark.parametrize("plural", FILTERS)
def test_a_list_takes_its_filters_sorts_and_ranges_and_no_others(ours, plural):
    path = f"/v1/{plural}"
    for name in (*COMMON, *FIELDS[plural]):
        is_known = ours.viewer.get(path, {name: "x"}).faults.get(f"/{name}") if (
            name not in FILTERS[plural]
        ) else None
        assert is_known in (None, "unknown_parameter"), name
        takes_in_order(ours.viewer, path, name, name in SORTS[plural], name in RANGED[plural])
