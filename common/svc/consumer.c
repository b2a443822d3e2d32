/* Where the events come from: the stream, what this process had not acked, and the sweep. */
#include "svc/consumer.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/str.h"
#include "base/uuid.h"
#include "bus/group.h"
#include "gen/stmt.h"
#include "svc/batch.h"
#include "json/emit.h"

#define CONSUMER_MAGIC   0xc0350e4eu
#define WAIT_MS          500  /* for the stream: after so long a turn looks up */
#define INJECTED_WAIT_MS 50   /* as worker_wait() */
#define AWAY_MS          1000 /* between two looks whether Redis is back */
#define SWEEP_MS         10000
#define SWEEP_MOST       "128"
#define MEASURE_MS       2000
#define ADOPT_MS         30000
#define ADOPT_IDLE_MS    90000 /* longer than a worker is given to end its turn */
#define TRIM_MS          60000
#define NAME_BYTES       400

_Static_assert(BATCH_MOST == BUS_READ_MOST, "what is read at once is handled at once");

struct consumer {
    unsigned magic;
    struct worker *worker;
    const struct consumer_opts *opts;
    struct bus_group *group;
    char *aggregates;    /* a list in JSON */
    bool rereads;        /* there may be entries that this process has and did not ack */
    bool must_sweep;     /* now, whether or not another process has just done it */
    int64_t sweep_at_ms; /* of the monotonic clock, as those below */
    int64_t measure_at_ms;
    int64_t adopt_at_ms;
    int64_t trim_at_ms;
};

