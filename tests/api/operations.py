"""The operations of the API's document, and how to make a valid request to each of them.

`operations` are what the document tells: {"PATCH /v1/partners/{id}": Operation}. `Subjects` makes, in
one district, whatever a request is about: bodies come from `LEAST` and `ACTIONS` of fields.py, and
where no row stands there, from the schema's required members, whose ids are guessed by their names.
"""

import functools
import json
import re
from dataclasses import dataclass, field as member
from urllib.parse import quote

import contract
import pytest
from administering import THERE as ADMINISTERED, a_session
from check_ins import THERE as MADE_BY_TIME, running
import fields
from fields import ACTIONS, APART, LEAST, YEARS, First, Ref, least
from partnering import signed_file
from wire import wait_until

from world import NOW, insert, roll_up, uuid7

# What is there without anybody's POST.
THERE = {
    "districts": lambda tenant: tenant.id,
    "tax_documents": lambda tenant: tax_document(tenant),
    "site_readiness": lambda tenant: readiness(tenant),
    "policy_acknowledgments": lambda tenant: acknowledgment(tenant),
    "survey_invitations": lambda tenant: invitation(tenant),
    "rollups": lambda tenant: rollup(tenant),
    "partner_merges": lambda tenant: merged(tenant),
    "contact_merges": lambda tenant: merged_contact(tenant),
    "duplicate_pairs": lambda tenant: paired(tenant),
    "roll_call_marks": lambda tenant: marked(tenant),
    "site_closings": lambda tenant: site_closing(tenant),
    "roll_call_changes": lambda tenant: roll_call_change(tenant),
    "search": lambda tenant: tenant.admin.partner().id,
    "directory_entries": lambda tenant: listed_partner(tenant),
    **MADE_BY_TIME,
    **ADMINISTERED,
    "audit": lambda tenant: first(tenant, "audit"),
    "agreement_signatures": lambda tenant: signature(tenant),
    "renewals": lambda tenant: renewal(tenant),
    "introduction_letters": lambda tenant: letter(tenant),
    "me": a_session,  # the id in what is below it
}
# Bodies that are no JSON, and the query that says what they are.
FILES = {
    "POST /v1/imports": ("kind=networks&dry_run=true", b"name\r\nNorth\r\n"),
    "POST /v1/attachments": ("name=agreement.pdf", b"%PDF-1.7\n%%EOF\n"),
}
# Members whose name does not say which resource they mean.
MEANS = {
    "owner_id": "users",
    "receiver_user_id": "users",
    "receiver_contact_id": "contacts",
    "supervisor_id": "users",
    "host_id": "users",
    "presenter_id": "users",
    "reports_to_id": "posts",
    "lead_user_id": "users",
    "coach_id": "users",
    "call_to_action_id": "calls_to_action",
    "lead_site_id": "sites",
    "merged_into": "sites",
    "into_site_id": "sites",
}
# What a query must say; {partner_id} is one of our partners.
QUERIES = {
    "GET /v1/dashboard": "?scope=district&school_year=2027",
    "GET /v1/mail_previews": "?kind=sign_in",
    "GET /v1/me/rights": "?resource=partners&id={partner_id}",
    "GET /v1/balance": "?scope=district&school_year=2027",
    "GET /v1/landscape_snapshots/{id}/comparison": "?with={landscape_snapshot_id}",
}
STALE = '"v999999-0"'
NOTHINGS_ID = "0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7"


def first(tenant, plural):
    return tenant.admin.get(f"/v1/{plural}").json["data"][0]["id"]


def merged(tenant):
    """Of two partners."""
    admin = tenant.admin
    kept, other = admin.partner().id, admin.partner().id
    assert admin.post(f"/v1/partners/{kept}/merge", {"partner_ids": [other]}).status == 200
    return first(tenant, f"partner_merges?partner_id={kept}")


