"""Pairs of records that may be one, district-wide: by what they are found, what no pair is, and that two are two."""

import pytest

FIRST = {"name": "The Harbor Light Foundation, Inc.", "website": "https://www.harbor.example.org/about",
         "phone": "+1 (512) 555-0107", "street": "12 Pier St.", "postal_code": "78701-1234"}
ALIKE = [
    ({"name": "Light Harbor"}, ["name"], 50),
    ({"name": "X", "aliases": ["Harbor and Light"]}, ["name"], 50),
    ({"website": "http://harbor.example.org"}, ["website"], 40),
    ({"phone": "512.555.0107"}, ["phone"], 30),
    ({"street": "12 pier st", "postal_code": "78701"}, ["address"], 30),
    ({"name": "Harbor Light", "website": "https://harbor.example.org", "phone": "5125550107"},
     ["name", "phone", "website"], 100),
    ({"street": "12 pier st", "postal_code": "78702"}, None, None),
    ({"phone": "0107"}, None, None),
    ({"website": "https://other.example.org/www.harbor.example.org"}, None, None),
]


def pairs(who, **query):
    answer = who.get("/v1/duplicate_pairs", query)
    assert answer.status == 200, answer
    return answer.json["data"]


def patched(who, plural, one, fields):
    path = f"/v1/{plural}/{one}"
    return who.patch(path, fields, who.get(path).etag)


def restored(who, path):
    assert who.restore(path, who.get(path).etag).status == 200


@pytest.fixture(scope="module")
def harbor(ours, theirs):
    theirs.director.partner(**FIRST)
    return ours.director.partner(**FIRST).id


@pytest.mark.shows("registry.duplicate_pairs")
@pytest.mark.parametrize("fields, reasons, score", ALIKE)
def test_two_partners_are_a_pair_by_what_both_have(ours, harbor, fields, reasons, score):
    other = ours.director.partner(**{"name": f"Other {fields}", **fields})
    found = pairs(ours.coordinator, first_id=harbor, second_id=other.id)
    if reasons is None:
        assert found == []
    else:
        (one,) = found
        assert (one["kind"], one["reasons"], one["score"], one["is_dismissed"]) == ("partner", reasons, score, False)
        assert one["first_name"] == FIRST["name"] and one["second_name"] == other.json["name"]
    assert ours.director.archive(f"/v1/partners/{other.id}", other.etag).status == 204
    assert pairs(ours.coordinator, second_id=other.id) == []
    restored(ours.director, f"/v1/partners/{other.id}")
    assert len(pairs(ours.coordinator, second_id=other.id)) == len(found)
    patched(ours.director, "partners", other.id, {"name": f"Quite another {fields}", "aliases": [], "website": None,
                                                  "phone": None, "street": None})
    assert pairs(ours.coordinator, second_id=other.id) == []


@pytest.mark.shows("registry.duplicate_pairs")
def test_branches_are_no_pair_and_what_many_have_tells_nothing(ours):
    director = ours.director
    whole = director.partner(name="Y of Austin", website="https://y.example.org").id
    branches = [director.partner(name=f"Y branch {n}", website="https://y.example.org", parent_id=whole).id for n in "ab"]
    assert not any(pairs(director, first_id=one) for one in (whole, *branches))
    patched(director, "partners", branches[1], {"parent_id": None})
    assert {(one["first_id"], one["second_id"]) for one in pairs(director, second_id=branches[1])} == {
        (whole, branches[1]), (branches[0], branches[1])}
    mall = [director.partner(name=f"Shop {n}", street="1 Mall", postal_code="78704").id for n in range(11)]
    assert len(pairs(director, first_id=mall[0])) == 9 and pairs(director, second_id=mall[10]) == []


@pytest.mark.shows("registry.duplicate_pairs")
def test_contacts_are_a_pair_likewise_and_the_surest_come_first(ours):
    director = ours.director
    one, two = (director.created("contacts", {"name": name, "phone": "+1 512 555 7000"}).id
                for name in ("Ann Zuñiga", "zuniga, ann"))
    (found,) = pairs(director, kind="contact", first_id=one)
    assert (found["second_id"], found["reasons"], found["score"]) == (two, ["name", "phone"], 80)
    for name in ("Sure", "Less sure"):
        director.partner(name=name, phone="512 555 7001")
    scores = [row["score"] for row in pairs(director)]
    assert scores == sorted(scores, reverse=True) and {30, 80} <= set(scores)
    assert ours.viewer.get("/v1/duplicate_pairs").status == 403
    assert all(row["score"] >= 80 for row in pairs(director, **{"score[gte]": 80}))


@pytest.mark.shows("registry.duplicate_dismissals")
def test_two_that_are_known_to_be_two_stay_so_until_that_is_taken_back(ours):
    director = ours.director
    one, two = (director.partner(name=name, website="https://twins.example.org").id for name in ("Twin A", "Twin A Inc"))
    body = {"first_id": two, "second_id": one, "reason": "One is the other's tenant."}
    made = director.created("duplicate_dismissals", body)
    assert [made.json[name] for name in body] == list(body.values())

    def is_dismissed():
        (found,) = pairs(ours.coordinator, first_id=one)
        alike = director.get(f"/v1/partners/{one}/duplicates").json["duplicates"]
        assert (alike == []) == found["is_dismissed"] == (found["dismissal_id"] == made.id)
        assert pairs(director, first_id=one, is_dismissed=str(not found["is_dismissed"]).lower()) == []
        return found["is_dismissed"]

    assert is_dismissed()
    patched(director, "partners", two, {"name": "Twin B"})
    assert is_dismissed(), "remembered, whatever else becomes the same"
    again = director.post("/v1/duplicate_dismissals", {"first_id": one, "second_id": two})
    assert again.status == 409, again
    path = f"/v1/duplicate_dismissals/{made.id}"
    assert director.archive(path, made.etag).status == 204 and not is_dismissed()
    restored(director, path)
    assert is_dismissed()


@pytest.mark.shows("registry.duplicate_dismissals")
def test_a_dismissal_is_of_two_of_a_kind_that_are_there(ours, theirs):
    director = ours.director
    one, contact = director.partner().id, director.created("contacts", {"name": "Bo"}).id
    for other, code in ((one, "not_allowed"), (contact, "not_allowed"), (theirs.director.partner().id, "not_allowed")):
        refused = director.post("/v1/duplicate_dismissals", {"first_id": one, "second_id": other})
        assert (refused.status, refused.faults) == (422, {"/second_id": code}), refused
    two = director.partner().id
    assert ours.coordinator.post("/v1/duplicate_dismissals", {"first_id": one, "second_id": two}).status == 403
