"""Every change leaves one audit row and one event, in its transaction, and none goes without."""
import re
from uuid import RFC_4122

import pytest
from psycopg import errors

from world import NOW, insert, unit, uuid7

LATER = "2026-11-22T15:00:00.000Z"
# Tenant tables that kith_api writes and whose changes are not recorded: the first dies with its day.
UNRECORDED = {"idempotency", "sign_in_failure", "import_work", "import_batch", "import_chunk", "import_row",
              "import_change", "attachment_piece"}
# Triggers that hold a table's own rules, after each row: name, tgtype, function.
MARKS = {("mark_insert", 4, "mark_rollups"), ("mark_update", 16, "mark_rollups"),
         ("mark_delete", 8, "mark_rollups")}
MOVES = {("mark_update", 16, "mark_rollups")}
FAMILY = {("mark_family", 29, "mark_family")}
PARTNERS = {("mark_partners_insert", 4, "mark_rollups"), ("mark_partners_update", 16, "mark_rollups"),
            ("mark_partners_delete", 8, "mark_rollups")}
RULES = {"survey_answer": {("mark_survey_insert", 5, "mark_survey_answer"), ("mark_survey_update", 17, "mark_survey_answer"),
                           ("mark_survey_delete", 9, "mark_survey_answer")},
         "app_user": {("end_access", 17, "end_access")},
         "user_grant": {("keep_admin_grant", 17, "keep_admin_grant"),
                        ("require_scope", 21, "require_scope")},
         "partnership_site": MARKS | FAMILY | PARTNERS, "family_plan": FAMILY, "family_part": FAMILY,
         "partnership_review": {("keep_review", 19, "keep_review")},
         "investment": MARKS | {("investment_rate", 7, "investment_rate"),
                                ("investment_changed", 19, "investment_changed"),
                                ("investment_check", 23, "investment_check"),
                                ("investment_taken_over", 19, "investment_taken_over")},
         "site": MOVES | {("site_keep", 19, "site_keep")},
         "district": MOVES | {("reminder_rule_supply", 5, "reminder_rule_supply"), ("schedule_follow", 21, "schedule_follow"),
                              ("mark_zone", 17, "mark_zone"), ("district_brand_check", 23, "district_brand_check")},
         "observation": {("mark_insert", 4, "mark_observations"), ("mark_delete", 8, "mark_observations"),
                         ("mark_update", 17, "mark_observations")}
                        | {("observation_before", 7, "observation_before")},
         "indicator": {("keep_supplied", 19, "keep_supplied")},
         "release": {("release_after", 5, "release_after")},
         "focus_area": {("refuse_cycle", 21, "refuse_cycle")},
         "reporting_quarter": {("refuse_overlap", 21, "refuse_overlap")} | MARKS,
         "custom_value": {("custom_value_check", 23, "custom_value_check")},
         "saved_filter": {("saved_filter_count", 23, "saved_filter_count")},
         "report": {("report_check", 23, "report_check")},
         "academic_session": {("refuse_cycle", 21, "refuse_cycle")},
         "post": {("refuse_cycle", 21, "refuse_cycle")},
         "post_holder": {("refuse_second_holder", 21, "refuse_second_holder")},
         "site_vision": {("keep_vision", 19, "keep_vision")},
         "school_year": PARTNERS | {(name.replace("partners", "families"), kind, function)
                                    for name, kind, function in PARTNERS} | {("refuse_year_overlap", 21, "refuse_year_overlap"),
                         ("school_year_dates", 7, "school_year_dates")},
         "policy": {("policy_number", 7, "policy_number"), ("keep_policy", 19, "keep_policy")},
         "partner": {("refuse_cycle", 21, "refuse_cycle"), ("outgrows", 17, "partner_outgrows"), ("guard_imported_stage", 7, "guard_imported_stage")},
         "credential": {("clear_verification", 19, "clear_verification")},
         "offer": {("fill_remaining", 23, "fill_remaining")},
         "partnership_role": {("fill_side", 23, "fill_side")},
         "attachment": {("attachment_check", 23, "attachment_check"),
                        ("attachment_leave", 19, "attachment_leave")},
         "partnership_partner": {("partnership_partner_check", 23, "partnership_partner_check")},
         "goal_partnership": {("goal_partnership_check", 23, "goal_partnership_check"),
                              ("acknowledgment_ask_again", 17, "acknowledgment_ask_again")},
         "funding_partnership": {("funding_partnership_check", 23, "funding_partnership_check")},
         "funding_period": {("funding_period_check", 21, "funding_period_check")},
         "training_seat": {("training_seat_check", 23, "training_seat_check"), ("training_seat_waits", 23, "training_seat_waits"),
                           ("training_invite", 5, "training_invite"), ("training_invite_again", 17, "training_invite"),
                           ("training_seat_freed", 17, "training_seat_freed")},
         "training": {("training_seat_freed", 17, "training_seat_freed")},
         "coaching": {("coaching_check", 23, "coaching_check")},
         "milestone": {("milestone_check", 23, "milestone_check")},
         "interaction": {("interaction_check", 23, "interaction_check"),
                         ("interaction_again", 19, "interaction_again"),
                         ("contact_follow", 29, "contact_follow")},
         "activity": {("activity_check", 23, "activity_check"), ("contact_follow", 29, "contact_follow")},
         "placement": {("placement_changed", 19, "placement_changed"), ("placement_unfeed", 11, "placement_unfeed")},
         "check_in_site": {("check_in_site_check", 23, "check_in_site_check")},
         "goal": {("clear_shares", 17, "clear_shares"),
                  ("acknowledgment_ask_again", 17, "acknowledgment_ask_again"),
                  ("clear_acknowledgments", 19, "clear_acknowledgments")},
         "agreement_step": {("agreement_step_check", 23, "agreement_step_check"),
                            ("agreement_step_keep", 19, "agreement_step_keep")},
         "agreement_item": {("agreement_item_check", 23, "agreement_item_check")},
         "agreement_signature": {("agreement_signature_copy", 5, "agreement_signature_copy")},
         "agreement_partnership": {("amendments_follow", 13, "amendments_follow"),
                                   ("amendments_follow_on", 17, "amendments_follow")},
         "agreement": {("agreement_revised", 17, "agreement_revised"), ("guard_imported_agreement", 7, "guard_imported_agreement"),
                       ("agreement_take_file", 21, "agreement_take_file"),
                       ("agreement_imported", 5, "agreement_imported"),
                       ("agreement_imported_signed", 5, "agreement_imported_signed"), ("agreement_unimported", 11, "agreement_imported"),
                       ("agreement_give_file", 11, "agreement_take_file"), ("agreement_ask", 17, "agreement_ask"),
                       ("clear_acknowledgments", 19, "clear_acknowledgments"),
                       ("amendment_check", 7, "amendment_check"), ("amendment_links", 5, "amendment_links"),
                       ("amendment_holds", 17, "amendment_holds"), ("amendments_end", 17, "amendments_end"),
                       ("refuse_reviewed_change", 19, "refuse_reviewed_change"),
                       ("refuse_signed_change", 19, "refuse_signed_change")},
         "priority": {("refuse_adopted_change", 19, "refuse_adopted_change")},
         "need": MARKS | {("need_match", 19, "need_match"), ("need_look_again", 19, "need_look_again"),
                         ("need_ended", 17, "need_ended"), ("pledge_thanked", 17, "pledge_thanked")},
         "call_to_action": {("call_told", 17, "call_told")},
         "landscape_snapshot": {("snapshot_take", 7, "snapshot_take")},
         "portfolio_review": {("refuse_held_change", 19, "refuse_held_change")},
         "displacement_review": {("follow_need", 23, "follow_need"),
                                 ("refuse_decided_change", 19, "refuse_decided_change")},
         "assessment": {("assessment_emptied", 19, "assessment_emptied")},
         "ask": {("ask_owner", 7, "ask_owner"), ("ask_changed", 19, "ask_changed"),
                 ("refuse_past_draft", 19, "refuse_past_draft"), ("ask_mail", 17, "ask_mail"),
                 ("ask_mail_day", 19, "ask_mail_day")},
         "pledge": {("pledge_answers", 7, "pledge_answers"), ("pledge_thanked", 17, "pledge_thanked"),
                    ("pledge_of_offer", 7, "pledge_of_offer"),
                    ("refuse_accepted_change", 19, "refuse_accepted_change")},
         "survey": MARKS | {("keep_survey", 19, "keep_survey"), ("survey_check", 23, "survey_check"), ("instrument_freeze", 21, "instrument_freeze")},
         "survey_invitation": {("survey_invitation_settled", 17, "survey_invitation_settled")},
         "check_in": MARKS | {("check_in_move", 19, "check_in_move"),
                      ("check_in_put_away", 19, "check_in_put_away")},
         "partnership": MOVES | PARTNERS | {("mark_survey", 17, "mark_survey_partnership"), ("mark_family_insert", 5, "mark_family"), ("take_ended", 23, "partnership_ended"),
                         ("mark_lead", 16, "mark_rollups"), ("mark_family", 17, "mark_family"), ("outgrows", 19, "partnership_outgrows"), ("pledge_follow", 17, "pledge_follow"),
                                 ("check_in_follow", 17, "check_in_follow"),
                                 ("guard_gate_due_insert", 7, "guard_gate_due"),
                                 ("guard_gate_due_update", 19, "guard_gate_due"),
                                 ("guard_imported", 7, "guard_imported"),
                                 ("acknowledgment_ask_again", 17, "acknowledgment_ask_again"),
                                 ("clear_acknowledgments", 19, "clear_acknowledgments")}}

