/* Search over all that has a name: what kind of thing it is, and its id. */
#include "resources.h"

static const char *const kinds[] = {"partner", "contact", "program",    "offer",
                                    "site",    "network", "focus_area", "partnership",
                                    "need",    "inquiry", "credential", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds,
                        .doc = "What it is; the id is its own."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_SORTS},
};

struct resource res_search_result = {
    .name = "search_result",
    .plural = "search",
    .doc = "All that has a name: with q=, what is called so.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    .default_sort = "name",
    .searched = "NULL",
    RESOURCE_ROWS(fields),
    .is_record = true,
};
