/* Many changes by one request: who asks is looked up → each change is a request within this one, in
 * order, judged and done in a unit of its own as if it had come alone → the reply, kept under the
 * key if there is one.
 *
 * Each change has a key of its own that follows from the request's. Whoever repeats a request that
 * was cut in its middle gets the outcome of what was done, and the rest is done then. */
#include "bulk.h"

#include "account.h"
#include "action.h"
#include "base/secret.h"
#include "gen/stmt.h"
#include "http/router.h"
#include "idempotency.h"
#include "resource.h"
#include "json/emit.h"

#define OUTCOME_BYTES MB(2)
#define PROBLEM_BYTES KB(8) /* told of one change */

enum { CHANGE_METHOD, CHANGE_PATH, CHANGE_VERSION, CHANGE_BODY };
static const char *const methods[] = {"PATCH", "POST", "DELETE", NULL};
static const enum http_method http_methods[] = {HTTP_PATCH, HTTP_POST, HTTP_DELETE};

static const struct json_field change_fields[] = {
    [CHANGE_METHOD] = JSON_FIELD("method", FIELD_ENUM, FIELD_REQUIRED, .values = methods),
    [CHANGE_PATH] = JSON_FIELD(
        "path", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = 200,
        .doc = "Of a row (PATCH changes it, DELETE archives it), of what it is told to do "
               "or its restore (POST), or of a resource (POST makes one)."),
    [CHANGE_VERSION] = JSON_FIELD("version", FIELD_INT, FIELD_NULLABLE, .min = 1,
                                  .doc = "That the row must have; needed where If-Match is."),
    [CHANGE_BODY] = JSON_FIELD("body", FIELD_ANY, FIELD_NULLABLE, .max = BULK_BODY_BYTES,
                               .doc = "As that request alone would have it."),
};
static const struct json_table change_table = JSON_TABLE("change", change_fields);
static const struct json_field change_item = JSON_FIELD(NULL, FIELD_OBJECT, .table = &change_table);
static const struct json_field fields[] = {
    JSON_FIELD("changes", FIELD_LIST, FIELD_REQUIRED, .item = &change_item, .min = 1,
               .max = BULK_MOST,
               .doc = "Done in this order, each by itself: one that is refused stops no other. "
                      "Twenty count as one more write against the rate limit."),
};
const struct json_table bulk_table = {
    .name = "bulk", .fields = fields, .field_count = COUNT_OF(fields), .body_bytes = BULK_BYTES};

static const struct json_field outcome_fields[] = {
    JSON_FIELD("status", FIELD_INT, .doc = "What the change alone would have been answered with."),
    JSON_FIELD("version", FIELD_INT, FIELD_NULLABLE, .doc = "Of the row, when it was done."),
    JSON_FIELD("location", FIELD_TEXT, FIELD_NULLABLE, .doc = "Of what was made."),
    JSON_FIELD("problem", FIELD_ANY, FIELD_NULLABLE, .doc = "Why it was refused (RFC 9457)."),
};
static const struct json_table outcome_table = JSON_TABLE("change_outcome", outcome_fields);
static const struct json_field outcome_item =
    JSON_FIELD(NULL, FIELD_OBJECT, .table = &outcome_table);
static const struct json_field outcomes_fields[] = {
    JSON_FIELD("done", FIELD_INT, .doc = "How many were."),
    JSON_FIELD("refused", FIELD_INT, .doc = "How many were not."),
    JSON_FIELD("data", FIELD_LIST, .item = &outcome_item, .max = BULK_MOST,
               .doc = "One of each change, in their order."),
};
const struct json_table bulk_outcome_table = JSON_TABLE("bulk_outcome", outcomes_fields);

struct bulk {
    const struct json_value *changes;
    size_t count;
    size_t at;
    size_t done;
    bool has_failed; /* on our side: the same request does it later */
    struct str json; /* what became of those before */
    struct emit e;
    struct sv key; /* of the request; empty: none */
    struct sv fingerprint;
};

static struct bulk *bulk_of(struct req *r)
{
    return call_of(r)->state;
}

