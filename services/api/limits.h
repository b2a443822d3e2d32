/* Rate limits: the policies, whom each counts, and what the client is told (draft-ietf-httpapi-
 * ratelimit-headers-11): RateLimit-Policy and RateLimit in every reply to a well-formed head, 429
 * with Retry-After past the quota. `t` and Retry-After are the seconds until the whole quota is
 * there again; a part of it is there sooner.
 *
 * A request with a token is counted for the token (reads and writes apart), any other for the
 * client's address. A token that the database has not verified yet is counted on trust: the request
 * needs an address whose anonymous quota is not used up, and when its end comes without the token
 * being verified, it is the address that is charged, and the token is forgotten. So inventing
 * tokens gets nobody more than having none, and pushes nobody else out of the table. */
#ifndef KITH_API_LIMITS_H
#define KITH_API_LIMITS_H

#include "config.h"
#include "http/reply.h"
#include "rate.h"

enum limit { LIMIT_READS, LIMIT_WRITES, LIMIT_SIGN_INS, LIMIT_ANONYMOUS, LIMIT_COUNT };

struct limits {
    struct rates *rates;
    struct {
        struct rate_policy policy;
        char field[64]; /* the value of RateLimit-Policy */
    } rows[LIMIT_COUNT];
};

/* How a request was let in. */
struct admission {
    const struct rate_policy *policy;
    struct sv who;
    struct peer_address network;
    bool is_on_trust;
};

/* In the parent, before any fork. */
void limits_start(struct limits *limits, const struct api_config *config);
void limits_stop(struct limits *limits);

/* Counts the request, adds the fields to its reply, and gives NULL or the refusal. `token_hash` is
 * empty when no well-formed token was sent. */
struct plan *limits_admit(struct req *r, struct limits *limits, struct sv token_hash,
                          struct admission *out);

/* A request asks for as much as n more; what is left never falls below nothing. */
void limits_charge(struct limits *limits, const struct admission *admission, int64_t n,
                   int64_t now_us);

/* The database has verified the token. */
void limits_verified(struct limits *limits, struct admission *admission);

/* The request is at its end. What failed on our side (5xx) is charged to nobody. */
void limits_ended(struct limits *limits, const struct admission *admission, int status,
                  int64_t now_us);

#endif
