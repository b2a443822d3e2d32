/* Pledges: what a partner promises for a need, from the offer to the day on which it is there. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"offered",  "accepted",         "waitlisted",
                                       "declined", "partly_delivered", "delivered",
                                       "failed",   "withdrawn",        NULL};

static const struct resource_field fields[] = {
    REFERENCE("need_id", need, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("partner_id", partner, FIELD_REQUIRED | FIELD_CREATE_ONLY),
    REFERENCE("ask_id", ask, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Which it answers; null: it came unasked."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE, .doc = "Who promises it."),
    REFERENCE("program_id", program, FIELD_NULLABLE),
    REFERENCE("offer_id", offer, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "What it is of: accepting it takes as much of that."),
    {.json = JSON_FIELD("quantity", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = 1000000000)},
    {.json = JSON_FIELD("starts_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("ends_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("delivered", FIELD_INT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("accepted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("delivered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("is_own_word", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "The partner has said it itself, by a link or signed in.")},
    REFERENCE("partnership_id", partnership, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "What it has become."),
};

/* Of all parts of a call to action. */
static const struct resource_field links[] = {
    {.json = JSON_FIELD("call_to_action_id", FIELD_UUID, 0),
     .use = FIELD_FILTERS,
     .sql = "SELECT o.id FROM need n JOIN pledge o ON o.district_id = n.district_id "
            "AND o.need_id = n.id WHERE n.call_to_action_id"},
};

static const struct resource_many many[] = {
    {"pledge_sites", &res_pledge_site, "pledge_id"},
    {NULL},
};

static const struct json_field deliver_fields[] = {
    JSON_FIELD("quantity", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 1000000000,
               .doc = "How much more is there now; null: all that was missing."),
};
static const char *const arrangements[] = {"program",  "sponsorship", "service", "public_private",
                                           "research", "gift",        "other",   NULL};
static const struct json_field convert_fields[] = {
    JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
    JSON_FIELD("arrangement", FIELD_ENUM, FIELD_REQUIRED, .values = arrangements),
    JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
    JSON_FIELD("lead_user_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "Who leads it at the district; null: whoever does this."),
};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "accept", .summary = "Accept one pledge, while the need lacks as much"},
    {.verb = "waitlist", .summary = "Put one pledge on the waiting list"},
    {.verb = "decline", .summary = "Decline one pledge", ACTION_FIELDS(reason_fields)},
    {.verb = "deliver",
     .summary = "Say how much of one pledge is there",
     ACTION_FIELDS(deliver_fields)},
    {.verb = "fail",
     .summary = "Say that the rest of one pledge does not come",
     ACTION_FIELDS(reason_fields)},
    {.verb = "withdraw",
     .summary = "Say that the partner takes one pledge back that nobody has accepted",
     ACTION_FIELDS(reason_fields)},
    {.verb = "convert",
     .summary = "Make a partnership of one pledge",
     ACTION_FIELDS(convert_fields)},
};

struct resource res_pledge = {
    .name = "pledge",
    .plural = "pledges",
    .doc = "What a partner promises for a need.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("need_id", "need"),
    .whose = "answers for partnerships where it goes, or has the partner's own word to answer",
    RESOURCE_ROWS(fields),
    RESOURCE_LINKS(links),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "pledge_missing(t.id, v.action)",
};
