"""What a district adds of its own: tags, custom fields, saved filters, templates."""

import pytest
from acting import at_once, done
from listing import walk
from partnering import Ready

from world import NOW


@pytest.fixture(scope="module")
def tag(ours):
    def made(name):
        return ours.director.created("tags", {"name": name}).id
    return made


def custom(ours, code, kind, **fields):
    body = {"subject": "partner", "code": code, "name": code, "type": kind, **fields}
    return ours.director.created("custom_fields", body).id


# ---- Tags ----------------------------------------------------------------------------------------


@pytest.mark.shows("district.tags")
def test_a_tag_is_put_on_records_of_four_kinds_once_each(ours, tag):
    director = ours.director
    one = tag("Summer reading")
    assert director.post("/v1/tags", {"name": "summer READING"}).status == 409
    subjects = {"site_id": director.site().id, "partner_id": director.partner().id,
                "contact_id": director.created("contacts", {"name": "Ann"}).id,
                "partnership_id": Ready(ours).id}
    for name, subject in subjects.items():
        director.created("taggings", {"tag_id": one, name: subject})
        again = director.post("/v1/taggings", {"tag_id": one, name: subject})
        assert (again.status, again.faults) == (409, {"/tag_id": "taken"}), again
    for body in ({}, subjects):
        refused = director.post("/v1/taggings", {"tag_id": one, **body})
        assert (refused.status, refused.faults) == (422, {"/site_id": "not_allowed"}), refused
    rows = ours.viewer.get(f"/v1/tags/{one}?expand=taggings").json["taggings"]["data"]
    assert len(rows) == 4
    tagged = ours.viewer.get(f"/v1/partners/{subjects['partner_id']}?expand=taggings").json
    assert [row["tag_id"] for row in tagged["taggings"]["data"]] == [one]


def test_a_tag_is_put_on_what_the_grants_cover(ours, tag):
    site, other = ours.director.site().id, ours.director.site().id
    leader = ours.scoped(("school_leader", "site", site))
    mine = ours.director.partner(lead_site_id=site).id
    one = tag("Ours")
    for fields, status in (({"site_id": site}, 201), ({"partner_id": mine}, 201),
                           ({"site_id": other}, 403), ({"partner_id": ours.director.partner().id}, 403),
                           ({"contact_id": ours.director.created("contacts", {"name": "B"}).id}, 201)):
        assert leader.post("/v1/taggings", {"tag_id": one, **fields}).status == status, fields


# ---- Custom fields -------------------------------------------------------------------------------

VALUES = {  # type and what it has: what is taken, as it is kept, and what is not
    ("text", ()): ([("  Blue ", "Blue")], [" "]),
    ("number", (("minimum", "0"), ("maximum", "12.5"))): (
        [("12.50", "12.5"), ("007", "7"), ("0", "0")], ["12.51", "-1", "1e3", "x", "1,5"]),
    ("date", ()): ([("2028-02-29", "2028-02-29")], ["2027-02-29", "2027-2-1", "tomorrow"]),
    ("yes_no", ()): ([("yes", "yes"), ("no", "no")], ["true", "maybe"]),
    ("choice", (("choices", ("Red", "Blue")),)): ([("Red", "Red")], ["red", "Green"]),
    ("url", ()): ([("https://example.org/a", "https://example.org/a")], ["example.org", "ftp://a.b"]),
}


@pytest.mark.parametrize("kind, more", VALUES, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.shows("district.custom_fields")
def test_a_custom_field_takes_values_of_its_type_and_keeps_them_in_one_form(ours, kind, more):
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in more}
    field = custom(ours, f"of_{kind}", kind, **fields)
    partner = ours.director.partner().id
    good, bad = VALUES[kind, more]
    made = None
    for sent, kept in good:
        if made is None:
            body = {"custom_field_id": field, "partner_id": partner, "value": sent}
            made = ours.director.created("custom_values", body)
        else:
            path = f"/v1/custom_values/{made.id}"
            made = ours.director.patch(path, {"value": sent}, made.etag)
        assert made.json["value"] == kept, made
    for sent in bad:
        refused = ours.director.patch(f"/v1/custom_values/{made.id}", {"value": sent}, made.etag)
        assert refused.status == 422 and set(refused.faults) == {"/value"}, (sent, refused)
    query = {"custom_field_id": field, "value": made.json["value"], "expand": "partner"}
    rows = ours.viewer.get("/v1/custom_values", query).json["data"]
    assert [row["partner"]["id"] for row in rows] == [partner]


