/* Merges, of whatever kind: records that turned out to be of one. What is said of each kind of
 * merge is said here once. */
#ifndef KITH_API_RESOURCES_MERGE_H
#define KITH_API_RESOURCES_MERGE_H

#include "action.h"
#include "resources.h"

/* Of res_<kind>, whose id is <kind>_id. */
#define MERGE_FIELDS(kind)                                                                       \
    REFERENCE(#kind "_id", kind, FIELD_READ_ONLY, .doc = "The one that is left."),               \
        {.json =                                                                                 \
             JSON_FIELD("merged", FIELD_LIST, FIELD_READ_ONLY, .item = &merged_item, .max = 20), \
         .sql = "to_json(t.merged)"},                                                            \
        {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),            \
         .ref = &res_user},                                                                      \
        {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,         \
                            .max = TEXT_LONGEST)},                                               \
        {.json = JSON_FIELD("moved", FIELD_INT, FIELD_READ_ONLY,                                 \
                            .doc = "How many references went along."),                           \
         .sql = "coalesce(jsonb_array_length(t.changes -> 'moved'), 0)"},                        \
    {                                                                                            \
        .json = JSON_FIELD("undone_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)         \
    }

#define MERGE_RESOURCE(kind)                                                                  \
    {                                                                                         \
        .name = #kind "_merge", .plural = #kind "_merges",                                    \
        .doc = "Records that turned out to be of one " #kind ".", .readers = ROLES_EVERYBODY, \
        .operations = RESOURCE_READ, RESOURCE_ROWS(fields), RESOURCE_ACTIONS(actions),        \
    }

static const struct json_field merged_item = JSON_FIELD(NULL, FIELD_UUID);

#endif
