/* Where a partnership works, and when. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_REQUIRED),
     .ref = &res_partnership,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
     .ref = &res_site,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_partnership_site = {
    .name = "partnership_site",
    .plural = "partnership_sites",
    .doc = "Where a partnership works, and when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "created_at",
    .import_key = "partnership_id,site_id",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
