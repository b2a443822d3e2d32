"""Write scope: reading is for the whole district, writing for what the grants cover.

What a row's scope is known by stands in `tenant_tables()` of sql/functions and, for the documents, in
the declarations; one test holds them against each other. That each route refuses whoever is outside is in the
table of permissions (test_api_permissions.py); here what was refused has changed nothing, and rows are written inside of
the scope, and moved over its edge.
"""

import threading
import uuid

import pytest
from contract import document
from fields import FIELDS, LEAST, least
from partnering import act_on, agreement

from api_world import running_api

FORBIDDEN = (403, "forbidden")
OUTSIDE = "This is outside of what your grants cover."
LED = ("partners", "partnerships")  # by a lead_site_id
BY_PARENT = {
    "programs": "partners",
    "partner_owners": "partners",
    "credentials": "partners",
    "offers": "partners",
    "affiliations": "partners",
    "partnership_sites": "partnerships",
    "partnership_roles": "partnerships",
    "goals": "partnerships",
    "investments": "partnerships",
}
SITED = ("closed_days", "blackouts", "surveys")  # one site's or the whole district's
BY_SITE = (*LED, *BY_PARENT, "program_sites", *SITED)
BY_DISTRICT = ("networks", "focus_areas", "reporting_quarters")
COORDINATORS = (*LED, *BY_PARENT, "program_sites", "contacts", "closed_days", "blackouts")
CHANGES = {plural: {"name": "Changed"} for plural in LEAST} | {
    "agreements": {"title": "Changed"},
    "partner_owners": {"note": "Changed"},
    "credentials": {"label": "Changed"},
    "affiliations": {"role": "Changed"},
    "program_sites": {"from_date": "2026-07-01"},
    "partnership_sites": {"from_date": "2026-07-01"},
    "partnership_roles": {"from_date": "2026-07-01"},
    "goals": {"statement": "Changed"},
    "investments": {"purpose": "Changed"},
    "reporting_quarters": {"number": 2},
    "closed_days": {"reason": "Changed"},
    "blackouts": {"reason": "Changed"},
}


class Place:
    """A network with a site, a site of no network, and those who may write there."""

    def __init__(self, tenant):
        director = tenant.director
        self.network = director.created("networks", {"name": "A network"}).id
        self.site = director.site(network_id=self.network).id
        self.alone = director.site().id
        self.network_coordinator = tenant.scoped(("coordinator", "network", self.network))
        self.coordinator = tenant.scoped(("coordinator", "site", self.site))
        self.leader = tenant.scoped(("school_leader", "site", self.site))
        self.director = tenant.scoped(("director", "site", self.site))
        self.people = (self.network_coordinator, self.coordinator, self.leader, self.director)


@pytest.fixture(scope="module")
def place(ours):
    return Place(ours)


def path_of(plural, answer):
    return f"/v1/{plural}/{answer.id}"


def parent_field(plural):
    return BY_PARENT[plural].removesuffix("s") + "_id"


def of_site(caller, plural, site):
    """A body whose scope is the site's; what it refers to is made by the caller, who may."""
    body = least(caller, plural)
    if plural in LED:
        return {**body, "lead_site_id": site}
    if plural in BY_PARENT:
        parent = BY_PARENT[plural]
        made = caller.created(parent, of_site(caller, parent, site))
        return {**body, parent_field(plural): made.id}
    return {**body, "site_id": site}


def writers_of(place, plural):
    return place.people if plural in COORDINATORS else (place.director,)


def refused(answer):
    assert (answer.status, answer.type) == FORBIDDEN, answer
    assert answer.json["detail"] == OUTSIDE and answer.etag is None
    return True


def writes(caller, path, plural, etag):
    yield caller.patch(path, CHANGES[plural], etag)
    yield caller.patch(path, {}, etag)
    yield caller.archive(path, etag)
    yield caller.restore(path, etag)


def from_create_to_restore(caller, plural, body):
    made = caller.created(plural, body)
    path = path_of(plural, made)
    changed = caller.patch(path, CHANGES[plural], made.etag)
    assert (changed.status, changed.json["version"]) == (200, 2), changed
    assert caller.archive(path, changed.etag).status == 204
    restored = caller.restore(path, caller.get(path).etag)
    assert (restored.status, restored.json["version"]) == (200, 4), restored


