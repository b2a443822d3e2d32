"""Asks and pledges: who may be asked, what is promised, and what becomes of it."""

import threading

import pytest
from api_world import Caller
from fields import least
from hypothesis import HealthCheck, given, settings, strategies as st
from needing import changed, did, made_need, open_need, pledge, refused, staged, transitions
from partnering import put

REASON = {"reason": "Because."}


def ask(tenant, need=None, partner=None, caller=None, **fields):
    body = {
        "need_id": need or open_need(tenant),
        "partner_id": partner or tenant.director.partner().id,
        **fields,
    }
    return (caller or tenant.director).created("asks", body).id


def sent(tenant, **fields):
    one = ask(tenant, **fields)
    did(tenant.director, "asks", one, "send")
    return one


def at_once(tenant, paths, body=None):
    """Each action by a client of its own, all at the same time; again while a lock is held."""
    found, begin = {}, threading.Barrier(len(paths))

    def post(path):
        caller = Caller(tenant.api, tenant.director.token)
        begin.wait(20)
        for _ in range(100):
            answer = caller.post(path, body or {})
            if not (answer.status == 409 and "state" not in answer.json):
                break
        found[path] = answer

    threads = [threading.Thread(target=post, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(paths)
    return found


def owned(tenant, role="coordinator"):
    return tenant.director.partner(owner_id=tenant.users[role]).id


# ---- Asks ----------------------------------------------------------------------------------------


@pytest.mark.shows("needs.ask_life")
def test_an_ask_is_sent_for_an_open_need_to_a_partner_who_may_be_asked(ours):
    caller, need = ours.director, made_need(ours)
    partner = caller.partner()
    one = ask(ours, need, partner.id)
    assert refused(caller, "asks", one, "send")["missing"] == ["need"]
    staged(ours, partner.id, "barred")
    assert refused(caller, "asks", one, "send")["missing"] == ["need", "partner"]
    for stage in ("prospect", "approved"):
        staged(ours, partner.id, stage)
        assert transitions(caller, "asks", one)["send"] == ["need"]
    good = sent(ours, partner=partner.id)
    told = did(caller, "asks", good, "decline", **REASON)
    assert (told["status"], told["status_reason"]) == ("declined", "Because.")
    assert told["answered_at"] and told["sent_by"] == ours.users["director"]
    assert refused(caller, "asks", good, "send")["possible"] == ["acknowledge"]
    assert did(caller, "asks", one, "withdraw", **REASON)["status"] == "withdrawn"


@pytest.mark.shows("needs.ask_owner")
def test_the_owner_sees_an_ask_first(ours, api):
    before = api.move_clock()
    caller, partner = ours.director, owned(ours)
    try:
        one = ask(ours, partner=partner)
        assert refused(caller, "asks", one, "send")["missing"] == ["owner"]
        did(caller, "asks", one, "submit")
        assert refused(caller, "asks", one, "send")["missing"] == ["owner"]
        mine = {"owner_id": ours.users["coordinator"], "status": "draft"}
        assert one in [row["id"] for row in caller.get("/v1/asks", mine).json["data"]]
        cleared = did(ours.coordinator, "asks", one, "clear")
        assert cleared["cleared_by"] == ours.users["coordinator"]
        did(caller, "asks", one, "send")
        own = ask(ours, partner=partner)
        assert did(ours.coordinator, "asks", own, "send")["status"] == "sent", "the owner's own"
        late = ask(ours, partner=partner)
        did(caller, "asks", late, "submit")
        api.move_clock(days=2)
        assert refused(caller, "asks", late, "send")["missing"] == ["owner"]
        api.move_clock(days=1)
        assert did(caller, "asks", late, "send")["status"] == "sent", "nobody waits for ever"
    finally:
        api.set_clock(before)


@pytest.mark.shows("needs.ask_owner")
def test_what_the_owner_let_go_is_what_is_sent(ours, api):
    before = api.move_clock()
    caller, partner = ours.director, owned(ours)
    try:
        need = open_need(ours, needed_by="2027-03-01")
        one = ask(ours, need, partner)
        path = f"/v1/asks/{one}"
        changes = {"message": "Please", "quantity": 2, "respond_by": "2026-12-20",
                   "program_id": caller.created("programs", {"name": "P", "partner_id": partner}).id,
                   "contact_id": caller.created("contacts", {"name": "Ann"}).id}
        did(caller, "asks", one, "submit")
        api.move_clock(days=3)
        for field, value in changes.items():
            did(ours.coordinator, "asks", one, "clear")
            assert changed(caller, path, **{field: value})["cleared_at"] is None, field
            assert refused(caller, "asks", one, "send")["missing"] == ["owner"], "who waits for the owner, anew"
        did(ours.coordinator, "asks", one, "clear")
        did(caller, "asks", one, "send")
        for field in ("message", "quantity", "respond_by", "program_id"):
            answer = caller.patch(path, {field: None}, caller.get(path).etag)
            assert (answer.status, answer.json["state"]) == (409, {"status": "sent"}), answer
        other = caller.created("contacts", {"name": "Bo"}).id
        assert changed(caller, path, contact_id=other)["contact_id"] == other
    finally:
        api.set_clock(before)


@pytest.mark.shows("needs.ask_owner")
def test_for_a_partner_without_an_owner_a_director_is_asked(ours):
    one = ask(ours)
    assert refused(ours.coordinator, "asks", one, "send")["missing"] == ["owner"]
    did(ours.coordinator, "asks", one, "submit")
    assert ours.coordinator.post(f"/v1/asks/{one}/clear", {}).status == 403

    def waits():
        return one in [t["subject_id"] for t in ours.director.get("/v1/me/tasks").json["data"] if t["kind"] == "ask"]

    assert waits()
    did(ours.director, "asks", one, "clear")
    assert not waits()
    assert did(ours.coordinator, "asks", one, "send")["status"] == "sent"
    assert did(ours.director, "asks", ask(ours), "send")["status"] == "sent", "a director's own"


@pytest.mark.shows("needs.ask_life")
def test_an_ask_that_is_sent_waits_for_an_answer_until_a_day(ours):
    for needed_by, respond_by in (("2027-03-01", "2026-12-05"), ("2026-11-30", "2026-11-30")):
        one = ask(ours, open_need(ours, needed_by=needed_by))
        assert did(ours.director, "asks", one, "send")["respond_by"] == respond_by


@pytest.mark.shows("needs.ask_hold")
def test_the_owner_holds_an_ask_wherever_it_comes_from(ours):
    network = ours.director.created("networks", {"name": "North"}).id
    site, other = ours.director.site(network_id=network).id, ours.director.site().id
    owner = ours.scoped(("coordinator", "site", other))
    leader = ours.scoped(("school_leader", "site", site))
    stranger = ours.scoped(("coordinator", "site", ours.director.site().id))
    partner = ours.director.partner(owner_id=owner.user).id
    one = ask(ours, open_need(ours, site_id=site), partner, leader)
    did(leader, "asks", one, "submit")
    for who in (leader, stranger):
        assert who.post(f"/v1/asks/{one}/hold", REASON).status == 403
    held = did(owner, "asks", one, "hold", reason="They just gave", until="2026-12-01")
    assert (held["held_reason"], held["held_until"]) == ("They just gave", "2026-12-01")
    for who in (leader, owner):
        assert "held" in refused(who, "asks", one, "send")["missing"]
    did(owner, "asks", one, "release")
    did(owner, "asks", one, "clear")
    assert did(leader, "asks", one, "send")["status"] == "sent"


@pytest.mark.shows("needs.ask_limit")
def test_a_partner_is_not_asked_by_everybody_at_once(ours, migrate):
    """Five principals ask one bank; the district allows three."""
    partner = ours.director.partner().id
    asks = [ask(ours, partner=partner) for _ in range(8)]
    found = at_once(ours, [f"/v1/asks/{one}/send" for one in asks])
    good = [path for path, answer in found.items() if answer.status == 200]
    assert len(good) == 3, {path: answer.status for path, answer in found.items()}
    for path in set(found) - set(good):
        assert found[path].json["state"]["missing"] == ["limit"], found[path]
    rows = migrate.execute("SELECT status, count(*) FROM ask WHERE partner_id = %s GROUP BY 1 "
                           "ORDER BY 1", (partner,)).fetchall()
    assert rows == [("draft", 5), ("sent", 3)]
    answered = good[0].split("/")[3]
    did(ours.director, "asks", answered, "decline", **REASON)
    waiting = next(one for one in asks if f"/v1/asks/{one}/send" not in good)
    did(ours.director, "asks", waiting, "send")


@pytest.mark.shows("needs.ask_limit")
def test_the_limit_is_the_districts_to_set(ours):
    caller, partner = ours.director, ours.director.partner().id
    changed(ours.admin, ours.path, ask_limit=1)
    try:
        for number in range(2):
            one = ask(ours, partner=partner)
            assert transitions(caller, "asks", one)["send"] == ["limit"][:number]
            if not number:
                did(caller, "asks", one, "send")
    finally:
        changed(ours.admin, ours.path, ask_limit=3)


@pytest.mark.shows("needs.follow_ups")
def test_who_wants_to_talk_is_come_back_to(ours):
    caller, one = ours.director, sent(ours)
    past = caller.post(f"/v1/asks/{one}/talk", {"due_on": "2026-11-20"})
    assert (past.status, past.faults) == (422, {"/due_on": "not_allowed"}), past
    unknown = caller.post(f"/v1/asks/{one}/talk", {"due_on": "2026-12-01", "owner_id": one})
    assert (unknown.status, unknown.faults) == (422, {"/owner_id": "not_allowed"}), unknown
    did(caller, "asks", one, "talk", due_on="2026-12-01", note="Call Ann")
    did(caller, "asks", one, "talk", due_on="2026-12-08", owner_id=ours.users["coordinator"])
    rows = caller.get("/v1/follow_ups", {"ask_id": one}).json["data"]
    assert [(row["due_on"], row["owner_id"]) for row in rows] == [
        ("2026-12-01", ours.users["director"]), ("2026-12-08", ours.users["coordinator"])]
    done = did(caller, "follow_ups", rows[0]["id"], "complete", outcome="She will ask the board")
    assert done["status"] == "done" and done["done_at"]
    assert did(caller, "follow_ups", rows[0]["id"], "reopen")["outcome"] is None
    did(caller, "asks", one, "pledge", quantity=1)
    assert refused(caller, "asks", one, "talk", due_on="2026-12-09")["status"] == "pledged"


@pytest.mark.shows("needs.ask_life")
def test_an_ask_expires_after_its_day(ours, api):
    one, late = sent(ours, respond_by="2026-11-21"), ask(ours, respond_by="2026-11-20")
    assert refused(ours.director, "asks", one, "expire")["missing"] == ["respond_by"]
    assert refused(ours.director, "asks", late, "send")["missing"] == ["respond_by_over"]
    before = api.move_clock()
    try:
        api.move_clock(days=1)
        assert did(ours.director, "asks", one, "expire")["status"] == "expired"
    finally:
        api.set_clock(before)


@pytest.mark.shows("needs.ask_limit")
def test_a_partner_is_asked_once_at_a_time_for_a_need(ours):
    caller, need, partner = ours.director, open_need(ours), ours.director.partner().id
    first, second = (ask(ours, need, partner) for _ in range(2))
    did(caller, "asks", first, "send")
    assert refused(caller, "asks", second, "send")["missing"] == ["asked"]
    sent(ours, need=open_need(ours), partner=partner)
    did(caller, "asks", first, "withdraw", **REASON)
    assert did(caller, "asks", second, "send")["status"] == "sent"


# ---- Pledges -------------------------------------------------------------------------------------


def states(tenant, need):
    told = tenant.director.get(f"/v1/needs/{need}").json
    return told["status"], told["filled"], told["delivered"]


@pytest.mark.shows("needs.pledge_life", "needs.filled")
def test_a_need_is_as_far_as_its_pledges(ours):
    caller, need = ours.director, open_need(ours, quantity=10)
    first, second, third = (pledge(ours, need, many) for many in (4, 6, 5))
    assert states(ours, need) == ("open", 0, 0)
    did(caller, "pledges", first, "accept")
    assert states(ours, need) == ("partly_matched", 4, 0)
    did(caller, "pledges", second, "accept")
    assert states(ours, need) == ("matched", 10, 0)
    assert refused(caller, "pledges", third, "accept")["missing"] == ["room"]
    assert did(caller, "pledges", third, "waitlist")["status"] == "waitlisted"
    assert did(caller, "pledges", first, "deliver", quantity=1)["status"] == "partly_delivered"
    assert states(ours, need) == ("matched", 10, 1)
    failed = did(caller, "pledges", first, "fail", reason="The bank closed")
    assert (failed["status"], failed["delivered"]) == ("failed", 1)
    assert states(ours, need) == ("partly_matched", 7, 1)
    assert refused(caller, "pledges", third, "accept")["missing"] == ["room"]
    changed(caller, f"/v1/pledges/{third}", quantity=3)
    did(caller, "pledges", third, "accept")
    assert states(ours, need) == ("matched", 10, 1)
    for one in (second, third):
        assert did(caller, "pledges", one, "deliver")["status"] == "delivered"
    assert states(ours, need) == ("met", 10, 10)
    answer = caller.patch(f"/v1/pledges/{third}", {"quantity": 4},
                          caller.get(f"/v1/pledges/{third}").etag)
    assert (answer.status, answer.json["state"]) == (409, {"status": "delivered"}), answer


@pytest.mark.shows("recognition.pledges_thanked")
def test_what_was_pledged_is_thanked_for_once_when_it_has_come(ours):
    caller, need = ours.director, open_need(ours, quantity=10, title="Coats")
    whole, part, none = (pledge(ours, need, many) for many in (4, 4, 2))
    for one in (whole, part, none):
        did(caller, "pledges", one, "accept")

    def thanks(one):
        return [(row["occasion"], row["status"], "Coats" in row["text"], row["partner_id"])
                for row in caller.get("/v1/thank_yous", {"pledge_id": one}).json["data"]]

    drafted = {one: ("pledge", "draft", True, caller.get(f"/v1/pledges/{one}").json["partner_id"])
               for one in (whole, part, none)}
    did(caller, "pledges", part, "deliver", quantity=3)
    assert thanks(part) == [], "not all of it has come yet"
    too_early = caller.post("/v1/thank_yous", {"occasion": "pledge", "pledge_id": none})
    assert too_early.status == 409, too_early
    did(caller, "pledges", whole, "deliver")
    assert thanks(whole) == [drafted[whole]]
    did(caller, "needs", need, "meet", reason="It is enough.")
    assert [thanks(one) for one in (whole, part, none)] == [[drafted[whole]], [drafted[part]], []]
    did(caller, "pledges", part, "deliver")
    assert thanks(part) == [drafted[part]], "once"


@pytest.mark.shows("needs.pledge_life")
def test_a_pledge_for_what_is_not_open_waits(ours):
    caller, need = ours.director, made_need(ours)
    one = pledge(ours, need)
    assert refused(caller, "pledges", one, "accept")["missing"] == ["need"]
    assert did(caller, "pledges", one, "decline", **REASON)["status"] == "declined"
    open_one = pledge(ours, open_need(ours, quantity=2), 2)
    did(caller, "pledges", open_one, "accept")
    answer = caller.post(f"/v1/pledges/{open_one}/deliver", {"quantity": 3})
    assert (answer.status, answer.faults) == (422, {"/quantity": "not_allowed"}), answer


@pytest.mark.shows("needs.pledges_end")
@pytest.mark.parametrize("way", ("withdraw", "met"))
def test_what_nobody_has_accepted_ends_with_its_need(ours, way):
    caller, need = ours.director, open_need(ours, quantity=2)
    accepted, waits, offered = (pledge(ours, need, 2) for _ in range(3))
    did(caller, "pledges", waits, "waitlist")
    if way == "withdraw":
        did(caller, "needs", need, "withdraw", reason="The roof holds.")
        expected = ("declined", "The roof holds.")
    else:
        did(caller, "pledges", accepted, "accept")
        did(caller, "pledges", accepted, "deliver")
        expected = ("declined", "The need is met.")
    for one in (waits, offered):
        told = caller.get(f"/v1/pledges/{one}").json
        assert (told["status"], told["status_reason"]) == expected


@pytest.mark.shows("needs.filled")
def test_a_need_that_grows_or_shrinks_is_matched_anew(ours):
    caller, need = ours.director, open_need(ours, quantity=2)
    did(caller, "pledges", pledge(ours, need, 2), "accept")
    assert states(ours, need)[0] == "matched"
    assert changed(caller, f"/v1/needs/{need}", quantity=3)["status"] == "partly_matched"
    assert changed(caller, f"/v1/needs/{need}", quantity=1)["status"] == "matched"
    assert did(caller, "needs", need, "meet", reason="One is enough")["status"] == "met"


@pytest.mark.shows("needs.pledge_limit")
def test_no_more_is_accepted_than_is_needed_however_many_ask_at_once(ours, migrate):
    need = open_need(ours, quantity=5)
    pledges = [pledge(ours, need) for _ in range(12)]
    found = at_once(ours, [f"/v1/pledges/{one}/accept" for one in pledges])
    assert sorted(answer.status for answer in found.values()) == [200] * 5 + [409] * 7
    assert states(ours, need) == ("matched", 5, 0)
    assert migrate.execute(
        "SELECT count(*) FROM pledge WHERE need_id = %s AND status = 'accepted'", (need,)
    ).fetchone() == (5,)


WEIGHED = ("accept", "waitlist", "decline", "deliver", "fail")


@pytest.mark.shows("needs.filled")
@settings(max_examples=12, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(WEIGHED), st.integers(1, 4)),
                min_size=4, max_size=14))
