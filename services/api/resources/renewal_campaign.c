/* Renewal campaigns: agreements that end at about the same time, renewed together. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"master",    "mou",         "site_plan", "data_sharing",
                                    "amendment", "provisional", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("expires_from", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "Agreements that end from this day on …")},
    {.json = JSON_FIELD("expires_until", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "… to this day are selected.")},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_NULLABLE, .values = kinds,
                        .doc = "null: of each kind.")},
    {.json = JSON_FIELD("board_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The board's meeting that decides on the new ones.")},
    {.json = JSON_FIELD("board", FIELD_ANY, FIELD_READ_ONLY,
                        .doc = "How far it is: agreements that are selected, undecided, late, to "
                               "expire and to be drafted, and the next ones by their status."),
     .sql = "renewal_board(t.district_id, t.id)"},
};

static const struct resource_action actions[] = {
    {.verb = "select", .summary = "Select the agreements of one renewal campaign"},
    {.verb = "follow_reviews",
     .summary = "Decide what is undecided in one renewal campaign as approved reviews did"},
};

struct resource res_renewal_campaign = {
    .name = "renewal_campaign",
    .plural = "renewal_campaigns",
    .doc = "Agreements that end at about the same time, renewed together.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .changes_by_day = true,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
