/* Champions: people with influence who speak for the schools, followed until what they help with is
 * reached. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"identified", "cultivating", "asked", "supporting",
                                       "reached",    "lapsed",      NULL};

static const struct resource_field fields[] = {
    REFERENCE("contact_id", contact, FIELD_REQUIRED),
    {.json =
         JSON_FIELD("owner_id", FIELD_UUID, 0, .doc = "Who cultivates; you, if you do not say."),
     .use = FIELD_FILTERS | FIELD_SERVES,
     .create_default = "current_setting('kith.user')::uuid",
     .ref = &res_user},
    {.json = JSON_FIELD("influence", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Whom they reach."),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("support_asked", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("support_given", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("milestone", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What the schools are to have of it.")},
    {.json = JSON_FIELD("milestone_due_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "Two weeks before it is a task of the owner."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("milestone_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST, .doc = "Why it lapsed.")},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "cultivate", .summary = "Begin to cultivate one champion"},
    {.verb = "ask", .summary = "Say that one champion was asked for support"},
    {.verb = "support", .summary = "Say that one champion supports"},
    {.verb = "reach", .summary = "Say that the milestone of one champion is reached"},
    {.verb = "lapse", .summary = "Give one champion up", ACTION_FIELDS(reason_fields)},
};
static const struct resource_many many[] = {
    {"champion_steps", &res_champion_step, "champion_id"},
    {NULL},
};

struct resource res_champion = {
    .name = "champion",
    .plural = "champions",
    .doc = "People with influence who speak for the schools; private: each owner has his own.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .watchers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_OWNER, .field = "owner_id"},
    .records_reads = true,
    .many = many,
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
