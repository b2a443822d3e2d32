/* Where the events come from: the stream, what this process had not acked, and the sweep. */
#include "svc/consumer.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "svc/batch.h"
#include "svc/stream.h"
#include "json/emit.h"

#define CONSUMER_MAGIC 0xc0350e4eu
#define SOON_MS        10   /* Redis has just gone */
#define AWAY_MS        1000 /* between two looks whether Redis is back */
#define SWEEP_MS       10000
#define SWEEP_MOST     "128"
#define MEASURE_MS     2000
#define ADOPT_MS       30000
#define ADOPT_IDLE_MS  90000 /* longer than a worker is given to end its turn */

_Static_assert(BATCH_MOST == BUS_READ_MOST, "what is read at once is handled at once");

struct consumer {
    unsigned magic;
    struct worker *worker;
    const struct consumer_opts *opts;
    struct stream *stream;
    char *aggregates;    /* a list in JSON */
    bool rereads;        /* there may be entries that this process has and did not ack */
    bool must_sweep;     /* now, whether or not another process has just done it */
    int64_t sweep_at_ms; /* of the monotonic clock, as those below */
    int64_t measure_at_ms;
    int64_t adopt_at_ms;
};

static const struct metric_spec swept_spec = {
    .name = "kith_events_swept_total",
    .type = METRIC_COUNTER,
    .help = "Events that the sweep found, as the stream had not brought them or they had failed.",
    .labels = {"consumer"},
};
static const struct metric_spec trimmed_spec = {
    .name = "kith_stream_trimmed_total",
    .type = METRIC_COUNTER,
    .help = "Entries that were trimmed before they were handled; the sweep finds their events.",
    .labels = {"consumer"},
};
static const struct metric_spec dead_spec = {
    .name = "kith_dead_letters",
    .type = METRIC_GAUGE,
    .help = "Events that could not be handled, and wait for somebody to have them tried again.",
    .labels = {"consumer"},
};

static struct metric metric_of(const struct metric_spec *spec, const struct consumer_opts *opts)
{
    return metric_register(spec, METRIC_LABELS(opts->name));
}

void consumer_register(const struct consumer_opts *opts)
{
    batch_register(opts);
    metric_of(&swept_spec, opts);
    metric_of(&trimmed_spec, opts);
    metric_of(&dead_spec, opts);
    stream_register(opts->name);
}

/* ---- From the stream ------------------------------------------------------------------------- */

/* Those that are this consumer's business. What the stream says of an event is not believed but for
 * its id and kind. */
static struct batch batch_of(struct consumer *consumer, const struct bus_entries *entries)
{
    struct batch batch = {.n = 0};
    struct uuid id;

    for (size_t i = 0; i < entries->n; i++) {
        const struct bus_entry *entry = &entries->p[i];

        if (entry->is_trimmed)
            metric_add(metric_of(&trimmed_spec, consumer->opts), 1);
        else if (stream_asks_for(consumer->opts->aggregates, entry->type) &&
                 uuid_parse(entry->id, &id))
            batch.ids[batch.n++] = arena_cstr(consumer->worker->arena, uuid_view(&id));
    }
    return batch;
}

static int64_t failed(struct consumer *consumer)
{
    consumer->rereads = true;
    return worker_failed(consumer->worker, consumer->opts->name);
}

/* Acks come behind the commit; one that is lost makes an event come again, to no effect. */
static int64_t handle_new(struct consumer *consumer, struct bus_group *group, int64_t wait_ms)
{
    struct bus_entries entries;
    struct batch batch;

    if (!bus_group_read(group, wait_ms, &entries))
        return 0;
    batch = batch_of(consumer, &entries);
    if (!batch_handle(consumer->worker, consumer->opts, &batch))
        return failed(consumer);
    return bus_group_ack(group, &entries) ? 0 : SOON_MS;
}

/* What it has and did not ack may have ended this process, or that from which it was taken. */
static int64_t handle_own(struct consumer *consumer, struct bus_group *group)
{
    struct bus_entries entries;
    struct batch batch;

    if (!bus_group_read_own(group, &entries))
        return 0;
    consumer->rereads = entries.n > 0;
    batch = batch_of(consumer, &entries);
    if (!batch_handle_each(consumer->worker, consumer->opts, &batch))
        return failed(consumer);
    return bus_group_ack(group, &entries) ? 0 : SOON_MS;
}

/* ---- From the outbox ------------------------------------------------------------------------- */

