"""The registry's resources: what holds for each of them, and the rules of their own. What their
fields take is in `fields.py`; here is who may write them, and by what they are found."""

import threading
import uuid

import pytest
from api_world import ROLES
from fields import FIELDS, LEAST, Ref, least

PROGRAM = {"admin", "director"}
REGISTRY = PROGRAM | {"coordinator", "school_leader"}
STAFF = set(ROLES) - {"viewer"}
WRITERS = {
    "partner_owners": REGISTRY,
    "partner_focus_areas": REGISTRY,
    "credentials": REGISTRY,
    "offers": REGISTRY,
    "networks": PROGRAM,
    "focus_areas": PROGRAM,
    "contacts": REGISTRY,
    "affiliations": REGISTRY,
    "programs": REGISTRY,
    "program_sites": REGISTRY,
    "reporting_quarters": PROGRAM,
    "closed_days": REGISTRY,
    "blackouts": REGISTRY,
    "partnerships": REGISTRY,
    "partnership_sites": REGISTRY,
    "partnership_roles": REGISTRY,
    "goals": REGISTRY,
    "agreements": REGISTRY,
    "agreement_partnerships": REGISTRY,
    "investments": REGISTRY,
    "surveys": PROGRAM,
    "action_items": REGISTRY,
}
SINGULAR = {plural: plural.removesuffix("s") for plural in WRITERS}


@pytest.fixture(scope="module")
def made(ours):
    """One of each."""
    return {plural: ours.director.created(plural, least(ours.director, plural)) for plural in WRITERS}


def path_of(plural, answer):
    return f"/v1/{plural}/{answer.id}"


# ---- What holds for each -------------------------------------------------------------------------


@pytest.mark.parametrize("plural", WRITERS)
def test_from_create_to_restore(ours, theirs, migrate, plural):
    body = least(ours.director, plural)
    made = ours.director.created(plural, body)
    path = path_of(plural, made)
    expected = {name: field.default for name, field in FIELDS[plural].items()} | body
    assert {name: made.json[name] for name in expected} == expected
    assert made.field("Location") == path and made.json["version"] == 1

    change = next(changes(plural, made.json), None) or least(ours.director, plural)
    changed = ours.director.patch(path, change, made.etag)
    assert (changed.status, changed.json["version"]) == (200, 2), changed
    assert ours.director.patch(path, {}, made.etag).status == 412
    assert ours.director.archive(path, changed.etag).status == 204
    archived = ours.director.get(path)
    assert archived.json["archived_at"] and archived.json["version"] == 3
    restored = ours.director.restore(path, archived.etag)
    assert (restored.status, restored.json["version"]) == (200, 4), restored

    assert theirs.director.get(path).status == 404
    assert theirs.director.patch(path, {}, restored.etag).status == 404
    rows = migrate.execute(
        "SELECT a.action, o.type, o.sequence FROM audit a JOIN outbox o USING (district_id, id) "
        "WHERE a.aggregateid = %s AND a.aggregatetype = %s ORDER BY o.sequence",
        (made.id, SINGULAR[plural]),
    ).fetchall()
    assert rows == [
        (action, f"org.kith.{SINGULAR[plural]}.{action}.v1", version)
        for version, action in enumerate(("created", "updated", "archived", "restored"), 1)
    ]


def changes(plural, shown):
    """Single fields with another good value than the one shown."""
    for name, field in FIELDS[plural].items():
        if name in LEAST[plural] and not isinstance(LEAST[plural][name], str):
            continue
        for sent, canonical in field.good():
            if canonical != shown[name]:
                yield {**field.alone, name: sent}


