"""Partnerships: from status to status, and what the gate before active asks for."""

import threading
import uuid

import pytest
from api_world import ROLES
from operations import Subjects
from partnering import BODIES, STATUSES, TEXTS, TRANSITIONS, VERBS, Ready, agreement, in_force, put, vetted

EVENTS = {
    "align": "aligned",
    "explore": "explored",
    "agree": "agreed",
    "activate": "activated",
    "pause": "paused",
    "resume": "resumed",
    "renew": "renewed",
    "end": "ended",
    "decline": "declined",
    "reopen": "reopened",
}


@pytest.fixture(scope="module")
def ready(ours):
    """One that lacks nothing; its status is put where a test wants it."""
    return Ready(ours)


def events_of(migrate, one):
    rows = migrate.execute(
        "SELECT type, sequence FROM outbox WHERE aggregateid = %s ORDER BY sequence", (one,)
    ).fetchall()
    migrate.commit()
    return rows


# ---- From status to status -----------------------------------------------------------------------


@pytest.mark.shows("partnerships.life")
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", STATUSES)
def test_each_action_in_each_status(ready, migrate, status, verb):
    put(migrate, "partnership", ready.id, status)
    before = ready.caller.get(ready.path).json
    answer = ready.act(verb, **BODIES.get(verb, {}))
    if (status, verb) in TRANSITIONS:
        assert answer.status == 200, answer
        assert answer.json["status"] == TRANSITIONS[status, verb]
        assert answer.json["version"] == before["version"] + 1
        assert answer.json["status_reason"] == BODIES.get(verb, {}).get("reason")
        event = events_of(migrate, ready.id)[-1]
        assert event == (f"org.kith.partnership.{EVENTS[verb]}.v1", before["version"] + 1)
    else:
        assert (answer.status, answer.type) == (409, "conflict"), answer
        possible = sorted(v for s, v in TRANSITIONS if s == status)
        assert answer.json["state"] == {"status": status, "possible": possible}
        assert ready.caller.get(ready.path).json == before


@pytest.mark.shows("partnerships.transitions")
@pytest.mark.parametrize("status", STATUSES)
def test_what_is_possible_is_told_before(ready, migrate, status):
    put(migrate, "partnership", ready.id, status)
    told = ready.tenant.viewer.get(f"{ready.path}/transitions")
    assert (told.status, told.json["status"]) == (200, status)
    assert ready.transitions() == {
        verb: (to, []) for (at, verb), to in TRANSITIONS.items() if at == status
    }


def test_of_what_is_archived_nothing_is_possible(ours):
    one = Ready(ours)
    one.archive("partnerships")
    assert one.transitions() == {}
    answer = one.act("align")
    assert (answer.status, answer.json["state"]) == (409, {"status": "archived"}), answer


@pytest.mark.shows("partnerships.life")
def test_a_life_from_exploring_to_its_end_and_again(ours, api):
    one = Ready(ours)
    for verb in ("align", "agree", "activate"):
        assert one.act(verb).status == 200
    first = one.caller.get(one.path).json
    assert first["activated_at"] == first["updated_at"]
    paused = one.act("pause", reason="A flood", until="2026-12-24")
    assert (paused.json["paused_until"], paused.json["status_reason"]) == ("2026-12-24", "A flood")
    api.move_clock(minutes=1)
    resumed = one.act("resume").json
    assert (resumed["paused_until"], resumed["status_reason"]) == (None, None)
    assert resumed["activated_at"] == first["activated_at"], "the first time"
    for verb, body in (("renew", {}), ("end", {"reason": "Done"}), ("reopen", {})):
        assert one.act(verb, **body).status == 200
    assert one.caller.get(one.path).json["id"] == one.id


@pytest.mark.shows("partnerships.ended_on")
def test_it_ended_on_a_day_that_is_known(ours, migrate, api):
    one = Ready(ours, starts_on="2026-09-01", ends_on="2027-06-30")
    put(migrate, "partnership", one.id, "paused")
    for day, fault in (("2026-11-22", "not_allowed"), ("2026-08-31", "not_allowed"), ("soon", "invalid_date")):
        answer = one.act("end", reason="They moved.", ended_on=day)
        assert (answer.status, answer.faults) == (422, {"/ended_on": fault}), answer
    over = one.act("end", reason="They moved.", ended_on="2026-10-09").json
    assert (over["ended_on"], over["ends_on"]) == ("2026-10-09", "2027-06-30"), "what was planned stays"
    refused = ours.director.patch(one.path, {"ended_on": "2026-10-10"}, ours.director.get(one.path).etag)
    assert refused.faults == {"/ended_on": "read_only"}, refused
    assert one.act("reopen").json["ended_on"] is None
    put(migrate, "partnership", one.id, "renewing")
    assert one.act("end", reason="It is over.").json["ended_on"] == "2026-11-21", "today, where nobody says a day"


