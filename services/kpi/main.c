/* kith-kpi: figures follow what they are made of. What is to be computed again stands in the
 * database, as marks that every change leaves; an event of the stream is the doorbell, so that
 * nobody waits for the next look. In the night, and when somebody asks, the figures of students are
 * released. */
#include "base/clock.h"
#include "gen/stmt.h"
#include "release.h"
#include "rollup.h"
#include "svc/round.h"
#include "svc/schedule.h"
#include "svc/stream.h"

#define NAME          "kith-kpi"
#define ADMIN_DEFAULT "127.0.0.1:9101"
#define MEASURE_MS    2000
#define AWAY_BUSY_MS  100 /* without Redis, between two looks, while there is work */
#define AWAY_IDLE_MS  1000

struct kpi {
    struct stream *stream;
    int64_t busy_at_ms; /* of the monotonic clock, as those below */
    int64_t schedule_at_ms;
    int64_t measure_at_ms;
};

static const struct round_step steps[] = {
    {"months", STMT(rollups_advance)},
    {"release", STMT(releases_make)},
};

static bool run_round(struct worker *worker, const char *district, const char *now)
{
    return round_run(worker, steps, COUNT_OF(steps), district, now);
}

static const struct schedule_task task = {.name = "kpis", .work = run_round};

/* Waits for an event that leaves marks. Nobody acks one: it is only a bell, and what was not heard
 * is seen at the next look. */
static int64_t listen_to_bell(struct kpi *kpi, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;
    bool is_new;
    struct bus_group *group = stream_group(kpi->stream, &is_new);
    struct bus_entries entries;

    if (!group)
        return clock_mono_ms() - kpi->busy_at_ms < AWAY_IDLE_MS ? AWAY_BUSY_MS : AWAY_IDLE_MS;
    while (wait_ms >= 0 && bus_group_listen(group, wait_ms, &entries)) {
        for (size_t i = 0; i < entries.n; i++) {
            if (rollup_is_asked(entries.p[i].type))
                return 0;
        }
        wait_ms = until_ms - clock_mono_ms() - 1;
    }
    return 0;
}

static int64_t turn(struct worker *worker)
{
    struct kpi *kpi = worker->state;
    int64_t wait_ms = stream_wait_ms(AWAY_IDLE_MS);
    int64_t rest_ms;
    int64_t delay_ms;
    bool is_busy;

    if (clock_is_due(&kpi->measure_at_ms, MEASURE_MS) && !rollup_measure(worker))
        return worker_failed(worker, NAME);
    if (clock_is_due(&kpi->schedule_at_ms, stream_wait_ms(SCHEDULE_IDLE_MS)) &&
        schedule_turn(worker, &task) == 0)
        kpi->schedule_at_ms = 0; /* there may be another district */
    if ((delay_ms = release_turn(worker)) >= 0)
        return delay_ms;
    if (!rollup_piece(worker, &is_busy))
        return worker_failed(worker, NAME);
    if (is_busy)
        kpi->busy_at_ms = clock_mono_ms();
    rest_ms = rollup_rest_ms();
    if (rest_ms > 0 && rest_ms < wait_ms)
        wait_ms = rest_ms;
    return listen_to_bell(kpi, is_busy || !kpi->schedule_at_ms ? 0 : wait_ms);
}

static void register_metrics(void)
{
    rollup_register();
    release_register();
    stream_register(NAME);
    schedule_register(&task);
    round_register(steps, COUNT_OF(steps));
}

static void begin(struct worker *worker)
{
    struct kpi *kpi = x_calloc(1, sizeof *kpi);

    kpi->stream = stream_open(worker, NAME);
    worker->state = kpi;
}

static void end(struct worker *worker)
{
    struct kpi *kpi = worker->state;

    stream_close(kpi->stream);
    x_free(kpi);
}

static const struct config_table tables[] = {WORKER_CONFIG_TABLES};
static const struct config_program program = {
    .name = NAME,
    .summary = "Computes Kith's rollups, and releases the figures of students in the night.",
    .tables = tables,
    .table_count = COUNT_OF(tables),
};

int main(int argc, char **argv)
{
    static struct worker_config config;

    return worker_main(&(struct worker_opts){.program = &program,
                                             .admin_listen = ADMIN_DEFAULT,
                                             .config = &config,
                                             .register_metrics = register_metrics,
                                             .begin = begin,
                                             .turn = turn,
                                             .end = end},
                       argc, argv);
}
