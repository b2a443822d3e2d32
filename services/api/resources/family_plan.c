/* Family engagement: a site's plan for a school year. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("site_id", FIELD_UUID, FIELD_REQUIRED),
     .use = FIELD_FILTERS,
     .ref = &res_site},
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100,
                        .doc = "The year in which it ends."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("statement", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What the site wants with families.")},
    {.json = JSON_FIELD("user_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Who answers for it."),
     .use = FIELD_FILTERS,
     .ref = &res_user},
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
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
