/* What partners have said of their own records: applied at once, or waiting for our word. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"applied",   "waiting",    "accepted", "refused",
                                       "withdrawn", "superseded", NULL};

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_READ_ONLY),
    {.json = JSON_FIELD("field", FIELD_TEXT, FIELD_READ_ONLY,
                        .doc = "Of the partner's record; or offer, program or person: what has "
                               "changed of one of these, as an object of its fields.")},
    {.json = JSON_FIELD("old", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What stood there when this was said.")},
    {.json = JSON_FIELD("proposed", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("current", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What stands there now."),
     .sql = "partner_edit_current(t.district_id, t.partner_id, t.field)"},
    {.json = JSON_FIELD("affiliation_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The place of somebody whom the partner has added, for whom nobody "
                               "has vouched: accept lets the person sign in for it, refuse takes "
                               "the place away."),
     .ref = &res_affiliation},
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "The partner's contact who said it, as the user that it signs in "
                     "as."),
    {.json = JSON_FIELD("contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The contact who said it by a mail's link."),
     .ref = &res_contact},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "applied: at once; superseded: something else was said of the "
                               "field before anybody decided."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was refused; the partner reads it.")},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
};

static const struct json_field refuse_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "accept", .summary = "Write what one partner has said into its record"},
    {.verb = "refuse",
     .summary = "Leave one partner's record as it is, with a reason that the partner reads",
     ACTION_FIELDS(refuse_fields)},
};

struct resource res_partner_edit = {
    .name = "partner_edit",
    .plural = "partner_edits",
    .doc = "What partners say of their own records, field by field.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .changes_by_day = true, /* current is the partner's */
};
