/* Credentials: what a partner has shown of itself, until when it holds, and who verified it. */
#include "action.h"
#include "resources.h"

#define COVERAGE_CENTS_MOST 1000000000000

const char *const credential_kinds[] = {"liability_insurance",
                                        "clearance_attestation",
                                        "w9",
                                        "nonprofit_status",
                                        "license",
                                        "data_security",
                                        "other",
                                        NULL};
static const char *const statuses[] = {"submitted", "verified", "rejected", NULL};
static const char *const standings[] = {"submitted", "rejected", "current",
                                        "expiring",  "expired",  NULL};

static const struct resource_field fields[] = {
    REFERENCE("partner_id", partner, FIELD_REQUIRED),
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = credential_kinds,
                        .doc = "clearance_attestation: the organization's word that its people "
                               "are cleared, never an individual's result."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("label", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST,
                        .doc = "Needed with the kind other.")},
    {.json = JSON_FIELD("document_url", FIELD_URL, FIELD_NULLABLE)},
    {.json = JSON_FIELD("coverage_cents", FIELD_INT, FIELD_NULLABLE, .min = 0,
                        .max = COVERAGE_CENTS_MOST, .doc = "Of an insurance, in cents.")},
    {.json = JSON_FIELD("issued_on", FIELD_DATE, FIELD_NULLABLE)},
    {.json = JSON_FIELD("expires_on", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds; null: it does not end."),
     .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses,
                        .doc = "A change of what was verified has it verified again."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it was rejected.")},
    {.json = JSON_FIELD("standing", FIELD_ENUM, FIELD_READ_ONLY, .values = standings,
                        .doc = "Today; expiring: within 30 days."),
     .sql = "credential_standing(t.status, t.expires_on)"},
    {.json = JSON_FIELD("submitted_contact_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Who has sent it by a mail's link; null: staff entered it."),
     .ref = &res_contact},
    {.json = JSON_FIELD("verified_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("verified_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("seen", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE, .max = LINE_LONGEST,
                        .doc = "What was seen of it when it was verified.")},
};

static const struct json_field verify_fields[] = {
    JSON_FIELD("expires_on", FIELD_DATE, FIELD_NULLABLE,
               .doc = "As it says; null: as it is. An insurance, a license or an attestation is "
                      "verified with one only."),
    JSON_FIELD("seen", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST,
               .doc = "What was seen of it; needed where it has no file and no address of one."),
};
static const struct json_field reject_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "verify",
     .summary = "Say that one credential was looked at and holds",
     .roles = ROLES_REVIEW,
     ACTION_FIELDS(verify_fields)},
    {.verb = "reject",
     .summary = "Reject one credential",
     .roles = ROLES_REVIEW,
     ACTION_FIELDS(reject_fields)},
};

struct resource res_credential = {
    .name = "credential",
    .plural = "credentials",
    .doc = "What partners have shown of themselves, and until when it holds.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_PARENT("partner_id", "partner"),
    .whose = "leads a partnership with its partner",
    .searched = "'{credential}'",
    .import_key = "partner_id,kind,~label?",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .changes_by_day = true,
};
