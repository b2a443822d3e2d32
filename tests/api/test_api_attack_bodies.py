"""Bodies that are not what the document says, for each route that takes one (attack.py): what is
wrong is refused by its pointer, what is at a limit is taken, and nothing is a failure of ours."""

import os

import pytest
from attack import (  # noqa: F401
    CODINGS,
    JSON,
    KEYS,
    MEDIA_TYPES,
    NO_OBJECT,
    NOT_JSON,
    NUMBERS,
    SAME_MEDIA_TYPE,
    WITH_BODY,
    WITHOUT_BODY,
    ask,
    bad,
    base,
    few,
    good,
    nothing_counts,
    pointer_of,
    rounds,
    share,
)
from fields import APART_FIELDS, FIELDS
from hypothesis import HealthCheck, given, note, seed, settings, strategies as st
from operations import NOTHINGS_ID, operation, operations, types_of

# What only the database knows of a value.
KNOWN_LATER = {"taken", "unknown_id", "not_allowed"}
SEED = int(os.environ.get("KITH_ATTACK_SEED", "20261121"))
# Nobody is let in by made-up words, and who guesses is slowed down; their bodies are small.
SIGN_INS = {"POST /v1/sessions", "POST /v1/me/password", "POST /v1/passwords", "POST /v1/sign_in_links",
            "POST /v1/sign_ins"}
REFUSED_SIGN_IN = (401, 429)


def each_with_body(test):
    return pytest.mark.parametrize("base", WITH_BODY, indirect=True)(test)


def few_with_body(test):
    return pytest.mark.parametrize("base", few(WITH_BODY), indirect=True)(test)


def refused(answer, *pointers):
    """Says that exactly these are at fault."""
    assert answer.status == 422 and answer.type == "invalid_input", answer
    assert set(answer.faults) == set(pointers), (set(answer.faults) ^ set(pointers), answer)


# ---- Members -------------------------------------------------------------------------------------


@each_with_body
def test_what_a_member_does_not_take_is_refused_by_its_pointer(ours, base):
    op, request = base
    for body, pointers in rounds(op.schema):
        refused(ask(request.but(body={**request.body, **body}), ours.admin), *pointers)


def members_to_try(op):
    """Of a create, only what no PATCH tries."""
    patch = operations().get(f"PATCH /v1/{op.plural}/{{id}}")
    tried = patch.schema["properties"] if patch and op.path == f"/v1/{op.plural}" else {}
    return {n: inner for n, inner in op.schema["properties"].items() if n not in tried}


# Days that are good in one school year only, which is another for each that is made.
OF_THEIR_YEAR = {("school_years", "starts_on"), ("school_years", "ends_on")}
# Members that name what there is, and no other.
NAMES = {("bulk", "changes"), ("departure_receivers", "resource"), ("identity_providers", "scopes"),
         ("remedies", "need_ids"), ("instruments", "sections"), ("instruments", "questions")}


@each_with_body
def test_what_is_at_a_members_limits_is_taken(ours, subjects, base):
    op, request = base
    one = subjects.fresh(op.plural) if op.method == "PATCH" else None
    for name, schema in members_to_try(op).items():
        values = list(good(schema))
        row = (FIELDS | APART_FIELDS).get(op.plural, {}).get(name)
        alone = row.alone if row and set(row.alone) <= set(op.schema["properties"]) else {}
        taken = values in ([], [None]) or op.action or op.route in SIGN_INS
        taken = taken or (op.plural, name) in OF_THEIR_YEAR | NAMES
        for value in values:
            if one:
                request = request.but(target=subjects.target(op, one.id), If_Match=one.etag)
                request.body = {}
            elif not op.action and not op.has_id and op.route not in SIGN_INS:
                request.body = subjects.body(op)
            answer = ask(request.but(body={**request.body, **alone, name: value}), ours.admin)
            if answer.status < 300:
                taken = True
                one = one and type(one)(one.id, answer.etag)
            else:
                check_known_later(op, answer, name)
        assert taken, f"no value of {name} is taken, of {str(values)[:300]}"


