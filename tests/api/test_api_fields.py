"""Each field of each resource: its limits, its canonical form, and whatever is none of it."""

import itertools
import json
import uuid

import attack
import fields_apart
import pytest
from fields import EMAIL, ENUM, FIELDS, INT, LEAST, LIST, READ_ONLY, REQUIRED, TEXT, UUID, least
from hypothesis import HealthCheck, given, settings, strategies as st
from operations import Subjects

EVERY = FIELDS | fields_apart.FIELDS
FIELD_NAMES = [(plural, name) for plural, fields in FIELDS.items() for name in fields]


@pytest.fixture(scope="module")
def subjects(ours):
    """One of each resource, to be changed: its path and ETag."""
    found = {plural: ours.admin.created(plural, least(ours.admin, plural)) for plural in LEAST}
    found["districts"] = ours.admin.get(ours.path)
    made = Subjects(ours)
    found |= {plural: made.fresh(plural) for plural in fields_apart.FIELDS}
    return {plural: [f"/v1/{plural}/{one.id}", one.etag] for plural, one in found.items()}


def patch(ours, subjects, plural, body):
    """Changes the subject, and keeps the ETag that it has now."""
    path, etag = subjects[plural]
    answer = ours.admin.patch(path, body, etag)
    if answer.status == 200:
        subjects[plural][1] = answer.etag
    return answer


def rounds(values):
    """Of each field its first value, then of each its second one, and so on; as many at once as a body holds."""
    for several in itertools.zip_longest(*values.values()):
        body, room = {}, 200 * 1024
        for name, one in zip(values, several):
            size = len(json.dumps(one[0])) if one else 0
            if body and size > room:
                yield body
                body, room = {}, 200 * 1024
            if one:
                body[name], room = one, room - size
        yield body


@pytest.mark.parametrize("plural", EVERY)
def test_fields_take_what_is_within_their_limits_in_canonical_form(ours, subjects, plural):
    """All of them at once; one by one where that is refused, or where one needs others beside it. What is null is
    cleared."""
    good = {}
    for name, field in EVERY[plural].items():
        nulls = [(None, None)] if field.nullable and not field.needed else []
        good[name] = [(sent, canonical, field.alone) for sent, canonical in field.good() + nulls
                      if (plural, name, sent) not in fields_apart.MOVES_ON]
    for several in rounds({name: values for name, values in good.items() if not EVERY[plural][name].alone}):
        if not taken(ours, subjects, plural, several):
            for name, one in several.items():
                alone(ours, subjects, plural, name, one)
    for name in (name for name in good if EVERY[plural][name].alone):
        for one in good[name]:
            alone(ours, subjects, plural, name, one)


def taken(ours, subjects, plural, several):
    answer = patch(ours, subjects, plural, {name: sent for name, (sent, _, _) in several.items()})
    if answer.status == 200:
        shown = ours.admin.get(subjects[plural][0]).json
        for name, (sent, canonical, _) in several.items():
            assert answer.json[name] == shown[name] == canonical, (name, sent)
    return answer.status == 200


def alone(ours, subjects, plural, name, one):
    sent, canonical, beside = one
    answer = patch(ours, subjects, plural, {**beside, name: sent})
    if (plural, name) in fields_apart.BY_RULE and answer.status in (409, 422):
        return
    assert answer.status == 200, (name, sent, answer)
    assert answer.json[name] == canonical, (name, sent)


@pytest.mark.parametrize("plural", EVERY)
def test_fields_refuse_what_is_past_their_limits_by_pointer_and_code(ours, subjects, plural):
    path = subjects[plural][0]
    before = ours.admin.get(path).json
    bad = {name: list(field.bad()) for name, field in EVERY[plural].items()}
    assert all(bad.values())
    for several in rounds(bad):
        answer = patch(ours, subjects, plural, {name: sent for name, (sent, _) in several.items()})
        assert answer.status == 422 and answer.type == "invalid_input", (several, answer)
        assert answer.faults.items() <= {f"/{name}": code for name, (_, code) in several.items()}.items(), answer
        for name, (sent, code) in several.items():  # what the database alone knows is said when all else is well
            if f"/{name}" not in answer.faults:
                assert patch(ours, subjects, plural, {name: sent}).faults == {f"/{name}": code}, (name, sent)
    assert ours.admin.get(path).json == before


NEEDED = [(plural, name) for plural, name in FIELD_NAMES if FIELDS[plural][name].needed]


