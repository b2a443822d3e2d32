"""What of a representation is asked for: fields=, expand=, the ETag of it; count=exact; and which
media types a read can give."""

import pytest
from listing import ids, in_order, insert_rows, live, rows, walk  # noqa: F401

from api_world import Tenant
from world import uuid7

COUNTED = 10001
EMBEDDED, EMBEDDED_IN_LIST = 100, 10
EXPANDS_MOST = 4


@pytest.fixture(scope="module")
def own(api, database):
    """A district for what tests make; the rows of `ours` stay as they are."""
    return Tenant(api, database)


def partner_with_everything(tenant):
    site = tenant.director.site(name="Lead").id
    parent = tenant.director.partner(name="Parent", culture_notes="Warm.", email="p@example.org").id
    return tenant.director.partner(
        name="Branch", parent_id=parent, lead_site_id=site, culture_notes="Cool."
    )


# ---- fields= -------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ("name", "name,kind", "kind,name", "id", "id,name,name"))
def test_the_fields_asked_for_come_with_the_id_and_no_others(ours, live, asked):
    expected = {"id", *asked.split(",")}
    one = live[0]
    answer = ours.viewer.get(f"/v1/partners/{one['id']}", {"fields": asked})
    assert answer.json == {name: one[name] for name in expected}
    page = ours.viewer.get("/v1/partners", {"fields": asked, "limit": 7, "sort": "-updated_at"})
    assert [set(row) for row in page.json["data"]] == [expected] * 7
    assert ids(page.json["data"]) == in_order(live, "-updated_at")[:7]


def test_all_fields_may_be_asked_for_and_are_the_whole(own):
    made = partner_with_everything(own)
    everything = ",".join(made.json)
    answer = own.director.get(f"/v1/partners/{made.id}", {"fields": everything})
    assert answer.json == made.json


def test_a_masked_field_stays_masked_when_asked_for(own):
    made = partner_with_everything(own)
    path = f"/v1/partners/{made.id}"
    asked = {"fields": "culture_notes"}
    assert own.director.get(path, asked).json == {"id": made.id, "culture_notes": "Cool."}
    assert own.viewer.get(path, asked).json == {"id": made.id, "culture_notes": None}


@pytest.mark.parametrize("path", ("/v1/partners", "/v1/partners/{id}"))
@pytest.mark.parametrize("asked", ("nothing", "name,nothing", "", "name,", "Name", "name kind"))
def test_an_unknown_field_is_400_with_the_list_of_what_there_is(ours, live, path, asked):
    answer = ours.viewer.get(path.replace("{id}", live[0]["id"]), {"fields": asked})
    assert (answer.status, answer.faults) == (400, {"/fields": "invalid_parameter"})
    assert "archived_at, name, aliases, parent_id" in answer.json["errors"][0]["detail"]


@pytest.mark.parametrize("name", ("fields", "expand", "count"))
def test_a_parameter_that_stands_twice_is_400(ours, live, name):
    value = {"fields": "name", "expand": "parent", "count": "exact"}[name]
    paths = ["/v1/partners"] + ([f"/v1/partners/{live[0]['id']}"] if name != "count" else [])
    for path in paths:
        answer = ours.viewer.get(f"{path}?{name}={value}&{name}={value}")
        assert (answer.status, answer.faults) == (400, {f"/{name}": "invalid_parameter"})


@pytest.mark.parametrize("name", ("x", "limit", "count", "q"))
def test_one_takes_no_parameter_of_a_list(ours, live, name):
    answer = ours.viewer.get(f"/v1/partners/{live[0]['id']}", {name: "1"})
    assert (answer.status, answer.faults) == (400, {f"/{name}": "unknown_parameter"})


def test_pages_of_chosen_fields_go_on(ours, live):
    found = walk(ours.viewer, {"fields": "name", "limit": 173, "sort": "created_at,-name"})
    assert ids(found) == in_order(live, "created_at,-name")


# ---- ETags ---------------------------------------------------------------------------------------


