/* The stream as one consumer of a group reads it, for programs that may wait: one connection to
 * Redis, tried again with growing delays.
 *
 * A group gives each entry to one of its consumers, which keeps it as its own until it is acked;
 * what a consumer kept when it died is its own again when it comes back under the same name, or is
 * adopted by another. The group begins with the stream's first entry, and is made again when Redis
 * has lost it. Every failure ends the connection: the caller sees false, goes on without, and asks
 * bus_group_connect() again. A change of state is one line of the log.
 *
 * There may be other consumers, so that an entry may come twice, and Redis may lose entries: what
 * was written stands in the database (svc/consumer.h). */
#ifndef KITH_BUS_GROUP_H
#define KITH_BUS_GROUP_H

#include "base/sv.h"

#define BUS_READ_MOST 128  /* entries at once */
#define BUS_WAIT_MOST 1000 /* ms for new ones; half of the time a socket waits, at most */

struct bus_entry {
    struct sv entry; /* its id in the stream, by which it is acked */
    struct sv id;    /* of the event; the rest is empty when the entry was trimmed */
    struct sv type;
    bool is_trimmed; /* it is gone, and only to be acked */
};

struct bus_entries {
    const struct bus_entry *p;
    size_t n;
};

struct bus_group;

/* `consumer` must be the same after a restart, and no other's. The URL must be a good one. Nothing
 * is connected yet. */
struct bus_group *bus_group_new(const char *url, const char *group, const char *consumer);
void bus_group_free(struct bus_group *group);

/* True when it is connected; tries to, once its time has come. *out_is_new tells that what was read
 * over the last connection, or before Redis lost all, may have to be looked for. */
KITH_MUST_CHECK bool bus_group_connect(struct bus_group *group, bool *out_is_new);
bool bus_group_is_up(const struct bus_group *group);

/* New entries, for which it waits up to wait_ms; or those that this consumer has and did not ack,
 * the oldest first. They live until the next call. */
KITH_MUST_CHECK bool bus_group_read(struct bus_group *group, int64_t wait_ms,
                                    struct bus_entries *out);
KITH_MUST_CHECK bool bus_group_read_own(struct bus_group *group, struct bus_entries *out);

/* New entries too, which are nobody's from then on: there is nothing to ack. For who only wants to
 * know that something has happened. With a wait_ms of 0 it does not wait. */
KITH_MUST_CHECK bool bus_group_listen(struct bus_group *group, int64_t wait_ms,
                                      struct bus_entries *out);

KITH_MUST_CHECK bool bus_group_ack(struct bus_group *group, const struct bus_entries *entries);

/* Makes this consumer's own what others did not ack within min_idle_ms, which must be longer than
 * any work on them: how many that were, and how many were gone, as the stream had been trimmed. */
KITH_MUST_CHECK bool bus_group_adopt(struct bus_group *group, int64_t min_idle_ms,
                                     size_t *out_adopted, size_t *out_trimmed);

struct bus_group_state {
    int64_t lag;     /* entries that the group has not given to anybody; -1: Redis does not know */
    int64_t pending; /* given and not acked */
};
KITH_MUST_CHECK bool bus_group_measure(struct bus_group *group, struct bus_group_state *out);

/* Removes what every group has behind it, but for those that nobody has read for a week. */
KITH_MUST_CHECK bool bus_group_trim(struct bus_group *group);

#endif
