"""Posts and who does their work, what schools want of partnerships, and whether they are ready."""

import pytest
from acting import act, at_once, done
from administering import SAID

from world import insert, uuid7

DAY = "2026-11-21"  # today in the district


class School:
    """A school of a network: the network's lead, a principal and, below that, a partnership lead."""

    def __init__(self, tenant):
        self.tenant = tenant
        self.director = tenant.director
        self.users = tenant.users
        self.network = self.director.created("networks", {"name": "North"}).id
        self.site = self.director.site(network_id=self.network).id
        self.neighbor = self.director.site(network_id=self.network).id
        self.lead = self.post("network_lead", network_id=self.network)
        self.principal = self.post("principal", site_id=self.site)
        self.partnerships = self.post("partnership_lead", site_id=self.site,
                                      reports_to_id=self.principal)

    def post(self, kind, **fields):
        return self.director.created("posts", {"kind": kind, "title": kind, **fields}).id

    def hold(self, post, role, from_date="2026-07-01", **fields):
        body = {"post_id": post, "user_id": self.users[role], "from_date": from_date, **fields}
        return self.director.post("/v1/post_holders", body)

    def shown(self, post):
        """Status, holder and who answers, by their roles."""
        roles = {one: role for role, one in self.users.items()} | {None: None}
        row = self.tenant.viewer.get(f"/v1/posts/{post}").json
        return row["status"], roles[row["holder_id"]], roles[row["answers_id"]]


@pytest.fixture
def school(ours):
    return School(ours)


def escalation(database, school, role, site=None):
    with database.connect("kith_checkin") as connection, connection.transaction():
        connection.execute("SELECT kith_context(%s, '', '', %s, '')",
                           (school.tenant.id, f"{DAY}T15:00:00Z"))
        rows = connection.execute(
            "SELECT user_id::text FROM escalation(%s, %s, %s) ORDER BY place",
            (school.users[role], site or school.site, DAY)).fetchall()
    roles = {one: role for role, one in school.users.items()}
    return [roles[row[0]] for row in rows]


@pytest.mark.shows("district.posts", "district.vacant")
def test_a_vacant_post_is_the_network_leads_or_else_its_supervisors(ours, school):
    assert school.shown(school.partnerships) == ("vacant", None, None)
    assert school.hold(school.principal, "school_leader").status == 201
    assert school.shown(school.partnerships) == ("vacant", None, "school_leader")
    assert school.hold(school.lead, "coordinator").status == 201
    assert school.shown(school.partnerships) == ("vacant", None, "coordinator")
    held = school.hold(school.partnerships, "viewer", until_date="2027-06-30")
    assert school.shown(school.partnerships) == ("held", "viewer", "viewer")
    assert school.hold(school.partnerships, "reviewer", DAY, is_acting=True).status == 201
    assert school.shown(school.partnerships) == ("acting", "reviewer", "reviewer")
    shown = ours.viewer.get(f"/v1/posts?site_id={school.site}&expand=post_holders").json["data"]
    assert [len(post["post_holders"]["data"]) for post in shown] == [2, 1]
    path = f"/v1/post_holders/{held.id}"
    ended = ours.director.patch(path, {"until_date": "2026-11-20"}, held.etag)
    assert ended.status == 200
    assert school.shown(school.partnerships) == ("acting", "reviewer", "reviewer")


def test_who_left_holds_nothing_and_a_holder_of_tomorrow_not_yet(ours, school):
    gone = ours.admin.created("users", {"email": "gone@example.org", "name": "Gone"})
    body = {"post_id": school.principal, "user_id": gone.id, "from_date": "2026-07-01",
            "until_date": "2026-11-21"}
    ours.director.created("post_holders", body)
    assert ours.viewer.get(f"/v1/posts/{school.principal}").json["holder_id"] == gone.id
    assert school.hold(school.principal, "school_leader", "2026-11-22").status == 201
    disabled = ours.admin.patch(f"/v1/users/{gone.id}", {"status": "disabled"}, gone.etag)
    assert disabled.status == 200
    assert school.shown(school.principal) == ("vacant", None, None)


