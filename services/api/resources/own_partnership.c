/* What a partner's contact reads of its organization's partnerships. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("arrangement", FIELD_TEXT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("lead_site", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "Its name.")},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("vision", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("expectations", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("processes", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("desired_outcomes", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

struct resource res_own_partnership = {
    .name = "own_partnership",
    .plural = "own_partnerships",
    .doc = "The partnerships of whoever asks: those of its own organization.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    .default_sort = "name",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
