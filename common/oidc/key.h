/* Private to this folder. Public keys as a JWKS has them (RFC 7517), and signatures of the two
 * algorithms that are taken (RFC 7518): RS256 and ES256. */
#ifndef KITH_OIDC_KEY_H
#define KITH_OIDC_KEY_H

#include <jansson.h>

#include "base/arena.h"

enum oidc_algorithm { OIDC_NO_ALGORITHM, OIDC_RS256, OIDC_ES256 };

/* Any other name, "none" and the HS ones among them, is OIDC_NO_ALGORITHM. */
enum oidc_algorithm oidc_algorithm_of(const char *name);

/* The key is of the algorithm's kind, and for signatures. */
bool oidc_key_is_for(const json_t *key, enum oidc_algorithm algorithm);

/* False too for a key that is none, or too short. */
bool oidc_key_verifies(struct arena *arena, const json_t *key, enum oidc_algorithm algorithm,
                       struct sv text, struct sv signature);

#endif
