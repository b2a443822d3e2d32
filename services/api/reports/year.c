/* What a school year came to: tables that its page and its spreadsheet show, too. */
#include "reports/tables.h"
#include "resources.h"

#define MANY         INT64_MAX
#define COLUMNS_MOST 8

static const char *const kinds[] = {"count", "cents", "percent", "code", "date", NULL};

static const struct json_field column_fields[] = {
    JSON_FIELD("code", FIELD_TEXT),
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds, .doc = "What its values are."),
};
static const struct json_table column_table = JSON_TABLE("year_report_column", column_fields);
static const struct json_field column_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &column_table);

static const struct json_field value_item = JSON_FIELD(NULL, FIELD_LONG_TEXT);
static const struct json_field row_fields[] = {
    JSON_FIELD("code", FIELD_TEXT, FIELD_NULLABLE,
               .doc = "What it is of; null: of what `name` says."),
    JSON_FIELD("name", FIELD_LONG_TEXT, FIELD_NULLABLE),
    JSON_FIELD("values", FIELD_LIST, .item = &value_item, .max = COLUMNS_MOST,
               .doc = "One of each column, as text; empty where there is none."),
};
static const struct json_table row_table = JSON_TABLE("year_report_row", row_fields);
static const struct json_field row_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &row_table);

static const struct json_field table_fields[] = {
    JSON_FIELD("code", FIELD_TEXT),
    JSON_FIELD("columns", FIELD_LIST, .item = &column_item, .max = COLUMNS_MOST),
    JSON_FIELD("rows", FIELD_LIST, .item = &row_item, .max = MANY),
};
static const struct json_table table_table = JSON_TABLE("year_report_table", table_fields);
static const struct json_field table_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &table_table);

static const struct json_field report_fields[] = {
    JSON_FIELD("school_year_id", FIELD_UUID),
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("district", FIELD_TEXT, .doc = "Its name."),
    JSON_FIELD("starts_on", FIELD_DATE),
    JSON_FIELD("ends_on", FIELD_DATE),
    JSON_FIELD("as_of", FIELD_DATE),
    JSON_FIELD("is_kept", FIELD_BOOL, .doc = "The year is closed: it is as it was then."),
    JSON_FIELD("tables", FIELD_LIST, .item = &table_item, .max = MANY),
};
const struct json_table year_report_table = JSON_TABLE("year_report", report_fields);