def none_happens(caller, reader, path, plural):
    """No write of what is there, whatever state it is in; nor is anything told of its version."""
    before = reader.get(path)
    for etag in (before.etag, '"v99-0"'):
        assert all(refused(answer) for answer in writes(caller, path, plural, etag))
    assert reader.get(path).json == before.json
    assert reader.archive(path, before.etag).status == 204
    archived = reader.get(path)
    assert all(refused(answer) for answer in writes(caller, path, plural, archived.etag))
    assert reader.get(path).json == archived.json


# ---- Inside and outside --------------------------------------------------------------------------


@pytest.mark.parametrize("plural", BY_SITE)
def test_inside_of_the_scope_everything_is_as_for_the_whole_district(ours, place, plural):
    for caller in writers_of(place, plural):
        body = of_site(ours.director, plural, place.site)
        from_create_to_restore(caller, plural, body)


@pytest.mark.shows("everywhere.scope")
@pytest.mark.parametrize("plural", BY_SITE)
def test_outside_of_it_nothing_is_made_changed_archived_or_restored(ours, place, plural):
    for caller in writers_of(place, plural):
        body = of_site(ours.director, plural, place.alone)
        assert refused(caller.post(f"/v1/{plural}", body))
        made = ours.director.created(plural, body)
        none_happens(caller, ours.director, path_of(plural, made), plural)


@pytest.mark.parametrize("plural", (*LED, *SITED))
def test_what_names_no_site_is_the_whole_districts(ours, place, plural):
    for caller in writers_of(place, plural):
        body = least(ours.director, plural)
        assert refused(caller.post(f"/v1/{plural}", body))
        none_happens(
            caller, ours.director, path_of(plural, ours.director.created(plural, body)), plural
        )


def test_the_districts_settings_need_a_grant_over_it(ours, place):
    elsewhere = place.director
    before = ours.admin.get(ours.path)
    assert elsewhere.patch(ours.path, {"name": "Mine"}, before.etag).status == 403
    assert ours.viewer.get(ours.path).json == before.json
    whole = ours.scoped(("admin", "district", None))
    assert whole.patch(ours.path, {"name": "A district"}, before.etag).status == 200


def test_the_own_site_is_changed_and_no_site_is_made(ours, place):
    for caller in place.people:
        assert refused(caller.post("/v1/sites", LEAST["sites"]))
        got = caller.get(f"/v1/sites/{place.site}")
        path = path_of("sites", got)
        changed = caller.patch(path, {"name": f"Of {caller.user}"}, got.etag)
        assert changed.status == 200, changed
        assert caller.archive(path, changed.etag).status == 204
        assert caller.restore(path, caller.get(path).etag).status == 200
        other = path_of("sites", ours.director.site())
        none_happens(caller, ours.director, other, "sites")


def test_a_contact_without_a_place_is_anybodys_who_writes_contacts(ours, place):
    empty = ours.director.created("networks", {"name": "Without a site"}).id
    nowhere = ours.scoped(("coordinator", "network", empty))
    for caller in (*place.people, nowhere):
        from_create_to_restore(caller, "contacts", LEAST["contacts"])
    assert refused(nowhere.post("/v1/partners", LEAST["partners"]))


class People:
    """A contact of a partner of the place and one of a partner elsewhere."""

    def __init__(self, tenant, place):
        director = tenant.director
        self.mine, self.other = (director.partner(lead_site_id=site).id for site in (place.site, place.alone))
        self.near, self.far = (self.of(director, partner) for partner in (self.mine, self.other))

    def of(self, caller, partner, **fields):
        one = caller.created("contacts", {"name": "Ann", "email": f"{uuid.uuid4().hex}@example.org"}).id
        caller.created("affiliations", {"contact_id": one, "partner_id": partner, "role": "Head", **fields})
        return one


@pytest.fixture(scope="module")
def people(ours, place):
    return People(ours, place)


def put(caller, plural, one, **fields):
    path = f"/v1/{plural}/{one}"
    return caller.patch(path, fields, caller.get(path).etag)


