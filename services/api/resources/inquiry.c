/* Inquiries: somebody would like to work with the schools, by the public form or told to the staff.
 */
#include "action.h"
#include "resources.h"

static const char *const sources[] = {"public", "staff", NULL};
static const char *const statuses[] = {"new",      "assigned", "answered", "converted",
                                       "declined", "spam",     NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("organization", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                        .doc = "Who wrote.")},
    {.json = JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("website", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("message", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_NULLABLE, .values = partner_kinds)},
    {.json = JSON_FIELD("offer_kind", FIELD_ENUM, FIELD_NULLABLE, .values = resource_kinds,
                        .doc = "What they would give.")},
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "The school that they ask for."),
    REFERENCE("need_id", need, FIELD_NULLABLE, .doc = "The need that they ask about."),
    {.json = JSON_FIELD("locale", FIELD_LOCALE, FIELD_NULLABLE,
                        .doc = "In which they are answered; null: the district's.")},
    {.json = JSON_FIELD("source", FIELD_ENUM, FIELD_READ_ONLY, .values = sources),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("answer_by", FIELD_DATE, 0, .doc = "A week from today, if you do not say."),
     .use = FIELD_RANGES | FIELD_SORTS,
     .create_default = "district_today() + 7"},
    {.json = JSON_FIELD("overdue", FIELD_BOOL, FIELD_READ_ONLY, .doc = "Nobody answered in time."),
     .sql = "t.status IN ('new', 'assigned') AND t.answer_by < district_today()"},
    REFERENCE("owner_id", user, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "Who answers."),
    {.json = JSON_FIELD("answer", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("answered_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    REFERENCE("partner_id", partner, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "What it became."),
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_contact},
    {.json = JSON_FIELD("offer_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_offer},
    {.json = JSON_FIELD("pledge_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_pledge},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
};

static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct json_field assign_fields[] = {
    JSON_FIELD("owner_id", FIELD_UUID, FIELD_REQUIRED)};
static const struct json_field answer_fields[] = {
    JSON_FIELD("answer", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST),
    JSON_FIELD("by_mail", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "It goes to their address; null: if they wrote by the public form."),
};
static const struct json_field convert_fields[] = {
    JSON_FIELD("partner_id", FIELD_UUID, FIELD_NULLABLE, .doc = "Null: it becomes a prospect."),
    JSON_FIELD("is_new", FIELD_BOOL, FIELD_NULLABLE,
               .doc = "None of the partners that look the same (GET …/duplicates) is it."),
    JSON_FIELD("kind", FIELD_ENUM, FIELD_NULLABLE, .values = partner_kinds,
               .doc = "Of the prospect; null: the inquiry's."),
    JSON_FIELD("offer_name", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = NAME_LONGEST),
    JSON_FIELD("quantity", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = 1000000000000,
               .doc = "Of the offer."),
    JSON_FIELD("unit", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = CODE_LONGEST),
    JSON_FIELD("pledge_quantity", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = 1000000000,
               .doc = "As much as they pledge for the need that they ask about; null: no pledge."),
};
static const struct resource_action actions[] = {
    {.verb = "assign", .summary = "Say who answers one inquiry", ACTION_FIELDS(assign_fields)},
    {.verb = "answer",
     .summary = "Answer one inquiry, by mail or another way, and keep what was said",
     ACTION_FIELDS(answer_fields)},
    {.verb = "convert",
     .summary = "Make a prospect, an offer and a pledge of one inquiry",
     ACTION_FIELDS(convert_fields)},
    {.verb = "decline", .summary = "Decline one inquiry", ACTION_FIELDS(reason_fields)},
    {.verb = "discard", .summary = "Say that one inquiry is spam"},
    {.verb = "reopen", .summary = "Take one inquiry up again"},
};

struct resource res_inquiry = {
    .name = "inquiry",
    .plural = "inquiries",
    .doc = "Who would like to work with the schools.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_ADDRESSEE, .field = "owner_id", .parent = "site"},
    .searched = "'{inquiry}'",
    .default_sort = "answer_by",
    .changes_by_day = true,
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
