/* Sessions: people sign in by password, and a browser carries the session's token in a cookie. What
 * a page of another origin could make a browser send changes nothing: with the cookie a
 * state-changing request needs the token that GET /v1/me gives, and our own Origin. */
#ifndef KITH_API_SESSION_H
#define KITH_API_SESSION_H

#include "call.h"

/* What a sign-in takes, and what it and GET /v1/me give. */
extern const struct json_table session_sign_in_table;
extern const struct json_table session_made_table;
extern const struct json_table session_me_table;
extern const struct json_table session_link_order_table;
extern const struct json_table session_link_asked_table;
extern const struct json_table session_link_table;

/* The session's token in the request's cookie. */
KITH_MUST_CHECK bool session_cookie(struct req *r, struct sv *out);

/* NULL when a request that came with the cookie may go on, else the answer. */
struct plan *session_check_origin(struct req *r);

/* With an empty token it takes the cookie away. */
void session_set_cookie(struct req *r, struct sv token);

/* Adds the statement that tells who asks, and answers with what it found. */
void session_add_me(struct req *r);
struct plan *session_reply_me(struct req *r, size_t statement);

/* How signing in is answered: for programs, and for people. */
struct sign_in_way {
    struct plan *(*made)(struct req *r, struct sv session_id,
                         struct sv expires_at); /* the cookie is set */
    struct plan *(*wrong)(struct req *r);
    struct plan *(*wait)(struct req *r, int64_t wait_s); /* too many tries failed */
};

/* The district is a slug; NULL: the host says it. */
struct plan *session_sign_in(struct req *r, const char *district, struct sv email,
                             struct sv password, const struct sign_in_way *way);

/* Keys under which failed tries are counted, as JSON: of the account of that name and of the
 * client's network. */
const char *session_throttle_keys(struct req *r, struct sv name);

/* From where somebody signs in, to be kept with the session: the client's address, and what its
 * browser calls itself. */
const char *session_address(struct req *r);
const char *session_agent(struct req *r);

/* 201 with the session, for programs. */
struct plan *session_reply_made(struct req *r, struct sv session_id, struct sv expires_at);

/* Spends a link that signs in. */
struct plan *session_spend_link(struct req *r, const struct token *link,
                                const struct sign_in_way *way);

/* Too many failed: 429. */
struct plan *session_wait(struct req *r, int64_t wait_s);

STEP(session_create); /* POST /v1/sessions */
STEP(session_end);    /* DELETE /v1/sessions/current */
STEP(session_me);     /* GET /v1/me */

STEP(session_link_ask);   /* POST /v1/sign_in_links */
STEP(session_link_spend); /* POST /v1/sign_ins */

#endif
