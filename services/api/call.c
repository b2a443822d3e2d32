/* The gate, the unit, and its outcomes. */
#include "call.h"

#include <string.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/uuid.h"
#include "failure.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "http/server.h"
#include "idempotency.h"
#include "openapi/operation.h"
#include "pages/page.h"
#include "publisher.h"
#include "routes.h"
#include "session.h"
#include "use.h"
#include "json/walk.h"

#define ENTER_STATEMENT 0 /* of each unit */

struct call *call_of(const struct req *r)
{
    return r->state;
}

static struct plan *unauthenticated(struct req *r)
{
    reply_field(r, "WWW-Authenticate", SV("Bearer realm=\"kith\""));
    return fail(r, ERR_UNAUTHENTICATED);
}

/* By the token of the Authorization field, of the cookie, or of the link. The database looks it up
 * with the unit. */
static void read_token(struct req *r)
{
    struct call *call = call_of(r);
    struct sv text;
    bool is_there;

    if (r->route && r->route->flags & ROUTE_BY_LINK) {
        is_there = page_link_token(r, &text, &call->link_part);
    } else {
        call->is_by_cookie = !http_bearer_token(&r->head, &text);
        is_there = !call->is_by_cookie || session_cookie(r, &text);
    }
    call->has_token = is_there && token_parse(r->arena, text, &call->token);
}

STEP(call_admit)
{
    struct api *api = http_server_arg(r);
    struct call *call = ARENA_NEW(r->arena, call);

    call->api = api;
    call->arena = r->arena;
    call->pool = api->pool;
    r->state = call;
    read_token(r);
    /* A page is read by whom it is for, and by no other origin. */
    if (!(r->route && r->route->flags & ROUTE_PAGE) && cors_admit(r, api->cors))
        return NULL;
    return limits_admit(r, api->limits, call->has_token ? call->token.hash : SV_NONE,
                        &call->admission);
}

/* No handler of a write reads its query, but for those that stream; such a parameter may be meant
 * to narrow the effect. */
static bool has_unread_query(const struct req *r)
{
    return r->query_count && r->head.method != HTTP_GET && r->head.method != HTTP_HEAD &&
           !(r->route->flags & ROUTE_STREAMS_BODY);
}

/* Nobody undoes a coding, and the coded bytes are not the body (RFC 9110 §8.4). */
static bool has_coded_body(const struct req *r)
{
    size_t count = http_head_field_count(&r->head, SV("content-encoding"));
    struct sv coding = sv_trim(req_field(r, SV("content-encoding")));

    return count && (count > 1 || !sv_eq_nocase(coding, SV("identity"))) &&
           operation_of(r->route).kind->body != BODY_NONE;
}

/* What would be passed over is refused: NULL, or the refusal. */
static struct plan *refuse_unread(struct req *r)
{
    if (has_unread_query(r))
        return call_refuse_query(r);
    if (!has_coded_body(r))
        return NULL;
    reply_field(r, "Accept-Encoding", SV("identity"));
    return fail_why(r, ERR_MEDIA_TYPE_UNSUPPORTED, "The body must come without a content coding.");
}

struct plan *call_refuse_query(struct req *r)
{
    struct json_fault fault = {.code = JSON_FAULT_UNKNOWN_PARAMETER};

    if (r->query_count == 0)
        return NULL;
    fault.pointer = path_pointer(r->arena, &(struct path){.key = r->query[0].name});
    fault.detail = SV("This takes no parameters.");
    return fail_fields(r, ERR_INVALID_QUERY, fault.detail, &fault, 1);
}

struct plan *call_read_id(struct req *r, const char **id)
{
    struct uuid *named = ARENA_NEW(r->arena, uuid);
    struct plan *refused = call_refuse_query(r);

    *id = named->text;
    if (refused)
        return refused;
    return uuid_parse(r->captures[0], named) ? NULL : fail(r, ERR_NOT_FOUND);
}

