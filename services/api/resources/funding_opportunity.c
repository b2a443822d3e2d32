/* Funding opportunities: money that may be applied for, from whom and until when. */
#include "resources.h"

#define CENTS_MOST 1000000000000

static const char *const kinds[] = {"government", "foundation", "corporate",
                                    "community",  "other",      NULL};
static const char *const applicants[] = {"district", "partner", "either", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("funder", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("applicant", FIELD_ENUM, 0, .values = applicants, .doc = "Who may apply."),
     .use = FIELD_FILTERS,
     .create_default = "'either'"},
    {.json = JSON_FIELD("url", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("least_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "The smallest award.")},
    {.json = JSON_FIELD("most_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "The largest award.")},
    {.json = JSON_FIELD("opens_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day for an application; null: at any time."),
     .use = FIELD_RANGES | FIELD_SORTS},
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    SERVING("owner_id", FIELD_NULLABLE, .doc = "Who follows it."),
};

struct resource res_funding_opportunity = {
    .name = "funding_opportunity",
    .plural = "funding_opportunities",
    .doc = "Grants and other money that the district and its partners may apply for.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ANY},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
