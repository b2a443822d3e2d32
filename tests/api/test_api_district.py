"""The district's school years with their calendar, its policy, and the yearly figures of its sites."""

import pytest
from acting import act, at_once, done
from api_world import Tenant
from check_ins import running
from fields import least
from importing import load

TODAY = "2026-11-21"


# ---- School years --------------------------------------------------------------------------------

QUARTERS = [("2026-07-01", "2026-10-02"), ("2026-10-03", "2026-12-31"),
            ("2027-01-01", "2027-03-31"), ("2027-04-01", "2027-06-30")]
DAYS = [  # a closed day or a range, and what it is a year later
    ("2026-09-07", None, "2027-09-06", None),  # Labor Day
    ("2026-07-03", None, "2027-07-05", None),  # Independence Day, observed
    ("2026-11-26", "2026-11-27", "2027-11-25", "2027-11-26"),  # Thanksgiving and the day after
    ("2026-12-21", "2027-01-01", "2027-12-20", "2027-12-31"),  # as many days, from a Monday
    ("2027-01-18", None, "2028-01-17", None),  # Martin Luther King's birthday
    ("2027-04-14", None, "2028-04-12", None),  # some Wednesday
    ("2027-05-31", None, "2028-05-29", None),  # Memorial Day
]


@pytest.fixture(scope="module")
def year(ours):
    """The district's calendar of 2027: quarters, closed days, a site's own, and a blackout."""
    director = ours.director
    for number, (starts_on, ends_on) in enumerate(QUARTERS, 1):
        director.created("reporting_quarters", {"school_year": 2027, "number": number,
                                                "starts_on": starts_on, "ends_on": ends_on})
    for starts_on, ends_on, *_ in DAYS:
        director.created("closed_days", {"starts_on": starts_on, "ends_on": ends_on, "reason": "Closed"})
    site = director.site().id
    director.created("closed_days", {"starts_on": "2026-10-14", "site_id": site, "reason": "Heating"})
    director.created("blackouts", {"starts_on": "2027-03-15", "ends_on": "2027-03-19", "reason": "Break"})
    made = director.created("school_years", {"school_year": 2027}).json
    assert (made["starts_on"], made["ends_on"], made["status"]) == (
        "2026-07-01", "2027-06-30", "planned")
    director.created("site_quarters", {"site_id": site, "school_year": 2027, "number": 2,
                                       "starts_on": "2026-10-12", "ends_on": "2027-01-22"})
    gone = director.site().id
    director.created("site_quarters", {"site_id": gone, "school_year": 2027, "number": 2,
                                       "starts_on": "2026-10-12", "ends_on": "2027-01-22"})
    assert director.post(f"/v1/sites/{gone}/close", {}).status == 200
    return made | {"site": site}


def calendar(caller, plural, year, **filters):
    query = {"starts_on[gte]": f"{year - 1}-07-01", "starts_on[lte]": f"{year}-06-30", "limit": 200}
    return caller.get(f"/v1/{plural}", query | filters).json["data"]