@pytest.mark.shows("district.posts")
def test_a_post_is_held_by_one_at_a_time_and_by_one_who_acts(ours, school):
    post = school.principal
    assert school.hold(post, "school_leader", "2026-07-01", until_date="2026-12-31").status == 201
    late = school.hold(post, "coordinator", "2026-12-31")
    assert (late.status, late.faults) == (409, {"/from_date": "taken"}), late
    assert school.hold(post, "coordinator", "2027-01-01").status == 201
    assert school.hold(post, "reviewer", "2026-10-01", is_acting=True).status == 201
    assert school.hold(post, "viewer", "2026-11-01", is_acting=True).status == 409
    other = school.post("family_liaison", site_id=school.site)
    roles = ("admin", "director", "executive", "coordinator", "reviewer", "viewer")
    answers = at_once(6, lambda n: school.hold(other, roles[n]))
    assert sorted(answer.status for answer in answers) == [201] + 5 * [409]


def test_no_post_supervises_itself(ours, school):
    top = ours.director.get(f"/v1/posts/{school.principal}")
    refused = ours.director.patch(f"/v1/posts/{school.principal}",
                                  {"reports_to_id": school.partnerships}, top.etag)
    assert (refused.status, refused.faults) == (422, {"/reports_to_id": "not_allowed"}), refused
    both = ours.director.post("/v1/posts", {"kind": "other", "title": "X", "site_id": school.site,
                                            "network_id": school.network})
    assert (both.status, both.faults) == (422, {"/network_id": "not_allowed"})


@pytest.mark.shows("district.escalation")
def test_what_is_not_done_goes_to_the_supervisor_and_then_to_the_networks_lead(database, school):
    for post, role in ((school.partnerships, "viewer"), (school.lead, "coordinator")):
        assert school.hold(post, role).status == 201
    assert escalation(database, school, "viewer") == ["coordinator"]
    assert school.hold(school.principal, "school_leader").status == 201
    assert escalation(database, school, "viewer") == ["school_leader", "coordinator"]
    assert escalation(database, school, "coordinator") == [], "not to himself"
    assert school.hold(school.principal, "coordinator", is_acting=True).status == 201
    assert escalation(database, school, "viewer") == ["coordinator"], "nobody twice"


def test_a_school_leader_fills_the_posts_of_the_own_school_alone(ours, school):
    leader = ours.scoped(("school_leader", "site", school.site))
    body = {"kind": "family_liaison", "title": "Liaison"}
    made = leader.created("posts", {**body, "site_id": school.site})
    leader.created("post_holders", {"post_id": made.id, "user_id": leader.user,
                                    "from_date": "2026-08-01"})
    elsewhere = ours.director.site().id
    for fields in ({"site_id": elsewhere}, {"network_id": school.network}, {}):
        assert leader.post("/v1/posts", {**body, **fields}).status == 403
    both = ours.scoped(*(("school_leader", "site", site) for site in (school.site, school.neighbor)))
    both.created("posts", {**body, "network_id": school.network})
    holder = {"post_id": school.lead, "user_id": leader.user, "from_date": "2026-08-01"}
    assert leader.post("/v1/post_holders", holder).status == 403


# ---- Visions -------------------------------------------------------------------------------------


@pytest.mark.shows("district.vision")
def test_a_vision_is_adopted_with_families_among_its_authors(ours, school):
    director = ours.director
    first, second = (director.created("site_visions", {
        "site_id": school.site, "school_year": year, "text": "All are welcome."}).id
        for year in (2027, 2028))
    told = ours.viewer.get(f"/v1/site_visions/{first}/transitions").json["possible"]
    assert told == [{"action": "adopt", "to": "adopted", "missing": ["family"]}]
    director.created("site_vision_authors", {"site_vision_id": first, "role": "principal",
                                             "name": "Ann Lee"})
    refused = act(director, "site_visions", first, "adopt")
    assert refused.status == 409 and refused.json["state"]["missing"] == ["family"]
    for vision in (first, second):
        director.created("site_vision_authors", {"site_vision_id": vision, "role": "family", "people": 14})
    adopted = done(act(director, "site_visions", first, "adopt"))
    assert (adopted["status"], adopted["adopted_on"]) == ("adopted", DAY)
    done(act(director, "site_visions", second, "adopt"))
    rows = ours.viewer.get(f"/v1/sites/{school.site}?expand=site_visions").json["site_visions"]["data"]
    assert [row["status"] for row in rows] == ["retired", "adopted"]
    path = f"/v1/site_visions/{second}"
    refused = director.patch(path, {"text": "Other."}, director.get(path).etag)
    assert refused.status == 409 and refused.json["state"] == {"status": "adopted"}


