/* What a school wants of partnerships. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"draft", "adopted", "retired", NULL};

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100,
                        .doc = "From which on it holds."),
     .use = FIELD_FILTERS | FIELD_SORTS},
    REFERENCE("priority_id", priority, FIELD_NULLABLE, .doc = "What it serves."),
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("adopted_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "adopt", .summary = "Adopt one vision, in place of the site's one before"},
    {.verb = "retire", .summary = "Retire one vision"},
};

static const struct resource_many many[] = {
    {"site_vision_authors", &res_site_vision_author, "site_vision_id"},
    {NULL},
};

struct resource res_site_vision = {
    .name = "site_vision",
    .plural = "site_visions",
    .doc = "What a school wants of partnerships.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "site_vision_missing(t.id, v.action)",
    .many = many,
};
