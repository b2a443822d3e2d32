/* Counting the answers of anonymous surveys that are closed. */
#ifndef KITH_SURVEY_COUNT_H
#define KITH_SURVEY_COUNT_H

#include "svc/worker.h"

/* Of the district of the transaction, one survey after the other. False: the database refused, or
 * an answer does not open; nothing is lost then. */
KITH_MUST_CHECK bool count_closed(struct worker *worker);

#endif