WRITES = {
    "POST": lambda caller, path, body: caller.post(path.rpartition("/")[0], body),
    "PATCH": lambda caller, path, body: caller.patch(path, {}, '"v1-0"'),
    "DELETE": lambda caller, path, body: caller.archive(path, '"v99-0"'),
    "restore": lambda caller, path, body: caller.restore(path, '"v99-0"'),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("plural", WRITERS)
def test_a_write_needs_one_of_its_roles(ours, made, plural, write):
    for role in (*ROLES, "partner", "nobody"):
        body = least(ours.director, plural)
        answer = WRITES[write](getattr(ours, role), path_of(plural, made[plural]), body)
        if role in WRITERS[plural]:
            assert answer.status in (200, 201, 412), (role, answer)  # 412: past the door
        else:
            assert (answer.status, answer.type) == (403, "forbidden"), (role, answer)


@pytest.mark.parametrize("plural", WRITERS)
def test_staff_and_viewers_read_and_nobody_else(ours, made, plural):
    for role in (*ROLES, "partner", "nobody"):
        expected = 200 if role in ROLES else 403
        for target in (f"/v1/{plural}", path_of(plural, made[plural])):
            assert getattr(ours, role).get(target).status == expected, (role, target)


@pytest.mark.parametrize("plural", [p for p in LEAST if any(isinstance(v, Ref) for v in LEAST[p].values())])
def test_what_it_belongs_to_must_be_of_the_district(ours, theirs, plural):
    for name, ref in LEAST[plural].items():
        if not isinstance(ref, Ref):
            continue
        foreign = theirs.admin.created(ref.plural, least(theirs.admin, ref.plural)).id
        for one in (foreign, str(uuid.uuid4())):
            body = {**least(ours.admin, plural), name: one}
            answer = ours.director.post(f"/v1/{plural}", body)
            assert (answer.status, answer.faults) == (422, {f"/{name}": "unknown_id"}), answer


# ---- Contacts and their affiliations -------------------------------------------------------------


@pytest.mark.shows("everywhere.field_classes")
def test_directory_and_private_fields_of_a_contact(ours):
    fields = {"email": "ann@example.org", "phone": "1", "notes": "Private"}
    ann = ours.director.created("contacts", {"name": "Ann", **fields})
    for role in ROLES:
        readable = {"email": STAFF, "phone": STAFF, "notes": PROGRAM}
        expected = {n: v if role in readable[n] else None for n, v in fields.items()}
        shown = getattr(ours, role).get(path_of("contacts", ann)).json
        assert {name: shown[name] for name in fields} == expected, role


@pytest.mark.parametrize("role", ROLES)
def test_who_may_not_read_an_address_cannot_find_it_out_by_asking(ours, role):
    email = f"{role}@example.org"
    bob = ours.director.created("contacts", {"name": "Bob", "email": email})
    found = getattr(ours, role).get("/v1/contacts", {"email": f"{email},x@example.org"}).json
    assert [one["id"] for one in found["data"]] == ([bob.id] if role in STAFF else [])


def test_an_address_is_one_contacts_and_free_again_when_that_is_archived(ours, theirs):
    body = {"name": "Cy", "email": "Cy@Example.org"}
    cy = ours.director.created("contacts", body)
    assert cy.json["email"] == "cy@example.org"
    theirs.director.created("contacts", body)
    answer = ours.director.post("/v1/contacts", {"name": "Other", "email": "CY@example.ORG"})
    assert (answer.status, answer.faults) == (409, {"/email": "taken"}), answer
    ours.director.archive(path_of("contacts", cy), cy.etag)
    ours.director.created("contacts", body)
    answer = ours.director.restore(
        path_of("contacts", cy), ours.director.get(path_of("contacts", cy)).etag
    )
    assert (answer.status, answer.faults) == (409, {"/email": "taken"}), answer
    for _ in range(2):
        ours.director.created("contacts", {"name": "Without"})


@pytest.mark.shows("registry.affiliations")
def test_one_person_sits_on_two_boards_and_moves(ours):
    person = ours.director.created("contacts", {"name": "Dee"}).id
    boards = [ours.director.partner().id for _ in range(2)]
    for board in (*boards, boards[0]):
        body = {"contact_id": person, "partner_id": board, "role": "Board member"}
        ours.director.created("affiliations", {**body, "from_date": "2026-01-01"})
    found = ours.viewer.get("/v1/affiliations", {"contact_id": person}).json["data"]
    assert [one["partner_id"] for one in found] == [*boards, boards[0]]
    found = ours.viewer.get("/v1/affiliations", {"partner_id": boards[1]}).json["data"]
    assert [one["contact_id"] for one in found] == [person]


@pytest.mark.shows("registry.affiliations")
@pytest.mark.parametrize("plural", ("affiliations", "program_sites"))
def test_it_may_end_on_the_day_it_begins_and_not_before(ours, plural):
    body = {**least(ours.director, plural), "from_date": "2026-07-02"}
    answer = ours.director.post(f"/v1/{plural}", {**body, "until_date": "2026-07-01"})
    assert (answer.status, answer.faults) == (422, {"/until_date": "not_allowed"}), answer
    ours.director.created(plural, {**body, "until_date": "2026-07-02"})


# ---- Programs ------------------------------------------------------------------------------------


@pytest.mark.shows("registry.programs")
@pytest.mark.parametrize("tier", (1, 2, 3, 4))
def test_evidence_of_tiers_1_to_3_needs_its_citation(ours, tier):
    body = least(ours.director, "programs")
    made = ours.director.created("programs", body)
    answers = (
        ours.director.post("/v1/programs", {**body, "evidence_tier": tier}),
        ours.director.patch(path_of("programs", made), {"evidence_tier": tier}, made.etag),
    )
    for answer in answers:
        if tier < 4:
            assert answer.faults == {"/evidence_citation": "not_allowed"}, answer
        else:
            assert answer.status in (200, 201), answer
    cited = {"evidence_tier": tier, "evidence_citation": "Durlak et al. (2010)"}
    assert ours.director.created("programs", {**body, **cited}).json["evidence_tier"] == tier


@pytest.mark.shows("registry.programs")
def test_a_program_is_at_a_site_once(ours):
    body = least(ours.director, "program_sites")
    made = ours.director.created("program_sites", body)
    answer = ours.director.post("/v1/program_sites", body)
    assert (answer.status, answer.faults) == (409, {"/site_id": "taken"}), answer
    ours.director.archive(path_of("program_sites", made), made.etag)
    ours.director.created("program_sites", body)


# ---- Focus areas ---------------------------------------------------------------------------------


def focus_area(ours, parent=None):
    return ours.director.created("focus_areas", {"name": "F", "parent_id": parent and parent.id})


@pytest.mark.shows("registry.focus_areas")
def test_focus_areas_are_a_tree(ours):
    root = focus_area(ours)
    middle = focus_area(ours, root)
    leaf = focus_area(ours, middle)
    for parent in (root, middle, leaf):
        answer = ours.director.patch(path_of("focus_areas", root), {"parent_id": parent.id}, root.etag)
        assert (answer.status, answer.faults) == (422, {"/parent_id": "not_allowed"}), answer
    moved = ours.director.patch(path_of("focus_areas", leaf), {"parent_id": root.id}, leaf.etag)
    assert moved.status == 200
    found = ours.viewer.get("/v1/focus_areas", {"parent_id": root.id}).json["data"]
    assert {one["id"] for one in found} == {middle.id, leaf.id}


@pytest.mark.shows("registry.focus_areas")
def test_two_moves_at_once_make_no_ring(ours, migrate):
    for _ in range(5):
        pair = [focus_area(ours), focus_area(ours)]
        moves = [(pair[0], pair[1]), (pair[1], pair[0])]
        answers = at_once(
            lambda move: ours.director.patch(
                path_of("focus_areas", move[0]), {"parent_id": move[1].id}, move[0].etag
            ),
            moves,
        )
        assert sorted(answer.status for answer in answers) in ([200, 422], [200, 409]), answers


def at_once(act, arguments):
    answers = [None] * len(arguments)
    barrier = threading.Barrier(len(arguments))

    def run(number):
        barrier.wait(30)
        answers[number] = act(arguments[number])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(arguments))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.shows("registry.focus_areas_supplied")
