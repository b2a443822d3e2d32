/* Who somebody is, by the word of a provider (OpenID Connect): where to send a browser, and what a
 * code that it brings back is worth. What a provider says of itself, and its keys, are kept for an
 * hour, and longer while it is down; a key that is not known has them asked for again, once a
 * minute at most.
 *
 * All calls but oidc_new and oidc_free block, for as long as oidc_new was told, and may be made by
 * several threads at once: never on a loop. */
#ifndef KITH_OIDC_OIDC_H
#define KITH_OIDC_OIDC_H

#include "base/arena.h"

struct oidc;

/* takes_loopback: providers on this machine may speak plain http; for tests and development. */
struct oidc *oidc_new(int64_t most_ms, bool takes_loopback);
void oidc_free(struct oidc *oidc);

enum oidc_end {
    OIDC_DONE,
    OIDC_DOWN,    /* the provider does not answer, or answers what is none */
    OIDC_REFUSED, /* what the browser brought is worth nothing */
};

/* Where the browser goes. *why is a sentence for the log, without a secret or a token. */
enum oidc_end oidc_authorization_endpoint(struct oidc *oidc, struct arena *arena,
                                          const char *issuer, struct sv *out, const char **why);

struct oidc_ask {
    const char *issuer;
    const char *client_id;
    const char *client_secret; /* NULL: a public client */
    const char *redirect_uri;
    const char *code;
    const char *verifier; /* of PKCE */
    const char *nonce;
    int64_t now_s; /* business time */
};

struct oidc_person {
    const char *subject;
    const char *email; /* NULL: it is not told */
    bool is_email_verified;
};

/* Spends the code, and verifies the token that comes for it. */
enum oidc_end oidc_exchange(struct oidc *oidc, struct arena *arena, const struct oidc_ask *ask,
                            struct oidc_person *out, const char **why);

#endif
