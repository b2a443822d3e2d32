/* Reporting quarters of one site, in the place of the district's: from them its check-ins and
 * convenings are planned, and a year that opens takes them over. Figures, gap tables and snapshots
 * are told by the district's: those of sites are added up, and each has to be of the same days. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("number", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 4,
                        .doc = "Of the district's quarter whose place it takes.")},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_REQUIRED, .doc = "Its last day."),
     .use = FIELD_RANGES},
};

struct resource res_site_quarter = {
    .name = "site_quarter",
    .plural = "site_quarters",
    .doc =
        "Reporting quarters of one site, where they are others than the district's: its check-ins "
        "and convenings follow them; figures, which are added up over sites, the district's.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "starts_on",
    .import_key = "school_year,number,site_id",
    RESOURCE_ROWS(fields),
};
