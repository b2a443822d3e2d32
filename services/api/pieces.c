/* Files that go out: ask for a piece → write it → the next one. */
#include "pieces.h"

#include "base/encode.h"
#include "call.h"

#define PIECE_ARENA_BYTES MB(2)

struct pieces *pieces_of(const struct req *r)
{
    return call_of(r)->state;
}

static void free_pieces(void *arg)
{
    arena_free(((struct pieces *)arg)->arena);
}

struct pieces *pieces_new(struct req *r, size_t row, void (*ask)(struct req *r, const char *number))
{
    struct pieces *pieces = ARENA_NEW(r->arena, pieces);
    struct call *call = call_of(r);

    pieces->row = row;
    pieces->ask = ask;
    arena_defer(r->arena, free_pieces, pieces);
    call->state = pieces;
    call->pool = call->api->slow_pool;
    return pieces;
}

static STEP(got_piece)
{
    struct pieces *pieces = pieces_of(r);
    struct db_unit *unit = call_of(r)->unit;

    if (db_row_count(unit, pieces->row) == 0)
        return stream_abort(r);
    stream_write(r, hex_decode(pieces->arena, db_text(unit, pieces->row, 0, "bytes")));
    pieces->number++;
    return stream_more(r);
}

static STEP(more)
{
    struct pieces *pieces = pieces_of(r);
    struct call *call = call_of(r);
    struct arena *last = pieces->arena;

    if (pieces->number == pieces->count)
        return stream_end(r);
    pieces->arena = arena_new(PIECE_ARENA_BYTES);
    call->arena = pieces->arena;
    pieces->ask(r, arena_printf(pieces->arena, "%zu", pieces->number).p);
    if (last)
        arena_free(last);
    return call_run(r, got_piece);
}

struct plan *pieces_begin(struct req *r, size_t count, const char *media_type)
{
    pieces_of(r)->count = count;
    return stream_begin(r, 200, media_type, more);
}
