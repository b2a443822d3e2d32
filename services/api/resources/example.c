/* Examples: what works somewhere, so that other sites copy it. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"draft", "shared", "retired", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    REFERENCE("site_id", site, FIELD_NULLABLE,
              .doc = "Where it works; null: in the whole district."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE),
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    {.json = JSON_FIELD("what", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST,
                        .doc = "What is done.")},
    {.json = JSON_FIELD("how", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What it takes.")},
    {.json = JSON_FIELD("results", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What came of it.")},
    {.json = JSON_FIELD("url", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("shared_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("copies", FIELD_INT, FIELD_READ_ONLY, .doc = "Sites that copy it."),
     .sql = "(SELECT count(*) FROM example_copy c WHERE c.district_id = t.district_id"
            " AND c.example_id = t.id AND c.archived_at IS NULL)"},
};

static const struct resource_action actions[] = {
    {.verb = "share", .summary = "Share one example with all sites"},
    {.verb = "retire", .summary = "Say that one example is out of date"},
    {.verb = "revise", .summary = "Draft one example again"},
};

struct resource res_example = {
    .name = "example",
    .plural = "examples",
    .doc = "What works somewhere and is worth copying, shared with all sites.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
