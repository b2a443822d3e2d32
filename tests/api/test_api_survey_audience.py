"""Whom a survey asks, told before it opens and after: the people of filters and the leads of relationships, and the reason
for each who is left out."""

import pytest
from api_world import Tenant
from fields import least
from test_api_surveys import World

from world import NOW, insert, uuid7

STEPS = ("surveys_advance", "surveys_invite", "survey_mails_withdraw", "survey_invitations_decide", "survey_reminders_decide")


@pytest.fixture
def world(api, database, migrate):
    return World(api, database, migrate)


def audience(world, survey, caller=None, **query):
    return (caller or world.director).get(f"/v1/surveys/{survey}/audience", query)


def people_of(answer):
    return {(p["contact_id"] or p["user_id"]): (p["reason"], sorted(r["reason"] or "" for r in p["relationships"]))
            for p in answer.json["people"]}  # fmt: skip


def none_instrument(world):
    one = uuid7()
    insert(world.migrate, "instrument", {
        "district_id": world.tenant.id, "id": one, "code": f"n{str(one)[-12:]}", "edition": 1, "name": "None", "locales": ["en"],
        "subject": "none", "sections": '[{"code": "s", "title": {"en": "S"}}]', "questions": '[{"code": "well", "kind": "yes_no", "section": "s", "required": true, "text": {"en": "?"}}]',
        "status": "published", "created_at": NOW, "updated_at": NOW})  # fmt: skip
    return str(one)


def segment(world, resource="contacts", locale="vi"):
    return world.director.created("saved_filters", {
        "name": "A segment", "resource": resource, "criteria": [{"field": "locale", "op": "is", "values": [locale]}]}).id  # fmt: skip


@pytest.mark.shows("partnerships.survey_audience")
def test_the_leads_and_why_some_are_not_asked(world):
    ann, gone, mute, same = world.contact(), world.contact(status="left"), world.contact(channels=["phone"]), world.contact(email=None)
    world.partnership(contacts=[ann, gone, mute, same])
    survey = world.survey(asks_district=False)
    told = audience(world, survey)
    assert told.status == 200, told
    assert people_of(told) == {ann: (None, [""]), gone: ("left_org", [""]), mute: ("opted_out", [""]), same: ("no_email", [""])}
    assert told.json["asked"] == 1 and told.json["left_out"] == {"left_org": 1, "opted_out": 1, "no_email": 1}
    assert world.invitations(survey) == [], "a look decides nothing"


def test_opted_out_and_suppressed_addresses_are_told_before_a_mail_is_decided(world):
    tired, bounced = world.contact(), world.contact(email="bounced@example.org")
    world.row("preference", contact_id=tired, topic="surveys", channel="email", opted_out=True)
    world.row("address_suppression", address="bounced@example.org", reason="bounced")
    world.partnership(contacts=[tired, bounced])
    told = audience(world, world.survey(asks_district=False))
    assert people_of(told) == {tired: ("opted_out", [""]), bounced: ("bounced", [""])}


@pytest.mark.parametrize("count", [5, 6])
def test_nobody_is_asked_about_more_than_five_and_the_rest_is_told(world, count):
    ann = world.contact()
    for _ in range(count):
        world.partnership(contacts=[ann])
    told = audience(world, world.survey(asks_district=False))
    assert people_of(told) == {ann: (None, [""] * 5 + ["over_five"] * (count - 5))}
    assert (told.json["relationships"], told.json["over_five"]) == (5, count - 5)


def test_the_people_of_a_filter_are_asked_and_of_an_address_one(world):
    user = world.tenant.users["coordinator"]
    address = world.migrate.execute("SELECT email FROM app_user WHERE id = %s", (user,)).fetchone()[0]
    same, other = world.contact(email=address, locale="vi"), world.contact(locale="vi")
    world.contact(locale="so")
    world.migrate.execute("UPDATE app_user SET locale = 'vi', updated_at = %s WHERE id = %s", (NOW, user))
    survey = world.survey(instrument_id=none_instrument(world), audience="family", contact_filter_id=segment(world),
                          user_filter_id=segment(world, "users"))  # fmt: skip
    told = audience(world, survey)
    assert people_of(told) == {same: ("duplicate_address", []), other: (None, []), str(user): (None, [])}
    assert (told.json["asked"], told.json["left_out"]) == (2, {"duplicate_address": 1})
    assert {p["audience"] for p in told.json["people"]} == {"family"}


