"""What somebody is responsible for is inside, wherever it is: who cares for a partner, leads a partnership, or is named in
a task writes it, and is no writer of anything else there. Whoever is shown a task can do it."""

import pytest
from needing import did, open_need
from operations import operations
from world import NOW, insert, uuid7

# Kinds that go to whoever has a role over the whole district, or that a person writes by a rule of its own.
OF_ROLES = set("""agreement_review agreement_step board_decision call_to_action credential_review departure
displacement_approval partner_owner records_request review_approval site_closing story_approval tax_letter tax_summary
gift_step champion_milestone complaint introduction_letter policy remedy survey thank_you inquiry ask ask_unreached
school_year""".split())
# Kinds that are the same rows of the same people as another one.
ALIKE = {
    "agreement_notice": "agreement_expiry", "agreement_signature": "agreement_acknowledgment",
    "data_disposal": "agreement_expiry", "lead_missing": "gate", "convening_attendance": "convening_notes",
    "convening_invitation": "convening_notes", "check_in_dispute": "check_in_half",
    "goal_disagreement": "check_in_half", "champion_step": "follow_up",
    "funding_report": "funding_application", "gift_acceptance": "roll_call", "credential_missing": "gate",
    "partnership_exit": "gate",
}
# Of a resource that nobody patches: what is done instead.
ACTS = {
    "call_tasks": ("complete", {}), "roll_call_changes": ("dismiss", {"note": "It is still there."}),
    "partner_edits": ("refuse", {"reason": "It is not so."}), "check_ins": ("skip", {"reason": "A snow day."}),
    "roll_calls": ("submit", {}), "story_subjects": ("revoke", {}),
}


