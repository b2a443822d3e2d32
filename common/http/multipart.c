/* Forms with a file: the head of a part → its name → its bytes, up to the next boundary. */
#include "http/multipart.h"

#include "base/encode.h"
#include "http/field.h"

#define BOUNDARY_LONGEST 70 /* RFC 2046 §5.1.1 */

struct parser {
    struct arena *arena;
    struct sv delimiter; /* CR LF, two hyphens, the boundary */
    struct sv rest;
    struct http_param *fields;
    size_t count;
    struct http_file *file;
    bool has_file;
    struct http_fault *fault;
};

static bool bad(struct parser *p, enum error_code code, const char *why)
{
    *p->fault = (struct http_fault){code, why};
    return false;
}

/* Where the part stands in the text, or the text's length. */
static size_t find(struct sv text, struct sv part)
{
    size_t at = 0;

    while (at + part.n <= text.n) {
        size_t next = sv_find(sv_skip(text, at), part.p[0]);

        at += next;
        if (at + part.n > text.n)
            break;
        if (sv_starts_with(sv_skip(text, at), part))
            return at;
        at++;
    }
    return text.n;
}

/* Up to the next semicolon that no quotation marks are around. */
static bool next_piece(struct sv *rest, struct sv *out)
{
    bool is_quoted = false;
    size_t end = 0;

    if (rest->n == 0)
        return false;
    while (end < rest->n && (is_quoted || rest->p[end] != ';'))
        is_quoted ^= rest->p[end++] == '"';
    *out = sv_trim(sv_head(*rest, end));
    *rest = sv_skip(*rest, end + 1);
    return true;
}

/* The value of a parameter, name="value" or name=value; false: it is not there. Browsers write a
 * quotation mark in a value as %22 (HTML Standard, multipart/form-data), so that none is escaped.
 */
static bool parameter(struct sv field, struct sv name, struct sv *out)
{
    struct sv rest = field;
    struct sv piece;

    next_piece(&rest, &piece); /* the field's own value */
    while (next_piece(&rest, &piece)) {
        size_t eq = sv_find(piece, '=');
        struct sv value = sv_skip(piece, eq + 1);

        if (!sv_eq_nocase(sv_head(piece, eq), name) || eq == piece.n)
            continue;
        if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
            value = sv_head(sv_skip(value, 1), value.n - 2);
        *out = value;
        return true;
    }
    return false;
}

static bool read_boundary(struct parser *p, struct sv content_type)
{
    struct sv boundary;

    if (!http_media_type_is(content_type, SV("multipart/form-data")) ||
        !parameter(content_type, SV("boundary"), &boundary))
        return bad(p, ERR_MEDIA_TYPE_UNSUPPORTED, "The form must be multipart/form-data.");
    if (boundary.n == 0 || boundary.n > BOUNDARY_LONGEST)
        return bad(p, ERR_MALFORMED_REQUEST, "The form's boundary is empty or too long.");
    p->delimiter = arena_printf(p->arena, "\r\n--%.*s", SV_ARG(boundary));
    return true;
}

/* %22, %0D and %0A are the only escapes of a name; what else has a percent sign is itself. */
static struct sv unescape(struct arena *arena, struct sv text)
{
    struct sv out = text;

    if (find(text, SV("%22")) == text.n && find(text, SV("%0D")) == text.n &&
        find(text, SV("%0A")) == text.n)
        return text;
    return percent_decode(arena, text, &out) ? out : text;
}

/* Of "C:\papers\w9.pdf", as old browsers say it, the last. */
static struct sv base_name(struct sv path)
{
    size_t begin = 0;

    for (size_t i = 0; i < path.n; i++) {
        if (path.p[i] == '/' || path.p[i] == '\\')
            begin = i + 1;
    }
    return sv_skip(path, begin);
}

