/* Whole replies. The head, and a body that is small, are put together in one buffer and copied
 * once. */
#include "http/reply.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/encode.h"
#include "base/log.h"
#include "http/conn.h"

#define EXTRA_FIELDS_BYTES KB(32)
#define PROBLEM_BYTES      KB(128) /* room for the longest pointer, all of it escaped */
#define WHY_BYTES          512

const char *http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < COUNT_OF(reasons); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    die("status %d has no reason phrase", status);
}

void reply_field(struct req *r, const char *name, struct sv value)
{
    ENSURE(http_is_field_value(value));
    if (!r->extra_fields)
        r->extra_fields = str_new_in(r->arena, EXTRA_FIELDS_BYTES);
    str_add(r->extra_fields, sv_of(name));
    STR_ADD(r->extra_fields, ": ");
    str_add(r->extra_fields, value);
    STR_ADD(r->extra_fields, "\r\n");
}

struct sv reply_field_of(const struct req *r, const char *name)
{
    struct sv rest = r->extra_fields ? str_view(r->extra_fields) : SV_NONE;

    while (rest.n) {
        size_t end = sv_find(rest, '\r');
        struct sv line = sv_head(rest, end);
        size_t colon = sv_find(line, ':');

        if (sv_eq(sv_head(line, colon), sv_of(name)))
            return sv_trim(sv_skip(line, colon + 1));
        rest = sv_skip(rest, end + 2);
    }
    return SV_NONE;
}

/* The reply to a request that another one asked stays with it. */
static struct plan *reply_within(struct req *r, int status, struct sv body)
{
    ENSURE(r->status == 0);
    r->status = status;
    r->answer = body;
    return plan_answered();
}

/* The date changes once a second; so does its text. */
static struct sv date_now(struct http_server *server)
{
    int64_t second = clock_real_ms() / 1000;

    if (second != server->date_second) {
        server->date_second = second;
        instant_format_http(server->date, second * 1000);
    }
    return sv_of(server->date);
}

static void add_framing(struct str *out, const struct conn *conn, int64_t length)
{
    if (length >= 0) {
        STR_ADD(out, "Content-Length: ");
        str_add_i64(out, length);
        STR_ADD(out, "\r\n");
    } else if (length == LENGTH_STREAMED && conn->reply_chunked) {
        STR_ADD(out, "Transfer-Encoding: chunked\r\n");
    }
    if (!conn->keep_alive)
        STR_ADD(out, "Connection: close\r\n");
    else if (conn->req->head.minor_version == 0)
        STR_ADD(out, "Connection: keep-alive\r\n");
}

/* Puts the head into the server's scratch; whoever calls adds it to the output, with the body or
 * without. */
void reply_head(struct req *r, int status, const char *media_type, int64_t length)
{
    struct str *out = &r->server->scratch;

    ENSURE(r->status == 0);
    ENSURE((status == 204 || status == 304) == (length == LENGTH_NO_BODY));
    r->status = status;
    if (r->request_id.n == 0)
        req_set_new_id(r);
    if (r->server->draining || !r->conn->body_done)
        r->conn->keep_alive = false;
    str_clear(out);
    STR_ADD(out, "HTTP/1.1 ");
    str_add_i64(out, status);
    str_add_char(out, ' ');
    str_add(out, sv_of(http_reason(status)));
    STR_ADD(out, "\r\nDate: ");
    str_add(out, date_now(r->server));
    STR_ADD(out, "\r\nX-Request-Id: ");
    str_add(out, r->request_id);
    STR_ADD(out, "\r\nX-Content-Type-Options: nosniff\r\n");
    if (media_type) {
        STR_ADD(out, "Content-Type: ");
        str_add(out, sv_of(media_type));
        STR_ADD(out, "\r\n");
    }
    add_framing(out, r->conn, length);
    if (r->extra_fields) {
        ENSURE(!str_failed(r->extra_fields));
        str_add(out, str_view(r->extra_fields));
    }
    STR_ADD(out, "\r\n");
    ENSURE(!str_failed(out));
}

static void send_scratch(struct req *r)
{
    struct sv head = str_view(&r->server->scratch);

    if (evbuffer_add(bufferevent_get_output(r->conn->bev), head.p, head.n) != 0)
        die("no memory for a reply");
}

struct plan *reply_bytes(struct req *r, int status, const char *media_type, struct sv body)
{
    if (!r->conn)
        return plan_answered();
    if (r->outer)
        return reply_within(r, status, body);
    reply_head(r, status, media_type, (int64_t)body.n);
    send_scratch(r);
    if (r->head.method != HTTP_HEAD && body.n &&
        evbuffer_add(bufferevent_get_output(r->conn->bev), body.p, body.n) != 0)
        die("no memory for a reply");
    return plan_answered();
}

struct plan *reply_json(struct req *r, int status, struct sv json)
{
    return reply_bytes(r, status, "application/json", json);
}

struct plan *reply_empty(struct req *r, int status)
{
    bool has_length = status != 204 && status != 304;