def test_a_contact_is_of_who_covers_a_partner_where_it_has_a_place(ours, place, people):
    leader, other = place.leader, people.far
    assert put(leader, "contacts", people.near, email="ann.near@example.org").status == 200
    none_happens(leader, ours.director, f"/v1/contacts/{people.of(ours.director, people.other)}", "contacts")
    tag = ours.director.created("tags", {"name": uuid.uuid4().hex}).id
    field = ours.director.created("custom_fields", {"subject": "contact", "code": "shoe_size", "name": "Shoe size",
                                                    "type": "text"}).id
    for one, answers in ((people.near, {201}), (other, {403})):
        made = leader.post("/v1/taggings", {"tag_id": tag, "contact_id": one})
        said = leader.post("/v1/custom_values", {"custom_field_id": field, "contact_id": one, "value": "A"})
        assert {made.status, said.status} == answers, (made, said)
    assert put(ours.scoped(("director", "district", None)), "contacts", other, locale="es").status == 200
    owner = ours.scoped(("coordinator", "site", place.site))
    owned = ours.director.partner(lead_site_id=place.alone, owner_id=owner.user).id
    assert put(owner, "contacts", people.of(ours.director, owned), locale="es").status == 200


def test_no_place_at_an_own_partner_is_a_way_to_somebody_elses_contact(ours, place, people):
    body = {"contact_id": people.far, "partner_id": people.mine, "role": "Friend"}
    assert refused(place.leader.post("/v1/affiliations", body))
    own = place.leader.created("affiliations", {**body, "contact_id": ours.director.created("contacts", LEAST["contacts"]).id})
    assert refused(put(place.leader, "affiliations", own.id, contact_id=people.far))
    both = ours.director.created("affiliations", body)
    assert put(place.leader, "contacts", people.far, locale="en").status == 200
    assert put(place.leader, "affiliations", both.id, until_date="2026-11-20").status == 200, "it ended"
    assert refused(put(place.leader, "contacts", people.far, locale="es"))
    assert refused(put(place.leader, "affiliations", both.id, until_date=None)), "nor does it begin anew"
    past = people.of(ours.director, people.mine, until_date="2026-11-20")
    assert put(place.leader, "contacts", past, locale="es").status == 200, "it never was anywhere else"


def test_a_contact_who_works_in_the_district_is_the_districts(ours, place, people, migrate):
    one = people.of(ours.director, people.mine)
    user = ours.admin.created("users", {"email": f"{uuid.uuid4().hex}@example.org", "name": "Ann"}).id
    migrate.execute("UPDATE app_user SET contact_id = %s WHERE id = %s", (one, user))
    assert put(place.leader, "contacts", one, locale="es").status == 200
    ours.admin.created("grants", {"user_id": user, "role": "viewer"})
    assert refused(put(place.leader, "contacts", one, email="mine@example.org"))


def test_an_inquiry_is_of_its_school_or_who_answers_it(ours, place):
    least_one, leader = LEAST["inquiries"], place.leader
    assert refused(leader.post("/v1/inquiries", least_one))
    mine = leader.created("inquiries", {**least_one, "site_id": place.site}).id
    assert put(leader, "inquiries", mine, phone="1").status == 200
    for fields in ({}, {"site_id": place.alone}):
        other = ours.director.created("inquiries", {**least_one, **fields}).id
        path = f"/v1/inquiries/{other}"
        none = leader.post(f"{path}/discard", {}, If_Match=leader.get(path).etag)
        assert none.status == 403 and refused(put(leader, "inquiries", other, phone="1")), none
        assert ours.director.post(f"{path}/assign", {"owner_id": leader.user},
                                  If_Match=leader.get(path).etag).status == 200
        assert put(leader, "inquiries", other, phone="1").status == 200, "its own to answer"


def test_a_tag_is_made_by_anybody_and_changed_for_the_district(ours, place):
    made = place.leader.created("tags", {"name": uuid.uuid4().hex})
    none_happens(place.leader, ours.director, f"/v1/tags/{made.id}", "tags")


def test_what_a_site_is_in_the_district_is_not_its_leaders_to_say(ours, place):
    change = {"status": "planned", "kind": "department", "network_id": None, "nces_id": "000000000001",
              "local_id": "77", "state_id": "78"}
    for who in (place.leader, place.coordinator):
        for name, value in change.items():
            assert refused(put(who, "sites", place.site, **{name: value})), name
        assert put(who, "sites", place.site, phone="1", status="open").status == 200, "nothing of that changes"
    for who in (place.network_coordinator, ours.director):
        assert put(who, "sites", place.site, local_id=uuid.uuid4().hex).status == 200


def test_everybody_reads_everything(ours, place):
    elsewhere = ours.director.partner(lead_site_id=place.alone)
    for caller in place.people:
        assert caller.get(path_of("partners", elsewhere)).status == 200
        listed = caller.get("/v1/partners", {"lead_site_id": place.alone, "limit": 200}).json
        assert elsewhere.id in {one["id"] for one in listed["data"]}


