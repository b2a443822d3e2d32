"""What follows of a confirmed roll call; and by what partners are found: sites, focus areas, words of their texts."""

import pytest
from api_world import Caller
from partnering import vetted

from world import NOW, insert, uuid7


def act(caller, plural, one, verb, **body):
    answer = caller.post(f"/v1/{plural}/{one}/{verb}", body)
    assert answer.status == 200, answer
    return answer.json


def put(caller, path, **fields):
    answer = caller.patch(path, fields, caller.get(path).etag)
    assert answer.status == 200, answer


def running(ours, partner, lead, *sites, co=None):
    """An active partnership: its id."""
    one = uuid7()
    rows = {"district_id": ours.id, "created_at": NOW, "updated_at": NOW}
    with ours.api.database.connect("kith_migrate") as connection, connection.transaction():
        insert(connection, "partnership", {**rows, "id": one, "partner_id": partner, "name": f"P {one}",
                                           "arrangement": "program", "status": "active", "lead_site_id": lead})
        for site in sites:
            insert(connection, "partnership_site", {**rows, "id": uuid7(), "partnership_id": one, "site_id": site})
        if co:
            insert(connection, "partnership_partner", {**rows, "id": uuid7(), "partnership_id": one, "partner_id": co})
    return one


def confirmed(ours, call, marks):
    """The roll call with these marks of partners; what came of it, by partner."""
    director = ours.director
    for mark in director.get("/v1/roll_call_marks", {"roll_call_id": call}).json["data"]:
        path = f"/v1/roll_call_marks/{mark['id']}"
        said = marks.get(mark["partner_id"], "still_here")
        assert director.patch(path, {"mark": said}, director.get(path).etag).status == 200
    for verb in ("submit", "confirm"):
        act(director, "roll_calls", call, verb)
    changes = director.get("/v1/roll_call_changes", {"roll_call_id": call}).json["data"]
    return {(row["partner_id"], row["kind"]): row for row in changes}


@pytest.mark.shows("registry.roll_call_effects", "registry.roll_call_changes")
def test_what_a_confirmed_roll_call_says_is_done_or_proposed(ours):
    director = ours.director
    here, there = director.site().id, director.site().id
    stays, wide, sole, led, beside = (director.partner(name=name).id for name in (
        "Stays", "Wide", "Sole", "Led", "Beside"))
    put(director, f"/v1/partners/{led}", lead_site_id=here)
    kept = running(ours, stays, here, co=beside)
    both = running(ours, wide, here, here, there)
    only = running(ours, sole, here, here)
    lead = ours.scoped(("coordinator", "site", here))
    director.created("partnership_roles", {"partnership_id": only, "user_id": lead.user, "role": "lead"})
    program = director.created("programs", {"name": "G", "partner_id": wide}).id
    director.created("program_sites", {"program_id": program, "site_id": here})
    call = director.created("roll_calls", {"site_id": here, "school_year": 2027, "due_on": "2026-12-01"})
    assert call.json["listed"] == 5
    new = act(director, "roll_calls", call.id, "add", name="Quite New Friends")
    assert new["listed"] == 6
    changes = confirmed(ours, call.id, {wide: "ended", sole: "ended", led: "wrong", beside: "ended"})
    assert {key: row["status"] for key, row in changes.items()} == {
        (wide, "partnership_site"): "applied", (wide, "program_site"): "applied", (led, "lead_site"): "applied",
        (sole, "partnership"): "proposed", (beside, "co_partner"): "proposed"}
    moved = director.get(f"/v1/partnerships/{both}").json
    assert (moved["status"], moved["lead_site_id"]) == ("active", there)
    assert director.get(f"/v1/partners/{wide}").json["footprint"] == [there]
    assert director.get(f"/v1/partners/{led}").json["lead_site_id"] is None
    assert director.get(f"/v1/partnerships/{kept}").json["status"] == "active"

    change = changes[sole, "partnership"]["id"]
    waiting = [task for task in lead.get("/v1/me/tasks").json["data"] if task["kind"] == "roll_call_change"]
    assert [(task["subject_id"], task["partnership_id"]) for task in waiting] == [(change, only)]
    assert director.get(f"/v1/partnerships/{only}").json["status"] == "active"
    assert act(lead, "roll_call_changes", change, "apply")["decided_by"] == lead.user
    ended = director.get(f"/v1/partnerships/{only}").json
    assert (ended["status"], ended["status_reason"]) == ("ended", "The school says that it has ended.")
    again = lead.post(f"/v1/roll_call_changes/{change}/apply", {})
    assert (again.status, again.type) == (409, "conflict"), again
    assert act(director, "roll_call_changes", changes[beside, "co_partner"]["id"], "dismiss", note="No.")["note"] == "No."

    shown = director.get("/v1/partners", {"site_id": here}).json["data"]
    assert {row["name"] for row in shown} == {"Stays", "Beside", "Quite New Friends"}
    added = next(row for row in shown if row["name"] == "Quite New Friends")
    assert (added["stage"], added["footprint"]) == ("prospect", [here])
    put(director, f"/v1/partners/{added['id']}", lead_site_id=None)
    assert added["id"] in {row["id"] for row in director.get("/v1/partners", {"site_id": here}).json["data"]}
    following = director.created("roll_calls", {"site_id": here, "school_year": 2028, "due_on": "2027-12-01"})
    assert following.json["listed"] == 3
    changes = confirmed(ours, following.id, {added["id"]: "ended"})
    assert changes == {} and director.get(f"/v1/partners/{added['id']}").json["footprint"] == []