class Elsewhere:
    """Somebody who coordinates one network, and what falls to that person at a school of another one."""

    def __init__(self, tenant, migrate):
        self.tenant, self.migrate = tenant, migrate
        director = tenant.director
        self.near, self.far = (director.created("networks", {"name": f"{name} network"}).id for name in ("Near", "Far"))
        self.site = director.site(network_id=self.far).id
        self.alone = director.site().id
        self.who = tenant.scoped(("coordinator", "network", self.near))
        self.other = tenant.scoped(("coordinator", "network", self.near))
        self.lead = tenant.director.created("posts", {"kind": "partnership_lead", "title": "Lead", "site_id": self.site}).id
        self.row("post_holder", post_id=self.lead, user_id=self.who.user, from_date="2026-07-01")
        post = director.created("posts", {"kind": "network_lead", "title": "Lead", "network_id": self.far}).id
        self.row("post_holder", post_id=post, user_id=self.who.user, from_date="2026-07-01")
        self.strange = director.partner(lead_site_id=self.site).id
        self.partner = director.partner(lead_site_id=self.site).id
        self.put("partner", self.partner, owner_id=self.who.user, stage="approved")
        self.foreign = self.partnership(self.strange, lead_site_id=None)
        self.led = self.partnership(self.strange, lead_site_id=None, vision="All read.", gate_due="2026-12-01")
        self.row("partnership_role", partnership_id=self.led, side="district", role="lead", user_id=self.who.user)

    def row(self, table, **fields):
        values = {"district_id": self.tenant.id, "id": uuid7(), "created_at": NOW, "updated_at": NOW, **fields}
        with self.migrate.transaction():
            self.context()
            insert(self.migrate, table, values)
        return values["id"]

    def context(self):
        self.migrate.execute("SELECT kith_context(%s, %s, 'director', %s, '')",
                             (self.tenant.id, self.tenant.users["director"], NOW))

    def put(self, table, one, **fields):
        with self.migrate.transaction():
            self.context()
            for name, value in fields.items():
                self.migrate.execute(f"UPDATE {table} SET {name} = %s WHERE id = %s", (value, one))

    def partnership(self, partner, **fields):
        return self.row("partnership", **{"partner_id": partner, "name": "P", "arrangement": "program", "status": "active",
                                          "lead_site_id": self.site, **fields})

    def all(self):
        """Of each kind one, whose it is alone."""
        row, me, led, foreign = self.row, self.who.user, self.led, self.foreign
        row("action_item", partnership_id=foreign, description="Send it", owner_user_id=me)
        mail = row("message", kind="check_in_reminder", topic="check_ins", subject_id=uuid7(), user_id=me, occurrence="1",
                   recipient_key=f"user:{me}", locale="en", status="suppressed", reason="bounced", not_before=NOW,
                   not_after="2027-01-31T06:00:00Z", **{"class": "duty"})
        row("call_task", kind="call", reason="bounced", subject_id=uuid7(), recipient_key="contact:1", message_id=mail,
            user_id=me, owner_id=me)
        goal = row("goal", partnership_id=led, statement="Read", due_on="2027-06-30")
        row("milestone", partnership_id=led, goal_id=goal, name="Half", due_on="2026-12-01")
        for number, fields in ((1, {}), (2, {"answered_at": NOW})):
            one = uuid7()
            row("check_in", id=one, partnership_id=led, school_year=2027, number=number, due_on=f"2026-12-1{number}",
                opens_on="2026-11-20", dated_at=NOW, uid=one, status="open", opened_at=NOW, **fields)
        row("investment", partnership_id=led, side="partner", kind="cash", amount_cents=100, status="pledged",
            from_date="2026-07-01", until_date="2026-08-01")
        contact = row("contact", name="Ann")
        row("investment", partnership_id=led, side="partner", kind="cash", amount_cents=100, status="delivered",
            from_date="2026-07-01", until_date="2026-08-01", confirmed="disputed", confirmed_contact_id=contact,
            confirmed_at=NOW, dispute_reason="Less.")
        paused = self.partnership(self.strange, lead_site_id=None, status="paused", paused_until="2026-11-23",
                                  status_reason="Flood")
        row("partnership_role", partnership_id=paused, side="district", role="lead", user_id=me)
        for fields in ({"status": "draft", "effective_on": "2026-12-01"},
                       {"status": "in_force", "effective_on": "2026-01-01", "expires_on": "2026-12-20"}):
            one = row("agreement", kind="mou", title="A", text="We agree.", **fields)
            row("agreement_partnership", agreement_id=one, partnership_id=led)
        row("placement", partnership_id=foreign, site_id=self.site, title="Tutor", fte=1, funder="partner",
            from_date="2026-07-01", contact_id=contact, supervisor_id=me)
        row("partnership_review", partnership_id=foreign, school_year=2027, due_on="2026-12-15", user_id=me)
        review = row("portfolio_review", school_year=2027, planned_on="2026-11-01", site_id=self.site)
        row("portfolio_decision", portfolio_review_id=review, kind="grow", decision="Grow", owner_id=me)
        row("interaction", partner_id=self.strange, site_id=self.site, kind="call", on_date="2026-11-01", subject="Call",
            user_id=me, follow_up_on="2026-11-25")
        row("introduction", partner_id=self.strange, site_id=self.site, on_date="2026-10-01", introduced_by_user_id=me)
        row("credential", partner_id=self.partner, kind="liability_insurance", expires_on="2026-12-01", status="verified",
            verified_by=me, verified_at=NOW)
        row("offer", partner_id=self.partner, name="Desks", kind="equipment", until_date="2026-12-01")
        row("partner_edit", partner_id=self.partner, field="name", old="P", proposed="Q", status="waiting",
            user_id=me)
        place = row("affiliation", contact_id=contact, partner_id=self.partner, role="Head", may_sign_in=False)
        row("partner_edit", partner_id=self.partner, field="person", proposed='{"name": "Ann"}', status="waiting",
            user_id=me, affiliation_id=place)
        story = row("story", title="S", text="All read.", locale="en", site_id=self.site, owner_id=me)
        row("story_subject", story_id=story, contact_id=contact, asked_at=NOW, answered_at=NOW, answered_by=contact)
        opportunity = row("funding_opportunity", name="F", funder="G", kind="foundation")
        row("funding_application", funding_opportunity_id=opportunity, title="T", site_id=self.site, owner_id=me)
        row("roll_call", site_id=self.site, school_year=2027, due_on="2026-12-01")
        other = row("roll_call", site_id=self.tenant.director.site().id, school_year=2027, due_on="2026-12-01",
                    status="confirmed", submitted_at=NOW, confirmed_at=NOW)
        row("roll_call_change", roll_call_id=other, partner_id=self.strange, partnership_id=led, kind="partnership",
            status="proposed")
        focus = row("focus_area", name=f"F {uuid7()}")
        need = open_need(self.tenant, site_id=self.site)
        row("need", title="N", focus_area_id=focus, site_id=self.site, needed_by="2027-01-01", status="capacity_review")
        row("pledge", need_id=need, partner_id=self.strange, quantity=1)
        row("pledge", need_id=need, partner_id=self.strange, quantity=1, status="accepted", accepted_at=NOW,
            ends_on="2026-11-01")
        ask = row("ask", need_id=need, partner_id=self.strange, status="talk", sent_at=NOW)
        row("follow_up", ask_id=ask, due_on="2026-12-01", owner_id=me)
        row("ask", need_id=need, partner_id=self.strange, status="declined", sent_at=NOW, sent_by=me, answered_at=NOW,
            answered_contact_id=contact)
        hour = {"starts_at": "2026-11-20T15:00:00Z", "ends_at": "2026-11-20T16:00:00Z"}
        held, other = (row("convening", school_year=2027, site_id=site, kind="other", title="C", **hour, **fields)
                       for site, fields in ((self.site, {"host_id": me}), (self.tenant.director.site().id, {})))
        self.put("convening", held, status="held", held_on="2026-11-20")
        row("convening_decision", convening_id=other, kind="other", decision="D", owner_user_id=me)

    def shown(self, who):
        told = who.get("/v1/me/tasks").json
        assert told["more"] == []
        return [(task["kind"], task["resource"], task["subject_id"]) for task in told["data"]]

    def writes(self, who, resource, one):
        """As if it changed something."""
        path = f"/v1/{resource}/{one}"
        if f"PATCH /v1/{resource}/{{id}}" in operations():
            return who.patch(path, {}, who.get(path).etag)
        verb, body = ACTS[resource]
        return who.post(f"{path}/{verb}", body)


