/* Family engagement: a site's plan for a school year. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("statement", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What the site wants with families.")},
    SERVING("user_id", FIELD_NULLABLE, .doc = "Who answers for it."),
    {.json = JSON_FIELD("partnerships", FIELD_INT, FIELD_READ_ONLY, .min = 0,
                        .doc = "How many partnerships run at the site, or ran in the year."),
     .sql = "(SELECT f.partnerships FROM family_plan_told(t) AS f)"},
    {.json = JSON_FIELD("integrated", FIELD_INT, FIELD_READ_ONLY, .min = 0,
                        .doc = "How many of them co-plan or deliver."),
     .sql = "(SELECT f.integrated FROM family_plan_told(t) AS f)"},
    {.json = JSON_FIELD("integration_rate", FIELD_DECIMAL, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .min = 0, .max = 1, .precision = 5, .scale = 4,
                        .doc = "The share of them; null: none runs there."),
     .sql = "(SELECT f.rate FROM family_plan_told(t) AS f)"},
};

struct resource res_family_plan = {
    .name = "family_plan",
    .plural = "family_plans",
    .doc = "A site's plan for engaging families in a school year.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    RESOURCE_ROWS(fields),
};
