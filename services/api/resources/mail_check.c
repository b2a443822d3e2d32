/* Mails that an administrator sends to itself: that mail arrives is known when somebody says what
 * stood in one. */
#include "action.h"
#include "resources.h"

#define CODE_DIGITS 8

static const char *const statuses[] = {"sent", "confirmed", NULL};

static const struct resource_field fields[] = {
    REFERENCE("user_id", user, FIELD_READ_ONLY, .doc = "Who asked, and gets it."),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("expires_at", FIELD_INSTANT, FIELD_READ_ONLY,
                        .doc = "Until when it can be confirmed: a day.")},
    {.json = JSON_FIELD("confirmed_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct json_field confirm_fields[] = {
    JSON_FIELD("code", FIELD_TEXT, FIELD_REQUIRED, .min = CODE_DIGITS, .max = CODE_DIGITS,
               .doc = "As the mail says it."),
};
static const struct resource_action actions[] = {
    {.verb = "confirm",
     .summary = "Say that one mail to oneself has arrived",
     ACTION_FIELDS(confirm_fields)},
};

struct resource res_mail_check = {
    .name = "mail_check",
    .plural = "mail_checks",
    .doc = "Mails that an administrator sends to itself, and confirms by what they say: so the "
           "setup knows that mail arrives.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_PERSON, .field = "user_id"},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
