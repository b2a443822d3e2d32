/* How fast a process sends: a domain gets so many mails a minute, and a mail server that cannot be
 * used is left alone for a while, longer each time. Real time: none of it is a district's. */
#ifndef KITH_MAILER_PACE_H
#define KITH_MAILER_PACE_H

#include "base/arena.h"
#include "mail/relay.h"

#define PACE_DOMAINS 512 /* that are counted at once; of more, those that got least start anew */

struct pace;

/* a_minute is this process's part. */
struct pace *pace_new(int64_t a_minute, int64_t rest_most_ms);
void pace_free(struct pace *pace);

/* One mail goes to the domain. */
void pace_take(struct pace *pace, struct sv domain);

/* The domains that have had enough for now, as a JSON array, and in how many milliseconds one of
 * them may get another mail (0: there is none). */
const char *pace_resting(struct pace *pace, struct arena *arena, int64_t *out_wait_ms);

/* What became of a mail. True when the server's state has changed: it cannot be used, or can be
 * again. */
bool pace_note(struct pace *pace, const struct mail_result *result);

/* For how long nothing is sent, or 0. */
int64_t pace_rest_ms(const struct pace *pace);

/* Seconds until the next attempt, after `number` of them. */
int64_t pace_retry_s(int64_t number, int64_t first_s, int64_t most_s);

#endif