static const struct metric_spec lag_spec = {
    .name = "kith_stream_lag",
    .type = METRIC_GAUGE,
    .help = "Entries of the stream that nobody of the consumer has been given.",
    .labels = {"consumer"},
};
static const struct metric_spec pending_spec = {
    .name = "kith_stream_pending",
    .type = METRIC_GAUGE,
    .help = "Entries that somebody of the consumer has been given and has not acked.",
    .labels = {"consumer"},
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
static const struct metric_spec up_spec = {
    .name = "kith_redis_connections_up",
    .type = METRIC_GAUGE,
    .help = "Connections to Redis that work.",
};

static struct metric metric_of(const struct metric_spec *spec, const struct consumer_opts *opts)
{
    return metric_register(spec, METRIC_LABELS(opts->name));
}

void consumer_register(const struct consumer_opts *opts)
{
    batch_register(opts);
    metric_of(&lag_spec, opts);
    metric_of(&pending_spec, opts);
    metric_of(&swept_spec, opts);
    metric_of(&trimmed_spec, opts);
    metric_of(&dead_spec, opts);
    (void)metric_register(&up_spec, METRIC_NO_LABELS);
}

/* ---- From the stream ------------------------------------------------------------------------- */

/* "org.kith.partnership.activated.v1" */
static bool asks_for(const struct consumer *consumer, struct sv type)
{
    struct sv rest = sv_skip(type, SV("org.kith.").n);
    struct sv aggregate = sv_head(rest, sv_find(rest, '.'));

    for (const char *const *one = consumer->opts->aggregates; *one; one++) {
        if (sv_eq(aggregate, sv_of(*one)))
            return true;
    }
    return false;
}

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
        else if (asks_for(consumer, entry->type) && uuid_parse(entry->id, &id))
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
static int64_t handle_new(struct consumer *consumer, int64_t wait_ms)
{
    struct bus_entries entries;
    struct batch batch;

    if (!bus_group_read(consumer->group, wait_ms, &entries))
        return 0;
    batch = batch_of(consumer, &entries);
    if (!batch_handle(consumer->worker, consumer->opts, &batch))
        return failed(consumer);
    (void)!bus_group_ack(consumer->group, &entries);
    return 0;
}

/* What it has and did not ack may have ended this process, or that from which it was taken. */
static int64_t handle_own(struct consumer *consumer)
{
    struct bus_entries entries;
    struct batch batch;

    if (!bus_group_read_own(consumer->group, &entries))
        return 0;
    consumer->rereads = entries.n > 0;
    batch = batch_of(consumer, &entries);
    if (!batch_handle_each(consumer->worker, consumer->opts, &batch))
        return failed(consumer);
    (void)!bus_group_ack(consumer->group, &entries);
    return 0;
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

static bool is_due(int64_t *at_ms, int64_t every_ms)
{
    int64_t now_ms = clock_mono_ms();

    if (now_ms < *at_ms)
        return false;
    *at_ms = now_ms + every_ms;
    return true;
}

/* The first process tells, as gauges are summed. */
static bool measure(struct consumer *consumer)
{
    const struct db_result *dead;
    struct bus_group_state state;

    metric_set(metric_register(&up_spec, METRIC_NO_LABELS), bus_group_is_up(consumer->group));
    if (consumer->worker->slot != 0)
        return true;
    dead = db_link_run(consumer->worker->db, STMT(event_dead),
                       (const char *const[]){consumer->opts->name});
    if (!dead)
        return false;
    metric_set(metric_of(&dead_spec, consumer->opts), db_result_int(dead, 0, "dead"));
    if (bus_group_is_up(consumer->group) && bus_group_measure(consumer->group, &state)) {
        metric_set(metric_of(&lag_spec, consumer->opts), state.lag);
        metric_set(metric_of(&pending_spec, consumer->opts), state.pending);
    }
    return true;
}

static void adopt(struct consumer *consumer)
{
    size_t adopted;
    size_t trimmed;

    if (!bus_group_adopt(consumer->group, ADOPT_IDLE_MS, &adopted, &trimmed))
        return;
    metric_add(metric_of(&trimmed_spec, consumer->opts), (int64_t)trimmed);
    if (adopted)
        log_warn("entries of another process were adopted", F_INT("entries", adopted));
    consumer->rereads |= adopted > 0;
}

/* Each may end the connection, which the next turn finds out. */
static void care(struct consumer *consumer)
{
    if (bus_group_is_up(consumer->group) && is_due(&consumer->adopt_at_ms, ADOPT_MS))
        adopt(consumer);
    if (bus_group_is_up(consumer->group) && consumer->worker->slot == 0 &&
        is_due(&consumer->trim_at_ms, TRIM_MS) && !bus_group_trim(consumer->group))
        consumer->trim_at_ms = 0;
}

static int64_t at_most(int64_t ms, int64_t most_ms)
{
    return ms < 1 ? 1 : ms < most_ms ? ms : most_ms;
}

int64_t consumer_turn(struct consumer *consumer, int64_t wait_ms)
{
    bool is_new = false;
    bool is_up;

    OBJ_CAST(consumer, CONSUMER_MAGIC, consumer);
    is_up = bus_group_connect(consumer->group, &is_new);
    consumer->rereads |= is_new;
    consumer->must_sweep |= is_new;
    if (is_due(&consumer->measure_at_ms, MEASURE_MS) && !measure(consumer))
        return failed(consumer);
    if (consumer->must_sweep || clock_mono_ms() >= consumer->sweep_at_ms)
        return sweep(consumer);
    if (is_up)
        care(consumer);
    if (!bus_group_is_up(consumer->group))
        return at_most(wait_ms, AWAY_MS);
    if (consumer->rereads)
        return handle_own(consumer);
    return handle_new(consumer, at_most(wait_ms, clock_is_injected() ? INJECTED_WAIT_MS : WAIT_MS));
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* The same after a restart, and no other's: an admin port is one program's of a machine. */
static void add_name(struct str *out, const struct worker *worker)
{
    const char *admin = worker->config->service.admin_listen;
    char host[256] = "";

    gethostname(host, sizeof host - 1);
    str_addf(out, "%s/%s/%zu", host, admin ? admin : worker->opts->admin_listen, worker->slot);
}

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
    char buffer[NAME_BYTES];
    struct str name;

    str_init_in(&name, buffer, sizeof buffer);
    add_name(&name, worker);
    consumer->magic = CONSUMER_MAGIC;
    consumer->worker = worker;
    consumer->opts = opts;
    consumer->group = bus_group_new(worker->config->service.redis_url, opts->name, str_cstr(&name));
    consumer->aggregates = list_of(opts->aggregates);
    consumer->must_sweep = true; /* whatever ended the process before */
    return consumer;
}

void consumer_free(struct consumer *consumer)
{
    if (!consumer)
        return;
    bus_group_free(consumer->group);
    x_free(consumer->aggregates);
    consumer->magic = 0;
    x_free(consumer);
}
