/* The buckets: a hash table with chains, and a list from the key used longest ago to the one used
 * last. Links are numbers of slots, as each process may see the memory at another address. */
#include "rate.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/log.h"
#include "base/secret.h"

#define BUCKETS    16384u /* a power of two */
#define NOBODY     0u     /* slot 0 is the list's head and the end of each chain */
#define NS_IN_US   INT64_C(1000)
#define NS_IN_MS   INT64_C(1000000)
#define NS_IN_S    INT64_C(1000000000)
#define LOCK_STEPS 100 /* tries before the kernel is asked */

struct slot {
    uint64_t key;
    int64_t full_at_ns;
    uint32_t chain; /* the next of the same bucket, or of the free slots */
    uint32_t older;
    uint32_t newer;
    bool is_kept;
};

struct rates {
    pthread_mutex_t lock;
    struct secret_key secret; /* nobody else can tell which keys share a bucket */
    uint32_t buckets[BUCKETS];
    uint32_t free;
    struct slot slots[RATE_KEYS + 1];
};

/* Nothing is remembered. */
static void empty(struct rates *rates)
{
    memset(rates->buckets, 0, sizeof rates->buckets);
    memset(rates->slots, 0, sizeof rates->slots);
    for (uint32_t i = 1; i < RATE_KEYS; i++)
        rates->slots[i].chain = i + 1;
    rates->free = 1;
}

struct rates *rates_new(void)
{
    struct rates *rates =
        mmap(NULL, sizeof *rates, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;

    if (rates == MAP_FAILED)
        die("no shared memory for rate limits");
    if (pthread_mutexattr_init(&attributes) != 0 ||
        pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) != 0 ||
        pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) != 0 ||
        pthread_mutex_init(&rates->lock, &attributes) != 0)
        die("no lock between processes");
    pthread_mutexattr_destroy(&attributes);
    secret_random(&rates->secret, sizeof rates->secret);
    empty(rates);
    return rates;
}

void rates_free(struct rates *rates)
{
    if (rates)
        munmap(rates, sizeof *rates);
}

static int lock_within_deadline(struct rates *rates)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += RATE_LOCK_MS * NS_IN_MS;
    if (until.tv_nsec >= NS_IN_S) {
        until.tv_nsec -= NS_IN_S;
        until.tv_sec++;
    }
    return pthread_mutex_clocklock(&rates->lock, CLOCK_MONOTONIC, &until);
}

static bool lock(struct rates *rates)
{
    int got = pthread_mutex_trylock(&rates->lock);

    for (int i = 0; got == EBUSY && i < LOCK_STEPS; i++)
        got = pthread_mutex_trylock(&rates->lock);
    if (got == EBUSY)
        got = lock_within_deadline(rates);
    if (got == EOWNERDEAD) {
        log_warn("a process died while it counted; the rate limits begin anew");
        empty(rates);
        got = pthread_mutex_consistent(&rates->lock);
    }
    if (got != 0)
        log_warn("the rate limits are held up; a request is not counted");
    return got == 0;
}

static void unlock(struct rates *rates)
{
    if (pthread_mutex_unlock(&rates->lock) != 0)
        die("the rate limits' lock is not ours");
}

/* Two keys of the same 64 bits would share a quota: one chance in 10^11 with a full table. */
static uint64_t key_of(const struct rates *rates, const struct rate_policy *policy, struct sv who)
{
    struct secret_key secret = rates->secret;

    secret.b[0] ^= (unsigned char)policy->number;
    return secret_hash64(&secret, who);
}

static void unlink_used(struct rates *rates, const struct slot *slot)
{
    rates->slots[slot->older].newer = slot->newer;
    rates->slots[slot->newer].older = slot->older;
}

static void link_as_newest(struct rates *rates, uint32_t place)
{
    struct slot *head = &rates->slots[NOBODY];
    struct slot *slot = &rates->slots[place];

    slot->older = head->older;
    slot->newer = NOBODY;
    rates->slots[slot->older].newer = place;
    head->older = place;
}

/* Where the key's slot is linked from, or would be. */
static uint32_t *link_to(struct rates *rates, uint64_t key)
{
    uint32_t *at = &rates->buckets[key & (BUCKETS - 1)];

    while (*at != NOBODY && rates->slots[*at].key != key)
        at = &rates->slots[*at].chain;
    return at;
}

static void forget(struct rates *rates, uint32_t *at)
{
    uint32_t place = *at;
    struct slot *slot = &rates->slots[place];

    *at = slot->chain;
    unlink_used(rates, slot);
    *slot = (struct slot){.chain = rates->free};
    rates->free = place;
}

