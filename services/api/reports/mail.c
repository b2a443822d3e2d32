/* Which mails come next, and what was decided about those of a check-in. */
#include "reports/tables.h"
#include "resources.h"

#define NEXT_MOST     50
#define THINGS_MOST   500
#define DECIDED_MOST  500
#define ATTEMPTS_MOST 1000

static const char *const sides[] = {"district", "partner", NULL};
static const char *const decisions[] = {"queued", "suppressed", "snoozed", "none", NULL};
static const char *const waits[] = {"go_live", "release", "time", "retry", "mailer", NULL};
static const char *const outcomes[] = {"sent", "deferred", "refused", "unknown", NULL};

static const struct json_field told_rule_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("partnership_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: the district's."),
    JSON_FIELD("effective_from", FIELD_DATE),
};
static const struct json_table told_rule_table = JSON_TABLE("told_rule", told_rule_fields);

#define ID(name)  JSON_FIELD(name, FIELD_UUID, FIELD_NULLABLE)
#define AT(name)  JSON_FIELD(name, FIELD_INSTANT, FIELD_NULLABLE)
#define WAITS_FOR JSON_FIELD("waits_for", FIELD_ENUM, FIELD_NULLABLE, .values = waits)
#define REASON    JSON_FIELD("reason", FIELD_TEXT, FIELD_NULLABLE, .doc = "Why it does not go.")
#define RULE_FIELDS                                                                                \
    OFFSET, JSON_FIELD("rule", FIELD_OBJECT, FIELD_NULLABLE, .table = &told_rule_table,            \
                       .doc = "By which it is reminded, or would be; null: somebody's choice, or " \
                              "no reminder.")
#define OFFSET                                           \
    JSON_FIELD("offset_days", FIELD_INT, FIELD_NULLABLE, \
               .doc = "The day of a reminder's rule, after the due date; before it if negative.")
#define WHO_FIELDS                   \
    ID("contact_id"), ID("user_id"), \
        JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE, .doc = "Whose mail it is.")

/* ---- The next mails ------------------------------------------------------------------------- */

static const struct json_field thing_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    JSON_FIELD("subject_id", FIELD_UUID, .doc = "What it is about."),
    JSON_FIELD("message_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: it is not decided yet."),
    RULE_FIELDS,
};
static const struct json_table thing_table = JSON_TABLE("next_thing", thing_fields);
static const struct json_field thing_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &thing_table);

static const struct json_field mail_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT,
               .doc = "duties: it tells of several things, as what reminds of duties is one mail a "
                      "person and day; its subject is the person."),
    JSON_FIELD("subject_id", FIELD_UUID, .doc = "What it is about."),
    JSON_FIELD("message_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: it is not decided yet."),
    OFFSET,
    JSON_FIELD("things", FIELD_LIST, .item = &thing_item, .max = THINGS_MOST,
               .doc = "What it tells of, as far as it is about what was asked for."),
    JSON_FIELD("others", FIELD_INT,
               .doc = "How many other things go in it, of other partnerships: of somebody of the "
                      "district, as far as they are decided."),
    WHO_FIELDS,
    JSON_FIELD("goes_at", FIELD_INSTANT),
    JSON_FIELD("goes_on", FIELD_DATE, .doc = "The local day."),
    JSON_FIELD("local_time", FIELD_TEXT, .doc = "On the clocks of the zone."),
    JSON_FIELD("zone", FIELD_TEXT),
    JSON_FIELD("would_go", FIELD_BOOL),
    REASON,
    WAITS_FOR,
};
static const struct json_table mail_table = JSON_TABLE("next_mail", mail_fields);
static const struct json_field mail_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &mail_table);

static const struct json_field next_fields[] = {
    JSON_FIELD("total", FIELD_INT, .max = INT64_MAX, .doc = "As far as is known now."),
    JSON_FIELD("mails", FIELD_LIST, .item = &mail_item, .max = NEXT_MOST, .doc = "The next first."),
};
const struct json_table next_mails_table = JSON_TABLE("next_mails", next_fields);