static const struct json_value *part(const struct bulk *bulk, size_t at, size_t field)
{
    return &bulk->changes[at].items[field];
}

static bool has(const struct json_value *value)
{
    return value->is_present && !value->is_null;
}

/* ---- What is asked ---- */

static bool is_of_rows(const struct route *route)
{
    return route->handle == resource_patch || route->handle == resource_create ||
           route->handle == resource_archive || route->handle == resource_restore ||
           route->handle == action_post;
}

/* Puts into a request what the change at that place asks; false: there is nothing like it. */
static bool fill(struct req *out, const struct router *router, const struct bulk *bulk, size_t at)
{
    struct http_fault fault;

    out->head.method = http_methods[part(bulk, at, CHANGE_METHOD)->number];
    out->head.method_text = sv_of(http_method_name(out->head.method));
    out->head.target = arena_copy(out->arena, part(bulk, at, CHANGE_PATH)->text);
    out->head.minor_version = 1;
    return http_target_parse(out->arena, &out->head, &out->target, &fault) &&
           out->target.query.n == 0 && router_find(router, out) == ROUTE_FOUND &&
           is_of_rows(out->route);
}

static struct plan *refuse_paths(struct req *r, const struct bulk *bulk)
{
    struct json_fault *faults = arena_zalloc_array(r->arena, bulk->count, sizeof *faults);
    size_t wrong = 0;

    for (size_t i = 0; i < bulk->count; i++) {
        struct req asked = {.arena = r->arena};

        if (!fill(&asked, call_of(r)->api->router, bulk, i))
            faults[wrong++] = (struct json_fault){
                .pointer = arena_printf(r->arena, "/changes/%zu/path", i),
                .code = JSON_FAULT_NOT_ALLOWED,
                .detail = SV("\"path\" is of nothing that \"method\" changes.")};
    }
    return wrong ? fail_fields(r, ERR_INVALID_INPUT,
                               SV("Not every change is one of a row of a resource."), faults, wrong)
                 : NULL;
}

static void add_field(struct req *inner, struct http_field *out, const char *name, struct sv value)
{
    out[inner->head.field_count++] = (struct http_field){sv_of(name), value};
    inner->head.fields = out;
}

static void add_fields(struct req *inner, const struct bulk *bulk)
{
    struct http_field *out = arena_zalloc_array(inner->arena, 3, sizeof *out);
    const struct json_value *version = part(bulk, bulk->at, CHANGE_VERSION);
    const struct json_value *body = part(bulk, bulk->at, CHANGE_BODY);

    if (has(body)) {
        inner->body = arena_copy(inner->arena, body->text);
        add_field(inner, out, "Content-Type",
                  inner->head.method == HTTP_PATCH ? SV("application/merge-patch+json")
                                                   : SV("application/json"));
    }
    if (has(version))
        add_field(inner, out, "If-Match",
                  arena_printf(inner->arena, "\"v%.*s-0\"", SV_ARG(version->text)));
    if (bulk->key.n)
        add_field(inner, out, "Idempotency-Key",
                  secret_sha256_hex(inner->arena, arena_printf(inner->arena, "%.*s\n%zu",
                                                               SV_ARG(bulk->key), bulk->at)));
}

/* Whoever asks this asks that. */
static struct call *call_within(struct req *inner, const struct call *of)
{
    struct call *call = ARENA_NEW(inner->arena, call);

    *call = (struct call){.api = of->api,
                          .arena = inner->arena,
                          .pool = of->pool,
                          .token = of->token,
                          .has_token = of->has_token,
                          .is_by_cookie = of->is_by_cookie};
    return call;
}

/* ---- What becomes of it ---- */

static void emit_version(struct emit *e, struct sv etag)
{
    struct sv digits = etag.n ? sv_head(sv_skip(etag, 2), sv_find(sv_skip(etag, 2), '-')) : etag;

    emit_key(e, SV("version"));
    if (digits.n)
        emit_raw(e, digits);
    else
        emit_null(e);
}

