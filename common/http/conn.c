/* A connection's life and its bytes: states, deadlines, writing, closing. */
#include "http/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"

/* What the kernel holds of a reply that is not yet on its way. By itself it takes megabytes, and
 * then takes nothing for as long as a slow client needs for a third of them: that would look like a
 * client which takes nothing. */
#define UNSENT_BYTES KB(128)

static void on_readable(struct bufferevent *bev, void *arg);
static void on_writable(struct bufferevent *bev, void *arg);
static void on_event(struct bufferevent *bev, short what, void *arg);
static void on_deadline(void *arg);

static const char *const state_names[] = {
    [CONN_IDLE] = "idle",       [CONN_HEAD] = "head",           [CONN_BODY] = "body",
    [CONN_WORKING] = "working", [CONN_STREAMING] = "streaming", [CONN_LINGERING] = "lingering",
    [CONN_GONE] = "gone",
};

void conn_set_state(struct conn *conn, enum conn_state state)
{
    if (conn->state != state)
        log_debug("connection", F_INT("fd", conn->fd), F_STR("from", state_names[conn->state]),
                  F_STR("to", state_names[state]));
    conn->state = state;
}

static void set_up_events(struct conn *conn)
{
    const struct http_limits *limits = &conn->server->opts.limits;
    struct timeval stall = {.tv_sec = limits->stall_ms / 1000,
                            .tv_usec = limits->stall_ms % 1000 * 1000};

    bufferevent_setcb(conn->bev, on_readable, on_writable, on_event, conn);
    bufferevent_setwatermark(conn->bev, EV_READ, 0, INPUT_HIGH_BYTES);
    bufferevent_setwatermark(conn->bev, EV_WRITE, limits->output_bytes / 2, 0);
    bufferevent_set_timeouts(conn->bev, NULL, &stall);
    bufferevent_disable(conn->bev, EV_WRITE);
    bufferevent_enable(conn->bev, EV_READ);
}

/* Over a cap: told so, as long as not too many are being told. */
static void refuse_at_the_door(struct conn *conn)
{
    struct http_server *server = conn->server;

    conn->is_refused = true;
    server->stats.connections_refused++;
    if (server->refused_count++ < REFUSED_AT_ONCE)
        conn_refuse(conn, ERR_OVERLOADED, "There are too many connections; try again soon.");
    else
        conn_close(conn);
}

void conn_open(struct http_server *server, evutil_socket_t fd, const struct peer_address *peer,
               bool refuse)
{
    struct conn *conn = x_calloc(1, sizeof *conn);
    int unsent_bytes = (int)UNSENT_BYTES;
    int yes = 1;

    conn->magic = CONN_MAGIC;
    conn->server = server;
    conn->fd = fd;
    conn->peer = *peer;
    conn->is_counted = !peer_list_has(server->opts.trusted_proxies, peer);
    conn->bev = bufferevent_socket_new(loop_base(server->loop), fd, BEV_OPT_CLOSE_ON_FREE);
    if (!conn->bev)
        die("no bufferevent");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, sizeof unsent_bytes);
    timer_init(&conn->deadline, server->loop, on_deadline, conn);
    list_append(&server->conns, &conn->link);
    server->conn_count++;
    server->stats.connections_open = server->conn_count;
    server->stats.connections_total++;
    if (conn->is_counted &&
        peer_counts_add(server->counts, peer) > server->opts.limits.connections_per_address)
        refuse = true;
    set_up_events(conn);
    conn_set_deadline(conn, server->opts.limits.idle_ms);
    if (refuse)
        refuse_at_the_door(conn);
}

static void free_at_end_of_turn(void *arg)
{
    struct conn *conn = OBJ_CAST(conn, CONN_MAGIC, arg);
    struct http_server *server = conn->server;

    if (conn->is_counted)
        peer_counts_remove(server->counts, &conn->peer);
    timer_fini(&conn->deadline);
    bufferevent_free(conn->bev);
    list_remove(&conn->link);
    server->conn_count--;
    server->refused_count -= conn->is_refused;
    server->stats.connections_open = server->conn_count;
    conn->magic = 0;
    x_free(conn);
    server_check_drained(server);
}

