"""Lists as text/csv: all rows, in order, as the roles see them, and back again."""

import csv
import io
import json
import socket

import contract
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from listing import ids, in_order, insert_rows, live, make_rows, rows, walk  # noqa: F401
from operations import types_of

from api_world import Tenant, running_api
from wire import wait_until

CSV = "text/csv"
PAGE_ROWS = 200  # that are read at once
GUARDED = "=+-@\t\r\n'"


class File:
    """An answer that is no JSON."""

    def __init__(self, caller, target, method="GET", **headers):
        fields = {"Authorization": f"Bearer {caller.token}", "Accept": CSV}
        fields |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = caller.api.send(method, target, None, fields)
        self.status = self.reply.status
        self.text = self.reply.body.decode()

    def rows(self):
        """[{name: value}] of partners, by the documented rule; null and "" told apart."""
        assert self.status == 200, self.reply
        lines = cells(self.text)
        return [
            {name: value_of(name, cell) for name, cell in zip(lines[0], line, strict=True)}
            for line in lines[1:]
        ]


def cells(text):
    """RFC 4180, with None for an empty cell without quotation marks, which csv cannot tell."""
    assert text.endswith("\r\n")
    lines, line, at = [], [], 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"' or text[end + 1] == '"':
                end += 2 if text[end] == '"' else 1
            line.append(text[at + 1 : end].replace('""', '"'))
            at = end + 1
        else:
            end = min(text.index(",", at) if "," in text[at:] else len(text), text.index("\r\n", at))
            line.append(text[at:end] or None)
            at = end
        if text[at] == ",":
            at += 1
        else:
            assert text[at : at + 2] == "\r\n"
            lines.append(line)
            line, at = [], at + 2
    known = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [["" if cell is None else cell for cell in one] for one in lines] == known
    return lines


def value_of(name, cell):
    if cell is None:
        return None
    types = types_of(contract.document()["components"]["schemas"]["Partner"]["properties"][name])
    if "integer" in types:
        return int(cell)
    cell = cell.removeprefix("'")
    return json.loads(cell) if types & {"array", "boolean"} else cell


@pytest.fixture(scope="module")
def own(api, database):
    return Tenant(api, database)


@pytest.mark.parametrize("sort", ("name", "-updated_at,name", "created_at,-name"))
def test_a_file_has_all_rows_in_order_however_many_pages(ours, live, sort):
    assert len(live) > 4 * PAGE_ROWS
    got = File(ours.viewer, f"/v1/partners?sort={sort}").rows()
    assert ids(got) == in_order(live, sort)
    assert got == walk(ours.viewer, {"sort": sort, "limit": 200})


@pytest.mark.shows("everywhere.csv")
def test_a_file_is_filtered_and_has_the_fields_asked_for(ours, live):
    got = File(ours.viewer, "/v1/partners?kind=civic&tier[is]=null&fields=kind,name&archived=only")
    expected = walk(
        ours.viewer,
        {"kind": "civic", "tier[is]": "null", "fields": "name,kind", "archived": "only"},
    )
    assert expected and got.rows() == expected
    assert got.text.split("\r\n")[0] == "id,name,kind"


@pytest.mark.parametrize("count", (0, 1, PAGE_ROWS - 1, PAGE_ROWS, PAGE_ROWS + 1, 2 * PAGE_ROWS))
def test_a_file_ends_where_its_rows_end(own, database, count):
    kind = f"Row {count}"
    made = make_rows(own, [], [], count)
    for row in made:
        row |= {"ein": None, "archived_at": None, "city": kind}
    if made:
        with database.connect("kith_migrate") as connection:
            insert_rows(connection, "partner", made)
    got = File(own.viewer, f"/v1/partners?city[eq]={kind.replace(' ', '+')}")
    assert ids(got.rows()) == in_order(made, "name")


def test_the_header_fields_say_what_it_is(ours, live):
    reply = File(ours.viewer, "/v1/partners").reply
    assert reply.field("Content-Type") == "text/csv; charset=utf-8; header=present"
    assert reply.field("Content-Disposition") == 'attachment; filename="partners.csv"'
    assert reply.field("Vary") == "Accept"
    head = File(ours.viewer, "/v1/partners", "HEAD").reply
    assert (head.status, head.body) == (200, b"")
    assert head.field("Content-Type") == reply.field("Content-Type")


@pytest.mark.parametrize("accept, is_csv", (
    ("text/csv", True), ("text/*", True), ("application/json;q=0.5, text/csv", True),
    ("text/csv;q=0.5, application/json", False), ("*/*", False), ("text/csv;q=0, */*", False)))
def test_what_is_preferred_is_given(ours, live, accept, is_csv):
    reply = File(ours.viewer, "/v1/partners?city=Austin&fields=id", Accept=accept).reply
    assert (reply.status, reply.field("Content-Type").startswith(CSV)) == (200, is_csv)


def test_one_is_no_file(ours, live):
    got = File(ours.viewer, f"/v1/partners/{live[0]['id']}")
    assert got.status == 406


@pytest.mark.parametrize("name, value", (
    ("limit", "5"), ("cursor", "x"), ("count", "exact"), ("expand", "parent")))
def test_what_makes_a_page_is_not_for_a_file(ours, name, value):
    got = File(ours.viewer, f"/v1/partners?{name}={value}")
    assert got.status == 400
    assert [e["pointer"] for e in json.loads(got.text)["errors"]] == [f"/{name}"]


