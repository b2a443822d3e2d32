/* POST /v1/attachments: read the query → who asks → the body in pieces, each stored as it comes →
 * what its bytes say that it is → the attachment. GET /v1/attachments/{id}/content: who asks, and
 * that it is taken → the pieces. */
#include "attachment.h"

#include "download.h"
#include "etag.h"
#include "file_type.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/router.h"
#include "idempotency.h"
#include "parameter.h"
#include "query.h"
#include "resources.h"
#include "upload.h"

enum { QUERY_NAME, QUERY_SUBJECT_KIND, QUERY_SUBJECT_ID, QUERY_COUNT };

static const struct json_field query_fields[] = {
    [QUERY_NAME] = JSON_FIELD("name", FIELD_TEXT, FIELD_REQUIRED, .min = 1, .max = NAME_LONGEST,
                              .doc = "Of the file, as in \"agreement.pdf\"."),
    [QUERY_SUBJECT_KIND] =
        JSON_FIELD("subject_kind", FIELD_TEXT, 0, .min = 1, .max = CODE_LONGEST,
                   .doc = "What it belongs to: the resource's name, as in \"agreement\"."),
    [QUERY_SUBJECT_ID] = JSON_FIELD("subject_id", FIELD_UUID, 0, .doc = "Which of those."),
};
const struct json_table attachment_query = JSON_TABLE("attachment_query", query_fields);

/* ---- In ------------------------------------------------------------------------------------- */

struct incoming {
    struct upload upload; /* the first */
    const char *query[QUERY_COUNT];
    struct str *head; /* the first bytes */
    bool is_binary;
    size_t got; /* the statement that reads the representation */
};

static void look(struct upload *upload, struct sv bytes)
{
    struct incoming *incoming = (struct incoming *)upload;

    incoming->is_binary |= !file_is_text(bytes);
    str_add(incoming->head, sv_head(bytes, FILE_TYPE_HEAD_BYTES - str_view(incoming->head).n));
}

static STEP(made)
{
    struct call *call = call_of(r);
    struct incoming *incoming = call->state;

    reply_field(r, "Location",
                arena_printf(r->arena, "/v1/attachments/%s", incoming->upload.id.text));
    reply_field(r, "ETag", etag_of(r, db_text(call->unit, incoming->got, 0, "version")));
    return reply_json(r, 201, db_text(call->unit, incoming->got, 0, "body"));
}

/* What it is: as the client says, if its bytes agree. */
static const char *type_of(struct req *r)
{
    struct incoming *incoming = call_of(r)->state;
    struct sv said = req_field(r, SV("content-type"));
    const struct file_type *named = file_type_named(said);
    const struct file_type *found =
        file_type_of(str_view(incoming->head), !incoming->is_binary && incoming->upload.bytes);

    if (!found || http_media_type_is(said, SV("application/octet-stream")))
        return found ? found->media_type : NULL;
    return named && (named == found || (named->is_text && found->is_text)) ? named->media_type
                                                                           : NULL;
}

static STEP(came)
{
    struct call *call = call_of(r);
    struct incoming *incoming = call->state;
    const struct resource_ready *ready = res_attachment.ready;
    const char *id = incoming->upload.id.text;
    const char *location = arena_printf(r->arena, "/v1/attachments/%s", id).p;
    struct plan *refused = upload_refused(r);
    const char *type = refused ? NULL : type_of(r);
    struct sv hash;

    if (refused)
        return refused;
    if (!type)
        return fail_why(r, ERR_MEDIA_TYPE_UNSUPPORTED,
                        "By its bytes this is no file of a kind that is taken, or not of the kind "
                        "that Content-Type says.");
    hash = upload_finish(r);
    call_add(call, STMT(attachment_create), id, incoming->query[QUERY_NAME], type,
             arena_printf(r->arena, "%zu", incoming->upload.bytes).p, arena_cstr(r->arena, hash),
             incoming->query[QUERY_SUBJECT_KIND], incoming->query[QUERY_SUBJECT_ID]);
    incoming->got = call->idempotency_key.n
                        ? call_add(call, &ready->get_and_keep, id, call->idempotency_key.p,
                                   call->fingerprint.p, "201", location)
                        : call_add(call, &ready->get, id);
    return call_run(r, made);
}

static STEP(let_in)
{
    return upload_read(r, came);
}

static struct plan *read_query(struct req *r, struct incoming *incoming)
{
    struct plan *refused = parameters_read(r, &attachment_query, incoming->query);

    if (!refused && !incoming->query[QUERY_SUBJECT_KIND] != !incoming->query[QUERY_SUBJECT_ID])
        refused = query_refuse(r, SV("subject_id"), JSON_FAULT_INVALID_PARAMETER,
                               SV("stands with \"subject_kind\", and not alone"));
    return refused;
}

STEP(attachment_post)
{
    struct incoming *incoming = ARENA_NEW(r->arena, incoming);
    struct sv said = req_field(r, SV("content-type"));
    struct plan *refused = idempotency_read(r);

    incoming->head = str_new_in(r->arena, FILE_TYPE_HEAD_BYTES);
    incoming->upload = (struct upload){.put = STMT(attachment_piece_put),
                                       .roles = ROLES_ATTACHMENTS,
                                       .most = (size_t)call_of(r)->api->attachment_bytes,
                                       .look = look};
    upload_init(r, &incoming->upload);
    if (!refused && !file_type_named(said) &&
        !http_media_type_is(said, SV("application/octet-stream"))) {
        reply_field(r, "Accept-Post", SV("application/octet-stream, application/pdf"));
        refused = fail(r, ERR_MEDIA_TYPE_UNSUPPORTED);
    }
    if (!refused)
        refused = read_query(r, incoming);
    if (refused)
        return refused;
    call_begin(r, CALL_WRITE, SV(ROLES_ATTACHMENTS));
    return call_run(r, let_in);
}

/* ---- Out ------------------------------------------------------------------------------------ */

STEP(attachment_content)
{
    static const struct download_source source = {STMT(attachment_take), STMT(attachment_piece_get),
                                                  ROLES_STAFF};

    return download(r, &source);
}