static void emit_outcome(struct emit *e, const struct req *inner)
{
    bool is_done = inner->status < 300;
    struct sv location = reply_field_of(inner, "Location");

    emit_object_begin(e);
    emit_key(e, SV("status"));
    emit_i64(e, inner->status);
    emit_version(e, is_done ? reply_field_of(inner, "ETag") : SV_NONE);
    emit_key(e, SV("location"));
    if (location.n)
        emit_text(e, location);
    else
        emit_null(e);
    emit_key(e, SV("problem"));
    if (!is_done && inner->answer.n <= PROBLEM_BYTES)
        emit_raw(e, inner->answer);
    else
        emit_null(e);
    emit_object_end(e);
}

static struct sv outcome(struct req *r)
{
    struct bulk *bulk = bulk_of(r);

    emit_array_end(&bulk->e);
    emit_key(&bulk->e, SV("done"));
    emit_i64(&bulk->e, (int64_t)bulk->done);
    emit_key(&bulk->e, SV("refused"));
    emit_i64(&bulk->e, (int64_t)(bulk->count - bulk->done));
    emit_object_end(&bulk->e);
    ENSURE(emit_finish(&bulk->e));
    return str_view(&bulk->json);
}

static STEP(kept)
{
    return reply_json(r, 200, str_view(&bulk_of(r)->json));
}

static struct plan *finish(struct req *r)
{
    struct bulk *bulk = bulk_of(r);
    struct sv json = outcome(r);

    if (bulk->key.n == 0 || bulk->has_failed)
        return reply_json(r, 200, json);
    call_begin(r, CALL_WRITE, SV(""));
    call_add(call_of(r), STMT(idem_keep), bulk->key.p, bulk->fingerprint.p, str_cstr(&bulk->json));
    return call_run(r, kept);
}

/* ---- One after the other ---- */

static STEP(run_change)
{
    struct plan *refused = idempotency_read(r);

    return refused ? refused : r->route->handle(r);
}

static struct plan *next_change(struct req *r);

static STEP(change_done)
{
    struct bulk *bulk = bulk_of(r);

    emit_outcome(&bulk->e, r->answered);
    bulk->done += r->answered->status < 300;
    bulk->has_failed = bulk->has_failed || r->answered->status >= 500;
    bulk->at++;
    return next_change(r);
}

static struct plan *next_change(struct req *r)
{
    struct bulk *bulk = bulk_of(r);
    struct req *inner;

    if (bulk->at == bulk->count)
        return finish(r);
    inner = req_inner(r);
    ENSURE(fill(inner, call_of(r)->api->router, bulk, bulk->at));
    add_fields(inner, bulk);
    inner->state = call_within(inner, call_of(r));
    return req_ask(r, inner, run_change, change_done);
}

static STEP(known)
{
    struct bulk *bulk = bulk_of(r);
    struct call *call = call_of(r);
    struct plan *refused = refuse_paths(r, bulk);

    if (refused)
        return refused;
    limits_charge(call->api->limits, &call->admission, (int64_t)bulk->count / BULK_A_WRITE,
                  r->started_us);
    emit_init(&bulk->e, &bulk->json);
    emit_object_begin(&bulk->e);
    emit_key(&bulk->e, SV("data"));
    emit_array_begin(&bulk->e);
    return next_change(r);
}

static void free_json(void *arg)
{
    str_fini(arg);
}

STEP(bulk_post)
{
    struct bulk *bulk = ARENA_NEW(r->arena, bulk);
    struct json_bound bound = {0};
    struct plan *refused = idempotency_read(r);

    if (!refused)
        refused = account_read_body(r, &bulk_table, &bound);
    if (refused)
        return refused;
    ENSURE(bound.values);
    bulk->changes = bound.values[0].items;
    bulk->count = bound.values[0].item_count;
    str_init(&bulk->json, OUTCOME_BYTES);
    arena_defer(r->arena, free_json, &bulk->json);
    bulk->key = call_of(r)->idempotency_key;
    bulk->fingerprint = call_of(r)->fingerprint;
    call_begin(r, CALL_WRITE, SV(""));
    idempotency_begin(r);
    call_of(r)->state = bulk;
    return call_run(r, known);
}