STEP(call_gate)
{
    struct call *call = call_of(r);
    bool is_public = r->route->flags & ROUTE_PUBLIC;
    struct plan *refused = NULL;

    if (!is_public && !call->has_token)
        return unauthenticated(r);
    if (!is_public && call->is_by_cookie)
        refused = session_check_origin(r);
    if (!refused)
        refused = refuse_unread(r);
    return refused ? refused : r->route->handle(r);
}

void call_replied(struct req *r)
{
    struct call *call = call_of(r);

    if (call) /* not for what was no request */
        limits_ended(call->api->limits, &call->admission, r->status, clock_mono_us());
}

size_t call_add_array(struct call *call, const struct db_statement *statement,
                      const char *const *params, size_t count)
{
    const char **kept = arena_zalloc_array(call->arena, count, sizeof *kept);

    memcpy(kept, params, count * sizeof *kept);
    return db_unit_add(call->unit, statement, kept, count);
}

const char *call_now(struct req *r)
{
    char *text = arena_alloc(call_of(r)->arena, INSTANT_TEXT_BYTES);

    instant_format_ms(text, clock_now_ms());
    return text;
}

const char *call_request_id(struct req *r)
{
    struct arena *arena = call_of(r)->arena;

    if (r->trace_id.n == 0)
        return arena_cstr(arena, r->request_id);
    return arena_printf(arena, "%.*s;%.*s", SV_ARG(r->request_id),
                        SV_ARG(req_field(r, SV("traceparent"))))
        .p;
}

struct call *call_begin_public(struct req *r)
{
    struct call *call = call_of(r);

    call->unit = db_unit_new(r->arena);
    call->is_public = true;
    call->is_by_link = false;
    call->refused = NULL;
    return call;
}

struct call *call_begin_link(struct req *r, const char *purposes)
{
    struct call *call = call_begin_public(r);

    call->is_by_link = true;
    call_add(call, STMT(link_enter), call->token.district.text, call->token.hash.p, purposes,
             call_now(r), call_request_id(r), arena_cstr(r->arena, call->link_part));
    return call;
}

void call_on_refusal(struct req *r, STEP((*refused)))
{
    call_of(r)->refused = refused;
}

const char *call_refusal_detail(const struct req *r)
{
    return db_unit_error(call_of(r)->unit)->detail;
}

bool call_was_refused(const struct req *r, const char *sqlstate)
{
    return strcmp(db_unit_error(call_of(r)->unit)->sqlstate, sqlstate) == 0;
}

static void add_context(struct req *r, struct call *call)
{
    const struct principal *principal = &call->principal;
    const struct db_statement *context =
        call->kind == CALL_LIST ? STMT(context_for_list) : STMT(context);

    call_add(call, context, principal->district.text, principal->user.text, principal->roles,
             call_now(r));
}

void call_add_enter(struct req *r, struct arena *arena, struct db_unit *unit,
                    const struct db_statement *enter, struct sv need)
{
    const struct call *call = call_of(r);
    const char **params = arena_zalloc_array(arena, enter->param_count, sizeof *params);

    params[0] = call->token.district.text;
    params[1] = arena_cstr(arena, call->token.hash);
    params[2] = arena_cstr(arena, need);
    params[3] = call_now(r);
    params[4] = call_request_id(r);
    params[5] = use_of(arena, r);
    db_unit_add(unit, enter, params, enter->param_count);
}

void call_shows_private(struct req *r, const char *readers)
{
    call_of(r)->private_readers = readers;
}

/* A remembered principal serves for a read that shows it nothing private. */
static const struct principal *remembered(const struct call *call, enum call_kind kind)
{
    const struct principal *known =
        kind == CALL_WRITE
            ? NULL
            : principals_find(call->api->principals, call->token.hash, clock_mono_ms());

    if (!known || !sv_eq(uuid_view(&known->district), uuid_view(&call->token.district)))
        return NULL;
    if (call->private_readers && roles_meet(sv_of(known->roles), sv_of(call->private_readers)))
        return NULL;
    return known;
}

