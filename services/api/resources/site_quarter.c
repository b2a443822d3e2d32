/* Reporting quarters of one site, in the place of the district's: from them its check-ins and
 * convenings are planned, and a year that opens takes them over. Figures, gap tables and snapshots
 * are told by the district's: those of sites are added up, and each has to be of the same days. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100,
                        .doc = "The year in which it ends."),
     .use = FIELD_FILTERS},
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
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
