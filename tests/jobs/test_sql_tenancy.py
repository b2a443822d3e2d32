"""Tenancy lives in the database: a walk of the catalogue, and attempts to get around it."""
from uuid import UUID

import pytest
from psycopg import errors, sql

from world import ROLES, insert, unit, uuid7

WITHOUT_TENANT = {"schema_migration", "event_consumer", "mail_home"}
# Functions of kith_api by what they are about.
MAIL = {"mail_rules", "messages_write", "mail_stop", "mail_is_capped", "mail_person", "message_bounced", "address_is_worn", "message_waits_for", "reminder_span", "reminder_slots", "reminder_fate", "reminder_is_near", "check_ins_variables",
        "reminders_undecided", "next_things", "reminder_rule_told", "next_mails_document", "message_gathers", "message_told", "check_in_decisions_document", "mail_weekly_cap", "mail_week", "mail_week_is_full", "mail_week_wait", "mail_recipient", "message_task", "message_queue", "message_withdraw", "training_caller",
        "partnership_lead", "call_task_complete", "call_task_reopen"}
CALENDAR = {"local_instant", "zone_of_site", "is_term_day", "is_school_day", "is_blackout", "is_mail_day",
            "first_mail_day", "last_school_day"}
CHECK_INS = {"check_in_" + name for name in (
    "settings", "is_answered", "completes_on", "is_past", "shows", "take", "lock_half", "take_half",
    "write_half", "save_half", "submit_half", "write_verdict", "judge", "confirm", "dispute", "finish", "open", "complete", "missing", "close", "drop", "skip", "snooze",
    "is_passed_on", "pass_on", "reminded", "variables", "goals_said", "goals_open", "goals_take", "settle_goal",
    "cancel", "reopen")} | {"task_scope", "task_site_rate", "task_schools", "page_schools", "snooze_last", "snooze_day", "colleagues_at", "colleague_at", "colleague_may", "task_colleague", "task_mail", "mail_put_off", "mail_waits", "credential_request_waits", "mail_last", "mail_day_from", "mail_give_way", "task_mail_snooze", "task_mail_done", "task_mail_pass_on", "mail_is_passed_on", "task_sends_papers", "task_is_passed_on", "task_pass_on", "goal_settle", "task_goal_settle", "page_goal_settlement", "page_sites", "my_goal_disagreement", "partnership_today", "reminder_rules", "reminder_rule_on", "reminder_locale", "action_item_complete", "action_item_reopen"}
# Tasks of links, and what pages show.
PAGES = {
    "agreement_seal", "check_in_goal_errors", "check_in_said", "check_in_seal", "check_in_typed",
    "form_error", "form_text", "home_check_ins", "link_enter", "mail_topics", "password_mail_ask", "page_actions",
    "page_agreement", "page_cell", "page_check_in", "page_check_in_errors", "page_date",
    "page_district", "page_error", "page_zone", "page_partnership", "page_figure", "page_goals", "page_half", "page_help",
    "page_home", "page_inquiry", "page_login", "page_number", "page_password", "page_person", "page_preferences",
    "page_sections", "page_survey", "page_survey_questions", "page_time", "page_words",
    "partnership_people", "survey_asked", "survey_document", "survey_field", "survey_number", "survey_typed", "survey_form", "survey_form_lacking", "survey_page_next", "survey_form_judged", "survey_form_next", "survey_links_take", "survey_forms_put", "task",
    "task_action_add", "task_action_done", "task_agreement_acknowledge", "task_agreement_sign",
    "agreement_may_sign", "task_investment_judge", "page_investments", "investment_seal", "investments_unanswered",
    "partnership_ask_investments", "my_investment_dispute", "my_check_in_dispute", "task_begin", "task_is_own",
    "task_behalf_confirm", "task_half_judge", "task_half_put", "task_hand_over", "task_is_current",
    "task_one_click", "task_opt_out", "task_opts_out", "task_page", "task_wants", "task_preferences_put",
    "acknowledgment_mail", "partnership_ask_acknowledgment", "partnership_acknowledge_all", "task_acknowledgment_give",
    "page_acknowledgment", "own_partnership_acknowledge", "partnership_unacknowledged", "partnership_seal", "partner_ask_record", "partner_record", "record_said", "task_record_write", "task_record_put", "page_record",
    "keep_form_fields", "keep_rows", "page_keep_form", "page_keep", "task_keep_write", "task_keep", "story_voices", "story_subject_name", "story_subject_ask", "task_story_answer",
    "page_story_consent", "training_is_over", "training_lock", "training_move_up", "task_training_answer", "page_training", "home_trainings", "home_consents", "story_seal", "story_has_consent",
    "task_credential_send", "page_credential", "partner_ask_credentials", "partner_credentials_lacking",
    "partner_correspondents", "own_readiness_rate", "readiness_put", "readiness_said", "partnership_schools", "partner_schools", "task_conditions", "task_may_rate",
    "task_readiness_rate", "page_readiness", "need_is_offered", "page_public_need", "needs_public", "task_ask_answer", "page_ask", "page_ask_sites", "page_ask_answer",
    "page_tell", "page_tasks", "task_thing", "task_things", "task_put", "task_sees_both", "task_survey_decline", "task_survey_next", "task_survey_put", "task_survey_do", "task_snooze", "reminder_snooze", "snoozed_until"}
INSTRUMENTS = {
    "pointer_key", "is_instrument_code", "is_whole", "is_plain_number", "refuse_fields", "survey_is_answered",
    "survey_condition_holds", "survey_answer_wrong", "survey_answer_errors", "survey_answer_sent",
    "page_survey_scale", "page_survey_answer", "page_survey_question", "page_survey_way", "page_survey_point", "page_survey_said", "page_survey_review"} | {
    "instrument_" + name for name in (
        "word_faults", "member_faults", "code_faults", "condition_faults", "question_faults", "faults", "walk", "survey",
        "ask", "publish", "copy")}
