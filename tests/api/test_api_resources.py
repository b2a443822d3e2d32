"""One resource at a time: create, get, change, archive, restore, and what stands in the way."""

import re
import threading
import uuid
from urllib.parse import quote

import pytest
from fields import FIELDS, LEAST

from world import NOW

MERGE_PATCH = "application/merge-patch+json"
PLURALS = ("partners", "sites")
UUIDV7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def one_of(caller, plural, **fields):
    return caller.created(plural, {**LEAST[plural], **fields})


def path_of(plural, answer):
    return f"/v1/{plural}/{answer.id}"


# ---- Create and get ------------------------------------------------------------------------------


def test_what_its_writer_may_not_read_is_created_and_not_shown(ours, database):
    with database.connect("postgres") as connection:
        connection.execute("CREATE POLICY hidden ON tag AS RESTRICTIVE FOR SELECT TO kith_api USING (name <> 'Hidden')")
        try:
            answer = ours.admin.post("/v1/tags", {"name": "Hidden"})
        finally:
            connection.execute("DROP POLICY hidden ON tag")
    assert (answer.status, answer.reply.body, answer.etag) == (201, b"", None)
    assert ours.admin.get(answer.field("Location")).json["name"] == "Hidden"


@pytest.mark.parametrize("plural", PLURALS)
def test_a_create_gives_defaults_location_and_the_representation(ours, plural):
    made = one_of(ours.director, plural)
    assert UUIDV7.match(made.id)
    assert made.field("Location") == path_of(plural, made)
    assert made.field("Content-Type") == "application/json"
    expected = {name: field.default for name, field in FIELDS[plural].items()} | LEAST[plural]
    assert {name: made.json[name] for name in expected} == expected
    assert made.json["version"] == 1
    assert made.json["created_at"] == made.json["updated_at"] == NOW
    assert made.json["archived_at"] is None
    got = ours.director.get(made.field("Location"))
    assert (got.status, got.json, counted(got)) == (200, made.json, counted(made))


def counted(answer):
    """The part of an ETag that an If-Match compares: of what is derived a partner's has more."""
    return answer.etag.partition("-")[0]


def test_sent_null_is_the_same_as_left_out(ours):
    made = one_of(ours.director, "partners", tier=None, email=None, owner_id=None)
    assert made.json["tier"] is None


def test_references_inside_the_district_are_kept(ours):
    parent, site = ours.director.partner(), ours.director.site()
    made = one_of(
        ours.director,
        "partners",
        parent_id=parent.id.upper(),
        lead_site_id=site.id,
        owner_id=ours.users["coordinator"],
    )
    assert made.json["parent_id"] == parent.id, "in canonical form"
    assert made.json["lead_site_id"] == site.id
    assert made.json["owner_id"] == ours.users["coordinator"]


def test_the_district_reads_itself_and_no_other(ours, theirs):
    listed = ours.viewer.get("/v1/districts").json["data"]
    assert [one["id"] for one in listed] == [ours.id]
    assert ours.viewer.get(ours.path).json == listed[0]
    assert ours.viewer.get(theirs.path).status == 404


# ---- Change --------------------------------------------------------------------------------------

# RFC 7396, appendix A, as far as it is about objects of known members: original, patch, result.
MERGES = [
    ({"city": "b"}, {"city": "c"}, {"city": "c"}),
    ({"city": "b"}, {"street": "c"}, {"city": "b", "street": "c"}),
    ({"city": "b"}, {"city": None}, {"city": None}),
    ({"city": "b", "street": "c"}, {"city": None}, {"city": None, "street": "c"}),
    ({"aliases": ["b"]}, {"aliases": ["c", "d"]}, {"aliases": ["c", "d"]}),
    ({"aliases": ["c", "d"]}, {"aliases": ["b"]}, {"aliases": ["b"]}),
    ({"aliases": ["b"]}, {"aliases": []}, {"aliases": []}),
    ({"city": None}, {"street": "1"}, {"city": None, "street": "1"}),
    ({"city": "b"}, {}, {"city": "b"}),
    ({"city": "b", "tier": "anchor"}, {"tier": None, "city": ""}, {"city": "", "tier": None}),
]


