/* What a plan of convenings comes to, and who met whom at one. */
#include "reports/tables.h"
#include "resources.h"

#define ROWS_MOST 2000

static const char *const outcomes[] = {"planned", "exists", "no_day", NULL};

static const struct json_field place_fields[] = {
    JSON_FIELD("site_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("network_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("outcome", FIELD_ENUM, .values = outcomes,
               .doc = "exists: there is one of that year and kind; no_day: the place is closed "
                      "all year."),
    JSON_FIELD("meant_on", FIELD_DATE, .doc = "As the template says."),
    JSON_FIELD("starts_at", FIELD_INSTANT, FIELD_NULLABLE),
    JSON_FIELD("is_moved", FIELD_BOOL, .doc = "The place is closed on that day, or in a blackout."),
};
static const struct json_table place_table = JSON_TABLE("planned_place", place_fields);
static const struct json_field place_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &place_table);

static const struct json_field preview_fields[] = {
    JSON_FIELD("convening_plan_id", FIELD_UUID),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("planned", FIELD_INT, .doc = "How many it would make, or would make still."),
    JSON_FIELD("moved", FIELD_INT, .doc = "How many of them on another day than was meant."),
    JSON_FIELD("there", FIELD_INT, .doc = "How many are there already."),
    JSON_FIELD("without_day", FIELD_INT),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are more places than are shown."),
    JSON_FIELD("places", FIELD_LIST, .item = &place_item, .max = ROWS_MOST),
};
const struct json_table convening_preview_table = JSON_TABLE("convening_preview", preview_fields);

static const struct json_field pair_fields[] = {
    JSON_FIELD("contact_id", FIELD_UUID),
    JSON_FIELD("contact_name", FIELD_TEXT),
    JSON_FIELD("partner_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("with_contact_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("with_user_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("with_name", FIELD_TEXT),
    JSON_FIELD("with_partner_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("is_first", FIELD_BOOL, .doc = "As far as is known they had not met before."),
};
static const struct json_table pair_table = JSON_TABLE("met_pair", pair_fields);
static const struct json_field pair_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &pair_table);

static const struct json_field meeting_fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID),
    JSON_FIELD("partner_name", FIELD_TEXT),
    JSON_FIELD("site_id", FIELD_UUID),
    JSON_FIELD("site_name", FIELD_TEXT),
    JSON_FIELD("introduction_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "Null: it is not kept as one."),
};
static const struct json_table meeting_table = JSON_TABLE("first_meeting", meeting_fields);
static const struct json_field meeting_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &meeting_table);

static const struct json_field fields[] = {
    JSON_FIELD("convening_id", FIELD_UUID),
    JSON_FIELD("people", FIELD_INT, .doc = "Who came."),
    JSON_FIELD("guests", FIELD_INT, .doc = "Whom they brought along."),
    JSON_FIELD("partners", FIELD_INT),
    JSON_FIELD("pairs_total", FIELD_INT),
    JSON_FIELD("pairs_first", FIELD_INT, .doc = "Those who had not met before."),
    JSON_FIELD("has_more", FIELD_BOOL, .doc = "There are more pairs than are shown."),
    JSON_FIELD("pairs", FIELD_LIST, .item = &pair_item, .max = ROWS_MOST,
               .doc = "People of a partner with the district's and with other partners'; those "
                      "who had not met first."),
    JSON_FIELD("first_meetings", FIELD_LIST, .item = &meeting_item, .max = INT64_MAX,
               .doc = "Partners and sites that had neither worked together nor met."),
};
const struct json_table convening_meetings_table = JSON_TABLE("convening_meetings", fields);