PARTNERSHIP_WORK = {
    "site_plan_move", "site_plan_agree", "site_plan_revise", "site_plan_close", "family_plan_runs", "family_plan_told",
    "renewal_board", "investment_cents", "investment_judge", "investment_confirm",
    "investment_dispute", "investment_counts_as", "given_until", "investments_balanced", "review_partnerships", "review_results", "review_surveys", "review_credentials", "review_investments",
    "review_evidence", "partnership_review_gather", "partnership_review_missing",
    "partnership_review_move", "partnership_review_draft", "partnership_review_decide",
    "partnership_review_approve", "partnership_review_return", "renewal_campaign_select", "renewal_campaign_follow_reviews", "renewal_lateness", "renewal_carry",
    "renewal_suggested", "my_investment_delivery",
    "partnership_ran", "check_ended_on", "renewal_decide", "renewal_prefill", "review_follow", "partnership_decided", "my_partnership_exit", "goal_partnerships", "goal_figures", "goal_measured", "goal_told", "goal_standing"} | {
    "agreement_step_decide", "agreement_step_approve", "agreement_step_return", "agreement_step_reject",
    "agreement_checklist_items", "agreement_items_add", "agreement_item_is_eased", "agreement_checklist", "agreement_signer", "agreement_signer_missing", "agreement_type_signature", "agreement_sign_as",
    "agreement_notice_by", "agreement_decide_notice", "agreement_record_disposal", "interaction_follow_up",
    "agreement_sha256", "agreement_is_final", "partnership_is_light"} | {"attachment_kinds", "attachment_readers", "attachment_is_read", "attachment_take", "attachment_sweep"} | {
    "goal_partnership_acknowledge", "milestone_move", "milestone_missing",
    "milestone_miss", "partnership_goals", "partnership_is_unguarded", "partnership_is_barred", "partnership_is_unvetted", "partner_derive_beside", "outgrown_due", "milestone_reach", "milestone_drop",
    "milestone_reopen", "placement_attest", "placements_unclear", "placement_cents", "placement_invest"}
CONVENINGS = {"convening_" + name for name in (
    "day", "goals", "place", "agenda_of", "mail_at", "sites", "partnerships", "owner", "tell", "told", "has_begun", "missing", "begin",
    "people", "invite", "refresh", "hold", "attend", "partner_of", "close", "cancel", "reopen", "seats", "fill",
    "answer", "invitee_answer", "decision_plan", "decision_action", "decision_write", "decision_apply", "decision_drop", "apply",
    "agenda_start", "agenda_middle", "agenda_end", "agenda", "refresh_agenda", "thanks", "story", "celebrate", "came", "had_met", "first_meetings",
    "meetings", "introduce", "template_day", "open_day", "template_places", "plan_rows", "plan_make", "plan_preview",
    "plan_commit")} | {
    "owned_convenings", "convening_goals", "school_year_span", "roll_calls_plan", "school_year_plan", "page_convening",
    "task_convening_answer"}
# Gifts, thanks, letters for taxes, awards, stories, bulletins.
RECOGNITION = {"gift_" + name for name in (
    "worth", "signer", "is_barred", "missing", "accept", "invest", "receive", "end", "refuse", "withdraw", "reopen", "waits",
    "return_text", "given_text", "needs_letter", "tax_document", "tax_letter", "letters", "letter_missing", "acknowledge")} | {
    "thank_you_" + name for name in (
        "supplied", "words", "about_what", "for", "missing", "send", "give", "drop", "reopen")} | {
    "story_" + name for name in (
        "warnings", "missing", "move", "attest", "submit", "approve", "return", "publish", "withdraw", "revise",
        "subject_consent", "subject_revoke", "person_attest", "person_revoke")} | {
    "tax_document_" + name for name in ("missing", "issue", "send", "reissue", "discard")} | {
    "bulletin_" + name for name in (
        "needs", "segment", "text", "audience", "missing", "schedule", "deliver", "send", "revise", "cancel",
        "preview")} | {
    "my_gift_acceptance", "my_gift_step", "gift_step_decide", "gift_step_approve", "gift_step_reject", "gift_is_stepping", "my_story_approval", "my_story_refusal", "my_tax_letter", "my_tax_summary", "my_thank_you",
    "signer_rank", "signer_rank_held", "fill_words", "thanked_contact", "school_year_thank", "student_names",
    "money_text", "date_text", "ein_text", "donee_head", "acknowledgment_text", "summary_text", "tax_number",
    "tax_donor", "acknowledgment_make", "summary_make", "summaries_make", "donee_summarize", "partnership_since",
    "service_since", "services", "full_years", "service_document", "contact_opted_in", "text_paragraphs", "page_story",
    "mail_preview", "bulletin_mail", "color_luminance", "color_contrast", "district_logo", "district_brand", "district_logo_piece",
    "public_enter", "stories_public", "story_picture", "tax_document_take", "award_certificate"}
SURVEY_RESULTS = {"survey_" + name for name in (
    "submitted", "cuts", "bin_name", "slots", "mean", "quartiles", "deviation", "threshold", "least", "groups", "factors", "group_name", "comments", "views",
    "groups_told", "rates", "settle", "scale", "question_told", "group_document", "trend_document", "rows")}
# The district's year and its policy.
DISTRICT = {"academic_session_map", "academic_session_unmap", "valuation_rate_on", "signer_for",
            "is_federal_holiday", "day_a_year_later", "range_a_year_later", "school_year_of", "school_year_ahead", "school_year_copy_calendar", "school_year_copy_quarters",
            "school_year_copy_days", "school_year_missing", "school_year_begin", "school_year_open",
            "school_year_figures", "site_plans_close", "site_plans_carry", "school_year_close", "school_year_reopen", "policy_begin",
            "policy_adopt", "policy_retire", "policy_acknowledge", "policy_is_for", "post_holding",
            "network_lead", "post_supervisor", "post_answers", "site_answers", "escalation", "supervised_users", "led_sites",
            "site_vision_missing", "site_vision_begin", "site_vision_adopt", "site_vision_retire",
            "custom_reading", "custom_canonical", "filter_fields", "filter_condition", "filter_rows",
            "saved_filter_recount", "saved_filter_of", "saved_filter_rows", "saved_filter_matches", "template_words", "template_filled",
            "template_kind_words", "template_wrong_word",
            "setup_steps", "mails_on_hold", "mails_leave_out", "setup_document"}
