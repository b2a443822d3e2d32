/* Signing in at a provider of the district (OpenID Connect): GET /login/oidc/{id} sends the browser
 * there, GET /login/oidc/callback takes what it brings back: what is it worth → spend the code, off
 * the loop → the session, or the page for signing in with what went wrong.
 *
 * All that has to be remembered in between follows from one random secret in a cookie of ours,
 * which says how long it is good: state, nonce and verifier are MACs of it, so nothing is written
 * for a browser that only leaves, and what comes back without that cookie is nobody's. The database
 * takes each secret once. Where somebody goes afterwards is not up to an address: to where they
 * wanted to go before (page_go_on). */
#include "base/clock.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "oidc/oidc.h"
#include "pages/page.h"
#include "session.h"

#define COOKIE        "oidc"
#define GOOD_FOR_S    600
#define WORK_BYTES    MB(4) /* what a provider says, decoded */
#define SSO_CODE_MOST 4000
#define URL_BYTES     KB(8)
#define CALLBACK      "/login/oidc/callback"

struct sso {
    struct token secret; /* of the cookie: the district's id, and a hash of what makes the rest */
    struct uuid provider;
    const char *keys; /* of the throttle, as JSON */
    struct sv slug;
    const char *scopes;
    struct arena *arena; /* of the thread */
    struct oidc *oidc;
    struct oidc_ask ask;
    struct oidc_person person;
    struct sv endpoint;
    enum oidc_end end;
    const char *why;
    bool was_run;
    struct uuid session;
    struct sv session_text;
};

static struct sso *sso_of(struct req *r)
{
    return call_of(r)->state;
}

/* ---- What follows from the cookie's secret ---- */

static struct sv derived(struct req *r, const char *purpose, struct sv from)
{
    unsigned char mac[SECRET_MAC_BYTES];

    secret_mac(mac, call_of(r)->api->csrf_key,
               arena_printf(r->arena, "sso %s %.*s", purpose, SV_ARG(from)));
    return base64url_encode(r->arena, (struct sv){(const char *)mac, sizeof mac});
}

static struct sv verifier_of(struct req *r, struct sv secret)
{
    return arena_printf(r->arena, "%.*s%.*s", SV_ARG(derived(r, "verifier", secret)),
                        SV_ARG(derived(r, "verifier too", secret)));
}

static struct sv challenge_of(struct req *r, struct sv verifier)
{
    return base64url_encode(r->arena, hex_decode(r->arena, secret_sha256_hex(r->arena, verifier)));
}

/* secret.provider.end.mac */
static struct sv cookie_of(struct req *r, struct sv secret, const struct uuid *provider)
{
    int64_t end_s = clock_now_ms() / 1000 + GOOD_FOR_S;
    struct sv text =
        arena_printf(r->arena, "%.*s.%s.%lld", SV_ARG(secret), provider->text, (long long)end_s);

    return arena_printf(r->arena, "%.*s.%.*s", SV_ARG(text), SV_ARG(derived(r, "cookie", text)));
}

/* The cookie is ours and still good, and the state is its own. */
static bool read_cookie(struct req *r, struct sso *sso)
{
    const struct sv *state = req_query(r, SV("state"));
    struct sv cookie;
    struct sv rest;
    struct sv parts[4] = {SV_NONE};
    size_t n = 0;
    int64_t end_s;

    if (!http_cookie_find(&r->head, sv_of(page_cookie_name(r, COOKIE)), &cookie))
        return false;
    rest = cookie;
    while (n < COUNT_OF(parts) && sv_split(&rest, '.', &parts[n]))
        n++;
    if (n != COUNT_OF(parts) || rest.n ||
        !secret_equal(parts[3], derived(r, "cookie", sv_head(cookie, cookie.n - parts[3].n - 1))))
        return false;
    return token_parse(r->arena, parts[0], &sso->secret) && uuid_parse(parts[1], &sso->provider) &&
           sv_to_i64(parts[2], 0, INT64_MAX / 1000, &end_s) && clock_now_ms() / 1000 < end_s &&
           state && secret_equal(*state, derived(r, "state", sso->secret.hash));
}

/* ---- What goes wrong ---- */

static STEP(failure_shown)
{
    const struct sso *sso = sso_of(r);

    return page_login_failed(r, 403, sso->why, sso->slug);
}

/* Counted and recorded, as a wrong password is. `shown` is a text faults.…; `why` is for the log.
 */
static struct plan *refuse(struct req *r, const char *shown, const char *why)
{
    struct sso *sso = sso_of(r);
    struct call *call;

    log_warn("single sign-on failed", F_STR("provider", sso->provider.text), F_STR("why", why));
    call = call_begin_public(r);
    call->state = sso;
    sso->why = shown;
    call_add(call, STMT(sign_in_failed), sso->secret.district.text, NULL, sso->keys, call_now(r),
             call_request_id(r));
    return call_run(r, failure_shown);
}