@pytest.fixture(scope="module")
def elsewhere(ours, database):
    with database.connect("kith_migrate") as connection:
        yield Elsewhere(ours, connection)


@pytest.mark.shows("everywhere.responsible")
def test_whoever_is_shown_a_task_can_do_it(elsewhere):
    elsewhere.all()
    shown = elsewhere.shown(elsewhere.who)
    refused = [(kind, answer) for kind, resource, one in shown
               for answer in [elsewhere.writes(elsewhere.other, resource, one)]
               if answer.status != 403 and not kind.startswith("policy")]
    assert [kind for kind, _ in refused] == [], refused
    closed = [(kind, answer) for kind, resource, one in shown if kind != "policy"
              for answer in [elsewhere.writes(elsewhere.who, resource, one)] if answer.status not in (200, 204, 409)]
    assert closed == []
    every = {kind for kind, in elsewhere.migrate.execute("SELECT kind FROM my_task_kinds()").fetchall()}
    assert every - OF_ROLES - set(ALIKE) - {kind for kind, _, _ in shown} == set(), "kinds that were not tried"


def patched(who, plural, one, **fields):
    path = f"/v1/{plural}/{one}"
    return who.patch(path, fields, who.get(path).etag)


@pytest.mark.shows("everywhere.responsible")
def test_who_cares_for_a_partner_keeps_it_wherever_it_is_led(ours, elsewhere):
    director, who, site = ours.director, elsewhere.who, elsewhere.alone
    one = director.partner(lead_site_id=site).id
    partnership = director.created("partnerships", {"name": "P", "partner_id": one, "arrangement": "program",
                                                    "lead_site_id": site}).id
    about = {"partner_id": one}
    makes = (("credentials", {"kind": "w9"}), ("offers", {"name": "Desks", "kind": "equipment"}),
             ("programs", {"name": "Tutors"}), ("partner_owners", {"user_id": ours.users["director"]}),
             ("interactions", {"kind": "call", "on_date": "2026-11-20", "subject": "Call", "site_id": site,
                               "follow_up_on": "2026-11-25"}),
             ("introductions", {"site_id": site, "on_date": "2026-11-20"}))
    for plural, body in makes:
        assert who.post(f"/v1/{plural}", {**body, **about}).status == 403, plural
    assert patched(who, "partners", one, description="D").status == 403
    director.created("partner_owners", {**about, "user_id": who.user})
    made = {plural: who.created(plural, {**body, **about}).id for plural, body in makes}
    assert patched(who, "partners", one, description="D", tier="anchor").status == 200
    assert did(who, "partners", one, "contact", subject="First")["stage"] == "contacted"
    assert did(who, "partners", one, "vet")["stage"] == "vetting"
    contact = who.created("contacts", {"name": "Ann", "email": f"{uuid7()}@example.org"}).id
    place = who.created("affiliations", {**about, "contact_id": contact, "role": "Head"}).id
    assert patched(who, "contacts", contact, phone="1").status == 200
    assert patched(who, "affiliations", place, role="Chair").status == 200
    for plural, change in (("credentials", {"coverage_cents": None}), ("offers", {"name": "Chairs"}),
                           ("programs", {"name": "Mentors"}), ("introductions", {"outcome": "met"})):
        assert patched(who, plural, made[plural], **change).status == 200, plural
    did(who, "interactions", made["interactions"], "follow_up", outcome="They come")

    assert patched(who, "partners", elsewhere.strange, description="D").status == 403, "another partner"
    assert patched(who, "sites", site, phone="1").status == 403
    assert patched(who, "partnerships", partnership, purpose="Mine").status == 403, "which its school leads"
    near = director.site(network_id=elsewhere.near).id
    for plural, field, one_of, to in (("partners", "lead_site_id", one, near), ("partners", "lead_site_id", one, None),
                                      ("interactions", "partner_id", made["interactions"], elsewhere.strange),
                                      ("credentials", "partner_id", made["credentials"], elsewhere.strange)):
        assert patched(who, plural, one_of, **{field: to}).status == 403, (plural, field)
    assert who.post("/v1/program_sites", {"program_id": made["programs"], "site_id": site}).status == 403
    assert who.post("/v1/partners", {"name": "New", "kind": "civic", "lead_site_id": site,
                                     "owner_id": who.user}).status == 403, "nobody makes one there by caring for it"
    made = who.post("/v1/api_keys", {"label": "K", "scope_kind": "network", "scope_id": elsewhere.near})
    key = type(who)(ours.api, made.json["token"])
    assert patched(key, "partners", one, description="E").status == 403, "a key for a place is for nothing else"
    assert patched(who, "partners", one, owner_id=elsewhere.other.user).status == 200, "and hands it on"