@pytest.mark.shows("district.year_open", "district.calendar")
def test_a_year_that_opens_takes_the_calendar_over(ours, year):
    director = ours.director
    director.created("closed_days", {"starts_on": "2027-12-20", "ends_on": "2027-12-31",
                                     "reason": "It is there already"})
    one = director.created("school_years", {"school_year": 2028}).id
    opened = done(act(director, "school_years", one, "open"))
    assert (opened["status"], opened["copied_from"]) == ("open", 2027)
    assert opened["opened_at"] and not opened["closed_at"]
    quarters = director.get("/v1/reporting_quarters?school_year=2028").json["data"]
    later = [("2027-07-01", "2027-10-02"), ("2027-10-03", "2027-12-31"),
             ("2028-01-01", "2028-03-31"), ("2028-04-01", "2028-06-30")]
    assert [(q["number"], q["starts_on"], q["ends_on"]) for q in quarters] == [
        (number, *days) for number, days in enumerate(later, 1)]
    own = director.get("/v1/site_quarters?school_year=2028").json["data"]
    assert [(q["site_id"], q["number"], q["starts_on"], q["ends_on"]) for q in own] == [
        (year["site"], 2, "2027-10-12", "2028-01-22")], "of a site that is closed there are none"
    days = calendar(director, "closed_days", 2028)
    assert {(d["starts_on"], d["ends_on"], d["site_id"]) for d in days} == {
        *((starts, ends, None) for _, _, starts, ends in DAYS), ("2027-10-13", None, year["site"])}
    assert len(days) == len(DAYS) + 1, "what is there is not copied"
    assert [(b["starts_on"], b["ends_on"]) for b in calendar(director, "blackouts", 2028)] == [
        ("2028-03-13", "2028-03-17")]


@pytest.mark.parametrize("year, since, later", [
    (2036, ("2035-11-21", "2035-11-23"), ("2036-11-26", "2036-11-28")),  # Thanksgiving is five weeks, not four, off
    (2038, ("2037-12-21", "2038-01-01"), ("2038-12-20", "2038-12-31")),  # Christmas and New Year's Day, observed
    (2046, ("2045-10-02", "2045-10-06"), ("2046-10-01", "2046-10-05")),  # no holiday, and none comes into it
])
@pytest.mark.shows("district.year_open")
def test_a_break_keeps_its_length_its_weekdays_and_its_holidays(ours, year, since, later):
    director = ours.director
    director.created("reporting_quarters", {"school_year": year, "number": 1, "starts_on": f"{year - 1}-07-01",
                                            "ends_on": f"{year}-06-30"})
    director.created("closed_days", {"starts_on": since[0], "ends_on": since[1], "reason": "Break"})
    director.created("blackouts", {"starts_on": since[0], "ends_on": since[1], "reason": "Break"})
    done(act(director, "school_years", director.created("school_years", {"school_year": year + 1}).id, "open"))
    for plural in ("closed_days", "blackouts"):
        assert [(d["starts_on"], d["ends_on"]) for d in calendar(director, plural, year + 1)] == [later]


def test_a_year_whose_quarters_would_overlap_is_opened_without_them(ours):
    director = ours.director
    director.created("reporting_quarters", {"school_year": 2056, "number": 4, "starts_on": "2056-04-01", "ends_on": "2056-07-06"})
    one = director.created("school_years", {"school_year": 2057}).id
    refused = act(director, "school_years", one, "open", calendar="standard")
    assert (refused.status, refused.faults) == (422, {"/calendar": "not_allowed"}), refused
    assert director.get("/v1/reporting_quarters?school_year=2057").json["data"] == []
    assert done(act(director, "school_years", one, "open", calendar="none"))["status"] == "open"


@pytest.mark.parametrize("calendar_, year, count, first", [
    ("standard", 2041, 4, "2040-07-01"), ("none", 2043, 0, None), ("previous", 2010, 4, "2009-07-01")])
@pytest.mark.shows("district.year_open")
def test_a_year_opens_with_another_calendar_or_with_none(theirs, calendar_, year, count, first):
    director = theirs.director
    one = director.created("school_years", {"school_year": year}).id
    assert done(act(director, "school_years", one, "open", calendar=calendar_))["copied_from"] is None
    quarters = director.get(f"/v1/reporting_quarters?school_year={year}").json["data"]
    assert len(quarters) == count
    assert not count or quarters[0]["starts_on"] == first and quarters[3]["ends_on"] == f"{year}-06-30"


def test_many_open_a_year_at_once_and_it_opens_once(theirs):
    director = theirs.director
    one = director.created("school_years", {"school_year": 2061}).id
    answers = at_once(8, lambda _: act(director, "school_years", one, "open", calendar="standard"))
    assert sorted(answer.status for answer in answers) == [200] + 7 * [409]
    quarters = director.get("/v1/reporting_quarters?school_year=2061").json["data"]
    assert len(quarters) == 4


