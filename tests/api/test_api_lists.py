"""Lists: filters, sorts, pages, and what a query may not be."""

import itertools
import json
import random
import re
import uuid
from urllib.parse import quote

import pytest

from world import uuid7

ROWS = 1000
LIMIT_MOST = 200
VALUES_MOST = 20
FILTERS_MOST = 16
SORTS = ("name", "created_at", "updated_at")
KINDS = ("business", "nonprofit", "higher_ed", "civic", "other")
TIERS = ("supporter", "partner", "anchor", None)
STAGES = ("prospect", "contacted", "approved")
CITIES = ("Austin", "San Antonio", "Ñandú", None)
NAMES = ("Zoo", "apple", "Apple", "éclair", "Éclair", "zz", "😀", "a b", "a,b", "%", "A'B\"C")
PAGE_BYTES = 16 * 1024 * 1024


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


@pytest.mark.parametrize("name", ("kind", "status", "level", "city", "local_id", "state_id", "nces_id"))
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


RANGES = {"gte": lambda a, b: a >= b, "gt": lambda a, b: a > b, "lte": lambda a, b: a <= b, "lt": lambda a, b: a < b}


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
        if row["kind"] in ("civic", "other") and row["tier"] == "anchor" and row["stage"] == "approved"
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


# ---- Cursors and links ---------------------------------------------------------------------------


def first_page(caller, path="/v1/partners", **parameters):
    answer = caller.get(path, {"limit": 5, **parameters})
    assert answer.status == 200 and answer.json["page"]["has_more"], answer
    return answer


def test_a_link_is_a_url_that_goes_on(ours, live):
    parameters = {"kind": "civic,other", "sort": "-updated_at,name", "updated_at[gte]": minute(0)}
    expected = [row for row in live if row["kind"] in ("civic", "other")]
    found, target = [], "/v1/partners?" + "&".join(f"{k}={quote(v)}" for k, v in parameters.items())
    while target:
        answer = ours.viewer.get(target)
        found += answer.json["data"]
        link = answer.field("Link")
        target = link and re.fullmatch(r'<(/v1/partners\?[!-;=?-~]+)>; rel="next"', link)[1]
        assert not link or answer.json["page"]["next_cursor"] in target
    assert ids(found) == in_order(expected, "-updated_at,name")


def test_a_link_keeps_what_must_be_encoded(ours, live):
    first = ours.viewer.get("/v1/partners", {"city": "Ñandú,a&b=c", "limit": 5})
    target = re.match("<([^>]*)>", first.field("Link"))[1]
    second = ours.viewer.get(target)
    expected = in_order([row for row in live if row["city"] == "Ñandú"], "name")
    assert ids(first.json["data"] + second.json["data"]) == expected[:10]


def test_the_limit_may_change_on_the_way(ours, live):
    cursor = first_page(ours.viewer).json["page"]["next_cursor"]
    answer = ours.viewer.get("/v1/partners", {"cursor": cursor, "limit": 7})
    assert ids(answer.json["data"]) == in_order(live, "name")[5:12]


OTHERS = [
    {"kind": "other"},
    {"sort": "-name"},
    {"sort": "name,created_at"},
    {"archived": "include"},
    {"updated_at[gte]": minute(0)},
]


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_cursor_belongs_to_its_query(ours, live, other):
    cursor = first_page(ours.viewer).json["page"]["next_cursor"]
    answer = ours.viewer.get("/v1/partners", {"cursor": cursor, **other})
    assert (answer.status, answer.faults) == (400, {"/cursor": "invalid_parameter"})
    cursor = first_page(ours.viewer, **other).json["page"]["next_cursor"]
    answer = ours.viewer.get("/v1/partners", {"cursor": cursor})
    assert (answer.status, answer.faults) == (400, {"/cursor": "invalid_parameter"})


def test_a_cursor_belongs_to_its_path(ours, live):
    cursor = first_page(ours.viewer).json["page"]["next_cursor"]
    answer = ours.viewer.get("/v1/sites", {"cursor": cursor})
    assert (answer.status, answer.faults) == (400, {"/cursor": "invalid_parameter"})


def test_a_cursor_shows_nothing_of_another_district(ours, theirs, live):
    cursor = first_page(ours.viewer).json["page"]["next_cursor"]
    found = theirs.viewer.get("/v1/partners", {"cursor": cursor}).json["data"]
    assert found and not set(ids(found)) & set(ids(live))


def test_a_cursor_is_whole_or_refused(ours, live):
    cursor = first_page(ours.viewer).json["page"]["next_cursor"]
    changed = [
        cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        for at in range(0, len(cursor))
    ]
    cut = [cursor[:length] for length in range(0, len(cursor), 7)]
    for text in (*changed, *cut, cursor + "A", cursor + "=", "x", "null", "A" * 5000):
        answer = ours.viewer.get("/v1/partners", {"cursor": text})
        assert (answer.status, answer.faults) == (400, {"/cursor": "invalid_parameter"}), text


