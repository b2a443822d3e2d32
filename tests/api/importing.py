"""Files sent to the API's importer, and what became of their rows."""

import json
from urllib.parse import urlencode

from wire import wait_until

from world import uuid7

DECIDED = ("created", "updated", "unchanged", "rejected")
ENDS_WITHIN_S = 40


def target(kind, **query):
    given = {k: json.dumps(v) if isinstance(v, dict) else v for k, v in query.items()}
    return "/v1/imports?" + urlencode({"kind": kind, **given})


def send(caller, kind, file, headers=None, **query):
    body = file.encode() if isinstance(file, str) else file
    headers = {"Content_Type": "text/csv", **(headers or {})}
    return caller.call("POST", target(kind, **query), body, **headers)


def ended(caller, location, states=("done", "failed", "reverted"), within_s=ENDS_WITHIN_S):
    def report():
        answer = caller.get(location)
        assert answer.status == 200, answer
        return answer.json["status"] in states and answer.json

    return wait_until(report, f"{location} ends", within_s)


def load(caller, kind, file, within_s=ENDS_WITHIN_S, **query):
    """The report of an import that is done, in which every row is accounted for."""
    answer = send(caller, kind, file, **query)
    assert answer.status == 202, answer
    report = ended(caller, answer.field("Location"), within_s=within_s)
    assert report["status"] == "done", report
    assert sum(report[name] for name in DECIDED) == report["rows_read"], report
    return report


def counts(report):
    return tuple(report[name] for name in DECIDED)


def rows(caller, report, **query):
    found, cursor = [], {}
    while True:
        answer = caller.get(f"/v1/imports/{report['id']}/rows", {**query, **cursor})
        assert answer.status == 200, answer
        found += answer.json["data"]
        if not answer.json["page"]["has_more"]:
            return found
        cursor = {"cursor": answer.json["page"]["next_cursor"]}


def faults(caller, report):
    """{line: [(column, code)]} of the rejected rows."""
    return {
        row["line"]: [(e["column"], e["code"]) for e in row["errors"]]
        for row in rows(caller, report, outcome="rejected")
    }


def unique(text):
    return f"{text} {uuid7()[-12:]}"


def revert(caller, report):
    answer = caller.post(f"/v1/imports/{report['id']}/revert", {})
    assert (answer.status, answer.json["status"]) == (200, "reverting"), answer
    return ended(caller, f"/v1/imports/{report['id']}", ("reverted", "failed"))