@pytest.mark.shows("district.year_close")
def test_a_year_is_closed_when_its_check_ins_are_over_and_says_what_it_came_to(ours, year):
    director = ours.director
    path = f"/v1/school_years/{year['id']}"
    refused = director.post(f"{path}/close", {})
    assert refused.status == 409 and refused.json["state"]["possible"] == ["open"], refused
    done(director.post(f"{path}/open", {}))
    partnership = running(ours)
    check_in = partnership.check_in()
    told = ours.viewer.get(f"{path}/transitions").json["possible"]
    assert {"action": "close", "to": "closed", "missing": ["check_ins"]} in told, "besides that it is thanked for"
    refused = director.post(f"{path}/close", {})
    assert refused.status == 409 and refused.json["state"]["missing"] == ["check_ins"]
    done(director.post(f"/v1/check_ins/{check_in}/skip", {"reason": "Snow"}))
    for said, reached in (("met", "50"), ("behind", "90"), ("at_risk", "85"), ("dropped", "90")):
        director.created("goals", {"partnership_id": partnership.id, "statement": "Read", "due_on": "2027-05-31",
                                   "target": "80", "current": reached, "progress": said})
    closed = done(director.post(f"{path}/close", {}))
    assert closed["status"] == "closed" and closed["closed_at"]
    figures = closed["figures"]
    assert {name: figures[name] for name in ("check_ins_skipped", "partnerships_active", "goals")} == {
        "check_ins_skipped": 1, "partnerships_active": 1, "goals": 5}
    assert figures["goals_met"] == 2, "by what was reached, not by what is said"
    assert "check_ins_open" not in figures
    assert done(director.post(f"{path}/reopen", {}))["figures"] is None


@pytest.mark.shows("district.site_plans_carried")
def test_site_plans_close_with_their_year_and_are_drafted_for_the_next_one(theirs):
    director = theirs.director
    first, second = (director.created("school_years", {"school_year": year}).id for year in (2071, 2072))
    done(act(director, "school_years", first, "open", calendar="none"))
    partnership, ended = running(theirs), running(theirs, status="ended")
    sites = [director.site().id for _ in range(2)]
    agreed, over, drafted = (director.created("site_plans", {
        "partnership_id": at.id, "site_id": site, "school_year": 2071, "objectives": "All read",
        "user_id": theirs.users["coordinator"]}).id
        for at, site in ((partnership, sites[0]), (ended, sites[0]), (partnership, sites[1])))
    for plan in (agreed, over):
        done(act(director, "site_plans", plan, "agree"))
    figures = done(act(director, "school_years", first, "close"))["figures"]
    assert (figures["site_plans_closed"], figures["site_plans_draft"], figures["gifts_received"]) == (2, 1, 0)
    assert [director.get(f"/v1/site_plans/{plan}").json["status"] for plan in (agreed, over, drafted)] == [
        "closed", "closed", "draft"]
    done(act(director, "school_years", second, "open", calendar="none"))
    carried, = director.get("/v1/site_plans", {"school_year": 2072}).json["data"]
    assert [carried[name] for name in ("partnership_id", "site_id", "status", "objectives", "user_id")] == [
        partnership.id, sites[0], "draft", "All read", theirs.users["coordinator"]]