def test_each_view_and_role_has_an_etag_of_its_own(own):
    path = f"/v1/programs/{program(own).id}"
    views = ({}, {"fields": "name"}, {"fields": "name,version"}, {"expand": "partner"},
             {"expand": "partner,program_sites"}, {"fields": "name", "expand": "partner"})
    answers = [caller.get(path, view) for view in views for caller in (own.director, own.viewer)]
    tags = [answer.etag for answer in answers]
    assert len(set(tags)) == len(views) * 2
    assert {tag.split("-")[0] for tag in tags} == {'"v1'}
    for view in views:
        for caller in (own.director, own.viewer):
            tag = caller.get(path, view).etag
            assert tag in tags
            assert caller.get(path, view, If_None_Match=tag).status == 304
            others = ", ".join(one for one in tags if one != tag)
            assert caller.get(path, view, If_None_Match=others).status == 200


def test_any_of_the_etags_of_a_version_says_which_version_is_changed(own):
    made = program(own)
    path = f"/v1/programs/{made.id}"
    tag = own.viewer.get(path, {"fields": "name", "expand": "partner"}).etag
    changed = own.director.patch(path, {"name": "Changed"}, tag)
    assert changed.status == 200
    assert own.director.patch(path, {"name": "Again"}, tag).status == 412
    assert changed.etag == own.director.get(path).etag


def test_a_change_of_what_is_embedded_is_another_etag(own):
    made = program(own)
    path, asked = f"/v1/programs/{made.id}", {"expand": "partner"}
    first = own.viewer.get(path, asked)
    partner = first.json["partner"]
    embedded = f"/v1/partners/{partner['id']}"
    own.director.patch(embedded, {"name": "Renamed"}, own.director.get(embedded).etag)
    second = own.viewer.get(path, asked, If_None_Match=first.etag)
    assert second.status == 200
    assert second.etag != first.etag
    assert second.json["partner"]["name"] == "Renamed"
    assert own.viewer.get(path, asked, If_None_Match=second.etag).status == 304


# ---- expand= -------------------------------------------------------------------------------------


def program(tenant, **fields):
    partner = tenant.director.partner(name="Maker", email="m@example.org", culture_notes="Warm.")
    return tenant.director.created("programs", {"name": "Tutors", "partner_id": partner.id, **fields})


def test_what_an_id_refers_to_is_embedded_as_its_own_resource_shows_it(own):
    made = program(own)
    for caller in (own.director, own.coordinator, own.viewer):
        whole = caller.get(f"/v1/programs/{made.id}").json
        partner = caller.get(f"/v1/partners/{made.json['partner_id']}").json
        answer = caller.get(f"/v1/programs/{made.id}", {"expand": "partner"})
        assert answer.json == {**whole, "partner": partner}
    assert partner["email"] is None and partner["culture_notes"] is None


def test_private_fields_of_what_is_embedded_are_the_databases_word(own, migrate):
    """A director whose grant has just ended sees nothing private through another resource either."""
    made = program(own)
    caller, user, _ = own.person("director", "viewer")
    path, asked = f"/v1/programs/{made.id}", {"expand": "partner"}
    assert caller.get(path, asked).json["partner"]["culture_notes"] == "Warm."
    migrate.execute("UPDATE user_grant SET archived_at = now() WHERE user_id = %s AND role = %s",
                    (user, "director"))
    assert caller.get(path, asked).json["partner"]["culture_notes"] is None


def test_an_id_that_is_null_embeds_null_and_an_archived_one_comes_with_its_date(own):
    alone = own.director.partner(name="Alone")
    asked = {"expand": "parent,lead_site", "fields": "name"}
    answer = own.viewer.get(f"/v1/partners/{alone.id}", asked)
    assert answer.json == {"id": alone.id, "name": "Alone", "parent": None, "lead_site": None}
    branch = partner_with_everything(own)
    site = f"/v1/sites/{branch.json['lead_site_id']}"
    own.director.archive(site, own.director.get(site).etag)
    answer = own.viewer.get(f"/v1/partners/{branch.id}", asked)
    assert answer.json["parent"]["name"] == "Parent"
    assert answer.json["lead_site"]["archived_at"] is not None


