/* Remedies: needs elsewhere are laid before a partner that has stayed where it is. */
#include "action.h"
#include "resources.h"

#define NEEDS_MOST 5

static const char *const statuses[] = {"waiting", "sent", "cancelled", NULL};
static const struct json_field need_item = JSON_FIELD(NULL, FIELD_UUID);

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("need_ids", FIELD_LIST, FIELD_REQUIRED | FIELD_UNIQUE, .item = &need_item,
                        .min = 1, .max = NEEDS_MOST, .doc = "Open needs that it could serve.")},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, 0,
                        .doc = "Whom the mail is to; who leads it on the partner's side, if you "
                               "do not say."),
     .ref = &res_contact},
    REFERENCE("lead_id", user, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Who leads the partner's work today, and is told first."),
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Goes before the usual words.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was cancelled.")},
    {.json = JSON_FIELD("waits_until", FIELD_DATE, FIELD_READ_ONLY,
                        .doc = "The mail goes on this day, or when the lead agrees."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("message_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The mail, and what became of it."),
     .ref = &res_message},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "agree", .summary = "Let the mail of one remedy go now"},
    {.verb = "cancel", .summary = "Stop one remedy", ACTION_FIELDS(reason_fields)},
};

struct resource res_remedy = {
    .name = "remedy",
    .plural = "remedies",
    .doc = "Needs elsewhere, laid before a partner once its present lead knows of it.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ADDRESSEE, .field = "lead_id", .parent = "partner"},
    .default_sort = "waits_until",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
