"""How PostgreSQL executes the lists, as it tells by auto_explain: by an index, for a district of
three partners and for one of twenty thousand, whichever comes first on the connection."""

import json
import re

import pytest
from api_world import Tenant, running_api
from plans import nodes, of_list, plans, scans  # noqa: F401  (plans is a fixture)

from world import uuid7

BIG = 20000
SMALL = 3
NEIGHBOURS = 1000
LIMIT = 5
SORTS = ("name", "-name", "created_at", "-created_at", "updated_at", "-updated_at")

# Filters by which an index leads with a sort: few rows are read in vain and none is sorted.
ORDERED = {
    "partners": [("", sort) for sort in SORTS]
    + [(f"{name}=", sort) for name in ("kind", "stage", "tier") for sort in ("name", "-name")]
    + [("updated_at[gte]=", "updated_at"), ("created_at[lt]=", "-created_at")]
    + [("completeness[lte]=", "completeness"), ("", "-completeness")],
    "sites": [("", sort) for sort in SORTS]
    + [(f"{name}=", sort) for name in ("kind", "network_id") for sort in ("name", "-name")],
}
# Others for which an index finds the rows, which are then sorted or filtered.
INDEXED = {
    "partners": [
        (f"{name}=", sort) for name in ("ein", "owner_id") for sort in ("name", "-updated_at")
    ]
    + [
        (f"{name}=", sort)
        for name in ("kind", "stage", "tier")
        for sort in ("-updated_at", "created_at")
    ]
    + [("kind=several", "name"), ("", "name,-updated_at"), ("updated_at[gte]=", "name")],
    "sites": [
        (f"{name}=", sort)
        for name in ("local_id", "nces_id")
        for sort in ("name", "-updated_at")
    ],
    "districts": [("", "created_at")],
}
TEXTS = {
    "kind=": {"partners": "kind=civic", "sites": "kind=school"},
    "kind=several": {"partners": "kind=civic,other,business"},
    "stage=": {"partners": "stage=vetting"},
    "tier=": {"partners": "tier=anchor"},
    "ein=": {"partners": "ein=000000001"},
    "local_id=": {"sites": "local_id=1"},
    "nces_id=": {"sites": "nces_id=000000000001"},
    "updated_at[gte]=": {"partners": "updated_at[gte]=2026-07-08T00:00:00Z"},
    "completeness[lte]=": {"partners": "completeness[lte]=60"},
    "created_at[lt]=": {"partners": "created_at[lt]=2026-07-08T00:00:00Z"},
    "": {"partners": "", "sites": "", "districts": ""},
}


