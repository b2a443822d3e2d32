/* What a mail server answers (RFC 5321 §4.2), with the enhanced status of RFC 3463. Foreign bytes.
 */
#ifndef KITH_MAIL_REPLY_H
#define KITH_MAIL_REPLY_H

#include "base/sv.h"

#define MAIL_STATUS_BYTES 12 /* "5.123.123" and its NUL */

struct mail_reply {
    int code;                       /* 200 to 599 */
    bool is_last;                   /* of the lines of one answer */
    char status[MAIL_STATUS_BYTES]; /* "5.1.1"; "" when it says none, or one of another class */
    struct sv text;                 /* what follows, in the line's bytes */
};

/* One line, with or without its end. False when it is no line of an answer. */
KITH_MUST_CHECK bool mail_reply_parse(struct sv line, struct mail_reply *out);

/* Of an answer that refuses for good: whose fault it is. */
enum mail_cause {
    MAIL_CAUSE_NONE,
    MAIL_CAUSE_ADDRESS, /* there is no such mailbox: nothing should go there again */
    MAIL_CAUSE_POLICY,  /* the server wants none of ours, for good or for now */
    MAIL_CAUSE_RELAY,   /* not this mail: the connection, TLS, our login, our sender */
    MAIL_CAUSE_OTHER,
};
enum mail_cause mail_reply_cause(const char *status);

/* Of an answer that puts off: the server takes no more of ours for now, whatever the mail. */
bool mail_reply_is_policy_for_now(const char *status);

#endif
