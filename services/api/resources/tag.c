/* Tags: the district's own words for sites, partners, contacts and partnerships. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = CODE_LONGEST,
                        .doc = "Once, whatever its letter case."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

static const struct resource_many many[] = {
    {"taggings", &res_tagging, "tag_id"},
    {NULL},
};

struct resource res_tag = {
    .name = "tag",
    .plural = "tags",
    .doc = "The district's own words for sites, partners, contacts and partnerships.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_COMMON},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
    .many = many,
};
