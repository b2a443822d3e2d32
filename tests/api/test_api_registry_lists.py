"""The registry's lists: what each is filtered and sorted by, which is a contract, and by which index
PostgreSQL answers, for a district of thousands of rows beside another one."""

import pytest
from api_world import Tenant, running_api
from fields import COMMON, FIELDS
from listing import RANGES, insert_rows, minute
from plans import nodes, plans, scans  # noqa: F401  (plans is a fixture)

from world import uuid7

ROWS = 3000
LIMIT = 5
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
ONE_ROW = ("code",)  # unique over archived rows too: one row has no order
DATED = ("reporting_quarters", "closed_days", "blackouts")
SORTS = {
    plural: (
        ("starts_on", *TIMES) if plural in DATED else ("name", *TIMES) if "name" in fields else TIMES
    )
    for plural, fields in FIELDS.items()
    if plural in FILTERS
}
RANGED = {plural: (*TIMES, *(DAYS if plural in DATED else ())) for plural in FILTERS}


# ---- Which parameters there are ------------------------------------------------------------------


@pytest.mark.parametrize("plural", FILTERS)
def test_a_list_takes_its_filters_sorts_and_ranges_and_no_others(ours, plural):
    path = f"/v1/{plural}"
    for name in (*COMMON, *FIELDS[plural]):
        is_known = ours.viewer.get(path, {name: "x"}).faults.get(f"/{name}") if (
            name not in FILTERS[plural]
        ) else None
        assert is_known in (None, "unknown_parameter"), name
        for sort in (name, f"-{name}"):
            expected = 200 if name in SORTS[plural] else 400
            assert ours.viewer.get(path, {"sort": sort}).status == expected, sort
        for comparison in RANGES:
            answer = ours.viewer.get(path, {f"{name}[{comparison}]": "x"})
            unknown = "unknown_parameter" in answer.faults.values()
            assert answer.status == 400 and unknown == (name not in RANGED[plural]), answer


# ---- By which index ------------------------------------------------------------------------------


