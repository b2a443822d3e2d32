/* Private to this folder. One request to a provider, by libcurl: within time and size, over TLS, to
 * where it was sent and nowhere else. */
#ifndef KITH_OIDC_FETCH_H
#define KITH_OIDC_FETCH_H

#include "base/str.h"

#define OIDC_REPLY_BYTES  KB(256)
#define OIDC_CODE_REFUSED "The provider refused the code" /* *why of a form's reply 4xx */

struct oidc_request {
    const char *url;
    const char *form;     /* posted; NULL: a GET */
    const char *user;     /* of Basic authentication, encoded as a form is; NULL: none */
    const char *password; /* the same */
    int64_t deadline_ms;  /* of the monotonic clock */
};

/* True with the body of a reply 200. Else *why is a sentence that holds nothing of the provider's.
 */
KITH_MUST_CHECK bool oidc_fetch(const struct oidc_request *request, struct str *out,
                                const char **why);

/* https, or where `takes_loopback` http to this very machine; no user, no fragment. */
bool oidc_may_fetch(struct sv url, bool takes_loopback);

#endif
