/* Why a partner that stays where it is may do so, and until when. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "The last day on which it is not shown as stuck."),
     .use = FIELD_RANGES | FIELD_SORTS},
};

struct resource res_stuck_dismissal = {
    .name = "stuck_dismissal",
    .plural = "stuck_dismissals",
    .doc = "Why a partner that stays where it is may do so, and until when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .default_sort = "until_date",
    RESOURCE_ROWS(fields),
};
