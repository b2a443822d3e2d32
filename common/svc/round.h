/* A round through a district: the functions of the database that a task consists of, one after the
 * other, in the transaction that holds the district. Each decides what is due, by set, and says how
 * many decisions that made. */
#ifndef KITH_SVC_ROUND_H
#define KITH_SVC_ROUND_H

#include "svc/consumer.h"
#include "svc/schedule.h"

#define ROUND_STEPS 16

struct round_step {
    const char *decision;                 /* as the metric tells it */
    const struct db_statement *statement; /* district, now; gives "done" */
};

/* Before the fork: kith_decisions_total of each step. */
void round_register(const struct round_step *steps, size_t count);

/* False: the database refused. */
KITH_MUST_CHECK bool round_run(struct worker *worker, const struct round_step *steps, size_t count,
                               const char *district, const char *now);

/* For consumer_opts.handle: what happened may have made work in its district, so that its turn
 * comes at once. */
KITH_MUST_CHECK bool round_ring(struct worker *worker, const struct schedule_task *task,
                                const struct event *events, size_t count);

#endif
