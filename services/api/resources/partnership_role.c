/* Roles in a partnership, distributed over both sides: a user's on the district's, a contact's on
 * the partner's. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const roles[] = {"lead",        "co_lead",        "sponsor",
                                    "coordinator", "family_liaison", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_REQUIRED),
     .ref = &res_partnership,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides,
                        .doc = "Follows from who holds it.")},
    {.json = JSON_FIELD("role", FIELD_ENUM, FIELD_REQUIRED, .values = roles)},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Of the district's side; this or contact_id."),
     .ref = &res_user,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Of the partner's side; this or user_id."),
     .ref = &res_contact,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_partnership_role = {
    .name = "partnership_role",
    .plural = "partnership_roles",
    .doc = "Who leads, sponsors or coordinates a partnership, on either side, and when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "created_at",
    .import_key = "partnership_id,role,user_id?,contact_id?",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
