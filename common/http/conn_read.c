/* From bytes to a request: the head, then the body, then the handler. */
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "http/conn.h"

#define REQUEST_ID_LONGEST 128

static const struct http_limits *limits_of(const struct conn *conn)
{
    return &conn->server->opts.limits;
}

/* Answers what is not a request with a problem, and ends the connection. */
void conn_refuse(struct conn *conn, enum error_code code, const char *why)
{
    struct req *r = conn->req ? conn->req : req_new(conn);
    struct plan *plan;

    conn->server->stats.refusals++;
    conn->keep_alive = false;
    if (r->extra_fields) /* the rest was for another reply */
        str_cut(r->extra_fields, r->admitted_field_bytes);
    if (code == ERR_OVERLOADED)
        reply_field(r, "Retry-After", SV("1"));
    plan = fail_why(r, code, "%s", why);
    (void)plan;
    req_answered(r);
}

static bool is_request_id(struct sv text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!char_is_alpha(c) && !char_is_digit(c) && c != '.' && c != '_' && c != '-')
            return false;
    }
    return text.n >= 1 && text.n <= REQUEST_ID_LONGEST;
}

/* Takes n digits of lower-case hexadecimal off the front; not all of them are zeros, unless they
 * may be. */
static bool take_hex(struct sv *rest, size_t n, bool zeros)
{
    struct sv digits = sv_head(*rest, n);

    for (size_t i = 0; i < digits.n; i++) {
        if (!char_is_digit(digits.p[i]) && (digits.p[i] < 'a' || digits.p[i] > 'f'))
            return false;
        zeros |= digits.p[i] != '0';
    }
    *rest = sv_skip(*rest, n);
    return digits.n == n && zeros;
}

static bool take_dash(struct sv *rest)
{
    bool is_there = sv_starts_with(*rest, SV("-"));

    *rest = sv_skip(*rest, 1);
    return is_there;
}

/* The trace id of a W3C traceparent, "00-<32 hex>-<16 hex>-<2 hex>" (Trace Context §3.2), or
 * nothing. */
static struct sv trace_id_of(struct sv traceparent)
{
    struct sv rest = sv_skip(traceparent, 2);
    bool is_good = sv_starts_with(traceparent, SV("00")) && take_dash(&rest) &&
                   take_hex(&rest, 32, false) && take_dash(&rest) && take_hex(&rest, 16, false) &&
                   take_dash(&rest) && take_hex(&rest, 2, true) && rest.n == 0;

    return is_good ? sv_head(sv_skip(traceparent, 3), 32) : SV_NONE;
}

static void identify(struct conn *conn, struct req *r)
{
    struct sv id = req_field(r, SV("x-request-id"));
    struct peer_address client =
        peer_client(conn->server->opts.trusted_proxies, &conn->peer, &r->head);

    if (is_request_id(id) && http_head_field_count(&r->head, SV("x-request-id")) == 1)
        r->request_id = id;
    else
        req_set_new_id(r);
    r->trace_id = trace_id_of(req_field(r, SV("traceparent")));
    r->address = peer_format(r->arena, &client);
}

/* The handler, by way of the service's gate. */
static STEP(run_handler)
{
    const struct http_server_opts *opts = &r->conn->server->opts;

    return opts->gate ? opts->gate(r) : r->route->handle(r);
}

static void start_handler(struct conn *conn)
{
    conn_set_state(conn, CONN_WORKING);
    conn_set_deadline(conn, limits_of(conn)->request_ms);
    req_run(conn->req, run_handler);
}

/* NULL, or the service's refusal. */
static struct plan *admit(struct req *r)
{
    const struct http_server_opts *opts = &r->conn->server->opts;
    struct plan *answer = opts->admit ? opts->admit(r) : NULL;

    r->admitted_field_bytes = r->extra_fields ? r->extra_fields->n : 0;
    return answer;
}

/* What needs no handler: not admitted, no route, another method, OPTIONS. Sets the route otherwise.
 */
static struct plan *answer_without_handler(struct req *r)
{
    const struct router *router = r->conn->server->opts.router;
    enum route_found found = r->target.is_asterisk ? ROUTE_NO_METHOD : router_find(router, r);
    struct plan *answer = admit(r);

    if (answer || found == ROUTE_FOUND)
        return answer;
    if (found == ROUTE_NO_PATH)
        return fail(r, ERR_NOT_FOUND);
    reply_field(r, "Allow", router_allow(router, r));
    return r->head.method == HTTP_OPTIONS ? reply_empty(r, 204) : fail(r, ERR_METHOD_NOT_ALLOWED);
}

