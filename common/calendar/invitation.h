/* iCalendar invitations (RFC 5545, as messages by RFC 5546) to what is due on a day, or begins at
 * an instant.
 *
 * What is due takes the whole day, as the due date is a date: it has no hour and no zone, stands on
 * the same day in everybody's calendar, and leaves the day free. What begins at an instant is
 * written on the clocks of the place where it is, with the rules of their zone, so that it stays at
 * its hour whatever a calendar knows of that; it shows on each calendar's own clock, and is busy.
 * All that is ever sent of one
 * thing has one uid; of two with the same uid calendars follow the higher sequence, then the later
 * stamp. Who is invited may answer, and the answer goes to the organizer, so that is a person. */
#ifndef KITH_CALENDAR_INVITATION_H
#define KITH_CALENDAR_INVITATION_H

#include "base/arena.h"

#define INVITATION_NAME_BYTES        255 /* what is longer is cut, between characters */
#define INVITATION_DESCRIPTION_BYTES KB(8)
#define INVITATION_URL_BYTES         2000
#define INVITATION_LAST_YEAR         2999

enum invitation_method { INVITATION_REQUEST, INVITATION_CANCEL };

struct invitation_person {
    struct sv name; /* may be empty */
    struct sv address;
};

struct calendar_invitation_opts {
    enum invitation_method method;
    struct sv uid;
    int64_t sequence;
    int64_t stamped_at_ms; /* the same at each attempt to send it */
    int64_t due_on;        /* days since 1970-01-01 */
    int64_t starts_at_ms;  /* of what has hours; 0: it takes the whole day */
    int64_t ends_at_ms;
    struct sv zone;     /* of what has hours: IANA name; unknown or empty: in UTC */
    struct sv location; /* may be empty */
    struct invitation_person organizer;
    struct invitation_person attendee;
    struct sv summary;
    struct sv description; /* may have several lines; the url is added to it */
    struct sv url;         /* where it is done; may be empty */
};

/* A whole text/calendar body: CRLF, lines of at most 75 octets. Texts are UTF-8. SV_NONE when it
 * cannot be made: without a uid, an address on each side, or a date from 1970 to the last year. */
struct sv calendar_invitation(struct arena *arena, const struct calendar_invitation_opts *opts);

/* The "method" of its Content-Type: "REQUEST" or "CANCEL". */
const char *calendar_invitation_method(enum invitation_method method);

#endif
