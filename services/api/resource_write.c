/* POST, PATCH, DELETE (which archives) and restore of a resource. */
#include <inttypes.h>

#include "base/uuid.h"
#include "call.h"
#include "etag.h"
#include "failure.h"
#include "http/field.h"
#include "http/router.h"
#include "idempotency.h"
#include "resource.h"

struct write {
    const struct resource_ready *ready;
    struct uuid id;
    size_t changed; /* the statement that says whether it happened */
    size_t got;     /* the one that reads the representation */
    size_t reached; /* when nothing was changed: the one that says whether it is covered */
    const char *need;
    struct json_fault *others; /* fields of the body that are nobody's own, beside some that are */
    size_t other_count;
};

static struct write *write_of(struct req *r)
{
    return call_of(r)->state;
}

static struct write *new_write(struct req *r)
{
    struct write *write = ARENA_NEW(r->arena, write);

    write->ready = ((const struct resource *)r->route->what)->ready;
    write->need = write->ready->resource->owners_write ? write->ready->own_writers
                                                       : write->ready->resource->writers;
    call_of(r)->state = write;
    return write;
}

/* Binds the body, or answers. */
static struct plan *bind_body(struct req *r, const struct json_table *table, enum json_mode mode,
                              const char *media_type, struct json_bound *out)
{
    if (!http_media_type_is(req_field(r, SV("content-type")), sv_of(media_type))) {
        reply_field(r, mode == JSON_PATCH ? "Accept-Patch" : "Accept-Post", sv_of(media_type));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    return json_bind(r->arena, table, mode, r->body, out) ? NULL : fail_bound(r, out);
}

/* Parameters: what comes first, then the writable fields in order. */
static size_t add_values(const struct resource_ready *ready, const struct json_bound *bound,
                         const char **params, size_t count)
{
    ENSURE(bound->values);
    for (size_t i = 0; i < ready->field_count; i++) {
        const struct json_value *value = &bound->values[i];

        if (resource_field_is_writable(&ready->fields[i]))
            params[count++] = value->is_present && !value->is_null ? value->text.p : NULL;
    }
    return count;
}

static struct sv location_of(struct req *r)
{
    const struct write *write = write_of(r);

    return arena_printf(r->arena, "/v1/%s/%s", write->ready->resource->plural, write->id.text);
}

/* Reads the representation; under an idempotency key `kept` keeps it as the reply. */
static void add_get_by(struct req *r, const struct db_statement *kept, const char *status,
                       const char *location)
{
    struct call *call = call_of(r);
    struct write *write = write_of(r);

    write->got = call->idempotency_key.n
                     ? call_add(call, kept, write->id.text, call->idempotency_key.p,
                                call->fingerprint.p, status, location)
                     : call_add(call, &write->ready->get, write->id.text);
}

static void add_get(struct req *r, const char *status, const char *location)
{
    add_get_by(r, &write_of(r)->ready->get_and_keep, status, location);
}

static STEP(created)
{
    struct write *write = write_of(r);
    struct call *call = call_of(r);

    reply_field(r, "Location", location_of(r));
    if (db_row_count(call->unit, write->got) == 0) /* it is not for whoever wrote it to read */
        return reply_empty(r, 201);
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, write->got, 0, "version")));
    return reply_json(r, 201, db_text(call->unit, write->got, 0, "body"));
}

static void add_create(struct req *r, const struct json_bound *bound)
{
    struct call *call = call_of(r);
    struct write *write = write_of(r);
    const struct resource_ready *ready = write->ready;
    const char **params = arena_zalloc(r->arena, DB_STATEMENT_PARAMS * sizeof *params);
    size_t count;

    params[0] = write->id.text;
    count = add_values(ready, bound, params, 1);
    db_unit_add(call->unit, &ready->create, params, count);
    if (ready->resource->is_superseded)
        call_add(call, &ready->refuse_same, write->id.text);
    add_get(r, "201", location_of(r).p);
}

static STEP(same_found)
{
    struct write *write = write_of(r);
    struct call *call = call_of(r);

    if (db_row_count(call->unit, write->got) == 0)
        return fail(r, ERR_CONFLICT); /* withdrawn just now */
    reply_field(r, "Location", location_of(r));
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, write->got, 0, "version")));
    return reply_json(r, 200, db_text(call->unit, write->got, 0, "body"));
}

/* What is there says the same: it holds, and nothing was written. */
static STEP(create_refused)
{
    struct write *write = write_of(r);

    if (!call_was_refused(r, "KI304"))
        return call_fail(r);
    ENSURE(uuid_parse(sv_of(call_refusal_detail(r)), &write->id));
    call_begin(r, CALL_WRITE, sv_of(write->need));
    idempotency_begin(r);
    add_get_by(r, &write->ready->get_and_keep_any, "200", location_of(r).p);
    return call_run(r, same_found);
}

STEP(resource_create)
{
    struct write *write = new_write(r);
    struct json_bound bound = {0};
    struct plan *refused = idempotency_read(r);

    if (!refused)
        refused = bind_body(r, &write->ready->table, JSON_CREATE, "application/json", &bound);
    if (refused)
        return refused;
    write->id = uuid7_new();
    call_begin(r, CALL_WRITE, sv_of(write->need));
    idempotency_begin(r);
    add_create(r, &bound);
    if (write->ready->resource->is_superseded)
        call_on_refusal(r, create_refused);
    return call_run(r, created);
}