@pytest.mark.shows("registry.roll_call_changes")
def test_a_roll_call_that_is_opened_again_proposes_anew(ours):
    director = ours.director
    site, partner = director.site().id, director.partner().id
    running(ours, partner, site)
    call = director.created("roll_calls", {"site_id": site, "school_year": 2027, "due_on": "2026-11-20"}).id
    late = [task["subject_id"] for task in director.get("/v1/me/tasks").json["data"] if task["kind"] == "roll_call"]
    assert call in late, "it is overdue, and the school has nobody for it"
    confirmed(ours, call, {partner: "ended"})
    act(director, "roll_calls", call, "reopen", reason="A mistake")
    statuses = [row["status"] for row in director.get("/v1/roll_call_changes", {"roll_call_id": call}).json["data"]]
    assert statuses == ["dismissed"]
    (change,) = [row for row in confirmed(ours, call, {partner: "ended"}).values() if row["status"] == "proposed"]
    assert ours.viewer.get(f"/v1/roll_call_changes/{change['id']}").status == 200
    assert ours.scoped(("school_leader", "site", site)).post(
        f"/v1/roll_call_changes/{change['id']}/apply", {}).status == 403


@pytest.mark.shows("registry.roll_call_people", "registry.roll_call_changes")
def test_whom_a_school_works_with_is_proposed_to_who_cares_for_the_partner(ours):
    director, site = ours.director, ours.director.site().id
    mine = ours.scoped(("coordinator", "district", None))
    partner = director.partner(name="Oak Hall", owner_id=mine.user, lead_site_id=site).id
    known, there, namesake = (director.created("contacts", {"name": name, "email": email}).id for name, email in (
        ("Ann Known", "known@oak.example.org"), ("Bo There", None), ("Cy Same", "cy@other.example.org")))
    director.created("affiliations", {"contact_id": there, "partner_id": partner, "role": "Chair"})
    call = director.created("roll_calls", {"site_id": site, "school_year": 2027, "due_on": "2026-12-01"}).id
    (mark,) = director.get("/v1/roll_call_marks", {"roll_call_id": call}).json["data"]
    leader = ours.scoped(("school_leader", "site", site))
    people = [{"name": "Ann Known", "email": "Known@oak.example.org"}, {"name": "there, bo"},
              {"name": "Cy Same", "phone": "512 555 0100", "role": "Coach"},
              {"name": "Di New", "email": "di@oak.example.org"}, {"name": "Ed No"}]
    path = f"/v1/roll_call_marks/{mark['id']}"
    bad = leader.patch(path, {"people": [{"email": "x@example.org"}]}, leader.get(path).etag)
    assert bad.faults == {"/people/0/name": "required"}, bad
    put(leader, path, people=people)
    assert leader.get(path).json["people"][1] == {"name": "there, bo", "email": None, "phone": None, "role": None}
    assert ours.viewer.get(path).json["people"] is None
    confirmed(ours, call, {})
    rows = director.get("/v1/roll_call_changes", {"roll_call_id": call, "kind": "affiliation"}).json["data"]
    proposed = {row["person_name"]: row for row in rows}
    assert {name: row["contact_id"] for name, row in proposed.items()} == {
        "Ann Known": known, "Cy Same": None, "Di New": None, "Ed No": None}, "who is there already is not proposed"

    def waits():
        return {task["title"] for task in mine.get("/v1/me/tasks").json["data"] if task["kind"] == "roll_call_change"}

    assert waits() == {f"Oak Hall: {name}" for name in proposed}
    assert act(mine, "roll_call_changes", proposed["Ann Known"]["id"], "apply")["contact_id"] == known
    same = mine.post(f"/v1/roll_call_changes/{proposed['Cy Same']['id']}/apply", {})
    assert (same.status, same.json["state"]["duplicates"]) == (409, [namesake]), same
    other = act(mine, "roll_call_changes", proposed["Cy Same"]["id"], "apply", is_new=True)["contact_id"]
    assert other != namesake and director.get(f"/v1/contacts/{other}").json["phone"] == "512 555 0100"
    new = act(mine, "roll_call_changes", proposed["Di New"]["id"], "apply")["contact_id"]
    assert director.get(f"/v1/contacts/{new}").json["email"] == "di@oak.example.org"
    assert act(mine, "roll_call_changes", proposed["Ed No"]["id"], "dismiss")["status"] == "dismissed"
    held = director.get("/v1/affiliations", {"partner_id": partner}).json["data"]
    assert {row["contact_id"]: row["role"] for row in held} == {
        there: "Chair", known: "Works with a school", other: "Coach", new: "Works with a school"}
    assert {row["contact_id"] for row in held if row["may_sign_in"]} == {there}
    assert waits() == set()


