/* GET of one: the representation as the database writes it, with its ETag. */
#include "base/encode.h"
#include "base/uuid.h"
#include "call.h"
#include "etag.h"
#include "http/field.h"
#include "http/router.h"
#include "resource.h"

static const struct resource_ready *ready_of(const struct req *r)
{
    return ((const struct resource *)r->route->what)->ready;
}

/* 200 with the body, or 304 when the client has it. */
static struct plan *reply_body(struct req *r, size_t statement)
{
    struct call *call = call_of(r);
    struct sv tag = etag_of(r, db_text(call->unit, statement, 0, "version"));
    struct sv known = req_field(r, SV("if-none-match"));

    reply_field(r, "ETag", tag);
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    if (known.n && http_etag_matches_weak(known, tag))
        return reply_empty(r, 304);
    return reply_json(r, 200, db_text(call->unit, statement, 0, "body"));
}

static STEP(got_one)
{
    struct call *call = call_of(r);

    return db_row_count(call->unit, 1) ? reply_body(r, 1) : fail(r, ERR_NOT_FOUND);
}

STEP(resource_get)
{
    const struct resource_ready *ready = ready_of(r);
    struct call *call;
    struct uuid *id = ARENA_NEW(r->arena, uuid);

    if (r->query_count)
        return fail_why(r, ERR_INVALID_QUERY, "\"%.*s\" is not a parameter of this resource.",
                        SV_ARG(r->query[0].name));
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_shows_private(r, ready->private_readers);
    call = call_begin(r, CALL_READ, sv_of(ready->resource->readers));
    call_add(call, &ready->get, id->text);
    return call_run(r, got_one);
}
