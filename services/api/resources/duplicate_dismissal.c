/* Records that are much alike and of two all the same: archived, they may be of one again. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("first_id", FIELD_UUID, FIELD_REQUIRED, .doc = "A partner, or a contact."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("second_id", FIELD_UUID, FIELD_REQUIRED,
                        .doc = "Another of the same kind; which is first makes no difference."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_NULLABLE, .min = 1, .max = TEXT_LONGEST)},
};

struct resource res_duplicate_dismissal = {
    .name = "duplicate_dismissal",
    .plural = "duplicate_dismissals",
    .doc = "Pairs of which somebody knows that they are two, and not one twice.",
    .readers = ROLES_STAFF,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
};