static struct plan *down(struct req *r)
{
    const struct sso *sso = sso_of(r);

    log_warn("an identity provider does not answer as one", F_STR("provider", sso->provider.text),
             F_STR("why", sso->why));
    return page_login_failed(r, 503, "sso_down", sso->slug);
}

static void work_done(void *arg, bool was_run)
{
    struct req *r = arg;

    sso_of(r)->was_run = was_run;
    req_resume(r);
}

static void free_arena(void *arg)
{
    arena_free(arg);
}

/* Off the loop: a provider takes the time that it takes. */
static struct plan *work(struct req *r, void (*ask)(void *arg), STEP((*next)))
{
    struct api *api = call_of(r)->api;
    struct sso *sso = sso_of(r);

    sso->arena = arena_new(WORK_BYTES);
    arena_defer(r->arena, free_arena, sso->arena);
    sso->oidc = api->oidc;
    sso->ask.now_s = clock_now_ms() / 1000;
    if (!offload_run(api->sso_offload, ask, work_done, r)) {
        reply_field(r, "Retry-After", SV("1"));
        return fail(r, ERR_OVERLOADED);
    }
    return req_park(r, next);
}

/* ---- Leaving ---- */

static void find_endpoint(void *arg)
{
    struct sso *sso = sso_of(arg);

    sso->end = oidc_authorization_endpoint(sso->oidc, sso->arena, sso->ask.issuer, &sso->endpoint,
                                           &sso->why);
}

static void add_param(struct str *url, struct req *r, const char *name, struct sv value)
{
    str_addf(url, "&%s=%.*s", name, SV_ARG(percent_encode(r->arena, value)));
}

static const char *redirect_uri(struct req *r)
{
    return arena_printf(r->arena, "%s" CALLBACK, call_of(r)->api->origin).p;
}

static STEP(endpoint_found)
{
    struct sso *sso = sso_of(r);
    struct str *url = str_new_in(r->arena, URL_BYTES);
    struct sv text;

    if (!sso->was_run)
        return fail(r, ERR_UNAVAILABLE);
    if (sso->end != OIDC_DONE)
        return down(r);
    text = token_new(r->arena, &sso->secret.district, &sso->secret);
    str_add(url, sso->endpoint);
    str_add_char(url, sv_find(sso->endpoint, '?') == sso->endpoint.n ? '?' : '&');
    STR_ADD(url, "response_type=code&code_challenge_method=S256");
    add_param(url, r, "client_id", sv_of(sso->ask.client_id));
    add_param(url, r, "redirect_uri", sv_of(redirect_uri(r)));
    add_param(url, r, "scope", sv_of(sso->scopes));
    add_param(url, r, "state", derived(r, "state", sso->secret.hash));
    add_param(url, r, "nonce", derived(r, "nonce", sso->secret.hash));
    add_param(url, r, "code_challenge", challenge_of(r, verifier_of(r, sso->secret.hash)));
    if (str_failed(url))
        return down(r);
    page_set_cookie(r, COOKIE, cookie_of(r, text, &sso->provider));
    reply_field(r, "Cache-Control", SV("no-store"));
    return page_go(r, str_view(url), NULL);
}

static STEP(provider_found)
{
    struct call *call = call_of(r);
    struct sso *sso = sso_of(r);

    if (db_is_null(call->unit, 0, 0, "issuer"))
        return page_login_failed(r, 404, "sso_off", sso->slug);
    ENSURE(uuid_parse(db_text(call->unit, 0, 0, "district_id"), &sso->secret.district));
    sso->ask.issuer = arena_cstr(r->arena, db_text(call->unit, 0, 0, "issuer"));
    sso->ask.client_id = arena_cstr(r->arena, db_text(call->unit, 0, 0, "client_id"));
    sso->scopes = arena_cstr(r->arena, db_text(call->unit, 0, 0, "scopes"));
    return work(r, find_endpoint, endpoint_found);
}

STEP(page_sso_begin)
{
    const struct sv *district = req_query(r, SV("district"));
    struct sso *sso = ARENA_NEW(r->arena, sso);
    struct call *call;

    if (district && district->n <= 63)
        sso->slug = *district;
    if (!uuid_parse(r->captures[0], &sso->provider))
        return fail(r, ERR_NOT_FOUND);
    call = call_begin_public(r);
    call->state = sso;
    call_add(call, STMT(sso_begin), sso->slug.n ? arena_cstr(r->arena, sso->slug) : NULL,
             arena_cstr(r->arena, r->head.host), sso->provider.text, call_now(r),
             call_request_id(r));
    return call_run(r, provider_found);
}