def merged_contact(tenant):
    """Of two records of one person."""
    admin = tenant.admin
    kept, other = (admin.created("contacts", {"name": "Ann"}).id for _ in "ab")
    assert admin.post(f"/v1/contacts/{kept}/merge", {"contact_ids": [other]}).status == 200
    return first(tenant, f"contact_merges?contact_id={kept}")


def paired(tenant):
    """Of two partners with one address on the web."""
    site = f"https://{uuid7()}.example.org/"
    one, _ = (tenant.admin.partner(name=f"{site} {n}", website=site).id for n in "ab")
    return first(tenant, f"duplicate_pairs?first_id={one}")


def marked(tenant):
    """Of a roll call at a site that leads a partner."""
    admin = tenant.admin
    site = admin.site().id
    admin.partner(lead_site_id=site)
    body = {"site_id": site, "school_year": 2027, "due_on": "2026-12-01"}
    return first(tenant, f"roll_call_marks?roll_call_id={admin.created('roll_calls', body).id}")


def site_closing(tenant):
    """Planned."""
    admin = tenant.admin
    site = admin.site().id
    assert admin.post(f"/v1/sites/{site}/close", {"on_date": "2027-06-30"}).status == 200
    return first(tenant, f"site_closings?site_id={site}")


def roll_call_change(tenant):
    """Of a roll call that says of the only school of a partnership that it has ended there."""
    admin = tenant.admin
    site, partner = admin.site().id, admin.partner().id
    with tenant.api.database.connect("kith_migrate") as connection:
        insert(connection, "partnership", {
            "district_id": tenant.id, "id": uuid7(), "partner_id": partner, "name": "P", "arrangement": "program",
            "status": "active", "lead_site_id": site, "created_at": NOW, "updated_at": NOW})
    call = admin.created("roll_calls", {"site_id": site, "school_year": 2027, "due_on": "2026-12-01"}).id
    path = f"/v1/roll_call_marks/{first(tenant, f'roll_call_marks?roll_call_id={call}')}"
    assert admin.patch(path, {"mark": "ended"}, admin.get(path).etag).status == 200
    for verb in ("submit", "confirm"):
        assert admin.post(f"/v1/roll_calls/{call}/{verb}", {}).status == 200
    return first(tenant, f"roll_call_changes?roll_call_id={call}")


def listed_partner(tenant):
    """One that wants to be in the directory, approved."""
    admin = tenant.admin
    one = admin.partner(in_directory=True, owner_id=tenant.users["director"])
    for verb in ("contact", "vet", "approve"):
        assert admin.post(f"/v1/partners/{one.id}/{verb}", {}).status == 200
    return one.id


def invitation(tenant):
    """Of a survey that asks the administrator, who alone may answer it."""
    with tenant.api.database.connect("kith_migrate") as connection:
        number = str(uuid7())
        partner = tenant.admin.partner().id
        rows = (
            ("partnership", {"id": number, "partner_id": partner, "name": "P",
                             "arrangement": "program", "status": "active"}),
            ("partnership_role", {"id": uuid7(), "partnership_id": number, "side": "district",
                                  "role": "lead", "user_id": tenant.users["admin"]}),
        )  # fmt: skip
        for table, values in rows:
            at = {"district_id": tenant.id, "created_at": NOW, "updated_at": NOW}
            insert(connection, table, {**at, **values})
    body = {**least(tenant.admin, "surveys"), "closes_on": "2030-01-01"}
    survey = tenant.admin.created("surveys", body).id
    assert tenant.admin.post(f"/v1/surveys/{survey}/open", {}).status == 200
    return first(tenant, f"survey_invitations?survey_id={survey}&user_id={tenant.users['admin']}")


def acknowledgment(tenant):
    """The administrator's, of a policy that is in force."""
    policy = tenant.admin.created("policies", least(tenant.admin, "policies")).id
    for verb in ("adopt", "acknowledge"):
        assert tenant.admin.post(f"/v1/policies/{policy}/{verb}", {}).status == 200
    return first(tenant, f"policy_acknowledgments?policy_id={policy}&status=acknowledged")


