/* A request as a handler sees it, and the plans a handler returns.
 *
 * Every step of an action ends by returning a plan: what happens next. Plans are only made by
 * reply_*, fail_*, stream_*, wait_* (and db_* in the layer above), so that a path without an answer
 * does not compile. The framework owns the request: one operation is pending at a time; when the
 * client has left or the deadline has passed, the operation's result is dropped and no further step
 * runs. */
#ifndef KITH_HTTP_REQ_H
#define KITH_HTTP_REQ_H

#include "base/arena.h"
#include "http/head.h"
#include "http/target.h"
#include "loop/loop.h"

#define REQ_CAPTURES 8

struct conn;
struct http_server;
struct plan; /* never defined: a value that proves that the step has answered */
struct req;
struct route;

/* A step of an action: the handler, and each continuation of it. */
#define STEP(name) struct plan *name(struct req *r)

struct req {
    unsigned magic;
    struct arena *arena; /* freed after the reply */
    struct loop *loop;
    struct http_head head;
    struct http_target target;
    const struct route *route;        /* NULL until routed */
    struct sv captures[REQ_CAPTURES]; /* the pattern's {…}, decoded, in order */
    size_t capture_count;
    const struct http_param *query;
    size_t query_count;
    struct sv body;       /* whole, unless the route streams it */
    struct sv request_id; /* the client's, or ours */
    struct sv trace_id;   /* of a traceparent, or empty */
    struct sv address;    /* the client's, behind trusted proxies */
    int64_t started_us;   /* clock_mono_us() at the end of the head */
    void *state;          /* the action's own */

    /* The framework's. */
    struct http_server *server;
    struct conn *conn; /* NULL once the client has left or has been answered */
    struct str *extra_fields;
    size_t admitted_field_bytes; /* of them, what stands in whatever reply it will be */
    struct plan *(*next)(struct req *r);
    struct timer *wait;
    bool is_running;      /* a step is on the stack */
    bool is_pending;      /* parked */
    int status;           /* of the reply, 0 before it; 499 when the client left before it */
    struct req *outer;    /* that asks this one (req_ask), or NULL */
    struct req *inner;    /* that this one asks and waits for */
    struct req *answered; /* during the step after it: the one that was asked */
    struct sv answer;     /* of an inner one: the body of its reply */
};

/* The first value of that parameter, or NULL. */
const struct sv *req_query(const struct req *r, struct sv name);

/* The value of the first header field of that name, or the empty view. */
struct sv req_field(const struct req *r, struct sv name);

/* Parks the request: the caller has started an operation and will call req_resume exactly once,
 * from the loop. req_resume runs the step, or frees the request if nobody waits for it any more. */
KITH_MUST_CHECK struct plan *req_park(struct req *r, STEP((*next)));
void req_resume(struct req *r);

/* A request within a request, of the same client, with an arena of its own. Whoever asks it fills
 * the head, the route, captures, the body and the state. req_ask runs `first` of it from the loop,
 * and then `next` of the one that asks: r->answered has its status, reply_field_of and answer, and
 * is gone behind that step. When the client leaves, no further step of either runs. */
struct req *req_inner(struct req *r);
KITH_MUST_CHECK struct plan *req_ask(struct req *r, struct req *inner, STEP((*first)),
                                     STEP((*next)));

/* Goes on with `next` after a delay. */
KITH_MUST_CHECK struct plan *wait_ms(struct req *r, int64_t delay_ms, STEP((*next)));

#endif