@pytest.mark.parametrize(
    "body, faults",
    [
        ({}, {"/reason": "required"}),
        ({"reason": None}, {"/reason": "not_null"}),
        ({"reason": ""}, {"/reason": "too_short"}),
        ({"reason": " \n\t"}, {"/reason": "too_short"}),
        ({"reason": "a" * 10001}, {"/reason": "too_long"}),
        ({"reason": "x", "until": "soon"}, {"/until": "invalid_date"}),
        ({"reason": "x", "untl": "2026-12-24"}, {"/untl": "unknown_member"}),
    ],
)
def test_a_pause_needs_a_reason_and_knows_its_fields(ready, migrate, body, faults):
    put(migrate, "partnership", ready.id, "active")
    answer = ready.act("pause", **body)
    assert (answer.status, answer.faults) == (422, faults), answer
    assert ready.caller.get(ready.path).json["status"] == "active"


def test_a_pause_may_end_today_and_not_before_by_the_districts_day(ready, migrate, api):
    """The evening of a day in Chicago is the next day in UTC."""
    before = api.move_clock()
    try:
        api.set_clock("2026-11-22T03:00:00.000Z")
        put(migrate, "partnership", ready.id, "active")
        answer = ready.act("pause", reason="x", until="2026-11-20")
        assert (answer.status, answer.faults) == (422, {"/until": "not_allowed"}), answer
        assert ready.act("pause", reason="a" * 10000, until="2026-11-21").status == 200
    finally:
        api.set_clock(before)


# ---- The gate ------------------------------------------------------------------------------------


def without(part, **fields):
    return lambda ready: ready.change(part, **fields) if fields else ready.archive(part)


def disable(table, role, **values):
    """What the API's lead is, changed past the API."""

    def run(ready):
        with ready.tenant.api.database.connect("kith_migrate") as connection:
            ready.change("district", user_id=ready.tenant.person("viewer")[1])
            one = connection.execute(
                f"SELECT {role} FROM partnership_role WHERE id = %s",
                (ready.ids["district" if role == "user_id" else "partner"],),
            ).fetchone()[0]
            for name, value in values.items():
                connection.execute(f"UPDATE {table} SET {name} = %s WHERE id = %s", (value, one))

    return run


def again(plural, *sides, **fields):
    """Changes what was acknowledged, and lets those sides acknowledge it again."""

    def run(ready):
        ready.change(plural, **fields)
        if "district" in sides:
            ready.acknowledge(plural)
        if "partner" in sides:
            ready.acknowledge(plural, on_behalf_of=ready.contact)

    return run


def two_goals_with_one_word_each(ready):
    again("goals", "district", statement="One")(ready)
    other = ready.made("goals", statement="Other", due_on="2027-06-30")
    body = {"on_behalf_of": ready.contact}
    assert ready.caller.post(f"/v1/goals/{other}/acknowledge", body).status == 200


def data_flows(**fields):
    def run(ready):
        ready.archive("links")
        one = in_force(ready.caller, data_flows=True, **fields).id
        ready.ids["links"] = ready.made("agreement_partnerships", agreement_id=one)

    return run


def beside(kind):
    """A second agreement, without data, beside one that lets data flow on no basis."""
    def run(ready):
        data_flows()(ready)
        ready.made("agreement_partnerships", agreement_id=in_force(ready.caller, kind=kind).id)

    return run


def draft_only(ready):
    ready.archive("links")
    one = agreement(ready.caller).id
    ready.made("agreement_partnerships", agreement_id=one)


def terminated(ready):
    path = ready.path_of("agreements")
    assert ready.caller.post(f"{path}/terminate", {"reason": "x"}).status == 200


