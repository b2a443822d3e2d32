"""What a client may do to a request: values that a schema does not take, bodies that are no JSON,
paths, queries and header fields that are not ours. All of it is read off the API's document; nothing
here knows a resource. Each route gets all kinds of attack, and of the long lists a share.

`bad` and `good` are values made of a schema: bad ones with the pointer, below the value, of what is
wrong. `rounds` puts many bad values into one body, as all that is wrong is said at once.
"""

import json
import os
import re
from zlib import crc32

import pytest
from fields import email_of, url_of
from hypothesis import strategies as st
from operations import FILES, operation, text_for, types_of
from permissions import PERMISSIONS

ROUND_BYTES = 100_000
OF_TYPE = {
    "string": "x",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "array": [],
    "object": {},
    "null": None,
}
# Of each format: what is none of it.
NOT_OF_FORMAT = {
    "uuid": ("", "x", "0" * 32, "g" * 36, f"{{{'0' * 36}}}", "0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7 "),
    "email": ("", "a", "a@b", "@example.org", "a@@b.org", "a b@c.org", "é@example.org"),
    "uri": ("", "example.org", "ftp://example.org", "javascript:alert(1)", "https://u:p@a.org", "//a"),
    "date": ("", "2026-02-29", "2026-13-01", "2026-7-1", "20260701", "0000-01-01", "10000-01-01")
    + ("2026-07-01T00:00:00Z", " 2026-07-01", "2026-07-01\n", "infinity", "-infinity", "now"),
    "date-time": ("", "2026-07-01", "2026-07-01T00:00:00", "2026-07-01T24:00:00Z", "infinity")
    + ("2026-07-01T00:00:00+24:00", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+01:00", "now")
    + ("9999-12-31T23:59:59-01:00",),
}
# Values that are strange and not wrong: whether a field takes them is its own affair.
STRANGE_TEXTS = (
    "'; DROP TABLE partner; --",
    "$1 %s %n {0} ${jndi:ldap://x} {{7*7}}",
    "../../etc/passwd",
    "=HYPERLINK(\"http://x\")",
    "\u202egnp.exe\u200b\ufeff",
    "\U0010ffff\ufdd0",
    "I\u0307ſß",
    "\\u0000\\",
)
CONTROL = ("a\u0001b", "a\u007fb", "a\u0085b", "\u001b[31m", "a\ufffeb")
KEYS = ("unknown", "", " ", "a/b~c", "~1", "__proto__", "0", "é", "\u0001", "x" * 300)


# Routes by what can be done to them, as their text tells.
WITH_BODY = [
    r
    for r in PERMISSIONS
    if r[:5] in ("POST ", "PATCH") and not r.endswith("/restore") and r not in FILES
]
WITHOUT_BODY = [route for route in PERMISSIONS if route not in WITH_BODY and route not in FILES]
WITH_ID = [route for route in PERMISSIONS if "{id}" in route]


@pytest.fixture(scope="module", autouse=True)
def nothing_counts(api):
    """A generator that asks for every route is not a test of each."""
    api.counts = False


@pytest.fixture
def base(request, subjects):
    """The route, and a request to it that is valid but for its If-Match."""
    op = operation(request.param)
    return op, subjects.harmless(op)


FEW = 4


def few(routes):
    """Each fourth of the routes that follow from a declaration, for these share their handlers, and each other
    one: for what is read before anybody asks which route it is. KITH_ATTACK_WHOLE=1 gives all of them."""
    if os.environ.get("KITH_ATTACK_WHOLE"):
        return list(routes)
    declared = {r.removeprefix("GET ").removesuffix("/{id}") for r in PERMISSIONS if r.startswith("GET ")
                and r.endswith("/{id}")}
    return [r for r in routes if r.partition(" ")[2].partition("/{id}")[0] not in declared
            or crc32(r.encode()) % FEW == 0]


def share(values, op, count):
    """So many of the values for this route, others for the next: together the routes get them all.
    KITH_ATTACK_WHOLE=1 gives all to each."""
    values = list(values)
    first = crc32(op.route.encode())
    if os.environ.get("KITH_ATTACK_WHOLE") or count >= len(values):
        return values
    return [values[(first + number) % len(values)] for number in range(count)]


def ask(request, caller):
    """What nobody may ever see is a failure of ours."""
    answer = request.send(caller)
    assert answer.status < 500, (request, answer)
    return answer


# ---- Values --------------------------------------------------------------------------------------


def bad(schema):
    """(value, pointer below it of what is wrong). Of a schema that takes anything there is none."""
    if "type" not in schema:
        return
    types = types_of(schema)
    for name, value in OF_TYPE.items():
        if name not in types and not (name == "integer" and "number" in types):
            yield value, ""
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        wrong = {"", "nothing", values[0].upper(), values[0].title(), values[0] + " "}
        yield from ((text, "") for text in sorted(wrong - set(values)))
    elif "string" in types:
        yield from ((text, "") for text in bad_texts(schema))
    if "integer" in types and "string" not in types:
        yield from ((number, "") for number in bad_integers(schema))
    if "array" in types:
        yield from bad_lists(schema)
    if "object" in types:
        yield from bad_objects(schema)


def bad_texts(schema):
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    known = NOT_OF_FORMAT.get(schema.get("format"))
    if known:
        yield from known
    elif "pattern" in schema:
        for text in ("", "!", "a b", "é", "-", "x" * 300, "../x", "1e3", "NaN"):
            if not re.search(schema["pattern"], text):
                yield text
    else:
        yield from CONTROL
        if least:
            yield "a" * (least - 1)
            yield " " * least
    if most is not None and not known:
        yield "a" * (most + 1)
        yield "😀" * (most + 1)
    if known and schema["format"] == "email":
        yield email_of(most + 1)
    if known and schema["format"] == "uri":
        yield url_of(most + 1)


def bad_integers(schema):
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    for number in (2**63 - 1, -(2**63)):
        if not schema.get("minimum", -(2**63)) <= number <= schema.get("maximum", 2**63 - 1):
            yield number


def bad_lists(schema):
    item = schema["items"]
    fit = items_for(item, schema.get("maxItems", 100) + 1)
    yield fit if len(fit) > schema.get("maxItems", 100) else fit * (schema["maxItems"] + 1), ""
    if schema.get("minItems"):
        yield fit[: schema["minItems"] - 1], ""
    if schema.get("uniqueItems"):
        yield [fit[0], fit[0]], "/1"
    for value, pointer in bad(item):
        yield [value], f"/0{pointer}"
        if schema.get("maxItems", 2) > 1:
            yield [fit[0], value], f"/1{pointer}"
    if "null" not in types_of(item):
        yield [None], "/0"


def bad_objects(schema):
    properties = schema.get("properties")
    others = schema.get("additionalProperties")
    if properties is not None and others is False:
        for key in KEYS[:4]:
            yield {**filled(schema), key: 1}, pointer_of(key)
    for name in schema.get("required", ()):
        yield {key: value for key, value in filled(schema).items() if key != name}, f"/{name}"
    for name, inner in (properties or {}).items():
        for value, pointer in bad(inner):
            yield {**filled(schema), name: value}, f"/{name}{pointer}"
    if isinstance(others, dict):
        for value, pointer in bad(others):
            yield {"key": value}, f"/key{pointer}"
        for key in ("", " a", "a\u0001", "k" * 73):
            yield {key: fit_for(others)}, ""


def good(schema):
    """Values at the limits, and of each kind that it takes."""
    if "type" not in schema:
        yield from OF_TYPE.values()
        return
    types = types_of(schema)
    if "null" in types:
        yield None
    if "enum" in schema:
        yield from (value for value in schema["enum"] if value is not None)
    elif schema.get("format") == "uuid":
        return
    elif "string" in types:
        yield from good_texts(schema)
    if "integer" in types and "string" not in types:
        yield schema.get("minimum", -(2**63))
        yield schema.get("maximum", 2**63 - 1)
    if "boolean" in types:
        yield from (True, False)
    if "array" in types:
        most = items_for(schema["items"], schema.get("maxItems", 100))
        yield from (most, most[: schema.get("minItems", 0)])
    if "object" in types and "properties" in schema:
        yield filled(schema)


def good_texts(schema):
    usual = {
        "email": (email_of(254),),
        "uri": (url_of(2000), "http://a.org/%00'\"".replace('"', "")),
        "date": ("0001-01-01", "9999-12-31", "2028-02-29"),
        "date-time": ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-07-01T02:00:00+14:00"),
    }
    if schema.get("format") in usual:
        yield from usual[schema["format"]]
    elif "pattern" in schema:
        yield text_for(schema)
    else:
        least, most = max(schema.get("minLength", 0), 1), schema.get("maxLength", 255)
        yield from ("a" * most, "😀" * most, "1" * least)
        yield from (text for text in STRANGE_TEXTS if least <= len(text) <= most)


def fit_for(schema):
    """One value that the schema takes."""
    if isinstance(schema.get("additionalProperties"), dict):
        return {"en": fit_for(schema["additionalProperties"])}
    found = [value for value in good(schema) if value is not None]
    return found[0] if found else "0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7"


def items_for(item, count):
    """So many items, none twice while there are as many."""
    if "enum" in item:
        return [value for value in item["enum"] if value is not None][:count]
    if item.get("format") == "uuid":
        return [f"0197a3c2-5d1e-7b40-9c55-{number:012}" for number in range(count)]
    if "pattern" in item and re.search(item["pattern"], "en-001"):
        return ["en", *(f"en-{number:03}" for number in range(1, count))][:count]
    if item.get("format") == "email":
        return [f"a{number}@example.org" for number in range(count)]
    if item.get("format") == "date":
        return [f"{1900 + number}-01-01" for number in range(count)]
    if "integer" in types_of(item):
        return [item.get("minimum", 0) + number for number in range(count)]
    if "string" in types_of(item) and "format" not in item and "pattern" not in item:
        return [f"a{number}" for number in range(count)]
    return [fit_for(item)] * count


def filled(schema):
    """An object with what it requires."""
    return {name: fit_for(schema["properties"][name]) for name in schema.get("required", ())}


def pointer_of(key):
    return "/" + key.replace("~", "~0").replace("/", "~1")


def rounds(schema):
    """Bodies of bad values, one for each member: ({member: value}, {pointers}). The first round has
    the first bad value of each member, and so on; a large value stands alone."""
    waiting = {name: list(bad(inner)) for name, inner in schema["properties"].items()}
    while any(waiting.values()):
        body, pointers, size = {}, set(), 0
        for name, values in waiting.items():
            if not values:
                continue
            length = len(json.dumps(values[0][0], ensure_ascii=False).encode())
            if body and size + length > ROUND_BYTES:
                continue
            value, pointer = values.pop(0)
            size += length
            body[name] = value
            pointers.add(f"/{name}{pointer}")
        yield body, pointers


# ---- Bodies that are no JSON, or none of ours ----------------------------------------------------

NOT_JSON = {
    "nothing": b" ",
    "a word": b"name",
    "half an object": b'{"name":',
    "an open string": b'{"name":"x',
    "single quotes": b"{'name':'x'}",
    "a comma too many": b'{"name":"x",}',
    "a comment": b'{"name":"x"/**/}',
    "two objects": b'{"name":"x"}{}',
    "a member twice": b'{"name":"x","name":"y"}',
    "a member twice, once escaped": b'{"name":"x","n\\u0061me":"y"}',
    "NaN": b'{"name":NaN}',
    "Infinity": b'{"name":-Infinity}',
    "a leading zero": b'{"name":010}',
    "hexadecimal": b'{"name":0x10}',
    "a byte order mark": b'\xef\xbb\xbf{"name":"x"}',
    "UTF-16": '{"name":"x"}'.encode("utf-16"),
    "a lone continuation byte": b'{"name":"\x80"}',
    "an overlong form": b'{"name":"\xc0\xaf"}',
    "past U+10FFFF": b'{"name":"\xf4\x90\x80\x80"}',
    "a surrogate in UTF-8": b'{"name":"\xed\xa0\x80"}',
    "a lone surrogate": b'{"name":"\\ud800"}',
    "surrogates the wrong way": b'{"name":"\\udc00\\ud800"}',
    "a raw newline in a string": b'{"name":"a\nb"}',
    "NUL, escaped": b'{"name":"a\\u0000b"}',
    "NUL, raw": b'{"name":"a\x00b"}',
    "NUL in a member's name": b'{"a\\u0000b":1}',
    "depth 33": b'{"name":' + b"[" * 32 + b"]" * 32 + b"}",
    "depth 20,000": b'{"name":' + b"[" * 20000 + b"]" * 20000 + b"}",
    "depth 20,000 of objects": b'{"a":' * 20000 + b"1" + b"}" * 20000,
    "65,537 values": b'{"name":[' + b",".join([b"1"] * 65537) + b"]}",
    "form fields": b"name=x&kind=other",
    "XML": b"<name>x</name>",
}
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
NO_OBJECT = (b"null", b"[]", b"1", b'"x"', b"true", b'[{"name":"x"}]')
NUMBERS = ("1e999", "-1e999", "1" * 400, "9223372036854775808", "-9223372036854775809", "1e309")

MEDIA_TYPES = (
    None,
    "",
    "json",
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/*",
    "*/*",
    "{type}; charset=iso-8859-1",
    "{type}; charset=utf-16",
    "{type}, {type}",
)
SAME_MEDIA_TYPE = ("{type};", "{type}; charset=utf-8", '{type} ; CHARSET="UTF-8"')
CODINGS = ("gzip", "br", "deflate", "identity, gzip", "x", "GZIP")

# ---- Paths ---------------------------------------------------------------------------------------

NO_IDS = (
    "x",
    "0",
    "-1",
    "null",
    "undefined",
    "0" * 32,
    "g" * 36,
    "%7B{id}%7D",
    "{id}%20",
    "{id}%00",
    "{id}%0d%0aX-Injected:%201",
    "{id}%2Frestore",
    "{id}/",
    "{id};a=b",
    "{id}.json",
    "{id},{id}",
    "%ff",
    "%zz",
    "%",
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "'%20OR%201=1--",
    "*",
    "%F0%9F%98%80",
    "a" * 7000,
)

# ---- Queries -------------------------------------------------------------------------------------

UNKNOWN_PARAMETERS = (
    "unknown=1",
    "=1",
    "x",
    "%00=1",
    "%ff=1",
    "__proto__=1",
    "a[b]=1",
    "id[gte]=1",
    "created_at=2026-07-01T00:00:00Z",
    "created_at[=1",
    "created_at[foo]=1",
    "created_at[gte][gte]=1",
    "district_id=1",
    "'%20OR%201=1--=1",
    "%F0%9F%98%80=1",
    "x" * 2000 + "=1",
    *("a" * lead + "%F0%9F%98%80" * 200 + "=1" for lead in range(4)),
    "&".join(f"p{number}=1" for number in range(300)),
)
CURSORS = ("", "x", "!!", "AAAA", "A" * 43, "A" * 4000, "null", "' OR 1=1", "😀")
NO_TEXTS = ("%ff", "%00", "%ed%a0%80")


def bad_parameters(name, schema):
    """Texts that a query's parameter does not take. An array's are separated by commas."""
    if name == "cursor":
        return (*NO_TEXTS, *CURSORS)
    is_list = schema.get("type") == "array"
    inner = schema["items"] if is_list else schema
    types = types_of(inner)
    found = [*NO_TEXTS]
    if "enum" in inner:
        found += ["", "nothing", inner["enum"][0].upper(), "%20" + inner["enum"][0]]
        found += [","] if is_list else []
    elif types == {"integer"}:
        found += ["", "x", "1.5", "1e2", "0x1", "%2B1", "%201", "9" * 30, "-" + "9" * 30, "٣"]
        found += [str(value) for value in bad_integers(inner)]
    elif types == {"boolean"}:
        found += ["", "1", "yes", "TRUE", "null"]
    elif inner.get("format") in NOT_OF_FORMAT:
        found += [text for text in NOT_OF_FORMAT[inner["format"]] if text.strip() == text]
    elif "pattern" not in inner and "maxLength" in inner and not is_list:
        found += ["a" * (inner["maxLength"] + 1)]
    # A field may be named again; a value of [eq] may have commas.
    if is_list and "maxItems" in schema and name != "fields" and not name.endswith("]"):
        fit = items_for(inner, schema["maxItems"] + 1) or ["x"]
        found.append(",".join((str(v).lower() for v in (fit * 30)[: schema["maxItems"] + 1])))
    return found
