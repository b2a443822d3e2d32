/* The pool: the queue, who gets the next unit, deadlines, and telling the ends. */
#include "db/pool.h"

#include "base/clock.h"

#define PLACES_BYTES KB(16)

static void on_turn_end(void *arg);
static void on_deadline(void *arg);

static int64_t or_default(int64_t value, int64_t usual)
{
    return value ? value : usual;
}

static struct db_opts with_defaults(const struct db_opts *opts)
{
    struct db_opts full = *opts;

    ENSURE(opts->url && opts->application_name);
    full.connections = opts->connections ? opts->connections : 4;
    full.in_flight = opts->in_flight ? opts->in_flight : 8;
    full.waiting = opts->waiting ? opts->waiting : 256;
    full.connect_ms = or_default(opts->connect_ms, 5000);
    full.stuck_ms = or_default(opts->stuck_ms, 5000);
    full.backoff_first_ms = or_default(opts->backoff_first_ms, 100);
    full.backoff_most_ms = or_default(opts->backoff_most_ms, 5000);
    full.lock_timeout_ms = or_default(opts->lock_timeout_ms, 250);
    full.statement_timeout_ms = or_default(opts->statement_timeout_ms, 30000);
    return full;
}

struct db_pool *db_pool_new(struct loop *loop, const struct db_opts *opts)
{
    struct db_pool *pool = x_calloc(1, sizeof *pool);

    pool->magic = POOL_MAGIC;
    pool->loop = loop;
    pool->opts = with_defaults(opts);
    pool->url = x_strdup(opts->url);
    pool->application_name = x_strdup(opts->application_name);
    list_init(&pool->waiting);
    list_init(&pool->ended);
    timer_init(&pool->deadline, loop, on_deadline, pool);
    pool->arena = arena_new(PLACES_BYTES);
    places_parse(pool->arena, pool->url, &pool->places);
    pool->names =
        names_new(loop, pool->places.names, pool->places.name_count, pool->opts.connect_ms);
    pool->conns = x_calloc(pool->opts.connections, sizeof *pool->conns);
    for (size_t i = 0; i < pool->opts.connections; i++)
        db_conn_init(&pool->conns[i], pool, i + 1);
    return pool;
}

/* on_turn_end is not called off: when it is on its way, it is the last to see the pool. */
static void free_pool(struct db_pool *pool)
{
    pool->magic = 0;
    arena_free(pool->arena);
    x_free(pool->conns);
    x_free(pool->url);
    x_free(pool->application_name);
    x_free(pool);
}

void db_pool_free(struct db_pool *pool)
{
    if (!pool)
        return;
    ENSURE(!pool->is_telling);
    pool->is_closing = true;
    for (size_t i = 0; i < pool->opts.connections; i++)
        db_conn_fini(&pool->conns[i]);
    names_free(pool->names);
    LIST_FOREACH_SAFE (link, after, &pool->waiting) {
        pool_end(pool, CONTAINER_OF(link, struct db_unit, link), DB_UNAVAILABLE);
    }
    pool_tell(pool);
    timer_fini(&pool->deadline);
    if (!pool->is_woken)
        free_pool(pool);
}

/* ---- Ends ------------------------------------------------------------------------------------ */

static void leave_queue(struct db_pool *pool, struct db_unit *unit)
{
    list_remove(&unit->link);
    pool->waiting_count--;
}

/* The unit is told at the end of the event at work, or of the turn, when none of our lists is being
 * walked: what done() does is its own affair. */
void pool_end(struct db_pool *pool, struct db_unit *unit, enum db_outcome outcome)
{
    ENSURE(unit->outcome == DB_PENDING);
    if (!list_is_empty(&unit->link))
        leave_queue(pool, unit);
    unit->outcome = outcome;
    pool->stats.units++;
    pool->stats.refused += outcome == DB_OVERLOADED;
    pool->stats.lost += outcome == DB_LOST;
    list_append(&pool->ended, &unit->link);
}

void pool_tell(struct db_pool *pool)
{
    if (pool->is_telling)
        return;
    pool->is_telling = true;
    while (!list_is_empty(&pool->ended)) {
        struct db_unit *unit = LIST_FIRST(&pool->ended, db_unit, link);

        list_remove(&unit->link);
        unit->done(unit, unit->arg); /* the unit may be gone now */
    }
    pool->is_telling = false;
}

/* ---- The queue ------------------------------------------------------------------------------- */

static void watch_deadline(struct db_pool *pool, int64_t at_ms, int64_t now_ms)
{
    if (pool->timer_at_ms && pool->timer_at_ms <= at_ms)
        return;
    pool->timer_at_ms = at_ms;
    timer_arm(&pool->deadline, at_ms - now_ms);
}

static void queue_last(struct db_pool *pool, struct db_unit *unit, int64_t now_ms)
{
    list_append(&pool->waiting, &unit->link);
    pool->waiting_count++;
    watch_deadline(pool, unit->deadline_at_ms, now_ms);
}

/* One that was there before: it has its turn already, and the limit does not concern it. */
void pool_queue_first(struct db_pool *pool, struct db_unit *unit)
{
    list_prepend(&pool->waiting, &unit->link);
    pool->waiting_count++;
    watch_deadline(pool, unit->deadline_at_ms, clock_mono_ms());
}

/* Of those with room the one with the fewest in flight. */
static struct db_conn *least_busy(struct db_pool *pool)
{
    struct db_conn *best = NULL;

