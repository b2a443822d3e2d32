/* Secrets and proofs, by libsodium: random tokens, their hashes, and MACs. What is kept of a token
 * is its hash, so that whoever reads the database holds no key to anything. */
#ifndef KITH_BASE_SECRET_H
#define KITH_BASE_SECRET_H

#include "base/arena.h"

#define SECRET_BYTES      32
#define SECRET_HEX_LENGTH 64

/* SHA-256 as 64 lower-case hexadecimal digits. */
struct sv secret_sha256_hex(struct arena *arena, struct sv bytes);

/* The same of bytes that come in pieces. */
struct secret_sha256 {
    uint64_t state[16]; /* libsodium's */
};
void secret_sha256_begin(struct secret_sha256 *hash);
void secret_sha256_add(struct secret_sha256 *hash, struct sv bytes);
struct sv secret_sha256_end(struct arena *arena, struct secret_sha256 *hash);

/* n bytes from the kernel. */
void secret_random(void *out, size_t n);

/* HMAC-SHA-512/256 under the key, cut to 16 bytes: for cursors and links, which carry it in their
 * text. */
#define SECRET_MAC_BYTES 16
struct secret_key {
    unsigned char b[SECRET_BYTES];
};
void secret_mac(unsigned char out[SECRET_MAC_BYTES], const struct secret_key *key, struct sv bytes);

/* SipHash-2-4 under the key: for tables whose keys strangers choose. */
uint64_t secret_hash64(const struct secret_key *key, struct sv bytes);

/* A key of its own for each purpose, from the one that is configured. */
struct secret_key secret_derive(struct sv configured, const char *purpose);

/* What has to be read again, encrypted to be kept (XChaCha20-Poly1305): base64url. It opens under
 * the same key and `about` alone, so that no row's secret can be put into another row. */
struct sv secret_seal(struct arena *arena, const struct secret_key *key, struct sv about,
                      struct sv secret);
KITH_MUST_CHECK bool secret_open(struct arena *arena, const struct secret_key *key, struct sv about,
                                 struct sv sealed, struct sv *out);

/* A box of which the key pair follows from a seed: text is closed with the public half alone, and
 * opened with the other (crypto_box_seal: X25519, XSalsa20-Poly1305); base64url. */
struct sv secret_box_close(struct arena *arena, const struct secret_key *seed, struct sv text);
KITH_MUST_CHECK bool secret_box_open(struct arena *arena, const struct secret_key *seed,
                                     struct sv closed, struct sv *out);

/* Passwords: argon2id with 2 passes over 19 MiB (OWASP's and ASVS's least), some 20 ms of a core:
 * never on a loop. At most PASSWORD_LONGEST bytes are taken, which any
 * PASSWORD_CHARACTERS fit into. */
#define PASSWORD_LONGEST    1024
#define PASSWORD_CHARACTERS 256
#define PASSWORD_HASH_BYTES 128 /* with the NUL */
void secret_password_hash(char out[PASSWORD_HASH_BYTES], struct sv password);

/* False too for a hash that is none. With a NULL hash it takes as long, and is false: who asks
 * cannot tell an unknown account from a wrong password. */
bool secret_password_matches(const char *hash, struct sv password);

/* Overwrites what nobody may find later. */
void secret_wipe(void *bytes, size_t n);

/* In a time that does not tell where they differ. */
bool secret_equal(struct sv a, struct sv b);

#endif
