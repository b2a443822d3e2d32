/* The steps in which an agreement is reviewed: who, by when, and what was decided. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"legal",          "risk",  "finance", "program",
                                    "superintendent", "other", NULL};
static const char *const statuses[] = {"pending", "approved", "returned", "rejected", NULL};

static const struct resource_field fields[] = {
    REFERENCE("agreement_id", agreement, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    SERVING("user_id", FIELD_NULLABLE,
            .doc = "Who decides, a reviewer or an executive; null: any reviewer, "
                   "and of a superintendent's step any executive."),
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
     .summary = "Approve one agreement, as far as this step goes",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(approve_fields)},
    {.verb = "return",
     .summary = "Say in one step that the agreement is to be revised",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(reason_fields)},
    {.verb = "reject",
     .summary = "Say in one step that the agreement must not be",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(reason_fields)},
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
