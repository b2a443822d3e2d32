/* What both sides of a check-in agree on of a goal that they had seen differently. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const progresses[] = {"not_started", "on_track", "at_risk", "behind", "met",
                                         "missed",      "no_data",  "dropped", NULL};

static const struct resource_field fields[] = {
    REFERENCE("check_in_id", check_in, FIELD_READ_ONLY),
    REFERENCE("goal_id", goal, FIELD_READ_ONLY),
    {.json = JSON_FIELD("progress", FIELD_ENUM, FIELD_READ_ONLY, .values = progresses)},
    {.json = JSON_FIELD("current", FIELD_DECIMAL, FIELD_READ_ONLY | FIELD_NULLABLE, .precision = 18,
                        .scale = 6)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "How it was agreed.")},
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides,
                        .doc = "Whose lead has written it down.")},
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE),
    REFERENCE("contact_id", contact, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("settled_at", FIELD_INSTANT, FIELD_READ_ONLY,
                        .doc = "It counts as long as no half has been handed in since.")},
};

struct resource res_goal_settlement = {
    .name = "goal_settlement",
    .plural = "goal_settlements",
    .doc =
        "What both sides of a check-in agree on of a goal that they had seen differently; nothing "
        "is averaged. The check-in's action settle_goal and its page write it.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
};
