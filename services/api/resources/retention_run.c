/* What the clock has put away by a schedule: one row a schedule and day. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("retention_rule_id", retention_rule, FIELD_READ_ONLY),
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_READ_ONLY), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Of the records."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("years", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "That counted: of several schedules of a kind, the longest.")},
    {.json = JSON_FIELD("archived_rows", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("deleted_rows", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("referred_rows", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Past the schedule, and not deleted, as something else refers to "
                               "them.")},
    {.json = JSON_FIELD("held_rows", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Past the schedule, and under a legal hold.")},
    {.json = JSON_FIELD("left_rows", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Too many for one day: the next goes on.")},
};

struct resource res_retention_run = {
    .name = "retention_run",
    .plural = "retention_runs",
    .doc = "What was put away by the schedules that the clock applies, day by day.",
    .readers = ROLES_REVIEW,
    .operations = RESOURCE_READ,
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
};
