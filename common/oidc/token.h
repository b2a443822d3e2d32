/* Private to this folder. ID tokens (OpenID Connect Core 1.0 §3.1.3.7). */
#ifndef KITH_OIDC_TOKEN_H
#define KITH_OIDC_TOKEN_H

#include "oidc/key.h"
#include "oidc/oidc.h"

enum oidc_token {
    OIDC_TOKEN_GOOD,
    OIDC_TOKEN_UNKNOWN_KEY, /* the provider may have a newer one */
    OIDC_TOKEN_BAD,
};

/* `jwks` is the provider's set. What is wrong is told in *why, without a word of the token. */
enum oidc_token oidc_token_verify(struct arena *arena, struct sv token, const json_t *jwks,
                                  const struct oidc_ask *ask, struct oidc_person *out,
                                  const char **why);

/* The text as an object, no member twice; NULL: it is none. */
json_t *oidc_object(struct sv text);

#endif