def test_whatever_happens_a_need_equals_its_pledges(ours, steps):
    caller, need = ours.director, open_need(ours, quantity=6)
    pledges = [pledge(ours, need, many) for many in (1, 2, 3, 4)]
    for number, verb, many in steps:
        body = REASON if verb in ("decline", "fail") else {"quantity": many} if verb == "deliver" else {}
        answer = caller.post(f"/v1/pledges/{pledges[number]}/{verb}", body)
        assert answer.status in (200, 409, 422), answer
    rows = [caller.get(f"/v1/pledges/{one}").json for one in pledges]
    filled = sum(
        {"failed": row["delivered"]}.get(row["status"], row["quantity"])
        for row in rows if row["status"] in ("accepted", "partly_delivered", "delivered", "failed")
    )
    delivered = sum(row["delivered"] for row in rows)
    status = ("met" if delivered >= 6 else "matched" if filled >= 6
              else "partly_matched" if filled else "open")
    assert states(ours, need) == (status, filled, delivered)
    assert filled <= 6


# ---- From the need to the partnership ------------------------------------------------------------


@pytest.mark.shows("needs.chain", "needs.pledge_converts")
def test_from_the_need_to_the_partnership_nothing_is_lost(ours, migrate):
    caller, site = ours.director, ours.director.site().id
    need = open_need(ours, site_id=site, quantity=3, title="Ten laptops")
    contact = caller.created("contacts", {"name": "Ann"}).id
    one = ask(ours, need, contact_id=contact)
    did(caller, "asks", one, "send")
    answered = did(caller, "asks", one, "pledge", quantity=3, starts_on="2027-01-04")
    assert answered["status"] == "pledged" and answered["answered_at"]
    promised = caller.get("/v1/pledges", {"ask_id": one}).json["data"][0]
    assert (promised["contact_id"], promised["quantity"]) == (contact, 3)
    body = {"name": "Laptops", "arrangement": "gift"}
    assert refused(caller, "pledges", promised["id"], "convert", **body)["status"] == "offered"
    did(caller, "pledges", promised["id"], "accept")
    made = did(caller, "pledges", promised["id"], "convert", **body)
    partnership = caller.get(
        f"/v1/partnerships/{made['partnership_id']}?expand=partnership_sites,partnership_roles").json
    assert (partnership["status"], partnership["lead_site_id"]) == ("exploring", site)
    assert (partnership["purpose"], partnership["starts_on"]) == ("Ten laptops", "2027-01-04")
    assert [row["site_id"] for row in partnership["partnership_sites"]["data"]] == [site]
    leads = {row["side"]: row["user_id"] or row["contact_id"]
             for row in partnership["partnership_roles"]["data"]}
    assert leads == {"district": ours.users["director"], "partner": contact}
    again = refused(caller, "pledges", promised["id"], "convert", **body)
    assert again["missing"] == ["partnership"]
    chain = caller.get("/v1/pledges", {"partnership_id": partnership["id"], "expand": "need,ask"})
    assert [(row["need"]["id"], row["ask"]["id"]) for row in chain.json["data"]] == [(need, one)]
    put(migrate, "partnership", partnership["id"], "agreement")
    did(caller, "partnerships", partnership["id"], "decline", reason="No board vote")
    failed = caller.get(f"/v1/pledges/{promised['id']}").json
    assert (failed["status"], failed["status_reason"]) == ("failed", "No board vote")
    assert states(ours, need) == ("open", 0, 0), "what it was to bring is needed again"