def dated(**days):
    def run(ready):
        ready.archive("links")
        ready.made("agreement_partnerships", agreement_id=in_force(ready.caller, **days).id)

    return run


MISSING = {
    "no lead of the district": (without("district"), ["lead_district"]),
    "its lead ended yesterday": (
        without("district", until_date="2026-11-20"), ["lead_district"]),
    "its lead begins tomorrow": (without("district", from_date="2026-11-22"), ["lead_district"]),
    "its lead is a co-lead": (without("district", role="co_lead"), ["lead_district"]),
    "its lead's account is disabled": (
        disable("app_user", "user_id", status="disabled"), ["lead_district"]),
    "no lead of the partner": (without("partner"), ["lead_partner"]),
    "its lead sponsors only": (without("partner", role="sponsor"), ["lead_partner"]),
    "its lead has left": (disable("contact", "contact_id", status="left"), ["lead_partner"]),
    "its lead is archived": (
        disable("contact", "contact_id", archived_at="2026-11-01T00:00:00Z"), ["lead_partner"]),
    "no vision": (without("partnerships", vision=None), ["vision"]),
    "a vision of spaces": (without("partnerships", vision=" \n"), ["vision"]),
    "the district's word": (
        again("partnerships", "partner", vision="Another."), ["vision_district"]),
    "the partner's word": (again("partnerships", "district", vision="Other."), ["vision_partner"]),
    "no expectations": (
        again("partnerships", "district", "partner", expectations=None), ["expectations"]),
    "no processes": (again("partnerships", "district", "partner", processes=""), ["processes"]),
    "no desired outcomes": (
        again("partnerships", "district", "partner", desired_outcomes=None), ["desired_outcomes"]),
    "no goal": (without("goals"), ["goal"]),
    "a dropped goal": (without("goals", progress="dropped"), ["goal"]),
    "a goal without the district's word": (
        again("goals", "partner", statement="Other"), ["goal_district"]),
    "a goal without the partner's": (again("goals", "district", statement="O"), ["goal_partner"]),
    "a goal without a word": (again("goals", statement="O"), ["goal_district", "goal_partner"]),
    "two goals with one word each": (two_goals_with_one_word_each, ["goal_partner"]),
    "no agreement": (without("links"), ["agreement"]),
    "an agreement that is archived": (without("agreements"), ["agreement"]),
    "a draft": (draft_only, ["agreement"]),
    "an agreement that was terminated": (terminated, ["agreement"]),
    "an agreement from tomorrow on": (dated(effective_on="2026-11-22"), ["agreement"]),
    "an agreement until yesterday": (dated(expires_on="2026-11-20"), ["agreement"]),
    "data without a basis": (data_flows(), ["data_addendum"]),
    "data on no basis": (data_flows(data_basis="none", data_purpose="x"), ["data_addendum"]),
    "a site plan alone": (dated(kind="site_plan"), ["agreement"]),
    "an addendum alone": (
        dated(kind="data_sharing", data_flows=True, data_basis="parental_consent", data_purpose="x"), ["agreement"]),
    "data without a basis beside an amendment": (beside("amendment"), ["data_addendum"]),
    "data without a basis beside a master": (beside("master"), ["data_addendum"]),
    "data for nothing": (data_flows(data_basis="parental_consent"), ["data_addendum"]),
}
ENOUGH = {
    "leads that begin and end today": (
        lambda ready: [
            ready.change(side, from_date="2026-11-21", until_date="2026-11-21")
            for side in ("district", "partner")
        ]
    ),
    "an agreement of today alone": dated(effective_on="2026-11-21", expires_on="2026-11-21"),
    "data on a basis": data_flows(data_basis="parental_consent", data_purpose="Counting"),
    "a study with its end": data_flows(
        data_basis="study", data_purpose="A study", data_destroy_by="2028-01-01"),
    "a site plan beside it": lambda ready: ready.made(
        "agreement_partnerships", agreement_id=in_force(ready.caller, kind="site_plan").id),
    "a second lead, who has ended": lambda ready: ready.made(
        "partnership_roles", role="lead", contact_id=ready.contact, until_date="2026-01-01"),
    "a second goal without a word": lambda ready: ready.made(
        "goals", statement="Other", due_on="2027-06-30"),
    "a purpose is not asked for": without("partnerships", purpose=None),
}


