/* Sessions of a school information system: kept apart from the reporting quarters, and mapped to
 * one only when somebody asks for it. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"grading_period", "term", "semester", "school_year", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("source_id", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST,
                        .doc = "In the system that it comes from.")},
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_before", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "The first day after it, as OneRoster says it.")},
    REFERENCE("parent_id", academic_session, FIELD_NULLABLE),
    {.json = JSON_FIELD("reporting_quarter_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The quarter that has its days."),
     .ref = &res_reporting_quarter},
};

static const struct json_field map_fields[] = {
    JSON_FIELD("number", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 4, .doc = "Of the quarter."),
};
static const struct resource_action actions[] = {
    {.verb = "map",
     .summary = "Give a reporting quarter the days of one session",
     ACTION_FIELDS(map_fields)},
    {.verb = "unmap", .summary = "Part one session from its reporting quarter, which stays"},
};

struct resource res_academic_session = {
    .name = "academic_session",
    .plural = "academic_sessions",
    .doc = "Semesters, terms and grading periods of a school information system.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "starts_on",
    .import_key = "source_id",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