@pytest.mark.shows("needs.chain")
@pytest.mark.parametrize("pledged, agreed, fails", (
    (None, "2026-11-20", False), ("2026-11-21", "2027-06-30", False), ("2027-01-31", "2027-06-30", True),
    (None, None, True)))
def test_a_partnership_that_ends_as_agreed_fails_nothing(ours, migrate, pledged, agreed, fails):
    caller = ours.director
    one = pledge(ours, open_need(ours), starts_on="2026-09-01", ends_on=pledged)
    did(caller, "pledges", one, "accept")
    made = did(caller, "pledges", one, "convert", name="P", arrangement="gift")["partnership_id"]
    changed(caller, f"/v1/partnerships/{made}", ends_on=agreed)
    put(migrate, "partnership", made, "renewing")
    did(caller, "partnerships", made, "end", **REASON)
    assert caller.get(f"/v1/pledges/{one}").json["status"] == ("failed" if fails else "accepted")


@pytest.mark.shows("needs.pledge_converts")
def test_a_pledge_becomes_one_partnership_however_many_ask_at_once(ours, migrate):
    one = pledge(ours, open_need(ours))
    did(ours.director, "pledges", one, "accept")
    body = {"name": "One", "arrangement": "gift"}
    partner = ours.director.get(f"/v1/pledges/{one}").json["partner_id"]
    found, lock = [], threading.Barrier(6)

    def post():
        caller = Caller(ours.api, ours.director.token)
        lock.wait(20)
        found.append(caller.post(f"/v1/pledges/{one}/convert", body).status)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200] + [409] * 5
    assert migrate.execute("SELECT count(*) FROM partnership WHERE partner_id = %s",
                           (partner,)).fetchone() == (1,)


