/* API keys, for programs. The view api_key shows an administrator all, others their own. */
#include "action.h"
#include "resources.h"

static const struct json_field role_item = JSON_FIELD(NULL, FIELD_TEXT);
static const char *const scope_kinds[] = {"district", "network", "site", NULL};

static const struct resource_field fields[] = {
    REFERENCE("user_id", user, FIELD_READ_ONLY, .doc = "For whom it works."),
    {.json = JSON_FIELD("label", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE),
     .readers = ROLES_STAFF,
     .is_private = true},
    {.json = JSON_FIELD("roles", FIELD_LIST, FIELD_READ_ONLY | FIELD_NULLABLE, .item = &role_item,
                        .doc = "It uses these of its user's roles alone; null: all.")},
    {.json = JSON_FIELD("is_read_only", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "It reads, and writes nothing.")},
    {.json = JSON_FIELD("resources", FIELD_LIST, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .item = &role_item, .doc = "What it may ask; null: all.")},
    {.json = JSON_FIELD("scope_kind", FIELD_ENUM, FIELD_READ_ONLY, .values = scope_kinds,
                        .doc = "Where it writes, of what its user's grants cover.")},
    {.json = JSON_FIELD("scope_id", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Of the network or site.")},
    {.json = JSON_FIELD("expires_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("last_used_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Noted once an hour.")},
    {.json = JSON_FIELD("revoked_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("active", FIELD_BOOL, FIELD_READ_ONLY, .doc = "Neither revoked nor over."),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("token", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Stands in the reply that makes the key, once, and is null ever "
                               "after, in a repetition of that reply too: whoever lost it revokes "
                               "the key and makes another."),
     .sql = "NULL::text"}, /* last: actions/api_key.c puts it there */
};

static const struct resource_action actions[] = {
    {.verb = "revoke", .summary = "End one API key", .roles = ROLES_STAFF},
};

struct resource res_api_key = {
    .name = "api_key",
    .plural = "api_keys",
    .doc = "Keys with which programs ask for a user: an administrator sees all, others their own.",
    .readers = ROLES_STAFF,
    .writers = ROLES_STAFF,
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_PERSON, .field = "user_id"},
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true,
};
