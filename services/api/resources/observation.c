/* Observations: figures of a group of a site in a period, as they were loaded. Whoever corrects one
 * loads it again; what it was stays readable. */
#include "resources.h"

#define FIGURE_MOST 999999999999

const char *const period_kinds[] = {"month", "quarter", "school_year", "ytd", NULL};
const char *const dosage_units[] = {"sessions", "hours", "days", NULL};
const char *const observation_kinds[] = {"day", "month", "quarter", "school_year", "ytd", NULL};

static const char *const cohorts[] = {"all", "served", "not_served", NULL};
static const char *const weights[] = {"enrollment", NULL};
static const char *const reasons[] = {"not_submitted", "suppressed", "not_available", "no_weight",
                                      NULL};

static const struct resource_field fields[] = {
    REFERENCE("indicator_id", indicator, FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_REQUIRED),
    {.json = JSON_FIELD("cohort", FIELD_ENUM, 0, .values = cohorts), .create_default = "'all'"},
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE,
              .doc = "Whose cohort it is; null: of any partnership."),
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100,
                        .doc = "Named by the year in which it ends; it begins on July 1."),
     .use = FIELD_YEARS},
    {.json = JSON_FIELD("period_kind", FIELD_ENUM, FIELD_REQUIRED, .values = observation_kinds)},
    {.json = JSON_FIELD("period_start", FIELD_DATE, 0,
                        .doc = "July 1 of a school year; else it is needed."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("period_end", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day that is counted; needed with ytd alone.")},
    {.json = JSON_FIELD("numerator", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = FIGURE_MOST,
                        .precision = 18, .scale = 6,
                        .doc = "Of a weighted mean: the mean. In a file \"12.3%\" is a percentage; "
                               "\"NS\", \"*\", \"n<10\" and the like say why it is missing."),
     .use = FIELD_SHARES},
    {.json = JSON_FIELD("denominator", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = FIGURE_MOST,
                        .precision = 18, .scale = 6, .doc = "Of a weighted mean: its weight."),
     .use = FIELD_FIGURES},
    {.json = JSON_FIELD("percent", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0, .max = 100,
                        .precision = 9, .scale = 6,
                        .doc = "As its source tells it: with a numerator it tells the denominator, "
                               "with a denominator the numerator; alone it is of the site's "
                               "enrollment of the year."),
     .use = FIELD_SHARES},
    {.json = JSON_FIELD("weighted_by", FIELD_ENUM, FIELD_NULLABLE, .values = weights,
                        .doc = "Whose number the denominator is, where the source has none.")},
    {.json = JSON_FIELD("missing", FIELD_ENUM, FIELD_NULLABLE, .values = reasons,
                        .doc = "Why there is no numerator. In a file any text that is no such "
                               "reason says nothing."),
     .use = FIELD_REASONS},
    {.json = JSON_FIELD("source", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "The system or roster that it comes from.")},
    {.json = JSON_FIELD("computed_by", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("minimum_dosage", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0,
                        .max = DOSAGE_MOST, .precision = 7, .scale = 2,
                        .doc = "What those of the cohort had at least, or did not have; if left "
                               "out, its program's.")},
    {.json = JSON_FIELD("dosage_unit", FIELD_ENUM, FIELD_NULLABLE, .values = dosage_units,
                        .doc = "Needed with minimum_dosage.")},
    {.json = JSON_FIELD("as_of", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("supersedes", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The one that it corrects."),
     .ref = &res_observation},
    {.json = JSON_FIELD("superseded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Its correction; null: it holds."),
     .ref = &res_observation},
};

struct resource res_observation = {
    .name = "observation",
    .plural = "observations",
    .doc = "Figures of a group of a site in a period, as they were loaded.",
    .readers = ROLES_RAW,
    .writers = ROLES_RAW,
    .operations = RESOURCE_READ | RESOURCE_CREATE | RESOURCE_ARCHIVE,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "period_start",
    .import_key = "indicator_id,site_id,school_year,period_kind,period_start,period_end,cohort,"
                  "partnership_id?",
    .import_before = "import_observations",
    .import_at_once = "observations_load",
    .import_plain = "indicator_id,site_id,partnership_id,cohort,school_year,period_kind,"
                    "period_start,period_end,numerator,denominator,source,computed_by,as_of",
    .import_within = "indicator_id,school_year",
    .importers = ROLES_RAW,
    .is_superseded = true,
    RESOURCE_ROWS(fields),
};
