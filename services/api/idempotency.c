/* Idempotency keys. */
#include "idempotency.h"

#include "base/secret.h"
#include "etag.h"
#include "gen/stmt.h"

/* A structured-field string in quotes, or the bare text that clients send as often. */
static bool unquote(struct sv *key)
{
    if (key->n >= 2 && key->p[0] == '"' && sv_ends_with(*key, SV("\"")))
        *key = sv_head(sv_skip(*key, 1), key->n - 2);
    for (size_t i = 0; i < key->n; i++) {
        if (key->p[i] <= ' ' || key->p[i] > '~' || key->p[i] == '"')
            return false;
    }
    return key->n >= 1 && key->n <= IDEMPOTENCY_KEY_LONGEST;
}

/* What makes two requests the same: method, path, precondition, body. */
static struct sv fingerprint(struct req *r)
{
    struct sv all =
        arena_printf(r->arena, "%.*s %.*s\n%.*s\n%.*s", SV_ARG(r->head.method_text),
                     SV_ARG(r->target.path), SV_ARG(req_field(r, SV("if-match"))), SV_ARG(r->body));

    return secret_sha256_hex(r->arena, all);
}

struct plan *idempotency_read(struct req *r)
{
    struct call *call = call_of(r);
    const struct sv *sent = http_head_field(&r->head, SV("idempotency-key"));
    struct sv key;

    if (!sent)
        return NULL;
    key = *sent;
    if (!unquote(&key) || http_head_field_count(&r->head, SV("idempotency-key")) > 1)
        return fail_why(r, ERR_INVALID_FIELD,
                        "Idempotency-Key must stand once and be 1 to %d visible ASCII characters.",
                        IDEMPOTENCY_KEY_LONGEST);
    call->idempotency_key = arena_copy(r->arena, key);
    call->fingerprint = fingerprint(r);
    return NULL;
}

void idempotency_begin(struct req *r)
{
    struct call *call = call_of(r);

    if (call->idempotency_key.n == 0)
        return;
    call_add(call, STMT(idem_begin), call->idempotency_key.p, call->fingerprint.p);
    db_unit_may_repeat(call->unit);
}

static STEP(replayed)
{
    struct db_unit *unit = call_of(r)->unit;

    if (db_row_count(unit, 1) == 0)
        return fail_why(r, ERR_CONFLICT, "The stored reply has just expired; send a new key.");
    reply_field(r, "Idempotent-Replayed", SV("true"));
    if (!db_is_null(unit, 1, 0, "location"))
        reply_field(r, "Location", db_text(unit, 1, 0, "location"));
    if (!db_is_null(unit, 1, 0, "version"))
        reply_field(r, "ETag", etag_of(r, db_text(unit, 1, 0, "version")));
    return reply_json(r, (int)db_int(unit, 1, 0, "status"), db_text(unit, 1, 0, "body"));
}

struct plan *idempotency_replay(struct req *r)
{
    struct call *call = call_begin(r, CALL_READ, SV(""));

    call_add(call, STMT(idem_replay), call->idempotency_key.p);
    return call_run(r, replayed);
}
