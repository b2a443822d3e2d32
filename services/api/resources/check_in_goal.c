/* What a side says of a goal in a check-in: hidden and shown with its half. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const progresses[] = {"not_started", "on_track", "at_risk", "behind", "met",
                                         "missed",      "no_data",  "dropped", NULL};

#define SHOWN(column) "CASE WHEN check_in_shows(t.check_in_id, t.side) THEN t." column " END"

static const struct resource_field fields[] = {
    REFERENCE("check_in_id", check_in, FIELD_READ_ONLY),
    REFERENCE("goal_id", goal, FIELD_READ_ONLY),
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides)},
    {.json = JSON_FIELD("progress", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = progresses, .doc = "Null to the other side, as the half is."),
     .sql = SHOWN("progress")},
    {.json = JSON_FIELD("current", FIELD_DECIMAL, FIELD_READ_ONLY | FIELD_NULLABLE, .precision = 18,
                        .scale = 6),
     .sql = SHOWN("current")},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = SHOWN("note")},
};

struct resource res_check_in_goal = {
    .name = "check_in_goal",
    .plural = "check_in_goals",
    .doc = "What one side says of a goal in a check-in.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
};
