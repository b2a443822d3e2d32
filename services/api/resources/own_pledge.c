/* The pledges of a partner's contact: its own organization's, which it makes and takes back. */
#include "action.h"
#include "resources.h"

static const struct json_field site_item = JSON_FIELD(NULL, FIELD_UUID);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .doc = "One of one's own."),
     .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("need_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                    .doc = "One that is open, and public or asked for: then this is the answer.")},
    {.json = JSON_FIELD("ask_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Which it answers.")},
    {.json = JSON_FIELD("need", FIELD_TEXT, FIELD_READ_ONLY, .doc = "What it is for.")},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_REQUIRED | FIELD_CREATE_ONLY, .min = 1,
                        .max = 1000000000)},
    {.json = JSON_FIELD("delivered", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_CREATE_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_CREATE_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_CREATE_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("site_ids", FIELD_LIST, FIELD_CREATE_ONLY | FIELD_UNIQUE,
                        .item = &site_item, .max = 100,
                        .doc = "Among which it is divided, where the need is not of one alone."),
     .create_default = "'[]'"},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "withdraw",
     .summary = "Take back one pledge of one's own that nobody has accepted",
     ACTION_FIELDS(reason_fields)},
};

struct resource res_own_pledge = {
    .name = "own_pledge",
    .plural = "own_pledges",
    .doc = "The pledges of whoever asks: those of its own organization.",
    .readers = ROLES_PARTNER,
    .writers = ROLES_PARTNER,
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_OWN},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
