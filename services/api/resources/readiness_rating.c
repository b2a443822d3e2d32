/* How ready a school is for partners, as it says itself and as each partner says. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    REFERENCE("readiness_condition_id", readiness_condition, FIELD_REQUIRED),
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_REQUIRED, .min = 2000, .max = 2100),
     .use = FIELD_FILTERS | FIELD_SORTS},
    REFERENCE("partner_id", partner, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Who said it, which it alone changes; null: the school's own rating."),
    {.json = JSON_FIELD("rating", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 4,
                        .doc = "1: it is not there; 4: it can be relied on.")},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("rated_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The user who wrote it down."),
     .ref = &res_user},
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who said it for the partner, on the page of a check-in."),
     .ref = &res_contact},
};

struct resource res_readiness_rating = {
    .name = "readiness_rating",
    .plural = "readiness_ratings",
    .doc = "How ready a school is for partners, as it says itself and as each partner says.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
};