def test_a_day_is_in_one_school_year_and_a_year_ends_in_its_own(theirs):
    director = theirs.director
    made = director.created("school_years", {"school_year": 2031})
    assert director.post("/v1/school_years", {"school_year": 2031}).status == 409
    bodies = [({"school_year": 2032, "starts_on": "2031-06-30"}, 409, {"/starts_on": "taken"}),
              ({"school_year": 2033, "ends_on": "2032-06-30"}, 422, {"/ends_on": "not_allowed"}),
              ({"school_year": 2034, "starts_on": "2034-07-01"}, 422, {"/ends_on": "not_allowed"}),
              ({"school_year": 2034, "starts_on": "2033-01-01"}, 422, {"/ends_on": "not_allowed"})]
    for body, status, faults in bodies:
        answer = director.post("/v1/school_years", body)
        assert (answer.status, answer.faults) == (status, faults), answer
    path = f"/v1/school_years/{made.id}"
    assert director.archive(path, made.etag).status == 204
    director.created("school_years", {"school_year": 2031, "starts_on": "2030-08-01"})
    assert director.restore(path, director.get(path).etag).status == 409


def ahead(tenant):
    """What the health says the next school year lacks, and who is told to see to it of which."""
    told = tenant.admin.get("/v1/health").json
    assert ("school_year" in told["problems"]) == (told["school_year"] is not None)
    waits = {(role, task["subject_id"], task["title"], task["due_on"])
             for role in ("admin", "director", "coordinator", "executive")
             for task in getattr(tenant, role).get("/v1/me/tasks").json["data"] if task["kind"] == "school_year"}
    return told["school_year"], waits


@pytest.mark.shows("district.year_ahead")
def test_a_year_that_ends_tells_what_the_next_one_lacks(api, database):
    tenant = Tenant(api, database)
    director = tenant.director
    assert ahead(tenant) == (None, set()), "the setup says what there is to do"
    this = director.created("school_years", {"school_year": 2027, "ends_on": "2027-01-20"})
    path = f"/v1/school_years/{this.id}"
    done(act(director, "school_years", this.id, "open"))
    assert ahead(tenant) == (None, set()), "it ends in sixty days, and the day after is not near"
    assert director.patch(path, {"ends_on": "2027-01-19"}, director.get(path).etag).status == 200
    lacking = {"school_year": 2028, "due_on": "2027-01-19", "lacks": ["school_year", "quarters", "closed_days"]}
    assert ahead(tenant) == (lacking, {(role, this.id, "2027–28", "2027-01-19") for role in ("admin", "director")})
    following = director.created("school_years", {"school_year": 2028, "starts_on": "2027-07-01"})
    assert ahead(tenant)[1] == {(role, following.id, "2027–28", "2027-01-19") for role in ("admin", "director")}
    done(act(director, "school_years", following.id, "open", calendar="none"))
    assert ahead(tenant)[0]["lacks"] == ["quarters", "closed_days"]
    for number in range(4):
        assert ahead(tenant)[0]["lacks"] == ["quarters", "closed_days"], number
        director.created("reporting_quarters", {"school_year": 2028, "number": number + 1,
                                                "starts_on": f"2027-1{number // 2}-{10 + number}",
                                                "ends_on": f"2027-1{number // 2}-{10 + number}"})
    assert ahead(tenant)[0]["lacks"] == ["closed_days"]
    director.created("closed_days", {"starts_on": "2027-11-26", "reason": "Closed"})
    assert ahead(tenant) == (None, set())


SESSIONS = """source_id,title,kind,school_year,starts_on,ends_before
s1,Fall,semester,2052,2051-08-15,2052-01-10
s2,Spring,semester,2052,2052-01-10,2052-06-01
"""