struct call *call_begin(struct req *r, enum call_kind kind, struct sv need)
{
    struct call *call = call_of(r);
    const struct principal *known = remembered(call, kind);

    call->kind = kind;
    call->is_public = false;
    call->refused = NULL;
    call->unit = db_unit_new(call->arena);
    call->is_known = known != NULL;
    if (known) {
        call->principal = *known;
        call->is_forbidden = !roles_meet(sv_of(known->roles), need);
        limits_verified(call->api->limits, &call->admission);
        add_context(r, call);
    } else {
        call_add_enter(r, call->arena, call->unit,
                       kind == CALL_LIST ? STMT(enter_for_list) : STMT(enter), need);
    }
    if (kind != CALL_WRITE)
        db_unit_may_repeat(call->unit);
    return call;
}

void call_record_read(struct req *r, const struct db_statement *statement,
                      const char *const *params)
{
    struct call *call = call_of(r);

    if (statement && !call->is_known)
        call_add_array(call, statement, params, statement->param_count);
}

static void copy_text(char *out, size_t size, struct sv text)
{
    ENSURE(text.n < size);
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
}

/* Keeps what kith_enter found out. */
static void learn_principal(struct call *call)
{
    struct principal *principal = &call->principal;

    copy_text(principal->hash, sizeof principal->hash, call->token.hash);
    principal->district = call->token.district;
    ENSURE(uuid_parse(db_text(call->unit, ENTER_STATEMENT, 0, "user_id"), &principal->user));
    copy_text(principal->roles, sizeof principal->roles,
              db_text(call->unit, ENTER_STATEMENT, 0, "roles"));
    principal->verified_ms = clock_mono_ms();
    if (!db_bool(call->unit, ENTER_STATEMENT, 0, "is_limited"))
        principals_add(call->api->principals, principal);
}

static STEP(run_next)
{
    struct call *call = call_of(r);

    return call->next(r);
}

static STEP(answer_failure)
{
    struct call *call = call_of(r);

    if (failure_is_replay(call->unit))
        return idempotency_replay(r);
    if (!call->is_public)
        principals_forget(call->api->principals, call->token.hash);
    return call->refused && db_unit_outcome(call->unit) == DB_REFUSED ? call->refused(r)
                                                                      : call_fail(r);
}

struct plan *call_fail(struct req *r)
{
    return failure_reply(r, call_of(r)->unit);
}

/* The database got past the look-up of the token. */
static bool is_verified(const struct db_unit *unit)
{
    return db_unit_outcome(unit) == DB_DONE || (db_unit_outcome(unit) == DB_REFUSED &&
                                                db_unit_error(unit)->statement > ENTER_STATEMENT);
}

static bool may_have_written(const struct req *r)
{
    return r->head.method != HTTP_GET && r->head.method != HTTP_HEAD;
}

static void on_unit_done(struct db_unit *unit, void *arg)
{
    struct req *r = arg;
    struct call *call = call_of(r);
    bool is_done = db_unit_outcome(unit) == DB_DONE;

    if (is_done && may_have_written(r))
        publisher_wake(call->api->publisher);
    if ((!call->is_public || call->is_by_link) && is_verified(unit))
        limits_verified(call->api->limits, &call->admission);
    if (is_done && !call->is_known && !call->is_public)
        learn_principal(call);
    r->next = is_done ? run_next : answer_failure;
    req_resume(r);
}

struct plan *call_run(struct req *r, STEP((*next)))
{
    struct call *call = call_of(r);

    if (call->is_forbidden)
        return fail(r, ERR_FORBIDDEN);
    call->next = next;
    db_submit(call->pool, call->unit, call->api->unit_ms, on_unit_done, r);
    return req_park(r, run_next);
}

STEP(call_body)
{
    struct call *call = call_of(r);

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    reply_field(r, "Cache-Control", SV("private, no-cache"));
    return reply_json(r, 200, db_text(call->unit, 1, 0, "body"));
}
