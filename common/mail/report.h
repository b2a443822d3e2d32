/* What other mail systems report of a mail that they had taken: that it was not delivered (RFC
 * 3464) or that somebody complained of it (RFC 5965). Foreign bytes.
 *
 * Which mail it was follows from the address to which reports go: each attempt sends from one of
 * its own, "bounce+" and the 32 hexadecimal digits of its id, which nobody else knows. */
#ifndef KITH_MAIL_REPORT_H
#define KITH_MAIL_REPORT_H

#include "base/arena.h"
#include "base/uuid.h"
#include "mail/reply.h"

#define MAIL_REPORT_BYTES MB(1) /* what comes after it is the mail that came back */

enum mail_report_kind {
    MAIL_REPORT_HARD,   /* there is no such mailbox */
    MAIL_REPORT_SOFT,   /* it did not go this time */
    MAIL_REPORT_POLICY, /* the mail system wants none of ours */
    MAIL_REPORT_COMPLAINT,
};

struct mail_report {
    enum mail_report_kind kind;
    char status[MAIL_STATUS_BYTES]; /* "" where it says none */
    struct uuid attempt;
};

/* The address from which an attempt sends: the one of the configuration with the attempt's id. */
struct sv mail_report_address(struct arena *arena, struct sv bounce, const struct uuid *attempt);

/* A whole mail, and to whom it came where that is known. False: it reports of none of our mails, or
 * of none that failed. */
KITH_MUST_CHECK bool mail_report_parse(struct sv mail, struct sv recipient,
                                       struct mail_report *out);

#endif
