/* The request's life: its steps, and its end.
 *
 * Three may hold a request: the connection (until it is answered or the client leaves), a running
 * step, and a pending operation. Whoever lets go last frees it. */
#include "http/req.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/uuid.h"
#include "http/conn.h"

#define STATUS_CLIENT_LEFT 499 /* nginx's number; never on the wire */

/* What a plan points to says what has happened; nobody reads it but req_run. */
static const char answered;
static const char parked;
static const char streaming;

static struct plan *plan_of(const char *what)
{
    return (struct plan *)(uintptr_t)what;
}

struct plan *plan_answered(void)
{
    return plan_of(&answered);
}

struct plan *plan_streaming(void)
{
    return plan_of(&streaming);
}

static struct req *new_of(struct conn *conn)
{
    struct http_server *server = conn->server;
    struct arena *arena = server->spare_count ? server->spares[--server->spare_count]
                                              : arena_new(server->opts.limits.arena_bytes);
    struct req *r = ARENA_NEW(arena, req);

    r->magic = REQ_MAGIC;
    r->arena = arena;
    r->loop = server->loop;
    r->server = server;
    r->conn = conn;
    r->started_us = clock_mono_us();
    server->req_count++;
    return r;
}

struct req *req_new(struct conn *conn)
{
    return conn->req = new_of(conn);
}

struct req *req_inner(struct req *r)
{
    struct req *inner = new_of(r->conn);

    inner->outer = r;
    inner->request_id = arena_copy(inner->arena, r->request_id);
    inner->trace_id = arena_copy(inner->arena, r->trace_id);
    inner->address = arena_copy(inner->arena, r->address);
    return inner;
}

static void req_free(struct req *r)
{
    struct http_server *server = r->server;
    struct arena *arena = r->arena;
    struct req *outer = r->outer;

    r->magic = 0;
    arena_reset(arena);
    if (server->spare_count < SPARE_ARENAS && !server->is_freed)
        server->spares[server->spare_count++] = arena;
    else
        arena_free(arena);
    if (outer) { /* for which nobody waits any more, either */
        outer->inner = NULL;
        req_resume(outer);
    }
    server_request_ended(server);
}

void req_free_if_let_go(struct req *r)
{
    if (!r->conn && !r->is_running && !r->is_pending)
        req_free(r);
}

void req_set_new_id(struct req *r)
{
    struct uuid id = uuid7_new();

    r->request_id = arena_copy(r->arena, uuid_view(&id));
}

/* Nobody waits any more, so the request does not either. Other operations end by themselves. */
static void let_go(struct req *r)
{
    if (r->inner) { /* its end is that of the one that waits for it */
        r->inner->conn = NULL;
        let_go(r->inner);
        return;
    }
    if (r->wait && timer_is_armed(r->wait)) {
        timer_cancel(r->wait);
        r->is_pending = false;
    }
    req_free_if_let_go(r);
}

static void report(struct req *r)
{
    if (r->server->opts.on_replied)
        r->server->opts.on_replied(r, clock_mono_us() - r->started_us);
}

/* On with the step of the one that asked, which may be its last. */
static void inner_answered(struct req *inner)
{
    struct req *outer = inner->outer;

    inner->conn = NULL;
    inner->outer = NULL;
    outer->inner = NULL;
    outer->answered = inner;
    req_resume(outer);
    req_free_if_let_go(inner);
}

void req_run(struct req *r, STEP((*step)))
{
    struct plan *plan;

    r->is_running = true;
    log_set_request(r->request_id, r->trace_id);
    plan = arena_is_over(r->arena)
               ? fail_why(r, ERR_INTERNAL, "The request needed too much memory.")
               : step(r);
    log_set_request(SV_NONE, SV_NONE);
    r->is_running = false;
    if (!r->conn)
        let_go(r);
    else if (plan == plan_answered() && r->outer)
        inner_answered(r);
    else if (plan == plan_answered())
        req_answered(r);
    else if (r->conn->state == CONN_STREAMING)
        stream_pump_later(r->conn);
}

/* The reply is in the connection's output: on with the next request, or the end. */
void req_answered(struct req *r)
{
    struct conn *conn = r->conn;

    report(r);
    r->conn = NULL;
    conn->req = NULL;
    conn->body = NULL;
    if (!conn->body_done)
        conn->keep_alive = false;
    let_go(r);
    if (conn->is_cut) {
        conn_close(conn);
    } else if (!conn->keep_alive) {
        conn_linger(conn);
    } else {
        conn_set_state(conn, CONN_IDLE);
        conn_set_deadline(conn, conn->server->opts.limits.idle_ms);
        conn->body_taken = 0;
        conn->chunked = (struct http_chunked){0};
        conn_advance(conn);
    }
}

/* The client has left. */
void req_abandon(struct req *r)
{
    r->conn = NULL;
    if (r->status == 0)
        r->status = STATUS_CLIENT_LEFT;
    report(r);
    let_go(r);
}

struct plan *req_park(struct req *r, STEP((*next)))
{
    r->next = next;
    r->is_pending = true;
    return plan_of(&parked);
}

void req_resume(struct req *r)
{
    OBJ_CAST(req, REQ_MAGIC, r);
    ENSURE(r->is_pending);
    r->is_pending = false;
    if (r->conn)
        req_run(r, r->next);
    else
        req_free_if_let_go(r);
}

static void resume_waiting(void *arg)
{
    req_resume(OBJ_CAST(req, REQ_MAGIC, arg));
}

struct plan *req_ask(struct req *r, struct req *inner, STEP((*first)), STEP((*next)))
{
    ENSURE(inner->outer == r && !r->inner);
    r->inner = inner;
    inner->next = first;
    inner->is_pending = true;
    loop_defer(r->loop, resume_waiting, inner);
    return req_park(r, next);
}

/* Not within the timer's own callback: the step may free the timer. */
static void on_wait_over(void *arg)
{
    struct req *r = OBJ_CAST(req, REQ_MAGIC, arg);

    loop_defer(r->loop, resume_waiting, r);
}

static void free_timer(void *arg)
{
    timer_fini(arg);
}

struct plan *wait_ms(struct req *r, int64_t delay_ms, STEP((*next)))
{
    if (!r->wait) {
        r->wait = ARENA_NEW(r->arena, timer);
        timer_init(r->wait, r->loop, on_wait_over, r);
        arena_defer(r->arena, free_timer, r->wait);
    }
    timer_arm(r->wait, delay_ms);
    return req_park(r, next);
}

const struct sv *req_query(const struct req *r, struct sv name)
{
    for (size_t i = 0; i < r->query_count; i++) {
        if (sv_eq(r->query[i].name, name))
            return &r->query[i].value;
    }
    return NULL;
}

struct sv req_field(const struct req *r, struct sv name)
{
    const struct sv *value = http_head_field(&r->head, name);

    return value ? *value : SV_NONE;
}