# ---- The order of the reasons --------------------------------------------------------------------


def test_who_may_write_is_told_of_versions_and_states(ours, place):
    made = place.coordinator.partner(lead_site_id=place.site)
    path = path_of("partners", made)
    ours.director.patch(path, {"name": "New"}, made.etag)
    now = place.coordinator.get(path).etag
    stale = place.coordinator.patch(path, {"name": "Other"}, made.etag)
    assert (stale.status, stale.type) == (412, "precondition_failed")
    assert version(stale.etag) == version(now)
    again = place.coordinator.restore(path, now)
    assert (again.status, again.type, version(again.etag)) == (409, "conflict", version(now))
    ours.director.archive(path, now)
    archived = place.coordinator.get(path).etag
    late = place.coordinator.patch(path, {"name": "Other"}, archived)
    assert (late.status, late.type, version(late.etag)) == (409, "conflict", version(archived))


def version(etag):
    """What an If-Match compares; the rest of a partner's is of what is derived, too."""
    return etag.partition("-")[0]


def test_another_tenants_row_is_404_and_no_row_of_ours_refers_to_one(ours, theirs, place):
    foreign = theirs.director.partner()
    path = path_of("partners", foreign)
    for answer in writes(place.coordinator, path, "partners", foreign.etag):
        assert answer.status == 404, answer
    body = {"name": "A program", "partner_id": foreign.id}
    assert refused(place.coordinator.post("/v1/programs", body)), "nothing that is covered"
    answer = ours.director.post("/v1/programs", body)
    assert (answer.status, answer.faults) == (422, {"/partner_id": "unknown_id"})


def test_input_is_checked_before_the_scope(place):
    answer = place.coordinator.post("/v1/partners", {"name": "x", "lead_site_id": place.alone})
    assert (answer.status, answer.faults) == (422, {"/kind": "required"}), answer


# ---- Over the edge -------------------------------------------------------------------------------


@pytest.mark.parametrize("plural", (*LED, "program_sites", *SITED))
def test_a_row_moves_within_the_scope_and_not_over_its_edge(ours, place, plural):
    name = "lead_site_id" if plural in LED else "site_id"
    second = ours.director.site(network_id=place.network).id
    role = "coordinator" if plural in COORDINATORS else "director"
    caller = ours.scoped((role, "network", place.network))
    made = caller.created(plural, of_site(ours.director, plural, place.site))
    path = path_of(plural, made)
    moved = caller.patch(path, {name: second}, made.etag)
    assert (moved.status, moved.json[name]) == (200, second), moved
    assert refused(caller.patch(path, {name: place.alone}, moved.etag)), "out"
    if FIELDS[plural][name].nullable:
        assert refused(caller.patch(path, {name: None}, moved.etag)), "out, to the district"
    assert ours.viewer.get(path).json == moved.json

    away = ours.director.patch(path, {name: place.alone}, moved.etag)
    assert refused(caller.patch(path, {name: second}, away.etag)), "in"
    back = ours.director.patch(path, {name: second}, away.etag)
    assert caller.patch(path, {name: place.site}, back.etag).status == 200


@pytest.mark.parametrize("plural", BY_PARENT)
def test_what_belongs_to_something_follows_it_and_moves_to_no_other(ours, place, plural):
    caller, parent, name = place.coordinator, BY_PARENT[plural], parent_field(plural)
    mine, other = (
        ours.director.created(parent, of_site(ours.director, parent, site))
        for site in (place.site, place.alone)
    )
    made = caller.created(plural, {**least(ours.director, plural), name: mine.id})
    path = path_of(plural, made)
    assert refused(caller.patch(path, {name: other.id}, made.etag)), "out"
    away = ours.director.patch(path, {name: other.id}, made.etag)
    assert refused(caller.patch(path, {name: mine.id}, away.etag)), "in"

    changed = ours.director.patch(path_of(parent, other), {"lead_site_id": place.site}, other.etag)
    assert changed.status == 200, changed
    answer = caller.patch(path, CHANGES[plural], away.etag)
    assert answer.status == 200, "it came into the scope with what it belongs to"


