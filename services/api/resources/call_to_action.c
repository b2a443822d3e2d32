/* Calls to action: what cannot wait, asked for at once, with a clock. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"draft", "open", "extended", "closed", "cancelled", NULL};
static const struct json_field resource_kinds_item =
    JSON_FIELD(NULL, FIELD_ENUM, .values = resource_kinds);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("situation", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What happened, and what is needed.")},
    {.json = JSON_FIELD("message", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What partners are told, in place of the situation: each site's "
                               "need says it.")},
    {.json = JSON_FIELD("is_public", FIELD_BOOL, 0,
                        .doc = "Its title and message may be read by the public, and every partner "
                               "may pledge for it."),
     .create_default = "false"},
    REFERENCE("focus_area_id", focus_area, FIELD_REQUIRED),
    {.json = JSON_FIELD("resource_kinds", FIELD_LIST, FIELD_UNIQUE, .item = &resource_kinds_item,
                        .max = 11),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 1000000000,
                        .doc = "The target, in its unit.")},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE, .max = CODE_LONGEST)},
    {.json = JSON_FIELD("deadline", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was extended or cancelled.")},
    {.json = JSON_FIELD("resolution", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "How it ended.")},
    {.json = JSON_FIELD("opened_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("opened_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("ended_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_many many[] = {
    {"needs", &res_need, "call_to_action_id"},
    {NULL},
};

static const struct json_field extend_fields[] = {
    JSON_FIELD("deadline", FIELD_DATE, FIELD_REQUIRED),
    REASON_FIELD,
};
static const struct json_field allocate_fields[] = {
    JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
    JSON_FIELD("quantity", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 1000000000),
};
static const struct json_field close_fields[] = {
    JSON_FIELD("resolution", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "open", .summary = "Open one call to action"},
    {.verb = "extend", .summary = "Extend one call to action", ACTION_FIELDS(extend_fields)},
    {.verb = "allocate",
     .summary = "Say how much of one call to action is for a site",
     ACTION_FIELDS(allocate_fields)},
    {.verb = "close",
     .summary = "Close one call to action, with its report",
     ACTION_FIELDS(close_fields)},
    {.verb = "cancel", .summary = "Cancel one call to action", ACTION_FIELDS(reason_fields)},
};

struct resource res_call_to_action = {
    .name = "call_to_action",
    .plural = "calls_to_action",
    .doc = "What cannot wait, asked for at once and for many sites.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_CALLS,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "deadline",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "call_to_action_missing(t.id, v.action)",
};
