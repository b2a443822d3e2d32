/* A connection's life: beginning, waiting for it, losing it, trying again. */
#include "base/backoff.h"
#include "base/log.h"
#include "db/pool.h"
#include "db/result.h"
#include "db/start.h"

#define CONNECT_ARENA_BYTES MB(1)

static void on_socket(evutil_socket_t fd, short what, void *arg);
static void on_timer(void *arg);

static const char *const state_names[] = {
    [DB_CONN_DOWN] = "down",
    [DB_CONN_RESOLVING] = "resolving",
    [DB_CONN_CONNECTING] = "connecting",
    [DB_CONN_READY] = "ready",
};

static void set_state(struct db_conn *conn, enum db_conn_state state)
{
    log_debug("database connection", F_INT("number", conn->number),
              F_STR("from", state_names[conn->state]), F_STR("to", state_names[state]));
    conn->state = state;
}

/* libpq may close its socket and open another within PQconnectPoll: nothing may watch it then. */
void db_conn_watch(struct db_conn *conn, short what)
{
    if (conn->watched == what)
        return;
    if (conn->event)
        event_free(conn->event);
    conn->event = NULL;
    conn->watched = what;
    if (!what)
        return;
    conn->event = event_new(loop_base(conn->pool->loop), PQsocket(conn->pg),
                            (short)(what | EV_PERSIST), on_socket, conn);
    if (!conn->event || event_add(conn->event, NULL) != 0)
        die("a database connection could not be watched");
}

/* One line when it goes down, and one when it is back; the attempts between them are for
 * developers. */
static void log_down(const struct db_conn *conn, const char *why)
{
    if (conn->failures == 1)
        log_warn("database connection is down", F_INT("number", conn->number),
                 F_SV("why", result_first_line(why)));
    else
        log_debug("database connection is still down", F_INT("number", conn->number),
                  F_SV("why", result_first_line(why)), F_INT("attempts", conn->failures));
}

/* After a break in the middle of units these are what may be done with each: one that had not left
 * is queued again as if nothing had been, one that had is lost or sent a second time. */
static void give_up_unit(struct db_conn *conn, struct db_unit *unit, bool was_sent)
{
    struct db_pool *pool = conn->pool;

    if (!was_sent) {
        pool_queue_first(pool, unit);
    } else if (unit->may_repeat && !unit->was_lost && !pool->is_closing) {
        unit->was_lost = true;
        pool_queue_first(pool, unit);
    } else {
        pool_end(pool, unit, DB_LOST);
    }
}

/* From the newest to the oldest, so that they stand in their order at the head of the queue. While
 * bytes are held back, the last Sync is among them: the last unit cannot have been committed. */
static void give_up_segments(struct db_conn *conn)
{
    bool was_sent = !conn->is_flushing;

    while (conn->segments > 0) {
        struct segment *segment = db_conn_segment(conn, --conn->segments);

        if (segment->kind == SEGMENT_UNIT && segment->unit)
            give_up_unit(conn, segment->unit, was_sent);
        was_sent = true;
    }
    conn->in_flight = 0;
    conn->is_flushing = false;
}

static void close_connection(struct db_conn *conn)
{
    db_conn_watch(conn, 0);
    names_forget(&conn->asker);
    PQfinish(conn->pg);
    conn->pg = NULL;
    set_state(conn, DB_CONN_DOWN);
    prepared_clear(&conn->prepared);
    give_up_segments(conn);
}

void db_conn_break(struct db_conn *conn, const char *why)
{
    conn->failures++;
    log_down(conn, why); /* why may belong to what is closed next */
    close_connection(conn);
    timer_arm(&conn->timer, backoff_ms(conn->failures, conn->pool->opts.backoff_first_ms,
                                       conn->pool->opts.backoff_most_ms));
}

static void begin(struct db_conn *conn)
{
    set_state(conn, DB_CONN_RESOLVING);
    names_ask(conn->pool->names, &conn->asker);
}