    for (size_t i = 0; i < pool->opts.connections; i++) {
        struct db_conn *conn = &pool->conns[i];

        if (db_conn_has_room(conn) && (!best || conn->in_flight < best->in_flight))
            best = conn;
    }
    return best;
}

static void send_waiting(struct db_pool *pool)
{
    while (!list_is_empty(&pool->waiting)) {
        struct db_unit *unit = LIST_FIRST(&pool->waiting, db_unit, link);
        struct db_conn *conn = least_busy(pool);

        if (!conn)
            return;
        leave_queue(pool, unit);
        db_conn_send(conn, unit); /* broken or not: then there is one connection less to ask */
    }
}

/* What was submitted in one turn goes out at its end. */
static void on_turn_end(void *arg)
{
    struct db_pool *pool = OBJ_CAST(db_pool, POOL_MAGIC, arg);

    pool->is_woken = false;
    if (pool->is_closing) {
        free_pool(pool);
        return;
    }
    send_waiting(pool);
    pool_tell(pool);
}

void pool_wake(struct db_pool *pool)
{
    if (pool->is_woken || pool->is_closing)
        return;
    if (list_is_empty(&pool->waiting) && list_is_empty(&pool->ended))
        return;
    pool->is_woken = true;
    loop_defer(pool->loop, on_turn_end, pool);
}

/* What was submitted in this turn and will go out at its end does not count as waiting. */
static bool is_full(const struct db_pool *pool)
{
    size_t most = pool->opts.waiting;

    if (pool->waiting_count < most)
        return false;
    for (size_t i = 0; i < pool->opts.connections; i++) {
        if (db_conn_has_room(&pool->conns[i]))
            most += pool->opts.in_flight - pool->conns[i].in_flight;
    }
    return pool->waiting_count >= most;
}

void db_submit(struct db_pool *pool, struct db_unit *unit, int64_t deadline_ms,
               void (*done)(struct db_unit *unit, void *arg), void *arg)
{
    int64_t now_ms = clock_mono_ms();

    ENSURE(unit->count > 0 && !unit->done && done);
    unit->done = done;
    unit->arg = arg;
    unit->deadline_at_ms = now_ms + deadline_ms;
    if (pool->is_closing) {
        pool_end(pool, unit, DB_UNAVAILABLE);
    } else if (deadline_ms <= 0) {
        pool_end(pool, unit, DB_TOO_LATE);
    } else if (is_full(pool)) {
        pool_end(pool, unit, DB_OVERLOADED);
    } else {
        queue_last(pool, unit, now_ms);
    }
    pool_wake(pool);
}

/* ---- Deadlines ------------------------------------------------------------------------------- */

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms && a_ms < b_ms ? a_ms : b_ms;
}

static int64_t expire_waiting(struct db_pool *pool, int64_t now_ms)
{
    enum db_outcome outcome = db_pool_is_ready(pool) ? DB_TOO_LATE : DB_UNAVAILABLE;
    int64_t next_ms = 0;

    LIST_FOREACH_SAFE (link, after, &pool->waiting) {
        struct db_unit *unit = CONTAINER_OF(link, struct db_unit, link);

        if (unit->deadline_at_ms <= now_ms)
            pool_end(pool, unit, outcome);
        else
            next_ms = sooner(next_ms, unit->deadline_at_ms);
    }
    return next_ms;
}

/* What the caller no longer waits for goes on in the server, and its answer is dropped; one that
 * does not come costs the connection. */
static int64_t expire_segment(struct db_conn *conn, struct segment *segment, int64_t now_ms)
{
    if (segment->unit && segment->deadline_at_ms > now_ms)
        return segment->deadline_at_ms;
    if (segment->unit && segment->kind == SEGMENT_UNIT)
        pool_end(conn->pool, segment->unit, DB_TOO_LATE);
    segment->unit = NULL;
    return segment->deadline_at_ms + conn->pool->opts.stuck_ms;
}

/* All that are too late are told so before the connection goes, which loses the others. */
static int64_t expire_running(struct db_conn *conn, int64_t now_ms, int64_t next_ms)
{
    int64_t first_ms = 0;

    for (size_t i = 0; i < conn->segments; i++)
        first_ms = sooner(first_ms, expire_segment(conn, db_conn_segment(conn, i), now_ms));
    if (!first_ms)
        return next_ms;
    if (first_ms > now_ms)
        return sooner(next_ms, first_ms);
    db_conn_break(conn, "a unit is stuck");
    return next_ms;
}

static void on_deadline(void *arg)
{
    struct db_pool *pool = OBJ_CAST(db_pool, POOL_MAGIC, arg);
    int64_t now_ms = clock_mono_ms();
    int64_t next_ms = expire_waiting(pool, now_ms);

    pool->timer_at_ms = 0;
    for (size_t i = 0; i < pool->opts.connections; i++)
        next_ms = expire_running(&pool->conns[i], now_ms, next_ms);
    if (next_ms)
        watch_deadline(pool, next_ms, now_ms);
    pool_wake(pool);
    pool_tell(pool);
}

/* ---- What is told ---------------------------------------------------------------------------- */

bool db_pool_is_ready(const struct db_pool *pool)
{
    return db_pool_stats(pool).ready > 0;
}

struct db_stats db_pool_stats(const struct db_pool *pool)
{
    struct db_stats stats = pool->stats;

    stats.waiting = pool->waiting_count;
    for (size_t i = 0; i < pool->opts.connections; i++) {
        stats.ready += pool->conns[i].state == DB_CONN_READY;
        stats.in_flight += pool->conns[i].in_flight;
    }
    return stats;
}