# Who leaves an organization, or has no grant any more, is signed out; who has a password is invited no more.
RULES["affiliation"] = {("contact_account_follow", 17, "contact_account_follow"), ("vouch_check", 19, "vouch_check")}
RULES["contact"] = {("contact_account_follow", 17, "contact_account_follow"),
                    ("erased_address_check", 23, "erased_address_check")}
RULES["user_invitation"] = {("user_invitation_check", 7, "user_invitation_check"),
                            ("user_invitation_made", 5, "user_invitation_mail"),
                            ("user_invitation_sent_again", 17, "user_invitation_mail")}
RULES["retention_rule"] = {("retention_rule_check", 23, "retention_rule_check")}
RULES["site_year"] = {("site_title_i", 29, "site_title_i"), *((f"mark_{name}", kind, "mark_rollups")
                                                              for name, kind in (("insert", 4), ("update", 16), ("delete", 8)))}
RULES["site_quarter"] = {("refuse_site_overlap", 21, "refuse_site_overlap")}
RULES["reminder_rule"] = {("reminder_rule_make", 7, "reminder_rule_make"), ("reminder_rule_keep", 19, "reminder_rule_keep")}
RULES["mail_report"] = {("mail_report_effect", 5, "mail_report_effect")}
RULES["mail_check"] = {("mail_check_made", 5, "mail_check_mail")}
RULES["app_user"] |= {("user_invitation_accept", 17, "user_invitation_accept"),
                      ("erased_address_check", 23, "erased_address_check")}