def test_errors_of_a_file_are_problems(ours):
    reply = File(ours.nobody, "/v1/partners").reply
    assert (reply.status, reply.field("Content-Type")) == (403, "application/problem+json")
    assert File(ours.viewer, "/v1/partners?x=1").status == 400


def test_masks_hold_in_a_file(own):
    made = own.director.partner(
        name="Masked", email="m@example.org", culture_notes="Warm.", city="Masks"
    )
    for caller in (own.director, own.coordinator, own.viewer):
        (row,) = File(caller, "/v1/partners?city=Masks").rows()
        assert row == caller.get(f"/v1/partners/{made.id}").json


def test_every_list_comes_as_a_file(own):
    site = own.director.site(network_id=own.director.created("networks", {"name": "N"}).id)
    program = own.director.created(
        "programs",
        {"name": "P", "partner_id": own.director.partner().id, "grades": ["KG"], "capacity": 5},
    )
    own.director.created("program_sites", {"program_id": program.id, "site_id": site.id})
    for plural in ("sites", "networks", "programs", "program_sites", "districts", "contacts"):
        got = cells(File(own.director, f"/v1/{plural}").text)
        data = own.director.get(f"/v1/{plural}").json["data"]
        assert [line[0] for line in got[1:]] == ids(data)
        if data:
            assert got[0] == list(data[0])


def test_a_formula_is_none_in_a_spreadsheet(own):
    texts = [f"{c}x" for c in "=+-@'"] + ["''", "'=1+1", "=HYPERLINK(\"x\",\"y\")", "a=1"]
    for text in texts:
        own.director.partner(name=text, city="Formulas", description="\t=1")
    got = File(own.viewer, "/v1/partners?city=Formulas&fields=name,description")
    raw = [line[1] for line in cells(got.text)[1:]]
    assert all(cell[0] not in "=+-@" for cell in raw)
    assert sorted(row["name"] for row in got.rows()) == sorted(texts)
    assert {row["description"] for row in got.rows()} == {"\t=1"}


CHARACTER = st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff")
LINE = st.text(CHARACTER | st.sampled_from("=+-@'\" ,;"), max_size=40)
TEXT = st.text(CHARACTER | st.sampled_from("=+-@'\",\t\n"), max_size=40)


@settings(max_examples=60, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(st.tuples(st.none() | LINE, st.none() | TEXT,
                               st.lists(LINE.filter(lambda t: t.strip(" ")), max_size=3,
                                        unique_by=lambda t: t.strip(" "))),
                     min_size=1, max_size=6))
def test_any_text_comes_back_as_it_was(own, made):
    network = own.director.created("networks", {"name": "Round trip"}).id
    sent = {}
    for street, notes, aliases in made:
        one = own.director.created("partners", {
            "name": "R", "kind": "civic", "street": street, "description": notes,
            "aliases": aliases, "city": network})
        sent[one.id] = {name: one.json[name] for name in ("id", "street", "description", "aliases")}
    got = File(own.viewer, f"/v1/partners?city={network}&fields=street,description,aliases").rows()
    assert {row["id"]: row for row in got} == sent


def test_a_file_goes_on_when_the_socket_takes_a_page_at_once(own, database):
    """Nothing was left to become writable then, and so nobody asked for the next page."""
    made = make_rows(own, [], [], 5 * PAGE_ROWS)
    for row in made:
        row |= {"ein": None, "archived_at": None, "city": "Large", "description": "d" * 3000}
    with database.connect("kith_migrate") as connection:
        insert_rows(connection, "partner", made)
    got = File(own.viewer, "/v1/partners?city=Large&fields=description")
    assert [row["id"] for row in got.rows()] == in_order(made, "name")


def is_let_in(api, caller):
    reply = api.send("GET", "/v1/partners?limit=1", None, {"Authorization": f"Bearer {caller.token}"})
    return reply.status == 200


def test_a_token_that_ends_meanwhile_cuts_the_file(database, rows, ours):
    """A client that does not read holds the export up; then its token is revoked."""
    with running_api(database, KITH_API_CHILDREN=1) as api:
        caller, _, token_hash = ours.person("viewer")
        with database.connect("kith_migrate") as connection:
            made = make_rows(ours, [], [], 6000)
            for row in made:
                row |= {"ein": None, "archived_at": None, "city": "Slow", "description": "d" * 3000}
            insert_rows(connection, "partner", made)
            with socket.socket() as one:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262144)
                one.connect((api.host, 8080))
                one.settimeout(20)
                one.sendall(
                    f"GET /v1/partners?city=Slow HTTP/1.1\r\nHost: {api.host}\r\nAccept: text/csv\r\n"
                    f"Authorization: Bearer {caller.token}\r\n\r\n".encode()
                )
                start = one.recv(1000)
                assert b"200 OK" in start
                connection.execute(
                    "UPDATE access_token SET revoked_at = now() WHERE token_hash = %s", (token_hash,)
                )
                # Remembered principals are trusted for five seconds of reads.
                wait_until(lambda: not is_let_in(api, caller), "the token is refused", 20)
                received = bytearray(start)
                while piece := one.recv(65536):
                    received += piece
        assert not received.endswith(b"0\r\n\r\n"), "the file looks whole"
        assert received.count(b",Slow,") < 6000
        with database.connect("kith_migrate") as connection:
            connection.execute("DELETE FROM partner WHERE city = 'Slow'")
