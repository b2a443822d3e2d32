/* What is kept as it was: two snapshots compared, and the evidence of a portfolio review. */
#include "reports/tables.h"
#include "resources.h"

#define MANY INT64_MAX

static const struct json_field side_fields[] = {
    JSON_FIELD("id", FIELD_UUID),          JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("taken_on", FIELD_DATE),    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("partnerships", FIELD_INT), JSON_FIELD("needs", FIELD_INT),
    JSON_FIELD("gaps", FIELD_INT),
};
static const struct json_table side_table = JSON_TABLE("compared_snapshot", side_fields);

static const struct json_field partner_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
};
static const struct json_table partner_table = JSON_TABLE("compared_partner", partner_fields);
static const struct json_field partner_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &partner_table);

static const struct json_field cell_fields[] = {
    JSON_FIELD("place_id", FIELD_UUID),        JSON_FIELD("place_name", FIELD_TEXT),
    JSON_FIELD("focus_area_id", FIELD_UUID),   JSON_FIELD("focus_area_name", FIELD_TEXT),
    JSON_FIELD("partners_before", FIELD_INT),  JSON_FIELD("partners_after", FIELD_INT),
    JSON_FIELD("needs_before", FIELD_INT),     JSON_FIELD("needs_after", FIELD_INT),
    JSON_FIELD("uncovered_before", FIELD_INT), JSON_FIELD("uncovered_after", FIELD_INT),
    JSON_FIELD("offers_before", FIELD_INT),    JSON_FIELD("offers_after", FIELD_INT),
    JSON_FIELD("was_gap", FIELD_BOOL),         JSON_FIELD("is_gap", FIELD_BOOL),
};
static const struct json_table cell_table = JSON_TABLE("compared_cell", cell_fields);
static const struct json_field cell_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &cell_table);

static const struct json_field comparison_fields[] = {
    JSON_FIELD("before", FIELD_OBJECT, .table = &side_table, .doc = "The earlier one."),
    JSON_FIELD("after", FIELD_OBJECT, .table = &side_table),
    JSON_FIELD("came", FIELD_LIST, .item = &partner_item, .max = MANY,
               .doc = "Partners who work in the district since."),
    JSON_FIELD("went", FIELD_LIST, .item = &partner_item, .max = MANY,
               .doc = "Those who do so no longer."),
    JSON_FIELD("gaps_opened", FIELD_INT),
    JSON_FIELD("gaps_closed", FIELD_INT),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "More cells differ than are shown."),
    JSON_FIELD("cells", FIELD_LIST, .item = &cell_item, .max = 2000, .doc = "Those that differ."),
};
const struct json_table comparison_table = JSON_TABLE("comparison", comparison_fields);

static const struct json_field comparison_query_fields[] = {
    JSON_FIELD("with", FIELD_UUID, FIELD_REQUIRED, .doc = "The other snapshot."),
};
const struct json_table comparison_query = JSON_TABLE("comparison_query", comparison_query_fields);

static const struct json_field row_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT, .doc = "Of the partner."),
    JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("focus_area_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("site_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("tier", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("partnerships", FIELD_INT),
    JSON_FIELD("value_cents", FIELD_INT, .doc = "What they gave in the school year."),
    JSON_FIELD("is_priority", FIELD_BOOL, .doc = "Of this year, closed since or not."),
    JSON_FIELD("is_next_priority", FIELD_BOOL, .doc = "Of the next one, drafts among them."),
};
static const struct json_table row_table = JSON_TABLE("portfolio_row", row_fields);
static const struct json_field row_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &row_table);

static const struct json_field priority_fields[] = {
    JSON_FIELD("priority_id", FIELD_UUID),
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("status", FIELD_TEXT, .doc = "Only the next year's may be drafts."),
    JSON_FIELD("statement", FIELD_LONG_TEXT),
    JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("network_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("partnerships", FIELD_INT, .doc = "That work on it there."),
};
static const struct json_table priority_table = JSON_TABLE("portfolio_priority", priority_fields);
static const struct json_field priority_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &priority_table);

static const struct json_field evidence_fields[] = {
    JSON_FIELD("portfolio_review_id", FIELD_UUID),
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("as_of", FIELD_DATE),
    JSON_FIELD("is_frozen", FIELD_BOOL, .doc = "The review was held: it is as it was then."),
    JSON_FIELD("rows", FIELD_LIST, .item = &row_item, .max = MANY,
               .doc = "Kind of partner, focus area, site and tier."),
    JSON_FIELD("priorities", FIELD_LIST, .item = &priority_item, .max = MANY,
               .doc = "This year's and the next one's; those that nobody works on first."),
};
const struct json_table evidence_table = JSON_TABLE("portfolio_evidence", evidence_fields);