RULES["user_grant"] |= {("grant_end_sessions", 17, "grant_end_sessions"),
                        ("grant_check", 23, "grant_check")}
for table in ("gift", "complaint", "records_request", "introduction", "readiness_rating"):
    RULES[table] = RULES.get(table, set()) | {("refuse_day_to_come", 23, "refuse_day_to_come")}
RULES["site"] |= {("site_grades_check", 23, "site_grades_check")}
COUNTED = {(f"partner_count_{name}", kind, "partner_count_follow") for name, kind in (
    ("insert", 4), ("update", 16), ("delete", 8))}
RULES["partner"] |= {("partner_count_self", 23, "partner_count_self")}
RULES["affiliation"] |= COUNTED
RULES["contact"] |= {rule for rule in COUNTED if "insert" not in rule[0]}
RULES["partner_focus_area"] = COUNTED
RULES["custom_value"] |= COUNTED
RULES["custom_field"] = {("partner_recount_insert", 5, "partner_recount_begin"),
                         ("partner_recount_update", 17, "partner_recount_begin")}
OF_GIFTS = {  # 7 before an insert, 17 after an update, 19 before one, 23 before both
    "gift": {("gift_changed", 19), ("gift_check", 23), ("gift_received", 17)},
    "thank_you": {("refuse_past_draft", 19), ("gift_thanked", 17), ("thank_you_draft", 7)},
    "tax_document": {("tax_document_fixed", 19)},
    "award": {("award_years", 23)},
    "story": {("story_draft", 7), ("refuse_past_draft", 19)},
    "story_subject": {("story_unpublish", 17), ("story_part_check", 7)},
    "story_person": {("story_unpublish", 17), ("story_part_check", 7)},
    "bulletin": {("bulletin_check", 23), ("refuse_past_draft", 19)},
    "milestone": {("milestone_thanked", 17)},
    "message": {("thank_you_returned", 17), ("tax_document_returned", 17), ("duties_follow", 16), ("check_in_mail_mark", 17)},
    "attachment": {("story_picture_check", 7)},
}
for table, rules in OF_GIFTS.items():
    RULES[table] = RULES.get(table, set()) | {(name, kind, name) for name, kind in rules}
