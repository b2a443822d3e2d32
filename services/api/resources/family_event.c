/* Events for families at a site. */
#include "resources.h"

#define FAMILIES_MOST 100000

static const struct json_field languages_item = JSON_FIELD(NULL, FIELD_LOCALE);

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    REFERENCE("family_plan_id", family_plan, FIELD_NULLABLE, .doc = "To which plan it belongs."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE, .doc = "Which partnership gave it."),
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("languages", FIELD_LIST, FIELD_UNIQUE, .item = &languages_item,
                        .doc = "In which it was held."),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("families_reached", FIELD_INT, FIELD_NULLABLE, .min = 0,
                        .max = FAMILIES_MOST, .doc = "For staff."),
     .readers = ROLES_STAFF},
    {.json =
         JSON_FIELD("families", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, .min = 0,
                    .doc = "The same, and null below the district's threshold for small cells."),
     .sql = "(SELECT t.families_reached FROM district d WHERE d.id = t.district_id"
            " AND t.families_reached >= d.small_cell)"},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_family_event = {
    .name = "family_event",
    .plural = "family_events",
    .doc = "Events for families at a site.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
};
