/* The steps in which a gift is reviewed before it is accepted, and what was decided. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"legal",          "risk",  "finance", "program",
                                    "superintendent", "other", NULL};
static const char *const statuses[] = {"pending", "approved", "rejected", NULL};

static const struct resource_field fields[] = {
    REFERENCE("gift_id", gift, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds,
                        .doc = "Any reviewer decides, an executive in the superintendent's."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("comment", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST, .doc = "What was said with the decision.")},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who decided.")},
};

static const struct json_field approve_fields[] = {
    JSON_FIELD("comment", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "approve",
     .summary = "Approve one gift, as far as this step goes",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(approve_fields)},
    {.verb = "reject",
     .summary = "Say in one step that the gift must not be accepted",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(reason_fields)},
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
