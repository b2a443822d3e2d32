/* Inside of the HTTP server: the connection and the server, for the files of this folder only.
 *
 * A connection is in exactly one state, and conn_set_state() is its only writer. Requests of a
 * connection are worked on one after the other; what a client sends ahead waits in the input
 * buffer, which stops reading at INPUT_HIGH_BYTES. Output is written at the end of each turn of
 * work, and only what the socket did not take waits for it to become writable. */
#ifndef KITH_HTTP_CONN_H
#define KITH_HTTP_CONN_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "base/list.h"
#include "base/str.h"
#include "http/chunked.h"
#include "http/reply.h"
#include "http/server.h"

#define INPUT_HIGH_BYTES KB(64) /* more than a whole head, so that a head is always seen whole */
#define SPARE_ARENAS     64
#define REFUSED_AT_ONCE  128 /* connections over a cap that still get an answer */

#define REQ_MAGIC    0x4e90e571u
#define CONN_MAGIC   0xc044ec71u
#define SERVER_MAGIC 0x5e4be400u

enum conn_state {
    CONN_IDLE,      /* no byte of the next request yet */
    CONN_HEAD,      /* a part of a head */
    CONN_BODY,      /* a body comes */
    CONN_WORKING,   /* a step is at work or waits for something */
    CONN_STREAMING, /* the reply's head is out and its body is being made */
    CONN_LINGERING, /* the last reply is on its way; what still comes is dropped */
    CONN_GONE,      /* freed at the end of the turn */
};

struct conn {
    unsigned magic;
    struct list link; /* in server->conns */
    struct http_server *server;
    struct bufferevent *bev;
    evutil_socket_t fd;
    enum conn_state state;
    struct timer deadline;
    int64_t deadline_at_ms; /* 0: none; the timer may fire earlier and is armed again */
    int64_t timer_at_ms;    /* what the timer is armed for */
    struct peer_address peer;
    bool is_counted;   /* in server->counts */
    bool is_refused;   /* in server->refused_count: over a cap, here only for its answer */
    bool is_advancing; /* conn_advance is on the stack */
    bool has_asked;    /* at least once */
    bool keep_alive;   /* after the present reply */
    bool peer_ended;   /* the client will send nothing more */
    bool is_shut;      /* we will send nothing more */

    struct http_head_scan scan;
    struct req *req; /* at work, or NULL */

    /* The body of the present request. */
    struct http_chunked chunked;
    uint64_t body_left; /* of a Content-Length */
    uint64_t body_taken;
    size_t body_max;
    int64_t body_since_ms; /* moved on by the time that we paused it */
    int64_t body_paused_ms;
    struct str *body; /* NULL when it is streamed */
    enum body_flow (*piece)(struct req *r, struct sv bytes);
    bool body_paused;
    bool body_done;

    /* The streamed reply. */
    STEP((*more));
    bool reply_chunked;
    bool reply_is_events;
    bool is_pumping; /* stream_pump is on the stack */
    bool is_cut;     /* the reply was given up in the middle */
};

struct http_server {
    unsigned magic;
    struct loop *loop;
    struct http_server_opts opts;
    struct evconnlistener *listener;
    struct timer listen_again; /* after running out of descriptors */
    bool is_out_of_descriptors;
    struct list conns;
    size_t conn_count;
    size_t refused_count; /* of them, those that only get an answer: they take nobody's place */
    size_t req_count;     /* those whose client has left included */
    bool is_freed;        /* by its owner; the last of these requests frees the rest */
    struct peer_counts *counts;
    struct arena *spares[SPARE_ARENAS];
    size_t spare_count;
    struct str scratch; /* where a reply's head is put together */
    int64_t date_second;
    char date[32];
    struct http_stats stats;
    bool draining;
    bool drain_is_late; /* operations are not waited for any more */
    struct timer last_call;
    struct timer drain_deadline;
    void (*drained)(void *arg);
    void *drained_arg;
};

/* conn.c: life and bytes */
void conn_open(struct http_server *server, evutil_socket_t fd, const struct peer_address *peer,
               bool refuse);
void conn_set_state(struct conn *conn, enum conn_state state);
void conn_advance(struct conn *conn);
void conn_flush(struct conn *conn);
void conn_linger(struct conn *conn);
void conn_end_idle(struct conn *conn);
void conn_close(struct conn *conn);
void conn_set_deadline(struct conn *conn, int64_t delay_ms);
size_t conn_held_bytes(const struct conn *conn);

/* conn_read.c: from bytes to a request. Each does one thing and tells whether there may be more to
 * do. */
bool conn_read_head(struct conn *conn);
bool conn_read_body(struct conn *conn);
void conn_refuse(struct conn *conn, enum error_code code, const char *why);
void conn_body_deadline(struct conn *conn);

/* req.c: the request and its steps */
struct req *req_new(struct conn *conn);
void req_run(struct req *r, STEP((*step)));
void req_answered(struct req *r);
void req_abandon(struct req *r);
void req_free_if_let_go(struct req *r);
void req_set_new_id(struct req *r);
struct plan *plan_answered(void);
struct plan *plan_streaming(void);

/* stream.c */
void stream_pump(struct conn *conn);
void stream_pump_later(struct conn *conn);
void stream_deadline(struct conn *conn);

/* reply.c */
enum { LENGTH_STREAMED = -1, LENGTH_NO_BODY = -2 };
void reply_head(struct req *r, int status, const char *media_type, int64_t length);

/* server.c */
void server_check_drained(struct http_server *server);
void server_request_ended(struct http_server *server);

/* problem.c */
struct problem {
    enum error_code code;
    struct sv detail; /* may be empty */
    const struct json_fault *faults;
    size_t fault_count;
    struct sv state; /* a JSON object, or empty */
};

struct plan *reply_problem(struct req *r, const struct problem *problem);

#endif
