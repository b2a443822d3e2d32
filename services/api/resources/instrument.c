/* Instruments: what surveys ask, in editions that never change. */
#include "resources.h"

static const struct json_field locale_item = JSON_FIELD(NULL, FIELD_LOCALE);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
    {.json = JSON_FIELD("code", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("edition", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Counts the wordings; an edition never changes.")},
    {.json = JSON_FIELD("locales", FIELD_LIST, FIELD_READ_ONLY, .item = &locale_item)},
    {.json = JSON_FIELD("questions", FIELD_ANY, FIELD_READ_ONLY,
                        .doc = "A list of {code, kind: rating (1 to 5), yes_no or text, factor, "
                               "section, required, text by locale}.")},
};

struct resource res_instrument = {
    .name = "instrument",
    .plural = "instruments",
    .doc = "What surveys ask, in several languages.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
