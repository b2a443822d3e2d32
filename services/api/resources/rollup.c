/* Rollups: the figures that may be shown, of sites and all that lies above them. */
#include "resources.h"

static const char *const scopes[] = {"site",    "network",    "district", "partnership", "partner",
                                     "program", "focus_area", "kind",     NULL};
static const char *const cohorts[] = {"all", "served", "not_served", "schools_where_it_works",
                                      NULL};

#define FIGURE(field_name, sentence)                                                    \
    {                                                                                   \
        .json = JSON_FIELD(field_name, FIELD_DECIMAL, FIELD_READ_ONLY | FIELD_NULLABLE, \
                           .precision = 18, .scale = 6, .doc = (sentence))              \
    }

static const struct resource_field fields[] = {
    REFERENCE("indicator_id", indicator, FIELD_READ_ONLY),
    {.json = JSON_FIELD("indicator_code", FIELD_TEXT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("scope_kind", FIELD_ENUM, FIELD_READ_ONLY, .values = scopes),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("scope_id", FIELD_UUID, FIELD_READ_ONLY,
                        .doc = "Of a kind of partner an id that is made of its name."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("partner_kind", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = partner_kinds, .doc = "Where the scope is a kind of partner."),
     .sql = "scope_partner_kind(t.scope_kind, t.scope_id)"},
    {.json = JSON_FIELD("cohort", FIELD_ENUM, FIELD_READ_ONLY, .values = cohorts,
                        .doc = "Figures of whole schools where one works are no measure of what "
                               "it did."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_READ_ONLY), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("period_kind", FIELD_ENUM, FIELD_READ_ONLY, .values = period_kinds),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("period_start", FIELD_DATE, FIELD_READ_ONLY),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("period_end", FIELD_DATE, FIELD_READ_ONLY)},
    FIGURE("value",
           "Null where it is suppressed or missing, or where there is nothing to divide by."),
    FIGURE("value_low", "Where a rate is near 0 or 1: it is not below this."),
    FIGURE("value_high", "And not above this."),
    FIGURE("numerator", "Null for what counts people."),
    FIGURE("denominator", NULL),
    {.json = JSON_FIELD("n", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Observations that it is made of.")},
    {.json = JSON_FIELD("is_suppressed", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "So few people, or so near to telling of so few, that no number is "
                               "shown.")},
    {.json = JSON_FIELD("missing", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Observations without a figure, which it leaves out.")},
    {.json = JSON_FIELD("weighted", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of n, percentages that came without a whole and are weighted by "
                               "the enrollment.")},
    {.json = JSON_FIELD("is_summed", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "A sum of sites: a student who moved between them counts at "
                               "each.")},
    {.json = JSON_FIELD("is_made", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Made of shorter periods. Of people that is a sum of sessions: who "
                               "came in two of them counts twice.")},
    {.json = JSON_FIELD("observed_from", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The age of its oldest part.")},
    {.json = JSON_FIELD("as_of", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "And of its newest.")},
    {.json = JSON_FIELD("release_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of what counts students: what it was released with."),
     .ref = &res_release},
};

struct resource res_rollup = {
    .name = "rollup",
    .plural = "rollups",
    .doc = "The figures that may be shown, of sites and all that lies above them.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    .is_rewritten = true,
    .default_sort = "period_start",
    RESOURCE_ROWS(fields),
};
