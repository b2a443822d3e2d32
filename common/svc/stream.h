/* The stream as a worker's program has it: the group of its name, in which each process is a
 * consumer; what is measured of it; and the trimming, which some process has to do. */
#ifndef KITH_SVC_STREAM_H
#define KITH_SVC_STREAM_H

#include "bus/group.h"
#include "svc/worker.h"

struct stream;

/* Before the fork. */
void stream_register(const char *name);

/* In the child. `name` is the program's: "kith-checkin". */
struct stream *stream_open(struct worker *worker, const char *name);
void stream_close(struct stream *stream);

/* The group, when Redis is there; NULL otherwise. *out_is_new as in bus/group.h. Does what is due.
 */
struct bus_group *stream_group(struct stream *stream, bool *out_is_new);

/* How long a turn may wait for the stream when nothing else is due before wait_ms: 1 or more. */
int64_t stream_wait_ms(int64_t wait_ms);

/* The aggregate of an event's type: "partnership" of "org.kith.partnership.activated.v1". */
struct sv stream_aggregate(struct sv type);

/* Whether it is in the list, which ends in NULL. */
bool stream_asks_for(const char *const *aggregates, struct sv type);

#endif
