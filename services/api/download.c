/* Who asks, and that it is taken → the pieces. */
#include "download.h"

#include "base/encode.h"
#include "call.h"
#include "http/router.h"
#include "pieces.h"

static void ask(struct req *r, const char *number)
{
    const struct download_source *source = pieces_of(r)->source;

    call_begin(r, CALL_READ, sv_of(source->roles));
    call_add(call_of(r), source->piece, pieces_of(r)->id.text, number);
}

STEP(download_found)
{
    struct call *call = call_of(r);
    size_t row = pieces_of(r)->row;
    struct sv name;

    if (db_row_count(call->unit, row) == 0)
        return fail(r, ERR_NOT_FOUND);
    name = percent_encode(r->arena, db_text(call->unit, row, 0, "name"));
    reply_field(r, "Cache-Control", SV("private, no-store"));
    reply_field(r, "Content-Disposition",
                arena_printf(r->arena, "attachment; filename*=UTF-8''%.*s", SV_ARG(name)));
    return pieces_begin(r, (size_t)db_int(call->unit, row, 0, "pieces"),
                        arena_cstr(r->arena, db_text(call->unit, row, 0, "media_type")));
}

struct plan *download(struct req *r, const struct download_source *source)
{
    struct plan *refused = call_refuse_query(r);
    struct pieces *pieces = refused ? NULL : pieces_new(r, 1, ask);

    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], &pieces->id))
        return fail(r, ERR_NOT_FOUND);
    pieces->source = source;
    call_begin(r, CALL_WRITE, sv_of(source->roles)); /* it leaves a record */
    call_add(call_of(r), source->take, pieces->id.text);
    return call_run(r, download_found);
}
