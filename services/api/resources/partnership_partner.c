/* Co-partners: who else is in a partnership, and as what. */
#include "resources.h"

static const char *const roles[] = {"co_partner", "funder", "provider", "fiscal_agent",
                                    "adviser",    "other",  NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("role", FIELD_ENUM, 0, .values = roles), .create_default = "'co_partner'"},
    {.json = JSON_FIELD("program_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Which of its programs it brings in."),
     .ref = &res_program},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
};

struct resource res_partnership_partner = {
    .name = "partnership_partner",
    .plural = "partnership_partners",
    .doc = "Who else is in a partnership beside its partner, and as what.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .import_key = "partnership_id,partner_id",
    RESOURCE_ROWS(fields),
};
