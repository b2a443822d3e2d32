/* The HTTP/1.1 server: strict, small, on libevent's bufferevents. One process, one loop; the parent
 * may share one listening socket among several.
 *
 * Life of a connection: head → route → body → handler → reply, again while it is kept alive. A
 * request that is not well-formed gets a problem document and the connection is closed. Every
 * duration and amount is bounded by http_limits; each limit has a test at the limit. */
#ifndef KITH_HTTP_SERVER_H
#define KITH_HTTP_SERVER_H

#include "http/listen.h"
#include "http/peer.h"
#include "http/router.h"

struct http_limits {
    struct http_head_limits head;
    int64_t header_ms;              /* from a head's first byte to its last: 408 */
    int64_t body_ms;                /* for a body, besides what body_bytes_per_s allows: 408 */
    int64_t body_bytes_per_s;       /* the slowest upload that is not cut */
    int64_t idle_ms;                /* between requests: closed silently */
    int64_t request_ms;             /* from the end of the body to the reply, or for a pause within
                                       the body: 504; between steps of a streamed reply: cut */
    int64_t stall_ms;               /* without the client taking a byte: closed */
    int64_t sse_ping_ms;            /* between the comments that keep an event stream alive */
    int64_t linger_ms;              /* after our last byte, until the client closes */
    size_t body_bytes;              /* where the route says nothing: 413 */
    size_t output_bytes;            /* held for a client that reads slowly */
    size_t arena_bytes;             /* memory of one request */
    size_t connections;             /* of this process: 503 */
    size_t connections_per_address; /* 503; trusted proxies are not counted */
};

#define HTTP_LIMITS_DEFAULT               \
    ((struct http_limits){                \
        .head = HTTP_HEAD_LIMITS_DEFAULT, \
        .header_ms = 10000,               \
        .body_ms = 30000,                 \
        .body_bytes_per_s = KB(16),       \
        .idle_ms = 60000,                 \
        .request_ms = 30000,              \
        .stall_ms = 30000,                \
        .sse_ping_ms = 15000,             \
        .linger_ms = 1000,                \
        .body_bytes = MB(1),              \
        .output_bytes = KB(256),          \
        .arena_bytes = MB(4),             \
        .connections = 4096,              \
        .connections_per_address = 256,   \
    })

struct http_server_opts {
    struct http_limits limits;
    const struct router *router;
    const struct peer_list *trusted_proxies; /* may be NULL */
    const char *problem_base;                /* of a problem's type, "/problems/" by default */

    /* At the end of each well-formed head, before its body is read; the route is NULL when there is
     * none. NULL goes on, and a plan is the answer. Fields that it adds stand in every reply to the
     * request. May be NULL. */
    struct plan *(*admit)(struct req *r);

    /* Runs a routed request: authenticates and the like, then r->route->handle(r). NULL: the
     * latter. */
    struct plan *(*gate)(struct req *r);

    /* Says an error in another form than a problem document, where this client wants that: the
     * plan, or NULL. The request may be of a head that was never read. May be NULL. */
    struct plan *(*explain)(struct req *r, enum error_code code);

    /* After each reply, for logs and metrics; r->status is set. May be NULL. */
    void (*on_replied)(struct req *r, int64_t elapsed_us);
    void *arg;
};

/* Counters of this process, for metrics and tests. */
struct http_stats {
    uint64_t connections_open;
    uint64_t connections_total;
    uint64_t connections_refused;
    uint64_t requests;
    uint64_t refusals;           /* malformed, late, too large, too many */
    uint64_t bytes_buffered_max; /* the most that any connection held for its client */
};

struct http_server;

/* The options are copied; what they point to must outlive the server. */
struct http_server *http_server_new(struct loop *loop, const struct http_server_opts *opts);

/* Accepts on the socket, which stays the caller's until a drain. */
void http_server_accept(struct http_server *server, int listen_fd);

/* Graceful end: accepts who is at the door, and closes the listening socket (see http_last_call);
 * closes idle connections, lets what is at work finish (with Connection: close), cuts the rest at
 * the deadline, then calls done(arg). Operations that are pending then may still end later, even
 * after http_server_free. */
void http_server_drain(struct http_server *server, int64_t deadline_ms, void (*done)(void *arg),
                       void *arg);

void http_server_free(struct http_server *server);

const struct http_stats *http_server_stats(const struct http_server *server);
void *http_server_arg(const struct req *r);

#endif
