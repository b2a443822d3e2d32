/* Sustainability: how much of what partnerships cost is secured for the next year. */
#include "reports/tables.h"

#define PARTNERSHIPS_MOST 500 /* as in the statement sustainability */

#define SHARE(field_name, sentence)                                                   \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 6, .scale = 4, \
               .doc = (sentence))
#define BEFORE  "What both sides gave or promised for the year before."
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

static const struct json_field site_fields[] = {
    JSON_FIELD("site_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("before_cents", FIELD_INT, .doc = BEFORE),
    JSON_FIELD("secured_cents", FIELD_INT, .doc = SECURED),
    JSON_FIELD("award_cents", FIELD_INT, .doc = "Of it from awards."),
    SHARE("share", "Of what its partnerships cost before; what one has too much is no other's."),
};
static const struct json_table site_table = JSON_TABLE("sustainable_site", site_fields);
static const struct json_field site_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &site_table);

static const struct json_field fields[] = {
    JSON_FIELD("school_year", FIELD_INT, FIELD_NULLABLE,
               .doc = "Null: a fiscal year was asked for."),
    JSON_FIELD("fiscal_year", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("starts_on", FIELD_DATE),
    JSON_FIELD("ends_on", FIELD_DATE),
    JSON_FIELD("count", FIELD_INT, .doc = "Running partnerships."),
    JSON_FIELD("before_cents", FIELD_INT, .doc = BEFORE),
    JSON_FIELD("secured_cents", FIELD_INT, .doc = SECURED),
    JSON_FIELD("award_cents", FIELD_INT, .doc = "Of it from awards."),
    SHARE("share", "Of all of them together; what one has too much is no other's."),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are more partnerships than are shown."),
    JSON_FIELD("partnerships", FIELD_LIST, .item = &row_item, .max = PARTNERSHIPS_MOST,
               .doc = "The least secured first."),
    JSON_FIELD("sites", FIELD_LIST, .item = &site_item, .max = PARTNERSHIPS_MOST,
               .doc =
                   "By the site that an entry names, else by the one that leads; the least secured "
                   "first."),
};
const struct json_table sustainability_table = JSON_TABLE("sustainability", fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("partnership_id", FIELD_UUID, .doc = "This one alone."),
    JSON_FIELD("partner_id", FIELD_UUID, .doc = "Those of this partner."),
    JSON_FIELD("site_id", FIELD_UUID,
               .doc = "What this site leads or has a part in, and of that its own."),
    JSON_FIELD("network_id", FIELD_UUID, .doc = "Those that a site of this network leads."),
    JSON_FIELD("school_year", FIELD_INT, .min = 2001, .max = 2100,
               .doc = "The next one, if left out."),
    JSON_FIELD("fiscal_year", FIELD_INT, .min = 2001, .max = 2100,
               .doc = "The district's, instead of a school year."),
};
const struct json_table sustainability_query = JSON_TABLE("sustainability_query", query_fields);
