/* The mailer's metrics. */
#ifndef KITH_MAILER_COUNTS_H
#define KITH_MAILER_COUNTS_H

#include "mail/relay.h"
#include "svc/worker.h"

void counts_register(void);

/* What became of an attempt that took so long. */
void counts_attempt(const struct mail_result *result, int64_t duration_us);

/* What became of a message that was looked at and not sent: a verdict of message_claim(). */
void counts_verdict(struct sv verdict);

/* Looks, not too often, at what waits; by one process of the family. False: the database refused.
 */
KITH_MUST_CHECK bool counts_watch(struct worker *worker);

#endif
