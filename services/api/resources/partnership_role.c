/* Roles in a partnership, distributed over both sides: a user's on the district's, a contact's on
 * the partner's. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const roles[] = {"lead",        "co_lead",        "sponsor",
                                    "coordinator", "family_liaison", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides,
                        .doc = "Follows from who holds it.")},
    {.json = JSON_FIELD("role", FIELD_ENUM, FIELD_REQUIRED, .values = roles)},
    SERVING("user_id", FIELD_NULLABLE, .doc = "Of the district's side; this or contact_id."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE,
              .doc = "Of the partner's side; this or user_id."),
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
    .import_key = "partnership_id,role,user_id?,contact_id?",
    RESOURCE_ROWS(fields),
};
