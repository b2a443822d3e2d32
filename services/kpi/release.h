/* Releases of the figures of students: what is asked for is proved, and then published. */
#ifndef KITH_KPI_RELEASE_H
#define KITH_KPI_RELEASE_H

#include "svc/worker.h"

#define RELEASE_BYTES_MOST                                                \
    MB(512) /* to prove an indicator's year with; a larger one is refused \
             */

/* Before the fork. */
void release_register(void);

/* A step of a release, if any waits, in a transaction of its own: the proof of an indicator, or,
 * when all are proved, what readers see. How many milliseconds the turn is to wait then; negative
 * when there was none to be seen to, and the turn goes on. */
int64_t release_turn(struct worker *worker);

#endif
