/* What was agreed to do, by whom and until when. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"open", "done", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_partnership},
    {.json = JSON_FIELD("check_in_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Where it was agreed."),
     .use = FIELD_FILTERS,
     .ref = &res_check_in},
    {.json =
         JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("owner_user_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who does it, at the district."),
     .ref = &res_user,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("owner_contact_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who does it, at the partner."),
     .use = FIELD_FILTERS,
     .ref = &res_contact},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES},
    {.json = JSON_FIELD("done_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "complete", .summary = "Say that one action item is done"},
    {.verb = "reopen", .summary = "Say that one action item is not done"},
};

struct resource res_action_item = {
    .name = "action_item",
    .plural = "action_items",
    .doc = "What was agreed to do, by whom and until when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
    .actions = actions,
    .action_count = COUNT_OF(actions),
    .has_transitions = true,
};
