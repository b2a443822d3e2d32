"""Each life cycle, as transitions() of the server has it: in each status each action is tried. What is not in the table
is refused with 409 and the list of what is possible; what is in it is never refused for the status."""

import re

import pytest
from operations import Request, Subjects, operation, operations

# Whose name has no plural of its own.
PLURALS = {"call_to_action": "calls_to_action", "check_in_half": "check_in_halves",
           "story_person": "story_people"}
# What takes effect on a day that is still to come, and does nothing when it is asked again.
ON_ITS_DAY = {("departures", "hand_over")}
# The field that actions move, where it is not the status.
MOVED = {"partner": "stage"}


def plural_of(resource):
    return PLURALS.get(resource) or re.sub("([^aeiou])y$", r"\1ie", resource) + "s"


@pytest.fixture(scope="module")
def table(database):
    """{resource: {status: {action: {statuses after it}}}}, of a database whose rows may have any status."""
    found = {}
    with database.connect("kith_migrate") as connection:
        for resource, action, before, after in connection.execute("SELECT * FROM transitions()"):
            cycle = found.setdefault(resource, {})
            cycle.setdefault(before, {}).setdefault(action, set()).add(after)
            cycle.setdefault(after, {})
    with database.connect("postgres") as connection:
        for resource in found:
            for (name,) in connection.execute(
                    "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'",
                    (resource,)).fetchall():
                connection.execute(f"ALTER TABLE {resource} DROP CONSTRAINT {name}")
            for (name,) in connection.execute(
                    "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = %s::regclass AND indisunique "
                    "AND indpred IS NOT NULL", (resource,)).fetchall():
                connection.execute(f"DROP INDEX {name}")
    return found


RESOURCES = sorted({one.plural for one in operations().values() if one.path.endswith("/transitions")})


@pytest.mark.shows("everywhere.transitions")
@pytest.mark.parametrize("plural", RESOURCES)
def test_each_action_in_each_status(ours, migrate, table, plural):
    resource = next(one for one in table if plural_of(one) == plural)
    moved, cycle = MOVED.get(resource, "status"), table[resource]
    subjects = Subjects(ours)
    one = subjects.fresh(plural).id
    verbs = sorted({verb for possible in cycle.values() for verb in possible})
    refused = set()
    for status, possible in cycle.items():
        for verb in [None, *verbs]:
            migrate.execute(f"UPDATE {resource} SET {moved} = %s, archived_at = NULL WHERE id = %s", (status, one))
            migrate.commit()
            if verb is None:
                told = ours.admin.get(f"/v1/{plural}/{one}/transitions").json
                assert told["status"] == status
                assert {(row["action"], row["to"]) for row in told["possible"]} == {
                    (action, after) for action, afters in possible.items() for after in afters}
                continue
            route = f"POST /v1/{plural}/{{id}}/{verb}"
            if route not in operations():
                continue
            op = operation(route)
            answer = Request("POST", subjects.target(op, one), subjects.body(op) or {},
                             Content_Type="application/json").send(ours.admin)
            said = (status, verb, answer)
            assert answer.status < 500, said
            if verb in possible:
                assert answer.status != 409 or "possible" not in answer.json, said
                after = possible[verb] | ({status} if (plural, verb) in ON_ITS_DAY else set())
                assert answer.status >= 300 or answer.json.get(moved) in after, said
            elif (plural, verb) in ON_ITS_DAY and answer.status == 200:
                assert answer.json[moved] == status, said
            else:
                assert answer.status in (409, 422), said
                refused.add((verb, answer.status))
                assert answer.status == 422 or set(answer.json.get("possible", possible)) == set(possible), said
    # A body that is not understood is no answer: each is refused for the status, too.
    assert {verb for verb, _ in refused} == {verb for verb, status in refused if status == 409}, refused