static void connect_to(struct db_conn *conn, const struct place_lists *at)
{
    struct db_pool *pool = conn->pool;
    struct start_opts opts = {
        .url = pool->url,
        .at = at,
        .application_name = pool->application_name,
        .lock_timeout_ms = pool->opts.lock_timeout_ms,
        .statement_timeout_ms = pool->opts.statement_timeout_ms,
    };

    set_state(conn, DB_CONN_CONNECTING);
    conn->pg = start_connection(&opts);
    if (PQstatus(conn->pg) == CONNECTION_BAD) {
        db_conn_break(conn, PQerrorMessage(conn->pg));
        return;
    }
    timer_arm(&conn->timer, pool->opts.connect_ms);
    db_conn_watch(conn, EV_WRITE); /* libpq wants it so, before the first poll */
}

static void on_resolved(void *arg)
{
    struct db_conn *conn = OBJ_CAST(db_conn, DB_CONN_MAGIC, arg);
    struct db_pool *pool = conn->pool;
    struct arena *arena = arena_new(CONNECT_ARENA_BYTES);
    struct place_lists at;
    const char *why;

    if (places_list(arena, &pool->places, pool->names, conn->first_place, &at, &why))
        connect_to(conn, &at);
    else
        db_conn_break(conn, why);
    arena_free(arena);
}

static void connected(struct db_conn *conn)
{
    struct db_pool *pool = conn->pool;

    timer_cancel(&conn->timer);
    if (PQsetnonblocking(conn->pg, 1) != 0 || !PQenterPipelineMode(conn->pg)) {
        db_conn_break(conn, PQerrorMessage(conn->pg));
        return;
    }
    conn->failures = 0;
    conn->first_place = 0;
    set_state(conn, DB_CONN_READY);
    db_conn_watch(conn, EV_READ);
    pool->stats.connects++;
    log_info("database connection is ready", F_INT("number", conn->number));
    pool_wake(pool);
}

static void connect_further(struct db_conn *conn)
{
    db_conn_watch(conn, 0);
    switch (PQconnectPoll(conn->pg)) {
    case PGRES_POLLING_READING:
        db_conn_watch(conn, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
    case PGRES_POLLING_ACTIVE:
        db_conn_watch(conn, EV_WRITE);
        break;
    case PGRES_POLLING_OK:
        connected(conn);
        break;
    case PGRES_POLLING_FAILED:
        db_conn_break(conn, PQerrorMessage(conn->pg));
        break;
    }
}

static void on_socket(evutil_socket_t fd, short what, void *arg)
{
    struct db_conn *conn = OBJ_CAST(db_conn, DB_CONN_MAGIC, arg);
    struct db_pool *pool = conn->pool;

    (void)fd;
    switch (conn->state) {
    case DB_CONN_CONNECTING:
        connect_further(conn);
        break;
    case DB_CONN_READY:
        if (what & EV_READ && !db_conn_read(conn))
            break;
        db_conn_flush(conn);
        break;
    case DB_CONN_DOWN:
    case DB_CONN_RESOLVING:
        break;
    }
    pool_tell(pool);
}

static void on_timer(void *arg)
{
    struct db_conn *conn = OBJ_CAST(db_conn, DB_CONN_MAGIC, arg);

    if (conn->state == DB_CONN_DOWN) {
        begin(conn);
        return;
    }
    conn->first_place++; /* libpq would wait there again, and never come to the next */
    db_conn_break(conn, "connecting took too long");
}

void db_conn_init(struct db_conn *conn, struct db_pool *pool, size_t number)
{
    conn->magic = DB_CONN_MAGIC;
    conn->pool = pool;
    conn->number = number;
    conn->ring = x_calloc(pool->opts.in_flight * UNIT_SEGMENTS, sizeof *conn->ring);
    prepared_init(&conn->prepared);
    names_asker_init(&conn->asker, on_resolved, conn);
    timer_init(&conn->timer, pool->loop, on_timer, conn);
    timer_arm(&conn->timer, 0);
}

void db_conn_fini(struct db_conn *conn)
{
    if (conn->state != DB_CONN_DOWN)
        close_connection(conn);
    timer_fini(&conn->timer);
    x_free(conn->ring);
    conn->magic = 0;
}
