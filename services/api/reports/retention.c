/* What schedules propose to put away, and what an erasure would do. */
#include "reports/tables.h"
#include "resources.h"

#define MANY INT64_MAX

static const struct json_field id_item = JSON_FIELD(NULL, FIELD_UUID);
static const struct json_field proposal_fields[] = {
    JSON_FIELD("retention_rule_id", FIELD_UUID),
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("disposal", FIELD_TEXT, .doc = "archive or delete."),
    JSON_FIELD("years", FIELD_INT),
    JSON_FIELD("source", FIELD_TEXT),
    JSON_FIELD("due", FIELD_INT, .doc = "Records past the schedule, of the first 10,000."),
    JSON_FIELD(
        "held", FIELD_INT,
        .doc = "The same, under a legal hold, or about whom a records request is open: they stay."),
    JSON_FIELD("referred", FIELD_INT,
               .doc = "The same, to be deleted, while something else refers to them: they stay."),
    JSON_FIELD("oldest_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("first", FIELD_LIST, .item = &id_item, .max = 100, .doc = "The oldest that go."),
};
static const struct json_table proposal_table = JSON_TABLE("retention_proposal", proposal_fields);
static const struct json_field proposal_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &proposal_table);
static const struct json_field retention_fields[] = {
    JSON_FIELD("data", FIELD_LIST, .item = &proposal_item),
};
const struct json_table retention_table = JSON_TABLE("retention", retention_fields);

static const struct json_field reason_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT, .doc = "legal_hold, records_request or retention."),
    JSON_FIELD("legal_hold_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("records_request_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "Of one that nobody has delivered yet."),
    JSON_FIELD("retention_rule_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("detail", FIELD_LONG_TEXT),
    JSON_FIELD("records", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("until", FIELD_DATE, FIELD_NULLABLE, .doc = "Null: nobody knows yet."),
};
static const struct json_table reason_table = JSON_TABLE("erasure_reason", reason_fields);
static const struct json_field reason_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &reason_table);

static const struct json_field goes_fields[] = {
    JSON_FIELD("resource", FIELD_TEXT, .doc = "The table."),
    JSON_FIELD("field", FIELD_TEXT, FIELD_NULLABLE, .doc = "Null: more than one."),
    JSON_FIELD("how", FIELD_TEXT, .doc = "replace, delete, or mention: a name in a text."),
    JSON_FIELD("rows", FIELD_INT),
};
static const struct json_table goes_table = JSON_TABLE("erasure_part", goes_fields);
static const struct json_field goes_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &goes_table);

static const struct json_field file_fields[] = {
    JSON_FIELD("attachment_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("subject_kind", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("subject_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("how", FIELD_TEXT, 0,
               .doc =
                   "delete: it is the person's; look: it may tell of the person, and stays unless "
                   "it is named when the erasure is run."),
};
static const struct json_table file_table = JSON_TABLE("erasure_file", file_fields);
static const struct json_field file_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &file_table);
static const struct json_field stays_fields[] = {
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("field", FIELD_TEXT, FIELD_NULLABLE, .doc = "Null: all of them."),
    JSON_FIELD("why", FIELD_LONG_TEXT),
};
static const struct json_table stays_table = JSON_TABLE("erasure_rest", stays_fields);
static const struct json_field stays_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &stays_table);

static const struct json_field preview_fields[] = {
    JSON_FIELD("erasure_id", FIELD_UUID),
    JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("is_allowed", FIELD_BOOL),
    JSON_FIELD("reasons", FIELD_LIST, .item = &reason_item, .max = MANY,
               .doc = "What outranks it; empty: nothing."),
    JSON_FIELD("goes", FIELD_LIST, .item = &goes_item, .max = MANY),
    JSON_FIELD("files", FIELD_LIST, .item = &file_item, .max = MANY),
    JSON_FIELD("stays", FIELD_LIST, .item = &stays_item, .max = MANY),
};
const struct json_table erasure_preview_table = JSON_TABLE("erasure_preview", preview_fields);
