/* The pledges of a partner's contact: its own organization's. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("need", FIELD_TEXT, FIELD_READ_ONLY, .doc = "What it is for.")},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("delivered", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

struct resource res_own_pledge = {
    .name = "own_pledge",
    .plural = "own_pledges",
    .doc = "The pledges of whoever asks: those of its own organization.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
