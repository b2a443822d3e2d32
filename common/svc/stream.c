/* Connecting, measuring, trimming. */
#include "svc/stream.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/str.h"

#define STREAM_MAGIC     0x57e4a300u
#define WAIT_MS          500 /* after so long a turn looks up */
#define INJECTED_WAIT_MS 50  /* as worker_wait() */
#define MEASURE_MS       2000
#define TRIM_MS          60000
#define NAME_BYTES       400

struct stream {
    unsigned magic;
    const struct worker *worker;
    const char *name;
    struct bus_group *group;
    int64_t measure_at_ms; /* of the monotonic clock */
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
static const struct metric_spec up_spec = {
    .name = "kith_redis_connections_up",
    .type = METRIC_GAUGE,
    .help = "Connections to Redis that work.",
};

void stream_register(const char *name)
{
    (void)metric_register(&lag_spec, METRIC_LABELS(name));
    (void)metric_register(&pending_spec, METRIC_LABELS(name));
    (void)metric_register(&up_spec, METRIC_NO_LABELS);
}

/* ---- Life ------------------------------------------------------------------------------------ */

/* The same after a restart, and no other's: an admin port is one program's of a machine. */
static void add_consumer(struct str *out, const struct worker *worker)
{
    const char *admin = worker->config->service.admin_listen;
    char host[256] = "";

    gethostname(host, sizeof host - 1);
    str_addf(out, "%s/%s/%zu", host, admin ? admin : worker->opts->admin_listen, worker->slot);
}

struct stream *stream_open(struct worker *worker, const char *name)
{
    struct stream *stream = x_calloc(1, sizeof *stream);
    char buffer[NAME_BYTES];
    struct str consumer;

    str_init_in(&consumer, buffer, sizeof buffer);
    add_consumer(&consumer, worker);
    stream->magic = STREAM_MAGIC;
    stream->worker = worker;
    stream->name = name;
    stream->group = bus_group_new(worker->config->service.redis_url, name, str_cstr(&consumer));
    return stream;
}

void stream_close(struct stream *stream)
{
    if (!stream)
        return;
    OBJ_CAST(stream, STREAM_MAGIC, stream);
    bus_group_free(stream->group);
    stream->magic = 0;
    x_free(stream);
}

/* ---- Turns ----------------------------------------------------------------------------------- */

/* The first process tells, as gauges are summed. */
static void measure(struct stream *stream)
{
    struct bus_group_state state;

    if (stream->worker->slot != 0 || !bus_group_measure(stream->group, &state))
        return;
    metric_set(metric_register(&lag_spec, METRIC_LABELS(stream->name)), state.lag);
    metric_set(metric_register(&pending_spec, METRIC_LABELS(stream->name)), state.pending);
}

struct bus_group *stream_group(struct stream *stream, bool *out_is_new)
{
    bool is_up = bus_group_connect(stream->group, out_is_new);

    OBJ_CAST(stream, STREAM_MAGIC, stream);
    if (is_up && clock_is_due(&stream->measure_at_ms, MEASURE_MS))
        measure(stream);
    if (bus_group_is_up(stream->group) && stream->worker->slot == 0 &&
        clock_is_due(&stream->trim_at_ms, TRIM_MS) && !bus_group_trim(stream->group))
        stream->trim_at_ms = 0;
    is_up = bus_group_is_up(stream->group);
    metric_set(metric_register(&up_spec, METRIC_NO_LABELS), is_up);
    return is_up ? stream->group : NULL;
}

int64_t stream_wait_ms(int64_t wait_ms)
{
    int64_t most_ms = clock_is_injected() ? INJECTED_WAIT_MS : WAIT_MS;

    return wait_ms < 1 ? 1 : wait_ms < most_ms ? wait_ms : most_ms;
}

struct sv stream_aggregate(struct sv type)
{
    struct sv rest = sv_skip(type, SV("org.kith.").n);

    return sv_head(rest, sv_find(rest, '.'));
}

bool stream_asks_for(const char *const *aggregates, struct sv type)
{
    struct sv aggregate = stream_aggregate(type);

    for (; *aggregates; aggregates++) {
        if (sv_eq(aggregate, sv_of(*aggregates)))
            return true;
    }
    return false;
}
