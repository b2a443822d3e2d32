/* Agreements with partners, from the draft to their end; one may cover several partnerships. */
#include "action.h"
#include "resources.h"

#define NOTICE_DAYS_MOST  3650
#define CENTS_MOST        1000000000000
#define AGREEMENT_LONGEST 20000 /* a body of characters that JSON escapes holds it */

static const char *const kinds[] = {"master",    "mou",         "site_plan", "data_sharing",
                                    "amendment", "provisional", NULL};
static const char *const statuses[] = {
    "draft",      "review",     "board_approval", "out_for_signature", "in_force",  "expired",
    "superseded", "terminated", "returned",       "rejected",          "withdrawn", NULL};
static const char *const bases[] = {
    "parental_consent", "school_official", "study", "audit_or_evaluation", "none", NULL};

static const char *const signers[] = {"principal",      "department_head", "director",
                                      "superintendent", "board",           NULL};
static const char *const notices[] = {"keep", "give", NULL};
static const char *const disposals[] = {"destroyed", "returned", NULL};
static const char *const sides[] = {"district", "partner", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
     .use = FIELD_SORTS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds), .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "Changed by actions alone; a file may say draft or in_force of "
                               "what it makes."),
     .use = FIELD_FILTERS | FIELD_IMPORTS,
     .create_default = "'draft'"},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was returned, rejected, withdrawn or terminated.")},
    {.json =
         JSON_FIELD("is_valid", FIELD_BOOL, FIELD_READ_ONLY,
                    .doc = "In force today, what is said of data is complete, what its checklist "
                           "requires is settled, and no partnership that it covers lacks a "
                           "credential that the district requires."),
     .sql = "(SELECT v.is_valid FROM agreement_validity(t) AS v)"},
    {.json = JSON_FIELD("effective_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("expires_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it is in force; null: no end."),
     .use = FIELD_RANGES},
    {.json =
         JSON_FIELD("notice_days", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = NOTICE_DAYS_MOST)},
    {.json = JSON_FIELD("notice_by", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The last day on which notice can be given."),
     .sql = "agreement_notice_by(t)"},
    {.json = JSON_FIELD("notice_decision", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = notices, .doc = "Whether notice is given, of notice_for.")},
    {.json = JSON_FIELD("notice_for", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The last day that the decision was about.")},
    {.json = JSON_FIELD("notice_decided_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("amount_cents", FIELD_INT, FIELD_NULLABLE, .min = 0, .max = CENTS_MOST,
                        .doc = "What it is about in money, 0 for none; where the district has "
                               "limits for its kind, they say by this who signs.")},
    {.json = JSON_FIELD("auto_renew", FIELD_BOOL), .create_default = "false"},
    {.json = JSON_FIELD("board_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The board's meeting that decides on it.")},
    {.json = JSON_FIELD("board_item", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST)},
    {.json = JSON_FIELD("document_url", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("attachment_id", FIELD_UUID, FIELD_NULLABLE,
                        .doc = "The document, a file that belongs to nothing else; in a file of "
                               "rows by its name, once it was sent to attachments."),
     .ref = &res_attachment},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = AGREEMENT_LONGEST,
                        .doc = "What is agreed on, where there is no document.")},
    ACKNOWLEDGMENT_FIELDS("When the district acknowledged it as it stands.",
                          "When the partner acknowledged it as it stands."),
    {.json = JSON_FIELD("district_signed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_IMPORTS},
    {.json = JSON_FIELD("district_signer", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = LINE_LONGEST, .doc = "Name and title as signed."),
     .use = FIELD_IMPORTS},
    {.json = JSON_FIELD("partner_signed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE),
     .use = FIELD_IMPORTS},
    {.json = JSON_FIELD("partner_signer", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = LINE_LONGEST, .doc = "Name and title as signed."),
     .use = FIELD_IMPORTS},
    {.json = JSON_FIELD("data_flows", FIELD_BOOL,
                        .doc = "Data of students goes to the partner; then a basis and a purpose "
                               "are needed."),
     .create_default = "false"},
    {.json = JSON_FIELD("data_basis", FIELD_ENUM, FIELD_NULLABLE, .values = bases,
                        .doc = "What FERPA lets it go by.")},
    {.json = JSON_FIELD("named_in_notice", FIELD_BOOL, 0,
                        .doc = "Of a school official: the district's annual notice names such "
                               "partners so."),
     .create_default = "false"},
    {.json = JSON_FIELD("under_direct_control", FIELD_BOOL, 0,
                        .doc = "Of a school official: the district directs how data is kept and "
                               "used."),
     .create_default = "false"},
    {.json = JSON_FIELD("data_purpose", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("data_destroy_by", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "Needed with the bases study and audit_or_evaluation.")},
    {.json = JSON_FIELD("data_disposal", FIELD_ENUM, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .values = disposals, .doc = "What became of the data.")},
    {.json = JSON_FIELD("data_disposed_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("data_certified_by", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = LINE_LONGEST, .doc = "Who certifies it, name and title.")},
    {.json = JSON_FIELD("data_recorded_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json =
         JSON_FIELD("supersedes_id", FIELD_UUID, FIELD_NULLABLE,
                    .doc = "The agreement whose place it takes, from its first day in force on."),
     .ref = &res_agreement},
    {.json = JSON_FIELD("amends_id", FIELD_UUID, FIELD_NULLABLE | FIELD_CREATE_ONLY,
                        .doc = "Of an amendment: the agreement that it changes from its first day "
                               "on: the last day, and what its checklist settles. It covers what "
                               "that covers, and ends with it."),
     .use = FIELD_FILTERS | FIELD_IMPORTS,
     .ref = &res_agreement},
    {.json = JSON_FIELD("amended_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The day on which it changed that.")},
};

static const struct resource_many many[] = {
    {"amendments", &res_agreement, "amends_id"},
    {"agreement_items", &res_agreement_item, "agreement_id"},
    {"agreement_partnerships", &res_agreement_partnership, "agreement_id"},
    {"agreement_signatures", &res_agreement_signature, "agreement_id"},
    {"agreement_steps", &res_agreement_step, "agreement_id"},
    {NULL},
};

static const struct json_field acknowledge_fields[] = {ON_BEHALF_OF_FIELD};
static const struct json_field reason_fields[] = {REASON_FIELD};
static const struct json_field sign_fields[] = {
    JSON_FIELD("side", FIELD_ENUM, FIELD_REQUIRED, .values = sides, .doc = "Who signed."),
    JSON_FIELD("signer", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
               .doc = "Name and title as signed."),
    JSON_FIELD("signed_on", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
    JSON_FIELD("attachment_id", FIELD_UUID, FIELD_NULLABLE,
               .doc = "Needed: the file that was signed elsewhere, an attachment of the "
                      "agreement. What is signed here is typed, by type_signature or by the "
                      "partner's link."),
    JSON_FIELD("signed_as", FIELD_ENUM, FIELD_NULLABLE, .values = signers,
               .doc = "As what it was signed for the district; needed where it has limits."),
};
static const struct json_field type_fields[] = {
    JSON_FIELD("signer", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
               .doc = "Your name and title, typed as a signature."),
    JSON_FIELD("consent", FIELD_BOOL, FIELD_REQUIRED, .doc = "That you agree to sign so."),
    JSON_FIELD("authority", FIELD_BOOL, FIELD_REQUIRED,
               .doc = "That you may sign for the district."),
};

static const struct json_field notice_fields[] = {
    JSON_FIELD("decision", FIELD_ENUM, FIELD_REQUIRED, .values = notices,
               .doc = "give: notice is given, so that it does not renew itself; keep: it is not."),
};
static const struct json_field disposal_fields[] = {
    JSON_FIELD("disposal", FIELD_ENUM, FIELD_REQUIRED, .values = disposals),
    JSON_FIELD("certified_by", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = LINE_LONGEST,
               .doc = "Who certifies it for the partner, name and title."),
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today."),
};

static const struct resource_action actions[] = {
    {.verb = "submit", .summary = "Submit the draft of one agreement to review"},
    {.verb = "refer", .summary = "Refer one agreement to the board", .roles = ROLES_REVIEW},
    {.verb = "approve",
     .summary = "Approve one agreement, so that it goes out for signature",
     .roles = ROLES_DECISION},
    {.verb = "return",
     .summary = "Return one agreement to whoever drafts it",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(reason_fields)},
    {.verb = "revise", .summary = "Draft one agreement again that was returned"},
    {.verb = "reject",
     .summary = "Reject one agreement",
     .roles = ROLES_DECISION,
     ACTION_FIELDS(reason_fields)},
    {.verb = "withdraw", .summary = "Withdraw one agreement", ACTION_FIELDS(reason_fields)},
    {.verb = "sign",
     .summary = "Record that a side signed one agreement; when both have, it is in force",
     ACTION_FIELDS(sign_fields)},
    {.verb = "type_signature",
     .summary = "Sign one agreement for the district by typing your name",
     .roles = ROLES_ACCEPTANCE,
     ACTION_FIELDS(type_fields)},
    {.verb = "checklist",
     .summary = "Add what it lacks of the supplied checklist to one agreement"},
    {.verb = "acknowledge",
     .summary = "Acknowledge one agreement, for a side of it",
     ACTION_FIELDS(acknowledge_fields)},
    {.verb = "decide_notice",
     .summary = "Say of one agreement whether notice is given before its last day",
     ACTION_FIELDS(notice_fields)},
    {.verb = "record_disposal",
     .summary = "Record that the data of one agreement was destroyed or returned",
     ACTION_FIELDS(disposal_fields)},
    {.verb = "expire", .summary = "Let one agreement expire whose last day is over"},
    {.verb = "supersede", .summary = "End one agreement whose place another one has taken"},
    {.verb = "terminate",
     .summary = "Terminate one agreement before its last day",
     .roles = ROLES_PROGRAM,
     ACTION_FIELDS(reason_fields)},
};

struct resource res_agreement = {
    .name = "agreement",
    .plural = "agreements",
    .doc = "What the district and a partner have agreed on in writing.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = {.kind = SCOPE_LINKS, .parent = "agreement_partnership"},
    .default_sort = "title",
    .changes_by_day = true,
    .import_key = "~title",
    RESOURCE_ROWS(fields),
    .many = many,
    RESOURCE_TRANSITIONS(actions),
    .missing = "agreement_missing(t.id, v.action)",
};
