/* One statement after the other, counted. */
#include "svc/round.h"

#include "base/metrics.h"
#include "base/str.h"
#include "base/uuid.h"
#include "svc/consumer.h"
#include "svc/schedule.h"

static const struct metric_spec decisions_spec = {
    .name = "kith_decisions_total",
    .type = METRIC_COUNTER,
    .help = "What the clock has decided, by what it was; a round that failed may count twice.",
    .labels = {"decision"},
};

static struct metric metric_of(const struct round_step *step)
{
    return metric_register(&decisions_spec, METRIC_LABELS(step->decision));
}

void round_register(const struct round_step *steps, size_t count)
{
    ENSURE(count <= ROUND_STEPS);
    for (size_t i = 0; i < count; i++) {
        if (steps[i].decision)
            (void)metric_of(&steps[i]);
    }
}

bool round_run(struct worker *worker, const struct round_step *steps, size_t count,
               const char *district, const char *now)
{
    int64_t done[ROUND_STEPS];

    for (size_t i = 0; i < count; i++) {
        const struct db_result *result =
            db_link_run(worker->db, steps[i].statement, (const char *const[]){district, now});

        if (!result)
            return false;
        done[i] = db_result_int(result, 0, "done");
    }
    for (size_t i = 0; i < count; i++) {
        if (steps[i].decision)
            metric_add(metric_of(&steps[i]), done[i]);
    }
    return true;
}

/* ---- A program of rounds -----------------------------------------------------------------------
 */

static const struct round_program *running;

static bool work(struct worker *worker, const char *district, const char *now)
{
    return round_run(worker, running->steps, running->step_count, district, now) &&
           (!running->after || running->after(worker));
}

static struct schedule_task task = {.work = work};

/* What happened may have made work in its district, so that its turn comes at once. */
static bool handle(struct worker *worker, const struct event *events, size_t count)
{
    struct str *districts = str_new_in(worker->arena, count * (UUID_TEXT_LENGTH + 4) + 4);

    str_add_char(districts, '[');
    for (size_t i = 0; i < count; i++)
        str_addf(districts, "%s\"%s\"", i ? "," : "", events[i].district);
    str_add_char(districts, ']');
    ENSURE(!str_failed(districts));
    return schedule_ring(worker, &task, str_cstr(districts));
}

static struct consumer_opts consumer = {.handle = handle};

static void register_metrics(void)
{
    consumer_register(&consumer);
    schedule_register(&task);
    round_register(running->steps, running->step_count);
}

static void begin(struct worker *worker)
{
    worker->state = consumer_new(worker, &consumer);
}

static int64_t turn(struct worker *worker)
{
    return consumer_turn(worker->state, schedule_turn(worker, &task));
}

static void end(struct worker *worker)
{
    consumer_free(worker->state);
}

int round_main(const struct round_program *program, int argc, char **argv)
{
    static const struct config_table tables[] = {WORKER_CONFIG_TABLES};
    static struct worker_config config;
    const struct config_program described = {.name = program->name,
                                             .summary = program->summary,
                                             .tables = tables,
                                             .table_count = COUNT_OF(tables)};

    running = program;
    task.name = program->task;
    consumer.name = program->name;
    consumer.aggregates = program->aggregates;
    return worker_main(&(struct worker_opts){.program = &described,
                                             .admin_listen = program->admin_listen,
                                             .config = &config,
                                             .register_metrics = register_metrics,
                                             .begin = begin,
                                             .turn = turn,
                                             .end = end},
                       argc, argv);
}
