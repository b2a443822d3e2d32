/* Who has acknowledged the policy, and who has yet to. */
#include "resources.h"

static const char *const statuses[] = {"acknowledged", "missing", NULL};

static const struct resource_field fields[] = {
    REFERENCE("policy_id", policy, FIELD_READ_ONLY),
    REFERENCE("user_id", user, FIELD_READ_ONLY),
    {.json = JSON_FIELD("user_name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "missing: of the policy in force, by somebody who writes here."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("acknowledged_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

struct resource res_policy_acknowledgment = {
    .name = "policy_acknowledgment",
    .table = "policy_duty",
    .plural = "policy_acknowledgments",
    .doc = "Who has acknowledged which edition of the policy, and who has yet to.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    .default_sort = "user_name",
    RESOURCE_ROWS(fields),
    .is_record = true,
};
