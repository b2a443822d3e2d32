/* Training: by whom, for whom, how long, with how many seats. */
#include "resources.h"

static const char *const audiences[] = {"staff", "partners", "families", "all", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    REFERENCE("partner_id", partner, FIELD_NULLABLE, .doc = "Who gives it; null: the district."),
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "Whose it is; null: the whole district."),
    REFERENCE("focus_area_id", focus_area, FIELD_NULLABLE),
    {.json = JSON_FIELD("audience", FIELD_ENUM, FIELD_REQUIRED, .values = audiences),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "Its last day; null: the same.")},
    {.json = JSON_FIELD("hours", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = 10000,
                        .precision = 8, .scale = 2, .doc = "For each who attends all of it.")},
    {.json = JSON_FIELD("seats", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 100000,
                        .doc = "null: for everybody who comes.")},
    {.json = JSON_FIELD("location", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    SERVING("owner_id", FIELD_NULLABLE),
    {.json = JSON_FIELD("seats_taken", FIELD_INT, FIELD_READ_ONLY),
     .sql = "(SELECT s.taken FROM training_tally(t) AS s)"},
    {.json = JSON_FIELD("attended", FIELD_INT, FIELD_READ_ONLY),
     .sql = "(SELECT s.attended FROM training_tally(t) AS s)"},
    {.json =
         JSON_FIELD("attended_hours", FIELD_DECIMAL, FIELD_READ_ONLY, .min = 0, .max = 1000000000,
                    .precision = 14, .scale = 2, .doc = "Of all who attended together."),
     .sql = "(SELECT s.hours FROM training_tally(t) AS s)"},
};

struct resource res_training = {
    .name = "training",
    .plural = "trainings",
    .doc = "Training for staff, partners or families, by either side.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "on_date",
    RESOURCE_ROWS(fields),
};
