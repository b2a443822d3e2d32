/* Milestones: what work of several years has to have reached, and by when. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"open", "reached", "missed", "dropped", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("goal_id", goal, FIELD_NULLABLE,
              .doc = "A goal of that partnership, or one that it shares."),
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "missed: by itself, when its day is over."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST, .doc = "Why it was dropped.")},
    {.json = JSON_FIELD("reached_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

static const struct json_field reach_fields[] = {
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
};
static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "reach", .summary = "Say that one milestone was reached", ACTION_FIELDS(reach_fields)},
    {.verb = "miss", .summary = "Say that one milestone was not reached by its day"},
    {.verb = "drop", .summary = "Drop one milestone", ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Say that one milestone is still to be reached"},
};

struct resource res_milestone = {
    .name = "milestone",
    .plural = "milestones",
    .doc = "What work of several years has to have reached, and by when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "due_on",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "milestone_missing(t.id, v.action)",
};
