/* Example copies: which site does as another does. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("example_id", example, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("site_id", site, FIELD_REQUIRED | FIELD_CREATE_ONLY),
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
    RESOURCE_ROWS(fields),
};
