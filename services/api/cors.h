/* Which other origins' pages may use the API from a browser (Fetch §3.2): an allow-list, none of it
 * by default. A listed origin may send the session's cookie, where the browser does, and its writes
 * need X-CSRF-Token as ours do; pages of any other origin are kept out by the browser. */
#ifndef KITH_API_CORS_H
#define KITH_API_CORS_H

#include "http/reply.h"

#define CORS_ORIGINS 16

struct cors {
    struct sv origins[CORS_ORIGINS]; /* views into what was parsed */
    size_t count;
};

/* "https://a.example.org,http://localhost:5173": as browsers write an origin, in small letters. */
KITH_MUST_CHECK bool cors_parse(struct sv text, struct cors *out);

bool cors_allows(const struct cors *cors, struct sv origin);

/* Adds the fields to whatever the reply will be. True for a preflight of a listed origin, which
 * browsers send before every write: it is answered without being counted. */
KITH_MUST_CHECK bool cors_admit(struct req *r, const struct cors *cors);

#endif
