/* What somebody has to do once and says what came of it: a follow-up, a decision. */
#ifndef KITH_API_RESOURCES_OUTCOME_H
#define KITH_API_RESOURCES_OUTCOME_H

#include "resources.h"

static const char *const outcome_statuses[] = {"open", "done", NULL};

#define OUTCOME_ROWS                                                                        \
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = outcome_statuses), \
     .use = FIELD_FILTERS},                                                                 \
        {.json = JSON_FIELD("outcome", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)}, \
    {                                                                                       \
        .json = JSON_FIELD("done_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)      \
    }

static const struct json_field outcome_complete_fields[] = {
    JSON_FIELD("outcome", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
};

#define OUTCOME_COMPLETE(summary_)                                                        \
    {                                                                                     \
        .verb = "complete", .summary = (summary_), ACTION_FIELDS(outcome_complete_fields) \
    }

#endif
