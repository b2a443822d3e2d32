/* Letters for taxes: of one contribution, or of a donor's calendar year. What is issued has a
 * number, and never changes; another one takes its place. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"acknowledgment", "summary", NULL};
static const char *const statuses[] = {"draft", "issued", "sent", "replaced", "discarded", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds,
                        .doc = "Of one contribution, or of all in a calendar year."),
     .use = FIELD_FILTERS},
    REFERENCE("donee_id", donee, FIELD_READ_ONLY),
    REFERENCE("partner_id", partner, FIELD_READ_ONLY | FIELD_NULLABLE),
    REFERENCE("contact_id", contact, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "Who gets it."),
    REFERENCE("gift_id", gift, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("year", FIELD_INT, FIELD_READ_ONLY, .doc = "The calendar year."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("number", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of the donee's, by the year in which it was issued.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("locale", FIELD_LOCALE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("donor", FIELD_TEXT, FIELD_READ_ONLY, .doc = "As the letter names it.")},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_READ_ONLY, .doc = "The letter.")},
    {.json = JSON_FIELD("total_cents", FIELD_INT, FIELD_READ_ONLY,
                        .doc = "Of cash; what else was given has no value here.")},
    {.json = JSON_FIELD("issued_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("issued_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json =
         JSON_FIELD("message_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE, .doc = "The mail."),
     .ref = &res_message},
    {.json = JSON_FIELD("replaces_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The letter whose place it took."),
     .ref = &res_tax_document},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was replaced or discarded.")},
};

static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "issue", .summary = "Issue one yearly summary that was drafted"},
    {.verb = "send", .summary = "Send one letter for taxes by mail, once"},
    {.verb = "reissue",
     .summary = "Issue one letter for taxes anew, by what is known now",
     ACTION_FIELDS(reason_fields)},
    {.verb = "discard",
     .summary = "Discard one yearly summary that was drafted",
     ACTION_FIELDS(reason_fields)},
};

struct resource res_tax_document = {
    .name = "tax_document",
    .plural = "tax_documents",
    .doc = "Letters for taxes: of one contribution, or of a donor's calendar year.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REVIEW,
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "tax_document_missing(t.id, v.action)",
};