RULES["gift"] |= MARKS
for table, kind in (("site", 17), ("partnership", 17), ("need", 17), ("pledge", 29)):
    RULES[table] = RULES.get(table, set()) | {("mark_years", kind, "mark_years")}
for table in ("partner", "program"):
    RULES[table] = RULES.get(table, set()) | {("mark_group", 17, "mark_group")}
for table in ("story_subject", "story_person"):
    RULES[table] |= {("story_part_change", 19, "story_part_check")}
RULES["attachment"] |= {("story_picture_change", 19, "story_picture_check")}
RULES["roll_call"] = {("roll_call_fill", 5, "roll_call_fill")}
RULES["departure"] = {("guard_new", 7, "guard_departure"), ("guard_change", 19, "guard_departure")}
RULES["departure_receiver"] = {("guard_new", 7, "guard_receiver"), ("guard_change", 19, "guard_receiver")}
RULES["introduction_letter"] = {("guard_letter", 19, "guard_letter")}
RULES["remedy"] = {("remedy_begin", 7, "remedy_begin"), ("remedy_change", 19, "remedy_begin"),
                   ("remedy_tell", 5, "remedy_tell")}
RULES["site"] |= {("guard_site_status", 19, "guard_site_status"), ("site_closing_propose", 19, "site_closing_propose")}
RULES["import"] = RULES.get("import", set()) | {("site_closing_withdraw", 17, "site_closing_withdraw")}
RULES["template"] = {("template_check", 23, "template_check")}
RULES["roll_call"] = MARKS | {("roll_call_fill", 4, "roll_call_fill"), ("roll_call_follow", 17, "roll_call_follow")}
RULES["convening"] = {("convening_move", 19, "convening_move"), ("convening_follow", 17, "convening_follow"),
                      ("convening_made", 5, "convening_made")}
RULES["instrument"] = {("instrument_check", 21, "instrument_check"), ("instrument_number", 7, "instrument_number"),
                       ("instrument_trim", 23, "instrument_trim"),
                       ("keep_instrument", 19, "keep_instrument")}
RULES["convening_template"] = {("convening_template_agenda", 23, "convening_template_agenda")}
RULES["convening_plan"] = {("convening_plan_check", 7, "convening_plan_check")}
RULES["agenda_item"] = {("agenda_item_check", 23, "agenda_item_check"),
                        ("agenda_item_of_system", 19, "agenda_item_of_system")}
RULES["convening_invitee"] = {("convening_invitee_check", 23, "convening_invitee_check"),
                              ("convening_invitee_put_away", 19, "convening_invitee_put_away"),
                              ("convening_invitee_seat_freed", 17, "convening_invitee_put_away")}
RULES["convening_decision"] = {("convening_decision_check", 7, "convening_decision_check"),
                               ("convening_decision_change", 19, "convening_decision_check")}
RULES["roll_call_mark"] = {("guard_mark", 19, "guard_mark")}
# What is found by its name.
FOUND = {("search_insert", 4, "search_follow"), ("search_update", 16, "search_follow"),
         ("search_delete", 8, "search_follow")}
for table in ("partner", "contact", "program", "offer", "site", "network", "focus_area", "partnership", "need", "inquiry",
              "credential", "app_user"):
    RULES[table] = RULES.get(table, set()) | FOUND

# What they may be the same as.
for table in ("partner", "contact"):
    RULES[table] = RULES[table] | {("duplicate_insert", 4, "duplicate_follow"), ("duplicate_update", 16, "duplicate_follow"),
                                   ("duplicate_delete", 8, "duplicate_follow")}
for table in ("partner", "contact"):
    RULES[table] = RULES[table] | {("a_keep_to_private", 19, "keep_to_private")}
RULES["affiliation"] |= {("vouch_keep", 23, "vouch_keep"), ("place_ended", 17, "place_ended"), ("place_over", 19, "place_over"),
                         ("vouching_over", 17, "vouching_over")}
