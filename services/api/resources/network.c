/* Networks: the groups of sites by which a district is led. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

static const struct resource_many many[] = {
    {"sites", &res_site, "network_id"},
    {NULL},
};

struct resource res_network = {
    .name = "network",
    .plural = "networks",
    .doc = "The groups of sites by which a district is led.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .searched = "'{network}'",
    .default_sort = "name",
    .import_key = "~name",
    RESOURCE_ROWS(fields),
    .many = many,
};