@pytest.fixture(scope="module", autouse=True)
def today(api):
    """2026-11-21 in the district, though it is the 22nd in UTC."""
    api.set_clock("2026-11-22T05:30:00.000Z")


@pytest.mark.shows("partnerships.gate")
@pytest.mark.parametrize(
    "case, status",
    [(case, "agreement") for case in MISSING]
    + [(case, "renewing") for case in ("no goal", "the partner's word")],
)
def test_what_is_missing_keeps_it_from_being_active(ours, migrate, case, status):
    take, codes = MISSING[case]
    one = Ready(ours)
    put(migrate, "partnership", one.id, status)
    take(one)
    assert one.transitions()["activate"] == ("active", codes)
    answer = one.act("activate")
    assert (answer.status, answer.json["state"]) == (409, {"status": status, "missing": codes})
    assert answer.json["detail"].count(".") == len(codes), "a sentence each"
    assert one.caller.get(one.path).json["status"] == status


@pytest.mark.parametrize("case", ENOUGH)
def test_at_the_limit_it_is_enough(ours, migrate, case):
    one = Ready(ours)
    put(migrate, "partnership", one.id, "agreement")
    ENOUGH[case](one)
    assert one.transitions()["activate"] == ("active", [])
    assert one.act("activate").status == 200


def bare(tenant, **fields):
    body = {"name": "Bare", "partner_id": vetted(tenant, tenant.director.partner().id), "arrangement": "service"}
    return tenant.director.created("partnerships", {**body, **fields}).id


def missing_of(tenant, migrate, one):
    put(migrate, "partnership", one, "agreement")
    told = tenant.director.get(f"/v1/partnerships/{one}/transitions").json["possible"]
    return next(row["missing"] for row in told if row["action"] == "activate")


@pytest.mark.shows("partnerships.gate", "partnerships.transitions")
def test_all_that_is_missing_is_said_at_once(ours, migrate):
    texts = ["vision", "expectations", "processes", "desired_outcomes"]
    assert missing_of(ours, migrate, bare(ours)) == (
        ["lead_district", "lead_partner", *texts, "goal", "agreement"]
    )


@pytest.mark.shows("partnerships.gate_by_tier")
@pytest.mark.parametrize(
    "tier, partners_tier, arrangement, is_light",
    [
        ("supporter", None, "service", True),
        (None, "supporter", "service", True),
        ("partner", "supporter", "service", False),
        ("supporter", "anchor", "service", True),
        (None, "anchor", "gift", True),
        ("anchor", None, "gift", True),
        (None, None, "sponsorship", False),
    ],
)
def test_a_supporter_or_a_gift_needs_a_lead_and_a_purpose(
    ours, migrate, tier, partners_tier, arrangement, is_light
):
    director = ours.director
    partner = vetted(ours, director.partner(tier=partners_tier).id)
    one = bare(ours, tier=tier, partner_id=partner, arrangement=arrangement)
    if not is_light:
        assert len(missing_of(ours, migrate, one)) == 8
        return
    assert missing_of(ours, migrate, one) == ["lead_district", "purpose"]
    path = f"/v1/partnerships/{one}"
    director.patch(path, {"purpose": "Backpacks"}, director.get(path).etag)
    assert missing_of(ours, migrate, one) == ["lead_district"]
    lead = {"partnership_id": one, "role": "lead", "user_id": ours.users["coordinator"]}
    director.created("partnership_roles", lead)
    assert director.post(f"{path}/activate", {}).status == 200


# ---- Acknowledgments -----------------------------------------------------------------------------

OF_VISION = ("district_at", "district_by", "partner_at", "partner_by", "partner_recorded_by")


def vision_of(one):
    shown = one.caller.get(one.path).json
    return {name: shown[f"vision_{name}"] for name in OF_VISION}


def test_who_acknowledged_is_kept_and_the_first_time_stays(ours, api):
    one = Ready(ours)
    first = vision_of(one)
    director = ours.users["director"]
    assert first["district_by"] == first["partner_recorded_by"] == director
    assert first["partner_by"] == one.contact
    assert first["district_at"] and first["partner_at"]
    api.move_clock(seconds=1)
    version = one.caller.get(one.path).json["version"]
    again_by = ours.coordinator.post(f"{one.path}/acknowledge", {})
    assert (again_by.status, again_by.json["version"]) == (200, version), "nothing changed"
    assert vision_of(one) == first


