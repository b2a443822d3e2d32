"""Lists: pages, sorts and filters."""

import itertools
import uuid

import pytest
from listing import (  # noqa: F401  (rows and live are fixtures)
    RANGES,
    SORTS,
    VALUES_MOST,
    ids,
    in_order,
    insert_rows,
    live,
    minute,
    rows,
    walk,
)

from world import uuid7

ALL_SORTS = [
    ",".join(sign + name for sign, name in zip(signs, names))
    for count in (1, 2, 3)
    for names in itertools.permutations(SORTS, count)
    for signs in itertools.product(("", "-"), repeat=count)
]


@pytest.mark.parametrize("sort", ALL_SORTS)
def test_a_walk_gives_each_row_once_and_in_order(ours, live, sort):
    found = walk(ours.viewer, {"sort": sort, "limit": 173})
    assert ids(found) == in_order(live, sort)


def test_partners_come_by_name_and_districts_by_age(ours, live):
    assert ids(walk(ours.viewer, {})) == in_order(live, "name")
    assert ids(walk(ours.viewer, {}, "/v1/districts")) == [ours.id]


@pytest.mark.parametrize("limit", (1, 2, 50, 199, 200))
def test_a_page_has_as_many_rows_as_asked_for(ours, live, limit):
    answer = ours.viewer.get("/v1/partners", {"limit": limit})
    assert ids(answer.json["data"]) == in_order(live, "name")[:limit]


def test_a_walk_in_steps_of_one_and_a_last_page_that_is_just_full(ours, live):
    chosen = [row for row in live if row["kind"] == "civic" and row["city"] == "Austin"][:40]
    assert len(chosen) > 10
    wanted = {"kind": "civic", "city": "Austin", "limit": 1}
    matching = [row for row in live if row["kind"] == "civic" and row["city"] == "Austin"]
    assert ids(walk(ours.viewer, wanted)) == in_order(matching, "name")
    answer = ours.viewer.get("/v1/partners", {**wanted, "limit": len(matching)})
    assert (len(answer.json["data"]), answer.json["page"]["has_more"]) == (len(matching), False)


@pytest.mark.parametrize("sort", ("name", "-name", "updated_at,-name", "-created_at"))
def test_rows_that_come_while_walking_neither_hide_nor_double_others(ours, live, database, sort):
    """They come before and behind the cursor, with the very keys of the rows there."""
    added = []

    def add(number):
        copies = [dict(row) for row in live[number * 7 : number * 7 + 7]]
        for copy in copies:
            copy |= {"id": str(uuid.uuid4()), "ein": None}
        with database.connect("kith_migrate") as connection:
            insert_rows(connection, "partner", copies)
        added.extend(copies)

    try:
        found = ids(walk(ours.viewer, {"sort": sort, "limit": 100}, at_page=add))
        assert len(added) > 50
        assert len(found) == len(set(found))
        assert [one for one in found if one in set(ids(live))] == in_order(live, sort)
        assert ids(walk(ours.viewer, {"sort": sort, "limit": 200})) == in_order(live + added, sort)
    finally:
        with database.connect("kith_migrate") as connection:
            connection.execute("DELETE FROM partner WHERE id = ANY (%s::uuid[])", (ids(added),))


# ---- Filters -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ("kind", "tier", "stage", "city", "ein", "parent_id", "owner_id", "lead_site_id")
)
def test_a_filter_takes_one_value_or_several(ours, live, name):
    values = sorted({row[name] for row in live if row[name] is not None})
    assert len(values) >= 2
    for chosen in (values[:1], values[-1:], values[:2], values[:VALUES_MOST]):
        expected = [row for row in live if row[name] in chosen]
        found = walk(ours.viewer, {name: ",".join(chosen), "limit": 200})
        assert expected and ids(found) == in_order(expected, "name")


SITES = [
    {"kind": "school", "status": "open", "level": "high", "city": "Austin", "local_id": "1"},
    {"kind": "school", "status": "planned", "level": "k8", "city": "Houston", "state_id": "s1"},
    {"kind": "department", "status": "closed", "nces_id": "480000000001", "local_id": "01"},
]


@pytest.mark.parametrize(
    "name", ("kind", "status", "level", "city", "local_id", "state_id", "nces_id")
)
def test_a_filter_of_sites(theirs, name):
    if theirs.viewer.get("/v1/sites").json["data"] == []:
        for site in SITES:
            theirs.director.site(**site)
    for value in {site[name] for site in SITES if name in site}:
        found = theirs.viewer.get("/v1/sites", {name: value}).json["data"]
        expected = [site for site in SITES if site.get(name) == value]
        assert len(found) == len(expected) > 0
        assert all(row[name] == value for row in found)


def test_sites_of_a_network(ours, database):
    network = uuid7()
    with database.connect("kith_migrate") as connection:
        connection.execute(
            "INSERT INTO network (district_id, id, name, created_at, updated_at) "
            "VALUES (%s, %s, 'North', now(), now())",
            (ours.id, network),
        )
    made = ours.director.site(network_id=network)
    found = ours.viewer.get("/v1/sites", {"network_id": network}).json["data"]
    assert ids(found) == [made.id]


@pytest.mark.parametrize("compare", RANGES)
@pytest.mark.parametrize("name", ("created_at", "updated_at"))
def test_a_range_ends_where_it_says(ours, live, name, compare):
    bound = sorted(row[name] for row in live)[len(live) // 2]
    expected = [row for row in live if RANGES[compare](row[name], bound)]
    assert 0 < len(expected) < len(live)
    found = walk(ours.viewer, {f"{name}[{compare}]": bound, "limit": 200})
    assert ids(found) == in_order(expected, "name")


def test_a_range_has_two_ends_in_any_time_zone(ours, live):
    low, high = minute(1000), minute(2000)
    expected = [row for row in live if low <= row["updated_at"] < high]
    found = walk(
        ours.viewer,
        {
            "updated_at[gte]": low.replace("Z", "-00:00").replace(".000", ""),
            "updated_at[lt]": "2026-07-02T04:20:00-05:00",
            "limit": 200,
        },
    )
    assert high == "2026-07-02T09:20:00.000Z"
    assert ids(found) == in_order(expected, "name")


def test_filters_come_together(ours, live):
    expected = [
        row
        for row in live
        if row["kind"] in ("civic", "other")
        and (row["tier"], row["stage"]) == ("anchor", "approved")
    ]
    found = walk(
        ours.viewer,
        {"kind": "civic,other", "tier": "anchor", "stage": "approved", "sort": "-updated_at,name"},
    )
    assert expected and ids(found) == in_order(expected, "-updated_at,name")


@pytest.mark.parametrize("archived", ("exclude", "include", "only"))
def test_archived_rows_come_when_asked_for(ours, rows, archived):
    expected = {
        "exclude": [row for row in rows if row["archived_at"] is None],
        "include": rows,
        "only": [row for row in rows if row["archived_at"] is not None],
    }[archived]
    found = walk(ours.viewer, {"archived": archived, "limit": 200})
    assert ids(found) == in_order(expected, "name")


def test_a_filter_that_nothing_meets_gives_an_empty_page(ours, live):
    answer = ours.viewer.get("/v1/partners", {"city": "Nowhere"})
    assert answer.json == {"data": [], "page": {"next_cursor": None, "has_more": False}}


def test_what_looks_like_sql_is_a_value(ours, live):
    for value in ("' OR true --", "$1", "%", "Austin'; SELECT 1", "\\"):
        assert ours.viewer.get("/v1/partners", {"city": value}).json["data"] == []
