/* Which partnerships an agreement covers. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("agreement_id", agreement, FIELD_REQUIRED),
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
};

struct resource res_agreement_partnership = {
    .name = "agreement_partnership",
    .plural = "agreement_partnerships",
    .doc = "Which partnerships an agreement covers.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .import_key = "agreement_id,partnership_id",
    RESOURCE_ROWS(fields),
};
