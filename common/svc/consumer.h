/* Events for a worker: what has been committed, each handled once.
 *
 * The events of the kinds that a consumer asks for come in batches. A batch is handled in one
 * transaction, which also notes that they are handled; only then is the stream told. So an event
 * that comes twice, to whatever process, has its effect once, and an effect that was rolled back
 * comes again. When a batch fails, its events are handled one by one, each attempt noted before it
 * is made; after five an event is a dead letter (`kith dead-letters`), and holds up nobody.
 *
 * The stream is only how they come fast. Every ten seconds, and whenever Redis is back, one process
 * of the consumer sweeps the outbox for events older than five seconds that nobody has handled;
 * without Redis that is how all of them come.
 *
 *     static bool handle(struct worker *worker, const struct event *events, size_t count) { … }
 *
 *     static const struct consumer_opts opts = {
 *         .name = "kith-checkin", .aggregates = aggregates, .handle = handle};
 *
 *     static int64_t turn(struct worker *worker)
 *     {
 *         return consumer_turn(worker->state, schedule_turn(worker, &task));
 *     }
 */
#ifndef KITH_SVC_CONSUMER_H
#define KITH_SVC_CONSUMER_H

#include "svc/worker.h"

/* The texts live as long as the turn. The order is mostly, and not always, that of the changes: who
 * needs the present state reads the row. */
struct event {
    const char *id;
    const char *district;
    struct sv aggregate; /* "partnership" */
    struct sv action;    /* "activated" */
    const char *subject; /* the row's id; NULL: many rows, see data */
    int64_t sequence;    /* the row's version; 0 when there is no subject */
    struct sv data;      /* JSON: {"id", "changed"}, or {"import", "first", "last", "count"} */
};

struct consumer_opts {
    const char *name;              /* of the group, and of the consumer in the database */
    const char *const *aggregates; /* the kinds it asks for; ends in NULL */

    /* Does what the events call for, within the transaction, which has no district's context and
     * must not be ended. False: something of that went wrong, db_link_error() says what, and
     * nothing will have happened. At least one event comes. */
    bool (*handle)(struct worker *worker, const struct event *events, size_t count);
};

struct consumer;

/* Its metrics: before the fork. */
void consumer_register(const struct consumer_opts *opts);

/* In the child; `opts` must live as long. */
struct consumer *consumer_new(struct worker *worker, const struct consumer_opts *opts);
void consumer_free(struct consumer *consumer);

/* Handles a batch, for which it waits up to wait_ms, and does what else is due: a turn's end, whose
 * value this is. */
int64_t consumer_turn(struct consumer *consumer, int64_t wait_ms);

#endif
