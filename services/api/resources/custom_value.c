/* What a custom field says of one record. */
#include "resources.h"

#define VALUE_LONGEST 500

static const struct resource_field fields[] = {
    REFERENCE("custom_field_id", custom_field, FIELD_REQUIRED),
    SUBJECT_FIELDS,
    {.json = JSON_FIELD("value", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = VALUE_LONGEST,
                        .doc = "As text, by the field's type: 12.5, 2026-07-01, yes or no, one of "
                               "its choices."),
     .use = FIELD_FILTERS},
};

struct resource res_custom_value = {
    .name = "custom_value",
    .plural = "custom_values",
    .doc = "What a custom field says of one record.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .owners_write = true,
    .scope = SCOPE_OF_SUBJECT(SUBJECTS),
    RESOURCE_ROWS(fields),
};