@pytest.mark.shows("needs.pledge_sites")
def test_a_pledge_for_several_sites_becomes_a_partnership_of_them(ours):
    caller = ours.director
    network = caller.created("networks", {"name": "North"}).id
    sites = [caller.site(network_id=network).id for _ in range(2)]
    one = pledge(ours, open_need(ours, network_id=network, quantity=4), 4)
    for site in sites:
        caller.created("pledge_sites", {"pledge_id": one, "site_id": site, "quantity": 2})
    double = caller.post("/v1/pledge_sites", {"pledge_id": one, "site_id": sites[0]})
    assert double.status == 409, double
    did(caller, "pledges", one, "accept")
    whole = ours.scoped(("coordinator", "network", network))
    made = did(whole, "pledges", one, "convert", name="Two", arrangement="service")
    rows = caller.get("/v1/partnership_sites", {"partnership_id": made["partnership_id"]}).json["data"]
    assert {row["site_id"] for row in rows} == set(sites)


def test_an_ask_is_answered_once_and_by_whom_it_was_sent_to(ours):
    caller, need = ours.director, open_need(ours)
    partner = caller.partner().id
    one = ask(ours, need, partner)
    body = {"need_id": need, "partner_id": partner, "ask_id": one, "quantity": 1}
    early = caller.post("/v1/pledges", body)
    assert (early.status, early.faults) == (422, {"/ask_id": "not_allowed"}), early
    did(caller, "asks", one, "send")
    wrong = caller.post("/v1/pledges", {**body, "partner_id": caller.partner().id})
    assert (wrong.status, wrong.faults) == (422, {"/ask_id": "unknown_id"}), wrong
    assert caller.post("/v1/pledges", body).status == 201
    assert caller.get(f"/v1/asks/{one}").json["status"] == "pledged"
    assert caller.post("/v1/pledges", body).status == 422


