/* How long records of a kind are kept, by which law or schedule. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"action_item",
                                    "activity",
                                    "agreement",
                                    "ask",
                                    "audit",
                                    "award",
                                    "bulletin",
                                    "call_task",
                                    "champion",
                                    "check_in",
                                    "coaching",
                                    "complaint",
                                    "contact",
                                    "convening",
                                    "credential",
                                    "departure",
                                    "funding_application",
                                    "gift",
                                    "inquiry",
                                    "interaction",
                                    "introduction",
                                    "investment",
                                    "message",
                                    "need",
                                    "offer",
                                    "partner",
                                    "partner_edit",
                                    "partnership",
                                    "partnership_review",
                                    "placement",
                                    "pledge",
                                    "program",
                                    "records_request",
                                    "roll_call",
                                    "story",
                                    "survey",
                                    "tax_document",
                                    "thank_you",
                                    "training",
                                    "user",
                                    NULL};
static const char *const disposals[] = {"archive", "delete", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED | FIELD_CREATE_ONLY, .values = kinds,
                        .doc = "Of records; each has one schedule.")},
    {.json = JSON_FIELD("years", FIELD_INT, FIELD_REQUIRED, .min = 0, .max = 100,
                        .doc = "From the end of the record's use.")},
    {.json = JSON_FIELD("source", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
                        .doc = "The law or schedule that says so.")},
    {.json = JSON_FIELD("disposal", FIELD_ENUM, FIELD_CREATE_ONLY, .values = disposals,
                        .doc = "What becomes of the records. Those of people, and those that hold "
                               "others together, are archived; of the rest, what something else "
                               "still refers to is not deleted. The audit log is deleted or kept, "
                               "for three years at least."),
     .create_default = "'archive'"},
    {.json = JSON_FIELD("blocks_erasure", FIELD_BOOL, 0,
                        .doc = "Whom such a record names is not erased before."),
     .create_default = "true"},
    {.json = JSON_FIELD("is_automatic", FIELD_BOOL, 0,
                        .doc = "The clock applies it, once a day; false: it is applied when "
                               "somebody says so."),
     .create_default = "false"},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("applied_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("archived_rows", FIELD_INT, FIELD_READ_ONLY, .doc = "By all rounds.")},
    {.json = JSON_FIELD("deleted_rows", FIELD_INT, FIELD_READ_ONLY, .doc = "The same.")},
};

static const struct resource_action actions[] = {
    {.verb = "apply",
     .summary =
         "Archive or delete what is past one schedule and under no hold, five hundred records at "
         "once"},
};

struct resource res_retention_rule = {
    .name = "retention_rule",
    .plural = "retention_rules",
    .doc = "How long records of a kind are kept.",
    .readers = ROLES_REVIEW,
    .writers = ROLES_ADMIN,
    .scope = {.kind = SCOPE_ADMIN},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
};
