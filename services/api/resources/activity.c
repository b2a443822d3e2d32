/* Activities: what a partnership did, for whom and for how long. */
#include "resources.h"

#define HEADS_MOST 1000000
#define HOURS_MOST 100000

static const char *const kinds[] = {"lab_visit", "training", "session", "event", "other", NULL};
static const char *const audiences[] = {"students", "staff", "families", "community", NULL};
static const struct json_field audience_item = JSON_FIELD(NULL, FIELD_ENUM, .values = audiences);

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_NULLABLE),
    REFERENCE("program_id", program, FIELD_NULLABLE),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "Its last day; null: the same.")},
    {.json = JSON_FIELD("audience", FIELD_LIST, FIELD_UNIQUE, .item = &audience_item),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("head_count", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = HEADS_MOST,
                        .doc = "How many came; for staff."),
     .readers = ROLES_STAFF},
    {.json =
         JSON_FIELD("people", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, .min = 0,
                    .doc = "The same, and null below the district's threshold for small cells."),
     .sql = "(SELECT t.head_count FROM district d WHERE d.id = t.district_id"
            " AND t.head_count >= d.small_cell)"},
    {.json = JSON_FIELD("hours", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = HOURS_MOST,
                        .precision = 12, .scale = 2, .doc = "How long it took.")},
    {.json = JSON_FIELD("notes", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_activity = {
    .name = "activity",
    .plural = "activities",
    .doc = "Lab visits, training, sessions and events of a partnership.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "on_date",
    .import_key = "partnership_id,on_date,~title,site_id?",
    RESOURCE_ROWS(fields),
};