def test_a_value_is_of_what_has_the_field_and_is_there_once(ours):
    field = custom(ours, "once", "text")
    partner = ours.director.partner().id
    body = {"custom_field_id": field, "value": "x"}
    refused = ours.director.post("/v1/custom_values", {**body, "site_id": ours.director.site().id})
    assert (refused.status, refused.faults) == (422, {"/custom_field_id": "not_allowed"})
    answers = at_once(6, lambda _: ours.director.post("/v1/custom_values", {**body, "partner_id": partner}))
    assert sorted(answer.status for answer in answers) == [201] + 5 * [409]
    got = ours.director.get(f"/v1/custom_fields/{field}")
    assert ours.director.archive(f"/v1/custom_fields/{field}", got.etag).status == 204
    other = ours.director.partner().id
    refused = ours.director.post("/v1/custom_values", {**body, "partner_id": other})
    assert (refused.status, refused.faults) == (422, {"/custom_field_id": "not_allowed"})


def test_a_choice_has_choices_and_a_number_bounds_and_nothing_else_does(ours):
    base = {"subject": "site", "code": "c", "name": "C"}
    for fields, at in (({"type": "choice"}, "/choices"), ({"type": "text", "choices": ["a"]}, "/choices"),
                       ({"type": "date", "minimum": "1"}, "/minimum"),
                       ({"type": "number", "minimum": "2", "maximum": "1"}, "/maximum"),
                       ({"type": "text", "code": "Not a word"}, "/code")):
        refused = ours.director.post("/v1/custom_fields", {**base, **fields})
        assert (refused.status, set(refused.faults)) == (422, {at}), (fields, refused)
    ours.director.created("custom_fields", {**base, "type": "text"})
    assert ours.director.post("/v1/custom_fields", {**base, "type": "text"}).status == 409
    ours.director.created("custom_fields", {**base, "subject": "contact", "type": "text"})


# ---- Saved filters -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def places(theirs, api, database):  # pylint: disable=unused-argument
    """Partners of a district of their own: by name, what each has."""
    director = theirs.director
    site = director.site().id
    rows = {
        "A": {"kind": "civic", "city": "Austin", "tier": "anchor", "lead_site_id": site},
        "B": {"kind": "civic", "city": "Waco"},
        "C": {"kind": "business", "city": "Austin", "tier": "partner"},
        "D": {"kind": "nonprofit"},
    }
    made = {name: director.partner(name=name, **fields).id for name, fields in rows.items()}
    tag = director.created("tags", {"name": "Reading"}).id
    for name in "AC":
        director.created("taggings", {"tag_id": tag, "partner_id": made[name]})
    for subject, code in (("partner", "color"), ("site", "color")):
        field = director.created("custom_fields", {"subject": subject, "code": code, "name": "Color",
                                                   "type": "text"}).id
        if subject == "partner":
            for name, value in (("A", "Red"), ("B", "Blue")):
                director.created("custom_values", {"custom_field_id": field, "partner_id": made[name],
                                                   "value": value})
    archived = director.partner(name="E", kind="civic")
    assert director.archive(f"/v1/partners/{archived.id}", archived.etag).status == 204
    return {"site": site, "tag": tag, **made}


def criterion(field, op, *values):
    return {"field": field, "op": op, "values": list(values)}


FOUND = [
    ([], "ABCD"),
    ([("kind", "is", "civic")], "AB"),
    ([("kind", "is", "civic", "business"), ("city", "is", "Austin")], "AC"),
    ([("kind", "is_not", "civic")], "CD"),
    ([("tier", "is_not", "anchor")], "BCD"),
    ([("tier", "empty")], "BD"),
    ([("tier", "not_empty")], "AC"),
    ([("lead_site_id", "is", "site")], "A"),
    ([("tag_id", "is", "tag")], "AC"),
    ([("tag_id", "empty")], "BD"),
    ([("tag_id", "not_empty"), ("kind", "is", "business")], "C"),
    ([("custom.color", "is", "Red", "Green")], "A"),
    ([("custom.color", "not_empty")], "AB"),
    ([("custom.color", "is_not", "Red")], "BCD"),
    ([("created_at", "from", "2026-11-21T00:00:00Z")], "ABCD"),
    ([("created_at", "until", "2026-11-01T00:00:00Z")], ""),
]