def test_a_partnership_is_its_sites_as_well(ours, place):
    caller = place.coordinator
    body = of_site(ours.director, "partnerships", place.alone)
    made = ours.director.created("partnerships", body)
    path = path_of("partnerships", made)
    member = {"partnership_id": made.id, "site_id": place.site}
    assert refused(caller.post("/v1/partnership_sites", member)), "nobody takes a part by himself"
    joined = ours.director.created("partnership_sites", member)
    changed = caller.patch(path, {"purpose": "Ours, too"}, made.etag)
    assert changed.status == 200, changed
    caller.created("goals", {**LEAST["goals"], "partnership_id": made.id})
    left = path_of("partnership_sites", joined)
    assert caller.archive(left, joined.etag).status == 204
    assert refused(caller.patch(path, {"purpose": "Mine"}, changed.etag))
    assert refused(caller.restore(left, caller.get(left).etag))


def test_an_agreement_is_of_who_covers_everything_that_it_is_for(ours, place):
    caller = place.coordinator
    mine, other = (
        ours.director.created("partnerships", of_site(ours.director, "partnerships", site)).id
        for site in (place.site, place.alone)
    )
    made = caller.created("agreements", LEAST["agreements"])
    path = path_of("agreements", made)
    link = {"agreement_id": made.id, "partnership_id": mine}
    caller.created("agreement_partnerships", link)
    changed = caller.patch(path, {"title": "Ours"}, made.etag)
    assert changed.status == 200, changed
    assert refused(caller.post("/v1/agreement_partnerships", {**link, "partnership_id": other}))
    more = ours.director.created("agreement_partnerships", {**link, "partnership_id": other})
    none = path_of("agreement_partnerships", more)
    for answer in writes(caller, path, "agreements", changed.etag):
        assert refused(answer)
    assert refused(caller.archive(none, more.etag))
    assert ours.director.archive(none, more.etag).status == 204
    assert caller.patch(path, {"title": "Ours again"}, changed.etag).status == 200


@pytest.mark.shows("partnerships.shared_agreement")
@pytest.mark.parametrize("by", ("grant", "lead"))
def test_of_an_agreement_for_several_what_concerns_one_is_for_who_covers_it(ours, place, by):
    director = ours.director
    outsider = ours.scoped(("coordinator", "site", director.site().id))
    head = place.coordinator if by == "grant" else outsider
    mine, other = (
        director.created("partnerships", of_site(director, "partnerships", site)).id for site in (place.site, place.alone))
    if by == "lead":
        outsider = ours.scoped(("coordinator", "site", director.site().id))
        director.created("partnership_roles", {"partnership_id": mine, "role": "lead", "user_id": head.user})
    contacts = {one: director.created("contacts", {"name": "Ann"}).id for one in (mine, other)}
    for one, contact in contacts.items():
        director.created("partnership_roles", {"partnership_id": one, "role": "lead", "contact_id": contact})
    made = agreement(director, data_flows=True, data_basis="parental_consent", data_purpose="x", notice_days=30,
                     expires_on="2027-06-30")
    path = path_of("agreements", made)
    for one in (mine, other):
        director.created("agreement_partnerships", {"agreement_id": made.id, "partnership_id": one})
    assert refused(head.post(f"{path}/submit", {}))
    act_on(director, made.id, "submit", "approve")

    assert refused(outsider.post(f"{path}/acknowledge", {}))
    beyond = head.post(f"{path}/acknowledge", {"on_behalf_of": contacts[other]})
    assert (beyond.status, beyond.faults) == (422, {"/on_behalf_of": "not_allowed"}), beyond
    for behalf in ({}, {"on_behalf_of": contacts[mine]}):
        assert head.post(f"{path}/acknowledge", behalf).status == 200
    denied = outsider.call("POST", f"/v1/attachments?name=signed.pdf&subject_kind=agreement&subject_id={made.id}",
                           b"%PDF-1.7\n%%EOF\n", Content_Type="application/pdf")
    assert refused(denied)
    for side in ("district", "partner"):
        act_on(head, made.id, "sign", side=side, signer="Dr. Who")
    for verb, body in (("decide_notice", {"decision": "give"}),
                       ("record_disposal", {"disposal": "destroyed", "certified_by": "Ann Lee"})):
        assert refused(outsider.post(f"{path}/{verb}", body))
        assert head.post(f"{path}/{verb}", body).status == 200
    told = head.get(path)
    assert (told.json["status"], told.json["notice_decision"], told.json["data_disposal"]) == (
        "in_force", "give", "destroyed")
    assert refused(head.patch(path, {"title": "Ours"}, told.etag))


