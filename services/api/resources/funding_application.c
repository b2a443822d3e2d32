/* Funding applications: who applies for what, and what was awarded, for which period. */
#include "action.h"
#include "resources.h"

#define CENTS_MOST 1000000000000

static const char *const statuses[] = {"planned",  "drafting",  "submitted", "awarded",
                                       "declined", "withdrawn", NULL};

static const struct resource_field fields[] = {
    REFERENCE("funding_opportunity_id", funding_opportunity, FIELD_REQUIRED),
    {.json = JSON_FIELD("title", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    REFERENCE("partner_id", partner, FIELD_NULLABLE, .doc = "Who applies; null: the district."),
    REFERENCE("site_id", site, FIELD_NULLABLE, .doc = "Whose it is; null: the whole district."),
    SERVING("owner_id", FIELD_NULLABLE, .doc = "Who writes it."),
    {.json = JSON_FIELD("requested_cents", FIELD_INT, FIELD_NULLABLE, .min = 1, .max = CENTS_MOST)},
    {.json = JSON_FIELD("purpose", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_NULLABLE), .use = FIELD_RANGES},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("submitted_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("decided_on", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("awarded_cents", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE, .min = 1,
                        .max = CENTS_MOST)},
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The first day of the award.")},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Its last.")},
    {.json = JSON_FIELD("award_number", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .max = CODE_LONGEST, .doc = "The funder's.")},
};

static const struct json_field submit_fields[] = {
    JSON_FIELD("on_date", FIELD_DATE, FIELD_NULLABLE, .doc = "null: today.")};

static const struct json_field award_fields[] = {
    JSON_FIELD("awarded_cents", FIELD_INT, FIELD_REQUIRED, .min = 1, .max = CENTS_MOST),
    JSON_FIELD("from_date", FIELD_DATE, FIELD_REQUIRED),
    JSON_FIELD("until_date", FIELD_DATE, FIELD_REQUIRED, .doc = "The last day of the award."),
    JSON_FIELD("award_number", FIELD_TEXT, FIELD_NULLABLE, .max = CODE_LONGEST)};

static const struct json_field reason_fields[] = {REASON_FIELD};

static const struct resource_action actions[] = {
    {.verb = "begin", .summary = "Begin to write one funding application"},
    {.verb = "submit",
     .summary = "Say that one funding application was submitted",
     ACTION_FIELDS(submit_fields)},
    {.verb = "award",
     .summary = "Enter what one funding application was awarded",
     ACTION_FIELDS(award_fields)},
    {.verb = "decline",
     .summary = "Say that one funding application was declined",
     ACTION_FIELDS(reason_fields)},
    {.verb = "withdraw",
     .summary = "Withdraw one funding application",
     ACTION_FIELDS(reason_fields)},
    {.verb = "reopen", .summary = "Plan one funding application again"},
};

struct resource res_funding_application = {
    .name = "funding_application",
    .plural = "funding_applications",
    .doc =
        "Applications for money, of the district or a partner with others, and what was awarded.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .scope = SCOPE_OF_SITE("site_id"),
    .whose = "owner_id names",
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
