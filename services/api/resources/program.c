/* Programs: what a partner offers as a course of its own, wherever it runs. */
#include "resources.h"

#define CAPACITY_MOST   1000000
#define COST_CENTS_MOST 1000000000000

static const char *const settings[] = {"in_school", "out_of_school", NULL};
static const char *const audiences[] = {"students", "staff", "families", NULL};
static const char *const statuses[] = {"planned", "active", "paused", "ended", NULL};
/* As the Common Education Data Standards write them. */
static const char *const grades[] = {"PK", "TK", "KG", "01", "02", "03", "04", "05",
                                     "06", "07", "08", "09", "10", "11", "12", NULL};

static const struct json_field audience_item = JSON_FIELD(NULL, FIELD_ENUM, .values = audiences);
static const struct json_field grade_item = JSON_FIELD(NULL, FIELD_ENUM, .values = grades);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    {.json = JSON_FIELD("setting", FIELD_ENUM, FIELD_NULLABLE, .values = settings),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("audience", FIELD_LIST, FIELD_UNIQUE, .item = &audience_item, .max = 3),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("grades", FIELD_LIST, FIELD_UNIQUE, .item = &grade_item, .max = 15),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("capacity", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CAPACITY_MOST,
                        .doc = "People at one time.")},
    {.json = JSON_FIELD("schedule", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("cost_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = COST_CENTS_MOST,
                        .doc = "Of a year, in cents.")},
    {.json =
         JSON_FIELD("evidence_tier", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                    .doc = "As ESSA counts: 1 strong, 2 moderate, 3 promising, 4 has a rationale."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("evidence_citation", FIELD_TEXT, FIELD_NULLABLE, .min = 1,
                        .max = TEXT_LONGEST, .doc = "The study; needed with the tiers 1 to 3.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses),
     .use = FIELD_FILTERS,
     .create_default = "'active'"},
};

static const struct resource_many many[] = {
    {"program_sites", &res_program_site, "program_id"},
    {NULL},
};

struct resource res_program = {
    .name = "program",
    .plural = "programs",
    .doc = "What a partner offers as a course of its own, wherever it runs.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .searched = "'{program}'",
    .default_sort = "name",
    .import_key = "partner_id,~name",
    RESOURCE_ROWS(fields),
    .many = many,
};
