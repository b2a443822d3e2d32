/* What a provider may send. The first byte says what the rest is: 't' a token, which nobody signed
 * and so is never good; 'k' a set of keys, by which none of ours is good; anything else the claims
 * of a token that is signed here, so that they are looked at: what is taken names somebody, and
 * says what was asked for. */
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/encode.h"
#include "base/str.h"
#include "oidc/token.h"

#define POINT_BYTES 65
#define PART_BYTES  32

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct oidc_ask ask = {
    .issuer = "https://id.example.org",
    .client_id = "kith",
    .nonce = "n",
    .now_s = 1795273200, /* 2026-11-21T15:00:00Z */
};
static EVP_PKEY *key;
static json_t *jwks;

static struct sv encoded(struct arena *arena, const void *bytes, size_t size)
{
    return base64url_encode(arena, (struct sv){bytes, size});
}

/* A key of our own, and the set that has it. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct arena *arena = arena_new(KB(64));
    unsigned char point[POINT_BYTES];
    struct sv x;
    struct sv y;
    size_t n = 0;

    (void)argc;
    (void)argv;
    key = EVP_EC_gen("P-256");
    ENSURE(key && EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof point, &n) == 1 &&
           n == POINT_BYTES);
    x = encoded(arena, point + 1, PART_BYTES);
    y = encoded(arena, point + 1 + PART_BYTES, PART_BYTES);
    jwks = oidc_object(arena_printf(arena,
                                    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%.*s\","
                                    "\"y\":\"%.*s\"}]}",
                                    SV_ARG(x), SV_ARG(y)));
    ENSURE(jwks);
    arena_free(arena);
    return 0;
}

/* The pair of numbers that a JWS has of it (RFC 7518 §3.4). */
static struct sv signature_of(struct arena *arena, struct sv text)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char der[128];
    unsigned char pair[2 * PART_BYTES];
    const unsigned char *at = der;
    size_t n = sizeof der;
    ECDSA_SIG *signature;

    ENSURE(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
    ENSURE(EVP_DigestSign(context, der, &n, (const unsigned char *)text.p, text.n) == 1);
    signature = d2i_ECDSA_SIG(NULL, &at, (long)n);
    ENSURE(signature);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), pair, PART_BYTES);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), pair + PART_BYTES, PART_BYTES);
    ECDSA_SIG_free(signature);
    EVP_MD_CTX_free(context);
    return encoded(arena, pair, sizeof pair);
}

static struct sv signed_token(struct arena *arena, struct sv claims)
{
    struct sv head = encoded(arena, "{\"alg\":\"ES256\"}", 15);
    struct sv body = encoded(arena, claims.p, claims.n);
    struct sv text = arena_printf(arena, "%.*s.%.*s", SV_ARG(head), SV_ARG(body));
    struct sv signature = signature_of(arena, text);

    return arena_printf(arena, "%.*s.%.*s", SV_ARG(text), SV_ARG(signature));
}

static enum oidc_token verify(struct arena *arena, struct sv token, const json_t *keys,
                              struct oidc_person *out)
{
    const char *why = NULL;
    enum oidc_token found = oidc_token_verify(arena, token, keys, &ask, out, &why);

    ENSURE((found == OIDC_TOKEN_GOOD) == !why);
    return found;
}

static void check_claims(struct arena *arena, struct sv text)
{
    struct oidc_person person;
    json_t *claims = oidc_object(text);

    if (verify(arena, signed_token(arena, text), jwks, &person) == OIDC_TOKEN_GOOD) {
        ENSURE(claims && person.subject[0] && strlen(person.subject) <= 255);
        ENSURE(!person.email || (person.email[0] && strlen(person.email) <= 254));
        ENSURE(strcmp(json_string_value(json_object_get(claims, "iss")), ask.issuer) == 0);
        ENSURE(strcmp(json_string_value(json_object_get(claims, "nonce")), ask.nonce) == 0);
        ENSURE(json_number_value(json_object_get(claims, "exp")) > (double)ask.now_s - 61);
    }
    json_decref(claims);
}

static void check_keys(struct arena *arena, struct sv text)
{
    json_t *keys = oidc_object(text);
    struct oidc_person person;
    struct sv token = signed_token(arena, SV("{}"));

    if (keys)
        ENSURE(verify(arena, token, keys, &person) != OIDC_TOKEN_GOOD);
    json_decref(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct sv rest = {(const char *)bytes + 1, size ? size - 1 : 0};
    struct arena *arena = arena_new(MB(16));
    struct oidc_person person;

    if (size && bytes[0] == 't')
        ENSURE(verify(arena, rest, jwks, &person) != OIDC_TOKEN_GOOD);
    else if (size && bytes[0] == 'k')
        check_keys(arena, rest);
    else if (size)
        check_claims(arena, rest);
    arena_free(arena);
    return 0;
}
