/* Affiliations: what a contact is to a partner, and when; one person may sit on two boards. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("contact_id", contact, FIELD_REQUIRED),
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("role", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
                        .doc = "In the organization's own words.")},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds.")},
    {.json =
         JSON_FIELD("may_sign_in", FIELD_BOOL, 0,
                    .doc = "Who has this place may sign in and see the partner's affairs. False "
                           "where nobody has vouched for it: who wrote as one of a known partner, "
                           "or was named in a roll call. Then true is for the partner's owners "
                           "and directors to set."),
     .create_default = "true"},
};

struct resource res_affiliation = {
    .name = "affiliation",
    .plural = "affiliations",
    .doc = "What a contact is to a partner, and when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_TIE, .field = "partner_id", .parent = "partner"},
    .import_key = "contact_id,partner_id,~role",
    RESOURCE_ROWS(fields),
};
