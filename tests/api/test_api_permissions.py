"""Who may ask what: each route of the document, asked as each role (permissions.py)."""

import pytest
from api_world import Caller
from operations import operation, operations
from permissions import EVERY_ROLE, PERMISSIONS, PUBLIC

# What may come instead, below a resource: its state, or a body that is made up, is not the right one.
PAST_THE_DOOR = {404, 409, 412, 422}
# What cannot be made for every role: one's own password and session, somebody else's key.
NOT_THEIRS = {
    "PATCH /v1/me": {412},
    "POST /v1/me/password": {422},
    "DELETE /v1/me/sessions/{id}": {404},
    "GET /v1/api_keys/{id}": {404},
    "GET /v1/own_survey_invitations/{id}": {404},
    "GET /v1/saved_filters/{id}": {404},
    "PATCH /v1/saved_filters/{id}": {404},
    "DELETE /v1/saved_filters/{id}": {404},
    "POST /v1/saved_filters/{id}/restore": {404},
    **{f"GET /v1/{plural}/{{id}}": {404} for plural in ("champions", "champion_steps")},
    # The present lead does these, or a director.
    **{f"POST /v1/remedies/{{id}}/{verb}": {403} for verb in ("agree", "cancel")},
    # The partner's owner does these, or a director.
    **{f"POST /v1/asks/{{id}}/{verb}": {403, 409} for verb in ("clear", "hold", "release")},
}
# Ends the token that it comes with.
ENDS_THE_TOKEN = "DELETE /v1/sessions/current"


@pytest.fixture(scope="module", autouse=True)
def nothing_counts(api):
    """A table that asks for every route is not a test of each."""
    api.counts = False


def test_every_route_stands_in_the_table():
    assert sorted(set(operations()) - set(PERMISSIONS)) == [], "routes without a row"
    assert sorted(set(PERMISSIONS) - set(operations())) == [], "rows without a route"


def test_what_is_public_is_so_in_the_document():
    assert {route for route, op in operations().items() if op.is_public} == {
        route for route, roles in PERMISSIONS.items() if roles == PUBLIC
    }


CLOSED = [route for route, roles in PERMISSIONS.items() if roles != PUBLIC]


def as_role(ours, route, role):
    if route == ENDS_THE_TOKEN:
        return ours.person(*(role for role in [role] if role != "nobody"))[0]
    return getattr(ours, role)


@pytest.mark.shows("everywhere.permissions")
@pytest.mark.parametrize("route", CLOSED)
def test_a_route_is_open_to_its_roles_and_to_no_other(ours, subjects, route):
    op = operation(route)
    for role in EVERY_ROLE:
        caller = as_role(ours, route, role)
        if role not in PERMISSIONS[route]:
            answer = subjects.harmless(op).send(caller)
            assert answer.status == 403 and answer.type == "forbidden", (role, answer)
            continue
        answer = subjects.valid(op).send(caller)
        is_more = "{id}/" in op.path and op.action != "restore"  # than the resource itself
        past = PAST_THE_DOOR if is_more else ()
        past = NOT_THEIRS.get(route, past)
        assert answer.status < 400 or answer.status in past, (role, answer)


@pytest.mark.parametrize("route", CLOSED)
def test_without_a_token_a_closed_route_is_401(api, subjects, route):
    answer = subjects.harmless(operation(route)).send(Caller(api, None))
    assert answer.status == 401 and answer.type == "unauthenticated", answer
    assert answer.field("WWW-Authenticate")


@pytest.mark.parametrize("route", [route for route in PERMISSIONS if route not in CLOSED])
def test_a_public_route_asks_nobody_who_they_are(api, ours, subjects, route):
    request = subjects.harmless(operation(route))
    for caller in (Caller(api, None), Caller(api, "kith_nonsense"), ours.nobody):
        answer = request.send(caller)
        if route == "POST /v1/sessions":
            assert answer.json["detail"] == "The e-mail address or the password is wrong."
        elif route == "POST /v1/public_inquiries":
            assert answer.status in (202, 422), "the host may say no district"
        elif route == "POST /v1/sign_in_links":
            assert answer.status == 202 and answer.json == {"valid_minutes": 30}
        elif route in ("POST /v1/passwords", "POST /v1/sign_ins"):
            assert set(answer.faults) == {"/token"}
        else:
            assert answer.status == 200, answer
