/* kith-kpi: sums, rollups and releases. What was written has left a mark, in its own transaction,
 * on each indicator and school year that it touches (rollup_mark); events only tell that there are
 * some. The work of one key is one transaction (rollup_work); what may be shown of it is decided
 * there. */
#include "base/metrics.h"
#include "gen/stmt.h"
#include "svc/round.h"

#define ADMIN_DEFAULT "127.0.0.1:9101"
#define MARKS_AT_ONCE "100000" /* of one key */

static const struct metric_spec marks_spec = {
    .name = "kith_rollup_marks_total",
    .type = METRIC_COUNTER,
    .help = "Marks whose rollups were computed.",
};

static struct metric marks;

/* ---- Releases of student indicators, by the clock ----------------------------------------------
 */

static const struct round_step steps[] = {{"release", STMT(releases_make)}};

static bool work(struct worker *worker, const char *district, const char *now)
{
    return round_run(worker, steps, COUNT_OF(steps), district, now);
}

static const struct schedule_task task = {.name = "kpis", .work = work};

/* ---- Rollups, by marks --------------------------------------------------------------------------
 */

/* What leaves marks, or makes the work of those that are there another one. */
static const char *const aggregates[] = {"observation",       "indicator", "investment",
                                         "partnership_site",  "site",      "partnership",
                                         "reporting_quarter", "district",  NULL};

/* The marks are there already: that somebody looks now is all that an event asks for. */
static bool handle(struct worker *worker, const struct event *events, size_t count)
{
    (void)worker, (void)events, (void)count;
    return true;
}

static const struct consumer_opts consumer = {
    .name = "kith-kpi",
    .aggregates = aggregates,
    .handle = handle,
};

/* One key of those that wait, of any district. False: the database refused. */
static bool compute(struct worker *worker, int64_t *done)
{
    const struct db_result *row = db_link_run(
        worker->db, STMT(rollup_work), (const char *const[]){MARKS_AT_ONCE, worker_now(worker)});

    if (!row)
        return false;
    *done = db_result_int(row, 0, "done");
    metric_add(marks, *done);
    return true;
}

static int64_t turn(struct worker *worker)
{
    int64_t wait_ms = schedule_turn(worker, &task);
    int64_t done = 0;

    if (db_link_is_lost(worker->db))
        return wait_ms;
    if (!compute(worker, &done))
        return worker_failed(worker, "rollups");
    return consumer_turn(worker->state, done ? 0 : wait_ms);
}

/* ---- The program --------------------------------------------------------------------------------
 */

static void register_metrics(void)
{
    marks = metric_register(&marks_spec, METRIC_NO_LABELS);
    consumer_register(&consumer);
    schedule_register(&task);
    round_register(steps, COUNT_OF(steps));
}

static void begin(struct worker *worker)
{
    worker->state = consumer_new(worker, &consumer);
}

static void end(struct worker *worker)
{
    consumer_free(worker->state);
}

static const struct config_table tables[] = {WORKER_CONFIG_TABLES};
static const struct config_program program = {
    .name = "kith-kpi",
    .summary = "Computes Kith's rollups, and releases student indicators nightly.",
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
