/* Reminders of check-ins: each decision to send one, or not. */
#include "resources.h"

static const char *const sides[] = {"district", "partner", NULL};
static const char *const decisions[] = {"queued", "suppressed", "snoozed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("check_in_id", check_in, FIELD_READ_ONLY),
    {.json = JSON_FIELD("due_on", FIELD_DATE, FIELD_READ_ONLY,
                        .doc = "Of the check-in, when this was decided.")},
    {.json =
         JSON_FIELD("offset_days", FIELD_INT, FIELD_READ_ONLY,
                    .doc = "The day of the rule: days before (negative) or after the due date.")},
    REFERENCE("reminder_rule_id", reminder_rule, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "By which it was decided; null: somebody's own choice."),
    {.json = JSON_FIELD("side", FIELD_ENUM, FIELD_READ_ONLY, .values = sides)},
    REFERENCE("contact_id", contact, FIELD_READ_ONLY | FIELD_NULLABLE),
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE),
    {.json = JSON_FIELD("sends_on", FIELD_DATE, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("decided_at", FIELD_INSTANT, FIELD_READ_ONLY)},
    {.json = JSON_FIELD("decision", FIELD_ENUM, FIELD_READ_ONLY, .values = decisions),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("reason", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Why it does not go; no_lead: nobody leads this side.")},
    {.json = JSON_FIELD("message_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The mail, and what became of it. Null: nobody leads this side."),
     .ref = &res_message},
};

struct resource res_reminder = {
    .name = "reminder",
    .plural = "reminders",
    .doc = "Each decision to remind somebody of a check-in, or not to.",
    .readers = ROLES_EVERYBODY,
    .operations = RESOURCE_READ,
    RESOURCE_ROWS(fields),
};
