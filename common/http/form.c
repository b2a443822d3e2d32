/* Forms. */
#include "http/form.h"

#include "base/encode.h"

const char *http_form_decode(struct arena *arena, struct sv raw, struct sv *out)
{
    struct sv text = raw;

    if (sv_find(raw, '+') < raw.n) {
        char *copy = arena_alloc(arena, raw.n);

        for (size_t i = 0; i < raw.n; i++)
            copy[i] = raw.p[i] == '+' ? ' ' : raw.p[i];
        text.p = copy;
    }
    *out = text;
    if (sv_find(text, '%') < text.n && !percent_decode(arena, text, out))
        return "A percent sign stands without two hexadecimal digits.";
    if (!sv_is_utf8(*out))
        return "A parameter is not well-formed UTF-8, or has U+0000.";
    return NULL;
}

const struct sv *http_param_find(const struct http_param *params, size_t count, struct sv name)
{
    for (size_t i = 0; i < count; i++) {
        if (sv_eq(params[i].name, name))
            return &params[i].value;
    }
    return NULL;
}

static bool bad(struct http_fault *fault, enum error_code code, const char *why)
{
    *fault = (struct http_fault){code, why};
    return false;
}

static bool is_printable(struct sv body)
{
    for (size_t i = 0; i < body.n; i++) {
        if (body.p[i] < '!' || body.p[i] > '~')
            return false;
    }
    return true;
}

struct sv http_form_join_lines(struct arena *arena, struct sv text)
{
    char *joined;
    size_t n = 0;

    if (sv_find(text, '\r') == text.n)
        return text;
    joined = arena_alloc(arena, text.n);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\r' || i + 1 == text.n || text.p[i + 1] != '\n')
            joined[n++] = text.p[i];
    }
    return (struct sv){joined, n};
}

static bool read_field(struct arena *arena, struct sv piece, struct http_param *out,
                       struct http_fault *fault)
{
    size_t name_end = sv_find(piece, '=');
    const char *why = http_form_decode(arena, sv_head(piece, name_end), &out->name);

    if (!why)
        why = http_form_decode(arena, sv_skip(piece, name_end + 1), &out->value);
    if (!why && out->name.n == 0)
        why = "A field of the form has no name.";
    if (why)
        return bad(fault, ERR_MALFORMED_REQUEST, why);
    out->value = http_form_join_lines(arena, out->value);
    return true;
}

bool http_form_parse(struct arena *arena, struct sv body, const struct http_param **out,
                     size_t *out_count, struct http_fault *fault)
{
    struct http_param *fields = ARENA_ARRAY(arena, struct http_param, HTTP_FORM_FIELDS);
    struct sv rest = body.n ? body : SV_NONE;
    struct sv piece;
    size_t n = 0;

    *out = NULL;
    *out_count = 0;
    if (!is_printable(body))
        return bad(fault, ERR_MALFORMED_REQUEST,
                   "The form has a byte that has to be percent-encoded.");
    while (sv_split(&rest, '&', &piece)) {
        if (n == HTTP_FORM_FIELDS)
            return bad(fault, ERR_INVALID_INPUT, "The form has too many fields.");
        if (!read_field(arena, piece, &fields[n], fault))
            return false;
        if (http_param_find(fields, n, fields[n].name))
            return bad(fault, ERR_MALFORMED_REQUEST, "A field of the form stands twice.");
        n++;
    }
    *out = fields;
    *out_count = n;
    return true;
}
