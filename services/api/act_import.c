/* POST /v1/imports: read the query → who asks → the body in pieces, each stored as it comes → the
 * first row's columns → the import, which an importer takes from there. */
#include <string.h>

#include "base/encode.h"
#include "base/secret.h"
#include "call.h"
#include "etag.h"
#include "failure.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "idempotency.h"
#include "import.h"
#include "resources.h"
#include "json/walk.h"

#define UPLOAD_BYTES (IMPORT_CHUNK_BYTES + MB(1)) /* that wait to be stored */

struct upload {
    struct uuid id;
    struct import_plan plan;
    const char *roles;
    struct arena *arena; /* of the piece that is on its way */
    struct str *waiting;
    struct str *head; /* the first bytes */
    struct csv_sniff sniff;
    size_t bytes;
    size_t chunks;
    struct sv hash; /* of what was stored, one chunk after the other */
    struct db_unit *unit;
    bool has_failed; /* the unit */
    size_t got;      /* the statement that reads the representation */
    struct json_fault faults[IMPORT_FAULTS];
    size_t fault_count;
};

static struct upload *upload_of(struct req *r)
{
    return call_of(r)->state;
}

/* ---- The query ------------------------------------------------------------------------------ */

static struct plan *refuse_parameter(struct req *r, struct json_fault fault)
{
    return fail_fields(r, ERR_INVALID_QUERY, fault.detail, &fault, 1);
}

/* "name" of "~name?". */
static struct sv bare(struct sv field)
{
    if (sv_starts_with(field, SV("~")))
        field = sv_skip(field, 1);
    if (sv_ends_with(field, SV("?")))
        field.n--;
    return field;
}

static bool is_alternative(struct sv keys, struct sv wanted, struct sv *out)
{
    struct sv one;

    while (sv_split(&keys, '|', &one)) {
        struct sv rest = one;
        struct sv asked = wanted;
        struct sv field = SV_NONE;
        struct sv name = SV_NONE;
        bool is_same = true;

        while (is_same && sv_split(&rest, ',', &field))
            is_same = sv_split(&asked, ',', &name) && sv_eq(bare(field), name);
        if (is_same && !sv_split(&asked, ',', &name)) {
            *out = one;
            return true;
        }
    }
    return false;
}

static bool read_choice(const struct sv *value, struct sv yes, struct sv no, bool *out)
{
    *out = value && sv_eq(*value, yes);
    return !value || *out || sv_eq(*value, no);
}

static bool is_parameter(struct sv name)
{
    static const char *const known[] = {"kind",    "dry_run",   "key",
                                        "mapping", "constants", "empty_cells"};

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (sv_eq(name, sv_of(known[i])))
            return true;
    }
    return false;
}

static struct plan *check_parameters(struct req *r)
{
    for (size_t i = 0; i < r->query_count; i++) {
        struct sv name = r->query[i].name;

        if (!is_parameter(name) || req_query(r, name) != &r->query[i].value)
            return refuse_parameter(
                r, (struct json_fault){path_pointer(r->arena, &(struct path){.key = name}),
                                       JSON_FAULT_UNKNOWN_PARAMETER,
                                       SV("There is no such parameter, or it stands twice.")});
    }
    return NULL;
}

/* NULL, or an answer. */
static struct plan *read_options(struct req *r, struct import_options *out)
{
    const struct sv *kind = req_query(r, SV("kind"));
    const struct sv *key = req_query(r, SV("key"));
    const struct sv *mapping = req_query(r, SV("mapping"));
    const struct sv *constants = req_query(r, SV("constants"));
    struct plan *refused = check_parameters(r);
    struct json_fault fault = {.code = JSON_FAULT_INVALID_PARAMETER};

    if (refused)
        return refused;
    out->resource = kind ? import_kind(*kind) : NULL;
    if (!out->resource) {
        fault.pointer = SV("/kind");
        fault.detail = SV("\"kind\" must be the plural of what can be imported.");
    } else if (!read_choice(req_query(r, SV("dry_run")), SV("true"), SV("false"),
                            &out->is_dry_run)) {
        fault.pointer = SV("/dry_run");
        fault.detail = SV("\"dry_run\" must be true or false.");
    } else if (!read_choice(req_query(r, SV("empty_cells")), SV("clear"), SV("keep"),
                            &out->clears)) {
        fault.pointer = SV("/empty_cells");
        fault.detail = SV("\"empty_cells\" must be keep or clear.");
    } else if (key && !is_alternative(sv_of(out->resource->import_key), *key, &out->key)) {
        fault.pointer = SV("/key");
        fault.detail = SV("\"key\" must be one of the keys of its kind.");
    } else if (import_read_names(r->arena, mapping ? *mapping : SV(""),
                                 constants ? *constants : SV(""), out, &fault)) {
        return NULL;
    }
    return refuse_parameter(r, fault);
}

