/* POST /v1/sessions: read the body → who tries, and must it wait → compare the password, off the
 * loop → the session, or one failure more. */
#include "base/secret.h"
#include "base/uuid.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/peer.h"
#include "session.h"

#define AGENT_LONGEST 255

enum { SIGN_IN_EMAIL, SIGN_IN_PASSWORD, SIGN_IN_DISTRICT };

static const struct json_field fields[] = {
    [SIGN_IN_EMAIL] = JSON_FIELD("email", FIELD_EMAIL, FIELD_REQUIRED),
    [SIGN_IN_PASSWORD] = JSON_FIELD("password", FIELD_LONG_TEXT, FIELD_REQUIRED, .min = 1,
                                    .max = PASSWORD_CHARACTERS),
    [SIGN_IN_DISTRICT] = JSON_FIELD("district", FIELD_TEXT, FIELD_NULLABLE, .max = 63,
                                    .doc = "The district's slug, where the host does not say it."),
};
const struct json_table session_sign_in_table = JSON_TABLE("sign_in", fields);

struct sign_in {
    const struct sign_in_way *way;
    struct sv password;
    const char *keys; /* of the throttle, as JSON */
    const char *hash; /* to compare with, or NULL */
    struct uuid district;
    struct uuid user;
    bool is_known;
    bool matches;
    bool was_run;
    struct uuid session;
    struct sv token_text;
};

static struct sign_in *sign_in_of(struct req *r)
{
    return call_of(r)->state;
}

/* A short hash: the table of failures holds no address and no e-mail. */
static struct sv short_hash(struct req *r, struct sv text)
{
    return sv_head(secret_sha256_hex(r->arena, text), 32);
}

/* The client's network: /24 of IPv4, /48 of IPv6. */
static struct sv network_of(struct req *r)
{
    struct peer_address address = {0};
    bool is_ipv4 = sv_find(r->address, ':') == r->address.n;

    ENSURE(peer_parse(r->address, &address));
    return (struct sv){arena_copy(r->arena, (struct sv){(const char *)address.b, 16}).p,
                       is_ipv4 ? 15 : 6};
}

const char *session_throttle_keys(struct req *r, struct sv name)
{
    struct sv account = short_hash(r, name);
    struct sv net = short_hash(r, network_of(r));

    return arena_printf(r->arena, "[\"account:%.*s\",\"net:%.*s\",\"pair:%.*s.%.*s\"]",
                        SV_ARG(account), SV_ARG(net), SV_ARG(account), SV_ARG(net))
        .p;
}

const char *session_address(struct req *r)
{
    return arena_cstr(r->arena, r->address);
}

/* What no browser sends would be no text of the database. */
const char *session_agent(struct req *r)
{
    struct sv agent = sv_head(req_field(r, SV("user-agent")), AGENT_LONGEST);
    struct str *text = str_new_in(r->arena, AGENT_LONGEST + 1);

    for (size_t i = 0; i < agent.n; i++)
        str_add_char(text, agent.p[i] >= ' ' && agent.p[i] <= '~' ? agent.p[i] : '?');
    return str_cstr(text);
}

static STEP(session_made)
{
    struct call *call = call_of(r);
    struct sign_in *in = sign_in_of(r);
    struct sv expires = db_text(call->unit, 0, 0, "expires_at");

    session_set_cookie(r, in->token_text);
    return in->way->made(r, uuid_view(&in->session), expires);
}

static struct plan *make_session(struct req *r)
{
    struct call *call = call_of(r);
    struct sign_in *in = sign_in_of(r);

    in->session = uuid7_new();
    in->token_text = token_new(r->arena, &in->district, &call->token);
    call_begin_public(r);
    call_add(call, STMT(sign_in_done), in->district.text, in->user.text, in->session.text,
             call->token.hash.p, in->keys, session_address(r), session_agent(r), call_now(r),
             call_request_id(r));
    return call_run(r, session_made);
}

static STEP(failure_kept)
{
    return sign_in_of(r)->way->wrong(r);
}

