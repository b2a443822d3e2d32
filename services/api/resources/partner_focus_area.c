/* The focus areas of a partner. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    REFERENCE("focus_area_id", focus_area, FIELD_REQUIRED),
};

struct resource res_partner_focus_area = {
    .name = "partner_focus_area",
    .plural = "partner_focus_areas",
    .doc = "The focus areas of partners.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .import_key = "partner_id,focus_area_id",
    RESOURCE_ROWS(fields),
};
