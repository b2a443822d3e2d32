/* Cursors: a MAC, eight digits of the query's hash, then each key after a NUL, which no text of
 * PostgreSQL holds. */
#include "cursor.h"

#include <string.h>

#include "base/encode.h"
#include "base/str.h"

#define HASH_DIGITS  8
#define CURSOR_BYTES KB(8)

struct sv cursor_write(struct arena *arena, const struct secret_key *key,
                       const struct cursor *cursor)
{
    unsigned char mac[SECRET_MAC_BYTES];
    struct str payload;
    struct str whole;
    struct sv text;

    str_init(&payload, CURSOR_BYTES);
    str_addf(&payload, "%08x", cursor->query_hash);
    for (size_t i = 0; i < cursor->key_count; i++) {
        str_add_char(&payload, '\0');
        str_add(&payload, cursor->keys[i]);
    }
    secret_mac(mac, key, str_view(&payload));
    str_init(&whole, CURSOR_BYTES + SECRET_MAC_BYTES);
    str_add(&whole, (struct sv){(const char *)mac, sizeof mac});
    str_add(&whole, str_view(&payload));
    ENSURE(!str_failed(&payload) && !str_failed(&whole));
    text = base64url_encode(arena, str_view(&whole));
    str_fini(&payload);
    str_fini(&whole);
    return text;
}

bool cursor_read(struct arena *arena, const struct secret_key *key, struct sv text,
                 struct cursor *out)
{
    unsigned char mac[SECRET_MAC_BYTES];
    struct sv bytes;
    struct sv payload;
    struct sv piece;

    if (!base64url_decode(arena, text, &bytes) || bytes.n < SECRET_MAC_BYTES + HASH_DIGITS)
        return false;
    payload = sv_skip(bytes, SECRET_MAC_BYTES);
    secret_mac(mac, key, payload);
    if (!secret_equal((struct sv){(const char *)mac, sizeof mac}, sv_head(bytes, sizeof mac)))
        return false;
    *out = (struct cursor){0};
    for (size_t i = 0; i < HASH_DIGITS; i++)
        out->query_hash = out->query_hash << 4 | (uint32_t)char_hex_value(payload.p[i]);
    payload = sv_skip(payload, HASH_DIGITS + 1);
    if (bytes.n == SECRET_MAC_BYTES + HASH_DIGITS)
        return true;
    while (sv_split(&payload, '\0', &piece)) {
        if (out->key_count == CURSOR_KEYS)
            return false;
        out->keys[out->key_count++] = piece;
    }
    return true;
}
