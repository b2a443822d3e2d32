/* Releases: the student indicators of a school year, let out together after suppression. Who makes
 * one asks for it: kith-kpi proves what follows from it, and publishes. */
#include "resources.h"

static const char *const statuses[] = {"asked", "published", "refused", NULL};
static const char *const reasons[] = {"too_large", "failed", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "Asked for until what follows from it is proved; figures are those "
                               "of the newest that is published."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = reasons,
                        .doc = "Why it was refused.")},
    {.json = JSON_FIELD("finished_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "When it was published or refused.")},
    {.json = JSON_FIELD("cells", FIELD_INT, FIELD_READ_ONLY, .doc = "How many figures it has.")},
    {.json = JSON_FIELD("hidden_cells", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "How many of them are suppressed.")},
    {.json = JSON_FIELD("coarsened_cells", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Of these: hidden for no threshold, but because small counts would "
                               "follow from them and the releases before.")},
};

struct resource res_release = {
    .name = "release",
    .plural = "releases",
    .doc =
        "The student indicators of a school year, let out together after suppression. One is asked "
        "for; kith-kpi proves what follows from it and those before, and publishes it.",
    .readers = ROLES_EVERYBODY,
    .writers = "admin,director,data_steward",
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
};
