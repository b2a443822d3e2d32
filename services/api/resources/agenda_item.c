/* What is on the agenda of a convening: put there by people, or by the system, which finds what it
 * is about. */
#include "resources.h"

#define POSITION_MOST 100000
#define MINUTES_MOST  1440
#define TITLE_LONGEST 500

static const char *const sources[] = {"by_hand", "system", NULL};
static const char *const kinds[] = {"topic",
                                    "win",
                                    "principal",
                                    "vision",
                                    "new_partnership",
                                    "goal_behind",
                                    "overdue_action",
                                    "open_need",
                                    "goal_met",
                                    "milestone",
                                    "need_met",
                                    "gift",
                                    NULL};
static const struct json_field title_item = JSON_FIELD(NULL, FIELD_TEXT, .max = TITLE_LONGEST);

static const struct resource_field fields[] = {
    REFERENCE("convening_id", convening, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("position", FIELD_INT, 0, .min = 0, .max = POSITION_MOST,
                        .doc = "Its place; left out, behind what people put there."),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("source", FIELD_ENUM, FIELD_READ_ONLY, .values = sources),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, 0, .values = kinds,
                        .doc = "topic and win are people's; the others are found by the system."),
     .use = FIELD_FILTERS,
     .create_default = "'topic'"},
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = TITLE_LONGEST)},
    {.json = JSON_FIELD("titles", FIELD_MAP, 0, .item = &title_item, .max = 20,
                        .doc = "In other languages, by their locale."),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What was said; until the convening is closed.")},
    {.json = JSON_FIELD("minutes", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = MINUTES_MOST)},
    SERVING("presenter_id", FIELD_NULLABLE),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE, .doc = "What it is about."),
    {.json = JSON_FIELD("subject_kind", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What the system found: goal, action_item, need, milestone …")},
    {.json = JSON_FIELD("subject_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("thank_you_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The thanks that came of it, at the end of the year."),
     .ref = &res_thank_you},
    {.json = JSON_FIELD("story_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The story that came of it."),
     .ref = &res_story},
};

struct resource res_agenda_item = {
    .name = "agenda_item",
    .plural = "agenda_items",
    .doc = "What is on the agenda of a convening.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("convening_id", "convening"),
    .default_sort = "position",
    RESOURCE_ROWS(fields),
};
