"""32 clients at once: whatever order their requests are in, the database has what one after the other would have
left."""

from collections import Counter

from hypothesis import HealthCheck, given, seed, settings, strategies as st

import pytest
from acting import act, at_once
from needing import open_need, staged
from partnering import BODIES, TRANSITIONS, VERBS, Ready, act_on, agreement, put, signed_file

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
    file = signed_file(ours.director, one)
    answers = at_once(CLIENTS, lambda n: patiently(lambda: act(
        ours.director, "agreements", one, "sign", side=("district", "partner")[n % 2], signer=f"Signer {n}",
        attachment_id=file)))
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


class Office:
    """What depends on each other: two records of one partner, its offer, which a need and six pledges want, an agreement
    to be signed, a partnership to be activated, and whoever owns the partner and leaves."""

    def __init__(self, tenant, connection):
        self.tenant, self.director, self.connection = tenant, tenant.director, connection
        _, self.leaver, _ = tenant.person("coordinator")
        _, receiver, _ = tenant.person("coordinator")
        self.partners = [self.director.partner(owner_id=self.leaver).id for _ in range(2)]
        for one in self.partners:
            staged(tenant, one, "approved")
        self.offer = self.director.created("offers", {
            "name": "Vans", "partner_id": self.partners[0], "kind": "money", "quantity": 3}).id
        self.need = open_need(tenant, quantity=5)
        self.pledges = [self.director.created("pledges", {
            "need_id": self.need, "partner_id": self.partners[0], "quantity": 1, "offer_id": self.offer}).id for _ in range(6)]
        self.departure = self.director.created("departures", {
            "user_id": self.leaver, "on_date": "2026-11-21", "receiver_user_id": receiver}).id
        self.agreement = agreement(self.director).id
        act_on(self.director, self.agreement, "submit", "approve")
        self.file = signed_file(self.director, self.agreement)
        self.ready = Ready(tenant)
        put(connection, "partnership", self.ready.id, "agreement")

    def ask(self, step):
        verb, n = step
        if verb in WEIGHED:
            return act(self.director, "pledges", self.pledges[n], verb, **WEIGHED[verb])
        if verb == "merge":
            into, other = self.partners[::1 if n % 2 else -1]
            return act(self.director, "partners", into, "merge", partner_ids=[other])
        if verb == "hand_over":
            return act(self.director, "departures", self.departure, "hand_over")
        if verb == "sign":
            return act(self.director, "agreements", self.agreement, "sign", side=("district", "partner")[n % 2], signer="Dr. Who",
                       attachment_id=self.file)
        if verb == "activate":
            return self.ready.act("activate")
        path, body = {"own": (f"/v1/partners/{self.partners[n % 2]}", {"owner_id": self.leaver, "city": f"City {n}"}),
                      "amount": (f"/v1/offers/{self.offer}", {"quantity": 2 + n % 3})}[verb]
        return self.director.patch(path, body, self.director.get(path).etag)

    def read(self, text, *parameters):
        found = self.connection.execute(text, parameters).fetchall()
        self.connection.commit()
        return found

    def check(self, answers):
        """What holds of any order."""
        ((quantity, taken, remaining, offerer),) = self.read(
            "SELECT quantity, taken, remaining, partner_id::text FROM offer WHERE id = %s", self.offer)
        ((filled,),) = self.read("SELECT filled FROM need WHERE id = %s", self.need)
        claimed = sum({"failed": delivered}.get(status, one) for status, one, delivered in self.read(
            "SELECT status, quantity, delivered FROM pledge WHERE id = ANY (%s)", self.pledges)
            if status in ("accepted", "partly_delivered", "delivered", "failed"))
        assert (taken, filled, remaining) == (claimed, claimed, quantity - claimed) and remaining >= 0
        merged = dict(self.read("SELECT id::text, merged_into::text FROM partner WHERE id = ANY (%s)", self.partners))
        alive = [one for one, into in merged.items() if into is None]
        has_merged = any(verb == "merge" and answer.status == 200 for (verb, _), answer in answers)
        assert len(alive) == (1 if has_merged else 2), merged
        owners = self.read("SELECT DISTINCT partner_id::text FROM pledge WHERE id = ANY (%s)", self.pledges)
        assert owners == [(offerer,)] and offerer in alive, "every reference has moved"
        ((left,),) = self.read("SELECT status FROM departure WHERE id = %s", self.departure)
        ((gone,),) = self.read("SELECT archived_at IS NOT NULL FROM app_user WHERE id = %s", self.leaver)
        assert gone == (left == "handed_over")
        owned = self.read("SELECT id FROM partner WHERE id = ANY (%s) AND owner_id = %s AND archived_at IS NULL",
                          alive, self.leaver)
        assert not (gone and owned), "nothing is left with who has left"
        sides = {side for side, in self.read("SELECT side FROM agreement_signature WHERE agreement_id = %s", self.agreement)}
        ((status,),) = self.read("SELECT status FROM agreement WHERE id = %s", self.agreement)
        assert status == ("in_force" if len(sides) == 2 else "out_for_signature"), sides
        activated = sum(verb == "activate" and answer.status == 200 for (verb, _), answer in answers)
        ((status,),) = self.read("SELECT status FROM partnership WHERE id = %s", self.ready.id)
        assert (activated, status) in ((0, "agreement"), (1, "active"))
        self.check_record()

    def check_record(self):
        """Each change has an audit row and an event, and no two are the same version."""
        for table, one in (("offer", self.offer), ("need", self.need), ("agreement", self.agreement),
                           ("departure", self.departure), *(("pledge", one) for one in self.pledges)):
            ((audits, events, versions, last, version),) = self.read(
                "SELECT (SELECT array_agg(id ORDER BY id) FROM audit WHERE aggregateid = t.id), "
                "array_agg(o.id ORDER BY o.id), count(DISTINCT o.sequence), max(o.sequence), t.version "
                f"FROM {table} t JOIN outbox o ON o.aggregateid = t.id WHERE t.id = %s GROUP BY t.id, t.version", one)
            assert audits == events and versions == len(events) and last <= version, (table, one)


WEIGHED = {"accept": {}, "decline": {"reason": "No."}, "fail": {"reason": "No."}, "deliver": {"quantity": 1}}
STEPS = st.tuples(st.sampled_from(["accept", "accept", "merge", "hand_over", "sign", "activate", "own", "amount", *WEIGHED]),
                  st.integers(0, 5))


@pytest.mark.shows("everywhere.at_once")
@settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@seed(20261129)
@given(steps=st.lists(STEPS, min_size=CLIENTS, max_size=CLIENTS))
def test_whatever_is_done_to_what_hangs_together_it_still_does(ours, migrate_all, steps):
    office = Office(ours, migrate_all)
    answers = at_once(CLIENTS, lambda n: patiently(lambda: office.ask(steps[n])))
    assert {a.status for a in answers} <= {200, 404, 409, 412, 422}, answers
    office.check(list(zip(steps, answers)))


@pytest.fixture(scope="module")
def migrate_all(database):
    """As migrate, for all examples of a test."""
    with database.connect("kith_migrate") as connection:
        yield connection
