/* How a batch of events is handled. Inside of the consumer. */
#ifndef KITH_SVC_BATCH_H
#define KITH_SVC_BATCH_H

#include "svc/consumer.h"

#define BATCH_MOST     128
#define BATCH_ATTEMPTS "5" /* after which an event is a dead letter */

struct batch {
    const char *ids[BATCH_MOST]; /* in the turn's arena; one may stand there twice */
    size_t n;
};

void batch_register(const struct consumer_opts *opts);

/* All in one transaction; when that fails, one by one. False: the database went away, or cannot
 * just now, and some are not handled; db_link_error() says why, for worker_failed(). */
KITH_MUST_CHECK bool batch_handle(struct worker *worker, const struct consumer_opts *opts,
                                  const struct batch *batch);

/* The same for what may have ended a process: one by one, each attempt noted first. */
KITH_MUST_CHECK bool batch_handle_each(struct worker *worker, const struct consumer_opts *opts,
                                       const struct batch *batch);

/* The same for many that nobody has tried, as a failing process may not come to itself: an attempt
 * of all is noted first. */
KITH_MUST_CHECK bool batch_handle_noted(struct worker *worker, const struct consumer_opts *opts,
                                        const struct batch *batch);

#endif
