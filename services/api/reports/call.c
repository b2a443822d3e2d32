/* The report of a call to action: how far it is, by site, and how long each step takes. */
#include "reports/tables.h"
#include "resources.h"

#define MANY INT64_MAX
#define DAYS(field_name, sentence)                                                    \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 9, .scale = 2, \
               .doc = (sentence))

static const char *const steps[] = {"opened_to_asked",       "asked_to_pledged",
                                    "pledged_to_accepted",   "accepted_to_active",
                                    "accepted_to_delivered", NULL};

static const struct json_field site_fields[] = {
    JSON_FIELD("site_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("need_id", FIELD_UUID, .doc = "The site's part."),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("quantity", FIELD_INT),
    JSON_FIELD("filled", FIELD_INT),
    JSON_FIELD("delivered", FIELD_INT),
};
static const struct json_table site_table = JSON_TABLE("call_site", site_fields);
static const struct json_field site_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &site_table);

static const struct json_field step_fields[] = {
    JSON_FIELD("step", FIELD_ENUM, .values = steps),
    JSON_FIELD("count", FIELD_INT, .doc = "How often it was made for this call."),
    DAYS("median_days", "Of this call."),
    JSON_FIELD("ordinary_count", FIELD_INT, .doc = "How often for needs of no call, in a year."),
    DAYS("ordinary_median_days", "Of needs of no call."),
};
static const struct json_table step_table = JSON_TABLE("call_step", step_fields);
static const struct json_field step_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &step_table);

static const struct json_field fields[] = {
    JSON_FIELD("call_to_action_id", FIELD_UUID),
    JSON_FIELD("title", FIELD_TEXT),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("resolution", FIELD_LONG_TEXT, FIELD_NULLABLE),
    JSON_FIELD("deadline", FIELD_DATE),
    JSON_FIELD("days_open", FIELD_INT, FIELD_NULLABLE, .doc = "Null: it was never open."),
    JSON_FIELD("days_left", FIELD_INT, FIELD_NULLABLE, .doc = "Null: it is over."),
    JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("quantity", FIELD_INT, .doc = "The target."),
    JSON_FIELD("allocated", FIELD_INT, .doc = "The sites' parts."),
    JSON_FIELD("pledged", FIELD_INT, .doc = "Accepted or not."),
    JSON_FIELD("accepted", FIELD_INT),
    JSON_FIELD("delivered", FIELD_INT),
    JSON_FIELD("partners", FIELD_INT, .doc = "Who pledged."),
    JSON_FIELD("sites", FIELD_LIST, .item = &site_item, .max = MANY),
    JSON_FIELD("steps", FIELD_LIST, .item = &step_item, .max = 5,
               .doc = "The clock: days from step to step, against the ordinary lane."),
};
const struct json_table call_report_table = JSON_TABLE("call_report", fields);
