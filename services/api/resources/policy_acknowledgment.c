/* Who has acknowledged the policy, and who has yet to. */
#include "resources.h"

static const char *const statuses[] = {"acknowledged", "missing", NULL};

static const struct resource_field fields[] = {
    REFERENCE("policy_id", policy, FIELD_READ_ONLY),
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("user_name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "missing: of the policy in force, by somebody who writes here or "
                               "leads a school."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("acknowledged_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    REFERENCE("post_holder_id", post_holder, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Of a principal who is no user, known by name alone: who holds the post."),
};

/* Where they hold a post, or have a grant for the place itself. */
static const struct resource_field links[] = {
    {.json = JSON_FIELD("site_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT w.id FROM policy_place w WHERE w.site_id"},
    {.json = JSON_FIELD("network_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT w.id FROM policy_place w WHERE w.network_id"},
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
    RESOURCE_LINKS(links),
    .is_record = true,
};
