/* What is told of the registry: which contacts may be one person, and what would become of what
 * goes on at a site that closes. */
#include "reports/tables.h"

#define DUPLICATES_MOST 100

static const struct json_field reason_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field alike_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("score", FIELD_INT, .max = 100, .doc = "The more, the surer."),
    JSON_FIELD("reasons", FIELD_LIST, .item = &reason_item, .max = 3,
               .doc = "What is the same: email, name, phone."),
};
static const struct json_table alike_table = JSON_TABLE("contact_duplicate", alike_fields);
static const struct json_field alike_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &alike_table);
static const struct json_field duplicates_fields[] = {
    JSON_FIELD("contact_id", FIELD_UUID),
    JSON_FIELD("duplicates", FIELD_LIST, .item = &alike_item, .max = DUPLICATES_MOST),
};
const struct json_table contact_duplicates_table =
    JSON_TABLE("contact_duplicates", duplicates_fields);

#define ITEMS_MOST 1000

static const char *const outcomes[] = {"ends", "moves", "clears", "stays", "left", NULL};
static const struct json_field site_item_fields[] = {
    JSON_FIELD("number", FIELD_INT, .max = ITEMS_MOST),
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("subject_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("becomes", FIELD_ENUM, .values = outcomes,
               .doc = "left: it stands in the way; clears: it has no site any more."),
};
static const struct json_table site_item_table = JSON_TABLE("site_closing_item", site_item_fields);
static const struct json_field site_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &site_item_table);
static const struct json_field closing_fields[] = {
    JSON_FIELD("site_id", FIELD_UUID),
    JSON_FIELD("on_date", FIELD_DATE),
    JSON_FIELD("left", FIELD_INT, .max = INT64_MAX, .doc = "How much stands in the way."),
    JSON_FIELD("items", FIELD_LIST, .item = &site_item, .max = ITEMS_MOST),
};
const struct json_table site_closing_table = JSON_TABLE("site_closing_preview", closing_fields);

static const struct json_field closing_query[] = {
    JSON_FIELD("into_site_id", FIELD_UUID, .doc = "The site that would take over."),
    JSON_FIELD("on_date", FIELD_DATE, .doc = "Today, if left out."),
};
const struct json_table site_closing_query = JSON_TABLE("site_closing_query", closing_query);
