/* What a partner's contact reads and says of its own organization. What it says is applied at once
 * or waits for our word, field by field (partner_edit_fields() of sql/functions). */
#include "resources.h"

static const struct json_field field_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field area_item = JSON_FIELD(NULL, FIELD_UUID);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "A change waits for the district's word."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = partner_kinds,
                        .doc = "A change waits for the district's word.")},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("street", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("city", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("state", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("postal_code", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "A change waits for the district's word.")},
    {.json = JSON_FIELD("strengths", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "A change waits for the district's word.")},
    {.json = JSON_FIELD("ein", FIELD_TEXT, FIELD_NULLABLE, .min = 9, .max = 9,
                        .doc = "Nine digits; a change waits for the district's word.")},
    {.json = JSON_FIELD("innovation", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What does not exist inside the district; a change waits for the "
                               "district's word.")},
    {.json = JSON_FIELD("reach", FIELD_ENUM, FIELD_NULLABLE, .values = partner_reaches,
                        .doc = "Where it would like to work.")},
    {.json = JSON_FIELD("funding_types", FIELD_LIST, FIELD_UNIQUE, .item = &partner_funding_item,
                        .max = 8,
                        .doc = "The kinds of funds that it can reach; a change waits for the "
                               "district's word.")},
    {.json = JSON_FIELD("focus_area_ids", FIELD_LIST, FIELD_UNIQUE, .item = &area_item, .max = 100,
                        .doc = "A change waits for the district's word.")},
    {.json = JSON_FIELD("in_directory", FIELD_BOOL, 0, .doc = "Other partners see it.")},
    {.json = JSON_FIELD("waiting", FIELD_LIST, FIELD_READ_ONLY, .item = &field_item, .max = 50,
                        .doc = "Fields with a change that waits for the district's word."),
     .sql = "to_json(partner_edits_waiting(t.id))"},
};

struct resource res_own_partner = {
    .name = "own_partner",
    .plural = "own_partners",
    .doc =
        "The organizations of whoever asks: a partner's contact reads its own, and says what has changed.",
    .readers = ROLES_PARTNER,
    .writers = ROLES_PARTNER,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = {.kind = SCOPE_OWN},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
    .changes_by_day = true, /* waiting is of another table */
};
