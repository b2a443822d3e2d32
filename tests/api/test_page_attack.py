"""What no browser sends, to each route of the pages: it is refused or shown as what it is, never with a fault
of ours, and nothing is changed."""

import random
from urllib.parse import quote

import pytest
from check_ins import running
from contract import PAGES
from pages import Browser, make_link, signed_in, state

SEGMENTS = ("", "x", "..%2f", "%00", "%ff", "a" * 1000, "'", "%27;--", "{{t.skip}}", "%F0%9F%8D%8E", "-1", "1e3",
            "0197a3c2-5d1e-7b40-9c55-2f6d8e01a4b7")
QUERIES = ("", "?lang=xx", "?lang=es&lang=en", "?said={{t.skip}}", "?said=check_in_send%00", "?lang=%ff",
           "?district=" + "d" * 5000, "?" + "&".join(["a=1"] * 101), "?said[]=1")
BODIES = (b"", b"&", b"=", b"do", b"do=check_in_save", b"do=%00", b"\x00", b"\xff" * 100, b"{}", b"a=1" * 5000,
          b"do=check_in_save&do=check_in_save", b"kind=call&item=x", b"email=%F0&password=x",
          b"List-Unsubscribe=One-Click&x=1", b"new_password=" + b"%C3%A9" * 600)
COOKIES = ("kith=x", "kith=", "kith-lang=xx", "kith-lang=../../x", "kith-form=", "kith-l-x=y; kith-l-=z",
           "a" * 3000 + "=1", "kith=kith_" + "A" * 64)


@pytest.fixture(scope="module")
def place(ours):
    """A link that is open, and a session."""
    mine = running(ours)
    browser = signed_in(ours)
    page = browser.get("/r/" + make_link(ours, "check_in", mine.check_in(), contact_id=mine.contact))
    return browser, page.path[3:]


def paths(pattern, short, generator):
    """The pattern with hostile segments, and once with what is there."""
    for segment in (short, *SEGMENTS):
        path = pattern
        for name in ("{token}", "{id}", "{view}", "{page}"):
            path = path.replace(name, segment if name != "{view}" else generator.choice(SEGMENTS))
        yield path


@pytest.mark.parametrize("route", PAGES)
def test_nothing_hostile_is_a_fault_of_ours(api, ours, place, route):
    browser, short = place
    generator = random.Random(route)
    method, _, pattern = route.partition(" ")
    before = state(ours)
    for path in paths(pattern, short, generator):
        query = generator.choice(QUERIES) if method == "GET" else ""
        asking = browser if generator.random() < 0.5 else Browser(api)
        headers = {} if asking is browser else {"Cookie": generator.choice(COOKIES)}
        body = generator.choice(BODIES) if method == "POST" else None
        cookies = dict(asking.cookies)
        reply = asking.ask(method, path + query, body, **headers)
        asking.cookies = cookies
        assert reply.status < 500, (method, path, query, body, headers, reply)
        assert reply.status != 303 or reply.field("Location").startswith("/"), reply
    after = {table: digest for table, digest in state(ours).items() if table not in ("audit", "sign_in_failure")}
    assert after == {table: before[table] for table in after}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: quote(body[:20]) or "nothing")
def test_each_form_takes_each_hostile_body(ours, place, body):
    browser, short = place
    for path in (f"/l/{short}", f"/l/{short}/password", "/login", "/forgot", "/logout", "/done", "/u/x",
                 f"/check_ins/{running(ours).check_in()}"):
        cookies = dict(browser.cookies)
        reply = browser.ask("POST", path, body)
        browser.cookies = cookies
        assert 400 <= reply.status < 500, (path, reply)


def test_what_people_write_is_shown_and_never_run(ours, place):
    """In each text that a page shows: of the district, of people, of what was typed."""
    word = "<script>alert(1)</script>{{t.skip}}\"'&"
    mine = running(ours, name=word)
    with ours.api.database.connect("kith_migrate") as connection:
        connection.execute("UPDATE partner SET name = %s WHERE id = %s", (word, mine.partner))
        connection.execute("UPDATE contact SET name = %s WHERE id = %s", (word, mine.contact))
        connection.execute("UPDATE goal SET statement = %s, unit = %s WHERE id = %s", (word, word, mine.goal))
    browser = Browser(ours.api)
    page = browser.get("/r/" + make_link(ours, "check_in", mine.check_in(), contact_id=mine.contact))
    page = browser.submit(page, "check_in_save", goals_set=word, **{f"current__{mine.goal}": word})
    assert page.status == 422 and page.heading == f"Check-in {word}"
    assert page.value("goals_set") == word and page.value(f"current.{mine.goal}") == word
    assert "<script" not in page.body