REGISTRY_CARE = {
    "is_unguarded", "private_put", "credentials_missing", "partner_is_own", "partnership_is_led", "partnership_is_unled", "partnership_is_left", "partner_is_led", "partner_is_mine", "place_is_mine", "network_is_mine",
    "pledge_is_mine", "is_me", "scope_has_mine", "contact_is_read", "partner_is_read", "runs_at", "runs_program", "refuse_part", "private_tables", "scope_has_own", "partner_custom_blanks", "custom_is_read",
    "partner_stop", "post_guest", "contact_left", "contacts_merged", "erasure_persons", "merge_take",
    "contact_duplicates", "contact_of_email", "contact_merge", "contact_merge_check", "contact_merge_all", "contact_merge_take_back",
    "contact_merge_undo", "complaint_move", "complaint_resolve", "complaint_dismiss", "complaint_reopen",
    "roll_call_consequences", "roll_call_people", "roll_call_person_add", "roll_call_change_do", "roll_call_change_decide", "roll_call_change_apply",
    "roll_call_change_dismiss", "site_items", "site_item_target", "site_closing_preview", "site_closing_do", "site_shut",
    "site_shut_check", "site_close", "site_merge", "site_closing_accept", "site_closing_take_back", "site_closing_move", "site_closing_cancel",
    "site_closing_undo"}
MY_TASKS = {"led_partnerships", "task_credentials", "reviews_titled", "reminder_recipients", "user_has_role", "user_has_role_somewhere", "role_is_held", "user_stands_for", "agreement_falls_to", "agreement_is_stepping"} | {"my_" + name for name in (
    "task_kinds", "action_item", "agreement_acknowledgment", "agreement_expiry", "agreement_notice", "agreement_review", "agreement_signature", "agreement_step",
    "board_decision", "credential_review", "data_disposal", "interaction_follow_up", "pledge", "pledge_delivery", "call_task", "credential_expiry", "credential_missing",
    "check_in_complete", "check_in_half", "lead_missing", "convening_attendance", "convening_decision", "convening_invitation", "convening_notes",
    "departure", "displacement_approval", "follow_up", "gate", "goal_acknowledgment",
    "introduction_letter", "milestone", "partner_edit", "person_vouching", "policy", "records_request", "remedy", "survey",
    "ask", "ask_answer", "ask_unreached", "pledge", "credential_review", "call_to_action", "champion_milestone", "champion_step",
    "school_year", "site_closing", "roll_call_change", "offer_expiry", "partner_owner", "complaint", "funding_application", "funding_report",
    "inquiry", "need_review", "partnership_review", "pause", "placement_clearance", "introduction",
    "review_approval", "portfolio_decision", "roll_call",
    "vision_acknowledgment", "tasks",
    "tasks_document")}
ACCESS = {"partner_edit_fields", "partner_edit_current", "partner_edit_apply", "partner_edits_waiting", "partner_edit_move", "partner_edit_accept", "partner_edit_refuse",
          "own_partner_edit_withdraw", "partner_edits_of", "user_links_end", "user_invitation_take", "user_invitation_resend", "user_invitation_revoke",
          "contact_account", "own_partner_ids", "sign_in_link_ask", "sign_in_link_spend", "user_session_revoke",
          "user_end_sessions", "sso_begin", "sso_take", "sso_invited", "sso_link", "sso_sign_in", "sso_instead",
          "identity_provider_set_secret", "user_unlink", "district_hold_mail", "district_release_mail", "mail_hold_document",
          "page_organization", "dead_letter_redrive", "dead_letter_drop", "dead_letters_redrive",
          "events_waiting", "plain_instant", "setting_resources", "settings_history", "jobs", "jobs_document",
          "data_ages", "health_document", "export_record", "private_read_record", "is_erasing", "erasure_files", "retention_kinds", "reference_columns", "holds",
          "retention_held", "held_ids", "retention_due", "retention_years", "retention_document",
          "retention_dispose", "retention_deletable", "retention_referred", "retention_note", "retention_rule_apply", "legal_hold_release", "records_gather", "records_request_move",
          "records_request_begin", "records_request_gather", "records_request_deliver", "records_request_withdraw",
          "records_take", "personal_rules", "erasure_targets", "erasure_reasons", "erasure_missing", "erasure_person",
          "erasure_preview", "erasure_apply", "erasure_run", "erasure_withdraw", "erasure_lift_address",
          "erasure_lift", "erased_hash"}
IMPORTS = {"import_" + name for name in (
    "normal", "claim", "enter", "fault", "key_name", "key_side", "other_names", "known", "rename", "resolve_known", "within", "resolve", "match", "create", "update",
    "write", "apply", "finish", "rehearse", "give_back", "keep", "undo", "take_back", "revert", "analyze", "sweep",
    "observations", "supersede", "reinstate", "make_fields", "custom_read", "custom_changes", "custom_write",
    "custom_give_back", "forget_fields", "named", "ids", "bound", "refs", "cells", "unfold", "rows_apply", "made")} | {
    "observation_period_end", "observation_figure", "observation_fault", "observation_is_plain", "observations_load",
    "is_readied", "is_uuid", "site_enrollment"}
