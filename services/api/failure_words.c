/* Sentences for CHECKs that compare fields: what a declaration says of one field is refused before.
 * A test looks whether each row is of some constraint. */
#include "failure_words.h"

#include "base/base.h"

#define ONE_OF " is set: one of them"

static const struct {
    const char *ending; /* of the constraint's name; the first that fits counts */
    const char *words;
} rows[] = {
    /* The order of days and amounts. */
    {"activity_until_date_check", "must not be before \"on_date\""},
    {"training_until_date_check", "must not be before \"on_date\""},
    {"_until_date_check", "must not be before \"from_date\""},
    {"school_year_ends_on_check",
     "must lie in the year that names the school year, and after \"starts_on\" by 400 days at most"},
    {"_ends_on_check", "must not be before \"starts_on\""},
    {"convening_ends_at_check", "must be after \"starts_at\", by seven days at most"},
    {"agreement_expires_on_check", "must not be before \"effective_on\""},
    {"credential_expires_on_check", "must not be before \"issued_on\""},
    {"survey_closes_on_check", "must not be before \"opens_on\""},
    {"check_in_opens_on_check", "must not be after \"due_on\""},
    {"records_request_due_on_check", "must not be before \"received_on\""},
    {"funding_opportunity_due_on_check", "must not be before \"opens_on\""},
    {"funding_opportunity_most_cents_check", "must not be below \"least_cents\""},
    {"renewal_campaign_expires_until_check", "must not be before \"expires_from\""},
    {"district_mail_until_hour_check", "must be after \"mail_hour\""},
    {"custom_field_maximum_check", "must not be below \"minimum\""},
    {"offer_quantity_check", "must not be below what is taken already"},
    {"goal_target_check", "lies on the wrong side of \"baseline\" for its \"direction\""},
    /* Where something is, and whose. */
    {"user_grant_scope_id_check",
     "names what \"scope_kind\" says, and is null for the whole district"},
    {"user_grant_scope_kind_check",
     "does not fit \"role\": admin, executive and data_steward are for the whole district, and a "
     "partner is for the role partner alone"},
    {"api_key_roles_check", "has a role that the user does not hold"},
    {"district_accent_color_check", "must be # and six hexadecimal digits, as in \"#0b5d4e\""},
    {"district_locale_check", "must be one of \"locales\""},
    {"_zone_check", "is no IANA time zone"},
    {"site_nces_id_check", "must be 12 digits"},
    {"site_merged_into_check",
     "names another site where \"status\" is merged, and is null otherwise"},
    {"_parent_id_check", "must not be the record itself"},
    {"post_reports_to_id_check", "must not be the post itself"},
    {"agreement_supersedes_id_check", "must not be the agreement itself"},
    {"duplicate_dismissal_second_id_check", "must not be \"first_id\" again"},
    {"_network_id_check", "must be null where \"site_id\" is set"},
    {"_owner_contact_id_check", "must be null where \"owner_user_id\" is set"},
    {"introduction_introduced_by_contact_id_check",
     "must be null where \"introduced_by_user_id\" is set"},
    {"partnership_role_contact_id_check",
     "is set where \"side\" is partner, and null where it is district"},
    {"partnership_role_user_id_check",
     "is set where \"side\" is district, and null where it is partner"},
    {"departure_partner_id_check", "is for a contact who leaves"},
    /* One of several. */
    {"legal_hold_contact_id_check", "or \"user_id\", \"partner_id\" or \"partnership_id\"" ONE_OF},
    {"records_request_contact_id_check", "or \"user_id\" or \"partner_id\"" ONE_OF},
    {"erasure_contact_id_check", "or \"user_id\"" ONE_OF},
    {"departure_contact_id_check", "or \"user_id\"" ONE_OF},
    {"convening_invitee_contact_id_check", "or \"user_id\"" ONE_OF},
    {"post_holder_user_id_check", "or \"name\"" ONE_OF},
    {"tagging_site_id_check", "or \"partner_id\", \"contact_id\" or \"partnership_id\"" ONE_OF},
    {"custom_value_site_id_check",
     "or \"partner_id\", \"contact_id\" or \"partnership_id\"" ONE_OF},
    {"story_subject_partnership_id_check", "or \"site_id\"" ONE_OF},
    {"award_partner_id_check", "or \"contact_id\"" ONE_OF},
    {"gift_partner_id_check", "or \"contact_id\" must be set"},
    {"thank_you_partner_id_check", "or \"contact_id\" must be set"},
    {"introduction_partner_id_check", "or \"contact_id\" or \"organization\" must be set"},
    {"partnership_review_partnership_id_check", "or \"program_id\" must be set"},
    {"survey_asks_partner_check", "or \"asks_district\" must be true"},
    /* What needs something else. */
    {"gift_amount_cents_check", "is set for cash, at least 1, and null for anything else"},
    {"gift_value_cents_check", "must be null for cash"},
    {"gift_return_cents_check", "needs \"return_description\""},
    {"investment_match_cents_check", "needs \"grant_name\""},
    {"program_evidence_citation_check", "is needed where \"evidence_tier\" is 1, 2 or 3"},
    {"agreement_data_destroy_by_check", "is needed for studies and audits"},
    {"agreement_item_note_check", "is needed where \"status\" is not_applicable"},
    {"review_rule_due_days_check", "is null where \"step\" is none"},
    {"credential_label_check", "is needed where \"kind\" is other"},
    {"custom_field_choices_check", "are for the type choice, which needs some"},
    {"custom_field_minimum_check", "is for the type number alone, as \"maximum\" is"},
    {"post_holder_email_check", "is for a \"name\" alone: a user has its own"},
    {"site_vision_author_name_check", "must be null for a student"},
    {"displacement_review_kind_check", "cannot be new where employees do it now"},
};

const char *failure_words(struct sv constraint)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (sv_ends_with(constraint, sv_of(rows[i].ending)))
            return rows[i].words;
    }
    return "is not allowed";
}
