/* What a roll call says of one partner. */
#include "resources.h"

static const char *const marks[] = {"still_here", "ended", "wrong", NULL};

static const struct json_field person_fields[] = {
    JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
    JSON_FIELD("email", FIELD_EMAIL, FIELD_NULLABLE),
    JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
    JSON_FIELD("role", FIELD_TEXT, FIELD_NULLABLE, .min = 1, .max = LINE_LONGEST,
               .doc = "At the partner."),
};
static const struct json_table person_table = JSON_TABLE("roll_call_person", person_fields);
static const struct json_field person_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &person_table);

static const struct resource_field fields[] = {
    REFERENCE("roll_call_id", roll_call, FIELD_READ_ONLY),
    REFERENCE("partner_id", partner, FIELD_READ_ONLY),
    {.json = JSON_FIELD("mark", FIELD_ENUM, FIELD_NULLABLE, .values = marks,
                        .doc = "wrong: it never worked there."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("note", FIELD_LONG_TEXT, FIELD_NULLABLE, .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("people", FIELD_LIST, 0, .item = &person_item, .max = 10,
                        .doc = "Whom the school works with there: who is not known as the "
                               "partner's is proposed to whoever cares for it."),
     .readers = ROLES_STAFF},
    {.json = JSON_FIELD("is_added", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "By the school; it was not listed.")},
};

struct resource res_roll_call_mark = {
    .name = "roll_call_mark",
    .plural = "roll_call_marks",
    .doc = "What roll calls say of partners.",
    .readers = ROLES_EVERYBODY,
    .writers = ROLES_REGISTRY,
    .operations = RESOURCE_READ | RESOURCE_PATCH,
    .scope = SCOPE_OF_PARENT("roll_call_id", "roll_call"),
    RESOURCE_ROWS(fields),
};