@pytest.mark.parametrize("criteria, names", FOUND)
@pytest.mark.shows("district.saved_filters")
def test_a_saved_filter_finds_what_its_criteria_say_and_counts_it(theirs, places, criteria, names):
    body = {"name": "Mine", "resource": "partners", "criteria": [
        criterion(field, op, *(places.get(value, value) for value in values))
        for field, op, *values in criteria]}
    made = theirs.coordinator.created("saved_filters", body)
    assert (made.json["count"], made.json["owner_id"]) == (len(names), theirs.users["coordinator"])
    told = theirs.coordinator.get(f"/v1/saved_filters/{made.id}/matches").json
    assert (told["resource"], told["total"]) == ("partners", len(names))
    assert [row["name"] for row in told["data"]] == list(names)


@pytest.mark.shows("registry.completeness_filters")
def test_a_saved_filter_finds_partners_by_how_complete_they_are(ours):
    director = ours.director
    short, whole = (director.partner(name="By completeness", **more) for more in (
        {}, {"ein": "111222333", "website": "https://x.org", "description": "D", "strengths": "S", "reach": "district"}))
    scores = [director.get(f"/v1/partners/{one.id}").json["completeness"] for one in (short, whole)]
    assert scores[0] < scores[1]

    def found(op, *values):
        made = director.created("saved_filters", {"name": "C", "resource": "partners", "criteria": [
            criterion("completeness", op, *values), criterion("created_at", "from", "2020-01-01")]})
        told = {row["id"] for row in director.get("/v1/partners", {"saved_filter": made.id, "q": "By completeness",
                                                                   "limit": 200}).json["data"]}
        return [told & {one.id} != set() for one in (short, whole)]

    assert found("until", str(scores[0])) == [True, False] and found("from", str(scores[1])) == [False, True]
    assert found("is", *map(str, scores)) == [True, True] and found("is_not", str(scores[0])) == [False, True]
    for wrong in ("half", "99999999999"):
        answer = director.post("/v1/saved_filters", {"name": "C", "resource": "partners",
                                                     "criteria": [criterion("completeness", "until", wrong)]})
        assert (answer.status, list(answer.faults)) == (422, ["/criteria"]), answer


@pytest.mark.parametrize("resource, criteria", [
    ("partners", criterion("culture_notes", "is", "x")), ("partners", criterion("kind", "from", "a")),
    ("partners", criterion("kind", "is")), ("partners", criterion("kind", "empty", "x")),
    ("partners", criterion("lead_site_id", "is", "no id")),
    ("partners", criterion("created_at", "from", "2026-13-01")),
    ("partners", criterion("created_at", "from", "'; DROP TABLE partner")),
    ("partners", criterion("tag_id", "from", "x")), ("partners", criterion("custom", "is", "x")),
    ("users", criterion("custom.color", "is", "x")), ("sites", criterion("stage", "is", "x")),
    ("partners", criterion("kind.x", "is", "y"))])
def test_a_criterion_that_is_none_is_refused(ours, resource, criteria):
    body = {"name": "F", "resource": resource, "criteria": [criteria]}
    refused = ours.director.post("/v1/saved_filters", body)
    assert (refused.status, refused.faults) == (422, {"/criteria": "not_allowed"}), refused


@pytest.mark.shows("district.saved_filters")
def test_contacts_and_users_are_found_by_what_they_belong_to(theirs, places):
    director = theirs.director
    ann, _ = (director.created("contacts", {"name": name}).id for name in ("Ann", "Ben"))
    director.created("affiliations", {"contact_id": ann, "partner_id": places["A"], "role": "Lead"})

    def found(resource, *criteria):
        body = {"name": "F", "resource": resource, "criteria": list(criteria)}
        one = director.created("saved_filters", body).id
        return {row["id"] for row in director.get(f"/v1/saved_filters/{one}/matches").json["data"]}
    assert found("contacts", criterion("partner_id", "is", places["A"])) == {ann}
    assert found("users", criterion("role", "is", "reviewer", "viewer")) == {
        theirs.users["reviewer"], theirs.users["viewer"]}
    assert found("sites", criterion("kind", "is", "school")) == {places["site"]}
    area = director.created("focus_areas", {"name": "Chess"}).id
    director.created("partner_focus_areas", {"partner_id": places["A"], "focus_area_id": area})
    assert found("partners", criterion("focus_area_id", "is", area)) == {places["A"]}
    assert places["A"] not in found("partners", criterion("focus_area_id", "empty"))


