"""Lists: cursors and links, and what a query may not be."""

import re
import uuid
from urllib.parse import quote

import pytest
from listing import (  # noqa: F401  (rows and live are fixtures)
    FILTERS_MOST,
    KINDS,
    LIMIT_MOST,
    RANGES,
    STAGES,
    VALUES_MOST,
    ids,
    in_order,
    insert_rows,
    live,
    make_rows,
    minute,
    rows,
)

PAGE_BYTES = 16 * 1024 * 1024


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
