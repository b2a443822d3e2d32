/* An ID token: three pieces, of which the first says how it is signed, and nothing is believed
 * before the signature holds. */
#include "oidc/token.h"

#include <string.h>

#include "base/encode.h"
#include "base/secret.h"

#define LEEWAY_S      60 /* that clocks may differ by */
#define TEXT_LONGEST  255
#define EMAIL_LONGEST 254

json_t *oidc_object(struct sv text)
{
    json_t *found = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(found))
        return found;
    json_decref(found);
    return NULL;
}

static json_t *piece(struct arena *arena, struct sv text)
{
    struct sv bytes;

    return base64url_decode(arena, text, &bytes) ? oidc_object(bytes) : NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool is_text(const json_t *object, const char *name, const char *value)
{
    const char *text = text_of(object, name);

    return text && strcmp(text, value) == 0;
}

/* ---- The signature ---- */

struct signing {
    enum oidc_algorithm algorithm;
    const char *kid; /* NULL: it does not say */
    struct sv text;
    struct sv signature;
};

/* Without a kid it is the only key of its kind that may have signed. */
static const json_t *key_for(const json_t *jwks, const struct signing *signing)
{
    const json_t *found = NULL;
    size_t count = 0;
    size_t i;
    json_t *key;

    json_array_foreach(json_object_get(jwks, "keys"), i, key)
    {
        if (oidc_key_is_for(key, signing->algorithm) &&
            (!signing->kid || is_text(key, "kid", signing->kid))) {
            found = key;
            count++;
        }
    }
    return count == 1 ? found : NULL;
}

static enum oidc_token check_signature(struct arena *arena, const json_t *header,
                                       const json_t *jwks, struct signing *signing,
                                       const char **why)
{
    const json_t *key;

    signing->algorithm = oidc_algorithm_of(text_of(header, "alg"));
    signing->kid = text_of(header, "kid");
    *why = "The token is signed in a way that is not taken";
    if (signing->algorithm == OIDC_NO_ALGORITHM || json_object_get(header, "crit"))
        return OIDC_TOKEN_BAD;
    key = key_for(jwks, signing);
    *why = "The provider has no such key";
    if (!key)
        return OIDC_TOKEN_UNKNOWN_KEY;
    *why = "The token's signature is wrong";
    return oidc_key_verifies(arena, key, signing->algorithm, signing->text, signing->signature)
               ? OIDC_TOKEN_GOOD
               : OIDC_TOKEN_BAD;
}

/* ---- What it says ---- */

static bool is_for(const json_t *claims, const char *client_id)
{
    const json_t *audience = json_object_get(claims, "aud");
    bool is_meant = is_text(claims, "aud", client_id);
    size_t i;
    json_t *one;

    json_array_foreach(audience, i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), client_id) == 0)
            is_meant = true;
    }
    if (json_array_size(audience) > 1 || json_object_get(claims, "azp"))
        is_meant = is_meant && is_text(claims, "azp", client_id);
    return is_meant;
}

/* Seconds, of which some providers write parts; false: there is none. */
static bool second_of(const json_t *claims, const char *name, double *out)
{
    const json_t *value = json_object_get(claims, name);

    *out = json_number_value(value);
    return json_is_number(value);
}

static const char *fault_of_times(const json_t *claims, int64_t now_s)
{
    double now = (double)now_s;
    double at;

    if (!second_of(claims, "exp", &at) || now >= at + LEEWAY_S)
        return "The token is over";
    if (!second_of(claims, "iat", &at) || at > now + LEEWAY_S)
        return "The token is of the future";
    if (json_object_get(claims, "nbf") && (!second_of(claims, "nbf", &at) || at > now + LEEWAY_S))
        return "The token is not valid yet";
    return NULL;
}

static const char *fault_of(const json_t *claims, const struct oidc_ask *ask)
{
    const char *subject = text_of(claims, "sub");

    if (!is_text(claims, "iss", ask->issuer))
        return "The token is another issuer's";
    if (!is_for(claims, ask->client_id))
        return "The token is for another client";
    if (!secret_equal(sv_of(text_of(claims, "nonce")), sv_of(ask->nonce)))
        return "The token's nonce is wrong";
    if (!subject || !*subject || strlen(subject) > TEXT_LONGEST)
        return "The token names nobody";
    return fault_of_times(claims, ask->now_s);
}

static void read_person(struct arena *arena, const json_t *claims, struct oidc_person *out)
{
    struct sv email = sv_of(text_of(claims, "email"));

    out->subject = arena_cstr(arena, sv_of(text_of(claims, "sub")));
    out->email = email.n && email.n <= EMAIL_LONGEST ? arena_cstr(arena, email) : NULL;
    out->is_email_verified = json_is_true(json_object_get(claims, "email_verified"));
}

enum oidc_token oidc_token_verify(struct arena *arena, struct sv token, const json_t *jwks,
                                  const struct oidc_ask *ask, struct oidc_person *out,
                                  const char **why)
{
    size_t head_n = sv_find(token, '.');
    struct sv rest = sv_skip(token, head_n + 1);
    size_t body_n = sv_find(rest, '.');
    struct signing signing = {.text = sv_head(token, head_n + 1 + body_n)};
    enum oidc_token found = OIDC_TOKEN_BAD;
    json_t *header = piece(arena, sv_head(token, head_n));
    json_t *claims = piece(arena, sv_head(rest, body_n));

    *why = "The token is none";
    if (header && claims && base64url_decode(arena, sv_skip(rest, body_n + 1), &signing.signature))
        found = check_signature(arena, header, jwks, &signing, why);
    if (found == OIDC_TOKEN_GOOD) {
        *why = fault_of(claims, ask);
        if (*why)
            found = OIDC_TOKEN_BAD;
        else
            read_person(arena, claims, out);
    }
    json_decref(header);
    json_decref(claims);
    return found;
}
