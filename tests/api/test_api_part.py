"""Who directs a part of the district: what it reads of what the whole district does; and whose places are over."""

import pytest


def seen(who, plural):
    answer = who.get(f"/v1/{plural}", {"limit": 200, "sort": "-created_at"})
    assert answer.status == 200, answer
    return {row["id"] for row in answer.json["data"]}


@pytest.fixture(scope="module")
def here(ours):
    network = ours.director.created("networks", {"name": "North"}).id
    return {"network": network, "site": ours.director.site(network_id=network).id, "elsewhere": ours.director.site().id}


@pytest.fixture(scope="module", params=("site", "network"))
def head(request, ours, here):
    return ours.scoped(("director", request.param, here[request.param]), ("coordinator", "district", None))


@pytest.mark.shows("succession.departures_of_a_part")
@pytest.mark.parametrize("plural", ("legal_holds", "records_requests"))
def test_holds_and_requests_are_the_whole_districts(ours, here, head, plural):
    partner = ours.director.partner(lead_site_id=here["site"]).id
    body = {"legal_holds": {"matter": "A suit", "reason": "To keep", "partner_id": partner},
            "records_requests": {"requester": "A parent", "received_on": "2026-11-20", "due_on": "2026-12-20", "partner_id": partner}}[plural]
    one = ours.admin.created(plural, body).id
    assert head.get(f"/v1/{plural}/{one}").status == 404 and seen(head, plural) == set()
    lawyer = ours.scoped(("director", "site", here["site"]), ("reviewer", "district", None))
    for who in (ours.director, ours.reviewer, lawyer):
        assert who.get(f"/v1/{plural}/{one}").status == 200 and one in seen(who, plural)


@pytest.mark.shows("succession.departures_of_a_part")
def test_departures_are_read_by_whom_they_concern(ours, here, head):
    """Of those who direct a part: of contacts of its partners, of users who work or lead there, of what one receives."""
    director = ours.director

    def contact_at(site):
        one = director.created("contacts", {"name": "Ann"}).id
        director.created("affiliations", {"partner_id": director.partner(lead_site_id=site).id, "contact_id": one, "role": "Chair"})
        return {"contact_id": one}

    def leads_at(site):
        user = ours.person("coordinator")[1]
        one = director.created("partnerships", {"name": "P", "partner_id": director.partner().id, "arrangement": "program",
                                                "lead_site_id": site}).id
        director.created("partnership_roles", {"partnership_id": one, "role": "lead", "user_id": user})
        return {"user_id": user}

    def works_at(site):
        return {"user_id": ours.scoped(("school_leader", "site", site)).user}

    def leaves(**who):
        return director.created("departures", {"on_date": "2026-12-20", **who}).id

    theirs = {leaves(**who(here["site"])) for who in (contact_at, leads_at, works_at)}
    theirs.add(leaves(user_id=ours.person("coordinator")[1], receiver_user_id=head.user))
    others = {leaves(**who(here["elsewhere"])) for who in (contact_at, leads_at, works_at)}
    others.add(leaves(user_id=ours.person("coordinator")[1]))
    assert seen(head, "departures") & (theirs | others) == theirs
    for one in theirs | others:
        receiver = director.created("departure_receivers", {"departure_id": one, "resource": "action_items"})\
            if director.get(f"/v1/departures/{one}").json["user_id"] else None
        for path in (f"/v1/departures/{one}", f"/v1/departures/{one}/inventory",
                     *((f"/v1/departure_receivers/{receiver.id}",) if receiver else ())):
            assert head.get(path).status == (200 if one in theirs else 404), path
            assert director.get(path).status == 200, path
        etag = director.get(f"/v1/departures/{one}").etag
        assert head.patch(f"/v1/departures/{one}", {"reason": "x"}, etag).status in (403, 404), "the district's to write"


@pytest.mark.shows("succession.ended_places")
def test_who_has_left_does_not_come_back_by_another_last_day(ours):
    director = ours.director
    contact = director.created("contacts", {"name": "Ann"})
    place, brief = (director.created("affiliations", {"partner_id": director.partner().id, "contact_id": contact.id, "role": "Chair",
                                                      "until_date": until}).id for until in ("2026-11-20", "2026-11-21"))

    def last(one, day):
        path = f"/v1/affiliations/{one}"
        return director.patch(path, {"until_date": day}, director.get(path).etag)

    def is_now(status):
        now = director.get(f"/v1/contacts/{contact.id}")
        assert director.patch(f"/v1/contacts/{contact.id}", {"status": status}, now.etag).status == 200

    is_now("left")
    for day in (None, "2026-11-21", "2027-06-30"):
        answer = last(place, day)
        assert (answer.status, list(answer.faults)) == (422, ["/until_date"]), answer
    assert last(place, "2026-11-19").status == 200, "when it was is told better"
    assert last(brief, None).status == 200, "it is not over"
    is_now("active")
    assert last(place, None).status == 200