static struct slot *add(struct rates *rates, uint64_t key)
{
    uint32_t oldest = rates->slots[NOBODY].newer;
    uint32_t *bucket = &rates->buckets[key & (BUCKETS - 1)];
    uint32_t place;

    if (rates->free == NOBODY)
        forget(rates, link_to(rates, rates->slots[oldest].key));
    place = rates->free;
    rates->free = rates->slots[place].chain;
    rates->slots[place] = (struct slot){.key = key, .chain = *bucket};
    *bucket = place;
    link_as_newest(rates, place);
    return &rates->slots[place];
}

/* The key's slot, used now. */
static struct slot *use(struct rates *rates, uint64_t key)
{
    uint32_t place = *link_to(rates, key);

    if (place == NOBODY)
        return add(rates, key);
    unlink_used(rates, &rates->slots[place]);
    link_as_newest(rates, place);
    return &rates->slots[place];
}

static int64_t ns_of_one(const struct rate_policy *policy)
{
    ENSURE(policy->quota >= 1 && policy->quota <= RATE_QUOTA_MOST && policy->window_s >= 1);
    return policy->window_s * NS_IN_S / policy->quota;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* What a bucket says that will be full at full_at_ns. */
static struct rate_answer answer_at(const struct rate_policy *policy, int64_t full_at_ns,
                                    int64_t now_ns)
{
    int64_t one = ns_of_one(policy);
    int64_t missing_ns = later(full_at_ns - now_ns, 0);

    return (struct rate_answer){
        .is_allowed = missing_ns + one <= one * policy->quota,
        .remaining = later(one * policy->quota - missing_ns, 0) / one,
        .reset_s = (missing_ns + NS_IN_S - 1) / NS_IN_S,
    };
}

/* The lock was not to be had: nobody is refused for that. */
static struct rate_answer answer_uncounted(const struct rate_policy *policy)
{
    return (struct rate_answer){.is_allowed = true, .is_kept = true, .remaining = policy->quota};
}

struct rate_answer rates_take(struct rates *rates, const struct rate_policy *policy, struct sv who,
                              int64_t now_us)
{
    uint64_t key = key_of(rates, policy, who);
    int64_t now_ns = now_us * NS_IN_US;
    struct rate_answer answer;
    struct slot *slot;

    if (!lock(rates))
        return answer_uncounted(policy);
    slot = use(rates, key);
    answer = answer_at(policy, slot->full_at_ns, now_ns);
    if (answer.is_allowed) {
        slot->full_at_ns = later(slot->full_at_ns, now_ns) + ns_of_one(policy);
        answer = answer_at(policy, slot->full_at_ns, now_ns);
        answer.is_allowed = true;
    }
    answer.is_kept = slot->is_kept;
    unlock(rates);
    return answer;
}

struct rate_answer rates_look(struct rates *rates, const struct rate_policy *policy, struct sv who,
                              int64_t now_us)
{
    uint64_t key = key_of(rates, policy, who);
    struct rate_answer answer;
    const struct slot *slot;

    if (!lock(rates))
        return answer_uncounted(policy);
    slot = &rates->slots[*link_to(rates, key)]; /* slot 0 is a full bucket, like an absent one */
    answer = answer_at(policy, slot->full_at_ns, now_us * NS_IN_US);
    answer.is_kept = slot->is_kept;
    unlock(rates);
    return answer;
}

void rates_add(struct rates *rates, const struct rate_policy *policy, struct sv who, int64_t n,
               int64_t now_us)
{
    uint64_t key = key_of(rates, policy, who);
    int64_t one = ns_of_one(policy);
    int64_t now_ns = now_us * NS_IN_US;
    int64_t empty_ns = now_ns + one * policy->quota;
    struct slot *slot;

    ENSURE(n >= 0);
    if (!lock(rates))
        return;
    slot = use(rates, key);
    slot->full_at_ns = later(slot->full_at_ns, now_ns);
    if (n >= (empty_ns - slot->full_at_ns) / one)
        slot->full_at_ns = later(slot->full_at_ns, empty_ns);
    else
        slot->full_at_ns += n * one;
    unlock(rates);
}

void rates_keep(struct rates *rates, const struct rate_policy *policy, struct sv who)
{
    uint64_t key = key_of(rates, policy, who);
    uint32_t place;

    if (!lock(rates))
        return;
    place = *link_to(rates, key);
    if (place != NOBODY)
        rates->slots[place].is_kept = true;
    unlock(rates);
}

void rates_drop(struct rates *rates, const struct rate_policy *policy, struct sv who)
{
    uint64_t key = key_of(rates, policy, who);
    uint32_t *at;

    if (!lock(rates))
        return;
    at = link_to(rates, key);
    if (*at != NOBODY && !rates->slots[*at].is_kept)
        forget(rates, at);
    unlock(rates);
}
