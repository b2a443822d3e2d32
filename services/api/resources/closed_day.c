/* Days on which the district, or one site of it, is closed. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "Null: the whole district."),
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day; null: it is one day."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("is_open", FIELD_BOOL,
                        .doc = "The other way round: the site, or the district, is open on these "
                               "days, although the district is closed or it is a weekend."),
     .create_default = "false"},
    {.json = JSON_FIELD("reason", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST)},
};

struct resource res_closed_day = {
    .name = "closed_day",
    .plural = "closed_days",
    .doc =
        "Days on which the district, or one site of it, is closed; or a site is open although the "
        "district is not.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "starts_on",
    .import_key = "starts_on,site_id?",
    RESOURCE_ROWS(fields),
};
