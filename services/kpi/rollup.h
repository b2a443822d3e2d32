/* Pieces of the work on rollups, which sql/functions/91_tally.sql does: marks, which what is above
 * a site follows at once, and crossings, the many figures of whole schools where a partner works,
 * which may follow some moments later. */
#ifndef KITH_KPI_ROLLUP_H
#define KITH_KPI_ROLLUP_H

#include "svc/worker.h"

/* Whether an event of that type says that there is something to do now. */
bool rollup_is_asked(struct sv type);

/* How long answers to surveys are left to come together, until they are counted again; 0: they are
 * looked at. */
int64_t rollup_rest_ms(void);

/* Before the fork. */
void rollup_register(void);

/* A piece of marks, and one of crossings when there are no marks or it is their turn. *out_is_busy:
 * there was something. False: the database refused. */
KITH_MUST_CHECK bool rollup_piece(struct worker *worker, bool *out_is_busy);

/* What waits. The first process tells, as gauges are summed. */
KITH_MUST_CHECK bool rollup_measure(struct worker *worker);

#endif
