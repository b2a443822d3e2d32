/* Introductions: who introduced whom to which site, and what came of it. */
#include "resources.h"

static const char *const outcomes[] = {"pending", "met", "partnership", "none", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who was introduced: this, contact_id or organization."),
     .use = FIELD_FILTERS,
     .ref = &res_partner},
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Who was introduced."),
     .use = FIELD_FILTERS,
     .ref = &res_contact},
    {.json = JSON_FIELD("organization", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST,
                        .doc = "One that is no partner, or not yet.")},
    {.json = JSON_FIELD("introduced_by_user_id", FIELD_UUID, FIELD_NULLABLE),
     .use = FIELD_FILTERS,
     .ref = &res_user},
    {.json = JSON_FIELD("introduced_by_contact_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "This, or introduced_by_user_id."),
     .use = FIELD_FILTERS,
     .ref = &res_contact},
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
    .default_sort = "on_date",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