@pytest.mark.shows("district.sessions")
def test_sessions_are_kept_apart_and_mapped_to_a_quarter_only_on_request(ours):
    director = ours.director
    report = load(director, "academic_sessions", SESSIONS)
    assert (report["created"], report["rejected"]) == (2, 0), report
    path = "/v1/academic_sessions?school_year=2052"
    fall, spring = director.get(path).json["data"]
    quarters = "/v1/reporting_quarters?school_year=2052"
    assert director.get(quarters).json["data"] == [], "none follows by itself"
    mapped = done(act(director, "academic_sessions", fall["id"], "map", number=1))
    (quarter,) = director.get(quarters).json["data"]
    assert mapped["reporting_quarter_id"] == quarter["id"]
    assert (quarter["number"], quarter["starts_on"], quarter["ends_on"]) == (1, "2051-08-15", "2052-01-09")
    done(act(director, "academic_sessions", spring["id"], "map", number=2))
    refused = act(director, "academic_sessions", spring["id"], "map", number=3)
    assert (refused.status, refused.faults) == (422, {"/number": "not_allowed"}), refused
    done(act(director, "academic_sessions", spring["id"], "unmap"))
    assert len(director.get(quarters).json["data"]) == 2, "the quarter stays"
    moved = {"ends_before": "2052-01-08"}
    got = director.get(f"/v1/academic_sessions/{fall['id']}")
    assert director.patch(f"/v1/academic_sessions/{fall['id']}", moved, got.etag).status == 200
    assert director.get(quarters).json["data"][0]["ends_on"] == "2052-01-09", "nor does it move"
    done(act(director, "academic_sessions", fall["id"], "map", number=1))
    assert director.get(quarters).json["data"][0]["ends_on"] == "2052-01-07"


@pytest.mark.shows("district.thresholds")
def test_thresholds_have_floors_and_their_changes_are_in_the_audit_log(theirs):
    admin = theirs.admin
    etag = admin.get(theirs.path).etag
    for name, floor in (("small_cell", 10), ("survey_cell", 5), ("text_cell", 10)):
        refused = admin.patch(theirs.path, {name: floor - 1}, etag)
        assert (refused.status, refused.faults) == (422, {f"/{name}": "too_small"}), refused
    changed = admin.patch(theirs.path, {"small_cell": 15}, etag)
    assert changed.status == 200
    rows = theirs.director.get(f"/v1/audit?aggregatetype=district&aggregateid={theirs.id}&action=updated").json
    assert {"from": 10, "to": 15} in [row["values"].get("small_cell") for row in rows["data"]]


@pytest.mark.shows("district.sites")
def test_a_site_is_planned_open_closed_or_went_on_in_another(ours):
    director = ours.director
    north = director.created("networks", {"name": "North"}).id
    other = director.site(name="New school", network_id=north, nces_id="012345678901", state_id="007")
    assert (other.json["nces_id"], other.json["state_id"]) == ("012345678901", "007")
    made = director.site(status="planned")
    for body, status in (({"status": "open"}, 200), ({"status": "merged"}, 422),
                         ({"merged_into": other.id}, 422), ({"status": "closed"}, 200),
                         ({"status": "merged", "merged_into": other.id}, 200)):
        path = f"/v1/sites/{made.id}"
        answer = director.patch(path, body, director.get(path).etag)
        assert answer.status == status, answer
    assert director.get(f"/v1/sites/{made.id}?expand=merged_into_site").json["merged_into_site"]["name"] == "New school"


# ---- The policy ----------------------------------------------------------------------------------


@pytest.fixture
def policy(ours):
    def made(**fields):
        return ours.director.created("policies", {**least(ours.director, "policies"), **fields}).id
    return made


def missing(caller, policy):
    path = f"/v1/policy_acknowledgments?policy_id={policy}&status=missing&limit=200"
    return {row["user_id"] for row in caller.get(path).json["data"]}


