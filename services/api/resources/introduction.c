/* Introductions: who introduced whom to which site, and what came of it. */
#include "resources.h"

static const char *const outcomes[] = {"pending", "met", "partnership", "none", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_NULLABLE,
              .doc = "Who was introduced: this, contact_id or organization."),
    REFERENCE("site_id", site, FIELD_REQUIRED),
    REFERENCE("contact_id", contact, FIELD_NULLABLE, .doc = "Who was introduced."),
    {.json = JSON_FIELD("organization", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST,
                        .doc = "One that is no partner, or not yet.")},
    REFERENCE("introduced_by_user_id", user, FIELD_NULLABLE),
    REFERENCE("introduced_by_contact_id", contact, FIELD_NULLABLE,
              .doc = "This, or introduced_by_user_id."),
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("outcome", FIELD_ENUM, 0, .values = outcomes),
     .use = FIELD_FILTERS,
     .create_default = "'pending'"},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_introduction = {
    .name = "introduction",
    .plural = "introductions",
    .doc = "Who introduced whom to which site.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .whose = "introduced_by_user_id names, or cares for the partner",
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
};
