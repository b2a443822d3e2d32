/* What a partner's contact has said of its own organization, and what became of it. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("field", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "Of the record; or offer, program or person.")},
    {.json = JSON_FIELD("old", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("proposed", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "applied, waiting, accepted, refused, withdrawn, superseded."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was refused.")},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "withdraw", .summary = "Take back one edit that waits"},
};

struct resource res_own_partner_edit = {
    .name = "own_partner_edit",
    .plural = "own_partner_edits",
    .doc = "What was said of the organizations of whoever asks, and what became of it.",
    RESOURCE_OWN,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
