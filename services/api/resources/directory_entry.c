/* The directory that partners see: those who want to be seen, and of them what is everybody's. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("city", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

struct resource res_directory_entry = {
    .name = "directory_entry",
    .plural = "directory_entries",
    .doc = "The partners that want to be seen by each other.",
    .readers = ROLES_EVERYBODY ",partner",
    .operations = RESOURCE_READ,
    .default_sort = "name",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