@pytest.mark.shows("district.policy", "district.policy_missing")
def test_an_edition_is_adopted_and_everybody_who_writes_acknowledges_it(ours, policy):
    writers = {ours.users[role] for role in ("admin", "director", "executive", "coordinator",
                                             "school_leader", "reviewer", "data_steward")}
    first = policy(statement="We cannot do it alone.", statement_by="Dr. Ann Lee, Superintendent")
    assert act(ours.school_leader, "policies", first, "acknowledge").status == 409
    assert missing(ours.viewer, first) == set()
    adopted = done(act(ours.executive, "policies", first, "adopt"))
    assert (adopted["status"], adopted["adopted_on"], adopted["adopted_by"]) == (
        "in_force", TODAY, ours.users["executive"])
    assert missing(ours.viewer, first) == writers
    for role in ("school_leader", "executive", "school_leader", "reviewer"):
        done(act(getattr(ours, role), "policies", first, "acknowledge"))
    assert missing(ours.viewer, first) == writers - {
        ours.users[role] for role in ("school_leader", "executive", "reviewer")}
    known = ours.viewer.get(f"/v1/policies/{first}?expand=policy_acknowledgments").json
    rows = [row for row in known["policy_acknowledgments"]["data"] if row["status"] == "acknowledged"]
    assert {row["user_id"] for row in rows} == {
        ours.users[role] for role in ("school_leader", "executive", "reviewer")}
    assert all(row["acknowledged_at"] for row in rows) and len(rows) == 3

    principal, user, _ = ours.person("viewer")
    post = ours.director.created("posts", {"kind": "principal", "title": "Principal",
                                           "site_id": ours.director.site().id}).id
    holder = ours.director.created("post_holders", {"post_id": post, "user_id": user, "from_date": "2026-07-01"})
    assert user in missing(ours.viewer, first)
    done(act(principal, "policies", first, "acknowledge"))
    assert user not in missing(ours.viewer, first)
    ours.director.archive(f"/v1/post_holders/{holder.id}", holder.etag)

    second = policy()
    done(act(ours.director, "policies", second, "adopt"))
    assert ours.viewer.get(f"/v1/policies/{first}").json["status"] == "retired"
    assert (missing(ours.viewer, first), missing(ours.viewer, second)) == (set(), writers)
    assert act(ours.school_leader, "policies", first, "acknowledge").status == 409


@pytest.mark.shows("district.policy_missing")
def test_a_principal_who_is_no_user_is_in_the_list_and_it_is_told_by_place(ours, policy):
    director = ours.director
    network = director.created("networks", {"name": "A network"}).id
    site, other = director.site(network_id=network).id, director.site().id
    holders = {}
    for kind, name, where in (("principal", "Dr. Poe", site), ("principal", "Dr. Roe", other), ("other", "A coach", site)):
        post = director.created("posts", {"kind": kind, "title": kind, "site_id": where}).id
        holders[name] = director.created("post_holders", {"post_id": post, "name": name, "from_date": "2026-07-01"})
    lead, near = (ours.scoped(("coordinator", *place)).user for place in (("site", site), ("network", network)))
    done(act(director, "policies", policy(), "adopt"))

    def shown(**filters):
        rows = ours.viewer.get("/v1/policy_acknowledgments", {"status": "missing", "limit": 200, **filters}).json["data"]
        return {row["user_id"] or row["user_name"] for row in rows}

    assert {"Dr. Poe", "Dr. Roe", lead, near} <= shown() and "A coach" not in shown()
    assert shown(site_id=site) == {"Dr. Poe", lead} and shown(site_id=other) == {"Dr. Roe"}
    assert shown(network_id=network) == {"Dr. Poe", lead, near}
    row, = ours.viewer.get("/v1/policy_acknowledgments", {"site_id": other, "status": "missing"}).json["data"]
    assert (row["id"], row["post_holder_id"], row["user_id"]) == (holders["Dr. Roe"].id, holders["Dr. Roe"].id, None)
    assert ours.viewer.get(f"/v1/policy_acknowledgments/{row['id']}").json == row
    director.patch(f"/v1/post_holders/{row['id']}", {"until_date": "2026-11-20"}, holders["Dr. Roe"].etag)
    assert shown(site_id=other) == set()