RULES["contact"] |= {("address_keep", 19, "address_keep"), ("contact_address_tell", 17, "contact_address_tell")}
RULES["app_user"] |= {("user_address_tell", 17, "user_address_tell")}
RULES["gift"] |= {("gift_steps_add", 21, "gift_steps_add"), ("gift_steps_drop", 11, "gift_steps_drop")}
RULES["gift_step"] = {("gift_step_keep", 19, "gift_step_keep")}
RULES["agreement"] |= {("refuse_board_change", 19, "refuse_board_change")}
RULES["agreement_step"] |= {("agreement_step_hand_on", 19, "agreement_step_hand_on")}
# What is written by who is responsible for it stays where it is.
for table in ("partner", "credential", "partnership", "action_item", "call_task", "placement", "partnership_review",
              "agreement_step", "portfolio_decision", "convening", "convening_decision", "champion_step",
              "funding_application", "interaction", "introduction", "ask", "follow_up", "pledge", "need", "gift",
              "roll_call", "roll_call_change", "story"):
    RULES[table] = RULES.get(table, set()) | {("keep_place", 19, "keep_place")}
RULES["duplicate_dismissal"] = {("duplicate_dismissal_check", 23, "duplicate_dismissal_check")}

RULES["partnership"] |= {("introduction_follow", 17, "introduction_follow"),
                         ("partner_follow_insert", 5, "partner_follow"),
                         ("partner_follow_update", 17, "partner_follow")}
RULES["partnership_partner"] |= {("partner_follow", 21, "partner_follow_link"), ("refuse_barred", 7, "refuse_barred")}


def partner(connection, district, **fields):
    values = {"district_id": district.id, "id": uuid7(), "name": "P", "kind": "civic", **fields}
    insert(connection, "partner", values)
    return values["id"]


class Trail:
    """The audit and outbox rows that appeared since it was made, oldest first."""

    AUDIT = ("action, aggregatetype, aggregateid::text AS id, changed, \"values\", detail, "
             "actor::text AS actor, request_id, at, district_id::text AS district, id::text AS event")
    OUTBOX = ("type, aggregatetype, aggregateid::text AS id, sequence, payload, "
              "district_id::text AS district, id::text AS event")

    def __init__(self, connection):
        self.connection = connection
        self.seen = {table: self.events(table) for table in ("audit", "outbox")}

    def events(self, table):
        return {row[0] for row in self.connection.execute(f"SELECT id FROM {table}").fetchall()}

    def rows(self, table, columns):
        cursor = self.connection.execute(
            f"SELECT {columns} FROM {table} WHERE id <> ALL (%s) ORDER BY {table}.id",
            (list(self.seen[table]),))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]

    def audit(self):
        return self.rows("audit", self.AUDIT)

    def outbox(self):
        return self.rows("outbox", self.OUTBOX)

    def one(self):
        audit, outbox = self.audit(), self.outbox()
        assert (len(audit), len(outbox)) == (1, 1)
        assert audit[0]["event"] == outbox[0]["event"]
        return audit[0], outbox[0]


@pytest.fixture
def trail(migrate):
    return lambda: Trail(migrate)


@pytest.fixture
def one(api, ours):
    """A partner of before."""
    with unit(api, ours):
        return partner(api, ours)


def test_a_created_row_is_told_with_its_fields(api, ours, trail):
    after = trail()
    with unit(api, ours, request="the-request"):
        row = partner(api, ours, tier="anchor", culture_notes="private words", description="long")
    audit, event = after.one()
    assert (audit["action"], audit["aggregatetype"], audit["id"]) == ("created", "partner", row)
    assert (audit["actor"], audit["request_id"], audit["district"]) == (
        ours.user, "the-request", ours.id)
    assert audit["at"].isoformat() == "2026-11-21T15:00:00+00:00"
    assert audit["changed"] == ["aliases", "culture_notes", "description", "funding_types",
                                "in_directory", "kind", "name", "stage", "tier"]
    assert audit["values"] == {
        "kind": {"from": None, "to": "civic"}, "name": {"from": None, "to": "P"},
        "funding_types": {"from": None, "to": []}, "in_directory": {"from": None, "to": False},
        "stage": {"from": None, "to": "prospect"}, "tier": {"from": None, "to": "anchor"}}
    assert (event["type"], event["sequence"], event["id"]) == ("org.kith.partner.created.v1", 1, row)
    assert event["payload"] == {
        "specversion": "1.0", "id": event["event"], "source": f"/districts/{ours.id}",
        "type": "org.kith.partner.created.v1", "subject": f"partner/{row}", "time": NOW,
        "datacontenttype": "application/json", "sequence": "1",
        "data": {"id": row, "changed": audit["changed"]}}


