/* What a partner's contact says of how ready a school is where its organization works. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("site", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Its name.")},
    {.json = JSON_FIELD("readiness_condition_id", FIELD_UUID, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("condition", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "What partners need of a school.")},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("rating", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "From 1 to 4; null: not rated yet.")},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("rated_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field rate_fields[] = {
    JSON_FIELD("rating", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 4,
               .doc = "1: it is not there; 4: it can be relied on."),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct resource_action actions[] = {
    {.verb = "rate",
     .summary = "Say how far a school meets one condition",
     ACTION_FIELDS(rate_fields)},
};

struct resource res_own_readiness = {
    .name = "own_readiness",
    .plural = "own_readiness",
    .doc = "The conditions at the schools where the organizations of whoever asks work, and what "
           "they say of each.",
    RESOURCE_OWN,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true, /* of the year */
};
