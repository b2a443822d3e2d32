/* Indicators: what is measured, and how its figures come together. */
#include "resources.h"

static const char *const families[] = {"attendance",  "grades", "engagement", "wellbeing", "family",
                                       "partnership", "money",  "process",    NULL};
static const char *const units[] = {"percent", "people", "sessions", "hours", "cents",
                                    "score",   "count",  "days",     NULL};
static const char *const directions[] = {"up", "down", "none", NULL};
static const char *const aggregations[] = {"sum", "ratio_of_sums", "weighted_mean", "latest", NULL};
static const char *const classes[] = {"student", "staff", "partner", "none", NULL};
static const char *const sources[] = {"investment", "gift",        "roll_call",   "check_in",
                                      "need",       "family_plan", "partnership", "survey_answer",
                                      "pledge",     "site_year",   "survey",      NULL};

static const struct json_field period_item =
    JSON_FIELD(NULL, FIELD_ENUM, .values = observation_kinds);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_REQUIRED | FIELD_CREATE_ONLY, .min = 1,
                        .max = CODE_LONGEST,
                        .doc = "Small letters, digits and underscores; what imports name it by."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("family", FIELD_ENUM, FIELD_REQUIRED, .values = families),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("unit", FIELD_ENUM, FIELD_REQUIRED, .values = units)},
    {.json = JSON_FIELD("direction", FIELD_ENUM, 0, .values = directions,
                        .doc = "Which way is better; none: neither is."),
     .create_default = "'up'"},
    {.json = JSON_FIELD("aggregation", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .values = aggregations,
                        .doc = "How sites, and shorter periods, come together.")},
    {.json =
         JSON_FIELD("periods", FIELD_LIST, FIELD_UNIQUE | FIELD_CREATE_ONLY, .item = &period_item,
                    .min = 1, .max = 5, .doc = "Those that observations may be of."),
     .create_default = "'{month,quarter,school_year}'"},
    {.json = JSON_FIELD("is_ytd", FIELD_BOOL, FIELD_CREATE_ONLY,
                        .doc = "Year-to-date or final only: nothing is made of shorter periods."),
     .create_default = "false"},
    {.json = JSON_FIELD("suppression", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .values = classes,
                        .doc = "Whom it counts. Small cells of people are hidden; what counts "
                               "students is shown as it was last released.")},
    {.json = JSON_FIELD("definition", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("source", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("computed_from", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = sources, .doc = "Null: observations are loaded.")},
    {.json = JSON_FIELD("supplied", FIELD_BOOL, FIELD_READ_ONLY, .doc = "Then it stays.")},
};

struct resource res_indicator = {
    .name = "indicator",
    .plural = "indicators",
    .doc = "What is measured, and how its figures come together.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    .import_ref = "code|~name",
    RESOURCE_ROWS(fields),
};
