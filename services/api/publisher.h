/* Events on their way out: from the outbox to the stream, by each child for whatever is there.
 *
 * A turn leases the oldest events, adds them to the stream, and notes that they are published; no
 * transaction is open meanwhile. What is not known to be in the stream is given back. While Redis
 * is away nothing is leased, and no request notices. */
#ifndef KITH_API_PUBLISHER_H
#define KITH_API_PUBLISHER_H

#include "config.h"
#include "loop/loop.h"

struct publisher;

/* In the parent, before any fork. */
void publisher_register_metrics(void);

/* In a child; the one of slot 0 also measures what waits. */
struct publisher *publisher_new(struct loop *loop, const struct api_config *config, size_t slot);
void publisher_free(struct publisher *publisher);

/* Something was committed by this process, and so there may be events of it. */
void publisher_wake(struct publisher *publisher);

/* Nothing will be committed any more: publishes what is there, as far as that goes within
 * deadline_ms, then calls done(arg), once and never within this. */
void publisher_drain(struct publisher *publisher, int64_t deadline_ms, void (*done)(void *arg),
                     void *arg);

#endif
