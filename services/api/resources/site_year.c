/* What changes of a site from one school year to the next. */
#include "resources.h"

#define ENROLLMENT_MOST 1000000

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS | FIELD_SORTS),
    {.json = JSON_FIELD("enrollment", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = ENROLLMENT_MOST,
                        .doc = "Students of the site.")},
    {.json = JSON_FIELD("title_i", FIELD_BOOL, FIELD_NULLABLE, .doc = "Has Title I funding.")},
    {.json = JSON_FIELD("economic_need", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = 100,
                        .precision = 5, .scale = 2,
                        .doc = "Percent of its students, by the state's measure.")},
    {.json = JSON_FIELD("as_of", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The day on which they were counted.")},
    {.json = JSON_FIELD("source", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
};

struct resource res_site_year = {
    .name = "site_year",
    .plural = "site_years",
    .doc = "Enrollment and need of each site, by school year.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY ",data_steward",
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "school_year",
    .import_key = "site_id,school_year",
    RESOURCE_ROWS(fields),
};