def fill(database, tenant, partners):
    sites = max(SMALL, partners // 10)
    network = uuid7()
    values = {"district": tenant.id, "owner": tenant.users["coordinator"], "network": network}
    with database.connect("kith_migrate") as connection:
        connection.execute(
            "INSERT INTO network (district_id, id, name, created_at, updated_at) "
            "VALUES (%(district)s, %(network)s, 'North', now(), now())",
            values,
        )
        connection.execute(
            "INSERT INTO partner (district_id, id, name, kind, stage, tier, ein, owner_id, "
            "created_at, updated_at) "
            "SELECT %(district)s, gen_random_uuid(), 'Partner ' || md5(n::text), "
            "(ARRAY['civic', 'other', 'business', 'nonprofit'])[1 + n %% 4], "
            "(ARRAY['prospect', 'vetting', 'approved'])[1 + n %% 3], "
            "(ARRAY['anchor', 'partner', NULL])[1 + n %% 3], lpad(n::text, 9, '0'), "
            "CASE WHEN n %% 100 = 1 THEN %(owner)s::uuid END, "
            "timestamptz '2026-07-01' + n * interval '1 minute', "
            "timestamptz '2026-07-01' + (n * 7919 %% 20011) * interval '1 minute' "
            f"FROM generate_series(1, {partners}) n",
            values,
        )
        connection.execute(
            "INSERT INTO site (district_id, id, name, kind, network_id, local_id, nces_id, "
            "created_at, updated_at) "
            "SELECT %(district)s, gen_random_uuid(), 'Site ' || md5(n::text), "
            "(ARRAY['school', 'department'])[1 + n %% 2], "
            "CASE WHEN n %% 10 = 1 THEN %(network)s::uuid END, n::text, lpad(n::text, 12, '0'), "
            "timestamptz '2026-07-01' + n * interval '1 minute', "
            "timestamptz '2026-07-01' + (n * 7919 %% 20011) * interval '1 minute' "
            f"FROM generate_series(1, {sites}) n",
            values,
        )
    return network


def add_neighbours(database):
    """A state's worth of districts, each with a few partners."""
    with database.connect("kith_migrate") as connection:
        connection.execute(
            "INSERT INTO district (id, district_id, slug, name, zone, created_at, updated_at) "
            "SELECT id, id, 'd-' || id, 'A neighbour', 'UTC', now(), now() "
            f"FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, {NEIGHBOURS})) n"
        )
        for table, kind in (("partner", "civic"), ("site", "school")):
            connection.execute(
                f"INSERT INTO {table} (district_id, id, name, kind, created_at, updated_at) "
                f"SELECT d.id, gen_random_uuid(), 'N', '{kind}', now(), now() "
                "FROM district d, generate_series(1, 3) WHERE d.slug LIKE 'd-%'"
            )


@pytest.fixture(scope="module")
def filled(database):
    """Two districts with their sizes and networks, once: their triggers take long."""
    found = []
    for partners in (BIG, SMALL):
        tenant = Tenant(None, database)
        found.append((tenant, partners, fill(database, tenant, partners)))
    add_neighbours(database)
    with database.connect("postgres") as connection:
        connection.execute("VACUUM ANALYZE partner, site, district")
    return found


@pytest.fixture(scope="module", params=("small first", "big first"))
def districts(request, plans, database, filled):  # pylint: disable=unused-argument
    """On one connection of one process; in the order of their lists."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        for tenant, *_ in filled:
            tenant.viewer.api = api
        yield filled if request.param == "big first" else filled[::-1]


def ask(plans, tenant, network, plural, shape, sort):
    """The plans of the first page and of the second."""
    own = {"network_id=": network, "owner_id=": tenant.users["coordinator"]}
    text = shape + own[shape] if shape in own else TEXTS[shape][plural]
    query = "&".join(part for part in (text, f"sort={sort}", f"limit={LIMIT}") if part)
    plans.new("partner")
    first = tenant.viewer.get(f"/v1/{plural}?{query}")
    assert first.status == 200, first
    cursor = first.json["page"]["next_cursor"]
    if cursor:
        assert tenant.viewer.get(f"/v1/{plural}?{query}&cursor={cursor}").status == 200
    found = [of_list(plan) for plan in plans.new(plural.removesuffix("s"))]
    assert len(found) == (2 if cursor else 1)
    assert not re.search(r"\$\d", json.dumps(found)), "planned for these very values"
    return found


def cases(table):
    return [(plural, *case) for plural, rows in table.items() for case in rows]


@pytest.mark.parametrize("plural, shape, sort", cases(ORDERED))
def test_an_ordered_list_reads_a_range_of_an_index_and_nothing_else(
    districts, plans, plural, shape, sort
):
    for tenant, count, network in districts:
        for plan in ask(plans, tenant, network, plural, shape, sort):
            (scan,) = scans(plan)
            assert scan["Node Type"] != "Seq Scan", plan
            if count == BIG:
                assert scan["Node Type"] == "Index Scan", plan
                assert "Sort" not in {node["Node Type"] for node in nodes(plan)}, plan
                assert "kith.district" in scan["Index Cond"], plan
                assert scan["Actual Rows"] <= LIMIT + 1, plan
                # For a value that is common the index of the sort alone may serve as well.
                assert scan.get("Rows Removed by Filter", 0) <= 10 * LIMIT, plan


@pytest.mark.parametrize("plural, shape, sort", cases(INDEXED))
def test_a_filtered_list_finds_its_rows_by_an_index(districts, plans, plural, shape, sort):
    for tenant, count, network in districts:
        for plan in ask(plans, tenant, network, plural, shape, sort):
            for scan in scans(plan):
                assert scan["Node Type"] != "Seq Scan", (count, plan)
