/* Where a partnership works, and when. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_REQUIRED),
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
    .import_key = "partnership_id,site_id",
    RESOURCE_ROWS(fields),
};
