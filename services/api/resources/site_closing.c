/* Sites that close, or go on in another: from which day, and whether it is undone. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"close", "merge", NULL};
static const char *const statuses[] = {"proposed", "planned", "done", "cancelled", "undone", NULL};

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_READ_ONLY),
    REFERENCE("into_site_id", site, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "The site that takes over what goes on there."),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds,
                        .doc = "merge: the other site goes on as both.")},
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_READ_ONLY,
                        .doc = "The first day on which it is closed."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "proposed: by a file, and nobody has decided; planned: on its "
                               "day it is done, unless something is left there."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("changed", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "How much was ended, or went to the other site."),
     .sql = "jsonb_array_length(t.changes)"},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE), .ref = &res_user},
    {.json = JSON_FIELD("import_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Whose file has proposed it."),
     .ref = &res_import},
    {.json = JSON_FIELD("done_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field accept_fields[] = {
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE,
               .doc = "The first day on which it is closed; null: today."),
    JSON_FIELD("into_site_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "The site that takes over what goes on there; null: as proposed."),
    JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct resource_action actions[] = {
    {.verb = "accept",
     .summary = "Let one site close as a file proposes",
     ACTION_FIELDS(accept_fields)},
    {.verb = "cancel", .summary = "Call one closing off before its day, or not do one proposed"},
    {.verb = "undo", .summary = "Undo one closing: what it has changed, and nothing since"},
};

struct resource res_site_closing = {
    .name = "site_closing",
    .plural = "site_closings",
    .doc = "How sites close, or go on in another.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .operations = RESOURCE_READ,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