/* A reply that ends with its connection and is cut in the middle must not look whole. */
static void end_in_a_reset(struct conn *conn)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void conn_close(struct conn *conn)
{
    struct req *r = conn->req;

    if (conn->state == CONN_GONE)
        return;
    if (!conn->reply_chunked && (conn->state == CONN_STREAMING || conn_held_bytes(conn)))
        end_in_a_reset(conn);
    conn_set_state(conn, CONN_GONE);
    bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    timer_cancel(&conn->deadline);
    conn->req = NULL;
    if (r)
        req_abandon(r);
    loop_defer(conn->server->loop, free_at_end_of_turn, conn);
}

/* Deadlines are set several times a request and rarely met: the timer is only touched when it
 * stands too late, and puts itself right when it fires too early. */
void conn_set_deadline(struct conn *conn, int64_t delay_ms)
{
    int64_t now_ms = clock_mono_ms();

    conn->deadline_at_ms = now_ms + delay_ms;
    if (conn->timer_at_ms && conn->timer_at_ms <= conn->deadline_at_ms)
        return;
    conn->timer_at_ms = conn->deadline_at_ms;
    timer_arm(&conn->deadline, delay_ms);
}

/* A client that still takes what it is owed is judged by the time since it last took a byte. */
static void end_unless_owed(struct conn *conn)
{
    if (conn_held_bytes(conn))
        conn_set_deadline(conn, conn->server->opts.limits.stall_ms);
    else
        conn_close(conn);
}

static void deadline_met(struct conn *conn)
{
    switch (conn->state) {
    case CONN_IDLE:
    case CONN_LINGERING:
        end_unless_owed(conn);
        break;
    case CONN_HEAD:
        conn_refuse(conn, ERR_REQUEST_TIMEOUT, "The head did not arrive in time.");
        break;
    case CONN_BODY:
        conn_body_deadline(conn);
        break;
    case CONN_WORKING:
        conn_refuse(conn, ERR_TOO_SLOW, "The work for this request took too long.");
        break;
    case CONN_STREAMING:
        stream_deadline(conn);
        break;
    case CONN_GONE:
        break;
    }
}

static void on_deadline(void *arg)
{
    struct conn *conn = OBJ_CAST(conn, CONN_MAGIC, arg);
    int64_t now_ms = clock_mono_ms();

    conn->timer_at_ms = 0;
    if (now_ms < conn->deadline_at_ms)
        conn_set_deadline(conn, conn->deadline_at_ms - now_ms);
    else
        deadline_met(conn);
}

size_t conn_held_bytes(const struct conn *conn)
{
    return evbuffer_get_length(bufferevent_get_output(conn->bev));
}

static bool input_is_empty(const struct conn *conn)
{
    return evbuffer_get_length(bufferevent_get_input(conn->bev)) == 0;
}

/* Replies to what was asked ahead are not heaped up for a client that does not take them. */
static bool has_room_for_output(struct conn *conn)
{
    size_t most = conn->server->opts.limits.output_bytes;

    if (conn_held_bytes(conn) >= most)
        conn_flush(conn);
    return conn->state != CONN_GONE && conn_held_bytes(conn) < most;
}

/* When nothing more can be done with the input: between two requests, the end that somebody asked
 * for; within one, the fault that its client ended it. */
static void meet_end(struct conn *conn)
{
    switch (conn->state) {
    case CONN_IDLE:
        if ((conn->peer_ended || conn->server->draining) && input_is_empty(conn))
            conn_linger(conn);
        break;
    case CONN_HEAD:
        if (conn->peer_ended)
            conn_refuse(conn, ERR_MALFORMED_REQUEST, "The connection ended within the head.");
        break;
    case CONN_BODY:
        if (conn->peer_ended && !conn->body_paused)
            conn_refuse(conn, ERR_MALFORMED_REQUEST, "The connection ended within the body.");
        break;
    case CONN_STREAMING:
        if (conn->peer_ended && conn->reply_is_events)
            conn_close(conn);
        break;
    case CONN_WORKING:
    case CONN_LINGERING:
    case CONN_GONE:
        break;
    }
}

/* Does what can be done with the input, until it needs more bytes, a step's end, or room for
 * output. */
