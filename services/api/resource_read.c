/* GET of one: the representation as the database writes it, with its ETag. */
#include "base/encode.h"
#include "base/uuid.h"
#include "call.h"
#include "etag.h"
#include "http/field.h"
#include "http/router.h"
#include "use.h"
#include "view.h"
#include "json/walk.h"

static const struct resource_ready *ready_of(const struct req *r)
{
    return ((const struct resource *)r->route->what)->ready;
}

/* 200 with the body, or 304 when the client has it. */
static struct plan *reply_body(struct req *r, size_t statement)
{
    struct call *call = call_of(r);
    struct sv body = db_text(call->unit, statement, 0, "body");
    struct sv tag =
        etag_of_view(r, call->state, db_text(call->unit, statement, 0, "version"), body);
    struct sv known = req_field(r, SV("if-none-match"));

    reply_field(r, "ETag", tag);
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    if (known.n && http_etag_matches_weak(known, tag))
        return reply_empty(r, 304);
    return reply_json(r, 200, body);
}

static STEP(got_one)
{
    struct call *call = call_of(r);

    return db_row_count(call->unit, 1) ? reply_body(r, 1) : fail(r, ERR_NOT_FOUND);
}

static struct plan *fail_parameter(struct req *r, struct sv name, enum json_fault_code code,
                                   struct sv why)
{
    struct json_fault fault = {.code = code};

    name = sv_head_utf8(name, QUERY_SHOWN_BYTES);
    fault.pointer = path_pointer(r->arena, &(struct path){.key = name});
    fault.detail = arena_printf(r->arena, "\"%.*s\" %.*s.", SV_ARG(name), SV_ARG(why));
    return fail_fields(r, ERR_INVALID_QUERY, fault.detail, &fault, 1);
}

/* NULL when the query asks for what can be given. */
static struct plan *read_view(struct req *r, struct view *view)
{
    for (size_t i = 0; i < r->query_count; i++) {
        const struct http_param *param = &r->query[i];
        bool is_fields = sv_eq(param->name, SV("fields"));
        struct sv why;

        if (!is_fields && !sv_eq(param->name, SV("expand")))
            return fail_parameter(r, param->name, JSON_FAULT_UNKNOWN_PARAMETER,
                                  SV("is not a parameter of this resource"));
        if (req_query(r, param->name) != &param->value)
            why = SV("stands twice");
        else
            why = is_fields ? view_read_fields(r->arena, view, param->value)
                            : view_read_expand(r->arena, view, param->value);
        if (why.n)
            return fail_parameter(r, param->name, JSON_FAULT_INVALID_PARAMETER, why);
    }
    return NULL;
}

STEP(resource_get)
{
    static const struct sv offers[] = {{"application/json", 16}};
    const struct resource_ready *ready = ready_of(r);
    struct view *view = ARENA_NEW(r->arena, view);
    struct uuid *id = ARENA_NEW(r->arena, uuid);
    struct plan *refused;
    struct call *call;

    if (http_accept_best(&r->head, offers, COUNT_OF(offers)) < 0)
        return fail(r, ERR_NOT_ACCEPTABLE);
    view->ready = ready;
    refused = read_view(r, view);
    if (refused)
        return refused;
    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    use_view(r, view);
    call_shows_private(r, view_private_readers(r->arena, view));
    call = call_begin(r, CALL_READ, sv_of(ready->resource->readers));
    call->state = view;
    call_add(call, view_is_whole(view) ? &ready->get : view_get_statement(r->arena, view),
             id->text);
    if (!call->is_known && view_is_recorded(view))
        call_record_read(r, view_record_statement(r->arena, view), (const char *const[]){id->text});
    return call_run(r, got_one);
}
