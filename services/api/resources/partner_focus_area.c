/* The focus areas of a partner. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_partner},
    {.json = JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_focus_area},
};

struct resource res_partner_focus_area = {
    .name = "partner_focus_area",
    .plural = "partner_focus_areas",
    .doc = "The focus areas of partners.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .default_sort = "created_at",
    .import_key = "partner_id,focus_area_id",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
