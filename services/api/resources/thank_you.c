/* Thank-yous: drafted for gifts, milestones and years, and sent by mail or said. */
#include "action.h"
#include "resources.h"

static const char *const occasions[] = {"gift", "pledge", "milestone", "win",
                                        "year", "event",  "other",     NULL};
static const char *const statuses[] = {"draft", "sent", "given", "dropped", NULL};
static const char *const ways[] = {"mail", "letter", "call", "event", NULL};
static const char *const ways_by_hand[] = {"letter", "call", "event", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("occasion", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY,
                        .values = occasions),
     .use = FIELD_FILTERS},
    REFERENCE("partner_id", partner, FIELD_NULLABLE,
              .doc = "Who is thanked; left out: whoever the occasion is of."),
    REFERENCE("contact_id", contact, FIELD_NULLABLE,
              .doc = "The person who gets it; left out: the gift's, who leads the "
                     "partnership, or who belongs to the partner."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE),
    REFERENCE("gift_id", gift, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    REFERENCE("pledge_id", pledge, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    REFERENCE("milestone_id", milestone, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("school_year", FIELD_INT, FIELD_NULLABLE | FIELD_CREATE_ONLY, .min = 2000,
                        .max = 2100, .doc = "The year in which it ends.")},
    {.json = JSON_FIELD("about", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "What it is for, as a win; {{about}} in templates.")},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, 0, .doc = "Left out: the contact's.")},
    {.json = JSON_FIELD("subject", FIELD_TEXT, 0, .min = 1, .max = LINE_LONGEST,
                        .doc = "Left out, as the text: of the template of the kind thank_you that "
                               "is named as the occasion, or of any, or as supplied.")},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, 0, .min = 1, .max = TEXT_LONGEST)},
    SERVING("owner_id", FIELD_NULLABLE,
            .doc = "The user who says it; left out: who leads the partnership, who "
                   "cares for the partner, or you."),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE, .doc = "Left out: in two weeks."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was dropped, or why its mail did not go.")},
    {.json = JSON_FIELD("way", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = ways)},
    {.json = JSON_FIELD("given_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "For the office.")},
    {.json =
         JSON_FIELD("message_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "The mail."),
     .ref = &res_message},
};

static const struct json_field give_fields[] = {
    JSON_FIELD("way", FIELD_ENUM, FIELD_REQUIRED, .values = ways_by_hand),
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
    JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};
static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "send", .summary = "Send one thank-you by mail"},
    {.verb = "give",
     .summary = "Say that one thank-you was given by letter, call or in person",
     ACTION_FIELDS(give_fields)},
    {.verb = "drop", .summary = "Drop one thank-you", ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Draft one thank-you again that was dropped"},
};

struct resource res_thank_you = {
    .name = "thank_you",
    .plural = "thank_yous",
    .doc = "Thanks: for gifts, milestones, years and whatever else, drafted and said.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ADDRESSEE, .field = "owner_id", .parent = "partnership"},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "thank_you_missing(t.id, v.action)",
};
