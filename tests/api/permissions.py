"""Who may ask what: each route of the API, and the roles that it is open to.

Stated by hand, apart from the declarations of services/api, so that every change of a right stands
in a diff twice. test_api_permissions.py asks each route as each role, and fails for a route that
has no row here.
"""

from api_world import ROLES

EVERY_ROLE = (*ROLES, "partner", "nobody")

PUBLIC = "public"  # without a token, too
SIGNED_IN = frozenset(EVERY_ROLE)  # whoever has a token, even without any grant

ADMIN = frozenset({"admin"})
PROGRAM = ADMIN | {"director"}
REGISTRY = PROGRAM | {"coordinator", "school_leader"}
STAFF = frozenset(ROLES) - {"viewer"}
READERS = frozenset(ROLES)
REVIEW = PROGRAM | {"reviewer"}
RAW = ADMIN | {"data_steward"}  # figures as they were loaded
ATTACHERS = REGISTRY | {"reviewer", "data_steward"}
MAIL = PROGRAM | {"coordinator"}


CHECK_IN_ACTIONS = (
    "open save_half submit_half confirm dispute complete close skip cancel reopen".split()
)
CONVENING_ACTIONS = "refresh invite attend hold apply introduce close reopen cancel".split()
ASK_ACTIONS = "submit clear hold release send pledge decline talk expire withdraw".split()


def reads(plural, read):
    return {f"GET /v1/{plural}": read, f"GET /v1/{plural}/{{id}}": read}


def crud(plural, read, write):
    """All that a resource has which may be made, changed, archived and restored."""
    return {
        **reads(plural, read),
        f"POST /v1/{plural}": write,
        f"PATCH /v1/{plural}/{{id}}": write,
        f"DELETE /v1/{plural}/{{id}}": write,
        f"POST /v1/{plural}/{{id}}/restore": write,
    }