def test_a_student_among_the_authors_has_no_name(ours, school):
    vision = ours.director.created("site_visions", {"site_id": school.site, "school_year": 2027,
                                                    "text": "All read."}).id
    body = {"site_vision_id": vision, "role": "student", "people": 3}
    refused = ours.director.post("/v1/site_vision_authors", {**body, "name": "Ben"})
    assert (refused.status, refused.faults) == (422, {"/name": "not_allowed"})
    ours.director.created("site_vision_authors", body)


# ---- Readiness -----------------------------------------------------------------------------------


@pytest.mark.shows("district.readiness")
def test_a_school_and_its_partners_rate_the_conditions_side_by_side(ours, school, migrate):
    director = ours.director
    conditions = [director.created("readiness_conditions", {"name": name}).id
                  for name in ("A room", "A contact")]
    partners = [director.partner().id for _ in range(2)]

    def rate(condition, rating):
        return director.post("/v1/readiness_ratings", {
            "site_id": school.site, "readiness_condition_id": condition, "school_year": 2027, "rating": rating})

    def says(partner, condition, rating, year=2027):
        one = {**SAID, "district_id": ours.id, "id": uuid7(), "site_id": school.site, "partner_id": partner,
               "readiness_condition_id": condition, "school_year": year, "rating": rating, "recorded_by": None}
        insert(migrate, "readiness_rating", one)
        migrate.commit()
        return one["id"]
    for answer in (rate(conditions[0], 4), rate(conditions[1], 3)):
        assert answer.status == 201 and answer.json["recorded_by"] == ours.users["director"], answer
        assert answer.json["partner_id"] is None
    said = says(partners[0], conditions[0], 2)
    says(partners[1], conditions[0], 3)
    says(partners[0], conditions[1], 1, 2028)
    twice = rate(conditions[0], 1)
    assert (twice.status, twice.faults) == (409, {"/school_year": "taken"})
    # What a partner has said nobody changes in its place, nor says it in its name.
    path = f"/v1/readiness_ratings/{said}"
    etag = director.get(path).etag
    assert director.patch(path, {"rating": 4}, etag).status == 403
    assert director.archive(path, etag).status == 403
    assert set(director.post("/v1/readiness_ratings", {
        "site_id": school.site, "readiness_condition_id": conditions[1], "school_year": 2027, "rating": 4,
        "partner_id": partners[0]}).faults) == {"/partner_id"}
    assert director.get(path).json["rating"] == 2
    rows = ours.viewer.get(f"/v1/site_readiness?site_id={school.site}").json["data"]
    names = ("school_rating", "partners", "partners_low", "partners_high", "differs")
    found = {(row["school_year"], row["readiness_condition_id"]): tuple(row[n] for n in names)
             for row in rows}
    assert found == {
        (2027, conditions[0]): (4, 2, 2, 3, True), (2027, conditions[1]): (3, 0, None, None, None),
        (2028, conditions[1]): (None, 1, 1, 1, None)}


def test_a_district_comes_with_conditions_once(migrate, theirs):
    seed = "SELECT seed_readiness_conditions(%s)"
    counts = [migrate.execute(seed, (theirs.id,)).fetchone()[0] for _ in range(2)]
    migrate.commit()
    assert counts == [8, 0]
    assert len(theirs.viewer.get("/v1/readiness_conditions").json["data"]) == 8
