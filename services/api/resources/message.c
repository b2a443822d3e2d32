/* Messages: the ledger of mail. Why somebody got one, or did not, is its status and reason. */
#include "resources.h"

static const char *const classes[] = {"account", "duty", "program", "bulletin", NULL};
static const char *const statuses[] = {"queued",  "sent",       "retry", "failed",
                                       "unknown", "suppressed", NULL};
static const char *const waits[] = {"go_live", "release", "time", "retry",
                                    "mailer",  "server",  NULL};
static const char *const outcomes[] = {"sent", "deferred", "refused", "unknown", NULL};

static const struct json_field attempt_fields[] = {
    JSON_FIELD("number", FIELD_INT),
    JSON_FIELD("started_at", FIELD_INSTANT),
    JSON_FIELD("ended_at", FIELD_INSTANT, FIELD_NULLABLE),
    JSON_FIELD("outcome", FIELD_ENUM, FIELD_NULLABLE, .values = outcomes),
    JSON_FIELD("code", FIELD_TEXT, FIELD_NULLABLE, .doc = "The mail server's."),
    JSON_FIELD("detail", FIELD_LONG_TEXT, FIELD_NULLABLE),
};
static const struct json_table attempt_table = JSON_TABLE("message_attempt", attempt_fields);
static const struct json_field attempt_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &attempt_table);
#define ATTEMPTS_SQL                                                                         \
    "SELECT coalesce(json_agg(json_build_object('number', a.number, 'started_at', "          \
    "rfc3339(a.started_at), 'ended_at', rfc3339(a.ended_at), 'outcome', a.outcome, 'code', " \
    "a.code, 'detail', a.detail) ORDER BY a.number), '[]') FROM message_attempt a "          \
    "WHERE a.district_id = t.district_id AND a.message_id = coalesce(t.carried_by, t.id)"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("class", FIELD_ENUM, FIELD_READ_ONLY, .values = classes),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("topic", FIELD_TEXT, FIELD_READ_ONLY, .doc = "What one may opt out of."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("kind", FIELD_TEXT, FIELD_READ_ONLY, .doc = "The template."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("subject_id", FIELD_UUID, FIELD_READ_ONLY, .doc = "What it is about."),
     .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("occurrence", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Which one of its kind.")},
    REFERENCE("contact_id", contact, FIELD_READ_ONLY | FIELD_NULLABLE),
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("inquiry_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Whose sender it is for, who is neither."),
     .ref = &res_inquiry},
    REFERENCE("partnership_id", partnership, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json =
         JSON_FIELD("carried_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                    .doc = "The mail of kind duties that it goes in: what reminds of duties is one "
                           "mail a person and day."),
     .use = FIELD_FILTERS,
     .ref = &res_message},
    {.json = JSON_FIELD("to_address", FIELD_EMAIL, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Null: there was none.")},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, FIELD_READ_ONLY)},
    {.json =
         JSON_FIELD("variables", FIELD_ANY, FIELD_READ_ONLY, .doc = "What the template is told.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("reason", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                    .doc = "Why it does not go: opted_out, bounced, no_email, already_done, "
                           "left_org, stale, blackout, rate_limited, moved, cancelled, snoozed, "
                           "passed_on."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("waits_for", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = waits,
                        .doc = "What stands before a mail that is to go: that the district is "
                               "live, that the mail is released, its time, the next attempt, "
                               "the mailer's turn, or the mail server, to which it is being "
                               "sent."),
     .sql = "message_waits_for(t.class, t.status, t.not_before, t.claimed_until)"},
    {.json = JSON_FIELD("reminder_rule_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of a reminder of a check-in, and of what goes on of it: by which "
                               "rule."),
     .sql = "(t.variables ->> 'reminder_rule_id')::uuid",
     .ref = &res_reminder_rule},
    {.json = JSON_FIELD("not_before", FIELD_INSTANT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("not_after", FIELD_INSTANT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("attempts", FIELD_LIST, FIELD_READ_ONLY, .item = &attempt_item),
     .sql = ATTEMPTS_SQL},
};

struct resource res_message = {
    .name = "message",
    .plural = "messages",
    .doc = "Each decision to send a mail, or not, and what became of it.",
    .readers = ROLES_MAIL,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
};
