/* Tokens. */
#include "base/token.h"

#include <string.h>

#include "base/encode.h"
#include "base/secret.h"

#define PREFIX         SV("kith_")
#define DISTRICT_BYTES 16
#define TOKEN_BYTES    (DISTRICT_BYTES + TOKEN_SECRET_BYTES)

static struct uuid uuid_of_bytes(struct arena *arena, struct sv bytes)
{
    struct sv hex = hex_encode(arena, bytes);
    struct sv text = arena_printf(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.p, hex.p + 8, hex.p + 12,
                                  hex.p + 16, hex.p + 20);
    struct uuid id;

    ENSURE(uuid_parse(text, &id));
    return id;
}

static void bytes_of_uuid(unsigned char out[DISTRICT_BYTES], const struct uuid *id)
{
    size_t n = 0;

    for (size_t i = 0; i < UUID_TEXT_LENGTH; i++) {
        if (id->text[i] == '-')
            continue;
        out[n / 2] = (unsigned char)(n % 2 ? out[n / 2] << 4 | char_hex_value(id->text[i])
                                           : char_hex_value(id->text[i]));
        n++;
    }
}

bool token_parse(struct arena *arena, struct sv text, struct token *out)
{
    struct sv bytes;

    if (!sv_starts_with(text, PREFIX) ||
        !base64url_decode(arena, sv_skip(text, PREFIX.n), &bytes) || bytes.n != TOKEN_BYTES)
        return false;
    out->district = uuid_of_bytes(arena, sv_head(bytes, DISTRICT_BYTES));
    out->hash = secret_sha256_hex(arena, sv_skip(bytes, DISTRICT_BYTES));
    return true;
}

struct sv token_new(struct arena *arena, const struct uuid *district, struct token *out)
{
    unsigned char bytes[TOKEN_BYTES];
    struct sv view = {(const char *)bytes, sizeof bytes};
    struct sv text;

    bytes_of_uuid(bytes, district);
    secret_random(bytes + DISTRICT_BYTES, TOKEN_SECRET_BYTES);
    text = base64url_encode(arena, view);
    out->district = *district;
    out->hash = secret_sha256_hex(arena, sv_skip(view, DISTRICT_BYTES));
    return arena_printf(arena, "kith_%.*s", SV_ARG(text));
}
