/* What partners need of a school, in the district's own words. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of those that come with a district.")},
};

struct resource res_readiness_condition = {
    .name = "readiness_condition",
    .plural = "readiness_conditions",
    .doc = "Conditions that partners need at a school.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