@pytest.mark.shows("district.policy_editions")
def test_what_was_adopted_stays_and_a_new_edition_is_counted(ours, policy):
    first, second = policy(), policy()
    editions = [ours.viewer.get(f"/v1/policies/{one}").json["edition"] for one in (first, second)]
    assert editions[1] == editions[0] + 1
    path = f"/v1/policies/{first}"
    draft = ours.director.get(path)
    assert ours.director.patch(path, {"text": "Better."}, draft.etag).status == 200
    done(act(ours.director, "policies", first, "adopt"))
    etag = ours.director.get(path).etag
    for body in ({"text": "Other."}, {"title": "Other"}, {"statement": "Other."}):
        refused = ours.director.patch(path, body, etag)
        assert (refused.status, refused.json["state"]) == (409, {"status": "in_force"}), refused
    assert ours.director.archive(path, etag).status == 409
    done(act(ours.director, "policies", first, "retire"))
    assert ours.director.archive(path, ours.director.get(path).etag).status == 204


def test_of_drafts_adopted_at_once_one_is_in_force(theirs):
    director = theirs.director
    drafts = [director.created("policies", least(director, "policies")).id for _ in range(8)]
    answers = at_once(8, lambda n: act(director, "policies", drafts[n], "adopt"))
    assert {answer.status for answer in answers} <= {200, 409}
    in_force = director.get("/v1/policies?status=in_force").json["data"]
    assert len(in_force) == 1


def test_an_acknowledgment_is_one_however_often_it_is_said(theirs):
    director = theirs.director
    one = director.created("policies", least(director, "policies")).id
    done(act(director, "policies", one, "adopt"))
    answers = at_once(8, lambda _: act(theirs.coordinator, "policies", one, "acknowledge"))
    assert {answer.status for answer in answers} == {200}
    rows = director.get(f"/v1/policy_acknowledgments?policy_id={one}&status=acknowledged").json["data"]
    assert len(rows) == 1
    stale = theirs.director.call("POST", f"/v1/policies/{one}/acknowledge", If_Match='"v99-0"')
    assert stale.status == 412


# ---- Yearly figures of sites ---------------------------------------------------------------------


@pytest.mark.shows("district.title_i")
def test_a_site_shows_what_the_last_year_says_of_title_i(ours):
    director, site = ours.director, ours.director.site(local_id="S-78")
    path = f"/v1/sites/{site.id}"
    assert (site.json["title_i"], director.patch(path, {"title_i": True}, site.etag).faults) == (
        None, {"/title_i": "read_only"})
    years = {}
    for year, says, shows in ((2027, True, True), (2026, False, True), (2028, None, True), (2029, False, False)):
        years[year] = director.created("site_years", {"site_id": site.id, "school_year": year, "title_i": says})
        assert director.get(path).json["title_i"] is shows, year
    last = f"/v1/site_years/{years[2029].id}"
    assert director.patch(last, {"title_i": True}, years[2029].etag).status == 200
    assert director.get(path).json["title_i"] is True
    for year, shows in ((2029, True), (2027, False)):
        one = f"/v1/site_years/{years[year].id}"
        assert director.archive(one, director.get(one).etag).status == 204
        assert director.get(path).json["title_i"] is shows, year
    load(ours.admin, "site_years", "site,school_year,title_i\nS-78,2030,true\n")
    assert director.get(path).json["title_i"] is True


@pytest.mark.shows("district.site_years")
def test_a_sites_figures_of_a_year_are_there_once_and_come_from_a_file(ours):
    site = ours.director.site(local_id="S-77")
    body = {"site_id": site.id, "school_year": 2027, "enrollment": 412, "title_i": True,
            "economic_need": "71.40", "as_of": "2026-10-01", "source": "State report"}
    made = ours.director.created("site_years", body)
    assert {name: made.json[name] for name in body} == body
    again = ours.director.post("/v1/site_years", body)
    assert again.status == 409 and set(again.faults.values()) == {"taken"}, again
    file = "site,school_year,enrollment,economic_need\nS-77,2027,420,70.5\nS-77,2028,431,69\n"
    report = load(ours.admin, "site_years", file)
    assert (report["created"], report["updated"], report["rejected"]) == (1, 1, 0), report
    rows = ours.viewer.get(f"/v1/site_years?site_id={site.id}").json["data"]
    assert [(r["school_year"], r["enrollment"], r["economic_need"]) for r in rows] == [
        (2027, 420, "70.50"), (2028, 431, "69.00")]


