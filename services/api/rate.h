/* How much of a quota is left: a token bucket for each key, counted by all children together.
 *
 * A bucket holds `quota` requests and fills evenly, `quota` in `window_s`: a key that was quiet may
 * send its quota at once, and then one request each window_s / quota. A bucket is one number, the
 * instant at which it will be full again (GCRA, ITU-T I.371): a full one says no more than an
 * absent one, so a key that is forgotten is a key that was quiet.
 *
 * The buckets lie in memory that the children share, so that a client sees one quota whichever of
 * them its connections reach, and a child that is replaced takes no counts along. RATE_KEYS are
 * remembered; the one used longest ago goes when there is no room. A table under a lock was
 * preferred to one of atomic slots: an exact LRU order and a key with its bucket change as one, at
 * some 20 ns more. The lock is held for a look-up, never over a call out; one that is not had in
 * RATE_LOCK_MS (its holder stands still) is not waited for: the request goes on uncounted. A holder
 * that dies leaves an empty table, as after a start.
 *
 * Other hosts have buckets of their own; what they have let through under a key is told by
 * rates_add. Without that the promise is `quota` times the hosts. */
#ifndef KITH_API_RATE_H
#define KITH_API_RATE_H

#include "base/sv.h"

#define RATE_KEYS       10000
#define RATE_LOCK_MS    5
#define RATE_QUOTA_MOST 1000000

struct rate_policy {
    const char *name;
    unsigned number; /* of its own: the same `who` has a bucket in each policy */
    int64_t quota;
    int64_t window_s;
};

struct rate_answer {
    bool is_allowed;
    bool is_kept;      /* rates_keep was called for the key */
    int64_t remaining; /* whole requests that the bucket still holds */
    int64_t reset_s;   /* until it is full, rounded up */
};

struct rates;

/* In the parent, before any fork. Freeing is for each process on its own. */
struct rates *rates_new(void);
void rates_free(struct rates *rates);

/* Takes a request out of the bucket of `who`, unless none is left. Instants are clock_mono_us. */
struct rate_answer rates_take(struct rates *rates, const struct rate_policy *policy, struct sv who,
                              int64_t now_us);

/* Tells whether rates_take would, without doing it; the key is neither added nor used. */
struct rate_answer rates_look(struct rates *rates, const struct rate_policy *policy, struct sv who,
                              int64_t now_us);

/* Takes n >= 0 out that were let through elsewhere; no bucket is emptier than empty. */
void rates_add(struct rates *rates, const struct rate_policy *policy, struct sv who, int64_t n,
               int64_t now_us);

/* Marks a key as one that deserves its place; forgets one that is not marked. */
void rates_keep(struct rates *rates, const struct rate_policy *policy, struct sv who);
void rates_drop(struct rates *rates, const struct rate_policy *policy, struct sv who);

#endif
