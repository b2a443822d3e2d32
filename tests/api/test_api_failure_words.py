"""What is said where fields do not fit together: which one is at fault, and why."""

import os
import re

import pytest

from world import ROOT

SUPPLIED = re.compile(r'\{"(\w+_check)",')
DAYS = {"from_date": "2026-11-02", "until_date": "2026-11-01"}
SAID = [
    ("grants", {"role": "viewer", **DAYS}, "until_date", 'must not be before "from_date"'),
    ("grants", {"role": "viewer", "scope_kind": "site"}, "scope_id",
     'names what "scope_kind" says, and is null for the whole district'),
    ("sites", {"name": "S", "kind": "school", "nces_id": "36000770001x"}, "nces_id", "must be 12 digits"),
    ("sites", {"name": "S", "kind": "school", "zone": "America/Nowhere"}, "zone", "is no IANA time zone"),
    ("legal_holds", {"matter": "M", "reason": "R"}, "contact_id",
     'or "user_id", "partner_id" or "partnership_id" is set: one of them'),
    ("records_requests", {"requester": "R", "received_on": "2026-11-02", "due_on": "2026-11-01"}, "due_on",
     'must not be before "received_on"'),
]


@pytest.mark.shows("everywhere.reasons")
@pytest.mark.parametrize(("plural", "body", "field", "words"), SAID)
def test_a_refusal_says_why(ours, plural, body, field, words):
    if plural == "grants":
        body = {"user_id": ours.users["nobody"], **body}
    elif field == "due_on":
        body = {"user_id": ours.users["viewer"], **body}
    refused = ours.admin.post(f"/v1/{plural}", body)
    assert (refused.status, refused.faults) == (422, {f"/{field}": "not_allowed"}), refused
    assert refused.json["detail"] == f'"{field}" {words}.'


def test_each_sentence_is_of_some_constraint(migrate):
    with open(os.path.join(ROOT, "services/api/failure_words.c"), encoding="utf-8") as file:
        rows = SUPPLIED.findall(file.read())
    named = [one for one, in migrate.execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'c' "
        "UNION SELECT unnest(regexp_match(prosrc, 'CONSTRAINT = ''(\\w+_check)''')) FROM pg_proc")]
    assert len(rows) > 50 and len(rows) == len(set(rows))
    assert [row for row in rows if not any(name.endswith(row) for name in named)] == []
    hidden = [row for place, row in enumerate(rows) if any(row.endswith(before) for before in rows[:place])]
    assert not hidden, "one before it is always the first that fits"