# Who leaves, what hangs on one, and who is stuck.
SUCCESSION = {
    "bus_factor_document", "bus_factors", "can_receive", "check_leaver", "check_receiver", "check_remedy", "departure_cancel", "departure_concerns",
    "departure_hand_over", "departure_introduce", "departure_inventory", "departure_items", "departure_list",
    "departure_missing", "departure_run", "departure_waiting", "introduction_letter_send",
    "introduction_letter_skip", "introduction_letter_variables",
    "partner_present_contact", "partner_present_lead", "person_columns", "person_items", "person_path",
    "quiet_partners", "remedy_agree", "remedy_cancel", "remedy_judge", "remedy_send", "remedy_variables",
    "role_holders", "stuck_partners", "two_quarters_ago"}
# The dashboard, and what is made of it.
DASHBOARD = {
    "dashboard_document", "dashboard_working", "dashboard_partnerships", "kind_scope", "scope_id", "scope_partner_kind",
    "scope_text", "scope_name", "partnership_groups", "scope_partnerships", "dashboard_goals", "dashboard_targets",
    "dashboard_cell", "is_better", "dashboard_tiles", "dashboard_outputs", "dashboard_summary", "dashboard_links", "dashboard_portfolio",
    "dashboard_equity", "sites_enrolled", "report_kind", "report_is_number", "report_number", "report_label", "report_line",
    "report_page_tables", "report_sheet_rows", "report_lines", "report_unit", "report_value", "report_of_indicator",
    "report_of_summary", "report_of_tiles", "report_of_trends", "report_of_goals", "report_of_equity", "report_of_portfolio",
    "report_scope", "report_told", "report_file_name", "report_page", "report_sheet", "report_next_on"}
# Funding, training, examples.
DEVELOPMENT = {"funding_application_" + name for name in (
    "move", "begin", "decline", "withdraw", "reopen", "submit", "award")} | {
    "funding_shares", "funding_periods_fit", "funding_spans", "span_share", "fiscal_year",
    "fiscal_year_today", "money_year", "sustained", "sustainability", "training_tally",
    "example_move", "example_share", "example_retire", "example_revise"}
# Priorities, needs, asks, pledges; matches and gaps.
NEEDS = {
    "match_weights", "match_candidates", "match_ties", "match_reason", "match_best", "school_year_today", "partner_values",
    "priority_counts", "gap_items", "gap_offers", "gap_table", "per_100", "ids_there", "sites_called", "gap_document", "network_ties", "network_components", "network_map", "network_told",
    "partnership_is_fast", "call_to_action_missing", "call_to_action_open", "call_to_action_extend",
    "call_to_action_allocate", "call_share", "call_steps", "call_report", "call_to_action_end", "call_to_action_close",
    "call_to_action_cancel", "snapshot_comparison", "snapshot_of", "report_table", "report_row", "report_partnerships",
    "report_of_partnerships", "report_of_investments", "report_of_work", "report_of_aims", "school_year_report",
    "partner_year_partnerships", "partner_year_sites", "partner_year_given", "partner_year_published", "partner_year_tables",
    "dashboard_more_goals", "cohort_dosages", "program_dosage", "observation_dosage_fault", "partner_year_thanks", "partner_year_stories", "partner_year_choices", "page_partner_year",
    "school_year_told", "report_cell", "report_bars", "school_year_report_page", "school_year_sheet_rows",
    "reviews_make", "reviews_begin", "program_reviews_begin", "renewal_reviews_make", "portfolio_review_missing", "portfolio_evidence",
    "portfolio_review_hold", "portfolio_review_close", "portfolio_decision_complete",
    "portfolio_decision_reopen",
    "priority_missing", "action_begin", "priority_adopt", "priority_close", "priority_carry_over", "priority_revise",
    "displacement_review_decide", "displacement_review_end", "displacement_review_approve",
    "displacement_review_refuse", "displacement_review_reopen", "need_is_guarded", "need_missing",
    "need_move", "need_submit", "need_open", "need_expire", "need_reopen", "need_return", "need_meet",
    "need_withdraw", "need_review", "need_settle", "need_hold", "inquiry_settle", "ask_missing", "ask_begin", "ask_submit", "ask_clear",
    "ask_hold", "ask_release", "ask_send", "ask_end", "ask_decline", "ask_withdraw", "ask_expire",
    "ask_acknowledge", "ask_may_answer", "ask_asker", "ask_answer", "ask_said", "ask_is_repeated", "own_contact", "own_ask_answer",
    "own_ask_pledge", "own_ask_decline", "own_ask_talk", "own_pledge_withdraw", "pledge_withdraw", "need_sites",
    "check_own_pledge", "first_business_day", "next_business_hour", "personal_mail_at", "ask_mail_at", "inquiry_task", "ask_talk", "ask_pledge", "follow_up_complete", "follow_up_reopen", "pledge_missing", "pledge_begin",
    "pledge_settle", "pledge_accept", "pledge_move", "pledge_waitlist", "pledge_decline", "pledge_fail",
    "pledge_deliver", "pledge_convert"}
# What a revert deletes again.
IMPORTED = ("network", "site", "site_year", "academic_session", "partner", "focus_area", "contact", "affiliation", "program",
            "program_site", "reporting_quarter", "site_quarter", "app_user", "closed_day", "partnership",
            "partnership_site", "partnership_role", "goal", "agreement", "agreement_partnership",
            "investment", "observation", "partnership_partner", "goal_partnership", "interaction", "activity",
            "placement",
            "need")
PARTNERS = {"partner_" + name for name in (
    "missing", "derive_stage", "partnerships", "move", "contact", "vet", "approve", "decline", "bar", "reopen",
    "transfer", "blanks", "reach")} | {"credential_verify", "credential_reject", "credential_is_followed", "credentials_ending",
                                               "partnership_credentials_missing", "agreement_credentials_are_current",
                                               "credential_standing"} | {
    "offer_" + name for name in ("take", "give_back", "move", "withdraw", "reopen")}