@pytest.mark.parametrize("original, change, result", MERGES)
def test_a_patch_is_a_merge_patch(ours, original, change, result):
    made = one_of(ours.director, "partners", **original)
    answer = ours.director.patch(path_of("partners", made), change, made.etag)
    assert answer.status == 200, answer
    derived = ("version", "updated_at", "completeness", "incomplete")
    expected = {n: v for n, v in {**made.json, **result}.items() if n not in derived}
    assert {n: v for n, v in answer.json.items() if n not in derived} == expected
    assert ours.director.get(path_of("partners", made)).json == answer.json


@pytest.mark.parametrize("plural", PLURALS)
def test_a_change_counts_the_version_moves_updated_at_and_gives_a_new_etag(api, ours, plural):
    made = one_of(ours.director, plural)
    now = api.move_clock(minutes=1)
    answer = ours.director.patch(path_of(plural, made), {"name": "New"}, made.etag)
    assert answer.json["version"] == 2
    assert (answer.json["created_at"], answer.json["updated_at"]) == (made.json["created_at"], now)
    assert answer.etag != made.etag
    assert counted(ours.director.get(path_of(plural, made))) == counted(answer)


@pytest.mark.parametrize(
    "change", ({}, {"name": "A partner"}, {"name": " A partner "}, {"city": None})
)
def test_a_patch_that_changes_nothing_keeps_version_and_etag(api, ours, change):
    made = one_of(ours.director, "partners")
    api.move_clock(minutes=1)
    answer = ours.director.patch(path_of("partners", made), change, made.etag)
    assert (answer.status, answer.json, answer.etag) == (200, made.json, made.etag)


def test_the_district_is_changed_by_its_admin(ours):
    before = ours.admin.get(ours.path)
    answer = ours.admin.patch(ours.path, {"mail_hour": 7, "phone": "1"}, before.etag)
    assert answer.status == 200
    assert answer.json == {
        **before.json,
        "mail_hour": 7,
        "phone": "1",
        "version": before.json["version"] + 1,
        "updated_at": answer.json["updated_at"],
    }


# ---- Preconditions and entity tags ---------------------------------------------------------------

