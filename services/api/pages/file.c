/* A form with a file: POST /l/{id}/file, or /papers/{id}/file of whoever is signed in. The body
 * comes whole into memory of its own → the form → what the file is by its bytes → its pieces,
 * stored as whoever holds the link → the effect, as of any form of a task. Pieces of nothing are
 * swept away. */
#include "base/encode.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "file_type.h"
#include "gen/stmt.h"
#include "http/field.h"
#include "http/multipart.h"
#include "pages/verbs.h"
#include "upload.h"

#define PIECES_AT_ONCE 4
#define NAME_BYTES     200

struct file_page {
    struct str *body; /* in memory of its own, as the file's pieces are while they are stored */
    struct arena *pieces;
    struct page_input input;
    const struct page_verb *verb;
    struct http_file file;
    struct uuid id;
    size_t stored; /* bytes of it */
    size_t count;  /* pieces */
};

static struct file_page *file_page_of(struct req *r)
{
    return call_of(r)->state;
}

static void free_arena(void *arg)
{
    arena_free(arg);
}

/* ---- Its pieces ---- */

static const char *with_file(struct req *r, const char *media_type)
{
    const struct file_page *page = file_page_of(r);
    struct sv values = sv_of(page->input.values);
    struct str *out = str_new_in(r->arena, PAGE_FORM_BYTES);
    struct emit e;

    emit_init(&e, out);
    emit_object_begin(&e);
    emit_key(&e, SV("file"));
    emit_object_begin(&e);
    emit_key(&e, SV("id"));
    emit_text(&e, uuid_view(&page->id));
    emit_key(&e, SV("name"));
    emit_text(&e, page->file.name.n ? sv_head_utf8(page->file.name, NAME_BYTES) : SV("file"));
    emit_key(&e, SV("media_type"));
    emit_text(&e, sv_of(media_type));
    emit_key(&e, SV("bytes"));
    emit_text(&e, arena_printf(r->arena, "%zu", page->file.bytes.n));
    emit_key(&e, SV("sha256"));
    emit_text(&e, secret_sha256_hex(r->arena, page->file.bytes));
    emit_object_end(&e);
    emit_object_end(&e);
    ENSURE(emit_finish(&e));
    if (values.n > 2) {
        str_cut(out, out->n - 1);
        str_add_char(out, ',');
        str_add(out, sv_skip(values, 1));
    }
    ENSURE(!str_failed(out));
    return str_cstr(out);
}

static const struct file_type *type_of(const struct file_page *page)
{
    return file_type_of(sv_head(page->file.bytes, FILE_TYPE_HEAD_BYTES), false);
}

static struct plan *store(struct req *r);

static STEP(stored)
{
    struct file_page *page = file_page_of(r);

    arena_reset(page->pieces);
    if (page->stored < page->file.bytes.n)
        return store(r);
    page->input.values = with_file(r, type_of(page)->media_type);
    return page_task_do(r, page->verb, &page->input);
}

static struct plan *store(struct req *r)
{
    struct file_page *page = file_page_of(r);
    size_t next;
    struct plan *answer = page_enter(r, CALL_WRITE, page->verb->purpose, &next);

    if (answer)
        return answer;
    for (size_t i = 0; i < PIECES_AT_ONCE && page->stored < page->file.bytes.n; i++) {
        struct sv piece = sv_head(sv_skip(page->file.bytes, page->stored), UPLOAD_PIECE_BYTES);
        const char *number = arena_printf(r->arena, "%zu", page->count).p;

        call_add(call_of(r), STMT(attachment_piece_put), page->id.text, number,
                 arena_cstr(page->pieces, hex_encode(page->pieces, piece)));
        page->count++;
        page->stored += piece.n;
    }
    return call_run(r, stored);
}

/* ---- The form ---- */

/* What is wrong with the file, behind what is wrong with the fields. */
static void refuse_file(struct req *r, const char *code)
{
    struct page_input *input = &file_page_of(r)->input;
    struct sv errors = sv_of(input->errors);

    input->errors =
        arena_printf(r->arena, "%.*s%s{\"name\":\"file\",\"code\":\"%s\"}]",
                     SV_ARG(sv_head(errors, errors.n - 1)), errors.n > 2 ? "," : "", code)
            .p;
    input->is_good = false;
}

static STEP(came)
{
    struct file_page *page = file_page_of(r);
    struct http_fault fault;
    struct plan *answer;

    if (!http_multipart_parse(r->arena, req_field(r, SV("content-type")), str_view(page->body),
                              &page->input.params, &page->input.param_count, &page->file, &fault))
        return fail_why(r, fault.code, "%s", fault.why);
    answer = page_form_check(r, &page->input);
    if (answer)
        return answer;
    page->verb = page_verb_find(page_form_value(&page->input, "do"));
    if (!page->verb || !page->verb->has_file)
        return fail_why(r, ERR_MALFORMED_REQUEST, "The form has no such button.");
    answer = page_form_bind(r, &page->verb->form, &page->input);
    if (answer)
        return answer;
    if (page->file.bytes.n == 0)
        refuse_file(r, "required");
    else if (page->file.bytes.n > PAGE_FILE_BYTES)
        refuse_file(r, "file_large");
    else if (!type_of(page))
        refuse_file(r, "file_type");
    if (!page->input.is_good)
        return page_task_do(r, page->verb, &page->input);
    return store(r);
}

static enum body_flow on_piece(struct req *r, struct sv bytes)
{
    str_add(file_page_of(r)->body, bytes);
    return BODY_GO_ON;
}

STEP(page_file_post)
{
    struct file_page *page = ARENA_NEW(r->arena, file_page);
    struct arena *body = arena_new(PAGE_FILE_FORM_BYTES + MB(1));

    arena_defer(r->arena, free_arena, body);
    page->body = str_new_in(body, PAGE_FILE_FORM_BYTES);
    page->pieces = arena_new(MB(4));
    arena_defer(r->arena, free_arena, page->pieces);
    page->id = uuid7_new();
    call_of(r)->state = page;
    return body_read(r, on_piece, came);
}
