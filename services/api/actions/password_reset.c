/* POST /v1/users/{id}/password_reset: a mail to the user with a link that sets a password, and
 * another such link, shown once, for whom no mail reaches. */
#include "account.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "idempotency.h"
#include "resources.h"

static const struct json_field fields[] = {
    JSON_FIELD("user_id", FIELD_UUID),
    JSON_FIELD("expires_at", FIELD_INSTANT),
    JSON_FIELD("message_id", FIELD_UUID, .doc = "The mail with a link of its own; see messages."),
    JSON_FIELD("token", FIELD_TEXT, FIELD_NULLABLE,
               .doc = "For POST /v1/passwords, once. Null in a repetition of this reply: whoever "
                      "lost it asks for another with a new Idempotency-Key."),
    JSON_FIELD("link", FIELD_TEXT, FIELD_NULLABLE, .doc = "The same, for the user to open."),
};
const struct json_table account_reset_table = JSON_TABLE("password_reset", fields);

/* Nothing has to be said. */
const struct json_table account_reset_order_table = {.name = "password_reset_order"};

struct resetting {
    struct uuid id;
    struct uuid user;
    struct sv token_text;
    size_t made; /* the statement that says whether there is such a user */
};

static STEP(link_made)
{
    struct call *call = call_of(r);
    const struct resetting *resetting = call->state;
    struct sv expires = db_text(call->unit, resetting->made, 0, "expires_at");
    struct sv message = db_text(call->unit, resetting->made, 0, "message_id");
    struct sv token = resetting->token_text;

    if (expires.n == 0)
        return fail(r, ERR_NOT_FOUND);
    reply_field(r, "Cache-Control", SV("no-store"));
    return reply_json(r, 201,
                      arena_printf(r->arena,
                                   "{\"user_id\":\"%s\",\"expires_at\":\"%.*s\","
                                   "\"message_id\":\"%.*s\",\"token\":\"%.*s\","
                                   "\"link\":\"%s/r/%.*s\"}",
                                   resetting->user.text, SV_ARG(expires), SV_ARG(message),
                                   SV_ARG(token), call->api->origin, SV_ARG(token)));
}

STEP(account_password_reset)
{
    struct resetting *resetting = ARENA_NEW(r->arena, resetting);
    struct call *call = call_of(r);
    struct json_bound bound = {0};
    struct plan *refused = idempotency_read(r);
    struct token made;

    if (!refused && r->body.n)
        refused = account_read_body(r, &account_reset_order_table, &bound);
    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], &resetting->user))
        return fail(r, ERR_NOT_FOUND);
    resetting->id = uuid7_new();
    resetting->token_text = token_new(r->arena, &call->token.district, &made);
    call_begin(r, CALL_WRITE, SV(ROLES_ADMIN));
    idempotency_begin(r);
    resetting->made = call_add(call, STMT(password_link_create), resetting->id.text,
                               resetting->user.text, made.hash.p);
    if (call->idempotency_key.n)
        call_add(call, STMT(password_link_keep), call->idempotency_key.p, call->fingerprint.p,
                 resetting->id.text);
    call->state = resetting;
    return call_run(r, link_made);
}
