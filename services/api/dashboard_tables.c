/* What the dashboard has, for the API's document; the statement makes it. */
#include "dashboard.h"
#include "parameter.h"
#include "resources.h"

#define FIGURE(field_name, sentence)                                                   \
    JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 18, .scale = 6, \
               .doc = (sentence))
#define MANY INT64_MAX

static const struct json_field cell_fields[] = {
    JSON_FIELD("period_start", FIELD_DATE),
    JSON_FIELD("period_end", FIELD_DATE),
    FIGURE("value", "Null where it is suppressed or missing."),
    FIGURE("value_low", "Where a rate is near 0 or 1: it is not below this."),
    FIGURE("value_high", "And not above this."),
    FIGURE("denominator", NULL),
    JSON_FIELD("is_suppressed", FIELD_BOOL),
    JSON_FIELD("missing", FIELD_INT, FIELD_NULLABLE,
               .doc = "Observations without a figure, which it leaves out."),
    JSON_FIELD("weighted", FIELD_INT, FIELD_NULLABLE,
               .doc = "Of its observations, percentages that are weighted by the enrollment."),
    JSON_FIELD("is_summed", FIELD_BOOL,
               .doc = "A sum of sites: a student who moved between them counts at each."),
    JSON_FIELD("unit", FIELD_TEXT,
               .doc =
                   "Of this value: sessions where people are counted once in each of the shorter "
                   "periods that it is made of."),
    JSON_FIELD("observed_from", FIELD_DATE, FIELD_NULLABLE, .doc = "The age of its oldest part."),
    JSON_FIELD("as_of", FIELD_DATE, FIELD_NULLABLE, .doc = "And of its newest."),
    JSON_FIELD("computed_at", FIELD_INSTANT, .doc = "When it was shown so first."),
};
static const struct json_table cell_table = JSON_TABLE("cell", cell_fields);

static const struct json_field point_fields[] = {
    JSON_FIELD("period_start", FIELD_DATE),
    JSON_FIELD("period_end", FIELD_DATE),
    FIGURE("value", "Null where it is suppressed."),
    JSON_FIELD("is_suppressed", FIELD_BOOL),
};
static const struct json_table point_table = JSON_TABLE("point", point_fields);
static const struct json_field point_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &point_table);

static const char *const target_kinds[] = {"priority", "goal", NULL};
static const char *const changes[] = {"better", "worse", "same", NULL};

static const struct json_field indicator_links_fields[] = {
    JSON_FIELD("rollups", FIELD_TEXT, .doc = "All figures of it in the school year."),
    JSON_FIELD("indicator", FIELD_TEXT, .doc = "Its definition and source."),
};
static const struct json_table indicator_links_table =
    JSON_TABLE("indicator_links", indicator_links_fields);

static const struct json_field indicator_fields[] = {
    JSON_FIELD("indicator_id", FIELD_UUID),
    JSON_FIELD("code", FIELD_TEXT),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("family", FIELD_TEXT),
    JSON_FIELD("unit", FIELD_TEXT),
    JSON_FIELD("direction", FIELD_TEXT, .doc = "Which way is better."),
    JSON_FIELD("all", FIELD_OBJECT, FIELD_NULLABLE, .table = &cell_table),
    JSON_FIELD("served", FIELD_OBJECT, FIELD_NULLABLE, .table = &cell_table),
    JSON_FIELD("not_served", FIELD_OBJECT, FIELD_NULLABLE, .table = &cell_table),
    JSON_FIELD("schools_where_it_works", FIELD_OBJECT, FIELD_NULLABLE, .table = &cell_table,
               .doc = "Of whole schools: no measure of what the partnership did."),
    FIGURE("target",
           "By the priority that the place itself adopted, or of the goal that is due next."),
    JSON_FIELD("target_of", FIELD_ENUM, FIELD_NULLABLE, .values = target_kinds),
    JSON_FIELD("meets_target", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "Null where either is not known, or no way is better."),
    FIGURE("change", "From the period before, where both are shown and the newest is over."),
    JSON_FIELD("changed_for", FIELD_ENUM, FIELD_NULLABLE, .values = changes),
    JSON_FIELD("trend", FIELD_LIST, .item = &point_item, .max = 12,
               .doc = "The last periods of all, or else of those who are served."),
    JSON_FIELD("links", FIELD_OBJECT, .table = &indicator_links_table),
};
static const struct json_table indicator_table = JSON_TABLE("indicator", indicator_fields);
static const struct json_field indicator_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &indicator_table);

static const struct json_field goal_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("partnership_id", FIELD_UUID),
    JSON_FIELD("statement", FIELD_LONG_TEXT),
    JSON_FIELD("indicator_id", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("direction", FIELD_TEXT),
    FIGURE("baseline", NULL),
    FIGURE("target", NULL),
    JSON_FIELD("due_on", FIELD_DATE),
    JSON_FIELD("progress", FIELD_TEXT, .doc = "As typed."),
    FIGURE("value", "What the indicator says of the partnership."),
    JSON_FIELD("value_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("computed_progress", FIELD_TEXT,
               .doc = "By the distance to the line from baseline to target; it wins over what is "
                      "typed."),
};
static const struct json_table goal_table = JSON_TABLE("goal", goal_fields);
static const struct json_field goal_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &goal_table);

static const struct json_field dosage_fields[] = {
    FIGURE("minimum_dosage", NULL),
    JSON_FIELD("dosage_unit", FIELD_ENUM, .values = dosage_units),
    JSON_FIELD("partnerships", FIELD_INT, .doc = "Whose cohorts of the school year that is."),
};
static const struct json_table dosage_table = JSON_TABLE("dashboard_dosage", dosage_fields);
static const struct json_field dosage_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &dosage_table);