def test_a_partners_leader_cannot_give_it_away(ours, place):
    """It would leave the scope of whoever gives it: the one who covers both does it."""
    made = place.coordinator.partner(lead_site_id=place.site)
    path, change = path_of("partners", made), {"lead_site_id": place.alone}
    assert refused(place.coordinator.patch(path, change, made.etag))
    both = ours.scoped(("coordinator", "site", place.site), ("coordinator", "site", place.alone))
    assert both.patch(path, change, made.etag).status == 200


# ---- Grants --------------------------------------------------------------------------------------


def may_write(caller, site):
    answer = caller.post("/v1/partners", {**LEAST["partners"], "lead_site_id": site})
    assert answer.status in (201, 403), answer
    return answer.status == 201


TODAY = "2026-11-21"
SPANS = {
    "ended yesterday": ({"until_date": "2026-11-20"}, False),
    "ends today": ({"until_date": TODAY}, True),
    "begins today": ({"from_date": TODAY}, True),
    "begins tomorrow": ({"from_date": "2026-11-22"}, False),
    "archived": ({"archived_at": "2026-11-21T14:00:00Z"}, False),
}


@pytest.mark.parametrize("fields, holds", SPANS.values(), ids=SPANS.keys())
@pytest.mark.parametrize("kind", ("site", "network", "district"))
def test_only_grants_that_hold_today_cover_anything(ours, place, kind, fields, holds):
    one = {"site": place.site, "network": place.network, "district": None}[kind]
    alone = ours.scoped(("coordinator", kind, one, fields))
    assert may_write(alone, place.site) == holds
    beside = ours.scoped(("coordinator", kind, one, fields), ("coordinator", "site", place.alone))
    assert may_write(beside, place.site) == holds
    assert may_write(beside, place.alone), "the other grant holds"


def test_a_grant_that_is_taken_away_covers_nothing_at_the_next_write(ours, place, migrate):
    caller = ours.scoped(("coordinator", "site", place.site), ("coordinator", "site", place.alone))
    assert may_write(caller, place.site) and may_write(caller, place.alone)
    migrate.execute(
        "UPDATE user_grant SET until_date = '2026-11-20' WHERE user_id = %s AND scope_id = %s",
        (caller.user, place.site),
    )
    assert not may_write(caller, place.site) and may_write(caller, place.alone)


def test_a_network_covers_the_sites_that_it_has_at_the_time(ours):
    network = ours.director.created("networks", {"name": "A network"}).id
    caller = ours.scoped(("coordinator", "network", network))
    site = ours.director.site()
    path = path_of("sites", site)
    assert not may_write(caller, site.id), "it has none"
    joined = ours.director.patch(path, {"network_id": network}, site.etag)
    assert may_write(caller, site.id)
    left = ours.director.patch(path, {"network_id": None}, joined.etag)
    assert not may_write(caller, site.id)
    assert refused(caller.patch(path, {"network_id": network}, left.etag)), "nobody takes a site"


def test_a_grant_covers_what_its_own_role_writes_and_lends_it_to_no_other(ours, place):
    for role in ("viewer", "data_steward", "executive", "reviewer"):
        caller = ours.scoped((role, "district", None), ("coordinator", "site", place.site))
        assert may_write(caller, place.site) and not may_write(caller, place.alone), role
    whole = ours.scoped(("coordinator", "site", place.site), ("director", "district", None))
    assert may_write(whole, place.alone), "a director writes partners, too"
    partner = ours.scoped(("partner", "partner", ours.director.partner().id))
    assert not may_write(partner, place.site)


def test_me_tells_the_grants_with_their_scopes(ours, place):
    caller = ours.scoped(
        ("coordinator", "network", place.network), ("school_leader", "site", place.site)
    )
    whole = {"from_date": "2020-01-01", "until_date": None}
    assert caller.get("/v1/me").json["grants"] == [
        {"role": "coordinator", "scope_kind": "network", "scope_id": place.network, **whole},
        {"role": "school_leader", "scope_kind": "site", "scope_id": place.site, **whole},
    ]


def test_who_signs_out_needs_no_scope(ours, place):
    caller = ours.scoped(("coordinator", "site", place.site))
    assert caller.call("DELETE", "/v1/sessions/current").status == 204
    assert caller.get("/v1/me").status == 401


# ---- Keys and connections ------------------------------------------------------------------------


