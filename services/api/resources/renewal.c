/* One agreement in a renewal campaign: what is to become of it, and how far that is. */
#include "action.h"
#include "resources.h"

static const char *const decisions[] = {"renew", "renegotiate", "let_expire", NULL};
static const char *const suggestions[] = {"renew", "grow", "adjust", "exit", NULL};

static const struct resource_field fields[] = {
    REFERENCE("renewal_campaign_id", renewal_campaign, FIELD_READ_ONLY),
    REFERENCE("agreement_id", agreement, FIELD_READ_ONLY),
    {.json =
         JSON_FIELD("decision", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE, .values = decisions),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("comment", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("suggestion", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = suggestions,
                        .doc = "What the last review of a partnership that it covers decided."),
     .sql = "(SELECT s.decision FROM renewal_suggested(t) AS s)"},
    {.json = JSON_FIELD("partnership_review_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The review that decided it; null: somebody did."),
     .ref = &res_partnership_review},
    {.json = JSON_FIELD("successor_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The draft that takes its place."),
     .ref = &res_agreement},
    {.json = JSON_FIELD("successor_status", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = LINE_LONGEST, .doc = "How far that is."),
     .sql =
         "(SELECT a.status FROM agreement a WHERE a.district_id = t.district_id AND a.id = t.successor_id)"},
    {.json = JSON_FIELD(
         "is_late", FIELD_BOOL, FIELD_READ_ONLY,
         .doc = "It is undecided or not drafted a month before the board meets or the agreement "
                "ends, not reviewed when the board has met, or not signed at the end."),
     .sql = "(SELECT l.is_late FROM renewal_lateness(t) AS l)"},
};

static const struct json_field decide_fields[] = {
    JSON_FIELD("decision", FIELD_ENUM, FIELD_REQUIRED, .values = decisions),
    JSON_FIELD("comment", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST),
};

static const struct resource_action actions[] = {
    {.verb = "decide",
     .summary = "Decide what is to become of one agreement that ends",
     ACTION_FIELDS(decide_fields)},
    {.verb = "prefill", .summary = "Draft the agreement that takes the place of one that ends"},
};

struct resource res_renewal = {
    .name = "renewal",
    .plural = "renewals",
    .doc = "An agreement in a renewal campaign: what is to become of it, and how far that is.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_PROGRAM,
    .operations = RESOURCE_READ | RESOURCE_ARCHIVE | RESOURCE_RESTORE,
    .scope = {.kind = SCOPE_DISTRICT},
    .changes_by_day = true,
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
