/* The checklist of an agreement: what it has to settle, and how far that is. */
#include "resources.h"

#define POSITION_MOST 1000

static const char *const statuses[] = {"not_yet", "discussing", "finalized", "not_applicable",
                                       NULL};

static const struct resource_field fields[] = {
    REFERENCE("agreement_id", agreement, FIELD_REQUIRED),
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST,
                        .doc = "Of an item that Kith supplies; null: the district's own.")},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("position", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = POSITION_MOST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("is_required", FIELD_BOOL, 0,
                        .doc = "The agreement is not valid without it; whoever runs the program "
                               "says what is not."),
     .create_default = "true"},
    {.json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses),
     .use = FIELD_FILTERS,
     .create_default = "'not_yet'"},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Needed with not_applicable.")},
};

struct resource res_agreement_item = {
    .name = "agreement_item",
    .plural = "agreement_items",
    .doc = "The checklist of an agreement: what it has to settle, and how far that is.",
    .readers = ROLES_EVERYBODY,
    .writers = "admin,director,coordinator,school_leader,reviewer",
    .scope = SCOPE_OF_PARENT("agreement_id", "agreement"),
    .default_sort = "position",
    RESOURCE_ROWS(fields),
};