def rows_of(tenant, count):
    """{table: rows}, a few alike of each kind; ids of one table are named by the next."""

    def some_ids(table):
        return [row["id"] for row in made[table][:50]]

    def fill(table, make, number=count):
        made[table] = [
            {
                "district_id": tenant.id,
                "id": uuid7(),
                "version": 1,
                "created_at": minute(n),
                "updated_at": minute(n * 7919 % count),
                **make(n),
            }
            for n in range(number)
        ]

    def day(n):
        return f"20{n % 90 + 10}-{n // 90 % 12 + 1:02}-{n % 28 + 1:02}"

    made = {}
    fill("network", lambda n: {"name": f"N {n * 7919 % count}"})
    fill("site", lambda n: {"name": f"S {n}", "kind": "school", "status": "open"}, 50)
    fill(
        "partner",
        lambda n: {"name": f"P {n}", "kind": "civic", "stage": "prospect", "aliases": []},
        50,
    )
    fill("focus_area", lambda n: {"name": f"F {n}", "code": f"c_{n}", "beyond_teaching": n % 9 == 0})
    for n, row in enumerate(made["focus_area"][50:]):
        row["parent_id"] = made["focus_area"][n % 50]["id"]
    made["focus_area"] = [{"parent_id": None, **row} for row in made["focus_area"]]
    statuses = ("active", "inactive", "left", "deceased")
    fill(
        "contact",
        lambda n: {
            "name": f"C {n * 7919 % count}",
            "email": f"c{n}@example.org",
            "status": statuses[n % 4],
            "channels": [],
        },
    )
    contacts, partners, sites = (some_ids(table) for table in ("contact", "partner", "site"))
    fill(
        "affiliation",
        lambda n: {"contact_id": contacts[n % 50], "partner_id": partners[n // 60], "role": "R"},
    )
    areas = some_ids("focus_area")
    fill(
        "program",
        lambda n: {
            "name": f"P {n * 7919 % count}",
            "partner_id": partners[n % 50],
            "focus_area_id": areas[n // 60],
            "setting": ("in_school", "out_of_school")[n % 2],
            "evidence_tier": 4 if n % 5 == 0 else None,
            "status": ("planned", "active", "paused", "ended")[n % 4],
            "audience": [],
            "grades": [],
        },
    )
    programs = [row["id"] for row in made["program"]]
    fill("program_site", lambda n: {"program_id": programs[n // 20], "site_id": sites[n % 50]})
    fill(
        "reporting_quarter",
        lambda n: {
            "school_year": 2000 + n // 4,
            "number": n % 4 + 1,
            "starts_on": f"{2000 + n // 4}-{n % 4 * 3 + 1:02}-01",
            "ends_on": f"{2000 + n // 4}-{n % 4 * 3 + 2:02}-01",
        },
        400,
    )
    for table in ("closed_day", "blackout"):
        fill(
            table,
            lambda n: {
                "site_id": sites[n % 50],
                "starts_on": day(n),
                "ends_on": day(n),
                "reason": "R",
            },
        )
    return made


@pytest.fixture(scope="module")
def filled(plans, database):  # noqa: F811  pylint: disable=unused-argument
    """A tenant and the rows of its lists, with as many of another one in the same tables."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        ours = Tenant(api, database)
        made = rows_of(ours, ROWS)
        with database.connect("kith_migrate") as connection:
            for found in (made, rows_of(Tenant(api, database), ROWS)):
                for table, rows in found.items():
                    insert_rows(connection, table, rows)
        with database.connect("postgres") as connection:
            connection.execute("VACUUM ANALYZE")
        yield ours, made


def ask(plans, tenant, plural, parameters):  # noqa: F811
    """The plans of the first page and of the second."""
    table = plural.removesuffix("s")
    plans.new(table)
    parameters = {**parameters, "limit": LIMIT}
    first = tenant.director.get(f"/v1/{plural}", parameters)
    assert first.status == 200 and first.json["data"], first
    if cursor := first.json["page"]["next_cursor"]:
        assert tenant.director.get(f"/v1/{plural}", {**parameters, "cursor": cursor}).status == 200
    found = plans.new(table)
    assert len(found) == (2 if cursor else 1)
    return found


def check_ordered(plan, most=LIMIT + 1):
    """A range of an index, in the index's order, and nothing read in vain."""
    (scan,) = scans(plan)
    assert scan["Node Type"] == "Index Scan", plan
    assert most == 1 or "Sort" not in {node["Node Type"] for node in nodes(plan)}, plan
    assert "kith.district" in scan["Index Cond"], plan
    assert scan["Actual Rows"] <= most, plan
    assert scan.get("Rows Removed by Filter", 0) <= LIMIT, plan


def shown(value):
    return str(value).lower() if isinstance(value, bool) else value


@pytest.mark.parametrize(
    "plural, sort", [(p, way + s) for p, sorts in SORTS.items() for s in sorts for way in ("", "-")]
)
def test_each_sort_is_an_indexs_order(filled, plans, plural, sort):  # noqa: F811
    for plan in ask(plans, filled[0], plural, {"sort": sort}):
        check_ordered(plan)


@pytest.mark.parametrize("plural, name", [(p, n) for p, names in FILTERS.items() for n in names])
def test_each_filter_is_a_range_of_an_index(filled, plans, plural, name):  # noqa: F811
    tenant, made = filled
    row = next(row for row in made[plural.removesuffix("s")][60:] if row[name] is not None)
    value = shown(row[name])
    sorts = SORTS[plural]
    for plan in ask(plans, tenant, plural, {name: value, "sort": sorts[0]}):
        check_ordered(plan, 1 if name in ONE_ROW else LIMIT + 1)
    for sort in sorts[1:]:
        for plan in ask(plans, tenant, plural, {name: value, "sort": sort}):
            for scan in scans(plan):
                assert scan["Node Type"] != "Seq Scan", plan


@pytest.mark.parametrize("plural, name", [(p, n) for p, names in RANGED.items() for n in names])
def test_each_range_is_a_range_of_an_index(filled, plans, plural, name):  # noqa: F811
    tenant, made = filled
    middle = sorted(row[name] for row in made[plural.removesuffix("s")])[150]
    for comparison in RANGES:
        sort = name if name in SORTS[plural] else SORTS[plural][0]
        for plan in ask(plans, tenant, plural, {f"{name}[{comparison}]": middle, "sort": sort}):
            for scan in scans(plan):
                assert scan["Node Type"] != "Seq Scan", plan
            if sort == name:
                check_ordered(plan)
