/* Doubling delays, spread. */
#include "base/backoff.h"

#include "base/secret.h"

int64_t backoff_ms(unsigned failures, int64_t first_ms, int64_t most_ms)
{
    int64_t delay_ms = first_ms;
    uint32_t random;

    for (unsigned i = 1; i < failures && delay_ms < most_ms; i++)
        delay_ms *= 2;
    if (delay_ms > most_ms)
        delay_ms = most_ms;
    secret_random(&random, sizeof random);
    return delay_ms / 2 + (int64_t)(random % (uint32_t)(delay_ms - delay_ms / 2 + 1));
}
