/* What a step of a review has, of an agreement as of a gift: what is looked at, by when, what was
 * decided and by whom. */
#ifndef KITH_API_RESOURCES_REVIEW_STEP_H
#define KITH_API_RESOURCES_REVIEW_STEP_H

#include "resources.h"

static const char *const review_kinds[] = {"legal",          "risk",  "finance", "program",
                                           "superintendent", "other", NULL};

#define REVIEW_STEP_DUE                                                               \
    {                                                                                 \
        .json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES \
    }

#define REVIEW_STEP_DECIDED(statuses)                                                         \
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = (statuses)),         \
     .use = FIELD_FILTERS},                                                                   \
        {.json = JSON_FIELD("comment", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,     \
                            .max = TEXT_LONGEST, .doc = "What was said with the decision.")}, \
        {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},  \
    {                                                                                         \
        .json = JSON_FIELD("decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,        \
                           .doc = "The user who decided.")                                    \
    }

static const struct json_field review_approve_fields[] = {
    JSON_FIELD("comment", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field review_reason_fields[] = {REASON_FIELD};

/* Approve, or say why not. */
#define REVIEW_STEP_ACTION(verb_, summary_, fields_)                                            \
    {                                                                                           \
        .verb = (verb_), .summary = (summary_), .roles = ROLES_DECISION, ACTION_FIELDS(fields_) \
    }

#endif