@pytest.mark.shows("registry.partners_by_link", "registry.directory_focus_areas")
def test_partners_are_listed_by_focus_area_and_site(ours):
    director = ours.director
    areas = [director.created("focus_areas", {"name": name}).id for name in ("Chess", "Choir", "Crafts")]
    sites = [director.site().id for _ in "ab"]
    one, two, three = (director.partner(name=name, in_directory=True, owner_id=ours.users["director"]).id
                       for name in ("Alpha", "Beta", "Gamma"))
    for partner, area in ((one, areas[0]), (two, areas[1]), (two, areas[0])):
        director.created("partner_focus_areas", {"partner_id": partner, "focus_area_id": area})
    vetted(ours, two)
    running(ours, one, None, sites[0])
    running(ours, three, sites[1], co=two)
    program = director.created("programs", {"name": "G", "partner_id": two}).id
    director.created("program_sites", {"program_id": program, "site_id": sites[0]})

    def names(who=ours.viewer, plural="partners", **query):
        answer = who.get(f"/v1/{plural}", query)
        assert answer.status == 200, answer
        return [row["name"] for row in answer.json["data"]]

    assert names(focus_area_id=areas[0]) == ["Alpha", "Beta"]
    assert names(focus_area_id=f"{areas[1]},{areas[2]}") == ["Beta"]
    assert names(site_id=sites[0]) == ["Alpha", "Beta"] and names(site_id=sites[1], sort="-name") == ["Gamma", "Beta"]
    assert names(site_id=sites[1], focus_area_id=areas[1]) == ["Beta"]
    assert names(site_id=uuid7()) == []
    assert ours.viewer.get("/v1/partners", {"site_id": "x"}).status == 400
    assert ours.viewer.get("/v1/partners", {"site_id[is]": "null"}).status == 400
    assert names(plural="directory_entries", who=ours.partner, focus_area_id=areas[1]) == ["Beta"]
    (entry,) = [row for row in ours.partner.get("/v1/directory_entries").json["data"] if row["name"] == "Beta"]
    assert entry["focus_areas"] == ["Chess", "Choir"]