static const struct json_field next_query[] = {
    JSON_FIELD("limit", FIELD_INT, .min = 1, .max = NEXT_MOST, .doc = "3, if left out."),
};
const struct json_table next_mails_query = JSON_TABLE("next_mails_query", next_query);

/* ---- What was decided ----------------------------------------------------------------------- */

static const struct json_field attempt_fields[] = {
    JSON_FIELD("number", FIELD_INT),
    JSON_FIELD("started_at", FIELD_INSTANT),
    AT("ended_at"),
    JSON_FIELD("outcome", FIELD_ENUM, FIELD_NULLABLE, .values = outcomes),
    JSON_FIELD("code", FIELD_TEXT, FIELD_NULLABLE, .doc = "The mail server's."),
    JSON_FIELD("detail", FIELD_LONG_TEXT, FIELD_NULLABLE),
};
static const struct json_table attempt_table = JSON_TABLE("told_attempt", attempt_fields);
static const struct json_field attempt_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &attempt_table);

static const struct json_field told_fields[] = {
    JSON_FIELD("message_id", FIELD_UUID),
    JSON_FIELD("carried_by", FIELD_UUID, FIELD_NULLABLE,
               .doc = "The one mail that it went in, beside others of that day."),
    JSON_FIELD("status", FIELD_TEXT),
    REASON,
    JSON_FIELD("not_before", FIELD_INSTANT),
    JSON_FIELD("not_after", FIELD_INSTANT),
    AT("sent_at"),
    WAITS_FOR,
    JSON_FIELD("attempts", FIELD_LIST, .item = &attempt_item, .max = ATTEMPTS_MOST),
};
static const struct json_table told_table = JSON_TABLE("told_message", told_fields);

static const struct json_field decision_fields[] = {
    JSON_FIELD("kind", FIELD_TEXT),
    RULE_FIELDS,
    JSON_FIELD("side", FIELD_ENUM, FIELD_NULLABLE, .values = sides),
    WHO_FIELDS,
    JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE, .doc = "Of the check-in, then."),
    JSON_FIELD("rule_on", FIELD_DATE, FIELD_NULLABLE, .doc = "The day that the rule names."),
    JSON_FIELD("goes_on", FIELD_DATE, FIELD_NULLABLE,
               .doc = "The day of mail on which it goes, or would."),
    JSON_FIELD(
        "decision", FIELD_ENUM, .values = decisions,
        .doc =
            "snoozed: whoever is reminded has put it off until goes_on; none: nobody has decided it."),
    JSON_FIELD("reason", FIELD_TEXT, FIELD_NULLABLE,
               .doc = "Why it does not go; of what nobody has decided also not_due_yet, "
                      "check_in_over, not_running, rule_not_in_force and before_dated."),
    AT("decided_at"),
    JSON_FIELD("message", FIELD_OBJECT, FIELD_NULLABLE, .table = &told_table,
               .doc = "The mail, and what became of it."),
};
static const struct json_table decision_table = JSON_TABLE("mail_decision", decision_fields);
static const struct json_field decision_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &decision_table);

static const struct json_field decisions_fields[] = {
    JSON_FIELD("check_in_id", FIELD_UUID),
    JSON_FIELD("status", FIELD_TEXT),
    JSON_FIELD("due_on", FIELD_DATE),
    JSON_FIELD("opens_on", FIELD_DATE),
    JSON_FIELD("dated_at", FIELD_INSTANT, .doc = "Since when it is due then."),
    JSON_FIELD("zone", FIELD_TEXT),
    JSON_FIELD("mail_hour", FIELD_INT),
    JSON_FIELD("is_reminded", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "Whether the contact asked for is one of those whom today's rule reminds."),
    JSON_FIELD("snoozes", FIELD_INT, .doc = "How often somebody has put it off."),
    JSON_FIELD("decisions", FIELD_LIST, .item = &decision_item, .max = DECIDED_MOST),
};
const struct json_table check_in_decisions_table =
    JSON_TABLE("check_in_decisions", decisions_fields);

static const struct json_field decisions_query[] = {
    JSON_FIELD("contact_id", FIELD_UUID, .doc = "About the mails of this contact alone."),
};
const struct json_table check_in_decisions_query =
    JSON_TABLE("check_in_decisions_query", decisions_query);
