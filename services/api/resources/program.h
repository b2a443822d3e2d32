/* What a program is as a course: the district and its partner both say it. */
#ifndef KITH_API_RESOURCES_PROGRAM_H
#define KITH_API_RESOURCES_PROGRAM_H

#include "resources.h"

#define CAPACITY_MOST   1000000
#define COST_CENTS_MOST 1000000000000

static const char *const settings[] = {"in_school", "out_of_school", NULL};
static const char *const audiences[] = {"students", "staff", "families", NULL};
static const char *const statuses[] = {"planned", "active", "paused", "ended", NULL};
/* As the Common Education Data Standards write them. */
static const char *const grades[] = {"PK", "TK", "KG", "01", "02", "03", "04", "05",
                                     "06", "07", "08", "09", "10", "11", "12", NULL};

static const struct json_field audience_item = JSON_FIELD(NULL, FIELD_ENUM, .values = audiences);
static const struct json_field grade_item = JSON_FIELD(NULL, FIELD_ENUM, .values = grades);

#define PROGRAM_COURSE_FIELDS                                                                      \
    {.json = JSON_FIELD("setting", FIELD_ENUM, FIELD_NULLABLE, .values = settings),                \
     .use = FIELD_FILTERS},                                                                        \
        {.json =                                                                                   \
             JSON_FIELD("audience", FIELD_LIST, FIELD_UNIQUE, .item = &audience_item, .max = 3),   \
         .create_default = "'{}'"},                                                                \
        {.json = JSON_FIELD("grades", FIELD_LIST, FIELD_UNIQUE, .item = &grade_item, .max = 15),   \
         .create_default = "'{}'"},                                                                \
        {.json = JSON_FIELD("capacity", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CAPACITY_MOST, \
                            .doc = "People at one time.")},                                        \
        {.json = JSON_FIELD("schedule", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},    \
    {                                                                                              \
        .json = JSON_FIELD("cost_cents", FIELD_INT, FIELD_NULLABLE, .min = 0,                      \
                           .max = COST_CENTS_MOST, .doc = "Of a year, in cents.")                  \
    }

/* Only the district says it: figures of those who are served are made by it. */
#define PROGRAM_DOSAGE_FIELDS                                                                   \
    {.json = JSON_FIELD("minimum_dosage", FIELD_DECIMAL, FIELD_NULLABLE, .min = 0,              \
                        .max = DOSAGE_MOST, .precision = 7, .scale = 2,                         \
                        .doc = "What somebody has of it at least in a school year to count as " \
                               "served; figures of its cohorts carry it.")},                    \
    {                                                                                           \
        .json = JSON_FIELD("dosage_unit", FIELD_ENUM, FIELD_NULLABLE, .values = dosage_units,   \
                           .doc = "Needed with minimum_dosage.")                                \
    }

#define PROGRAM_STATUS_FIELD                                                                   \
    {                                                                                          \
        .json = JSON_FIELD("status", FIELD_ENUM, 0, .values = statuses), .use = FIELD_FILTERS, \
        .create_default = "'active'"                                                           \
    }

#endif