WRITES = {
    "PATCH": lambda caller, path, etag: caller.patch(path, {"name": "x"}, etag),
    "DELETE": lambda caller, path, etag: caller.archive(path, etag),
    "restore": lambda caller, path, etag: caller.restore(path, etag),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
@pytest.mark.parametrize("plural", PLURALS)
def test_a_write_needs_if_match(ours, plural, write):
    made = one_of(ours.director, plural)
    answer = write(ours.director, path_of(plural, made), None)
    assert (answer.status, answer.type) == (428, "precondition_required")


NO_MATCHES = ("*", "v1", '"1"', '"v"', '"vx"', '"v0"', '"v-1"', '"v1', 'W/"v1-0"', '"v1-0", "v2-0"')


@pytest.mark.parametrize(
    "etag", (*NO_MATCHES, '"v2-0"', '"v9223372036854775807"', '"v99999999999999999999"')
)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_if_match_must_be_the_etag_of_now(ours, write, etag):
    made = one_of(ours.director, "partners")
    answer = write(ours.director, path_of("partners", made), etag)
    assert (answer.status, answer.type) == (412, "precondition_failed"), answer
    assert ours.director.get(path_of("partners", made)).json == made.json


@pytest.mark.parametrize("plural", PLURALS)
def test_a_stale_if_match_is_412_with_the_etag_of_now(ours, plural):
    made = one_of(ours.director, plural)
    path = path_of(plural, made)
    second = ours.director.patch(path, {"name": "Second"}, made.etag)
    for write in (WRITES["PATCH"], WRITES["DELETE"]):
        answer = write(ours.director, path, made.etag)
        assert (answer.status, answer.etag) == (412, second.etag)
    assert ours.director.get(path).json == second.json
    assert ours.director.patch(path, {"name": "Third"}, answer.etag).status == 200


def test_of_two_writers_at_once_one_wins_and_the_other_learns_of_it(ours):
    made = one_of(ours.director, "partners")
    path = path_of("partners", made)
    start = threading.Barrier(8)
    answers = []

    def write(number):
        start.wait()
        answers.append(ours.director.patch(path, {"name": f"By {number}"}, made.etag))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1
    assert {answer.status for answer in answers} <= {200, 412, 409}
    assert ours.director.get(path).json == won[0].json
    assert won[0].json["version"] == 2


def test_an_etag_differs_by_what_the_role_may_read_and_any_of_them_matches(ours):
    made = one_of(ours.director, "partners", culture_notes="Private")
    path = path_of("partners", made)
    roles = ("director", "coordinator", "viewer")
    tags = {role: getattr(ours, role).get(path).etag for role in roles}
    assert len(set(tags.values())) == 3
    answer = ours.director.get(path, If_None_Match=tags["viewer"])
    assert answer.status == 200, "what a viewer has is not what a director would get"
    assert ours.director.patch(path, {"city": "x"}, tags["viewer"]).status == 200


@pytest.mark.parametrize("plural", (*PLURALS, "districts"))
def test_who_has_it_already_gets_304(ours, plural):
    path = ours.path if plural == "districts" else path_of(plural, one_of(ours.director, plural))
    got = ours.director.get(path)
    for value in (got.etag, "*", f'"other", {got.etag}', f"W/{got.etag}"):
        answer = ours.director.get(path, If_None_Match=value)
        assert (answer.status, answer.etag, answer.json) == (304, got.etag, None), value
        assert answer.field("Cache-Control") == got.field("Cache-Control")
    for value in ('"other"', '"v1"', got.etag.strip('"')):
        assert ours.director.get(path, If_None_Match=value).status == 200, value


def test_head_is_get_without_the_body(ours):
    path = path_of("partners", one_of(ours.director, "partners"))
    got, head = ours.director.get(path), ours.director.call("HEAD", path)
    assert (head.status, head.etag, head.json) == (200, got.etag, None)
    assert head.field("Content-Length") == got.field("Content-Length")
    assert ours.director.call("HEAD", "/v1/partners").status == 200
    assert ours.director.call("HEAD", f"/v1/partners/{uuid.uuid4()}").status == 404


# ---- Archive and restore -------------------------------------------------------------------------


@pytest.mark.parametrize("plural", PLURALS)
def test_archive_and_restore(api, ours, plural):
    made = one_of(ours.director, plural)
    path = path_of(plural, made)
    now = api.move_clock(minutes=1)
    gone = ours.director.archive(path, made.etag)
    assert (gone.status, gone.json) == (204, None)
    archived = ours.director.get(path)
    assert (archived.json["archived_at"], archived.json["version"]) == (now, 2)
    back = ours.director.restore(path, archived.etag)
    assert back.status == 200, back
    assert (back.json["archived_at"], back.json["version"]) == (None, 3)
    assert ours.director.get(path).json == back.json


@pytest.mark.parametrize("plural", PLURALS)
def test_what_is_archived_takes_no_change_but_to_be_restored(ours, plural):
    made = one_of(ours.director, plural)
    path = path_of(plural, made)
    answer = ours.director.restore(path, made.etag)
    assert (answer.status, answer.type) == (409, "conflict"), "it is not archived"
    ours.director.archive(path, made.etag)
    archived = ours.director.get(path)
    for write in (WRITES["PATCH"], WRITES["DELETE"]):
        answer = write(ours.director, path, archived.etag)
        assert (answer.status, answer.type) == (409, "conflict"), answer
    assert ours.director.get(path).json == archived.json


# ---- What the database knows ---------------------------------------------------------------------

UNIQUE = [
    ("partners", "ein", "123456789"),
    ("sites", "local_id", "07"),
    ("sites", "nces_id", "1" * 12),
]


@pytest.mark.parametrize("plural, name, value", UNIQUE, ids=[name for _, name, _ in UNIQUE])
def test_a_value_that_is_taken_is_409_by_pointer(ours, theirs, plural, name, value):
    one_of(ours.director, plural, **{name: value})
    one_of(theirs.director, plural, **{name: value})  # another district's is its own
    second = one_of(ours.director, plural)
    for answer in (
        ours.director.post(f"/v1/{plural}", {**LEAST[plural], name: value}),
        ours.director.patch(path_of(plural, second), {name: value}, second.etag),
    ):
        assert (answer.status, answer.faults) == (409, {f"/{name}": "taken"}), answer
    assert ours.director.get(path_of(plural, second)).json == second.json


def test_an_ein_is_free_again_when_its_partner_is_archived_and_the_restore_then_fails(ours):
    first = one_of(ours.director, "partners", ein="987654321")
    path = path_of("partners", first)
    ours.director.archive(path, first.etag)
    one_of(ours.director, "partners", ein="987654321")
    answer = ours.director.restore(path, ours.director.get(path).etag)
    assert (answer.status, answer.faults) == (409, {"/ein": "taken"}), answer


RULES = {
    "merged into nothing": ("sites", {"status": "merged"}, "/merged_into"),
    "nces_id with a letter": ("sites", {"nces_id": "12345678901x"}, "/nces_id"),
    "ein with a letter": ("partners", {"ein": "12345678x"}, "/ein"),
}


@pytest.mark.parametrize("plural, change, pointer", RULES.values(), ids=RULES.keys())
def test_a_rule_of_the_database_is_422_by_pointer(ours, plural, change, pointer):
    made = one_of(ours.director, plural)
    for answer in (
        ours.director.post(f"/v1/{plural}", {**LEAST[plural], **change}),
        ours.director.patch(path_of(plural, made), change, made.etag),
    ):
        assert (answer.status, answer.faults) == (422, {pointer: "not_allowed"}), answer


def test_a_site_merges_into_another_one_and_not_into_itself(ours):
    made, other = one_of(ours.director, "sites"), one_of(ours.director, "sites")
    path = path_of("sites", made)
    answer = ours.director.patch(path, {"merged_into": other.id}, made.etag)
    assert answer.faults == {"/merged_into": "not_allowed"}, "its status is open"
    answer = ours.director.patch(path, {"status": "merged", "merged_into": made.id}, made.etag)
    assert answer.faults == {"/merged_into": "not_allowed"}
    answer = ours.director.patch(path, {"status": "merged", "merged_into": other.id}, made.etag)
    assert (answer.status, answer.json["merged_into"]) == (200, other.id)


@pytest.mark.shows("registry.parents")
def test_a_partner_is_no_branch_of_itself(ours):
    made = one_of(ours.director, "partners")
    answer = ours.director.patch(path_of("partners", made), {"parent_id": made.id}, made.etag)
    assert answer.faults == {"/parent_id": "not_allowed"}


@pytest.mark.shows("district.languages")
def test_the_districts_language_is_one_of_its_languages(ours):
    answer = ours.admin.patch(ours.path, {"locale": "fr"}, ours.admin.get(ours.path).etag)
    assert answer.faults == {"/locale": "not_allowed"}


# ---- What is not there, and what is not done -----------------------------------------------------


@pytest.mark.parametrize("plural", PLURALS)
def test_another_tenants_id_is_404_in_every_route(ours, theirs, plural):
    made = one_of(theirs.director, plural)
    for target in (path_of(plural, made), f"/v1/{plural}/{uuid.uuid4()}"):
        for answer in (
            ours.admin.get(target),
            *(write(ours.admin, target, made.etag) for write in WRITES.values()),
        ):
            assert (answer.status, answer.type) == (404, "not_found"), answer
            assert answer.etag is None
    listed = ours.admin.get(f"/v1/{plural}", {"archived": "include", "limit": 200}).json
    assert made.id not in {row["id"] for row in listed["data"]}
    assert theirs.director.get(path_of(plural, made)).json == made.json


def test_another_district_is_404(ours, theirs):
    etag = theirs.admin.get(theirs.path).etag
    assert ours.admin.patch(theirs.path, {"name": "Ours now"}, etag).status == 404


@pytest.mark.parametrize("id", ("x", "0", "-", "%00", "..", "null", "0" * 36, "a" * 2000, "é"))
def test_what_is_no_id_is_404(ours, id):
    target = "/v1/partners/" + (id if id.startswith("%") else quote(id))
    statuses = {404, 400} if id in ("%00", "..") else {404}
    assert ours.director.get(target).status in statuses
    assert ours.director.patch(target, {}, '"v1-0"').status in statuses


METHODS = {
    "/v1/partners": {"GET", "HEAD", "POST"},
    "/v1/partners/{id}": {"GET", "HEAD", "PATCH", "DELETE"},
    "/v1/partners/{id}/restore": {"POST"},
    "/v1/sites": {"GET", "HEAD", "POST"},
    "/v1/sites/{id}": {"GET", "HEAD", "PATCH", "DELETE"},
    "/v1/districts": {"GET", "HEAD"},
    "/v1/districts/{id}": {"GET", "HEAD", "PATCH"},
}


@pytest.mark.parametrize("target", METHODS)
def test_other_methods_are_405_and_allow_names_the_right_ones(ours, target):
    path = target.replace("{id}", str(uuid.uuid4()))
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - METHODS[target]:
        answer = ours.director.call(method, path)
        assert (answer.status, answer.type) == (405, "method_not_allowed"), method
        assert answer.reply.allow() - {"OPTIONS"} == METHODS[target]


@pytest.mark.parametrize(
    "target", ("/v1", "/v2/partners", "/v1/nothing", "/v1/partners/", "/metrics")
)
def test_other_paths_are_404(ours, target):
    assert ours.director.get(target).status == 404


@pytest.mark.parametrize(
    "media_type",
    (
        None,
        "",
        "application/json",
        "application/json-patch+json",
        "text/plain",
        "application/merge-patch",
    ),
)
def test_a_patch_of_another_type_is_415_and_accept_patch_names_the_right_one(ours, media_type):
    made = one_of(ours.director, "partners")
    answer = ours.director.patch(
        path_of("partners", made), {"name": "x"}, made.etag, Content_Type=media_type
    )
    assert (answer.status, answer.field("Accept-Patch")) == (415, MERGE_PATCH), answer


@pytest.mark.parametrize(
    "media_type", (None, "text/json", "application/x-www-form-urlencoded", MERGE_PATCH)
)
def test_a_post_of_another_type_is_415(ours, media_type):
    answer = ours.director.post("/v1/partners", LEAST["partners"], Content_Type=media_type)
    assert (answer.status, answer.field("Accept-Post")) == (415, "application/json"), answer


@pytest.mark.parametrize(
    "media_type",
    (
        "application/json; charset=utf-8",
        "Application/JSON",
        'application/json;charset="UTF-8"',
    ),
)
def test_a_media_type_is_read_as_rfc_9110_says(ours, media_type):
    answer = ours.director.post("/v1/partners", LEAST["partners"], Content_Type=media_type)
    assert answer.status == 201, answer


def test_a_get_of_one_takes_no_parameter(ours):
    made = one_of(ours.director, "partners")
    answer = ours.director.get(path_of("partners", made), {"x": "1"})
    assert (answer.status, answer.type) == (400, "invalid_query")
    assert "x" in answer.json["detail"]