# ---- What an hour is worth, and who signs --------------------------------------------------------


@pytest.mark.shows("district.valuation_rates")
def test_hours_take_the_rate_of_their_day_and_state_and_keep_it(theirs):
    director, admin = theirs.director, theirs.admin
    etag = admin.get(theirs.path).etag
    assert admin.patch(theirs.path, {"state": "TX"}, etag).status == 200
    partnership = running(theirs).id

    def rate(**fields):
        body = {"partnership_id": partnership, "side": "partner", "kind": "hours", "hours": "4",
                "from_date": "2026-09-01", "until_date": "2026-09-30", **fields}
        made = director.created("investments", body)
        return made.json["rate_cents"], made.id
    early, kept = rate()
    assert early is None, "nobody has said"
    for state, from_date, cents in ((None, "2025-04-01", 3180), (None, "2026-10-01", 3349),
                                    ("TX", "2026-01-01", 3021), ("NY", "2020-01-01", 9999)):
        director.created("valuation_rates", {"state": state, "from_date": from_date, "rate_cents": cents,
                                             "source": "https://example.org/value"})
    assert director.get(f"/v1/investments/{kept}").json["rate_cents"] is None, "never valued anew"
    assert rate()[0] == 3021, "of the district's state"
    assert rate(from_date="2025-12-31")[0] == 3180
    assert rate(from_date="2025-03-31")[0] is None
    assert rate(rate_cents=2500)[0] == 2500
    assert rate(hours=None, kind="cash", amount_cents=100)[0] is None
    elsewhere = director.site(state="NM").id
    assert rate(site_id=elsewhere)[0] == 3180
    assert rate(site_id=elsewhere, from_date="2026-10-01", until_date="2026-10-02")[0] == 3349
    again = {"from_date": "2025-04-01", "rate_cents": 1}
    assert director.post("/v1/valuation_rates", again).status == 409
    for fields, at in (({"state": "Texas"}, "/state"), ({"state": "tx"}, "/state"), ({"rate_cents": 0}, "/rate_cents")):
        refused = director.post("/v1/valuation_rates", {"from_date": "2001-01-01", "rate_cents": 1, **fields})
        assert (refused.status, set(refused.faults)) == (422, {at}), refused


@pytest.mark.shows("district.signing_authority")
def test_who_signs_follows_from_the_kind_and_the_amount(theirs, migrate):
    limits = [("gift", 500000, "principal"), ("gift", 5000000, "superintendent"), ("gift", None, "board"),
              ("mou", 0, "director")]
    for subject, up_to, signer in limits:
        theirs.admin.created("signing_authorities", {"subject": subject, "up_to_cents": up_to, "signer": signer})
    same = theirs.admin.post("/v1/signing_authorities", {"subject": "gift", "signer": "director"})
    assert (same.status, same.faults) == (409, {"/up_to_cents": "taken"})
    rows = theirs.viewer.get("/v1/signing_authorities?subject=gift").json["data"]
    assert {row["signer"] for row in rows} == {"principal", "superintendent", "board"}
    wanted = {("gift", 500000): "principal", ("gift", 500001): "superintendent", ("gift", 0): "principal",
              ("gift", 10**9): "board", ("mou", 0): "director", ("mou", 1): None, ("investment", 1): None}
    migrate.execute("SELECT set_config('kith.district', %s, false)", (theirs.id,))
    for (subject, cents), signer in wanted.items():
        assert migrate.execute("SELECT signer_for(%s, %s)", (subject, cents)).fetchone() == (signer,)
