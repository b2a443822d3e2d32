/* Where a program runs, and when. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("program_id", program, FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_REQUIRED),
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_program_site = {
    .name = "program_site",
    .plural = "program_sites",
    .doc = "Where a program runs, and when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .import_key = "program_id,site_id",
    RESOURCE_ROWS(fields),
};
