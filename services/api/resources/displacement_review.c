/* Displacement reviews: whether what partners would do is the work of employees. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"new", "expands", "displaces", NULL};
static const char *const statuses[] = {"open", "cleared", "approval", "approved", "refused", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD(
         "need_id", FIELD_UUID, FIELD_NULLABLE | FIELD_CREATE_ONLY,
         .doc = "Null: of a proposal without a need. Of one, it is at the need's place."),
     .use = FIELD_FILTERS,
     .ref = &res_need},
    REFERENCE("partner_id", partner, FIELD_NULLABLE, .doc = "Who proposes it."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "The partnership that would do it."),
    NETWORK_OR_SITE_FIELDS,
    {.json = JSON_FIELD("proposal", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What would be done.")},
    {.json = JSON_FIELD("done_by_employees", FIELD_BOOL, FIELD_REQUIRED,
                        .doc = "Whether employees do such work now.")},
    {.json = JSON_FIELD("positions", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Whose work it is.")},
    {.json = JSON_FIELD("consulted", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Who of personnel and of the employees' unions was heard.")},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = kinds,
                        .doc = "What it does to the work of employees."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "approval: it displaces, and waits for an executive."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("approved_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("approved_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field decide_fields[] = {
    JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds),
    REASON_FIELD,
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "decide",
     .summary = "Decide what one proposal does to the work of employees",
     .roles = ROLES_COORDINATION,
     ACTION_FIELDS(decide_fields)},
    {.verb = "approve",
     .summary = "Approve one proposal although it displaces",
     .roles = ROLES_EXECUTIVE,
     ACTION_FIELDS(reason_fields)},
    {.verb = "refuse",
     .summary = "Refuse one proposal",
     .roles = ROLES_EXECUTIVE,
     ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Look at one proposal anew"},
};

struct resource res_displacement_review = {
    .name = "displacement_review",
    .plural = "displacement_reviews",
    .doc = "Whether what is needed or proposed is the work of employees, and who decided on it.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
