/* What people change of themselves: PATCH /v1/me, and the list of their sessions. */
#include <inttypes.h>

#include "account.h"
#include "base/uuid.h"
#include "etag.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "resources.h"
#include "session.h"

/* In the order of the mask's bits in the statement me_patch. */
static const struct json_field fields[] = {
    JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST),
    JSON_FIELD("phone", FIELD_TEXT, FIELD_NULLABLE, .max = LINE_LONGEST),
    JSON_FIELD("locale", FIELD_LOCALE, FIELD_REQUIRED),
    JSON_FIELD("zone", FIELD_ZONE, FIELD_NULLABLE, .doc = "Null: the district's."),
};
const struct json_table account_me_table = JSON_TABLE("me", fields);

static const struct json_field session_fields[] = {
    JSON_FIELD("id", FIELD_UUID),
    JSON_FIELD("address", FIELD_TEXT, FIELD_NULLABLE, .doc = "From where it was begun."),
    JSON_FIELD("agent", FIELD_TEXT, FIELD_NULLABLE, .doc = "What its browser calls itself."),
    JSON_FIELD("created_at", FIELD_INSTANT),
    JSON_FIELD("last_used_at", FIELD_INSTANT),
    JSON_FIELD("expires_at", FIELD_INSTANT),
    JSON_FIELD("is_current", FIELD_BOOL, .doc = "It is the one that asks."),
};
static const struct json_table session_table = JSON_TABLE("session", session_fields);
static const struct json_field session_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &session_table);
static const struct json_field sessions_fields[] = {
    JSON_FIELD("data", FIELD_LIST, .item = &session_item, .max = 200),
};
const struct json_table account_sessions_table = JSON_TABLE("sessions", sessions_fields);

static STEP(me_patched)
{
    struct call *call = call_of(r);

    return db_row_count(call->unit, 1) ? session_reply_me(r, 2) : fail(r, ERR_PRECONDITION_FAILED);
}

/* Binds the patch and reads the version that it is for, or answers. */
static struct plan *read_patch(struct req *r, struct json_bound *bound, const char **version)
{
    struct plan *refused = etag_read_version(r, version);

    if (refused)
        return refused;
    if (!http_media_type_is(req_field(r, SV("content-type")), SV("application/merge-patch+json"))) {
        reply_field(r, "Accept-Patch", SV("application/merge-patch+json"));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    return json_bind(r->arena, &account_me_table, JSON_PATCH, r->body, bound)
               ? NULL
               : fail_bound(r, bound);
}

STEP(account_me_patch)
{
    const char **params = arena_zalloc_array(r->arena, COUNT_OF(fields) + 2, sizeof *params);
    struct json_bound bound = {0};
    const char *version = NULL;
    struct plan *refused = read_patch(r, &bound, &version);
    struct call *call;

    if (refused)
        return refused;
    ENSURE(bound.values);
    params[0] = arena_printf(r->arena, "%" PRIu64, bound.present).p;
    params[1] = version;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        params[i + 2] =
            bound.values[i].is_present && !bound.values[i].is_null ? bound.values[i].text.p : NULL;
    call = call_begin(r, CALL_WRITE, SV(""));
    call_add_array(call, STMT(me_patch), params, COUNT_OF(fields) + 2);
    session_add_me(r);
    return call_run(r, me_patched);
}

static STEP(got_sessions)
{
    reply_field(r, "Cache-Control", SV("no-store"));
    return reply_json(r, 200, db_text(call_of(r)->unit, 1, 0, "body"));
}

STEP(account_sessions)
{
    struct plan *refused = call_refuse_query(r);
    struct call *call;

    if (refused)
        return refused;
    call = call_begin(r, CALL_WRITE, SV("")); /* never of a remembered principal */
    call_add(call, STMT(my_sessions), call->token.hash.p);
    return call_run(r, got_sessions);
}

static STEP(session_ended)
{
    struct call *call = call_of(r);

    if (db_row_count(call->unit, 1) == 0)
        return fail(r, ERR_NOT_FOUND);
    principals_forget(call->api->principals, db_text(call->unit, 1, 0, "token_hash"));
    return reply_empty(r, 204);
}

STEP(account_session_end)
{
    struct uuid *id = ARENA_NEW(r->arena, uuid);

    if (!uuid_parse(r->captures[0], id))
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_WRITE, SV(""));
    call_add(call_of(r), STMT(my_session_end), id->text);
    return call_run(r, session_ended);
}

static STEP(sessions_ended)
{
    struct call *call = call_of(r);

    for (size_t i = 0; i < db_row_count(call->unit, 1); i++)
        principals_forget(call->api->principals, db_text(call->unit, 1, i, "token_hash"));
    return reply_empty(r, 204);
}

STEP(account_sessions_end)
{
    struct call *call = call_begin(r, CALL_WRITE, SV(""));

    call_add(call, STMT(my_sessions_end), call->token.hash.p);
    return call_run(r, sessions_ended);
}