/* ---- Coming back ---- */

static STEP(signed_in)
{
    struct call *call = call_of(r);
    struct sso *sso = sso_of(r);
    struct sv refusal = db_text(call->unit, 0, 0, "refusal");

    if (refusal.n) {
        log_warn("single sign-on failed", F_STR("provider", sso->provider.text),
                 F_SV("why", refusal));
        return page_login_failed(r, 403, arena_cstr(r->arena, refusal), sso->slug);
    }
    session_set_cookie(r, sso->session_text);
    return page_go_on(r);
}

static STEP(exchanged)
{
    struct sso *sso = sso_of(r);
    const struct oidc_person *person = &sso->person;
    struct token session;
    struct call *call;

    if (!sso->was_run)
        return fail(r, ERR_UNAVAILABLE);
    if (sso->end == OIDC_DOWN)
        return down(r);
    if (sso->end != OIDC_DONE)
        return refuse(r, "sso_refused", sso->why);
    sso->session = uuid7_new();
    sso->session_text = token_new(r->arena, &sso->secret.district, &session);
    call = call_begin_public(r);
    call->state = sso;
    call_add(call, STMT(sso_sign_in), sso->secret.district.text, sso->provider.text,
             person->subject, person->email, person->is_email_verified ? "true" : "false",
             sso->keys, sso->session.text, session.hash.p, session_address(r), session_agent(r),
             call_now(r), call_request_id(r));
    return call_run(r, signed_in);
}

static void exchange(void *arg)
{
    struct sso *sso = sso_of(arg);

    sso->end = oidc_exchange(sso->oidc, sso->arena, &sso->ask, &sso->person, &sso->why);
}

/* The secret that is kept encrypted, or none. */
static bool open_secret(struct req *r, struct sso *sso, struct sv sealed)
{
    struct sv secret;

    if (!sealed.n)
        return true;
    if (!secret_open(r->arena, call_of(r)->api->seal_key, sv_of(sso->provider.text), sealed,
                     &secret))
        return false;
    sso->ask.client_secret = arena_cstr(r->arena, secret);
    return true;
}

static STEP(taken)
{
    struct call *call = call_of(r);
    struct sso *sso = sso_of(r);
    const struct sv *code = req_query(r, SV("code"));
    const struct sv *issuer = req_query(r, SV("iss"));

    sso->slug = arena_copy(r->arena, db_text(call->unit, 0, 0, "slug"));
    page_set_cookie(r, COOKIE, SV_NONE);
    if (db_int(call->unit, 0, 0, "wait_s") > 0)
        return page_login_failed(r, 429, "wait", sso->slug);
    if (!sv_eq(db_text(call->unit, 0, 0, "is_fresh"), SV("t")))
        return refuse(r, "sso_state", "The state was used before");
    if (db_is_null(call->unit, 0, 0, "issuer"))
        return page_login_failed(r, 404, "sso_off", sso->slug);
    sso->ask.issuer = arena_cstr(r->arena, db_text(call->unit, 0, 0, "issuer"));
    sso->ask.client_id = arena_cstr(r->arena, db_text(call->unit, 0, 0, "client_id"));
    if (!open_secret(r, sso, db_text(call->unit, 0, 0, "sealed_secret"))) {
        sso->why = "Its secret was encrypted under another KITH_SECRET_KEY";
        return down(r);
    }
    if (issuer && !sv_eq(*issuer, sv_of(sso->ask.issuer))) /* RFC 9207 */
        return refuse(r, "sso_refused", "The answer is another issuer's");
    if (!code || !code->n || code->n > SSO_CODE_MOST)
        return refuse(r, "sso_refused", "The provider sent no code");
    sso->ask.code = arena_cstr(r->arena, *code);
    sso->ask.redirect_uri = redirect_uri(r);
    sso->ask.verifier = arena_cstr(r->arena, verifier_of(r, sso->secret.hash));
    sso->ask.nonce = arena_cstr(r->arena, derived(r, "nonce", sso->secret.hash));
    return work(r, exchange, exchanged);
}

STEP(page_sso_end)
{
    struct sso *sso = ARENA_NEW(r->arena, sso);
    struct call *call;

    if (!read_cookie(r, sso)) {
        log_warn("single sign-on failed",
                 F_STR("why", "The state is not this browser's, or is over"));
        return page_login_failed(r, 403, "sso_state", SV_NONE);
    }
    sso->keys = session_throttle_keys(r, sso->secret.hash);
    call = call_begin_public(r);
    call->state = sso;
    call_add(call, STMT(sso_take), sso->secret.district.text, sso->provider.text,
             sso->secret.hash.p, sso->keys, call_now(r), call_request_id(r));
    return call_run(r, taken);
}