def test_least_bodies_are_enough(ours):
    for plural in ("asks", "pledges", "follow_ups", "pledge_sites"):
        ours.director.created(plural, least(ours.director, plural))


# ---- Offers --------------------------------------------------------------------------------------


@pytest.mark.shows("needs.pledge_offers")
def test_a_pledge_takes_of_what_is_offered_and_gives_it_back(ours):
    caller, partner = ours.director, ours.director.partner().id
    offer = caller.created("offers", {
        "name": "Laptops", "partner_id": partner, "kind": "equipment", "quantity": 5}).id

    def remaining():
        return caller.get(f"/v1/offers/{offer}").json["remaining"]

    need = open_need(ours, quantity=9)
    other = caller.post("/v1/pledges", {"need_id": need, "partner_id": caller.partner().id,
                                        "offer_id": offer, "quantity": 1})
    assert (other.status, other.faults) == (422, {"/offer_id": "not_allowed"}), other
    one = pledge(ours, need, 4, partner_id=partner, offer_id=offer)
    assert remaining() == 5, "what is offered is not taken yet"
    did(caller, "pledges", one, "accept")
    assert remaining() == 1
    more = pledge(ours, need, 2, partner_id=partner, offer_id=offer)
    assert refused(caller, "pledges", more, "accept")["remaining"] == 1
    did(caller, "pledges", one, "deliver", quantity=1)
    did(caller, "pledges", one, "fail", **REASON)
    assert remaining() == 4, "what was delivered is gone"
    did(caller, "pledges", more, "accept")
    assert (remaining(), states(ours, need)) == (2, ("partly_matched", 3, 1))


@pytest.mark.shows("needs.pledge_offers")
def test_an_offer_is_never_taken_beyond_what_it_is(ours, migrate):
    caller, partner = ours.director, ours.director.partner().id
    offer = caller.created("offers", {
        "name": "Seats", "partner_id": partner, "kind": "training", "quantity": 3}).id
    pledges = [pledge(ours, open_need(ours), partner_id=partner, offer_id=offer) for _ in range(8)]
    found = at_once(ours, [f"/v1/pledges/{one}/accept" for one in pledges])
    assert sorted(answer.status for answer in found.values()) == [200] * 3 + [409] * 5
    assert migrate.execute("SELECT taken, remaining FROM offer WHERE id = %s", (offer,)).fetchone() == (3, 0)
