/* What people do with their own accounts, and administrators with those of others, beside the
 * resources users, grants and api_keys. A secret is in one reply, once: no log, no stored reply and
 * no row has it. */
#ifndef KITH_API_ACCOUNT_H
#define KITH_API_ACCOUNT_H

#include "call.h"
#include "password.h"
#include "json/bind.h"

/* What the bodies and replies have. */
extern const struct json_table account_key_table;
extern const struct json_table account_me_table;
extern const struct json_table account_own_password_table;
extern const struct json_table account_link_password_table;
extern const struct json_table account_reset_order_table;
extern const struct json_table account_reset_table;
extern const struct json_table account_sessions_table;

STEP(account_key_create);        /* POST /v1/api_keys */
STEP(account_me_patch);          /* PATCH /v1/me */
STEP(account_sessions);          /* GET /v1/me/sessions */
STEP(account_session_end);       /* DELETE /v1/me/sessions/{id} */
STEP(account_sessions_end);      /* DELETE /v1/me/sessions */
STEP(account_own_password_set);  /* POST /v1/me/password */
STEP(account_link_password_set); /* POST /v1/passwords */
STEP(account_password_reset);    /* POST /v1/users/{id}/password_reset */

/* How setting a password by a link is answered: for programs, and for people. */
struct password_way {
    /* With the token of the session that an invitation began, or the empty view. */
    struct plan *(*set)(struct req *r, struct sv session);
    struct plan *(*spent)(struct req *r); /* the link opens nothing any more */
    struct plan *(*unfit)(struct req *r, enum password_fault fault);
    struct plan *(*wait)(struct req *r, int64_t wait_s); /* too many tries failed */
    bool signs_in;                                       /* whoever was invited */
};

struct plan *account_set_password(struct req *r, const struct token *link, struct sv password,
                                  const struct password_way *way);

/* The JSON body by its table, or the answer. */
struct plan *account_read_body(struct req *r, const struct json_table *table,
                               struct json_bound *out);

#endif
