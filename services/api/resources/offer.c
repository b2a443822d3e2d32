/* Offers: what a partner would give, how much of it, and how much of that is left. */
#include "action.h"
#include "resources.h"

const char *const resource_kinds[] = {"money",     "space",    "staff_time", "volunteers",
                                      "equipment", "software", "training",   "internships",
                                      "mentors",   "food",     "other",      NULL};
static const char *const reaches[] = {"one_school", "nearby", "district", NULL};
static const char *const statuses[] = {"open", "withdrawn", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = resource_kinds),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    {.json = JSON_FIELD("reach", FIELD_ENUM, FIELD_NULLABLE, .values = reaches,
                        .doc = "null: the partner's.")},
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = OFFERED_MOST,
                        .doc = "Of money in cents; null: as much as is asked for. Never below what "
                               "was taken.")},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST,
                        .doc = "Hours, seats, laptops.")},
    {.json = JSON_FIELD("taken", FIELD_INT, FIELD_READ_ONLY, .doc = "By what was promised of it.")},
    {.json = JSON_FIELD("remaining", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Never below zero, whoever takes at once."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was withdrawn.")},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "withdraw",
     .summary = "Withdraw what is left of one offer",
     ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Open one offer again"},
};

struct resource res_offer = {
    .name = "offer",
    .plural = "offers",
    .doc = "What partners would give, and how much of it is left.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .searched = "'{offer}'",
    .default_sort = "name",
    .import_key = "partner_id,~name",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