@pytest.mark.parametrize("plural, name", NEEDED)
def test_null_is_refused_where_others_need_it(ours, subjects, plural, name):
    field = FIELDS[plural][name]
    answer = patch(ours, subjects, plural, {**field.alone, name: None})
    assert answer.faults == {f"/{field.needed}": "not_allowed"}


@pytest.mark.parametrize("plural", LEAST)
def test_a_create_takes_the_same_and_refuses_the_same(ours, plural):
    """As the fields of a change: the first good value of each in one body, or, where they do not go together or one
    needs others beside it, in a body of its own; the last bad one of each."""
    # Unique: one at a time is for PATCH.
    unlike = {"ein", "nces_id", "local_id", "address"} | ({"email"} if plural == "users" else set())
    good = {name: field.good()[0] for name, field in FIELDS[plural].items()
            if name not in unlike and field.good()}
    together = {name: one for name, one in good.items() if not FIELDS[plural][name].alone}
    if not created(ours, plural, together):
        for name, one in together.items():
            assert created(ours, plural, {name: one}), (name, one)
    for name in good.keys() - together.keys():
        assert created(ours, plural, {name: good[name]}, **FIELDS[plural][name].alone), name
    bad = {name: list(field.bad())[-1] for name, field in FIELDS[plural].items()}
    answer = ours.admin.post(f"/v1/{plural}", {**least(ours.admin, plural), **{n: one[0] for n, one in bad.items()}})
    assert answer.faults.items() <= {f"/{name}": code for name, (_, code) in bad.items()}.items(), answer
    for name, (sent, code) in bad.items():
        if f"/{name}" not in answer.faults:
            alone = ours.admin.post(f"/v1/{plural}", {**least(ours.admin, plural), name: sent})
            assert alone.faults == {f"/{name}": code}, (sent, alone)


def created(ours, plural, values, **beside):
    body = {**least(ours.admin, plural), **beside, **{name: sent for name, (sent, _) in values.items()}}
    answer = ours.admin.post(f"/v1/{plural}", body)
    if answer.status == 201:
        assert {name: answer.json[name] for name in values} == {name: one for name, (_, one) in values.items()}
    return answer.status == 201 or answer.status in (409, 422) and all((plural, name) in fields_apart.BY_RULE for name in values)


@pytest.mark.parametrize("plural", FIELDS)
def test_all_that_is_wrong_is_said_at_once(ours, subjects, plural):
    """One bad value for each field; what only the database knows comes after."""
    body, faults = {"unknown": 1, "a/b~c": 2}, {}
    for name, field in FIELDS[plural].items():
        sent, code = next(field.bad())
        body[name], faults[f"/{name}"] = sent, code
    faults |= {"/unknown": "unknown_member", "/a~1b~0c": "unknown_member"}
    assert patch(ours, subjects, plural, body).faults == faults


@pytest.mark.parametrize("plural", FIELDS)
def test_what_is_the_servers_is_never_in_a_body(ours, subjects, plural):
    shown = ours.admin.get(subjects[plural][0]).json
    assert set(shown) == set(FIELDS[plural]) | set(READ_ONLY[plural])
    answer = patch(ours, subjects, plural, {name: shown[name] for name in READ_ONLY[plural]})
    assert answer.faults == {f"/{name}": "read_only" for name in READ_ONLY[plural]}


@pytest.mark.parametrize("plural", LEAST)
def test_what_is_required_is_missed_in_a_create_and_not_in_a_patch(ours, subjects, plural):
    answer = ours.admin.post(f"/v1/{plural}", {})
    assert answer.faults == {f"/{name}": "required" for name in REQUIRED[plural]}
    assert patch(ours, subjects, plural, {}).status == 200


@pytest.mark.parametrize(
    "plural, name", [(p, n) for p, n in FIELD_NAMES if FIELDS[p][n].type == LIST]
)
def test_items_of_a_list_are_checked_one_by_one(ours, subjects, plural, name):
    item = FIELDS[plural][name].item
    good = item.values[0] if item.type == ENUM else {TEXT: "a", EMAIL: "a@example.org"}.get(item.type, "en")
    good, wrong = (1, "1") if item.type == INT else (good, 1)
    items = [good, wrong, None, "a" * 201, good][: FIELDS[plural][name].max]
    answer = patch(ours, subjects, plural, {name: items})
    assert answer.faults[f"/{name}/1"] == "wrong_type"
    assert answer.faults[f"/{name}/2"] in ("wrong_type", "not_null")
    assert f"/{name}/3" in answer.faults or len(items) < 4
    assert f"/{name}/0" not in answer.faults
    answer = patch(ours, subjects, plural, {name: [good, good]})
    assert answer.faults == {f"/{name}/1": "duplicate_item"}, answer


