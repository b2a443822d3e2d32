/* How mails leave: to a mail server, or into a folder.
 *
 *     smtp://[USER:PASSWORD@]HOST[:PORT][?tls=required|optional|off]
 *     smtps://[USER:PASSWORD@]HOST[:PORT]
 *     maildir:PATH
 *
 * Over smtp:// TLS begins by STARTTLS. It is required unless the host is this machine, where it is
 * used when it is offered. With tls=optional nobody asks whose certificate it is. */
#ifndef KITH_MAIL_RELAY_H
#define KITH_MAIL_RELAY_H

#include "base/arena.h"
#include "mail/reply.h"

#define MAIL_DETAIL_BYTES 500

enum mail_outcome {
    MAIL_ACCEPTED,
    MAIL_DEFERRED, /* it did not go, and may later */
    MAIL_REFUSED,  /* it never will: see cause */
    MAIL_UNKNOWN,  /* the connection was lost between the last byte and the answer */
};

struct mail_result {
    enum mail_outcome outcome;
    enum mail_cause cause; /* MAIL_CAUSE_RELAY: the next mail would fare no better */
    int code;              /* of the answer; 0: there was none */
    char status[MAIL_STATUS_BYTES];
    char detail[MAIL_DETAIL_BYTES]; /* for people, clean UTF-8; may name the address: not for a log
                                     */
};

struct mail_relay_opts {
    const char *url;
    const char *from;    /* of the envelope; its domain is what we are called in EHLO */
    const char *ca_file; /* whom TLS trusts; NULL: whom the system trusts */
    int64_t connect_ms;
    int64_t total_ms; /* of one mail; a connection that was lost while idle is made again, once */

    /* Called about once a second while a mail server is talked to. May be NULL. */
    void (*while_talking)(void *arg);
    void *arg;
};

/* NULL when mails can go there, or why not, in words without the secret. */
const char *mail_relay_trouble(const char *url);
bool mail_sender_is_good(const char *address);

/* For one process; connecting begins with the first mail. The texts live as long. */
struct mail_relay;
struct mail_relay *mail_relay_new(const struct mail_relay_opts *opts);
void mail_relay_free(struct mail_relay *relay); /* NULL is fine */

/* Sends what mail_compose() made, and waits for what becomes of it. Again with the same id: a mail
 * server may get it twice; a folder has it once. `from` of the envelope is whom a mail system tells
 * what it could not deliver; NULL: opts.from. */
void mail_relay_send(struct mail_relay *relay, const char *id, const char *from, const char *to,
                     struct sv bytes, struct mail_result *out);

/* Connects, greets and signs in, or looks whether the folder can be written to, and sends nothing:
 * accepted, or what is in the way. */
void mail_relay_check(struct mail_relay *relay, struct mail_result *out);

/* True: mails go into a folder, and to nobody. */
bool mail_relay_is_folder(const struct mail_relay *relay);

/* What stands behind the "@" of a good sender. */
struct sv mail_sender_domain(const char *address);

#endif
