/* What the client is told of a unit that was not committed. */
#ifndef KITH_API_FAILURE_H
#define KITH_API_FAILURE_H

#include "db/db.h"
#include "http/reply.h"

#define FAILURE_OUTSIDE "This is outside of what your grants cover."
#define FAILURE_PART    "The audit log is of the whole district: it needs a grant over all of it."
#define FAILURE_KEY     "The API key is not for this: see what it is limited to."

KITH_MUST_CHECK struct plan *failure_reply(struct req *r, const struct db_unit *unit);

/* True when the unit was refused because its idempotency key has a stored reply already (KI208). */
bool failure_is_replay(const struct db_unit *unit);

#endif
