"""How PostgreSQL executes lists, as it tells by auto_explain."""

import json
import os
import re

import pytest


class Plans:
    """What the log of PostgreSQL says of the statements since the last look."""

    def __init__(self, database):
        self.path = os.path.join(database.cluster.folder, "postgres.log")
        self.offset = os.path.getsize(self.path)

    def new(self, table):
        """The plans of lists of that table. They are written before the reply is sent."""
        with open(self.path, encoding="utf-8") as file:
            file.seek(self.offset)
            text = file.read()
            self.offset = file.tell()
        found = []
        for match in re.finditer(r"duration: [^\n]* plan:\n((?:\t[^\n]*\n)+)", text):
            entry = json.loads(match[1])
            if re.search(rf"^SELECT (?!private_read_record).* FROM {table} t WHERE .* LIMIT ", entry["Query Text"], re.S):
                found.append(entry["Plan"])
        return found


def of_list(plan):
    """The plan without what is derived for each row that is shown."""
    inner = [one for one in plan.get("Plans", []) if one["Parent Relationship"] not in ("SubPlan", "InitPlan")]
    return {**plan, "Plans": [of_list(one) for one in inner]}


def nodes(plan):
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def scans(plan):
    return [node for node in nodes(plan) if "Scan" in node["Node Type"]]


@pytest.fixture(scope="module")
def plans(database):
    """Set before anything connects as kith_api."""
    with database.connect("postgres") as connection:
        for setting in (
            "session_preload_libraries = 'auto_explain'",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_format = 'json'",
            "auto_explain.log_analyze = on",
            "auto_explain.log_timing = off",
        ):
            connection.execute(f'ALTER ROLE kith_api IN DATABASE "{database.name}" SET {setting}')
    yield Plans(database)