/* ---- The body ------------------------------------------------------------------------------- */

static void add_enter(struct req *r, struct arena *arena, struct db_unit *unit)
{
    const struct call *call = call_of(r);
    const char **params = arena_zalloc(arena, 5 * sizeof *params);

    params[0] = call->token.district.text;
    params[1] = arena_cstr(arena, call->token.hash);
    params[2] = upload_of(r)->roles;
    params[3] = call_now(r);
    params[4] = call_request_id(r);
    db_unit_add(unit, STMT(enter), params, 5);
}

/* The parameters of the next piece, which is then no longer waiting. */
static const char **take_chunk(struct req *r, struct arena *arena)
{
    struct upload *upload = upload_of(r);
    struct sv chunk = sv_head(str_view(upload->waiting), IMPORT_CHUNK_BYTES);
    struct str *both = str_new_in(arena, IMPORT_CHUNK_BYTES + KB(1));
    struct str *rest = str_new_in(arena, UPLOAD_BYTES);
    const char **params = arena_zalloc(arena, 3 * sizeof *params);

    str_add(both, upload->hash);
    str_add(both, chunk);
    upload->hash = arena_copy(r->arena, secret_sha256_hex(arena, str_view(both)));
    params[0] = upload->id.text;
    params[1] = arena_printf(arena, "%zu", upload->chunks++).p;
    params[2] = arena_cstr(arena, hex_encode(arena, chunk));
    str_add(rest, sv_skip(str_view(upload->waiting), chunk.n));
    str_clear(upload->waiting);
    str_add(upload->waiting, str_view(rest));
    return params;
}

static void store(struct req *r);

static void stored(struct db_unit *unit, void *arg)
{
    struct req *r = arg;
    struct upload *upload = upload_of(r);

    if (db_unit_outcome(unit) != DB_DONE)
        upload->has_failed = true;
    else
        arena_reset(upload->arena);
    if (!upload->has_failed && str_view(upload->waiting).n >= IMPORT_CHUNK_BYTES)
        store(r);
    else
        body_resume(r);
}

static void store(struct req *r)
{
    struct call *call = call_of(r);
    struct upload *upload = upload_of(r);

    upload->unit = db_unit_new(upload->arena);
    add_enter(r, upload->arena, upload->unit);
    db_unit_add(upload->unit, STMT(import_chunk_put), take_chunk(r, upload->arena), 3);
    db_submit(call->api->pool, upload->unit, call->api->unit_ms, stored, r);
}

static enum body_flow on_piece(struct req *r, struct sv bytes)
{
    struct upload *upload = upload_of(r);
    struct sv head = str_view(upload->head);

    upload->bytes += bytes.n;
    if (upload->has_failed || upload->bytes > (size_t)call_of(r)->api->import_bytes)
        return BODY_GO_ON; /* to the end, where it is told */
    csv_sniff(&upload->sniff, bytes);
    str_add(upload->head, sv_head(bytes, IMPORT_HEAD_BYTES - head.n));
    str_add(upload->waiting, bytes);
    ENSURE(!str_failed(upload->waiting));
    if (str_view(upload->waiting).n < IMPORT_CHUNK_BYTES)
        return BODY_GO_ON;
    store(r);
    return BODY_PAUSE;
}

/* ---- The end -------------------------------------------------------------------------------- */

static STEP(received)
{
    struct call *call = call_of(r);
    struct upload *upload = upload_of(r);

    importer_wake(call->api->importer);
    reply_field(r, "Location", arena_printf(r->arena, "/v1/imports/%s", upload->id.text));
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, upload->got, 0, "version")));
    return reply_json(r, 202, db_text(call->unit, upload->got, 0, "body"));
}

static struct plan *refuse_columns(struct req *r)
{
    struct upload *upload = upload_of(r);

    return fail_fields(r, ERR_INVALID_INPUT, SV("The columns are not as they must be; see errors."),
                       upload->faults, upload->fault_count);
}

static STEP(dropped)
{
    return refuse_columns(r);
}

/* The columns are at fault: nothing stays of the file. */
static struct plan *drop(struct req *r)
{
    struct upload *upload = upload_of(r);