@pytest.mark.shows("district.saved_filters_shared")
def test_a_filter_is_its_owners_until_it_is_shared_and_says_as_of_when_it_was_counted(api, theirs, places):
    body = {"name": "Civic", "resource": "partners", "criteria": [criterion("kind", "is", "civic")]}
    made = theirs.coordinator.created("saved_filters", body)
    path = f"/v1/saved_filters/{made.id}"
    for target in (path, f"{path}/matches"):
        assert theirs.viewer.get(target).status == 404
        assert theirs.admin.get(target).status == 200
    assert made.id not in {row["id"] for row in theirs.viewer.get("/v1/saved_filters").json["data"]}
    shared = theirs.coordinator.patch(path, {"is_shared": True}, made.etag)
    assert theirs.viewer.get(path).json["count"] == 2
    assert theirs.viewer.patch(path, {"name": "Mine"}, shared.etag).status == 403
    theirs.director.partner(name="F", kind="civic")
    assert theirs.viewer.get(path).json["count"] == 2, "as it was"
    later = api.move_clock(hours=1)
    counted = done(theirs.coordinator.post(f"{path}/recount", {}))
    assert (counted["count"], counted["counted_at"]) == (3, later)


@pytest.mark.shows("district.saved_filters_list")
def test_a_list_takes_a_saved_filter_with_everything_else_that_it_takes(theirs, places):
    director, coordinator = theirs.director, theirs.coordinator
    body = {"name": "Mine", "resource": "partners", "criteria": [criterion("tag_id", "is", places["tag"])]}
    one = coordinator.created("saved_filters", body)
    asked = {"saved_filter": one.id}

    def names(**more):
        rows = walk(coordinator, {**asked, **more}, "/v1/partners")
        return "".join(row["name"] for row in rows)

    assert names() == "AC" and names(sort="-name", limit=1) == "CA" and names(kind="business") == "C"
    assert names(q="C") == "C" and names(archived="only") == "", "what is archived is found by no filter"
    page = coordinator.get("/v1/partners", {**asked, "count": "exact", "limit": 1}).json["page"]
    assert page["total"] == 2
    other = coordinator.created("saved_filters", {**body, "criteria": []}).id
    moved = coordinator.get("/v1/partners", {"saved_filter": other, "limit": 1, "cursor": page["next_cursor"]})
    assert (moved.status, moved.faults) == (400, {"/cursor": "invalid_parameter"})
    file = coordinator.get("/v1/partners", {**asked, "fields": "name"}, Accept="text/csv").reply.body.decode()
    assert len(file.splitlines()) == 3
    one = coordinator.patch(f"/v1/saved_filters/{one.id}", {"criteria": [criterion("kind", "is", "civic")]}, one.etag)
    civic = {row["id"] for row in walk(director, {"kind": "civic"}, "/v1/partners")}
    assert {row["id"] for row in walk(coordinator, asked, "/v1/partners")} == civic, "as it is now"
    for resource in ("sites", "contacts", "partnerships", "users"):
        found = director.created("saved_filters", {"name": "All", "resource": resource, "criteria": []}).id
        rows = walk(director, {"saved_filter": found}, f"/v1/{resource}")
        assert rows == walk(director, {}, f"/v1/{resource}")


