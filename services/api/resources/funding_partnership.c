/* Funding partnerships: what of an award carries which partnership. */
#include "resources.h"

#define CENTS_MOST 1000000000000

static const struct resource_field fields[] = {
    REFERENCE("funding_application_id", funding_application, FIELD_REQUIRED),
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    {.json = JSON_FIELD("share_cents", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = CENTS_MOST,
                        .doc = "Of the whole award, spread over its days.")},
};

struct resource res_funding_partnership = {
    .name = "funding_partnership",
    .plural = "funding_partnerships",
    .doc = "Partnerships that an award carries.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("funding_application_id", "funding_application"),
    RESOURCE_ROWS(fields),
};
