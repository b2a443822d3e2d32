/* The conditions of a site in a year, both sides beside each other. */
#include "resources.h"

#define RATING(field_name, sentence)                                                               \
    {                                                                                              \
        .json =                                                                                    \
            JSON_FIELD(field_name, FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = (sentence)) \
    }

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_READ_ONLY),
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_READ_ONLY),
     .use = FIELD_FILTERS | FIELD_SORTS},
    REFERENCE("readiness_condition_id", readiness_condition, FIELD_READ_ONLY),
    RATING("school_rating", "From 1 to 4; null: the school has not rated it."),
    {.json = JSON_FIELD("partners", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "How many partners have rated it.")},
    RATING("partners_low", "The lowest of theirs."),
    RATING("partners_high", "The highest of theirs."),
    {.json = JSON_FIELD("differs", FIELD_BOOL, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The school's is not among theirs; null: a side has not rated."),
     .sql = "t.school_rating NOT BETWEEN t.partners_low AND t.partners_high"},
};

struct resource res_site_readiness = {
    .name = "site_readiness",
    .plural = "site_readiness",
    .doc = "What a school and its partners say of each condition, side by side.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
    .is_record = true,
};
