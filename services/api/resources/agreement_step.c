/* The steps in which an agreement is reviewed: who, by when, and what was decided. */
#include "action.h"
#include "resources.h"
#include "review_step.h"

static const char *const statuses[] = {"pending", "approved", "returned", "rejected", NULL};

static const struct resource_field fields[] = {
    REFERENCE("agreement_id", agreement, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = review_kinds),
     .use = FIELD_FILTERS},
    SERVING("user_id", FIELD_NULLABLE,
            .doc = "Who decides, a reviewer or an executive; null: any reviewer, "
                   "and of a superintendent's step any executive."),
    REVIEW_STEP_DUE,
    REVIEW_STEP_DECIDED(statuses),
};

static const struct resource_action actions[] = {
    REVIEW_STEP_ACTION("approve", "Approve one agreement, as far as this step goes",
                       review_approve_fields),
    REVIEW_STEP_ACTION("return", "Say in one step that the agreement is to be revised",
                       review_reason_fields),
    REVIEW_STEP_ACTION("reject", "Say in one step that the agreement must not be",
                       review_reason_fields),
};

struct resource res_agreement_step = {
    .name = "agreement_step",
    .plural = "agreement_steps",
    .doc = "The steps in which an agreement is reviewed: who, by when, and what was decided.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("agreement_id", "agreement"),
    .whose = "user_id names",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
