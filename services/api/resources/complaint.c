/* Complaints about partners: who has taken one in, and what was done. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"open", "resolved", "dismissed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE),
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "Where it happened."),
    {.json = JSON_FIELD("received_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json =
         JSON_FIELD("owner_id", FIELD_UUID, 0, .doc = "Who sees to it; you, if you do not say."),
     .use = FIELD_FILTERS | FIELD_SERVES,
     .create_default = "current_setting('kith.user')::uuid",
     .ref = &res_user},
    {.json = JSON_FIELD("complainant", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST,
                        .doc = "Who complains; never a student."),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("complaint", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What it is about; without students' names."),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("outcome", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST, .doc = "What was done, or why nothing was."),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("closed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field outcome_fields[] = {
    JSON_FIELD("outcome", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
               .doc = "What was done, or why nothing was."),
};
static const struct resource_action actions[] = {
    {.verb = "resolve",
     .summary = "Say what was done about one complaint",
     ACTION_FIELDS(outcome_fields)},
    {.verb = "dismiss",
     .summary = "Say why nothing is done about one complaint",
     ACTION_FIELDS(outcome_fields)},
    {.verb = "reopen", .summary = "Look again at one complaint"},
};

struct resource res_complaint = {
    .name = "complaint",
    .plural = "complaints",
    .doc = "Complaints about partners; private: of whoever sees to one, the partner's owners and "
           "directors.",
    .readers = ROLES_STAFF,
    .watchers = ROLES_PROGRAM,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_OWNER, .field = "owner_id"},
    .records_reads = true,
    .default_sort = "received_on",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