@pytest.mark.shows("everywhere.responsible")
def test_what_somebody_is_to_do_stays_where_it_is(ours, elsewhere):
    director, who, near = ours.director, elsewhere.who, ours.director.site(network_id=elsewhere.near).id
    own = director.partner(lead_site_id=near).id
    places = {
        "partnership_id": director.created("partnerships", {"name": "P", "partner_id": own, "arrangement": "program",
                                                            "lead_site_id": near}).id,
        "site_id": near, "need_id": open_need(ours, site_id=near), "partner_id": own,
        "convening_id": elsewhere.row("convening", school_year=2027, kind="other", title="M", site_id=near,
                                      starts_at="2026-12-10T21:00:00Z", ends_at="2026-12-10T22:30:00Z")}
    for subject in ({"partnership_id": elsewhere.foreign}, {"site_id": elsewhere.site}, {"partner_id": elsewhere.strange}):
        one = director.created("action_items", {**subject, "description": "Send it", "owner_user_id": who.user}).id
        name, = subject
        for field, to in places.items():
            moved = patched(who, "action_items", one, **{field: to})
            assert moved.status == 403, (subject, field, moved)
            if field != name:
                moved = patched(who, "action_items", one, **{name: None, field: to})
                assert moved.status == 403, (subject, field, moved)
        assert patched(who, "action_items", one, **{name: None}).status == 403
        assert patched(who, "action_items", one, description="Send it today").status == 200


