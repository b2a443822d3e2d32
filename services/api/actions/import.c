/* POST /v1/imports: read the query → who asks → the body in pieces, each stored as it comes → the
 * first row's columns → the import, which an importer takes from there. */
#include <string.h>

#include "etag.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "idempotency.h"
#include "imports/import.h"
#include "resources.h"
#include "upload.h"
#include "use.h"
#include "json/walk.h"

struct import_upload {
    struct upload upload; /* the first */
    struct import_plan plan;
    const struct import_form *form;
    struct json_rows *objects; /* NULL: they are no objects */
    size_t object_count;
    struct str *head; /* the first bytes */
    struct csv_sniff sniff;
    size_t got;    /* the statement that reads the representation */
    size_t custom; /* the one that knows the fields of the district's own */
    struct json_fault faults[IMPORT_FAULTS];
    size_t fault_count;
};

static struct import_upload *upload_of(struct req *r)
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
    static const char *const known[] = {"kind",      "dry_run",    "key",        "mapping",
                                        "constants", "new_fields", "empty_cells"};

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

static struct sv parameter(struct req *r, const char *name)
{
    const struct sv *value = req_query(r, sv_of(name));

    return value ? *value : SV("");
}

/* NULL, or an answer. */
static struct plan *read_options(struct req *r, struct import_options *out, bool is_objects)
{
    const struct sv *kind = req_query(r, SV("kind"));
    const struct sv *key = req_query(r, SV("key"));
    struct import_names names = {parameter(r, "mapping"), parameter(r, "constants"),
                                 parameter(r, "new_fields")};
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
    } else if (is_objects && (names.mapping.n || names.new_fields.n)) {
        fault.pointer = names.mapping.n ? SV("/mapping") : SV("/new_fields");
        fault.detail = SV("Objects have fields by their own names.");
    } else if (key && !is_alternative(sv_of(out->resource->import_key), *key, &out->key)) {
        fault.pointer = SV("/key");
        fault.detail = SV("\"key\" must be one of the keys of its kind.");
    } else if (import_read_names(r->arena, &names, out, &fault)) {
        return NULL;
    }
    return refuse_parameter(r, fault);
}

/* ---- The body ------------------------------------------------------------------------------- */

static void look(struct upload *upload, struct sv bytes)
{
    struct import_upload *mine = (struct import_upload *)upload;

    struct json_row object;

    while (mine->objects && mine->object_count <= IMPORT_ARRAY_MOST &&
           json_rows_read(mine->objects, &bytes, &object))
        mine->object_count++;
    if (mine->objects)
        return;
    csv_sniff(&mine->sniff, bytes);
    str_add(mine->head, sv_head(bytes, IMPORT_HEAD_BYTES - str_view(mine->head).n));
}

/* ---- The end -------------------------------------------------------------------------------- */

static STEP(received)
{
    struct call *call = call_of(r);
    struct import_upload *mine = upload_of(r);

    importer_wake(call->api->importer);
    reply_field(r, "Location", arena_printf(r->arena, "/v1/imports/%s", mine->upload.id.text));
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, mine->got, 0, "version")));
    return reply_json(r, 202, db_text(call->unit, mine->got, 0, "body"));
}

static struct plan *refuse_columns(struct req *r)
{
    struct import_upload *mine = upload_of(r);

    return fail_fields(r, ERR_INVALID_INPUT, SV("The columns are not as they must be; see errors."),
                       mine->faults, mine->fault_count);
}

static STEP(dropped)
{
    return refuse_columns(r);
}

/* The columns are at fault: nothing stays of the file. */
static struct plan *drop(struct req *r)
{
    struct import_upload *mine = upload_of(r);

    if (mine->upload.pieces == 0)
        return refuse_columns(r);
    call_begin(r, CALL_WRITE, sv_of(mine->upload.roles));
    call_add(call_of(r), STMT(import_chunks_drop), mine->upload.id.text);
    return call_run(r, dropped);
}

static struct plan *make_import(struct req *r, const struct import_head *head,
                                enum csv_encoding encoding)
{
    struct import_upload *mine = upload_of(r);
    struct call *call = call_of(r);
    const struct import_plan *plan = &mine->plan;
    const struct resource_ready *ready = res_import.ready;
    const char *location = arena_printf(r->arena, "/v1/imports/%s", mine->upload.id.text).p;

    if (plan->options.custom_count)
        use_also(r, res_custom_value.plural);
    if (import_makes_fields(&plan->options))
        use_also(r, res_custom_field.plural);
    upload_finish(r);
    if (import_makes_fields(&plan->options))
        call_add(call, STMT(import_check_define), res_custom_field.writers);
    call_add(call, STMT(import_create), mine->upload.id.text, plan->options.resource->plural,
             plan->options.is_dry_run ? "true" : "false",
             plan->options.key.n ? arena_cstr(r->arena, plan->options.key) : NULL,
             plan->options.clears ? "clear" : "keep", import_mapping_json(r->arena, plan).p,
             import_constants_json(r->arena, plan).p,
             import_unmapped_json(r->arena, plan, &head->names).p,
             arena_printf(r->arena, "%zu", mine->upload.bytes).p, csv_encoding_name(encoding),
             import_separator_name(head->separator), mine->upload.roles,
             import_new_fields_json(r->arena, plan).p);
    call_add(call, STMT(import_queue), mine->upload.id.text);
    mine->got = call->idempotency_key.n
                    ? call_add(call, &ready->get_and_keep, mine->upload.id.text,
                               call->idempotency_key.p, call->fingerprint.p, "202", location)
                    : call_add(call, &ready->get, mine->upload.id.text);
    return call_run(r, received);
}

