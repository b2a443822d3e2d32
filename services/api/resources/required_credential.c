/* Which credentials the district asks of partners before they work with its schools. */
#include "resources.h"

#define COVERAGE_CENTS_MOST 1000000000000

static const char *const kinds[] = {"liability_insurance",
                                    "clearance_attestation",
                                    "w9",
                                    "nonprofit_status",
                                    "license",
                                    "data_security",
                                    NULL};
static const char *const arrangements[] = {"program",  "sponsorship", "service", "public_private",
                                           "research", "gift",        "other",   NULL};
static const char *const tiers[] = {"supporter", "partner", "anchor", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds,
                        .doc = "Of a credential. No partnership it is asked of becomes active "
                               "without one that was verified and holds today; nothing waives it."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("arrangement", FIELD_ENUM, FIELD_NULLABLE, .values = arrangements,
                        .doc = "The partnerships of which it is asked, as those that bring people "
                               "to students; null: of each arrangement.")},
    {.json = JSON_FIELD("tier", FIELD_ENUM, FIELD_NULLABLE, .values = tiers,
                        .doc = "null: of each tier.")},
    {.json = JSON_FIELD("least_coverage_cents", FIELD_INT, FIELD_NULLABLE, .min = 0,
                        .max = COVERAGE_CENTS_MOST,
                        .doc = "Of an insurance, in cents; no other kind has one.")},
};

struct resource res_required_credential = {
    .name = "required_credential",
    .plural = "required_credentials",
    .doc = "Which credentials the district asks of partners, by arrangement and tier; without a "
           "row it asks for none.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
};
