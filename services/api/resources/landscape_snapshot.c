/* Landscape snapshots: who works where on what, kept as it was on a day. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED | FIELD_CREATE_ONLY,
                      FIELD_FILTERS | FIELD_RANGES | FIELD_SORTS),
    {.json = JSON_FIELD("term", FIELD_INT, FIELD_NULLABLE | FIELD_CREATE_ONLY, .min = 1, .max = 4,
                        .doc = "The reporting quarter; null: of no term."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("taken_on", FIELD_DATE, FIELD_READ_ONLY)},
    {.json =
         JSON_FIELD("partners", FIELD_INT, FIELD_READ_ONLY, .doc = "That work in the district.")},
    {.json = JSON_FIELD("partnerships", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("needs", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("gaps", FIELD_INT, FIELD_READ_ONLY)},
};

struct resource res_landscape_snapshot = {
    .name = "landscape_snapshot",
    .plural = "landscape_snapshots",
    .doc = "Who works where on what, kept as it was on a day.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
};
