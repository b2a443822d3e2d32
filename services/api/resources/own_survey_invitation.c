/* The surveys that ask a partner's contact, who answers them here or by a mail's link. */
#include "action.h"
#include "resources.h"
#include "survey_results.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("survey", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Its name.")},
    {.json = JSON_FIELD("mode", FIELD_TEXT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("closes_on", FIELD_DATE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("questions", FIELD_ANY, FIELD_READ_ONLY, .doc = "As of the instrument.")},
    {.json = JSON_FIELD("sections", FIELD_ANY, FIELD_READ_ONLY, .doc = "As of the instrument.")},
    {.json = JSON_FIELD("relationships", FIELD_ANY, FIELD_READ_ONLY,
                        .doc = "What is asked about: each partnership_id with its name, its "
                               "status and, as long as it is a draft, the answers.")},
};

static const struct resource_action actions[] = {
    {.verb = "answer",
     .summary = "Answer one invitation of oneself, a partner's contact, about one relationship",
     .roles = ROLES_PARTNER,
     ACTION_FIELDS(survey_answer_fields)},
};

struct resource res_own_survey_invitation = {
    .name = "own_survey_invitation",
    .plural = "own_survey_invitations",
    .doc = "The surveys that ask whoever asks for them, and whether it has answered.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
