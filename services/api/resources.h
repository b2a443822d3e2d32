/* The resources, one declaration each, in a file of its own. */
#ifndef KITH_API_RESOURCES_H
#define KITH_API_RESOURCES_H

#include "resource.h"

/* All of them, in the order of the API's document. */
#define RESOURCES(EACH)         \
    EACH(district)              \
    EACH(school_year)           \
    EACH(policy)                \
    EACH(policy_acknowledgment) \
    EACH(valuation_rate)        \
    EACH(signing_authority)     \
    EACH(review_rule)           \
    EACH(required_credential)   \
    EACH(identity_provider)     \
    EACH(user)                  \
    EACH(grant)                 \
    EACH(user_invitation)       \
    EACH(mail_check)            \
    EACH(user_session)          \
    EACH(api_key)               \
    EACH(audit)                 \
    EACH(dead_letter)           \
    EACH(retention_rule)        \
    EACH(retention_run)         \
    EACH(legal_hold)            \
    EACH(records_request)       \
    EACH(erasure)               \
    EACH(site)                  \
    EACH(site_closing)          \
    EACH(partner)               \
    EACH(site_year)             \
    EACH(post)                  \
    EACH(post_holder)           \
    EACH(site_vision)           \
    EACH(site_vision_author)    \
    EACH(readiness_condition)   \
    EACH(readiness_rating)      \
    EACH(site_readiness)        \
    EACH(partner_edit)          \
    EACH(partner_owner)         \
    EACH(partner_focus_area)    \
    EACH(credential)            \
    EACH(offer)                 \
    EACH(search_result)         \
    EACH(partner_merge)         \
    EACH(contact_merge)         \
    EACH(duplicate_pair)        \
    EACH(duplicate_dismissal)   \
    EACH(champion)              \
    EACH(champion_step)         \
    EACH(departure)             \
    EACH(departure_receiver)    \
    EACH(introduction_letter)   \
    EACH(remedy)                \
    EACH(stuck_dismissal)       \
    EACH(complaint)             \
    EACH(inquiry)               \
    EACH(introduction)          \
    EACH(roll_call)             \
    EACH(roll_call_mark)        \
    EACH(roll_call_change)      \
    EACH(directory_entry)       \
    EACH(own_partner)           \
    EACH(own_partner_edit)      \
    EACH(own_offer)             \
    EACH(own_program)           \
    EACH(own_affiliation)       \
    EACH(own_partnership)       \
    EACH(own_check_in)          \
    EACH(open_need)             \
    EACH(own_readiness)         \
    EACH(own_ask)               \
    EACH(own_pledge)            \
    EACH(own_survey_invitation) \
    EACH(network)               \
    EACH(focus_area)            \
    EACH(contact)               \
    EACH(affiliation)           \
    EACH(program)               \
    EACH(program_site)          \
    EACH(reporting_quarter)     \
    EACH(academic_session)      \
    EACH(site_quarter)          \
    EACH(closed_day)            \
    EACH(reminder_rule)         \
    EACH(blackout)              \
    EACH(assessment)            \
    EACH(priority)              \
    EACH(need)                  \
    EACH(displacement_review)   \
    EACH(match_weight)          \
    EACH(ask)                   \
    EACH(follow_up)             \
    EACH(pledge)                \
    EACH(pledge_site)           \
    EACH(call_to_action)        \
    EACH(landscape_snapshot)    \
    EACH(convening_template)    \
    EACH(convening)             \
    EACH(convening_plan)        \
    EACH(agenda_item)           \
    EACH(convening_invitee)     \
    EACH(convening_decision)    \
    EACH(portfolio_review)      \
    EACH(portfolio_decision)    \
    EACH(partnership)           \
    EACH(partnership_site)      \
    EACH(partnership_role)      \
    EACH(partnership_partner)   \
    EACH(goal)                  \
    EACH(goal_partnership)      \
    EACH(milestone)             \
    EACH(interaction)           \
    EACH(activity)              \
    EACH(partnership_change)    \
    EACH(funding_opportunity)   \
    EACH(funding_application)   \
    EACH(funding_applicant)     \
    EACH(funding_partnership)   \
    EACH(funding_period)        \
    EACH(training)              \
    EACH(training_seat)         \
    EACH(coaching)              \
    EACH(example)               \
    EACH(example_copy)          \
    EACH(placement)             \
    EACH(agreement)             \
    EACH(agreement_partnership) \
    EACH(agreement_step)        \
    EACH(agreement_item)        \
    EACH(agreement_signature)   \
    EACH(investment)            \
    EACH(site_plan)             \
    EACH(family_plan)           \
    EACH(family_part)           \
    EACH(family_event)          \
    EACH(partnership_review)    \
    EACH(renewal_campaign)      \
    EACH(renewal)               \
    EACH(donee)                 \
    EACH(gift)                  \
    EACH(gift_step)             \
    EACH(thank_you)             \
    EACH(tax_document)          \
    EACH(award)                 \
    EACH(story)                 \
    EACH(story_subject)         \
    EACH(story_person)          \
    EACH(bulletin)              \
    EACH(attachment)            \
    EACH(instrument)            \
    EACH(survey)                \
    EACH(survey_invitation)     \
    EACH(indicator)             \
    EACH(observation)           \
    EACH(rollup)                \
    EACH(release)               \
    EACH(check_in)              \
    EACH(check_in_half)         \
    EACH(check_in_goal)         \
    EACH(goal_settlement)       \
    EACH(check_in_delegate)     \
    EACH(check_in_site)         \
    EACH(action_item)           \
    EACH(reminder)              \
    EACH(message)               \
    EACH(preference)            \
    EACH(address_suppression)   \
    EACH(mail_report)           \
    EACH(tag)                   \
    EACH(tagging)               \
    EACH(custom_field)          \
    EACH(custom_value)          \
    EACH(saved_filter)          \
    EACH(report)                \
    EACH(template)              \
    EACH(call_task)             \
    EACH(import)

