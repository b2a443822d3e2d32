/* Three clocks, never confused.
 *
 * clock_now_ms   business time, milliseconds since 1970 in UTC. Injected: with KITH_CLOCK a test
 * sets it, so that a school year runs in seconds. Due dates and decisions come from here.
 * clock_real_ms  what the wall says: ids, log lines, leases.
 * clock_mono_ms  never jumps: deadlines and durations.
 *
 * KITH_CLOCK is an instant ("2026-09-01T13:00:00Z": time stands still there) or "@PATH" (the file
 * holds the instant and is read at each call, so that whoever writes it moves all processes). */
#ifndef KITH_BASE_CLOCK_H
#define KITH_BASE_CLOCK_H

#include "base/sv.h"

/* False when the text is neither an instant nor a readable "@PATH"; the clock is then the real one.
 * A file that cannot be read later (it is being written) leaves the clock where it was. */
KITH_MUST_CHECK bool clock_inject(const char *spec);
bool clock_is_injected(void);

int64_t clock_now_ms(void);
int64_t clock_real_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* True when *at_ms, of the monotonic clock, has come: then it is every_ms from now. */
bool clock_is_due(int64_t *at_ms, int64_t every_ms);

#endif
