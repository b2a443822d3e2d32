/* The steps in which a gift is reviewed before it is accepted, and what was decided. */
#include "action.h"
#include "resources.h"
#include "review_step.h"

static const char *const statuses[] = {"pending", "approved", "rejected", NULL};

static const struct resource_field fields[] = {
    REFERENCE("gift_id", gift, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = review_kinds,
                        .doc = "Any reviewer decides, an executive in the superintendent's."),
     .use = FIELD_FILTERS},
    REVIEW_STEP_DUE,
    REVIEW_STEP_DECIDED(statuses),
};

static const struct resource_action actions[] = {
    REVIEW_STEP_ACTION("approve", "Approve one gift, as far as this step goes",
                       review_approve_fields),
    REVIEW_STEP_ACTION("reject", "Say in one step that the gift must not be accepted",
                       review_reason_fields),
};

struct resource res_gift_step = {
    .name = "gift_step",
    .plural = "gift_steps",
    .doc = "The steps in which a gift is reviewed before it is accepted, and what was decided.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("gift_id", "gift"),
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