def test_rows_that_refer_to_it_are_embedded_in_their_own_order_without_archived_ones(own):
    made = program(own, name="Zebra")
    partner = made.json["partner_id"]
    other = own.director.created("programs", {"name": "Apple", "partner_id": partner})
    gone = own.director.created("programs", {"name": "Gone", "partner_id": partner})
    own.director.archive(f"/v1/programs/{gone.id}", gone.etag)
    answer = own.viewer.get(f"/v1/partners/{partner}", {"expand": "programs,affiliations"})
    expected = [own.viewer.get(f"/v1/programs/{one.id}").json for one in (other, made)]
    assert answer.json["programs"] == {"data": expected, "has_more": False}
    assert answer.json["affiliations"] == {"data": [], "has_more": False}


@pytest.fixture(scope="module")
def crowded(own, database):
    """Two partners with as many programs as are embedded in one, and with one more."""
    partners = [own.director.partner(name=f"Crowded {n}").id for n in range(2)]
    with database.connect("kith_migrate") as connection:
        for partner, count in zip(partners, (EMBEDDED, EMBEDDED + 1)):
            insert_rows(connection, "program", [
                {"district_id": own.id, "id": uuid7(), "partner_id": partner,
                 "name": f"P {n:03}", "audience": [], "grades": [], "status": "active",
                 "version": 1, "created_at": "2026-07-01T00:00:00Z",
                 "updated_at": "2026-07-01T00:00:00Z"} for n in range(count)])
    return partners


def test_embedded_rows_end_at_their_limit_and_say_so(own, crowded):
    names = [f"P {n:03}" for n in range(EMBEDDED + 1)]
    for partner, has_more in zip(crowded, (False, True)):
        got = own.viewer.get(f"/v1/partners/{partner}", {"expand": "programs"}).json["programs"]
        assert [row["name"] for row in got["data"]] == names[:EMBEDDED]
        assert got["has_more"] is has_more
    page = own.viewer.get("/v1/partners", {"expand": "programs", "sort": "-created_at"}).json
    for row in page["data"]:
        if row["id"] in crowded:
            found = [one["name"] for one in row["programs"]["data"]]
            assert found == names[:EMBEDDED_IN_LIST] and row["programs"]["has_more"]


def test_a_list_embeds_in_each_row_what_one_would(ours, live):
    asked = {"expand": "parent,lead_site", "fields": "name,parent_id", "limit": 60}
    by_id = {row["id"]: row["name"] for row in walk(ours.viewer, {"archived": "include"})}
    seen = 0
    for row in ours.viewer.get("/v1/partners", asked).json["data"]:
        assert set(row) == {"id", "name", "parent_id", "parent", "lead_site"}
        assert (row["parent"] and row["parent"]["id"]) == row["parent_id"]
        seen += row["parent"] is not None and row["parent"]["name"] == by_id[row["parent_id"]]
    assert seen > 10


@pytest.mark.parametrize("asked", ("nothing", "partner_id", "", "parent,nothing", "Parent"))
def test_an_unknown_expand_is_400_with_the_list_of_what_there_is(ours, live, asked):
    for path in ("/v1/partners", f"/v1/partners/{live[0]['id']}"):
        answer = ours.viewer.get(path, {"expand": asked})
        assert (answer.status, answer.faults) == (400, {"/expand": "invalid_parameter"})
        told = answer.json["errors"][0]["detail"]
        assert "parent, owner, lead_site" in told and "programs" in told


def test_as_many_expands_as_there_may_be_and_one_more(ours, live):
    parts = ["parent", "lead_site", "affiliations", "programs"]
    path = f"/v1/partners/{live[0]['id']}"
    answer = ours.viewer.get(path, {"expand": ",".join(parts)})
    assert len(parts) == EXPANDS_MOST and set(parts) < set(answer.json)
    for more in ("parent,parent", ",".join([*parts, "parent"])):
        assert ours.viewer.get(path, {"expand": more}).faults == {"/expand": "invalid_parameter"}


def test_nothing_of_another_district_is_embedded(own, theirs):
    mine = program(own)
    answer = theirs.director.get(f"/v1/programs/{mine.id}", {"expand": "partner"})
    assert answer.status == 404


