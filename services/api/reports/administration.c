/* Documents for administrators: who changed which setting, which mail is on hold, jobs, and whether
 * all is well. */
#include "reports/tables.h"
#include "resources.h"

#define MANY INT64_MAX

static const char *const setting_resources[] = {"district",
                                                "signing_authority",
                                                "review_rule",
                                                "required_credential",
                                                "valuation_rate",
                                                "match_weight",
                                                "custom_field",
                                                "reporting_quarter",
                                                "closed_day",
                                                "blackout",
                                                "retention_rule",
                                                "identity_provider",
                                                "readiness_condition",
                                                NULL};
static const struct json_field history_query_fields[] = {
    JSON_FIELD("resource", FIELD_ENUM, 0, .values = setting_resources,
               .doc = "Of which a row was set."),
    JSON_FIELD("setting", FIELD_TEXT, 0, .min = 1, .max = CODE_LONGEST,
               .doc = "The field, as in small_cell."),
    JSON_FIELD("actor", FIELD_UUID, 0, .doc = "The user who changed it."),
    JSON_FIELD("from", FIELD_INSTANT),
    JSON_FIELD("until", FIELD_INSTANT, 0, .doc = "The first instant that is too late."),
};
const struct json_table settings_history_query =
    JSON_TABLE("settings_history_query", history_query_fields);

static const struct json_field change_fields[] = {
    JSON_FIELD("audit_id", FIELD_UUID),
    JSON_FIELD("at", FIELD_INSTANT),
    JSON_FIELD("actor", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: the operator."),
    JSON_FIELD("actor_name", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("request_id", FIELD_TEXT, FIELD_NULLABLE),
    JSON_FIELD("resource", FIELD_TEXT),
    JSON_FIELD("subject_id", FIELD_UUID),
    JSON_FIELD("action", FIELD_TEXT),
    JSON_FIELD("setting", FIELD_TEXT),
    JSON_FIELD("is_recorded", FIELD_BOOL, .doc = "The audit log keeps what it was and became."),
    JSON_FIELD("from", FIELD_ANY, FIELD_NULLABLE),
    JSON_FIELD("to", FIELD_ANY, FIELD_NULLABLE),
};
static const struct json_table change_table = JSON_TABLE("setting_change", change_fields);
static const struct json_field change_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &change_table);
static const struct json_field history_fields[] = {
    JSON_FIELD("data", FIELD_LIST, .item = &change_item, .max = 500, .doc = "The newest first."),
};
const struct json_table settings_history_table = JSON_TABLE("settings_history", history_fields);

/* ---- Mail ---- */

static const struct json_field mail_fields[] = {
    JSON_FIELD("message_id", FIELD_UUID),    JSON_FIELD("class", FIELD_TEXT),
    JSON_FIELD("kind", FIELD_TEXT),          JSON_FIELD("to_address", FIELD_EMAIL),
    JSON_FIELD("not_before", FIELD_INSTANT),
};
static const struct json_table mail_table = JSON_TABLE("held_mail", mail_fields);
static const struct json_field mail_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &mail_table);
static const struct json_field count_item = JSON_FIELD(NULL, FIELD_INT);

static const struct json_field hold_fields[] = {
    JSON_FIELD("is_held", FIELD_BOOL),
    JSON_FIELD("is_live", FIELD_BOOL, .doc = "The district is past go_live."),
    JSON_FIELD("held_at", FIELD_INSTANT, FIELD_NULLABLE, .doc = "Null: nobody holds it."),
    JSON_FIELD("held_by", FIELD_UUID, FIELD_NULLABLE),
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE),
    JSON_FIELD("would_go", FIELD_INT, .doc = "Mails that go out when the hold ends."),
    JSON_FIELD("left_out", FIELD_INT, .doc = "Mails of earlier days, which do not."),
    JSON_FIELD("counts", FIELD_MAP, .item = &count_item, .doc = "Of what waits, by kind."),
    JSON_FIELD("first", FIELD_LIST, .item = &mail_item, .max = 200, .doc = "Those that go."),
};
const struct json_table mail_hold_table = JSON_TABLE("mail_hold", hold_fields);

/* ---- Jobs ---- */

