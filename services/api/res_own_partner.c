/* What a partner's contact reads of its own organization. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_TEXT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("street", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("city", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("state", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("postal_code", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json =
         JSON_FIELD("in_directory", FIELD_BOOL, FIELD_READ_ONLY, .doc = "Other partners see it.")},
};

struct resource res_own_partner = {
    .name = "own_partner",
    .plural = "own_partners",
    .doc = "The organizations of whoever asks: a partner's contact reads its own.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    .default_sort = "name",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
