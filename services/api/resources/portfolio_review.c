/* Portfolio reviews: what all partners of a place bring, against what the place wants. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"planned", "held", "closed", NULL};

static const struct resource_field fields[] = {
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    NETWORK_OR_SITE_FIELDS,
    {.json = JSON_FIELD("planned_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("findings", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("held_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("closed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_many many[] = {
    {"portfolio_decisions", &res_portfolio_decision, "portfolio_review_id"},
    {NULL},
};

static const struct resource_action actions[] = {
    {.verb = "hold", .summary = "Hold one portfolio review, whose evidence is frozen by it"},
    {.verb = "close", .summary = "Close one portfolio review, if nothing is missing"},
};

struct resource res_portfolio_review = {
    .name = "portfolio_review",
    .plural = "portfolio_reviews",
    .doc = "What all partners of a place bring, against this and the next year's priorities.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    .default_sort = "planned_on",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "portfolio_review_missing(t.id, v.action)",
};
