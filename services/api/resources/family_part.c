/* Which part a partnership has in a site's family engagement. */
#include "resources.h"

static const char *const parts[] = {"none", "invited", "co_plans", "delivers", NULL};

static const struct resource_field fields[] = {
    REFERENCE("family_plan_id", family_plan, FIELD_REQUIRED),
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
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
    RESOURCE_ROWS(fields),
};
