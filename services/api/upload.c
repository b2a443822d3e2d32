/* Bodies that are stored as they come. */
#include "upload.h"

#include "base/encode.h"
#include "failure.h"
#include "gen/stmt.h"
#include "idempotency.h"

#define WAITING_BYTES (UPLOAD_PIECE_BYTES + MB(1))

static struct upload *upload_of(struct req *r)
{
    return call_of(r)->state;
}

static void free_arena(void *arg)
{
    arena_free(arg);
}

void upload_init(struct req *r, struct upload *upload)
{
    upload->id = uuid7_new();
    upload->arena = arena_new(MB(4));
    arena_defer(r->arena, free_arena, upload->arena);
    upload->waiting = str_new_in(r->arena, WAITING_BYTES);
    secret_sha256_begin(&upload->hash);
    call_of(r)->state = upload;
}

/* The parameters of the next piece, which is then no longer waiting. */
static const char **take_piece(struct req *r, struct arena *arena)
{
    struct upload *upload = upload_of(r);
    struct sv piece = sv_head(str_view(upload->waiting), UPLOAD_PIECE_BYTES);
    struct str *rest = str_new_in(arena, WAITING_BYTES);
    const char **params = arena_zalloc(arena, 3 * sizeof *params);

    params[0] = upload->id.text;
    params[1] = arena_printf(arena, "%zu", upload->pieces++).p;
    params[2] = arena_cstr(arena, hex_encode(arena, piece));
    str_add(rest, sv_skip(str_view(upload->waiting), piece.n));
    str_clear(upload->waiting);
    str_add(upload->waiting, str_view(rest));
    return params;
}

static void store(struct req *r);

static void stored(struct db_unit *unit, void *arg)
{
    struct req *r = arg;
    struct upload *upload = upload_of(r);

    if (db_unit_outcome(unit) != DB_DONE)
        upload->has_failed = true;
    else
        arena_reset(upload->arena);
    if (!upload->has_failed && str_view(upload->waiting).n >= UPLOAD_PIECE_BYTES)
        store(r);
    else
        body_resume(r);
}

static void store(struct req *r)
{
    struct call *call = call_of(r);
    struct upload *upload = upload_of(r);

    upload->unit = db_unit_new(upload->arena);
    call_add_enter(r, upload->arena, upload->unit, STMT(enter), sv_of(upload->roles));
    db_unit_add(upload->unit, upload->put, take_piece(r, upload->arena), 3);
    db_submit(call->api->pool, upload->unit, call->api->unit_ms, stored, r);
}

static enum body_flow on_piece(struct req *r, struct sv bytes)
{
    struct upload *upload = upload_of(r);

    upload->bytes += bytes.n;
    if (upload->has_failed || upload->bytes > upload->most)
        return BODY_GO_ON; /* to the end, where it is told */
    upload->look(upload, bytes);
    secret_sha256_add(&upload->hash, bytes);
    str_add(upload->waiting, bytes);
    ENSURE(!str_failed(upload->waiting));
    if (str_view(upload->waiting).n < UPLOAD_PIECE_BYTES)
        return BODY_GO_ON;
    store(r);
    return BODY_PAUSE;
}

struct plan *upload_read(struct req *r, STEP((*end)))
{
    return body_read(r, on_piece, end);
}

struct plan *upload_refused(struct req *r)
{
    const struct upload *upload = upload_of(r);

    if (upload->bytes > upload->most)
        return fail_why(r, ERR_BODY_TOO_LARGE, "A file may have at most %zu bytes.", upload->most);
    return upload->has_failed ? failure_reply(r, upload->unit) : NULL;
}

struct sv upload_finish(struct req *r)
{
    struct upload *upload = upload_of(r);
    struct call *call = call_of(r);
    struct sv hash = secret_sha256_end(r->arena, &upload->hash);

    call->fingerprint = secret_sha256_hex(
        r->arena, arena_printf(r->arena, "%.*s\n%.*s\n%.*s", SV_ARG(call->fingerprint),
                               SV_ARG(r->target.query), SV_ARG(hash)));
    call_begin(r, CALL_WRITE, sv_of(upload->roles));
    idempotency_begin(r);
    db_unit_add(call->unit, upload->put, take_piece(r, r->arena), 3);
    return hash;
}