def test_an_update_is_told_with_what_changed(api, ours, one, trail):
    after = trail()
    with unit(api, ours, now=LATER):
        assert api.execute(
            "UPDATE partner SET tier = 'partner', kind = 'civic', culture_notes = 'x' WHERE id = %s "
            "RETURNING version, updated_at > created_at", (one,)).fetchone() == (2, True)
    audit, event = after.one()
    assert (audit["action"], audit["changed"]) == ("updated", ["culture_notes", "tier"])
    assert audit["values"] == {"tier": {"from": None, "to": "partner"}}
    assert (event["type"], event["sequence"]) == ("org.kith.partner.updated.v1", 2)
    assert event["payload"]["data"] == {"id": one, "changed": ["culture_notes", "tier"]}
    assert event["payload"]["time"] == LATER


@pytest.mark.parametrize("nothing", [
    "name = name", "updated_at = updated_at + interval '1 day'", "version = version + 5"])
def test_an_update_that_changes_nothing_leaves_nothing(api, ours, one, trail, nothing):
    after = trail()
    with unit(api, ours, now=LATER):
        before = api.execute("SELECT to_jsonb(p) FROM partner p WHERE id = %s", (one,)).fetchone()
        assert api.execute(f"UPDATE partner SET {nothing} WHERE id = %s RETURNING version",
                           (one,)).fetchone() == (1,)
        assert api.execute("SELECT to_jsonb(p) FROM partner p WHERE id = %s",
                           (one,)).fetchone() == before
        assert api.execute("UPDATE partner SET name = 'X' WHERE false").rowcount == 0
    assert (after.audit(), after.outbox()) == ([], [])


def test_archive_and_restore_have_their_own_events(api, ours, one, trail):
    for action, value in (("archived", LATER), ("restored", None)):
        after = trail()
        with unit(api, ours):
            api.execute("UPDATE partner SET archived_at = %s WHERE id = %s", (value, one))
        audit, event = after.one()
        assert (audit["action"], audit["changed"]) == (action, ["archived_at"])
        assert event["type"] == f"org.kith.partner.{action}.v1"


def test_what_is_rolled_back_leaves_nothing(api, ours, trail):
    after = trail()
    with pytest.raises(errors.CheckViolation), unit(api, ours):
        partner(api, ours)
        partner(api, ours, kind="no such kind")
    assert (after.audit(), after.outbox()) == ([], [])


def test_several_rows_of_a_statement_are_one_record(api, ours, trail):
    with unit(api, ours):
        rows = sorted(partner(api, ours) for _ in range(3))
    for text, action, count in (
            ("UPDATE partner SET tier = 'anchor' WHERE id = ANY (%s)", "updated", 3),
            ("UPDATE partner SET archived_at = updated_at WHERE id = ANY (%s)", "archived", 3),
            ("UPDATE partner SET archived_at = NULL WHERE id = ANY (%s)", "restored", 3)):
        after = trail()
        with unit(api, ours):
            api.execute("SELECT set_config('kith.import', 'an-import', true)")
            api.execute(text, (rows,))
        audit, event = after.one()
        data = {"import": "an-import", "first": rows[0], "last": rows[-1], "count": count}
        assert (audit["action"], audit["id"], audit["changed"], audit["values"]) == (
            action, None, None, None)
        assert audit["detail"] == data
        assert (event["type"], event["id"], event["sequence"]) == (
            f"org.kith.partner.{action}.v1", None, None)
        assert event["payload"]["data"] == data and "subject" not in event["payload"]


