"""Sites that close, or go on in another: what becomes of all that goes on there, by the day, and back."""

import pytest
from importing import load, revert, rows
from needing import open_need

from world import NOW, insert, uuid7


def act(caller, plural, one, verb, **body):
    answer = caller.post(f"/v1/{plural}/{one}/{verb}", body)
    assert answer.status == 200, answer
    return answer.json


class School:
    """One with a bit of everything, and another one."""

    def __init__(self, ours, users="school_leader"):
        director = ours.director
        self.ours = ours
        self.site, self.other = director.site(name="Old").id, director.site(name="New").id
        self.partner = director.partner(lead_site_id=self.site).id
        rows = {"district_id": ours.id, "created_at": NOW, "updated_at": NOW}
        self.wide, self.sole = uuid7(), uuid7()
        with ours.api.database.connect("kith_migrate") as connection, connection.transaction():
            for one in (self.wide, self.sole):
                insert(connection, "partnership", {
                    **rows, "id": one, "partner_id": self.partner, "name": "P", "arrangement": "program",
                    "status": "active", "lead_site_id": self.site})
        for one, site in ((self.wide, self.site), (self.wide, self.other), (self.sole, self.site)):
            director.created("partnership_sites", {"partnership_id": one, "site_id": site})
        program = director.created("programs", {"name": "G", "partner_id": self.partner}).id
        self.program_site = director.created("program_sites", {"program_id": program, "site_id": self.site}).id
        self.post = director.created("posts", {"site_id": self.site, "kind": "principal", "title": "Principal"}).id
        self.holder = director.created("post_holders", {"post_id": self.post, "user_id": ours.users["coordinator"],
                                                        "from_date": "2026-07-01"}).id
        self.call = director.created("roll_calls", {"site_id": self.site, "school_year": 2027,
                                                    "due_on": "2026-12-01"}).id
        self.plan = director.created("family_plans", {"site_id": self.site, "school_year": 2027,
                                                      "statement": "All families"}).id
        leader = ours.scoped(("school_leader", "site", self.site))
        (self.grant,) = ours.admin.get("/v1/grants", {"user_id": leader.user}).json["data"]

    def paths(self):
        return [f"/v1/partnerships/{self.wide}", f"/v1/partnerships/{self.sole}", f"/v1/partners/{self.partner}",
                f"/v1/program_sites/{self.program_site}", f"/v1/posts/{self.post}", f"/v1/post_holders/{self.holder}",
                f"/v1/roll_calls/{self.call}", f"/v1/family_plans/{self.plan}", f"/v1/grants/{self.grant['id']}",
                f"/v1/sites/{self.site}"]

    def state(self):
        return [{key: value for key, value in self.ours.admin.get(path).json.items()
                 if key not in ("version", "updated_at")} for path in self.paths()]

    def differs(self, before):
        """{field: (before, now)} of all that is not as it was."""
        return {key: (was[key], now[key]) for was, now in zip(before, self.state()) for key in was if was[key] != now[key]}


def becomes(caller, site, **query):
    told = caller.get(f"/v1/sites/{site}/closing", query)
    assert told.status == 200, told
    return told.json, {(row["resource"], row["becomes"]) for row in told.json["items"]}


@pytest.mark.shows("district.site_closing")
def test_the_catalogue_has_no_place_that_a_closing_forgets(migrate):
    known = {tuple(row) for row in migrate.execute(
        "SELECT name, field FROM site_columns() UNION SELECT name, field FROM site_history()").fetchall()}
    refers = {tuple(row) for row in migrate.execute("SELECT name, field FROM reference_columns('site')").fetchall()}
    assert " ".join(sorted(".".join(one) for one in refers - known)) == "", "a row of site_columns() or site_history()"
    assert known - refers == {("access_token", "scope_id"), ("user_grant", "scope_id")}


