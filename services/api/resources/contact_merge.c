/* Merges of contacts: records that turned out to be of one person. */
#include "action.h"
#include "resources.h"

static const struct json_field merged_item = JSON_FIELD(NULL, FIELD_UUID);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY, .doc = "The one that is left."),
     .use = FIELD_FILTERS,
     .ref = &res_contact},
    {.json = JSON_FIELD("merged", FIELD_LIST, FIELD_READ_ONLY, .item = &merged_item, .max = 20),
     .sql = "to_json(t.merged)"},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE), .ref = &res_user},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
    {.json =
         JSON_FIELD("moved", FIELD_INT, FIELD_READ_ONLY, .doc = "How many references went along."),
     .sql = "coalesce(jsonb_array_length(t.changes -> 'moved'), 0)"},
    {.json = JSON_FIELD("undone_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "undo", .summary = "Undo one merge, the last of its contact", .roles = ROLES_PROGRAM},
};

struct resource res_contact_merge = {
    .name = "contact_merge",
    .plural = "contact_merges",
    .doc = "Records that turned out to be of one person.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
    .actions = actions,
    .action_count = COUNT_OF(actions),
};
