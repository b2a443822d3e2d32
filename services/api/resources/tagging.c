/* On what a tag is. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("tag_id", tag, FIELD_REQUIRED),
    SUBJECT_FIELDS,
};

struct resource res_tagging = {
    .name = "tagging",
    .plural = "taggings",
    .doc = "On what a tag is.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SUBJECT(SUBJECTS),
    RESOURCE_ROWS(fields),
};
