"""What every write leaves behind: one audit row and one outbox row, in its transaction."""

import json
import uuid

import pytest
from fields import FIELDS, LEAST

PUBLIC = {  # fields whose values the audit log may keep
    "partners": {
        "parent_id",
        "name",
        "kind",
        "ein",
        "website",
        "reach",
        "tier",
        "stage",
        "funding_types",
        "in_directory",
        "merged_into",
        "owner_id",
        "lead_site_id",
        "archived_at",
    },
    "sites": {
        "network_id",
        "name",
        "kind",
        "status",
        "merged_into",
        "local_id",
        "state_id",
        "nces_id",
        "level",
        "grade_low",
        "grade_high",
        "zone",
        "website",
        "title_i",
        "archived_at",
    },
}
SECRET = "what nobody may read in a log"


@pytest.fixture
def record(migrate):
    """The audit and outbox rows that came since the last look, of all districts."""
    seen = set()

    def look():
        rows = migrate.execute(
            "SELECT id, actor::text, request_id, action, aggregatetype, aggregateid::text, "
            'changed, coalesce("values", \'{}\'), xmin::text FROM audit ORDER BY id'
        ).fetchall()
        events = migrate.execute(
            "SELECT id, aggregatetype, aggregateid::text, type, sequence, payload, xmin::text "
            "FROM outbox ORDER BY id"
        ).fetchall()
        new = [row for row in rows if row[0] not in seen]
        new_events = [event for event in events if event[0] not in seen]
        seen.update(row[0] for row in (*rows, *events))
        return new, new_events

    look()
    return look


def check_one(record, migrate, table, answer_id, action, version, actor):
    """One of each, written by the transaction that wrote the row."""
    rows, events = record()
    assert len(rows) == len(events) == 1, (rows, events)
    (row,), (event,) = rows, events
    xmin = migrate.execute(f"SELECT xmin::text FROM {table} WHERE id = %s", (answer_id,)).fetchone()
    assert (row[-1],) == (event[-1],) == xmin
    assert row[0] == event[0], "they share an id"
    assert row[1] == actor
    assert row[3:6] == (action, table, answer_id)
    assert event[1:5] == (table, answer_id, f"org.kith.{table}.{action}.v1", version)
    return row, event


@pytest.mark.shows("everywhere.record")
@pytest.mark.parametrize("plural", ("partners", "sites"))
def test_each_write_leaves_one_audit_row_and_one_event(ours, migrate, record, plural):
    table = plural.removesuffix("s")
    actor = ours.users["director"]

    made = ours.director.created(plural, LEAST[plural], X_Request_Id="a-create")
    row, _ = check_one(record, migrate, table, made.id, "created", 1, actor)
    assert row[2] == "a-create" == made.field("X-Request-Id")

    path = f"/v1/{plural}/{made.id}"
    changed = ours.director.patch(path, {"city": "x", "name": "y"}, made.etag)
    row, _ = check_one(record, migrate, table, made.id, "updated", 2, actor)
    assert row[2] == changed.field("X-Request-Id")
    assert row[6] == ["city", "name"]
    assert row[7] == {"name": {"from": LEAST[plural]["name"], "to": "y"}}

    ours.director.archive(path, changed.etag)
    check_one(record, migrate, table, made.id, "archived", 3, actor)
    restored = ours.director.restore(path, ours.director.get(path).etag)
    check_one(record, migrate, table, made.id, "restored", 4, actor)
    assert restored.json["version"] == 4
    assert record() == ([], []), "reading leaves nothing"


def test_a_change_of_the_district_too(ours, migrate, record):
    etag = ours.admin.get(ours.path).etag
    answer = ours.admin.patch(ours.path, {"reply_to": "a@example.org", "mail_hour": 8}, etag)
    row, _ = check_one(
        record, migrate, "district", ours.id, "updated", answer.json["version"], ours.users["admin"]
    )
    assert row[6] == ["mail_hour", "reply_to"]
    assert row[7] == {"mail_hour": {"from": 9, "to": 8}}


@pytest.mark.parametrize("plural", ("partners", "sites"))
def test_audit_keeps_values_of_public_fields_only_and_events_none(ours, record, plural):
    values = {
        name: SECRET
        for name, field in FIELDS[plural].items()
        if name not in PUBLIC[plural] and field.type in (0, 1)
    }
    assert len(values) > 4
    made = ours.director.created(plural, {**LEAST[plural], **values})
    ours.director.patch(f"/v1/{plural}/{made.id}", {name: None for name in values}, made.etag)
    rows, events = record()
    assert len(rows) == len(events) == 2
    for row in rows:
        assert set(values) <= set(row[6])
        assert set(row[7]) <= PUBLIC[plural]
    assert SECRET not in json.dumps([row[7] for row in rows] + [event[5] for event in events])


def test_a_patch_that_changes_nothing_leaves_nothing(ours, record):
    made = ours.director.partner()
    record()
    for change in ({}, {"name": "A partner"}, {"city": None, "aliases": []}):
        answer = ours.director.patch(f"/v1/partners/{made.id}", change, made.etag)
        assert (answer.status, answer.json["version"]) == (200, 1)
    assert record() == ([], [])


def test_a_write_that_is_refused_leaves_nothing(ours, theirs, migrate, record):
    taken = ours.director.site(local_id="taken")
    record()
    path, director = f"/v1/sites/{taken.id}", ours.director
    least = LEAST["sites"]
    refused = {
        401: director.call("POST", "/v1/sites", least, Authorization="Bearer x"),
        403: ours.viewer.post("/v1/sites", least),
        404: director.patch(f"/v1/sites/{uuid.uuid4()}", {"name": "x"}, '"v1-0"'),
        409: director.post("/v1/sites", {**least, "local_id": "taken"}),
        412: director.patch(path, {"name": "x"}, '"v9-0"'),
        415: director.post("/v1/sites", least, Content_Type="text/plain"),
        422: director.post("/v1/sites", {**least, "status": "merged"}),
        428: director.patch(path, {"name": "x"}, None),
        4040: theirs.director.patch(path, {"name": "x"}, taken.etag),
        4090: director.restore(path, taken.etag),
    }
    for status, answer in refused.items():
        assert answer.status == (status if status < 1000 else status // 10), answer
    assert record() == ([], [])
    assert director.get(path).json == taken.json
    assert migrate.execute("SELECT count(*) FROM idempotency").fetchone() == (0,)


def test_an_event_is_a_thin_cloud_event(ours, record):
    made = ours.director.partner(email="a@example.org")
    _, (event,) = record()
    payload = event[5]
    assert payload["specversion"] == "1.0"
    assert payload["id"] == str(event[0])
    assert payload["source"] == f"/districts/{ours.id}"
    assert payload["subject"] == f"partner/{made.id}"
    assert payload["time"] == made.json["created_at"]
    assert payload["sequence"] == "1"
    assert set(payload["data"]) == {"id", "changed"}
    assert "a@example.org" not in json.dumps(payload)


def test_a_hostile_request_id_is_replaced_by_ours(ours, record):
    made = ours.director.created("partners", LEAST["partners"], X_Request_Id="<script>")
    (row,), _ = record()
    assert row[2] == made.field("X-Request-Id") != "<script>"
