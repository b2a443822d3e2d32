/* Goals of partnerships: a statement that both sides acknowledge, a target, and how far it is. */
#include "action.h"
#include "resources.h"

#define MEASURE_MOST 999999999999
#define MEASURED(column)                                                      \
    "(SELECT m." column " FROM (SELECT district_today() AS day OFFSET 0) d, " \
    "LATERAL goal_measured(t.id, t.indicator_id, t.partnership_id, d.day) m)"
#define MEASURE .min = -MEASURE_MOST, .max = MEASURE_MOST, .precision = 18, .scale = 6

static const char *const directions[] = {"up", "down", NULL};
static const char *const progresses[] = {"not_started", "on_track", "at_risk", "behind", "met",
                                         "missed",      "no_data",  "dropped", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partnership_id", partnership, FIELD_REQUIRED),
    REFERENCE("priority_id", priority, FIELD_NULLABLE, .doc = "What it serves."),
    {.json =
         JSON_FIELD("statement", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    REFERENCE("indicator_id", indicator, FIELD_NULLABLE,
              .doc = "What measures it: the dashboard tells how far it is."),
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE, .max = CODE_LONGEST)},
    {.json = JSON_FIELD("direction", FIELD_ENUM, 0, .values = directions,
                        .doc = "Whether more or less is better."),
     .create_default = "'up'"},
    {.json = JSON_FIELD("baseline", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE)},
    {.json = JSON_FIELD("baseline_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("target", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE)},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("progress", FIELD_ENUM, 0, .values = progresses, .doc = "As typed."),
     .use = FIELD_FILTERS,
     .create_default = "'not_started'"},
    {.json = JSON_FIELD("current", FIELD_DECIMAL, FIELD_NULLABLE, MEASURE, .doc = "As typed.")},
    {.json = JSON_FIELD("current_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD(
         "measured", FIELD_DECIMAL, FIELD_READ_ONLY | FIELD_NULLABLE, MEASURE,
         .doc = "What the indicator says of the partnership, and of those that share it, "
                "together."),
     .sql = MEASURED("value")},
    {.json = JSON_FIELD("measured_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE),
     .sql = MEASURED("value_on")},
    {.json = JSON_FIELD("computed_progress", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = progresses,
                        .doc = "By the distance to the line from the baseline to the target: of "
                               "what is measured, else of what is typed."),
     .sql = "(SELECT m.computed FROM goal_told(t) AS m)"},
    {.json = JSON_FIELD("standing", FIELD_ENUM, FIELD_READ_ONLY, .values = progresses,
                        .doc = "Which of both counts: what is computed, if anything is."),
     .sql = "(SELECT m.standing FROM goal_told(t) AS m)"},
    ACKNOWLEDGMENT_FIELDS("When the district acknowledged it as it stands.",
                          "When the partner acknowledged it as it stands."),
    PARTNER_VERSION_FIELD,
};

static const struct json_field acknowledge_fields[] = {ON_BEHALF_OF_FIELD};

static const struct resource_action actions[] = {
    {.verb = "acknowledge",
     .summary = "Acknowledge one goal, for a side of its partnership",
     ACTION_FIELDS(acknowledge_fields)},
};

struct resource res_goal = {
    .name = "goal",
    .plural = "goals",
    .doc = "What a partnership wants to reach, by when.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partnership_id", "partnership"),
    .default_sort = "due_on",
    .changes_by_day = true,
    .import_key = "partnership_id,~statement",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