# ---- What a query may not be ---------------------------------------------------------------------

BAD = {
    "limit=0": ("/limit", "invalid_parameter"),
    "limit=201": ("/limit", "invalid_parameter"),
    "limit=-1": ("/limit", "invalid_parameter"),
    "limit=": ("/limit", "invalid_parameter"),
    "limit": ("/limit", "invalid_parameter"),
    "limit=1e1": ("/limit", "invalid_parameter"),
    "limit=5.0": ("/limit", "invalid_parameter"),
    "limit=99999999999999999999": ("/limit", "invalid_parameter"),
    "limit=5&limit=6": ("/limit", "invalid_parameter"),
    "archived=": ("/archived", "invalid_parameter"),
    "archived=true": ("/archived", "invalid_parameter"),
    "cursor=": ("/cursor", "invalid_parameter"),
    "cursor": ("/cursor", "invalid_parameter"),
    "sort=kind": ("/sort", "invalid_parameter"),
    "sort=nothing": ("/sort", "invalid_parameter"),
    "sort=--name": ("/sort", "invalid_parameter"),
    "sort=%2Bname": ("/sort", "invalid_parameter"),
    "sort=name,name": ("/sort", "invalid_parameter"),
    "sort=name,-name": ("/sort", "invalid_parameter"),
    "sort=name,": ("/sort", "invalid_parameter"),
    "sort=,name": ("/sort", "invalid_parameter"),
    "sort=-": ("/sort", "invalid_parameter"),
    "sort=Name": ("/sort", "invalid_parameter"),
    "x=1": ("/x", "unknown_parameter"),
    "=1": ("/", "unknown_parameter"),
    "Kind=other": ("/Kind", "unknown_parameter"),
    "name=x": ("/name", "unknown_parameter"),
    "description=x": ("/description", "unknown_parameter"),
    "email=a@example.org": ("/email", "unknown_parameter"),
    "culture_notes=x": ("/culture_notes", "unknown_parameter"),
    "created_at=2026-07-01T00:00:00Z": ("/created_at", "unknown_parameter"),
    "kind[gte]=other": ("/kind[gte]", "unknown_parameter"),
    "created_at[ne]=2026-07-01T00:00:00Z": ("/created_at[ne]", "unknown_parameter"),
    "kind=nothing": ("/kind", "not_in_enum"),
    "kind=other,nothing": ("/kind", "not_in_enum"),
    "kind=": ("/kind", "not_in_enum"),
    "kind": ("/kind", "not_in_enum"),
    "kind=other,": ("/kind", "not_in_enum"),
    "parent_id=x": ("/parent_id", "invalid_uuid"),
    "ein=1": ("/ein", "too_short"),
    "city=" + "a" * 256: ("/city", "too_long"),
    "created_at[gte]=2026-07-01": ("/created_at[gte]", "invalid_instant"),
    "created_at[gte]=": ("/created_at[gte]", "invalid_instant"),
    "created_at[gte]=2026-02-29T00:00:00Z": ("/created_at[gte]", "invalid_instant"),
    "kind=" + ",".join(["other"] * 21): ("/kind", "too_many_items"),
}


@pytest.mark.parametrize("query", BAD, ids=lambda query: query[:40])
def test_a_parameter_that_cannot_be_is_400_and_named(ours, query):
    pointer, code = BAD[query]
    answer = ours.viewer.get("/v1/partners?" + query)
    assert (answer.status, answer.type) == (400, "invalid_query"), answer
    assert answer.faults == {pointer: code}


NAMES_OF_PARAMETERS = {
    "a/b~c": "/a~1b~0c",
    'a"b\\c': '/a"b\\c',
    "x" + "é" * 40: "/x" + "é" * 31,  # cut between characters, never inside of one
    "😀" * 40: "/" + "😀" * 16,
    "xyz" + "😀" * 40: "/xyz" + "😀" * 15,
}


@pytest.mark.parametrize("name", NAMES_OF_PARAMETERS)
def test_an_unknown_parameter_is_named_as_a_pointer(ours, name):
    answer = ours.viewer.get("/v1/partners", {name: "1"})
    assert answer.status == 400, answer
    assert answer.faults == {NAMES_OF_PARAMETERS[name]: "unknown_parameter"}
    assert answer.json["errors"][0]["detail"].startswith('"' + name[:15])


@pytest.mark.parametrize("term", ("x" + "é" * 40, "xyz" + "😀" * 40, "a" * 5000))
def test_a_sort_that_is_too_strange_to_tell_whole_is_told_cut(ours, term):
    answer = ours.viewer.get("/v1/partners", {"sort": term})
    assert (answer.status, answer.faults) == (400, {"/sort": "invalid_parameter"})
    assert term[:15] in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize("name", ("a\x01b", "a\nb"))
