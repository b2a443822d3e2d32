/* What has changed around a partnership, what was learned, and what was adjusted. */
#include "resources.h"

static const char *const kinds[] = {"leadership", "process",    "community_need",
                                    "lesson",     "adjustment", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    REFERENCE("site_id", site, FIELD_NULLABLE),
    {.json = JSON_FIELD("check_in_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Where it was told."),
     .ref = &res_check_in},
    {.json =
         JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("response", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What was made of it.")},
};

struct resource res_partnership_change = {
    .name = "partnership_change",
    .plural = "partnership_changes",
    .doc = "What has changed around a partnership, what was learned, and what was adjusted.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
};