def test_of_many_rows_those_that_did_not_change_do_not_count(api, ours, trail):
    with unit(api, ours):
        rows = [partner(api, ours, tier=tier) for tier in ("anchor", "anchor", None, None)]
    after = trail()
    with unit(api, ours):
        api.execute("UPDATE partner SET tier = 'anchor' WHERE id = ANY (%s)", (rows,))
    assert after.one()[0]["detail"]["count"] == 2
    after = trail()
    with unit(api, ours):
        api.execute("UPDATE partner SET tier = CASE WHEN id = %s THEN 'partner' ELSE tier END "
                    "WHERE id = ANY (%s)", (rows[3], rows))
    assert (after.one()[0]["id"], after.one()[0]["changed"]) == (rows[3], ["tier"])


def test_five_thousand_rows_are_one_record(api, ours, trail):
    after = trail()
    with unit(api, ours):
        api.execute("CREATE TEMPORARY TABLE load (id uuid, name text) ON COMMIT DROP")
        with api.cursor().copy("COPY load FROM STDIN") as copy:
            for i in range(5000):
                copy.write_row((uuid7(), f"Partner {i}"))
        api.execute("INSERT INTO partner (district_id, id, name, kind) "
                    "SELECT current_setting('kith.district')::uuid, id, name, 'civic' FROM load")
        first, last = api.execute("SELECT min(id::text), max(id::text) FROM load").fetchone()
    audit, _ = after.one()
    assert audit["detail"] == {"import": None, "first": first, "last": last, "count": 5000}


def test_a_deleted_row_is_told_without_its_values(migrate, ours, api, trail):
    with unit(api, ours):
        row = uuid7()
        insert(api, "network", {"district_id": ours.id, "id": row, "name": "N"})
    after = trail()
    migrate.execute("DELETE FROM network WHERE id = %s", (row,))
    audit, event = after.one()
    assert (audit["action"], audit["id"], audit["values"]) == ("deleted", row, None)
    assert (event["type"], event["sequence"]) == ("org.kith.network.deleted.v1", 2)


def test_the_use_of_a_token_is_no_change_of_it(api, ours, trail):
    after = trail()
    with unit(api, ours):
        api.execute("UPDATE access_token SET last_used_at = %s", (LATER,))
    assert (after.audit(), after.outbox()) == ([], [])
    with unit(api, ours):
        api.execute("UPDATE access_token SET label = 'mine', last_used_at = %s", (NOW,))
    assert after.one()[0]["changed"] == ["label", "last_used_at"]


def test_no_secret_is_in_the_record(database, migrate, trail):
    after = trail()
    district = database.district()
    migrate.execute("UPDATE app_user SET password_hash = 'a-secret', phone = 'a-phone' WHERE id = %s",
                    (district.user,))
    text = str(after.audit()) + str(after.outbox())
    assert "password_hash" in text and "token_hash" in text
    for secret in (district.token_hash, "a-secret", "a-phone", f"{district.user}@example.org"):
        assert secret not in text


def test_keys_never_change(api, ours, one):
    with pytest.raises(errors.CheckViolation), unit(api, ours):
        api.execute("UPDATE partner SET id = %s WHERE id = %s", (uuid7(), one))


def test_every_table_that_kith_api_writes_records_and_counts(migrate):
    written = {row[0] for row in migrate.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition "
        "AND relnamespace = 'public'::regnamespace "
        "AND has_table_privilege('kith_api', oid, 'INSERT, UPDATE, DELETE, TRUNCATE')").fetchall()}
    assert {"district", "partner"} <= written
    triggers = {}
    for table, name, kind, enabled, function in migrate.execute(
            "SELECT c.relname, t.tgname, t.tgtype, t.tgenabled, p.proname FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal").fetchall():
        assert enabled == "O"
        triggers.setdefault(table, set()).add((name, kind, function))
    # tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update
    wanted = {("record_insert", 4, "record_change"), ("record_delete", 8, "record_change"),
              ("record_update", 16, "record_change"), ("bump_version", 19, "bump_version")}
    for table in written - UNRECORDED:
        assert triggers.get(table) == wanted | RULES.get(table, set()), table


