/* Years of service, and who gets a bulletin. */
#include "reports/tables.h"
#include "resources.h"

#define ROWS_MOST  500
#define NEEDS_MOST 20

static const char *const kinds[] = {"partner", "contact", NULL};

static const struct json_field service_fields[] = {
    JSON_FIELD("kind", FIELD_ENUM, .values = kinds),
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("since", FIELD_DATE, .doc = "When the first partnership was active."),
    JSON_FIELD("years", FIELD_INT, .doc = "Full ones."),
    JSON_FIELD("awarded_years", FIELD_INT, FIELD_NULLABLE,
               .doc = "Of the award for the most years; null: there was none."),
};
static const struct json_table service_table = JSON_TABLE("service", service_fields);
static const struct json_field service_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &service_table);
static const struct json_field services_fields[] = {
    JSON_FIELD("as_of", FIELD_DATE),
    JSON_FIELD("data", FIELD_LIST, .item = &service_item, .max = ROWS_MOST,
               .doc = "Who has served longest comes first."),
};
const struct json_table years_of_service_table = JSON_TABLE("years_of_service", services_fields);

static const struct json_field service_query_fields[] = {
    JSON_FIELD("at_least", FIELD_INT, .min = 1, .max = 200, .doc = "Years; 1, if left out."),
};
const struct json_table years_of_service_query =
    JSON_TABLE("years_of_service_query", service_query_fields);

static const struct json_field need_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT),
    JSON_FIELD("needed_by", FIELD_DATE),
};
static const struct json_table need_table = JSON_TABLE("bulletin_need", need_fields);
static const struct json_field need_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &need_table);

static const struct json_field recipient_fields[] = {
    JSON_FIELD("contact_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("locale", FIELD_LOCALE),
    JSON_FIELD("text_locale", FIELD_LOCALE, .doc = "Of the text that the contact gets."),
    JSON_FIELD("reason", FIELD_TEXT, FIELD_NULLABLE, .doc = "Why the contact gets none."),
};
static const struct json_table recipient_table = JSON_TABLE("bulletin_recipient", recipient_fields);
static const struct json_field recipient_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &recipient_table);
static const struct json_field count_item = JSON_FIELD(NULL, FIELD_INT);
static const struct json_field preview_fields[] = {
    JSON_FIELD("bulletin_id", FIELD_UUID),
    JSON_FIELD("needs", FIELD_LIST, .item = &need_item, .max = NEEDS_MOST),
    JSON_FIELD("goes", FIELD_INT, .doc = "To how many it would go now."),
    JSON_FIELD("stays", FIELD_INT, .doc = "To how many it would not."),
    JSON_FIELD("reasons", FIELD_MAP, .item = &count_item, .doc = "How many by each reason."),
    JSON_FIELD("recipients", FIELD_LIST, .item = &recipient_item, .max = ROWS_MOST,
               .doc = "Those to whom it goes come first."),
};
const struct json_table bulletin_preview_table = JSON_TABLE("bulletin_preview", preview_fields);