@pytest.mark.parametrize("name", TEXTS)
def test_a_change_of_the_text_clears_both_acknowledgments_and_no_other_does(ours, name):
    one = Ready(ours)
    kept = vision_of(one)
    one.change("partnerships", name="Another", purpose="p", starts_on="2026-01-01", tier="anchor")
    one.change("partnerships", **{name: f"Our {name}."})
    assert vision_of(one) == kept, "it stands as it stood"
    one.change("partnerships", **{name: "Otherwise."})
    assert set(vision_of(one).values()) == {None}


def test_without_a_vision_there_is_nothing_to_acknowledge(ours):
    one = bare(ours)
    answer = ours.director.post(f"/v1/partnerships/{one}/acknowledge", {})
    assert answer.json["state"] == {"status": "exploring", "missing": ["vision"]}


def test_only_a_lead_of_the_partners_side_is_spoken_for(ours, theirs):
    one, other = Ready(ours), Ready(ours)
    one.change("partnerships", vision="New.")
    one.change("goals", statement="New")
    sponsor = one.caller.created("contacts", {"name": "Sponsor"}).id
    one.made("partnership_roles", role="sponsor", contact_id=sponsor)
    gone = one.caller.created("contacts", {"name": "Gone"}).id
    one.made("partnership_roles", role="lead", contact_id=gone, until_date="2026-11-20")
    nobody = [sponsor, gone, other.contact, one.lead, str(uuid.uuid4()), Ready(theirs).contact]
    for plural in ("partnerships", "goals"):
        for contact in nobody:
            body = {"on_behalf_of": contact}
            answer = one.caller.post(f"{one.path_of(plural)}/acknowledge", body)
            assert (answer.status, answer.faults) == (422, {"/on_behalf_of": "not_allowed"}), answer
    assert set(vision_of(one).values()) == {None}


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "B"},
        {"indicator_id": None},
        {"unit": "%"},
        {"direction": "down"},
        {"target": "5"},
        {"target": None},
        {"due_on": "2027-07-01"},
    ],
)
def test_a_goal_is_acknowledged_as_it_stands(ours, change):
    one = Ready(ours)
    indicator = Subjects(ours).fresh("indicators").id
    one.change("goals", target="1.5", indicator_id=indicator)
    one.acknowledge("goals")
    kept = one.acknowledge("goals", on_behalf_of=one.contact).json
    assert kept["partner_by"] == one.contact and kept["district_by"] == ours.users["director"]
    moved = one.change("goals", progress="at_risk", current="1", current_on="2026-11-01").json
    assert {n: moved[n] for n in OF_VISION} == {n: kept[n] for n in OF_VISION}
    assert (moved["progress"], moved["current"]) == ("at_risk", "1.000000")
    changed = one.change("goals", **change).json
    assert {changed[name] for name in OF_VISION} == {None}


# ---- When the gate is due ------------------------------------------------------------------------


def test_when_the_gate_is_due_is_a_directors_to_say(ours, migrate):
    one = Ready(ours)
    etag = one.caller.get(one.path).etag
    # A coordinator with all of the district, so that it is not the scope which refuses.
    answer = ours.coordinator.patch(one.path, {"gate_due": "2027-01-01"}, etag)
    assert (answer.status, answer.faults) == (422, {"/gate_due": "not_allowed"}), answer
    body = {"name": "x", "partner_id": one.partner, "arrangement": "other"}
    answer = ours.coordinator.post("/v1/partnerships", {**body, "gate_due": "2027-01-01"})
    assert answer.faults == {"/gate_due": "not_allowed"}
    for role in ("director", "admin"):
        caller = getattr(ours, role)
        path = f"/v1/partnerships/{caller.created('partnerships', {**body, 'gate_due': '2027-01-01'}).id}"
        assert caller.patch(path, {"gate_due": None}, caller.get(path).etag).status == 200
    one.change("partnerships", gate_due="2027-01-02")
    one.change("partnerships", name="zz")
    etag = one.caller.get(one.path).etag
    assert ours.coordinator.patch(one.path, {"gate_due": None}, etag).status == 422
    assert ours.coordinator.patch(one.path, {"name": "zzz"}, etag).status == 200
    put(migrate, "partnership", one.id, "agreement")
    assert ours.coordinator.post(f"{one.path}/activate", {}).json["gate_due"] is None


