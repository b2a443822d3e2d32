/* The district's own reporting quarters: four dated ranges of a school year, from which check-ins
 * are planned. */
#include "resources.h"

static const struct resource_field fields[] = {
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("number", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 4)},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_REQUIRED, .doc = "Its last day."),
     .use = FIELD_RANGES},
};

struct resource res_reporting_quarter = {
    .name = "reporting_quarter",
    .plural = "reporting_quarters",
    .doc = "Four dated ranges of a school year, from which check-ins are planned.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "starts_on",
    .import_key = "school_year,number",
    RESOURCE_ROWS(fields),
};
