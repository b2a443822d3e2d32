/* Lease, add, note; and in between what is to be measured and kept in order. */
#include "publisher.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "bus/writer.h"
#include "db/db.h"
#include "gen/stmt.h"
#include "json/emit.h"

#define BATCH                 "200" /* events of a turn; at most BUS_BATCH_MOST */
#define BATCH_EVENTS          200
#define LEASE_MS              "10000" /* a batch that takes longer goes twice */
#define UNIT_MS               10000
#define BUSY_MS               100 /* until the next turn, when there was something */
#define IDLE_MS               1000
#define PACE_MS               40 /* turns of a busy process begin so far apart, to be of many events */
#define MEASURE_MS            2000
#define MEASURE_UP_MS         500
#define HOUSEKEEPING_ROWS     "2000" /* of each kind at once */
#define HOUSEKEEPING_UNIT_MS  60000
#define HOUSEKEEPING_FIRST_MS 60000 /* at most, after the start */
#define HOUSEKEEPING_MORE_MS  200
#define IDS_BYTES             KB(16)

struct publisher {
    struct db_pool *pool;
    struct bus_writer *writer;
    struct timer turn;
    struct timer measure;
    struct timer housekeeping;
    struct timer deadline; /* of the drain */
    int64_t housekeeping_ms;
    bool measures_outbox;

    struct arena *measure_arena;
    struct arena *housekeeping_arena;
    struct arena *arena; /* of the turn */
    const struct db_unit *claimed;
    size_t added;
    int64_t began_ms;
    bool is_busy;    /* a turn is at work */
    bool is_woken;   /* and there may be more than it saw */
    bool is_dry;     /* the last turn found nothing, or could not look */
    bool has_failed; /* the database refused what it should not have: said once */
    bool is_closing;

    void (*drained)(void *arg); /* NULL: it goes on */
    void *drained_arg;
};

static const struct metric_spec pending_spec = {
    .name = "kith_outbox_pending",
    .type = METRIC_GAUGE,
    .help = "Events that are not published; of more than 100,000 so many are counted.",
};
static const struct metric_spec oldest_spec = {
    .name = "kith_outbox_oldest_seconds",
    .type = METRIC_GAUGE,
    .help = "How long the oldest event that is not published has waited.",
};
static const struct metric_spec published_spec = {
    .name = "kith_outbox_published_total",
    .type = METRIC_COUNTER,
    .help = "Events that were added to the stream.",
};
static const struct metric_spec up_spec = {
    .name = "kith_redis_connections_up",
    .type = METRIC_GAUGE,
    .help = "Connections to Redis that work.",
};

static struct {
    struct metric pending;
    struct metric oldest;
    struct metric published;
    struct metric up;
} metrics;

