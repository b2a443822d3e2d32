/* Everybody's sessions, for administrators; one's own are at /v1/me/sessions. */
#include "action.h"
#include "resources.h"

static const struct resource_field fields[] = {
    REFERENCE("user_id", user, FIELD_READ_ONLY),
    {.json = JSON_FIELD("address", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "From where it was begun.")},
    {.json = JSON_FIELD("agent", FIELD_TEXT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "What its browser calls itself.")},
    {.json = JSON_FIELD("expires_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("last_used_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE,
                        .doc = "Noted once a minute; two hours after it the session is over.")},
    {.json = JSON_FIELD("revoked_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
    {.json = JSON_FIELD("active", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "Neither ended nor over: whoever holds it is signed in."),
     .use = FIELD_FILTERS},
};

static const struct resource_action actions[] = {
    {.verb = "revoke", .summary = "End one session of somebody"},
};

struct resource res_user_session = {
    .name = "user_session",
    .plural = "user_sessions",
    .doc = "Who is signed in from where, for administrators: for reads an end counts within five "
           "seconds.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ,
    .scope = {.kind = SCOPE_PERSON, .field = "user_id"},
    .default_sort = "-created_at",
    RESOURCE_ROWS(fields),
    RESOURCE_ACTIONS(actions),
    .changes_by_day = true,
};
