/* Which part a partnership has in a site's family engagement. */
#include "resources.h"

static const char *const parts[] = {"none", "invited", "co_plans", "delivers", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("family_plan_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_family_plan},
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_partnership},
    {.json = JSON_FIELD("part", FIELD_ENUM, FIELD_REQUIRED, .values = parts), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_family_part = {
    .name = "family_part",
    .plural = "family_parts",
    .doc = "Which part a partnership has in a site's family engagement.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
