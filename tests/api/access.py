"""One table of permissions: each route as each role, from each scope, and without any right; each field that not
everybody reads as each role. What is expected follows from the declarations, as the document tells them (x-roles,
x-scope, x-classes), and from permissions.py, where the same is said a second time by hand.

    rows_of("PATCH /v1/needs/{id}")   {"admin": IN, …, "anonymous": 401, "other district": 404, "other school": 403, …}
    hidden_from("partners")           {"culture_notes": {"coordinator", "viewer", …}, …}
"""

import functools
import re

from contract import document
from operations import operation, operations
from permissions import EVERY_ROLE, PERMISSIONS, PUBLIC

IN = "in"  # past the door: neither 401 nor 403
STRANGERS = ("anonymous", "expired", "revoked")
# API keys of an administrator that are limited: none is for another name than "tags", and one reads.
KEYS = ("key of tags", "key that reads")
# Those who have the roles that a write needs, over a part of the district.
INSIDE = ("own school", "own network")
OUTSIDE = ("other school", "other network", "key of the other school")
# Whose rows are covered by where they are; the others are anybody's with the role, or a person's.
PLACED = {"site", "place", "members", "parent", "tie"}
COVERED = PLACED | {"district", "subject"}
# Roles that are granted over the whole district alone.
WHOLE = {"admin", "executive", "data_steward"}
# What a person does for itself, whatever its grants are over.
OWN = {"POST /v1/policies/{id}/acknowledge"}


def declared_roles(op):
    """As the declaration has it; None where no declaration says."""
    roles = op.spec.get("x-roles")
    return frozenset(roles) if roles else None


def scope_of(plural):
    """Of the rows of a resource that somebody writes: {"kind", "field", "parent"}."""
    for op in operations().values():
        if op.plural == plural and op.method != "GET" and "x-scope" in op.spec:
            return op.spec["x-scope"]
    return {"kind": "none"}


def plural_of(name):
    """Of a resource's name, by the routes that there are."""
    for plural in (name + "s", re.sub("y$", "ies", name), name + "es", {"call_to_action": "calls_to_action"}.get(name)):
        if f"GET /v1/{plural}" in operations():
            return plural
    raise AssertionError(f"no routes are known of a {name}")


def is_covered(scope):
    """A grant over another part of the district does not do: not where whoever covers all of a row's links may write
    it, for it has none."""
    if scope["kind"] in ("parent", "tie"):
        return is_covered(scope_of(plural_of(scope["parent"])))
    return scope["kind"] in COVERED


def rows_of(route):
    """{who: what is expected}, of one that is not public."""
    op, roles = operation(route), PERMISSIONS[route]
    rows = {role: IN if role in roles else 403 for role in EVERY_ROLE}
    rows |= dict.fromkeys(STRANGERS, 401)
    rows["key of tags"] = IN if op.spec["x-name"] == "tags" else 403
    rows["key that reads"] = IN if op.method == "GET" else 403
    if op.has_id and op.plural not in ("me", "search"):
        rows["other district"] = 404
    scope = op.spec.get("x-scope", {"kind": "none"})
    if op.method == "GET" or route in OWN or not is_covered(scope):
        return rows
    rows |= dict.fromkeys(OUTSIDE, 403)
    if scope["kind"] in PLACED and op.has_id:
        rows |= dict.fromkeys(INSIDE, IN if set(roles) - WHOLE else 403)
    return rows


CLOSED = [route for route, roles in PERMISSIONS.items() if roles != PUBLIC]


@functools.lru_cache(maxsize=None)
def classes():
    """{plural: {field: (class, readers)}}, of the resources that have such fields."""
    found = {}
    for path, methods in document()["paths"].items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        named = re.search(r"#/components/schemas/(\w+)", str(content.get("application/json", {})))
        if named and re.fullmatch(r"/v1/\w+/\{id\}", path):
            told = document()["components"]["schemas"][named[1]].get("x-classes", {})
            fields = {name: (one["class"], frozenset(one["readers"])) for name, one in told.items()}
            found |= {path.split("/")[2]: fields} if fields else {}
    return found


class Scoped:
    """A school in a network, another one in another, and whoever has some roles there."""

    def __init__(self, tenant, subjects):
        self.tenant, self.subjects = tenant, subjects
        self.places = {}
        for whose in ("own", "other"):
            network = tenant.admin.created("networks", {"name": f"The {whose} network"}).id
            self.places[f"{whose} network"] = ("network", network)
            self.places[f"{whose} school"] = ("site", tenant.admin.site(network_id=network).id)
        self.people, self.placed = {}, {}

    def person(self, roles, where):
        key = (frozenset(roles), where)
        if key not in self.people:
            self.people[key] = self._person(sorted(roles), where)
        return self.people[key]

    def _person(self, roles, where):
        if where.startswith("key of the "):  # by grants over the whole district
            kind, one = self.places[where.removeprefix("key of the ")]
            return self.tenant.person(*roles, scope_kind=kind, scope_id=one)[0]
        return self.tenant.scoped(*((role, *self.places[where]) for role in roles if role not in WHOLE))

    def place(self, plural):
        """Brings the kept one of the resource to the own school; whether that could be done."""
        if plural not in self.placed:
            self.placed[plural] = self._place(plural, self.subjects.kept(plural).id)
        return self.placed[plural]

    def _place(self, plural, one):
        scope, admin = scope_of(plural), self.tenant.admin
        path = f"/v1/{plural}/{one}"
        if scope["kind"] in ("parent", "tie"):
            parent = admin.get(path).json.get(scope["field"])
            return bool(parent) and self._place(plural_of(scope["parent"]), parent)
        if scope["kind"] not in PLACED or scope["field"] == "id" or f"PATCH /v1/{plural}/{{id}}" not in operations():
            return False
        here = admin.get(path)
        if here.json.get(scope["field"]) == self.places["own school"][1]:
            return True
        return admin.patch(path, {scope["field"]: self.places["own school"][1]}, here.etag).status == 200
