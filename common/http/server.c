/* The server: listening, admission, draining. */
#include "http/server.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/conn.h"

#define LISTEN_PAUSE_MS 100
#define SCRATCH_BYTES   KB(64)

/* Of a drain: who was let in before it has been accepted by its end, and has said what he wants. */
#define LAST_CALL_MS 100

static void listen_again(void *arg);
static void on_last_call(void *arg);
static void on_drain_deadline(void *arg);

struct http_server *http_server_new(struct loop *loop, const struct http_server_opts *opts)
{
    struct http_server *server = x_calloc(1, sizeof *server);

    ENSURE(opts->limits.head.request_line_bytes + opts->limits.head.fields_bytes <=
           INPUT_HIGH_BYTES - KB(1));
    ENSURE(opts->limits.body_bytes_per_s > 0);
    server->magic = SERVER_MAGIC;
    server->loop = loop;
    server->opts = *opts;
    list_init(&server->conns);
    server->counts = peer_counts_new();
    str_init(&server->scratch, SCRATCH_BYTES);
    timer_init(&server->listen_again, loop, listen_again, server);
    timer_init(&server->last_call, loop, on_last_call, server);
    timer_init(&server->drain_deadline, loop, on_drain_deadline, server);
    return server;
}

/* One connection a turn: of those that come at once each process of a family gets its share. */
static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                      int length, void *arg)
{
    struct http_server *server = OBJ_CAST(http_server, SERVER_MAGIC, arg);
    size_t most = server->opts.limits.connections;
    struct peer_address peer;

    (void)length;
    if (server->is_out_of_descriptors)
        log_info("connections are accepted again");
    server->is_out_of_descriptors = false;
    if (!peer_of_sockaddr(address, &peer)) {
        server->stats.connections_refused++;
        evutil_closesocket(fd);
        return;
    }
    conn_open(server, fd, &peer, server->conn_count - server->refused_count >= most);
    evconnlistener_disable(listener);
    timer_arm(&server->listen_again, 0);
}

/* Out of descriptors, most likely: without a pause the loop would spin on the same connection. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct http_server *server = OBJ_CAST(http_server, SERVER_MAGIC, arg);

    if (!server->is_out_of_descriptors)
        log_warn("connections cannot be accepted", F_STR("why", strerror(errno)),
                 F_INT("open", server->conn_count));
    server->is_out_of_descriptors = true;
    evconnlistener_disable(listener);
    timer_arm(&server->listen_again, LISTEN_PAUSE_MS);
}

static void listen_again(void *arg)
{
    struct http_server *server = OBJ_CAST(http_server, SERVER_MAGIC, arg);

    if (server->listener)
        evconnlistener_enable(server->listener);
}

void http_server_accept(struct http_server *server, int listen_fd)
{
    ENSURE(!server->listener);
    server->listener = evconnlistener_new(loop_base(server->loop), on_accept, server,
                                          LEV_OPT_CLOSE_ON_EXEC, 0, listen_fd);
    if (!server->listener)
        die("no listener");
    evconnlistener_set_error_cb(server->listener, on_accept_error);
}

/* Operations that are still pending hold their requests, and those lean on the server. */
static void free_if_unused(struct http_server *server)
{
    if (server->req_count)
        return;
    server->magic = 0;
    x_free(server);
}

void server_check_drained(struct http_server *server)
{
    if (!server->drained || server->listener || server->conn_count ||
        (server->req_count && !server->drain_is_late))
        return;
    timer_cancel(&server->drain_deadline);
    loop_defer(server->loop, server->drained, server->drained_arg);
    server->drained = NULL;
}

void server_request_ended(struct http_server *server)
{
    server->req_count--;
    if (server->is_freed)
        free_if_unused(server);
    else
        server_check_drained(server);
}

static void close_all(struct http_server *server)
{
    LIST_FOREACH_SAFE (link, after, &server->conns)
        conn_close(CONTAINER_OF(link, struct conn, link));
}

/* What no reply is being made for. Who has just come and not asked yet may have asked meanwhile: he
 * is left to the end of the last call, as nobody can tell whether it is safe to ask again. */
static void close_unneeded(struct http_server *server)
{
    LIST_FOREACH_SAFE (link, after, &server->conns) {
        struct conn *conn = CONTAINER_OF(link, struct conn, link);

        if (conn->state == CONN_IDLE && (conn->has_asked || !server->listener))
            conn_end_idle(conn);
        else if (conn->state == CONN_STREAMING && conn->reply_is_events)
            sse_end(conn->req);
    }
}

static void close_door(struct http_server *server)
{
    evutil_socket_t fd;

    if (!server->listener)
        return;
    fd = evconnlistener_get_fd(server->listener);
    evconnlistener_free(server->listener);
    server->listener = NULL;
    evutil_closesocket(fd);
    close_unneeded(server);
    server_check_drained(server);
}

static void on_last_call(void *arg)
{
    struct http_server *server = OBJ_CAST(http_server, SERVER_MAGIC, arg);
    struct pollfd door = {.fd = evconnlistener_get_fd(server->listener), .events = POLLIN};

    if (poll(&door, 1, 0) > 0)
        timer_arm(&server->last_call, LAST_CALL_MS);
    else
        close_door(server);
}

static void on_drain_deadline(void *arg)
{
    struct http_server *server = OBJ_CAST(http_server, SERVER_MAGIC, arg);

    log_warn("the drain deadline cut connections", F_INT("connections", server->conn_count),
             F_INT("requests", server->req_count));
    server->drain_is_late = true;
    timer_cancel(&server->last_call);
    close_door(server);
    close_all(server);
    server_check_drained(server);
}

void http_server_drain(struct http_server *server, int64_t deadline_ms, void (*done)(void *arg),
                       void *arg)
{
    if (server->draining)
        return;
    server->draining = true;
    server->drained = done;
    server->drained_arg = arg;
    timer_arm(&server->drain_deadline, deadline_ms);
    if (server->listener)
        timer_arm(&server->last_call, LAST_CALL_MS);
    close_unneeded(server);
    server_check_drained(server);
}

/* After a drain, or when the loop has stopped: what is left is closed without an answer. */
void http_server_free(struct http_server *server)
{
    if (!server)
        return;
    server->drained = NULL;
    close_all(server);
    if (server->listener)
        evconnlistener_free(server->listener);
    loop_run_deferred(server->loop);
    timer_fini(&server->listen_again);
    timer_fini(&server->last_call);
    timer_fini(&server->drain_deadline);
    while (server->spare_count)
        arena_free(server->spares[--server->spare_count]);
    peer_counts_free(server->counts);
    str_fini(&server->scratch);
    server->is_freed = true;
    free_if_unused(server);
}

const struct http_stats *http_server_stats(const struct http_server *server)
{
    return &server->stats;
}

void *http_server_arg(const struct req *r)
{
    return r->server->opts.arg;
}
