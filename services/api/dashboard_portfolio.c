/* What the dashboard has of who works in a scope, for the API's document; the statement makes it.
 */
#include "dashboard.h"
#include "resources.h"

#define MANY       INT64_MAX
#define SITES_MOST 200

#define PER_100(field_name) \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 18, .scale = 2)

static const struct json_field place_fields[] = {
    JSON_FIELD("scope_kind", FIELD_TEXT),
    JSON_FIELD("scope_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("students", FIELD_INT, FIELD_NULLABLE, .doc = "Enrolled, as last known."),
    JSON_FIELD("partners", FIELD_INT, .doc = "Who worked there in the school year."),
    JSON_FIELD("value_cents", FIELD_INT, FIELD_NULLABLE,
               .doc = "What they gave in the school year."),
    JSON_FIELD("people", FIELD_INT, FIELD_NULLABLE,
               .doc = "Who were served, where the source says how many they were."),
    JSON_FIELD("is_suppressed", FIELD_BOOL, .doc = "They are so few that it is not shown."),
    PER_100("partners_per_100_students"),
    PER_100("value_cents_per_100_students"),
    PER_100("people_per_100_students"),
    JSON_FIELD("link", FIELD_TEXT, .doc = "Its own dashboard."),
};
static const struct json_table place_table = JSON_TABLE("dashboard_place", place_fields);
static const struct json_field place_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &place_table);

static const struct json_field equity_fields[] = {
    JSON_FIELD("here", FIELD_OBJECT, .table = &place_table),
    JSON_FIELD("district", FIELD_OBJECT, FIELD_NULLABLE, .table = &place_table,
               .doc = "To compare with; null where it is the scope."),
    JSON_FIELD("below", FIELD_LIST, .item = &place_item, .max = SITES_MOST,
               .doc = "A district's networks, with the sites that are in none; a network's sites. "
                      "Those with the fewest partners for their students first."),
    JSON_FIELD("more_below", FIELD_INT, .doc = "How many more there are."),
};
const struct json_table dashboard_equity_table = JSON_TABLE("dashboard_equity", equity_fields);

static const struct json_field kind_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT, .doc = "Of the partner."),
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("partnerships", FIELD_INT),
    JSON_FIELD("value_cents", FIELD_INT, .doc = "What they gave in the school year."),
};
static const struct json_table kind_table = JSON_TABLE("portfolio_kind", kind_fields);
static const struct json_field kind_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &kind_table);

static const struct json_field focus_fields[] = {
    JSON_FIELD("focus_area_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("focus_area_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("partnerships", FIELD_INT),
    JSON_FIELD("value_cents", FIELD_INT),
    JSON_FIELD("priorities", FIELD_INT, .doc = "Of this year, closed since or not."),
    JSON_FIELD("next_priorities", FIELD_INT,
               .doc = "Of the next one, drafts among them until it begins."),
    JSON_FIELD("is_gap", FIELD_BOOL, .doc = "Nobody works on what is a priority."),
    JSON_FIELD("is_next_gap", FIELD_BOOL, .doc = "Or on what is to be one."),
};
static const struct json_table focus_table = JSON_TABLE("portfolio_focus_area", focus_fields);
static const struct json_field focus_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &focus_table);

static const struct json_field site_fields[] = {
    JSON_FIELD("site_id", FIELD_UUID),
    JSON_FIELD("site_name", FIELD_TEXT),
    JSON_FIELD("students", FIELD_INT, FIELD_NULLABLE),
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("partnerships", FIELD_INT),
    JSON_FIELD("value_cents", FIELD_INT),
    PER_100("partners_per_100_students"),
    PER_100("value_cents_per_100_students"),
    JSON_FIELD("priorities", FIELD_INT, .doc = "The site's own, of this year."),
    JSON_FIELD("next_priorities", FIELD_INT, .doc = "And of the next one."),
    JSON_FIELD("unmet_priorities", FIELD_INT,
               .doc = "Focus areas of this year's on which nobody works there."),
};
static const struct json_table site_table = JSON_TABLE("portfolio_site", site_fields);
static const struct json_field site_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &site_table);

static const struct json_field portfolio_fields[] = {
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("partnerships", FIELD_INT),
    JSON_FIELD("sites", FIELD_INT),
    JSON_FIELD("by_kind", FIELD_LIST, .item = &kind_item, .max = MANY),
    JSON_FIELD("by_focus_area", FIELD_LIST, .item = &focus_item, .max = MANY, .doc = "Gaps first."),
    JSON_FIELD("by_site", FIELD_LIST, .item = &site_item, .max = SITES_MOST,
               .doc = "Those with the most that nobody works on first."),
    JSON_FIELD("more_sites", FIELD_INT, .doc = "How many more there are."),
};
const struct json_table dashboard_portfolio_table =
    JSON_TABLE("dashboard_portfolio", portfolio_fields);