PARTNERS |= {"search_find", "search_alike", "search_fold"} | {"partner_" + name for name in (
    "plain_name", "alike", "duplicates", "merge_check", "merge_all", "merge", "merge_take_back",
    "merge_undo")} | {"champion_" + name for name in (
        "move", "cultivate", "ask", "support", "reach", "lapse")} | {"inquiry_" + name for name in (
            "recipient", "mail", "duplicates",
            "begin", "assign", "answer", "end", "decline", "discard", "reopen", "convert", "receive")} | {"refuse_unseen_champion"} | {
    "roll_call_" + name for name in ("missing", "move", "submit", "confirm", "reopen", "add")}
MAIL |= PARTNERS | CONVENINGS | RECOGNITION  # what kith_api runs
IMPORTED += ("donee", "gift", "partner_owner", "partner_focus_area", "credential", "offer", "custom_field", "custom_value")
# Unique over districts: the tenants themselves.
UNIQUE_OVER_DISTRICTS = {"district_pkey", "district_slug_key", "schema_migration_pkey", "mail_home_pkey",
                         "event_consumer_pkey"}


def tables(connection):
    """Every table and partition: name, enabled, forced, is partition."""
    return connection.execute(
        "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition "
        "FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace"
    ).fetchall()


def tenant_tables(connection):
    return sorted(t[0] for t in tables(connection) if t[0] not in WITHOUT_TENANT and not t[3])


def test_every_table_and_partition_has_forced_row_security_and_the_tenant_policy(migrate):
    found = {t[0]: t[1:3] for t in tables(migrate)}
    assert {"district", "partner", "outbox_default", "idempotency"} <= set(found)
    unprotected = {name for name, how in found.items() if how != (True, True)}
    assert unprotected == WITHOUT_TENANT
    expression = "(district_id = (current_setting('kith.district'::text))::uuid)"
    policies = dict(migrate.execute(
        "SELECT tablename, (qual, with_check, permissive, roles, cmd)::text FROM pg_policies "
        "WHERE policyname = 'tenant'").fetchall())
    assert set(policies) == set(found) - WITHOUT_TENANT
    assert set(policies.values()) == {
        f'("{expression}","{expression}",PERMISSIVE,{{public}},ALL)'}


def test_policies_beside_tenant_are_known(migrate):
    assert set(migrate.execute(
        "SELECT tablename, policyname, roles::text, cmd FROM pg_policies "
        "WHERE policyname <> 'tenant' AND NOT starts_with(policyname, 'scope_')").fetchall()) == {
            ("district", "look_up", "{kith_owner}", "SELECT"),
            ("audit", "record", "{kith_owner}", "INSERT"),
            ("search_text", "search", "{kith_owner}", "ALL"),
            ("search_word", "search", "{kith_owner}", "ALL"),
            ("duplicate_key", "follow", "{kith_owner}", "ALL"),
            ("duplicate_match", "follow", "{kith_owner}", "ALL"),
            ("outbox", "record", "{kith_owner}", "INSERT"),
            ("outbox", "handle", "{kith_owner}", "SELECT"),
            ("outbox", "publish", "{kith_publisher}", "ALL"),
            ("processed", "handle", "{kith_owner}", "ALL"),
            ("processed", "expire", "{kith_publisher}", "ALL"),
            ("dead_letter", "handle", "{kith_owner}", "ALL"),
            ("dead_letter", "expire", "{kith_publisher}", "SELECT"),
            ("idempotency", "expire", "{kith_publisher}", "ALL"),
            ("observation", "readers", "{kith_api}", "SELECT"),
            ("audit", "readers", "{kith_api}", "SELECT"),
            ("champion", "readers", "{kith_api}", "SELECT"),
            ("coaching", "readers", "{kith_api}", "SELECT"),
            ("champion_step", "readers", "{kith_api}", "SELECT"),
            ("attachment", "readers", "{kith_api}", "SELECT"),
            ("complaint", "readers", "{kith_api}", "SELECT"),
            *((table, "readers", "{kith_api}", "SELECT")
              for table in ("departure", "departure_receiver", "legal_hold", "records_request")),
            ("custom_value", "readers", "{kith_api}", "SELECT"),
            ("search_text", "readers", "{kith_api}", "SELECT"),
            ("champion_step", "seen_insert", "{kith_api}", "INSERT"),
            ("champion_step", "seen_update", "{kith_api}", "UPDATE"),
            ("saved_filter", "readers", "{kith_api}", "SELECT"),
            ("readiness_rating", "said_insert", "{kith_api}", "INSERT"),
            ("readiness_rating", "said_update", "{kith_api}", "UPDATE"),
            ("rollup_mark", "mark", "{kith_owner}", "ALL"),
            ("turn_mark", "mark", "{kith_owner}", "ALL"),
            ("survey_mark", "mark", "{kith_owner}", "ALL"),
            ("message", "claim", "{kith_owner}", "ALL"),
            ("tally_crossing", "mark", "{kith_owner}", "ALL"),
            ("release_asked", "mark", "{kith_owner}", "ALL"),
            ("release_step", "mark", "{kith_owner}", "ALL"),
            ("import_work", "claim", "{kith_owner}", "ALL"),
            ("import_chunk", "claim", "{kith_owner}", "ALL"),
            ("attachment", "look_up", "{kith_owner}", "SELECT"),
            ("attachment_piece", "claim", "{kith_owner}", "ALL"),
            ("schedule", "claim", "{kith_checkin,kith_kpi,kith_owner,kith_survey}", "ALL")}


def test_every_tenant_table_has_a_district_id_that_is_not_null(migrate):
    named = {row[0] for row in migrate.execute(
        "SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE a.attname = 'district_id' AND a.attnotnull AND a.atttypid = 'uuid'::regtype "
        "AND c.relkind IN ('r', 'p')").fetchall()}
    assert set(tenant_tables(migrate)) <= named


def test_every_unique_key_begins_with_the_district(migrate):
    keys = migrate.execute(
        "SELECT i.relname, a.attname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
        "JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0] "
        "WHERE x.indisunique AND i.relnamespace = 'public'::regnamespace").fetchall()
    assert len(keys) > 20
    assert {name for name, first in keys if first != "district_id"} == UNIQUE_OVER_DISTRICTS


