/* Providers: what they say of themselves and their keys, kept between sign-ins; and the exchange of
 * a code. Requests are made without the lock: two that find nothing kept both ask. */
#include "oidc/oidc.h"

#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/list.h"
#include "oidc/fetch.h"
#include "oidc/token.h"

#define OIDC_MAGIC      0x01dc0001u
#define KEPT_MS         INT64_C(3600000)
#define ASK_AGAIN_MS    INT64_C(60000)
#define LEFT_ALONE_MS   INT64_C(10000) /* after it gave no good answer, so that others get theirs */
#define PROVIDERS_MOST  64
#define SECRETS_LONGEST KB(16)

enum part { PART_DOCUMENT, PART_KEYS, PART_COUNT };

struct provider {
    struct list link;
    char *issuer;
    json_t *parts[PART_COUNT]; /* NULL: not known */
    int64_t at_ms[PART_COUNT];
    int64_t failed_ms[PART_COUNT];
    int64_t forced_ms; /* when the keys were last asked for before their time */
};

struct oidc {
    unsigned magic;
    int64_t most_ms;
    bool takes_loopback;
    pthread_mutex_t lock;
    struct list providers; /* the eldest first */
    size_t count;
};

struct asking {
    struct oidc *oidc;
    struct arena *arena;
    const char *issuer;
    int64_t deadline_ms;
    const char **why;
};

struct oidc *oidc_new(int64_t most_ms, bool takes_loopback)
{
    struct oidc *oidc = x_calloc(1, sizeof *oidc);

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        die("libcurl does not start");
    oidc->magic = OIDC_MAGIC;
    oidc->most_ms = most_ms;
    oidc->takes_loopback = takes_loopback;
    pthread_mutex_init(&oidc->lock, NULL);
    list_init(&oidc->providers);
    return oidc;
}

static void drop_eldest(struct oidc *oidc)
{
    struct provider *eldest = LIST_FIRST(&oidc->providers, provider, link);

    list_remove(&eldest->link);
    oidc->count--;
    for (size_t i = 0; i < PART_COUNT; i++)
        json_decref(eldest->parts[i]);
    x_free(eldest->issuer);
    x_free(eldest);
}

void oidc_free(struct oidc *oidc)
{
    if (!oidc)
        return;
    while (oidc->count)
        drop_eldest(oidc);
    pthread_mutex_destroy(&oidc->lock);
    oidc->magic = 0;
    x_free(oidc);
}

/* ---- What is kept; under the lock ---- */

static struct provider *provider_of(struct oidc *oidc, const char *issuer)
{
    struct provider *one;

    LIST_FOREACH (link, &oidc->providers) {
        one = CONTAINER_OF(link, struct provider, link);
        if (strcmp(one->issuer, issuer) == 0)
            return one;
    }
    if (oidc->count == PROVIDERS_MOST)
        drop_eldest(oidc);
    one = x_calloc(1, sizeof *one);
    one->issuer = x_strdup(issuer);
    one->forced_ms = INT64_MIN / 2;
    for (size_t i = 0; i < PART_COUNT; i++)
        one->failed_ms[i] = INT64_MIN / 2;
    list_append(&oidc->providers, &one->link);
    oidc->count++;
    return one;
}

/* What is kept of the part, which the caller owns, or NULL. *is_fresh: nobody has to ask.
 * *is_left_alone: nobody may. */
static json_t *kept(const struct asking *asking, enum part part, bool *is_fresh,
                    bool *is_left_alone)
{
    struct oidc *oidc = asking->oidc;
    struct provider *provider;
    json_t *found;

    pthread_mutex_lock(&oidc->lock);
    provider = provider_of(oidc, asking->issuer);
    found = json_incref(provider->parts[part]);
    *is_left_alone = clock_mono_ms() - provider->failed_ms[part] < LEFT_ALONE_MS;
    *is_fresh = found && clock_mono_ms() - provider->at_ms[part] < KEPT_MS;
    pthread_mutex_unlock(&oidc->lock);
    return found;
}

