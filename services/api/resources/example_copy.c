/* Example copies: which site does as another does. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("example_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY),
     .use = FIELD_FILTERS,
     .ref = &res_example},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What is different here.")},
};

struct resource res_example_copy = {
    .name = "example_copy",
    .plural = "example_copies",
    .doc = "Sites that copy an example.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
