/* Secrets, by libsodium. */
#include "base/secret.h"

#include <sodium.h>
#include <string.h>

#include "base/encode.h"

static void start(void)
{
    if (sodium_init() < 0)
        die("libsodium does not start");
}

struct sv secret_sha256_hex(struct arena *arena, struct sv bytes)
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)bytes.p, bytes.n);
    return hex_encode(arena, (struct sv){(const char *)hash, sizeof hash});
}

void secret_random(void *out, size_t n)
{
    start();
    randombytes_buf(out, n);
}

void secret_mac(unsigned char out[SECRET_MAC_BYTES], const struct secret_key *key, struct sv bytes)
{
    unsigned char whole[crypto_auth_BYTES];

    start();
    crypto_auth(whole, (const unsigned char *)bytes.p, bytes.n, key->b);
    memcpy(out, whole, SECRET_MAC_BYTES);
}

struct secret_key secret_derive(struct sv configured, const char *purpose)
{
    crypto_generichash_state state;
    struct secret_key key;

    start();
    crypto_generichash_init(&state, NULL, 0, sizeof key.b);
    crypto_generichash_update(&state, (const unsigned char *)configured.p, configured.n);
    crypto_generichash_update(&state, (const unsigned char *)purpose, strlen(purpose));
    crypto_generichash_final(&state, key.b, sizeof key.b);
    return key;
}

bool secret_equal(struct sv a, struct sv b)
{
    return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}
