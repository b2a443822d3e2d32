"""A person with a browser without JavaScript: opens a link, fills in the form that is there, sends it."""
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser


class Field:
    """One thing to fill in: what it is, what it is called, what stands in it."""

    def __init__(self, kind, attributes):
        self.kind = kind
        self.name = attributes.get("name")
        self.value = attributes.get("value", "on" if kind in ("checkbox", "radio") else "")
        self.is_chosen = "checked" in attributes
        self.options = []
        self.label = ""
        self.id = attributes.get("id")


class Form:
    """Where it goes and what it holds."""

    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get").upper()
        self.fields = []

    def named(self, pattern):
        return [field for field in self.fields if field.name and re.search(pattern, field.name)]

    def fill(self, pattern, value):
        """Texts get the value; of radios and options the one of that value is chosen."""
        found = self.named(pattern)
        assert found, f"no field like {pattern} in {[f.name for f in self.fields]}"
        for field in found:
            if field.kind == "radio":
                field.is_chosen = field.value == value
            else:
                field.value = value
                field.is_chosen = True

    def data(self, button):
        sent = []
        for field in self.fields:
            if not field.name or field.kind in ("submit", "button"):
                continue
            if field.kind in ("checkbox", "radio") and not field.is_chosen:
                continue
            sent.append((field.name, field.value))
        if button is not None and button.name:
            sent.append((button.name, button.value))
        return sent


class Page(HTMLParser):
    """What a person sees: text, forms, links."""

    def __init__(self, url, status, text):
        super().__init__()
        self.url = url
        self.status = status
        self.html = text
        self.forms = []
        self.links = []
        self.words = []
        self.lang = None
        self.open_field = None
        self.open_select = None
        self.is_hidden = 0
        self.feed(text)
        self.text = re.sub(r"\s+", " ", " ".join(self.words)).strip()

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = attributes.get("lang")
        elif tag in ("script", "style", "title"):
            self.is_hidden += 1
        elif tag == "form":
            self.forms.append(Form(attributes))
        elif tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag in ("input", "textarea", "select", "button") and self.forms:
            kind = {"input": attributes.get("type", "text"), "button": attributes.get("type", "submit")}
            field = Field(kind.get(tag, tag), attributes)
            if tag == "textarea":
                self.open_field, field.value = field, ""
            if tag == "select":
                self.open_select = field
            self.forms[-1].fields.append(field)
        elif tag == "option" and self.open_select is not None:
            value = attributes.get("value", "")
            if not self.open_select.options or "selected" in attributes:
                self.open_select.value = value
            self.open_select.options.append(value)

    def handle_endtag(self, tag):
        if tag in ("script", "style", "title"):
            self.is_hidden -= 1
        elif tag == "textarea":
            self.open_field = None
        elif tag == "select":
            self.open_select = None

    def handle_data(self, data):
        if self.open_field is not None:
            self.open_field.value += data
        elif not self.is_hidden:
            self.words.append(data)

    def form(self, pattern):
        """The form that has a field of such a name."""
        for form in self.forms:
            if form.named(pattern):
                return form
        raise AssertionError(f"no form with {pattern} at {self.url}: {self.text[:500]}")


class Person:
    """Cookies and an origin, as a browser has them."""

    def __init__(self, url):
        self.origin = url
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def open(self, url, data=None):
        headers = {"Accept": "text/html"}
        if data is not None:
            headers |= {"Origin": self.origin, "Sec-Fetch-Site": "same-origin",
                        "Content-Type": "application/x-www-form-urlencoded"}
            data = urllib.parse.urlencode(data).encode()
        asked = urllib.request.Request(urllib.parse.urljoin(self.origin, url), data, headers)
        try:
            with self.opener.open(asked, timeout=30) as reply:
                return Page(reply.url, reply.status, reply.read().decode())
        except urllib.error.HTTPError as refusal:
            return Page(asked.full_url, refusal.code, refusal.read().decode())

    def send(self, page, form, button=None):
        """Presses the button of that value, or the first."""
        buttons = [field for field in form.fields if field.kind == "submit"]
        if button is not None:
            buttons = [field for field in buttons if button in (field.name, field.value)]
            assert buttons, f"no button {button} at {page.url}"
        sent = self.open(urllib.parse.urljoin(page.url, form.action or page.url),
                         form.data(buttons[0] if buttons else None))
        assert sent.status == 200, f"{sent.status} at {sent.url}: {sent.text[:500]}"
        return sent
