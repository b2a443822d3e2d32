"""The API's own document, held against every reply that any test gets.

`check` finds the operation of a request in the document and asks that the reply's status, header
fields, media type and body are what it says there. `hits` are the operations that a test asked with
success, so that the end of the session can tell which no test knows (conftest.py); what a generator
asks does not count, for it would know every operation. The document is that of a server of our own,
so that no test finds a request more in its counters.
"""

import functools
import http.client
import json
import os
import re
import secrets
import subprocess
from urllib.parse import unquote

import fastjsonschema
from probe import BUILD
from wire import wait_until

# What HTTP brings to any reply, and the pages' own: not worth a line for each operation.
EVERYWHERE = {
    "date",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "vary",
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
}
# Pages for people are no operations of the API, but a test asks for each all the same (pages.py).
PAGES = (
    "GET /app", "GET /app/assets/{name}", "GET /app/{name}", "GET /app/{name}/{id}", "GET /app/{name}/{id}/{part}", "GET /app/{name}/{id}/{part}/{of}",
    "GET /", "GET /today", "GET /style.css", "GET /icon.svg", "GET /login", "POST /login", "GET /forgot", "POST /forgot",
    "GET /sign_in_link", "POST /sign_in_link", "POST /logout", "POST /done", "GET /organization", "GET /reports/{id}",
    "GET /d/{slug}/survey/{code}", "POST /d/{slug}/survey/{code}", "GET /d/{slug}/partner", "POST /d/{slug}/partner", "GET /d/{slug}/stories", "GET /d/{slug}/stories.atom", "GET /d/{slug}/stories/{id}",
    "GET /d/{slug}/needs", "GET /d/{slug}/needs.atom",
    "GET /d/{slug}/stories/{id}/{picture}", "GET /d/{slug}/logo/{id}", "GET /accent/{color}",
    "GET /login/oidc/callback", "GET /login/oidc/{id}",
    "GET /check_ins/{id}", "GET /check_ins/{id}/{view}", "POST /check_ins/{id}",
    "GET /asks/{id}", "POST /asks/{id}", "GET /partnerships/{id}", "POST /partnerships/{id}", "GET /partners/{id}", "POST /partners/{id}",
    "GET /papers/{id}", "POST /papers/{id}/file", "GET /years/{id}", "GET /years/{id}/{view}", "GET /agreements/{id}", "POST /agreements/{id}", "GET /agreements/{id}/document",
    "GET /investments/{id}", "POST /investments/{id}", "GET /convenings/{id}", "POST /convenings/{id}", "GET /trainings/{id}", "POST /trainings/{id}", "GET /consents/{id}", "POST /consents/{id}",
    "GET /surveys/{id}", "POST /surveys/{id}", "GET /surveys/{id}/{view}", "GET /surveys/{id}/{view}/{page}",
    "GET /r/{token}", "GET /u/{token}", "POST /u/{token}",
    "GET /l/{id}", "GET /l/{id}/document", "GET /l/{id}/{view}", "GET /l/{id}/{view}/{page}", "POST /l/{id}", "POST /l/{id}/file",
    "POST /l/{id}/password", "POST /l/{id}/sign_in",
)  # fmt: skip
# Draft 7 has them all, but for these, or says less of them.
FORMATS = {
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z",
    "date": r"\d{4}-\d\d-\d\d\Z",
    "email": r"[^@\s]+@[^@\s]+\Z",
    "uri": r"[a-z][a-z0-9+.-]*:[!-~]*\Z",
    "uri-reference": r"[!-~]*\Z",
    "int64": "",  # a number, of which no format is looked at
}
CAPTURE, END = object(), object()
hits = set()


