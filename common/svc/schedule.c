/* One due district at a time. */
#include "svc/schedule.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/metrics.h"
#include "gen/stmt.h"

static const struct metric_spec last_run_spec = {
    .name = "kith_scheduler_last_run_timestamp_seconds",
    .type = METRIC_GAUGE,
    .help = "When a process last looked for districts that are due; the newest is what counts.",
    .labels = {"task"},
};

void schedule_register(const struct schedule_task *task)
{
    (void)metric_register(&last_run_spec, METRIC_LABELS(task->name));
}

/* Gauges are summed over processes, and one of two would be no time: the first process tells. */
static void tell(const struct worker *worker, const struct schedule_task *task)
{
    if (worker->slot == 0)
        metric_set(metric_register(&last_run_spec, METRIC_LABELS(task->name)),
                   clock_real_ms() / 1000);
}

/* In the turn's arena; "" when nothing is due, NULL when the database refused. */
static const char *claim(struct worker *worker, const struct schedule_task *task, const char *now)
{
    const struct db_result *due =
        db_link_run(worker->db, STMT(schedule_claim), (const char *const[]){task->name, now});

    if (!due)
        return NULL;
    return db_result_rows(due) ? arena_cstr(worker->arena, db_result_text(due, 0, "district_id"))
                               : "";
}

/* A district whose work fails comes again when it would have come next, so that it is not claimed
 * first for ever, and holds up no other one. */
static int64_t put_off(struct worker *worker, const struct schedule_task *task,
                       const char *district, const char *now)
{
    const struct db_error *error = db_link_error(worker->db);
    bool is_its_own = worker_failed_for_good(worker);
    /* For the district's administrator: of its message, which may hold data, the log tells. */
    const char *why = arena_printf(worker->arena, "%s %s", error->sqlstate,
                                   error->constraint ? error->constraint : "")
                          .p;
    int64_t delay_ms = worker_failed(worker, task->name);

    if (!is_its_own)
        return delay_ms;
    log_error("a district is put off", F_STR("task", task->name), F_STR("district", district));
    if (!worker_exec(worker, STMT(schedule_done),
                     (const char *const[]){task->name, district, now, why}))
        return worker_failed(worker, task->name);
    return delay_ms;
}

int64_t schedule_turn(struct worker *worker, const struct schedule_task *task)
{
    const char *now = worker_now(worker);
    const char *district;

    if (!worker_begin(worker) || !(district = claim(worker, task, now)))
        return worker_failed(worker, task->name);
    if (*district && (!task->work(worker, district, now) ||
                      !worker_exec(worker, STMT(schedule_done),
                                   (const char *const[]){task->name, district, now, NULL})))
        return put_off(worker, task, district, now);
    if (*district)
        fail_point(FAIL_turn_before);
    if (!worker_commit(worker))
        return worker_failed(worker, task->name);
    if (*district)
        fail_point(FAIL_turn_after);
    tell(worker, task);
    return *district ? 0 : SCHEDULE_IDLE_MS;
}

bool schedule_ring(struct worker *worker, const struct schedule_task *task, const char *districts)
{
    return worker_exec(worker, STMT(schedule_ring),
                       (const char *const[]){task->name, districts, worker_now(worker)});
}