def test_the_supplied_focus_areas_come_once_and_stay_as_the_district_has_made_them(theirs, migrate):
    def seed():
        return migrate.execute("SELECT seed_focus_areas(%s)", (theirs.id,)).fetchone()[0]

    def listed(**parameters):
        found = theirs.director.get("/v1/focus_areas", {"limit": 200, **parameters}).json["data"]
        return {one["code"]: one for one in found if one["code"]}

    assert seed() == 17
    found = listed()
    beyond = {code for code, one in found.items() if one["beyond_teaching"]}
    assert len(found) == 17 and beyond == {
        "health_care",
        "mental_health",
        "food_security",
        "safe_housing",
        "family_stability",
        "technology_access",
        "transportation",
    }
    assert set(listed(beyond_teaching="true")) == beyond
    assert list(listed(code="stem")) == ["stem"]
    director = theirs.director

    def etag(code):
        return director.get(path(code)).etag

    def path(code):
        return f"/v1/focus_areas/{found[code]['id']}"

    assert director.patch(path("stem"), {"name": "Science"}, etag("stem")).status == 200
    assert director.archive(path("arts"), etag("arts")).status == 204
    assert director.patch(path("literacy"), {"code": None}, etag("literacy")).status == 200
    assert seed() == 1, "what has lost its code is not known again"
    assert seed() == 0
    found_after = listed()
    assert found_after["stem"]["name"] == "Science" and "arts" not in found_after


