/* How fast a process sends: a domain gets so many mails a minute, and none for a while when it
 * wants none of ours for now (4.7.x); a mail server that cannot be used is left alone. Longer each
 * time. Real time: none of it is a district's. */
#ifndef KITH_MAILER_PACE_H
#define KITH_MAILER_PACE_H

#include "base/arena.h"
#include "mail/relay.h"

#define PACE_DOMAINS 512 /* that are counted at once; of more, those that got least start anew */

struct pace;

struct pace_opts {
    int64_t a_minute;        /* mails to a domain: this process's part */
    int64_t rest_most_ms;    /* of the mail server */
    int64_t domain_first_ms; /* of a domain: its first rest, which is doubled by each after it */
    int64_t domain_most_ms;
};
struct pace *pace_new(const struct pace_opts *opts);
void pace_free(struct pace *pace);

/* One mail goes to the domain. */
void pace_take(struct pace *pace, struct sv domain);

/* The domains that may get fewer than `most` mails for now, and how many, as a JSON object; and in
 * how many milliseconds one that has had enough may get another mail (0: there is none). */
const char *pace_left(struct pace *pace, struct arena *arena, size_t most, int64_t *out_wait_ms);

/* What became of a mail to the domain. True when the server's state has changed: it cannot be used,
 * or can be again. */
bool pace_note(struct pace *pace, struct sv domain, const struct mail_result *result);

/* For how long nothing is sent, or 0. */
int64_t pace_rest_ms(const struct pace *pace);

/* Seconds until the next attempt, after `number` of them. */
int64_t pace_retry_s(int64_t number, int64_t first_s, int64_t most_s);

#endif
