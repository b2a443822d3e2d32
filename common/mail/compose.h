/* One mail to one person as bytes: RFC 5322 and MIME, in lines that end in CRLF.
 *
 * A multipart/alternative of text/plain, text/html and, where there is one, text/calendar, each in
 * quoted-printable; around it a multipart/mixed, where there are files: events of other calendars.
 * All of it but the date follows from what is given here, so that a second
 * attempt carries the same Message-ID. Nothing that comes from outside can add a header: what would
 * end a line is refused. */
#ifndef KITH_MAIL_COMPOSE_H
#define KITH_MAIL_COMPOSE_H

#include "base/str.h"

#define MAIL_BYTES         KB(512) /* of a whole mail */
#define MAIL_SUBJECT_BYTES 900
#define MAIL_NAME_BYTES    800

struct mail_person {
    struct sv name; /* may be empty */
    struct sv address;
};

#define MAIL_FILES 20

struct mail_calendar {
    struct sv text;     /* a text/calendar body; empty: none */
    const char *method; /* of that: "REQUEST" */
};

struct mail {
    struct sv id;        /* the message's, a UUID: of Message-ID and of the boundary */
    struct sv series_id; /* of the mail that this one follows: References; empty: of none */
    int64_t written_at_ms;
    struct mail_person from; /* the address's domain is that of Message-ID and List-Id */
    struct sv own_from;      /* the address that From shows instead; empty: none */
    struct mail_person to;
    struct mail_person reply_to; /* an empty address: nobody else than `from` */
    struct sv subject;
    struct sv language;        /* BCP 47 */
    struct sv list;            /* what stands before the domain in List-Id */
    struct sv unsubscribe_url; /* one click on it ends this (RFC 8058); empty: nothing ends it */
    struct sv text;
    struct sv html;
    struct mail_calendar calendar;
    const struct mail_calendar *files; /* event-1.ics … */
    size_t file_count;
};

/* Adds the mail to `out`, which has MAIL_BYTES at least. False with a reason in *why: an address,
 * name or header is not to be sent to anybody, or all of it is too long; `out` is then as it was.
 */
KITH_MUST_CHECK bool mail_compose(const struct mail *mail, struct str *out, const char **why);

#endif