    if (upload->chunks == 0)
        return refuse_columns(r);
    call_begin(r, CALL_WRITE, sv_of(upload->roles));
    call_add(call_of(r), STMT(import_chunks_drop), upload->id.text);
    return call_run(r, dropped);
}

static struct plan *make_import(struct req *r, const struct import_head *head,
                                enum csv_encoding encoding)
{
    struct upload *upload = upload_of(r);
    struct call *call = call_of(r);
    const struct import_plan *plan = &upload->plan;
    const struct resource_ready *ready = res_import.ready;
    const char *location = arena_printf(r->arena, "/v1/imports/%s", upload->id.text).p;
    const char **chunk = take_chunk(r, r->arena);

    call->fingerprint = secret_sha256_hex(
        r->arena, arena_printf(r->arena, "%.*s\n%.*s\n%.*s", SV_ARG(call->fingerprint),
                               SV_ARG(r->target.query), SV_ARG(upload->hash)));
    call_begin(r, CALL_WRITE, sv_of(upload->roles));
    idempotency_begin(r);
    db_unit_add(call->unit, STMT(import_chunk_put), chunk, 3);
    call_add(call, STMT(import_create), upload->id.text, plan->options.resource->plural,
             plan->options.is_dry_run ? "true" : "false",
             plan->options.key.n ? arena_cstr(r->arena, plan->options.key) : NULL,
             plan->options.clears ? "clear" : "keep", import_mapping_json(r->arena, plan).p,
             import_constants_json(r->arena, plan).p,
             import_unmapped_json(r->arena, plan, &head->names).p,
             arena_printf(r->arena, "%zu", upload->bytes).p, csv_encoding_name(encoding),
             import_separator_name(head->separator), upload->roles);
    call_add(call, STMT(import_queue), upload->id.text);
    upload->got = call->idempotency_key.n
                      ? call_add(call, &ready->get_and_keep, upload->id.text,
                                 call->idempotency_key.p, call->fingerprint.p, "202", location)
                      : call_add(call, &ready->get, upload->id.text);
    return call_run(r, received);
}

static STEP(body_came)
{
    struct upload *upload = upload_of(r);
    enum csv_encoding encoding = csv_sniffed(&upload->sniff);
    struct import_head *head = ARENA_NEW(r->arena, import_head);
    bool is_all = upload->bytes <= IMPORT_HEAD_BYTES;

    if (upload->bytes > (size_t)call_of(r)->api->import_bytes)
        return fail_why(r, ERR_BODY_TOO_LARGE, "A file may have at most %lld bytes.",
                        (long long)call_of(r)->api->import_bytes);
    if (upload->has_failed)
        return failure_reply(r, upload->unit);
    if (!import_read_head(r->arena, str_view(upload->head), is_all, encoding, head)) {
        upload->faults[upload->fault_count++] = (struct json_fault){
            SV(""), JSON_FAULT_REQUIRED, SV("The file has no first row with names of columns.")};
        return drop(r);
    }
    if (head->names.cell_count > CSV_CELLS || head->names.has_nul) {
        upload->faults[upload->fault_count++] = (struct json_fault){
            SV(""), JSON_FAULT_NOT_ALLOWED, SV("The first row cannot be names of columns.")};
        return drop(r);
    }
    upload->fault_count =
        import_find_columns(r->arena, &head->names, &upload->plan, upload->faults);
    return upload->fault_count ? drop(r) : make_import(r, head, encoding);
}

static STEP(let_in)
{
    return body_read(r, on_piece, body_came);
}

static void free_arena(void *arg)
{
    arena_free(arg);
}

static struct upload *new_upload(struct req *r)
{
    struct upload *upload = ARENA_NEW(r->arena, upload);

    upload->id = uuid7_new();
    upload->arena = arena_new(MB(4));
    arena_defer(r->arena, free_arena, upload->arena);
    upload->waiting = str_new_in(r->arena, UPLOAD_BYTES);
    upload->head = str_new_in(r->arena, IMPORT_HEAD_BYTES);
    upload->hash = SV("");
    call_of(r)->state = upload;
    return upload;
}

STEP(import_post)
{
    struct upload *upload = new_upload(r);
    struct plan *refused = idempotency_read(r);

    if (!refused && !http_media_type_is(req_field(r, SV("content-type")), SV("text/csv"))) {
        reply_field(r, "Accept-Post", SV("text/csv"));
        refused = fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    if (!refused)
        refused = read_options(r, &upload->plan.options);
    if (refused)
        return refused;
    upload->roles = import_roles(upload->plan.options.resource);
    call_begin(r, CALL_WRITE, sv_of(upload->roles));
    return call_run(r, let_in);
}
