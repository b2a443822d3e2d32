/* A claim: some messages of one district, each with its attempt, its links and its letter. */
#ifndef KITH_MAILER_CLAIM_H
#define KITH_MAILER_CLAIM_H

#include "base/uuid.h"
#include "config.h"
#include "letter/letter.h"
#include "mail/relay.h"

#define CLAIM_MOST 128 /* messages */

struct attempt {
    struct letter letter;
    struct uuid id;
    const char *sender; /* of the envelope */
    struct mail_result result;
    bool is_ended; /* and not told yet */
};

struct claim {
    struct arena *arena; /* all texts; reset with the next claim */
    const char *district_id;
    int64_t at_ms; /* of the monotonic clock, before the leases began */
    struct attempt attempts[CLAIM_MOST];
    size_t count;
    size_t begun; /* the first so many */
};

/* What of a district's mails of today a process may send before it looks again how many there
 * were, which costs as much as they are many. It is a small part of what was left, as others send,
 * too, and for a short time. */
struct allowance {
    struct uuid district_id;
    int64_t left;
    int64_t until_ms; /* of the monotonic clock */
};

struct claim_opts {
    const struct mailer_config *config;
    struct allowance *allowance;
    size_t most;         /* messages, at least 1 */
    const char *left;    /* what domains may get, as pace_left() says it */
    const char *only_to; /* NULL: to all */
};

/* Claims in a transaction, which is committed; messages that do not go now are done with, and
 * counted. out->count may be 0; *out_looked is how many were looked at. False: the database
 * refused, and the transaction has failed. */
KITH_MUST_CHECK bool claim_make(struct worker *worker, const struct claim_opts *opts,
                                struct claim *out, size_t *out_looked);

#endif
