/* Streamed replies and event streams: pieces are made as the client takes them. */
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/conn.h"

#define PUMP_ROUNDS 16 /* before other connections have their turn */

static void add(struct conn *conn, struct sv bytes)
{
    if (evbuffer_add(bufferevent_get_output(conn->bev), bytes.p, bytes.n) != 0)
        die("no memory for a reply");
}

/* Events have no `more`: they are sent when they come. In a drain their stream ends at once, and
 * the client comes again. */
static bool begin(struct req *r, int status, const char *media_type, STEP((*more)))
{
    const struct http_limits *limits = &r->server->opts.limits;
    struct conn *conn = r->conn;
    int64_t ping_ms = r->server->draining ? 0 : limits->sse_ping_ms;

    conn->reply_chunked = r->head.minor_version > 0;
    if (!conn->reply_chunked && r->head.method != HTTP_HEAD)
        conn->keep_alive = false;
    reply_head(r, status, media_type, LENGTH_STREAMED);
    add(conn, str_view(&r->server->scratch));
    if (r->head.method == HTTP_HEAD)
        return false;
    conn->more = more;
    conn->reply_is_events = !more;
    conn_set_state(conn, CONN_STREAMING);
    conn_set_deadline(conn, more ? limits->request_ms : ping_ms);
    return true;
}

struct plan *stream_begin(struct req *r, int status, const char *media_type, STEP((*more)))
{
    return r->conn && begin(r, status, media_type, more) ? plan_streaming() : plan_answered();
}

void stream_write(struct req *r, struct sv piece)
{
    struct conn *conn = r->conn;
    char size[20];
    int n;

    if (!conn || piece.n == 0)
        return;
    if (!conn->reply_chunked) {
        add(conn, piece);
        return;
    }
    n = snprintf(size, sizeof size, "%zx\r\n", piece.n);
    add(conn, (struct sv){size, (size_t)n});
    add(conn, piece);
    add(conn, SV("\r\n"));
}

struct plan *stream_more(struct req *r)
{
    (void)r;
    return plan_streaming();
}

struct plan *stream_end(struct req *r)
{
    if (r->conn && r->conn->reply_chunked)
        add(r->conn, SV("0\r\n\r\n"));
    return plan_answered();
}

struct plan *stream_abort(struct req *r)
{
    if (r->conn)
        r->conn->is_cut = true;
    return plan_answered();
}

static bool wants_more(const struct conn *conn)
{
    return conn->state == CONN_STREAMING && conn->more && !conn->req->is_pending &&
           !conn->req->is_running &&
           conn_held_bytes(conn) <= conn->server->opts.limits.output_bytes / 2;
}

void stream_pump(struct conn *conn)
{
    if (conn->is_pumping)
        return;
    conn->is_pumping = true;
    conn_flush(conn); /* what the socket takes at once brings no on_writable */
    for (int round = 0; round < PUMP_ROUNDS && wants_more(conn); round++) {
        req_run(conn->req, conn->more);
        conn_flush(conn);
    }
    conn->is_pumping = false;
    if (wants_more(conn))
        stream_pump_later(conn);
}

static void pump(void *arg)
{
    stream_pump(OBJ_CAST(conn, CONN_MAGIC, arg));
}

/* After a step, whose next one has its time from now: what it wrote goes out, and more is made when
 * there is room. */
void stream_pump_later(struct conn *conn)
{
    if (!conn->reply_is_events)
        conn_set_deadline(conn, conn->server->opts.limits.request_ms);
    if (!conn->is_pumping)
        loop_defer(conn->server->loop, pump, conn);
}

struct plan *sse_begin(struct req *r)
{
    if (!r->conn)
        return plan_answered();
    reply_field(r, "Cache-Control", SV("no-store"));
    reply_field(r, "X-Accel-Buffering", SV("no"));
    return begin(r, 200, "text/event-stream", NULL) ? plan_streaming() : plan_answered();
}

/* A client that does not keep up is cut: what it missed it asks for again. */
static void send_event(struct conn *conn)
{
    conn_flush(conn);
    if (conn_held_bytes(conn) > conn->server->opts.limits.output_bytes)
        conn_close(conn);
}

static void add_line(struct str *out, const char *name, struct sv value)
{
    str_add(out, sv_of(name));
    str_add(out, value);
    str_add_char(out, '\n');
}

/* Takes the next line off the front of *rest; it ends in CR, LF or CR LF. */
static bool take_line(struct sv *rest, struct sv *out)
{
    struct sv text = *rest;
    size_t n = size_min(sv_find(text, '\n'), sv_find(text, '\r'));

    if (!text.p)
        return false;
    *out = sv_head(text, n);
    *rest = n == text.n ? SV_NONE
                        : sv_skip(text, n + (sv_starts_with(sv_skip(text, n), SV("\r\n")) ? 2 : 1));
    return true;
}

/* Data of several lines becomes several data fields (WHATWG HTML §9.2.6). */
void sse_send(struct req *r, struct sv id, struct sv event, struct sv data)
{
    struct sv rest = data;
    struct sv line;
    struct str out;

    if (!r->conn)
        return;
    str_init(&out, r->server->opts.limits.output_bytes);
    if (id.n)
        add_line(&out, "id: ", id);
    if (event.n)
        add_line(&out, "event: ", event);
    while (take_line(&rest, &line))
        add_line(&out, "data: ", line);
    str_add_char(&out, '\n');
    if (str_failed(&out)) {
        log_warn("an event was too large to send", F_INT("bytes", data.n));
    } else {
        stream_write(r, str_view(&out));
        send_event(r->conn);
    }
    str_fini(&out);
}

static void ping(struct conn *conn)
{
    conn_set_deadline(conn, conn->server->opts.limits.sse_ping_ms);
    stream_write(conn->req, SV(": ping\n\n"));
    send_event(conn);
}

void stream_deadline(struct conn *conn)
{
    if (conn->reply_is_events && conn->server->draining) {
        sse_end(conn->req);
    } else if (conn->reply_is_events) {
        ping(conn);
    } else if (conn_held_bytes(conn)) { /* the client is slow, not we */
        conn_set_deadline(conn, conn->server->opts.limits.request_ms);
    } else {
        log_warn("a reply took too long in its middle and is cut");
        conn_close(conn);
    }
}

void sse_end(struct req *r)
{
    struct plan *plan = stream_end(r);

    (void)plan;
    if (r->conn)
        req_answered(r);
}
