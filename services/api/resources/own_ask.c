/* What a partner's contact reads of what its organization was asked for, and answers. */
#include "action.h"
#include "resources.h"

static const struct json_field site_item = JSON_FIELD(NULL, FIELD_UUID);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("need_id", FIELD_UUID, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("need", FIELD_TEXT, FIELD_READ_ONLY, .doc = "What is asked for.")},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("place", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "For which school or network; null: for the district.")},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("needed_by", FIELD_DATE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("message", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("respond_by", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was declined.")},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("answered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field pledge_fields[] = {
    JSON_FIELD("quantity", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 1000000000),
    JSON_FIELD("starts_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("ends_on", FIELD_DATE, FIELD_NULLABLE),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
    JSON_FIELD("site_ids", FIELD_LIST, FIELD_UNIQUE | FIELD_NULLABLE, .item = &site_item,
               .max = 100, .doc = "Among which it is divided, where the need is not of one alone."),
};
static const struct json_field decline_fields[] = {
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field talk_fields[] = {
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
               .doc = "What about; whoever asked comes back to it."),
};
static const struct resource_action actions[] = {
    {.verb = "pledge", .summary = "Answer one ask with a pledge", ACTION_FIELDS(pledge_fields)},
    {.verb = "decline", .summary = "Decline one ask", ACTION_FIELDS(decline_fields)},
    {.verb = "talk", .summary = "Say that one wants to talk first", ACTION_FIELDS(talk_fields)},
};

struct resource res_own_ask = {
    .name = "own_ask",
    .plural = "own_asks",
    .doc = "What the organizations of whoever asks were asked for, and how they answered.",
    RESOURCE_OWN,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true, /* what the need still lacks */
};
