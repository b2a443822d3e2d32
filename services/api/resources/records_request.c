/* Records requests: everything about one person or partner, for whoever may ask for it. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"received",  "gathering", "ready",
                                       "delivered", "withdrawn", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("requester", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "Who asks.")},
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "About whom: this, or one of the two others."),
    REFERENCE("user_id", user, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    REFERENCE("partner_id", partner, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("received_on", FIELD_DATE, FIELD_REQUIRED)},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_REQUIRED,
                        .doc = "As the law of the state says, counted from received_on."),
     .use = FIELD_RANGES | FIELD_SORTS},
    SERVING("owner_id", FIELD_NULLABLE, .doc = "The user who sees to it; null: who begins."),
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("is_overdue", FIELD_BOOL, FIELD_READ_ONLY),
     .sql = "t.status NOT IN ('delivered', 'withdrawn') AND t.due_on < district_today()"},
    {.json = JSON_FIELD("gathered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The file is as everything was then.")},
    {.json =
         JSON_FIELD("records", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "In the file.")},
    {.json = JSON_FIELD("delivered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("delivered_to", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field deliver_fields[] = {
    JSON_FIELD("delivered_to", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
               .doc = "To whom, and how."),
};
static const struct json_field withdraw_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "begin", .summary = "Begin to gather what one records request asks for"},
    {.verb = "gather", .summary = "Make the file of one records request, or make it anew"},
    {.verb = "deliver",
     .summary = "Say to whom one records request was delivered",
     ACTION_FIELDS(deliver_fields)},
    {.verb = "withdraw", .summary = "End one records request", ACTION_FIELDS(withdraw_fields)},
};

struct resource res_records_request = {
    .name = "records_request",
    .plural = "records_requests",
    .doc = "Requests for everything that there is about a person or a partner.",
    .readers = ROLES_REVIEW,
    .watchers = ROLES_REVIEW,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_ADMIN},
    .default_sort = "due_on",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .changes_by_day = true,
};
