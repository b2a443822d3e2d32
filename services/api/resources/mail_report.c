/* What other mail systems report of mails that they had taken: by mail (kith bounce), or by whoever
 * sends for the district and calls this. */
#include "resources.h"

static const char *const kinds[] = {"hard", "soft", "policy", "complaint", NULL};

static const struct resource_field fields[] = {
    {.json = JSON_FIELD("message_id", FIELD_UUID, FIELD_REQUIRED,
                        .doc = "The mail, as its Message-ID names it."),
     .ref = &res_message,
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_REQUIRED, .values = kinds,
                        .doc = "hard: there is no such mailbox; soft: not this time, and after "
                               "three mails of a month no more; policy: they want none of ours; "
                               "complaint: whoever got it wants no more."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("status", FIELD_TEXT, FIELD_NULLABLE, .max = 32,
                        .doc = "As RFC 3463 has it, such as 5.1.1.")},
};

struct resource res_mail_report = {
    .name = "mail_report",
    .plural = "mail_reports",
    .doc = "Bounces and complaints, each of one mail. A hard bounce ends mails to the address, a "
           "complaint those to whoever made it.",
    .readers = ROLES_MAIL,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_ANY},
    RESOURCE_ROWS(fields),
};
