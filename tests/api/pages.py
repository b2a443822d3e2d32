"""A browser without a picture: cookies, forms, redirects. Each page it gets is held against what every
page of ours must be (`check_page`), its accessibility as far as a program can tell, so that a test asks
only for what is particular.

`Person` makes, as the mailer does, the links that a contact or a user of a district gets.
"""

import hashlib
import http.client
import re
import secrets
import uuid
from base64 import urlsafe_b64encode
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

import contract

from world import NOW, insert, uuid7

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# What a browser says it takes.
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
VOID = {"input", "meta", "link", "br", "hr", "img"}
FIELDS = ("input", "select", "textarea")


class Node:
    def __init__(self, tag, attributes=(), parent=None):
        self.tag = tag
        self.attributes = dict(attributes)
        self.parent = parent
        self.children = []

    def get(self, name, default=None):
        return self.attributes.get(name, default)

    def all(self, *tags):
        for child in self.children:
            if isinstance(child, Node):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def first(self, *tags):
        return next(self.all(*tags), None)

    @property
    def raw(self):
        return "".join(c.raw if isinstance(c, Node) else c for c in self.children)

    @property
    def text(self):
        return " ".join(self.raw.split())


class Builder(HTMLParser):
    """The tree; what is not closed in order is an error."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = self.open = Node("root")
        self.feed(text)
        self.close()
        assert self.open is self.root, f"<{self.open.tag}> is not closed"

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}>: an attribute twice: {names}"
        node = Node(tag, attrs, self.open)
        self.open.children.append(node)
        if tag not in VOID:
            self.open = node

    def handle_endtag(self, tag):
        assert tag == self.open.tag, f"</{tag}> closes <{self.open.tag}>"
        self.open = self.open.parent

    def handle_data(self, data):
        self.open.children.append(data)


class Page:
    """A reply. `root` is the tree of one that is HTML."""

    def __init__(self, path, status, fields, body):
        self.path = path
        self.status = status
        self.fields = fields
        self.body = body.decode()
        self.root = None
        if body and self.field("Content-Type", "").startswith("text/html"):
            self.root = Builder(self.body).root
            check_page(self)

    def field(self, name, default=None):
        found = [value for field, value in self.fields if field.lower() == name.lower()]
        return found[0] if found else default

    @property
    def lang(self):
        return self.root.first("html").get("lang")

    @property
    def title(self):
        return self.root.first("title").text

    @property
    def heading(self):
        return self.root.first("h1").text

    @property
    def text(self):
        return self.root.first("main").text

    @property
    def forms(self):
        return list(self.root.all("form"))

    def by_id(self, name):
        return next((node for node in self.root.all() if node.get("id") == name), None)

    def form(self, verb=None):
        """The form that has a button of that value, or the only one."""
        forms = [f for f in self.forms if verb is None or verb in buttons_of(self, f)]
        assert len(forms) == 1, (verb, [buttons_of(self, f) for f in self.forms], self.text)
        return forms[0]

    def buttons(self):
        return [value for form in self.forms for value in buttons_of(self, form)]

    def links(self):
        return {node.text: node.get("href") for node in self.root.all("a")}

    def notices(self):
        return [n.text for n in self.root.all("p") if "notice" in n.get("class", "")]

    def errors(self):
        """{name of the field: what is said of it}, of the summary."""
        summary = self.by_id("errors")
        links = summary.all("a") if summary else ()
        return {a.get("href").partition("#")[2]: a.text for a in links}

    def value(self, name):
        """What stands in the field of that name."""
        for node in self.root.all(*FIELDS):
            if node.get("name") == name:
                return value_of(node)
        raise AssertionError(f"no field {name}")

    def __repr__(self):
        return f"<{self.path} {self.status} {self.text if self.root else self.body!r}>"


def buttons_of(page, form):
    return [b.get("value", "") for b in page.root.all("button")
            if b in list(form.all("button")) or form.get("id") and b.get("form") == form.get("id")]


def value_of(node):
    if node.tag == "textarea":
        return node.raw.removeprefix("\n")
    if node.tag == "select":
        options = list(node.all("option"))
        return next((o.get("value") for o in options if "selected" in o.attributes), options[0].get("value"))
    return node.get("value", "")


def values_of(form):
    """What a browser would send of it: {name: value}."""
    found = {}
    for node in form.all(*FIELDS):
        name = node.get("name")
        if name is None:
            continue
        if node.get("type") in ("radio", "checkbox") and "checked" not in node.attributes:
            continue
        assert name not in found, f"{name} would be sent twice"
        found[name] = value_of(node)
    return found


# ---- What every page must be ---------------------------------------------------------------------


def check_page(page):
    root = page.root
    assert page.body.startswith("<!doctype html>\n"), page.body[:60]
    assert page.field("Content-Security-Policy") == POLICY, page.fields
    assert page.field("Referrer-Policy") == "no-referrer"
    assert page.field("Cache-Control") == "no-store"
    assert page.field("X-Robots-Tag") == "noindex, nofollow"
    assert page.field("X-Content-Type-Options") == "nosniff"
    assert not list(root.all("script", "style", "iframe")) and {node.get("class") for node in root.all("img")} <= {"logo"}, "nothing but text and one sheet"
    assert page.lang in ("en", "es"), page.lang
    assert page.title and root.first("meta").get("charset") == "utf-8"
    assert len(list(root.all("main"))) == 1 and len(list(root.all("h1"))) == 1
    check_headings(root)
    check_ids(root)
    for node in root.all():
        assert not any(name.startswith("on") or name == "style" for name in node.attributes), node.tag
        if node.tag in FIELDS and node.get("type") != "hidden" and "hidden" not in node.attributes:
            assert label_of(root, node), f"{node.get('name')} has no label"
        if node.tag in ("a", "button", "h1", "h2", "h3", "h4", "h5", "label", "legend", "th"):
            assert node.text or node.get("aria-label"), f"an empty <{node.tag}>: {node.attributes}"
        if node.tag == "form":
            assert node.get("method") == "post" and node.get("action"), node.attributes


def check_headings(root):
    """No level is left out on the way down."""
    last = 0
    for node in root.all("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(node.tag[1])
        assert level <= last + 1, f"<{node.tag}> {node.text} after <h{last}>"
        last = level


def check_ids(root):
    ids = [node.get("id") for node in root.all() if node.get("id")]
    assert len(ids) == len(set(ids)), f"an id twice: {sorted(ids)}"
    for node in root.all():
        named = (node.get("aria-describedby", "") + " " + node.get("aria-labelledby", "")).split()
        if node.tag == "a" and node.get("href", "").startswith("#"):
            named.append(node.get("href")[1:])
        if node.get("for"):
            named.append(node.get("for"))
        for name in named:
            assert name in ids, f"{node.tag} names {name}, which is not there: {node.attributes}"


def label_of(root, field):
    for label in root.all("label"):
        if label.get("for") and label.get("for") == field.get("id") or field in list(label.all(*FIELDS)):
            return label.text
    return field.get("aria-label")


# ---- The browser ---------------------------------------------------------------------------------


class Browser:
    def __init__(self, api, language="en-US,en;q=0.9"):
        self.api = api
        self.cookies = {}
        self.language = language

    def ask(self, method, path, body=None, **headers):
        """One request, as a browser asks for a page; a header that is None is left out."""
        fields = {
            "Accept": ACCEPT,
            "Accept-Language": self.language,
            "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items()) or None,
            **({"Origin": "null", "Sec-Fetch-Site": "same-origin",
                "Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }  # fmt: skip
        connection = http.client.HTTPConnection(self.api.host, 8080, timeout=30)
        try:
            connection.request(method, path, body=body,
                               headers={n: v for n, v in fields.items() if v is not None})
            got = connection.getresponse()
            reply = Page(path, got.status, got.getheaders(), got.read())
        finally:
            connection.close()
        self.keep(reply)
        route = contract.page_of(method, path)
        if route and reply.status < 400:
            contract.hits.add(route)
        return reply

    def keep(self, page):
        for name, value in page.fields:
            if name.lower() != "set-cookie":
                continue
            pair, *how = value.split("; ")
            assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= set(how), value
            key, _, content = pair.partition("=")
            if "Max-Age=0" in how:
                self.cookies.pop(key, None)
            else:
                self.cookies[key] = content

    def get(self, path, **headers):
        """The page, after what redirects to it."""
        page = self.ask("GET", path, **headers)
        for _ in range(3):
            if page.status != 303:
                return page
            page = self.ask("GET", page.field("Location"), **headers)
        raise AssertionError(f"redirects without end: {page}")

    def post(self, path, values, **headers):
        """What the POST itself answers."""
        return self.ask("POST", path, urlencode(values).replace("%0A", "%0D%0A").encode(), **headers)

    def send(self, page, button="", verb=None, **changes):
        """Fills in and sends a form of the page by its button; what the POST answers. A change that is
        None leaves the field out; "note__…" is for "note.…"."""
        form = page.form(verb or button)
        values = values_of(form)
        for name, value in changes.items():
            name = name.replace("__", ".")
            values[name] = value
        values = {name: value for name, value in values.items() if value is not None}
        if button:
            values["do"] = button
        return self.post(form.get("action"), values)

    def submit(self, page, button="", **changes):
        """The page behind it."""
        reply = self.send(page, button, **changes)
        return self.get(reply.field("Location")) if reply.status == 303 else reply


# ---- Links ---------------------------------------------------------------------------------------


def token(district):
    """A token and its hash, in the form of services/api/token.h."""
    secret = secrets.token_bytes(32)
    text = urlsafe_b64encode(uuid.UUID(district).bytes + secret).decode()
    return "kith_" + text, hashlib.sha256(secret).hexdigest()


def make_link(tenant, purpose, subject=None, **fields):
    """The token of a link as kith-mailer makes it."""
    text, token_hash = token(tenant.id)
    row = {"district_id": tenant.id, "id": uuid7(), "token_hash": token_hash, "purpose": purpose,
           "subject_id": subject, "expires_at": "2027-01-31T06:00:00Z", "created_at": NOW, **fields}
    with tenant.api.database.connect("kith_migrate") as connection:
        insert(connection, "link", row)
    return text


def message(tenant, **fields):
    """A mail that was sent."""
    one = uuid7()
    key = f"contact:{fields['contact_id']}" if fields.get("contact_id") else f"user:{fields['user_id']}"
    row = {"district_id": tenant.id, "id": one, "class": "program", "topic": "surveys",
           "kind": "survey_invitation", "subject_id": uuid7(), "recipient_key": key, "occurrence": "1",
           "to_address": "ann@example.org", "locale": "en", "status": "sent", "not_before": NOW,
           "not_after": "2027-01-31T06:00:00Z", "created_at": NOW, "updated_at": NOW, **fields}
    with tenant.api.database.connect("kith_migrate") as connection:
        insert(connection, "message", row)
    return one


def signed_in(tenant, role="director"):
    """A browser with a session of the tenant's user of that role."""
    browser = Browser(tenant.api)
    browser.cookies["kith"] = session_of(tenant, tenant.users[role])
    return browser


def session_of(tenant, user):
    """The cookie's text of a session that has just begun."""
    with tenant.api.database.connect("kith_migrate") as connection:
        return tenant.api.database.token(connection, tenant.id, user, kind="session", last_used_at=NOW,
                                         expires_at="2026-11-22T03:00:00Z")[0]


def state(tenant):
    """A digest of every table's rows of the district, to see that nothing changed."""
    with tenant.api.database.connect("kith_migrate") as connection:
        tables = [row[0] for row in connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace "
            "AND a.attname = 'district_id' ORDER BY 1")]
        return {table: connection.execute(
            f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t "
            "WHERE district_id = %s", (tenant.id,)).fetchone()[0] for table in tables}


__all__ = ["ACCEPT", "Browser", "Page", "make_link", "message", "session_of", "signed_in", "state", "token", "values_of"]