static const struct json_field job_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT, .doc = "round, import."),
    JSON_FIELD("name", FIELD_TEXT, .doc = "Of the round; what an import is of."),
    JSON_FIELD("subject_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Of the import."),
    JSON_FIELD("state", FIELD_TEXT,
               .doc = "Of a round: waits, due, failed, off. Of an import: its status."),
    JSON_FIELD("started_at", FIELD_INSTANT, FIELD_NULLABLE),
    JSON_FIELD("ended_at", FIELD_INSTANT, FIELD_NULLABLE, .doc = "Of the last run."),
    JSON_FIELD("next_at", FIELD_INSTANT, FIELD_NULLABLE),
    JSON_FIELD("error", FIELD_LONG_TEXT, FIELD_NULLABLE, .doc = "Of the last run."),
};
static const struct json_table job_table = JSON_TABLE("job", job_fields);
static const struct json_field job_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &job_table);
static const struct json_field jobs_fields[] = {
    JSON_FIELD("data", FIELD_LIST, .item = &job_item, .max = MANY),
};
const struct json_table jobs_table = JSON_TABLE("jobs", jobs_fields);

/* ---- Health ---- */

static const struct json_field problem_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field events_fields[] = {
    JSON_FIELD("waiting", FIELD_INT, .doc = "Events that are not published yet."),
    JSON_FIELD("since", FIELD_INSTANT, FIELD_NULLABLE, .doc = "When the oldest was made."),
    JSON_FIELD("dead_letters", FIELD_INT),
};
static const struct json_table events_table = JSON_TABLE("health_events", events_fields);
static const struct json_field figures_fields[] = {
    JSON_FIELD("waiting", FIELD_INT, .doc = "Changes that are not summed up yet."),
};
static const struct json_table figures_table = JSON_TABLE("health_figures", figures_fields);
static const struct json_field post_fields[] = {
    JSON_FIELD("waiting", FIELD_INT),
    JSON_FIELD("held", FIELD_INT),
    JSON_FIELD("failed", FIELD_INT, .doc = "Within a week."),
    JSON_FIELD("since", FIELD_INSTANT, FIELD_NULLABLE, .doc = "When the oldest was due."),
};
static const struct json_table post_table = JSON_TABLE("health_mail", post_fields);
static const struct json_field work_fields[] = {
    JSON_FIELD("failed", FIELD_INT),
    JSON_FIELD("late", FIELD_INT, .doc = "Rounds that were due an hour ago."),
};
static const struct json_table work_table = JSON_TABLE("health_jobs", work_fields);
static const struct json_field age_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("newest_at", FIELD_INSTANT, FIELD_NULLABLE, .doc = "Null: none ever came."),
};
static const struct json_table age_table = JSON_TABLE("data_age", age_fields);
static const struct json_field age_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &age_table);

static const struct json_field lack_item = JSON_FIELD(NULL, FIELD_TEXT);
static const struct json_field ahead_fields[] = {
    JSON_FIELD("school_year", FIELD_INT),
    JSON_FIELD("due_on", FIELD_DATE, .doc = "The last day of the school year before it."),
    JSON_FIELD("lacks", FIELD_LIST, .item = &lack_item,
               .doc = "school_year: it is not open; quarters: it has not four; closed_days."),
};
static const struct json_table ahead_table = JSON_TABLE("health_school_year", ahead_fields);

static const struct json_field health_fields[] = {
    JSON_FIELD("problems", FIELD_LIST, .item = &problem_item,
               .doc = "dead_letters, job_failed, round_late, events_late, mail_late, mail_failed, "
                      "data_old, school_year; empty: all is well."),
    JSON_FIELD("events", FIELD_OBJECT, .table = &events_table),
    JSON_FIELD("figures", FIELD_OBJECT, .table = &figures_table),
    JSON_FIELD("mail", FIELD_OBJECT, .table = &post_table),
    JSON_FIELD("jobs", FIELD_OBJECT, .table = &work_table),
    JSON_FIELD("school_year", FIELD_OBJECT, FIELD_NULLABLE, .table = &ahead_table,
               .doc = "What the next school year lacks, from sixty days before this one ends."),
    JSON_FIELD("data", FIELD_LIST, .item = &age_item, .max = MANY, .doc = "How old the data is."),
};
const struct json_table health_table = JSON_TABLE("health", health_fields);