@pytest.mark.shows("partnerships.gate_work_list")
def test_what_came_as_active_says_what_it_lacks_and_is_done_when_it_has_all(ours, migrate):
    ready, lone = Ready(ours, gate_due="2032-02-01"), bare(ours, gate_due="2032-02-01")
    assert ready.caller.get(ready.path).json["gate_missing"] is None, "it does not run"
    for one in (ready.id, lone):
        put(migrate, "partnership", one, "active")
    day = {"gate_due[gte]": "2032-02-01", "gate_due[lte]": "2032-02-01"}
    lacks = {row["id"]: row["gate_missing"] for row in ours.viewer.get("/v1/partnerships", day).json["data"]}
    assert lacks[ready.id] == [] and {"lead_district", "goal", "agreement"} <= set(lacks[lone])

    def waits(caller):
        told = caller.get("/v1/me/tasks").json["data"]
        return {task["subject_id"] for task in told if task["kind"] == "gate"} & {ready.id, lone}

    assert (waits(ours.coordinator), waits(ours.director)) == ({ready.id}, {lone}), "a director's, where nobody leads"
    path, director = f"/v1/partnerships/{lone}", ours.director
    refused = director.patch(path, {"gate_due": None}, director.get(path).etag)
    assert (refused.status, refused.json["state"]["missing"]) == (409, lacks[lone]), refused
    assert director.patch(path, {"gate_due": "2032-03-01"}, director.get(path).etag).status == 200
    passed = ours.coordinator.post(f"{ready.path}/pass_gate", {})
    assert (passed.status, passed.json["gate_due"], passed.json["gate_missing"]) == (200, None, None), passed
    assert waits(ours.coordinator) == set()
    for one, missing in ((ready.path, ["gate_due"]), (path, lacks[lone])):
        refused = ours.coordinator.post(f"{one}/pass_gate", {})
        assert (refused.status, refused.json["state"]["missing"]) == (409, missing), refused
    put(migrate, "partnership", lone, "ended")
    assert director.post(f"{path}/pass_gate", {}).json["state"] == {"status": "ended"}


@pytest.mark.shows("partnerships.gate_again")
def test_what_is_resumed_has_all_that_activating_asks_for_or_time_for_it(ours, migrate):
    one = Ready(ours, gate_due="2026-11-20")
    put(migrate, "partnership", one.id, "paused")
    one.archive("links")
    assert one.transitions()["resume"] == ("active", ["agreement"])
    refused = one.act("resume")
    assert (refused.status, refused.json["state"]["missing"]) == (409, ["agreement"]), refused
    one.made("agreement_partnerships", agreement_id=one.ids["agreements"])
    migrate.execute("UPDATE partnership SET agreement_lapsed_on = '2026-11-01' WHERE id = %s", (one.id,))
    migrate.commit()
    resumed = one.act("resume").json
    assert (resumed["status"], resumed["gate_due"], resumed["agreement_lapsed_on"]) == ("active", None, None)
    lone = bare(ours, gate_due="2026-11-21")
    put(migrate, "partnership", lone, "paused")
    resumed = ours.director.post(f"/v1/partnerships/{lone}/resume", {}).json
    assert (resumed["status"], resumed["gate_due"]) == ("active", "2026-11-21"), "it has until then"


@pytest.mark.shows("partnerships.outgrown")
def test_what_is_a_supporters_no_more_has_the_days_of_grace_for_the_rest(ours, migrate):
    director = ours.director
    partner = vetted(ours, director.partner(tier="supporter").id)
    own, its, gift = (bare(ours, purpose="Backpacks", partner_id=partner, **fields)
                      for fields in ({"tier": "supporter"}, {}, {"arrangement": "gift"}))
    for one in (own, its, gift):
        put(migrate, "partnership", one, "active")

    def due():
        return [director.get(f"/v1/partnerships/{one}").json["gate_due"] for one in (own, its, gift)]

    path = f"/v1/partnerships/{own}"
    assert ours.coordinator.patch(path, {"tier": "anchor"}, director.get(path).etag).json["gate_due"] == "2026-12-21"
    assert due() == ["2026-12-21", None, None]
    path = f"/v1/partners/{partner}"
    assert ours.coordinator.patch(path, {"tier": "partner"}, director.get(path).etag).status == 200
    assert due() == ["2026-12-21", "2026-12-21", None], "a gift is one still"


