"""What whoever asks may do with a row, as GET /v1/me/rights tells it, against what becomes of it: each operation of each
resource, by each role and from each scope, is refused exactly where it is said to be."""

import pytest
from access import Scoped
from api_world import ROLES, Caller
from operations import operations
from permissions import EVERY_ROLE

PLURALS = sorted({op.plural for op in operations().values() if op.method == "GET" and op.path == f"/v1/{op.plural}/{{id}}"}
                 - {"me"})
SCOPED = [(role, where) for role in ("coordinator", "director", "school_leader")
          for where in ("own school", "own network", "other school")]
FLAGS = {"PATCH": "update", "DELETE": "archive"}
# What refuses for the body, whose row it is.
BY_BODY = {"POST /v1/inquiries/{id}/convert"}
# Whom a keeper withholds these, is told of the version or the state before.
KEPT = {f"POST /v1/{plural}/{{id}}/{verb}" for plural, verbs in (("asks", "clear hold release"), ("remedies", "agree cancel"),
                                                                 ("mail_checks", "confirm")) for verb in verbs.split()}
CENTRAL = ("partners", "partnerships", "sites", "needs", "asks", "departures")


@pytest.fixture(scope="module", autouse=True)
def nothing_counts(api):
    """A table that asks for every route is not a test of each."""
    api.counts = False


@pytest.fixture(scope="module")
def scoped(ours, subjects):
    return Scoped(ours, subjects)


@pytest.fixture(scope="module")
def callers(ours, scoped):
    return {**{role: getattr(ours, role) for role in EVERY_ROLE},
            **{f"{role} of the {where}": scoped.person({role}, where) for role, where in SCOPED},
            "key that reads": ours.person("admin", is_read_only=True)[0]}


def asked(caller, plural, one):
    return caller.get("/v1/me/rights", {"resource": plural, "id": one})


def rights_of(caller, plural, one):
    """None: the row is not shown."""
    answer = asked(caller, plural, one)
    assert answer.status in (200, 403, 404), answer
    return answer.json if answer.status == 200 else None


def is_told(op, rights):
    if op.method in FLAGS:
        return rights[FLAGS[op.method]]
    return rights["restore"] if op.action == "restore" else op.action in rights["actions"]


def of_a_row(plural):
    """What changes one row."""
    return [op for op in operations().values() if op.plural == plural and op.method != "GET" and op.has_id
            and op.path.count("/") <= 4 and op.path.startswith(f"/v1/{plural}/{{id}}")]


@pytest.mark.shows("web.rights")
@pytest.mark.parametrize("plural", PLURALS)
def test_what_is_told_is_what_is_refused(subjects, scoped, callers, plural):
    scoped.place(plural)
    one = subjects.kept(plural).id
    requests = {op: subjects.harmless(op) for op in of_a_row(plural)}
    wrong = []
    for who, caller in callers.items():
        rights = rights_of(caller, plural, one)
        for op, request in requests.items():
            answer = request.send(caller)
            refused = answer.status in (403, 404)
            told = bool(rights and is_told(op, rights))
            if op.route in KEPT and answer.status in (409, 412):
                continue
            if told == refused and not (told and (answer.status == 404 or op.route in BY_BODY)):
                wrong.append((op.route, who, "told" if told else "not told", answer.status, answer.json.get("detail")))
    assert wrong == []


@pytest.mark.shows("web.rights")
@pytest.mark.parametrize("plural", CENTRAL)
def test_what_may_be_added_to_a_row_is_taken_and_what_may_not_is_refused(ours, subjects, scoped, callers, plural):
    scoped.place(plural)
    one, by = subjects.kept(plural).id, f"{singular(plural)}_id"
    name = singular(plural)
    children = [op for op in operations().values() if op.method == "POST" and op.path == f"/v1/{op.plural}" and op.schema
                and by in op.schema.get("properties", {}) and op.spec["operationId"].startswith("create_")]
    children = [op for op in children if is_covered_by(op.spec.get("x-scope", {"kind": "none"}), name)]
    assert children
    wrong = []
    for op in children:
        body = {**subjects.least(op.plural), by: one}
        for who, caller in callers.items():
            rights = rights_of(caller, plural, one)
            told = bool(rights and op.plural in rights["adds"])
            answer = caller.post(op.path, body)
            is_other = op.spec["x-scope"]["kind"] in ("subject", "addressee")  # something else that it names may be covered
            if told and answer.status == 403 or not told and not is_other and answer.status == 201:
                wrong.append((op.route, who, "told" if told else "not told", answer.status))
    assert wrong == []


def is_covered_by(scope, name):
    """What covers the one covers what is made of it: no other reference decides."""
    return scope["kind"] in ("parent", "tie", "subject", "addressee") and scope["parent"] == name or name == "site" and scope.get("field") == "site_id"


def singular(plural):
    return {"check_ins": "check_in"}.get(plural, plural.removesuffix("s"))


@pytest.mark.shows("web.rights")
def test_rights_are_of_a_row_that_is_shown(ours, theirs, api):
    one = ours.admin.partner().id
    assert asked(theirs.admin, "partners", one).status == 404
    assert asked(ours.viewer, "partners", "0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7").status == 404
    assert asked(ours.viewer, "users", ours.users["admin"]).json["update"] is False
    assert asked(ours.viewer, "audit", one).status == 403
    assert asked(Caller(api, None), "partners", one).status == 401
    for query, name in (({"resource": "partner", "id": one}, "resource"), ({"resource": "partners"}, "id"),
                        ({"id": one}, "resource"), ({"resource": "partners", "id": "1"}, "id"),
                        ({"resource": "partners", "id": one, "x": "1"}, "x")):
        answer = ours.viewer.get("/v1/me/rights", query)
        assert answer.status == 400 and list(answer.faults) == [f"/{name}"], (query, answer)


@pytest.mark.shows("web.rights")
def test_who_owns_a_partner_is_told_of_what_is_private_alone(ours, scoped):
    viewer, *_ = ours.person("coordinator", scope_kind="site", scope_id=scoped.places["own school"][1])
    one = ours.admin.partner(lead_site_id=scoped.places["other school"][1]).id
    assert rights_of(viewer, "partners", one)["update"] is False
    assert rights_of(ours.director, "partners", one)["update"] is True
    reviewer = ours.person("reviewer")[0]
    mine = ours.admin.partner(owner_id=reviewer.get("/v1/me").json["user"]["id"]).id
    told = rights_of(reviewer, "partners", mine)
    assert told["update"] is False and told["update_private"] is True and told["archive"] is False and told["actions"] == []


@pytest.mark.shows("web.rights")
def test_a_key_that_is_limited_to_resources_is_told_of_those(ours):
    one = ours.admin.partner().id
    both = ours.person("director", resources=["me", "partners"])[0]
    told = asked(both, "partners", one).json
    assert told["update"] is True and "contact" in told["actions"] and told["adds"] == []
    assert asked(ours.person("director", resources=["partners"])[0], "partners", one).status == 403
    assert asked(ours.person("director", resources=["me"])[0], "partners", one).status == 403


@pytest.mark.shows("web.rights")
def test_to_ask_changes_nothing_and_leaves_the_reader_one(ours, migrate):
    one = ours.admin.partner().id
    before = migrate.execute("SELECT version, xmax::text FROM partner WHERE id = %s", (one,)).fetchone()
    for role in ROLES:
        assert asked(getattr(ours, role), "partners", one).status == 200
    assert migrate.execute("SELECT version, xmax::text FROM partner WHERE id = %s", (one,)).fetchone() == before