@pytest.mark.shows("district.site_closing", "district.site_closing_preview", "district.site_closing_undo")
def test_a_site_closes_when_nothing_is_left_there_and_opens_again(ours):
    director, school = ours.director, School(ours)
    before = school.state()
    told, kinds = becomes(ours.viewer, school.site)
    assert told["left"] == 1 and ("partnerships", "left") in kinds and ("partnerships", "moves") in kinds
    refused = director.post(f"/v1/sites/{school.site}/close", {"reason": "No children."})
    assert (refused.status, refused.type) == (409, "conflict"), refused
    assert [row["subject_id"] for row in refused.json["state"]["left"]] == [school.sole]
    assert school.state() == before and director.get("/v1/site_closings", {"site_id": school.site}).json["data"] == []
    by_hand = director.patch(f"/v1/sites/{school.site}", {"status": "closed"},
                             director.get(f"/v1/sites/{school.site}").etag)
    assert by_hand.faults == {"/status": "not_allowed"}, by_hand

    act(director, "partnerships", school.sole, "pause", reason="It ends")
    act(director, "partnerships", school.sole, "end", reason="The school closes")
    before = school.state()
    closed = act(director, "sites", school.site, "close", reason="No children.")
    assert (closed["status"], closed["closes_on"]) == ("closed", "2026-11-21")
    wide, _, partner, program, post, holder, call, plan, grant, _ = school.state()
    assert wide["lead_site_id"] == school.other and partner["lead_site_id"] is None
    assert program["until_date"] == holder["until_date"] == grant["until_date"] == "2026-11-20"
    assert post["archived_at"] and call["archived_at"] and plan["site_id"] == school.site
    again = director.post(f"/v1/sites/{school.site}/close", {})
    assert (again.status, again.type) == (409, "conflict"), again
    (made,) = ours.viewer.get("/v1/site_closings", {"site_id": school.site}).json["data"]
    assert (made["kind"], made["status"], made["reason"]) == ("close", "done", "No children.")
    assert ours.coordinator.post(f"/v1/site_closings/{made['id']}/undo", {}).status == 403
    assert act(director, "site_closings", made["id"], "undo")["status"] == "undone"
    assert school.differs(before) == {}


@pytest.mark.shows("district.site_merge", "district.site_closing_undo")
def test_a_site_goes_on_in_another_with_what_goes_on_there(ours):
    director, school = ours.director, School(ours)
    need = open_need(ours, site_id=school.site)
    asked = director.created("saved_filters", {"name": "Led there", "resource": "partners", "criteria": [
        {"field": "lead_site_id", "op": "is", "values": [school.site]}]}).id
    before = school.state()
    told, kinds = becomes(director, school.site, into_site_id=school.other)
    assert told["left"] == 0 and not {kind for _, kind in kinds} & {"left", "stays", "clears"}
    for wrong in (school.site, uuid7()):
        refused = director.post(f"/v1/sites/{school.site}/merge", {"into_site_id": wrong})
        assert refused.faults == {"/into_site_id": "not_allowed"}, refused
    merged = act(director, "sites", school.site, "merge", into_site_id=school.other, reason="One campus")
    assert (merged["status"], merged["merged_into"]) == ("merged", school.other)
    wide, sole, partner, program, post, holder, _, plan, grant, _ = school.state()
    assert {one["lead_site_id"] for one in (wide, sole, partner)} == {school.other}
    assert program["site_id"] == plan["site_id"] == school.other and program["until_date"] is None
    assert grant["scope_id"] == school.other and holder["until_date"] == "2026-11-20" and post["archived_at"]
    assert director.get(f"/v1/needs/{need}").json["site_id"] == school.other
    assert director.get(f"/v1/saved_filters/{asked}").json["criteria"][0]["values"] == [school.other]
    held = director.get("/v1/partnership_sites", {"partnership_id": school.wide}).json["data"]
    assert [row["site_id"] for row in held] == [school.other], "not twice"
    (made,) = director.get("/v1/site_closings", {"into_site_id": school.other}).json["data"]
    assert act(director, "site_closings", made["id"], "undo")["status"] == "undone"
    assert school.differs(before) == {}
    assert director.get(f"/v1/needs/{need}").json["site_id"] == school.site