/* NULL: there is no good answer now. */
static void keep(const struct asking *asking, enum part part, json_t *found)
{
    struct oidc *oidc = asking->oidc;
    struct provider *provider;

    pthread_mutex_lock(&oidc->lock);
    provider = provider_of(oidc, asking->issuer);
    if (found) {
        json_decref(provider->parts[part]);
        provider->parts[part] = json_incref(found);
        provider->at_ms[part] = clock_mono_ms();
    } else {
        provider->failed_ms[part] = clock_mono_ms();
    }
    pthread_mutex_unlock(&oidc->lock);
}

/* The keys may be asked for again: whoever is told so does. */
static bool may_force(const struct asking *asking)
{
    struct oidc *oidc = asking->oidc;
    struct provider *provider;
    bool may;

    pthread_mutex_lock(&oidc->lock);
    provider = provider_of(oidc, asking->issuer);
    may = clock_mono_ms() - provider->forced_ms >= ASK_AGAIN_MS;
    if (may)
        provider->forced_ms = clock_mono_ms();
    pthread_mutex_unlock(&oidc->lock);
    return may;
}

/* ---- Asking ---- */

static json_t *fetch_object(const struct asking *asking, struct oidc_request request)
{
    struct str body;
    json_t *found = NULL;

    *asking->why = "The address may not be asked";
    if (!oidc_may_fetch(sv_of(request.url), asking->oidc->takes_loopback))
        return NULL;
    request.deadline_ms = asking->deadline_ms;
    str_init(&body, OIDC_REPLY_BYTES);
    if (oidc_fetch(&request, &body, asking->why)) {
        found = oidc_object(str_view(&body));
        if (!found)
            *asking->why = "The reply is no JSON object";
    }
    str_fini(&body);
    return found;
}

static const char *member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* It speaks of the issuer that was asked, and of addresses that may be asked. */
static bool is_document(const struct asking *asking, const json_t *document)
{
    static const char *const endpoints[] = {"authorization_endpoint", "token_endpoint", "jwks_uri"};

    *asking->why = "The discovery document is another issuer's";
    if (strcmp(member(document, "issuer"), asking->issuer) != 0)
        return false;
    *asking->why = "The discovery document has an address that may not be asked";
    for (size_t i = 0; i < COUNT_OF(endpoints); i++) {
        if (!oidc_may_fetch(sv_of(member(document, endpoints[i])), asking->oidc->takes_loopback))
            return false;
    }
    return true;
}

static json_t *fetch_document(const struct asking *asking)
{
    struct sv issuer = sv_of(asking->issuer);
    json_t *document;

    while (sv_ends_with(issuer, SV("/")))
        issuer = sv_head(issuer, issuer.n - 1);
    document = fetch_object(
        asking, (struct oidc_request){.url = arena_printf(asking->arena,
                                                          "%.*s/.well-known/openid-configuration",
                                                          SV_ARG(issuer))
                                                 .p});
    if (document && is_document(asking, document))
        return document;
    json_decref(document);
    return NULL;
}

static json_t *fetch_keys(const struct asking *asking, const json_t *document)
{
    json_t *keys = fetch_object(asking, (struct oidc_request){.url = member(document, "jwks_uri")});

    if (!keys || json_is_array(json_object_get(keys, "keys")))
        return keys;
    *asking->why = "The key set has no keys";
    json_decref(keys);
    return NULL;
}

/* Of what is stale the last good one stays, where there is no newer. document is NULL for the
 * document itself. */
static json_t *part_of(const struct asking *asking, enum part part, const json_t *document,
                       bool is_forced)
{
    bool is_fresh;
    bool is_left_alone;
    json_t *found = kept(asking, part, &is_fresh, &is_left_alone);
    json_t *newer;

    *asking->why = "The provider gave no good answer a moment ago";
    if ((is_fresh && !is_forced) || is_left_alone)
        return found;
    newer = part == PART_DOCUMENT ? fetch_document(asking) : fetch_keys(asking, document);
    keep(asking, part, newer);
    if (!newer)
        return found;
    json_decref(found);
    return newer;
}

