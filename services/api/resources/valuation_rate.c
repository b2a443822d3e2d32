/* What a volunteer's hour is worth, from day to day. */
#include "resources.h"

#define RATE_CENTS_MOST 10000000
#define SOURCE_LONGEST  2000

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("state", FIELD_TEXT, FIELD_NULLABLE, .min = 2, .max = 2,
                        .doc = "Two capital letters; null: wherever no state has its own."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "What was entered before keeps its own rate."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("rate_cents", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = RATE_CENTS_MOST,
                        .doc = "Of an hour, in cents.")},
    {.json = JSON_FIELD("source", FIELD_TEXT, FIELD_NULLABLE, .max = SOURCE_LONGEST,
                        .doc = "Who says so, and where.")},
};

struct resource res_valuation_rate = {
    .name = "valuation_rate",
    .plural = "valuation_rates",
    .doc =
        "What a volunteer's hour is worth; hours that come without a rate take that of their day.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "from_date",
    RESOURCE_ROWS(fields),
};
