"""What holds for every resource of the document, whatever it is about: it is listed and read, and, where there
are such operations, changed, archived and brought back."""

import pytest
from operations import Subjects, operation, operations

from world import NOW

PLURALS = sorted({one.plural for one in operations().values() if one.route == f"GET /v1/{one.plural}/{{id}}"})


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def has(route):
    return route in operations()


@pytest.mark.shows("administration.restore")
@pytest.mark.parametrize("plural", PLURALS)
def test_one_from_its_list_to_its_return(ours, subjects, plural):
    admin = ours.admin
    path = f"/v1/{plural}/{subjects.fresh(plural).id}"
    of_one = f"/v1/{plural}/{{id}}"
    one = admin.get(path)
    assert one.status == 200, one
    if has(f"GET /v1/{plural}"):
        listed = admin.get(f"/v1/{plural}", {"limit": 1})
        assert listed.status == 200 and len(listed.json["data"]) == 1, listed
    if has(f"GET {of_one}/transitions"):
        assert admin.get(f"{path}/transitions").status == 200
    if has(f"PATCH {of_one}"):
        same = admin.patch(path, {}, one.etag)
        assert (same.status, same.json["version"]) == (200, one.json["version"]), same
    if not has(f"DELETE {of_one}"):
        return
    assert admin.archive(path, one.etag).status == 204
    gone = admin.get(path)
    assert gone.json["archived_at"], gone
    if has(f"POST {of_one}/restore"):
        back = admin.restore(path, gone.etag)
        assert (back.status, back.json["archived_at"]) == (200, None), back


@pytest.mark.parametrize("plural, table, before, verb, after", [
    ("champions", "champion", "cultivating", "lapse", "lapsed"),
    ("complaints", "complaint", "open", "dismiss", "dismissed"),
    ("roll_calls", "roll_call", "submitted", "reopen", "open"),
    ("site_visions", "site_vision", "adopted", "retire", "retired"),
    ("agreement_steps", "agreement_step", "pending", "reject", "rejected"),
    ("gift_steps", "gift_step", "pending", "reject", "rejected"),
])
def test_an_action_moves_one_from_status_to_status(ours, subjects, migrate, plural, table, before, verb, after):
    path = f"/v1/{plural}/{subjects.fresh(plural).id}"
    one = ours.admin.get(path).json["id"]
    migrate.execute("SELECT set_config('kith.district', %s, false), set_config('kith.user', '', false), "
                    "set_config('kith.now', %s, false)", (ours.id, NOW))
    if table == "agreement_step":
        migrate.execute("UPDATE agreement a SET status = 'review' FROM agreement_step s "
                        "WHERE s.id = %s AND a.id = s.agreement_id", (one,))
    if table == "site_vision":
        migrate.execute("UPDATE site_vision SET status = 'adopted', adopted_on = '2026-11-01' WHERE id = %s", (one,))
    else:
        migrate.execute(f"UPDATE {table} SET status = %s WHERE id = %s", (before, one))
    migrate.commit()
    route = operation(f"POST /v1/{plural}/{{id}}/{verb}")
    moved = ours.admin.post(f"{path}/{verb}", subjects.body(route) or {})
    assert (moved.status, moved.json["status"]) == (200, after), moved
    again = ours.admin.post(f"{path}/{verb}", subjects.body(route) or {})
    assert (again.status, again.type) == (409, "conflict"), again
