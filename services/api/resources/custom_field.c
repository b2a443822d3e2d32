/* Fields that a district adds to sites, partners, contacts and partnerships. */
#include "resources.h"

#define PLACE_MOST 1000

static const char *const subjects[] = {"site", "partner", "contact", "partnership", NULL};
static const char *const types[] = {"text", "number", "date", "yes_no", "choice", "url", NULL};

static const char *const classes[] = {"public", "directory", "private", NULL};

static const struct json_field choice_item =
    JSON_FIELD(NULL, FIELD_TEXT, .min = 1, .max = NAME_LONGEST);

#define BOUND(name, sentence)                                                                \
    {                                                                                        \
        .json = JSON_FIELD(name, FIELD_DECIMAL, FIELD_NULLABLE, .precision = 18, .scale = 6, \
                           .doc = (sentence))                                                \
    }

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("subject", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .values = subjects, .doc = "What has it."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_REQUIRED | FIELD_CREATE_ONLY, .min = 1,
                        .max = CODE_LONGEST, .doc = "Small letters, digits and \"_\".")},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("type", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY, .values = types)},
    {.json = JSON_FIELD("choices", FIELD_LIST, FIELD_UNIQUE, .item = &choice_item, .max = 100,
                        .doc = "Of a choice."),
     .create_default = "'{}'"},
    BOUND("minimum", "Of a number."),
    BOUND("maximum", "Of a number."),
    {.json =
         JSON_FIELD("is_required", FIELD_BOOL, 0, .doc = "A record without it is not complete."),
     .create_default = "false"},
    {.json = JSON_FIELD("class", FIELD_ENUM, 0, .values = classes,
                        .doc = "Who reads what it says: everybody, staff, or directors and the "
                               "owners of the partner."),
     .use = FIELD_FILTERS,
     .create_default = "'public'"},
    {.json = JSON_FIELD("help", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What people are told where they fill it in.")},
    {.json = JSON_FIELD("place", FIELD_INT, 0, .min = 0, .max = PLACE_MOST,
                        .doc = "Where it stands among the others."),
     .create_default = "0"},
};

struct resource res_custom_field = {
    .name = "custom_field",
    .plural = "custom_fields",
    .doc = "Fields that a district adds to sites, partners, contacts and partnerships.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
