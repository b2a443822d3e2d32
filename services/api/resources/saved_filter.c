/* Filters that people keep: what they ask for, and how many there were. */
#include "action.h"
#include "resources.h"

static const char *const resources[] = {"sites",        "partners", "contacts",
                                        "partnerships", "users",    NULL};
static const char *const ops[] = {"is", "is_not", "from", "until", "empty", "not_empty", NULL};

static const struct json_field value_item = JSON_FIELD(NULL, FIELD_TEXT, .max = 500);
static const struct json_field criterion_fields[] = {
    JSON_FIELD("field", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = INT64_C(2) * CODE_LONGEST,
               .doc =
                   "Of the resource; tag_id; or custom. and a custom field's code. from and until "
                   "are of days, instants and completeness."),
    JSON_FIELD("op", FIELD_ENUM, FIELD_REQUIRED, .values = ops),
    JSON_FIELD("values", FIELD_LIST, .item = &value_item, .max = 100,
               .doc = "Any of them; one for from and until, none for empty and not_empty."),
};
static const struct json_table criterion_table = JSON_TABLE("criterion", criterion_fields);
static const struct json_field criterion_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &criterion_table);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("resource", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .values = resources),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("criteria", FIELD_LIST, FIELD_REQUIRED, .item = &criterion_item, .max = 20,
                        .doc = "All of them must hold; none: everything.")},
    REFERENCE("owner_id", user, FIELD_READ_ONLY, .doc = "Who made it."),
    {.json = JSON_FIELD("is_shared", FIELD_BOOL, 0, .doc = "Everybody may use it."),
     .create_default = "false"},
    {.json = JSON_FIELD("count", FIELD_INT, FIELD_READ_ONLY, .doc = "How many it found.")},
    {.json = JSON_FIELD("counted_at", FIELD_INSTANT, FIELD_READ_ONLY, .doc = "When.")},
};

static const struct resource_action actions[] = {
    {.verb = "recount", .summary = "Count again what one saved filter finds"},
};

struct resource res_saved_filter = {
    .name = "saved_filter",
    .plural = "saved_filters",
    .doc = "Filters that people keep, for themselves or for all.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_EVERYBODY,
    .watchers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_PERSON, .field = "owner_id"},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
