/* The cookie, the token against forged requests, and who asks. */
#include "session.h"

#include "base/encode.h"
#include "base/secret.h"
#include "etag.h"
#include "gen/stmt.h"
#include "http/field.h"

/* The prefix __Host- makes browsers refuse the cookie from anywhere but this host over TLS; a plain
 * name is for http://localhost alone. */
static const char *cookie_name(const struct api *api)
{
    return api->is_secure ? "__Host-kith" : "kith";
}

bool session_cookie(struct req *r, struct sv *out)
{
    return http_cookie_find(&r->head, sv_of(cookie_name(call_of(r)->api)), out);
}

/* Bound to the session: whoever holds the cookie alone cannot make it. */
static struct sv csrf_token(struct req *r)
{
    struct call *call = call_of(r);
    unsigned char mac[SECRET_MAC_BYTES];

    secret_mac(mac, call->api->csrf_key, call->token.hash);
    return base64url_encode(r->arena, (struct sv){(const char *)mac, sizeof mac});
}

struct plan *session_check_origin(struct req *r)
{
    const struct api *api = call_of(r)->api;

    if (r->head.method == HTTP_GET || r->head.method == HTTP_HEAD)
        return NULL;
    if (!sv_eq(req_field(r, SV("origin")), sv_of(api->origin)) &&
        !cors_allows(api->cors, req_field(r, SV("origin"))))
        return fail_why(r, ERR_FORBIDDEN,
                        "With the session's cookie the Origin must be %s, or one that the server "
                        "is told to allow.",
                        api->origin);
    if (!secret_equal(req_field(r, SV("x-csrf-token")), csrf_token(r)))
        return fail_why(r, ERR_FORBIDDEN,
                        "With the session's cookie X-CSRF-Token must be the one of GET /v1/me.");
    return NULL;
}

void session_set_cookie(struct req *r, struct sv token)
{
    const struct api *api = call_of(r)->api;

    reply_field(r, "Set-Cookie",
                arena_printf(r->arena, "%s=%.*s; Path=/; %sHttpOnly; SameSite=Lax%s",
                             cookie_name(api), SV_ARG(token), api->is_secure ? "Secure; " : "",
                             token.n ? "" : "; Max-Age=0"));
}

static STEP(ended)
{
    principals_forget(call_of(r)->api->principals, call_of(r)->token.hash);
    session_set_cookie(r, SV(""));
    reply_field(r, "Clear-Site-Data", SV("\"cache\", \"storage\""));
    return reply_empty(r, 204);
}

STEP(session_end)
{
    struct call *call = call_begin(r, CALL_WRITE, SV(""));

    call_add(call, STMT(sign_out), call->token.hash.p);
    return call_run(r, ended);
}

void session_add_me(struct req *r)
{
    struct call *call = call_of(r);

    call_add(call, STMT(me), csrf_token(r).p, call->token.hash.p);
}

struct plan *session_reply_me(struct req *r, size_t statement)
{
    const struct db_unit *unit = call_of(r)->unit;

    reply_field(r, "Cache-Control", SV("no-store"));
    reply_field(r, "ETag", etag_of(r, db_text(unit, statement, 0, "version")));
    return reply_json(r, 200, db_text(unit, statement, 0, "body"));
}

static STEP(got_me)
{
    return session_reply_me(r, 1);
}

STEP(session_me)
{
    struct plan *refused = call_refuse_query(r);

    if (refused)
        return refused;
    call_begin(r, CALL_WRITE, SV("")); /* never of a remembered principal */
    session_add_me(r);
    return call_run(r, got_me);
}
