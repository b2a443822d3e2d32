/* The mailer's work: one batch of messages a turn. */
#ifndef KITH_MAILER_POST_H
#define KITH_MAILER_POST_H

#include "svc/worker.h"

void post_begin(struct worker *worker);
int64_t post_turn(struct worker *worker);
void post_end(struct worker *worker);

#endif
