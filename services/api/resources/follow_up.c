/* Follow-ups: a partner wants to talk about an ask, and somebody comes back to it. */
#include "action.h"
#include "resources/outcome.h"

static const struct resource_field fields[] = {
    REFERENCE("ask_id", ask, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    SERVING("owner_id", FIELD_NULLABLE, .doc = "Who comes back to it."),
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    OUTCOME_ROWS,
};

static const struct resource_action actions[] = {
    OUTCOME_COMPLETE("Say what came of one follow-up"),
    {.verb = "reopen", .summary = "Come back once more to one follow-up"},
};

struct resource res_follow_up = {
    .name = "follow_up",
    .plural = "follow_ups",
    .doc = "When somebody comes back to an ask.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("ask_id", "ask"),
    .whose = "owner_id names",
    .default_sort = "due_on",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
