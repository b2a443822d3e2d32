/* The check-ins of a partner's contact: its own organization's half of each. */
#include "resources.h"

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("partnership", FIELD_TEXT, FIELD_READ_ONLY, .doc = "Its name.")},
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "The year in which it ends.")},
    {.json = JSON_FIELD("number", FIELD_INT, FIELD_READ_ONLY, .doc = "Of the reporting quarter.")},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_READ_ONLY), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("opens_on", FIELD_DATE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("half", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "The own side's: none, draft or submitted.")},
};

struct resource res_own_check_in = {
    .name = "own_check_in",
    .plural = "own_check_ins",
    .doc = "The check-ins of whoever asks: those of its own organization's partnerships.",
    .readers = ROLES_PARTNER,
    .operations = RESOURCE_READ,
    .default_sort = "due_on",
    RESOURCE_ROWS(fields),
};