def test_every_write_of_every_table_leaves_a_record(migrate, database, trail):
    """What the catalogue promises, done: each table's every column but the bookkeeping."""
    district = database.district()
    with database.connect() as connection, unit(connection, district):
        for table, fields in {"network": {}, "site": {"kind": "school"},
                              "partner": {"kind": "civic"}}.items():
            insert(connection, table, {"district_id": district.id, "id": uuid7(), "name": "N",
                                       **fields})
    columns = migrate.execute(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relkind = 'r' AND a.attnum > 0 AND a.atttypid = 'text'::regtype "
        "AND c.relname IN ('district', 'app_user', 'network', 'site', 'partner')").fetchall()
    told = 0
    for table, column in columns:
        after = trail()
        value = {"email": "other@example.org", "nces_id": "123456789012", "ein": "123456789",
                 "locale": "es", "zone": "America/Denver", "accent_color": "#a1161c"}.get(column, "other")
        try:
            with database.connect() as connection, unit(connection, district):
                connection.execute(f"UPDATE {table} SET {column} = %s", (value,))
        except errors.CheckViolation:
            assert re.fullmatch("kind|status|level|reach|tier|stage", column), (table, column)
            continue
        assert after.one()[0]["changed"] == [column]
        told += 1
    assert told > 40


def test_public_fields_are_fields(migrate):
    """A misspelt name in the list would silently keep nothing."""
    rows = migrate.execute(
        "SELECT c.relname, encode(t.tgargs, 'escape') FROM pg_trigger t "
        "JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'record_insert'").fetchall()
    assert len(rows) >= 7
    for table, arguments in rows:
        columns = {row[0] for row in migrate.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0",
            (table,)).fetchall()}
        public = set(arguments.split("\\000")[1].split(","))
        assert public and public <= columns, table
        assert not public & {"email", "phone", "culture_notes", "password_hash", "token_hash"}


def test_nobody_writes_or_changes_the_record(database, api, ours):
    for text in ("INSERT INTO audit SELECT * FROM audit", "UPDATE audit SET action = 'x'",
                 "DELETE FROM audit", "TRUNCATE audit", "SELECT * FROM outbox",
                 "INSERT INTO outbox SELECT * FROM outbox", "UPDATE outbox SET type = 'x'",
                 "DELETE FROM audit_default"):
        with pytest.raises(errors.InsufficientPrivilege), unit(api, ours):
            api.execute(text)


@pytest.mark.parametrize("text", ["UPDATE audit SET action = 'x'", "DELETE FROM audit",
                                  "TRUNCATE audit"])
def test_the_audit_log_refuses_its_owner_too(database, migrate, ours, text):
    assert migrate.execute("SELECT count(*) > 0 FROM audit").fetchone() == (True,)
    with pytest.raises(errors.InsufficientPrivilege, match="append-only"):
        with migrate.transaction():
            migrate.execute("SET LOCAL ROLE kith_owner")
            migrate.execute("SELECT set_config('kith.district', %s, true)", (ours.id,))
            migrate.execute(text)


def test_a_migration_over_two_districts_records_each_in_its_own(migrate, ours, theirs, trail):
    after = trail()
    assert migrate.execute("UPDATE app_user SET locale = 'es' WHERE id = ANY (%s)",
                           ([ours.user, theirs.user],)).rowcount == 2
    assert {row["district"] for row in after.audit()} == {ours.id, theirs.id}
    assert {row["district"] for row in after.outbox()} == {ours.id, theirs.id}
    assert [row["detail"]["count"] for row in after.audit()] == [1, 1]


def test_ids_of_records_are_version_7_and_in_order(migrate):
    ids = [row[0] for row in migrate.execute(
        "SELECT uuid7() FROM generate_series(1, 200)").fetchall()]
    assert len(set(ids)) == 200 and all(i.version == 7 and i.variant == "specified in RFC 4122"
                                        for i in ids)
    first, last = (i.int >> 80 for i in (ids[0], ids[-1]))
    now = migrate.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000").fetchone()[0]
    assert first <= last <= now and now - first < 60000


def test_many_ids_of_one_statement_follow_each_other(migrate):
    first = uuid7()
    most = 2 ** 24 - 1
    places = (0, 1, 4095, 4096, 99_999, most - 1, most)
    ids = [migrate.execute("SELECT uuid7_nth(%s::text, %s)", (first, n)).fetchone()[0] for n in places]
    assert ids == sorted(ids) and len(set(ids)) == len(places)
    assert {one.version for one in ids} == {7} and {one.variant for one in ids} == {RFC_4122}
    assert {str(one)[:13] for one in ids} == {str(first)[:13]}, "all of the first one's time"
    among = migrate.execute("SELECT count(DISTINCT uuid7_nth(%s::text, n)) FROM generate_series(1, 20000) AS n", (first,)).fetchone()
    assert among == (20000,)
