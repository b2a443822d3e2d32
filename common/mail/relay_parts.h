/* What relays are made of. Private to common/mail. */
#ifndef KITH_MAIL_RELAY_PARTS_H
#define KITH_MAIL_RELAY_PARTS_H

#include "mail/relay.h"

/* ---- Where mails go ---------------------------------------------------------------------------
 */

enum relay_tls { RELAY_TLS_REQUIRED, RELAY_TLS_OPTIONAL, RELAY_TLS_OFF };

struct relay_place {
    const char *maildir; /* NULL: a mail server */
    const char *server;  /* "smtp://host:587", without user and query */
    const char *user;    /* NULL: nobody signs in */
    const char *password;
    enum relay_tls tls;
};

/* The texts are in the arena. NULL, or why it is none. */
const char *relay_place_parse(struct arena *arena, struct sv url, struct relay_place *out);

/* ---- Ways there -------------------------------------------------------------------------------
 */

struct smtp;
struct smtp *smtp_new(const struct mail_relay_opts *opts, const struct relay_place *place);
void smtp_free(struct smtp *smtp);
void smtp_send(struct smtp *smtp, const char *from, const char *to, struct sv bytes,
               struct mail_result *out);
void smtp_check(struct smtp *smtp, struct mail_result *out);

/* A file of this name in PATH/new, where it may be already. */
void maildir_send(const char *path, const char *name, struct sv bytes, struct mail_result *out);
void maildir_check(const char *path, struct mail_result *out);

/* The text as result->detail: clean UTF-8, cut. */
void relay_detail(struct mail_result *result, struct sv text);

#endif
