/* Who asks, and that it is taken → the pieces. */
#include "download.h"

#include "base/encode.h"
#include "base/uuid.h"
#include "call.h"
#include "http/router.h"

#define PIECE_ARENA_BYTES MB(2)

struct outgoing {
    const struct download_source *source;
    struct uuid id;
    size_t number; /* of the next piece */
    size_t count;
    struct arena *arena; /* of the piece that is read */
};

static struct outgoing *outgoing_of(struct req *r)
{
    return call_of(r)->state;
}

static void free_outgoing(void *arg)
{
    arena_free(((struct outgoing *)arg)->arena);
}

static STEP(got_piece)
{
    struct outgoing *outgoing = outgoing_of(r);
    struct db_unit *unit = call_of(r)->unit;

    if (db_row_count(unit, 1) == 0)
        return stream_abort(r);
    stream_write(r, hex_decode(outgoing->arena, db_text(unit, 1, 0, "bytes")));
    outgoing->number++;
    return stream_more(r);
}

static STEP(more)
{
    struct outgoing *outgoing = outgoing_of(r);
    struct call *call = call_of(r);
    struct arena *last = outgoing->arena;

    if (outgoing->number == outgoing->count)
        return stream_end(r);
    outgoing->arena = arena_new(PIECE_ARENA_BYTES);
    call->arena = outgoing->arena;
    call_begin(r, CALL_READ, sv_of(outgoing->source->roles));
    call_add(call, outgoing->source->piece, outgoing->id.text,
             arena_printf(outgoing->arena, "%zu", outgoing->number).p);
    if (last)
        arena_free(last);
    return call_run(r, got_piece);
}

static STEP(found)
{
    struct call *call = call_of(r);
    struct outgoing *outgoing = call->state;
    struct sv name;

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    outgoing->count = (size_t)db_int(call->unit, 1, 0, "pieces");
    name = percent_encode(r->arena, db_text(call->unit, 1, 0, "name"));
    reply_field(r, "Cache-Control", SV("private, no-store"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename*=UTF-8''%.*s", SV_ARG(name)));
    return stream_begin(r, 200, arena_cstr(r->arena, db_text(call->unit, 1, 0, "media_type")),
                        more);
}

struct plan *download(struct req *r, const struct download_source *source)
{
    struct outgoing *outgoing = ARENA_NEW(r->arena, outgoing);
    struct call *call = call_of(r);
    struct plan *refused = call_refuse_query(r);

    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], &outgoing->id))
        return fail(r, ERR_NOT_FOUND);
    outgoing->source = source;
    arena_defer(r->arena, free_outgoing, outgoing);
    call->state = outgoing;
    call->pool = call->api->slow_pool;
    call_begin(r, CALL_WRITE, sv_of(source->roles)); /* it leaves a record */
    call_add(call, source->take, outgoing->id.text);
    return call_run(r, found);
}
