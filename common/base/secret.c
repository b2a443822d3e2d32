/* Secrets, by libsodium. */
#include "base/secret.h"

#include <assert.h>
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

static crypto_hash_sha256_state *state_of(struct secret_sha256 *hash)
{
    static_assert(sizeof hash->state >= sizeof(crypto_hash_sha256_state), "it has room");
    return (void *)hash->state;
}

void secret_sha256_begin(struct secret_sha256 *hash)
{
    crypto_hash_sha256_init(state_of(hash));
}

void secret_sha256_add(struct secret_sha256 *hash, struct sv bytes)
{
    crypto_hash_sha256_update(state_of(hash), (const unsigned char *)bytes.p, bytes.n);
}

struct sv secret_sha256_end(struct arena *arena, struct secret_sha256 *hash)
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256_final(state_of(hash), digest);
    return hex_encode(arena, (struct sv){(const char *)digest, sizeof digest});
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

uint64_t secret_hash64(const struct secret_key *key, struct sv bytes)
{
    uint64_t hash;

    static_assert(crypto_shorthash_BYTES == sizeof hash, "a hash is one number");
    static_assert(crypto_shorthash_KEYBYTES <= SECRET_BYTES, "the key is long enough");
    crypto_shorthash((unsigned char *)&hash, (const unsigned char *)bytes.p, bytes.n, key->b);
    return hash;
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

#define SEAL_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define SEAL_TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES

struct sv secret_seal(struct arena *arena, const struct secret_key *key, struct sv about,
                      struct sv secret)
{
    size_t n = SEAL_NONCE + secret.n + SEAL_TAG;
    unsigned char *sealed = arena_alloc(arena, n);

    static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == SECRET_BYTES, "the key fits");
    secret_random(sealed, SEAL_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        sealed + SEAL_NONCE, NULL, (const unsigned char *)secret.p, secret.n,
        (const unsigned char *)about.p, about.n, NULL, sealed, key->b);
    return base64url_encode(arena, (struct sv){(const char *)sealed, n});
}

bool secret_open(struct arena *arena, const struct secret_key *key, struct sv about,
                 struct sv sealed, struct sv *out)
{
    const unsigned char *bytes;
    unsigned char *opened;
    struct sv raw;

    start();
    if (!base64url_decode(arena, sealed, &raw) || raw.n < SEAL_NONCE + SEAL_TAG)
        return false;
    bytes = (const unsigned char *)raw.p;
    opened = arena_alloc(arena, raw.n);
    *out = (struct sv){(const char *)opened, raw.n - SEAL_NONCE - SEAL_TAG};
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               opened, NULL, NULL, bytes + SEAL_NONCE, raw.n - SEAL_NONCE,
               (const unsigned char *)about.p, about.n, bytes, key->b) == 0;
}

struct box_keys {
    unsigned char public_half[crypto_box_PUBLICKEYBYTES];
    unsigned char secret_half[crypto_box_SECRETKEYBYTES];
};

static struct box_keys box_keys(const struct secret_key *seed)
{
    struct box_keys keys;

    static_assert(crypto_box_SEEDBYTES == SECRET_BYTES, "the seed fits");
    start();
    crypto_box_seed_keypair(keys.public_half, keys.secret_half, seed->b);
    return keys;
}

struct sv secret_box_close(struct arena *arena, const struct secret_key *seed, struct sv text)
{
    struct box_keys keys = box_keys(seed);
    size_t n = text.n + crypto_box_SEALBYTES;
    unsigned char *closed = arena_alloc(arena, n);

    secret_wipe(keys.secret_half, sizeof keys.secret_half);
    if (crypto_box_seal(closed, (const unsigned char *)text.p, text.n, keys.public_half) != 0)
        die("a box that does not close");
    return base64url_encode(arena, (struct sv){(const char *)closed, n});
}

bool secret_box_open(struct arena *arena, const struct secret_key *seed, struct sv closed,
                     struct sv *out)
{
    struct box_keys keys;
    unsigned char *opened;
    struct sv raw;
    bool is_good;

    if (!base64url_decode(arena, closed, &raw) || raw.n < crypto_box_SEALBYTES)
        return false;
    keys = box_keys(seed);
    opened = arena_alloc(arena, raw.n);
    is_good = crypto_box_seal_open(opened, (const unsigned char *)raw.p, raw.n, keys.public_half,
                                   keys.secret_half) == 0;
    secret_wipe(&keys, sizeof keys);
    *out = (struct sv){(const char *)opened, raw.n - crypto_box_SEALBYTES};
    return is_good;
}

#define PASSWORD_PASSES       2
#define PASSWORD_MEMORY_BYTES MB(19)

void secret_password_hash(char out[PASSWORD_HASH_BYTES], struct sv password)
{
    _Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "libsodium's length");
    start();
    ENSURE(password.n <= PASSWORD_LONGEST);
    if (crypto_pwhash_str(out, password.p, password.n, PASSWORD_PASSES, PASSWORD_MEMORY_BYTES) != 0)
        die("no memory for a password's hash");
}

bool secret_password_matches(const char *hash, struct sv password)
{
    /* Of a password that nobody knows, made once: what an unknown account is compared with. */
    static const char nobody[] = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    bool matches;

    start();
    if (password.n > PASSWORD_LONGEST)
        return false;
    matches = crypto_pwhash_str_verify(hash ? hash : nobody, password.p, password.n) == 0;
    return hash && matches;
}

void secret_wipe(void *bytes, size_t n)
{
    sodium_memzero(bytes, n);
}
