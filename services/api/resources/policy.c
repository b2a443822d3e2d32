/* The partnership policy, edition by edition. */
#include "action.h"
#include "resources.h"

#define POLICY_LONGEST 20000

static const char *const statuses[] = {"draft", "in_force", "retired", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("edition", FIELD_INT, FIELD_READ_ONLY, .doc = "Counts from 1."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = POLICY_LONGEST)},
    {.json = JSON_FIELD("statement", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What the superintendent says of it.")},
    {.json = JSON_FIELD("statement_by", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("adopted_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json =
         JSON_FIELD("adopted_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "The user."),
     .ref = &res_user},
};

static const struct resource_action actions[] = {
    {.verb = "adopt",
     .summary = "Put one policy in force, in place of the one before",
     .roles = ROLES_PROGRAM ",executive"},
    {.verb = "retire", .summary = "Take one policy out of force"},
    {.verb = "acknowledge", .summary = "Say that one knows the policy", .roles = ROLES_EVERYBODY},
};

static const struct resource_many many[] = {
    {"policy_acknowledgments", &res_policy_acknowledgment, "policy_id"},
    {NULL},
};

struct resource res_policy = {
    .name = "policy",
    .plural = "policies",
    .doc = "The partnership policy; one edition is in force.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "edition",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .many = many,
};