static const struct json_field output_fields[] = {
    FIGURE("people", "Who were served in the year, each once; null where the source does not say."),
    FIGURE("people_sessions",
           "Who were served in each of its shorter periods, summed: who came in two counts twice."),
    JSON_FIELD("people_is_suppressed", FIELD_BOOL, .doc = "They are so few that it is not shown."),
    FIGURE("sessions", "Sessions that were held."),
    FIGURE("hours", NULL),
    FIGURE("value_partner_cents", NULL),
    FIGURE("value_district_cents", NULL),
    FIGURE("people_per_1000_dollars", NULL),
    FIGURE("people_sessions_per_1000_dollars", NULL),
    FIGURE("sessions_per_1000_dollars", NULL),
    FIGURE("hours_per_1000_dollars", NULL),
    FIGURE("people_per_hour", NULL),
};
static const struct json_table output_table = JSON_TABLE("outputs", output_fields);

static const struct json_field count_fields[] = {
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("count", FIELD_INT),
};
static const struct json_table count_table = JSON_TABLE("count", count_fields);
static const struct json_field count_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &count_table);

static const struct json_field progress_count_fields[] = {
    JSON_FIELD("progress", FIELD_TEXT),
    JSON_FIELD("count", FIELD_INT),
};
static const struct json_table progress_count_table =
    JSON_TABLE("progress_count", progress_count_fields);
static const struct json_field progress_count_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &progress_count_table);

static const struct json_field code_item = JSON_FIELD(NULL, FIELD_TEXT);
#define CODES(field_name, sentence) \
    JSON_FIELD(field_name, FIELD_LIST, .item = &code_item, .max = MANY, .doc = (sentence))

static const struct json_field summary_fields[] = {
    JSON_FIELD("partners", FIELD_INT, .doc = "Who worked there in the school year."),
    JSON_FIELD("partnerships", FIELD_INT),
    JSON_FIELD("sites", FIELD_INT, .doc = "Where they worked."),
    FIGURE("people", NULL),
    FIGURE("people_sessions", NULL),
    FIGURE("sessions", NULL),
    FIGURE("hours", NULL),
    FIGURE("value_partner_cents", NULL),
    FIGURE("value_district_cents", NULL),
    FIGURE("balance", "The partners' share; null until both sides have given."),
    CODES("better", "Indicators that changed for the better."),
    CODES("worse", "And for the worse."),
    CODES("target_met", "Indicators that are where they are to be."),
    CODES("target_missed", "And that are not."),
    JSON_FIELD("goals", FIELD_LIST, .item = &progress_count_item, .max = MANY,
               .doc = "How many of the goals that are shown stand how."),
};
static const struct json_table summary_table = JSON_TABLE("dashboard_summary", summary_fields);

static const struct json_field links_fields[] = {
    JSON_FIELD("self", FIELD_TEXT),
    JSON_FIELD("balance", FIELD_TEXT),
    JSON_FIELD("gaps", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("events", FIELD_TEXT,
               .doc = "What tells that it has changed: rollup.published, and events of goals, "
                      "partnerships, priorities and investments."),
};
static const struct json_table links_table = JSON_TABLE("dashboard_links", links_fields);

static const struct json_field fields[] = {
    JSON_FIELD("scope_kind", FIELD_TEXT),
    JSON_FIELD("scope_id", FIELD_UUID),
    JSON_FIELD("name", FIELD_TEXT),
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("period", FIELD_ENUM, .values = period_kinds),
    JSON_FIELD("as_of", FIELD_DATE, .doc = "The day by which periods are over and goals stand."),
    JSON_FIELD("summary", FIELD_OBJECT, .table = &summary_table, .doc = "What comes first."),
    JSON_FIELD("indicators", FIELD_LIST, .item = &indicator_item, .max = MANY),
    JSON_FIELD("goals", FIELD_LIST, .item = &goal_item, .max = 50,
               .doc = "Those due from this school year on, soonest first."),
    JSON_FIELD("more_goals", FIELD_INT, .doc = "How many more of them there are; 10,000 at most."),
    JSON_FIELD("dosages", FIELD_LIST, .item = &dosage_item, .max = MANY,
               .doc = "What those who count as served had at least, where their program says so."),
    JSON_FIELD("outputs", FIELD_OBJECT, .table = &output_table,
               .doc = "Of the school year, and per dollar and hour that both sides gave."),
    JSON_FIELD("equity", FIELD_OBJECT, FIELD_NULLABLE, .table = &dashboard_equity_table,
               .doc = "For each hundred students; null where the scope is no place."),
    JSON_FIELD("portfolio", FIELD_OBJECT, .table = &dashboard_portfolio_table,
               .doc = "Partnerships that ran in the school year, against what is wanted in it and "
                      "in the next."),
    JSON_FIELD("partnerships", FIELD_LIST, .item = &count_item, .max = MANY,
               .doc = "How many there are of each status."),
    JSON_FIELD("links", FIELD_OBJECT, .table = &links_table),
};
const struct json_table dashboard_table = JSON_TABLE("dashboard", fields);

static const struct json_field query_fields[] = {
    JSON_FIELD("scope", FIELD_TEXT, FIELD_REQUIRED, .max = CODE_LONGEST, .doc = FIGURE_SCOPE_DOC),
    JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100),
    JSON_FIELD("period", FIELD_ENUM, .values = period_kinds, .doc = "month, if left out."),
};
const struct json_table dashboard_query = JSON_TABLE("dashboard_query", query_fields);
