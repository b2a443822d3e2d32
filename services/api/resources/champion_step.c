/* What was done, or is to be done, to win a champion. */
#include "resources.h"

static const char *const kinds[] = {"meeting", "call", "visit", "ask", "thanks", "other", NULL};

static const struct resource_field fields[] = {
    REFERENCE("champion_id", champion, FIELD_REQUIRED),
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
     .readers = ROLES_STAFF,
     .is_private = true},
    SERVING("user_id", FIELD_NULLABLE, .doc = "Who does it."),
    {.json = JSON_FIELD("is_done", FIELD_BOOL, 0), .create_default = "false"},
};

struct resource res_champion_step = {
    .name = "champion_step",
    .plural = "champion_steps",
    .doc = "What is done to win champions; private.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .watchers = ROLES_PROGRAM,
    .scope = SCOPE_OF_PARENT("champion_id", "champion"),
    .whose = "user_id names",
    .records_reads = true,
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
};
