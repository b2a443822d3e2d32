/* Keys and signatures, by OpenSSL's EVP: the best-kept there is, and here through libcurl already.
 * Of Debian 12's libraries for tokens libjwt knows no key sets, and libcjose rests. */
#include "oidc/key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#include "base/encode.h"

#define RSA_BITS_LEAST 2048
#define RSA_BITS_MOST  8192
#define EC_BYTES       32
#define EC_PAIR_BYTES  64
#define EC_POINT_BYTES (1 + EC_PAIR_BYTES)
#define UNCOMPRESSED   4
#define DER_BYTES      80 /* of a signature by a P-256 key, at most 72 */

enum oidc_algorithm oidc_algorithm_of(const char *name)
{
    if (name && strcmp(name, "RS256") == 0)
        return OIDC_RS256;
    if (name && strcmp(name, "ES256") == 0)
        return OIDC_ES256;
    return OIDC_NO_ALGORITHM;
}

static bool says(const json_t *key, const char *name, const char *value)
{
    const char *text = json_string_value(json_object_get(key, name));

    return text && strcmp(text, value) == 0;
}

static bool says_or_is_silent(const json_t *key, const char *name, const char *value)
{
    return !json_object_get(key, name) || says(key, name, value);
}

bool oidc_key_is_for(const json_t *key, enum oidc_algorithm algorithm)
{
    if (!says_or_is_silent(key, "use", "sig"))
        return false;
    if (algorithm == OIDC_RS256)
        return says(key, "kty", "RSA") && says_or_is_silent(key, "alg", "RS256");
    return says(key, "kty", "EC") && says(key, "crv", "P-256") &&
           says_or_is_silent(key, "alg", "ES256");
}

static bool bytes_of(struct arena *arena, const json_t *key, const char *name, struct sv *out)
{
    const char *text = json_string_value(json_object_get(key, name));

    return text && base64url_decode(arena, sv_of(text), out);
}

static EVP_PKEY *made(const char *type, OSSL_PARAM_BLD *builder)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (params && context && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *rsa_key(struct arena *arena, const json_t *jwk)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    BIGNUM *modulus = NULL;
    BIGNUM *exponent = NULL;
    struct sv n;
    struct sv e;

    if (bytes_of(arena, jwk, "n", &n) && bytes_of(arena, jwk, "e", &e) &&
        n.n <= RSA_BITS_MOST / 8 && e.n <= sizeof(uint64_t)) {
        modulus = BN_bin2bn((const unsigned char *)n.p, (int)n.n, NULL);
        exponent = BN_bin2bn((const unsigned char *)e.p, (int)e.n, NULL);
        if (modulus && exponent && BN_num_bits(modulus) >= RSA_BITS_LEAST && BN_is_odd(exponent) &&
            !BN_is_one(exponent) &&
            OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
            OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
            key = made("RSA", builder);
    }
    BN_free(modulus);
    BN_free(exponent);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

static EVP_PKEY *ec_key(struct arena *arena, const json_t *jwk)
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    unsigned char point[EC_POINT_BYTES] = {UNCOMPRESSED};
    EVP_PKEY *key = NULL;
    struct sv x;
    struct sv y;

    if (bytes_of(arena, jwk, "x", &x) && bytes_of(arena, jwk, "y", &y) && x.n == EC_BYTES &&
        y.n == EC_BYTES) {
        memcpy(point + 1, x.p, EC_BYTES);
        memcpy(point + 1 + EC_BYTES, y.p, EC_BYTES);
        if (OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
                1 &&
            OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
                                             sizeof point) == 1)
            key = made("EC", builder);
    }
    OSSL_PARAM_BLD_free(builder);
    return key;
}

/* A token's two numbers, as OpenSSL wants them. */
static size_t der_of(struct sv signature, unsigned char out[DER_BYTES])
{
    const unsigned char *bytes = (const unsigned char *)signature.p;
    ECDSA_SIG *pair;
    BIGNUM *r;
    BIGNUM *s;
    int n;

    if (signature.n != EC_PAIR_BYTES)
        return 0;
    pair = ECDSA_SIG_new();
    r = BN_bin2bn(bytes, EC_BYTES, NULL);
    s = BN_bin2bn(bytes + EC_BYTES, EC_BYTES, NULL);
    if (!pair || !r || !s || ECDSA_SIG_set0(pair, r, s) != 1)
        die("no memory for a signature");
    n = i2d_ECDSA_SIG(pair, &out);
    ECDSA_SIG_free(pair);
    return n > 0 ? (size_t)n : 0;
}

bool oidc_key_verifies(struct arena *arena, const json_t *key, enum oidc_algorithm algorithm,
                       struct sv text, struct sv signature)
{
    unsigned char der[DER_BYTES];
    EVP_PKEY *public = algorithm == OIDC_RS256 ? rsa_key(arena, key) : ec_key(arena, key);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    const unsigned char *bytes = (const unsigned char *)signature.p;
    size_t n = signature.n;
    bool is_good;

    if (algorithm == OIDC_ES256) {
        n = der_of(signature, der);
        bytes = der;
    }
    is_good = public && digest && n > 0 &&
              EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, public) == 1 &&
              EVP_DigestVerify(digest, bytes, n, (const unsigned char *)text.p, text.n) == 1;
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(public);
    return is_good;
}
