/* School years: opened with a calendar, closed with what they came to. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"planned", "open", "closed", NULL};
static const char *const calendars[] = {"previous", "standard", "none", NULL};

static const struct json_field count_item = JSON_FIELD(NULL, FIELD_INT);

static const struct resource_field fields[] = {
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED | FIELD_CREATE_ONLY, FIELD_FILTERS | FIELD_SORTS),
    {.json = JSON_FIELD("starts_on", FIELD_DATE, 0, .doc = "July 1, where it is left out."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, 0,
                        .doc = "Its last day: June 30, where it is left out."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("copied_from", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The school year whose calendar it took over.")},
    {.json = JSON_FIELD("opened_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("closed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("figures", FIELD_MAP, FIELD_READ_ONLY | FIELD_NULLABLE, .item = &count_item,
                        .doc = "What it came to, as it was when it was closed.")},
};

static const struct json_field open_fields[] = {
    JSON_FIELD("calendar", FIELD_ENUM, FIELD_NULLABLE, .values = calendars,
               .doc = "previous, if left out: quarters, closed days and blackouts of the year "
                      "before, a year later, or else the standard; standard: quarters from July "
                      "to June."),
};
static const struct resource_action actions[] = {
    {.verb = "open", .summary = "Open one school year", ACTION_FIELDS(open_fields)},
    {.verb = "close", .summary = "Close one school year, and keep what it came to"},
    {.verb = "reopen", .summary = "Reopen one school year"},
    {.verb = "thank",
     .summary = "Draft the thanks for one school year, of each partnership that ran in it"},
};

struct resource res_school_year = {
    .name = "school_year",
    .plural = "school_years",
    .doc = "School years, named by the year in which they end.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .scope = {.kind = SCOPE_DISTRICT},
    .default_sort = "school_year",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "school_year_missing(t.id, v.action)",
};
