/* Funding applicants: who applies with others, and for which share. */
#include "resources.h"

#define CENTS_MOST 1000000000000

static const char *const roles[] = {"co_applicant", "subrecipient", "evaluator", "supporter", NULL};

static const struct resource_field fields[] = {
    REFERENCE("funding_application_id", funding_application, FIELD_REQUIRED),
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("role", FIELD_ENUM, 0, .values = roles),
     .use = FIELD_FILTERS,
     .create_default = "'co_applicant'"},
    {.json = JSON_FIELD("share_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "Of what is applied for.")},
};

struct resource res_funding_applicant = {
    .name = "funding_applicant",
    .plural = "funding_applicants",
    .doc = "Partners who apply together with others.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("funding_application_id", "funding_application"),
    RESOURCE_ROWS(fields),
};
