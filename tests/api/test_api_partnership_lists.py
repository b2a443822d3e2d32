"""The lists of partnerships and of what belongs to them: what each is filtered and sorted by, which is a contract."""

import pytest
from fields import COMMON, FIELDS, READ_ONLY
from listing import takes_in_order

TIMES = ("created_at", "updated_at")
FILTERS = {
    "partnerships": (
        "partner_id",
        "arrangement",
        "program_id",
        "focus_area_id",
        "lead_site_id",
        "status",
    ),
    "partnership_sites": ("partnership_id", "site_id"),
    "partnership_roles": ("partnership_id", "user_id", "contact_id"),
    "goals": ("partnership_id", "indicator_id", "priority_id", "progress"),
    "agreements": ("amends_id", "kind", "status"),
    "agreement_partnerships": ("agreement_id", "partnership_id"),
    "investments": ("partnership_id", "partner_id", "side", "kind", "status", "placement_id"),
}
# Besides TIMES; the default sort comes first.
SORTS = {plural: TIMES for plural in FILTERS} | {
    "partnerships": ("name", *TIMES),
    "goals": ("due_on", *TIMES),
    "agreements": ("title", *TIMES),
    "investments": ("from_date", *TIMES),
}
RANGED = {plural: TIMES for plural in FILTERS} | {
    "partnerships": ("gate_due", *TIMES),
    "goals": ("due_on", *TIMES),
    "agreements": ("expires_on", *TIMES),
    "investments": ("from_date", *TIMES),
}


@pytest.mark.parametrize("plural", FILTERS)
def test_a_list_takes_its_filters_sorts_and_ranges_and_no_others(ours, plural):
    path = f"/v1/{plural}"
    for name in {*COMMON, *FIELDS[plural], *READ_ONLY[plural]}:
        fault = ours.viewer.get(path, {name: "\x01"}).faults[f"/{name}"]
        assert (fault == "unknown_parameter") == (name not in FILTERS[plural]), name
        takes_in_order(ours.viewer, path, name, name in SORTS[plural], name in RANGED[plural])
