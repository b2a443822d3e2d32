/* Who inside the district cares for a partner, beside the one of its own row. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_partner},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_user},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The school or department for which."),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("note", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_partner_owner = {
    .name = "partner_owner",
    .plural = "partner_owners",
    .doc = "Who inside the district cares for a partner, beside its owner.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .default_sort = "created_at",
    .import_key = "partner_id,user_id",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
