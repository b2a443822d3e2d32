/* Addresses that get nothing; to archive one is to try again. */
#include "resources.h"

static const char *const reasons[] = {"bounced", "complaint", "manual", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("address", FIELD_EMAIL, FIELD_REQUIRED), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_ENUM, FIELD_REQUIRED, .values = reasons),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("detail", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_address_suppression = {
    .name = "address_suppression",
    .plural = "address_suppressions",
    .doc = "Addresses that get no mail, whoever's they are.",
    .readers = ROLES_MAIL,
    .writers = ROLES_MAIL,
    .scope = {.kind = SCOPE_ANY},
    RESOURCE_ROWS(fields),
};