def test_every_foreign_key_stays_in_the_district(migrate):
    keys = migrate.execute(
        "SELECT k.conname, a.attname, b.attname FROM pg_constraint k "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] "
        "JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1] "
        "WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace").fetchall()
    assert len(keys) > 10
    for name, here, there in keys:
        whole = (here, there) == ("district_id", "district_id")
        own = name == "district_logo_id_fkey" and (here, there) == ("id", "district_id")
        assert whole or own or (name.endswith("_district_id_fkey") and there == "id"), name


def test_every_constraint_is_named_after_its_table(migrate):
    names = migrate.execute(
        "SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid "
        "WHERE k.connamespace = 'public'::regnamespace AND k.contype IN ('c', 'f', 'p', 'u') "
        "AND NOT c.relispartition").fetchall()
    for table, name in names:
        assert name.startswith(table + "_") and name.rsplit("_", 1)[1] in (
            "check", "fkey", "key", "pkey"), name


def test_no_program_owns_anything_or_goes_around_policies(migrate):
    programs = [role for role in ROLES if role not in ("kith_migrate", "kith_backup")]
    assert migrate.execute(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (%s) AND (rolsuper OR rolbypassrls OR "
        "rolcreaterole OR rolcreatedb OR rolreplication)", (programs,)).fetchall() == []
    assert migrate.execute(
        "SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
        "WHERE r.rolname = ANY (%s)", (programs,)).fetchall() == []
    owners = migrate.execute(
        "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace UNION "
        "SELECT pg_get_userbyid(proowner) FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace").fetchall()
    assert owners == [("kith_owner",)]


# Of waves of a survey.
WAVES = set("survey_schedule survey_open survey_pause survey_resume survey_close survey_reopen survey_cancel survey_move "
            "survey_segment survey_most_asked survey_audience survey_people survey_invite survey_looked survey_subject "
            "public_survey_kept public_survey public_survey_put survey_preview survey_audience_page survey_has_spool survey_marked survey_is_marked survey_table survey_spool_make survey_spool_draft survey_spool_put "
            "task_ballot survey_held survey_hold survey_ballot_key survey_ballot survey_ballot_put".split())


def test_what_kith_api_may_do(migrate):
    grants = {}
    for table, privilege in migrate.execute(
            "SELECT table_name, privilege_type FROM information_schema.table_privileges "
            "WHERE grantee = 'kith_api'").fetchall():
        grants.setdefault(table, set()).add(privilege)
    write = {"SELECT", "INSERT", "UPDATE"}
    assert grants == {
        "funding_opportunity": write, "funding_application": write, "funding_applicant": write,
        "funding_partnership": write, "funding_period": write, "training": write, "training_seat": write, "coaching": write,
        "example": write, "example_copy": write,
        "app_user": write, "user_grant": write, "access_token": write, "network": write,
        "site": write, "partner": write, "focus_area": write, "contact": write,
        "affiliation": write, "program": write, "program_site": write, "reporting_quarter": write, "site_quarter": write,
        "closed_day": write, "reminder_rule": write, "blackout": write, "partnership": write, "partnership_site": write,
        "partnership_role": write, "goal": write, "agreement": write,
        "agreement_partnership": write, "investment": write, "milestone": write,
        "partnership_change": write,
        "retention_run": {"SELECT"}, "retention_rule": write, "legal_hold": write, "records_request": write, "erasure": write,
        "records_part": {"SELECT"}, "erased_address": {"SELECT"},
        "user_invitation": write, "mail_check": write, "identity_provider": write, "user_identity": write, "user_session": {"SELECT"}, "dead_letter": {"SELECT"},
        "dead_letter_entry": {"SELECT"}, "schedule": {"SELECT"},
        "partner_edit": {"SELECT", "UPDATE"}, "own_partner": {"SELECT", "UPDATE"},
        **{f"own_{name}": {"SELECT"} for name in (
            "ask", "readiness", "partner_edit", "partnership", "check_in", "survey_invitation")},
        "own_offer": {"SELECT", "INSERT", "UPDATE"}, "own_affiliation": {"SELECT", "INSERT", "UPDATE"},
        "own_program": {"SELECT", "UPDATE"},
        "own_pledge": {"SELECT", "INSERT"}, "open_need": {"SELECT"},
        "duplicate_match": {"SELECT"}, "duplicate_pair": {"SELECT"}, "duplicate_dismissal": write,
        "directory_entry": {"SELECT"}, "search_text": {"SELECT"}, "search_result": {"SELECT"},
        "champion": write, "champion_step": write, "complaint": write, "roll_call_change": write, "site_closing": write,
        "partner_site": {"SELECT"}, "departure": write, "departure_receiver": write,
        "introduction_letter": write, "remedy": write, "stuck_dismissal": write, "inquiry": write, "introduction": write,
        "roll_call": write, "roll_call_mark": write, "partner_merge": {"SELECT"}, "contact_merge": {"SELECT"},
        "attachment": write, "attachment_piece": {"SELECT", "INSERT"},
        "agreement_step": write, "agreement_item": write, "agreement_signature": write,
        "site_plan": write, "family_plan": write, "family_part": write, "family_event": write,
        "partnership_review": write, "renewal_campaign": write, "renewal": write,
        "agreement_step": write, "agreement_item": write, "agreement_signature": write,
        "attachment": write, "attachment_piece": {"SELECT", "INSERT"},
        **dict.fromkeys("convening_template convening convening_plan agenda_item convening_invitee "
                        "convening_decision".split(), write),
        **dict.fromkeys("donee gift thank_you tax_document award story story_subject story_person bulletin".split(),
                        write),
        "instrument": write, "survey": write, "survey_invitation": write, "survey_anonymous_answer": {"SELECT"},
        "survey_answer": write, "survey_tally": {"SELECT"}, "indicator": write, "observation": write,
        "valuation_rate": write, "signing_authority": write, "review_rule": write, "gift_step": write, "required_credential": write,
        "school_year": write, "policy": write, "policy_duty": {"SELECT"}, "policy_place": {"SELECT"},
        "policy_acknowledgment": {"SELECT", "INSERT"},
        "tag": write, "tagging": write,
        "saved_filter": write, "report": write, "template": write,
        "post": write, "post_holder": write, "site_vision": write, "site_vision_author": write,
        "readiness_condition": write, "readiness_rating": write, "site_readiness": {"SELECT"},
        "release": {"SELECT", "INSERT"}, "rollup": {"SELECT"}, "district": {"SELECT", "UPDATE"},
        "message": write, "preference": write, "address_suppression": write, "mail_report": write, "call_task": write,
        "check_in": write, "check_in_half": write, "check_in_goal": write | {"DELETE"}, "goal_settlement": write, "check_in_delegate": write, "check_in_site": write,
        "action_item": write, "reminder": {"SELECT"}, "message_attempt": {"SELECT"},
            "link": {"SELECT"},
        **dict.fromkeys(("assessment", "priority", "need", "displacement_review", "ask", "follow_up",
                         "pledge", "pledge_site", "match_weight", "call_to_action", "landscape_snapshot",
                         "portfolio_review", "portfolio_decision"), write),
        "idempotency": {"SELECT", "INSERT", "DELETE"}, "audit": {"SELECT"}, "api_key": {"SELECT"},
        "sign_in_failure": write | {"DELETE"},
        "schema_migration": {"SELECT"}, "import": write, "import_row": write,
        "import_change": write, "import_work": write | {"DELETE"},
        **dict.fromkeys(("import_batch", "import_chunk"), {"SELECT", "INSERT", "DELETE"}),
        **{table: write | {"DELETE"} for table in IMPORTED}}


def test_a_view_sees_what_its_reader_may_see(migrate):
    views = dict(migrate.execute(
        "SELECT relname, array_to_string(reloptions, ',') FROM pg_class "
        "WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace").fetchall())
    assert "api_key" in views
    assert set(views.values()) == {"security_invoker=true"}


def test_nobody_but_the_backup_reads_a_partition_past_its_table(migrate):
    partitions = [t[0] for t in tables(migrate) if t[3]]
    assert len(partitions) == 34
    grantees = migrate.execute(
        "SELECT DISTINCT grantee FROM information_schema.table_privileges "
        "WHERE table_name = ANY (%s)", (partitions,)).fetchall()
    assert set(grantees) == {("kith_owner",), ("kith_backup",)}


def test_programs_run_only_the_functions_that_are_theirs(migrate):
    functions = {row[0] for row in migrate.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
        "AND has_function_privilege('kith_api', oid, 'EXECUTE')").fetchall()}
    assert functions == DISTRICT | INSTRUMENTS | MY_TASKS | REGISTRY_CARE | ACCESS | {"kith_enter", "kith_context", "kith_scope", "kith_has_role",
                         "kith_narrow", "key_covers", "directs_part", "lies_within", "check_key_limits",
                         "kith_covers", "refuse_outside", "contact_is_covered", "district_by_slug",
                         "idem_begin", "rfc3339", "is_zone", "sign_in_district", "sign_in_delay",
                         "sign_in_begin", "sign_in_failed", "sign_in_done",
                         "record_sign_in_failure", "sign_in_wait", "sign_in_enter", "business_now",
                         "is_admin_grant", "require_admin", "password_put", "password_link_begin",
                         "password_link_spend", "password_link_create", "api_key_revoke",
                         "district_go_live", "mails_preview", "mail_check_confirm", "api_key_roles", "api_key_create",
                         "refuse_same", "refuse_state", "refuse_field", "serving_put", "lock_row", "goal_progress",
                         "transitions", "transition", "uuid7", "uuid7_nth",
                         "district_today", "survey_answer_fault",
                         "survey_answer_refuse", "survey_answers_keep", "survey_answer_put", "survey_invitation_answer", "own_survey_invitation_answer", "survey_results_document", "survey_progress_document", *SURVEY_RESULTS, "assessment_fill", "assessment_found",
                         "requirements", "refuse_missing",
                         "partnership_leads", "check_behalf",
                         "acknowledge_as", "partnership_acknowledge_as",
                         "goal_acknowledge_as", "agreement_acknowledge_as",
                         "agreement_covers_data", "agreement_needs_review", "agreement_rules", "agreement_take", "agreement_is_taken", "row_is_inside", "keepers", "keeper_may", "row_rights", "agreement_steps_add", "agreement_is_current", "agreement_carries", "agreement_needs_checklist",
                         "agreement_is_settled", "agreement_validity", "agreement_missing",
                         "agreement_locked", "agreement_begin", "agreement_move",
                         "agreement_submit", "agreement_refer",
                         "agreement_approve", "agreement_revise",
                         "agreement_expire", "agreement_supersede",
                         "agreement_return", "agreement_reject",
                         "agreement_withdraw", "agreement_terminate",
                         "agreement_sign", "agreement_acknowledge",
                         "partnership_missing", "partnership_move",
                         "partnership_explore", "partnership_align",
                         "partnership_agree", "partnership_activate",
                         "partnership_resume", "partnership_renew",
                         "partnership_reopen", "partnership_end",
                         "partnership_decline", "partnership_pause",
                         "partnership_pass_gate", "partnership_acknowledge", "goal_acknowledge",
                         "investment_move", "investment_deliver",
                         "investment_cancel"} | WAVES | MAIL | CALENDAR | CHECK_INS | PAGES | IMPORTS \
        | PARTNERSHIP_WORK \
        | SUCCESSION | DEVELOPMENT | DASHBOARD | NEEDS