# ---- The calendar --------------------------------------------------------------------------------


def quarter(year, number, starts_on, ends_on):
    return {"school_year": year, "number": number, "starts_on": starts_on, "ends_on": ends_on}


@pytest.mark.shows("district.quarters_apart")
def test_quarters_touch_and_never_overlap_not_those_of_another_year_either(ours, theirs):
    director = ours.director
    first = director.created("reporting_quarters", quarter(2091, 1, "2090-07-01", "2090-09-30"))
    for day, status in (("2090-09-30", 409), ("2090-10-01", 201)):
        answer = director.post("/v1/reporting_quarters", quarter(2091, 2, day, "2090-12-31"))
        assert answer.status == status, answer
        if status == 409:
            assert answer.faults == {"/starts_on": "taken"}
    second = answer
    inside = quarter(2091, 3, "2090-08-01", "2090-08-01")
    around = quarter(2091, 3, "2089-01-01", "2091-12-31")
    of_another = quarter(2090, 4, "2090-04-01", "2090-07-01")
    for body in (inside, around, of_another):
        assert director.post("/v1/reporting_quarters", body).faults == {"/starts_on": "taken"}
    path = path_of("reporting_quarters", second)
    answer = director.patch(path, {"starts_on": "2090-09-30"}, second.etag)
    assert (answer.status, answer.faults) == (409, {"/starts_on": "taken"})
    assert director.patch(path, {"ends_on": "2090-12-30"}, second.etag).status == 200
    director.created("reporting_quarters", {**of_another, "ends_on": "2090-06-30"})
    theirs.director.created("reporting_quarters", quarter(2091, 1, "2090-07-01", "2090-09-30"))
    again = director.post("/v1/reporting_quarters", quarter(2091, 1, "2090-01-01", "2090-01-02"))
    assert (again.status, again.faults) == (409, {"/number": "taken"})

    path = path_of("reporting_quarters", first)
    director.archive(path, first.etag)
    director.created("reporting_quarters", quarter(2091, 3, "2090-08-01", "2090-08-01"))
    answer = director.restore(path, director.get(path).etag)
    assert (answer.status, answer.faults) == (409, {"/starts_on": "taken"})


