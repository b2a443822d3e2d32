"""The API's documents: /openapi.json and the page /docs. That each reply is as the document says is
asked of every reply of every test (contract.py)."""

import base64
import glob
import hashlib
import json
import os
import re
from html.parser import HTMLParser

import pytest
from contract import PAGES, check, closed, document, methods_of, operations, resolved, resolved_operations
from fields import DECIMAL, FIELDS, READ_ONLY
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from wire import Reply, wait_until

from api_world import Caller
from world import ROOT

# The parts of https://spec.openapis.org/oas/3.1/schema/2022-10-07 that we use: no member that is
# not named there.
REF = {
    "type": "object",
    "required": ["$ref"],
    "additionalProperties": False,
    "properties": {"$ref": {"type": "string", "pattern": "^#/components/"}},
}
TEXT = {"type": "string", "minLength": 1}


def thing(needed, /, **properties):
    return {
        "type": "object",
        "required": needed,
        "properties": properties,
        "additionalProperties": False,
    }


def either(schema):
    return {"if": {"required": ["$ref"]}, "then": REF, "else": schema}


def map_of(schema, names=r"^[A-Za-z0-9._-]+$"):
    return {
        "type": "object",
        "propertyNames": {"pattern": names},
        "additionalProperties": schema,
    }


SCHEMA = {"type": "object"}  # each is checked as JSON Schema itself
MEDIA = thing(["schema"], schema=SCHEMA, example={})
CONTENT = map_of(MEDIA, r"^[a-z]+/[a-z.+-]+$")
HEADER = thing(["schema"], description=TEXT, schema=SCHEMA)
PARAMETER = {
    **thing(
        ["name", "in", "schema"],
        name=TEXT,
        description=TEXT,
        required={"type": "boolean"},
        schema=SCHEMA,
        style={"const": "form"},
        explode={"type": "boolean"},
        **{"in": {"enum": ["query", "header", "path", "cookie"]}},
    ),
    "if": {"properties": {"in": {"const": "path"}}},
    "then": {"required": ["required"], "properties": {"required": {"const": True}}},
}
RESPONSE = thing(["description"], description=TEXT, headers=map_of(either(HEADER)), content=CONTENT)
OPERATION = thing(
    ["operationId", "summary", "tags", "responses"],
    operationId={"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
    summary=TEXT,
    description=TEXT,
    tags={"type": "array", "items": TEXT, "minItems": 1},
    security={"type": "array"},
    parameters={"type": "array", "items": either(PARAMETER), "uniqueItems": True},
    requestBody=thing(["content"], required={"type": "boolean"}, content=CONTENT),
    responses={**map_of(either(RESPONSE), "^[1-5][0-9][0-9]$"), "minProperties": 1},
    **{
        "x-scope": thing(["kind"], kind=TEXT, field=TEXT, parent=TEXT, whose=TEXT),
        "x-name": TEXT,
        "x-roles": {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True},
    },
)
OPENAPI = thing(
    ["openapi", "info", "paths", "components"],
    openapi={"type": "string", "pattern": r"^3\.1\.\d+$"},
    info=thing(
        ["title", "version"],
        title=TEXT,
        version=TEXT,
        summary=TEXT,
        license=thing(["name"], name=TEXT, identifier=TEXT),
    ),
    servers={"type": "array", "items": thing(["url"], url=TEXT)},
    security={"type": "array", "items": map_of({"type": "array"})},
    tags={"type": "array", "items": thing(["name"], name=TEXT, description=TEXT)},
    paths=map_of(
        thing([], get=OPERATION, post=OPERATION, patch=OPERATION, put=OPERATION, delete=OPERATION),
        r"^/",
    ),
    components=thing(
        ["schemas"],
        schemas=map_of(SCHEMA),
        responses=map_of(RESPONSE),
        parameters=map_of(PARAMETER),
        headers=map_of(HEADER),
        securitySchemes=map_of({"type": "object", "required": ["type"]}),
    ),
)


def walk(node, path=""):
    yield path, node
    if isinstance(node, list):
        node = dict(enumerate(node))
    for key, value in node.items() if isinstance(node, dict) else ():
        yield from walk(value, f"{path}/{key}")


@pytest.fixture(scope="module")
def stranger(api):
    return Caller(api, None)


# ---- The document --------------------------------------------------------------------------------


def test_the_document_is_openapi_3_1():
    Draft202012Validator(OPENAPI).validate(document())


def test_the_structural_check_finds_what_is_wrong():
    for broken in (
        {**document(), "openapi": "3.0.3"},
        {**document(), "path": {}},
        {**document(), "paths": {"/x": {"get": {"operationId": "x"}}}},
        {**document(), "paths": {"x": {}}},
    ):
        with pytest.raises(ValidationError):
            Draft202012Validator(OPENAPI).validate(broken)


def test_every_schema_is_json_schema():
    seen = 0
    for path, node in walk(document()):
        if path.endswith("/schema") or re.match(r"/components/schemas/[^/]+\Z", path):
            Draft202012Validator.check_schema(node)
            seen += 1
    assert seen > 50


def test_every_reference_leads_somewhere_and_every_component_is_referred_to():
    named = {f"#/components/{kind}/{name}"
             for kind, things in document()["components"].items()
             for name in things if kind != "securitySchemes"}
    nodes = [node for _, node in walk(document()) if isinstance(node, dict)]
    asked = {node["$ref"] for node in nodes if "$ref" in node}
    assert asked - named == set()
    # Problems are there for every row of the table of errors.
    unused = {one for one in named - asked if not one.startswith("#/components/responses/Problem")}
    assert unused == set()


def test_operation_ids_are_unique_and_tags_declared():
    ids = [operation["operationId"] for _, _, operation in resolved_operations()]
    assert len(ids) == len(set(ids))
    declared = [tag["name"] for tag in document()["tags"]]
    assert len(declared) == len(set(declared))
    assert {tag for _, _, o in resolved_operations() for tag in o["tags"]} == set(declared)


def test_parameters_stand_once_and_captures_are_parameters():
    for path, method, operation in resolved_operations():
        names = [(p["in"], p["name"]) for p in operation["parameters"]]
        assert len(names) == len(set(names)), (path, method)
        captured = {name for place, name in names if place == "path"}
        assert captured == set(re.findall(r"\{([^}]+)\}", path)), (path, method)


def test_examples_are_valid():
    seen = 0
    for _, node in walk({"all": [operation for _, _, operation in resolved_operations()]}):
        if isinstance(node, dict) and "example" in node and "schema" in node:
            Draft202012Validator(closed(node["schema"])).validate(node["example"])
            seen += 1
    assert seen >= 10


def test_the_example_of_a_create_and_of_a_patch_can_be_sent(ours):
    sent = 0
    for path, method, operation in resolved_operations():
        if operation["operationId"] not in ("create_partner", "create_site"):
            continue
        assert method == "POST"
        example = operation["requestBody"]["content"]["application/json"]["example"]
        made = ours.admin.post(path, example)
        assert made.status == 201, made
        change = document()["paths"][path + "/{id}"]["patch"]["requestBody"]["content"]
        example = change["application/merge-patch+json"]["example"]
        assert ours.admin.patch(made.field("Location"), example, made.etag).status == 200
        sent += 1
    assert sent == 2


# ---- What it says of the resources ---------------------------------------------------------------


def name_of(plural):
    """"focus_areas" is "FocusArea"."""
    plural = plural.replace("calls_to_action", "call_to_actions")
    return re.sub("ies$", "ys", plural).removesuffix("s").title().replace("_", "")


@pytest.mark.parametrize("plural", FIELDS)
def test_a_representation_has_all_fields_and_bodies_the_writable_ones(plural):
    schemas = document()["components"]["schemas"]
    name = name_of(plural)
    assert set(schemas[name]["properties"]) == {*FIELDS[plural], *READ_ONLY[plural]}
    assert set(schemas[name]["required"]) == set(schemas[name]["properties"])
    assert set(schemas[f"{name}Patch"]["properties"]) == set(FIELDS[plural])
    assert schemas[f"{name}Patch"]["additionalProperties"] is False


@pytest.mark.parametrize("plural", FIELDS)
def test_bodies_take_the_good_values_and_refuse_those_past_a_limit(plural):
    schema = resolved(document()["components"]["schemas"][f"{name_of(plural)}Patch"])
    validator = Draft202012Validator(schema)
    shapes = ("wrong_type", "not_null", "too_long", "too_small", "too_large", "too_many_items",
              "too_few_items", "duplicate_item", "not_in_enum", "invalid_locale", "invalid_zone")
    refused = 0
    for name, field in FIELDS[plural].items():
        for sent, canonical in field.good():
            assert validator.is_valid({name: canonical}), (name, sent)
        for sent, code in field.bad():
            if isinstance(sent, float) and sent.is_integer():
                continue  # JSON Schema's integers are numbers without a fraction, however written
            if field.type == DECIMAL and code in ("too_small", "too_large"):
                continue  # a string's pattern knows no range
            if code in shapes and not (isinstance(sent, str) and sent != sent.strip()):
                assert not validator.is_valid({name: sent}), (name, sent, code)
                refused += 1
    assert refused >= len(FIELDS[plural])
    assert not validator.is_valid({"no_such_member": 1})


def test_required_and_nullable_are_as_declared():
    schemas = document()["components"]["schemas"]
    assert set(schemas["PartnerCreate"]["required"]) == {"name", "kind"}
    assert "required" not in schemas["PartnerPatch"]
    assert schemas["Partner"]["properties"]["tier"]["enum"][-1] is None
    assert schemas["Partner"]["properties"]["name"]["type"] == "string"
    assert schemas["Partner"]["properties"]["barred_reason"]["type"] == ["string", "null"]
    assert "Null but for admin,director." in schemas["Partner"]["properties"]["barred_reason"][
        "description"
    ]


def test_what_a_create_takes_as_ticked_when_it_is_left_out_says_so(ours):
    """Or a form would show a box without its tick, and make what it does not show."""
    ticked = {(name, field) for name, schema in document()["components"]["schemas"].items()
              for field, told in schema.get("properties", {}).items() if told.get("default")}
    assert ("StoryCreate", "shows_people") in ticked and all(name.endswith("Create") for name, _ in ticked)
    assert ours.director.created("stories", {"title": "T", "text": "T"}).json["shows_people"] is True


def test_a_list_has_exactly_the_parameters_that_the_server_takes(ours):
    listed = resolved(document()["paths"]["/v1/partners"]["get"])
    known = {p["name"]: p for p in listed["parameters"] if p["in"] == "query"}
    assert {"limit", "cursor", "archived", "sort", "kind", "created_at[gte]"} <= set(known)
    candidates = [*known, *FIELDS["partners"], *READ_ONLY["partners"]]
    candidates += [f"{name}[{c}]" for name in [*FIELDS["partners"], *READ_ONLY["partners"]]
                   for c in ("gte", "gt", "lte", "lt")]
    for name in candidates:
        answer = ours.director.get("/v1/partners", {name: "\x01"})
        taken = answer.status == 200 or "unknown_parameter" not in answer.faults.values()
        assert taken == (name in known), name
    sorts = known["sort"]["schema"]["items"]["enum"]
    for name in sorts:
        assert ours.director.get("/v1/partners", {"sort": name}).status == 200, name
    for name in {*FIELDS["partners"], *READ_ONLY["partners"]} - set(sorts):
        assert ours.director.get("/v1/partners", {"sort": name}).status == 400, name
    assert known["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 200,
        "default": 50,
    }


# ---- What it says of the server ------------------------------------------------------------------


def test_every_route_that_no_declaration_tells_is_in_it_or_a_page():
    """Those of the resources follow from what the document follows from, too."""
    with open(os.path.join(ROOT, "services/api/routes.c"), encoding="utf-8") as file:
        rows = re.findall(r'^    (?:\{HTTP_([A-Z]+), |(PAGE|LINK_PAGE|TASK_PAGE|APP_FILE|FORM)\()"(/[^"]*)"', file.read(), re.M)
    methods = {"FORM": ["POST"], "TASK_PAGE": ["GET", "POST"]}
    written = {(path, one) for method, kind, path in rows for one in ([method] if method else methods.get(kind, ["GET"]))}
    documented = {(path, method) for path, method, _ in resolved_operations()}
    pages = {tuple(reversed(route.split(" "))) for route in PAGES}
    assert len(written) > 60 and written <= documented | pages and pages <= written and not documented & pages


def test_what_is_asked_is_counted_and_what_is_not_costs_a_scrape_nothing(api, ours):
    """Of more than a thousand routes a few are shown: a series is there from its first request on."""
    ours.director.get("/v1/partners", {"limit": 1})

    def shown():
        return set(re.findall(r'^kith_http_requests_total\{route="([^"]*)",method="([A-Z]+)"', api.admin("/metrics")[1],
                              re.M))

    wait_until(lambda: ("/v1/partners", "GET") in shown(), "the request is counted")
    assert all(int(line.rpartition(" ")[2]) > 0 for line in api.admin("/metrics")[1].splitlines()
               if line.startswith("kith_http_requests_total"))


def test_the_lines_of_what_kith_can_do_name_endpoints_that_are_there():
    known = {f"{method.upper()} {path}" for path, methods in document()["paths"].items() for method in methods}
    known |= set(PAGES)
    for path in glob.glob(os.path.join(ROOT, "docs/capabilities/*.txt")):
        with open(path, encoding="utf-8") as file:
            for line in file:
                endpoint = line.split(" | ")[1] if " | " in line else "-"
                assert endpoint in known | {"-", "every list"}, f"{path}: {line}"


@pytest.mark.shows("everywhere.transitions")
def test_each_life_cycle_is_drawn_as_the_server_has_it(database):
    with database.connect("kith_migrate") as connection:
        rows = connection.execute("SELECT resource, action, from_status, to_status FROM transitions()").fetchall()
    drawn, routes = set(), 0
    for path, methods in document()["paths"].items():
        if path.endswith("/transitions"):
            routes += 1
            resource = methods["get"]["operationId"].removeprefix("get_").removesuffix("_transitions")
            for before, after, actions in re.findall(r"^    (\w+) --> (\w+): (.*)$", methods["get"]["description"], re.M):
                drawn |= {(resource, action, before, after) for action in actions.split(", ")}
    shown = {resource for resource, *_ in drawn}
    assert len(shown) == routes and drawn == {row for row in rows if row[0] in shown}


def test_allow_says_the_same_methods(stranger):
    for path, methods in document()["paths"].items():
        answer = stranger.call("OPTIONS", path.replace("{id}", "x"))
        wanted = {method.upper() for method in methods} | {"OPTIONS"}
        assert answer.reply.allow() == wanted | ({"HEAD"} if "get" in methods else set()), path


def test_only_what_the_document_calls_public_is_open_to_strangers(stranger):
    public = 0
    for path, method, operation in resolved_operations():
        answer = stranger.api.send(method, path.replace("{id}", "x"), None, {})
        is_public = operation.get("security") == []
        public += is_public
        assert (answer.status == 401) == (not is_public), (method, path, answer)
    assert public >= 2
    assert document()["security"] == [{"bearer": []}, {"cookie": []}]


def test_every_error_of_the_table_is_a_documented_problem():
    with open("common/base/errors.def", encoding="utf-8") as file:
        table = re.findall(r'^ERR\(\w+, (\d+), "(\w+)"', file.read(), re.M)
    found = set()
    for name, response in document()["components"]["responses"].items():
        schema = response["content"]["application/problem+json"]["schema"]["allOf"][1]
        status = str(schema["properties"]["status"]["const"])
        assert name == f"Problem{status}"
        found |= {(status, one.rpartition("/")[2]) for one in schema["properties"]["type"]["enum"]}
    assert len(table) > 20
    assert found == set(table)


def test_a_request_finds_its_operation():
    assert methods_of("/v1/partners?limit=1")["GET"]["operationId"] == "list_partners"
    assert methods_of("/v1/p%61rtners/x/restore")["POST"]["operationId"] == "restore_partner"
    assert not methods_of("/v1/partners/x/y")
    assert not methods_of("/v1/partners/")
    assert len(operations()) >= 8


def reply_of(status, body, **fields):
    reply = Reply(status, "", [(n.replace("_", "-"), v) for n, v in fields.items()])
    reply.body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return reply


def test_a_reply_that_the_document_does_not_know_is_found(ours):
    got = ours.director.get(f"/v1/partners/{ours.director.partner().id}")
    headers = {"Content_Type": "application/json", "ETag": got.etag}
    path = f"/v1/partners/{got.id}"
    check("GET", path, reply_of(200, got.json, **headers))
    without = {name: value for name, value in got.json.items() if name != "tier"}
    for method, reply in (
        ("GET", reply_of(202, got.json, **headers)),
        ("GET", reply_of(200, {**got.json, "more": 1}, **headers)),
        ("GET", reply_of(200, without, **headers)),
        ("GET", reply_of(200, {**got.json, "kind": "club"}, **headers)),
        ("GET", reply_of(200, {**got.json, "created_at": "yesterday"}, **headers)),
        ("GET", reply_of(200, got.json, **{**headers, "Content_Type": "text/csv"})),
        ("GET", reply_of(200, got.json, **headers, Link="<x>")),
        ("GET", reply_of(404, {"type": "/x"}, Content_Type="application/problem+json")),
        ("DELETE", reply_of(200, b"")),
        ("PUT", reply_of(200, b"")),
    ):
        with pytest.raises((AssertionError, ValidationError)):
            check(method, path, reply)


# ---- How both are served -------------------------------------------------------------------------

DOCUMENTS = {"/openapi.json": "application/json", "/docs": "text/html; charset=utf-8"}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_needs_no_sign_in_and_has_a_strong_etag(stranger, ours, path):
    reply = stranger.api.send("GET", path, None, {})
    assert (reply.status, reply.field("Content-Type")) == (200, DOCUMENTS[path])
    assert re.match(r'"[0-9a-f]{32}"\Z', reply.field("ETag"))
    assert reply.field("ETag")[1:-1] == hashlib.sha256(reply.body).hexdigest()[:32]
    signed_in = ours.viewer.api.send("GET", path, None, {"Authorization": "Bearer nonsense"})
    assert signed_in.body == reply.body, "who asks makes no difference"


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_that_the_client_has_is_304(api, path):
    etag = api.send("HEAD", path, None, {}).field("ETag")
    for sent in (etag, f'W/{etag}, "other"', "*"):
        again = api.send("GET", path, None, {"If-None-Match": sent})
        assert (again.status, again.body, again.field("ETag")) == (304, b"", etag)
    assert api.send("GET", path, None, {"If-None-Match": '"other"'}).status == 200


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_has_no_parameters_and_is_only_read(api, path):
    refused = api.send("GET", path + "?x=1", None, {})
    assert refused.status == 400
    assert api.send("POST", path, None, {}).status == 405


def test_the_document_is_the_one_that_the_tests_hold_replies_against(api):
    assert json.loads(api.send("GET", "/openapi.json", None, {}).body) == document()


# ---- The page ------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a strict reader asks of a page: what is opened is closed, ids stand once."""

    VOID = ("meta",)

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.text = [], [], [], [], []
        self.style = ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        self.text.append(data)


@pytest.fixture(scope="module")
def page(api):
    return Page(api.send("GET", "/docs", None, {}).body.decode())


def test_the_page_is_accessible_html_without_a_script(page):
    names = [tag for tag, _ in page.tags]
    assert "script" not in names
    assert ("html", {"lang": "en"}) in page.tags
    assert names.count("title") == names.count("h1") == names.count("main") == 1
    assert len(page.ids) == len(set(page.ids))
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")
    assert names.count("table") == names.count("caption") > 3
    levels = [int(name[1]) for name in names if re.match(r"h[1-6]\Z", name)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))


def test_the_page_loads_nothing_and_its_links_lead_somewhere(page):
    assert page.links
    for link in page.links:
        assert link == "/openapi.json" or link.removeprefix("#") in page.ids, link


def test_the_pages_policy_allows_its_own_style_and_nothing_else(api, page):
    policy = api.send("GET", "/docs", None, {}).field("Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    assert not [attrs for _, attrs in page.tags if "style" in attrs]


def test_the_page_tells_of_every_operation_field_and_error(page):
    for _, _, operation in resolved_operations():
        assert operation["operationId"] in page.ids
    for fields in FIELDS.values():
        assert set(fields) <= set(page.text)
    for name, response in document()["components"]["responses"].items():
        assert f"status-{name[-3:]}" in page.ids
        for one in response["content"]["application/problem+json"]["schema"]["allOf"][1][
            "properties"
        ]["type"]["enum"]:
            assert one in page.text
