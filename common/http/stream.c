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

static bool begin(struct req *r, int status, const char *media_type)
{
    struct conn *conn = r->conn;

    conn->reply_chunked = r->head.minor_version > 0;
    if (!conn->reply_chunked && r->head.method != HTTP_HEAD)
        conn->keep_alive = false;
    reply_head(r, status, media_type, LENGTH_STREAMED);
    add(conn, str_view(&r->server->scratch));
    if (r->head.method == HTTP_HEAD)
        return false;
    conn_set_state(conn, CONN_STREAMING);
    conn_set_deadline(conn, r->server->opts.limits.sse_ping_ms);
    return true;
}

struct plan *stream_begin(struct req *r, int status, const char *media_type, STEP((*more)))
{
    if (!r->conn || !begin(r, status, media_type))
        return plan_answered();
    r->conn->more = more;
    r->conn->reply_is_events = false;
    return plan_streaming();
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
    for (int round = 0; round < PUMP_ROUNDS && wants_more(conn); round++) {
        req_run(conn->req, conn->more);
        conn_flush(conn);
    }
    conn->is_pumping = false;
    if (wants_more(conn))
        stream_pump_later(conn);
    else
        conn_flush(conn);
}

static void pump(void *arg)
{
    stream_pump(OBJ_CAST(conn, CONN_MAGIC, arg));
}

void stream_pump_later(struct conn *conn)
{
    if (!conn->is_pumping)
        loop_defer(conn->server->loop, pump, conn);
}

struct plan *sse_begin(struct req *r)
{
    if (!r->conn)
        return plan_answered();
    reply_field(r, "Cache-Control", SV("no-store"));
    reply_field(r, "X-Accel-Buffering", SV("no"));
    if (!begin(r, 200, "text/event-stream"))
        return plan_answered();
    r->conn->more = NULL;
    r->conn->reply_is_events = true;
    return plan_streaming();
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

/* Data of several lines becomes several data fields (WHATWG HTML §9.2.6). */
void sse_send(struct req *r, struct sv id, struct sv event, struct sv data)
{
    struct sv line;
    struct str out;

    if (!r->conn)
        return;
    str_init(&out, r->server->opts.limits.output_bytes);
    if (id.n)
        add_line(&out, "id: ", id);
    if (event.n)
        add_line(&out, "event: ", event);
    while (sv_split(&data, '\n', &line))
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

void stream_ping(struct conn *conn)
{
    conn_set_deadline(conn, conn->server->opts.limits.sse_ping_ms);
    if (!conn->reply_is_events)
        return;
    stream_write(conn->req, SV(": ping\n\n"));
    send_event(conn);
}

void sse_end(struct req *r)
{
    struct plan *plan = stream_end(r);

    (void)plan;
    if (r->conn)
        req_answered(r);
}