def test_functions_of_the_owner_fix_their_search_path(migrate):
    loose = migrate.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
        "AND prosecdef AND NOT coalesce(array_to_string(proconfig, ',') LIKE 'search_path=%%', false)"
    ).fetchall()
    assert loose == []


def test_nobody_makes_objects_in_the_schema(api):
    with pytest.raises(errors.InsufficientPrivilege):
        api.execute("CREATE TABLE public.mine (id integer)")
    with pytest.raises(errors.InsufficientPrivilege):
        api.execute("CREATE SCHEMA mine")


def test_without_a_context_every_table_is_an_error(api, migrate):
    for table in tenant_tables(migrate):
        if table == "outbox":
            continue
        with pytest.raises(errors.UndefinedObject):  # 42704
            api.execute(sql.SQL("SELECT 1 FROM {}").format(sql.Identifier(table)))


def test_after_a_context_an_empty_one_is_an_error(api, ours):
    with unit(api, ours):
        assert api.execute("SELECT count(*) FROM app_user").fetchone() == (1,)
    with pytest.raises(errors.InvalidTextRepresentation):  # 22P02
        api.execute("SELECT 1 FROM partner")
    with pytest.raises(errors.InvalidTextRepresentation):
        api.execute("UPDATE partner SET name = 'x'")


