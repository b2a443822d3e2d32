/* Letters that introduce who follows somebody who left: one a contact, edited before it goes. */
#include "action.h"
#include "resources.h"

static const char *const kinds[] = {"follows", "takes_over", NULL};
static const char *const statuses[] = {"draft", "sent", "skipped", NULL};
static const struct json_field name_item = JSON_FIELD(NULL, FIELD_TEXT, .max = NAME_LONGEST);

static const struct resource_field fields[] = {
    REFERENCE("departure_id", departure, FIELD_READ_ONLY),
    REFERENCE("contact_id", contact, FIELD_READ_ONLY, .doc = "Whom it is to."),
    REFERENCE("user_id", user, FIELD_READ_ONLY | FIELD_NULLABLE,
              .doc = "Whom it introduces, or to whom its reader turns."),
    {.json = JSON_FIELD("partnership_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The first of those that it is about."),
     .ref = &res_partnership},
    {.json = JSON_FIELD("kind", FIELD_ENUM, FIELD_READ_ONLY, .values = kinds,
                        .doc = "Somebody follows at the district; or its reader takes over.")},
    {.json = JSON_FIELD("about", FIELD_LIST, FIELD_READ_ONLY, .item = &name_item,
                        .doc = "The names of all partnerships that it is about.")},
    {.json = JSON_FIELD("text", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST,
                        .doc = "In place of the usual words, which come in its reader's "
                               "language.")},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("sent_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("message_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "The mail, and what became of it."),
     .ref = &res_message},
};

static const struct resource_action actions[] = {
    {.verb = "send", .summary = "Send one letter that introduces who follows"},
    {.verb = "skip", .summary = "Do without one letter that introduces who follows"},
};

struct resource res_introduction_letter = {
    .name = "introduction_letter",
    .plural = "introduction_letters",
    .doc = "Letters that introduce who follows somebody who left.",
    .readers = ROLES_STAFF,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = {.kind = SCOPE_ADDRESSEE, .field = "user_id", .parent = "departure"},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
};
