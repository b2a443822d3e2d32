/* What a roll call says of one partner. */
#include "resources.h"

static const char *const marks[] = {"still_here", "ended", "wrong", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("roll_call_id", FIELD_UUID, FIELD_READ_ONLY),
     .use = FIELD_FILTERS,
     .ref = &res_roll_call},
    {.json = JSON_FIELD("partner_id", FIELD_UUID, FIELD_READ_ONLY),
     .use = FIELD_FILTERS,
     .ref = &res_partner},
    {.json = JSON_FIELD("mark", FIELD_ENUM, FIELD_NULLABLE, .values = marks,
                        .doc = "wrong: it never worked there."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("is_added", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "By the school; it was not listed.")},
};

struct resource res_roll_call_mark = {
    .name = "roll_call_mark",
    .plural = "roll_call_marks",
    .doc = "What roll calls say of partners.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = SCOPE_OF_PARENT("roll_call_id", "roll_call"),
    .default_sort = "created_at",
    .fields = fields,
    .field_count = COUNT_OF(fields),
};