PERMISSIONS = {
    "GET /openapi.json": PUBLIC,
    "GET /docs": PUBLIC,
    "POST /v1/sessions": PUBLIC,
    "DELETE /v1/sessions/current": SIGNED_IN,
    "GET /v1/me": SIGNED_IN,
    "PATCH /v1/me": SIGNED_IN,
    "GET /v1/me/sessions": SIGNED_IN,
    "DELETE /v1/me/sessions": SIGNED_IN,
    "POST /v1/sign_in_links": PUBLIC,
    "POST /v1/sign_ins": PUBLIC,
    "DELETE /v1/me/sessions/{id}": SIGNED_IN,
    "GET /v1/me/tasks": SIGNED_IN,
    "GET /v1/setup": PROGRAM,
    "POST /v1/me/password": SIGNED_IN,
    "POST /v1/passwords": PUBLIC,
    **reads("districts", READERS),
    "PATCH /v1/districts/{id}": ADMIN,
    "POST /v1/districts/{id}/go_live": ADMIN,
    "POST /v1/districts/{id}/hold_mail": ADMIN,
    "POST /v1/districts/{id}/release_mail": ADMIN,
    "GET /v1/settings_history": PROGRAM,
    "GET /v1/mail_hold": ADMIN,
    "GET /v1/jobs": ADMIN,
    "GET /v1/health": ADMIN,
    **crud("users", READERS, ADMIN),
    "POST /v1/users/{id}/password_reset": ADMIN,
    "POST /v1/users/{id}/end_sessions": ADMIN,
    **reads("user_invitations", ADMIN),
    "POST /v1/user_invitations": ADMIN,
    "GET /v1/user_invitations/{id}/transitions": ADMIN,
    "POST /v1/user_invitations/{id}/resend": ADMIN,
    "POST /v1/user_invitations/{id}/revoke": ADMIN,
    **reads("user_sessions", ADMIN),
    "POST /v1/user_sessions/{id}/revoke": ADMIN,
    **reads("dead_letters", ADMIN),
    "POST /v1/dead_letters/{id}/redrive": ADMIN,
    "POST /v1/dead_letters/{id}/drop": ADMIN,
    "POST /v1/dead_letter_redrives": ADMIN,
    **crud("retention_rules", REVIEW, ADMIN),
    "POST /v1/retention_rules/{id}/apply": ADMIN,
    **reads("retention_runs", REVIEW),
    "GET /v1/retention": REVIEW,
    **reads("legal_holds", REVIEW),
    "POST /v1/legal_holds": REVIEW,
    "PATCH /v1/legal_holds/{id}": REVIEW,
    "GET /v1/legal_holds/{id}/transitions": REVIEW,
    "POST /v1/legal_holds/{id}/release": REVIEW,
    **crud("records_requests", REVIEW, ADMIN),
    "GET /v1/records_requests/{id}/transitions": REVIEW,
    **{
        f"POST /v1/records_requests/{{id}}/{verb}": ADMIN
        for verb in ("begin", "gather", "deliver", "withdraw")
    },
    "GET /v1/records_requests/{id}/file": ADMIN,
    **reads("erasures", ADMIN),
    "POST /v1/erasures": ADMIN,
    "GET /v1/erasures/{id}/transitions": ADMIN,
    "GET /v1/erasures/{id}/preview": ADMIN,
    **{f"POST /v1/erasures/{{id}}/{verb}": ADMIN for verb in ("run", "withdraw", "lift")},
    **{
        route: ADMIN | {"partner"}
        for plural in "partners partnerships check_ins pledges survey_invitations".split()
        for route in reads(f"own_{plural}", ADMIN)
    },
    "POST /v1/own_survey_invitations/{id}/answer": ADMIN | {"partner"},
    "PATCH /v1/own_partners/{id}": ADMIN | {"partner"},
    **{route: ADMIN | {"partner"} for route in reads("own_partner_edits", ADMIN)},
    "POST /v1/own_partner_edits/{id}/withdraw": ADMIN | {"partner"},
    **reads("partner_edits", STAFF),
    "GET /v1/partner_edits/{id}/transitions": STAFF,
    **{f"POST /v1/partner_edits/{{id}}/{verb}": REGISTRY for verb in ("accept", "refuse")},
    **crud("grants", ADMIN, ADMIN),
    **reads("api_keys", STAFF),
    "POST /v1/api_keys": STAFF,
    "POST /v1/api_keys/{id}/revoke": STAFF,
    **reads("audit", PROGRAM),
    **crud("school_years", READERS, PROGRAM),
    "GET /v1/school_years/{id}/transitions": READERS,
    **{f"POST /v1/school_years/{{id}}/{verb}": PROGRAM for verb in ("open", "close", "reopen")},
    **crud("valuation_rates", READERS, PROGRAM),
    **crud("academic_sessions", READERS, PROGRAM),
    **{f"POST /v1/academic_sessions/{{id}}/{verb}": PROGRAM for verb in ("map", "unmap")},
    **crud("signing_authorities", READERS, ADMIN),
    **crud("required_credentials", READERS, PROGRAM),
    **crud("policies", READERS, PROGRAM),
    "GET /v1/policies/{id}/transitions": READERS,
    "POST /v1/policies/{id}/adopt": PROGRAM | {"executive"},
    "POST /v1/policies/{id}/retire": PROGRAM,
    "POST /v1/policies/{id}/acknowledge": STAFF,
    **reads("policy_acknowledgments", READERS),
    **crud("site_years", READERS, REGISTRY | RAW),
    **crud("tags", READERS, REGISTRY),
    **crud("taggings", READERS, REGISTRY),
    **crud("custom_fields", READERS, PROGRAM),
    **crud("custom_values", READERS, REGISTRY),
    **crud("saved_filters", READERS, READERS),
    "POST /v1/saved_filters/{id}/recount": READERS,
    "GET /v1/saved_filters/{id}/matches": READERS,
    **crud("templates", READERS, PROGRAM),
    "GET /v1/templates/{id}/filled": READERS,
    **crud("posts", READERS, REGISTRY),
    **crud("post_holders", READERS, REGISTRY),
    **crud("site_visions", READERS, REGISTRY),
    "GET /v1/site_visions/{id}/transitions": READERS,
    **{f"POST /v1/site_visions/{{id}}/{verb}": REGISTRY for verb in ("adopt", "retire")},
    **crud("site_vision_authors", READERS, REGISTRY),
    **crud("readiness_conditions", READERS, PROGRAM),
    **crud("readiness_ratings", READERS, REGISTRY),
    **reads("site_readiness", READERS),
    **crud("sites", READERS, REGISTRY),
    **crud("partners", READERS, REGISTRY),
    "GET /v1/partners/{id}/transitions": READERS,
    **{f"POST /v1/partners/{{id}}/{verb}": REGISTRY for verb in "contact vet decline transfer".split()},
    **{f"POST /v1/partners/{{id}}/{verb}": PROGRAM for verb in ("approve", "bar", "reopen")},
    **crud("partner_owners", READERS, REGISTRY),
    **crud("partner_focus_areas", READERS, REGISTRY),
    **crud("credentials", READERS, REGISTRY),
    "GET /v1/credentials/{id}/transitions": READERS,
    **{f"POST /v1/credentials/{{id}}/{verb}": REVIEW for verb in ("verify", "reject")},
    **crud("offers", READERS, REGISTRY),
    "GET /v1/offers/{id}/transitions": READERS,
    **{f"POST /v1/offers/{{id}}/{verb}": REGISTRY for verb in ("withdraw", "reopen")},
    **reads("search", READERS),
    "GET /v1/partners/{id}/duplicates": READERS,
    "POST /v1/partners/{id}/merge": PROGRAM,
    **reads("partner_merges", READERS),
    "POST /v1/partner_merges/{id}/undo": PROGRAM,
    **crud("champions", STAFF, PROGRAM),
    "GET /v1/champions/{id}/transitions": STAFF,
    **{
        f"POST /v1/champions/{{id}}/{verb}": PROGRAM
        for verb in ("cultivate", "ask", "support", "reach", "lapse")
    },
    **crud("champion_steps", STAFF, PROGRAM),
    **crud("departures", PROGRAM, PROGRAM),
    "GET /v1/departures/{id}/transitions": PROGRAM,
    "GET /v1/departures/{id}/inventory": PROGRAM,
    **{f"POST /v1/departures/{{id}}/{verb}": PROGRAM for verb in ("hand_over", "introduce", "cancel")},
    **crud("departure_receivers", PROGRAM, PROGRAM),
    **reads("introduction_letters", STAFF),
    "PATCH /v1/introduction_letters/{id}": REGISTRY,
    "GET /v1/introduction_letters/{id}/transitions": STAFF,
    **{f"POST /v1/introduction_letters/{{id}}/{verb}": REGISTRY for verb in ("send", "skip")},
    **crud("remedies", READERS, REGISTRY),
    "GET /v1/remedies/{id}/transitions": READERS,
    **{f"POST /v1/remedies/{{id}}/{verb}": REGISTRY for verb in ("agree", "cancel")},
    **crud("stuck_dismissals", READERS, REGISTRY),
    "GET /v1/stuck_partners": READERS,
    "GET /v1/bus_factor": READERS,
    "POST /v1/public_inquiries": PUBLIC,
    **crud("inquiries", STAFF, REGISTRY),
    "GET /v1/inquiries/{id}/transitions": STAFF,
    **{
        f"POST /v1/inquiries/{{id}}/{verb}": REGISTRY
        for verb in ("assign", "answer", "convert", "decline", "discard", "reopen")
    },
    **crud("introductions", READERS, REGISTRY),
    **crud("roll_calls", READERS, REGISTRY),
    "GET /v1/roll_calls/{id}/transitions": READERS,
    **{f"POST /v1/roll_calls/{{id}}/{verb}": REGISTRY for verb in ("add", "submit")},
    **{f"POST /v1/roll_calls/{{id}}/{verb}": PROGRAM for verb in ("confirm", "reopen")},
    **reads("roll_call_marks", READERS),
    "PATCH /v1/roll_call_marks/{id}": REGISTRY,
    **reads("directory_entries", READERS | {"partner"}),
    **crud("networks", READERS, PROGRAM),
    **crud("focus_areas", READERS, PROGRAM),
    **crud("contacts", READERS, REGISTRY),
    **crud("affiliations", READERS, REGISTRY),
    **crud("programs", READERS, REGISTRY),
    **crud("program_sites", READERS, REGISTRY),
    **crud("reporting_quarters", READERS, PROGRAM),
    **crud("closed_days", READERS, PROGRAM),
    **crud("blackouts", READERS, PROGRAM),
    **{
        route: roles
        for plural in (
            "assessments", "priorities", "needs", "displacement_reviews", "asks", "follow_ups",
            "pledges", "pledge_sites",
        )
        for route, roles in crud(plural, READERS, REGISTRY).items()
    },
    **{
        f"GET /v1/{plural}/{{id}}/transitions": READERS
        for plural in ("priorities", "needs", "displacement_reviews", "asks", "follow_ups", "pledges")
    },
    **{f"POST /v1/priorities/{{id}}/{verb}": REGISTRY for verb in ("adopt", "carry_over", "close")},
    **{
        f"POST /v1/needs/{{id}}/{verb}": REGISTRY
        for verb in ("submit", "meet", "expire", "withdraw", "reopen")
    },
    **{f"POST /v1/needs/{{id}}/{verb}": MAIL for verb in ("review", "return", "open")},
    **crud("calls_to_action", READERS, PROGRAM | {"executive"}),
    "GET /v1/calls_to_action/{id}/transitions": READERS,
    "GET /v1/calls_to_action/{id}/report": READERS,
    **{
        f"POST /v1/calls_to_action/{{id}}/{verb}": PROGRAM | {"executive"}
        for verb in ("open", "extend", "allocate", "close", "cancel")
    },
    **crud("landscape_snapshots", READERS, PROGRAM),
    "GET /v1/landscape_snapshots/{id}/gaps": READERS,
    "GET /v1/landscape_snapshots/{id}/comparison": READERS,
    **crud("portfolio_reviews", READERS, REGISTRY),
    "GET /v1/portfolio_reviews/{id}/transitions": READERS,
    "GET /v1/portfolio_reviews/{id}/evidence": READERS,
    **{f"POST /v1/portfolio_reviews/{{id}}/{verb}": REGISTRY for verb in ("hold", "close")},
    **crud("portfolio_decisions", READERS, REGISTRY),
    "GET /v1/portfolio_decisions/{id}/transitions": READERS,
    **{
        f"POST /v1/portfolio_decisions/{{id}}/{verb}": REGISTRY for verb in ("complete", "reopen")
    },
    **crud("convening_templates", READERS, PROGRAM),
    **crud("convenings", READERS, REGISTRY),
    "GET /v1/convenings/{id}/transitions": READERS,
    "GET /v1/convenings/{id}/meetings": READERS,
    **{f"POST /v1/convenings/{{id}}/{verb}": REGISTRY for verb in CONVENING_ACTIONS},
    **crud("convening_plans", READERS, REGISTRY),
    "GET /v1/convening_plans/{id}/transitions": READERS,
    "GET /v1/convening_plans/{id}/preview": READERS,
    "POST /v1/convening_plans/{id}/commit": REGISTRY,
    **crud("agenda_items", READERS, REGISTRY),
    **crud("convening_invitees", READERS, REGISTRY),
    "POST /v1/convening_invitees/{id}/answer": REGISTRY,
    **crud("convening_decisions", READERS, REGISTRY),
    "GET /v1/convening_decisions/{id}/transitions": READERS,
    **{f"POST /v1/convening_decisions/{{id}}/{verb}": REGISTRY for verb in ("apply", "drop")},
    **crud("match_weights", READERS, PROGRAM),
    "GET /v1/needs/{id}/matches": READERS,
    "GET /v1/partners/{id}/matches": READERS,
    "GET /v1/gaps": READERS,
    "GET /v1/network_map": READERS,
    "POST /v1/displacement_reviews/{id}/decide": MAIL,
    "POST /v1/displacement_reviews/{id}/approve": ADMIN | {"executive"},
    "POST /v1/displacement_reviews/{id}/refuse": ADMIN | {"executive"},
    "POST /v1/displacement_reviews/{id}/reopen": REGISTRY,
    **{f"POST /v1/asks/{{id}}/{verb}": REGISTRY for verb in ASK_ACTIONS},
    **{f"POST /v1/follow_ups/{{id}}/{verb}": REGISTRY for verb in ("complete", "reopen")},
    **{
        f"POST /v1/pledges/{{id}}/{verb}": REGISTRY
        for verb in ("accept", "waitlist", "decline", "deliver", "fail", "convert")
    },
    **crud("partnerships", READERS, REGISTRY),
    **crud("partnership_sites", READERS, REGISTRY),
    **crud("partnership_roles", READERS, REGISTRY),
    **crud("goals", READERS, REGISTRY),
    **crud("agreements", READERS, REGISTRY),
    **crud("agreement_partnerships", READERS, REGISTRY),
    **crud("investments", READERS, REGISTRY),
    **crud("partnership_partners", READERS, REGISTRY),
    **crud("goal_partnerships", READERS, REGISTRY),
    "POST /v1/goal_partnerships/{id}/acknowledge": REGISTRY,
    **crud("milestones", READERS, REGISTRY),
    "GET /v1/milestones/{id}/transitions": READERS,
    **{f"POST /v1/milestones/{{id}}/{verb}": REGISTRY for verb in ("reach", "miss", "drop", "reopen")},
    **crud("interactions", READERS, REGISTRY),
    **crud("activities", READERS, REGISTRY),
    **crud("partnership_changes", READERS, REGISTRY),
    **crud("placements", READERS, REGISTRY),
    **{f"POST /v1/placements/{{id}}/{verb}": REGISTRY for verb in ("attest", "invest")},
    "GET /v1/partnerships/{id}/transitions": READERS,
    "POST /v1/partnerships/{id}/explore": REGISTRY,
    "POST /v1/partnerships/{id}/align": REGISTRY,
    "POST /v1/partnerships/{id}/agree": REGISTRY,
    "POST /v1/partnerships/{id}/activate": REGISTRY,
    "POST /v1/partnerships/{id}/pause": REGISTRY,
    "POST /v1/partnerships/{id}/resume": REGISTRY,
    "POST /v1/partnerships/{id}/renew": REGISTRY,
    "POST /v1/partnerships/{id}/end": REGISTRY,
    "POST /v1/partnerships/{id}/decline": REGISTRY,
    "POST /v1/partnerships/{id}/reopen": REGISTRY,
    "POST /v1/partnerships/{id}/acknowledge": REGISTRY,
    "POST /v1/partnerships/{id}/ask_investments": REGISTRY,
    "POST /v1/goals/{id}/acknowledge": REGISTRY,
    **crud("agreement_steps", READERS, REGISTRY),
    "GET /v1/agreement_steps/{id}/transitions": READERS,
    **{
        f"POST /v1/agreement_steps/{{id}}/{verb}": PROGRAM | {"reviewer"}
        for verb in ("approve", "return", "reject")
    },
    **crud("agreement_items", READERS, REGISTRY | {"reviewer"}),
    **reads("agreement_signatures", READERS),
    "POST /v1/agreements/{id}/type_signature": REGISTRY,
    "POST /v1/agreements/{id}/checklist": REGISTRY,
    "GET /v1/agreements/{id}/transitions": READERS,
    "POST /v1/agreements/{id}/submit": REGISTRY,
    "POST /v1/agreements/{id}/refer": PROGRAM | {"reviewer"},
    "POST /v1/agreements/{id}/approve": PROGRAM | {"reviewer"},
    "POST /v1/agreements/{id}/return": PROGRAM | {"reviewer"},
    "POST /v1/agreements/{id}/revise": REGISTRY,
    "POST /v1/agreements/{id}/reject": PROGRAM | {"reviewer"},
    "POST /v1/agreements/{id}/withdraw": REGISTRY,
    "POST /v1/agreements/{id}/sign": REGISTRY,
    "POST /v1/agreements/{id}/acknowledge": REGISTRY,
    "POST /v1/agreements/{id}/expire": REGISTRY,
    "POST /v1/agreements/{id}/supersede": REGISTRY,
    "POST /v1/agreements/{id}/terminate": PROGRAM,
    **crud("funding_opportunities", READERS, REGISTRY),
    **crud("funding_applications", READERS, REGISTRY),
    "GET /v1/funding_applications/{id}/transitions": READERS,
    **{f"POST /v1/funding_applications/{{id}}/{verb}": REGISTRY
       for verb in ("begin", "submit", "award", "decline", "withdraw", "reopen")},
    **crud("funding_applicants", READERS, REGISTRY),
    **crud("funding_partnerships", READERS, REGISTRY),
    "GET /v1/sustainability": READERS,
    **crud("trainings", READERS, REGISTRY),
    **crud("training_seats", READERS, REGISTRY),
    **crud("coachings", REGISTRY, REGISTRY),
    **crud("examples", READERS, REGISTRY),
    "GET /v1/examples/{id}/transitions": READERS,
    **{f"POST /v1/examples/{{id}}/{verb}": REGISTRY for verb in ("share", "retire", "revise")},
    **crud("example_copies", READERS, REGISTRY),
    **crud("site_plans", READERS, REGISTRY),
    "GET /v1/site_plans/{id}/transitions": READERS,
    **{f"POST /v1/site_plans/{{id}}/{verb}": REGISTRY for verb in ("agree", "revise", "close")},
    **crud("family_plans", READERS, REGISTRY),
    **crud("check_in_sites", READERS, REGISTRY),
    **crud("family_parts", READERS, REGISTRY),
    **crud("family_events", READERS, REGISTRY),
    **crud("partnership_reviews", READERS, REGISTRY),
    "GET /v1/partnership_reviews/{id}/transitions": READERS,
    **{f"POST /v1/partnership_reviews/{{id}}/{verb}": REGISTRY for verb in ("draft", "decide")},
    **{
        f"POST /v1/partnership_reviews/{{id}}/{verb}": PROGRAM | {"executive"}
        for verb in ("approve", "return")
    },
    **crud("renewal_campaigns", READERS, PROGRAM),
    "POST /v1/renewal_campaigns/{id}/select": PROGRAM,
    **reads("renewals", READERS),
    "DELETE /v1/renewals/{id}": PROGRAM,
    "POST /v1/renewals/{id}/restore": PROGRAM,
    **{f"POST /v1/renewals/{{id}}/{verb}": PROGRAM for verb in ("decide", "prefill")},
    **{f"POST /v1/investments/{{id}}/{verb}": REGISTRY for verb in ("confirm", "dispute")},
    "GET /v1/investments/{id}/transitions": READERS,
    "POST /v1/investments/{id}/deliver": REGISTRY,
    "POST /v1/investments/{id}/cancel": REGISTRY,
    **crud("donees", READERS, PROGRAM),
    "POST /v1/donees/{id}/summarize": PROGRAM,
    **crud("gifts", READERS, REGISTRY),
    "GET /v1/gifts/{id}/transitions": READERS,
    "POST /v1/gifts/{id}/accept": REGISTRY | {"executive"},
    "POST /v1/gifts/{id}/acknowledge": REVIEW,
    **{
        f"POST /v1/gifts/{{id}}/{verb}": REGISTRY
        for verb in ("refuse", "withdraw", "reopen", "receive", "invest")
    },
    **crud("thank_yous", STAFF, REGISTRY),
    "GET /v1/thank_yous/{id}/transitions": STAFF,
    **{f"POST /v1/thank_yous/{{id}}/{verb}": REGISTRY for verb in ("send", "give", "drop", "reopen")},
    "POST /v1/school_years/{id}/thank": PROGRAM,
    **reads("tax_documents", STAFF),
    "GET /v1/tax_documents/{id}/transitions": STAFF,
    **{
        f"POST /v1/tax_documents/{{id}}/{verb}": REVIEW
        for verb in ("issue", "send", "reissue", "discard")
    },
    "GET /v1/tax_documents/{id}/content": STAFF,
    **crud("awards", READERS, MAIL),
    "GET /v1/awards/{id}/certificate": READERS,
    "GET /v1/years_of_service": READERS,
    "GET /v1/bulletins/{id}/preview": STAFF,
    **crud("stories", READERS, REGISTRY),
    "GET /v1/stories/{id}/transitions": READERS,
    **{f"POST /v1/stories/{{id}}/{verb}": REGISTRY for verb in ("submit", "withdraw", "revise")},
    **{f"POST /v1/stories/{{id}}/{verb}": MAIL for verb in ("return", "publish")},
    "POST /v1/stories/{id}/approve": PROGRAM | {"executive"},
    **reads("story_subjects", READERS),
    "POST /v1/story_subjects": REGISTRY,
    "DELETE /v1/story_subjects/{id}": REGISTRY,
    "POST /v1/story_subjects/{id}/restore": REGISTRY,
    **{f"POST /v1/story_subjects/{{id}}/{verb}": REGISTRY for verb in ("consent", "revoke")},
    **crud("story_people", STAFF, REGISTRY),
    **{f"POST /v1/story_people/{{id}}/{verb}": REGISTRY for verb in ("attest", "revoke")},
    **crud("bulletins", STAFF, MAIL),
    "GET /v1/bulletins/{id}/transitions": STAFF,
    **{f"POST /v1/bulletins/{{id}}/{verb}": MAIL for verb in ("schedule", "send", "revise", "cancel")},
    **reads("instruments", READERS),
    **crud("surveys", READERS, PROGRAM),
    "GET /v1/surveys/{id}/transitions": READERS,
    "GET /v1/surveys/{id}/results": STAFF,
    **{
        f"POST /v1/surveys/{{id}}/{verb}": PROGRAM
        for verb in ("schedule", "open", "pause", "resume", "close", "reopen", "cancel")
    },
    **reads("survey_invitations", REGISTRY),
    "POST /v1/survey_invitations/{id}/answer": READERS,
    **crud("indicators", READERS, PROGRAM),
    **reads("observations", RAW),
    "POST /v1/observations": RAW,
    "DELETE /v1/observations/{id}": RAW,
    **reads("rollups", READERS),
    **reads("releases", READERS),
    "POST /v1/releases": RAW | {"director"},
    **reads("check_ins", READERS),
    "PATCH /v1/check_ins/{id}": REGISTRY,
    "GET /v1/check_ins/{id}/transitions": READERS,
    **{f"POST /v1/check_ins/{{id}}/{verb}": REGISTRY for verb in CHECK_IN_ACTIONS},
    **reads("check_in_halves", READERS),
    **reads("check_in_goals", READERS),
    **crud("action_items", READERS, REGISTRY),
    **{f"POST /v1/action_items/{{id}}/{verb}": REGISTRY for verb in ("complete", "reopen")},
    "GET /v1/action_items/{id}/transitions": READERS,
    **reads("reminders", READERS),
    **reads("messages", MAIL),
    **crud("preferences", STAFF, REGISTRY),
    **crud("address_suppressions", MAIL, MAIL),
    **reads("call_tasks", STAFF),
    "PATCH /v1/call_tasks/{id}": REGISTRY,
    "GET /v1/call_tasks/{id}/transitions": STAFF,
    **{f"POST /v1/call_tasks/{{id}}/{verb}": REGISTRY for verb in ("complete", "reopen")},
    **reads("imports", PROGRAM | RAW),
    "POST /v1/imports": PROGRAM,  # of the kinds but observations
    "GET /v1/imports/{id}/rows": PROGRAM | RAW,
    "POST /v1/imports/{id}/revert": PROGRAM,
    **reads("attachments", READERS),
    "POST /v1/attachments": ATTACHERS,
    "PATCH /v1/attachments/{id}": ATTACHERS,
    "DELETE /v1/attachments/{id}": ATTACHERS,
    "POST /v1/attachments/{id}/restore": ATTACHERS,
    "GET /v1/attachments/{id}/content": STAFF,
    "GET /v1/balance": READERS,
    "GET /v1/dashboard": READERS,
}
