"""A thousand partners that are much alike, and what a list of them must be."""

import itertools
import json
import random

import pytest

from world import uuid7

ROWS = 1000
SORTS = ("name", "created_at", "updated_at")
KINDS = ("business", "nonprofit", "higher_ed", "civic", "other")
TIERS = ("supporter", "partner", "anchor", None)
STAGES = ("prospect", "contacted", "approved")
CITIES = ("Austin", "San Antonio", "Ñandú", None)
NAMES = ("Zoo", "apple", "Apple", "éclair", "Éclair", "zz", "😀", "a b", "a,b", "%", "A'B\"C")
LIMIT_MOST = 200
VALUES_MOST = 20
FILTERS_MOST = 16
RANGES = {
    "gte": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "lte": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
}


def takes_in_order(caller, path, name, is_sorted, is_ranged):
    """Says whether a list is sorted by a field, and whether a range of it may be asked."""
    for sort in (name, f"-{name}"):
        assert caller.get(path, {"sort": sort}).status == (200 if is_sorted else 400), sort
    for comparison in RANGES:
        answer = caller.get(path, {f"{name}[{comparison}]": "x"})
        unknown = "unknown_parameter" in answer.faults.values()
        assert answer.status == 400 and unknown == (not is_ranged), answer


def insert_rows(connection, table, rows):
    """By one statement, past the API."""
    columns = ", ".join(rows[0])
    connection.execute(
        f"INSERT INTO {table} ({columns}) "
        f"SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
        (json.dumps(rows),),
    )


def minute(number):
    return f"2026-07-{1 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:00.000Z"


def make_rows(tenant, parents, sites, count=ROWS):
    """Rows of which many are alike, so that the last key decides."""
    pick = random.Random(20261121)
    return [
        {
            "district_id": tenant.id,
            "id": uuid7(),
            "name": f"{pick.choice(NAMES)} {pick.randrange(30)}",
            "aliases": [],
            "kind": pick.choice(KINDS),
            "tier": pick.choice(TIERS),
            "stage": pick.choice(STAGES),
            "ein": f"{number:09}" if number % 3 == 0 else None,
            "city": pick.choice(CITIES),
            "parent_id": pick.choice((None, *parents)),
            "lead_site_id": pick.choice((None, *sites)),
            "owner_id": pick.choice((None, *tenant.users.values())),
            "version": 1,
            "created_at": minute(pick.randrange(40)),
            "updated_at": minute(pick.randrange(4000)),
            "archived_at": minute(5000) if number % 10 == 0 else None,
        }
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def rows(ours, theirs, database):
    """The thousand rows of our district, as the API tells of them; and some of theirs."""
    sites = [ours.director.site().id for _ in range(2)]
    parents = [uuid7() for _ in range(2)]
    made = make_rows(ours, [], sites)
    for row, one in zip(made, parents):
        row["id"] = one
    for row in made[2:]:
        row["parent_id"] = random.Random(row["id"]).choice((None, *parents))
    with database.connect("kith_migrate") as connection:
        insert_rows(connection, "partner", made)
        insert_rows(connection, "partner", make_rows(theirs, [], [], 50))
        connection.execute("ANALYZE partner")
    return made


@pytest.fixture(scope="module")
def live(rows):
    return [row for row in rows if row["archived_at"] is None]


def walk(caller, parameters, path="/v1/partners", at_page=None):
    """All rows, page by page, with the cursors by which the pages go on."""
    found = []
    parameters = dict(parameters)
    for number in itertools.count():
        answer = caller.get(path, parameters)
        assert answer.status == 200, answer
        page = answer.json["page"]
        found += answer.json["data"]
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            assert answer.field("Link") is None
            return found
        assert len(answer.json["data"]) == int(parameters.get("limit", 50))
        parameters["cursor"] = page["next_cursor"]
        if at_page:
            at_page(number)


def in_order(rows, sort):
    """As the contract says: the fields, then the id in the direction of the last of them; texts by
    code points. Stable sorts from the last key to the first."""
    terms = [(term.lstrip("-"), term.startswith("-")) for term in sort.split(",")]
    terms.append(("id", terms[-1][1]))
    for name, descending in reversed(terms):
        rows = sorted(rows, key=lambda row, name=name: row[name], reverse=descending)
    return [row["id"] for row in rows]


def ids(rows):
    return [row["id"] for row in rows]
