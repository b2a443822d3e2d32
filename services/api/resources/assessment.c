/* Assessments: what those whom schools serve and work with say that is needed. */
#include "action.h"
#include "resources.h"

static const char *const audiences[] = {"families", "students",  "staff",
                                        "partners", "community", NULL};
static const char *const sources[] = {"survey", "meeting", "interviews", "other", NULL};

static const struct resource_field fields[] = {
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS | FIELD_RANGES | FIELD_SORTS),
    NETWORK_OR_SITE_FIELDS,
    {.json = JSON_FIELD("audience", FIELD_ENUM, FIELD_REQUIRED, .values = audiences,
                        .doc = "Who was asked."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("source", FIELD_ENUM, 0, .values = sources, .doc = "How they were asked."),
     .use = FIELD_FILTERS,
     .create_default = "'other'"},
    REFERENCE("survey_id", survey, FIELD_NULLABLE, .doc = "The survey that asked them."),
    {.json = JSON_FIELD("asked_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("people", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = 10000000,
                        .doc = "How many answered.")},
    {.json = JSON_FIELD("summary", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What they said, without anybody's name.")},
    {.json = JSON_FIELD(
         "findings", FIELD_ANY, FIELD_READ_ONLY | FIELD_NULLABLE,
         .doc = "What the survey found, as it stood when it filled this: whom it was of, "
                "how many answered, the scores."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("filled_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("filled_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who had it filled.")},
};

static const struct resource_action actions[] = {
    {.verb = "fill", .summary = "Fill one assessment with what its closed survey found"},
};

static const struct resource_many many[] = {
    {"needs", &res_need, "assessment_id"},
    {"priorities", &res_priority, "assessment_id"},
    {NULL},
};

struct resource res_assessment = {
    .name = "assessment",
    .plural = "assessments",
    .doc =
        "What families, students, staff or partners say that is needed, at a place in a school year.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .many = many,
};
