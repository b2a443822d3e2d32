/* The people of a partner, as one of them keeps them: whom it adds, and who is there no more. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .doc = "One of one's own."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "Of somebody who has a place at another partner, too, this, email "
                               "and phone are the district's to change."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE,
                        .doc = "One that nobody has here. Who signs in or answers by it changes it "
                               "alone, or the district does.")},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("role", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
                        .doc = "In the organization's own words.")},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE | FIELD_CREATE_ONLY)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds. What has an end begins again by "
                               "the district.")},
    {.json = JSON_FIELD("may_sign_in", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Of whom a partner adds false, until the district vouches.")},
};

struct resource res_own_affiliation = {
    .name = "own_affiliation",
    .plural = "own_affiliations",
    .doc = "The people of the organizations of whoever asks: it adds them, and says who has left.",
    .readers = ROLES_PARTNER,
    .writers = ROLES_PARTNER,
    .operations = RESOURCE_READ | RESOURCE_CREATE | RESOURCE_PATCH,
    .scope = {.kind = SCOPE_OWN},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
