/* Focus areas: the tree of subjects that priorities, needs and programs share. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("parent_id", focus_area, FIELD_NULLABLE,
              .doc = "The focus area of which this is a part."),
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST,
                        .doc = "Small letters, digits and underscores; what imports name it by."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("beyond_teaching", FIELD_BOOL, 0,
                        .doc = "What students need beside lessons: health, food, housing."),
     .use = FIELD_FILTERS,
     .create_default = "false"},
};

struct resource res_focus_area = {
    .name = "focus_area",
    .plural = "focus_areas",
    .doc = "The tree of subjects that priorities, needs and programs share.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .searched = "'{focus_area}'",
    .default_sort = "name",
    .import_key = "code|~name",
    RESOURCE_ROWS(fields),
};
