/* How much each factor of a match weighs, from which day on. */
#include "reports/tables.h"
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("factor", FIELD_ENUM, FIELD_REQUIRED, .values = match_factors),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("weight", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 100)},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
};

struct resource res_match_weight = {
    .name = "match_weight",
    .plural = "match_weights",
    .doc = "How much each factor of a match weighs; of one factor the last that holds.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "from_date",
    RESOURCE_ROWS(fields),
};
