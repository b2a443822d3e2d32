"""The audit log as a list: newest first, by who, what and when."""

import pytest
from api_world import ROLES, Tenant, running_api
from plans import nodes, plans, scans  # noqa: F401  (plans is a fixture)

from world import NOW, uuid7

ROWS = 20000
LIMIT = 5


@pytest.fixture(scope="module")
def tenant(api, database):
    """A district in which the director made, changed and archived a partner."""
    one = Tenant(api, database)
    made = one.director.partner(name="Logged")
    path = f"/v1/partners/{made.id}"
    changed = one.director.patch(path, {"tier": "anchor", "phone": "1"}, made.etag)
    assert one.director.archive(path, changed.etag).status == 204
    one.partner_id = made.id
    return one


def listed(caller, **query):
    answer = caller.get("/v1/audit", query)
    assert answer.status == 200, answer
    return answer.json["data"]


@pytest.mark.shows("administration.audit")
def test_the_log_tells_who_changed_what_newest_first(tenant):
    found = listed(tenant.director, aggregateid=tenant.partner_id)
    assert [one["action"] for one in found] == ["archived", "updated", "created"]
    assert {one["actor"] for one in found} == {tenant.users["director"]}
    name = tenant.admin.get(f"/v1/users/{tenant.users['director']}").json["name"]
    assert {one["actor_name"] for one in found} == {name}, "no id of whom nobody knows"
    assert {one["aggregatetype"] for one in found} == {"partner"}
    assert found[1]["changed"] == ["phone", "tier"]
    assert found[1]["values"] == {"tier": {"from": None, "to": "anchor"}}, "no directory field"
    assert all(one["request_id"] and one["detail"] is None for one in found)
    assert set(found[0]) == {"id", "at", "actor", "actor_name", "request_id", "action", "aggregatetype",
                             "aggregateid", "changed", "values", "detail"}


def test_one_entry_is_the_same(tenant):
    (one, *_) = listed(tenant.admin, aggregateid=tenant.partner_id)
    shown = tenant.admin.get(f"/v1/audit/{one['id']}")
    assert shown.status == 200 and shown.json == one
    assert tenant.admin.get(f"/v1/audit/{one['id']}", If_None_Match=shown.etag).status == 304
    assert tenant.admin.get(f"/v1/audit/{uuid7()}").status == 404


def test_another_districts_log_is_not_there(tenant, ours):
    (one, *_) = listed(tenant.admin, aggregateid=tenant.partner_id)
    assert ours.admin.get(f"/v1/audit/{one['id']}").status == 404
    assert listed(ours.admin, aggregateid=tenant.partner_id) == []


def test_administrators_and_directors_read_it_and_nobody_else(tenant):
    for role in (*ROLES, "partner", "nobody"):
        status = 200 if role in ("admin", "director") else 403
        assert getattr(tenant, role).get("/v1/audit").status == status, role


def test_filters_meet(tenant):
    own = {"aggregatetype": "partner", "actor": tenant.users["director"]}
    assert len(listed(tenant.admin, **own)) == 3
    assert [one["action"] for one in listed(tenant.admin, action="archived,updated", **own)] == [
        "archived", "updated"]
    assert listed(tenant.admin, actor=tenant.users["viewer"]) == []
    assert len(listed(tenant.admin, **{"at[gte]": NOW, "at[lte]": NOW}, **own)) == 3
    assert listed(tenant.admin, **{"at[gt]": NOW}, **own) == []
    assert listed(tenant.admin, **{"at[lt]": NOW}, **own) == []


def test_pages_go_on_to_the_end_without_a_gap(tenant):
    whole = [one["id"] for one in listed(tenant.admin, aggregatetype="partner")]
    found, query = [], {"aggregatetype": "partner", "limit": 2}
    while True:
        answer = tenant.admin.get("/v1/audit", query)
        found += [one["id"] for one in answer.json["data"]]
        if not answer.json["page"]["has_more"]:
            break
        query["cursor"] = answer.json["page"]["next_cursor"]
    assert found == whole and len(found) >= 3
    ascending = [one["id"] for one in listed(tenant.admin, aggregatetype="partner", sort="at")]
    assert ascending == whole[::-1]


@pytest.mark.parametrize("parameter", ("archived=only", "created_at[gte]=2026-01-01T00:00:00Z",
                                       "sort=updated_at", "changed=name", "version=1"))
def test_what_a_record_has_not_is_no_parameter(tenant, parameter):
    assert tenant.admin.get(f"/v1/audit?{parameter}").status == 400


@pytest.mark.parametrize("method", ("POST", "PATCH", "DELETE", "PUT"))
def test_nobody_writes_it(tenant, method):
    (one, *_) = listed(tenant.admin, aggregateid=tenant.partner_id)
    assert tenant.admin.call(method, f"/v1/audit/{one['id']}", {}).status == 405
    assert tenant.admin.call(method, "/v1/audit", {}).status == 405


# ---- By which index ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big(plans, database):  # noqa: F811  pylint: disable=unused-argument,redefined-outer-name
    """A district with many entries, in this month's partition, and one rare among each kind."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        one = Tenant(api, database)
        with database.connect("postgres") as connection:
            connection.execute(
                "INSERT INTO audit (district_id, id, at, actor, action, aggregatetype, aggregateid) "
                "SELECT %(district)s, uuid7(), timestamptz '2026-07-01' + n * interval '1 minute', "
                "CASE WHEN n %% 1000 = 1 THEN %(user)s::uuid ELSE gen_random_uuid() END, "
                "CASE WHEN n %% 1000 = 2 THEN 'rare' ELSE 'updated' END, "
                "CASE WHEN n %% 1000 = 3 THEN 'seldom' ELSE 'partner' END, "
                "CASE WHEN n %% 1000 = 4 THEN %(user)s::uuid ELSE gen_random_uuid() END "
                f"FROM generate_series(1, {ROWS}) n",
                {"district": one.id, "user": one.users["director"]})
            connection.execute("VACUUM ANALYZE audit")
        yield one


@pytest.mark.parametrize("query", (
    "", "sort=at", "at[lt]=2026-07-03T00:00:00Z", "at[gte]=2026-07-02T00:00:00Z&sort=at",
    "actor=USER", "aggregateid=USER", "action=rare", "aggregatetype=seldom",
    "aggregatetype=partner", "action=rare&at[gte]=2026-07-02T00:00:00Z"))
def test_the_log_reads_a_range_of_an_index(big, plans, query):  # noqa: F811  pylint: disable=redefined-outer-name
    query = query.replace("USER", big.users["director"])
    plans.new("audit")
    first = big.admin.get(f"/v1/audit?{query}&limit={LIMIT}".replace("?&", "?"))
    assert first.status == 200 and len(first.json["data"]) == LIMIT, first
    cursor = first.json["page"]["next_cursor"]
    second = big.admin.get(f"/v1/audit?{query}&limit={LIMIT}&cursor={cursor}".replace("?&", "?"))
    assert second.status == 200 and len(second.json["data"]) == LIMIT, second
    found = plans.new("audit")
    assert len(found) == 2
    for plan in found:
        read = [scan for scan in scans(plan) if scan["Actual Rows"] > 0]
        assert read and all(scan["Node Type"] == "Index Scan" for scan in read), plan
        for scan in read:
            assert "kith.district" in scan["Index Cond"], plan
            assert scan["Actual Rows"] <= LIMIT + 1, plan
            assert scan.get("Rows Removed by Filter", 0) <= 10 * LIMIT, plan
        assert all(node["Actual Rows"] <= LIMIT + 1 for node in nodes(plan)), plan
