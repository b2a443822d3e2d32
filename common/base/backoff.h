/* How long to wait before something that failed is tried again: doubled with each failure in a row
 * up to the most, and then between the half and the whole of that, so that many processes that lost
 * the same thing do not come back in step. */
#ifndef KITH_BASE_BACKOFF_H
#define KITH_BASE_BACKOFF_H

#include "base/base.h"

/* After the first failure, failures is 1: between the half of first_ms and first_ms. */
int64_t backoff_ms(unsigned failures, int64_t first_ms, int64_t most_ms);

#endif
