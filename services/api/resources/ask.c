/* Asks: a partner is asked for what a place needs, after whoever cares for the partner has seen it.
 */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"draft", "sent",    "pledged",   "declined",
                                       "talk",  "expired", "withdrawn", NULL};

static const struct resource_field fields[] = {
    REFERENCE("need_id", need, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("partner_id", partner, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("contact_id", contact, FIELD_NULLABLE, .doc = "Who is asked."),
    REFERENCE("program_id", program, FIELD_NULLABLE),
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 1000000000,
                        .doc = "Null: what the need lacks.")},
    {.json = JSON_FIELD("message", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("respond_by", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "Null of what is sent: two weeks later, or the need's day if that "
                               "is sooner."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    REFERENCE("owner_id", user, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Who cares for the partner, and sees the ask first."),
    {.json = JSON_FIELD("submitted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when the partner's owner may see it."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("submitted_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("cleared_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When the owner let it go.")},
    {.json = JSON_FIELD("cleared_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("held_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when the owner holds it.")},
    {.json = JSON_FIELD("held_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE), .ref = &res_user},
    {.json = JSON_FIELD("held_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("held_until", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("sent_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE), .ref = &res_user},
    {.json = JSON_FIELD("mail_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The day on which its mail goes, by itself: the first business day "
                               "that the contact's week of mails has room for. Null of what is "
                               "sent: none goes, and somebody has to call.")},
    {.json = JSON_FIELD("answered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json =
         JSON_FIELD("answered_contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                    .doc = "Who has answered for the partner, by the mail's link or signed in."),
     .ref = &res_contact},
    {.json = JSON_FIELD("answer_seen_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when a refusal waits for nobody.")},
};

/* Of all parts of a call to action. */
static const struct resource_field links[] = {
    {.json = JSON_FIELD("call_to_action_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT o.id FROM need n JOIN ask o ON o.district_id = n.district_id "
            "AND o.need_id = n.id WHERE n.call_to_action_id"},
};

static const struct resource_many many[] = {
    {"follow_ups", &res_follow_up, "ask_id"},
    {"pledges", &res_pledge, "ask_id"},
    {NULL},
};

static const struct json_field hold_fields[] = {
    REASON_FIELD,
    JSON_FIELD("until", FIELD_DATE, FIELD_NULLABLE, .doc = "The last day of it, if that is known."),
};
static const struct json_field pledge_fields[] = {
    JSON_FIELD("quantity", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 1000000000),
    JSON_FIELD("starts_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("ends_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field talk_fields[] = {
    JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED, .doc = "When to come back to it."),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
    JSON_FIELD("owner_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: whoever says so."),
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "submit", .summary = "Show one ask to the partner's owner"},
    {.verb = "clear", .summary = "Let one ask go, as the partner's owner"},
    {.verb = "hold", .summary = "Hold one ask, as the partner's owner", ACTION_FIELDS(hold_fields)},
    {.verb = "release", .summary = "Hold one ask no longer"},
    {.verb = "send",
     .summary = "Send one ask to the partner's contact by mail, if nothing is missing"},
    {.verb = "pledge",
     .summary = "Record the pledge that answers one ask",
     ACTION_FIELDS(pledge_fields)},
    {.verb = "decline",
     .summary = "Say that the partner declines one ask",
     ACTION_FIELDS(reason_fields)},
    {.verb = "acknowledge", .summary = "Say that one has seen the partner's refusal of one ask"},
    {.verb = "talk",
     .summary = "Say that the partner wants to talk about one ask, and when",
     ACTION_FIELDS(talk_fields)},
    {.verb = "expire", .summary = "Let one ask expire whose day is over"},
    {.verb = "withdraw", .summary = "Withdraw one ask", ACTION_FIELDS(reason_fields)},
};

struct resource res_ask = {
    .name = "ask",
    .plural = "asks",
    .doc = "What a partner is asked for.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ADDRESSEE, .field = "owner_id", .parent = "need"},
    .whose = "cares for the partner, or has sent it",
    RESOURCE_ROWS(fields),
    RESOURCE_LINKS(links),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "ask_missing(t.id, v.action)",
};