def readiness(tenant):
    """Of a site that was rated."""
    site = tenant.admin.created("readiness_ratings", least(tenant.admin, "readiness_ratings"))
    return first(tenant, f"site_readiness?site_id={site.json['site_id']}")


def signature(tenant):
    """Of an agreement that the partner's side has signed."""
    subjects = Subjects(tenant)
    one = tenant.admin.created("agreements", {**subjects.least("agreements"), "text": "We agree.",
                                              "effective_on": "2026-07-01"}).id
    for verb, body in (("submit", {}), ("approve", {}), (
            "sign", {"side": "partner", "signer": "Ann", "attachment_id": signed_file(tenant.admin, one)})):
        assert tenant.admin.post(f"/v1/agreements/{one}/{verb}", body).status == 200
    return first(tenant, f"agreement_signatures?agreement_id={one}")


def renewal(tenant):
    """Of an agreement of its own, whose end a campaign is about."""
    day, agreement = f"{next(YEARS) + 100}-06-30", uuid7()
    with tenant.api.database.connect("kith_migrate") as connection:
        insert(connection, "agreement", {
            "district_id": tenant.id, "id": agreement, "kind": "mou", "title": "MOU", "created_at": NOW,
            "updated_at": NOW, "status": "in_force", "effective_on": "2020-01-01", "expires_on": day})
    body = {"name": "One", "expires_from": day, "expires_until": day}
    campaign = tenant.admin.created("renewal_campaigns", body).id
    assert tenant.admin.post(f"/v1/renewal_campaigns/{campaign}/select", {}).status == 200
    return first(tenant, f"renewals?renewal_campaign_id={campaign}&agreement_id={agreement}")


def tax_document(tenant):
    """Of a gift that was received."""
    gift = Subjects(tenant).fresh("gifts").id
    for verb, body in (("accept", {"board_on": "2026-11-01", "board_item": "1"}), ("receive", {}), ("acknowledge", {})):
        answer = tenant.admin.post(f"/v1/gifts/{gift}/{verb}", body)
        assert answer.status == 200, answer
    return first(tenant, f"tax_documents?gift_id={gift}")


def letter(tenant):
    """To a contact who takes over from another."""
    partnership, admin = running(tenant), tenant.admin
    body = {"contact_id": partnership.contact, "on_date": "2026-11-20",
            "receiver_contact_id": admin.created("contacts", least(admin, "contacts")).id}
    departure = admin.created("departures", body).id
    assert admin.post(f"/v1/departures/{departure}/hand_over", {}).status == 200
    return first(tenant, f"introduction_letters?departure_id={departure}")


def rollup(tenant):
    """Of an observation that was counted."""
    subjects = Subjects(tenant)
    subjects.fresh("observations")
    with tenant.api.database.connect("kith_migrate") as connection:
        while roll_up(connection, limit=100):
            pass
    return first(tenant, "rollups")


def asking(target, query):
    """The target with that query, in place of what its own says of the same parameter."""
    path, _, own = target.partition("?")
    name = query.partition("=")[0]
    kept = [part for part in own.split("&") if part and part.partition("=")[0] != name]
    return f"{path}?{'&'.join([*kept, query])}"


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    spec: dict = member(hash=False)

    @property
    def route(self):
        return f"{self.method} {self.path}"

    @property
    def plural(self):
        """The resource that the path begins with."""
        return (self.path.split("/") + ["", ""])[2]

    @property
    def has_id(self):
        return "{id}" in self.path

    @property
    def action(self):
        """The "complete" of POST /v1/check_ins/{id}/complete."""
        return self.path.partition("{id}/")[2] if self.method == "POST" else ""

    @property
    def is_public(self):
        return self.spec.get("security") == []

    @property
    def media_type(self):
        return next(iter(self.spec.get("requestBody", {}).get("content", {})), None)

    @property
    def schema(self):
        """Of the body; None where it takes none."""
        media_type = self.media_type
        return self.spec["requestBody"]["content"][media_type]["schema"] if media_type else None

    def parameters(self, place):
        return {p["name"]: p["schema"] for p in self.spec["parameters"] if p["in"] == place}

    def takes(self, header):
        return header in self.parameters("header")


