/* Sustainability: how much of what partnerships cost is secured for the next school year. */
#include "reports/tables.h"

#define PARTNERSHIPS_MOST 500 /* as in the statement sustainability */

#define SHARE(field_name, sentence)                                                   \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 6, .scale = 4, \
               .doc = (sentence))
#define BEFORE  "What both sides gave or promised for the school year before."
#define SECURED "Promised by either side, or awarded, for this one; by day."

static const struct json_field row_fields[] = {
    JSON_FIELD("partnership_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("before_cents", FIELD_INT, .doc = BEFORE),
    JSON_FIELD("secured_cents", FIELD_INT, .doc = SECURED),
    JSON_FIELD("award_cents", FIELD_INT, .doc = "Of it from awards."),
    SHARE("share", "Of the year before, at most 1; null: there was nothing."),
};
static const struct json_table row_table = JSON_TABLE("sustainable_partnership", row_fields);
static const struct json_field row_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &row_table);

static const struct json_field fields[] = {
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("count", FIELD_INT, .doc = "Running partnerships."),
    JSON_FIELD("before_cents", FIELD_INT, .doc = BEFORE),
    JSON_FIELD("secured_cents", FIELD_INT, .doc = SECURED),
    JSON_FIELD("award_cents", FIELD_INT, .doc = "Of it from awards."),
    SHARE("share", "Of all of them together; what one has too much is no other's."),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are more partnerships than are shown."),
    JSON_FIELD("partnerships", FIELD_LIST, .item = &row_item, .max = PARTNERSHIPS_MOST,
               .doc = "The least secured first."),
};
const struct json_table sustainability_table = JSON_TABLE("sustainability", fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("partnership_id", FIELD_UUID, .doc = "This one alone."),
    JSON_FIELD("partner_id", FIELD_UUID, .doc = "Those of this partner."),
    JSON_FIELD("site_id", FIELD_UUID, .doc = "Those that this site leads."),
    JSON_FIELD("network_id", FIELD_UUID, .doc = "Those that a site of this network leads."),
    JSON_FIELD("school_year", FIELD_INT, .min = 2001, .max = 2100,
               .doc = "The next one, if left out."),
};
const struct json_table sustainability_query = JSON_TABLE("sustainability_query", query_fields);
