"""The table of permissions (access.py), run whole: each route of the document as each role, from each scope, and by
those without any right; each field that not everybody reads, as each role."""

import pytest
from access import CLOSED, IN, INSIDE, OUTSIDE, STRANGERS, Scoped, classes, declared_roles, rows_of
from api_world import ROLES, Caller
from fields import FIELDS
from operations import Request, operation, operations
from permissions import EVERY_ROLE, PERMISSIONS, PUBLIC

# What may come instead, below a resource: its state, or a body that is made up, is not the right one.
PAST_THE_DOOR = {404, 409, 412, 422}
# What cannot be made for every role: one's own password and session, somebody else's key.
NOT_THEIRS = {
    "PATCH /v1/me": {412},
    "POST /v1/me/password": {422},
    "POST /v1/bulk": {422},
    "DELETE /v1/me/sessions/{id}": {404},
    "GET /v1/api_keys/{id}": {404},
    "GET /v1/own_survey_invitations/{id}": {404},
    "GET /v1/saved_filters/{id}": {404},
    "PATCH /v1/saved_filters/{id}": {404},
    "DELETE /v1/saved_filters/{id}": {404},
    "POST /v1/saved_filters/{id}/restore": {404},
    "PATCH /v1/reports/{id}": {403},
    "DELETE /v1/reports/{id}": {403},
    "POST /v1/reports/{id}/restore": {403},
    **{f"{method} /v1/{plural}/{{id}}{rest}": {404} for plural in ("champions", "champion_steps", "coachings", "complaints")
       for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/restore"))},
    # Of nothing yet, and somebody else's.
    **{f"{method} /v1/attachments/{{id}}{rest}": {404}
       for method, rest in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/restore"))},
    "POST /v1/champion_steps": {422},
    # Who directs another part does not even see these.
    **{f"{method} /v1/{plural}/{{id}}{rest}": {404} for plural in ("departures", "departure_receivers")
       for method, rest in (("PATCH", ""), ("DELETE", ""), ("POST", "/restore"))},
    **{f"POST /v1/departures/{{id}}/{verb}": {404, 409, 422} for verb in ("hand_over", "introduce", "cancel")},
    # Whoever runs the program takes these away; a step's own reviewer, too.
    **{f"DELETE /v1/{plural}/{{id}}": {409} for plural in ("agreement_items", "agreement_steps", "gift_steps")},
    # The present lead does these, or a director.
    **{f"POST /v1/remedies/{{id}}/{verb}": {403} for verb in ("agree", "cancel")},
    # The partner's owner does these, or a director.
    **{f"POST /v1/asks/{{id}}/{verb}": {403, 409} for verb in ("clear", "hold", "release")},
}
# Ends the token that it comes with.
ENDS_THE_TOKEN = "DELETE /v1/sessions/current"
PLURALS = sorted({operation(route).plural for route in CLOSED})


@pytest.fixture(scope="module", autouse=True)
def nothing_counts(api):
    """A table that asks for every route is not a test of each."""
    api.counts = False


@pytest.fixture(scope="module")
def scoped(ours, subjects):
    return Scoped(ours, subjects)


@pytest.fixture(scope="module")
def callers(api, ours, theirs):
    """{who: caller}, but for those of a part of the district."""
    expired, *_ = ours.person("admin", expires_at="2026-11-21T14:59:59Z")
    revoked, *_ = ours.person("admin", revoked_at="2026-11-21T14:59:59Z")
    return {**{role: getattr(ours, role) for role in EVERY_ROLE}, "anonymous": Caller(api, None), "expired": expired,
            "revoked": revoked, "other district": theirs.admin,
            "key of tags": ours.person("admin", resources=["tags"])[0],
            "key that reads": ours.person("admin", is_read_only=True)[0]}


# ---- The table is whole, and says what the declarations say --------------------------------------


def test_every_route_stands_in_the_table():
    assert sorted(set(operations()) - set(PERMISSIONS)) == [], "routes without a row"
    assert sorted(set(PERMISSIONS) - set(operations())) == [], "rows without a route"


def test_what_is_public_is_so_in_the_document():
    assert {route for route, op in operations().items() if op.is_public} == {
        route for route, roles in PERMISSIONS.items() if roles == PUBLIC
    }


def test_the_declarations_and_the_table_name_the_same_roles():
    declared = {route: declared_roles(op) for route, op in operations().items()}
    assert len([roles for roles in declared.values() if roles]) > 500
    # Of an import it depends on its kind.
    del declared["POST /v1/imports/{id}/revert"]
    assert {route: roles for route, roles in declared.items() if roles and roles != PERMISSIONS[route]} == {}


# ---- The rows ------------------------------------------------------------------------------------


def strictly(subjects, op, route, role, caller):
    """What may be done is done, once: about something of its own."""
    answer = subjects.valid(op).send(caller)
    is_more = "{id}/" in op.path and op.action != "restore"  # than the resource itself
    past = NOT_THEIRS.get(route, PAST_THE_DOOR if is_more else ())
    assert answer.status < 400 or answer.status in past, (route, role, answer)


def check(answer, expected, row):
    if expected == IN:
        is_in = answer.status not in (401, 403) and answer.status < 500 or answer.status in NOT_THEIRS.get(row[0], ())
        assert is_in, (row, answer)
        return
    if row[1] in OUTSIDE and answer.status in NOT_THEIRS.get(row[0], ()):
        return  # who may not write it does not even see it
    assert answer.status == expected, (row, answer)
    if expected == 401:
        assert answer.type == "unauthenticated" and answer.field("WWW-Authenticate"), (row, answer)
    elif expected == 403:
        assert answer.type == "forbidden", (row, answer)


@pytest.mark.shows("everywhere.permissions", "everywhere.permission_table")
@pytest.mark.parametrize("plural", PLURALS)
def test_each_row_of_the_table(ours, subjects, scoped, callers, plural):
    for route in (route for route in CLOSED if operation(route).plural == plural):
        op, rows = operation(route), rows_of(route)
        least = [role for role in EVERY_ROLE if rows[role] == IN][-1]
        who = ours.person(*({least} - {"nobody"}))[0] if route == ENDS_THE_TOKEN else callers[least]
        strictly(subjects, op, route, least, who)
        request = subjects.harmless(op)
        for who, expected in rows.items():
            if who == least or who in INSIDE or route == ENDS_THE_TOKEN and expected == IN:
                continue
            caller = scoped.person(PERMISSIONS[route], who) if who in OUTSIDE else callers[who]
            check(request.send(caller), expected, (route, who))
    for route in (route for route in CLOSED if operation(route).plural == plural and INSIDE[0] in rows_of(route)):
        if scoped.place(plural):
            request = subjects.harmless(operation(route))
            for who in (*INSIDE, *OUTSIDE):
                check(request.send(scoped.person(PERMISSIONS[route], who)), rows_of(route)[who], (route, who, "placed"))


def test_much_of_what_has_a_place_was_asked_about_at_its_place(scoped, subjects):
    """So that the rows of the own school are not left out unseen."""
    kinds = [plural for plural in PLURALS if any(INSIDE[0] in rows_of(r) for r in CLOSED
                                                 if operation(r).plural == plural)]
    here = [plural for plural in kinds[:20] if scoped.place(plural)]
    assert len(kinds) > 60 and len(here) > 9, (len(kinds), here)


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


# ---- Classes of fields ---------------------------------------------------------------------------


def filled(ours, subjects, plural):
    """One whose fields with a class tell something, where they may be written."""
    one = subjects.fresh(plural)
    path, op = f"/v1/{plural}/{one.id}", operations().get(f"PATCH /v1/{plural}/{{id}}")
    properties = op.schema["properties"] if op else {}
    for name in classes()[plural]:
        if name not in properties:
            continue
        sent = FIELDS[plural][name].good()[0][0] if name in FIELDS.get(plural, {}) else subjects.value(
            properties[name], name, plural)
        Request("PATCH", path, {name: sent}, Content_Type="application/merge-patch+json",
                If_Match=ours.admin.get(path).etag).send(ours.admin)
    return path


@pytest.mark.shows("everywhere.field_classes")
@pytest.mark.parametrize("plural", sorted(classes()))
def test_a_field_is_read_by_its_class_alone(ours, subjects, plural):
    path, told = filled(ours, subjects, plural), classes()[plural]
    whole = ours.admin.get(path).json
    shown = {name for name in told if whole[name] is not None}
    for role in ROLES:
        answer = getattr(ours, role).get(path)
        if role not in PERMISSIONS[f"GET /v1/{plural}/{{id}}"] or answer.status == 404:
            continue
        for name in shown:
            _, readers = told[name]
            assert (answer.json[name] is not None) == (role in readers), (name, role)


# Of these whoever directs a part of the district reads what is private where it is, and of the rest nothing.
OF_A_PART = {"partners": {"culture_notes", "language_notes"}, "contacts": {"notes"},
             "complaints": {"complainant", "complaint", "outcome"}}
# Whole rows that are the owner's, or the whole district's.
NOT_OF_A_PART = {"champions", "champion_steps", "audit", "api_keys"}


def brought(ours, plural, path, site):
    """Is now of the site."""
    one = ours.admin.get(path)
    if plural == "contacts":
        partner = ours.admin.partner(lead_site_id=site).id
        ours.admin.created("affiliations", {"partner_id": partner, "contact_id": one.json["id"], "role": "Chair"})
    elif plural in OF_A_PART:
        field = {"partners": "lead_site_id", "complaints": "site_id"}[plural]
        assert ours.admin.patch(path, {field: site}, one.etag).status == 200


@pytest.mark.shows("everywhere.field_classes")
@pytest.mark.parametrize("plural", sorted(set(classes()) - {"audit"}))
def test_who_directs_a_part_reads_fields_by_their_classes_and_what_is_private_there_alone(ours, subjects, scoped, plural):
    path, told = filled(ours, subjects, plural), classes()[plural]
    brought(ours, plural, path, scoped.places["own school"][1])
    whole = ours.admin.get(path).json
    shown = {name for name in told if whole[name] is not None}
    for where in ("own school", "own network", "other school"):
        answer = scoped.person({"director"}, where).get(path)
        is_there = where != "other school"
        if plural in NOT_OF_A_PART or plural == "complaints" and not is_there:
            assert answer.status in (403, 404), (where, answer)
            continue
        for name in shown:
            reads = "director" in told[name][1] and (is_there or name not in OF_A_PART.get(plural, ()))
            assert (answer.json[name] is not None) == reads, (name, where)


def test_the_audit_log_is_nobodys_who_directs_a_part(ours, scoped):
    one = ours.admin.get("/v1/audit", {"limit": 1}).json["data"][0]["id"]
    for where in ("own school", "own network"):
        assert scoped.person({"director"}, where).get(f"/v1/audit/{one}").status == 403


def test_the_classes_are_these():
    """Stated a second time: whoever changes who reads what changes it here, too."""
    directory = {name for fields in classes().values() for name, (kind, _) in fields.items() if kind == "directory"}
    private = {(plural, name): sorted(readers) for plural, fields in classes().items()
               for name, (kind, readers) in fields.items() if kind == "private"}
    assert {"email", "phone"} <= directory
    staff, program = sorted(set(ROLES) - {"viewer"}), ["admin", "director"]
    assert private == {
        ("partners", "barred_reason"): program, ("partners", "culture_notes"): program,
        ("partners", "language_notes"): program, ("contacts", "notes"): program,
        ("audit", "values"): program, ("audit", "detail"): program,
        ("champions", "influence"): staff, ("champions", "support_asked"): staff,
        ("champions", "support_given"): staff, ("champion_steps", "note"): staff,
        **{("complaints", name): staff for name in ("complainant", "complaint", "outcome")}, ("api_keys", "label"): staff}
