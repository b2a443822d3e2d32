/* Where a program runs, and when. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("program_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_program},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_program_site = {
    .name = "program_site",
    .plural = "program_sites",
    .doc = "Where a program runs, and when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "created_at",
    .import_key = "program_id,site_id",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
