"""32 clients at once: whatever order their requests are in, the database has what one after the other would have
left."""

from collections import Counter

from hypothesis import HealthCheck, given, seed, settings, strategies as st

import pytest
from acting import act, at_once
from needing import open_need, staged
from partnering import BODIES, TRANSITIONS, VERBS, Ready, act_on, agreement, put

CLIENTS = 32


def patiently(ask):
    """A lock that is held for long is 409 with Retry-After: the client asks again."""
    for _ in range(200):
        answer = ask()
        if answer.status != 409 or answer.field("Retry-After") is None:
            return answer
    raise AssertionError("it is always locked")


def moves(migrate, table, one):
    """(from, to) of each change of the status, in order, as the audit log has it."""
    rows = migrate.execute(
        "SELECT \"values\" -> 'status' ->> 'from', \"values\" -> 'status' ->> 'to' FROM audit "
        "WHERE aggregatetype = %s AND aggregateid = %s AND \"values\" ? 'status' ORDER BY id", (table, one)).fetchall()
    migrate.commit()
    return rows


@pytest.mark.shows("everywhere.at_once")
def test_the_last_unit_of_an_offer_is_had_once(ours, migrate):
    director = ours.director
    partner = director.partner().id
    staged(ours, partner, "approved")
    offer = director.created("offers", {"name": "A van", "partner_id": partner, "kind": "money", "quantity": 1}).id
    need = open_need(ours, quantity=CLIENTS)
    pledges = [director.created("pledges", {"need_id": need, "partner_id": partner, "quantity": 1, "offer_id": offer}).id
               for _ in range(CLIENTS)]
    answers = at_once(CLIENTS, lambda n: patiently(lambda: act(director, "pledges", pledges[n], "accept")))
    assert sorted(a.status for a in answers) == [200] + [409] * (CLIENTS - 1), answers
    assert migrate.execute("SELECT remaining FROM offer WHERE id = %s", (offer,)).fetchone() == (0,)
    assert migrate.execute("SELECT count(*) FROM pledge WHERE offer_id = %s AND status = 'accepted'",
                           (offer,)).fetchone() == (1,)


@pytest.mark.shows("everywhere.at_once")
def test_both_sides_sign_and_then_nobody_does(ours, migrate):
    one = agreement(ours.director).id
    act_on(ours.director, one, "submit", "approve")
    answers = at_once(CLIENTS, lambda n: patiently(lambda: act(
        ours.director, "agreements", one, "sign", side=("district", "partner")[n % 2], signer=f"Signer {n}")))
    assert {a.status for a in answers} <= {200, 409}, answers
    sides = Counter(side for side, in migrate.execute(
        "SELECT side FROM agreement_signature WHERE agreement_id = %s", (one,)))
    # The one that was first may correct itself, until the other one signs: from then on it is in force.
    assert set(sides) == {"district", "partner"} and min(sides.values()) == 1
    assert sum(sides.values()) == sum(a.status == 200 for a in answers)
    assert moves(migrate, "agreement", one)[-1] == ("out_for_signature", "in_force")
    assert [to for _, to in moves(migrate, "agreement", one)].count("in_force") == 1


@pytest.mark.shows("everywhere.at_once")
def test_a_partnership_is_active_once(ours, migrate):
    ready = Ready(ours)
    put(migrate, "partnership", ready.id, "agreement")
    answers = at_once(CLIENTS, lambda _: patiently(lambda: ready.act("activate")))
    assert sorted(a.status for a in answers) == [200] + [409] * (CLIENTS - 1), answers
    assert [to for _, to in moves(migrate, "partnership", ready.id)].count("active") == 1


@pytest.mark.shows("everywhere.at_once")
def test_partners_that_are_merged_crosswise_end_in_one_that_lives(ours, migrate):
    partners = [ours.director.partner(name=f"Alike {n}").id for n in range(4)]
    for one in partners:
        ours.director.created("programs", {"name": "P", "partner_id": one})
    pairs = [(a, b) for a in partners for b in partners if a != b]
    at_once(CLIENTS, lambda n: patiently(lambda: ours.director.post(
        f"/v1/partners/{pairs[n % len(pairs)][0]}/merge", {"partner_ids": [pairs[n % len(pairs)][1]]})))
    rows = dict(migrate.execute("SELECT id::text, merged_into::text FROM partner WHERE id = ANY (%s)",
                                (partners,)).fetchall())
    alive = [one for one, into in rows.items() if into is None]
    assert len(alive) == 1, rows
    for one in partners:
        end, steps = one, 0
        while rows[end] and steps < 5:
            end, steps = rows[end], steps + 1
        assert end == alive[0], rows
    assert migrate.execute("SELECT DISTINCT partner_id::text FROM program WHERE partner_id = ANY (%s)",
                           (partners,)).fetchall() == [(alive[0],)], "every reference has moved"


@pytest.mark.shows("everywhere.at_once")
@settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@seed(20261129)
@given(verbs=st.lists(st.sampled_from(VERBS), min_size=CLIENTS, max_size=CLIENTS))
def test_whatever_is_asked_at_once_leaves_a_path_of_the_life_cycle(ours, migrate_all, verbs):
    ready = Ready(ours)
    answers = at_once(CLIENTS, lambda n: patiently(lambda: ready.act(verbs[n], **BODIES.get(verbs[n], {}))))
    assert {a.status for a in answers} <= {200, 409, 422}, answers
    path = moves(migrate_all, "partnership", ready.id)
    assert len(path) == sum(a.status == 200 for a in answers) + 1, "the first is its making"
    status = "exploring"
    for before, after in path[1:]:
        assert before == status
        assert any(TRANSITIONS.get((before, verb)) == after for verb in verbs), (before, after)
        status = after
    assert ready.caller.get(ready.path).json["status"] == status


@pytest.fixture(scope="module")
def migrate_all(database):
    """As migrate, for all examples of a test."""
    with database.connect("kith_migrate") as connection:
        yield connection
