/* Legal holds: what must not be erased or put away, by whom, and why. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"held", "released", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("matter", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST)},
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1, .max = TEXT_LONGEST)},
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "On what it is: this, or one of the three others."),
    REFERENCE("user_id", user, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    REFERENCE("partner_id", partner, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Its partnerships and contacts, too."),
    REFERENCE("partnership_id", partnership, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("from_date", FIELD_DATE, FIELD_CREATE_ONLY, .doc = "Usually today."),
     .create_default = "district_today()"},
    {.json = JSON_FIELD("until_date", FIELD_DATE, FIELD_NULLABLE,
                        .doc = "The last day on which it holds; null: until it is released.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("placed_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("released_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("released_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("release_reason", FIELD_LONG_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field release_fields[] = {REASON_FIELD};
static const struct resource_action actions[] = {
    {.verb = "release", .summary = "Release one legal hold", ACTION_FIELDS(release_fields)},
};

struct resource res_legal_hold = {
    .name = "legal_hold",
    .plural = "legal_holds",
    .doc = "Holds: nothing about a held person, partner or partnership is erased or put away.",
    .readers = ROLES_REVIEW,
    .watchers = ROLES_REVIEW,
    .writers = ROLES_REVIEW,
    .operations = RESOURCE_READ | RESOURCE_CREATE | RESOURCE_PATCH,
    .scope = {.kind = SCOPE_DISTRICT},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
