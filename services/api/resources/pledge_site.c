/* Where a pledge goes, and how much of it. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("pledge_id", pledge, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("site_id", site, FIELD_REQUIRED),
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
    RESOURCE_ROWS(fields),
};
