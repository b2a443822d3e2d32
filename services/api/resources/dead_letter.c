/* Dead letters: events that a worker could not handle, and why. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"tried", "dead", "dropped", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("consumer", FIELD_TEXT, FIELD_READ_ONLY, .doc = "As in kith-checkin."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("event_id", FIELD_UUID, FIELD_READ_ONLY, .doc = "Also of its audit row."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("type", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("attempts", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("error", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of the last attempt; null: it ended its process.")},
    {.json = JSON_FIELD("dead_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when nobody tries it any more.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "One that is handled is gone."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("drop_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("dropped_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("dropped_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
};

static const struct json_field drop_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "redrive", .summary = "Have one dead letter tried again"},
    {.verb = "drop",
     .summary = "Give one dead letter up, which stays with the reason",
     ACTION_FIELDS(drop_fields)},
};

struct resource res_dead_letter = {
    .name = "dead_letter",
    .table = "dead_letter_entry",
    .plural = "dead_letters",
    .doc = "Events that a worker could not handle: still tried, dead, or given up.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_ADMIN},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true, /* a worker's attempts count no version */
};
