/* Who inside the district cares for a partner, beside the one of its own row. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    SERVING("user_id", FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "The school or department for which."),
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
    .import_key = "partner_id,user_id",
    RESOURCE_ROWS(fields),
};