@pytest.fixture(scope="module")
def not_ours(theirs):
    return {
        "nothing's": str(uuid.uuid4()),
        "their partner's": theirs.admin.partner().id,
        "their site's": theirs.admin.site().id,
        "their user's": theirs.users["director"],
    }


@pytest.mark.parametrize(
    "plural, name", [(p, n) for p, n in FIELD_NAMES if FIELDS[p][n].type == UUID]
)
def test_an_id_must_be_of_something_that_is_there(ours, not_ours, subjects, plural, name):
    extra = {"status": "merged"} if name == "merged_into" else FIELDS[plural][name].alone
    for whose, one in not_ours.items():
        answer = patch(ours, subjects, plural, {**extra, name: one})
        assert answer.status == 422, (whose, answer)
        assert answer.faults == {f"/{name}": "unknown_id"}, (whose, answer)


# ---- Bodies that are no JSON, or none of ours ----------------------------------------------------

NOT_JSON = attack.NOT_JSON | {
    "nothing": b"",
    "spaces": b"  \n",
    "a leading zero": b'{"small_cell":010}',
    "a plus": b'{"small_cell":+10}',
    "depth 100,000": b'{"name":' + b"[" * 100000 + b"]" * 100000 + b"}",
    "65,537 values": b'{"aliases":[' + b",".join([b"1"] * 65537) + b"]}",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_no_json_is_400(ours, subjects, body):
    path, etag = subjects["partners"]
    for answer in (
        ours.admin.post("/v1/partners", body),
        ours.admin.patch(path, body, etag),
    ):
        assert (answer.status, answer.type) == (400, "invalid_json"), answer
        assert answer.json["detail"]


def test_depth_32_is_taken_and_then_judged_by_meaning(ours):
    body = b'{"name":' + b"[" * 31 + b"]" * 31 + b',"kind":"other"}'
    assert ours.admin.post("/v1/partners", body).faults == {"/name": "wrong_type"}


@pytest.mark.parametrize("body", (b"null", b"[]", b"1", b'"x"', b"true", b'[{"name":"x"}]'))
def test_json_that_is_no_object_is_refused(ours, subjects, body):
    """RFC 7396 would replace the resource by such a patch: that is never allowed here."""
    path, etag = subjects["partners"]
    for answer in (ours.admin.post("/v1/partners", body), ours.admin.patch(path, body, etag)):
        assert answer.status in (400, 422), answer
        assert "errors" not in answer.json or set(answer.faults) == {""}


@pytest.mark.parametrize(
    "number", ("1e400", "-1e400", "9" * 400, "-" + "9" * 400, "9223372036854775808")
)
def test_a_number_that_nothing_holds_is_a_fault_of_its_field(ours, subjects, number):
    path, etag = subjects["districts"]
    for body, pointer in (
        (f'{{"small_cell":{number}}}', "/small_cell"),
        (f'{{"locales":["en",{number}]}}', "/locales/1"),
    ):
        answer = ours.admin.patch(path, body.encode(), etag)
        assert answer.status == 422 and set(answer.faults) == {pointer}, answer


def test_a_body_at_the_limit_is_read_and_one_past_it_is_413(ours):
    def body(length):
        head, tail = b'{"name":"', b'"}'
        return head + b"a" * (length - len(head) - len(tail)) + tail

    answer = ours.admin.post("/v1/partners", body(256 * 1024))
    assert answer.faults == {"/name": "too_long", "/kind": "required"}, answer
    answer = ours.admin.post("/v1/partners", body(256 * 1024 + 1))
    assert (answer.status, answer.type) == (413, "body_too_large"), answer


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
@pytest.mark.parametrize("plural", FIELDS)
def test_whatever_json_comes_is_taken_or_refused_by_pointer(ours, subjects, plural, data):
    names = st.sampled_from(list(FIELDS[plural])) | st.text(max_size=8)
    body = data.draw(st.dictionaries(names, attack.JSON, max_size=5))
    ascii_only = data.draw(st.booleans())
    answer = patch(ours, subjects, plural, json.dumps(body, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"))
    assert answer.status in (200, 400, 422), answer
    if answer.status == 422:
        assert answer.faults, answer
        tops = {"/" + name.replace("~", "~0").replace("/", "~1") for name in body}
        for pointer in answer.faults:
            assert any(pointer == top or pointer.startswith(top + "/") for top in tops) or (
                # a constraint between two fields may name the other one
                answer.faults[pointer] == "not_allowed"
            ), (body, answer)
