/* Who signs for the district, by what it is and how much it is worth. */
#include "resources.h"

#define CENTS_MOST 1000000000000

static const char *const subjects[] = {"master",       "mou",        "site_plan",
                                       "data_sharing", "amendment",  "provisional",
                                       "gift",         "investment", NULL};
static const char *const signers[] = {"principal",      "department_head", "director",
                                      "superintendent", "board",           NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("subject", FIELD_ENUM, FIELD_REQUIRED, .values = subjects,
                        .doc = "A kind of agreement, or a gift or an investment."),
     .use = FIELD_FILTERS | FIELD_SORTS},
    {.json = JSON_FIELD("up_to_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "The amount that it goes up to, in cents; null: any.")},
    {.json = JSON_FIELD("signer", FIELD_ENUM, FIELD_REQUIRED, .values = signers)},
};

struct resource res_signing_authority = {
    .name = "signing_authority",
    .plural = "signing_authorities",
    .doc = "Who signs for the district, by kind and amount.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "subject",
    RESOURCE_ROWS(fields),
};