def test_a_refusal_is_not_kept_under_its_key(ours, place, migrate):
    caller = ours.scoped(("coordinator", "site", place.site))
    key, body = str(uuid.uuid4()), {**LEAST["partners"], "lead_site_id": place.alone}
    for _ in range(2):
        assert refused(caller.post("/v1/partners", body, Idempotency_Key=key))
    with migrate.transaction():
        ours.api.database.grant(
            migrate, ours.id, caller.user, "coordinator", scope_kind="site", scope_id=place.alone
        )
    made = caller.post("/v1/partners", body, Idempotency_Key=key)
    assert (made.status, made.field("Idempotent-Replayed")) == (201, None), made

    other = ours.director.partner()
    path = path_of("partners", other)
    ours.director.archive(path, other.etag)
    named = {"If_Match": ours.director.get(path).etag, "Idempotency_Key": str(uuid.uuid4())}
    for _ in range(2):
        assert refused(caller.call("POST", f"{path}/restore", **named))


def test_a_refused_write_leaves_no_record(ours, place, migrate):
    made = ours.director.partner(lead_site_id=place.alone)
    count = "SELECT count(*) FROM audit WHERE district_id = %s"
    before = migrate.execute(count, (ours.id,)).fetchone()
    for answer in writes(place.coordinator, path_of("partners", made), "partners", made.etag):
        refused(answer)
    refused(place.coordinator.post("/v1/partners", LEAST["partners"]))
    assert migrate.execute(count, (ours.id,)).fetchone() == before


def test_units_that_share_a_connection_lend_each_other_no_scope(database, ours, place):
    """One connection to the database, many callers at once: each answer is its caller's own."""
    with running_api(
        database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1, KITH_DB_IN_FLIGHT=64
    ) as one:
        callers = [(ours.director, True), (place.coordinator, False), (place.director, False)]
        callers += [(ours.viewer, False), (ours.coordinator, True), (place.leader, False)]
        wrong, begin = [], threading.Barrier(len(callers))

        def ask(who, is_covered):
            try:
                token = type(who)(one, who.token)
                begin.wait(20)
                for _ in range(25):
                    got = token.get("/v1/partners", {"limit": 1}).status
                    inside, outside = (may_write(token, s) for s in (place.site, place.alone))
                    expected = (200, who is not ours.viewer, is_covered)
                    if (got, inside, outside) != expected:
                        wrong.append((who.role, got, inside, outside))
            except Exception as failed:  # pylint: disable=broad-except
                wrong.append(repr(failed))

        threads = [threading.Thread(target=ask, args=pair) for pair in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


# ---- What the documents say ----------------------------------------------------------------------


WRITES = ("create_", "update_", "archive_", "restore_")
TABLES = {"user": "app_user", "me": "app_user", "grant": "user_grant", "api_key": "access_token"}


def test_the_documents_tell_the_scopes_that_the_database_keeps(ours, migrate):
    kept = {
        name: {k: v for k, v in (("kind", kind), ("field", field), ("parent", parent)) if v}
        for name, kind, field, parent in migrate.execute(
            "SELECT name, scope, field, parent FROM tenant_tables() WHERE scope IS NOT NULL").fetchall()
    }
    writes_of, tables = {}, {}
    for methods in document()["paths"].values():
        for method, operation in methods.items():
            tag = operation["tags"][0]
            if operation.get("security") == []:
                assert "x-scope" not in operation, "nobody's grants"
            elif method != "get" and operation["operationId"].startswith(WRITES):
                writes_of.setdefault(tag, []).append(operation)
            if operation["operationId"].startswith("update_"):
                name = operation["operationId"].removeprefix("update_")
                tables[tag] = TABLES.get(name, name)
    for name, whose in migrate.execute("SELECT name, whose FROM own_rows()").fetchall():
        kept[name]["whose"] = whose
    for name in ("own_partner", "own_offer", "own_program", "own_affiliation"):
        kept[name] = {"kind": "own"}  # a view of what the caller owns
    assert set(tables) >= {*BY_SITE, *BY_DISTRICT, "districts"}
    page = ours.viewer.api.send("GET", "/docs", None, {}).body.decode()
    for tag, table in tables.items():
        for operation in writes_of[tag]:
            assert operation["x-scope"] == kept[table], operation["operationId"]
            assert operation["description"] in page
            for word in (kept[table].get(name, "") for name in ("field", "parent", "whose")):
                assert word in operation["description"]
