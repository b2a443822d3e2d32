/* On what a tag is. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("tag_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_tag},
    SUBJECT_FIELDS,
};

struct resource res_tagging = {
    .name = "tagging",
    .plural = "taggings",
    .doc = "On what a tag is.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SUBJECT(SUBJECTS),
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