def test_quarters_that_overlap_since_before_stay_until_they_are_moved(theirs, migrate):
    director = theirs.director
    one, other = (director.created("reporting_quarters", quarter(year, 1, f"{year - 1}-07-01", f"{year - 1}-09-30"))
                  for year in (2083, 2085))
    migrate.execute("ALTER TABLE reporting_quarter DISABLE TRIGGER refuse_overlap")
    migrate.execute("UPDATE reporting_quarter SET starts_on = '2082-09-01', ends_on = '2082-10-31' WHERE id = %s", (other.id,))
    migrate.execute("ALTER TABLE reporting_quarter ENABLE TRIGGER refuse_overlap")
    migrate.commit()
    path = path_of("reporting_quarters", other)
    assert director.patch(path, {"number": 2}, director.get(path).etag).status == 200
    assert director.patch(path, {"ends_on": "2082-10-30"}, director.get(path).etag).faults == {"/starts_on": "taken"}
    assert director.patch(path, {"starts_on": "2082-10-01"}, director.get(path).etag).status == 200
    assert director.get(path_of("reporting_quarters", one)).json["ends_on"] == "2082-09-30"


def test_of_quarters_made_at_once_that_overlap_one_is_made(ours):
    for year in range(2094, 2099):
        bodies = [quarter(year, n, f"{year - 1}-07-01", f"{year - 1}-09-30") for n in (1, 2, 3)]
        answers = at_once(lambda body: ours.director.post("/v1/reporting_quarters", body), bodies)
        assert sorted(answer.status for answer in answers) == [201, 409, 409], answers


@pytest.mark.shows("district.site_calendar")
def test_a_school_leader_keeps_the_calendar_of_the_own_school(ours):
    own, other = ours.director.site().id, ours.director.site().id
    leader = ours.scoped(("school_leader", "site", own))
    day = {"starts_on": "2031-05-02", "reason": "Open house", "is_open": True}
    bodies = {"closed_days": day, "blackouts": {"starts_on": "2031-05-02", "ends_on": "2031-05-03", "reason": "Exams"},
              "site_quarters": quarter(2031, 2, "2030-10-15", "2030-12-20")}
    for plural, body in bodies.items():
        assert leader.created(plural, {**body, "site_id": own}).json["site_id"] == own
        assert leader.post(f"/v1/{plural}", {**body, "site_id": other}).status == 403
    for plural in ("closed_days", "blackouts"):
        assert leader.post(f"/v1/{plural}", bodies[plural]).status == 403, "the whole district's"
    overlapping = leader.post("/v1/site_quarters", {**quarter(2031, 3, "2030-12-20", "2031-03-01"), "site_id": own})
    assert (overlapping.status, overlapping.faults) == (409, {"/starts_on": "taken"})
    before = leader.post("/v1/site_quarters", {**quarter(2030, 4, "2030-08-01", "2030-10-15"), "site_id": own})
    assert (before.status, before.faults) == (409, {"/starts_on": "taken"}), "in that of another year"
    again = leader.post("/v1/site_quarters", {**quarter(2031, 2, "2031-01-01", "2031-03-01"), "site_id": own})
    assert (again.status, again.faults) == (409, {"/number": "taken"})


@pytest.mark.parametrize("plural", ("reporting_quarters", "closed_days", "blackouts"))
def test_a_range_of_days_includes_both_ends(ours, plural):
    body = {**least(ours.director, plural), "starts_on": "2099-07-02"}
    answer = ours.director.post(f"/v1/{plural}", {**body, "ends_on": "2099-07-01"})
    assert (answer.status, answer.faults) == (422, {"/ends_on": "not_allowed"}), answer
    ours.director.created(plural, {**body, "ends_on": "2099-07-02"})


def test_the_closed_days_of_a_month_and_of_a_site(ours):
    site = ours.director.site().id
    for day in ("2031-02-28", "2031-03-01", "2031-03-31", "2031-04-01"):
        body = {"starts_on": day, "reason": "Snow", "site_id": site}
        ours.director.created("closed_days", body)
    march = {"starts_on[gte]": "2031-03-01", "starts_on[lte]": "2031-03-31"}
    found = ours.viewer.get("/v1/closed_days", {"site_id": site, **march}).json["data"]
    assert [one["starts_on"] for one in found] == ["2031-03-01", "2031-03-31"]