/* The id of the path and the version of If-Match, or an answer. */
static struct plan *read_target(struct req *r, const char **out_version)
{
    struct plan *refused = etag_read_version(r, out_version);

    if (refused)
        return refused;
    return uuid_parse(r->captures[0], &write_of(r)->id) ? NULL : fail(r, ERR_NOT_FOUND);
}

/* What is private may be the caller's own; what stands beside it is not. */
static struct plan *fail_others(struct req *r)
{
    const struct write *write = write_of(r);

    return fail_fields(r, ERR_FORBIDDEN,
                       SV("This is outside of what your grants cover: alone, what is private may "
                          "be written by whoever owns it."),
                       write->others, write->other_count);
}

static STEP(refused_others)
{
    return call_was_refused(r, "KI403") || call_was_refused(r, "KIOUT") ? fail_others(r)
                                                                        : call_fail(r);
}

/* A body of nothing but what is private is for owners, too; of one with more, the rest is told when
 * no grant covers it. */
static void sort_fields(struct req *r, const struct json_bound *bound)
{
    struct write *write = write_of(r);
    const struct resource_ready *ready = write->ready;
    size_t owned = 0;

    write->others = arena_zalloc_array(r->arena, ready->field_count, sizeof *write->others);
    for (size_t i = 0; i < ready->field_count; i++) {
        const struct resource_field *field = &ready->fields[i];

        if (!bound->values[i].is_present)
            continue;
        if (field->owned) {
            owned++;
            continue;
        }
        write->others[write->other_count++] = (struct json_fault){
            .pointer = arena_printf(r->arena, "/%s", field->json.name),
            .code = JSON_FAULT_NOT_ALLOWED,
            .detail = arena_printf(r->arena, "\"%s\" is not yours to write.", field->json.name)};
    }
    if (!owned)
        write->other_count = 0;
    else if (!write->other_count)
        write->need = ready->own_writers;
}

/* Nothing was changed though it is there: because no grant covers it, because it has changed, or
 * because its state forbids it. */
static STEP(looked_again)
{
    struct write *write = write_of(r);
    struct call *call = call_of(r);
    const char *expected = NULL;
    enum if_match found = etag_if_match(r, &expected);
    struct sv version;

    ENSURE(found == IF_MATCH_VERSION);
    if (db_row_count(call->unit, write->reached) == 0)
        return write->other_count ? fail_others(r) : fail_why(r, ERR_FORBIDDEN, FAILURE_OUTSIDE);
    version = db_text(call->unit, write->reached, 0, "version");
    reply_field(r, "ETag", etag_of(r, version));
    return sv_eq(version, sv_of(expected)) ? fail(r, ERR_CONFLICT)
                                           : fail(r, ERR_PRECONDITION_FAILED);
}

/* What is not covered is hidden from the change alone: a second unit tells which of the reasons it
 * was, so that a change that happens pays nothing for it. */
static struct plan *look_again(struct req *r)
{
    struct write *write = write_of(r);
    struct call *call = call_of(r);

    if (db_row_count(call->unit, write->got) == 0)
        return fail(r, ERR_NOT_FOUND);
    call_begin(r, CALL_WRITE, sv_of(write->need));
    write->reached = call_add(call, &write->ready->reach, write->id.text);
    return call_run(r, looked_again);
}

static STEP(patched)
{
    struct write *write = write_of(r);
    struct call *call = call_of(r);

    if (db_row_count(call->unit, write->changed) == 0)
        return look_again(r);
    if (db_row_count(call->unit, write->got))
        reply_field(r, "ETag", etag_of(r, db_text(call->unit, write->got, 0, "version")));
    if (r->head.method == HTTP_DELETE)
        return reply_empty(r, 204);
    return reply_json(r, 200, db_text(call->unit, write->got, 0, "body"));
}

STEP(resource_patch)
{
    struct write *write = new_write(r);
    const char **params = arena_zalloc(r->arena, DB_STATEMENT_PARAMS * sizeof *params);
    struct json_bound bound = {0};
    struct plan *refused;
    struct call *call;
    size_t count;

    refused = read_target(r, &params[2]);
    if (!refused)
        refused =
            bind_body(r, &write->ready->table, JSON_PATCH, "application/merge-patch+json", &bound);
    if (refused)
        return refused;
    params[0] = write->id.text;
    params[1] = arena_printf(r->arena, "%" PRIu64, bound.present).p;
    count = add_values(write->ready, &bound, params, 3);
    sort_fields(r, &bound);
    call = call_begin(r, CALL_WRITE, sv_of(write->need));
    idempotency_begin(r);
    if (write->other_count)
        call_on_refusal(r, refused_others);
    write->changed = db_unit_add(call->unit, &write->ready->patch, params, count);
    add_get(r, "200", NULL);
    return call_run(r, patched);
}

static struct plan *mark(struct req *r, bool archive)
{
    struct write *write = new_write(r);
    const struct resource_ready *ready = write->ready;
    const char *version = NULL;
    struct plan *refused = read_target(r, &version);
    struct call *call;

    if (!refused && !archive)
        refused = idempotency_read(r);
    if (refused)
        return refused;
    call = call_begin(r, CALL_WRITE, sv_of(write->need));
    idempotency_begin(r);
    write->changed =
        call_add(call, archive ? &ready->archive : &ready->restore, write->id.text, version);
    add_get(r, archive ? "204" : "200", NULL);
    return call_run(r, patched);
}

STEP(resource_archive)
{
    return mark(r, true);
}

STEP(resource_restore)
{
    return mark(r, false);
}
