/* Roll calls: each year a school says of each partner that is listed whether it is still there. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"open", "submitted", "confirmed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("site_id", site, FIELD_REQUIRED),
    SCHOOL_YEAR_FIELD(FIELD_REQUIRED, FIELD_FILTERS),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED), .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST, .doc = "Why it was reopened.")},
    {.json = JSON_FIELD("overdue", FIELD_BOOL, FIELD_READ_ONLY),
     .sql = "t.status = 'open' AND t.due_on < district_today()"},
    {.json = JSON_FIELD("listed", FIELD_INT, FIELD_READ_ONLY),
     .sql =
         "SELECT count(*) FROM roll_call_mark m WHERE m.district_id = t.district_id AND m.roll_call_id = t.id AND m.archived_at IS NULL"},
    {.json = JSON_FIELD("marked", FIELD_INT, FIELD_READ_ONLY),
     .sql =
         "SELECT count(m.mark) FROM roll_call_mark m WHERE m.district_id = t.district_id AND m.roll_call_id = t.id AND m.archived_at IS NULL"},
    {.json = JSON_FIELD("submitted_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("submitted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("confirmed_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("confirmed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct json_field add_fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID, FIELD_NULLABLE, .doc = "This, or a name."),
    JSON_FIELD("name", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST,
               .doc = "Of a partner that the district has not."),
    JSON_FIELD("kind", FIELD_ENUM, FIELD_NULLABLE, .values = partner_kinds),
    JSON_FIELD("is_new", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "It is none of those that are called much alike."),
};
static const struct resource_action actions[] = {
    {.verb = "add",
     .summary = "Add a partner that is not listed to one roll call",
     ACTION_FIELDS(add_fields)},
    {.verb = "submit", .summary = "Sign one roll call as complete"},
    {.verb = "confirm", .summary = "Confirm one roll call", .roles = ROLES_PROGRAM},
    {.verb = "reopen",
     .summary = "Open one roll call again",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(reason_fields)},
};
static const struct resource_many many[] = {
    {"roll_call_marks", &res_roll_call_mark, "roll_call_id"},
    {NULL},
};

struct resource res_roll_call = {
    .name = "roll_call",
    .plural = "roll_calls",
    .doc = "What a school says each year of the partners that work there.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .whose = "answers for partnerships at the site, or is its principal",
    .default_sort = "due_on",
    .many = many,
    .missing = "roll_call_missing(t.id, v.action)",
    .changes_by_day = true,
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
