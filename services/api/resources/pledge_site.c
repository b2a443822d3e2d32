/* Where a pledge goes, and how much of it. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("pledge_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY),
     .use = FIELD_FILTERS,
     .ref = &res_pledge},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 1000000000,
                        .doc = "Null: not divided yet.")},
};

struct resource res_pledge_site = {
    .name = "pledge_site",
    .plural = "pledge_sites",
    .doc = "Where a pledge goes.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("pledge_id", "pledge"),
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
