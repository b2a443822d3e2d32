/* Tokens of sessions, API keys and links: "kith_" and 64 characters of base64url, of which 16 bytes
 * are the district's id and 32 the secret. The district comes along so that the look-up happens
 * inside of it; what the database keeps is the secret's SHA-256. */
#ifndef KITH_BASE_TOKEN_H
#define KITH_BASE_TOKEN_H

#include "base/arena.h"
#include "base/uuid.h"

#define TOKEN_SECRET_BYTES 32

struct token {
    struct uuid district;
    struct sv hash; /* hexadecimal */
};

KITH_MUST_CHECK bool token_parse(struct arena *arena, struct sv text, struct token *out);

/* A new one: its text is shown once. */
struct sv token_new(struct arena *arena, const struct uuid *district, struct token *out);

#endif