static const struct db_result *find_lost(struct consumer *consumer)
{
    const char *params[] = {consumer->opts->name, consumer->aggregates, SWEEP_MOST,
                            consumer->must_sweep ? "true" : "false"};

    return db_link_run(consumer->worker->db, STMT(event_sweep), params);
}

/* Those that were tried already are handled by themselves. */
static int64_t sweep(struct consumer *consumer)
{
    struct worker *worker = consumer->worker;
    const struct db_result *rows = find_lost(consumer);
    struct batch fresh = {.n = 0};
    struct batch tried = {.n = 0};

    if (!rows)
        return failed(consumer);
    for (size_t i = 0; i < db_result_rows(rows); i++) {
        struct batch *one = db_result_int(rows, i, "attempts") ? &tried : &fresh;

        one->ids[one->n++] = arena_cstr(worker->arena, db_result_text(rows, i, "id"));
    }
    consumer->must_sweep = fresh.n == BATCH_MOST; /* then there are more */
    consumer->sweep_at_ms = clock_mono_ms() + SWEEP_MS;
    metric_add(metric_of(&swept_spec, consumer->opts), (int64_t)(fresh.n + tried.n));
    if (!batch_handle_noted(worker, consumer->opts, &fresh) ||
        !batch_handle_each(worker, consumer->opts, &tried))
        return failed(consumer);
    return 0;
}

/* ---- Turns ----------------------------------------------------------------------------------- */

/* The first process tells, as gauges are summed. */
static bool measure(struct consumer *consumer)
{
    const struct db_result *dead;

    if (consumer->worker->slot != 0)
        return true;
    dead = db_link_run(consumer->worker->db, STMT(event_dead),
                       (const char *const[]){consumer->opts->name});
    if (dead)
        metric_set(metric_of(&dead_spec, consumer->opts), db_result_int(dead, 0, "dead"));
    return dead != NULL;
}

/* False: the connection has ended. */
static bool adopt(struct consumer *consumer, struct bus_group *group)
{
    size_t adopted;
    size_t trimmed;

    if (!bus_group_adopt(group, ADOPT_IDLE_MS, &adopted, &trimmed))
        return false;
    metric_add(metric_of(&trimmed_spec, consumer->opts), (int64_t)trimmed);
    if (adopted)
        log_warn("entries of another process were adopted", F_INT("entries", adopted));
    consumer->rereads |= adopted > 0;
    return true;
}

int64_t consumer_turn(struct consumer *consumer, int64_t wait_ms)
{
    struct bus_group *group;
    bool is_new = false;

    OBJ_CAST(consumer, CONSUMER_MAGIC, consumer);
    group = stream_group(consumer->stream, &is_new);
    consumer->rereads |= is_new;
    consumer->must_sweep |= is_new;
    if (clock_is_due(&consumer->measure_at_ms, MEASURE_MS) && !measure(consumer))
        return failed(consumer);
    if (consumer->must_sweep || clock_mono_ms() >= consumer->sweep_at_ms)
        return sweep(consumer);
    if (group && clock_is_due(&consumer->adopt_at_ms, ADOPT_MS) && !adopt(consumer, group))
        return 0;
    if (!group)
        return wait_ms < AWAY_MS ? wait_ms : AWAY_MS;
    if (consumer->rereads)
        return handle_own(consumer, group);
    return handle_new(consumer, group, stream_wait_ms(wait_ms));
}

/* ---- Life ------------------------------------------------------------------------------------ */

static char *list_of(const char *const *texts)
{
    struct str out;
    struct emit e;
    char *list;

    str_init(&out, KB(4));
    emit_init(&e, &out);
    emit_array_begin(&e);
    for (; *texts; texts++)
        emit_text(&e, sv_of(*texts));
    emit_array_end(&e);
    ENSURE(emit_finish(&e));
    list = x_strdup(str_cstr(&out));
    str_fini(&out);
    return list;
}

struct consumer *consumer_new(struct worker *worker, const struct consumer_opts *opts)
{
    struct consumer *consumer = x_calloc(1, sizeof *consumer);

    consumer->magic = CONSUMER_MAGIC;
    consumer->worker = worker;
    consumer->opts = opts;
    consumer->stream = stream_open(worker, opts->name);
    consumer->aggregates = list_of(opts->aggregates);
    consumer->must_sweep = true; /* whatever ended the process before */
    return consumer;
}

void consumer_free(struct consumer *consumer)
{
    if (!consumer)
        return;
    stream_close(consumer->stream);
    x_free(consumer->aggregates);
    consumer->magic = 0;
    x_free(consumer);
}