@pytest.mark.shows("registry.search_texts")
def test_words_of_texts_are_found_after_names_and_inquiries_by_who_may_read_them(ours):
    director = ours.director
    text = director.partner(name="Tall Oaks", description="We bring kaleidoscopes into classrooms.").id
    name = director.partner(name="The Kaleidoscope Company of Greater Austin").id
    found = [row["id"] for row in ours.viewer.get("/v1/partners", {"q": "kaleidoscope"}).json["data"]]
    assert found == [name, text]
    assert [row["id"] for row in ours.viewer.get("/v1/partners", {"q": "oaks kaleidoscopes"}).json["data"]] == [text]
    put(director, f"/v1/partners/{text}", description="We bring prisms.")
    assert [row["id"] for row in ours.viewer.get("/v1/partners", {"q": "kaleidoscope"}).json["data"]] == [name]
    inquiry = director.created("inquiries", {"organization": "Zebra Works", "name": "Quentin Marsh",
                                             "message": "We have periscopes."}).id
    for query in ("zebra", "quentin", "periscopes"):
        for path in ("/v1/search", "/v1/inquiries"):
            assert [row["id"] for row in ours.coordinator.get(path, {"q": query}).json["data"]] == [inquiry], query
        assert ours.viewer.get("/v1/search", {"q": query}).json["data"] == []
    credential = director.created("credentials", {"partner_id": name, "kind": "other", "label": "Boiler permit"}).id
    for path in ("/v1/search", "/v1/credentials"):
        assert [row["id"] for row in ours.viewer.get(path, {"q": "boiler"}).json["data"]] == [credential]


@pytest.mark.shows("registry.introductions", "district.post_guests")
def test_who_is_introduced_or_holds_a_post_may_be_nobodys_partner_or_user(ours):
    director, site = ours.director, ours.director.site().id
    body = {"site_id": site, "on_date": "2026-11-20", "introduced_by_user_id": ours.users["director"]}
    contact = director.created("contacts", {"name": "The Mayor"}).id
    for one in ({"contact_id": contact}, {"organization": "The Rotary"}):
        assert director.created("introductions", {**body, **one}).json["partner_id"] is None
    nobody = director.post("/v1/introductions", body)
    assert nobody.faults == {"/partner_id": "not_allowed"}, nobody
    post = director.created("posts", {"site_id": site, "kind": "family_liaison", "title": "Family liaison"}).id
    director.created("post_holders", {"post_id": post, "name": "Mo Hale", "email": "mo@example.org",
                                      "from_date": "2026-07-01"})
    shown = ours.viewer.get(f"/v1/posts/{post}").json
    assert (shown["status"], shown["holder_id"], shown["holder_name"], shown["answers_id"]) == (
        "held", None, "Mo Hale", None)
    (held,) = ours.viewer.get("/v1/post_holders", {"post_id": post}).json["data"]
    assert held["email"] is None and director.get(f"/v1/post_holders/{held['id']}").json["email"] == "mo@example.org"
    for wrong in ({}, {"name": "A", "user_id": ours.users["director"]}):
        refused = director.post("/v1/post_holders", {"post_id": post, "from_date": "2020-07-01",
                                                     "until_date": "2021-06-30", **wrong})
        assert refused.faults == {"/user_id": "not_allowed"}, refused
    assert Caller(ours.api, None).get("/v1/posts").status == 401


@pytest.mark.shows("registry.roll_calls")
def test_a_roll_call_waits_for_somebody_at_the_school(ours):
    director, site = ours.director, ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    elsewhere = ours.scoped(("school_leader", "site", director.site().id))
    head, lead = (ours.scoped(("viewer", "district", None)) for _ in range(2))
    late, soon = (director.created("roll_calls", {"site_id": site, "school_year": year, "due_on": day}).id
                  for year, day in ((2026, "2026-11-20"), (2027, "2026-12-01")))

    def waits(caller):
        return {task["subject_id"] for task in caller.get("/v1/me/tasks").json["data"] if task["kind"] == "roll_call"}

    assert waits(leader) == {late, soon} and waits(elsewhere) == set()
    assert {late, soon} & waits(director) == {late}
    for kind, caller, before in (("principal", head, leader), ("partnership_lead", lead, head)):
        post = director.created("posts", {"title": kind, "kind": kind, "site_id": site}).id
        director.created("post_holders", {"post_id": post, "user_id": caller.user, "from_date": "2026-07-01"})
        assert waits(caller) == {late, soon} and waits(before) == set()
        assert {late, soon} & waits(director) == {late}, "late, whoever is asked"