static struct asking asking_of(struct oidc *oidc, struct arena *arena, const char *issuer,
                               const char **why)
{
    return (struct asking){.oidc = oidc,
                           .arena = arena,
                           .issuer = issuer,
                           .deadline_ms = clock_mono_ms() + oidc->most_ms,
                           .why = why};
}

enum oidc_end oidc_authorization_endpoint(struct oidc *oidc, struct arena *arena,
                                          const char *issuer, struct sv *out, const char **why)
{
    struct asking asking = asking_of(oidc, arena, issuer, why);
    json_t *document = part_of(&asking, PART_DOCUMENT, NULL, false);

    if (!document)
        return OIDC_DOWN;
    *out = arena_copy(arena, sv_of(member(document, "authorization_endpoint")));
    json_decref(document);
    return OIDC_DONE;
}

/* ---- The code ---- */

/* How the provider wants to be told the secret: in the form, or, as it says nothing, by Basic. */
static bool wants_form(const json_t *document)
{
    bool has_post = false;
    size_t i;
    json_t *one;

    json_array_foreach(json_object_get(document, "token_endpoint_auth_methods_supported"), i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), "client_secret_basic") == 0)
            return false;
        has_post |=
            json_is_string(one) && strcmp(json_string_value(one), "client_secret_post") == 0;
    }
    return has_post;
}

static const char *encoded(struct arena *arena, const char *text)
{
    return arena_cstr(arena, percent_encode(arena, sv_of(text)));
}

static json_t *spend_code(const struct asking *asking, const json_t *document,
                          const struct oidc_ask *ask)
{
    struct arena *arena = asking->arena;
    struct str *form = str_new_in(arena, SECRETS_LONGEST);
    struct oidc_request request = {.url = member(document, "token_endpoint")};

    str_addf(form, "grant_type=authorization_code&code=%s&redirect_uri=%s&client_id=%s",
             encoded(arena, ask->code), encoded(arena, ask->redirect_uri),
             encoded(arena, ask->client_id));
    str_addf(form, "&code_verifier=%s", encoded(arena, ask->verifier));
    if (ask->client_secret && wants_form(document)) {
        str_addf(form, "&client_secret=%s", encoded(arena, ask->client_secret));
    } else if (ask->client_secret) {
        request.user = encoded(arena, ask->client_id);
        request.password = encoded(arena, ask->client_secret);
    }
    request.form = str_cstr(form);
    return fetch_object(asking, request);
}

static enum oidc_end verify(const struct asking *asking, const json_t *document,
                            const struct oidc_ask *ask, const char *token, struct oidc_person *out)
{
    enum oidc_token found = OIDC_TOKEN_UNKNOWN_KEY;

    for (int tries = 0; tries < 2 && found == OIDC_TOKEN_UNKNOWN_KEY; tries++) {
        json_t *keys;

        if (tries && !may_force(asking))
            break;
        keys = part_of(asking, PART_KEYS, document, tries > 0);
        if (!keys)
            return OIDC_DOWN;
        found = oidc_token_verify(asking->arena, sv_of(token), keys, ask, out, asking->why);
        json_decref(keys);
    }
    return found == OIDC_TOKEN_GOOD ? OIDC_DONE : OIDC_REFUSED;
}

enum oidc_end oidc_exchange(struct oidc *oidc, struct arena *arena, const struct oidc_ask *ask,
                            struct oidc_person *out, const char **why)
{
    struct asking asking = asking_of(oidc, arena, ask->issuer, why);
    json_t *document = part_of(&asking, PART_DOCUMENT, NULL, false);
    json_t *reply;
    enum oidc_end end;

    if (!document)
        return OIDC_DOWN;
    reply = spend_code(&asking, document, ask);
    if (reply)
        end = verify(&asking, document, ask, member(reply, "id_token"), out);
    else
        end = sv_eq(sv_of(*why), sv_of(OIDC_CODE_REFUSED)) ? OIDC_REFUSED : OIDC_DOWN;
    json_decref(reply);
    json_decref(document);
    return end;
}
