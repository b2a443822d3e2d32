/* Call tasks: a duty that mail could not tell of, so that somebody has to. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"call", "hand_over", NULL};
static const char *const statuses[] = {"open", "done", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds,
                        .doc = "hand_over: the recipient has left, and somebody has to follow."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Why the mail did not go.")},
    {.json = JSON_FIELD("subject_id", FIELD_UUID, FIELD_READ_ONLY, .doc = "What it is about.")},
    REFERENCE("contact_id", contact, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Whom to call: this, or user_id."),
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE),
    REFERENCE("partnership_id", partnership, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("message_id", FIELD_UUID, FIELD_READ_ONLY), .ref = &res_message},
    SERVING("owner_id", FIELD_NULLABLE, .doc = "The user who does it; null: whoever comes first."),
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("done_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field complete_fields[] = {
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct resource_action actions[] = {
    {.verb = "complete", .summary = "Say that one call is done", ACTION_FIELDS(complete_fields)},
    {.verb = "reopen", .summary = "Say that one call is not done"},
};

struct resource res_call_task = {
    .name = "call_task",
    .plural = "call_tasks",
    .doc = "Duties that mail could not tell of, so that somebody has to call.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .whose = "owner_id names",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