def test_a_context_ends_with_an_error_too(api, ours):
    with pytest.raises(errors.DivisionByZero), unit(api, ours):
        api.execute("SELECT 1 / 0")
    with pytest.raises(errors.InvalidTextRepresentation):
        api.execute("SELECT 1 FROM partner")


@pytest.fixture(scope="module")
def their_rows(database, theirs):
    """One row of theirs in each table that kith_api can write."""
    rows = {"app_user": theirs.user, "district": theirs.id}
    with database.connect() as connection, unit(connection, theirs):
        for table, fields in {"network": {"name": "N"}, "site": {"name": "S", "kind": "school"},
                              "partner": {"name": "P", "kind": "civic"}}.items():
            rows[table] = uuid7()
            insert(connection, table, {"district_id": theirs.id, "id": rows[table], **fields})
        for table in ("user_grant", "access_token"):
            rows[table] = connection.execute(f"SELECT id FROM {table}").fetchone()[0]
    return rows


def test_rows_of_another_district_are_not_there(api, ours, their_rows):
    assert len(their_rows) == 7
    for table, row in their_rows.items():
        with unit(api, ours):
            assert api.execute(f"SELECT 1 FROM {table} WHERE id = %s", (row,)).fetchall() == []
            assert api.execute(
                f"UPDATE {table} SET archived_at = now() WHERE id = %s", (row,)).rowcount == 0


def test_no_row_is_written_into_another_district(api, ours, theirs):
    for table, fields in {"network": {"name": "N"}, "site": {"name": "S", "kind": "school"},
                          "partner": {"name": "P", "kind": "civic"}}.items():
        with pytest.raises(errors.InsufficientPrivilege), unit(api, ours):
            insert(api, table, {"district_id": theirs.id, "id": uuid7(), **fields})


def test_no_row_moves_into_another_district(api, ours, theirs):
    with unit(api, ours):
        network = uuid7()
        insert(api, "network", {"district_id": ours.id, "id": network, "name": "N"})
    with pytest.raises((errors.CheckViolation, errors.InsufficientPrivilege)), unit(api, ours):
        api.execute("UPDATE network SET district_id = %s WHERE id = %s", (theirs.id, network))


@pytest.mark.parametrize("column, table", [
    ("parent_id", "partner"), ("owner_id", "app_user"), ("lead_site_id", "site")])
def test_no_reference_leads_into_another_district(api, ours, their_rows, column, table):
    with pytest.raises(errors.ForeignKeyViolation) as refused, unit(api, ours):
        insert(api, "partner", {"district_id": ours.id, "id": uuid7(), "name": "P", "kind": "civic",
                                column: their_rows[table]})
    assert refused.value.diag.constraint_name == f"partner_{column}_fkey"


def test_the_same_natural_keys_live_in_two_districts(api, ours, theirs):
    for district in (ours, theirs):
        with unit(api, district):
            insert(api, "partner", {"district_id": district.id, "id": uuid7(), "name": "Bank",
                                    "kind": "business", "ein": "123456789"})
    with pytest.raises(errors.UniqueViolation) as refused, unit(api, ours):
        insert(api, "partner", {"district_id": ours.id, "id": uuid7(), "name": "Bank again",
                                "kind": "business", "ein": "123456789"})
    assert refused.value.diag.constraint_name == "partner_ein_key"


def test_the_owner_itself_needs_a_context(database):
    with database.connect("kith_migrate") as connection:
        connection.execute("SET ROLE kith_owner")
        with pytest.raises(errors.UndefinedObject):
            connection.execute("SELECT 1 FROM partner")


def test_a_slug_finds_its_district_before_anybody_is_signed_in(api, ours):
    assert api.execute("SELECT * FROM district_by_slug(%s)", (ours.slug,)).fetchall() == [
        (UUID(ours.id), "A district", "America/Chicago", "en")]
    assert api.execute("SELECT * FROM district_by_slug('nobody')").fetchall() == []


@pytest.mark.parametrize("column, floor", [("small_cell", 10), ("survey_cell", 5), ("text_cell", 10)])
def test_thresholds_have_floors(api, ours, column, floor):
    with unit(api, ours):
        api.execute(f"UPDATE district SET {column} = %s", (floor,))
    with pytest.raises(errors.CheckViolation) as refused, unit(api, ours):
        api.execute(f"UPDATE district SET {column} = %s", (floor - 1,))
    assert refused.value.diag.constraint_name == f"district_{column}_check"


@pytest.mark.parametrize("zone", ["", "Nowhere/Town", "other"])
def test_an_unknown_zone_would_lock_its_district_out(api, ours, zone):
    with pytest.raises(errors.CheckViolation) as refused, unit(api, ours):
        api.execute("UPDATE district SET zone = %s", (zone,))
    assert refused.value.diag.constraint_name == "district_zone_check"