void publisher_register_metrics(void)
{
    metrics.pending = metric_register(&pending_spec, METRIC_NO_LABELS);
    metrics.oldest = metric_register(&oldest_spec, METRIC_NO_LABELS);
    metrics.published = metric_register(&published_spec, METRIC_NO_LABELS);
    metrics.up = metric_register(&up_spec, METRIC_NO_LABELS);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

static int64_t pace_ms(const struct publisher *publisher)
{
    return publisher->began_ms + PACE_MS - clock_mono_ms();
}

/* Until the next turn, which a wake may bring forward; while it drains there is one more as long as
 * the last one found something. */
static void rest(struct publisher *publisher, int64_t delay_ms)
{
    publisher->is_busy = false;
    if (publisher->drained)
        delay_ms = 0;
    else if (publisher->is_woken && delay_ms > 0)
        delay_ms = pace_ms(publisher);
    publisher->is_woken = false;
    timer_arm(&publisher->turn, delay_ms);
}

/* What the pool has said itself, that there is no connection, is not said again. */
static void failed(struct publisher *publisher, const struct db_unit *unit)
{
    if (db_unit_outcome(unit) == DB_REFUSED && !publisher->has_failed) {
        const struct db_error *error = db_unit_error(unit);

        publisher->has_failed = true;
        log_error("events cannot be published", F_STR("sqlstate", error->sqlstate),
                  F_STR("message", error->message));
    }
    publisher->is_dry = true;
    rest(publisher, IDLE_MS);
}

static void ended(struct db_unit *unit, void *arg)
{
    struct publisher *publisher = arg;
    size_t count = db_row_count(publisher->claimed, 0);

    if (publisher->is_closing)
        return;
    if (db_unit_outcome(unit) != DB_DONE) {
        failed(publisher, unit);
        return;
    }
    publisher->has_failed = false;
    publisher->is_dry = publisher->added < count;
    rest(publisher, count == BATCH_EVENTS && !publisher->is_dry ? 0 : BUSY_MS);
}

/* The claimed ids from the first to before the last, as a list. */
static const char *ids(const struct publisher *publisher, size_t first, size_t last)
{
    struct str *text = str_new_in(publisher->arena, IDS_BYTES);
    struct emit e;

    emit_init(&e, text);
    emit_array_begin(&e);
    for (size_t i = first; i < last; i++)
        emit_text(&e, db_text(publisher->claimed, 0, i, "id"));
    emit_array_end(&e);
    ENSURE(emit_finish(&e));
    return str_cstr(text);
}

static void add_end(struct publisher *publisher, struct db_unit *unit, size_t first, size_t last,
                    const char *is_published)
{
    const char **params = arena_zalloc_array(publisher->arena, 2, sizeof *params);

    if (first == last)
        return;
    params[0] = ids(publisher, first, last);
    params[1] = is_published;
    db_unit_add(unit, STMT(outbox_end), params, 2);
}

/* The first ones are in the stream; the others are given back, so that nobody has to wait for the
 * end of the lease. Noting it twice does no harm. */
static void added(size_t count, void *arg)
{
    struct publisher *publisher = arg;
    struct db_unit *unit = db_unit_new(publisher->arena);

    metric_add(metrics.published, (int64_t)count);
    publisher->added = count;
    add_end(publisher, unit, 0, count, "true");
    add_end(publisher, unit, count, db_row_count(publisher->claimed, 0), "false");
    db_unit_may_repeat(unit);
    db_submit(publisher->pool, unit, UNIT_MS, ended, publisher);
}

static void add_events(struct publisher *publisher, size_t count)
{
    const struct db_unit *unit = publisher->claimed;
    struct bus_message *messages = ARENA_ARRAY(publisher->arena, struct bus_message, count);

    for (size_t i = 0; i < count; i++)
        messages[i] = (struct bus_message){
            .event = db_text(unit, 0, i, "event"),
            .id = db_text(unit, 0, i, "id"),
            .type = db_text(unit, 0, i, "type"),
            .subject = db_text(unit, 0, i, "subject"),
        };
    bus_writer_add(publisher->writer, messages, count, added);
}

static void claimed(struct db_unit *unit, void *arg)
{
    struct publisher *publisher = arg;
    size_t count;

    if (publisher->is_closing)
        return;
    if (db_unit_outcome(unit) != DB_DONE) {
        failed(publisher, unit);
        return;
    }
    publisher->claimed = unit;
    count = db_row_count(unit, 0);
    if (count == 0) {
        publisher->is_dry = true;
        rest(publisher, IDLE_MS);
    } else if (bus_writer_is_up(publisher->writer)) {
        add_events(publisher, count);
    } else {
        added(0, publisher);
    }
}

static void begin_turn(struct publisher *publisher)
{
    static const char *const params[] = {BATCH, LEASE_MS};
    struct db_unit *unit;

    arena_reset(publisher->arena);
    publisher->began_ms = clock_mono_ms();
    publisher->is_busy = true;
    unit = db_unit_new(publisher->arena);
    db_unit_add(unit, STMT(outbox_claim), params, COUNT_OF(params));
    db_submit(publisher->pool, unit, UNIT_MS, claimed, publisher);
}

static void end_drain(struct publisher *publisher)
{
    void (*drained)(void *arg) = publisher->drained;

    publisher->drained = NULL;
    timer_cancel(&publisher->turn);
    timer_cancel(&publisher->deadline);
    drained(publisher->drained_arg);
}

static void on_turn(void *arg)
{
    struct publisher *publisher = arg;
    bool is_up = bus_writer_is_up(publisher->writer);

    if (publisher->drained && (publisher->is_dry || !is_up))
        end_drain(publisher);
    else if (is_up) /* otherwise a wake comes when it is */
        begin_turn(publisher);
}

void publisher_wake(struct publisher *publisher)
{
    if (publisher->is_busy)
        publisher->is_woken = true;
    else
        timer_arm(&publisher->turn, pace_ms(publisher));
}

static void on_up(void *arg)
{
    publisher_wake(arg);
}

static void on_deadline(void *arg)
{
    end_drain(arg);
}

void publisher_drain(struct publisher *publisher, int64_t deadline_ms, void (*done)(void *arg),
                     void *arg)
{
    publisher->drained = done;
    publisher->drained_arg = arg;
    publisher->is_dry = false;
    timer_arm(&publisher->deadline, deadline_ms);
    if (!publisher->is_busy)
        timer_arm(&publisher->turn, 0);
}

/* ---- Beside the turns ------------------------------------------------------------------------ */

static void measured(struct db_unit *unit, void *arg)
{
    struct publisher *publisher = arg;

    if (publisher->is_closing)
        return;
    if (db_unit_outcome(unit) == DB_DONE) {
        metric_set(metrics.pending, db_int(unit, 0, 0, "pending"));
        metric_set(metrics.oldest, db_int(unit, 0, 0, "oldest_s"));
    }
    timer_arm(&publisher->measure, MEASURE_MS);
}

static void on_measure(void *arg)
{
    struct publisher *publisher = arg;
    struct db_unit *unit;

    metric_set(metrics.up, bus_writer_is_up(publisher->writer));
    if (!publisher->measures_outbox) {
        timer_arm(&publisher->measure, MEASURE_UP_MS);
        return;
    }
    arena_reset(publisher->measure_arena);
    unit = db_unit_new(publisher->measure_arena);
    db_unit_add(unit, STMT(outbox_state), NULL, 0);
    db_submit(publisher->pool, unit, UNIT_MS, measured, publisher);
}

static void kept_house(struct db_unit *unit, void *arg)
{
    struct publisher *publisher = arg;
    bool has_more;

    if (publisher->is_closing)
        return;
    has_more = db_unit_outcome(unit) == DB_DONE && db_bool(unit, 0, 0, "more");
    if (db_unit_outcome(unit) == DB_REFUSED)
        log_error("housekeeping was refused", F_STR("sqlstate", db_unit_error(unit)->sqlstate),
                  F_STR("message", db_unit_error(unit)->message));
    timer_arm(&publisher->housekeeping,
              has_more ? HOUSEKEEPING_MORE_MS : publisher->housekeeping_ms);
}

static void on_housekeeping(void *arg)
{
    struct publisher *publisher = arg;
    char *now;
    const char **params;
    struct db_unit *unit;

    arena_reset(publisher->housekeeping_arena);
    now = arena_alloc(publisher->housekeeping_arena, INSTANT_TEXT_BYTES);
    params = arena_zalloc_array(publisher->housekeeping_arena, 2, sizeof *params);
    instant_format_ms(now, clock_now_ms());
    params[0] = now;
    params[1] = HOUSEKEEPING_ROWS;
    unit = db_unit_new(publisher->housekeeping_arena);
    db_unit_add(unit, STMT(outbox_housekeep), params, 2);
    db_submit(publisher->pool, unit, HOUSEKEEPING_UNIT_MS, kept_house, publisher);
}

/* ---- Life ------------------------------------------------------------------------------------ */

static struct db_pool *open_pool(struct loop *loop, const char *url)
{
    return db_pool_new(loop, &(struct db_opts){
                                 .url = url,
                                 .application_name = "kith-api publisher",
                                 .connections = 1,
                                 .in_flight = 1,
                                 .waiting = 4,
                             });
}

struct publisher *publisher_new(struct loop *loop, const struct api_config *config, size_t slot)
{
    struct publisher *publisher = x_calloc(1, sizeof *publisher);

    publisher->arena = arena_new(MB(32));
    publisher->measure_arena = arena_new(KB(16));
    publisher->housekeeping_arena = arena_new(KB(16));
    publisher->housekeeping_ms = config->housekeeping_s * 1000;
    publisher->measures_outbox = slot == 0;
    publisher->pool = open_pool(loop, config->publisher_url);
    publisher->writer = bus_writer_new(loop, config->service.redis_url, on_up, publisher);
    timer_init(&publisher->turn, loop, on_turn, publisher);
    timer_init(&publisher->deadline, loop, on_deadline, publisher);
    timer_init(&publisher->measure, loop, on_measure, publisher);
    timer_init(&publisher->housekeeping, loop, on_housekeeping, publisher);
    timer_arm(&publisher->measure, MEASURE_UP_MS);
    timer_arm(&publisher->housekeeping, publisher->housekeeping_ms < HOUSEKEEPING_FIRST_MS
                                            ? publisher->housekeeping_ms
                                            : HOUSEKEEPING_FIRST_MS);
    return publisher;
}

void publisher_free(struct publisher *publisher)
{
    publisher->is_closing = true;
    bus_writer_free(publisher->writer);
    db_pool_free(publisher->pool);
    timer_fini(&publisher->turn);
    timer_fini(&publisher->deadline);
    timer_fini(&publisher->measure);
    timer_fini(&publisher->housekeeping);
    arena_free(publisher->arena);
    arena_free(publisher->measure_arena);
    arena_free(publisher->housekeeping_arena);
    x_free(publisher);
}
