"""Each list of the API's document, with each of its filters, ranges and sorts: by which index PostgreSQL finds its
rows, in a database where every table has many. What a list may be asked is read from the document, so that no list
is left out."""

import json
import re

import contract
import filling
import pytest
from api_world import Tenant, running_api
from plans import nodes, plans, scans  # noqa: F401  (plans is a fixture)

from world import uuid7

# Of some rows each, whatever the district's size; and the district itself, which sees one row.
SMALL = {"districts"}
# Lists of what somebody's own organization has: a view from a grant to its rows.
OWN = {"open_needs", "own_asks", "own_affiliations", "own_check_ins", "own_offers", "own_partners", "own_partnerships", "own_pledges", "own_programs", "own_readiness", "own_survey_invitations"}
# Tables that stay as they are: whoever asks is in them, and programs work on what others hold.
KEPT = ["district", "app_user", "user_grant", "access_token", "import_work", "import_chunk", "outbox", "processed",
        "idempotency", "attachment_piece", "schedule"]
# Filters that no index begins with, and why none need.
APART = {
    ("custom_values", "value"): "as long as a text may be; with custom_field_id or its subject",
    ("dead_letters", "type"): "few, or something is wrong; the type is the event's",
    ("dead_letters", "status"): "the same; the status follows from the columns",
    ("champions", "created_at"): "whose they are is a policy, of which the planner expects too little; they are dozens",
    ("champions", "updated_at"): "the same",
    ("instruments", "subject"): "one of two; a district has some dozens",
    ("needs", "resource_kind"): "one of eleven, of a list in each; a place has some dozens of needs",
    ("site_readiness", "school_year"): "summed from the ratings of each site and year",
}
NAMED = {"locale": "en"}  # what only some texts are
SHARES = 6  # of the lists, so that no test is long
# Past what there is: a range of few rows.
BY_KIND = {"uuid": uuid7(), "date": "2036-07-01", "date-time": "2036-07-01T00:00:00Z", "email": "a@example.org",
           "uri": "https://example.org/"}


def lists():
    """{plural: {parameter: schema}} of all that give pages."""
    found = {}
    for path, methods in contract.document()["paths"].items():
        parameters = methods.get("get", {}).get("parameters", ())
        if any(one.get("$ref", "").endswith("/cursor") for one in parameters) and "{" not in path:
            found[path.removeprefix("/v1/")] = {
                one["name"]: one["schema"] for one in parameters if one.get("in") == "query"}
    return found


def sample(schema):
    """A value that the parameter takes."""
    schema = schema.get("items", schema)
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return schema.get("maximum", 1000000)
    if kind == "boolean":
        return "true"
    return BY_KIND.get(schema.get("format")) or "1" * max(1, schema.get("minLength", 1))


def queries(parameters):
    """(what is asked for, the column, a filter's schema) of each that differs by its plan: an index is read both
    ways, and one that orders by a column has its ranges."""
    first, *_ = parameters["sort"]["default"]
    sorts = [one for one in parameters["sort"]["items"]["enum"] if not one.startswith("-")]
    for sort in sorts:
        yield {"sort": sort}, sort, None
    for name, schema in parameters.items():
        column = name.partition("[")[0]
        is_filter = name == column and name not in ("sort", "q", "fields", "expand", "saved_filter")
        if is_filter or name.endswith("[gte]") and column not in sorts:
            yield {name: NAMED.get(name) or sample(schema), "sort": first}, column, schema


class Asked:
    """A tenant's lists, and what PostgreSQL says of each."""

    def __init__(self, api, database, plans):  # noqa: F811
        self.tenant, self.plans = Tenant(api, database), plans
        with database.connect("postgres") as connection:
            tables = [row[0] for row in connection.execute(
                "SELECT t.name FROM tenant_tables() t WHERE NOT t.name = ANY (%s)", (KEPT,)).fetchall()]
            filling.fill(connection, tables, self.tenant.id)
            self.rows = dict(connection.execute(
                "SELECT relname, reltuples FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchall())
            self.leads = {(table, column) for table, column in connection.execute(
                "SELECT i.indrelid::regclass::text, a.attname FROM pg_index i JOIN pg_attribute a "
                "ON a.attrelid = i.indrelid AND a.attnum = i.indkey[1] WHERE i.indpred IS NULL").fetchall()}

    def plan(self, plural, parameters):
        who = self.tenant.partner if plural in OWN else self.tenant.admin
        self.plans.new(r"\w+")
        answer = who.get(f"/v1/{plural}", {**parameters, "limit": 5, "fields": "id"})
        assert answer.status == 200, (plural, parameters, answer)
        found = self.plans.new(r"\w+")
        assert found, (plural, parameters)
        return found[-1]  # those of functions come before

    def is_big(self, node):
        return self.rows.get(node.get("Relation Name"), 0) >= filling.ROWS / 2


@pytest.fixture(scope="module")
def asked(plans, database):  # noqa: F811
    with database.connect("postgres") as connection:  # some hundred rows stand for a hundred thousand
        connection.execute(f'ALTER ROLE kith_api IN DATABASE "{database.name}" SET enable_seqscan = off')
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        yield Asked(api, database, plans)


def fault(asked, plural, column, schema, plan):
    """What is wrong with how the rows are found, or None. Without a schema they are to come in order."""
    found = scans(plan)
    if any(node["Node Type"] == "Seq Scan" and node["Actual Loops"] and asked.is_big(node) for node in found):
        return "reads a table from end to end"
    if plural in OWN or len({node.get("Relation Name") for node in found} - {None}) != 1:
        return None  # a view over several: that it reads none whole is enough
    table = next(node["Relation Name"] for node in found if "Relation Name" in node)
    if table in KEPT:
        return None
    if asked.rows[table] < filling.ROWS / 2:
        return f"is of {table}, which could not be filled"
    if schema is None and any("Sort" in node["Node Type"] for node in nodes(plan)):
        return "is sorted, and not read in order"
    is_found = any(re.search(rf"\b{column}\b", node.get("Index Cond", "")) for node in found)
    # Of a value that many rows have, the next in order are soon found without its index.
    is_common = schema and {"enum", "boolean"} & {*schema.get("items", schema), schema.get("items", schema).get("type")}
    if schema and not is_found and not (is_common and (table, column) in asked.leads):
        return "is filtered row by row"
    return None


@pytest.mark.parametrize("share", range(SHARES))
def test_each_filter_range_and_sort_of_each_list_has_an_index(asked, share):
    every, wrong = lists(), {}
    assert len(every) > 140 and SMALL | OWN <= set(every)
    for plural, parameters in list(every.items())[share::SHARES]:
        for query, column, schema in queries(parameters):
            if plural in SMALL or (plural, column) in APART:
                continue
            plan = asked.plan(plural, query)
            if why := fault(asked, plural, column, schema, plan):
                wrong[plural, json.dumps(query)] = why
    assert not wrong, "\n".join(f"{plural} {query} {why}" for (plural, query), why in wrong.items())