    if (!r->conn)
        return plan_answered();
    if (r->outer)
        return reply_within(r, status, SV_NONE);
    reply_head(r, status, NULL, has_length ? 0 : LENGTH_NO_BODY);
    send_scratch(r);
    return plan_answered();
}

struct owned {
    void (*done)(void *arg);
    void *arg;
};

static void owned_is_sent(const void *bytes, size_t n, void *arg)
{
    struct owned *owned = arg;

    (void)bytes;
    (void)n;
    owned->done(owned->arg);
    x_free(owned);
}

struct plan *reply_owned(struct req *r, int status, const char *media_type, struct sv body,
                         void (*done)(void *arg), void *arg)
{
    struct owned *owned;

    if (!r->conn || r->head.method == HTTP_HEAD || body.n == 0) {
        struct plan *plan = reply_bytes(r, status, media_type, body);

        done(arg);
        return plan;
    }
    reply_head(r, status, media_type, (int64_t)body.n);
    send_scratch(r);
    owned = x_calloc(1, sizeof *owned);
    owned->done = done;
    owned->arg = arg;
    if (evbuffer_add_reference(bufferevent_get_output(r->conn->bev), body.p, body.n, owned_is_sent,
                               owned) != 0)
        die("no memory for a reply");
    return plan_answered();
}

/* A URI reference: what was asked for, or the request where that is none. */
static struct sv instance_of(const struct req *r)
{
    struct sv ignored;

    if (r->target.path.n && percent_decode(r->arena, r->target.path, &ignored))
        return r->target.path;
    return arena_printf(r->arena, "urn:kith:request:%.*s", SV_ARG(r->request_id));
}

static void problem_fields(struct emit *e, const struct req *r, const struct problem *problem)
{
    const struct error *error = error_of(problem->code);
    const char *base = r->server->opts.problem_base;
    struct sv type = arena_printf(r->arena, "%s%s", base ? base : "/problems/", error->type);

    emit_key(e, SV("type"));
    emit_text(e, type);
    emit_key(e, SV("title"));
    emit_text(e, sv_of(error->title));
    emit_key(e, SV("status"));
    emit_i64(e, error->status);
    emit_key(e, SV("detail"));
    emit_text(e, problem->detail.n ? problem->detail : sv_of(error->title));
    emit_key(e, SV("instance"));
    emit_text(e, instance_of(r));
    emit_key(e, SV("request_id"));
    emit_text(e, r->request_id);
}

/* A problem document, or what the server's owner has in its place; after a streamed reply's head
 * there is only the end to say it by. Where it would grow past PROBLEM_BYTES, it tells of fewer
 * input errors. */
struct plan *reply_problem(struct req *r, const struct problem *problem)
{
    struct str *json = str_new_in(r->arena, PROBLEM_BYTES);
    struct emit e;

    if (!r->conn)
        return plan_answered();
    if (r->status) {
        log_warn("a reply failed in its middle and is cut",
                 F_STR("error", error_of(problem->code)->type));
        return stream_abort(r);
    }
    if (r->request_id.n == 0)
        req_set_new_id(r);
    if (r->server->opts.explain) {
        struct plan *explained = r->server->opts.explain(r, problem->code);

        if (explained)
            return explained;
    }
    emit_init(&e, json);
    emit_object_begin(&e);
    problem_fields(&e, r, problem);
    if (problem->fault_count) {
        emit_key(&e, SV("errors"));
        json_emit_faults(&e, &(struct json_bound){.faults = problem->faults,
                                                  .fault_count = problem->fault_count});
    }
    if (problem->state.n) {
        emit_key(&e, SV("state"));
        emit_raw(&e, problem->state);
    }
    emit_object_end(&e);
    if (!emit_finish(&e)) {
        struct problem less = *problem;

        ENSURE(problem->fault_count || problem->state.n);
        if (problem->state.n)
            less.state = SV_NONE;
        else
            less.fault_count /= 2;
        return reply_problem(r, &less);
    }
    return reply_bytes(r, error_of(problem->code)->status, "application/problem+json",
                       str_view(json));
}

struct plan *fail(struct req *r, enum error_code code)
{
    return reply_problem(r, &(struct problem){.code = code});
}

struct plan *fail_why(struct req *r, enum error_code code, const char *fmt, ...)
{
    char why[WHY_BYTES];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return reply_problem(r, &(struct problem){.code = code, .detail = sv_of(why)});
}

struct plan *fail_fields(struct req *r, enum error_code code, struct sv detail,
                         const struct json_fault *faults, size_t fault_count)
{
    return reply_problem(r, &(struct problem){code, detail, faults, fault_count, SV_NONE});
}

struct plan *fail_state(struct req *r, enum error_code code, struct sv detail, struct sv state)
{
    return reply_problem(r, &(struct problem){.code = code, .detail = detail, .state = state});
}

struct plan *fail_bound(struct req *r, const struct json_bound *refused)
{
    return fail_fields(r, refused->error, refused->detail, refused->faults, refused->fault_count);
}