/* Everything that is known at the end of the head. NULL: the request goes on. */
static struct plan *judge_head(struct req *r)
{
    struct conn *conn = r->conn;
    struct http_fault fault;
    struct plan *answer;

    if (r->head.method == HTTP_METHOD_UNKNOWN)
        return fail(r, ERR_METHOD_UNKNOWN);
    if (!http_target_parse(r->arena, &r->head, &r->target, &fault)) {
        conn->keep_alive = false;
        return fail_why(r, fault.code, "%s", fault.why);
    }
    answer = answer_without_handler(r);
    if (answer)
        return answer;
    if (!http_query_parse(r->arena, r->target.query, &r->query, &r->query_count, &fault))
        return fail_why(r, fault.code, "%s", fault.why);
    conn->body_max =
        r->route->body_max_bytes ? r->route->body_max_bytes : limits_of(conn)->body_bytes;
    if (r->head.framing == HTTP_BODY_LENGTH && r->head.content_length > conn->body_max)
        return fail_why(r, ERR_BODY_TOO_LARGE, "The body may have at most %zu bytes.",
                        conn->body_max);
    return NULL;
}

static void start_body(struct conn *conn)
{
    struct req *r = conn->req;

    conn->body_left = r->head.content_length;
    conn->body_since_ms = clock_mono_ms();
    conn_set_state(conn, CONN_BODY);
    conn_set_deadline(conn, limits_of(conn)->body_ms);
    if (r->head.expects_continue && evbuffer_get_length(bufferevent_get_input(conn->bev)) == 0)
        bufferevent_write(conn->bev, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

static void hold_body(struct conn *conn)
{
    conn->body = str_new_in(conn->req->arena, conn->body_max);
    start_body(conn);
}

static void begin_request(struct conn *conn)
{
    struct req *r = conn->req;
    struct plan *answer;

    conn->has_asked = true;
    conn->keep_alive = r->head.keep_alive && !conn->server->draining;
    conn->body_done = r->head.framing == HTTP_BODY_NONE ||
                      (r->head.framing == HTTP_BODY_LENGTH && r->head.content_length == 0);
    conn->server->stats.requests++;
    identify(conn, r);
    answer = judge_head(r);
    if (answer)
        req_answered(r);
    else if (conn->body_done || r->route->flags & ROUTE_STREAMS_BODY)
        start_handler(conn);
    else
        hold_body(conn);
}

bool conn_read_head(struct conn *conn)
{
    const struct http_head_limits *limits = &limits_of(conn)->head;
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    size_t n = size_min(evbuffer_get_length(input), INPUT_HIGH_BYTES);
    struct http_fault fault = {ERR_MALFORMED_REQUEST, ""};
    size_t head_bytes = 0;
    struct sv bytes = {n ? (const char *)evbuffer_pullup(input, (ssize_t)n) : NULL, n};

    if (n == 0)
        return false;
    switch (http_head_scan(&conn->scan, bytes, limits, &head_bytes, &fault)) {
    case HTTP_HEAD_MORE:
        if (conn->state == CONN_IDLE) {
            conn_set_state(conn, CONN_HEAD);
            conn_set_deadline(conn, limits_of(conn)->header_ms);
        }
        return false;
    case HTTP_HEAD_BAD:
        conn_refuse(conn, fault.code, fault.why);
        return true;
    case HTTP_HEAD_DONE:
        break;
    }
    conn->req = req_new(conn);
    bytes = arena_copy(conn->req->arena, sv_head(bytes, head_bytes));
    evbuffer_drain(input, head_bytes);
    memset(&conn->scan, 0, sizeof conn->scan);
    if (http_head_parse(conn->req->arena, bytes, &conn->req->head, &fault))
        begin_request(conn);
    else
        conn_refuse(conn, fault.code, fault.why);
    return true;
}

/* The next piece of the body that lies ready, in whatever framing. */
static enum http_chunked_result next_piece(struct conn *conn, struct sv *input, struct sv *piece,
                                           struct http_fault *fault)
{
    if (conn->req->head.framing == HTTP_BODY_CHUNKED)
        return http_chunked_next(&conn->chunked, input, piece, fault);
    if (conn->body_left == 0)
        return HTTP_CHUNKED_DONE;
    if (input->n == 0)
        return HTTP_CHUNKED_MORE;
    *piece = sv_head(*input, conn->body_left < input->n ? (size_t)conn->body_left : input->n);
    *input = sv_skip(*input, piece->n);
    conn->body_left -= piece->n;
    return HTTP_CHUNKED_DATA;
}

static void body_is_whole(struct conn *conn)
{
    struct req *r = conn->req;

    conn->body_done = true;
    if (conn->body) {
        r->body = str_view(conn->body);
        start_handler(conn);
        return;
    }
    conn_set_state(conn, CONN_WORKING);
    conn_set_deadline(conn, limits_of(conn)->request_ms);
    req_run(r, r->next);
}

/* Whoever asked for the pause holds the request until body_resume. */
static void pause_body(struct conn *conn)
{
    conn->req->is_pending = true;
    conn->body_paused = true;
    conn->body_paused_ms = clock_mono_ms();
    conn_set_deadline(conn, limits_of(conn)->request_ms);
}

/* False when the body is larger than it may be, by what came or by what the chunk begun says will.
 */
static bool take_piece(struct conn *conn, struct sv piece)
{
    conn->body_taken += piece.n;
    if (conn->body_taken > conn->body_max ||
        http_chunked_expected(&conn->chunked) > conn->body_max - conn->body_taken)
        return false;
    if (piece.n == 0)
        return true;
    if (conn->body)
        str_add(conn->body, piece);
    else if (conn->piece(conn->req, piece) == BODY_PAUSE)
        pause_body(conn);
    return true;
}

bool conn_read_body(struct conn *conn)
{
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    size_t n = evbuffer_get_contiguous_space(input);
    struct sv bytes = {n ? (const char *)evbuffer_pullup(input, (ssize_t)n) : "", n};
    struct sv piece = SV_NONE;
    struct http_fault fault = {ERR_MALFORMED_REQUEST, ""};
    enum http_chunked_result result;

    if (conn->body_paused)
        return false;
    result = next_piece(conn, &bytes, &piece, &fault);
    if (result == HTTP_CHUNKED_BAD)
        conn_refuse(conn, fault.code, fault.why);
    else if (!take_piece(conn, piece))
        conn_refuse(conn, ERR_BODY_TOO_LARGE, "The body is larger than this resource takes.");
    if (conn->state != CONN_BODY)
        return conn->state != CONN_GONE;
    evbuffer_drain(input, n - bytes.n);
    if (result == HTTP_CHUNKED_DONE)
        body_is_whole(conn);
    return result != HTTP_CHUNKED_MORE || evbuffer_get_length(input) > 0;
}

/* The body's time is up, unless it came fast enough to deserve more. */
void conn_body_deadline(struct conn *conn)
{
    const struct http_limits *limits = limits_of(conn);
    int64_t earned_ms = (int64_t)(conn->body_taken * 1000 / (uint64_t)limits->body_bytes_per_s);
    int64_t left_ms = conn->body_since_ms + limits->body_ms + earned_ms - clock_mono_ms();

    if (conn->body_paused)
        conn_refuse(conn, ERR_TOO_SLOW, "The work for this request took too long.");
    else if (left_ms > 0)
        conn_set_deadline(conn, left_ms);
    else
        conn_refuse(conn, ERR_REQUEST_TIMEOUT, "The body did not arrive in time.");
}

static void advance_later(void *arg)
{
    conn_advance(OBJ_CAST(conn, CONN_MAGIC, arg));
}

struct plan *body_read(struct req *r, enum body_flow (*piece)(struct req *r, struct sv bytes),
                       STEP((*end)))
{
    struct conn *conn = r->conn;

    r->next = end;
    if (!conn)
        return plan_answered();
    if (conn->body_done)
        return end(r);
    conn->piece = piece;
    start_body(conn);
    loop_defer(r->loop, advance_later, conn);
    return plan_streaming();
}

void body_resume(struct req *r)
{
    struct conn *conn = r->conn;

    OBJ_CAST(req, REQ_MAGIC, r);
    ENSURE(r->is_pending);
    r->is_pending = false;
    if (!conn) {
        req_free_if_let_go(r);
        return;
    }
    conn->body_paused = false;
    conn->body_since_ms += clock_mono_ms() - conn->body_paused_ms;
    conn_set_deadline(conn, limits_of(conn)->body_ms);
    loop_defer(r->loop, advance_later, conn);
}
