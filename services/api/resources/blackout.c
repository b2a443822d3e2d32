/* Blackouts: days on which no automatic mail goes, to the district or to one site of it. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "Null: the whole district."),
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_REQUIRED, .doc = "Its last day."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("reason", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST)},
};

struct resource res_blackout = {
    .name = "blackout",
    .plural = "blackouts",
    .doc = "Days on which no automatic mail goes, to the district or to one site of it.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "starts_on",
    RESOURCE_ROWS(fields),
};
