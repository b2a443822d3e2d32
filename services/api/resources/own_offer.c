/* What a partner's contact offers for its own organization, and how much of it is left. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .doc = "One of one's own."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = resource_kinds,
                        .doc = "Stays once something was promised of it.")},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_NULLABLE)},
    {.json = JSON_FIELD("reach", FIELD_ENUM, FIELD_NULLABLE, .values = partner_reaches,
                        .doc = "null: the partner's.")},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = OFFERED_MOST,
                        .doc = "Of money in cents; null: as much as is asked for. Never below what "
                               "was taken.")},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST,
                        .doc = "Stays once something was promised of it.")},
    {.json = JSON_FIELD("taken", FIELD_INT, FIELD_READ_ONLY, .doc = "By what was promised of it.")},
    {.json = JSON_FIELD("remaining", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
};

struct resource res_own_offer = {
    .name = "own_offer",
    .plural = "own_offers",
    .doc = "What the organizations of whoever asks would give: it says so itself.",
    .readers = ROLES_PARTNER,
    .writers = ROLES_PARTNER,
    .scope = {.kind = SCOPE_OWN},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