def test_every_reference_between_resources_can_be_expanded(migrate):
    """What the database knows as a foreign key to a resource's table is declared with its `.ref`."""
    from contract import document, resolved  # pylint: disable=import-outside-toplevel

    expands, tables = {}, {}
    for path, methods in document()["paths"].items():
        operation = resolved(methods.get("get", {}))
        if not operation.get("operationId", "").startswith("get_") or not path.endswith("/{id}"):
            continue
        table = operation["operationId"].removeprefix("get_")
        tables[table] = path
        for parameter in operation["parameters"]:
            if parameter["name"] == "expand":
                expands[table] = parameter["schema"]["items"]["enum"]
    keys = migrate.execute(
        "SELECT c.relname, r.relname, a.attname FROM pg_constraint k "
        "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] "
        "WHERE k.contype = 'f' AND cardinality(k.conkey) = 2").fetchall()
    schemas = document()["components"]["schemas"]
    checked, missing = 0, []
    for table, other, column in keys:
        name = table.title().replace("_", "")
        if table in tables and other in tables and column in schemas[name]["properties"]:
            part = column[:-3] if column.endswith("_id") else f"{column}_{other}"
            missing += [] if part in expands.get(table, ()) else [f"{table}.{column} has no .ref = &res_{other}"]
            checked += 1
    assert checked >= 10 and missing == []


# ---- count=exact ---------------------------------------------------------------------------------


def test_the_count_is_of_all_pages_as_filtered(ours, live):
    for parameters in ({}, {"kind": "civic"}, {"archived": "include"}, {"city": "Nowhere"},
                       {"tier[is]": "null", "sort": "-name"}):
        everything = walk(ours.viewer, {**parameters, "limit": 200})
        page = ours.viewer.get("/v1/partners", {**parameters, "count": "exact", "limit": 2}).json
        assert page["page"]["total"] == len(everything)
        assert page["page"]["total_is_capped"] is False
        if page["page"]["has_more"]:
            parameters |= {"count": "exact", "limit": 2, "cursor": page["page"]["next_cursor"]}
            second = ours.viewer.get("/v1/partners", parameters).json
            assert second["page"]["total"] == len(everything)


def test_without_count_there_is_no_total(ours, live):
    assert "total" not in ours.viewer.get("/v1/partners").json["page"]


@pytest.mark.parametrize("value", ("", "1", "true", "estimated", "EXACT"))
def test_a_count_of_another_kind_is_400(ours, value):
    answer = ours.viewer.get("/v1/partners", {"count": value})
    assert (answer.status, answer.faults) == (400, {"/count": "invalid_parameter"})


def test_a_count_ends_at_its_cap_and_says_so(theirs, database):
    with database.connect("kith_migrate") as connection:
        for count, total, is_capped in ((COUNTED - 1, COUNTED - 1, False), (1, COUNTED, True),
                                        (1, COUNTED, True)):
            connection.execute(
                "INSERT INTO network (district_id, id, name, created_at, updated_at) "
                "SELECT %s, gen_random_uuid(), 'N', now(), now() FROM generate_series(1, %s)",
                (theirs.id, count))
            page = theirs.viewer.get("/v1/networks", {"count": "exact", "limit": 1}).json["page"]
            assert (page["total"], page["total_is_capped"]) == (total, is_capped)


# ---- Values with commas, alternatives, absence ---------------------------------------------------


def test_a_value_with_a_comma_is_asked_for_by_eq(theirs):
    cities = ("Austin, TX", "Austin", "TX", "a,b,c")
    made = {city: theirs.director.site(name=city, city=city).id for city in cities}
    get = theirs.viewer.get
    for city in cities:
        assert ids(get("/v1/sites", {"city[eq]": city}).json["data"]) == [made[city]]
    both = get("/v1/sites?city%5Beq%5D=Austin%2C+TX&city[eq]=a,b,c").json["data"]
    assert set(ids(both)) == {made["Austin, TX"], made["a,b,c"]}
    mixed = get("/v1/sites?city=Austin,TX&city[eq]=a,b,c&city=nowhere").json["data"]
    assert set(ids(mixed)) == {made["Austin"], made["TX"], made["a,b,c"]}