def test_control_characters_in_a_parameter_do_not_come_back_raw(ours, name):
    answer = ours.viewer.get("/v1/partners", {name: "1"})
    assert answer.status == 400, answer
    assert name.encode() not in answer.reply.body


def test_as_many_filters_as_there_may_be_and_one_more(ours, live):
    ranges = [f"{name}[{end}]" for name in ("created_at", "updated_at") for end in RANGES]
    plain = ("kind", "tier", "stage", "city", "ein", "parent_id", "owner_id", "lead_site_id")
    values = {"kind": "civic", "tier": "anchor", "stage": "approved", "city": "x", "ein": "1" * 9}
    all_of_them = {name: minute(0) for name in ranges}
    all_of_them |= {name: values.get(name, str(uuid.uuid4())) for name in plain}
    assert len(all_of_them) == FILTERS_MOST
    assert ours.viewer.get("/v1/partners", all_of_them).json["data"] == []
    answer = ours.viewer.get("/v1/partners", {**all_of_them, "x": "1"})
    assert answer.faults == {"/x": "unknown_parameter"}


def test_an_empty_text_is_a_value(ours, live):
    made = ours.director.partner(city="", name="No city")
    found = ours.viewer.get("/v1/partners?city=").json["data"]
    assert ids(found) == [made.id]
    ours.director.archive(f"/v1/partners/{made.id}", made.etag)


def test_all_that_is_wrong_with_a_query_is_said_at_once(ours):
    answer = ours.viewer.get("/v1/partners?limit=0&x=1&kind=y&sort=z&cursor=c")
    assert answer.faults == {
        "/limit": "invalid_parameter",
        "/x": "unknown_parameter",
        "/kind": "not_in_enum",
        "/sort": "invalid_parameter",
        "/cursor": "invalid_parameter",
    }


@pytest.mark.parametrize("query", ("city=%00", "city=%ff", "city=%", "city=%zz", "city=%ed%a0%80"))
def test_bytes_that_are_no_text_are_400(ours, query):
    assert ours.viewer.get("/v1/partners?" + query).status == 400


def test_all_filters_at_once_with_as_many_values_as_they_take(ours, rows):
    """Twenty values each, and the deepest cursor: within what one statement takes, or 400."""
    several = {
        "kind": ",".join((KINDS * 4)[:VALUES_MOST]),
        "tier": ",".join((("supporter", "partner", "anchor") * 7)[:VALUES_MOST]),
    }
    sort = {"sort": "name,-created_at,updated_at", "limit": 2}
    expected = [row for row in rows if row["archived_at"] is None and row["tier"]]
    found = ours.viewer.get("/v1/partners", {**several, **sort})
    assert ids(found.json["data"]) == in_order(expected, sort["sort"])[:2]
    several["stage"] = ",".join((STAGES * 7)[:VALUES_MOST])
    several["ein"] = ",".join(f"{number:09}" for number in range(VALUES_MOST))
    several["parent_id"] = ",".join(str(uuid.uuid4()) for _ in range(VALUES_MOST))
    for name in ("stage", "ein", "parent_id"):
        answer = ours.viewer.get("/v1/partners", several | sort)
        assert answer.status == 400 and set(answer.faults.values()) == {"too_many_items"}, answer
        several.pop(name)


def test_a_page_of_large_rows_ends_early_and_goes_on(theirs, database):
    """200 rows of the largest there can be are more than a page holds."""
    large = "😀" * 10000
    texts = ("description", "strengths", "innovation", "culture_notes")
    made = make_rows(theirs, [], [], LIMIT_MOST)
    for row in made:
        row |= {"name": "Large", "ein": None, "archived_at": None, "city": "Large"}
        row |= dict.fromkeys(texts, None)
    with database.connect("kith_migrate") as connection:
        insert_rows(connection, "partner", made)
        connection.execute(
            "UPDATE partner SET (description, strengths, innovation, culture_notes) = "
            "(%(t)s, %(t)s, %(t)s, %(t)s) WHERE city = 'Large'",
            {"t": large},
        )
    found, cursor, pages = [], {}, 0
    while cursor is not None:
        answer = theirs.director.get("/v1/partners", {"city": "Large", "limit": 200} | cursor)
        assert answer.status == 200, answer.status
        assert len(answer.reply.body) <= PAGE_BYTES
        found += [(row["id"], row["strengths"] == large) for row in answer.json["data"]]
        page = answer.json["page"]
        cursor = {"cursor": page["next_cursor"]} if page["has_more"] else None
        pages += 1
    assert pages > 1
    assert found == [(one, True) for one in in_order(made, "name")]
