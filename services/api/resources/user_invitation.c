/* Invitations of users: a mail whose link sets the first password and signs in. */
#include "action.h"
#include "resources.h"

static const char *const statuses[] = {"pending", "accepted", "revoked", NULL};

static const struct resource_field fields[] = {
    REFERENCE("user_id", user, FIELD_REQUIRED | FIELD_CREATE_ONLY,
              .doc = "Who is active and has no password yet."),
    {.json = JSON_FIELD("status", FIELD_ENUM, FIELD_READ_ONLY, .values = statuses),
     .use = FIELD_FILTERS},
    {.json = JSON_FIELD("invited_by", FIELD_UUID, FIELD_READ_ONLY | FIELD_NULLABLE),
     .ref = &res_user},
    {.json = JSON_FIELD("mails", FIELD_INT, FIELD_READ_ONLY, .doc = "How often it was sent.")},
    {.json = JSON_FIELD("expires_at", FIELD_INSTANT, FIELD_READ_ONLY,
                        .doc = "A week after it was last sent."),
     .use = FIELD_RANGES | FIELD_SORTS},
    {.json = JSON_FIELD("is_expired", FIELD_BOOL, FIELD_READ_ONLY,
                        .doc = "It waits, and its link opens nothing any more: send it again."),
     .sql = "t.status = 'pending' AND t.expires_at <= current_setting('kith.now')::timestamptz"},
    {.json = JSON_FIELD("ended_at", FIELD_INSTANT, FIELD_READ_ONLY | FIELD_NULLABLE)},
};

static const struct resource_action actions[] = {
    {.verb = "resend", .summary = "Send one invitation again, by a link that ends the former one"},
    {.verb = "revoke", .summary = "Take one invitation back"},
};

struct resource res_user_invitation = {
    .name = "user_invitation",
    .plural = "user_invitations",
    .doc = "Mails that let a new user set a password and come in.",
    .readers = ROLES_ADMIN,
    .writers = ROLES_ADMIN,
    .operations = RESOURCE_READ | RESOURCE_CREATE,
    .scope = {.kind = SCOPE_PERSON, .field = "user_id"},
    RESOURCE_ROWS(fields),
    RESOURCE_TRANSITIONS(actions),
    .changes_by_day = true,
};
