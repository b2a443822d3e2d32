"""Grants: who may do what, where, on which days."""

import pytest
from acting import at_once
from api_world import running_api
from wire import wait_until

from world import NOW, uuid7

TODAY = "2026-11-21"  # of NOW, in Chicago


@pytest.fixture(scope="module")
def scopes(ours):
    return {
        "network": ours.admin.created("networks", {"name": "North"}).id,
        "site": ours.admin.site().id,
        "partner": ours.admin.partner().id,
    }


def grant(ours, **fields):
    body = {"role": "viewer", **fields}
    if "user_id" not in body:
        body["user_id"] = ours.admin.created("users", {"email": f"{uuid7()}@example.org", "name": "G"}).id
    return ours.admin.post("/v1/grants", body)


def path_of(answer):
    return f"/v1/grants/{answer.id}"


@pytest.mark.shows("administration.grants")
def test_the_least_grant_is_for_the_district_from_today(ours, migrate):
    made = grant(ours, user_id=ours.users["nobody"])
    assert made.status == 201 and made.field("Location") == path_of(made)
    expected = {"user_id": ours.users["nobody"], "role": "viewer", "scope_kind": "district",
                "scope_id": None, "from_date": TODAY, "until_date": None}
    assert {name: made.json[name] for name in expected} == expected
    assert migrate.execute("SELECT action, actor::text FROM audit WHERE aggregateid = %s",
                           (made.id,)).fetchall() == [("created", ours.users["admin"])]


def test_only_dates_change(ours):
    made = grant(ours)
    for name in ("user_id", "role", "scope_kind", "scope_id"):
        refused = ours.admin.patch(path_of(made), {name: made.json[name]}, made.etag)
        assert set(refused.faults) == {f"/{name}"}, refused
    changed = ours.admin.patch(
        path_of(made), {"from_date": "2026-11-01", "until_date": "2026-12-31"}, made.etag)
    assert (changed.json["from_date"], changed.json["until_date"]) == ("2026-11-01", "2026-12-31")
    refused = ours.admin.patch(path_of(made), {"until_date": "2026-10-31"}, changed.etag)
    assert refused.faults == {"/until_date": "not_allowed"}


@pytest.mark.parametrize("kind", ("network", "site", "partner"))
def test_a_scope_must_be_there(ours, theirs, scopes, kind):
    role = "partner" if kind == "partner" else "viewer"
    made = grant(ours, role=role, scope_kind=kind, scope_id=scopes[kind])
    assert made.status == 201 and made.json["scope_id"] == scopes[kind], made
    foreign = {
        "network": lambda: theirs.admin.created("networks", {"name": "N"}),
        "site": theirs.admin.site,
        "partner": theirs.admin.partner,
    }[kind]().id
    wrong = [uuid7(), foreign, *(one for other, one in scopes.items() if other != kind)]
    for one in wrong:
        refused = grant(ours, role=role, scope_kind=kind, scope_id=one)
        assert refused.status == 422 and refused.faults == {"/scope_id": "unknown_id"}, refused


def test_a_scope_fits_its_kind(ours, scopes):
    assert grant(ours, scope_kind="site").faults == {"/scope_id": "not_allowed"}
    assert grant(ours, scope_id=scopes["site"]).faults == {"/scope_id": "not_allowed"}
    for user in (uuid7(), scopes["site"]):
        assert grant(ours, user_id=user).faults == {"/user_id": "unknown_id"}
    assert grant(ours, role="king").faults == {"/role": "not_in_enum"}
    assert grant(ours, scope_kind="planet").faults == {"/scope_kind": "not_in_enum"}


def test_some_roles_are_for_the_whole_district_alone(ours, scopes):
    for role in ("admin", "executive", "data_steward"):
        for kind in ("network", "site"):
            refused = grant(ours, role=role, scope_kind=kind, scope_id=scopes[kind])
            assert refused.status == 422 and refused.faults == {"/scope_kind": "not_allowed"}, (role, refused)
    refused = grant(ours, role="coordinator", scope_kind="partner", scope_id=scopes["partner"])
    assert refused.faults == {"/scope_kind": "not_allowed"}
    for role in ("coordinator", "school_leader", "reviewer", "viewer"):
        assert grant(ours, role=role, scope_kind="site", scope_id=scopes["site"]).status == 201, role


def test_a_partners_role_is_of_its_partner(ours, scopes):
    refused = grant(ours, role="partner")
    assert (refused.status, refused.faults) == (422, {"/scope_kind": "not_allowed"}), refused
    assert "one partner" in refused.json["errors"][0]["detail"]
    assert grant(ours, role="partner", scope_kind="partner", scope_id=scopes["partner"]).status == 201