static STEP(password_compared)
{
    struct call *call = call_of(r);
    struct sign_in *in = sign_in_of(r);

    if (!in->was_run)
        return fail(r, ERR_UNAVAILABLE);
    if (in->matches)
        return make_session(r);
    if (!in->is_known && in->district.text[0] == '\0')
        return failure_kept(r);
    call_begin_public(r);
    call_add(call, STMT(sign_in_failed), in->district.text, in->is_known ? in->user.text : NULL,
             in->keys, call_now(r), call_request_id(r));
    return call_run(r, failure_kept);
}

static void compare(void *arg)
{
    struct req *r = arg;
    struct sign_in *in = sign_in_of(r);

    in->matches = secret_password_matches(in->hash, in->password);
}

static void compared(void *arg, bool was_run)
{
    struct req *r = arg;

    sign_in_of(r)->was_run = was_run;
    req_resume(r);
}

struct plan *session_wait(struct req *r, int64_t wait_s)
{
    reply_field(r, "Retry-After", arena_printf(r->arena, "%lld", (long long)wait_s));
    return fail_why(r, ERR_TOO_MANY_REQUESTS,
                    "Too many attempts failed; try again in %lld seconds.", (long long)wait_s);
}

static STEP(user_looked_up)
{
    struct call *call = call_of(r);
    struct sign_in *in = sign_in_of(r);
    int64_t wait_s = db_int(call->unit, 0, 0, "wait_s");
    struct sv hash = db_text(call->unit, 0, 0, "password_hash");

    if (wait_s > 0)
        return in->way->wait(r, wait_s);
    if (!db_is_null(call->unit, 0, 0, "district_id"))
        ENSURE(uuid_parse(db_text(call->unit, 0, 0, "district_id"), &in->district));
    in->is_known = !db_is_null(call->unit, 0, 0, "user_id");
    if (in->is_known)
        ENSURE(uuid_parse(db_text(call->unit, 0, 0, "user_id"), &in->user));
    in->hash = hash.n ? hash.p : NULL;
    if (!offload_run(call->api->offload, compare, compared, r)) {
        reply_field(r, "Retry-After", SV("1"));
        return fail(r, ERR_OVERLOADED);
    }
    return req_park(r, password_compared);
}

struct plan *session_sign_in(struct req *r, const char *district, struct sv email,
                             struct sv password, const struct sign_in_way *way)
{
    struct call *call = call_begin_public(r);
    struct sign_in *in = ARENA_NEW(r->arena, sign_in);

    call->state = in;
    in->way = way;
    in->password = password;
    in->keys = session_throttle_keys(r, email);
    call_add(call, STMT(sign_in_begin), district, arena_cstr(r->arena, r->head.host),
             arena_cstr(r->arena, email), in->keys, call_now(r), call_request_id(r));
    return call_run(r, user_looked_up);
}

struct plan *session_reply_made(struct req *r, struct sv session_id, struct sv expires_at)
{
    reply_field(r, "Cache-Control", SV("no-store"));
    reply_field(r, "Location", SV("/v1/me"));
    return reply_json(r, 201,
                      arena_printf(r->arena, "{\"id\":\"%.*s\",\"expires_at\":\"%.*s\"}",
                                   SV_ARG(session_id), SV_ARG(expires_at)));
}

static STEP(wrong)
{
    reply_field(r, "WWW-Authenticate", SV("Bearer realm=\"kith\""));
    return fail_why(r, ERR_UNAUTHENTICATED, "The e-mail address or the password is wrong.");
}

static const struct sign_in_way way = {session_reply_made, wrong, session_wait};

STEP(session_create)
{
    struct json_bound bound = {0};
    const struct json_value *district;

    if (!http_media_type_is(req_field(r, SV("content-type")), SV("application/json"))) {
        reply_field(r, "Accept-Post", SV("application/json"));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    if (!json_bind(r->arena, &session_sign_in_table, JSON_CREATE, r->body, &bound))
        return fail_bound(r, &bound);
    district = &bound.values[SIGN_IN_DISTRICT];
    return session_sign_in(r, district->text.n ? district->text.p : NULL,
                           bound.values[SIGN_IN_EMAIL].text, bound.values[SIGN_IN_PASSWORD].text,
                           &way);
}
