"""The lists of partnerships and of what belongs to them: what each is filtered and sorted by, and by
which index PostgreSQL answers, for a district of thousands of rows beside another one."""

import pytest
from api_world import Tenant, running_api
from fields import COMMON, FIELDS, READ_ONLY
from listing import RANGES, insert_rows, minute
from plans import plans, scans  # noqa: F401  (plans is a fixture)
from test_api_registry_lists import ask, check_ordered

from world import uuid7

ROWS = 3000
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
    "goals": ("partnership_id", "indicator_id", "progress"),
    "agreements": ("kind", "status"),
    "agreement_partnerships": ("agreement_id", "partnership_id"),
    "investments": ("partnership_id", "side", "kind", "status", "placement_id"),
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
        for sort in (name, f"-{name}"):
            expected = 200 if name in SORTS[plural] else 400
            assert ours.viewer.get(path, {"sort": sort}).status == expected, sort
        for comparison in RANGES:
            answer = ours.viewer.get(path, {f"{name}[{comparison}]": "x"})
            unknown = "unknown_parameter" in answer.faults.values()
            assert answer.status == 400 and unknown == (name not in RANGED[plural]), answer


def rows_of(tenant):
    """{table: rows}, a few alike of each kind."""
    made = {}

    def fill(table, make, number=ROWS):
        made[table] = [
            {
                "district_id": tenant.id,
                "id": uuid7(),
                "version": 1,
                "created_at": minute(n),
                "updated_at": minute(n * 7919 % number),
                **make(n),
            }
            for n in range(number)
        ]

    def one_of(table, n):
        return made[table][n % len(made[table])]["id"]

    def day(n):
        return f"20{n % 70 + 10}-{n // 70 % 12 + 1:02}-{n % 28 + 1:02}"

    def pick(n, *values):
        return values[n % len(values)]

    fill("site", lambda n: {"name": f"S {n}", "kind": "school", "status": "open"}, 50)
    fill(
        "partner",
        lambda n: {"name": f"P {n}", "kind": "civic", "stage": "prospect", "aliases": []},
        50,
    )
    fill("focus_area", lambda n: {"name": f"F {n}", "beyond_teaching": False}, 50)
    fill("contact", lambda n: {"name": f"C {n}", "status": "active", "channels": []}, 50)
    fill(
        "program",
        lambda n: {
            "name": f"P {n}",
            "partner_id": one_of("partner", n),
            "status": "active",
            "audience": [],
            "grades": [],
        },
        50,
    )
    fill(
        "partnership",
        lambda n: {
            "name": f"N {n * 7919 % ROWS}",
            "partner_id": one_of("partner", n),
            "arrangement": pick(n, "program", "service", "gift", "research"),
            "program_id": one_of("program", n // 2),
            "focus_area_id": one_of("focus_area", n // 3),
            "lead_site_id": one_of("site", n // 60),
            "status": pick(n, "exploring", "aligning", "active", "ended", "paused"),
            "gate_due": day(n),
        },
    )
    fill(
        "partnership_site",
        lambda n: {
            "partnership_id": one_of("partnership", n // 50),
            "site_id": one_of("site", n),
        },
    )
    users = list(tenant.users.values())
    fill(
        "partnership_role",
        lambda n: {
            "partnership_id": one_of("partnership", n // 30),
            "side": "partner" if n % 2 else "district",
            "role": "sponsor",
            "user_id": None if n % 2 else users[n // 2 % len(users)],
            "contact_id": one_of("contact", n // 2) if n % 2 else None,
        },
    )
    fill(
        "indicator",
        lambda n: {
            "code": f"c_{n}",
            "name": f"I {n}",
            "family": "process",
            "unit": "count",
            "direction": "up",
            "aggregation": "sum",
            "periods": ["month"],
            "is_ytd": False,
            "suppression": "none",
            "supplied": False,
        },
        100,
    )
    fill(
        "goal",
        lambda n: {
            "indicator_id": one_of("indicator", n // 30),
            "partnership_id": one_of("partnership", n // 30),
            "statement": "S",
            "direction": "up",
            "progress": pick(n, "on_track", "at_risk", "met"),
            "due_on": day(n),
        },
    )
    fill(
        "agreement",
        lambda n: {
            "kind": pick(n, "mou", "master", "amendment"),
            "title": f"T {n * 7919 % ROWS}",
            "status": pick(n // 3, "draft", "in_force", "expired"),
            "expires_on": day(n),
            "auto_renew": False,
            "data_flows": False,
        },
    )
    fill(
        "agreement_partnership",
        lambda n: {
            "agreement_id": one_of("agreement", n // 50),
            "partnership_id": one_of("partnership", n % 50),
        },
    )
    fill(
        "placement",
        lambda n: {
            "partnership_id": one_of("partnership", n),
            "site_id": one_of("site", n),
            "title": "T",
            "fte": 1,
            "funder": "partner",
            "from_date": "2026-07-01",
        },
        50,
    )
    fill(
        "investment",
        lambda n: {
            "partnership_id": one_of("partnership", n // 30),
            "placement_id": one_of("placement", n),
            "side": pick(n, "district", "partner"),
            "kind": pick(n, "cash", "hours", "space"),
            "status": pick(n // 2, "pledged", "delivered"),
            "from_date": day(n),
            "until_date": "2090-01-01",
        },
    )
    return made


@pytest.fixture(scope="module")
def filled(plans, database):  # noqa: F811  pylint: disable=unused-argument
    """A tenant and the rows of its lists, with as many of another one in the same tables."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        ours = Tenant(api, database)
        made = rows_of(ours)
        with database.connect("kith_migrate") as connection:
            for found in (made, rows_of(Tenant(api, database))):
                for table, rows in found.items():
                    insert_rows(connection, table, rows)
        with database.connect("postgres") as connection:
            connection.execute("VACUUM ANALYZE")
        yield ours, made


@pytest.mark.parametrize(
    "plural, sort", [(p, way + s) for p, sorts in SORTS.items() for s in sorts for way in ("", "-")]
)
def test_each_sort_is_an_indexs_order(filled, plans, plural, sort):  # noqa: F811
    for plan in ask(plans, filled[0], plural, {"sort": sort}):
        check_ordered(plan)


@pytest.mark.parametrize("plural, name", [(p, n) for p, names in FILTERS.items() for n in names])
def test_each_filter_is_a_range_of_an_index(filled, plans, plural, name):  # noqa: F811
    tenant, made = filled
    value = next(r[name] for r in made[plural.removesuffix("s")][60:] if r[name] is not None)
    sorts = SORTS[plural]
    for plan in ask(plans, tenant, plural, {name: value, "sort": sorts[0]}):
        check_ordered(plan)
    for sort in sorts[1:]:
        for plan in ask(plans, tenant, plural, {name: value, "sort": sort}):
            for scan in scans(plan):
                assert scan["Node Type"] != "Seq Scan", plan


@pytest.mark.parametrize("plural, name", [(p, n) for p, names in RANGED.items() for n in names])
def test_each_range_is_a_range_of_an_index(filled, plans, plural, name):  # noqa: F811
    tenant, made = filled
    middle = sorted(row[name] for row in made[plural.removesuffix("s")])[150]
    sort = name if name in SORTS[plural] else SORTS[plural][0]
    for comparison in RANGES:
        for plan in ask(plans, tenant, plural, {f"{name}[{comparison}]": middle, "sort": sort}):
            for scan in scans(plan):
                assert scan["Node Type"] != "Seq Scan", plan
            if sort == name:
                check_ordered(plan)