@pytest.mark.shows("everywhere.responsible")
def test_the_owner_of_a_partner_holds_its_asks_and_answers_what_is_assigned(ours, elsewhere):
    director, who, site = ours.director, elsewhere.who, elsewhere.alone
    one = director.partner(lead_site_id=site, owner_id=who.user).id
    need = open_need(ours, site_id=site)
    ask = director.created("asks", {"need_id": need, "partner_id": one}).id
    did(director, "asks", ask, "submit")
    assert did(who, "asks", ask, "hold", reason="Not now")["held_by"] == who.user
    did(who, "asks", ask, "release")
    inquiry = director.created("inquiries", {"organization": f"The {uuid7()} mill", "name": "Bo", "message": "We help.",
                                             "email": f"{uuid7()}@example.org", "site_id": site, "need_id": need,
                                             "kind": "business"}).id
    assert who.post(f"/v1/inquiries/{inquiry}/convert", {}).status == 403
    did(director, "inquiries", inquiry, "assign", owner_id=who.user)
    known = who.post(f"/v1/inquiries/{inquiry}/convert", {"partner_id": elsewhere.strange})
    assert known.status == 403, "what another partner offers its own people say"
    told = did(who, "inquiries", inquiry, "convert", pledge_quantity=1)
    made = who.get(f"/v1/partners/{told['partner_id']}").json
    assert (told["status"], made["owner_id"], made["lead_site_id"]) == ("converted", who.user, site)
    pledge = elsewhere.row("pledge", need_id=need, partner_id=one, quantity=1, is_own_word=True)
    assert patched(who, "needs", need, title="Mine").status == 403, "its school's"
    assert did(who, "pledges", pledge, "accept")["status"] == "accepted"
    assert director.get(f"/v1/needs/{need}").json["filled"] == 1, "whoever accepts it, it counts"


def test_who_leads_a_partnership_writes_it_and_what_its_partner_has_to_show(ours, elsewhere):
    director, who, site = ours.director, elsewhere.who, elsewhere.alone
    one = director.partner(lead_site_id=site).id
    led = director.created("partnerships", {"name": "P", "partner_id": one, "arrangement": "program"}).id
    body = {"partner_id": one, "kind": "w9"}
    assert patched(who, "partnerships", led, purpose="P").status == 403
    assert who.post("/v1/credentials", body).status == 403
    role = director.created("partnership_roles", {"partnership_id": led, "role": "lead", "user_id": who.user})
    assert patched(who, "partnerships", led, purpose="P").status == 200
    who.created("goals", {"partnership_id": led, "statement": "Read", "due_on": "2027-06-30"})
    who.created("credentials", body)
    assert patched(who, "partners", one, description="D").status == 403, "the partner itself is others'"
    for fields in ({"lead_site_id": director.site(network_id=elsewhere.near).id}, {"partner_id": elsewhere.partner}):
        assert patched(who, "partnerships", led, **fields).status == 403, fields
    director.archive(f"/v1/partnership_roles/{role.id}", role.etag)
    assert patched(who, "partnerships", led, purpose="Q").status == 403


def test_a_director_of_one_school_is_not_shown_what_falls_to_those_of_the_district(ours, elsewhere):
    who = ours.scoped(("director", "site", ours.director.site().id))
    kinds = {kind for kind, _, _ in elsewhere.shown(ours.director)}
    assert "inquiry" in kinds or ours.director.created("inquiries", {"organization": "O", "name": "N", "message": "M"})
    assert {kind for kind, _, _ in elsewhere.shown(who)} <= {"policy"}