@functools.lru_cache(maxsize=None)
def operations():
    """Of the document, by their routes."""
    made = [Operation(method, path, spec) for path, method, spec in contract.resolved_operations()]
    return {one.route: one for one in made}


def operation(route):
    """The operation, or a failed test: a row of permissions.py that is no route."""
    assert route in operations(), f"{route} is not in /openapi.json"
    return operations()[route]


def types_of(schema):
    """The JSON types that it takes; all where it says none."""
    said = schema.get("type", ["string", "integer", "boolean", "array", "object", "null"])
    return {said} if isinstance(said, str) else set(said)


def meant_by(name, plural):
    """The plural of the resource whose id a member is, or None: "partner_id" means "partners"."""
    stem = name.removesuffix("_id")
    for one in (MEANS.get(name), stem + "s", re.sub("y$", "ies", stem)):
        if one == "users" or f"GET /v1/{one}" in operations():
            return one
    return plural if name == "parent_id" else None


class Request:
    """One request, that can be asked again with something else in it."""

    def __init__(self, method, target, body=None, **headers):
        self.method = method
        self.target = target
        self.body = body
        self.headers = headers

    def but(self, target=None, body=None, **headers):
        """The same but for what is given; a header that is None is left out."""
        body = self.body if body is None else body
        return Request(self.method, target or self.target, body, **{**self.headers, **headers})

    def send(self, caller):
        body = self.body
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        return caller.call(self.method, self.target, body, **self.headers)

    def __repr__(self):
        return f"{self.method} {self.target} {self.headers} {str(self.body)[:500]}"