def test_a_filter_narrows_a_survey_about_relationships(world):
    ann, bob = world.contact(locale="vi"), world.contact()
    world.partnership(contacts=[ann, bob])
    survey = world.survey(asks_district=False, contact_filter_id=segment(world))
    assert set(people_of(audience(world, survey))) == {ann}


def test_it_comes_in_pages(world):
    made = sorted(world.contact(locale="vi") for _ in range(5))
    survey = world.survey(instrument_id=none_instrument(world), audience="family", contact_filter_id=segment(world))
    found, after = [], {}
    while after is not None:
        page = audience(world, survey, limit=2, **after).json
        assert page["asked"] == 5
        found.append([p["contact_id"] for p in page["people"]])
        after = {"after": page["next"]} if page["next"] else None
    assert found == [made[:2], made[2:4], made[4:]]
    assert audience(world, survey, limit=5).json["next"] is None


@pytest.mark.parametrize("query, status", [({"limit": 200}, 200), ({"limit": 201}, 400), ({"limit": 0}, 400), ({"after": "x"}, 400),
                                           ({"by": "all"}, 400)])  # fmt: skip
def test_what_a_query_may_hold(world, query, status):
    assert audience(world, world.survey(), **query).status == status


def test_nobody_else_sees_it(world, theirs):
    survey = world.survey()
    assert audience(world, survey, theirs.director).status == 404
    assert audience(world, uuid7()).status == 404
    for role in ("coordinator", "viewer", "partner"):
        assert audience(world, survey, getattr(world.tenant, role)).status == 403, role


@pytest.mark.shows("partnerships.survey_audience")
def test_once_it_is_open_it_tells_what_was_decided(world):
    ann, gone = world.contact(), world.contact(status="left")
    world.partnership(contacts=[ann, gone])
    survey = world.survey("open", closes_on="2030-01-01", asks_district=False)
    late = world.contact()
    world.partnership(contacts=[late])
    assert people_of(audience(world, survey)) == {ann: (None, [""]), gone: ("left_org", [])}


@pytest.mark.shows("partnerships.survey_exclusions")
def test_why_somebody_did_not_get_a_survey_is_one_call(world):
    """Whoever is left out has a mail that was not sent, with the reason; each as the audience told it before."""
    same = f"{uuid7()}@example.org"
    people = {
        None: world.contact(), "left_org": world.contact(status="left"), "opted_out": world.contact(channels=["phone"]),
        "no_email": world.contact(email=None), "bounced": world.contact(email=same)}
    world.row("address_suppression", address=same, reason="bounced")
    world.partnership(contacts=list(people.values()))
    survey = world.survey(asks_district=False, closes_on="2030-01-01")
    told = people_of(audience(world, survey))
    assert {one: reason for reason, one in people.items()} == {one: reason for one, (reason, _) in told.items()}
    assert world.act(survey, "open").status == 200
    with world.database.connect("kith_survey") as connection, connection.transaction():
        for step in STEPS:
            connection.execute(f"SELECT {step}(%s, %s)", (world.tenant.id, NOW))
    for reason, one in people.items():
        mails = world.director.get("/v1/messages", {"contact_id": one, "kind": "survey_invitation"}).json["data"]
        invitation, = (i for i in world.invitations(survey) if i["contact_id"] == one)
        assert [(m["subject_id"], m["reason"]) for m in mails] == [(invitation["id"], reason)]
        assert mails[0]["status"] == ("suppressed" if reason else "queued")


@pytest.mark.parametrize("days, faults", [([60, 0], {}), ([61], {"/reminder_days/0": "too_large"}),
                                          ([1, 2, 3, 4, 5], {}), ([3, 3], {"/reminder_days/1": "duplicate_item"}), ([1, 2, 3, 4, 5, 6], {"/reminder_days": "too_many_items"}), ([], {})])  # fmt: skip
def test_what_a_reminder_policy_may_be(world, days, faults):
    answer = world.director.post("/v1/surveys", {**least(world.director, "surveys"), "reminder_days": days})
    assert (answer.status, answer.faults) == ((422 if faults else 201), faults), answer


def test_tenants_are_apart(api, database, migrate):
    one, other = World(api, database, migrate), Tenant(api, database)
    filter_of_another = other.director.created("saved_filters", {"name": "A", "resource": "contacts", "criteria": []}).id
    answer = one.director.post("/v1/surveys", {**least(one.director, "surveys"), "contact_filter_id": filter_of_another})
    assert answer.status in (409, 422), answer
