/* Priorities: what a place wants most in a school year; needs follow from them. */
#include "action.h"
#include "resources.h"

#define MEASURE_MOST 999999999999
#define MEASURE      .min = -MEASURE_MOST, .max = MEASURE_MOST, .precision = 18, .scale = 6

static const char *const directions[] = {"up", "down", NULL};
static const char *const statuses[] = {"draft", "adopted", "closed", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100,
                        .doc = "The year in which it ends; a list has several side by side."),
     .use = FIELD_FILTERS | FIELD_RANGES | FIELD_SORTS},
    NETWORK_OR_SITE_FIELDS,
    {.json =
         JSON_FIELD("statement", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    REFERENCE("assessment_id", assessment, FIELD_NULLABLE, .doc = "From which it came."),
    REFERENCE("indicator_id", indicator, FIELD_NULLABLE, .doc = "What measures it."),
    {.json = JSON_FIELD("direction", FIELD_ENUM, 0, .values = directions,
                        .doc = "Whether more or less is better."),
     .create_default = "'up'"},
    {.json = JSON_FIELD("baseline", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE)},
    {.json = JSON_FIELD("target", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "How it ended.")},
    {.json = JSON_FIELD("adopted_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("adopted_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("revised_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When what measures it was changed after it was adopted.")},
    {.json = JSON_FIELD("revised_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("revision_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    REFERENCE("carried_from_id", priority, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "That of the year before, which this carries on."),
};

static const struct resource_many many[] = {
    {"needs", &res_need, "priority_id"},
    {NULL},
};

static const struct json_field close_fields[] = {REASON_FIELD};
static const struct json_field revise_fields[] = {
    REASON_FIELD,
    JSON_FIELD("indicator_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "null, here and below: as it is."),
    JSON_FIELD("direction", FIELD_ENUM, FIELD_NULLABLE, .values = directions),
    JSON_FIELD("baseline", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE),
    JSON_FIELD("target", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE),
};
static const struct resource_action actions[] = {
    {.verb = "adopt", .summary = "Adopt one priority"},
    {.verb = "revise",
     .summary = "Change what measures one priority that was adopted, with a reason",
     ACTION_FIELDS(revise_fields)},
    {.verb = "carry_over", .summary = "Draft the same for the next school year, of one priority"},
    {.verb = "close", .summary = "Close one priority", ACTION_FIELDS(close_fields)},
};

struct resource res_priority = {
    .name = "priority",
    .plural = "priorities",
    .doc = "What the district, a network or a site wants most in a school year.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "priority_missing(t.id, v.action)",
};
