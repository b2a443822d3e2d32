/* The audit log: what was changed, by whom, in which request; and who read what is private. */
#include "resources.h"

static const struct json_field name_item = JSON_FIELD(NULL, FIELD_TEXT);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("at", FIELD_INSTANT, FIELD_READ_ONLY), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("actor", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user; null: the system."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("actor_name", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "As the user is called today."),
     .sql = "SELECT u.name FROM app_user u "
            "WHERE u.district_id = current_setting('kith.district')::uuid AND u.id = t.actor"},
    {.json = JSON_FIELD("request_id", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("action", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "private_read: nothing was changed; somebody read the private "
                               "fields in changed, of one row or of a list's."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("aggregatetype", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("aggregateid", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Null: many at once, see detail."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("changed", FIELD_LIST, FIELD_READ_ONLY | FIELD_NULLABLE, .item = &name_item,
                        .doc = "Names of fields.")},
    {.json = JSON_FIELD("values", FIELD_ANY, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of the public ones among them: from and to."),
     .readers = ROLES_PROGRAM,
     .is_private = true},
    {.json = JSON_FIELD("detail", FIELD_ANY, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of many rows: import, first, last, count."),
     .readers = ROLES_PROGRAM,
     .is_private = true},
};

struct resource res_audit = {
    .name = "audit",
    .plural = "audit",
    .is_record = true,
    .doc = "What was changed, by whom, in which request; newest first. It is of the whole "
           "district: who directs a part of it reads none of it.",
    .readers = ROLES_PROGRAM,
    .operations = RESOURCE_READ,
    .default_sort = "-at",
    RESOURCE_ROWS(fields),
    .changes_by_day = true,
};