/* The part's Content-Disposition, of the lines of its head. */
static bool find_disposition(struct parser *p, struct sv head, struct sv *out)
{
    bool found = false;

    while (head.n) {
        size_t end = find(head, SV("\r\n"));
        struct sv line = sv_head(head, end);
        size_t colon = sv_find(line, ':');

        if (sv_eq_nocase(sv_head(line, colon), SV("content-disposition"))) {
            if (found)
                return bad(p, ERR_MALFORMED_REQUEST, "A part of the form is named twice.");
            *out = sv_trim(sv_skip(line, colon + 1));
            found = true;
        }
        head = sv_skip(head, end + 2);
    }
    if (!found || !sv_eq_nocase(sv_head(*out, sv_find(*out, ';')), SV("form-data")))
        return bad(p, ERR_MALFORMED_REQUEST, "A part of the form has no name.");
    return true;
}

static bool add_file(struct parser *p, struct sv name, struct sv bytes)
{
    if (p->has_file)
        return bad(p, ERR_MALFORMED_REQUEST, "The form has more than one file.");
    p->has_file = true;
    *p->file = (struct http_file){base_name(unescape(p->arena, name)), bytes};
    if (!sv_is_utf8(p->file->name))
        return bad(p, ERR_MALFORMED_REQUEST, "The file's name is not well-formed UTF-8.");
    return true;
}

static bool add_field(struct parser *p, struct sv name, struct sv bytes)
{
    struct http_param *field = &p->fields[p->count];

    if (p->count == HTTP_FORM_FIELDS)
        return bad(p, ERR_INVALID_INPUT, "The form has too many fields.");
    *field = (struct http_param){unescape(p->arena, name), http_form_join_lines(p->arena, bytes)};
    if (field->name.n == 0 || !sv_is_utf8(field->name) || !sv_is_utf8(field->value))
        return bad(p, ERR_MALFORMED_REQUEST,
                   "A field has no name, or is not well-formed UTF-8, or has U+0000.");
    if (http_param_find(p->fields, p->count, field->name))
        return bad(p, ERR_MALFORMED_REQUEST, "A field of the form stands twice.");
    p->count++;
    return true;
}

/* The part behind a delimiter's line, and what follows it. */
static bool read_part(struct parser *p)
{
    size_t head_end = find(sv_head(p->rest, HTTP_PART_HEAD_BYTES), SV("\r\n\r\n"));
    struct sv head = sv_head(p->rest, head_end);
    struct sv body = sv_skip(p->rest, head_end + 4);
    size_t end = find(body, p->delimiter);
    struct sv disposition = SV_NONE;
    struct sv name;
    struct sv file_name;

    if (head_end + 4 > p->rest.n || end == body.n)
        return bad(p, ERR_MALFORMED_REQUEST, "A part of the form has no end.");
    if (!find_disposition(p, head, &disposition))
        return false;
    if (!parameter(disposition, SV("name"), &name))
        return bad(p, ERR_MALFORMED_REQUEST, "A part of the form has no name.");
    p->rest = sv_skip(body, end + p->delimiter.n);
    if (parameter(disposition, SV("filename"), &file_name))
        return add_file(p, file_name, sv_head(body, end));
    return add_field(p, name, sv_head(body, end));
}

bool http_multipart_parse(struct arena *arena, struct sv content_type, struct sv body,
                          const struct http_param **out, size_t *out_count, struct http_file *file,
                          struct http_fault *fault)
{
    struct parser p = {.arena = arena, .file = file, .fault = fault};

    *out = NULL;
    *out_count = 0;
    *file = (struct http_file){SV_NONE, SV_NONE};
    if (!read_boundary(&p, content_type))
        return false;
    p.fields = ARENA_ARRAY(arena, struct http_param, HTTP_FORM_FIELDS);
    if (!sv_starts_with(body, sv_skip(p.delimiter, 2)))
        return bad(&p, ERR_MALFORMED_REQUEST, "The form does not begin with its boundary.");
    p.rest = sv_skip(body, p.delimiter.n - 2);
    while (sv_starts_with(p.rest, SV("\r\n"))) {
        p.rest = sv_skip(p.rest, 2);
        if (!read_part(&p))
            return false;
    }
    if (!sv_eq(p.rest, SV("--\r\n")) && !sv_eq(p.rest, SV("--")))
        return bad(&p, ERR_MALFORMED_REQUEST, "The form does not end with its boundary.");
    *out = p.fields;
    *out_count = p.count;
    return true;
}
