/* Releases: the student indicators of a school year, let out together after suppression. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("cells", FIELD_INT, FIELD_READ_ONLY, .doc = "How many figures it has.")},
    {.json = JSON_FIELD("hidden_cells", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "How many of them are suppressed.")},
};

struct resource res_release = {
    .name = "release",
    .plural = "releases",
    .doc = "The student indicators of a school year, let out together after suppression.",
    .readers = ROLES_EVERYBODY,
    .writers = "admin,director,data_steward",
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
};
