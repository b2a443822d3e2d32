/* Cursors: where a list goes on. Opaque to clients: the sort keys of the last row and a hash of the
 * query they belong to, under a MAC. */
#ifndef KITH_API_CURSOR_H
#define KITH_API_CURSOR_H

#include "base/arena.h"
#include "base/secret.h"

#define CURSOR_KEYS 6

struct cursor {
    uint32_t query_hash;
    struct sv keys[CURSOR_KEYS];
    size_t key_count;
};

struct sv cursor_write(struct arena *arena, const struct secret_key *key,
                       const struct cursor *cursor);

/* False for anything that cursor_write under the same key did not make. */
KITH_MUST_CHECK bool cursor_read(struct arena *arena, const struct secret_key *key, struct sv text,
                                 struct cursor *out);

#endif
