/* Which steps the review of an agreement has, by its kind. */
#include "resources.h"

#define DAYS_MOST  365
#define CENTS_MOST 1000000000000

static const char *const subjects[] = {"master",    "mou",         "site_plan", "data_sharing",
                                       "amendment", "provisional", "gift",      NULL};
static const char *const steps[] = {"legal",          "risk",  "finance", "program",
                                    "superintendent", "other", "none",    NULL};

static const struct resource_field fields[] = {
    {.json =
         JSON_FIELD("subject", FIELD_ENUM, FIELD_NULLABLE, .values = subjects,
                    .doc = "A kind of agreement, or a gift; null: each kind of agreement that no "
                           "other rule names."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("step", FIELD_ENUM, FIELD_REQUIRED, .values = steps,
                        .doc = "A step that such an agreement gets when it is submitted, or a gift "
                               "when it is offered, unless it has one of this kind; none: it may "
                               "be approved without.")},
    {.json = JSON_FIELD("from_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "What it is worth at least, in cents, or nobody has said; null: "
                               "whatever it is.")},
    {.json = JSON_FIELD("due_days", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = DAYS_MOST,
                        .doc = "Days from then until the step is due; null: no day, as of none.")},
};

struct resource res_review_rule = {
    .name = "review_rule",
    .plural = "review_rules",
    .doc = "Which steps the review of an agreement or a gift has, by its kind and worth; without a "
           "rule it has those that are entered, an agreement one at least.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
};
