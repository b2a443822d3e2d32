/* Needs: what a place lacks, from the first word to the day on which it has it. */
#include "action.h"
#include "resources.h"

static const char *const urgencies[] = {"routine", "urgent", "call_to_action", NULL};
static const char *const origins[] = {"school",   "network", "district", "families",
                                      "students", "staff",   "partner",  "survey",
                                      "event",    "other",   NULL};
static const char *const capacities[] = {"none", "service_center", "available", NULL};
static const char *const statuses[] = {"draft",          "capacity_review", "open",
                                       "partly_matched", "matched",         "met",
                                       "expired",        "withdrawn",       NULL};
static const struct json_field resource_kinds_item =
    JSON_FIELD(NULL, FIELD_ENUM, .values = resource_kinds);

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("description", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    NETWORK_OR_SITE_FIELDS,
    REFERENCE("focus_area_id", focus_area, FIELD_REQUIRED),
    REFERENCE("priority_id", priority, FIELD_NULLABLE, .doc = "Which it follows from."),
    REFERENCE("assessment_id", assessment, FIELD_NULLABLE, .doc = "In which it was said."),
    REFERENCE("call_to_action_id", call_to_action, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Of which it is a site's part."),
    {.json = JSON_FIELD("people_affected", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = 10000000)},
    {.json = JSON_FIELD("resource_kinds", FIELD_LIST, FIELD_UNIQUE, .item = &resource_kinds_item,
                        .max = 11),
     .create_default = "'{}'"},
    {.json = JSON_FIELD("quantity", FIELD_INT, 0, .min = 1, .max = 1000000000,
                        .doc = "How much of it, in its unit."),
     .create_default = "1"},
    {.json = JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE, .max = CODE_LONGEST,
                        .doc = "hours, mentors, laptops, cents.")},
    {.json = JSON_FIELD("filled", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "As much as pledges that were accepted come to, less what failed.")},
    {.json = JSON_FIELD("delivered", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "As much as they have delivered.")},
    {.json = JSON_FIELD("needed_by", FIELD_DATE, FIELD_REQUIRED),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("urgency", FIELD_ENUM, 0, .values = urgencies),
     .use = FIELD_FILTERS,
     .create_default = "'routine'"},
    {.json = JSON_FIELD("origin", FIELD_ENUM, 0, .values = origins, .doc = "Who said so first."),
     .use = FIELD_FILTERS,
     .create_default = "'school'"},
    {.json = JSON_FIELD("is_public", FIELD_BOOL, 0,
                        .doc = "Its title and description may be read by the public, as in a "
                               "bulletin: nothing of a student or of inside matters is in them."),
     .create_default = "false"},
    {.json = JSON_FIELD("internal_capacity", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = capacities,
                        .doc = "What the review found: whether the district has it already.")},
    {.json = JSON_FIELD("capacity_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("displacement_note", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What the review said of the employees who do such work.")},
    {.json = JSON_FIELD("reviewed_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("reviewed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was returned or withdrawn, or how it was met.")},
    {.json = JSON_FIELD("opened_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

/* A network's own needs and those of its sites; and which have use for a kind of resource. */
static const struct resource_field links[] = {
    {.json = JSON_FIELD("in_network_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT n.id FROM need n LEFT JOIN site s ON s.district_id = n.district_id "
            "AND s.id = n.site_id WHERE coalesce(n.network_id, s.network_id)"},
    {.json = JSON_FIELD("resource_kind", FIELD_ENUM, 0, .values = resource_kinds),
     .use = FIELD_FILTERS,
     .sql = "SELECT n.id FROM need n CROSS JOIN LATERAL unnest(n.resource_kinds) AS k (kind) "
            "WHERE k.kind"},
};

static const struct resource_many many[] = {
    {"asks", &res_ask, "need_id"},
    {"displacement_reviews", &res_displacement_review, "need_id"},
    {"pledges", &res_pledge, "need_id"},
    {NULL},
};

static const struct json_field review_fields[] = {
    JSON_FIELD("internal_capacity", FIELD_ENUM, FIELD_REQUIRED, .values = capacities),
    REASON_FIELD,
    JSON_FIELD("displacement_note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "submit", .summary = "Submit one need to the review of what the district has itself"},
    {.verb = "review",
     .summary = "Record whether the district has itself what one need is for",
     .roles = ROLES_COORDINATION,
     ACTION_FIELDS(review_fields)},
    {.verb = "return",
     .summary = "Return one need to who drafted it",
     .roles = ROLES_COORDINATION,
     ACTION_FIELDS(reason_fields)},
    {.verb = "open",
     .summary = "Open one need to partners, if nothing is missing",
     .roles = ROLES_COORDINATION},
    {.verb = "meet",
     .summary = "Say that one need is met, with what there is",
     ACTION_FIELDS(reason_fields)},
    {.verb = "expire", .summary = "Let one need expire whose day is over"},
    {.verb = "withdraw", .summary = "Withdraw one need", ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Draft one need anew that expired or was withdrawn"},
};

struct resource res_need = {
    .name = "need",
    .plural = "needs",
    .doc = "What the district, a network or a site lacks and a partner may have.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PLACE("site_id"),
    .whose = "leads the network",
    .searched = "'{need}'",
    .default_sort = "needed_by",
    .import_key = "~title,site_id?,network_id?",
    RESOURCE_ROWS(fields),
    RESOURCE_LINKS(links),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "need_missing(t.id, v.action)",
};
