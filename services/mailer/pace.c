/* How fast a process sends. */
#include "pace.h"

#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "json/emit.h"

#define REST_FIRST_MS 1000
#define DOMAIN_BYTES  254
#define MILLI         1000 /* tokens are counted in thousandths */
#define MINUTE_MS     60000
#define LEFT_BYTES    ((size_t)PACE_DOMAINS * (DOMAIN_BYTES + 16))

/* A bucket of a minute's mails, which fills as time goes by. */
struct bucket {
    char domain[DOMAIN_BYTES];
    size_t domain_length;
    int64_t tokens_milli;
    int64_t at_ms;
    int64_t rest_until_ms; /* it wants none of ours before */
    unsigned failures;     /* of that kind, in a row */
};

struct pace {
    struct pace_opts opts;
    int64_t rest_until_ms;
    unsigned failures; /* of the server, in a row */
    size_t bucket_count;
    struct bucket buckets[PACE_DOMAINS];
};

struct pace *pace_new(const struct pace_opts *opts)
{
    struct pace *pace = x_calloc(1, sizeof *pace);

    pace->opts = *opts;
    return pace;
}

void pace_free(struct pace *pace)
{
    x_free(pace);
}

/* ---- Domains ----------------------------------------------------------------------------------
 */

static void fill(const struct pace *pace, struct bucket *bucket, int64_t now_ms)
{
    int64_t most_milli = pace->opts.a_minute * MILLI;

    bucket->tokens_milli += (now_ms - bucket->at_ms) * pace->opts.a_minute * MILLI / MINUTE_MS;
    if (bucket->tokens_milli > most_milli)
        bucket->tokens_milli = most_milli;
    bucket->at_ms = now_ms;
}

/* The domain's, or an empty place, or that of the domain that got least and does not rest. */
static struct bucket *bucket_of(struct pace *pace, struct sv domain)
{
    struct bucket *fullest = &pace->buckets[0];

    for (size_t i = 0; i < pace->bucket_count; i++) {
        struct bucket *bucket = &pace->buckets[i];

        if (sv_eq((struct sv){bucket->domain, bucket->domain_length}, domain))
            return bucket;
        if (bucket->tokens_milli > fullest->tokens_milli && !bucket->failures)
            fullest = bucket;
    }
    if (pace->bucket_count < PACE_DOMAINS)
        fullest = &pace->buckets[pace->bucket_count++];
    *fullest = (struct bucket){.domain_length = domain.n,
                               .tokens_milli = pace->opts.a_minute * MILLI,
                               .at_ms = clock_mono_ms()};
    memcpy(fullest->domain, domain.p, domain.n);
    return fullest;
}

void pace_take(struct pace *pace, struct sv domain)
{
    struct bucket *bucket = bucket_of(pace, sv_head(domain, DOMAIN_BYTES));

    fill(pace, bucket, clock_mono_ms());
    bucket->tokens_milli -= MILLI;
}

const char *pace_left(struct pace *pace, struct arena *arena, size_t most, int64_t *out_wait_ms)
{
    struct str *json = str_new_in(arena, LEFT_BYTES);
    int64_t now_ms = clock_mono_ms();
    int64_t wait_ms;
    struct emit e;

    *out_wait_ms = 0;
    emit_init(&e, json);
    emit_object_begin(&e);
    for (size_t i = 0; i < pace->bucket_count; i++) {
        struct bucket *bucket = &pace->buckets[i];
        int64_t left;

        fill(pace, bucket, now_ms);
        left = bucket->rest_until_ms > now_ms || bucket->tokens_milli < 0
                   ? 0
                   : bucket->tokens_milli / MILLI;
        if (left >= (int64_t)most)
            continue;
        emit_key(&e, (struct sv){bucket->domain, bucket->domain_length});
        emit_i64(&e, left);
        if (left > 0)
            continue;
        wait_ms = bucket->rest_until_ms > now_ms ? bucket->rest_until_ms - now_ms
                                                 : MINUTE_MS / pace->opts.a_minute + 1;
        if (*out_wait_ms == 0 || wait_ms < *out_wait_ms)
            *out_wait_ms = wait_ms;
    }
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    return str_cstr(json);
}

/* ---- The mail server ---------------------------------------------------------------------------
 */

/* A server that says 4.7.x slows us down, or does not trust us yet: to go on would make it worse.
 */
static void note_domain(struct pace *pace, struct bucket *bucket, const struct mail_result *result)
{
    if (result->cause == MAIL_CAUSE_RELAY)
        return;
    if (result->outcome != MAIL_DEFERRED || result->cause != MAIL_CAUSE_POLICY) {
        bucket->failures = 0;
        bucket->rest_until_ms = 0;
        return;
    }
    bucket->failures++;
    bucket->rest_until_ms =
        clock_mono_ms() +
        backoff_ms(bucket->failures, pace->opts.domain_first_ms, pace->opts.domain_most_ms);
}

bool pace_note(struct pace *pace, struct sv domain, const struct mail_result *result)
{
    bool was_down = pace->failures > 0;

    note_domain(pace, bucket_of(pace, sv_head(domain, DOMAIN_BYTES)), result);
    if (result->cause != MAIL_CAUSE_RELAY) {
        pace->failures = 0;
        pace->rest_until_ms = 0;
        return was_down;
    }
    pace->failures++;
    pace->rest_until_ms =
        clock_mono_ms() + backoff_ms(pace->failures, REST_FIRST_MS, pace->opts.rest_most_ms);
    return !was_down;
}

int64_t pace_rest_ms(const struct pace *pace)
{
    int64_t left_ms = pace->rest_until_ms - clock_mono_ms();

    return left_ms > 0 ? left_ms : 0;
}

int64_t pace_retry_s(int64_t number, int64_t first_s, int64_t most_s)
{
    return (backoff_ms((unsigned)number, first_s * 1000, most_s * 1000) + 999) / 1000;
}