def check_known_later(op, answer, name):
    """A refusal that no schema tells of."""
    if op.route in SIGN_INS and answer.status in REFUSED_SIGN_IN:
        return
    if op.action and answer.status in (409, 412) and "errors" not in answer.json:
        return
    assert answer.status in (409, 422) and answer.faults, (name, answer)
    assert set(answer.faults.values()) <= KNOWN_LATER, (name, answer)
    assert all(pointer.split("/")[1] for pointer in answer.faults), (name, answer)


@each_with_body
def test_what_is_no_member_is_refused_by_its_pointer(ours, base):
    op, request = base
    one = operations().get(f"GET /v1/{op.plural}/{{id}}")
    shown = one.spec["responses"]["200"]["content"]["application/json"]["schema"] if one else {}
    members = set(op.schema["properties"])
    names = {*KEYS, *shown.get("properties", ()), *(name.upper() for name in members)} - members
    answer = ask(request.but(body={**request.body, **{name: 1 for name in names}}), ours.admin)
    # A pointer stops before a name that is very long.
    refused(answer, *(pointer_of(name) if len(name) < 300 else "" for name in names))


@few_with_body
def test_many_long_names_are_all_refused_by_pointers(ours, base):
    """The reply has a limit, and still says what is wrong."""
    op, request = base
    many, length = (10, 30) if op.route in SIGN_INS else (150, 120)
    for letter in share("a~\u0001é", op, 2):
        names = [f"{number:03}".ljust(length, letter) for number in range(many)]
        answer = ask(request.but(body={name: 1 for name in names}), ours.admin)
        assert answer.status == 422 and answer.faults, answer
        known = {pointer_of(name) for name in names} | {f"/{n}" for n in request.body}
        assert set(answer.faults) <= known, answer


@each_with_body
def test_what_is_required_is_missed(ours, base):
    op, request = base
    required = op.schema.get("required", ())
    for name in required:
        body = {key: value for key, value in request.body.items() if key != name}
        refused(ask(request.but(body=body), ours.admin), f"/{name}")
    if required:
        refused(ask(request.but(body=b"{}"), ours.admin), *(f"/{name}" for name in required))


@each_with_body
def test_an_id_is_of_something_of_ours_that_is_there(ours, subjects, foreign, base):
    """Whatever kind it is of: nothing of another district's is ever taken, nor told from nothing."""
    op, request = base
    one = subjects.fresh(op.plural) if op.method == "PATCH" else None
    if one:
        request = request.but(target=subjects.target(op, one.id), If_Match=one.etag)
    kinds = [*dict.fromkeys(("partners", "sites", "networks", "contacts", "users", op.plural))]
    kinds = [k for k in kinds if k == "users" or f"GET /v1/{k}/{{id}}" in operations()]
    for name, schema in op.schema["properties"].items():
        is_list = "array" in types_of(schema) and schema["items"].get("format") == "uuid"
        if schema.get("format") != "uuid" and not is_list:
            continue
        for which in (NOTHINGS_ID, *(foreign.kept(kind).id for kind in kinds)):
            value = [which] if is_list else which
            answer = ask(request.but(body={**request.body, name: value}), ours.admin)
            assert answer.status in (404, 409, 412, 422), (name, which, answer)
            if answer.status == 422:
                assert set(answer.faults.values()) <= KNOWN_LATER, (name, answer)


# ---- What is no JSON -----------------------------------------------------------------------------


@few_with_body
def test_what_is_no_json_is_400(ours, base):
    op, request = base
    for what, body in share(NOT_JSON.items(), op, 12):
        answer = ask(request.but(body=body), ours.admin)
        assert answer.status in (400, 413) and answer.status == (
            400 if len(body) < 4096 else answer.status
        ), (what, answer)
        assert answer.type in ("invalid_json", "body_too_large"), (what, answer)


@few_with_body
def test_json_that_is_no_object_is_refused(ours, base):
    op, request = base
    for body in share(NO_OBJECT, op, 3):
        answer = ask(request.but(body=body), ours.admin)
        assert answer.status in (400, 422), (body, answer)
        assert "errors" not in answer.json or set(answer.faults) == {""}


