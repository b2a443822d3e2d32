/* Funding periods: the budget periods of an award of several years. */
#include "resources.h"

#define CENTS_MOST 1000000000000

static const struct resource_field fields[] = {
    REFERENCE("funding_application_id", funding_application, FIELD_REQUIRED),
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "As the funder calls it.")},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "The last day; no other period of the award has one of its days.")},
    {.json = JSON_FIELD(
         "awarded_cents", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = CENTS_MOST,
         .doc = "Of the award; what the award carries is spread over its periods by this.")},
    {.json = JSON_FIELD("report_due_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "When the funder wants to know what came of it."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("reported_on", FIELD_DATE, FIELD_NULLABLE, .doc = "When it was told.")},
};

struct resource res_funding_period = {
    .name = "funding_period",
    .plural = "funding_periods",
    .doc = "The budget periods of an award of several years, each with its part of the money.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("funding_application_id", "funding_application"),
    .default_sort = "from_date",
    RESOURCE_ROWS(fields),
};