@pytest.mark.shows("administration.grants_once")
def test_nobody_has_the_same_grant_twice_at_a_time(ours, scopes):
    one = grant(ours, until_date="2026-12-31")
    same = {"user_id": one.json["user_id"]}
    for dates in ({}, {"from_date": "2026-12-31"}, {"from_date": "2020-01-01", "until_date": TODAY}):
        refused = grant(ours, **same, **dates)
        assert (refused.status, refused.faults) == (422, {"/from_date": "not_allowed"}), (dates, refused)
        assert f"from {TODAY} until 2026-12-31" in refused.json["errors"][0]["detail"]
    assert grant(ours, **same, from_date="2026-12-31", until_date="2026-12-30").faults == {"/until_date": "not_allowed"}
    for other in ({"role": "reviewer"}, {"scope_kind": "site", "scope_id": scopes["site"]}):
        assert grant(ours, **same, **other).status == 201, other
    after = grant(ours, **same, from_date="2027-01-01")
    assert after.status == 201
    longer = ours.admin.patch(path_of(one), {"until_date": None}, one.etag)
    assert longer.faults == {"/from_date": "not_allowed"}, longer
    assert ours.admin.archive(path_of(after), after.etag).status == 204
    assert ours.admin.patch(path_of(one), {"until_date": None}, one.etag).status == 200
    assert ours.admin.restore(path_of(after), ours.admin.get(path_of(after)).etag).faults == {"/from_date": "not_allowed"}


def test_of_two_who_grant_the_same_at_once_one_does(ours):
    user = ours.admin.created("users", {"email": f"{uuid7()}@example.org", "name": "G"}).id
    answers = at_once(4, lambda _: grant(ours, user_id=user))
    assert sorted(answer.status for answer in answers).count(201) == 1, answers
    assert len(ours.admin.get("/v1/grants", {"user_id": user}).json["data"]) == 1


def test_another_districts_user_is_unknown(ours, theirs):
    assert grant(ours, user_id=theirs.users["viewer"]).faults == {"/user_id": "unknown_id"}
    made = grant(ours)
    assert theirs.admin.get(path_of(made)).status == 404
    assert theirs.admin.archive(path_of(made), made.etag).status == 404


def test_the_list_has_its_filters(ours, scopes):
    own = ours.admin.created("users", {"email": "grants@example.org", "name": "G"}).id
    ids = {
        kind: grant(ours, user_id=own, role="partner" if kind == "partner" else "coordinator", scope_kind=kind,
                    scope_id=one).id
        for kind, one in scopes.items()
    }

    def listed(**query):
        return {one["id"] for one in ours.admin.get("/v1/grants", query).json["data"]}

    assert listed(user_id=own) == set(ids.values())
    assert listed(user_id=own, scope_kind="site") == {ids["site"]}
    assert listed(user_id=own, scope_id=scopes["partner"]) == {ids["partner"]}
    assert listed(user_id=own, role="viewer") == set()
    assert ids["network"] in listed(role="coordinator", limit=200)


def test_a_grant_that_ends_ends_writes_at_once_and_reads_soon(ours):
    caller, user, _ = ours.person("coordinator")
    caller.partner(name="Before")
    assert caller.get("/v1/partners").status == 200
    (one,) = ours.admin.get("/v1/grants", {"user_id": user}).json["data"]
    path = f"/v1/grants/{one['id']}"
    changed = ours.admin.patch(path, {"until_date": "2026-11-20"}, ours.admin.get(path).etag)
    assert changed.status == 200
    assert caller.post("/v1/partners", {"name": "After", "kind": "civic"}).status == 403
    wait_until(lambda: caller.get("/v1/partners").status == 403, "reads are refused", 6)
    assert ours.admin.patch(path, {"until_date": None}, changed.etag).status == 200
    caller.partner(name="Again")
    assert ours.admin.archive(path, ours.admin.get(path).etag).status == 204
    assert caller.post("/v1/partners", {"name": "After", "kind": "civic"}).status == 403
    assert ours.admin.restore(path, ours.admin.get(path).etag).status == 200
    caller.partner(name="Once more")


def test_a_grant_of_tomorrow_holds_tomorrow(database, ours):
    with running_api(database) as api:
        caller, user, _ = ours.person()
        caller.api = api
        grant(ours, user_id=user, from_date="2026-11-22", until_date="2026-11-22")
        for instant, status in (("2026-11-22T05:59:59.999Z", 403), ("2026-11-22T06:00:00.000Z", 200),
                                ("2026-11-23T05:59:59.999Z", 200), ("2026-11-23T06:00:00.000Z", 403)):
            api.set_clock(instant)
            wait_until(lambda status=status: caller.get("/v1/partners").status == status,
                       f"{status} at {instant}", 6)
        api.set_clock(NOW)
