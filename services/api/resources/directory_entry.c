/* The directory that partners see: those who want to be seen, and of them what is everybody's. */
#include "resources.h"

static const struct json_field area_item = JSON_FIELD(NULL, FIELD_TEXT);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("city", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("focus_areas", FIELD_LIST, FIELD_READ_ONLY, .item = &area_item,
                        .doc = "What it is about, by name."),
     .sql = "SELECT coalesce(json_agg(a.name ORDER BY a.name), '[]') FROM partner_focus_area f "
            "JOIN focus_area a ON a.district_id = f.district_id AND a.id = f.focus_area_id "
            "WHERE f.district_id = t.district_id AND f.partner_id = t.id "
            "AND f.archived_at IS NULL AND a.archived_at IS NULL"},
};

static const struct resource_field links[] = {
    {.json = JSON_FIELD("focus_area_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT f.partner_id FROM partner_focus_area f "
            "WHERE f.archived_at IS NULL AND f.focus_area_id"},
};

struct resource res_directory_entry = {
    .name = "directory_entry",
    .plural = "directory_entries",
    .doc = "The partners that want to be seen by each other.",
    .readers = ROLES_EVERYBODY ",partner",
    .operations = RESOURCE_READ,
    .default_sort = "name",
    RESOURCE_ROWS(fields),
    RESOURCE_LINKS(links),
    .changes_by_day = true,
};