def test_those_whose_gate_is_due_are_listed_by_a_range(ours):
    made = {day: bare(ours, gate_due=day) for day in ("2031-01-01", "2031-01-02", "2031-01-03")}
    found = ours.viewer.get(
        "/v1/partnerships", {"gate_due[gte]": "2031-01-01", "gate_due[lt]": "2031-01-03"}
    ).json["data"]
    assert {row["id"] for row in found} == {made["2031-01-01"], made["2031-01-02"]}


# ---- Roles and investments -----------------------------------------------------------------------


@pytest.mark.shows("partnerships.roles")
def test_a_roles_side_is_that_of_who_holds_it(ours):
    one = Ready(ours)
    role = ours.director.get(one.path_of("district"))
    assert role.json["side"] == "district"
    path = one.path_of("district")
    body = {"user_id": None, "contact_id": one.contact}
    assert ours.director.patch(path, body, role.etag).json["side"] == "partner"
    for both in ({"user_id": one.lead, "contact_id": one.contact}, {}):
        least = {"partnership_id": one.id, "role": "lead", **both}
        answer = ours.director.post("/v1/partnership_roles", least)
        assert (answer.status, answer.faults) == (422, {"/contact_id": "not_allowed"}), answer


@pytest.mark.shows("partnerships.delivered")
@pytest.mark.parametrize("verb, status", (("deliver", "delivered"), ("cancel", "cancelled")))
def test_an_investment_is_delivered_or_cancelled_once(ours, migrate, verb, status):
    body = {"partnership_id": bare(ours), "side": "partner", "kind": "cash"}
    days = {"from_date": "2026-07-01", "until_date": "2026-07-01"}
    made = ours.director.created("investments", {**body, **days, "amount_cents": 0})
    path = f"/v1/investments/{made.id}"
    told = ours.viewer.get(f"{path}/transitions").json
    assert [one["action"] for one in told["possible"]] == ["cancel", "deliver"]
    answer = ours.director.post(f"{path}/{verb}", {})
    assert (answer.status, answer.json["status"]) == (200, status)
    assert events_of(migrate, made.id)[-1] == (f"org.kith.investment.{status}.v1", 2)
    for other in ("deliver", "cancel"):
        answer = ours.director.post(f"{path}/{other}", {})
        assert answer.json["state"] == {"status": status, "possible": []}, answer


# ---- At once -------------------------------------------------------------------------------------


def test_of_sixteen_who_activate_it_at_once_one_does(ours, migrate):
    one = Ready(ours)
    put(migrate, "partnership", one.id, "agreement")
    before = len(events_of(migrate, one.id))
    barrier = threading.Barrier(16)
    answers = []

    def run():
        barrier.wait(30)
        answers.append(one.act("activate"))

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.status for answer in answers) == [200] + [409] * 15, answers
    (event,) = events_of(migrate, one.id)[before:]
    assert event[0] == "org.kith.partnership.activated.v1"


def test_an_edit_and_an_acknowledgment_at_once_leave_no_word_for_what_was_not_read(ours):
    """Whoever acknowledges by the version that was read never acknowledges another text."""
    one = Ready(ours)
    for number in range(5):
        one.change("partnerships", vision=f"Vision {number}")
        etag = one.caller.get(one.path).etag
        barrier = threading.Barrier(2)
        answers = {}

        def acknowledge(etag=etag, barrier=barrier, answers=answers):
            barrier.wait(30)
            answers["word"] = one.caller.post(f"{one.path}/acknowledge", {}, If_Match=etag)

        thread = threading.Thread(target=acknowledge)
        thread.start()
        barrier.wait(30)
        answers["edit"] = one.caller.patch(one.path, {"vision": f"Edited {number}"}, etag)
        thread.join(60)
        shown = one.caller.get(one.path).json
        assert shown["vision_district_at"] is None or shown["vision"] == f"Vision {number}", answers
        assert sorted(a.status for a in answers.values()) in ([200, 412], [200, 409]), answers


def test_everybody_reads_and_registry_roles_write(ready):
    for role in ROLES:
        caller = getattr(ready.tenant, role)
        assert caller.get(ready.path).status == 200
        assert caller.get(f"{ready.path}/transitions").status == 200
