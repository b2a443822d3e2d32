/* Which partnerships an agreement covers. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("agreement_id", FIELD_UUID, FIELD_REQUIRED),
     .ref = &res_agreement,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_REQUIRED),
     .ref = &res_partnership,
     .use = FIELD_FILTERS},
};

struct resource res_agreement_partnership = {
    .name = "agreement_partnership",
    .plural = "agreement_partnerships",
    .doc = "Which partnerships an agreement covers.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "created_at",
    .import_key = "agreement_id,partnership_id",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