def test_repeated_filters_are_alternatives_up_to_their_limit(ours, live):
    query = "&".join(f"kind={kind}" for kind in ("civic", "other"))
    expected = [row for row in live if row["kind"] in ("civic", "other")]
    assert ids(ours.viewer.get(f"/v1/partners?{query}&limit=200").json["data"]) == in_order(
        expected, "name")[:200]
    several = "&".join(["city[eq]=a"] * 20)
    assert ours.viewer.get(f"/v1/partners?{several}").status == 200
    answer = ours.viewer.get(f"/v1/partners?{several}&city=b")
    assert answer.faults == {"/city": "too_many_items"}
    answer = ours.viewer.get("/v1/partners?updated_at[gt]=2026-07-01T00:00:00Z"
                             "&updated_at[gt]=2026-07-02T00:00:00Z")
    assert answer.faults == {"/updated_at[gt]": "invalid_parameter"}


def test_a_link_keeps_repeated_filters(ours, live):
    first = ours.viewer.get("/v1/partners?kind=civic&kind=other&limit=5")
    target = first.field("Link").split(">")[0].lstrip("<")
    second = ours.viewer.get(target)
    expected = in_order([row for row in live if row["kind"] in ("civic", "other")], "name")
    assert ids(first.json["data"] + second.json["data"]) == expected[:10]


@pytest.mark.parametrize("name", ("tier", "city", "ein", "parent_id", "owner_id", "lead_site_id"))
def test_absence_is_asked_for_by_is(ours, live, name):
    for value, is_null in (("null", True), ("not_null", False)):
        expected = [row for row in live if (row[name] is None) == is_null]
        found = walk(ours.viewer, {f"{name}[is]": value, "limit": 200})
        assert expected and ids(found) == in_order(expected, "name")


@pytest.mark.parametrize("query, pointer, code", (
    ("tier[is]=", "/tier[is]", "invalid_parameter"),
    ("tier[is]=NULL", "/tier[is]", "invalid_parameter"),
    ("tier[is]=null&tier[is]=null", "/tier[is]", "invalid_parameter"),
    ("kind[is]=null", "/kind[is]", "unknown_parameter"),
    ("archived_at[is]=null", "/archived_at[is]", "unknown_parameter"),
    ("name[eq]=x", "/name[eq]", "unknown_parameter"),
    ("kind[eq]=civic,other", "/kind[eq]", "not_in_enum"),
))
def test_a_filter_that_cannot_be_is_400(ours, query, pointer, code):
    answer = ours.viewer.get(f"/v1/partners?{query}")
    assert (answer.status, answer.faults) == (400, {pointer: code})


def test_who_may_not_read_a_field_learns_nothing_by_asking_for_its_absence(own):
    own.director.created("contacts", {"name": "With", "email": "with@example.org"})
    own.director.created("contacts", {"name": "Without"})
    asked = {"email[is]": "not_null"}
    assert len(own.coordinator.get("/v1/contacts", asked).json["data"]) >= 1
    for value in ("null", "not_null"):
        assert own.viewer.get("/v1/contacts", {"email[is]": value}).json["data"] == []


# ---- Accept --------------------------------------------------------------------------------------

TAKEN = (None, "*/*", "application/json", "application/*;q=0.1", "text/html, */*;q=0.8",
         "text/html,application/xhtml+xml,application/json;q=0.2")
REFUSED = ("text/html", "image/*", "application/json;q=0", "application/xml, text/plain")


@pytest.mark.parametrize("path", ("/v1/partners", "/v1/partners/{id}"))
def test_a_read_gives_json_or_says_406(ours, live, path):
    path = path.replace("{id}", live[0]["id"])
    for accept in TAKEN:
        answer = ours.viewer.get(path, Accept=accept)
        assert answer.status == 200 and answer.field("Content-Type") == "application/json", accept
    for accept in REFUSED:
        answer = ours.viewer.get(path, Accept=accept)
        assert (answer.status, answer.type) == (406, "not_acceptable"), accept
        assert answer.field("Content-Type") == "application/problem+json"