@pytest.mark.shows("district.site_closing", "district.site_closing_task")
def test_a_site_closes_on_its_day_and_who_plans_it_may_call_it_off(ours):
    director, school = ours.director, School(ours)
    planned = act(director, "sites", school.site, "close", on_date="2026-11-25")
    assert (planned["status"], planned["closes_on"]) == ("open", "2026-11-25")
    (made,) = director.get("/v1/site_closings", {"site_id": school.site}).json["data"]

    def advance(day):
        with ours.api.database.connect("kith_checkin") as connection:
            return connection.execute("SELECT site_closings_advance(%s, %s)", (ours.id, f"{day}T15:00:00Z")).fetchone()[0]

    def waits():
        return made["id"] in [task["subject_id"] for task in director.get("/v1/me/tasks").json["data"]]

    assert waits(), "a partnership is left there"
    assert advance("2026-11-24") == advance("2026-11-25") == 0
    act(director, "partnerships", school.sole, "pause", reason="It ends")
    act(director, "partnerships", school.sole, "end", reason="The school closes")
    assert not waits() and advance("2026-11-25") == 1 and advance("2026-11-25") == 0
    closed = director.get(f"/v1/sites/{school.site}").json
    assert (closed["status"], closed["closes_on"]) == ("closed", "2026-11-25")
    other = School(ours)
    act(director, "sites", other.site, "close", on_date="2026-12-25")
    (made,) = director.get("/v1/site_closings", {"site_id": other.site}).json["data"]
    assert act(director, "site_closings", made["id"], "cancel")["status"] == "cancelled"
    assert director.get(f"/v1/sites/{other.site}").json["closes_on"] is None
    assert advance("2026-12-25") == 0


@pytest.mark.shows("district.site_closing_proposed", "district.site_closing_task")
def test_a_file_that_closes_a_site_where_something_goes_on_proposes_it(ours):
    director, school = ours.director, School(ours)
    empty = director.site(name="Never opened", local_id="E-1").id
    for one, local in ((school.site, "C-1"), (school.other, "C-2")):
        assert director.patch(f"/v1/sites/{one}", {"local_id": local}, director.get(f"/v1/sites/{one}").etag).status == 200
    before = school.state()
    file = "Nr,name,kind,Now\nC-1,Old,school,closed\nE-1,Never opened,school,closed\n"
    reads = {"mapping": {"local_id": "Nr", "status": "Now"}}

    def closings():
        return [row for row in ours.viewer.get("/v1/site_closings", {"site_id": school.site}).json["data"]]

    def waits():
        return {one["id"] for one in closings()} & {
            task["subject_id"] for task in director.get("/v1/me/tasks").json["data"] if task["kind"] == "site_closing"}

    load(director, "sites", file, dry_run="true", **reads)
    assert closings() == [] and director.get(f"/v1/sites/{empty}").json["status"] == "open"
    report = load(director, "sites", file, **reads)
    assert [(row["id"], row["outcome"], [(e["column"], e["code"]) for e in row["errors"]])
            for row in rows(director, report)] == [
        (school.site, "updated", [("Now", "proposed")]), (empty, "updated", [])]
    assert school.differs(before) == {} and director.get(f"/v1/sites/{empty}").json["status"] == "closed"
    (made,) = closings()
    assert (made["status"], made["kind"], made["import_id"]) == ("proposed", "close", report["id"])
    assert waits() == {made["id"]} and director.get(f"/v1/sites/{school.site}").json["closes_on"] is None
    revert(director, report)
    assert closings()[0]["status"] == "cancelled" and director.get(f"/v1/sites/{empty}").json["status"] == "open"

    merges = f"Nr,name,kind,Now,merged_into\nC-1,Old,school,merged,{school.other}\n"
    for _ in range(2):
        load(director, "sites", merges, **reads)
    (made,) = [one for one in closings() if one["status"] == "proposed"]
    assert (made["kind"], made["into_site_id"]) == ("merge", school.other) and school.differs(before) == {}
    assert ours.coordinator.post(f"/v1/site_closings/{made['id']}/accept", {}).status == 403
    assert act(director, "site_closings", made["id"], "cancel")["user_id"] == ours.users["director"]
    load(director, "sites", merges, **reads)
    assert not waits(), "who has said no is not asked again"

    load(director, "sites", file, **reads)
    (made,) = [one for one in closings() if one["status"] == "proposed"]
    left = director.post(f"/v1/site_closings/{made['id']}/accept", {})
    assert (left.status, left.json["state"]["left"][0]["subject_id"]) == (409, school.sole), "its rules are the same"
    done = act(director, "site_closings", made["id"], "accept", into_site_id=school.other, reason="As the state says")
    assert (done["status"], done["reason"]) == ("done", "As the state says") and not waits()
    assert director.get(f"/v1/sites/{school.site}").json["status"] == "closed"
    assert director.get(f"/v1/partnerships/{school.sole}").json["lead_site_id"] == school.other
