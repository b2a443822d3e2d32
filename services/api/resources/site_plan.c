/* Site plans: what a partnership does at one site in a school year. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"draft", "agreed", "closed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("site_id", site, FIELD_REQUIRED),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("objectives", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What is to be reached at this site.")},
    {.json = JSON_FIELD("activities", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What is done, for whom, and when.")},
    {.json = JSON_FIELD("logistics", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "Rooms, hours, keys, calendar.")},
    SERVING("user_id", FIELD_NULLABLE, .doc = "Who answers for it at the site."),
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "Who answers for it at the partner."),
     .ref = &res_contact},
    {.json = JSON_FIELD("agreed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "agree", .summary = "Say that both sides agree on one site plan"},
    {.verb = "revise", .summary = "Draft one site plan again"},
    {.verb = "close", .summary = "Close one site plan, as its year is over"},
};

struct resource res_site_plan = {
    .name = "site_plan",
    .plural = "site_plans",
    .doc = "What a partnership does at one site in a school year.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
