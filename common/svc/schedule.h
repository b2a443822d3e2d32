/* Work that comes by the clock: a worker takes one due district at a time
 * (sql/functions/55_schedule.sql) and runs the task's set functions in the transaction that holds
 * it. */
#ifndef KITH_SVC_SCHEDULE_H
#define KITH_SVC_SCHEDULE_H

#include "svc/worker.h"

#define SCHEDULE_IDLE_MS 1000 /* how long a turn that found nothing due may wait */

struct schedule_task {
    const char *name; /* 'check_ins' */

    /* Within the transaction. False: the database refused; nothing of it will have happened. */
    bool (*work)(struct worker *worker, const char *district, const char *now);
};

/* Before the fork: kith_scheduler_last_run_timestamp_seconds of the task. */
void schedule_register(const struct schedule_task *task);

/* One due district, if there is any: how many milliseconds until there may be another. One whose
 * work fails by its own fault is put off to its next time. */
int64_t schedule_turn(struct worker *worker, const struct schedule_task *task);

/* Within the caller's transaction: these districts (a JSON list of ids) are due at once. */
KITH_MUST_CHECK bool schedule_ring(struct worker *worker, const struct schedule_task *task,
                                   const char *districts);

#endif