def fetch(host, path, **headers):
    connection = http.client.HTTPConnection(host, 8080, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    except ConnectionRefusedError:
        return 0, b""
    finally:
        connection.close()


@functools.lru_cache(maxsize=None)
def document():
    """Of a kith-api without a database, which its documents do not need."""
    host = "127.%d.%d.%d" % tuple(1 + byte % 254 for byte in secrets.token_bytes(3))
    kept = {n: v for n, v in os.environ.items() if not n.startswith("KITH_")}
    settings = {
        "KITH_ENV": "test",
        "KITH_LOG_LEVEL": "error",
        "KITH_DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere",
        "KITH_PUBLISHER_URL": "postgresql://nobody@/nothing?host=/nowhere",
        "KITH_REDIS_URL": "unix:/nowhere",
        "KITH_SECRET_KEY": "0123456789abcdef0123456789abcdef",
        "KITH_LISTEN": f"{host}:8080",
        "KITH_ADMIN_LISTEN": f"{host}:9100",
    }
    with subprocess.Popen(
        [BUILD / "bin" / "kith-api"],
        env={**kept, **settings},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            status, body = wait_until(
                lambda: (got := fetch(host, "/openapi.json"))[0] and got, "the document", 30
            )
        finally:
            process.terminate()
    assert status == 200, body
    return json.loads(body)


def resolved(node, root=None):
    """The node with every reference replaced by what it names."""
    root = root or document()
    if isinstance(node, list):
        return [resolved(one, root) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        found = root
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return resolved(found, root)
    return {key: resolved(value, root) for key, value in node.items()}


def closed(schema):
    """The same, but an object may have no other members than those named: a client is told to take
    more, our replies may not have what no document tells of."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "allOf" in schema:
        return closed(merged(schema["allOf"]))
    inner = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and "additionalProperties" not in schema:
        inner["additionalProperties"] = False
    return inner


def merged(schemas):
    """One object that is all of these."""
    members = {}
    for name, inner in (row for one in schemas for row in one["properties"].items()):
        members[name] = {**members.get(name, {}), **inner}
    required = sorted({name for one in schemas for name in one.get("required", ())})
    return {"type": "object", "properties": members, "required": required}


@functools.lru_cache(maxsize=None)
def operations():
    """[(path, {METHOD: operation})]; what an operation refers to is to be resolved."""
    return [
        (path, {method.upper(): operation for method, operation in methods.items()})
        for path, methods in sorted(document()["paths"].items())
    ]


@functools.lru_cache(maxsize=None)
def by_id():
    return {one["operationId"]: one for _, methods in operations() for one in methods.values()}


@functools.lru_cache(maxsize=None)
def resolved_operations():
    """[(path, method, operation)] with nothing left to resolve."""
    return [
        (path, method, resolved(operation))
        for path, methods in operations()
        for method, operation in methods.items()
    ]


@functools.lru_cache(maxsize=None)
def tree():
    """The paths segment by segment: {segment, or CAPTURE: {…: {END: {METHOD: operation}}}}."""
    root = {}
    for path, methods in operations():
        node = root
        for segment in path.split("/"):
            node = node.setdefault(CAPTURE if segment.startswith("{") else segment, {})
        node[END] = methods
    return root


def found(node, segments):
    """What stands there; a segment that is named goes before one that is captured."""
    if not segments:
        return node.get(END)
    first, rest = segments[0], segments[1:]
    return (first in node and found(node[first], rest)) or (
        first and CAPTURE in node and found(node[CAPTURE], rest)
    )


def methods_of(target):
    return found(tree(), [unquote(part) for part in target.partition("?")[0].split("/")]) or {}


def narrowed(schema, is_view):
    """A representation is whole, or what fields= and expand= asked for: the one of anyOf's two."""
    if isinstance(schema, list):
        return [narrowed(one, is_view) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "anyOf" in schema:
        return schema["anyOf"][is_view]
    return {key: narrowed(value, is_view) for key, value in schema.items()}


@functools.lru_cache(maxsize=None)
def compiled(text):
    """What a schema takes, as a function: many operations have the same replies."""
    return fastjsonschema.compile(json.loads(text), formats=FORMATS, use_default=False)


@functools.lru_cache(maxsize=None)
def validator(operation_id, status, media_type, is_view):
    response = response_of(operation_id, status)
    schema = narrowed(response["content"][media_type]["schema"], is_view)
    return compiled(json.dumps(closed(schema), sort_keys=True))


@functools.lru_cache(maxsize=None)
def response_of(operation_id, status):
    return resolved(by_id()[operation_id]["responses"].get(str(status)))


@functools.lru_cache(maxsize=None)
def field_validators(operation_id, status):
    headers = response_of(operation_id, status).get("headers", {})
    return {name.lower(): compiled(json.dumps(one["schema"])) for name, one in headers.items()}


def check_fields(operation_id, reply):
    documented = field_validators(operation_id, reply.status)
    for name, value in reply.fields:
        if name.lower() in EVERYWHERE or name.lower().startswith("access-control-"):
            continue
        assert name.lower() in documented, f"{operation_id} {reply.status}: {name} undocumented"
        documented[name.lower()](value)


def check_body(operation_id, reply, response, is_view):
    if not reply.body:
        return
    media_type = reply.field("Content-Type").partition(";")[0]
    assert media_type in response.get("content", {}), f"{operation_id}: {media_type} undocumented"
    value = reply.json() if media_type.endswith("json") else reply.body.decode("latin-1")
    try:
        validator(operation_id, reply.status, media_type, is_view)(value)
    except fastjsonschema.JsonSchemaValueException as error:
        raise AssertionError(f"{operation_id} {reply.status}: {error.message}") from error


def is_success(status):
    """Done as asked; what the client had already (304) shows nothing."""
    return status < 400 and status != 304


def check(method, target, reply, counts=True):
    """Asserts that the document knows such a reply to such a request. `counts`: as a test that asks
    for this operation."""
    methods = methods_of(target)
    operation = methods.get("GET" if method == "HEAD" else method)
    page = operation is None and page_of("GET" if method == "HEAD" else method, target)
    if page:
        if counts and is_success(reply.status):
            hits.add(page)
        return
    if operation is None:
        known = (404,) if not methods else (204,) if method == "OPTIONS" else (405, 501)
        known = (*known, 400, 408, 414, 429, 431, 501, 503, 505)
        assert reply.status in known, (method, target, reply)
        return
    operation_id = operation["operationId"]
    response = response_of(operation_id, reply.status)
    assert response, f"{operation_id}: {reply.status} undocumented, {target}: {reply}"
    if counts and method != "HEAD" and is_success(reply.status):
        hits.add(operation_id)
    check_fields(operation_id, reply)
    is_view = re.search(r"[?&](fields|expand)=", target) is not None
    check_body(operation_id, reply, response, is_view)


def page_of(method, target):
    """The page's route, or None."""
    asked = target.partition("?")[0].split("/")
    for route in PAGES:
        known, _, pattern = route.partition(" ")
        parts = pattern.split("/")
        if known == method and len(parts) == len(asked) and all(
            part == one or part.startswith("{") for part, one in zip(parts, asked)
        ):
            return route
    return None


def never_hit(asked):
    return sorted((set(by_id()) | set(PAGES)) - set(asked))