/* Of an array it is known at once whether it is one; what its items say, and lines, are read later.
 */
static void check_array(struct import_upload *mine)
{
    struct json_row object;
    uint64_t number;

    if (mine->object_count > IMPORT_ARRAY_MOST)
        mine->faults[mine->fault_count++] = (struct json_fault){
            SV(""), JSON_FAULT_TOO_MANY_ITEMS,
            SV("An array has at most 10,000 items; application/x-ndjson has any number.")};
    else if (json_rows_end(mine->objects, &object) || json_rows_fault(mine->objects, &number))
        mine->faults[mine->fault_count++] =
            (struct json_fault){SV(""), JSON_FAULT_NOT_ALLOWED,
                                SV("The body is no array of objects of 256 KiB at most.")};
}

static struct plan *objects_came(struct req *r)
{
    struct import_upload *mine = upload_of(r);
    struct import_head *head = ARENA_NEW(r->arena, import_head);

    if (mine->form->kind == IMPORT_ARRAY)
        check_array(mine);
    if (mine->fault_count)
        return drop(r);
    head->separator = mine->form->separator;
    head->names = import_object_names(r->arena, &mine->plan);
    mine->fault_count = import_find_columns(r->arena, &head->names, &mine->plan, mine->faults);
    return mine->fault_count ? drop(r) : make_import(r, head, ENCODING_UTF8);
}

static STEP(body_came)
{
    struct import_upload *mine = upload_of(r);
    enum csv_encoding encoding = csv_sniffed(&mine->sniff);
    struct import_head *head = ARENA_NEW(r->arena, import_head);
    bool is_all = mine->upload.bytes <= IMPORT_HEAD_BYTES;
    struct plan *refused = upload_refused(r);

    if (refused)
        return refused;
    if (mine->form->kind != IMPORT_CSV)
        return objects_came(r);
    if (!import_read_head(r->arena, str_view(mine->head), is_all, encoding, head)) {
        mine->faults[mine->fault_count++] = (struct json_fault){
            SV(""), JSON_FAULT_REQUIRED, SV("The file has no first row with names of columns.")};
        return drop(r);
    }
    if (head->names.cell_count > CSV_CELLS || head->names.has_nul) {
        mine->faults[mine->fault_count++] = (struct json_fault){
            SV(""), JSON_FAULT_NOT_ALLOWED, SV("The first row cannot be names of columns.")};
        return drop(r);
    }
    mine->fault_count = import_find_columns(r->arena, &head->names, &mine->plan, mine->faults);
    return mine->fault_count ? drop(r) : make_import(r, head, encoding);
}

/* What the columns may be, besides the fields of the kind. */
static void keep_custom(struct req *r)
{
    struct import_upload *mine = upload_of(r);
    const struct db_unit *unit = call_of(r)->unit;

    for (size_t i = 0; i < db_row_count(unit, mine->custom); i++)
        import_know_custom(r->arena, &mine->plan.options, db_text(unit, mine->custom, i, "code"),
                           db_text(unit, mine->custom, i, "type"));
    mine->plan.options.knows_custom = true;
}

static STEP(let_in)
{
    if (upload_of(r)->plan.options.custom)
        keep_custom(r);
    return upload_read(r, body_came);
}

STEP(import_post)
{
    struct import_upload *mine = ARENA_NEW(r->arena, import_upload);
    struct plan *refused = idempotency_read(r);

    mine->head = str_new_in(r->arena, IMPORT_HEAD_BYTES);
    mine->upload = (struct upload){
        .put = STMT(import_chunk_put), .most = (size_t)call_of(r)->api->import_bytes, .look = look};
    upload_init(r, &mine->upload);
    mine->form = import_form_of(req_field(r, SV("content-type")));
    if (refused)
        return refused;
    if (!mine->form) {
        reply_field(r, "Accept-Post", sv_of(import_media_types));
        return fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    refused = read_options(r, &mine->plan.options, mine->form->kind != IMPORT_CSV);
    if (refused)
        return refused;
    ENSURE(mine->plan.options.resource);
    if (mine->form->kind == IMPORT_ARRAY)
        mine->objects = import_rows_new(r->arena, mine->form);
    mine->upload.roles = import_roles(mine->plan.options.resource);
    use_also(r, mine->plan.options.resource->plural);
    call_begin(r, CALL_WRITE, sv_of(mine->upload.roles));
    if (mine->plan.options.custom)
        mine->custom =
            call_add(call_of(r), STMT(custom_columns), mine->plan.options.resource->name);
    return call_run(r, let_in);
}
