"""A charter of one campus: one site, no network, and one person who does all of it."""

import pytest
from acting import act, done
from api_world import Tenant
from needing import open_need
from partnering import Ready


@pytest.mark.shows("district.one_campus")
def test_one_campus_without_a_network_does_all_of_it(api, database):
    charter = Tenant(api, database)
    director = charter.director
    year = director.created("school_years", {"school_year": 2027}).id
    done(act(director, "school_years", year, "open"))
    quarters = director.get("/v1/reporting_quarters", {"school_year": 2027}).json["data"]
    assert len(quarters) == 4, "a new district's are from July to June"
    campus = director.site(name="The campus").id
    area = director.created("focus_areas", {"code": "food", "name": "Food"}).id

    runs = Ready(charter, lead_site_id=campus)
    director.created("partnership_sites", {"partnership_id": runs.id, "site_id": campus})
    for verb in ("align", "agree", "activate"):
        done(act(director, "partnerships", runs.id, verb))
    need = open_need(charter, site_id=campus, focus_area_id=area)
    of = {level: director.get("/v1/gaps", {"level": level, "school_year": 2027}).json["cells"]
          for level in ("site", "district")}
    assert [(cell["needs"], cell["uncovered"]) for cell in of["site"] if cell["needs"]] == [
        (cell["needs"], cell["uncovered"]) for cell in of["district"] if cell["needs"]] != []
    assert act(director, "needs", need, "withdraw", reason="No").status == 200

    call = director.created("roll_calls", {"site_id": campus, "school_year": 2027, "due_on": "2026-12-01"})
    assert call.json["listed"] == 1
    told = director.get("/v1/network_map").json
    assert (told["partners"], told["sites"], told["ties"]) == (1, 1, 1)
    template = director.created("convening_templates", {
        "name": "Start", "kind": "start", "anchor": "starts", "offset_days": 180, "local_hour": 15,
        "local_minute": 0, "duration_minutes": 60, "agenda": [{"title": "Welcome"}]}).id
    plan = director.created("convening_plans", {"convening_template_id": template, "school_year": 2027}).id
    assert done(act(director, "convening_plans", plan, "commit"))["made"] == 1
    report = director.get(f"/v1/school_years/{year}/report")
    assert report.status == 200, report
    tasks = director.get("/v1/me/tasks")
    assert tasks.status == 200, tasks
    lacks = {step["key"] for step in director.get("/v1/setup").json["steps"]
             if step["is_required"] and not step["is_done"]}
    assert lacks <= {"sender", "closed_days", "mail_check", "go_live", "reply_to"}, "nothing that only many sites have"
