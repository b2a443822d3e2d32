/* Decisions of portfolio reviews, and who sees to them. */
#include "action.h"
#include "resources/outcome.h"

static const char *const kinds[] = {"keep", "grow", "adjust", "end", "seek", "other", NULL};

static const struct resource_field fields[] = {
    REFERENCE("portfolio_review_id", portfolio_review, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json =
         JSON_FIELD("decision", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    SERVING("owner_id", FIELD_REQUIRED, .doc = "Who sees to it."),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES},
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE, .doc = "What it is about."),
    OUTCOME_ROWS,
};

static const struct resource_action actions[] = {
    OUTCOME_COMPLETE("Say what came of one decision"),
    {.verb = "reopen", .summary = "Take one decision up again"},
};

struct resource res_portfolio_decision = {
    .name = "portfolio_decision",
    .plural = "portfolio_decisions",
    .doc = "What a portfolio review decided, and who sees to it.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("portfolio_review_id", "portfolio_review"),
    .whose = "owner_id names",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
