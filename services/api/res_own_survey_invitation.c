/* The surveys that ask a partner's contact. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("survey", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Its name.")},
    {.json = JSON_FIELD("mode", FIELD_TEXT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("closes_on", FIELD_DATE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
};

struct resource res_own_survey_invitation = {
    .name = "own_survey_invitation",
    .plural = "own_survey_invitations",
    .doc = "The surveys that ask whoever asks for them, and whether it has answered.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