class Subjects:
    """What requests in a district are about. `caller` is an admin of it."""

    def __init__(self, tenant, is_lean=False):
        """`is_lean`: what is made refers to the kept ones, where it may: that is quicker."""
        self.tenant = tenant
        self.caller = tenant.admin
        self.made = {}
        self.is_lean = is_lean

    def filled(self, row):
        """A row of LEAST or ACTIONS with its references made."""
        found = {}
        for name, value in row.items():
            if isinstance(value, Ref):
                # A pair of two may be there once only.
                value = (self.kept if self.is_lean else self.fresh)(value.plural).id
            elif isinstance(value, First):
                value = first(self.tenant, value.plural)
            elif isinstance(value, fields.Made):
                value = value.make(self.tenant)
            elif isinstance(value, fields.InYear):
                value = value.of(found["school_year"])
            found[name] = next(YEARS) if value is YEARS else value() if callable(value) else value
        return found

    def least(self, plural):
        """A body that is enough to create one."""
        if plural in LEAST or plural in APART:
            return self.filled(LEAST.get(plural) or APART[plural])
        return self.required(operation(f"POST /v1/{plural}").schema, plural)

    def required(self, schema, plural):
        """What a schema requires and no more."""
        properties = schema.get("properties", {})
        return {
            name: self.value(properties[name], name, plural) for name in schema.get("required", ())
        }

    def value(self, schema, name, plural):
        """Some value that a schema takes."""
        types = types_of(schema)
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("format") == "uuid":
            meant = meant_by(name, plural)
            return self.kept(meant).id if meant else NOTHINGS_ID
        if "string" in types:
            return text_for(schema)
        if "integer" in types:
            return max(schema.get("minimum", 1), min(1, schema.get("maximum", 1)))
        if "boolean" in types:
            return True
        if "array" in types:
            count = schema.get("minItems", 0)
            return [self.value(schema["items"], name, plural) for _ in range(count)]
        return self.required(schema, plural)

    def fresh(self, plural):
        """A new one."""
        if plural == "users" and "POST /v1/users" not in operations():
            return Made(self.tenant.users["director"], None)
        if f"POST /v1/{plural}" in FILES:
            answer = self.harmless(operation(f"POST /v1/{plural}")).send(self.caller)
            assert answer.status in (201, 202), answer
            if answer.status == 201:
                return Made(answer.id, answer.etag)
            path = answer.field("Location")
            wait_until(lambda: self.caller.get(path).json["status"] == "done", f"{path} is done")
            return Made(answer.id, self.caller.get(path).etag)
        if f"POST /v1/{plural}" not in operations():
            assert plural in THERE, f"operations.py: THERE must say which of {plural} there is"
            one = THERE[plural](self.tenant)
            path = "/v1/me" if plural == "me" else f"/v1/{plural}/{one}"
            return Made(one, self.caller.get(path).etag)
        answer = self.caller.post(f"/v1/{plural}", self.least(plural))
        if self.is_lean and answer.status in (409, 422):
            return Subjects(self.tenant).fresh(plural)
        if answer.status not in (201, 202):
            pytest.fail(f"fields.py: LEAST has no row that makes one of {plural}: {answer}")
        return Made(answer.json["id"], answer.etag)

    def kept(self, plural):
        """One that is made once, and never archived."""
        if plural not in self.made:
            self.made[plural] = self.fresh(plural)
        return self.made[plural]

    def body(self, op):
        """A valid one, or None where the operation takes none."""
        if op.schema is None:
            return None
        if op.route in FILES:
            return FILES[op.route][1]
        if op.method == "PATCH":
            return {}
        if op.route in ACTIONS:
            return self.filled(ACTIONS[op.route])
        if not op.has_id and op.plural in (LEAST | APART):
            return self.least(op.plural)
        return self.required(op.schema, op.plural)

    def target(self, op, one=None):
        """The path and its query, with an id of ours in each capture."""
        path = op.path + QUERIES.get(op.route, "")
        for name in re.findall(r"\{(\w+)\}", path):
            plural = op.plural if name == "id" else meant_by(name, op.plural)
            value = one if name == "id" and one else None
            if value is None:
                value = self.kept(plural).id if plural else NOTHINGS_ID
            path = path.replace(f"{{{name}}}", quote(value))
        return f"{path}?{FILES[op.route][0]}" if op.route in FILES else path

    def headers(self, op, etag):
        return {
            "Content_Type": op.media_type,
            "If_Match": etag if op.takes("If-Match") else None,
        }

    def harmless(self, op):
        """Valid but for its If-Match, where it takes one: it gets past the door and changes
        nothing that other requests need."""
        return Request(op.method, self.target(op), self.body(op), **self.headers(op, STALE))

    def valid(self, op):
        """Valid and about something of its own, that is in the right state for what we know: an
        action may find it in a state that does not allow it."""
        if not op.has_id:
            return self.harmless(op)
        one = self.fresh(op.plural)
        if op.action == "restore":
            path = f"/v1/{op.plural}/{one.id}"
            assert self.caller.archive(path, one.etag).status == 204
            one.etag = self.caller.get(path).etag
        return Request(
            op.method, self.target(op, one.id), self.body(op), **self.headers(op, one.etag)
        )


def settled(caller):
    """Waits for what goes on by itself after a request."""
    going = "/v1/imports?status=received,running,reverting"
    wait_until(lambda: not caller.get(going).json["data"], "no import goes on", 30)


@dataclass
class Made:
    id: str
    etag: str


def text_for(schema):
    """A text of the schema's format."""
    usual = {
        "email": "somebody@example.org",
        "uri": "https://example.org/",
        "date": "2026-09-01",
        "date-time": "2026-09-01T13:00:00.000Z",
    }
    if schema.get("format") in usual:
        return usual[schema["format"]]
    length = max(schema.get("minLength", 1), 1)
    for text in ("America/Chicago", "en", "1" * length) if "pattern" in schema else ("a" * length,):
        if re.search(schema.get("pattern", ""), text):
            return text
    raise AssertionError(f"no text is known for {schema}")
