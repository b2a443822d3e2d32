"""What holds for every action: its body, its precondition, its key, and whom it is refused. The
partnership stands for all."""

import threading
import uuid

import pytest
from api_world import Tenant, running_api
from fields import least
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from partnering import BODIES, TEXTS, TRANSITIONS, VERBS, Ready, put


@pytest.fixture
def one(ours, migrate):
    made = Ready(ours)
    put(migrate, "partnership", made.id, "active")
    return made


PAUSE = {"reason": "A flood"}


def test_a_body_that_may_be_empty_may_be_left_out(one):
    pause = one.act("pause", **PAUSE)
    assert pause.status == 200
    for verb, body, media_type in (
        ("resume", None, None),
        ("renew", b"{}", "application/json"),
        ("activate", None, "text/plain"),
    ):
        answer = one.caller.post(f"{one.path}/{verb}", body, Content_Type=media_type)
        assert answer.status == 200, (verb, answer)


def test_a_body_that_is_needed_is_missed(one):
    answer = one.caller.post(f"{one.path}/pause", b"")
    assert answer.status == 400, answer
    answer = one.caller.post(f"{one.path}/pause", None, Content_Type=None)
    assert (answer.status, answer.field("Accept-Post")) == (415, "application/json"), answer
    assert one.act("pause").faults == {"/reason": "required"}


@pytest.mark.parametrize("media_type", ("text/plain", "application/merge-patch+json", None))
def test_a_body_is_json(one, media_type):
    for verb, body in (("pause", PAUSE), ("renew", {})):
        answer = one.caller.post(f"{one.path}/{verb}", body, Content_Type=media_type)
        assert (answer.status, answer.field("Accept-Post")) == (415, "application/json"), answer
    for body in (b"[]", b"null", b'{"reason":'):
        answer = one.caller.post(f"{one.path}/pause", body)
        assert answer.status in (400, 422), answer


def test_all_that_is_wrong_with_a_body_is_said_at_once(one):
    answer = one.act("pause", reason=1, until="x", **{"a/b": 1})
    assert (answer.status, answer.type) == (422, "invalid_input")
    assert answer.faults == {
        "/reason": "wrong_type", "/until": "invalid_date", "/a~1b": "unknown_member"}
    for verb in ("renew", "activate"):
        assert one.act(verb, status="active").faults == {"/status": "unknown_member"}


def test_what_only_the_database_knows_of_a_field_points_to_it_too(one):
    answer = one.act("pause", **PAUSE, until="2026-11-01")
    assert (answer.status, answer.faults) == (422, {"/until": "not_allowed"}), answer
    assert answer.json["detail"] == '"until" must not be in the past.'


@pytest.mark.parametrize("verb", ("frobnicate", "Pause", "pause/", "status", ""))
def test_an_unknown_action_is_not_there(one, verb):
    assert one.caller.post(f"{one.path}/{verb}", PAUSE).status == 404


def test_an_action_is_posted(one):
    answer = one.caller.get(f"{one.path}/pause")
    assert (answer.status, answer.field("Allow")) == (405, "POST, OPTIONS"), answer
    assert one.caller.get(f"{one.path}/transitions", {"x": "y"}).status == 400


def test_whose_it_is_not_does_not_find_it(one, theirs):
    for caller, path in (
        (theirs.director, one.path),
        (one.caller, f"/v1/partnerships/{uuid.uuid4()}"),
        (one.caller, "/v1/partnerships/x"),
    ):
        assert caller.post(f"{path}/pause", PAUSE).status == 404
        assert caller.get(f"{path}/transitions").status == 404
    assert one.caller.get(one.path).json["status"] == "active"


def test_what_is_archived_is_restored_first(one):
    one.archive("partnerships")
    answer = one.act("pause", **PAUSE)
    assert (answer.status, answer.json["state"]) == (409, {"status": "archived"}), answer
    etag = one.caller.get(one.path).etag
    assert one.caller.restore(one.path, etag).status == 200
    assert one.act("pause", **PAUSE).status == 200


def test_an_action_may_ask_for_a_version(one):
    old = one.caller.get(one.path).etag
    one.change("partnerships", name="Another")
    new = one.caller.get(one.path).etag
    for tag in (old, '"v999-0"', "*", "x", f"{old}, {new}"):
        answer = one.caller.post(f"{one.path}/pause", PAUSE, If_Match=tag)
        assert (answer.status, answer.type) == (412, "precondition_failed"), (tag, answer)
    answer = one.caller.post(f"{one.path}/pause", PAUSE, If_Match=new)
    assert (answer.status, answer.etag) == (200, one.caller.get(one.path).etag)


def test_the_reply_is_the_representation(one):
    answer = one.act("pause", **PAUSE)
    got = one.caller.get(one.path)
    assert (answer.json, answer.etag) == (got.json, got.etag)


# ---- Under a key ---------------------------------------------------------------------------------


def outbox_count(migrate, one):
    count = migrate.execute("SELECT count(*) FROM outbox WHERE aggregateid = %s", (one,)).fetchone()[0]
    migrate.commit()
    return count


def test_the_same_key_gives_the_same_reply_and_acts_once(one, migrate):
    key = {"Idempotency_Key": str(uuid.uuid4())}
    first = one.caller.post(f"{one.path}/pause", PAUSE, **key)
    count = outbox_count(migrate, one.id)
    one.act("resume")
    replayed = one.caller.post(f"{one.path}/pause", PAUSE, **key)
    assert replayed.field("Idempotent-Replayed") == "true"
    assert (replayed.status, replayed.json, replayed.etag) == (200, first.json, first.etag)
    assert outbox_count(migrate, one.id) == count + 1
    assert one.caller.get(one.path).json["status"] == "active"
    for path, body in ((f"{one.path}/pause", {"reason": "Other"}), (f"{one.path}/renew", {})):
        answer = one.caller.post(path, body, **key)
        assert (answer.status, answer.type) == (422, "idempotency_key_reused"), answer