@few_with_body
def test_a_number_that_nothing_holds_is_a_fault_of_its_member(ours, base):
    op, request = base
    for name in [*op.schema["properties"], "unknown"][:3]:
        for number in share(NUMBERS, op, 2):
            for body, pointer in (
                (f'{{"{name}":{number}}}', f"/{name}"),
                (f'{{"{name}":["a",{number}]}}', f"/{name}/1"),
            ):
                refused(ask(request.but(body=body.encode()), ours.admin), pointer)


@few_with_body
def test_a_body_that_is_too_large_is_413(ours, base):
    op, request = base
    for length in (600_000 if op.route == "POST /v1/bulk" else 300_000, 1_048_577):
        answer = ask(request.but(body=b'{"a":"' + b"a" * length + b'"}'), ours.admin)
        assert answer.status == 413 and answer.type == "body_too_large", answer


@pytest.mark.parametrize("base", few(WITHOUT_BODY), indirect=True)
def test_what_takes_no_body_is_not_moved_by_one(ours, base):
    op, request = base
    if op.route == "DELETE /v1/sessions/current":
        return  # would end the token
    usual = ask(request, ours.admin).status
    for body, media_type in (
        (b"{}", "application/json"),
        (b'{"a":', None),
        (b"\x00" * 1000, "image/png"),
        (b"x" * 100_000, "application/json"),
    ):
        answer = ask(request.but(body=body, Content_Type=media_type), ours.admin)
        assert answer.status == usual, (body[:10], answer)


# ---- Media types ---------------------------------------------------------------------------------


@few_with_body
def test_another_media_type_is_415_and_names_the_right_one(ours, base):
    op, request = base
    field = "Accept-Patch" if op.method == "PATCH" else "Accept-Post"
    others = {"application/json", "application/merge-patch+json"} - {op.media_type}
    for media_type in (*share(MEDIA_TYPES, op, 6), *others):
        value = media_type and media_type.format(type=op.media_type)
        answer = ask(request.but(body=b"{}", Content_Type=value), ours.admin)
        assert answer.status == 415, (value, answer)
        assert answer.field(field) == op.media_type, (value, answer)
    for media_type in SAME_MEDIA_TYPE:
        value = media_type.format(type=op.media_type)
        answer = ask(request.but(body=b'{"unknown":1}', Content_Type=value), ours.admin)
        assert answer.faults["/unknown"] == "unknown_member", (value, answer)


@few_with_body
def test_a_body_that_is_encoded_is_415(ours, base):
    """RFC 9110 §8.4: a coding that we do not undo may not be taken for the body itself."""
    op, request = base
    for coding in share(CODINGS, op, 2):
        answer = ask(request.but(body=b"{}", Content_Encoding=coding), ours.admin)
        assert answer.status == 415 and answer.type == "media_type_unsupported", (coding, answer)
        assert answer.field("Accept-Encoding") == "identity", (coding, answer)
    answer = ask(request.but(body=b'{"unknown":1}', Content_Encoding="Identity"), ours.admin)
    assert "/unknown" in answer.faults, answer


# ---- Whatever else comes -------------------------------------------------------------------------

@settings(
    max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@seed(SEED)
@given(data=st.data())
@pytest.mark.parametrize("route", few(WITH_BODY))
def test_whatever_json_comes_is_taken_or_refused_by_pointer(ours, subjects, route, data):
    note(f"KITH_ATTACK_SEED={SEED}")
    op = operation(route)
    request = subjects.harmless(op)
    names = st.sampled_from([*op.schema["properties"], "unknown"])
    body = dict(request.body)
    for name in data.draw(st.lists(names, min_size=1, max_size=4)):
        inner = op.schema["properties"].get(name)
        known = [*(value for value, _ in bad(inner)), *good(inner)] if inner else []
        body[name] = data.draw(st.sampled_from(known) | JSON if known else JSON)
    answer = ask(request.but(body=body), ours.admin)
    assert answer.status < 300 or answer.status in (409, 412, 413, 422) or op.route in SIGN_INS
    if answer.status == 422:
        assert answer.faults, answer
        tops = {"", *(pointer_of(name) for name in body), "/unknown"}
        for pointer, code in answer.faults.items():
            assert code in KNOWN_LATER or any(
                pointer == top or pointer.startswith(top + "/") for top in tops
            ), (body, answer)