void conn_advance(struct conn *conn)
{
    bool go_on = true;

    if (conn->is_advancing)
        return;
    conn->is_advancing = true;
    while (go_on) {
        switch (conn->state) {
        case CONN_IDLE:
        case CONN_HEAD:
            go_on = has_room_for_output(conn) && conn_read_head(conn);
            break;
        case CONN_BODY:
            go_on = conn_read_body(conn);
            break;
        case CONN_LINGERING:
            evbuffer_drain(bufferevent_get_input(conn->bev), SIZE_MAX);
            go_on = false;
            break;
        case CONN_WORKING:
        case CONN_STREAMING:
        case CONN_GONE:
            go_on = false;
            break;
        }
    }
    conn->is_advancing = false;
    meet_end(conn);
    conn_flush(conn);
}

/* With everything sent, the last reply's connection is shut on our side, so that the client reads
 * it to its end before it learns that we read no more (RFC 9112 §9.6). */
static void all_sent(struct conn *conn)
{
    if (conn->state != CONN_LINGERING || conn->is_shut)
        return;
    if (conn->peer_ended) {
        conn_close(conn);
        return;
    }
    conn->is_shut = true;
    shutdown(conn->fd, SHUT_WR);
    conn_set_deadline(conn, conn->server->opts.limits.linger_ms);
}

void conn_flush(struct conn *conn)
{
    struct evbuffer *output = bufferevent_get_output(conn->bev);
    struct http_stats *stats = &conn->server->stats;

    if (conn->state == CONN_GONE)
        return;
    if (evbuffer_get_length(output) > stats->bytes_buffered_max)
        stats->bytes_buffered_max = evbuffer_get_length(output);
    while (evbuffer_get_length(output)) {
        int written;

        if (bufferevent_get_enabled(conn->bev) & EV_WRITE)
            return;
        evbuffer_unfreeze(output, 1);
        written = evbuffer_write(output, conn->fd);
        evbuffer_freeze(output, 1);
        if (written < 0 && (errno == EAGAIN || errno == EINTR)) {
            bufferevent_enable(conn->bev, EV_WRITE);
            return;
        }
        if (written <= 0) {
            conn_close(conn);
            return;
        }
    }
    all_sent(conn);
}

void conn_linger(struct conn *conn)
{
    conn_set_state(conn, CONN_LINGERING);
    conn_set_deadline(conn, conn->server->opts.limits.stall_ms);
    evbuffer_drain(bufferevent_get_input(conn->bev), SIZE_MAX);
    if (!conn->is_advancing)
        conn_flush(conn);
}

/* Ends a connection between two requests: at once, or when the last reply has been sent. */
void conn_end_idle(struct conn *conn)
{
    if (conn_held_bytes(conn) == 0)
        conn_close(conn);
    else
        conn_linger(conn);
}

static void on_readable(struct bufferevent *bev, void *arg)
{
    (void)bev;
    conn_advance(OBJ_CAST(conn, CONN_MAGIC, arg));
}

/* The client has taken some: most of what was held is gone. */
static void on_writable(struct bufferevent *bev, void *arg)
{
    struct conn *conn = OBJ_CAST(conn, CONN_MAGIC, arg);

    if (conn_held_bytes(conn) == 0) {
        bufferevent_disable(bev, EV_WRITE);
        all_sent(conn);
        if (conn->state == CONN_IDLE)
            conn_set_deadline(conn, conn->server->opts.limits.idle_ms);
    }
    if (conn->state == CONN_STREAMING)
        stream_pump(conn);
    else
        conn_advance(conn);
}

/* The client has sent its last byte. What it asked for before is still answered. */
static void on_peer_end(struct conn *conn)
{
    conn->peer_ended = true;
    conn_advance(conn);
    if (conn->state == CONN_LINGERING && conn_held_bytes(conn) == 0)
        conn_close(conn);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct conn *conn = OBJ_CAST(conn, CONN_MAGIC, arg);

    (void)bev;
    if (conn->state == CONN_GONE)
        return;
    if (what & BEV_EVENT_EOF)
        on_peer_end(conn);
    else
        conn_close(conn); /* an error, or a client that takes nothing */
}
