/* Templates of convenings: when in a school year, for how long, and what is on the agenda. */
#include "resources.h"

#define OFFSET_MOST   366
#define MINUTES_MOST  1440
#define CAPACITY_MOST 100000
#define DAYS_MOST     60
#define TITLE_LONGEST 500

static const char *const levels[] = {"site", "network", "district", NULL};
static const char *const kinds[] = {"start", "middle", "end", "other", NULL};
static const char *const anchors[] = {"starts", "ends", NULL};

static const struct json_field title_item = JSON_FIELD(NULL, FIELD_TEXT, .max = TITLE_LONGEST);
static const struct json_field agenda_fields[] = {
    JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = TITLE_LONGEST),
    JSON_FIELD("titles", FIELD_MAP, FIELD_NULLABLE, .item = &title_item, .max = 20,
               .doc = "In other languages, by their locale."),
    JSON_FIELD("minutes", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = MINUTES_MOST),
};
static const struct json_table agenda_table = JSON_TABLE("template_agenda_item", agenda_fields);
static const struct json_field agenda_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &agenda_table);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "What convenings of it are called."),
     .use = FIELD_SORTS},
    {.json =
         JSON_FIELD("level", FIELD_ENUM, 0, .values = levels,
                    .doc = "Of what there is one each: of the sites, the networks, the district."),
     .use = FIELD_FILTERS,
     .create_default = "'site'"},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("anchor", FIELD_ENUM, FIELD_REQUIRED, .values = anchors,
                        .doc = "From which end of the year or quarter its day is counted.")},
    {.json = JSON_FIELD("quarter", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 4,
                        .doc = "The reporting quarter; null: the school year.")},
    {.json = JSON_FIELD("offset_days", FIELD_INT, 0, .min = -OFFSET_MOST, .max = OFFSET_MOST,
                        .doc = "Days after the anchor; where the place is closed or in a "
                               "blackout, the next open day."),
     .create_default = "0"},
    {.json = JSON_FIELD("local_hour", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 23,
                        .doc = "When it begins, on the clocks of the place.")},
    {.json = JSON_FIELD("local_minute", FIELD_INT, 0, .min = 0, .max = 59), .create_default = "0"},
    {.json = JSON_FIELD("duration_minutes", FIELD_INT, 0, .min = 5, .max = MINUTES_MOST),
     .create_default = "90"},
    {.json = JSON_FIELD("capacity", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = CAPACITY_MOST,
                        .doc = "Seats; null: as many as come.")},
    {.json = JSON_FIELD("location", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("reminder_days", FIELD_INT, 0, .min = 0, .max = DAYS_MOST,
                        .doc = "How long before people are reminded; 0: they are not."),
     .create_default = "3"},
    {.json = JSON_FIELD("agenda", FIELD_LIST, .item = &agenda_item, .max = 50),
     .create_default = "'[]'"},
    {.json = JSON_FIELD("is_active", FIELD_BOOL, 0,
                        .doc = "A school year that opens plans convenings of it."),
     .create_default = "true"},
};

struct resource res_convening_template = {
    .name = "convening_template",
    .plural = "convening_templates",
    .doc = "How convenings are planned: when in a school year, for how long, with which agenda.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "name",
    RESOURCE_ROWS(fields),
};
