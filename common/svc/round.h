/* A round through a district: the functions of the database that a task consists of, one after the
 * other, in the transaction that holds the district. Each decides what is due, by set, and says how
 * many decisions that made. */
#ifndef KITH_SVC_ROUND_H
#define KITH_SVC_ROUND_H

#include "svc/worker.h"

#define ROUND_STEPS 32

struct round_step {
    const char *decision;                 /* as the metric tells it; NULL: it decides nothing */
    const struct db_statement *statement; /* district, now; gives "done" */
};

/* Before the fork: kith_decisions_total of each step. */
void round_register(const struct round_step *steps, size_t count);

/* False: the database refused. */
KITH_MUST_CHECK bool round_run(struct worker *worker, const struct round_step *steps, size_t count,
                               const char *district, const char *now);

/* A program that does nothing but such rounds: when the clock says so, and at once when something
 * happens of which it depends whether there is something to do. */
struct round_program {
    const char *name; /* "kith-checkin" */
    const char *summary;
    const char *admin_listen; /* where KITH_ADMIN_LISTEN says nothing */
    const char *task;         /* 'check_ins' */
    const struct round_step *steps;
    size_t step_count;
    const char *const *aggregates; /* of what it depends; ends in NULL */
    /* What no statement can do alone, in the same transaction, behind the steps; may be NULL. */
    bool (*after)(struct worker *worker);
};

/* Runs it; its value is the exit status. */
int round_main(const struct round_program *program, int argc, char **argv);

#endif
