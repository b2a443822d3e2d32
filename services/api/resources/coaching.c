/* Coaching: what a school leader does well with partners, by year, and what comes next. */
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("user_id", user, FIELD_REQUIRED | FIELD_CREATE_ONLY, .doc = "The school leader."),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED | FIELD_CREATE_ONLY, FIELD_FILTERS),
    SERVING("coach_id", FIELD_NULLABLE),
    {.json = JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "Of the conversation."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("sourcing", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                        .doc = "Finds partners for what is needed: 1 to 4.")},
    {.json = JSON_FIELD("tracking", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                        .doc = "Knows who does what: 1 to 4.")},
    {.json = JSON_FIELD("communication", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                        .doc = "Keeps both sides informed: 1 to 4.")},
    {.json = JSON_FIELD("evaluation", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                        .doc = "Asks what comes of it: 1 to 4.")},
    {.json = JSON_FIELD("next_steps", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
};

struct resource res_coaching = {
    .name = "coaching",
    .plural = "coachings",
    .doc =
        "How school leaders are coached in working with partners, rated once a year; read by the "
        "leader, the coach, who supervises the leader, and who runs the district.",
    .readers = ROLES_COACHING,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    RESOURCE_ROWS(fields),
};