#define RESOURCE_EXTERN(name) extern struct resource res_##name;
RESOURCES(RESOURCE_EXTERN)

/* Roles by what they may do. Scope is the database's to check. */
#define ROLES_EVERYBODY \
    "admin,director,executive,coordinator,school_leader,reviewer,data_steward,viewer"
#define ROLES_STAFF        "admin,director,executive,coordinator,school_leader,reviewer,data_steward"
#define ROLES_PROGRAM      "admin,director"
#define ROLES_REGISTRY     "admin,director,coordinator,school_leader"
#define ROLES_MAIL         "admin,director,coordinator"
#define ROLES_COORDINATION "admin,director,coordinator" /* of what others write */
#define ROLES_CALLS        "admin,director,executive"
#define ROLES_ACCEPTANCE   "admin,director,executive,coordinator,school_leader" /* of gifts */
#define ROLES_COACHING     "admin,director,executive,coordinator,school_leader" /* one's own */
#define ROLES_EXECUTIVE    "executive" /* what needs approval */
#define ROLES_PARTNER      "partner"   /* its own organization's */
#define ROLES_ADMIN        "admin"
#define ROLES_RAW          "admin,data_steward" /* figures as they were loaded */
#define ROLES_ATTACHMENTS  "admin,director,coordinator,school_leader,reviewer,data_steward"
#define ROLES_REVIEW       "admin,director,reviewer" /* legal, risk and finance: their steps */
#define ROLES_DECISION     "admin,director,executive,reviewer" /* and the superintendent's */

/* Lengths that many fields share; the tables' checks say the same. */
#define NAME_LONGEST 200
#define LINE_LONGEST 255
#define TEXT_LONGEST 10000
#define CODE_LONGEST 64
#define OFFERED_MOST 1000000000000

/* Of organizations, and what figures are of: each ends in NULL. */
extern const char *const partner_kinds[];
extern const char *const partner_reaches[];
extern const char *const credential_kinds[];
extern const char *const resource_kinds[];
extern const struct json_field partner_funding_item;
extern const char *const period_kinds[];
extern const char *const observation_kinds[]; /* days, too */
extern const char *const dosage_units[];
#define DOSAGE_MOST 10000 /* of a school year */

/* Of what a partner reads of its own, and answers by actions. */
#define RESOURCE_OWN                                                                 \
    .readers = ROLES_PARTNER, .writers = ROLES_PARTNER, .operations = RESOURCE_READ, \
    .scope = {.kind = SCOPE_OWN}

/* What actions share. */
#define REASON_FIELD \
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)
#define ON_BEHALF_OF_FIELD                                                                \
    JSON_FIELD("on_behalf_of", FIELD_UUID, FIELD_NULLABLE,                                \
               .doc = "The contact who leads it on the partner's side, and told you so; " \
                      "null: you acknowledge it for the district.")

/* Whose something is, where it may be a network's or a site's. */
#define NETWORK_OR_SITE_FIELDS                                                            \
    REFERENCE("network_id", network, FIELD_NULLABLE, .doc = "Whose it is: a network's,"), \
        REFERENCE("site_id", site, FIELD_NULLABLE,                                        \
                  .doc = "or a site's; without both, the district's.")

#define SCHOOL_YEAR_FIELD(flags, uses)                                                \
    {                                                                                 \
        .json = JSON_FIELD("school_year", FIELD_INT, flags, .min = 2000, .max = 2100, \
                           .doc = "The year in which it ends."),                      \
        .use = (uses) | FIELD_YEARS                                                   \
    }

/* What may be tagged and have custom fields: a row names one of them. */
#define SUBJECTS "site,partner,contact,partnership"
#define SUBJECT_FIELDS                                                    \
    REFERENCE("site_id", site, FIELD_NULLABLE,                            \
              .doc = "What it is of: this, or one of the three others."), \
        REFERENCE("partner_id", partner, FIELD_NULLABLE),                 \
        REFERENCE("contact_id", contact, FIELD_NULLABLE),                 \
        REFERENCE("partnership_id", partnership, FIELD_NULLABLE)

/* Beside ACKNOWLEDGMENT_FIELDS, where the row itself was shown. */
#define PARTNER_VERSION_FIELD                                                              \
    {                                                                                      \
        .json = JSON_FIELD("partner_version", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, \
                           .doc = "The version of the goal that the partner had read.")    \
    }

/* What both sides acknowledge: when, and who did. */
#define ACKNOWLEDGMENT_FIELDS(district_doc, partner_doc)                                        \
    {.json = JSON_FIELD("district_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,         \
                        .doc = (district_doc))},                                                \
        {.json = JSON_FIELD("district_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,        \
                            .doc = "The user who did.")},                                       \
        {.json = JSON_FIELD("partner_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,      \
                            .doc = (partner_doc))},                                             \
        {.json = JSON_FIELD("partner_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,         \
                            .doc = "The contact who did."),                                     \
         .ref = &res_contact},                                                                  \
    {                                                                                           \
        .json = JSON_FIELD("partner_recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE, \
                           .doc = "The user who was told so; null: the contact's own act.")     \
    }

/* A postal address, for those who have one. */
#define ADDRESS_FIELDS                                                                     \
    {.json = JSON_FIELD("street", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},       \
        {.json = JSON_FIELD("city", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),      \
         .use = FIELD_FILTERS},                                                            \
        {.json = JSON_FIELD("state", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},    \
    {                                                                                      \
        .json = JSON_FIELD("postal_code", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST) \
    }

#endif
