"""A document that is asked of an id which names nothing is not there: an empty one would say that there is nothing to see."""

import contract
import pytest

from world import uuid7

OTHERS = {"resource": "partners"}


def documents():
    """(path, parameter, what else is required) of each id that a document's query takes; lists say nothing of ids that they
    filter by."""
    for path, methods in contract.document()["paths"].items():
        parameters = methods.get("get", {}).get("parameters", ())
        if "{" in path or any(one.get("$ref", "").endswith("/cursor") for one in parameters):
            continue
        for one in parameters:
            if one.get("in") == "query" and one["schema"].get("format") == "uuid":
                yield path, one["name"], tuple((other["name"], OTHERS[other["name"]]) for other in parameters
                                               if other.get("required") and other is not one)


@pytest.mark.shows("everywhere.unknown_ids")
def test_of_an_unknown_id_a_document_is_not_there(ours):
    asked = sorted(documents())
    assert len(asked) >= 12
    told = {one: ours.admin.get(one[0], {one[1]: uuid7(), **dict(one[2])}).status for one in asked}
    assert {one: status for one, status in told.items() if status != 404} == {}
