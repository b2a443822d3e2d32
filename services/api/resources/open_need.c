/* What a partner's contact reads of what schools need: what is open, and public or asked for. */
#include "resources.h"

static const struct json_field kind_item = JSON_FIELD(NULL, FIELD_TEXT);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("place", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "For which school or network; null: for the district.")},
    {.json = JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("focus_area", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Its name.")},
    {.json =
         JSON_FIELD("resource_kinds", FIELD_LIST, FIELD_READ_ONLY, .item = &kind_item, .max = 11)},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_READ_ONLY, .doc = "What is still lacking.")},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("needed_by", FIELD_DATE, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("urgency", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
};

struct resource res_open_need = {
    .name = "open_need",
    .plural = "open_needs",
    .doc = "What schools need that partners may pledge for: what is open, and public or asked of "
           "them.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    .default_sort = "needed_by",
    RESOURCE_ROWS(fields),
};