@pytest.mark.shows("district.saved_filters_list")
def test_a_saved_filter_that_is_none_of_the_lists_is_refused(ours, theirs, places):
    body = {"name": "Mine", "resource": "partners", "criteria": []}
    one = theirs.coordinator.created("saved_filters", body)

    def asked(who, plural, value):
        return who.get(f"/v1/{plural}", {"saved_filter": value})

    assert asked(theirs.viewer, "partners", one.id).status == 404, "not shared"
    assert asked(ours.admin, "partners", one.id).status == 404, "another district's"
    wrong = asked(theirs.coordinator, "sites", one.id)
    assert (wrong.status, wrong.faults) == (422, {"/saved_filter": "not_allowed"}) and "partners" in str(wrong.json)
    assert asked(theirs.coordinator, "partners", "x").faults == {"/saved_filter": "invalid_uuid"}
    assert asked(theirs.coordinator, "programs", one.id).faults == {"/saved_filter": "unknown_parameter"}
    shared = theirs.coordinator.patch(f"/v1/saved_filters/{one.id}", {"is_shared": True}, one.etag)
    assert asked(theirs.viewer, "partners", one.id).status == 200
    theirs.coordinator.archive(f"/v1/saved_filters/{one.id}", shared.etag)
    assert asked(theirs.coordinator, "partners", one.id).status == 404
    file = theirs.coordinator.get("/v1/partners", {"saved_filter": one.id}, Accept="text/csv")
    assert file.status == 404


# ---- Templates -----------------------------------------------------------------------------------


@pytest.mark.shows("district.templates")
def test_a_template_is_filled_in_from_a_partnership_and_says_what_it_lacks(ours):
    ready = Ready(ours, name="Reading together")
    director = ours.director
    made = director.created("templates", {
        "kind": "agreement", "name": "MOU", "subject": "{{partnership.name}}, {{today}}",
        "text": "{{partner.name}} at {{site.name}}, {{me.email}}."})
    path = f"/v1/templates/{made.id}/filled"
    filled = director.get(f"{path}?partnership_id={ready.id}").json
    assert filled == {
        "subject": "Reading together, November 21, 2026",
        "text": f"A partner at {{{{site.name}}}}, {ours.users['director']}@example.org.",
        "missing": ["site.name"]}
    bare = director.get(path).json
    assert bare["missing"] == ["partner.name", "partnership.name", "site.name"]
    for query in ("partnership_id=x", "other=1", f"partnership_id={ready.id}&partnership_id={ready.id}"):
        assert director.get(f"{path}?{query}").status == 400
    same = {"kind": "agreement", "name": "mou", "text": "Other"}
    assert director.post("/v1/templates", same).status == 409
    director.created("templates", {**same, "locale": "es"})


@pytest.mark.shows("district.template_words")
def test_a_word_that_nobody_fills_in_is_refused_when_a_template_is_saved(ours, migrate):
    director = ours.director
    body = {"kind": "thank_you", "name": "Gala", "subject": "{{gift.title}}", "text": "Dear {{contact.name}}:"}
    for field, text, word, line in (
            ("text", "Dear\n{{contact.nmae}}", "{{contact.nmae}}", 2), ("subject", "{{ gift.title }}", "{{ gift.title }}", 1),
            ("text", "{{contact.name", "{{contact.name", 1), ("text", "{{about}} {{}}", "{{}}", 1)):
        wrong = director.post("/v1/templates", {**body, field: text})
        assert (wrong.status, wrong.faults) == (422, {f"/{field}": "not_allowed"}), wrong
        (fault,) = wrong.json["errors"]
        assert f'"{word}", in line {line} of' in fault["detail"] and "contact.name, district.name" in fault["detail"]
    made = director.created("templates", body)
    path = f"/v1/templates/{made.id}"
    other = director.patch(path, {"kind": "message"}, made.etag)
    assert other.faults == {"/subject": "not_allowed"}, "gifts are words of thank-yous alone"
    changed = director.patch(path, {"text": "Dear {{gift}}"}, made.etag)
    assert changed.faults == {"/text": "not_allowed"}
    document = ours.viewer.get("/openapi.json").json["components"]["schemas"]
    words = migrate.execute("SELECT template_kind_words('thank_you') FROM kith_context(%s, '', '', %s, '')",
                            (ours.id, NOW)).fetchone()[0]
    told = document["Template"]["properties"]["text"]["description"]
    assert len(words) > 15 and all(word in told for word in words)
    thanks = director.created("thank_yous", {"occasion": "other", "contact_id": director.created("contacts", {
        "name": "Ann", "email": "ann@braces.example.org"}).id, "text": "Dear {{contact.nmae}}"}).id
    told = director.get(f"/v1/thank_yous/{thanks}/transitions").json["possible"]
    assert next(one["missing"] for one in told if one["action"] == "send") == ["words"]
    assert director.post(f"/v1/thank_yous/{thanks}/send", {}).status == 409