def test_what_was_refused_leaves_the_key_free(one):
    key = {"Idempotency_Key": str(uuid.uuid4())}
    assert one.caller.post(f"{one.path}/resume", {}, **key).status == 409
    one.act("pause", **PAUSE)
    answer = one.caller.post(f"{one.path}/resume", {}, **key)
    assert (answer.status, answer.field("Idempotent-Replayed")) == (200, None), answer


def test_sixteen_with_one_key_act_once_and_are_told_the_same(one, migrate):
    before = outbox_count(migrate, one.id)
    key = str(uuid.uuid4())
    barrier = threading.Barrier(16)
    answers = []

    def run():
        barrier.wait(30)
        answers.append(one.caller.post(f"{one.path}/pause", PAUSE, Idempotency_Key=key))

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = [answer.json for answer in answers if answer.status == 200]
    assert told and all(body == told[0] for body in told)
    assert {answer.status for answer in answers} <= {200, 409}, answers
    assert outbox_count(migrate, one.id) == before + 1


# ---- Against a model -----------------------------------------------------------------------------


class Model(RuleBasedStateMachine):
    """A partnership beside a few lines of Python that should know the same of it."""

    def __init__(self, tenant):
        super().__init__()
        self.one = Ready(tenant)
        self.status = "exploring"
        self.texts = {name: True for name in TEXTS}
        self.words = {"district", "partner"}
        self.goal = True
        self.goal_words = {"district", "partner"}
        self.leads = {"district", "partner"}
        self.number = 0

    @property
    def missing(self):
        """What activating it lacks."""
        found = [f"lead_{side}" for side in ("district", "partner") if side not in self.leads]
        if not self.texts["vision"]:
            found.append("vision")
        else:
            found += [f"vision_{s}" for s in ("district", "partner") if s not in self.words]
        found += [name for name in TEXTS[1:] if not self.texts[name]]
        if not self.goal:
            found.append("goal")
        else:
            found += [f"goal_{s}" for s in ("district", "partner") if s not in self.goal_words]
        return found

    @rule(name=st.sampled_from(TEXTS), is_there=st.booleans(), is_same=st.booleans())
    def write(self, name, is_there, is_same):
        self.number += 1
        shown = self.one.caller.get(self.one.path).json[name]
        text = shown if is_same else f"Text {self.number}" if is_there else None
        self.one.change("partnerships", **{name: text})
        if text != shown:
            self.words = set()
        self.texts[name] = text is not None

    @rule(progress=st.sampled_from(("dropped", "on_track", "met")))
    def progress(self, progress):
        self.one.change("goals", progress=progress)
        self.goal = progress != "dropped"

    @rule()
    def set_another_goal(self):
        self.number += 1
        self.one.change("goals", statement=f"Goal {self.number}")
        self.goal_words = set()

    @rule(side=st.sampled_from(("district", "partner")), day=st.sampled_from((None, "2026-11-20")))
    def lead(self, side, day):
        self.one.change(side, until_date=day)
        self.leads = self.leads - {side} if day else self.leads | {side}

    @rule(plural=st.sampled_from(("partnerships", "goals")), is_partner=st.booleans())
    def acknowledge(self, plural, is_partner):
        body = {"on_behalf_of": self.one.contact} if is_partner else {}
        answer = self.one.caller.post(f"{self.one.path_of(plural)}/acknowledge", body)
        if plural == "partnerships" and not self.texts["vision"]:
            assert answer.json["state"]["missing"] == ["vision"]
        elif is_partner and "partner" not in self.leads:
            assert answer.faults == {"/on_behalf_of": "not_allowed"}
        else:
            assert answer.status == 200, answer
            words = self.words if plural == "partnerships" else self.goal_words
            words.add("partner" if is_partner else "district")

    @rule(verb=st.sampled_from(VERBS))
    def act(self, verb):
        answer = self.one.act(verb, **BODIES.get(verb, {}))
        if (self.status, verb) not in TRANSITIONS:
            assert "possible" in answer.json["state"], answer
        elif verb in ("activate", "resume") and self.missing:
            assert answer.json["state"] == {"status": self.status, "missing": self.missing}, answer
        else:
            assert answer.status == 200, answer
            self.status = TRANSITIONS[self.status, verb]

    @rule(data=st.data())
    def move(self, data):
        """As act(), but what is possible: so that long lives are lived."""
        self.act(data.draw(st.sampled_from(sorted(v for s, v in TRANSITIONS if s == self.status))))

    @invariant()
    def the_api_tells_the_same(self):
        assert self.one.caller.get(self.one.path).json["status"] == self.status
        assert self.one.transitions() == {
            verb: (to, self.missing if verb == "activate" else [])
            for (at, verb), to in TRANSITIONS.items()
            if at == self.status
        }


def test_whatever_is_done_in_whatever_order_the_model_knows_it(ours):
    run_state_machine_as_test(
        lambda: Model(ours),
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_an_action_is_no_other_statement_of_its_resource(database):
    """The one that finds out whether a row may be written was called as the action is."""
    with running_api(database, KITH_API_CHILDREN=1, KITH_DB_CONNECTIONS=1) as api:
        director = Tenant(api, database).director
        body = {"name": "Half way", "due_on": "2028-06-30",
                "partnership_id": director.created("partnerships", least(director, "partnerships")).id}
        path = f"/v1/milestones/{director.created('milestones', body).id}"
        assert director.archive(path, '"v99-0"').status == 412
        assert director.post(f"{path}/reach", {}).status == 200
