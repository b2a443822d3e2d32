"""Each field of each resource: its limits, its canonical form, and whatever is none of it."""

import json
import uuid

import pytest
from fields import ENUM, FIELDS, INT, LEAST, LIST, READ_ONLY, REQUIRED, TEXT, UUID, least
from hypothesis import HealthCheck, given, settings, strategies as st

FIELD_NAMES = [(plural, name) for plural, fields in FIELDS.items() for name in fields]
IDS = [f"{plural}.{name}" for plural, name in FIELD_NAMES]


@pytest.fixture(scope="module")
def subjects(ours):
    """One of each resource, to be changed: its path and ETag."""
    found = {plural: ours.admin.created(plural, least(ours.admin, plural)) for plural in LEAST}
    found["districts"] = ours.admin.get(ours.path)
    return {plural: [f"/v1/{plural}/{one.id}", one.etag] for plural, one in found.items()}


def patch(ours, subjects, plural, body):
    """Changes the subject, and keeps the ETag that it has now."""
    path, etag = subjects[plural]
    answer = ours.admin.patch(path, body, etag)
    if answer.status == 200:
        subjects[plural][1] = answer.etag
    return answer


@pytest.mark.parametrize("plural, name", FIELD_NAMES, ids=IDS)
def test_a_field_takes_what_is_within_its_limits_in_canonical_form(ours, subjects, plural, name):
    field = FIELDS[plural][name]
    for sent, canonical in field.good():
        answer = patch(ours, subjects, plural, {**field.alone, name: sent})
        assert answer.status == 200, (sent, answer)
        assert answer.json[name] == canonical
        assert ours.admin.get(subjects[plural][0]).json[name] == canonical


@pytest.mark.parametrize("plural, name", FIELD_NAMES, ids=IDS)
def test_a_field_refuses_what_is_past_its_limits_by_pointer_and_code(ours, subjects, plural, name):
    path = subjects[plural][0]
    before = ours.admin.get(path).json
    bad = list(FIELDS[plural][name].bad())
    assert bad
    for sent, code in bad:
        answer = patch(ours, subjects, plural, {name: sent})
        assert answer.status == 422 and answer.type == "invalid_input", (sent, answer)
        assert answer.faults == {f"/{name}": code}, (sent, answer)
    assert ours.admin.get(path).json == before


@pytest.mark.parametrize("plural, name", FIELD_NAMES, ids=IDS)
def test_null_clears_a_field_that_may_be_null(ours, subjects, plural, name):
    field = FIELDS[plural][name]
    answer = patch(ours, subjects, plural, {**field.alone, name: None})
    if field.needed:
        assert answer.faults == {f"/{field.needed}": "not_allowed"}
    elif field.nullable:
        assert answer.status == 200 and answer.json[name] is None, answer
    else:
        assert answer.faults == {f"/{name}": "not_null"}


@pytest.mark.parametrize("plural", LEAST)
def test_a_create_takes_the_same_and_refuses_the_same(ours, plural):
    for name, field in FIELDS[plural].items():
        # Unique: one at a time is for PATCH.
        unlike = {"ein", "nces_id", "local_id", "address"} | ({"email"} if plural == "users" else set())
        for sent, canonical in field.good()[:1] if name not in unlike else ():
            answer = ours.admin.created(
                plural, {**least(ours.admin, plural), **field.alone, name: sent}
            )
            assert answer.json[name] == canonical
        for sent, code in list(field.bad())[-1:]:
            answer = ours.admin.post(
                f"/v1/{plural}", {**least(ours.admin, plural), name: sent}
            )
            assert answer.faults == {f"/{name}": code}, (sent, answer)


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
    good = item.values[0] if item.type == ENUM else "a" if item.type == TEXT else "en"
    good, wrong = (1, "1") if item.type == INT else (good, 1)
    items = [good, wrong, None, "a" * 201, good][: FIELDS[plural][name].max]
    answer = patch(ours, subjects, plural, {name: items})
    assert answer.faults[f"/{name}/1"] == "wrong_type"
    assert answer.faults[f"/{name}/2"] in ("wrong_type", "not_null")
    assert f"/{name}/3" in answer.faults or len(items) < 4
    assert f"/{name}/0" not in answer.faults
    answer = patch(ours, subjects, plural, {name: [good, good]})
    assert answer.faults == {f"/{name}/1": "duplicate_item"}, answer


@pytest.mark.parametrize(
    "plural, name", [(p, n) for p, n in FIELD_NAMES if FIELDS[p][n].type == UUID]
)
def test_an_id_must_be_of_something_that_is_there(ours, theirs, subjects, plural, name):
    ids = {
        "nothing's": str(uuid.uuid4()),
        "their partner's": theirs.admin.partner().id,
        "their site's": theirs.admin.site().id,
        "their user's": theirs.users["director"],
    }
    extra = {"status": "merged"} if name == "merged_into" else FIELDS[plural][name].alone
    for whose, one in ids.items():
        answer = patch(ours, subjects, plural, {**extra, name: one})
        assert answer.status == 422, (whose, answer)
        assert answer.faults == {f"/{name}": "unknown_id"}, (whose, answer)


# ---- Bodies that are no JSON, or none of ours ----------------------------------------------------

NOT_JSON = {
    "nothing": b"",
    "spaces": b"  \n",
    "a word": b"name",
    "half an object": b'{"name":',
    "an open string": b'{"name":"x',
    "single quotes": b"{'name':'x'}",
    "a comma too many": b'{"name":"x",}',
    "a comment": b'{"name":"x"/**/}',
    "two objects": b'{"name":"x"}{}',
    "a member twice": b'{"name":"x","name":"y"}',
    "NaN": b'{"name":NaN}',
    "a leading zero": b'{"small_cell":010}',
    "a plus": b'{"small_cell":+10}',
    "a byte order mark": b'\xef\xbb\xbf{"name":"x"}',
    "UTF-16": '{"name":"x"}'.encode("utf-16"),
    "a lone continuation byte": b'{"name":"\x80"}',
    "an overlong form": b'{"name":"\xc0\xaf"}',
    "a surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "a raw newline in a string": b'{"name":"a\nb"}',
    "NUL, escaped": b'{"name":"a\\u0000b"}',
    "NUL, raw": b'{"name":"a\x00b"}',
    "NUL in a member's name": b'{"a\\u0000b":1}',
    "depth 33": b'{"name":' + b"[" * 32 + b"]" * 32 + b"}",
    "depth 100,000": b'{"name":' + b"[" * 100000 + b"]" * 100000 + b"}",
    "depth 100,000 of objects": b'{"a":' * 20000 + b"1" + b"}" * 20000,
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


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
@pytest.mark.parametrize("plural", FIELDS)
def test_whatever_json_comes_is_taken_or_refused_by_pointer(ours, subjects, plural, data):
    names = st.sampled_from(list(FIELDS[plural])) | st.text(max_size=8)
    body = data.draw(st.dictionaries(names, JSON, max_size=5))
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
