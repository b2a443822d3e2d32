/* Erasures: a person's data goes, everywhere, unless a hold or a schedule outranks it. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"draft", "done", "withdrawn", NULL};

static const struct resource_field fields[] = {
    REFERENCE("contact_id", contact, FIELD_NULLABLE | FIELD_CREATE_ONLY,
              .doc = "Who is erased: this, or user_id."),
    REFERENCE("user_id", user, FIELD_NULLABLE | FIELD_CREATE_ONLY),
    {.json = JSON_FIELD("reason", FIELD_LONG_TEXT, FIELD_REQUIRED | FIELD_CREATE_ONLY, .min = 1,
                        .max = TEXT_LONGEST)},
    {.json = JSON_FIELD("replaces_mentions", FIELD_BOOL, FIELD_CREATE_ONLY,
                        .doc = "In every other text, too, the full name and the address are "
                               "replaced. False where another has the same name."),
     .create_default = "true"},
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("done_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("done_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE), .ref = &res_user},
    {.json = JSON_FIELD("changed_rows", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("kept_rows", FIELD_INT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Texts that name the person and are sealed.")},
    {.json = JSON_FIELD("lifted_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Since when the address may come back.")},
};

static const struct json_field file_item = JSON_FIELD(NULL, FIELD_UUID);
static const struct json_field run_fields[] = {
    JSON_FIELD(
        "attachment_ids", FIELD_LIST, FIELD_NULLABLE | FIELD_UNIQUE, .item = &file_item, .max = 200,
        .doc = "Files that the preview lists to be looked at, and that go, too; those of the "
               "person itself go in any case."),
};
static const struct resource_action actions[] = {
    {.verb = "run",
     .summary = "Erase the person of one erasure, in one step and for good",
     ACTION_FIELDS(run_fields)},
    {.verb = "withdraw", .summary = "Withdraw one erasure before it is run"},
    {.verb = "lift", .summary = "Let the address of one erased person come back"},
};

struct resource res_erasure = {
    .name = "erasure",
    .plural = "erasures",
    .doc = "Persons whose data is to go, or has gone.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_ADMIN},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .missing = "erasure_missing(t.id, v.action)",
};
