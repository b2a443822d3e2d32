/* Idempotency-Key: a POST that is repeated has its effect once, and the same reply. The key is
 * taken in the unit of the effect, which stores the reply too. */
#ifndef KITH_API_IDEMPOTENCY_H
#define KITH_API_IDEMPOTENCY_H

#include "call.h"

#define IDEMPOTENCY_KEY_LONGEST 255

/* NULL and call->idempotency_key (empty when none was sent), or an answer. */
struct plan *idempotency_read(struct req *r);

/* Adds the statement that takes the key, right after call_begin. Nothing without a key. */
void idempotency_begin(struct req *r);

/* Answers with the stored reply: the unit was refused with KI208. */
KITH_MUST_CHECK struct plan *idempotency_replay(struct req *r);

#endif
