"""Convenings planned in bulk from templates, and what a school year that opens plans by itself."""

from datetime import date, timedelta

import pytest
from acting import act, done
from convening import YEARS, agenda, made, refused
from operations import Subjects


@pytest.fixture(scope="module")
def subjects(ours):
    return Subjects(ours)


def monday(year):
    """The second one of September: the first is Labor Day."""
    first = date(year - 1, 9, 8)
    return str(first + timedelta(-first.weekday() % 7))


def later(day, days):
    return str(date.fromisoformat(day) + timedelta(days))


@pytest.mark.shows("convenings.templates", "convenings.bulk", "convenings.open_day")
def test_a_plan_is_looked_at_and_makes_one_of_each_place_however_often(ours, subjects):
    director, year = ours.director, next(YEARS)
    network = made(subjects, "networks").id
    sites = [director.site(name=f"S{n}", network_id=network).id for n in range(3)]
    put_off, shut, other = sites[0], sites[1], director.site(network_id=network, status="planned").id
    first = monday(year)
    day = (date.fromisoformat(first) - date(year - 1, 7, 1)).days
    made(subjects, "closed_days", site_id=put_off, starts_on=first, reason="Heating")
    made(subjects, "blackouts", site_id=put_off, starts_on=later(first, 1), ends_on=later(first, 2), reason="Tests")
    made(subjects, "closed_days", site_id=shut, starts_on=f"{year - 1}-07-01", ends_on=f"{year}-06-30",
         reason="Rebuilt")
    template = made(subjects, "convening_templates", kind="start", anchor="starts", offset_days=day, local_hour=15, local_minute=30,
                    duration_minutes=60, capacity=40, location="Library",
                    agenda=[{"title": "Welcome", "titles": {"es": "Bienvenida"}, "minutes": 10}, {"title": "Tour"}])
    plan = made(subjects, "convening_plans", convening_template_id=template.id, school_year=year, network_id=network)

    def preview():
        told = director.get(f"/v1/convening_plans/{plan.id}/preview").json
        return {one["site_id"]: one for one in told["places"]}, told

    places, told = preview()
    assert (told["planned"], told["moved"], told["without_day"], told["there"]) == (2, 1, 1, 0) and other not in places
    assert places[sites[2]]["starts_at"].startswith(first) and not places[sites[2]]["is_moved"]
    assert places[put_off]["starts_at"].startswith(later(first, 3)), "closed, then a blackout"
    assert (places[shut]["outcome"], places[shut]["starts_at"]) == ("no_day", None)
    assert not director.get("/v1/convenings", {"school_year": year}).json["data"], "looked at only"
    assert done(act(ours.director, "convening_plans", plan.id, "commit"))["made"] == 2
    assert refused(director, "convening_plans", plan.id, "commit")["possible"] == []
    made_ones = director.get("/v1/convenings", {"school_year": year}).json["data"]
    assert {one["site_id"] for one in made_ones} == {sites[2], put_off}
    one = next(c for c in made_ones if c["site_id"] == sites[2])
    assert (one["kind"], one["capacity"], one["location"], one["status"]) == ("start", 40, "Library", "planned")
    assert one["ends_at"][11:16] in ("21:30", "22:30"), "an hour after 15:30 in Chicago"
    assert agenda(director, one["id"]) == [("topic", "Welcome"), ("topic", "Tour")]
    assert preview()[1]["there"] == 2
    again = made(subjects, "convening_plans", convening_template_id=template.id, school_year=year, site_ids=sites).id
    assert done(act(director, "convening_plans", again, "commit"))["made"] == 0
    twice = director.post("/v1/convenings", {**subjects.least("convenings"), "kind": "start", "school_year": year,
                                             "site_id": sites[2]})
    assert twice.status == 409, twice
    bad = director.post("/v1/convening_plans", {"convening_template_id": template.id, "school_year": year,
                                                "site_ids": ["x" * 36]})
    assert (bad.status, bad.faults) == (422, {"/site_ids": "not_allowed"}), bad
    bad = director.post("/v1/convening_templates", {"name": "X", "kind": "start", "anchor": "starts",
                                                    "local_hour": 24})
    assert bad.status == 422 and "/local_hour" in bad.faults, bad


@pytest.mark.shows("convenings.bulk", "district.site_calendar")
def test_a_quarter_of_a_site_is_its_own_where_it_has_one(ours, subjects):
    director, year = ours.director, next(YEARS)
    network = made(subjects, "networks").id
    own, other = (director.site(network_id=network).id for _ in range(2))
    for plural, starts, ends, place in (("reporting_quarters", f"{year - 1}-10-01", f"{year - 1}-12-16", {}),
                                        ("site_quarters", f"{year - 1}-10-04", f"{year}-01-20", {"site_id": own})):
        director.created(plural, {"school_year": year, "number": 2, "starts_on": starts, "ends_on": ends, **place})
    template = made(subjects, "convening_templates", kind="end", anchor="ends", quarter=2)
    plan = made(subjects, "convening_plans", convening_template_id=template.id, school_year=year, network_id=network)
    told = {one["site_id"]: one for one in director.get(f"/v1/convening_plans/{plan.id}/preview").json["places"]}
    assert told[own]["starts_at"][:7] == f"{year}-01" and told[other]["starts_at"][:7] == f"{year - 1}-12"


@pytest.mark.shows("convenings.year_open")
def test_a_year_that_opens_plans_convenings_and_roll_calls_and_carries_priorities(theirs):
    director, year = theirs.director, next(YEARS) + 20
    subjects = Subjects(theirs)
    sites = [director.site().id for _ in range(2)]
    planned = director.site(status="planned").id
    network = made(subjects, "networks").id
    for level, kind in (("site", "end"), ("network", "middle"), ("district", "other")):
        made(subjects, "convening_templates", level=level, kind=kind, anchor="ends", quarter=2, is_active=True)
    made(subjects, "convening_templates", kind="middle")  # one that is not active
    made(subjects, "roll_calls", site_id=sites[0], school_year=year)
    adopted = [made(subjects, "priorities", school_year=year - 1).id for _ in range(3)]
    for one in adopted[:2]:
        done(act(director, "priorities", one, "adopt"))
    done(act(director, "priorities", adopted[1], "carry_over"))
    one = director.created("school_years", {"school_year": year}).id
    done(act(director, "school_years", one, "open"))
    convenings = director.get("/v1/convenings", {"school_year": year, "limit": 200}).json["data"]
    places = [(c["kind"], c["site_id"], c["network_id"]) for c in convenings]
    assert all(places.count(("end", site, None)) == 1 for site in sites) and ("end", planned, None) not in places
    assert ("middle", None, network) in places and ("other", None, None) in places
    assert {c["kind"] for c in convenings if c["site_id"]} == {"end"}
    calls = director.get("/v1/roll_calls", {"school_year": year, "limit": 200}).json["data"]
    assert sorted(c["site_id"] for c in calls if c["site_id"] in sites) == sorted(sites), "one each"
    carried = director.get("/v1/priorities", {"school_year": year}).json["data"]
    assert {(p["carried_from_id"], p["status"]) for p in carried} == {(p, "draft") for p in adopted[:2]}
    done(act(director, "school_years", one, "close"))
    assert director.get("/v1/convenings", {"school_year": year, "limit": 200}).json["data"] == convenings
